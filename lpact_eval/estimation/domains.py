"""Domains and categories of a sample, and the bases they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError
from lpact_eval.sample import as_text, coded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import BoolArray, Design, FloatArray, IntArray, Sample

_SHOWN = 12  # names listed in a message


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
    def of(design: Design, domain: IntArray, domains: int) -> Bases:
        """Count respondents of positive weight by domain; -1 is outside every domain."""
        inside = (domain >= 0) & (design.weight > 0)
        where, w = domain[inside], design.weight[inside]
        n = np.bincount(where, minlength=domains).astype(float)
        first, second = np.bincount(where, w, minlength=domains), np.bincount(where, w * w, minlength=domains)
        kish = np.divide(first**2, second, out=np.zeros(domains), where=second > 0)
        cells = np.bincount(design.psu[inside] * domains + where, minlength=design.psu_count * domains)
        reached = cells.reshape(-1, domains) > 0
        return Bases(n, kish, reached, n / np.maximum(reached.sum(axis=0), 1))


def domains_of(sample: Sample, by: str | Sequence[str]) -> tuple[IntArray, pd.DataFrame]:
    """Give the combinations present numbers, in the order of the categories; -1 where a variable is missing."""
    names = [by] if isinstance(by, str) else list(by)
    if not names:
        return np.zeros(len(sample), dtype=np.intp), pd.DataFrame(index=range(1))
    coded = [categories_of(sample, name) for name in names]
    combined = np.zeros(len(sample), dtype=np.intp)
    for codes, categories in coded:
        combined = np.where((codes < 0) | (combined < 0), -1, combined * len(categories) + codes)
    present = np.unique(combined[combined >= 0])
    if present.size == 0:
        msg = f"Cannot estimate by {names}: no respondent has an answer to all of them."
        raise EstimationError(msg)
    domain = np.where(combined >= 0, np.searchsorted(present, combined), -1).astype(np.intp)
    columns: dict[str, list[str]] = {}
    rest = present
    for name, (_, categories) in reversed(list(zip(names, coded, strict=True))):
        columns[name] = [categories[position] for position in rest % len(categories)]
        rest = rest // len(categories)
    return domain, pd.DataFrame({name: columns[name] for name in names})


def column_of(sample: Sample, variable: str) -> pd.Series:
    """Find a variable."""
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
