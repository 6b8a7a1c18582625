"""What each event cost: money spent by kind, hours of staff, and what those hours cost at given rates."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.event_cells import numbers
from lpact_eval.evidence.event_numbers import counted
from lpact_eval.evidence.timings import actual_hours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import FloatArray

CASH_KINDS: Final = ("venue", "food", "travel", "materials", "other")
STAFF: Final = ("officer", "chief_officer", "organiser", "setup")


@dataclass(frozen=True, slots=True, eq=False)
class EventCosts:
    """Costs of n events; missing where something they are made of is not recorded.

    Attributes
    ----------
    kinds : mapping of str to ndarray of shape (n,)
        Pounds spent on each of `CASH_KINDS`.
    cash : ndarray of shape (n,)
        Pounds spent on all of them.
    hours, pounds : mapping of str to ndarray of shape (n,)
        Hours of each of `STAFF`, and what they cost.
    staff, both : ndarray of shape (n,)
        Pounds of staff time, and with the cash.
    flags : tuple of str
        What to mind about staff time.
    """

    kinds: Mapping[str, FloatArray]
    cash: FloatArray
    hours: Mapping[str, FloatArray]
    pounds: Mapping[str, FloatArray]
    staff: FloatArray
    both: FloatArray
    flags: tuple[str, ...]


def event_costs(evidence: Evidence, rates: Mapping[str, float] | None = None) -> EventCosts:
    """Work out what each event cost.

    Parameters
    ----------
    evidence : Evidence
    rates : mapping of str to float, optional
        Pounds an hour for any of `STAFF`, in place of the schema's.

    Returns
    -------
    EventCosts
        Nothing blank is taken for 0: a kind of cost that was not recorded leaves the event without a sum. Officers are
        paid for the event's actual length; one of them is a chief officer where the register says that one came.

    Raises
    ------
    WrongUseError
        If a rate is unknown, missing, negative or no number.
    """
    pay = rates_of(evidence, rates)
    register = evidence.tables["register"]
    kinds = {kind: numbers(register, f"cost_{kind}") for kind in CASH_KINDS}
    length, officers = actual_hours(register), numbers(register, "officers")
    recorded = numbers(register, "chief_officer")
    chief = np.nan_to_num(recorded, nan=0.0)  # officers without a word of a chief are paid as officers
    hours = {
        "officer": np.where(chief > 0, np.maximum(officers - 1, 0.0), officers) * length,
        "chief_officer": np.where(np.isnan(officers), np.nan, chief) * length,
        "organiser": numbers(register, "organiser_hours"),
        "setup": numbers(register, "setup_people") * numbers(register, "setup_hours"),
    }
    pounds = {name: hours[name] * pay[name] for name in STAFF}
    cash, staff = np.sum(list(kinds.values()), axis=0), np.sum(list(pounds.values()), axis=0)
    unsaid = float((np.isnan(recorded) & ~np.isnan(staff)).sum())
    told = f"{counted(unsaid, 'event')} without a word on chief officers: all officers at the officers' rate"
    return EventCosts(kinds, cash, hours, pounds, staff, cash + staff, (told,) if unsaid else ())


def rates_of(evidence: Evidence, rates: Mapping[str, float] | None = None) -> dict[str, float]:
    """Take the schema's rates, changed by those given; errors as in `event_costs`."""
    found = {**evidence.schema.rates, **(rates or {})}
    unknown = [name for name in rates or {} if name not in STAFF]
    if unknown:
        msg = f"There is no rate {unknown[0]!r}; there are {', '.join(map(repr, STAFF))}, in pounds an hour."
        raise WrongUseError(msg)
    missing = [name for name in STAFF if name not in found]
    if missing:
        msg = f"There is no rate for {missing[0]!r}; give it in events.toml, [rates], or as rates={{...}}."
        raise WrongUseError(msg)
    wrong = [name for name in STAFF if not _is_rate(found[name])]
    if wrong:
        msg = f"The rate of {wrong[0]!r} is {found[wrong[0]]!r}; rates are pounds an hour, 0 or more."
        raise WrongUseError(msg)
    return {name: float(found[name]) for name in STAFF}


def _is_rate(value: object) -> bool:
    """Tell whether a value is a number of pounds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0
