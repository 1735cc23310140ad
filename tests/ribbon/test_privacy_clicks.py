"""Buttons About this client and Forget this client: what is asked, what is written, and what nothing brings back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.engines import memory
from tests.support.live_help import NOW, cells, live, three_clients
from xlcrm.backups.store import Store
from xlcrm.excel.live_book import LiveBook
from xlcrm.ribbon.click import PROMPT, press


@pytest.fixture
def opened(tmp_path: Path) -> LiveBook:
    book = live(memory.Engine(), three_clients(tmp_path / "My.xlsm"))
    book.book.app.impl.selected = book.book.sheets["Clients"].range("A3").impl
    return book


def answering(book: LiveBook, monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """The questions that are asked; each gets the next answer, "" once there are no more."""
    asked: list[str] = []
    left = list(answers)

    def ask(self: LiveBook, question: str) -> str:
        asked.append(question)
        return left.pop(0) if left else ""

    monkeypatch.setattr(LiveBook, "ask", ask)
    return asked


def test_forgetting_asks_twice_and_names_whom(opened: LiveBook, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(opened, monkeypatch, "OK", "ok")
    code, sentence = press("forget", opened, NOW)
    assert code == 0, sentence
    assert len(asked) == 2
    assert "Mario Rossi (C2)" in asked[0]
    assert "no undo and no backup" in asked[0]
    assert "by no undo and no backup" in asked[1]
    assert "Mario" not in sentence
    assert "save it now" in sentence
    assert cells(opened)["client_id"] == ["C1", "C3"]
    assert len(cells(opened, "Forgotten")["hash"]) > 0
    assert press("undo", opened, NOW)[0] == 2


@pytest.mark.parametrize("answers", [(), ("no",), ("OK",), ("OK", "no")])
def test_any_other_answer_forgets_nobody(
    opened: LiveBook, monkeypatch: pytest.MonkeyPatch, answers: tuple[str, ...]
) -> None:
    asked = answering(opened, monkeypatch, *answers)
    code, _ = press("forget", opened, NOW)
    assert (code, len(asked)) == (2, 2 if answers[:1] == ("OK",) else 1)
    assert cells(opened)["client_id"] == ["C1", "C2", "C3"]
    assert Store(opened.path).backups() == []


def test_a_question_keeps_its_end_however_much_is_told(opened: LiveBook, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (opened.path.parent / f"old list {number:02} {'x' * 60}.csv").write_text("Mario Rossi", encoding="utf-8")
    asked = answering(opened, monkeypatch)
    press("forget", opened, NOW)
    assert asked[0].endswith("Type OK to do it.")
    assert "no undo and no backup" in asked[0]
    assert 500 < len(asked[0]) < PROMPT + 50


def test_nobody_selected_is_told(opened: LiveBook, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.book.app.impl.selected = opened.book.sheets["Settings"].range("A4").impl
    asked = answering(opened, monkeypatch, "OK", "OK")
    for action in ("about", "forget"):
        code, sentence = press(action, opened, NOW)
        assert (code, "xlcrm" in sentence) == (2, True), sentence
    assert asked == []


def test_about_writes_three_files_of_the_row_selected(opened: LiveBook, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(opened, monkeypatch)
    code, sentence = press("about", opened, NOW)
    assert code == 0, sentence
    assert asked == []
    files: dict[str, Any] = {path.suffix: path for path in opened.path.parent.rglob("C2.*")}
    assert set(files) == {".pdf", ".json", ".csv"}
    assert json.loads(files[".json"].read_text(encoding="utf-8"))["name"] == "Mario Rossi"
    assert cells(opened)["client_id"] == ["C1", "C2", "C3"]
