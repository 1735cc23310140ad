"""Connect, refresh from a source, move out and back: whole runs on a workbook of three clients."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.live_help import three_clients
from tests.support.paths import CASES
from tests.support.session_help import take
from xlcrm.actions import Action
from xlcrm.errors import CrmError
from xlcrm.files import file_book
from xlcrm.plan import Added, Plan
from xlcrm.run import Outcome, run
from xlcrm.session import Call, Session
from xlcrm.settings import Settings, read_settings
from xlcrm.sources import engines, source_address, sourced_tables
from xlcrm.sources.sourced_tables import aliases
from xlcrm.tables import Table, Tables

pytest.importorskip("ibis", reason="the extra engine (ibis-framework[duckdb]) is missing")
TRY = ["unshare", "-rn", "true"]
NO_NETWORK = bool(shutil.which("unshare")) and subprocess.run(TRY, capture_output=True, check=False).returncode == 0
NOW = dt.datetime(2026, 11, 22, 9, 30)
LINES = pd.DataFrame(
    [
        ("C1", "R1", "2026-01-10", "Barolo", 2.0, 10.55, None),
        ("C1", "R1", "2026-01-10", "Grappa", None, None, 1234.5),
        ("C1", "R2", "2026-11-02", "Barolo", None, None, 80.25),
        ("C2", "R3", "2026-11-10", "Barolo", None, None, 99.995),
        ("C2", "C3", "2026-11-12", "Barolo", None, None, -20.0),
        ("", "R4", "2026-11-12", "Grappa", None, None, 5.0),
    ],
    columns=["client_id", "invoice", "date", "product", "quantity", "unit_price", "amount"],
).assign(date=lambda frame: pd.to_datetime(frame["date"]))
SEARCHES = ("total spend > 0", "spend within 30 days > 50", "count of purchases where product contains grappa > 0")
DASHBOARD = ("KeyFigures", "Months", "Seasons", "Together", "Buyers", "Cohorts", "Funnel", "TopClients", "Sectors")
CARD = ("CardPurchases", "CardMonths", "CardMoney", "CardDays")
ADDRESSES = pd.read_csv(CASES / "source_addresses.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook with purchases that are computed."""
    book = three_clients(tmp_path_factory.mktemp("sold") / "My.xlsm")
    with_lines = lambda session: lambda tables, settings, today: Plan("import", added=(Added("Purchases", LINES),))  # noqa: E731
    run(Session.begin(file_book.at(book, ""), Call(NOW)), Action("import", with_lines))
    act(book, "refresh")
    return book


@pytest.fixture
def book(sold: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sold, tmp_path / "My.xlsm"))


def act(book: Path, name: str, *, dry_run: bool = False, **options: Any) -> Outcome:
    return take(file_book.at(book, ""), name, Call(NOW, "Anna", dry_run), **options)


def seen(book: Path) -> Tables:
    return file_book.at(book, "").look()


def figures(book: Path) -> pd.DataFrame:
    return seen(book)["Clients"].frame


def hits(book: Path, search: str) -> list[str]:
    """The clients whom a search finds."""
    plan = act(book, "search", where=(search,), dry_run=True).plan
    return [str(found) for part in plan.added if part.table == "Found" for found in part.rows["client_id"]]


def shown(book: Path, client: str) -> dict[str, list[str]]:
    """What the sheet of a client's card says of purchases."""
    plan = act(book, "show", client=client, dry_run=True).plan
    cells = {f"{part.table}.{part.column}": part.after for part in plan.changes}
    return {name: after.astype(str).tolist() for name, after in cells.items() if name.startswith(CARD)}


def exported(book: Path, place: Path, **changed: str) -> Path:
    """The purchases of the sheet as another program exports them."""
    frame = seen(book)["Purchases"].frame.rename(
        columns={"client_id": "Kundennr.", "date": "Datum", "amount": "Betrag"}
    )
    frame.assign(**changed).to_csv(place, index=False, sep=";", decimal=",", date_format="%d.%m.%Y")
    return place


@pytest.mark.parametrize("case", list(ADDRESSES.itertuples()), ids=ADDRESSES["why"].tolist())
def test_addresses_of_sources(case: Any) -> None:
    if not case.refused:
        assert source_address.checked(case.address) == case.address.strip()
        return
    with pytest.raises(CrmError) as fault:
        source_address.checked(case.address)
    assert fault.value.key == case.refused and "secret" not in fault.value.text()


def test_columns_stand_in_one_cell_whatever_they_are_called() -> None:
    columns = {"client_id": "Kunde; Nr. = 100 %", "date": "Køb=dato", "amount": "Betrag (€)"}
    assert source_address.columns_of(source_address.columns_text(columns)) == columns


def test_a_text_file_gives_the_figures_of_the_sheet(book: Path) -> None:
    before = figures(book)
    exported(book, book.parent / "orders.csv")
    act(book, "connect", source="orders.csv")
    outcome = act(book, "refresh")
    keys = [key for key, _ in outcome.plan.notes]
    assert "sources.counted" in keys and "sources.sheet_rows" in keys, "rows of the sheet are not counted, and said"
    pd.testing.assert_frame_equal(figures(book), before)


def test_connecting_shows_what_it_found_and_writes_settings_alone(book: Path) -> None:
    exported(book, book.parent / "orders.csv")
    tried = act(book, "connect", source="orders.csv", dry_run=True)
    said = dict(tried.plan.notes)
    assert "Kundennr." in str(said["connect.mapping"]["columns"])
    assert said["connect.found"]["n"] == len(seen(book)["Purchases"].frame)
    assert (said["connect.clients"]["known"], said["connect.clients"]["clients"]) == (2, 2)
    assert not read_settings(seen(book)).purchases_source, "a dry run"
    made = act(book, "connect", source="orders.csv")
    assert {change.table for change in made.plan.changes} == {"Settings"}
    assert act(book, "connect", source="orders.csv").plan.is_empty, "twice is once"
    act(book, "connect", sheet=True)
    assert read_settings(seen(book)) == Settings(**{**vars(read_settings(seen(book))), "purchases_source": ""})


@pytest.mark.parametrize("missing", ["Kundennr.", "Betrag"])
def test_without_client_or_amount_a_source_is_refused(book: Path, missing: str) -> None:
    place = exported(book, book.parent / "orders.csv")
    frame = pd.read_csv(place, sep=";", dtype=str).drop(columns=[missing, "unit_price"], errors="ignore")
    frame.to_csv(place, index=False)
    with pytest.raises(CrmError, match="Datum"):
        act(book, "connect", source="orders.csv")


def test_out_of_reach_yesterdays_figures_stay(book: Path) -> None:
    place = exported(book, book.parent / "orders.csv")
    act(book, "connect", source="orders.csv")
    place.unlink()
    before = book.read_bytes()
    with pytest.raises(CrmError, match="2026") as fault:
        act(book, "refresh")
    assert fault.value.key == "sources.no_file" and book.read_bytes() == before


def test_a_database_out_of_reach_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "no.sqlite").write_text("no database")
    source = source_address.PurchaseSource("sqlite:///no.sqlite", "lines", {})
    with pytest.raises(CrmError) as fault, engines.opened(source, tmp_path):
        pass
    assert fault.value.key in {"sources.unreachable", "sources.extra"}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Access denied.", "Access denied"),
        ("\n  no such table: lines\nLINE 1: SELECT", "no such table: lines"),
        ("", "ValueError"),
        (".\n", "ValueError"),
    ],
)
def test_a_reason_fits_into_a_sentence(said: str, reason: str) -> None:
    assert engines.reason_of(ValueError(said)) == reason


def test_a_missing_extra_is_named(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exported(book, book.parent / "orders.csv")
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(CrmError, match=r"xlcrm\[engine\]"):
        act(book, "connect", source="orders.csv")


def test_moved_out_and_back(book: Path) -> None:
    before, rows = figures(book), seen(book)["Purchases"].frame
    assert act(book, "move-out", dry_run=True).plan.removed and not list(book.parent.glob("*.parquet"))
    act(book, "move-out")
    assert [path.name for path in book.parent.glob("*.parquet")] == ["My Purchases.parquet"]
    assert seen(book)["Purchases"].frame.replace("", np.nan).dropna(how="all").empty
    act(book, "refresh")
    pd.testing.assert_frame_equal(figures(book), before)
    act(book, "undo")
    pd.testing.assert_frame_equal(seen(book)["Purchases"].frame[rows.columns], rows)
    assert not read_settings(seen(book)).purchases_source


def test_a_large_source_is_added_up_where_it_is(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, held = figures(book), seen(book)
    wanted = {search: hits(book, search) for search in SEARCHES}
    card = shown(book, "C1")
    assert all(wanted.values()) and "Grappa" in card["CardPurchases.product"]
    exported(book, book.parent / "orders.csv")
    act(book, "connect", source="orders.csv")
    monkeypatch.setattr(sourced_tables, "LIMIT", 4)
    outcome = act(book, "refresh")
    assert "sources.no_client" in {key for key, _ in outcome.plan.notes}
    pd.testing.assert_frame_equal(figures(book), before)
    after = seen(book)
    for name in DASHBOARD:
        pd.testing.assert_frame_equal(after[name].frame, held[name].frame, obj=name)
    assert "link.blank" in {problem.code for problem in act(book, "check").plan.problems}
    assert {search: hits(book, search) for search in SEARCHES} == wanted
    assert shown(book, "C1") == card


def test_purchases_of_a_source_are_never_written(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exported(book, book.parent / "orders.csv")
    act(book, "connect", source="orders.csv")
    before = book.read_bytes()

    def writing(session: object) -> Any:
        return lambda tables, settings, today: Plan("x", added=(Added("Purchases", tables["Purchases"].frame[:1]),))

    with pytest.raises(CrmError) as fault:
        run(Session.begin(file_book.at(book, ""), Call(NOW)), Action("x", writing, purchases="lines"))
    assert fault.value.key == "sources.read_only" and book.read_bytes() == before


def test_merged_clients_have_the_purchases_of_their_old_numbers() -> None:
    merged = pd.DataFrame({"old_id": ["A", "B", "C", "D"], "new_id": ["B", "K", "D", "C"]})
    clients = pd.DataFrame({"client_id": ["K", "C"]})
    tables = Tables.of(Table("Merged", "Merged", merged, {}), Table("Clients", "Clients", clients, {}))
    assert aliases(tables) == {"A": "K", "B": "K", "D": "C"}


def test_a_plain_run_imports_no_engine() -> None:
    code = "import sys, xlcrm.actions, xlcrm.run, xlcrm.cli.commands; print({'ibis', 'duckdb'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.skipif(not NO_NETWORK, reason="the system lets nobody start a program without a network (unshare)")
def test_a_source_is_read_without_any_network(book: Path) -> None:
    exported(book, book.parent / "orders.csv")
    for words in (["connect", str(book), "orders.csv"], ["refresh", str(book)]):
        command = ["unshare", "-rn", sys.executable, "-m", "xlcrm", *words]
        done = subprocess.run(command, cwd=book.parent, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode in (0, 1) and "orders.csv" in done.stdout, done.stderr
