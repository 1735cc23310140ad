"""Telling what an export made: the note of a list, with how many were left out and why."""

from __future__ import annotations

from collections.abc import Mapping

from xlcrm import messages
from xlcrm.exports.export_order import ExportOrder

Told = tuple[str, Mapping[str, object]]


def done(key: str, order: ExportOrder, count: int, left_out: Mapping[str, int] = {}, **values: object) -> Told:
    """The note `key` for a list of `count` entries; "lists.empty" where it has none."""
    why = left_out_of(left_out, order.settings.language)
    if not count:
        return "lists.empty", {"list": order.title, "why": why}
    return key, {"list": order.title, "n": count, "why": why, **values}


def left_out_of(reasons: Mapping[str, int], language: str) -> str:
    """The reasons (key of messages -> how many) as one sentence, "" where nobody was left out."""
    said = [messages.text(f"{reason}_count", language, n=n) for reason, n in reasons.items() if n]
    return messages.text("lists.left_out", language, why="; ".join(said)) if said else ""
