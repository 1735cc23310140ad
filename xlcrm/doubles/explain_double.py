"""Explanation of a double: field by field why two clients of a workbook are one, or are not, in six languages."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlcrm import messages, words
from xlcrm.doubles.engine import PERHAPS, SURELY
from xlcrm.doubles.finding import Codes, Study, reasons_of
from xlcrm.doubles.named_clients import NamedClients
from xlcrm.doubles.prepared import KINDS
from xlcrm.doubles.reasons import level_text
from xlcrm.errors import CrmError
from xlcrm.tables import Tables


class DoubleExplanation(NamedTuple):
    """Two clients by number, their reasons as (field, level, bits), and the score in bits; `verdict` is "surely",
    "perhaps" or "two"."""

    left: str
    right: str
    codes: Codes
    score: float
    verdict: str
    clients: NamedClients


def explain_double(tables: Tables, one: str, other: str, *, country: str = "") -> DoubleExplanation:
    """Why two clients, by their client_id in any case, are one or two. CrmError where there is no such client."""
    clients = NamedClients.of(tables)
    left, right = _key(clients, one), _key(clients, other)
    if left == right:
        raise CrmError("explain_double.one_client", client=left)
    scored = Study(clients.frame, country=country).score([left], [right])
    codes = reasons_of(scored, np.array([0]))[0]
    score, veto = float(scored.scores[0]), bool(scored.veto[0])
    band = "perhaps" if score >= PERHAPS else "two"
    return DoubleExplanation(left, right, codes, score, "surely" if score >= SURELY and not veto else band, clients)


def _key(clients: NamedClients, typed: str) -> str:
    known = {str(key).casefold(): str(key) for key in clients.frame.index}
    key = known.get(typed.strip().casefold())
    if key is None:
        raise CrmError("explain_double.no_client", client=typed)
    return key


def told(found: DoubleExplanation, language: str) -> list[str]:
    """The explanation as a person reads it: a line a field with its weight, then the verdict."""
    names = {"left_name": found.clients.name(found.left), "right_name": found.clients.name(found.right)}
    head = messages.text("explain_double.head", language, left=found.left, right=found.right, **names)
    lines = [_line(found, code, language) for code in found.codes]
    score = _signed(found.score, language)
    verdict = messages.text(f"explain_double.verdict.{found.verdict}", language, score=score)
    return [head, *lines, verdict, messages.text("explain_double.sum", language)]


def _line(found: DoubleExplanation, code: tuple[str, str, float], language: str) -> str:
    field, level, bits = code
    if field not in KINDS:
        return f"  {'':>6}  {_beside(field, level, language)}"
    name = found.clients.headers.get(field) or words.header("Clients", field, language)
    values = [value for value in found.clients.pair(found.left, found.right, field) if value]
    typed = f" ({' / '.join(values)})" if len(values) > 1 else ""
    return f"  {_signed(bits, language):>6}  {name}: {level_text(field, level, language)}{typed}"


def _beside(field: str, level: str, language: str) -> str:
    return messages.text("double.swapped" if field == "names" else f"double.{field}.{level}", language)


def _signed(bits: float, language: str) -> str:
    return f"{bits:+.1f}".replace(".", messages.DECIMAL[language])


def as_values(found: DoubleExplanation, language: str) -> dict[str, Any]:
    """The explanation for programs: levels are codes, weights are bits."""
    return {
        "left": found.left,
        "right": found.right,
        "verdict": found.verdict,
        "score": round(found.score, 3),
        "reasons": [
            {"field": field, "level": level, "bits": bits, "text": _line(found, (field, level, bits), language).strip()}
            for field, level, bits in found.codes
        ],
    }
