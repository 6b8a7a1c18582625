"""The command that shows one question over the surveys."""

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
from lpact_eval.cli.unused import put_off_unused_parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published

PAGE = ".html"

Shares = Annotated[bool, typer.Option("--answers", help="Draw the shares of all answers, not of the favourable ones.")]


def trend(
    item: str,
    *,
    by: By = "",
    answers: Shares = False,
    plan: PlanOption = None,
    out: OutFile = None,
    as_json: Json = False,
) -> None:
    """Show one question over the surveys: a table, or a chart with its numbers and its words beside it."""
    if out is not None:
        require_file(out)
    path = plan or default_plan()
    if out is not None and out.suffix.casefold() == PAGE:
        _page(path, item, by, out)
        return
    published = question(path, item, by=by, distribution=answers)
    if out is not None:
        write_drawn(published, out, "answers" if answers else "trend")
    elif as_json:
        levels = published.rows[published.rows["measure"] == "level"]
        shown = (published.distributions, published.shifts) if answers else (levels, published.slopes)
        print_json([record for frame in shown for record in records(frame)])
    else:
        from lpact_eval.reporting.console import trend_lines

        typer.echo("\n".join(trend_lines(published)))


def question(plan: Path, item: str, *, by: str, waves: Sequence[str] = (), distribution: bool = False) -> Published:
    """Work one question out and clear it."""
    put_off_unused_parts()
    from lpact_eval.disclosure.published import publish
    from lpact_eval.evaluation.plan import read_plan
    from lpact_eval.evaluation.question import require_question, run_question

    with working("Reading, weighting, estimating"):
        with named_in_files():
            found = read_plan(plan)
        require_question(found, item, by=by, waves=waves)  # these names stand in the command
        with named_in_files():
            return publish(run_question(found, item, by=by, waves=waves, distribution=distribution))


def _page(plan: Path, item: str, by: str, out: Path) -> None:
    """Write the release's page of one question."""
    import lpact_eval as lp
    from lpact_eval.reporting.excerpt import excerpt

    with working("Reading, weighting, estimating"), named_in_files():
        published = lp.publish(lp.run_plan(lp.read_plan(plan)))
    write_excerpt(excerpt(published, variable=item, by=by), out)
