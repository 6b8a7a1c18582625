"""During fieldwork: laws, hand cases and refusals of counting and of what is still needed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom

import lpact_eval as lp

if TYPE_CHECKING:
    from collections.abc import Sequence

DEMO = Path(__file__).parents[2] / "surveys" / "rerun" / "demo" / "rerun.csv"


@given(
    so_far=st.integers(1, 80),
    others=st.integers(0, 900),
    missing=st.integers(1, 80),
    certainty=st.floats(0.05, 0.95),
)
def test_one_more_approach_fewer_is_not_enough(so_far: int, others: int, missing: int, certainty: float) -> None:
    plan = lp.still_needed(
        so_far=so_far, approached=so_far + others, target=so_far + missing, certainty=certainty, available=10**7
    )
    if plan.impossible:
        return
    a, b = so_far + 0.5, others + 0.5
    assert betabinom.sf(missing - 1, plan.n, a, b) >= certainty - 1e-7
    assert plan.n == missing or betabinom.sf(missing - 1, plan.n - 1, a, b) < certainty + 1e-7


@given(so_far=st.integers(1, 40), others=st.integers(1, 300), target=st.integers(1, 100))
def test_the_more_have_come_the_fewer_are_needed(so_far: int, others: int, target: int) -> None:
    now = lp.still_needed(so_far=so_far, approached=so_far + others, target=target)
    later = lp.still_needed(so_far=so_far + 1, approached=so_far + 1 + others, target=target)
    assert now.impossible or later.n <= now.n


def test_one_more_respondent_by_hand() -> None:
    """1 of 1 answered: the rate is Beta(1.5, 0.5), its mean 0.75 is the chance that the next one answers."""
    plan = lp.still_needed(so_far=1, approached=1, target=2, certainty=0.75 - 1e-9)
    assert plan.n == 1
    assert plan.power == pytest.approx(0.75)
    assert plan.assumptions["expected"] == 1


def test_groups_approached_together_need_the_most_that_one_of_them_needs() -> None:
    plan = lp.still_needed(so_far={"A": 20, "B": 5}, approached=100, target={"A": 30, "B": 30})
    alone = lp.still_needed(so_far=5, approached=100, target=30)
    assert plan.n == alone.n
    assert plan.table is not None
    assert plan.table["category"].tolist() == ["A", "B"]


def test_groups_approached_apart_need_the_sum() -> None:
    plan = lp.still_needed(
        so_far={"A": 20, "B": 5}, approached={"A": 50, "B": 25}, target={"A": 30, "B": 12}, certainty=0.8
    )
    alone = [
        lp.still_needed(so_far=20, approached=50, target=30, certainty=0.8).n,
        lp.still_needed(so_far=5, approached=25, target=12, certainty=0.8).n,
    ]
    assert plan.n == sum(alone)
    assert f"Together {sum(alone):,.0f} more people" in plan.sentence


def test_a_reached_number_is_a_reason_to_stop_and_a_result_is_not() -> None:
    plan = lp.still_needed(so_far=120, approached=600, target=120)
    assert plan.n == 0
    assert plan.power == 1
    assert "the number is reached, recruit no more" in plan.sentence
    assert "to stop once a result looks significant is forbidden" in plan.sentence


def test_what_can_no_longer_be_reached_is_impossible() -> None:
    plan = lp.still_needed(so_far=20, approached=100, target=60, available=150)
    assert plan.impossible
    assert math.isnan(plan.n)
    assert plan.power == pytest.approx(betabinom.sf(39, 150, 20.5, 80.5))
    assert "Impossible: the 40 missing can't be reached" in plan.sentence


def test_nobody_so_far_gives_no_number() -> None:
    plan = lp.still_needed(so_far={"A": 0, "B": 9}, approached=50, target={"A": 10, "B": 12})
    assert plan.impossible
    assert "A: 0 of 10" in plan.sentence
    assert "no number of approaches can be named" in plan.sentence
    assert "B: 9 of 12" in plan.sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"so_far": 0.43}, "of type float: give a number of respondents.*During fieldwork respondents are counted"),
        ({"so_far": {"A": 0.43}, "target": {"A": 9}}, "answers are left alone: stop on numbers only"),
        ({"so_far": "agree"}, "so_far of type str"),
        ({"so_far": [1, 0, 1]}, "so_far of type list"),
        ({"so_far": pd.DataFrame({"category": ["A"], "n": [3], "conf_overall": [0.4]})}, r"\['conf_overall'\]"),
        ({"so_far": pd.DataFrame({"estimate": [0.4]})}, "it holds category and n"),
        ({"so_far": 70}, "more people than were approached"),
        ({"so_far": {"A": 40, "B": 40}, "target": {"A": 50, "B": 50}}, "more people than that have answered"),
        ({"so_far": {"A": 4}}, "by group on one side only"),
        ({"so_far": {"A": 4}, "target": {"Z": 9}}, r"Cannot plan for \['Z'\]: no such group"),
        ({"so_far": {"A": 4}, "target": {"A": 9}, "approached": {"B": 9}}, "approached has no number for it"),
        ({"approached": None}, "without approached"),
        ({"target": None}, "without target"),
        ({"target": -3}, "target=-3"),
        ({"certainty": 1}, "certainty=1"),
    ],
)
def test_anything_but_counts_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.still_needed(**{"so_far": 4, "approached": 60, "target": 9, **arguments})


def test_a_running_tally_is_added_up(tmp_path: Path) -> None:
    path = tmp_path / "tally.csv"
    path.write_text(
        "date,site,ethnicity,n,approached,target\n"
        "2027-02-01,Hall,Black,4,30,20\n2027-02-01,Hall,White,7,30,9\n2027-02-08,Stall,Black,3,25,20\n",
        encoding="utf-8",
    )
    table = lp.tally(path)
    assert table.to_dict("list") == {
        "category": ["Black", "White"],
        "n": [7, 7],
        "approached": [55, 30],
        "target": [20, 9],
    }
    plan = lp.still_needed(so_far=table)
    assert plan.n == sum(
        lp.still_needed(so_far=7, approached=tried, target=wanted).n for tried, wanted in ((55, 20), (30, 9))
    )


def test_a_tally_in_a_workbook_reads_the_same(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rows: Sequence[Sequence[object]] = [("category", "n"), ("Black", 4), ("White", 7), ("Black", 2)]
    for row in rows:
        sheet.append(list(row))
    book.save(tmp_path / "tally.xlsx")
    assert lp.tally(tmp_path / "tally.xlsx").to_dict("list") == {"category": ["Black", "White"], "n": [6, 7]}


def test_a_tally_on_two_sheets_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("more")):
        assert sheet is not None
        sheet.append(["category", "n"])
        sheet.append(["Black", 4])
    book.save(tmp_path / "tally.xlsx")
    with pytest.raises(lp.LpactError, match="2 sheets hold something"):
        lp.tally(tmp_path / "tally.xlsx")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("category,n,confident\nBlack,4,0.3\n", r"not \['confident'\]"),
        ("category,share\nBlack,0.3\n", "has the columns category and n"),
        ("category,n\nBlack,0.3\n", "tally.csv:2: n is no whole number"),
        ("category,n\nBlack,-3\n", "n is no whole number"),
    ],
)
def test_a_tally_with_anything_but_counts_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "tally.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(lp.LpactError, match=message):
        lp.tally(path)


def test_other_files_are_read_by_a_definition_only(tmp_path: Path) -> None:
    with pytest.raises(lp.LpactError, match="give wave= for a delivered file"):
        lp.tally(tmp_path / "answers.sav")


def test_a_part_file_is_counted_by_its_definition(tmp_path: Path) -> None:
    lines = DEMO.read_text(encoding="utf-8").splitlines(keepends=True)
    part = tmp_path / "rerun.csv"
    part.write_text("".join(lines[:120]), encoding="utf-8")
    table = lp.tally(part, wave="rerun").set_index("category")["n"]
    sample = lp.read_wave("rerun", answers=part)
    assert table.sum() == len(sample)
    assert table["Black"] == (sample.answers["ethnicity"] == "Black").sum()
    assert set(sample.codebook["ethnicity"].answers) <= set(table.index)
    assert lp.tally(sample).set_index("category")["n"].to_dict() == table.to_dict()


def test_those_who_did_not_say_are_no_group_of_their_own() -> None:
    sample = lp.Sample.from_frame(pd.DataFrame({"ethnicity": ["A", None, "A", "B"]}))
    table = lp.tally(sample)
    assert table.to_dict("list") == {"category": ["A", "B", "not answered"], "n": [2, 1, 1]}
    plan = lp.still_needed(so_far=table, approached=9, target={"A": 4, "not answered": 4})
    assert plan.table is not None
    assert plan.table["category"].tolist() == ["A"]


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("conf_overall", "an answer that the survey is about. During fieldwork"),
        ("community", "its kind is text"),
        ("colour", "no such variable"),
    ],
)
def test_outcomes_are_never_counted(by: str, message: str) -> None:
    with pytest.raises(lp.LpactError, match=message):
        lp.tally(lp.read_wave("rerun"), by=by)


def test_numbers_make_no_groups_and_a_sample_is_read_already() -> None:
    sample = lp.Sample.from_frame(pd.DataFrame({"score": [1.5, 2.5]}))
    with pytest.raises(lp.LpactError, match="it holds numbers"):
        lp.tally(sample, by="score")
    with pytest.raises(lp.LpactError, match="read already"):
        lp.tally(sample, by="score", wave="rerun")
