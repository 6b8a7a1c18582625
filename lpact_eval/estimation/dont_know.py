"""What "don't know" and "prefer not to say" count as: three declared policies, none of them silent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.domains import categories_of, column_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import BoolArray, Sample, Variable

DontKnow = Literal["exclude", "outcome", "not confident"]

NO_OPINION = ("don't know", "prefer not to say")
_TOGETHER = " or ".join(NO_OPINION)


def count_dont_know(sample: Sample, variables: str | Sequence[str], *, policy: DontKnow) -> Sample:
    """Declare what "don't know" and "prefer not to say" count as, for every statistic that follows.

    Questions left blank and questions not asked stay missing under every policy: nobody knows what they meant.

    Parameters
    ----------
    sample : Sample
    variables : str or sequence of str
        Harmonised variables with categories.
    policy : str
        "exclude" leaves them out (the sample as it is), "outcome" makes each an answer of its own, "not confident"
        puts them into the base as one answer that is never among the favourable ones.

    Returns
    -------
    Sample
        The same respondents. A scale with such an answer is a category: it has no place in the order.

    Raises
    ------
    WrongUseError
        If the policy does not exist.
    EstimationError
        If a variable does not exist, holds numbers, or nobody recorded why its answers are missing.
    """
    check_policy(policy)
    names = [variables] if isinstance(variables, str) else list(variables)
    if policy == "exclude":
        for name in names:
            column_of(sample, name)
        return sample
    answers, missing, codebook = sample.answers.copy(), sample.missing.copy(), dict(sample.codebook)
    for name in names:
        counted = no_opinion(sample, name)
        answers[name] = _with_answers(sample, name, counted, policy)
        missing[name] = sample.missing[name].where(~counted)
        _describe(codebook, name, _added(policy))
    return replace(sample, answers=answers, missing=missing, codebook=codebook)


def check_policy(policy: str) -> None:
    """Refuse policies that do not exist."""
    allowed = list(get_args(DontKnow))
    if policy not in allowed:
        msg = f"Cannot count don't knows as {policy!r}; there are {allowed}."
        raise WrongUseError(msg)


def no_opinion(sample: Sample, variable: str) -> BoolArray:
    """Which respondents said that they don't know or prefer not to say, shape (n,)."""
    column_of(sample, variable)
    if variable not in sample.missing.columns:
        msg = (
            f"Cannot count the don't knows of {variable!r}: the sample does not record why its answers are missing. "
            "Read it with read_wave, which does, or leave them out (the policy 'exclude')."
        )
        raise EstimationError(msg)
    empty = sample.answers[variable].isna().to_numpy()
    return np.asarray(empty & sample.missing[variable].isin(NO_OPINION).to_numpy(), dtype=np.bool_)


def _added(policy: DontKnow) -> tuple[str, ...]:
    """Answers that the policy adds."""
    return NO_OPINION if policy == "outcome" else (_TOGETHER,)


def _with_answers(sample: Sample, variable: str, counted: BoolArray, policy: DontKnow) -> pd.Series:
    """Add the policy's answers behind the variable's own."""
    column = sample.answers[variable]
    if pd.api.types.is_numeric_dtype(column.dtype) and not isinstance(column.dtype, pd.CategoricalDtype):
        msg = (
            f"Cannot count the don't knows of {variable!r} among its answers: it holds numbers. "
            "nonresponse() takes variables with categories only."
        )
        raise EstimationError(msg)
    codes, categories = categories_of(sample, variable)
    added = _added(policy)
    kinds = sample.missing[variable].astype(str).to_numpy()
    position = [added.index(kind) if policy == "outcome" else 0 for kind in kinds[counted]]
    codes = codes.copy()
    codes[counted] = len(categories) + np.asarray(position, dtype=np.intp)
    full = pd.Categorical.from_codes(codes.tolist(), categories=pd.Index([*categories, *added]))
    return pd.Series(full, index=column.index, name=variable)


def _describe(codebook: dict[str, Variable], name: str, added: tuple[str, ...]) -> None:
    """Add the answers to the codebook, if it knows the variable."""
    if name in codebook:
        known = codebook[name]
        codebook[name] = replace(known, kind="category", answers=(*known.answers, *added))
