"""Sentences on a shift of ordered answers and on a trend over several surveys, chosen by their tests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpact_eval.reporting.numbers import YEARLY, known, percent, percent_range, points, signed_range
from lpact_eval.reporting.rows import CLEAR_BELOW, as_sentence, people, plain, the_wave

if TYPE_CHECKING:
    from lpact_eval.reporting.rows import Row, Shift, Slope
    from lpact_eval.reporting.sentences import Sentences

EVEN = 0.5  # chance that neither survey's person is the more favourable


@dataclass(frozen=True, slots=True)
class Spoken:
    """A number to be spoken of, cleared for readers: its interval, its test and the base that decides its decimals.

    Attributes
    ----------
    value, low, high : float
        Proportions, or proportions a year; missing where refused.
    p_value : float
        Of no shift or no trend; missing where there is no test.
    base : int or None
    refused : str
        Why there is no number.
    """

    value: float
    low: float
    high: float
    p_value: float
    base: int | None = None
    refused: str = ""

    @property
    def clear(self) -> bool:
        """Whether the test is passed."""
        return known(self.value) and known(self.p_value) and self.p_value < CLEAR_BELOW


def shift_sentence(
    shift: Spoken,
    group: str,
    waves: tuple[str, str],
    sentences: Sentences,
    *,
    nearer: str = "more favourably",
    mode_changed: bool = False,
    sensitive: bool = False,
) -> str:
    """Say how a later survey's answers lie against an earlier one's: pick one person from each.

    Parameters
    ----------
    shift : Spoken
        Probability that the person of the later survey answers nearer to one end of the scale, ties counted half.
    group : str
    waves : tuple of two str
        Earlier and later survey.
    sentences : Sentences
    nearer : str, default "more favourably"
        How a person answers who answers nearer to that end; it names the answer where none is favourable.
    mode_changed : bool, default False
        Whether the way of asking changed completely: then nothing is said of more or less than even.
    sensitive : bool, default False
        Whether the ways of comparing the surveys disagree on the change.

    Returns
    -------
    str
        More or less than even only where the test is passed; the reason where there is no number.
    """
    if not known(shift.value):
        return sentences.say("shift.refused", {"people": people(group), "reason": as_sentence(plain(shift.refused))})
    slots = {
        "people": people(group),
        "nearer": nearer,
        "chance": percent(shift.value, shift.base),
        "range": percent_range(shift.low, shift.high, shift.base),
        "first_wave": the_wave(waves[0]),
        "second_wave": the_wave(waves[1]),
    }
    if not shift.clear:
        return sentences.say(f"shift.{'not_clear' if known(shift.p_value) else 'untested'}", slots)
    direction = f"{'rise' if shift.value > EVEN else 'fall'}{'_sensitive' if sensitive else ''}"
    return sentences.say(f"shift.{'mode_changed' if mode_changed else direction}", slots)


def trend_sentences(
    slope: Spoken,
    group: str,
    waves: tuple[str, str],
    sentences: Sentences,
    *,
    partial: bool = False,
    mode_changed: bool = False,
) -> list[str]:
    """Say what a trend over several surveys shows.

    Parameters
    ----------
    slope : Spoken
        Points a year, as a proportion.
    group : str
    waves : tuple of two str
        First and last survey.
    sentences : Sentences
    partial : bool, default False
        Whether the question was not the same in all of them.
    mode_changed : bool, default False
        Whether the way of asking changed completely on the way: then nothing is said to have risen or fallen.

    Returns
    -------
    list of str
        The reason where there is no number.
    """
    if not known(slope.value):
        slots = {"people": people(group), "reason": as_sentence(plain(slope.refused))}
        return [sentences.say("trend.refused", slots)]
    slots = {
        "people": people(group),
        "first_wave": the_wave(waves[0]),
        "last_wave": the_wave(waves[1]),
        "slope": points(slope.value, YEARLY),
        "range": signed_range(slope.low, slope.high, YEARLY),
    }
    direction = ("rise" if slope.value > 0 else "fall") if slope.clear else "not_clear"
    said = [sentences.say(f"trend.{'mode_changed' if mode_changed and slope.clear else direction}", slots)]
    return [*said, sentences.say("trend.partial")] if partial else said


def shift_words(shift: Shift, sentences: Sentences) -> str:
    """Say a published shift."""
    row = shift.row
    return shift_sentence(
        _spoken(row),
        row.group,
        row.waves,
        sentences,
        nearer=shift.nearer,
        mode_changed=row.mode_changed,
        sensitive=row.sensitive,
    )


def slope_words(slope: Slope, sentences: Sentences, *, brief: bool = False) -> str:
    """Say a published slope, and unless briefly that the question was not the same in all surveys."""
    row = slope.row
    partial = row.comparable == "partial" and not brief
    said = trend_sentences(
        _spoken(row), row.group, row.waves, sentences, partial=partial, mode_changed=row.mode_changed
    )
    return " ".join(said)


def _spoken(row: Row) -> Spoken:
    """Take what may be said from a published row; a test only where the rules allow one."""
    p_value = row.p_adjusted if row.tested else math.nan
    return Spoken(row.estimate, row.conf_low, row.conf_high, p_value, row.base, row.note)
