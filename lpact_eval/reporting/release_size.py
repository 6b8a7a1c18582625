"""The note on sample size of a release: what the survey after its last one could show, from published numbers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.planning.next_wave import FirstWave
from lpact_eval.reporting.outputs import NotPossibleError
from lpact_eval.reporting.rows import EVERYONE, Row, number, rows_of
from lpact_eval.reporting.size_content import SizeAsked, size_note
from lpact_eval.reporting.size_note import draft_note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.size_content import SizeNote

CHANGE: Final = 0.15  # to be shown, where the plan fixes no smallest change that matters
_TOLD: Final = frozenset({"full", "small", "indicative"})


def write_release_size(published: Published, folder: Path) -> list[str]:
    """Write the note as a page and as a Word document.

    Parameters
    ----------
    published : Published
    folder : Path

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    NotPossibleError
        If too little of the group that the plan puts first may be told.
    """
    return draft_note(release_note(published), folder, ("html", "docx"))


def release_note(published: Published) -> SizeNote:
    """Work out what the next survey needs, given the last one of the release.

    Parameters
    ----------
    published : Published

    Returns
    -------
    SizeNote
        On the plan's first question and the group that it puts first, or all respondents where it puts none first.
        Groups of which a share is not told are named without numbers.

    Raises
    ------
    NotPossibleError
        If too little of that group may be told.
    """
    rows = rows_of(published)
    lead = next((row for row in rows if row.role == "primary" and row.measure == "change" and row.by), None)
    first = lead or next((row for row in rows if row.measure == "level"), None)
    waves = sorted(published.waves, key=lambda wave: wave.start)
    levels = [row for row in rows if first is not None and row.measure == "level" and row.question == first.question]
    wave = next((wave for wave in reversed(waves) if any(row.wave == wave.name for row in levels)), None)
    if first is None or wave is None:
        msg = "Cannot write the note on sample size: no share of an answer may be told. Leave size out of --only."
        raise NotPossibleError(msg)
    focus = lead.group if lead else EVERYONE
    asked_by = lead.by if lead else ""
    own = [row for row in levels if row.wave == wave.name and row.by == asked_by]
    told = [_brought(row) for row in own if row.tier in _TOLD and 0 < row.estimate < 1 and row.df > 0]
    if focus not in {one.group for one in told}:
        msg = (
            f"Cannot write the note on sample size: too few of the group {focus} answered in {wave.name} for their "
            "share to be told. Use lpact-eval size with numbers, and leave size out of --only."
        )
        raise NotPossibleError(msg)
    return size_note(
        SizeAsked(
            first.title,
            first.answer,
            wave.name,
            focus,
            change=published.facts.margin or CHANGE,
            synthetic=wave.synthetic,
        ),
        told,
        hidden=[row.group for row in own if row.group not in {one.group for one in told}],
        weight_effects=_effects(published, wave.name, asked_by),
        shares=_shares(published, wave.name, [row.group for row in own]),
    )


def _brought(row: Row) -> FirstWave:
    """Take what a group brought to the survey from its published share."""
    return FirstWave(row.wave, row.group, row.n or 0, row.n_effective, row.estimate, df=row.df)


def _effects(published: Published, wave: str, by: str) -> dict[str, float]:
    """Read the design effect of the weights by group, where it may be told."""
    own = [one for one in records_of(published.weights) if one["wave"] == wave and one["by"] == by]
    found = {str(one["group"]): number(one["design_effect"]) for one in own}
    return {group: effect for group, effect in found.items() if effect >= 1}


def _shares(published: Published, wave: str, groups: Sequence[str]) -> Mapping[str, float]:
    """Read the groups' shares of the population from the weights; none where groups were merged for weighting."""
    found: dict[str, dict[str, float]] = {}
    for one in records_of(published.margins):
        if one["wave"] == wave and one["by"] == "":
            found.setdefault(str(one["title"]), {})[str(one["category"])] = number(one["target"])
    return next((shares for shares in found.values() if set(shares) == set(groups)), dict[str, float]())
