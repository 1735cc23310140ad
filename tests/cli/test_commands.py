"""The commands as a user types them: what they say, what they leave behind, and that nothing bad gets a traceback."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.paths import ROOT
from xlcrm.cli.commands import main
from xlcrm.demo import make
from xlcrm.files.durable import sha256_of
from xlcrm.xlsx.reading import read_tables

TODAY = "2026-11-22"


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def done(*words: object) -> str:
    result = call(*words)
    assert result.exit_code in (0, 1), result.output
    return result.output


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client file with the demo's clients and purchases in it; copied by the tests."""
    folder = tmp_path_factory.mktemp("filled")
    made = make(dt.date.fromisoformat(TODAY))
    (folder / "customers.csv").write_text(made.clients, encoding="utf-8-sig", newline="")
    (folder / "orders.csv").write_text(made.purchases, encoding="utf-8-sig", newline="")
    book = folder / "My.xlsm"
    done("new", book, "--language", "en", "--country", "IT")
    done("import", book, folder / "customers.csv", "--today", TODAY)
    done("import", book, folder / "orders.csv", "--table", "Purchases", "--today", TODAY)
    return book


@pytest.fixture
def book(filled: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copy(filled, tmp_path / "My.xlsm")
    yield tmp_path / "My.xlsm"


def frame(book: Path, table: str = "Clients"):  # type: ignore[no-untyped-def]
    return read_tables.read(book)[table].frame


def but_for_changes(book: Path) -> dict[str, bytes]:
    """Every part of the workbook except the sheet Changes, its table, and what tells of its cells' formats."""
    with zipfile.ZipFile(book) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    own = {name for name, content in parts.items() if name.startswith("xl/tables/") and b'"Changes"' in content}
    sheets = [name for name in parts if name.startswith("xl/worksheets/sheet")]
    tables = {name.rpartition("/")[2].encode() for name in own}
    own |= {name for name in sheets if any(table in parts.get(_links(name), b"") for table in tables)}
    return {name: content for name, content in parts.items() if name not in own | {"xl/workbook.xml", "xl/styles.xml"}}


def _links(sheet: str) -> str:
    folder, _, name = sheet.rpartition("/")
    return f"{folder}/_rels/{name}.rels"


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in main.commands if f"`{name}`" not in readme] == []


def test_every_command_in_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^xlcrm ([a-z-]+)", readme, re.MULTILINE))
    assert named <= set(main.commands)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help(name: str) -> None:
    assert call(name, "--help").exit_code == 0


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'pandas', 'openpyxl', 'numpy', 'jinja2', 'scipy'}"
    code = f"import sys, xlcrm.cli.commands; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_main_job_from_end_to_end(book: Path) -> None:
    assert len(frame(book)) == 312
    assert len(frame(book, "Purchases")) == 3000
    done("split", book, "--today", TODAY)
    assert (frame(book)["last_name"] != "").sum() > 200
    done("check", book, "--today", TODAY)
    assert len(frame(book, "Problems")) > 10
    done("correct", book, "--today", TODAY)
    done("refresh", book, "--today", TODAY)
    assert frame(book)["total_spend"].notna().sum() > 150
    told = done("lists", book, "--today", TODAY)
    assert "ready to post" in told
    assert list((book.parent / "My lists" / TODAY).iterdir())


@pytest.mark.parametrize("command", ["split", "check", "correct", "refresh"])
def test_doing_it_twice_changes_nothing_the_second_time(book: Path, command: str) -> None:
    done(command, book, "--today", TODAY)
    before = sha256_of(book)
    done(command, book, "--today", TODAY)
    assert sha256_of(book) == before


@pytest.mark.parametrize("command", ["split", "check", "refresh", "lists", "correct"])
def test_a_dry_run_writes_nothing_at_all(book: Path, command: str) -> None:
    before = sha256_of(book)
    told = done(command, book, "--dry-run", "--today", TODAY)
    assert told.startswith("Dry run")
    assert sha256_of(book) == before
    assert [path.name for path in book.parent.iterdir()] == ["My.xlsm"]


def test_a_dry_run_prints_the_plan_that_is_then_applied(book: Path) -> None:
    shown = json.loads(done("split", book, "--dry-run", "--json", "--today", TODAY))
    applied = json.loads(done("split", book, "--json", "--today", TODAY))
    assert shown["changes"] == applied["changes"]
    assert shown["added"] == applied["added"]
    assert applied["undo_number"] == 3, "two imports stand in the sheet Changes"


def test_undo_gives_back_every_table_but_the_list_of_changes(book: Path) -> None:
    tables = read_tables.read(book)
    before = {name: tables[name].frame.copy() for name in tables}
    done("split", book, "--today", TODAY)
    done("refresh", book, "--today", TODAY)
    done("undo", book, "--today", TODAY)
    done("undo", book, "--today", TODAY)
    after = read_tables.read(book)
    for name, old in before.items():
        if name != "Changes":
            assert after[name].frame.astype(str).to_dict() == old.astype(str).to_dict(), name
    assert len(after["Changes"].frame) == 6, "two imports, two changes, two undos"
    assert call("undo", book).exit_code in (1, 2)


def test_undo_passes_over_a_run_killed_before_it_wrote(book: Path) -> None:
    from xlcrm.backups.journal_file import Journal
    from xlcrm.backups.store import Store
    from xlcrm.plan import Plan, diff

    done("split", book, "--today", TODAY)
    clients = read_tables.read(book)["Clients"]
    never = Plan("x", changes=diff(clients, clients.frame[["notes"]].assign(notes="never written")))
    journal = Journal(Store(book).journal_path)
    journal.begin(never, now=dt.datetime(2026, 11, 22, 9, 0))
    done("undo", book, "--today", TODAY)
    assert (frame(book)["last_name"] == "").all(), "the run before it is taken back"


def test_restore_puts_a_backup_back_and_keeps_what_it_replaced(book: Path) -> None:
    before = but_for_changes(book)
    done("split", book, "--today", TODAY)
    changed, whole = but_for_changes(book), sha256_of(book)
    done("restore", book, "1")
    assert but_for_changes(book) == before
    done("restore", book, "1")
    assert but_for_changes(book) == changed
    done("undo", book)
    done("undo", book)
    assert sha256_of(book) == whole


def test_backups_are_listed_and_verified(book: Path) -> None:
    done("backup", book, "--reason", "by hand")
    done("split", book, "--today", TODAY)
    told = done("backups", book)
    assert "by hand" in told
    assert "before split" in told
    assert call("verify", book).exit_code == 0


REFUSED = ["split", "check", "refresh", "lists", "correct"]


@pytest.mark.parametrize("command", REFUSED)
def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path, command: str) -> None:
    result = call(command, tmp_path / "Nowhere.xlsm")
    assert result.exit_code == 2
    assert "Nowhere.xlsm" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", REFUSED)
@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 torn"])
def test_a_file_that_is_no_workbook_is_refused_and_kept(tmp_path: Path, command: str, content: bytes) -> None:
    path = tmp_path / "My.xlsm"
    path.write_bytes(content)
    result = call(command, path)
    assert result.exit_code == 2
    assert path.read_bytes() == content


def test_new_never_touches_a_file_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "My.xlsm"
    path.write_text("mine", encoding="utf-8")
    assert call("new", path).exit_code == 2
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's workbook."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    result = call("demo", folder)
    assert result.exit_code == 0, result.output
    assert "DemoClients.xlsm" in result.output
    return folder / "DemoClients.xlsm"


def test_the_demo_never_writes_into_a_full_folder(demo: Path) -> None:
    assert call("demo", demo.parent).exit_code == 2


def test_the_demo_prints_on_as_few_pages_as_its_lists_need(demo: Path, soffice: Callable[..., Path]) -> None:
    """Each sheet but the lists is a page or two: what is new has to be laid out for paper, too."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is missing")
    text = ["pdftotext", "-layout", str(soffice(demo, "pdf")), "-"]
    said = subprocess.run(text, capture_output=True, text=True, check=True).stdout
    titles = [page.strip().splitlines()[-1].rpartition("  ")[0].strip() for page in said.split("\f")[:-1]]
    pages = Counter(titles)
    lists = {"Purchases": 32, "Clients": 10, "Interactions": 9, "Problems": 6, "History of stages": 4, "People": 4}
    assert {title: count for title, count in pages.items() if count > lists.get(title, 2)} == {}
    assert len(titles) <= 86, "Purchases take 30 of them"


def test_a_run_is_quiet_on_the_error_stream_when_nobody_watches(book: Path) -> None:
    command = [sys.executable, "-m", "xlcrm", "split", str(book), "--today", TODAY]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.stderr == ""
