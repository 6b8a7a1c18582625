"""Quantiles: laws, cases worked by hand and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError


def survey(seed: int = 1, n: int = 150) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "weight": np.exp(random.normal(0, 0.4, n)),
            "site": np.arange(n) % 15,
            "minutes": random.gamma(3, 10, n),
            "rating": random.integers(1, 6, n).astype(float),
            "group": random.choice(["a", "b"], n),
        }
    )


def sample(frame: pd.DataFrame) -> lp.Sample:
    return lp.Sample.from_frame(frame, weight="weight", psu="site")


def test_quantiles_of_four_answers_worked_by_hand() -> None:
    """Weights 1, 1, 1, 3 of 6: 50 % are reached at the third answer exactly, 51 % at the fourth, 10 % at the first."""
    frame = pd.DataFrame({"y": [30.0, 10.0, 20.0, 40.0], "weight": [1.0, 1.0, 1.0, 3.0]})
    got = lp.quantile(lp.Sample.from_frame(frame, weight="weight"), "y", [0.1, 0.5, 0.51])

    np.testing.assert_array_equal(got.value, [10, 30, 40])
    assert list(got.labels["q"]) == ["0.1", "0.5", "0.51"]


def test_limits_are_the_quantiles_at_the_limits_of_the_share_at_or_below() -> None:
    frame = survey()
    at = sample(frame)
    got = lp.quantile(at, "minutes", 0.5)
    below = frame.assign(below=(frame["minutes"] <= got.value[0]).astype(float))
    share = lp.mean(sample(below), "below")
    table = share.to_frame(interval="wald")
    limits = lp.quantile(at, "minutes", [table["conf_low"][0], table["conf_high"][0]]).value

    np.testing.assert_allclose([*got.confint()], limits[:, None])
    np.testing.assert_array_equal(got.df, share.df)
    np.testing.assert_allclose(
        got.std_error, np.diff(limits) / (table["conf_high"] - table["conf_low"]) * share.std_error
    )


@pytest.mark.parametrize("variance", ["cr2", "taylor"])
def test_a_list_of_shares_gives_what_each_share_gives(variance: str) -> None:
    at = sample(survey())
    both = lp.quantile(at, "minutes", [0.25, 0.75], by="group", variance=variance)
    for q in (0.25, 0.75):
        one, of_two = lp.quantile(at, "minutes", q, by="group", variance=variance), both.select(q=str(q))
        np.testing.assert_allclose(of_two.vcov, one.vcov)
        assert list(one.labels.columns) == ["variable", "group"]
        np.testing.assert_array_equal(of_two.confint(), one.confint())


@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_weight_scale_and_row_order_do_not_matter(seed: int, factor: float) -> None:
    frame = survey(seed)
    mixed = frame.sample(frac=1, random_state=seed).assign(weight=lambda rows: rows["weight"] * factor)
    first, second = (lp.quantile(sample(rows), "minutes", 0.4, by="group").to_frame() for rows in (frame, mixed))

    pd.testing.assert_frame_equal(first, second, rtol=1e-9)


@given(st.integers(0, 10_000))
def test_a_domain_does_not_depend_on_the_answers_outside(seed: int) -> None:
    frame = survey(seed)
    other = frame.assign(minutes=frame["minutes"].where(frame["group"] == "a", 7.0))
    first, second = (lp.quantile(sample(rows), "minutes", 0.5, by="group").select(group="a") for rows in (frame, other))

    np.testing.assert_array_equal(first.value, second.value)
    np.testing.assert_allclose(first.vcov, second.vcov)


def test_the_difference_of_two_medians_keeps_their_covariance() -> None:
    medians = lp.quantile(sample(survey()), "minutes", 0.5, by="group", variance="taylor")
    gap = lp.difference(medians, "group", "b", minus="a")
    first, second = medians.std_error

    assert gap.value[0] == medians.value[1] - medians.value[0]
    assert gap.vcov[0, 0] == pytest.approx(first**2 + second**2 - 2 * medians.vcov[0, 1])
    low, high = gap.confint()
    assert high[0] - gap.value[0] == pytest.approx(gap.value[0] - low[0])


def test_missing_answers_and_rows_of_weight_zero_are_left_out() -> None:
    frame = survey()
    frame.loc[:19, "minutes"] = np.nan
    frame.loc[20:39, "weight"] = 0.0
    got = lp.quantile(sample(frame), "minutes", 0.5)
    kept = lp.quantile(sample(frame.iloc[40:]), "minutes", 0.5)

    assert got.value[0] == kept.value[0]
    assert got.n[0] == 110


def test_ties_give_an_answer_that_was_given() -> None:
    got = lp.quantile(sample(survey()), "rating", [0.2, 0.5, 0.8]).to_frame()

    assert set(got["estimate"]) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert (got["conf_low"] <= got["estimate"]).all()
    assert (got["conf_high"] >= got["estimate"]).all()


def test_a_quantile_on_a_raked_margin_is_known() -> None:
    frame = survey().assign(old=lambda rows: np.where(rows["rating"] > 2, "yes", "no"))
    raked = lp.rake(sample(frame.assign(code=(frame["old"] == "yes") * 1.0)), {"old": {"yes": 70.0, "no": 30.0}})
    got = lp.quantile(raked, "code", 0.2).to_frame()

    assert got[["estimate", "std_error", "conf_low", "conf_high"]].to_numpy().tolist() == [[0, 0, 0, 0]]


def test_no_interval_is_given_where_every_answer_lies_at_or_below() -> None:
    frame = survey().assign(rating=5.0)
    got = lp.quantile(sample(frame), "rating", 0.5).to_frame()

    assert got["estimate"][0] == 5
    assert got["refused"][0] == "no interval: every answer lies at or below the quantile"
    assert np.isnan(got["conf_low"][0])


@pytest.mark.parametrize(("q", "side"), [(0.01, "below"), (0.98, "above")])
def test_no_interval_is_given_with_too_few_answers_on_one_side(q: float, side: str) -> None:
    got = lp.quantile(sample(survey(n=60)), "minutes", q).to_frame()

    assert got["refused"][0] == f"no interval: too few answers lie {side} the quantile"


def test_a_domain_in_one_psu_is_refused() -> None:
    frame = survey().assign(group=lambda rows: np.where(rows["site"] == 3, "one site", "others"))
    got = lp.quantile(sample(frame), "minutes", 0.5, by="group").to_frame()

    assert "one sampling unit" in got["refused"][0]
    assert np.isnan(got["std_error"][0])
    assert got["refused"][1] == ""


@pytest.mark.parametrize("q", [0, 1, 50, [], [0.5, 2.0]])
def test_shares_outside_0_to_1_are_refused(q: float) -> None:
    with pytest.raises(WrongUseError, match="shares lie between 0 and 1"):
        lp.quantile(sample(survey()), "minutes", q)


def test_categories_have_no_quantile() -> None:
    with pytest.raises(EstimationError, match="it holds categories, not numbers"):
        lp.quantile(sample(survey()), "group", 0.5)
