"""Execute the decision rules of a plan: met, not met, can't tell at this size, or why there is no decision."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from lpact_eval.evaluation.theory import EVERYBODY, LEVEL, DecisionPlan
from lpact_eval.frames import records_of
from lpact_eval.waves.located import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.evaluation.run import Results

DecisionStatus = Literal["met", "not met", "can't tell at this size", "refused", "not collected", "left to the reader"]
CANT_TELL: Final = "can't tell at this size"
TO_THE_READER: Final = "left to the reader"
DECISION_COLUMNS: Final = (
    *(
        "indicator",
        "outcome",
        "title",
        "role",
        "measure",
        "unit",
        "wave",
        "by",
        "group",
        "status",
        "reason",
        "rule",
        "numbers",
    ),
    *("smallest", "alpha", "estimate", "low", "high", "p_adjusted", "detectable", "n", "caveats"),
    *("who_decides", "publication"),
)
_COMPARED: Final = ("change", "gap")
_NOT_ASKED: Final = "not asked"
_FLAG_END: Final = "; "
# Flags under which a test says nothing of what the rule is about; the reports then say neither rise nor fall.
_NOT_SEPARABLE: Final[Mapping[str, str]] = {
    "mode changed:": "people were asked in another way, and a change can't be told apart from that",
    "composition-sensitive:": "the ways of comparing the surveys disagree",
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a decision rests on; NaN where there is none.

    Attributes
    ----------
    estimate, low, high : float
    p_adjusted : float
        After allowing for the other comparisons of the family.
    detectable : float
        Smallest change that answers so many can show.
    n : float
    """

    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_adjusted: float = math.nan
    detectable: float = math.nan
    n: float = math.nan


@dataclass(frozen=True, slots=True)
class Decision:
    """How one rule of the plan ended for one group.

    Attributes
    ----------
    indicator, role, measure, wave, by, group : str
        Of the row that it was decided on, so that what is hidden there is hidden here.
    status : str
        "met", "not met", "can't tell at this size", "refused", "not collected" or "left to the reader".
    reason : str
        In words, without a number from the data.
    numbers : Numbers
    caveats : str
        Flags of the row.
    unit : str
        Of the records of events.
    """

    indicator: str
    role: str
    measure: str
    wave: str
    by: str
    group: str
    status: DecisionStatus
    reason: str
    numbers: Numbers
    caveats: str = ""
    unit: str = ""


def decide(indicator: Indicator, rows: pd.DataFrame) -> tuple[Decision, ...]:
    """Apply the decision rule of one indicator.

    Parameters
    ----------
    indicator : Indicator
    rows : DataFrame
        `Results.rows`, or for the records of events those of `RecordResults`.

    Returns
    -------
    tuple of Decision
        One a group that the rule is about; none where the indicator has no rule. A rule in words alone is left to the
        reader.
    """
    rule = indicator.decision
    if rule is None:
        words = indicator.rule.strip()
        reason = "the rule is given in words alone"
        return (_without(indicator, TO_THE_READER, reason),) if words else ()
    own = rows[rows["indicator"] == indicator.id]
    if indicator.source == "events":
        return _of_records(indicator, rule, own)
    chosen = own[(own["measure"] == rule.measure) & own["main"].astype(bool)]
    if rule.measure == LEVEL and len(chosen):
        last = str(chosen["wave"].iloc[-1])
        chosen = chosen[(chosen["wave"] == last).to_numpy(dtype=bool)]
    wanted = rule.groups or indicator.groups or (EVERYBODY,)
    return tuple(_of_group(indicator, rule, chosen, group) for group in wanted)


def verdict(rule: DecisionPlan, numbers: Numbers) -> tuple[DecisionStatus, str]:
    """Apply a rule to numbers.

    Parameters
    ----------
    rule : DecisionPlan
    numbers : Numbers

    Returns
    -------
    status : str
        "met", "not met" or "can't tell at this size".
    reason : str

    Notes
    -----
    A change or a gap meets the rule where its interval lies wholly on the side promised, its adjusted p value is below
    alpha and the estimate is at least the smallest that matters; it does not where the interval rules that size out.
    A level meets it where its whole interval does. All else can't be told at this size.
    """
    if rule.measure not in _COMPARED:
        return _reached(rule, numbers)
    if math.isnan(numbers.p_adjusted) or math.isnan(numbers.low) or math.isnan(numbers.high):
        return CANT_TELL, "there are too few independent answers for a test"
    one = [_one_way(rule, way) for way in _ways(rule, numbers)]
    met = next((found for found in one if found[0] == "met"), None)
    if met:
        return met
    open_ways = [found for found in one if found[0] == CANT_TELL]
    return open_ways[0] if open_ways else one[0]


def decision_frame(plan: EvaluationPlan, results: Results) -> pd.DataFrame:
    """Execute every decision rule of a plan.

    Parameters
    ----------
    plan : EvaluationPlan
    results : Results

    Returns
    -------
    DataFrame
        Columns `DECISION_COLUMNS`, in the order of the plan; "rule" in the plan's words, "numbers" in words made from
        its numbers.
    """
    tables = [(plan.indicators, results.rows)]
    if plan.records is not None and results.records is not None:
        tables.append((plan.records.indicators, results.records.rows))
    found = [
        _row(indicator, one)
        for indicators, rows in tables
        for indicator in indicators
        for one in decide(indicator, rows)
    ]
    order = {name: place for place, name in enumerate(plan.records.order if plan.records else ())}
    return pd.DataFrame(
        sorted(found, key=lambda one: order.get(str(one["indicator"]), 0)), columns=list(DECISION_COLUMNS)
    )


def _ways(rule: DecisionPlan, numbers: Numbers) -> Iterator[Numbers]:
    """Turn the numbers so that up is the direction promised; both ways where either will do."""
    if rule.direction != "down":
        yield numbers
    if rule.direction != "up":
        yield replace(numbers, estimate=-numbers.estimate, low=-numbers.high, high=-numbers.low)


def _one_way(rule: DecisionPlan, numbers: Numbers) -> tuple[DecisionStatus, str]:
    """Judge a change or gap of which more is what was promised."""
    if numbers.high < rule.smallest:
        return "not met", "the interval rules out the smallest that matters"
    if numbers.low <= 0:
        reason = "the interval holds both none and the smallest that matters"
    elif numbers.p_adjusted >= rule.alpha:
        reason = "the test is not clear once the other comparisons are allowed for"
    elif numbers.estimate < rule.smallest:
        reason = "it lies in the direction promised, and may be smaller than what matters"
    else:
        return "met", "the interval lies wholly in the direction promised, and the estimate is at least what matters"
    if numbers.detectable > rule.smallest:
        reason += "; so few answers can't show the smallest that matters"
    return CANT_TELL, reason


def _reached(rule: DecisionPlan, numbers: Numbers) -> tuple[DecisionStatus, str]:
    """Judge a level that was to be reached; where there is no interval, all were counted."""
    low = numbers.estimate if math.isnan(numbers.low) else numbers.low
    high = numbers.estimate if math.isnan(numbers.high) else numbers.high
    if rule.direction == "down":
        low, high, line = -high, -low, -rule.smallest
    else:
        line = rule.smallest
    if low >= line:
        return "met", "the whole interval reaches the line"
    if high < line:
        return "not met", "the whole interval falls short of the line"
    return CANT_TELL, "the interval holds the line"


def _of_group(indicator: Indicator, rule: DecisionPlan, rows: pd.DataFrame, group: str) -> Decision:
    """Decide for one group of a survey's indicator."""
    of_group = rows[rows["group"] == group]
    if not len(of_group):
        return replace(_without(indicator, "refused", "the plan's run has no such number"), group=group)
    row = records_of(of_group)[0]
    numbers = Numbers(*(_number(row[name]) for name in _SURVEY_NUMBERS))
    known = {name: str(row[name]) for name in ("role", "measure", "wave", "by", "group")}
    status, reason = _judged(rule, numbers, str(row["refused"]), str(row["flags"]))
    return Decision(indicator.id, **known, status=status, reason=reason, numbers=numbers, caveats=str(row["flags"]))


def _judged(rule: DecisionPlan, numbers: Numbers, refused: str, flags: str) -> tuple[DecisionStatus, str]:
    """Judge the numbers of a row, unless it was refused or stands for something else."""
    if refused:
        return ("not collected" if _NOT_ASKED in refused else "refused"), refused
    status, reason = verdict(rule, numbers)
    told = [flag.strip() for flag in flags.split(_FLAG_END)]
    blocked = [why for start, why in _NOT_SEPARABLE.items() if any(flag.startswith(start) for flag in told)]
    if rule.measure == "change" and blocked and status != CANT_TELL:
        return "refused", " and ".join(blocked)
    return status, reason


def _of_records(indicator: Indicator, rule: DecisionPlan, rows: pd.DataFrame) -> tuple[Decision, ...]:
    """Decide on rows of the records of events: all together, or the groups that the rule names."""
    if not len(rows):
        return (_without(indicator, "not collected", "the records give nothing for it"),)
    named = rows[rows["measure"] == rule.measure]
    if not len(named):
        reason = f"the records give no {rule.measure!r}; {nearest(rule.measure, dict.fromkeys(rows['measure']))}"
        return (_without(indicator, "refused", reason),)
    units = list(dict.fromkeys(named["unit"].astype(str)))
    if (rule.unit or units[0]) not in units or (len(units) > 1 and not rule.unit):
        return (_without(indicator, "refused", f"the rule has to say its unit, one of {', '.join(map(repr, units))}"),)
    chosen = named[(named["unit"] == (rule.unit or units[0])) & (named["by2"] == "")]
    wanted = chosen[chosen["group"].isin(rule.groups) if rule.groups else chosen["by"] == ""]
    if not len(wanted):
        return (_without(indicator, "refused", "the records have no such group; name one with groups"),)
    return tuple(_of_record(indicator, rule, row) for row in records_of(wanted))


def _of_record(indicator: Indicator, rule: DecisionPlan, row: Mapping[str, object]) -> Decision:
    """Decide on one row of the records of events."""
    estimate, low, high, n = (_number(row[name]) for name in ("value", "low", "high", "n"))
    numbers = Numbers(estimate, low, high, n=n)
    status, reason = _judged(rule, numbers, str(row["refused"]), "")
    known = {name: str(row[name]) for name in ("measure", "unit", "by", "group")}
    flags = str(row["flags"])
    return Decision(
        indicator.id, indicator.role, **known, wave="", status=status, reason=reason, numbers=numbers, caveats=flags
    )


_SURVEY_NUMBERS: Final = ("estimate", "conf_low", "conf_high", "p_adjusted", "detectable", "n")


def _without(indicator: Indicator, status: DecisionStatus, reason: str) -> Decision:
    """Say why there is no decision."""
    measure = indicator.decision.measure if indicator.decision else ""
    return Decision(indicator.id, indicator.role, measure, "", "", "", status, reason, Numbers())


def _row(indicator: Indicator, decision: Decision) -> dict[str, object]:
    """Lay a decision out."""
    rule = indicator.decision
    numbers = {name: getattr(decision.numbers, name) for name in Numbers.__slots__}
    names = ("indicator", "role", "measure", "unit", "wave", "by", "group", "status", "reason", "caveats")
    return {
        **{name: getattr(decision, name) for name in names},
        **numbers,
        "outcome": indicator.outcome,
        "title": indicator.title,
        "rule": indicator.rule,
        "numbers": rule.words if rule else "",
        "smallest": rule.smallest if rule else math.nan,
        "alpha": rule.alpha if rule and rule.measure in _COMPARED else math.nan,
        "who_decides": indicator.who_decides,
        "publication": indicator.publication,
    }


def _number(value: object) -> float:
    """Read a number that may be missing."""
    return float(value) if isinstance(value, int | float) else math.nan
