"""Sample sizes reached against those planned, group by group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.run import Results

REACHED_COLUMNS: Final = (
    *("indicator", "title", "measure", "wave", "by", "group"),
    *("planned", "reached", "status", "reason"),
)


def reached(plan: EvaluationPlan, results: Results) -> pd.DataFrame:
    """Compare the respondents behind every indicator with those planned for.

    Parameters
    ----------
    plan : EvaluationPlan
    results : Results

    Returns
    -------
    DataFrame
        indicator, title, measure (of the row that counts the respondents), wave, by, group, planned, reached
        (respondents with an answer; missing where there is no number), status ("reached", "missed", "not collected"),
        reason. In the order of the plan.
    """
    if not any(indicator.planned_n for indicator in plan.indicators):
        return pd.DataFrame(columns=list(REACHED_COLUMNS))
    rows = results.rows
    shares = rows[(rows["measure"] == "level") & rows["main"].astype(bool)]
    gaps = rows[(rows["measure"] == "gap") & rows["main"].astype(bool)]
    known = pd.concat([shares, gaps])  # a level counts everybody who answered, a gap those in either arm
    found = [
        {
            "indicator": indicator.id,
            "title": indicator.title,
            "measure": "",
            "wave": wave,
            "by": "",
            "group": group,
            "planned": planned,
            **_of(
                known[(known["indicator"] == indicator.id) & (known["wave"] == wave) & (known["group"] == group)],
                planned,
            ),
        }
        for indicator in plan.indicators
        for wave, sizes in indicator.planned_n.items()
        for group, planned in sizes.items()
    ]
    return pd.DataFrame(found, columns=list(REACHED_COLUMNS))


def _of(rows: pd.DataFrame, planned: int) -> dict[str, object]:
    """Compare one group's respondents with those planned for."""
    if not len(rows):
        return {"reached": math.nan, "status": "not collected", "reason": "nothing was worked out for this group"}
    first = rows.iloc[0]
    known = {"measure": str(first["measure"]), "by": str(first["by"])}
    refused, n = str(first["refused"]), float(first["n"])
    if math.isnan(n):
        status = "not collected" if "not asked" in refused else "missed"
        return {**known, "reached": n, "status": status, "reason": refused}
    return {**known, "reached": n, "status": "reached" if n >= planned else "missed", "reason": ""}
