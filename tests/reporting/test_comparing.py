"""Beside a change: its three rows, what composition did and what selection could do, as readers see them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lpact_eval.reporting.comparing import beside, three_rows_table
from lpact_eval.reporting.rows import all_rows, rows_of

if TYPE_CHECKING:
    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences
    from lpact_eval.reporting.tables import Table


def lines(table: Table, group: str) -> list[list[str]]:
    """The texts of a table's rows about a group, without question and group."""
    return [[cell.text for cell in row[2:]] for row in table.rows if row[1].text == group]


def test_a_change_stands_in_three_rows_the_one_reported_first(published: Published) -> None:
    """The example's change of 11.5 points, with 1.2 and 2.4 points added in the other two rows."""
    found = lines(three_rows_table(all_rows(published), first_only=True), "Black")[:3]
    assert [line[0].partition(":")[0] for line in found] == ["Standardised", "As collected", "Balanced"]
    assert [line[1] for line in found] == ["+12", "+13", "+14"]
    assert [line[3] for line in found] == ["Yes", "No", "No"]


def test_only_the_row_reported_first_is_read_as_the_change(published: Published) -> None:
    rows = rows_of(published)
    changes = [row for row in rows if row.measure == "change"]
    assert len({(row.variable, row.group) for row in changes}) == len(changes)
    assert {row.row for row in changes} == {"standardised"}


def test_a_suppressed_change_is_suppressed_in_every_row(published: Published) -> None:
    found = [row for row in all_rows(published) if row.measure == "change" and row.group == "Other"]
    assert len(found) > 2
    assert {(row.tier, row.mark, row.n) for row in found} == {("suppressed", "[c]", None)}


def test_parts_of_a_change_add_up_and_are_named(published: Published, sentences: Sentences) -> None:
    found = lines(beside(published, sentences).composition, "Black")
    assert [line[:3] for line in found] == [
        ["Sex", "Answers within the same make-up", "+10"],
        ["Sex", "Make-up of respondents", "+1"],
        ["Sex", "Change as collected", "+12"],
    ]


def test_tipping_points_are_said_in_plain_words(published: Published, sentences: Sentences) -> None:
    """.527 / .473 over .412 / .588 is 1.6; 11.5 points over a move of 20 is 57.5."""
    (told,) = [one for one in beside(published, sentences).sentences if "Black respondents" in one]
    for part in ("1.6 times", "20%", "40%", "police officer"):
        assert part in told


def test_tipping_points_of_a_suppressed_change_are_not_told(published: Published, sentences: Sentences) -> None:
    assert not [one for one in beside(published, sentences).sentences if "other ethnic groups" in one]


def test_without_anything_beside_there_are_no_rows(published: Published, sentences: Sentences) -> None:
    bare = replace(published, composition=published.composition.iloc[:0], selection=published.selection.iloc[:0])
    found = beside(bare, sentences)
    assert not found.composition.rows
    assert not found.selection.rows
    assert found.sentences == ()
