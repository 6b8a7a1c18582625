"""How far messages went: contacts by channel and by what the message was about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.evidence.event_cells import crossed, filled_words, numbers, one_cell
from lpact_eval.evidence.event_numbers import RELATIONSHIPS, Measure, Row, counted, row_of
from lpact_eval.evidence.records import tidy

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.evidence.event_cells import Cells
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import FloatArray

CONTACTS: Final = "contacts, not people: one person may be reached more than once"
_MESSAGES: Final = Measure(RELATIONSHIPS, "messages", "count", "messages", "")
_REACHED: Final = Measure(RELATIONSHIPS, "contacts reached", "count", "contacts", "")


def communication_rows(evidence: Evidence) -> pd.DataFrame:
    """Tabulate messages and how many contacts they made, by channel and by what they were about.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Columns `EVIDENCE_COLUMNS`: in all, by channel, by what messages were about, and by both. Sums over messages and
        channels are of contacts: one person may be reached by several. A message without a number is left out of
        the sum and counted in the flags.
    """
    table = evidence.tables["communications"]
    reached = numbers(table, "reached")
    whole = one_cell(len(table))
    groupings = [("channel",), ("about",), ("channel", "about")] if len(table) else []
    crossings = [crossed(names, [filled_words(table[name]) for name in names]) for names in groupings]
    return tidy([row for cells in (whole, *crossings) for row in _rows(cells, reached)])


def _rows(cells: Cells, reached: FloatArray) -> list[Row]:
    """Count messages and add up contacts by group."""
    sums, known, sent = cells.add(reached), cells.count(~np.isnan(reached)), cells.count()
    rows: list[Row] = []
    for place in range(len(cells)):
        gone = sent[place] - known[place]
        told = [*([f"{counted(gone, 'message')} without a number"] if gone else []), CONTACTS]
        refused = "" if known[place] else "no message with a number" if sent[place] else "no message"
        value = sums[place] if known[place] else np.nan
        rows += [
            row_of(_MESSAGES, cells, place, value=sent[place], numerator=sent[place]),
            row_of(_REACHED, cells, place, value=value, numerator=value, refused=refused, flags=told),
        ]
    return rows
