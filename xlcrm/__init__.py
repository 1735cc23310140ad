"""xlcrm makes an Excel client file behave: checked, split, counted, listed, backed up; every change can be taken back.

For people who script:

    import xlcrm
    xlcrm.split_name("Dott.ssa Anna Bianchi", country="IT")
    book = xlcrm.open("ClientFile.xlsm")
    book.tables["Clients"].frame

Names are imported when first used, so that `xlcrm --help` answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_HOME = {
    "CrmError": "xlcrm.errors",
    "Problem": "xlcrm.problems",
    "compose_address": "xlcrm.addresses",
    "find_doubles": "xlcrm.doubles.finding",
    "find_households": "xlcrm.doubles.finding",
    "match_clients": "xlcrm.doubles.finding",
    "members": "xlcrm.segments",
    "metrics": "xlcrm.spend.client_figures",
    "open": "xlcrm.files.file_book",
    "parse_where": "xlcrm.segments",
    "split_address": "xlcrm.addresses",
    "split_addresses": "xlcrm.addresses",
    "split_name": "xlcrm.names.column",
    "split_names": "xlcrm.names.column",
    "write_cells": "xlcrm.xlsx.writing.apply_plan",
}
__all__ = [*_HOME, "__version__", "fields"]

if TYPE_CHECKING:
    from xlcrm import fields as fields
    from xlcrm.addresses import compose_address as compose_address
    from xlcrm.addresses import split_address as split_address
    from xlcrm.addresses import split_addresses as split_addresses
    from xlcrm.doubles.finding import find_doubles as find_doubles
    from xlcrm.doubles.finding import find_households as find_households
    from xlcrm.doubles.finding import match_clients as match_clients
    from xlcrm.errors import CrmError as CrmError
    from xlcrm.files.file_book import open as open  # noqa: A004 (what a person who scripts would type)
    from xlcrm.names.column import split_name as split_name
    from xlcrm.names.column import split_names as split_names
    from xlcrm.problems import Problem as Problem
    from xlcrm.segments import members as members
    from xlcrm.segments import parse_where as parse_where
    from xlcrm.spend.client_figures import metrics as metrics
    from xlcrm.xlsx.writing.apply_plan import write_cells as write_cells


def __getattr__(name: str) -> object:
    if name == "fields":
        return import_module("xlcrm.fields")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'xlcrm' has no attribute {name!r}")
