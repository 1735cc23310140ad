"""Timer files as each system reads them: Task Scheduler's XML, a launch agent's plist, a systemd timer, a crontab.

All of one user, without an administrator and without a password; none of them starts Excel. Where the computer was off
at the time, Task Scheduler, launchd and systemd make up for it; cron doesn't.
"""

from __future__ import annotations

import datetime as dt
import plistlib
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from xlcrm.scheduling.timetable import EVERY, Timetable

_TASK = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_LIMIT = "PT2H"  # a run that hangs is ended after this, so that the next night can begin
LABEL = "org.xlcrm."


def task_xml(table: Timetable, command: Sequence[str], user: str, today: dt.date) -> bytes:
    """A task for Windows' Task Scheduler, in the order of Microsoft's schema, in UTF-16 as schtasks reads it.

    user   as DOMAIN\\name; the task runs only while that user is logged on, which takes no password
    today  from when on it is due
    """
    ElementTree.register_namespace("", _TASK)
    root = ElementTree.Element(_tag("Task"), version="1.2")
    _put(_put(root, "RegistrationInfo"), "Description", f"xlcrm: {table.book.name}")
    trigger = _put(_put(root, "Triggers"), "CalendarTrigger")
    if table.span():
        repetition = _put(trigger, "Repetition")
        _put(repetition, "Interval", _duration(EVERY))
        _put(repetition, "Duration", _duration(table.span() + dt.timedelta(minutes=1)))
        _put(repetition, "StopAtDurationEnd", "false")
    _put(trigger, "StartBoundary", dt.datetime.combine(today, table.at).isoformat())
    _put(trigger, "Enabled", "true")
    _put(_put(trigger, "ScheduleByDay"), "DaysInterval", "1")
    principal = _put(_put(root, "Principals"), "Principal")
    principal.set("id", "Author")
    for name, value in (("UserId", user), ("LogonType", "InteractiveToken"), ("RunLevel", "LeastPrivilege")):
        _put(principal, name, value)
    settings = _put(root, "Settings")
    for name, value in _SETTINGS:
        _put(settings, name, value)
    actions = _put(root, "Actions")
    actions.set("Context", "Author")
    action = _put(actions, "Exec")
    _put(action, "Command", command[0])
    _put(action, "Arguments", subprocess.list2cmdline(command[1:]))
    _put(action, "WorkingDirectory", str(table.book.parent))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-16"?>\r\n{text}\r\n'.encode("utf-16")


_SETTINGS = (
    ("MultipleInstancesPolicy", "IgnoreNew"),
    ("DisallowStartIfOnBatteries", "false"),
    ("StopIfGoingOnBatteries", "false"),
    ("AllowHardTerminate", "true"),
    ("StartWhenAvailable", "true"),
    ("RunOnlyIfNetworkAvailable", "false"),
    ("Enabled", "true"),
    ("Hidden", "false"),
    ("RunOnlyIfIdle", "false"),
    ("WakeToRun", "false"),
    ("ExecutionTimeLimit", _LIMIT),
)


def _tag(name: str) -> str:
    return f"{{{_TASK}}}{name}"


def _put(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, _tag(name))
    element.text = text
    return element


def _duration(span: dt.timedelta) -> str:
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")


def launch_agent(table: Timetable, command: Sequence[str]) -> bytes:
    """A launch agent for macOS, a property list: each try of the night is a time of its calendar."""
    return plistlib.dumps(
        {
            "Label": LABEL + table.name,
            "ProgramArguments": [*command],
            "WorkingDirectory": str(table.book.parent),
            "StartCalendarInterval": [{"Hour": one.hour, "Minute": one.minute} for one in table.tries()],
            "ProcessType": "Background",
        },
        sort_keys=False,
    )


def systemd_units(table: Timetable, command: Sequence[str]) -> dict[str, str]:
    """The units of a systemd user timer: file name -> content."""
    whole = " ".join(map(_unit_word, command))
    folder = _percent(str(table.book.parent))
    service = (
        f"[Unit]\nDescription=xlcrm: {_percent(table.book.name)}\n\n"
        f"[Service]\nType=oneshot\nWorkingDirectory={folder}\nExecStart={whole}\nTimeoutStartSec=7200\n"
        "SuccessExitStatus=1 2\n"
    )
    times = "".join(f"OnCalendar=*-*-* {one:%H:%M}:00\n" for one in table.tries())
    timer = (
        f"[Unit]\nDescription=xlcrm: {_percent(table.book.name)}\n\n"
        f"[Timer]\n{times}Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )
    return {f"xlcrm-{table.name}.service": service, f"xlcrm-{table.name}.timer": timer}


def _percent(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "%%")


def _unit_word(word: str) -> str:
    """A word of a command as systemd reads it: in double quotes, with \\, ", % and $ as they stand."""
    return '"' + _percent(word).replace('"', '\\"').replace("$", "$$") + '"'


def crontab(existing: str, table: Timetable, command: Sequence[str]) -> str:
    """The user's crontab with the lines of this timetable in place of older ones; all other lines stay as they are."""
    whole = " ".join(map(shlex.quote, command)).replace("%", "\\%")  # cron reads a bare % as the end of the line
    folder = shlex.quote(str(table.book.parent)).replace("%", "\\%")
    run = f"cd {folder} && {whole} >/dev/null 2>&1"
    lines = [f"{one.minute} {one.hour} * * * {run} {_mark(table.name)}\n" for one in table.tries()]
    return without(existing, table.name) + "".join(lines)


def without(existing: str, name: str) -> str:
    """A crontab without the lines of one timetable."""
    lines = [line for line in existing.splitlines(keepends=True) if not line.rstrip().endswith(_mark(name))]
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def _mark(name: str) -> str:
    return f"# xlcrm-{name}"


def launch_agent_path(home: Path, name: str) -> Path:
    """Where macOS looks for a user's launch agents."""
    return home / "Library" / "LaunchAgents" / f"{LABEL}{name}.plist"


def systemd_folder(home: Path, config: str = "") -> Path:
    """Where systemd looks for a user's units; `config` is XDG_CONFIG_HOME."""
    return (Path(config) if config else home / ".config") / "systemd" / "user"
