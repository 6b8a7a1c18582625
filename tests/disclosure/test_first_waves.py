"""What groups brought to a survey is told under the rules of every other output."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.disclosure.first_waves import first_waves
from lpact_eval.errors import DisclosureError
from lpact_eval.sample import Sample, Variable

if TYPE_CHECKING:
    from collections.abc import Mapping


def sample_of(groups: Mapping[str, tuple[int, int]]) -> Sample:
    """Make a survey: by group how many said yes and how many no."""
    rows = [(name, word) for name, (yes, no) in groups.items() for word in ["yes"] * yes + ["no"] * no]
    answers = pd.DataFrame(rows, columns=["group", "confident"])
    answers["group"] = pd.Categorical(answers["group"], categories=list(groups))
    answers["confident"] = pd.Categorical(answers["confident"], categories=["yes", "no"])
    book = {
        "group": variable("group", tuple(groups)),
        "confident": variable("confident", ("yes", "no"), positive=("yes",)),
    }
    plain = Sample.from_frame(answers)
    return replace(plain, answers=answers, codebook=book)


def variable(name: str, answers: tuple[str, ...], *, positive: tuple[str, ...] = ()) -> Variable:
    return Variable(
        name=name,
        title=name,
        wording=name,
        kind="category",
        answers=answers,
        positive=positive,
        outcome=None,
        after_attendance=False,
        comparable={},
        reason={},
    )


def told(groups: Mapping[str, tuple[int, int]], group: str = "A") -> tuple[dict[str, int], tuple[str, ...]]:
    found = first_waves(sample_of(groups), "confident", ["yes"], by="group", group=group)
    return {first.group: first.n for first in found.shown}, found.hidden


def test_large_groups_are_told_the_one_of_interest_first() -> None:
    shown, hidden = told({"B": (40, 40), "A": (30, 30)})
    assert list(shown.items()) == [("A", 60), ("B", 80)]
    assert hidden == ()


def test_a_small_group_is_hidden_with_another_that_keeps_it_from_being_had_by_subtraction() -> None:
    shown, hidden = told({"A": (30, 30), "B": (40, 40), "C": (6, 6), "D": (2, 3)})
    assert set(shown) == {"A", "B"}
    assert hidden == ("C", "D")


def test_small_groups_that_hide_each_other_take_nobody_with_them() -> None:
    shown, hidden = told({"A": (30, 30), "B": (40, 40), "C": (3, 4), "D": (4, 3)})
    assert set(shown) == {"A", "B"}
    assert hidden == ("C", "D")


def test_two_tiny_groups_take_a_third_with_them() -> None:
    _, hidden = told({"A": (30, 30), "B": (40, 40), "C": (1, 1), "D": (1, 2)})
    assert hidden == ("B", "C", "D")


def test_a_share_on_a_withheld_base_is_assumed() -> None:
    found = first_waves(sample_of({"A": (5, 15), "B": (40, 40)}), "confident", ["yes"], by="group", group="A")
    assert found.shown[0].assumed
    assert found.shown[0].baseline == 0.5


def test_a_group_of_interest_that_is_too_small_is_refused_without_its_number() -> None:
    with pytest.raises(DisclosureError, match=r"^Fewer than 10 respondents of the group A answered; give numbers"):
        told({"A": (3, 4), "B": (40, 40)})


def test_a_small_group_that_answered_nearly_alike_is_not_told() -> None:
    shown, hidden = told({"A": (30, 30), "B": (34, 1), "C": (40, 0), "D": (200, 2)})
    assert set(shown) == {"A", "D"}
    assert hidden == ("B", "C")
    with pytest.raises(DisclosureError, match="answered alike"):
        told({"A": (34, 1), "B": (40, 40)})


def test_weights_cost_what_kish_says() -> None:
    found = first_waves(sample_of({"A": (30, 30), "B": (40, 40)}), "confident", ["yes"], by="group", group="A")
    assert found.weight_effects["A"] == pytest.approx(1.0)
