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
        (Spoken(0.592, 0.4765, 0.699, math.nan, 56), "We can't tell it from even chances: no test was made."),
    ],
)
def test_a_shift_picks_one_person_from_each_survey(sentences: Sentences, shift: Spoken, ending: str) -> None:
    said = shift_sentence(shift, "Black", WAVES, sentences)
    assert said.startswith(
        "Among Black respondents, pick one person from 2022 and one from the re-run: the chance that"
    )
    assert "the one from the re-run answers more favourably is" in said
    assert said.endswith(ending)


def test_a_shift_names_its_chance_and_interval(sentences: Sentences) -> None:
    said = shift_sentence(Spoken(0.592, 0.4765, 0.699, 0.115, 56), "Black", WAVES, sentences)
    assert "is 59%, a tie counted half (95% modelled interval 48% to 70%)" in said


@pytest.mark.parametrize(
    ("slope", "phrase"),
    [
        (Spoken(0.021, 0.01, 0.03, 0.001), "the share rose among Black respondents, by about +2.1 points a year"),
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
    assert shift_sentence(refused, "Black", WAVES, sentences).endswith("one by one. Fewer than three surveys.")
    (said,) = trend_sentences(refused, "Black", WAVES, sentences)
    assert said == "There is no slope over the surveys for Black respondents. Fewer than three surveys."


def test_without_favourable_answers_the_end_of_the_scale_is_named(sentences: Sentences) -> None:
    clear = Spoken(0.592, 0.52, 0.66, 0.01, 56)
    said = shift_sentence(clear, "Black", WAVES, sentences, nearer='nearer to "a lot"')
    assert 'answers nearer to "a lot" is 59%' in said
    assert "favourabl" not in said


def test_a_change_of_mode_takes_more_or_less_away_from_a_shift(sentences: Sentences) -> None:
    clear, open_still = Spoken(0.592, 0.52, 0.66, 0.01, 56), Spoken(0.592, 0.47, 0.70, 0.1, 56)
    said = shift_sentence(clear, "Black", WAVES, sentences, mode_changed=True, sensitive=True)
    assert said.endswith("The way of asking changed too, and the two can't be told apart.")
    assert "even" not in said
    assert shift_sentence(open_still, "Black", WAVES, sentences, mode_changed=True).endswith("even chances.")


def test_a_shift_whose_change_depends_on_the_row_says_so(sentences: Sentences) -> None:
    said = shift_sentence(Spoken(0.41, 0.33, 0.48, 0.01, 56), "Black", WAVES, sentences, sensitive=True)
    assert said.endswith("clearly less than even with these weights, but the ways of comparing the surveys disagree.")
