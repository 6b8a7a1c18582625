"""Tipping points: how strong selection would have to be for a change to be due to it alone, and that in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from lpact_eval.errors import WrongUseError

PARTICIPATION: Final = "participation"
CHANGED_COMPLETELY: Final = "it changed completely between the waves, so its part can't be told from the change"
_SAME: Final = "its share was the same in both waves, so it can't explain a change"
_ALIKE: Final = 1e-9
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Tipping:
    """What would have to be true for a change to be due to selection alone.

    Attributes
    ----------
    kind : str
        "participation", or the variable that says how respondents were reached.
    answer : str
        The way of reaching them, such as "police officer"; empty for participation.
    minus, level : str
        Earlier and later wave.
    change, change_end : float
        The change, and the end of its interval nearest to 0 (0 where the interval holds it).
    first, second : float
        Share reached in that way in each wave; for participation the shares that changed.
    tipping, tipping_end : float
        For participation the ratio of odds, else the difference of shares, at which the change (its interval's end) is
        explained in full; missing where refused.
    observed, observed_low, observed_high : float
        Difference in the later wave between respondents reached in that way and others, with its interval.
    n_least : int
        The smallest number of respondents behind these shares and the difference, 0 left aside.
    refused : str
        Why there is no tipping point.
    """

    kind: str
    answer: str
    minus: str
    level: str
    change: float
    change_end: float = math.nan
    first: float = math.nan
    second: float = math.nan
    tipping: float = math.nan
    tipping_end: float = math.nan
    observed: float = math.nan
    observed_low: float = math.nan
    observed_high: float = math.nan
    n_least: int = 0
    refused: str = ""

    @property
    def sentence(self) -> str:
        """The tipping point in plain words; the reason where there is none."""
        if self.refused:
            return f"{self.refused[:1].upper()}{self.refused[1:]}."
        return _participation_words(self) if self.kind == PARTICIPATION else _reached_words(self)


def participation_tipping_ratio(*, before: float, after: float) -> float:
    """Say how much more readily confident people would have to take part for a change to vanish.

    Parameters
    ----------
    before, after : float
        Share in the earlier and the later wave, over 0 and under 1. For the end of an interval of the change, give
        before + end as `after`.

    Returns
    -------
    float
        R: if the odds of taking part of people who answer so, over those of others, became R times as large between the
        waves, the change is due to that alone. 1 without a change, under 1 for a fall.

    Raises
    ------
    WrongUseError
        If a share is not strictly between 0 and 1.

    Notes
    -----
    Selection with weights proportional to exp(gamma y) multiplies the odds of y by exp(gamma): R is the odds ratio.

    References
    ----------
    Scharfstein, Rotnitzky & Robins (1999), *J. American Statistical Association* 94, 1096-1120 (exponential tilting).
    """
    for name, share in (("before", before), ("after", after)):
        if not 0 < share < 1:
            msg = f"Cannot work out the tipping ratio: {name} is {share}; a share lies strictly between 0 and 1."
            raise WrongUseError(msg)
    return (after / (1 - after)) / (before / (1 - before))


def tipping_difference(*, change: float, before: float, after: float) -> float:
    """Say how much a way of reaching respondents would have to move the answer for a change to be due to it alone.

    Parameters
    ----------
    change : float
        Difference of shares between the waves.
    before, after : float
        Share of respondents reached in that way in each wave, from 0 to 1.

    Returns
    -------
    float
        Difference of shares, change / (after - before). Beyond 1 or -1 no difference is large enough.

    Raises
    ------
    WrongUseError
        If a share is not between 0 and 1, both are equal, or the way changed completely (0 to 1 or 1 to 0), so that it
        can't be told from the change.
    """
    if not (0 <= before <= 1 and 0 <= after <= 1):
        msg = f"Cannot work out the tipping difference: the shares are {before} and {after}; they lie from 0 to 1."
        raise WrongUseError(msg)
    reason = inseparable(before, after)
    if reason:
        msg = f"Cannot work out the tipping difference: {reason}."
        raise WrongUseError(msg)
    return change / (after - before)


def participation_tipping(
    *, minus: str, level: str, shares: tuple[float, float], interval: tuple[float, float]
) -> Tipping:
    """Work out the tipping ratio of a change, and that of the interval's end nearest to 0.

    Parameters
    ----------
    minus, level : str
        Earlier and later wave.
    shares : tuple of two float
        Share in the earlier and the later wave.
    interval : tuple of two float
        Interval of the change.

    Returns
    -------
    Tipping
        Refused where nobody or everybody answered so in a wave.
    """
    before, after = shares
    end = nearest_end(interval)
    made = Tipping(PARTICIPATION, "", minus, level, after - before, end, before, after)
    if not (0 < before < 1 and 0 < after < 1):
        return replace(made, refused="everybody or nobody answered so in a wave, so there is no ratio of odds")
    edge = before + end
    ratio = participation_tipping_ratio(before=before, after=edge) if 0 < edge < 1 else math.nan
    return replace(made, tipping=participation_tipping_ratio(before=before, after=after), tipping_end=ratio)


def inseparable(before: float, after: float) -> str:
    """Say why a way of reaching respondents can't be weighed against a change."""
    if abs(after - before) < _ALIKE:
        return _SAME
    return CHANGED_COMPLETELY if abs(after - before) > 1 - _ALIKE else ""


def nearest_end(interval: tuple[float, float]) -> float:
    """Take the end of an interval that is nearest to 0; 0 where the interval holds it."""
    low, high = interval
    if math.isnan(low) or math.isnan(high):
        return math.nan
    return 0.0 if low <= 0 <= high else low if low > 0 else high


def _participation_words(found: Tipping) -> str:
    """Say the tipping ratio in plain words."""
    what = _change_word(found)
    told = (
        f"This {what} would vanish if, compared with {found.minus}, people who answered so were "
        f"{_times(found.tipping)} as likely as others to take part"
    )
    if math.isnan(found.tipping_end):
        return f"{told}."
    if found.change_end == 0:
        return f"{told}. The interval holds 0 without any such shift."
    return f"{told}. The end of the interval nearest to 0 would reach it at {_times(found.tipping_end)}."


def _reached_words(found: Tipping) -> str:
    """Say the tipping difference in plain words, beside what was observed."""
    shares = f"{found.first:.0%} of answers in {found.minus} and {found.second:.0%} in {found.level}"
    what = _change_word(found)
    if abs(found.tipping) > 1:
        told = f"{_reached(found)} for {shares}. No difference that this makes could explain the {what} alone"
    else:
        direction = "raised" if found.tipping > 0 else "lowered"
        told = (
            f"{_reached(found)} for {shares}. That alone would explain the {what} if it {direction} the share by "
            f"{abs(found.tipping) * _WHOLE:.0f} points"
        )
    if math.isnan(found.observed):
        return f"{told}."
    word = "higher" if found.observed >= 0 else "lower"
    low, high = found.observed_low * _WHOLE, found.observed_high * _WHOLE
    return (
        f"{told}. In {found.level} the share was {abs(found.observed) * _WHOLE:.0f} points {word} than among others "
        f"(95% modelled interval {low:+.0f} to {high:+.0f})."
    )


def _reached(found: Tipping) -> str:
    """Name the way at the start of a sentence."""
    return {
        "interviewer": f"{found.answer.capitalize()} present",
        "mode": f"Answered by {found.answer}",
        "recruit_route": f"Recruited by {found.answer}",
    }.get(found.kind, f"{found.kind}: {found.answer}")


def _change_word(found: Tipping) -> str:
    """Name a change: a rise or a fall only where the interval does not hold 0."""
    if not found.change_end:
        return "difference"
    return "rise" if found.change > 0 else "fall"


def _times(ratio: float) -> str:
    """Write a ratio."""
    return f"{ratio:.1f} times" if ratio >= 1 else f"{ratio:.2f} times"
