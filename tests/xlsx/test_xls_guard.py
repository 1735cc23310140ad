"""Old workbooks (.xls) that would take a gigabyte are refused before the reader believes them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from xlcrm.errors import CrmError
from xlcrm.files import list_files

SOUND = ROOT / "tests" / "cases" / "fuzz" / "list.xls"
LAST_ROW = struct.pack("<HHHH", 0x00FD, 10, 3, 0)  # a text of 10 bytes in the first cell of the last row


def far_away(content: bytes) -> bytes:
    """A cell stands at the end of the sheet: 16 million places for 16 cells."""
    at = content.index(LAST_ROW)
    return content[: at + 4] + struct.pack("<HH", 65535, 255) + content[at + 8 :]


def long_streams(content: bytes) -> bytes:
    """The container's first entry says that its small streams have a gigabyte."""
    (first,) = struct.unpack_from("<I", content, 48)
    at = ((first + 1) << 9) + 120
    return content[:at] + struct.pack("<I", 1 << 30) + content[at + 4 :]


def test_a_sound_one_is_read(tmp_path: Path) -> None:
    (found,) = list_files.read(SOUND)
    assert len(found.frame) == 3


@pytest.mark.parametrize("spoil", [far_away, long_streams])
def test_one_that_claims_a_gigabyte_is_refused(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "list.xls"
    assert callable(spoil)
    path.write_bytes(spoil(SOUND.read_bytes()))
    with pytest.raises(CrmError) as refused:
        list_files.read(path)
    assert refused.value.key == "import.damaged"
