"""Respondents by combination of answers, counted afresh by Python's own means."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from lpact_eval.weighting.cells import Cells, Coded, tabulate


def _columns(sizes: tuple[int, ...], n: int) -> dict[str, Coded]:
    """Answers of which some are missing, in the integers that pandas takes; the extremes are always there."""
    rng = np.random.default_rng(4)
    columns: dict[str, Coded] = {}
    for place, size in enumerate(sizes):
        codes = rng.integers(-1, size, n)
        codes[:2] = -1, size - 1
        kind = np.int8 if size <= np.iinfo(np.int8).max else np.int16
        columns[f"v{place}"] = Coded(codes.astype(kind), tuple(map(str, range(size))))
    return columns


def _answers(columns: dict[str, Coded]) -> list[tuple[int, ...]]:
    """Codes of each respondent."""
    return list(zip(*(column.codes.tolist() for column in columns.values()), strict=True))


def _in_cells(cells: Cells) -> list[tuple[int, ...]]:
    """Codes of each respondent as their cell has them."""
    return list(zip(*(level[cells.cell].tolist() for level in cells.level.values()), strict=True))


@pytest.mark.parametrize("n", [3, 40, 9_000])
@pytest.mark.parametrize("sizes", [(1,), (126,), (127,), (128,), (127, 2), (300, 100), (90, 90, 9)])
@pytest.mark.parametrize("before", [(), (0,), (0, 0), (2, 2)])
def test_a_cell_has_the_answers_of_its_respondents(before: tuple[int, ...], sizes: tuple[int, ...], n: int) -> None:
    columns = _columns((*before, *sizes), n)
    cells = tabulate(columns, np.ones(n), "rake")
    assert _in_cells(cells) == _answers(columns)
    assert len(set(_answers(columns))) == len(set(cells.cell.tolist())) == cells.present.size
    assert cells.cell.min() > 0
    assert set(cells.cell.tolist()) == set(cells.present.tolist())


@pytest.mark.parametrize("n", [40, 9_000])
@pytest.mark.parametrize("weights", [(3.0,), (1.0, 2.0, 0.5), (0.0, 1.5), (2.0, 4.0, 2.0)])
@pytest.mark.parametrize("sizes", [(4, 3), (30, 40, 9)])
def test_weights_are_added_up_by_cell(sizes: tuple[int, ...], weights: tuple[float, ...], n: int) -> None:
    weight = np.resize(np.array(weights), n)
    cells = tabulate(_columns(sizes, n), weight, "rake")
    summed: Counter[int] = Counter()
    for cell, own in zip(cells.cell.tolist(), weight.tolist(), strict=True):
        summed[cell] += own
    np.testing.assert_array_equal(cells.mass, [summed[cell] for cell in range(cells.mass.size)])
    assert cells.even == (len(weights) == 1)


def test_nobody_is_in_the_first_cell() -> None:
    cells = tabulate(_columns((4, 3), 9_000), np.ones(9_000), "rake")
    assert cells.mass[0] == cells.respondents()[0] == 0
    assert {int(level[0]) for level in cells.level.values()} == {-1}


def test_levels_that_samples_share_cannot_be_written_to() -> None:
    cells = tabulate(_columns((4, 3), 9_000), np.ones(9_000), "rake")
    with pytest.raises(ValueError, match="read-only"):
        cells.level["v0"][1] = 2
