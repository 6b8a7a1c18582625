"""Indexes, don't knows and reliability: cases on paper, laws, and every refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pingouin import cronbach_alpha

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.one_factor import fit_one_factor, omega_influence
from lpact_eval.sample import Variable

AGREE = ("strongly agree", "tend to agree", "neither", "tend to disagree", "strongly disagree")
JOB = ("good", "fair", "poor")
ITEMS = ["a", "b", "c"]


def scale(answers: list[str | None], categories: tuple[str, ...] = AGREE) -> pd.Categorical:
    return pd.Categorical(answers, categories=list(categories), ordered=True)


def small(**missing: list[str | None]) -> lp.Sample:
    """Four respondents, of whom one answers everything, two skip an item and one skips all but one."""
    answers = pd.DataFrame(
        {
            "a": scale(["strongly agree", "tend to agree", None, None]),
            "b": scale(["tend to agree", None, "neither", None]),
            "c": scale(["tend to disagree", "tend to agree", "strongly disagree", "neither"]),
        }
    )
    codebook = {name: Variable(name, name, kind="scale", answers=AGREE, positive=AGREE[:2]) for name in ITEMS}
    sample = lp.Sample.from_frame(answers)
    kinds = pd.DataFrame({name: missing.get(name, [None] * 4) for name in ITEMS})
    return lp.Sample(sample.answers, sample.design, missing=kinds, codebook=codebook)


DONT_KNOW = {
    "a": [None, None, "don't know", "don't know"],
    "b": [None, "prefer not to say", None, "blank"],
}


def test_an_index_averages_the_items_answered_where_enough_were() -> None:
    """Points 5, 4, 2 and 4, 4 and 3, 1; the last has one item of three, below .6 x 3 = 1.8."""
    indexed = lp.add_index(small(), "trust", ITEMS)
    np.testing.assert_allclose(indexed.answers["trust"], [11 / 3, 4, 2, np.nan])
    np.testing.assert_allclose(lp.index(small(), ITEMS).value, [(11 / 3 + 4 + 2) / 3])
    assert lp.index(small(), ITEMS).to_frame()["n"].tolist() == [3]


def test_the_share_of_items_needed_is_the_callers() -> None:
    for least, answered in ((1.0, 1), (0.6, 3), (0.3, 4)):
        assert int(lp.index(small(), ITEMS, least=least).n[0]) == answered


def test_an_index_of_dont_knows_is_the_share_of_items_not_known() -> None:
    """0 of 3, 1 of 3, 1 of 3, and the last said one don't know in two items, blank being neither."""
    indexed = lp.add_index(small(**DONT_KNOW), "unsure", ITEMS, dont_know="outcome")
    np.testing.assert_allclose(indexed.answers["unsure"], [0, 1 / 3, 1 / 3, 1 / 2])


def test_an_index_of_confidence_counts_a_dont_know_as_not_confident() -> None:
    """2 of 3, 2 of 3, 0 of 3, 0 of 2."""
    indexed = lp.add_index(small(**DONT_KNOW), "sure", ITEMS, dont_know="not confident")
    np.testing.assert_allclose(indexed.answers["sure"], [2 / 3, 2 / 3, 0, 0])


def test_items_of_different_length_are_averaged_from_0_to_1() -> None:
    frame = pd.DataFrame({"a": scale(["strongly agree", "neither"]), "b": scale(["poor", "good"], JOB)})
    sample = lp.Sample.from_frame(frame)
    indexed = lp.add_index(sample, "index", ["a", "b"], score="unit")
    np.testing.assert_allclose(indexed.answers["index"], [0.5, 0.75])
    with pytest.raises(EstimationError, match=r"different length: \{'a': 5, 'b': 3\}.*score='unit'"):
        lp.index(sample, ["a", "b"])


def test_an_item_worded_the_other_way_round_is_turned() -> None:
    frame = pd.DataFrame({"unfair": scale(["strongly agree", "strongly disagree"])})
    sample = lp.Sample.from_frame(frame)
    known = Variable("unfair", "Unfair", kind="scale", answers=AGREE, positive=AGREE[3:])
    turned = lp.Sample(sample.answers, sample.design, codebook={"unfair": known})
    assert lp.add_index(turned, "index", ["unfair"]).answers["index"].tolist() == [1.0, 5.0]


def test_an_index_knows_what_its_items_are() -> None:
    sample = small()
    after = Variable("a", "a", kind="scale", answers=AGREE, positive=AGREE[:2], outcome=5, after_attendance=True)
    sample = lp.Sample(sample.answers, sample.design, codebook={"a": after})
    known = lp.add_index(sample, "trust", ["a"]).codebook["trust"]
    assert (known.kind, known.outcome, known.after_attendance) == ("number", 5, True)


def test_categories_written_as_numbers_are_those_numbers() -> None:
    frame = pd.DataFrame({"a": pd.Categorical(["1", "4"], categories=["1", "2", "3", "4", "5"])})
    assert lp.add_index(lp.Sample.from_frame(frame), "index", ["a"]).answers["index"].tolist() == [1.0, 4.0]


def test_the_three_policies_of_a_share() -> None:
    """Two answers, both favourable; two don't knows."""
    sample = small(**DONT_KNOW)
    favourable = list(AGREE[:2])
    shares = {
        policy: lp.proportion(sample, "a", favourable, dont_know=policy)  # type: ignore[arg-type]
        for policy in ("exclude", "outcome", "not confident")
    }
    assert [float(share.value[0]) for share in shares.values()] == [1.0, 0.5, 0.5]
    assert [int(share.n[0]) for share in shares.values()] == [2, 4, 4]
    told = lp.nonresponse(sample, "a").to_frame()
    assert told["answer"].tolist() == ["don't know", "prefer not to say"]
    assert told["estimate"].tolist() == [0.5, 0.0]
    spread = lp.distribution(sample, "a", dont_know="not confident").to_frame()
    assert spread["answer"].tolist() == [*AGREE, "don't know or prefer not to say"]
    np.testing.assert_allclose(spread["estimate"].sum(), 1)


def test_several_items_share_a_policy_and_need_no_codebook() -> None:
    sample = small(**DONT_KNOW)
    bare = lp.Sample(sample.answers, sample.design, missing=sample.missing)
    both = lp.proportion(bare, ["a", "b"], list(AGREE[:2]), dont_know="not confident")
    np.testing.assert_allclose(both.value, [2 / 4, 1 / 3])


def test_a_blank_answer_is_in_no_base() -> None:
    sample = small(**DONT_KNOW)
    assert int(lp.proportion(sample, "b", "neither", dont_know="not confident").n[0]) == 3


def test_a_declared_policy_leaves_the_sample_it_was_given_alone() -> None:
    sample = small(**DONT_KNOW)
    counted = lp.count_dont_know(sample, ITEMS[:2], policy="outcome")
    assert lp.count_dont_know(sample, "a", policy="exclude") is sample
    assert sample.answers["a"].isna().sum() == 2
    assert sample.missing["a"].notna().sum() == 2
    assert counted.missing["a"].isna().all()
    assert counted.codebook["a"].kind == "category"
    assert counted.codebook["a"].positive == AGREE[:2]
    assert sample.codebook["a"].kind == "scale"


def test_alpha_of_four_respondents() -> None:
    """Items (1, 2, 3, 2) and (2, 2, 4, 4): sums of squares 2 and 4, of their sum (3, 4, 7, 6) 10; 2 (1 - 6 / 10)."""
    frame = pd.DataFrame({"a": [1.0, 2, 3, 2], "b": [2.0, 2, 4, 4]})
    np.testing.assert_allclose(lp.reliability(lp.Sample.from_frame(frame), ["a", "b"]).value, [0.8])
    np.testing.assert_allclose(lp.feldt_interval(lp.Sample.from_frame(frame), ["a", "b"])["alpha"], [0.8])


def test_feldts_interval_is_pingouins_to_its_three_digits() -> None:
    frame = answers_of(60, 5)
    got = lp.feldt_interval(lp.Sample.from_frame(frame), list(frame.columns), level=0.9)
    alpha, limits = cronbach_alpha(data=frame, ci=0.9)
    np.testing.assert_allclose(got["alpha"], alpha, rtol=1e-12)
    np.testing.assert_allclose(got[["conf_low", "conf_high"]].to_numpy()[0], limits, atol=5.1e-4)


@pytest.mark.parametrize(
    "correlation",
    [
        np.eye(3),
        np.ones((3, 3)),
        np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]]),
        np.array([[1, 0.9, 0.1], [0.9, 1, -0.8], [0.1, -0.8, 1]]),
    ],
    ids=["unrelated", "alike", "two of three", "two ways"],
)
def test_correlations_that_do_not_identify_one_factor_have_none(correlation: np.ndarray) -> None:
    assert fit_one_factor(correlation) is None


def test_omega_of_a_perfect_factor_is_known() -> None:
    """Loadings .8, .6, .7: 2.1 squared is 4.41, uniquenesses .36 + .64 + .51 = 1.51."""
    loading = np.array([0.8, 0.6, 0.7])
    fit = fit_one_factor(np.outer(loading, loading) + np.diag(1 - loading**2))
    assert fit is not None
    np.testing.assert_allclose(fit.loading, loading, rtol=1e-9)
    np.testing.assert_allclose(fit.uniqueness, 1 - loading**2, rtol=1e-9)


def answers_of(n: int, seed: int, items: int = 4) -> pd.DataFrame:
    """Answers in five points to items of one factor."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1))
    points = np.clip(np.round(3 + common + rng.normal(size=(n, items))), 1, 5)
    return pd.DataFrame(points, columns=[f"q{number}" for number in range(items)])


def weighted(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, 1])
    return answers_of(n, seed).assign(weight=rng.uniform(0.4, 3, n), group=rng.choice(["a", "b"], n))


@pytest.mark.parametrize("kind", ["alpha", "omega"])
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e3), unit=st.floats(0.1, 10))
@settings(max_examples=15, deadline=None)
def test_reliability_depends_on_neither_unit_nor_order(kind: str, seed: int, scale: float, unit: float) -> None:
    frame = weighted(90, seed)
    items = [f"q{number}" for number in range(4)]
    first = lp.reliability(lp.Sample.from_frame(frame, weight="weight"), items, kind=kind, by="group")  # type: ignore[arg-type]
    moved = frame.sample(frac=1, random_state=seed).assign(weight=lambda table: table["weight"] * scale)
    moved[items] = moved[items] * unit
    second = lp.reliability(lp.Sample.from_frame(moved, weight="weight"), items[::-1], kind=kind, by="group")  # type: ignore[arg-type]
    np.testing.assert_allclose(first.value, second.value, rtol=1e-7)
    np.testing.assert_allclose(first.std_error, second.std_error, rtol=1e-6)


@pytest.mark.parametrize("kind", ["alpha", "omega"])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_intervals_of_reliability_hold_it_and_stay_below_1(kind: str, seed: int) -> None:
    frame = weighted(40, seed)
    sample = lp.Sample.from_frame(frame, weight="weight")
    table = lp.reliability(sample, ["q0", "q1", "q2", "q3"], kind=kind).to_frame()  # type: ignore[arg-type]
    if table["refused"][0]:
        return
    assert table["conf_low"][0] < table["estimate"][0] < table["conf_high"][0] < 1


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_a_repeated_respondent_is_one_of_twice_the_weight(seed: int) -> None:
    frame = weighted(60, seed).assign(weight=1.0)
    twice = pd.concat([frame, frame.head(20)], ignore_index=True)
    heavy = frame.assign(weight=np.where(frame.index < 20, 2.0, 1.0))
    items = ["q0", "q1", "q2"]
    for kind in ("alpha", "omega"):
        first = lp.reliability(lp.Sample.from_frame(twice), items, kind=kind)  # type: ignore[arg-type]
        second = lp.reliability(lp.Sample.from_frame(heavy, weight="weight"), items, kind=kind)  # type: ignore[arg-type]
        np.testing.assert_allclose(first.value, second.value, rtol=1e-8)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_influence_on_omega_is_its_derivative_by_the_weight(seed: int) -> None:
    """Change one weight by h: omega moves by h z / W, to first order."""
    frame = weighted(80, seed)
    items, weight = frame[["q0", "q1", "q2", "q3"]].to_numpy(float), frame["weight"].to_numpy(float)
    _, influence, reason = omega_influence(items, weight)
    if reason:
        return
    step, row = 1e-4, seed % 80
    moved = [
        omega_influence(items, np.where(np.arange(80) == row, weight + sign * step, weight))[0] for sign in (1, -1)
    ]
    slope = (moved[0] - moved[1]) / (2 * step) * weight.sum()
    np.testing.assert_allclose(influence[row], slope, rtol=1e-4, atol=1e-6)


def test_the_same_index_of_the_same_people_does_not_change() -> None:
    frame = answers_of(50, 3)
    both = lp.stack([lp.Sample.from_frame(frame, psu=None)] * 2, ["a", "b"], panel=True)
    change = lp.difference(lp.index(both, list(frame.columns), by="wave", variance="taylor"), "wave", "b", minus="a")
    np.testing.assert_allclose([change.value[0], change.std_error[0]], [0, 0], atol=1e-12)


def test_an_index_change_is_a_change_like_any_other() -> None:
    frame = answers_of(80, 4).assign(wave=["a", "b"] * 40)
    sample = lp.Sample.from_frame(frame, stratum="wave")
    items = [f"q{number}" for number in range(4)]
    change = lp.difference(lp.index(sample, items, by="wave"), "wave", "b", minus="a")
    fit = lp.regress(lp.add_index(sample, "index", items), "index ~ wave")
    np.testing.assert_allclose(change.value, fit.coefficients.value[1:])
    np.testing.assert_allclose(change.std_error, fit.coefficients.std_error[1:])


def test_the_difference_of_two_reliabilities_is_a_difference() -> None:
    frame = weighted(120, 5)
    both = lp.reliability(lp.Sample.from_frame(frame, weight="weight"), ["q0", "q1", "q2"], by="group")
    gap = lp.difference(both, "group", "b", minus="a")
    np.testing.assert_allclose(gap.value, np.diff(both.value))
    np.testing.assert_allclose(gap.std_error, np.sqrt((both.std_error**2).sum()))


def test_reliability_is_refused_where_items_do_not_vary_or_nobody_answered() -> None:
    frame = answers_of(40, 6).assign(group=["a"] * 20 + ["b"] * 10 + ["c"] * 10)
    frame.loc[20:29, ["q0", "q1", "q2", "q3"]] = 3.0
    frame.loc[30:, "q0"] = np.nan
    sample = lp.Sample.from_frame(frame)
    for kind, flat in (("alpha", "the items do not vary"), ("omega", "an item does not vary")):
        table = lp.reliability(sample, ["q0", "q1", "q2"], kind=kind, by="group").to_frame()  # type: ignore[arg-type]
        assert table["refused"].tolist() == ["", flat, "no answers"]
        assert table["estimate"].isna().tolist() == [False, True, True]


def test_omega_is_refused_without_an_inner_maximum_and_for_too_few_people() -> None:
    rng = np.random.default_rng(1)
    first = rng.normal(size=50)
    heywood = pd.DataFrame({"a": first, "b": first + 1e-4 * rng.normal(size=50), "c": rng.normal(size=50)})
    alone = lp.reliability(lp.Sample.from_frame(heywood), ITEMS, kind="omega")
    assert alone.refused == ("one factor does not fit, or the items do not identify it",)
    few = lp.reliability(lp.Sample.from_frame(answers_of(3, 1)), ["q0", "q1", "q2"], kind="omega")
    assert few.refused == ("no more respondents than items answered all of them",)


def test_refusals_of_scales() -> None:
    sample = small()
    words = lp.Sample.from_frame(pd.DataFrame({"a": ["x", "y"], "b": [1.0, 2.0]}))
    with pytest.raises(WrongUseError, match="1 or more different variables"):
        lp.index(sample, [])
    with pytest.raises(WrongUseError, match="1 or more different variables"):
        lp.index(sample, ["a", "a"])
    with pytest.raises(WrongUseError, match="2 or more different variables"):
        lp.reliability(sample, ["a"])
    with pytest.raises(WrongUseError, match="3 or more different variables"):
        lp.reliability(sample, ["a", "b"], kind="omega")
    with pytest.raises(WrongUseError, match=r"reliability 'beta'; there are \['alpha', 'omega'\]"):
        lp.reliability(sample, ITEMS, kind="beta")  # type: ignore[arg-type]
    with pytest.raises(WrongUseError, match=r"least=0: it is a share"):
        lp.index(sample, ITEMS, least=0)
    with pytest.raises(WrongUseError, match=r"score items by 'stars'"):
        lp.index(sample, ITEMS, score="stars")  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="no such variable"):
        lp.index(sample, ["z"])
    with pytest.raises(EstimationError, match="its answers have no order"):
        lp.index(words, ["a"])
    with pytest.raises(EstimationError, match="hold numbers whose ends are unknown"):
        lp.index(words, ["b"], score="unit")
    known = Variable("a", "a", kind="scale", answers=AGREE, positive=("neither",))
    torn = lp.Sample(sample.answers, sample.design, codebook={"a": known})
    with pytest.raises(EstimationError, match="stand at neither end"):
        lp.index(torn, ["a"])


def test_refusals_of_dont_knows() -> None:
    sample = small()
    plain = lp.Sample.from_frame(sample.answers.assign(number=1.0))
    with pytest.raises(WrongUseError, match=r"count don't knows as 'drop'; there are \['exclude'"):
        lp.proportion(sample, "a", "neither", dont_know="drop")  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="does not record why its answers are missing"):
        lp.nonresponse(plain, "a")
    with pytest.raises(EstimationError, match="no such variable"):
        lp.nonresponse(plain, "z")
    with pytest.raises(EstimationError, match="does not record why"):
        lp.index(plain, ITEMS, dont_know="outcome")
    with pytest.raises(EstimationError, match="names no favourable answers"):
        lp.index(lp.Sample(sample.answers, sample.design, missing=sample.missing), ["a"], dont_know="not confident")
    numeric = lp.Sample(plain.answers, plain.design, missing=pd.DataFrame({"number": [None] * 4}))
    with pytest.raises(EstimationError, match="it holds numbers"):
        lp.nonresponse(numeric, "number")


def test_an_item_that_one_wave_did_not_ask_is_refused() -> None:
    frame = answers_of(20, 7).assign(wave=["a", "b"] * 10)
    frame.loc[frame["wave"] == "a", "q1"] = np.nan
    with pytest.raises(EstimationError, match=r"wave 'a' has no answers to \['q1'\]"):
        lp.index(lp.Sample.from_frame(frame), ["q0", "q1"])


def test_feldts_interval_is_refused_where_its_distribution_does_not_hold() -> None:
    frame = answers_of(30, 8).assign(weight=np.arange(1, 31), site=np.arange(30) // 3)
    items = ["q0", "q1"]
    with pytest.raises(EstimationError, match="the design has unequal weights"):
        lp.feldt_interval(lp.Sample.from_frame(frame, weight="weight"), items)
    with pytest.raises(EstimationError, match="the design has PSUs"):
        lp.feldt_interval(lp.Sample.from_frame(frame, psu="site"), items)
    with pytest.raises(EstimationError, match="2 respondents answered all items"):
        lp.feldt_interval(lp.Sample.from_frame(frame.head(2)), items)
    with pytest.raises(WrongUseError, match="level 95"):
        lp.feldt_interval(lp.Sample.from_frame(frame), items, level=95)


def test_drift_is_refused_by_item_and_by_call() -> None:
    frame = answers_of(60, 9).assign(wave=["a", "b"] * 30, yes=[0.0, 1.0] * 30)
    table = lp.item_drift(lp.Sample.from_frame(frame), ["q0", "q1", "yes"])
    assert table["refused"].tolist() == ["", "", "2 different answers; 3 are needed"]
    assert np.isnan(table["p_adjusted"].iloc[2])
    assert not table["drifts"].iloc[2]
    lopsided = frame.assign(wave=["a"] * 50 + ["b"] * 10)
    assert (
        lp.item_drift(lp.Sample.from_frame(lopsided), ["q0", "q1", "q2"])["refused"].str.contains("fewer than 20").all()
    )
    with pytest.raises(EstimationError, match=r"only \['a'\] have respondents"):
        lp.item_drift(lp.Sample.from_frame(frame.assign(wave="a")), ["q0", "q1", "q2"])
    with pytest.raises(WrongUseError, match="3 or more different variables"):
        lp.item_drift(lp.Sample.from_frame(frame), ["q0", "q1"])


def test_drift_is_refused_where_the_model_does_not_converge(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = answers_of(60, 9).assign(wave=["a", "b"] * 30)
    monkeypatch.setattr("lpact_eval.estimation.drift._FLAT", 0.0)
    table = lp.item_drift(lp.Sample.from_frame(frame), ["q0", "q1", "q2"])
    assert set(table["refused"]) == {"the proportional-odds model does not converge"}
    assert not table["drifts"].any()


def test_drift_over_three_waves_has_two_degrees_of_freedom() -> None:
    frame = answers_of(150, 10).assign(wave=["a", "b", "c"] * 50)
    table = lp.item_drift(lp.Sample.from_frame(frame), ["q0", "q1", "q2"])
    assert table["df_uniform"].tolist() == [2, 2, 2]
    assert table["df_total"].tolist() == [4, 4, 4]
    assert (table["lr_total"] >= table["lr_uniform"] - 1e-6).all()
