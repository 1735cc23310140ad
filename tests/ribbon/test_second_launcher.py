"""A second launcher beside one that is still at work: the workbook's lock lets only one of them write."""

from __future__ import annotations

from functools import partialmethod
from pathlib import Path

import pytest

from tests.support.engines import memory
from tests.support.live_help import NOW, cells, live, three_clients
from xlcrm import messages
from xlcrm.backups.store import Store
from xlcrm.ribbon.click import press


def test_the_second_of_two_launchers_is_refused_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person clicked again and said not to wait, but the first run still holds the workbook."""
    book = live(memory.Engine(), three_clients(tmp_path / "My.xlsm"))
    before, first = cells(book), Store(tmp_path / "My.xlsm")
    with first.lock():
        monkeypatch.setattr(Store, "lock", partialmethod(Store.lock, wait=0.2))
        code, sentence = press("split", book, NOW)
    assert (code, sentence) == (2, messages.text("lock.busy", "en", name="My.xlsm", seconds=0))
    assert str(cells(book)) == str(before)
    assert not first.backups(), "it has not even taken its backup"
    monkeypatch.undo()
    code, sentence = press("split", book, NOW)
    assert code == 0, f"after the first has ended it runs: {sentence}"
