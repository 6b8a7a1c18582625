"""Adjustment for several questions at once, on paper and in general."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.multiplicity import adjust

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_serial_gatekeeping_on_paper() -> None:
    """First family .01, .04: Holm .02, .04. Second .002, .03: Holm .004, .03, never below the first's .04."""
    wanted = [0.02, 0.04, 0.04, 0.04]
    np.testing.assert_allclose(
        adjust([0.01, 0.04, 0.002, 0.03], method="gatekeeping", families=[[0, 1], [2, 3]]), wanted
    )


def test_families_may_be_named_and_out_of_order() -> None:
    """The family named first is the first in the series: .04 alone, then .01 and .03 (Holm .02, .03) not below .04."""
    got = adjust([0.04, 0.01, 0.03], method="gatekeeping", families=["primary", "others", "others"])
    np.testing.assert_allclose(got, [0.04, 0.04, 0.04])
    np.testing.assert_allclose(adjust([0.01, 0.04, 0.03], method="gatekeeping", families=[[1], [0, 2]]), [0.04] * 3)


def test_holm_and_bh_adjust_within_families() -> None:
    """Holm of .02 and .03 is .04, .04; BH .03, .03; a family of one keeps its p."""
    np.testing.assert_allclose(adjust([0.02, 0.5, 0.03], families=["a", "b", "a"]), [0.04, 0.5, 0.04])
    np.testing.assert_allclose(adjust([0.02, 0.5, 0.03], method="BH", families=["a", "b", "a"]), [0.03, 0.5, 0.03])


def test_missing_p_values_are_not_counted_and_an_empty_family_closes_the_gate() -> None:
    got = adjust([np.nan, 0.03, 0.01, 0.02], method="gatekeeping", families=["a", "a", "b", "b"])
    np.testing.assert_allclose(got, [np.nan, 0.03, 0.03, 0.03])
    got = adjust([np.nan, 0.01, 0.02], method="gatekeeping", families=["a", "b", "b"])
    np.testing.assert_allclose(got, [np.nan, 1.0, 1.0])


@given(p=P_VALUES, cut=st.integers(0, 8))
def test_a_later_family_is_never_rejected_before_an_earlier_one(p: list[float], cut: int) -> None:
    families = ["first" if position < cut else "second" for position in range(len(p))]
    got = adjust(p, method="gatekeeping", families=families)
    own = adjust(p, families=families)
    assert (got >= own - 1e-15).all()
    if 0 < cut < len(p):
        assert got[cut:].min() >= got[:cut].max()


@given(p=P_VALUES, seed=st.integers(0, 100))
def test_the_order_of_the_p_values_does_not_matter(p: list[float], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(p))
    for method in ("holm", "BH"):
        got = adjust(np.array(p)[order], method=method)  # type: ignore[arg-type]
        np.testing.assert_allclose(got, adjust(p, method=method)[order])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "hommel"}, r"there are \['holm', 'BH', 'gatekeeping'\]"),
        ({"method": "gatekeeping"}, r"without families"),
        ({"families": [[0, 1]]}, r"2 positions \(2 different\) for 3 p values"),
        ({"families": [[0, 1], [1, 2]]}, r"4 positions \(3 different\) for 3 p values"),
        ({"families": ["a", "b"]}, r"2 family names for 3 p values"),
    ],
)
def test_wrong_use_says_what_is_allowed(options: dict, message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        adjust([0.1, 0.2, 0.3], **options)


def test_numbers_that_are_no_p_values_are_refused() -> None:
    with pytest.raises(WrongUseError, match="between 0 and 1"):
        adjust([0.1, 1.2])
