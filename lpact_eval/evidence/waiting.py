"""How long answers, action and being told take; what is still open counts for as long as it has waited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.action_states import BREAKDOWNS, action_states, labels, parts
from lpact_eval.evidence.event_cells import event_groups
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.survival import waiting_time

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from lpact_eval.evidence.records import Evidence
    from lpact_eval.evidence.survival import WaitingTime

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
    frame : DataFrame
        days, ended (False where still open), and the columns of breakdowns.
    flags : tuple of str
        What was left out.
    """

    frame: pd.DataFrame
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
        waits = action_waits(evidence, end)
        for values, part in parts(evidence, waits.frame, names):
            rows += [row | labels(names, values) for row in wait_rows(part, f"days to {end}", "actions", waits.flags)]
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
        _curve(waiting_time(part["days"], part["ended"]), values[0] if values else "")
        for values, part in parts(evidence, action_waits(evidence, to).frame, names)
        if len(part)
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(CURVE_COLUMNS))


def action_waits(evidence: Evidence, end: End) -> Waits:
    """Work out how long each action waited until it was answered, done or told, or waits still."""
    log = action_states(evidence)
    status = {"answered": log["is_answered"], "done": log["is_done"], "told": log["is_told"]}[end]
    stays = ~log["is_refused"] if end == "done" else pd.Series(data=True, index=log.index)
    found = waits(log["raised"], log[end].where(status), ended=status, as_of=evidence.as_of, keep=stays)
    flags = (*found.flags, *([REFUSED] if not stays.all() else []))
    return Waits(found.frame.join(log[list(BREAKDOWNS)]), flags)


def waits(start: pd.Series, end: pd.Series, *, ended: pd.Series, as_of: dt.date, keep: pd.Series) -> Waits:
    """Count days from start to end, or to the day of the record where it has not ended by then.

    Parameters
    ----------
    start, end : Series of dates
    ended : Series of bool
        Whether it ended; one that did on a day not on record is left out.
    as_of : date
    keep : Series of bool
        Items that are waited for at all.
    """
    last = pd.Timestamp(as_of)
    undated = keep & ((ended & end.isna()) | start.isna() | (end < start))
    later = keep & ~undated & (start > last)
    used = keep & ~undated & ~later
    over = ended & (end <= last)
    days = (end.where(over, last) - start).dt.days.astype(float)
    frame = pd.DataFrame({"days": days[used], "ended": over[used].astype(bool)})
    flags = [note for note, hit in ((UNDATED, undated.any()), (LATER, later.any())) if hit]
    return Waits(frame, tuple(flags))


def wait_rows(frame: pd.DataFrame, measure: str, base: str, flags: Sequence[str]) -> list[Row]:
    """Give the median of some waits, and how many are still open."""
    common: Row = {"measure": measure, "n": len(frame), "base": base}
    if frame.empty:
        return [common | {"unit": "days", "refused": f"there are no {base}", "flags": "; ".join(flags)}]
    found = waiting_time(frame["days"], frame["ended"])
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
