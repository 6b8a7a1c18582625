"""Departures from the plan: what was promised, what was done, why, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.evaluation.quality import MARGIN_TOLERANCE
from lpact_eval.evaluation.sizes import reached
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.evaluation.logs import Explained, Logs
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.registration import Registration
    from lpact_eval.evaluation.run import Results

DEPARTURE_COLUMNS: Final = ("kind", "what", "promised", "done", "why", "since", "indicator", "wave", "group")
_Found = dict[str, str]


def departures(
    plan: EvaluationPlan,
    registration: Registration,
    results: Results,
    *,
    logs: Logs | None = None,
    sizes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """List where the evaluation departed from its plan.

    Parameters
    ----------
    plan : EvaluationPlan
    registration : Registration
    results : Results
    logs : Logs, optional
        Whose log of departures gives the reasons: `about` there is "what" here. Entries about nothing that the run
        found are departures of their own.
    sizes : DataFrame, optional
        What `reached` gives, where it is known already.

    Returns
    -------
    DataFrame
        kind ("plan changed", "indicator", "sample size", "weights", "mode", "log"), what (its name in the log of
        departures), promised, done, why (empty where no reason is given), since (ISO date, empty where not known), and
        where it is about a number its indicator, wave and group, so that what is hidden there is hidden here. No count
        of people but the planned one.
    """
    found = [
        *_changed(registration),
        *_indicators(results),
        *_sizes(reached(plan, results) if sizes is None else sizes),
        *_merged(results),
        *_margins(results),
        *_modes(results),
    ]
    explained = logs.departures if logs else ()
    reasons = {one.about: one for one in explained if one.about}
    rows = [_with_reason(one, reasons.get(one["what"])) for one in found]
    known = {one["what"] for one in found}
    rows += [_logged(one) for one in explained if one.about not in known]
    blank = dict.fromkeys(DEPARTURE_COLUMNS, "")
    return pd.DataFrame([blank | row for row in rows], columns=list(DEPARTURE_COLUMNS))


def _departure(kind: str, what: str, promised: str, done: str, **more: str) -> _Found:
    """Lay one departure out."""
    return {"kind": kind, "what": what, "promised": promised, "done": done, **more}


def _with_reason(found: _Found, reason: Explained | None) -> _Found:
    """Add why, and since when where that is only known from the log."""
    if reason is None:
        return found
    return {**found, "why": reason.text, "since": found.get("since") or reason.date.isoformat()}


def _logged(entry: Explained) -> _Found:
    """Take over a departure that only the log knows of."""
    what = entry.about or entry.id
    return _departure("log", what, entry.promised, entry.done, why=entry.text, since=entry.date.isoformat())


def _changed(registration: Registration) -> Iterator[_Found]:
    """List what changed in the plan and its definitions after it was frozen."""
    for freeze, changes in zip(registration.freezes[1:], registration.amendments, strict=True):
        since = freeze.when.date().isoformat()
        for one in changes:
            yield _departure(
                "plan changed", one.where, one.old, one.new or one.sentence, why=freeze.reason, since=since
            )
    since = registration.freezes[-1].when.date().isoformat() if registration.freezes else ""
    for one in registration.changes:
        yield _departure("plan changed", one.where, one.old, one.new or one.sentence, since=f"after {since}")


def _indicators(results: Results) -> Iterator[_Found]:
    """List the indicators that gave no result."""
    for row in records_of(results.indicators):
        if row["status"] != "result":
            name, analysis = str(row["id"]), str(row["analysis"])
            done = f"{row['status']}: {row['reason']}"
            yield _departure("indicator", f"indicator {name}, {analysis}", analysis, done, indicator=name)


def _sizes(sizes: pd.DataFrame) -> Iterator[_Found]:
    """List the groups of whom fewer answered than planned; how many did stands with the numbers."""
    for row in records_of(sizes):
        if row["status"] == "reached":
            continue
        name, wave, group = (str(row[key]) for key in ("indicator", "wave", "group"))
        done = "fewer answered" if row["status"] == "missed" else f"not collected: {row['reason']}"
        yield _departure(
            "sample size",
            f"sample size of {name}, {group}, {wave}",
            f"{row['planned']} answers",
            done,
            indicator=name,
            wave=wave,
            group=group,
        )


def _merged(results: Results) -> Iterator[_Found]:
    """List the categories that were merged, or margins that were left out, to weight at all."""
    for row in records_of(results.steps):
        if str(row["notes"]):
            wave, kind = str(row["wave"]), str(row["weights"])
            what = f"margins of {wave}, {kind} weights"
            yield _departure("weights", what, "every category of every margin", str(row["notes"]), wave=wave)


def _margins(results: Results) -> Iterator[_Found]:
    """List the weightings that did not meet their margins."""
    if not len(results.margins):
        return
    apart = (results.margins["after"] - results.margins["target"]).abs() > MARGIN_TOLERANCE
    missed = results.margins[apart.to_numpy(dtype=bool)]
    for wave, kind in dict.fromkeys(zip(missed["wave"].astype(str), missed["weights"].astype(str), strict=True)):
        what = f"weighting of {wave}, {kind} weights"
        yield _departure("weights", what, "all margins met", "not all margins were met", wave=wave)


def _modes(results: Results) -> Iterator[_Found]:
    """List the surveys that asked in another way than the first."""
    for wave in results.waves[1:]:
        first = results.waves[0]
        if wave.mode != first.mode:
            what, since = f"mode of {wave.name}", wave.start.isoformat()
            done = wave.mode or "not stated"
            yield _departure("mode", what, f"as in {first.name}: {first.mode or 'not stated'}", done, since=since)
