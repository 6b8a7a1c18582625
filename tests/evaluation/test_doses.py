"""Answers by number of events attended, in a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import lpact_eval as lp
from lpact_eval.comparison.dose import attendance_dose
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

CONFIDENT = ["strongly agree", "tend to agree"]
NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "df")


@pytest.fixture(scope="module")
def results() -> lp.Results:
    return lp.run_plan(lp.read_plan(plan_file()))


@pytest.fixture(scope="module")
def rerun() -> lp.Sample:
    margins = lp.read_population("leicestershire-2021-by-ethnicity")
    return lp.rake(lp.read_wave("rerun"), margins, within="ethnicity", collapse=20)


def test_the_dose_is_that_of_the_public_function_without_differences(results: lp.Results, rerun: lp.Sample) -> None:
    adjust = results.plan.adjusters
    dose = attendance_dose(rerun, "conf_overall", CONFIDENT, events="lpact_events", adjust=adjust)
    table = dose.estimate.to_frame().set_index(["ethnicity", "lpact_events"])
    groups = results.dose[results.dose["by"] == "ethnicity"]
    assert not groups["group"].str.contains(" - ").any()
    for row in groups.to_dict("records"):
        for column in NUMBERS:
            np.testing.assert_allclose(row[column], table.loc[(row["group"], row["step"]), column], rtol=1e-12)
    white = groups[groups["group"] == "White"].set_index("step")
    assert white.loc["1 - 0", "n_first"] + white.loc["2+ - 0", "n_first"] == white.loc["per event", "n_first"]
    assert (results.dose["measure"] == "dose").all()
    assert not results.dose["flags"].str.contains("left out").any()


def test_events_that_are_no_numbers_are_refused_with_the_reason(own: Path) -> None:
    plan = lp.read_plan(own)
    assert plan.attendance is not None
    ran = lp.run_plan(replace(plan, attendance=replace(plan.attendance, dose="recruit_route")))
    found = ran.dose
    assert set(found["step"]) == {"per event"}
    assert found["refused"].str.startswith("Cannot count the events in 'recruit_route'").all()
    assert (ran.rows.loc[ran.rows["measure"] == "gap", "refused"] == "").any()
