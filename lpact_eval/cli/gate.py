"""The command that lets a release out: one gate before readers."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lpact_eval.cli.output import writing
from lpact_eval.cli.shared import Json, print_json, working, wrapped
from lpact_eval.errors import DisclosureError, LpactError

if TYPE_CHECKING:
    from lpact_eval.reporting.gate import Gate

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the release.")]
Target = Annotated[Path | None, typer.Option("--to", metavar="TARGET", help="Copy it here if no check fails.")]
Earlier = Annotated[list[Path] | None, typer.Option(metavar="FOLDER", help="A release that readers have; repeatable.")]


def release(folder: Folder, *, to: Target = None, earlier: Earlier = None, as_json: Json = False) -> None:
    """Check a release as a whole before readers get it, and copy it, complete, with a receipt."""
    from lpact_eval.reporting.gate import release_gate

    with working("Checking the release"), writing(to or folder):
        gate = release_gate(folder, target=to, earlier=earlier or ())
    if as_json:
        print_json(_laid_out(gate))
    else:
        _say(gate)
    _stop_where_failed(gate)


def _laid_out(gate: Gate) -> dict[str, object]:
    """Lay it out for a script."""
    files = [str(path) for path in gate.copied]
    return {"passed": gate.exit_code == 0, "checks": [asdict(one) for one in gate.checks], "files": files}


def _say(gate: Gate) -> None:
    """Print every check, and what was copied."""
    for one in gate.checks:
        typer.echo(wrapped(f"{one.status:4}  {one.what}: {one.found}", indent=6))
        for line in one.details:
            typer.echo(wrapped(line, first=8, indent=10))
    for path in gate.copied:
        typer.echo(str(path))
    if gate.exit_code == 0 and not gate.copied:
        typer.echo("Nothing failed. Give --to TARGET to copy the release.")


def _stop_where_failed(gate: Gate) -> None:
    """Leave with the code of the gravest check that failed."""
    failed = sum(one.status == "fail" for one in gate.checks)
    if gate.exit_code == DisclosureError.exit_code:
        msg = f"{failed} of {len(gate.checks)} checks failed, of confidentiality among them; nothing was copied."
        raise DisclosureError(msg)
    if gate.exit_code:
        msg = f"{failed} of {len(gate.checks)} checks failed; nothing was copied. The lines above say what to do."
        raise LpactError(msg)
