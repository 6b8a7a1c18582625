"""An estimate: values, each sampling unit's influence on them, and the bases they rest on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation import intervals
from lpact_eval.estimation.variance import design_df, squares_within_strata, within_strata

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from numpy.typing import NDArray

    from lpact_eval.estimation.asked import AskedRows
    from lpact_eval.estimation.intervals import Interval
    from lpact_eval.estimation.labels import Labels
    from lpact_eval.frames import Record
    from lpact_eval.sample import BoolArray, Design, FloatArray

Variance = Literal["taylor", "cr2"]
Kind = Literal["share", "share difference", "probability", "reliability", "other"]

# When an estimate is flagged in print: National Center for Health Statistics (2017), Vital and Health Stat. 2(175), and
# the bases under which the Crime Survey's ethnicity figures are held back.
SMALL_BASE, SMALL_EFFECTIVE, FEW_DF, WIDE = 50, 30, 8, 0.30


class Moments(Protocol):
    """What degrees of freedom need to know of the basic estimates that were computed directly."""

    def df(self, loading: FloatArray) -> FloatArray:
        """Degrees of freedom of rows of coefficients on the basic estimates."""
        ...


class OwnLimits(Protocol):
    """Limits of a statistic whose interval is not made of its value and standard error."""

    def limits(self, level: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lower and upper limits at a level and degrees of freedom each, shape (k,)."""
        ...

    def take(self, rows: NDArray[np.intp]) -> OwnLimits:
        """Keep the estimates at the given positions."""
        ...


@runtime_checkable
class OwnTest(Protocol):
    """Limits that come with a test of their own, as the profile likelihood's do."""

    def p_value(self, null: float) -> FloatArray:
        """Two-sided p values that each value equals `null`, shape (k,)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Working:
    """How estimates are made of basic ones, and the moments behind their degrees of freedom.

    Attributes
    ----------
    loading : ndarray of shape (k, b)
        Coefficients of each estimate on the b basic estimates.
    moments : Moments
    """

    loading: FloatArray
    moments: Moments

    def df(self) -> FloatArray:
        """Degrees of freedom of each estimate, shape (k,)."""
        return self.moments.df(self.loading)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Estimate:
    """Estimates with everything that later comparisons need; k estimates, m sampling units.

    Attributes
    ----------
    named : Labels
        What each estimate is; see `labels`.
    value : ndarray of shape (k,)
        In the statistic's own unit; shares in 0-1.
    influence : ndarray of shape (m, k)
        Influence of each PSU (a respondent where there are none) on each value; with replicate weights, shape (R, k),
        the scaled deviation of each replicate; under "model" of each respondent, whose cross-product is the variance.
    design : Design
    variance : str
        "taylor", "cr2" or "replicate": what the influence was prepared for; "model": no design, as Firth's likelihood.
    kind : str
        "share", "share difference", "probability" (no share of answers: on the logit scale), "reliability" or
        "other": decides the interval.
    n, n_kish : ndarray of shape (k,)
        Answers, and Kish's effective number of them.
    reached : ndarray of shape (m, k), bool
        PSUs with a respondent in the domain, from which PSUs minus strata are counted.
    crowding : ndarray of shape (k,)
        Mean number of answers a PSU.
    refused : tuple of str
        Why a number can't be given; empty where it can.
    working : Working or None
        What degrees of freedom other than PSUs minus strata rest on: Satterthwaite's, or a regression's.
    pair : tuple of two Estimate, or None
        The two sides of a difference of shares, for its interval.
    own : OwnLimits or None
        Where the default interval is the statistic's own, as a quantile's; its test too where it is an OwnTest.
    asked : AskedRows or None
        How the question was asked in each wave, where the estimates are by wave.
    """

    named: Labels
    value: FloatArray
    influence: FloatArray
    design: Design
    variance: Variance | Literal["replicate", "model"]
    kind: Kind
    n: FloatArray
    n_kish: FloatArray
    reached: BoolArray
    crowding: FloatArray
    refused: tuple[str, ...]
    working: Working | None = None
    pair: tuple[Estimate, Estimate] | None = None
    own: OwnLimits | None = None
    asked: AskedRows | None = None

    def __len__(self) -> int:
        return self.value.size

    @property
    def labels(self) -> pd.DataFrame:
        """What each estimate is, k rows: variable, answer, and one column per `by` variable."""
        return self.named.frame

    def __repr__(self) -> str:
        with pd.option_context("display.width", 160, "display.max_columns", 30, "display.precision", 4):
            return repr(self._printed())

    def _repr_html_(self) -> str:
        return self._printed().to_html(index=False, float_format="{:.4f}".format, na_rep="")

    def _printed(self) -> pd.DataFrame:
        """Rows as an analyst reads them, each with its flags."""
        return self.to_frame().assign(flags=list(self.flags))

    @property
    def flags(self) -> tuple[str, ...]:
        """What to mind about each estimate, joined by "; ": small bases, wide intervals, questions that changed."""
        low, high = self.confint()
        share = self.kind in {"share", "share difference"}
        checks = (
            (self.n < SMALL_BASE, f"fewer than {SMALL_BASE} answers"),
            (self.n_effective < SMALL_EFFECTIVE, f"fewer than {SMALL_EFFECTIVE} effective answers"),
            (self.df < FEW_DF, f"fewer than {FEW_DF} degrees of freedom"),
            (share & (high - low >= WIDE), "interval of 30 points or more"),
        )
        asked = self.asked.flags() if self.asked else [list[str]()] * len(self)
        return tuple(
            "; ".join([*(text for hit, text in checks if hit[row]), *asked[row]]) if not reason else ""
            for row, reason in enumerate(self.refused)
        )

    @property
    def vcov(self) -> FloatArray:
        """Covariance matrix, shape (k, k); not a number for refused estimates."""
        deviations = self._deviations
        covariance = deviations.T @ deviations
        dead = self._dead
        covariance[dead, :] = np.nan
        covariance[:, dead] = np.nan
        return covariance

    @property
    def std_error(self) -> FloatArray:
        """Standard errors, shape (k,)."""
        return self._once("std_error", lambda: np.where(self._dead, np.nan, np.sqrt(self._variances())))

    @property
    def df(self) -> FloatArray:
        """Degrees of freedom, shape (k,): Satterthwaite's for cr2, else PSUs minus strata in the domain."""
        return self._once("df", lambda: np.where(self._dead, np.nan, self._df()))

    @property
    def n_effective(self) -> FloatArray:
        """Effective number of answers: p(1-p)/variance for shares, never above n; Kish's for others."""
        if self.kind != "share":
            return self.n_kish
        return self._once(
            "n_effective",
            lambda: intervals.share_base(
                self.value, self.std_error**2, n=self.n, n_kish=self.n_kish, crowding=self._crowding_seen
            ),
        )

    def to_frame(self, *, level: float = 0.95, interval: Interval = "auto") -> pd.DataFrame:
        """Tabulate the estimates with intervals, bases and refusals.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.
        interval : str, default "auto"
            "auto" (shares: Wilson, and their differences: Newcombe, on effective n with t; others: t), "wald",
            "logit", "beta" (Korn-Graubard), "wilson" or "likelihood". At 0 and 1 every one of them is Wilson's.

        Returns
        -------
        DataFrame of k rows
            Labels, estimate, std_error, conf_low, conf_high, df, n, n_effective, design_effect, refused.

        Raises
        ------
        WrongUseError
            If the level or the interval is unknown, or the interval is for shares and the estimate is none.
        """
        columns: dict[Hashable, object] = {name: column.array for name, column in self.labels.items()}
        columns |= {name: values.copy() for name, values in self._numbers(level, interval).items()}
        return pd.DataFrame({**columns, "refused": list(self.refused)}, index=range(len(self)))

    def to_records(self) -> list[Record]:
        """Tabulate the estimates as `to_frame` does, as one mapping a row in plain Python's numbers."""
        columns: dict[str, Sequence[object]] = dict(self.named.columns)
        columns |= {name: values.tolist() for name, values in self._numbers(0.95, "auto").items()}
        columns["refused"] = self.refused
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _numbers(self, level: float, interval: Interval) -> dict[str, NDArray[np.number]]:
        """Columns of numbers of `to_frame`."""
        low, high = self.confint(level=level, interval=interval)
        n_effective = self.n_effective
        with np.errstate(divide="ignore", invalid="ignore"):
            design_effect = np.where(n_effective > 0, self.n / n_effective, np.nan)
        return {
            "estimate": self.value,
            "std_error": self.std_error,
            "conf_low": low,
            "conf_high": high,
            "df": self.df,
            "n": self.n.astype(int),
            "n_effective": n_effective,
            "design_effect": design_effect,
        }

    def confint(self, *, level: float = 0.95, interval: Interval = "auto") -> tuple[FloatArray, FloatArray]:
        """Lower and upper limits, each of shape (k,); arguments as in `to_frame`."""
        interval = "auto" if self.kind == "probability" and interval == "logit" else interval
        intervals.check(level, interval, share=self.kind == "share")
        if interval in {"auto", "wilson"}:
            return self.limits(np.full(len(self), level))
        low, high = self._parity(level, interval)
        if self.kind == "share":  # 0 and 1 have no logit and no width on Wald's scale
            edge = intervals.at_edge(self.value)
            safe_low, safe_high = self._wilson(np.full(len(self), level), self.df)
            low, high = np.where(edge, safe_low, low), np.where(edge, safe_high, high)
        return low, high

    def _parity(self, level: float, interval: Interval) -> tuple[FloatArray, FloatArray]:
        """Limits as other packages draw them."""
        return intervals.symmetric(
            self.value, self.std_error, self.df, level=level, interval=interval, base=(self.n, self.n_effective)
        )

    def limits(self, level: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Limits of the default interval, each estimate at its own confidence level of shape (k,)."""
        if self.own is not None:
            return self.own.limits(level, self.df)
        if self.kind == "share difference" and self.pair is not None:
            return self._newcombe(self.pair, level)
        if self.kind == "share":
            return self._wilson(level, self.df)
        if self.kind == "probability":
            base = (self.n, self.n_kish)
            return intervals.symmetric(self.value, self.std_error, self.df, level=level, interval="logit", base=base)
        if self.kind == "reliability":
            return intervals.below_one(self.value, self.std_error, self.df, level)
        half = intervals.t_quantile(self.df, level) * self.std_error
        return self.value - half, self.value + half

    def p_value(self, null: float = 0.0) -> FloatArray:
        """Two-sided p values, shape (k,), of the t test that each value equals `null`; missing without standard error.

        A statistic with a test of its own (a penalised fit's likelihood ratio) has that instead.
        Shares of 0 and 1 have none: `hypothesis.interval_p_value` turns their interval round instead.
        """
        if isinstance(self.own, OwnTest):
            return np.where(self._dead, np.nan, self.own.p_value(null))
        return intervals.two_sided_p(self.value - null, self.std_error, self.df)

    def select(self, **labels: object) -> Estimate:
        """Keep the estimates whose labels match, as in ``estimate.select(wave="2022")``."""
        keep = np.ones(len(self), dtype=bool)
        for column, label in labels.items():
            if column not in self.named.columns:
                msg = f"Cannot select by {column!r}: the estimate is labelled by {list(self.named.columns)}."
                raise WrongUseError(msg)
            keep &= np.array([own == str(label) for own in self.named.texts(column)], dtype=bool)
        if not keep.any():
            known = {column: sorted(set(self.named.texts(column))) for column in labels}
            msg = f"Cannot select {labels}: no estimate has these labels; there are {known}."
            raise EstimationError(msg)
        return self.take(np.flatnonzero(keep))

    def take(self, rows: NDArray[np.intp]) -> Estimate:
        """Keep the estimates at the given positions, in that order."""
        working = self.working and replace(self.working, loading=self.working.loading[rows])
        return replace(
            self,
            named=self.named.take(rows.tolist()),
            value=self.value[rows],
            influence=self.influence[:, rows],
            n=self.n[rows],
            n_kish=self.n_kish[rows],
            reached=self.reached[:, rows],
            crowding=self.crowding[rows],
            refused=tuple(self.refused[int(row)] for row in rows),
            working=working,
            pair=self.pair and (self.pair[0].take(rows), self.pair[1].take(rows)),
            own=self.own and self.own.take(rows),
            asked=self.asked and self.asked.take(rows),
        )

    def _once(self, name: str, work: Callable[[], FloatArray]) -> FloatArray:
        """Work a property out once: a p value by turning an interval round asks for it again and again."""
        known = _KNOWN.setdefault(self, {})
        if name not in known:
            known[name] = work()
            known[name].flags.writeable = False
        return known[name]

    @property
    def _deviations(self) -> FloatArray:
        """Influence scaled so that its cross-products are covariances, shape (m, k)."""
        return within_strata(self.influence, self.design) if self.variance == "taylor" else self.influence

    def _variances(self) -> FloatArray:
        """Variances before refusals, shape (k,)."""
        if self.variance == "taylor":
            return squares_within_strata(self.influence, self.design)
        return np.square(self.influence).sum(axis=0)

    @property
    def _dead(self) -> BoolArray:
        """Which estimates are refused."""
        return np.array([bool(reason) for reason in self.refused], dtype=bool)

    @property
    def _crowding_seen(self) -> FloatArray:
        """Answers a PSU where PSUs were recorded, else 1."""
        return self.crowding if self.design.clustered else np.ones_like(self.crowding)

    def _df(self) -> FloatArray:
        """Degrees of freedom before refusals."""
        if self.working is not None:
            return self.working.df()
        freedom = design_df(self.reached, self.design.psu_stratum)
        replicates = self.design.replicates
        return freedom if replicates is None else np.minimum(freedom, replicates.df)

    def _wilson(self, level: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Wilson limits on the effective n with t at the given degrees of freedom."""
        return intervals.wilson(self.value, self.n_effective, df, level=level, variance=self.std_error**2)

    def _newcombe(self, pair: tuple[Estimate, Estimate], level: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Newcombe limits from the Wilson limits of both sides, which are worked out at once."""
        value = np.array([side.value for side in pair])
        base = np.array([side.n_effective for side in pair])
        variance = np.array([side.std_error for side in pair]) ** 2
        low, high = intervals.wilson(value, base, self.df, level=level, variance=variance)
        return intervals.newcombe(self.value, (value[0], low[0], high[0]), (value[1], low[1], high[1]))


# An estimate never changes, so what follows from it is worked out once, and forgotten with it.
_KNOWN: WeakKeyDictionary[Estimate, dict[str, FloatArray]] = WeakKeyDictionary()
