"""Table rules of combining: by what a row of each table is known in both copies, and which of its cells are one cell.

A table that stands in no rule is made from the others (Dashboard, Figures, Funnel, Found) and is not combined; of
Problems, Duplicates and Changes `other_records` takes care.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from xlcrm import schema


class TableRule(NamedTuple):
    """How a table is combined.

    kind     keyed: a row is known by `columns`. bag: rows have no number; equal rows first, then those that agree in
             `columns`, in their order. block: several rows may share the first column, and then they are one thing
    columns  the key, or what a row of a bag is known by
    people   the columns that are one cell together: a name, an address
    records  all of its columns are records, also those that xlcrm fills
    """

    name: str
    kind: Literal["keyed", "bag", "block"]
    columns: tuple[str, ...]
    why: str
    groups: tuple[tuple[str, ...], ...] = ()
    records: bool = False


NAME = ("full_name", "title", "first_name", "middle_name", "last_name", "suffix")
ADDRESS = (
    "address", "street", "house_number", "unit", "postal_code", "city", "region", "country", "po_box", "address_extra",
)  # fmt: skip
NOTES = "notes"

RULES: tuple[TableRule, ...] = (
    TableRule("Clients", "keyed", ("client_id",), "a client has a number", (NAME, ADDRESS)),
    TableRule("People", "keyed", ("person_id",), "so has a person", (NAME,)),
    TableRule("Opportunities", "keyed", ("opportunity",), "so has an opportunity"),
    TableRule("Purchases", "bag", ("invoice", "client_id", "date", "product", "amount"), "an invoice has many lines"),
    TableRule("Interactions", "bag", ("date", "client_id", "kind", "by", "subject"), "contacts have no number"),
    TableRule("StageChanges", "bag", ("opportunity", "stage", "since"), "a record of the past", (), True),
    TableRule("Segments", "block", ("segment",), "the rows of a segment are one condition"),
    TableRule("Lists", "block", ("list",), "a list has one row"),
    TableRule("Settings", "block", ("setting",), "a setting has one row"),
    TableRule("Seller", "block", ("setting",), "as in Settings"),
    TableRule("Rates", "block", ("currency",), "a currency has a rate for each time"),
    TableRule("LabelSheets", "block", ("sheet",), "a sheet of labels has one row"),
    TableRule("Merged", "keyed", ("old_id",), "a number is merged into one other", (), True),
    TableRule("Decisions", "keyed", ("client_id", "other_id"), "two clients, one decision", (), True),
    TableRule("External", "keyed", ("client_id", "person_id", "system"), "one id in each program", (), True),
    TableRule("Forgotten", "keyed", ("hash",), "who asked to be forgotten is so in every copy", (), True),
    TableRule("Documents", "keyed", ("number",), "the number is on paper", (), True),
    TableRule("DocumentLines", "keyed", ("number", "line"), "a line of a document", (), True),
    TableRule("Payments", "bag", ("date", "number", "amount", "way"), "payments have no number"),
)
NUMBERED = {"Clients": "C", "People": "P", "Opportunities": "O"}  # and how the first number of each begins
# Where a number of another table stands: table -> column -> whose number.
REFERENCES: dict[str, dict[str, str]] = {
    "Clients": {"client_id": "Clients", "parent_id": "Clients"},
    "People": {"client_id": "Clients", "person_id": "People"},
    "Opportunities": {"opportunity": "Opportunities", "client_id": "Clients", "person_id": "People"},
    "Purchases": {"client_id": "Clients"},
    "Interactions": {"client_id": "Clients", "person_id": "People"},
    "StageChanges": {"opportunity": "Opportunities"},
    "Merged": {"new_id": "Clients"},
    "Decisions": {"client_id": "Clients", "other_id": "Clients"},
    "External": {"client_id": "Clients", "person_id": "People"},
    "Documents": {"client_id": "Clients", "person_id": "People"},
    "Problems": {"client_id": "Clients"},
    "Duplicates": {"client_id": "Clients"},
}
HANGS = ("People", "Opportunities", "Purchases", "Interactions", "Documents")  # what keeps a client from being deleted
STANDS_FOLLOW = frozenset({"status", "paid", "open"})  # of a document: reckoned from its payments by every refresh


def is_left_out(rule: TableRule, column: str) -> bool:
    """Whether a column is filled by xlcrm and comes again with the next refresh."""
    if rule.name == "Documents":
        return column in STANDS_FOLLOW
    spec = schema.known(rule.name)
    known = spec.column(column) if spec else None
    return bool(known and known.calculated and not rule.records)
