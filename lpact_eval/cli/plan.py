"""Commands for the registration of a plan: freeze it before fieldwork, see what changed since."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lpact_eval.cli.output import writing
from lpact_eval.cli.shared import LOCAL_PLAN, Json, PlanFile, default_plan, print_json, wrapped
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.evaluation.registration import Registration

app = typer.Typer(
    help="Register an evaluation plan before fieldwork, and see what changed since.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("freeze")
def freeze(
    plan: PlanFile = None,
    *,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who freezes it.")] = "",
    again: Annotated[
        str, typer.Option(metavar="REASON", help="Freeze it once more, and why; earlier freezes are kept.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Write the plan down with date, hashes and commit, in a file beside it; a later change then shows in reports."""
    from lpact_eval.evaluation.registration import freeze as freeze_plan
    from lpact_eval.evaluation.registration import frozen_file

    path = _own(plan)
    target = frozen_file(path)
    with writing(target):
        registration = freeze_plan(path, by=by, again=again)
    if as_json:
        print_json(_told(registration, target))
        return
    typer.echo(str(target))
    _say(registration)
    typer.echo("Commit this file with the plan: the commit shows that both were there on that day.")


@app.command("status")
def status(plan: PlanFile = None, *, as_json: Json = False) -> None:
    """Say whether the plan was registered, and what changed since."""
    from lpact_eval.evaluation.plan import read_plan
    from lpact_eval.evaluation.registration import frozen_file, registration_of

    path = plan or default_plan()
    registration = registration_of(read_plan(path), path)
    if as_json:
        print_json(_told(registration, frozen_file(path)))
    else:
        _say(registration)


def _own(plan: Path | None) -> Path:
    """Take the plan given, or the one here; the shipped plan is nobody's promise."""
    if plan is None and not LOCAL_PLAN.is_file():
        msg = f"Which plan? There is no {LOCAL_PLAN.as_posix()} in this folder; name the plan to freeze."
        raise WrongUseError(msg)
    return plan or LOCAL_PLAN


def _say(registration: Registration) -> None:
    """Print what is known, a sentence a line."""
    for sentence in registration.sentences:
        typer.echo(wrapped(sentence, indent=2))


def _told(registration: Registration, target: Path) -> dict[str, object]:
    """Lay out the registration for a script."""
    return {
        "file": str(target),
        "state": registration.state,
        "freezes": [
            {
                "when": freeze.when.isoformat(),
                "by": freeze.by,
                "reason": freeze.reason,
                "sha256": freeze.sha256,
                "commit": freeze.commit,
                "dirty": freeze.dirty,
                "waves": {wave.name: {"point": wave.point, "answers": wave.answers} for wave in freeze.waves},
            }
            for freeze in registration.freezes
        ],
        "changes": [change.sentence for change in registration.changes],
        "amendments": [[change.sentence for change in amendment] for amendment in registration.amendments],
        "sentences": list(registration.sentences),
    }
