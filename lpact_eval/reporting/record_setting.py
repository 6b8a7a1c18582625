"""What the charts of the records have in common: area and period for their subtitles, and their last notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.rules import MARKS
from lpact_eval.reporting.background import day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.disclosure.records import PublishedRecords

BELOW: Final = "The numbers are in the table below."
SYNTHETIC: Final = "Synthetic records: nothing here is about real events or people."


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when.

    Attributes
    ----------
    place : str
        Area and period of the events, as a subtitle ends; may be empty.
    until : str
        Day of the record; may be empty.
    synthetic : bool
    """

    place: str
    until: str
    synthetic: bool

    def notes(self, printed: Iterable[str]) -> tuple[str, ...]:
        """Explain the shorthand in what is printed, and say whether the records are made up."""
        text = " ".join(printed)
        marks = "; ".join(f"{mark} {MARKS[mark]}" for mark in MARKS if mark in text)
        return tuple(one for one in (f"{marks}." if marks else "", SYNTHETIC if self.synthetic else "") if one)


def setting_of(published: Published, records: PublishedRecords) -> Setting:
    """Gather area, period and day of the record.

    Parameters
    ----------
    published : Published
    records : PublishedRecords

    Returns
    -------
    Setting
    """
    dates = records.events["date"].dropna()
    first, last = (day(dates.min()), day(dates.max())) if len(dates) else ("", "")
    period = first if first == last else f"{first} to {last}"
    place = "".join(f", {part}" for part in (published.facts.geography, period) if part)
    return Setting(place, day(records.as_of) if records.as_of else "", records.synthetic)


def alternative(title: str, subtitle: str, told: Sequence[str], notes: Sequence[str]) -> str:
    """Say everything that a chart shows.

    Parameters
    ----------
    title, subtitle : str
    told : sequence of str
        Its numbers, a sentence each.
    notes : sequence of str

    Returns
    -------
    str
    """
    return " ".join([f"Chart. {title}. {subtitle}.", *told, *notes, BELOW])
