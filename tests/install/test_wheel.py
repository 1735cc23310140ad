"""The wheel, built from the source archive and installed into an empty environment, does the demo on its own.

The packages that xlcrm needs are lent by the environment that runs the tests, so no network is needed; nothing of the
checkout is in reach.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

SETUPTOOLS = 77  # the first that knows licence expressions (PEP 639), see build-system.requires
BUILD = "import sys; from setuptools import build_meta; print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"
IN_ARCHIVE = {
    "LICENSE", "LICENSE-DATA.md", "CHANGELOG.md", "README.md", "docs/architecture.md", "docs/contributing.md",
    "tests/cases/spend.csv", "tests/support/paths.py", "tools/house.py", "workbook/ClientFile.xlsm",
}  # fmt: skip
IN_WHEEL = {"xlcrm/py.typed", "xlcrm/data/names/names.txt.gz", "xlcrm/templates/mailing.html"}

pytestmark = pytest.mark.skipif(
    int(version("setuptools").split(".")[0]) < SETUPTOOLS, reason=f"setuptools {SETUPTOOLS} or later is missing"
)


def built(kind: str, source: Path, target: Path) -> Path:
    """What the build backend makes of a source folder: `build_sdist` or `build_wheel`."""
    command = [sys.executable, "-c", BUILD, kind, str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=True, timeout=300)
    return target / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("checkout") / "xlcrm"
    names = ["pyproject.toml", "MANIFEST.in", "Makefile", "README.md", "CHANGELOG.md", "LICENSE", "LICENSE-DATA.md"]
    for name in [*names, "licenses", "xlcrm", "templates", "tests", "docs", "tools", "benchmarks", "workbook"]:
        copied(ROOT / name, copy / name)
    return built("build_sdist", copy, tmp_path_factory.mktemp("sdist"))


def copied(source: Path, target: Path) -> None:
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    for path in files:
        if "__pycache__" not in path.parts:
            there = target / path.relative_to(source) if path != source else target
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(path.read_bytes())


@pytest.fixture(scope="module")
def wheel(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    safely: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # not yet in Python 3.11.2
    with tarfile.open(archive) as tar:
        tar.extractall(folder, **safely)
    return built("build_wheel", next(folder.iterdir()), tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the scripts of an environment that holds the wheel; a path file lends it the other packages."""
    home = tmp_path_factory.mktemp("empty environment")
    venv.create(home, with_pip=False)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-index", "--no-deps", str(wheel)], check=True, timeout=300, cwd=home)
    own = Path(ran([scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], home).strip())
    lent = [entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    (own / "lent.pth").write_text("\n".join(lent) + "\n", encoding="utf-8")
    return scripts


def ran(command: list[Path | str], folder: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "XLCRM", "COV"))}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env={**clean, "PYTHONUTF8": "1"},
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_source_archive_holds_what_a_release_needs(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        names = {name.split("/", 1)[1] for name in tar.getnames() if "/" in name}
    assert names >= IN_ARCHIVE
    assert not [name for name in names if "node_modules" in name or name.endswith(".pyc")]


def test_the_wheel_holds_data_templates_and_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as package:
        names = set(package.namelist())
    assert names >= IN_WHEEL
    licences = {name.split("/licenses/", 1)[1] for name in names if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "LICENSE-DATA.md", "licenses/Apache-2.0.txt", "licenses/OFL-1.1.txt",
                        "licenses/Unicode-3.0.txt"}  # fmt: skip
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"xlcrm"}


def test_the_demo_runs_from_the_wheel_alone(environment: Path, tmp_path: Path) -> None:
    there = ran([environment / "python", "-c", "import xlcrm; print(xlcrm.__file__)"], tmp_path)
    assert Path(there.strip()).is_relative_to(environment.parent)
    said = ran([environment / "xlcrm", "demo", "demo"], tmp_path)
    assert "DemoClients.xlsm" in said
    assert (tmp_path / "demo" / "DemoClients.xlsm").is_file()
