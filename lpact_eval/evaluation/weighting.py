"""The weights that a plan asks for: margins checked against the questions, and failures with their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lpact_eval.errors import DefinitionError, WeightingError
from lpact_eval.waves.located import nearest
from lpact_eval.waves.population import read_population
from lpact_eval.weighting.rake import rake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.sample import Sample
    from lpact_eval.waves.population import Margin
    from lpact_eval.waves.schema import Schema
    from lpact_eval.weighting.unknown import Unknown


def plan_margins(plan: EvaluationPlan, file: Path) -> list[Margin]:
    """Read one of a plan's populations.

    Parameters
    ----------
    plan : EvaluationPlan
    file : Path
        `plan.population_file` or `plan.within_file`.

    Returns
    -------
    list of Margin

    Raises
    ------
    DefinitionError
        If its files are wrong, or count a variable or an answer that the harmonised schema does not have.
    """
    margins = read_population(file)
    problems = [problem for margin in margins for problem in _unknown(margin, plan.schema)]
    if problems:
        raise DefinitionError("\n".join(problems))
    return margins


def weigh(
    sample: Sample, plan: EvaluationPlan, margins: Sequence[Margin], *, within: bool, unknown: Unknown | None = None
) -> Sample:
    """Rake one wave as the plan says.

    Parameters
    ----------
    sample : Sample
        One wave.
    plan : EvaluationPlan
    margins : sequence of Margin
        As `plan_margins` reads them.
    within : bool
        Whether to rake inside each group rather than for all respondents.
    unknown : str, optional
        As in `rake`: "keep" respondents of whom a margin's variable is not known, or "leave out"; the plan's policy
        without.

    Returns
    -------
    Sample
        The same respondents, weighted.

    Raises
    ------
    WeightingError
        If there are no such weights; it names the place in the plan, the wave and the population.
    """
    weights = plan.weights
    try:
        group = weights.within if within else None
        return rake(sample, margins, within=group, collapse=weights.collapse, unknown=unknown or weights.unknown)
    except WeightingError as error:
        population = weights.within_population if within else plan.population_name
        waves = ", ".join(wave.name for wave in sample.waves)
        msg = f"{plan.weights_at}, population {population!r}, wave {waves}: {error}"
        raise WeightingError(msg) from error


def _unknown(margin: Margin, schema: Schema) -> Iterator[str]:
    """Find variables and categories of a margin that are no harmonised variable or answer."""
    for place, variable in enumerate(margin.variables):
        if variable not in schema.variables:
            yield f"{margin.at()}: there is no variable {variable!r}; {nearest(variable, schema.variables)}"
            continue
        answers = schema.answers(variable)
        told: set[str] = set()
        for category in margin.counts:
            part = category if isinstance(category, str) else category[place]
            if answers and part not in answers and part not in told:
                told.add(part)
                yield f"{margin.at(category)}: {part!r} is not an answer of {variable!r}; {nearest(part, answers)}"
