"""A short run of the simulation of the comparison of areas, and the bars that the committed long run meets."""

import importlib.util
import sys
from pathlib import Path

import pandas as pd
import pytest

from lpact_eval.comparison.area_change import FEWEST_OF_A_KIND

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("area_change_simulation", _HERE / "area_change.py")
assert _SPEC is not None
assert _SPEC.loader is not None
simulation = importlib.util.module_from_spec(_SPEC)
sys.modules["area_change_simulation"] = simulation
_SPEC.loader.exec_module(simulation)


@pytest.fixture(scope="module")
def committed() -> pd.DataFrame:
    return pd.read_csv(simulation.RESULT).set_index(["event_areas", "icc", "units"])


@pytest.mark.parametrize("units", ["area", "area, each against itself"])
@pytest.mark.parametrize("icc", [0.0, 0.02, 0.05])
@pytest.mark.parametrize("exposed", [4, 3, 2])
def test_by_area_false_alarms_are_few(committed: pd.DataFrame, exposed: int, icc: float, units: str) -> None:
    row = committed.loc[(exposed, icc, units)]
    assert row["draws"] >= 1000
    assert row["false_alarms"] <= 0.06
    assert row["false_alarms"] >= (0.02 if exposed > 2 else 0.0)


@pytest.mark.parametrize("exposed", [4, 3, 2])
def test_sites_and_respondents_make_false_alarms_where_whole_areas_move(committed: pd.DataFrame, exposed: int) -> None:
    assert committed.loc[(exposed, 0.05, "respondent")]["false_alarms"] > 0.12
    assert committed.loc[(exposed, 0.05, "site")]["false_alarms"] > 0.07


def test_one_event_area_has_no_interval_worth_printing(committed: pd.DataFrame) -> None:
    assert committed.loc[(1, 0.02, "area")]["false_alarms"] > 0.3
    assert FEWEST_OF_A_KIND == 2


def test_three_event_areas_of_nine_mostly_have_no_p_value(committed: pd.DataFrame) -> None:
    assert committed.loc[(3, 0.02, "area")]["with_p_value"] < 0.5
    assert committed.loc[(4, 0.02, "area")]["with_p_value"] > 0.9


def test_a_short_run_agrees_with_the_long_one(committed: pd.DataFrame) -> None:
    """Binomial(25, .06) exceeds 7 with probability 0.0002."""
    found = simulation.simulated(25, [(4, 0.05)], first_seed=5000).set_index("units")
    assert found.loc["area", "false_alarms"] * 25 <= 7
    long = committed.loc[(4, 0.05, "area")]
    assert found.loc["area", "mean_std_error"] == pytest.approx(long["mean_std_error"], rel=0.25)
