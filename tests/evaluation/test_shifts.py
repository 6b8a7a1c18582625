"""The shift over all answers beside a change: by hand, towards a named end, and refused where answers don't compare."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.evaluation.changes import change_rows
from lpact_eval.evaluation.plan import read_plan
from lpact_eval.evaluation.promises import Indicator
from lpact_eval.evaluation.rows import ALL, Prepared, Row, level_rows
from lpact_eval.evaluation.shifts import EVEN, TOO_FEW, framed, shift_rows
from lpact_eval.resources import plan_file

ANSWERS = ("agree", "neither", "disagree")
BEFORE = {"2022": (8, 8, 4), "rerun": (12, 4, 4)}
INDICATOR = Indicator("5.1", 5, "Fair", "fair", answers=("agree",), by="ethnicity", role="primary")
SAME = {("fair", wave): "agreement, 3 answers" for wave in BEFORE}


def prepared(counts: dict[str, tuple[int, int, int]], **meaning: object) -> Prepared:
    """Respondents of one group, everybody with the same weight, who gave each answer of a scale so many times."""
    parts = [
        lp.Sample.from_frame(
            pd.DataFrame(
                {
                    "fair": pd.Categorical(np.repeat(ANSWERS, numbers), categories=ANSWERS),
                    "ethnicity": pd.Categorical(["Black"] * sum(numbers)),
                }
            )
        )
        for numbers in counts.values()
    ]
    item = lp.Variable("fair", "Fair", kind="scale", answers=ANSWERS, positive=("agree",))
    book = {"fair": replace(item, **meaning), "ethnicity": lp.Variable("ethnicity", "Group", answers=("Black",))}
    days = [dt.date(2022 + 2 * place, 5, 1) for place in range(len(counts))]
    moments = tuple(lp.Wave(name, name, day, day) for name, day in zip(counts, days, strict=True))
    whole = replace(lp.stack(parts, list(counts)), codebook=book, waves=moments)
    alone = {name: replace(part, codebook=book) for name, part in zip(counts, parts, strict=True)}
    by_wave = {name: (part, part) for name, part in alone.items()}
    return Prepared(whole, whole, by_wave, ("population", "within group"), tuple(counts))


def shifts(ready: Prepared, scales: dict[tuple[str, str], str] = SAME, indicator: Indicator = INDICATOR) -> list[Row]:
    plan = read_plan(plan_file())
    rows = [*level_rows(ready, indicator), *change_rows(ready, plan, indicator)]
    return shift_rows(ready, indicator, rows, scales)


def test_the_chance_by_hand() -> None:
    """60, 20 and 20 % against 40, 40 and 20 %.

    Agreeing beats the other two: .6 x .6; neither beats disagreeing: .2 x .2; ties: (.6 x .4 + .2 x .4 + .2 x .2) / 2.
    """
    whole, black = shifts(prepared(BEFORE))
    assert whole["estimate"] == pytest.approx(0.36 + 0.04 + 0.18)
    assert (whole["group"], black["group"]) == (ALL, "Black")
    assert (black["by"], black["weights"]) == ("ethnicity", "within group")
    assert (black["n"], black["n_first"], black["n_second"]) == (40, 20, 20)
    assert black["answer"] == "agree"
    assert black["favourable"] is True


def test_the_p_value_agrees_with_the_interval() -> None:
    """Both leave out an even chance, or neither does."""
    row = shifts(prepared({"2022": (40, 80, 80), "rerun": (80, 80, 40)}))[0]
    assert float(str(row["conf_low"])) > EVEN
    assert float(str(row["p_value"])) < 0.05
    even = shifts(prepared({"2022": (40, 80, 80), "rerun": (40, 80, 80)}))[0]
    assert even["estimate"] == pytest.approx(EVEN)
    assert even["p_value"] == pytest.approx(1.0)


def test_a_scale_without_favourable_answers_runs_towards_its_last_answer() -> None:
    row = shifts(prepared(BEFORE, positive=()))[0]
    assert row["answer"] == "disagree"
    assert row["favourable"] is False
    assert row["estimate"] == pytest.approx(1 - 0.58)


def test_the_end_of_the_scale_is_named_even_where_nobody_gave_that_answer() -> None:
    row = shifts(prepared({"2022": (8, 12, 0), "rerun": (12, 8, 0)}, positive=()))[0]
    assert row["answer"] == "disagree"
    assert row["estimate"] == pytest.approx(1 - (0.6 * 0.6 + (0.6 * 0.4 + 0.4 * 0.6) / 2))


@pytest.mark.parametrize(
    ("meaning", "reason"),
    [
        ({"comparable": {"rerun": "partial"}}, "only partly the same in both waves"),
        ({"comparable": {"rerun": "none"}, "reason": {"rerun": "Four points"}}, "can't be compared in rerun: Four"),
        ({"comparable": {"2022": "not asked"}}, "was not asked in 2022"),
    ],
)
def test_answers_that_do_not_compare_have_no_shift_and_it_is_said_why(meaning: dict[str, object], reason: str) -> None:
    for row in shifts(prepared(BEFORE, **meaning)):
        assert reason in str(row["refused"])
        assert np.isnan(float(str(row["estimate"])))


def test_a_survey_that_offered_fewer_points_has_no_shift() -> None:
    scales = {**SAME, ("fair", "rerun"): "agreement, 2 of 3 answers"}
    for row in shifts(prepared(BEFORE), scales):
        assert "did not offer the same answers" in str(row["refused"])
        assert np.isnan(float(str(row["estimate"])))
        assert row["n_first"] == 20


def test_without_a_change_there_is_no_shift() -> None:
    row = shifts(prepared({"2022": (5, 5, 4), "rerun": (12, 4, 4)}))[0]
    assert row["refused"] == TOO_FEW
    assert np.isnan(float(str(row["estimate"])))


def test_reasons_do_not_tell_how_the_answers_lie() -> None:
    """Everyone of the later survey answers above everyone of the earlier."""
    row = shifts(prepared({"2022": (0, 5, 15), "rerun": (20, 0, 0)}))[0]
    assert row["refused"] == TOO_FEW


def test_what_is_not_on_a_scale_has_no_shift() -> None:
    assert shifts(prepared(BEFORE, kind="category")) == []
    assert shifts(prepared({"2022": BEFORE["2022"]})) == []


def test_flags_of_the_change_s_own_interval_are_those_of_the_shift() -> None:
    """Of forty respondents either interval is wider than 15 points either way, of four hundred neither."""
    row = shifts(prepared({"2022": (40, 80, 80), "rerun": (80, 80, 40)}))[0]
    assert "interval is wider" not in str(row["flags"])
    assert "interval is wider" in str(shifts(prepared(BEFORE))[0]["flags"])


def test_tests_are_adjusted_for_each_other() -> None:
    """Benjamini and Hochberg of two equal p values leave them as they are."""
    frame = framed(shifts(prepared(BEFORE)))
    np.testing.assert_allclose(frame["p_adjusted"], frame["p_value"])
    assert set(frame["family"]) == {"exploratory"}
    assert framed([]).empty


def test_the_demo_s_shift_is_that_of_the_public_function_and_rests_on_the_change_s_respondents() -> None:
    results = lp.run_plan(read_plan(plan_file()))
    margins = lp.read_population("leicestershire-2021-by-ethnicity")
    waves = [lp.rake(lp.read_wave(wave), margins, within="ethnicity", collapse=20) for wave in ("2022", "rerun")]
    stacked = lp.stack(waves)
    shift = lp.ordinal_shift(stacked, "conf_overall", "wave", "rerun", minus="2022", by="ethnicity").to_frame()
    wanted = shift[shift["ethnicity"] == "Black"].iloc[0]
    found = results.shifts[results.shifts["group"] == "Black"].iloc[0]
    for name in ("estimate", "std_error", "conf_low", "conf_high", "df", "n", "n_effective"):
        assert found[name] == pytest.approx(wanted[name], rel=1e-10)
    changes = results.rows[(results.rows["measure"] == "change") & results.rows["main"]]
    changes = changes[changes["indicator"] == "5.1"].set_index("group")
    both = results.shifts.set_index("group")
    pd.testing.assert_frame_equal(
        both[["n", "n_first", "n_second"]], changes.loc[both.index, ["n", "n_first", "n_second"]], check_dtype=False
    )
    assert set(results.shifts["indicator"]) == {"5.1"}  # the plan's one primary question
    assert results.slopes.empty
