from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

import lpact_eval as lp
from lpact_eval.comparison.adjusted import METHOD_NAMES
from lpact_eval.errors import EstimationError, WrongUseError

ORACLE = Path(__file__).parents[1] / "oracles" / "cr2"
RTOL = 1e-8  # two ways to take the same matrix roots in double precision
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def cr2_methods() -> list[str]:
    """Methods whose standard errors are CR2."""
    return ["regression", "overlap", "att", "entropy"]


def survey(seed: int = 3, n: int = 240) -> pd.DataFrame:
    """Black and White respondents, attendance that depends on age, and answers that depend on both."""
    rng = np.random.default_rng(seed)
    old = rng.random(n) < 0.5
    went = rng.permutation(n) % 10 < np.where(old, 6, 3)
    group = rng.permutation(np.resize(["Black", "White", "White"], n))
    latent = 0.5 * old + 0.3 * went - 0.4 * (group == "Black") + rng.normal(0, 1, n)
    return pd.DataFrame(
        {
            "weight": rng.uniform(0.5, 2, n),
            "site": rng.permutation(n) % 14,
            "ethnicity": group,
            "age_band": np.where(old, "55+", "16-54"),
            "sex": rng.permutation(np.resize(["Female", "Male"], n)),
            "went": np.where(went, "yes", "no"),
            "confidence": np.select([latent > 0.6, latent > -0.4], ["high", "middle"], "low"),
            "score": latent,
        }
    )


def sample(frame: pd.DataFrame, *, psu: str | None = None) -> lp.Sample:
    return lp.Sample.from_frame(frame, weight="weight", psu=psu)


def gap(at: lp.Sample, **changes: object) -> lp.AttendanceGap:
    arguments: dict[str, object] = {"attended": "went", "adjust": ["age_band", "sex"], "by": ("ethnicity",)}
    return lp.attendance_gap(at, "confidence", "high", **(arguments | changes))


@pytest.mark.parametrize("clusters", ["row", "site"])
@pytest.mark.parametrize(("outcome", "answer"), [("confident", "1"), ("score", None)])
def test_gaps_equal_the_weighted_regression_with_full_matrix_cr2(
    clusters: str, outcome: str, answer: str | None
) -> None:
    frame = pd.read_csv(ORACLE / "data.csv", comment="#")
    frame = frame[frame["wave"] == "rerun"].reset_index(drop=True)
    at = lp.Sample.from_frame(frame, weight="weight", psu=None if clusters == "row" else clusters)
    got = lp.attendance_gap(at, outcome, answer, attended="attended", adjust=["age_band", "sex"]).estimate
    table = pd.read_csv(ORACLE / "expected.csv", comment="#")
    reference = table[(table["case"] == f"comparison {outcome}") & (table["clusters"] == clusters)]
    reference = reference.set_index("label").rename({"all": "All respondents"})
    alive = got.take(np.flatnonzero(got.labels["ethnicity"].isin(reference.index) & ~np.isnan(got.value)))
    wanted = reference.loc[list(alive.labels["ethnicity"])]

    assert {"All respondents", "Black", "White"} <= set(alive.labels["ethnicity"])
    np.testing.assert_allclose(alive.value, wanted["estimate"], rtol=RTOL)
    # that table holds respondents as given; all respondents count as drawn, which oracles/margins has
    inside = (alive.labels["ethnicity"] != "All respondents").to_numpy()
    np.testing.assert_allclose(alive.std_error[inside], wanted["std_error"][inside], rtol=RTOL)
    np.testing.assert_allclose(alive.df[inside], wanted["df"][inside], rtol=RTOL)
    assert 0 < abs(alive.std_error[~inside][0] / wanted["std_error"]["All respondents"] - 1) < 0.05


def test_without_adjusters_the_gap_is_the_difference_of_two_weighted_shares() -> None:
    """Attendees: 6 confident of weight 2 and 4 others of weight 3/4: 12/15. Others: 5 of 10 at weight 1: 1/2."""
    frame = pd.DataFrame(
        {
            "weight": [2.0] * 6 + [0.75] * 4 + [1.0] * 10,
            "went": ["yes"] * 10 + ["no"] * 10,
            "confidence": ["high"] * 6 + ["low"] * 4 + ["high"] * 5 + ["low"] * 5,
        }
    )
    got = gap(sample(frame), adjust=[], by=())
    np.testing.assert_allclose(got.estimate.value, [12 / 15 - 1 / 2])
    assert got.flags[0].startswith("not adjusted for anything")


def test_the_overall_gap_is_the_weighted_mean_of_the_groups_gaps() -> None:
    frame = survey()
    got = gap(sample(frame)).estimate
    weights = frame.groupby("ethnicity")["weight"].sum()
    by_group = dict(zip(got.labels["ethnicity"], got.value, strict=True))
    mean = (weights["Black"] * by_group["Black"] + weights["White"] * by_group["White"]) / weights.sum()
    assert by_group["All respondents"] == pytest.approx(mean)
    assert by_group["Black - White"] == pytest.approx(by_group["Black"] - by_group["White"])


def test_rows_are_labelled_by_variable_answer_attendance_and_group() -> None:
    got = gap(sample(survey())).estimate
    assert list(got.labels.columns) == ["variable", "answer", "went", "ethnicity"]
    assert list(got.labels["ethnicity"]) == ["All respondents", "Black", "White", "Black - White"]
    assert set(got.labels["went"]) == {"yes - no"}


def test_adjusting_removes_what_a_confounder_explains() -> None:
    """Everyone over 55 scores a point more; who went matters nothing within an age band."""
    frame = survey()
    frame["part"] = frame["score"] * frame["weight"]
    totals = frame.groupby(["ethnicity", "age_band", "sex", "went"])[["part", "weight"]].transform("sum")
    frame["score"] += (frame["age_band"] == "55+") - totals["part"] / totals["weight"]
    at = sample(frame)
    assert lp.attendance_gap(at, "score", attended="went", adjust=[]).estimate.value[0] > 0.1
    found = lp.attendance_gap(at, "score", attended="went", adjust=["age_band", "sex"])
    np.testing.assert_allclose(found.estimate.value, 0, atol=1e-12)


@given(seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_relabelling_the_arms_flips_the_sign(seed: int) -> None:
    frame = survey(seed)
    other = frame.assign(went=frame["went"].map({"yes": "no", "no": "yes"}))
    one, two = gap(sample(frame)), gap(sample(other))
    np.testing.assert_allclose(two.estimate.value, -one.estimate.value, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(two.estimate.std_error, one.estimate.std_error, rtol=1e-7)
    np.testing.assert_allclose(two.balance["smd"], -one.balance["smd"], rtol=1e-9, atol=1e-12)


@given(seed=SEEDS, factor=st.floats(1e-3, 1e5))
@settings(max_examples=15, deadline=None)
def test_scaling_the_weights_and_reordering_respondents_change_nothing(seed: int, factor: float) -> None:
    frame = survey(seed)
    other = frame.assign(weight=frame["weight"] * factor).sample(frac=1, random_state=seed)
    one, two = gap(sample(frame)), gap(sample(other))
    np.testing.assert_allclose(two.estimate.value, one.estimate.value, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(two.estimate.std_error, one.estimate.std_error, rtol=1e-7)
    np.testing.assert_allclose(two.estimate.df, one.estimate.df, rtol=1e-6)
    assert two.flags == one.flags


@pytest.mark.parametrize("constant", ["Leicestershire", 7.0])
def test_an_adjuster_that_is_the_same_for_everyone_changes_nothing_and_is_flagged(constant: object) -> None:
    frame = survey().assign(force=constant)
    one, two = gap(sample(frame)), gap(sample(frame), adjust=["age_band", "sex", "force"])
    np.testing.assert_array_equal(two.estimate.value, one.estimate.value)
    np.testing.assert_array_equal(two.estimate.std_error, one.estimate.std_error)
    assert "the same for everyone and so without effect: force" in two.flags[0]


def test_a_group_with_a_small_arm_is_refused_with_a_reason_and_the_others_are_not() -> None:
    frame = survey()
    frame.loc[(frame["ethnicity"] == "Black") & (frame["went"] == "yes"), "went"] = "no"
    few = frame.index[frame["ethnicity"] == "Black"][:9]
    frame.loc[few, "went"] = "yes"
    got = gap(sample(frame))
    table = got.estimate.to_frame().set_index("ethnicity")

    assert got.refused == ("", "fewer than 10 attended (Black)", "", "fewer than 10 attended (Black)")
    assert table.loc[["Black", "Black - White"], ["estimate", "std_error", "conf_low"]].isna().all(axis=None)
    assert table.loc[["All respondents", "White"], ["estimate", "std_error", "conf_low"]].notna().all(axis=None)
    assert tuple(table["refused"]) == got.refused
    assert got.test["p_value"].isna().tolist() == [False, True, False, True]
    assert "rests in part on groups with an arm below 10" in got.flags[0]
    assert not any("rests in part" in flag for flag in (*got.flags[1:], *gap(sample(survey())).flags))


def test_a_group_where_nobody_went_stays_outside_the_overall_figure_and_says_so() -> None:
    frame = survey()
    frame.loc[frame["ethnicity"] == "Black", "went"] = "no"
    got = gap(sample(frame))
    white = gap(sample(frame[frame["ethnicity"] == "White"]), by=())

    np.testing.assert_allclose(got.estimate.value[0], white.estimate.value[0])
    assert "one arm is empty, so not part of the overall figure: Black" in got.flags[0]
    assert got.refused[1] == "fewer than 10 attended (Black)"
    assert list(got.estimate.labels["ethnicity"]) == ["All respondents", "Black", "White", "Black - White"]


def test_too_few_attendees_altogether_are_a_refusal_and_not_an_exception() -> None:
    frame = survey()
    frame["went"] = np.where(np.arange(len(frame)) < 9, "yes", "no")
    got = gap(sample(frame))
    assert got.refused[0] == "fewer than 10 attended"
    assert all(got.refused)
    assert np.isnan(got.estimate.value).all()
    assert np.isnan(got.estimate.to_frame()["conf_high"]).all()


@pytest.mark.parametrize("method", cr2_methods())
def test_fewer_than_five_sites_give_standard_errors_by_respondents_and_say_how_much_wider_they_could_be(
    method: str,
) -> None:
    """Four sites of 60 each: deff = 1 + 59 x .05 = 3.95, so that the interval could be 2.0 times as wide."""
    frame = survey().assign(site=lambda f: np.arange(len(f)) % 4)
    got, alone = gap(sample(frame, psu="site"), method=method), gap(sample(frame), method=method)
    assert not any(got.refused)
    np.testing.assert_array_equal(got.estimate.std_error, alone.estimate.std_error)
    np.testing.assert_array_equal(got.estimate.df, alone.estimate.df)
    np.testing.assert_array_equal(got.raw.std_error, alone.raw.std_error)
    wanted = (
        "fewer than 5 recruitment sites: the interval takes respondents as independent, and with an intra-class "
        "correlation of 0.05 would be 2.0 times as wide"
    )
    assert wanted in got.flags[0]
    assert "fewer than 5 recruitment sites" in got.flags[1]
    assert "(Black)" in got.flags[3]


@pytest.mark.parametrize("method", cr2_methods())
def test_a_domain_with_few_sites_goes_by_respondents_and_the_others_by_site(method: str) -> None:
    frame = survey().assign(site=lambda f: np.where(f["ethnicity"] == "Black", np.arange(len(f)) % 4, f["site"]))
    few, sites, alone = (
        gap(sample(frame, psu="site"), method=method),
        gap(sample(frame, psu="site"), method=method, by=()),
        gap(sample(frame), method=method),
    )
    np.testing.assert_allclose(few.estimate.value, alone.estimate.value, rtol=1e-12)
    by_row, by_site = [1, 3], [0, 2]
    np.testing.assert_allclose(few.estimate.std_error[by_row], alone.estimate.std_error[by_row], rtol=1e-12)
    np.testing.assert_allclose(few.estimate.df[by_row], alone.estimate.df[by_row], rtol=1e-12)
    assert not np.isclose(few.estimate.std_error[by_site], alone.estimate.std_error[by_site], rtol=1e-3).any()
    assert few.estimate.df[0] < 20 < alone.estimate.df[0]
    assert sites.estimate.df[0] < 20
    assert "fewer than 5 recruitment sites" not in few.flags[0] + few.flags[2]


def test_a_domain_with_enough_sites_keeps_its_figures_beside_one_with_few() -> None:
    frame = survey().assign(site=lambda f: np.where(f["ethnicity"] == "Black", np.arange(len(f)) % 4, f["site"]))
    white = frame[frame["ethnicity"] == "White"]
    for method in ("overlap", "att", "entropy"):
        few = gap(sample(frame, psu="site"), method=method).estimate.select(ethnicity="White")
        only = gap(sample(white, psu="site"), method=method).estimate.select(ethnicity="White")
        np.testing.assert_allclose(few.std_error, only.std_error, rtol=1e-9)
        np.testing.assert_allclose(few.df, only.df, rtol=1e-9)


def test_fewer_than_ten_sites_are_flagged() -> None:
    frame = survey().assign(site=lambda f: np.arange(len(f)) % 8)
    got = gap(sample(frame, psu="site"))
    assert not any(got.refused)
    assert all("fewer than 10 recruitment sites" in text for text in got.flags)


def test_a_p_value_is_withheld_below_four_degrees_of_freedom() -> None:
    frame = survey().assign(site=lambda f: np.arange(len(f)) % 5)
    frame.loc[frame["site"] > 0, "weight"] /= 20
    got = gap(sample(frame, psu="site"), by=())
    assert got.estimate.df[0] < 4
    assert np.isnan(got.test["p_value"][0])
    assert np.isfinite(got.estimate.std_error[0])
    assert "fewer than 4 degrees of freedom: no p value, interval indicative only" in got.flags[0]


def test_small_arms_and_unlike_arms_are_flagged() -> None:
    got = gap(sample(survey(n=120)))
    assert "fewer than 30 attended (Black)" in got.flags[1]
    assert "attendees and others differ clearly before adjustment in age_band" in got.flags[0]


def test_overlap_counts_both_arms_of_every_group() -> None:
    frame = survey()
    got = gap(sample(frame)).overlap.set_index(["ethnicity", "arm"])
    black = frame[(frame["ethnicity"] == "Black") & (frame["went"] == "yes")]["weight"]
    row = got.loc[("Black", "attended")]
    assert row["n"] == len(black)
    assert row["n_effective"] == pytest.approx(black.sum() ** 2 / (black**2).sum())
    assert row["largest_share"] == pytest.approx(black.max() / black.sum())
    assert got.loc[("All respondents", "attended"), "n"] == (frame["went"] == "yes").sum()


def test_bases_hold_both_arms_of_every_domain_and_nothing_for_differences() -> None:
    frame = survey()
    got = gap(sample(frame)).bases
    white = frame[frame["ethnicity"] == "White"]
    assert got.loc[2, ["n_first", "n_second"]].tolist() == [
        (white["went"] == "yes").sum(),
        (white["went"] == "no").sum(),
    ]
    assert got.loc[3].isna().all()


def test_p_values_are_adjusted_over_the_domains_and_left_alone_overall() -> None:
    got = gap(sample(survey())).test
    assert got["p_adjusted"][0] == got["p_value"][0]
    assert got["p_adjusted"][1:3].min() == pytest.approx(min(1, 2 * got["p_value"][1:3].min()))


def test_the_answers_that_count_are_the_schemas_when_none_are_given() -> None:
    at = replace(
        sample(survey()),
        codebook=MappingProxyType({"confidence": lp.Variable("confidence", "Confidence", positive=("high",))}),
    )
    got = lp.attendance_gap(at, "confidence", attended="went", adjust=["sex"])
    np.testing.assert_array_equal(got.estimate.value, gap(at, adjust=["sex"]).estimate.value)
    assert set(got.estimate.labels["answer"]) == {"high"}


def test_balance_is_measured_with_the_arms_pooled_standard_deviation() -> None:
    """Scores 0, 2 (mean 1, variance 2) among attendees and 0, 0 and 3, 1 among others with weights: worked by hand.

    Others: weights 1, 1, 2 of values 0, 0, 2: mean 1, variance (1/4 + 1/4 + 2/4) / (1 - 6/16) = 8/5.
    """
    frame = pd.DataFrame({"weight": [1.0, 1, 1, 1, 2], "x": [0.0, 4, 0, 0, 2], "went": ["yes"] * 2 + ["no"] * 3})
    frame = frame.assign(confidence=["high", "low"] * 2 + ["high"])
    row = gap(sample(frame), adjust=["x"], by=()).balance.iloc[0]
    assert (row["attended"], row["not_attended"], row["difference"]) == (2.0, 1.0, 1.0)
    assert row["smd"] == pytest.approx(1 / np.sqrt((8 + 8 / 5) / 2))


def test_respondents_who_miss_an_answer_are_left_out_counted_and_flagged() -> None:
    frame = survey()
    frame.loc[:4, "age_band"] = None
    frame.loc[5:7, "went"] = None
    got = gap(sample(frame))
    assert (got.n, got.left_out) == (232, 8)
    assert dict(zip(got.missing["variable"], got.missing["missing"], strict=True))["went"] == 3
    assert "fewer than 10 of 240 respondents left out: an answer is missing" in got.flags[0]


def test_the_wording_names_the_adjusters_and_claims_an_association_only() -> None:
    got = gap(sample(survey()))
    assert "alike in age_band, sex" in got.estimand
    assert got.adjusters == ("age_band", "sex")
    assert "association" in got.not_shown
    for word in ("caused", "impact", "effect of"):
        assert word not in f"{got.estimand} {got.not_shown}"
    assert got.estimand in repr(got)


def test_an_adjuster_that_attending_may_have_changed_is_refused_by_name() -> None:
    at = sample(survey())
    book = {
        "score": lp.Variable("score", "Trust score", kind="number", after_attendance=True),
        "age_band": lp.Variable("age_band", "Age", answers=("16-54", "55+")),
    }
    at = replace(at, codebook=MappingProxyType(book))
    with pytest.raises(EstimationError, match=r"Cannot adjust for \['score'\]: attending may have changed them"):
        gap(at, adjust=["age_band", "score"])
    assert "alike in Age" in gap(at, adjust=["age_band"]).estimand


def test_groups_that_attending_may_have_changed_are_refused_by_name() -> None:
    book = {"sex": lp.Variable("sex", "Sex", after_attendance=True)}
    at = replace(sample(survey()), codebook=MappingProxyType(book))
    with pytest.raises(EstimationError, match=r"by \['sex'\]: attending may have changed who is in which group"):
        gap(at, adjust=["age_band"], by="sex")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"method": "matching"}, WrongUseError, r"method='matching'; available: \['regression', 'overlap', 'att'"),
        ({"estimand": "ATO"}, WrongUseError, r"estimand='ATO' with method='regression'; it gives \['ate', 'att'\]"),
        ({"method": "overlap", "estimand": "att"}, WrongUseError, r"with method='overlap'; it gives \['ato'\]"),
        ({"adjust": ["went"]}, WrongUseError, r"\['went'\] are used twice"),
        ({"adjust": ["nobody"]}, EstimationError, r"there is no variable \['nobody'\]"),
        (
            {"attended": "sex", "adjust": []},
            EstimationError,
            r"has the answers \['Female', 'Male'\]; it has to be yes or no",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(changes: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        gap(sample(survey()), **changes)


def test_a_mean_of_categories_and_an_answer_that_does_not_exist_are_refused() -> None:
    at = sample(survey())
    with pytest.raises(EstimationError, match="it holds categories"):
        lp.attendance_gap(at, "confidence", None, attended="went", adjust=["sex"])
    with pytest.raises(EstimationError, match=r"no answer \['great'\]"):
        lp.attendance_gap(at, "confidence", "great", attended="went", adjust=["sex"])


def test_a_sample_without_attendance_answers_is_refused_with_counts() -> None:
    frame = survey().assign(went=None)
    with pytest.raises(EstimationError, match="of 240 respondents in the domain none answered all"):
        gap(sample(frame))


def test_the_gap_among_attendees_by_regression_weighs_the_domains_by_their_attendees() -> None:
    frame = survey()
    one, two = gap(sample(frame)), gap(sample(frame), estimand="ATT")
    went = frame[frame["went"] == "yes"].groupby("ethnicity")["weight"].sum()
    by_group = dict(zip(one.estimate.labels["ethnicity"], one.estimate.value, strict=True))
    mean = (went["Black"] * by_group["Black"] + went["White"] * by_group["White"]) / went.sum()
    assert two.estimate.value[0] == pytest.approx(mean)
    np.testing.assert_allclose(two.estimate.value[1:], one.estimate.value[1:])
    assert "averaged over all respondents" in one.estimand
    assert "averaged over respondents like those who attended" in two.estimand


@pytest.mark.parametrize("estimand", ["ate", "att"])
def test_adjusted_means_differ_by_the_gap_and_are_the_models_means(estimand: str) -> None:
    """The model has a mean for every attended x domain cell, so the attendees' mean under "att" is the one observed."""
    frame = survey()
    got = gap(sample(frame), estimand=estimand)
    means = got.means.set_index("ethnicity")
    np.testing.assert_allclose(means["attended"] - means["not_attended"], got.estimate.value[:3])
    if estimand == "att":
        black = frame[(frame["ethnicity"] == "Black") & (frame["went"] == "yes")]
        share = np.average(black["confidence"] == "high", weights=black["weight"])
        assert means.loc["Black", "attended"] == pytest.approx(share)


def test_the_raw_difference_is_that_of_weighted_shares_and_the_report_says_why_it_is_biased() -> None:
    frame = survey()
    frame["confidence"] = np.where((frame["age_band"] == "55+") ^ (frame.index % 9 == 0), "high", "low")
    got = gap(sample(frame))
    shares = {
        (group, went): np.average(part["confidence"] == "high", weights=part["weight"])
        for (group, went), part in frame.groupby(["ethnicity", "went"])
    }
    both = {went: np.average(p["confidence"] == "high", weights=p["weight"]) for went, p in frame.groupby("went")}
    assert got.raw.value[0] == pytest.approx(both["yes"] - both["no"])
    assert got.raw.value[1] == pytest.approx(shares["Black", "yes"] - shares["Black", "no"])
    assert got.raw.value[3] == pytest.approx(got.raw.value[1] - got.raw.value[2])
    assert "attendees differ from others in age_band" in got.raw_words[0]
    assert "biased as a comparison of like with like" in got.raw_words[0]


def test_where_arms_are_alike_the_report_says_that_adjusting_changes_little() -> None:
    rows = [(went, sex, answer) for went in ("yes", "no") for sex in ("Female", "Male") for answer in ("high", "low")]
    frame = pd.DataFrame(rows * 8, columns=["went", "sex", "confidence"]).assign(weight=1.0)
    got = gap(sample(frame), adjust=["sex"], by=())
    assert got.raw_words == (
        "Attendees and others are alike in the adjusters, and adjusting changes the difference little.",
    )


def test_the_detectable_difference_is_that_of_eighty_per_cent_power() -> None:
    got = gap(sample(survey()))
    df, error = got.estimate.df, got.estimate.std_error
    wanted = (stdtrit(df, 0.975) + stdtrit(df, 0.8)) * error
    np.testing.assert_allclose(got.detectable, wanted)


def test_all_methods_side_by_side_are_those_asked_for_one_by_one() -> None:
    at = sample(survey(n=400))
    arguments: dict[str, object] = {"attended": "went", "adjust": ["age_band", "sex"], "seed": 1}
    both = lp.attendance_gaps(at, "confidence", "high", **arguments)
    table = both.to_frame()
    assert list(dict.fromkeys(table["method"])) == list(METHOD_NAMES.values())
    assert list(table["ethnicity"][::5]) == ["All respondents", "Black", "White", "Black - White"]
    for got, method in zip(both.gaps, METHOD_NAMES, strict=True):
        one = lp.attendance_gap(at, "confidence", "high", method=method, **arguments)
        np.testing.assert_array_equal(got.estimate.value, one.estimate.value)
        np.testing.assert_array_equal(got.estimate.std_error, one.estimate.std_error)
        assert got.flags == one.flags
    assert {"estimate", "conf_low", "conf_high", "detectable", "wording", "flags", "refused"} <= set(table.columns)
    assert "association" in repr(both)


def test_methods_side_by_side_need_a_method() -> None:
    with pytest.raises(WrongUseError, match="without a method"):
        lp.attendance_gaps(sample(survey()), "confidence", "high", attended="went", adjust=["sex"], methods=[])


@pytest.mark.parametrize("method", list(METHOD_NAMES))
def test_checks_of_sensitivity_sparse_cells_and_shrinkage_stand_beside_every_method(method: str) -> None:
    frame = survey(n=400).assign(ethnicity=lambda f: np.resize(["Asian", "Black", "White"], len(f)))
    got = gap(sample(frame), method=method, seed=1)
    assert {"e-value", "robustness value", "participation tipping ratio"} <= set(got.sensitivity["measure"])
    assert got.sensitivity is got.sensitivity
    assert list(got.sparse["ethnicity"]) == ["All respondents", "Asian", "Black", "White"]
    assert got.exact["p_value"].between(0, 1).all()
    assert list(got.shrunk.table["ethnicity"]) == ["Asian", "Black", "White"]


def test_no_attribute_estimates_how_many_attended() -> None:
    """Respondents may have been recruited at events: the share who attended in the sample says nothing of residents."""
    got = gap(sample(survey()))
    columns = {name for table in (got.balance, got.overlap, got.means, got.bases) for name in table.columns}
    assert not {"rate", "attendance", "share_attended"} & columns
    assert "attended" not in set(got.balance["covariate"])


@pytest.mark.parametrize("method", list(METHOD_NAMES))
def test_a_group_with_an_empty_arm_stays_outside_under_every_method(method: str) -> None:
    frame = survey(n=400)
    frame.loc[frame["ethnicity"] == "Black", "went"] = "no"
    got = gap(sample(frame), method=method, seed=1)
    white = gap(sample(frame[frame["ethnicity"] == "White"]), by=(), method=method, seed=1)
    np.testing.assert_allclose(got.estimate.value[0], white.estimate.value[0])
    assert got.refused[1] == "fewer than 10 attended (Black)"
    assert got.sensitivity is not None


@pytest.mark.parametrize("method", list(METHOD_NAMES))
def test_too_few_attendees_altogether_are_a_refusal_under_every_method(method: str) -> None:
    frame = survey()
    frame["went"] = np.where(np.arange(len(frame)) < 9, "yes", "no")
    got = gap(sample(frame), method=method, seed=1)
    assert all(got.refused)
    assert np.isnan(got.estimate.value).all()
    assert got.means[["attended", "not_attended"]].isna().all(axis=None)
    assert set(got.wording) == {"association"}


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_a_group_whose_arms_each_answered_alike_has_no_interval_and_no_test(method: str) -> None:
    frame = survey(n=400)
    frame.loc[frame["ethnicity"] == "Black", "confidence"] = "low"
    got = gap(sample(frame), method=method)
    assert np.isnan(got.estimate.value[1])
    assert "no chance variation to be seen: everybody in either arm gave the same answer" in got.refused[1]
    assert np.isnan(got.test["p_value"][1])
    assert "no chance variation" in got.raw.refused[1]
    assert not got.refused[2]


def test_an_arm_that_answered_alike_is_flagged_by_every_method() -> None:
    frame = survey(n=400)
    frame.loc[(frame["ethnicity"] == "Black") & (frame["went"] == "yes"), "confidence"] = "low"
    for method in METHOD_NAMES:
        told = gap(sample(frame), method=method).flags[1]
        assert told.count("everybody who attended gave the same answer: the interval leaves out chance there") == 1


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_an_adjuster_that_says_the_answer_again_leaves_nothing_to_compare(method: str) -> None:
    frame = survey(n=400)
    frame["again"] = frame["confidence"].map({"high": "a", "middle": "b", "low": "b"})
    got = gap(sample(frame), adjust=["again"], method=method)
    assert all(got.refused)
    assert "explain" in got.refused[0]


def test_an_adjuster_may_be_called_as_the_column_of_groups_is_where_there_are_none() -> None:
    frame = survey()
    wanted = gap(sample(frame), by=()).estimate
    got = gap(sample(frame.rename(columns={"age_band": "group"})), by=(), adjust=["group", "sex"]).estimate
    np.testing.assert_allclose(got.value, wanted.value, rtol=1e-12)
    np.testing.assert_allclose(got.std_error, wanted.std_error, rtol=1e-12)


@pytest.mark.parametrize(("role", "name"), [("went", "variable"), ("went", "estimate"), ("ethnicity", "arm")])
def test_a_variable_called_as_another_column_of_the_tables_is_refused(role: str, name: str) -> None:
    frame = survey().rename(columns={role: name})
    names = {"attended": name} if role == "went" else {"by": name}
    with pytest.raises(WrongUseError, match=f"called '{name}'"):
        gap(sample(frame), **names)


def test_a_group_called_as_all_respondents_are_is_refused() -> None:
    frame = survey()
    frame["ethnicity"] = frame["ethnicity"].replace("Black", "All respondents")
    with pytest.raises(EstimationError, match="Rename it"):
        gap(sample(frame))


@pytest.mark.parametrize("method", ["regression", "overlap"])
def test_an_adjuster_said_twice_changes_nothing_and_is_flagged(method: str) -> None:
    frame = survey(n=400).assign(number=np.linspace(0, 1, 400), twice=np.linspace(1, 5, 400))
    at = sample(frame)
    wanted = gap(at, adjust=["number"], method=method).estimate
    got = gap(at, adjust=["number", "twice"], method=method)
    np.testing.assert_allclose(got.estimate.value, wanted.value, rtol=1e-9)
    np.testing.assert_allclose(got.estimate.std_error, wanted.std_error, rtol=1e-9)
    assert "explained by the groups and other adjusters, so without effect: twice" in got.flags[0]


def test_an_adjuster_that_says_who_attended_refuses_the_regression() -> None:
    frame = survey()
    got = gap(sample(frame.assign(again=frame["went"].map({"yes": "a", "no": "b"}))), adjust=["again"])
    assert set(got.refused) == {"the adjusters explain who attended, so that nobody is left to compare"}
    assert np.isnan(got.estimate.value).all()


def test_one_respondent_of_enormous_weight_leaves_a_sensitivity_table() -> None:
    frame = survey()
    frame.loc[5, "weight"] = 1e5
    got = gap(sample(frame))
    assert not got.sensitivity.empty
