"""What a client will spend in the next twelve months, so that time goes to those who are worth it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlcrm.spend.cents import total
from xlcrm.spend.kinds import NO_DAY, Floats, Ints
from xlcrm.spend.lines import Lines
from xlcrm.spend.refunds import net_cents
from xlcrm.spend.rhythm import day_key, days_of

HORIZON_DAYS = 365
ENOUGH_CLIENTS = 50
ENOUGH_REPEATS = 20


@dataclass(frozen=True, eq=False)
class History:
    """Per client with at least one purchase day: what BG/NBD and Gamma-Gamma know. Times in weeks, money in units.

    x = purchase days after the first; t_x = weeks from the first to the last; T = weeks from the first to today;
    m = mean value of the purchase days after the first, NaN where there is none.
    """

    client: Ints
    x: Ints
    t_x: Floats
    T: Floats
    m: Floats


def history(lines: Lines, original: Ints, *, today: int) -> History:
    """Purchase days and their value less what was taken back; days of which all was taken back don't count."""
    net = net_cents(lines, original)
    usable = np.flatnonzero((lines.client >= 0) & ~lines.refund & lines.priced & (lines.day != NO_DAY))
    number, keys = pd.factorize(day_key(lines.client[usable], lines.day[usable]), sort=True)
    worth = total(net[usable], number.astype("int64"), len(keys))
    bought = total(lines.cents[usable], number.astype("int64"), len(keys))
    kept = (worth > 0) | (worth == bought)
    days = days_of(keys[kept], lines.clients)
    client = np.flatnonzero(days.count > 0)
    first, last, x = days.first[client], days.last[client], days.count[client] - 1
    later = days.day > days.first[days.client]
    value = total(worth[kept], days.client, lines.clients, where=later)[client]
    m = np.where(x > 0, value / 100 / np.maximum(x, 1), np.nan)
    return History(client, x, (last - first) / 7, (today - first) / 7, m)


def value_12m(lines: Lines, original: Ints, *, today: int) -> tuple[Floats, str]:
    """Expected spend in the next 365 days per client, in currency units to the cent, and a reason where all is blank.

    BG/NBD purchases times Gamma-Gamma value of a purchase. NaN for clients without a purchase, and for everybody with
    fewer than 50 clients or 20 who came back (reason "value.few"), or where no parameters fit ("value.no_fit").
    """
    past = history(lines, original, today=today)
    found = np.full(lines.clients, np.nan)
    back = (past.x > 0) & (past.m > 0)
    if len(past.client) < ENOUGH_CLIENTS or back.sum() < ENOUGH_REPEATS:
        return found, "value.few"
    from xlcrm.spend.bgnbd import fit_bgnbd
    from xlcrm.spend.gammagamma import fit_gammagamma

    often = fit_bgnbd(past.x, past.t_x, past.T)
    worth = fit_gammagamma(past.x[back], past.m[back])
    if often is None or worth is None:
        return found, "value.no_fit"
    more = often.expected_more(HORIZON_DAYS / 7, past.x, past.t_x, past.T)
    each = worth.expected_value(np.where(back, past.x, 0), np.where(back, past.m, 0.0))
    value = more * each
    if not (np.isfinite(value).all() and (value >= 0).all()):
        return found, "value.no_fit"
    found[past.client] = np.round(value, 2)
    return found, ""
