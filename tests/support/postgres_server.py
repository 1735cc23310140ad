"""PostgreSQL of Debian's package on loopback for tests and benchmarks: a fresh cluster in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

USER = "xlcrm_test"
FOLDERS = "/usr/sbin:/usr/bin:/sbin:/bin"


def programs() -> Path | None:
    """The folder of initdb and postgres; None where PostgreSQL isn't installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    own = shutil.which("initdb")
    return found[-1].parent if found else Path(own).parent if own else None


@contextmanager
def server() -> Iterator[int]:
    """The port of a server that runs for the block; root, whom PostgreSQL refuses, lends it to the user nobody."""
    binaries = programs()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="xlcrm-pg-"))
    port = free_port()
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        data = folder / "data"
        run([str(binaries / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"])
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c unix_socket_permissions=0777"
        run([str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start"])
        try:
            yield port
        finally:
            run([str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def nobody() -> str | None:
    """Whom root lends a server to; None is the user who runs the tests."""
    return "nobody" if os.geteuid() == 0 else None


def run(command: list[str]) -> None:
    """A program of a server's package, done as its user; AssertionError where it fails."""
    done = subprocess.run(
        command, user=nobody(), cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        timeout=120, env={"PATH": FOLDERS, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, f"{command[0]}: {done.stderr}"


def put(lines: pd.DataFrame, port: int, table: str = "lines") -> str:
    """Lines as a table of the database "postgres"; the address of the database."""
    import psycopg

    kinds = {"O": "text", "U": "text", "f": "double precision", "i": "bigint", "M": "date", "T": "text"}
    columns = ", ".join(f'"{name}" {kinds.get(lines[name].dtype.kind, "text")}' for name in lines.columns)
    with psycopg.connect(host="127.0.0.1", port=port, user=USER, dbname="postgres") as held, held.cursor() as cursor:
        cursor.execute(f'DROP TABLE IF EXISTS "{table}"; CREATE TABLE "{table}" ({columns})')
        with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT csv)') as copy:
            copy.write(lines.to_csv(index=False, header=False))
    return f"postgresql://{USER}@127.0.0.1:{port}/postgres"
