"""Answers to questions before a survey equal those that base R gives by the published formulas."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import pytest

import lpact_eval as lp

EXPECTED = Path(__file__).parents[1] / "oracles" / "planning" / "expected.csv"
QUESTION = {
    "gap_size": lp.gap_size,
    "interaction_size": lp.interaction_size,
    "clustered_size": lp.clustered_size,
    "equivalence_size": lp.equivalence_size,
    "ordinal_size": lp.ordinal_size,
    "several_items": lp.several_items,
    "precision_of_difference": lp.precision_of_difference,
    "precision": lp.precision,
    "assurance": lp.assurance,
}
WORDS = {"kind", "method", "wanted"}
# R's root finders stop at 1e-14 of a share or of a logarithm, its noncentral t and its integrals at about 1e-11
RTOL = 1e-8


class Reference(NamedTuple):
    case: str
    what: str
    field: str
    arguments: dict[str, float | str | list[float]]
    value: float


def references() -> list[Reference]:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        next(file)
        return [
            Reference(row["case"], row["what"], row["field"], _arguments(row["arguments"]), float(row["value"]))
            for row in csv.DictReader(file)
        ]


def _arguments(text: str) -> dict[str, float | str | list[float]]:
    pairs = (pair.split("=") for pair in text.split(";"))
    return {name: value if name in WORDS else _numbers(value) for name, value in pairs}


def _numbers(text: str) -> float | list[float]:
    numbers = [float(number) for number in text.split("|")]
    return numbers if len(numbers) > 1 else numbers[0]


@pytest.mark.parametrize("reference", references(), ids=lambda reference: reference.case)
def test_plans_equal_r(reference: Reference) -> None:
    plan = QUESTION[reference.what](**reference.arguments)
    assert getattr(plan, reference.field) == pytest.approx(reference.value, rel=RTOL, abs=1e-12)
