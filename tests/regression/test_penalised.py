from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, LpactWarning, WrongUseError
from lpact_eval.regression.firth import ProfileLimits, firth, flic

ORACLE = Path(__file__).parents[1] / "oracles" / "firth"
RTOL = 1e-8  # two algorithms for the same maximum in double precision
ATOL = 1e-9  # coefficients and limits that are 0 by symmetry carry rounding noise
LIMIT_RTOL = 1e-7  # R's uniroot stops at 1e-13 of the distance, on a likelihood flat at the top to 1e-15
P_RTOL = 1e-7  # drops of the likelihood are differences of numbers 10 to 1000 times their size
CASES = ("plain", "separated", "both ways", "cut by a number", "few events", "nearly collinear", "all the same")
COUNTS = st.integers(min_value=0, max_value=30)
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


@cache
def oracle(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#")


def expected(case: str, quantity: str) -> pd.Series:
    table = oracle("expected.csv")
    return table[(table["case"] == case) & (table["quantity"] == quantity)].set_index("term")["value"]


def answers(case: str) -> pd.DataFrame:
    table = oracle("data.csv")
    frame = table[table["case"] == case].drop(columns="case").reset_index(drop=True)
    return frame.loc[:, [name for name in frame if name in {"y", "w"} or np.ptp(frame[name]) > 0]]


def fitted(frame: pd.DataFrame, *, weight: str | None = None) -> lp.Fit:
    formula = f"y ~ {' + '.join(name for name in frame if name.startswith('x'))}"
    return lp.regress(lp.Sample.from_frame(frame, weight=weight), formula, family="binomial", penalty="firth")


def table_of(a: int, b: int, c: int, d: int) -> pd.DataFrame:
    """Attendees: a yes and b no; others: c yes and d no."""
    return pd.DataFrame({"y": np.repeat([1, 0, 1, 0], [a, b, c, d]), "x1": np.repeat([1, 1, 0, 0], [a, b, c, d])})


def draw(seed: int, n: int = 30) -> pd.DataFrame:
    """A few respondents, two covariates, and any answers at all."""
    rng = np.random.default_rng(seed)
    went = rng.permutation(n) < rng.integers(2, n - 1)
    number = rng.normal(0, 1, n)
    shares = rng.choice([0.02, 0.3, 0.9, 1.0])
    return pd.DataFrame({"y": (rng.random(n) < shares) * 1, "x1": went * 1, "x2": number})


@pytest.mark.parametrize("case", CASES)
def test_coefficients_and_standard_errors_equal_r(case: str) -> None:
    got = fitted(answers(case)).coefficients
    want = expected(case, "estimate")
    assert list(got.labels["term"]) == list(want.index)
    np.testing.assert_allclose(got.value, want, rtol=RTOL, atol=ATOL)
    np.testing.assert_allclose(got.std_error, expected(case, "std_error"), rtol=RTOL)
    np.testing.assert_allclose(np.diag(got.vcov), expected(case, "std_error") ** 2, rtol=RTOL)


@pytest.mark.parametrize("level", [0.95, 0.9])
@pytest.mark.parametrize("case", CASES)
def test_profile_intervals_equal_r(case: str, level: float) -> None:
    table = fitted(answers(case)).coefficients.to_frame(level=level)
    np.testing.assert_allclose(table["conf_low"], expected(case, f"low {level:g}"), rtol=LIMIT_RTOL, atol=ATOL)
    np.testing.assert_allclose(table["conf_high"], expected(case, f"high {level:g}"), rtol=LIMIT_RTOL, atol=ATOL)


@pytest.mark.parametrize("null", [0.0, 0.5])
@pytest.mark.parametrize("case", CASES)
def test_likelihood_ratio_p_values_equal_r(case: str, null: float) -> None:
    got = fitted(answers(case)).coefficients.p_value(null)
    np.testing.assert_allclose(got, expected(case, f"p {null:g}"), rtol=P_RTOL, atol=ATOL)


@pytest.mark.filterwarnings("ignore:.*fitted without the survey weights")
@pytest.mark.parametrize("case", [case for case in CASES if case != "all the same"])
def test_predicted_shares_take_the_constant_that_meets_the_observed_share_as_r(case: str) -> None:
    fit = fitted(answers(case), weight="w")
    np.testing.assert_allclose(fit.predicting.coefficients.value, expected(case, "flic"), rtol=RTOL, atol=ATOL)
    shares = lp.predictions(fit, at={"x1": [1, 0]})
    gap = lp.comparisons(fit, "x1", 1, minus=0)
    want = [expected(case, f"share {side}")["x1"] for side in (1, 0)]
    np.testing.assert_allclose(shares.value, want, rtol=RTOL)
    want = [expected(case, f"share {side} std_error")["x1"] for side in (1, 0)]
    np.testing.assert_allclose(shares.std_error, want, rtol=LIMIT_RTOL)
    np.testing.assert_allclose(gap.value, expected(case, "difference"), rtol=RTOL)
    np.testing.assert_allclose(gap.std_error, expected(case, "difference std_error"), rtol=LIMIT_RTOL)
    assert all("survey weights not used" in flag for flag in (*shares.flags, *gap.flags))


def test_a_separated_table_by_hand() -> None:
    """8 of 8 attendees and 10 of 30 others: half an answer joins each cell, log(8.5 x 20.5 / (0.5 x 10.5))."""
    got = fitted(table_of(8, 0, 10, 20)).coefficients.select(term="x1")
    np.testing.assert_allclose(got.value, np.log(8.5 * 20.5 / (0.5 * 10.5)), rtol=1e-12)
    low, high = got.confint()
    assert 0 < low[0] < got.value[0] < high[0] < np.inf
    assert got.p_value()[0] < 0.05


def test_a_share_alone_gains_half_an_answer_on_either_side() -> None:
    """3 of 11: log(3.5 / 8.5)."""
    frame = pd.DataFrame({"y": [1] * 3 + [0] * 8})
    fit = lp.regress(lp.Sample.from_frame(frame), "y ~ 1", family="binomial", penalty="firth")
    np.testing.assert_allclose(fit.coefficients.value, np.log(3.5 / 8.5), rtol=1e-12)
    np.testing.assert_allclose(lp.predictions(fit).value, 3 / 11, rtol=1e-10)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_saturated_table_gains_half_an_answer_in_every_cell(a: int, b: int, c: int, d: int) -> None:
    a, c = a + (a + b == 0), c + (c + d == 0)
    got = fitted(table_of(a, b, c, d)).coefficients
    want = [np.log((c + 0.5) / (d + 0.5)), np.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))]
    np.testing.assert_allclose(got.value, want, rtol=1e-9, atol=1e-10)


@settings(max_examples=30)
@given(SEEDS)
def test_any_answers_give_finite_coefficients_intervals_and_p_values(seed: int) -> None:
    got = fitted(draw(seed)).coefficients
    table = got.to_frame()
    assert np.isfinite(table[["estimate", "std_error", "conf_low", "conf_high"]].to_numpy()).all()
    assert ((table["conf_low"] < table["estimate"]) & (table["estimate"] < table["conf_high"])).all()
    p = got.p_value()
    assert ((p >= 0) & (p <= 1)).all()
    assert ((p < 0.05) == ((table["conf_low"] > 0) | (table["conf_high"] < 0))).all()


@settings(max_examples=15)
@given(SEEDS)
def test_relabelling_attendance_or_answers_flips_signs(seed: int) -> None:
    frame = draw(seed)
    assume(0 < frame["y"].sum() < len(frame))  # where all answer alike, far peaks of like height are many
    whole = fitted(frame).coefficients
    plain, p = whole.to_frame(), whole.p_value()
    turned = fitted(frame.assign(x1=1 - frame["x1"])).coefficients
    swapped = fitted(frame.assign(y=1 - frame["y"])).coefficients
    for other in (turned, swapped):
        one = other.to_frame()
        np.testing.assert_allclose(one["estimate"][1], -plain["estimate"][1], rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(one["conf_low"][1], -plain["conf_high"][1], rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(one["conf_high"][1], -plain["conf_low"][1], rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(other.p_value()[1], p[1], rtol=1e-6, atol=1e-9)


@settings(max_examples=15)
@given(SEEDS)
def test_units_and_order_of_respondents_change_nothing_else(seed: int) -> None:
    frame = draw(seed)
    order = np.random.default_rng(seed).permutation(len(frame))
    plain = fitted(frame).coefficients.to_frame()
    other = fitted(frame.assign(x2=1000 * frame["x2"] + 7).iloc[order]).coefficients.to_frame()
    for column in ("estimate", "conf_low", "conf_high"):
        np.testing.assert_allclose(other[column][1], plain[column][1], rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(1000 * other[column][2], plain[column][2], rtol=1e-7, atol=1e-8)


@settings(max_examples=15)
@given(SEEDS)
def test_the_likelihood_has_dropped_by_the_quantile_at_a_profile_limit(seed: int) -> None:
    frame = draw(seed)
    x = np.column_stack([np.ones(len(frame)), frame["x1"], frame["x2"]]).astype(float)
    fit = firth(x, frame["y"].to_numpy(dtype=float), ("Intercept", "x1", "x2"), "law")
    for column in range(3):
        for limit in fit.limits(column, 0.9):
            np.testing.assert_allclose(fit.p_value(column, limit), 0.1, rtol=1e-6)


def test_an_offset_shifts_the_constant() -> None:
    frame = answers("plain")
    x = np.column_stack([np.ones(len(frame)), frame[["x1", "x4"]]]).astype(float)
    y, terms = frame["y"].to_numpy(dtype=float), ("Intercept", "x1", "x4")
    plain, known = firth(x, y, terms, "law"), firth(x, y, terms, "law", offset=np.full(y.size, 2.0) + 3 * x[:, 2])
    np.testing.assert_allclose(known.value, plain.value - [2, 0, 3], atol=1e-9)
    np.testing.assert_allclose(known.limits(2, 0.95), np.array(plain.limits(2, 0.95)) - 3, atol=1e-8)
    np.testing.assert_allclose(flic(known), flic(plain) - np.array([2, 0, 3]), atol=1e-9)  # type: ignore[operator]
    fit = lp.regress(lp.Sample.from_frame(frame), "y ~ x1 + x4 + offset(x2)", family="binomial", penalty="firth")
    np.testing.assert_allclose(lp.predictions(fit).value, frame["y"].mean(), rtol=1e-9)


def test_without_a_constant_there_is_none_to_move() -> None:
    frame = answers("plain")
    fit = lp.regress(lp.Sample.from_frame(frame), "y ~ 0 + x1 + x4", family="binomial", penalty="firth")
    np.testing.assert_array_equal(fit.predicting.coefficients.value, fit.coefficients.value)


def test_where_everyone_answers_alike_predicted_shares_are_refused() -> None:
    fit = fitted(answers("all the same"))
    assert np.isfinite(fit.coefficients.value).all()
    shares = lp.predictions(fit, at={"x1": [0, 1]})
    assert np.isnan(shares.value).all()
    assert all("everyone gave the same answer" in reason for reason in shares.refused)


def test_taking_coefficients_keeps_their_profile_and_combining_them_does_not() -> None:
    whole = fitted(answers("plain")).coefficients
    one = whole.select(term="x4")
    np.testing.assert_array_equal(one.confint(), [side[[4]] for side in whole.confint()])
    np.testing.assert_array_equal(one.p_value(), whole.p_value()[[4]])
    assert isinstance(one.own, ProfileLimits)
    both = lp.contrast(whole, np.array([[0.0, 1, -1, 0, 0]]), ["x1 - x2"])
    half = 1.959963984540054 * both.std_error
    np.testing.assert_allclose(both.confint(), [both.value - half, both.value + half], rtol=1e-12)
    wald = lp.wald_test(one)
    np.testing.assert_allclose(wald.statistic, (one.value[0] / one.std_error[0]) ** 2, rtol=1e-10)
    np.testing.assert_allclose(whole.confint(interval="wald")[1], whole.value + 1.959963984540054 * whole.std_error)


def survey() -> pd.DataFrame:
    frame = answers("plain")
    rng = np.random.default_rng(5)
    return frame.assign(
        sex=np.where(rng.random(len(frame)) < 0.6, "Female", "Male"), site=rng.integers(0, 9, len(frame))
    )


def test_unequal_weights_are_left_out_loudly() -> None:
    frame = survey()
    with pytest.warns(LpactWarning, match="fitted without the survey weights"):
        fit = lp.regress(lp.Sample.from_frame(frame, weight="w"), "y ~ x1", family="binomial", penalty="firth")
    plain = lp.regress(lp.Sample.from_frame(frame), "y ~ x1", family="binomial", penalty="firth")
    np.testing.assert_array_equal(fit.coefficients.value, plain.coefficients.value)
    assert any("put the variables behind the weights in the formula" in note for note in fit.notes)
    assert "Fitted without the survey weights" in repr(fit)
    assert all("survey weights not used" in flag for flag in fit.coefficients.flags)
    assert not any("weights" in note for note in plain.notes)
    assert "Firth's penalty" in repr(plain)


def test_calibration_variables_in_the_formula_answer_the_warning() -> None:
    sample = lp.Sample.from_frame(survey())
    margin = lp.Margin("sex", {"Female": 510.0, "Male": 490.0})
    raked = lp.rake(sample, [margin])
    with pytest.warns(LpactWarning, match="put sex in the formula"):
        lp.regress(raked, "y ~ x1", family="binomial", penalty="firth")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = lp.regress(raked, "y ~ x1 + sex", family="binomial", penalty="firth")
    assert any("what they correct for (sex) is in the formula" in note for note in fit.notes)
    assert not any("weights" in flag for flag in fit.coefficients.flags)


def test_weights_from_before_the_calibration_keep_the_warning() -> None:
    raked = lp.rake(lp.Sample.from_frame(survey(), weight="w"), [lp.Margin("sex", {"Female": 510.0, "Male": 490.0})])
    with pytest.warns(LpactWarning, match="fitted without the survey weights"):
        lp.regress(raked, "y ~ x1 + sex", family="binomial", penalty="firth")


def test_recruitment_sites_are_ignored_and_flagged() -> None:
    sample = lp.Sample.from_frame(survey(), psu="site")
    fit = lp.regress(sample, "y ~ x1 + x4", family="binomial", penalty="firth")
    plain = lp.regress(lp.Sample.from_frame(survey()), "y ~ x1 + x4", family="binomial", penalty="firth")
    np.testing.assert_array_equal(fit.coefficients.std_error, plain.coefficients.std_error)
    assert any("recruitment sites were recorded and are ignored" in note for note in fit.notes)
    for estimate in (fit.coefficients, lp.predictions(fit), lp.comparisons(fit, "x1", 1, minus=0)):
        assert all("recruitment sites ignored" in flag for flag in estimate.flags)


def test_replicate_weights_are_not_used() -> None:
    sample = lp.replicate(lp.Sample.from_frame(survey(), psu="site"), method="jackknife")
    fit = lp.regress(sample, "y ~ x1 + x4", family="binomial", penalty="firth")
    plain = lp.regress(lp.Sample.from_frame(survey()), "y ~ x1 + x4", family="binomial", penalty="firth")
    np.testing.assert_array_equal(fit.coefficients.std_error, plain.coefficients.std_error)
    np.testing.assert_allclose(lp.predictions(fit).value, lp.predictions(plain).value, rtol=1e-12)


def test_a_domain_is_fitted_alone() -> None:
    frame = survey()
    sample = lp.Sample.from_frame(frame)
    fit = lp.regress(sample, "y ~ x1 + x4", family="binomial", penalty="firth", where={"sex": "Female"})
    alone = lp.Sample.from_frame(frame[frame["sex"] == "Female"])
    plain = lp.regress(alone, "y ~ x1 + x4", family="binomial", penalty="firth")
    np.testing.assert_allclose(fit.coefficients.value, plain.coefficients.value, rtol=1e-12)


def test_penalised_fits_have_no_covariance_with_each_other() -> None:
    one, two = fitted(answers("plain")).coefficients, fitted(answers("plain")).coefficients
    with pytest.raises(WrongUseError, match="Fit one model with an interaction"):
        lp.combine([one, two])
    assert len(lp.combine([one.take(np.array([0])), one.take(np.array([1]))])) == 2


def test_separated_answers_are_sent_here() -> None:
    sample = lp.Sample.from_frame(table_of(8, 0, 10, 20))
    with pytest.raises(EstimationError, match="penalty='firth' for odds ratios"):
        lp.regress(sample, "y ~ x1", family="binomial")


def test_what_a_penalised_fit_refuses() -> None:
    frame = answers("plain").assign(part=0.5, twice=lambda table: 2 * table["x1"])
    sample = lp.Sample.from_frame(frame)
    with pytest.raises(WrongUseError, match="it is for family='binomial'"):
        lp.regress(sample, "y ~ x1", family="poisson", penalty="firth")
    with pytest.raises(WrongUseError, match="there is 'firth'"):
        lp.regress(sample, "y ~ x1", family="binomial", penalty="ridge")  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="are neither 0 nor 1"):
        lp.regress(sample, "part ~ x1", family="binomial", penalty="firth")
    with pytest.raises(EstimationError, match="no penalty can tell them apart"):
        lp.regress(sample, "y ~ x1 + twice", family="binomial", penalty="firth")
    few = lp.Sample.from_frame(frame.iloc[:3])
    with pytest.raises(EstimationError, match="5 coefficients and 3 complete respondents"):
        lp.regress(few, "y ~ x1 + x2 + x3 + x4", family="binomial", penalty="firth")


def test_a_fit_that_does_not_arrive_is_refused() -> None:
    frame = answers("plain").assign(far=1e6)
    with pytest.raises(EstimationError, match="Newton's method did not arrive with 120 respondents"):
        lp.regress(lp.Sample.from_frame(frame), "y ~ x1 + offset(far)", family="binomial", penalty="firth")


def test_many_respondents_have_the_same_closed_form() -> None:
    a, b, c, d = 1900, 3, 2600, 12
    got = fitted(table_of(a, b, c, d)).coefficients.select(term="x1")
    np.testing.assert_allclose(got.value, np.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5))), rtol=1e-9)
    assert got.confint()[0][0] < got.value[0] < got.confint()[1][0]
