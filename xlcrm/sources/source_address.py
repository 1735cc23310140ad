"""The address of a source of purchases as it stands in Settings: a file, a folder or a database, never a password."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from xlcrm.errors import CrmError
from xlcrm.settings import Settings

# Scheme of an address -> the extra of this package that reads it.
EXTRAS = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "mssql": "mssql",
    "sqlite": "sqlite",
    "spark": "spark",
}
_SECRETS = frozenset({"password", "passwd", "pwd", "sslpassword", "token"})
_FILES = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet"}


@dataclass(frozen=True)
class PurchaseSource:
    """Where purchases are, what they are called there, and which columns they have.

    address  as in Settings; table "" for files
    columns  name in Purchases -> the source's own name
    """

    address: str
    table: str
    columns: dict[str, str]

    @property
    def scheme(self) -> str:
        """The scheme of a database's address, "" for files and folders."""
        return self.address.partition("://")[0].lower() if "://" in self.address else ""

    @property
    def extra(self) -> str:
        """The extra of this package that reads it."""
        return EXTRAS.get(self.scheme, "engine")


def source_of(settings: Settings) -> PurchaseSource | None:
    """The source that Settings name, None where purchases are on the sheet. CrmError as of `checked`."""
    if not settings.purchases_source:
        return None
    return PurchaseSource(
        checked(settings.purchases_source), settings.purchases_table, columns_of(settings.purchases_columns)
    )  # fmt: skip


def checked(address: str) -> str:
    """The address without spaces around it.

    CrmError "sources.password" where it holds a password, which everybody who opens the workbook would read;
    "sources.kind" for a scheme that nobody reads.
    """
    plain = address.strip()
    if "://" not in plain:
        return plain
    parts = parts_of(plain)
    if parts.password is not None or {name.lower() for name, _ in parse_qsl(parts.query)} & _SECRETS:
        raise CrmError("sources.password")
    if parts.scheme not in EXTRAS:
        raise CrmError("sources.kind", kind=parts.scheme, kinds=", ".join(sorted(EXTRAS)))
    return plain


def parts_of(address: str) -> SplitResult:
    """The parts of a database's address. CrmError "sources.address" where it can't be taken apart."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as fault:
        raise CrmError("sources.address", address=address.partition("://")[0] + "://") from fault
    return parts


def columns_of(text: str) -> dict[str, str]:
    """The setting purchases_columns ("Kundennr=client_id; Datum=date") as name in Purchases -> own name."""
    pairs = (pair.rpartition("=") for pair in text.split(";") if "=" in pair)
    return {name.strip(): unquote(own.strip()) for own, _, name in pairs}


def columns_text(columns: dict[str, str]) -> str:
    """`columns_of` backwards; signs in a header that mean something here are written as in an address (%3B)."""
    safe = "".join(map(chr, range(32, 127))).translate({ord(sign): None for sign in ";%="})
    return "; ".join(f"{_quoted(own, safe)}={name}" for name, own in columns.items())


def _quoted(header: str, safe: str) -> str:
    return "".join(sign if ord(sign) > 126 else quote(sign, safe=safe) for sign in header)


def place_of(source: PurchaseSource, folder: Path) -> Path:
    """The file or folder of a source, seen from the workbook's folder."""
    return (folder / Path(source.address).expanduser()).resolve()


def files_of(place: Path) -> tuple[str, list[Path]]:
    """The kind ("csv" or "parquet") and the files of a source; of a folder all of the kind that it has.

    CrmError "sources.no_file" where nothing is there, "sources.no_files" where a folder has neither kind,
    "sources.two_kinds" where it has both: nobody could say which are the purchases.
    """
    if place.is_file():
        kind = _FILES.get(place.suffix.lower(), "")
        if not kind:
            raise CrmError("sources.no_files", name=place.name)
        return kind, [place]
    if not place.is_dir():
        raise CrmError("sources.no_file", name=str(place), as_of="")
    found = {kind: _of_kind(place, kind) for kind in ("csv", "parquet")}
    there = [kind for kind, files in found.items() if files]
    if len(there) != 1:
        raise CrmError("sources.two_kinds" if there else "sources.no_files", name=place.name)
    return there[0], found[there[0]]


def _of_kind(folder: Path, kind: str) -> list[Path]:
    inside = (path for path in folder.rglob("*") if _FILES.get(path.suffix.lower()) == kind)
    return sorted(path for path in inside if path.is_file() and not path.name.startswith((".", "~")))
