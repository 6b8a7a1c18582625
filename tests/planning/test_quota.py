"""Laws and refusals of quotas."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.planning.quota import quota_sentences

Allocation = Literal["proportional", "equal", "power"]

GROUPS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.floats(0.01, 100), min_size=1, max_size=8)


@given(total=st.integers(1, 2000), shares=GROUPS, data=st.data())
def test_quotas_add_up_and_keep_their_floors(total: int, shares: dict[str, float], data: st.DataObject) -> None:
    floors = data.draw(st.dictionaries(st.sampled_from(sorted(shares)), st.integers(0, 300)))
    assume(sum(floors.values()) <= total)
    frame = lp.quotas(total, shares, floors=floors)
    assert frame["quota"].sum() == total
    assert (frame["quota"] >= frame["floor"]).all()
    assert (frame["design_effect"] >= 1 - 1e-12).all()


@given(total=st.integers(1, 2000), shares=GROUPS)
def test_without_floors_no_quota_is_a_whole_person_off(total: int, shares: dict[str, float]) -> None:
    frame = lp.quotas(total, shares)
    assert ((frame["quota"] - frame["proportional"]).abs() < 1).all()
    assert frame["category"].tolist() == list(shares)


def test_a_floor_is_kept_and_the_rest_shared_out_by_hand() -> None:
    """100 of them 30 in C: 70 left for A and B at 3 to 1 are 52.5 and 17.5; the tie goes to the larger share."""
    frame = lp.quotas(100, {"A": 60, "B": 20, "C": 20}, floors={"C": 30}).set_index("category")
    assert frame["quota"].to_dict() == {"A": 53, "B": 17, "C": 30}
    assert frame["proportional"].to_dict() == {"A": 60, "B": 20, "C": 20}
    assert frame.loc["C", "weight"] == pytest.approx(20 / 30)
    # 53 * (60/53)^2 + 17 * (20/17)^2 + 30 * (20/30)^2, over 100
    assert frame["design_effect"].iloc[0] == pytest.approx((3600 / 53 + 400 / 17 + 400 / 30) / 100)


def test_a_floor_can_push_another_group_to_its_floor() -> None:
    """Holding C at 50 of 100 leaves A 30 and B 20; B's floor of 25 then holds too, and A gets 25."""
    frame = lp.quotas(100, {"A": 45, "B": 30, "C": 25}, floors={"B": 25, "C": 50}).set_index("category")
    assert frame["quota"].to_dict() == {"A": 25, "B": 25, "C": 50}


@pytest.mark.parametrize(
    ("total", "shares", "floors", "message"),
    [
        (100, {"A": 1, "B": 1}, {"A": 60, "B": 50}, "the floors add up to 110"),
        (100, {"A": 1}, {"Z": 5}, r"floors for \['Z'\]: the groups are \['A'\]"),
        (100, {"A": 0.0}, None, "the shares add up to 0"),
        (100, {"A": -1, "B": 2}, None, "share of A=-1"),
        (0, {"A": 1}, None, "total=0"),
        (10.5, {"A": 1}, None, "people come in whole numbers"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(
    total: int, shares: dict[str, float], floors: dict[str, int] | None, message: str
) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.quotas(total, shares, floors=floors)


ALLOCATIONS = st.sampled_from(["proportional", "equal", "power"])
CELLS = st.dictionaries(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["north", "south", "east"])), st.floats(0.01, 100), min_size=1
)


@given(total=st.integers(1, 2000), shares=GROUPS, allocation=ALLOCATIONS, data=st.data())
def test_every_allocation_lies_within_one_of_its_exact_part(
    total: int, shares: dict[str, float], allocation: Allocation, data: st.DataObject
) -> None:
    floors = data.draw(st.dictionaries(st.sampled_from(sorted(shares)), st.integers(0, 300)))
    assume(sum(floors.values()) <= total)
    frame = lp.quotas(total, shares, floors=floors, allocation=allocation)
    assert frame["quota"].sum() == total
    assert frame["exact"].sum() == pytest.approx(total)
    assert ((frame["quota"] - frame["exact"]).abs() < 1).all()
    assert (frame["quota"] >= frame["floor"]).all()


@given(total=st.integers(1, 500), shares=GROUPS, allocation=ALLOCATIONS, data=st.data())
def test_no_exact_part_shrinks_when_the_total_grows(
    total: int, shares: dict[str, float], allocation: Allocation, data: st.DataObject
) -> None:
    floors = data.draw(st.dictionaries(st.sampled_from(sorted(shares)), st.integers(0, 100)))
    assume(sum(floors.values()) <= total)
    small = lp.quotas(total, shares, floors=floors, allocation=allocation)
    large = lp.quotas(total + 50, shares, floors=floors, allocation=allocation)
    assert (large["exact"] >= small["exact"] - 1e-9).all()


@given(total=st.integers(1, 800), cells=CELLS, allocation=ALLOCATIONS, data=st.data())
def test_nested_quotas_add_up_and_keep_floors_of_cells_and_groups(
    total: int, cells: dict[tuple[str, str], float], allocation: Allocation, data: st.DataObject
) -> None:
    groups = sorted({cell[0] for cell in cells})
    of_groups = data.draw(st.dictionaries(st.sampled_from(groups), st.integers(0, 150)))
    of_cells = data.draw(st.dictionaries(st.sampled_from(sorted(cells)), st.integers(0, 60)))
    inside = {group: sum(least for cell, least in of_cells.items() if cell[0] == group) for group in groups}
    assume(sum(max(inside[group], of_groups.get(group, 0)) for group in groups) <= total)
    frame = lp.quotas(total, cells, floors={**of_groups, **of_cells}, allocation=allocation, by=("who", "where"))
    assert frame["quota"].sum() == total
    assert (frame["quota"] >= frame["floor"]).all()
    by_group = frame.groupby("who")["quota"].sum()
    assert all(by_group[group] >= least for group, least in of_groups.items())
    assert (frame["design_effect_who"].dropna() >= 1 - 1e-12).all()


@given(total=st.integers(1, 800), cells=CELLS, data=st.data())
def test_feasible_quotas_ask_nobody_for_more_than_there_are(
    total: int, cells: dict[tuple[str, str], float], data: st.DataObject
) -> None:
    available = data.draw(st.fixed_dictionaries({cell: st.integers(0, 2000) for cell in cells}))
    response = data.draw(st.floats(0.01, 1))
    frame = lp.quotas(total, cells, by=("who", "where"), available=available, response=response)
    assert (frame["feasible_quota"] <= frame["reachable"]).all()
    assert frame["feasible_quota"].sum() == min(total, frame["reachable"].sum())
    if frame["feasible"].all():
        assert frame["feasible_quota"].tolist() == frame["quota"].tolist()


@given(
    shares=st.dictionaries(st.sampled_from("abcd"), st.floats(1, 100), min_size=2),
    other=st.lists(st.floats(0.1, 10), min_size=4, max_size=4),
    data=st.data(),
)
def test_no_other_allocation_of_the_same_cost_beats_neyman(
    shares: dict[str, float], other: list[float], data: st.DataObject
) -> None:
    spread = data.draw(st.fixed_dictionaries({name: st.floats(0.1, 0.5) for name in shares}))
    cost = data.draw(st.fixed_dictionaries({name: st.floats(1, 50) for name in shares}))
    frame = lp.quotas(10_000, shares, allocation="neyman", spread=spread, cost=cost).set_index("category")["exact"]
    budget = sum(cost[name] * frame[name] for name in shares)
    rival = dict(zip(shares, other, strict=False))
    scale = budget / sum(cost[name] * rival[name] for name in shares)

    def variance(sizes: dict[str, float]) -> float:
        return sum((shares[name] * spread[name]) ** 2 / sizes[name] for name in shares)

    best = variance({name: frame[name] for name in shares})
    assert best <= variance({name: scale * size for name, size in rival.items()}) * (1 + 1e-9)


def test_quotas_within_quotas_by_hand() -> None:
    """90 of A (floor) leave 60 for B; A splits 2 to 1 over its areas, B 1 to 3: 60, 30, 15, 45.

    In the north 60 respondents count 20 / 60 each and 15 count 25 / 15 each, so that Kish's design effect there is
    75 (60 / 3^2 + 15 * (5 / 3)^2) / (20 + 25)^2.
    """
    cells = {("A", "north"): 20, ("A", "south"): 10, ("B", "north"): 25, ("B", "south"): 75}
    frame = lp.quotas(150, cells, floors={"A": 90}, by=("group", "area")).set_index("category")
    assert frame["quota"].to_dict() == {"A, north": 60, "A, south": 30, "B, north": 15, "B, south": 45}
    assert frame["design_effect_group"].tolist() == pytest.approx([1, 1, 1, 1])
    north = 75 * (60 / 9 + 15 * 25 / 9) / (20 + 25) ** 2
    assert frame.loc["A, north", "design_effect_area"] == pytest.approx(north)


def test_what_cannot_be_had_is_said_with_what_can() -> None:
    """Of 40 asked of B, 500 persons at 6% bring 30; the other 10 come from A."""
    shares = {"A": 60, "B": 40}
    frame = lp.quotas(100, shares, available={"B": 500}, response={"B": 0.06}).set_index("category")
    assert frame["feasible"].to_dict() == {"A": True, "B": False}
    assert frame["feasible_quota"].to_dict() == {"A": 70, "B": 30}
    assert frame["design_effect_feasible"].iloc[0] == pytest.approx((3600 / 70 + 1600 / 30) / 100)
    sentences = quota_sentences(frame.reset_index())
    assert sentences[0] == "100 respondents are shared out: A 60; B 40."
    assert sentences[2] == (
        "Not feasible: B 40, of whom 30 can be expected to answer. Feasible is 100 in all: A 70; B 30."
    )
    assert "A quota is not a weight" in sentences[-1]


def test_feasible_quotas_are_not_spoken_of() -> None:
    sentences = quota_sentences(lp.quotas(100, {"A": 60, "B": 40}, available={"B": 500}))
    assert len(sentences) == 3
    assert not any("feasible" in sentence.casefold() for sentence in sentences)


def test_a_group_of_nobody_gets_its_floor_only() -> None:
    frame = lp.quotas(10, {"A": 1, "B": 0}, floors={"B": 3}).set_index("category")
    assert frame["quota"].to_dict() == {"A": 7, "B": 3}
    nested = lp.quotas(10, {("A", "x"): 1, ("B", "x"): 0, ("B", "y"): 0}, floors={("B", "y"): 3}, by=("who", "where"))
    assert nested["quota"].tolist() == [7, 0, 3]


def test_a_floor_above_what_can_be_had_is_lowered_to_it() -> None:
    frame = lp.quotas(100, {"A": 9, "B": 1}, floors={"B": 50}, available={"A": 30, "B": 20}).set_index("category")
    assert frame["quota"].to_dict() == {"A": 50, "B": 50}
    assert frame["feasible_quota"].to_dict() == {"A": 30, "B": 20}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"allocation": "optimal"}, "allocation='optimal': choose one of"),
        ({"allocation": "neyman"}, "give spread, cost or both"),
        ({"spread": {"A": 0.5}}, "they belong to allocation=.neyman."),
        ({"allocation": "neyman", "cost": {"A": 0}}, "cost of A=0"),
        ({"allocation": "power", "exponent": 2}, "exponent=2"),
        ({"available": {"Z": 9}}, r"available for \['Z'\]: the groups are \['A', 'B'\]"),
        ({"available": {"A": 9}, "response": 6}, "response of A=6"),
    ],
)
def test_nonsense_allocations_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.quotas(100, {"A": 1, "B": 2}, **arguments)


@pytest.mark.parametrize(
    ("shares", "by", "message"),
    [
        ({("A", "north"): 1, "B": 2}, ("group", "area"), r"keys of \[1, 2\] parts"),
        ({("A", "north"): 1}, None, "name the 2 variables"),
        ({("A", "north"): 1}, "group", "name the 2 variables"),
    ],
)
def test_quotas_that_do_not_nest_are_refused(shares: dict[object, float], by: object, message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.quotas(100, shares, by=by)


def test_a_floor_for_a_group_of_nobody_is_refused() -> None:
    with pytest.raises(lp.LpactError, match="floor for B: the shares of its cells add up to 0"):
        lp.quotas(10, {("A", "north"): 1, ("B", "north"): 0}, by=("group", "area"), floors={"B": 3})


def test_shares_without_groups_are_refused() -> None:
    with pytest.raises(lp.LpactError, match="give groups with their shares"):
        lp.quotas(10, [1, 2])
