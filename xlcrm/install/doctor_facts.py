"""Facts about the computer for the doctor, gathered without changing anything; what can't be seen stays unknown."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from xlcrm.backups.belonging import of_file
from xlcrm.backups.conflict_copies import conflict_copies
from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.install.doctor import Facts
from xlcrm.install.installing import OFFICES, installed
from xlcrm.install.machine import Machine, Registry
from xlcrm.worker import switch

NEEDED = {"win32": ("xlwings", "win32com", "pywintypes"), "darwin": ("xlwings", "appscript", "psutil")}
EXCEL = r"Software\Microsoft\Office\{version}\Excel"
POLICY = r"Software\Policies\Microsoft\Office\{version}\Excel\Security"
COM_ADD_INS = (r"Software\Microsoft\Office\Excel\Addins", r"Software\WOW6432Node\Microsoft\Office\Excel\Addins")
APP_PATH = r"Software\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
# Defender's rule "Block all Office applications from creating child processes": where a company's policy keeps the
# rules, one value a rule, and where a device management keeps them, "rule=state|rule=state" in one value
CHILD_RULE = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
DEFENDER = r"SOFTWARE\Policies\Microsoft\Windows Defender"
RULES = (
    rf"{DEFENDER}\Windows Defender Exploit Guard\ASR\Rules",
    r"SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
)
MANAGED, MANAGED_RULES = rf"{DEFENDER}\Policy Manager", "ASRRules"
STATES = {"1": "block", "6": "warn"}  # 0 off, 2 only noted
CLOUDS = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
PATIENCE = 30.0  # seconds for the launcher's test start
ANSWER = 2  # what the launcher says where it is asked for nothing


def look(machine: Machine, book: Path | None = None, backups: Path | None = None) -> Facts:
    """The facts about this computer, and about a workbook where one is given (with its backup folder)."""
    from pyexpat import EXPAT_VERSION

    here = book.absolute().parent if book else machine.home
    return Facts(
        system=machine.system,
        python=sys.version_info[:3],
        program=sys.executable,
        missing=tuple(name for name in NEEDED.get(machine.system, ("xlwings",)) if not _found(name)),
        expat=tuple(int(part) for part in re.findall(r"\d+", EXPAT_VERSION)),
        free=shutil.disk_usage(here).free if here.is_dir() else None,
        backups=str(backups or ""),
        backups_fault=unwritable(backups) if backups else "",
        **_launching(machine),
        **_excel(machine),
        **(_book(machine, book) if book else {}),
        same_disk=on_one_disk(book, backups) if book and backups else None,
    )


def _launching(machine: Machine) -> dict[str, Any]:
    """The launchers, by the names of `Facts`; the one that Excel was told is started, else this Python's own."""
    launcher, own = installed(machine), machine.launcher()
    tried = Path(launcher) if launcher else own
    took, fault = start(tried) if tried else (None, "")
    worker = switch.state()
    return {
        "launcher": launcher,
        "own_launcher": str(own or ""),
        "launcher_ms": took,
        "launcher_fault": fault,
        "fast_clicks": worker.name,
        "worker_runs": worker.runs,
        "worker_memory": worker.memory,
    }


def _excel(machine: Machine) -> dict[str, Any]:
    """What can be seen of Excel, by the names of `Facts`."""
    if machine.system == "win32":
        return _excel_on_windows()
    return {"excel": _excel_on_mac(machine)} if machine.system == "darwin" else {}


def _book(machine: Machine, book: Path) -> dict[str, Any]:
    """What can be seen of the workbook's file, by the names of `Facts`."""
    return {
        "book": book.name,
        "book_size": book.stat().st_size if book.is_file() else 0,
        "marked": marked(machine, book),
        "older": older(book),
        "copies": ", ".join(copy.name for copy in conflict_copies(book, of_file(book) or "")),
        "synchronised": cloud(machine, book),
        "locked": encryption.is_encrypted(book) if book.is_file() else None,
        "mode": open_to_all(book),
        "public": public(book),
    }


def _found(module: str) -> bool:
    """Whether a module could be imported; it is not."""
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


def _excel_on_windows() -> dict[str, Any]:
    """What the registry tells of Excel, by the names of `Facts`; nothing where there is no Excel."""
    user, everybody = Registry(), Registry("HKLM")
    path = everybody.read(APP_PATH, "") or user.read(APP_PATH, "")
    if not path:
        return {}
    version = next((v for v in OFFICES if user.keys(EXCEL.format(version=v))), OFFICES[0])
    own, policy = EXCEL.format(version=version), POLICY.format(version=version)
    com = [*_com_add_ins(user), *_com_add_ins(everybody)]
    return {
        "excel": f"{version} ({path})",
        **_macro_settings(user, everybody, own, policy),
        "add_ins": tuple(_add_ins(user, rf"{own}\Options")),
        "com_add_ins": tuple(dict.fromkeys(com)),
        "disabled": tuple(_disabled(user, rf"{own}\Resiliency\DisabledItems")),
        "child_rule": _child_rule(everybody),
    }


def _macro_settings(user: Registry, everybody: Registry, own: str, policy: str) -> dict[str, Any]:
    """Excel's macro settings: the company's (`policy`) go before the person's own; none at all means 2, asking."""
    rules = [root.read(policy, "VBAWarnings") for root in (user, everybody)]
    ruled = next((rule for rule in rules if rule is not None), None)
    macros = ruled if ruled is not None else user.read(rf"{own}\Security", "VBAWarnings")
    blocked = [root.read(policy, "blockcontentexecutionfrominternet") for root in (user, everybody)]
    return {
        "macros": 2 if macros is None else int(macros),
        "by_policy": ruled is not None,
        "internet_blocked": 1 in blocked,
    }


def _child_rule(everybody: Registry) -> str:
    """What Defender does with a program that Office starts: "block", "warn", or ""; the strictest that is found."""
    said = [str(everybody.read(key, name)) for key in RULES for name in everybody.names(key) if _is_child_rule(name)]
    managed = str(everybody.read(MANAGED, MANAGED_RULES) or "").split("|")
    said += [state for rule, _, state in (entry.partition("=") for entry in managed) if _is_child_rule(rule)]
    return next((STATES[state] for state in STATES if state in said), "")


def _is_child_rule(name: str) -> bool:
    return name.strip("{} ").casefold() == CHILD_RULE


def _add_ins(user: Registry, key: str) -> Iterator[str]:
    """Workbooks that open with Excel: values OPEN, OPEN1 ... such as `/R "C:\\tools\\some.xlam"`."""
    for name in user.names(key):
        if re.fullmatch(r"OPEN\d*", name):
            yield _file_name(str(user.read(key, name)).replace('"', "").removeprefix("/R ").strip())


def _com_add_ins(root: Registry) -> Iterator[str]:
    """Those that start with Excel (a LoadBehavior that is odd), by the name that Excel shows."""
    for key in COM_ADD_INS:
        for name in root.keys(key):
            behaviour = root.read(rf"{key}\{name}", "LoadBehavior")
            if isinstance(behaviour, int) and behaviour & 1:
                yield str(root.read(rf"{key}\{name}", "FriendlyName") or name)


def _disabled(user: Registry, key: str) -> Iterator[str]:
    """File names; each value is three numbers and then the file's path, ended by a zero."""
    for name in user.names(key):
        value = user.read(key, name)
        path = value[12:].decode("utf-16-le", "replace").split("\0")[0] if isinstance(value, bytes) else ""
        if path:
            yield _file_name(path)


def _file_name(path: str) -> str:
    """The last part of a Windows path; pathlib would not cut it on another system."""
    return re.split(r"[\\/]", path)[-1]


def _excel_on_mac(machine: Machine) -> str:
    """Excel's folder, "" where it is in neither place of programs."""
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


def older(book: Path) -> str:
    """What a workbook that xlcrm made lacks of this version's tables and columns, in its language; "" for nothing.

    Also "" where the file can't be read or is locked: that is told by whoever opens it.
    """
    from xlcrm.settings import read_settings
    from xlcrm.upgrading.lacking import OURS, lacking
    from xlcrm.xlsx.reading import read_tables
    from xlcrm.xlsx.workbook import open_workbook

    with suppress(CrmError, OSError):
        tables = read_tables.read(book)
        if set(tables) >= OURS:
            layout = open_workbook(book)
            with layout.package:
                found = lacking({table.canonical: table.columns() for table in layout.tables})
            return found.shown(read_settings(tables).language)
    return ""


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


def open_to_all(book: Path) -> str:
    """The mode of a workbook that everybody on the computer may read, through folders that let them; else ""."""
    if sys.platform == "win32":
        return ""
    with suppress(OSError):
        mode = book.stat().st_mode
        if mode & stat.S_IROTH and all(above.stat().st_mode & stat.S_IXOTH for above in book.absolute().parents):
            return f"{stat.S_IMODE(mode):o}"
    return ""


def public(book: Path) -> str:
    """The part of the workbook's path that is a folder made for sharing, "" for none."""
    return next((part for part in book.absolute().parts[:-1] if _PUBLIC.fullmatch(part)), "")


_PUBLIC = re.compile(r"public|pubblica|público|publico|offentlig|öffentlich|shared|drop box", re.IGNORECASE)


def on_one_disk(book: Path, backups: Path) -> bool | None:
    """Whether backups that are there are on the disk of their workbook; None where none are there yet."""
    with suppress(OSError):
        return book.stat().st_dev == backups.stat().st_dev
    return None


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
