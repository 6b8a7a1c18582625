"""A short run of the attack on random releases, and the bars that the committed long run meets."""

import importlib.util
import sys
from pathlib import Path

import pandas as pd
import pytest

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("linked_release_simulation", _HERE / "linked_release.py")
assert _SPEC is not None
assert _SPEC.loader is not None
simulation = importlib.util.module_from_spec(_SPEC)
sys.modules["linked_release_simulation"] = simulation
_SPEC.loader.exec_module(simulation)


@pytest.fixture(scope="module")
def committed() -> pd.DataFrame:
    return pd.read_csv(simulation.RESULT).set_index("kind")


def test_no_protected_count_of_2000_releases_was_recovered(committed: pd.DataFrame) -> None:
    assert committed["releases"].sum() == 2000
    assert set(committed.index) == set(simulation.KINDS)
    assert (committed["recovered"] == 0).all()
    assert (committed["unprotected"] == 0).all()
    assert (committed["sensitive"] > 1000).all()


def test_small_releases_lose_the_least_that_can_be_lost(committed: pd.DataFrame) -> None:
    assert committed["compared"].sum() >= 300
    assert committed["cost_compared"].sum() == pytest.approx(committed["least_compared"].sum(), rel=1e-3)


def test_all_releases_lose_little_more_than_the_bound(committed: pd.DataFrame) -> None:
    assert (committed["cost"] <= 1.05 * committed["bound"]).all()
    assert (committed["optimal"] >= 0.98).all()


def test_a_short_run_recovers_nothing_and_loses_the_least() -> None:
    found = simulation.simulated(range(9000, 9025))
    assert found["recovered"].sum() == 0
    solved = found[found["least"].notna()]
    assert len(solved) >= 5
    assert list(solved["cost"]) == pytest.approx(list(solved["least"]))
