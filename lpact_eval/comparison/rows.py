"""The three rows of a change: as collected, standardised, and the later wave made to look like the earlier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.balanced import balanced_levels
from lpact_eval.comparison.standardise import standardised_levels
from lpact_eval.estimation.contrast import EdgeLimits, difference
from lpact_eval.estimation.stacked import refused_where
from lpact_eval.estimation.statistics import proportion
from lpact_eval.sample import coded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import Calibration, Sample
    from lpact_eval.waves.margin import Margin

AS_COLLECTED: Final = "as collected"
STANDARDISED: Final = "standardised"
BALANCED: Final = "balanced"
ROWS: Final = (AS_COLLECTED, STANDARDISED, BALANCED)

COMPOSITION_SENSITIVE: Final = (
    "composition-sensitive: the three rows differ by more than half the interval's half-width"
)
MODE_CHANGED: Final = "mode changed: collection mode or recruiter changed completely between the waves"
NO_POPULATION: Final = "no population to standardise to: weight the sample to one, or give standardise="
NOTHING_ALIKE: Final = "nothing to balance on: name variables, alike=[...], or weight the sample to a population"
REPLICATES: Final = "replicate weights do not say what the weights were before: balance inside replicate(reweight=...)"
_HOW: Final = ("mode", "recruit_route", "recruiter")  # variables that say how respondents were reached


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a change is about.

    Attributes
    ----------
    sample : Sample
        Two or more stacked waves under the weights they came with.
    variable : str
    answers : tuple of str
        Answers that count together.
    level, minus : str
        Later and earlier wave.
    names : tuple of str
        Domain variables.
    margins : tuple of Margin
        Population to standardise to, beyond what the weights meet.
    alike : tuple of str, or None
        What the balanced row makes alike; None for the default.
    collapse : int
        Categories with fewer respondents in a wave and domain are merged before balancing.
    """

    sample: Sample
    variable: str
    answers: tuple[str, ...]
    level: str
    minus: str
    names: tuple[str, ...] = ()
    margins: tuple[Margin, ...] = ()
    alike: tuple[str, ...] | None = None
    collapse: int = 0

    @property
    def waves(self) -> tuple[str, str]:
        """Later and earlier wave."""
        return self.level, self.minus


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row in every domain; k domains.

    Attributes
    ----------
    name : str
        One of `ROWS`.
    levels, change : Estimate
        Shares by wave and domain; the later less the earlier.
    first, second : Estimate
        Earlier and later level of each domain, k estimates.
    remarks : tuple of k str
        What to say of this row; empty mostly.
    """

    name: str
    levels: Estimate
    change: Estimate
    first: Estimate
    second: Estimate
    remarks: tuple[str, ...]


def headline_row(sample: Sample, *, standardised: bool = False) -> str:
    """Name the row that the weights of a sample stand for, which is the one to report first.

    Parameters
    ----------
    sample : Sample
    standardised : bool, default False
        Whether a population to standardise to is given beside the weights.

    Returns
    -------
    str
        "standardised" where the weights meet a population's margins or one is given, else "as collected".
    """
    return STANDARDISED if standardised or _population_steps(sample) else AS_COLLECTED


def three_rows(question: Question) -> list[Row]:
    """Work out the three rows of a change, in their order; a row that can't be had is refused with its reason.

    Parameters
    ----------
    question : Question

    Returns
    -------
    list of three Row
    """
    sample, headline = question.sample, headline_row(question.sample, standardised=bool(question.margins))
    own = _levels(question, sample)
    collected = own if headline == AS_COLLECTED or not _population_steps(sample) else None
    if collected is None and sample.design.replicates is None:
        collected = _levels(question, starting_sample(sample))
    rows = [
        row_of(AS_COLLECTED, collected, question) if collected else _absent(AS_COLLECTED, own, question, REPLICATES)
    ]
    if question.margins:
        levels, reasons = standardised_levels(sample, (question.variable, question.answers), own, question.margins)
        rows.append(row_of(STANDARDISED, refused_where(levels, reasons), question))
    elif headline == STANDARDISED:
        rows.append(row_of(STANDARDISED, own, question))
    else:
        rows.append(_absent(STANDARDISED, own, question, NO_POPULATION))
    rows.append(_balanced(question, collected or own))
    return rows


def headline_only(question: Question) -> Row:
    """Work out the row to report alone, at a third of the time."""
    headline = headline_row(question.sample, standardised=bool(question.margins))
    own = _levels(question, question.sample)
    if question.margins:
        counted = (question.variable, question.answers)
        own = refused_where(*standardised_levels(question.sample, counted, own, question.margins))
    return row_of(headline, own, question)


def starting_sample(sample: Sample) -> Sample:
    """Return the sample under the weights before its first calibration step.

    Parameters
    ----------
    sample : Sample
        Without replicate weights.

    Returns
    -------
    Sample
        Same respondents; weights that came calibrated with the file stay as delivered.
    """
    design = sample.design
    start = design.weight.copy()
    known = np.zeros(start.size, dtype=bool)
    for step in design.calibration:
        first = ~known & (step.weight_before > 0)
        start[first] = step.weight_before[first]
        known |= first
    return sample.with_design(replace(design, weight=start, calibration=()))


def mode_changed(sample: Sample, level: str, minus: str) -> bool:
    """Tell whether no mode of collection, or no recruiter, is common to both waves.

    Parameters
    ----------
    sample : Sample
        With the variable "wave"; "mode", "recruit_route" and "recruiter" count where respondents have them, else what
        the waves themselves say of their mode.
    level, minus : str
        Waves.
    """
    codes, waves = coded(sample.answers["wave"])
    for name in _HOW:
        if name not in sample.answers.columns:
            continue
        how, _ = coded(sample.answers[name])
        found = [set(how[(codes == waves.index(wave)) & (how >= 0)].tolist()) for wave in (level, minus)]
        if all(found) and not found[0] & found[1]:
            return True
    if "mode" in sample.answers.columns:
        return False
    said = {wave.name: {part.strip() for part in wave.mode.split(",") if part.strip()} for wave in sample.waves}
    one, other = said.get(level, set[str]()), said.get(minus, set[str]())
    return bool(one and other and not one & other)


def composition_sensitive(rows: Sequence[Row], headline: str) -> list[bool]:
    """Tell for every domain whether its rows disagree by more than half the half-width of the headline's interval."""
    main = next(row for row in rows if row.name == headline).change
    low, high = main.confint()
    values = np.array([row.change.value for row in rows])
    present = ~np.isnan(values)
    spread = np.where(present, values, -np.inf).max(axis=0) - np.where(present, values, np.inf).min(axis=0)
    limit = (high - low) / 4
    return [
        bool(count > 1 and apart > most) for count, apart, most in zip(present.sum(axis=0), spread, limit, strict=True)
    ]


def calibrated_on(sample: Sample) -> tuple[str, ...]:
    """List the variables whose margins the weights meet, in the order in which they were met."""
    met = (one.variable for step in _population_steps(sample) for one in step.met)
    found = dict.fromkeys(name for joint in met for name in joint.split(" and "))
    return tuple(name for name in found if name in sample.answers.columns)


def _population_steps(sample: Sample) -> list[Calibration]:
    """List the steps that made weights meet totals; trimming alone meets none."""
    return [step for step in sample.design.calibration if step.distance != "trim"]


def _levels(question: Question, sample: Sample) -> Estimate:
    """Shares by wave and domain under a sample's weights."""
    return proportion(sample, question.variable, list(question.answers), by=["wave", *question.names])


def row_of(name: str, levels: Estimate, question: Question, remarks: Sequence[str] = ()) -> Row:
    """Take the difference of levels.

    Parameters
    ----------
    name : str
        Of the row.
    levels : Estimate
        Shares by wave and domain.
    question : Question
        Which says the two waves.
    remarks : sequence of str, optional
        One a domain.

    Returns
    -------
    Row
    """
    change = difference(levels, "wave", question.level, minus=question.minus)
    first, second = _sides(change, levels, question)
    return Row(
        name,
        replace(levels, named=levels.named.assign("row", name)),
        replace(change, named=change.named.assign("row", name)),
        first,
        second,
        tuple(remarks) or ("",) * len(change),
    )


def _sides(change: Estimate, levels: Estimate, question: Question) -> tuple[Estimate, Estimate]:
    """Find the earlier and the later level behind each difference."""
    if change.pair is not None:
        return change.pair[1], change.pair[0]
    if isinstance(change.own, EdgeLimits):
        return change.own.second, change.own.first
    return levels.select(wave=question.minus), levels.select(wave=question.level)


def _absent(name: str, like: Estimate, question: Question, reason: str) -> Row:
    """Make a row that can't be had, of the same domains as another."""
    return row_of(name, refused_where(like, [reason] * len(like)), question)


def _balanced(question: Question, collected: Estimate) -> Row:
    """Make the later wave look like the earlier."""
    sample = question.sample
    if sample.design.replicates is not None:
        return _absent(BALANCED, collected, question, REPLICATES)
    given = question.alike
    if given is None:
        met = tuple(name for margin in question.margins for name in margin.variables)
        given = met or calibrated_on(sample)
    alike = [name for name in given if name not in question.names and name != "wave"]
    if not alike:
        return _absent(BALANCED, collected, question, NOTHING_ALIKE)
    asked = (question.variable, question.answers, question.names)
    found = balanced_levels(starting_sample(sample), asked, question.waves, alike, collapse=question.collapse)
    row = row_of(BALANCED, found.levels, question)
    keys = row.change.named.keys(question.names)
    reasons = [found.refused.get(key, "") for key in keys]
    dead = [found.refused.get(key, "") for key in row.levels.named.keys(question.names)]
    return replace(
        row,
        levels=refused_where(row.levels, dead),  # what could not be balanced has no balanced level either
        change=refused_where(row.change, reasons),
        remarks=tuple(found.remarks.get(key, "") for key in keys),
    )
