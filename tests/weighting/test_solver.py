"""The dual Newton solver against linear programming, against its optimality conditions, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lpact_eval.weighting.solver import Metric, Problem, curve, solve

CELLS = 40
NARROW = 1.02  # times as wide as the narrowest bounds for which there are weights at all


def asked(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two margins and a number over 40 cells: auxiliaries, masses, totals."""
    rng = np.random.default_rng(seed)
    columns = [np.ones((CELLS, 1))]
    for size in (3, 4):
        indicator = rng.integers(0, size, CELLS)[:, None] == np.arange(size)
        columns.append((indicator - rng.dirichlet(np.full(size, 6.0)))[:, :-1])
    columns.append(rng.normal(0.1, 100, (CELLS, 1)))
    mass = rng.gamma(1, size=CELLS) + 0.01
    auxiliary = np.hstack(columns)
    total = np.zeros(auxiliary.shape[1])
    total[0] = mass.sum()
    return auxiliary, mass, total


def narrowest(auxiliary: np.ndarray, mass: np.ndarray, total: np.ndarray) -> float | None:
    """Smallest t for which factors from 1 - .8 t to 1 + 2 t meet the totals; None where none do."""
    equations = auxiliary.T * mass
    size = np.abs(equations).sum(axis=1)
    sides = [
        np.hstack([np.eye(CELLS), np.full((CELLS, 1), -2.0)]),
        np.hstack([-np.eye(CELLS), np.full((CELLS, 1), -0.8)]),
    ]
    found = linprog(
        np.append(np.zeros(CELLS), 1.0),
        A_ub=np.vstack(sides),
        b_ub=np.append(np.ones(CELLS), -np.ones(CELLS)),
        A_eq=np.hstack([equations / size[:, None], np.zeros((size.size, 1))]),
        b_eq=total / size,
        bounds=[(0, None)] * (CELLS + 1),
    )
    return float(found.x[-1]) if found.status == 0 else None


def problem(seed: int, distance: Metric, low: float, high: float) -> Problem:
    auxiliary, mass, total = asked(seed)
    return Problem(auxiliary, mass, total, 1e-11 * (mass @ np.abs(auxiliary)), distance, low, high)


@pytest.mark.parametrize("distance", ["linear", "raking", "logit"])
@given(seed=st.integers(0, 100_000))
@settings(max_examples=40, deadline=None)
def test_weights_are_found_inside_bounds_hardly_wider_than_the_narrowest_that_exist(
    distance: Metric, seed: int
) -> None:
    least = narrowest(*asked(seed))
    assume(least is not None and least < 1.2)
    low, high = 1 - 0.8 * NARROW * (least or 0), 1 + 2 * NARROW * (least or 0)
    done = solve(problem(seed, distance, low, high))
    assert done.met
    assert done.factor.min() >= low - 1e-12
    assert done.factor.max() <= high + 1e-12
    auxiliary, mass, total = asked(seed)
    np.testing.assert_allclose((mass * done.factor) @ auxiliary, total, atol=1e-8 * mass.sum())


@pytest.mark.parametrize("distance", ["linear", "raking"])
@given(seed=st.integers(0, 100_000))
@settings(max_examples=20, deadline=None)
def test_nothing_is_called_met_where_no_weights_exist(distance: Metric, seed: int) -> None:
    least = narrowest(*asked(seed))
    assume(least is not None and 0.1 < least < 1.2)
    assert not solve(problem(seed, distance, 1 - 0.8 * 0.95 * (least or 0), 1 + 2 * 0.95 * (least or 0))).met


@pytest.mark.parametrize(("distance", "low"), [("linear", -np.inf), ("raking", 0.0)])
@given(seed=st.integers(0, 100_000), other=st.integers(0, 100_000))
@settings(max_examples=20, deadline=None)
def test_no_other_weights_that_meet_the_totals_are_nearer(distance: Metric, low: float, seed: int, other: int) -> None:
    done = solve(problem(seed, distance, low, np.inf))
    assume(done.met)
    auxiliary, mass, _ = asked(seed)
    aside = np.random.default_rng(other).normal(size=CELLS)
    weighted = auxiliary * mass[:, None]
    aside -= weighted @ np.linalg.lstsq(weighted, aside, rcond=None)[0]  # what leaves the totals as they are
    moved = done.factor + 1e-3 * aside * done.factor.min() / np.abs(aside).max()

    def distance_of(factor: np.ndarray) -> float:
        cost = (factor - 1) ** 2 / 2 if distance == "linear" else factor * np.log(factor) - factor + 1
        return float(mass @ cost)

    assert distance_of(moved) >= distance_of(done.factor) - 1e-12 * mass.sum()


def test_the_linear_distance_takes_one_step() -> None:
    done = solve(problem(3, "linear", -np.inf, np.inf))
    assert (done.met, done.iterations) == (True, 1)


@pytest.mark.parametrize("more", [0.2, 0.02, -0.3])
def test_a_step_of_raking_follows_the_series_of_the_logarithm(more: float) -> None:
    """One cell that has to weigh 1 + more: its multiplier is log(1 + more), of which a step gives three terms."""
    one = np.ones(1)
    done = solve(Problem(one[:, None], one, one + more, np.full(1, abs(more) ** 4)))
    assert done.iterations == 1
    np.testing.assert_allclose(done.multiplier, [more - more**2 / 2 + more**3 / 3], rtol=1e-11)


@pytest.mark.parametrize(
    ("distance", "low", "high"),
    [("linear", 0.4, 3.0), ("raking", 0.4, 3.0), ("logit", 0.4, 3.0), ("raking", 0.0, np.inf)],
)
def test_every_distance_starts_at_one_with_slope_one_and_stays_inside(
    distance: Metric, low: float, high: float
) -> None:
    factor_at, slope_at = curve(problem(1, distance, low, high))
    step = 1e-6
    here, nearby = factor_at(np.zeros(1)), factor_at(np.full(1, step))
    np.testing.assert_allclose(here, 1)
    np.testing.assert_allclose((nearby - here) / step, 1, rtol=1e-5)
    np.testing.assert_allclose(slope_at(here), 1)
    far = factor_at(np.array([-500.0, 500.0]))
    np.testing.assert_allclose(far, [low, high] if np.isfinite(high) else np.exp([-500.0, 500.0]))


def test_collinear_auxiliaries_that_agree_do_no_harm() -> None:
    """The same margin twice."""
    given = problem(5, "raking", 0.0, np.inf)
    twice = Problem(
        np.hstack([given.auxiliary, given.auxiliary[:, 1:3]]),
        given.mass,
        np.append(given.total, given.total[1:3]),
        np.append(given.limit, given.limit[1:3]),
    )
    np.testing.assert_allclose(solve(twice).factor, solve(given).factor, rtol=1e-9)


def test_a_singular_step_is_stiffened(monkeypatch: pytest.MonkeyPatch) -> None:
    """As rounding may leave it, once in a blue moon."""
    plain = solve(problem(5, "raking", 0.0, np.inf))
    exact, calls = np.linalg.solve, iter([True])

    def singular_once(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
        if next(calls, False):
            raise np.linalg.LinAlgError
        return exact(matrix, vector)

    monkeypatch.setattr("numpy.linalg.solve", singular_once)
    np.testing.assert_allclose(solve(problem(5, "raking", 0.0, np.inf)).factor, plain.factor, rtol=1e-9)
