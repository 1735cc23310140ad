"""Engines that read a source of purchases: DuckDB for files, a database's own, Spark; each imported where it is used.

Engines are extras of the package. Nothing is downloaded at run time, and nothing is written to a source.
"""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from xlcrm.errors import CrmError
from xlcrm.sources.source_address import PurchaseSource, files_of, parts_of, place_of

PASSWORD = "XLCRM_SOURCE_PASSWORD"  # noqa: S105  the name of an environment variable
_KEYRING = "xlcrm"
# Extra -> the modules that it brings.
_MODULES = {
    "engine": ("ibis", "duckdb"),
    "postgres": ("ibis", "psycopg"),
    "mysql": ("ibis", "MySQLdb"),
    "mssql": ("ibis", "pyodbc"),
    "sqlite": ("ibis", "regex"),
    "spark": ("ibis", "pyspark"),
}
_PATTERN = re.compile(r"([*?\[])")  # what would stand for other names in the name of a file
_MEMORY = "6GB"  # that DuckDB holds; beyond it works on disk (its own default is four fifths of the machine)
_TIMEOUT = 20  # seconds that a database has to answer


@contextmanager
def opened(source: PurchaseSource, folder: Path) -> Iterator[Any]:
    """The source as an Ibis table for the block; a relative path is seen from `folder`, that of the workbook.

    CrmError "sources.extra" where the extra that reads it isn't installed, "sources.unreachable" where it can't be
    read, whatever the driver calls that.
    """
    missing = [name for name in _MODULES[source.extra] if find_spec(name) is None]
    if missing:
        raise CrmError("sources.extra", extra=source.extra, modules=", ".join(missing))
    with ExitStack() as until_left:
        with reaching(source):
            table = _table(source, folder, until_left)
        yield table


def _leave(engine: Any) -> None:
    """Ends a connection."""
    with suppress(Exception):  # it was read: that it can't be left properly changes nothing
        engine.disconnect()


@contextmanager
def reaching(source: PurchaseSource) -> Iterator[None]:
    """What an engine refuses in here is told as a sentence with the first line of its reason."""
    try:
        yield
    except CrmError:
        raise
    except Exception as fault:
        raise CrmError("sources.unreachable", source=source.address, reason=reason_of(fault), as_of="") from fault


def reason_of(fault: Exception) -> str:
    """The first line of what a driver says, without its full stop: it stands inside a sentence."""
    lines = (line.strip().rstrip(".") for line in str(fault).splitlines())
    return next(filter(None, lines), type(fault).__name__)


def _table(source: PurchaseSource, folder: Path, until_left: ExitStack) -> Any:
    if not source.scheme:
        return _of_files(source, folder, until_left)
    if not source.table:
        raise CrmError("sources.no_table", source=source.address)
    table = _CONNECT[source.scheme](source, folder)
    until_left.callback(_leave, table.get_backend())
    return table


def _of_files(source: PurchaseSource, folder: Path, until_left: ExitStack) -> Any:
    """Files, read by DuckDB; every cell of a CSV is text, so that 00017 stays what it is.

    What DuckDB writes down stands in a folder of its own, open to nobody else, that is gone once the source is left.
    """
    import ibis

    kind, files = files_of(place_of(source, folder))
    work = until_left.enter_context(tempfile.TemporaryDirectory(prefix="xlcrm-", ignore_cleanup_errors=True))
    engine = ibis.duckdb.connect(Path(work) / "lines.duckdb", temp_directory=work, memory_limit=_MEMORY)
    until_left.callback(_leave, engine)
    names = [_PATTERN.sub(r"[\1]", str(path)) for path in files]
    if kind == "parquet":
        return engine.read_parquet(names, union_by_name=True)
    return engine.read_csv(names, all_varchar=True, union_by_name=True, header=True)


def _server(connect: str, port: int, found: Callable[[Any, str], Any]) -> Callable[[PurchaseSource, Path], Any]:
    """How a database that is a server is opened: by the parts of its address; `found` gives its table."""

    def table(source: PurchaseSource, folder: Path) -> Any:
        import ibis

        parts = parts_of(source.address)
        more = {"connect_timeout": _TIMEOUT} if connect in ("postgres", "mysql") else {}
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Unable to set session timezone")  # days have no zone here
            engine = getattr(ibis, connect).connect(
                host=parts.hostname, port=parts.port or port, user=parts.username and unquote(parts.username),
                password=_password(source.address), database=unquote(parts.path.strip("/")) or None, **more,
            )  # fmt: skip
        return found(engine, source.table)

    return table


def _named(engine: Any, name: str) -> Any:
    """A table, or one of a schema ("sales.lines")."""
    schema, _, table = name.rpartition(".")
    return engine.table(table, database=schema) if schema else engine.table(name)


def _exact(engine: Any, name: str) -> Any:
    """A table of MySQL whose texts are compared letter by letter: as it stands, "c1" would be the client "C1"."""
    table = _named(engine, name)
    shown = []
    for column, kind in table.schema().items():
        quoted = _quoted(column)
        exact = f"CONVERT({quoted} USING utf8mb4) COLLATE utf8mb4_bin" if kind.is_string() else quoted
        shown.append(f"{exact} AS {quoted}")
    place = ".".join(map(_quoted, name.split(".", 1)))
    return engine.sql(f"SELECT {', '.join(shown)} FROM {place}", schema=table.schema())  # noqa: S608  quoted names


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _sqlite(source: PurchaseSource, folder: Path) -> Any:
    import ibis

    place = (folder / unquote(source.address.partition(":///")[2])).resolve()
    if not place.is_file():
        raise CrmError("sources.no_file", name=str(place), as_of="")
    return ibis.sqlite.connect(place).table(source.table)


def _spark(source: PurchaseSource, folder: Path) -> Any:
    """Spark on this machine (spark://local) or a cluster's master; a table of its catalogue, or a folder of Parquet."""
    import ibis
    from pyspark.sql import SparkSession

    master = "local[*]" if source.address.rstrip("/") == "spark://local" else source.address
    told: dict[str, bool | float | int | str | None] = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
    }
    told |= {"spark.sql.shuffle.partitions": "4"} if master.startswith("local") else {}
    engine = ibis.pyspark.connect(SparkSession.builder.master(master).appName("xlcrm").config(map=told).getOrCreate())
    if "/" in source.table:
        return engine.read_parquet(str((folder / source.table).resolve()))
    return _named(engine, source.table)


_CONNECT: dict[str, Callable[[PurchaseSource, Path], Any]] = {
    "postgresql": _server("postgres", 5432, _named),
    "postgres": _server("postgres", 5432, _named),
    "mysql": _server("mysql", 3306, _exact),
    "mssql": _server("mssql", 1433, _named),
    "sqlite": _sqlite,
    "spark": _spark,
}


def _password(address: str) -> str | None:
    """The password of a database: from the environment, else from the system's keyring; None where there is none.

    With None PostgreSQL looks into its own file of passwords (~/.pgpass) and environment.
    """
    found = os.environ.get(PASSWORD)
    if found is None and find_spec("keyring"):
        import keyring

        with suppress(Exception):  # a computer without a keyring has no password there
            found = keyring.get_password(_KEYRING, address)
    return found
