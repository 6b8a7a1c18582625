"""Which of the four questions events reached, and what was left when time ran over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.evidence.event_cells import Cells, numbers, one_cell
from lpact_eval.evidence.event_numbers import (
    RELATIONSHIPS,
    Measure,
    Row,
    ratio_rows,
    ratios_rows,
)
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.timings import OVERRUN_MINUTES, minutes_over
from lpact_eval.evidence.units import ordered_register

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import FloatArray

QUESTIONS: Final = ("respect", "protect", "involve", "represent")
LENGTHS: Final = (
    f"over plan by more than {OVERRUN_MINUTES} minutes",
    f"within {OVERRUN_MINUTES} minutes of plan",
    "not known",
)
_REACHED: Final = Measure(
    RELATIONSHIPS, "question reached", "share", "events", "a record of whether the question was reached"
)
_LEFT: Final = Measure(RELATIONSHIPS, "questions left unreached", "share", "questions", "a record of the questions")


def coverage_rows(evidence: Evidence) -> pd.DataFrame:
    """Tabulate which of the four questions each event reached.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Columns `EVIDENCE_COLUMNS`: event by question (1 reached, 0 not, missing where not known); by question the share
        of events that reached it, with an interval where five say so; all four; the share of questions left unreached,
        and both by whether the event lasted over 30 minutes longer than planned. A plain table: events that
        run over differ from others in more than time.
    """
    register = ordered_register(evidence)
    reached = np.column_stack([numbers(register, question) for question in QUESTIONS])
    return tidy(
        [
            *_matrix_rows(register, reached),
            *_question_rows(reached),
            *_unreached_rows(register, reached),
        ]
    )


def _matrix_rows(register: pd.DataFrame, reached: FloatArray) -> list[Row]:
    """Lay out event by question."""
    rows: list[Row] = []
    for event, answers in zip(register["event"], reached, strict=True):
        for question, answer in zip(QUESTIONS, answers, strict=True):
            known = not np.isnan(answer)
            rows.append(
                {
                    "table": RELATIONSHIPS,
                    "measure": "question reached at an event",
                    "by": "event",
                    "group": str(event),
                    "by2": "question",
                    "group2": question,
                    "value": answer,
                    "unit": "share",
                    "numerator": answer,
                    "n": float(known),
                    "base": "events",
                    "refused": "" if known else "not known",
                }
            )
    return rows


def _question_rows(reached: FloatArray) -> list[Row]:
    """Tabulate the share of events that reached each question, and all four."""
    n = len(reached)
    cells, everyone = one_cell(n), np.ones(n)
    missed = (reached == 0).any(axis=1)
    every = np.where(missed, 0.0, np.where(np.isnan(reached).any(axis=1), np.nan, 1.0))
    four = Measure(RELATIONSHIPS, "all four questions reached", "share", "events", _REACHED.missing)
    asked = [(reached[:, place], everyone, _REACHED) for place in range(len(QUESTIONS))]
    *found, all_four = ratios_rows(cells, [*asked, (every, everyone, four)])
    rows = [
        {**row, "by": "question", "group": question}
        for question, own in zip(QUESTIONS, found, strict=True)
        for row in own
    ]
    return [*rows, *all_four]


def _unreached_rows(register: pd.DataFrame, reached: FloatArray) -> list[Row]:
    """Tabulate questions by whether the event ran over its plan."""
    over = minutes_over(register)
    length = np.where(np.isnan(over), 2, np.where(over > OVERRUN_MINUTES, 0, 1)).astype(np.intp)
    cells = Cells(("length",), tuple((name,) for name in LENGTHS), length)
    known = (~np.isnan(reached)).sum(axis=1).astype(float)
    asked = np.where(known > 0, known, np.nan)
    missed = np.where(known > 0, (reached == 0).sum(axis=1), np.nan)
    rows = [row for one in (one_cell(len(register)), cells) for row in ratio_rows(one, missed, asked, _LEFT)]
    asked = [(reached[:, place], np.ones(len(register)), _REACHED) for place in range(len(QUESTIONS))]
    for question, found in zip(QUESTIONS, ratios_rows(cells, asked), strict=True):
        pairs = ((row, {"by": "question", "group": question, "by2": "length", "group2": row["group"]}) for row in found)
        rows += [{**row, **label} for row, label in pairs]
    return rows
