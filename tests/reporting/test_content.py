from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.reporting.content import UNKNOWN, disclosure_items, in_a_line, questions
from lpact_eval.reporting.headline import findings
from lpact_eval.reporting.provenance import provenance
from lpact_eval.reporting.release import write_release
from lpact_eval.reporting.rows import rows_of
from lpact_eval.reporting.tables import change_table

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences


def test_the_same_question_with_other_answers_counted_is_a_question_of_its_own(
    example: ModuleType, sentences: Sentences
) -> None:
    made = example.results()
    strongly = made.rows[made.rows["variable"] == "conf_overall"].assign(answer="strongly agree", role="exploratory")
    published = publish(replace(made, rows=pd.concat([made.rows, strongly], ignore_index=True)))
    first, others = questions(published, rows_of(published), sentences)
    assert [question.name for question in first] == [
        "conf_overall_strongly_agree_or_tend_to_agree",
        "trust_force_strongly_agree_or_tend_to_agree",
    ]
    assert "conf_overall_strongly_agree" in [question.name for question in others]


def test_a_row_that_two_indicators_share_is_shown_once(example: ModuleType, sentences: Sentences) -> None:
    made = example.results()
    twice = made.rows[made.rows["measure"] == "level"].assign(indicator="another", role="exploratory")
    published = publish(replace(made, rows=pd.concat([made.rows, twice], ignore_index=True)))
    first, _ = questions(published, rows_of(published), sentences)
    assert len(first[0].parts[0].tables[0].rows) == 12


def test_without_a_primary_question_the_first_ones_are_drawn_and_there_is_no_headline(
    example: ModuleType, sentences: Sentences, tmp_path: Path
) -> None:
    made = example.results()
    published = publish(replace(made, rows=made.rows.assign(role="exploratory")))
    first, others = questions(published, rows_of(published), sentences)
    assert (len(first), len(others)) == (3, 2)
    assert findings(rows_of(published), sentences, published.rules) == []
    write_release(published, tmp_path / "out")
    assert "there is no headline" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_attendance_of_a_primary_group_is_told_as_exploratory_where_the_plan_says_so(
    example: ModuleType, sentences: Sentences
) -> None:
    made = example.results()
    rows = made.rows.copy()
    rows.loc[rows["measure"] == "gap", "role"] = "exploratory"
    published = publish(replace(made, rows=rows))
    found = findings(rows_of(published), sentences, published.rules)
    assert [(finding.row.measure, finding.row.role, finding.row.group) for finding in found] == [
        *([("change", "primary", "Black"), ("gap", "exploratory", "Black")] * 2),
    ]


def test_a_release_without_any_row_says_so_and_is_sound(example: ModuleType, tmp_path: Path) -> None:
    made = example.results()
    written = write_release(publish(replace(made, rows=made.rows.head(0))), tmp_path / "out")
    names = {path.name for path in written}
    assert {"report.html", "tables.xlsx", "results.csv", "data-dictionary.csv", "release.json"} <= names
    assert all(path.is_file() and path.stat().st_size for path in written)


def test_a_survey_that_is_the_first_has_levels_and_no_change(example: ModuleType, tmp_path: Path) -> None:
    made = example.results()
    rows = made.rows[(made.rows["wave"] == "2022") & (made.rows["measure"] == "level")]
    published = publish(replace(made, rows=rows.reset_index(drop=True), waves=made.waves[:1]))
    write_release(published, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Confidence in the police in this area in 2022" in page


def test_groups_of_another_kind_are_not_called_ethnic(published: Published) -> None:
    rows = [replace(row, by="sex") if row.by else row for row in rows_of(published)]
    assert "Group" in [column.heading for column in change_table(rows, name="t", caption="t").columns]


def test_notes_name_questions_by_their_titles(example: ModuleType) -> None:
    made = example.results()
    flagged = publish(replace(made, rows=made.rows.assign(flags="differ in age_band, contact_12m")))
    shown = next(row for row in rows_of(flagged) if row.shown)
    assert shown.flags == "differ in Age group, Contact with the police in the last 12 months"


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["Leicestershire Police", "The evaluation lead"], "Leicestershire Police and the evaluation lead"),
        (["The force", "A university"], "The force and a university"),
        (["an institute", "An Institute of Note"], "An institute and an Institute of Note"),
        (["Theatre Group", "Another Body"], "Theatre Group and Another Body"),
        (["The force", "the force"], "The force"),
        (["The force"], "The force"),
        ([], ""),
    ],
)
def test_a_line_of_names_begins_with_a_capital_and_has_small_articles_inside(names: list[str], line: str) -> None:
    assert in_a_line(names) == line


def test_the_sponsor_line_is_made_so(published: Published) -> None:
    facts = replace(published.facts, sponsor="Leicestershire Police", conductor="The evaluation lead")
    items = dict(disclosure_items(replace(published, facts=facts), provenance(published)))
    assert items["Sponsor and conductor"] == "Leicestershire Police and the evaluation lead"
    silent = replace(published, facts=replace(facts, sponsor="", force="", conductor=""))
    assert dict(disclosure_items(silent, provenance(published)))["Sponsor and conductor"] == UNKNOWN
