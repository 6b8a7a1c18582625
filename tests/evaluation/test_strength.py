"""The strength of evidence is what the design allows, or what the plan claims where that is less."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.plan import read_plan
from lpact_eval.evaluation.strength import evidence_strength

if TYPE_CHECKING:
    from pathlib import Path

EVENT = "first_event = 2022-07-04\n"
ADJUST = 'adjust = ["age_band", "sex", "area_group", "contact_12m", "stopped_12m"]\n'
BOTH = 'analyses = ["change", "gap"]'


def edited(path: Path, *changes: tuple[str, str]) -> Path:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ([], 2),
        ([(BOTH, 'analyses = ["change"]')], 2),
        ([(BOTH, 'analyses = ["gap"]')], 2),
        ([(EVENT, "")], 2),  # attendees are still compared
        ([(EVENT, ""), (BOTH, 'analyses = ["change"]')], 1),
        ([(EVENT, "first_event = 2022-05-16\n"), (BOTH, 'analyses = ["change"]')], 1),
        ([(EVENT, "first_event = 2022-05-17\n"), (BOTH, 'analyses = ["change"]')], 2),
        ([(ADJUST, ""), (BOTH, 'analyses = ["gap"]')], 1),
        ([(BOTH, 'analyses = ["level"]')], 1),
        ([('waves = ["2022", "rerun"]', 'waves = ["rerun"]'), (BOTH, 'analyses = ["level"]')], 1),
        ([('waves = ["2022", "rerun"]', 'waves = ["rerun"]')], 2),
    ],
)
def test_the_level_follows_from_the_design(own: Path, changes: list[tuple[str, str]], level: int) -> None:
    found = evidence_strength(read_plan(edited(own, *changes)))
    assert (found.level, found.allowed) == (level, level)
    assert found.sentences[0].startswith(f"The evidence is at level {level} of the five of the Maryland scale")
    assert found.sentences[-1].startswith("Level 3 would need an area without the programme")


def test_a_plan_may_claim_less_and_says_why(own: Path) -> None:
    claim = '[claim]\nlevel = 1\nbecause = "the baseline is not clean"\n\n[[indicator]]'
    found = evidence_strength(read_plan(edited(own, ("[[indicator]]", claim))))
    assert (found.level, found.allowed) == (1, 2)
    assert "The design would allow level 2; the plan claims less: the baseline is not clean." in found.sentences


@pytest.mark.parametrize("level", [3, 5])
def test_a_plan_may_not_claim_more(own: Path, level: int) -> None:
    with pytest.raises(
        DefinitionError, match=rf"plan.toml:\d+: .*claims level {level} .*design allows 2.*area without"
    ):
        read_plan(edited(own, ("[[indicator]]", f"[claim]\nlevel = {level}\n\n[[indicator]]")))


def test_what_a_plan_lacks_for_its_claim_is_told(own: Path) -> None:
    changes = (EVENT, ""), (ADJUST, ""), ("[[indicator]]", "[claim]\nlevel = 2\n\n[[indicator]]")
    with pytest.raises(DefinitionError, match=r"allows 1\. The day of the first event is not stated.*any variable"):
        read_plan(edited(own, *changes))


def test_levels_beyond_the_scale_are_none(own: Path) -> None:
    with pytest.raises(DefinitionError, match="less than or equal to 5"):
        read_plan(edited(own, ("[[indicator]]", "[claim]\nlevel = 6\n\n[[indicator]]")))


def test_a_baseline_that_is_not_clean_is_said_so(own: Path) -> None:
    not_clean = "Part of the first survey was answered after the first event, so that the baseline is not clean."
    assert not_clean in evidence_strength(read_plan(own)).sentences
    clean = read_plan(edited(own, (EVENT, "first_event = 2022-08-01\n")))
    assert not_clean not in evidence_strength(clean).sentences


def test_comparisons_without_a_result_count_for_nothing(own: Path) -> None:
    plan = read_plan(own)
    results = lp.run_plan(plan)
    assert evidence_strength(plan, results).level == 2
    none = replace(results, indicators=results.indicators.assign(status="refused"))
    found = evidence_strength(plan, none)
    assert found.level == 1
    assert "What the surveys say could not be compared over time." in found.sentences
    empty = replace(results, indicators=pd.DataFrame())
    assert evidence_strength(plan, empty).level == 1
