"""The list of checksums: the order of taking, also of a name that stands twice; other lines are passed over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from xlcrm.backups import checksums

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def test_a_name_that_stands_twice_counts_where_it_stands_last(tmp_path: Path) -> None:
    for name, digit in (("first", "a"), ("second", "b"), ("first", "c")):
        checksums.add(tmp_path / "list", name, digit * 64)
    assert list(checksums.read(tmp_path / "list").items()) == [("second", "b" * 64), ("first", "c" * 64)]


@pytest.mark.parametrize(
    ("line", "found", "why"),
    [
        (f"{A}  My.xlsm", {"My.xlsm": A}, "as sha256sum writes it"),
        (f"{A} *My.xlsm", {"My.xlsm": A}, "read as bytes"),
        (f"{A}  My.xlsm\r", {"My.xlsm": A}, "the list went through a program of Windows"),
        (f"{A}  b  c.xlsm", {"b  c.xlsm": A}, "blanks in a name"),
        (f"{A}   c.xlsm", {" c.xlsm": A}, "a name that begins with one"),
        (f"{A[1:]}  My.xlsm", {}, "a digit is lost"),
        (f"{A}a  My.xlsm", {}, "one too many"),
        (f"{A.upper()}  My.xlsm", {}, "not as we write it"),
        (f"# {A}  My.xlsm", {}, "a comment"),
        (f"{A}  ", {}, "no name"),
        ("", {}, "nothing"),
    ],
)
def test_what_a_line_says(tmp_path: Path, line: str, found: dict[str, str], why: str) -> None:
    path = tmp_path / "list"
    path.write_bytes(f"{B}  before\n{line}\n{C}  after\n".encode())
    assert checksums.read(path) == {"before": B, **found, "after": C}, why


def test_names_in_any_bytes_stay(tmp_path: Path) -> None:
    odd = "Łukasz \udcff.xlsm"  # a byte that is no UTF-8, as Python reads names of files
    checksums.add(tmp_path / "list", odd, A)
    assert (tmp_path / "list").read_bytes() == A.encode() + b"  \xc5\x81ukasz \xff.xlsm\n"
    assert checksums.read(tmp_path / "list") == {odd: A}


def test_what_is_taken_out_is_out_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "list"
    assert checksums.read(path) == {}
    for name, sha256 in (("one", A), ("two", B), ("three", C)):
        checksums.add(path, name, sha256)
    checksums.remove(path, {"two", "unknown"})
    assert path.read_text() == f"{A}  one\n{C}  three\n"
    checksums.remove(path, {"one", "three"})
    assert path.read_bytes() == b""


def test_anybody_can_check_them(tmp_path: Path) -> None:
    (tmp_path / "My.xlsm").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    checksums.add(tmp_path / "list", "My.xlsm", empty)
    try:
        checked = subprocess.run(["sha256sum", "-c", "list"], cwd=tmp_path, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("sha256sum is missing")
    assert checked.stdout == "My.xlsm: OK\n"
