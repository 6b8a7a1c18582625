"""The command line: each command is one public function, with its progress and its exit code."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Final, cast

import typer

from lpact_eval.errors import LpactError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

USAGE = 2  # typer's own exit code for a command line that it can't read
WRONG_USE = 1

# Where each command stands; its module is loaded with the command.
_COMMANDS: Final = {
    "init": "init:init",
    "demo": "release:demo",
    "run": "release:run",
    "trend": "trend:trend",
    "compare": "compare:compare",
    "check": "release:check",
    "look": "look:look",
    "populations": "populations:populations",
    "harmonise": "harmonise:harmonise",
    "explain": "explain:explain",
    "diff": "diff:diff",
    "release": "gate:release",
    "check-outputs": "check_outputs:check_outputs",
    "templates": "templates:templates",
}
_GROUPS: Final = {"size": "size:app", "plan": "plan:app", "crosswalk": "crosswalk:app", "records": "records:app"}


def _made(commands: Mapping[str, str], groups: Mapping[str, str]) -> typer.Typer:
    """Put commands and groups of commands together into a program."""
    made = typer.Typer(
        help="Did trust and confidence in the police change, and what part did community events play?",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for name, place in commands.items():
        made.command(name)(cast("Callable[..., None]", resolve_name(f"{__name__}.{place}")))
    for name, place in groups.items():
        made.add_typer(cast("typer.Typer", resolve_name(f"{__name__}.{place}")), name=name)
    return made


def program() -> typer.Typer:
    """Give the program with all its commands."""
    return _made(_COMMANDS, _GROUPS)


def _program_for(words: Sequence[str]) -> typer.Typer:
    """Give the program with the command that is asked for only: typer reads the options of all that it is given."""
    first = words[0] if words else ""
    if first in _GROUPS:
        return _made({}, {first: _GROUPS[first]})
    if first not in _COMMANDS:
        return program()
    alone = _made({first: _COMMANDS[first]}, {})
    alone.callback()(_stay_a_group)
    return alone


def _stay_a_group() -> None:
    """Keep the command's name on the command line: without a callback, typer leaves out the name of an only one."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    # surveys make small matrices: threads would cost more processor time than they give; read when numpy is loaded
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # else pydantic searches every installed library for plugins, which would see what definitions and records hold
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(400_000, 20, 20)  # a command ends before its small cycles add up: looking for them is a 20th of it
    atexit.register(gc.freeze)  # and on leaving nothing is left to look for
    _print_what_the_terminal_can()
    try:
        _program_for(sys.argv[1:])(prog_name="lpact-eval")
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
