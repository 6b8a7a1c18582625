"""Who raised what: forms and events as units that may raise a theme, never the single comment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, cast

import numpy as np
import pandas as pd

from lpact_eval.evidence.event_cells import half_year, half_years, ordered_words
from lpact_eval.evidence.once import once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evidence.record_schema import RecordSchema
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import BoolArray, IntArray

Kind = Literal["form", "note"]
KINDS: Final[tuple[Kind, ...]] = ("form", "note")
BASES: Final = {"form": "forms", "note": "events"}  # what a unit is
CODERS: Final = ("coder_1", "coder_2", "coder_3")
NOT_KNOWN: Final = "not known"
NOT_ONE: Final = ("Several", "Other", NOT_KNOWN)  # words for a community that name no single one
FROM_EVENT: Final = "forms that name no community count for the event's"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Units:
    """Units with at least one coded item; u units, t themes.

    Attributes
    ----------
    frame : DataFrame of u rows
        kind ("form" or "note"), event, place (of the event in the order of dates), person ("" for notes), community
        (of the form, else of the event), event_community, from_event (whether a form named no community of its own).
    raised : ndarray of shape (u, t), bool
    themes : tuple of str
        Keys, in the schema's order.
    flags : mapping of str to str
        For each kind, what to mind about its codes.
    """

    frame: pd.DataFrame
    raised: BoolArray
    themes: tuple[str, ...]
    flags: dict[str, str]

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def places(self) -> IntArray:
        """Place of each unit's event in the order of dates, shape (u,)."""
        return self.frame["place"].to_numpy(dtype=np.intp)

    def where(self, keep: BoolArray) -> Units:
        """Keep some of the units."""
        return replace(self, frame=self.frame[keep].reset_index(drop=True), raised=self.raised[keep])

    @once
    def of(self, kind: Kind) -> Units:
        """Keep forms, or notes."""
        return self.where((self.frame["kind"] == kind).to_numpy(dtype=bool))

    def by_event(self) -> Units:
        """Unite forms and notes of an event, events in the order of their dates; `kind` and `person` are empty."""
        present, position = np.unique(self.places, return_inverse=True)
        raised = np.zeros((present.size, len(self.themes)), dtype=bool)
        np.logical_or.at(raised, position, self.raised)
        first = self.frame.drop_duplicates("place").sort_values("place").reset_index(drop=True)
        frame = first.assign(kind="", person="", community=first["event_community"], from_event=False)
        return replace(self, frame=frame, raised=raised)


@once
def units_of(evidence: Evidence) -> Units:
    """Unite the items of every form, and the notes of every event.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    Units
        Forms are told apart by event and form number; items that nobody coded, and items of a form without a number,
        are left aside. A form that names two communities belongs to "not known". The codes that count are the agreed
        ones, and where there are none those of the first coder who read the item.
    """
    feedback, themes = evidence.tables["feedback"], tuple(evidence.schema.themes)
    raised, coded, agreed = counted_codes(feedback, themes)
    register = ordered_register(evidence)
    place = pd.Index(register["event"]).get_indexer(pd.Index(feedback["event"]))
    form = (feedback["kind"].astype(object) == "form").to_numpy(dtype=bool)
    nameless = form & feedback["person"].isna().to_numpy(dtype=bool)
    keep = coded & (place >= 0) & ~nameless & feedback["kind"].notna().to_numpy(dtype=bool)
    items = pd.DataFrame(
        {
            "kind": np.where(form, "form", "note"),
            "place": place,
            "person": np.where(form, feedback["person"].astype(object), ""),
            "community": feedback["community"].astype(object).where(form),
        }
    )[keep]
    frame, position = _united(items, register)
    together = np.zeros((len(frame), len(themes)), dtype=bool)
    np.logical_or.at(together, position, raised[keep])
    flags = {
        kind: "; ".join(_notes(coded[mine], agreed[mine], nameless[mine]))
        for kind, mine in (("form", form), ("note", ~form))
    }
    return Units(frame, together, themes, flags)


def counted_codes(feedback: pd.DataFrame, themes: Sequence[str]) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Take of every item the codes that count.

    Returns
    -------
    raised : ndarray of shape (n, t), bool
    coded, agreed : ndarray of shape (n,), bool
        Whether anybody read the item, and whether the coders agreed on its codes.
    """
    raised, coded = theme_matrix(feedback["agreed"], themes)
    agreed = coded.copy()
    for coder in CODERS:
        own, read = theme_matrix(feedback[coder], themes)
        raised |= own & (read & ~coded)[:, None]
        coded |= read
    return raised, coded, agreed


def theme_matrix(codes: pd.Series, themes: Sequence[str]) -> tuple[BoolArray, BoolArray]:
    """Lay one column of sets out by theme, (n, t), with whether the item was read, (n,); "none" is no theme."""
    cells = [cast("tuple[str, ...]", cell) if isinstance(cell, tuple) else None for cell in codes.to_list()]
    sizes = np.array([-1 if cell is None else len(cell) for cell in cells], dtype=np.intp)
    names = [name for cell in cells if cell for name in cell]
    column = pd.Index(list(themes), dtype=object).get_indexer(pd.Index(names, dtype=object))
    row = np.repeat(np.arange(sizes.size), np.maximum(sizes, 0))
    raised = np.zeros((sizes.size, len(themes)), dtype=bool)
    raised[row[column >= 0], column[column >= 0]] = True
    return raised, sizes >= 0


@once
def ordered_register(evidence: Evidence) -> pd.DataFrame:
    """Give the register in the order of dates, events of a day by their code."""
    return evidence.tables["register"].sort_values(["date", "event"], kind="stable").reset_index(drop=True)


def groups_of(evidence: Evidence, units: Units, name: str) -> tuple[IntArray, list[str]]:
    """Group units by what the register says of their event, or by their community.

    Returns
    -------
    codes : ndarray of shape (u,), int
    names : list of str
        Groups present, in the order of the schema or of time, "not known" last.
    """
    register, place = ordered_register(evidence), units.places
    if name == "half_year":
        values: Sequence[str] = [half_year(int(number)) for number in half_years(register["date"])[place]]
        listed: list[str] = []
    elif name == "year":
        values, listed = register["date"].dt.year.astype(str).to_numpy(dtype=object)[place].tolist(), []
    else:
        words = register[name].astype(object)[place] if name != "community" else units.frame["community"]
        values, listed = words.to_list(), ordered_words(register[name])[1]
    return numbered([value if isinstance(value, str) else NOT_KNOWN for value in values], listed)


def numbered(values: Sequence[str], listed: Sequence[str]) -> tuple[IntArray, list[str]]:
    """Give words numbers, and list those present: in the order of a list, then of the alphabet, "not known" last."""
    present = set(values)
    names = [word for word in listed if word in present and word != NOT_KNOWN]
    names += sorted(present - {*names, NOT_KNOWN}) + [NOT_KNOWN] * (NOT_KNOWN in present)
    places = {word: place for place, word in enumerate(names)}
    return np.array([places[value] for value in values], dtype=np.intp), names


def theme_names(schema: RecordSchema) -> list[str]:
    """Give the titles of the themes, as rows of evidence name them."""
    return [theme.title for theme in schema.themes.values()]


def joined(flags: Sequence[str]) -> str:
    """Join what to mind, without what is empty or said already."""
    return "; ".join(dict.fromkeys(part for flag in flags for part in flag.split("; ") if part))


def _united(items: pd.DataFrame, register: pd.DataFrame) -> tuple[pd.DataFrame, IntArray]:
    """Make a row for each unit, and say of every item to which it belongs."""
    grouped = items.groupby(["kind", "place", "person"], sort=True, observed=True)
    position: IntArray = np.asarray(grouped.ngroup(), dtype=np.intp)
    own = _named(items["community"], position, len(grouped))
    frame = grouped.size().reset_index()[["kind", "place", "person"]]
    place = frame["place"].to_numpy(dtype=np.intp)
    event = register["community"].astype(object).to_numpy()[place]
    named_none = np.array([word is None for word in own], dtype=bool)
    frame.insert(1, "event", register["event"].to_numpy(dtype=object)[place])
    frame["community"] = np.where(named_none, event, own)
    frame["event_community"] = event
    frame["from_event"] = named_none & (frame["kind"] == "form").to_numpy(dtype=bool)
    return frame, position


def _named(community: pd.Series, position: IntArray, units: int) -> np.ndarray:
    """Give the community that each unit names, shape (units,); None for none, "not known" where it names two."""
    codes, words = pd.factorize(community)
    given = codes >= 0
    low, high = np.full(units, len(words)), np.full(units, -1)
    np.minimum.at(low, position[given], codes[given])
    np.maximum.at(high, position[given], codes[given])
    named = np.array([*words, None], dtype=object)[high]  # -1 takes the last, which is None
    return np.where((high >= 0) & (low != high), NOT_KNOWN, named)


def _notes(coded: BoolArray, agreed: BoolArray, nameless: BoolArray) -> list[str]:
    """Say what to mind about the codes of one kind, without counts, which might be small."""
    single = coded & ~agreed
    share = "all" if single.sum() == coded.sum() else "some"
    checks = (
        (bool(single.any()), f"{share} items count as one coder coded them, without agreed codes"),
        (not coded.all(), "items that are not coded yet are left aside"),
        (bool(nameless.any()), "items of forms without a number are left aside"),
    )
    return [text for hit, text in checks if hit]
