"""Event areas and others in two waves: who is where, and which units show how far areas move by themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from lpact_eval.comparison.arms import ask, roles_of
from lpact_eval.comparison.cells import Cells, adjusted_levels
from lpact_eval.comparison.designs import labels_of, names_of, require_variables, yes_or_no
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.asked import require_comparable
from lpact_eval.estimation.domains import categories_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.cells import Levels
    from lpact_eval.comparison.tiers import Row
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample

WHAT: Final = "compare the change in event areas with that in others"
CELLS: Final = ("event areas, later", "event areas, earlier", "other areas, later", "other areas, earlier")
DID: Final = (1.0, -1.0, -1.0, 1.0)
CHANGES: Final = ((1.0, -1.0, 0.0, 0.0), (0.0, 0.0, 1.0, -1.0))
AREA, SITE, RESPONDENT = "area", "recruitment site", "respondent"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a user asked for.

    Attributes
    ----------
    variable : str
    answer : str, sequence of str or None
    exposed, wave, areas : str
        Variables: event area or not, wave, area.
    adjust, by : tuple of str
    """

    variable: str
    answer: str | Sequence[str] | None
    exposed: str
    wave: str
    areas: str
    adjust: tuple[str, ...]
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class AreaDesign:
    """Two waves of areas of two kinds; n complete respondents.

    Attributes
    ----------
    question : Question
        Of the two waves; its arms are event areas and others.
    later : ndarray of shape (n,), bool
    area : ndarray of shape (n,), int
        Codes 0 to a-1.
    areas : tuple of a str
    event : ndarray of shape (a,), bool
        Which of them are event areas; only those with a complete respondent count.
    apart : str
        The areas' variable where it is an adjuster.
    """

    question: Question
    later: BoolArray
    area: IntArray
    areas: tuple[str, ...]
    event: BoolArray
    apart: str

    @property
    def cells(self) -> Cells:
        """Kind of area by wave."""
        kind = np.where(self.question.arms.treated, 0, 1)
        code = (2 * kind + np.where(self.later, 0, 1)).astype(np.intp)
        return Cells(self.question, code, CELLS, shared=True, apart=self.apart, kind=kind.astype(np.intp))

    def named(self, *, event: bool, inside: BoolArray | None = None) -> tuple[str, ...]:
        """Event areas, or the others, that have a complete respondent, of some of them."""
        seen = np.bincount(self.area if inside is None else self.area[inside], minlength=len(self.areas)) > 0
        return tuple(
            name for name, own, here in zip(self.areas, self.event, seen, strict=True) if here and own == event
        )

    def clustered(self, units: str) -> AreaDesign:
        """Take areas, recruitment sites or respondents as sampling units; sites as they are."""
        if units == SITE:
            return self
        known = _UNITS.setdefault(self, {})
        if units not in known:
            known[units] = _with_units(self, units)
        return known[units]

    def unadjusted(self) -> AreaDesign:
        """Leave the adjusters out."""
        roles = replace(self.question.roles, adjust=())
        return replace(self, question=replace(self.question, roles=roles), apart="")

    def levels(self) -> Levels:
        """Estimate the four levels of every domain, once."""
        known = _LEVELS.get(self)
        if known is None:
            known = _LEVELS[self] = adjusted_levels(self.cells)
        return known

    def estimate(self, rows: Sequence[Row], level: str, minus: str) -> Estimate:
        """Estimate how much more the event areas changed than the others."""
        roles = self.question.roles
        told = {roles.attended: ("yes - no",), "wave": (f"{level} - {minus}",)}
        return self.levels().rows(rows, DID, labels_of(self.question, [row.name for row in rows], told))


# A design never changes, so its levels are estimated once under each kind of unit, and forgotten with it.
_LEVELS: WeakKeyDictionary[AreaDesign, Levels] = WeakKeyDictionary()
_UNITS: WeakKeyDictionary[AreaDesign, dict[str, AreaDesign]] = WeakKeyDictionary()


def _with_units(design: AreaDesign, units: str) -> AreaDesign:
    """Take areas or respondents as sampling units, without strata, finite populations or replicate weights."""
    sample = design.question.sample
    psu = _area_units(design) if units == AREA else np.arange(len(sample), dtype=np.intp)
    other = replace(
        sample.design,
        psu=psu,
        stratum=np.zeros(len(sample), dtype=np.intp),
        sampling_fraction=np.zeros(len(sample)),
        clustered=units == AREA,
        psu_label=None,
        stratum_label=None,
        replicates=None,
    )
    return replace(design, question=replace(design.question, sample=sample.with_design(other)))


def _area_units(design: AreaDesign) -> IntArray:
    """Give each area with complete respondents a number, and everybody else the next."""
    seen, place = np.unique(design.area, return_inverse=True)
    rest = np.full(len(design.question.sample), seen.size, dtype=np.intp)
    rest[design.question.rows] = place.ravel()
    return rest


def asked_of(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None,
    *,
    exposed: str,
    wave: str,
    areas: str,
    adjust: str | Sequence[str],
    by: str | Sequence[str],
) -> Asked:
    """Check the variables; errors as in `area_change`."""
    adjusters, domains = names_of(adjust), names_of(by)
    plain = [name for name in adjusters if name not in {*domains, areas}]
    require_variables(sample, WHAT, [variable, exposed, wave, areas, *domains], adjust=adjusters, before="the events")
    require_variables(sample, WHAT, [variable, exposed, wave, *plain], adjust=())
    yes_or_no(sample, exposed, "to tell event areas from others")
    return Asked(variable, answer, exposed, wave, areas, adjusters, domains)


def area_design(sample: Sample, asked: Asked, level: str, minus: str) -> AreaDesign:
    """Find the complete respondents of two waves, their kind of area and wave; errors as in `area_change`."""
    later = _later(sample, asked, level, minus)
    require_comparable(sample, asked.variable, "wave", (minus, level))
    code, areas = categories_of(sample, asked.areas)
    event = _kinds(sample, asked, (code, areas), ~np.isnan(later))
    kind = np.where((code >= 0) & ~np.isnan(later), event[code], np.nan)
    column = pd.Series(np.select([kind == 1, kind == 0], ["yes", "no"], ""), dtype=object).where(~np.isnan(kind))
    answers = sample.answers.assign(**{asked.exposed: column.to_numpy()})
    inside = replace(sample, answers=answers)
    roles = roles_of(inside, asked.variable, asked.answer, attended=asked.exposed, adjust=asked.adjust, by=())
    question = ask(inside, replace(roles, by=asked.by))
    question = replace(question, asked=int((~np.isnan(later) & (sample.design.weight > 0)).sum()))
    rows = question.rows
    apart = asked.areas if asked.areas in asked.adjust else ""
    return AreaDesign(question, later[rows] == 1, code[rows], tuple(areas), event == 1, apart)


def _later(sample: Sample, asked: Asked, level: str, minus: str) -> FloatArray:
    """Tell the later wave (1) from the earlier (0); missing for others."""
    codes, waves = categories_of(sample, asked.wave)
    absent = [name for name in (level, minus) if name not in waves]
    if absent:
        msg = f"Cannot {WHAT}: there is no wave {absent}; the sample has {waves}."
        raise EstimationError(msg)
    if level == minus:
        msg = f"Cannot {WHAT}: {level!r} is compared with itself; give two different waves."
        raise WrongUseError(msg)
    return np.where(codes == waves.index(level), 1.0, np.where(codes == waves.index(minus), 0.0, np.nan))


def _kinds(sample: Sample, asked: Asked, coded: tuple[IntArray, Sequence[str]], inside: BoolArray) -> FloatArray:
    """Kind of each area: 1 event area, 0 other, missing where nobody says; shape (a,)."""
    code, areas = coded
    told = yes_or_no(sample, asked.exposed, "to tell event areas from others")
    known = inside & (code >= 0) & ~np.isnan(told) & (sample.design.weight > 0)
    yes = np.bincount(code[known], told[known], minlength=len(areas))
    count = np.bincount(code[known], minlength=len(areas))
    mixed = [area for area, some, of in zip(areas, yes.tolist(), count.tolist(), strict=True) if 0 < some < of]
    if mixed:
        msg = (
            f"Cannot {WHAT}: {asked.exposed!r} is both yes and no within {mixed}. It says of an area, the same for all "
            "of its respondents in both waves, whether it had events; whether a person went is another question, for "
            "attendance_gap()."
        )
        raise EstimationError(msg)
    kind = np.where(count > 0, yes / np.maximum(count, 1), np.nan)
    missing = [
        name for value, name in ((1.0, "event area (yes)"), (0.0, "other area (no)")) if not (kind == value).any()
    ]
    if missing:
        msg = f"Cannot {WHAT}: {asked.exposed!r} names no {' and no '.join(missing)} in these waves."
        raise EstimationError(msg)
    return kind
