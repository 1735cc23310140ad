"""Tour of the demo: the main job from end to end, with the very commands that a user would type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from textwrap import fill

import click

from xlcrm import messages
from xlcrm.demo.generate import contact_plan, deal_plan, make
from xlcrm.errors import CrmError
from xlcrm.plan import Plan

FEW = 12
WIDE = 120


def tour(
    folder: Path, *, language: str, today: dt.date, command: click.Group, put: Callable[[Path, Plan], None]
) -> None:  # fmt: skip
    """Write the demo lists into `folder` (new or empty), run every command on them, and name what came out.

    put  applies a plan to a workbook as any run does: the people and opportunities come in by it, history and all
    """
    if folder.exists() and any(folder.iterdir()):
        raise CrmError("demo.not_empty", folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    lists = make(today)
    customers, orders, book = folder / "customers.csv", folder / "orders.csv", folder / "DemoClients.xlsm"
    customers.write_text(lists.clients, encoding="utf-8-sig", newline="")
    orders.write_text(lists.purchases, encoding="utf-8-sig", newline="")
    for words in (
        ["new", str(book), "--language", language, "--country", "IT"],
        ["import", str(book), str(customers)],
        ["import", str(book), str(orders), "--table", "Purchases"],
    ):
        _one(command, words)
    told = Plan("import", notes=(("demo.more", {}),))
    put(book, deal_plan(today, language=language).join(contact_plan(today, language=language), told))
    for words in (
        ["split", str(book)],
        ["check", str(book)],
        ["correct", str(book)],
        ["refresh", str(book)],
        ["search", str(book), "--where", messages.text("demo.search", language)],
        ["lists", str(book)],
        ["card", str(book), "C0001"],
        ["export", str(book)],
        ["backups", str(book)],
    ):
        _one(command, words)
    click.echo()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
        click.echo(f"{path.stat().st_size:>10,}  {path}")
    click.echo("\n" + messages.text("demo.done", language, book=str(book)))


def _one(command: click.Group, words: list[str]) -> None:
    """One command as a user sees it, the first dozen lines whole; a refusal ends the tour."""
    from click.testing import CliRunner

    click.secho("\n$ xlcrm " + " ".join(f'"{word}"' if " " in word else word for word in words), bold=True)
    result = CliRunner().invoke(command, words)
    lines = result.output.rstrip().splitlines()
    for line in lines[:FEW]:
        click.echo(fill(line, WIDE, initial_indent="  ", subsequent_indent="      ", break_long_words=False))
    if len(lines) > FEW:
        click.echo(f"  ... ({len(lines) - FEW})")
    if result.exit_code not in (0, 1) or not isinstance(result.exception, SystemExit | None):
        raise CrmError("demo.stopped", command=" ".join(words))
