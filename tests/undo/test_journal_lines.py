"""Lines of the journal are JSON as everybody reads it: what has no form there is never written."""

from __future__ import annotations

import pytest

from xlcrm.undo import journal


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_lacks_are_no_line(odd: float) -> None:
    with pytest.raises(ValueError):
        journal.line({"record": "plan", "plan": {"cells": [odd]}})
