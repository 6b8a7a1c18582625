"""The population after a change: the first wave's, tilted until the margins and the changed shares hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.rakings import Memory, pattern_of
from lpact_eval.weighting.solver import Problem, solve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.planning.first_file import First
    from lpact_eval.planning.rakings import Raking
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

_TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Whom the synthetic respondents of one group are drawn from; k kinds, those without the answer first.

    Attributes
    ----------
    row : ndarray of shape (k,), int
        Row of the first wave.
    cumulative : ndarray of shape (k,)
        Upper ends of the kinds' shares among those without the answer, in 0-1, then among those with it, in 1-2.
    share : float
        Share with the answer among the people who are asked, before weights.
    """

    row: IntArray
    cumulative: FloatArray
    share: float


def streams_of(
    first: First, rakings: Sequence[Raking], change: float, people: Mapping[str, float]
) -> dict[str, Stream]:
    """Tilt the first wave until every group's weighted share is its baseline and the change.

    Parameters
    ----------
    first : First
    rakings : sequence of Raking
    change : float
        A group whose share it would take out of 0 to 1 stays as it is.
    people : mapping of group to float
        Respondents expected of each group that is to be drawn: raking merges small categories.

    Returns
    -------
    dict of group to Stream

    Raises
    ------
    WrongUseError
        If no population like the first wave's has the margins and the shares.

    Notes
    -----
    With weight b before raking and share q wanted, masses b exp(margins' multipliers + g y) minimise the
    Kullback-Leibler divergence under the margins and sum(w (y - q)) = 0 in each group. Kinds of respondent are met as
    often as in the first wave times exp(g y), so that raking brings a wave of such people to these masses.

    References
    ----------
    Csiszar (1975), *Annals of Probability* 3, 146-158; Deville & Särndal (1992), *JASA* 87, 376-382.
    """
    wanted = np.array([share_after(first, name, change) for name in first.names])
    answered: BoolArray = (first.group >= 0) & ~np.isnan(first.answer) & (first.start > 0) & (first.standing > 0)
    baseline = np.array([first.baseline[name] for name in first.names])
    tilt = _odds(wanted) / _odds(baseline)
    for raking in rakings:
        tilt[list(raking.groups)] = _tilts(first, raking, answered, wanted, people, change)
    met = np.where(answered, first.chance * np.where(first.answer > 0, tilt[first.group], 1.0), 0.0)
    return {name: _stream(first, met, place) for place, name in enumerate(first.names) if name in people}


def share_after(first: First, group: str, change: float) -> float:
    """Share after the change, or the baseline where that is no share."""
    share = first.baseline[group] + change
    return share if 0 < share < 1 else first.baseline[group]


def _odds(share: FloatArray) -> FloatArray:
    """Odds of shares; 1 where they have none."""
    inner = (share > 0) & (share < 1)
    safe = np.where(inner, share, 0.5)
    return safe / (1 - safe)


def _tilts(  # noqa: PLR0917 - what is tilted, who of it, and towards what
    first: First,
    raking: Raking,
    answered: BoolArray,
    wanted: FloatArray,
    people: Mapping[str, float],
    change: float,
) -> FloatArray:
    """Factor by which people with the answer are met more often, for each group that is raked together."""
    rows = np.flatnonzero(answered & (raking.cell >= 0))
    group, mass = first.group[rows], (first.start * first.chance)[rows]
    pattern = pattern_of(raking, _expected(first, raking, people), Memory())
    varied = [place for place in raking.groups if 0 < first.baseline[first.names[place]] < 1]
    solution = None
    if pattern is not None:
        tilt = np.where(group[:, None] == np.array(varied), (first.answer[rows] - wanted[group])[:, None], 0.0)
        auxiliary = np.hstack([pattern.auxiliary[raking.cell[rows]], tilt])
        total = np.concatenate([pattern.total, np.zeros(len(varied))])
        limit = np.full(total.size, _TOLERANCE * raking.persons)
        solution = solve(Problem(auxiliary, mass * (raking.persons / mass.sum()), total, limit))
    if solution is None or not solution.met:
        msg = (
            f"Cannot simulate a change of {100 * change:g} points: no population like the first wave's has the margins "
            "and these shares. Take a smaller change, fewer margins, or collapse= to merge small categories."
        )
        raise WrongUseError(msg)
    factor = dict(zip(varied, np.exp(solution.multiplier[-len(varied) :]).tolist(), strict=True))
    return np.array([factor.get(place, 1.0) for place in raking.groups])


def _expected(first: First, raking: Raking, people: Mapping[str, float]) -> FloatArray:
    """Respondents expected in each cell, shape (c,): kinds as in the first wave."""
    expected = np.zeros(raking.mass.size)
    for place in raking.groups:
        inside = (first.group == place) & (raking.cell >= 0)
        share = first.chance[inside] / first.chance[inside].sum()
        number = people.get(first.names[place], 0.0)
        expected += np.bincount(raking.cell[inside], number * share, minlength=raking.mass.size)
    return expected


def _stream(first: First, met: FloatArray, place: int) -> Stream:
    """Lay out one group for drawing."""
    rows = np.flatnonzero((first.group == place) & (met > 0))
    having = first.answer[rows] > 0
    without, with_it = rows[~having], rows[having]
    ends = [_ends(met[part]) + number for number, part in enumerate((without, with_it)) if part.size]
    share = float(met[with_it].sum() / met[rows].sum()) if rows.size else 0.0
    return Stream(np.concatenate([without, with_it]).astype(np.intp), np.concatenate([*ends, np.empty(0)]), share)


def _ends(met: FloatArray) -> FloatArray:
    """Upper ends of shares, the last exactly 1."""
    ends = np.cumsum(met) / met.sum()
    ends[-1] = 1.0
    return ends
