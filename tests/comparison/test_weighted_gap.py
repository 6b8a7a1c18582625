"""Balancing weights and what is estimated with them: R (tests/oracles/attendance), laws, cases by hand, refusals."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.comparison import weighted_gap as module
from lpact_eval.comparison.attendance import attendance_gap

if TYPE_CHECKING:
    from lpact_eval.comparison.gaps import AttendanceGap

ORACLE = Path(__file__).parents[1] / "oracles" / "attendance"
RTOL = 1e-8  # svyglm stops at a relative change of 1e-15 of the deviance, scores agree to 1e-10
BALANCED = 1e-12  # rounding error of a standardised difference
MET = 1e-10
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
WEIGHTED = ["overlap", "att", "entropy"]
ADJUST = ["age_band", "sex", "years_here"]


def read(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#", keep_default_na=False, na_values=[""])


@cache
def oracle_gap(method: str, outcome: str, clusters: str) -> AttendanceGap:
    frame = read("data.csv").assign(confident=lambda f: f["confident"].map({1: "yes", 0: "no"}))
    at = lp.Sample.from_frame(frame, weight="weight", psu=None if clusters == "row" else "site")
    answer = "yes" if outcome == "confident" else None
    return attendance_gap(at, outcome, answer, attended="attended", adjust=ADJUST, method=method)


def expected(method: str, outcome: str, clusters: str, quantity: str) -> pd.Series:
    table = read("expected.csv").fillna({"outcome": "", "clusters": ""})
    hit = (table["method"] == method) & (table["outcome"] == outcome) & (table["clusters"] == clusters)
    return table[hit & (table["quantity"] == quantity)].set_index("group")["value"]


@pytest.mark.parametrize("clusters", ["row", "site"])
@pytest.mark.parametrize("outcome", ["confident", "score"])
@pytest.mark.parametrize("method", WEIGHTED)
def test_weighted_gaps_equal_lm_and_club_sandwich_by_domain_overall_and_between_domains(
    method: str, outcome: str, clusters: str
) -> None:
    got = oracle_gap(method, outcome, clusters).estimate.to_frame().set_index("ethnicity")
    assert len(got) == 4
    for quantity in ("estimate", "std_error", "df"):
        wanted = expected(method, outcome, clusters, quantity)
        np.testing.assert_allclose(got[quantity].loc[list(wanted.index)], wanted, rtol=RTOL)
        assert set(wanted.index) == set(got.index)


@pytest.mark.parametrize("method", WEIGHTED)
def test_effective_sizes_balance_and_adjusted_means_equal_the_formulas(method: str) -> None:
    gap = oracle_gap(method, "confident", "row")
    overlap = gap.overlap.set_index(["arm", "ethnicity"])["n_effective"]
    for arm in ("attended", "not attended"):
        wanted = expected(method, "", "", f"n_effective {arm}")
        np.testing.assert_allclose(overlap[arm].loc[list(wanted.index)], wanted, rtol=RTOL)
    sex = gap.balance[gap.balance["answer"] == "Male"].set_index("ethnicity")["difference_after"]
    wanted = expected(method, "", "", "difference_after sex")
    np.testing.assert_allclose(sex.loc[list(wanted.index)], wanted, atol=1e-10)
    means = gap.means.set_index("ethnicity")
    wanted = expected(method, "confident", "", "mean not attended")
    np.testing.assert_allclose(means.loc[list(wanted.index), "not_attended"], wanted, rtol=RTOL)
    both = means["attended"] - means["not_attended"]
    np.testing.assert_allclose(both, gap.estimate.value[:3], rtol=RTOL)


def test_propensity_scores_equal_svyglm() -> None:
    overlap = oracle_gap("overlap", "confident", "row").overlap.set_index(["arm", "ethnicity"])
    for column, arm in (("score_low", "attended"), ("score_high", "not attended")):
        wanted = expected("overlap", "", "", f"{column} {arm}")
        np.testing.assert_allclose(overlap.loc[arm, column].loc[list(wanted.index)], wanted, rtol=RTOL)


def survey(seed: int = 3, n: int = 320) -> pd.DataFrame:
    """Black and White respondents whose age and years decide who went and, with that, what they answered."""
    rng = np.random.default_rng(seed)
    old, years = rng.random(n) < 0.5, rng.gamma(2, 5, n)
    went = rng.random(n) < 1 / (1 + np.exp(0.3 - 0.8 * old + 0.03 * years))
    group = rng.permutation(np.resize(["Black", "White"], n))
    went[:40], went[40:80] = True, False  # never an arm too small
    latent = 0.5 * old - 0.03 * years + 0.3 * went - 0.4 * (group == "Black") + rng.normal(0, 1, n)
    return pd.DataFrame(
        {
            "weight": rng.uniform(0.5, 2, n),
            "site": rng.permutation(n) % 16,
            "ethnicity": group,
            "age_band": np.where(old, "55+", "16-54"),
            "sex": rng.permutation(np.resize(["Female", "Male"], n)),
            "years_here": years,
            "went": np.where(went, "yes", "no"),
            "confidence": np.where(latent > 0, "high", "low"),
        }
    )


def gap(frame: pd.DataFrame, method: str, *, psu: str | None = None, **changes: object) -> AttendanceGap:
    at = lp.Sample.from_frame(frame, weight="weight", psu=psu)
    arguments: dict[str, object] = {"attended": "went", "adjust": ADJUST, "method": method}
    return attendance_gap(at, "confidence", "high", **(arguments | changes))


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_overlap_weights_of_a_logit_balance_means_exactly(seed: int) -> None:
    balance = gap(survey(seed), "overlap").balance
    assert balance["smd"].abs().max() > 0.01
    assert balance["smd_after"].abs().max() < BALANCED


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_entropy_weights_hit_the_attendees_means(seed: int) -> None:
    balance = gap(survey(seed), "entropy").balance.dropna()
    np.testing.assert_allclose(balance["not_attended_after"], balance["attended"], rtol=MET, atol=MET)


@pytest.mark.parametrize("method", ["att", "entropy"])
def test_weights_of_attendees_towards_attendees_are_the_surveys(method: str) -> None:
    got = gap(survey(), method)
    question, weights = got.basis.question, got.basis.adjusted.weights
    for name, inside in question.arms.groups().items():
        went = inside & question.arms.treated
        np.testing.assert_array_equal(weights[name][went], question.arms.weight[went])
        assert not weights[name][~inside].any()


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_relabelling_the_arms_flips_the_sign_where_the_estimand_is_symmetric(seed: int) -> None:
    frame = survey(seed)
    other = frame.assign(went=frame["went"].map({"yes": "no", "no": "yes"}))
    one, two = gap(frame, "overlap").estimate, gap(other, "overlap").estimate
    np.testing.assert_allclose(two.value, -one.value, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(two.std_error, one.std_error, rtol=1e-7)
    np.testing.assert_allclose(two.df, one.df, rtol=1e-6)


@pytest.mark.parametrize("method", WEIGHTED)
@given(seed=SEEDS, factor=st.floats(1e-3, 1e5))
@settings(max_examples=8, deadline=None)
def test_scaling_the_weights_and_reordering_respondents_change_nothing(method: str, seed: int, factor: float) -> None:
    frame = survey(seed)
    other = frame.assign(weight=frame["weight"] * factor).sample(frac=1, random_state=seed % 1000)
    one, two = gap(frame, method), gap(other, method)
    np.testing.assert_allclose(two.estimate.value, one.estimate.value, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(two.estimate.std_error, one.estimate.std_error, rtol=1e-7)
    np.testing.assert_allclose(two.estimate.df, one.estimate.df, rtol=1e-6)
    assert two.flags == one.flags
    assert two.wording == one.wording


@pytest.mark.parametrize("constant", ["Leicestershire", 7.0])
@pytest.mark.parametrize("method", WEIGHTED)
def test_an_adjuster_that_is_the_same_for_everyone_changes_nothing(method: str, constant: object) -> None:
    frame = survey().assign(force=constant)
    one, two = gap(frame, method), gap(frame, method, adjust=[*ADJUST, "force"])
    np.testing.assert_array_equal(two.estimate.value, one.estimate.value)
    np.testing.assert_array_equal(two.estimate.std_error, one.estimate.std_error)


@pytest.mark.parametrize("method", WEIGHTED)
def test_an_adjuster_said_twice_changes_nothing(method: str) -> None:
    frame = survey().assign(gender=lambda f: f["sex"].map({"Female": "F", "Male": "M"}))
    one, two = gap(frame, method), gap(frame, method, adjust=[*ADJUST, "gender"])
    np.testing.assert_allclose(two.estimate.value, one.estimate.value, rtol=1e-9)
    np.testing.assert_allclose(two.estimate.std_error, one.estimate.std_error, rtol=1e-9)


def by_hand() -> pd.DataFrame:
    """Young: 5 of 10 attendees and 6 of 20 others confident; old: 16 of 20 and 7 of 10."""
    rows = [("16-54", "yes", 5, 10), ("16-54", "no", 6, 20), ("55+", "yes", 16, 20), ("55+", "no", 7, 10)]
    parts = [
        pd.DataFrame({"age_band": age, "went": went, "confidence": ["high"] * high + ["low"] * (of - high)})
        for age, went, high, of in rows
    ]
    return pd.concat(parts, ignore_index=True).assign(weight=1.0)


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("att", (10 * 0.2 + 20 * 0.1) / 30),  # a third of the attendees are young
        ("entropy", (10 * 0.2 + 20 * 0.1) / 30),
        ("overlap", 0.15),  # e (1 - e) x 30 is the same in both ages: 30 x 1/3 x 2/3
    ],
)
def test_one_adjuster_by_hand(method: str, wanted: float) -> None:
    """The gap is 5/10 - 6/20 = .2 among the young and 16/20 - 7/10 = .1 among the old."""
    got = gap(by_hand(), method, adjust=["age_band"], by=())
    assert got.estimate.value[0] == pytest.approx(wanted)
    assert got.raw.value[0] == pytest.approx(21 / 30 - 13 / 30)
    assert got.raw_words[0].startswith("The raw difference is larger, and biased")
    assert "attendees differ from others in age_band" in got.raw_words[0]


@pytest.mark.parametrize("method", WEIGHTED)
def test_without_adjusters_every_method_gives_the_raw_difference(method: str) -> None:
    frame = survey()
    got = gap(frame, method, adjust=[], by=())
    assert got.estimate.value[0] == pytest.approx(got.raw.value[0], abs=1e-12)
    assert got.estimate.std_error[0] == pytest.approx(got.raw.std_error[0])
    assert "not adjusted for anything" in got.flags[0]


def test_small_domains_take_scores_from_all_and_are_refused_a_number() -> None:
    frame = survey()
    black = frame.index[(frame["ethnicity"] == "Black") & (frame["went"] == "yes")]
    got = gap(frame.drop(black[12:]), "overlap")
    assert got.refused == ("", "fewer than 15 attended (Black)", "", "fewer than 15 attended (Black)")
    assert got.basis.adjusted.notes["Black"] == ("scores from a model of all respondents, not of this group alone",)
    assert got.balance.loc[got.balance["ethnicity"] == "Black", "smd_after"].notna().all()
    assert np.isfinite(got.estimate.value[[0, 2]]).all()


def test_too_many_adjusters_for_the_smaller_arm_are_a_refusal() -> None:
    rng = np.random.default_rng(1)
    frame = survey().assign(town=lambda f: rng.choice(list("abcdefghijklmnop"), len(f)))
    black = frame.index[(frame["ethnicity"] == "Black") & (frame["went"] == "yes")]
    frame = frame.drop(black[30:])
    got = gap(frame, "entropy", adjust=[*ADJUST, "town"])
    assert got.refused[1] == "fewer than 5 in the smaller arm for each column of adjusters (Black)"


def test_answers_that_one_arm_alone_gave_are_refused_by_the_name_of_the_variable() -> None:
    frame = survey().assign(visited="no")
    went = (frame["went"] == "yes") & (frame["ethnicity"] == "Black")
    frame.loc[frame.index[went][:9], "visited"] = "yes"
    frame.loc[frame.index[(frame["went"] == "no") & (frame["ethnicity"] == "White")][:9], "visited"] = "yes"
    frame.loc[frame.index[(frame["went"] == "yes") & (frame["ethnicity"] == "White")][:9], "visited"] = "yes"
    for method in WEIGHTED:
        got = gap(frame, method, adjust=[*ADJUST, "visited"])
        assert "visited" in got.refused[1]
        assert "visited" in got.refused[3]
        assert not got.refused[0]
        assert not got.refused[2]
    assert (
        "found among attendees only or among the others only"
        in gap(frame, "att", adjust=[*ADJUST, "visited"]).refused[1]
    )
    assert (
        "no weights of the others give them the attendees' mix of visited"
        in gap(frame, "entropy", adjust=[*ADJUST, "visited"]).refused[1]
    )


def test_a_number_that_tells_the_arms_apart_is_refused_by_name() -> None:
    frame = survey().assign(years_here=lambda f: np.where(f["went"] == "yes", 10.0, 0.0) + np.arange(len(f)) % 7)
    assert "in years_here some answers" in gap(frame, "overlap").refused[0]
    assert gap(frame, "entropy").refused[0].startswith("no weights of the others give them the attendees' mix of")


def test_combinations_out_of_reach_name_the_variables_without_which_entropy_balancing_works() -> None:
    """Others never have both; attendees mostly do: each mean can be reached, both together can't."""
    patterns = {"yes": [(1, 1)] * 30 + [(0, 0)] * 5, "no": [(1, 0)] * 20 + [(0, 1)] * 20 + [(0, 0)] * 20}
    rows = [(went, a, b) for went, found in patterns.items() for a, b in found]
    frame = pd.DataFrame(rows, columns=["went", "one", "two"]).astype({"one": str, "two": str})
    frame = frame.assign(weight=1.0, confidence=np.resize(["high", "low", "low"], len(frame)))
    reason = gap(frame, "entropy", adjust=["one", "two"], by=()).refused[0]
    assert reason == (
        "no weights of the others give them the attendees' mix of the adjusters together; without one or two some do"
    )


def test_attendees_out_of_the_others_range_are_flagged_and_over_a_fifth_refuse_att_but_not_overlap() -> None:
    frame = survey().drop(columns="ethnicity")
    some = frame.assign(years_here=lambda f: np.where(f["went"] == "yes", f["years_here"] - 5, f["years_here"]))
    assert "overlap weights only" in gap(some, "att", by=(), adjust=["years_here"]).refused[0]
    assert not gap(some, "overlap", by=(), adjust=["years_here"]).refused[0]
    few = survey(5)
    got = gap(few, "att", by=())
    outside = got.overlap.set_index("arm").loc["attended", "outside"]
    assert 0 < outside < 0.2
    assert "overlap weights only" in got.flags[0]
    assert got.wording[0] == "association"


def test_few_effective_respondents_are_refused_and_uneven_weights_flagged() -> None:
    frame = survey(n=200)
    black = frame.index[(frame["ethnicity"] == "Black") & (frame["went"] == "yes")]
    heavy = frame.assign(weight=np.where(frame.index.isin(black[:3]), 60.0, frame["weight"]))
    assert "fewer than 10 effective respondents attended after weighting (Black)" in gap(heavy, "att").refused[1]
    uneven = frame.assign(weight=np.where(frame.index.isin(black[:3]), 12.0, frame["weight"]))
    assert "one respondent has 10% or more of the weight of those who attended (Black)" in gap(uneven, "att").flags[1]


def test_more_than_an_association_is_said_only_of_attendees_and_only_where_the_checks_pass() -> None:
    frame = survey(n=800)
    assert set(gap(frame, "regression").wording) == {"association"}
    assert set(gap(frame, "overlap").wording) == {"association"}
    far = frame.assign(years_here=np.where(frame.index == 0, -90.0, frame["years_here"]))
    assert gap(far, "entropy").wording[0] == "association"
    words = gap(frame, "entropy", adjust=["age_band", "sex"]).wording[0]
    assert "only if all reasons for attending that also shape the answer are among the adjusters" in words


def test_influence_and_degrees_of_freedom_of_taylor_serve_large_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = survey(n=2_000)
    small = gap(frame, "overlap").estimate
    monkeypatch.setattr(module, "CR2_CLUSTERS", 10)
    large = gap(frame, "overlap").estimate
    assert large.variance == "taylor"
    np.testing.assert_array_equal(large.value, small.value)
    np.testing.assert_allclose(large.std_error, small.std_error, rtol=0.02)
    assert large.df[0] == len(frame) - 1


@pytest.mark.parametrize("method", WEIGHTED)
def test_a_jackknife_that_weights_again_comes_near_the_standard_errors(method: str) -> None:
    frame = survey(n=300)
    at = lp.Sample.from_frame(frame, weight="weight", psu="site")
    arguments: dict[str, object] = {"attended": "went", "adjust": ADJUST, "method": method}
    plain = attendance_gap(at, "confidence", "high", **arguments)
    again = attendance_gap(lp.replicate(at, method="jackknife"), "confidence", "high", **arguments)
    np.testing.assert_allclose(again.estimate.value, plain.estimate.value, rtol=1e-12)
    np.testing.assert_allclose(again.estimate.std_error, plain.estimate.std_error, rtol=0.3)
    assert again.estimate.variance == "replicate"
    assert (again.estimate.df <= 15).all()
    assert not any(again.refused)


@pytest.mark.parametrize("method", WEIGHTED)
def test_replicates_without_a_solution_are_a_refusal(method: str) -> None:
    """Without the one attendee who ever visited, only others did."""
    frame = survey(n=120).assign(visited=lambda f: np.where(np.isin(f.index, [0, 40, 41]), "yes", "no"))
    frame.loc[[0, 40, 41], "ethnicity"] = "Black"
    at = lp.replicate(lp.Sample.from_frame(frame, weight="weight"), method="jackknife")
    got = attendance_gap(at, "confidence", "high", attended="went", adjust=["visited"], method=method)
    assert got.refused[0] == "1 of 120 replicates have no solution"
    assert got.refused[1] == "1 of 120 replicates have no solution"
    assert not got.refused[2]


def test_raked_weights_count_in_the_standard_error() -> None:
    """A jackknife that rakes, scores and weights again lies nearer to the standard error than one that does not."""
    frame = survey(7, n=400).assign(confidence=lambda f: np.where(f["age_band"] == "55+", "high", f["confidence"]))
    margins = {"age_band": {"16-54": 600.0, "55+": 400.0}, "sex": {"Female": 500.0, "Male": 500.0}}
    raked = lp.rake(lp.Sample.from_frame(frame, weight="weight"), margins)
    arguments: dict[str, object] = {"attended": "went", "adjust": ADJUST, "method": "overlap", "by": ()}
    plain = attendance_gap(raked, "confidence", "high", **arguments).estimate
    replicated = lp.replicate(
        lp.Sample.from_frame(frame, weight="weight"), method="jackknife", reweight=lambda part: lp.rake(part, margins)
    )
    again = attendance_gap(replicated, "confidence", "high", **arguments).estimate
    np.testing.assert_allclose(again.std_error, plain.std_error, rtol=0.1)
