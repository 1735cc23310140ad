"""Whatever a list holds, importing it a second time changes nothing and no client_id is given twice."""

from __future__ import annotations

import pandas as pd
from hypothesis import HealthCheck, given
from hypothesis import settings as search
from hypothesis import strategies as st

from tests.support.importing_help import TODAY, applied, settings, workbook
from xlcrm.errors import CrmError
from xlcrm.importing import Incoming, plan
from xlcrm.importing.layout import headers
from xlcrm.messages import LANGUAGES

CLIENTS = (
    "Name|Full name|First name|Last name|Surname/Company|Company|E-mail|Phone|Mobile|Client ID|ID|City|Postcode|"
    "Address|Street|Nr|Status|Kind|Gender|Birth date|No e-mail|Opt out|Notes|Tax number|Employees|Stato|Title"
).split("|")
LINES = "Invoice|Date|Client ID|Customer|E-mail|Product|SKU|Quantity|Price|Amount|Discount|Paid on|City|Weird".split(
    "|"
)
CELLS = st.sampled_from(
    "||a|Nora Ashgrove|Piers|nora@example.com|piers@example.com|1|2|007|+47 22 33 44 55|3.4.2020|31/12/2020|12/31/2020|"
    "1.234,5|yes|no|x|Kunde|Italy|Mr|F|NULL|  |Total|C0001|K1|GB123456789|=1+1".split("|")
) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
often = search(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def lists(draw: st.DrawFn, words: list[str]) -> Incoming:
    names = headers(draw(st.lists(st.sampled_from(words), min_size=1, max_size=8)), 8)[:8]
    height = draw(st.integers(1, 5))
    cells = st.lists(CELLS, min_size=height, max_size=height)
    return Incoming("list.csv", "", pd.DataFrame({name: pd.Series(draw(cells), dtype="str") for name in names}), 2)


def check(one: Incoming, table: str, update: bool) -> None:
    tables = workbook(Clients=[{"client_id": "C0001", "full_name": "Nora Ashgrove", "email": "nora@example.com"}])
    try:
        first = plan(tables, [one], settings=settings(), today=TODAY, table=table, update=update)
    except CrmError as refused:
        assert all(refused.key not in refused.text(language) for language in LANGUAGES)
        return
    assert all(problem.code not in problem.sentence() for problem in first.problems)
    tables = applied(tables, first)
    ids = tables["Clients"].frame["client_id"]
    assert not ids.duplicated().any()
    assert plan(tables, [one], settings=settings(), today=TODAY, table=table, update=update).is_empty


@often
@given(lists(CLIENTS), st.booleans())
def test_a_client_list(one: Incoming, update: bool) -> None:
    check(one, "Clients", update)


@often
@given(lists(LINES), st.booleans())
def test_a_sales_list(one: Incoming, update: bool) -> None:
    check(one, "Purchases", update)
