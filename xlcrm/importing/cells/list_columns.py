"""The columns of a list while they are being laid out: what is mapped where, their text, and where new ones go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from xlcrm import words
from xlcrm.importing.incoming import Incoming, Mapped
from xlcrm.problems import Problem
from xlcrm.values import as_text


@dataclass
class ListColumns:
    """A working copy: `frame` and `mapped` (header -> Mapped) change, `incoming` stays as it was read.

    Cells are text without blanks around them, in the order of the rows. `country` is the workbook's, for phone
    numbers and postal codes that name none.
    """

    incoming: Incoming
    frame: pd.DataFrame
    mapped: dict[str, Mapped]
    country: str
    language: str
    problems: list[Problem] = field(default_factory=list)

    def header_of(self, name: str) -> str:
        """The column that has a field of Clients; "" where none has."""
        found = (m.header for m in self.mapped.values() if m.field == name and m.table != "Interactions")
        return next(found, "")

    def text(self, header: str) -> list[str]:
        """The cells of a column of the list."""
        return [value.strip() for value in as_text(self.frame[header])]

    def get(self, name: str) -> list[str]:
        """The cells of a field of Clients; blanks where no column has it."""
        header = self.header_of(name)
        return self.text(header) if header else [""] * len(self.frame)

    def put(self, name: str, cells: Sequence[str]) -> None:
        """Writes the cells that differ of a field of Clients; a column of its own is made where none has the field."""
        header = self.header_of(name)
        if header:
            self._write(header, cells)
            return
        if not any(cells):
            return
        header = self._free(words.header("Clients", name, self.language))
        self._add(header, cells)
        self.mapped[header] = Mapped(header, "Clients", name, "values")

    def keep(self, header: str, cells: Sequence[str]) -> None:
        """What is left over of a column stays as the user's own; nothing where nothing is left."""
        self._write(header, cells)
        self.mapped[header] = Mapped(header, "", "", "second" if any(cells) else "empty")

    def own(self, label: str, cells: Sequence[str]) -> None:
        """A further column of the user's own."""
        if any(cells):
            header = self._free(label)
            self._add(header, cells)
            self.mapped[header] = Mapped(header, "", "", "second")

    def of(self, names: Iterable[str]) -> list[str]:
        """The headers mapped to any of these fields of Clients or helper fields."""
        wanted = frozenset(names)
        return [m.header for m in self.mapped.values() if m.field in wanted]

    def _add(self, header: str, cells: Sequence[str]) -> None:
        self.frame = self.frame.assign(**{header: pd.Series(list(cells), index=self.frame.index, dtype="str")})

    def _write(self, header: str, cells: Sequence[str]) -> None:
        before = self.text(header)
        changed = [old != new for old, new in zip(before, cells, strict=True)]
        if any(changed):
            values = self.frame[header].astype(object).to_numpy(copy=True)
            for place, differs in enumerate(changed):
                if differs:
                    values[place] = cells[place]
            kind = self.frame[header].dtype if isinstance(self.frame[header].dtype, pd.StringDtype) else object
            self.frame = self.frame.assign(**{header: pd.Series(values, index=self.frame.index, dtype=kind)})

    def _free(self, label: str) -> str:
        taken = {str(name).casefold() for name in self.frame.columns}
        name, times = label, 1
        while name.casefold() in taken:
            times += 1
            name = f"{label} ({times})"
        return name
