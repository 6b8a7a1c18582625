"""Weighting inside replicates: every step run again for many starting weights gives what each would give alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import WeightingError
from lpact_eval.sample import Calibration
from lpact_eval.weighting.rerun import rerun_steps, starting_weight

if TYPE_CHECKING:
    from collections.abc import Callable

    Way = Callable[[lp.Sample], lp.Sample]

RTOL = 1e-9  # weighting stops at 1e-10 of a margin, the re-run at 1e-12
MARGINS = {"sex": {"Female": 510.0, "Male": 490.0}, "age_band": {"16-34": 300.0, "35-54": 330.0, "55+": 370.0}}
JOINT = {
    (sex, age): share * 1000
    for sex, ages in {"Female": (0.16, 0.17, 0.18), "Male": (0.14, 0.16, 0.19)}.items()
    for age, share in zip(MARGINS["age_band"], ages, strict=True)
}
NESTED = {("sex", "age_band"): JOINT}
SIZE = {"sex": {"Female": 510.0, "Male": 490.0}, "years": 46_000.0}
PARTNER = {"partner": {"no": 400.0, "yes": 600.0}}
BOUNDS = (0.65, 1.5)
DESIGNS: dict[str, dict[str, object]] = {
    "jackknife": {"method": "jackknife"},
    "half-samples": {"method": "fay", "rho": 0.4},
    "bootstrap": {"method": "bootstrap", "replicates": 12, "seed": 1},
}
WAYS: dict[str, Way] = {
    "rake": lambda rows: lp.rake(rows, MARGINS),
    "rake to a nested margin": lambda rows: lp.rake(rows, NESTED),
    "rake within": lambda rows: lp.rake(rows, MARGINS, within="region"),
    "rake, keeping who did not answer": lambda rows: lp.rake(rows, PARTNER),
    "rake, leaving out who did not answer": lambda rows: lp.rake(rows, PARTNER, unknown="leave out"),
    "rake in bounds": lambda rows: lp.rake(rows, MARGINS, bounds=BOUNDS),
    "rake and trim at once": lambda rows: lp.rake(rows, MARGINS, trim=(0.3, 2.2)),
    "rake and trim at once within": lambda rows: lp.rake(rows, MARGINS, trim=(0.2, 2.6), within="region"),
    "calibrate linearly": lambda rows: lp.calibrate(rows, SIZE),
    "calibrate by raking": lambda rows: lp.calibrate(rows, SIZE, distance="raking"),
    "calibrate by logit": lambda rows: lp.calibrate(rows, SIZE, distance="logit", bounds=(0.3, 2.5)),
    "calibrate linearly in bounds": lambda rows: lp.calibrate(rows, SIZE, bounds=BOUNDS),
    "calibrate by raking in bounds": lambda rows: lp.calibrate(rows, SIZE, distance="raking", bounds=BOUNDS),
    "post-stratify": lambda rows: lp.post_stratify(rows, ["sex", "age_band"], JOINT),
    "trim": lambda rows: lp.trim(rows, low=0.4, high=2),
    "trim once": lambda rows: lp.trim(rows, high=1.8, strict=False),
    "trim in equal parts": lambda rows: lp.trim(rows, high=1.8, spread="equal"),
    "rake, trim and rake": lambda rows: lp.rake(lp.trim(lp.rake(rows, NESTED), high=2), MARGINS),
    "calibrate and rake": lambda rows: lp.rake(lp.calibrate(rows, SIZE), MARGINS),
}


def sample(n: int = 200) -> lp.Sample:
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "weight": np.exp(random.normal(0, 0.4, n)),
            "sex": random.choice(["Female", "Male"], n),
            "age_band": random.choice(["16-34", "35-54", "55+"], n),
            "years": random.uniform(16, 90, n),
        }
    )
    return lp.Sample.from_frame(frame, weight="weight")


def survey(seed: int = 1, n: int = 480) -> lp.Sample:
    """Pairs of PSUs, weights that add up to about the population, ages and answers, some of them missing."""
    random = np.random.default_rng(seed)
    unit = np.arange(n) % 20
    frame = pd.DataFrame(
        {
            "stratum": unit // 2,
            "psu": unit,
            "weight": np.exp(random.normal(0, 0.35, n)) * 1000 / n,
            "sex": random.choice(["Female", "Male"], n, p=[0.56, 0.44]),
            "age_band": random.choice(["16-34", "35-54", "55+"], n),
            "years": random.integers(16, 90, n),
            "region": random.choice(["North", "South"], n),
            "partner": random.choice(["no", "yes", None], n, p=[0.5, 0.4, 0.1]),
            "score": random.normal(5, 2, n),
        }
    )
    return lp.Sample.from_frame(frame, weight="weight", stratum="stratum", psu="psu")


def each_alone(plain: lp.Sample, way: Way, starts: np.ndarray) -> np.ndarray:
    """Replicates weighted one after the other, as a user would by hand; starts of shape (n, R)."""
    bare = replace(plain.design, replicates=None)
    return np.column_stack([way(plain.with_design(replace(bare, weight=start))).design.weight for start in starts.T])


def replicate_weights(sample: lp.Sample) -> np.ndarray:
    replicates = sample.design.replicates
    assert replicates is not None
    return replicates.weight


def regression_weighted(plain: lp.Sample, weight: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Generalised regression weights, by the formula as printed: w (1 + x' (X'WX)^-1 (t - X'w))."""
    x = np.column_stack([np.ones(len(plain)), plain.answers["years"]])
    return weight * (1 + x @ np.linalg.solve(x.T @ (weight[:, None] * x), total - x.T @ weight))


# ---- laws


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("way", WAYS)
def test_weighting_replicates_before_after_and_one_by_one_is_the_same(design: str, way: str) -> None:
    plain = survey()
    drawn = lp.replicate(plain, **DESIGNS[design])  # type: ignore[arg-type]
    expected = each_alone(plain, WAYS[way], replicate_weights(drawn))
    carried = WAYS[way](drawn)
    again = lp.replicate(WAYS[way](plain), **DESIGNS[design])  # type: ignore[arg-type]

    assert expected.std(axis=1).max() > 0
    scale = expected.mean()
    np.testing.assert_allclose(replicate_weights(carried), expected, rtol=RTOL, atol=RTOL * scale)
    np.testing.assert_allclose(replicate_weights(again), expected, rtol=RTOL, atol=RTOL * scale)
    np.testing.assert_array_equal(carried.design.replicates.full, carried.design.weight)  # type: ignore[union-attr]


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([way for way in WAYS if "bounds" not in way and "at once" not in way]))
def test_the_starting_weights_of_the_sample_give_its_own_weights_back(seed: int, way: str) -> None:
    weighted = WAYS[way](survey(seed))
    again = starting_weight(weighted.design)[None, :].copy()
    rerun_steps(weighted.design, again)

    np.testing.assert_allclose(again[0], weighted.design.weight, rtol=1e-8, atol=1e-12)


def test_bounds_of_raking_count_from_weights_scaled_to_the_population_in_every_replicate() -> None:
    plain = survey()
    doubled = plain.with_design(replace(plain.design, weight=plain.design.weight * 2))
    first, second = (lp.replicate(WAYS["rake in bounds"](rows), method="jackknife") for rows in (plain, doubled))

    np.testing.assert_allclose(replicate_weights(first), replicate_weights(second), rtol=1e-8)


def test_bounds_and_limits_bind_in_the_cases_that_are_tested() -> None:
    plain = survey()
    start = plain.design.weight
    for way in ("calibrate linearly in bounds", "calibrate by raking in bounds"):
        ratio = WAYS[way](plain).design.weight / start
        assert np.isclose(ratio, BOUNDS[0]).any() or np.isclose(ratio, BOUNDS[1]).any()
    for way, high in (("rake and trim at once", 2.2), ("trim", 2), ("trim in equal parts", 1.8)):
        weight = WAYS[way](plain).design.weight
        assert np.isclose(weight, high * weight.mean()).any()


@pytest.mark.parametrize("design", DESIGNS)
def test_balanced_replicates_meet_the_totals_that_the_sample_met(design: str) -> None:
    plain = survey()

    def balanced(rows: lp.Sample) -> lp.Sample:
        return lp.balance(rows, "North", ["sex", "age_band"], group="region")

    carried = balanced(lp.replicate(plain, **DESIGNS[design]))  # type: ignore[arg-type]
    again = lp.replicate(balanced(plain), **DESIGNS[design])  # type: ignore[arg-type]
    south = (plain.answers["region"] == "South").to_numpy()
    for variable in ("sex", "age_band"):
        for category in MARGINS[variable]:
            inside = south & (plain.answers[variable] == category).to_numpy()
            met = replicate_weights(carried)[inside].sum(axis=0)
            np.testing.assert_allclose(met, carried.design.weight[inside].sum(), rtol=1e-9)

    np.testing.assert_allclose(replicate_weights(carried), replicate_weights(again), rtol=RTOL)
    np.testing.assert_array_equal(
        replicate_weights(carried)[~south],
        replicate_weights(lp.replicate(plain, **DESIGNS[design]))[~south],  # type: ignore[arg-type]
    )


def test_a_function_that_balances_takes_the_target_anew_in_every_replicate() -> None:
    plain = survey()

    def balanced(rows: lp.Sample) -> lp.Sample:
        return lp.balance(rows, "North", ["sex", "age_band", "years"], group="region")

    drawn = lp.replicate(plain, method="jackknife")
    got = lp.replicate(plain, method="jackknife", reweight=balanced)
    fixed = lp.replicate(balanced(plain), method="jackknife")

    np.testing.assert_allclose(replicate_weights(got), each_alone(plain, balanced, replicate_weights(drawn)), rtol=RTOL)
    assert np.abs(replicate_weights(got) - replicate_weights(fixed)).max() > 0.01


def test_weights_declared_raked_carry_replicates_along() -> None:
    raked = lp.rake(survey(), MARGINS)
    given = raked.with_design(replace(raked.design, calibration=()))
    declared = lp.declare_raked(lp.replicate(given, method="jackknife"), ["sex", "age_band"])
    expected = lp.replicate(lp.declare_raked(given, ["sex", "age_band"]), method="jackknife")

    np.testing.assert_allclose(replicate_weights(declared), replicate_weights(expected), rtol=RTOL)
    np.testing.assert_array_less(lp.distribution(declared, "age_band").std_error, 1e-10)


def test_waves_weighted_apart_and_stacked_are_weighted_apart_again() -> None:
    waves = [
        WAYS[way](survey(seed))
        for seed, way in enumerate(["rake and trim at once", "trim", "rake, leaving out who did not answer"])
    ]
    names = ["2020", "2022", "rerun"]
    stacked = replicate_weights(lp.replicate(lp.stack(waves, names), method="jackknife"))
    alone = [replicate_weights(lp.replicate(wave, method="jackknife")) for wave in waves]
    row = column = 0
    for part in alone:
        block = stacked[row : row + part.shape[0], column : column + part.shape[1]]
        np.testing.assert_allclose(block, part, rtol=1e-8, atol=1e-10)
        row, column = row + part.shape[0], column + part.shape[1]


# ---- steps of samples made by hand


def test_raking_many_starting_weights_equals_raking_each() -> None:
    plain = sample()
    raked = lp.rake(plain, MARGINS)
    starts = plain.design.weight * np.random.default_rng(6).uniform(0.2, 3, (25, len(plain)))
    expected = [
        lp.rake(plain.with_design(replace(plain.design, weight=start)), MARGINS).design.weight for start in starts
    ]
    rerun_steps(raked.design, starts)

    np.testing.assert_allclose(starts, expected, rtol=1e-8)


def test_raking_the_weights_that_were_raked_gives_them_back() -> None:
    raked = lp.rake(sample(), MARGINS)
    again = starting_weight(raked.design)[None, :].copy()
    np.testing.assert_array_equal(again[0], raked.design.calibration[0].weight_before)
    rerun_steps(raked.design, again)

    np.testing.assert_allclose(again[0], raked.design.weight, rtol=RTOL)


def test_respondents_without_an_answer_or_a_group_are_left_as_raking_leaves_them() -> None:
    plain = sample()
    frame = plain.answers.assign(age_band=plain.answers["age_band"].where(plain.answers.index % 9 > 0))
    frame["region"] = np.where(frame.index % 7 == 0, None, np.where(frame.index % 2 == 0, "North", "South"))
    plain = lp.Sample.from_frame(frame, weight="weight")
    raked = lp.rake(plain, MARGINS, within="region")
    starts = plain.design.weight * np.random.default_rng(7).uniform(0.2, 3, (5, len(plain)))
    expected = [
        lp.rake(plain.with_design(replace(plain.design, weight=start)), MARGINS, within="region").design.weight
        for start in starts
    ]
    rerun_steps(raked.design, starts)

    np.testing.assert_allclose(starts, expected, rtol=1e-8)


@pytest.mark.parametrize("distance", ["", "linear"])
def test_a_linear_calibration_is_run_again_as_a_linear_one_even_where_it_is_not_known(distance: str) -> None:
    plain = sample()
    total = np.array([1000.0, 47_000.0])
    weight = regression_weighted(plain, plain.design.weight, total)
    auxiliary = np.column_stack([np.ones(len(plain)), plain.answers["years"]])
    step = Calibration(np.arange(len(plain)), auxiliary, plain.design.weight, "years", distance)  # type: ignore[arg-type]
    design = replace(plain.design, weight=weight, calibration=(step,))
    starts = plain.design.weight * np.random.default_rng(8).uniform(0.2, 3, (25, len(plain)))
    expected = [regression_weighted(plain, start, total) for start in starts]
    rerun_steps(design, starts)

    np.testing.assert_allclose(starts, expected, rtol=1e-8)


def test_two_respondents_in_one_cell_worked_by_hand() -> None:
    """Women weigh 1 and 3 and shall be 8: x 2. With the first left out and the second doubled, 6 shall be 8: x 4/3."""
    frame = pd.DataFrame({"sex": ["Female", "Female", "Male"], "weight": [1.0, 3.0, 5.0]})
    weighted = lp.post_stratify(lp.Sample.from_frame(frame, weight="weight"), "sex", {"Female": 8.0, "Male": 10.0})
    again = np.array([[1.0, 3.0, 5.0], [0.0, 6.0, 2.0]])
    rerun_steps(weighted.design, again)

    np.testing.assert_allclose(again, [[2, 6, 10], [0, 8, 10]], rtol=RTOL)


# ---- refusals


CHANGES: dict[str, Callable[[lp.Sample], np.ndarray]] = {
    "the largest are cut": lambda raked: np.minimum(raked.design.weight, 8.0),
    "a cell is doubled": lambda raked: raked.design.weight * (1 + young_women(raked)),
    "a cell is left out": lambda raked: raked.design.weight * (1 - young_women(raked)),
}


def young_women(sample: lp.Sample) -> np.ndarray:
    return ((sample.answers["sex"] == "Female") & (sample.answers["age_band"] == "16-34")).to_numpy().astype(float)


@pytest.mark.parametrize("change", CHANGES)
def test_weights_changed_by_hand_after_a_step_are_not_run_again(change: str) -> None:
    raked = lp.rake(sample(), MARGINS)
    cut = replace(raked.design, weight=CHANGES[change](raked))

    with pytest.raises(WeightingError, match="not those of its raking calibration, so that they were changed"):
        rerun_steps(cut, starting_weight(cut)[None, :].copy())
    unknown = replace(cut, calibration=tuple(replace(step, distance="") for step in cut.calibration))
    with pytest.raises(WeightingError, match="not those of an unbounded raking or linear calibration"):
        rerun_steps(unknown, starting_weight(unknown)[None, :].copy())


def test_trimmed_weights_changed_by_hand_are_not_run_again() -> None:
    trimmed = lp.trim(sample(), high=1.5)
    changed = replace(trimmed.design, weight=trimmed.design.weight * np.linspace(0.9, 1.1, len(trimmed)))

    with pytest.raises(WeightingError, match="not those of its trimming"):
        rerun_steps(changed, starting_weight(changed)[None, :].copy())


@pytest.mark.parametrize("way", ["rake", "calibrate by logit", "rake and trim at once"])
def test_replicates_that_lose_a_category_are_counted(way: str) -> None:
    weighted = WAYS[way](survey())
    starts = np.repeat(starting_weight(weighted.design)[None, :], 3, axis=0)
    starts[1, (weighted.answers["sex"] == "Male").to_numpy()] = 0.0

    with pytest.raises(WeightingError, match="1 of 3 replicates can't meet the margins"):
        rerun_steps(weighted.design, starts)


def test_a_replicate_that_loses_a_group_is_counted() -> None:
    weighted = WAYS["rake and trim at once within"](survey())
    starts = np.repeat(starting_weight(weighted.design)[None, :], 3, axis=0)
    starts[2, (weighted.answers["region"] == "South").to_numpy()] = 0.0

    with pytest.raises(WeightingError, match="1 of 3 replicates can't meet the margins"):
        rerun_steps(weighted.design, starts)


def test_a_replicate_whose_equations_have_no_solution_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def singular(_problem: object) -> None:
        raise np.linalg.LinAlgError

    weighted = WAYS["rake"](survey())
    starts = np.repeat(starting_weight(weighted.design)[None, :], 2, axis=0)
    starts[1, (weighted.answers["sex"] == "Male").to_numpy()] = 0.0
    monkeypatch.setattr("lpact_eval.weighting.many.solve", singular)

    with pytest.raises(WeightingError, match="1 of 2 replicates can't meet the margins"):
        rerun_steps(weighted.design, starts)


def test_bounds_too_narrow_for_a_replicate_are_named() -> None:
    weighted = WAYS["rake in bounds"](survey())
    starts = np.repeat(starting_weight(weighted.design)[None, :], 2, axis=0)
    starts[1, (weighted.answers["sex"] == "Male").to_numpy()] *= 0.1

    with pytest.raises(WeightingError, match=r"1 of 2 replicates can't .* or the bounds are too narrow for them"):
        rerun_steps(weighted.design, starts)
