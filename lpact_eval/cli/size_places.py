"""Questions of sample size about people and places: quotas, approaches, sites, what is still needed, and cost."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it from the annotations
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

import lpact_eval as lp
from lpact_eval.cli.shared import By, Json, print_json, records, say
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.planning.plan import Plan

Certainty = Annotated[float, typer.Option(help="Probability of reaching the target.")]
Icc = Annotated[float, typer.Option(help="How alike answers at one site are, 0.05 is usual.")]
TALLY = "Running tally (.csv or .xlsx: category, n, and approached, target if wanted), or with --wave a part-file."


def quotas(
    total: int,
    *,
    floor: Annotated[list[str] | None, typer.Option(help="Least respondents of a group, as in Black=150.")] = None,
    allocation: Annotated[str, typer.Option(help="Proportional, equal, or power (between the two).")] = "proportional",
    available: Annotated[list[str] | None, typer.Option(help="People who can be approached, as in Black=900.")] = None,
    response: Annotated[float, typer.Option(help="Share of those approached who answer.")] = 1.0,
    by: By = "ethnicity",
    population: Annotated[str, typer.Option(help="Population that is shared out.")] = "leicestershire-2021",
    as_json: Json = False,
) -> None:
    """Share out a sample over groups, with floors; say what the weights will cost."""
    from lpact_eval.planning.allocation import Allocation
    from lpact_eval.planning.quota import quota_sentences

    margins = {str(margin.variable): margin.counts for margin in lp.read_population(population)}
    if by not in margins:
        msg = f"Population {population!r} has no counts by {by!r}; it has {sorted(margins)}."
        raise WrongUseError(msg)
    if allocation not in get_args(Allocation):
        msg = f"Cannot share out by --allocation {allocation!r}: choose proportional, equal or power."
        raise WrongUseError(msg)
    shares = {str(name): float(persons) for name, persons in margins[by].items()}
    table = lp.quotas(
        total,
        shares,
        floors=by_group("floor", floor),
        allocation=cast("Allocation", allocation),
        available=by_group("available", available) if available else None,
        response=response,
    )
    if as_json:
        print_json(records(table))
        return
    typer.echo(table.round(3).to_string(index=False))
    typer.echo("")
    for sentence in quota_sentences(table)[1:]:
        typer.echo(sentence)


def approaches(
    target: int,
    *,
    response: Annotated[float, typer.Option(help="Share of those approached who answer.")],
    share: Annotated[float, typer.Option(help="Share of the group among those who answer.")],
    certainty: Certainty = 0.9,
    sites: Annotated[int | None, typer.Option(help="Sites that approaches are spread over, with --variation.")] = None,
    variation: Annotated[
        float, typer.Option(help="How sites differ: standard deviation over mean of the yield.")
    ] = 0.0,
    available: Annotated[int | None, typer.Option(help="People who can be approached.")] = None,
    as_json: Json = False,
) -> None:
    """Find how many people to approach."""
    plan = lp.approaches(
        target,
        response=response,
        share=share,
        certainty=certainty,
        sites=sites,
        variation=variation,
        available=available,
    )
    say(plan, as_json=as_json)


def sites(  # noqa: PLR0913 - one for each option
    *,
    icc: Icc = 0.05,
    number: Annotated[int | None, typer.Option("--sites", help="Sites.")] = None,
    per_site: Annotated[float | None, typer.Option(help="Respondents at a site.")] = None,
    respondents: Annotated[int | None, typer.Option(help="Respondents in all.")] = None,
    effective: Annotated[float | None, typer.Option("--effective", help="Effective respondents wanted.")] = None,
    half_width: Annotated[float | None, typer.Option(help="Half the width of the interval wanted.")] = None,
    share: Annotated[float, typer.Option(help="Share expected.")] = 0.5,
    uneven: Annotated[float, typer.Option(help="Unevenness of sites: standard deviation over mean.")] = 0.0,
    design_effect: Annotated[float, typer.Option(help="Design effect of the weights alone.")] = 1.0,
    as_json: Json = False,
) -> None:
    """Find sites and people a site; give two of these, respondents and a target."""
    plan = lp.sites(
        icc=icc,
        sites=number,
        per_site=per_site,
        respondents=respondents,
        n_effective=effective,
        half_width=half_width,
        proportion=share,
        cv=uneven,
        design_effect=design_effect,
    )
    _with_table(plan, as_json=as_json)


def still_needed(  # noqa: PLR0913 - one for each option
    tally: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=TALLY)],
    *,
    target: Annotated[list[str] | None, typer.Option(help="Respondents wanted of a group, as in Black=150.")] = None,
    approached: Annotated[int | None, typer.Option(help="People approached so far, all groups together.")] = None,
    certainty: Certainty = 0.9,
    available: Annotated[int | None, typer.Option(help="People who can still be approached.")] = None,
    wave: Annotated[str | None, typer.Option(help="Survey whose definition reads a part-file.")] = None,
    surveys: Annotated[Path | None, typer.Option(help="Folder of the surveys' definitions.")] = None,
    by: By = "ethnicity",
    as_json: Json = False,
) -> None:
    """Find how many more to approach during fieldwork, from counts alone."""
    found = lp.tally(tally, by=by, wave=wave, surveys=surveys)
    plan = lp.still_needed(
        so_far=found,
        approached=approached,
        target=by_group("target", target) if target else None,
        certainty=certainty,
        available=available,
    )
    _with_table(plan, as_json=as_json)


def cost(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Rates, places and targets, a .toml file.")],
    *,
    budget: Annotated[float | None, typer.Option(help="Pounds that there are, staff time included.")] = None,
    sensitivity: Annotated[
        float | None, typer.Option(help="Also with every rate so much higher and lower, 0.2.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find the cheapest way to reach what the survey is for."""
    from lpact_eval.cli.size_cost import read_cost

    asked = read_cost(file)
    plan = lp.cheapest(asked.targets, places=asked.places, rates=asked.rates, budget=budget)
    moved = (
        None
        if sensitivity is None
        else lp.cost_sensitivity(asked.targets, places=asked.places, rates=asked.rates, by=sensitivity)
    )
    _with_table(plan, moved, as_json=as_json)


def by_group(option: str, texts: list[str] | None) -> dict[str, int]:
    """Read GROUP=NUMBER, as often as it was given."""
    found: dict[str, int] = {}
    for text in texts or []:
        group, sign, number = text.partition("=")
        if not sign or not number.isdecimal():
            msg = f"Cannot read the {option} {text!r}: write it as in Black=150."
            raise WrongUseError(msg)
        found[group] = int(number)
    return found


def _with_table(plan: Plan, more: pd.DataFrame | None = None, *, as_json: bool) -> None:
    """Print a plan with its rows."""
    tables = [table for table in (plan.table, more) if table is not None]
    if as_json:
        names = ("table", "sensitivity")
        print_json(
            {
                **records(plan.to_frame())[0],
                **{name: records(table) for name, table in zip(names, tables, strict=False)},
            }
        )
        return
    typer.echo(plan.sentence)
    for table in tables:
        typer.echo("")
        typer.echo(table.round(3).to_string(index=False))
