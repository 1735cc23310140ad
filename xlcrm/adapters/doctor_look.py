"""Looks at the computer for the doctor, and changes nothing: what can't be seen is left unknown."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from xlcrm.adapters.doctor import Facts
from xlcrm.adapters.installing import OFFICES, installed
from xlcrm.adapters.machine import Machine, Registry

NEEDED = {"win32": ("xlwings", "win32com", "pywintypes"), "darwin": ("xlwings", "appscript", "psutil")}
EXCEL = r"Software\Microsoft\Office\{version}\Excel"
POLICY = r"Software\Policies\Microsoft\Office\{version}\Excel\Security"
APP_PATH = r"Software\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
CLOUDS = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
PATIENCE = 30.0  # seconds for the launcher's test start
ANSWER = 2  # what the launcher says where it is asked for nothing


def look(machine: Machine, book: Path | None = None, backups: Path | None = None) -> Facts:
    """The facts about this computer, and about a workbook where one is given (with its backup folder)."""
    from pyexpat import EXPAT_VERSION

    launcher, own = installed(machine), machine.launcher()
    took, fault = start(Path(launcher)) if launcher else start(own) if own else (None, "")
    version, macros, by_policy, blocked, add_ins = _excel_on_windows() if machine.system == "win32" else _NO_EXCEL
    if machine.system == "darwin":
        version = _excel_on_mac(machine)
    here = book.absolute().parent if book else machine.home
    return Facts(
        system=machine.system,
        python=sys.version_info[:3],
        program=sys.executable,
        missing=tuple(name for name in NEEDED.get(machine.system, ("xlwings",)) if not _found(name)),
        expat=tuple(int(part) for part in re.findall(r"\d+", EXPAT_VERSION)),
        excel=version,
        macros=macros,
        by_policy=by_policy,
        internet_blocked=blocked,
        add_ins=add_ins,
        launcher=launcher,
        own_launcher=str(own or ""),
        launcher_ms=took,
        launcher_fault=fault,
        free=shutil.disk_usage(here).free if here.is_dir() else None,
        book=book.name if book else "",
        book_size=book.stat().st_size if book and book.is_file() else 0,
        marked=marked(machine, book) if book else None,
        synchronised=cloud(machine, book) if book else "",
        backups=str(backups or ""),
        backups_fault=unwritable(backups) if backups else "",
    )


_NO_EXCEL: tuple[str, int | None, bool, bool, tuple[str, ...]] = ("", None, False, False, ())


def _found(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def start(launcher: Path) -> tuple[int | None, str]:
    """Start the launcher for nothing: (milliseconds, "") or (None, what went wrong)."""
    begun = time.perf_counter()
    try:
        done = subprocess.run([str(launcher)], capture_output=True, check=False, timeout=PATIENCE)  # noqa: S603 (ours)
    except (OSError, subprocess.TimeoutExpired) as fault:
        return None, str(fault)[:200]
    took = round((time.perf_counter() - begun) * 1000)
    if done.returncode != ANSWER:
        return None, done.stderr.decode("utf-8", "replace").strip()[-200:] or f"exit code {done.returncode}"
    return took, ""


def _excel_on_windows() -> tuple[str, int | None, bool, bool, tuple[str, ...]]:
    """Version, macro setting, whether a policy set it, whether macros from the internet are blocked, add-ins."""
    user, all_users = Registry(), Registry("HKLM")
    path = all_users.read(APP_PATH, "") or user.read(APP_PATH, "")
    if not path:
        return _NO_EXCEL
    version = next((v for v in OFFICES if user.keys(EXCEL.format(version=v))), OFFICES[0])
    own, policy = EXCEL.format(version=version) + r"\Security", POLICY.format(version=version)
    ruled = user.read(policy, "VBAWarnings")
    macros = ruled if ruled is not None else user.read(own, "VBAWarnings")
    blocked = user.read(policy, "blockcontentexecutionfrominternet") == 1
    options = EXCEL.format(version=version) + r"\Options"
    opened = [str(user.read(options, name)) for name in user.names(options) if re.fullmatch(r"OPEN\d*", name)]
    add_ins = tuple(re.split(r"[\\/]", entry.replace('"', "").removeprefix("/R ").strip())[-1] for entry in opened)
    return f"{version} ({path})", 2 if macros is None else int(macros), ruled is not None, blocked, add_ins


def _excel_on_mac(machine: Machine) -> str:
    for folder in (Path("/Applications"), machine.home / "Applications"):
        if (folder / "Microsoft Excel.app").is_dir():
            return str(folder / "Microsoft Excel.app")
    return ""


def marked(machine: Machine, book: Path) -> bool | None:
    """True where the file carries the mark of the web: Excel then refuses its macros."""
    if machine.system == "win32":
        try:
            zone = Path(f"{book}:Zone.Identifier").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        found = re.search(r"^ZoneId=(\d)", zone, re.MULTILINE)
        return bool(found and int(found[1]) >= 3)
    if machine.system == "darwin":
        asked = ["/usr/bin/xattr", "-p", "com.apple.quarantine", str(book)]
        try:
            return subprocess.run(asked, capture_output=True, check=False).returncode == 0  # noqa: S603 (a system tool)
        except OSError:
            return None
    return None


def cloud(machine: Machine, book: Path) -> str:
    """The cloud drive that the workbook lies in, "" where it lies in none that we know."""
    path = book.absolute()
    for name in CLOUDS:
        folder = machine.environment.get(name)
        if folder and path.is_relative_to(folder):
            return Path(folder).name
    for part in path.parts:
        if re.match(r"(OneDrive|SharePoint|Dropbox|Google ?Drive|iCloud)", part, re.IGNORECASE):
            return part
    return ""


def unwritable(folder: Path) -> str:
    """Why nothing can be written into `folder` (or the nearest folder above that is there); "" if fine."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".xlcrm-") as file:
            file.write(b"xlcrm")
            os.fsync(file.fileno())
    except OSError as fault:
        return fault.strerror or type(fault).__name__
    return ""
