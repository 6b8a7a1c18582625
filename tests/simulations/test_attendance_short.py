"""A short run of the attendance simulation, and the bars that the committed long run meets."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("attendance_simulation", _HERE / "attendance.py")
assert _SPEC is not None
assert _SPEC.loader is not None
simulation = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(simulation)

DRAWS = 60
# Binomial(60, 0.95) falls below 50 with probability 0.0005; intervals that cover 80 % would mostly fail.
FEWEST_COVERED = 50
METHODS = ("regression", "overlap weights")


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    return pd.read_csv(simulation.SMALL)


@pytest.fixture(scope="module")
def demo() -> pd.DataFrame:
    table = pd.read_csv(simulation.DEMO)
    return table[table["effect"] == "everybody"].set_index(["method", "ethnicity"])


def test_intervals_of_a_short_run_cover_the_truth_and_the_estimates_are_not_biased() -> None:
    made = simulation.small_samples(DRAWS, [(78, 30, 0.10)]).set_index("method")
    for method in METHODS:
        assert round(made.loc[method, "coverage"] * DRAWS) >= FEWEST_COVERED
        assert abs(made.loc[method, "bias"]) < 3.5 * made.loc[method, "bias_mc_error"]


def test_the_same_seed_draws_the_same_respondents() -> None:
    first, second = (simulation.small_draw(7, 40, 11, 0.0) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("method", METHODS)
def test_the_committed_runs_cover_and_alarm_as_promised(small: pd.DataFrame, method: str) -> None:
    rows = small[small["method"] == method]
    assert list(zip(rows["n"], rows["attended"], rows["truth"], strict=True)) == simulation.SETTINGS
    assert (rows["draws"] == 2000).all()
    assert rows["coverage"].between(0.94, 0.98).all()
    assert (rows.loc[rows["truth"] == 0, "false_alarms"] <= 0.06).all()
    assert (rows["bias"].abs() < 3.5 * rows["bias_mc_error"]).all()


def test_the_usual_standard_errors_are_too_small_at_these_sizes(small: pd.DataFrame) -> None:
    usual = small[small["method"] == "as svyglm"]
    assert (usual["coverage"] < 0.94).all()
    assert (usual.loc[usual["truth"] == 0, "false_alarms"] > 0.06).all()


def test_without_adjustment_the_small_samples_mislead(small: pd.DataFrame) -> None:
    raw = small[small["method"] == "not adjusted"]
    assert (raw["bias"] > 10 * raw["bias_mc_error"]).all()


@pytest.mark.parametrize("group", ["Black", "White"])
def test_the_known_effect_of_the_demo_lies_in_the_interval(demo: pd.DataFrame, group: str) -> None:
    row = demo.loc[("regression", group)]
    assert (row["draws"], row["refused"]) == (500, 0)
    assert 0.935 <= row["coverage"] <= 0.98
    assert row["truth"] == pytest.approx(simulation.truth("conf_overall").effect[group], abs=5e-5)


@pytest.mark.parametrize("group", ["Black", "White"])
def test_the_raw_gap_of_the_demo_is_biased(demo: pd.DataFrame, group: str) -> None:
    raw, adjusted = demo.loc[("not adjusted", group)], demo.loc[("regression", group)]
    assert raw["bias"] > 3.5 * raw["bias_mc_error"]
    assert abs(adjusted["bias"]) < abs(raw["bias"]) / 2
