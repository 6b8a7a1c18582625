"""The funnel from what was raised to what was confirmed, answered, done, or can't be done, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lpact_eval.evidence.action_states import BREAKDOWNS, groups, labels
from lpact_eval.evidence.event_cells import event_groups
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.theme_paths import by_community, path_columns, paths_of, theme_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from lpact_eval.evidence.records import Evidence
    from lpact_eval.evidence.theme_paths import ThemeRecords
    from lpact_eval.sample import BoolArray

    Columns = Mapping[str, npt.NDArray[Any]]

Row = dict[str, object]

TABLE: Final = "action"
OVERLAP: Final = "a theme counts in every community that raised it"
SILENT: Final = "actions marked as impossible without a reason count as not answered"
UNHEARD: Final = "some themes are named by the focus group or the action log only, and coded in no feedback"
UNDATED: Final = "actions not started count as not answered, whatever date of answer they have"
OF_CONFIRMED: Final = ", of those confirmed"
_FIRST_OF_DEPARTMENTS: Final = "themes with an action"


def action_rows(evidence: Evidence, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Follow themes, and the actions on them, from raised to told.

    Parameters
    ----------
    evidence : Evidence
    by : str or sequence of str, default ()
        At most two of "workstream", "community" (of the event; a theme counts in every community that raised it, what
        is tied to no event in all of them) and "department" (from the first action on).

    Returns
    -------
    DataFrame
        Tidy rows, a count and a share of each stage; n is the stage that it comes from. Drop-outs have rows of their
        own, whose flags name the themes. Shares have no interval: the records are all there is,
        no sample. How themes with several verdicts or actions count is told at `theme_paths`.

    Raises
    ------
    WrongUseError
        If `by` names something else.
    """
    names = event_groups(by, BREAKDOWNS)
    rows: list[Row] = []
    for values, records in _parts(theme_records(evidence), evidence, names):
        flags = [OVERLAP] if "community" in names else []
        found = [*_theme_rows(records, flags), *_action_log_rows(records, evidence)]
        if "department" in names:
            found = _from_first_action(found)
        rows += [row | labels(names, values) for row in found]
    return tidy(rows)


def dropped_themes(evidence: Evidence) -> pd.DataFrame:
    """Name the themes that went no further, and what each waits for.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        theme (title), workstream, waits_for ("the focus group", "an action", "an answer", "being told"), or why it
        ended ("rejected by the focus group", "named as missing by the focus group").
    """
    paths = paths_of(evidence)
    ends = (
        (~paths["put"], "the focus group"),
        (paths["verdict"] == "reject", "rejected by the focus group"),
        (paths["verdict"] == "missing", "named as missing by the focus group"),
        (~paths["has_action"], "an action"),
        (~paths["answered"], "an answer"),
        (~paths["told"], "being told"),
    )
    waits = pd.Series("", index=paths.index, dtype=object)
    for stopped, reason in reversed(ends):
        waits = waits.mask(stopped, reason)
    found = pd.DataFrame({"theme": paths["title"], "workstream": paths["workstream"], "waits_for": waits})
    return found[waits != ""].reset_index(drop=True)


def _parts(
    records: ThemeRecords, evidence: Evidence, names: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], ThemeRecords]]:
    """Split what is on record into groups; a theme may be in several communities and departments."""
    if not names:
        yield (), records
        return
    first, *rest = names
    for group, part in _split(records, evidence, first):
        yield from (((group, *more), inside) for more, inside in _parts(part, evidence, rest))


def _split(records: ThemeRecords, evidence: Evidence, name: str) -> Iterator[tuple[str, ThemeRecords]]:
    """Split by one breakdown, in the order of reports."""
    if name == "community":
        frames = (records.mentions, records.verdicts, records.actions)
        present = [str(one) for frame in frames for one in frame["community"]]
        found = [(group, by_community(records, group)) for group in groups(evidence, name, present)]
    elif name == "workstream":
        streams = {theme: str(records.schema.themes[theme].workstream) for theme in records.raised()}
        order = groups(evidence, name, list(streams.values()))
        found = [(one, records.within([theme for theme in streams if streams[theme] == one])) for one in order]
    else:
        present = [str(one) for one in records.actions["department"]]
        found = [(group, _of_department(records, group)) for group in groups(evidence, name, present)]
    yield from ((group, part) for group, part in found if part.raised())


def _of_department(records: ThemeRecords, department: str) -> ThemeRecords:
    """Keep a department's actions, and the themes they are on."""
    mine = records.actions[records.actions["department"] == department]
    inside = records.within(mine["theme"].tolist())
    return type(records)(inside.mentions, inside.verdicts, mine, records.schema)


def _theme_rows(records: ThemeRecords, flags: Sequence[str]) -> list[Row]:
    """Stages of themes, each with the stage that it comes from."""
    paths: Columns = path_columns(records)
    raised, put, confirmed = np.ones(paths["theme"].size, dtype=bool), paths["put"], paths["confirmed"]
    taken = confirmed & paths["has_action"]
    answered, told = taken & paths["answered"], taken & paths["told"]
    done, refused = answered & paths["done"], answered & paths["refused"]
    silent = _any_of(records, "is_silent", paths)
    stages: list[tuple[str, BoolArray, BoolArray, list[str]]] = [
        ("themes put to the focus group", put, raised, []),
        ("themes never put to the focus group", ~put, raised, _named(paths, ~put)),
        ("themes confirmed", confirmed, put, []),
        ("themes amended", paths["verdict"] == "amend", put, []),
        ("themes rejected", paths["verdict"] == "reject", put, []),
        ("themes named as missing", paths["verdict"] == "missing", put, []),
        ("themes with an action", taken, confirmed, []),
        ("themes without an action", confirmed & ~taken, confirmed, _named(paths, confirmed & ~taken)),
        ("themes answered", answered, taken, [SILENT] if (taken & silent).any() else []),
        ("themes answered in part", taken & paths["in_part"], taken, []),
        ("themes not answered", taken & ~answered, taken, _named(paths, taken & ~answered)),
        ("themes done", done, answered, []),
        ("themes that can't be acted on, with a reason", refused, answered, []),
        ("themes answered and still open", answered & ~done & ~refused, answered, []),
        ("themes told", told, answered, []),
    ]
    stages += [
        (
            f"themes told to: {audience}",
            told & _told(paths, audience),
            answered,
            [],
        )
        for audience in records.schema.lists.get("audiences", ())
    ]
    for name, reached in (("answered", answered), ("done", done), ("told", told)):
        stages.append((f"themes {name}{OF_CONFIRMED}", reached, confirmed, []))
    aside = paths["has_action"] & ~confirmed
    stages.append(("themes with an action and not confirmed", aside, raised, _named(paths, aside)))
    unheard = [UNHEARD] if (~paths["heard"]).any() else []
    rows = [_total("themes raised", raised.size, "themes", [*flags, *unheard])]
    for measure, reached, base, notes in stages:
        rows += _count_and_share(measure, int(reached.sum()), int(base.sum()), base="themes", flags=[*flags, *notes])
    return rows


def _any_of(records: ThemeRecords, name: str, paths: Columns) -> BoolArray:
    """Say of which themes any action is so."""
    pairs = zip(records.actions["theme"].tolist(), records.actions[name].tolist(), strict=True)
    found = {theme for theme, hit in pairs if hit}
    return np.array([theme in found for theme in paths["theme"].tolist()], dtype=bool)


def _action_log_rows(records: ThemeRecords, evidence: Evidence) -> list[Row]:
    """Count actions by what they came to; they are of all themes, confirmed or not."""
    log: Columns = {str(name): column.to_numpy() for name, column in records.actions.items()}
    table = evidence.tables["actions"]
    started = dict(zip(table["action"].tolist(), table["status"].tolist(), strict=True))
    unstarted = np.array([started.get(action) == "not started" for action in log["action"].tolist()], dtype=bool)
    answered, told = log["is_answered"], log["is_answered"] & log["is_told"]
    idle = bool((unstarted & ~np.isnat(log["answered"])).any())
    every = np.ones(answered.size, dtype=bool)
    open_still = answered & ~log["is_done"] & ~log["is_refused"]
    stages: list[tuple[str, BoolArray, BoolArray, list[str]]] = [
        ("actions answered", answered, every, [UNDATED] if idle else []),
        ("actions not answered", ~answered, every, []),
        ("actions done", log["is_done"], answered, []),
        ("actions that can't be done, with a reason", log["is_refused"], answered, []),
        ("actions answered and still open", open_still, answered, []),
        (
            "actions that can't be done, without a reason",
            log["is_silent"],
            every,
            [SILENT] if log["is_silent"].any() else [],
        ),
        ("actions told", told, answered, []),
    ]
    stages += [
        (
            f"actions told to: {audience}",
            told & _told(log, audience),
            answered,
            [],
        )
        for audience in records.schema.lists.get("audiences", ())
    ]
    rows = [_total("actions", every.size, "actions", [])]
    for measure, reached, base, notes in stages:
        rows += _count_and_share(measure, int(reached.sum()), int(base.sum()), base="actions", flags=notes)
    return rows


def _told(columns: Columns, audience: str) -> BoolArray:
    """Say of which rows an audience was told."""
    return np.array([audience in one for one in columns["told_to"].tolist()], dtype=bool)


def _total(measure: str, n: int, base: str, flags: Sequence[str]) -> Row:
    """Count what a funnel begins with."""
    counted: Row = {"unit": "count", "value": n, "numerator": n, "base": base}
    return {"table": TABLE, "measure": measure, "flags": "; ".join(flags)} | counted


def _count_and_share(measure: str, reached: int, n: int, *, base: str, flags: Sequence[str]) -> list[Row]:
    """Give a stage as a count and as a share of the stage that it comes from."""
    common: Row = {"table": TABLE, "measure": measure, "numerator": reached, "n": n, "base": base}
    common["flags"] = "; ".join(flags)
    share: Row = {"value": reached / n} if n else {"refused": f"there are no {base} to take a share of"}
    return [common | {"unit": "count", "value": reached}, common | {"unit": "share"} | share]


def _named(paths: Columns, where: BoolArray) -> list[str]:
    """Name themes, as a flag."""
    return [", ".join(paths["title"][where])] if where.any() else []


def _from_first_action(rows: Sequence[Row]) -> list[Row]:
    """Leave out what comes before a department is named, and the shares of it."""
    places = [place for place, row in enumerate(rows) if row["measure"] == _FIRST_OF_DEPARTMENTS]
    first = rows[places[0]] | {"n": float("nan")}
    left_out = ("themes without an action", "themes with an action and not confirmed")
    later = [row for row in rows[places[-1] + 1 :] if row["measure"] not in left_out]
    return [first, *(row for row in later if not str(row["measure"]).endswith(OF_CONFIRMED))]
