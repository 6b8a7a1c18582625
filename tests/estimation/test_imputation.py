"""Multiple imputation and pooling: cases on paper, laws, and every refusal."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.matching import Predictors, match

AGREE = ("agree", "neither", "disagree")
RTOL = 1e-9


def survey(n: int = 240, seed: int = 1, share: float = 0.1) -> pd.DataFrame:
    """Two waves, two ethnic groups, sites; trust depends on age and is missing at a rate that depends on age too."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "wave": np.repeat(["a", "b"], [n // 2, n - n // 2]),
            "ethnicity": rng.choice(["Black", "White"], n, p=[0.4, 0.6]),
            "site": rng.integers(0, 8, n),
            "age": rng.normal(45, 15, n),
            "weight": rng.uniform(0.5, 2, n),
        }
    )
    frame["site"] = frame["wave"] + frame["site"].astype(str)
    frame["trust"] = 3 + 0.04 * (frame["age"] - 45) + rng.normal(0, 0.6, n)
    latent = frame["trust"] + rng.normal(0, 0.5, n)
    frame["agrees"] = pd.Categorical(
        np.select([latent > 3.3, latent > 2.7], AGREE[:2], AGREE[2]), categories=list(AGREE), ordered=True
    )
    gone = rng.random(n) < np.clip(2 * share * (frame["age"] - 15) / 60, 0, 1)
    frame.loc[gone, "trust"] = np.nan
    frame.loc[rng.random(n) < share, "agrees"] = np.nan
    return frame


def sample_of(frame: pd.DataFrame, *, clustered: bool = True) -> lp.Sample:
    return lp.Sample.from_frame(frame, weight="weight", stratum="wave", psu="site" if clustered else None)


@cache
def completed() -> tuple[lp.Sample, tuple[lp.Sample, ...]]:
    sample = sample_of(survey())
    return sample, tuple(lp.impute(sample, ["trust", "agrees"], using="age", m=5, seed=20))


def levels(sample: lp.Sample, variance: str = "cr2") -> lp.Estimate:
    return lp.mean(sample, "trust", by=["wave", "ethnicity"], variance=variance)  # type: ignore[arg-type]


def made_up(values: list[float]) -> list[lp.Estimate]:
    """Means of four respondents with variance 1/3 x 5 / 4 each, moved to the given values."""
    frames = [pd.DataFrame({"y": np.array([0.0, 1, 2, 3]) - 1.5 + value}) for value in values]
    return [lp.mean(lp.Sample.from_frame(frame), "y", variance="taylor") for frame in frames]


def test_rubins_rules_on_paper() -> None:
    """Q = 1, 2, 3: mean 2, B = 1. U = s^2 / n = 5/3 / 4 = 5/12. T = 5/12 + 4/3 = 7/4; lambda = 16/21.

    Rubin's df = 2 (21/16)^2; the design's is 3, so the observed one is 4/6 x 3 x 5/21 = 10/21.
    """
    pooled = lp.pool(made_up([1, 2, 3]))
    np.testing.assert_allclose(pooled.value, [2])
    np.testing.assert_allclose(pooled.std_error, [np.sqrt(7 / 4)])
    np.testing.assert_allclose(pooled.df, [1 / (1 / (2 * (21 / 16) ** 2) + 21 / 10)])
    table = lp.missing_information(pooled)
    np.testing.assert_allclose(table["relative_increase"], [(4 / 3) / (5 / 12)])
    increase = 16 / 5
    fraction = (increase + 2 / (pooled.df[0] + 3)) / (increase + 1)
    np.testing.assert_allclose(table["missing_information"], [fraction])
    assert table["copies"].tolist() == [3]
    assert table["copies_needed"].tolist() == [np.ceil(100 * fraction)]


def test_a_share_beside_its_complete_cases() -> None:
    """Six answered, three of them yes; two more were imputed, yes in one copy and no in the other."""
    yes, no, hole = "yes", "no", None
    answers = [yes] * 3 + [no] * 3
    filled = [lp.Sample.from_frame(pd.DataFrame({"x": [*answers, *more]})) for more in ([yes, no], [no, no])]
    given_ = lp.Sample.from_frame(pd.DataFrame({"x": [*answers, hole, hole]}))
    shares = [lp.proportion(sample, "x", "yes") for sample in filled]
    table = lp.pool(shares, complete_case=lp.proportion(given_, "x", "yes")).to_frame()
    assert table["cases"].tolist() == ["imputed", "complete"]
    np.testing.assert_allclose(table["estimate"], [(4 / 8 + 3 / 8) / 2, 1 / 2])
    assert table["n"].tolist() == [6, 6]
    assert (table["n_effective"] <= 6).all()
    assert table["refused"].tolist() == ["", ""]
    assert ((table["conf_low"] < table["estimate"]) & (table["estimate"] < table["conf_high"])).all()


@pytest.mark.parametrize("variance", ["taylor", "cr2"])
def test_copies_that_do_not_differ_give_the_estimate_itself(variance: str) -> None:
    sample = sample_of(survey(share=0))
    one = levels(sample, variance)
    pooled = lp.pool([one, one, one])
    np.testing.assert_allclose(pooled.value, one.value)
    np.testing.assert_allclose(pooled.vcov, one.vcov, rtol=RTOL, atol=1e-15)
    np.testing.assert_allclose(pooled.df, (one.df + 1) / (one.df + 3) * one.df)
    assert (lp.missing_information(pooled)["missing_information"] == 0).all()


@pytest.mark.parametrize("variance", ["taylor", "cr2"])
def test_the_whole_covariance_matrix_is_rubins(variance: str) -> None:
    estimates = [levels(copy, variance) for copy in completed()[1]]
    pooled = lp.pool(estimates)
    between = np.cov(np.array([one.value for one in estimates]).T)
    total = np.mean([one.vcov for one in estimates], axis=0) + (1 + 1 / 5) * between
    np.testing.assert_allclose(pooled.vcov, total, rtol=RTOL, atol=1e-15)
    assert (pooled.df <= np.mean([one.df for one in estimates], axis=0)).all()


@pytest.mark.parametrize("variance", ["taylor", "cr2"])
def test_differences_of_pooled_are_pooled_differences(variance: str) -> None:
    """Means and shares; with shares Newcombe's interval too."""
    copies = completed()[1]
    for statistic in (
        lambda copy: levels(copy, variance),
        lambda copy: lp.proportion(copy, "agrees", "agree", by=["wave", "ethnicity"], variance=variance),  # type: ignore[arg-type]
    ):
        estimates = [statistic(copy) for copy in copies]
        first = lp.difference(lp.pool(estimates), "wave", "b", minus="a").to_frame()
        second = lp.pool([lp.difference(one, "wave", "b", minus="a") for one in estimates]).to_frame()
        pd.testing.assert_frame_equal(first, second, rtol=1e-8)


def test_changes_of_shares_are_pooled_beside_complete_cases_in_either_order() -> None:
    sample, copies = completed()

    def share(one: lp.Sample) -> lp.Estimate:
        return lp.proportion(one, "agrees", "agree", by=["wave", "ethnicity"])

    def change(one: lp.Estimate) -> lp.Estimate:
        return lp.difference(one, "wave", "b", minus="a")

    first = change(lp.pool([share(copy) for copy in copies], complete_case=share(sample))).to_frame()
    second = lp.pool([change(share(copy)) for copy in copies], complete_case=change(share(sample))).to_frame()
    pd.testing.assert_frame_equal(first, second, rtol=1e-8)
    alone = change(share(sample)).to_frame()
    beside = first[first["cases"] == "complete"].drop(columns="cases").reset_index(drop=True)
    pd.testing.assert_frame_equal(beside, alone, rtol=1e-8)


def test_what_imputation_moves_has_its_own_standard_error() -> None:
    sample, copies = completed()
    both = lp.pool([levels(copy) for copy in copies], complete_case=levels(sample))
    moved = lp.difference(both, "cases", "imputed", minus="complete")
    assert (moved.std_error < both.std_error[:4]).all()
    assert (moved.df <= both.df[:4]).all()


def test_regressions_are_pooled_too() -> None:
    fits = [lp.regress(copy, "trust ~ wave * ethnicity + age").coefficients for copy in completed()[1]]
    pooled = lp.pool(fits)
    np.testing.assert_allclose(pooled.value, np.mean([fit.value for fit in fits], axis=0))
    assert (pooled.std_error**2 >= np.mean([fit.std_error**2 for fit in fits], axis=0)).all()


def test_estimates_pooled_from_the_same_copies_combine() -> None:
    copies = completed()[1]
    trust = [levels(copy) for copy in copies]
    agrees = [lp.proportion(copy, "agrees", "agree", by=["wave", "ethnicity"]) for copy in copies]
    apart = lp.combine([lp.pool(trust), lp.pool(agrees)])
    together = lp.pool([lp.combine([one, other]) for one, other in zip(trust, agrees, strict=True)])
    np.testing.assert_allclose(apart.vcov, together.vcov, rtol=1e-8, atol=1e-14)


def test_every_copy_is_complete_and_keeps_what_was_answered() -> None:
    sample, copies = completed()
    for name in ("trust", "agrees"):
        answered = sample.answers[name].notna()
        for copy in copies:
            assert copy.answers[name].notna().all()
            assert copy.answers[name].dtype == sample.answers[name].dtype
            pd.testing.assert_series_equal(copy.answers.loc[answered, name], sample.answers.loc[answered, name])
            assert set(copy.answers[name]) <= set(sample.answers.loc[answered, name])
    drawn = np.array([copy.answers.loc[sample.answers["trust"].isna(), "trust"] for copy in copies])
    assert np.unique(drawn, axis=0).shape[0] == len(copies)
    assert sample.answers["trust"].isna().any()


def test_the_seed_decides_and_a_larger_m_adds() -> None:
    sample = sample_of(survey())
    first = lp.impute(sample, "trust", using="age", m=2, seed=4)
    second = lp.impute(sample, "trust", using="age", m=3, seed=4)
    other = lp.impute(sample, "trust", using="age", m=2, seed=5)
    for one, same in zip(first, second, strict=False):
        pd.testing.assert_frame_equal(one.answers, same.answers)
    assert not first[0].answers["trust"].equals(other[0].answers["trust"])


def test_answers_missing_by_age_are_given_back_by_age() -> None:
    """Older people trust more and answer less: those who answered understate trust, imputation does not."""
    frame = survey(3000, seed=6, share=0.25)
    truth = survey(3000, seed=6, share=0)["trust"].mean()
    sample = sample_of(frame, clustered=False)
    pooled = lp.pool([lp.mean(copy, "trust") for copy in lp.impute(sample, "trust", using="age", m=20, seed=7)])
    answered = lp.mean(sample, "trust")
    assert abs(answered.value[0] - truth) > 4 * answered.std_error[0]
    assert abs(pooled.value[0] - truth) < pooled.std_error[0]


def test_missing_answers_of_a_site_come_from_answers_like_those_of_the_site() -> None:
    rng = np.random.default_rng(8)
    site = np.repeat(np.arange(10), 20)
    score = np.where(site < 5, 1.0, 5.0) + rng.normal(0, 0.1, 200)
    observed = rng.random(200) > 0.2
    predictors = Predictors(np.ones((200, 1)), site)
    giver = match(score, predictors, observed=observed, wanted=~observed, rng=rng)
    assert ((score[giver] > 3) == (site[~observed] >= 5)).all()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_givers_are_always_respondents_who_answered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(8, 60))
    observed = rng.random(n) > 0.4
    observed[:2] = True
    score = np.where(observed, rng.integers(1, 6, n), np.nan).astype(float)
    columns = np.column_stack([np.ones(n), rng.integers(0, 2, n), rng.integers(0, 2, n), np.zeros(n)]).astype(float)
    giver = match(score, Predictors(columns, rng.integers(0, 4, n)), observed=observed, wanted=~observed, rng=rng)
    assert giver.size == (~observed).sum()
    assert observed[giver].all()


def test_equal_expectations_are_shared_out_among_all_givers() -> None:
    observed = np.arange(400) < 200
    score = np.where(observed, np.arange(400) % 5, np.nan)
    rng = np.random.default_rng(9)
    giver = match(score, Predictors(np.ones((400, 1))), observed=observed, wanted=~observed, rng=rng)
    assert np.unique(giver).size > 80


def test_questions_not_asked_stay_missing() -> None:
    frame = survey()
    frame.loc[frame["wave"] == "a", "agrees"] = np.nan
    kinds = pd.DataFrame(
        {"agrees": np.where(frame["wave"] == "a", "not asked", np.where(frame["agrees"].isna(), "blank", None))}
    )
    plain = sample_of(frame)
    sample = lp.Sample(plain.answers, plain.design, missing=kinds)
    for copy in lp.impute(sample, ["trust", "agrees"], using="ethnicity", m=2, seed=1):
        assert copy.answers.loc[frame["wave"] == "a", "agrees"].isna().all()
        assert copy.answers.loc[frame["wave"] == "b", "agrees"].notna().all()
        assert copy.answers["trust"].notna().all()


def test_the_number_of_copies_follows_the_share_missing() -> None:
    frame = survey(400, seed=3, share=0.02)
    assert len(lp.impute(sample_of(frame), "agrees", using="age", seed=1)) == 20
    frame.loc[(frame["ethnicity"] == "Black") & (frame.index % 5 == 0), "agrees"] = None
    group = frame.groupby(["wave", "ethnicity"])["agrees"].apply(lambda answers: answers.isna().mean()).max()
    assert len(lp.impute(sample_of(frame), "agrees", using="age", seed=1)) == int(np.ceil(100 * group - 1e-9))


def test_predictors_may_be_missing_and_crossed() -> None:
    frame = survey().assign(attended=lambda table: np.where(table["wave"] == "a", None, "yes"))
    frame.loc[::7, "attended"] = "no"
    frame.loc[::9, "age"] = np.nan
    copies = lp.impute(sample_of(frame), "trust", using=["age", "attended:ethnicity", "agrees"], m=2, seed=1)
    assert all(copy.answers["trust"].notna().all() for copy in copies)


def test_a_sample_without_waves_weights_or_sites_is_completed_too() -> None:
    frame = survey()[["age", "trust"]]
    for copy in lp.impute(lp.Sample.from_frame(frame), "trust", using="age", m=2, seed=1):
        assert copy.answers["trust"].notna().all()
    everywhere = lp.Sample.from_frame(frame.assign(site="one"), psu="site")
    for copy in lp.impute(everywhere, "trust", using="age", m=2, seed=1):
        assert copy.answers["trust"].notna().all()


def test_too_much_missing_in_a_group_is_refused() -> None:
    frame = survey()
    black = frame.index[(frame["ethnicity"] == "Black") & (frame["wave"] == "b")]
    frame.loc[black[: int(0.4 * len(black))], "agrees"] = None
    with pytest.raises(
        EstimationError, match=r"impute 'agrees': more than 30% of the answers are missing in \{'b Black'"
    ):
        lp.impute(sample_of(frame), "agrees", using="age", seed=1)


def test_groups_below_ten_are_judged_together() -> None:
    frame = survey()
    frame.loc[frame.index[:4], "ethnicity"] = "Mixed"
    frame.loc[frame.index[:2], "agrees"] = np.nan
    frame.loc[frame.index[2:4], "agrees"] = "agree"
    frame.loc[frame.index[-5:], "ethnicity"] = "Other"
    frame.loc[frame.index[-5:], "agrees"] = "neither"
    assert len(lp.impute(sample_of(frame), "agrees", using="age", m=2, seed=1)) == 2


def test_a_pooled_estimate_with_too_many_imputed_answers_is_refused_with_complete_cases_beside_it() -> None:
    sample, copies = completed()
    young = pd.Series(np.where(sample.answers["trust"].isna() | (sample.answers.index % 5 == 0), "most gone", "rest"))

    def by_share(one: lp.Sample) -> lp.Estimate:
        return lp.mean(lp.Sample(one.answers.assign(part=young), one.design), "trust", by="part")

    table = lp.pool([by_share(copy) for copy in copies], complete_case=by_share(sample)).to_frame()
    missing = sample.answers["trust"].isna()[young == "most gone"].mean()
    assert table["refused"].tolist() == [f"{missing:.0%} of the answers are missing, more than 30%", "", "", ""]
    assert np.isnan(table["std_error"][0])
    assert table["std_error"][2] > 0
    allowed = lp.pool([by_share(copy) for copy in copies], complete_case=by_share(sample), most_missing=0.9)
    assert not any(allowed.refused)


def test_a_domain_refused_in_a_copy_is_refused_in_the_pool() -> None:
    frame = survey(share=0).assign(part="rest")
    frame.loc[0, "part"] = "alone"
    one = lp.mean(sample_of(frame), "trust", by="part")
    pooled = lp.pool([one, one])
    assert pooled.refused == ("no degrees of freedom: all 1 answers come from one sampling unit", "")
    assert np.isnan(pooled.std_error[0])
    assert np.isnan(pooled.df[0])


def test_refusals_of_imputing() -> None:
    sample = sample_of(survey())
    with pytest.raises(WrongUseError, match="name one or more different variables"):
        lp.impute(sample, [], using="age", seed=1)
    with pytest.raises(WrongUseError, match="with m=1: two or more copies"):
        lp.impute(sample, "trust", using="age", m=1, seed=1)
    with pytest.raises(EstimationError, match="no such variable"):
        lp.impute(sample, "trust", using="height", seed=1)
    with pytest.raises(EstimationError, match="its answers have no order"):
        lp.impute(sample, "ethnicity", using="age", seed=1)
    with pytest.raises(EstimationError, match="40 respondents answered; 50 or more"):
        lp.impute(sample_of(survey(40, share=0)), "trust", using="age", seed=1)
    names = survey().assign(name=[f"person {row}" for row in range(240)])
    with pytest.raises(EstimationError, match="impute with 'name': 240 categories for 240"):
        lp.impute(sample_of(names), "trust", using="name", seed=1)


def test_refusals_of_pooling() -> None:
    one = levels(completed()[0])
    with pytest.raises(WrongUseError, match="Cannot pool 1 estimates"):
        lp.pool([one])
    with pytest.raises(WrongUseError, match="estimates of different things"):
        lp.pool([one, lp.mean(completed()[0], "trust", by="wave")])
    with pytest.raises(WrongUseError, match="not made by pool"):
        lp.missing_information(one)
