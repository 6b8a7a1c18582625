"""On which side of a claim a number of the surveys or of the records falls, in words without numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lpact_eval.comparison.rows import COMPOSITION_SENSITIVE, MODE_CHANGED
from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.record_measures import TABLES
from lpact_eval.evaluation.rows import ALL
from lpact_eval.waves.located import nearest

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.evaluation.contribution_file import RecordLook, SurveyLook
    from lpact_eval.evaluation.run import Results
    from lpact_eval.evidence.records import Evidence

Finding = Literal["for", "against", "not clear", "no answer"]

CLEAR_BELOW: Final = 0.05
SMALLEST_TEST: Final = 50  # respondents on either side under which no test is published
SMALLEST_SHARE: Final = 30  # people under which no share is published
NO_SURVEY: Final = "The surveys are no part of this run."
_OF_PEOPLE: Final = ("people", "forms", "offers")
_WORDED_ANEW: Final = (MODE_CHANGED.split(":")[0], COMPOSITION_SENSITIVE.split(":")[0])


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found.

    Attributes
    ----------
    side : str
        "for", "against", "not clear" or "no answer".
    text : str
        In words, without numbers.
    source, reference : str
        Where the numbers are.
    kind : str
        Kind of source, for the rubric: the survey's change, its gap, or a table of the records.
    flags : tuple of str
        Of the survey's row.
    """

    side: Finding
    text: str
    source: str
    reference: str
    kind: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables of the records."""

    evidence: Evidence

    def row(self, look: RecordLook) -> pd.Series | None:
        """Find the row for everybody; None where there is none."""
        table = TABLES[look.table](self.evidence, ())
        found = _places(table, measure=look.measure, unit=look.unit, group="")
        return table.iloc[found[0]] if found else None


def survey_look(results: Results | None, look: SurveyLook, where: str) -> Looked:
    """Say on which side an indicator falls.

    Parameters
    ----------
    results : Results or None
    look : SurveyLook
    where : str
        File and line, for messages.

    Returns
    -------
    Looked
        For or against only where the test, adjusted for the number of comparisons, is clear on 50 respondents or more
        on either side, and, for a change, where neither ways of asking nor the make-up of respondents may explain it.

    Raises
    ------
    DefinitionError
        If the plan has no such indicator, or no such analysis or group of it.
    """
    reference = "; ".join(part for part in (look.indicator, look.analysis, look.group) if part)
    kind = f"survey {look.analysis}"
    if results is None:
        return Looked("no answer", NO_SURVEY, "survey", reference, kind)
    row = _survey_row(results, look, where)
    flags = tuple(flag for flag in str(row["flags"] or "").split("; ") if flag)
    side, words = _survey_side(row, look, flags)
    whom = look.group or ALL
    return Looked(side, f"{row['title']}, {whom}: {words}.", "survey", reference, kind, flags)


def record_look(tables: Tables, look: RecordLook) -> Looked:
    """Say on which side of its line a number of the records falls.

    Parameters
    ----------
    tables : Tables
    look : RecordLook

    Returns
    -------
    Looked
        Not clear where the number's interval lies on both sides of the line; no answer where there is no number, or it
        rests on fewer than 30 people.
    """
    row = tables.row(look)
    reference, kind = f"{look.table}; {look.measure}; {look.unit}", f"records {look.table}"
    unanswered = Looked("no answer", f"No number on record: {look.measure}.", "records", reference, kind)
    if row is None or str(row["refused"]) or not np.isfinite(float(row["value"])):
        return unanswered
    people = float(row["n"]) if row["base"] in _OF_PEOPLE else np.nan
    if people < SMALLEST_SHARE:
        text = f"Too few people on record to say: {look.measure}."
        return Looked("no answer", text, "records", reference, kind)
    side = _side_of_line(*(float(row[name]) for name in ("value", "low", "high")), look=look)
    text = {"for": look.holds, "against": look.fails}.get(side, f"Not clear: {look.measure}.")
    return Looked(side, text, "records", reference, kind)


def _survey_row(results: Results, look: SurveyLook, where: str) -> pd.Series:
    """Find the row that the reports carry."""
    rows, known = results.rows, {one.id: one for one in results.plan.indicators}
    if look.indicator not in known:
        msg = f"{where}: the plan has no indicator {look.indicator!r}; {nearest(look.indicator, known)}"
        raise DefinitionError(msg)
    if look.analysis not in known[look.indicator].analyses:
        allowed = nearest(look.analysis, known[look.indicator].analyses)
        msg = f"{where}: indicator {look.indicator!r} has no analysis {look.analysis!r} in the plan; {allowed}"
        raise DefinitionError(msg)
    mine = _places(rows, indicator=look.indicator, main=True, measure=look.analysis)
    groups = rows["group"].to_numpy(dtype=object)[mine].tolist()
    found = [place for place, group in zip(mine, groups, strict=True) if group == (look.group or ALL)]
    if not found:
        allowed = nearest(look.group, list(map(str, groups)))
        msg = f"{where}: indicator {look.indicator!r} has no group {look.group!r}; {allowed}"
        raise DefinitionError(msg)
    return rows.iloc[found[-1]]


def _places(frame: pd.DataFrame, **wanted: object) -> list[int]:
    """Find the rows in which columns hold some values; no frame is made of them."""
    hit = np.ones(len(frame), dtype=bool)
    for name, value in wanted.items():
        hit &= frame[name].to_numpy(dtype=object) == value
    return np.flatnonzero(hit).tolist()


def _survey_side(row: pd.Series, look: SurveyLook, flags: tuple[str, ...]) -> tuple[Finding, str]:
    """Say on which side a row of the run falls, and in which words."""
    between = "between the surveys" if look.analysis == "change" else "between attendees and comparable others"
    # why it has none may tell how few there are: that is for the table, which has been cleared
    if str(row["refused"] or ""):
        return "no answer", f"no comparison {between}; the table says why"
    if not float(np.fmin(row["n_first"], row["n_second"])) >= SMALLEST_TEST:
        return "no answer", f"too few answered for a test {between}"
    p_value, estimate = float(row["p_adjusted"]), float(row["estimate"])
    if not p_value < CLEAR_BELOW or estimate == 0:
        return "not clear", f"not clear {between}"
    if look.analysis == "change" and any(flag.startswith(_WORDED_ANEW) for flag in flags):
        return "not clear", f"a clear difference {between}, which other respondents or ways of asking may explain"
    if look.analysis == "change":
        return ("for", f"a clear rise {between}") if estimate > 0 else ("against", f"a clear fall {between}")
    often = "more often" if estimate > 0 else "less often"
    return (
        "for" if estimate > 0 else "against"
    ), f"attendees gave the favourable answer {often} than comparable others"


def _side_of_line(value: float, low: float, high: float, *, look: RecordLook) -> Finding:
    """Compare a number, with its interval where it has one, with the line."""
    least = value if np.isnan(low) and np.isnan(high) else np.nan_to_num(low, nan=-np.inf)
    most = value if np.isnan(low) and np.isnan(high) else np.nan_to_num(high, nan=np.inf)
    if look.at_least is not None:
        return "for" if least >= look.at_least else "against" if most < look.at_least else "not clear"
    line = float(look.at_most if look.at_most is not None else np.nan)
    return "for" if most <= line else "against" if least > line else "not clear"
