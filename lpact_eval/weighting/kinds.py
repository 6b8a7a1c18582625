"""Two kinds of weights, and a warning where an estimate asks for the other one.

Population weights make all respondents together resemble the population, for a line of all residents. Weights made
within groups make each group resemble its own make-up, for anything by that group. `check_kind` knows both from the
newest calibration step of each respondent whose distance is known; weights that came with a file say nothing.
"""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import numpy as np

from lpact_eval.errors import LpactWarning
from lpact_eval.sample import coded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.sample import BoolArray, Calibration, Design, FloatArray, IntArray, Sample

EFFECTIVE_SHARE: Final = 0.8  # of a group's respondents; weights made within a group keep about as much
VANISHED: Final = 0.5  # mean weight in a group over everybody's, under which the group counts for less than half
ETHNIC: Final = ("black", "black_heritage", "community")  # groups of ethnicity under names that do not say so

_FEWEST_TOLD = 10  # respondents under which a message gives no count
_SAME_TOTAL = 1e-9
_PACKAGE = "lpact_eval."
_SAID: WeakKeyDictionary[Design, set[tuple[str, ...]]] = WeakKeyDictionary()


def check_kind(sample: Sample, by: Sequence[str], domain: IntArray) -> None:
    """Warn, once a design and set of domains, where the weights are of the kind that these domains do not want.

    Parameters
    ----------
    sample : Sample
    by : sequence of str
        Domain variables; none for everybody.
    domain : ndarray of shape (n,), int
        Domain of each respondent; -1 outside.

    Notes
    -----
    Population weights warn by ethnicity where other margins were met for all groups together, or a group's effective
    number (Kish) is under 80 % of its respondents; and by any raked variable where a group weighs under half of what
    its number of respondents would give it. Weights made within groups warn where a domain spans groups that were all
    given the same total. Groups of fewer than 10 respondents never cause or enter a message.

    References
    ----------
    Kish (1992), *J. Official Statistics* 8, 183-200.
    """
    if not sample.design.calibration:
        return
    said = _SAID.setdefault(sample.design, set())
    key = tuple(by)
    if key in said:
        return
    said.add(key)
    for step, rows, within in _newest(sample.design):
        if step.within:
            told = "" if step.within in by else _spanning(sample, step, domain[rows], rows)
        else:
            told = next(filter(None, (_population(sample, step, name, rows) for name in by if name not in within)), "")
        if told:
            warnings.warn(told, LpactWarning, stacklevel=outside())
            return


def is_ethnic(variable: str) -> bool:
    """Whether a variable divides respondents into ethnic groups, by its name."""
    name = variable.casefold()
    return "ethnic" in name or name in ETHNIC


def _newest(design: Design) -> Iterator[tuple[Calibration, BoolArray, set[str]]]:
    """Take steps that still decide someone's weight, with their respondents and the groups raked in before them.

    Trimming is no kind of its own, nor are weights whose making is not known.
    """
    seen = np.zeros(design.weight.size, dtype=bool)
    steps = [step for step in design.calibration if step.distance != "trim"]
    touched = [np.any(step.auxiliary != 0, axis=1)[step.cell] for step in steps]
    for place in range(len(steps) - 1, -1, -1):
        step = steps[place]
        rows = touched[place] & ~seen & (design.weight > 0)
        if rows.any():
            seen |= rows
            earlier = {one.within for one, theirs in zip(steps[:place], touched, strict=False) if (theirs & rows).any()}
            if step.distance:
                yield step, rows, earlier - {""}


def _population(sample: Sample, step: Calibration, name: str, rows: BoolArray) -> str:
    """Say what is wrong with population weights for estimates by a variable, or nothing."""
    margins = dict.fromkeys(met.variable for met in step.met)
    raked = {one for margin in margins for one in margin.split(" and ")}
    if not is_ethnic(name) and name not in raked:
        return ""
    groups, counts, effective, relative = _groups(sample, name, rows)
    large = counts >= _FEWEST_TOLD
    thin = large & (effective < EFFECTIVE_SHARE * counts)
    vanished = large & (relative < VANISHED)
    others = [margin for margin in margins if name not in margin.split(" and ")]
    if not vanished.any() and not (is_ethnic(name) and (others or thin.any())):
        return ""
    parts = [f"{', '.join(others)} were met for all groups together and not inside each"] if others else []
    if thin.any():
        listed = _listed(
            groups, thin, [f"{n:.0f} respondents, {e:.0f} effective" for n, e in zip(counts, effective, strict=True)]
        )
        parts.append(f"effective numbers are under {EFFECTIVE_SHARE:.0%} of respondents in {listed}")
    if vanished.any():
        listed = _listed(
            groups,
            vanished,
            [f"{n:.0f} respondents, {r:.2f} of the mean weight" for n, r in zip(counts, relative, strict=True)],
        )
        parts.append(f"a group all but vanishes: {listed}")
    return (
        f"Estimates by {name!r} from population weights: {'; '.join(parts)}. Population weights are for a line of all "
        f"residents; for anything by {name} weight with rake(..., within={_within_of(name)!r})."
    )


def _groups(sample: Sample, name: str, rows: BoolArray) -> tuple[list[str], FloatArray, FloatArray, FloatArray]:
    """Names of a variable's groups, respondents, effective respondents, and mean weight over everybody's."""
    codes, names = coded(sample.answers[name])
    inside = rows & (codes >= 0)
    where, weight = codes[inside], sample.design.weight[inside]
    counts = np.bincount(where, minlength=len(names)).astype(np.float64)
    sums = np.bincount(where, weight, minlength=len(names)).astype(np.float64)
    squares = np.bincount(where, weight * weight, minlength=len(names)).astype(np.float64)
    effective = np.divide(sums**2, squares, out=np.zeros(len(names)), where=squares > 0)
    mean = weight.mean() if weight.size else 1.0
    relative = np.divide(sums, counts * mean, out=np.ones(len(names)), where=counts > 0)
    return names, counts, effective, relative


def _listed(groups: Sequence[str], chosen: BoolArray, told: Sequence[str]) -> str:
    """List groups with what is told of each."""
    return ", ".join(f"{group} ({text})" for group, text, yes in zip(groups, told, chosen, strict=True) if yes)


def _within_of(name: str) -> str:
    """Name the variable to weight within: a part of an ethnic grouping belongs to the whole."""
    return "ethnicity" if name in ETHNIC else name


def _spanning(sample: Sample, step: Calibration, domain: IntArray, rows: BoolArray) -> str:
    """Say what is wrong with weights made within groups for domains that span them, or nothing."""
    totals: dict[str, dict[str, float]] = {}
    for met in step.met:
        by_variable = totals.setdefault(met.group, {})
        by_variable[met.variable] = by_variable.get(met.variable, 0.0) + met.target
    sums = [next(iter(by_variable.values())) for by_variable in totals.values() if by_variable]
    uneven = len(sums) <= 1 or max(sums) - min(sums) > _SAME_TOTAL * max(sums)
    if uneven or step.within not in sample.answers.columns:
        return ""
    codes, names = coded(sample.answers[step.within])
    group = codes[rows]
    known = (domain >= 0) & (group >= 0)
    domains = int(domain.max(initial=-1)) + 1
    table = np.bincount(domain[known] * len(names) + group[known], minlength=domains * len(names))
    if not ((table.reshape(domains, -1) > 0).sum(axis=1) > 1).any():
        return ""
    return (
        f"Estimates over several groups from weights made within {step.within!r}: every group was given the same "
        "total, so that a small one counts as much as a large one. For a line of all residents weight with "
        f"rake(..., [margins of which one is {step.within!r}]) without within=, or give each group its own counts."
    )


def outside() -> int:
    """Count the frames up to the caller outside this package, for a warning that points there."""
    frame = inspect.currentframe()
    level = 0
    while frame is not None and (level == 0 or str(frame.f_globals.get("__name__", "")).startswith(_PACKAGE)):
        frame = frame.f_back
        level += 1
    return max(level, 1)
