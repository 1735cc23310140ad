"""Gamma-Gamma: what a client's purchases are worth on average, pulled towards everybody's where few were seen.

Fader and Hardie, "The Gamma-Gamma Model of Monetary Value" (2013), brucehardie.com/notes/025.
x = number of purchases seen, m = their mean value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from xlcrm.spend.kinds import Floats, Ints


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
    distinct, which = np.unique(x, return_inverse=True)
    count = np.bincount(which)
    scale = float(np.mean(m))
    value = m / scale
    log_value, spent = np.log(value), x * value
    log_spent = np.log(spent)

    def loss(logs: Floats) -> tuple[float, Floats]:
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
