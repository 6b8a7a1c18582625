"""What it would take for who answered, or how they were asked, to explain a change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.comparison.tipping import CHANGED_COMPLETELY, Tipping, inseparable, nearest_end, tipping_difference
from lpact_eval.estimation.contrast import difference
from lpact_eval.estimation.statistics import proportion
from lpact_eval.sample import coded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.sample import BoolArray, FloatArray, Sample

OFFICER: Final = "police officer"
HOW: Final[Mapping[str, str]] = {"interviewer": OFFICER, "mode": "", "recruit_route": ""}
MOVED: Final = 0.10  # a share of respondents reached in one way is flagged when it moved by more
_HOW_WORDS: Final = {
    "interviewer": "who was present",
    "mode": "the mode of answering",
    "recruit_route": "the recruitment route",
}
_WHOLE: Final = 100


def reached_tipping(  # noqa: PLR0913 - the question, the two waves and the domain of one change
    sample: Sample,
    variable: str,
    answers: Sequence[str],
    *,
    how: str,
    level: str,
    minus: str,
    interval: tuple[float, float],
    change: float,
    where: Mapping[str, str] | None = None,
) -> Tipping:
    """Work out the tipping difference of one way of reaching respondents, beside the difference that was observed.

    Parameters
    ----------
    sample : Sample
        Stacked waves, weighted as the change is.
    variable : str
        Harmonised variable of the change.
    answers : sequence of str
        Answers that count together.
    how : str
        Variable that says how respondents were reached: with whom present, in which mode, by which route. For
        "interviewer" the way is a police officer's presence, else the one whose share moved most.
    level, minus : str
        Waves of the change, level - minus.
    interval : tuple of two float
        Interval of the change.
    change : float
    where : mapping of variable to category, optional
        Domain of the change.

    Returns
    -------
    Tipping
        Refused where it is not known how respondents were reached, the share did not move, or the way changed
        completely between the waves.
    """
    domain = _domain(sample, where or {})
    end = nearest_end(interval)
    moved = {} if how not in sample.answers.columns else _shares(sample, how, (minus, level), domain)
    answer = HOW.get(how) or max(moved, key=lambda one: abs(moved[one][1] - moved[one][0]), default="")
    made = Tipping(how, answer, minus, level, change, end)
    if answer not in moved or any(np.isnan(moved[answer])):
        return replace(made, refused=f"{_named(how)} is not known in both waves")
    first, second = moved[answer]
    made = replace(made, first=first, second=second)
    reason = inseparable(first, second) or (_disjoint(moved) and CHANGED_COMPLETELY)
    if reason:
        return replace(
            made, refused=f"{_named(how)}: {reason}", n_least=_least(sample, (how, answer), (minus, level), domain)
        )
    observed = _observed(sample, variable, answers, reached=(how, answer), wave=level, domain=domain)
    return replace(
        made,
        tipping=tipping_difference(change=change, before=first, after=second),
        tipping_end=tipping_difference(change=end, before=first, after=second),
        observed=observed[0],
        observed_low=observed[1],
        observed_high=observed[2],
        n_least=_least(sample, (how, answer), (minus, level), domain),
    )


def moved_flags(sample: Sample, *, level: str, minus: str, by: str = "") -> dict[str, str]:
    """Flag, for every group, ways of reaching respondents whose share moved by more than ten points.

    Parameters
    ----------
    sample : Sample
        Stacked waves.
    level, minus : str
        Later and earlier wave.
    by : str, default ""
        Variable of the groups; everybody, named "", without.

    Returns
    -------
    dict of group to str
        Remarks without any number, joined by "; "; empty where nothing moved or it is not known how respondents were
        reached.
    """
    groups = coded(sample.answers[by])[1] if by else [""]
    flags: dict[str, str] = {}
    for group in groups:
        domain = _domain(sample, {by: group} if by else {})
        found = [_moved_flag(sample, how, (minus, level), domain) for how in HOW if how in sample.answers.columns]
        flags[group] = "; ".join(flag for flag in found if flag)
    return flags


def _domain(sample: Sample, where: Mapping[str, str]) -> BoolArray:
    """Find the respondents of a domain."""
    inside = np.ones(len(sample), dtype=bool)
    for name, category in where.items():
        inside &= _is(sample, name, category)
    return inside


def _is(sample: Sample, name: str, category: str) -> BoolArray:
    """Find the respondents of a category; none where nobody is in it."""
    codes, names = coded(sample.answers[name])
    return codes == names.index(category) if category in names else np.zeros(len(sample), dtype=bool)


def _shares(sample: Sample, how: str, waves: tuple[str, str], domain: BoolArray) -> dict[str, tuple[float, float]]:
    """Weighted share of each way in the two waves, among those of whom it is known."""
    codes, ways = coded(sample.answers[how])
    wave_codes, names = coded(sample.answers["wave"])
    columns: list[FloatArray] = []
    for wave in waves:
        inside = domain & (codes >= 0) & (wave_codes == names.index(wave))
        totals = np.bincount(codes[inside], weights=sample.design.weight[inside], minlength=len(ways))
        columns.append(totals / totals.sum() if totals.sum() > 0 else np.full(len(ways), np.nan))
    return {way: (float(columns[0][place]), float(columns[1][place])) for place, way in enumerate(ways)}


def _disjoint(moved: Mapping[str, tuple[float, float]]) -> bool:
    """Tell whether no way was used in both waves."""
    return not any(first > 0 and second > 0 for first, second in moved.values())


def _least(sample: Sample, reached: tuple[str, str], waves: tuple[str, str], domain: BoolArray) -> int:
    """Count the smallest set of respondents reached in the way or not, in either wave; empty sets left aside."""
    how, answer = reached
    known = domain & sample.answers[how].notna().to_numpy()
    inside = _is(sample, how, answer)
    counts = [int((known & _is(sample, "wave", wave) & side).sum()) for wave in waves for side in (inside, ~inside)]
    return min([count for count in counts if count], default=0)


def _observed(
    sample: Sample, variable: str, answers: Sequence[str], *, reached: tuple[str, str], wave: str, domain: BoolArray
) -> tuple[float, float, float]:
    """Difference in one wave between respondents reached in a way and others, with its interval."""
    how, answer = reached
    inside = domain & sample.answers[how].notna().to_numpy() & _is(sample, "wave", wave)
    sides = zip(inside.tolist(), _is(sample, how, answer).tolist(), strict=True)
    ways = [("one" if reached_so else "other") if known else None for known, reached_so in sides]
    column = pd.Categorical(ways, categories=["one", "other"])
    split = replace(sample, answers=sample.answers.assign(**{_SPLIT: column}))
    levels = proportion(split, variable, list(answers), by=_SPLIT)
    if len(levels) < 2 or any(levels.refused):  # noqa: PLR2004 - both sides
        return np.nan, np.nan, np.nan
    found = difference(levels, _SPLIT, "one", minus="other")
    low, high = found.confint()
    return float(found.value[0]), float(low[0]), float(high[0])


_SPLIT: Final = "reached in this way"


def _moved_flag(sample: Sample, how: str, waves: tuple[str, str], domain: BoolArray) -> str:
    """Say that a way's share moved, naming the one that moved most."""
    moved = _shares(sample, how, waves, domain)
    if any(np.isnan(share) for pair in moved.values() for share in pair) or not moved or _disjoint(moved):
        return ""
    most = max(moved, key=lambda way: (round(abs(moved[way][1] - moved[way][0]), 9), way == HOW.get(how)))
    if abs(moved[most][1] - moved[most][0]) <= MOVED:
        return ""
    return (
        f"{_named(how)} moved: the share of {most!r} differs by more than {MOVED * _WHOLE:.0f} points between the waves"
    )


def _named(how: str) -> str:
    """Name a way of reaching respondents in a sentence."""
    return _HOW_WORDS.get(how, how.replace("_", " "))
