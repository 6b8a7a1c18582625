"""Tests on paper, what must hold of them whatever the data are, and every refusal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.estimate import Working
from lpact_eval.estimation.hypothesis import interval_p_value

if TYPE_CHECKING:
    from collections.abc import Callable

Statistic = Literal["F", "Chisq", "Wald", "adjWald"]
STATISTICS: tuple[Statistic, ...] = ("F", "Chisq", "Wald", "adjWald")
SCALE = ("strongly agree", "tend to agree", "neither", "tend to disagree", "strongly disagree")


def frame(seed: int, n: int = 90) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    wave = rng.choice(["2022", "2024", "2026"], n)
    return pd.DataFrame(
        {
            "wave": wave,
            "site": np.char.add(wave, rng.integers(0, 7, n).astype(str)),
            "group": rng.choice(["p", "q"], n),
            "answer": rng.integers(1, 6, n),
            "yes": rng.choice(["yes", "no"], n),
            "score": rng.normal(3, 1, n),
            "weight": rng.uniform(0.4, 3, n),
        }
    )


def sample(data: pd.DataFrame) -> lp.Sample:
    return lp.Sample.from_frame(data, weight="weight", stratum="wave", psu="site")


def change(at: lp.Sample, by: str | tuple[str, ...] = (), variance: Literal["cr2", "taylor"] = "cr2") -> lp.Estimate:
    others = [by] if isinstance(by, str) else list(by)
    means = lp.mean(at, "score", by=["wave", *others], variance=variance)
    return lp.difference(means, "wave", "2026", minus="2022")


def test_rao_scott_of_a_simple_random_sample_is_pearson_times_n_less_one_over_n() -> None:
    """A balanced table of n = 60 with X^2 = 20 / 3; V is n / (n - 1) times the multinomial's."""
    rows = ["a"] * 30 + ["b"] * 30
    columns = ["u"] * 20 + ["v"] * 10 + ["u"] * 10 + ["v"] * 20
    at = lp.Sample.from_frame(pd.DataFrame({"row": rows, "column": columns}))
    test = lp.independence_test(at, "row", "column")
    np.testing.assert_allclose(test.statistic, 20 / 3 * 59 / 60, rtol=1e-12)
    np.testing.assert_allclose(test.df, [1, 59], rtol=1e-12)
    assert test.n == 60


def test_an_ordinal_shift_of_four_respondents() -> None:
    """First 1 and 3, second 2 and 3: pairs 2>1, 3>1, 2<3, 3=3 make (1 + 1 + 0 + 1/2) / 4 = 5/8.

    phi_1 = 1, 1/4 and phi_2 = 1/2, 3/4: variances between units 9/32 and 1/32 over 2 each.
    """
    data = pd.DataFrame({"wave": ["a", "a", "b", "b"], "y": [1, 3, 2, 3]})
    for at in (lp.Sample.from_frame(data, stratum="wave"), lp.Sample.from_frame(data)):
        shift = lp.ordinal_shift(at, "y", "wave", "b", minus="a")
        np.testing.assert_allclose(shift.value, [5 / 8])
        np.testing.assert_allclose(shift.std_error, [np.sqrt((9 / 32 + 1 / 32) / 2)])
    assert shift.labels.to_dict("records") == [{"variable": "y", "answer": "towards higher", "wave": "b - a"}]


def test_a_wald_test_of_one_estimate_is_its_t_squared() -> None:
    for variance in ("taylor", "cr2"):
        moved = change(sample(frame(1)), variance=variance)  # type: ignore[arg-type]
        test = lp.wald_test(moved, null=0.2)
        np.testing.assert_allclose(test.statistic, ((moved.value[0] - 0.2) / moved.std_error[0]) ** 2, rtol=1e-10)
        np.testing.assert_allclose(test.df, [1, moved.df[0]], rtol=1e-10)
        np.testing.assert_allclose(test.p_value, moved.p_value(0.2)[0], rtol=1e-8)


def test_the_trend_of_three_waves_on_paper() -> None:
    """Means 1, 2, 6 at 0, 1, 2: slope (6 - 1) / 2; at 0, 1, 4: sum of (s - 5/3) y = 11 over 26/3."""
    data = pd.DataFrame({"wave": list("aabbcc"), "y": [0.0, 2.0, 1.0, 3.0, 5.0, 7.0]})
    means = lp.mean(lp.Sample.from_frame(data, stratum="wave"), "y", by="wave", variance="taylor")
    np.testing.assert_allclose(lp.trend(means, "wave").value, [5 / 2])
    years = lp.trend(means, "wave", scores={"a": 0, "b": 1, "c": 4})
    np.testing.assert_allclose(years.value, [33 / 26])
    assert years.labels["wave"].tolist() == ["trend"]


def test_tost_of_a_mean_on_paper() -> None:
    """Change 0 of four against four values of variance 2/3: s^2 = 1/3, so that t = 1 / sqrt(1/3) at a margin of 1."""
    data = pd.DataFrame({"wave": list("aaaabbbb"), "y": [1.0, 2.0, 2.0, 3.0] * 2})
    means = lp.mean(lp.Sample.from_frame(data, stratum="wave"), "y", by="wave", variance="taylor")
    test = lp.equivalence_test(lp.difference(means, "wave", "b", minus="a"), margin=1.0)
    np.testing.assert_allclose(test.statistic, np.sqrt(3), rtol=1e-10)
    np.testing.assert_allclose(test.p_value, stats.t.sf(np.sqrt(3), 6), rtol=1e-8)


@pytest.mark.parametrize("statistic", STATISTICS)
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e3))
@settings(max_examples=15)
def test_tables_know_no_unit_of_weight_order_of_rows_or_transposition(
    statistic: Statistic, seed: int, scale: float
) -> None:
    data = frame(seed)
    first = lp.independence_test(sample(data), "wave", "yes", statistic=statistic)
    again = data.assign(weight=data["weight"] * scale).sample(frac=1, random_state=seed)
    second = lp.independence_test(sample(again), "yes", "wave", statistic=statistic)
    np.testing.assert_allclose(second.statistic, first.statistic, rtol=1e-7)
    np.testing.assert_allclose(second.df, first.df, rtol=1e-9)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_domain_is_tested_as_if_the_others_had_not_answered(seed: int) -> None:
    data = frame(seed)
    other = data.assign(yes=data["yes"].where(data["group"] == "p", "no"))
    first = lp.independence_test(sample(data), "wave", "yes", where={"group": "p"})
    assert first == lp.independence_test(sample(other), "wave", "yes", where={"group": ["p"]})


@pytest.mark.parametrize("variance", ["taylor", "cr2"])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_joint_test_does_not_depend_on_how_the_hypothesis_is_written(
    variance: Literal["cr2", "taylor"], seed: int
) -> None:
    """Differences from the first wave, or from the second, in other units, or with a third that follows from them."""
    means = lp.mean(sample(frame(seed)), "score", by="wave", variance=variance)
    ways = [
        [[-1, 1, 0], [-1, 0, 1]],
        [[1000, -1000, 0], [0, -0.001, 0.001]],
        [[-1, 1, 0], [-1, 0, 1], [0, -1, 1]],
    ]
    tests = [
        lp.wald_test(lp.contrast(means, np.array(way, dtype=float), pd.DataFrame({"row": range(len(way))})))
        for way in ways
    ]
    for test in tests[1:]:
        np.testing.assert_allclose(test.statistic, tests[0].statistic, rtol=1e-6)
        np.testing.assert_allclose(test.df, tests[0].df, rtol=1e-6)


@pytest.mark.parametrize("variance", ["taylor", "cr2"])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_swapping_the_sides_turns_a_shift_over(variance: Literal["cr2", "taylor"], seed: int) -> None:
    at = sample(frame(seed))
    there = lp.ordinal_shift(at, "answer", "wave", "2026", minus="2022", by="group", variance=variance)
    back = lp.ordinal_shift(at, "answer", "wave", "2022", minus="2026", by="group", variance=variance)
    np.testing.assert_allclose(there.value, 1 - back.value, rtol=1e-12)
    np.testing.assert_allclose(there.std_error, back.std_error, rtol=1e-9)
    low, high = there.confint()
    np.testing.assert_allclose(back.confint(), (1 - high, 1 - low), rtol=1e-9)
    assert ((low > 0) & (high < 1)).all()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_shift_without_weights_is_brunner_and_munzel(seed: int) -> None:
    data = frame(seed)
    shift = lp.ordinal_shift(lp.Sample.from_frame(data), "answer", "wave", "2026", minus="2022")
    x, y = (data.loc[data["wave"] == wave, "answer"] for wave in ("2022", "2026"))
    statistic = stats.brunnermunzel(x, y).statistic
    np.testing.assert_allclose((shift.value[0] - 0.5) / shift.std_error[0], statistic, rtol=1e-9, atol=1e-12)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_shift_knows_ranks_only(seed: int) -> None:
    data = frame(seed)
    first = lp.ordinal_shift(sample(data), "answer", "wave", "2026", minus="2022", by="group")
    second = lp.ordinal_shift(
        sample(data.assign(answer=np.exp(data["answer"]))), "answer", "wave", "2026", minus="2022", by="group"
    )
    pd.testing.assert_frame_equal(first.to_frame(), second.to_frame())


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_shift_in_a_domain_is_its_row_among_all(seed: int) -> None:
    data = frame(seed)
    everywhere = lp.ordinal_shift(sample(data), "answer", "wave", "2026", minus="2022", by="group").select(group="p")
    alone = lp.ordinal_shift(
        sample(data.assign(answer=data["answer"].where(data["group"] == "p"))), "answer", "wave", "2026", minus="2022"
    )
    np.testing.assert_allclose(everywhere.value, alone.value, rtol=1e-12)
    np.testing.assert_allclose(everywhere.std_error, alone.std_error, rtol=1e-10)
    np.testing.assert_allclose(everywhere.df, alone.df, rtol=1e-10)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_ranks_know_no_order_of_rows_nor_unit_of_weight(seed: int) -> None:
    data = frame(seed)
    first = lp.rank_test(sample(data), "answer", "group")
    again = data.assign(weight=data["weight"] * 7).sample(frac=1, random_state=seed)
    second = lp.rank_test(sample(again), "answer", "group")
    np.testing.assert_allclose([first.statistic, first.p_value], [second.statistic, second.p_value], rtol=1e-8)


@given(seed=st.integers(0, 10_000), margin=st.floats(0.02, 1.5))
@example(seed=1408, margin=1.0)  # an interval on the logit scale that is wider than numbers go
@settings(max_examples=25)
def test_equivalence_agrees_with_the_interval_at_90_per_cent(seed: int, margin: float) -> None:
    at = sample(frame(seed))
    shares = lp.difference(lp.proportion(at, "yes", "yes", by="wave"), "wave", "2026", minus="2022")
    shift = lp.ordinal_shift(at, "answer", "wave", "2026", minus="2022")
    for moved, null in ((shares, 0.0), (change(at), 0.0), (shift, 0.5)):
        test = lp.equivalence_test(moved, margin=margin, null=null)
        (low,), (high,) = moved.confint(level=0.9)
        inside = null - margin < low and high < null + margin
        assert abs(test.p_value - 0.05) < 1e-9 or inside == (test.p_value < 0.05)
        one = lp.noninferiority_test(moved, margin=margin, null=null)
        other = lp.noninferiority_test(moved, margin=margin, null=null, better="lower")
        assert abs(one.p_value - 0.05) < 1e-9 or (low > null - margin) == (one.p_value < 0.05)
        np.testing.assert_allclose(test.p_value, max(one.p_value, other.p_value), rtol=1e-12)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10)
def test_independent_waves_and_one_stacked_sample_are_the_same(seed: int) -> None:
    """Variances of two surveys drawn independently add up."""
    data = frame(seed)
    apart = [
        lp.Sample.from_frame(part, weight="weight", psu="site") for wave, part in data.groupby("wave") if wave != "2024"
    ]
    moved = lp.difference(
        lp.mean(lp.stack(apart, ["2022", "2026"]), "score", by="wave", variance="taylor"), "wave", "2026", minus="2022"
    )
    errors = [lp.mean(wave, "score", variance="taylor").std_error[0] for wave in apart]
    np.testing.assert_allclose(moved.std_error, [np.hypot(*errors)], rtol=1e-10)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10)
def test_a_difference_in_differences_may_be_taken_in_either_order(seed: int) -> None:
    levels = lp.mean(sample(frame(seed)), "score", by=["wave", "group"])
    first = lp.difference(change(sample(frame(seed)), "group"), "group", "q", minus="p")
    second = lp.difference(lp.difference(levels, "group", "q", minus="p"), "wave", "2026", minus="2022")
    pd.testing.assert_frame_equal(first.to_frame(), second.to_frame(), rtol=1e-9)


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
def test_tests_use_replicate_weights_where_a_sample_has_them(method: str) -> None:
    drawn = {"replicates": 200, "seed": 3} if method == "bootstrap" else {}
    plain = sample(frame(4))
    replicated = lp.replicate(plain, method=method, **drawn)  # type: ignore[arg-type]
    for run in (
        lambda at: lp.independence_test(at, "group", "yes"),
        lambda at: lp.independence_test(at, "group", "yes", statistic="Wald"),
        lambda at: lp.wald_test(change(at, "group", "taylor")),
        lambda at: lp.rank_test(at, "answer", "group"),
    ):
        one, other = run(plain), run(replicated)
        assert other.refused == ""
        assert method == "jackknife" or one.statistic != other.statistic
        np.testing.assert_allclose(other.statistic, one.statistic, rtol=0.8, atol=0.3)
    shift = lp.ordinal_shift(replicated, "answer", "wave", "2026", minus="2022")
    assert shift.variance == "replicate"


def scale(order: tuple[str, ...], *, ordered: bool = True) -> pd.DataFrame:
    answers = ["strongly agree", "neither", "tend to agree", "neither", "strongly agree", "tend to disagree"]
    data = pd.DataFrame({"wave": list("aaabbb"), "trust": answers})
    return data.assign(trust=pd.Categorical(data["trust"], categories=list(order), ordered=ordered))


def test_a_scale_of_the_schema_runs_from_its_favourable_end() -> None:
    """Against strongly agree, neither, tend to agree, the later answers win 1/2, 2 1/2 and 0 of 3 times each."""
    plain = lp.Sample.from_frame(scale(SCALE))
    known = lp.Variable("trust", "Trust", kind="scale", answers=SCALE, positive=SCALE[:2])
    schema = lp.Sample(plain.answers, plain.design, codebook={"trust": known})
    favourable = lp.ordinal_shift(schema, "trust", "wave", "b", minus="a")
    later = lp.ordinal_shift(plain, "trust", "wave", "b", minus="a")

    np.testing.assert_allclose(favourable.value, [(0.5 + 2.5 + 0) / 9])
    np.testing.assert_allclose(later.value, 1 - favourable.value)
    assert favourable.labels["answer"].tolist() == ["towards strongly agree"]
    assert later.labels["answer"].tolist() == ["towards strongly disagree"]


def test_answers_without_an_order_are_not_ranked() -> None:
    for data in (scale(SCALE, ordered=False), scale(SCALE).astype({"trust": str})):
        with pytest.raises(EstimationError, match=r"no order.*ordered=True"):
            lp.ordinal_shift(lp.Sample.from_frame(data), "trust", "wave", "b", minus="a")


def test_sides_that_do_not_overlap_and_answers_that_do_not_vary_are_refused() -> None:
    data = pd.DataFrame({"wave": list("aaabbb") * 2, "g": ["p"] * 6 + ["q"] * 6, "y": [1, 2, 1, 4, 5, 4] + [3] * 6})
    table = lp.ordinal_shift(lp.Sample.from_frame(data), "y", "wave", "b", minus="a", by="g").to_frame()
    assert table["refused"].tolist() == [
        "no answer of one side lies among those of the other",
        "the answers show no variance",
    ]
    assert table["estimate"].isna().all()


def test_a_domain_without_answers_on_one_side_is_refused() -> None:
    data = pd.DataFrame({"wave": list("aabb") * 2, "g": ["p"] * 4 + ["q"] * 4, "y": [1, 3, 2, 3, np.nan, np.nan, 2, 3]})
    table = lp.ordinal_shift(lp.Sample.from_frame(data), "y", "wave", "b", minus="a", by="g").to_frame()
    assert table["refused"].tolist() == ["", "no answers"]
    np.testing.assert_allclose(table["estimate"], [5 / 8, np.nan])


def test_a_table_of_one_row_is_refused() -> None:
    data = frame(1).assign(yes="yes")
    test = lp.independence_test(sample(data), "wave", "yes")
    assert "yes 1 categories" in test.refused
    assert np.isnan(test.p_value)
    assert "refused" in repr(test)


def test_a_table_in_one_sampling_unit_is_refused() -> None:
    data = pd.DataFrame(
        {"site": [1] * 8 + [2] * 4, "x": list("abab") * 3, "y": list("uuvv") * 3, "g": ["p"] * 8 + ["q"] * 4}
    )
    at = lp.Sample.from_frame(data, psu="site")
    for statistic in STATISTICS:
        test = lp.independence_test(at, "x", "y", where={"g": "p"}, statistic=statistic)
        assert "no degrees of freedom" in test.refused


def test_more_comparisons_than_sampling_units_are_refused() -> None:
    data = frame(2).assign(site=lambda table: table.index % 3)
    at = lp.Sample.from_frame(data, weight="weight", psu="site")
    for statistic in ("Wald", "adjWald"):
        assert "comparisons" in lp.independence_test(at, "wave", "answer", statistic=statistic).refused  # type: ignore[arg-type]
    means = lp.mean(at, "score", by=["wave", "group"], variance="taylor")
    assert "rank" in lp.wald_test(means).refused
    assert "comparisons" in lp.wald_test(lp.mean(at, "score", by="wave")).refused


def test_a_wald_test_of_a_table_in_few_units_is_refused_where_its_denominator_is_used_up() -> None:
    """Two sites of the domain leave nu = 1 for two comparisons: Wald has (2, 1) degrees of freedom, adjusted (2, 0)."""
    data = frame(8).assign(site=lambda table: table.index % 6, wide=lambda table: table["site"] < 2)
    at = lp.Sample.from_frame(
        data.assign(wide=data["wide"].map({True: "in", False: "out"})), weight="weight", psu="site"
    )
    plain, adjusted = (
        lp.independence_test(at, "wave", "yes", where={"wide": "in"}, statistic=statistic)
        for statistic in ("Wald", "adjWald")
    )
    assert plain.df == (2.0, 1.0)
    assert "1 for 2 comparisons" in adjusted.refused


def test_a_table_that_was_raked_to_is_known() -> None:
    joint = lp.Margin(("group", "yes"), {("p", "yes"): 30, ("p", "no"): 20, ("q", "yes"): 25, ("q", "no"): 25})
    at = lp.rake(sample(frame(1)), [joint])
    assert "known by construction" in lp.independence_test(at, "group", "yes").refused


def test_moments_that_know_single_contrasts_only_give_their_smallest_degrees_of_freedom() -> None:
    class Five:
        def df(self, loading: np.ndarray) -> np.ndarray:
            return np.full(loading.shape[0], 5.0)

    means = lp.mean(sample(frame(1)), "score", by="wave")
    test = lp.wald_test(replace(means, working=Working(np.eye(3), Five())))
    assert test.df == (3.0, 3.0)


def test_a_margin_of_the_table_that_leaves_no_contrast_is_refused() -> None:
    data = pd.DataFrame({"x": list("aabbcc") * 4, "y": list("uuvvww") * 4})
    assert "cells are empty" in lp.independence_test(lp.Sample.from_frame(data), "x", "y").refused


def test_a_wald_test_refuses_what_follows_from_the_rest() -> None:
    shares = lp.distribution(sample(frame(1)), "yes")
    test = lp.wald_test(shares)
    assert "rank 1" in test.refused
    assert "leave out" in test.refused
    assert lp.wald_test(shares, null=[0.5, 0.5]).refused == ""


def test_a_wald_test_refuses_with_the_reason_of_its_estimates() -> None:
    data = pd.DataFrame({"g": ["a", "a", "b"], "y": [1.0, 2.0, 3.0]})
    test = lp.wald_test(lp.mean(lp.Sample.from_frame(data), "y", by="g"))
    assert "one sampling unit" in test.refused


def test_the_same_people_twice_leave_nothing_to_test() -> None:
    wave = lp.Sample.from_frame(frame(1), weight="weight", psu="site")
    means = lp.mean(lp.stack([wave, wave], ["a", "b"], panel=True), "score", by="wave")
    moved = lp.difference(means, "wave", "b", minus="a")
    assert "nothing to test" in lp.wald_test(moved).refused
    assert "no variance" in lp.equivalence_test(moved, margin=0.1).refused


def test_equivalence_is_refused_with_its_estimate() -> None:
    data = pd.DataFrame({"wave": ["a", "a", "b"], "y": [1.0, 2.0, 3.0]})
    moved = lp.difference(lp.mean(lp.Sample.from_frame(data), "y", by="wave"), "wave", "b", minus="a")
    assert "one sampling unit" in lp.equivalence_test(moved, margin=1.0).refused


def test_a_trend_without_one_of_its_levels_is_refused() -> None:
    data = frame(1)
    lacking = data[~((data["group"] == "q") & (data["wave"] == "2024"))]
    levels = lp.mean(sample(lacking), "score", by=["wave", "group"])
    slopes = lp.trend(levels, "wave")
    assert slopes.to_frame().set_index("group").loc["q", "refused"] == "no estimate for 2024"
    assert slopes.to_frame().set_index("group").loc["p", "refused"] == ""
    assert "no estimate for 2024" in lp.trend_test(levels, "wave").refused


def test_ranks_that_do_not_vary_are_refused() -> None:
    assert "no variance" in lp.rank_test(sample(frame(1).assign(answer=3)), "answer", "group").refused
    data = pd.DataFrame({"site": [1, 1, 1, 2, 2], "g": list("pqpqp"), "y": [1, 2, 3, 2, 1]})
    assert "comparisons" in lp.rank_test(lp.Sample.from_frame(data, psu="site"), "y", "g").refused


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: lp.independence_test(s, "wave", "yes", statistic="G"), WrongUseError, r"\['F', 'Chisq', 'Wald'"),
        (lambda s: lp.independence_test(s, "wave", "wave"), WrongUseError, r"independent of itself"),
        (lambda s: lp.independence_test(s, "wave", "no"), EstimationError, r"no such variable"),
        (
            lambda s: lp.independence_test(s, "wave", "yes", where={"group": "x"}),
            EstimationError,
            r"Cannot restrict to 'group' \['x'\]: its categories are \['p', 'q'\]",
        ),
        (
            lambda s: lp.rank_test(s, "answer", "group", test="sign"),
            WrongUseError,
            r"'wilcoxon', 'vanderWaerden' and 'median'",
        ),
        (
            lambda s: lp.rank_test(s, "answer", "group", where={"group": "p"}),
            EstimationError,
            r"only \['p'\] answered",
        ),
        (lambda s: lp.rank_test(s, "answer", "answer"), WrongUseError, r"name different variables"),
        (
            lambda s: lp.ordinal_shift(s, "answer", "wave", "2030", minus="2022"),
            EstimationError,
            r"Cannot restrict to 'wave' \['2030'\]",
        ),
        (
            lambda s: lp.ordinal_shift(s, "answer", "wave", "2026", minus="2022", by="wave"),
            WrongUseError,
            r"name different variables",
        ),
        (lambda s: lp.equivalence_test(change(s, "group"), margin=0.1), WrongUseError, r"choose one.*select"),
        (lambda s: lp.equivalence_test(change(s), margin=0.0), WrongUseError, r"over 0"),
        (
            lambda s: lp.noninferiority_test(change(s), margin=0.1, better="more"),
            WrongUseError,
            r"'higher' and 'lower'",
        ),
        (lambda s: lp.wald_test(change(s), null=[0, 1]), WrongUseError, r"1 estimates against 2 null values"),
        (lambda s: lp.trend(lp.mean(s, "score", by="wave"), "year"), EstimationError, r"labelled by"),
        (lambda s: lp.trend(lp.mean(s, "score", by="group"), "group"), EstimationError, r"three or more are needed"),
        (
            lambda s: lp.trend(lp.mean(s, "score", by="wave"), "wave", scores={"2022": 1, "2024": 2}),
            WrongUseError,
            r"the scores name \['2022', '2024'\]",
        ),
    ],
)
def test_wrong_use_says_what_is_allowed(
    call: Callable[[lp.Sample], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call(sample(frame(1)))


def test_a_lonely_stratum_raises_as_everywhere() -> None:
    data = pd.DataFrame({"s": ["1", "1", "2"], "x": ["a", "b", "a"], "y": ["u", "v", "v"]})
    with pytest.raises(EstimationError, match="one primary sampling unit"):
        lp.independence_test(lp.Sample.from_frame(data, stratum="s"), "x", "y")


def test_a_shift_that_nobody_can_show_raises() -> None:
    data = frame(1)
    data["answer"] = data["answer"].astype(float).where(data["wave"] != "2022")
    with pytest.raises(EstimationError, match="no domain has answers"):
        lp.ordinal_shift(sample(data), "answer", "wave", "2026", minus="2022")


def test_a_test_prints_with_its_distribution_p_and_base() -> None:
    at = sample(frame(1))
    assert "F(1.9" in repr(lp.independence_test(at, "wave", "yes")) or "F(" in repr(
        lp.independence_test(at, "wave", "yes")
    )
    text = repr(lp.equivalence_test(change(at), margin=5.0))
    for part in ("t(", "p ", "estimate", "level 0.9", "n ="):
        assert part in text
    assert "chi-squared(" in repr(lp.independence_test(at, "wave", "yes", statistic="Chisq"))


def test_p_values_by_interval_hold_for_a_shift() -> None:
    shift = lp.ordinal_shift(sample(frame(6)), "answer", "wave", "2026", minus="2022")
    p = interval_p_value(shift, null=0.5)[0]
    (low,), (high,) = shift.limits(np.array([1 - p]))
    assert min(abs(low - 0.5), abs(high - 0.5)) < 1e-9


@pytest.mark.parametrize("listed", [("bad", "awful"), ("very good", "good", "bad", "awful"), None])
def test_a_shift_is_towards_the_favourable_end_though_nobody_answered_so(
    listed: tuple[str, ...] | None,
) -> None:
    def one(bad: int, awful: int) -> lp.Sample:
        said = pd.Series(["bad"] * bad + ["awful"] * awful, dtype=object)
        column = said if listed is None else pd.Categorical(said, categories=list(listed), ordered=True)
        return lp.Sample.from_frame(pd.DataFrame({"y": column}))

    scale = lp.Variable(
        "y", "Rating", kind="scale", answers=("very good", "good", "bad", "awful"), positive=("very good", "good")
    )
    sample = replace(lp.stack([one(5, 45), one(30, 20)], labels=["a", "b"]), codebook={"y": scale})
    shift = lp.ordinal_shift(sample, "y", "wave", "b", minus="a")
    # 0.6 x 0.9 strictly better, 0.6 x 0.1 + 0.4 x 0.9 ties
    np.testing.assert_allclose(shift.value, [0.54 + 0.42 / 2], rtol=1e-12)
    assert list(shift.labels["answer"]) == ["towards very good"]
