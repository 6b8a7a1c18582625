"""Laws, limits and refusals of changes in several items at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp

if TYPE_CHECKING:
    from lpact_eval.planning.several import Method, Wanted

ITEMS = st.integers(1, 8)
CHANGES = st.floats(0.05, 0.4)
SIZES = st.floats(20, 2000)
POWERS = st.floats(0.3, 0.95)
CORRELATIONS = st.sampled_from([0.0, 0.2, 0.6, 0.95])
WANTED = st.sampled_from(["each", "any", "all"])
METHODS = st.sampled_from(["holm", "bonferroni"])


@given(items=ITEMS, change=CHANGES, power=POWERS, correlation=CORRELATIONS, wanted=WANTED, method=METHODS)
def test_the_size_has_the_power_asked_for(
    *, items: int, change: float, power: float, correlation: float, wanted: Wanted, method: Method
) -> None:
    plan = lp.several_items(
        items=items, baseline=0.4, change=change, power=power, correlation=correlation, wanted=wanted, method=method
    )
    back = lp.several_items(
        items=items, baseline=0.4, change=change, n=plan.n, correlation=correlation, wanted=wanted, method=method
    ).power
    assert back >= power - 1e-9
    if plan.n > 2.001:
        assert back == pytest.approx(power, abs=1e-9)


@given(items=ITEMS, share=st.none() | st.floats(0.2, 0.8), n=SIZES, power=POWERS, wanted=WANTED, method=METHODS)
def test_the_detectable_change_has_the_power_asked_for(
    *, items: int, share: float | None, n: float, power: float, wanted: Wanted, method: Method
) -> None:
    plan = lp.several_items(items=items, baseline=share, n=n, power=power, wanted=wanted, method=method)
    for change in (plan.change, plan.change_down):
        if math.isfinite(change):
            back = lp.several_items(items=items, baseline=share, n=n, change=change, wanted=wanted, method=method)
            assert back.power == pytest.approx(power, abs=1e-9)


@given(items=ITEMS, change=CHANGES, n=SIZES, correlation=CORRELATIONS, method=METHODS)
def test_every_item_is_harder_than_a_given_one_and_any_item_easier(
    *, items: int, change: float, n: float, correlation: float, method: Method
) -> None:
    every, given_one, some = (
        lp.several_items(
            items=items, baseline=0.4, change=change, n=n, correlation=correlation, wanted=wanted, method=method
        ).power
        for wanted in ("all", "each", "any")
    )
    assert every <= given_one + 1e-9
    assert given_one <= some + 1e-9


@given(items=ITEMS, change=CHANGES, n=SIZES, correlation=CORRELATIONS, wanted=WANTED)
def test_holm_never_shows_less_than_bonferroni(
    *, items: int, change: float, n: float, correlation: float, wanted: Wanted
) -> None:
    bonferroni, holm = (
        lp.several_items(
            items=items, baseline=0.4, change=change, n=n, correlation=correlation, wanted=wanted, method=method
        ).power
        for method in ("bonferroni", "holm")
    )
    assert bonferroni <= holm + 1e-9


@given(items=ITEMS, change=CHANGES, n=SIZES, more=st.floats(1, 10), correlation=CORRELATIONS, wanted=WANTED)
def test_more_respondents_show_more(
    *, items: int, change: float, n: float, more: float, correlation: float, wanted: Wanted
) -> None:
    few, many = (
        lp.several_items(items=items, baseline=0.4, change=change, n=size, correlation=correlation, wanted=wanted).power
        for size in (n, n * more)
    )
    assert few <= many + 1e-9


@settings(max_examples=20)
@given(items=st.integers(1, 30), correlation=CORRELATIONS, method=METHODS)
def test_false_alarms_of_the_family_keep_to_its_level(items: int, correlation: float, method: Method) -> None:
    plan = lp.several_items(
        items=items, baseline=0.4, change=0, n=200, correlation=correlation, wanted="any", method=method
    )
    assert plan.power <= 0.05 + 1e-9


@pytest.mark.parametrize("wanted", ["each", "any", "all"])
def test_one_item_is_the_change_between_two_waves(wanted: Wanted) -> None:
    one = lp.several_items(items=1, baseline=0.4, change=0.13, n=80, ratio=1.5, wanted=wanted, correlation=0.5)
    alone = lp.power(baseline=0.4, change=0.13, n_first=80, n_second=120)
    assert one.power == pytest.approx(alone.power, rel=1e-9)


def test_two_uncorrelated_items_by_hand() -> None:
    """By hand: Bonferroni tests each at .025; with one item's power p both have p^2, any 1 - (1 - p)^2."""
    alone = lp.power(baseline=0.4, change=0.13, n_first=80, n_second=80, level=0.975).power
    both, some = (
        lp.several_items(items=2, baseline=0.4, change=0.13, n=80, wanted=wanted, method="bonferroni").power
        for wanted in ("all", "any")
    )
    assert both == pytest.approx(alone**2, rel=1e-9)
    assert some == pytest.approx(1 - (1 - alone) ** 2, rel=1e-9)


def test_what_no_size_shows_is_told_with_the_best_that_can_be_had() -> None:
    plan = lp.several_items(items=5, baseline=0.35, change=0.15, power=0.8, first_wave=34)
    assert plan.impossible
    best = lp.several_items(items=5, baseline=0.35, change=0.15, n=math.inf, first_wave=34).power
    assert plan.power == best
    assert "in one given item of 5" in plan.sentence
    assert "Holm's method, and all of it is taken to change alike; a change in that item alone" in plan.sentence
    safe = lp.several_items(items=5, baseline=0.35, change=0.15, n=math.inf, first_wave=34, method="bonferroni")
    assert safe.sentence.endswith("Bonferroni's method.")
    few = lp.several_items(items=8, baseline=0.35, power=0.8, n=5, wanted="all", method="bonferroni")
    assert few.impossible
    assert few.power < 0.8
    assert "not even a rise of 65.0 points is shown in every item of 8" in few.sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 100}, r"left out: \['change', 'power'\]"),
        ({"n": 100, "change": 0.1, "items": 0}, "items=0"),
        ({"n": 100, "change": 0.1, "items": 2.5}, "items=2.5"),
        ({"n": 100, "change": 0.1, "items": 31}, "items=31: at most 30"),
        ({"n": 100, "change": 0.1, "wanted": "most"}, "wanted='most'"),
        ({"n": 100, "change": 0.1, "method": "sidak"}, "method='sidak'"),
        ({"n": 100, "change": 0.1, "correlation": 0.99}, "correlation=0.99: at most 0.95"),
        ({"n": 100, "change": 0.1, "correlation": -0.2}, "correlation=-0.2"),
        ({"change": 0.0, "power": 0.8}, "Cannot plan to show change=0"),
        ({"change": 0.9, "power": 0.8}, "the second share would be 1.3"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.several_items(**{"items": 3, "baseline": 0.4, **arguments})
