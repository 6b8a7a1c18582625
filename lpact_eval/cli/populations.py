"""The command that lists the populations."""

from __future__ import annotations

from typing import Annotated

import typer

import lpact_eval as lp
from lpact_eval.cli.shared import Json, print_json, records, wrapped

Surveys = Annotated[str, typer.Option(metavar="FOLDER", help="Definitions whose own populations are listed as well.")]


def populations(*, surveys: Surveys = "", as_json: Json = False) -> None:
    """List the populations that weights can stand for, whom each counts, and what to know of it."""
    table = lp.populations(surveys or None)
    if as_json:
        print_json(records(table.astype({"reference_date": str})))
        return
    notes: dict[str, list[str]] = {}
    for row in records(table.astype({"reference_date": str})):
        typer.echo(f"{row['name']}: {row['title']}")
        counted = f"{row['persons']:,} people, by {row['margins']}; {row['reference_date']}"
        typer.echo(wrapped(counted, first=2, indent=4))
        notes.setdefault(str(row["note"]), []).append(str(row["name"]))
    for note, names in notes.items():
        if note:
            whom = "Every population" if len(names) == len(table) else ", ".join(names)
            typer.echo(wrapped(f"\n{whom}: {note}"))
