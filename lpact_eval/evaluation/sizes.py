"""Sample sizes reached against those planned, group by group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    known = _first_rows(results.rows)
    found = [
        {
            "indicator": indicator.id,
            "title": indicator.title,
            "measure": "",
            "wave": wave,
            "by": "",
            "group": group,
            "planned": planned,
            **_of(known.get((indicator.id, wave, group)), planned),
        }
        for indicator in plan.indicators
        for wave, sizes in indicator.planned_n.items()
        for group, planned in sizes.items()
    ]
    return pd.DataFrame(found, columns=list(REACHED_COLUMNS))


def _first_rows(rows: pd.DataFrame) -> dict[tuple[str, str, str], Mapping[str, object]]:
    """Find the rows that count respondents: a level counts everybody who answered, a gap those in either arm."""
    main = rows[rows["main"].astype(bool) & rows["measure"].isin(["level", "gap"])]
    listed = sorted(records_of(main), key=lambda row: row["measure"] == "level")  # a level goes before a gap
    return {(str(row["indicator"]), str(row["wave"]), str(row["group"])): row for row in listed}


def _of(row: Mapping[str, object] | None, planned: int) -> dict[str, object]:
    """Compare one group's respondents with those planned for."""
    if row is None:
        return {"reached": math.nan, "status": "not collected", "reason": "nothing was worked out for this group"}
    known = {"measure": str(row["measure"]), "by": str(row["by"])}
    refused, n = str(row["refused"]), row["n"]
    if not isinstance(n, int | float) or math.isnan(n):
        status = "not collected" if "not asked" in refused else "missed"
        return {**known, "reached": math.nan, "status": status, "reason": refused}
    return {**known, "reached": float(n), "status": "reached" if n >= planned else "missed", "reason": ""}
