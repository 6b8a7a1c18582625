"""The command that compares one question between two surveys."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lpact_eval.cli.output import require_file, write_drawn, write_excerpt
from lpact_eval.cli.shared import (
    By,
    Json,
    OutFile,
    PlanOption,
    default_plan,
    named_in_files,
    print_json,
    records,
    working,
)
from lpact_eval.cli.trend import PAGE, question

if TYPE_CHECKING:
    from pathlib import Path

Item = Annotated[str, typer.Option(help="Question that is compared.")]
Surveys = Annotated[bool, typer.Option("--surveys", help="Show the shares in each survey as well, with their bases.")]


def compare(
    old: str,
    new: str,
    *,
    item: Item = "conf_overall",
    by: By = "",
    surveys: Surveys = False,
    plan: PlanOption = None,
    out: OutFile = None,
    as_json: Json = False,
) -> None:
    """Compare one question between two surveys: what changed, by how much, and how sure that is."""
    if out is not None:
        require_file(out)
    path = plan or default_plan()
    if out is not None and out.suffix.casefold() == PAGE:
        _page(path, (old, new), (item, by), out)
        return
    published = question(path, item, by=by, waves=(old, new))
    if out is not None:
        write_drawn(published, out, "change")
    elif as_json:
        print_json(records(published.rows))
    else:
        from lpact_eval.reporting.console import compare_lines, trend_lines

        lines = compare_lines(published)
        typer.echo("\n".join([*trend_lines(published), "", *lines] if surveys else lines))


def _page(plan: Path, waves: tuple[str, str], asked: tuple[str, str], out: Path) -> None:
    """Write the release's page of one question's change."""
    import lpact_eval as lp
    from lpact_eval.reporting.excerpt import excerpt

    with working("Reading, weighting, estimating"), named_in_files():
        published = lp.publish(lp.run_plan(lp.read_plan(plan)))
    write_excerpt(excerpt(published, variable=asked[0], by=asked[1], change=waves), out)
