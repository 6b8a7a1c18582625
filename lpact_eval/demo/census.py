"""Census counts of the force area in the form that the synthetic population needs."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lpact_eval.demo.model import Model
from lpact_eval.resources import surveys_folder
from lpact_eval.sample import FloatArray, IntArray
from lpact_eval.waves.population import read_population
from lpact_eval.waves.schema import Schema, read_schema

FORCE_AREA, BY_ETHNICITY = "leicestershire-2021", "leicestershire-2021-by-ethnicity"


@dataclass(frozen=True, slots=True, eq=False)
class Census:
    """Counts and shares; order of categories as in the model and the harmonised schema.

    Attributes
    ----------
    details, areas : tuple of str
        The 19 ethnic groups; the local authorities.
    detail_share : ndarray of shape (groups, 19)
        Shares of the 19 within each of the five groups.
    group_area : ndarray of shape (groups, areas)
        Persons by ethnic group and authority; outside Leicester every group is spread over the authorities alike.
    part_of : ndarray of shape (areas,), int
        Which area group each authority belongs to.
    age, sex : ndarray
        Shares of adults by age band and by sex.
    """

    details: tuple[str, ...]
    areas: tuple[str, ...]
    detail_share: FloatArray
    group_area: FloatArray
    part_of: IntArray
    age: FloatArray
    sex: FloatArray

    @property
    def group_share(self) -> FloatArray:
        """Share of each ethnic group in the population, shape (groups,)."""
        counts = self.group_area.sum(axis=1)
        return counts / counts.sum()

    @property
    def area_group_share(self) -> FloatArray:
        """Share of each ethnic group that lives in each area group, shape (groups, area groups)."""
        parts = np.zeros((int(self.part_of.max()) + 1, self.group_area.shape[0]))
        np.add.at(parts, self.part_of, self.group_area.T)
        return (parts / parts.sum(axis=0)).T


@cache
def schema() -> Schema:
    """Read the shipped harmonised schema once."""
    return read_schema(surveys_folder() / "harmonised.toml")


def read_census(model: Model) -> Census:
    """Take the counts of the force area from surveys/population.

    Parameters
    ----------
    model : Model
        Orders groups, age bands and sexes, and holds the 19 groups that surveys/population lacks.

    Returns
    -------
    Census
    """
    margins = {margin.variable: margin.counts for margin in read_population(FORCE_AREA)}
    nested = {margin.variable: margin.counts for margin in read_population(BY_ETHNICITY)}["ethnicity", "area_group"]
    details, areas = schema().answers("ethnicity_19"), schema().answers("area")
    member = positions("ethnicity")[None, :] == np.arange(len(model.groups))[:, None]
    persons = member * np.array([model.details[detail] for detail in details])
    part_of = positions("area_group")
    in_area = np.array([margins["area"][area] for area in areas])
    in_part = np.bincount(part_of, weights=in_area)[part_of]
    group_part = np.array([[nested[group, part] for part in model.area_groups] for group in model.groups])
    return Census(
        details,
        areas,
        persons / persons.sum(axis=1, keepdims=True),
        group_part[:, part_of] * in_area / in_part,
        part_of,
        _shares([margins["age_band"][age] for age in model.ages]),
        _shares([margins["sex"][sex] for sex in model.sexes]),
    )


def positions(derived: str) -> IntArray:
    """Return, for each answer of the source, the place of the derived variable's answer it belongs to."""
    meaning = schema().variables[derived]
    home = {answer: place for place, answers in enumerate(meaning.groups.values()) for answer in answers}
    return np.array([home[answer] for answer in schema().answers(meaning.source)], dtype=np.intp)


def _shares(counts: list[float]) -> FloatArray:
    """Divide by the sum."""
    return np.array(counts) / sum(counts)
