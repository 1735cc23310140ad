"""What can be done, by name: the commands and the buttons both take their operations from here.

Each entry makes an operation `(tables, settings, today) -> plan` from the options of the command. Modules are imported
when an action is asked for, so that `xlcrm --help` doesn't wait for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables

Operation = Callable[[Tables, Settings, dt.date], Plan]


def importing(
    files: tuple[Path, ...],
    *,
    table: str = "Clients",
    mapping: Mapping[str, str] | None = None,
    keys: tuple[str, ...] = (),
    update: bool = False,
    sheet: str = "",
    skip_rows: int = 0,
    dates: str = "",
    decimal: str = "",
    memory: Callable[[Settings], Path] | None = None,
) -> Operation:
    """Bring in lists from outside; the files are read now, before anything of the workbook is touched.

    `memory` is the file in which is remembered what was said about lists of the same shape.
    """
    from xlcrm.files import import_memory
    from xlcrm.files.list_files import read
    from xlcrm.importing.planning import plan

    incoming = [part for file in files for part in read(file, sheet=sheet or None, skip_rows=skip_rows)]
    return lambda tables, settings, today: plan(
        tables, incoming, settings=settings, today=today, table=table, mapping=mapping or {}, keys=keys, update=update,
        dates=dates, decimal=decimal, remembered=import_memory.load(memory(settings)) if memory else {},
    )  # fmt: skip


def remember(
    files: tuple[Path, ...], memory: Path, *, mapping: Mapping[str, str], dates: str, decimal: str, sheet: str = "",
    skip_rows: int = 0,
) -> None:  # fmt: skip
    """Keep what was said about lists of this shape, for the next ones."""
    from xlcrm.files import import_memory
    from xlcrm.files.list_files import read
    from xlcrm.importing.remembered import Choices, said

    given = Choices(mapping, dates, decimal)
    if given.told:
        parts = (file for file in files if file.is_file())
        lists = [part for file in parts for part in read(file, sheet=sheet or None, skip_rows=skip_rows)]
        import_memory.save(memory, said(lists, given))


def split(*, column: str = "", what: str = "") -> Operation:
    """Names and addresses into fields."""
    from xlcrm.splitting import splitting

    return lambda tables, settings, today: splitting.plan(
        tables, settings=settings, today=today, column=column, what=what
    )


def check() -> Operation:
    """Find what is wrong."""
    from xlcrm.checks.checking import plan

    return lambda tables, settings, today: plan(tables, settings=settings, today=today)


def correct() -> Operation:
    """Apply the safe corrections and those that somebody decided in the sheet Problems."""
    from xlcrm.checks.correcting import correct_plan
    from xlcrm.splitting import splitting

    return lambda tables, settings, today: correct_plan(tables, settings=settings, today=today).join(
        splitting.plan(tables, settings=settings, today=today, decided_only=True)
    )


def refresh() -> Operation:
    """Spend metrics and the dashboard."""
    from xlcrm.spend.refresh import plan

    return lambda tables, settings, today: plan(tables, settings=settings, today=today)


def search(*, name: str = "", where: tuple[str, ...] = (), out: str = "") -> Operation:
    """Saved searches: counts in the sheet Segments, the clients found as a file."""
    from xlcrm.segments.search import plan

    return lambda tables, settings, today: plan(tables, settings=settings, today=today, name=name, where=where, out=out)


def lists(book: Path, *, only: str = "", mark_invoiced: bool = False) -> Operation:
    """The lists named in the sheet Lists, as files."""
    from xlcrm.files.template_files import load
    from xlcrm.lists.list_plan import plan

    templates = load(book)
    return lambda tables, settings, today: plan(
        tables, settings=settings, today=today, templates=templates, only=only, mark_invoiced=mark_invoiced
    )


# The actions that a button can name: each takes no option that a button could not give.
BUTTONS: dict[str, Callable[..., Any]] = {
    "import": importing,
    "split": split,
    "check": check,
    "correct": correct,
    "refresh": refresh,
    "search": search,
    "lists": lists,
}
