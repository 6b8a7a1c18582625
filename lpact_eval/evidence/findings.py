"""What is wrong with records: cells and rows that are set aside, and what no reading can go on with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from lpact_eval.errors import HarmonisationError
from lpact_eval.evidence.records import ISSUE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CELL: Final = "cell set aside"
ROW: Final = "row set aside"
KEPT: Final = "kept"
_SHOWN_ROWS: Final = 10
_SHOWN_PROBLEMS: Final = 10


class Issue(NamedTuple):
    """One thing to mend; it never holds the value."""

    record: str
    row: int
    column: str
    reason: str
    done: str


@dataclass(slots=True)
class Findings:
    """Issues and problems, gathered while records are read."""

    issues: list[Issue] = field(default_factory=list[Issue])
    problems: list[str] = field(default_factory=list[str])

    def add(self, record: str, rows: Iterable[int], column: str, reason: str, *, done: str = CELL) -> None:
        """Note the same reason for several rows."""
        self.issues += [Issue(record, int(row), column, reason, done) for row in rows]

    def raise_to_rows(self, record: str, rows: Iterable[int], column: str) -> None:
        """Say of cells that were set aside that their rows are."""
        gone = {int(row) for row in rows}
        self.issues = [
            issue._replace(done=ROW) if issue[:3] == (record, issue.row, column) and issue.row in gone else issue
            for issue in self.issues
        ]

    def raise_problems(self) -> None:
        """Stop on all problems together."""
        if self.problems:
            more = len(self.problems) - _SHOWN_PROBLEMS
            shown = [*self.problems[:_SHOWN_PROBLEMS], *([f"... and {more} more."] if more > 0 else [])]
            raise HarmonisationError("\n".join(shown))

    def frame(self, order: Sequence[str]) -> pd.DataFrame:
        """Lay the issues out by record and row."""
        places = {name: place for place, name in enumerate(order)}
        rows = sorted(self.issues, key=lambda issue: (places[issue.record], issue.row))
        return pd.DataFrame(rows, columns=list(ISSUE_COLUMNS)).astype({"row": "int64"})


def listed_rows(rows: Sequence[int]) -> str:
    """Name rows, the first ten of many."""
    if len(rows) == 1:
        return f"row {rows[0]}"
    shown = [str(row) for row in rows[:_SHOWN_ROWS]]
    if len(rows) > _SHOWN_ROWS:
        return f"rows {', '.join(shown)} and {len(rows) - _SHOWN_ROWS:,} more"
    return f"rows {', '.join(shown[:-1])} and {shown[-1]}"
