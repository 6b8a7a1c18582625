"""Agreement between coders equals R's to machine precision, and says when shares of a theme may not be told."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import lpact_eval as lp
from lpact_eval.evidence.agreement import _resample
from lpact_eval.evidence.code_matrix import _distinct
from lpact_eval.evidence.coefficients import _summed, krippendorff, krippendorff_of_each

if TYPE_CHECKING:
    from random import Random

ORACLE = Path(__file__).parents[1] / "oracles" / "agreement"
RTOL = 1e-10  # closed formulas on both sides


class Reference(NamedTuple):
    case: str
    theme: str
    method: str
    scale: str
    quantity: str
    value: float


def references() -> list[Reference]:
    with (ORACLE / "expected.csv").open(encoding="utf-8", newline="") as file:
        next(file)
        return [Reference(**{**row, "value": float(row["value"])}) for row in csv.DictReader(file)]


def case(name: str, *, coders: str = "abcd") -> pd.DataFrame:
    data = pd.read_csv(ORACLE / "data.csv", comment="#", dtype={"case": str})
    return data.loc[data["case"] == name, list(coders)].dropna(axis="columns", how="all")


@pytest.mark.parametrize("row", references(), ids=lambda row: "-".join(row[:5]))
def test_agreement_equals_r(row: Reference) -> None:
    codes = case(row.case, coders="ab" if row.method == "kappa" else "abcd")
    by_theme = row.theme != "all codes"
    got = lp.agreement(codes, method=row.method, scale=row.scale, themes=by_theme, draws=2).to_frame()
    np.testing.assert_allclose(got.set_index("theme").loc[row.theme, row.quantity], row.value, rtol=RTOL)


def test_kappa_equals_statsmodels() -> None:
    from statsmodels.stats.inter_rater import cohens_kappa  # noqa: PLC0415 - takes a second to import

    codes = case("two")
    table = pd.crosstab(codes["a"], codes["b"]).to_numpy()
    expected = cohens_kappa(table)
    got = lp.agreement(codes, method="kappa", draws=2)
    np.testing.assert_allclose([got.value[0], got.std_error[0]], [expected.kappa, expected.std_kappa], rtol=RTOL)


TABLES = st.lists(st.lists(st.sampled_from([1, 2, 3, 5, None]), min_size=3, max_size=3), min_size=3, max_size=25).map(
    lambda rows: pd.DataFrame(rows, columns=["a", "b", "c"], dtype=float)
)


@given(TABLES, st.sampled_from(["krippendorff", "ac1"]), st.randoms())
def test_order_of_coders_and_units_and_names_of_codes_do_not_matter(
    codes: pd.DataFrame, method: str, chance: Random
) -> None:
    rows, columns = list(codes.index), list(codes.columns)
    chance.shuffle(rows)
    chance.shuffle(columns)
    named = codes.replace({1.0: 40.0, 2.0: 10.0, 3.0: 30.0, 5.0: 20.0})
    first, moved, renamed = (
        lp.agreement(one, method=method, draws=20) for one in (codes, codes.loc[rows, columns], named)
    )
    np.testing.assert_allclose(moved.value, first.value, rtol=RTOL, atol=1e-13)
    np.testing.assert_allclose(moved.draws, first.draws, rtol=RTOL, atol=1e-13)
    np.testing.assert_allclose(renamed.value, first.value, rtol=RTOL, atol=1e-13)
    assert first.refused == moved.refused == renamed.refused


@given(TABLES)
def test_kappa_does_not_mind_which_coder_is_first(codes: pd.DataFrame) -> None:
    one, other = (lp.agreement(codes[pair], method="kappa", draws=2) for pair in (["a", "b"], ["b", "a"]))
    np.testing.assert_allclose(other.value, one.value, rtol=RTOL, atol=1e-13)
    np.testing.assert_allclose(other.std_error, one.std_error, rtol=RTOL, atol=1e-13)


@given(
    st.lists(st.sampled_from([1, 2, 4]), min_size=2, max_size=40).filter(lambda given: len(set(given)) > 1),
    st.sampled_from(
        [
            ("krippendorff", "nominal"),
            ("krippendorff", "ordinal"),
            ("krippendorff", "interval"),
            ("kappa", "nominal"),
            ("ac1", "nominal"),
        ]
    ),
)
def test_perfect_agreement_is_one(given_codes: list[int], how: tuple[str, str]) -> None:
    got = lp.agreement(pd.DataFrame({"a": given_codes, "b": given_codes}), method=how[0], scale=how[1], draws=20)
    np.testing.assert_allclose(got.value, 1.0)
    known = got.draws[~np.isnan(got.draws)]
    np.testing.assert_allclose(known, 1.0)
    assert "interval without width" in got.flags[0]


@given(TABLES, st.floats(-50, 50), st.floats(0.1, 20))
def test_interval_alpha_does_not_mind_origin_and_unit(codes: pd.DataFrame, origin: float, unit: float) -> None:
    first, moved = (lp.agreement(one, scale="interval", draws=2) for one in (codes, codes * unit + origin))
    np.testing.assert_allclose(moved.value, first.value, rtol=1e-7, atol=1e-9)


@given(TABLES)
def test_alpha_of_two_codes_is_the_same_on_every_scale(codes: pd.DataFrame) -> None:
    two = codes.where(codes.isna(), (codes > 2).astype(float))
    nominal, ordinal, interval = (
        lp.agreement(two, scale=scale, draws=2).value for scale in ("nominal", "ordinal", "interval")
    )
    np.testing.assert_allclose(ordinal, nominal, rtol=RTOL, atol=1e-12)
    np.testing.assert_allclose(interval, nominal, rtol=RTOL, atol=1e-12)


def test_alpha_by_hand() -> None:
    """Coincidences: x-x 4, x-y 1, y-x 1, y-y 2; n = 8. Observed 2/8, expected 2 x 5 x 3 / (8 x 7); 1 - 7 x 2 / 30."""
    got = lp.agreement(pd.DataFrame({"a": ["x", "y", "y", "x"], "b": ["x", "y", "x", "x"]}))
    np.testing.assert_allclose(got.value, 1 - 14 / 30, rtol=RTOL)
    np.testing.assert_allclose(got.observed, 0.75)


def test_kappa_and_ac1_by_hand() -> None:
    """Agreement 3/4. Kappa: chance .5 x .75 + .5 x .25 = .5. AC1: shares 5/8 and 3/8, chance 2 x 15/64."""
    codes = pd.DataFrame({"a": ["x", "y", "y", "x"], "b": ["x", "y", "x", "x"]})
    np.testing.assert_allclose(lp.agreement(codes, method="kappa").value, 0.5)
    np.testing.assert_allclose(lp.agreement(codes, method="ac1").value, (3 / 4 - 30 / 64) / (1 - 30 / 64))


def test_units_with_one_code_are_left_aside() -> None:
    codes = pd.DataFrame({"a": ["x", "y", "y", "x", None, "z"], "b": ["x", "y", "x", "x", None, None]})
    for method in ("krippendorff", "kappa", "ac1"):
        whole, paired = (lp.agreement(one, method=method, draws=50) for one in (codes, codes.head(4)))
        pd.testing.assert_frame_equal(whole.to_frame(), paired.to_frame())


def test_codes_compare_as_text() -> None:
    codes = pd.DataFrame({"a": [1, 2, 2, 1], "b": ["1", "2", "1", "1"], "c": [1.0, np.nan, 2.0, 1.0]})
    same = pd.DataFrame({"a": list("1221"), "b": list("1211"), "c": ["1", None, "2", "1"]})
    np.testing.assert_array_equal(lp.agreement(codes, draws=2).value, lp.agreement(same, draws=2).value)


def test_ordered_categories_are_their_places() -> None:
    order = pd.CategoricalDtype(["low", "middle", "high"], ordered=True)
    words = pd.DataFrame({"a": ["high", "low", "middle", None], "b": ["high", "middle", "middle", "low"]}).astype(order)
    numbers = pd.DataFrame({"a": [3, 1, 2, None], "b": [3, 2, 2, 1]})
    got, expected = (lp.agreement(one, scale="ordinal", draws=30) for one in (words, numbers))
    np.testing.assert_allclose(got.draws, expected.draws)
    np.testing.assert_allclose(got.value, expected.value)


def test_seed_decides_the_interval_and_level_its_width() -> None:
    codes = case("four-gaps")
    one, again, other = (lp.agreement(codes, seed=seed, draws=300).to_frame() for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert one["conf_low"][0] != other["conf_low"][0]
    wide, narrow = (lp.agreement(codes, draws=300).to_frame(level=level).iloc[0] for level in (0.95, 0.5))
    assert wide["conf_low"] < narrow["conf_low"] < narrow["estimate"] < narrow["conf_high"] < wide["conf_high"]


def test_resampled_kappa_spreads_as_its_standard_error_says() -> None:
    """A large sample, where the two have to come near each other: 5 % allows for 4,000 resamples."""
    codes = pd.concat([case("two")] * 20, ignore_index=True)
    got = lp.agreement(codes, method="kappa", draws=4000)
    np.testing.assert_allclose(got.draws.std(), got.std_error[0], rtol=0.05)


@pytest.mark.parametrize(
    ("differ", "units", "tier", "flag"),
    [
        (0, 40, "given", "interval without width"),
        (2, 40, "given", ""),
        (6, 40, "tentative", "tentative: alpha under 0.80"),
        (12, 40, "refused", "refused: alpha under 0.667"),
        (0, 29, "refused", "fewer than 30 units"),
    ],
)
def test_prevalence_is_judged_on_alpha(differ: int, units: int, tier: str, flag: str) -> None:
    first = np.arange(units) % 2
    second = np.where(np.arange(units) < differ, 1 - first, first)
    for method in ("krippendorff", "kappa", "ac1"):
        got = lp.agreement(pd.DataFrame({"a": first, "b": second}), method=method, draws=50)
        assert got.prevalence == (tier,)
        assert flag in got.flags[0]
        assert got.refused == ("",)


@pytest.mark.parametrize(
    ("codes", "why"),
    [
        (pd.DataFrame({"a": ["x", "x"], "b": ["x", "x"]}), "have the same code"),
        (pd.DataFrame({"a": ["x", None], "b": [None, "y"]}), "no unit was coded by two"),
        (pd.DataFrame({"a": [], "b": []}), "no unit was coded by two"),
    ],
)
@pytest.mark.parametrize("method", ["krippendorff", "kappa", "ac1"])
def test_no_coefficient_where_nothing_can_differ(codes: pd.DataFrame, why: str, method: str) -> None:
    got = lp.agreement(codes, method=method)
    row = got.to_frame().iloc[0]
    assert why in row["refused"]
    assert row[["estimate", "std_error", "conf_low", "conf_high"]].isna().all()
    assert row["prevalence"] == "refused"
    assert len(got) == 1
    assert "refused" in repr(got)


def test_rare_themes_are_flagged_where_resamples_miss_them() -> None:
    codes = pd.DataFrame({"a": [1, *[0] * 39], "b": [1, *[0] * 39]})
    assert "of resamples there is one code only" in lp.agreement(codes).flags[0]


TWO = pd.DataFrame({"a": [1, 2], "b": [1, 2]})


@pytest.mark.parametrize(
    ("codes", "arguments", "message"),
    [
        (TWO[["a"]], {}, "a column for each coder"),
        ([[1, 2]], {}, "a column for each coder"),
        (TWO, {"method": "fleiss"}, "methods are"),
        (TWO, {"scale": "ratio"}, "scales"),
        (TWO, {"method": "kappa", "scale": "ordinal"}, "need scale='nominal'"),
        (TWO, {"scale": "interval", "themes": True}, "need scale='nominal'"),
        (TWO.assign(c=1), {"method": "kappa"}, "kappa of 3 coders"),
        (TWO, {"draws": 0}, "draws is 1 or more"),
        (TWO.assign(b=["often", "seldom"]), {"scale": "ordinal"}, "2 of them are no numbers.*same stated order"),
        (TWO.assign(b=["often", "2"]), {"scale": "interval"}, "1 of them are no numbers"),
    ],
)
def test_agreement_refuses(codes: object, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.agreement(codes, **arguments)


def test_agreement_refuses_levels_outside() -> None:
    with pytest.raises(lp.LpactError, match="levels lie between 0 and 1"):
        lp.agreement(TWO, draws=2).to_frame(level=95)


@pytest.mark.parametrize("units", [[900.0, 60.0, 40.0], [3.0, 2.0, 1.0, 4.0]], ids=["few patterns", "many patterns"])
def test_resamples_hold_as_many_units_and_each_pattern_as_often(units: list[float]) -> None:
    times = np.array(units)
    drawn = _resample(np.random.default_rng(1), times, 20_000)
    assert set(drawn.sum(axis=1)) == {times.sum()}
    share = times / times.sum()
    np.testing.assert_allclose(drawn.mean(axis=0), times, rtol=0.02)
    np.testing.assert_allclose(drawn.var(axis=0), times * (1 - share), rtol=0.05)


@given(arrays.arrays(np.int8, (4, 40), elements=st.sampled_from([0, 0, 0, 1, 2])))
def test_sums_over_many_codes_are_the_product(counts: np.ndarray) -> None:
    times = np.arange(12, dtype=float).reshape(3, 4)
    np.testing.assert_array_equal(_summed(times, counts.astype(float)), times @ counts)


@given(arrays.arrays(np.intp, st.tuples(st.integers(1, 9), st.integers(2, 4)), elements=st.integers(-1, 2)))
def test_patterns_are_the_distinct_rows_however_many_coders(cells: np.ndarray) -> None:
    """Forty coders more who say nothing leave the patterns as they are, though they no longer fit into one number."""
    wide = np.column_stack([np.full((len(cells), 40), -1), cells])
    narrow_rows, narrow_times = _distinct(cells, 3)
    wide_rows, wide_times = _distinct(wide, 3)
    expected, times = np.unique(cells, axis=0, return_counts=True)
    np.testing.assert_array_equal(narrow_rows, expected)
    np.testing.assert_array_equal(wide_rows[:, 40:], expected)
    np.testing.assert_array_equal(narrow_times, times)
    np.testing.assert_array_equal(wide_times, times)


@given(arrays.arrays(np.int8, (12, 4), elements=st.integers(0, 3)), st.integers(3, 5))
def test_alpha_of_each_code_is_that_of_one_code_at_a_time(yes: np.ndarray, coders: int) -> None:
    each = krippendorff_of_each(yes.astype(float), np.full(12, float(coders)))
    for place in range(4):
        counts = np.column_stack([coders - yes[:, place], yes[:, place]]).astype(float)
        alone = krippendorff(counts, np.ones((1, 12)), scale="nominal", scores=np.arange(2.0))
        np.testing.assert_allclose(each[place], alone[0], atol=1e-12)
