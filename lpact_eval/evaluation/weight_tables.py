"""What weighting did in a run, wave by wave: weights by group, margins before and after, steps, and words for it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.evaluation.weighted_waves import WITHIN_GROUP
from lpact_eval.notes import parts_and_reason
from lpact_eval.sample import coded
from lpact_eval.weighting.diagnostics import weight_report
from lpact_eval.weighting.report import margin_records, step_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.rows import Prepared
    from lpact_eval.sample import BoolArray, IntArray, Sample

    Coded = tuple[IntArray, list[str]]

ALL: Final = "All respondents"
WEIGHT_COLUMNS: Final = ("n", "n_effective", "design_effect", "smallest", "largest", "largest_over_mean", "flags")
MARGIN_COLUMNS: Final = (
    *("wave", "weights", "by", "group", "variable", "title", "category"),
    *("n", "target", "before", "after"),
)
STEP_COLUMNS: Final = ("wave", "weights", "iterations", "trimmed", "notes")
_NOBODY: Final = ": no respondents in "
_JOIN: Final = " and "
_MERGED: Final = " + "


def weight_rows(plan: EvaluationPlan, prepared: Prepared) -> pd.DataFrame:
    """Report both kinds of weights by wave, the second by group.

    Parameters
    ----------
    plan : EvaluationPlan
    prepared : Prepared

    Returns
    -------
    DataFrame
        wave, weights (kind), by, group, n, n_effective, design_effect, smallest, largest, largest_over_mean, flags.
    """
    overall = weight_report(prepared.overall, by="wave").assign(weights=prepared.kinds[0], by="", group=ALL)
    parts = [overall]
    by = plan.weights.within
    if by:
        report = weight_report(prepared.within, by=["wave", by]).rename(columns={by: "group"})
        parts.append(report.assign(weights=prepared.kinds[1], by=by))
    joined = pd.concat([part.astype({"wave": str, "group": str}) for part in parts], ignore_index=True)
    return joined[["wave", "weights", "by", "group", *WEIGHT_COLUMNS]]


def margin_rows(prepared: Prepared) -> pd.DataFrame:
    """List every margin that was met, with the respondents behind it.

    Parameters
    ----------
    prepared : Prepared

    Returns
    -------
    DataFrame
        wave, weights (kind), by (variable of the groups, empty without), group, variable, title, category, n
        (respondents of the group in the category), target, before, after (shares in 0-1). Margins of which merging left
        one category were not used and are left out.
    """
    rows = [row for wave, kind, sample in _weighings(prepared) for row in _margins_of(wave, kind, sample)]
    frame = pd.DataFrame(rows, columns=list(MARGIN_COLUMNS))
    frame = frame[frame.groupby(list(MARGIN_COLUMNS[:5]))["category"].transform("size") > 1].reset_index(drop=True)
    return frame.astype({"n": int, **dict.fromkeys(("target", "before", "after"), float)})


def step_rows(prepared: Prepared) -> pd.DataFrame:
    """List the steps of weighting.

    Parameters
    ----------
    prepared : Prepared

    Returns
    -------
    DataFrame
        wave, weights (kind), iterations, trimmed (share of the total weight), notes (in the words of the questions).
    """
    rows: list[dict[str, object]] = []
    for wave, kind, sample in _weighings(prepared):
        for step in step_records(sample):
            notes = _in_titles(_told(str(step["notes"]), kind), sample)
            numbers = {"iterations": step["iterations"], "trimmed": step["trimmed"]}
            rows.append({"wave": wave, "weights": kind, **numbers, "notes": notes})
    frame = pd.DataFrame(rows, columns=list(STEP_COLUMNS))
    return frame.astype({"iterations": int, "trimmed": float})


def weighting_in_words(plan: EvaluationPlan, prepared: Prepared) -> str:
    """Add to the plan's weighting what was merged for it, wave by wave."""
    sentences = [plan.weighting]
    for wave, kind, sample in _weighings(prepared):
        notes = "; ".join(step.note for step in sample.design.calibration if step.note)
        merged = _in_titles(_told(notes, kind), sample)
        sentences += [f"Merged before weighting ({wave}, {kind} weights): {_reason_once(merged)}."] if merged else []
    return " ".join(sentences)


def _reason_once(notes: str) -> str:
    """Give a reason that all notes end in once."""
    parts, reason = parts_and_reason(notes)
    return "; ".join([*parts, *([f"each because of {reason}"] if reason else [])])


def _weighings(prepared: Prepared) -> Iterator[tuple[str, str, Sample]]:
    """Take each wave under each kind of weights, once where both are the same."""
    for wave, samples in prepared.by_wave.items():
        for kind, sample in dict(zip(prepared.kinds, samples, strict=True)).items():
            yield wave, kind, sample


def _told(notes: str, kind: str) -> str:
    """Leave out in whom a small group has nobody: it would tell readers about those whom it has."""
    return "; ".join(note for note in notes.split("; ") if note and (kind != WITHIN_GROUP or _NOBODY not in note))


def _in_titles(notes: str, sample: Sample) -> str:
    """Name variables by the titles of their questions."""
    for name, variable in sample.codebook.items():
        notes = notes.replace(f"{name}:", f"{variable.title}:").replace(f"{name} not", f"{variable.title} not")
    return notes


def _margins_of(wave: str, kind: str, sample: Sample) -> Iterator[dict[str, object]]:
    """Lay out the margins of one wave's last weighting."""
    report = margin_records(sample)
    last = [met for met in report if met["step"] == report[-1]["step"]]
    names = {name for met in last for name in (*str(met["variable"]).split(_JOIN), str(met["within"])) if name}
    columns = {name: coded(sample.answers[name]) for name in names}
    weighty = sample.design.weight > 0
    for met in last:
        within, group, variable, category = (str(met[name]) for name in ("within", "group", "variable", "category"))
        inside = _members([columns[name] for name in variable.split(_JOIN)], category) & weighty
        if within:
            codes, groups = columns[within]
            inside &= codes == groups.index(group)
        yield {
            "wave": wave,
            "weights": kind,
            "by": within,
            "group": group if within else ALL,
            "variable": variable,
            "title": _JOIN.join(_title(sample, name) for name in variable.split(_JOIN)),
            "category": category,
            "n": int(inside.sum()),
            **{name: met[name] for name in ("target", "before", "after")},
        }


def _title(sample: Sample, name: str) -> str:
    """Title of a question."""
    known = sample.codebook.get(name)
    return known.title if known else name


def _members(columns: Sequence[Coded], category: str) -> BoolArray:
    """Respondents in a margin's category, which may be a merged one of several variables."""
    wanted = set(category.split(_MERGED))
    inside = np.zeros(columns[0][0].size, dtype=bool)
    for places in product(*(range(len(levels)) for _, levels in columns)):
        joined = _JOIN.join(levels[place] for place, (_, levels) in zip(places, columns, strict=True))
        if joined in wanted:
            inside |= np.all([codes == place for place, (codes, _) in zip(places, columns, strict=True)], axis=0)
    return inside
