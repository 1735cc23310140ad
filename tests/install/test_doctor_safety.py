"""Doctor's questions about who can see a workbook: each with a workbook that calls for it, and one that doesn't."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner

from xlcrm import messages
from xlcrm.cli.commands import main
from xlcrm.files import encryption
from xlcrm.install import doctor_facts

PASSWORD = "korrekt hest batteri"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No launcher is started: how long that takes is asked elsewhere."""
    monkeypatch.setattr(doctor_facts, "_launching", lambda machine: {})
    monkeypatch.setattr(doctor_facts, "older", lambda book: "")


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    """A workbook that only its owner can read, without backups."""
    folder = tmp_path / "firm"
    folder.mkdir(mode=0o700)
    copy = Path(shutil.copy(made, folder / "My.xlsm"))
    copy.chmod(0o600)
    return copy


def asked(book: Path, password: str = "", language: str = "en") -> dict[str, str]:
    """What the command finds: code -> sentence."""
    environment = {"XLCRM_PASSWORD": password, "XLCRM_LANGUAGE": language}
    result = CliRunner().invoke(main, ["doctor", str(book), "--json"], env=environment)
    assert result.exit_code in (0, 1), result.output
    return {found["code"]: found["sentence"] for found in json.loads(result.output)}


def backed_up(book: Path, password: str = "") -> Path:
    result = CliRunner().invoke(main, ["backup", str(book)], env={"XLCRM_PASSWORD": password, "XLCRM_LANGUAGE": "en"})
    assert result.exit_code == 0, result.output
    return book


def moved(book: Path, folder: str) -> Path:
    there = book.parent / folder
    there.mkdir(parents=True)
    return Path(shutil.move(book, there / book.name))


def locked(book: Path) -> Path:
    book.write_bytes(encryption.encrypt(book.read_bytes(), PASSWORD))
    return book


def locked_late(book: Path) -> Path:
    """Locked by Excel's own dialog, after there were backups."""
    return locked(backed_up(book))


CASES: list[tuple[str, Callable[[Path], Path], str]] = [
    ("public_folder", lambda book: moved(book, "Public"), "Public"),
    ("public_folder", lambda book: moved(book, "Drop Box"), "Drop Box"),
    ("public_folder", lambda book: moved(book, "Pubblica"), "Pubblica"),
    ("public_folder", lambda book: moved(book, "Öffentlich"), "Öffentlich"),
    ("synchronised", lambda book: moved(book, "Dropbox/firm"), "Dropbox"),
    ("synchronised", lambda book: moved(book, "OneDrive - Firma"), "OneDrive - Firma"),
    ("no_password", lambda book: book, "My.xlsm"),
    ("open_backups", locked_late, "1 backup of My.xlsm"),
    ("same_disk", backed_up, "My backups"),
]
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@pytest.mark.parametrize(("code", "calls_for", "shows"), CASES, ids=[f"{case[0]} {case[2]}" for case in CASES])
def test_each_question_is_answered_where_it_arises(
    book: Path, code: str, calls_for: Callable[[Path], Path], shows: str
) -> None:
    told = asked(calls_for(book), PASSWORD)
    assert shows in told[f"doctor.{code}"]


def test_a_workbook_that_is_kept_well_is_told_nothing_of_it(book: Path) -> None:
    told = asked(locked(book), PASSWORD)
    questions = {f"doctor.{code}" for code in (*(case[0] for case in CASES), "world_readable")}
    assert not questions & set(told)
    assert "doctor.locked" in told


@POSIX
def test_a_file_that_everybody_may_read_is_told(book: Path) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        if not all(above.stat().st_mode & stat.S_IXOTH for above in folder.parents):
            pytest.skip("nobody else gets into this computer's folder of temporary files")
        copy = Path(shutil.copy(book, folder / "My.xlsm"))
        for mode, of_folder, told in ((0o644, 0o755, True), (0o640, 0o755, False), (0o644, 0o750, False)):
            copy.chmod(mode)
            folder.chmod(of_folder)
            assert ("644" in asked(copy).get("doctor.world_readable", "")) == told, (mode, of_folder)


def test_locking_answers_the_backups_too(book: Path) -> None:
    found = CliRunner().invoke(main, ["lock", str(backed_up(book))], env={"XLCRM_PASSWORD": PASSWORD})
    assert found.exit_code == 0, found.output
    told = asked(book, PASSWORD)
    assert {"doctor.open_backups", "doctor.no_password"} & set(told) == set()


def test_backups_on_another_disk_are_as_they_should_be(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backed_up(book)
    assert "doctor.same_disk" in asked(book)
    monkeypatch.setattr(doctor_facts, "on_one_disk", lambda one, other: False)
    assert "doctor.same_disk" not in asked(book)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_answers_are_sentences_in_every_language(language: str) -> None:
    fill = {"name": "My.xlsm", "n": 2, "mode": "644", "folder": "Public", "drive": "OneDrive"}
    for code in {case[0] for case in CASES} | {"world_readable", "locked"}:
        told = messages.text(f"doctor.{code}", language, **fill)
        assert told.endswith("."), told
        assert "{" not in told
