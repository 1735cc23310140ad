"""Random histories of a small workbook: runs and what people do between them, with a model of what undo must give.

The model knows every row by a number of its own, whatever its cells become and wherever it stands. A run may be taken
back exactly where all it left is still there; then its cells get their befores, its rows go and come back.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

COLUMNS = ("client_id", "full_name", "email", "city", "notes")
TEXTS = ("Oslo", "Malmö", "007", "=1+1", "@x", "1/2", " lead", "a\nb", "😀 <&>", "12345678901234567890")
Row = dict[str, str]


def cell(chance: random.Random) -> str:
    """A text, now and then none, of kinds that a spreadsheet likes to change."""
    text = chance.choice(["", chance.choice(TEXTS), "".join(chance.choices("abcæøå €'\"", k=chance.randrange(1, 9)))])
    return text if text.strip() else ""  # a cell of spaces alone reads as blank


@dataclass
class Run:
    """What a run did: by row and column before and after, rows that it added and removed as they were then."""

    changed: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)
    added: dict[int, Row] = field(default_factory=dict)
    removed: dict[int, Row] = field(default_factory=dict)
    undone: bool = False


class Model:
    """The table as it should be: rows in order, each with its number; and what each run did."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.count = 0
        self.keys = 0
        self.rows: dict[int, Row] = {}
        self.order: list[int] = []
        self.runs: list[Run] = []
        for _ in range(chance.randrange(3, 9)):
            self.insert(len(self.order))

    def new_row(self) -> Row:
        self.keys += 1
        return {"client_id": f"C{self.keys}", **{column: cell(self.chance) for column in COLUMNS[1:]}}

    def insert(self, place: int) -> int:
        """A person puts a row in."""
        self.count += 1
        self.rows[self.count] = self.new_row()
        self.order.insert(place, self.count)
        return self.count

    # What a run does: some cells, rows that go, rows that come.

    def meant(self) -> Run:
        """A random run on the rows as they stand."""
        chance, run = self.chance, Run()
        for number in chance.sample(self.order, chance.randrange(len(self.order) + 1)):
            column = chance.choice(COLUMNS[1:])
            after = cell(chance)
            if after != self.rows[number][column]:
                run.changed[number, column] = self.rows[number][column], after
        if chance.random() < 0.5 and len(self.order) > 2:
            gone = chance.choice(self.order)
            run.changed = {place: cells for place, cells in run.changed.items() if place[0] != gone}
            run.removed[gone] = dict(self.rows[gone])
        for _ in range(chance.randrange(3)):
            self.count += 1
            run.added[self.count] = self.new_row()
        return run

    def did(self, run: Run) -> None:
        """The run was applied."""
        for (number, column), (_, after) in run.changed.items():
            self.rows[number][column] = after
        for number in run.removed:
            self.order.remove(number)
            del self.rows[number]
        for number, row in run.added.items():
            self.rows[number] = dict(row)
            self.order.append(number)
        self.runs.append(run)

    # What people do.

    def sort(self) -> None:
        column = self.chance.choice(COLUMNS)
        self.order.sort(key=lambda number: self.rows[number][column], reverse=self.chance.random() < 0.5)

    def edit(self) -> None:
        number, column = self.chance.choice(self.order), self.chance.choice(COLUMNS[1:])
        self.rows[number][column] = cell(self.chance)

    def rename(self) -> None:
        """A client gets another number."""
        self.keys += 1
        self.rows[self.chance.choice(self.order)]["client_id"] = f"C{self.keys}"

    def delete(self) -> None:
        if len(self.order) > 2:
            number = self.chance.choice(self.order)
            self.order.remove(number)
            del self.rows[number]

    def put_in(self) -> None:
        self.insert(self.chance.randrange(len(self.order) + 1))

    # What undo must do.

    def may_undo(self, run: Run) -> bool:
        """Whether all that the run left is still there, and no client who stays has the number of one that returns."""
        cells = all(
            number in self.rows and self.rows[number][column] == after
            for (number, column), (_, after) in run.changed.items()
        )
        rows = all(self.rows.get(number) == row for number, row in run.added.items())
        staying = {row["client_id"] for number, row in self.rows.items() if number not in run.added}
        return cells and rows and not staying & {row["client_id"] for row in run.removed.values()}

    def undo(self, run: Run) -> None:
        for (number, column), (before, _) in run.changed.items():
            self.rows[number][column] = before
        for number in run.added:
            self.order.remove(number)
            del self.rows[number]
        for number, row in run.removed.items():
            self.rows[number] = dict(row)
            self.order.append(number)
        run.undone = True

    def table(self) -> list[tuple[str, ...]]:
        """The rows, in the order in which they stand."""
        return [tuple(self.rows[number][column] for column in COLUMNS) for number in self.order]


DEEDS: dict[str, Any] = {
    "sort": Model.sort,
    "edit": Model.edit,
    "rename": Model.rename,
    "delete": Model.delete,
    "insert": Model.put_in,
}
