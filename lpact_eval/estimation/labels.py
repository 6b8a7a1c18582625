"""What estimates are, as plain columns: a data frame of them is made only when somebody asks for one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Named = Mapping[str, Sequence[object]]


@dataclass(frozen=True, eq=False)
class Labels:
    """Labels of k estimates.

    Attributes
    ----------
    columns : mapping of str to sequence of k labels
    size : int
        k, which columns can't tell where there are none.
    """

    columns: Named
    size: int

    @staticmethod
    def of(columns: Named) -> Labels:
        """Take one column or more."""
        return Labels(columns, len(next(iter(columns.values()))))

    @staticmethod
    def read(table: pd.DataFrame) -> Labels:
        """Take the columns of a data frame."""
        return Labels({str(name): column.tolist() for name, column in table.items()}, len(table))

    @staticmethod
    def nothing() -> Labels:
        """Label no estimate."""
        return Labels({}, 0)

    @staticmethod
    def joined(parts: Sequence[Labels]) -> Labels:
        """Put labels under each other; a label that one lacks is ""."""
        names = dict.fromkeys(name for part in parts for name in part.columns)
        columns = {
            name: [label for part in parts for label in part.columns.get(name, ("",) * part.size)] for name in names
        }
        return Labels(columns, sum(part.size for part in parts))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The labels as a data frame of k rows."""
        return pd.DataFrame({name: list(labels) for name, labels in self.columns.items()}, index=range(self.size))

    def __len__(self) -> int:
        return self.size

    def take(self, rows: Iterable[int]) -> Labels:
        """Keep the labels at the given positions, in that order."""
        places = list(rows)
        return Labels({name: [labels[row] for row in places] for name, labels in self.columns.items()}, len(places))

    def assign(self, name: str, labels: str | Sequence[object]) -> Labels:
        """Set one column, to the same text for all or to a label each; a new one comes last."""
        own = [labels] * self.size if isinstance(labels, str) else labels
        return Labels({**self.columns, name: own}, self.size)

    def without(self, name: str) -> Labels:
        """Leave one column out."""
        return Labels({known: labels for known, labels in self.columns.items() if known != name}, self.size)

    def texts(self, name: str) -> list[str]:
        """Take one column as texts."""
        return [str(label) for label in self.columns[name]]

    def keys(self, names: Sequence[str]) -> list[tuple[str, ...]]:
        """Take columns as one tuple of texts an estimate; no columns make empty tuples."""
        return list(zip(*map(self.texts, names), strict=True)) if names else [()] * self.size
