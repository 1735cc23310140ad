"""Opting out: every way that could opt somebody in is tried, and none does; who refused when is on record."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.support.dirty_list import as_tables
from tests.support.invoicing_help import call
from tests.support.session_help import take
from xlcrm.exports import email_files
from xlcrm.files import file_book
from xlcrm.plan import Added, Change, Plan, Removed, WholeFile, diff
from xlcrm.privacy.opting_out import Event, guarded
from xlcrm.session import Call
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import text_of
from xlcrm.xlsx.reading import read_tables

EVENT = Event("Kari", dt.date(2026, 11, 28), "en")
NOW = dt.datetime(2026, 11, 28, 9, 0)
COLUMNS = ["date", "client_id", "kind", "by", "subject", "outcome", "person_id"]


def tables(flag: str = "", consent: str = "", told: str = "") -> Tables:
    """One client, with a refusal of e-mail, a day of consent, and a line about a refusal."""
    clients = pd.DataFrame(
        {"client_id": ["C1"], "full_name": ["Anna Rossi"], "opt_out_email": [flag], "consent_on": [consent]},
        dtype="str",
    )
    lines = pd.DataFrame([["2026-11-01", "C1", "", "Per", told, "", ""]] if told else [], columns=COLUMNS, dtype="str")
    return as_tables({"Clients": clients, "Interactions": lines})


def change(there: Tables, column: str, after: str) -> tuple[Change, ...]:
    return diff(there["Clients"], pd.DataFrame({column: [after]}, dtype="str"))


CASES = (
    # action, refusal now, consent now, line about it, column, becomes, stays out, why
    ("restore", "yes", "", "", "opt_out_email", "", True, "an older row without the refusal"),
    ("restore", "yes", "", "", "opt_out_email", "no", True, "the same, as a word"),
    ("restore", "", "", "", "opt_out_email", "yes", False, "a refusal may come back"),
    ("restore", "", "", "", "consent_on", "2024-01-01", True, "a consent that was withdrawn"),
    ("restore", "yes", "2023-01-01", "", "consent_on", "2024-01-01", True, "who refused has no consent"),
    ("restore", "", "2023-01-01", "", "consent_on", "2024-01-01", False, "a day that was mistyped since"),
    ("restore", "", "2024-01-01", "", "consent_on", "", False, "less consent is always allowed"),
    ("import", "yes", "", "", "opt_out_email", "no", True, "the other list says no refusal"),
    ("import", "", "", "", "consent_on", "2026-11-01", False, "a consent that a form brought"),
    ("undo", "yes", "", "", "opt_out_email", "", False, "the run's own refusal"),
    ("undo", "yes", "", "Refused: No e-mail", "opt_out_email", "", True, "recorded otherwise, too"),
    ("undo", "yes", "", "Widerspruch: Keine E-Mail", "opt_out_email", "", True, "in another language"),
    ("undo", "yes", "", "", "consent_on", "2024-01-01", True, "who refused since has no consent"),
    ("split", "", "", "", "full_name", "A. Rossi", False, "no business of this"),
)


@pytest.mark.parametrize(
    ("action", "flag", "consent", "told", "column", "after", "out", "why"), CASES, ids=[case[-1] for case in CASES]
)
def test_no_plan_opts_anybody_in(
    action: str, flag: str, consent: str, told: str, column: str, after: str, out: bool, why: str
) -> None:
    from xlcrm import words

    told = told.replace("No e-mail", words.header("Clients", "opt_out_email", "en"))
    told = told.replace("Keine E-Mail", words.header("Clients", "opt_out_email", "de"))
    there = tables(flag, consent, told)
    plan = Plan(action, changes=change(there, column, after))
    done = guarded(plan, there, there, EVENT)
    assert (done.changes == ()) is out, why
    assert any(key == "consent.kept" for key, _ in done.notes) is out


def test_undo_takes_its_own_line_with_it() -> None:
    from xlcrm import words

    there = tables("yes", "", f"Refused: {words.header('Clients', 'opt_out_email')}")
    own = Removed("Interactions", there["Interactions"].frame)
    plan = Plan("undo", changes=change(there, "opt_out_email", ""), removed=(own,))
    assert len(guarded(plan, there, there, EVENT).changes) == 1


def test_undo_gives_back_what_its_own_run_took_for_a_refusal() -> None:
    there = tables("yes", "")
    plan = Plan("undo", changes=(*change(there, "opt_out_email", ""), *change(there, "consent_on", "2024-01-01")))
    assert len(guarded(plan, there, there, EVENT).changes) == 2


@pytest.mark.parametrize(
    ("flag", "column", "out"),
    [("opt_out_email", "consent_email_on", True), ("opt_out_email", "consent_phone_on", False),
     ("opt_out_phone", "consent_on", True), ("opt_out_phone", "consent_phone_source", True)],
)  # fmt: skip
def test_a_refusal_ends_the_consent_of_its_channel(flag: str, column: str, out: bool) -> None:
    clients = pd.DataFrame({"client_id": ["C1"], flag: ["yes"], column: [""]}, dtype="str")
    there = as_tables({"Clients": clients})
    done = guarded(Plan("undo", changes=change(there, column, "2024-01-01")), there, there, EVENT)
    assert (done.changes == ()) is out
    then = as_tables({"Clients": clients.assign(**{flag: "", column: "2024-01-01"})})
    now = as_tables({"Clients": clients.assign(**{column: "2024-01-01"})})
    whole = guarded(Plan("restore", whole=WholeFile("old.xlsm", b"", then)), now, now, EVENT)
    assert (column in {c.column for c in whole.changes}) is out


def test_a_new_row_that_refuses_is_recorded_too() -> None:
    there = tables()
    new = pd.DataFrame({"client_id": ["C8", "C9"], "opt_out_email": ["yes", "no"], "opt_out_phone": ["", "x"]})
    done = guarded(Plan("import", added=(Added("Clients", new),)), there, there, EVENT)
    rows = [row for part in done.added if part.table == "Interactions" for row in part.rows.to_dict("records")]
    assert [(row["client_id"], row["subject"]) for row in rows] == [
        ("C8", "Refused: No e-mail"), ("C9", "Refused: No phone"),
    ]  # fmt: skip
    assert guarded(Plan("merge", added=(Added("Clients", new),)), there, there, EVENT).added[1:] == ()


@pytest.mark.parametrize("action", ["import", "correct", "restore", "merge"])
def test_a_refusal_that_comes_in_is_recorded(action: str) -> None:
    there = tables()
    done = guarded(Plan(action, changes=change(there, "opt_out_email", "yes")), there, there, EVENT)
    rows = [row for part in done.added for row in part.rows.to_dict("records")]
    assert [row["client_id"] for row in rows] == (["C1"] if action in ("import", "correct") else [])
    if rows:
        assert rows[0]["by"] == "Kari"
        assert rows[0]["date"] == pd.Timestamp(2026, 11, 28)
        assert rows[0]["subject"].startswith("Refused: ")


def test_a_whole_backup_comes_back_without_opting_in() -> None:
    old, now = tables("", "2024-01-01"), tables("yes", "2024-01-01")
    done = guarded(Plan("restore", whole=WholeFile("old.xlsm", b"", old)), now, now, EVENT)
    assert {c.column: text_of(c.after.iloc[0]) for c in done.changes} == {"opt_out_email": "yes", "consent_on": ""}
    withdrawn = guarded(Plan("restore", whole=WholeFile("old.xlsm", b"", old)), now, tables(), EVENT)
    assert [c.column for c in withdrawn.changes] == ["consent_on"]
    same = guarded(Plan("restore", whole=WholeFile("old.xlsm", b"", old)), now, old, EVENT)
    assert same.changes == ()


def test_restore_and_import_opt_nobody_in_on_the_disk(book: Path) -> None:
    there = read_tables.read(book)
    anna = there["Clients"].frame["client_id"].iloc[0]
    made = take(file_book.at(book), "backup", Call(NOW)).backup
    assert made
    out = pd.DataFrame({"opt_out_email": ["yes"]}, index=[0])
    file_book.at(book).apply(Plan("check", changes=diff(there["Clients"], out)), there)
    take(file_book.at(book), "restore", Call(NOW.replace(hour=10)), which=made.name)
    assert _refusal(book) == "yes", "whole"
    take(file_book.at(book), "restore", Call(NOW.replace(hour=11)), which=made.name, rows=(anna,))
    assert _refusal(book) == "yes", "single rows"
    more = book.with_name("more.csv")
    more.write_text(f"Client ID;Opt out e-mail\n{anna};no\n", encoding="utf-8")
    assert call("import", book, more, "--update").exit_code in (0, 1)
    assert _refusal(book) == "yes", "import"
    assert call("merge", book, anna, there["Clients"].frame["client_id"].iloc[1]).exit_code in (0, 1)
    assert _refusal(book) == "yes", "merge"


def _refusal(book: Path) -> str:
    return text_of(read_tables.read(book)["Clients"].frame["opt_out_email"].iloc[0])


@pytest.mark.parametrize(("setting", "needs"), [("", False), ("no", False), ("yes", True), ("Ja", True), ("sì", True)])
def test_the_setting_says_whether_consent_is_needed(setting: str, needs: bool) -> None:
    assert Settings(email_consent=setting).needs_consent("email") is needs


def test_e_mails_leave_out_who_never_agreed() -> None:
    from xlcrm.exports.contact import Contact

    asked = Contact(client_id="C1", email="anna@example.com", agreed_email=True)
    never = replace(asked, agreed_email=False)
    reasons = [email_files._why_not(who, who.email, set(), set(), consent=True) for who in (asked, never)]
    assert reasons == ["", "exports.no_consent"]
    assert email_files._why_not(never, never.email, set(), set(), consent=False) == ""


def test_inputs_stay_as_they_were() -> None:
    there = tables("yes")
    before = there["Clients"].frame.copy()
    guarded(
        Plan("restore", changes=change(there, "opt_out_email", ""), added=(Added("Clients", before),)),
        there,
        there,
        EVENT,
    )
    pd.testing.assert_frame_equal(there["Clients"].frame, before)
