from __future__ import annotations

import csv
import importlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from lpact_eval.errors import DefinitionError, LpactError
from lpact_eval.reporting.chart import ChartSpec
from lpact_eval.reporting.page import page_context, write_page
from lpact_eval.reporting.record_page import OPEN_ROWS, PAGE_ROWS, record_section, record_tables
from lpact_eval.reporting.release import write_release
from lpact_eval.reporting.tidy_columns import RECORD_COLUMNS
from lpact_eval.reporting.workbook import write_workbook

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from openpyxl.workbook import Workbook

    from lpact_eval.disclosure.published import Published
    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.reporting.sentences import Sentences

NAN = float("nan")


@pytest.fixture(scope="module")
def kept(record_example: ModuleType) -> PublishedRecords:
    """Records with a row or two for every kind of table."""
    made = record_example
    observed = {"table": "observation", "base": "offers"}
    return made.records(
        made.row("events", 2.0, numerator=2.0, base="events"),
        made.row("attendees", **made.HIDDEN, base="people"),
        made.share("forms returned", 26, 110, low=0.15, high=0.31),
        made.share(
            "events over plan by more than 30 minutes", 1, 2, "events", flags="fewer than 5 events: no interval"
        ),
        made.row("days to done", 240.0, "days", table="action", n=19.0, base="actions", low=149.0),
        made.row("days to done: still open", 10.0, table="action", n=19.0, base="actions"),
        made.row("offered", 37.0, **observed),
        made.share("applied, of those offered", 24, 37, **observed, mark="[u]", tier="indicative"),
        made.row("cash per event", 405.0, "pounds", table="cost", n=2.0, base="events", low=289.0, high=521.0),
        *(
            made.row(
                "events behind the theme", 3.0, by="theme", group=f"Theme {place}", by2="community", group2="Somali"
            )
            for place in range(PAGE_ROWS + 1)
        ),
        **made.lists(),
        synthetic=True,
        files=(("register.csv", "f" * 64),),
    )


@pytest.fixture(scope="module")
def with_records(published: Published, kept: PublishedRecords) -> Published:
    return replace(published, records=kept)


@pytest.fixture(scope="module")
def page(with_records: Published, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("records") / "report.html"
    write_page(with_records, path)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def book(with_records: Published, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    path = tmp_path_factory.mktemp("records") / "tables.xlsx"
    write_workbook(with_records, path)
    return openpyxl.load_workbook(path)


def test_a_release_without_records_has_no_section_on_them(published: Published, sentences: Sentences) -> None:
    assert record_section(published, sentences) is None
    assert record_tables(published) == []
    assert page_context(published, sentences)["records"] is None


def test_the_section_follows_the_intended_outcomes(page: str) -> None:
    section = page[page.index('<h2 id="events">') : page.index('<h2 id="method">')]
    headings = re.findall(r'<h3 class="chapter"[^>]*>([^<]+)<', section)
    assert headings == [
        "Outcome 1: relationships",
        "Outcome 2: what communities raised",
        "Outcome 3: action and influence",
        "Outcome 4: lay observation",
        "What it cost",
        "Contribution: what speaks for and against each outcome",
        "The records themselves",
    ]
    assert '<a href="#events">Events, feedback and action</a>' in page


def test_every_part_says_what_it_can_not_show(page: str) -> None:
    section = page[page.index('<h2 id="events">') : page.index('<h2 id="method">')]
    parts = re.findall(r'<h4 id="events-', section)
    assert parts
    assert section.count("What this can't show.") == len(parts)


def test_counts_intervals_and_hidden_numbers_are_explained_once(page: str, sentences: Sentences) -> None:
    for name in ("record_interval", "record_hidden", "synthetic_records"):
        assert page.count(sentences.texts[f"fixed.{name}"]) == 1


def test_long_tables_are_folded_and_the_longest_only_in_the_workbook(
    page: str, with_records: Published, sentences: Sentences, book: Workbook
) -> None:
    section = record_section(with_records, sentences)
    assert section is not None
    parts = [part for chapter in section.chapters for part in chapter.parts]
    assert all(folded is (len(table.rows) > OPEN_ROWS) for part in parts for table, folded in part.on_page)
    elsewhere = [table.name for part in parts for table in part.elsewhere]
    assert elsewhere == ["Behind_the_themes"]
    assert "caption-Behind_the_themes" not in page
    assert f"Events and forms behind each theme ({PAGE_ROWS + 1} rows)" in page
    assert any(name.endswith("Behind the themes") for name in book.sheetnames)


def test_page_and_workbook_have_the_same_tables(with_records: Published, sentences: Sentences) -> None:
    section = record_section(with_records, sentences)
    assert section is not None
    sheets = [replace(table, source="") for table in record_tables(with_records)]
    assert section.tables == sheets
    assert len({table.name for table in sheets}) == len(sheets)


def test_charts_stand_with_the_part_that_they_belong_to(
    with_records: Published, sentences: Sentences, monkeypatch: pytest.MonkeyPatch
) -> None:
    charts = tuple(ChartSpec(name, name, name, name, name, ()) for name in ("funnel", "waiting", "timeline", "other"))
    module = importlib.import_module("lpact_eval.reporting.record_charts")
    monkeypatch.setattr(module, "record_charts", lambda _: charts)
    section = record_section(replace(with_records), sentences)  # what was worked out for the other is kept
    assert section is not None
    parts = [part for chapter in section.chapters for part in chapter.parts]
    placed = {part.name: [chart.name for chart in part.charts] for part in parts if part.charts}
    assert placed == {"events-held": ["timeline", "other"], "events-funnel": ["funnel"], "events-waiting": ["waiting"]}
    assert len(section.charts) == len(charts)


def test_sheets_of_the_records_have_one_table_under_their_notes(book: Workbook) -> None:
    place = next(place for place, name in enumerate(book.sheetnames) if name.endswith("Events held"))
    for name in book.sheetnames[place : place + 5]:
        sheet = book[name]
        (table,) = sheet.tables.values()
        left, top, right, bottom = range_boundaries(table.ref)
        assert left == 1
        lines = [str(sheet.cell(line, 1).value) for line in range(1, top)]
        assert re.match(r"Table \d+: ", lines[0])
        assert lines[3] == "Source: records of the events. Synthetic records."
        assert "None" not in lines
        for cells in sheet.iter_rows(min_row=top, max_row=bottom, max_col=right):
            assert all(cell.value not in {None, ""} for cell in cells), name


def test_an_open_interval_has_one_end_in_a_sheet(book: Workbook) -> None:
    sheet = book[next(name for name in book.sheetnames if name.endswith(" Waiting"))]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(row for row in rows if row[0] == "Until when")
    assert [str(head[place])[:18] for place in (3, 4)] == ["95% interval, low ", "95% interval, high"]
    assert rows[-1][3:5] == [149, "[x]"]


def test_cover_and_notes_say_what_the_records_are(book: Workbook, sentences: Sentences) -> None:
    cover = [str(row[0].value) for row in book["Cover"].iter_rows()]
    assert sentences.texts["fixed.synthetic_records"] in cover
    notes = [str(cell.value) for row in book["Notes"].iter_rows() for cell in row]
    assert sentences.texts["fixed.record_interval"] in notes
    assert sentences.texts["fixed.record_counts"] in notes


def test_quotations_may_say_what_a_report_may_not(page: str) -> None:
    assert "it caused me to come again" in page  # a quote of the example
    assert "Training on race and bias" in page  # a theme


def test_the_lead_s_words_are_looked_at_like_our_own(
    with_records: Published, kept: PublishedRecords, tmp_path: Path
) -> None:
    cases = kept.contribution.copy()
    cases.loc[0, "text"] = "The events caused trust."
    said = replace(with_records, records=replace(kept, contribution=cases))
    with pytest.raises(LpactError, match="it says 'caused'"):
        write_page(said, tmp_path / "report.html")
    with pytest.raises(LpactError, match="it says 'caused'"):
        write_workbook(said, tmp_path / "tables.xlsx")


def test_a_sentence_that_is_missing_is_named(with_records: Published, sentences: Sentences) -> None:
    fewer = {name: text for name, text in sentences.texts.items() if name != "records.limit.held"}
    with pytest.raises(DefinitionError, match=r"records\.limit\.held"):
        record_section(with_records, replace(sentences, texts=fewer))


def test_the_csv_of_the_records_has_its_own_columns_and_dictionary(with_records: Published, tmp_path: Path) -> None:
    written = {path.name for path in write_release(with_records, tmp_path / "out", formats=["csv"])}
    assert {"records.csv", "records-dictionary.csv"} <= written
    with (tmp_path / "out" / "records.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == list(RECORD_COLUMNS)
    found = {line["measure"]: line for line in lines}
    forms = found["Forms returned"]
    assert (forms["value"], forms["unit"], forms["lower bound"], forms["upper bound"]) == ("24", "per cent", "15", "31")
    assert (forms["numerator"], forms["unweighted base"], forms["base counts"]) == ("26", "110", "people")
    assert (found["Attendees"]["value"], found["Attendees"]["shorthand"]) == ("[c]", "[c]")
    assert found["Days to done"]["upper bound"] == ""
    counted = [line for line in lines if line["measure"] == "Attendees at the event"]
    assert [(line["second group"], line["value"]) for line in counted] == [("2022-07-04", "60"), ("2022-09-17", "[c]")]
    assert {line["records"] for line in lines} == {"synthetic"}
    with (tmp_path / "out" / "records-dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        explained = {line["column"]: line["meaning"] for line in csv.DictReader(file)}
    assert list(explained) == list(RECORD_COLUMNS)
    assert all(explained.values())


def test_the_manifest_lists_the_csv_of_the_records_and_says_that_they_are_synthetic(
    with_records: Published, tmp_path: Path
) -> None:
    real = replace(with_records, waves=tuple(replace(wave, synthetic=False) for wave in with_records.waves))
    write_release(real, tmp_path / "out", formats=["csv"])
    manifest = json.loads((tmp_path / "out" / "release.json").read_text(encoding="utf-8"))
    assert "records.csv" in manifest["files"]
    assert manifest["synthetic"] is True


def test_synthetic_records_beside_real_surveys_are_said_in_bold(with_records: Published, tmp_path: Path) -> None:
    real = replace(with_records, waves=tuple(replace(wave, synthetic=False) for wave in with_records.waves))
    write_page(real, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<p class="banner">' not in text
    assert "<strong>Synthetic records:" in text


def test_files_of_the_records_are_named_with_their_hashes(page: str) -> None:
    assert f'<dt>register.csv</dt><dd class="code">SHA-256 {"f" * 64}</dd>' in page


def test_records_that_hold_nothing_leave_only_the_words(
    published: Published, record_example: ModuleType, sentences: Sentences
) -> None:
    empty = replace(published, records=record_example.records(as_of=None))
    section = record_section(empty, sentences)
    assert section is not None
    assert (section.chapters, section.lead, section.synthetic) == ((), "", "")
    assert record_tables(empty) == []
