"""What is hidden, by hand, against every possible set, and by law."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.disclosure.auditor import audit, check_proof, needs, require_protected
from lpact_eval.disclosure.cells import Cell, Relation, adds_up, as_read
from lpact_eval.disclosure.protection import protect
from lpact_eval.disclosure.rules import UK
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

QUICK = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def table(counts: Sequence[Sequence[int]], *, margin: float = 3.0) -> tuple[list[Cell], list[Relation]]:
    """A table with its margins; inner cells cost 1, margins more."""
    rows, columns = range(len(counts)), range(len(counts[0]))
    cells = [Cell(f"c{row}{column}", counts[row][column]) for row in rows for column in columns]
    cells += [Cell(f"r{row}", sum(counts[row]), cost=margin) for row in rows]
    cells += [Cell(f"k{column}", sum(row[column] for row in counts), cost=margin) for column in columns]
    cells.append(Cell("all", sum(map(sum, counts)), cost=3 * margin))
    relations = [adds_up(f"r{row}", [f"c{row}{column}" for column in columns]) for row in rows]
    relations += [adds_up(f"k{column}", [f"c{row}{column}" for row in rows]) for column in columns]
    relations += [adds_up("all", [f"r{row}" for row in rows]), adds_up("all", [f"k{column}" for column in columns])]
    return cells, relations


def is_safe(cells: Sequence[Cell], relations: Sequence[Relation], hidden: Collection[str]) -> bool:
    """Whether the auditor lets a set of hidden cells pass."""
    audited = audit(as_read(cells, hidden), relations, needed=needs(cells, relations))
    return not audited["verdict"].isin(["narrow", "shown"]).any()


def least_of_all(cells: Sequence[Cell], relations: Sequence[Relation]) -> float:
    """The cost of the cheapest of all sets that the auditor lets pass."""
    primary = {cell.name for cell in cells if cell.needs(UK)}
    others = [cell for cell in cells if cell.may_hide() and cell.name not in primary]
    sets = (some for size in range(len(others) + 1) for some in combinations(others, size))
    return next(
        cost
        for cost, names in sorted((sum(cell.cost for cell in some), [cell.name for cell in some]) for some in sets)
        if is_safe(cells, relations, {*primary, *names})
    )


def test_a_release_without_small_counts_hides_nothing() -> None:
    found = protect(*table([[20, 40], [30, 50]]))
    assert (found.hidden, found.cost, found.bound, found.optimal) == (frozenset(), 0.0, 0.0, True)


def test_a_zero_is_no_small_count_and_is_never_hidden() -> None:
    assert protect(*table([[0, 40], [30, 50]])).hidden == frozenset()


def test_two_by_two_has_to_hide_all_four_inner_cells() -> None:
    """A cell alone in its row or column is the difference of the others; the rectangle is the only way round."""
    found = protect(*table([[5, 40], [30, 50]]))
    assert found.primary == {"c00"}
    assert found.secondary == {"c01", "c10", "c11"}
    assert found.cost == found.bound == 3.0


def test_three_by_three_hides_a_rectangle_with_room_to_move() -> None:
    """5 is to reach 1 and 11 or more: four down and six up at least.

    c01, c10 are 40, 30; the rectangle by c11 = 2 would let c00 fall by 1 only (c11 can't go below 1 when c00 falls
    with c11), so it runs by c12 or c21 or c22, which are large. Three more cells are the least: one in the row, one in
    the column, one where these cross.
    """
    cells, relations = table([[5, 40, 20], [30, 12, 20], [20, 30, 60]])
    found = protect(cells, relations)
    assert len(found.secondary) == 3
    assert found.cost == found.bound == least_of_all(*table([[5, 40, 20], [30, 12, 20], [20, 30, 60]]))


def test_two_small_counts_in_a_total_of_eleven_are_not_enough() -> None:
    """With 4 + 7 = 11 hidden, and neither 0, each lies from 1 to 10: a width of 9, one short of 10."""
    cells = [Cell("a", 4), Cell("b", 7), Cell("c", 40), Cell("d", 60), Cell("all", 111, cost=9)]
    relations = [adds_up("all", "abcd")]
    assert protect(cells, relations).secondary == {"c"} or protect(cells, relations).secondary == {"d"}
    assert not is_safe(cells, relations, {"a", "b"})


def test_two_small_counts_in_a_total_of_twelve_are_enough() -> None:
    """With 4 + 8 = 12 each lies from 1 to 11: a width of 10."""
    cells = [Cell("a", 4), Cell("b", 8), Cell("c", 40), Cell("all", 52, cost=9)]
    assert protect(cells, [adds_up("all", "abc")]).secondary == frozenset()


def test_a_total_is_hidden_where_nothing_else_can_be() -> None:
    """5 + 0 + 0 = 5: zeros stay, so the total, small itself, goes; nothing bounds either from above."""
    cells = [Cell("a", 5), Cell("b", 0), Cell("c", 0), Cell("all", 5), Cell("others", 80), Cell("everyone", 85)]
    relations = [adds_up("all", "abc"), adds_up("everyone", ["all", "others"])]
    found = protect(cells, relations)
    assert found.primary == {"a", "all"}
    assert len(found.secondary) == 1
    assert not found.unprotected


def test_the_base_of_a_change_gives_nothing_away() -> None:
    """6 in the first wave and 30 in the second: of 36, 30 and 6 two at least are hidden."""
    cells = [Cell("first", 6), Cell("second", 30), Cell("change", 36)]
    found = protect(cells, [adds_up("change", ["first", "second"])])
    assert found.primary == {"first"}
    assert len(found.secondary) == 1


def test_an_overlapping_group_gives_nothing_away() -> None:
    """Black is 30 + 8 + 20, Black heritage 30 + 8 + 20 + 15 + 12: each without the other leaves 8 to be worked out."""
    cells = [
        *(Cell("African", 30), Cell("Caribbean", 20), Cell("Other Black", 8), Cell("Mixed 1", 15), Cell("Mixed 2", 12)),
        *(Cell("Black", 58, cost=5), Cell("Black heritage", 85, cost=5)),
    ]
    black, mixed = ["African", "Caribbean", "Other Black"], ["Mixed 1", "Mixed 2"]
    relations = [adds_up("Black", black), adds_up("Black heritage", [*black, *mixed])]
    found = protect(cells, relations)
    assert found.secondary in ({"African"}, {"Caribbean"})
    assert not is_safe(cells, relations, {"Other Black", "Black"})


def test_a_later_release_hides_where_few_have_come_since() -> None:
    """50 were shown, and 53 answer now: shown, they would say that three are new."""
    cells = [
        *(Cell("earlier", 50, printing="known"), Cell("now", 53), Cell("since", 3, printing="latent")),
        *(Cell("women", 30), Cell("men", 23)),
    ]
    relations = [adds_up("now", ["earlier", "since"]), adds_up("now", ["women", "men"])]
    found = protect(cells, relations)
    assert found.primary == frozenset()
    assert "now" in found.secondary
    assert len(found.secondary) == 2


def test_what_an_earlier_release_gave_away_is_said() -> None:
    cells = [Cell("all", 50, printing="known"), Cell("women", 45, printing="known"), Cell("men", 5)]
    found = protect(cells, [adds_up("all", ["women", "men"])])
    assert found.unprotected == {"men"}
    assert found.hidden == {"men"}


def test_a_small_count_that_was_shown_before_is_named() -> None:
    assert protect([Cell("men", 5, printing="known")], []).exposed == {"men"}


def test_no_one_of_a_small_group_is_hidden_with_its_complement() -> None:
    """None of 20 agreed: 0 agree and 20 do not. Both are hidden, so that 0 to 20 remain."""
    cells = [Cell("agree", 0, sensitive=True, least=0), Cell("others", 20, least=0), Cell("base", 20, cost=5)]
    relations = [adds_up("base", ["agree", "others"])]
    found = protect(cells, relations)
    assert found.hidden == {"agree", "others"}
    audited = audit(as_read(cells, found.hidden), relations, needed=needs(cells, relations)).set_index("cell")
    assert tuple(audited.loc["agree", ["low", "high"]]) == (0.0, 20.0)


def test_a_cell_of_its_own_width_gets_it() -> None:
    """14 + 30 = 44 with 25 asked for: 14 lies from 1 to 43."""
    cells = [Cell("dominated", 14, sensitive=True, width=25), Cell("b", 30), Cell("c", 5000), Cell("all", 5044, cost=9)]
    assert len(protect(cells, [adds_up("all", ["dominated", "b", "c"])]).secondary) == 1
    cells[0] = replace(cells[0], width=60)
    assert protect(cells, [adds_up("all", ["dominated", "b", "c"])]).secondary == {"c"}


@pytest.mark.parametrize(
    "counts",
    [
        [[5, 40, 20], [30, 7, 20]],
        [[3, 14, 20], [9, 12, 11]],
        [[5, 4, 20], [30, 70, 20]],
        [[1, 1, 60], [1, 1, 60]],
        [[2, 11, 12], [10, 3, 11]],
    ],
)
def test_the_cost_is_the_least_of_all_sets(counts: list[list[int]]) -> None:
    cells, relations = table(counts)
    found = protect(cells, relations)
    assert found.cost == pytest.approx(least_of_all(cells, relations))
    assert found.optimal


def test_the_cost_follows_what_readers_lose() -> None:
    cells, relations = table([[5, 40, 20], [30, 50, 20], [20, 30, 60]])
    dear = [replace(cell, cost=50.0) if cell.name in {"c10", "c01"} else cell for cell in cells]
    assert {"c10", "c01"}.isdisjoint(protect(dear, relations).hidden)


@pytest.mark.parametrize(
    ("cells", "relations", "message"),
    [
        ([Cell("a", 5), Cell("a", 6)], [], r"come twice: \['a'\]"),
        ([Cell("a", -1)], [], "count must be 0 or above"),
        ([Cell("a", 1, cost=0)], [], "cost above 0"),
        ([Cell("a", 7, most=6)], [], "between its least and its most"),
        ([Cell("a", 0, sensitive=True)], [], "Give it `least=0`"),
        ([Cell("a", 5)], [adds_up("b", ["a"])], r"cells \['b'\], which are not among"),
        ([Cell("a", 5), Cell("b", 6)], [adds_up("b", ["a"])], "does not hold. Add a latent cell"),
    ],
)
def test_what_cannot_be_protected_is_refused(cells: list[Cell], relations: list[Relation], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        protect(cells, relations)


def test_a_refusal_names_no_count() -> None:
    with pytest.raises(WrongUseError) as refused:
        protect([Cell("a", 7341), Cell("b", 7342)], [adds_up("b", ["a"])])
    assert "734" not in str(refused.value)


counts_2d = st.integers(2, 3).flatmap(
    lambda columns: st.lists(st.lists(st.integers(0, 40), min_size=columns, max_size=columns), min_size=2, max_size=3)
)


@QUICK
@given(counts_2d, st.randoms(use_true_random=False))
def test_the_order_of_cells_and_relations_does_not_matter(counts: list[list[int]], random: object) -> None:
    cells, relations = table(counts)
    first = protect(cells, relations)
    random.shuffle(cells)  # type: ignore[attr-defined]
    turned = [Relation(tuple((name, -times) for name, times in reversed(one.terms))) for one in reversed(relations)]
    again = protect(cells, turned)
    assert (first.hidden, first.cost) == (again.hidden, again.cost)


@QUICK
@given(counts_2d, st.data())
def test_other_costs_never_break_the_protection(counts: list[list[int]], data: st.DataObject) -> None:
    cells, relations = table(counts)
    costs = data.draw(st.lists(st.floats(0.1, 100.0), min_size=len(cells), max_size=len(cells)))
    dear = [replace(cell, cost=cost) for cell, cost in zip(cells, costs, strict=True)]
    found = protect(dear, relations)
    needed = {name: need for name, need in needs(dear, relations).items() if name not in found.unprotected}
    require_protected(audit(as_read(dear, found.hidden), relations, needed=needed))
    check_proof(found, dear, relations, needed)


@QUICK
@given(counts_2d, st.data())
def test_hiding_more_undoes_nothing(counts: list[list[int]], data: st.DataObject) -> None:
    cells, relations = table(counts)
    found = protect(cells, relations)
    others = sorted(cell.name for cell in cells if cell.may_hide() and cell.name not in found.hidden)
    more = data.draw(st.sets(st.sampled_from(others))) if others else set[str]()
    if not found.unprotected:
        assert is_safe(cells, relations, found.hidden | more)


@QUICK
@given(counts_2d)
def test_nothing_is_hidden_without_a_small_count(counts: list[list[int]]) -> None:
    cells, relations = table([[count + 10 if count else 0 for count in row] for row in counts])
    assert not protect(cells, relations).hidden


@QUICK
@given(counts_2d)
def test_every_sensitive_cell_is_hidden_and_the_bound_is_below_the_cost(counts: list[list[int]]) -> None:
    cells, relations = table(counts)
    found = protect(cells, relations)
    assert found.primary == {cell.name for cell in cells if 0 < cell.value < 10}
    assert found.bound <= found.cost + 1e-6
    assert found.cost == pytest.approx(sum(cell.cost for cell in cells if cell.name in found.secondary))
