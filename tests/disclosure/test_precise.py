"""The NCHS standards for proportions, by hand and beside an interval from another library function."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from lpact_eval.disclosure.clear import clear_rows
from lpact_eval.disclosure.precise import ALL_ALIKE, COMPLEMENT, FEW_DF, imprecise, korn_graubard, looked_at
from lpact_eval.disclosure.rules import UK, find_rules

NCHS = find_rules("nchs")
assert NCHS.proportions is not None
STANDARD = NCHS.proportions
Row = dict[str, object]


def share(value: float, n: int, *, effective: float | None = None, df: float | None = None, **more: object) -> Row:
    size = float(n) if effective is None else effective
    return {
        "measure": "level",
        "variable": "trust",
        "answer": "agree",
        "wave": "2022",
        "by": "",
        "group": "All",
        "weights": "population",
        "estimate": value,
        "n": n,
        "n_effective": size,
        "flags": "",
        "refused": "",
        "std_error": math.sqrt(value * (1 - value) / size),
        "df": n - 1 if df is None else df,
        "comparable": "",
        **more,
    }


@pytest.mark.parametrize(("value", "n"), [(0.1, 100), (0.5, 40), (0.03, 300), (0.9, 61)])
def test_of_a_simple_sample_the_interval_is_clopper_and_pearsons(value: float, n: int) -> None:
    x = value * n
    expected = stats.beta.ppf(0.025, x, n - x + 1), stats.beta.ppf(0.975, x + 1, n - x)
    assert korn_graubard(share(value, n)) == pytest.approx(expected, rel=1e-9)


def test_of_a_clustered_sample_n_is_the_effective_one_times_the_squared_ratio_of_t() -> None:
    row = share(0.2, 400, effective=150, df=12)
    size = 150 * (stats.t.ppf(0.975, 399) / stats.t.ppf(0.975, 12)) ** 2
    x = 0.2 * size
    expected = stats.beta.ppf(0.025, x, size - x + 1), stats.beta.ppf(0.975, x + 1, size - x)
    assert korn_graubard(row) == pytest.approx(expected, rel=1e-9)


def test_a_design_effect_below_one_counts_as_one() -> None:
    assert korn_graubard(share(0.3, 100, effective=180, df=99)) == pytest.approx(korn_graubard(share(0.3, 100)))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (share(0.5, 200, effective=29.9), "fewer than 30 effective respondents"),
        (share(0.5, 200, effective=30.1, df=199), "its interval is too wide"),  # 0.31 to 0.69
        (share(0.5, 60), ""),  # 0.368 to 0.632: 0.26
        (share(0.1, 100), ""),  # 0.049 to 0.176: 127%
        (share(0.1, 90), "its interval is too wide for so small a share"),  # 0.047 to 0.181: 134%
        (share(0.01, 1000), ""),  # 0.005 to 0.018: no wider than 0.05, whatever it is of the share
        (share(0.0, 80), ""),  # 0 to 0.045
    ],
)
def test_shares_are_withheld_by_number_width_and_relative_width(row: Row, reason: str) -> None:
    assert imprecise([row], STANDARD) == ({0: reason} if reason else {})


def test_a_change_is_withheld_with_either_of_its_shares() -> None:
    change = share(0.1, 190, measure="change", wave="rerun - 2022")
    rows = [share(0.1, 90), share(0.3, 200, wave="rerun"), change]
    assert imprecise(rows, STANDARD).keys() == {0, 2}
    assert imprecise(rows[1:], STANDARD) == {}


def test_ends_few_degrees_of_freedom_and_complements_are_flagged() -> None:
    assert looked_at(share(1.0, 200), STANDARD) == ALL_ALIKE
    assert looked_at(share(0.5, 200, df=7), STANDARD) == FEW_DF
    assert looked_at(share(0.5, 200, df=8), STANDARD) == ""
    assert looked_at(share(0.9, 90), STANDARD) == COMPLEMENT
    assert looked_at(share(0.9, 100), STANDARD) == ""


def test_rows_are_cleared_by_the_rules_that_are_asked_for() -> None:
    rows = [share(0.1, 90), share(0.5, 200, df=7), share(0.5, 29)]
    cleared = clear_rows(rows, [90, 200, 29], {}, NCHS)
    assert [row.tier for row in cleared] == ["withheld", "full", "withheld"]
    assert cleared[0].record["note"] == "Withheld: its interval is too wide for so small a share."
    assert cleared[0].record["estimate"] is None
    assert cleared[0].record["n"] == 90
    assert cleared[0].record["mark"] == "[u]"
    assert cleared[1].record["flags"] == FEW_DF
    assert [row.tier for row in clear_rows(rows, [90, 200, 29], {}, UK)] == ["small", "full", "withheld"]
