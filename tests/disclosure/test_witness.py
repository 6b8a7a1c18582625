"""Tables found without a solver: every one of them must fit, and lie far enough apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from lpact_eval.disclosure.auditor import audit
from lpact_eval.disclosure.cells import Cell, adds_up, as_read
from lpact_eval.disclosure.witness import unproved, ways_round

if TYPE_CHECKING:
    from lpact_eval.disclosure.cells import Relation

WIDTH = 10


def table(counts: list[list[int]]) -> tuple[list[Cell], list[Relation]]:
    """A table with its margins."""
    inner = {f"c{row}{column}": count for row, line in enumerate(counts) for column, count in enumerate(line)}
    lines = {f"r{row}": [name for name in inner if name[1] == str(row)] for row in range(len(counts))}
    lines |= {f"k{column}": [name for name in inner if name[2] == str(column)] for column in range(len(counts[0]))}
    lines["all"] = list(inner)
    cells = [Cell(name, count) for name, count in inner.items()]
    cells += [Cell(name, sum(inner[part] for part in parts), cost=3) for name, parts in lines.items()]
    return cells, [adds_up(name, parts) for name, parts in lines.items()]


def test_a_rectangle_of_hidden_cells_is_proved_and_a_line_is_not() -> None:
    cells, relations = table([[5, 40, 20], [30, 35, 20]])
    assert unproved(cells, relations, {"c00", "c01", "c10", "c11"}, {"c00": WIDTH}) == set()
    assert unproved(cells, relations, {"c00", "c01"}, {"c00": WIDTH}) == {"c00"}


def test_a_count_that_cannot_be_as_low_as_a_reader_thinks_is_not_proved() -> None:
    """5 may be from 3 on, as its partner is 8 at the most."""
    cells = [Cell("a", 5), Cell("b", 6, most=8), Cell("all", 11)]
    assert unproved(cells, [adds_up("all", "ab")], {"a", "b"}, {"a": WIDTH}) == {"a"}


def test_a_large_count_need_not_move_where_it_is_known_to_be_large() -> None:
    cells = [Cell("a", 50), Cell("all", 50)]
    assert unproved(cells, [adds_up("all", "a")], {"a"}, {"a": WIDTH}) == set()


def test_several_cells_make_up_for_one() -> None:
    """9 falls by 8; no partner has room for 8, both together have."""
    cells = [Cell("a", 9), Cell("b", 20, most=25), Cell("c", 20, most=24), Cell("all", 49)]
    assert unproved(cells, [adds_up("all", "abc")], {"a", "b", "c"}, {"a": WIDTH}) == set()


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_proved_or_mended_the_auditor_finds_protected(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 40, (3, 4)).tolist()
    cells, relations = table(counts)
    small = {cell.name: WIDTH for cell in cells if 0 < cell.value < WIDTH}
    hidden = set(small)
    more = ways_round(cells, relations, hidden, small)
    if more is None:
        pytest.skip("few cells are not enough here: the solver would be asked")
    hidden |= more
    left = unproved(cells, relations, hidden, small)
    found = audit(as_read(cells, hidden), relations).set_index("cell")
    for name in small.keys() - left:
        low, high = float(found.loc[name, "low"]), float(found.loc[name, "high"])
        assert high - low >= WIDTH
        assert low == 1
