"""All waves of a plan under both kinds of weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.evaluation.rows import Prepared
from lpact_eval.evaluation.weighting import plan_margins, weigh
from lpact_eval.stacking import restacked, stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.sample import Sample
    from lpact_eval.waves.population import Margin
    from lpact_eval.weighting.unknown import Unknown

WITHIN_GROUP: Final = "within group"


@dataclass(frozen=True, slots=True)
class PlanMargins:
    """Margins of a plan's two populations; None where the plan names none."""

    overall: list[Margin] | None
    within: list[Margin] | None

    @staticmethod
    def read(plan: EvaluationPlan) -> PlanMargins:
        """Read and check both; errors as in `plan_margins`."""
        overall = plan_margins(plan, plan.population_file) if plan.population_file else None
        return PlanMargins(overall, plan_margins(plan, plan.within_file) if plan.within_file else None)


def weighted(plan: EvaluationPlan, read: Sequence[Sample], margins: PlanMargins, unknown: Unknown) -> Prepared:
    """Weight each wave twice: for all residents, and inside each group.

    Parameters
    ----------
    plan : EvaluationPlan
    read : sequence of Sample
        The waves as read.
    margins : PlanMargins
    unknown : str
        What is done with respondents of whom a margin's variable is not known.

    Returns
    -------
    Prepared

    Raises
    ------
    WeightingError
        As `weigh`.
    """
    overall = within = list(read)
    if margins.overall is not None:
        overall = within = [weigh(sample, plan, margins.overall, within=False, unknown=unknown) for sample in read]
    if margins.within is not None:
        within = [weigh(sample, plan, margins.within, within=True, unknown=unknown) for sample in read]
    kinds = ("population" if plan.population_name else "delivered", _kind_within(plan))
    by_wave = dict(zip(plan.waves, zip(overall, within, strict=True), strict=True))
    stacked = stack(overall, plan.waves)
    return Prepared(stacked, restacked(stacked, within), by_wave, kinds, plan.waves)


def _kind_within(plan: EvaluationPlan) -> str:
    """Name the weights behind anything by group."""
    if plan.within_file:
        return WITHIN_GROUP
    return "population" if plan.population_name else "delivered"
