"""The command that goes through the accessibility checklists of finished outputs."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lpact_eval.cli.shared import Json, print_json, working, wrapped
from lpact_eval.errors import LpactError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.reporting.audits import Finding

_LISTED = 20  # places of one rule
_WHAT = "Release folder, or pages, workbooks, Word documents, slides and folders of charts, whoever made them."
Paths = Annotated[list[Path], typer.Argument(metavar="FOLDER|FILES...", help=_WHAT)]


def check_outputs(paths: Paths, *, as_json: Json = False) -> None:
    """Check whether pages, workbooks, Word documents, slides and charts can be read by everyone."""
    from lpact_eval.reporting.audits import findings, to_be_checked

    outputs = to_be_checked(paths)
    with working("Checking"):
        found = list(findings(outputs))
    if as_json:
        print_json([{"status": one.status, **asdict(one)} for one in found])
    else:
        for output in outputs:
            _say([one for one in found if one.file == str(output)])
    failed = sum(one.status == "fail" for one in found)
    if failed:
        msg = f"{failed} of {len(found)} rules of the checklists are broken; the lines above say where and what to do."
        raise LpactError(msg)


def _say(found: Sequence[Finding]) -> None:
    """Print what became of one output."""
    first, broken = found[0], [one for one in found if one.status == "fail"]
    if not broken:
        typer.echo(wrapped(f"ok    {first.file}: all {len(found)} rules for a {first.kind}", indent=6))
    for one in broken:
        typer.echo(wrapped(f"fail  {one.file}: not kept: {one.rule}. {one.advice}", indent=6))
        more = [f"and {len(one.places) - _LISTED} more"] if len(one.places) > _LISTED else []
        for place in (*one.places[:_LISTED], *more):
            typer.echo(wrapped(place, first=8, indent=10))
