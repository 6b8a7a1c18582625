"""Free text of the records: scanned for what looks personal, and quoted only with consent and where nobody is told.

Rules find contacts and numbers of a person, never a name or a story that everyone knows: whoever quotes reads first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import pandas as pd

from lpact_eval.evidence.units import NOT_ONE
from lpact_eval.waves.contacts import looks_personal
from lpact_eval.waves.personal import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.evidence.records import Evidence

SCAN_COLUMNS: Final = ("record", "column", "kind", "cells", "items")
QUOTE_COLUMNS: Final = ("item", "text", "themes", "community", "event", "unlinked", "before_use")
READ_FIRST: Final = "Read before use: rules find no names, and no story by which people know who it was."
SMALLEST_LINKED: Final = 30  # people at an event under which a quote is not linked to it (small-base rules)
_ADDRESSED: Final = {("register", "venue"): ("postcode", "telephone")}  # a venue has its own
_YOUNGEST: Final = 10  # years before the records from which a date may be a birthday


def scan_texts(evidence: Evidence) -> pd.DataFrame:
    """Count texts that look personal, without showing any.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        record, column, kind ("an e-mail address" and so on), cells, items: ids of the rows, or their place in the
        table where the record has no ids, with semicolons between. A text that holds two kinds counts for the first.
    """
    rows: list[dict[str, object]] = []
    for name, record in evidence.schema.records.items():
        table = evidence.tables[name]
        keys = _keys(table, next((column.name for column in record.columns if column.kind == "id"), ""))
        for column in record.columns:
            if column.kind == "text" and len(table):
                found = _kinds(evidence, name, column.name)
                items = {kind: [key for key, one in zip(keys, found, strict=True) if one == kind] for kind in KINDS}
                rows += [_counted(name, column.name, kind, items[kind]) for kind in KINDS if items[kind]]
    return pd.DataFrame(rows, columns=list(SCAN_COLUMNS)).astype({"cells": "int64"})


def quotable(evidence: Evidence) -> pd.DataFrame:
    """List the texts that may be quoted once somebody has read them.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        item, text, themes (titles of the agreed ones), community and event (empty where the text may not be linked
        to them), unlinked (why), before_use. Only texts with consent in which nothing looks personal. A text is linked
        to its event where 30 people or more were there, and to a community where so many of it were, or where the
        event was for that community alone.
    """
    feedback, bases = evidence.tables["feedback"], _bases(evidence)
    consent = feedback["quote_consent"].fillna(value=False).to_numpy(dtype=bool)
    kinds = _kinds(evidence, "feedback", "text")
    rows = [
        _quote(row, evidence, bases)
        for row, agrees, kind in zip(
            cast("list[dict[str, object]]", feedback.to_dict("records")), consent, kinds, strict=True
        )
        if agrees and isinstance(row["text"], str) and not kind
    ]
    return pd.DataFrame(rows, columns=list(QUOTE_COLUMNS))


def why_not_quotable(evidence: Evidence, item: str) -> str:
    """Say why an item may not be quoted, without its text.

    Parameters
    ----------
    evidence : Evidence
    item : str
        Id of a feedback item.

    Returns
    -------
    str
        Empty where it may.
    """
    feedback = evidence.tables["feedback"]
    place = (feedback["item"].astype(object) == item).to_numpy().nonzero()[0]
    if not len(place):
        return "there is no such item among those kept"
    row = feedback.iloc[int(place[0])]
    if row["quote_consent"] is pd.NA or not row["quote_consent"]:
        return "nobody consented to its being quoted"
    if pd.isna(row["text"]):
        return "it has no text"
    kind = _kinds(evidence, "feedback", "text")[int(place[0])]
    return f"it holds what looks like {KINDS[kind][0]}" if kind else ""


def _keys(table: pd.DataFrame, column: str) -> list[str]:
    """Name the rows of a table by their ids, else by their place in it."""
    return table[column].astype(str).tolist() if column else [f"row {place}" for place in range(1, len(table) + 1)]


def _counted(record: str, column: str, kind: str, items: Sequence[str]) -> dict[str, object]:
    """Count the cells of one kind."""
    return {
        "record": record,
        "column": column,
        "kind": KINDS[kind][0],
        "cells": len(items),
        "items": "; ".join(items),
    }


def _kinds(evidence: Evidence, record: str, column: str) -> list[str]:
    """Say for every cell what it looks like, empty for nothing."""
    excused, latest = _ADDRESSED.get((record, column), ()), evidence.as_of.year - _YOUNGEST
    texts = evidence.tables[record][column]
    found = [looks_personal(" ".join(text.split()), latest=latest) if isinstance(text, str) else "" for text in texts]
    return ["" if kind in excused else kind for kind in found]


def _bases(evidence: Evidence) -> dict[tuple[str, str], float]:
    """Count the people at every event (community empty), and those of each community there, where anybody counted."""
    register, counts, people = (evidence.tables[name] for name in ("register", "attendance", "people"))
    counted = register.dropna(subset=["attendees"])
    bases = {(str(event), ""): float(n) for event, n in zip(counted["event"], counted["attendees"], strict=True)}
    for (event, community), persons in people.groupby(["event", "community"], observed=True)["person"]:
        bases[str(event), str(community)] = float(persons.nunique())
    by_community = counts[counts["by"].astype(object) == "community"]
    for event, group, n in zip(by_community["event"], by_community["group"], by_community["people"], strict=True):
        bases[str(event), str(group)] = float(n)
    return bases


def _quote(row: Mapping[str, object], evidence: Evidence, bases: Mapping[tuple[str, str], float]) -> dict[str, object]:
    """Lay one text out with what it may be linked to."""
    event, community, unlinked = _linked(row, evidence, bases)
    agreed = cast("tuple[str, ...]", row["agreed"] if isinstance(row["agreed"], tuple) else ())
    titles = [evidence.schema.themes[key].title for key in agreed if key in evidence.schema.themes]
    return {
        "item": str(row["item"]),
        "text": str(row["text"]),
        "themes": "; ".join(titles),
        "community": community,
        "event": event,
        "unlinked": unlinked,
        "before_use": READ_FIRST,
    }


def _linked(
    row: Mapping[str, object], evidence: Evidence, bases: Mapping[tuple[str, str], float]
) -> tuple[str, str, str]:
    """Give the event and the community that a text may be linked to, and why not."""
    event, own = str(row["event"]), row["community"]
    register = evidence.tables["register"]
    focus = register["community"].astype(object)[register["event"].astype(object) == event].dropna().tolist()
    if not bases.get((event, ""), 0) >= SMALLEST_LINKED:
        return "", "", f"fewer than {SMALLEST_LINKED} people at the event, or nobody counted"
    community = str(own) if isinstance(own, str) else "".join(map(str, focus))
    if community in {"", *NOT_ONE}:
        return event, "", "the community is not known, or not a single one"
    if [community] != focus and not bases.get((event, community), 0) >= SMALLEST_LINKED:
        return event, "", f"fewer than {SMALLEST_LINKED} people of the community at the event, or nobody counted"
    return event, community, ""
