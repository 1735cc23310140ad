"""Decimal sign of a list: whether "1,250" is 1.25 or 1250, by the evidence of the whole file.

A single sign before exactly three figures has two readings a thousandfold apart. One "12,50" or "0.125" in any column
of figures proves the sign for the file; so does quantity times price. Without proof the signs of EVIDENCE are weighed,
and where they do not suffice the user is asked and the cells stay text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from xlcrm import schema
from xlcrm.fields import money
from xlcrm.importing import judging, programs
from xlcrm.importing.evidence import list_language
from xlcrm.importing.evidence.question import question
from xlcrm.problems import Problem

if TYPE_CHECKING:
    from xlcrm.importing.incoming import Incoming, Mapped

SIGNS = (".", ",")
ASK = "ask"
SURE = 2
MANY = 12


class SignEvidence(NamedTuple):
    sign: str
    name: str
    weight: int
    why: str


# `thousands` and `decimals` speak for a reading of the sign that the doubtful cells have; the others for a sign itself.
EVIDENCE = (
    SignEvidence("thousands", "plain", 2, "figures without a sign beside them: decimals are written everywhere"),
    SignEvidence("decimals", "all", 2, "many figures, all with three behind the sign: some would be below a thousand"),
    SignEvidence(".", "program_point", 3, "the export of a program that writes a point whoever its user is"),
    SignEvidence(",", "program_comma", 3, "the export of a program that writes a comma whoever its user is"),
    SignEvidence(".", "commas", 1, "commas between the cells: where the comma is decimal, lists have semicolons"),
    SignEvidence(",", "semicolons", 1, "semicolons between the cells: so lists are saved where the comma is decimal"),
    SignEvidence(".", "english", 1, "English headers"),
    SignEvidence(",", "other", 1, "headers of a language that writes a decimal comma"),
    SignEvidence(".", "pounds", 2, "dollars and pounds are written with a decimal point"),
    SignEvidence(",", "kroner", 1, "kroner are written with a decimal comma"),
    SignEvidence(".", "point_country", 1, "the habit of the workbook's country"),
    SignEvidence(",", "comma_country", 1, "the habit of the workbook's country"),
)
_POUNDS = re.compile(r"[$£]|\b(?:USD|GBP|AUD|CAD|NZD)\b")
_KRONER = re.compile(r"\b(?:NOK|SEK|DKK|kr)\b")


@dataclass(frozen=True)
class DecimalSign:
    """`signs`: header -> ".", "," or "ask"; `asked`: the doubtful figures as typed, `count` how many cells."""

    signs: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    count: int = 0


def decide(one: Incoming, mapped: Sequence[Mapped], *, country: str, given: str = "") -> DecimalSign:
    """The decimal sign of each column of the list that is read as numbers; `given` ("." or ",") overrides all."""
    fields = {m.header: m.field for m in mapped if _is_number_field(m) and _is_text(one.frame[m.header])}
    if given or not fields:
        return DecimalSign(dict.fromkeys(fields, given))
    distinct = {header: one.frame[header].drop_duplicates() for header in fields}
    doubtful = {header: list(filter(money.ambiguous, values)) for header, values in distinct.items()}
    own = {h: money.decimal_sign(values) for h, values in distinct.items()}
    if not any(doubtful.values()):
        return DecimalSign(own)
    shown = {*own.values(), *_others(one, mapped, fields)} - {""}
    sign = next(iter(shown)) if len(shown) == 1 else ""
    if not shown:
        sign = _by_product(one.frame, fields) or _weighed(one, distinct, doubtful, country)
    return _with_question(one, {h: own[h] or sign or (ASK if doubtful[h] else "") for h in fields}, doubtful)


def _with_question(one: Incoming, signs: Mapping[str, str], doubtful: Mapping[str, Sequence[str]]) -> DecimalSign:
    asking = [header for header, sign in signs.items() if sign == ASK]
    asked = [value for header in asking for value in doubtful[header]]
    count = sum(int(one.frame[header].isin(doubtful[header]).sum()) for header in asking)
    return DecimalSign(signs, tuple(asking), tuple(dict.fromkeys(asked)), count)


def problem(one: Incoming, found: DecimalSign) -> list[Problem]:
    """The question, with both readings of three figures; none where nothing is doubtful."""
    return question("import.decimal_asked", found, readings, one.name)


def readings(text: str) -> str:
    """A figure as typed with its two readings: "1,250 = 1250 / 1.25"."""
    return f"{text} = " + " / ".join(f"{float(money.validate(text, decimal=sign)):g}" for sign in SIGNS)


def _is_text(column: pd.Series[Any]) -> bool:
    return isinstance(column.dtype, pd.StringDtype) or column.dtype == object


def _is_number_field(one: Mapped) -> bool:
    if not one.table or not one.field:
        return False
    column = schema.table(one.table).column(one.field)
    return one.field == "discount" or (column is not None and column.kind in schema.NUMBERS)


def _others(one: Incoming, mapped: Sequence[Mapped], fields: Mapping[str, str]) -> list[str]:
    """The signs that columns of figures show that nobody reads, and the sums that were left out."""
    found = []
    for place in mapped:
        if place.header in fields or place.field or not _is_text(one.frame[place.header]):
            continue
        values = judging.sample(one.frame[place.header])
        if values and judging.share(values, judging.is_number) >= 0.9:
            found.append(money.decimal_sign(values))
    sums = [text for p in one.problems if p.code == "import.total_row" for text in p.value.split(" | ")]
    return [*found, money.decimal_sign(sums)]


def _by_product(frame: pd.DataFrame, fields: Mapping[str, str]) -> str:
    """The sign with which quantity times price is the amount, where the other gives something else."""
    headers = {name: header for header, name in fields.items()}
    if not {"quantity", "unit_price", "amount"} <= set(headers):
        return ""
    rows = frame[[headers[name] for name in ("quantity", "unit_price", "amount")]].drop_duplicates().head(500)
    agree = {sign: sum(_multiplies(row, sign) for row in rows.itertuples(index=False)) for sign in SIGNS}
    best = max(SIGNS, key=lambda sign: agree[sign])
    other = agree["," if best == "." else "."]
    return best if agree[best] >= 0.9 * len(rows) and other < 0.5 * agree[best] else ""


def _multiplies(row: Sequence[object], sign: str) -> bool:
    try:
        quantity, price, amount = (float(money.validate(value, decimal=sign)) for value in row)
    except ValueError:
        return False
    return abs(quantity * price - amount) < 0.011


def _weighed(
    one: Incoming, distinct: Mapping[str, pd.Series[Any]], doubtful: Mapping[str, Sequence[str]], country: str
) -> str:
    seen = _signs(one, distinct, doubtful, country)
    typed = {next(c for c in value if c in SIGNS) for values in doubtful.values() for value in values}
    weights = dict.fromkeys(SIGNS, 0)
    for evidence in (e for e in EVIDENCE if e.name in seen):
        for sign in _meant(evidence.sign, typed):
            weights[sign] += evidence.weight
    best = max(SIGNS, key=lambda sign: weights[sign])
    return best if weights[best] - weights["," if best == "." else "."] >= SURE else ""


def _meant(sign: str, typed: set[str]) -> list[str]:
    """The decimal sign that a piece of evidence speaks for, given the sign that the doubtful cells have."""
    if sign in SIGNS:
        return [sign]
    if len(typed) != 1:
        return []
    shown = next(iter(typed))
    return [shown] if sign == "decimals" else ["," if shown == "." else "."]


def _signs(
    one: Incoming, distinct: Mapping[str, pd.Series[Any]], doubtful: Mapping[str, Sequence[str]], country: str
) -> set[str]:
    language = list_language.of(map(str, one.frame.columns))
    head = one.frame.head(200).to_numpy(dtype=object).ravel().tolist()
    text = " ".join([*map(str, one.frame.columns), *(v for v in head if isinstance(v, str) and len(v) <= 30)])
    written = programs.fact(programs.program_of(map(str, one.frame.columns)), "decimal")
    found = {
        "program_point": written == ".",
        "program_comma": written == ",",
        "plain": any(_has_plain(distinct[h]) for h, values in doubtful.items() if values),
        "all": any(len(v) >= MANY and len(v) == _filled(distinct[h]) for h, v in doubtful.items()),
        "commas": one.separator == ",",
        "semicolons": one.separator == ";",
        "english": language == "en",
        "other": language == "other",
        "pounds": bool(_POUNDS.search(text)),
        "kroner": bool(_KRONER.search(text)),
        "point_country": bool(country) and country in money.POINT_COUNTRIES,
        "comma_country": bool(country) and country not in money.POINT_COUNTRIES,
    }
    return {name for name, is_so in found.items() if is_so}


def _has_plain(values: pd.Series[Any]) -> bool:
    """Whole figures without any sign, other than 0: they have no decimals where decimals would be written."""
    return any(isinstance(v, str) and re.fullmatch(r"\D{0,3}[1-9]\d{0,2}\D{0,4}", v.strip()) for v in values)


def _filled(values: pd.Series[Any]) -> int:
    return sum(bool(str(value).strip()) for value in values if value is not None)
