"""Sentences for plans: rounded numbers of people, shares and points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Below five expected answers on a side the normal approximation behind every formula here is rough.
FEW_EXPECTED = 5


def per_cent(share: float) -> str:
    """Write a share, with a decimal only where it is needed."""
    return f"{round(100 * share, 1):g}%"


def points(change: float) -> str:
    """Write the size of a change, or that there is none."""
    return "none" if math.isnan(change) else f"{abs(100 * change):.1f} points"


def people(n: float) -> str:
    """Write a number of people, rounded up; a billionth over a whole number is a rounding error."""
    return "endlessly many" if math.isinf(n) else f"{math.ceil(n - 1e-9):,}"


def given(n: float) -> str:
    """Write a number of respondents that there are; effective ones come in fractions."""
    return "endlessly many" if math.isinf(n) else f"{n:,.1f}".removesuffix(".0")


def direction(change: float) -> str:
    """Name the direction of a change."""
    return "rise" if change > 0 else "fall"


def caution(shares: Sequence[float], bases: Sequence[float]) -> str:
    """Say so where hardly anybody is expected to give one of the answers."""
    expected = min(n * side for share, n in zip(shares, bases, strict=True) for side in (share, 1 - share))
    if expected >= FEW_EXPECTED:
        return ""
    return " This is rough: fewer than five respondents are expected to give one of the answers."


def freedom(df: float) -> str:
    """Say so where the test has so few degrees of freedom that it is no normal one."""
    return "" if math.isinf(df) else f" The test has {df:.1f} degrees of freedom."


def needed(shares: tuple[float, float], power: float, sizes: tuple[float, float]) -> str:
    """Say how large two open waves must be."""
    return (
        f"To show a change from {per_cent(shares[0])} to {per_cent(shares[1])} with {per_cent(power)} power, "
        f"{people(sizes[0])} respondents are needed in the first wave and {people(sizes[1])} in the second."
    )


def needed_beside(shares: tuple[float, float], power: float, first_wave: float, n: float) -> str:
    """Say how large the second wave must be beside a fixed first one."""
    return (
        f"To show a change from {per_cent(shares[0])} to {per_cent(shares[1])} with {per_cent(power)} power beside a "
        f"first wave with {given(first_wave)} effective respondents, {people(n)} respondents are needed in the second."
    )


def never(shares: tuple[float, float], power: float, first_wave: float, best: tuple[float, float]) -> str:
    """Say that no second wave is large enough; best holds the power and the change that an endless one gives."""
    way = direction(shares[1] - shares[0])
    rather = (
        f"no {way} at all can be shown with {per_cent(power)} power"
        if math.isnan(best[1])
        else f"the smallest {way} that an endless second wave shows with {per_cent(power)} power is {points(best[1])}"
    )
    return (
        f"Impossible: beside a first wave with {given(first_wave)} effective respondents no second wave shows a change "
        f"from {per_cent(shares[0])} to {per_cent(shares[1])} with {per_cent(power)} power. The best that can be had "
        f"is {per_cent(best[0])}; {rather}."
    )


def out_of_reach(shares: tuple[float, float], largest: float, best: float) -> str:
    """Say that a wave would have to be larger than any that can be had."""
    return (
        f"Impossible: to show a change of {abs(100 * (shares[1] - shares[0])):.2g} points from {per_cent(shares[0])}, "
        f"more than {people(largest)} respondents would be needed in a wave, more than can be had. The best power that "
        f"can be had is {per_cent(best)}."
    )


def detectable(baseline: float, power: float, sizes: tuple[float, float], changes: tuple[float, float]) -> str:
    """Say what rise and what fall two waves can show; NaN where they can't."""
    up, down = changes
    fall = "no fall can be shown" if math.isnan(down) else f"the smallest fall is {points(down)}"
    having = f"ith {given(sizes[0])} respondents in the first wave and {given(sizes[1])} in the second"
    if math.isnan(up):
        return (
            f"Impossible: w{having}, not even a rise from {per_cent(baseline)} to 100% is shown with "
            f"{per_cent(power)} power; {fall}."
        )
    return (
        f"W{having}, the smallest rise from {per_cent(baseline)} that is shown with {per_cent(power)} power is "
        f"{points(up)}; {fall}."
    )


def chance(shares: tuple[float, float], sizes: tuple[float, float], power: float, ceiling: float) -> str:
    """Say how surely two waves show a change, and how surely the first one lets any second wave show it."""
    return (
        f"With {given(sizes[0])} respondents in the first wave and {given(sizes[1])} in the second, a change from "
        f"{per_cent(shares[0])} to {per_cent(shares[1])} is shown with probability {per_cent(power)}; with an endless "
        f"second wave it would be {per_cent(ceiling)}."
    )
