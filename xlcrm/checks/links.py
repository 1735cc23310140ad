"""Everything hangs on client_id: a client without one is never billed, a line of an unknown client never counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from xlcrm.checks.judge import Verdict
from xlcrm.checks.view import View, Workbook
from xlcrm.problems import Problem


def check(book: Workbook) -> list[Problem]:
    """Clients without an id (a new one is proposed) or with somebody else's; lines of clients that the list lacks."""
    clients = book.get("Clients")
    if clients is None or not clients.has("client_id"):
        return []
    found = _ids(clients)
    known = set(clients.text("client_id")) - {""}
    for name in ("Purchases", "Interactions"):
        view = book.get(name)
        if view is not None and view.has("client_id"):
            found += _lines(view, known)
    return found


def _ids(clients: View) -> list[Problem]:
    ids = clients.text("client_id")
    fresh = new_ids(list(ids))
    found = []
    for position in np.flatnonzero(clients.live & ~clients.filled("client_id")).tolist():
        name = clients.text("full_name")[position] or clients.text("company")[position]
        verdict = Verdict("id.missing", next(fresh), True, values=(("name", str(name)),))
        found.append(clients.problem(position, verdict, "client_id", ""))
    counts = Counter(ids[clients.filled("client_id")].tolist())
    first: dict[str, int] = {}
    for position in np.flatnonzero(clients.filled("client_id")).tolist():
        key = ids[position]
        if counts[key] > 1:
            if key in first:
                other = str(clients.table.excel_row(first[key]))
                verdict = Verdict("id.repeated", values=(("other", other), ("count", str(counts[key]))))
                found.append(clients.problem(position, verdict, "client_id"))
            else:
                first[key] = position
    return found


def new_ids(ids: list[str]) -> Iterator[str]:
    """Unused ids in the manner of those that are there: the commonest prefix, the next number, as many figures."""
    shapes = [match.groups() for key in ids if (match := re.fullmatch(r"(.*?)(\d{1,15})", key))]
    prefix = Counter(shape[0] for shape in shapes).most_common(1)[0][0] if shapes else "C"
    figures = [shape[1] for shape in shapes if shape[0] == prefix]
    number = max(map(int, figures), default=0)
    width = Counter(map(len, figures)).most_common(1)[0][0] if figures else 4
    taken = set(ids)
    while True:
        number += 1
        key = f"{prefix}{number:0{width}d}"
        if key not in taken:
            yield key


def _lines(view: View, known: set[str]) -> list[Problem]:
    """One finding per unknown client and one for all lines without any: a shop's anonymous sales are no mistakes."""
    ids = view.text("client_id")
    filled = view.filled("client_id")
    found = []
    blank = int((view.live & ~filled).sum())
    if blank:
        found.append(view.about(Verdict("link.blank", level="note", values=(("count", str(blank)),)), "client_id"))
    folded = {key.casefold().lstrip("0"): key for key in known}
    unknown = Counter(key for key in ids[filled].tolist() if key not in known)
    for key, count in unknown.items():
        near = folded.get(key.casefold().lstrip("0"), "")  # spreadsheets drop leading zeros
        verdict = Verdict("link.unknown", near, False, "error", (("count", str(count)),))
        found.append(view.about(verdict, "client_id", key))
    return found
