"""Does the whole procedure keep its promises? Raking, three rows, CR2 intervals, Holm and gatekeeping, many times over.

Run from the repository: python tests/simulations/change_procedure.py [--quick]. Prints the table and, without --quick,
writes it to change_procedure.csv beside this file; about seven minutes of one core. Seeds are 0, 1, ... one a pair.

Worlds, all made from the demo population:
nothing changed      confidence and trust as in 2022, attending does nothing: every clear change is a false alarm.
changed              the shipped world, whose true changes are known.
composition shifted  nothing changed, but the 2022 respondents are mostly young and those of the re-run mostly old,
                     eight times as many sites: a size at which the flag should fire.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import track

import lpact_eval as lp
from lpact_eval.comparison.bases import FEWEST_DF, FEWEST_UNITS, SMALLEST_BASE, SMALLEST_EFFECTIVE
from lpact_eval.comparison.rows import COMPOSITION_SENSITIVE
from lpact_eval.demo.census import read_census
from lpact_eval.demo.model import Model, Volunteering, read_model
from lpact_eval.demo.population import Population, build
from lpact_eval.demo.truth import truth
from lpact_eval.demo.waves import draw_waves
from lpact_eval.errors import WeightingError
from lpact_eval.estimation.hypothesis import interval_p_value
from lpact_eval.evaluation.families import adjusted, primary_family

RESULT = Path(__file__).with_name("change_procedure.csv")
ITEMS, CONFIDENT = ["conf_overall", "trust_force"], ["strongly agree", "tend to agree"]
GROUPS = ["Black", "White", "Asian"]
POPULATION = "leicestershire-2021-by-ethnicity"
WAVES = ["2022", "rerun"]
SMALLEST = 20  # categories with fewer respondents are merged with a neighbour, as in the shipped plan
CLEAR = 0.05
COLUMNS = ["ethnicity", "age_band", "sex", "area_group", "recruit_site"]
# The plan: family 1 is both items among Black respondents, family 2 the first item in the other two groups.
FAMILY = {
    ("conf_overall", "Black"): primary_family(1),
    ("trust_force", "Black"): primary_family(1),
    ("conf_overall", "White"): primary_family(2),
    ("conf_overall", "Asian"): primary_family(2),
}


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A synthetic world, how many pairs of waves to draw from it, and whether to work out all three rows."""

    name: str
    population: Population
    pairs: int
    beside: bool


def worlds(*, quick: bool = False) -> list[World]:
    """Build the three worlds."""
    model = read_model()
    null = _nothing_changed(model)
    shifted = replace(
        null,
        volunteering={
            "2022": Volunteering((3.0, 2.0, 1.0, 0.5, 0.3), (1.3, 1.0)),
            "rerun": Volunteering((0.3, 0.5, 1.0, 2.0, 3.0), (1.3, 1.0)),
        },
        sites={wave: tuple(sites) * 8 for wave, sites in model.sites.items()},
    )
    made = [("nothing changed", null, 2200), ("changed", model, 600), ("composition shifted", shifted, 300)]
    return [
        World(name, build(one, read_census(one)), 60 if quick else pairs, beside="shifted" in name)
        for name, one, pairs in made
    ]


def _nothing_changed(model: Model) -> Model:
    """Give the re-run the shares of 2022, and attending no effect."""
    same = model.confident["2022"]
    idle = replace(model.attendance, effect=tuple(0.0 for _ in model.attendance.effect))
    return replace(model, confident={"2022": same, "rerun": same}, attendance=idle)


def changes_of_pair(seed: int, world: World, margins: Sequence[lp.Margin]) -> pd.DataFrame:
    """Draw one pair of waves and carry the whole procedure out: one row an item, group and row of the change."""
    pair = draw_waves(seed, items=ITEMS, population=world.population)
    sample = _weighted(pair, GROUPS, margins)
    if sample is None:  # a group of so few that no weights meet its margins gets no estimate, the others do
        sample = _weighted(pair, [group for group in GROUPS if _weighted(pair, [group], margins)], margins)
    assert sample is not None
    rows = pd.concat([_changes(sample, item, beside=world.beside) for item in ITEMS], ignore_index=True)
    return adjusted(rows).assign(seed=seed)


def _weighted(pair: lp.Sample, groups: Sequence[str], margins: Sequence[lp.Margin]) -> lp.Sample | None:
    """Rake both waves of some groups within them; nothing where the margins can't be met."""
    raked: list[lp.Sample] = []
    for wave in WAVES:
        inside = (pair.answers["wave"] == wave) & pair.answers["ethnicity"].isin(groups)
        frame = pair.answers.loc[inside, [*COLUMNS, *ITEMS]].copy()
        frame["ethnicity"] = frame["ethnicity"].cat.remove_unused_categories()
        sample = lp.Sample.from_frame(frame, psu="recruit_site")
        try:
            raked.append(lp.rake(sample, margins, within="ethnicity", collapse=SMALLEST))
        except WeightingError:
            return None
    return lp.stack(raked, WAVES)


def _changes(sample: lp.Sample, item: str, *, beside: bool) -> pd.DataFrame:
    """Work out one item's changes with the plan's families; with `beside` in their three rows, and their flag."""
    if beside:
        change = lp.wave_change(sample, item, CONFIDENT, level="rerun", minus="2022", collapse=SMALLEST)
        frame = change.estimate.to_frame().assign(
            p_value=change.test["p_value"].to_numpy(),
            sensitive=[COMPOSITION_SENSITIVE in flags for flags in change.flags],
        )
        return _in_families(frame, item, main=(frame["row"] == change.headline).tolist())
    frame = headline_only(sample, item)
    return _in_families(frame, item, main=[True] * len(frame))


def headline_only(sample: lp.Sample, item: str) -> pd.DataFrame:
    """Work out the headline row of `wave_change` and its test alone, at a third of the time; a test compares them."""
    levels = lp.proportion(sample, item, CONFIDENT, by=["wave", "ethnicity"])
    change = lp.difference(levels, "wave", "rerun", minus="2022")
    assert change.pair is not None
    sides = change.pair
    answers = np.minimum(sides[0].n, sides[1].n)
    effective = np.fmin(sides[0].n_effective, sides[1].n_effective)
    sites = np.minimum(sides[0].reached.sum(axis=0), sides[1].reached.sum(axis=0))
    given = (answers >= SMALLEST_BASE) & (effective >= SMALLEST_EFFECTIVE) & (sites >= FEWEST_UNITS)
    p_value = np.where(given & (change.df >= FEWEST_DF), interval_p_value(change), np.nan)
    frame = change.to_frame()
    frame.loc[~given, ["estimate", "conf_low", "conf_high", "df"]] = np.nan
    return frame.assign(p_value=p_value, row="standardised", sensitive=False)


def _in_families(frame: pd.DataFrame, item: str, *, main: Sequence[bool]) -> pd.DataFrame:
    """Say which rows are tested, and in which family."""
    family = [
        FAMILY.get((item, str(group)), "exploratory") if first else ""
        for group, first in zip(frame["ethnicity"], main, strict=True)
    ]
    return frame.assign(item=item, measure="change", main=list(main), family=family)


def procedure(world: World, *, first_seed: int = 0, quiet: bool = False) -> pd.DataFrame:
    """Simulate pairs of waves of one world and summarise them.

    Parameters
    ----------
    world : World
    first_seed : int, default 0
    quiet : bool, default False

    Returns
    -------
    DataFrame
        world, what, of whom, pairs (that count), value, mc_error.
    """
    margins = lp.read_population(POPULATION)
    seeds = range(first_seed, first_seed + world.pairs)
    drawn = [changes_of_pair(seed, world, margins) for seed in track(seeds, world.name, disable=quiet)]
    return summary(pd.concat(drawn, ignore_index=True), world)


def summary(drawn: pd.DataFrame, world: World) -> pd.DataFrame:
    """Summarise the pairs drawn from a world; columns as in `procedure`."""
    lines = [*_alarms(drawn, world), *_estimates(drawn, world)]
    return pd.DataFrame(lines, columns=["world", "what", "of", "pairs", "value", "mc_error"])


def _alarms(drawn: pd.DataFrame, world: World) -> list[tuple[object, ...]]:
    """Count pairs with a clear change in a family; where nothing changed these are false alarms."""
    clear = drawn.assign(clear=drawn["p_adjusted"] < CLEAR)
    own = clear[clear["family"].str.startswith("primary")]
    parts = {
        "primary family 1": own[own["family"] == primary_family(1)],
        "all primary families, gatekept": own,
        "one test, not adjusted": own[(own["ethnicity"] == "Black") & (own["item"] == ITEMS[0])].assign(
            clear=lambda rows: rows["p_value"] < CLEAR
        ),
    }
    lines: list[tuple[object, ...]] = []
    for name, rows in parts.items():
        tested = rows.groupby("seed")["p_value"].apply(lambda values: values.notna().any())
        found = rows.groupby("seed")["clear"].any()[tested]
        lines.append(_share_line(world, "share of pairs with a clear change", name, found))
    return lines


def _estimates(drawn: pd.DataFrame, world: World) -> list[tuple[object, ...]]:
    """Coverage of the headline row; bias of every row; how often the flag fires."""
    known = {item: truth(item, population=world.population).change for item in ITEMS}
    lines: list[tuple[object, ...]] = []
    for (item, group), rows in drawn.groupby(["item", "ethnicity"], observed=True):
        who, right = f"{item}, {group}", known[str(item)][str(group)]
        main = rows[rows["main"]]
        given = main[main["conf_low"].notna()]
        covered = (given["conf_low"] <= right) & (given["conf_high"] >= right)
        lines += [
            (world.name, "truth", who, len(main), right, 0.0),
            (world.name, "without an estimate", who, world.pairs, world.pairs - len(given), 0.0),
            _share_line(world, "coverage", who, covered),
            _mean_line(world, "mean half-width", who, (given["conf_high"] - given["conf_low"]) / 2),
            _mean_line(world, "degrees of freedom", who, given["df"]),
        ]
        if world.beside:
            lines.append(_share_line(world, "flagged as composition-sensitive", who, given["sensitive"]))
        for name, one in rows.groupby("row", sort=False):
            lines.append(_mean_line(world, f"bias, {name}", who, one["estimate"].dropna() - right))
    return lines


def _share_line(world: World, what: str, of: str, found: pd.Series) -> tuple[object, ...]:
    """Share of pairs with its Monte-Carlo standard error."""
    share = float(found.mean())
    return world.name, what, of, len(found), share, np.sqrt(share * (1 - share) / len(found))


def _mean_line(world: World, what: str, of: str, found: pd.Series) -> tuple[object, ...]:
    """Mean over pairs with its Monte-Carlo standard error."""
    return world.name, what, of, len(found), float(found.mean()), float(found.std() / np.sqrt(len(found)))


if __name__ == "__main__":
    in_short = "--quick" in sys.argv[1:]
    table = pd.concat([procedure(world) for world in worlds(quick=in_short)]).round(4)
    if not in_short:
        table.to_csv(RESULT, index=False, lineterminator="\n")
    print(table.to_string(index=False))
