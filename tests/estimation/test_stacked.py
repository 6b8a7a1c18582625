"""Estimates under each other keep value, error, interval and remarks of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.noted import noted
from lpact_eval.estimation.stacked import refused_where, stacked


def survey() -> lp.Sample:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {"answer": rng.choice(["yes", "no"], 300), "group": rng.choice(["a", "b"], 300), "score": rng.normal(size=300)}
    )
    return lp.Sample.from_frame(frame)


def test_every_part_keeps_its_interval_and_degrees_of_freedom() -> None:
    shares = lp.proportion(survey(), "answer", "yes", by="group")
    parts = [shares, lp.difference(shares, "group", "b", minus="a"), lp.mean(survey_of(shares), "score")]
    joined = stacked(parts)
    for side in (0, 1):
        wanted = np.concatenate([part.confint(level=0.9)[side] for part in parts])
        np.testing.assert_allclose(joined.confint(level=0.9)[side], wanted, rtol=1e-12)
    np.testing.assert_allclose(joined.std_error, np.concatenate([part.std_error for part in parts]), rtol=1e-12)
    np.testing.assert_allclose(joined.df, np.concatenate([part.df for part in parts]), rtol=1e-9)
    last = joined.take(np.array([3, 0]))
    np.testing.assert_allclose(last.confint()[0], joined.confint()[0][[3, 0]], rtol=1e-12)


def survey_of(estimate: lp.Estimate) -> lp.Sample:
    """The respondents behind an estimate, under its design."""
    return survey().with_design(estimate.design)


def test_both_variances_can_stand_together() -> None:
    sample = survey()
    parts = [lp.proportion(sample, "answer", "yes", variance=variance) for variance in ("cr2", "taylor")]
    np.testing.assert_allclose(stacked(parts).std_error, [part.std_error[0] for part in parts], rtol=1e-12)


def test_what_is_refused_has_no_limits() -> None:
    shares = lp.proportion(survey(), "answer", "yes", by="group")
    joined = stacked([refused_where(shares, ["too few", ""]), shares])
    assert joined.refused == ("too few", "", "", "")
    assert np.isnan(joined.confint()[0]).tolist() == [True, False, False, False]


def test_a_remark_is_among_the_flags_and_follows_its_estimate() -> None:
    shares = noted(lp.proportion(survey(), "answer", "yes", by="group"), ["mind this", ""])
    assert shares.flags == ("mind this", "")
    assert shares.take(np.array([1, 0])).flags == ("", "mind this")
    assert lp.difference(shares, "group", "b", minus="a").flags == ("mind this",)


def test_estimates_of_other_respondents_do_not_stand_together() -> None:
    with pytest.raises(WrongUseError, match="come from different samples"):
        stacked([lp.proportion(survey(), "answer", "yes"), lp.proportion(survey(), "answer", "yes")])
