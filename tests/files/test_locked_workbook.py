"""A client file behind a password: every command works on it, and nothing of it ever lies about unlocked."""

from __future__ import annotations

import gc
import os
import re
import shutil
import signal
import stat
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify
from xlcrm.cli.commands import main
from xlcrm.errors import CrmError
from xlcrm.files import encryption, private
from xlcrm.files.file_book import open as open_book
from xlcrm.files.private import private_file
from xlcrm.messages import LANGUAGES
from xlcrm.values import text_of
from xlcrm.xlsx.reading import read_tables

PASSWORD = "geheim Å"
SECRET = "Quintaretti"
TODAY = "2026-11-22"
CLIENTS = "Full name;E-mail;Address;Opt out post\n" + "".join(
    f"Anna {SECRET};anna{n}@example.com;Via Garibaldi, {n} - 20121 Milano (MI);no\n" for n in range(1, 9)
)
ORDERS = "Client ID;Date;Product;Amount\n" + "".join(f"C000{n};2026-11-0{n};Oil;{n}0.50\n" for n in range(1, 9))
# one after the other on one workbook
COMMANDS = (
    ("import", "customers.csv"),
    ("import", "orders.csv", "--table", "Purchases"),
    ("backup",),
    ("backups",),  # tells what changed between all of them: of few it costs little
    ("split",),
    ("check",),
    ("correct",),
    ("refresh",),
    ("search",),
    ("lists",),
    ("undo",),
    ("restore", "4", "--rows", "C0001,C0002"),
    ("verify",),
    ("restore", "5"),
)
OTHER_EFFECT = {"backup", "backups", "verify"}


def call(folder: Path, command: tuple[str, ...], *, password: str = "", spoken: str = "en") -> Result:
    words = [str(folder / word) if word.endswith(".csv") else word for word in command[1:]]
    dated = [] if command[0] in OTHER_EFFECT or command[0] == "new" else ["--today", TODAY]
    environment = {"XLCRM_PASSWORD": password, "XLCRM_LANGUAGE": spoken}
    return CliRunner().invoke(main, [command[0], str(folder / "My.xlsm"), *words, *dated], env=environment)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    (folder / "customers.csv").write_text(CLIENTS, encoding="utf-8")
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    assert call(folder, ("new", "--language", "en", "--country", "IT")).exit_code == 0
    return folder


@pytest.fixture
def locked(empty: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "locked"
    shutil.copytree(empty, folder)
    (folder / "My.xlsm").write_bytes(encryption.encrypt((folder / "My.xlsm").read_bytes(), PASSWORD))
    return folder


def content(book: Path) -> dict[str, list[tuple[str, ...]]]:
    with encryption.readable(book, PASSWORD) as path:
        tables = read_tables.read(path)
        frames = {name: tables[name].frame.drop(columns=["when", "run"], errors="ignore") for name in tables}
    return {name: [tuple(map(_told, row)) for row in frame.itertuples(index=False)] for name, frame in frames.items()}


def _told(value: object) -> str:
    """A cell without the second that the name of a backup holds."""
    return re.sub(r" \d{6} ", " HHMMSS ", text_of(value))


def test_commands_do_the_same_to_a_locked_workbook(empty: Path, locked: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    shutil.copytree(empty, plain)
    for command in COMMANDS:
        before = [(folder / "My.xlsm").read_bytes() for folder in (plain, locked)]
        open_one, locked_one = call(plain, command), call(locked, command, password=PASSWORD)
        assert open_one.exit_code in (0, 1), (command, open_one.output)
        assert locked_one.exit_code == open_one.exit_code, (command, locked_one.output)
        assert encryption.is_encrypted(locked / "My.xlsm"), command
        if command[0] in OTHER_EFFECT:
            assert [(folder / "My.xlsm").read_bytes() for folder in (plain, locked)] == before, command
        else:
            assert content(locked / "My.xlsm") == content(plain / "My.xlsm"), command
    for path in locked.rglob("*"):
        if path.suffix == ".xlsm":
            assert encryption.is_encrypted(path), path.name
        elif path.is_file() and path.suffix in (".jsonl", ".sha256", ".lock"):
            assert SECRET.encode() not in path.read_bytes(), path.name
    assert SECRET in Store(plain / "My.xlsm").journal_path.read_text(encoding="utf-8")  # so it shows something
    store = Store(locked / "My.xlsm", password=PASSWORD)
    assert len(store.backups()) > 8
    assert verify(store) == []


@pytest.mark.parametrize("password", ["", "wrong"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_the_password_a_message_says_where_it_goes(
    locked: Path, command: tuple[str, ...], password: str
) -> None:
    before = (locked / "My.xlsm").read_bytes()
    result = call(locked, command, password=password)
    assert result.exit_code == 2
    assert "XLCRM_PASSWORD" in result.output
    assert "My.xlsm" in result.output
    assert (locked / "My.xlsm").read_bytes() == before
    assert not (locked / "My backups").exists()


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("password", ["", "wrong"])
def test_the_message_names_the_variable_in_every_language(locked: Path, password: str, spoken: str) -> None:
    key = "file.password_wrong" if password else "file.encrypted"
    said = call(locked, ("check",), password=password, spoken=spoken).output.strip()
    assert said == CrmError(key, name="My.xlsm").text(spoken)
    assert "XLCRM_PASSWORD" in said


def test_the_journal_of_a_locked_workbook_is_sealed_too(locked: Path) -> None:
    assert call(locked, ("import", "customers.csv"), password=PASSWORD).exit_code == 0
    plain = encryption.decrypt(locked / "My.xlsm", PASSWORD)
    (locked / "My.xlsm").write_bytes(plain)  # somebody took the password off in Excel
    refused = call(locked, ("undo",))
    assert refused.exit_code == 2
    assert "XLCRM_PASSWORD" in refused.output
    assert (locked / "My.xlsm").read_bytes() == plain
    assert call(locked, ("undo",), password=PASSWORD).exit_code == 0
    assert len(content(locked / "My.xlsm")["Clients"]) == 0


def test_what_was_written_is_opened_before_it_gets_the_name(locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (locked / "My.xlsm").read_bytes()
    honest = encryption.encrypt

    def failing(content: bytes, password: str) -> bytes:
        return honest(content[:-1] + b"?", password)

    monkeypatch.setattr(encryption, "encrypt", failing)
    result = call(locked, ("import", "customers.csv"), password=PASSWORD)
    assert result.exit_code == 2
    assert result.output.strip().splitlines()[-1] == CrmError(
        "file.not_read_back", name="My.xlsm", folder=str(locked)
    ).text("en")
    assert (locked / "My.xlsm").read_bytes() == before


@pytest.mark.parametrize(
    ("book_is", "backup_is", "then"),
    [
        ("locked", "open", "locked"),
        ("locked", "locked", "locked"),
        ("open", "locked", "open"),
        ("gone", "locked", "locked"),
        ("torn", "locked", "locked"),
        ("gone", "open", "open"),
    ],
)
def test_a_restored_workbook_is_locked_as_the_one_it_replaces(
    empty: Path, tmp_path: Path, book_is: str, backup_is: str, then: str
) -> None:
    book = tmp_path / "My.xlsm"
    plain = (empty / "My.xlsm").read_bytes()
    secret = encryption.encrypt(plain, PASSWORD)
    book.write_bytes(secret if backup_is == "locked" else plain)
    backup = call(tmp_path, ("backup",), password=PASSWORD if backup_is == "locked" else "")
    assert backup.exit_code == 0, backup.output
    book.unlink()
    for name, bytes_there in (("locked", secret), ("open", plain), ("torn", bytes(4096) + secret[4096:])):
        if book_is == name:
            book.write_bytes(bytes_there)
    result = call(tmp_path, ("restore", "1"), password=PASSWORD)
    assert result.exit_code == 0, result.output
    assert encryption.is_encrypted(book) == (then == "locked")
    with encryption.readable(book, PASSWORD) as path:
        assert path.read_bytes() == plain


def test_late_reads_of_a_locked_workbook_leave_no_copy(locked: Path) -> None:
    book = open_book(locked / "My.xlsm", PASSWORD)
    tables = book.tables
    assert len(left_behind()) == 1
    assert "client_id" in tables["Clients"].frame
    del book
    gc.collect()
    assert left_behind() == []


def left_behind() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"{private.PREFIX}*"))


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.mark.parametrize("memory", [True, False])
def test_an_unlocked_copy_is_private_and_ends_with_its_block(memory: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not memory:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    with private_file("My clients Å.xlsm", b"cells") as path:
        assert path.read_bytes() == b"cells"
        path.write_bytes(b"more cells")
        assert path.read_bytes() == b"more cells"
        folder = path.parent
        if os.name == "posix":
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert private.clean_strays() == 0  # it is in use
        assert path.exists()
    assert not folder.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork to kill a run")
@pytest.mark.parametrize("memory", [True, False])
def test_a_killed_run_leaves_no_unlocked_copy(memory: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not memory:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    elif not hasattr(os, "memfd_create"):
        pytest.skip("this system has no memory files (os.memfd_create)")
    child = os.fork()
    if child == 0:
        with private_file("My.xlsm", SECRET.encode()):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    (folder,) = left_behind()
    kept = [path for path in folder.iterdir() if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert bool(kept) == (not memory)  # memory went with the run; a file goes with the next run
    with private_file("Next.xlsm") as path:
        assert left_behind() == [path.parent]


def test_users_files_are_locked_with_100_000_rounds(quick_passwords: tuple[object, ...]) -> None:
    assert quick_passwords == (None, 100_000)
