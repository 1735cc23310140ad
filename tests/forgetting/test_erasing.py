"""What is left of each row when a client is forgotten, in tables and in the plans of earlier runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm import schema
from xlcrm.errors import CrmError
from xlcrm.forgetting import erasing
from xlcrm.forgetting.erasing import RULES, UNTOUCHED, erased, erased_plan, erasing_plan
from xlcrm.forgetting.traces import Erasure, Who, erasure, named
from xlcrm.merging.alias_table import id_keys
from xlcrm.plan import Added, Change, Plan, Removed
from xlcrm.tables import Table, Tables

PAPERS = frozenset(id_keys(pd.Series(["2026-0012"])))
WHO = Who(frozenset({"C0042"}), frozenset({"P0001"}), frozenset({"O2"}), frozenset({"C0007"}), PAPERS)
FOUND = Erasure(WHO, frozenset({"Kari Olsen", "kari@example.com"}), frozenset({"22555540"}))
CASE = pd.read_csv(CASES / "erasing.csv", dtype=str, keep_default_na=False)


def frame_of(told: str) -> pd.DataFrame:
    cells = (cell.partition("=") for cell in told.split(";"))
    return pd.DataFrame([{name: value for name, _, value in cells}], dtype="str")


@pytest.mark.parametrize("case", list(CASE.itertuples()), ids=[f"{c.table}: {c.why}" for c in CASE.itertuples()])
def test_what_is_left_of_a_row(case) -> None:  # type: ignore[no-untyped-def]
    rows = frame_of(case.row)
    before = rows.copy()
    after, gone = erased(case.table, rows, FOUND)
    pd.testing.assert_frame_equal(rows, before)
    if case.left == "gone":
        assert gone.tolist() == [True]
    else:
        assert not gone.any()
        assert after.astype(object).to_dict("records") == frame_of(case.left).astype(object).to_dict("records")


def test_invoices_keep_their_buyer_where_asked() -> None:
    rows = pd.concat([frame_of("number=1;kind=invoice;client_id=C0042;buyer=Kari Olsen"),
                      frame_of("number=2;kind=offer;client_id=C0042;buyer=Kari Olsen")], ignore_index=True)  # fmt: skip
    after, _ = erased("Documents", rows, Erasure(WHO, FOUND.texts, keep_invoices=True))
    assert after["buyer"].tolist() == ["Kari Olsen", ""]


def series(*values: object) -> pd.Series[Any]:
    return pd.Series(list(values), index=range(len(values)), dtype=object)


def test_a_plan_of_an_earlier_run_keeps_the_others() -> None:
    keys = series("C0001", "C0042", "C0002")
    change = Change("Clients", "city", series("Oslo", "Bergen", "Moss"), series("OSLO", "BERGEN", "MOSS"), keys)
    sold = pd.DataFrame({"invoice": ["1", "2"], "client_id": ["C0042", "C0001"], "amount": [5, 6]})
    plan = Plan(
        "import",
        changes=(change,),
        added=(Added("Clients", frame_of("client_id=C0042;full_name=Kari Olsen")), Added("Purchases", sold)),
        removed=(Removed("Interactions", frame_of("client_id=C0042;subject=x").set_axis([7])),),
        notes=(("merge.one", {"old": "C0042", "new": "Kari Olsen"}),),
    )
    done = erased_plan(plan, FOUND)
    assert done.changes[0].keys.tolist() == ["C0001", "C0002"]
    assert done.changes[0].after.index.tolist() == [0, 2]
    assert [part.table for part in done.added] == ["Purchases"]
    assert done.added[0].rows["client_id"].tolist() == ["", "C0001"]
    assert done.removed == ()
    assert done.notes == (("merge.one", {"old": "***", "new": "***"}),)


def test_a_plan_about_others_is_the_very_same() -> None:
    plan = Plan("check", added=(Added("Clients", frame_of("client_id=C0001;full_name=Ada Berg")),))
    assert erased_plan(plan, FOUND) is plan


def test_a_merge_into_somebody_forgotten_goes() -> None:
    change = Change("Purchases", "client_id", series("C0009", "C0001"), series("C0042", "C0003"), series("1", "2"))
    done = erased_plan(Plan("merge", changes=(change,)), FOUND)
    assert done.changes[0].before.tolist() == ["C0001"]


def tables_of(*clients: dict[str, str], **more: pd.DataFrame) -> Tables:
    frame = pd.DataFrame(list(clients)).fillna("").astype("str")
    others = (Table(name, name, rows, {}) for name, rows in more.items())
    return Tables.of(Table("Clients", "Clients", frame, {}), *others)


KARI = {"client_id": "C0042", "full_name": "Kari Olsen", "phone": "22 55 55 40", "company": "Nordlys"}


def test_what_others_share_is_no_trace() -> None:
    tables = tables_of(KARI, {"client_id": "C0001", "full_name": "Kari Olsen", "phone": "22555540", "company": "Fjord"})
    found = erasure([tables], named([tables], ["C0042"]), country="NO")
    assert found.texts == {"Nordlys"}
    assert not found.phones


def test_a_name_inside_of_one_who_stays_is_no_trace() -> None:
    tables = tables_of(KARI, {"client_id": "C0001", "full_name": "Kari Olsen Berg"})
    assert "Kari Olsen" not in erasure([tables], named([tables], ["C0042"])).texts


def test_earlier_names_of_backups_are_sought_too() -> None:
    now, then = tables_of(KARI), tables_of(KARI | {"full_name": "Kari Lunde"})
    assert {"Kari Olsen", "Kari Lunde"} <= erasure([now, then], named([now], ["C0042"])).texts


def test_all_that_was_merged_goes_along() -> None:
    merged = pd.DataFrame({"old_id": ["C0007", "C0005"], "new_id": ["C0042", "C0007"]})
    tables = tables_of(KARI, Merged=merged)
    assert named([tables], ["c0042"]).former == {"C0007", "C0005"}
    with pytest.raises(CrmError, match=r"forget\.merged|C0042"):
        named([tables], ["C0007"])


def test_an_unknown_number_is_refused() -> None:
    with pytest.raises(CrmError) as fault:
        named([tables_of(KARI)], ["C9999"])
    assert fault.value.key == "forget.unknown"


# Every sheet there is, and those to come.

EVERY = schema.with_parts(schema.PARTS)
FIGURES = frozenset({"number", "integer", "money", "percent", "days", "flag", "choice", "date", "moment"})


def about_kari(spec: schema.TableSpec) -> pd.DataFrame:
    """A row that says of Kari whatever can be said in a table, and one about somebody else."""
    ids = {"client_id", "person_id", "old_id", "new_id", "other_id", "parent_id"}
    told = {c.name: "C0042" if c.name in ids else "Kari Olsen" for c in spec.columns if c.kind not in FIGURES}
    other = {c.name: "C0001" if c.name in ids else "Ada Berg" for c in spec.columns if c.kind not in FIGURES}
    return pd.DataFrame([told, other], dtype="str")


def after_plan(table: Table) -> str:
    """All cells of a table after the plan that forgets Kari."""
    left = table.frame.copy()
    plan = erasing_plan(Tables.of(table), FOUND)
    for part in plan.removed:
        left = left.drop(index=part.rows.index)
    for change in plan.changes:
        left.loc[change.after.index, change.column] = change.after
    return left.to_csv()


@pytest.mark.parametrize("spec", [spec for spec in EVERY if spec.name not in UNTOUCHED], ids=lambda spec: spec.name)
def test_no_table_keeps_a_name_or_number(spec: schema.TableSpec) -> None:
    rows = about_kari(spec)
    left = after_plan(Table(spec.name, spec.sheet, rows, {}))
    assert "Kari" not in left
    assert "C0042" not in left
    shown = any(rule.kind == "any" for rule in erasing.rules_of(spec.name))  # of one client, whoever that is
    assert ("Ada Berg" in left) == ("Ada Berg" in rows.to_csv() and not shown)


@pytest.mark.parametrize("spec", EVERY, ids=lambda spec: spec.name)
def test_every_table_that_names_a_client_has_a_rule(spec: schema.TableSpec) -> None:
    owners = {column.name for column in spec.columns} & set(erasing.OWNERS)
    ruled = {rule.column for rule in erasing.rules_of(spec.name)}
    assert owners - ruled <= {"person_id"}, "of a client's table a person may be told in a text alone"


CARD = (
    schema.TableSpec("ShownOf", "Shown", schema.columns("client_id text 10\nname text 30"), 1),
    schema.TableSpec("ShownFacts", "Shown", schema.columns("fact text 26\nvalue text 13"), 3),
)


@pytest.fixture
def with_card(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A schema with a sheet that shows one client."""
    erasing.rules_of.cache_clear()
    monkeypatch.setattr(schema, "TABLES", (*schema.TABLES, *CARD))
    yield
    erasing.rules_of.cache_clear()


def shown(client: str) -> Tables:
    head = pd.DataFrame({"client_id": [client], "name": ["Kari Olsen"]}, dtype="str")
    facts = pd.DataFrame({"fact": ["Born on", "Sector", ""], "value": ["1980-05-17", "baker", ""]}, dtype="str")
    return Tables.of(Table("ShownOf", "Shown", head, {}), Table("ShownFacts", "Shown", facts, {}))


@pytest.mark.parametrize(("client", "stays"), [("C0042", False), ("c0042", False), ("C0007", False), ("C0001", True)])
def test_a_sheet_that_shows_one_client_is_emptied(with_card: None, client: str, stays: bool) -> None:
    plan = erasing_plan(shown(client), FOUND)
    told = {(c.table, c.column): list(c.after) for c in plan.changes}
    assert ("ShownFacts", "value") not in told if stays else told["ShownFacts", "value"] == ["", ""]
    assert ("ShownFacts", "fact") not in told, "the words of the sheet stay"
    assert plan.removed == ()


@pytest.mark.parametrize(
    ("before", "after", "stays"),
    [("", "C0042", False), ("C0042", "C0001", False), ("C0001", "C0003", True), (None, None, False)],
    ids=["shown first", "shown before", "others alone", "nobody can say whose"],
)
def test_history_of_such_a_sheet_goes(with_card: None, before: str | None, after: str | None, stays: bool) -> None:
    facts = Change("ShownFacts", "value", series(""), series("1980-05-17"), series(""))
    head = Change("ShownOf", "client_id", series(before), series(after), series(before))
    plan = Plan("show", changes=(facts,) if before is None else (head, facts))
    left = [change.table for change in erased_plan(plan, FOUND).changes]
    assert ("ShownFacts" in left) == stays


def test_rules_name_tables_and_columns_of_the_schema() -> None:
    columns = {(spec.name, column.name) for spec in EVERY for column in spec.columns}
    assert {(rule.table, rule.column) for rule in RULES} <= columns
