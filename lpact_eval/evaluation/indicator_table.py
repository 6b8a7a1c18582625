"""The plan's indicator table: for every indicator what is promised, what was set for the whole plan included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.evaluation.decisions import TO_THE_READER
from lpact_eval.evaluation.theory import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator

INDICATOR_COLUMNS: Final = (
    *("indicator", "outcome", "title", "source", "question", "answers", "groups", "comparison", "estimator", "weights"),
    *("adjusters", "role", "planned", "smallest", "rule", "numbers", "who_decides", "publication"),
)
_COMPARISON: Final = {
    "level": "level in every survey",
    "change": "change from the first survey to the last",
    "gap": "attendees against others",
}
_ESTIMATOR: Final = {
    "level": "weighted share",
    "change": "difference of weighted shares",
    "regression": "weighted regression with adjusters, by group",
    "overlap": "overlap weights",
    "att": "weights of the others to the attendees",
    "entropy": "entropy balancing",
    "doubly_robust": "doubly robust",
}


def indicator_table(plan: EvaluationPlan) -> pd.DataFrame:
    """Lay out what a plan promises, indicator by indicator.

    Parameters
    ----------
    plan : EvaluationPlan

    Returns
    -------
    DataFrame
        Columns `INDICATOR_COLUMNS`, all in words but outcome and smallest: the role says which family of tests a
        primary indicator is of, "numbers" puts its decision rule into words from its numbers, and says "left to the
        reader" where the rule has words alone. Weights, estimators and adjusters are those of the whole plan.
    """
    indicators = (*plan.indicators, *(plan.records.indicators if plan.records else ()))
    order = {name: place for place, name in enumerate(plan.records.order if plan.records else ())}
    rows = [_row(plan, one) for one in sorted(indicators, key=lambda one: order.get(one.id, 0))]
    return pd.DataFrame(rows, columns=list(INDICATOR_COLUMNS))


def _row(plan: EvaluationPlan, indicator: Indicator) -> dict[str, object]:
    """Lay one indicator out."""
    rule = indicator.decision
    family = f", family {indicator.family}" if indicator.role == "primary" else ""
    of_source = _of_survey(plan, indicator) if indicator.source == "survey" else _of_records(indicator)
    return {
        "indicator": indicator.id,
        "outcome": indicator.outcome,
        "title": indicator.title,
        **of_source,
        "role": f"{indicator.role}{family}",
        "smallest": rule.smallest if rule else plan.margin if "change" in indicator.analyses else None,
        "rule": indicator.rule,
        "numbers": rule.words if rule else TO_THE_READER if indicator.rule else "",
        "who_decides": indicator.who_decides,
        "publication": indicator.publication,
    }


def _of_survey(plan: EvaluationPlan, indicator: Indicator) -> dict[str, object]:
    """Say how a survey's indicator is made."""
    gap = "gap" in indicator.analyses
    within = plan.weights.within if plan.within_file else ""
    weights = f"within {_title(plan, within)} for groups" if within and indicator.by else ""
    overall = "population for everybody" if plan.population_name else "as delivered"
    planned = [f"{wave}, {group}: {n}" for wave, sizes in indicator.planned_n.items() for group, n in sizes.items()]
    return {
        "source": f"surveys {', '.join(plan.waves)}",
        "question": _title(plan, indicator.variable),
        "answers": ", ".join(indicator.answers or plan.schema.positive(indicator.variable)),
        "groups": f"{EVERYBODY}; {_title(plan, indicator.by)}: {_groups(plan, indicator)}"
        if indicator.by
        else EVERYBODY,
        "comparison": "; ".join(_COMPARISON[one] for one in indicator.analyses),
        "estimator": "; ".join(_estimators(plan, indicator)),
        "weights": "; ".join(filter(None, (overall, weights))),
        "adjusters": ", ".join(_title(plan, name) for name in plan.adjusters) if gap else "",
        "planned": "; ".join(planned),
    }


def _of_records(indicator: Indicator) -> dict[str, object]:
    """Say how an indicator of the records of events is made."""
    return {
        "source": "records of events",
        "question": indicator.measure,
        "answers": "",
        "groups": indicator.by.replace("_", " ") or "all together",
        "comparison": "event measure",
        "estimator": "count, share or mean of the records",
        "weights": "none",
        "adjusters": "",
        "planned": "",
    }


def _groups(plan: EvaluationPlan, indicator: Indicator) -> str:
    """Name the groups of an indicator, and which of them are of the primary family."""
    groups = ", ".join(plan.schema.answers(indicator.by))
    return f"{groups} (primary: {', '.join(indicator.groups)})" if indicator.groups else groups


def _estimators(plan: EvaluationPlan, indicator: Indicator) -> Sequence[str]:
    """Name the estimators of an indicator's analyses."""
    methods = plan.attendance.methods if plan.attendance else ()
    return [
        _ESTIMATOR[name] for analysis in indicator.analyses for name in (methods if analysis == "gap" else (analysis,))
    ]


def _title(plan: EvaluationPlan, name: str) -> str:
    """Name a variable by its title."""
    return plan.schema.variables[name].title or name
