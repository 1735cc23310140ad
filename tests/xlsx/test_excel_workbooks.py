"""The part writer on workbooks that Excel itself saved, with everything in them that people put into workbooks.

These are some of them; `benchmarks/workbooks.py` tries all, and those of other folders.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.workbook_trials import tried

NUMBERS = ("01", "03", "05", "07", "09", "13", "17", "19", "21", "25", "29", "33", "37", "41", "45", "49", "53", "55")
REFUSED = {
    "07": [("open", "workbook.shared")],
    "19": [("open", "workbook.signed")],
    "53": [("open", "file.encrypted")],
    # under these stands a table that reaches beside them: Excel, too, refuses to push only some of its columns down
    "03": [("add expected2", "apply.no_room"), ("add expected1", "apply.no_room")],
    "55": [("add RawInput", "apply.no_room")],
}


def source(shared_data: Path, number: str) -> Path:
    found = list((shared_data / "workbooks").glob(f"{number}_*"))
    if not found:
        pytest.skip(f"workbook {number} is missing from the shared data")
    return found[0]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_real_workbook(
    shared_data: Path,
    tmp_path: Path,
    validate_ooxml: Callable[..., list[str]],
    soffice: Callable[..., Path],
    number: str,
) -> None:
    path = source(shared_data, number)
    trial = tried(path, tmp_path)
    refused = [("open", key) if what == "one cell" else (what, key) for what, key in trial.refused]
    assert (trial.wrong, refused) == ([], REFUSED.get(number, []))
    if trial.written:
        assert set(validate_ooxml(trial.last)) <= set(validate_ooxml(path))
        assert soffice(trial.last).stat().st_size > 0
    else:
        assert not list(tmp_path.iterdir())
