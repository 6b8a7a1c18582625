"""Laws and refusals of sample sizes for a change between waves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.planning.two_waves import df_of_change, first_crossing, power_of, student_power, terms

if TYPE_CHECKING:
    from lpact_eval.planning.two_waves import Variance

SHARES = st.floats(0.05, 0.95)
SIZES = st.floats(10, 5000)
FREEDOM = st.floats(1, 500)
VARIANCES = st.sampled_from(["unpooled", "pooled"])


@given(baseline=SHARES, n_first=SIZES, n_second=SIZES, level=st.floats(0.5, 0.999), variance=VARIANCES)
def test_power_at_no_change_is_the_false_alarm_rate(
    *, baseline: float, n_first: float, n_second: float, level: float, variance: Variance
) -> None:
    plan = lp.power(baseline=baseline, change=0, n_first=n_first, n_second=n_second, level=level, variance=variance)
    assert plan.power == pytest.approx(1 - level, abs=1e-12)


@given(baseline=SHARES, second=SHARES, n_first=SIZES, n_second=SIZES, more=st.floats(1, 50))
def test_power_rises_with_either_wave(
    *, baseline: float, second: float, n_first: float, n_second: float, more: float
) -> None:
    def shown(first: float, other: float) -> float:
        return lp.power(baseline=baseline, change=second - baseline, n_first=first, n_second=other).power

    assert shown(n_first, n_second) <= shown(n_first * more, n_second) + 1e-12
    assert shown(n_first, n_second) <= shown(n_first, n_second * more) + 1e-12
    assert shown(n_first, n_second) <= shown(n_first, math.inf) + 1e-12


@given(baseline=SHARES, n_first=SIZES, n_second=SIZES, more=st.floats(1, 50))
def test_a_larger_wave_shows_a_smaller_change(baseline: float, n_first: float, n_second: float, more: float) -> None:
    small = lp.detectable_change(baseline=baseline, n_first=n_first, n_second=n_second)
    large = lp.detectable_change(baseline=baseline, n_first=n_first, n_second=n_second * more)
    assume(not small.impossible)
    assert large.change <= small.change + 1e-12
    assert large.impossible is False


@given(baseline=SHARES, n_first=SIZES, n_second=SIZES, power=st.floats(0.3, 0.95), variance=VARIANCES)
def test_the_detectable_change_has_the_power_asked_for(
    *, baseline: float, n_first: float, n_second: float, power: float, variance: Variance
) -> None:
    plan = lp.detectable_change(baseline=baseline, n_first=n_first, n_second=n_second, power=power, variance=variance)
    for change in (plan.change, plan.change_down):
        if math.isfinite(change):
            back = lp.power(baseline=baseline, change=change, n_first=n_first, n_second=n_second, variance=variance)
            assert back.power == pytest.approx(power, abs=1e-9)


@given(baseline=SHARES, second=SHARES, power=st.floats(0.8, 0.95), ratio=st.floats(0.2, 5), variance=VARIANCES)
def test_two_open_waves_of_the_size_needed_have_the_power_asked_for(
    *, baseline: float, second: float, power: float, ratio: float, variance: Variance
) -> None:
    change = second - baseline
    assume(abs(change) > 0.005)
    plan = lp.respondents_needed(baseline=baseline, change=change, power=power, ratio=ratio, variance=variance)
    assume(plan.n > 1)
    assume(plan.n * ratio >= 1)
    back = lp.power(baseline=baseline, change=change, n_first=plan.n, n_second=plan.n * ratio, variance=variance).power
    # the closed form leaves out the far tail: 1e-6 when unpooled, more where the pooled variance is the smaller one
    assert power - 1e-12 <= back <= power + 1e-3


@given(
    baseline=SHARES, second=SHARES, first_wave=st.floats(5, 500), power=st.floats(0.3, 0.95), effect=st.floats(0.5, 3)
)
def test_a_second_wave_of_the_size_needed_has_the_power_asked_for(
    *, baseline: float, second: float, first_wave: float, power: float, effect: float
) -> None:
    change = second - baseline
    assume(abs(change) > 0.005)
    plan = lp.respondents_needed(
        baseline=baseline, change=change, power=power, first_wave=first_wave, design_effect=effect
    )
    endless = lp.power(baseline=baseline, change=change, n_first=first_wave, n_second=math.inf).power
    if plan.impossible:
        assert math.isnan(plan.n)
        assert plan.power == endless
        assert plan.power < power + 1e-3
        assert plan.sentence.startswith("Impossible")
    else:
        assume(plan.n / effect > 1)
        back = lp.power(baseline=baseline, change=change, n_first=first_wave, n_second=plan.n / effect).power
        assert back == pytest.approx(power, abs=1e-9)


@given(baseline=SHARES, n_first=SIZES, n_second=SIZES, level=st.floats(0.5, 0.999), df=FREEDOM, variance=VARIANCES)
def test_power_at_no_change_is_the_false_alarm_rate_at_any_degrees_of_freedom(
    *, baseline: float, n_first: float, n_second: float, level: float, df: float, variance: Variance
) -> None:
    plan = lp.power(
        baseline=baseline, change=0, n_first=n_first, n_second=n_second, level=level, df=df, variance=variance
    )
    assert plan.power == pytest.approx(1 - level, abs=1e-10)


@given(baseline=SHARES, n_first=SIZES, n_second=SIZES, power=st.floats(0.3, 0.95), df=FREEDOM, variance=VARIANCES)
def test_the_detectable_change_has_the_power_asked_for_at_any_degrees_of_freedom(
    *, baseline: float, n_first: float, n_second: float, power: float, df: float, variance: Variance
) -> None:
    plan = lp.detectable_change(
        baseline=baseline, n_first=n_first, n_second=n_second, power=power, df=df, variance=variance
    )
    for change in (plan.change, plan.change_down):
        if math.isfinite(change):
            back = lp.power(
                baseline=baseline, change=change, n_first=n_first, n_second=n_second, df=df, variance=variance
            )
            assert back.power == pytest.approx(power, abs=1e-9)


@given(baseline=SHARES, second=SHARES, n_first=SIZES, n_second=SIZES, df=FREEDOM, more=st.floats(1, 20))
def test_fewer_degrees_of_freedom_never_show_more(
    *, baseline: float, second: float, n_first: float, n_second: float, df: float, more: float
) -> None:
    few, many, endless = (
        lp.power(baseline=baseline, change=second - baseline, n_first=n_first, n_second=n_second, df=freedom).power
        for freedom in (df, df * more, math.inf)
    )
    assert few <= many + 1e-10
    assert many <= endless + 1e-10


def test_very_many_degrees_of_freedom_make_the_normal_test() -> None:
    normal = lp.detectable_change(baseline=0.4, n_first=50, n_second=80)
    nearly = lp.detectable_change(baseline=0.4, n_first=50, n_second=80, df=1e7)
    assert nearly.change == pytest.approx(normal.change, rel=1e-6)
    assert nearly.change != normal.change
    assert "degrees of freedom" not in normal.sentence


def test_few_degrees_of_freedom_are_said_and_kept_among_the_assumptions() -> None:
    plan = lp.detectable_change(baseline=0.4, n_first=50, n_second=80, df=6)
    assert plan.sentence.endswith("The test has 6.0 degrees of freedom.")
    assert plan.assumptions["df"] == 6
    assert lp.power(baseline=0.4, change=0.1, n_first=50, n_second=80, df=6).assumptions["df"] == 6


def test_a_change_far_beyond_doubt_is_certain() -> None:
    assert lp.power(baseline=0.5, change=0.4, n_first=1e13, n_second=1e13, df=2).power == 1


def test_degrees_of_freedom_of_a_change_by_hand() -> None:
    """Equal waves: (1+1)^2 / (1/6 + 1/6) = 12; a wave twice as large: (1 + 1/2)^2 / (1/6 + (1/4)/12) = 12."""
    assert df_of_change((40, 40), 6) == pytest.approx(12)
    assert df_of_change((40, 80), 6) == pytest.approx(12)
    assert df_of_change((40, math.inf), 6) == pytest.approx(6)
    # a second wave of 4 would have 0.6 degrees of freedom, and has one: (1 + 10)^2 / (1/6 + 100/1)
    assert df_of_change((40, 4), 6) == pytest.approx(121 / (1 / 6 + 100))
    assert df_of_change((40, 80), math.inf) == math.inf


def test_a_second_wave_is_sized_with_the_degrees_of_freedom_that_it_brings() -> None:
    plan = lp.respondents_needed(baseline=0.4, change=0.35, first_wave=40, df_first=6)
    df = df_of_change((40, plan.n), 6)
    back = lp.power(baseline=0.4, change=0.35, n_first=40, n_second=plan.n, df=df)
    assert back.power == pytest.approx(0.8, abs=1e-9)
    assert plan.n > lp.respondents_needed(baseline=0.4, change=0.35, first_wave=40).n
    assert plan.assumptions["df"] == pytest.approx(df)
    assert plan.assumptions["df_first"] == 6
    assert f"{df:.1f} degrees of freedom" in plan.sentence


def test_the_best_that_can_be_had_is_not_beaten_by_any_second_wave() -> None:
    plan = lp.respondents_needed(baseline=0.4, change=0.2, first_wave=40, df_first=2)
    assert plan.impossible
    for size in (20, 40, 60, 100, 200, 1000, math.inf):
        df = df_of_change((40, size), 2)
        assert lp.power(baseline=0.4, change=0.2, n_first=40, n_second=size, df=df).power <= plan.power + 1e-3
    assert plan.power > lp.power(baseline=0.4, change=0.2, n_first=40, n_second=math.inf, df=2).power


def test_sides_can_be_mirrored() -> None:
    up = lp.detectable_change(baseline=0.3, n_first=40, n_second=90)
    mirrored = lp.detectable_change(baseline=0.7, n_first=40, n_second=90)
    assert up.change == pytest.approx(-mirrored.change_down, rel=1e-12)
    assert up.change_down == pytest.approx(-mirrored.change, rel=1e-12)


def test_an_endless_second_wave_still_has_the_first_waves_limit() -> None:
    """By hand: d / sqrt(.25 / 100) = z(.975) + z(.8) = 2.8016, so d = .14008."""
    plan = lp.detectable_change(baseline=0.5, n_first=100, n_second=math.inf)
    assert plan.change == pytest.approx(0.05 * (1.959963985 + 0.841621234), abs=1e-6)


def test_an_impossible_wish_is_answered_with_the_best_that_can_be_had() -> None:
    plan = lp.respondents_needed(baseline=0.4, change=0.1, first_wave=25)
    limit = lp.detectable_change(baseline=0.4, n_first=25, n_second=math.inf)
    assert plan.impossible
    assert math.isnan(plan.n)
    assert f"{100 * limit.change:.1f} points" in plan.sentence
    assert f"{100 * plan.power:.1f}%" in plan.sentence


def test_a_rise_that_no_share_reaches_is_impossible_while_a_fall_may_be_shown() -> None:
    plan = lp.detectable_change(baseline=0.95, n_first=20, n_second=20)
    assert plan.impossible
    assert math.isnan(plan.change)
    assert plan.change_down < 0
    assert plan.power < 0.8
    assert plan.sentence.startswith("Impossible")


def test_a_design_effect_can_differ_between_the_waves() -> None:
    together = lp.power(baseline=0.4, change=0.2, n_first=90, n_second=120, design_effect=(1.5, 1.2))
    apart = lp.power(baseline=0.4, change=0.2, n_first=60, n_second=100)
    assert together.power == pytest.approx(apart.power, rel=1e-12)


def test_a_plan_becomes_one_row_with_its_assumptions() -> None:
    plan = lp.respondents_needed(baseline=0.4, change=0.2, design_effect=1.2)
    row = plan.to_frame().iloc[0]
    assert row["n"] == plan.n
    assert row["baseline"] == 0.4
    assert row["design_effect_second"] == 1.2
    assert row["sentence"] == plan.sentence


def test_a_rise_to_everybody_can_be_planned_though_its_share_is_a_rounding_error_off() -> None:
    """By hand: (z(.975) + z(.8))^2 * (.3 * .7) / .7^2, in each wave."""
    plan = lp.respondents_needed(baseline=0.3, change=0.7)
    assert plan.n == pytest.approx((1.959963985 + 0.841621234) ** 2 * 0.21 / 0.49, rel=1e-8)
    assert "rough" in plan.sentence


def test_hardly_anybody_on_one_side_is_called_rough() -> None:
    assert "rough" in lp.power(baseline=0.05, change=0.2, n_first=30, n_second=30).sentence
    assert "rough" not in lp.power(baseline=0.5, change=0.2, n_first=30, n_second=30).sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"baseline": 0.0, "change": 0.1}, "baseline=0.0: it must lie above 0 and below 1"),
        ({"baseline": 64, "change": 0.1}, "baseline=64"),
        ({"baseline": 0.5, "change": 0}, "no sample shows that nothing changed"),
        ({"baseline": 0.9, "change": 0.2}, "the second share would be 1.1"),
        ({"baseline": 0.5, "change": 0.1, "power": 0.04}, "power=0.04: it must lie above 0.05 and below 1"),
        ({"baseline": 0.5, "change": 0.1, "power": 1}, "power=1"),
        ({"baseline": 0.5, "change": 0.1, "level": 95}, "level=95"),
        ({"baseline": 0.5, "change": 0.1, "design_effect": 0}, "design_effect=0"),
        ({"baseline": 0.5, "change": 0.1, "design_effect": (1, 2, 3)}, "3 design effects: give one"),
        ({"baseline": 0.5, "change": 0.1, "ratio": -1}, "ratio=-1"),
        (
            {"baseline": 0.5, "change": 0.1, "first_wave": 0.5},
            "first_wave=0.5: it must be a finite number of at least 1",
        ),
        ({"baseline": 0.5, "change": 0.1, "first_wave": math.inf}, "first_wave=inf"),
        ({"baseline": 0.5, "change": 0.1, "first_wave": 40, "df_first": 0}, "df_first=0: it must lie above 0.5"),
        ({"baseline": 0.5, "change": 0.1, "first_wave": 40, "df_first": math.nan}, "df_first=nan: give a number"),
        ({"baseline": 0.5, "change": 0.1, "df_first": 6}, "df_first=6: it belongs to a first_wave; give both or"),
        ({"baseline": 0.5, "change": 0.1, "variance": "arcsine"}, 'variance=.arcsine.: choose "unpooled"'),
        ({"baseline": math.nan, "change": 0.1}, "baseline=nan: give a number"),
        ({"baseline": True, "change": 0.1}, "baseline=True: give a number"),
        ({"baseline": "0.5", "change": 0.1}, "baseline='0.5': give a number"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.respondents_needed(**arguments)


def test_an_endless_first_wave_is_refused() -> None:
    with pytest.raises(lp.LpactError, match="n_first=inf"):
        lp.power(baseline=0.5, change=0.1, n_first=math.inf, n_second=10)


def test_hardly_any_degrees_of_freedom_and_a_strict_level_are_answered_soon() -> None:
    plan = lp.detectable_change(baseline=0.5, n_first=1e15, n_second=1e15, df=0.6, level=0.999999, power=0.5)
    # t is 4.6e9 and the standard error 2.2e-8: no change is a hundred times as long as both
    assert plan.impossible
    assert 0 <= plan.power < 0.5


def test_a_test_far_beyond_its_limit_joins_the_one_near_it() -> None:
    """The noncentral t is summed up to 10,000 standard errors and a chi-squared beyond: they meet at 1 / 10,000 ^ 2."""
    near, far = (student_power(size, 9000, 3) for size in (9999.999, 10000.001))
    assert 0 < far - near < 1e-6


def test_two_waves_that_nobody_could_collect_are_impossible() -> None:
    plan = lp.respondents_needed(baseline=0.35, change=0.0005)
    assert plan.impossible
    assert math.isnan(plan.n)
    best = lp.power(baseline=0.35, change=0.0005, n_first=1e6, n_second=1e6).power
    assert plan.power == pytest.approx(best, rel=1e-9)
    assert plan.sentence.startswith("Impossible: to show a change of 0.05 points from 35%")
    unequal = lp.respondents_needed(baseline=0.35, change=0.0025, ratio=4)
    assert unequal.impossible
    larger = lp.power(baseline=0.35, change=0.0025, n_first=250_000, n_second=1e6).power
    assert unequal.power == pytest.approx(larger, rel=1e-9)


@given(
    baseline=SHARES,
    bases=st.tuples(SIZES, SIZES),
    level=st.floats(0.5, 0.999),
    target=st.floats(0.05, 0.999),
    variance=VARIANCES,
    df=FREEDOM | st.just(math.inf),
    upwards=st.booleans(),
)
def test_powers_are_crossed_where_looking_at_every_point_of_the_grid_finds_it(
    *,
    baseline: float,
    bases: tuple[float, float],
    level: float,
    target: float,
    variance: Variance,
    df: float,
    upwards: bool,
) -> None:
    test = terms(baseline, level, variance, 1.0, df=df)
    room = 1 - baseline if upwards else -baseline
    grid = [baseline + room * step / 200 for step in range(201)]
    powers = [power_of(test, share, bases) for share in grid]
    first = next((place for place, power in enumerate(powers) if power >= target), None)
    found = first_crossing(lambda share: power_of(test, share, bases), grid, target)
    if first is None:
        assert math.isnan(found)
    else:
        low, high = sorted((grid[max(first - 1, 0)], grid[first]))
        assert low <= found <= high
        assert power_of(test, found, bases) >= target


@pytest.mark.parametrize("peak", range(1, 100, 7))
def test_a_peak_between_the_points_that_are_looked_at_first_is_found(peak: int) -> None:
    found = first_crossing(lambda value: -abs(value - peak), [float(place) for place in range(100)], -0.25)
    assert found == pytest.approx(peak - 0.25, abs=1e-12)


@pytest.mark.parametrize("grid", [[0.0, 1.0], [1.0, 0.0]])
def test_a_crossing_is_found_in_a_few_steps_with_no_number_between_it_and_one_short_of_it(grid: list[float]) -> None:
    asked: list[float] = []
    way = grid[1] - grid[0]

    def cubed(value: float) -> float:
        asked.append(value)
        return way * (value - 0.3) ** 3

    found = first_crossing(cubed, grid, -1e-3)
    assert len(asked) < 25
    assert cubed(found) >= -1e-3 > cubed(math.nextafter(found, grid[0]))
