from __future__ import annotations

from functools import cache
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.comparison.arms import Question, ask, roles_of
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.exact import exact_check
from lpact_eval.comparison.sparse import sparse_check
from lpact_eval.comparison.tiers import Row

ORACLE = Path(__file__).parents[1] / "oracles" / "exact"
P_RTOL = 1e-4  # scipy searches the worst common share by global optimisation, R by a fine grid and refinement
RTOL = 1e-6  # scipy solves the exact interval by Brent's method
ARM = st.integers(min_value=10, max_value=18)


@cache
def oracle(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#")


def respondents(counts: tuple[int, int, int, int], **more: object) -> pd.DataFrame:
    """Attendees who said yes and no, others who said yes and no."""
    return pd.DataFrame(
        {"answer": np.repeat(["yes", "no", "yes", "no"], counts), "went": np.repeat(["yes", "yes", "no", "no"], counts)}
    ).assign(**more)


def question(frame: pd.DataFrame, *, adjust: tuple[str, ...] = (), by: tuple[str, ...] = (), **design: str) -> Question:
    sample = lp.Sample.from_frame(frame, **design)
    return ask(sample, roles_of(sample, "answer", "yes", attended="went", adjust=adjust, by=by))


def everyone(counts: tuple[int, int, int, int]) -> pd.Series:
    return exact_check(question(respondents(counts)), [Row(ALL, (ALL,))]).iloc[0]


@pytest.mark.parametrize("case", list("abcdefgh"))
def test_boschloo_and_exact_odds_ratios_equal_enumeration_in_r(case: str) -> None:
    table = oracle("data.csv").set_index("case").loc[case]
    got = everyone((table["went_yes"], table["went_no"], table["other_yes"], table["other_no"]))
    want = oracle("expected.csv").set_index(["case", "quantity"])["value"].loc[case]
    np.testing.assert_allclose(got["p_value"], want["p_value"], rtol=P_RTOL)
    for column in ("odds_ratio", "conf_low", "conf_high"):
        np.testing.assert_allclose(got[column], want[column], rtol=RTOL)


def test_a_small_table_by_hand() -> None:
    """10 of 10 attendees, 0 of 10 others: Fisher's p is 1 / C(20, 10), below every other table's of that direction.

    At a common share s the chance of that table is s^10 (1 - s)^10, most at s = 1/2: 2^-20; two-sided twice that.
    """
    got = everyone((10, 0, 0, 10))
    assert comb(20, 10) == 184756
    np.testing.assert_allclose(got["p_value"], 2 * 0.5**20, rtol=1e-6)
    assert got["odds_ratio"] == np.inf
    assert "more common among attendees" in got["reading"]


@settings(max_examples=20)
@given(ARM, ARM, st.data())
def test_swapping_arms_turns_the_odds_ratio_round(first: int, second: int, data: st.DataObject) -> None:
    a, c = data.draw(st.integers(1, first - 1)), data.draw(st.integers(1, second - 1))
    one, other = everyone((a, first - a, c, second - c)), everyone((c, second - c, a, first - a))
    np.testing.assert_allclose(one["p_value"], other["p_value"], rtol=P_RTOL)
    np.testing.assert_allclose(one["odds_ratio"] * other["odds_ratio"], 1.0, rtol=RTOL)
    np.testing.assert_allclose(one["conf_low"] * other["conf_high"], 1.0, rtol=RTOL)
    assert one["conf_low"] <= one["odds_ratio"] <= one["conf_high"]


def test_where_everyone_answers_alike_nothing_differs() -> None:
    got = everyone((12, 0, 15, 0))
    assert got["p_value"] == 1.0
    assert "no difference" in got["reading"]


def groups() -> pd.DataFrame:
    """Black respondents with a cell of nobody, White ones with full cells, few Asian ones, and an age."""
    parts = {"Asian": (3, 4, 5, 4), "Black": (12, 0, 11, 15), "White": (25, 20, 22, 30)}
    frame = pd.concat([respondents(counts, ethnicity=name) for name, counts in parts.items()], ignore_index=True)
    rng = np.random.default_rng(4)
    return frame.assign(
        age=np.where(rng.random(len(frame)) < 0.5, "old", "young"),
        site=rng.permutation(len(frame)) % 12,
        weight=rng.uniform(0.5, 2, len(frame)),
    )


ROWS = [
    Row(ALL, (ALL,)),
    Row("Asian", ("Asian",)),
    Row("Black", ("Black",)),
    Row("White", ("White",)),
    Row("Black - White", ("Black", "White")),
]


def test_each_domain_is_tested_alone_and_small_ones_are_refused() -> None:
    table = exact_check(question(groups(), by=("ethnicity",), weight="weight"), ROWS)
    assert list(table["ethnicity"]) == [ALL, "Asian", "Black", "White"]
    alone = everyone((12, 0, 11, 15))
    np.testing.assert_allclose(table["p_value"][2], alone["p_value"], rtol=1e-12)
    assert np.isnan(table["p_value"][1])
    assert "fewer than 10 attended" in table["reading"][1]


def test_a_sparse_domain_gets_a_finite_odds_ratio() -> None:
    """12 of 12 against 11 of 26: (12.5 x 15.5) / (0.5 x 11.5)."""
    table = sparse_check(question(groups(), by=("ethnicity",)), ROWS)
    assert list(table["ethnicity"]) == [ALL, "Asian", "Black", "White"]
    black = table.iloc[2]
    np.testing.assert_allclose(black["odds_ratio"], 12.5 * 15.5 / (0.5 * 11.5), rtol=1e-10)
    assert 1 < black["conf_low"] < black["odds_ratio"] < black["conf_high"] < np.inf
    assert black["p_value"] < 0.05
    assert "higher among attendees" in black["reading"]
    assert list(table["sparse"]) == [False, False, True, False]
    assert "fewer than 10 attended" in table["reading"][1]
    assert table[["odds_ratio", "conf_low", "conf_high", "p_value"]].iloc[1].isna().all()


def test_sparse_odds_ratios_equal_the_penalised_regression_with_the_adjusters() -> None:
    frame = groups()
    table = sparse_check(question(frame, adjust=("age",), by=("ethnicity",)), ROWS)
    sample = lp.Sample.from_frame(frame)
    for place, formula, where in ((0, "answer ~ went + ethnicity + age", None), (2, "answer ~ went + age", "Black")):
        fit = lp.regress(
            sample, formula, family="binomial", penalty="firth", where={"ethnicity": where} if where else None
        )
        want = fit.coefficients.select(term="went[T.yes]")
        np.testing.assert_allclose(np.log(table["odds_ratio"][place]), want.value[0], rtol=1e-8)
        np.testing.assert_allclose(np.log(table["conf_low"][place]), want.confint()[0][0], rtol=1e-7)
        np.testing.assert_allclose(table["p_value"][place], want.p_value()[0], rtol=1e-6)
        assert table["adjusted"][place]
        assert "(unweighted, adjusted)" in table["reading"][place]


def test_adjusters_are_left_out_where_there_are_too_few_respondents_for_them() -> None:
    frame = groups().assign(area=lambda table: [f"area {place % 9}" for place in range(len(table))])
    black = sparse_check(question(frame, adjust=("area",), by=("ethnicity",)), ROWS).iloc[2]
    assert not black["adjusted"]
    assert "too few respondents for the adjusters" in black["reading"]
    np.testing.assert_allclose(black["odds_ratio"], 12.5 * 15.5 / (0.5 * 11.5), rtol=1e-10)


def test_sites_are_said_to_be_ignored() -> None:
    table = sparse_check(question(groups(), by=("ethnicity",), psu="site"), ROWS)
    assert "recruitment sites ignored" in table["reading"][0]


def test_numbers_have_no_table_of_counts() -> None:
    frame = groups().assign(score=lambda table: np.arange(len(table)) / 7)
    sample = lp.Sample.from_frame(frame)
    asked = ask(sample, roles_of(sample, "score", None, attended="went", adjust=(), by=()))
    for table in (exact_check(asked, ROWS[:1]), sparse_check(asked, ROWS[:1])):
        assert "the outcome is a number" in table["reading"][0]
        assert np.isnan(table["p_value"][0])


def test_many_respondents_need_no_exact_test() -> None:
    got = everyone((200, 150, 150, 200))
    assert np.isnan(got["p_value"])
    assert "too many respondents" in got["reading"]
