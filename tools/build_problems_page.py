"""Writes docs/problems.md: every code of a problem with its sentence, so that a code in the sheet can be looked up."""

from __future__ import annotations

import csv
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MESSAGES = ROOT / "xlcrm" / "messages"
CATALOGUES = ("fields.csv", "checks.csv", "split.csv", "doubles.csv", "bank.csv", "sensitive.csv")
MANY = re.compile(r"\{\w+:[^|}]*\|([^}]*)\}")  # {n:row|rows}: the page says rows
# Sentences that tell what a run did; they are not problems.
TOLD = (
    "decision.", "check.done", "check.clean", "check.safe", "correct.",
    "double.", "explain_double.", "doubles.done", "doubles.none", "doubles.kept", "doubles.remembered", "doubles.band.",
    "doubles.firms", "doubles.old_sheet", "split.done", "split.no_", "split.unknown_kind", "table.rows_below",
    "bank.done", "bank.strangers", "bank.decided", "bank.unread_", "bank.no_", "bank.do.", "bank.damaged",
    "bank.dates_", "bank.decimal_",
)  # fmt: skip
GROUPS = {
    "email": "E-mail addresses",
    "phone": "Phone numbers",
    "postal_code": "Postal codes",
    "tax_id": "Tax and company numbers",
    "date": "Dates",
    "money": "Amounts",
    "number": "Numbers",
    "choice": "Words of drop-down lists",
    "gender": "Gender",
    "birth": "Birth dates",
    "notes": "Notes",
    "country": "Countries",
    "website": "Websites",
    "language": "Languages",
    "name": "Names",
    "text": "Text",
    "value": "Values in the wrong place",
    "id": "Client IDs",
    "link": "Lines and their clients",
    "line": "Purchase lines",
    "amount": "Amounts of purchases",
    "currency": "Currencies",
    "deal": "Opportunities",
    "spelling": "Spellings",
    "client": "Clients",
    "company": "Companies",
    "parent": "Groups",
    "delivery": "Delivery addresses",
    "year": "Years of figures",
    "household": "Households",
    "person": "People at a client",
    "bank": "Payments from the bank",
    "status": "Status",
    "missing": "Completeness",
    "consent": "Consent",
    "opt_out": "Opt-outs",
    "sensitive": "What must not be there",
    "split": "Splitting",
    "doubles": "Clients who are there twice",
    "check": "The list itself",
    "table": "Rows outside of a table",
}
HEAD = """# Problems

Every line of the sheet Problems has a code, in its first column (click the + above the columns to see it). Codes never
change their meaning, so that notes and filters may use them.
This page is made by `python tools/build_problems_page.py` from the sentences that the program shows; words in braces
are filled in. What to do with a line stands in its column Decision: apply, ignore or later.
"""


def sentences() -> dict[str, str]:
    """Code -> English sentence of all problems, in the order of the catalogues."""
    found = {}
    for name in CATALOGUES:
        with (MESSAGES / name).open(encoding="utf-8", newline="") as file:
            found.update({row["key"]: row["en"] for row in csv.DictReader(file) if not row["key"].startswith(TOLD)})
    return found


def shown(text: str) -> str:
    return (
        MANY.sub(lambda words: words[1], text).replace(":number}", "}").replace(" {do:bank.do.}", "").replace("|", "/")
    )


def page() -> str:
    """The page as it must stand in docs/problems.md."""
    known = sentences()
    parts = [HEAD]
    for group, title in GROUPS.items():
        rows = [(code, text) for code, text in known.items() if code.partition(".")[0] == group]
        if rows:
            lines = [f"| `{code}` | {shown(text)} |" for code, text in rows]
            parts.append("\n".join([f"## {title}", "", "| code | what it says |", "| --- | --- |", *lines, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    (ROOT / "docs" / "problems.md").write_text(page(), encoding="utf-8")
