"""How long answers, action and being told take; what is still open counts for as long as it has waited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.action_states import BREAKDOWNS, action_states, columns_of, labels, parts
from lpact_eval.evidence.event_cells import event_groups
from lpact_eval.evidence.once import once
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.survival import median_wait, waiting_time

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import numpy.typing as npt

    from lpact_eval.evidence.records import Evidence
    from lpact_eval.evidence.survival import WaitingTime
    from lpact_eval.sample import BoolArray, FloatArray

    Days = npt.NDArray[np.datetime64]

Row = dict[str, object]
End = Literal["answered", "done", "told"]

ENDS: Final[tuple[End, ...]] = ("answered", "done", "told")
CURVE_COLUMNS: Final = ("group", "days", "still_waiting", "low", "high", "at_risk", "ended", "open", "refused")
UNDATED: Final = "left out: what ended on a day that is not on record"
LATER: Final = "left out: what was raised after the day of the record"
REFUSED: Final = "left out: what can't be done, with a reason"


@dataclass(frozen=True, slots=True, eq=False)
class Waits:
    """Days that items waited.

    Attributes
    ----------
    days : ndarray of shape (n,)
    ended : ndarray of shape (n,), bool
        False where still open.
    used : ndarray of bool
        Which of the items these are.
    flags : tuple of str
        What was left out.
    """

    days: FloatArray
    ended: BoolArray
    used: BoolArray
    flags: tuple[str, ...]


def waiting_rows(evidence: Evidence, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Estimate the median days from raised to answered, to done and to told.

    Parameters
    ----------
    evidence : Evidence
        `as_of` is the day up to which open actions have waited.
    by : str or sequence of str, default ()
        At most two of "workstream", "community" (of the event) and "department".

    Returns
    -------
    DataFrame
        Tidy rows: for each end the median with its interval, refused where more than half still wait, and how many of
        the actions are still open.

    Raises
    ------
    WrongUseError
        If `by` names something else.

    Notes
    -----
    Kaplan-Meier, as `waiting_time`. Actions that can't be done, with a reason, are answered; they are no part of the
    wait until done. Those without a reason are open.
    """
    names = event_groups(by, BREAKDOWNS)
    rows: list[Row] = []
    for end in ENDS:
        frame, flags = action_waits(evidence, end)
        for values, part in parts(evidence, columns_of(frame), names):
            found = median_rows(part["days"], part["ended"], f"days to {end}", "actions", flags)
            rows += [row | labels(names, values) for row in found]
    return tidy([{"table": "action", **row} for row in rows])


def waiting_curve(evidence: Evidence, to: End = "answered", by: str = "") -> pd.DataFrame:
    """Lay out the share of actions that still waited, day by day.

    Parameters
    ----------
    evidence : Evidence
    to : str, default "answered"
        "answered", "done" or "told".
    by : str, default ""
        "workstream", "community" or "department"; empty for all actions together.

    Returns
    -------
    DataFrame
        group ("" for all), days (from 0, where all wait), still_waiting (Kaplan-Meier share), low, high (95 %),
        at_risk, ended, open, refused (why the group has no median: more than half still wait).

    Raises
    ------
    WrongUseError
        If there is no such end or breakdown.
    """
    if to not in ENDS:
        msg = f"Cannot lay out the wait until {to!r}: there are {list(ENDS)}."
        raise WrongUseError(msg)
    names = event_groups(by or (), BREAKDOWNS)
    found = [
        _curve(waiting_time(part["days"].tolist(), part["ended"].tolist()), values[0] if values else "")
        for values, part in parts(evidence, columns_of(action_waits(evidence, to)[0]), names)
        if part["days"].size
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(CURVE_COLUMNS))


@once
def action_waits(evidence: Evidence, end: End) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Work out how long each action waited until it was answered, done or told, or waits still.

    Parameters
    ----------
    evidence : Evidence
    end : str

    Returns
    -------
    frame : DataFrame
        days, ended (False where still open), and the columns of breakdowns.
    flags : tuple of str
        What was left out.
    """
    log = action_states(evidence)
    status = {"answered": log["is_answered"], "done": log["is_done"], "told": log["is_told"]}[end].to_numpy(dtype=bool)
    stays = ~log["is_refused"].to_numpy(dtype=bool) if end == "done" else np.ones(len(log), dtype=bool)
    came = np.where(status, log[end].to_numpy(), np.datetime64("NaT"))
    found = waits(log["raised"].to_numpy(), came, ended=status, as_of=evidence.as_of, keep=stays)
    frame = pd.DataFrame(
        {"days": found.days, "ended": found.ended} | {name: log[name].array[found.used] for name in BREAKDOWNS}
    )
    return frame, (*found.flags, *([REFUSED] if not stays.all() else []))


def waits(start: Days, end: Days, *, ended: BoolArray, as_of: dt.date, keep: BoolArray) -> Waits:
    """Count days from start to end, or to the day of the record where it has not ended by then.

    Parameters
    ----------
    start, end : ndarray of dates
        NaT where not on record.
    ended : ndarray of bool
        Whether it ended; one that did on a day not on record is left out.
    as_of : date
    keep : ndarray of bool
        Items that are waited for at all.

    Returns
    -------
    Waits
    """
    last = np.datetime64(as_of)
    undated = keep & ((ended & np.isnat(end)) | np.isnat(start) | (end < start))
    later = keep & ~undated & (start > last)
    used = keep & ~undated & ~later
    over = (ended & (end <= last))[used]
    days = (np.where(over, end[used], last) - start[used]) // np.timedelta64(1, "D")
    flags = [note for note, hit in ((UNDATED, undated.any()), (LATER, later.any())) if hit]
    return Waits(days.astype(float), over, used, tuple(flags))


def median_rows(days: FloatArray, ended: BoolArray, measure: str, base: str, flags: Sequence[str]) -> list[Row]:  # noqa: PLR0917 - waits, and what they are
    """Give the median of some waits, and how many are still open.

    Parameters
    ----------
    days : ndarray of shape (n,)
    ended : ndarray of shape (n,), bool
    measure, base : str
    flags : sequence of str

    Returns
    -------
    list of dict
    """
    common: Row = {"measure": measure, "n": days.size, "base": base}
    if not days.size:
        return [common | {"unit": "days", "refused": f"there are no {base}", "flags": "; ".join(flags)}]
    found = median_wait(days, ended)
    notes = [*flags, *([found.flags.replace("items", base)] if found.flags else [])]
    if found.refused and np.isfinite(found.median_low):
        notes.append(f"at least {found.median_low:.0f} days (95 % limit)")
    limits: Row = {} if found.refused else {"low": found.median_low, "high": found.median_high}
    median = common | limits | {"unit": "days", "value": found.median, "refused": found.refused}
    still: Row = {
        "measure": f"{measure}: still open",
        "unit": "count",
        "value": found.n_open,
        "numerator": found.n_open,
    }
    return [median | {"flags": "; ".join(notes)}, common | still | {"flags": "; ".join(flags)}]


def _curve(found: WaitingTime, group: str) -> pd.DataFrame:
    """Begin the curve at day 0, where all wait."""
    curve = found.curve.rename(columns={"conf_low": "low", "conf_high": "high", "done": "ended"})
    if curve["days"].iloc[0] > 0:
        start = pd.DataFrame(
            {
                "days": [0.0],
                "still_waiting": 1.0,
                "low": np.nan,
                "high": np.nan,
                "at_risk": found.n,
                "ended": 0,
                "open": 0,
            }
        )
        curve = pd.concat([start, curve], ignore_index=True)
    return curve.assign(group=group, refused=found.refused)[list(CURVE_COLUMNS)]
