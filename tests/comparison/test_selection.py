"""What selection would have to be like to explain a change: ratios and differences worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.comparison.selection import moved_flags, reached_tipping
from lpact_eval.comparison.tipping import Tipping, participation_tipping, tipping_difference
from lpact_eval.errors import WrongUseError

SHARES = st.floats(0.01, 0.99)


def survey(*, officers: tuple[int, int], confident: dict[tuple[str, str], int]) -> lp.Sample:
    """Two waves of 40: so many answered with an officer present, and so many of them and of others are confident."""
    rows = [
        {
            "wave": wave,
            "interviewer": who,
            "mode": "paper",
            "ethnicity": "Black",
            "conf": "yes" if number < confident[wave, who] else "no",
        }
        for wave, with_officer in zip(("2022", "rerun"), officers, strict=True)
        for who, size in (("police officer", with_officer), ("nobody", 40 - with_officer))
        for number in range(size)
    ]
    return lp.Sample.from_frame(pd.DataFrame(rows))


# 2022: 10 of 40 with an officer, 8 + 12 = 20 confident. Re-run: 20 of 40 with one, 16 + 10 = 26 confident.
MOVED = {
    ("2022", "police officer"): 8,
    ("2022", "nobody"): 12,
    ("rerun", "police officer"): 16,
    ("rerun", "nobody"): 10,
}


def test_the_tipping_ratio_is_the_ratio_of_odds() -> None:
    """.25 is odds of 1 to 3, .5 of 1 to 1: three times."""
    assert lp.participation_tipping_ratio(before=0.25, after=0.5) == pytest.approx(3, rel=1e-12)
    assert lp.participation_tipping_ratio(before=0.5, after=0.25) == pytest.approx(1 / 3, rel=1e-12)


def test_the_tipping_ratio_of_the_example_in_the_methods() -> None:
    assert lp.participation_tipping_ratio(before=0.2097, after=0.3459) == pytest.approx(1.99, abs=0.005)


@given(SHARES, SHARES)
def test_reweighting_by_the_tipping_ratio_removes_the_change(before: float, after: float) -> None:
    """Weight those who answered so in the later wave down by R: the share is that of the earlier wave."""
    ratio = lp.participation_tipping_ratio(before=before, after=after)
    assert (after / ratio) / (after / ratio + 1 - after) == pytest.approx(before, rel=1e-9)


@given(SHARES, SHARES)
def test_the_ratio_back_is_the_reciprocal(before: float, after: float) -> None:
    there = lp.participation_tipping_ratio(before=before, after=after)
    assert there * lp.participation_tipping_ratio(before=after, after=before) == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.2, math.nan])
def test_a_share_without_odds_is_refused(share: float) -> None:
    with pytest.raises(WrongUseError, match=r"after is .*strictly between 0 and 1"):
        lp.participation_tipping_ratio(before=0.5, after=share)
    with pytest.raises(WrongUseError, match="before is"):
        lp.participation_tipping_ratio(before=share, after=0.5)


def test_the_ratio_is_given_for_the_end_of_the_interval_nearest_to_0() -> None:
    """Before .25; the change's interval .0833 to .4: .3333 is odds of 1 to 2, so 1.5 times."""
    found = participation_tipping(minus="2022", level="rerun", shares=(0.25, 0.5), interval=(1 / 12, 0.4))
    assert found.tipping == pytest.approx(3, rel=1e-12)
    assert found.tipping_end == pytest.approx(1.5, rel=1e-12)
    assert found.sentence == (
        "This rise would vanish if, compared with 2022, people who answered so were 3.0 times as likely as others to "
        "take part. The end of the interval nearest to 0 would reach it at 1.5 times."
    )


def test_of_a_fall_the_upper_end_is_nearest_to_0() -> None:
    found = participation_tipping(minus="2022", level="rerun", shares=(0.5, 0.25), interval=(-0.4, -1 / 6))
    assert found.tipping == pytest.approx(1 / 3, rel=1e-12)
    assert found.tipping_end == pytest.approx(0.5, rel=1e-12)
    assert "This fall" in found.sentence
    assert "0.33 times" in found.sentence


def test_an_interval_that_holds_0_needs_no_selection() -> None:
    found = participation_tipping(minus="2022", level="rerun", shares=(0.25, 0.5), interval=(-0.1, 0.4))
    assert found.tipping_end == 1
    assert found.sentence.endswith("The interval holds 0 without any such shift.")


def test_without_odds_there_is_a_reason() -> None:
    found = participation_tipping(minus="2022", level="rerun", shares=(0.0, 0.5), interval=(0.1, 0.6))
    assert math.isnan(found.tipping)
    assert found.sentence == "Everybody or nobody answered so in a wave, so there is no ratio of odds."


def test_the_tipping_difference_is_the_change_over_the_move() -> None:
    """A rise of 6 points while officers' presence went from 20 % to 50 %: 20 points."""
    assert tipping_difference(change=0.06, before=0.2, after=0.5) == pytest.approx(0.2, rel=1e-12)
    assert tipping_difference(change=0.06, before=0.5, after=0.2) == pytest.approx(-0.2, rel=1e-12)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (0.4, 0.4, "its share was the same in both waves"),
        (0.0, 1.0, "changed completely between the waves"),
        (1.0, 0.0, "changed completely between the waves"),
        (-0.1, 0.5, "they lie from 0 to 1"),
    ],
)
def test_what_cannot_be_told_from_the_change_is_refused(before: float, after: float, reason: str) -> None:
    with pytest.raises(WrongUseError, match=reason):
        tipping_difference(change=0.1, before=before, after=after)


def test_an_officers_presence_is_weighed_against_what_was_observed() -> None:
    """Change 26/40 - 20/40 = .15 while presence went from 1/4 to 1/2: .6. Observed in the re-run 16/20 - 10/20 = .3."""
    sample = survey(officers=(10, 20), confident=MOVED)
    found = reached_tipping(
        sample,
        "conf",
        ["yes"],
        how="interviewer",
        level="rerun",
        minus="2022",
        change=0.15,
        interval=(0.05, 0.25),
        where={"ethnicity": "Black"},
    )
    assert (found.first, found.second) == pytest.approx((0.25, 0.5))
    assert found.tipping == pytest.approx(0.6)
    assert found.tipping_end == pytest.approx(0.2)
    assert found.observed == pytest.approx(0.3)
    assert found.observed_low < 0.3 < found.observed_high
    assert found.n_least == 10
    assert found.sentence.startswith(
        "Police officer present for 25% of answers in 2022 and 50% in rerun. That alone would explain the rise if it "
        "raised the share by 60 points. In rerun the share was 30 points higher than among others"
    )


def test_a_difference_that_no_share_can_have_is_said_to_be_none() -> None:
    found = Tipping("interviewer", "police officer", "2022", "rerun", 0.2, 0.0, 0.5, 0.6, 2.0, 0.0)
    assert found.sentence.endswith("No difference that this makes could explain the difference alone.")


@pytest.mark.parametrize(
    ("officers", "confident", "reason"),
    [
        ((20, 20), MOVED, "its share was the same in both waves"),
        (
            (0, 40),
            {**MOVED, ("2022", "police officer"): 0},
            "it changed completely between the waves, so its part can't be told from the change",
        ),
    ],
)
def test_a_way_that_did_not_move_or_moved_completely_is_refused(
    officers: tuple[int, int], confident: dict[tuple[str, str], int], reason: str
) -> None:
    sample = survey(officers=officers, confident=confident)
    found = reached_tipping(
        sample, "conf", ["yes"], how="interviewer", level="rerun", minus="2022", change=0.15, interval=(0.05, 0.25)
    )
    assert math.isnan(found.tipping)
    assert reason in found.refused


def test_a_way_that_is_not_known_is_refused() -> None:
    sample = survey(officers=(10, 20), confident=MOVED)
    found = reached_tipping(
        sample, "conf", ["yes"], how="recruit_route", level="rerun", minus="2022", change=0.1, interval=(0.0, 0.2)
    )
    assert found.refused == "the recruitment route is not known in both waves"


def test_ways_that_moved_by_more_than_ten_points_are_flagged_without_numbers_of_people() -> None:
    moved = moved_flags(survey(officers=(10, 20), confident=MOVED), level="rerun", minus="2022", by="ethnicity")
    assert moved == {
        "Black": "who was present moved: the share of 'police officer' differs by more than 10 points between the waves"
    }
    still = moved_flags(survey(officers=(10, 13), confident=MOVED), level="rerun", minus="2022")
    assert still == {"": ""}


def test_weights_count_in_the_shares_of_ways() -> None:
    """Ten officers at weight 3 and thirty others at weight 1: a half, as in the re-run."""
    sample = survey(officers=(10, 20), confident=MOVED)
    first = (sample.answers["wave"] == "2022") & (sample.answers["interviewer"] == "police officer")
    frame = sample.answers.assign(weight=np.where(first, 3.0, 1.0))
    weighted = lp.Sample.from_frame(frame, weight="weight")
    assert moved_flags(weighted, level="rerun", minus="2022") == {"": ""}
