"""How consistently the items of a scale measure one thing: alpha and omega, with the engine's variance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.contrast import contrast
from lpact_eval.estimation.domains import domains_of
from lpact_eval.estimation.items import item_scores
from lpact_eval.estimation.one_factor import omega_influence
from lpact_eval.estimation.statistics import mean, ratio
from lpact_eval.estimation.variance import sum_rows
from lpact_eval.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

Coefficient = Literal["alpha", "omega"]

_FEWEST = {"alpha": 2, "omega": 3}  # one factor is not identified by fewer than three items
_SMALLEST = 3  # respondents for an exact interval
_ITEMS, _TOTAL = "variance of the items", "variance of their sum"
_PSEUDO = "omega and influence"


def reliability(
    sample: Sample,
    items: Sequence[str],
    *,
    kind: Coefficient = "alpha",
    by: str | Sequence[str] = (),
    variance: Variance = "cr2",
) -> Estimate:
    """Estimate how reliable the sum of the items is, among those who answered all of them.

    Parameters
    ----------
    sample : Sample
    items : sequence of str
        Two or more (omega: three or more) scales, yes/no variables or numbers.
    kind : str, default "alpha"
        "alpha": Cronbach's, from weighted covariances. "omega": McDonald's total, from one factor fitted to them by
        maximum likelihood.
    by : str or sequence of str, default ()
        Domain variables; one coefficient per combination present.
    variance : str, default "cr2"
        As in `mean`.

    Returns
    -------
    Estimate
        Coefficients, k domains; labels variable ("alpha" or "omega") and the domain variables. The interval is
        symmetric on the scale log(1 - coefficient), so it stays below 1. Refused where the items do not vary, or
        where one factor does not fit (an item without variance of its own) or is not identified.

    Raises
    ------
    WrongUseError
        If the kind does not exist or the items are too few or repeated.
    EstimationError
        If an item does not exist or can't be scored.

    Notes
    -----
    alpha = k / (k - 1) (1 - sum s_j^2 / s_T^2) is a ratio of two means of squared deviations. Linearised variable of
    omega: its gradient at the fitted factor times x x' - S, by the implicit function of the score equations.

    References
    ----------
    Cronbach (1951), *Psychometrika* 16, 297-334; McDonald (1999), *Test Theory*, ch. 6; interval: Bonett (2002),
    *J. Educational and Behavioral Statistics* 27, 335-340; Yuan, Guarnaccia & Hayslip (2003), *EPM* 63, 5-23.
    """
    if kind not in get_args(Coefficient):
        msg = f"Cannot estimate the reliability {kind!r}; there are {list(get_args(Coefficient))}."
        raise WrongUseError(msg)
    scores = item_scores(sample, items, score="points", least=_FEWEST[kind])
    scores[np.isnan(scores).any(axis=1)] = np.nan
    estimate = (_alpha if kind == "alpha" else _omega)(sample, scores, by, variance)
    return replace(estimate, named=estimate.named.assign("variable", kind), kind="reliability")


def feldt_interval(sample: Sample, items: Sequence[str], *, level: float = 0.95) -> pd.DataFrame:
    """Give Cronbach's alpha with Feldt's exact interval, for respondents who all weigh the same.

    Parameters
    ----------
    sample : Sample
        Without unequal weights and without PSUs, under which the F distribution does not hold.
    items : sequence of str
        Two or more scales, yes/no variables or numbers.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame of one row
        items, n (respondents who answered all), alpha, conf_low, conf_high.

    Raises
    ------
    WrongUseError
        If the level lies outside 0 to 1, or the items are too few or repeated.
    EstimationError
        If the weights are unequal, PSUs are recorded, or fewer than three respondents answered all items.

    References
    ----------
    Feldt (1965), *Psychometrika* 30, 357-370. Equal to `pingouin.cronbach_alpha`, which rounds to three digits.
    """
    if not 0 < level < 1:
        msg = f"Cannot make an interval at level {level}; levels lie between 0 and 1, as in level=0.95."
        raise WrongUseError(msg)
    _require_simple(sample)
    scores = item_scores(sample, items, score="points", least=_FEWEST["alpha"])
    complete = scores[~np.isnan(scores).any(axis=1)]
    n, k = int(complete.shape[0]), int(complete.shape[1])
    sums = float(np.var(complete.sum(axis=1))) if n else 0.0
    if n < _SMALLEST or sums == 0:
        msg = f"Cannot give alpha: {n} respondents answered all items; {_SMALLEST} or more who differ are needed."
        raise EstimationError(msg)
    alpha = k / (k - 1) * (1 - float(np.var(complete, axis=0).sum()) / sums)
    from scipy.special import fdtri  # noqa: PLC0415 - with the interval only

    tails = (1 + level) / 2, (1 - level) / 2
    low, high = (float(1 - (1 - alpha) * fdtri(n - 1, (n - 1) * (k - 1), tail)) for tail in tails)
    return pd.DataFrame({"items": [k], "n": [n], "alpha": [alpha], "conf_low": [low], "conf_high": [high]})


def _require_simple(sample: Sample) -> None:
    """Refuse designs under which Feldt's distribution does not hold."""
    weight = sample.design.weight
    unequal = weight.size > 0 and float(np.ptp(weight)) > 1e-9 * float(weight.max())
    if unequal or sample.design.clustered:
        found = "unequal weights" if unequal else "PSUs"
        msg = (
            f"Cannot give Feldt's interval: the design has {found}. "
            "Use reliability(), whose interval accounts for them."
        )
        raise EstimationError(msg)


def _alpha(sample: Sample, scores: FloatArray, by: str | Sequence[str], variance: Variance) -> Estimate:
    """Alpha as a ratio of mean squared deviations; the means' own error is of second order."""
    domain, labels = domains_of(sample, by)
    domain = np.where(np.isnan(scores[:, 0]), -1, domain)
    deviation = _deviations(scores, sample.design.weight, domain, len(labels))
    parts = {_ITEMS: (deviation**2).sum(axis=1), _TOTAL: deviation.sum(axis=1) ** 2}
    shares = ratio(_carrying(sample, by, parts), _ITEMS, _TOTAL, by=by, variance=variance)
    k = scores.shape[1]
    moved = contrast(shares, -k / (k - 1) * np.eye(len(shares)), shares.named)
    flat = ~np.isfinite(shares.value)
    value = np.where(flat, np.nan, k / (k - 1) * (1 - np.nan_to_num(shares.value)))
    refused = tuple(
        "the items do not vary" if none else reason
        for reason, none in zip(shares.refused, (flat & (shares.n > 0)).tolist(), strict=True)
    )
    return replace(moved, value=value, refused=refused)


def _deviations(scores: FloatArray, weight: FloatArray, domain: IntArray, domains: int) -> FloatArray:
    """Deviations from the domain's weighted means, shape (n, k); missing outside."""
    inside = domain >= 0
    where = np.where(inside, domain, 0)
    mass = np.bincount(where, weight * inside, minlength=domains)
    totals = sum_rows(np.where(inside[:, None], scores, 0.0) * weight[:, None], where, domains)
    means = totals / np.where(mass > 0, mass, 1.0)[:, None]
    return np.where(inside[:, None], scores - means[where], np.nan)


def _carrying(sample: Sample, by: str | Sequence[str], parts: dict[str, FloatArray]) -> Sample:
    """Make a sample of the domain variables and the given numbers, under the same design."""
    names = [by] if isinstance(by, str) else list(by)
    return Sample(sample.answers[names].assign(**parts), sample.design)


def _omega(sample: Sample, scores: FloatArray, by: str | Sequence[str], variance: Variance) -> Estimate:
    """Omega as the mean of pseudo-values: omega plus each respondent's influence on it."""
    domain, labels = domains_of(sample, by)
    usable: BoolArray = ~np.isnan(scores[:, 0]) & (sample.design.weight > 0)
    pseudo = np.full(len(sample), np.nan)
    value, reasons = np.full(len(labels), np.nan), [""] * len(labels)
    for position in range(len(labels)):
        rows = np.flatnonzero(usable & (domain == position))
        value[position], influence, reasons[position] = omega_influence(scores[rows], sample.design.weight[rows])
        pseudo[rows] = np.nan_to_num(value[position]) + influence
    estimate = mean(_carrying(sample, by, {_PSEUDO: pseudo}), _PSEUDO, by=by, variance=variance)
    refused = tuple(first or second for first, second in zip(estimate.refused, reasons, strict=True))
    return replace(estimate, value=value, refused=refused)
