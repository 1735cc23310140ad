"""Matching of rows by what they hold, because people sort, insert and delete between one run and the next."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.values import is_blank, text_of

# digits alone may be a card or account number, of which every digit counts; so may zeros in front
_FRACTION = re.compile(r"-?(0|[1-9]\d*)(\.\d+([eE][+-]?\d+)?|[eE][+-]?\d+)")
_TRUTH = {"TRUE": "1", "FALSE": "0"}
_MOMENT = re.compile(r"(1[6-9]|2[01])\d\d-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d+)?)?")
# texts that are their own token: whole numbers and words, but for what may begin a truth value
_PLAIN = re.compile(r"[1-9][0-9]{0,14}|[A-EG-SU-Za-eg-su-z][^\r]*").fullmatch
Array = np.ndarray[Any, Any]


def tokens(series: pd.Series[Any]) -> pd.Series[Any]:
    """A text for each cell, alike for all that one cell may read as: 5, 5.0 and "5"; blank and ""; True, "true" and 1.

    A column of mixed cells reads as text where nobody asks for more, so "2026-01-31 00:00:00" and that day are alike
    too. "007" is not 7. Looser than `values.same`: fit for finding a row, not for saying that a cell is unchanged.
    """
    codes, words = _coded(series)
    return pd.Series(words[codes] if len(codes) else [], index=series.index, dtype=object)


def _coded(series: pd.Series[Any]) -> tuple[Array, Array]:
    """`tokens` as a code a cell and the token of each code; two codes may have one token."""
    codes, uniques = pd.factorize(series, use_na_sentinel=False)
    words = np.array([v if type(v) is str and _PLAIN(v) else _token(v) for v in uniques.tolist()], dtype=object)
    return codes, words


def fingerprints(frame: pd.DataFrame, columns: Sequence[str]) -> Array:
    """A number for each row, alike where all of `columns` are alike; of 64 bits, so that chance makes none alike."""
    if not len(frame) or not columns:
        return np.zeros(len(frame), dtype="uint64")
    texts = pd.DataFrame({place: tokens(frame[column]) for place, column in enumerate(columns)})
    return np.asarray(pd.util.hash_pandas_object(texts, index=False), dtype="uint64")


def alike(frame: pd.DataFrame, columns: Sequence[str]) -> Array:
    """For each row a number, the same for rows that are alike in all of `columns`, from 0 in the order of the first."""
    found = np.zeros(len(frame), dtype="int64")
    for column in columns:
        codes, words = _coded(frame[column])
        same, distinct = pd.factorize(words)
        found = pd.factorize(found * max(1, len(distinct)) + same[codes])[0]
    return found


def match(wanted: Array, there: Array) -> Array:
    """For each of `wanted` where an equal one is in `there`, each used once and in order; -1 where none is left."""
    return np.asarray(_numbered(there).get_indexer(_numbered(wanted)))


def match_all(wanted: Array, there: Array) -> Array:
    """As `match`, but -1 also where `there` has more equal ones than `wanted`: nobody could say which were meant."""
    found = match(wanted, there)
    asked = pd.Series(wanted).value_counts()
    more = pd.Series(there).value_counts().reindex(asked.index, fill_value=0)
    found[np.isin(wanted, asked.index[(more > asked).to_numpy()].to_numpy())] = -1
    return found


def key_column(table: str) -> str:
    """The column that names a row of a table of the schema; "" for a user's own table."""
    spec = schema.known(table)
    return spec.key if spec else ""


def is_calculated(table: str, column: str) -> bool:
    """Whether xlcrm fills the column, so that the next refresh brings its cells back."""
    spec = schema.known(table)
    known = spec.column(column) if spec else None
    return bool(known and known.calculated)


def _numbered(values: Array) -> pd.MultiIndex:
    """Each value with how many equal ones stand before it, so that no two entries are alike."""
    series = pd.Series(values)
    return pd.MultiIndex.from_arrays([series, series.groupby(series, sort=False).cumcount()])


def _token(value: object) -> str:
    """`tokens` for one value; moments are rounded to the second, which is what a workbook keeps."""
    if is_blank(value):
        return ""
    if isinstance(value, (dt.datetime, np.datetime64)):
        value = pd.Timestamp(value).round("s")
    text = text_of(value)
    if isinstance(value, (float, np.floating)) or _FRACTION.fullmatch(text):
        return _number(float(text))
    if _MOMENT.fullmatch(text):
        with suppress(ValueError):
            return text_of(pd.Timestamp(text).round("s"))
    return _TRUTH.get(text.upper()) or text.replace("\r\n", "\n")


def _number(value: float) -> str:
    """As exact as `values.same`: one part in 10^12. No workbook keeps the sign of a zero."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.12g}"
