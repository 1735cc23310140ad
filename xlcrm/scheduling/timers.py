"""Timers of this user: registered with the system's own timer, listed and taken away; the program is xlcrm itself.

Windows has its Task Scheduler, macOS launchd, others a systemd user timer, or cron where there is none. What was
registered is on record in the user's own folder of settings, because no system tells in the same way what it has.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from xlcrm.errors import CrmError
from xlcrm.files import allowed_folders
from xlcrm.files.durable import make_folder
from xlcrm.files.replace import replace_bytes
from xlcrm.install.machine import Machine
from xlcrm.os_errors import refusing
from xlcrm.scheduling import timer_files
from xlcrm.scheduling.timetable import Timetable, timetable


class ProgramAnswer(NamedTuple):
    """What a program of the system answered: its exit code and all that it said."""

    code: int
    said: str


Program = Callable[[Sequence[str], str], ProgramAnswer]


def system_program(command: Sequence[str], entered: str = "") -> ProgramAnswer:
    """Run a program of the system with `entered` as its input; code 127 where there is no such program."""
    try:
        done = subprocess.run(  # noqa: S603 (a system tool)
            command, input=entered, capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        return ProgramAnswer(127, str(fault))
    return ProgramAnswer(done.returncode, done.stdout if done.returncode == 0 else done.stderr or done.stdout)


@dataclass(frozen=True)
class Timers:
    """The timers of one user on one computer.

    machine  the computer
    program  runs a program of the system
    python   the interpreter that runs xlcrm, without a window where the system has such a one
    """

    machine: Machine
    program: Program = system_program
    python: Path = Path(sys.executable)

    def add(self, table: Timetable) -> str:
        """Register a timetable in place of an older one of the same workbook; the name of the system's timer.

        CrmError "schedule.refused" where the system says no; then nothing is on record.
        """
        with refusing(table.book.parent):
            kind = _KINDS.get(self.machine.system, _either)(self, table)
        self._keep([*(one for one in self.all() if one.name != table.name), table])
        return kind

    def remove(self, table: Timetable) -> None:
        """Take a timetable away, wherever it is registered; one that the system doesn't know is fine."""
        home, name = self.machine.home, table.name
        if self.machine.system == "win32":
            self.program(["schtasks", "/Delete", "/TN", _task_name(name), "/F"], "")
        elif self.machine.system == "darwin":
            self.program(["launchctl", "bootout", f"{_domain()}/{timer_files.LABEL}{name}"], "")
            timer_files.launch_agent_path(home, name).unlink(missing_ok=True)
        else:
            self._remove_units(name)
            self._remove_lines(name)
        self._keep([one for one in self.all() if one.name != name])

    def all(self) -> list[Timetable]:
        """The timetables on record, in the order in which they were made."""
        path = self._record()
        with suppress(OSError, ValueError, KeyError, TypeError, CrmError):
            found = json.loads(path.read_text(encoding="utf-8")) if path else []
            return [timetable(Path(one["book"]), one["at"], [one["jobs"]]) for one in found]
        return []

    def of(self, book: Path) -> Timetable | None:
        """The timetable of a workbook, None where it has none."""
        whole = Path(os.path.realpath(book))
        return next((one for one in self.all() if one.book == whole), None)

    def command(self, table: Timetable) -> list[str]:
        """What the timer starts: a run of the night, with nothing of the current folder on Python's path."""
        windowless = self.python.with_name("pythonw.exe")
        python = windowless if self.machine.system == "win32" and windowless.is_file() else self.python
        at, jobs = f"{table.at:%H:%M}", " ".join(table.jobs)
        return [str(python), "-P", "-m", "xlcrm", "schedule", str(table.book), "--night", "--at", at, "--do", jobs]

    def said(self, command: Sequence[str], entered: str = "") -> str:
        """What a program of the system said; CrmError "schedule.refused" where it failed."""
        answered = self.program(command, entered)
        if answered.code:
            raise CrmError("schedule.refused", program=command[0], said=answered.said.strip()[:300] or "-")
        return answered.said

    @property
    def units(self) -> Path:
        """Where systemd looks for this user's units."""
        return timer_files.systemd_folder(self.machine.home, self.machine.environment.get("XDG_CONFIG_HOME", ""))

    def _record(self) -> Path | None:
        known = allowed_folders.memory(self.machine.system, self.machine.environment)
        return known.with_name("schedules.json") if known else None

    def _keep(self, tables: Sequence[Timetable]) -> None:
        path = self._record()
        if path is None:
            return
        plain = [{"book": str(one.book), "at": f"{one.at:%H:%M}", "jobs": " ".join(one.jobs)} for one in tables]
        with refusing(path):
            make_folder(path.parent)
            replace_bytes(path, json.dumps(plain, ensure_ascii=False, indent=1).encode())

    def _remove_units(self, name: str) -> None:
        folder = self.units
        units = [folder / f"xlcrm-{name}.{kind}" for kind in ("timer", "service")]
        if any(unit.exists() for unit in units):
            self.program(["systemctl", "--user", "disable", "--now", units[0].name], "")
            for unit in units:
                unit.unlink(missing_ok=True)
            self.program(["systemctl", "--user", "daemon-reload"], "")

    def _remove_lines(self, name: str) -> None:
        there = self.program(["crontab", "-l"], "")
        left = timer_files.without(there.said, name)
        if not there.code and left != there.said:
            self.said(["crontab", "-"], left)


def _task_name(name: str) -> str:
    return f"xlcrm {name}"


def _domain() -> str:
    return f"gui/{os.getuid()}" if hasattr(os, "getuid") else "gui/0"


def _task(timers: Timers, table: Timetable) -> str:
    """Windows: a task of the Task Scheduler, from a file that is gone again."""
    import datetime as dt

    environment = timers.machine.environment
    user = "\\".join(filter(None, (environment.get("USERDOMAIN", ""), environment.get("USERNAME", ""))))
    content = timer_files.task_xml(table, timers.command(table), user, dt.date.today())
    with tempfile.TemporaryDirectory(prefix="xlcrm-") as folder:
        file = Path(folder) / "task.xml"
        file.write_bytes(content)
        timers.said(["schtasks", "/Create", "/TN", _task_name(table.name), "/XML", str(file), "/F"])
    return "Task Scheduler"


def _agent(timers: Timers, table: Timetable) -> str:
    """macOS: a launch agent."""
    path = timer_files.launch_agent_path(timers.machine.home, table.name)
    make_folder(path.parent)
    replace_bytes(path, timer_files.launch_agent(table, timers.command(table)))
    timers.program(["launchctl", "bootout", f"{_domain()}/{timer_files.LABEL}{table.name}"], "")
    try:
        timers.said(["launchctl", "bootstrap", _domain(), str(path)])
    except CrmError:
        path.unlink(missing_ok=True)
        raise
    return "launchd"


def _either(timers: Timers, table: Timetable) -> str:
    """Linux: a systemd user timer where systemd runs for the user, else cron."""
    if timers.program(["systemctl", "--user", "show-environment"], "").code == 0:
        return _units(timers, table)
    there = timers.program(["crontab", "-l"], "")
    if there.code == 127:
        raise CrmError("schedule.no_timer")
    timers.said(["crontab", "-"], timer_files.crontab("" if there.code else there.said, table, timers.command(table)))
    return "cron"


def _units(timers: Timers, table: Timetable) -> str:
    folder = timers.units
    make_folder(folder)
    units = timer_files.systemd_units(table, timers.command(table))
    for name, content in units.items():
        replace_bytes(folder / name, content.encode())
    try:
        timers.said(["systemctl", "--user", "daemon-reload"])
        timers.said(["systemctl", "--user", "enable", "--now", f"xlcrm-{table.name}.timer"])
    except CrmError:
        for name in units:
            (folder / name).unlink(missing_ok=True)
        raise
    return "systemd"


_KINDS: dict[str, Callable[[Timers, Timetable], str]] = {"win32": _task, "darwin": _agent}
