"""Lay observation: from offered to attended, and understanding of policing before and after."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.evidence.action_states import NOT_KNOWN, columns_of, labels, parts
from lpact_eval.evidence.event_cells import event_groups
from lpact_eval.evidence.once import once
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.simple_shares import share_row
from lpact_eval.evidence.waiting import median_rows, waits

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from lpact_eval.evidence.records import Evidence

Row = dict[str, object]
Columns = Mapping[str, np.ndarray]

TABLE: Final = "observation"
BREAKDOWNS: Final = ("community", "scheme", "year")
STAGES: Final = ("offered", "applied", "vetted", "passed", "attended")
REPEATED: Final = "some people had more than one offer; the interval takes offers as independent"
CONTRADICTION: Final = "some attended though vetting is recorded as not passed"
IMPLIED: Final = "some came further without a date of this step: they count"


def observation_rows(evidence: Evidence, by: str | Sequence[str] = ("community",)) -> pd.DataFrame:
    """Follow lay observation from offered to applied, vetted, passed and attended.

    Parameters
    ----------
    evidence : Evidence
    by : str or sequence of str, default ("community",)
        At most two of "community", "scheme" and "year" (of the offer).

    Returns
    -------
    DataFrame
        Tidy rows: the number of offers at each step, its share of the step before and of all offers with Wilson's
        interval, those not passed, and the median days between steps.

    Raises
    ------
    WrongUseError
        If `by` names something else.

    Notes
    -----
    The unit is an offer. Whoever came further counts at the steps before, dated or not. Waits are Kaplan-Meier: offers
    that have not come to the next step wait until the day of the record; those who did not pass are no part of the wait
    for attending.
    """
    names = event_groups(by, BREAKDOWNS)
    rows: list[Row] = []
    for values, part in parts(evidence, columns_of(offers(evidence)), names):
        found = [*_step_rows(part), *_wait_rows(part, evidence.as_of)]
        rows += [{"table": TABLE, **row} | labels(names, values) for row in found]
    return tidy(rows)


@once
def offers(evidence: Evidence) -> pd.DataFrame:
    """Say of every offer which steps it came to.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        person, community, scheme, year (texts, "not known" where blank); dates offered, applied, vetted, attended; and
        whether it came to each of the steps (is_offered, ..., is_attended) and was not passed (failed).
    """
    log = evidence.tables["observations"]
    vetting = log["vetting"].astype(object)
    attended = log["attended"].notna()
    passed = attended | vetting.eq("passed")
    vetted = passed | vetting.notna() | log["vetted"].notna()
    year = log["offered"].dt.year.astype("Int64").astype(object)
    return log[["offered", "applied", "vetted", "attended"]].assign(
        person=log["person"].astype(object),
        community=log["community"].astype(object).fillna(NOT_KNOWN),
        scheme=log["scheme"].astype(object).fillna(NOT_KNOWN),
        year=[NOT_KNOWN if one is pd.NA else str(one) for one in year],
        is_offered=True,
        is_applied=vetted | log["applied"].notna(),
        is_vetted=vetted,
        is_passed=passed,
        is_attended=attended,
        failed=vetting.eq("not passed"),
    )


def _step_rows(part: Columns) -> list[Row]:
    """Count offers at each step, with shares of the step before and of all offers."""
    total = part["person"].size
    repeated = [REPEATED] if len(set(part["person"].tolist())) < total else []
    rows: list[Row] = [{"measure": "offered", "unit": "count", "value": total, "numerator": total, "base": "offers"}]
    for before, step in pairwise(STAGES):
        reached, base = int(part[f"is_{step}"].sum()), int(part[f"is_{before}"].sum())
        notes = _step_notes(part, step)
        rows.append(
            {"measure": step, "unit": "count", "value": reached, "numerator": reached, "n": base, "base": "offers"}
        )
        rows[-1]["flags"] = "; ".join(notes)
        rows.append(share_row(f"{step}, of those {before}", reached, base, base="offers", flags=[*notes, *repeated]))
        if before != STAGES[0]:
            rows.append(
                share_row(f"{step}, of those offered", reached, total, base="offers", flags=[*notes, *repeated])
            )
        if step == "vetted":
            failed = int((part["failed"] & ~part["is_passed"]).sum())
            rows.append({"measure": "not passed", "unit": "count", "value": failed, "numerator": failed, "n": reached})
            rows[-1]["base"] = "offers"
            rows.append(share_row("not passed, of those vetted", failed, reached, base="offers", flags=repeated))
    return rows


def _step_notes(part: Columns, step: str) -> list[str]:
    """Say where a step is known from a later one only."""
    dated = {"applied": "applied", "vetted": "vetted", "attended": "attended"}.get(step, "")
    implied = dated and (part[f"is_{step}"] & np.isnat(part[dated])).any()
    odd = step == "attended" and (part["failed"] & part["is_attended"]).any()
    return [note for note, hit in ((IMPLIED, implied), (CONTRADICTION, odd)) if hit]


def _wait_rows(part: Columns, as_of: dt.date) -> list[Row]:
    """Medians of days between steps; those who have not come to the next one wait still."""
    rows: list[Row] = []
    for start, end in (("offered", "applied"), ("applied", "vetted"), ("vetted", "attended"), ("offered", "attended")):
        began = part["is_passed"] if start == "vetted" else part[f"is_{start}"]
        keep = began & ~(part["failed"] & ~part["is_attended"]) if end == "attended" else began
        found = waits(part[start], part[end], ended=part[f"is_{end}"], as_of=as_of, keep=keep)
        rows += median_rows(found.days, found.ended, f"days from {start} to {end}", "offers", found.flags)
    return rows
