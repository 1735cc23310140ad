"""One condition as somebody typed it: a row of the sheet Segments, or a sentence after --where."""

from __future__ import annotations

from dataclasses import dataclass

from xlcrm.errors import CrmError
from xlcrm.segments.fields import FieldNames, Figure, find_field
from xlcrm.segments.search_words import SYMBOLS, Found, SearchToken, is_word, phrase_at, tokens, unquoted
from xlcrm.tables import Table
from xlcrm.text import fold
from xlcrm.values import as_text, is_blank, text_of

EMPTY = ("empty", "not_empty")
DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True)
class Condition:
    """field, operator, value and within_days as typed; `place` is the Excel row, 0 for a condition given by itself."""

    field: str
    operator: str = ""
    value: object = ""
    within_days: object = ""
    place: int = 0
    segment: str = ""
    said: str = ""  # the whole sentence as typed; blank for a condition that was put together
    either: tuple[Condition, ...] = ()  # conditions of which one must hold; field, operator and value are blank then

    def __str__(self) -> str:
        """The condition as a sentence, for messages about it."""
        if self.either:
            return self.said
        parts = (self.field, self.operator, text_of(self.value))
        return " ".join(part for part in parts if part.strip())


def read_conditions(table: Table) -> dict[str, tuple[Condition, ...]]:
    """The conditions of the sheet Segments by segment, in its order; a row without a name belongs to the one above.

    Rows with neither field, operator nor value are skipped. Names differ only if they do without case and accents.
    """
    frame = table.frame
    columns = {
        name: frame[name] if name in frame.columns else None for name in ("field", "operator", "value", "within_days")
    }
    names = segment_names(table)
    found: dict[str, tuple[Condition, ...]] = {}
    spelled: dict[str, str] = {}
    for at, position in enumerate(frame.index):
        cells = {name: "" if column is None else column.iloc[at] for name, column in columns.items()}
        if not names[at] or all(is_blank(cell) for cell in cells.values()):
            continue
        name = spelled.setdefault(fold(names[at]), names[at])
        row = table.excel_row(position)
        texts = (text_of(cells["field"]).strip(), text_of(cells["operator"]).strip())
        said = " ".join(text for text in (*texts, text_of(cells["value"]).strip()) if text)
        one = Condition(*texts, cells["value"], cells["within_days"], row, name, said)
        found[name] = (*found.get(name, ()), one)
    return found


def segment_names(table: Table) -> list[str]:
    """The segment that each row of the sheet belongs to: its own name, or where that is blank the one above; "" without
    a column for names."""
    if "segment" not in table.frame.columns:
        return [""] * len(table.frame)
    found, last = [], ""
    for name in as_text(table.frame["segment"]).str.strip():
        last = name or last
        found.append(last)
    return found


def parse_where(text: str, names: FieldNames | None = None) -> Condition:
    """A condition from a sentence: "spend within 30 days > 500", "gender = F", "no contact within 60 days".

    The field is the longest known one that an operator follows; `names` are the columns that exist (those of the
    schema where not given). A figure may stand alone ("no contact"). Where no field is known, the sentence is cut at
    its first sign (or word) that is an operator, and evaluating it names the field that isn't there. Text in double
    quotes is never taken for an operator. CrmError "segment.two_conditions" where "and" or "or" begins another one.
    """
    names = names or FieldNames.of()
    rest, days = cut_window(text)
    held = tokens(rest)
    within: object = "" if days is None else days
    operators = _operators(held)
    known = [one for one in operators if find_field(rest[: held[one.first].start], names, windowed=days is not None)]
    alone = find_field(rest, names, windowed=days is not None)
    signs = [one for one in operators if held[one.first].word in SYMBOLS]
    best = known[-1] if known else next(iter(signs or operators), None)
    if best is None or (not known and isinstance(alone, Figure)):
        return Condition(rest.strip(), "", "", within, said=text)
    start, end = held[best.first].start, held[best.last - 1].end
    if (second := _second(rest[end:], names)) is not None:
        raise CrmError("segment.two_conditions", first=(rest[:end] + second[0]).strip(), second=second[1])
    return Condition(rest[:start].strip(), rest[start:end], unquoted(rest[end:]), within, said=text)


def joined_by_or(text: str, names: FieldNames) -> list[str]:
    """The conditions of a text that "or" joins, each in the documented form; the text alone where it is none such.

    "city = Rome or spend within 30 days > 500" is two; "city one of Rome or Milan" and a sentence are one.
    """
    held = tokens(text)
    for at in range(1, len(held)):
        if not is_word("link", "or", held[at].word) or not _begins_condition(text, held, at + 1, names):
            continue
        first = text[: held[at].start].strip()
        if _begins_condition(first, tokens(first), 0, names):
            return [first, *joined_by_or(text[held[at].end :].strip(), names)]
    return [text]


def _operators(held: list[SearchToken]) -> list[Found]:
    """What may be the operator of a sentence: not its first word, and not behind a sign that belongs to it.

    "is empty" and "is not empty" end a sentence, every other operator has a value behind it.
    """
    found = (phrase_at("operator", held, i) for i in range(1, len(held)))
    return [
        one
        for one in found
        if one and (one.name in EMPTY) == (one.last == len(held)) and held[one.first - 1].word not in SYMBOLS
    ]


def _second(value: str, names: FieldNames) -> tuple[str, str] | None:
    """A value cut at the "and" or "or" that begins another condition; None where it is one value."""
    held = tokens(value)
    for at in range(1, len(held)):
        link = phrase_at("link", held, at)
        if link is None or link.name not in ("and", "or"):
            continue
        if _begins_condition(value, held, link.last, names):
            rest = value[held[link.last].start :] if link.last < len(held) else ""
            return value[: held[at].start].rstrip(), rest
    return None


def _begins_condition(value: str, held: list[SearchToken], first: int, names: FieldNames) -> bool:
    """Whether a condition begins with token `first`: a field and an operator, or "no contact"."""
    if first >= len(held):
        return False
    start = held[first].start
    alone = find_field(cut_window(value[start:])[0], names)
    if isinstance(alone, Figure) and alone.none:
        return True
    return any(
        phrase_at("operator", held, end) and find_field(cut_window(value[start : held[end - 1].end])[0], names)
        for end in range(first + 1, len(held))
    )


def cut_window(text: str) -> tuple[str, int | str | None]:
    """A text without its "within 30 days", and the days; weeks are days, months and longer "3 months"; None without."""
    held = tokens(text)
    for first in range(len(held)):
        within = phrase_at("link", held, first)
        if within is None or within.name != "within" or len(held) < within.last + 2:
            continue
        unit = phrase_at("unit", held, within.last + 1)
        count = held[within.last].word
        if count.isdecimal() and unit:
            start, end = held[first].start, held[unit.last - 1].end
            left = f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
            return left, int(count) * DAYS[unit.name] if unit.name in DAYS else f"{count} {unit.name}"
    return text.strip(), None
