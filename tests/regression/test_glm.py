from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError

RTOL = 1e-9  # two orders of summation of the same arithmetic
SIZES = st.integers(min_value=0, max_value=2**32 - 1)


def survey(seed: int = 1, n: int = 90, *, sites: int = 9) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    site = np.arange(n) % sites
    return pd.DataFrame(
        {
            "weight": rng.uniform(0.4, 2.5, n),
            "site": site,
            "group": rng.permutation(np.resize(["Asian", "Black", "White"], n)),
            "attended": rng.permutation(np.resize(["yes", "no"], n)),
            "years": rng.normal(10, 4, n),
            "score": rng.normal(3, 1, n) + 0.3 * rng.normal(0, 1, sites)[site],
        }
    )


def sample(frame: pd.DataFrame, *, psu: str | None = "site") -> lp.Sample:
    return lp.Sample.from_frame(frame, weight="weight", psu=psu)


def test_a_regression_on_one_group_indicator_is_the_difference_of_two_weighted_means() -> None:
    """Weights 1, 3 and values 2, 4: mean 3.5; weights 2, 2 and values 1, 2: mean 1.5; difference -2."""
    frame = pd.DataFrame({"w": [1.0, 3, 2, 2], "y": [2.0, 4, 1, 2], "x": ["a", "a", "b", "b"]})
    got = lp.regress(lp.Sample.from_frame(frame, weight="w"), "y ~ x").coefficients
    np.testing.assert_allclose(got.value, [3.5, -2.0], rtol=RTOL)


def test_a_logistic_regression_on_one_indicator_is_the_log_odds_ratio() -> None:
    """Confident 3 of 4 attendees and 1 of 3 others: odds 3 and 1/2, log odds ratio log 6."""
    frame = pd.DataFrame({"y": [1, 1, 1, 0, 1, 0, 0], "attended": ["yes"] * 4 + ["no"] * 3})
    got = lp.regress(lp.Sample.from_frame(frame), "y ~ attended", family="binomial").coefficients
    np.testing.assert_allclose(got.value, [math.log(1 / 2), math.log(6)], rtol=RTOL)


def test_a_poisson_regression_on_one_indicator_is_the_log_ratio_of_means() -> None:
    """Means 3 among attendees and 2 among others: log(3/2)."""
    frame = pd.DataFrame({"y": [2, 4, 1, 3], "attended": ["yes"] * 2 + ["no"] * 2})
    got = lp.regress(lp.Sample.from_frame(frame), "y ~ attended", family="poisson").coefficients
    np.testing.assert_allclose(got.value, [math.log(2), math.log(3 / 2)], rtol=RTOL)


@pytest.mark.parametrize("variance", ["taylor", "cr2"])
@pytest.mark.parametrize("psu", [None, "site"])
def test_a_regression_on_a_constant_is_the_mean(variance: str, psu: str | None) -> None:
    at = lp.rake(sample(survey(), psu=psu), {"group": {"Asian": 20.0, "Black": 30.0, "White": 50.0}})
    got = lp.regress(at, "score ~ 1", variance=variance).coefficients
    mean = lp.mean(at, "score", variance=variance)
    np.testing.assert_allclose(got.value, mean.value, rtol=RTOL)
    np.testing.assert_allclose(got.std_error, mean.std_error, rtol=RTOL)
    np.testing.assert_allclose(got.df, mean.df, rtol=RTOL)


@pytest.mark.parametrize("variance", ["taylor", "cr2"])
def test_a_regression_on_groups_alone_has_the_domain_means(variance: str) -> None:
    at = lp.rake(sample(survey()), {"attended": {"yes": 40.0, "no": 60.0}})
    got = lp.regress(at, "score ~ 0 + group", variance=variance).coefficients
    means = lp.mean(at, "score", by="group", variance=variance)
    np.testing.assert_allclose(got.value, means.value, rtol=RTOL)
    np.testing.assert_allclose(got.vcov, means.vcov, rtol=1e-7, atol=1e-14)


def test_a_domain_equals_the_regression_with_everybody_else_kept_at_zero_influence() -> None:
    """Subsetting first would count too few PSUs: the domain misses sites and the variance must still know them."""
    frame = survey()
    frame["here"] = np.where(frame["site"] < 4, "yes", "no")
    domain = lp.regress(sample(frame), "score ~ attended", where={"here": "yes"}, variance="taylor").coefficients
    alone = lp.regress(sample(frame[frame["here"] == "yes"]), "score ~ attended", variance="taylor").coefficients
    np.testing.assert_allclose(domain.value, alone.value, rtol=RTOL)
    np.testing.assert_allclose(domain.std_error / alone.std_error, math.sqrt((9 / 8) / (4 / 3)), rtol=1e-6)


@given(seed=SIZES, factor=st.floats(min_value=1e-3, max_value=1e6))
@settings(max_examples=25, deadline=None)
def test_scaling_all_weights_changes_nothing(seed: int, factor: float) -> None:
    frame = survey(seed, 60)
    one = lp.regress(sample(frame), "score ~ attended * group + years").coefficients
    other = lp.regress(
        sample(frame.assign(weight=frame["weight"] * factor)), "score ~ attended * group + years"
    ).coefficients
    np.testing.assert_allclose(other.value, one.value, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(other.std_error, one.std_error, rtol=1e-7)
    np.testing.assert_allclose(other.df, one.df, rtol=1e-6)


@given(seed=SIZES)
@settings(max_examples=25, deadline=None)
def test_the_order_of_respondents_changes_nothing(seed: int) -> None:
    frame = survey(seed, 60)
    one = lp.regress(sample(frame), "score ~ attended * group + years").coefficients
    other = lp.regress(sample(frame.sample(frac=1, random_state=1)), "score ~ attended * group + years").coefficients
    np.testing.assert_allclose(other.value, one.value, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(other.std_error, one.std_error, rtol=1e-7)
    np.testing.assert_allclose(other.df, one.df, rtol=1e-6)


@given(seed=SIZES, shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
@settings(max_examples=25, deadline=None)
def test_a_change_of_a_covariates_unit_leaves_the_other_coefficients(seed: int, shift: float, scale: float) -> None:
    frame = survey(seed, 60)
    at = lp.rake(sample(frame), {"group": {"Asian": 1.0, "Black": 2.0, "White": 3.0}})
    moved = lp.rake(
        sample(frame.assign(years=shift + scale * frame["years"])),
        {"group": {"Asian": 1.0, "Black": 2.0, "White": 3.0}},
    )
    one, other = (lp.regress(s, "score ~ attended + years").coefficients.take(np.array([1])) for s in (at, moved))
    np.testing.assert_allclose(other.value, one.value, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(other.std_error, one.std_error, rtol=1e-6)
    np.testing.assert_allclose(other.df, one.df, rtol=1e-5)


def test_taylor_is_near_a_delete_one_psu_jackknife() -> None:
    """The unconditional standard error of an average comparison follows the covariates as well as the fit."""
    frame = survey(5, 600, sites=120)
    frame["confident"] = (frame["score"] + 0.1 * frame["years"] > 4).astype(float)
    formula = "confident ~ attended * group + years"
    full = lp.comparisons(
        lp.regress(sample(frame), formula, family="binomial", variance="taylor"), "attended", "yes", minus="no"
    )
    replicates = [
        lp.comparisons(
            lp.regress(sample(frame[frame["site"] != site]), formula, family="binomial"), "attended", "yes", minus="no"
        ).value[0]
        for site in range(120)
    ]
    jackknife = math.sqrt(119 / 120 * sum((value - full.value[0]) ** 2 for value in replicates))
    assert full.std_error[0] == pytest.approx(jackknife, rel=0.03)


def test_the_reference_level_is_the_first_in_the_schema_else_the_first_in_the_alphabet() -> None:
    frame = survey()
    terms = list(lp.regress(sample(frame), "score ~ group").coefficients.labels["term"])
    assert terms == ["Intercept", "group[T.Black]", "group[T.White]"]
    frame["group"] = pd.Categorical(frame["group"], categories=["White", "Black", "Mixed", "Asian"])
    terms = list(lp.regress(sample(frame), "score ~ group").coefficients.labels["term"])
    assert terms == ["Intercept", "group[T.Black]", "group[T.Asian]"]


def test_respondents_who_miss_an_answer_are_left_out_and_counted() -> None:
    frame = survey()
    frame.loc[:4, "years"] = np.nan
    frame.loc[3:6, "score"] = np.nan
    fit = lp.regress(sample(frame), "score ~ attended + years")
    assert (fit.n, fit.left_out) == (83, 7)
    assert "83 respondents, 7 left out" in repr(fit)


def test_a_missing_answer_never_counts_as_the_other_answer() -> None:
    frame = survey()
    frame["view"] = pd.Series(["agree", "disagree", None] * 30, dtype=object)
    fit = lp.regress(sample(frame), "{view.isin(['agree'])} ~ attended")
    assert (fit.n, fit.left_out) == (60, 30)


def test_a_yes_no_outcome_counts_yes() -> None:
    frame = survey()
    frame["confident"] = np.where(frame["score"] > 3, "yes", "no")
    got = lp.regress(sample(frame), "confident ~ 1").coefficients
    np.testing.assert_allclose(got.value, lp.proportion(sample(frame), "confident", "yes").value, rtol=RTOL)


def test_a_true_false_outcome_counts_true_and_a_scale_its_favourable_answers() -> None:
    frame = survey().assign(sure=lambda f: (f["score"] > 3).astype(object))
    frame["view"] = np.where(frame["score"] > 3, "agree", "disagree")
    at = replace(sample(frame), codebook={"view": lp.Variable("view", "View", kind="scale", positive=("agree",))})
    share = lp.proportion(at, "view", "agree").value
    np.testing.assert_allclose(lp.regress(at, "view ~ 1").coefficients.value, share, rtol=RTOL)
    np.testing.assert_allclose(lp.regress(at, "sure ~ 1").coefficients.value, share, rtol=RTOL)


def test_a_term_that_others_explain_is_refused_by_name() -> None:
    frame = survey().assign(copy=lambda f: 2 * f["years"])
    with pytest.raises(EstimationError, match=r"\['years'\] can be written by the terms before them"):
        lp.regress(sample(frame), "score ~ copy + years")


def test_an_empty_combination_of_categories_is_refused_by_name() -> None:
    frame = survey()
    frame = frame[(frame["group"] != "Black") | (frame["attended"] == "no")]
    with pytest.raises(EstimationError, match=r"'attended\[T.yes\]:group\[T.Black\]'"):
        lp.regress(sample(frame), "score ~ attended * group")


def test_separated_answers_are_refused_by_name() -> None:
    frame = survey().assign(y=lambda f: ((f["attended"] == "yes") | (f["score"] > 3)).astype(float))
    with pytest.raises(EstimationError, match=r"\['attended\[T.yes\]'\] separate the answers perfectly"):
        lp.regress(sample(frame), "y ~ attended + years", family="binomial")


def test_a_group_without_events_is_refused_in_a_poisson_regression() -> None:
    frame = survey().assign(y=lambda f: np.where(f["attended"] == "yes", 0, 2))
    with pytest.raises(EstimationError, match="separate the answers perfectly"):
        lp.regress(sample(frame), "y ~ attended", family="poisson")


def test_strong_but_finite_effects_are_fitted() -> None:
    """One in 1,000 against 999 in 1,000: the log odds ratio is 2 log 999, and no separation."""
    y = np.r_[np.ones(1), np.zeros(999), np.ones(999), np.zeros(1)]
    frame = pd.DataFrame({"y": y, "x": np.repeat(["a", "b"], 1000)})
    got = lp.regress(lp.Sample.from_frame(frame), "y ~ x", family="binomial").coefficients
    np.testing.assert_allclose(got.value, [-math.log(999), 2 * math.log(999)], rtol=1e-8)


def test_answers_that_are_rare_but_not_separated_are_fitted() -> None:
    """A weight of 1e-8 against 1: the log odds are log 1e-8, and the check for separation finds none."""
    frame = pd.DataFrame({"y": [1.0, 0.0], "w": [1e-8, 1.0]})
    got = lp.regress(lp.Sample.from_frame(frame, weight="w"), "y ~ 1", family="binomial").coefficients
    np.testing.assert_allclose(got.value, [math.log(1e-8)], rtol=1e-8)


def test_a_fit_that_does_not_arrive_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lpact_eval.regression.fitting._STEPS", 1)
    frame = survey().assign(y=lambda f: (f["score"] > 3) * 1.0)
    with pytest.raises(EstimationError, match="did not arrive in 1 steps with 90 respondents and 2 coefficients"):
        lp.regress(sample(frame), "y ~ years", family="binomial")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"family": "gamma"}, r"available are \[.gaussian., .binomial., .poisson., .ordinal.\]"),
        ({"penalty": "lasso"}, "there is .firth., for family=.binomial."),
        ({"penalty": "firth"}, "it is for family=.binomial."),
        ({"variance": "hc1"}, "there are 'cr2' and 'taylor'"),
    ],
)
def test_what_is_not_available_is_named(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        lp.regress(sample(survey()), "score ~ attended", **arguments)


@pytest.mark.parametrize(
    ("formula", "error", "message"),
    [
        ("~ attended", WrongUseError, "it has no outcome"),
        ("score ~ (attended", WrongUseError, "Cannot read the formula"),
        ("score ~ nobody", EstimationError, r"there is no variable \['nobody'\]"),
        ("group ~ attended", EstimationError, "holds the categories"),
        ("score + years ~ attended", WrongUseError, "makes 2 columns"),
        ("score ~ np.nofunction(years)", EstimationError, "Cannot work out"),
    ],
)
def test_formulas_that_cannot_be_used_are_refused(formula: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        lp.regress(sample(survey()), formula)


def test_an_outcome_outside_the_familys_range_is_refused_with_a_count() -> None:
    frame = survey().assign(y=lambda f: (f["score"] > 3) * 1.0)
    frame.loc[:3, "y"] = 2
    with pytest.raises(EstimationError, match="4 of 90 values of 'y' lie outside 0 to 1"):
        lp.regress(sample(frame), "y ~ attended", family="binomial")


def test_a_domain_without_respondents_is_refused() -> None:
    with pytest.raises(EstimationError, match="nobody answered that"):
        lp.regress(sample(survey()), "score ~ attended", where={"group": "Martian"})
    frame = survey().assign(empty=np.nan)
    with pytest.raises(EstimationError, match="none answered all of"):
        lp.regress(sample(frame), "score ~ empty")


def test_more_coefficients_than_respondents_are_refused() -> None:
    with pytest.raises(EstimationError, match="4 coefficients and 3 complete respondents"):
        lp.regress(sample(survey().head(3)), "score ~ years + weight + np.sqrt(weight)")


def test_too_few_sampling_units_for_the_coefficients_are_a_refusal_not_a_number() -> None:
    got = lp.regress(sample(survey(sites=3)), "score ~ attended * group", variance="taylor").coefficients
    assert np.isnan(got.std_error).all()
    assert "3 sampling units carry 6 coefficients" in got.refused[0]


def test_one_sampling_unit_is_a_refusal_not_a_number() -> None:
    frame = survey()
    got = lp.regress(sample(frame), "score ~ attended", where={"site": "0"}).coefficients
    assert np.isnan(got.std_error).all()
    assert "one sampling unit" in got.refused[0]
