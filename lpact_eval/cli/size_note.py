"""Commands that write or work longer: the note on sample size with its page, and the simulation."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import lpact_eval as lp
from lpact_eval.cli.output import writing
from lpact_eval.cli.shared import Json, print_json, records, working
from lpact_eval.cli.size_questions import numbers
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from lpact_eval.cli.survey import Survey
    from lpact_eval.reporting.size_content import SizeNote

FORMATS = ("html", "docx", "page")
OUT = Path("reports", "outputs", "size")
CHANGE = 0.15  # a change to be shown, where neither the command nor the plan names one


def note(  # noqa: PLR0913 - one for each option
    context: typer.Context,
    *,
    change: Annotated[float | None, typer.Option(help="Change to be shown; the plan's margin if not given.")] = None,
    total: Annotated[int | None, typer.Option(help="Respondents of the next survey in all, for the quotas.")] = None,
    per_site: Annotated[float, typer.Option(help="Respondents of the group at a site.")] = 15.0,
    icc: Annotated[float, typer.Option(help="How alike answers at one site are.")] = 0.05,
    attending: Annotated[float, typer.Option(help="Share who attended, at the start of the page.")] = 0.4,
    power: Annotated[float, typer.Option(help="Probability of showing the change.")] = 0.8,
    only: Annotated[str, typer.Option(metavar="FORMATS", help="html, docx, page (to move the numbers); or all.")] = "",
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder of the note.")] = OUT,
    as_json: Json = False,
) -> None:
    """Write what the next survey needs, on one page and in Word."""
    formats = _formats(only)
    if out.is_file():
        msg = f"Cannot write a note to {out}: there is a file of that name. Choose a folder."
        raise WrongUseError(msg)
    survey: Survey = context.obj
    found = _note(survey, change, {"power": power, "per_site": per_site, "icc": icc}, total)
    with writing(out):
        files = _write(found, out, formats, attending)
    if as_json:
        print_json(_as_json(found, files))
        return
    if found.asked.synthetic:
        typer.echo("Synthetic respondents: nothing in this note is about real people.")
    for text in (*found.sentences, *map(str, files)):
        typer.echo(text)


def simulate(  # noqa: PLR0913 - one for each option
    context: typer.Context,
    *,
    n: Annotated[str, typer.Option("--n", help="People of the group asked in the next survey, as in 100,200,400.")],
    change: Annotated[str, typer.Option(help="True changes, as in 0,0.1,0.2.")] = "0,0.1,0.2",
    repetitions: Annotated[int, typer.Option(help="Pairs of surveys for every size and change.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 1,
    sites: Annotated[int | None, typer.Option(help="Sites of the group in the next survey.")] = None,
    icc: Annotated[float | None, typer.Option(help="How alike answers at one site are.")] = None,
    response: Annotated[float, typer.Option(help="Share of those asked who take part.")] = 1.0,
    backend: Annotated[str, typer.Option(help="A joblib backend: loky, sequential, threading, dask.")] = "loky",
    workers: Annotated[int | None, typer.Option(help="Workers at once.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder of finished parts, to go on from after a stop.")] = None,
    as_json: Json = False,
) -> None:
    """Draw, weight and test made-up next surveys, many times."""
    from lpact_eval.cli.survey import simulation

    survey: Survey = context.obj
    asked = [int(one) for one in numbers("--n", n) if one.is_integer() and one > 0]
    if len(asked) != len(n.split(",")):
        msg = f"Cannot simulate --n {n!r}: write whole numbers of people, as in 100,200,400."
        raise WrongUseError(msg)
    design = simulation(survey.find(), asked, numbers("--change", change), sites=sites, icc=icc, response=response)
    with working("Simulating"):
        curve = lp.simulate_power(
            design, repetitions=repetitions, seed=seed, backend=backend, workers=workers, cache=cache
        )
    if as_json:
        print_json({"sentence": curve.sentence, "points": records(curve.to_frame())})
        return
    typer.echo(curve.sentence + "\n")
    shown = curve.to_frame()[["group", "n_second", "change", "power", "false_alarms", "error", "coverage", "refused"]]
    typer.echo(shown.round(3).to_string(index=False, na_rep=""))


def _note(survey: Survey, change: float | None, terms: dict[str, float], total: int | None) -> SizeNote:
    """Read the survey and work the note out."""
    from lpact_eval.cli.survey import read_groups
    from lpact_eval.reporting.size_content import SizeAsked, size_note

    groups = read_groups(survey.find())
    asked = SizeAsked(
        groups.title,
        groups.answers,
        groups.wave,
        survey.find().group,
        change=change if change is not None else groups.margin or CHANGE,
        total=total,
        synthetic=groups.synthetic,
        **terms,
    )
    firsts = groups.firsts
    return size_note(
        asked, firsts.shown, hidden=firsts.hidden, weight_effects=firsts.weight_effects, persons=groups.persons
    )


def _write(found: SizeNote, out: Path, formats: tuple[str, ...], attending: float) -> list[Path]:
    """Write what was asked for."""
    from lpact_eval.reporting.size_page import start_of, write_size_files

    with working("Writing"):
        return write_size_files(found, out, formats=formats, start=start_of(found, attending=attending))


def _formats(text: str) -> tuple[str, ...]:
    """Read the formats; none named means all of them."""
    names = tuple(name.strip().casefold() for name in text.split(",") if name.strip()) or FORMATS
    unknown = sorted(set(names) - set(FORMATS))
    if unknown:
        msg = f"Cannot write a note as {unknown}; there are {list(FORMATS)}. Put commas between them."
        raise WrongUseError(msg)
    if "docx" in names:
        from lpact_eval.reporting.raster import require_matplotlib

        require_matplotlib()
    return names


def _as_json(found: SizeNote, files: list[Path]) -> dict[str, object]:
    """Write the note's numbers for a script."""
    from lpact_eval.reporting.numbers import rounded

    return {
        "sentences": list(found.sentences),
        "synthetic": found.asked.synthetic,
        "groups": [
            {
                "group": line.first.group,
                "n": line.first.n,
                "n_effective": line.first.n_effective,
                "baseline": None if line.first.assumed else rounded(line.first.baseline, line.first.n) / 100,
                "smallest_as_many_again": _number(line.same),
                "smallest_any_size": _number(line.limit),
                "needed_next": _number(line.needed),
                "needed_in_each_of_two": _number(line.afresh),
                "curve": [list(point) for point in line.curve],
            }
            for line in found.lines
        ],
        "not_shown": list(found.hidden),
        "quotas": [asdict(line) for line in found.quotas],
        "assumptions": dict(found.assumptions),
        "files": list(map(str, files)),
    }


def _number(value: float) -> float | None:
    """Write null for what is not possible."""
    return None if math.isnan(value) else value
