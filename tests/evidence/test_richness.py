"""Theme richness equals R's: Chao2, coverage, rarefaction; with few events there is the table only."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import lpact_eval as lp

if TYPE_CHECKING:
    from random import Random

ORACLE = Path(__file__).parents[1] / "oracles" / "richness"
RTOL = 1e-10  # closed formulas on both sides


class Reference(NamedTuple):
    case: str
    quantity: str
    value: float


def references() -> list[Reference]:
    with (ORACLE / "expected.csv").open(encoding="utf-8", newline="") as file:
        next(file)
        return [Reference(row["case"], row["quantity"], float(row["value"])) for row in csv.DictReader(file)]


def incidence(case: str) -> pd.DataFrame:
    data = pd.read_csv(ORACLE / "data.csv", comment="#")
    return data[data["case"] == case].pivot_table(index="theme", columns="event", values="raised", aggfunc="sum")


def quantities(found: lp.Richness) -> dict[str, float]:
    themes, coverage = found.to_frame().to_dict("records")
    curves = {
        f"{name} {place}": value
        for name in ("expected", "found")
        for place, value in enumerate(found.events[name], start=1)
    }
    names = ("std_error", "conf_low", "conf_high")
    return {
        "themes": themes["estimate"],
        "coverage": coverage["estimate"],
        **{name: themes[name] for name in names},
        **curves,
    }


@pytest.mark.parametrize("case", sorted({row.case for row in references()}))
def test_richness_equals_r(case: str) -> None:
    expected = {row.quantity: row.value for row in references() if row.case == case}
    got = quantities(lp.theme_richness(incidence(case)))
    assert got.keys() == expected.keys()
    np.testing.assert_allclose([got[name] for name in expected], list(expected.values()), rtol=RTOL)


TABLES = st.tuples(st.integers(1, 8), st.integers(4, 12)).flatmap(lambda shape: arrays.arrays(bool, shape))


@given(TABLES, st.randoms())
def test_order_of_events_moves_only_the_order_of_discovery(table: np.ndarray, chance: Random) -> None:
    places = list(range(table.shape[1]))
    chance.shuffle(places)
    one, moved = (lp.theme_richness(pd.DataFrame(cells)) for cells in (table, table[::-1, places]))
    pd.testing.assert_frame_equal(one.to_frame(), moved.to_frame())
    np.testing.assert_allclose(moved.events["expected"], one.events["expected"], rtol=RTOL)


@given(TABLES)
def test_counts_add_up(table: np.ndarray) -> None:
    found = lp.theme_richness(pd.DataFrame(table))
    assert found.events["new"].sum() == found.observed == found.events["found"].iloc[-1]
    np.testing.assert_allclose(found.events["expected"].iloc[-1], found.observed, atol=1e-9)
    np.testing.assert_allclose(found.events["expected"].iloc[0], table.sum() / table.shape[1], atol=1e-9)
    if not found.refused:
        assert found.themes >= found.observed
        assert 0 <= found.coverage <= 1


def test_themes_raised_at_every_event_are_all_there_are() -> None:
    found = lp.theme_richness(pd.DataFrame(np.ones((3, 5), dtype=int)))
    assert (found.themes, found.coverage, found.refused) == (3.0, 1.0, "")
    assert found.to_frame()[["std_error", "conf_low", "conf_high"]].isna().all(axis=None)


def test_chao2_and_coverage_by_hand() -> None:
    """Four events; two themes at one event, one at two, one at three: Q1 = 2, Q2 = 1, U = 7.

    Chao2 4 + 3/4 x 2 x 1 / (2 x 2) = 4.375; coverage 1 - 2/7 x (3 x 2) / (3 x 2 + 2).
    """
    table = pd.DataFrame([[1, 0, 0, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 1, 1, 1]])
    found = lp.theme_richness(table)
    np.testing.assert_allclose([found.themes, found.coverage], [4.375, 1 - 2 / 7 * 6 / 8], rtol=RTOL)
    assert (found.once, found.twice) == (2, 1)
    assert found.events["new"].tolist() == [2, 1, 0, 1]


def test_with_fewer_than_four_events_there_is_the_table_only() -> None:
    found = lp.theme_richness(pd.DataFrame([[1, 0, 1], [0, 0, 1]], columns=["July", "May", "June"]))
    frame = found.to_frame()
    assert frame["refused"].str.contains("fewer than 4 events").all()
    assert frame[["estimate", "conf_low"]].isna().all(axis=None)
    assert found.events["event"].tolist() == ["July", "May", "June"]
    assert found.events["found"].tolist() == [1, 1, 2]


@pytest.mark.parametrize("table", [np.zeros((2, 5)), np.zeros((0, 5))])
def test_without_a_theme_there_is_no_estimate(table: np.ndarray) -> None:
    found = lp.theme_richness(pd.DataFrame(table))
    assert found.refused == "no theme was raised"
    np.testing.assert_allclose(found.events["expected"], 0, atol=1e-12)


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (pd.DataFrame(), "a column for each event"),
        ([[1, 0]], "a column for each event"),
        (pd.DataFrame([[1, 2], [None, 0]]), "2 cells are neither yes nor no"),
    ],
)
def test_richness_refuses(raised: object, message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.theme_richness(raised)


def test_richness_refuses_levels_outside() -> None:
    with pytest.raises(lp.LpactError, match="levels lie between 0 and 1"):
        lp.theme_richness(pd.DataFrame([[1, 0]])).to_frame(level=1)
