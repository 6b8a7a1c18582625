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


@app.command("lists")
def lists(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", file_okay=False, help="Folder of records.")],
) -> None:
    """Write events.toml, to change the lists of communities, areas, departments and themes in, and the rates."""
    from lpact_eval.evidence.templates import write_event_lists  # noqa: PLC0415 - showing help loads nothing

    with writing(folder):
        file = write_event_lists(folder)
    typer.echo(str(file))
    typer.echo(
        f"Change its lists, then write templates that have them: lpact-eval records template {folder} --replace, "
        "which replaces files that are filled in too; leave it out if you have some."
    )


@app.command("prompts")
def prompts(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="Folder of records.")],
    *,
    out: Annotated[Path, typer.Option(metavar="FOLDER", file_okay=False, help="Folder to write to, never a release.")],
    dates: Annotated[str, typer.Option(help="day-first or month-first, as dates such as 03/04/2025 are written.")] = "",
) -> None:
    """Suggest themes to coders, from a dictionary and from words that stand together: prompts, never results."""
    from lpact_eval.evidence.prompt_files import write_prompts  # noqa: PLC0415 - showing help loads nothing

    with working("Reading records"):
        evidence = lp.read_events(folder, dates=dates)
    with writing(out):
        files, why = write_prompts(evidence, out)
    for file in files:
        typer.echo(str(file))
    typer.echo(
        "They are prompts for coders, never results, and hold what people wrote: for coders only, never to share."
    )
    if why:
        typer.echo(f"No groups of words: {why}")


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
    for record, issues in groupby(records(evidence.issues), key=lambda issue: str(issue["record"])):
        typer.echo(f"\n{evidence.where.get(record, record)}")
        _print_issues(evidence, record, list(issues))
    typer.echo(
        "\nA cell that is set aside counts as blank, a row as not there. Correct them in the file, and check again."
    )


def _print_issues(evidence: Evidence, record: str, issues: list[dict[str, object]]) -> None:
    """Print what is to mend in one record: where, what is wrong, what was done, and what the column may hold."""
    from lpact_eval.evidence.findings import listed_rows  # noqa: PLC0415 - showing help loads nothing

    told: dict[tuple[str, str, str], list[int]] = {}
    for issue in issues:
        key = str(issue["column"]), str(issue["reason"]), str(issue["done"])
        told.setdefault(key, []).append(int(str(issue["row"])))
    for (column, reason, done), rows in told.items():
        heading = evidence.headings.get(record, {}).get(column, column)
        typer.echo(wrapped(f"{heading}, {listed_rows(rows)}: {reason} ({done})", first=2, indent=4))
        typer.echo(wrapped(evidence.schema.records[record].column(column).help, first=6, indent=6))
