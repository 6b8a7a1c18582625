"""Decompositions of a change: hand-worked, their laws, and each refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError

Cell = tuple[str, str, int, int]


def survey(*cells: Cell, weights: np.ndarray | None = None) -> lp.Sample:
    """Respondents by wave and age: confident and not."""
    rows = [
        {"wave": wave, "age": age, "answer": answer, "score": float(answer == "agree") + (age == "old")}
        for wave, age, yes, no in cells
        for answer in ["agree"] * yes + ["disagree"] * no
    ]
    frame = pd.DataFrame(rows).assign(weight=1.0 if weights is None else weights[: len(rows)])
    parts = [lp.Sample.from_frame(part, weight="weight") for _, part in frame.groupby("wave", sort=True)]
    return lp.stack(parts, sorted({cell[0] for cell in cells}))


# young .5 then .6, old .75 then .8; young are 40 % and then 80 %
CELLS = (("a", "young", 20, 20), ("a", "old", 45, 15), ("b", "young", 48, 32), ("b", "old", 16, 4))


def test_by_hand_rate_and_composition() -> None:
    parts = lp.decompose_change(survey(*CELLS), "answer", "agree", group="age", level="b", minus="a")
    rate = 0.1 * (0.4 + 0.8) / 2 + 0.05 * (0.6 + 0.2) / 2
    composition = 0.4 * (0.5 + 0.6) / 2 - 0.4 * (0.75 + 0.8) / 2
    assert list(parts.labels["part"]) == ["rate", "composition", "total"]
    np.testing.assert_allclose(parts.value, [rate, composition, 0.64 - 0.65], rtol=1e-12)


def test_the_total_is_the_change_with_its_interval() -> None:
    sample = survey(*CELLS)
    total = lp.decompose_change(sample, "answer", "agree", group="age", level="b", minus="a").select(part="total")
    change = lp.wave_change(sample, "answer", "agree", level="b", minus="a", by=()).only().estimate
    np.testing.assert_allclose(total.confint(), change.confint(), rtol=1e-12)


def test_groups_can_be_crossed() -> None:
    sample = survey(*CELLS)
    sex = np.where(np.arange(len(sample)) % 2 == 0, "F", "M")
    frame = sample.answers.assign(sex=sex)
    parts = [lp.Sample.from_frame(part.drop(columns="wave")) for _, part in frame.groupby("wave", observed=True)]
    found = lp.decompose_change(
        lp.stack(parts, ["a", "b"]), "answer", "agree", group=["age", "sex"], level="b", minus="a"
    )
    assert abs(found.value[0] + found.value[1] - found.value[2]) < 1e-12


def test_an_empty_group_refuses_every_part() -> None:
    parts = lp.decompose_change(
        survey(*CELLS, ("a", "child", 12, 12)), "answer", "agree", group="age", level="b", minus="a"
    )
    assert set(parts.refused) == {"no answers in one of the waves in 1 of 3 groups"}
    assert np.isnan(parts.value).all()


def test_a_cell_of_one_answer_has_no_variance_and_is_refused_without_its_count() -> None:
    cells = (*CELLS, ("a", "child", 1, 0), ("b", "child", 12, 12))
    parts = lp.decompose_change(survey(*cells), "answer", "agree", group="age", level="b", minus="a")
    assert set(parts.refused) == {"answers from one sampling unit alone in 1 of 6 cells"}


def test_small_cells_are_flagged() -> None:
    cells = (*CELLS, ("a", "child", 3, 3), ("b", "child", 12, 12))
    parts = lp.decompose_change(survey(*cells), "answer", "agree", group="age", level="b", minus="a")
    assert all("fewer than 10 answers in 1 of 6 cells" in flags for flags in parts.flags)


@pytest.mark.parametrize("group", ["answer", "wave", []])
def test_groups_that_decompose_nothing_are_refused(group: str | list[str]) -> None:
    with pytest.raises(WrongUseError, match="give one or more other variables"):
        lp.decompose_change(survey(*CELLS), "answer", "agree", group=group, level="b", minus="a")


def test_a_wave_that_is_not_there_is_named() -> None:
    with pytest.raises(EstimationError, match="there is no 'c'"):
        lp.decompose_change(survey(*CELLS), "answer", "agree", group="age", level="c", minus="a")


def test_by_hand_what_one_covariate_explains() -> None:
    parts = lp.decompose_index(survey(*CELLS), "score", "age", level="b", minus="a")
    # within waves the old score 1.25 and 1.2 higher; pooled with the spreads .24 x 100 and .16 x 100
    slope = (1.25 * 0.24 + 1.2 * 0.16) / (0.24 + 0.16)
    total = (0.64 + 0.2) - (0.65 + 0.6)
    assert list(parts.labels["part"]) == ["explained", "unexplained", "total"]
    np.testing.assert_allclose(parts.value, [-0.4 * slope, total + 0.4 * slope, total], rtol=1e-12)


def test_a_regression_that_cannot_be_fitted_refuses_every_part() -> None:
    sample = survey(*CELLS)
    frame = sample.answers.assign(twice=(sample.answers["age"] == "old").astype(float))
    parts = [lp.Sample.from_frame(part.drop(columns="wave")) for _, part in frame.groupby("wave", observed=True)]
    found = lp.decompose_index(lp.stack(parts, ["a", "b"]), "score", ["age", "twice"], level="b", minus="a")
    assert all("can be written by the terms before them" in reason for reason in found.refused)


counts = st.integers(min_value=3, max_value=40)


@st.composite
def cells(draw: st.DrawFn) -> list[Cell]:
    return [(wave, age, draw(counts), draw(counts)) for wave in "ab" for age in ("young", "middle", "old")]


@settings(max_examples=30, deadline=None)
@given(cells(), st.integers(0, 2**31))
def test_the_parts_sum_to_the_change(drawn: list[Cell], seed: int) -> None:
    sample = survey(*drawn, weights=np.exp(np.random.default_rng(seed).normal(0, 0.5, 2000)))
    parts = lp.decompose_change(sample, "answer", "agree", group="age", level="b", minus="a")
    assert abs(parts.value[0] + parts.value[1] - parts.value[2]) < 1e-12
    back = lp.decompose_change(sample, "answer", "agree", group="age", level="a", minus="b")
    np.testing.assert_allclose(parts.value, -back.value, atol=1e-12)
    index = lp.decompose_index(sample, "score", "age", level="b", minus="a")
    assert abs(index.value[0] + index.value[1] - index.value[2]) < 1e-12


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(counts, st.integers(0, 40)), min_size=3, max_size=3))
def test_equal_compositions_leave_nothing_to_composition(drawn: list[tuple[int, int]]) -> None:
    ages = [(f"age {number}", yes, min(yes + extra, 60)) for number, (yes, extra) in enumerate(drawn)]
    both = [cell for age, yes, size in ages for cell in (("a", age, yes, 60 - yes), ("b", age, size, 60 - size))]
    parts = lp.decompose_change(survey(*both), "answer", "agree", group="age", level="b", minus="a")
    np.testing.assert_allclose(parts.value[1], 0, atol=1e-12)
    np.testing.assert_allclose(parts.value[0], parts.value[2], atol=1e-12)
