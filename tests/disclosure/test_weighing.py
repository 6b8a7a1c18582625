"""What is told of weights passes the same gate: small categories and groups, and what would give them away."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from lpact_eval.disclosure.rules import UK
from lpact_eval.disclosure.suppress import BaseRow
from lpact_eval.disclosure.weighing import MARGIN_COLUMNS, clear_margins, clear_sensitivity, clear_weights


def margin(category: str, n: int, *, variable: str = "age_band", group: str = "All respondents") -> dict[str, object]:
    by = "" if group == "All respondents" else "ethnicity"
    kind = "within group" if by else "population"
    named = {"wave": "2022", "weights": kind, "by": by, "group": group, "variable": variable, "title": variable}
    return {**named, "category": category, "n": n, "target": 0.25, "before": n / 200, "after": 0.25}


def weights(**groups: int) -> list[BaseRow]:
    rows = [BaseRow("weights", "", "2022", "", "All respondents", (200,))]
    return rows + [BaseRow("weights", "", "2022", "ethnicity", group, (n,)) for group, n in groups.items()]


def cleared(rows: list[dict[str, object]], bases: list[BaseRow], hidden: set[int] = frozenset()) -> pd.DataFrame:  # type: ignore[assignment]
    return clear_margins(pd.DataFrame(rows), bases, hidden, UK)[0].set_index(["group", "category"])


def test_a_small_category_is_hidden_with_the_next_smallest_of_its_margin() -> None:
    """Seven of 16-24 could be had from the other shares, so 25-34 with thirty goes too; the target stays."""
    rows = [margin("16-24", 7), margin("25-34", 30), margin("35-64", 90), margin("65+", 73)]
    frame = cleared(rows, weights())
    assert frame["mark"].tolist() == ["[c]", "[c]", "", ""]
    assert frame["before"].isna().tolist() == [True, True, False, False]
    assert frame["after"].isna().tolist() == [True, True, False, False]
    assert frame["target"].tolist() == [0.25] * 4
    reasons = clear_margins(pd.DataFrame(rows), weights(), set(), UK)[1]
    assert reasons == ["small base", "subtraction"]


@pytest.mark.parametrize(
    ("n", "mark", "shown"), [(9, "[c]", False), (29, "[u]", False), (30, "[u]", True), (60, "", True)]
)
def test_the_base_of_the_group_decides_as_in_other_tables(n: int, mark: str, *, shown: bool) -> None:
    rows = [margin("Female", 40, variable="sex", group="Black"), margin("Male", 30, variable="sex", group="Black")]
    frame = cleared(rows, weights(Black=n))
    assert frame["mark"].tolist() == [mark] * 2
    assert frame["before"].notna().tolist() == [shown] * 2


def test_a_group_that_another_table_hides_is_hidden_with_all_its_margins() -> None:
    rows = [margin("Female", 40, variable="sex", group="Black"), margin("Male", 30, variable="sex", group="Black")]
    frame = cleared(rows, weights(Black=70), {1})
    assert frame["mark"].tolist() == ["[c]"] * 2


def test_a_category_that_another_table_hides_is_hidden_here_too() -> None:
    """Mixed was hidden beside Other; as a share of all respondents it would give both away."""
    sizes = {"Asian": 60, "Black": 75, "Mixed": 45, "Other": 6}
    rows = [margin(group, n, variable="ethnicity") for group, n in sizes.items()]
    frame = cleared(rows, weights(**sizes), {3, 4})
    assert frame["mark"].tolist() == ["", "", "[c]", "[c]"]


def test_no_number_of_respondents_is_published_beside_a_margin() -> None:
    frame = clear_margins(pd.DataFrame([margin("16-24", 50), margin("25+", 150)]), weights(), set(), UK)[0]
    assert list(frame.columns) == list(MARGIN_COLUMNS)
    assert "n" not in frame.columns


def test_flags_of_hidden_weights_go_with_their_numbers() -> None:
    spread: dict[str, object] = {"design_effect": 2.0, "smallest": 0.1, "largest": 9.0, "largest_over_mean": 6.0}
    records = [
        {**spread, "group": group, "n": n, "n_effective": n / 2, "flags": "a weight over 5 times the mean"}
        for group, n in (("Black", 60), ("Other", 6))
    ]
    frame = clear_weights(pd.DataFrame(records), records, {1})
    assert frame["mark"].tolist() == ["", "[c]"]
    assert frame["flags"].tolist() == ["a weight over 5 times the mean", ""]
    assert frame["n"].isna().tolist() == [False, True]


def comparison(group: str, policy: str) -> dict[str, object]:
    named = {"indicator": "5.1", "title": "Trust", "measure": "change", "wave": "rerun - 2022", "group": group}
    numbers = {"estimate": 0.1, "conf_low": 0.0, "conf_high": 0.2}
    return {**named, "policy": policy, "declared": policy == "keep", **numbers, "sensitive": True}


def test_policies_are_compared_only_where_the_estimate_is_published() -> None:
    frame = pd.DataFrame(
        [comparison(group, policy) for group in ("Black", "Mixed", "Other") for policy in ("keep", "leave out")]
    )
    rows: list[dict[str, object]] = [
        {**comparison("Black", "keep"), "mark": "[u]"},
        {**comparison("Mixed", "keep"), "estimate": None, "mark": "[c]"},
        {**comparison("Other", "keep"), "estimate": math.nan, "mark": ""},
    ]
    found = clear_sensitivity(frame, rows)
    assert found["mark"].tolist() == ["[u]"] * 2 + ["[c]"] * 2 + ["[x]"] * 2
    assert found["estimate"].notna().tolist() == [True] * 2 + [False] * 4
    assert found["sensitive"].tolist() == [True] * 2 + [False] * 4
    assert clear_sensitivity(frame, [])["estimate"].isna().all()
