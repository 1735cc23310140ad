"""Checking, the operation of `xlcrm check`: what is wrong comes into the sheet Problems, nothing else is touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import pandas as pd

from xlcrm.checks import (
    cells,
    client_facts,
    completeness,
    contact_dues,
    deal_rows,
    gender_evidence,
    opt_out_notes,
    people,
    people_there,
    purchase_lines,
    sensitive_check,
    spellings,
    typed_below,
)
from xlcrm.checks.lines_there import told_there
from xlcrm.checks.summary import counts, summarised
from xlcrm.checks.view import CheckedBook
from xlcrm.checks.worklist import FOREIGN, Listed, as_listed, identity, listed, outdated, worklist_plan
from xlcrm.doubles.duplicates_sheet import summary
from xlcrm.issuing import document_checks
from xlcrm.plan import Plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables

# What is checked, as one tuple of named checks in the order in which their findings are listed.

CHECKS: tuple[Callable[[CheckedBook], list[Problem]], ...] = (
    purchase_lines.check_links,
    cells.check,
    people.check,
    client_facts.check,
    people_there.check,
    gender_evidence.check,
    opt_out_notes.check,
    purchase_lines.check,
    deal_rows.check,
    spellings.check,
    completeness.check,
    completeness.check_stale,
    contact_dues.check_due,
    contact_dues.check_forgotten,
    typed_below.check_below,
    sensitive_check.check,
)


def findings(book: CheckedBook) -> list[Problem]:
    """All findings, one per cell, row, column or table; tables and columns that the workbook lacks are passed over.

    Of purchases in a source they are as `lines_there` says them; of more lines than fit into memory the engine finds
    them, and alike ones are counted already.
    """
    found = sensitive_check.alone(problem for check in CHECKS for problem in check(book))
    if "Purchases" not in book.tables:
        return found
    purchases = book.tables["Purchases"]
    found = told_there(found, purchases)
    away = purchases.elsewhere
    return found + away.problems(book) if away is not None and away.problems is not None else found


def plan(
    tables: Tables,
    *,
    settings: Settings,
    today: dt.date,
    on_disk: Mapping[str, str] | None = None,
    forgotten: pd.DataFrame | None = None,
) -> Plan:
    """Check all tables and bring the table Problems up to date.

    Problems that are gone leave the list, known ones keep their decision and the day they were found, new ones are
    added; a second check changes nothing. Lines of other operations stay while their cell holds what they are about.
    The plan's problems are all open ones, listed in the workbook or not: what somebody ignored is left out. `today`
    is what "in the future" and "stale" are measured from. `on_disk` are the checksums of files of documents,
    `forgotten` rows of the table Forgotten that are kept beside the backups.
    """
    book = CheckedBook.of(tables, settings, today, forgotten)
    found = summarised(findings(book)) + summary(tables, settings) + document_checks.findings(tables, on_disk)
    lines = listed(tables)
    gone = outdated(tables)
    ignored = {line.identity for line in lines if line.decision == "ignore"}
    open_ones = [problem for problem in found if identity(problem) not in ignored]
    known = len(found) - len(open_ones)
    open_ones += [as_listed(line) for line in lines if _is_open_elsewhere(line) and line.position not in gone]
    list_changes = worklist_plan(tables, found, settings=settings, today=today, also_gone=gone)
    told = {**counts(open_ones), "ignored": known}
    told["new"] = sum(len(part.rows) for part in list_changes.added)
    told["gone"] = sum(len(part.rows) for part in list_changes.removed)
    return Plan("check", problems=tuple(open_ones), notes=_notes(told, clean=not open_ones)).join(list_changes)


def _notes(told: dict[str, int], *, clean: bool) -> tuple[tuple[str, dict[str, object]], ...]:
    """What the run says: how much was found, and where there is any, what can be mended."""
    notes: list[tuple[str, dict[str, object]]] = [("check.clean" if clean else "check.done", dict(told))]
    notes += [("check.safe", {"safe": told["safe"]})] if told["safe"] else []
    return tuple(notes)


def _is_open_elsewhere(line: Listed) -> bool:
    """Whether another operation listed the line and nobody decided to ignore it."""
    return line.identity.code.startswith(FOREIGN) and line.decision != "ignore"
