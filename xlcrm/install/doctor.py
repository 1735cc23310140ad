"""The doctor's judgement of what stands between a click in Excel and its result: one finding a fact, what to do.

Pure: `doctor_facts` gathers the facts, this judges them.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlcrm.install.machine import DoctorFinding

SAFE_EXPAT = (2, 6, 0)  # CVE-2023-52425: parsing time grows with the square of one long token before 2.6.0
LITTLE_SPACE = 500 * 2**20  # bytes; every change copies the workbook
SLOW = 5000  # milliseconds from start to the first line of ours
NEVER, SIGNED, ALWAYS = 4, 3, 1  # Excel's VBAWarnings; 2, asking, is the default


@dataclass(frozen=True)
class Facts:
    """What was seen. None: not looked at, or not to be known on this machine.

    missing         modules that cannot be found, of those that the buttons need
    expat           version of the XML reader
    excel           "" where none was found
    macros          Excel's macro setting (VBAWarnings), by_policy where the company decides it
    add_ins         names of add-ins (workbooks with macros) that start with Excel
    com_add_ins     names of add-ins (programs) that start with Excel
    disabled        files that Excel won't open or load again because it stopped while they were open
    child_rule      what the company's rule says of programs that Office starts: "block", "warn", "" for no such rule
    launcher        the program that Excel's macros would start, "" where none was told
    own_launcher    the program of this Python, "" where it has none
    launcher_ms     how long a test start took; None where it did not start
    launcher_fault  what went wrong at the test start
    fast_clicks     "off", "waiting" for a click, "running" with worker_runs and worker_memory (bytes); "" not looked at
    free            bytes on the disk of the workbook, or of the home folder
    marked          the workbook carries the mark of the web
    older           what the workbook lacks that this version brings, in words; "" for nothing
    copies          second versions of the workbook beside it: their names; "" for none
    synchronised    the cloud drive's name where the workbook lies in one
    locked          whether the workbook has a password
    mode            its mode where everybody on the computer may read it, else ""
    public          the folder for sharing that it lies in, else ""
    same_disk       whether the backups are on the workbook's own disk
    backups         the backup folder, backups_fault what hinders writing there
    """

    system: str
    python: tuple[int, int, int]
    program: str = ""
    missing: tuple[str, ...] = ()
    expat: tuple[int, ...] = SAFE_EXPAT
    excel: str = ""
    macros: int | None = None
    by_policy: bool = False
    internet_blocked: bool = False
    add_ins: tuple[str, ...] = ()
    com_add_ins: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    child_rule: str = ""
    launcher: str = ""
    own_launcher: str = ""
    launcher_ms: int | None = None
    launcher_fault: str = ""
    fast_clicks: str = ""
    worker_runs: int = 0
    worker_memory: int = 0
    free: int | None = None
    book: str = ""
    book_size: int = 0
    marked: bool | None = None
    older: str = ""
    copies: str = ""
    synchronised: str = ""
    locked: bool | None = None
    mode: str = ""
    public: str = ""
    same_disk: bool | None = None
    backups: str = ""
    backups_fault: str = ""


def findings(facts: Facts) -> list[DoctorFinding]:
    """Everything worth saying, in the order in which it matters to a click."""
    found = [_python(facts), _modules(facts), _expat(facts), *_excel(facts), _launcher(facts), _start(facts)]
    found.append(_fast_clicks(facts))
    return [finding for finding in (*found, *_book(facts), _disk(facts)) if finding is not None]


def _finding(key: str, level: str = "good", **values: object) -> DoctorFinding:
    """A sentence of the catalogue install.csv."""
    return DoctorFinding(f"doctor.{key}", level, tuple(values.items()))


def _python(facts: Facts) -> DoctorFinding:
    """Whether this Python is new enough."""
    version = ".".join(map(str, facts.python))
    if facts.python < (3, 11):
        return _finding("python_old", "error", version=version)
    return _finding("python", version=version, path=facts.program)


def _modules(facts: Facts) -> DoctorFinding:
    """Whether what the buttons need is installed."""
    if facts.missing:
        return _finding("modules_missing", "error", names=", ".join(facts.missing))
    return _finding("modules")


def _expat(facts: Facts) -> DoctorFinding:
    """Whether the XML reader is one that long tokens do not slow down."""
    version = ".".join(map(str, facts.expat))
    if facts.expat < SAFE_EXPAT:
        return _finding("expat_old", "warning", version=version, safe=".".join(map(str, SAFE_EXPAT)))
    return _finding("expat", version=version)


def _excel(facts: Facts) -> list[DoctorFinding]:
    """All about Excel; only the first sentence where there is none to look at."""
    if facts.system not in ("win32", "darwin"):
        return [_finding("no_excel_here", "note")]
    if not facts.excel:
        return [_finding("excel_missing", "error")]
    return [
        _finding("excel", version=facts.excel),
        *_macros(facts),
        *_children(facts),
        *_add_ins(facts),
        *_disabled(facts),
    ]


def _macros(facts: Facts) -> list[DoctorFinding]:
    """Whether Excel runs the buttons' macros. On a Mac the setting is not looked at: nothing is said of it."""
    found = []
    if facts.macros in (NEVER, SIGNED):
        found.append(_finding("macros_policy" if facts.by_policy else "macros_off", "error"))
    elif facts.macros == ALWAYS:
        found.append(_finding("macros_always", "warning"))
    elif facts.macros is not None:
        found.append(_finding("macros"))
    if facts.internet_blocked:
        found.append(_finding("macros_internet", "note"))
    return found


def _children(facts: Facts) -> list[DoctorFinding]:
    """Whether a rule of Defender keeps Excel from starting the launcher: then no button works."""
    levels = {"block": "error", "warn": "warning"}
    return [_finding(f"child_{facts.child_rule}", levels[facts.child_rule])] if facts.child_rule else []


def _add_ins(facts: Facts) -> list[DoctorFinding]:
    """Add-ins that start with Excel. That of xlwings is a warning: its settings can start another Python."""
    xlwings = [name for name in facts.add_ins if "xlwings" in name.casefold()]
    others = [name for name in facts.add_ins if name not in xlwings]
    found = [_finding("add_in_xlwings", "warning", name=xlwings[0])] if xlwings else []
    for key, names in (("add_ins", others), ("com_add_ins", facts.com_add_ins)):
        if names:
            found.append(_finding(key, "note", names=", ".join(names)))
    return found


def _disabled(facts: Facts) -> list[DoctorFinding]:
    """Files that Excel switched off because it stopped while they were open; ours among them is an error."""
    others = [name for name in facts.disabled if name.casefold() != facts.book.casefold()]
    found = [_finding("disabled", "note", names=", ".join(others))] if others else []
    if len(others) < len(facts.disabled):
        found.append(_finding("disabled_book", "error", name=facts.book))
    return found


def _launcher(facts: Facts) -> DoctorFinding | None:
    """Whether Excel was told of a launcher, and of this one."""
    if facts.system not in ("win32", "darwin"):
        return None
    if not facts.launcher:
        return _finding("not_installed", "error")
    if facts.own_launcher and facts.launcher != facts.own_launcher:
        return _finding("other_launcher", "warning", path=facts.launcher, own=facts.own_launcher)
    return _finding("installed", path=facts.launcher)


def _start(facts: Facts) -> DoctorFinding | None:
    """Whether the launcher starts, and how long that takes: it is the time before anything is seen."""
    if not facts.launcher and not facts.own_launcher:
        return _finding("no_launcher", "error")
    path = facts.launcher or facts.own_launcher
    if facts.launcher_ms is None:
        return _finding("start_failed", "error", path=path, fault=facts.launcher_fault)
    if facts.launcher_ms > SLOW:
        return _finding("start_slow", "warning", milliseconds=facts.launcher_ms)
    return _finding("start", milliseconds=facts.launcher_ms)


def _fast_clicks(facts: Facts) -> DoctorFinding | None:
    """Whether a worker takes clicks, and how it is doing; None where that was not looked at."""
    if facts.fast_clicks == "running":
        return _finding("fast_running", megabytes=facts.worker_memory // 2**20, runs=facts.worker_runs)
    return _finding(f"fast_{facts.fast_clicks}", "note") if facts.fast_clicks else None


def _book(facts: Facts) -> list[DoctorFinding]:
    """What may go wrong with the workbook's file: the mark of the web, a cloud drive, its backup folder."""
    found = []
    if facts.marked:
        found.append(_finding("marked_mac" if facts.system == "darwin" else "marked", "error", name=facts.book))
    elif facts.marked is False:
        found.append(_finding("not_marked", name=facts.book))
    if facts.older:
        found.append(_finding("older", "note", name=facts.book, what=facts.older))
    if facts.copies:
        found.append(_finding("conflict_copy", "warning", name=facts.book, copy=facts.copies))
    if facts.synchronised:
        found.append(_finding("synchronised", "note", name=facts.book, drive=facts.synchronised))
    if facts.backups_fault:
        found.append(_finding("backups_blocked", "error", folder=facts.backups, fault=facts.backups_fault))
    elif facts.backups:
        found.append(_finding("backups", folder=facts.backups))
    return found + _safety(facts)


def _safety(facts: Facts) -> list[DoctorFinding]:
    """Who can read the workbook that should not, and what would be gone with its disk."""
    found = []
    if facts.locked is not None:
        found.append(_finding("locked" if facts.locked else "no_password", "note", name=facts.book))
    if facts.mode:
        found.append(_finding("world_readable", "note", name=facts.book, mode=facts.mode))
    if facts.public:
        found.append(_finding("public_folder", "warning", name=facts.book, folder=facts.public))
    if facts.same_disk:
        found.append(_finding("same_disk", "note", name=facts.book, folder=facts.backups))
    return found


def _disk(facts: Facts) -> DoctorFinding | None:
    """Whether there is room for ten copies of the workbook; None where the disk was not looked at."""
    if facts.free is None:
        return None
    megabytes = facts.free // 2**20
    if facts.free < max(LITTLE_SPACE, 10 * facts.book_size):
        return _finding("disk_full", "warning", megabytes=megabytes)
    return _finding("disk", megabytes=megabytes)
