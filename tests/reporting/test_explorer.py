"""The explorer: every question by every breakdown, nothing that is suppressed, and what was not collected said so."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.reporting.audit_page import audit_page
from lpact_eval.reporting.explorer import explorer_page, write_explorer
from lpact_eval.reporting.explorer_content import NOT_COLLECTED, VIEWS, breakdowns_of, items, side_by_side
from lpact_eval.reporting.numbers import percent
from lpact_eval.reporting.page_parts import read_page
from lpact_eval.reporting.rows import rows_of

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.explorer_content import Item
    from lpact_eval.reporting.sentences import Sentences
    from lpact_eval.reporting.tables import Table

MARKER = 0.2718281828
NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "p_adjusted", "n_effective", "design_effect")


@dataclass(frozen=True)
class House:
    name: str = "Heddlu Sir Gaerlŷr"
    marking: str = "OFFICIAL"
    contact: str = "lpact@example.police.uk"


def item(published: Published, sentences: Sentences, variable: str) -> Item:
    return next(one for one in items(published, sentences) if one.name.startswith(variable))


def view(one: Item, kind: str) -> Table:
    return next(view.part.tables[0] for view in one.views if view.kind == kind)


def lines(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def test_every_question_has_its_views_in_the_order_of_the_plan(published: Published, sentences: Sentences) -> None:
    found = items(published, sentences)
    assert [one.title for one in found] == list(dict.fromkeys(row.title for row in rows_of(published)))
    kinds = {one.name.split("_")[0]: [view.kind for view in one.views] for one in found}
    assert kinds["conf"] == ["levels", "change", "gap"]
    assert kinds["know"] == ["levels"]
    assert set().union(*kinds.values()) <= set(VIEWS)


def test_every_published_share_stands_in_its_table(published: Published, sentences: Sentences) -> None:
    cells = {text for one in items(published, sentences) for line in lines(view(one, "levels")) for text in line}
    for row in rows_of(published):
        if row.measure == "level" and row.shown:
            assert any(text.startswith(percent(row.estimate, row.n)) for text in cells)


def test_a_suppressed_number_has_its_mark_and_its_reason(published: Published, sentences: Sentences) -> None:
    table = view(item(published, sentences, "conf_overall"), "levels")
    hidden = next(line for line in lines(table) if line[:2] == ["Mixed", "2022"])
    assert hidden[2:6] == ["[c]"] * 4
    assert "Suppressed" in hidden[6]


def test_a_group_without_respondents_is_said_to_be_not_collected(published: Published, sentences: Sentences) -> None:
    gone = (published.rows["group"] == "White") & (published.rows["variable"] == "trust_force")
    fewer = replace(published, rows=published.rows[~(gone & published.rows["wave"].isin(["2022", "rerun - 2022"]))])
    trust = item(fewer, sentences, "trust_force")
    level = next(line for line in lines(view(trust, "levels")) if line[:2] == ["White", "2022"])
    assert level[2:] == ["[x]", "[x]", "[x]", "[x]", NOT_COLLECTED]
    change = next(line for line in lines(view(trust, "change")) if line[0] == "White")
    assert change[3] == "[x]"
    assert change[-1].startswith(NOT_COLLECTED)
    first = next(table for _, table in side_by_side(fewer) if "2022" in table.name)
    white = [column.heading for column in first.columns].index("White")
    assert next(line for line in lines(first) if line[0].startswith("Trust"))[white] == "not collected"


def test_a_question_that_a_survey_did_not_have_is_said_to_be_not_asked(
    published: Published, sentences: Sentences
) -> None:
    officer = item(published, sentences, "know_officer")
    assert officer.views[0].part.sentences == ("Not asked in 2022.",)
    first = next(table for _, table in side_by_side(published) if "2022" in table.name)
    line = next(line for line in lines(first) if line[0].startswith("Knows"))
    assert set(line[2:]) == {"not asked"}


def test_side_by_side_every_number_has_its_interval(published: Published) -> None:
    for _, table in side_by_side(published):
        for line in lines(table):
            assert all(re.search(r"\(.* to .*\)|^\[|^not ", text.replace("\xa0", " ")) for text in line[2:]), line


def test_each_breakdown_of_a_plan_has_its_own_tables(published: Published, sentences: Sentences) -> None:
    own = published.rows[published.rows["by"] == "ethnicity"]
    ages = own.assign(by="sex", group=own["group"].map({"Black": "Female", "White": "Male"})).dropna(subset=["group"])
    ages = ages[ages["measure"] != "gap difference"]
    both = replace(published, rows=pd.concat([published.rows, ages], ignore_index=True))
    assert breakdowns_of(rows_of(both)) == ["ethnicity", "sex"]
    found = item(both, sentences, "conf_overall")
    sexes = next(view for view in found.views if (view.kind, view.by) == ("levels", "sex"))
    assert [line[0] for line in lines(sexes.part.tables[0])][::2] == ["All respondents", "Female", "Male"]
    names = [table.name for one in items(both, sentences) for view in one.views for table in view.part.tables]
    assert len(names) == len(set(names))


def test_the_page_passes_the_audit_and_is_small(published: Published, tmp_path: Path) -> None:
    path = tmp_path / "explorer.html"
    write_explorer(published, path)
    assert [found for found in audit_page(path).values() if found] == []
    assert path.stat().st_size < 1_500_000


def test_the_page_has_every_table_without_script(published: Published, sentences: Sentences) -> None:
    parts = read_page(re.sub(r"<script\b.*?</script>", "", explorer_page(published), flags=re.DOTALL))
    captions = {table.caption for table in parts.tables}
    wanted = {table.caption for one in items(published, sentences) for view in one.views for table in view.part.tables}
    assert wanted <= captions
    assert {table.caption for _, table in side_by_side(published)} <= captions


def test_what_it_can_not_show_stands_before_the_numbers(published: Published) -> None:
    page = explorer_page(published)
    assert page.index("What this can't show") < page.index("<table")


def test_made_up_respondents_the_marking_and_the_contact_are_on_it(published: Published) -> None:
    page = explorer_page(published, house=House())  # pyright: ignore[reportArgumentType] - the same attributes
    assert "Synthetic respondents." in page
    assert page.count("OFFICIAL") == 2
    assert "lpact@example.police.uk" in page


def test_nothing_planted_in_a_suppressed_row_is_on_it(example: ModuleType) -> None:
    made = example.results()
    cleared = publish(made).rows
    rows = made.rows.copy()
    gone = cleared["tier"].isin(["suppressed", "withheld"]).to_numpy()
    assert gone.any()
    for name in NUMBERS:
        rows.loc[gone, name] = MARKER
    rows.loc[(cleared["tier"] == "suppressed").to_numpy(), ["flags", "refused"]] = "only 7 marked respondents"
    page = explorer_page(publish(replace(made, rows=rows)))
    assert not [mark for mark in ("271828", "27.18", "only 7 marked") if mark in page]


def test_nothing_published_makes_an_empty_page_and_no_error(published: Published) -> None:
    page = explorer_page(replace(published, rows=published.rows.iloc[:0]))
    assert "How to read the numbers" in page


def test_a_word_that_surveys_can_not_support_stops_it(published: Published, tmp_path: Path) -> None:
    bold = replace(published, facts=replace(published.facts, geography="where events caused trust"))
    with pytest.raises(LpactError, match="caused"):
        write_explorer(bold, tmp_path / "explorer.html")
    assert not (tmp_path / "explorer.html").exists()


def test_a_template_that_has_no_such_name_is_refused(published: Published, tmp_path: Path) -> None:
    (tmp_path / "explorer2.html").write_text("", encoding="utf-8")
    with pytest.raises(WrongUseError, match="explorer2"):
        explorer_page(published, templates=tmp_path)
