"""Installing for one user: a registry value (Windows) or a script (Mac) that tells Excel's macros where xlcrm is.

Everything is for this user only, needs no administrator, and can be done again any number of times.
"""

from __future__ import annotations

from pathlib import Path

from xlcrm.errors import CrmError
from xlcrm.files.replace import replace_file
from xlcrm.install.machine import DoctorFinding, Machine, Registry
from xlcrm.worker import switch

KEY, VALUE = r"Software\xlcrm", "launcher"
OFFICES = ("16.0", "15.0", "14.0")
TRUSTED = r"Software\Microsoft\Office\{version}\Excel\Security\Trusted Locations"
OURS = "xlcrm install --trust-folder"  # how a trusted folder of ours is known again
SCRIPT = """-- Written by "xlcrm install", taken away by "xlcrm uninstall". Excel's macros run it.
property launcher : {launcher}

on xlcrmLauncher(unused)
\tdo shell script "test -x " & quoted form of launcher
\treturn launcher
end xlcrmLauncher

on xlcrmRun(arguments)
\tset asked to quoted form of launcher
\tset before to AppleScript's text item delimiters
\tset AppleScript's text item delimiters to " "
\trepeat with part in text items of arguments
\t\tset asked to asked & " " & quoted form of (contents of part)
\tend repeat
\tset AppleScript's text item delimiters to before
\tdo shell script asked & " > /dev/null 2>&1 &"
\treturn ""
end xlcrmRun

-- MsgBox for any letter: a style and a text; the answer is VBA's number for OK, Yes (OK) or No (Cancel)
on xlcrmSay(asked)
\tset gap to offset of " " in asked
\tset sentence to text (gap + 1) thru -1 of asked
\tif (text 1 thru (gap - 1) of asked) is not "{question}" then
\t\tdisplay dialog sentence with title "xlcrm" buttons {{"OK"}} default button 1
\t\treturn "1"
\tend if
\ttry
\t\tdisplay dialog sentence with title "xlcrm"
\t\treturn "6"
\ton error number -128
\t\treturn "7"
\tend try
end xlcrmSay
"""
QUESTION = 36  # vbYesNo + vbQuestion


def install(machine: Machine) -> list[DoctorFinding]:
    """Tell this user's Excel where the launcher is. CrmError "install.no_launcher" where this Python has none."""
    if machine.system not in ("win32", "darwin"):
        return [DoctorFinding("install.no_excel", "note")]
    launcher = machine.launcher()
    if launcher is None:
        raise CrmError("install.no_launcher", folder=str(machine.scripts[0]) if machine.scripts else "")
    told = (("path", str(launcher)),)
    if installed(machine) == str(launcher):
        return [DoctorFinding("install.already", "good", told)]
    if machine.system == "win32":
        Registry().write(KEY, VALUE, str(launcher))
    else:
        _write(machine.script(), script(launcher))
    return [DoctorFinding("install.done", "good", told)]


def installed(machine: Machine) -> str:
    """The launcher that Excel's macros would start, "" where none was told; another xlcrm's script counts as none."""
    if machine.system == "win32":
        return str(Registry().read(KEY, VALUE) or "")
    if machine.system == "darwin" and machine.script().is_file():
        text = machine.script().read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            if line.startswith("property launcher : "):
                path = _unquoted(line.removeprefix("property launcher : "))
                return path if text == script(Path(path)) else ""
    return ""


def uninstall(machine: Machine) -> list[DoctorFinding]:
    """Take away what `install` told Excel. Workbooks, lists and backups stay."""
    if machine.system == "win32":
        registry = Registry()
        there = registry.read(KEY, VALUE) is not None
        registry.remove(KEY)
        folders = [folder for version in OFFICES for folder in _untrust(registry, TRUSTED.format(version=version))]
        gone = [DoctorFinding("install.untrusted", "good", (("path", folder),)) for folder in folders]
        return [*gone, DoctorFinding("install.gone" if there else "install.nothing_there")]
    there = machine.system == "darwin" and machine.script().exists()
    if there:
        machine.script().unlink()
    return [DoctorFinding("install.gone" if there else "install.nothing_there")]


def fast_clicks(*, wanted: bool) -> list[DoctorFinding]:
    """Let a worker take the clicks of this user, or none; sends away the one that runs where none is wanted."""
    if not wanted:
        switch.turn_off()
        return [DoctorFinding("install.fast_off")]
    return [DoctorFinding("install.fast_on" if switch.turn_on() else "install.fast_nowhere")]


def trust_folder(machine: Machine, folder: Path) -> list[DoctorFinding]:
    """Let Excel run the macros of every workbook in `folder` (not the folders below) without asking: Windows only.

    CrmError where the folder is not there, on another computer, or so wide (a drive, the home folder, Downloads) that
    files by strangers would come to lie in it.
    """
    if machine.system != "win32":
        return [DoctorFinding("install.trust_windows", "note")]
    if str(folder).startswith(("\\\\", "//")):
        raise CrmError("install.trust_network", folder=str(folder))
    if not folder.is_dir():
        raise CrmError("install.trust_missing", folder=str(folder))
    whole = folder.resolve()
    if whole in (Path(whole.anchor), machine.home, *machine.home.parents) or whole.name.casefold() == "downloads":
        raise CrmError("install.trust_wide", folder=str(whole))
    registry = Registry()
    for version in OFFICES:
        key = TRUSTED.format(version=version)
        if registry.keys(key.rpartition("\\")[0].rpartition("\\")[0]) or version == OFFICES[0]:
            _trust(registry, key, f"{whole}\\")
    return [DoctorFinding("install.trusted", "warning", (("path", str(whole)),))]


def _trust(registry: Registry, key: str, folder: str) -> None:
    """Add a trusted location under a free number, with our mark; once only. AllowSubfolders 0: not those below."""
    taken = set(registry.keys(key))
    same = (name for name in taken if str(registry.read(f"{key}\\{name}", "Path")).casefold() == folder.casefold())
    if next(same, None):
        return
    number = next(n for n in range(len(taken) + 1) if f"Location{n}" not in taken)
    place = f"{key}\\Location{number}"
    registry.write(place, "Path", folder)
    registry.write(place, "AllowSubfolders", 0)
    registry.write(place, "Description", OURS)


def _untrust(registry: Registry, key: str) -> list[str]:
    """Remove the trusted locations that carry our mark; gives their folders."""
    gone = []
    for name in registry.keys(key):
        if registry.read(f"{key}\\{name}", "Description") == OURS:
            gone.append(str(registry.read(f"{key}\\{name}", "Path")))
            registry.remove(f"{key}\\{name}")
    return gone


def script(launcher: Path) -> str:
    """The AppleScript; every word on its way to the shell is quoted by AppleScript itself."""
    return SCRIPT.format(launcher=_quoted(str(launcher)), question=QUESTION)


def _quoted(text: str) -> str:
    """A text as an AppleScript string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unquoted(text: str) -> str:
    """The text in an AppleScript string."""
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def _write(path: Path, text: str) -> None:
    """Write a script in one replacement, so that Excel never runs half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda target: _put(target, text))


def _put(target: Path, text: str) -> None:
    """The script as UTF-8 with line ends of one byte."""
    target.write_text(text, encoding="utf-8", newline="\n")
