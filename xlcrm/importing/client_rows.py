"""Client rows of a list laid over Clients: new ones added, blanks filled, differences shown and not overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlcrm import schema, words
from xlcrm.importing.batches import Batch, column_in
from xlcrm.importing.cells import consent
from xlcrm.importing.filling import Filled, fill
from xlcrm.importing.matching import PROPOSED, comparable
from xlcrm.importing.same_client.already_known import without_known, without_later
from xlcrm.importing.same_client.by_evidence import Weighed, doubts_of, weigh
from xlcrm.importing.same_client.exact_keys import Match, match
from xlcrm.merging.combining import BLOCKS
from xlcrm.people.channel_consent import CONSENT, FLAGS, PAIRS
from xlcrm.plan import Added, NewColumn, Plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Table
from xlcrm.values import as_date, as_flag, as_text, text_of

# Never overwritten, not even with update: an id is other tables' key, notes are somebody's memory.
KEPT = frozenset({"client_id", "notes"})
REGISTERED = "registered_on"
IDENTITY = ("client_id", "full_name", "first_name", "last_name", "company", "email", "phone", "mobile", "tax_id")


@dataclass(frozen=True, eq=False)
class Clients:
    """`plan` is what happens to the table; `ids` the client_id of each row of the batch, "" for rows left out."""

    plan: Plan
    ids: pd.Series[Any]
    added: int
    known: int


def plan_clients(
    table: Table, batch: Batch, *, settings: Settings, keys: Sequence[str] = (), update: bool = False,
    taken: Iterable[str] = (), former: pd.Series[Any] | None = None,
) -> Clients:  # fmt: skip
    """Adds the rows of `batch` that are nobody yet and completes the clients that are there.

    `keys` are the columns that find a client (default: client_id, e-mail, tax_id, name, then all evidence together).
    Empty incoming cells blank nothing. A cell that differs is changed only with `update`, else reported as
    "import.differs". `taken` are ids that other tables use; proposed ids (C0001 and on) avoid them. `former` (index of
    the batch) is for each row the client that it is since a merge, "" for all others: it is asked first, and what such
    a row says of old overwrites nothing.
    """
    rows = batch.frame.copy(deep=False)
    nobody = _nobody(rows)
    rows = rows[~nobody]
    problems = [_left_out("import.nobody", batch, p) for p in batch.frame.index[nobody]]
    rows, weighed, old = _matched(table, rows, keys, former, settings)
    found = weighed.match
    problems += [_left_out("import.id_of_another", batch, rows.index[r]) for r in found.clashes]
    problems += _shared(table, batch, rows, found) + _couples(batch, rows, found)
    problems += doubts_of(weighed, table, batch, rows, settings.language)
    rows = _guard_opted_out(table, rows, found.at < 0, settings)
    fresh = (found.at < 0) & (found.earlier < 0)
    fresh[found.clashes] = False
    ids = (
        as_text(rows["client_id"]).str.strip() if "client_id" in rows else pd.Series("", index=rows.index, dtype="str")
    )
    ids = _propose(table, ids, fresh, taken)
    repeats = (found.at < 0) & (found.earlier >= 0)
    known = found.at >= 0
    names = ids.to_numpy(dtype=object).copy()
    names[repeats] = names[found.earlier[repeats]]
    names[known] = as_text(table.frame["client_id"]).to_numpy(dtype=object)[found.at[known]]
    names[found.clashes] = ""
    ids = pd.Series(names, index=rows.index, dtype="str")
    new, inside = _new_rows(rows, fresh, repeats, found.earlier, ids, settings)
    problems += [p._replace(values=(*p.values, ("file", batch.incoming.name))) for p in inside]
    done = _laid_over(table, rows, found, old, update, batch.raw)
    used = [c for c in [*batch.frame.columns] if c not in table.frame.columns and _is_used(c, new, done)]
    new = new[[c for c in new.columns if c in table.frame.columns or c in used]]
    plan = Plan(
        "import",
        changes=done.changes,
        added=(Added(table.name, new),) if len(new) else (),
        new_columns=tuple(NewColumn(table.name, c) for c in used),
        problems=(*batch.problems, *problems, *done.problems),
    )
    return Clients(plan, ids.reindex(batch.frame.index).fillna(""), len(new), int(known.sum() + repeats.sum()))


def _matched(
    table: Table, rows: pd.DataFrame, keys: Sequence[str], former: pd.Series[Any] | None, settings: Settings
) -> tuple[pd.DataFrame, Weighed, Any]:
    """The rows, who they are in the table, and which of them were merged into another client before."""
    today = former.reindex(rows.index) if former is not None else pd.Series("", index=rows.index, dtype="str")
    rows = _under_todays_number(rows, today)
    exact = match(table.frame, rows, keys)
    old = _merged_before(table, exact, today)
    weighed = Weighed(exact) if keys else weigh(table.frame, rows, exact, country=settings.country)
    return rows, weighed, old


def _under_todays_number(rows: pd.DataFrame, today: pd.Series[Any]) -> pd.DataFrame:
    """Rows of clients who were merged, under the number that they have since and without the name and address of then.

    These are blocks: their cells would fill gaps in another name or address.
    """
    old = (today != "").to_numpy()
    blocks = {c: rows[c].astype(object).mask(old, None) for c in sum(BLOCKS.values(), ()) if c in rows and old.any()}
    if "client_id" in rows and old.any():
        blocks["client_id"] = as_text(rows["client_id"]).mask(old, today)
    return rows.assign(**blocks)


def _merged_before(table: Table, found: Match, today: pd.Series[Any]) -> Any:
    """Which rows are clients merged away; each is found to be the client that it is since, and nobody else."""
    place = dict(zip(as_text(table.frame["client_id"]).str.strip(), range(len(table.frame)), strict=True))
    at = np.array([place.get(one, -1) for one in today], dtype="int64")
    old = at >= 0
    found.at[old], found.earlier[old] = at[old], -1
    behind = np.flatnonzero(found.earlier >= 0)
    led = behind[old[found.earlier[behind]]]  # rows that repeat one of those
    found.at[led], found.earlier[led] = at[found.earlier[led]], -1
    found.clashes = [row for row in found.clashes if not old[row]]
    found.shared = [one for one in found.shared if not old[one[0]]]
    found.couples = [one for one in found.couples if not old[one[0]]]
    return old


def _nobody(rows: pd.DataFrame) -> pd.Series[Any]:
    """Rows that name nobody: no id, name, company, e-mail, phone or tax number."""
    columns = [c for c in IDENTITY if c in rows]
    if not columns:
        return pd.Series(False, index=rows.index)
    return pd.concat([as_text(rows[c]).str.strip() == "" for c in columns], axis=1).all(axis=1)


def _left_out(code: str, batch: Batch, position: int) -> Problem:
    cells = batch.incoming.frame.loc[position]
    value = " ".join(str(v) for v in cells if v is not None and v == v and str(v).strip())
    key = str(batch.frame["client_id"].loc[position]) if "client_id" in batch.frame else ""
    return Problem(code, row=batch.row(position), key=key, value=value, values=(("file", batch.incoming.name),))


def _shared(table: Table, batch: Batch, rows: pd.DataFrame, found: Match) -> list[Problem]:
    return [
        Problem(
            "import.shared", row=batch.row(rows.index[row]), column=column, value=str(rows[column].iloc[row]),
            level="doubt", key=str(table.frame["client_id"].iloc[place]), values=(("file", batch.incoming.name),),
        )
        for row, place, column in found.shared
    ]  # fmt: skip


def _couples(batch: Batch, rows: pd.DataFrame, found: Match) -> list[Problem]:
    """Two people of one e-mail in the list itself: both came in."""
    problems = []
    for row, first, column in found.couples:
        names = (("first", _name_of(rows, first)), ("second", _name_of(rows, row)), ("file", batch.incoming.name))
        place, value = batch.row(rows.index[row]), str(rows[column].iloc[row])
        problems.append(Problem("import.shared_in_list", "", place, "", column, value, level="doubt", values=names))
    return problems


def _name_of(rows: pd.DataFrame, at: int) -> str:
    whole = str(rows["full_name"].iloc[at]) if "full_name" in rows else ""
    return whole or " ".join(str(rows[c].iloc[at]) for c in ("first_name", "last_name") if c in rows)


def _guard_opted_out(table: Table, rows: pd.DataFrame, new: Any, settings: Settings) -> pd.DataFrame:
    """An address that somebody opted out with is opted out for a new client, too."""
    frame = table.frame
    if not {"email", "opt_out_email"} <= set(frame.columns) or "email" not in rows:
        return rows
    out = set(comparable(frame["email"], "Clients", "email")[as_flag(frame["opt_out_email"])]) - {""}
    marked = comparable(rows["email"], "Clients", "email").isin(out) & new
    if not marked.any():
        return rows
    yes = words.choice_word("done", "yes", settings.language)
    flags = as_text(rows["opt_out_email"]) if "opt_out_email" in rows else pd.Series("", index=rows.index, dtype="str")
    return rows.assign(opt_out_email=flags.mask(marked, yes))


def _propose(table: Table, ids: pd.Series[Any], fresh: Any, taken: Iterable[str]) -> pd.Series[Any]:
    """C0001 and on, after the highest number in use anywhere."""
    used = {text.upper() for text in (*as_text(table.frame["client_id"]).str.strip(), *ids, *taken)}
    highest = max((int(m[1]) for m in map(PROPOSED.fullmatch, used) if m), default=0)
    blank = fresh & (ids == "").to_numpy()
    count = int(blank.sum())
    new = ids.copy()
    new.iloc[blank] = [f"C{number:04}" for number in range(highest + 1, highest + 1 + count)]
    return new


def _new_rows(
    rows: pd.DataFrame, fresh: Any, repeats: Any, earlier: Any, ids: pd.Series[Any], settings: Settings
) -> tuple[pd.DataFrame, list[Problem]]:
    """The rows to add, completed from later rows of the list that are the same client."""
    new = rows[fresh].assign(client_id=ids[fresh])
    problems: list[Problem] = []
    if repeats.any() and len(new):
        positions = np.cumsum(fresh) - 1
        target = positions[earlier[repeats]]
        inner = Table("Clients", "", new.reset_index(drop=True), {}, 0)
        again = rows[repeats][target >= 0].drop(columns=["client_id"], errors="ignore")
        at = target[target >= 0]
        again = without_later(inner.frame.iloc[at], again, REGISTERED)
        kept = frozenset(again.columns) - {REGISTERED}  # what is left of it is earlier
        done = fill(inner, again, at, kept=kept, code="import.differs_in_list")
        whole = inner.frame.copy()
        for change in done.changes:
            column = whole[change.column].astype(object)
            column.loc[change.after.index] = change.after
            whole[change.column] = column if change.after.dtype == object else column.astype(change.after.dtype)
        problems = list(done.problems)
        new = whole
    first = [c for c in ("client_id", "kind") if c in new]
    new = new[[*first, *(c for c in new.columns if c not in first)]].reset_index(drop=True)
    return _companies(new, settings), problems


def _companies(new: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """A row with a company and no person's name is a company; all others are left for the split to tell."""
    if "company" not in new or not len(new):
        return new
    names = [c for c in ("full_name", "first_name", "last_name") if c in new]
    alone = as_text(new["company"]).str.strip() != ""
    for column in names:
        alone &= as_text(new[column]).str.strip() == ""
    kinds = as_text(new["kind"]) if "kind" in new else pd.Series("", index=new.index, dtype="str")
    filled = kinds.mask((kinds == "") & alone, words.choice_word("kind", "company", settings.language))
    return new.assign(kind=filled) if "kind" in new or alone.any() else new


def _laid_over(
    table: Table, rows: pd.DataFrame, found: Match, old: Any, update: bool, raw: Mapping[str, pd.Series[Any]]
) -> Filled:
    """What the list says about clients that are there; rows of clients merged away overwrite nothing."""
    now = (found.at >= 0) & ~old
    return Filled.of(
        [
            _complete(table, rows[now], found.at[now], update, raw),
            _complete(table, rows[old], found.at[old], False, raw),
        ]
    )


def _complete(
    table: Table, rows: pd.DataFrame, at: Any, update: bool, raw: Mapping[str, pd.Series[Any]] = {}
) -> Filled:
    """What the list says about clients that are there already."""
    frame = table.frame
    plain = without_known(frame.iloc[at], rows.drop(columns=[c for c in (*FLAGS, *CONSENT, "client_id") if c in rows]))
    kept = frozenset(plain.columns) if not update else KEPT
    plain = plain if update else without_later(frame.iloc[at], plain, REGISTERED)
    parts = [fill(table, plain, at, kept=kept, raw=raw)]
    parts.append(fill(table, rows[[c for c in ("client_id",) if c in rows]], at, kept=frozenset({"client_id"})))
    for day, source, flags in PAIRS:
        consents = rows[[c for c in (day, source) if c in rows]]
        consents = consents if update else without_later(frame.iloc[at], consents, day, (source,))
        free = ~_opted(frame, flags)[at]
        parts.append(fill(table, consents[free], at[free], kept=kept, raw=raw))
    for column in (c for c in FLAGS if c in rows):
        yes = as_flag(rows[column]).to_numpy()
        parts.append(fill(table, rows.loc[yes, [column]], at[yes], kept=frozenset()))
        told = ~yes & (as_text(frame[column]).str.strip() != "").to_numpy()[at]  # a blank one says no already
        rest = fill(table, rows.loc[told, [column]], at[told], kept=frozenset({column}), code="import.opt_out_kept")
        parts.append(rest)
    done = Filled.of(parts)
    return Filled(done.changes, (*done.problems, *_still_untold(_agreed_again(table, rows, at), done.problems)))


def _still_untold(found: Iterable[Problem], told: Sequence[Problem]) -> Iterator[Problem]:
    """Those about clients of whom it isn't told already that their refusal stays."""
    rows = {problem.row for problem in told if problem.code == "import.opt_out_kept"}
    return (problem for problem in found if problem.row not in rows)


def _agreed_again(table: Table, rows: pd.DataFrame, at: Any) -> Iterator[Problem]:
    """A note for each client who refused and whose list has a consent that the workbook has not: the refusal stays."""
    frame = table.frame
    dated = {day: flags for day, _, flags in PAIRS if day in rows}
    ticked = {c: consent.asked_by(c) for c in map(str, rows.columns) if schema.table("Clients").column(c) is None}
    for column, flags in (dated | ticked).items() if len(rows) else ():
        new = _new_days(frame, rows, at, column) if column in dated else _new_ticks(frame, rows, at, column)
        for place in np.flatnonzero((new != "") & _opted(frame, flags)[at]):
            position = int(at[place])
            flag = next(flag for flag in flags if _opted(frame, (flag,))[position])
            said = str(new[place]) if column in dated else f"{column}: {new[place]}"
            row, key = table.excel_row(position) if table.sheet else 0, text_of(frame["client_id"].iloc[position])
            typed, values = text_of(frame[flag].iloc[position]), (("said", said),)
            yield Problem("import.agreed_again", table.name, row, key, flag, typed, level="note", values=values)


def _new_days(frame: pd.DataFrame, rows: pd.DataFrame, at: Any, day: str) -> Any:
    """The list's days of consent that are later than the workbook's, as text; "" for the others."""
    new = as_date(rows[day])[0].to_numpy()
    known = as_date(frame[day])[0].to_numpy()[at] if day in frame else np.full(len(at), np.datetime64("NaT"))
    texts = np.datetime_as_string(new, unit="D").astype(object)
    return np.where(~np.isnat(new) & ~(new <= known), texts, "")


def _new_ticks(frame: pd.DataFrame, rows: pd.DataFrame, at: Any, column: str) -> Any:
    """The list's cells that agree where the workbook's own column does not yet; "" for the others."""
    texts = as_text(rows[column]).str.strip().to_numpy(dtype=object)
    known = as_text(frame[column]).to_numpy(dtype=object)[at] if column in frame else np.full(len(at), "", dtype=object)
    agrees = [consent.agrees(new) and not consent.agrees(old) for new, old in zip(texts, known, strict=True)]
    return np.where(agrees, texts, "")


def _opted(frame: pd.DataFrame, flags: Sequence[str]) -> Any:
    """Which rows have one of these refusals."""
    found = np.zeros(len(frame), dtype=bool)
    for flag in (flag for flag in flags if flag in frame):
        found |= as_flag(frame[flag]).to_numpy()
    return found


def _is_used(column: str, new: pd.DataFrame, done: Filled) -> bool:
    filled = column in new and bool((as_text(new[column]) != "").any())
    return filled or any(change.column == column for change in done.changes)


def suppress(
    table: Table, batch: Batch, settings: Settings, former: pd.DataFrame | None = None
) -> tuple[Plan, pd.Series[bool]]:
    """A list of people who want no mail: marks those in the table; returns the plan, and which rows are there.

    E-mails stop e-mails, phone numbers stop calls, ids and tax numbers stop all three. Nobody is added. `former` are
    clients who were merged away (`merging.former_clients`): what stops one of them stops the client that it is since.
    """
    yes = words.choice_word("done", "yes", settings.language)
    stops = {
        "email": FLAGS[:1],
        "phone": FLAGS[2:],
        "mobile": FLAGS[2:],
        "client_id": FLAGS,
        "tax_id": FLAGS,
    }
    hit = pd.Series(False, index=batch.frame.index)
    parts: list[Filled] = []
    for column in (c for c in stops if c in batch.frame and c in table.frame):
        asked = comparable(batch.frame[column], "Clients", column)
        wanted = set(asked) - {""}
        fields = [column] if column not in {"phone", "mobile"} else [c for c in ("phone", "mobile") if c in table.frame]
        for field in fields:
            have = comparable(table.frame[field], "Clients", field)
            at = np.flatnonzero(have.isin(wanted))
            hit |= asked.isin(set(have.iloc[at]))
            at = _also_since(table, at, former, field, wanted)
            hit |= asked.isin(_called(former, field))
            flags = pd.DataFrame(
                {column_in(table, out, settings.language): yes for out in stops[column]}, index=range(len(at))
            )
            parts.append(fill(table, flags, at, kept=frozenset()))
    done = Filled.of(parts)
    new = {c.column for c in done.changes} - set(table.frame.columns)
    plan = Plan("import", changes=done.changes, new_columns=tuple(NewColumn(table.name, c) for c in sorted(new)))
    return plan, hit


def _called(former: pd.DataFrame | None, field: str) -> set[str]:
    """What clients who were merged away had in a column, as it is compared; a mobile stands under phone, too."""
    column = {"mobile": "phone", "client_id": "old_id"}.get(field, field)
    return set() if former is None else set(comparable(former[column], "Clients", field)) - {""}


def _also_since(
    table: Table, at: npt.NDArray[np.int64], former: pd.DataFrame | None, field: str, wanted: set[str]
) -> npt.NDArray[np.int64]:
    """The rows `at` and those of the clients that merged ones with a wanted cell are since."""
    if former is None or not len(former):
        return at
    column = {"mobile": "phone", "client_id": "old_id"}.get(field, field)
    since = former["new_id"][comparable(former[column], "Clients", field).isin(wanted)]
    ids = as_text(table.frame["client_id"]).str.strip()
    return np.union1d(at, np.flatnonzero(ids.isin(set(since))))
