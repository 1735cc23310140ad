"""Checks of documents: gaps and doubled numbers, doubled payments, lines on two invoices, sums and files that differ.

Pure: the checksums of the files that are there are handed in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, product

from xlcrm.documents.business_document import BusinessDocument
from xlcrm.issuing.document_rows import amount, day, documents_of, rows_of, text
from xlcrm.issuing.numbering import parsed
from xlcrm.problems import Problem
from xlcrm.tables import Table, Tables
from xlcrm.values import as_text

CENT = Decimal("0.01")
_SHOWN = 12
_FILES = (("file", "hash"), ("einvoice", "einvoice_hash"))


@dataclass(frozen=True, eq=False)
class _Checked:
    """The tables as the checks see them: documents with their Excel rows, and what stands on the disk."""

    tables: Tables
    documents: tuple[BusinessDocument, ...]
    rows: Mapping[str, int]
    on_disk: Mapping[str, str] | None

    def problem(self, code: str, number: str, column: str = "number", value: str = "", level: str = "error") -> Problem:
        return Problem(code, "Documents", self.rows.get(number, 0), number, column, value or number, level=level)


def findings(tables: Tables, on_disk: Mapping[str, str] | None = None) -> list[Problem]:
    """What is wrong with documents and payments; nothing where the workbook has no such tables.

    on_disk  file as the row names it -> its SHA-256, "" where it is gone; None: not looked at
    """
    if "Documents" not in tables or "Payments" not in tables:
        return []
    table = tables["Documents"]
    numbers = as_text(table.frame["number"]).str.strip()
    rows = {number: table.excel_row(n) for n, number in reversed(list(enumerate(numbers)))}
    checked = _Checked(tables, documents_of(tables), rows, on_disk)
    return [problem for check in _CHECKS for problem in check(checked)]


def _numbers_twice(checked: _Checked) -> Iterator[Problem]:
    counts = Counter(one.number.casefold() for one in checked.documents)
    seen = {one.number.casefold(): one.number for one in checked.documents}
    for key, count in counts.items():
        if count > 1:
            yield checked.problem("issuing.number_twice", seen[key])


def _gaps(checked: _Checked) -> Iterator[Problem]:
    """Numbers that are missing between the first and the last of a series and year, one problem for all of them."""
    series: dict[tuple[str, int], dict[int, str]] = defaultdict(dict)
    for one in checked.documents:
        number = parsed(one.number)
        if number:
            series[number.series, number.year][number.sequence] = one.number
    for given in series.values():
        missing = sorted(set(range(min(given), max(given))) - set(given))
        if missing:
            yield checked.problem("issuing.gap", given[max(given)], value=_ranges(missing))


def _ranges(numbers: list[int]) -> str:
    """3, 7-9"""
    runs = [[n for _, n in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    shown = [f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return ", ".join(shown[:_SHOWN]) + (", ..." if len(shown) > _SHOWN else "")


def _payments(checked: _Checked) -> Iterator[Problem]:
    """Payments that stand there twice, and those of documents that nobody knows."""
    payments = checked.tables["Payments"]
    known = {one.number.casefold() for one in checked.documents}
    seen: dict[tuple[object, ...], int] = {}
    for place, cells in enumerate(rows_of(payments)):
        number, sum_ = text(cells, "number"), amount(cells, "amount")
        if not number and not sum_:
            continue
        if number.casefold() not in known:
            yield _of_payment(payments, place, "issuing.payment_unknown", number)
        key = (number.casefold(), sum_, day(cells, "date"))
        if key in seen:
            yield _of_payment(payments, place, "issuing.payment_twice", number, str(payments.excel_row(seen[key])))
        seen.setdefault(key, place)


def _of_payment(payments: Table, place: int, code: str, number: str, other: str = "") -> Problem:
    level = "doubt" if other else "error"
    row = payments.excel_row(place)
    return Problem(code, "Payments", row, number, "number", number, level=level, values=(("other", other),))


def _lines_twice(checked: _Checked) -> Iterator[Problem]:
    """Lines of Purchases that stand on two invoices, but for those that a credit note gave back."""
    on: dict[str, list[str]] = defaultdict(list)
    back: Counter[str] = Counter()
    for one in checked.documents:
        for line in one.lines:
            if line.purchase and one.kind == "invoice":
                on[line.purchase].append(one.number)
            back[line.purchase] += bool(line.purchase) and one.kind == "credit"
    for mark, numbers in on.items():
        if len(numbers) - back[mark] > 1:
            yield checked.problem("issuing.line_twice", numbers[-1], value=", ".join(numbers))


def _dates(checked: _Checked) -> Iterator[Problem]:
    for one in checked.documents:
        if one.due_on and one.due_on < one.date:
            yield checked.problem("issuing.due_before", one.number, "due_on", one.due_on.isoformat())


def _sums(checked: _Checked) -> Iterator[Problem]:
    """Totals that their lines don't give. Prices with VAT may leave a cent a line between net, VAT and total."""
    for one in checked.documents:
        net = sum((line.net for line in one.lines), Decimal(0))
        slack = CENT * len(one.lines)
        if not one.lines or abs(net - one.net) >= CENT / 2 or abs(one.net + one.vat - one.gross) > slack:
            yield checked.problem("issuing.sums_differ", one.number, "gross", str(one.gross))


def _files(checked: _Checked) -> Iterator[Problem]:
    """Documents whose file is gone, or is not any more what was issued."""
    if checked.on_disk is None:
        return
    for cells, (column, print_) in product(rows_of(checked.tables["Documents"]), _FILES):
        file, number = text(cells, column), text(cells, "number")
        there = checked.on_disk.get(file) if column == "file" or file != text(cells, "file") else None
        if file and there is not None and there != text(cells, print_):
            code = "issuing.file_differs" if there else "issuing.file_gone"
            yield checked.problem(code, number, column, file)


_CHECKS: tuple[Callable[[_Checked], Iterator[Problem]], ...] = (
    _numbers_twice, _gaps, _payments, _lines_twice, _dates, _sums, _files,
)  # fmt: skip
