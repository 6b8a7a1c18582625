"""The command line: each command is one public function, with its progress and its exit code."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys

import typer

from lpact_eval.cli import (
    check_outputs,
    compare,
    crosswalk,
    diff,
    explain,
    gate,
    harmonise,
    init,
    look,
    lookup,
    plan,
    populations,
    records,
    release,
    size,
    templates,
    trend,
)
from lpact_eval.errors import LpactError

USAGE = 2  # typer's own exit code for a command line that it can't read
WRONG_USE = 1

app = typer.Typer(
    help="Did trust and confidence in the police change, and what part did community events play?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    init.init,
    release.demo,
    release.run,
    trend.trend,
    compare.compare,
    release.check,
    look.look,
    populations.populations,
    harmonise.harmonise,
    explain.explain,
    diff.diff,
    gate.release,
    check_outputs.check_outputs,
    templates.templates,
):
    app.command()(command)
app.add_typer(size.app, name="size")
app.add_typer(plan.app, name="plan")
crosswalk.app.command("lookup")(lookup.lookup)
app.add_typer(crosswalk.app, name="crosswalk")
app.add_typer(records.app, name="records")


def main() -> None:
    """Run the command line and leave with its exit code."""
    # surveys make small matrices: threads would cost more processor time than they give; read when numpy is loaded
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(400_000, 20, 20)  # a command ends before its small cycles add up: looking for them is a 20th of it
    atexit.register(gc.freeze)  # and on leaving nothing is left to look for
    _print_what_the_terminal_can()
    try:
        app(prog_name="lpact-eval")
    except LpactError as error:
        typer.echo(f"Stopped: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or type(error).__name__
        typer.echo(f"Stopped: {what}{reason}. Close it where another program has it open, or move it.", err=True)
        sys.exit(LpactError.exit_code)
    except SystemExit as stop:
        sys.exit(WRONG_USE if stop.code == USAGE else stop.code)


def _print_what_the_terminal_can() -> None:
    """Print characters that the terminal's encoding lacks as their codes: a name in a path must not stop a run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
