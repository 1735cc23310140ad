"""Timers: what each system is given to read, and that adding, listing and taking away are each other's reverse."""

from __future__ import annotations

import datetime as dt
import plistlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from xlcrm.errors import CrmError
from xlcrm.install.machine import Machine
from xlcrm.scheduling import timer_files
from xlcrm.scheduling.timers import ProgramAnswer, Timers
from xlcrm.scheduling.timetable import Timetable, timetable

NASTY = ["My.xlsm", 'Kunden & Söhne 50% "best" $HOME.xlsm', "l'elenco; rm -rf ~ #.xlsm"]
NAMES = ["ours", "signs", "a command"]


def the_table(folder: Path, name: str) -> Timetable:
    return timetable(folder / name, "02:30", ["inbox check refresh"])


class System:
    """A computer's programs, that only remember what they were asked."""

    def __init__(self, *, fails: str = "", lacks: str = "", lines: str = "") -> None:
        self.fails, self.lacks, self.lines = fails, lacks, lines
        self.asked: list[list[str]] = []
        self.task = b""

    def __call__(self, command: Sequence[str], entered: str) -> ProgramAnswer:
        self.asked.append([*command])
        if command[0] == self.lacks or self.lacks == "all":
            return ProgramAnswer(127, "not there")
        if self.fails and self.fails in command:
            return ProgramAnswer(1, "access is denied")
        if command[:2] == ["crontab", "-"]:
            self.lines = entered
        if "/XML" in command:
            self.task = Path(command[command.index("/XML") + 1]).read_bytes()
        return ProgramAnswer(0, self.lines if command[:2] == ["crontab", "-l"] else "")


def timers_of(system: str, folder: Path, programs: System) -> Timers:
    environment = {"APPDATA": str(folder), "HOME": str(folder), "USERDOMAIN": "FIRM", "USERNAME": "Ann"}
    return Timers(Machine(system, folder, (), environment), programs, folder / "python")


SYSTEMS = [("win32", ""), ("darwin", ""), ("linux", ""), ("linux", "systemctl")]


@pytest.mark.parametrize(("system", "lacks"), SYSTEMS, ids=["windows", "mac", "systemd", "cron"])
def test_a_timetable_comes_and_goes(system: str, lacks: str, tmp_path: Path) -> None:
    programs = System(lacks=lacks, lines="5 4 * * * echo mine\n")
    timers = timers_of(system, tmp_path, programs)
    table = the_table(tmp_path, "My.xlsm")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    timers.add(table)
    assert timers.all() == [table] and timers.of(tmp_path / "My.xlsm") == table
    timers.add(timetable(table.book, "03:00", ["check"]))
    assert [f"{one.at:%H:%M}" for one in timers.all()] == ["03:00"]
    timers.remove(table)
    left = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert timers.all() == [] and {path.name for path in left} == {"schedules.json"}
    assert programs.lines == "5 4 * * * echo mine\n"


@pytest.mark.parametrize(
    ("system", "fails", "lacks", "key"),
    [
        ("win32", "/Create", "", "schedule.refused"),
        ("darwin", "bootstrap", "", "schedule.refused"),
        ("linux", "enable", "", "schedule.refused"),
        ("linux", "", "all", "schedule.no_timer"),
    ],
)
def test_a_refusal_leaves_nothing(system: str, fails: str, lacks: str, key: str, tmp_path: Path) -> None:
    timers = timers_of(system, tmp_path, System(fails=fails, lacks=lacks))
    with pytest.raises(CrmError) as refused:
        timers.add(the_table(tmp_path, "My.xlsm"))
    assert refused.value.key == key
    assert timers.all() == [] and not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", NASTY, ids=NAMES)
def test_windows_reads_the_task(name: str, tmp_path: Path) -> None:
    programs = System()
    timers = timers_of("win32", tmp_path, programs)
    table = the_table(tmp_path, name)
    timers.add(table)
    root = ElementTree.fromstring(programs.task)
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert [part.tag.partition("}")[2] for part in root] == [
        "RegistrationInfo", "Triggers", "Principals", "Settings", "Actions",
    ]  # fmt: skip
    assert [part.tag.partition("}")[2] for part in root.find("t:Triggers/t:CalendarTrigger", space) or ()] == [
        "Repetition", "StartBoundary", "Enabled", "ScheduleByDay",
    ]  # fmt: skip
    assert root.findtext(".//t:Duration", "", space) == "PT3H31M"
    assert root.findtext(".//t:LogonType", "", space) == "InteractiveToken"
    assert root.findtext(".//t:RunLevel", "", space) == "LeastPrivilege"
    assert root.findtext(".//t:StartWhenAvailable", "", space) == "true"
    words = subprocess.list2cmdline(timers.command(table)[1:])
    assert root.findtext(".//t:Arguments", "", space) == words
    assert "xlcrm schedule" in words and "excel" not in words.casefold()


@pytest.mark.parametrize("name", NASTY, ids=NAMES)
def test_a_mac_reads_the_agent(name: str, tmp_path: Path) -> None:
    timers = timers_of("darwin", tmp_path, System())
    table = the_table(tmp_path, name)
    timers.add(table)
    found = plistlib.loads(timer_files.launch_agent_path(tmp_path, table.name).read_bytes())
    assert found["ProgramArguments"] == timers.command(table)
    assert found["StartCalendarInterval"][0] == {"Hour": 2, "Minute": 30} and len(found["StartCalendarInterval"]) == 15


@pytest.mark.parametrize("name", NASTY, ids=NAMES)
def test_systemd_reads_the_units(name: str, tmp_path: Path) -> None:
    timers = timers_of("linux", tmp_path, System())
    table = the_table(tmp_path, name)
    (tmp_path / "python").write_text("#!/bin/sh\n")
    (tmp_path / "python").chmod(0o755)
    timers.add(table)
    folder = timer_files.systemd_folder(tmp_path)
    service, timer = ((folder / f"xlcrm-{table.name}.{kind}").read_text("utf-8") for kind in ("service", "timer"))
    started = next(line for line in service.splitlines() if line.startswith("ExecStart="))
    assert unquoted(started.removeprefix("ExecStart=")) == timers.command(table)
    assert timer.count("OnCalendar=") == 15 and "Persistent=true" in timer
    if shutil.which("systemd-analyze"):
        units = [str(folder / f"xlcrm-{table.name}.{kind}") for kind in ("service", "timer")]
        judged = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
        assert "xlcrm-" not in judged.stderr


def unquoted(line: str) -> list[str]:
    """A command as systemd takes it apart: each word in double quotes, \\ before a sign, %% and $$ for one."""
    words, word, place = [], "", 0
    signs = line[1:-1]
    while place < len(signs):
        two = signs[place : place + 2]
        if signs[place : place + 3] == '" "':
            words.append(word)
            word, place = "", place + 3
            continue
        double = two in ("\\\\", '\\"', "%%", "$$")
        word += two[1] if double else signs[place]
        place += 2 if double else 1
    return [*words, word]


@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell")
@pytest.mark.parametrize("name", NASTY, ids=NAMES)
def test_cron_starts_what_was_meant(name: str, tmp_path: Path) -> None:
    table = the_table(tmp_path, name)
    told = tmp_path / "told"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{told}"\n')
    program.chmod(0o755)
    command = [str(program), "schedule", str(table.book)]
    line = timer_files.crontab("", table, command).splitlines()[0]
    shown = line.split(" * * * ", 1)[1].replace("\\%", "%")  # as cron gives it to the shell
    subprocess.run(["sh", "-c", shown], check=True)
    assert told.read_text("utf-8").splitlines() == command[1:]


def test_what_is_given_says_the_day_from_which_it_holds(tmp_path: Path) -> None:
    xml = timer_files.task_xml(the_table(tmp_path, "My.xlsm"), ["python"], "FIRM\\Ann", dt.date(2026, 11, 28))
    assert "2026-11-28T02:30:00" in xml.decode("utf-16")
