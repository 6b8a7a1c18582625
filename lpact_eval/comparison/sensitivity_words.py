"""What each measure of sensitivity says, in one plain sentence."""

from __future__ import annotations

from typing import Final

HOLDS_ZERO: Final = "The interval already holds 0, so chance alone may account for it: no unmeasured reason is needed."
_AS_STRONG: Final = {1: "as strong as", 2: "twice as strong as", 3: "three times as strong as"}
_WHOLE: Final = 100
_COARSE: Final = 2


def refused(reason: str) -> str:
    """Say why there is no number."""
    return f"Not worked out: {reason}."


def e_value_words(strength: float, ratio: float, *, share: bool, holds_zero: bool) -> str:
    """Say the E-value of an estimate."""
    answer = "that answer" if share else "a higher answer"
    close = "; its interval holds 0 without any such reason." if holds_zero else "."
    if strength == 1:
        return "Attendees and others answered alike, so there is nothing to explain away."
    if ratio > 1:
        told = f"would have to make both attending and {answer} at least {_times(strength)} as likely"
    else:
        told = (
            f"would have to make one of attending and {answer} at least {_times(strength)} as likely, and the other "
            "that many times less likely"
        )
    return f"To explain this away, an unmeasured reason {told}, beyond what is adjusted for{close}"


def e_value_limit_words(strength: float, *, holds_zero: bool) -> str:
    """Say the E-value of the nearer end of the interval."""
    if holds_zero:
        return HOLDS_ZERO
    if strength == 1:
        return "As a ratio, the interval already holds 1, so chance alone may account for it."
    return f"A reason tied to both by {_times(strength)} would bring the nearer end of the interval to 0."


def robustness_words(value: float, *, holds_zero: bool) -> str:
    """Say the robustness value of an estimate."""
    close = "; its interval holds 0 without any such reason." if holds_zero else "."
    return (
        f"To bring this to 0, an unmeasured reason would have to explain {_percent(value)} of what the "
        f"adjusters leave open, both of who attended and of how people answered{close}"
    )


def robustness_limit_words(value: float) -> str:
    """Say the robustness value of the nearer end of the interval."""
    if value == 0:
        return HOLDS_ZERO
    return f"{_capital(_percent(value))} of both would be enough to bring the nearer end of the interval to 0."


def benchmark_words(title: str, times: int, change: tuple[float, float], *, share: bool, lost: bool) -> str:
    """Say what a reason as strong as an adjuster could make of the estimate, at most."""
    before, after = change
    close = ", with an interval that holds 0" if lost else ""
    return (
        f"At worst, an unmeasured reason {_AS_STRONG[times]} {title!r} would take this from "
        f"{_amount(before, share=share)} to {_amount(after, share=share)}{close}."
    )


def too_strong_words(title: str, times: int) -> str:
    """Say that no reason can be so strong."""
    return f"No unmeasured reason could be {_AS_STRONG[times]} {title!r}, which itself explains much of who attended."


def tipping_words(ratio: float) -> str:
    """Say the participation tipping ratio of an estimate."""
    return (
        "Who took part could explain this alone if, compared with those who did not attend, people who answer so were "
        f"{_times(ratio)} as likely as others to take part once they had attended."
    )


def tipping_limit_words(ratio: float, *, holds_zero: bool) -> str:
    """Say the participation tipping ratio of the nearer end of the interval."""
    if holds_zero:
        return "The interval already holds 0, so who took part would not have to differ at all."
    return f"At {_times(ratio)} as likely, the nearer end of the interval would reach 0."


def _percent(value: float) -> str:
    """Write a share of what is left open; what rounds to none is under one."""
    return f"about {value:.0%}" if value >= 0.5 / _WHOLE else "less than 1%"


def _capital(text: str) -> str:
    """Begin a sentence with a capital."""
    return text[:1].upper() + text[1:]


def _amount(value: float, *, share: bool) -> str:
    """Write a difference without a minus before 0: points for shares, the outcome's own unit for means."""
    return f"{round(value * _WHOLE, 1) + 0.0:+.1f} points" if share else f"{round(value, 2) + 0.0:+.2f}"


def _times(ratio: float) -> str:
    """Write a ratio; near 1 and under it the second decimal counts."""
    return f"{ratio:.1f} times" if ratio >= _COARSE else f"{ratio:.2f} times"
