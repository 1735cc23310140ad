"""Column mapping: which column of a list is which field; what is unsure stays the user's own column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xlcrm import schema, words
from xlcrm.errors import CrmError
from xlcrm.importing import ambiguous, header_words, judging, programs
from xlcrm.importing.cells import consent, joint_cells, whose
from xlcrm.importing.evidence import form_services
from xlcrm.importing.header_words import HeaderReading
from xlcrm.importing.incoming import Mapped as Mapped
from xlcrm.people.channel_consent import FLAGS
from xlcrm.values import as_number

if TYPE_CHECKING:
    import pandas as pd

# Fields of Clients that a line of a sales list may hold about its customer. A "Status" or "Notes" there is the order's.
OF_CUSTOMER = frozenset(
    "client_id full_name title first_name middle_name last_name last_or_company client_name company email phone mobile "
    "address street house_number address_extra postal_code city region country tax_id birth_date gender postcode_city "
    "city_region address_line agrees_email agrees_post agrees_phone agrees_all refuses_all mail_status opt_out_email "
    "opt_out_post opt_out_phone".split()
)
SERVICE = "service"  # why a column is left out: the form service that wrote the list has it for itself
# "Region" beside "State" is a sales area, alone it is the region.
AREAS = frozenset({"region", "regione", "gebiet"})
# Fields that only help to fill others and have no column of their own -> the fields that they fill.
HELPERS: dict[str, tuple[str, ...]] = {
    "discount": (),
    "last_or_company": ("last_name", "company"),
    "client_name": ("full_name", "company"),
    "postcode_city": ("postal_code", "city"),
    "city_region": ("city", "region"),
    "address_line": ("address",),
    "agrees_email": ("opt_out_email",),
    "agrees_post": ("opt_out_post",),
    "agrees_phone": ("opt_out_phone",),
    "agrees_all": FLAGS,
    "refuses_all": FLAGS,
    "mail_status": ("opt_out_email",),
}
# Of these a list may have several columns: the lines of an address, a consent for each kind of mail.
MANY = frozenset(HELPERS) - {"discount", "last_or_company", "client_name", "postcode_city", "city_region"}
_LOOKS_BLOCKED = frozenset(
    "manager assistant owner spouse partner secondary 2 3 alternative alternate other sales rep agent from sender "
    "created modified by user supplier vendor ship shipping delivery seller employee old previous vertreter "
    "commerciale agente vendedor selger vendeur verkaufer emergency label".split()
)


def map_columns(
    frame: pd.DataFrame, table: str, given: Mapping[str, str] = {}, only: Mapping[str, frozenset[str]] = {}
) -> tuple[Mapped, ...]:
    """A Mapped a column, in the order of the frame. `given` is header -> field, as the user said.

    `only` limits, for the columns that it names, the fields that may be read from them.

    CrmError import.map_field where a given field does not exist.
    """
    search = _Search(frame, table, only, _given(frame, table, given))
    search.by_headers()
    search.by_neighbours()
    search.by_values()
    search.only_address()
    if table == "Purchases":
        _settle_lines(frame, search.found, search.seen)
    spares = _spares(search.free, search.found, search.program, table)
    return tuple(search.found.get(h) or spares.get(h) or search.unmapped(h) for h in search.samples)


Choice = tuple[float, float, int, str, HeaderReading]


@dataclass
class _Search:
    """A mapping as it comes about: `found` header -> column, `seen` header -> why it has none."""

    frame: pd.DataFrame
    table: str
    only: Mapping[str, frozenset[str]]
    found: dict[str, Mapped]
    seen: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.samples = {str(header): judging.sample(self.frame[header]) for header in self.frame.columns}
        self.service = form_services.service_of(self.samples) if self.table == "Clients" else ""
        program = programs.program_of(self.samples)
        self.program = program if self.service in {"", program} else ""
        left = {h for h in self.samples if form_services.is_left(self.service, h)} - set(self.found)
        self.seen.update(dict.fromkeys(left, SERVICE))
        self.foreign = {h for h in self.samples if _is_foreign(self.program, self.table, h)} | left
        self.free = {h: v for h, v in self.samples.items() if h not in self.only and h not in self.foreign}
        self.fullest = max(map(len, self.samples.values()), default=0)

    def by_headers(self) -> None:
        """The best readings of the headers that the values allow, each field once."""
        open_columns = [(at, h) for at, h in enumerate(self.samples) if h not in self.foreign and self._is_open(h)]
        choices = [choice for at, header in open_columns for choice in self._choices(at, header)]
        for *_, header, reading in sorted(choices, key=lambda choice: choice[:3]):
            if header not in self.found and self._is_free(reading.field):
                self.found[header] = Mapped(header, reading.table, reading.field, reading.how, reading.score)

    def by_neighbours(self) -> None:
        """Second pass: the headers that only values and neighbours can tell."""
        for header in self.free:
            group = header_words.ambiguous(header) if self._is_open(header) else ""
            if not group:
                continue
            if self.table != "Clients" and group != "customer":
                self.seen.setdefault(header, "doubt")
            else:
                self._resolve(header, group)

    def by_values(self) -> None:
        """Third pass: a column of e-mail addresses is one whatever its header, if it is the only one."""
        if self.table not in {"Clients", "Purchases"} or not self._is_free("email"):
            return
        alike = [h for h, values in self.free.items() if h not in self.found and _are_addresses(h, values)]
        if len(alike) == 1:
            self.found[alike[0]] = Mapped(alike[0], "Clients", "email", "values", 70)

    def only_address(self) -> None:
        """The only address of a list is the client's, also where its header says that goods go there."""
        have = {m.field: m for m in self.found.values()}
        delivery = have.get("delivery_address")
        if delivery is not None and delivery.how != "given" and not whose.ADDRESS & set(have):
            del self.found[delivery.header]
            self.seen[delivery.header] = "second"

    def unmapped(self, header: str) -> Mapped:
        if not self.samples[header] and len(self.frame):
            return Mapped(header, "", "", "empty")
        why = self.seen.get(header, "unknown")
        nobody = why == "doubt" and form_services.is_account(self.service, header)  # "anonymous"
        return Mapped(header, "", "", SERVICE if nobody else why)

    def _is_open(self, header: str) -> bool:
        return header not in self.found and (bool(self.samples[header]) or not len(self.frame))

    def _is_free(self, name: str) -> bool:
        return name in MANY.union(FLAGS) or name not in {m.field for m in self.found.values()}

    def _choices(self, place: int, header: str) -> list[Choice]:
        values, allowed = self.samples[header], self.only.get(header)
        known = [r for r in self._readings(header) if allowed is None or r.field in allowed]
        right = [by_values for r in known if (by_values := _held_against(r, values))]
        self.seen[header] = "second" if right else "doubt" if known else "unknown"
        filled = len(values) / max(1, self.fullest)
        return [(-_score(reading, header), -filled, place, header, reading) for reading in right]

    def _readings(self, header: str) -> list[HeaderReading]:
        told = form_services.field_of(self.service, header)
        return [HeaderReading("Clients", told, 96, "export")] if told else _readings(self.table, header, self.program)

    def _resolve(self, header: str, group: str) -> None:
        taken = {m.field: m.header for m in self.found.values() if m.field}
        fields = ambiguous.resolve(group, self.samples[header], taken, self.frame, header)
        free = [name for name in fields if name not in taken]
        self.seen[header] = "second" if fields else "doubt"
        if free:
            place = self.table if free[0] == "client_id" else "Clients"
            exact = words.column_of("Clients", header) == free[0]
            self.found[header] = Mapped(header, place, free[0], "word" if exact else "values", 80)


def _are_addresses(header: str, values: Sequence[str]) -> bool:
    addresses = judging.share(values, lambda v: judging.EMAIL.fullmatch(v))
    return len(values) >= 3 and addresses >= 0.9 and not _LOOKS_BLOCKED & set(header_words.tokens(header))


def _is_foreign(program: str, table: str, header: str) -> bool:
    """True for a header that the program has for something that is no field of ours."""
    told = {programs.field_of(program, name, header) for name in (table, "Clients")} - {""} if program else set()
    return told == {programs.NO_FIELD}


def _score(reading: HeaderReading, header: str) -> float:
    """The reading's score, less where another column is the more usual one: a sales area, a home, a second number."""
    if reading.field == "region" and header_words.key(header) in AREAS:
        return 85
    of_block = reading.field in whose.SPARE and reading.how != "word"
    return reading.score - (2.5 * whose.block(header) if of_block else 0)


def _held_against(reading: HeaderReading, values: Sequence[str]) -> HeaderReading | None:
    """The reading as the values allow it; None where they do not."""
    if reading.field in {"status", "mail_status"} and consent.are_mail_states(values):
        return reading._replace(table="Clients", field="mail_status")
    if reading.field in {"city", "postal_code"} and joint_cells.are_postcode_and_city(values):
        return reading._replace(field="postcode_city")
    if reading.field in joint_cells.OWN_TESTS:
        return reading if joint_cells.can_be(reading.field, values) else None
    fitting = judging.fits(reading.table, reading.field, values)
    near = reading.how == "word" and judging.nearly(reading.table, reading.field, values)
    return reading if fitting or near else None


def _spares(samples: Mapping[str, list[str]], found: dict[str, Mapped], program: str, table: str) -> dict[str, Mapped]:
    """Columns that fill a field where the column that has it is blank."""
    if table not in {"Clients", "Purchases"}:
        return {}
    spares: dict[str, Mapped] = {}
    for header, values in samples.items():
        if header in found or not values:
            continue
        field = whose.spare_of(header, program)
        if field and _held_against(HeaderReading("Clients", field, 0, "synonym"), values):
            spares[header] = Mapped(header, "", "", "spare", 0, field)
    return spares


def fields_of(mapped: Sequence[Mapped], table: str = "") -> dict[str, str]:
    """field -> header of what is mapped (to one table, where given)."""
    return {m.field: m.header for m in mapped if m.field and (not table or m.table == table)}


def is_lines(mapped: Sequence[Mapped]) -> bool:
    """True where the columns are those of lines sold: money, a date or invoice, and something more."""
    have = set(fields_of(mapped, "Purchases"))
    money = "amount" in have or {"quantity", "unit_price"} <= have
    return money and bool(have & {"date", "invoice"}) and len(have - {"client_id"}) >= 3 - ("client_id" in have)


def home(table: str, field: str) -> str:
    """The table that a field belongs to when a list for `table` is read; "" where there is no such field."""
    for name in (table, "Clients") if table != "Clients" else ("Clients", "Purchases"):
        column = schema.table(name).column(field)
        if column is not None and not column.calculated:
            return name
    return (table if field == "discount" else "Clients") if field in HELPERS else ""


def _readings(table: str, header: str, program: str) -> list[HeaderReading]:
    own = [r for r in header_words.readings(table, header, program) if _typed(r)]
    open_meaning = bool(header_words.ambiguous(header))
    if table == "Clients":
        return [r for r in own if r.how == "export" or not open_meaning]
    customers = header_words.readings("Clients", header, program)
    if open_meaning:
        customers = [r for r in customers if r.how == "export"]
    keys = {r.field for r in own}
    return own + [
        r._replace(score=r.score - 5 * (r.how != "export"), table=table if r.field == "client_id" else "Clients")
        for r in customers
        if r.field in OF_CUSTOMER and r.field not in keys
    ]


def _typed(reading: HeaderReading) -> bool:
    column = schema.table(reading.table).column(reading.field)
    return column is None or not column.calculated


def _given(frame: pd.DataFrame, table: str, given: Mapping[str, str]) -> dict[str, Mapped]:
    found: dict[str, Mapped] = {}
    wanted = {header_words.key(header): field for header, field in given.items()}
    for header in map(str, frame.columns):
        field = wanted.get(header_words.key(header))
        if field is None:
            continue
        if field.strip() in {"", "-"}:
            found[header] = Mapped(header, "", "", "given")
            continue
        name = field if field in HELPERS else words.column_of(table, field) or words.column_of("Clients", field)
        name = name or words.column_of("Purchases", field)
        place = home(table, name) if name else ""
        if not place:
            raise CrmError("import.map_field", header=header, field=field)
        found[header] = Mapped(header, place, name, "given", 200)
    return found


def _settle_lines(frame: pd.DataFrame, found: dict[str, Mapped], seen: dict[str, str]) -> None:
    """An invoice date is the date where there is no other; a "Total" that is no line's total is not its amount."""
    have = {m.field: m for m in found.values()}
    if "date" not in have and "invoiced_on" in have:
        moved = have["invoiced_on"]
        found[moved.header] = moved._replace(field="date")
    if {"amount", "quantity", "unit_price"} <= set(have) and have["amount"].how != "given":
        numbers = {f: as_number(frame[have[f].header].iloc[:2000])[0] for f in ("amount", "quantity", "unit_price")}
        whole = numbers["quantity"] * numbers["unit_price"]
        near = (numbers["amount"] / whole).between(0.4, 1.3)[whole.notna() & (whole != 0) & numbers["amount"].notna()]
        if len(near) and near.mean() < judging.MOST:
            header = have["amount"].header
            del found[header]
            seen[header] = "doubt"
