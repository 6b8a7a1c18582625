"""Events in groups: by community, area, period, age focus or format, and numbers of the register by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import FloatArray, IntArray

EVENT_GROUPS: Final = ("community", "area", "year", "half_year", "age_focus", "format")
PERIODS: Final = ("year", "half_year")
NOT_KNOWN: Final = "not known"
_MOST_NAMES: Final = 2
_HALVES: Final = 2
_JUNE: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Groups of n events; k groups.

    Attributes
    ----------
    names : tuple of str
        What events are grouped by: none, one or two of `EVENT_GROUPS`.
    keys : tuple of k tuples of str
        Name of each group, one per `names`.
    code : ndarray of shape (n,), int
        Group of each event.
    """

    names: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    code: IntArray

    def __len__(self) -> int:
        """Count the groups."""
        return len(self.keys)

    def label(self, place: int) -> dict[str, object]:
        """Name a group as rows of evidence do: by, group, by2, group2."""
        columns = (("by", "group"), ("by2", "group2"))
        pairs = zip(columns, self.names, self.keys[place], strict=False)
        return {column: text for both, *texts in pairs for column, text in zip(both, texts, strict=True)}

    def count(self, chosen: np.ndarray | None = None) -> FloatArray:
        """Count the events of each group, or the chosen ones, shape (k,)."""
        code = self.code if chosen is None else self.code[chosen]
        return np.bincount(code, minlength=len(self)).astype(float)

    def add(self, values: FloatArray) -> FloatArray:
        """Add up a number of every event by group, shape (k,); a missing one adds nothing."""
        return np.bincount(self.code, np.nan_to_num(values, nan=0.0), minlength=len(self)).astype(float)


def cells_of(register: pd.DataFrame, by: str | Sequence[str]) -> Cells:
    """Put events into groups.

    Parameters
    ----------
    register : DataFrame
        The event register.
    by : str or sequence of str
        Up to two of `EVENT_GROUPS`; none for all events together.

    Returns
    -------
    Cells
        The groups that occur, "not known" last; by one period alone, all from the first to the last.

    Raises
    ------
    WrongUseError
        If there are more than two, one twice, or one that events can't be grouped by.
    """
    names = event_groups(by)
    if not names:
        return one_cell(len(register))
    if len(names) == 1 and names[0] in PERIODS:
        code, words = _periods(register["date"], names[0])
        return Cells(names, tuple((word,) for word in words), code)
    return crossed(names, [_levels(register, name) for name in names])


def one_cell(n: int) -> Cells:
    """Put everything into one group."""
    return Cells((), ((),), np.zeros(n, dtype=np.intp))


def crossed(names: tuple[str, ...], levels: Sequence[tuple[IntArray, Sequence[str]]]) -> Cells:
    """Put rows into the combinations that occur of one or two columns, each given as codes and their words."""
    combined = levels[0][0]
    for code, words in levels[1:]:
        combined = combined * len(words) + code
    present, place = np.unique(combined, return_inverse=True)
    keys = (_parted(int(one), [words for _, words in levels]) for one in present)
    return Cells(names, tuple(keys), np.asarray(place, dtype=np.intp))


def event_groups(by: str | Sequence[str], allowed: Sequence[str] = EVENT_GROUPS) -> tuple[str, ...]:
    """Check what to group by; `allowed` is listed in the message."""
    names = (by,) if isinstance(by, str) else tuple(by)
    known = ", ".join(map(repr, allowed))
    unknown = [name for name in names if name not in allowed]
    if unknown:
        msg = f"Cannot group by {unknown[0]!r} here; there are {known}."
        raise WrongUseError(msg)
    if len(names) > _MOST_NAMES or len(set(names)) < len(names):
        msg = f"Cannot group by {', '.join(map(repr, names))}; give at most two different ones of {known}."
        raise WrongUseError(msg)
    return names


def half_year(place: int) -> str:
    """Name a half-year by its number, as in "2022 H2": twice the year, plus 1 for the second half."""
    return f"{place // _HALVES} H{place % _HALVES + 1}"


def half_years(dates: pd.Series) -> IntArray:
    """Give half-years numbers, see `half_year`."""
    months = np.asarray(dates.dt.month, dtype=np.intp)
    return np.asarray(dates.dt.year, dtype=np.intp) * _HALVES + (months > _JUNE)


def numbers(frame: pd.DataFrame, column: str) -> FloatArray:
    """Take a column as numbers, yes as 1 and no as 0, what is not recorded as missing."""
    return frame[column].to_numpy(dtype=float, na_value=np.nan)


def ordered_words(column: pd.Series) -> tuple[IntArray, list[str]]:
    """Give the words of a column numbers in their order, -1 where missing, and list them."""
    codes = pd.Categorical(column)
    return np.asarray(codes.codes, dtype=np.intp), [str(word) for word in codes.categories]


def filled_words(column: pd.Series) -> tuple[IntArray, list[str]]:
    """Give the words of a column numbers in their order; what is missing is "not known", the last word."""
    code, words = ordered_words(column)
    return np.where(code < 0, len(words), code), [*words, NOT_KNOWN]


def _levels(register: pd.DataFrame, name: str) -> tuple[IntArray, list[str]]:
    """Give the groups that events fall into numbers and names."""
    return _periods(register["date"], name) if name in PERIODS else filled_words(register[name])


def _periods(dates: pd.Series, name: str) -> tuple[IntArray, list[str]]:
    """Give years or half-years numbers and names from the first to the last."""
    number = half_years(dates) if name == "half_year" else np.asarray(dates.dt.year, dtype=np.intp)
    if not number.size:
        return number, []
    first, last = int(number.min()), int(number.max())
    names = [half_year(one) if name == "half_year" else str(one) for one in range(first, last + 1)]
    return number - first, names


def _parted(combined: int, words: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Take the number of a combination apart into the names of its groups."""
    parts: list[str] = []
    for one in reversed(words):
        parts.append(one[combined % len(one)])
        combined //= len(one)
    return tuple(reversed(parts))
