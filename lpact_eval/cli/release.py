"""Commands that end in a release or a check."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import lpact_eval as lp
from lpact_eval.cli.output import formats_asked, require_folder, writing
from lpact_eval.cli.progress import progress
from lpact_eval.cli.shared import (
    Json,
    PlanFile,
    Surveys,
    default_plan,
    named_in_files,
    print_json,
    surveys_alone,
    working,
    wrapped,
)
from lpact_eval.cli.unused import put_off_unused_parts
from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.reporting.house import House

HouseFile = Annotated[
    Path | None,
    typer.Option(
        "--house",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="Name, marking, contact and templates of the force; the house.toml beside the plan if not given.",
    ),
]
Templates = Annotated[
    Path | None,
    typer.Option(
        "--templates",
        metavar="FOLDER",
        exists=True,
        file_okay=False,
        help="Your own report templates; the shipped ones stand where it has none.",
    ),
]
Folder = Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Folder of the release.")]
RULES_HELP = "Presentation rules: uk, nchs, or a .toml file of your own."
RulesName = Annotated[str, typer.Option("--rules", metavar="RULES", help=RULES_HELP)]
EARLIER_HELP = "A release that readers have, so that nothing small is had by subtraction; repeatable."
Earlier = Annotated[list[Path] | None, typer.Option("--earlier", metavar="FOLDER", help=EARLIER_HELP)]


def demo(*, out: Folder = None, as_json: Json = False) -> None:
    """Do the whole job on the shipped synthetic surveys."""
    _release(plan_file(), out or Path("reports", "outputs", "demo"), None, as_json=as_json, again=True)


def run(  # noqa: PLR0913 - every option of the command is one argument
    plan: PlanFile = None,
    *,
    only: Annotated[str, typer.Option(metavar="OUTPUTS", help="Outputs, such as html,xlsx; all if not given.")] = "",
    out: Folder = None,
    house: HouseFile = None,
    again: Annotated[bool, typer.Option("--again", help="Run it also where nothing has changed since.")] = False,
    templates: Templates = None,
    rules: RulesName = "uk",
    earlier: Earlier = None,
    as_json: Json = False,
) -> None:
    """Run an evaluation plan and write its release; where nothing has changed since the last run, leave it."""
    from lpact_eval.reporting.house import house_beside, read_house

    path = plan or default_plan()
    settings = read_house(house) if house else house_beside(path)
    folder = out or Path("reports", "outputs", path.stem)
    wishes = _Wishes(settings, templates, rules, tuple(earlier or ()))
    _release(path, folder, formats_asked(only), wishes, as_json=as_json, again=again)


def check(
    plan: PlanFile = None,
    *,
    surveys: Surveys = None,
    wave: Annotated[str, typer.Option(metavar="NAME", help="With surveys: the only one to check.")] = "",
    as_json: Json = False,
) -> None:
    """Check definitions, data and sample sizes: ok, warn, fail, with counts and never answers.

    With --surveys, or where there are surveys here and no plan, all is checked that needs no plan.
    """
    from lpact_eval.evaluation.check import check_plan
    from lpact_eval.evaluation.check_surveys import check_surveys

    alone = surveys_alone(plan, surveys)
    if wave and alone is None:
        msg = "A plan says which surveys are checked; give the folder of --wave with --surveys."
        raise WrongUseError(msg)
    with working("Checking"):
        checks = list(check_plan(plan or default_plan()) if alone is None else check_surveys(alone, wave=wave))
    if as_json:
        print_json([asdict(one) for one in checks])
    else:
        for one in checks:
            typer.echo(wrapped(f"{one.status:4}  {one.what}: {one.found}", indent=6))
            for line in one.details:
                typer.echo(wrapped(line, first=8, indent=10))
    failed = sum(one.status == "fail" for one in checks)
    if failed:
        msg = f"{failed} of {len(checks)} checks failed; the lines above say what to do."
        raise LpactError(msg)


def _require_templates(folder: Path | None) -> None:
    """Refuse templates that can't be used before any work is done."""
    if folder is not None:
        from lpact_eval.reporting.templating import own_folder, plain_sentences

        plain_sentences(own_folder(folder))


@dataclass(frozen=True, slots=True)
class _Wishes:
    """How a release is to look, by which rules it is cleared, and which ones readers have already."""

    house: House | None = None
    templates: Path | None = None
    rules: str = "uk"
    earlier: tuple[Path, ...] = ()

    @property
    def files(self) -> list[Path]:
        """Files that the release depends on besides the plan's."""
        own = [path for path in (self.house.word_template, self.house.slides_template) if path] if self.house else []
        rules = [Path(self.rules)] if Path(self.rules).is_file() else []
        templates = sorted(self.templates.iterdir()) if self.templates else []
        seen = [folder / "results.csv" for folder in self.earlier]
        return [path for path in (*own, *rules, *templates, *seen) if path.is_file()]


def _release(
    plan: Path,
    out: Path,
    formats: Sequence[str] | None,
    wishes: _Wishes | None = None,
    *,
    as_json: bool,
    again: bool = False,
) -> None:
    """Run, publish, write; say what was written, or that nothing has changed since."""
    from lpact_eval.evaluation.inputs import inputs_hash
    from lpact_eval.reporting.last_run import keep_inputs, same_release

    require_folder(out)
    put_off_unused_parts()
    wishes = wishes or _Wishes()
    _require_templates(wishes.templates)
    with named_in_files():
        found = lp.read_plan(plan)
    inputs = inputs_hash(found, [*(formats or ("all",)), repr(wishes)], files=wishes.files)
    files = None if again else same_release(out, inputs)
    if files is not None:
        _say_unchanged(files, as_json=as_json)
        return
    published, files = _made(found, out, formats, wishes, silent=as_json)
    keep_inputs(out, inputs)
    _say_written(published, files, as_json=as_json)


def _made(
    plan: EvaluationPlan, out: Path, formats: Sequence[str] | None, wishes: _Wishes, *, silent: bool
) -> tuple[Published, list[Path]]:
    """Run a plan, clear its results and write them, with progress and a line in the log for every stage."""
    from lpact_eval.disclosure.rules import find_rules
    from lpact_eval.disclosure.suppression_log import write_suppression_log
    from lpact_eval.evaluation.run import steps_in
    from lpact_eval.evaluation.run_log import RUN_LOG, logged_run
    from lpact_eval.reporting.outputs import chosen_outputs

    rules = find_rules(wishes.rules)
    steps = steps_in(plan) + 1 + len(chosen_outputs(formats))
    log = logged_run(out.resolve().parent / RUN_LOG, plan.plan_file, seed=plan.seed)
    with log as going, progress(steps, silent=silent) as told:
        told.stage("Reading, weighting, estimating")
        with named_in_files(), going.stage("read, weight, estimate"):
            results = lp.run_plan(plan, step=told.step)
        told.step("clearing for readers")
        with going.stage("publish"):
            published = lp.publish(results, rules=rules, earlier=wishes.earlier)
        told.stage("Writing")
        with writing(out), going.stage("write"):
            files = lp.write_release(
                published, out, formats=formats, house=wishes.house, templates=wishes.templates, step=told.step
            )
            write_suppression_log(results, published, out)
    return published, files


def _say_unchanged(files: Sequence[Path], *, as_json: bool) -> None:
    """Say that a release stands as it is."""
    if as_json:
        print_json({"files": list(map(str, files)), "unchanged": True})
        return
    typer.echo("Nothing has changed since the last run: plan, definitions, data, logs and program are the same.")
    typer.echo(f"The release in {files[-1].parent} stands as it was written. --again runs the plan all the same.")


def _listed(files: Sequence[Path]) -> list[str]:
    """Name every file of a release, and each folder in it once with how many it holds."""
    top = files[-1].parent
    held = Counter(file.parent for file in files if file.parent != top)
    alone = [str(file) for file in files if file.parent == top]
    return [*alone[:-1], *(f"{folder} ({count} files)" for folder, count in held.items()), *alone[-1:]]


def _say_written(published: Published, files: Sequence[Path], *, as_json: bool) -> None:
    """Say what was written, what is blank in it and what was left out."""
    from lpact_eval.reporting.release import left_out

    reasons = left_out(files[-1].parent)
    if as_json:
        told = {"synthetic": published.synthetic, "rows": len(published.rows), "left_out": reasons}
        print_json({"files": list(map(str, files)), **told})
        return
    blank = [item.name for item in (published.accounts.methods if published.accounts else ()) if item.blank]
    if blank:
        what = "; ".join(blank)
        typer.echo(
            f"Blank in the disclosure of methods: {what}. `lpact-eval release` stops until it is filled in.", err=True
        )
    if published.synthetic:
        typer.echo("Synthetic respondents: nothing in this release is about real people.")
    for line in _listed(files):
        typer.echo(line)
    for name, reason in reasons.items():
        typer.echo(wrapped(f"Without {name}. {reason}"))
    pages = [file for file in files if file.suffix == ".html"]
    if pages:
        typer.echo(f"Open {pages[0].resolve().as_uri()} in a browser.")
