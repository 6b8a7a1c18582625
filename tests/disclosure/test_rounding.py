"""Rounding: tables add up, counts move less than a base, and what readers can still work out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpact_eval.disclosure.auditor import audit, require_protected
from lpact_eval.disclosure.cells import Cell, Relation, adds_up
from lpact_eval.disclosure.rounding import as_read_rounded, round_counts
from lpact_eval.errors import WrongUseError

TOTAL = [adds_up("all", ["a", "b", "c"])]


def groups(*counts: int) -> list[Cell]:
    """Groups and their total."""
    cells = [Cell(name, count) for name, count in zip("abc", counts, strict=False)]
    return [*cells, Cell("all", sum(counts))]


def table(counts: list[list[int]]) -> tuple[list[Cell], list[Relation]]:
    """A table with its margins."""
    inner = {f"c{row}{column}": count for row, line in enumerate(counts) for column, count in enumerate(line)}
    lines = {f"r{row}": [name for name in inner if name[1] == str(row)] for row in range(len(counts))}
    lines |= {f"k{column}": [name for name in inner if name[2] == str(column)] for column in range(len(counts[0]))}
    lines["all"] = list(inner)
    cells = [Cell(name, count) for name, count in inner.items()]
    cells += [Cell(name, sum(inner[part] for part in parts)) for name, parts in lines.items()]
    return cells, [adds_up(name, parts) for name, parts in lines.items()]


def test_multiples_stay_as_they_are() -> None:
    rounded = round_counts(groups(5, 10, 20), TOTAL, seed=1)
    assert rounded.counts == {"a": 5, "b": 10, "c": 20, "all": 35}


def test_three_thirds_of_a_base_add_up() -> None:
    """2 + 2 + 1 = 5: the total is a multiple and stays, so that exactly one of the three goes up."""
    rounded = round_counts(groups(2, 2, 1), TOTAL, seed=1)
    assert sorted(rounded.counts[name] for name in "abc") == [0, 0, 5]
    assert rounded.counts["all"] == 5
    assert not rounded.broken


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=2, max_size=4),
    st.sampled_from([3, 5, 10]),
    st.integers(0, 5),
)
def test_a_table_of_two_dimensions_always_adds_up(counts: list[list[int]], base: int, seed: int) -> None:
    """Cox (1987): a rounding to neighbouring multiples that adds up exists for every two-dimensional table."""
    cells, relations = table(counts)
    rounded = round_counts(cells, relations, base=base, seed=seed)
    assert not rounded.broken
    for cell in cells:
        assert rounded.counts[cell.name] % base == 0
        assert abs(rounded.counts[cell.name] - cell.value) < base
    for one in relations:
        assert sum(rounded.counts[name] * times for name, times in one.terms) == 0


def test_the_order_does_not_matter_and_the_seed_does() -> None:
    cells, relations = table([[7, 12, 33], [8, 21, 4], [16, 2, 9]])
    first = round_counts(cells, relations, seed=4).counts
    assert round_counts(cells[::-1], relations[::-1], seed=4).counts == first
    assert any(round_counts(cells, relations, seed=seed).counts != first for seed in range(5, 9))


def test_a_count_is_rounded_the_same_way_in_every_release() -> None:
    cells = groups(7, 12, 33)
    alone = {seed: round_counts([cells[0]], [], seed=seed).counts["a"] for seed in range(40)}
    assert alone == {seed: round_counts(cells[:2], [], seed=seed).counts["a"] for seed in range(40)}
    assert set(alone.values()) == {5, 10}


def test_a_rounded_count_is_right_on_average() -> None:
    """7 goes to 10 with probability 2/5; 2,000 draws have a standard error of .055."""
    drawn = [round_counts([Cell("a", 7)], [], seed=seed).counts["a"] for seed in range(2000)]
    assert np.mean(drawn) == pytest.approx(7, abs=0.25)


def test_a_relation_that_cannot_be_met_is_named() -> None:
    """The total was published as 52, which is no multiple of 5."""
    cells = [Cell("a", 7), Cell("b", 45), Cell("all", 52, printing="known")]
    relations = [adds_up("all", ["a", "b"])]
    rounded = round_counts(cells, relations, seed=1)
    assert rounded.broken == tuple(relations)
    assert "all" not in rounded.counts


def test_the_auditor_finds_what_a_known_total_gives_away() -> None:
    """45 stays 45, which may be 41 to 49; with 52 known, the 7 is 3 to 9, shown as 5 or 10."""
    cells = [Cell("a", 7), Cell("b", 45), Cell("all", 52, printing="known")]
    relations = [adds_up("all", ["a", "b"])]
    rounded = round_counts(cells, relations, seed=1)
    found = audit(as_read_rounded(cells, rounded), relations, needed=rounded.needed).set_index("cell")
    low, high = max(3, rounded.counts["a"] - 4), min(11, rounded.counts["a"] + 4)
    assert tuple(found.loc["a", ["low", "high"]]) == (low, high)


def test_rounded_tables_keep_small_counts_within_a_base() -> None:
    cells, relations = table([[7, 12, 33], [8, 21, 4], [16, 2, 9]])
    rounded = round_counts(cells, relations, seed=2)
    require_protected(audit(as_read_rounded(cells, rounded), relations, needed=rounded.needed))
    assert set(rounded.needed) == {"c00", "c10", "c12", "c21", "c22"}


def test_a_base_of_one_is_refused() -> None:
    with pytest.raises(WrongUseError, match="multiples of 1: give a base of 2 or more"):
        round_counts(groups(1, 2, 3), TOTAL, base=1, seed=1)
