"""How likely it was to take part: the pseudo-likelihood of volunteers against a reference sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import WeightingError
from lpact_eval.sample import coded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample

_STEPS = 100
_LONGEST_STEP = 2.0  # largest change of a log odds in one Newton step
_SCORE_TOLERANCE = 1e-11  # of the respondents, or of the cases of a logistic regression
_RIDGE = 1e-12
_CERTAIN = 25.0  # log odds beyond which a chance is 0 or 1 for all purposes
_FEWEST_TOLD = 10  # respondents under which a message gives no count


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """The questions that two samples share, by cell of equal answers; c cells, p columns.

    Attributes
    ----------
    names : tuple of str
        Of the columns: "(all)", "variable = category" against the variable's first category, or a number's variable.
    x : ndarray of shape (c, p)
    cell : ndarray of shape (n,), int
        Cell of each respondent; -1 where an answer is missing.
    reference_cell : ndarray of shape (m,), int
        Cell of each person in the reference sample.
    """

    names: tuple[str, ...]
    x: FloatArray
    cell: IntArray
    reference_cell: IntArray

    def mass(self, weight: FloatArray) -> FloatArray:
        """Sum the respondents' weights, shape (n, R), by cell; shape (c, R)."""
        return _sums(self.cell, weight, self.x.shape[0])

    def reference_mass(self, weight: FloatArray) -> FloatArray:
        """Sum the reference weights, shape (m, R), by cell; shape (c, R)."""
        return _sums(self.reference_cell, weight, self.x.shape[0])


def shared_questions(sample: Sample, reference: Sample, variables: Sequence[str]) -> Shared:
    """Lay out the variables of both samples alike.

    Parameters
    ----------
    sample, reference : Sample
    variables : sequence of str
        Categorical variables, compared by the text of their categories, or numeric ones.

    Returns
    -------
    Shared

    Raises
    ------
    WeightingError
        If a variable is in one sample only, is a number in one and categories in the other, is missing for someone in
        the reference sample, or has a category in which one sample has respondents and the other has none.
    """
    names, parts, reference_parts = ["(all)"], [np.ones((len(sample), 1))], [np.ones((len(reference), 1))]
    known = np.ones(len(sample), dtype=bool)
    for variable in variables:
        columns = _columns_of(sample, reference, variable)
        known &= columns.known
        names += columns.names
        parts.append(columns.sample)
        reference_parts.append(columns.reference)
    both = np.vstack([np.hstack(reference_parts), np.hstack(parts)[known]])
    x, where = np.unique(both, axis=0, return_inverse=True)
    where = where.ravel().astype(np.intp)
    cell = np.full(len(sample), -1, dtype=np.intp)
    cell[known] = where[len(reference) :]
    return Shared(tuple(names), x, cell, where[: len(reference)])


def solve_scores(x: FloatArray, taken: FloatArray, whole: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Solve sum x (taken - whole p) = 0 for the log odds x theta of p, for many sets of masses at once.

    Parameters
    ----------
    x : ndarray of shape (c, p)
    taken, whole : ndarray of shape (c, R)
        Respondents and persons of the reference sample by cell; or successes and cases of a logistic regression,
        whose scores are the same.

    Returns
    -------
    theta : ndarray of shape (p, R)
    solved : ndarray of shape (R,), bool
        Whether the scores are 0 to 1e-11 of the masses taken.

    References
    ----------
    Chen, Li & Wu (2020), *JASA* 115, 2011-2021, eq. 6: the pseudo-score of a logistic model; Newton's method on a
    concave function, steps cut where a log odds would change by more than 2.
    """
    theta = np.zeros((x.shape[1], taken.shape[1]))
    sums, sizes = taken.sum(axis=0), np.maximum(whole.sum(axis=0), 1e-300)
    share = np.clip(sums / sizes, 1e-12, 1 - 1e-12)
    theta[0] = np.log(share / (1 - share))
    scale = np.maximum(np.minimum(sums, sizes), 1e-300)[None, :] * np.maximum(np.abs(x).max(axis=0), 1e-300)[:, None]
    solved = np.zeros(taken.shape[1], dtype=bool)
    for _ in range(_STEPS):
        open_ = np.flatnonzero(~solved)
        chance = 1 / (1 + np.exp(-np.clip(x @ theta[:, open_], -700, 700)))
        score = x.T @ (taken[:, open_] - whole[:, open_] * chance)
        solved[open_] = (np.abs(score) <= _SCORE_TOLERANCE * scale[:, open_]).all(axis=0)
        left = ~solved[open_]
        if not left.any():
            break
        slope = (whole[:, open_] * chance * (1 - chance))[:, left]
        theta[:, open_[left]] += _step(x, slope, score[:, left])
    return theta, solved


def chances(x: FloatArray, theta: FloatArray) -> FloatArray:
    """Chances with log odds x theta, shape (c, R)."""
    return 1 / (1 + np.exp(-np.clip(x @ theta, -700, 700)))


def fit_participation(sample: Sample, reference: Sample, shared: Shared) -> FloatArray:
    """Fit the chance of taking part in the whole samples.

    Parameters
    ----------
    sample : Sample
        Respondents, each counting as one.
    reference : Sample
        Weights are persons.
    shared : Shared

    Returns
    -------
    ndarray of shape (p,)
        Log odds by the columns of `shared`.

    Raises
    ------
    WeightingError
        If the reference weights are not persons, or no finite odds solve the scores.
    """
    taken = shared.mass(np.ones((len(sample), 1)))
    whole = shared.reference_mass(reference.design.weight[:, None])
    _require_persons(shared, taken[:, 0], whole[:, 0])
    theta, solved = solve_scores(shared.x, taken, whole)
    odds = shared.x[taken[:, 0] > 0] @ theta
    if not solved[0] or np.abs(odds).max() > _CERTAIN:
        raise WeightingError(_separated(shared, theta[:, 0], taken[:, 0], whole[:, 0]))
    return theta[:, 0]


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """One variable's columns in both samples, shapes (n, q) and (m, q), and who of the respondents answered."""

    names: list[str]
    sample: FloatArray
    reference: FloatArray
    known: BoolArray


def _columns_of(sample: Sample, reference: Sample, variable: str) -> _Columns:
    """Take one variable of both samples."""
    for name, one in (("sample", sample), ("reference sample", reference)):
        if variable not in one.answers.columns:
            found = sorted(map(str, one.answers.columns))
            msg = f"Cannot model taking part by {variable!r}: the {name} does not have it; it has {found}."
            raise WeightingError(msg)
    first, second = sample.answers[variable], reference.answers[variable]
    numeric = [_is_number(column) for column in (first, second)]
    if numeric[0] != numeric[1]:
        msg = (
            f"Cannot model taking part by {variable!r}: it is a number in one sample and categories in the other. "
            "Code both alike, as in bands."
        )
        raise WeightingError(msg)
    _require_known(second, variable)
    if numeric[0]:
        mine, theirs = (column.to_numpy(dtype=float, na_value=np.nan)[:, None] for column in (first, second))
        return _Columns([variable], mine, theirs, ~np.isnan(mine[:, 0]))
    return _categories(sample, reference, variable)


def _categories(sample: Sample, reference: Sample, variable: str) -> _Columns:
    """Make indicators of all categories but the first, in the order of the sample's categories."""
    codes, names = coded(sample.answers[variable])
    their_codes, their_names = coded(reference.answers[variable])
    joined = list(dict.fromkeys([*names, *their_names]))
    mine = np.array([*(joined.index(name) for name in names), -1], dtype=np.intp)[codes]
    theirs = np.array([*(joined.index(name) for name in their_names), -1], dtype=np.intp)[their_codes]
    positive = reference.design.weight > 0
    counts = np.bincount(mine[mine >= 0], minlength=len(joined))
    their_counts = np.bincount(theirs[positive & (theirs >= 0)], minlength=len(joined))
    _require_overlap(variable, joined, counts, their_counts)
    used = [place for place in range(len(joined)) if counts[place]]
    others = np.array(used[1:], dtype=np.intp)
    first, second = ((one[:, None] == others).astype(np.float64) for one in (mine, theirs))
    return _Columns([f"{variable} = {joined[place]}" for place in used[1:]], first, second, mine >= 0)


def _require_overlap(variable: str, names: Sequence[str], counts: IntArray, their_counts: IntArray) -> None:
    """Refuse categories that only one of the samples has."""
    alone = [name for name, mine, theirs in zip(names, counts, their_counts, strict=True) if mine and not theirs]
    absent = [name for name, mine, theirs in zip(names, counts, their_counts, strict=True) if theirs and not mine]
    if alone or absent:
        which = "the sample and not in the reference sample" if alone else "the reference sample and not in the sample"
        msg = (
            f"Cannot model taking part by {variable!r}: somebody is in {', '.join(map(repr, alone or absent))} in "
            f"{which}, so that the chance of taking part there is not known. Merge the category with a similar one in "
            "both, or leave the variable out."
        )
        raise WeightingError(msg)


def _require_known(column: pd.Series, variable: str) -> None:
    """Refuse a reference sample with missing answers."""
    missing = int(column.isna().sum())
    if missing:
        told = str(missing) if missing >= _FEWEST_TOLD else f"fewer than {_FEWEST_TOLD}"
        msg = (
            f"Cannot model taking part by {variable!r}: it is missing for {told} of {len(column)} in the reference "
            "sample. Fill it in, set those rows aside and scale the others' weights up, or leave the variable out."
        )
        raise WeightingError(msg)


def _require_persons(shared: Shared, taken: FloatArray, whole: FloatArray) -> None:
    """Refuse a reference sample that stands for fewer persons than took part, altogether or in a category."""
    for place, name in enumerate(shared.names):
        column = shared.x[:, place]
        inside = np.isin(column, (0.0, 1.0)).all()
        mine, theirs = float(column @ taken), float(column @ whole)
        if inside and theirs <= mine:
            where = "" if place == 0 else f" in {name}"
            msg = (
                f"Cannot model taking part: the reference weights add up to {theirs:,.0f} persons{where}, no more than "
                "took part. Weights of the reference sample have to be persons that each row stands for."
            )
            raise WeightingError(msg)


def _separated(shared: Shared, theta: FloatArray, taken: FloatArray, whole: FloatArray) -> str:
    """Say which column keeps the chances from being finite."""
    gap = np.abs(shared.x.T @ (taken - whole * chances(shared.x, theta[:, None])[:, 0])) / taken.sum()
    worst = shared.names[int(gap.argmax() if gap.max() > _SCORE_TOLERANCE else np.abs(theta[1:]).argmax() + 1)]
    return (
        f"Cannot model taking part: no finite chances fit both samples; the farthest is {worst}. Most likely some "
        "combination of answers is found in one of the samples only, or almost everybody like that took part. Merge "
        "categories, or use fewer variables."
    )


def _is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers rather than categories."""
    dtype = column.dtype
    return bool(pd.api.types.is_numeric_dtype(dtype)) and not isinstance(dtype, pd.CategoricalDtype | pd.BooleanDtype)


def _sums(cell: IntArray, weight: FloatArray, cells: int) -> FloatArray:
    """Sum weights, shape (n, R), by cell; those outside every cell are left out."""
    inside = cell >= 0
    columns = [np.bincount(cell[inside], one, minlength=cells) for one in weight[inside].T]
    return np.array(columns, dtype=np.float64).T


def _step(x: FloatArray, slope: FloatArray, score: FloatArray) -> FloatArray:
    """Newton steps, shape (p, R), cut to the longest allowed."""
    cross = np.asarray(np.einsum("cr,cp,cq->rpq", slope, x, x, optimize=True), dtype=np.float64)
    size = np.maximum(np.einsum("rpp->r", cross), 1e-300)
    cross += (_RIDGE * size)[:, None, None] * np.eye(x.shape[1])
    step = np.asarray(np.linalg.solve(cross, score.T[:, :, None]), dtype=np.float64)[:, :, 0].T
    longest = np.abs(x @ step).max(axis=0, initial=0.0)
    return step * np.minimum(1.0, _LONGEST_STEP / np.maximum(longest, 1e-300))
