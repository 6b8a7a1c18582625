"""The synthetic population: census counts, and in every cell what its people think and do, as exact probabilities.

A cell is an ethnic group, an age band, a sex, a part of the area, contact with the police or none, stopped or not. Age
and sex are those of all adults in every group; within a group they, and the part of the area, do not depend on each
other. Probabilities of cells are exact, so the truth is a sum and needs no simulation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from lpact_eval.demo.census import Census, read_census
from lpact_eval.demo.model import LogOdds, Model, read_model
from lpact_eval.sample import FloatArray

CELL = ("ethnicity", "age_band", "sex", "area_group", "contact_12m", "stopped_12m")
_STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Cells of shape (groups, ages, sexes, area groups, 2, 2); the last two axes are no, yes.

    Attributes
    ----------
    census : Census
    model : Model
    share : ndarray of cell shape
        Share of the ethnic group in the cell; adds up to 1 in every group.
    attends : ndarray of cell shape
        Probability of having attended by the re-run.
    leaning : ndarray of cell shape
        What the cell adds to trust, on the probit scale.
    base : mapping of wave to ndarray of shape (groups,)
        Level of each ethnic group's trust.
    attended_shift : ndarray of shape (groups,)
        Effect of attending on trust.
    """

    census: Census
    model: Model
    share: FloatArray
    attends: FloatArray
    leaning: FloatArray
    base: dict[str, FloatArray]
    attended_shift: FloatArray


@cache
def read_population_model() -> Population:
    """Build the synthetic population of the shipped parameters and census counts.

    Returns
    -------
    Population
    """
    model = read_model()
    return build(model, read_census(model))


def build(model: Model, census: Census) -> Population:
    """Solve for the levels under which the shares and effects that the model states hold exactly."""
    share = _cell_shares(model, census)
    leaning = _leaning(model)
    attends = _attends(model, share)
    target = {wave: np.array(shares) for wave, shares in model.confident.items()}

    def agree(level: FloatArray) -> FloatArray:
        return _favourable(model, _by_group(level) + leaning)

    def base_given(shift: FloatArray) -> FloatArray:
        def confident(level: FloatArray) -> FloatArray:
            return _average(share, (1 - attends) * agree(level) + attends * agree(level + shift))

        return _solve(confident, target["rerun"])

    def effect(shift: FloatArray) -> FloatArray:
        level = base_given(shift)
        return _average(share, agree(level + shift) - agree(level))

    shift = _solve(effect, np.array(model.attendance.effect))
    first = _solve(lambda level: _average(share, agree(level)), target["2022"])
    base = {"2022": first, "rerun": base_given(shift)}
    return Population(census, model, share, attends, leaning, base, shift)


def favourable(population: Population, wave: str, item: str, *, attended: bool) -> FloatArray:
    """Return each cell's probability of a favourable answer to an item, among those who answer it."""
    model = population.model
    question = model.items[item]
    trust = population.base[wave] + (population.attended_shift if attended else 0.0)
    extra = np.array(question.group) + question.level + question.later * (wave != "2022")
    extra = extra + question.attended * attended
    mean = question.trust * (_by_group(trust) + population.leaning) + _by_group(extra)
    return _favourable(model, mean, question.trust)


def group_average(population: Population, values: FloatArray) -> FloatArray:
    """Average values of cells over each ethnic group; returns shape (groups,)."""
    return _average(population.share, values)


def _cell_shares(model: Model, census: Census) -> FloatArray:
    """Share of each ethnic group in each cell."""
    contact = _probability(model.contact)[..., None]
    stopped = _probability(model.stopped)[..., None]
    people = (
        census.age[None, :, None, None] * census.sex[None, None, :, None] * census.area_group_share[:, None, None, :]
    )
    with_contact = np.stack([1 - contact, contact], axis=-1)
    with_stop = np.stack([1 - stopped, stopped], axis=-1)
    return people[..., None, None] * with_contact[..., :, None] * with_stop[..., None, :]


def _probability(odds: LogOdds) -> FloatArray:
    """Probability by ethnic group, age and sex."""
    return expit(
        np.array(odds.group)[:, None, None] + np.array(odds.age)[None, :, None] + np.array(odds.sex)[None, None, :]
    )


def _leaning(model: Model) -> FloatArray:
    """Effects of age, sex, area, contact and stops on trust, in cell shape without the group axis's own level."""
    trust = model.trust
    parts = [trust.age, trust.sex, trust.area_group, (0.0, trust.contact), (0.0, trust.stopped)]
    return np.broadcast_to(_outer_sum(parts), (len(model.groups), *map(len, parts)))


def _attends(model: Model, share: FloatArray) -> FloatArray:
    """Probability of attending in each cell, with the stated share in every group."""
    attendance = model.attendance
    parts = [attendance.age, (0.0, 0.0), (0.0, 0.0), (0.0, attendance.contact), (0.0, attendance.stopped)]
    odds = _outer_sum(parts)
    level = _solve(lambda level: _average(share, expit(_by_group(level) + odds)), np.array(attendance.share))
    return expit(_by_group(level) + odds)


def _outer_sum(parts: Sequence[Sequence[float]]) -> FloatArray:
    """Add effects of several characteristics in every combination of them."""
    total = np.zeros(())
    for effects in np.ix_(*(np.asarray(part, dtype=float) for part in parts)):
        total = total + effects
    return total


def _favourable(model: Model, mean: FloatArray, trust: float = 1.0) -> FloatArray:
    """Probability that an answer lies above 0, given its mean; some are given with an officer present."""
    from scipy.special import ndtr  # noqa: PLC0415 - slow to import

    alike = model.trust.person_variance + model.trust.site_variance
    spread = np.sqrt(trust**2 * alike + 1 - alike)
    present = model.trust.officer_present
    alone, watched = (
        cast("FloatArray", ndtr((mean + kindness) / spread)) for kindness in (0.0, trust * model.trust.officer)
    )
    return (1 - present) * alone + present * watched


def expit(log_odds: FloatArray) -> FloatArray:
    """Turn log odds into probabilities."""
    return 1 / (1 + np.exp(-log_odds))


def _by_group(values: FloatArray) -> FloatArray:
    """Lift one value an ethnic group to cell shape."""
    return values.reshape(-1, 1, 1, 1, 1, 1)


def _average(share: FloatArray, values: NDArray[np.floating]) -> FloatArray:
    """Average over the cells of each ethnic group."""
    return (share * values).reshape(share.shape[0], -1).sum(axis=1)


def _solve(increasing: Callable[[FloatArray], FloatArray], target: FloatArray) -> FloatArray:
    """Find, for every ethnic group, where an increasing function meets its target, by halving."""
    low, high = np.full(target.shape, -6.0), np.full(target.shape, 6.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        below = increasing(middle) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2
