"""Columns of Clients that are told by who is there and when somebody was born: main contact, people, age, share."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.people.still_there import clients_of, still_there
from xlcrm.values import as_date, as_number, as_text


def client_columns(
    clients: pd.DataFrame, people: pd.DataFrame | None, spend: pd.Series[Any], *, today: dt.date, country: str = ""
) -> dict[str, pd.Series[Any]]:
    """The calculated columns main_contact, people, age and share for each row of Clients (index as `clients`).

    clients   client_id, birth_date and potential, as far as the workbook has them
    people    client_id, until and names; None where the workbook has no such table: no people and main_contact then
    spend     spend_12m of each row

    main_contact  the name (`names`) of the client's first person, in the sheet's order, who is still there; "" for none
    people        how many are still there, 0 for none
    age           full years on `today`; who was born on 29 February is older on 1 March. Blank without a birth date,
                  and for one after today
    share         spend_12m / potential, four decimals; blank where the potential is not above 0 or the spend is blank

    A row without client_id has no people. A column that a figure needs and Clients lacks makes it blank.
    """
    found = {"share": _share(clients, spend, country), "age": ages(clients, today, country)}
    if people is not None and "client_id" in clients.columns:
        ids = as_text(clients["client_id"]).str.strip()
        there = people[still_there(people, today, country)]
        owners = clients_of(there)
        counts, top = owners.value_counts(), ~owners.duplicated()
        first = pd.Series(names(there[top]).to_numpy(), index=owners[top], dtype="str")
        named = ids != ""
        found["people"] = counts.reindex(ids).fillna(0).astype("float64").set_axis(ids.index).where(named)
        found["main_contact"] = first.reindex(ids).fillna("").set_axis(ids.index).where(named, "")
    return found


def names(people: pd.DataFrame) -> pd.Series[Any]:
    """What each person is called: first, middle and last name where both ends are there, else full_name, or e-mail."""
    texts = {
        column: as_text(people[column]).str.split().str.join(" ")
        if column in people.columns
        else pd.Series("", index=people.index, dtype="str")
        for column in ("first_name", "middle_name", "last_name", "full_name", "email")
    }
    parts = (texts["first_name"] + " " + texts["middle_name"]).str.strip() + " " + texts["last_name"]
    split = (texts["first_name"] != "") & (texts["last_name"] != "")
    whole = texts["full_name"].where(texts["full_name"] != "", parts.str.strip())
    return parts.where(split, whole.where(whole != "", texts["email"]))


def ages(clients: pd.DataFrame, today: dt.date, country: str = "") -> pd.Series[Any]:
    """Full years from `birth_date` to `today` as float64, NaN where there is no day up to then."""
    if "birth_date" not in clients.columns:
        return pd.Series(np.nan, index=clients.index)
    birth = as_date(clients["birth_date"], country)[0]
    later = (birth.dt.month > today.month) | ((birth.dt.month == today.month) & (birth.dt.day > today.day))
    years: pd.Series[Any] = (today.year - birth.dt.year - later.astype("float64")).astype("float64")
    return years.where(birth <= pd.Timestamp(today))


def _share(clients: pd.DataFrame, spend: pd.Series[Any], country: str) -> pd.Series[Any]:
    """The share of the potential, NaN where there is none."""
    if "potential" not in clients.columns:
        return pd.Series(np.nan, index=clients.index)
    potential = as_number(clients["potential"], country)[0].astype("float64")
    share: pd.Series[Any] = (spend / potential.where(potential > 0)).round(4)
    return share


# What makes a row of People a person: any of these holds something. Opt-outs and dates alone are nobody.
