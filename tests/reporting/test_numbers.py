from __future__ import annotations

import doctest
import math

import pytest

from lpact_eval.reporting import background, numbers


@pytest.mark.parametrize("module", [numbers, background])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    result = doctest.testmod(module)  # pyright: ignore[reportArgumentType] - a module is an object
    assert result.attempted > 0
    assert result.failed == 0


def test_small_bases_have_whole_per_cents_and_large_ones_a_decimal() -> None:
    assert numbers.percent(0.4123, 999) == "41%"
    assert numbers.percent(0.4123, 1000) == "41.2%"


def test_a_difference_that_rounds_to_nothing_has_no_sign() -> None:
    assert numbers.points(-0.001, 50) == "0 points"
    assert not math.copysign(1, numbers.rounded(-0.001, 50)) < 0


def test_one_point_is_singular_and_a_fall_has_a_real_minus() -> None:
    assert numbers.points(0.011, 50) == "+1 point"
    assert numbers.points(-0.011, 50) == "\N{MINUS SIGN}1 point"
    assert numbers.size(-0.12, 50) == "12 points"


def test_the_interval_of_a_share_stays_between_none_and_all() -> None:
    assert numbers.percent_range(-0.02, 1.04, 50) == "0% to 100%"
