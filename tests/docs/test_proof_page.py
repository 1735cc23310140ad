"""The page on proofs names every proof that there is, and only commands that exist."""

from __future__ import annotations

import re

from benchmarks.proof import TECHNIQUES
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")


def test_every_proof_has_its_command_on_the_page() -> None:
    shown = set(re.findall(r"`python benchmarks/proof\.py ([a-z-]+)", PAGE))
    assert shown == set(TECHNIQUES)


def test_every_file_named_on_the_page_is_there() -> None:
    named = set(re.findall(r"`((?:benchmarks|tests|xlcrm|docs)/[\w/.-]+)`", PAGE))
    assert named and [name for name in sorted(named) if not (ROOT / name).exists()] == []
