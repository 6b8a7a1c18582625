"""Shares of every answer to a question, by wave and group: what a chart of the distribution is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.estimation.statistics import distribution
from lpact_eval.evaluation.columns import ROW_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.evaluation.rows import Prepared
    from lpact_eval.sample import Sample, Variable

DISTRIBUTION_COLUMNS: Final = (*ROW_COLUMNS, "side", "position")
ALL: Final = "All respondents"
MEASURE: Final = "distribution"
ORDERED: Final = "scale"
_NUMBERS: Final = ("estimate", "std_error", "conf_low", "conf_high", "df", "n", "n_effective", "design_effect")

Row = dict[str, object]


def distribution_rows(prepared: Prepared, indicator: Indicator) -> list[Row]:
    """Shares of every answer by wave, for everybody and for each group.

    Parameters
    ----------
    prepared : Prepared
    indicator : Indicator
        Of a question whose answers are in order; others have no such rows.

    Returns
    -------
    list of dict
        Columns of a run's rows, measure "distribution", with the answer; "side" ("favourable", "middle",
        "unfavourable", or empty where the favourable answers are not the first ones of the scale) and "position" in the
        scale, most favourable first. The base n is that of all answers.
    """
    known = prepared.overall.codebook.get(indicator.variable)
    if known is None or known.kind != ORDERED:
        return []
    places = dict(zip(known.answers, sides(known.answers, indicator.answers or known.positive), strict=True))
    return [
        {**row, "side": places[str(row["answer"])], "position": known.answers.index(str(row["answer"]))}
        for wave in prepared.waves
        for by, kind, sample in _breakdowns(prepared, indicator, wave)
        for row in _of(sample, indicator, known, wave, by=by, kind=kind)
    ]


def distribution_frame(prepared: Prepared, plan: EvaluationPlan) -> pd.DataFrame:
    """Lay out the shares of every answer to the plan's first questions, which are drawn.

    Parameters
    ----------
    prepared : Prepared
    plan : EvaluationPlan

    Returns
    -------
    DataFrame
        As `distribution_rows`, once for every question and grouping.
    """
    first = {(one.variable, one.by): one for one in plan.indicators if one.role == "primary"}
    rows = [row for indicator in first.values() for row in distribution_rows(prepared, indicator)]
    return pd.DataFrame(rows, columns=list(DISTRIBUTION_COLUMNS))


def sides(answers: Sequence[str], favourable: Sequence[str]) -> tuple[str, ...]:
    """Tell favourable from unfavourable answers of a scale; of an odd number the one in between may be the middle.

    >>> sides(("agree", "neither", "disagree"), ("agree",))
    ('favourable', 'middle', 'unfavourable')
    """
    first = len(favourable)
    if not first or set(answers[:first]) != set(favourable):
        return ("",) * len(answers)
    middle = 1 if len(answers) == 2 * first + 1 else 0
    rest = len(answers) - first - middle
    return ("favourable",) * first + ("middle",) * middle + ("unfavourable",) * rest


def _breakdowns(prepared: Prepared, indicator: Indicator, wave: str) -> list[tuple[str, str, Sample]]:
    """Everybody under the weights for all residents, then each group under its own."""
    overall, within = prepared.by_wave[wave]
    every = ("", prepared.kinds[0], overall)
    return [every, (indicator.by, prepared.kinds[1], within)] if indicator.by else [every]


def _of(sample: Sample, indicator: Indicator, known: Variable, wave: str, *, by: str, kind: str) -> list[Row]:
    """Shares in one wave."""
    comparable = sample.codebook[indicator.variable].comparable.get(wave, "full")
    if comparable == "not asked":
        return []
    frame: Row = {
        "indicator": indicator.id,
        "outcome": indicator.outcome,
        "role": "exploratory",
        "measure": MEASURE,
        "variable": indicator.variable,
        "title": indicator.title,
        "wave": wave,
        "by": by,
        "group": ALL,
        "weights": kind,
        "row": "",
        "main": True,
        "family": "",
        "equivalent": "",
        "comparable": comparable,
        "flags": "",
    }
    table = distribution(sample, indicator.variable, by=[by] if by else ())
    return [
        {
            **frame,
            **{name: record[name] for name in _NUMBERS},
            "answer": str(record["answer"]),
            "group": str(record[by]) if by else ALL,
            "refused": str(record["refused"]),
        }
        for record in table.to_records()
        if str(record["answer"]) in known.answers
    ]
