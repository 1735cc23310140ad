"""Paths that tests share: the checkout, the tables of cases, and the folder of real data by others."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"
SHARED_DATA = Path(os.environ.get("XLCRM_SHARED_DATA", ROOT.parent / "shared" / "data"))
