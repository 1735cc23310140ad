"""Consent by channel: who agreed to e-mail, post or phone, since when and by what; and what a refusal does to it.

A day in "consent_on" alone was given without a channel and counts for all three, as in workbooks from before there
were channels. Where a channel has a day of its own, only channels with a day count: who agreed to e-mail at a fair did
not agree to be called.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from xlcrm.values import as_text

CHANNELS = ("email", "post", "phone")
FLAGS = tuple(f"opt_out_{channel}" for channel in CHANNELS)
DAYS = ("consent_on", *(f"consent_{channel}_on" for channel in CHANNELS))
# a day of consent and its source, with the refusals that end it
PAIRS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("consent_on", "consent_source", FLAGS),
    *((f"consent_{channel}_on", f"consent_{channel}_source", (f"opt_out_{channel}",)) for channel in CHANNELS),
)
ENDED_BY = {column: flags for day, source, flags in PAIRS for column in (day, source)}
CONSENT = tuple(ENDED_BY)
Mask = np.ndarray[Any, np.dtype[np.bool_]]


def agreed(frame: pd.DataFrame, channel: str) -> Mask:
    """Which rows of Clients have a recorded consent for a channel of `CHANNELS`; columns that lack count as blank.

    Only days count, never a source without one. Refusals are not looked at.
    """
    given = {column: _filled(frame, column) for column in DAYS}
    named = np.logical_or.reduce([given[column] for column in DAYS[1:]])
    return np.asarray(given[f"consent_{channel}_on"] | (given["consent_on"] & ~named), dtype=bool)


def _filled(frame: pd.DataFrame, column: str) -> Mask:
    if column not in frame:
        return np.zeros(len(frame), dtype=bool)
    return (as_text(frame[column]).str.strip() != "").to_numpy(dtype=bool)
