"""Schema of the client file: every table and column in one place, so that workbook, reader and import cannot disagree.

The words a user sees (headers, sheet titles, choices) are in `words.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

# The columns of every table, a line each: name, kind, width, allowed words; so that they are easy to read and change.

NUMBERS = frozenset({"number", "integer", "money", "percent", "days"})


@dataclass(frozen=True)
class Column:
    """One column.

    `kind` is text, choice, flag, date, moment (date and time), money (in the row's currency), number, integer, days
    (whole or part), percent (0.25 is 25 %), or a module of `xlcrm.fields` (email, phone, postal_code, tax_id, country).
    `calculated` columns are filled by xlcrm and shaded; the others are typed by people. `choices` names the list of
    allowed words (`choice` rows of words.csv); `width` is in characters.
    """

    name: str
    kind: str = "text"
    calculated: bool = False
    choices: str = ""
    width: int = 14


def columns(text: str, *, calculated: bool = False) -> tuple[Column, ...]:
    """Columns from lines "name kind width [choices]"; the kind defaults to text, the width to 14."""
    found = []
    for line in text.strip().splitlines():
        name, *rest = line.split()
        kind, width, choices = [*rest, *["text", "14", ""][len(rest) :]]
        found.append(Column(name, kind, calculated, choices, int(width)))
    return tuple(found)


CLIENTS_TYPED = columns("""
client_id text 10
kind choice 11 kind
full_name text 28
title
first_name
middle_name text 15
last_name text 18
suffix text 9
nickname text 11
company text 28
legal_form text 11
job_title text 18
gender choice 9 gender
birth_date date 13
email email 32
phone phone 18
mobile phone 18
preferred_contact choice 16 contact
language text 10
address text 40
street text 24
house_number text 10
unit text 11
postal_code postal_code 10
city text 18
region text 14
country country 10
po_box text 13
address_extra text 18
status choice 11 status
sector text 16
source text 14
salesperson text 16
territory
registered_on date 12
acquired_on date 12
tax_id tax_id 18
parent_id text 10
website text 22
delivery_address text 36
employees integer 11
turnover money 15
profit money 14
equity money 14
turnover_year integer 11
potential money 14
competitors text 20
household text 14
household_size integer 13
household_kind choice 18 household
occupation text 16
social_category text 25
salutation text 24
consent_on date 12
consent_source text 16
consent_email_on date 12
consent_email_source text 14
consent_post_on date 12
consent_post_source text 14
consent_phone_on date 12
consent_phone_source text 14
opt_out_email flag 12
opt_out_post flag 14
opt_out_phone flag 12
notes text 30
""")
CLIENTS_CALCULATED = columns(
    """
total_spend money 13
orders integer 9
average_spend money 13
first_purchase date 13
last_purchase date 12
days_between days 12
days_since integer 12
spend_30d money 13
spend_12m money 13
spend_before_12m money 14
trend percent 9
products text 26
favourite_category text 18
refunds money 12
refund_share percent 10
open_amount money 13
overdue_amount money 14
rfm text 7
rfm_group text 14
expected_next date 13
days_late integer 10
value_12m money 13
share percent 9
age integer 8
main_contact text 24
people integer 10
letter_salutation text 28
letter_household text 26
""",
    calculated=True,
)
PEOPLE = columns("""
person_id text 10
client_id text 10
full_name text 26
title
first_name
middle_name text 15
last_name text 18
suffix text 9
gender choice 9 gender
job_title text 20
role choice 14 role
email email 32
phone phone 18
mobile phone 18
language text 10
preferred_contact choice 16 contact
birth_date date 13
opt_out_email flag 12
opt_out_post flag 14
opt_out_phone flag 12
since date 12
until date 12
salutation text 24
notes text 30
""")
OPPORTUNITIES = columns("""
opportunity text 12
client_id text 10
person_id text 10
subject text 28
stage choice 14 stage
amount money 13
currency text 10
probability percent 11
expected_on date 12
salesperson text 16
competitor text 20
next_step text 28
next_on date 14
opened_on date 12
closed_on date 12
lost_because text 24
notes text 30
""")
STAGE_CHANGES = columns("opportunity text 12\nstage choice 14 stage\nsince date 12", calculated=True)
PURCHASES = columns("""
invoice text 12
client_id text 10
date date 12
product text 26
category text 16
quantity number 10
unit_price money 13
amount money 12
currency text 10
invoiced_on date 12
due_on date 12
paid_on date 12
""")
INTERACTIONS = columns("""
date date 12
client_id text 10
kind choice 14 interaction
by text 16
subject text 28
outcome text 28
follow_up_on date 13
done choice 8 done
person_id text 10
list text 22
replied_on date 12
replies_to text 24
""")
SEGMENTS = columns("""
segment text 36
field text 28
operator text 16
value text 22
within_days integer 12
""") + columns("clients integer 10\ncounted_on date 12", calculated=True)
LISTS = columns("""
list text 24
segment text 22
kind choice 19 list
template text 24
format text 10
start_at integer 11
sheet text 12
offset_x number 11
offset_y number 12
order choice 18 label_order
recipients choice 17 recipients
one_per choice 13 one_per
sort_by text 18
then_by text 18
salutation choice 13 manner
language choice 12 list_language
window choice 14 window
files choice 16 files
skip_touched integer 15
test choice 10 done
log choice 8 done
subject text 28
""")
LABEL_SHEETS = columns("""
sheet text 16
paper text 10
columns integer 10
rows integer 10
label_width number 12
label_height number 12
left number 12
top number 12
pitch_x number 12
pitch_y number 12
""")
EXTERNAL = columns(
    """
client_id text 10
person_id text 10
system text 14
external_id text 22
exported_on date 12
hash text 18
""",
    calculated=True,
)
FORGOTTEN = columns("forgotten_on date 13\nkind text 14\nsalt text 34\nhash text 34", calculated=True)
PROBLEMS = columns(
    """
code text 20
sheet text 12
row integer 7
client_id text 10
column text 18
value text 32
problem text 54
suggestion text 26
""",
    calculated=True,
) + (Column("decision", "choice", False, "decision", 12), Column("found_on", "date", True, "", 12))
IMPORT = (
    columns("file text 24\ncolumn text 24", calculated=True)
    + columns("field text 28")
    + columns("before text 36\nafter text 36\ndoubt text 60", calculated=True)
)
DUPLICATES = columns(
    """
group integer 7
client_id text 10
full_name text 24
email email 30
phone phone 17
address text 34
purchases integer 9
band choice 14 band
agrees text 34
differs text 34
""",
    calculated=True,
) + (Column("decision", "choice", False, "same", 14),)
MERGED = columns(
    """
old_id text 12
new_id text 12
merged_on date 12
full_name text 26
email email 28
phone phone 18
tax_id tax_id 18
""",
    calculated=True,
)
DECISIONS = (
    *columns("client_id text 12\nother_id text 12", calculated=True),
    Column("decision", "choice", False, "same", 14),
    Column("decided_on", "date", True, "", 12),
)
CHANGES = columns(
    """
undo_number integer 11
when moment 18
who text 16
action text 32
cells integer 15
rows_added integer 10
rows_removed integer 9
what text 70
run text 18
""",
    calculated=True,
)
KEY_FIGURES = "figure text 28\nvalue number 14\nyear_before number 14\nchange percent 10"
WAITING = "client_id text 10\nname text 26\nwhat text 14\nby text 16\nsubject text 34\ndays integer 9"
CALL_LIST = "client_id text 10\nname text 26\nphone phone 18\nsalesperson text 16\nreason text 34\nspend_12m money 13"
FUNNEL = """
by text 20
group text 24
leads integer 10
prospects integer 10
clients integer 12
former integer 12
conversion percent 10
days_to_prospect integer 12
days_as_prospect integer 12
days_to_client integer 12
spend_12m money 14
active_clients integer 10
new_clients integer 11
lost_clients integer 10
repeat_rate percent 10
"""
FOUND = """
client_id text 10
name text 28
phone phone 18
email email 32
city text 18
salesperson text 16
last_purchase date 13
spend_12m money 15
total_spend money 13
opt_out_phone flag 10
opt_out_email flag 10
last_contact date 14
last_contact_by text 16
open_complaints integer 13
follow_up_on date 13
"""
FOUND_BY = (Column("search", width=40),) + columns("clients integer 10\nfound_on date 12", calculated=True)
PIPELINE = """
stage text 16
opportunities integer 11
amount money 12
weighted money 12
days_median days 11
days_longest integer 11
"""
PIPELINE_BY = "salesperson text 16\nopportunities integer 12\namount money 12\nweighted money 12\noverdue integer 12"
WIN_RATES = """
by text 14
group text 24
won integer 11
lost integer 11
win_rate percent 11
won_amount money 12
days_to_close days 12
"""
FORECAST = "month text 16\nopportunities integer 12\namount money 12\nweighted money 12"
MONTHS = "month text 10\nspend money 12\norders integer 10\nnew_clients integer 9\nactive_clients integer 9"
SEASONS = """
month text 12
spend money 13
spend_before money 13
change percent 11
orders integer 10
orders_before integer 10
new_clients integer 10
new_before integer 10
active_clients integer 10
active_before integer 10
season percent 11
"""
TOGETHER = """
product text 26
other text 26
clients integer 12
by_chance integer 12
share percent 12
share_other percent 12
"""
# The sheet Card shows one client: what is typed is whom; the rest is filled by `show`. Facts have a row each.
CARD_OF = (Column("client_id", width=16),) + columns("shown_on date 12\nname text 30", calculated=True)
# total_spend and orders are never blank: a table of one blank row is one without rows, whose cells nothing can change
CARD_MONEY = """
total_spend money 26
spend_12m money 13
spend_before_12m money 14
average_spend money 13
open_amount money 13
"""
CARD_DAYS = """
orders integer 26
overdue_amount money 13
last_purchase date 16
expected_next date 16
last_contact date 26
"""
CARD_PURCHASES = "product text 26\ndate date 13\ninvoice text 14\nquantity number 13\namount money 13"
CARD_CONTACTS = "subject text 26\ndate date 13\nkind text 16\nby text 16\noutcome text 26"
CARD_PEOPLE = "full_name text 26\nrole text 13\nphone text 16\njob_title text 16\nemail text 26"
CARD_OPEN = "what text 26\nsince date 13\nnumber text 14\ndue_on date 13\namount money 13"
FACTS = "fact text 26\nvalue text 13"
COHORTS = "cohort text 10\nclients integer 9\n" + "\n".join(f"m{i} percent 7" for i in range(12))

# Documents from the offer to the paid invoice: a part of the schema that a workbook has only where it is asked for.
DOCUMENTS = (
    columns(
        """
number text 16
kind choice 16 document
status choice 16 document_status
date date 12
client_id text 10
buyer text 26
currency text 10
net money 13
vat money 12
gross money 13
due_on date 12
paid money 13
open money 13
""",
        calculated=True,
    )
    + columns("sent_on date 12")
    + columns(
        """
corrects text 16
from_number text 16
person_id text 10
buyer_address text 30
buyer_country text 10
buyer_tax_id text 18
language text 10
series text 10
year number 8
sequence number 10
file text 34
hash text 18
reminder_level integer 10
reminded_on date 12
split_vat money 12
einvoice text 34
einvoice_hash text 18
""",
        calculated=True,
    )
)
DOCUMENT_LINES = columns(
    """
number text 16
line integer 7
product text 36
quantity number 10
unit text 9
unit_price number 14
discount number 10
vat_category choice 10 vat_category
vat_rate number 10
exemption text 30
net money 13
purchase text 12
vat_nature text 9
""",
    calculated=True,
)
PAYMENTS = columns("""
date date 12
number text 16
amount money 13
way choice 16 way
note text 34
""") + columns("reference text 22", calculated=True)
PAYING_CLIENTS = """
client_id text 12
name text 30
invoices integer 11
days_to_pay days 14
open money 14
overdue money 14
"""
PURCHASES_INVOICED = columns("""
unit text 9
vat_rate number 10
vat_category choice 10 vat_category
document text 16
""")
PURCHASES_SHOWN = columns("view text 30")
CLIENTS_INVOICED = columns("""
einvoice choice 14 einvoice
sdi_code text 10
pec email 28
tax_code tax_id 18
peppol_id text 22
buyer_reference text 22
split_payment choice 11 done
""")


@dataclass(frozen=True)
class TableSpec:
    """One Excel table: the sheet it stands on, its columns, and how many rows it has where that never changes."""

    name: str
    sheet: str
    columns: tuple[Column, ...]
    fixed_rows: int = 0

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @property
    def key(self) -> str:
        """The column that names a row to a user."""
        names = [column.name for column in self.columns]
        return "client_id" if self.name in ("Clients", "Duplicates") else names[0]


def _fed(name: str, lines: str, rows: int, sheet: str = "Figures") -> TableSpec:
    return TableSpec(name, sheet, columns(lines, calculated=True), rows)


TABLES: tuple[TableSpec, ...] = (
    TableSpec("Clients", "Clients", CLIENTS_TYPED + CLIENTS_CALCULATED),
    TableSpec("People", "People", PEOPLE),
    TableSpec("Purchases", "Purchases", PURCHASES),
    TableSpec("Interactions", "Interactions", INTERACTIONS),
    TableSpec("Opportunities", "Opportunities", OPPORTUNITIES),
    TableSpec("StageChanges", "StageChanges", STAGE_CHANGES),
    TableSpec("Segments", "Segments", SEGMENTS),
    TableSpec("Lists", "Lists", LISTS),
    TableSpec("Import", "Import", IMPORT),
    TableSpec("Problems", "Problems", PROBLEMS),
    TableSpec("Duplicates", "Duplicates", DUPLICATES),
    TableSpec("Changes", "Changes", CHANGES),
    TableSpec("Settings", "Settings", columns("setting text 30\nvalue text 30\nmeaning text 70")),
    TableSpec("Rates", "Settings", columns("currency text 12\nrate number 12\nfrom_date date 12")),
    TableSpec("LabelSheets", "Settings", LABEL_SHEETS),
    _fed("KeyFigures", KEY_FIGURES, 10, "Dashboard"),
    _fed("CallList", CALL_LIST, 12, "Dashboard"),
    _fed("Waiting", WAITING, 10, "Dashboard"),
    _fed("Months", MONTHS, 24),
    _fed("Stages", "status text 14\nclients integer 10", 4),
    _fed("TopClients", "name text 26\nspend money 12", 10),
    _fed("Sectors", "sector text 18\nspend money 12", 8),
    _fed("Buyers", "kind text 18\nclients integer 10", 2),
    _fed("Cohorts", COHORTS, 12, "Dashboard"),
    _fed("Funnel", FUNNEL, 33, "Funnel"),
    _fed("Replies", "list text 26\nsent integer 10\nreplied integer 10\nrate percent 10", 12, "Funnel"),
    _fed("Bottleneck", "sentence text 90", 1, "Funnel"),
    _fed("Pipeline", PIPELINE, 7, "Funnel"),
    _fed("PipelineBy", PIPELINE_BY, 9, "Funnel"),
    _fed("WinRates", WIN_RATES, 19, "Funnel"),
    _fed("Forecast", FORECAST, 15, "Funnel"),
    _fed("AsOf", "sentence text 90", 1, "Rhythm"),
    _fed("Seasons", SEASONS, 12, "Rhythm"),
    _fed("Together", TOGETHER, 12, "Rhythm"),
    TableSpec("CardOf", "Card", CARD_OF, 1),
    _fed("CardMoney", CARD_MONEY, 1, "Card"),
    _fed("CardDays", CARD_DAYS, 1, "Card"),
    _fed("CardReach", FACTS, 13, "Card"),
    _fed("CardBusiness", FACTS, 13, "Card"),
    _fed("CardPurchases", CARD_PURCHASES, 8, "Card"),
    _fed("CardContacts", CARD_CONTACTS, 8, "Card"),
    _fed("CardPeople", CARD_PEOPLE, 6, "Card"),
    _fed("CardOpen", CARD_OPEN, 6, "Card"),
    _fed("CardNotes", "notes text 160", 3, "Card"),
    _fed("CardMonths", "month text 10\nspend money 12", 24, "Card"),
    TableSpec("FoundBy", "Found", FOUND_BY, 1),
    TableSpec("Found", "Found", columns(FOUND, calculated=True)),
    TableSpec("Merged", "Merged", MERGED),
    TableSpec("Decisions", "Merged", DECISIONS),
    TableSpec("External", "External", EXTERNAL),
    TableSpec("Forgotten", "Forgotten", FORGOTTEN),
)
SETTINGS: dict[str, str] = {
    "country": "",
    "language": "en",
    "currency": "EUR",
    "company": "",
    "seller_address": "",
    "seller_email": "",
    "seller_phone": "",
    "seller_website": "",
    "backup_folder": "",
    "keep_last": "20",
    "keep_daily": "14",
    "keep_weekly": "8",
    "keep_monthly": "12",
    "keep_yearly": "10",
    "payment_days": "30",
    "stale_months": "18",
    "forget_months": "0",
    "email_consent": "",
    "post_consent": "",
    "phone_consent": "",
    "probability_new": "10",
    "probability_qualified": "25",
    "probability_offer": "50",
    "probability_negotiation": "75",
    "purchases_source": "",
    "purchases_table": "",
    "purchases_columns": "",
}

# What a workbook has only where it is asked for ("invoicing", "source"): tables, columns, rows of Seller.

PARTS: dict[str, tuple[TableSpec, ...]] = {
    "invoicing": (
        TableSpec("Documents", "Documents", DOCUMENTS),
        TableSpec("DocumentLines", "DocumentLines", DOCUMENT_LINES),
        TableSpec("Payments", "Payments", PAYMENTS),
        TableSpec("Seller", "Seller", columns("setting text 34\nvalue text 34\nmeaning text 70")),
        _fed("Receivables", "figure text 34\nvalue number 14", 9, "Receivables"),
        _fed("PaidMonths", "month text 12\ninvoiced money 14\npaid money 14", 12, "Receivables"),
        _fed("PayingClients", PAYING_CLIENTS, 15, "Receivables"),
    ),
    "source": (),
}
PART_COLUMNS: dict[str, dict[str, tuple[Column, ...]]] = {
    "invoicing": {"Purchases": PURCHASES_INVOICED, "Clients": CLIENTS_INVOICED},
    "source": {"Purchases": PURCHASES_SHOWN},  # `xlcrm connect` brings it
}
SELLER: dict[str, str] = {
    "vat_id": "",
    "tax_number": "",
    "registration": "",
    "iban": "",
    "bic": "",
    "bank": "",
    "logo": "",
    "colour": "#12355B",
    "small_business": "",
    "sells": "",
    "prices_with_vat": "",
    "standard_vat_rate": "",
    "series_offer": "",
    "series_order": "",
    "series_delivery": "",
    "series_invoice": "",
    "series_credit": "",
    "offer_days": "30",
    "reminder_days_1": "7",
    "reminder_days_2": "21",
    "reminder_days_3": "35",
    "reminder_fee_1": "0",
    "reminder_fee_2": "0",
    "reminder_fee_3": "0",
    "late_interest": "",
    "extra_text": "",
    "einvoice": "",
    "contact": "",
    "peppol_id": "",
    "tax_regime": "",
    "share_capital": "",
    "sole_shareholder": "",
}


def with_parts(parts: Collection[str]) -> tuple[TableSpec, ...]:
    """The tables of a workbook that has these parts, each with the columns that they bring."""
    more = {name: found for part in parts for name, found in PART_COLUMNS[part].items()}
    base = (replace(spec, columns=spec.columns + more.get(spec.name, ())) for spec in TABLES)
    return (*base, *(spec for part in parts for spec in PARTS[part]))


def parts_of(names: Collection[str]) -> tuple[str, ...]:
    """The parts that a workbook with tables of these names has: one of a part's tables is enough."""
    return tuple(part for part, specs in PARTS.items() if any(spec.name in names for spec in specs))


def table(name: str) -> TableSpec:
    """The specification of a table as every workbook has it, or of a part's; KeyError for a user's own."""
    for spec in (*TABLES, *(spec for specs in PARTS.values() for spec in specs)):
        if spec.name == name:
            return spec
    raise KeyError(name)


def known(name: str) -> TableSpec | None:
    """The specification of a table with the columns of every part; None for a user's own."""
    more = [found[name] for found in PART_COLUMNS.values() if name in found]
    try:
        spec = table(name)
    except KeyError:
        return None
    return replace(spec, columns=sum(more, spec.columns))
