from __future__ import annotations

import io
import re
import shutil
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from pptx import Presentation
from pptx.oxml.ns import qn

import lpact_eval as lp
from lpact_eval.disclosure.published import publish
from lpact_eval.errors import LpactError
from lpact_eval.reporting.audit_slides import audit_slides
from lpact_eval.reporting.chart import gap_chart, trend_chart
from lpact_eval.reporting.content import questions
from lpact_eval.reporting.headline import findings
from lpact_eval.reporting.house import House
from lpact_eval.reporting.rows import rows_of
from lpact_eval.reporting.slides import write_slides
from lpact_eval.reporting.slides_chart import Native, native, workbook
from lpact_eval.reporting.slides_deck import deck
from lpact_eval.reporting.slides_plot import chart_xml
from lpact_eval.resources import plan_file, templates_folder

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from pptx.presentation import Presentation as Deck

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences

HOUSE = House("Heddlu Gogledd Cymru", "OFFICIAL", "gwerthuso@heddlu.example")
WELSH = "Cymuned Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"


@pytest.fixture(scope="module")
def written(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("slides") / "slides.pptx"
    write_slides(published, file, house=HOUSE)
    return file


@pytest.fixture(scope="module")
def shown(written: Path) -> Deck:
    return Presentation(str(written))


def titles(made: Deck) -> list[str]:
    return [slide.shapes.title.text_frame.text for slide in made.slides]


def charts(made: Deck) -> list[object]:
    return [shape for slide in made.slides for shape in slide.shapes if shape.has_chart]


def test_the_slides_pass_the_checklist(written: Path) -> None:
    assert {rule: found for rule, found in audit_slides(written).items() if found} == {}


def test_there_are_six_to_ten_wide_slides_each_with_its_own_title(shown: Deck) -> None:
    assert 6 <= len(shown.slides) <= 10
    assert len(set(titles(shown))) == len(shown.slides)
    assert round(shown.slide_width / shown.slide_height, 2) == 1.78


def test_titles_are_the_findings_of_the_page(shown: Deck, published: Published, sentences: Sentences) -> None:
    found = {
        chart.title
        for question in questions(published, rows_of(published), sentences)[0]
        for part in question.parts
        for chart in part.charts
    }
    found |= {one.heading for one in findings(rows_of(published), sentences, published.rules)}
    with_charts = [slide for slide in shown.slides if any(shape.has_chart for shape in slide.shapes)]
    assert len(with_charts) >= 2
    assert all(slide.shapes.title.text_frame.text in found for slide in with_charts)


def test_every_slide_has_notes_that_name_the_source(shown: Deck) -> None:
    notes = [slide.notes_slide.notes_text_frame.text for slide in shown.slides]
    assert all("Source: " in text and "Synthetic respondents" in text for text in notes)
    with_charts = [slide for slide in shown.slides if any(shape.has_chart for shape in slide.shapes)]
    for slide in with_charts:
        text = slide.notes_slide.notes_text_frame.text
        assert re.search(r"\d+% \(\d+% to \d+%\), base \d+|points? \(\S+ to \S+\)", text)


def test_what_the_surveys_can_not_show_is_a_slide_in_the_words_of_the_page(shown: Deck, sentences: Sentences) -> None:
    slide = next(one for one in shown.slides if one.shapes.title.text_frame.text == "What these surveys can't show")
    said = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
    assert sentences.say("fixed.different_people") in said
    assert sentences.say("fixed.interval") in said


def test_charts_are_powerpoints_own_with_words_and_a_workbook(shown: Deck) -> None:
    found = charts(shown)
    assert len(found) >= 2
    for frame in found:
        words = frame._element.nvGraphicFramePr.cNvPr.get("descr")
        assert words.startswith("Chart. ")
        assert words.endswith("The numbers are in the notes.")
        book = load_workbook(io.BytesIO(frame.chart.part.chart_workbook.xlsx_part.blob))
        assert book.sheetnames == ["Numbers"]


def test_the_cells_behind_a_chart_are_what_the_chart_names(shown: Deck) -> None:
    for frame in charts(shown):
        sheet = load_workbook(io.BytesIO(frame.chart.part.chart_workbook.xlsx_part.blob)).active
        drawn = 0
        for number in frame.chart._chartSpace.iter(qn("c:numRef")):
            cells = [cell.value for (cell,) in sheet[number.find(qn("c:f")).text.partition("!")[2].replace("$", "")]]
            cached = {int(point.get("idx")): float(point.find(qn("c:v")).text) for point in number.iter(qn("c:pt"))}
            assert cached == {place: value for place, value in enumerate(cells) if value is not None}
            assert int(number.find(f".//{qn('c:ptCount')}").get("val")) == len(cells)
            drawn += len(cached)
        assert drawn


def level(published: Published, sentences: Sentences) -> Native:
    rows = [row for row in rows_of(published) if row.variable == "conf_overall"]
    return native(trend_chart(rows, ["2022", "rerun"], sentences))


def test_hidden_numbers_are_empty_cells_under_their_shorthand(published: Published, sentences: Sentences) -> None:
    chart = level(published, sentences)
    marked = [place for place, label in enumerate(chart.labels) if label.endswith(("[c]", "[u]", "[x]"))]
    assert marked
    for series in chart.series:
        for cells in (series.values, series.plus, series.minus):
            assert all(cells[place] is None for place in marked)
    sheet = load_workbook(io.BytesIO(workbook(chart))).active
    assert all(sheet.cell(place + 2, column).value is None for place in marked for column in range(3, 9))
    assert all(sheet.cell(place + 2, 2).value == chart.labels[place] for place in marked)


def test_error_bars_end_where_the_published_interval_ends(published: Published, sentences: Sentences) -> None:
    chart = level(published, sentences)
    rows = {
        (row.group, row.wave): row
        for row in rows_of(published)
        if row.variable == "conf_overall" and row.measure == "level" and row.chart
    }
    found = 0
    for place, (group, wave) in enumerate((outer, name) for outer, _ in chart.categories for name in ("2022", "rerun")):
        series = chart.series[("2022", "rerun").index(wave)]
        row = rows.get(("Other" if group == "Other ethnic group" else group, wave))
        value = series.values[place]
        assert (value is None) == (row is None)
        if row is not None and value is not None:
            found += 1
            assert value == round(100 * row.estimate)
            assert value + (series.plus[place] or 0) == pytest.approx(round(100 * row.conf_high))
            assert value - (series.minus[place] or 0) == pytest.approx(round(100 * row.conf_low))
    assert found >= 4


def test_numbers_are_not_printed_where_they_would_lie_on_each_other(published: Published, sentences: Sentences) -> None:
    chart = level(published, sentences)
    assert chart_xml(chart).count("<c:dLbls>") == len(chart.series)
    wide = replace(chart, categories=(*chart.categories, *chart.categories))
    assert len(wide.labels) > 16
    assert "<c:dLbls>" not in chart_xml(wide)


def test_differences_of_attendees_carry_number_and_words_in_their_categories(
    attended_large: Published, sentences: Sentences
) -> None:
    rows = rows_of(attended_large)
    name = next(row.question for row in rows if row.measure == "gap" and row.chart)
    chart = native(gap_chart([row for row in rows if row.question == name], sentences))
    shown = [label for label, value in zip(chart.labels, chart.series[0].values, strict=True) if value is not None]
    assert shown
    assert all(re.search(r"points?, (clear difference|not clear|not tested)$", label) for label in shown)


def test_the_funnel_of_the_records_is_bars_and_what_was_said_a_table(
    published: Published, record_example: ModuleType, sentences: Sentences
) -> None:
    steps = [record_example.row("themes raised", 18.0, base="themes")]
    of = {"numerator": float("nan"), "base": "themes"}
    steps += [
        record_example.row(name, value, n=before, **of)
        for name, value, before in (
            ("themes put to the focus group", 17.0, 18.0),
            ("themes confirmed", 16.0, 17.0),
            ("themes with an action", 16.0, 16.0),
            ("themes answered", 11.0, 16.0),
            ("themes told", 9.0, 11.0),
        )
    ]
    records = record_example.records(*steps, **record_example.lists())
    made = deck(replace(published, records=records), sentences, templates_folder(), House())
    assert 6 <= len(made) <= 10
    funnel = next(slide for slide in made if slide.chart and slide.chart.kind == "funnel")
    chart = native(funnel.chart)
    assert chart.bars
    assert chart.series[0].values[:2] == (18.0, 17.0)
    assert chart.series[1].values[:2] == (None, 1.0)
    said = next(slide for slide in made if slide.title.startswith("You said, we did, we can't"))
    assert said.table is not None
    assert "What this can't show: " in said.limit


def test_marking_and_name_stand_at_the_foot_of_every_slide(shown: Deck) -> None:
    for slide in shown.slides:
        feet = [one.text_frame.text for one in slide.placeholders if one.placeholder_format.type == 15]
        assert feet == ["OFFICIAL | Heddlu Gogledd Cymru | Synthetic respondents"]


def test_title_and_language_are_set_and_no_two_shapes_share_a_number(shown: Deck, published: Published) -> None:
    about = shown.core_properties
    assert about.title == f"{published.facts.title} (synthetic respondents)"
    assert (about.language, about.author, about.category) == ("en-GB", "Heddlu Gogledd Cymru", "OFFICIAL")
    for slide in shown.slides:
        numbers = [shape.shape_id for shape in slide.shapes]
        assert len(set(numbers)) == len(numbers)
        runs = [run for run in slide._element.iter(qn("a:r")) if run.find(qn("a:t")).text.strip()]
        assert all(run.find(qn("a:rPr")).get("lang") == "en-GB" for run in runs)


def test_letters_are_never_too_small_and_boxes_stay_on_the_slide(example: ModuleType, tmp_path: Path) -> None:
    results = example.results()
    rows = results.rows.assign(group=results.rows["group"].replace("Black", WELSH))
    write_slides(publish(replace(results, rows=rows)), tmp_path / "slides.pptx")
    made = Presentation(str(tmp_path / "slides.pptx"))
    for slide in made.slides:
        sizes = [int(look.get("sz")) for look in slide._element.iter(qn("a:rPr")) if look.get("sz")]
        assert min(sizes) >= 1000
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= made.slide_width
            assert shape.top + shape.height <= made.slide_height


def test_one_group_alone_makes_slides(example: ModuleType, tmp_path: Path) -> None:
    results = example.results()
    rows = results.rows[results.rows["group"] == "All respondents"]
    write_slides(publish(replace(results, rows=rows)), tmp_path / "slides.pptx")
    made = Presentation(str(tmp_path / "slides.pptx"))
    assert len(made.slides) >= 6
    assert len(set(titles(made))) == len(made.slides)


def test_words_that_surveys_can_not_support_stop_the_slides(published: Published, tmp_path: Path) -> None:
    with pytest.raises(LpactError, match=r"slides.pptx: it says 'proved'"):
        write_slides(published, tmp_path / "slides.pptx", house=House(contact="the proved team"))
    assert not (tmp_path / "slides.pptx").exists()


def test_the_template_of_the_force_loses_its_slides_and_keeps_its_layouts(published: Published, tmp_path: Path) -> None:
    template = Presentation()
    slide = template.slides.add_slide(template.slide_layouts[1])
    slide.shapes.title.text_frame.text = "Text of the template"
    template.save(str(tmp_path / "force.pptx"))
    write_slides(
        published, tmp_path / "slides.pptx", house=House(slides_template=tmp_path / "force.pptx", marking="OFFICIAL")
    )
    made = Presentation(str(tmp_path / "slides.pptx"))
    assert len(made.slide_layouts) == len(template.slide_layouts)
    assert (made.slide_width, made.slide_height) == (template.slide_width, template.slide_height)
    assert 6 <= len(made.slides) <= 10
    with zipfile.ZipFile(tmp_path / "slides.pptx") as package:
        assert not any(b"Text of the template" in package.read(name) for name in package.namelist())


def test_a_later_writing_on_the_same_day_gives_the_same_bytes(published: Published, written: Path) -> None:
    again = written.with_name("again.pptx")
    write_slides(published, again, house=HOUSE)
    assert again.read_bytes() == written.read_bytes()


def test_the_last_slide_sets_the_rule_beside_what_it_decided(tmp_path: Path, sentences: Sentences) -> None:
    text = plan_file().read_text(encoding="utf-8")
    second = text.index("[[indicator]]", text.index("[[indicator]]") + 1)
    (tmp_path / "plan.toml").write_text(text[:second], encoding="utf-8")
    shutil.copytree(plan_file().parent / "logs", tmp_path / "logs")
    done = publish(lp.run_plan(lp.read_plan(tmp_path / "plan.toml")))
    last = deck(done, sentences, templates_folder(), House())[-1]
    assert last.table is not None
    assert [column.heading for column in last.table.columns][-2:] == ["Ending", "Why"]
    assert last.title == "To decide next. By the plan's rules in numbers: can't tell at this size (1)"
    assert {row[-2].text for row in last.table.rows} == {"Can't tell at this size"}
    assert last.body[0].text.startswith("The rule of the plan: Met if the change is upwards, at least 10 points")


def test_a_plan_without_rules_in_numbers_has_its_own_words_on_the_last_slide(
    published: Published, sentences: Sentences
) -> None:
    last = deck(published, sentences, templates_folder(), House())[-1]
    rules = [str(rule) for rule in published.indicators["rule"] if rule]
    assert last.table is None
    assert last.body[0].text == f"The rule of the plan: {rules[0]}"
    without = replace(published, indicators=published.indicators.assign(rule=""))
    assert deck(without, sentences, templates_folder(), House())[-1].body[0].text.startswith("The plan states no rule")
