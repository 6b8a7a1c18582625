"""When a comparison of arms is refused and when it is flagged; the numbers are methods.md's table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpact_eval.comparison.balance import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from lpact_eval.comparison.arms import Question
    from lpact_eval.estimation.estimate import Estimate

SMALLEST_ARM, SOUND_ARM = 10, 30  # respondents in an arm: refused below, flagged below
FEWEST_UNITS, SOUND_UNITS = 5, 10  # sampling units in a domain: refused below, flagged below
FEWEST_DF, SOUND_DF = 4, 8  # degrees of freedom: p value withheld below, flagged below
IMBALANCE = 0.25  # standardised difference over which the arms are said to differ clearly


@dataclass(frozen=True, slots=True)
class Row:
    """What one estimate rests on: its name, and the domain or the two domains (of a difference)."""

    name: str
    sides: tuple[str, ...]


def refusals(question: Question, rows: Sequence[Row]) -> tuple[str, ...]:
    """Say why there is no number for a domain or difference, or nothing."""
    counts, units = question.counts, question.units
    refused: list[str] = []
    for row in rows:
        reasons = [reason for side in row.sides for reason in _arm_reasons(side, counts[side])]
        if question.sample.design.clustered and min(units[side] for side in row.sides) < FEWEST_UNITS:
            reasons.append(f"fewer than {FEWEST_UNITS} recruitment sites")
        refused.append("; ".join(dict.fromkeys(reasons)))
    return tuple(refused)


def flags(question: Question, rows: Sequence[Row], estimate: Estimate, balance: pd.DataFrame) -> tuple[str, ...]:
    """Say what a reader has to know of each domain or difference, joined by "; ".

    Parameters
    ----------
    question : Question
    rows : sequence of Row
    estimate : Estimate
        With its refusals.
    balance : DataFrame
        See `balance.balance_table`.
    """
    flagged: list[str] = []
    for row, df, reason in zip(rows, estimate.df, estimate.refused, strict=True):
        found = _general(question) if row.name == ALL else []
        if not reason:
            found += [*_sizes(question, row.sides), *_freedom(float(df)), *_imbalance(question, balance, row.name)]
        flagged.append("; ".join(dict.fromkeys(found)))
    return tuple(flagged)


def _arm_reasons(name: str, counts: tuple[int, int]) -> list[str]:
    """Name the arms that are too small, never by how much."""
    where = "" if name == ALL else f" ({name})"
    return [
        f"fewer than {SMALLEST_ARM} {words}{where}"
        for count, words in zip(counts, ("attended", "did not attend"), strict=True)
        if count < SMALLEST_ARM
    ]


def _sizes(question: Question, sides: Sequence[str]) -> list[str]:
    """Flag small arms and few sampling units."""
    found = [
        f"fewer than {SOUND_ARM} {words}" + ("" if side == ALL else f" ({side})")
        for side in sides
        for count, words in zip(question.counts[side], ("attended", "did not attend"), strict=True)
        if count < SOUND_ARM
    ]
    if question.sample.design.clustered and min(question.units[side] for side in sides) < SOUND_UNITS:
        found.append(f"fewer than {SOUND_UNITS} recruitment sites")
    return found


def _freedom(df: float) -> list[str]:
    """Flag few degrees of freedom."""
    if df < FEWEST_DF:
        return [f"fewer than {FEWEST_DF} degrees of freedom: no p value, interval indicative only"]
    return [f"fewer than {SOUND_DF} degrees of freedom"] if df < SOUND_DF else []


def _imbalance(question: Question, balance: pd.DataFrame, name: str) -> list[str]:
    """Flag adjusters in which the arms differ clearly before adjustment."""
    far = (balance[question.roles.domain_column] == name) & (balance["smd"].abs() > IMBALANCE)
    apart = list(dict.fromkeys(balance["covariate"][far]))
    return [f"attendees and others differ clearly before adjustment in {', '.join(apart)}"] if apart else []


def _general(question: Question) -> list[str]:
    """Flag what holds for the whole comparison."""
    counts = question.counts
    found: list[str] = []
    if question.left_out:
        found.append(f"{question.left_out} of {question.asked} respondents left out: an answer is missing")
    if not question.roles.adjust:
        found.append("not adjusted for anything")
    if question.idle:
        found.append(f"the same for everyone and so without effect: {', '.join(question.idle)}")
    one_sided = [name for name in question.arms.names if min(counts[name]) == 0]
    if one_sided and min(counts[ALL]) > 0:
        found.append(f"one arm is empty, so not part of the overall figure: {', '.join(one_sided)}")
    return found
