"""How long answers take: waiting times in which open items count for as long as they have waited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from lpact_eval.sample import BoolArray, FloatArray

    Curve = Mapping[str, npt.NDArray[Any]]

FEW_ITEMS: Final = 10
_HALF: Final = 0.5
_LEVEL: Final = 0.95
_NEAR: Final = 1e-8  # a share nearer to a half than this is a half, as in R survival


@dataclass(frozen=True, slots=True, eq=False)
class WaitingTime:
    """Shares still waiting by day, and the median; j distinct days.

    It is no `Estimate`: it has no sampling design, items are taken as drawn alike and independently.

    Attributes
    ----------
    curve : DataFrame of j rows
        days, at_risk (still waiting just before), done, open (last seen waiting), still_waiting (Kaplan-Meier share
        afterwards), std_error (Greenwood), conf_low, conf_high (on the scale of log(-log); missing at 1 and 0).
    median, median_low, median_high : float
        In days; missing where the curve or its limit does not come down to a half. The lower end may stand alone: so
        many days at least.
    n, n_done, n_open : int
    level : float
        Of the intervals.
    refused : str
        Why there is no median; empty where there is one.
    flags : str
        What to mind.
    """

    curve: pd.DataFrame
    median: float
    median_low: float
    median_high: float
    n: int
    n_done: int
    n_open: int
    level: float
    refused: str
    flags: str

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the median waiting time.

        Returns
        -------
        DataFrame of one row
            measure, estimate, std_error (missing: a median has none here), conf_low, conf_high (missing where the
            interval has no end yet), n, n_done, n_open, refused.
        """
        return pd.DataFrame(
            {
                "measure": ["median days"],
                "estimate": self.median,
                "std_error": np.nan,
                "conf_low": self.median_low,
                "conf_high": self.median_high,
                "n": self.n,
                "n_done": self.n_done,
                "n_open": self.n_open,
                "refused": self.refused,
            }
        )


@dataclass(frozen=True, slots=True)
class Median:
    """The median wait, as in `WaitingTime`, without the curve."""

    median: float
    median_low: float
    median_high: float
    n: int
    n_done: int
    n_open: int
    refused: str
    flags: str


def waiting_time(
    days: Sequence[float] | pd.Series, done: Sequence[bool] | pd.Series, *, level: float = 0.95
) -> WaitingTime:
    """Estimate how long items wait, with those still open counted for as long as they have waited.

    Parameters
    ----------
    days : sequence of float
        From when an item was raised to when it was done or, where it is open, to the day of the record; 0 or more.
    done : sequence of bool
        Whether it was done; False where it is still open.
    level : float, default 0.95
        Confidence level, between 0 and 1.

    Returns
    -------
    WaitingTime
        Without a median where fewer than half are done by the longest wait.

    Raises
    ------
    WrongUseError
        If there is no item, the lengths differ, a number of days is missing or negative, `done` is neither yes nor no,
        or the level is not between 0 and 1.

    Notes
    -----
    S(t) = prod(1 - d_i / n_i); var(S) = S^2 sum(d_i / (n_i (n_i - d_i))); limits S^exp(-+ z se(log(-log S))). An item
    done and one last seen open on the same day: the open one was at risk. The median is the first day on which S is
    under a half, or the middle of the days on which it is a half.

    References
    ----------
    Kaplan & Meier (1958), *JASA* 53, 457-481; Kalbfleisch & Prentice (2002), *Statistical Analysis of Failure Time
    Data*, 2nd ed., sec. 1.4; Brookmeyer & Crowley (1982), *Biometrics* 38, 29-41, for the median.

    Examples
    --------
    >>> found = waiting_time([10, 20, 30, 40], [True, True, False, True])
    >>> found.median, found.curve["still_waiting"].round(3).tolist()
    (30.0, [0.75, 0.5, 0.5, 0.0])
    """
    waited, finished = _check(days, done, level)
    curve = _curve(waited, finished, level)
    found = _median_of(curve, finished)
    return WaitingTime(
        curve=pd.DataFrame(curve),
        median=found.median,
        median_low=found.median_low,
        median_high=found.median_high,
        n=found.n,
        n_done=found.n_done,
        n_open=found.n_open,
        level=level,
        refused=found.refused,
        flags=found.flags,
    )


def median_wait(days: FloatArray, done: BoolArray) -> Median:
    """Estimate the median of `waiting_time` alone, with its 95 % limits, of waits that were checked before.

    Parameters
    ----------
    days : ndarray of shape (n,)
        One or more, each 0 or more.
    done : ndarray of shape (n,), bool

    Returns
    -------
    Median
    """
    return _median_of(_curve(days, done, _LEVEL), done)


def _median_of(curve: Curve, finished: BoolArray) -> Median:
    """Read the median off a curve."""
    time = np.asarray(curve["days"], dtype=float)
    ends = ("still_waiting", "conf_low", "conf_high")
    median, low, high = (_median(time, np.asarray(curve[column], dtype=float)) for column in ends)
    n, n_done = finished.size, int(finished.sum())
    return Median(
        median=median,
        median_low=low,
        median_high=high,
        n=n,
        n_done=n_done,
        n_open=n - n_done,
        refused="" if np.isfinite(median) else "more than half are still waiting at the longest wait on record",
        flags=f"fewer than {FEW_ITEMS} items" if n < FEW_ITEMS else "",
    )


def _check(
    days: Sequence[float] | pd.Series, done: Sequence[bool] | pd.Series, level: float
) -> tuple[FloatArray, BoolArray]:
    """Read waiting times and whether they ended."""
    waited = np.asarray(pd.to_numeric(pd.Series(list(days), dtype=object), errors="coerce"), dtype=float)
    ended = [str(one) for one in done]
    if not 0 < level < 1:
        msg = f"Cannot make an interval at level {level}; levels lie between 0 and 1, as in level=0.95."
        raise WrongUseError(msg)
    if len(waited) == 0 or len(waited) != len(ended):
        msg = (
            f"Cannot work out waiting times from {len(waited)} numbers of days and {len(ended)} answers to whether "
            "the item was done; give one of each for every item."
        )
        raise WrongUseError(msg)
    bad = int((~np.isfinite(waited) | (waited < 0)).sum())
    if bad:
        msg = f"Cannot work out waiting times: {bad} days are missing, negative or no numbers; days are 0 or more."
        raise WrongUseError(msg)
    unknown = sum(one not in {"True", "False", "1", "0", "1.0", "0.0"} for one in ended)
    if unknown:
        msg = f"Cannot work out waiting times: for {unknown} items, done is neither True nor False; open is False."
        raise WrongUseError(msg)
    return waited, np.array([one in {"True", "1", "1.0"} for one in ended])


def _curve(waited: FloatArray, finished: BoolArray, level: float) -> Curve:
    """Kaplan-Meier curve with Greenwood's standard error and log(-log) limits."""
    time, place = np.unique(waited, return_inverse=True)
    done = np.bincount(place, weights=finished, minlength=time.size)
    left = np.bincount(place, minlength=time.size).astype(float)
    at_risk = len(waited) - np.cumsum(left) + left
    share = np.cumprod(1 - done / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(done / (at_risk * (at_risk - done)))
        std_error = np.where(share > 0, share * np.sqrt(greenwood), np.nan)
        half = ndtri((1 + level) / 2) * np.sqrt(greenwood) / np.abs(np.log(share))
        low, high = share ** np.exp(half), share ** np.exp(-half)
    inside = (share > 0) & (share < 1)
    return {
        "days": time,
        "at_risk": at_risk.astype(int),
        "done": done.astype(int),
        "open": (left - done).astype(int),
        "still_waiting": share,
        "std_error": std_error,
        "conf_low": np.where(inside, low, np.nan),
        "conf_high": np.where(inside, high, np.nan),
    }


def _median(time: FloatArray, share: FloatArray) -> float:
    """First day under a half, or the middle of the days at a half; missing limits end the curve."""
    under = np.flatnonzero(share < _HALF - _NEAR)
    at = np.flatnonzero(np.abs(share - _HALF) <= _NEAR)
    if at.size:
        last = time[under[0]] if under.size else time[at[-1]]
        return float(time[at[0]] + last) / 2
    return float(time[under[0]]) if under.size else np.nan
