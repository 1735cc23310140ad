"""Codes of problems are promised to be stable and explained, so code, sentences and docs/problems.md must agree."""

from __future__ import annotations

import importlib.util
import re

from tests.support.paths import ROOT
from xlcrm import messages

SPEC = importlib.util.spec_from_file_location("page", ROOT / "tools" / "build_problems_page.py")
assert SPEC is not None and SPEC.loader is not None
PAGE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(PAGE)


def codes_in_the_program() -> set[str]:
    """Every code that a field module or a check can name."""
    found = set()
    for folder in ("fields", "checks"):
        for path in (ROOT / "xlcrm" / folder).glob("*.py"):
            calls = r"(?:Error|Verdict|Problem)\(\s*(?:\"([a-z_]+\.[a-z_]+)\"( if \w+ else \"([a-z_]+\.[a-z_]+)\")?)"
            for first, _, second in re.findall(calls, path.read_text(encoding="utf-8")):
                found |= {first, second} - {""}
    return found


def test_the_page_is_current() -> None:
    page = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    assert page == PAGE.page(), "run: python tools/build_problems_page.py"


def test_every_code_has_a_sentence_and_stands_on_the_page() -> None:
    codes = codes_in_the_program()
    assert len(codes) > 80
    assert codes <= set(messages.catalogue())
    page = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    assert [code for code in codes if f"`{code}`" not in page] == []
