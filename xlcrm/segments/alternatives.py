"""Alternatives in a search sentence: where an "or" parts it, and what stands before them and holds for each.

"women in Milan or Rome" lists values of one column, "no e-mail or phone" lacks both; neither is an alternative. "women
who live in Rome or spent more than 500" is: women, and one of two things.
"""

from __future__ import annotations

from xlcrm.segments.said import Said

LINKS = ("who", "and", "nor", "or")
_NAMED = ("field", "email", "phone", "mobile", "address", "contact", "visit", "call", "purchase", "order")
_WHEN = ("span", "since", "start_year", "start_month", "last_year", "last_month")


def value_of(one: Said, before: Said) -> tuple[str, str]:
    """The column of Clients that a choice or value belongs to and the value; blank for anything else."""
    if one.tag == "choice":
        column, _, name = one.value.partition("=")
        return column, name
    theirs = [column.name for column in one.columns if column.table == "Clients"] if one.tag == "value" else []
    if not theirs:
        return "", ""
    named = before.columns[0].name if before.tag == "field" else ""
    return (named if named in theirs else theirs[0]), one.value or one.text


def alternatives(said: list[Said]) -> list[list[Said]]:
    """What is said, cut at each "or" that parts it; one part where none does.

    An "or" between what was bought ("wine or oil") is taken out: its values stand side by side.
    """
    parts: list[list[Said]] = [[]]
    for at, one in enumerate(said):
        if one.tag == "or" and 0 < at < len(said) - 1:
            if _goods(said[at - 1]) and _goods(said[at - 1]) == _goods(said[at + 1]):
                continue
            if not (_one_column(said, at) or _neither(said, at)):
                parts.append([])
                continue
        parts[-1].append(one)
    return parts


def framed(said: list[Said]) -> tuple[list[Said], list[Said]]:
    """The first of several alternatives, without what holds for each of them, which comes first.

    That is what stands before the last "who" or "with", else the women, companies or leads that the sentence begins
    with.
    """
    whos = [at for at, one in enumerate(said) if one.tag == "who" and 0 < at < len(said) - 1]
    end = whos[-1] if whos else next((at for at, one in enumerate(said) if one.tag != "choice"), 0)
    return said[:end], said[end:]


def _goods(one: Said) -> str:
    """The column of Purchases that a value belongs to, where it belongs to no column of Clients."""
    return one.columns[0].name if one.tag == "value" and one.columns[0].table == "Purchases" else ""


def _one_column(said: list[Said], at: int) -> bool:
    """Whether an "or" stands between two values of one column of Clients."""
    before, after = value_of(said[at - 1], Said(""))[0], value_of(said[at + 1], Said(""))[0]
    return before != "" and before == after


def _neither(said: list[Said], at: int) -> bool:
    """Whether an "or" goes on with what is lacking: "no e-mail or phone", "no purchases or contacts for a year"."""
    first = next((i + 1 for i in range(at - 1, -1, -1) if said[i].tag in LINKS), 0)
    last = next((i for i in range(at + 1, len(said)) if said[i].tag in LINKS), len(said))
    lacking = any(one.tag == "not" for one in said[first:at]) or (first > 1 and _neither_before(said, first - 1))
    tags = [one.tag for one in said[at + 1 : last]]
    return lacking and tags[:1] != [] and tags[0] in _NAMED and all(tag in _WHEN for tag in tags[1:])


def _neither_before(said: list[Said], at: int) -> bool:
    """Whether the link before was of the same kind: "no e-mail, phone or address"."""
    return said[at].tag in ("and", "or", "nor") and _neither(said, at)
