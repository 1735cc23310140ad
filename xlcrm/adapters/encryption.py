"""Workbooks behind a password: read them, and lock backups in the way Excel itself does (Agile, AES-256)."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xlcrm.adapters.file_errors import refusing
from xlcrm.errors import CrmError

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def is_encrypted(path: Path) -> bool:
    """Whether the file is a workbook behind a password."""
    with refusing(path), path.open("rb") as file:
        if file.read(len(_OLE)) != _OLE:
            return False
        import msoffcrypto

        try:
            return bool(msoffcrypto.OfficeFile(file).is_encrypted())
        except Exception:  # noqa: BLE001 - a damaged container fails in the library's own many ways
            return False


def decrypt(path: Path, password: str) -> bytes:
    """The workbook inside `path`, in memory: nothing unlocked touches the disk.

    CrmError "file.encrypted" where no password is given, "file.password_wrong", "file.damaged".
    """
    if not password:
        raise CrmError("file.encrypted", name=path.name)
    import msoffcrypto
    from msoffcrypto.exceptions import InvalidKeyError

    with refusing(path):
        content = path.read_bytes()
    plain = io.BytesIO()
    try:
        locked = msoffcrypto.OfficeFile(io.BytesIO(content))
        try:
            locked.load_key(password=password, verify_password=True)
        except InvalidKeyError:
            raise CrmError("file.password_wrong", name=path.name) from None
        # the encryption of Office 2007 has no checksum of its own
        locked.decrypt(plain, verify_integrity=locked.type == "agile")
    except CrmError:
        raise
    except Exception as error:
        # a damaged container fails in the library's own many ways
        raise CrmError("file.damaged", name=path.name) from error
    return plain.getvalue()


def encrypt(content: bytes, password: str) -> bytes:
    """A workbook locked with `password`; Excel and LibreOffice ask for it when they open it."""
    import msoffcrypto.format.ooxml

    locked = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(content)).encrypt(password, locked)
    return locked.getvalue()


@contextmanager
def unlocked(path: Path, password: str) -> Iterator[Path]:
    """A readable copy of a locked workbook for the block, in a private folder of the system's own, then removed."""
    content = decrypt(path, password)
    with tempfile.TemporaryDirectory(prefix="xlcrm-") as folder:
        copy = Path(folder) / path.name
        with refusing(copy):
            copy.write_bytes(content)
        yield copy
