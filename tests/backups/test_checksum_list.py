"""The list of checksums: the order of taking, also of a name that stands twice; other lines are passed over."""

from __future__ import annotations

from pathlib import Path

from xlcrm.backups import checksums


def test_a_name_that_stands_twice_counts_where_it_stands_last(tmp_path: Path) -> None:
    for name, digit in (("first", "a"), ("second", "b"), ("first", "c")):
        checksums.add(tmp_path / "list", name, digit * 64)
    assert list(checksums.read(tmp_path / "list").items()) == [("second", "b" * 64), ("first", "c" * 64)]
