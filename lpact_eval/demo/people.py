"""Draw the respondents of one wave from the synthetic population, as the sites recruit them."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from lpact_eval.demo.model import LogOdds
from lpact_eval.demo.population import Population, expit
from lpact_eval.sample import BoolArray, FloatArray, IntArray

_OLDEST = 95
_YEARS_AFTER_65 = 9.0


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Respondents of one wave, n of them; every array has shape (n,).

    Attributes
    ----------
    site, group, detail, area, age_band, sex : ndarray of int
        Positions in the wave's sites and in the categories of the model and the census.
    age : ndarray of int
        Years.
    officer, contact, stopped, attended, disabled : ndarray of bool
    events : ndarray of int
        Events attended: 0, 1, 2, or 3 for three and more.
    trust : ndarray
        The person's trust, on the probit scale.
    """

    site: IntArray
    group: IntArray
    detail: IntArray
    area: IntArray
    age_band: IntArray
    age: IntArray
    sex: IntArray
    officer: BoolArray
    contact: BoolArray
    stopped: BoolArray
    attended: BoolArray
    disabled: BoolArray
    events: IntArray
    trust: FloatArray


def draw_people(population: Population, wave: str, rng: Generator) -> People:
    """Draw who answers at each site of a wave.

    Parameters
    ----------
    population : Population
    wave : str
        "2022" or "rerun".
    rng : Generator

    Returns
    -------
    People
        As many at each site and of each ethnic group as model.toml states.

    Notes
    -----
    Within ethnic group, age, sex and area, whether somebody takes part does not depend on trust, contact, stops or
    attendance. Sites are drawn anew each time: their effects average to zero and are part of the sampling error.
    """
    model, census = population.model, population.census
    counts = np.array([site.respondents for site in model.sites[wave]])
    site, group = (np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices(counts.shape))
    n = site.size
    home = np.array([census.areas.index(one.area) for one in model.sites[wave]])
    area = _areas(population, home[site], group, rng)
    detail = choose(rng, census.detail_share[group])
    chances = model.volunteering[wave]
    age_band = choose(rng, np.tile(census.age * chances.age, (n, 1)))
    sex = choose(rng, np.tile(census.sex * chances.sex, (n, 1)))
    contact = rng.random(n) < _chance(model.contact, group, age_band, sex)
    stopped = rng.random(n) < _chance(model.stopped, group, age_band, sex)
    cell = (group, age_band, sex, census.part_of[area], contact.astype(int), stopped.astype(int))
    attended = (rng.random(n) < population.attends[cell]) & (wave != "2022")
    officer = rng.random(n) < model.trust.officer_present
    several = 3 - choose(rng, np.tile(model.attendance.events, (n, 1)))
    level = population.base[wave][group] + population.leaning[cell] + population.attended_shift[group] * attended
    return People(
        site,
        group,
        detail,
        area,
        age_band,
        _ages(age_band, rng),
        sex,
        officer,
        contact,
        stopped,
        attended,
        rng.random(n) < _chance(model.disability, group, age_band, sex),
        np.where(attended, several, 0),
        level + model.trust.officer * officer + _personal(population, site, rng),
    )


def choose(rng: Generator, weights: FloatArray) -> IntArray:
    """Choose one column for each row, with chances in proportion to the row's weights of shape (n, k)."""
    upper = np.cumsum(weights, axis=1)
    return (rng.random((weights.shape[0], 1)) * upper[:, -1:] >= upper[:, :-1]).sum(axis=1)


def _areas(population: Population, site_area: IntArray, group: IntArray, rng: Generator) -> IntArray:
    """Choose where each respondent lives: mostly where the site is, else where the ethnic group lives."""
    elsewhere = choose(rng, population.census.group_area[group])
    return np.where(rng.random(group.size) < population.model.recruitment.local, site_area, elsewhere)


def _chance(odds: LogOdds, group: IntArray, age_band: IntArray, sex: IntArray) -> FloatArray:
    """Probability of an event for each respondent."""
    return expit(np.array(odds.group)[group] + np.array(odds.age)[age_band] + np.array(odds.sex)[sex])


def _ages(age_band: IntArray, rng: Generator) -> IntArray:
    """Give each respondent an age in years inside the age band."""
    first = np.array([16, 25, 35, 50, 65])[age_band]
    length = np.array([9, 10, 15, 15, 0])[age_band]
    inside = np.floor(rng.random(age_band.size) * length)
    old = np.minimum(np.floor(-_YEARS_AFTER_65 * np.log1p(-rng.random(age_band.size))), _OLDEST - 65)
    return (first + np.where(length == 0, old, inside)).astype(np.intp)


def _personal(population: Population, site: IntArray, rng: Generator) -> FloatArray:
    """Draw what the site and the person add to trust."""
    trust = population.model.trust
    of_site = rng.standard_normal(int(site.max()) + 1)[site]
    of_person = rng.standard_normal(site.size)
    return np.sqrt(trust.site_variance) * of_site + np.sqrt(trust.person_variance) * of_person
