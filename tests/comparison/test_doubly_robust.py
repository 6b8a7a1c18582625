from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.comparison import aipw
from lpact_eval.comparison import doubly_robust as module
from lpact_eval.comparison.aipw import Group, effects, fit
from lpact_eval.comparison.arm_draws import of_sites, within_arms
from lpact_eval.comparison.arm_moments import freedom, residual_moments, shown
from lpact_eval.comparison.arms import Roles, ask
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.doubly_robust import doubly_robust
from lpact_eval.comparison.tiers import Row
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from lpact_eval.comparison.adjusted import Adjusted
    from lpact_eval.comparison.aipw import Estimand, Models

RTOL = 1e-9  # two ways to the same number in double precision
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
FEW = 40  # replicates where only the point estimate matters
ROWS = [Row(ALL, (ALL,)), Row("Black", ("Black",)), Row("White", ("White",)), Row("Black - White", ("Black", "White"))]


def survey(seed: int = 5, n: int = 260) -> pd.DataFrame:
    """Black and White respondents, attendance that depends on age, and answers that depend on both."""
    rng = np.random.default_rng(seed)
    old = rng.permutation(n) % 2 == 0
    went = rng.permutation(n) % 10 < np.where(old, 6, 3)
    group = np.where(rng.permutation(n) % 5 < 2, "Black", "White")
    latent = 0.5 * old + 0.3 * went - 0.4 * (group == "Black") + rng.normal(0, 1, n)
    return pd.DataFrame(
        {
            "weight": rng.uniform(0.5, 2, n),
            "site": rng.permutation(n) % 14,
            "ethnicity": group,
            "age_band": np.where(old, "55+", "16-54"),
            "sex": rng.permutation(np.resize(["Female", "Male"], n)),
            "years": rng.gamma(2, 5, n).round(1),
            "went": np.where(went, "yes", "no"),
            "confident": (latent > 0.2).astype(int),
            "score": latent,
        }
    )


def adjusted(frame: pd.DataFrame, **changes: object) -> Adjusted:
    """Answer with the frame's columns; `psu`, `by`, `adjust`, `outcome`, `rows` and the method's own may change."""
    chosen: dict[str, object] = {"psu": None, "by": ("ethnicity",), "adjust": ("age_band", "sex", "years")}
    chosen |= {"outcome": "confident", "rows": ROWS} | changes
    at = lp.Sample.from_frame(frame, weight="weight", psu=chosen.pop("psu"))
    outcome = chosen.pop("outcome")
    answer = ("1",) if outcome == "confident" else None
    roles = Roles(outcome, answer, "went", chosen.pop("by"), chosen.pop("adjust"))
    return doubly_robust(ask(at, roles), chosen.pop("rows"), **chosen)


def strata() -> Group:
    """Two strata of one adjuster.

    Stratum 0: attended answered 1, 0, others 1, 0, 0, 0. Stratum 1: attended 1, 1, 1, 0, others 1, 0. The fitted
    answers are the strata's means, so that the differences 1/4 and 1/4 - with 3/4 - 1/2 - are averaged.
    """
    outcome = [1, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0]
    went = [1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0]
    x = np.repeat([0.0, 1.0], 6)
    arms = (np.array(went) == 1, np.array(outcome, dtype=float), np.ones(12))
    return Group.of(x[:, None], arms)


@pytest.mark.parametrize("share", [True, False])
def test_a_saturated_model_averages_the_differences_of_the_strata(share: bool) -> None:  # noqa: FBT001 - a case
    """Stratum 0: 1/2 - 1/4 = 1/4; stratum 1: 2/4 - 1/2 = 0. ATE (6/4 + 0)/12 = 1/8; ATT 2/6 x 1/4 = 1/12."""
    group = replace(strata(), share=share)
    models = fit(group)
    for estimand, value, attended in (("ate", 1 / 8, 1 / 2), ("att", 1 / 12, 1 / 2)):
        found = effects(group, models, group.weight[None, :], estimand)[0]
        np.testing.assert_allclose(found, [value, attended, attended - value], rtol=RTOL)


def test_weights_count_in_every_step() -> None:
    """The attended of stratum 0 weigh 3 and 1: their mean is 3/4, the difference 1/2; the stratum weighs 8 of 14.

    ATE 8/14 x 1/2 = 2/7. ATT: attended weigh 4 and 4: 1/2 x 1/2 = 1/4.
    """
    group = strata()
    weight = np.array([3.0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    for one in (replace(group, weight=weight), replace(group, weight=5 * weight)):
        models = fit(one)
        np.testing.assert_allclose(effects(one, models, one.weight[None, :], "ate")[0, 0], 2 / 7, rtol=RTOL)
        np.testing.assert_allclose(effects(one, models, one.weight[None, :], "att")[0, 0], 1 / 4, rtol=RTOL)


def test_an_answer_that_all_of_a_stratum_gave_is_fitted_as_its_limit() -> None:
    """Attended of stratum 1 all answered 1 and of stratum 0 half: a logit without finite solution.

    30 respondents a stratum, 10 attended; others: 5 of 20 and 10 of 20. ATE 1/2 (1/2 - 1/4) + 1/2 (1 - 1/2) = 3/8.
    """
    went = np.tile(np.repeat([True, False], [10, 20]), 2)
    outcome = np.concatenate([np.repeat([1, 0, 1, 0], [5, 5, 5, 15]), np.repeat([1, 1, 0], [10, 10, 10])]).astype(float)
    group = Group.of(np.repeat([0.0, 1.0], 30)[:, None], (went, outcome, np.ones(60)))
    models = fit(replace(group, share=True))
    assert all(model.logistic for model in models.answers)
    found = effects(group, models, group.weight[None, :], "ate")[0]
    np.testing.assert_allclose(found, [3 / 8, 3 / 4, 3 / 8], rtol=1e-8)  # fitted values are within 1e-9 of 1


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, effect=st.floats(-3, 3))
def test_an_outcome_that_is_linear_in_the_adjusters_gives_its_coefficient_whatever_the_scores(
    seed: int, effect: float
) -> None:
    frame = survey(seed)
    line = 2 * (frame["age_band"] == "55+") - 0.7 * (frame["sex"] == "Male") + 0.1 * frame["years"]
    frame["score"] = line + effect * (frame["went"] == "yes")
    for estimand in ("ate", "att"):
        found = adjusted(frame, outcome="score", estimand=estimand, replicates=2)
        np.testing.assert_allclose(found.means["Black"][0] - found.means["Black"][1], effect, atol=1e-9)
        np.testing.assert_allclose(found.means[ALL][0] - found.means[ALL][1], effect, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_changing_the_names_of_the_arms_changes_the_sign(seed: int) -> None:
    frame = survey(seed)
    other = frame.assign(went=np.where(frame["went"] == "yes", "no", "yes"))
    first, second = (adjusted(one, estimand="ate", replicates=FEW) for one in (frame, other))
    np.testing.assert_allclose(first.estimate.value, -second.estimate.value, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(first.means["White"], second.means["White"][::-1], rtol=1e-7)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, scale=st.floats(1e-3, 1e4))
def test_the_unit_of_the_weights_changes_nothing(seed: int, scale: float) -> None:
    frame = survey(seed)
    first, second = (
        adjusted(one, replicates=FEW).estimate for one in (frame, frame.assign(weight=scale * frame["weight"]))
    )
    np.testing.assert_allclose(first.value, second.value, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(first.std_error, second.std_error, rtol=1e-6)
    np.testing.assert_allclose(first.df, second.df, rtol=1e-6)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_respondents_cut_in_halves_and_in_another_order_give_the_same_estimate(seed: int) -> None:
    frame = survey(seed)
    halves = pd.concat([frame, frame]).assign(weight=lambda rows: rows["weight"] / 2).sample(frac=1, random_state=1)
    for estimand in ("ate", "att"):
        first, second = (adjusted(one, estimand=estimand, replicates=FEW).estimate for one in (frame, halves))
        np.testing.assert_allclose(first.value, second.value, rtol=1e-7, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_an_adjuster_that_is_the_same_for_everybody_changes_nothing(seed: int) -> None:
    frame = survey(seed).assign(land="England")
    first = adjusted(frame, replicates=FEW).estimate
    second = adjusted(frame, adjust=("age_band", "land", "sex", "years"), replicates=FEW).estimate
    np.testing.assert_array_equal(first.value, second.value)
    np.testing.assert_array_equal(first.std_error, second.std_error)


def test_the_same_seed_gives_the_same_numbers_and_another_one_nearly_the_same() -> None:
    frame = survey()
    first, again, named, other = (adjusted(frame, seed=seed).estimate for seed in (None, None, module.SEED, 8))
    np.testing.assert_array_equal(first.std_error, again.std_error)
    np.testing.assert_array_equal(first.std_error, named.std_error)
    assert (first.std_error != other.std_error).all()
    np.testing.assert_allclose(first.std_error, other.std_error, rtol=0.12)  # 4 Monte-Carlo errors of the ratio


def test_without_adjusters_the_bootstrap_is_that_of_two_means_and_the_degrees_of_freedom_are_welchs() -> None:
    """Arms of 36 and 64: variance s1^2/36 + s0^2/64, df with (m - 1)/m^2 = a, b: (a + b)^2 / (a^2/35 + b^2/63)."""
    went = np.repeat(["yes", "no"], [36, 64])
    score = np.random.default_rng(4).gamma(2, 1, 100)
    frame = pd.DataFrame({"weight": 1.0, "went": went, "score": score})
    rows = [Row(ALL, (ALL,))]
    found = adjusted(frame, outcome="score", by=(), adjust=(), rows=rows, estimand="ate", replicates=20_000).estimate
    means = [score[went == arm] for arm in ("yes", "no")]
    np.testing.assert_allclose(found.value, [means[0].mean() - means[1].mean()], rtol=RTOL)
    expected = np.sqrt(means[0].var(ddof=1) / 36 + means[1].var(ddof=1) / 64)
    np.testing.assert_allclose(found.std_error, [expected], rtol=0.03)  # Monte-Carlo error .5 %, skewness 1 %
    a, b = 35 / 36**2, 63 / 64**2
    np.testing.assert_allclose(found.df, [(a + b) ** 2 / (a**2 / 35 + b**2 / 63)], rtol=RTOL)


def test_drawn_weights_keep_every_arm_and_vary_its_mean_as_sampling_would() -> None:
    treated, part = np.repeat([True, False], [20, 50]), np.tile([0, 1], 35)
    weight = np.linspace(1, 2, 70)
    drawn = np.vstack(list(within_arms(treated, part, weight).weights(40_000, 3))) / weight
    assert (drawn > 0).all()
    values = np.sqrt(np.arange(70.0))
    for arm in (True, False):
        for code in (0, 1):
            inside = (treated == arm) & (part == code)
            np.testing.assert_allclose(drawn[:, inside].sum(axis=1), inside.sum(), rtol=1e-12)
            variance = (drawn[:, inside] @ values[inside] / inside.sum()).var()
            expected = values[inside].var(ddof=1) / inside.sum()
            np.testing.assert_allclose(variance, expected, rtol=0.04)  # 5 Monte-Carlo errors


def test_whole_sites_are_drawn_where_sites_were_recorded() -> None:
    site = np.arange(60) % 9
    draws = of_sites(site, np.ones(60))
    drawn = np.vstack(list(draws.weights(500, 3)))
    for code in range(9):
        inside = drawn[:, site == code]
        np.testing.assert_array_equal(inside, np.repeat(inside[:, :1], inside.shape[1], axis=1))
    np.testing.assert_allclose(draws.variance(np.ones(60, dtype=bool)), 9 / 8)  # m / (m - 1)
    few = draws.variance(site < 4)
    np.testing.assert_allclose(few, np.where(np.arange(9) < 4, 4 / (4 * 7 / 9 + 1), 0))  # shape (9 - 2) / 9


def dense(group: Group, score: np.ndarray, unit: np.ndarray, estimand: str) -> tuple[float, np.ndarray]:
    """Sum of c^2 and G of the notes of `residual_moments`, by n x n matrices."""
    n, w = group.treated.size, group.weight
    target = np.ones(n, dtype=bool) if estimand == "ate" else group.treated
    contribution, whole = np.zeros((n, n)), 0.0
    for arm in (True, False):
        inside = group.treated == arm
        x = group.x[:, :1] if arm and estimand == "att" else group.x
        tilt = {"ate": 1 / np.where(arm, score, 1 - score), "att": np.where(arm, 1.0, score / (1 - score))}[estimand]
        h = (w * tilt / w[target].sum())[inside]
        inverse = np.linalg.inv(x[inside].T @ np.diag(w[inside]) @ x[inside])
        gap = w[target] @ x[target] / w[target].sum() - h @ x[inside]
        c = h + w[inside] * (x[inside] @ inverse @ gap)
        left = np.eye(inside.sum()) - x[inside] @ inverse @ x[inside].T @ np.diag(w[inside])
        contribution[np.ix_(inside, inside)] = np.diag(c) @ left
        whole += c @ c
    by_unit = (unit[None, :] == np.arange(unit.max() + 1)[:, None]).astype(float) @ contribution
    return whole, by_unit @ by_unit.T


@pytest.mark.parametrize("estimand", ["ate", "att"])
@pytest.mark.parametrize("clustered", [True, False])
def test_the_moments_of_the_residuals_equal_those_of_whole_matrices(estimand: str, clustered: bool) -> None:  # noqa: FBT001 - a case
    frame = survey(n=90)
    columns = np.column_stack([frame["age_band"] == "55+", frame["sex"] == "Male", frame["years"]]).astype(float)
    arms = (frame["went"].to_numpy() == "yes", frame["score"].to_numpy(), frame["weight"].to_numpy())
    group = Group.of(columns, arms)
    models = fit(group)
    score = np.clip(1 / (1 + np.exp(-group.x @ models.attending)), 0.025, 0.975)
    unit = frame["site"].to_numpy() if clustered else np.arange(90)
    moments = residual_moments(group, models, estimand, (unit, int(unit.max()) + 1))
    whole, covariance = dense(group, score, unit, estimand)
    np.testing.assert_allclose(moments.whole, whole, rtol=1e-9)
    np.testing.assert_allclose(moments.diagonal, np.diag(covariance), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(moments.product(moments), (covariance**2).sum(), rtol=1e-8)
    df = np.trace(covariance) ** 2 / (covariance**2).sum()
    np.testing.assert_allclose(freedom([None, moments]).df(np.array([[0.0, 1.0]])), [df], rtol=1e-8)
    ones = np.ones(covariance.shape[0])
    np.testing.assert_allclose(shown(moments, ones), np.trace(covariance) / whole, rtol=1e-8)


def test_differences_between_domains_are_of_independent_replicates() -> None:
    found = adjusted(survey()).estimate
    np.testing.assert_allclose(found.value[3], found.value[1] - found.value[2], rtol=RTOL)
    np.testing.assert_allclose(found.std_error[3], np.hypot(*found.std_error[1:3]), rtol=0.07)  # 1,000 replicates
    assert found.df[3] > found.df[1]


def test_weights_and_scores_are_those_of_the_group() -> None:
    frame = survey()
    att, ate = (adjusted(frame, estimand=estimand, replicates=FEW) for estimand in ("att", "ate"))
    black, went = frame["ethnicity"] == "Black", frame["went"] == "yes"
    assert (att.weights["Black"][~black] == 0).all()
    assert np.isnan(att.scores["Black"][~black]).all()
    np.testing.assert_allclose(att.weights["Black"][black & went], frame["weight"][black & went])
    odds = att.scores["Black"] / (1 - att.scores["Black"])
    np.testing.assert_allclose(att.weights["Black"][black & ~went], (frame["weight"] * odds)[black & ~went])
    np.testing.assert_allclose(
        ate.weights["Black"][black & went], (frame["weight"] / ate.scores["Black"])[black & went]
    )
    assert "bootstrap within arms, 40 replicates, seed 0" in att.notes[ALL][1]
    assert att.notes["Black"] == ()


def test_domains_with_few_sites_are_drawn_by_respondents_within_arms() -> None:
    frame = survey()
    black = frame["ethnicity"] == "Black"
    frame.loc[black, "site"] = 100 + frame.loc[black, "site"] % 3
    found = adjusted(frame, psu="site", replicates=300)
    assert "bootstrap of whole recruitment sites" in found.notes[ALL][1]
    assert "bootstrap within arms" in found.notes["Black"][0]
    alone = adjusted(frame, replicates=300).estimate
    assert found.estimate.refused == ("",) * 4
    np.testing.assert_allclose(found.estimate.std_error[1], alone.std_error[1], rtol=0.2)
    np.testing.assert_allclose(found.estimate.df[1], alone.df[1], rtol=RTOL)
    np.testing.assert_allclose(
        found.estimate.std_error[3], np.hypot(*found.estimate.std_error[1:3]), rtol=0.15
    )  # 300 replicates


def test_replicate_weights_of_the_sample_limit_the_degrees_of_freedom() -> None:
    frame = survey()
    at = lp.replicate(lp.Sample.from_frame(frame, weight="weight", psu="site"), method="jackknife")
    question = ask(at, Roles("confident", ("1",), "went", ("ethnicity",), ("age_band",)))
    found = doubly_robust(question, ROWS)
    assert "the sample's 14 replicate weights" in found.notes[ALL][1]
    assert (found.estimate.df <= 13).all()


def test_a_small_arm_is_refused() -> None:
    frame = survey()
    few = frame[(frame["ethnicity"] == "White") | (frame["went"] == "no") | (np.arange(len(frame)) < 60)]
    assert ((few["ethnicity"] == "Black") & (few["went"] == "yes")).sum() < 15
    found = adjusted(few, replicates=FEW)
    assert found.estimate.refused[1] == "fewer than 15 attended (Black)"
    assert found.estimate.refused[2] == ""
    assert found.estimate.refused[3] == "fewer than 15 attended (Black)"
    assert np.isnan(found.estimate.value[[1, 3]]).all()
    assert "Black" not in found.weights


def test_more_columns_than_the_smaller_arm_bears_are_refused() -> None:
    frame = survey(n=60).assign(town=lambda rows: (np.arange(len(rows)) % 7).astype(str))
    reason = adjusted(frame, by=(), adjust=("town",), rows=ROWS[:1], replicates=FEW).estimate.refused[0]
    assert reason == "fewer than 5 in the smaller arm for each column of adjusters"


def test_arms_that_an_adjuster_tells_apart_are_refused() -> None:
    frame = survey()
    frame.loc[(frame["went"] == "yes") & (frame["ethnicity"] == "Black"), "sex"] = "Male"
    refused = adjusted(frame, replicates=FEW).estimate.refused
    assert refused[1].startswith("in sex some answers are found among attendees only")
    assert refused[1].endswith("(Black)")
    assert refused[2] == ""


def test_everybody_of_the_same_answer_shows_no_variation() -> None:
    frame = survey().assign(confident=lambda rows: (rows["went"] == "yes").astype(int))
    refused = adjusted(frame, replicates=FEW).estimate.refused
    assert refused[0] == "no chance variation to be seen: everybody in either arm gave the same answer"


def test_scores_that_are_not_found_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aipw, "_STEPS", 1)
    refused = adjusted(survey(), replicates=FEW).estimate.refused
    assert refused[0] == "no propensity scores: the adjusters all but tell the arms apart"
    assert refused[1] == "no propensity scores: the adjusters all but tell the arms apart (Black)"


def test_one_arm_of_the_same_answer_is_noted() -> None:
    frame = survey()
    frame.loc[(frame["went"] == "yes") & (frame["ethnicity"] == "Black"), "confident"] = 1
    found = adjusted(frame, replicates=FEW)
    assert found.estimate.refused[1] == ""
    assert "everybody who attended gave the same answer: the interval leaves out chance there" in found.notes["Black"]


@pytest.mark.parametrize(("failed", "reason"), [(2, ""), (3, "3 of 40 replicates have no solution")])
def test_up_to_5_per_cent_of_the_replicates_may_have_no_solution(
    monkeypatch: pytest.MonkeyPatch, failed: int, reason: str
) -> None:
    def patchy(group: Group, models: Models, weights: np.ndarray, estimand: Estimand) -> np.ndarray:
        found = effects(group, models, weights, estimand)
        found[: failed if len(found) > 1 else 0] = np.nan
        return found

    whole = adjusted(survey(), replicates=FEW).estimate
    monkeypatch.setattr(module, "effects", patchy)
    found = adjusted(survey(), replicates=FEW)
    assert found.estimate.refused[:3] == (reason,) * 3
    assert f"{failed} of 40 replicates have no solution" in found.notes["White"]
    if not reason:
        np.testing.assert_allclose(found.estimate.value, whole.value, rtol=RTOL)
        np.testing.assert_allclose(
            found.estimate.std_error, whole.std_error, rtol=0.2
        )  # of 38 replicates instead of 40


def test_replicates_without_a_solution_are_refused_where_they_are_the_samples_own() -> None:
    frame = survey().assign(r1=lambda rows: rows["weight"], r2=lambda rows: rows["weight"] * (rows["sex"] == "Male"))
    frame["r2"] *= frame["weight"].sum() / frame["r2"].sum()
    at = lp.with_replicate_weights(lp.Sample.from_frame(frame, weight="weight"), ["r1", "r2"], method="bootstrap")
    question = ask(at, Roles("confident", ("1",), "went", (), ("age_band", "sex")))
    found = doubly_robust(question, ROWS[:1])
    assert found.estimate.refused == ("1 of 2 replicates have no solution",)
    assert np.isfinite(found.estimate.influence).all()
    assert "1 of 2 replicates have no solution" in found.notes[ALL]


def test_other_estimands_and_a_single_replicate_are_wrong_use() -> None:
    with pytest.raises(WrongUseError, match="Cannot use estimand='ato' with method='doubly_robust'"):
        adjusted(survey(), estimand="ato")
    with pytest.raises(WrongUseError, match="Cannot take 1 bootstrap replicates"):
        adjusted(survey(), replicates=1)
    assert adjusted(survey(), estimand="ATE", replicates=2).estimate.refused == ("",) * 4


def test_attendance_gap_answers_by_the_method() -> None:
    frame = survey()
    at = lp.Sample.from_frame(frame, weight="weight")
    gap = lp.attendance_gap(
        at, "confident", "1", attended="went", adjust=["age_band", "sex", "years"], method="doubly_robust"
    )
    direct = adjusted(frame).estimate
    np.testing.assert_allclose(gap.estimate.value[:3], direct.value[:3], rtol=RTOL)
    np.testing.assert_allclose(gap.estimate.std_error[:3], direct.std_error[:3], rtol=RTOL)
