"""vCard reader: address books (.vcf) as a table, one row a card.

Written here because the known libraries refuse cards that phones write (RFC 6350, RFC 2426 and the 2.1 text of 1996).
"""

from __future__ import annotations

import binascii
import quopri
import re
from base64 import b64decode
from collections.abc import Callable
from urllib.parse import unquote

from xlcrm.addresses.countries import country_code
from xlcrm.importing import delimited
from xlcrm.text import any_order, tokens

COLUMNS = (
    "full_name title first_name middle_name last_name suffix nickname company job_title birth_date email phone mobile "
    "address address_extra po_box street house_number unit city region postal_code country notes language gender kind "
    "client_id"
).split()
_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPED = re.compile(r"\\([\\,;:nN])")
_PART = re.compile(r"((?:[^\\;]|\\.|\\$)*)(?:;|$)", re.DOTALL)
_NAME_PARTS = ("last_name", "first_name", "middle_name", "title", "suffix")
_ADDRESS_PARTS = ("po_box", "address_extra", "street", "city", "region", "postal_code", "country")
_WHOLE = {"FN": "full_name", "NICKNAME": "nickname", "TITLE": "job_title", "BDAY": "birth_date", "NOTE": "notes"}
_LEFT_OUT = frozenset("PHOTO LOGO SOUND KEY VERSION PRODID REV X-ABADR X-ABLABEL".split())
# Cells as typed, in lines of our own cards, and the fields whose words must all be in them: who changed the card at a
# phone meant the change.
OWN = "X-XLCRM-"
_TYPED = {
    "full_name": ("first_name", "last_name"),
    "address": ("street", "city", "postal_code"),
}
_OF_STREET = ("street", "house_number", "unit")
_OUR_UID = re.compile(r"urn:xlcrm:[^:]*:(client|person):(.+)", re.IGNORECASE)
_SEVERAL, NOT_PREFERRED = {"EMAIL", "TEL", "ADR"}, 101
_MOBILE = {"CELL", "MOBILE", "IPHONE"}
_KINDS = {"ORG": "company", "ORGANIZATION": "company", "INDIVIDUAL": "person", "GROUP": "group"}
_LIST = re.compile(r"(?<!\\),\s*")
# a whole address in the place of a street: a figure behind a comma or a line end
_IN_ONE = re.compile(r"(?s)[,\n].*\d")


def is_vcard(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n")[:11].upper() == "BEGIN:VCARD"


def cards(text: str) -> list[dict[str, str]]:
    """A dict a card: canonical columns, then "E-mail 2", "Phone 2" and so on for further ones, and X-… as named.

    Photos, sounds and keys are left out: no cell can hold them; so are cards of groups (see `groups`).
    """
    return [_settled(card) for card in _all(text) if card.get("kind") != "group"]


def groups(text: str) -> list[str]:
    """The names of the cards that stand for a group of others, which is no client."""
    return [card.get("full_name", "") for card in _all(text) if card.get("kind") == "group"]


def _settled(card: dict[str, str]) -> dict[str, str]:
    """A card of an organisation names it where a person's name would stand; our own cards get their cells back."""
    if card.get("Categories") == card.get(f"{OWN}CATEGORIES"):
        card = {name: value for name, value in card.items() if name != "Categories"}
    own = {name[len(OWN) :].lower().replace("-", "_"): value for name, value in card.items() if name.startswith(OWN)}
    return _as_typed(_whole(_of_company({n: v for n, v in card.items() if not n.startswith(OWN)})), own)


def _whole(card: dict[str, str]) -> dict[str, str]:
    """A name or an address that its program never split, and wrote into the part that it had to fill."""
    if card.get("first_name") == card.get("full_name") and " " in card.get("first_name", ""):
        card = {**card, "first_name": ""} if not card.get("last_name") else card
    alone = [name for name in _ADDRESS_PARTS if card.get(name)] == ["street"]
    if alone and _IN_ONE.search(card["street"]):
        card = {**card, "address": card["street"], "street": ""}
    return {name: value for name, value in card.items() if value}


def _as_typed(card: dict[str, str], own: dict[str, str]) -> dict[str, str]:
    """A card of ours with the cells that it was made of."""
    street = " ".join(own.get(name, "") for name in _OF_STREET)
    kept = {name: own[name] for name in _TYPED if name in own and _agrees(card, _TYPED[name], own[name])}
    if street.strip() and any_order(street) == any_order(card.get("street", "")):
        kept |= {name: own[name] for name in _OF_STREET if name in own}
    if "country" in own and country_code(own["country"]) == country_code(card.get("country", "")):
        kept["country"] = own["country"]
    unsplit = {"street": "address", "first_name": "full_name"}  # parts that a card must have, and the cell has not
    blank = {part for part, cell in unsplit.items() if part not in own and card.get(part) == kept.get(cell)}
    return {name: value for name, value in (card | kept).items() if name not in blank}


def _agrees(card: dict[str, str], fields: tuple[str, ...], text: str) -> bool:
    return set(tokens(" ".join(card.get(name, "") for name in fields))) <= set(tokens(text))


def _of_company(card: dict[str, str]) -> dict[str, str]:
    if card.get("kind") == "company" and not card.get("first_name") and not card.get("last_name"):
        name = card.pop("full_name", "")
        return {**card, "company": card.get("company") or name} if name or card.get("company") else card
    return card


def _all(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    lines: list[tuple[int, str, set[str], str]] | None = None
    for line in _lines(text):
        head, _, value = line.partition(":")
        name, *settings = head.split(";")
        name = name.rpartition(".")[2].upper()
        if name == "BEGIN":
            lines = []
        elif name == "END" and lines is not None:
            found.append(_card(lines))
            lines = None
        elif lines is not None and value:
            lines.append((_preferred(name, settings), name, _types(settings), _value(value, settings)))
    return found


def _card(lines: list[tuple[int, str, set[str], str]]) -> dict[str, str]:
    """The fields of a card; of several e-mails, telephones or addresses the preferred one first."""
    card: dict[str, str] = {}
    for _, name, types, value in sorted(lines, key=lambda line: line[0]):
        _put(card, name, types, value)
    return {k: v for k, v in card.items() if v}


def _preferred(name: str, settings: list[str]) -> int:
    """PREF=1 to 100 of vCard 4 and TYPE=pref of vCard 3 as a rank; NOT_PREFERRED for all others, in their order."""
    if name not in _SEVERAL:
        return NOT_PREFERRED
    ranks = [int(m[1]) for s in settings if (m := re.fullmatch(r"PREF=(\d{1,3})", s, re.IGNORECASE))]
    return min(ranks, default=1 if "PREF" in _types(settings) else NOT_PREFERRED)


def _lines(text: str) -> list[str]:
    lines: list[str] = []
    for line in _FOLD.sub("", text).splitlines():
        if lines and "QUOTED-PRINTABLE" in lines[-1].partition(":")[0].upper() and lines[-1].endswith("="):
            lines[-1] = lines[-1][:-1] + line
        elif line.strip():
            lines.append(line)
    return lines


def _types(settings: list[str]) -> set[str]:
    found: set[str] = set()
    for setting in settings:
        name, sign, value = setting.partition("=")
        found |= {word.strip('"').upper() for word in (value if sign and name.upper() == "TYPE" else name).split(",")}
    return found


def _value(value: str, settings: list[str]) -> str:
    upper = {setting.upper() for setting in settings}
    charset = next((s.partition("=")[2] for s in settings if s.upper().startswith("CHARSET=")), "utf-8")
    try:
        if any("QUOTED-PRINTABLE" in setting for setting in upper):
            return _decoded(quopri.decodestring(value.encode()), charset)
        if upper & {"ENCODING=B", "ENCODING=BASE64", "BASE64"}:
            return _decoded(b64decode(value), charset)
    except (binascii.Error, ValueError, LookupError):
        return ""
    return value


def _decoded(data: bytes, charset: str) -> str:
    """The text in its charset; where that is not true of it, as UTF-8 or as phones and Outlook write without a word."""
    try:
        return data.decode(charset, errors="strict")
    except (UnicodeDecodeError, LookupError):
        return delimited.decode(data)


def _put(card: dict[str, str], name: str, types: set[str], value: str) -> None:
    if name in _LEFT_OUT:
        return
    put = _PUT.get(name)
    if put is not None:
        put(card, types, value)
    elif name.startswith(OWN):
        card[name] = _plain(value)
    elif name in _WHOLE:
        _first_or_next(card, _WHOLE[name], name.capitalize(), _plain(value))
    else:
        _next(card, name.removeprefix("X-").capitalize(), _plain(value))


def _address(card: dict[str, str], types: set[str], value: str) -> None:
    if any(card.get(part) for part in _ADDRESS_PARTS):
        _next(card, "Address", ", ".join(_plain(part) for part in _split(value) if part.strip()))
    else:
        _parts(card, _ADDRESS_PARTS, value)


def _organisation(card: dict[str, str], types: set[str], value: str) -> None:
    company, *departments = _split(value)
    department = ", ".join(filter(None, departments))
    card.setdefault("company", _plain(company))
    if department:
        _next(card, "Department", _plain(department))


def _telephone(card: dict[str, str], types: set[str], value: str) -> None:
    if "FAX" in types:
        _next(card, "Fax", _number(value))
    else:
        _first_or_next(card, "mobile" if types & _MOBILE else "phone", "Phone", _number(value))


def _only(column: str, read: Callable[[str], str]) -> Callable[[dict[str, str], set[str], str], None]:
    """The first such line of a card into a column."""

    def put(card: dict[str, str], types: set[str], value: str) -> None:
        card[column] = card.get(column) or read(value)

    return put


def _ident(card: dict[str, str], types: set[str], value: str) -> None:
    """A UID is another program's, but for ours, which has the client's id in it."""
    found = _OUR_UID.fullmatch(_plain(value))
    if found and found[1].lower() == "client":
        card["client_id"] = unquote(found[2])


_PUT: dict[str, Callable[[dict[str, str], set[str], str], None]] = {
    "N": lambda card, types, value: _parts(card, _NAME_PARTS, value),
    "ADR": _address,
    "ORG": _organisation,
    "EMAIL": lambda card, types, value: _first_or_next(card, "email", "E-mail", _plain(value)),
    "TEL": _telephone,
    "UID": _ident,
    "KIND": _only("kind", lambda value: _KINDS.get(value.strip().upper(), "")),
    "X-ABSHOWAS": _only("kind", lambda value: "company" if value.strip().upper() == "COMPANY" else ""),
    "LANG": _only("language", lambda value: _plain(value)),
    "GENDER": _only("gender", lambda value: _plain(value.partition(";")[0])),
}


def _parts(card: dict[str, str], names: tuple[str, ...], value: str) -> None:
    for name, part in zip(names, _split(value), strict=False):
        between = ", " if name not in {"first_name", "middle_name", "last_name"} else " "
        card[name] = _plain(_LIST.sub(between, part) if names is _NAME_PARTS else part)


def _split(value: str) -> list[str]:
    """The parts of a value between semicolons that are not escaped, as written."""
    parts = [found[1] for found in _PART.finditer(value)]
    return parts[:-1] if len(parts) > 1 and not value.endswith(";") else parts


def _number(value: str) -> str:
    """A phone number out of text or a URI: "tel:+33-4-74-55-00-03;ext=102" has an extension."""
    number, *settings = _plain(value).removeprefix("tel:").split(";")
    extension = next((s.partition("=")[2] for s in settings if s.lower().startswith("ext=")), "")
    return f"{number} ext. {extension}" if extension else number


def _first_or_next(card: dict[str, str], column: str, label: str, value: str) -> None:
    if not card.get(column):
        card[column] = value
    else:
        _next(card, label, value, 2)


def _next(card: dict[str, str], label: str, value: str, start: int = 1) -> None:
    number = start
    while card.get(name := label if number == 1 else f"{label} {number}"):
        number += 1
    card[name] = value


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], value).strip()
