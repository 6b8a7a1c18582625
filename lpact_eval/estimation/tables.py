"""Tests of independence in two-way tables, with the design accounted for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc

from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.asked import require_comparable
from lpact_eval.estimation.contrast import contrast
from lpact_eval.estimation.domains import categories_of, inside_of
from lpact_eval.estimation.hypothesis import Test, refused_test
from lpact_eval.estimation.statistics import distribution, total
from lpact_eval.estimation.variance import design_df

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray, Sample

_KNOWN = 1e-14  # generalised design effects over n under which a table does not vary

TableStatistic = Literal["F", "Chisq", "Wald", "adjWald"]
_TITLES = {
    "F": "Pearson's chi-squared, Rao-Scott second order",
    "Chisq": "Pearson's chi-squared, Rao-Scott first order",
    "Wald": "Wald test",
    "adjWald": "Wald test with adjusted denominator",
}


def independence_test(
    sample: Sample,
    row: str,
    column: str,
    *,
    where: Mapping[str, str | Sequence[str]] | None = None,
    statistic: TableStatistic = "F",
) -> Test:
    """Test whether two categorical variables are independent in the population.

    Parameters
    ----------
    sample : Sample
    row, column : str
        Categorical variables; respondents without an answer to both are left out.
    where : mapping, optional
        {variable: category or categories} of a domain; everybody else keeps the design whole with influence zero.
    statistic : str, default "F"
        "F" (Rao-Scott second order; degrees of freedom a pair), "Chisq" (first order), "Wald" or "adjWald".

    Returns
    -------
    Test
        Equal to R svychisq. The statistic of "Chisq" is the corrected one that goes with its degrees of freedom; R
        prints the uncorrected. Refused where a variable has one category, the sampling units show no variance, or
        the table has too many empty cells.

    Raises
    ------
    WrongUseError
        If the statistic is unknown or both variables are the same.
    EstimationError
        If a variable or category does not exist, or a stratum has one PSU.

    Notes
    -----
    Delta = (C' D^-1 C / n)^-1 C' D^-1 V D^-1 C with V the Taylor (or replicate) covariance of the cell shares, C the
    interaction contrasts; F = X^2 / tr(Delta) with d = tr(Delta)^2 / tr(Delta^2) and d nu degrees of freedom, nu being
    PSUs minus strata in the domain, whether or not they answered.

    References
    ----------
    Rao & Scott (1984), *Annals of Statistics* 12, 46-60; Thomas & Rao (1987), *JASA* 82, 630-636; Koch, Freeman &
    Freeman (1975), *ISR* 43, 59-78, for Wald.
    """
    if statistic not in _TITLES:
        msg = f"Cannot test by {statistic!r}; there are {list(_TITLES)}."
        raise WrongUseError(msg)
    if row == column:
        msg = f"Cannot test whether {row!r} is independent of itself; name two variables."
        raise WrongUseError(msg)
    for asked, along in ((row, column), (column, row)):
        require_comparable(sample, asked, along, _answering(sample, asked, along, where))
    table = _Table.of(sample, row, column, where)
    method = f"{_TITLES[statistic]}: {row} by {column}"
    symbol = "chi-squared" if statistic == "Chisq" else "F"
    if min(table.rows, table.columns) < 2:  # noqa: PLR2004 - one category can't depend on anything
        found = f"{row} has {table.rows} and {column} {table.columns} categories among those who answered both"
        return refused_test(method, symbol, table.n, f"{found}; two or more are needed")
    tested = _wald(table, statistic) if statistic in {"Wald", "adjWald"} else _rao_scott(table, statistic)
    if isinstance(tested, str):
        return refused_test(method, symbol, table.n, tested)
    value, df, p = tested
    return Test(value, df, p, method, symbol, table.n)


def _answering(sample: Sample, asked: str, along: str, where: Mapping[str, str | Sequence[str]] | None) -> list[str]:
    """List the categories of one variable whose respondents in the domain answered the other."""
    (codes, _), (groups, names) = categories_of(sample, asked), categories_of(sample, along)
    found = np.unique(groups[inside_of(sample, where) & (codes >= 0) & (groups >= 0)])
    return [names[int(code)] for code in found] if found.size > 1 else []


_Tested = tuple[float, float | tuple[float, float], float]


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Cells of a two-way table as categories of one variable, rows outer; and degrees of freedom of the domain."""

    sample: Sample
    rows: int
    columns: int
    n: int
    df: float

    @staticmethod
    def of(sample: Sample, row: str, column: str, where: Mapping[str, str | Sequence[str]] | None) -> _Table:
        """Cross two variables among those in a domain who answered both."""
        design = sample.design
        inside = inside_of(sample, where) & (design.weight > 0)
        (first, _), (second, _) = categories_of(sample, row), categories_of(sample, column)
        answered = inside & (first >= 0) & (second >= 0)
        rows, columns = np.unique(first[answered]), np.unique(second[answered])
        cell = np.searchsorted(rows, first) * columns.size + np.searchsorted(columns, second)
        names = pd.Index(range(max(rows.size * columns.size, 1)))
        answers = pd.DataFrame(
            {"cell": pd.Categorical.from_codes(np.where(answered, cell, -1).tolist(), categories=names), "one": 1.0}
        )
        reached = np.bincount(design.psu[inside], minlength=design.psu_count) > 0
        df = float(design_df(reached[:, None], design.psu_stratum)[0])
        crossed = replace(sample, answers=answers, missing=pd.DataFrame(), codebook={})
        return _Table(crossed, rows.size, columns.size, int(answered.sum()), df)

    def freedom(self, estimate: Estimate) -> float:
        """Degrees of freedom of the denominator: replicate weights bring their own."""
        if self.sample.design.replicates is None:
            return self.df
        whole = contrast(estimate, np.ones((1, len(estimate))), pd.DataFrame({"cell": ["all"]}))
        return min(self.df, float(whole.df[0]))


def _rao_scott(table: _Table, statistic: str) -> _Tested | str:
    """Statistic, degrees of freedom and p value of Pearson's chi-squared, or why there is none."""
    shares = distribution(table.sample, "cell", variance="taylor")
    nu = table.freedom(shares)
    if shares.refused[0] or not nu > 0:
        return shares.refused[0] or "no degrees of freedom: as many strata as sampling units"
    share = shares.value
    inverse = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)
    contrasts = _interactions(table.rows, table.columns)
    plain = contrasts.T @ (inverse[:, None] * contrasts)
    if np.linalg.matrix_rank(plain, tol=1e-10 * float(np.abs(plain).max())) < plain.shape[0]:
        empty = int((share <= 0).sum())
        return f"{empty} of {share.size} cells are empty; merge categories"
    weighted = inverse[:, None] * contrasts
    delta = np.asarray(np.linalg.solve(plain, weighted.T @ shares.vcov @ weighted), dtype=np.float64)
    trace = float(np.trace(delta))
    if not trace > _KNOWN:
        return "no variance: the table is known by construction"
    cells = share.reshape(table.rows, table.columns)
    expected = np.outer(cells.sum(axis=1), cells.sum(axis=0))
    pearson = float(((cells - expected) ** 2 / expected).sum())
    if statistic == "Chisq":
        df = float(delta.shape[0])
        return pearson * df / trace, df, float(chdtrc(df, pearson * df / trace))
    first = trace**2 / float(np.trace(delta @ delta))
    return pearson / trace, (first, first * nu), float(fdtrc(first, first * nu, pearson / trace))


def _interactions(rows: int, columns: int) -> FloatArray:
    """Interaction contrasts of the cells, orthogonal to rows and columns; shape (rc, (r - 1)(c - 1))."""
    return np.asarray(np.kron(_centred(rows), _centred(columns)), dtype=np.float64)


def _centred(levels: int) -> FloatArray:
    """Centre the indicators of all levels but the first; shape (levels, levels - 1)."""
    return np.asarray(np.eye(levels)[:, 1:] - 1 / levels, dtype=np.float64)


def _wald(table: _Table, statistic: str) -> _Tested | str:
    """Statistic, degrees of freedom and p value of the Wald test of zero interactions, or why there is none."""
    totals = total(table.sample, "one", by="cell", variance="taylor")
    # A cell of as many strata as units has no interval of its own; its covariance with the others is there.
    kept = tuple("" if n > 0 else reason for n, reason in zip(totals.n, totals.refused, strict=True))
    totals = replace(totals, refused=kept)
    nu = table.freedom(totals)
    reason = next(filter(None, totals.refused), "")
    if reason or not nu > 0:
        return reason or "no degrees of freedom: as many strata as sampling units"
    present = np.array([int(cell) for cell in totals.labels["cell"]], dtype=np.intp)
    count = table.rows * table.columns
    cells, covariance = np.zeros(count), np.zeros((count, count))
    cells[present] = totals.value
    covariance[np.ix_(present, present)] = totals.vcov
    residual, jacobian = _excess(cells.reshape(table.rows, table.columns))
    inner = np.arange(count).reshape(table.rows, table.columns)[1:, 1:].ravel()
    moved = jacobian[inner] @ covariance @ jacobian[inner].T
    scale = np.sqrt(np.diag(moved))
    q = inner.size
    if not (scale > 0).all() or np.linalg.matrix_rank(moved / np.outer(scale, scale), tol=1e-10) < q:
        return f"the sampling units can't carry {q} comparisons; merge categories, or use statistic='F'"
    solved = np.asarray(np.linalg.solve(moved, residual[inner]), dtype=np.float64)
    value = float(residual[inner] @ solved)
    denominator = nu if statistic == "Wald" else nu - q + 1
    if not denominator > 0:
        return f"no degrees of freedom: {nu:g} for {q} comparisons; merge categories, or use statistic='F'"
    value = value / q if statistic == "Wald" else value * denominator / (q * nu)
    return value, (float(q), denominator), float(fdtrc(q, denominator, value))


def _excess(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Totals less those expected under independence, shape (rc,), and the Jacobian in the totals, shape (rc, rc)."""
    whole = cells.sum()
    rows, columns = cells.sum(axis=1), cells.sum(axis=0)
    in_row = np.kron(np.eye(rows.size), np.ones((1, columns.size)))
    in_column = np.kron(np.ones((1, rows.size)), np.eye(columns.size))
    expected = np.outer(rows, columns).ravel() / whole
    row, column = in_row.T @ rows / whole, in_column.T @ columns / whole
    jacobian = (
        np.eye(cells.size)
        - column[:, None] * (in_row.T @ in_row)
        - row[:, None] * (in_column.T @ in_column)
        + (row * column)[:, None]
    )
    return cells.ravel() - expected, jacobian
