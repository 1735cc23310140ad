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
    "split_name": "xlcrm.names",
    "split_names": "xlcrm.names",
    "split_address": "xlcrm.addresses",
    "split_addresses": "xlcrm.addresses",
    "compose_address": "xlcrm.addresses",
    "open": "xlcrm.files.file_book",
    "CrmError": "xlcrm.errors",
    "Problem": "xlcrm.problems",
}
__all__ = [*_HOME, "__version__"]

if TYPE_CHECKING:
    from xlcrm.addresses import compose_address as compose_address
    from xlcrm.addresses import split_address as split_address
    from xlcrm.addresses import split_addresses as split_addresses
    from xlcrm.errors import CrmError as CrmError
    from xlcrm.files.file_book import open as open  # noqa: A004 (what a person who scripts would type)
    from xlcrm.names import split_name as split_name
    from xlcrm.names import split_names as split_names
    from xlcrm.problems import Problem as Problem


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'xlcrm' has no attribute {name!r}")
