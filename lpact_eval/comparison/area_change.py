"""Before and after by area: the change in event areas less that in the others, with what it supposes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.comparison.area_design import (
    AREA,
    CELLS,
    CHANGES,
    RESPONDENT,
    SITE,
    AreaDesign,
    area_design,
    asked_of,
)
from lpact_eval.comparison.area_words import (
    DOUBTED,
    NOT_CLEAR,
    NOT_SHOWN,
    assumptions,
    estimand_words,
    pretrend_flags,
    readings,
)
from lpact_eval.comparison.balance import Arms, balance_table
from lpact_eval.comparison.designs import (
    apart_in,
    bases_of,
    detectable,
    freedom,
    labels_of,
    refused_by,
    rows_of,
    small_cells,
    tested,
    thin_cells,
)
from lpact_eval.comparison.rows import mode_changed
from lpact_eval.comparison.tiers import FEWEST_DF, IMBALANCE, Row
from lpact_eval.errors import EstimationError
from lpact_eval.estimation.asked import PARTLY
from lpact_eval.estimation.combine import combine
from lpact_eval.estimation.domains import categories_of
from lpact_eval.regression.terms import prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.comparison.area_design import Asked
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray, Sample

FEWEST_AREAS, FEWEST_OF_A_KIND, SOUND_AREAS = 5, 2, 10
_KIND: Final = "kind of area"
_KINDS: Final = ("event areas", "other areas")
_MODE: Final = (
    "collection mode or recruiter changed completely between the waves: that cancels only where it moved answers alike "
    "in both kinds of area"
)
_STILL: Final = "no chance variation to be seen: everybody gave the same answer"


@dataclass(frozen=True, slots=True, eq=False)
class AreaChange:
    """How much more the answers in event areas changed than those in others, and what that supposes; k estimates.

    Attributes
    ----------
    estimate : Estimate
        Difference in differences of all respondents, each domain, and each domain minus the one with most weight;
        labels variable, answer, the areas' kind ("yes - no"), wave ("level - minus") and the domain.
    changes : Estimate
        Change in event areas and in the others, overall and in each domain.
    levels : Estimate
        The four levels, overall and in each domain.
    raw : Estimate
        The k rows without adjusters.
    clustering : DataFrame
        Domain, units ("area", "recruitment site", "respondent"), count, std_error, conf_low, conf_high, df: the same
        difference by what is taken to move on its own. Sites and respondents leave out that whole areas move.
    pretrend : DataFrame
        wave, estimate, conf_low, conf_high, df, p_value, reading, refused: the same difference between waves before
        the events; empty without such waves.
    composition : DataFrame
        Who answered in the later and the earlier wave, by kind of area, with standardised differences; the areas
        themselves are among it. See `balance.balance_table`.
    test : DataFrame of k rows
        Labels, p_value (missing under 4 degrees of freedom), p_adjusted (Holm over the domains, and the differences).
    bases : DataFrame
        Domain, cell, n, n_effective.
    detectable : ndarray of shape (k,)
        Difference that would show with 80 % power at this standard error; missing where refused.
    flags, refused, readings : tuple of k str
        What a reader has to know; why there is no number; what the interval allows to say.
    assumptions : tuple of str
    estimand, not_shown : str
    areas : tuple of two tuples of str
        Event areas and others with answers.
    adjusters : tuple of str
    n, left_out : int
        Complete respondents of the two waves, and those left out because an answer or the area is missing.
    missing : DataFrame
        variable, missing: respondents of the two waves.
    """

    estimate: Estimate
    changes: Estimate
    levels: Estimate
    raw: Estimate
    clustering: pd.DataFrame
    pretrend: pd.DataFrame
    composition: pd.DataFrame
    test: pd.DataFrame
    bases: pd.DataFrame
    detectable: FloatArray
    flags: tuple[str, ...]
    refused: tuple[str, ...]
    readings: tuple[str, ...]
    assumptions: tuple[str, ...]
    estimand: str
    not_shown: str
    areas: tuple[tuple[str, ...], tuple[str, ...]]
    adjusters: tuple[str, ...]
    n: int
    left_out: int
    missing: pd.DataFrame = field(repr=False)

    def __repr__(self) -> str:
        supposed = "\n".join(f"- {text}" for text in self.assumptions)
        told = "\n".join(text for text in self.readings[:1] if text)
        parts = [self.estimand, repr(self.estimate), told, f"It supposes:\n{supposed}", self.not_shown]
        return "\n".join(part for part in parts if part)


def area_change(  # noqa: PLR0913 - a question, its two waves and its areas
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    exposed: str,
    level: str,
    minus: str,
    wave: str = "wave",
    areas: str = "area",
    adjust: str | Sequence[str] = (),
    by: str | Sequence[str] = (),
) -> AreaChange:
    """Estimate how much more the answers changed between two waves in event areas than in others.

    Parameters
    ----------
    sample : Sample
        Two or more stacked waves.
    variable : str
        Outcome.
    answer : str, sequence of str or None
        The answers that count; by default those that the schema calls positive, or the mean of a numeric outcome.
    exposed : str
        Yes/no variable: whether the respondent's area had events. One kind an area, in both waves; respondents whose
        answer is missing have that of their area.
    level, minus : str
        Waves; changes are level - minus.
    wave, areas : str
        Variables that hold the wave and the area.
    adjust : str or sequence of str, default ()
        Adjusters, with one slope in all four groups; none that the events may have changed. With `areas` among them,
        each area is compared with itself.
    by : str or sequence of str, default ()
        Domain variables.

    Returns
    -------
    AreaChange
        Refused with a reason: groups below 10, fewer than 5 areas, fewer than 2 of a kind; the levels, and the
        difference by sites or respondents in `clustering`, are given all the same.

    Raises
    ------
    EstimationError
        If the question was not asked in a wave or can't be compared, an area is of both kinds, one kind is absent, an
        adjuster may have been changed, a variable, wave or answer does not exist, or nobody answered everything.
    WrongUseError
        If a variable is used twice, or a wave is compared with itself.

    Notes
    -----
    Least squares of the outcome on an indicator of each of the four groups and the adjusters less their mean; without
    adjusters the four are weighted shares. CR2 by area with Satterthwaite's degrees of freedom, which are few where
    areas are: respondents and sites of one area move together, and taking them as independent makes false alarms (see
    `tests/simulations/area_change.csv`).

    References
    ----------
    Bertrand, Duflo & Mullainathan (2004), *QJE* 119, 249-275; Donald & Lang (2007), *Review of Economics and
    Statistics* 89, 221-233; Pustejovsky & Tipton (2018), *JBES* 36, 672-683.
    """
    asked = asked_of(sample, variable, answer, exposed=exposed, wave=wave, areas=areas, adjust=adjust, by=by)
    design = area_design(sample, asked, level, minus)
    return _change(sample, asked, design, (level, minus))


def _change(sample: Sample, asked: Asked, design: AreaDesign, waves: tuple[str, str]) -> AreaChange:
    """Estimate, and judge the answer."""
    question, cells = design.question, design.cells
    rows = rows_of(question, cells.sizes())
    single = [row for row in rows if len(row.sides) == 1]
    small = small_cells(rows, cells, [f"answers in {name}" for name in CELLS])
    lacking = [_few_areas(design, row) for row in rows]
    still = "" if np.ptp(question.outcome) > 0 else _STILL
    reasons = ["; ".join(filter(None, (*pair, still))) for pair in zip(small, lacking, strict=True)]
    chosen = design.clustered(_units(design, lacking[0]))
    estimate = refused_by(chosen.estimate(rows, *waves), reasons)
    dead = dict(zip([row.name for row in rows], small if lacking[0] else reasons, strict=True))
    pretrend = _pretrend(sample, asked, waves)
    composition = _composition(sample, asked, design)
    told = [_flags(design, row, float(df), reason) for row, df, reason in zip(rows, estimate.df, reasons, strict=True)]
    told[0] += [*_general(sample, asked, design, waves), *_shifted(composition), *pretrend_flags(pretrend)]
    return AreaChange(
        estimate=estimate,
        changes=_changes(chosen, single, waves, dead),
        levels=_levels(chosen, single, waves, dead),
        raw=refused_by(chosen.unadjusted().estimate(rows, *waves), reasons),
        clustering=_clustering(design, rows, waves, reasons=(small, lacking)),
        pretrend=pretrend,
        composition=composition,
        test=tested(estimate, rows),
        bases=bases_of(cells, [row.name for row in single]),
        detectable=detectable(estimate),
        flags=tuple("; ".join(dict.fromkeys(one)) for one in told),
        refused=estimate.refused,
        readings=readings(estimate),
        assumptions=assumptions(question, asked.adjust, earlier=not pretrend.empty),
        estimand=estimand_words(question, waves, asked.adjust),
        not_shown=NOT_SHOWN,
        areas=(design.named(event=True), design.named(event=False)),
        adjusters=asked.adjust,
        n=question.rows.size,
        left_out=question.left_out,
        missing=_missing(sample, asked, waves),
    )


def _units(design: AreaDesign, lacking: str) -> str:
    """Take areas as sampling units, or where they are too few altogether what the levels can be shown by."""
    if not lacking:
        return AREA
    return SITE if design.question.sample.design.clustered else RESPONDENT


def _few_areas(design: AreaDesign, row: Row) -> str:
    """Say whether too few areas show how far areas move by themselves."""
    groups = design.question.arms.groups()
    found: list[str] = []
    for side in row.sides:
        event, other = (design.named(event=kind, inside=groups[side]) for kind in (True, False))
        if len(event) + len(other) < FEWEST_AREAS:
            found.append(f"fewer than {FEWEST_AREAS} areas: nothing shows how far areas move by themselves")
        for names, kind in zip((event, other), _KINDS, strict=True):
            if len(names) < FEWEST_OF_A_KIND:
                found.append(f"fewer than {FEWEST_OF_A_KIND} {kind}: nothing shows how far such areas differ")
    return "; ".join(dict.fromkeys(found))


def _changes(design: AreaDesign, rows: Sequence[Row], waves: tuple[str, str], dead: dict[str, str]) -> Estimate:
    """Estimate the change in event areas and in the others in each domain."""
    roles, names = design.question.roles, [row.name for row in rows]
    levels = design.levels()
    told = {roles.attended: ("yes", "no"), "wave": (f"{waves[0]} - {waves[1]}",) * 2}
    labels = labels_of(design.question, names, told)
    parts = [levels.rows(rows, loading, labels.iloc[place::2]) for place, loading in enumerate(CHANGES)]
    order = np.arange(2 * len(rows)).reshape(2, -1).T.ravel()
    return refused_by(combine(parts).take(order), [dead[name] for name in names for _ in CHANGES])


def _levels(design: AreaDesign, rows: Sequence[Row], waves: tuple[str, str], dead: dict[str, str]) -> Estimate:
    """Estimate the four levels in each domain."""
    roles, names = design.question.roles, [row.name for row in rows]
    told = {roles.attended: ("yes", "yes", "no", "no"), "wave": (*waves, *waves)}
    found = design.levels().table(names, len(CELLS), labels_of(design.question, names, told))
    return refused_by(found, [dead[name] for name in names for _ in CELLS])


def _clustering(
    design: AreaDesign,
    rows: Sequence[Row],
    waves: tuple[str, str],
    *,
    reasons: tuple[Sequence[str], Sequence[str]],
) -> pd.DataFrame:
    """Put the standard errors by area, site and respondent beside each other."""
    column, small = design.question.roles.domain_column, reasons[0]
    both = ["; ".join(filter(None, pair)) for pair in zip(*reasons, strict=True)]
    kinds = (AREA, SITE, RESPONDENT) if design.question.sample.design.clustered else (AREA, RESPONDENT)
    tables: list[pd.DataFrame] = []
    for units in kinds:
        found = refused_by(design.clustered(units).estimate(rows, *waves), both if units == AREA else small)
        table = found.to_frame()[[column, "std_error", "conf_low", "conf_high", "df", "refused"]]
        table.insert(1, "units", units)
        table.insert(2, "count", found.reached.sum(axis=0))
        tables.append(table)
    order = np.arange(len(kinds) * len(rows)).reshape(len(kinds), -1).T.ravel()
    return pd.concat(tables, ignore_index=True).take(order.tolist()).reset_index(drop=True)


def _pretrend(sample: Sample, asked: Asked, waves: tuple[str, str]) -> pd.DataFrame:
    """Work the same difference out between each two waves that lie before the change."""
    _, known = categories_of(sample, asked.wave)
    before = known[: known.index(waves[1]) + 1] if known.index(waves[1]) < known.index(waves[0]) else []
    alone = replace(asked, by=())
    found = [_placebo(sample, alone, pair) for pair in zip(before[1:], before[:-1], strict=True)]
    columns = ["wave", "estimate", "conf_low", "conf_high", "df", "p_value", "reading", "refused"]
    return pd.DataFrame(found, columns=columns)


def _placebo(sample: Sample, asked: Asked, waves: tuple[str, str]) -> dict[str, object]:
    """Work the difference out between two waves before the events."""
    named = f"{waves[0]} - {waves[1]}"
    row = [Row("All respondents", ("All respondents",))]
    try:
        design = area_design(sample, asked, *waves)
    except EstimationError as error:
        return {"wave": named, "reading": "", "refused": str(error)}
    small = small_cells(row, design.cells, [f"answers in {name}" for name in CELLS])[0]
    reason = "; ".join(filter(None, (small, _few_areas(design, row[0]))))
    found = refused_by(design.clustered(AREA).estimate(row, *waves), [reason])
    p_value = float(found.p_value()[0]) if found.df[0] >= FEWEST_DF else np.nan
    clear = "" if found.refused[0] else DOUBTED if p_value < 0.05 else NOT_CLEAR  # noqa: PLR2004 - of the intervals
    table = found.to_frame().iloc[0]
    numbers = {name: float(table[name]) for name in ("estimate", "conf_low", "conf_high", "df")}
    return {"wave": named, **numbers, "p_value": p_value, "reading": clear, "refused": found.refused[0]}


def _composition(sample: Sample, asked: Asked, design: AreaDesign) -> pd.DataFrame:
    """Compare who answered in the two waves, within each kind of area."""
    names = tuple(dict.fromkeys([*asked.adjust, *asked.by, asked.areas]))
    question = design.question
    frame = prepared(sample, names, question.rows)
    kind = np.where(question.arms.treated, 0, 1).astype(np.intp)
    table = balance_table(Arms(design.later, question.arms.weight, kind, _KINDS), frame, _KIND)
    elsewhere = (table["covariate"] == asked.areas) & (table["attended"] == 0) & (table["not_attended"] == 0)
    table = table[table[_KIND].isin(_KINDS) & ~elsewhere].reset_index(drop=True)
    return table.rename(columns={"attended": "later", "not_attended": "earlier"})


def _shifted(composition: pd.DataFrame) -> list[str]:
    """Flag what respondents of the two waves differ in clearly, by kind of area."""
    found = [(kind, apart_in(composition, _KIND, kind, IMBALANCE)) for kind in _KINDS]
    return [
        f"respondents of the two waves in {kind} differ clearly in {', '.join(names)}" for kind, names in found if names
    ]


def _flags(design: AreaDesign, row: Row, df: float, reason: str) -> list[str]:
    """Say what a reader has to know of one row."""
    if reason:
        return []
    groups = design.question.arms.groups()
    found = thin_cells(row, design.cells, [f"answers in {name}" for name in CELLS])
    fewest = min(np.unique(design.area[groups[side]]).size for side in row.sides)
    return [*found, *([f"fewer than {SOUND_AREAS} areas"] if fewest < SOUND_AREAS else []), *freedom(df)]


def _general(sample: Sample, asked: Asked, design: AreaDesign, waves: tuple[str, str]) -> list[str]:
    """Flag what holds for the whole comparison."""
    question, found = design.question, list[str]()
    if question.left_out:
        found.append(f"{question.left_out_text}: an answer or the area is missing")
    once = [area for code, area in enumerate(design.areas) if np.unique(design.later[design.area == code]).size == 1]
    if once:
        found.append(f"answers in one of the waves only: {', '.join(once)}")
    known = sample.codebook.get(asked.variable)
    if known and any(known.comparable.get(wave) == "partial" for wave in waves):
        found.append(PARTLY.format("a wave"))
    if asked.wave == "wave" and mode_changed(sample, *waves):
        found.append(_MODE)
    if sample.design.replicates is not None:
        found.append("replicate weights are not used: they say how sites or respondents vary, not areas")
    return found


def _missing(sample: Sample, asked: Asked, waves: tuple[str, str]) -> pd.DataFrame:
    """Count respondents of the two waves without an answer to each variable."""
    names = list(dict.fromkeys([asked.variable, asked.exposed, asked.areas, *asked.by, *asked.adjust]))
    inside = sample.answers[asked.wave].astype(str).isin(waves).to_numpy() & (sample.design.weight > 0)
    counts = sample.answers.loc[inside, names].isna().sum().to_numpy(dtype=int)
    return pd.DataFrame({"variable": names, "missing": counts})
