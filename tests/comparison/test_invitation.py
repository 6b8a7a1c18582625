from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.reporting.lint import hits

ORACLE = Path(__file__).parents[1] / "oracles" / "invitation"
RTOL = 1e-8  # two ways to take the same matrix roots in double precision
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
ADJUST = ["age_band", "years_here"]


def survey(seed: int = 3, n: int = 240) -> pd.DataFrame:
    """Half of the respondents invited by lot, half of those went."""
    rng = np.random.default_rng(seed)
    invited = rng.permutation(n) % 2 == 0
    latent = 0.3 * invited + rng.normal(0, 1, n)
    went = invited & (rng.permutation(n) % 4 < 2)
    return pd.DataFrame(
        {
            "weight": rng.uniform(0.5, 2, n),
            "site": rng.permutation(n) % 14,
            "ethnicity": rng.permutation(np.resize(["Black", "White", "White"], n)),
            "age_band": rng.permutation(np.resize(["16-34", "35-54", "55+"], n)),
            "sex": rng.permutation(np.resize(["Female", "Male"], n)),
            "invited": np.where(invited, "yes", "no"),
            "went": np.where(went, "yes", "no"),
            "confidence": np.where(latent > 0.1, "high", "low"),
            "score": latent,
        }
    )


def sample(frame: pd.DataFrame, *, psu: str | None = None) -> lp.Sample:
    return lp.Sample.from_frame(frame, weight="weight", psu=psu)


def gap(at: lp.Sample, **changes: object) -> lp.InvitationGap:
    arguments: dict[str, object] = {"invited": "invited", "adjust": ["age_band", "sex"], "by": "ethnicity"}
    return lp.invitation_gap(at, "confidence", "high", **(arguments | changes))


def ways(at: lp.Sample, **changes: object) -> lp.ThreeWay:
    arguments: dict[str, object] = {"attended": "went", "invited": "invited", "adjust": ["age_band"], "by": "ethnicity"}
    return lp.three_way(at, "confidence", "high", **(arguments | changes))


def reference(case: str, outcome: str, clusters: str) -> pd.DataFrame:
    table = pd.read_csv(ORACLE / "expected.csv", comment="#")
    wanted = (table["case"] == case) & (table["outcome"] == outcome) & (table["clusters"] == clusters)
    return table[wanted].assign(label=table["label"].str.replace(";", ","))


def oracle_sample(clusters: str) -> lp.Sample:
    frame = pd.read_csv(ORACLE / "data.csv", comment="#")
    return lp.Sample.from_frame(frame, weight="weight", psu=None if clusters == "row" else clusters)


def assert_equal(got: lp.Estimate, names: dict[str, str], wanted: pd.DataFrame) -> None:
    """Look every row of R up among the estimates by its labels."""
    assert len(wanted)
    for row in wanted.itertuples():
        one = got.select(**{column: getattr(row, name) for column, name in names.items()})
        np.testing.assert_allclose(one.value, row.estimate, rtol=RTOL, atol=1e-12)
        np.testing.assert_allclose(one.std_error, row.std_error, rtol=RTOL)
        np.testing.assert_allclose(one.df, row.df, rtol=RTOL)


@pytest.mark.parametrize("clusters", ["row", "site"])
@pytest.mark.parametrize(("outcome", "answer"), [("confident", "1"), ("score", None)])
def test_invitations_equal_lm_and_clubsandwich(clusters: str, outcome: str, answer: str | None) -> None:
    at = oracle_sample(clusters)
    got = lp.invitation_gap(at, outcome, answer, invited="invited", adjust=ADJUST, by="ethnicity")
    assert_equal(got.estimate, {"ethnicity": "domain"}, reference("invitation adjusted", outcome, clusters))
    assert_equal(got.raw, {"ethnicity": "domain"}, reference("invitation raw", outcome, clusters))


@pytest.mark.parametrize("clusters", ["row", "site"])
@pytest.mark.parametrize(("outcome", "answer"), [("confident", "1"), ("score", None)])
def test_three_groups_equal_lm_and_clubsandwich(clusters: str, outcome: str, answer: str | None) -> None:
    at = oracle_sample(clusters)
    got = lp.three_way(at, outcome, answer, attended="attended", invited="invited", adjust=ADJUST, by="ethnicity")
    names = {"ethnicity": "domain", "group": "label"}
    assert_equal(got.estimate, names, reference("three adjusted", outcome, clusters))
    assert_equal(got.raw, names, reference("three raw", outcome, clusters))
    assert_equal(got.levels, names, reference("level adjusted", outcome, clusters))


def test_without_adjusters_the_gap_is_the_difference_of_two_weighted_shares() -> None:
    """Invited: 6 confident of weight 2 and 4 others of weight 3/4: 12/15. Others: 5 of 10 at weight 1: 1/2."""
    frame = pd.DataFrame(
        {
            "weight": [2.0] * 6 + [0.75] * 4 + [1.0] * 10,
            "invited": ["yes"] * 10 + ["no"] * 10,
            "confidence": ["high"] * 6 + ["low"] * 4 + ["high"] * 5 + ["low"] * 5,
        }
    )
    got = gap(sample(frame), adjust=(), by=())
    np.testing.assert_allclose(got.estimate.value, [12 / 15 - 1 / 2])
    np.testing.assert_allclose(got.levels.value, [12 / 15, 1 / 2])
    assert list(got.bases["n"]) == [10, 10]


def test_strata_of_the_lot_weigh_by_their_share_of_respondents() -> None:
    """North: 3/4 against 1/2 among 40; south: 1/5 against 2/5 among 20: (40 x 1/4 - 20 x 1/5) / 60 = 1/10."""
    north = [("yes", "high")] * 24 + [("yes", "low")] * 8 + [("no", "high")] * 4 + [("no", "low")] * 4
    south = [("yes", "high")] * 2 + [("yes", "low")] * 8 + [("no", "high")] * 4 + [("no", "low")] * 6
    frame = pd.DataFrame(north + south, columns=["invited", "confidence"])
    frame = frame.assign(weight=1.0, area=["north"] * 40 + ["south"] * 20)
    got = gap(sample(frame), adjust=(), by=(), stratum="area", randomised=True)
    np.testing.assert_allclose(got.estimate.value, [1 / 10])
    assert "within area" in got.estimand
    assert got.adjusters == ("area",)


@given(seed=SEEDS)
@settings(max_examples=10)
def test_relabelling_the_arms_flips_the_sign(seed: int) -> None:
    frame = survey(seed)
    other = frame.assign(invited=frame["invited"].map({"yes": "no", "no": "yes"}))
    one, two = gap(sample(frame)), gap(sample(other))
    np.testing.assert_allclose(two.estimate.value, -one.estimate.value, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(two.estimate.std_error, one.estimate.std_error, rtol=1e-7)
    np.testing.assert_allclose(two.estimate.df, one.estimate.df, rtol=1e-6)


@given(seed=SEEDS, factor=st.floats(1e-3, 1e5), shift=st.floats(-50, 50))
@settings(max_examples=10)
def test_scaling_weights_reordering_and_shifting_the_outcome_change_nothing(
    seed: int, factor: float, shift: float
) -> None:
    frame = survey(seed)
    other = frame.assign(weight=frame["weight"] * factor, score=frame["score"] + shift)
    other = other.sample(frac=1, random_state=seed)
    one, two = (
        lp.invitation_gap(sample(f), "score", invited="invited", adjust="age_band", by="ethnicity")
        for f in (frame, other)
    )
    np.testing.assert_allclose(two.estimate.value, one.estimate.value, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(two.estimate.std_error, one.estimate.std_error, rtol=1e-7)
    np.testing.assert_allclose(two.levels.value, one.levels.value + shift, rtol=1e-7, atol=1e-8)


def test_the_row_of_all_respondents_is_the_same_whatever_the_groups() -> None:
    frame = survey()
    np.testing.assert_allclose(gap(sample(frame)).estimate.value[0], gap(sample(frame), by=()).estimate.value)


def test_three_differences_add_up_in_every_group() -> None:
    got = ways(sample(survey())).estimate.value.reshape(-1, 3)
    np.testing.assert_allclose(got[:, 0], got[:, 1] + got[:, 2])


def test_who_attended_counts_as_attended_without_an_invitation_and_that_is_flagged() -> None:
    frame = survey()
    first = frame.index[frame["went"] == "no"][0]
    frame.loc[first, ["went", "invited"]] = ["yes", "no"]
    frame.loc[frame.index[frame["went"] == "yes"][1], "invited"] = None
    got = ways(sample(frame), by=())
    assert "some of those who attended were not invited; they count as attended" in got.flags[0]
    assert got.bases.set_index("cell")["n"]["attended"] == (frame["went"] == "yes").sum()
    assert got.left_out == 0


def test_a_missing_invitation_leaves_those_out_who_did_not_go() -> None:
    frame = survey()
    frame.loc[frame.index[frame["went"] == "no"][:7], "invited"] = None
    got = ways(sample(frame))
    assert got.left_out == 7
    assert got.flags[0].startswith("fewer than 10 of 240 respondents left out")
    assert got.missing.set_index("variable")["missing"]["invited"] == 7


def test_a_lot_warrants_more_than_a_choice_and_neither_more_than_answering() -> None:
    lot, choice = gap(sample(survey()), randomised=True), gap(sample(survey()))
    assert "drawn by lot" in lot.warrant
    assert "does not choose who answers" in lot.warrant
    assert "not drawn by lot" in choice.warrant
    assert set(lot.wording) == {"difference by random offer among those who answered (intention to treat)"}
    assert set(choice.wording) == {"association"}
    for got in (lot, choice):
        assert "not divided by the share who went" in got.not_shown
        assert got.estimand in repr(got)
        assert got.warrant in repr(got)
    assert "not adjusted for anything" in gap(sample(survey()), adjust=()).flags[0]
    assert "not adjusted" not in gap(sample(survey()), adjust=(), randomised=True).flags[0]


def test_words_keep_to_the_rules_of_reports() -> None:
    at = sample(survey())
    texts: list[str] = []
    for got in (gap(at), gap(at, randomised=True, assigned={"yes": 400, "no": 200}), ways(at)):
        texts += [got.estimand, got.not_shown, *got.flags, *got.refused, getattr(got, "warrant", "")]
    assert not hits(texts)


def test_who_answered_is_set_against_who_was_assigned() -> None:
    got = gap(sample(survey()), assigned={"yes": 240, "no": 400})
    assert list(got.response["arm"]) == ["invited", "not invited"]
    np.testing.assert_allclose(got.response["share"], [120 / 240, 120 / 400])
    assert "those invited and those not answered the survey at different rates" in got.flags[0]
    alike = gap(sample(survey()), assigned={"yes": 240, "no": 240})
    assert "different rates" not in alike.flags[0]
    assert "how many were invited and not was not given" in gap(sample(survey())).flags[0]


def test_a_group_with_a_small_arm_is_refused_and_the_others_are_not() -> None:
    frame = survey()
    black = frame.index[frame["ethnicity"] == "Black"]
    frame.loc[black, "invited"] = "no"
    frame.loc[black[:9], "invited"] = "yes"
    got = gap(sample(frame), adjust="sex")
    assert got.refused == ("", "fewer than 10 invited (Black)", "", "fewer than 10 invited (Black)")
    assert np.isnan(got.estimate.value[1])
    assert got.test["p_value"].isna().tolist() == [False, True, False, True]
    assert np.isnan(got.levels.value[2:4]).all()


def test_an_empty_arm_and_nobody_invited_are_refusals() -> None:
    got = gap(sample(survey().assign(invited="no")))
    assert set(got.refused) == {
        "fewer than 10 invited",
        "fewer than 10 invited (Black)",
        "fewer than 10 invited (White)",
    } | {"fewer than 10 invited (Black); fewer than 10 invited (White)"}
    assert np.isnan(got.estimate.to_frame()["conf_high"]).all()


def test_more_columns_of_adjusters_than_the_smaller_arm_bears_are_refused() -> None:
    frame = survey()
    black = frame.index[frame["ethnicity"] == "Black"]
    frame.loc[black, "invited"] = "no"
    frame.loc[black[:12], "invited"] = "yes"
    assert gap(sample(frame)).refused[1] == "fewer than 5 in the smaller arm for each column of adjusters"


def test_an_adjuster_that_the_arms_explain_is_refused_by_name() -> None:
    frame = survey()
    frame["mode"] = np.where(frame["invited"] == "yes", "online", "paper")
    got = gap(sample(frame), adjust="mode", by=())
    assert got.refused == ("the groups compared and the other adjusters explain mode: leave it out of adjust",)


def test_few_sites_have_intervals_by_respondents_and_say_so() -> None:
    frame = survey().assign(site=lambda f: np.arange(len(f)) % 4)
    got, alone = gap(sample(frame, psu="site")), gap(sample(frame))
    assert "fewer than 5 recruitment sites: the interval takes respondents as independent" in got.flags[0]
    np.testing.assert_allclose(got.estimate.std_error, alone.estimate.std_error)
    np.testing.assert_allclose(got.levels.std_error, alone.levels.std_error)
    assert "fewer than 5 recruitment sites" in ways(sample(frame, psu="site")).flags[0]


def test_unlike_arms_are_flagged() -> None:
    frame = survey()
    frame["sex"] = np.where((frame["invited"] == "yes") & (np.arange(240) % 3 > 0), "Female", frame["sex"])
    assert "those invited and those not differ clearly in sex" in gap(sample(frame), adjust="sex").flags[0]
    assert {"invited", "not_invited"} <= set(gap(sample(frame)).balance.columns)


def test_wrong_variables_raise() -> None:
    at = sample(survey())
    with pytest.raises(
        WrongUseError, match=r"Cannot compare those invited with those not: \['confidence'\] are used twi"
    ):
        gap(at, by="confidence")
    with pytest.raises(WrongUseError, match=r"\['invited'\] are used twice"):
        gap(at, adjust="invited")
    with pytest.raises(EstimationError, match=r"there is no variable \['shoes'\]"):
        gap(at, adjust="shoes")
    with pytest.raises(EstimationError, match=r"Cannot use 'age_band' as an invitation: .* it has to be yes or no"):
        gap(at, invited="age_band", adjust=())
    with pytest.raises(EstimationError, match=r"Cannot use 'age_band' as attendance"):
        ways(at, attended="age_band", adjust=())
    with pytest.raises(WrongUseError, match="it gives the numbers of 'yes' and 'no'"):
        gap(at, assigned={"yes": 300})
    with pytest.raises(WrongUseError, match="more answered than were assigned for"):
        gap(at, assigned={"yes": 100, "no": 400})


def test_adjusters_that_an_invitation_may_have_changed_raise() -> None:
    known = lp.Variable("sex", "Sex", answers=("Female", "Male"), after_attendance=True)
    at = lp.Sample(
        **{**{name: getattr(sample(survey()), name) for name in ("answers", "design")}, "codebook": {"sex": known}}
    )
    with pytest.raises(EstimationError, match=r"Cannot adjust for \['sex'\]: being invited may have changed them"):
        gap(at)
    with pytest.raises(EstimationError, match=r"Cannot adjust for \['sex'\]: attending may have changed them"):
        ways(at, adjust="sex")


def test_where_everybody_answered_alike_there_is_no_difference_to_test() -> None:
    at = sample(survey().assign(confidence="high"))
    for got in (gap(at), ways(at)):
        assert all("no chance variation" in reason for reason in got.refused)
        assert np.isnan(got.test["p_value"]).all()
