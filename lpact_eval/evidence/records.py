"""The records of events, feedback, action, observation and communication, read and checked; analyses hang on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lpact_eval.evidence.record_schema import RecordSchema

RECORDS: Final = (
    "register",
    "attendance",
    "people",
    "feedback",
    "verdicts",
    "actions",
    "observations",
    "communications",
)
EVIDENCE_COLUMNS: Final = (
    "table",
    "measure",
    "by",
    "group",
    "by2",
    "group2",
    "value",
    "unit",
    "numerator",
    "n",
    "base",
    "low",
    "high",
    "refused",
    "flags",
)
_NUMBERS: Final = ("value", "numerator", "n", "low", "high")
_WORDS: Final = tuple(name for name in EVIDENCE_COLUMNS if name not in _NUMBERS)
_PLACES: Final = [(*_WORDS, *_NUMBERS).index(name) for name in EVIDENCE_COLUMNS]
_WORD_COLUMNS, _NUMBER_COLUMNS = pd.Index(_WORDS), pd.Index(_NUMBERS)
LEDGER_COLUMNS: Final = ("record", "reason", "rows")
ISSUE_COLUMNS: Final = ("record", "row", "column", "reason", "done")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Evidence:
    """The records, and what was set aside on reading them.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        One per record, in the columns of the schema; an absent record is an empty table.
    schema : RecordSchema
    as_of : date
        The day up to which open items have waited.
    ledger : DataFrame
        record, reason, rows: "delivered", why rows were set aside, "kept"; delivered = kept + set aside. What was not
        read at all, a column of names or a file that is no record, stands there with 0 rows.
    issues : DataFrame
        record, row (as in the file, headings being row 1), column, reason, done ("cell set aside", "row set aside" or
        "kept"): what the lead can mend; never what stands in the cell.
    synthetic : bool
        Whether these are the shipped, made-up records.
    files : tuple of (str, str)
        Name and SHA-256 of every file read.
    where : mapping of str to str
        File, and sheet of a workbook, of each record that was delivered.
    headings : mapping of str to mapping
        Heading in its file of each column of these records.
    """

    tables: Mapping[str, pd.DataFrame]
    schema: RecordSchema
    as_of: dt.date
    ledger: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(LEDGER_COLUMNS)))
    issues: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ISSUE_COLUMNS)))
    synthetic: bool = False
    files: tuple[tuple[str, str], ...] = ()
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    headings: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])

    def summary(self, by: str | Sequence[str] = ()) -> pd.DataFrame:
        """Count events, people, forms, contacts, officers and overruns."""
        from lpact_eval.evidence.relationships import summary_rows  # noqa: PLC0415 - it imports this module

        return summary_rows(self, by)

    def retention(self) -> pd.DataFrame:
        """Count who came again, from codes of people."""
        from lpact_eval.evidence.retention import retention_rows  # noqa: PLC0415 - it imports this module

        return retention_rows(self)

    def attendance(self) -> pd.DataFrame:
        """Say who came, by the groups that were counted."""
        from lpact_eval.evidence.attendance_groups import attendance_rows  # noqa: PLC0415 - it imports this module

        return attendance_rows(self)

    def reach(self, population: str | Path = "leicestershire-2021", *, black: str = "black") -> pd.DataFrame:
        """Set attendance beside where Black residents live."""
        from lpact_eval.evidence.reach import reach_rows  # noqa: PLC0415 - it imports this module

        return reach_rows(self, population, black=black)

    def coverage(self) -> pd.DataFrame:
        """Say at which events each of the four questions was reached."""
        from lpact_eval.evidence.coverage import coverage_rows  # noqa: PLC0415 - it imports this module

        return coverage_rows(self)

    def communications(self) -> pd.DataFrame:
        """Count what went out, and how many it reached."""
        from lpact_eval.evidence.communications import communication_rows  # noqa: PLC0415 - it imports this module

        return communication_rows(self)

    def themes(self, by: str | Sequence[str] = ()) -> pd.DataFrame:
        """Work out the share of people and of events that raised each theme."""
        from lpact_eval.evidence.themes import theme_rows  # noqa: PLC0415 - it imports this module

        return theme_rows(self, by)

    def raised(self) -> pd.DataFrame:
        """Say which themes were raised by all, and which by one community only."""
        from lpact_eval.evidence.raised import raised_rows  # noqa: PLC0415 - it imports this module

        return raised_rows(self)

    def cooccurrence(self) -> pd.DataFrame:
        """Count themes that were raised together."""
        from lpact_eval.evidence.cooccurrence import cooccurrence_rows  # noqa: PLC0415 - it imports this module

        return cooccurrence_rows(self)

    def saturation(self, by: str | Sequence[str] = ()) -> pd.DataFrame:
        """Estimate how many themes are still unheard."""
        from lpact_eval.evidence.saturation import saturation_rows  # noqa: PLC0415 - it imports this module

        return saturation_rows(self, by)

    def voices(self) -> pd.DataFrame:
        """Set what was written on forms beside what was noted in the room."""
        from lpact_eval.evidence.voices import voice_rows  # noqa: PLC0415 - it imports this module

        return voice_rows(self)

    def coding(self) -> pd.DataFrame:
        """Measure how far coders agree, overall and on each theme."""
        from lpact_eval.evidence.coding import coding_rows  # noqa: PLC0415 - it imports this module

        return coding_rows(self)

    def suggestions(self) -> pd.DataFrame:
        """Suggest themes to coders: prompts, never results."""
        from lpact_eval.evidence.suggestions import suggestion_rows  # noqa: PLC0415 - it imports this module

        return suggestion_rows(self)

    def actions(self, by: str | Sequence[str] = ()) -> pd.DataFrame:
        """Follow themes from raised to confirmed, answered, done and told."""
        from lpact_eval.evidence.actions import action_rows  # noqa: PLC0415 - it imports this module

        return action_rows(self, by)

    def waiting(self, by: str | Sequence[str] = ()) -> pd.DataFrame:
        """Estimate how long answers and action take, open items among them."""
        from lpact_eval.evidence.waiting import waiting_rows  # noqa: PLC0415 - it imports this module

        return waiting_rows(self, by)

    def cannot_act(self) -> pd.DataFrame:
        """List what can't be done, with the reasons."""
        from lpact_eval.evidence.told import cannot_act_rows  # noqa: PLC0415 - it imports this module

        return cannot_act_rows(self)

    def you_said(self) -> pd.DataFrame:
        """Lay out what was said, what was done, and what can't be and why."""
        from lpact_eval.evidence.told import you_said_rows  # noqa: PLC0415 - it imports this module

        return you_said_rows(self)

    def observations(self, by: str | Sequence[str] = ("community",)) -> pd.DataFrame:
        """Follow lay observation from offered to attended."""
        from lpact_eval.evidence.observation import observation_rows  # noqa: PLC0415 - it imports this module

        return observation_rows(self, by)

    def understanding_change(self) -> pd.DataFrame:
        """Compare understanding of policing before and after observing."""
        from lpact_eval.evidence.understanding_change import understanding_change_rows  # noqa: PLC0415 - it imports this module

        return understanding_change_rows(self)

    def costs(self, by: str | Sequence[str] = (), *, rates: Mapping[str, float] | None = None) -> pd.DataFrame:
        """Work out costs, cash and staff time apart."""
        from lpact_eval.evidence.costs import cost_rows  # noqa: PLC0415 - it imports this module

        return cost_rows(self, by, rates=rates)

    def cost_sensitivity(self, *, rates: Mapping[str, float] | None = None) -> pd.DataFrame:
        """Say how costs move with the rates."""
        from lpact_eval.evidence.costs import cost_sensitivity_rows  # noqa: PLC0415 - it imports this module

        return cost_sensitivity_rows(self, rates=rates)


def tidy(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Lay rows of evidence out in their columns; what a row does not say is empty or missing.

    Parameters
    ----------
    rows : sequence of mappings
        Keys among `EVIDENCE_COLUMNS`.

    Returns
    -------
    DataFrame
        With exactly `EVIDENCE_COLUMNS`; numbers are float64.
    """
    words = np.empty((len(_WORDS), len(rows)), dtype=object)
    for place, name in enumerate(_WORDS):
        words[place] = [row.get(name, "") for row in rows]
    numbers = np.array([[row.get(name, np.nan) for row in rows] for name in _NUMBERS], dtype=float)
    # two blocks of one kind each: a third of the time that columns one by one take, here and later
    parts = (
        pd.DataFrame(words.T, columns=_WORD_COLUMNS, dtype=object),
        pd.DataFrame(numbers.T, columns=_NUMBER_COLUMNS),
    )
    return pd.concat(parts, axis=1).take(_PLACES, axis=1)
