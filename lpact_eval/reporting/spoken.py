"""Sentences on a shift of ordered answers and on a trend over several surveys, chosen by their tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpact_eval.reporting.numbers import known, percent, percent_range, signed, signed_range
from lpact_eval.reporting.rows import CLEAR_BELOW, as_sentence, people, plain, the_wave

if TYPE_CHECKING:
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


def shift_sentence(shift: Spoken, wave: str, sentences: Sentences) -> str:
    """Say how a later survey's answers lie against an earlier one's: pick one person from each.

    Parameters
    ----------
    shift : Spoken
        Probability that the person of the later survey answers more favourably, ties counted half.
    wave : str
        The later survey.
    sentences : Sentences

    Returns
    -------
    str
        A rise or a fall only where the test is passed; the reason where there is no number.
    """
    if not known(shift.value):
        return sentences.say("shift.refused", {"reason": as_sentence(plain(shift.refused))})
    slots = {
        "chance": percent(shift.value, shift.base),
        "range": percent_range(shift.low, shift.high, shift.base),
        "second_wave": the_wave(wave),
    }
    outcome = ("rise" if shift.value > EVEN else "fall") if shift.clear else "not_clear"
    return sentences.say(f"shift.{outcome}", slots)


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
        return [sentences.say("trend.refused", {"reason": as_sentence(plain(slope.refused))})]
    slots = {
        "people": people(group),
        "first_wave": the_wave(waves[0]),
        "last_wave": the_wave(waves[1]),
        "slope": signed(slope.value, slope.base),
        "range": signed_range(slope.low, slope.high, slope.base),
    }
    direction = ("rise" if slope.value > 0 else "fall") if slope.clear else "not_clear"
    said = [sentences.say(f"trend.{'mode_changed' if mode_changed and slope.clear else direction}", slots)]
    return [*said, sentences.say("trend.partial")] if partial else said
