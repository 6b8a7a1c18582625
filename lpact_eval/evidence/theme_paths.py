"""How far each theme came: raised, put to the focus group, confirmed, taken up, answered, done, told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lpact_eval.evidence.action_states import action_states, communities
from lpact_eval.evidence.once import once
from lpact_eval.evidence.units import NOT_KNOWN, counted_codes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from lpact_eval.evidence.record_schema import RecordSchema
    from lpact_eval.evidence.records import Evidence

CONFIRMED: Final = ("agree", "amend")
# Of verdicts on one day the first of these counts; of several events' verdicts the last.
_CAUTION: Final = ("reject", "missing", "agree", "amend")
_REACHED: Final = ("has_action", "answered", "in_part", "done", "refused", "told")
STAGES: Final = ("put", "confirmed", "has_action", "answered", "told")


@dataclass(frozen=True, slots=True, eq=False)
class ThemeRecords:
    """What the records say of themes, each frame with the columns theme and community.

    Attributes
    ----------
    mentions : DataFrame
        Themes coded in feedback; community of the event.
    verdicts : DataFrame
        meeting, theme, verdict, event, reworded, community ("not known" where the verdict is on all events).
    actions : DataFrame
        As `action_states` gives them.
    schema : RecordSchema
    """

    mentions: pd.DataFrame
    verdicts: pd.DataFrame
    actions: pd.DataFrame
    schema: RecordSchema

    def within(self, themes: Collection[str]) -> ThemeRecords:
        """Keep some themes."""
        frames = (self.mentions, self.verdicts, self.actions)
        mentions, verdicts, actions = (_holding(frame, "theme", set(themes)) for frame in frames)
        return ThemeRecords(mentions, verdicts, actions, self.schema)

    def raised(self) -> list[str]:
        """List the themes on record, in the schema's order."""
        found = {str(theme) for frame in (self.mentions, self.verdicts, self.actions) for theme in frame["theme"]}
        return [theme for theme in self.schema.themes if theme in found]


@once
def theme_records(evidence: Evidence) -> ThemeRecords:
    """Gather what feedback, focus group and action log say of themes."""
    feedback, verdicts = evidence.tables["feedback"], evidence.tables["verdicts"]
    themes = tuple(evidence.schema.themes)
    raised, _, _ = counted_codes(feedback, themes)
    items, columns = np.nonzero(raised)
    mentions = pd.DataFrame(
        {
            "theme": np.array(themes, dtype=object)[columns],
            "community": communities(evidence, feedback["event"]).to_numpy(dtype=object)[items],
        }
    ).drop_duplicates(ignore_index=True)
    of_theme = verdicts.astype({"theme": object, "verdict": object, "event": object})
    return ThemeRecords(
        mentions,
        of_theme.assign(community=communities(evidence, verdicts["event"])),
        action_states(evidence),
        evidence.schema,
    )


@once
def paths_of(evidence: Evidence) -> pd.DataFrame:
    """Say of every theme on record how far it came, as `theme_paths` does; not to be changed."""
    return theme_paths(theme_records(evidence))


def theme_paths(records: ThemeRecords) -> pd.DataFrame:
    """Say of every theme how far it came.

    Parameters
    ----------
    records : ThemeRecords

    Returns
    -------
    DataFrame
        theme, title, workstream, verdict (of the focus group; empty if none), heard (coded in feedback), put,
        confirmed, has_action, answered, in_part (some of its actions are answered, others not), done,
        refused (none of its actions can be done, each has a reason), told (booleans), told_to (tuple of audiences).

    Notes
    -----
    A theme is raised where it is coded in feedback, or else named by the focus group or the action log. The focus
    group's latest verdict counts, of several on one day the one that confirms least; verdicts that are each on one
    event count event by event, unless a later one is on no single event, and the theme is confirmed if it was said at
    any. Of several actions the slowest
    counts: a theme is answered, done or told once all its actions are; it is done if all ended and at least one was
    done, and can't be done if none can.
    """
    columns = path_columns(records)
    return pd.DataFrame({name: pd.Series(column, dtype=column.dtype) for name, column in columns.items()})


def path_columns(records: ThemeRecords) -> dict[str, npt.NDArray[Any]]:
    """Give the columns of `theme_paths` as arrays."""
    names, themes = records.raised(), records.schema.themes
    verdicts, heard = latest_verdicts(records.verdicts), set(records.mentions["theme"].tolist())
    said = [verdicts.get(theme, "") for theme in names]
    nothing, of_actions = _Came(frozenset(), ()), _of_actions(records.actions)
    came = [of_actions.get(theme, nothing) for theme in names]
    texts = {
        "theme": names,
        "title": [themes[theme].title for theme in names],
        "workstream": [str(themes[theme].workstream) for theme in names],
        "verdict": said,
        "told_to": [one.told_to for one in came],
    }
    reached = {
        "heard": [theme in heard for theme in names],
        "put": [verdict != "" for verdict in said],
        "confirmed": [verdict in CONFIRMED for verdict in said],
        **{name: [name in one.reached for one in came] for name in _REACHED},
    }
    return {name: np.fromiter(values, dtype=object, count=len(names)) for name, values in texts.items()} | {
        name: np.array(values, dtype=bool) for name, values in reached.items()
    }


def latest_verdicts(verdicts: pd.DataFrame) -> dict[str, str]:
    """Find the verdict that counts for every theme that the focus group looked at."""
    latest: dict[str, dict[str, tuple[object, int]]] = {}
    columns = (verdicts["theme"], verdicts["event"].fillna(""), verdicts["meeting"], verdicts["verdict"])
    for theme, event, meeting, verdict in zip(*(column.tolist() for column in columns), strict=True):
        of_theme, found = latest.setdefault(str(theme), {}), (meeting, -_CAUTION.index(verdict))
        of_theme[str(event)] = max(of_theme.get(str(event), found), found)
    return {theme: _that_counts(found) for theme, found in latest.items()}


def _that_counts(found: dict[str, tuple[object, int]]) -> str:
    """Take the kindest verdict of all scopes; one on no single event stands for those on events before it."""
    general = found.get("")
    left = [place for meeting, place in found.values() if general is None or meeting >= general[0]]  # pyright: ignore[reportOperatorIssue] - days
    return _CAUTION[-min(left)]


def by_community(records: ThemeRecords, community: str) -> ThemeRecords:
    """Keep the themes that a community's events raised, with what is tied to these events or to none.

    "not known" keeps what no event with a known community raised.
    """
    frames = (records.mentions, records.verdicts, records.actions)
    if community == NOT_KNOWN:
        placed = {theme for frame in frames for theme in frame.loc[frame["community"] != NOT_KNOWN, "theme"]}
        return records.within(set(records.raised()) - placed)
    themes = {theme for frame in frames for theme in frame.loc[frame["community"] == community, "theme"]}
    mentions, verdicts, actions = (_holding(frame, "community", {community, NOT_KNOWN}) for frame in frames)
    return ThemeRecords(mentions, verdicts, actions, records.schema).within(themes)


@dataclass(frozen=True, slots=True)
class _Came:
    """Which of `_REACHED` a theme's actions came to, and who was told of all of them."""

    reached: frozenset[str]
    told_to: tuple[str, ...]


def _of_actions(actions: pd.DataFrame) -> dict[str, _Came]:
    """Unite the actions of every theme: the slowest counts."""
    gathered: dict[str, list[tuple[bool, ...]]] = {}
    audiences: dict[str, list[set[str]]] = {}
    names = ("theme", "told_to", "is_answered", "is_done", "is_refused", "is_told")
    for theme, told_to, *states in zip(*(actions[name].tolist() for name in names), strict=True):
        gathered.setdefault(str(theme), []).append(tuple(states))
        audiences.setdefault(str(theme), []).append(set(map(str, told_to)))
    return {theme: _came(rows, audiences[theme]) for theme, rows in gathered.items()}


def _came(rows: Sequence[tuple[bool, ...]], audiences: Sequence[set[str]]) -> _Came:
    """Unite the actions of one theme."""
    answered, done, refused, told = zip(*rows, strict=True)
    reached = {
        "has_action": True,
        "answered": all(answered),
        "in_part": any(answered) and not all(answered),
        "done": any(done) and all(one or other for one, other in zip(done, refused, strict=True)),
        "refused": all(refused),
        "told": all(told) and all(answered),
    }
    common = set[str].intersection(*audiences)
    return _Came(frozenset(name for name, hit in reached.items() if hit), tuple(sorted(common)))


def _holding(frame: pd.DataFrame, column: str, wanted: Collection[str]) -> pd.DataFrame:
    """Keep the rows whose column holds one of some texts."""
    return frame.take([place for place, one in enumerate(frame[column].tolist()) if one in wanted])
