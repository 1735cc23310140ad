"""Russian, Ukrainian and Bulgarian endings show whether a name is given, the father's or the family's."""

from __future__ import annotations

_FATHERS_NAME = ("ович", "евич", "ыч", "овна", "евна", "ична")
_FAMILY = tuple("ов ев ин ын ова ева ина ына скии цкии скои ская цкая енко чук щук юк дзе швили ян их ых як ко".split())


def cyrillic_odds(key: str) -> float | None:
    """Log odds of a given name from the ending of a folded Cyrillic word, None for another script."""
    if not "а" <= key[:1] <= "ӿ":
        return None
    if len(key) > 5 and key.endswith(_FATHERS_NAME):
        return 4.0
    return -2.5 if len(key) > 4 and key.endswith(_FAMILY) else 0.5
