"""A look at a workbook while another run replaces it: one state is seen, and no sound file is called damaged."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from tests.support.live_help import three_clients
from xlcrm.errors import CrmError
from xlcrm.files.file_book import FileBook
from xlcrm.session import Call, Session
from xlcrm.tables import Tables

CALL = Call(dt.datetime(2026, 11, 27, 2, 30))


class Replaced(FileBook):
    """A workbook that another run replaces in the middle of so many looks."""

    times = 0

    def look(self) -> Tables:
        if self.times:
            self.times -= 1
            new = self.path.with_suffix(".new")
            shutil.copy(self.path, new)
            new.replace(self.path)
            raise CrmError("workbook.damaged", name=self.path.name)
        return super().look()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return three_clients(tmp_path / "My.xlsm")


@pytest.mark.parametrize("times", [0, 1, 3])
def test_a_file_that_is_replaced_is_looked_at_again(path: Path, times: int) -> None:
    book = Replaced(path)
    book.times = times
    assert "Clients" in Session.begin(book, CALL).seen


def test_a_file_that_stays_and_is_damaged_is_called_so(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9_000])
    with pytest.raises(CrmError) as refused:
        Session.begin(FileBook(path), CALL)
    assert refused.value.key == "workbook.damaged"


def test_looking_again_has_an_end(path: Path) -> None:
    book = Replaced(path)
    book.times = 1_000
    with pytest.raises(CrmError):
        Session.begin(book, CALL)
