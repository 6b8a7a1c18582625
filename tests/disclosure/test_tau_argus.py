"""Beside Tau-Argus: both find the same small cells, and our auditor attacks what either hides.

It is no oracle of the least loss: it counts respondents where we count cells, asks for narrower intervals, and its
solver may stop at its limit of time. Only tables of made-up people are given to it, in a folder that is removed: it
keeps what it is given.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from lpact_eval.disclosure.auditor import audit
from lpact_eval.disclosure.cells import Cell, ReadCell, adds_up, as_read
from lpact_eval.disclosure.protection import protect

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.cells import Relation

pytauargus = pytest.importorskip("pytauargus", reason="Tau-Argus is not installed: pip install pytauargus")

WIDTH = 10
ALL = "Total"


def people(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(3, 5)), int(rng.integers(3, 5))
    shares = [rng.dirichlet(np.full(size, 2.0)) for size in shape]
    size = int(rng.integers(150, 350))
    chosen = [
        rng.choice([f"{name}{n}" for n in range(len(share))], size, p=share)
        for name, share in zip("rk", shares, strict=True)
    ]
    return pd.DataFrame({"row": chosen[0], "column": chosen[1], "one": 1})


def table(made: pd.DataFrame) -> tuple[list[Cell], list[Relation]]:
    """The same table as cells, each of cost 1."""
    counts = pd.crosstab(made["row"], made["column"], margins=True, margins_name=ALL)
    cells = [Cell(f"{row};{column}", int(counts.loc[row, column])) for row in counts.index for column in counts.columns]
    relations = [adds_up(f"{row};{ALL}", [f"{row};{c}" for c in counts.columns if c != ALL]) for row in counts.index]
    relations += [adds_up(f"{ALL};{c}", [f"{r};{c}" for r in counts.index if r != ALL]) for c in counts.columns]
    return cells, relations


def hidden_by_tau_argus(made: pd.DataFrame, folder: Path) -> set[str]:
    """Names of the cells that are unsafe (U), or hidden on their account (M)."""
    rules, how = f"FREQ({WIDTH},100)", "OPT(1)"
    pytauargus.protect(made, ["row", "column"], "one", safety_rules=rules, suppress=how, workdir=str(folder))
    with (folder / "tab1.tab").open(encoding="utf-8", newline="") as file:
        return {f"{line[0]};{line[1]}" for line in csv.reader(file, delimiter=";") if line[5] in {"U", "M"}}


@pytest.mark.parametrize("seed", range(12))
def test_no_more_is_hidden_than_the_width_asks_for(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both hide the same small cells. Tau-Argus asks for less than a width of ten on most of them.

    Its safety range of 100 % lets a reader tell a count of 2 to within 0 to 4; where its set meets our width too, and
    lets a count be 1 as we ask, ours hides no more cells than it.
    """
    monkeypatch.chdir(tmp_path)  # its solver writes logs to where it is run
    made = people(seed)
    cells, relations = table(made)
    ours, theirs = protect(cells, relations), hidden_by_tau_argus(made, tmp_path)
    small = {cell.name for cell in cells if 0 < cell.value < WIDTH}
    assert small == ours.primary
    assert small <= theirs
    if not small:
        return
    values = {cell.name: cell.value for cell in cells}
    seen = [ReadCell(name, None if name in theirs else value, 1) for name, value in values.items()]
    told = audit(seen, relations).set_index("cell")
    meets = all(
        told.loc[name, "high"] - told.loc[name, "low"] >= WIDTH and told.loc[name, "low"] == 1 for name in small
    )
    assert ours.optimal
    if meets and not any(values[name] == 0 for name in theirs):
        assert len(ours.hidden) <= len(theirs)
    mine = audit(as_read(cells, ours.hidden), relations).set_index("cell")
    assert all(mine.loc[name, "high"] - mine.loc[name, "low"] >= WIDTH for name in small)
