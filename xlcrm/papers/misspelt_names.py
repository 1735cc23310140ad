"""Misspelt names in templates: what a template may name, and which of them was meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from xlcrm.errors import CrmError


def misspelt(key: str, word: str, names: frozenset[str], **place: object) -> CrmError:
    """CrmError `key` of a name that doesn't exist; where one of `names` is like it, `key` + "_near" that names it."""
    found = get_close_matches(word, names, 1, 0.6)
    return CrmError(f"{key}_near", name=word, near=found[0], **place) if found else CrmError(key, name=word, **place)


def known_names(data: Any) -> frozenset[str]:
    """All names that a template may use of its data."""
    if isinstance(data, dict):
        return frozenset(data).union(*map(known_names, data.values()))
    return known_names(data[0]) if isinstance(data, list) and data else frozenset()
