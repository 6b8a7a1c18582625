"""Themes raised together: Fisher's test equals R's; Jaccard and lift by hand; pairs on few units are left out."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lpact_eval.evidence.cooccurrence import cooccurrence_rows, fisher, pairs_of
from lpact_eval.evidence.record_schema import Theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.evidence.records import Evidence

    Build = Callable[..., Evidence]

ORACLE = Path(__file__).parents[1] / "oracles" / "themes"
RTOL = 1e-8  # logarithms of factorials on both sides
THEMES = {key: Theme(key, key.capitalize(), "respect") for key in ("stops", "manner", "knives")}


def expected(case: str) -> list[dict[str, str]]:
    with (ORACLE / "pairs.csv").open(encoding="utf-8", newline="") as file:
        next(file)
        return [row for row in csv.DictReader(file) if row["case"] == case]


@pytest.mark.parametrize("case", ["many", "some", "few", "alike"])
def test_pairs_equal_r(case: str) -> None:
    data = pd.read_csv(ORACLE / "data.csv", comment="#").query("case == @case")
    found = pairs_of(data[[f"t{place}" for place in range(1, 7)]].to_numpy() == 1)
    rows = expected(case)
    names = [(f"t{one + 1}", f"t{two + 1}") for one, two in zip(found.first, found.second, strict=True)]
    assert names == [(row["first"], row["second"]) for row in rows]
    got = {
        "both": found.both,
        "either": found.either,
        "jaccard": found.both / found.either,
        "lift": found.lift,
        "p": found.p_value,
        "adjusted": found.adjusted,
    }
    for name, values in got.items():
        np.testing.assert_allclose(values, [float(row[name]) for row in rows], rtol=RTOL, err_msg=name)


def test_the_lady_who_tastes_tea() -> None:
    """Fisher's own: 8 cups, 4 with milk first, 3 of them told: (16 + 1) / 70 each way, so 34 / 70 two-sided."""
    found = fisher(np.array([3.0]), np.array([4.0]), np.array([4.0]), 8)
    assert found.tolist() == pytest.approx([34 / 70], rel=1e-12)


@given(st.integers(1, 400), st.data())
def test_p_values_equal_scipy(n: int, data: st.DataObject) -> None:
    from scipy.stats import fisher_exact  # noqa: PLC0415 - slow to import

    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, n))
    both = data.draw(st.integers(max(0, a + b - n), min(a, b)))
    found = fisher(np.array([float(both)]), np.array([float(a)]), np.array([float(b)]), n)[0]
    table = [[both, a - both], [b - both, n - a - b + both]]
    assert found == pytest.approx(fisher_exact(table).pvalue, rel=1e-6, abs=1e-12)


@given(arrays.arrays(bool, st.tuples(st.integers(5, 40), st.integers(2, 5))))
def test_a_pair_is_the_same_from_either_side(table: np.ndarray) -> None:
    one, other = pairs_of(table), pairs_of(table[::-1, ::-1])
    last = table.shape[1] - 1
    mirrored = {
        (last - second, last - first): row
        for row, (first, second) in enumerate(zip(other.first, other.second, strict=True))
    }
    for row, pair in enumerate(zip(one.first, one.second, strict=True)):
        there = mirrored[pair]
        assert one.both[row] == other.both[there]
        assert one.adjusted[row] == pytest.approx(other.adjusted[there], rel=1e-9)


def evidence_of(small_evidence: Build, counts: tuple[int, int, int, int]) -> Evidence:
    """Forms with both themes, the first only, the second only, neither; knives on four of them."""
    sets = [("stops", "manner"), ("stops",), ("manner",), ()]
    said = [themes for themes, times in zip(sets, counts, strict=True) for _ in range(times)]
    feedback = [
        {
            "item": f"I{place}",
            "event": "A",
            "kind": "form",
            "person": str(place),
            "coder_1": (*themes, "knives")[: 9 if place < 4 else len(themes)],
        }
        for place, themes in enumerate(said)
    ]
    return small_evidence(themes=THEMES, register=[{"event": "A", "date": "2023-01-01"}], feedback=feedback)


def test_counts_and_ratios_by_hand(small_evidence: Build) -> None:
    """20 forms: both 8, either 12, Jaccard 8/12, lift .4 / (.5 x .5); a theme on four forms has no pairs."""
    rows = cooccurrence_rows(evidence_of(small_evidence, (8, 2, 2, 8)))
    assert set(rows["group"]) | set(rows["group2"]) == {"Stops", "Manner"}
    values = dict(zip(rows["measure"], rows["value"], strict=True))
    assert values["raised together: forms"] == 8
    assert values["raised together, of those that raise either: forms"] == pytest.approx(8 / 12)
    assert values["lift of being raised together: forms"] == pytest.approx(1.6)
    assert values["adjusted p value of being raised together: forms"] == pytest.approx(2 * (2025 + 100 + 1) / 184756)
    assert all(flags.startswith("clear: together more often than by chance") for flags in rows["flags"])
    assert all("no share may be told" in flags for flags in rows["flags"])


def test_what_excludes_itself_is_clear_the_other_way(small_evidence: Build) -> None:
    rows = cooccurrence_rows(evidence_of(small_evidence, (0, 10, 10, 0)))
    assert rows["flags"].iloc[0].startswith("clear: together less often than by chance")


def test_chance_is_not_clear(small_evidence: Build) -> None:
    rows = cooccurrence_rows(evidence_of(small_evidence, (5, 5, 5, 5)))
    assert "clear" not in rows["flags"].iloc[0]


def test_records_without_feedback_have_no_pairs(small_evidence: Build) -> None:
    assert cooccurrence_rows(small_evidence(themes=THEMES, register=[{"event": "A", "date": "2023-01-01"}])).empty
