"""A short run of the simulation of the whole procedure, and the bars that the committed long run meets."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("change_procedure_simulation", _HERE / "change_procedure.py")
assert _SPEC is not None
assert _SPEC.loader is not None
simulation = importlib.util.module_from_spec(_SPEC)
sys.modules["change_procedure_simulation"] = simulation
_SPEC.loader.exec_module(simulation)

NULL, CHANGED, SHIFTED = "nothing changed", "changed", "composition shifted"
FIRST = ["conf_overall, Black", "trust_force, Black"]
FAR = 3.5  # Monte-Carlo errors: a right implementation lies beyond them with probability 0.0005


Table = dict[tuple[str, str, str], dict[str, float]]


def by_name(table: pd.DataFrame) -> Table:
    """Lines of a table by world, what, and of whom."""
    return {
        (str(line["world"]), str(line["what"]), str(line["of"])): {
            name: float(line[name]) for name in ("pairs", "value", "mc_error")
        }
        for line in table.to_dict(orient="records")
    }


@pytest.fixture(scope="module")
def committed() -> Table:
    return by_name(pd.read_csv(simulation.RESULT))


def one(table: Table, world: str, what: str, of: str) -> dict[str, float]:
    """One line of the table."""
    return table[world, what, of]


@pytest.mark.parametrize("of", ["primary family 1", "all primary families, gatekept"])
def test_false_alarms_of_the_whole_procedure_are_few_and_not_too_few(committed: Table, of: str) -> None:
    row = one(committed, NULL, "share of pairs with a clear change", of)
    assert row["pairs"] >= 2000
    assert 0.02 <= row["value"] <= 0.06


@pytest.mark.parametrize("world", [NULL, CHANGED])
@pytest.mark.parametrize("of", FIRST)
def test_intervals_of_the_primary_family_cover_the_truth(committed: Table, world: str, of: str) -> None:
    assert 0.94 <= one(committed, world, "coverage", of)["value"] <= 0.98


@pytest.mark.parametrize("group", ["Black", "White", "Asian"])
@pytest.mark.parametrize("item", ["conf_overall", "trust_force"])
def test_where_nothing_changed_intervals_cover_in_every_group(committed: Table, item: str, group: str) -> None:
    assert 0.94 <= one(committed, NULL, "coverage", f"{item}, {group}")["value"] <= 0.98


@pytest.mark.parametrize("of", FIRST)
def test_a_shift_of_composition_biases_the_row_as_collected_only(committed: Table, of: str) -> None:
    collected = one(committed, SHIFTED, "bias, as collected", of)
    assert collected["value"] > 0.05
    for name in ("standardised", "balanced"):
        row = one(committed, SHIFTED, f"bias, {name}", of)
        assert abs(row["value"]) < FAR * row["mc_error"]
        assert abs(row["value"]) < 0.01


@pytest.mark.parametrize("of", FIRST)
def test_the_flag_fires_where_composition_shifted(committed: Table, of: str) -> None:
    assert one(committed, SHIFTED, "flagged as composition-sensitive", of)["value"] >= 0.9


def test_the_committed_run_was_made_with_todays_truth(committed: Table) -> None:
    for world in simulation.worlds(quick=True):
        for item in simulation.ITEMS:
            known = simulation.truth(item, population=world.population).change
            for group in simulation.GROUPS:
                assert one(committed, world.name, "truth", f"{item}, {group}")["value"] == pytest.approx(
                    known[group], abs=5e-5
                )


def test_the_headline_alone_is_the_headline_of_the_three_rows() -> None:
    margins = simulation.lp.read_population(simulation.POPULATION)
    world = simulation.worlds(quick=True)[0]
    both = simulation.replace(world, beside=True)
    alone, three = (simulation.changes_of_pair(10_000, made, margins) for made in (world, both))
    three = three[three["main"]].reset_index(drop=True)
    names = ["estimate", "conf_low", "conf_high", "df", "p_value", "p_adjusted"]
    np.testing.assert_allclose(alone[names].to_numpy(float), three[names].to_numpy(float), rtol=1e-12)
    assert alone["family"].tolist() == three["family"].tolist()


def test_where_nothing_changed_few_of_forty_pairs_are_clear_and_most_intervals_hold_0() -> None:
    """Binomial(40, .06) exceeds 9 with probability 0.0003; binomial(40, .94) falls below 31 with less."""
    world = simulation.replace(simulation.worlds(quick=True)[0], pairs=40)
    found = by_name(simulation.procedure(world, first_seed=20_000, quiet=True))
    alarms = one(found, NULL, "share of pairs with a clear change", "primary family 1")
    assert round(alarms["value"] * 40) <= 9
    assert round(one(found, NULL, "coverage", FIRST[0])["value"] * 40) >= 31
