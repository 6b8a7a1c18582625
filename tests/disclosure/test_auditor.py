"""What a reader can work out, by hand and by trying every table."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpact_eval.disclosure.auditor import Need, audit, check_proof, needs, require_protected
from lpact_eval.disclosure.cells import Cell, ReadCell, Relation, adds_up, as_read
from lpact_eval.disclosure.protection import protect
from lpact_eval.errors import DisclosureError

if TYPE_CHECKING:
    from collections.abc import Sequence

TOTAL = [adds_up("all", ["a", "b"])]


def ends(cells: Sequence[ReadCell], relations: Sequence[Relation]) -> dict[str, tuple[float, float]]:
    frame = audit(cells, relations)
    return {str(row.cell): (row.low, row.high) for row in frame.itertuples()}


def test_one_hidden_cell_is_the_difference_of_the_others() -> None:
    assert ends([ReadCell("a", None, 1), ReadCell("b", 40), ReadCell("all", 45)], TOTAL) == {"a": (5.0, 5.0)}


def test_two_hidden_cells_share_what_is_left_and_neither_is_zero() -> None:
    found = ends([ReadCell("a", None, 1), ReadCell("b", None, 1), ReadCell("all", 45)], TOTAL)
    assert found == {"a": (1.0, 44.0), "b": (1.0, 44.0)}


def test_a_hidden_total_has_no_upper_end() -> None:
    found = ends([ReadCell("a", None, 1), ReadCell("b", 40), ReadCell("all", None, 1)], TOTAL)
    assert found == {"a": (1.0, float("inf")), "all": (41.0, float("inf"))}


def test_what_readers_take_for_granted_narrows_the_interval() -> None:
    found = ends([ReadCell("a", None, 1, 6), ReadCell("b", None, 1), ReadCell("all", 45)], TOTAL)
    assert found == {"a": (1.0, 6.0), "b": (39.0, 44.0)}


def test_counts_are_whole() -> None:
    """2a + 2b = 11 has no whole solution, and 2a = b with b from 1 to 7 leaves 1 to 3."""
    with pytest.raises(DisclosureError, match="contradict each other"):
        audit(
            [ReadCell("a", None), ReadCell("b", None), ReadCell("c", None)],
            [Relation((("a", 2), ("b", 2)), 11), adds_up("c", ["a", "b"])],
        )
    assert ends([ReadCell("a", None, 1), ReadCell("b", None, 1, 7)], [Relation((("a", 2), ("b", -1)))]) == {
        "a": (1.0, 3.0),
        "b": (2.0, 6.0),
    }


def test_whole_numbers_narrow_what_fractions_leave_open() -> None:
    """x = y = z = (7 - w) / 2: w is odd, and x at the most 3, not 3.5; every table up to 7 is tried."""
    names = ("x", "y", "z", "w")
    relations = [
        Relation((("x", 1), ("y", 1), ("w", 1)), 7),
        Relation((("y", 1), ("z", 1), ("w", 1)), 7),
        Relation((("x", 1), ("z", 1), ("w", 1)), 7),
    ]
    tables = [
        dict(zip(names, counts, strict=True))
        for counts in product(range(8), repeat=4)
        if all(
            sum(dict(zip(names, counts, strict=True))[name] * times for name, times in one.terms) == one.constant
            for one in relations
        )
    ]
    expected = {name: (min(t[name] for t in tables), max(t[name] for t in tables)) for name in names}
    assert ends([ReadCell(name, None) for name in names], relations) == expected
    assert expected["x"] == (0, 3)  # 3.5 with fractions
    assert expected["w"] == (1, 7)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.integers(0, 4), min_size=2, max_size=2), min_size=2, max_size=2),
    st.sets(st.sampled_from(["c00", "c01", "c10", "c11", "r0", "r1", "k0", "k1"]), min_size=1),
)
def test_the_ends_are_those_of_all_tables_that_fit(counts: list[list[int]], hidden: set[str]) -> None:
    """Every table of four counts up to 12 is tried; ends beyond that are left out."""
    top = 12
    values = {f"c{row}{column}": counts[row][column] for row in (0, 1) for column in (0, 1)}
    margins = {
        "r0": ("c00", "c01"),
        "r1": ("c10", "c11"),
        "k0": ("c00", "c10"),
        "k1": ("c01", "c11"),
    }
    shown = values | {name: sum(values[part] for part in parts) for name, parts in margins.items()}
    fitting = []
    for tried in product(range(top + 1), repeat=4):
        table = dict(zip(values, tried, strict=True))
        table |= {name: sum(table[part] for part in parts) for name, parts in margins.items()}
        if all(table[name] == shown[name] for name in shown if name not in hidden):
            fitting.append(table)
    cells = [ReadCell(name, None if name in hidden else value) for name, value in shown.items()]
    found = ends(cells, [adds_up(name, parts) for name, parts in margins.items()])
    for name in hidden:
        seen = [table[name] for table in fitting]
        assert found[name][0] == min(seen)
        if found[name][1] <= top:
            assert found[name][1] == max(seen)
        else:
            assert max(seen) >= top


def test_without_a_list_every_cell_that_could_be_small_is_held_to_the_threshold() -> None:
    """a and b lie from 1 to 10 and could be small; c, hidden for no reason, is known to be 40 and is not sensitive."""
    cells = [ReadCell("a", None, 1), ReadCell("b", None, 1), ReadCell("all", 11), ReadCell("c", None, 40, 40)]
    found = audit(cells, TOTAL).set_index("cell")
    assert found["verdict"].to_dict() == {"a": "narrow", "b": "narrow", "c": "not sensitive"}


def test_a_sensitive_cell_that_is_shown_stops_the_release() -> None:
    cells = [Cell("a", 5), Cell("b", 40), Cell("all", 45)]
    audited = audit(as_read(cells, ()), TOTAL, needed=needs(cells, TOTAL))
    assert list(audited["verdict"]) == ["shown"]
    with pytest.raises(DisclosureError, match=r"1 of 1 protected counts .* first \['a'\]"):
        require_protected(audited)


def test_a_narrow_interval_stops_the_release_without_a_number() -> None:
    cells = [Cell("a", 7), Cell("b", 4044), Cell("all", 4051)]
    with pytest.raises(DisclosureError) as stopped:
        require_protected(audit(as_read(cells, {"a"}), TOTAL, needed=needs(cells, TOTAL)))
    assert "404" not in str(stopped.value)
    assert "405" not in str(stopped.value)


def test_an_interval_that_begins_too_high_stops_the_release() -> None:
    """a from 6 to 40 is wide; who guesses that it is below 10 knows that it is 6 to 9."""
    read = [ReadCell("a", None, 6), ReadCell("b", None, 1), ReadCell("all", 41)]
    audited = audit(read, TOTAL, needed={"a": Need(10, 1)})
    assert audited.set_index("cell")["verdict"].to_dict() == {"a": "narrow", "b": "not sensitive"}


def test_the_needs_of_a_sum_of_small_groups_begin_where_they_can() -> None:
    """Three groups of which none is 0 are at least 3 together, even with everything hidden."""
    cells = [Cell("a", 2), Cell("b", 2), Cell("c", 2), Cell("all", 6), Cell("rest", 50), Cell("everyone", 56)]
    found = needs(cells, [adds_up("all", "abc"), adds_up("everyone", ["all", "rest"])])
    assert found["all"] == Need(10, 3.0)
    assert found["a"] == Need(10, 1.0)


def test_a_release_whose_numbers_contradict_each_other_is_stopped() -> None:
    with pytest.raises(DisclosureError, match="contradict each other"):
        audit([ReadCell("a", 5), ReadCell("b", 41), ReadCell("all", 45)], TOTAL)
    with pytest.raises(DisclosureError, match="contradict each other"):
        audit([ReadCell("a", None, 1), ReadCell("b", 45), ReadCell("all", 45)], TOTAL)


def test_a_proof_is_checked_by_arithmetic() -> None:
    cells = [Cell("a", 5), Cell("b", 40), Cell("c", 30), Cell("all", 75, cost=9)]
    relations = [adds_up("all", "abc")]
    needed, found = needs(cells, relations), protect(cells, relations)
    check_proof(found, cells, relations, needed)
    low, high = found.proof["a"]
    bent = [
        (low, {**high, "a": high["a"] + 1}),  # does not add up
        (low, low),  # not apart
        ({**low, "all": low.get("all", 75)}, {**high, "all": 75, "zzz": 0}),  # moves what is shown
    ]
    for tables in bent:
        with pytest.raises(DisclosureError, match="proof that cell 'a' is protected does not hold"):
            check_proof(replace(found, proof={"a": tables}), cells, relations, needed)
    with pytest.raises(DisclosureError, match="does not hold"):
        check_proof(replace(found, proof={}), cells, relations, needed)
