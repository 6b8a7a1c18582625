"""Remarks on estimates beside how their question was asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation.asked import AskedRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class NotedRows(AskedRows):
    """What each of k estimates rests on, with a remark.

    Attributes
    ----------
    remarks : tuple of k str
        Empty where there is nothing to say.
    """

    remarks: tuple[str, ...] = ()

    def take(self, places: NDArray[np.intp]) -> NotedRows:
        """Keep the rows at the given positions."""
        kept = [int(place) for place in places]
        rows = tuple(self.rows[place] for place in kept)
        return NotedRows(rows, self.moved, tuple(self.remarks[place] for place in kept))

    def merged(self, used: BoolArray) -> NotedRows:
        """Join the rows that each new estimate is made of, `used` of shape (r, k)."""
        plain = AskedRows(self.rows, self.moved).merged(used)
        remarks = (
            "; ".join(dict.fromkeys(filter(None, (self.remarks[int(k)] for k in np.flatnonzero(row))))) for row in used
        )
        return NotedRows(plain.rows, plain.moved, tuple(remarks))

    def flags(self) -> list[list[str]]:
        """List for every estimate the remark and what a reader has to know of how it was asked."""
        asked = AskedRows(self.rows, self.moved).flags()
        return [[*([remark] if remark else []), *found] for remark, found in zip(self.remarks, asked, strict=True)]


def noted(estimate: Estimate, remarks: Sequence[str]) -> Estimate:
    """Put a remark beside each estimate; it joins the flags.

    Parameters
    ----------
    estimate : Estimate
        k estimates.
    remarks : sequence of k str

    Returns
    -------
    Estimate
    """
    asked = estimate.asked or AskedRows(((),) * len(estimate))
    return replace(estimate, asked=NotedRows(asked.rows, asked.moved, tuple(remarks)))
