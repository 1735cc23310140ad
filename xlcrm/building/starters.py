"""The first rows of the sheets Lists, Segments and Found: they work on the first click and show how they are filled."""

from __future__ import annotations

from xlcrm import messages, words

Row = tuple[object, ...]


def starters(table: str, language: str) -> list[Row]:
    """Rows in the order of the table's columns, in the workbook's words; none for the other tables."""
    if table == "Lists":
        return [_list("mailing", language), _list("invoicing", language)]
    if table == "Segments":
        women, quiet = (messages.text(f"starter.{name}", language) for name in ("women", "quiet"))
        return [
            (women, words.header("Clients", "gender", language), "=", "F"),
            (women, messages.text("starter.spend", language), ">", 500, 30),
            (quiet, words.header("Clients", "days_since", language), ">", 180),
        ]
    if table == "FoundBy":
        return [(messages.text("starter.women", language),)]
    return []


def _list(kind: str, language: str) -> Row:
    word = words.choice_word("list", kind, language)
    return (messages.text(f"starter.{kind}", language), None, word, None, "xlsx")
