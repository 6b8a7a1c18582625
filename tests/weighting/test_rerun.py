"""Calibration steps run again for many starting weights give what each would give alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import WeightingError
from lpact_eval.sample import Calibration
from lpact_eval.weighting.rerun import rerun_steps, starting_weight

RTOL = 1e-9  # our raking stops at 1e-10 of a margin, the re-run at 1e-12
MARGINS = {"sex": {"Female": 510.0, "Male": 490.0}, "age_band": {"16-34": 300.0, "35-54": 330.0, "55+": 370.0}}


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


def regression_weighted(plain: lp.Sample, weight: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Generalised regression weights, by the formula as printed: w (1 + x' (X'WX)^-1 (t - X'w))."""
    x = np.column_stack([np.ones(len(plain)), plain.answers["years"]])
    return weight * (1 + x @ np.linalg.solve(x.T @ (weight[:, None] * x), total - x.T @ weight))


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


def test_a_linear_calibration_is_run_again_as_a_linear_one() -> None:
    plain = sample()
    total = np.array([1000.0, 47_000.0])
    weight = regression_weighted(plain, plain.design.weight, total)
    auxiliary = np.column_stack([np.ones(len(plain)), plain.answers["years"]])
    step = Calibration(np.arange(len(plain)), auxiliary, plain.design.weight, "years")
    design = replace(plain.design, weight=weight, calibration=(step,))
    starts = plain.design.weight * np.random.default_rng(8).uniform(0.2, 3, (25, len(plain)))
    expected = [regression_weighted(plain, start, total) for start in starts]
    rerun_steps(design, starts)

    np.testing.assert_allclose(starts, expected, rtol=1e-8)


def test_trimmed_weights_are_not_run_again() -> None:
    raked = lp.rake(sample(), MARGINS)
    trimmed = replace(raked.design, weight=np.minimum(raked.design.weight, 8.0))

    with pytest.raises(WeightingError, match="not those of an unbounded raking or a linear calibration"):
        rerun_steps(trimmed, starting_weight(trimmed)[None, :].copy())
