"""Commands for the records of events: files to fill in, and a check of what was filled in."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path  # noqa: TC003 - typer reads it from the annotations
from typing import TYPE_CHECKING, Annotated

import typer

import lpact_eval as lp
from lpact_eval.cli.output import writing
from lpact_eval.cli.shared import Json, print_json, records, working, wrapped

if TYPE_CHECKING:
    from lpact_eval.evidence.records import Evidence

app = typer.Typer(
    help="Keep the records of events: write files to fill in, check what was filled in.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("template")
def template(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", file_okay=False, help="Folder to write to.")],
    *,
    definition: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="An events.toml; that of the folder or the shipped one if not given."
        ),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace files that are there.")] = False,
) -> None:
    """Write a workbook with drop-downs and help, and csv files, to fill in with the records of events."""
    with writing(folder):
        files = lp.write_event_templates(folder, definition=definition, replace=replace)
    for file in files:
        typer.echo(str(file))
    typer.echo(
        f"Fill in {files[0].name}, or move the csv files up into {folder}. Then: lpact-eval records check {folder}"
    )


@app.command("check")
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="Folder of records; the shipped, made-up ones if not given.",
        ),
    ] = None,
    *,
    dates: Annotated[str, typer.Option(help="day-first or month-first, as dates such as 03/04/2025 are written.")] = "",
    as_json: Json = False,
) -> None:
    """Read the records, and list what was set aside and what to mend."""
    with working("Reading records"):
        evidence = lp.read_events(folder, dates=dates)
    if as_json:
        print_json(
            {
                "as_of": evidence.as_of.isoformat(),
                "synthetic": evidence.synthetic,
                "ledger": records(evidence.ledger),
                "issues": records(evidence.issues),
            }
        )
        return
    _print(evidence)


def _print(evidence: Evidence) -> None:
    """Print the ledger, then what to mend."""
    if evidence.synthetic:
        typer.echo("Synthetic records: nothing in them is about real people or events.")
    for record, lines in groupby(records(evidence.ledger), key=lambda line: line["record"]):
        typer.echo(f"\n{record or 'files'}")
        for line in lines:
            typer.echo(wrapped(f"{line['rows'] or '':>7}  {line['reason']}", indent=9))
    typer.echo(f"\nLatest day on record: {evidence.as_of}")
    if evidence.issues.empty:
        typer.echo("\nNothing to mend.")
        return
    count = len(evidence.issues)
    typer.echo(f"\n{count} thing{'' if count == 1 else 's'} to mend (rows as in the file, headings being row 1)")
    for issue in records(evidence.issues):
        where = f"{issue['record']}, row {issue['row']}, {issue['column']}"
        typer.echo(wrapped(f"{where}: {issue['reason']} ({issue['done']})", first=2, indent=4))
