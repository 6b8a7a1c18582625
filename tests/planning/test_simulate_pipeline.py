"""The many waves that a simulation works out at once are what the public pipeline makes of each of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import WeightingError
from lpact_eval.planning.draws import Drawn
from lpact_eval.planning.many_shares import Side, change_of, fixed_side
from lpact_eval.planning.scenario import (
    Part,
    Scenario,
    draw_first,
    draw_second,
    part_sides,
    parts_of,
    redrawn_answers,
    scenarios_of,
)

WAVES = 8
TOLERANCE = 1e-10  # both rake to 1e-10 or nearer, and the rest is the same arithmetic in another order
MARGINS = {
    ("group", "age"): {
        ("A", "young"): 300, ("A", "middle"): 500, ("A", "old"): 200,
        ("B", "young"): 90, ("B", "middle"): 60, ("B", "old"): 50,
    },
    "sex": {"f": 0.55, "m": 0.45},
}  # fmt: skip
TOGETHER = {
    "group": {"A": 800, "B": 200},
    "age": {"young": 390, "middle": 360, "old": 250},
    "sex": {"f": 520, "m": 480},
}


def frame(seed: int, n: int = 140) -> pd.DataFrame:
    """Respondents of two groups who answered, left out or never told their age, at fifteen sites."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["A", "B"], n, p=[0.6, 0.4])
    age = pd.Series(rng.choice(["young", "middle", "old"], n, p=[0.3, 0.5, 0.2]))
    age[rng.random(n) < 0.05] = None
    answer = pd.Series(np.where(rng.random(n) < np.where(age == "old", 0.6, 0.35), "yes", "no"))
    answer[rng.random(n) < 0.08] = None
    return pd.DataFrame(
        {
            "group": pd.Categorical(group, ["A", "B"]),
            "age": pd.Categorical(age, ["young", "middle", "old"], ordered=True),
            "sex": pd.Categorical(rng.choice(["f", "m"], n), ["f", "m"]),
            "good": pd.Categorical(answer, ["yes", "no"]),
            "brought": np.exp(rng.normal(0, 0.4, n)),
            "site": [f"{name}{number}" for name, number in zip(group, rng.integers(0, 9, n), strict=True)],
        }
    )


def design_of(data: pd.DataFrame, *, sites: bool, redraw: str, **raking: object) -> lp.SimulationDesign:
    """Take a design with everything that can happen to a wave in it."""
    sample = lp.Sample.from_frame(data, weight="brought", psu="site" if sites else None)
    return lp.SimulationDesign.from_wave(
        sample,
        "good",
        "yes",
        by="group",
        n_second=[{"A": 90, "B": 70}],
        changes=[0.1],
        response=(0.8, 0.95),
        redraw=redraw,
        **raking,
    )


def sample_of(data: pd.DataFrame, drawn: Drawn, wave: int) -> lp.Sample:
    """Build the sample that one drawn wave stands for, from the first wave's people."""
    took = drawn.took_part[wave]
    people = data.iloc[drawn.row[wave][took]].reset_index(drop=True)
    answer = drawn.waves.answer[wave][took]
    people["good"] = pd.Categorical.from_codes(
        np.where(np.isnan(answer), -1, 1 - np.nan_to_num(answer)).astype(int), ["yes", "no"]
    )
    if drawn.waves.site is not None:
        people["site"] = drawn.waves.site[wave][took]
    return lp.Sample.from_frame(people, weight="brought", psu="site" if drawn.waves.site is not None else None)


def joined(parts: list[Drawn]) -> Drawn:
    """Put groups that were drawn apart into one wave, sites of each its own."""
    offsets = np.cumsum([0, *(int(one.waves.site.max()) + 1 if one.waves.site is not None else 0 for one in parts)])
    site = None
    if parts[0].waves.site is not None:
        site = np.concatenate([one.waves.site + start for one, start in zip(parts, offsets, strict=False)], axis=1)
    answer = np.concatenate([one.waves.answer for one in parts], axis=1)
    return Drawn(
        np.concatenate([one.row for one in parts], axis=1),
        np.concatenate([one.group for one in parts]),
        np.concatenate([one.took_part for one in parts], axis=1),
        replace(parts[0].waves, answer=answer, site=site),
    )


def compare(public: pd.DataFrame, first: dict[str, Side], second: dict[str, Side], wave: int) -> None:
    """Hold one wave's public change against the batched one."""
    for name, side in first.items():
        row = public[public["group"] == name].iloc[0]
        got = change_of(side, second[name], 0.95)
        assert not got.failed[wave]
        error = np.sqrt(side.variance + second[name].variance)
        ours = [array[wave] for array in (got.change, error, got.low, got.high, got.df)]
        wanted = row[["estimate", "std_error", "conf_low", "conf_high", "df"]].to_numpy(dtype=float)
        np.testing.assert_allclose(ours, wanted, rtol=TOLERANCE, atol=TOLERANCE)
        assert side.n[wave] + second[name].n[wave] == row["n"]


def public_change(first: lp.Sample, second: lp.Sample) -> pd.DataFrame:
    """Run the public pipeline on two weighted waves."""
    shares = lp.proportion(lp.stack([first, second], labels=["one", "two"]), "good", "yes", by=["wave", "group"])
    return lp.difference(shares, "wave", "two", minus="one").to_frame()


@pytest.mark.filterwarnings("ignore:Estimates by")  # all groups raked together, estimated apart
@pytest.mark.parametrize("sites", [False, True], ids=["rows", "sites"])
@pytest.mark.parametrize(
    "raking",
    [
        {"margins": MARGINS, "within": "group", "collapse": 0},
        {"margins": MARGINS, "within": "group", "collapse": 25},
        {"margins": TOGETHER, "collapse": 10},
        {},
    ],
    ids=["within", "within, merged", "together", "not raked"],
)
def test_drawn_waves_give_what_rake_stack_proportion_and_difference_give(
    raking: dict[str, object], *, sites: bool
) -> None:
    assert compared(frame(3), raking, sites=sites) == 0


def test_waves_are_given_up_where_rake_gives_them_up() -> None:
    """With 70 people and nothing merged, some waves leave a category empty or contradict the margins."""
    given_up = compared(frame(61, 70), {"margins": MARGINS, "within": "group", "collapse": 0}, sites=False)
    assert 0 < given_up < WAVES


def compared(data: pd.DataFrame, raking: dict[str, object], *, sites: bool) -> int:
    """Hold every drawn wave against the public pipeline; how many neither rakes."""
    scenario = scenarios_of(design_of(data, sites=sites, redraw="respondents", **raking))[0]
    rng = np.random.default_rng(5)
    firsts, seconds = {}, {}
    drawn: tuple[list[Drawn], list[Drawn]] = ([], [])
    for part in parts_of(scenario):
        state = rng.bit_generator.state
        one, two = part_sides(scenario, part, rng, WAVES)
        firsts |= one
        seconds |= two
        rng.bit_generator.state = state
        drawn[0].append(draw_first(scenario, part, rng, WAVES))
        drawn[1].append(draw_second(scenario, part, rng, WAVES))
    waves = [joined(parts) for parts in drawn]
    given_up = 0
    for wave in range(WAVES):
        samples = [sample_of(data, one, wave) for one in waves]
        try:
            samples = [lp.rake(one, **raking) if raking else one for one in samples]
        except WeightingError:
            assert any(side.failed[wave] for side in [*firsts.values(), *seconds.values()])
            given_up += 1
            continue
        compare(public_change(samples[0], samples[1]), firsts, seconds, wave)
    return given_up


@pytest.mark.parametrize("sites", [False, True], ids=["rows", "sites"])
@pytest.mark.parametrize("redraw", ["answers", "nothing"])
def test_a_first_wave_that_is_kept_gives_what_its_file_gives(redraw: str, *, sites: bool) -> None:
    data = frame(4)
    raking = {"margins": MARGINS, "within": "group", "collapse": 15}
    design = design_of(data, sites=sites, redraw=redraw, **raking)
    scenario = scenarios_of(design)[0]
    weighted = lp.rake(lp.Sample.from_frame(data, weight="brought", psu="site" if sites else None), **raking)
    seconds, drawn = second_waves(scenario)
    seed = np.random.default_rng(9)
    answers = {name: redrawn_answers(scenario, name, seed, WAVES) for name in scenario.groups}
    told = pd.concat([pd.DataFrame(one) for one in answers.values()]).groupby(level=0).first()
    for wave in range(WAVES):
        people = weighted.answers.copy()
        if redraw == "answers":
            codes = np.where(told[wave].isna(), -1, 1 - told[wave].fillna(0)).astype(int)
            people["good"] = pd.Categorical.from_codes(codes, ["yes", "no"])
        first = replace(weighted, answers=people)
        sides = {
            name: fixed_side(
                scenario.first.sample.design,
                answers[name] if redraw == "answers" else np.repeat(scenario.first.answer[:, None], WAVES, axis=1),
                scenario.first.group == scenario.first.names.index(name),
            )
            for name in scenario.groups
        }
        second = lp.rake(sample_of(data, drawn, wave), **raking)
        compare(public_change(first, second), sides, seconds, wave)


def second_waves(scenario: Scenario) -> tuple[dict[str, Side], Drawn]:
    """Draw second waves, and estimate them."""
    sides, drawn = {}, []
    rng = np.random.default_rng(6)
    for part in parts_of(scenario):
        some: Part = part
        state = rng.bit_generator.state
        drawn.append(draw_second(scenario, some, rng, WAVES))
        rng.bit_generator.state = state
        again = replace_first(scenario)
        sides |= part_sides(again, some, rng, WAVES)[1]
    return sides, joined(drawn)


def replace_first(scenario: Scenario) -> Scenario:
    """Keep the first wave as it is, which takes no random numbers."""
    return replace(scenario, redraw="nothing")
