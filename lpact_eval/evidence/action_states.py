"""What each action in the log comes to: answered or not, done, impossible with or without a reason, told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import pandas as pd

from lpact_eval.evidence.once import once
from lpact_eval.evidence.units import NOT_KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from lpact_eval.evidence.records import Evidence

    Columns = Mapping[str, npt.NDArray[Any]]

BREAKDOWNS: Final = ("workstream", "community", "department")


@once
def action_states(evidence: Evidence) -> pd.DataFrame:
    """Read the action log, one row per action, with what its status, reason and dates come to.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        action, theme, title, workstream, department, community (of its event), event (texts, "not known" where blank);
        raised, answered, done, told (dates; answered is the day it was done where nothing earlier is on record);
        reason, told_to (tuple); and whether it is_done, is_refused (can't be done, with a reason), is_silent (can't be
        done, without a reason), is_answered (done, or in progress with a date of answer, or refused), is_told (a date
        or an audience is on record).
    """
    log = evidence.tables["actions"]
    themes = log["theme"].astype(object)
    status, reason = log["status"].astype(object), log["reason"].fillna("").astype(str).str.strip()
    is_done, cannot = status.eq("done"), status.eq("cannot act")
    told_to = [_words(one) for one in log["told_to"]]
    refused = cannot & reason.ne("")
    return pd.DataFrame(
        {
            "action": log["action"].astype(object),
            "theme": themes,
            "title": [evidence.schema.themes[theme].title for theme in themes],
            "workstream": [str(evidence.schema.themes[theme].workstream) for theme in themes],
            "department": _named(log["department"]),
            "community": communities(evidence, log["event"]),
            "event": _named(log["event"]),
            "raised": log["raised"],
            "answered": log["answered"].where(log["answered"].notna() | ~is_done, log["done"]),
            "done": log["done"],
            "told": log["told"],
            "reason": reason.astype(object),
            "told_to": pd.Series(told_to, index=log.index, dtype=object),
            "is_done": is_done,
            "is_refused": refused,
            "is_silent": cannot & ~refused,
            "is_answered": is_done | refused | (status.eq("in progress") & log["answered"].notna()),
            "is_told": log["told"].notna() | pd.Series([bool(one) for one in told_to], index=log.index, dtype=bool),
        }
    )


def communities(evidence: Evidence, events: pd.Series) -> pd.Series:
    """Look up the focus community of events; "not known" where the event or its community is blank."""
    register = evidence.tables["register"]
    by_event = dict(zip(register["event"].astype(object), register["community"].astype(object), strict=True))
    found = [by_event.get(event) for event in events.astype(object)]
    return pd.Series([one if isinstance(one, str) else NOT_KNOWN for one in found], index=events.index, dtype=object)


def groups(evidence: Evidence, name: str, present: Sequence[str]) -> list[str]:
    """List the groups of a breakdown that are present, in the order of the schema; "not known" last."""
    order = {
        "workstream": tuple(dict.fromkeys(str(theme.workstream) for theme in evidence.schema.themes.values())),
        "community": evidence.schema.lists.get("communities", ()),
        "department": evidence.schema.lists.get("departments", ()),
        "scheme": evidence.schema.lists.get("schemes", ()),
    }.get(name, ())
    known = [group for group in order if group in set(present)]
    rest = sorted(set(present) - set(known) - {NOT_KNOWN})
    return [*known, *rest, *([NOT_KNOWN] if NOT_KNOWN in set(present) else [])]


def labels(names: Sequence[str], values: Sequence[str]) -> dict[str, object]:
    """Fill the columns by, group, by2 and group2 of a tidy row."""
    keys = (("by", "group"), ("by2", "group2"))
    found: dict[str, object] = {}
    for (by, group), name, value in zip(keys, names, values, strict=False):
        found |= {by: name, group: value}
    return found


def parts(evidence: Evidence, columns: Columns, names: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Columns]]:
    """Split columns, one for each name among them, into the groups present, in the order of reports."""
    if not names:
        yield (), columns
        return
    first, *rest = names
    for group in groups(evidence, first, list(map(str, columns[first].tolist()))):
        inside = columns[first] == group
        part = {name: column[inside] for name, column in columns.items()}
        yield from (((group, *more), found) for more, found in parts(evidence, part, rest))


def columns_of(frame: pd.DataFrame) -> dict[str, npt.NDArray[Any]]:
    """Take the columns of a frame as arrays."""
    return {str(name): column.to_numpy() for name, column in frame.items()}


def _words(cell: object) -> tuple[str, ...]:
    """Sort the words of a set; none where nothing is on record."""
    return tuple(sorted(map(str, cast("tuple[object, ...]", cell)))) if isinstance(cell, tuple) else ()


def _named(values: pd.Series) -> pd.Series:
    """Write blanks as "not known"."""
    text = values.astype(object)
    return text.where(text.notna(), NOT_KNOWN)
