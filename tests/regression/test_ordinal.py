"""Proportional odds: hand-worked, its laws, merged categories, and each refusal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError

ORDER = ["low", "middle", "high"]


def survey(first: tuple[int, ...], second: tuple[int, ...], order: list[str] = ORDER) -> lp.Sample:
    """Answers of two groups, counted by category."""
    rows = [
        {"group": group, "answer": answer}
        for group, counts in (("a", first), ("b", second))
        for answer, count in zip(order, counts, strict=True)
        for _ in range(count)
    ]
    frame = pd.DataFrame(rows)
    return lp.Sample.from_frame(frame.assign(answer=pd.Categorical(frame["answer"], order, ordered=True)))


# odds of answering beyond each cut: 1 and 1/3 in the first group, 3 and 1 in the second
EXACT = ((20, 10, 10), (10, 10, 20))


def test_by_hand_where_the_odds_are_proportional() -> None:
    found = lp.regress(survey(*EXACT), "answer ~ group", family="ordinal").coefficients
    assert list(found.labels["term"]) == ["group[T.b]", "low|middle", "middle|high"]
    np.testing.assert_allclose(found.value, [np.log(3), 0, np.log(3)], atol=1e-9)
    cuts = lp.cumulative_logits(survey(*EXACT), "answer", "group", "b", minus="a")
    np.testing.assert_allclose(cuts.value, [np.log(3), np.log(3)], rtol=1e-9)


def test_the_schemas_order_goes_before_the_columns() -> None:
    backwards = survey(*EXACT)
    item = lp.Variable("answer", "Answer", kind="scale", answers=("high", "middle", "low"), positive=("high",))
    scale = replace(backwards, codebook={"answer": item})
    found = lp.regress(scale, "answer ~ group", family="ordinal").coefficients
    assert list(found.labels["term"])[1:] == ["high|middle", "middle|low"]
    np.testing.assert_allclose(found.value[0], -np.log(3), rtol=1e-9)


def test_sparse_categories_are_merged_with_the_smaller_neighbour() -> None:
    order = ["1", "2", "3", "4"]
    found = lp.regress(survey((20, 2, 10, 12), (10, 1, 10, 20), order), "answer ~ group", family="ordinal").coefficients
    assert list(found.labels["term"])[1:] == ["1|2 or 3", "2 or 3|4"]
    merged = lp.regress(survey((20, 12, 12), (10, 11, 20)), "answer ~ group", family="ordinal").coefficients
    np.testing.assert_allclose(found.value, merged.value, atol=1e-10)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (((4, 3, 2), (3, 3, 4)), "fewer than 20 respondents"),
        (((20, 1, 20), (20, 1, 20)), "fewer than 3 categories with 5 answers or more"),
    ],
)
def test_too_little_to_fit_is_refused(counts: tuple[tuple[int, ...], tuple[int, ...]], reason: str) -> None:
    found = lp.regress(survey(*counts), "answer ~ group", family="ordinal").coefficients
    assert set(found.refused) == {reason}
    assert np.isnan(found.value).all()
    assert np.isnan(found.std_error).all()


def test_answers_without_order_are_refused() -> None:
    sample = survey(*EXACT)
    plain = replace(sample, answers=sample.answers.assign(answer=sample.answers["answer"].astype(str)))
    with pytest.raises(EstimationError, match="its answers have no order"):
        lp.regress(plain, "answer ~ group", family="ordinal")


def test_the_left_side_is_one_variable() -> None:
    with pytest.raises(WrongUseError, match="has to be one ordered variable"):
        lp.regress(survey(*EXACT), "log(answer) ~ group", family="ordinal")


def test_terms_that_repeat_others_are_named() -> None:
    sample = survey(*EXACT)
    twice = replace(sample, answers=sample.answers.assign(same=(sample.answers["group"] == "b").astype(float)))
    with pytest.raises(EstimationError, match="can be written by the terms before them"):
        lp.regress(twice, "answer ~ group + same", family="ordinal")


def test_a_term_that_separates_the_answers_is_refused() -> None:
    with pytest.raises(EstimationError, match="no finite coefficients"):
        lp.regress(survey((30, 0, 0), (0, 20, 20)), "answer ~ group", family="ordinal")


def test_one_answer_has_no_cut() -> None:
    with pytest.raises(EstimationError, match="two answers are needed"):
        lp.cumulative_logits(survey((20, 0, 0), (20, 0, 0)), "answer", "group", "b", minus="a")


def test_a_cut_beyond_which_nobody_lies_is_refused() -> None:
    cuts = lp.cumulative_logits(survey((20, 10, 0), (10, 10, 20)), "answer", "group", "b", minus="a")
    assert cuts.refused[0] == ""
    assert "nobody or everybody" in cuts.refused[1]


def test_jackknife_errors_are_near_the_linearised_ones() -> None:
    sample = survey((30, 40, 35), (25, 30, 50))
    linear = lp.regress(sample, "answer ~ group", family="ordinal").coefficients
    again = lp.regress(lp.replicate(sample, method="jackknife"), "answer ~ group", family="ordinal").coefficients
    np.testing.assert_allclose(linear.value, again.value, rtol=1e-9)
    np.testing.assert_allclose(linear.std_error, again.std_error, rtol=0.01)


def test_margins_that_a_raking_met_no_longer_count_as_uncertain() -> None:
    sample = survey((30, 40, 35), (25, 30, 50))
    raked = lp.rake(sample, {"answer": {"low": 300, "middle": 400, "high": 300}})
    for variance in ("taylor", "cr2"):
        free = lp.regress(sample, "answer ~ 1 + group", family="ordinal", variance=variance).coefficients
        met = lp.regress(raked, "answer ~ 1 + group", family="ordinal", variance=variance).coefficients
        assert (met.std_error[1:] < 0.8 * free.std_error[1:]).all()


counts = st.tuples(*[st.integers(min_value=6, max_value=40)] * 3)


@settings(max_examples=25, deadline=None)
@given(counts, counts)
def test_reversing_the_scale_flips_the_coefficient(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    forth = lp.regress(survey(first, second), "answer ~ group", family="ordinal").coefficients
    back = lp.regress(survey(first[::-1], second[::-1], ORDER[::-1]), "answer ~ group", family="ordinal").coefficients
    np.testing.assert_allclose(forth.value, np.array([-1, -1, -1]) * back.value[[0, 2, 1]], atol=1e-8)
    np.testing.assert_allclose(forth.std_error, back.std_error[[0, 2, 1]], rtol=1e-7)
    np.testing.assert_allclose(forth.df, back.df[[0, 2, 1]], rtol=1e-6)


@settings(max_examples=25, deadline=None)
@given(counts, counts, st.floats(min_value=0.01, max_value=1000))
def test_the_unit_of_the_weights_does_not_matter(first: tuple[int, ...], second: tuple[int, ...], unit: float) -> None:
    sample = survey(first, second)
    heavy = sample.with_design(replace(sample.design, weight=sample.design.weight * unit))
    one, other = (lp.regress(each, "answer ~ group", family="ordinal").coefficients for each in (sample, heavy))
    np.testing.assert_allclose(one.value, other.value, atol=1e-9)
    np.testing.assert_allclose([one.std_error, one.df], [other.std_error, other.df], rtol=1e-8)
