"""Attendees against others item by item and for an index, with the family of hypotheses declared."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pandas as pd

from lpact_eval.comparison.attendance import attendance_gap
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.designs import names_of
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.index import add_index
from lpact_eval.estimation.multiplicity import adjust as adjust_p

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.comparison.gaps import AttendanceGap
    from lpact_eval.sample import FloatArray, Sample

INDEX: Final = "index"
EXPLORATORY: Final = "exploratory"
NOBODY: Final = "nobody in the sample answered it"
_COLUMNS: Final = ("estimate", "conf_low", "conf_high", "p_value", "p_adjusted", "family", "flags", "refused")


@dataclass(frozen=True, slots=True, eq=False)
class AttendanceItems:
    """The same comparison for several items, and their family.

    Attributes
    ----------
    frame : DataFrame
        item, domain (under the name of the domain variable), estimate, conf_low, conf_high, p_value, p_adjusted,
        family, flags, refused. Intervals are those of each item alone, not adjusted for the number of items.
    gaps : mapping of str to AttendanceGap
        Each item's own comparison; without items that nobody answered or that can't be compared.
    families : str
        What was declared, and how p values are adjusted, in words.
    primary : tuple of tuples of str
        Items of each primary family, in the order of the series.
    among : tuple of str
        Domains whose differences the primary families are about.
    """

    frame: pd.DataFrame
    gaps: Mapping[str, AttendanceGap]
    families: str
    primary: tuple[tuple[str, ...], ...]
    among: tuple[str, ...]
    not_shown: str = field(default="", repr=False)

    def __repr__(self) -> str:
        with pd.option_context("display.width", 160, "display.max_columns", 30, "display.precision", 4):
            return "\n".join(filter(None, [repr(self.frame), self.families, self.not_shown]))


def attendance_items(  # noqa: PLR0913 - the arguments of attendance_gap, and the family
    sample: Sample,
    items: Sequence[str],
    *,
    attended: str,
    adjust: str | Sequence[str],
    by: str | Sequence[str] = ("ethnicity",),
    method: str = "regression",
    estimand: str | None = None,
    index: Sequence[str] | None = None,
    primary: Sequence[str] | Sequence[Sequence[str]] | None = None,
    among: str | Sequence[str] | None = None,
    answers: Mapping[str, str | Sequence[str]] | None = None,
    seed: int | None = None,
) -> AttendanceItems:
    """Compare attendees with comparable non-attendees in several items and an index.

    Parameters
    ----------
    sample : Sample
    items : sequence of str
        Outcomes, each with the answers that the schema calls positive; the means of numbers.
    attended, adjust, by, method, estimand, seed
        As in `attendance_gap`.
    index : sequence of str, optional
        Items of an index, made by `add_index`; it becomes the item "index".
    primary : sequence of str, or of sequences of str, optional
        The items (or "index") that were declared before the answers were seen, as one family, or as several in the
        order in which they are tested. None: nothing was declared, and everything is exploratory.
    among : str or sequence of str, optional
        Domains that the primary families are about, as "Black" or "All respondents"; by default each domain of `by`,
        or all respondents without one.
    answers : mapping, optional
        {item: answers that count} where they are not the schema's.

    Returns
    -------
    AttendanceItems
        An item that nobody answered, or that can't be compared, is one row with the reason; where none can be, the
        first error is raised.

    Raises
    ------
    WrongUseError
        If an item is named twice, a primary one is none of the items, is in two families, or there is no such domain;
        and as in `attendance_gap`.
    EstimationError
        As in `attendance_gap` and `add_index`.

    Notes
    -----
    Primary differences: Holm within one family; with several, families in series (gatekeeping). All others, of
    primary items in other domains and between domains too, are exploratory: Benjamini and Hochberg over all of them.
    Refused differences, and those under 4 degrees of freedom, have no p value and are not counted.

    References
    ----------
    Holm (1979), *Scandinavian J. Statistics* 6, 65-70; Benjamini & Hochberg (1995), *JRSS B* 57, 289-300; Westfall &
    Krishen (2001), *J. Statistical Planning and Inference* 99, 25-40.
    """
    indexed, names = _with_index(sample, items, index)
    families = _families(primary, names)

    def compared(name: str) -> AttendanceGap:
        return attendance_gap(
            indexed,
            name,
            (answers or {}).get(name),
            attended=attended,
            adjust=adjust,
            by=by,
            method=method,
            estimand=estimand,
            seed=seed,
        )

    gaps, failed = _each(indexed, names, compared)
    column = " and ".join(names_of(by)) or "group"
    tables = [_rows(name, gaps[name], column) if name in gaps else _row(name, column, failed[name]) for name in names]
    frame = pd.concat(tables, ignore_index=True)
    about = _about(frame[column].astype(str).tolist(), among, gaps)
    frame = _adjusted(frame.assign(family=_family_of(frame, (column, about), families, failed)), len(families))
    not_shown = next((gap.not_shown for gap in gaps.values()), "")
    told = _words(families, about)
    return AttendanceItems(frame[["item", column, *_COLUMNS]], MappingProxyType(gaps), told, families, about, not_shown)


def _with_index(sample: Sample, items: Sequence[str], index: Sequence[str] | None) -> tuple[Sample, tuple[str, ...]]:
    """Add the index, and list what is compared."""
    names = [*([items] if isinstance(items, str) else items), *([INDEX] if index is not None else [])]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not names:
        found = f"{twice} stand twice" if twice else "there are none"
        msg = f"Cannot compare attendees in these items: {found}. Name each item once."
        raise WrongUseError(msg)
    indexed = sample if index is None else add_index(sample, INDEX, list(index))
    unknown = [name for name in names if name not in indexed.answers.columns]
    if unknown:
        known = sorted(map(str, sample.answers.columns))
        msg = f"Cannot compare attendees in these items: there is no variable {unknown}; the sample has {known}."
        raise EstimationError(msg)
    return indexed, tuple(names)


def _families(
    primary: Sequence[str] | Sequence[Sequence[str]] | None, names: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    """Read the primary families."""
    if primary is None or not len(primary):
        return ()
    if isinstance(primary, str):
        return _families([primary], names)
    alone = all(isinstance(one, str) for one in primary)
    given = [tuple(cast("Sequence[str]", primary))] if alone else [names_of(one) for one in primary]
    members = [name for family in given for name in family]
    unknown = [name for name in members if name not in names]
    if unknown:
        msg = f"Cannot test {unknown} in a primary family: they are none of the items {list(names)}."
        raise WrongUseError(msg)
    twice = sorted({name for name in members if members.count(name) > 1})
    if twice:
        msg = f"Cannot test {twice} in two primary families; each item belongs to one."
        raise WrongUseError(msg)
    return tuple(given)


def _each(
    sample: Sample, names: Sequence[str], compared: Callable[[str], AttendanceGap]
) -> tuple[dict[str, AttendanceGap], dict[str, str]]:
    """Compare item by item; what is wrong with every item is raised, what is wrong with one is its reason."""
    gaps: dict[str, AttendanceGap] = {}
    failed: dict[str, str] = {}
    errors: list[EstimationError] = []
    for name in names:
        if not (sample.answers[name].notna().to_numpy() & (sample.design.weight > 0)).any():
            failed[name] = NOBODY
            continue
        try:
            gaps[name] = compared(name)
        except EstimationError as error:
            failed[name] = str(error)
            errors.append(error)
    if errors and not gaps:
        raise errors[0]
    return gaps, failed


def _rows(name: str, gap: AttendanceGap, column: str) -> pd.DataFrame:
    """Tabulate one item."""
    table = gap.estimate.to_frame()[[column, "estimate", "conf_low", "conf_high"]]
    table.insert(0, "item", name)
    p_value: FloatArray = gap.test["p_value"].to_numpy(dtype=float)
    return table.assign(p_value=p_value, flags=list(gap.flags), refused=list(gap.refused))


def _row(name: str, column: str, reason: str) -> pd.DataFrame:
    """Make one row without numbers for an item that can't be compared."""
    row = {"item": name, column: ALL, "flags": "", "refused": reason}
    return pd.DataFrame([row | dict.fromkeys(("estimate", "conf_low", "conf_high", "p_value"), np.nan)])


def _about(
    known: Sequence[str], among: str | Sequence[str] | None, gaps: Mapping[str, AttendanceGap]
) -> tuple[str, ...]:
    """Say which domains the primary families are about."""
    if among is None:
        rows = [row for gap in gaps.values() for row in gap.basis.rows if len(row.sides) == 1]
        return tuple(dict.fromkeys(row.name for row in rows if row.name != ALL)) or (ALL,)
    wanted, domains = names_of(among), tuple(dict.fromkeys(known))
    unknown = [name for name in wanted if name not in domains]
    if unknown:
        msg = f"Cannot make primary families among {unknown}: there are {list(domains)}."
        raise WrongUseError(msg)
    return wanted


def _family_of(
    frame: pd.DataFrame,
    domains: tuple[str, Sequence[str]],
    families: Sequence[Sequence[str]],
    failed: Mapping[str, str],
) -> list[str]:
    """Name the family of each row; an item that can't be compared keeps its own, which it may close."""
    (column, about), found = domains, list[str]()
    for item, domain in frame[["item", column]].astype(str).itertuples(index=False, name=None):
        inside = domain in about or item in failed
        place = next((place for place, family in enumerate(families) if item in family and inside), None)
        found.append(EXPLORATORY if place is None else _name(place, len(families)))
    return found


def _name(place: int, series: int) -> str:
    """Name a primary family."""
    return "primary" if series == 1 else f"primary {place + 1}"


def _adjusted(frame: pd.DataFrame, series: int) -> pd.DataFrame:
    """Adjust primary p values by Holm, or in series, and the others by Benjamini and Hochberg."""
    family, p_value = frame["family"].to_numpy(dtype=object), frame["p_value"].to_numpy(dtype=float)
    adjusted = np.full(p_value.size, np.nan)
    first = family != EXPLORATORY
    order = [np.flatnonzero(family[first] == _name(place, series)).tolist() for place in range(series)]
    if series:
        adjusted[first] = adjust_p(p_value[first], method="gatekeeping" if series > 1 else "holm", families=order)
    adjusted[~first] = adjust_p(p_value[~first], method="BH")
    return frame.assign(p_adjusted=adjusted)


def _words(families: Sequence[Sequence[str]], about: Sequence[str]) -> str:
    """Say what was declared."""
    if not families:
        return (
            "No family was declared: everything here is exploratory, p values adjusted by Benjamini and Hochberg. "
            "Intervals are not adjusted."
        )
    listed = "; then ".join(", ".join(family) for family in families)
    how = "Holm" if len(families) == 1 else "Holm within each, each tested once all before it are clear"
    return (
        f"Declared as primary: {listed}, among {', '.join(about)} ({how}). Everything else is exploratory (Benjamini "
        "and Hochberg). Intervals are not adjusted."
    )
