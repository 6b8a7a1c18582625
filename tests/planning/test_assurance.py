"""Laws, limits and refusals of assurance."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

import lpact_eval as lp

SHARES = st.none() | st.floats(0.2, 0.7)
MEANS = st.floats(0.02, 0.25)
SPREADS = st.floats(0.01, 0.3)
SIZES = st.floats(10, 5000)


@settings(max_examples=25)
@given(share=SHARES, mean=MEANS, spread=SPREADS, n=SIZES)
def test_assurance_is_power_averaged_over_the_prior(share: float | None, mean: float, spread: float, n: float) -> None:
    plan = lp.assurance(baseline=share, change_mean=mean, change_sd=spread, n=n)
    units = 2.0 if share is None else share * (1 - share) + (share + mean) * (1 - share - mean)
    error = math.sqrt(units / n)

    def one_sided(change: float) -> float:
        return float(norm.cdf(change / error - norm.ppf(0.975)) * norm.pdf(change, mean, spread))

    # beyond 10 standard deviations of the prior nothing is left; the power turns at z standard errors
    middle = min(max(1.96 * error, mean - 9.9 * spread), mean + 9.9 * spread)
    whole = sum(
        quad(one_sided, *ends, epsabs=1e-12)[0] for ends in ((mean - 10 * spread, middle), (middle, mean + 10 * spread))
    )
    assert plan.power == pytest.approx(whole, abs=1e-6)


@given(share=SHARES, mean=MEANS, spread=SPREADS, wanted=st.floats(0.2, 0.98))
def test_the_size_has_the_assurance_asked_for_or_none_has(
    share: float | None, mean: float, spread: float, wanted: float
) -> None:
    plan = lp.assurance(baseline=share, change_mean=mean, change_sd=spread, power=wanted)
    if plan.impossible:
        assert plan.power < wanted
        assert math.isnan(plan.n)
        return
    assume(plan.n > 2.001)
    back = lp.assurance(baseline=share, change_mean=mean, change_sd=spread, n=plan.n)
    assert back.power == pytest.approx(wanted, abs=1e-9)


@given(share=SHARES, mean=MEANS, spread=SPREADS, n=SIZES, more=st.floats(1, 10))
def test_more_respondents_never_beat_what_is_believed(
    *, share: float | None, mean: float, spread: float, n: float, more: float
) -> None:
    few, many = (lp.assurance(baseline=share, change_mean=mean, change_sd=spread, n=size) for size in (n, n * more))
    assert few.power <= many.power + 1e-12
    assert many.power <= float(norm.cdf(mean / spread)) + 1e-12
    assert many.assumptions["ceiling"] == pytest.approx(float(norm.cdf(mean / spread)))


def test_a_prior_that_is_sure_leaves_the_power() -> None:
    sure = lp.assurance(baseline=0.4, change_mean=0.12, change_sd=0, n=90)
    power = lp.power(baseline=0.4, change=0.12, n_first=90, n_second=90).power
    # assurance counts one direction only
    assert sure.power == pytest.approx(power, abs=1e-3)
    assert sure.power < power
    assert sure.assumptions["power_at_mean"] == pytest.approx(power)
    assert sure.assumptions["ceiling"] == 1


def test_a_fall_is_as_assured_as_the_rise_back() -> None:
    fall = lp.assurance(baseline=0.6, change_mean=-0.2, change_sd=0.1, n=70)
    rise = lp.assurance(baseline=0.4, change_mean=0.2, change_sd=0.1, n=70)
    assert fall.power == pytest.approx(rise.power, rel=1e-12)
    assert "a fall is shown with probability" in fall.sentence


def test_assurance_by_hand() -> None:
    """By hand: means, 200 a wave: s = .1; (.3 - .195996) / sqrt(.01 + .01) = .735417, Phi of which is .768958."""
    plan = lp.assurance(change_mean=0.3, change_sd=0.1, n=200)
    assert plan.power == pytest.approx(0.768958, abs=2e-5)
    assert "believing in a rise of 0.30 standard deviations give or take 0.10 standard deviations" in plan.sentence


def test_what_no_size_gives_is_told_with_the_best_that_can_be_had() -> None:
    plan = lp.assurance(baseline=0.21, change_mean=0.14, change_sd=0.08, first_wave=34, power=0.8)
    assert plan.impossible
    best = lp.assurance(baseline=0.21, change_mean=0.14, change_sd=0.08, first_wave=34, n=math.inf).power
    assert plan.power == best
    # the prior itself gives the rise .14 / .08 = 1.75 standard deviations, 96 of 100
    assert plan.sentence.endswith("that there is such a rise at all is believed with 96%.")
    doubt = lp.assurance(baseline=0.4, change_mean=0.05, change_sd=0.2, power=0.8)
    assert doubt.impossible


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, r"left out: \['n', 'power'\]"),
        ({"n": 50, "power": 0.8}, r"left out: \[\]"),
        ({"n": 50, "change_mean": 0}, "change_mean=0: a prior without a direction"),
        ({"n": 50, "change_mean": 14}, "change_mean=14"),
        ({"n": 50, "change_mean": 0.7}, "for change_mean=0.7 from baseline=0.4: the second share would be 1.1"),
        ({"n": 50, "change_sd": -0.1}, "change_sd=-0.1"),
        ({"n": 50, "level": 95}, "level=95"),
        ({"power": 1.0}, "power=1.0"),
        ({"n": 1}, "n=1"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.assurance(**{"baseline": 0.4, "change_mean": 0.1, "change_sd": 0.05, **arguments})
