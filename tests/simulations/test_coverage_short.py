"""A short run of the coverage simulation, and the bars that the committed long run meets."""

import importlib.util
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("coverage_simulation", _HERE / "coverage.py")
assert _SPEC is not None
assert _SPEC.loader is not None
simulation = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(simulation)

PAIRS = 40
# Binomial(40, 0.95) falls below 33 with probability 0.0003 and the bias beyond 3.5 Monte-Carlo errors with 0.0005: a
# right implementation fails neither by chance, with these seeds or others. Intervals that cover 80 % would mostly fail.
FEWEST_COVERED = 33
LARGEST_BIAS = 3.5


Table = dict[str, dict[Hashable, Any]]


def by_group(table: pd.DataFrame) -> Table:
    """Rows of a coverage table by ethnic group."""
    return {str(row.pop("ethnicity")): row for row in table.to_dict(orient="records")}


@pytest.fixture(scope="module")
def short() -> Table:
    return by_group(simulation.coverage(PAIRS, first_seed=10_000))


@pytest.fixture(scope="module")
def committed() -> Table:
    return by_group(pd.read_csv(simulation.RESULT))


@pytest.mark.parametrize("group", ["Black", "White"])
def test_intervals_of_the_change_cover_the_truth(short: Table, group: str) -> None:
    row = short[group]
    assert row["refused"] == 0
    assert round(row["coverage"] * PAIRS) >= FEWEST_COVERED


@pytest.mark.parametrize("group", ["Black", "White"])
def test_the_change_is_estimated_without_bias(short: Table, group: str) -> None:
    row = short[group]
    assert abs(row["bias"]) < LARGEST_BIAS * row["bias_mc_error"]


@pytest.mark.parametrize("group", ["Black", "White"])
def test_the_committed_run_of_500_pairs_meets_the_bar(committed: Table, group: str) -> None:
    row = committed[group]
    assert row["pairs"] == 500
    assert row["refused"] == 0
    assert 0.935 <= row["coverage"] <= 0.98


@pytest.mark.parametrize("group", ["Black", "White"])
def test_the_committed_run_was_made_with_todays_truth(committed: Table, group: str) -> None:
    row = committed[group]
    assert row["truth"] == pytest.approx(simulation.truth("conf_overall").change[group], abs=5e-5)
