"""Kept values: arrays and what JSON can hold as bytes of Arrow: what runs made of a big table, kept beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

UNREADABLE = (ValueError, KeyError, TypeError, OSError, pa.ArrowException)
_LEAST = np.iinfo(np.int64).min  # stands for no day, and would make eight bytes of every number


def encoded(values: Mapping[str, Any]) -> bytes:
    """The values as bytes: flat arrays of whole numbers, of floats or of texts, and whatever JSON can hold."""
    arrays = {name: _listed(value) for name, value in values.items() if isinstance(value, np.ndarray)}
    told = {name: value for name, value in values.items() if name not in arrays}
    fields = [pa.field(name, one.type) for name, one in arrays.items()]
    return streamed(pa.record_batch([*arrays.values()], pa.schema(fields, {b"told": json.dumps(told).encode()})))


def streamed(batch: pa.RecordBatch) -> bytes:
    """A batch as bytes, packed."""
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, batch.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_batch(batch)
    return bytes(memoryview(out.getvalue()))


def decoded(body: bytes) -> dict[str, Any] | None:
    """What `encoded` was given, None where it wasn't."""
    try:
        with pa.ipc.open_stream(pa.py_buffer(body)) as reader:
            told: dict[str, Any] = json.loads(reader.schema.metadata[b"told"])
            batch = reader.read_next_batch()
        return told | {name: _array(one.values) for name, one in zip(batch.schema.names, batch.columns, strict=True)}
    except UNREADABLE:
        return None


def _listed(values: Any) -> pa.Array:
    """An array as the only entry of an array of lists, so that one batch holds arrays of any length."""
    if values.dtype == object:
        one = pa.array(values, type=pa.string())
    elif values.dtype == np.float64:
        one = pa.array(values, from_pandas=False)
    else:
        blank = values == _LEAST
        numbers = np.where(blank, 0, values)
        small = len(values) and abs(numbers).max() < np.iinfo(np.int32).max
        one = pa.array(numbers.astype("int32") if small else numbers, mask=blank if blank.any() else None)
    return pa.ListArray.from_arrays(pa.array([0, len(one)], type=pa.int32()), one)


def _array(values: pa.Array) -> Any:
    if not pa.types.is_integer(values.type):
        return np.array(values.to_numpy(zero_copy_only=False))
    numbers = np.array(values.fill_null(0).to_numpy(zero_copy_only=False), dtype="int64")
    if values.null_count:
        numbers[values.is_null().to_numpy(zero_copy_only=False)] = _LEAST
    return numbers
