from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.spoken import Spoken, shift_sentence, trend_sentences

if TYPE_CHECKING:
    from lpact_eval.reporting.sentences import Sentences

WAVES = ("2022", "rerun")


@pytest.mark.parametrize(
    ("shift", "ending"),
    [
        (Spoken(0.592, 0.52, 0.66, 0.01, 56), "That is clearly more than even."),
        (Spoken(0.41, 0.33, 0.48, 0.01, 56), "That is clearly less than even."),
        (Spoken(0.592, 0.4765, 0.699, 0.115, 56), "We can't tell it from even chances."),
        (Spoken(0.592, 0.4765, 0.699, math.nan, 56), "We can't tell it from even chances."),
    ],
)
def test_a_shift_picks_one_person_from_each_survey(sentences: Sentences, shift: Spoken, ending: str) -> None:
    said = shift_sentence(shift, "rerun", sentences)
    assert said.startswith("Pick one person from each survey: the chance that the one from the re-run answers more")
    assert said.endswith(ending)


def test_a_shift_names_its_chance_and_interval(sentences: Sentences) -> None:
    said = shift_sentence(Spoken(0.592, 0.4765, 0.699, 0.115, 56), "rerun", sentences)
    assert "is 59%, a tie counted half (95% modelled interval 48% to 70%)" in said


@pytest.mark.parametrize(
    ("slope", "phrase"),
    [
        (Spoken(0.021, 0.01, 0.03, 0.001), "the share rose among Black respondents, by about +2 points a year"),
        (Spoken(-0.021, -0.03, -0.01, 0.001), "the share fell among Black respondents"),
        (Spoken(0.021, -0.01, 0.05, 0.2), "we can't tell whether the share among Black respondents went up or down"),
        (Spoken(0.021, -0.01, 0.05, math.nan), "we can't tell"),
    ],
)
def test_a_trend_has_a_direction_only_where_its_test_is_passed(
    sentences: Sentences, slope: Spoken, phrase: str
) -> None:
    (said,) = trend_sentences(slope, "Black", WAVES, sentences)
    assert said.startswith("From 2022 to the re-run ")
    assert phrase in said


def test_a_change_of_mode_on_the_way_takes_the_direction_away(sentences: Sentences) -> None:
    (said,) = trend_sentences(Spoken(0.02, 0.01, 0.03, 0.001), "Black", WAVES, sentences, mode_changed=True)
    assert "can't be told apart" in said
    assert not re.search(r"\b(rose|fell)\b", said)


def test_a_question_that_was_not_the_same_says_so(sentences: Sentences) -> None:
    said = trend_sentences(Spoken(0.02, -0.01, 0.05, 0.2), "Black", WAVES, sentences, partial=True)
    assert said[1] == "The question was not the same in all of these surveys, and part of the slope may come from that."


def test_without_a_number_the_reason_is_given(sentences: Sentences) -> None:
    refused = Spoken(math.nan, math.nan, math.nan, math.nan, refused="fewer than three waves")
    assert shift_sentence(refused, "rerun", sentences) == "Fewer than three surveys."
    assert trend_sentences(refused, "Black", WAVES, sentences) == ["Fewer than three surveys."]
