"""Every key of the messages is used: a sentence that nobody can read is translated six times for nothing."""

from __future__ import annotations

import csv
import re

from tests.support.paths import ROOT
from xlcrm.messages import LANGUAGES

_ENDINGS = {".py", ".csv", ".html", ".txt", ".bas", ".cls", ".xml", ".applescript"}
_BEGINS = re.compile(
    r'(?:f"([a-z_]+(?:\.[a-z_]+)*[._])\{|\{\w+:([a-z_.]+\.)\}|"([a-z_]+(?:\.[a-z_]+)*\.)")'
)  # f"doctor.{key}", {band:doubles.band.}, "metric."
_ENDS = re.compile(r'f"\{[^{}]*\}(_[a-z_]+)"')  # f"{reason}_count"


def messages() -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for path in sorted((ROOT / "xlcrm" / "messages").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += csv.DictReader(file)
    return found


def code() -> str:
    """The program, its templates, and the sentences, which may name others."""
    paths = [path for folder in ("xlcrm", "templates") for path in (ROOT / folder).rglob("*")]
    own = [path for path in paths if path.suffix in _ENDINGS and path.parent.name != "messages"]
    own.append(ROOT / "xlcrm" / "messages" / "__init__.py")
    return "\n".join(
        [path.read_text(encoding="utf-8", errors="replace") for path in own] + [m["en"] for m in messages()]
    )


def unused(every: list[str], text: str) -> list[str]:
    """The keys that stand nowhere in the text, whole, by their beginning, or as another key with an ending."""
    words = set(re.findall(r"[a-zA-Z_][\w.]*", text))
    begins, ends = tuple({"".join(found) for found in _BEGINS.findall(text)}), tuple(set(_ENDS.findall(text)))

    def is_used(key: str) -> bool:
        stems = [key, *(key.removesuffix(end) for end in ends)]
        return any(stem in words for stem in stems) or key.startswith(begins)

    return [key for key in every if not is_used(key)]


def test_every_key_is_used() -> None:
    assert len(LANGUAGES) == 6 and unused([message["key"] for message in messages()], code()) == []


def test_a_key_that_nobody_uses_is_found() -> None:
    text = 'text("a.one"); text(f"doctor.{key}"); text(f"{reason}_count"); reason = "a.two"; "as {x:b.band.}"'
    assert unused(["a.one", "doctor.x", "b.band.likely", "a.two_count", "a.three", "b.three_count"], text) == [
        "a.three",
        "b.three_count",
    ]
