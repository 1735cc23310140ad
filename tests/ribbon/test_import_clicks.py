"""Two clicks on Import in an open workbook: the first asks in the sheet Import, the second imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engines import memory
from tests.support.live_help import NOW, live
from tests.support.shipped import shipped
from xlcrm import messages, words
from xlcrm.excel.live_book import LiveBook
from xlcrm.messages import LANGUAGES
from xlcrm.ribbon.click import press
from xlcrm.values import as_text

LIST = (
    "Full name;E-mail;Registered on\nAda Rossi;ada@example.com;03/04/2026\nLuca Bianchi;luca@example.com;05/06/2026\n"
)


@pytest.fixture(params=LANGUAGES)
def spoken(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(spoken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LiveBook:
    shipped(tmp_path / "My.xlsm", language=spoken)
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    monkeypatch.setattr(LiveBook, "ask_file", lambda book: str(tmp_path / "list.csv"))
    return live(memory.Engine(), tmp_path / "My.xlsm")


def lines(book: LiveBook, table: str, column: str) -> list[str]:
    return [text for text in as_text(book.look()[table].frame[column]).tolist() if text]


def choose(book: LiveBook, language: str, order: str) -> None:
    """A person chooses in the first row of the sheet."""
    sheet = book.book.sheets[words.title("Import", language)]
    sheet.range("C2").value = words.choice_word("import_answer", order, language)


def test_the_first_click_asks_and_the_second_imports(opened: LiveBook, spoken: str) -> None:
    code, sentence = press("import", opened, NOW)
    assert (code, sentence) == (1, messages.text("import.sheet_asked", spoken, file="list.csv"))
    assert not lines(opened, "Clients", "full_name")
    assert len(lines(opened, "Import", "column")) == 4
    choose(opened, spoken, "mdy")
    code, sentence = press("import", opened, NOW)
    assert code == 0, sentence
    assert lines(opened, "Clients", "full_name") == ["Ada Rossi", "Luca Bianchi"]
    assert lines(opened, "Clients", "registered_on")[0].startswith("2026-03-04")
    assert not lines(opened, "Import", "column")


def test_either_click_can_be_taken_back(opened: LiveBook, spoken: str) -> None:
    press("import", opened, NOW)
    assert press("undo", opened, NOW)[0] == 0
    assert not lines(opened, "Import", "column")
    press("import", opened, NOW)
    choose(opened, spoken, "dmy")
    press("import", opened, NOW)
    assert press("undo", opened, NOW)[0] == 0
    assert not lines(opened, "Clients", "full_name")
    assert lines(opened, "Import", "field")[0] == words.choice_word("import_answer", "dmy", spoken)


def test_an_answer_is_remembered_for_the_next_list(opened: LiveBook, spoken: str) -> None:
    press("import", opened, NOW)
    choose(opened, spoken, "dmy")
    press("import", opened, NOW)
    more = LIST.replace("ada@", "eva@").replace("Ada", "Eva")
    (opened.path.parent / "list.csv").write_text(more, encoding="utf-8")
    press("import", opened, NOW)
    assert lines(opened, "Clients", "registered_on")[2].startswith("2026-04-03")
    assert not lines(opened, "Import", "column")
