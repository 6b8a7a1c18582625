"""Shares of every answer are cleared as levels are, and together."""

from __future__ import annotations

import pytest

from lpact_eval.disclosure.rules import UK
from lpact_eval.disclosure.spread import clear_distributions
from lpact_eval.disclosure.suppress import BaseRow, hidden_rows

ANSWERS = ("agree", "neither", "disagree")


def shares(values: tuple[float, float, float], n: int, group: str = "Black") -> list[dict[str, object]]:
    return [
        {
            "measure": "distribution",
            "variable": "fair",
            "answer": answer,
            "wave": "2022",
            "by": "ethnicity",
            "group": group,
            "weights": "within group",
            "estimate": value,
            "comparable": "full",
            "flags": "",
            "refused": "",
            **dict.fromkeys(
                ("conf_low", "conf_high", "std_error", "df", "n_effective", "design_effect", "detectable"), value
            ),
            **dict.fromkeys(("p_value", "p_adjusted", "n_first", "n_second"), None),
            "n": float(n),
        }
        for answer, value in zip(ANSWERS, values, strict=True)
    ]


@pytest.mark.parametrize(
    ("n", "mark", "chart", "shown"),
    [(100, "", True, True), (60, "", True, True), (49, "[u]", False, True), (29, "[u]", False, False)],
)
def test_the_base_decides_what_is_read(n: int, mark: str, *, chart: bool, shown: bool) -> None:
    cleared = clear_distributions(shares((0.5, 0.3, 0.2), n), {}, UK)
    assert cleared["mark"].tolist() == [mark] * 3
    assert cleared["chart"].tolist() == [chart] * 3
    assert cleared["estimate"].notna().tolist() == [shown] * 3


def test_an_answer_that_nobody_in_a_small_group_gave_hides_the_whole_group() -> None:
    cleared = clear_distributions(shares((0.7, 0.3, 0.0), 45), {}, UK)
    assert cleared["estimate"].isna().all()
    assert set(cleared["mark"]) == {"[c]"}
    assert clear_distributions(shares((0.7, 0.3, 0.0), 50), {}, UK)["estimate"].notna().all()


def test_hidden_rows_lose_every_number_and_their_base() -> None:
    cleared = clear_distributions(shares((0.5, 0.3, 0.2), 60), dict.fromkeys(range(3), "subtraction"), UK)
    assert cleared[["estimate", "conf_low", "conf_high", "n"]].isna().all(axis=None)


def test_without_rows_there_is_nothing() -> None:
    assert clear_distributions([], {}, UK).empty


def test_a_distribution_follows_its_level_out_of_a_release() -> None:
    levels = [
        BaseRow("level", "fair", "2022", "ethnicity", group, (n,)) for group, n in (("A", 8), ("B", 40), ("C", 90))
    ]
    spread = [
        BaseRow("distribution", "fair", "2022", "ethnicity", row.group, row.bases) for row in levels for _ in range(5)
    ]
    hidden = hidden_rows([*levels, *spread], UK)
    assert {levels[place].group for place in hidden if place < 3} == {"A", "B"}
    assert {spread[place - 3].group for place in hidden if place >= 3} == {"A", "B"}


def test_what_another_release_hides_stays_hidden() -> None:
    rows = [
        BaseRow("level", "fair", "2022", "ethnicity", group, (n,)) for group, n in (("A", 40), ("B", 50), ("C", 90))
    ]
    assert hidden_rows(rows, UK) == {}
    elsewhere = {("level", "fair", "2022", "ethnicity", group) for group in "BC"}
    assert hidden_rows(rows, UK, elsewhere) == {1: "subtraction", 2: "subtraction"}
    # one hidden group alone could be had from the total, so a further one goes
    assert set(hidden_rows(rows, UK, {("level", "fair", "2022", "ethnicity", "B")})) == {0, 1}


@pytest.mark.parametrize("values", [(1.0, 0.0, 0.0), (0.7, 0.3, 0.0), (0.5, 0.3, 0.2)])
def test_a_withheld_group_looks_the_same_however_its_answers_fall(values: tuple[float, float, float]) -> None:
    cleared = clear_distributions(shares(values, 12), {}, UK)
    assert cleared["estimate"].isna().all()
    assert set(cleared["mark"]) == {"[u]"}
    assert set(cleared["note"]) == {"Withheld: fewer than 30 respondents."}


def test_answers_do_not_add_up_to_a_favourable_share_that_is_hidden_beside_them() -> None:
    rows = [
        {**row, "side": "unfavourable" if row["answer"] == "disagree" else "favourable"}
        for row in shares((0.5, 0.48, 0.02), 45)
    ]
    assert clear_distributions(rows, {}, UK)["estimate"].isna().all()
    assert clear_distributions(shares((0.5, 0.48, 0.02), 45), {}, UK)["estimate"].notna().all()
