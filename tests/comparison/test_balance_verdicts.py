"""What balance and overlap allow: passes, warnings and refusals, by the tables' numbers."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from lpact_eval.comparison.balance import ALL, Arms, overlap_table
from lpact_eval.comparison.overlap import OVERLAP_ONLY, TOO_FAR, positivity, verdicts

GROUP = "ethnicity"


def balance(*after: float) -> pd.DataFrame:
    names = [f"adjuster {place}" for place in range(len(after))]
    return pd.DataFrame({GROUP: ALL, "covariate": names, "answer": "", "smd_after": after})


def overlap(effective: tuple[float, float] = (40, 60), largest: tuple[float, float] = (0.05, 0.05)) -> pd.DataFrame:
    arms = ["attended", "not attended"]
    return pd.DataFrame({GROUP: ALL, "arm": arms, "n_effective": effective, "largest_share": largest})


def scored(outside: float) -> pd.DataFrame:
    return overlap().assign(outside=[outside, 0.5])


def test_all_differences_under_a_tenth_and_enough_effective_respondents_pass() -> None:
    verdict = verdicts(balance(0.099, -0.05), overlap(), GROUP, "att")[ALL]
    assert (verdict.standing, verdict.refused, verdict.flags) == ("pass", "", ())


@pytest.mark.parametrize("left", [0.10, -0.25])
def test_differences_of_a_tenth_to_a_quarter_are_a_warning_that_names_them(left: float) -> None:
    verdict = verdicts(balance(0.01, left), overlap(), GROUP, "att")[ALL]
    assert verdict.standing == "warn"
    assert verdict.flags == ("a difference of 0.10 or more is left after weighting in adjuster 1",)


def test_a_difference_over_a_quarter_is_no_comparison() -> None:
    verdict = verdicts(balance(0.12, -0.26), overlap(), GROUP, "att")[ALL]
    assert verdict.standing == "refuse"
    assert verdict.refused == ""  # the number stays, what may be said of it doesn't
    first = "attendees and others differ clearly after weighting in adjuster 1: not like compared with like"
    assert verdict.flags == (first, "a difference of 0.10 or more is left after weighting in adjuster 0")


@pytest.mark.parametrize(
    ("effective", "standing", "refused", "flags"),
    [
        ((9.9, 40), "refuse", "fewer than 10 effective respondents attended after weighting", 0),
        ((40, 9.9), "refuse", "fewer than 10 effective respondents did not attend after weighting", 0),
        ((40, 14.9), "warn", "", 1),
        ((12, 40), "pass", "", 1),
        ((40, 15.1), "pass", "", 1),
        ((20, 20), "pass", "", 0),
    ],
)
def test_few_effective_respondents_are_flagged_and_very_few_refused(
    effective: tuple[float, float], standing: str, refused: str, flags: int
) -> None:
    verdict = verdicts(balance(0.0), overlap(effective), GROUP, "ato")[ALL]
    assert (verdict.standing, verdict.refused, len(verdict.flags)) == (standing, refused, flags)
    assert all("fewer than 20 effective respondents" in flag for flag in verdict.flags)


def test_one_respondent_with_a_tenth_of_an_arm_is_a_warning() -> None:
    verdict = verdicts(balance(0.0), overlap(largest=(0.05, 0.10)), GROUP, "att")[ALL]
    assert verdict.standing == "warn"
    assert verdict.flags == ("one respondent has 10% or more of the weight of those who did not attend",)


@pytest.mark.parametrize(
    ("outside", "estimand", "refused", "flag"),
    [
        (0.0, "att", "", ""),
        (0.0, "ate", "", ""),
        (0.01, "ato", "", ""),
        (0.9, "ATO", "", ""),
        (0.01, "ate", OVERLAP_ONLY, ""),
        (0.20, "att", "", OVERLAP_ONLY),
        (0.21, "ATT", TOO_FAR, ""),
        (np.nan, "att", "", ""),
    ],
)
def test_attendees_outside_the_others_range_leave_overlap_weights_only(
    outside: float, estimand: str, refused: str, flag: str
) -> None:
    assert positivity(scored(outside), GROUP, estimand)[ALL] == (refused, flag)
    verdict = verdicts(balance(0.0), scored(outside), GROUP, estimand)[ALL]
    assert verdict.refused == refused
    assert verdict.standing == ("refuse" if refused else "warn" if flag else "pass")


def test_the_words_name_no_number_of_the_respondents() -> None:
    """Scores .2 and .9 against .1 and .5: the second attendee lies outside, with 3 of 4 of the weight."""
    arms = Arms(np.array([True, True, False, False]), np.array([1.0, 3, 1, 1]), np.zeros(4, dtype=int), (ALL,))
    table = overlap_table(arms, GROUP, scores={ALL: np.array([0.2, 0.9, 0.1, 0.5])})
    assert table["outside"].tolist() == [0.75, 0.5]
    assert table["score_high"].tolist() == [0.9, 0.5]
    refused, _ = positivity(table, GROUP, "att")[ALL]
    assert refused == "over 20% of attendees have scores outside the range of the others: overlap weights only"
    assert not re.search(r"0\.\d", refused)
