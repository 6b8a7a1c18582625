"""The bases of a release as cells, and which rows are hidden over all of its tables at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from lpact_eval.disclosure.auditor import audit, needs
from lpact_eval.disclosure.cells import as_read
from lpact_eval.disclosure.completing import Known, completed
from lpact_eval.disclosure.linked import link
from lpact_eval.disclosure.rules import UK
from lpact_eval.disclosure.suppress import BaseRow, hidden_rows
from lpact_eval.errors import DisclosureError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.rules import Reason

EVERYONE = "All respondents"


def hidden_by_link(rows: Sequence[BaseRow], earlier: Sequence[BaseRow] = ()) -> dict[int, Reason]:
    """Hide what each table asks for, then what all together do."""
    shown = {(row.variable, row.wave, row.by, row.group if row.by else "", ""): row.base for row in earlier}
    return completed(rows, hidden_rows(rows, UK), UK, known=Known(shown, frozenset()))


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


def test_who_is_in_no_group_protects_nobody() -> None:
    """7 + 40 of 97: the 50 who are in no group are told elsewhere, or nearly, so that 7 could be subtracted."""
    hidden = hidden_by_link([level(EVERYONE, 97), level("Asian", 40), level("Black", 7)])
    assert hidden == {1: "subtraction", 2: "small base"}


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


def test_groups_that_only_one_wave_had_are_no_known_rest_of_a_change() -> None:
    """Of 215 in both waves 210 are in rows of the change: the other 5 are Roma before and Irish later, both hidden."""
    rows = [
        *(level(EVERYONE, 93), level("Asian", 40), level("White", 50), level("Roma", 3)),
        *(level(EVERYONE, 122, wave="rerun"), level("Asian", 60, wave="rerun")),
        *(level("White", 60, wave="rerun"), level("Irish", 2, wave="rerun")),
        *(change(EVERYONE, 93, 122), change("Asian", 40, 60), change("White", 50, 60)),
    ]
    hidden = hidden_by_link(rows)
    assert hidden[3] == hidden[7] == "small base"
    assert hidden.keys().isdisjoint({0, 4})
    for wave, change_row in ((1, 9), (2, 10)):
        assert change_row in hidden or hidden.keys().isdisjoint({wave, wave + 4})
    assert {1, 2} & hidden.keys()
    assert {5, 6} & hidden.keys()


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


def test_two_small_groups_that_are_ten_together_take_a_third_with_them() -> None:
    """4 and 6 of 60: table by table that is enough, but either is from 1 to 9 and known to be a small group."""
    rows = [level(EVERYONE, 60), level("Asian", 20), level("Black", 4), level("Mixed", 6), level("White", 30)]
    assert hidden_rows(rows, UK).keys() == {2, 3}
    found = hidden_by_link(rows)
    assert {place for place, reason in found.items() if reason == "small base"} == {2, 3}
    assert {1, 4} & found.keys()


def test_what_a_larger_group_holds_besides_its_part_is_no_small_number() -> None:
    """Black heritage 45, Black 38: the 7 others stand in no table, and subtraction would tell of them."""
    rows = [
        *(level(EVERYONE, 345), level("White", 300)),
        BaseRow("level", "trust", "2022", "ethnicity", "Black", (38,), (("black_heritage", "Black heritage"),)),
        level("Black heritage", 45, by="black_heritage"),
    ]
    assert hidden_rows(rows, UK) == {}
    assert {2, 3} & hidden_by_link(rows).keys()


def margin(category: str, n: int, *, group: str = "") -> BaseRow:
    by = "ethnicity" if group else ""
    return BaseRow("margin", "sex", "2022", by, group or EVERYONE, (n,), part=category)


def weights(group: str, n: int) -> BaseRow:
    return BaseRow("weights", "", "2022", "" if group == EVERYONE else "ethnicity", group, (n,))


def test_margins_are_linked_across_groups_and_with_the_weights() -> None:
    """Women: 8 of 40 Asian. With the men of White hidden too, the Asian base and all women would still tell it.

    The 32 men among the 40 are shown elsewhere, in a table by sex: only what is hidden beside both protects.
    """
    rows = [
        *(weights(EVERYONE, 100), weights("Asian", 40), weights("White", 60)),
        *(margin("Female", 28), margin("Male", 72)),
        *(margin("Female", 8, group="Asian"), margin("Male", 32, group="Asian")),
    ]
    more = completed(rows, {5: "small base"}, UK).keys() - {5}
    assert 6 in more or 1 in more


@pytest.mark.parametrize("seed", range(12))
def test_the_auditor_finds_no_small_base_in_random_releases(seed: int) -> None:
    """Levels of two questions in two waves and their changes; the auditor shares no code with what hides."""
    rng = np.random.default_rng(seed)
    groups = ("Asian", "Black", "White")
    rows: list[BaseRow] = []
    for variable in ("trust", "fair"):
        counts = {(group, wave): int(rng.integers(3, 60)) for group in groups for wave in ("2022", "rerun")}
        counts["Asian", "2022"] = int(rng.integers(1, 10))
        for wave in ("2022", "rerun"):
            counts[EVERYONE, wave] = sum(counts[group, wave] for group in groups) + int(rng.integers(0, 4))
            rows += [level(group, counts[group, wave], wave=wave, variable=variable) for group in (*groups, EVERYONE)]
        for group in (*groups, EVERYONE):
            before, later = counts[group, "2022"], counts[group, "rerun"]
            where = "" if group == EVERYONE else "ethnicity"
            rows.append(BaseRow("change", variable, "rerun - 2022", where, group, (before + later, before, later)))
    hidden = hidden_by_link(rows)
    linked = link(rows, uniform_below=UK.uniform_below)
    closed = {cell.name for cell in linked.cells if cell.printing == "open"} - linked.visible(hidden)
    needed = needs(linked.cells, linked.relations)
    audited = audit(as_read(linked.cells, closed), linked.relations, needed=needed)
    assert needed
    assert not audited["verdict"].isin(["narrow", "shown"]).any()
