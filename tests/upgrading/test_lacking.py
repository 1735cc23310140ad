"""What an older workbook lacks, and that its user is told of it once, by a command or by the doctor."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.worksheet.table import Table

from tests.upgrading.test_upgrade import OLD
from xlcrm import messages, schema, words
from xlcrm.building import build
from xlcrm.cli.commands import main
from xlcrm.install import doctor_facts
from xlcrm.install.doctor import Facts, findings
from xlcrm.upgrading.lacking import Lacking, lacking, met
from xlcrm.xlsx.reading import read_tables

EVERY = {spec.name: [column.name for column in spec.columns] for spec in schema.TABLES}


def said(path: Path, *words: str) -> str:
    return CliRunner().invoke(main, [words[0], str(path), *words[1:]]).output


def test_a_workbook_of_today_lacks_nothing() -> None:
    assert not lacking(EVERY, list(schema.SETTINGS))


@pytest.mark.parametrize(
    ("there", "settings", "found"),
    [
        ({k: v for k, v in EVERY.items() if k != "Import"}, None, Lacking(("Import",))),
        ({**EVERY, "Rates": ["currency", "rate", "our own"]}, None, Lacking((), {"Rates": ("from_date",)})),
        (EVERY, [name for name in schema.SETTINGS if name != "company"], Lacking((), {}, ("company",))),
    ],
)
def test_what_is_lacking_is_named(there: dict[str, list[str]], settings: list[str] | None, found: Lacking) -> None:
    assert lacking(there, settings) == found


def test_it_is_shown_in_the_words_of_the_user() -> None:
    found = Lacking(("Import",), {"Rates": ("from_date",)}, ("company",))
    assert found.shown("de").startswith("Import; ")
    assert found.shown("it") != found.shown("de")


def test_a_command_says_it_once_and_works_on(tmp_path: Path) -> None:
    path = tmp_path / "My.xlsm"
    shutil.copy(OLD, path)
    what = met(read_tables.read(path)).shown("en")
    assert {"Import", "People", "Opportunities"} <= set(what.split("; "))
    sentence = messages.text("upgrade.older", "en", name="My.xlsm", what=what).partition(what)[0] + what
    assert sentence in said(path, "refresh", "--dry-run")
    again = said(path, "refresh")
    assert sentence in again, "a dry run does not count"
    assert words.header("Clients", "parent_id") in again, "the columns of tables that it read"
    assert "xlcrm upgrade" not in said(path, "split")


@pytest.mark.parametrize(
    "command", ["check", "correct", "split", "doubles", "merge", "refresh", "search", "lists", "backup", "undo"]
)
def test_every_command_works_on_a_workbook_without_people(command: str, tmp_path: Path) -> None:
    """Or says in a sentence why not: none stumbles over the tables that are not there."""
    path = tmp_path / "My.xlsm"
    shutil.copy(OLD, path)
    result = CliRunner().invoke(main, [command, str(path)])
    assert result.exit_code in (0, 1, 2), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    assert result.exit_code != 2 or command in ("merge", "undo", "doubles", "lists"), result.output


def test_what_is_met_later_is_said_then(tmp_path: Path) -> None:
    """The columns of Duplicates are met by the command that reads that table."""
    path = tmp_path / "My.xlsm"
    shutil.copy(OLD, path)
    said(path, "refresh")
    tables = read_tables.read(path)
    assert not met(tables).columns
    _ = tables["Duplicates"]
    assert "band" in met(tables).columns["Duplicates"]


def test_a_workbook_that_xlcrm_did_not_make_is_told_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Client ID", "Full name"])
    sheet.append(["C1", "Kari Olsen"])
    sheet.add_table(Table(displayName="Clients", ref="A1:B2"))
    book.save(tmp_path / "Own.xlsx")
    assert not met(read_tables.read(tmp_path / "Own.xlsx"))
    assert "xlcrm upgrade" not in said(tmp_path / "Own.xlsx", "split")


def test_the_doctor_names_what_an_older_workbook_lacks(tmp_path: Path) -> None:
    build(tmp_path / "New.xlsm", language="nb")
    assert doctor_facts.older(tmp_path / "New.xlsm") == ""
    told = doctor_facts.older(OLD)
    assert {"Import", "People"} <= set(told.split("; "))
    assert "; Duplicates (" in told
    assert doctor_facts.older(tmp_path / "gone.xlsm") == ""
    found = {f.key: f.level for f in findings(Facts("linux", (3, 12, 0), book="My.xlsm", older="Import"))}
    assert found["doctor.older"] == "note"
