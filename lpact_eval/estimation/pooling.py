"""Rubin's rules: estimates from completed copies of a sample as one estimate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.contrast import contrast
from lpact_eval.estimation.estimate import Working
from lpact_eval.estimation.imputation import MOST_MISSING
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.variance import within_strata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray

_CASES = ("imputed", "complete")


def pool(
    estimates: Sequence[Estimate], *, complete_case: Estimate | None = None, most_missing: float = MOST_MISSING
) -> Estimate:
    """Combine the estimates of one quantity from several completed samples.

    Parameters
    ----------
    estimates : sequence of m Estimate
        One per completed sample, made in the same way.
    complete_case : Estimate, optional
        The same from the respondents who answered. Given, it stands beside the pooled estimates, and n counts
        answers given.
    most_missing : float, default 0.30
        With `complete_case`: a pooled estimate more of whose answers are imputed is refused. An analysis of several
        imputed variables may allow more, since `impute` has judged each of them.

    Returns
    -------
    Estimate
        Means over the copies with total variance T = Ubar + (1 + 1/m) B and Barnard and Rubin's degrees of freedom on
        those that the design leaves with nothing missing. With `complete_case`, the label column `cases` ("imputed",
        "complete") comes first and both have rows.

    Raises
    ------
    WrongUseError
        If there are fewer than two estimates, or they differ in labels, kind or design.

    Notes
    -----
    The influence is that of every copy over sqrt(m), and a row sqrt((1 + 1/m) / (m - 1)) (Q_l - Qbar) per copy: its
    cross-product is T, so differences and contrasts of pooled estimates are pooled estimates. Rubin's own degrees of
    freedom, (m - 1) / lambda^2, are those of an infinite sample and are not used alone.

    References
    ----------
    Rubin (1987), *Multiple Imputation for Nonresponse in Surveys*, sec. 3.3; Barnard & Rubin (1999), *Biometrika* 86,
    948-955.
    """
    _require_alike([*estimates, *([complete_case] if complete_case is not None else [])], len(estimates))
    pooled = _pooled(estimates)
    return pooled if complete_case is None else _beside(pooled, complete_case, estimates, most_missing)


def missing_information(pooled: Estimate) -> pd.DataFrame:
    """Say how much of each pooled estimate's information is missing, and how many copies that needs.

    Parameters
    ----------
    pooled : Estimate
        From `pool`, or a difference or contrast of such.

    Returns
    -------
    DataFrame
        The labels; relative_increase (of the variance, by missing answers), missing_information (fraction, FMI),
        copies (m) and copies_needed (100 x FMI, 20 or more).

    Raises
    ------
    WrongUseError
        If the estimate was not pooled.

    References
    ----------
    Rubin (1987), sec. 3.3; White, Royston & Wood (2011), *Statistics in Medicine* 30, 377-399, sec. 7.2.
    """
    working = pooled.working
    if working is None or not isinstance(working.moments, PooledMoments):
        raise WrongUseError("Cannot tell the missing information: the estimate was not made by pool().")
    loading, moments = working.loading, working.moments
    own = loading[:, : moments.size]
    within, between = moments.parts(own)
    with np.errstate(divide="ignore", invalid="ignore"):
        increase = np.where(between > 0, between / within, 0.0)
    fraction = (increase + 2 / (moments.df(loading) + 3)) / (increase + 1)
    fraction = np.where(between > 0, fraction, 0.0)
    needed = np.maximum(np.ceil(100 * fraction), 20)
    table = pooled.labels.reset_index(drop=True).assign(
        relative_increase=increase, missing_information=fraction, copies=len(moments.estimates), copies_needed=needed
    )
    return table.take(np.flatnonzero(own.any(axis=1)).tolist()).reset_index(drop=True)


@dataclass(frozen=True, slots=True, eq=False)
class PooledMoments:
    """Degrees of freedom of pooled estimates and of their combinations.

    Attributes
    ----------
    estimates : tuple of m Estimate
        Of the completed samples, k estimates each.
    complete : Estimate or None
        That of the respondents who answered, whose k coefficients follow the pooled ones.
    """

    estimates: tuple[Estimate, ...]
    complete: Estimate | None = None

    @property
    def size(self) -> int:
        """Number of pooled estimates, k."""
        return len(self.estimates[0])

    def df(self, loading: FloatArray) -> FloatArray:
        """Barnard-Rubin for pooled ones, the design's for complete cases; the smaller of the two for a mixture."""
        own, other = loading[:, : self.size], loading[:, self.size :]
        pooled = np.where(own.any(axis=1), self._barnard_rubin(own), np.inf)
        if self.complete is None:
            return pooled
        return np.minimum(pooled, np.where(other.any(axis=1), _design_df(self.complete, other), np.inf))

    def parts(self, loading: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Within-copy variance and (1 + 1/m) x between-copy variance of combinations, each of shape (r,)."""
        m = len(self.estimates)
        mapped = [contrast(one, loading, pd.DataFrame(index=range(len(loading)))) for one in self.estimates]
        within = np.mean([one.std_error**2 for one in mapped], axis=0)
        return within, (1 + 1 / m) * np.var([one.value for one in mapped], axis=0, ddof=1)

    def _barnard_rubin(self, loading: FloatArray) -> FloatArray:
        """Degrees of freedom by Barnard and Rubin (1999), eq. 3."""
        within, between = self.parts(loading)
        design = np.mean([_design_df(one, loading) for one in self.estimates], axis=0)
        total = within + between
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(total > 0, between / total, 0.0)
            copies = (len(self.estimates) - 1) / share**2
            observed = np.where(np.isinf(design), np.inf, (design + 1) / (design + 3) * design * (1 - share))
            return 1 / (1 / copies + 1 / observed)


def _design_df(estimate: Estimate, loading: FloatArray) -> FloatArray:
    """Degrees of freedom of combinations of one sample's estimates, shape (r,)."""
    return contrast(estimate, loading, pd.DataFrame(index=range(len(loading)))).df


def _require_alike(estimates: Sequence[Estimate], copies: int) -> None:
    """Refuse what can't be pooled."""
    if copies < 2:  # noqa: PLR2004 - differences between copies need two
        msg = (
            f"Cannot pool {copies} estimates: one per completed sample is needed, two or more, as impute() gives them."
        )
        raise WrongUseError(msg)
    first = estimates[0]
    for other in estimates[1:]:
        same = (
            first.kind == other.kind
            and first.influence.shape == other.influence.shape
            and first.labels.reset_index(drop=True).equals(other.labels.reset_index(drop=True))
        )
        if not same:
            msg = (
                "Cannot pool estimates of different things: labels, kind and design have to agree; there are "
                f"{len(first)} {first.kind!r} estimates labelled {list(first.labels.columns)} and {len(other)} "
                f"{other.kind!r} ones labelled {list(other.labels.columns)}. Make each in the same way."
            )
            raise WrongUseError(msg)


def _pooled(estimates: Sequence[Estimate]) -> Estimate:
    """Pool without a complete-case estimate."""
    first, m = estimates[0], len(estimates)
    values = np.array([one.value for one in estimates], dtype=np.float64)
    between = np.sqrt((1 + 1 / m) / (m - 1)) * np.nan_to_num(values - values.mean(axis=0))
    rows = [_rows(one) / np.sqrt(m) for one in estimates]
    pairs = [one.pair for one in estimates if one.pair is not None]
    return replace(
        first,
        value=values.mean(axis=0),
        influence=np.vstack([*rows, between]),
        variance="cr2",  # the rows' cross-product is the variance, whatever prepared them
        n=np.mean([one.n for one in estimates], axis=0),
        n_kish=np.mean([one.n_kish for one in estimates], axis=0),
        reached=np.any([one.reached for one in estimates], axis=0),
        crowding=np.mean([one.crowding for one in estimates], axis=0),
        refused=_joined(estimates),
        working=Working(np.eye(len(first)), PooledMoments(tuple(estimates))),
        pair=(_pooled([a for a, _ in pairs]), _pooled([b for _, b in pairs])) if len(pairs) == m else None,
        own=None,
    )


def _joined(estimates: Sequence[Estimate]) -> tuple[str, ...]:
    """Refuse what any copy refuses, each reason once."""
    reasons = zip(*(one.refused for one in estimates), strict=True)
    return tuple("; ".join(filter(None, dict.fromkeys(row))) for row in reasons)


def _rows(estimate: Estimate) -> FloatArray:
    """Influence rows whose cross-product is the estimate's variance."""
    return within_strata(estimate.influence, estimate.design) if estimate.variance == "taylor" else estimate.influence


def _beside(pooled: Estimate, complete: Estimate, estimates: Sequence[Estimate], most: float) -> Estimate:
    """Put the complete-case estimates under the pooled ones; both keep their covariance."""
    k, m = len(pooled), len(estimates)
    rows = np.vstack([np.tile(_rows(complete) / np.sqrt(m), (m, 1)), np.zeros((m, k))])
    labels = pd.concat([pooled.labels, complete.labels], ignore_index=True)
    labels.insert(0, "cases", [case for case in _CASES for _ in range(k)])
    return replace(
        pooled,
        named=Labels.read(labels),
        value=np.concatenate([pooled.value, complete.value]),
        influence=np.hstack([pooled.influence, rows]),
        n=np.tile(complete.n, 2),
        n_kish=np.tile(complete.n_kish, 2),
        reached=np.hstack([pooled.reached, complete.reached]),
        crowding=np.tile(complete.crowding, 2),
        refused=(*_too_much_missing(pooled, complete, most), *complete.refused),
        working=Working(np.eye(2 * k), PooledMoments(tuple(estimates), complete)),
        pair=_pairs_beside(pooled, complete, estimates, most),
    )


def _too_much_missing(pooled: Estimate, complete: Estimate, most: float) -> tuple[str, ...]:
    """Refuse pooled estimates that rest on too many imputed answers."""
    share = 1 - complete.n / np.maximum(pooled.n, 1)
    return tuple(
        reason or (f"{missing:.0%} of the answers are missing, more than {most:.0%}" if over else "")
        for reason, missing, over in zip(pooled.refused, share.tolist(), (share > most).tolist(), strict=True)
    )


def _pairs_beside(
    pooled: Estimate, complete: Estimate, estimates: Sequence[Estimate], most: float
) -> tuple[Estimate, Estimate] | None:
    """Give the sides of differences of shares, pooled ones above complete cases."""
    sides = [one.pair for one in estimates if one.pair is not None]
    if pooled.pair is None or complete.pair is None or len(sides) < len(estimates):
        return None
    first = _beside(pooled.pair[0], complete.pair[0], [a for a, _ in sides], most)
    return first, _beside(pooled.pair[1], complete.pair[1], [b for _, b in sides], most)
