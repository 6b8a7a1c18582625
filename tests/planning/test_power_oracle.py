"""Sample sizes equal those of base R."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import pytest

import lpact_eval as lp

EXPECTED = Path(__file__).parents[1] / "oracles" / "power" / "expected.csv"
QUESTION = {
    "respondents_needed": lp.respondents_needed,
    "detectable_change": lp.detectable_change,
    "power": lp.power,
    "precision": lp.precision,
    "approaches": lp.approaches,
}
# R's root finders stop at 1e-12 of a share or of a logarithm; an endless wave is 1e12 respondents there
RTOL = 1e-8


class Reference(NamedTuple):
    case: str
    what: str
    field: str
    arguments: dict[str, float | str]
    value: float


def references() -> list[Reference]:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        next(file)
        return [
            Reference(row["case"], row["what"], row["field"], _arguments(row["arguments"]), float(row["value"]))
            for row in csv.DictReader(file)
        ]


def _arguments(text: str) -> dict[str, float | str]:
    pairs = (pair.split("=") for pair in text.split(";"))
    return {name: value if value.isalpha() and value != "Inf" else float(value) for name, value in pairs}


@pytest.mark.parametrize("reference", references(), ids=lambda reference: reference.case)
def test_sample_sizes_equal_r(reference: Reference) -> None:
    arguments = dict(reference.arguments)
    positional = [arguments.pop("target")] if "target" in arguments else []
    plan = QUESTION[reference.what](*positional, **arguments)
    assert getattr(plan, reference.field) == pytest.approx(reference.value, rel=RTOL)
