"""The sentence of a simulation: what is shown, how often, and what a comparison without weights and sites would say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lpact_eval.planning.wording import direction, per_cent, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.planning.power_curve import PowerPoint
    from lpact_eval.planning.simulation_design import SimulationDesign

ENOUGH = 0.8  # power that a plan usually asks for
_MOSTLY = 0.5  # share of surveys without a publishable change from which nothing else is worth saying
_ALARMING = 1.3  # false alarms over the level allowed from which the comparison without weights and sites is named


def told(design: SimulationDesign, found: Sequence[PowerPoint]) -> str:
    """Say for each group what its largest second wave shows.

    Parameters
    ----------
    design : SimulationDesign
    found : sequence of PowerPoint

    Returns
    -------
    str
    """
    return " ".join(_of_group(design, name, [one for one in found if one.group == name]) for name in design.groups)


def _of_group(design: SimulationDesign, group: str, found: Sequence[PowerPoint]) -> str:
    """Say what one group's waves show."""
    usable = [one for one in found if not one.refused]
    if not usable:
        return f"{group}: not simulated, {found[0].refused}."
    if min(one.refused_share for one in usable) > _MOSTLY:
        return (
            f"{group}, {usable[0].n_first} respondents in {design.first.title}: in most simulated surveys, of whatever "
            "size, the change would rest on too few answers or recruitment sites to be published."
        )
    moved = [one for one in usable if one.change]
    sentences = [_power(design, group, moved)] if moved else []
    still = [one for one in usable if not math.isnan(one.false_alarms)]
    if still:
        sentences.append(_false_alarms(design, max(still, key=lambda one: one.naive)))
    return " ".join(sentences)


def _power(design: SimulationDesign, group: str, moved: Sequence[PowerPoint]) -> str:
    """Say what the smallest change is that a simulated wave shows often enough, or what the best wave shows."""
    enough = [one for one in moved if one.power >= ENOUGH]
    first = moved[0]
    beside = f"{group}, {first.n_first} respondents in {design.first.title}"
    if enough:
        least = min(enough, key=lambda one: (abs(one.change), one.n_second))
        return (
            f"{beside}: the smallest simulated change that is shown in {per_cent(ENOUGH)} of surveys or more is a "
            f"{_move(least)}, with {least.n_second} people asked ({_often(least)})."
        )
    best = max(moved, key=lambda one: one.power)
    return (
        f"{beside}: no simulated wave shows any simulated change in {per_cent(ENOUGH)} of surveys; the best, a "
        f"{_move(best)} with {best.n_second} people asked, is shown in {_often(best)}."
    )


def _move(point: PowerPoint) -> str:
    """Name a change with its shares."""
    after = point.baseline + point.change
    return (
        f"{direction(point.change)} of {points(point.change)} from {per_cent(round(point.baseline, 2))} to "
        f"{per_cent(round(after, 2))}"
    )


def _often(point: PowerPoint) -> str:
    """Say in how many repetitions, with the Monte Carlo error."""
    return (
        f"{per_cent(round(point.power, 2))} of {point.repetitions:,} simulated surveys, give or take "
        f"{max(200 * point.error, 0.1):.1f} points"
    )


def _false_alarms(design: SimulationDesign, point: PowerPoint) -> str:
    """Say how often nothing is taken for a change."""
    allowed = 1 - design.level
    sentence = f"Where nothing changed, {per_cent(round(point.false_alarms, 3))} of surveys show a change all the same"
    if point.naive > _ALARMING * allowed:
        return (
            f"{sentence}; a comparison that ignores weights and recruitment sites would in "
            f"{per_cent(round(point.naive, 3))}."
        )
    return f"{sentence}."
