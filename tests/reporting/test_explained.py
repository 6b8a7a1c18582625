"""Every number of the page leads to how it was made, and what is hidden stays so there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.disclosure.published import publish
from lpact_eval.reporting.content import who_was_asked
from lpact_eval.reporting.explained import explanations, record_anchor
from lpact_eval.reporting.house import House
from lpact_eval.reporting.page import write_page
from lpact_eval.reporting.record_page import CHAPTERS
from lpact_eval.reporting.record_rows import RecordRows, record_rows
from lpact_eval.reporting.rows import EXPLAINED, rows_of
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.explained import Explained
    from lpact_eval.reporting.sentences import Sentences


@pytest.fixture(scope="module")
def page(published: Published, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("explained") / "report.html"
    write_page(published, path)
    return path.read_text(encoding="utf-8")


def confidence(published: Published) -> Explained:
    return next(one for one in explanations(published) if one.title == "Confidence in the police in this area")


def line(one: Explained, *names: str) -> list[str]:
    found = [[cell.text for cell in row] for row in one.table.rows]
    return next(row for row in found if row[:3] == list(names))


def test_every_published_number_has_one_line(published: Published) -> None:
    anchors = [anchor for one in explanations(published) for anchor in one.anchors]
    assert len(anchors) == len(set(anchors))
    assert set(anchors) == {row.made for row in rows_of(published) if row.measure in EXPLAINED}
    assert all(len(one.anchors) == len(one.table.rows) for one in explanations(published))


def test_a_share_says_what_it_rests_on(published: Published) -> None:
    share = line(confidence(published), "Share", "Black", "2022")
    # 56 respondents at a design effect of 1.31, as the example sets them; weights as its levels have them.
    assert share[3] == "41%"
    assert share[5:8] == ["56", "43", "1.31"]
    assert share[9] == "within group"
    assert share[10:] == ["[z]", "[z]", "[z]"]


def test_a_change_says_how_it_was_tested(published: Published) -> None:
    change = line(confidence(published), "Change", "Black", "Re-run - 2022")
    assert change[5] == "56 and 134"
    assert change[10] == "primary 1"
    row = next(
        one
        for one in rows_of(published)
        if (one.measure, one.variable, one.group) == ("change", "conf_overall", "Black")
    )
    assert [float(text) for text in change[11:]] == [
        pytest.approx(row.p_value, abs=5e-4),
        pytest.approx(row.p_adjusted, abs=5e-4),
    ]


def test_what_is_hidden_is_hidden_here_too(example: ModuleType) -> None:
    made = example.results()
    cleared = publish(made).rows
    rows = made.rows.copy()
    gone = cleared["tier"].isin(["suppressed", "withheld"]).to_numpy()
    numbers = ["estimate", "conf_low", "conf_high", "p_value", "p_adjusted", "n_effective", "design_effect", "df"]
    rows.loc[gone, numbers] = 0.2718281828
    cells = [
        cell.text for one in explanations(publish(replace(made, rows=rows))) for row in one.table.rows for cell in row
    ]
    assert not [text for text in cells if "0.27" in text or "27.1" in text]
    hidden = line(confidence(publish(made)), "Share", "Mixed", "2022")
    assert hidden[3:9] == ["[c]"] * 6


def test_the_question_is_told_as_it_was_asked_and_how_to_follow_a_number(published: Published) -> None:
    facts = dict(confidence(published).facts)
    assert facts["Asked in 2022"] == "Question as asked: Confidence in the police in this area."
    assert facts["Counted"] == '"strongly agree or tend to agree".'
    assert "lpact-eval explain conf_overall-trend GROUP SURVEY" in facts["Indicator of the plan"]


def test_every_number_of_a_question_on_the_page_leads_to_its_line(page: str) -> None:
    ids = set(re.findall(r'<tr id="([^"]+)"', page))
    leading = re.findall(r'<a class="made" href="#([^"]+)"', page)
    assert len(leading) > 50
    assert set(leading) <= ids


def test_links_from_numbers_are_not_stops_of_the_keyboard_which_has_one_link_a_table(page: str) -> None:
    assert all('tabindex="-1"' in tag for tag in re.findall(r'<a class="made"[^>]*>', page))
    captions = re.findall(r'aria-label="How these numbers were made: ([^"]+)"', page)
    assert captions
    assert len(captions) == len(set(captions))


def test_one_sentence_says_who_was_asked(published: Published, sentences: Sentences) -> None:
    assert who_was_asked(published, sentences) == (
        "Who was asked: 296 people in 2022 (16 May 2022 to 29 July 2022) and 441 people in the re-run "
        "(11 May 2026 to 14 August 2026). All of them volunteered."
    )
    assert who_was_asked(replace(published, ledger=published.ledger.iloc[:0]), sentences) == ""


def test_the_page_carries_the_marking_at_head_and_foot_and_whom_to_ask(published: Published, tmp_path: Path) -> None:
    write_page(published, tmp_path / "report.html", house=House("Heddlu De Cymru", "OFFICIAL", "the lead, room 4"))
    parts = (tmp_path / "report.html").read_text(encoding="utf-8").split("<main")
    marking = '<p class="marking page-only">OFFICIAL</p>'  # Word has it at head and foot of every page
    assert marking in parts[0]
    for text in (marking, "Heddlu De Cymru", "Contact: the lead, room 4"):
        assert text in parts[1].split("</main>")[1]


def test_a_page_without_settings_of_a_force_has_none_of_them(page: str) -> None:
    assert 'class="marking' not in page
    assert "Contact:" not in page


@pytest.fixture(scope="module")
def demo() -> Published:
    return lp.publish(lp.run_plan(lp.read_plan(plan_file())))


def test_every_indicator_of_the_records_has_one_line_and_is_led_to(demo: Published, tmp_path: Path) -> None:
    plan = lp.read_plan(plan_file())
    assert plan.records is not None
    assert demo.records is not None
    write_page(demo, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for indicator in plan.records.indicators:
        place = record_anchor(indicator.id)
        assert page.count(f'id="{place}"') == 1
        assert f'href="#{place}">{indicator.id} {indicator.title}</a>' in page
    listed = explanations(demo)[-1]
    shown = {row[0].text: [cell.text for cell in row] for row in listed.table.rows}
    assert shown["1.6"] == [
        "1.6",
        "Contacts opted in",
        "Attendees who left contact details.",
        "Contacts over attendees, of the events that have both.",
        "Shares: Wilson's, others: Student's, over events as clusters (CR2), from five events on; counts are exact.",
        "register",
    ]


def test_each_part_leads_to_the_measures_that_its_tables_show(demo: Published) -> None:
    records = demo.records
    assert records is not None
    for view in (view for _, _, views in CHAPTERS for view in views):
        none = sum(len(table.rows) for table in view.make(RecordRows(()), records))
        shown: set[str] = set()
        for one in records.made:
            alone = replace(records, rows=records.rows[records.rows["indicator"] == one.indicator])
            if sum(len(table.rows) for table in view.make(record_rows(alone), alone)) > none:
                shown.add(one.measure)
        assert shown == set(view.measures) & {one.measure for one in records.made}, view.name


def test_a_release_without_records_explains_its_questions_alone(published: Published, page: str) -> None:
    assert published.records is None
    assert "made-record-" not in page
    assert "every part on events" not in page
