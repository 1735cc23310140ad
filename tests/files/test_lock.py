"""One writer at a time, and what stands beside a workbook."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xlcrm.errors import CrmError
from xlcrm.files.lock import one_writer
from xlcrm.files.open_elsewhere import owners

HOLDING = """
import sys, time
from pathlib import Path
from xlcrm.files.lock import one_writer
with one_writer(Path(sys.argv[1]), Path(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.readline()
"""
ADDING = """
import sys
from pathlib import Path
from xlcrm.files.lock import one_writer
from xlcrm.files.replace import replace_file
book, folder = Path(sys.argv[1]), Path(sys.argv[2])
for turn in range(25):
    with one_writer(book, folder, wait=60):
        rows = book.read_text()
        replace_file(book, lambda target: target.write_text(rows + sys.argv[3] + "\\n"))
"""


def holder(book: Path, folder: Path) -> subprocess.Popen[str]:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(book), str(folder)], stdin=-1, stdout=-1, text=True, encoding="utf-8"
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def test_a_second_writer_is_told_to_wait_and_then_refused(tmp_path: Path) -> None:
    book = tmp_path / "ClientFile.xlsm"
    told: list[str] = []
    with holder(book, tmp_path / "b") as other:
        with (
            pytest.raises(CrmError) as refused,
            one_writer(book, tmp_path / "b", wait=0.2, on_wait=lambda: told.append("wait")),
        ):
            pytest.fail("two writers at once")
        other.communicate("\n")
    assert refused.value.key == "lock.busy"
    assert "ClientFile.xlsm" in str(refused.value)
    assert told == ["wait"]


def test_a_second_writer_comes_in_when_the_first_is_done(tmp_path: Path) -> None:
    book = tmp_path / "ClientFile.xlsm"
    with holder(book, tmp_path / "b") as other:

        def let_go() -> None:
            assert other.stdin is not None
            other.stdin.write("\n")
            other.stdin.flush()

        with one_writer(book, tmp_path / "b", wait=30, on_wait=let_go):
            pass


def test_a_killed_writer_holds_nothing(tmp_path: Path) -> None:
    book = tmp_path / "ClientFile.xlsm"
    with holder(book, tmp_path / "b") as other:
        other.kill()
        other.wait()
        with one_writer(book, tmp_path / "b", wait=5):
            pass


def test_workbooks_sharing_a_backup_folder_do_not_wait(tmp_path: Path) -> None:
    with one_writer(tmp_path / "A.xlsx", tmp_path / "b"), one_writer(tmp_path / "B.xlsx", tmp_path / "b", wait=0):
        pass


def test_two_processes_that_add_rows_lose_none(tmp_path: Path) -> None:
    book = tmp_path / "rows.txt"
    book.write_text("")
    command = [sys.executable, "-c", ADDING, str(book), str(tmp_path / "b")]
    both = [subprocess.Popen([*command, name]) for name in ("anna", "bjorn")]
    assert [process.wait() for process in both] == [0, 0]
    rows = book.read_text().split()
    assert sorted(rows) == ["anna"] * 25 + ["bjorn"] * 25


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("a file where the folder should be")
    with pytest.raises(CrmError) as refused, one_writer(tmp_path / "book.xlsx", tmp_path / "b"):
        pass
    assert refused.value.key.startswith("file.")


def excel_owner_file(name: str) -> bytes:
    """165 bytes: the name in the system's code page, padded, then in UTF-16."""
    narrow = name.encode("cp1252", "replace")
    wide = name.encode("utf-16-le")
    head = bytes([len(narrow)]) + narrow.ljust(54, b" ")
    return (head + len(name).to_bytes(2, "little") + wide).ljust(165, b" ")


@pytest.mark.parametrize("name", ["Anna Bianchi", "Bjørn Åse", "Ελένη", "A"])
def test_who_has_it_open_in_excel(tmp_path: Path, name: str) -> None:
    (tmp_path / "~$ClientFile.xlsm").write_bytes(excel_owner_file(name))
    assert [owner[:2] for owner in owners(tmp_path / "ClientFile.xlsm")] == [(name, "Excel")]


@pytest.mark.parametrize(
    ("line", "who"),
    [
        (",root,vm,22.11.2026 05:50,file:///root/.config/libreoffice/4;", "root"),
        ("Bjørn Åse,bjorn,pc7,22.11.2026 05:50,file:///home/bjorn/.config/libreoffice/4;", "Bjørn Åse"),
        ("", ""),
    ],
)
def test_who_has_it_open_in_libreoffice(tmp_path: Path, line: str, who: str) -> None:
    (tmp_path / ".~lock.ClientFile.xlsm#").write_text(line, encoding="utf-8")
    assert [owner[:2] for owner in owners(tmp_path / "ClientFile.xlsm")] == [(who, "LibreOffice")]


@pytest.mark.parametrize("content", [b"", b"\x05", b"\xff" * 30, bytes(165), b"\xff" * 165])
def test_an_owner_file_of_junk_is_an_owner_without_harm(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "~$ClientFile.xlsm").write_bytes(content)
    assert [owner.program for owner in owners(tmp_path / "ClientFile.xlsm")] == ["Excel"]


@pytest.mark.parametrize(
    "content", [b"x\n", b"\x05\r\n\t  ", b"\xff" * 165, b"\x03a\x07b".ljust(60, b"\0"), "ab\n".encode("utf-16")]
)
def test_an_owner_file_of_junk_names_nobody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "~$ClientFile.xlsm").write_bytes(content)
    assert [owner[:2] for owner in owners(tmp_path / "ClientFile.xlsm")] == [("", "Excel")]


def test_nobody_has_it_open(tmp_path: Path) -> None:
    assert owners(tmp_path / "ClientFile.xlsm") == []
