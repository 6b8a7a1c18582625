"""One covariance matrix over several estimates: items, domains, waves and model coefficients at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.asked import joined
from lpact_eval.estimation.estimate import Working
from lpact_eval.estimation.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate, Kind
    from lpact_eval.sample import BoolArray, FloatArray


def combine(estimates: Sequence[Estimate]) -> Estimate:
    """Put estimates from one sample together, so that they have one covariance matrix.

    Parameters
    ----------
    estimates : sequence of Estimate
        From the same sample and with the same variance: shares, means, changes, coefficients of several models.
        Weights may differ (`rake` keeps the respondents); respondents may not.

    Returns
    -------
    Estimate
        All estimates under each other; a label that one lacks is "". Every estimate keeps its value, standard error
        and degrees of freedom, and contrasts and Wald tests across them are exact in their covariance. Intervals are
        as before where all estimates are shares or differences of shares, else t.

    Raises
    ------
    WrongUseError
        If there is no estimate, they come from different samples, variances or replicate weights, or are penalised.

    Notes
    -----
    influence = [influence_1, influence_2, ...]. Degrees of freedom of a contrast across estimates with moments of their
    own: (sum of v_b)^2 / sum over pairs of o_bc v_b v_c / sqrt(df_b df_c), v_b being the variance of the part in
    estimate b and o_bc 1 where b and c share a sampling unit, else 0. That is Welch's formula for parts apart; for
    parts on the same units it takes the products of their G at the most they can be, so that df errs downwards.

    References
    ----------
    Satterthwaite (1946), *Biometrics Bulletin* 2, 110-114; Pustejovsky & Tipton (2018), *JBES* 36, 672-683.
    """
    _require_one_sample(estimates)
    first = estimates[0]
    pairs = [estimate.pair for estimate in estimates]
    kinds = {estimate.kind for estimate in estimates}
    sides = [[pair[side] for pair in pairs if pair is not None] for side in (0, 1)]
    paired = kinds == {"share difference"} and len(sides[0]) == len(estimates)
    kind: Kind = first.kind if len(kinds) == 1 and (first.kind != "share difference" or paired) else "other"
    return replace(
        first,
        named=Labels.joined([estimate.named for estimate in estimates]),
        value=np.concatenate([estimate.value for estimate in estimates]),
        influence=np.hstack([estimate.influence for estimate in estimates]),
        kind=kind,
        n=np.concatenate([estimate.n for estimate in estimates]),
        n_kish=np.concatenate([estimate.n_kish for estimate in estimates]),
        reached=np.hstack([estimate.reached for estimate in estimates]),
        crowding=np.concatenate([estimate.crowding for estimate in estimates]),
        refused=tuple(reason for estimate in estimates for reason in estimate.refused),
        working=_working(estimates),
        pair=(combine(sides[0]), combine(sides[1])) if paired else None,
        own=None,
        asked=joined([(estimate.asked, len(estimate)) for estimate in estimates]),
    )


def _require_one_sample(estimates: Sequence[Estimate]) -> None:
    """Refuse estimates whose covariance is unknown."""
    if not estimates:
        raise WrongUseError("Cannot combine: no estimate was given; give one or more, as in combine([shares, means]).")
    first = estimates[0]
    variances = list(dict.fromkeys(estimate.variance for estimate in estimates))
    if len(variances) > 1:
        msg = f"Cannot combine estimates of the variances {variances}: compute all of them with the same variance=."
        raise WrongUseError(msg)
    moments = {id(estimate.working.moments) for estimate in estimates if estimate.working is not None}
    if first.variance == "model" and len(moments) > 1:
        msg = (
            "Cannot combine penalised fits: each has the variance of its own likelihood, which knows no covariance "
            "with another's. Fit one model with an interaction, and use contrast()."
        )
        raise WrongUseError(msg)
    for estimate in estimates[1:]:
        same_units = estimate.design.psu is first.design.psu and estimate.design.stratum is first.design.stratum
        if not same_units or estimate.influence.shape[0] != first.influence.shape[0]:
            msg = (
                "Cannot combine: the estimates come from different samples or replicate weights, so that their "
                "covariance is unknown. Stack the waves, and estimate everything from the stacked sample."
            )
            raise WrongUseError(msg)


def _working(estimates: Sequence[Estimate]) -> Working | None:
    """Join what degrees of freedom rest on."""
    workings = [estimate.working for estimate in estimates]
    known = [working for working in workings if working is not None]
    if not known:
        return None
    if len(known) == len(workings) and all(working.moments is known[0].moments for working in known):
        return Working(np.vstack([working.loading for working in known]), known[0].moments)
    count = sum(len(estimate) for estimate in estimates)
    return Working(np.eye(count), BlockMoments(tuple(_grouped(estimates))))


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Estimates that share their moments.

    Attributes
    ----------
    columns : tuple of int
        Where they stand among all estimates.
    estimate : Estimate
    """

    columns: tuple[int, ...]
    estimate: Estimate


def _grouped(estimates: Sequence[Estimate]) -> list[Block]:
    """Gather the estimates by the moments that their degrees of freedom rest on."""
    groups: dict[int, list[tuple[int, Estimate]]] = {}
    start = 0
    for number, estimate in enumerate(estimates):
        plain = replace(estimate, refused=("",) * len(estimate), pair=None, own=None)
        key = -1 - number if plain.working is None else id(plain.working.moments)
        groups.setdefault(key, []).append((start, plain))
        start += len(estimate)
    return [
        Block(
            tuple(column for at, part in group for column in range(at, at + len(part))),
            combine([part for _, part in group]) if len(group) > 1 else group[0][1],
        )
        for group in groups.values()
    ]


@dataclass(frozen=True, slots=True, eq=False)
class BlockMoments:
    """Degrees of freedom of combinations of estimates with moments of their own.

    Attributes
    ----------
    blocks : tuple of Block
    """

    blocks: tuple[Block, ...]

    def parts(self, loading: FloatArray) -> list[tuple[Estimate, FloatArray]]:
        """Estimates of each block with the rows' coefficients on them, where there are any."""
        found = [(block.estimate, loading[:, list(block.columns)]) for block in self.blocks]
        return [(estimate, rows) for estimate, rows in found if np.any(rows)]

    def df(self, loading: FloatArray) -> FloatArray:
        """Degrees of freedom of rows of coefficients on the estimates, shape (r,)."""
        alone = np.count_nonzero(loading, axis=1) == 1
        found = np.empty(len(loading))
        if alone.any():  # those of the estimates themselves, worked out for a block at once
            own = np.empty(loading.shape[1])
            for block in self.blocks:
                own[list(block.columns)] = block.estimate.df
            found[alone] = own[np.abs(loading[alone]).argmax(axis=1)]
        if not alone.all():
            found[~alone] = self._combined(loading[~alone])
        return found

    def _combined(self, loading: FloatArray) -> list[float]:
        """Degrees of freedom of combinations, of each block's part in all of them at once."""
        parts: list[list[_Part]] = [[] for _ in loading]
        for block in self.blocks:
            rows = loading[:, list(block.columns)]
            taking = np.flatnonzero(rows.any(axis=1)).tolist()
            if not taking:
                continue
            part = _combination(block.estimate, rows[taking])
            freedom, variance = part.df.tolist(), np.square(part.std_error).tolist()
            for place, row in enumerate(taking):
                parts[row].append((freedom[place], variance[place], part.reached[:, place]))
        return [_joint_df(own) for own in parts]


_Part = tuple[float, float, "BoolArray"]  # degrees of freedom, variance, and the sampling units that it rests on


def _joint_df(parts: Sequence[_Part]) -> float:
    """Degrees of freedom of the sum of parts, each from another block; see `combine`."""
    freedom, variance = np.array([part[0] for part in parts]), np.array([part[1] for part in parts])
    if len(parts) == 1 or not variance.sum() > 0 or not (freedom > 0).all():
        return float(freedom.min(initial=np.inf)) if parts else 0.0
    reached = np.column_stack([part[2] for part in parts]).astype(float)
    together = (reached.T @ reached) > 0
    scaled = variance / np.sqrt(freedom)
    return float(variance.sum() ** 2 / (scaled @ together @ scaled))


def _combination(estimate: Estimate, rows: FloatArray) -> Estimate:
    """Combine the estimates of a block linearly, as `contrast` does: only for variances and degrees of freedom."""
    used = rows != 0
    asked = estimate.asked.merged(used).refusals() if estimate.asked else [""] * len(rows)
    refused = tuple(
        why or "; ".join(estimate.refused[column] for column in np.flatnonzero(row) if estimate.refused[column])
        for why, row in zip(asked, used, strict=True)
    )
    return replace(
        estimate,
        value=rows @ estimate.value,
        influence=estimate.influence @ rows.T,
        reached=(estimate.reached.astype(float) @ used.T.astype(float)) > 0,
        refused=refused,
        working=estimate.working and replace(estimate.working, loading=rows @ estimate.working.loading),
        pair=None,
        own=None,
        asked=None,
    )
