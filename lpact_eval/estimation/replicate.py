"""Replicate weights for a sample: made here, re-weighted inside each replicate, or delivered with the file."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, LpactError, LpactWarning, WeightingError, WrongUseError
from lpact_eval.estimation.replicated import weight_rank
from lpact_eval.estimation.resampling import balanced, bootstrap, jackknife
from lpact_eval.replicate_weights import ReplicateWeights
from lpact_eval.weighting.rerun import rerun_steps, starting_weight

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lpact_eval.replicate_weights import Centre
    from lpact_eval.sample import Design, FloatArray, Sample

Method = Literal["jackknife", "brr", "fay", "bootstrap"]

_METHODS = ("jackknife", "brr", "fay", "bootstrap")
_DRAWN = 500  # bootstrap replicates where no number is given
_SEED = 0  # without a seed every run still gives the same numbers
_SAME = 1e-6  # relative difference up to which re-weighting gives the sample's own weights


def replicate(
    sample: Sample,
    *,
    method: Method,
    replicates: int | None = None,
    seed: int | None = None,
    reweight: Callable[[Sample], Sample] | Literal["steps", "fixed"] | None = None,
    rho: float = 0.5,
    centre: Centre = "estimate",
) -> Sample:
    """Give a sample replicate weights; every statistic then takes its variance from them.

    Parameters
    ----------
    sample : Sample
    method : str
        "jackknife" (leave out one PSU after the other), "brr" (balanced half-samples), "fay" (the same, the other
        half keeping `rho` of its weight) or "bootstrap" (Rao and Wu's rescaled).
    replicates : int, optional
        Bootstrap replicates, 500 without; the other methods set the number themselves.
    seed : int, optional
        Of the bootstrap; 0 without, so that every run gives the same numbers.
    reweight : function, str or None, default None
        What is done inside each replicate: "steps" re-runs the steps that the design holds, all replicates at once
        (raking, calibration by every distance with or without bounds, post-stratification, balancing toward the
        totals that the sample met, trimming to multiples of the replicate's own mean); a function of a sample with
        starting weights re-runs whatever it does, and weights the whole sample too; "fixed" keeps the weights.
    rho : float, default 0.5
        Fay's factor, 0 to below 1.
    centre : str, default "estimate"
        Variance around the whole sample's estimate, or around the "mean" of the replicates (R's default).

    Returns
    -------
    Sample
        The same respondents; `design.replicates` holds the weights. Earlier replicates are dropped.

    Raises
    ------
    WrongUseError
        If the method is unknown, or an argument does not suit it.
    EstimationError
        If a stratum has one PSU (for "brr" and "fay": an odd number), or the weights would not fit into memory.
    WeightingError
        If a replicate can't be weighted again.

    Notes
    -----
    V = sum of scale_r (theta_r - theta)(theta_r - theta)'. Degrees of freedom are PSUs - strata among those with
    answers, at most those of the whole sample ("bootstrap": R - 1; "brr" and "fay": the number of pairs).

    References
    ----------
    Wolter (2007), *Introduction to Variance Estimation*, ch. 3-5; Rao, Wu & Yue (1992), *Survey Methodology* 18.
    """
    _check_use(method, replicates, seed, rho)
    _check_centre(centre)
    reweight = "steps" if reweight is None else reweight
    if isinstance(reweight, str) and reweight not in {"steps", "fixed"}:
        msg = f"Cannot re-weight by {reweight!r}: give 'steps', 'fixed' or a function of a sample that returns one."
        raise WrongUseError(msg)
    design = replace(sample.design, replicates=None)
    start = design.weight if reweight == "fixed" else starting_weight(design)
    made = _made(design, start, method, rho=rho, drawn=(replicates or _DRAWN, _SEED if seed is None else seed))
    made = replace(made, centre=centre, scale=_around(made, centre))
    if not isinstance(reweight, str):
        return _reweighted(sample, made, reweight)
    if reweight == "steps" and design.calibration:
        weights = made.rows
        rerun_steps(design, weights)
        made = replace(made, weight=weights.T, full=design.weight)
    return sample.with_design(replace(design, replicates=made))


def with_replicate_weights(
    sample: Sample,
    columns: Sequence[str],
    *,
    method: Method,
    scale: float | Sequence[float] | None = None,
    rho: float = 0.5,
    centre: Centre = "estimate",
    df: float | None = None,
) -> Sample:
    """Take replicate weights that were delivered with the file; every statistic then takes its variance from them.

    Parameters
    ----------
    sample : Sample
        Its own weights give the estimates.
    columns : sequence of str
        One column of full weights per replicate.
    method : str
        "jackknife", "brr", "fay" or "bootstrap": decides the scale where none is given.
    scale : float or sequence of float, optional
        Factors of the squared deviations, one or one per replicate. Without: jackknife (R - 1) / R (right without
        strata only), brr 1 / R, fay 1 / (R (1 - rho)^2), bootstrap 1 / R around the estimate, else 1 / (R - 1).
    rho : float, default 0.5
        Fay's factor.
    centre : str, default "estimate"
        As in `replicate`.
    df : float, optional
        Degrees of freedom of the whole sample; without, the rank of the weights less 1.

    Returns
    -------
    Sample
        The same respondents; degrees of freedom of a domain are the rank of its replicate weights less 1.

    Raises
    ------
    WrongUseError
        If the method is unknown, the scale has another length, or fewer than 2 columns are given.
    EstimationError
        If a column is absent, holds missing or negative weights, or its unit is not that of the sample's weights.

    References
    ----------
    Wolter (2007), *Introduction to Variance Estimation*, ch. 3-5; Lumley (2010), *Complex Surveys*, sec. 2.3.
    """
    _check_use(method, None, None, rho)
    _check_centre(centre)
    weights = _columns(sample, columns)
    factors = _scale(len(columns), method, scale, rho=rho, centre=centre)
    full = sample.design.weight
    freedom = float(weight_rank(weights) - 1) if df is None else float(df)
    given = ReplicateWeights(weights.T, factors, full, freedom, method, centre, delivered=True)
    return sample.with_design(replace(sample.design, replicates=given))


def _made(
    design: Design, weight: FloatArray, method: Method, *, rho: float, drawn: tuple[int, int]
) -> ReplicateWeights:
    """Make the starting weights of the replicates."""
    if method == "jackknife":
        return jackknife(design, weight)
    if method == "bootstrap":
        return bootstrap(design, weight, *drawn)
    return balanced(design, weight, rho if method == "fay" else 0.0)


def _around(made: ReplicateWeights, centre: Centre) -> FloatArray:
    """Scale for the centre: a mean of R bootstrap replicates uses up one of them."""
    return made.scale * made.count / (made.count - 1) if centre == "mean" and made.method == "bootstrap" else made.scale


def _reweighted(sample: Sample, made: ReplicateWeights, reweight: Callable[[Sample], Sample]) -> Sample:
    """Weight the whole sample and every replicate by a function."""
    plain = replace(sample.design, weight=made.full, calibration=(), replicates=None)
    whole = reweight(sample.with_design(plain)).design
    _compare_weights(sample.design, whole.weight)
    weights = np.empty_like(made.rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LpactWarning)  # said once, of the whole sample
        for number, start in enumerate(made.rows):
            try:
                weights[number] = reweight(sample.with_design(replace(plain, weight=start))).design.weight
            except LpactError as error:
                msg = f"Cannot re-weight replicate {number + 1} of {made.count}: {error}"
                raise WeightingError(msg) from error
    return sample.with_design(replace(whole, replicates=replace(made, weight=weights.T, full=whole.weight)))


def _compare_weights(design: Design, weight: FloatArray) -> None:
    """Refuse a function that weights a calibrated sample otherwise than it is weighted."""
    gap = float(np.abs(weight - design.weight).max(initial=0.0)) / max(float(design.weight.mean()), 1e-300)
    if design.calibration and gap > _SAME:
        msg = (
            f"Cannot replicate: reweight= gives the whole sample weights that differ from its own by up to {gap:.1%} "
            "of their mean. Make it do the same from the starting weights, or leave it out: the sample's own steps are "
            "then re-run."
        )
        raise WeightingError(msg)


def _check_use(method: str, replicates: int | None, seed: int | None, rho: float) -> None:
    """Refuse unknown methods and arguments that belong to another."""
    if method not in _METHODS:
        msg = f"Cannot replicate by {method!r}; there are {list(_METHODS)}."
        raise WrongUseError(msg)
    if method != "bootstrap" and (replicates is not None or seed is not None):
        msg = f"Cannot use replicates= or seed= with method={method!r}: its number of replicates follows from the PSUs."
        raise WrongUseError(msg)
    if replicates is not None and replicates < 2:  # noqa: PLR2004 - one replicate shows no variance
        msg = f"Cannot draw {replicates} bootstrap replicates; 2 or more are needed, and 500 or more are usual."
        raise WrongUseError(msg)
    if not 0 <= rho < 1:
        msg = f"Cannot use rho={rho}: Fay's factor lies between 0 and 1, as in rho=0.5."
        raise WrongUseError(msg)


def _check_centre(centre: str) -> None:
    """Refuse unknown centres."""
    if centre not in {"estimate", "mean"}:
        msg = f"Cannot take variances around {centre!r}; there are 'estimate' and 'mean'."
        raise WrongUseError(msg)


def _columns(sample: Sample, columns: Sequence[str]) -> FloatArray:
    """Take the delivered weights, shape (R, n)."""
    absent = [column for column in columns if column not in sample.answers.columns]
    if isinstance(columns, str) or len(columns) < 2:  # noqa: PLR2004 - one replicate shows no variance
        raise WrongUseError("Cannot take replicate weights from fewer than 2 columns; give a list of their names.")
    if absent:
        msg = f"Cannot take replicate weights: {len(absent)} columns do not exist, the first is {absent[0]!r}."
        raise EstimationError(msg)
    frame = sample.answers[list(columns)].apply(pd.to_numeric, errors="coerce")
    weights = np.ascontiguousarray(frame.to_numpy(dtype=float).T)
    bad = int((~np.isfinite(weights) | (weights < 0)).sum())
    if bad:
        msg = f"Cannot take replicate weights: {bad} of {weights.size} values are negative, missing or not numbers."
        raise EstimationError(msg)
    ratio = float(weights.sum(axis=1).mean()) / max(float(sample.design.weight.sum()), 1e-300)
    if not 0.5 < ratio < 2:  # noqa: PLR2004 - replicates add up to about the weights they vary
        msg = (
            f"Cannot take replicate weights: they add up to {ratio:.3g} times the sample's weights on average, and "
            "should add up to about as much. Give full weights (factors times the weight), and the sample its weight."
        )
        raise EstimationError(msg)
    return weights


def _scale(
    count: int, method: Method, scale: float | Sequence[float] | None, *, rho: float, centre: Centre
) -> FloatArray:
    """Factors of the squared deviations, shape (R,)."""
    usual = {
        "jackknife": (count - 1) / count,
        "brr": 1 / count,
        "fay": 1 / (count * (1 - rho) ** 2),
        "bootstrap": 1 / count if centre == "estimate" else 1 / (count - 1),
    }[method]
    factors = np.atleast_1d(np.asarray(usual if scale is None else scale, dtype=float))
    if factors.size not in {1, count} or not np.isfinite(factors).all() or (factors < 0).any():
        msg = f"Cannot scale {count} replicates by {factors.size} numbers: give one, or one each, all 0 or more."
        raise WrongUseError(msg)
    return np.broadcast_to(factors, (count,)).copy()
