"""Counts whose rate is itself uncertain, or differs from site to site: the beta-binomial distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaln, gammaln

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.sample import FloatArray


# Chances of more counts than this are added up by Fourier transform, exact to about 1e-15.
LONG = 500


def below(target: int, n: int, a: float, b: float) -> FloatArray:
    """Return the chances of 0, 1, ... target - 1 among n where the rate is Beta(a, b), a vector of shape (target,).

    P(X = k) = C(n, k) B(k + a, n - k + b) / B(a, b). Johnson, Kemp & Kotz (2005), *Univariate Discrete
    Distributions*, eq. 6.18.
    """
    chance = np.zeros(target)
    k = np.arange(min(target, n + 1))
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    chance[: k.size] = np.exp(ways + betaln(k + a, n - k + b) - betaln(a, b))
    return chance


def reached(target: int, n: int, a: float, b: float) -> float:
    """Return the probability of at least the target among n where the rate is Beta(a, b)."""
    return 0.0 if n < target else max(0.0, 1 - float(below(target, n, a, b).sum()))


def reached_over_sites(target: int, n: int, sites: int, rate: tuple[float, float]) -> float:
    """Return the probability of at least the target among n spread evenly over sites, each with a rate of its own."""
    if n < target:
        return 0.0
    each, more = divmod(n, sites)
    chance = _together(below(target, each, *rate), sites - more)
    if more:
        chance = _sum(chance, _together(below(target, each + 1, *rate), more))
    return max(0.0, 1 - float(chance.sum()))


def fewest(target: int, certainty: float, chance: Callable[[int], float], most: int) -> int | None:
    """Return the fewest trials with which the chance reaches the certainty, or None where the most don't."""
    if most < target or chance(most) < certainty:
        return None
    enough = target
    while enough < most and chance(enough) < certainty:
        enough = min(2 * enough, most)
    short = max(enough // 2, target - 1) if enough < most else target - 1
    while enough - short > 1:
        middle = (short + enough) // 2
        if chance(middle) >= certainty:
            enough = middle
        else:
            short = middle
    return enough


def _together(chance: FloatArray, sites: int) -> FloatArray:
    """Add up equal sites by doubling; counts from the target on are of no interest."""
    total = np.zeros_like(chance)
    total[0] = 1.0
    while sites:
        if sites % 2:
            total = _sum(total, chance)
        sites //= 2
        if sites:
            chance = _sum(chance, chance)
    return total


def _sum(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the chances of a sum of two counts, up to the same count; long ones by Fourier transform."""
    if one.size <= LONG:
        return np.convolve(one, other)[: one.size]
    length = 2 * one.size
    return np.fft.irfft(np.fft.rfft(one, length) * np.fft.rfft(other, length), length)[: one.size]
