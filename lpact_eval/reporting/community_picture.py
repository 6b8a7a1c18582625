"""The one picture of the one-page summary: two shares and their intervals on a scale from none to all."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.community_words import when
from lpact_eval.reporting.numbers import percent, percent_range, rounded
from lpact_eval.reporting.plain_numbers import share_words

if TYPE_CHECKING:
    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.community_words import Answer
    from lpact_eval.reporting.rows import Row

WIDTH, LEFT, RIGHT = 420, 58, 26  # pixels of the drawing, which grows and shrinks with the page
ROW, TOP = 40, 8
_NAVY: Final = "#12436d"
_PALE: Final = "#a9bfd3"
_INK: Final = "#0b0c0c"
_TENTHS: Final = ((0, "none"), (50, "half"), (100, "all"))


def picture_of(published: Published, answer: Answer) -> str:
    """Draw the shares of an answer.

    Parameters
    ----------
    published : Published
    answer : Answer
        With levels that may be drawn.

    Returns
    -------
    str
        SVG with a text alternative; every text is escaped.
    """
    base = answer.row.base if answer.row else None
    levels = [(when(published, level.wave), level) for level in answer.levels]
    bottom = TOP + ROW * len(levels)
    told = ". ".join(_in_words(name, level, base) for name, level in levels)
    drawn = "".join(_line(name, level, base, TOP + ROW * place + ROW / 2) for place, (name, level) in enumerate(levels))
    return (
        f'<svg class="scale" viewBox="0 0 {WIDTH} {bottom + 24}" role="img" aria-label="{escape(told)}." '
        f'font-family="Arial, Helvetica, sans-serif" font-size="15">{_grid(bottom)}{drawn}</svg>'
    )


def _in_words(name: str, level: Row, base: int | None) -> str:
    """Say what one line of the picture shows."""
    within = percent_range(level.conf_low, level.conf_high, base)
    return f"{name}: {share_words(level.estimate, base)}, {percent(level.estimate, base)}, range {within}"


def _grid(bottom: float) -> str:
    """Draw the scale."""
    parts: list[str] = []
    for value, name in _TENTHS:
        x = _x(value)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#b1b4b6"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle" fill="{_INK}">{name}</text>')
    return "".join(parts)


def _line(name: str, level: Row, base: int | None, y: float) -> str:
    """Draw one survey's range and share."""
    low, high = (_x(rounded(min(max(end, 0.0), 1.0), base)) for end in (level.conf_low, level.conf_high))
    middle = _x(rounded(level.estimate, base))
    return (
        f'<text x="0" y="{y + 5:.1f}" font-weight="bold" fill="{_INK}">{escape(name)}</text>'
        f'<rect x="{low:.1f}" y="{y - 7:.1f}" width="{max(high - low, 1):.1f}" height="14" fill="{_PALE}"/>'
        f'<circle cx="{middle:.1f}" cy="{y:.1f}" r="8" fill="{_NAVY}"/>'
    )


def _x(percent_of_all: float) -> float:
    """Place a per cent on the scale."""
    return LEFT + (WIDTH - LEFT - RIGHT) * percent_of_all / 100
