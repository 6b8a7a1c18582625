"""Respondents whose group, age or sex is not known: the two policies, and how many they concern."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from lpact_eval.errors import WeightingError, WrongUseError
from lpact_eval.sample import MISSING_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.sample import Sample

Unknown = Literal["keep", "leave out"]
_SILENCES: Final = frozenset(MISSING_KINDS)
POLICIES: Final[tuple[Unknown, ...]] = ("keep", "leave out")


def other_policy(policy: Unknown) -> Unknown:
    """Return the policy that was not chosen."""
    return POLICIES[1 - POLICIES.index(policy)]


def refuse_silences(categories: Mapping[str, Sequence[str]], task: str) -> None:
    """Refuse variables of which an answer is a kind of silence: nobody in the population is a group of that name.

    Parameters
    ----------
    categories : mapping of variable to categories
    task : str
        For the message, such as "rake".

    Raises
    ------
    WeightingError
        If "prefer not to say" or another kind of missing answer is a category.
    """
    for variable, names in categories.items():
        if not _SILENCES.isdisjoint(map(str.casefold, names)):
            silent = [name for name in names if name.casefold() in _SILENCES]
            msg = (
                f"Cannot {task} on {variable!r}: {', '.join(map(repr, silent))} is among its categories and is no "
                "group of the population. Weight before making don't knows answers, or set them missing; unknown= then "
                "says whether those respondents are kept or left out."
            )
            raise WeightingError(msg)


def unknown_report(sample: Sample, variables: str | Sequence[str]) -> pd.DataFrame:
    """Count respondents of whom the variables that weights rest on are not known, by the kind of silence.

    Parameters
    ----------
    sample : Sample
    variables : str or sequence of str
        Such as "ethnicity", "age_band" and "sex".

    Returns
    -------
    DataFrame
        variable, kind ("don't know", "prefer not to say", "not asked", "blank"; an empty answer of no recorded kind
        counts as "blank"), n (respondents), share (of the weight of all respondents, 0-1). Kinds that nobody
        gave are left out; "prefer not to say" is never one of the variable's categories.

    Raises
    ------
    WrongUseError
        If a variable does not exist.
    """
    names = [variables] if isinstance(variables, str) else list(variables)
    weight = sample.design.weight
    whole = float(weight.sum()) or 1.0
    rows: list[tuple[str, str, int, float]] = []
    for name in names:
        if name not in sample.answers.columns:
            msg = f"Cannot count who is unknown on {name!r}: the sample has {sorted(map(str, sample.answers.columns))}."
            raise WrongUseError(msg)
        empty = sample.answers[name].isna().to_numpy()
        kinds = np.full(len(sample), "blank", dtype=object)
        if name in sample.missing.columns:
            recorded = sample.missing[name].astype(object)
            kinds = np.where(recorded.isna().to_numpy(), kinds, recorded.to_numpy())
        for kind in MISSING_KINDS:
            inside = empty & (kinds == kind)
            if inside.any():
                rows.append((name, kind, int(inside.sum()), float(weight[inside].sum()) / whole))
    return pd.DataFrame(rows, columns=["variable", "kind", "n", "share"])
