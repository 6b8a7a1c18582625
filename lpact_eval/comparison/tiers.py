"""When a comparison of arms is refused and when it is flagged; the numbers are methods.md's table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.propensity import OWN_ARM, layouts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.overlap import Verdict
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.frames import Columns

SMALLEST_ARM, SOUND_ARM = 10, 30  # respondents in an arm: refused below, flagged below
PEOPLE_A_COLUMN = 5  # respondents in the smaller arm for each column of adjusters, where arms are weighted
FEWEST_UNITS, SOUND_UNITS = 5, 10  # sampling units in a domain: rows in their place below, flagged below
FEWEST_DF, SOUND_DF = 4, 8  # degrees of freedom: p value withheld below, flagged below
STILL: Final = "no chance variation to be seen: everybody in either arm gave the same answer"
IMBALANCE = 0.25  # standardised difference over which the arms are said to differ clearly

ASSOCIATION: Final = "association"
CONDITIONAL: Final = (
    "effect on those who attended (ATT) only if all reasons for attending that also shape the answer are among the "
    "adjusters; else an association"
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one estimate rests on: its name, and the domain or the two domains (of a difference)."""

    name: str
    sides: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a method found in the domains, by which its rows are judged.

    Attributes
    ----------
    method : str
        As in `adjusted.METHOD_NAMES`.
    estimand : str
        "ate", "att" or "ato".
    balance : Columns
        See `balance.balance_table`.
    verdicts : mapping of domain to Verdict
        See `overlap.verdicts`; empty for "regression".
    notes : mapping of domain to tuple of str
        What the method says of itself.
    by_rows : mapping of domain to str
        Flags of domains with so few sampling units that standard errors are taken by respondents.
    """

    method: str
    estimand: str
    balance: Columns
    verdicts: Mapping[str, Verdict]
    notes: Mapping[str, tuple[str, ...]]
    by_rows: Mapping[str, str]


def refusals(question: Question, rows: Sequence[Row], found: Found | None = None) -> tuple[str, ...]:
    """Say why there is no number for a domain or difference, or nothing; without findings by the size of arms alone."""
    sides = {side: _reasons(question, side, found) for row in rows for side in row.sides}
    return tuple("; ".join(dict.fromkeys(reason for side in row.sides for reason in sides[side])) for row in rows)


def small_arms(question: Question, rows: Sequence[Row]) -> tuple[str, ...]:
    """Say which rows have an arm too small for any number, which is all that stands against an exact test."""
    reasons = [
        [one for side in row.sides for one in _arm_reasons(side, question.counts[side], SMALLEST_ARM)] for row in rows
    ]
    return tuple("; ".join(dict.fromkeys(found)) for found in reasons)


def flags(question: Question, rows: Sequence[Row], estimate: Estimate, found: Found) -> tuple[str, ...]:
    """Say what a reader has to know of each domain or difference, joined by "; ".

    Parameters
    ----------
    question : Question
    rows : sequence of Row
    estimate : Estimate
        With its refusals.
    found : Found
    """
    flagged: list[str] = []
    for row, df, reason in zip(rows, estimate.df, estimate.refused, strict=True):
        told = _general(question) if row.name == ALL else []
        if not reason:
            told += [*_sizes(question, row.sides, found.by_rows), *_freedom(float(df))]
            told += _imbalance(question, found, row.name)
            told += [_at(flag, side) for side in row.sides for flag in _method_flags(found, side)]
            told += [_at(flag, side) for side in row.sides for flag in _alike(question, side)]
        flagged.append("; ".join(dict.fromkeys(told)))
    return tuple(flagged)


def wordings(rows: Sequence[Row], estimate: Estimate, found: Found) -> tuple[str, ...]:
    """Say what each row may be called: an association, unless weighting towards attendees passed its checks."""
    allowed = found.estimand == "att" and found.method != "regression"
    standing = {name: verdict.standing for name, verdict in found.verdicts.items()}
    return tuple(
        CONDITIONAL
        if allowed and not reason and all(standing.get(side) == "pass" for side in row.sides)
        else ASSOCIATION
        for row, reason in zip(rows, estimate.refused, strict=True)
    )


def _reasons(question: Question, side: str, found: Found | None) -> list[str]:
    """Name what stands against a number in one domain, never by how many people."""
    weighted = None if found is None or found.method == "regression" else found
    reasons = _arm_reasons(side, question.counts[side], OWN_ARM if weighted else SMALLEST_ARM)
    if not reasons and all(question.alike[side]):
        reasons = [_at(STILL, side)]
    if reasons or weighted is None:
        return reasons
    layout = layouts(question)[side]
    if len(layout.columns) * PEOPLE_A_COLUMN > layout.smaller_arm:
        reasons.append(_at(f"fewer than {PEOPLE_A_COLUMN} in the smaller arm for each column of adjusters", side))
    verdict = weighted.verdicts.get(side)
    if verdict is not None and verdict.refused and not reasons:
        reasons += [_at(reason, side) for reason in verdict.refused.split("; ")]
    return reasons


def _arm_reasons(name: str, counts: tuple[int, int], least: int) -> list[str]:
    """Name the arms that are too small, never by how much."""
    return [
        _at(f"fewer than {SMALLEST_ARM if count < SMALLEST_ARM else least} {words}", name)
        for count, words in zip(counts, ("attended", "did not attend"), strict=True)
        if count < least
    ]


def _at(text: str, side: str) -> str:
    """Say of which domain a text speaks."""
    return text if side == ALL else f"{text} ({side})"


def _sizes(question: Question, sides: Sequence[str], by_rows: Mapping[str, str]) -> list[str]:
    """Flag small arms and few sampling units."""
    found = [
        _at(f"fewer than {SOUND_ARM} {words}", side)
        for side in sides
        for count, words in zip(question.counts[side], ("attended", "did not attend"), strict=True)
        if count < SOUND_ARM
    ]
    few = [_at(by_rows[side], side) for side in sides if side in by_rows]
    if few or not question.sample.design.clustered:
        return [*found, *few]
    if min(question.units[side] for side in sides) < SOUND_UNITS:
        found.append(f"fewer than {SOUND_UNITS} recruitment sites")
    return found


def _freedom(df: float) -> list[str]:
    """Flag few degrees of freedom."""
    if df < FEWEST_DF:
        return [f"fewer than {FEWEST_DF} degrees of freedom: no p value, interval indicative only"]
    return [f"fewer than {SOUND_DF} degrees of freedom"] if df < SOUND_DF else []


def _imbalance(question: Question, found: Found, name: str) -> list[str]:
    """Flag adjusters in which the arms differ clearly before adjustment, where nothing was weighted."""
    if found.verdicts:
        return []
    columns = found.balance.columns
    here = np.asarray(columns[question.roles.domain_column], dtype=object) == name
    far = here & (np.abs(np.asarray(columns["smd"], dtype=float)) > IMBALANCE)
    apart = list(dict.fromkeys(str(columns["covariate"][place]) for place in np.flatnonzero(far).tolist()))
    return [f"attendees and others differ clearly before adjustment in {', '.join(apart)}"] if apart else []


def _method_flags(found: Found, side: str) -> list[str]:
    """Tell what weighting left, and what the method says of itself."""
    verdict = found.verdicts.get(side)
    return [*(verdict.flags if verdict else ()), *found.notes.get(side, ())]


def _alike(question: Question, side: str) -> list[str]:
    """Tell of arms without any variation."""
    arms = zip(question.alike[side], ("attended", "did not attend"), strict=True)
    told = "gave the same answer: the interval leaves out chance there"
    return [f"everybody who {words} {told}" for same, words in arms if same]


def _general(question: Question) -> list[str]:
    """Flag what holds for the whole comparison."""
    counts = question.counts
    found: list[str] = []
    if question.left_out:
        found.append(f"{question.left_out_text}: an answer is missing")
    if not question.roles.adjust:
        found.append("not adjusted for anything")
    if question.idle:
        found.append(f"the same for everyone and so without effect: {', '.join(question.idle)}")
    if question.redundant:
        found.append(f"explained by the groups and other adjusters, so without effect: {', '.join(question.redundant)}")
    one_sided = [name for name in question.arms.names if min(counts[name]) == 0]
    if one_sided and min(counts[ALL]) > 0:
        found.append(f"one arm is empty, so not part of the overall figure: {', '.join(one_sided)}")
    if question.roles.by and any(0 < min(counts[name]) < SMALLEST_ARM for name in question.arms.names):
        found.append(f"rests in part on groups with an arm below {SMALLEST_ARM}")
    return found
