"""Names for the arrays of this package, so that signatures say what they carry."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[Any]
Names: TypeAlias = "pd.Index[Any]"  # distinct texts that numbers point into

NO_DAY = np.iinfo(np.int64).min
"""Stands for a missing date among days since 1970-01-01: before every window's start, whatever the window."""
