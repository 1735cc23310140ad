"""Encryption of workbooks by password, as Excel does it (Agile, AES-256): read them, write them, lock backups."""

from __future__ import annotations

import base64
import io
import os
import weakref
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from xlcrm.errors import CrmError
from xlcrm.files.private import private_file
from xlcrm.os_errors import refusing

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

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
    with refusing(path):
        content = path.read_bytes()
    return decrypt_bytes(content, password, path.name)


def decrypt_bytes(content: bytes, password: str, name: str) -> bytes:
    """As `decrypt`, of bytes; `name` is what a refusal calls them."""
    if not password:
        raise CrmError("file.encrypted", name=name)
    from msoffcrypto.exceptions import InvalidKeyError

    try:
        return _opened(content, password)
    except InvalidKeyError:
        raise CrmError("file.password_wrong", name=name) from None
    except Exception as error:
        # a damaged container fails in the library's own many ways
        raise CrmError("file.damaged", name=name) from error


@lru_cache(maxsize=2)
def _opened(content: bytes, password: str) -> bytes:
    """What is inside. A run opens the same bytes more than once, and every time costs a second of hashing."""
    import msoffcrypto

    plain = io.BytesIO()
    locked = msoffcrypto.OfficeFile(io.BytesIO(content))
    locked.load_key(password=password, verify_password=True)
    # the encryption of Office 2007 has no checksum of its own
    locked.decrypt(plain, verify_integrity=locked.type == "agile")
    return plain.getvalue()


def encrypt(content: bytes, password: str) -> bytes:
    """A workbook locked with `password`; Excel and LibreOffice ask for it when they open it."""
    import msoffcrypto.format.ooxml

    locked = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(content)).encrypt(password, locked)
    return locked.getvalue()


@contextmanager
def unlocked(path: Path, password: str) -> Iterator[Path]:
    """A readable copy of a locked workbook for the block, which nobody else can read and nothing leaves behind."""
    with private_file(path.name, decrypt(path, password)) as copy:
        yield copy


@contextmanager
def readable(path: Path, password: str) -> Iterator[Path]:
    """A path where a workbook can be read, for the block: its own, or an unlocked copy of a locked one."""
    if is_encrypted(path):
        with unlocked(path, password) as copy:
            yield copy
    else:
        yield path


def readable_for(owner: object, path: Path, password: str) -> Path:
    """As `readable`, for as long as `owner` lives: for tables that are read when somebody first asks for them."""
    kept = ExitStack()
    weakref.finalize(owner, kept.close)
    return kept.enter_context(readable(path, password))


def seal(content: bytes, password: str) -> str:
    """A text that only the password opens, for the lines of the journal. Long contents are compressed first."""
    salt = os.urandom(16)
    return salt.hex() + _box(salt, password).encrypt(zlib.compress(content)).decode("ascii")


def unseal(text: str, password: str, name: str) -> bytes:
    """What `seal` was given. CrmError "file.encrypted" without a password, "file.password_wrong"; they show `name`."""
    if not password:
        raise CrmError("file.encrypted", name=name)
    from cryptography.fernet import InvalidToken

    try:
        return zlib.decompress(_box(bytes.fromhex(text[:32]), password).decrypt(text[32:]))
    except InvalidToken:
        raise CrmError("file.password_wrong", name=name) from None


def _box(salt: bytes, password: str) -> Fernet:
    """The cipher of a password: scrypt makes guessing slow, the salt makes equal passwords differ."""
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    key = Scrypt(salt=salt, length=32, n=1 << 14, r=8, p=1).derive(password.encode("utf-8", "surrogatepass"))
    return Fernet(base64.urlsafe_b64encode(key))
