"""What is checked, as one tuple of named checks in the order in which their findings are listed."""

from __future__ import annotations

from collections.abc import Callable

from xlcrm.checks import cells, completeness, links, people, purchase_lines, spellings, stale
from xlcrm.checks.view import Workbook
from xlcrm.problems import Problem

CHECKS: tuple[Callable[[Workbook], list[Problem]], ...] = (
    links.check,
    cells.check,
    people.check,
    purchase_lines.check,
    spellings.check,
    completeness.check,
    stale.check,
)


def findings(book: Workbook) -> list[Problem]:
    """All findings, one per cell, row, column or table; tables and columns that the workbook lacks are passed over."""
    return [problem for check in CHECKS for problem in check(book)]
