from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.disclosure.rules import UK
from lpact_eval.disclosure.suppress import BaseRow, hidden_rows

GROUPS = ("Asian", "Black", "Mixed", "White", "Other")


def table(
    bases: dict[str, int], *, measure: str = "level", variable: str = "trust", wave: str = "2022"
) -> list[BaseRow]:
    """A table of groups with the row of all respondents."""
    total = BaseRow(measure, variable, wave, "", "All respondents", (sum(bases.values()),))
    return [total, *(BaseRow(measure, variable, wave, "ethnicity", name, (n,)) for name, n in bases.items())]


def hidden_groups(rows: list[BaseRow]) -> dict[str, str]:
    return {rows[place].group: reason for place, reason in hidden_rows(rows, UK).items()}


def test_nothing_is_hidden_where_every_base_is_large() -> None:
    assert hidden_groups(table({"Asian": 30, "Black": 40, "White": 100})) == {}


def test_a_single_small_group_takes_the_next_smallest_with_it() -> None:
    rows = table({"Asian": 30, "Black": 45, "Mixed": 14, "White": 100, "Other": 6})
    assert hidden_groups(rows) == {"Other": "small base", "Mixed": "subtraction"}


def test_two_small_groups_need_a_third_only_where_their_sum_is_small_too() -> None:
    enough = table({"Asian": 30, "Black": 45, "Mixed": 5, "Other": 6})
    assert set(hidden_groups(enough)) == {"Mixed", "Other"}
    too_little = table({"Asian": 30, "Black": 45, "Mixed": 1, "Other": 2})
    assert set(hidden_groups(too_little)) == {"Mixed", "Other", "Asian"}


def test_the_only_group_of_a_table_takes_the_total_with_it() -> None:
    rows = [BaseRow("level", "trust", "2022", "", "All respondents", (40,)), table({"Black": 7})[1]]
    assert hidden_groups(rows) == {"Black": "small base", "All respondents": "subtraction"}


def test_a_group_without_respondents_is_not_small() -> None:
    assert hidden_groups(table({"Asian": 30, "Black": 45, "Other": 0})) == {}


@pytest.mark.parametrize(("arms", "hidden"), [((0, 26), True), ((26, 0), True), ((0, 50), False), ((0, 0), False)])
def test_a_small_group_of_which_everyone_or_no_one_attended_is_hidden(arms: tuple[int, int], *, hidden: bool) -> None:
    gaps = {"Asian": (20, 60), "Black": (40, 90), "Mixed": arms}
    rows = [BaseRow("gap", "trust", "2022", "ethnicity", name, (sum(own), *own)) for name, own in gaps.items()]
    expected = {"Mixed": "small base", "Asian": "subtraction"} if hidden else {}
    assert hidden_groups(rows) == expected


def test_a_hidden_level_hides_the_changes_and_gaps_that_show_its_base() -> None:
    rows = [
        *table({"Asian": 30, "Black": 45, "Mixed": 14, "White": 100, "Other": 6}),
        *table({"Asian": 60, "Black": 90, "Mixed": 40, "White": 120, "Other": 30}, wave="rerun"),
    ]
    changes = [BaseRow("change", "trust", "rerun - 2022", "ethnicity", name, (14, 40)) for name in ("Mixed", "Other")]
    kept = BaseRow("change", "trust", "rerun - 2022", "ethnicity", "Black", (45, 90))
    gaps = [BaseRow("gap", "trust", "2022", "ethnicity", name, (20, 30)) for name in ("Mixed", "Other")]
    rows += [*changes, kept, *gaps]
    hidden = hidden_rows(rows, UK)
    assert {(rows[place].measure, rows[place].wave, rows[place].group) for place in hidden} == {
        ("level", "2022", "Other"),
        ("level", "2022", "Mixed"),
        ("change", "rerun - 2022", "Mixed"),
        ("change", "rerun - 2022", "Other"),
        ("gap", "2022", "Mixed"),
        ("gap", "2022", "Other"),
    }


def test_a_hidden_gap_hides_the_difference_it_is_part_of() -> None:
    gaps = [
        BaseRow("gap", "trust", "rerun", "ethnicity", name, bases)
        for name, bases in {"Black": (6, 60), "White": (60, 90), "Asian": (40, 50), "Mixed": (20, 20)}.items()
    ]
    difference = BaseRow("gap difference", "trust", "rerun", "ethnicity", "Black - White", (216,))
    other = BaseRow("gap difference", "trust", "rerun", "ethnicity", "Asian - White", (240,))
    rows = [*gaps, difference, other]
    hidden = {rows[place].group for place in hidden_rows(rows, UK)}
    assert hidden == {"Black", "Mixed", "Black - White"}


def test_every_table_of_a_release_hides_the_same_further_group() -> None:
    first = table({"Asian": 16, "Black": 45, "Mixed": 15, "Other": 6}, variable="trust")
    second = table({"Asian": 14, "Black": 45, "Mixed": 15, "Other": 6}, variable="fair")
    rows = [*first, *second]
    hidden = {(rows[place].variable, rows[place].group) for place in hidden_rows(rows, UK)}
    assert hidden == {("trust", "Other"), ("trust", "Asian"), ("fair", "Other"), ("fair", "Asian")}


@given(st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_no_small_base_is_shown_and_none_is_the_total_less_the_others(sizes: list[int]) -> None:
    bases: dict[str, int] = dict(zip(GROUPS, sizes, strict=False))
    rows = table(bases)
    hidden = {rows[place].group for place in hidden_rows(rows, UK)}
    assert {name for name, n in bases.items() if 0 < n < UK.suppress_below} <= hidden
    unknown = {name: bases[name] for name in hidden & set(bases)}
    if unknown and "All respondents" not in hidden:
        assert len(unknown) > 1
        assert sum(unknown.values()) >= UK.suppress_below


def parts(*bases: int) -> list[BaseRow]:
    wholes = [(("ethnicity", "Black"),)] * 3 + [(("ethnicity", "White"),)] * 2
    groups = ("African", "Caribbean", "Other Black", "British", "Irish")
    return [
        BaseRow("level", "fair", "2022", "ethnicity_19", group, (n,), whole)
        for group, n, whole in zip(groups, bases, wholes, strict=True)
    ]


def test_a_small_part_can_not_be_had_from_the_larger_group_that_another_release_shows() -> None:
    rows = parts(34, 12, 4, 159, 9)
    assert {rows[place].group for place in hidden_rows(rows, UK)} == {"Caribbean", "Other Black", "British", "Irish"}


def test_the_parts_of_a_larger_group_that_another_release_hides_are_hidden() -> None:
    rows = parts(34, 12, 14, 159, 19)
    hidden = hidden_rows(rows, UK, {("level", "fair", "2022", "ethnicity", "Black")})
    assert {rows[place].group for place in hidden} == {"African", "Caribbean", "Other Black"}
