"""Builds the client workbook from the schema, so that sheets, ribbon and macros never drift from the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["build", "publish"]

if TYPE_CHECKING:
    from xlcrm.building.build_workbook import build, publish


def __getattr__(name: str) -> object:
    if name in __all__:
        from xlcrm.building import build_workbook

        return getattr(build_workbook, name)
    raise AttributeError(f"module 'xlcrm.building' has no attribute {name!r}")
