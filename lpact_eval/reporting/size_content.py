"""What a note on sample size says: the sentence, a line for every group, quotas and sites, and what it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.next_wave import next_wave
from lpact_eval.planning.plan import require_inside
from lpact_eval.planning.power import respondents_needed
from lpact_eval.planning.quota import quotas
from lpact_eval.planning.sites import sites
from lpact_eval.planning.wording import per_cent, points
from lpact_eval.reporting.numbers import count, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.planning.next_wave import FirstWave
    from lpact_eval.planning.plan import Plan

CURVE: Final = tuple(25.0 * 2 ** (step / 4) for step in range(25))  # respondents of a group: 25 to 1,600
ROUND_TO: Final = 50  # respondents: a total is rounded up to it
PER_SITE: Final = 15.0
ICC: Final = 0.05


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
        Persons of each group in the population, for quotas; none without.

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
    shared = _quotas(asked, lines, places, persons) if persons else ()
    sentences = (_limit(asked, lines[0]), *_need(asked, lines[0], places), *_said(shared, asked))
    return SizeNote(asked, sentences, lines, tuple(hidden), shared, _assumptions(asked, lines[0], effect))


def people_of(group: str) -> str:
    """Name the people of a group in a sentence; one that is written in numbers is called a group."""
    words = group.replace(" ", "").isalpha()
    return f"{group} respondents" if words else f"respondents of the group {group}"


def whole_points(change: float) -> str:
    """Write the size of a change that was asked for, with a decimal only where it has one."""
    return points(change).replace(".0 ", " ")


def _line(asked: SizeAsked, first: FirstWave) -> GroupLine:
    """Work out one group's line."""
    column = "change" if asked.change > 0 else "change_down"
    endless = [first.n * 2.0**step for step in range(11)]
    table = next_wave(first, sizes=[*CURVE, *endless, math.inf], power=asked.power, level=asked.level)
    shown = [abs(float(change)) for change in table[column]]
    needed = _needed(asked, first, beside=True)
    return GroupLine(
        first,
        shown[len(CURVE)],
        min((change for change in shown[len(CURVE) :] if not math.isnan(change)), default=math.nan),
        needed.n if needed is not None else math.nan,
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


def _places(asked: SizeAsked, line: GroupLine, effect: float, most: float) -> Plan | None:
    """Find the sites of the group of interest, for as many effective respondents as it needs."""
    respondents = line.afresh if math.isnan(line.needed) else line.needed
    if math.isnan(respondents) or respondents > most:
        return None
    effective = respondents / line.first.design_effect
    return sites(icc=asked.icc, per_site=asked.per_site, n_effective=effective, design_effect=effect)


def _limit(asked: SizeAsked, line: GroupLine) -> str:
    """Say what no next survey can go under."""
    way = "rise" if asked.change > 0 else "fall"
    under = f"any {way}" if math.isnan(line.limit) else f"a {way} under {points(line.limit)}"
    having = f"With the {asked.wave} data as they are"
    return f"{having}, no size of next survey can show {under} for {asked.people}."


def _need(asked: SizeAsked, line: GroupLine, places: Plan | None) -> list[str]:
    """Say what shows the change, and where."""
    way, group = "rise" if asked.change > 0 else "fall", asked.people
    wanted = f"To show a {way} of {whole_points(asked.change)}"
    if math.isnan(line.afresh):
        return [f"{wanted} is impossible: {line.share} gave the answers, so there is no room for it."]
    alone = not math.isnan(line.needed)
    if places is None:
        return [f"{wanted}, more {group} would be needed than there are people of the group in the area."]
    said = (
        f"{wanted}, {count(math.ceil(line.needed))} {group} are needed in the next survey."
        if alone
        else f"{wanted}, no next survey is large enough beside {asked.wave}: two new surveys would be needed, each "
        f"with {count(math.ceil(line.afresh))} {group}."
    )
    return [said, _sites(asked, places, each=not alone)]


def _sites(asked: SizeAsked, places: Plan, *, each: bool) -> str:
    """Say at how many sites the group has to be recruited."""
    if places.impossible:
        return places.sentence
    number, people = float(places.assumptions["sites"]), math.ceil(places.n - 1e-9)
    beside = " in each survey" if each else ""
    return (
        f"Recruited about {asked.per_site:g} at a site, that takes {count(math.ceil(number - 1e-9))} sites and "
        f"{count(people)} {asked.people}{beside}, because people at one site answer alike."
    )


def _quotas(
    asked: SizeAsked, lines: Sequence[GroupLine], places: Plan | None, persons: Mapping[str, float]
) -> tuple[QuotaLine, ...]:
    """Share out the next survey, with what the group of interest needs as its floor."""
    if places is None or places.impossible or asked.focus not in persons:
        return ()
    floor = math.ceil(places.n - 1e-9)
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
        ("Next survey", "recruited and weighted like the first: the same design effect and kind of sites"),
        ("Sites", places),
        ("Quotas", "of people aged 16 and over, by largest remainder; a quota is not a weight"),
        ("Who answers", "volunteers: no formula covers who was reached and who chose to answer"),
    )
