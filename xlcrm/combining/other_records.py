"""Other records of two copies: decisions made in Problems and Duplicates, the list of runs, issued documents."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from xlcrm.checks.worklist import Identity, Listed, listed
from xlcrm.combining.combined_table import CombinedTable
from xlcrm.combining.conflict_lines import PREFIX
from xlcrm.combining.copy_numbers import translated
from xlcrm.combining.table_rules import REFERENCES
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Change, diff
from xlcrm.row_matching import tokens
from xlcrm.tables import Table, Tables
from xlcrm.values import as_text

_ON_PAPER = ("kind", "date", "client_id", "buyer", "gross", "hash")
_LINE = ("when", "who", "action", "what")  # what makes a run of an earlier version the same one


def open_conflicts(theirs: Tables) -> list[Listed]:
    """The conflicts of an earlier combining that nobody decided in their copy: they come over with it."""
    return [line for line in listed(theirs) if line.identity.code.startswith(PREFIX) and not line.decision]


def problem_decisions(ours: Tables, theirs: Tables) -> tuple[Change, ...]:
    """What they decided in the sheet Problems about lines that we have and have not decided."""
    if "Problems" not in ours or "decision" not in ours["Problems"].frame:
        return ()
    made = {_known(line): line for line in listed(theirs) if line.decision}
    raw = as_text(theirs["Problems"].frame["decision"]) if made else pd.Series(dtype=object)
    wanted = {
        line.position: raw.iloc[made[_known(line)].position]
        for line in listed(ours)
        if not line.decision and _known(line) in made
    }
    return _filled(ours["Problems"], "decision", wanted)


def _known(line: Listed) -> tuple[Identity, str]:
    return line.identity, line.suggestion if line.identity.code.startswith(PREFIX) else ""


def duplicate_decisions(ours: Tables, theirs: Tables) -> tuple[Change, ...]:
    """The same of the sheet Duplicates: a line is known by its client and by who stands in its group."""
    if not all("Duplicates" in tables for tables in (ours, theirs)):
        return ()
    made = {line: decision for _, line, decision in _groups(theirs["Duplicates"]) if decision}
    mine = list(_groups(ours["Duplicates"]))
    wanted = {at: made[line] for at, line, decision in mine if not decision and line in made}
    return _filled(ours["Duplicates"], "decision", wanted)


def _groups(table: Table) -> Iterator[tuple[int, tuple[str, frozenset[str]], str]]:
    """(position, client and group, decision) of each line."""
    if not {"group", "client_id", "decision"} <= set(table.frame.columns):
        return
    frame = table.frame
    clients, groups = tokens(frame["client_id"]), tokens(frame["group"])
    members = {group: frozenset(clients[groups == group]) for group in groups.unique()}
    for at, decision in enumerate(as_text(frame["decision"])):
        yield at, (clients.iloc[at], members[groups.iloc[at]]), decision.strip()


def _filled(table: Table, column: str, wanted: dict[int, str]) -> tuple[Change, ...]:
    if not wanted or column not in table.frame.columns:
        return ()
    after = pd.Series(list(wanted.values()), index=pd.Index(list(wanted), dtype="int64"), dtype=object)
    return diff(table, pd.DataFrame({column: after}))


def runs_of(table: Table | None) -> list[str]:
    """What makes each line of the sheet Changes the run that it is: its random id, in older workbooks what it says."""
    if table is None:
        return []
    frame = table.frame
    said = [tokens(frame[c]) if c in frame else pd.Series("", index=frame.index) for c in _LINE]
    ids = tokens(frame["run"]) if "run" in frame else pd.Series("", index=frame.index)
    return [id_ or "|".join(parts) for id_, *parts in zip(ids, *said, strict=True)]


def runs_joined(ours: Tables, theirs: Tables) -> tuple[Added, ...]:
    """The lines of the sheet Changes that only they have, without the numbers, which mean other runs here."""
    if not all("Changes" in tables for tables in (ours, theirs)):
        return ()
    known, frame = set(runs_of(ours["Changes"])), theirs["Changes"].frame
    missing = [at for at, run in enumerate(runs_of(theirs["Changes"])) if run not in known]
    columns = [
        c for c in frame.columns
        if c in ours["Changes"].frame.columns and c not in ours["Changes"].formulas and c != "undo_number"
    ]  # fmt: skip
    return (Added("Changes", frame.iloc[missing][columns].reset_index(drop=True)),) if missing else ()


def last_person(theirs: Tables, ours: Tables) -> str:
    """Who worked last in their copy, by the runs that only it lists; "" where nobody can say."""
    if "Changes" not in theirs or "who" not in theirs["Changes"].frame:
        return ""
    known = set(runs_of(ours.get("Changes")))
    people = as_text(theirs["Changes"].frame["who"])
    found = [who for who, run in zip(people, runs_of(theirs["Changes"]), strict=True) if run not in known and who]
    return found[-1] if found else ""


def refuse_same_numbers(documents: CombinedTable) -> None:
    """CrmError "combine.same_document" where both copies issued another document under one number."""
    both = documents.rows[(documents.rows["b"] < 0) & (documents.rows["o"] >= 0) & (documents.rows["t"] >= 0)]
    columns = [c for c in _ON_PAPER if c in documents.shared()]
    ours = documents.frames["o"].iloc[both["o"].to_numpy()]
    theirs = documents.frames["t"].iloc[both["t"].to_numpy()]
    differs = np.zeros(len(both), dtype=bool)
    for column in columns:
        differs |= tokens(ours[column]).to_numpy() != tokens(theirs[column]).to_numpy()
    if differs.any():
        raise CrmError("combine.same_document", numbers=", ".join(tokens(ours["number"])[differs]))


def renamed_lines(theirs: Tables, numbers: dict[str, dict[str, str]]) -> Tables:
    """Their tables with Problems and Duplicates under our numbers, so that their lines are known again."""
    held = {
        name: Table(t.name, t.sheet, translated(t.frame, REFERENCES[name], numbers), t.headers, t.first_row, t.formulas)
        for name in ("Problems", "Duplicates")
        if (t := theirs.get(name)) is not None
    }
    return Tables(theirs.names, lambda name: held.get(name) or theirs[name], theirs.identity)
