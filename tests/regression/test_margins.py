from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.combine import combine
from lpact_eval.estimation.contrast import contrast
from lpact_eval.sample import Variable

RTOL = 1e-9  # two orders of summation of the same arithmetic
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
FIXED_TOO_SMALL = 0.95  # what the respondents add to the error of a prediction in these surveys is over this
Clusters = Literal["rows", "sites", "raked"]


def survey() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    n = 120
    frame = pd.DataFrame(
        {
            "weight": rng.uniform(0.5, 2, n),
            "group": np.resize(["Black", "White"], n),
            "attended": rng.permutation(np.resize(["yes", "no"], n)),
            "years": rng.normal(10, 3, n),
        }
    )
    frame["confident"] = (rng.normal(0, 1, n) + 0.6 * (frame["attended"] == "yes") + 0.05 * frame["years"] > 0.7) * 1.0
    return frame


@pytest.fixture
def sample() -> lp.Sample:
    return lp.Sample.from_frame(survey(), weight="weight")


def test_without_covariates_the_comparison_is_the_difference_of_two_shares(sample: lp.Sample) -> None:
    """A saturated logistic model predicts each cell's weighted share."""
    fit = lp.regress(sample, "confident ~ attended * group", family="binomial")
    got = lp.comparisons(fit, "attended", "yes", minus="no", by="group")
    shares = lp.difference(
        lp.proportion(sample, "confident", "1", by=["attended", "group"]), "attended", "yes", minus="no"
    )
    np.testing.assert_allclose(got.value, shares.value, rtol=RTOL)
    assert list(got.labels.columns) == ["variable", "attended", "group"]
    assert list(got.labels["attended"]) == ["yes - no", "yes - no"]
    assert list(got.labels["variable"]) == ["confident", "confident"]


def test_a_linear_comparison_without_interaction_is_the_coefficient(sample: lp.Sample) -> None:
    fit = lp.regress(sample, "confident ~ attended + years")
    got = lp.comparisons(fit, "attended", "yes", minus="no", by="group")
    np.testing.assert_allclose(got.value, [fit.coefficients.value[1]] * 2, rtol=RTOL)
    np.testing.assert_allclose(got.std_error, [fit.coefficients.std_error[1]] * 2, rtol=RTOL)
    np.testing.assert_allclose(got.df, [fit.coefficients.df[1]] * 2, rtol=RTOL)


@pytest.mark.parametrize("variance", ["taylor", "cr2"])
def test_swapping_the_levels_flips_the_sign(sample: lp.Sample, variance: Literal["taylor", "cr2"]) -> None:
    fit = lp.regress(sample, "confident ~ attended * group + years", family="binomial", variance=variance)
    one = lp.comparisons(fit, "attended", "yes", minus="no", by="group")
    other = lp.comparisons(fit, "attended", "no", minus="yes", by="group")
    np.testing.assert_allclose(other.value, -one.value, rtol=RTOL)
    np.testing.assert_allclose(other.std_error, one.std_error, rtol=RTOL)
    np.testing.assert_allclose(other.df, one.df, rtol=RTOL)


def test_predictions_with_nothing_set_average_to_the_share(sample: lp.Sample) -> None:
    """The score equations of a model with an intercept make weighted mean prediction and outcome equal."""
    fit = lp.regress(sample, "confident ~ attended + years", family="binomial", variance="taylor")
    got, share = lp.predictions(fit), lp.proportion(sample, "confident", "1", variance="taylor")
    np.testing.assert_allclose(got.value, share.value, rtol=RTOL)
    np.testing.assert_allclose(got.std_error, share.std_error, rtol=RTOL)


def test_predictions_run_over_every_combination_of_the_values_asked_for(sample: lp.Sample) -> None:
    fit = lp.regress(sample, "confident ~ attended * group + years")
    got = lp.predictions(fit, at={"attended": ["no", "yes"], "years": [5, 10]})
    assert got.labels[["attended", "years"]].to_numpy().tolist() == [
        ["no", "5"],
        ["no", "10"],
        ["yes", "5"],
        ["yes", "10"],
    ]
    slope = fit.coefficients.value[list(fit.model.terms).index("years")]
    np.testing.assert_allclose(got.value[1] - got.value[0], 5 * slope, rtol=RTOL)


def test_one_value_may_be_given_without_a_list(sample: lp.Sample) -> None:
    fit = lp.regress(sample, "confident ~ attended + years")
    one, many = lp.predictions(fit, at={"attended": "yes"}), lp.predictions(fit, at={"attended": ["yes", "no"]})
    assert one.value[0] == many.value[0]


def test_predicted_shares_have_intervals_inside_0_to_1(sample: lp.Sample) -> None:
    fit = lp.regress(sample, "confident ~ attended + years", family="binomial")
    got = lp.predictions(fit, at={"years": [-60, 60]}).to_frame()
    assert (got["conf_low"] >= 0).all()
    assert (got["conf_high"] <= 1).all()


def test_a_numeric_variable_is_compared_between_numbers(sample: lp.Sample) -> None:
    fit = lp.regress(sample, "confident ~ attended + years")
    got = lp.comparisons(fit, "years", 12, minus=10)
    np.testing.assert_allclose(got.value, 2 * fit.coefficients.value[-1], rtol=RTOL)


def test_a_refused_fit_refuses_its_comparisons() -> None:
    at = lp.Sample.from_frame(survey().assign(site=lambda f: np.arange(len(f)) % 2), weight="weight", psu="site")
    fit = lp.regress(at, "confident ~ attended * group", variance="taylor")
    got = lp.comparisons(fit, "attended", "yes", minus="no")
    assert "sampling units carry" in got.refused[0]
    assert np.isnan(got.std_error).all()


@pytest.mark.parametrize(
    ("variable", "level", "message"),
    [
        ("nobody", "yes", r"the formula holds \['attended', 'years'\]"),
        ("attended", "maybe", r"its levels among the complete respondents are \['no', 'yes'\]"),
    ],
)
def test_what_cannot_be_compared_is_refused(sample: lp.Sample, variable: str, level: str, message: str) -> None:
    fit = lp.regress(sample, "confident ~ attended + years")
    with pytest.raises(EstimationError, match=message):
        lp.comparisons(fit, variable, level, minus="no")


def test_a_numeric_variable_is_not_set_to_a_word(sample: lp.Sample) -> None:
    fit = lp.regress(sample, "confident ~ attended + years")
    with pytest.raises(WrongUseError, match="it is numeric"):
        lp.comparisons(fit, "years", "many", minus=1)


# ---- the whole influence: coefficients and respondents


def clustered(seed: int = 5, units: int = 30, each: int = 8) -> pd.DataFrame:
    """Make respondents of sites that differ, with answers on a scale and in numbers."""
    rng = np.random.default_rng(seed)
    n = units * each
    level = np.repeat(rng.normal(0, 0.5, units), each)
    frame = pd.DataFrame(
        {
            "weight": rng.uniform(0.5, 2, n),
            "site": np.repeat(np.arange(units), each),
            "group": rng.permutation(np.resize(["Asian", "Black", "White", "White"], n)),
            "sex": rng.permutation(np.resize(["Female", "Male"], n)),
            "attended": rng.permutation(np.resize(["yes", "no", "no"], n)),
            "years": rng.normal(0, 1, n) + level,
        }
    )
    went = (frame["attended"] == "yes") * (0.6 + 0.4 * frame["years"])
    latent = level + went + 0.8 * frame["years"] - 0.5 * (frame["group"] == "Black")
    frame["confident"] = (latent + rng.logistic(size=n) > 0) * 1.0
    frame["score"] = latent + rng.normal(size=n)
    frame["answer"] = np.digitize(latent + rng.logistic(size=n), [-1, 0.3, 1.5])
    return frame


def drawn(frame: pd.DataFrame, clusters: Clusters) -> lp.Sample:
    if clusters == "rows":
        return lp.Sample.from_frame(frame, weight="weight")
    sites = lp.Sample.from_frame(frame, weight="weight", psu="site")
    return sites if clusters == "sites" else lp.rake(sites, {"sex": {"Female": 510, "Male": 490}})


@pytest.mark.parametrize("clusters", ["rows", "sites", "raked"])
def test_a_model_of_a_constant_predicts_the_share_with_its_cr2_result(clusters: Clusters) -> None:
    at = drawn(clustered(), clusters)
    got = lp.predictions(lp.regress(at, "confident ~ 1", family="binomial"))
    share = lp.proportion(at, "confident", "1")
    for mine, other in (
        (got.value, share.value),
        (got.std_error, share.std_error),
        (got.df, share.df),
        (got.n_effective, share.n_effective),
        (np.array(got.confint()), np.array(share.confint())),
    ):
        np.testing.assert_allclose(mine, other, rtol=RTOL)


@pytest.mark.parametrize("clusters", ["rows", "sites", "raked"])
@pytest.mark.parametrize("formula", ["score ~ 1", "score ~ group"])
def test_a_model_of_groups_predicts_the_means_with_their_cr2_result(clusters: Clusters, formula: str) -> None:
    at, by = drawn(clustered(), clusters), "group" if "group" in formula else ()
    got, mean = lp.predictions(lp.regress(at, formula), by=by), lp.mean(at, "score", by=by)
    np.testing.assert_allclose(got.value, mean.value, rtol=RTOL)
    np.testing.assert_allclose(got.std_error, mean.std_error, rtol=RTOL)
    np.testing.assert_allclose(got.df, mean.df, rtol=RTOL)


@pytest.mark.parametrize("clusters", ["rows", "sites", "raked"])
def test_predictions_without_error_have_the_cr2_result_of_the_mean_they_predict(clusters: Clusters) -> None:
    """The other limit: nothing is left to the coefficients, and everything to who was drawn."""
    frame = clustered()
    frame["exact"] = 3 + 2 * frame["years"] - (frame["group"] == "Black")
    at = drawn(frame, clusters)
    got = lp.predictions(lp.regress(at, "exact ~ years + group"), by="sex")
    mean = lp.mean(at, "exact", by="sex")
    np.testing.assert_allclose(got.value, mean.value, rtol=RTOL)
    np.testing.assert_allclose(got.std_error, mean.std_error, rtol=RTOL)
    np.testing.assert_allclose(got.df, mean.df, rtol=RTOL)


@pytest.mark.parametrize("clusters", ["rows", "sites", "raked"])
@pytest.mark.parametrize("variance", ["taylor", "cr2"])
def test_the_overall_comparison_of_a_saturated_model_is_the_standardised_difference(
    clusters: Clusters, variance: Literal["taylor", "cr2"]
) -> None:
    """theta = sum of share_g (p1g - p0g), so that its influence is that of means and of shares of groups, exactly."""
    at = drawn(clustered(), clusters)
    got = lp.comparisons(
        lp.regress(at, "confident ~ attended * group", family="binomial", variance=variance),
        "attended",
        "yes",
        minus="no",
    )
    cells = lp.proportion(at, "confident", "1", by=["group", "attended"], variance=variance)
    gaps = lp.difference(cells, "attended", "yes", minus="no")
    shares = lp.distribution(at, "group", variance=variance)
    both = combine([replace(gaps, kind="other", pair=None, own=None), replace(shares, kind="other")])
    moved = contrast(both, np.concatenate([shares.value, gaps.value])[None, :], ["all"])
    np.testing.assert_allclose(got.value, [shares.value @ gaps.value], rtol=RTOL)
    np.testing.assert_allclose(got.std_error, moved.std_error, rtol=RTOL)


@pytest.mark.parametrize(
    ("family", "outcome"), [("gaussian", "score"), ("binomial", "confident"), ("ordinal", "answer")]
)
def test_leaving_out_one_site_after_the_other_gives_the_same_standard_error_in_the_limit(
    family: Literal["gaussian", "binomial", "ordinal"], outcome: str
) -> None:
    """The jackknife and the linearised influence differ by a part of order 1 / sites; the fixed one by a constant."""
    answer = ["2", "3"] if family == "ordinal" else None

    def errors(at: lp.Sample, covariates: Literal["sampled", "fixed"]) -> np.ndarray:
        fit = lp.regress(at, f"{outcome} ~ attended * (group + years)", family=family, variance="taylor")
        gaps = lp.comparisons(fit, "attended", "yes", minus="no", by="group", answer=answer, covariates=covariates)
        between = lp.difference(gaps, "group", "Black", minus="White")
        levels = lp.predictions(fit, by="group", answer=answer, covariates=covariates)
        return np.concatenate([gaps.std_error, between.std_error, levels.std_error])

    for units in (40, 160):
        at = drawn(clustered(units, units, 4), "sites")
        linear, jackknife = errors(at, "sampled"), errors(lp.replicate(at, method="jackknife"), "sampled")
        assert (jackknife > linear).all()
        np.testing.assert_allclose(jackknife, linear, rtol=8 / units)
        assert (errors(at, "fixed")[-3:] < FIXED_TOO_SMALL * linear[-3:]).all()


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_df_of_both_parts_lie_between_the_smaller_and_the_sum(seed: int) -> None:
    """The mean of everybody's prediction: its part of the respondents has the df of any mean."""
    at = drawn(clustered(seed, 12, 6), "sites")
    fit = lp.regress(at, "score ~ attended + years")
    both, alone = lp.predictions(fit), lp.predictions(fit, covariates="fixed")
    respondents = lp.mean(at, "score")
    low, high = sorted([float(alone.df[0]), float(respondents.df[0])])
    assert low - 1e-9 <= both.df[0] <= low + high + 1e-9


def test_the_wald_test_of_one_average_is_its_t_test_and_of_several_takes_all_their_moments() -> None:
    fit = lp.regress(drawn(clustered(), "sites"), "score ~ attended * years + group")
    gaps = lp.comparisons(fit, "attended", "yes", minus="no", by="group")
    one = lp.wald_test(gaps.select(group="Black"))
    assert one.statistic == pytest.approx(float(gaps.value[1] / gaps.std_error[1]) ** 2)
    assert one.df == (1, pytest.approx(gaps.df[1]))
    turn = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0], [2.0, 1.0, 1.0]])
    several, turned = lp.wald_test(gaps), lp.wald_test(contrast(gaps, turn, ["a", "b", "c"]))
    assert several.df == pytest.approx(turned.df)  # T squared does not depend on the coordinates
    assert several.p_value == pytest.approx(turned.p_value)
    assert isinstance(several.df, tuple)
    assert 0 < several.df[1] < gaps.df.max()


def test_a_part_of_the_respondents_that_is_nothing_changes_nothing(sample: lp.Sample) -> None:
    """A linear model has one comparison for everybody, whoever was drawn."""
    fit = lp.regress(sample, "confident ~ attended + years")
    sampled = lp.comparisons(fit, "attended", "yes", minus="no")
    fixed = lp.comparisons(fit, "attended", "yes", minus="no", covariates="fixed")
    np.testing.assert_array_equal(sampled.std_error, fixed.std_error)
    np.testing.assert_array_equal(sampled.df, fixed.df)


def test_an_average_over_attendees_keeps_all_rows_and_is_the_effect_among_them() -> None:
    frame = clustered()
    at = drawn(frame, "sites")
    fit = lp.regress(at, "score ~ attended * years")
    got = lp.comparisons(fit, "attended", "yes", minus="no", among={"attended": "yes"})
    went = frame[frame["attended"] == "yes"]
    years = np.average(went["years"], weights=went["weight"])
    slope = dict(zip(fit.coefficients.labels["term"], fit.coefficients.value, strict=True))
    np.testing.assert_allclose(got.value, slope["attended[T.yes]"] + slope["attended[T.yes]:years"] * years, rtol=RTOL)
    assert got.n[0] == len(went)
    assert got.influence.shape[0] == at.design.psu_count


def test_a_step_moves_everyones_own_number() -> None:
    at = drawn(clustered(), "rows")
    fit = lp.regress(at, "score ~ years + I(years ** 2)")
    got = lp.comparisons(fit, "years", step=1)
    b = fit.coefficients.value
    mean = np.average(at.answers["years"], weights=at.answers["weight"])
    np.testing.assert_allclose(got.value, [b[1] + b[2] * (2 * mean + 1)], rtol=RTOL)
    assert list(got.labels["years"]) == ["+1"]


def test_other_variables_can_be_set_while_two_levels_are_compared() -> None:
    fit = lp.regress(drawn(clustered(), "rows"), "score ~ attended * years")
    got = lp.comparisons(fit, "attended", "yes", minus="no", at={"years": [0, 2]})
    b = fit.coefficients.value
    np.testing.assert_allclose(got.value, [b[1], b[1] + 2 * b[3]], rtol=RTOL)
    assert list(got.labels.columns) == ["variable", "years", "attended"]


# ---- ordered answers


def test_a_model_of_a_constant_predicts_the_distribution_with_its_cr2_result() -> None:
    at = drawn(clustered(), "sites")
    got = lp.predictions(lp.regress(at, "answer ~ 1", family="ordinal"))
    wanted = lp.distribution(at, "answer")
    assert list(got.labels["answer"]) == list(wanted.labels["answer"])
    np.testing.assert_allclose(got.value, wanted.value, rtol=RTOL)
    np.testing.assert_allclose(got.std_error, wanted.std_error, rtol=1e-7)
    np.testing.assert_allclose(got.df, wanted.df, rtol=1e-7)


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_shares_of_ordered_answers_add_up_to_one_and_their_comparisons_to_nothing(seed: int) -> None:
    fit = lp.regress(drawn(clustered(seed), "rows"), "answer ~ attended * years + group", family="ordinal")
    shares = lp.predictions(fit, at={"attended": "yes"})
    gaps = lp.comparisons(fit, "attended", "yes", minus="no")
    ones = np.ones((1, len(shares)))
    for estimate, total in ((shares, 1.0), (gaps, 0.0)):
        whole = contrast(estimate, ones, ["all"])
        np.testing.assert_allclose(whole.value, [total], atol=1e-10)
        np.testing.assert_allclose(whole.std_error, [0.0], atol=1e-10)
    chosen = lp.comparisons(fit, "attended", "yes", minus="no", answer=["2", "3"])
    names = list(gaps.labels["answer"])
    np.testing.assert_allclose(
        chosen.value, gaps.value[[names.index("2"), names.index("3")]].sum(), rtol=1e-7, atol=1e-12
    )
    assert list(chosen.labels["answer"]) == ["2 or 3"]


def test_answers_that_count_as_one_are_asked_for_together() -> None:
    frame = clustered()
    rare = frame.index[frame["answer"] == 3][2:]
    frame.loc[rare, "answer"] = 1
    fit = lp.regress(drawn(frame, "rows"), "answer ~ attended", family="ordinal")
    assert list(lp.predictions(fit).labels["answer"]) == ["0", "1", "2 or 3"]
    assert len(lp.predictions(fit, answer=["2", "3"])) == 1
    with pytest.raises(EstimationError, match=r"too few gave \['2 or 3'\], so they count as one"):
        lp.predictions(fit, answer="3")
    with pytest.raises(EstimationError, match=r"the fit has \['0', '1', '2', '3'\]"):
        lp.predictions(fit, answer="9")


def test_a_refused_ordered_fit_refuses_its_predictions() -> None:
    fit = lp.regress(drawn(clustered(units=4, each=4), "rows"), "answer ~ attended", family="ordinal")
    got = lp.predictions(fit)
    assert all("fewer than 20 respondents" in reason for reason in got.refused)
    assert np.isnan(got.value).all()


# ---- replicates, waves and refusals


def test_a_group_that_a_replicate_lacks_is_refused_under_replicates() -> None:
    frame = clustered()
    frame["here"] = np.where(frame["site"] == 0, "only here", "elsewhere")
    at = lp.replicate(drawn(frame, "sites"), method="jackknife")
    got = lp.predictions(lp.regress(at, "score ~ attended"), by="here")
    assert got.select(here="only here").refused == ("1 of 30 replicates have no answers here",)
    assert got.select(here="elsewhere").refused == ("",)


def test_respondents_of_one_site_show_no_variance_of_who_was_drawn() -> None:
    frame = clustered()
    frame["here"] = np.where(frame["site"] == 0, "only here", "elsewhere")
    fit = lp.regress(drawn(frame, "sites"), "score ~ attended * years")
    got = lp.comparisons(fit, "attended", "yes", minus="no", by="here").select(here="only here")
    assert got.refused == ("no degrees of freedom: all respondents averaged over come from one sampling unit",)
    given_them = lp.comparisons(fit, "attended", "yes", minus="no", by="here", covariates="fixed")
    assert given_them.refused == ("", "")


def test_waves_that_cannot_be_compared_are_not_compared_through_predictions() -> None:
    frame = clustered().assign(wave=lambda f: np.where(f["site"] < 15, "2022", "rerun"))
    meaning = Variable("score", "Score", comparable={"2022": "full", "rerun": "none"}, reason={"rerun": "new wording"})
    at = replace(drawn(frame, "sites"), codebook={"score": meaning})
    fit = lp.regress(at, "score ~ wave + years")
    by_wave = lp.predictions(fit, by="wave")
    assert by_wave.refused == ("", "")
    moved = lp.difference(by_wave, "wave", "rerun", minus="2022")
    assert "can't be compared in rerun: new wording" in moved.refused[0]
    moved = lp.difference(lp.predictions(fit, at={"wave": ["2022", "rerun"]}), "wave", "rerun", minus="2022")
    assert "can't be compared in rerun: new wording" in moved.refused[0]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"level": "yes"}, "give two levels"),
        ({"step": 1, "level": "yes", "minus": "no"}, "give two levels"),
        ({}, "or the step= of a number"),
        ({"step": 1}, "it holds categories"),
        ({"level": "yes", "minus": "no", "covariates": "auto"}, "there are 'sampled' and 'fixed'"),
        ({"level": "yes", "minus": "no", "answer": "high"}, "only family='ordinal' has a prediction for each"),
        ({"level": "yes", "minus": "no", "by": "attended"}, "say among="),
        ({"level": "yes", "minus": "no", "at": {"attended": "no"}}, "leave it out of at"),
    ],
)
def test_what_no_comparison_is_is_refused(sample: lp.Sample, asked: dict[str, object], message: str) -> None:
    fit = lp.regress(sample, "confident ~ attended + years")
    with pytest.raises(WrongUseError, match=message):
        lp.comparisons(fit, "attended", **asked)  # pyright: ignore[reportArgumentType] - some are wrong on purpose


def test_nobody_to_average_over_is_refused() -> None:
    frame = clustered()
    frame.loc[frame["group"] == "Asian", "years"] = np.nan
    fit = lp.regress(drawn(frame, "rows"), "score ~ attended + years")
    with pytest.raises(EstimationError, match="no complete respondent is among those asked"):
        lp.predictions(fit, among={"group": "Asian"})
