"""A short run of the simulation of doubly robust differences, and the bars that the committed long run meets."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("doubly_robust_simulation", _HERE / "doubly_robust.py")
assert _SPEC is not None
assert _SPEC.loader is not None
simulation = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(simulation)

SURVEYS = 30
# Binomial(30, 0.95) falls below 24 with probability 0.0006 and the bias beyond 3.5 Monte-Carlo errors with 0.0005: a
# right implementation fails neither by chance, with these seeds or others.
FEWEST_COVERED = 24
LARGEST_BIAS = 3.5


@pytest.fixture(scope="module")
def committed() -> pd.DataFrame:
    return pd.read_csv(simulation.RESULT)


@pytest.mark.parametrize("number", [0, 3])
def test_intervals_cover_the_truth_without_bias(number: int) -> None:
    row = simulation.simulate(SURVEYS, [simulation.SETTINGS[number]], first_seed=77).iloc[0]
    assert row["refused"] <= 2
    assert row["coverage"] * (SURVEYS - row["refused"]) >= FEWEST_COVERED
    assert abs(row["bias"]) < LARGEST_BIAS * row["bias_mc_error"]


def test_the_committed_run_has_every_setting(committed: pd.DataFrame) -> None:
    assert list(committed["setting"]) == [setting.name for setting in simulation.SETTINGS]
    assert (committed["surveys"] == simulation.SURVEYS).all()


def test_intervals_of_the_committed_run_cover_94_to_98_per_cent(committed: pd.DataFrame) -> None:
    slack = 2 * committed["coverage_mc_error"]
    assert (committed["coverage"] + slack >= 0.94).all()
    assert (committed["coverage"] - slack <= 0.98).all()
    assert abs(committed["coverage"].mean() - 0.96) < 0.015


def test_false_alarms_of_the_committed_run_are_6_per_cent_at_most(committed: pd.DataFrame) -> None:
    null = committed.dropna(subset="false_alarms")
    assert len(null) == 3
    assert (null["false_alarms"] <= 0.06 + 2 * null["coverage_mc_error"]).all()


def test_the_committed_run_is_unbiased_where_the_raw_difference_is_not(committed: pd.DataFrame) -> None:
    assert (committed["bias"].abs() < 3 * committed["bias_mc_error"]).all()
    assert (committed["raw_bias"] > 0.04).all()


def test_standard_errors_of_the_committed_run_are_as_large_as_the_spread_of_the_estimates(
    committed: pd.DataFrame,
) -> None:
    ratio = committed["rms_std_error"] / committed["standard_deviation"]
    assert ratio.between(0.92, 1.15).all()
