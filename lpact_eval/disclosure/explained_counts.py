"""Counts beside one number: of who answered and who did not, cleared by the rules of the release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.suppress import BaseRow, hidden_rows
from lpact_eval.evaluation.explain import SILENCES
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lpact_eval.disclosure.published import Published
    from lpact_eval.disclosure.rules import Rules
    from lpact_eval.evaluation.explain import Answered

_AUDITED: Final = dict(zip(SILENCES, ("dont_know", "prefer_not", "blank", "not_asked"), strict=True))
_WHAT: Final = {
    "don't know": "Don't know",
    "prefer not to say": "Prefer not to say",
    "blank": "Blank",
    "not asked": "Not asked",
}


def wave_counts(
    row: Mapping[str, object], answered: Answered, published: Published
) -> Iterator[tuple[str, int | None]]:
    """Count who answered in one wave: everybody as the release tells it, then the group.

    Parameters
    ----------
    row : mapping
        The cleared row that is explained.
    answered : Answered
        Counts that are not cleared.
    published : Published

    Yields
    ------
    label and count
        None where the rules allow none.
    """
    variable, by, group = (str(row[name]) for name in ("variable", "by", "group"))
    everybody = _audited(published, variable, answered.wave)
    yield "Answered, all respondents", _whole(everybody.get("answered"))
    for kind in SILENCES:
        yield f"{_WHAT[kind]}, all respondents", _whole(everybody.get(_AUDITED[kind]))
    if not by:
        return
    shown = _shown_base(row, answered.wave, published)
    if row["tier"] == "suppressed" or shown is None:
        yield f"Counts of {group}", None
        return
    silent = _group_silences(answered, everybody, group, published.rules)
    yield f"In the group {group}", group_size(row, answered.wave, published)
    yield f"Answered, {group}", shown
    for kind in SILENCES:
        yield f"{_WHAT[kind]}, {group}", silent[kind]


def _audited(published: Published, variable: str, wave: str) -> Mapping[str, object]:
    """Take the release's own counts of a question."""
    for one in records_of(published.audit):
        if (one["variable"], one["wave"]) == (variable, wave):
            return one
    return {}


def _shown_base(row: Mapping[str, object], wave: str, published: Published) -> int | None:
    """Take the group's base in a wave from the release's row of its share; None where it is hidden."""
    same = ("variable", "by", "group", "answer")
    for one in records_of(published.rows):
        if one["measure"] == "level" and one["wave"] == wave and all(one[name] == row[name] for name in same):
            return _whole(one["n"])
    return None


def group_size(row: Mapping[str, object], wave: str, published: Published) -> int | None:
    """Take a group's size from the release's weight report; None where it, or its distance to the base, is small.

    A size that is not in the release is not told here either.
    """
    shown = _shown_base(row, wave, published)
    for one in records_of(published.weights):
        if (one["wave"], one["by"], one["group"]) == (wave, row["by"], row["group"]):
            size = _whole(one["n"])
            near = size is None or shown is None or 0 < size - shown < published.rules.suppress_below
            return None if near and row["by"] else size
    return None


def not_shown(rules: Rules) -> str:
    """Say in place of a count that it is kept back; the same whether it is small itself or would tell a small one."""
    return f"not shown: fewer than {rules.suppress_below}, or a count that would tell one"


def _group_silences(
    answered: Answered, everybody: Mapping[str, object], group: str, rules: Rules
) -> dict[str, int | None]:
    """Clear kinds of silence of a group, in the table of all groups: none may be had from the counts of everybody."""
    kinds = [kind for kind in SILENCES if _whole(everybody.get(_AUDITED[kind])) is not None]
    cells = [(kind, one) for kind in kinds for one in ("", *answered.groups)]
    bases = [
        BaseRow(f"silent: {kind}", "", answered.wave, "group" if one else "", one, (answered.counts[kind, one],))
        for kind, one in cells
    ]
    hidden = {cells[place] for place in hidden_rows(bases, rules)}
    told = {
        kind: None if kind not in kinds or (kind, group) in hidden else answered.counts[kind, group]
        for kind in SILENCES
    }
    kept_back = [answered.counts[kind, group] for kind in SILENCES if told[kind] is None]
    if kept_back and (len(kept_back) == 1 or sum(kept_back) < rules.suppress_below):
        return dict.fromkeys(SILENCES)  # the group's size less those who answered would tell what is kept back
    return told


def _whole(value: object) -> int | None:
    """Read a count; a missing one is None."""
    return int(value) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124 - missing is not equal to itself
