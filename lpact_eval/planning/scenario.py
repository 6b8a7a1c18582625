"""One size of the second wave and one change: synthetic waves drawn, lost, raked, estimated and tested in blocks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.bases import FEWEST_DF, FEWEST_UNITS, SMALLEST_BASE, SMALLEST_EFFECTIVE
from lpact_eval.planning.draws import Fieldwork, drawn_waves, site_shares
from lpact_eval.planning.many_shares import change_of, fixed_side, side_of
from lpact_eval.planning.rakings import Memory, rakings_of
from lpact_eval.planning.tilting import share_after, streams_of
from lpact_eval.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.random import Generator

    from lpact_eval.planning.draws import Drawn
    from lpact_eval.planning.first_file import First
    from lpact_eval.planning.many_shares import Side
    from lpact_eval.planning.rakings import Raking
    from lpact_eval.planning.simulation_design import Redraw, SimulationDesign
    from lpact_eval.planning.tilting import Stream
    from lpact_eval.sample import FloatArray, IntArray

BLOCK: Final = 250  # repetitions that share a stream of random numbers
BINS: Final = 2_000  # of widths of intervals, from 0 to 2
SUMS: Final = (
    "repetitions",
    "refused",
    "shown",
    "covered",
    "naive",
    "error",
    "error_squared",
    "n_first",
    "n_second",
    "n_effective_first",
    "n_effective_second",
    "df",
)


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """Everything that a block of repetitions needs; no answers but those to the question.

    Attributes
    ----------
    first : First
        Without the margins' answers, which `rakings` hold as cells.
    groups : tuple of str
        Groups whose change is tested.
    rakings : tuple of Raking
    before, after : mapping of group to Stream
        Whom the first and the second wave are drawn from.
    work_first, work_second : mapping of group to Fieldwork
    change : float
        True change.
    redraw, level
        As in `SimulationDesign`.
    """

    first: First
    groups: tuple[str, ...]
    rakings: tuple[Raking, ...]
    before: Mapping[str, Stream]
    after: Mapping[str, Stream]
    work_first: Mapping[str, Fieldwork]
    work_second: Mapping[str, Fieldwork]
    change: float
    redraw: Redraw
    level: float

    def digest(self) -> bytes:
        """Hash of everything that the numbers depend on but the seed."""
        told = hashlib.sha256()
        told.update(
            repr((self.groups, self.work_first, self.work_second, self.change, self.redraw, self.level)).encode()
        )
        first, design = self.first, self.first.sample.design
        told.update(repr((first.names, dict(first.baseline), first.actual, design.clustered)).encode())
        arrays = [first.group, first.answer, first.start, first.standing, first.chance, design.weight, design.psu]
        for step in design.calibration:
            arrays += [step.cell, step.auxiliary, step.weight_before]
        for raking in self.rakings:
            arrays += [raking.cell, raking.mass, *raking.codes]
            told.update(repr((raking.groups, raking.ordered, raking.persons, raking.collapse)).encode())
            told.update(repr([(target.categories, target.counts) for target in raking.targets]).encode())
        for array in arrays:
            told.update(str((array.shape, array.dtype.kind)).encode() + np.ascontiguousarray(array).tobytes())
        return told.digest()


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What a chunk of repetitions came to; b blocks, g groups. Counts and sums only.

    Attributes
    ----------
    sums : ndarray of shape (b, g, len(SUMS))
        Added up over the repetitions of each block; from "shown" on over those that are not refused.
    widths : ndarray of shape (g, BINS), int
        Intervals by width.
    """

    sums: FloatArray
    widths: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Groups that are drawn together, and those of them that are asked about.

    Attributes
    ----------
    raking : Raking or None
    members, asked : tuple of str
    memory : Memory
        What was found out about merging in blocks before.
    """

    raking: Raking | None
    members: tuple[str, ...]
    asked: tuple[str, ...]
    memory: Memory


def scenarios_of(design: SimulationDesign) -> list[Scenario]:
    """List every size of the second wave with every change, sizes first.

    Parameters
    ----------
    design : SimulationDesign

    Returns
    -------
    list of Scenario

    Raises
    ------
    WrongUseError
        If no population has the margins and a changed share.
    WeightingError
        If margins and respondents do not fit each other.
    """
    first = design.first
    rakings = rakings_of(first, design.margins, design.within, design.collapse)
    drawn = design.drawn_groups()
    groups = tuple(name for name in design.groups if not first.refused[name])
    if design.within is not None or design.margins is None:
        drawn = groups
        rakings = tuple(one for one in rakings if any(first.names[place] in groups for place in one.groups))
    bare = _bare(first)
    work_first = {name: _first_fieldwork(design, name) for name in drawn}
    before = streams_of(first, rakings, 0.0, _expected(work_first)) if design.redraw == "respondents" else {}
    found: list[Scenario] = []
    for sizes in design.n_second:
        work = {name: _second_fieldwork(design, name, sizes[name]) for name in drawn}
        people = _expected(work)
        found += [
            Scenario(
                first=bare,
                groups=groups,
                rakings=rakings,
                before=before,
                after=streams_of(first, rakings, change, people),
                work_first=work_first,
                work_second=work,
                change=change,
                redraw=design.redraw,
                level=design.level,
            )
            for change in design.changes
        ]
    return found


def _bare(first: First) -> First:
    """Leave aside what workers have no use for: the margins' answers, and what calibration steps tell people."""
    design = first.sample.design
    steps = tuple(replace(step, laid_out=step.auxiliary, note="", met=()) for step in design.calibration)
    design = replace(design, calibration=steps, psu_label=None, stratum_label=None)
    return replace(
        first,
        sample=Sample(first.sample.answers.iloc[:, :0], design, codebook={}),
        respondents=dict(first.respondents),
        baseline=dict(first.baseline),
        missing=dict(first.missing),
        refused=dict(first.refused),
        sites=dict(first.sites),
    )


def run_blocks(scenario: Scenario, entropy: tuple[int, ...], start: int, counts: tuple[int, ...]) -> Tally:
    """Run consecutive blocks of repetitions.

    Parameters
    ----------
    scenario : Scenario
    entropy : tuple of int
        Seed of the scenario; each block's random numbers follow from it and the block's number.
    start : int
        Number of the first block.
    counts : tuple of int
        Repetitions of each block.

    Returns
    -------
    Tally
    """
    parts = parts_of(scenario)
    sums = np.zeros((len(counts), len(scenario.groups), len(SUMS)))
    widths = np.zeros((len(scenario.groups), BINS), dtype=np.intp)
    for place, count in enumerate(counts):
        rng = np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(start + place,)))
        for part in parts:
            first, second = part_sides(scenario, part, rng, count)
            for name in part.asked:
                group = scenario.groups.index(name)
                sums[place, group], seen = _summed(scenario, first[name], second[name], name)
                widths[group] += seen
    return Tally(sums, widths)


def parts_of(scenario: Scenario) -> list[Part]:
    """List the groups that are drawn together: those that are raked together, else each alone."""
    names = scenario.first.names
    if not scenario.rakings:
        return [Part(None, (name,), (name,), Memory()) for name in scenario.groups]
    members = [tuple(names[place] for place in raking.groups) for raking in scenario.rakings]
    return [
        Part(raking, some, tuple(name for name in some if name in scenario.groups), Memory())
        for raking, some in zip(scenario.rakings, members, strict=True)
    ]


def part_sides(scenario: Scenario, part: Part, rng: Generator, count: int) -> tuple[dict[str, Side], dict[str, Side]]:
    """Draw both waves of some groups a number of times: the first and the second side of each group asked about."""
    if scenario.redraw == "respondents":
        first = _sides(part, draw_first(scenario, part, rng, count), scenario)
    else:
        first = {name: _kept_side(scenario, name, rng, count) for name in part.asked}
    return first, _sides(part, draw_second(scenario, part, rng, count), scenario)


def draw_first(scenario: Scenario, part: Part, rng: Generator, count: int) -> Drawn:
    """Draw the first wave anew."""
    streams = {name: scenario.before[name] for name in part.members}
    return drawn_waves(scenario.first, part.raking, streams, scenario.work_first, rng, count, memory=part.memory)


def draw_second(scenario: Scenario, part: Part, rng: Generator, count: int) -> Drawn:
    """Draw the second wave."""
    streams = {name: scenario.after[name] for name in part.members}
    return drawn_waves(scenario.first, part.raking, streams, scenario.work_second, rng, count, memory=part.memory)


def _sides(part: Part, drawn: Drawn, scenario: Scenario) -> dict[str, Side]:
    """Estimate the groups asked about."""
    names = scenario.first.names
    return {name: side_of(drawn.waves, drawn.group == names.index(name)) for name in part.asked}


def _kept_side(scenario: Scenario, group: str, rng: Generator, count: int) -> Side:
    """Estimate a group in the first wave as it is, or with its answers drawn anew."""
    first = scenario.first
    answers = first.answer[:, None]
    if scenario.redraw == "answers":
        answers = redrawn_answers(scenario, group, rng, count)
    return fixed_side(first.sample.design, answers, first.group == first.names.index(group))


def redrawn_answers(scenario: Scenario, group: str, rng: Generator, count: int) -> FloatArray:
    """Draw the answers of a group's first wave anew at its share, shape (n, R); who left it out does so again."""
    first, icc = scenario.first, scenario.work_first[group].icc
    design = first.sample.design
    inside = first.group == first.names.index(group)
    shares = site_shares(first.baseline[group], icc, (count, design.psu_count), rng)
    having = rng.random((inside.sum(), count)) < shares[:, design.psu[inside]].T
    answers = np.full((inside.size, count), np.nan)
    answers[inside] = np.where(np.isnan(first.answer[inside])[:, None], np.nan, having)
    return answers


def _summed(scenario: Scenario, first: Side, second: Side, group: str) -> tuple[FloatArray, IntArray]:
    """Test a block's changes and add up: sums in the order of SUMS, and intervals by width."""
    result = change_of(first, second, scenario.level)
    clustered = scenario.first.clustered
    refused = result.failed.copy()
    for side in (first, second):
        refused |= (side.n < SMALLEST_BASE) | ~(side.base >= SMALLEST_EFFECTIVE)
        refused |= clustered & (side.units < FEWEST_UNITS)
    refused |= ~np.isfinite(result.low + result.high)
    kept = ~refused
    truth = share_after(scenario.first, group, scenario.change) - scenario.first.baseline[group]
    shown = kept & (result.df >= FEWEST_DF) & ((result.low > 0) | (result.high < 0))
    covered = kept & (result.low <= truth) & (truth <= result.high)
    error = np.where(kept, result.change - truth, 0.0)
    means = [np.broadcast_to(values, kept.shape) for values in (first.n, second.n, first.base, second.base, result.df)]
    sums = [
        float(kept.size),
        float(refused.sum()),
        float(shown.sum()),
        float(covered.sum()),
        float(result.naive.sum()),
        float(error.sum()),
        float((error * error).sum()),
        *(float(np.where(kept, values, 0.0).sum()) for values in means),
    ]
    place = np.minimum(((result.high - result.low)[kept] * (BINS / 2)).astype(np.intp), BINS - 1)
    return np.array(sums), np.bincount(place, minlength=BINS)


def _expected(work: Mapping[str, Fieldwork]) -> dict[str, float]:
    """Respondents expected of each group."""
    return {name: one.people * float(np.mean(one.response)) for name, one in work.items()}


def _first_fieldwork(design: SimulationDesign, group: str) -> Fieldwork:
    """Set out how a group came into the first wave: everybody asked took part."""
    first = design.first
    sites = tuple(first.sites[group].tolist()) if first.clustered else ()
    return Fieldwork(first.respondents[group], (1.0, 1.0), design.missing[group], sites, design.icc)


def _second_fieldwork(design: SimulationDesign, group: str, people: int) -> Fieldwork:
    """Set out how a group comes into the second wave, at sites of the sizes of the first one's."""
    first = design.first
    sites: tuple[float, ...] = ()
    if first.clustered:
        before = first.sites[group]
        crowd = first.respondents[group] / before.size
        number = design.sites or max(2, round(people * float(np.mean(design.response)) / crowd))
        sites = tuple(np.resize(before, number).tolist())
    return Fieldwork(people, design.response, design.missing[group], sites, design.icc)
