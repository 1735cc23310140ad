"""`search --out` writes the file that was asked for, where it was asked for, or says why it doesn't."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.paths import CASES
from xlcrm.cli.commands import main
from xlcrm.files.new_book import create

with (CASES / "search_out.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    book = folder / "B.xlsm"
    create(book, language="it", country="IT", currency="EUR")
    (folder / "list.csv").write_text("Nome completo;Città\nAnna Bianchi;Milano\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["import", str(book), str(folder / "list.csv")]).exit_code == 0
    return book


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is not the workbook's."""
    (tmp_path / "office").mkdir()
    shutil.copy(made, tmp_path / "office" / "B.xlsm")
    (tmp_path / "desk" / "sub").mkdir(parents=True)
    (tmp_path / "desk" / "taken.csv").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path / "desk"


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["out"])
def test_where_the_file_goes(here: Path, case: dict[str, str]) -> None:
    book = str(here.parent / "office" / "B.xlsm")
    before = {path.relative_to(here) for path in here.rglob("*")}
    told = CliRunner().invoke(main, ["search", book, "--where", "città = Milano", "--out", case["out"]])
    assert told.exit_code == int(case["exit"]), told.output
    made = {path.relative_to(here).as_posix() for path in here.rglob("*")} - {path.as_posix() for path in before}
    assert "; ".join(sorted(made)) == case["made"], case["why"]
    assert case["says"] in told.output, case["why"]
    assert (here / "taken.csv").read_text(encoding="utf-8") == "mine"
    assert not (here.parent / "nowhere").exists()


def test_the_same_search_names_the_file_that_it_wrote(here: Path) -> None:
    book = here.parent / "office" / "B.xlsm"
    for where in ("città = Milano", "città <> Milano"):
        told = CliRunner().invoke(main, ["search", str(book), "--where", where]).output
    written = sorted(book.parent.glob("B list*/*/*"))
    assert len(written) == 2
    assert "(2)" in written[0].name
    assert written[0].name in told
    assert f"{written[1].name}." not in told


@pytest.mark.parametrize(("there", "used"), [("", "B liste"), ("B lists", "B lists")])
def test_lists_go_to_a_folder_in_the_workbooks_language(here: Path, there: str, used: str) -> None:
    book = here.parent / "office" / "B.xlsm"
    if there:
        (book.parent / there).mkdir()
    assert CliRunner().invoke(main, ["search", str(book), "--where", "città = Milano"]).exit_code == 0
    assert [path.name for path in book.parent.glob("B list*")] == [used]
