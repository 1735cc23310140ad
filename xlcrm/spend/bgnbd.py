"""BG/NBD: how many purchases a client will still make, told from when and how often the client bought so far.

Fader, Hardie and Lee, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model", Marketing
Science 24 (2005). x = repeat purchases, t_x = time of the last one since the first purchase, T = time since then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1, psi

from xlcrm.spend.kinds import Floats, Ints


@dataclass(frozen=True)
class BgNbd:
    """Parameters: purchase rates are gamma(r, alpha), chances to leave after a purchase are beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def expected_purchases(self, t: Floats | float) -> Floats:
        """Repeat purchases that a new client makes on average within a time t (equation 9)."""
        r, alpha, a, b = self._stable()
        z = np.asarray(t, dtype="float64") / (alpha + np.asarray(t, dtype="float64"))
        found: Floats = (a + b - 1) / (a - 1) * (1 - (1 - z) ** r * hyp2f1(r, b, a + b - 1, z))
        return found

    def expected_more(self, t: float, x: Ints | Floats, t_x: Floats, T: Floats) -> Floats:  # noqa: N803
        """Purchases within the next time t of a client with the history x, t_x, T (equation 10).

        The hypergeometric function is taken after Euler's transformation, which stays finite for hundreds of
        purchases: (1-z)^(r+x) 2F1(r+x, b+x; a+b+x-1; z) = (1-z)^(a-1) 2F1(a+b-1-r, a-1; a+b+x-1; z).
        """
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
    distinct, which = np.unique(x, return_inverse=True)
    count = np.bincount(which)
    repeat = x > 0
    xr, tr = x[repeat], t_x[repeat]
    scale = float(np.mean(T))

    def loss(logs: Floats) -> tuple[float, Floats]:
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
