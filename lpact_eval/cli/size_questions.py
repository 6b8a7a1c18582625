"""Questions of sample size that a formula answers: gaps, sites, equivalence, ordered answers, several questions."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

import lpact_eval as lp
from lpact_eval.cli.shared import Json, say
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from lpact_eval.cli.survey import Survey
    from lpact_eval.planning.power import Plan

POWER = 0.8  # what is asked for where the power is not what is to be found

MaybePower = Annotated[float | None, typer.Option("--power", help="Probability wanted; 0.8 where it is not asked for.")]
MaybeN = Annotated[float | None, typer.Option("--n", help="Respondents; leave out what is to be found.")]
MaybeChange = Annotated[float | None, typer.Option("--change", help="Change, 0.1 for ten points; negative for a fall.")]
HalfWidth = Annotated[float | None, typer.Option(help="Half the width of the interval wanted, 0.1 for ten points.")]
Level = Annotated[float, typer.Option(help="Level of the interval.")]
Effect = Annotated[float, typer.Option(help="Design effect of the surveys.")]
Baseline = Annotated[float | None, typer.Option(help="Share in the first survey; read from it if not given.")]
FirstWave = Annotated[float | None, typer.Option(help="Effective respondents of a first survey that is fixed.")]


def difference(  # noqa: PLR0913 - one for each option
    context: typer.Context,
    *,
    n: MaybeN = None,
    half_width: HalfWidth = None,
    change: Annotated[float, typer.Option(help="Change expected.")] = 0.0,
    baseline: Baseline = None,
    first_wave: FirstWave = None,
    level: Level = 0.95,
    design_effect: Effect = 1.0,
    as_json: Json = False,
) -> None:
    """Find the precision of a change, or the respondents for it."""
    baseline, first_wave, df = _first(context, baseline, first_wave)
    plan = lp.precision_of_difference(
        baseline=baseline,
        change=change,
        n=n,
        half_width=half_width,
        first_wave=first_wave,
        level=level,
        design_effect=design_effect,
        df_first=df,
    )
    say(plan, as_json=as_json)


def gap(  # noqa: PLR0913 - one for each option
    *,
    share: Annotated[float, typer.Option(help="Share among those who did not attend.")] = 0.5,
    gap: Annotated[float | None, typer.Option("--gap", help="Attendees less others, 0.1 for ten points.")] = None,
    n: Annotated[float | None, typer.Option("--n", help="Respondents, attendees and others together.")] = None,
    attending: Annotated[float | None, typer.Option(help="Share of the respondents who attended.")] = None,
    attended: Annotated[float | None, typer.Option(help="Respondents who attended, in place of a share.")] = None,
    others: Annotated[float | None, typer.Option(help="Respondents who did not.")] = None,
    power: MaybePower = None,
    half_width: HalfWidth = None,
    level: Level = 0.95,
    design_effect: Effect = 1.0,
    as_json: Json = False,
) -> None:
    """Plan attendees against others: leave out size, gap or power."""
    both = n if attending is not None else (attended if others is not None else None)
    plan = lp.gap_size(
        share=share,
        gap=gap,
        n=n,
        attending=attending,
        n_attended=attended,
        n_others=others,
        power=_power(power, (both, gap), half_width),
        half_width=half_width,
        level=level,
        design_effect=design_effect,
    )
    say(plan, as_json=as_json)


def interaction(  # noqa: PLR0913 - one for each option
    *,
    shares: Annotated[str, typer.Option(help="Four shares: attended A, others A, attended B, others B.")],
    split: Annotated[str, typer.Option(help="How respondents spread over these four.")] = "1,1,1,1",
    n: MaybeN = None,
    change: Annotated[float | None, typer.Option("--change", help="Difference between the two gaps.")] = None,
    power: MaybePower = None,
    half_width: HalfWidth = None,
    level: Level = 0.95,
    design_effect: Effect = 1.0,
    as_json: Json = False,
) -> None:
    """Plan a test of whether the gap differs between two groups."""
    spread = numbers("--split", split)
    if not spread or min(spread) < 0 or sum(spread) <= 0:
        msg = f"Cannot split respondents as {split!r}: give four numbers over 0, as in 30,70,100,200."
        raise WrongUseError(msg)
    plan = lp.interaction_size(
        shares=numbers("--shares", shares),
        change=change,
        n=n,
        split=[part / sum(spread) for part in spread],
        power=_power(power, (n, change), half_width),
        half_width=half_width,
        level=level,
        design_effect=design_effect,
    )
    say(plan, as_json=as_json)


def clusters(  # noqa: PLR0913 - one for each option
    context: typer.Context,
    *,
    icc: Annotated[float, typer.Option(help="How alike answers at one site are, 0.05 is usual.")] = 0.05,
    sites: Annotated[float | None, typer.Option(help="Sites of each survey, or of the next.")] = None,
    people: Annotated[float | None, typer.Option(help="Respondents at a site.")] = None,
    cv: Annotated[float, typer.Option("--uneven", help="Unevenness of sites: standard deviation over mean.")] = 0.0,
    change: MaybeChange = None,
    baseline: Baseline = None,
    first_wave: FirstWave = None,
    df_first: Annotated[float | None, typer.Option(help="Degrees of freedom of that first survey.")] = None,
    power: MaybePower = None,
    half_width: HalfWidth = None,
    level: Level = 0.95,
    design_effect: Annotated[float, typer.Option(help="Design effect of the weights alone.")] = 1.0,
    as_json: Json = False,
) -> None:
    """Plan sites: leave out the sites, the people at one, the change or the power."""
    if baseline is None:
        first = _survey(context).read()
        baseline = first.baseline
        if first_wave is None:
            first_wave, df_first = first.n_effective, first.df
    else:
        _survey(context).left_aside("--baseline")
        df_first = math.inf if first_wave is not None and df_first is None else df_first
    plan = lp.clustered_size(
        icc=icc,
        baseline=baseline,
        change=change,
        sites=sites,
        people=people,
        cv=cv,
        first_wave=first_wave,
        df_first=df_first,
        power=_power(power, (sites, people, change), half_width),
        half_width=half_width,
        level=level,
        design_effect=design_effect,
    )
    say(plan, as_json=as_json)


def equivalence(  # noqa: PLR0913 - one for each option
    context: typer.Context,
    *,
    margin: Annotated[float | None, typer.Option(help="Smallest change that would matter, 0.1 for ten points.")] = None,
    n: MaybeN = None,
    power: MaybePower = None,
    change: Annotated[float, typer.Option(help="Change expected.")] = 0.0,
    not_lower: Annotated[bool, typer.Option("--not-lower", help="Only a fall would matter.")] = False,
    baseline: Baseline = None,
    first_wave: FirstWave = None,
    level: Annotated[float, typer.Option(help="Level of each one-sided bound.")] = 0.95,
    design_effect: Effect = 1.0,
    as_json: Json = False,
) -> None:
    """Plan to show that a change is smaller than what matters: leave out margin, n or power."""
    baseline, first_wave, df = _first(context, baseline, first_wave)
    plan = lp.equivalence_size(
        baseline=baseline,
        margin=margin,
        n=n,
        power=_power(power, (margin, n)),
        change=change,
        kind="non-inferiority" if not_lower else "equivalence",
        first_wave=first_wave,
        level=level,
        design_effect=design_effect,
    )
    say(_hopeful(plan, df), as_json=as_json)


def ordinal(  # noqa: PLR0913 - one for each option
    *,
    answers: Annotated[str, typer.Option(help="Shares of the answers, most favourable first, as in 10,40,30,15,5.")],
    shift: Annotated[float | None, typer.Option(help="Chance that a later answer is the better; 0.5 is none.")] = None,
    odds_ratio: Annotated[float | None, typer.Option(help="In place of a shift: over 1 for better answers.")] = None,
    n: MaybeN = None,
    power: MaybePower = None,
    first_wave: FirstWave = None,
    level: Level = 0.95,
    design_effect: Effect = 1.0,
    as_json: Json = False,
) -> None:
    """Plan for all answers of a scale: leave out shift, n or power."""
    plan = lp.ordinal_size(
        answers=numbers("--answers", answers),
        shift=shift,
        odds_ratio=odds_ratio,
        n=n,
        power=_power(power, (odds_ratio if shift is None else shift, n)),
        first_wave=first_wave,
        level=level,
        design_effect=design_effect,
    )
    say(plan, as_json=as_json)


def several(  # noqa: PLR0913 - one for each option
    context: typer.Context,
    *,
    items: Annotated[int, typer.Option(help="Questions that are tested as one family.")],
    change: MaybeChange = None,
    n: MaybeN = None,
    power: MaybePower = None,
    wanted: Annotated[
        str, typer.Option(help="To show one given question: each; at least one: any; all of them: all.")
    ] = "each",
    correlation: Annotated[float, typer.Option(help="Correlation between the questions.")] = 0.0,
    method: Annotated[
        str, typer.Option(help="How the family keeps its level: holm takes all to change alike; bonferroni doesn't.")
    ] = "holm",
    baseline: Baseline = None,
    first_wave: FirstWave = None,
    level: Level = 0.95,
    design_effect: Effect = 1.0,
    as_json: Json = False,
) -> None:
    """Plan for several questions tested together: leave out change, n or power."""
    if wanted not in {"each", "any", "all"}:
        msg = f"Cannot plan with --wanted {wanted!r}: choose each, any or all."
        raise WrongUseError(msg)
    if method not in {"holm", "bonferroni"}:
        msg = f"Cannot plan with --method {method!r}: choose holm or bonferroni."
        raise WrongUseError(msg)
    baseline, first_wave, df = _first(context, baseline, first_wave)
    plan = lp.several_items(
        items=items,
        baseline=baseline,
        change=change,
        n=n,
        power=_power(power, (change, n)),
        wanted="any" if wanted == "any" else "all" if wanted == "all" else "each",
        correlation=correlation,
        method="bonferroni" if method == "bonferroni" else "holm",
        first_wave=first_wave,
        level=level,
        design_effect=design_effect,
    )
    say(_hopeful(plan, df), as_json=as_json)


def assurance(  # noqa: PLR0913 - one for each option
    context: typer.Context,
    *,
    change: Annotated[float, typer.Option("--change", help="Change believed in, 0.1 for ten points.")],
    spread: Annotated[float, typer.Option("--sd", help="How unsure: standard deviation of that belief.")],
    n: MaybeN = None,
    power: Annotated[float | None, typer.Option("--power", help="Probability wanted, to find n.")] = None,
    baseline: Baseline = None,
    first_wave: FirstWave = None,
    level: Level = 0.95,
    design_effect: Effect = 1.0,
    as_json: Json = False,
) -> None:
    """Find how likely a change is shown, given what is believed of it, or n for it."""
    baseline, first_wave, df = _first(context, baseline, first_wave)
    plan = lp.assurance(
        baseline=baseline,
        change_mean=change,
        change_sd=spread,
        n=n,
        power=_power(power, (n,)),
        first_wave=first_wave,
        level=level,
        design_effect=design_effect,
    )
    say(_hopeful(plan, df), as_json=as_json)


def numbers(option: str, text: str) -> list[float]:
    """Read numbers with commas between them."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        msg = f"Cannot read {option} {text!r}: write numbers with commas between them, as in 0.5,0.4."
        raise WrongUseError(msg) from None


def _survey(context: typer.Context) -> Survey:
    """Take the survey that the command may start from."""
    return context.obj


def _first(
    context: typer.Context, baseline: float | None, first_wave: float | None
) -> tuple[float, float | None, float]:
    """Take the share, effective respondents and degrees of freedom that were given, or read them from the survey."""
    if baseline is not None:
        _survey(context).left_aside("--baseline")
        return baseline, first_wave, math.inf
    first = _survey(context).read()
    if first_wave is not None:
        return first.baseline, first_wave, math.inf
    return first.baseline, first.n_effective, first.df


def _hopeful(plan: Plan, df: float) -> Plan:
    """Say so where a first survey has few degrees of freedom that a formula doesn't count."""
    if math.isinf(df):
        return plan
    told = f" This does not count that the first survey has only {df:.1f} degrees of freedom, and so is too hopeful."
    return replace(plan, sentence=plan.sentence + told)


def _power(power: float | None, others: tuple[float | None, ...], half_width: float | None = None) -> float | None:
    """Ask for the usual power where something else is to be found; a half-width takes its place."""
    if power is not None or half_width is not None or None not in others:
        return power
    return POWER
