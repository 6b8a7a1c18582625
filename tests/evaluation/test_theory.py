"""The theory of change numbers its outcomes; decisions and planned sizes name only what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.plan import read_plan
from lpact_eval.evaluation.theory import OUTCOMES, DecisionPlan, unanswered

if TYPE_CHECKING:
    from pathlib import Path

THEORY = """
[theory]
inputs = ["officers' time"]
activities = ["events"]
outputs = ["people who came"]
assumptions = ["people hear of the events"]
risks = ["the same people come each time"]
[theory.outcomes]
1 = "relationships"
2 = "understanding"
3 = "action"
4 = "lay observation"
5 = "confidence"

[[indicator]]"""
DECISION = 'decision = { measure = "change", smallest = 0.05 }'


def add(path: Path, text: str = "", *, theory: str = "") -> Path:
    """Write keys into the plan's one indicator, and a theory of change before it."""
    content = path.read_text(encoding="utf-8").replace("[[indicator]]", theory or "[[indicator]]", 1)
    path.write_text(content.rstrip() + "\n" + text + "\n", encoding="utf-8")
    return path


def test_a_full_plan_is_read(own: Path) -> None:
    sizes = 'planned_n = { 2022 = { Black = 100 }, rerun = { Black = 200, "All respondents" = 450 } }'
    words = 'who_decides = "The chief officer"\npublication = "The technical report"'
    plan = read_plan(add(own, f"{DECISION}\n{sizes}\n{words}", theory=THEORY))
    [indicator] = plan.indicators
    assert plan.theory is not None
    assert tuple(plan.theory.outcomes) == OUTCOMES
    assert indicator.decision == DecisionPlan("change", 0.05)
    assert indicator.planned_n["rerun"] == {"Black": 200, "All respondents": 450}
    assert (indicator.who_decides, indicator.publication) == ("The chief officer", "The technical report")
    assert unanswered(plan.theory, plan.indicators) == ("1", "2", "3", "4")


def test_a_plan_without_all_this_is_read_as_before(own: Path) -> None:
    plan = read_plan(own)
    assert (plan.theory, plan.claim, plan.indicators[0].decision) == (None, None, None)
    assert not plan.indicators[0].planned_n
    assert unanswered(None, plan.indicators) == ("1", "2", "3", "4")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('4 = "lay observation"\n', "", r"plan.toml:\d+: .*five outcomes.*outcome 4 is missing"),
        ('5 = "confidence"', '5 = "confidence"\n6 = "more"', "outcome '6' is none of them"),
        ('5 = "confidence"', '5 = ""', "at least 1 character"),
        ('risks = ["the same people come each time"]\n', "", "'risks' is missing"),
        ("inputs =", "imputs =", r"unknown key 'imputs' in \[theory\]; did you mean 'inputs'"),
    ],
)
def test_a_theory_of_change_without_its_parts_is_refused(own: Path, old: str, new: str, said: str) -> None:
    assert old in THEORY
    with pytest.raises(DefinitionError, match=said):
        read_plan(add(own, theory=THEORY.replace(old, new)))


def test_an_indicator_of_no_outcome_is_refused(own: Path) -> None:
    own.write_text(own.read_text(encoding="utf-8").replace("outcome = 5", "outcome = 7"), encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"plan.toml:\d+: indicator '5.1' is of outcome 7"):
        read_plan(add(own, theory=THEORY))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DECISION.replace("change", "gup"), "decides on 'gup'; did you mean 'gap'"),
        (DECISION.replace("0.05", "5"), "smallest is 5; shares lie in 0-1"),
        (DECISION.replace("0.05", "0"), "greater than 0"),
        (DECISION.replace("0.05", "nan"), "finite number"),
        (DECISION.replace("0.05", "0.05, alpha = 0.1"), "less than or equal to 0.05"),
        (DECISION.replace("0.05", '0.05, direction = "upp"'), "'up', 'down' or 'either'"),
        (DECISION.replace("0.05", '0.05, groups = ["Blak"]'), "there is no group 'Blak'; did you mean 'Black'"),
        (DECISION.replace("0.05", '0.05, unit = "points"'), "shares of surveys have no other unit"),
        (DECISION.replace("change", "level").replace("0.05", '0.5, direction = "either"'), '"either" way'),
        ("planned_n = { reron = { Black = 100 } }", "there is no wave 'reron' in this plan; did you mean 'rerun'"),
        ("planned_n = { rerun = { Blak = 100 } }", "there is no group 'Blak'; did you mean 'Black'"),
        ("planned_n = { rerun = { Black = 0 } }", "greater than 0"),
    ],
)
def test_a_promise_of_what_is_not_there_is_refused_with_its_line(own: Path, text: str, said: str) -> None:
    last = len(own.read_text(encoding="utf-8").rstrip().splitlines()) + 1
    with pytest.raises(DefinitionError, match=said) as refused:
        read_plan(add(own, text))
    assert f"plan.toml:{last}: " in str(refused.value)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("planned_n = { rerun = { Black = 10 } }", "records of events have no planned numbers of respondents"),
        ('decision = { measure = "answered", smallest = 0.8, direction = "either" }', '"either" way'),
    ],
)
def test_an_indicator_of_records_promises_no_respondents_and_no_two_ways(own: Path, key: str, said: str) -> None:
    events = 'id = "1.2"\noutcome = 1\ntitle = "Actions"\nsource = "events"\nmeasure = "actions"'
    with pytest.raises(DefinitionError, match=said):
        read_plan(add(own, f"[events]\n[[indicator]]\n{events}\n{key}"))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (DecisionPlan("change", 0.1, "down"), "Met if the change is downwards, at least 10 points, and its adjusted"),
        (
            DecisionPlan("gap", 0.075, "either"),
            "difference between attendees and others is in either direction, at least 7.5",
        ),
        (DecisionPlan("level", 0.6), "Met if the whole interval of the share in the last survey is at least 60 %."),
        (DecisionPlan("answered", 30, "down"), "Met if answered is at most 30, its whole interval included."),
        (DecisionPlan("told", 0.5, unit="share"), "Met if told (share) is at least 0.5"),
    ],
)
def test_a_rule_in_numbers_is_put_into_words(rule: DecisionPlan, said: str) -> None:
    assert said in rule.words


def test_two_indicators_of_one_id_are_refused(own: Path) -> None:
    events = 'id = "5.1"\noutcome = 1\ntitle = "Actions"\nsource = "events"\nmeasure = "actions"'
    with pytest.raises(DefinitionError, match=r"plan\.toml:\d+: the id '5\.1' is given twice\. Change one"):
        read_plan(add(own, f"[events]\n[[indicator]]\n{events}"))
