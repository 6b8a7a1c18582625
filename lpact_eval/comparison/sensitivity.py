"""How strong what was not measured would have to be: one table, one sentence for each number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison import sensitivity_words as words
from lpact_eval.comparison.adjusted import covariates, variable_of
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.e_value import RiskRatio, e_value, ratio_of_interval, ratio_of_shares
from lpact_eval.comparison.robustness import Remainder, adjusted_for, bound, remainder, robustness
from lpact_eval.comparison.tipping import nearest_end, participation_tipping_ratio
from lpact_eval.estimation.intervals import t_quantile
from lpact_eval.frames import Columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from lpact_eval.comparison.adjusted import Adjusted
    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.tiers import Row
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import BoolArray, FloatArray

E_VALUE: Final = "e-value"
ROBUSTNESS: Final = "robustness value"
BENCHMARK: Final = "benchmark"
TIPPING: Final = "participation tipping ratio"
OF_INTERVAL: Final = " of the interval"
COLUMNS: Final = (
    *("measure", "covariate", "times", "value", "explains_attended", "explains_outcome", "t"),
    *("reading", "approximate"),
)
_LEVEL: Final = 0.95
_ALIKE: Final = 1e-6
_MOST_DEVIATIONS: Final = 100  # a gap of more standard deviations than this means that answers hardly vary
_TIMES: Final = (1, 2, 3)
_OF_A_DIFFERENCE: Final = (
    "this is a difference between two groups, which an unmeasured reason could make by being stronger in one of them; "
    "read the two groups' own rows"
)
_NOTHING_LEFT: Final = "the adjusters leave nothing open of who attended or of how people answered"
_SAME_ANSWERS: Final = "within each arm the answers hardly vary"
_NO_SHARES: Final = "it is about shares, and this is a mean"
_EDGE: Final = "an adjusted share is not between 0% and 100%"


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the table; missing where a column says nothing of it."""

    measure: str
    value: float
    reading: str
    covariate: str = ""
    times: float = math.nan
    explains_attended: float = math.nan
    explains_outcome: float = math.nan
    t: float = math.nan
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """One gap with its interval (at `quantile` standard errors where it is symmetric), and the two adjusted means."""

    name: str
    value: float
    low: float
    high: float
    std_error: float
    quantile: float
    means: tuple[float, float]
    share: bool

    @property
    def end(self) -> float:
        """End of the interval nearest to 0; 0 where the interval holds it."""
        return nearest_end((self.low, self.high))

    @property
    def holds_zero(self) -> bool:
        """Whether the interval holds 0."""
        return self.end == 0

    @property
    def shares_usable(self) -> bool:
        """Whether both adjusted shares lie strictly between 0 and 1."""
        return all(0 < share < 1 for share in self.means)


def sensitivity_table(question: Question, rows: Sequence[Row], adjusted: Adjusted, estimate: Estimate) -> pd.DataFrame:
    """Say of every gap how strong what was not measured would have to be to explain it.

    Parameters
    ----------
    question : Question
    rows : sequence of k Row
    adjusted : Adjusted
        Adjusted means of the method.
    estimate : Estimate
        k gaps with their refusals.

    Returns
    -------
    DataFrame
        The domain, then measure ("e-value", "robustness value", "participation tipping ratio", each also "... of the
        interval"; "benchmark"), covariate and times (a reason so many times as strong as this adjuster), value (for a
        benchmark the gap that would be left), explains_attended and explains_outcome (partial R2 of that reason), t
        (of the gap that would be left), reading (one sentence), approximate. What can't be worked out, and every
        difference between two domains, has one row a measure with a missing value and the reason as its reading.

    Notes
    -----
    E-value: of shares by p1 / p0, limits by the delta method where the method knows their covariance, else with p0 held
    fixed; of means by exp(.91 d), d in pooled standard deviations of the survey-weighted arms; 1 where the gap's own
    interval holds 0. Robustness: f = |gap| sd(attended left) / sd(outcome left), both from the survey-weighted
    regression of the domain: exact where the gap is its coefficient, else near it. The interval's critical f is
    f (1 - end / gap), so that CR2 and Satterthwaite's degrees of freedom count as they do in the interval. Benchmarks
    are bounds for a reason as many times as strong with attendance as with the outcome.

    References
    ----------
    VanderWeele & Ding (2017), *Annals of Internal Medicine* 167, 268-274; Cinelli & Hazlett (2020), *JRSS B* 82, 39-67;
    Scharfstein, Rotnitzky & Robins (1999), *JASA* 94, 1096-1120.
    """
    return sensitivity_columns(question, rows, adjusted, estimate).frame


def sensitivity_columns(question: Question, rows: Sequence[Row], adjusted: Adjusted, estimate: Estimate) -> Columns:
    """Say what `sensitivity_table` does, whose columns these are."""
    limits, quantile = estimate.confint(level=_LEVEL), t_quantile(estimate.df, _LEVEL)
    found: list[tuple[str, _Line]] = []
    for place, row in enumerate(rows):
        reason = estimate.refused[place] or (_OF_A_DIFFERENCE if len(row.sides) > 1 else "")
        if reason or not np.isfinite(estimate.value[place]):
            lines = [_without(measure, reason or "there is no estimate") for measure in (E_VALUE, ROBUSTNESS, TIPPING)]
        else:
            case = _Case(
                name=row.name,
                value=float(estimate.value[place]),
                low=float(limits[0][place]),
                high=float(limits[1][place]),
                std_error=float(estimate.std_error[place]),
                quantile=float(quantile[place]),
                means=adjusted.means.get(row.name, (math.nan, math.nan)),
                share=question.roles.answer is not None,
            )
            lines = [*_e_values(question, adjusted, case), *_robustness(question, case), *_tipping(case)]
            lines = lines if math.isfinite(case.end) else [_without_interval(line) for line in lines]
        found += [(row.name, line) for line in lines]
    table: dict[str, list[object]] = {question.roles.domain_column: [name for name, _ in found]}
    return Columns(table | {column: [getattr(line, column) for _, line in found] for column in COLUMNS})


def _without(measure: str, reason: str) -> _Line:
    """Say why there is no number."""
    return _Line(measure, math.nan, words.refused(reason))


def _without_interval(line: _Line) -> _Line:
    """Take the number away from what is said of an interval that there is not."""
    return _without(line.measure, "there is no interval") if line.measure.endswith(OF_INTERVAL) else line


def _e_values(question: Question, adjusted: Adjusted, case: _Case) -> list[_Line]:
    """Work out the E-values of the gap and of its interval."""
    if case.share and not case.shares_usable:
        return [_without(E_VALUE, _EDGE)]
    ratio, approximate = _share_ratio(adjusted, case) if case.share else (_mean_ratio(question, case), True)
    if ratio is None:
        return [_without(E_VALUE, _SAME_ANSWERS)]
    # Limits on another scale may disagree with the gap's own at the edge: what the gap's interval holds counts.
    found = e_value(risk_ratio=ratio.ratio, limit=1.0 if not math.isfinite(case.end) or case.end == 0 else ratio.limit)
    told = words.e_value_words(found.point, ratio.ratio, share=case.share, holds_zero=case.holds_zero)
    told_limit = words.e_value_limit_words(found.limit, holds_zero=case.holds_zero)
    return [
        _Line(E_VALUE, found.point, told, approximate=not case.share),
        _Line(E_VALUE + OF_INTERVAL, found.limit, told_limit, approximate=approximate),
    ]


def _share_ratio(adjusted: Adjusted, case: _Case) -> tuple[RiskRatio, bool]:
    """Ratio of the adjusted shares with its limits, and whether the limits leave out the share of the others."""
    pair = adjusted.shares.get(case.name)
    if pair is not None and math.isfinite(case.quantile):
        covariance = pair.vcov
        spread = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
        # Where the gap's standard error was taken in another way, the covariance is not that of this gap.
        if math.isclose(spread, case.std_error**2, rel_tol=_ALIKE):
            return ratio_of_shares(case.means, covariance, case.quantile), False
    first, second = case.means
    low, high = (max(second + end, 0.0) / second for end in (case.low, case.high))
    return RiskRatio(first / second, low, high), True


def _mean_ratio(question: Question, case: _Case) -> RiskRatio | None:
    """Approximate risk ratio of a difference of means; None where the outcome does not vary within the arms."""
    inside, arms = question.arms.groups()[case.name], question.arms
    spread = np.mean(
        [_variance(question.outcome, arms.weight * (inside & arm)) for arm in (arms.treated, ~arms.treated)]
    )
    deviation = math.sqrt(float(spread))
    if not deviation * _MOST_DEVIATIONS > max(abs(case.value), abs(case.low), abs(case.high)):
        return None
    return ratio_of_interval(case.value / deviation, case.low / deviation, case.high / deviation)


def _variance(x: FloatArray, weight: FloatArray) -> float:
    """Weighted unbiased variance."""
    share = weight / weight.sum()
    return float(share @ (x - share @ x) ** 2 / (1 - share @ share))


def _robustness(question: Question, case: _Case) -> list[_Line]:
    """Robustness value of the gap and of its interval, and what reasons as strong as the adjusters could do."""
    left = _left_open(question, case.name)
    if left is None:
        return [_without(ROBUSTNESS, _NOTHING_LEFT)]
    f = abs(case.value) * left.scale
    value = robustness(f)
    end = robustness(f, f * (max(1 - case.end / case.value, 0.0))) if case.value else 0.0
    told = words.robustness_words(value, holds_zero=case.holds_zero)
    return [
        _Line(ROBUSTNESS, value, told, approximate=True),
        _Line(ROBUSTNESS + OF_INTERVAL, end, words.robustness_limit_words(end), approximate=True),
        *(
            _benchmark(question, case, left, place=place, times=times)
            for place in range(len(left.benchmarks))
            for times in _TIMES
        ),
    ]


def _left_open(question: Question, name: str) -> Remainder | None:
    """Find what the domain's survey-weighted regression leaves open.

    Not under balancing weights: they tie no adjuster to attendance, so every benchmark would be as strong as nothing.
    """
    arms = question.arms
    members = arms.groups()[name] & _two_armed(question)
    names, matrix = covariates(question, members)
    codes = np.unique(arms.domain[members])
    domains = (arms.domain[members][:, None] == codes[1:]).astype(float)
    return remainder(
        question.outcome[members],
        arms.treated[members],
        arms.weight[members],
        adjusters=np.column_stack([matrix, domains]),
        groups=[*map(variable_of, names), *[question.roles.domain_column] * (codes.size - 1)],
    )


def _two_armed(question: Question) -> BoolArray:
    """Respondents in domains with both arms: the others are no part of the overall figure."""
    arms, counts = question.arms, question.counts
    found = [min(counts[name]) > 0 for name in arms.names] if question.roles.by else [min(counts[ALL]) > 0]
    return np.array(found, dtype=bool)[arms.domain]


def _benchmark(question: Question, case: _Case, left: Remainder, *, place: int, times: int) -> _Line:
    """Say what a reason so many times as strong as an adjuster could make of the gap."""
    benchmark = left.benchmarks[place]
    title = _title(question, benchmark.name)
    explained = bound(benchmark, times)
    if explained is None:
        told = words.too_strong_words(title, times)
        return _Line(BENCHMARK, math.nan, told, benchmark.name, float(times), approximate=True)
    value, t = adjusted_for(case.value, case.std_error, left, explained)
    lost = math.isfinite(case.quantile) and not case.holds_zero and not abs(t) > case.quantile
    return _Line(
        BENCHMARK,
        value,
        words.benchmark_words(title, times, (case.value, value), share=case.share, lost=lost),
        benchmark.name,
        float(times),
        *explained,
        t,
        approximate=True,
    )


def _title(question: Question, name: str) -> str:
    """Name an adjuster as in reports."""
    known = question.sample.codebook.get(name)
    return known.title if known else name


def _tipping(case: _Case) -> list[_Line]:
    """Participation tipping ratio of the gap and of its interval."""
    if not case.share:
        return [_without(TIPPING, _NO_SHARES)]
    if not case.shares_usable:
        return [_without(TIPPING, _EDGE)]
    after, before = case.means
    ratio = participation_tipping_ratio(before=before, after=after)
    point = _Line(TIPPING, ratio, words.tipping_words(ratio))
    if not 0 < before + case.end < 1:
        return [point, _without(TIPPING + OF_INTERVAL, _EDGE)]
    end = participation_tipping_ratio(before=before, after=before + case.end)
    told = words.tipping_limit_words(end, holds_zero=case.holds_zero)
    return [point, _Line(TIPPING + OF_INTERVAL, end, told)]
