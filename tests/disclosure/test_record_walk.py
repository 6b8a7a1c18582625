"""A walk from table to table finds tables that fit, ways round as cheap as a solver's, and protects as well."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.optimize import linprog

from lpact_eval.disclosure import record_walk
from lpact_eval.disclosure.cells import Cell, Relation
from lpact_eval.disclosure.record_protection import hidden_with_others
from lpact_eval.disclosure.record_walk import Walk
from lpact_eval.disclosure.record_witness import FREE, Pairs, way_round
from lpact_eval.disclosure.relations import systems
from lpact_eval.disclosure.rules import UK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.disclosure.relations import FloatArray, System

SETS = 40


def random_table(seed: int) -> tuple[list[Cell], list[Relation]]:
    """Make counts by two or three groupings with all margins, some of which stand nowhere."""
    source = random.Random(seed)  # noqa: S311 - no secret hangs on it
    sizes = [source.randint(2, 4) for _ in range(source.randint(2, 3))]
    counts = np.array([source.choice([0, 2, 5, 9, 14, 30, 120]) for _ in range(int(np.prod(sizes)))]).reshape(sizes)
    cells: list[Cell] = []
    relations: list[Relation] = []
    for place in np.ndindex(*(size + 1 for size in sizes)):
        whole = [axis for axis, at in enumerate(place) if at == sizes[axis]]
        inside = tuple(slice(None) if axis in whole else at for axis, at in enumerate(place))
        cells.append(
            Cell(
                name_of(place),
                int(counts[inside].sum()),
                cost=1 + 10 * len(whole) + source.random(),
                printing="latent" if source.random() < 0.1 else "open",
                least=0,
            )
        )
        for axis in whole:
            parts = [(*place[:axis], at, *place[axis + 1 :]) for at in range(sizes[axis])]
            terms = ((name_of(place), -1), *((name_of(part), 1) for part in parts))
            relations.append(Relation(terms, 0))
    return cells, relations


def name_of(place: tuple[int, ...]) -> str:
    return "-".join(map(str, place))


def random_systems() -> list[System]:
    return [system for seed in range(SETS) for system in systems(*random_table(seed), UK)]


def fits(system: System, shift: FloatArray) -> bool:
    inside = (shift >= -system.fall).all() and (shift <= system.rise).all()
    return bool(inside and (shift == np.rint(shift)).all() and not (system.matrix @ shift).any())


def room_of(system: System, cell: int) -> tuple[float, float]:
    """Say how far a count may lie below and above the true one, as two linear programs do."""
    bounds = [
        (-fall if hidden else 0, rise if hidden else 0)
        for fall, rise, hidden in zip(system.fall, system.rise, system.hidden, strict=True)
    ]
    aim = np.zeros(system.values.size)
    aim[cell] = 1
    right = np.zeros(system.matrix.shape[0])
    matrix: Any = system.matrix
    ends: list[Any] = [linprog(sign * aim, A_eq=matrix, b_eq=right, bounds=bounds) for sign in (1, -1)]
    return float(ends[0].fun), -float(ends[1].fun)


class Kept(Pairs):
    """Tables that were walked through."""

    def widen(self, shift: FloatArray) -> None:
        super().widen(shift)
        self.tables.append(shift.copy())


def test_every_table_on_a_walk_fits_what_is_shown() -> None:
    walked = 0
    for system in random_systems():
        walk = Walk.of(system)
        assert walk is not None
        kept = Kept.of(system)
        for number in range(system.targets.size):
            walk.protects(number, kept)
        assert all(fits(system, table) and not table[~system.hidden].any() for table in kept.tables)
        walked += len(kept.tables)
    assert walked > SETS


def test_a_count_is_called_protected_only_where_its_bounds_lie_far_enough_apart() -> None:
    answers: list[bool] = []
    for system in random_systems()[::3]:
        walk = Walk.of(system)
        assert walk is not None
        for number, cell in enumerate(system.targets):
            protected = walk.protects(number, Pairs.of(system))
            low, high = room_of(system, int(cell))
            far = high - low >= system.widths[number] - 1e-6 and -low >= system.depths[number] - 1e-6
            assert far or not protected
            answers.append(protected)
    assert {True, False} == set(answers)


def test_a_way_round_fits_and_costs_no_more_than_a_solvers() -> None:
    found = 0
    for system in random_systems():
        walk = Walk.of(system)
        assert walk is not None
        price = np.where(system.hidden, FREE, system.cost)
        for number in range(system.targets.size):
            ours, theirs = walk.way_round(number), way_round(system, number, system.hidden)
            if ours is None:
                continue
            assert theirs is not None
            assert all(fits(system, shift) for shift in ours)
            assert (np.abs(ours[0]) * price).sum() == pytest.approx((np.abs(theirs[0]) * price).sum())
            found += 1
    assert found > SETS


@pytest.mark.parametrize("largest", [0, 2_000_000])
def test_whatever_the_size_each_small_count_is_hidden_and_protected(
    largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_walk, "_LARGEST", largest)
    for seed in range(0, SETS, 2):
        cells, relations = random_table(seed)
        hidden = hidden_with_others(cells, relations, UK)
        assert {cell.name for cell in cells if cell.needs(UK) and cell.printing == "open"} <= hidden
        shown = {cell.name for cell in cells if cell.printing == "open"} - hidden
        for system in systems(cells, relations, UK):
            system.hidden[:] = [name not in shown for name in system.names]
            for number, cell in enumerate(system.targets):
                low, high = room_of(system, int(cell))
                assert high - low >= system.widths[number] - 1e-6 or all(system.hidden)


def test_equations_that_are_many_or_in_twos_are_left_to_the_search() -> None:
    cells = [Cell("a", 4), Cell("b", 6), Cell("c", 10)]
    (two,) = systems(cells, [Relation((("a", 2), ("b", 2), ("c", -2)), 0)], UK)
    assert Walk.of(two) is None
    assert hidden_with_others(cells, [Relation((("a", 2), ("b", 2), ("c", -2)), 0)], UK) >= {"a", "b"}


def test_a_single_equation_protects_itself_only_where_other_counts_may_stand_in_it() -> None:
    source = random.Random(5)  # noqa: S311 - no secret hangs on it
    further = 0
    for _ in range(80):
        parts = [source.choice([1, 3, 6, 8, 11, 25]) for _ in range(source.randint(1, 3))]
        values = [*parts, sum(parts)]
        cells = [
            Cell(str(place), value, cost=1 + place, printing=source.choice(["open", "open", "latent"]), least=0)
            for place, value in enumerate(values)
        ]
        terms = tuple((cell.name, 1 if place < len(parts) else -1) for place, cell in enumerate(cells))
        hidden = hidden_with_others(cells, [Relation(terms, 0)], UK)
        unseen = [cell.name in hidden or cell.printing == "latent" for cell in cells]
        further += sum(unseen) > sum(cell.needs(UK) > 0 or cell.printing == "latent" for cell in cells)
        tables = [table for table in every_table(values, unseen) if sum(table[:-1]) == table[-1]]
        for place, cell in enumerate(cells):
            found = [table[place] for table in tables]
            assert max(found) - min(found) >= cell.needs(UK) or all(unseen)
            assert not cell.needs(UK) or min(found) == 0 or all(unseen)
    assert further


def every_table(values: list[int], unseen: list[bool]) -> Iterator[tuple[int, ...]]:
    """List the tables in which hidden counts take any value."""
    return itertools.product(
        *(range(value + 25) if hidden else [value] for value, hidden in zip(values, unseen, strict=True))
    )
