"""What was mapped to what, and how sure that is, as sentences that stand above a dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlcrm import words
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.mapping import HELPERS, Mapped

Note = tuple[str, dict[str, object]]


def of_mapping(mapped: Sequence[Mapped], own: Mapping[str, str], one: Incoming, language: str) -> list[Note]:
    """A note a column, in the order of the list.

    Keys: import.mapped_given, _word, _export, _synonym, _values (header, field, name: the canonical column);
    import.own_unknown, _second, _doubt, _given (header, column: the user column that takes it), import.own_empty.
    """
    found: list[Note] = [("import.read", {"file": one.name, "rows": len(one.frame), "columns": one.frame.shape[1]})]
    for place in mapped:
        if place.field:
            label = place.field if place.field in HELPERS else words.header(place.table, place.field, language)
            if place.field == "last_or_company":
                label = (
                    f"{words.header('Clients', 'last_name', language)} / {words.header('Clients', 'company', language)}"
                )
            values: dict[str, object] = {
                "header": place.header,
                "field": label,
                "table": words.title(place.table, language),
            }
            found.append((f"import.mapped_{place.how}", values))
        else:
            found.append(
                (f"import.own_{place.how}", {"header": place.header, "column": own.get(place.header, place.header)})
            )
    return found
