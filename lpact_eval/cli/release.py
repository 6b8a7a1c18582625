"""Commands that end in a release, a trend, a comparison or a check."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import lpact_eval as lp
from lpact_eval.cli.output import formats_asked, require_file, require_folder, write_excerpt, writing
from lpact_eval.cli.shared import (
    By,
    Json,
    PlanFile,
    PlanOption,
    default_plan,
    named_in_files,
    print_json,
    records,
    working,
)
from lpact_eval.errors import LpactError
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.published import Published

SHOWN = ("wave", "group", "estimate", "conf_low", "conf_high", "n", "n_effective", "mark", "note")

Folder = Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Folder of the release.")]
File = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="A .html or .csv file; printed if not given.")]


def demo(*, out: Folder = None, as_json: Json = False) -> None:
    """Do the whole job on the shipped synthetic surveys."""
    _release(plan_file(), out or Path("reports", "outputs", "demo"), None, as_json=as_json)


def run(
    plan: PlanFile = None,
    *,
    only: Annotated[str, typer.Option(metavar="FORMATS", help="Formats, such as html,xlsx; all if not given.")] = "",
    out: Folder = None,
    as_json: Json = False,
) -> None:
    """Run an evaluation plan and write its release."""
    path = plan or default_plan()
    _release(path, out or Path("reports", "outputs", path.stem), formats_asked(only), as_json=as_json)


def trend(item: str, *, by: By = "", plan: PlanOption = None, out: File = None, as_json: Json = False) -> None:
    """Show one question over the surveys."""
    from lpact_eval.reporting.excerpt import excerpt

    if out is not None:
        require_file(out)
    _show(excerpt(_published(plan or default_plan()), variable=item, by=by), out, as_json=as_json)


def compare(
    old: str,
    new: str,
    *,
    item: Annotated[str, typer.Option(help="Question that is compared.")] = "conf_overall",
    by: By = "",
    plan: PlanOption = None,
    out: File = None,
    as_json: Json = False,
) -> None:
    """Compare one question between two surveys."""
    from lpact_eval.reporting.excerpt import excerpt

    if out is not None:
        require_file(out)
    published = _published(plan or default_plan())
    _show(excerpt(published, variable=item, by=by, change=(old, new)), out, as_json=as_json)


def check(plan: PlanFile = None, *, as_json: Json = False) -> None:
    """Check definitions, data and sample sizes: ok, warn, fail, with counts and never answers."""
    from lpact_eval.evaluation.check import check_plan

    with working("Checking"):
        checks = list(check_plan(plan or default_plan()))
    if as_json:
        print_json([{"status": one.status, "what": one.what, "found": one.found} for one in checks])
    else:
        for one in checks:
            typer.echo(f"{one.status:4}  {one.what}: {one.found}")
    failed = sum(one.status == "fail" for one in checks)
    if failed:
        msg = f"{failed} of {len(checks)} checks failed; the lines above say what to do."
        raise LpactError(msg)


def _published(plan: Path) -> Published:
    """Run a plan and clear its results."""
    with working("Reading, weighting, estimating"), named_in_files():
        return lp.publish(lp.run_plan(lp.read_plan(plan)))


def _release(plan: Path, out: Path, formats: Sequence[str] | None, *, as_json: bool) -> None:
    """Run, publish, write; say what was written."""
    require_folder(out)
    published = _published(plan)
    with working("Writing"), writing(out):
        files = lp.write_release(published, out, formats=formats)
    if as_json:
        print_json({"files": list(map(str, files)), "synthetic": published.synthetic, "rows": len(published.rows)})
        return
    if published.synthetic:
        typer.echo("Synthetic respondents: nothing in this release is about real people.")
    for file in files:
        typer.echo(str(file))
    pages = [file for file in files if file.suffix == ".html"]
    if pages:
        typer.echo(f"Open {pages[0].resolve().as_uri()} in a browser.")


def _show(published: Published, out: Path | None, *, as_json: bool) -> None:
    """Print published rows, or write them to a file."""
    if out is not None:
        if write_excerpt(published, out):
            typer.echo(f"Replaced an earlier {out.name}.", err=True)
        typer.echo(str(out))
    elif as_json:
        print_json(records(published.rows))
    else:
        typer.echo(published.rows[list(SHOWN)].round(3).to_string(index=False, na_rep=""))
