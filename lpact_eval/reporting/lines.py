"""Four or more surveys as lines: where they stand in time, what may be joined, which names there is room for."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.chart import Mark, Panel
    from lpact_eval.sample import Wave

_NARROW: Final = 230  # pixels for the columns of a panel on a narrow screen
_LETTER: Final = 7.4  # pixels of a letter of an axis
_ROOM: Final = 8
_SHORTHAND: Final = 26  # pixels of a mark such as [u] and the room around it


def positions(waves: Sequence[Wave]) -> tuple[float, ...]:
    """Place surveys on an axis by the middle of their fieldwork, the first at 0 and the last at their number less one.

    Parameters
    ----------
    waves : sequence of Wave
        In order of fieldwork.

    Returns
    -------
    tuple of float
    """
    days = [(wave.start.toordinal() + wave.end.toordinal()) / 2 for wave in waves]
    span = days[-1] - days[0]
    if span <= 0:
        return tuple(float(place) for place in range(len(days)))
    return tuple(round((day - days[0]) / span * (len(days) - 1), 3) for day in days)


def runs(marks: Sequence[Mark], breaks: Sequence[int]) -> tuple[tuple[Mark, ...], ...]:
    """Split points into those that may be joined: neighbours, with neither a gap nor a break between them.

    Parameters
    ----------
    marks : sequence of Mark
        In order.
    breaks : sequence of int
        Places before which the question changed.

    Returns
    -------
    tuple of tuple of Mark
        Runs of two or more.
    """
    found: list[list[Mark]] = []
    for mark in marks:
        joins = found and found[-1][-1].place == mark.place - 1 and mark.place not in breaks
        if joins:
            found[-1].append(mark)
        else:
            found.append([mark])
    return tuple(tuple(run) for run in found if len(run) > 1)


def place_of(panel: Panel, place: int) -> float:
    """Find where a column stands, in columns from the first."""
    return panel.at[place] if panel.at else float(place)


def edge_of(panel: Panel, place: int) -> float:
    """Find the middle between a column and the one to its left."""
    return (place_of(panel, place - 1) + place_of(panel, place)) / 2


def named_places(panel: Panel) -> list[int]:
    """Choose the columns whose names fit beside each other on a narrow screen: the last, the first, then the others.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    list of int
        In order; all of them where there is room.
    """
    count = len(panel.places)
    unit = _NARROW / max(count, 1)

    def apart(one: int, other: int) -> bool:
        needed = (len(panel.places[one]) + len(panel.places[other])) / 2 * _LETTER + _ROOM
        return abs(place_of(panel, one) - place_of(panel, other)) * unit >= needed

    if all(apart(one, other) for one, other in itertools.pairwise(range(count))):
        return list(range(count))
    if not panel.at:
        return list(range(count))
    chosen: list[int] = []
    for place in (count - 1, 0, *range(1, count - 1)):
        if all(apart(place, other) for other in chosen):
            chosen.append(place)
    return sorted(chosen)


def leaning(panel: Panel, place: int) -> Literal["start", "middle", "end"]:
    """Say from where a label is written: those at the ends of a line lean inwards, so that they stay in the panel."""
    if not panel.at or 0 < place < len(panel.places) - 1:
        return "middle"
    return "end" if place else "start"


def named_absences(panel: Panel) -> list[tuple[int, str]]:
    """Choose the shorthand that there is room for where several neighbours on a line have no number.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    list of (int, str)
        All of them where there is room; else a mark may stand for its neighbours that have the same.
    """
    unit = _NARROW / max(len(panel.places), 1)
    shown: list[tuple[int, str]] = []
    for place, mark in panel.absent:
        near = shown and (place_of(panel, place) - place_of(panel, shown[-1][0])) * unit < _SHORTHAND
        if not (panel.at and near and shown[-1][1] == mark):
            shown.append((place, mark))
    return shown
