"""Any merges of a demo-like book: nothing is lost on the way, and an undo gives every cell back."""

from __future__ import annotations

import pytest

from tests.support.random_merges import trial


@pytest.mark.parametrize("seed", range(6))
def test_merges_and_back(seed: int) -> None:
    _, wrong = trial(seed)
    assert wrong == []
