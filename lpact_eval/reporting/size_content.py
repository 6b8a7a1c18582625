"""What a note on sample size says: the sentence, a line for every group, quotas and sites, and what it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.clusters import clustered_size
from lpact_eval.planning.next_wave import next_wave
from lpact_eval.planning.plan import require_inside
from lpact_eval.planning.power import respondents_needed
from lpact_eval.planning.quota import quotas
from lpact_eval.planning.wording import per_cent, points
from lpact_eval.reporting.numbers import count, percent
from lpact_eval.reporting.rows import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.planning.next_wave import FirstWave
    from lpact_eval.planning.plan import Plan

CURVE: Final = tuple(25.0 * 2 ** (step / 4) for step in range(25))  # respondents of a group: 25 to 1,600
ROUND_TO: Final = 50  # respondents: a total is rounded up to it
PER_SITE: Final = 15.0
ICC: Final = 0.05
MANY_SITES: Final = tuple(3.0 * 2 ** (step / 2) for step in range(19))  # up to some 1,500
LEAST_BASE: Final = 2.0  # effective respondents of an estimated variance
CLEARLY: Final = 0.005  # a limit that is lower by less reads the same


@dataclass(frozen=True, slots=True)
class SizeAsked:
    """What a note is asked for.

    Attributes
    ----------
    title : str
        The question's title.
    answers : str
        Answers that count, in words.
    wave : str
        The survey that has been collected.
    focus : str
        The group of interest.
    change : float
        Change to be shown, as a proportion; negative for a fall.
    power, level : float
    per_site, icc : float
        Respondents of the group at a recruitment site, and how alike answers are within one.
    total : int or None
        Respondents of the next survey in all; made from the first survey and the group's need if not given.
    synthetic : bool
        Whether the survey is made up.
    """

    title: str
    answers: str
    wave: str
    focus: str
    change: float = 0.15
    power: float = 0.8
    level: float = 0.95
    per_site: float = PER_SITE
    icc: float = ICC
    total: int | None = None
    synthetic: bool = False

    @property
    def people(self) -> str:
        """The group of interest, in sentences."""
        return people_of(self.focus)


@dataclass(frozen=True, slots=True)
class GroupLine:
    """What a next survey can show for one group; NaN where it can't.

    Attributes
    ----------
    first : FirstWave
    same : float
        Smallest change shown by as many respondents again.
    limit : float
        Smallest change that any number of them shows.
    needed : float
        Respondents in the next survey that show the change asked for.
    afresh : float
        Respondents in each of two new surveys that show it.
    curve : tuple of (float, float)
        Respondents in the next survey, and the smallest change that they show.
    """

    first: FirstWave
    same: float
    limit: float
    needed: float
    afresh: float
    curve: tuple[tuple[float, float], ...]

    @property
    def share(self) -> str:
        """The share in the first survey, for readers."""
        return "50% assumed" if self.first.assumed else percent(self.first.baseline, self.first.n)


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """The quota of one group: share of the population, respondents, and the sites that they need."""

    group: str
    share: float
    quota: int
    sites: int


@dataclass(frozen=True, slots=True, eq=False)
class SizeNote:
    """A note on sample size, cleared for readers.

    Attributes
    ----------
    asked : SizeAsked
    sentences : tuple of str
        The answer in plain English.
    lines : tuple of GroupLine
        The group of interest first.
    hidden : tuple of str
        Groups that are named without numbers.
    quotas : tuple of QuotaLine
    assumptions : tuple of (str, str)
    """

    asked: SizeAsked
    sentences: tuple[str, ...]
    lines: tuple[GroupLine, ...]
    hidden: tuple[str, ...]
    quotas: tuple[QuotaLine, ...]
    assumptions: tuple[tuple[str, str], ...]

    @property
    def way(self) -> str:
        """The direction of the change asked for."""
        return "rise" if self.asked.change > 0 else "fall"


def size_note(
    asked: SizeAsked,
    firsts: Sequence[FirstWave],
    *,
    hidden: Sequence[str] = (),
    weight_effects: Mapping[str, float] | None = None,
    persons: Mapping[str, float] | None = None,
    shares: Mapping[str, float] | None = None,
) -> SizeNote:
    """Work out everything that a note says.

    Parameters
    ----------
    asked : SizeAsked
    firsts : sequence of FirstWave
        The groups that may be told of, as `first_waves` clears them; the group of interest among them.
    hidden : sequence of str
        The others' names.
    weight_effects : mapping of str to float, optional
        Design effect of the weights alone by group; 1 where not given.
    persons : mapping of str to float, optional
        Persons of each group in the population, for quotas.
    shares : mapping of str to float, optional
        Shares of the population, where persons are not known; no quotas without both.

    Returns
    -------
    SizeNote

    Raises
    ------
    WrongUseError
        If the group of interest is missing, or a number is out of its range.
    """
    require_inside("change", asked.change, -1, 1)
    by_name = {first.group: first for first in firsts}
    if asked.focus not in by_name:
        msg = f"Cannot write a note on {asked.focus!r}: it is not among the groups {list(by_name)}."
        raise WrongUseError(msg)
    ordered = [by_name[asked.focus], *(first for name, first in by_name.items() if name != asked.focus)]
    lines = tuple(_line(asked, first) for first in ordered)
    effect = (weight_effects or {}).get(asked.focus, 1.0)
    places = _places(asked, lines[0], effect, (persons or {}).get(asked.focus, math.inf))
    shared = _quotas(asked, lines, places, known) if (known := persons or shares) else ()
    sentences = (_limit(asked, lines[0], places), *_need(asked, lines[0], places), *_said(shared, asked))
    return SizeNote(asked, sentences, lines, tuple(hidden), shared, _assumptions(asked, lines[0], effect))


def people_of(group: str) -> str:
    """Name the people of a group in a sentence; one that is written in numbers is called a group."""
    words = "" if group == EVERYONE else f"{group} "
    return (
        f"{words}respondents" if words.replace(" ", "").isalpha() or not words else f"respondents of the group {group}"
    )


def whole_points(change: float) -> str:
    """Write the size of a change that was asked for, with a decimal only where it has one."""
    return points(change).replace(".0 ", " ")


def _line(asked: SizeAsked, first: FirstWave) -> GroupLine:
    """Work out one group's line."""
    column = "change" if asked.change > 0 else "change_down"
    endless = [first.n * 2.0**step for step in range(11)]
    table = next_wave(first, sizes=[*CURVE, *endless, math.inf], power=asked.power, level=asked.level)
    shown = [abs(float(change)) for change in table[column]]
    return GroupLine(
        first,
        shown[len(CURVE)],
        min((change for change in shown[len(CURVE) :] if not math.isnan(change)), default=math.nan),
        needed.n if (needed := _needed(asked, first, beside=True)) is not None else math.nan,
        afresh.n if (afresh := _needed(asked, first, beside=False)) is not None else math.nan,
        tuple((n, change) for n, change in zip(CURVE, shown, strict=False) if not math.isnan(change)),
    )


def _needed(asked: SizeAsked, first: FirstWave, *, beside: bool) -> Plan | None:
    """Find the respondents for the change; None where the share has no room for it."""
    if not 0 <= first.baseline + asked.change <= 1:
        return None
    return respondents_needed(
        baseline=first.baseline,
        change=asked.change,
        power=asked.power,
        level=asked.level,
        design_effect=first.design_effect,
        first_wave=first.n_effective if beside else None,
        df_first=first.df if beside else math.inf,
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """The sites that show the change, beside the first survey or in each of two new ones; None where none do."""

    plan: Plan | None
    beside: bool
    limit: float
    afresh: Plan | None = None


def _places(asked: SizeAsked, line: GroupLine, effect: float, most: float) -> _Places:
    """Find the sites of the group of interest, and what no number of sites goes under."""
    first = line.first
    limit = _limit_of_sites(asked, first, effect)
    if math.isnan(line.afresh):
        return _Places(None, beside=False, limit=limit)
    afresh = clustered_size(
        icc=asked.icc,
        baseline=first.baseline,
        change=asked.change,
        people=asked.per_site,
        power=asked.power,
        level=asked.level,
        design_effect=effect,
    )
    beside = _clustered(asked, first, effect, change=asked.change)
    if not beside.impossible and beside.n <= most:
        return _Places(beside, beside=True, limit=limit, afresh=afresh)
    return _Places(None if afresh.impossible or afresh.n > most else afresh, beside=False, limit=limit)


def _clustered(
    asked: SizeAsked, first: FirstWave, effect: float, *, change: float | None = None, number: float | None = None
) -> Plan:
    """Plan sites beside the first survey: their number for a change, or the change for a number."""
    return clustered_size(
        icc=asked.icc,
        baseline=first.baseline,
        change=change,
        sites=number,
        people=asked.per_site,
        first_wave=max(first.n_effective, LEAST_BASE),
        df_first=first.df,
        power=asked.power,
        level=asked.level,
        design_effect=effect,
    )


def _limit_of_sites(asked: SizeAsked, first: FirstWave, effect: float) -> float:
    """Find the smallest change that any number of sites shows."""
    plans = [_clustered(asked, first, effect, number=number) for number in MANY_SITES]
    found = [abs(plan.change if asked.change > 0 else plan.change_down) for plan in plans]
    return min((change for change in found if not math.isnan(change)), default=math.nan)


def _limit(asked: SizeAsked, line: GroupLine, places: _Places) -> str:
    """Say what no next survey can go under."""
    way = "rise" if asked.change > 0 else "fall"
    having = f"With the {asked.wave} data as they are, no size of next survey can show"
    if math.isnan(line.limit):
        return f"{having} any {way} for {asked.people}."
    if math.isnan(places.limit) or places.limit > line.limit - CLEARLY:
        return f"{having} a {way} under {points(line.limit)} for {asked.people}."
    return (
        f"{having} a {way} under {points(places.limit)} for {asked.people}, however many sites it has; recruited like "
        f"the first, none under {points(line.limit)}."
    )


def _need(asked: SizeAsked, line: GroupLine, places: _Places) -> list[str]:
    """Say what shows the change, and where."""
    wanted = f"To show a {'rise' if asked.change > 0 else 'fall'} of {whole_points(asked.change)}"
    if math.isnan(line.afresh):
        return [f"{wanted} is impossible: {line.share} gave the answers, so there is no room for it."]
    if places.plan is None:
        return [f"{wanted}, more {asked.people} would be needed than there are people of the group in the area."]
    number = count(_sites_of(places.plan))
    needed = f"{count(_people_of(places.plan))} {asked.people} from {number} sites, about {asked.per_site:g} at each"
    if not places.beside:
        never = f"no next survey is large enough beside {asked.wave}: two new surveys would be needed"
        return [f"{wanted}, {never}, each with {needed}{_alike(line.afresh)}."]
    afresh, instead = places.afresh, ""
    if afresh is not None and 2 * afresh.n < places.plan.n:
        instead = f" Two new surveys with {count(_people_of(afresh))} each would do as much."
    return [f"{wanted}, the next survey needs {needed}{_alike(line.needed)}.{instead}"]


def _alike(number: float) -> str:
    """Give the number that stands in the table, which is for other sites than those of the sentence."""
    return "" if math.isnan(number) else f", or {count(math.ceil(number - 1e-9))} recruited like the first"


def _sites_of(plan: Plan) -> int:
    """Count whole sites."""
    return math.ceil(float(plan.assumptions["sites"]) - 1e-9)


def _people_of(plan: Plan) -> int:
    """Count the respondents at whole sites."""
    return math.ceil(_sites_of(plan) * float(plan.assumptions["people"]) - 1e-9)


def _quotas(
    asked: SizeAsked, lines: Sequence[GroupLine], places: _Places, persons: Mapping[str, float]
) -> tuple[QuotaLine, ...]:
    """Share out the next survey, with what the group of interest needs as its floor."""
    if places.plan is None or asked.focus not in persons:
        return ()
    floor = _people_of(places.plan)
    as_before = sum(line.first.n for line in lines[1:])
    total = asked.total or math.ceil((floor + as_before) / ROUND_TO) * ROUND_TO
    if total < floor:
        msg = (
            f"Cannot share out total={total}: {asked.focus} alone needs {floor} respondents to show the change. Raise "
            "--total, or ask for a larger --change."
        )
        raise WrongUseError(msg)
    table = quotas(total, dict(persons), floors={asked.focus: floor})
    return tuple(
        QuotaLine(
            str(row["category"]), float(row["share"]), int(row["quota"]), math.ceil(int(row["quota"]) / asked.per_site)
        )
        for _, row in table.iterrows()
    )


def _said(shared: Sequence[QuotaLine], asked: SizeAsked) -> list[str]:
    """Say the quotas."""
    if not shared:
        return []
    listed = ", ".join(f"{line.group} {line.quota:,}" for line in shared)
    total = sum(line.quota for line in shared)
    return [f"Quotas for {total:,} respondents, with that floor for {asked.focus}: {listed}."]


def _assumptions(asked: SizeAsked, line: GroupLine, effect: float) -> tuple[tuple[str, str], ...]:
    """List what the note rests on."""
    first = line.first
    freedom = "many" if math.isinf(first.df) else f"{first.df:.1f}"
    having = (
        f"{first.n} answered, worth {first.n_effective:.0f} of a simple random sample (design effect "
        f"{first.design_effect:.2f}, {freedom} degrees of freedom); share {line.share}"
    )
    places = (
        f"about {asked.per_site:g} respondents each; intra-site correlation {asked.icc:g}; design effect of the "
        f"weights {effect:.2f}"
    )
    return (
        ("Question", f"{asked.title}: {asked.answers}"),
        (
            "Test",
            f"two-sided, {per_cent(asked.level)} level, {per_cent(asked.power)} power; different people each time",
        ),
        (f"{asked.focus} in {asked.wave}", having),
        ("Curve and table", "the next survey recruited and weighted like the first: as many sites for its size"),
        ("Sites", places),
        ("Quotas", "of people aged 16 and over, by largest remainder; a quota is not a weight"),
        ("Who answers", "volunteers: no formula covers who was reached and who chose to answer"),
    )
