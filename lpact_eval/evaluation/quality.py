"""Checks of a run that anybody can repeat: rows add up, weights met margins, numbers are possible, none is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from lpact_eval.evaluation.definitions import definitions_of
from lpact_eval.evaluation.theory import unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.evaluation.logs import Logs
    from lpact_eval.evaluation.run import Results

Outcome = Literal["passed", "failed", "not done"]

AUTOMATIC: Final = "automatic"
STATUSES: Final = ("result", "refused", "not collected")
MARGIN_TOLERANCE: Final = 1e-6  # of a share; raking stops at 1e-10
_ROUNDING: Final = 1e-9
_DELIVERED: Final = "delivered"


@dataclass(frozen=True, slots=True)
class QaCheck:
    """One check and how it ended.

    Attributes
    ----------
    what : str
    outcome : {"passed", "failed", "not done"}
    found : str
        What was found; never an answer, and no count of people.
    by : str
        "automatic", or who made it.
    """

    what: str
    outcome: Outcome
    found: str = ""
    by: str = AUTOMATIC


def qa_checks(results: Results, *, logs: Logs | None = None, others: Sequence[QaCheck] = ()) -> tuple[QaCheck, ...]:
    """Check a run.

    Parameters
    ----------
    results : Results
    logs : Logs, optional
        Whose checks by hand are added; those without an outcome were not done.
    others : sequence of QaCheck, optional
        Automatic checks of what comes after the run, such as the audit of disclosure.

    Returns
    -------
    tuple of QaCheck
        The automatic ones first.
    """
    automatic = (
        *_ledger(results),
        *_weights(results),
        *_numbers(results),
        *_tests(results),
        *_indicators(results),
        *_files(results),
    )
    by_hand = tuple(
        QaCheck(check.text, check.status or "not done", check.found, check.owner or "not stated")
        for check in (logs.qa if logs else ())
    )
    return (*automatic, *others, *by_hand)


def qa_frame(checks: Sequence[QaCheck]) -> pd.DataFrame:
    """Lay checks out: what, outcome, found, by."""
    return pd.DataFrame([(one.what, one.outcome, one.found, one.by) for one in checks], columns=list(QaCheck.__slots__))


def _check(what: str, wrong: Sequence[str], good: str) -> QaCheck:
    """Fail where anything is wrong."""
    return QaCheck(what, "failed" if wrong else "passed", "; ".join(wrong) or good)


def _ledger(results: Results) -> Iterator[QaCheck]:
    """Every delivered row is kept or set aside."""
    wrong = _unaccounted(results.ledger, "wave")
    yield _check("rows delivered are rows kept and set aside", wrong, "in every survey")
    if results.records is not None and len(results.records.ledger):
        wrong = _unaccounted(results.records.ledger, "record")
        yield _check("records delivered are records kept and set aside", wrong, "in every record")


def _unaccounted(ledger: pd.DataFrame, column: str) -> list[str]:
    """Name what was delivered more, or less, than kept and set aside; notes in a ledger count none."""
    left: dict[str, int] = {}
    for name, reason, rows in zip(*(ledger[one].tolist() for one in (column, "reason", "rows")), strict=True):
        left[str(name)] = left.get(str(name), 0) + (int(rows) if reason == _DELIVERED else -int(rows))
    return [name for name, rows in left.items() if rows]


def _weights(results: Results) -> Iterator[QaCheck]:
    """Weighting converged, met its margins, and gave nobody a negative weight."""
    margins = results.margins
    if len(margins):
        missed = margins.loc[(margins["after"] - margins["target"]).abs() > MARGIN_TOLERANCE]
        wrong = list(
            dict.fromkeys(
                f"{wave}, {kind} weights" for wave, kind in zip(missed["wave"], missed["weights"], strict=True)
            )
        )
        yield _check("weighting met its margins", wrong, "each within a millionth")
        yield QaCheck("weighting converged", "passed", "a run stops where it does not")
    else:
        yield QaCheck("weighting met its margins", "not done", "the weights were delivered with the surveys")
    smallest = results.weights["smallest"].to_numpy(dtype=float)
    wrong = ["a weight is negative or missing"] if len(smallest) and not (smallest >= 0).all() else []
    yield _check("no weight is negative", wrong, "in no survey and no group")


def _numbers(results: Results) -> Iterator[QaCheck]:
    """Shares and differences are possible, and lie inside their intervals."""
    rows = results.rows
    shown = rows.loc[rows["refused"] == ""]
    estimate, low, high = (shown[name].to_numpy(dtype=float) for name in ("estimate", "conf_low", "conf_high"))
    floor = np.where(shown["measure"] == "level", 0.0, -1.0)
    outside = (estimate < floor - _ROUNDING) | (estimate > 1 + _ROUNDING) | np.isnan(estimate)
    yield _check("shares lie within 0 and 1, differences within -1 and 1", _named(shown, outside), "all of them")
    apart = (estimate < low - _ROUNDING) | (estimate > high + _ROUNDING)
    yield _check("estimates lie inside their intervals", _named(shown, apart), "all of them")


def _tests(results: Results) -> Iterator[QaCheck]:
    """Probabilities are possible, and allowing for other comparisons made none smaller."""
    rows = results.rows
    raw, adjusted = (rows[name].to_numpy(dtype=float) for name in ("p_value", "p_adjusted"))
    outside = (raw < 0) | (raw > 1) | (adjusted < 0) | (adjusted > 1)
    yield _check("p values lie within 0 and 1", _named(rows, outside), "all of them")
    smaller = adjusted < raw - _ROUNDING
    yield _check("no adjusted p value is below its own", _named(rows, smaller), "none is")


def _indicators(results: Results) -> Iterator[QaCheck]:
    """Every indicator and analysis of the plan ends, and every intended outcome has an indicator."""
    plan, table = results.plan, results.indicators
    records = plan.records.indicators if plan.records else ()
    promised = [(one.id, analysis) for one in plan.indicators for analysis in one.analyses]
    ended = set(zip(table["id"], table["analysis"], strict=True)) if len(table) else set[tuple[str, str]]()
    wrong = [f"{name}, {analysis}" for name, analysis in promised if (name, analysis) not in ended]
    wrong += [one.id for one in records if one.id not in {name for name, _ in ended}]
    wrong += [str(one) for one in dict.fromkeys(table.loc[~table["status"].isin(STATUSES), "id"])] if len(table) else []
    yield _check("every indicator ends in a result, a refusal or not collected", wrong, "none is missing")
    silent = table.loc[(table["status"] != "result") & (table["reason"] == ""), "id"] if len(table) else ()
    yield _check("what gave no result says why", [str(one) for one in dict.fromkeys(silent)], "all of it")
    missing = [f"outcome {number}" for number in unanswered(plan.theory, (*plan.indicators, *records))]
    yield _check("every intended outcome has an indicator", missing, "all five")


def _files(results: Results) -> Iterator[QaCheck]:
    """Compare the definitions with those that were run, and look for the hash of every delivered file."""
    now, then = dict(definitions_of(results.plan)), dict(results.definitions)
    wrong = sorted(name for name in {*now, *then} if now.get(name) != then.get(name))
    yield _check("definition files are those that were run", wrong, "all hashes agree")
    unknown = [wave.name for wave in results.waves if not wave.sha256]
    yield _check("the hash of every delivered file is known", unknown, "each is in the manifest")


def _named(rows: pd.DataFrame, wrong: np.ndarray) -> list[str]:
    """Name the rows that are wrong by their indicator and measure, never by a group of people."""
    found = rows.loc[wrong]
    return list(
        dict.fromkeys(f"{one}, {measure}" for one, measure in zip(found["indicator"], found["measure"], strict=True))
    )
