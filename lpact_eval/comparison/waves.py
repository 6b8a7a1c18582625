"""Change between two waves: levels, change with interval and test, and what the sample could have shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.contrast import difference
from lpact_eval.estimation.hypothesis import interval_p_value
from lpact_eval.estimation.multiplicity import adjust
from lpact_eval.estimation.statistics import proportion
from lpact_eval.planning.power import detectable_change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray, Sample

SMALLEST_BASE, SMALLEST_EFFECTIVE = 15, 10.0  # a change with a smaller base in either wave is refused
SOUND_EFFECTIVE = 30.0  # effective answers in either wave under which a change is flagged
FEWEST_DF, SOUND_DF = 4, 8  # degrees of freedom: p value withheld below, flagged below
WIDE = 0.15  # half-width of an interval from which on a change is flagged
FEWEST_UNITS, SOUND_UNITS = 5, 10  # recruitment sites in a wave: refused below, flagged below


@dataclass(frozen=True, slots=True, eq=False)
class WaveChange:
    """Levels in two waves and the change between them; k domains.

    Attributes
    ----------
    levels : Estimate
        Share in each wave and domain, 2k estimates.
    estimate : Estimate
        Change per domain, k estimates; refused rows are missing.
    test : DataFrame of k rows
        Labels of the estimate, p_value (level at which the interval just reaches 0), p_adjusted (Holm over the
        domains that were not refused).
    bases : DataFrame of k rows
        n_first, n_second, n_effective_first, n_effective_second.
    detectable : ndarray of shape (k,)
        Smallest rise, as a proportion, that these effective bases and degrees of freedom show with 80 % power; NaN
        where none.
    flags : tuple of k str
        What a reader has to know, joined by "; ".
    refused : tuple of k str
        Why there is no change, or nothing.
    comparable : str
        "full" or "partial": how far the question was the same.
    """

    levels: Estimate
    estimate: Estimate
    test: pd.DataFrame
    bases: pd.DataFrame
    detectable: FloatArray
    flags: tuple[str, ...]
    refused: tuple[str, ...]
    comparable: str

    def __repr__(self) -> str:
        return repr(self.estimate)


def wave_change(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    level: str,
    minus: str,
    by: str | Sequence[str] = ("ethnicity",),
    standardise: Mapping[str, float] | None = None,
) -> WaveChange:
    """Estimate how the favourable share changed between two waves, by domain.

    Parameters
    ----------
    sample : Sample
        Two or more stacked waves, weighted to one population so that the waves are alike in the margins.
    variable : str
        Harmonised variable.
    answer : str, sequence of str or None
        Answers that count together; by default those that the schema calls positive.
    level, minus : str
        Waves; the change is level - minus.
    by : str or sequence of str, default ("ethnicity",)
        Domain variables; () for everybody.
    standardise : None
        Reserved for standardisation beyond the weights.

    Returns
    -------
    WaveChange

    Raises
    ------
    EstimationError
        If the question can't be compared between the waves, or the waves are not in the sample.
    WrongUseError
        If no answer is given and the schema names none, or `standardise` is given.

    Notes
    -----
    Intervals: Newcombe on effective n with Satterthwaite's degrees of freedom; see `Estimate.to_frame`.

    References
    ----------
    Newcombe (1998), *Statistics in Medicine* 17, 873-890; Bell & McCaffrey (2002), *Survey Methodology* 28.
    """
    if standardise is not None:
        raise WrongUseError("Cannot standardise here; weight the waves with rake() to the population first.")
    comparable = _comparable(sample, variable, (level, minus))
    names = [by] if isinstance(by, str) else list(by)
    answers = _answers(sample, variable, answer)
    levels = proportion(sample, variable, answers, by=["wave", *names])
    change = difference(levels, "wave", level, minus=minus)
    bases = _bases(change)
    refused = tuple(reason or more for reason, more in zip(change.refused, _refusals(change, bases), strict=True))
    change = replace(
        change, refused=refused, value=np.where([bool(reason) for reason in refused], np.nan, change.value)
    )
    return WaveChange(
        levels,
        change,
        _test(change),
        bases,
        _detectable(change, bases),
        tuple(_flags(change, bases, comparable)),
        refused,
        comparable,
    )


def why_incomparable(sample: Sample, variable: str, waves: Sequence[str]) -> str:
    """Say why a question can't be compared between waves, in words for readers; nothing where it can."""
    known = sample.codebook.get(variable)
    for wave in waves if known else ():
        if known and known.comparable.get(wave) in {"none", "not asked"}:
            how = "was not asked" if known.comparable[wave] == "not asked" else "can't be compared"
            reason = known.reason.get(wave, "").rstrip(". ")
            return f"{how} in {wave}{': ' + reason if reason else ''}"
    return ""


def _comparable(sample: Sample, variable: str, waves: tuple[str, str]) -> str:
    """Refuse a question that the crosswalks call incomparable; say whether it is only partly comparable."""
    reason = why_incomparable(sample, variable, waves)
    if reason:
        msg = (
            f"Cannot compare {variable!r} between {waves[1]!r} and {waves[0]!r}: it {reason}. "
            "Its levels can be shown wave by wave."
        )
        raise EstimationError(msg)
    known = sample.codebook.get(variable)
    return "partial" if known and any(known.comparable.get(wave) == "partial" for wave in waves) else "full"


def _answers(sample: Sample, variable: str, answer: str | Sequence[str] | None) -> list[str]:
    """Take the answers given, else the favourable ones of the schema."""
    if answer is not None:
        return [answer] if isinstance(answer, str) else list(answer)
    known = sample.codebook.get(variable)
    if known is None or not known.positive:
        msg = f"Cannot compare {variable!r}: the schema names no favourable answers; give them, answer=[...]."
        raise WrongUseError(msg)
    return list(known.positive)


def _bases(change: Estimate) -> pd.DataFrame:
    """Answers, effective answers and sampling units on both sides."""
    later, earlier = _sides(change)
    return pd.DataFrame(
        {
            "n_first": earlier.n.astype(int),
            "n_second": later.n.astype(int),
            "n_effective_first": earlier.n_effective,
            "n_effective_second": later.n_effective,
            "units_first": earlier.reached.sum(axis=0),
            "units_second": later.reached.sum(axis=0),
        }
    )


def _sides(change: Estimate) -> tuple[Estimate, Estimate]:
    """Return the later and the earlier level; waves never share a sampling unit unless they are a panel."""
    if change.pair is None:
        msg = (
            "Cannot compare the waves: they share sampling units, so they are a panel. "
            "Use proportion() and difference(), which keep the covariance."
        )
        raise EstimationError(msg)
    return change.pair


def _refusals(change: Estimate, bases: pd.DataFrame) -> list[str]:
    """Say where the bases are too small for a change."""
    answers, effective, units = (_smaller(bases, name) for name in ("n", "n_effective", "units"))
    reasons: list[str] = []
    for row in range(len(change)):
        found: list[str] = []
        if answers[row] < SMALLEST_BASE:
            found.append(f"fewer than {SMALLEST_BASE} answers in a wave")
        elif not effective[row] >= SMALLEST_EFFECTIVE:
            found.append(f"fewer than {SMALLEST_EFFECTIVE:.0f} effective answers in a wave")
        if change.design.clustered and units[row] < FEWEST_UNITS:
            found.append(f"fewer than {FEWEST_UNITS} recruitment sites in a wave")
        reasons.append("; ".join(found))
    return reasons


def _smaller(bases: pd.DataFrame, name: str) -> list[float]:
    """Take the smaller of the two waves' bases, per domain."""
    return [float(n) for n in np.fmin(bases[f"{name}_first"], bases[f"{name}_second"])]


def _test(change: Estimate) -> pd.DataFrame:
    """P values that agree with the intervals, and Holm's adjustment over the domains."""
    p_value = np.where(change.df >= FEWEST_DF, interval_p_value(change), np.nan)
    return change.labels.assign(p_value=p_value, p_adjusted=adjust(p_value, method="holm"))


def _detectable(change: Estimate, bases: pd.DataFrame) -> FloatArray:
    """Smallest rise from the earlier level that these bases and degrees of freedom show with 80 % power."""
    _, earlier = _sides(change)
    found = np.full(len(change), np.nan)
    for row, (share, df, reason) in enumerate(zip(earlier.value, change.df, change.refused, strict=True)):
        if not reason and 0 < share < 1 and df > 1:
            plan = detectable_change(
                baseline=float(share),
                n_first=float(bases["n_effective_first"].iloc[row]),
                n_second=float(bases["n_effective_second"].iloc[row]),
                df=float(df),
            )
            found[row] = plan.change
    return found


def _flags(change: Estimate, bases: pd.DataFrame, comparable: str) -> list[str]:
    """Say what a reader has to know of each change."""
    low, high = change.confint()
    effective, units = _smaller(bases, "n_effective"), _smaller(bases, "units")
    flags: list[str] = []
    for row, reason in enumerate(change.refused):
        found = ["the question was only partly the same in both waves"] if comparable == "partial" else []
        if not reason:
            if effective[row] < SOUND_EFFECTIVE:
                found.append(f"fewer than {SOUND_EFFECTIVE:.0f} effective answers in a wave")
            if (high[row] - low[row]) / 2 > WIDE:
                found.append("the interval is wider than 15 points either way")
            found += _freedom(float(change.df[row]))
            if change.design.clustered and units[row] < SOUND_UNITS:
                found.append(f"fewer than {SOUND_UNITS} recruitment sites in a wave")
        flags.append("; ".join(found))
    return flags


def _freedom(df: float) -> list[str]:
    """Flag few degrees of freedom."""
    if df < FEWEST_DF:
        return [f"fewer than {FEWEST_DF} degrees of freedom: no p value, interval indicative only"]
    return [f"fewer than {SOUND_DF} degrees of freedom"] if df < SOUND_DF else []
