"""Laws and refusals of quotas and approaches."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom

import lpact_eval as lp

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


@given(
    target=st.integers(1, 150),
    response=st.floats(0.05, 1),
    share=st.floats(0.05, 1),
    certainty=st.floats(0.05, 0.99),
)
def test_one_approach_fewer_is_not_enough(target: int, response: float, share: float, certainty: float) -> None:
    plan = lp.approaches(target, response=response, share=share, certainty=certainty)
    rate = response * share
    assert plan.n >= target
    assert binom.sf(target - 1, plan.n, rate) >= certainty - 1e-9
    assert plan.n == target or binom.sf(target - 1, plan.n - 1, rate) < certainty + 1e-9


def test_when_everybody_answers_and_belongs_the_target_is_enough() -> None:
    plan = lp.approaches(40, response=1, share=1)
    assert plan.n == 40
    assert plan.power == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": 0, "response": 0.2, "share": 0.3}, "target=0"),
        ({"target": 10, "response": 0, "share": 0.3}, "response=0"),
        ({"target": 10, "response": 0.2, "share": 35}, "share=35"),
        ({"target": 10, "response": 0.2, "share": 0.3, "certainty": 1}, "certainty=1"),
    ],
)
def test_nonsense_approaches_are_refused(arguments: dict[str, float], message: str) -> None:
    target = arguments.pop("target")
    with pytest.raises(lp.LpactError, match=message):
        lp.approaches(target, **arguments)
