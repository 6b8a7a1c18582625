"""E-values: those of the formulas written out in R, right by hand, lawful, and refused where they make no sense."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.comparison.e_value import ratio_of_interval, ratio_of_means, ratio_of_odds, ratio_of_shares
from lpact_eval.errors import WrongUseError

ORACLE = Path(__file__).parents[1] / "oracles" / "sensitivity"
RTOL = 1e-13  # a square root and an exponential
RATIOS = st.floats(min_value=1e-3, max_value=1e3)


def expected(block: str) -> list[tuple[str, float]]:
    table = pd.read_csv(ORACLE / "expected.csv", comment="#")
    rows = table[table["block"] == block]
    return list(zip(rows["label"], rows["value"], strict=True))


@pytest.mark.parametrize(("ratio", "value"), expected("e-value"))
def test_e_values_of_ratios_equal_r(ratio: str, value: float) -> None:
    found = lp.e_value(risk_ratio=float(ratio))
    assert found.point == pytest.approx(value, rel=RTOL)
    assert math.isnan(found.limit)


@pytest.mark.parametrize(("odds", "value"), expected("e-value of odds"))
def test_e_values_of_the_odds_of_a_common_answer_equal_r(odds: str, value: float) -> None:
    assert lp.e_value(risk_ratio=ratio_of_odds(float(odds))).point == pytest.approx(value, rel=RTOL)


@pytest.mark.parametrize(("label", "value"), expected("e-value of means"))
def test_e_values_of_standardised_differences_equal_r(label: str, value: float) -> None:
    difference, error = map(float, label.split("|"))
    ratio = ratio_of_means(difference, std_error=error)
    found = lp.e_value(risk_ratio=ratio.ratio, limit=ratio.limit)
    assert found.point == pytest.approx(value, rel=RTOL)
    assert found.limit == pytest.approx(dict(expected("interval of means"))[label], rel=RTOL)
    assert ratio_of_means(difference).ratio == ratio.ratio


def test_a_ratio_of_four_thirds_by_hand() -> None:
    """4/3 + sqrt(4/3 x 1/3) = 4/3 + 2/3 = 2; and 9/8 + sqrt(9/8 x 1/8) = 9/8 + 3/8 = 3/2."""
    found = lp.e_value(risk_ratio=4 / 3, limit=9 / 8)
    assert (found.point, found.limit) == (pytest.approx(2), pytest.approx(1.5))


@given(ratio=RATIOS)
def test_an_e_value_is_that_of_the_inverse_and_no_weaker_than_the_ratio(ratio: float) -> None:
    found = lp.e_value(risk_ratio=ratio).point
    assert found == pytest.approx(lp.e_value(risk_ratio=1 / ratio).point, rel=1e-9)
    assert found >= max(ratio, 1 / ratio)


@given(ratio=RATIOS)
def test_a_confounder_of_that_strength_is_just_enough(ratio: float) -> None:
    """The bounding factor of Ding & VanderWeele, E x E / (E + E - 1), gives the ratio back."""
    strength = lp.e_value(risk_ratio=ratio).point
    assert strength**2 / (2 * strength - 1) == pytest.approx(max(ratio, 1 / ratio), rel=1e-9)


@given(ratio=st.floats(min_value=1, max_value=1e3), more=st.floats(min_value=1.0001, max_value=10))
def test_stronger_associations_take_stronger_reasons(ratio: float, more: float) -> None:
    assert lp.e_value(risk_ratio=ratio * more).point > lp.e_value(risk_ratio=ratio).point


@given(ratio=RATIOS, part=st.floats(min_value=0, max_value=1))
def test_the_interval_never_takes_a_stronger_reason_than_the_estimate(ratio: float, part: float) -> None:
    found = lp.e_value(risk_ratio=ratio, limit=ratio**part)
    assert 1 <= found.limit <= found.point * (1 + 1e-12)


@pytest.mark.parametrize(
    ("ratio", "limit"), [(2.0, 1.0), (2.0, 0.4), (2.0, 0.0), (0.5, 1.0), (0.5, 1.7), (0.5, math.inf)]
)
def test_an_interval_that_holds_one_takes_no_reason(ratio: float, limit: float) -> None:
    assert lp.e_value(risk_ratio=ratio, limit=limit).limit == 1


@pytest.mark.parametrize("ratio", [0.0, -1.0, math.nan, math.inf])
def test_ratios_that_are_none_are_refused(ratio: float) -> None:
    with pytest.raises(WrongUseError, match="it is a number over 0"):
        lp.e_value(risk_ratio=ratio)
    with pytest.raises(WrongUseError, match=r"Cannot turn the odds ratio .* it is a number over 0"):
        ratio_of_odds(ratio)


@pytest.mark.parametrize("limit", [-0.1, math.nan])
def test_limits_that_are_no_ratio_are_refused(limit: float) -> None:
    with pytest.raises(WrongUseError, match="it is a ratio, so 0 or more"):
        lp.e_value(risk_ratio=2, limit=limit)


@pytest.mark.parametrize(("ratio", "limit"), [(2.0, 3.0), (0.5, 0.2)])
def test_the_far_end_of_the_interval_is_refused(ratio: float, limit: float) -> None:
    with pytest.raises(WrongUseError, match="Give the end of the interval that is nearest to 1"):
        lp.e_value(risk_ratio=ratio, limit=limit)


@pytest.mark.parametrize(("difference", "error"), [(math.nan, 0.1), (math.inf, None), (0.2, -0.1), (0.2, math.nan)])
def test_standardised_differences_that_are_none_are_refused(difference: float, error: float | None) -> None:
    with pytest.raises(WrongUseError, match="Cannot turn the standardised difference"):
        ratio_of_means(difference, std_error=error)


def test_a_ratio_of_shares_by_hand() -> None:
    """.6 / .3 = 2; variance of the logarithm .0036 / .36 + .0009 / .09 - 2 (-.0009) / .18 = .01 + .01 + .01 = .03."""
    found = ratio_of_shares((0.6, 0.3), np.array([[0.0036, -0.0009], [-0.0009, 0.0009]]), quantile=2.0)
    half = math.exp(2 * math.sqrt(0.03))
    assert (found.ratio, found.low, found.high) == (pytest.approx(2), pytest.approx(2 / half), pytest.approx(2 * half))
    assert found.limit == found.low


def test_the_limits_of_a_mean_keep_its_own_interval() -> None:
    """.91 x (-.3, -.5, -.1): a negative difference counts its upper end."""
    found = ratio_of_interval(-0.3, -0.5, -0.1)
    assert found.limit == pytest.approx(math.exp(-0.091))
    assert found.ratio == pytest.approx(ratio_of_means(-0.3).ratio)


def test_limits_beyond_all_numbers_are_infinite_and_no_error() -> None:
    found = ratio_of_shares((0.4, 0.2), np.diag([1e6, 1e6]), 12.7)
    assert found.low == 0
    assert math.isinf(found.high)
    assert math.isinf(ratio_of_interval(0.1, -2000, 2000).high)
