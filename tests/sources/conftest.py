"""Databases that run on loopback while the tests of sources do, each started once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pandas as pd
import pytest

from tests.support import mariadb_server, postgres_server
from tests.support.missing import missing
from xlcrm.sources.source_address import PurchaseSource

Put = Callable[[pd.DataFrame], PurchaseSource]
DATABASES = pytest.mark.parametrize("database", ["postgres", "mysql"], indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Put]:
    """What puts lines into a PostgreSQL of its own."""
    if postgres_server.programs() is None or find_spec("psycopg") is None:
        missing("PostgreSQL (Debian's postgresql and the extra postgres)")
    with postgres_server.server() as port:
        yield lambda lines: PurchaseSource(postgres_server.put(lines, port), "lines", {})


@pytest.fixture(scope="session")
def mysql() -> Iterator[Put]:
    """What puts lines into a MariaDB of its own."""
    if not mariadb_server.programs() or find_spec("MySQLdb") is None:
        missing("MariaDB (Debian's mariadb-server and the extra mysql)")
    with mariadb_server.server() as port:
        yield lambda lines: PurchaseSource(mariadb_server.put(lines, port), "lines", {})


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Put:
    """The one that the test is parametrized with."""
    found: Put = request.getfixturevalue(request.param)
    return found
