"""The accounts of a run: what its plan promised and how that ended, checks, logs and registration; not yet cleared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.evaluation.decisions import decision_frame
from lpact_eval.evaluation.departures import departures
from lpact_eval.evaluation.indicator_table import indicator_table
from lpact_eval.evaluation.logs import Logs, read_logs
from lpact_eval.evaluation.quality import qa_checks
from lpact_eval.evaluation.registration import Registration, registration_of
from lpact_eval.evaluation.sizes import reached

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.quality import QaCheck
    from lpact_eval.evaluation.run import Results

LOGS_FOLDER: Final = "logs"


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """What a run owes its readers beside numbers; never shown to them before `publish`.

    Attributes
    ----------
    registration : Registration
    logs : Logs
    promised : DataFrame
        As `indicator_table` gives it.
    decisions, sizes, departures : DataFrame
        As `decision_frame`, `reached` and `departures` give them.
    checks : tuple of QaCheck
    """

    registration: Registration
    logs: Logs
    promised: pd.DataFrame
    decisions: pd.DataFrame
    sizes: pd.DataFrame
    departures: pd.DataFrame
    checks: tuple[QaCheck, ...]


def accounts_of(plan: EvaluationPlan, results: Results) -> Accounts:
    """Account for a run.

    Parameters
    ----------
    plan : EvaluationPlan
        Whose file lies beside its registration and its folder of logs; one without a file has neither.
    results : Results

    Returns
    -------
    Accounts

    Raises
    ------
    DefinitionError
        If a log or the registration can't be read.
    """
    registration = registration_of(plan, plan.path) if plan.path else Registration("never")
    logs = read_logs(logs_folder(plan.path)) if plan.path else Logs()
    sizes = reached(plan, results)
    return Accounts(
        registration,
        logs,
        indicator_table(plan),
        decision_frame(plan, results),
        sizes,
        departures(plan, registration, results, logs=logs, sizes=sizes),
        qa_checks(results, logs=logs),
    )


def logs_folder(plan: Path) -> Path:
    """Name the folder of a plan's logs.

    >>> from pathlib import Path
    >>> logs_folder(Path("analyses/evaluation-plan.toml")).as_posix()
    'analyses/logs'
    """
    return plan.parent / LOGS_FOLDER
