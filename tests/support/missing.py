"""Tests that a missing program skips, and that no skip hides in CI."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skips a test for want of a program, never where CI says that it installs them all."""
    assert "XLCRM_CI" not in os.environ, f"{what} is missing"
    pytest.skip(f"{what} is missing")
