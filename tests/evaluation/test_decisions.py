"""Decision rules are executed: met, not met, can't tell at this size, or why there is no decision."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.evaluation.decisions import CANT_TELL, DECISION_COLUMNS, Numbers, decide, decision_frame, verdict
from lpact_eval.evaluation.promises import Indicator
from lpact_eval.evaluation.theory import DecisionPlan
from lpact_eval.evidence.records import EVIDENCE_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

FIVE_POINTS = DecisionPlan("change", 0.05)


def numbers(estimate: float, low: float, high: float, *, p: float = 0.01, detectable: float = 0.04) -> Numbers:
    return Numbers(estimate, low, high, p, detectable, 100)


@pytest.mark.parametrize(
    ("found", "status", "reason"),
    [
        (numbers(0.10, 0.02, 0.18), "met", "wholly in the direction promised"),
        (numbers(0.05, 0.001, 0.10, p=0.049), "met", "at least what matters"),
        (numbers(0.10, 0.02, 0.18, p=0.05), CANT_TELL, "once the other comparisons are allowed for"),
        (numbers(0.04, 0.01, 0.07), CANT_TELL, "may be smaller than what matters"),
        (numbers(0.03, -0.02, 0.08, p=0.2), CANT_TELL, "holds both none and the smallest that matters"),
        (numbers(0.03, 0.01, 0.049), "not met", "rules out the smallest that matters"),
        (numbers(-0.10, -0.18, -0.02), "not met", "rules out"),
        (numbers(0.00, -0.04, 0.04, p=0.9), "not met", "rules out"),
        (numbers(0.03, -0.09, 0.15, p=0.6, detectable=0.2), CANT_TELL, "so few answers can't show"),
        (numbers(0.10, 0.02, 0.18, p=math.nan), CANT_TELL, "too few independent answers"),
        (numbers(0.10, math.nan, 0.18), CANT_TELL, "too few independent answers"),
    ],
)
def test_a_rise_of_five_points_is_decided_by_hand(found: Numbers, status: str, reason: str) -> None:
    got, why = verdict(FIVE_POINTS, found)
    assert got == status
    assert reason in why


def test_a_fall_meets_a_rule_that_promises_one_and_either_way_meets_both() -> None:
    rise, fall = numbers(0.10, 0.02, 0.18), numbers(-0.10, -0.18, -0.02)
    small, open_ = numbers(0.0, -0.04, 0.04, p=0.9), numbers(0.0, -0.06, 0.04, p=0.9)
    down, either = (replace(FIVE_POINTS, direction=way) for way in ("down", "either"))
    assert [verdict(down, one)[0] for one in (rise, fall, small, open_)] == ["not met", "met", "not met", CANT_TELL]
    assert [verdict(either, one)[0] for one in (rise, fall, small, open_)] == ["met", "met", "not met", CANT_TELL]


@pytest.mark.parametrize(
    ("direction", "low", "high", "status"),
    [
        ("up", 0.60, 0.70, "met"),
        ("up", 0.59, 0.70, CANT_TELL),
        ("up", 0.40, 0.59, "not met"),
        ("down", 0.40, 0.60, "met"),
        ("down", 0.50, 0.61, CANT_TELL),
        ("down", 0.61, 0.70, "not met"),
    ],
)
def test_a_level_is_reached_by_its_whole_interval(direction: str, low: float, high: float, status: str) -> None:
    rule = DecisionPlan("level", 0.6, direction)  # pyright: ignore[reportArgumentType] - parametrised
    assert verdict(rule, Numbers((low + high) / 2, low, high))[0] == status


def test_a_count_of_all_is_its_own_interval() -> None:
    assert verdict(DecisionPlan("events", 6), Numbers(6.0))[0] == "met"
    assert verdict(DecisionPlan("events", 6), Numbers(5.0))[0] == "not met"
    assert verdict(DecisionPlan("days", 30, "down"), Numbers(31.0))[0] == "not met"


ORDER = {"not met": 0, CANT_TELL: 1, "met": 2}
SHARES = st.floats(-1, 1)


@given(SHARES, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 0.999), st.floats(0, 1), SHARES)
def test_moving_the_interval_up_never_lowers_the_decision(  # noqa: PLR0917 - one number each
    estimate: float, below: float, above: float, up: float, smallest: float, p: float, detectable: float
) -> None:
    rule = DecisionPlan("change", smallest)
    first = Numbers(estimate, estimate - below, estimate + above, p, detectable)
    moved = Numbers(estimate + up, estimate + up - below, estimate + up + above, p, detectable)
    assert ORDER[verdict(rule, first)[0]] <= ORDER[verdict(rule, moved)[0]]
    level = replace(rule, measure="level")
    assert ORDER[verdict(level, first)[0]] <= ORDER[verdict(level, moved)[0]]


@given(SHARES, st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 0.999), st.floats(0, 1))
def test_an_interval_that_holds_both_never_decides(  # noqa: PLR0917 - as above
    estimate: float, below: float, above: float, smallest: float, p: float
) -> None:
    low, high = estimate - below, estimate + above
    if low <= 0 and high >= smallest:
        assert verdict(DecisionPlan("change", smallest), Numbers(estimate, low, high, p))[0] == CANT_TELL


def indicator(**more: object) -> Indicator:
    given = {"id": "5.1", "outcome": 5, "title": "Confidence", "variable": "conf_overall", "by": "ethnicity"}
    return Indicator(**{**given, "groups": ("Black",), "decision": FIVE_POINTS, **more})  # pyright: ignore[reportArgumentType]


def rows(*changes: dict[str, object]) -> pd.DataFrame:
    """Lay out rows of a run, by default one change that meets the rule."""
    found = {"estimate": 0.1, "conf_low": 0.02, "conf_high": 0.18, "p_value": 0.01, "p_adjusted": 0.01, "n": 300.0}
    place = {"indicator": "5.1", "measure": "change", "wave": "rerun - 2022", "by": "ethnicity", "group": "Black"}
    told = {"role": "primary", "main": True, "detectable": 0.04, "flags": "", "refused": ""}
    usual: dict[str, object] = dict.fromkeys(ROW_COLUMNS, math.nan) | found | place | told
    return pd.DataFrame([usual | change for change in changes or [{}]])


def test_the_adjusted_p_value_decides_and_not_the_raw_one() -> None:
    [met] = decide(indicator(), rows())
    [unclear] = decide(indicator(), rows({"p_adjusted": 0.06}))
    assert (met.status, unclear.status) == ("met", CANT_TELL)
    assert (met.indicator, met.measure, met.wave, met.by, met.group) == (
        *("5.1", "change", "rerun - 2022", "ethnicity", "Black"),
    )


def test_only_the_headline_row_of_the_right_group_and_indicator_decides() -> None:
    others = ({"main": False}, {"group": "White"}, {"indicator": "5.2"}, {"measure": "gap"})
    not_met = {"conf_low": -0.2, "conf_high": 0.01, "estimate": -0.1}
    [found] = decide(indicator(), rows(*others, not_met))
    assert found.status == "not met"


def test_there_is_a_decision_for_every_group_that_the_rule_is_about() -> None:
    table = rows({}, {"group": "White", "p_adjusted": 0.5}, {"group": "All respondents", "refused": "fewer than 10"})
    named = indicator(groups=(), decision=replace(FIVE_POINTS, groups=("White", "All respondents")))
    assert [(one.group, one.status) for one in decide(named, table)] == [
        ("White", CANT_TELL),
        ("All respondents", "refused"),
    ]
    assert [one.group for one in decide(indicator(groups=()), table)] == ["All respondents"]


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"refused": "fewer than 10 respondents"}, "refused", "fewer than 10 respondents"),
        ({"refused": "was not asked in 2022"}, "not collected", "was not asked in 2022"),
        ({"flags": "wide; mode changed: completely"}, "refused", "asked in another way"),
        ({"flags": "composition-sensitive: yes"}, "refused", "ways of comparing the surveys disagree"),
        ({"flags": "mode changed: x", "conf_low": -0.1}, CANT_TELL, "holds both"),
        ({"flags": "fewer than 8 degrees of freedom"}, "met", "wholly"),
    ],
)
def test_what_was_refused_or_can_not_be_told_apart_is_not_decided(
    change: dict[str, object], status: str, reason: str
) -> None:
    [found] = decide(indicator(), rows(change))
    assert found.status == status
    assert reason in found.reason
    assert found.caveats == change.get("flags", "")


def test_a_level_is_decided_in_the_last_survey() -> None:
    table = rows(
        *({"measure": "level", "wave": wave, "conf_low": low} for wave, low in (("2022", 0.0), ("rerun", 0.11)))
    )
    [found] = decide(indicator(decision=DecisionPlan("level", 0.1)), table)
    assert (found.status, found.wave) == ("met", "rerun")


def test_a_rule_in_words_alone_is_left_to_the_reader() -> None:
    [found] = decide(indicator(decision=None, rule="Confidence rose."), rows())
    assert found.status == "left to the reader"
    assert decide(indicator(decision=None), rows()) == ()


def test_a_row_that_the_run_does_not_have_is_no_decision() -> None:
    [found] = decide(indicator(), rows({"indicator": "5.9"}))
    assert (found.status, found.group) == ("refused", "Black")


def evidence(*changes: dict[str, object]) -> pd.DataFrame:
    found = {"measure": "answered", "unit": "share", "value": 0.9, "low": 0.8, "high": 0.95, "n": 40}
    usual = dict.fromkeys(EVIDENCE_COLUMNS, "") | found
    return pd.DataFrame([{"indicator": "3.3", **usual, **change} for change in changes])


def test_records_of_events_are_decided_all_together_or_group_by_group() -> None:
    promised = {"id": "3.3", "source": "events", "measure": "actions", "groups": (), "by": "", "variable": ""}
    by_area = {"by": "department", "group": "Custody", "value": 0.1, "low": 0.05, "high": 0.2}
    table = evidence({}, by_area, {"measure": "done", "value": 0.0})
    [together] = decide(indicator(**promised, decision=DecisionPlan("answered", 0.8)), table)
    assert (together.status, together.group) == ("met", "")
    [one] = decide(indicator(**promised, decision=DecisionPlan("answered", 0.8, groups=("Custody",))), table)
    assert (one.status, one.group) == ("not met", "Custody")
    [none] = decide(indicator(**promised, decision=DecisionPlan("answered", 0.8)), table.iloc[:0])
    assert none.status == "not collected"
    [small] = decide(indicator(**promised, decision=DecisionPlan("answered", 0.8)), evidence({"refused": "too few"}))
    assert (small.status, small.reason) == ("refused", "too few")


@pytest.mark.parametrize(
    ("rule", "status", "reason"),
    [
        (DecisionPlan("anwered", 0.8), "refused", "did you mean 'answered'"),
        (DecisionPlan("answered", 0.8), "refused", "say its unit, one of 'share', 'count'"),
        (DecisionPlan("answered", 0.8, unit="shares"), "refused", "say its unit"),
        (DecisionPlan("answered", 0.8, unit="share"), "met", ""),
        (DecisionPlan("answered", 40, unit="count"), "not met", ""),
        (DecisionPlan("answered", 0.8, unit="share", groups=("Nowhere",)), "refused", "no such group"),
    ],
)
def test_a_rule_about_records_names_one_number(rule: DecisionPlan, status: str, reason: str) -> None:
    table = evidence({}, {"unit": "count", "value": 36.0, "low": math.nan, "high": math.nan})
    promised = indicator(id="3.3", source="events", measure="actions", groups=(), by="", variable="", decision=rule)
    [found] = decide(promised, table)
    assert found.status == status
    assert reason in found.reason


def test_a_plans_rules_are_laid_out_in_its_order(own: Path) -> None:
    text = own.read_text(encoding="utf-8").rstrip() + '\ndecision = { measure = "change", smallest = 0.05 }\n'
    text += 'who_decides = "The chief officer"\n'
    own.write_text(text, encoding="utf-8")
    plan = lp.read_plan(own)
    found = decision_frame(plan, lp.run_plan(plan))
    assert tuple(found.columns) == DECISION_COLUMNS
    [row] = found.to_dict("records")
    assert (row["indicator"], row["group"], row["who_decides"]) == ("5.1", "Black", "The chief officer")
    assert row["status"] == CANT_TELL  # 50 Black respondents in 2022: the interval holds none and ten points
    assert row["low"] < 0 < row["smallest"] < row["high"]
    assert not any(character.isdigit() for character in str(row["reason"]))
