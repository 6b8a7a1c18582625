"""Which published shifts and slopes a report shows: each group once, in the order of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lpact_eval.reporting.rows import group_order, grouping, shift_rows, slope_rows, the_wave

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.rows import Shift, Slope
    from lpact_eval.reporting.sentences import Sentences


def shifts_of(published: Published, variable: str = "") -> list[Shift]:
    """Take the shifts of one question, or of all; indicators that count other answers of it share one.

    Parameters
    ----------
    published : Published
    variable : str, default ""
        Harmonised question; all of them without one.

    Returns
    -------
    list of Shift
        Question by question, by group.
    """
    found = [shift for shift in shift_rows(published) if variable in {"", shift.row.variable}]
    names = list(dict.fromkeys(shift.row.variable for shift in found))
    once = {(shift.row.variable, shift.row.group, shift.row.weights): shift for shift in found}
    return sorted(once.values(), key=lambda shift: (names.index(shift.row.variable), group_order(shift.row.group)))


def slopes_of(published: Published, question: tuple[str, str] | None = None) -> list[Slope]:
    """Take the slopes of one question, or of all.

    Parameters
    ----------
    published : Published
    question : (str, str), optional
        Variable and answers counted; all of them without.

    Returns
    -------
    list of Slope
        Question by question, by group.
    """
    found = [slope for slope in slope_rows(published) if question in {None, slope.row.question}]
    names = list(dict.fromkeys(slope.row.question for slope in found))
    once = {(slope.row.question, slope.row.group, slope.row.weights): slope for slope in found}
    return sorted(once.values(), key=lambda slope: (names.index(slope.row.question), group_order(slope.row.group)))


def shift_caption(shifts: Sequence[Shift]) -> str:
    """Say what a table of one question's shifts holds."""
    earlier, later = (the_wave(wave) for wave in shifts[0].row.waves)
    what = f"chance that a person of {later} answers {shifts[0].nearer} than one of {earlier}"
    return f"{shifts[0].row.title}: {what}, by {grouping(shift.row for shift in shifts)}"


def measures_in_words(published: Published, sentences: Sentences) -> list[str]:
    """Say what a shift and a slope are and what they are not, where the release has any, and how they are tested."""
    there = [name for name, frame in (("shift", published.shifts), ("slope", published.slopes)) if len(frame)]
    return [sentences.say(f"fixed.{name}") for name in there] + [sentences.say("fixed.beside_the_plan")] * bool(there)
