"""Columns of the rows that a run gives and a release clears; what each holds is said at `run.Results`."""

from typing import Final

ROW_COLUMNS: Final = (
    "indicator",
    "outcome",
    "role",
    "measure",
    "variable",
    "title",
    "answer",
    "wave",
    "by",
    "group",
    "weights",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "df",
    "p_value",
    "p_adjusted",
    "n",
    "n_effective",
    "design_effect",
    "n_first",
    "n_second",
    "detectable",
    "comparable",
    "flags",
    "refused",
)
