"""Lifetime value: what a client will spend in the next twelve months, by BG/NBD and Gamma-Gamma models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlcrm.spend.kinds import NO_DAY, Floats, Ints, total
from xlcrm.spend.lines import PurchaseLines
from xlcrm.spend.refunds import net_cents
from xlcrm.spend.rhythm import Span, day_key, days_of

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


def history(lines: PurchaseLines, original: Ints, *, today: int) -> History:
    """Purchase days and their value less what was taken back; days of which all was taken back don't count."""
    return history_of(*kept_of(lines, original), today=today)


def kept_of(lines: PurchaseLines, original: Ints) -> tuple[Span, Ints]:
    """`kept_days` of purchase lines."""
    net = net_cents(lines, original)
    usable = np.flatnonzero((lines.client >= 0) & ~lines.refund & lines.priced & (lines.day != NO_DAY))
    number, keys = pd.factorize(day_key(lines.client[usable], lines.day[usable]), sort=True)
    worth = total(net[usable], number.astype("int64"), len(keys))
    bought = total(lines.cents[usable], number.astype("int64"), len(keys))
    return kept_days(keys, worth, bought, lines.clients)


def kept_days(keys: Ints, worth: Ints, bought: Ints, clients: int) -> tuple[Span, Ints]:
    """Per client the purchase days of which not all was taken back, and the cents of those after the first.

    `keys` (`rhythm.day_key`, sorted, distinct), what each day is still `worth`, and what was `bought` on it.
    """
    kept = (worth > 0) | (worth == bought)
    days = days_of(keys[kept], clients)
    later = days.day > days.first[days.client]
    return days.span, total(worth[kept], days.client, clients, where=later)


def history_of(bought: Span, later: Ints, *, today: int) -> History:
    """The history of the clients with a purchase day, of their days and the cents of those after the first."""
    client = np.flatnonzero(bought.count > 0)
    first, last, x = bought.first[client], bought.last[client], bought.count[client] - 1
    m = np.where(x > 0, later[client] / 100 / np.maximum(x, 1), np.nan)
    return History(client, x, (last - first) / 7, (today - first) / 7, m)


def value_12m(past: History, clients: int) -> tuple[Floats, str]:
    """Expected spend in the next 365 days of each of `clients`, to the cent, and a reason where all is blank.

    BG/NBD purchases times Gamma-Gamma value of a purchase. NaN for clients without a purchase, and for everybody with
    fewer than 50 clients or 20 who came back (reason "value.few"), or where no parameters fit ("value.no_fit").
    """
    found = np.full(clients, np.nan)
    back = (past.x > 0) & (past.m > 0)
    if len(past.client) < ENOUGH_CLIENTS or back.sum() < ENOUGH_REPEATS:
        return found, "value.few"

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


# BG/NBD: how many purchases a client will still make, told from when and how often the client bought so far.


@dataclass(frozen=True)
class BgNbd:
    """Parameters: purchase rates are gamma(r, alpha), chances to leave after a purchase are beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def expected_purchases(self, t: Floats | float) -> Floats:
        """Repeat purchases that a new client makes on average within a time t (equation 9)."""
        from scipy.special import hyp2f1

        r, alpha, a, b = self._stable()
        z = np.asarray(t, dtype="float64") / (alpha + np.asarray(t, dtype="float64"))
        found: Floats = (a + b - 1) / (a - 1) * (1 - (1 - z) ** r * hyp2f1(r, b, a + b - 1, z))
        return found

    def expected_more(self, t: float, x: Ints | Floats, t_x: Floats, T: Floats) -> Floats:  # noqa: N803
        """Purchases within the next time t of a client with the history x, t_x, T (equation 10).

        The hypergeometric function is taken after Euler's transformation, which stays finite for hundreds of
        purchases: (1-z)^(r+x) 2F1(r+x, b+x; a+b+x-1; z) = (1-z)^(a-1) 2F1(a+b-1-r, a-1; a+b+x-1; z).
        """
        from scipy.special import hyp2f1

        r, alpha, a, b = self._stable()
        z = t / (alpha + T + t)
        left = 1 - (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
        gone = a / (b + np.maximum(x, 1) - 1) * np.exp((r + x) * np.log((alpha + T) / (alpha + t_x)))
        found: Floats = (a + b + x - 1) / (a - 1) * left / (1 + np.where(x > 0, gone, 0.0))
        return found

    def _stable(self) -> tuple[float, float, float, float]:
        """The parameters, moved off a = 1, where the formulas divide nought by nought but have a limit."""
        return self.r, self.alpha, self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6, self.b


def fit_bgnbd(x: Ints, t_x: Floats, T: Floats) -> BgNbd | None:  # noqa: N803
    """The parameters of maximum likelihood (equation 6); None where the search breaks down.

    Clients who hardly ever leave (a near 0) or who are all alike (r, alpha and b without end) have their maximum at
    infinity. The search then stops at its edge, where the expectations hardly change any more.

    Logarithms of the parameters are searched with their exact gradient. Functions of x alone are computed once for
    each distinct x, so that a step costs a few logarithms a client.
    """
    from scipy.optimize import minimize
    from scipy.special import gammaln, psi

    distinct, which = np.unique(x, return_inverse=True)
    count = np.bincount(which)
    repeat = x > 0
    xr, tr = x[repeat], t_x[repeat]
    scale = float(np.mean(T))

    def loss(logs: Floats) -> tuple[float, Floats]:
        """Minus the mean log likelihood of r, alpha, a and b (given as logarithms), and its gradient."""
        r, alpha, a, b = np.exp(logs)
        alpha *= scale
        by_x = gammaln(r + distinct) - gammaln(r) + r * np.log(alpha)
        by_x += gammaln(a + b) + gammaln(b + distinct) - gammaln(b) - gammaln(a + b + distinct)
        log_end = np.log(alpha + T)
        alive = -(r + x) * log_end
        log_last = np.log(alpha + tr)
        dead = np.log(a) - np.log(b + xr - 1) - (r + xr) * log_last
        together = np.logaddexp(alive[repeat], dead)
        whole = count @ by_x + alive[~repeat].sum() + together.sum()
        weight = np.exp(dead - together)  # the share of the likelihood in which the client has left
        d_r = count @ (psi(r + distinct) - psi(r)) + len(x) * np.log(alpha) - log_end[~repeat].sum()
        d_r -= ((1 - weight) * log_end[repeat] + weight * log_last).sum()
        per_end = (r + x) / (alpha + T)
        d_alpha = len(x) * r / alpha - per_end[~repeat].sum()
        d_alpha -= ((1 - weight) * per_end[repeat] + weight * (r + xr) / (alpha + tr)).sum()
        both = psi(a + b) - psi(a + b + distinct)
        d_a = count @ both + weight.sum() / a
        d_b = count @ (both + psi(b + distinct) - psi(b)) - (weight / (b + xr - 1)).sum()
        gradient = np.array([d_r * r, d_alpha * alpha, d_a * a, d_b * b])
        return -whole / len(x), -gradient / len(x)

    edges = [(-9, 5), (-9, 12), (-9, 5), (-9, 5)]
    found = minimize(
        loss, np.zeros(4), jac=True, method="L-BFGS-B", bounds=edges, options={"ftol": 1e-13, "gtol": 1e-7}
    )
    if not np.isfinite(found.fun):
        return None
    r, alpha, a, b = np.exp(found.x)
    return BgNbd(float(r), float(alpha * scale), float(a), float(b))


# Gamma-Gamma: what a client's purchases are worth on average, pulled towards everybody's where few were seen.


@dataclass(frozen=True)
class GammaGamma:
    """Parameters: a purchase is gamma(p, nu), and nu varies between clients as gamma(q, v)."""

    p: float
    q: float
    v: float

    def expected_value(self, x: Ints | Floats, m: Floats) -> Floats:
        """Mean value of a client's purchases to come (equation 5): everybody's mean p v / (q - 1) where x is 0."""
        found: Floats = self.p * (self.v + x * m) / (self.p * x + self.q - 1)
        return found


def fit_gammagamma(x: Ints, m: Floats) -> GammaGamma | None:
    """The parameters of maximum likelihood (equation 1a) from clients with x > 0 and m > 0.

    None where the search breaks down, or where q <= 1, with which the population has no mean. Clients who all spend
    the same have their maximum at infinity; the search stops at its edge, where expectations hardly change any more.
    """
    from scipy.optimize import minimize
    from scipy.special import gammaln, psi

    distinct, which = np.unique(x, return_inverse=True)
    count = np.bincount(which)
    scale = float(np.mean(m))
    value = m / scale
    log_value, spent = np.log(value), x * value
    log_spent = np.log(spent)

    def loss(logs: Floats) -> tuple[float, Floats]:
        """Minus the mean log likelihood of p, q and v (given as logarithms), and its gradient."""
        p, q, v = np.exp(logs)
        log_sum = np.log(spent + v)
        whole = count @ (gammaln(p * distinct + q) - gammaln(p * distinct)) + len(x) * (q * np.log(v) - gammaln(q))
        whole += (p * x * log_spent - log_value - (p * x + q) * log_sum).sum()
        step = psi(p * distinct + q)
        d_p = count @ (distinct * (step - psi(p * distinct))) + (x * (log_spent - log_sum)).sum()
        d_q = count @ step + len(x) * (np.log(v) - psi(q)) - log_sum.sum()
        d_v = len(x) * q / v - ((p * x + q) / (spent + v)).sum()
        return -whole / len(x), -np.array([d_p * p, d_q * q, d_v * v]) / len(x)

    start = np.array([0.0, 1.0, 0.0])
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(-9, 9)] * 3, options={"ftol": 1e-13, "gtol": 1e-7}
    )
    p, q, v = np.exp(found.x)
    if not np.isfinite(found.fun) or q <= 1:
        return None
    return GammaGamma(float(p), float(q), float(v * scale))
