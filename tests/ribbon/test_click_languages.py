"""A click is answered in the workbook's language, whatever the computer speaks, and the answer names what was done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engines import memory
from tests.support.live_help import NOW, live
from tests.support.shipped import shipped
from xlcrm import messages
from xlcrm.excel.live_book import LiveBook
from xlcrm.messages import LANGUAGES
from xlcrm.ribbon.click import press


@pytest.fixture(params=LANGUAGES)
def spoken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XLCRM_LANGUAGE", "it" if request.param == "en" else "en")
    return str(request.param)


@pytest.fixture
def opened(spoken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LiveBook:
    path = tmp_path / "My.xlsm"
    shipped(path, language=spoken)
    monkeypatch.setattr(LiveBook, "ask_file", lambda book: "")
    monkeypatch.setattr(LiveBook, "ask", lambda book, question: "99")
    return live(memory.Engine(), path)


def test_refusals_speak_the_workbooks_language(opened: LiveBook, spoken: str) -> None:
    said = {action: press(action, opened, NOW) for action in ("import", "undo", "restore", "format-disk")}
    assert [code for code, _ in said.values()] == [2, 2, 2, 2]
    assert said["import"][1] == messages.text("ribbon.no_file", spoken)
    assert said["undo"][1] == messages.text("undo.nothing", spoken, name="My.xlsm")
    folder = str(opened.path.parent / "My backups")
    assert said["restore"][1] == messages.text("backup.none", spoken, name="My.xlsm", folder=folder)
    assert said["format-disk"][1] == messages.text("ribbon.unknown", spoken, action="format-disk")


def test_the_button_that_backs_up_says_which_backup_was_taken(opened: LiveBook, spoken: str, tmp_path: Path) -> None:
    for _ in range(2):
        code, sentence = press("backup", opened, NOW)
        assert code == 0
    folder = next(path for path in tmp_path.iterdir() if path.is_dir())
    names = [path.name for path in folder.glob("*.xlsm")]
    assert len(names) == 2
    by_hand = messages.text("backup.by_hand", spoken)
    newest = max(names, key=len)
    assert by_hand in newest
    assert sentence == messages.text("backup.done", spoken, name=newest, folder=str(folder))
