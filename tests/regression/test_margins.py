from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError

RTOL = 1e-9  # two orders of summation of the same arithmetic


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
def test_swapping_the_levels_flips_the_sign(sample: lp.Sample, variance: str) -> None:
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
