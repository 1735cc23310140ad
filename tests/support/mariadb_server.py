"""MariaDB of Debian's package on loopback for tests and benchmarks: a fresh server in a folder of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from tests.support.postgres_server import FOLDERS, free_port, nobody, run

USER = "xlcrm_test"
_KINDS = {"f": "DOUBLE", "i": "BIGINT", "M": "DATE"}


def programs() -> bool:
    """Whether MariaDB's server is installed."""
    return bool(shutil.which("mariadbd", path=FOLDERS) and shutil.which("mariadb-install-db", path=FOLDERS))


@contextmanager
def server() -> Iterator[int]:
    """The port of a server that runs for the block; root lends it to the user nobody."""
    folder, port = Path(tempfile.mkdtemp(prefix="xlcrm-my-")), free_port()
    owner = nobody()
    try:
        if owner:
            shutil.chown(folder, owner)
        data, socket = f"--datadir={folder / 'data'}", f"--socket={folder / 's'}"
        run(["mariadb-install-db", "--no-defaults", data, "--auth-root-authentication-method=normal"])
        running = subprocess.Popen(
            ["mariadbd", "--no-defaults", data, socket, f"--port={port}", "--bind-address=127.0.0.1",
             f"--pid-file={folder / 'pid'}", f"--tmpdir={folder}"],  # one that starts takes others' files from /tmp
            user=owner, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"PATH": FOLDERS},
        )  # fmt: skip
        try:
            rights = f"CREATE DATABASE shop; CREATE USER {USER}@'127.0.0.1'; GRANT ALL ON shop.* TO {USER}@'127.0.0.1'"
            _patiently(["mariadb", "--no-defaults", "-uroot", socket, "-e", rights])
            yield port
        finally:
            running.kill()
            running.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _patiently(command: list[str]) -> None:
    """Until the server is up."""
    for _ in range(100):
        try:
            run(command)
        except AssertionError:
            time.sleep(0.2)
        else:
            return
    run(command)


def put(lines: pd.DataFrame, port: int, table: str = "lines") -> str:
    """Lines as a table of the database "shop", whose texts MariaDB compares without case; the database's address."""
    driver: Any = import_module("MySQLdb")
    columns = ", ".join(f"`{name}` {_KINDS.get(lines[name].dtype.kind, 'VARCHAR(200)')}" for name in lines)
    values = [[_value(cell) for cell in row] for row in lines.itertuples(index=False)]
    held = driver.connect(host="127.0.0.1", port=port, user=USER, database="shop", charset="utf8mb4")
    with held.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS `{table}`")
        cursor.execute(f"CREATE TABLE `{table}` ({columns}) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        cursor.executemany(f"INSERT INTO `{table}` VALUES ({', '.join(['%s'] * lines.shape[1])})", values)
    held.commit()
    held.close()
    return f"mysql://{USER}@127.0.0.1:{port}/shop"


def _value(cell: Any) -> Any:
    if pd.isna(cell):
        return None
    return cell.date() if isinstance(cell, pd.Timestamp) else cell
