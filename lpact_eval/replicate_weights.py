"""Replicate weights: the weights that the respondents would have had in other samples from the same design."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Centre = Literal["estimate", "mean"]


@dataclass(frozen=True, slots=True, eq=False)
class ReplicateWeights:
    """R sets of weights and how far their estimates stand for the sampling error; n respondents.

    Attributes
    ----------
    weight : ndarray of shape (n, R)
        Full weights of each replicate, in the unit of the sample's weights.
    scale : ndarray of shape (R,)
        Variance is the sum of scale_r (theta_r - theta)^2.
    full : ndarray of shape (n,)
        Weights of the whole sample that the replicates vary.
    df : float
        Degrees of freedom of the whole sample.
    method : str
        "jackknife", "brr", "fay" or "bootstrap".
    centre : str
        What theta is: "estimate", that of the whole sample, or "mean", that of the replicates.
    delivered : bool
        Whether the weights came with the file: degrees of freedom are then read off the weights, not the PSUs.
    """

    weight: NDArray[np.float64]
    scale: NDArray[np.float64]
    full: NDArray[np.float64]
    df: float
    method: str
    centre: Centre = "estimate"
    delivered: bool = False

    @property
    def count(self) -> int:
        """Number of replicates, R."""
        return self.scale.size

    @property
    def rows(self) -> NDArray[np.float64]:
        """Weights with a row for each replicate, shape (R, n), without copying."""
        return self.weight.T


def stack_replicates(parts: Sequence[ReplicateWeights | None], *, panel: bool) -> ReplicateWeights | None:
    """Put the replicates of several waves together.

    Waves drawn independently vary in turn, the others at their full weights; the waves of a panel vary together.
    """
    given = [part for part in parts if part is not None]
    if not given:
        return None
    if len(given) < len(parts):
        msg = (
            f"Cannot stack: {len(given)} of {len(parts)} samples have replicate weights. "
            "Replicate all of them, or none and replicate the stacked sample."
        )
        raise WrongUseError(msg)
    return _together(given) if panel else _in_turn(given)


def _in_turn(parts: Sequence[ReplicateWeights]) -> ReplicateWeights:
    """Vary one wave after the other."""
    if any(part.centre == "mean" for part in parts):
        msg = (
            "Cannot stack: replicates around their own mean would mix the waves' means. "
            "Use centre='estimate', or stack first and replicate then."
        )
        raise WrongUseError(msg)
    full = np.concatenate([part.full for part in parts])
    weight = np.repeat(full[None, :], sum(part.count for part in parts), axis=0)
    row = column = 0
    for part in parts:
        weight[column : column + part.count, row : row + part.full.size] = part.rows
        row, column = row + part.full.size, column + part.count
    return replace(
        parts[0],
        weight=weight.T,
        scale=np.concatenate([part.scale for part in parts]),
        full=full,
        df=sum(part.df for part in parts),
        method=" and ".join(dict.fromkeys(part.method for part in parts)),
        delivered=any(part.delivered for part in parts),
    )


def _together(parts: Sequence[ReplicateWeights]) -> ReplicateWeights:
    """Vary the waves of a panel together, replicate by replicate."""
    first = parts[0]
    if any(part.count != first.count or not np.allclose(part.scale, first.scale) for part in parts):
        msg = (
            f"Cannot stack a panel: its waves have {[part.count for part in parts]} replicates or scales that differ, "
            "so that the same replicate does not mean the same units. Stack first and replicate then."
        )
        raise WrongUseError(msg)
    return replace(
        first,
        weight=np.concatenate([part.rows for part in parts], axis=1).T,
        full=np.concatenate([part.full for part in parts]),
        df=min(part.df for part in parts),
    )
