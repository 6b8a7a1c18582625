"""The matrix that is filled without a data frame is formulaic's; passes by blocks solve the same equations."""

from __future__ import annotations

import importlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import LpactWarning
from lpact_eval.regression import terms

NAMES = ["a", "b c", "d", "x", "z"]
TERM = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)
FORMULAS = st.tuples(
    st.sampled_from(["", "0 + ", "1 + "]),
    st.lists(st.tuples(TERM, st.sampled_from([":", "*"])), min_size=1, max_size=4),
)


def answers(seed: int, n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "y": rng.normal(size=n),
            "a": pd.Categorical(rng.choice(["p", "q", "r"], n), categories=["r", "none", "p", "q"]),
            "b c": rng.choice(["yes", "no"], n),
            "d": rng.choice([1.0, 2.0, 10.0], n).astype(object),
            "x": rng.normal(size=n),
            "z": rng.integers(0, 3, n),
        }
    )


def written(drawn: tuple[str, list[tuple[list[str], str]]]) -> str:
    start, parts = drawn
    quoted = [by.join(f"`{name}`" if " " in name else name for name in names) for names, by in parts]
    return f"y ~ {start}{' + '.join(quoted)}"


@given(drawn=FORMULAS, seed=st.integers(0, 2**32 - 1))
@settings(max_examples=80, deadline=None)
def test_the_matrix_of_any_formula_of_variables_is_formulaics(
    drawn: tuple[str, list[tuple[list[str], str]]], seed: int
) -> None:
    at, formula = lp.Sample.from_frame(answers(seed)), written(drawn)
    model = terms.read_formula(at, formula, None)
    assert model.matrix is not None
    variables = [name for name in NAMES if name in model.frame]
    frame = terms.prepared(at, variables, model.rows)
    theirs = importlib.import_module("formulaic").Formula(formula).rhs.get_model_matrix(frame)
    assert list(model.terms) == list(theirs.columns)
    np.testing.assert_array_equal(model.matrix, np.asarray(theirs, dtype=float))
    np.testing.assert_array_equal(model.build(model.frame), model.matrix)
    pd.testing.assert_frame_equal(model.frame, frame[sorted(variables)])


def test_a_frame_with_categories_in_another_order_is_built_alike() -> None:
    model = terms.read_formula(lp.Sample.from_frame(answers(1)), "y ~ a * x", None)
    turned = model.frame.assign(a=model.frame["a"].cat.reorder_categories(["q", "r", "p"]))
    np.testing.assert_array_equal(model.build(turned), model.matrix)


def test_expressions_go_to_formulaic() -> None:
    at = lp.Sample.from_frame(answers(2))
    model = terms.read_formula(at, "y ~ np.exp(x) + a", None)
    plain = terms.read_formula(at, "y ~ x + a", None)
    found, wanted = (one.made()[:, list(one.terms).index(name)] for one, name in ((model, "np.exp(x)"), (plain, "x")))
    np.testing.assert_allclose(found, np.exp(wanted))


def test_bases_are_stated() -> None:
    at = lp.Sample.from_frame(answers(3))
    fit = lp.regress(at, "y ~ a * x + `b c` + C(d, Treatment('10'))")
    assert dict(fit.references) == {"a": "r", "b c": "no", "d": "10"}
    assert "compared with a: r, b c: no, d: 10" in repr(fit)
    assert not lp.regress(at, "y ~ 0 + a").references
    assert "compared with" not in repr(lp.regress(at, "y ~ x"))


def large(n: int = 60_000) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"x": rng.normal(size=n), "g": rng.choice(["a", "b", "c"], n), "w": rng.uniform(0.5, 2, n)})
    eta = 0.3 * frame["x"] - 0.5 * (frame["g"] == "b")
    return frame.assign(
        confident=(rng.random(n) < 1 / (1 + np.exp(-eta))) * 1.0,
        contacts=rng.poisson(np.exp(eta)),
        site=rng.integers(0, 90, n),
    )


@pytest.mark.parametrize(
    ("family", "outcome"), [("binomial", "confident"), ("poisson", "contacts"), ("gaussian", "contacts")]
)
@pytest.mark.parametrize("psu", [None, "site"])
def test_many_respondents_solve_the_score_equations(family: str, outcome: str, psu: str | None) -> None:
    frame = large()
    fit = lp.regress(
        lp.Sample.from_frame(frame, weight="w", psu=psu), f"{outcome} ~ x * g", family=family, variance="taylor"
    )
    x, w = fit.matrix, frame["w"].to_numpy()
    _, eta = fit.linear()
    mean = {"binomial": 1 / (1 + np.exp(-eta)), "poisson": np.exp(eta), "gaussian": eta}[family]
    slope = {"binomial": mean * (1 - mean), "poisson": mean, "gaussian": np.ones_like(mean)}[family]
    scores = x * (w * (frame[outcome].to_numpy() - mean))[:, None]
    np.testing.assert_allclose(scores.sum(axis=0) / np.abs(scores).sum(axis=0), 0, atol=1e-12)
    if psu:
        scores = pd.DataFrame(scores).groupby(frame["site"].to_numpy()).sum().to_numpy()
    z = scores @ np.linalg.inv(x.T @ ((w * slope)[:, None] * x))
    m = z.shape[0]
    wanted = np.sqrt(m / (m - 1) * ((z - z.mean(axis=0)) ** 2).sum(axis=0))
    np.testing.assert_allclose(fit.coefficients.std_error, wanted, rtol=1e-9)


def test_a_step_too_far_is_halved() -> None:
    """Counts of 500 from a linear predictor of 0: the first step would be to e^499."""
    frame = pd.DataFrame({"y": [400.0, 500, 600]})
    got = lp.regress(lp.Sample.from_frame(frame), "y ~ 1", family="poisson").coefficients
    np.testing.assert_allclose(got.value, [np.log(500)], rtol=1e-12)


def test_a_rare_category_that_a_part_of_many_respondents_lacks_is_no_obstacle() -> None:
    frame = large()
    frame.loc[[1, 2, 4], "g"] = "rare"
    frame.loc[[1, 2, 4], "confident"] = [1.0, 0, 1]
    got = lp.regress(lp.Sample.from_frame(frame), "confident ~ 0 + g", family="binomial").coefficients
    shares = frame.groupby("g")["confident"].mean()
    np.testing.assert_allclose(got.value, np.log(shares / (1 - shares)), rtol=1e-8)


def test_population_weights_warn_where_a_formula_holds_ethnicity() -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(
        {
            "score": rng.normal(size=200),
            "ethnicity": np.repeat(["Asian", "Black", "White"], [40, 40, 120]),
            "sex": rng.choice(["Female", "Male"], 200),
        }
    )
    margins = {"ethnicity": {"Asian": 10.0, "Black": 10, "White": 180}, "sex": {"Female": 104.0, "Male": 96}}

    def raked() -> lp.Sample:
        return lp.rake(lp.Sample.from_frame(frame), margins)

    for arguments in ({"formula": "score ~ ethnicity"}, {"formula": "score ~ sex", "where": {"ethnicity": "Black"}}):
        with pytest.warns(LpactWarning, match="by 'ethnicity' from population weights"):
            lp.regress(raked(), **arguments)
    lp.regress(raked(), "score ~ sex")
    alike = lp.rake(lp.Sample.from_frame(frame), {"sex": margins["sex"]}, within="ethnicity")
    lp.regress(alike, "score ~ sex * ethnicity")
    with pytest.warns(LpactWarning, match="weights made within 'ethnicity'"):
        lp.regress(lp.rake(lp.Sample.from_frame(frame), {"sex": margins["sex"]}, within="ethnicity"), "score ~ sex")
