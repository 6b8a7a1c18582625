"""Ordered answers: the chance that one respondent answers higher than another, and tests on ranks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.special import fdtrc, ndtri, stdtr

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.asked import require_comparable
from lpact_eval.estimation.contrast import contrast, difference
from lpact_eval.estimation.domains import categories_of, column_of, domains_of, inside_of
from lpact_eval.estimation.hypothesis import Test, refused_test
from lpact_eval.estimation.labels import Labels
from lpact_eval.estimation.ordered import ordered_answers
from lpact_eval.estimation.statistics import mean
from lpact_eval.estimation.variance import design_df

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample

RankTest = Literal["wilcoxon", "vanderWaerden", "median"]
Ties = Literal["weighted", "as R"]
_KNOWN = 1e-22  # variance under which nothing varies


def ordinal_shift(
    sample: Sample,
    variable: str,
    along: str,
    level: str,
    *,
    minus: str,
    by: str | Sequence[str] = (),
    variance: Variance = "cr2",
) -> Estimate:
    """Estimate the chance that a respondent of one level answers higher than one of another, ties counting half.

    Parameters
    ----------
    sample : Sample
    variable : str
        A number, or an ordered category. Higher is the harmonised schema's more favourable answer where the codebook
        says which are; else the later category. The label `answer` says towards which end.
    along : str
        Variable that the comparison runs along, such as "wave".
    level, minus : str
        The level of Y2 and that of Y1 in P(Y2 > Y1) + P(Y2 = Y1) / 2.
    by : str or sequence of str, default ()
        Domain variables; one chance per combination that has both levels.
    variance : str, default "cr2"
        As in `proportion`.

    Returns
    -------
    Estimate
        Chances in 0-1; .5 is no shift, 2 x chance - 1 is Cliff's delta. The default interval is on the logit scale
        with t ("logit"; "wald" is in its own). Refused where nothing overlaps or nothing varies.

    Raises
    ------
    EstimationError
        If a variable or level does not exist, or the answers have no order.

    Notes
    -----
    theta = sum over i, j of w_i w_j H_ij / (W_1 W_2), H_ij = 1(y_j > y_i) + 1(y_j = y_i) / 2; linearised variable
    (phi_1(y_i) - theta) / W_1 in the first and (phi_2(y_j) - theta) / W_2 in the second, phi being the mean of H over
    the other. With weights of 1 and "cr2" the standard error is Brunner and Munzel's.

    References
    ----------
    Brunner & Munzel (2000), *Biometrical J.* 42, 17-25; Lumley & Scott (2013), *Biometrika* 100, 831-842.
    """
    names = [by] if isinstance(by, str) else list(by)
    _refuse_clash(variable, [along, *names])
    order = _Order.of(sample, variable)
    second, first = (inside_of(sample, {along: str(at)}) for at in (level, minus))
    domain, domain_labels = domains_of(sample, names)
    placed = np.full(len(sample), np.nan)
    theta: dict[tuple[str, ...], float] = {}
    keys = domain_labels.keys(names)
    for number, key in enumerate(keys):
        sides = [side & (domain == number) & order.answered for side in (first, second)]
        found = _placements(order, sample.design.weight, sides[0], sides[1])
        if found is not None:
            # the sign makes the difference of the two means add both influences up
            placed[sides[0]], placed[sides[1]], theta[key] = -found[0], found[1], found[2]
    if not theta:
        msg = f"Cannot compare {level!r} with {minus!r} along {along!r}: no domain has answers to {variable!r} in both."
        raise EstimationError(msg)
    answers = sample.answers.assign(**{variable: placed})
    means = mean(replace(sample, answers=answers), variable, by=[*names, along], variance=variance)
    moved = difference(means, along, str(level), minus=str(minus))
    value = np.array([theta.get(key, np.nan) for key in moved.named.keys(names)])
    asked = {"variable": [variable] * len(moved), "answer": [f"towards {order.end}"] * len(moved)}
    labels = Labels({**asked, **moved.named.columns}, len(moved))
    return _refuse_still(replace(moved, named=labels, value=value, kind="probability"))


def _refuse_clash(variable: str, others: Sequence[str]) -> None:
    """Refuse to compare a variable along itself."""
    if variable in others or len(set(others)) < len(others):
        msg = f"Cannot compare {variable!r} along and by {list(others)}: name different variables."
        raise WrongUseError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """Place of every answer, shape (n,), higher being more; -1 without one. And the name of the higher end."""

    place: IntArray
    end: str

    @property
    def answered(self) -> BoolArray:
        """Who answered, shape (n,)."""
        return self.place >= 0

    @staticmethod
    def of(sample: Sample, variable: str) -> _Order:
        """Order the answers as numbers, by the codebook, or as the category says."""
        column = column_of(sample, variable)
        if pd.api.types.is_numeric_dtype(column.dtype):
            codes, _ = pd.factorize(column, sort=True)
            return _Order(np.asarray(codes, dtype=np.intp), "higher")
        known = sample.codebook.get(variable)
        ordered = isinstance(column.dtype, pd.CategoricalDtype) and bool(column.cat.ordered)
        if not ordered and (known is None or known.kind != "scale"):
            msg = (
                f"Cannot rank {variable!r}: its answers have no order. Use a number, or an ordered category "
                "(pandas.Categorical with ordered=True)."
            )
            raise EstimationError(msg)
        codes, categories = categories_of(sample, variable)
        ends = known.answers if known is not None and set(categories) <= set(known.answers) else ()
        if known is not None and known.kind == "scale" and ends:
            codes, categories = ordered_answers(sample, variable)
        first = (ends or categories)[:1]  # of the whole scale: nobody need have given its favourable answers
        if known is not None and categories and any(answer in known.positive for answer in first):
            return _Order(np.where(codes < 0, -1, len(categories) - 1 - codes), next(iter(first)))
        return _Order(codes, categories[-1] if categories else "")


def _placements(
    order: _Order, weight: FloatArray, first: BoolArray, second: BoolArray
) -> tuple[FloatArray, FloatArray, float] | None:
    """Chance of every respondent of either side against the other, and theta; nothing where a side is empty."""
    levels = int(order.place.max(initial=0)) + 1
    shares: list[FloatArray] = []
    for side in (first, second):
        mass = np.bincount(order.place[side], weight[side], minlength=levels)
        if not mass.sum() > 0:
            return None
        shares.append(mass / mass.sum())
    below = [np.cumsum(share) - share / 2 for share in shares]
    theta = float(shares[1] @ below[0])
    return (1 - below[1])[order.place[first]], below[0][order.place[second]], theta


def _refuse_still(shift: Estimate) -> Estimate:
    """Refuse chances without variance: answers that do not overlap, or are all the same."""
    variance = np.diag(shift.vcov)
    reasons: list[str] = []
    for reason, value, seen in zip(shift.refused, shift.value, variance, strict=True):
        still = not reason and not seen > _KNOWN
        apart = value <= 0 or value >= 1
        why = "no answer of one side lies among those of the other" if apart else "the answers show no variance"
        reasons.append(why if still else reason)
    refused = tuple(reasons)
    return replace(shift, refused=refused, value=np.where([bool(reason) for reason in refused], np.nan, shift.value))


def rank_test(
    sample: Sample,
    variable: str,
    along: str,
    *,
    where: Mapping[str, str | Sequence[str]] | None = None,
    test: RankTest = "wilcoxon",
    ties: Ties = "weighted",
) -> Test:
    """Test whether ordered answers lie higher in some groups than in others, by ranks under the weights.

    Parameters
    ----------
    sample : Sample
    variable : str
        As in `ordinal_shift`.
    along : str
        Variable whose categories are the groups, two or more.
    where : mapping, optional
        {variable: category or categories} of a domain; everybody else keeps the design whole with influence zero.
    test : str, default "wilcoxon"
        "wilcoxon" (Kruskal-Wallis for more than two groups), "vanderWaerden" or "median".
    ties : str, default "weighted"
        Rank of equal answers: "weighted", the middle of their weight; "as R", the mean of their running totals, which
        is what R svyranktest takes and depends on the order of the rows where weights differ.

    Returns
    -------
    Test
        Two groups: t of the second's mean rank score less the first's, with PSUs - strata - 1 degrees of freedom; more:
        F. The ranks count as fixed, as in R; the size of a difference is `ordinal_shift`'s.

    Raises
    ------
    WrongUseError
        If the test or the rule for ties is unknown.
    EstimationError
        If a variable does not exist, the answers have no order, or fewer than two groups answered.

    References
    ----------
    Lumley & Scott (2013), *Biometrika* 100, 831-842.
    """
    if test not in {"wilcoxon", "vanderWaerden", "median"} or ties not in {"weighted", "as R"}:
        msg = (
            f"Cannot rank by test={test!r}, ties={ties!r}; there are 'wilcoxon', 'vanderWaerden' and 'median', and "
            "'weighted' and 'as R'."
        )
        raise WrongUseError(msg)
    _refuse_clash(variable, [along])
    order = _Order.of(sample, variable)
    groups, names = categories_of(sample, along)
    used = inside_of(sample, where) & order.answered & (groups >= 0) & (sample.design.weight > 0)
    present = np.unique(groups[used])
    if present.size < 2:  # noqa: PLR2004 - one group has nothing to compare with
        found = [names[int(code)] for code in present]
        msg = f"Cannot compare ranks of {variable!r} along {along!r}: only {found} answered; two groups are needed."
        raise EstimationError(msg)
    require_comparable(sample, variable, along, [names[int(code)] for code in present])
    scores = np.full(len(sample), np.nan)
    scores[used] = _scores(order.place[used], sample.design.weight[used], test, ties)
    answers = sample.answers.assign(**{variable: scores})
    means = mean(replace(sample, answers=answers), variable, by=along, variance="taylor")
    reached = np.bincount(sample.design.psu[used], minlength=sample.design.psu_count) > 0
    answering = float(design_df(reached[:, None], sample.design.psu_stratum)[0])
    return _compare(means, f"design-based {test} test of {variable} along {along}", int(used.sum()), answering)


def _scores(place: IntArray, weight: FloatArray, test: str, ties: str) -> FloatArray:
    """Scores of the ranks under the weights."""
    if ties == "weighted":
        mass = np.bincount(place, weight)
        rank = (np.cumsum(mass) - mass / 2)[place]
    else:
        order = np.argsort(place, kind="stable")
        running = np.empty_like(weight)
        running[order] = np.cumsum(weight[order]) - weight[order] / 2
        rank = (np.bincount(place, running) / np.maximum(np.bincount(place), 1))[place]
    share = rank / weight.sum()
    if test == "median":
        return (share > 0.5).astype(float)  # noqa: PLR2004 - the median
    return np.asarray(ndtri(share), dtype=np.float64) if test == "vanderWaerden" else share


def _compare(means: Estimate, method: str, n: int, answering: float) -> Test:
    """Test whether mean scores are equal: t for two, F for more; PSUs of those who answered less strata."""
    q = len(means) - 1
    matrix = np.hstack([-np.ones((q, 1)), np.eye(q)])
    moved = contrast(means, matrix, pd.DataFrame({"group": range(q)}))
    whole = contrast(means, np.ones((1, q + 1)), pd.DataFrame({"group": ["all"]}))
    symbol = "t" if q == 1 else "F"
    reason = "; ".join(dict.fromkeys(filter(None, moved.refused)))
    df = min(answering, float(whole.df[0])) - q if not reason else 0.0
    if reason or not df > 0:
        why = reason or f"no degrees of freedom: the sampling units carry fewer than {q} comparisons"
        return refused_test(method, symbol, n, why)
    covariance = moved.vcov
    if np.linalg.matrix_rank(covariance) < q or not (np.diag(covariance) > _KNOWN).all():
        return refused_test(method, symbol, n, "the ranks show no variance")
    if q == 1:
        statistic = float(moved.value[0] / np.sqrt(covariance[0, 0]))
        return Test(statistic, df, float(2 * stdtr(df, -abs(statistic))), method, "t", n)
    solved = np.asarray(np.linalg.solve(covariance, moved.value), dtype=np.float64)
    statistic = float(moved.value @ solved) / q
    return Test(statistic, (float(q), df), float(fdtrc(q, df, statistic)), method, "F", n)
