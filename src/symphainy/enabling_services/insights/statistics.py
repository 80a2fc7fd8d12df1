"""Significance: tails of distributions, and how many of many tests can be believed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

_TINY: Final = 1e-300


def normal_two_sided(z: float) -> float:
    """P(|Z| >= |z|)."""
    return max(math.erfc(abs(z) / math.sqrt(2)), _TINY)


def normal_quantile(p: float) -> float:
    """The z with P(Z <= z) = p, by bisection on the error function."""
    low, high = -40.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2
        if 0.5 * math.erfc(-middle / math.sqrt(2)) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def upper_quantile(p: float) -> float:
    """The z with P(Z > z) = p, also for p far below the precision of 1 - p."""
    low, high = 0.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2
        if 0.5 * math.erfc(middle / math.sqrt(2)) > p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def chi_squared_tail(x: float, freedom: int) -> float:
    """P(X >= x) for chi squared: the regularised upper incomplete gamma function, by its series or continued fraction
    (Numerical Recipes, 3rd edition, 6.2)."""
    if x <= 0 or freedom < 1:
        return 1.0
    a, half = freedom / 2, x / 2
    front = math.exp(max(-700.0, -half + a * math.log(half) - math.lgamma(a)))
    if half < a + 1:
        term = total = 1 / a
        step = a
        while abs(term) > abs(total) * 1e-12:
            step += 1
            term *= half / step
            total += term
        return min(1.0, max(_TINY, 1 - total * front))
    b = half + 1 - a
    c, d = 1e300, 1 / b
    fraction = d
    for n in range(1, 500):
        factor = -n * (n - a)
        b += 2
        d = 1 / (factor * d + b or 1e-300)
        c = b + factor / c or 1e-300
        fraction *= d * c
        if abs(d * c - 1) < 1e-12:
            break
    return max(_TINY, front * fraction)


def hypergeometric_tail(drawn: int, marked: int, total: int, found: int) -> float:
    """P(X >= found) for `drawn` of `total`, of which `marked` are marked."""
    most = min(drawn, marked)
    if found > most:
        return _TINY
    if found <= max(0, drawn + marked - total):
        return 1.0
    first = math.exp(max(-700.0, _log_hypergeometric(drawn, marked, total, found)))
    term = total_probability = first
    for k in range(found, most):
        term *= (marked - k) * (drawn - k) / ((k + 1) * (total - marked - drawn + k + 1))
        total_probability += term
        if term < total_probability * 1e-12:
            break
    return min(1.0, max(_TINY, total_probability))


def _log_hypergeometric(drawn: int, marked: int, total: int, found: int) -> float:
    return _log_choose(marked, found) + _log_choose(total - marked, drawn - found) - _log_choose(total, drawn)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def rank_correlation_p(rho: float, n: int) -> float:
    """Two-sided p of Spearman's rho by Fisher's transformation (Fieller, Hartley and Pearson, 1957)."""
    if n < 10:
        return 1.0
    rho = max(-0.999999, min(0.999999, rho))
    return normal_two_sided(math.atanh(rho) * math.sqrt((n - 3) / 1.06))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p (Benjamini and Hochberg, 1995), in the order of the input: the share of false ones among those that are
    at most as large."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [1.0] * len(p_values)
    smallest = 1.0
    for place in range(len(order), 0, -1):
        index = order[place - 1]
        smallest = min(smallest, p_values[index] * len(order) / place)
        adjusted[index] = smallest
    return adjusted
