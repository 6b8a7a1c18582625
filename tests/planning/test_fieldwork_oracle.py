"""Allocations, sites, approaches, fieldwork and costs equal those of base R."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

import lpact_eval as lp

if TYPE_CHECKING:
    from collections.abc import Callable

EXPECTED = Path(__file__).parents[1] / "oracles" / "fieldwork" / "expected.csv"
# R integrates the binomial's tail to 1e-11 a piece
RTOL = 1e-8


class Reference(NamedTuple):
    case: str
    what: str
    field: str
    arguments: dict[str, list[float] | str]
    value: list[float]


def references() -> list[Reference]:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        next(file)
        return [
            Reference(row["case"], row["what"], row["field"], _arguments(row["arguments"]), _numbers(row["value"]))
            for row in csv.DictReader(file)
        ]


def _arguments(text: str) -> dict[str, list[float] | str]:
    pairs = (pair.split("=") for pair in text.split(";"))
    return {name: value if value.isalpha() else _numbers(value) for name, value in pairs}


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split("|")]


def _quotas(field: str, arguments: dict[str, list[float] | str]) -> list[float]:
    given = {
        name: {f"group {place}": number for place, number in enumerate(value)}
        for name, value in arguments.items()
        if name in {"persons", "spread", "cost", "floors"} and isinstance(value, list)
    }
    rest = {name: _one(value) for name, value in arguments.items() if name not in {*given, "total"}}
    total = int(arguments["total"][0])
    persons = given.pop("persons")
    column = lp.quotas(total, persons, **given, **rest)[field]
    return column.tolist() if field == "exact" else [column.iloc[0]]


def _one(value: list[float] | str) -> float | str:
    return value if isinstance(value, str) else value[0]


def _plan(function: Callable[..., lp.Plan]) -> Callable[[str, dict[str, list[float] | str]], list[float]]:
    def run(field: str, arguments: dict[str, list[float] | str]) -> list[float]:
        given = {name: _one(value) for name, value in arguments.items()}
        given = {name: int(value) if name in WHOLE else value for name, value in given.items()}
        positional = [given.pop("target")] if function is lp.approaches else []
        return [getattr(function(*positional, **given), field)]

    return run


def _cheapest(field: str, arguments: dict[str, list[float] | str]) -> list[float]:
    cost, icc, half = (float(_one(arguments[name])) for name in ("place_cost", "icc", "half_width"))
    plan = lp.cheapest(
        lp.Target(group="A", icc=icc, half_width=half, baseline=0.4),
        places=lp.Place(name="events", response=0.35, share=0.8, cost=cost, staff_hours=5, capacity=215, available=400),
        rates=lp.Rates(hourly_rate=22, minutes_interview=14, minutes_approach=2, incentive=7),
    )
    return [plan.assumptions[field]]


WHOLE = {"sites", "so_far", "approached", "target"}
RUN = {
    "quotas": _quotas,
    "sites": _plan(lp.sites),
    "approaches": _plan(lp.approaches),
    "still_needed": _plan(lp.still_needed),
    "cheapest": _cheapest,
}


@pytest.mark.parametrize("reference", references(), ids=lambda reference: reference.case)
def test_fieldwork_equals_r(reference: Reference) -> None:
    got = RUN[reference.what](reference.field, reference.arguments)
    np.testing.assert_allclose(got, reference.value, rtol=RTOL)
