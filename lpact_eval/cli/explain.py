"""The command that follows one published number back to where it comes from."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from typing import Annotated

import typer

from lpact_eval.cli.shared import Json, PlanOption, default_plan, print_json, working, wrapped


def explain(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="Indicator's id or variable.")],
    group: Annotated[str, typer.Argument(metavar="GROUP", help='Group, such as Black, or "all".')] = "all",
    wave: Annotated[
        str, typer.Argument(metavar="WAVE", help="Survey; of a change either of the two. None for records of events.")
    ] = "",
    *,
    plan: PlanOption = None,
    measure: Annotated[
        str,
        typer.Option(
            metavar="MEASURE", help="level (the default), change or gap; of records of events the name of one number."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Show the whole path of a number: definition, rows, weights or columns, estimate, interval, files."""
    from lpact_eval.disclosure.explaining import explain as follow

    with working("Reading, weighting, estimating"):
        found = follow(plan or default_plan(), item, group, wave, measure=measure)
    if as_json:
        print_json(found.to_dict())
        return
    for line in found.lines():
        typer.echo(wrapped(line.lstrip(), first=len(line) - len(line.lstrip()), indent=4))
