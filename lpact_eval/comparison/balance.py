"""How alike two arms are before and after adjustment, and how much each of them weighs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lpact_eval.sample import BoolArray, FloatArray, IntArray

ALL = "All respondents"


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """Respondents of two arms in their domains; n respondents, d domains.

    Attributes
    ----------
    treated : ndarray of shape (n,), bool
        Who is in the first arm.
    weight : ndarray of shape (n,)
        Survey weights.
    domain : ndarray of shape (n,), int
        Codes 0 to d-1.
    names : tuple of str
        Names of the d domains.
    """

    treated: BoolArray
    weight: FloatArray
    domain: IntArray
    names: tuple[str, ...]

    def groups(self) -> Mapping[str, BoolArray]:
        """Members of all domains together and, where there are several, of each."""
        everyone = {ALL: np.ones(self.treated.size, dtype=bool)}
        if len(self.names) == 1 and self.names[0] == ALL:
            return everyone
        return everyone | {name: self.domain == code for code, name in enumerate(self.names)}


def balance_table(arms: Arms, covariates: pd.DataFrame, by: str) -> pd.DataFrame:
    """Standardised differences of every covariate between the arms, overall and by domain.

    Parameters
    ----------
    arms : Arms
    covariates : DataFrame of n rows
        Numbers, or categories, of which every level is a row of the table.
    by : str
        Name of the column that holds the domain.

    Returns
    -------
    DataFrame
        Domain, covariate, answer, attended and not_attended (weighted means), difference, smd; missing where an arm
        has fewer than two respondents.

    Notes
    -----
    smd = (m1 - m0) / sqrt((s1^2 + s0^2) / 2), s^2 = sum w (x - m)^2 / (1 - sum w^2) with the arm's weights summing
    to 1: the ruler is that of the survey-weighted sample, whatever balancing follows.

    References
    ----------
    Austin (2009), *Statistics in Medicine* 28, 3083-3107; Greifer, cobalt: `s.d.denom` and sampling weights.
    """
    columns = _columns(covariates)
    rows: list[dict[str, object]] = []
    for name, inside in arms.groups().items():
        for (covariate, answer), x in columns.items():
            first, spread_first = _moments(x, arms.weight, inside & arms.treated)
            second, spread_second = _moments(x, arms.weight, inside & ~arms.treated)
            ruler = np.sqrt((spread_first + spread_second) / 2)
            smd = (first - second) / ruler if ruler > 0 else (0.0 if first == second else np.nan)
            rows.append(
                {
                    by: name,
                    "covariate": covariate,
                    "answer": answer,
                    "attended": first,
                    "not_attended": second,
                    "difference": first - second,
                    "smd": smd,
                }
            )
    names = [by, "covariate", "answer", "attended", "not_attended", "difference", "smd"]
    return pd.DataFrame(rows, columns=names)


def overlap_table(arms: Arms, by: str) -> pd.DataFrame:
    """Respondents, effective respondents and the largest share of one of them, per arm and domain.

    Parameters
    ----------
    arms : Arms
    by : str
        Name of the column that holds the domain.

    Returns
    -------
    DataFrame
        Domain, arm ("attended" or "not attended"), n, n_effective (Kish), largest_share of the arm's weight.

    References
    ----------
    Kish (1965), *Survey Sampling*, sec. 11.7.
    """
    rows: list[dict[str, object]] = []
    for name, inside in arms.groups().items():
        for arm, members in (("attended", arms.treated), ("not attended", ~arms.treated)):
            weight = arms.weight[inside & members]
            total = float(weight.sum())
            rows.append(
                {
                    by: name,
                    "arm": arm,
                    "n": weight.size,
                    "n_effective": total**2 / float((weight**2).sum()) if total > 0 else 0.0,
                    "largest_share": float(weight.max()) / total if total > 0 else np.nan,
                }
            )
    return pd.DataFrame(rows, columns=[by, "arm", "n", "n_effective", "largest_share"])


def _columns(covariates: pd.DataFrame) -> dict[tuple[str, str], FloatArray]:
    """Numbers as they are, and one indicator per level of a category."""
    columns: dict[tuple[str, str], FloatArray] = {}
    for name in covariates.columns:
        column = covariates[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            for level in column.cat.categories:
                columns[str(name), str(level)] = (column == level).to_numpy(dtype=float)
        else:
            columns[str(name), ""] = column.to_numpy(dtype=float)
    return columns


def _moments(x: FloatArray, weight: FloatArray, members: BoolArray) -> tuple[float, float]:
    """Weighted mean and unbiased weighted variance; missing without two members."""
    if int(members.sum()) < 2:  # noqa: PLR2004 - one respondent has no variance
        return np.nan, np.nan
    share = weight[members] / weight[members].sum()
    mean = float(share @ x[members])
    return mean, float(share @ (x[members] - mean) ** 2) / float(1 - (share**2).sum())
