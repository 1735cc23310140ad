"""The commands `xlcrm explain ...`: how a name or address is read, and why two clients are one or two, with reasons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlcrm import messages
from xlcrm.cli.options import BOOK, SentenceGroup, call_of, language
from xlcrm.cli.telling import tell, tell_json
from xlcrm.messages import LANGUAGES

if TYPE_CHECKING:
    from xlcrm.names.explain_name import NameExplanation, NameReason


@click.group(cls=SentenceGroup)
def explain() -> None:
    """Show how a value is read: each reading with its reasons, and why one won."""


@explain.command()
@click.argument("name")
@click.option("--country", default="", help="Where the person lives: IT, ES, NO, GB, FR, DE, ...")
@click.option("--language", "spoken", type=click.Choice(LANGUAGES), help="Default: the computer's.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def name(name: str, country: str, spoken: str | None, as_json: bool) -> None:
    """Show how a name is read, e.g. xlcrm explain name "Rossi Mario" --country IT."""
    from xlcrm.names.explain_name import explain_name

    found = explain_name(name, country=country)
    spoken = spoken or language()
    if as_json:
        tell_json(name_as_json(found, spoken))
    else:
        tell("\n".join(name_lines(found, spoken)))


@explain.command()
@BOOK
@click.argument("one")
@click.argument("other")
@click.option("--language", "spoken", type=click.Choice(LANGUAGES), help="Default: the workbook's.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def double(book: Path, one: str, other: str, spoken: str | None, as_json: bool) -> None:
    """Show field by field why two clients are one or two, e.g. xlcrm explain double ClientFile.xlsm C0012 C0345."""
    from xlcrm.doubles.explain_double import as_values, explain_double, told
    from xlcrm.session import open_session

    session = open_session(book, call_of())
    found = explain_double(session.seen, one, other, country=session.settings.country)
    spoken = spoken or session.language
    if as_json:
        tell_json(as_values(found, spoken))
    else:
        tell("\n".join(told(found, spoken)))


@explain.command()
@click.argument("text")
@click.option("--country", default="", help="Where it most likely is: IT, ES, NO, GB, FR, DE, ...")
@click.option("--language", "spoken", type=click.Choice(LANGUAGES), help="Default: the computer's.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def address(text: str, country: str, spoken: str | None, as_json: bool) -> None:
    """Show how an address is split into fields; \\n in the text begins a new line."""
    from xlcrm.addresses.explain_address import as_values, explain_address, told

    found = explain_address(text.replace("\\n", "\n"), country=country)
    spoken = spoken or language()
    if as_json:
        tell_json(as_values(found, spoken))
    else:
        tell("\n".join(told(found, spoken)))


def name_lines(found: NameExplanation, spoken: str) -> list[str]:
    """The explanation as a person reads it: company or person, the readings, the verdict, the fields."""
    lines = [messages.text("name.explain.company", spoken, value=found.value, odds=_signed(found.company_odds))]
    lines += [_reason_line(reason, spoken) for reason in found.company_reasons]
    for n, reading in enumerate(found.readings, 1):
        values = {"first": reading.first_name, "last": reading.last_name, "weight": _signed(reading.weight)}
        lines.append(messages.text("name.explain.reading", spoken, n=n, **values))
        lines += [_reason_line(reason, spoken) for reason in reading.reasons]
    if found.verdict:
        lines.append(messages.text(found.verdict, spoken, margin=f"{found.margin:.1f}"))
    lines.append(messages.text("name.explain.result", spoken, fields=_fields(found, spoken)))
    if found.name.reason not in ("", "name.order"):  # of the order the verdict speaks
        lines.append(messages.text(found.name.reason, spoken, value=found.value))
    return [*lines, messages.text("name.explain.alone", spoken)]


def name_as_json(found: NameExplanation, spoken: str) -> dict[str, Any]:
    """The explanation for programs: fields, odds and reasons with their keys; weights are log odds."""
    return {
        "value": found.value,
        "country": found.country,
        "name": found.name._asdict(),
        "company_odds": round(found.company_odds, 3),
        "company_reasons": [_reason_json(reason, spoken) for reason in found.company_reasons],
        "readings": [
            {
                "first_name": reading.first_name,
                "last_name": reading.last_name,
                "weight": round(reading.weight, 3),
                "reasons": [_reason_json(reason, spoken) for reason in reading.reasons],
            }
            for reading in found.readings
        ],
        "verdict": found.verdict,
        "margin": None if found.margin is None else round(found.margin, 3),
    }


def _reason_json(reason: NameReason, spoken: str) -> dict[str, Any]:
    return {"key": reason.key, "weight": round(reason.weight, 3), "text": reason.text, "why": _why(reason, spoken)}


def _reason_line(reason: NameReason, spoken: str) -> str:
    weight = _signed(reason.weight).replace(".", messages.DECIMAL[spoken])
    about = f"{reason.text}: " if reason.text else ""
    return f"  {weight:>6}  {about}{_why(reason, spoken)}"


def _why(reason: NameReason, spoken: str) -> str:
    return messages.text(reason.key, spoken, given=reason.given, family=reason.family)


def _fields(found: NameExplanation, spoken: str) -> str:
    """The fields that the name fills, by their headers."""
    from xlcrm import words

    fields = {key: value for key, value in found.name._asdict().items() if value and key not in _NO_FIELDS}
    fields["kind"] = words.choice_word("kind", found.name.kind, spoken) if found.name.kind else "-"
    return "; ".join(f"{words.header('Clients', key, spoken)}: {value}" for key, value in fields.items())


_NO_FIELDS = ("sure", "reason", "other_first", "other_last", "remainder")


def _signed(weight: float) -> str:
    return f"{weight:+.1f}"


COMMANDS = (explain,)
