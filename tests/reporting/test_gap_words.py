"""Which sentence is said of a comparison of attendees with others, one rule at a time."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.gap_words import beside_words, between_words, dose_words, strength_words, unlike_in
from lpact_eval.reporting.rows import Dose, Row, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences

NEEDED, LIMIT = "To explain this away, much is needed.", "At 1.2 times it would be lost."


@pytest.fixture
def gap(published: Published) -> Callable[..., Row]:
    """Black respondents' gap of 12 points, from -7 to 31, with other values."""
    rows = rows_of(published)
    found = next(row for row in rows if (row.variable, row.measure, row.group) == ("conf_overall", "gap", "Black"))

    def make(**values: object) -> Row:
        return replace(found, **values)  # pyright: ignore[reportArgumentType] - any field of a row

    return make


def said(row: Row, gap: Row, sentences: Sentences) -> str:
    return " ".join(beside_words(gap, [row], sentences))


@pytest.mark.parametrize(
    "case",
    [
        ("not adjusted", 0.09, "Without adjustment the difference is +21 points (95% modelled interval"),
        ("not adjusted", 0.09, "not far from that."),
        ("not adjusted", 0.10, "so it matters that the two are made comparable."),
        ("not adjusted", -0.10, "so it matters that the two are made comparable."),
        ("overlap weights", 0.09, "With overlap weights it is +21 points"),
        ("overlap weights", 0.09, "close to that reported first."),
        ("overlap weights", 0.10, "so the size depends on how the two are made comparable."),
        ("ATT weights", 0.0, "With weights that make others resemble attendees (ATT) it is"),
        ("doubly robust", 0.0, "With the doubly robust method it is"),
    ],
)
def test_near_is_within_half_of_the_intervals_half_width(
    gap: Callable[..., Row], sentences: Sentences, case: tuple[str, float, str]
) -> None:
    """The half-width is 19 points, so 9 points are near and 10 are not."""
    row, moved, words = case
    other = gap(row=row, main=False, estimate=0.121 + moved)
    assert words in said(other, gap(), sentences)


def test_adjusters_are_named_only_where_a_flag_names_them(gap: Callable[..., Row], sentences: Sentences) -> None:
    flags = "not adjusted for anything; attendees differ from others in Age group, Sex"
    told = gap(row="not adjusted", flags=flags)
    assert unlike_in(told) == "Age group, Sex"
    assert "Attendees differ from others in: Age group, Sex." in said(told, gap(), sentences)
    silent = gap(row="not adjusted", flags="not adjusted for anything")
    assert "differ from others" not in said(silent, gap(), sentences)


def test_a_refused_method_gives_its_reason_and_an_unadjusted_row_without_a_number_nothing(
    gap: Callable[..., Row], sentences: Sentences
) -> None:
    gone = {"estimate": math.nan, "note": "attendees and others are too unlike in the adjusters for this method"}
    refused = said(gap(row="overlap weights", **gone), gap(), sentences)
    assert refused == (
        "With overlap weights there is no result. Attendees and others are too unlike in the adjusters for this method."
    )
    assert not said(gap(row="not adjusted", **gone), gap(), sentences)


def test_nothing_is_said_beside_a_gap_without_a_number(gap: Callable[..., Row], sentences: Sentences) -> None:
    hidden = gap(estimate=math.nan, mark="[c]")
    assert not said(gap(row="not adjusted"), hidden, sentences)
    assert not strength_words(hidden, [{"measure": "e-value", "reading": NEEDED}], sentences)
    assert not between_words(replace(hidden, measure="gap difference", group="Black - White"), sentences)


@pytest.mark.parametrize(
    "case",
    [
        (0.2, 0.001, "is 20 points higher among Black respondents than among White respondents"),
        (-0.2, 0.001, "is 20 points lower among Black respondents than among White respondents"),
        (0.2, 0.4, "We can't tell whether it differs between the groups."),
    ],
)
def test_groups_are_told_apart_only_by_a_test(
    gap: Callable[..., Row], sentences: Sentences, case: tuple[float, float, str]
) -> None:
    estimate, p, words = case
    row = gap(measure="gap difference", group="Black - White", estimate=estimate, p_adjusted=p)
    assert words in between_words(row, sentences)
    assert ("clear difference between the groups (adjusted p 0.001)" in between_words(row, sentences)) == (p < 0.05)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"estimate": 0.04, "p_adjusted": 0.01}, "the share is 4 points higher for each further event attended"),
        ({"estimate": -0.04, "p_adjusted": 0.01}, "the share is 4 points lower for each further event attended"),
        ({"estimate": 0.04, "p_adjusted": 0.3}, "differs by +4 points for each further event attended"),
        (
            {"estimate": 0.04, "p_adjusted": 0.01, "tier": "indicative"},
            "We can't tell whether people who attended more",
        ),
        ({"estimate": math.nan, "mark": "[c]"}, "too few attended for answers to be told apart"),
    ],
)
def test_more_events_go_with_other_answers_only_by_a_test(
    gap: Callable[..., Row], sentences: Sentences, values: dict[str, object], words: str
) -> None:
    assert words in dose_words(Dose(gap(measure="dose", **values), "per event"), sentences)


def test_the_e_value_is_said_only_where_the_interval_leaves_zero_out(
    gap: Callable[..., Row], sentences: Sentences
) -> None:
    lines = [
        {"measure": "e-value", "reading": NEEDED},
        {"measure": "e-value of the interval", "reading": LIMIT},
    ]
    assert strength_words(gap(conf_low=0.01), lines, sentences) == (
        f"Among Black respondents the difference is +12 points. {NEEDED} {LIMIT}"
    )
    assert NEEDED not in strength_words(gap(), lines, sentences)
    assert not strength_words(gap(), [{"measure": "", "reading": ""}], sentences)
