"""Commands asked before a survey: is the sample going to be enough?"""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, cast

import typer

import lpact_eval as lp
from lpact_eval.cli import size_note, size_places, size_questions
from lpact_eval.cli.shared import By, Json, PlanOption, default_plan, print_json, records, say
from lpact_eval.cli.survey import SURVEY, Asked, Survey
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typer.core import TyperGroup

Power = Annotated[float, typer.Option(help="Probability of showing the change.")]
Level = Annotated[float, typer.Option(help="Level of the interval.")]
Effect = Annotated[float, typer.Option(help="Design effect of the surveys.")]
Baseline = Annotated[float | None, typer.Option(help="Share in the first survey; read from it if not given.")]

READERS = frozenset(  # subcommands that can start from a survey
    {"assurance", "clusters", "detectable", "difference", "equivalence", "needed", "note", "several", "simulate"}
)

BEFORE = "Options of the first survey stand before the command: lpact-eval size --group Asian COMMAND."
_COST = (
    "Keys of the file: [rates] hourly_rate, minutes_interview, minutes_approach, incentive; a [[place]] each: name, "
    "response, share, cost, travel, staff_hours, capacity, available; a [[target]] each: group, icc, and change, "
    "half_width or n_effective."
)
EPILOGS = {"cost": _COST}

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


@app.callback()
def size_of_next_wave(
    context: typer.Context,
    *,
    wave: Annotated[str, typer.Option(help="Survey that has been collected; the plan's first if not given.")] = "",
    item: Annotated[str, typer.Option(help="Question that the change is about.")] = "conf_overall",
    by: By = "ethnicity",
    group: Annotated[str, typer.Option(help="Group that the change is about.")] = "Black",
    plan: PlanOption = None,
    power: Power = 0.8,
    as_json: Json = False,
) -> None:
    """Say what the next survey can show, given what the last one had."""
    typed = _typed(context)
    context.obj = Survey(
        lambda: Asked(plan or default_plan(), wave, item, by, group),
        tuple(option for name, option in typed.items() if name in SURVEY),
    )
    if context.invoked_subcommand is not None:
        _carry_over(context, context.invoked_subcommand, typed)
        return
    from lpact_eval.planning.next_wave import next_wave, outlook
    from lpact_eval.planning.wording import given, points

    survey: Survey = context.obj
    first = survey.read()
    table = next_wave(first, power=power)
    if as_json:
        print_json({"sentence": outlook(first, power=power), "next": records(table)})
        return
    typer.echo(outlook(first, power=power) + "\n")
    typer.echo(f"{'next survey':>16} {'effective':>16} {'smallest rise':>16} {'smallest fall':>16}")
    columns = ("n_second", "n_effective_second", "change", "change_down")
    for _, row in table.iterrows():
        second, effective, rise, fall = (float(row[name]) for name in columns)
        cells = (given(second), given(effective), points(rise), points(fall))
        typer.echo(" ".join(f"{cell:>16}" for cell in cells))


@app.command(epilog=BEFORE)
def needed(
    context: typer.Context,
    *,
    change: Annotated[float, typer.Option(help="Change to be shown, 0.1 for ten points; negative for a fall.")],
    baseline: Baseline = None,
    first_wave: Annotated[float | None, typer.Option(help="Effective respondents of a first survey.")] = None,
    power: Power = 0.8,
    level: Level = 0.95,
    design_effect: Effect = 1.0,
    as_json: Json = False,
) -> None:
    """Find the respondents that show a change."""
    survey: Survey = context.obj
    df_first = math.inf
    if baseline is not None:
        survey.left_aside("--baseline")
    else:
        first = survey.read()
        baseline = first.baseline
        if first_wave is None:
            first_wave, df_first = first.n_effective, first.df
    plan = lp.respondents_needed(
        baseline=baseline,
        change=change,
        power=power,
        level=level,
        design_effect=design_effect,
        first_wave=first_wave,
        df_first=df_first,
    )
    say(plan, as_json=as_json)


@app.command(epilog=BEFORE)
def detectable(
    context: typer.Context,
    *,
    n_second: Annotated[float, typer.Option(help="Respondents in the second survey; inf for no end of them.")],
    baseline: Baseline = None,
    n_first: Annotated[float | None, typer.Option(help="Respondents in the first survey.")] = None,
    power: Power = 0.8,
    level: Level = 0.95,
    design_effect: Effect = 1.0,
    as_json: Json = False,
) -> None:
    """Find the smallest change that two surveys can show."""
    from lpact_eval.planning.plan import require_inside
    from lpact_eval.planning.two_waves import df_of_change

    survey: Survey = context.obj
    effects, df = (design_effect, design_effect), math.inf
    if baseline is not None and n_first is not None:
        survey.left_aside("--baseline and --n-first")
    else:
        first = survey.read()
        baseline = first.baseline if baseline is None else baseline
        if n_first is None:
            n_first, effects = first.n, (first.design_effect, design_effect)
            second = n_second / require_inside("design_effect", design_effect, 0, math.inf)
            df = df_of_change((first.n_effective, second), first.df)
    plan = lp.detectable_change(
        baseline=baseline, n_first=n_first, n_second=n_second, power=power, level=level, design_effect=effects, df=df
    )
    say(plan, as_json=as_json)


@app.command()
def precision(
    *,
    proportion: Annotated[float, typer.Option(help="Share expected.")] = 0.5,
    n: Annotated[float | None, typer.Option(help="Respondents.")] = None,
    half_width: Annotated[float | None, typer.Option(help="Half the width of the interval wanted.")] = None,
    design_effect: Effect = 1.0,
    level: Level = 0.95,
    wilson: Annotated[bool, typer.Option("--wilson", help="Wilson's interval, for shares near 0 or 1.")] = False,
    as_json: Json = False,
) -> None:
    """Find the precision of a share, or the respondents for it."""
    plan = lp.precision(
        proportion=proportion,
        n=n,
        half_width=half_width,
        design_effect=design_effect,
        level=level,
        interval="wilson" if wilson else "wald",
    )
    say(plan, as_json=as_json)


for command in (
    size_questions.difference,
    size_questions.gap,
    size_questions.interaction,
    size_questions.clusters,
    size_questions.equivalence,
    size_questions.ordinal,
    size_questions.several,
    size_questions.assurance,
    size_places.quotas,
    size_places.approaches,
    size_places.sites,
    size_places.still_needed,
    size_places.cost,
    size_note.simulate,
    size_note.note,
):
    app.command(epilog=BEFORE if command.__name__ in READERS else EPILOGS.get(command.__name__))(command)


def _typed(context: typer.Context) -> dict[str, str]:
    """List the options that stand on the command line, with the way they are written."""
    return {
        parameter.name: parameter.opts[0]
        for parameter in context.command.params
        if parameter.name and getattr(context.get_parameter_source(parameter.name), "name", "") == "COMMANDLINE"
    }


def _carry_over(context: typer.Context, subcommand: str, typed: Mapping[str, str]) -> None:
    """Hand options that stand before a subcommand on to it; refuse those that it has no use for."""
    group = cast("TyperGroup", context.command)
    taken = {parameter.name for parameter in group.commands[subcommand].params}
    used = taken | SURVEY if subcommand in READERS else taken
    useless = [option for name, option in typed.items() if name not in used]
    if useless:
        msg = f"{', '.join(useless)} would not be used by `size {subcommand}`; leave it out."
        raise WrongUseError(msg)
    context.default_map = {subcommand: {name: context.params[name] for name in typed if name in taken}}
