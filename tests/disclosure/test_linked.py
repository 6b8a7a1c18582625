"""The bases of a release as cells, and which rows are hidden."""

from __future__ import annotations

import pytest

from lpact_eval.disclosure.linked import hidden_by_link, link
from lpact_eval.disclosure.suppress import BaseRow
from lpact_eval.errors import DisclosureError

EVERYONE = "All respondents"


def level(group: str, n: int, *, by: str = "ethnicity", wave: str = "2022", variable: str = "trust") -> BaseRow:
    total = group == EVERYONE
    return BaseRow("level", variable, wave, "" if total else by, group, (n,))


def change(group: str, before: int, later: int, *, by: str = "ethnicity") -> BaseRow:
    where = "" if group == EVERYONE else by
    return BaseRow("change", "trust", "rerun - 2022", where, group, (before + later, before, later))


def gap(group: str, attended: int, others: int) -> BaseRow:
    where = "" if group == EVERYONE else "ethnicity"
    return BaseRow("gap", "trust", "rerun", where, group, (attended + others, attended, others))


def test_nothing_is_hidden_without_a_small_base() -> None:
    assert hidden_by_link([level(EVERYONE, 90), level("Asian", 40), level("White", 50)]) == {}


def test_a_small_base_takes_the_next_group_with_it() -> None:
    rows = [level(EVERYONE, 97), level("Asian", 40), level("Black", 7), level("White", 50)]
    assert hidden_by_link(rows) == {1: "subtraction", 2: "small base"}


def test_groups_that_are_not_everyone_leave_a_rest_that_protects() -> None:
    """7 + 40 of 97: 50 are in no group, so that no one can subtract."""
    assert hidden_by_link([level(EVERYONE, 97), level("Asian", 40), level("Black", 7)]) == {2: "small base"}


def test_changes_hide_with_the_bases_that_they_rest_on() -> None:
    rows = [
        *(level(EVERYONE, 97), level("Asian", 40), level("Black", 7), level("White", 50)),
        *(level(EVERYONE, 150, wave="rerun"), level("Asian", 45, wave="rerun")),
        *(level("Black", 35, wave="rerun"), level("White", 70, wave="rerun")),
        *(change(EVERYONE, 97, 150), change("Asian", 40, 45), change("Black", 7, 35), change("White", 50, 70)),
    ]
    hidden = hidden_by_link(rows)
    assert {place for place, reason in hidden.items() if reason == "small base"} == {2, 10}
    assert {1, 9} <= hidden.keys()
    assert hidden.keys().isdisjoint({0, 4, 8})


def test_a_larger_group_that_gives_a_part_away_is_hidden_or_another_part_is() -> None:
    """Black heritage 45 is Black 38 and Mixed 7."""
    wholes = (("black_heritage", "Black heritage"),)
    rows = [
        *(level(EVERYONE, 345), level("White", 300)),
        BaseRow("level", "trust", "2022", "ethnicity", "Black", (38,), wholes),
        BaseRow("level", "trust", "2022", "ethnicity", "Mixed", (7,), wholes),
        level("Black heritage", 45, by="black_heritage"),
    ]
    hidden = hidden_by_link(rows)
    assert hidden[3] == "small base"
    assert 2 in hidden or {1, 4} <= hidden.keys()


def test_an_arm_of_nobody_is_hidden_with_the_rest_of_a_small_group() -> None:
    """All of 24 attended: shown, this tells of each of them."""
    hidden = hidden_by_link([gap(EVERYONE, 60, 60), gap("Asian", 24, 0), gap("White", 36, 60)])
    assert hidden[1] == "small base"


def test_a_later_release_is_hidden_where_few_came_since() -> None:
    earlier = [level(EVERYONE, 90), level("Asian", 40), level("White", 50)]
    now = [level(EVERYONE, 123), level("Asian", 43), level("White", 80)]
    hidden = hidden_by_link(now, earlier=earlier)
    assert hidden[1] == "subtraction"
    assert len(hidden) == 2


def test_the_same_release_again_hides_what_it_hid() -> None:
    rows = [level(EVERYONE, 97), level("Asian", 40), level("Black", 7), level("White", 50)]
    shown = [row for place, row in enumerate(rows) if place not in hidden_by_link(rows)]
    assert hidden_by_link(rows, earlier=shown).keys() == {1, 2}


def test_what_an_earlier_release_gave_away_stops_this_one() -> None:
    earlier = [level(EVERYONE, 97), level("Asian", 40), level("White", 50)]
    rows = [level(EVERYONE, 97), level("Asian", 40), level("Black", 7), level("White", 50)]
    with pytest.raises(DisclosureError, match="could be worked out too closely"):
        hidden_by_link(rows, earlier=earlier)


def test_a_base_stands_in_one_cell_wherever_it_is_shown() -> None:
    rows = [
        level("Asian", 40),
        BaseRow("distribution", "trust", "2022", "ethnicity", "Asian", (40,)),
        change("Asian", 40, 45),
    ]
    linked = link(rows)
    assert linked.shown[0] == linked.shown[1]
    assert linked.shown[0][0] in linked.shown[2]
    assert len(linked.cells) == 3


def test_names_of_cells_hold_no_count() -> None:
    linked = link([level(EVERYONE, 7341), level("Asian", 7123)])
    assert not any("7341" in cell.name or "7123" in cell.name for cell in linked.cells)
