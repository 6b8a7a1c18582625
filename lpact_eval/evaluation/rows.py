"""Rows of a run: each estimate with its interval, test, bases, flags and refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.bases import FEWEST_DF, SOUND_DF
from lpact_eval.comparison.rows import headline_row
from lpact_eval.comparison.selection import moved_flags
from lpact_eval.estimation.statistics import proportion
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.evaluation.families import EXPLORATORY, primary_family

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.sample import Sample

Row = dict[str, object]

ALL: Final = "All respondents"
_NUMBERS: Final = ("estimate", "std_error", "conf_low", "conf_high", "df", "n", "n_effective", "design_effect")


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Weighted waves.

    Attributes
    ----------
    overall, within : Sample
        All waves stacked, weighted for all residents and inside each group.
    by_wave : mapping of wave to two Sample
        The same, wave by wave.
    kinds : tuple of two str
        Names of the two kinds of weights.
    waves : tuple of str
        In order of time.
    """

    overall: Sample
    within: Sample
    by_wave: Mapping[str, tuple[Sample, Sample]]
    kinds: tuple[str, str]
    waves: tuple[str, ...]
    _moved: dict[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"], init=False, repr=False)

    def moved(self, by: str) -> Mapping[str, str]:
        """Flag ways of reaching respondents that moved, as `selection.moved_flags` does, once for all questions."""
        if by not in self._moved:
            sample = self.within if by else self.overall
            self._moved[by] = moved_flags(sample, level=self.waves[-1], minus=self.waves[0], by=by)
        return self._moved[by]


def level_rows(prepared: Prepared, indicator: Indicator) -> list[Row]:
    """Shares by wave, for everybody and for each group."""
    rows: list[Row] = []
    for wave in prepared.waves:
        for by, kind, sample in breakdowns(prepared, indicator, prepared.by_wave[wave]):
            rows += _levels_of(sample, indicator, wave, by=by, kind=kind)
    return rows


def breakdowns(
    prepared: Prepared, indicator: Indicator, samples: tuple[Sample, Sample]
) -> list[tuple[list[str], str, Sample]]:
    """Everybody under the weights for all residents, then each group under its own."""
    everybody: tuple[list[str], str, Sample] = ([], prepared.kinds[0], samples[0])
    return [everybody, ([indicator.by], prepared.kinds[1], samples[1])] if indicator.by else [everybody]


def answers_of(sample: Sample, indicator: Indicator) -> list[str]:
    """Answers of the plan, else the schema's favourable ones."""
    return list(indicator.answers or sample.codebook[indicator.variable].positive)


def frame_of(sample: Sample, indicator: Indicator, measure: str, *, wave: str, by: Sequence[str], kind: str) -> Row:
    """Make what all rows of one analysis share."""
    empty: Row = dict.fromkeys(ROW_COLUMNS, np.nan)
    return empty | {
        "indicator": indicator.id,
        "outcome": indicator.outcome,
        "role": "exploratory",
        "measure": measure,
        "variable": indicator.variable,
        "title": indicator.title,
        "answer": " or ".join(answers_of(sample, indicator)),
        "wave": wave,
        "by": by[0] if by else "",
        "group": ALL,
        "weights": kind,
        "row": headline_row(sample),
        "main": True,
        "family": "",
        "equivalent": "",
        "comparable": "full",
        "flags": "",
        "refused": "",
    }


def finished(indicator: Indicator, row: Row) -> Row:
    """Mark a change as primary where the plan pre-declared it, and say to which family of tests a row belongs."""
    declared = not indicator.groups or row["group"] in indicator.groups
    primary = indicator.role == "primary" and declared and row["measure"] == "change" and bool(row["main"])
    tested = bool(row["main"]) and row["measure"] != "level"
    family = primary_family(indicator.family) if primary else EXPLORATORY if tested else ""
    return {**row, "role": "primary" if primary else "exploratory", "family": family}


def refused_rows(sample: Sample, indicator: Indicator, frame: Row, reason: str) -> list[Row]:
    """Say for every group that there would have been why there is no number."""
    by = str(frame["by"])
    groups = sample.codebook[by].answers if by else (ALL,)
    return [finished(indicator, {**frame, "group": group, "refused": reason}) for group in groups]


def _levels_of(sample: Sample, indicator: Indicator, wave: str, *, by: list[str], kind: str) -> list[Row]:
    """Shares in one wave."""
    frame = frame_of(sample, indicator, "level", wave=wave, by=by, kind=kind)
    known = sample.codebook[indicator.variable]
    frame["comparable"] = known.comparable.get(wave, "full")
    if frame["comparable"] == "not asked":
        return refused_rows(sample, indicator, frame, f"not asked in {wave}")
    shares = proportion(sample, indicator.variable, answers_of(sample, indicator), by=by)
    return [finished(indicator, {**frame, **numbers_of(record, by)}) for record in shares.to_records()]


def numbers_of(record: Mapping[str, object], by: Sequence[str]) -> Row:
    """Numbers and group of one estimate."""
    found: Row = {name: record[name] for name in _NUMBERS}
    return found | {"refused": record["refused"], "group": record[by[0]] if by else ALL}


def own_flags(row: Row, *, wide: float = np.inf) -> list[str]:
    """Say of a row's own interval and test what a reader has to know; `wide` is a half-width to speak of."""
    low, high, df = (float(str(row[name])) for name in ("conf_low", "conf_high", "df"))
    found = [f"the interval is wider than {100 * wide:g} points either way"] if (high - low) / 2 > wide else []
    if df < FEWEST_DF:
        return [*found, f"fewer than {FEWEST_DF} degrees of freedom: no p value, interval indicative only"]
    return [*found, f"fewer than {SOUND_DF} degrees of freedom"] if df < SOUND_DF else found
