"""Starting weights of replicates: delete-one jackknife, balanced repeated replication, rescaled bootstrap."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import EstimationError, LpactWarning
from lpact_eval.replicate_weights import ReplicateWeights

if TYPE_CHECKING:
    from lpact_eval.sample import Design, FloatArray, IntArray

_LARGEST = 200_000_000  # numbers held at once, 1.6 GB
_LARGEST_HADAMARD = 4_096
_TOGETHER = 65_536  # PSUs times replicates drawn at once: they stay in the processor's cache


def jackknife(design: Design, weight: FloatArray) -> ReplicateWeights:
    """Leave out one PSU after the other, JK1 without strata and JKn with them.

    Parameters
    ----------
    design : Design
        Strata that were taken whole (sampling fraction 1) are never left out.
    weight : ndarray of shape (n,)
        Weights that the replicates vary.

    Notes
    -----
    The other PSUs of the stratum weigh m / (m - 1) as much; scale (1 - f) (m - 1) / m; PSUs - strata degrees of
    freedom.

    References
    ----------
    Wolter (2007), *Introduction to Variance Estimation*, sec. 4.5; Rust & Rao (1996).
    """
    stratum, fraction = design.psu_stratum, design.psu_fraction
    counts = np.bincount(stratum)
    _refuse_lonely(design, counts)
    order = np.argsort(stratum, kind="stable")
    units = order[fraction[order] < 1]
    if not units.size:
        raise EstimationError("Cannot replicate: every stratum was taken whole, so that there is no sampling error.")
    _refuse_large(units.size, weight.size)
    replicate = np.full(stratum.size, -1, dtype=np.intp)
    replicate[units] = np.arange(units.size)
    weights = np.repeat(weight[None, :], units.size, axis=0)
    for code in np.unique(stratum[units]):
        rows = np.flatnonzero(design.stratum == code)
        block = replicate[np.flatnonzero(stratum == code)]
        weights[block.min() : block.max() + 1, rows] *= counts[code] / (counts[code] - 1)
    rows = np.flatnonzero(replicate[design.psu] >= 0)
    weights[replicate[design.psu[rows]], rows] = 0.0
    scale = (1 - fraction[units]) * (counts[stratum[units]] - 1) / counts[stratum[units]]
    df = units.size - np.unique(stratum[units]).size
    return ReplicateWeights(weights.T, scale, weight, float(df), "jackknife")


def balanced(design: Design, weight: FloatArray, rho: float) -> ReplicateWeights:
    """Keep one PSU of every pair, in combinations that are orthogonal between pairs; Fay's method for rho > 0.

    Parameters
    ----------
    design : Design
        Strata of 2 PSUs; strata of 4, 6 ... are split into pairs in the order of the rows.
    weight : ndarray of shape (n,)
    rho : float
        Part of its weight that the other PSU of a pair keeps, from 0 (balanced repeated replication) to below 1.

    Notes
    -----
    Factors 2 - rho and rho by a Hadamard matrix of R > pairs rows; scale 1 / (R (1 - rho)^2); as many degrees of
    freedom as pairs.

    References
    ----------
    McCarthy (1969), *Rev. Int. Stat. Inst.* 37, 239-264; Judkins (1990), *J. Official Statistics* 6, 223-239.
    """
    counts = np.bincount(design.psu_stratum)
    odd = counts[counts % 2 == 1]
    if odd.size:
        msg = (
            f"Cannot balance half-samples: {odd.size} of {counts.size} strata have an odd number of primary sampling "
            f"units ({sorted(set(odd.tolist()))[:5]}); pairs are needed. Use method='jackknife' or 'bootstrap'."
        )
        raise EstimationError(msg)
    if design.sampling_fraction.any():
        warnings.warn(
            "Balanced half-samples have no finite population correction; standard errors are those without it.",
            LpactWarning,
            stacklevel=3,
        )
    order = np.argsort(design.psu_stratum, kind="stable")
    pair, second = np.empty(order.size, dtype=np.intp), np.empty(order.size, dtype=np.intp)
    pair[order], second[order] = np.arange(order.size) // 2, np.arange(order.size) % 2
    pairs = order.size // 2
    chosen = hadamard(pairs + 1)[:, 1 : pairs + 1]
    replicates = chosen.shape[0]
    _refuse_large(replicates, weight.size)
    first = np.where(chosen > 0, 2 - rho, rho)
    factor = np.where(second[None, :] == 0, first[:, pair], 2 - first[:, pair])
    weights = factor[:, design.psu] * weight
    scale = np.full(replicates, 1 / (replicates * (1 - rho) ** 2))
    return ReplicateWeights(weights.T, scale, weight, float(pairs), "fay" if rho else "brr")


def bootstrap(design: Design, weight: FloatArray, replicates: int, seed: int) -> ReplicateWeights:
    """Draw m - 1 PSUs with replacement in every stratum of m, rescaled.

    Parameters
    ----------
    design : Design
    weight : ndarray of shape (n,)
    replicates : int
    seed : int

    Notes
    -----
    Factor 1 - sqrt(1 - f) + sqrt(1 - f) m / (m - 1) x times drawn; scale 1 / R; PSUs - strata degrees of freedom, at
    most R - 1. Without finite population correction these are the weights of R's as.svrepdesign("subbootstrap").

    References
    ----------
    Rao & Wu (1988), *JASA* 83, 231-241; Rao, Wu & Yue (1992), *Survey Methodology* 18, 209-217.
    """
    stratum, fraction = design.psu_stratum, design.psu_fraction
    counts = np.bincount(stratum)
    _refuse_lonely(design, counts)
    _refuse_large(replicates, weight.size)
    order = np.argsort(stratum, kind="stable")
    draws = np.maximum(counts - 1, 0)
    size = np.repeat(counts, draws)
    start = np.repeat(np.cumsum(counts) - counts, draws)
    root = np.sqrt(1 - fraction)
    slope = root * counts[stratum] / np.maximum(counts[stratum] - 1, 1)
    generator = np.random.default_rng(seed)
    weights = np.empty((replicates, weight.size))
    sorted_already, rows_are_psus = (np.array_equal(one, np.arange(one.size)) for one in (order, design.psu))
    together = max(1, _TOGETHER // max(stratum.size, 1))
    for at in range(0, replicates, together):
        out = weights[at : at + together]
        times = _times_drawn(generator, (len(out), stratum.size), size, start)
        if not sorted_already:
            times[:, order] = times.copy()
        times *= slope
        times += 1 - root
        np.multiply(weight, times if rows_are_psus else times.take(design.psu, axis=1), out=out)
    df = min(stratum.size - counts.size, replicates - 1)
    return ReplicateWeights(weights.T, np.full(replicates, 1 / replicates), weight, float(df), "bootstrap")


def _times_drawn(generator: np.random.Generator, shape: tuple[int, int], size: IntArray, start: IntArray) -> FloatArray:
    """How often each PSU is drawn in some replicates, shape (B, m), PSUs in the order of their strata.

    `size` and `start` say, for each draw, how many PSUs its stratum has and where they start.
    """
    drawn = generator.random((shape[0], size.size))
    drawn *= size
    places = drawn.astype(np.intp)
    places += start
    places += np.arange(shape[0])[:, None] * shape[1]
    return np.bincount(places.ravel(), minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)


def hadamard(smallest: int) -> FloatArray:
    """Make the smallest available Hadamard matrix of at least so many rows, of 1 and -1, first row and column 1.

    Doubling (Sylvester) of 1 and of Paley's matrices for primes q = 3 mod 4: orders 2^k (q + 1).

    References
    ----------
    Paley (1933), *J. Math. Phys.* 12, 311-320; Wolter (2007), app. A.
    """
    order = max(4, smallest + (-smallest) % 4)
    while order <= _LARGEST_HADAMARD:
        for base in (order >> power for power in range(order.bit_length() - 1, -1, -1)):
            doublings, rest = (order // base).bit_length() - 1, order % base
            if rest == 0 and base << doublings == order and (base == 1 or _prime_3_mod_4(base - 1)):
                matrix = np.ones((1, 1)) if base == 1 else _paley(base - 1)
                for _ in range(doublings):
                    matrix = np.block([[matrix, matrix], [matrix, -matrix]])
                return matrix
        order += 4
    msg = (
        f"Cannot balance half-samples: {smallest - 1} pairs of sampling units are more than {_LARGEST_HADAMARD}. "
        "Use method='bootstrap'."
    )
    raise EstimationError(msg)


def _paley(prime: int) -> FloatArray:
    """Paley's first matrix, of prime + 1 rows."""
    residues = np.unique(np.arange(1, prime) ** 2 % prime)
    matrix = np.ones((prime + 1, prime + 1))
    sums = np.add.outer(np.arange(prime), np.arange(prime)) % prime
    matrix[1:, 1:] = np.where(np.isin(sums, [0, *residues.tolist()]), -1.0, 1.0)
    return matrix


def _prime_3_mod_4(number: int) -> bool:
    """Whether a number is a prime that leaves 3 over 4."""
    return number % 4 == 3 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))  # noqa: PLR2004 - q = 3 mod 4


def _refuse_lonely(design: Design, counts: IntArray) -> None:
    """Refuse strata of one PSU that were not taken whole."""
    lonely = int(((counts[design.psu_stratum] == 1) & (design.psu_fraction < 1)).sum())
    if lonely:
        msg = (
            f"Cannot replicate: {lonely} strata have one primary sampling unit each; two or more are needed. "
            "Merge each with a similar stratum, or leave the strata out of the design."
        )
        raise EstimationError(msg)


def _refuse_large(replicates: int, n: int) -> None:
    """Refuse more weights than fit into memory."""
    if replicates * n > _LARGEST:
        msg = (
            f"Cannot replicate: {replicates:,} replicates of {n:,} weights would take "
            f"{replicates * n * 8 / 1e9:.1f} GB. Use method='bootstrap' with fewer replicates."
        )
        raise EstimationError(msg)
