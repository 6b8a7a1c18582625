"""Lines of tables as the templates get them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.reporting.table_lines import explained_lines, table_lines
from lpact_eval.reporting.tables import Cell, Column, Table

COLUMNS = (Column("Group"), Column("Base", "number"), Column("Note"), Column("What was said"), Column("Test"))
TEXTS = ("All", "56", "Small base.", "So & so", "Clear")


def table_of(*texts: str, headers: int = 1, made: str = "") -> Table:
    return Table("one", "One", COLUMNS, (tuple(Cell(text, made=made) for text in texts),), headers=headers)


def test_every_cell_stands_as_its_column_asks() -> None:
    assert table_lines(table_of(*TEXTS)) == (
        "<tr>\n"
        '<th scope="row">All</th>\n'
        '<td class="number">56</td>\n'
        '<td class="note">Small base.</td>\n'
        '<td class="long">So &amp; so</td>\n'
        "<td>Clear</td>\n"
        "</tr>\n"
    )


def test_cells_that_name_a_line_are_headings_whatever_they_hold() -> None:
    assert '<th scope="row" class="number">56</th>\n<td class="note">' in table_lines(table_of(*TEXTS, headers=2))


def test_numbers_lead_to_their_explanations_where_there_are_any_and_headings_do_not() -> None:
    table = table_of(*TEXTS, made='made-"1"')
    link = '<a class="made" href="#made-&#34;1&#34;" tabindex="-1">'
    lines = table_lines(table, leads=True)
    assert lines.count(link) == len(TEXTS) - 1
    assert f'<td class="number">{link}56</a></td>' in lines
    assert "<a" not in table_lines(table)
    assert "<a" not in table_lines(table_of(*TEXTS), leads=True)


def test_lines_of_explanations_have_the_names_that_lead_to_them() -> None:
    lines = explained_lines(table_of(*TEXTS, headers=2), ["made-<1>"])
    assert lines.startswith('<tr id="made-&lt;1&gt;">\n<th scope="row">All</th>\n<th scope="row">56</th>\n<td>')


def test_a_table_without_lines_has_none_and_one_name_too_few_is_noticed() -> None:
    empty = Table("one", "One", COLUMNS, ())
    assert table_lines(empty) == explained_lines(empty, []) == ""
    with pytest.raises(ValueError, match="zip"):
        explained_lines(table_of(*TEXTS), [])


@given(st.lists(st.text(st.sampled_from("a<>&'\"\x1f \n")), min_size=5, max_size=5))
def test_whatever_a_cell_holds_it_is_read_as_that_text(texts: list[str]) -> None:
    found = re.findall(r"<t[hd][^>]*>([^<>\"']*)</t[hd]>", table_lines(table_of(*texts)))
    assert [unescape(text) for text in found] == texts
