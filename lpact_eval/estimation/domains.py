"""Domains and categories of a sample, and the bases they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from lpact_eval.errors import EstimationError
from lpact_eval.estimation.labels import Labels
from lpact_eval.sample import as_text, coded
from lpact_eval.weighting.kinds import check_kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from lpact_eval.sample import BoolArray, Design, FloatArray, IntArray, Sample

_SHOWN = 12  # names listed in a message
_TABLE = 1_000_000  # combinations up to which they are counted in a table rather than sorted


@dataclass(frozen=True, slots=True, eq=False)
class Bases:
    """What the domains rest on; d domains, m sampling units.

    Attributes
    ----------
    n, kish : ndarray of shape (d,)
        Answers of positive weight, and Kish's effective number of them.
    reached : ndarray of shape (m, d), bool
        PSUs with an answer.
    crowding : ndarray of shape (d,)
        Mean number of answers a PSU.
    """

    n: FloatArray
    kish: FloatArray
    reached: BoolArray
    crowding: FloatArray

    @staticmethod
    def members(design: Design, domain: IntArray, domains: int) -> BoolArray:
        """Find the PSUs with a respondent of positive weight in each domain, answer or not, shape (m, d)."""
        inside = (domain >= 0) & (design.weight > 0)
        cells = np.bincount(design.psu[inside] * domains + domain[inside], minlength=design.psu_count * domains)
        return cells.reshape(-1, domains) > 0

    @staticmethod
    def of(design: Design, domain: IntArray, domains: int) -> Bases:
        """Count respondents of positive weight by domain; -1 is outside every domain."""
        inside = (domain >= 0) & (design.weight > 0)
        where, w = domain[inside], design.weight[inside]
        n = np.bincount(where, minlength=domains).astype(float)
        first, second = np.bincount(where, w, minlength=domains), np.bincount(where, w * w, minlength=domains)
        kish = np.divide(first**2, second, out=np.zeros(domains), where=second > 0)
        reached = Bases.members(design, domain, domains)
        return Bases(n, kish, reached, n / np.maximum(reached.sum(axis=0), 1))


def refusals_of(n: FloatArray, units: IntArray, value: FloatArray, *, df: FloatArray | None = None) -> tuple[str, ...]:
    """Say for every estimate why it can't be given, or nothing; `n` answers come from `units` sampling units.

    `df` holds degrees of freedom that are counted from units and strata, where they are.
    """
    reasons: list[str] = []
    freedom = np.full(len(n), np.inf) if df is None else df
    for answers, reached, number, left in zip(n, units, value, freedom, strict=True):
        if answers == 0:
            reasons.append("no answers")
        elif reached == 1:
            reasons.append(f"no degrees of freedom: all {int(answers)} answers come from one sampling unit")
        elif left <= 0:
            reasons.append("no degrees of freedom: as many strata as sampling units")
        else:
            reasons.append("" if np.isfinite(number) else "the denominator adds up to 0")
    return tuple(reasons)


def labelled(items: Sequence[tuple[str, Sequence[str]]], domains: Labels) -> Labels:
    """Label estimates by variable, answer where there is one, and domain: answers within domains within items."""
    taken = {"variable", "answer"} if any(answers for _, answers in items) else {"variable"}
    clash = sorted(taken & set(domains.columns))
    if clash:
        msg = f"Cannot estimate by {clash}: estimates have label columns of that name. Rename the column of the sample."
        raise EstimationError(msg)
    columns: dict[str, list[object]] = {"variable": [], "answer": [], **{name: [] for name in domains.columns}}
    for name, answers in items:
        width = max(len(answers), 1)
        columns["variable"] += [name] * (len(domains) * width)
        columns["answer"] += list(answers) * len(domains)
        for column, labels in domains.columns.items():
            columns[column] += [label for label in labels for _ in range(width)]
    if not columns["answer"]:
        del columns["answer"]
    return Labels.of(columns)


def domains_of(sample: Sample, by: str | Sequence[str]) -> tuple[IntArray, Labels]:
    """Give the combinations present numbers, in the order of the categories; -1 where a variable is missing."""
    names = [by] if isinstance(by, str) else list(by)
    if not names:
        everybody = np.zeros(len(sample), dtype=np.intp)
        check_kind(sample, names, everybody)
        return everybody, Labels({}, 1)
    coded = [categories_of(sample, name) for name in names]
    combined, cells = coded[0][0], max(len(coded[0][1]), 1)
    for codes, categories in coded[1:]:
        combined = np.where((codes < 0) | (combined < 0), -1, combined * len(categories) + codes)
        cells *= max(len(categories), 1)
    present, domain = _numbered(combined, cells)
    if present.size == 0:
        msg = f"Cannot estimate by {names}: no respondent has an answer to all of them."
        raise EstimationError(msg)
    check_kind(sample, names, domain)
    columns: dict[str, list[str]] = {}
    rest = present
    for name, (_, categories) in reversed(list(zip(names, coded, strict=True))):
        columns[name] = [categories[position] for position in rest % len(categories)]
        rest = rest // len(categories)
    return domain, Labels.of({name: columns[name] for name in names})


def _numbered(combined: IntArray, cells: int) -> tuple[IntArray, IntArray]:
    """List the combinations present, and each respondent's position among them; -1 where missing."""
    if cells > _TABLE:
        present = np.unique(combined[combined >= 0])
        return present, np.where(combined >= 0, np.searchsorted(present, combined), -1).astype(np.intp)
    present = np.flatnonzero(np.bincount(combined + 1, minlength=cells + 1)[1:])
    lookup = np.full(cells + 1, -1, dtype=np.intp)
    lookup[present] = np.arange(present.size)
    return present, lookup[combined]  # -1 takes the last entry, which is -1


def column_of(sample: Sample, variable: str) -> pd.Series:
    """Find a variable of a sample that has respondents."""
    if not len(sample):
        msg = f"Cannot estimate {variable!r}: the sample has no respondents. Look at its ledger for the rows set aside."
        raise EstimationError(msg)
    if variable not in sample.answers.columns:
        known = sorted(map(str, sample.answers.columns))
        msg = f"Cannot estimate {variable!r}: the sample has no such variable; it has {known}."
        raise EstimationError(msg)
    return sample.answers[variable]


def categories_of(sample: Sample, variable: str) -> tuple[IntArray, list[str]]:
    """Codes and names of a variable's categories, compared as text; -1 where missing."""
    return coded(column_of(sample, variable))


def positions_of(variable: str, wanted: Sequence[object], categories: list[str]) -> list[int]:
    """Positions of the answers asked for."""
    names = [as_text(answer) for answer in wanted]
    unknown = [name for name in names if name not in categories]
    if unknown or not names:
        found = f"no answer {unknown}" if unknown else "no answer was asked for"
        msg = f"Cannot estimate the share of {variable!r}: {found}; its answers are {categories[:_SHOWN]}."
        raise EstimationError(msg)
    return [categories.index(name) for name in names]


def inside_of(sample: Sample, where: Mapping[str, str | Sequence[str]] | None) -> BoolArray:
    """Whom a domain {variable: category or categories} holds, shape (n,); everybody without one."""
    inside = np.ones(len(sample), dtype=bool)
    for variable, wanted in (where or {}).items():
        codes, categories = categories_of(sample, variable)
        names = [as_text(level) for level in ([wanted] if isinstance(wanted, str) else _several(wanted))]
        unknown = [name for name in names if name not in categories]
        if unknown or not names:
            msg = f"Cannot restrict to {variable!r} {names}: its categories are {categories[:_SHOWN]}."
            raise EstimationError(msg)
        inside &= np.isin(codes, [categories.index(name) for name in names])
    return inside


def _several(wanted: object) -> list[object]:
    """Take one category that is a number, or several."""
    return list(cast("Sequence[object]", wanted)) if hasattr(wanted, "__iter__") else [wanted]
