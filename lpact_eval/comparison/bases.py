"""What a change between two waves rests on, what that refuses and flags, and what it could have shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation.hypothesis import interval_p_value
from lpact_eval.estimation.multiplicity import adjust
from lpact_eval.estimation.stacked import refused_where
from lpact_eval.planning.power import detectable_change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from lpact_eval.comparison.rows import Row
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray

    Bases = Mapping[str, NDArray[np.number]]
    Tests = Mapping[str, FloatArray | Sequence[str]]

SMALLEST_BASE, SMALLEST_EFFECTIVE = 15, 10.0  # a change with a smaller base in either wave is refused
SOUND_EFFECTIVE = 30.0  # effective answers in either wave under which a change is flagged
FEWEST_DF, SOUND_DF = 4, 8  # degrees of freedom: p value withheld below, flagged below
WIDE = 0.15  # half-width of an interval from which on a change is flagged
FEWEST_UNITS, SOUND_UNITS = 5, 10  # recruitment sites in a wave: refused below, flagged below
CANNOT = "cannot "  # how reasons begin why weights were not found
_NARROW = 0.9  # two one-sided tests at 5 % are the interval at 90 %


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One row of a change with its bases; k domains.

    Attributes
    ----------
    change : Estimate
        Refused where the bases are too small.
    bases : mapping of str to ndarray of shape (k,)
        n_first, n_second, n_effective_first, n_effective_second, units_first, units_second.
    tests : mapping of str to k values
        p_value, p_adjusted, equivalent.
    detectable : ndarray of shape (k,)
    flags : list of k lists of str
    """

    change: Estimate
    bases: Bases
    tests: Tests
    detectable: FloatArray
    flags: list[list[str]]

    @property
    def test(self) -> pd.DataFrame:
        """The tests beside the labels, k rows."""
        return self.change.labels.assign(**self.tests)


def judged(
    row: Row,
    units: tuple[FloatArray, FloatArray],
    *,
    equivalence: float | None,
    moved: float,
    detectable: bool = True,
) -> Judged:
    """Put a row's bases, refusals, tests and flags together.

    Parameters
    ----------
    row : Row
    units : tuple of two ndarray of shape (k,)
        Sampling units in the earlier and the later wave.
    equivalence : float or None
        Smallest change that matters.
    moved : float
        From which difference of don't-know shares on a change is flagged.
    detectable : bool, default True
        Whether to work out the smallest change that would show.

    Returns
    -------
    Judged
    """
    bases = _bases(row, units)
    change = _refused(row.change, _refusals(row.change, bases))
    shows = _detectable(change, row.first, bases) if detectable else np.full(len(change), np.nan)
    return Judged(change, bases, _tests(change, equivalence), shows, _flags(change, bases, moved))


def _bases(row: Row, units: tuple[FloatArray, FloatArray]) -> Bases:
    """Answers, effective answers and sampling units on both sides."""
    return {
        "n_first": row.first.n.astype(int),
        "n_second": row.second.n.astype(int),
        "n_effective_first": row.first.n_effective,
        "n_effective_second": row.second.n_effective,
        "units_first": units[0],
        "units_second": units[1],
    }


def _refusals(change: Estimate, bases: Bases) -> list[str]:
    """Say where the bases are too small for a change; a row refused for another reason keeps that one."""
    answers, effective, units = (_smaller(bases, name) for name in ("n", "n_effective", "units"))
    reasons: list[str] = []
    for row, known in enumerate(change.refused):
        found: list[str] = []
        if answers[row] < SMALLEST_BASE:
            found.append(f"fewer than {SMALLEST_BASE} answers in a wave")
        elif not known and not effective[row] >= SMALLEST_EFFECTIVE:
            found.append(f"fewer than {SMALLEST_EFFECTIVE:.0f} effective answers in a wave")
        if change.design.clustered and units[row] < FEWEST_UNITS:
            found.append(f"fewer than {FEWEST_UNITS} recruitment sites in a wave")
        reasons.append("" if known and not known.startswith(CANNOT) else "; ".join(found))
    return reasons


def _refused(change: Estimate, reasons: list[str]) -> Estimate:
    """Refuse small bases; that goes before weights that were not found, as they hardly can be with so few."""
    known = tuple("" if more else reason for more, reason in zip(reasons, change.refused, strict=True))
    return refused_where(replace(change, refused=known), reasons)


def _smaller(bases: Bases, name: str) -> list[float]:
    """Take the smaller of the two waves' bases, per domain."""
    return np.fmin(bases[f"{name}_first"], bases[f"{name}_second"]).astype(float).tolist()


def _tests(change: Estimate, equivalence: float | None) -> Tests:
    """P values that agree with the intervals, Holm's adjustment over the domains, and equivalence."""
    p_value = np.where(change.df >= FEWEST_DF, interval_p_value(change), np.nan)
    adjusted = adjust(p_value, method="holm")
    return {"p_value": p_value, "p_adjusted": adjusted, "equivalent": _equivalent(change, equivalence)}


def _equivalent(change: Estimate, margin: float | None) -> list[str]:
    """Say whether the 90 % interval lies inside the margin."""
    low, high = change.confint(level=_NARROW)
    found: list[str] = []
    for reason, least, most, df in zip(change.refused, low, high, change.df, strict=True):
        if reason or margin is None or not df >= FEWEST_DF:
            found.append("" if reason else "not tested")
        else:
            found.append("yes" if -margin < least and most < margin else "no")
    return found


def _detectable(change: Estimate, earlier: Estimate, bases: Bases) -> FloatArray:
    """Smallest rise from the earlier level that these bases and degrees of freedom show with 80 % power."""
    found = np.full(len(change), np.nan)
    for row, (share, df, reason) in enumerate(zip(earlier.value, change.df, change.refused, strict=True)):
        if not reason and 0 < share < 1 and df > 1:
            plan = detectable_change(
                baseline=float(share),
                n_first=float(bases["n_effective_first"][row]),
                n_second=float(bases["n_effective_second"][row]),
                df=float(df),
            )
            found[row] = plan.change
    return found


def _flags(change: Estimate, bases: Bases, moved: float) -> list[list[str]]:
    """Say what a reader has to know of each change."""
    low, high = change.confint()
    effective, units = _smaller(bases, "n_effective"), _smaller(bases, "units")
    asked = replace(change.asked, moved=moved).flags() if change.asked else [list[str]()] * len(change)
    flags: list[list[str]] = []
    for row, reason in enumerate(change.refused):
        found = list(asked[row])
        if not reason:
            if effective[row] < SOUND_EFFECTIVE:
                found.append(f"fewer than {SOUND_EFFECTIVE:.0f} effective answers in a wave")
            if (high[row] - low[row]) / 2 > WIDE:
                found.append("the interval is wider than 15 points either way")
            found += _freedom(float(change.df[row]))
            if change.design.clustered and units[row] < SOUND_UNITS:
                found.append(f"fewer than {SOUND_UNITS} recruitment sites in a wave")
        flags.append(found)
    return flags


def _freedom(df: float) -> list[str]:
    """Flag few degrees of freedom."""
    if df < FEWEST_DF:
        return [f"fewer than {FEWEST_DF} degrees of freedom: no p value, interval indicative only"]
    return [f"fewer than {SOUND_DF} degrees of freedom"] if df < SOUND_DF else []
