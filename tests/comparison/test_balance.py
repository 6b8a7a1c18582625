"""Balance of two arms against R by formula, by law, and by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpact_eval.comparison.balance import ALL, Arms, balance_table, overlap_table
from lpact_eval.comparison.overlap import overlap_histogram

if TYPE_CHECKING:
    from lpact_eval.comparison.balance import Ruler

ORACLE = Path(__file__).parents[1] / "oracles" / "balance"
RTOL = 1e-12  # sums of the same numbers in another order
ATOL = 1e-14  # what overlap weights leave of differences
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
NUMBERS = ("attended", "not_attended", "difference", "smd", "ks")
EFFECTIVE = ("n_effective", "largest_share", "n_effective_before", "largest_share_before")


def read() -> tuple[Arms, pd.DataFrame, dict[str, np.ndarray]]:
    frame = pd.read_csv(ORACLE / "data.csv", comment="#")
    names = tuple(sorted(frame["ethnicity"].unique()))
    domain = frame["ethnicity"].map(dict(zip(names, range(3), strict=True))).to_numpy(dtype=int)
    arms = Arms((frame["attended"] == "yes").to_numpy(), frame["weight"].to_numpy(), domain, names)
    covariates = frame[["age_band", "sex", "contacts", "years"]].astype({"age_band": "category", "sex": "category"})
    own = frame["score_own"].to_numpy()
    return arms, covariates, {ALL: frame["score_all"].to_numpy(), **dict.fromkeys(names, own)}


def tilted(arms: Arms, scores: dict[str, np.ndarray], estimand: str) -> dict[str, np.ndarray]:
    went = arms.treated
    tilt = {
        "ato": lambda e: np.where(went, 1 - e, e),
        "att": lambda e: np.where(went, 1, e / (1 - e)),
        "ate": lambda e: np.where(went, 1 / e, 1 / (1 - e)),
    }[estimand]
    return {name: np.where(inside, arms.weight * tilt(scores[name]), 0.0) for name, inside in arms.groups().items()}


def expected(case: str) -> pd.Series:
    table = pd.read_csv(ORACLE / "expected.csv", comment="#", dtype={"label": str, "measure": str})
    return table[table["case"] == case].set_index(["domain", "label", "measure"])["value"]


@pytest.mark.parametrize(("estimand", "ruler"), [("ato", "pooled"), ("ate", "pooled"), ("att", "treated")])
def test_differences_before_and_after_weighting_equal_r(estimand: str, ruler: Ruler) -> None:
    arms, covariates, scores = read()
    got = balance_table(arms, covariates, "group", weights=tilted(arms, scores, estimand), ruler=ruler)
    reference = expected(estimand)
    assert len(got) == 4 * 7
    for row in got.to_dict("records"):
        for measure in (*NUMBERS, *(f"{name}_after" for name in NUMBERS), "n_least"):
            value = reference[row["group"], f"{row['covariate']}|{row['answer']}", measure]
            assert row[measure] == pytest.approx(value, rel=RTOL, abs=ATOL), (row, measure)


@pytest.mark.parametrize("estimand", ["ato", "att", "ate"])
def test_effective_sizes_shares_and_ranges_of_scores_equal_r(estimand: str) -> None:
    arms, _, scores = read()
    got = overlap_table(arms, "group", weights=tilted(arms, scores, estimand), scores=scores)
    reference = expected(estimand)
    for row in got.to_dict("records"):
        for measure in (*EFFECTIVE, "score_low", "score_high", "outside"):
            value = reference[row["group"], row["arm"], measure]
            assert row[measure] == pytest.approx(value, rel=RTOL, abs=ATOL), (row, measure)


def test_histograms_of_scores_equal_r_and_hold_no_score() -> None:
    arms, _, scores = read()
    got = overlap_histogram(scores, arms, "group")
    reference = expected("histogram")
    assert list(got.columns) == ["group", "arm", "low", "high", "share", "n"]
    for row in got.to_dict("records"):
        assert row["share"] == pytest.approx(reference[row["group"], row["arm"], f"{row['low']:.1f}"], rel=RTOL)
    sizes = got.groupby(["group", "arm"])["n"].sum()
    assert sizes[ALL, "attended"] == arms.treated.sum()
    assert sizes["Black", "not attended"] == (~arms.treated & (arms.domain == 1)).sum()


def test_overlap_weights_from_a_logit_balance_every_mean_exactly() -> None:
    arms, covariates, scores = read()
    got = balance_table(arms, covariates, "group", weights=tilted(arms, scores, "ato"))
    assert got["smd"].abs().max() > 0.2
    np.testing.assert_allclose(got["smd_after"], 0, atol=1e-10)  # R's logit stops at 1e-12


def test_weights_that_shrink_the_spread_leave_the_ruler_alone() -> None:
    """Values 0, 4 against 0, 2 with equal weights: means 2 and 1, variances 8 and 2, ruler sqrt(5).

    With weights 3, 1 and 1, 1 after balancing the means are 1 and 1; with 1, 1 and 3, 1 they are 2 and 1/2.
    """
    arms = Arms(np.array([True, True, False, False]), np.ones(4), np.zeros(4, dtype=int), (ALL,))
    x = pd.DataFrame({"x": [0.0, 4, 0, 2]})
    for after, difference in (([3, 1, 1, 1], 0.0), ([1, 1, 3, 1], 1.5)):
        row = balance_table(arms, x, "group", weights={ALL: np.array(after, dtype=float)}).iloc[0]
        assert row["smd"] == pytest.approx(1 / np.sqrt(5))
        assert row["difference_after"] == pytest.approx(difference)
        assert row["smd_after"] == pytest.approx(difference / np.sqrt(5))
    treated = balance_table(arms, x, "group", ruler="treated").iloc[0]
    assert treated["smd"] == pytest.approx(1 / np.sqrt(8))


def test_distribution_functions_are_compared_at_the_ends_of_ties() -> None:
    """Attendees 0, 1, 1, 3 and others 1, 1, 2, 2: F1 - F0 is 1/4, 3/4 - 1/2, 3/4 - 1, 0 at 0, 1, 2, 3."""
    arms = Arms(np.repeat([True, False], 4), np.ones(8), np.zeros(8, dtype=int), (ALL,))
    table = balance_table(arms, pd.DataFrame({"x": [3.0, 1, 0, 1, 2, 1, 2, 1]}), "group")
    assert table["ks"].tolist() == [0.25]
    assert table["n_least"].tolist() == [2]


def test_arms_without_spread_that_differ_are_far_apart_and_a_constant_is_not() -> None:
    """All attendees say yes and nobody else: both arms' variances are 0, that of all 6 is (1/4) / (1 - 1/6) = 3/10."""
    went = np.repeat([True, False], 3)
    arms = Arms(went, np.ones(6), np.zeros(6, dtype=int), (ALL,))
    frame = pd.DataFrame({"yes": went.astype(float), "same": np.full(6, 0.1)})
    table = balance_table(arms, frame, "group").set_index("covariate")
    assert table.loc["yes", "smd"] == pytest.approx(1 / np.sqrt(0.3))
    assert table.loc["same", ["difference", "smd", "ks"]].tolist() == pytest.approx([0, 0, 0])


def test_an_arm_of_one_and_a_domain_without_weights_have_no_numbers() -> None:
    arms = Arms(
        np.array([True, False, False, True, True, False, False]), np.ones(7), np.array([0] * 3 + [1] * 4), ("A", "B")
    )
    frame = pd.DataFrame({"x": np.arange(7.0)})
    table = balance_table(arms, frame, "group", weights={ALL: np.ones(7), "A": np.ones(7)}).set_index("group")
    assert table.loc["A", list(NUMBERS)].isna().all()
    assert table.loc["A", "n_least"] == 0
    assert table.loc["B", list(NUMBERS)].notna().all()
    assert table.loc["B", [f"{name}_after" for name in NUMBERS]].isna().all()
    overlap = overlap_table(arms, "group", weights={ALL: np.ones(7)}, scores={ALL: np.full(7, 0.5)})
    beyond = overlap[overlap["group"] != ALL]
    assert beyond[["n_effective", "largest_share", "outside", "score_low"]].isna().all(axis=None)
    assert beyond["n_effective_before"].tolist() == [1, 2, 2, 2]


def test_respondents_alike_in_everything_are_never_outside_each_others_range() -> None:
    went = np.array([True, False])
    arms = Arms(went, np.ones(2), np.zeros(2, dtype=int), (ALL,))
    score = np.array([0.1 + 0.2, 0.3])
    assert score[0] != score[1]
    table = overlap_table(arms, "group", scores={ALL: score})
    assert table["outside"].tolist() == [0, 0]
    assert overlap_histogram({ALL: score}, arms, "group").query("n > 0")["low"].tolist() == [0.3, 0.3]


def test_without_covariates_the_table_is_empty_and_has_its_columns() -> None:
    arms, covariates, _ = read()
    table = balance_table(arms, covariates[[]], "group")
    assert list(table.columns) == ["group", "covariate", "answer", *NUMBERS, "n_least"]
    assert table.empty
    assert overlap_histogram({}, arms, "group").empty


@given(seed=SEEDS, factor=st.floats(1e-3, 1e3))
@settings(max_examples=25, deadline=None)
def test_scaling_weights_reordering_people_and_relabelling_arms_only_flip_signs(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    arms, covariates, scores = read()
    weights = tilted(arms, scores, "ate")
    order = rng.permutation(arms.weight.size)
    other = Arms(~arms.treated[order], factor * arms.weight[order], arms.domain[order], arms.names)
    moved = covariates.iloc[order].reset_index(drop=True)
    one = balance_table(arms, covariates, "group", weights=weights)
    two = balance_table(other, moved, "group", weights={name: factor * w[order] for name, w in weights.items()})
    for name in ("difference", "smd", "difference_after", "smd_after"):
        np.testing.assert_allclose(two[name], -one[name], rtol=1e-9, atol=1e-12)
    for name in ("ks", "ks_after", "n_least"):
        np.testing.assert_allclose(two[name], one[name], rtol=1e-9, atol=1e-12)


@given(seed=SEEDS, shift=st.floats(-50, 50), scale=st.floats(0.1, 20))
@settings(max_examples=25, deadline=None)
def test_units_of_a_number_change_neither_standardised_differences_nor_distributions(
    seed: int, shift: float, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    arms = Arms(rng.random(60) < 0.5, rng.uniform(0.5, 2, 60), np.zeros(60, dtype=int), (ALL,))
    x = rng.normal(size=60)
    one = balance_table(arms, pd.DataFrame({"x": x}), "group")
    two = balance_table(arms, pd.DataFrame({"x": shift + scale * x}), "group")
    np.testing.assert_allclose(two[["smd", "ks"]], one[["smd", "ks"]], rtol=1e-8, atol=1e-10)


@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_a_yes_no_adjuster_is_the_same_as_number_and_as_category(seed: int) -> None:
    rng = np.random.default_rng(seed)
    arms = Arms(np.arange(40) < 15, rng.uniform(0.5, 2, 40), np.zeros(40, dtype=int), (ALL,))
    yes = rng.random(40) < 0.4
    number = balance_table(arms, pd.DataFrame({"x": yes.astype(float)}), "group").iloc[0]
    table = balance_table(arms, pd.DataFrame({"x": pd.Categorical(np.where(yes, "yes", "no"), ["no", "yes"])}), "group")
    no, category = table.iloc[0], table.iloc[1]
    assert number[[*NUMBERS, "n_least"]].tolist() == pytest.approx(category[[*NUMBERS, "n_least"]].tolist())
    assert category["ks"] == pytest.approx(abs(category["difference"]))
    assert no["smd"] == pytest.approx(-category["smd"])
