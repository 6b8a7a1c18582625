"""The command that compares two releases."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from lpact_eval.cli.shared import Json, print_json, wrapped
from lpact_eval.errors import DisclosureError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.reporting.release_diff import ReleaseDiff

Old = Annotated[Path, typer.Argument(metavar="OLD", help="Folder of the earlier release.")]
New = Annotated[Path, typer.Argument(metavar="NEW", help="Folder of the later release.")]
LISTED: Final = 40  # lines of one kind; --json has all


def diff(old: Old, new: New, *, as_json: Json = False) -> None:
    """Say what moved between two releases and why, and what both together would tell."""
    from lpact_eval.reporting.release_diff import compare_releases

    found = compare_releases(old, new)
    if as_json:
        print_json(_laid_out(found))
    else:
        for line in _lines(found):
            typer.echo(wrapped(line.lstrip(), first=len(line) - len(line.lstrip()), indent=4))
    if found.telling:
        msg = (
            "The two releases together would let a reader subtract to a small number, in the places listed above. "
            "Don't give out the later one beside the earlier: withdraw that, or suppress the same cells in both."
        )
        raise DisclosureError(msg)


def _laid_out(found: ReleaseDiff) -> dict[str, object]:
    """Lay it out for a script."""
    return {
        "same": found.same,
        "causes": [{"kind": one.kind, "what": one.what} for one in found.causes],
        "moved": [asdict(one) for one in found.moved],
        "marks": [{**asdict(one), "what": one.what} for one in found.marks],
        "new": list(found.new),
        "gone": list(found.gone),
        "why": found.why,
        "telling": [{"what": one.what, "place": one.place, "sentence": one.sentence} for one in found.telling],
        "limits": list(found.limits),
    }


def _lines(found: ReleaseDiff) -> Iterator[str]:
    """Write it for a reader, the reasons first."""
    yield from found.limits
    yield "What differs beside the numbers" if found.causes else "Files, definitions and versions are the same."
    yield from (f"  {one.kind}: {one.what}" for one in found.causes)
    if found.limits:
        return
    if found.same:
        yield "No number moved, no row is new or gone, no mark changed."
    moved = [
        f"{one.place}: {one.field} {one.old or 'nothing'} before, {one.new or 'nothing'} now{_by(one.difference)}"
        f"{'' if one.beyond_rounding else ', within rounding'} ({one.why})"
        for one in found.moved
    ]
    yield from _section("Numbers and words that moved", moved)
    yield from _section("Marks that changed", [f"{one.place}: {one.what} ({one.why})" for one in found.marks])
    yield from _section("Rows that are new", list(found.new))
    yield from _section("Rows that are gone", list(found.gone))
    yield from _section("Why, in number of changes", [f"{why}: {times}" for why, times in found.why.items()])
    yield from _section("What both releases tell together", [one.sentence for one in found.telling])


def _by(difference: float | None) -> str:
    """Write a difference with its sign."""
    return "" if difference is None else f", by {difference:+g}"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    """Write a heading and its first lines; none where there is nothing."""
    if lines:
        yield f"{title}: {len(lines)}"
        yield from (f"  {line}" for line in lines[:LISTED])
    if len(lines) > LISTED:
        yield f"  and {len(lines) - LISTED} more; --json lists all"
