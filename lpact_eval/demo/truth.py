"""What is true of the synthetic population: exact sums over its cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lpact_eval.demo.model import WAVES
from lpact_eval.demo.population import Population, favourable, group_average, read_population_model
from lpact_eval.sample import FloatArray

EVERYBODY = "All adults"


@dataclass(frozen=True, slots=True)
class Truth:
    """Known truth of one item, as proportions (0-1) by ethnic group; "All adults" is the whole population.

    Attributes
    ----------
    share : mapping of wave to shares
        Favourable share of all adults of a group, each group with the age and sex distribution of all adults and its
        own distribution over Leicester and the rest of the force area.
    change : mapping
        Share in the re-run minus share in 2022.
    effect : mapping
        Effect of attending on the favourable share, averaged over everybody in the group.
    effect_on_attendees : mapping
        The same, averaged over those who attended.
    effect_in_overlap : mapping
        The same, averaged over those who might as well have attended as not: weights attends x (1 - attends).
    unadjusted_gap : mapping
        Share of those who attended minus share of those who did not: effect plus confounding.
    attended : mapping
        Share of the group who attended.
    """

    share: Mapping[str, Mapping[str, float]]
    change: Mapping[str, float]
    effect: Mapping[str, float]
    effect_on_attendees: Mapping[str, float]
    effect_in_overlap: Mapping[str, float]
    unadjusted_gap: Mapping[str, float]
    attended: Mapping[str, float]


def truth(item: str = "conf_overall", *, population: Population | None = None) -> Truth:
    """Compute the known truth of an item.

    Parameters
    ----------
    item : str, default "conf_overall"
        Harmonised item.
    population : Population, optional
        By default the shipped one.

    Returns
    -------
    Truth
    """
    population = population or read_population_model()
    attends = population.attends
    without, attending = (favourable(population, "rerun", item, attended=attended) for attended in (False, True))
    first = group_average(population, favourable(population, "2022", item, attended=False))
    second = group_average(population, attends * attending + (1 - attends) * without)

    def over(weight: FloatArray, values: FloatArray) -> FloatArray:
        return group_average(population, weight * values) / group_average(population, weight)

    attended = group_average(population, attends)
    gap = over(attends, attending) - over(1 - attends, without)
    return Truth(
        {wave: _named(population, share) for wave, share in zip(WAVES, (first, second), strict=True)},
        _named(population, second - first),
        _named(population, group_average(population, attending - without)),
        _groups(population, over(attends, attending - without)),
        _groups(population, over(attends * (1 - attends), attending - without)),
        _groups(population, gap),
        _named(population, attended),
    )


def truth_text(population: Population) -> str:
    """Write the truth of the headline item as TOML."""
    known = truth(population=population)
    parts = [_HEADING]
    parts += [_table(f'share."{wave}"', known.share[wave]) for wave in WAVES]
    parts += [_table(name, getattr(known, name)) for name in _TABLES]
    return "\n".join(parts)


_HEADING = """# The known truth of the synthetic surveys, for conf_overall: "strongly agree" or "tend to agree" that one
# has confidence in the police in this area. Written by python -m lpact_eval.demo.write; computed exactly, as sums over
# the cells of the synthetic population (lpact_eval/demo/model.toml and the census counts), without simulation.
#
# Unit: proportions (0-1) and differences of proportions. Population: people aged 16 and over in the force area. Every
# ethnic group has the age and sex distribution of all adults and its own distribution over Leicester and the rest of
# the force area, as weighting within ethnic groups makes it. Answers are those of people who give one, half of them
# with an officer present, which makes answers a little kinder in both waves.
#
# share: by wave. change: re-run minus 2022.
# effect: what attending adds, averaged over everybody in the group. effect_on_attendees: averaged over those who
# attended. effect_in_overlap: averaged with weights attends x (1 - attends), what a linear regression with the
# interaction of attendance and group comes near to. unadjusted_gap: attended minus did not, confounding included.
# attended: share who attended, far above the real share, so that respondents need not be picked by attendance.

item = "conf_overall"
answers = ["strongly agree", "tend to agree"]
"""
_TABLES: Sequence[str] = (
    "change",
    "effect",
    "effect_on_attendees",
    "effect_in_overlap",
    "unadjusted_gap",
    "attended",
)


def _table(name: str, values: Mapping[str, float]) -> str:
    """Write one table, rounded to six decimals."""
    lines = [f'"{key}" = {value:.6f}' for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _groups(population: Population, values: FloatArray) -> Mapping[str, float]:
    """Name values by ethnic group."""
    return {group: float(value) for group, value in zip(population.model.groups, values, strict=True)}


def _named(population: Population, values: FloatArray) -> Mapping[str, float]:
    """Name values by ethnic group, and average them over the population."""
    everybody = float(np.sum(population.census.group_share * values))
    return {**_groups(population, values), EVERYBODY: everybody}
