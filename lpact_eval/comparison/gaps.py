"""What a comparison of attendees with others answers: estimates, and everything by which to judge them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from lpact_eval.comparison.adjusted import METHOD_NAMES
from lpact_eval.comparison.balance import ALL, ATTENDED, OTHERS
from lpact_eval.comparison.exact import exact_check
from lpact_eval.comparison.gap_words import NOT_SHOWN, raw_words
from lpact_eval.comparison.overlap import overlap_histogram
from lpact_eval.comparison.sensitivity import sensitivity_columns
from lpact_eval.comparison.sparse import sparse_check
from lpact_eval.estimation.multiplicity import adjust as adjust_p

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lpact_eval.comparison.adjusted import Adjusted
    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.shrinkage import Shrinkage
    from lpact_eval.comparison.tiers import Row
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.frames import Columns
    from lpact_eval.sample import FloatArray

_Found = TypeVar("_Found")
_ARM_SIZES: Final = ("n_first", "n_second", "n_effective_first", "n_effective_second")
_WIDEST_SHARE: Final = 0.5  # standard deviation of a share of a half, for which the prior of shrinkage is meant


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What a comparison was made of, for what is worked out only when it is asked for.

    Attributes
    ----------
    question : Question
    rows : sequence of k Row
    adjusted : Adjusted
    raw : callable
        Gives the k differences without adjusting for anything.
    balance, overlap : Columns
        See `balance.balance_table` and `balance.overlap_table`.
    """

    question: Question
    rows: Sequence[Row]
    adjusted: Adjusted
    raw: Callable[[], Estimate]
    balance: Columns
    overlap: Columns


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class AttendanceGap:
    """The difference between attendees and comparable non-attendees, and how far it can be trusted; k estimates.

    Attributes
    ----------
    estimate : Estimate
        All respondents, each domain, and each domain minus the one with most weight ("Black - White"); labels
        variable, answer, the attendance variable ("yes - no") and the domain. Refused rows are missing.
    p_value : ndarray of shape (k,)
        Of the test against no gap; missing under 4 degrees of freedom.
    detectable : ndarray of shape (k,)
        Difference that would show with 80 % power at this standard error; missing where refused.
    flags : tuple of k str
        What a reader has to know, joined by "; ".
    refused : tuple of k str
        Why there is no number, or nothing.
    wording : tuple of k str
        What a row may be called: "association", or under which condition more.
    method, estimand, not_shown : str
        How it was done, what it is in words, and what it does not show.
    adjusters : tuple of str
        Variables that the two arms were made comparable in.
    n, left_out : int
        Complete respondents, and those left out because an answer is missing.
    basis : Basis
        What the properties work with.
    """

    estimate: Estimate
    p_value: FloatArray
    detectable: FloatArray
    flags: tuple[str, ...]
    refused: tuple[str, ...]
    wording: tuple[str, ...]
    method: str
    estimand: str
    not_shown: str
    adjusters: tuple[str, ...]
    n: int
    left_out: int
    basis: Basis = field(repr=False)

    def __repr__(self) -> str:
        with pd.option_context("display.width", 200, "display.max_columns", 30, "display.precision", 4):
            return f"{self.estimand}\n{self.to_frame()!r}\n{self.not_shown}"

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the estimates with intervals, what they could detect, what they may be called, and their flags.

        Returns
        -------
        DataFrame of k rows
            Columns of `Estimate.to_frame`; raw, detectable, wording, flags, and refused last.
        """
        table = self.estimate.to_frame().drop(columns="refused")
        return table.assign(
            raw=self.raw.value,
            detectable=self.detectable,
            wording=list(self.wording),
            flags=list(self.flags),
            refused=list(self.refused),
        )

    @property
    def test(self) -> pd.DataFrame:
        """Test every row against no gap, k rows: labels, p_value, p_adjusted (Holm over domains, over differences)."""
        return self._once("test", lambda: _test(self.estimate, self.p_value, self.basis.rows))

    @property
    def arm_sizes(self) -> list[tuple[float, float]]:
        """Respondents who attended and who did not, for each of the k rows; missing for differences of domains."""
        return [(first, second) for first, second, _, _ in _sizes(self.basis)]

    @property
    def bases(self) -> pd.DataFrame:
        """Sizes of both arms beside every row, k rows: n_first and n_second (attended, did not attend), effective ones.

        Effective sizes are after weighting; differences between domains have none.
        """
        return self._once("bases", lambda: pd.DataFrame(_sizes(self.basis), columns=list(_ARM_SIZES), dtype=float))

    @property
    def means(self) -> pd.DataFrame:
        """Adjusted shares or means of both arms: the domain, attended, not_attended; missing where refused."""
        return self._once("means", lambda: _means(self.basis, self.estimate))

    @property
    def balance(self) -> pd.DataFrame:
        """Means, standardised differences and KS distances of every adjuster; see `balance.balance_table`.

        Survey-weighted, before adjustment and, where arms are weighted, after.
        """
        return self.basis.balance.frame

    @property
    def overlap(self) -> pd.DataFrame:
        """Sizes, largest shares and range of the scores per arm and domain; see `balance.overlap_table`."""
        return self.basis.overlap.frame

    @property
    def histogram(self) -> pd.DataFrame:
        """Share of each arm's weight by tenths of the propensity score; empty without scores."""
        question = self.basis.question
        return self._once(
            "histogram",
            lambda: overlap_histogram(self.basis.adjusted.scores, question.arms, question.roles.domain_column),
        )

    @property
    def missing(self) -> pd.DataFrame:
        """Respondents without an answer to each variable: variable, missing."""
        return self.basis.question.missing

    @property
    def raw(self) -> Estimate:
        """The same k rows without adjusting for anything."""
        return self.basis.raw()

    @property
    def raw_words(self) -> tuple[str, ...]:
        """How each raw difference compares with the adjusted one, and why they differ; k of them."""
        return raw_words(self.basis.question, self.basis.rows, (self.raw, self.estimate), self.balance)

    @property
    def sensitivity(self) -> pd.DataFrame:
        """How strong what was not measured would have to be; see `sensitivity.sensitivity_table`."""
        return self.strength.frame

    @property
    def strength(self) -> Columns:
        """Columns of `sensitivity`."""
        basis = self.basis
        return self._once(
            "strength", lambda: sensitivity_columns(basis.question, basis.rows, basis.adjusted, self.estimate)
        )

    @property
    def sparse(self) -> pd.DataFrame:
        """Odds ratios by Firth's penalised likelihood, for cells of few people; see `sparse.sparse_check`.

        It tells small counts, and is for the analyst only.
        """
        return self._once("sparse", lambda: sparse_check(self.basis.question, self.basis.rows))

    @property
    def exact(self) -> pd.DataFrame:
        """Exact tests of the unweighted 2 x 2 tables, a cross-check; see `exact.exact_check`. For the analyst only."""
        return self._once("exact", lambda: exact_check(self.basis.question, self.basis.rows))

    @property
    def shrunk(self) -> Shrinkage:
        """The domains' estimates shrunk towards each other, beside the estimates; see `shrinkage.shrinkage`.

        The prior, .15 for shares, is three tenths of a standard deviation of the answers for means.
        """
        question = self.basis.question
        members = [place for place, row in enumerate(self.basis.rows) if row.name in question.arms.names]
        spread = 1.0 if question.roles.answer is not None else float(question.outcome.std()) / _WIDEST_SHARE
        from lpact_eval.comparison.shrinkage import SPREAD, shrinkage  # noqa: PLC0415 - for those who ask for it

        return shrinkage(self.estimate.take(np.array(members, dtype=np.intp)), prior=SPREAD * (spread or 1.0))

    def _once(self, name: str, work: Callable[[], _Found]) -> _Found:
        """Work a table out when it is first asked for."""
        known = _KNOWN.setdefault(self, {})
        if name not in known:
            known[name] = work()
        return cast("_Found", known[name])


# What nobody asks for is not worked out, and what somebody did is forgotten with the comparison.
_KNOWN: WeakKeyDictionary[AttendanceGap, dict[str, object]] = WeakKeyDictionary()


def _test(estimate: Estimate, p_value: FloatArray, rows: Sequence[Row]) -> pd.DataFrame:
    """Put p values beside the labels; Holm over the domains and over the differences."""
    family = np.array([0 if row.name == ALL else len(row.sides) for row in rows])
    adjusted = np.full(p_value.size, np.nan)
    for members in (family == code for code in np.unique(family)):
        adjusted[members] = adjust_p(p_value[members], method="holm")
    return estimate.labels.assign(p_value=p_value, p_adjusted=adjusted)


def _sizes(basis: Basis) -> list[tuple[float, float, float, float]]:
    """Respondents and effective respondents of both arms, row by row."""
    table, column = basis.overlap, basis.question.roles.domain_column
    keys = zip(*(table.listed(name) for name in (column, "arm")), strict=True)
    sizes = dict(zip(keys, zip(*(table.numbers(name) for name in ("n", "n_effective")), strict=True), strict=True))
    unknown = (np.nan, np.nan)
    found = [[sizes.get((row.name, arm), unknown) for arm in (ATTENDED, OTHERS)] for row in basis.rows]
    return [(first[0], second[0], first[1], second[1]) for first, second in found]


def _means(basis: Basis, estimate: Estimate) -> pd.DataFrame:
    """Tabulate the adjusted means of both arms in the domains that are not refused."""
    unknown = (np.nan, np.nan)
    found = [
        (row.name, *(unknown if reason else basis.adjusted.means.get(row.name, unknown)))
        for row, reason in zip(basis.rows, estimate.refused, strict=True)
        if len(row.sides) == 1
    ]
    return pd.DataFrame(found, columns=[basis.question.roles.domain_column, "attended", "not_attended"])


@dataclass(frozen=True, slots=True, eq=False)
class AttendanceGaps:
    """One question answered by several methods; the first is the primary one, the others a second opinion.

    Attributes
    ----------
    gaps : tuple of AttendanceGap
        One a method.
    """

    gaps: tuple[AttendanceGap, ...]

    def to_frame(self) -> pd.DataFrame:
        """Put all methods side by side.

        Returns
        -------
        DataFrame
            method (in words), then the columns of `AttendanceGap.to_frame`; for each domain the methods under each
            other.
        """
        frames = [gap.to_frame().assign(place=range(len(gap.estimate)), order=at) for at, gap in enumerate(self.gaps)]
        for gap, frame in zip(self.gaps, frames, strict=True):
            frame.insert(0, "method", METHOD_NAMES[gap.method])
        table = pd.concat(frames, ignore_index=True).sort_values(["place", "order"], ignore_index=True)
        return table.drop(columns=["place", "order"])

    def __repr__(self) -> str:
        with pd.option_context("display.width", 200, "display.max_columns", 30, "display.precision", 4):
            return f"{self.to_frame()!r}\n{NOT_SHOWN}"
