"""How the files of a folder of charts are named and listed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lpact_eval.reporting.chart import ChartSpec

FOLDER: Final = "charts"
INDEX: Final = "index.csv"
KINDS: Final = ("svg", "png", "csv", "txt")
INDEX_COLUMNS: Final = ("chart", "about", "kind", "finding", "measure", *KINDS, "text alternative")
LONGEST: Final = 80  # letters of a file's name; what is longer does not unpack everywhere
_HASH: Final = 8


def file_name(chart: ChartSpec) -> str:
    """Name a chart's files, without their ending: the same in every run, and short enough for every system.

    Parameters
    ----------
    chart : ChartSpec

    Returns
    -------
    str
        The chart's name; of a long one the beginning and a hash of all of it.
    """
    if len(chart.name) <= LONGEST:
        return chart.name
    return f"{chart.name[: LONGEST - _HASH - 1]}-{hashlib.sha256(chart.name.encode()).hexdigest()[:_HASH]}"
