"""The plan's indicator table with how each promise ended: no indicator and no intended outcome is missing from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.evaluation.decisions import TO_THE_READER
from lpact_eval.evaluation.theory import OUTCOMES
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.evaluation.plan import EvaluationPlan

ENDINGS: Final = ("met", "not met", "can't tell at this size", "result", "refused", "not collected")
_NO_ACCOUNT: Final = "The run gave no account of it."
_NO_INDICATOR: Final = "The plan has no indicator for this outcome."

Record = dict[str, object]


def promises(
    plan: EvaluationPlan, promised: pd.DataFrame, indicators: pd.DataFrame, decisions: pd.DataFrame
) -> pd.DataFrame:
    """Say of every promise how it ended.

    Parameters
    ----------
    plan : EvaluationPlan
    promised : DataFrame
        As `indicator_table` gives it.
    indicators : DataFrame
        One row per indicator and analysis, as readers may see it: id, analysis, status, reason.
    decisions : DataFrame
        As readers may see them.

    Returns
    -------
    DataFrame
        Columns of `promised`, "outcome_title", "decided_on" (the group; empty where there is no decision in numbers),
        "status" (one of `ENDINGS`) and "reason". By outcome; one row a decision in numbers, else one an indicator, and
        one for an outcome that no indicator belongs to.
    """
    ends = records_of(indicators) if len(indicators) else []
    decided = [row for row in records_of(decisions) if row["status"] != TO_THE_READER]
    rows = [row for one in records_of(promised) for row in _ended(one, ends, decided)]
    titles = plan.theory.outcomes if plan.theory else {}
    belong = {str(row["outcome"]) for row in rows}
    absent = [_absent(number, promised) for number in OUTCOMES if number not in belong]
    told = [{**row, "outcome_title": titles.get(str(row["outcome"]), "")} for row in (*rows, *absent)]
    columns = [*promised.columns, "outcome_title", "decided_on", "status", "reason"]
    return pd.DataFrame(sorted(told, key=_outcome), columns=columns)


def _outcome(row: Record) -> int:
    """Sort by intended outcome, in the order of the plan within."""
    return int(str(row["outcome"]))


def _ended(promised: Record, ends: Sequence[Record], decided: Sequence[Record]) -> Iterator[Record]:
    """Say how one indicator ended: by its decisions, else by its analyses."""
    own = [row for row in decided if row["indicator"] == promised["indicator"]]
    for row in own:
        group = row["group"] or ("everybody" if row["wave"] else "all together")
        yield {**promised, "decided_on": group, "status": row["status"], "reason": row["reason"]}
    if not own:
        status, reason = _of_analyses([row for row in ends if row["id"] == promised["indicator"]])
        yield {**promised, "decided_on": "", "status": status, "reason": reason}


def _of_analyses(ends: Sequence[Record]) -> tuple[str, str]:
    """Sum up how the analyses of an indicator ended."""
    if not ends:
        return "refused", _NO_ACCOUNT
    statuses = [str(row["status"]) for row in ends]
    without = [row for row in ends if row["status"] != "result"]
    several = len(ends) > 1
    told = [f"{row['analysis']}: {row['reason']}" if several else str(row["reason"]) for row in without]
    status = "result" if "result" in statuses else "refused" if "refused" in statuses else "not collected"
    return status, "; ".join(dict.fromkeys(told))


def _absent(number: str, promised: pd.DataFrame) -> Record:
    """Stand in for an outcome that no indicator belongs to."""
    blank: Record = dict.fromkeys(map(str, promised.columns), "")
    return {
        **blank,
        "outcome": int(number),
        "smallest": None,
        "decided_on": "",
        "status": "not collected",
        "reason": _NO_INDICATOR,
    }
