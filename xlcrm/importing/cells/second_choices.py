"""Second choices in a list, row by row: the home address where the business one is blank, the second phone, e-mail 2.

An address comes whole from one block of columns, so that no street of one town meets another's postal code. Several
phones or e-mails in one cell are taken apart, too. What finds no place stays in columns of the user's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xlcrm import words
from xlcrm.fields import phone
from xlcrm.importing import header_words
from xlcrm.importing.cells import whose
from xlcrm.importing.cells.list_columns import ListColumns
from xlcrm.importing.judging import EMAIL
from xlcrm.text import fold

# What tells where somebody lives; a country alone does not.
LOCATING = frozenset({"address", "street", "postal_code", "city", "po_box"})
HALVES = {
    "street": frozenset({"address", "street", "po_box"}),
    "town": frozenset({"postal_code", "city", "postcode_city"}),
}
_PHONES_APART = re.compile(
    r"\s*(?::::|[;|\n]|\s/\s|,\s+(?=[+(0])|/\s*(?=[+(]|0\d{2,})|\s+(?=(?:cell|tel|mob|fax|fisso|privat|handy)\b))\s*",
    re.I,
)
_EMAILS_APART = re.compile(r"\s*(?::::|[;,|\n/]|\s(?:e|y|og|and|et|und|o|or|oder)\s|\s)\s*")
_NAMED_EMAIL = re.compile(r"\s*\"?(?P<name>[^<>\"]*)\"?\s*<(?P<email>[^<>@\s]+@[^<>@\s]+)>\s*")
_LABEL_WORDS = {
    "mobile": frozenset(
        "mobile cell cellulare cell movil mobil portable handy celular mobiel iphone mobiltelefon".split()
    ),
    "fax": frozenset("fax telefax telefaks telecopie pager".split()),
}
_FIXED = frozenset(
    "work main home office business lavoro ufficio casa trabajo arbeid jobb travail bureau arbeit".split()
)
# How mobile numbers begin, without the zero in front: for numbers that no operator has been given yet.
MOBILE = {
    "IT": "3", "ES": "[67]", "NO": "[49]", "FR": "[67]", "DE": "1[567]", "GB": "7", "CH": "7", "AT": "6", "NL": "6",
    "BE": "4", "SE": "7", "PT": "9",
}  # fmt: skip
CODES = {
    "IT": 39, "ES": 34, "NO": 47, "FR": 33, "DE": 49, "GB": 44, "CH": 41, "AT": 43, "NL": 31, "BE": 32, "SE": 46,
    "PT": 351,
}  # fmt: skip
_LABELS = frozenset("label type typ tipo".split())


def spread(columns: ListColumns) -> None:
    """Blank fields from the columns that are a second choice for them, then several numbers or addresses in a cell."""
    _addresses(columns)
    _labelled(columns)
    for header in _spares(columns, {"phone", "mobile"}):
        numbers = columns.text(header)
        columns.keep(header, _placed_phones(columns, numbers, _kinds(columns, header, numbers)))
    for header in _spares(columns, {"email"}):
        columns.keep(header, _placed_emails(columns, columns.text(header)))
    _several_phones(columns)
    _several_emails(columns)


def _spares(columns: ListColumns, fields: set[str]) -> list[str]:
    found = [m.header for m in columns.mapped.values() if m.how == "spare" and m.spare in fields]
    return sorted(found, key=whose.block)


# Addresses: blocks of columns.


def _addresses(columns: ListColumns) -> None:
    blocks = _blocks(columns)
    if len(blocks) < 2:
        return
    texts = {(at, name): columns.text(h) for at, block in blocks.items() for name, h in block.items()}
    order = sorted(blocks)
    chosen = [_first_filled(texts, order, row) for row in range(len(columns.frame))]
    fields = dict.fromkeys(name for at in order for name in blocks[at])
    results = {name: _from_blocks(texts, name, chosen, order[0], columns.get(name)) for name in fields}
    for at, block in blocks.items():
        _keep_unused(columns, block, [taken == at for taken in chosen])
    for name, cells in results.items():
        lost = [old if old != new else "" for old, new in zip(columns.get(name), cells, strict=True)]
        header = columns.header_of(name)
        columns.put(name, cells)
        columns.own(header, lost)


def _keep_unused(columns: ListColumns, block: Mapping[str, str], used: Sequence[bool]) -> None:
    """What a second block has in rows that took another one stays in columns of the user's own."""
    for header in block.values():
        if columns.mapped[header].how == "spare":
            cells = zip(used, columns.text(header), strict=True)
            columns.keep(header, ["" if taken else cell for taken, cell in cells])


def _from_blocks(
    texts: dict[tuple[int, str], list[str]], name: str, chosen: Sequence[int], first: int, have: Sequence[str]
) -> list[str]:
    """A field's cells from the block of each row; from the first where that one has no such column."""
    blank = [""] * len(have)
    return [
        old if at < 0 else texts.get((at, name), texts.get((first, name), blank))[row]
        for row, (at, old) in enumerate(zip(chosen, have, strict=True))
    ]


def _blocks(columns: ListColumns) -> dict[int, dict[str, str]]:
    """block -> field -> header. A block that does not say where (a country alone) belongs to the next one."""
    blocks: dict[int, dict[str, str]] = {}
    for one in columns.mapped.values():
        name = one.field if one.field in whose.ADDRESS else one.spare if one.spare in whose.ADDRESS else ""
        if name and one.how != "given":
            at = whose.MAIN if one.how == "values" else whose.block(one.header)  # "values": a column made of parts
            blocks.setdefault(at, {}).setdefault(name, one.header)
    _joined_halves(blocks)
    locating = [at for at in sorted(blocks) if LOCATING & set(blocks[at])]
    for at in [at for at in blocks if at not in locating and locating]:
        for name, header in blocks.pop(at).items():
            blocks[locating[0]].setdefault(name, header)
    return blocks


def _joined_halves(blocks: dict[int, dict[str, str]]) -> None:
    """ "Street 1" beside "Ship City" is one address in two halves: blocks without a field in common become one."""
    first = min(blocks, default=0)
    for at in sorted(blocks)[1:]:
        places = _places(blocks[first]), _places(blocks[at])
        if all(places) and places[0].isdisjoint(places[1]):
            blocks[first] |= {name: header for name, header in blocks.pop(at).items() if name not in blocks[first]}


def _places(block: Mapping[str, str]) -> set[str]:
    """Which halves of an address a block has: the street's and the town's."""
    return {half for half, fields in HALVES.items() if fields & set(block)}


def _first_filled(texts: dict[tuple[int, str], list[str]], order: Sequence[int], row: int) -> int:
    """The first block that says where in this row, -1 where none does."""
    return next((at for at in order if any(texts.get((at, f), [""] * (row + 1))[row] for f in LOCATING)), -1)


# Phones and e-mails: one after the other into what is blank.


def _placed_phones(columns: ListColumns, numbers: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """Puts each number where its row has room and gives back those that found none."""
    fixed, mobile = columns.get("phone"), columns.get("mobile")
    rest = [_place_phone(n, kind, row, fixed, mobile) for row, (n, kind) in enumerate(zip(numbers, kinds, strict=True))]
    columns.put("phone", fixed)
    columns.put("mobile", mobile)
    return rest


def _place_phone(number: str, kind: str, row: int, fixed: list[str], mobile: list[str]) -> str:
    """Writes the number into the row where there is room for its kind; what comes back found none."""
    have = {_digits(fixed[row]), _digits(mobile[row])}
    if not _digits(number) or kind == "fax":
        return number
    if _digits(number) in have:
        return ""
    if kind == "mobile" and not mobile[row]:
        mobile[row] = number
    elif not fixed[row]:
        fixed[row] = number
    elif not mobile[row] and kind == "second":
        mobile[row] = number
    else:
        return number
    return ""


def _placed_emails(columns: ListColumns, addresses: Sequence[str]) -> list[str]:
    have = columns.get("email")
    rest = [
        "" if not old or old.casefold() == new.casefold() else new for old, new in zip(have, addresses, strict=True)
    ]
    columns.put("email", [old or new for old, new in zip(have, addresses, strict=True)])
    return rest


def _labelled(columns: ListColumns) -> None:
    """Google's "Phone 2 - Label: Mobile" beside "Phone 2 - Value": the label says whose number it is, row by row."""
    moves: list[tuple[str, list[str], list[str]]] = []
    for header in columns.of({"phone", "mobile"}):
        label, name = _label_of(columns, header), columns.mapped[header].field
        kinds = [_kind_of(text) for text in columns.text(label)] if label else []
        own = {"phone": "landline"}.get(name, name)
        moved = [
            n if kind not in {own, ""} else "" for n, kind in zip(columns.text(header), kinds or [""], strict=False)
        ]
        if any(moved):
            columns.put(name, ["" if out else n for n, out in zip(columns.text(header), moved, strict=True)])
            moves.append((header, moved, kinds))
    for header, moved, kinds in moves:
        columns.own(header, _placed_phones(columns, moved, kinds))


def _kinds(columns: ListColumns, header: str, numbers: Sequence[str]) -> list[str]:
    """ "mobile", "landline", "fax", "second" or "" for each number: by its label, the header, or the number itself."""
    label = _label_of(columns, header)
    by_header = "mobile" if _kind_of(header) == "mobile" else ""
    told = [_kind_of(text) for text in columns.text(label)] if label else [by_header] * len(numbers)
    second = "second" if columns.country and whose.block(header) == whose.OTHER else ""
    return [kind or kind_of_number(n, columns.country) or second for kind, n in zip(told, numbers, strict=True)]


def _label_of(columns: ListColumns, header: str) -> str:
    stem = [part for part in header_words.tokens(header) if part != "value"]
    for other in columns.mapped:
        parts = header_words.tokens(other)
        if parts and parts[-1] in _LABELS and parts[:-1] == stem:
            return other
    return ""


def _kind_of(label: str) -> str:
    parts = set(header_words.tokens(label))
    kind = next((kind for kind, known in _LABEL_WORDS.items() if parts & known), "")
    return kind or ("landline" if parts & _FIXED else "")


def kind_of_number(number: str, country: str) -> str:
    """ "mobile", "landline" or "": by Google's plan of numbers, else by how the country's mobile numbers begin."""
    if not _digits(number):
        return ""
    begins = MOBILE.get(country)
    known = phone.kind(number, country)
    if known or not begins:
        return known
    code = str(CODES[country])
    digits = re.sub(r"\D", "", number)
    national = digits.removeprefix("00").removeprefix(code) if number.strip().startswith(("+", "00")) else digits
    return "mobile" if re.match(begins, national.removeprefix("0") if country != "IT" else national) else ""


def _several_phones(columns: ListColumns) -> None:
    for name in ("phone", "mobile"):
        texts = columns.get(name)
        if not any(texts):
            continue
        rows = [apart(text) for text in texts]
        if any(len(row) > 1 for row in rows):
            kept = [_first_of(row, name, columns.country) for row in rows]
            columns.put(name, kept)
            for turn in range(1, max(map(len, rows))):
                others = [[n for n in row if n != first] for row, first in zip(rows, kept, strict=True)]
                numbers = [row[turn - 1] if len(row) >= turn else "" for row in others]
                label = f"{words.header('Clients', 'phone', columns.language)} {turn + 1}"
                kinds = [kind_of_number(number, columns.country) or "second" for number in numbers]
                columns.own(label, _placed_phones(columns, numbers, kinds))


def _first_of(numbers: Sequence[str], name: str, country: str) -> str:
    """The number that stays in the column: of two, the one whose kind the column asks for."""
    wanted = "mobile" if name == "mobile" else "landline"
    fitting = [n for n in numbers if len(numbers) > 1 and kind_of_number(n, country) == wanted]
    return (fitting or list(numbers) or [""])[0]


def _several_emails(columns: ListColumns) -> None:
    texts = columns.get("email")
    if not any(texts):
        return
    bare = [_bare_email(text, names) for text, names in zip(texts, _names(columns), strict=True)]
    if bare != texts:
        columns.put("email", bare)
    rows = [emails_apart(text) for text in bare]
    if any(len(row) > 1 for row in rows):
        columns.put("email", [row[0] if row else "" for row in rows])
        for turn in range(1, max(map(len, rows))):
            label = f"{words.header('Clients', 'email', columns.language)} {turn + 1}"
            columns.own(label, [row[turn] if len(row) > turn else "" for row in rows])


def _names(columns: ListColumns) -> list[set[str]]:
    """The words of the names in each row."""
    fields = ("full_name", "first_name", "last_name", "company")
    return [set(fold(" ".join(row)).split()) for row in zip(*(columns.get(f) for f in fields), strict=True)]


def _bare_email(text: str, names: set[str]) -> str:
    """The address of "mailto:a@b.c" and of "Ivo Riva <ivo@riva.it>", where the name is the row's own."""
    plain = re.sub(r"^mailto:", "", text, flags=re.IGNORECASE)
    match = _NAMED_EMAIL.fullmatch(plain)
    return match["email"] if match and set(fold(match["name"]).split()) <= names else plain


def apart(text: str) -> list[str]:
    """The phone numbers in a cell, or the cell alone where it does not hold several whole ones."""
    pieces = [piece for piece in _PHONES_APART.split(text) if piece.strip()]
    whole = len(pieces) > 1 and all(len(_digits(piece)) >= 6 for piece in pieces)
    return list(dict.fromkeys(pieces)) if whole else [text] if text else []


def emails_apart(text: str) -> list[str]:
    """The e-mail addresses in a cell, or the cell alone where it does not hold several and nothing else."""
    pieces = [piece for piece in _EMAILS_APART.split(text) if piece]
    whole = len(pieces) > 1 and all(EMAIL.fullmatch(piece) for piece in pieces)
    return list(dict.fromkeys(pieces)) if whole else [text] if text else []


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text.replace("(0)", "")).removeprefix("00")
