"""Coefficients of agreement between coders, for many resamples of the units at once.

Units on which the coders agree and differ in the same way form a pattern; a resample says how often it holds each
pattern. Shapes: G patterns, K codes, B resamples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray, IntArray

Scale = Literal["nominal", "ordinal", "interval"]
_FEW_CODES: Final = 32


def krippendorff(counts: FloatArray, times: FloatArray, *, scale: Scale, scores: FloatArray) -> FloatArray:
    """Krippendorff's alpha.

    Parameters
    ----------
    counts : ndarray of shape (G, K)
        How many coders gave each code, two or more a pattern.
    times : ndarray of shape (B, G)
        Units of each pattern.
    scale : str
        Decides how far two codes lie apart: "nominal" (0 or 1), "ordinal" (answers between them), "interval" (scores).
    scores : ndarray of shape (K,)
        The codes as numbers, used by "interval".

    Returns
    -------
    ndarray of shape (B,)
        Missing where there is one code only.

    Notes
    -----
    1 - (N - 1) D_o / D_e over N pairable codes. With scores s, the squared distances of all pairs of a unit of m codes
    sum to 2 (m sum(s^2) - sum(s)^2). The ordinal distance of Krippendorff is that of mid-ranks among all codes given.

    References
    ----------
    Krippendorff (2019), *Content Analysis*, 4th ed., sec. 12.3.
    """
    coders = counts.sum(axis=1)
    given = _summed(times, counts)
    total = given.sum(axis=1)
    if scale == "nominal":
        apart = coders**2 - np.square(counts).sum(axis=1)
        observed = times @ (apart / (coders - 1))
        expected = total**2 - np.square(given).sum(axis=1)
        return _beyond_chance((total - 1) * observed, expected)
    scale_of = np.cumsum(given, axis=1) - given / 2 if scale == "ordinal" else np.tile(scores, (len(times), 1))
    scale_of = (
        scale_of - (given * scale_of).sum(axis=1, keepdims=True) / total[:, None]
    )  # keeps digits where far from 0
    apart = 2 * (coders * (np.square(scale_of) @ counts.T) - np.square(scale_of @ counts.T))
    observed = (times * apart / (coders - 1)).sum(axis=1)
    expected = 2 * total * (given * np.square(scale_of)).sum(axis=1)
    return _beyond_chance((total - 1) * observed, expected)


def krippendorff_of_each(yes: FloatArray, coders: FloatArray) -> FloatArray:
    """Krippendorff's alpha of each of k codes against all others, shape (k,); missing where nothing differs.

    Parameters
    ----------
    yes : ndarray of shape (n, k)
        How many coders gave the code to each unit.
    coders : ndarray of shape (n,)
        How many read the unit, two or more.
    """
    no = coders[:, None] - yes
    observed = (2 * yes * no / (coders - 1)[:, None]).sum(axis=0)
    total = coders.sum()
    expected = total**2 - np.square(yes.sum(axis=0)) - np.square(no.sum(axis=0))
    return _beyond_chance((total - 1) * observed, expected)


def gwet(counts: FloatArray, times: FloatArray) -> FloatArray:
    """Gwet's AC1, 1 where a resample holds one of the K codes only; two codes or more, arguments as in `krippendorff`.

    References
    ----------
    Gwet (2008), *British Journal of Mathematical and Statistical Psychology* 61, 29-48, eq. 11; Gwet (2014), *Handbook
    of Inter-Rater Reliability*, 4th ed., sec. 5.3, for more than two coders.
    """
    units = times.sum(axis=1)
    observed = times @ shares_agreeing(counts) / units
    share = _summed(times, counts / counts.sum(axis=1, keepdims=True)) / units[:, None]
    expected = (share * (1 - share)).sum(axis=1) / (counts.shape[1] - 1)
    return (observed - expected) / (1 - expected)


def cohen(pairs: IntArray, times: FloatArray, codes: int) -> FloatArray:
    """Cohen's kappa of two coders, missing where both gave one and the same code throughout.

    Parameters
    ----------
    pairs : ndarray of shape (G, 2)
        Number of the code that each coder gave.
    times : ndarray of shape (B, G)
    codes : int
        K.

    References
    ----------
    Cohen (1960), *Educational and Psychological Measurement* 20, 37-46.
    """
    units = times.sum(axis=1)
    observed = times @ (pairs[:, 0] == pairs[:, 1]).astype(float) / units
    first, second = (_summed(times, np.eye(codes)[pairs[:, coder]]) / units[:, None] for coder in (0, 1))
    return _beyond_chance(1 - observed, 1 - (first * second).sum(axis=1))


def cohen_std_error(pairs: IntArray, times: FloatArray, codes: int) -> float:
    """Large-sample standard error of Cohen's kappa; two codes or more, `times` of shape (G,).

    References
    ----------
    Fleiss, Cohen & Everitt (1969), *Psychological Bulletin* 72, 323-327, eq. 13.
    """
    units = times.sum()
    table = np.zeros((codes, codes))
    np.add.at(table, (pairs[:, 0], pairs[:, 1]), times / units)
    first, second = table.sum(axis=1), table.sum(axis=0)
    chance = float(first @ second)
    kappa = (float(np.trace(table)) - chance) / (1 - chance)
    both = first[:, None] + second[None, :]
    crossed = first[None, :] + second[:, None]
    agreeing = np.diag(table) @ np.square(1 - np.diag(both) * (1 - kappa))
    differing = (1 - kappa) ** 2 * ((table - np.diag(np.diag(table))) * np.square(crossed)).sum()
    variance = agreeing + differing - (kappa - chance * (1 - kappa)) ** 2
    return float(np.sqrt(max(float(variance), 0.0) / units)) / (1 - chance)


def shares_agreeing(counts: FloatArray) -> FloatArray:
    """Share of the pairs of coders of each pattern who gave the same code, shape (G,)."""
    coders = counts.sum(axis=1)
    return (counts * (counts - 1)).sum(axis=1) / (coders * (coders - 1))


def _summed(times: FloatArray, counts: FloatArray) -> FloatArray:
    """Multiply resamples (B, G) by counts (G, K), which are nearly all 0 where there are many codes; shape (B, K)."""
    if counts.shape[1] <= _FEW_CODES:
        return times @ counts
    pattern, code = np.nonzero(counts)
    order = np.argsort(code, kind="stable")
    pattern, code = pattern[order], code[order]
    present, first = np.unique(code, return_index=True)
    sums = np.zeros((len(times), counts.shape[1]))
    sums[:, present] = np.add.reduceat(times[:, pattern] * counts[pattern, code], first, axis=1)
    return sums


def _beyond_chance(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """One minus observed over expected disagreement; missing where none is to be expected."""
    possible = expected > 0
    return np.where(possible, 1 - observed / np.where(possible, expected, 1.0), np.nan)
