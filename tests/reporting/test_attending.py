"""Attendees and others: parts, tables, sheets and csv lines that agree, say what is not shown, and claim no cause."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest

from lpact_eval.reporting.attending import HEADING, attendance_tables, attending_words
from lpact_eval.reporting.content import questions
from lpact_eval.reporting.excerpt import excerpt
from lpact_eval.reporting.headline import gap_summary, gap_title
from lpact_eval.reporting.page import page_context, write_page
from lpact_eval.reporting.rows import EVERYONE, rows_of
from lpact_eval.reporting.tidy import write_tidy
from lpact_eval.reporting.tidy_columns import COLUMNS
from lpact_eval.reporting.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.parts import Part
    from lpact_eval.reporting.sentences import Sentences
    from lpact_eval.reporting.tables import Table

FOUND = (
    "Other ways of making the two groups comparable",
    "How alike attendees and others are",
    "Whether there are others like the attendees",
    "How strong would an unmeasured reason have to be",
    "Number of events attended",
)
CAUSAL = r"\b(?:because of the events?|effects? of (?:the )?(?:attending|attendance|events?)|dose.response|caused)\b"


def part_of(published: Published, sentences: Sentences) -> Part:
    first, _ = questions(published, rows_of(published), sentences)
    return next(part for part in first[0].parts if part.heading == HEADING)


def below(published: Published, sentences: Sentences) -> dict[str, Part]:
    return {part.heading: part for part in part_of(published, sentences).below}


def lines(table: Table) -> dict[tuple[str, ...], list[str]]:
    """Rows by the texts that name them."""
    return {
        tuple(cell.text for cell in row[: table.headers]): [cell.text for cell in row[table.headers :]]
        for row in table.rows
    }


def charts(part: Part) -> Sequence[ChartSpec]:
    return [one.chart for one in part.below if one.chart is not None]


def without(published: Published, *names: str) -> Published:
    return replace(published, **{name: pd.DataFrame() for name in names})


def test_the_parts_come_in_the_order_of_doubt_and_fold_their_tables(attended: Published, sentences: Sentences) -> None:
    part = part_of(attended, sentences)
    assert tuple(one.heading for one in part.below) == FOUND
    assert all(one.folded for one in part.below)
    assert not part.folded


def test_what_a_release_lacks_has_no_part(published: Published, attended: Published, sentences: Sentences) -> None:
    assert not part_of(published, sentences).below
    left = without(attended, "balance", "overlap", "strength", "dose")
    assert tuple(below(left, sentences)) == FOUND[:1]


def test_groups_that_may_not_be_drawn_leave_a_table_or_nothing(attended: Published, sentences: Sentences) -> None:
    hidden = attended.balance["mark"] == "[c]"
    bare = replace(
        attended,
        balance=attended.balance[hidden],
        overlap=attended.overlap[attended.overlap["mark"] == "[u]"],
    )
    found = below(bare, sentences)
    assert found[FOUND[1]].chart is None
    assert found[FOUND[1]].tables[0].rows
    assert FOUND[2] not in found


def test_the_finding_stands_beside_the_unadjusted_difference_and_why_that_differs(
    attended: Published, sentences: Sentences
) -> None:
    said = part_of(attended, sentences).sentences
    assert "made comparable as listed, the share answering" in said[0]
    assert "association" in said[0]
    assert said[1].startswith(
        "Without adjustment the difference is +20 points (95% modelled interval +9 to +32 points)"
    )
    assert "Attendees differ from others in: Age group, Sex. People who differ in these may also answer" in said[1]
    assert said[1].endswith(
        "With overlap weights it is +10 points (95% modelled interval \N{MINUS SIGN}1 to +22 points), "
        "close to that reported first."
    )
    assert "With overlap weights there is no result. The smaller of the two groups has too few people" in said[3]


def test_only_all_respondents_and_groups_that_the_plan_puts_first_are_spoken_of(
    attended: Published, sentences: Sentences
) -> None:
    text = " ".join(part_of(attended, sentences).sentences)
    assert "all respondents who had attended" in text
    assert "Black respondents who had attended" in text
    assert "White respondents who had attended" not in text


def test_a_difference_between_groups_is_said_where_it_is_shown(
    attended: Published, attended_large: Published, sentences: Sentences
) -> None:
    assert not any(said.startswith("Between Black") for said in part_of(attended, sentences).sentences)
    (said,) = [one for one in part_of(attended_large, sentences).sentences if one.startswith("Between Black")]
    assert said.startswith(
        "Between Black respondents and White respondents, the difference between attendees and others"
    )


def test_every_method_has_a_row_and_a_refused_one_its_reason(attended: Published, sentences: Sentences) -> None:
    found = lines(below(attended, sentences)[FOUND[0]].tables[0])
    assert found["Black", "Regression, reported first"][0] == "+12"
    assert found["Black", "Not adjusted"][0] == "+23"
    refused = found["Black", "Overlap weights"]
    assert refused[:4] == ["[x]", "[x]", "64", "70"]
    assert refused[4] == "The smaller of the two groups has too few people for so many adjusters."
    assert set(found["Other ethnic group", "Every method"][:-1]) == {"[c]"}


def test_the_balance_is_drawn_by_the_method_that_weighs_and_its_marks_are_explained(
    attended: Published, sentences: Sentences
) -> None:
    part = below(attended, sentences)[FOUND[1]]
    assert part.chart is not None
    assert part.chart.name == "love-overlap_weights-conf_overall_strongly_agree_or_tend_to_agree"
    assert {name[0] for name in lines(part.tables[0])} == {"Overlap weights"}
    only = replace(attended, balance=attended.balance[attended.balance["method"] == "regression"])
    plain = below(only, sentences)[FOUND[1]]
    assert plain.chart is not None
    assert plain.chart.title.startswith("Before adjustment")


def test_chart_names_differ_between_questions(attended: Published, sentences: Sentences) -> None:
    context = page_context(attended, sentences)
    names = re.findall(r'"((?:love|overlap|gap)-[^"]*)":\{', str(context["figures"]))
    assert len(names) == len(set(names))
    assert len(charts(part_of(attended, sentences))) == 2


def test_where_the_interval_holds_zero_chance_is_enough(attended: Published, sentences: Sentences) -> None:
    said = below(attended, sentences)[FOUND[3]].sentences
    assert said[1] == (
        "Among all respondents the difference is +9 points. The interval already holds 0, so chance alone may account "
        "for it: no unmeasured reason is needed."
    )


def test_where_the_interval_leaves_zero_out_the_e_value_is_said(
    attended_large: Published, sentences: Sentences
) -> None:
    said = below(attended_large, sentences)[FOUND[3]].sentences
    assert any("Among Black respondents the difference is +12.1 points. To explain this away" in one for one in said)
    assert any(one.endswith("At 1.2 times it would reach 0.") for one in said)


def test_unmeasured_reasons_have_value_unit_and_sentence(attended: Published, sentences: Sentences) -> None:
    found = lines(below(attended, sentences)[FOUND[3]].tables[0])
    mine = {key[2]: row for key, row in found.items() if key[1] == "All respondents"}
    assert mine["E-value: how closely tied to both"][:2] == ["1.78", "times"]
    assert mine["Robustness value: share explained of both"] == ["10", "per cent", "About 10% of both. Approximate."]
    hidden = mine["The difference, beside a reason as strong as Age group"]
    assert hidden == ["[c]", "[z]", "Suppressed to protect confidentiality."]


def test_a_benchmark_reads_as_its_value_whatever_was_rounded_before(attended: Published, sentences: Sentences) -> None:
    """The gap of .094 and the value of .0451 are +9 and +5 points; the reading as written says +4."""
    found = lines(below(attended, sentences)[FOUND[3]].tables[0])
    row = found["Regression", "All respondents", "The difference, beside a reason as strong as Sex"]
    assert row[:2] == ["+5", "percentage points"]
    assert "from +9 points to +5 points. Approximate." in row[2]


def test_numbers_of_events_never_read_as_a_dose(attended: Published, sentences: Sentences) -> None:
    part = below(attended, sentences)[FOUND[4]]
    assert part.sentences[0].startswith("Among all respondents, the share differs by +9 points for each further event")
    assert part.sentences[0].endswith("We can't tell whether people who attended more answered differently.")
    assert part.sentences[1] == (
        "Among Black respondents, too few attended for answers to be told apart by the number of events."
    )
    assert "is an association only" in part.sentences[-1]
    found = lines(part.tables[0])
    assert ("All respondents", "Two or more events, against none") in found
    assert ("All respondents", "One or more events, against none") not in found
    assert [key for key in found if key[0] == "Black"] == [("Black", "Every number of events")]


@pytest.mark.parametrize(("estimate", "word"), [(0.05, "higher"), (-0.05, "lower")])
def test_a_clear_slope_by_events_names_its_direction(
    attended: Published, sentences: Sentences, estimate: float, word: str
) -> None:
    dose = attended.dose.assign(p_adjusted=0.001)
    dose.loc[dose["by"] == "", ["estimate", "conf_low", "conf_high"]] = [estimate, estimate - 0.01, estimate + 0.01]
    (said, *_) = below(replace(attended, dose=dose), sentences)[FOUND[4]].sentences
    assert said.startswith(f"Among all respondents, the share is 5 points {word} for each further event attended")
    assert said.endswith("adjusted p 0.001).")


def test_questions_that_are_not_drawn_keep_one_table(attended: Published, sentences: Sentences) -> None:
    _, others = questions(attended, rows_of(attended), sentences)
    for question in others:
        for part in question.parts:
            assert not part.below
            assert not part.sentences


def test_the_page_folds_the_tables_and_says_what_the_method_is(
    attended: Published, sentences: Sentences, tmp_path: Path
) -> None:
    write_page(attended, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for heading in FOUND:
        assert f"<h4>{heading}</h4>" in page
    assert "<summary>Table: every method, by group</summary>" in page
    assert "Attendees may have been recruited for this survey at an event" in page
    assert "How attendees and others are compared" in page
    assert not re.search(CAUSAL, page.partition("<script>")[0], re.IGNORECASE)
    for said in attending_words(attended, sentences):
        assert said.partition(".")[0].replace("'", "&#39;") in page


def test_a_release_without_gaps_says_nothing_of_attendance(published: Published, sentences: Sentences) -> None:
    rows = published.rows[~published.rows["measure"].isin(["gap", "gap difference"])]
    bare = replace(published, rows=rows.reset_index(drop=True))
    assert attending_words(bare, sentences) == []
    assert not any(table.rows for table in attendance_tables(bare, rows_of(bare)))


def test_the_workbook_has_a_sheet_each_with_the_cells_of_the_page(attended: Published, tmp_path: Path) -> None:
    write_workbook(attended, tmp_path / "tables.xlsx")
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    names = ["methods", "balance", "scores", "reasons", "events"]
    assert book.sheetnames[5:11] == ["3 Attendance", *(f"{at} Attendance {name}" for at, name in enumerate(names, 4))]
    notes = {str(row[0].value) for row in book["Notes"].iter_rows()}
    for number in range(11, 16):
        assert f"note {number}" in notes
    cells = [[cell.value for cell in row] for row in book["7 Attendance reasons"].iter_rows()]
    assert cells[4][:4] == ["Question", "Answers counted", "Method [note 11]", "Group"]
    assert ["E-value: how closely tied to both", 1.78, "times"] in [row[4:7] for row in cells]
    assert cells[5][0] == "Confidence in the police in this area"


def test_the_csv_has_every_number_and_its_dictionary_every_word(attended: Published, tmp_path: Path) -> None:
    write_tidy(attended, tmp_path / "results.csv")
    with (tmp_path / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    counted = len(attended.rows) + len(attended.dose) + 2 * len(attended.balance)
    assert len(rows) == counted + len(attended.overlap) + len(attended.strength)
    for name in ("statistic", "unit", "row"):
        for value in {row[name] for row in rows if row[name]}:
            assert re.search(rf"\b{re.escape(value)}(?!\w)", f"{COLUMNS[name].meaning} {COLUMNS[name].allowed}"), value
    mine = [row for row in rows if row["ethnicity"] == "All respondents" and row["indicator"] == "conf_overall-gap"]
    told = {(row["statistic"], row["row"], row["detail"]): row for row in mine}
    assert told["gap", "overlap weights", ""]["value"] == "10"
    assert told["gap", "overlap weights", ""]["reported first"] == "no"
    assert told["balance before", "overlap weights", "Sex: Male"]["value"] == "0.31"
    assert told["balance after", "overlap weights", "Sex: Male"]["value"] == "0"
    assert told["overlap", "", "attended: score 0.4 to 0.6"]["value"] == "60"
    assert told["strength", "regression", "e-value"]["value"] == "1.78"
    assert told["strength", "regression", "benchmark: Age group"]["value"] == "[c]"
    assert told["dose", "standardised", "Each further event"]["value"] == "9"


def test_hidden_groups_have_only_marks_in_the_csv(attended: Published, tmp_path: Path) -> None:
    write_tidy(attended, tmp_path / "results.csv")
    with (tmp_path / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["ethnicity"] == "Other ethnic group"]
    beside = [row for row in rows if row["statistic"] in {"balance before", "overlap", "strength", "dose", "gap"}]
    assert beside
    assert {row["value"] for row in beside} <= {"[c]", "[u]"}


def test_an_excerpt_has_nothing_beside_gaps(attended: Published) -> None:
    alone = excerpt(attended, variable="conf_overall")
    assert not any(len(frame) for frame in (alone.balance, alone.overlap, alone.strength, alone.dose))


def test_the_method_says_no_sentence_again_that_stands_beside_the_charts(
    attended: Published, sentences: Sentences, tmp_path: Path
) -> None:
    write_page(attended, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8").partition("<script>")[0]
    for name in ("balance", "overlap", "strength", "dose"):
        assert page.count(sentences.say(f"fixed.{name}").replace("'", "&#39;")) == 1


def test_a_chart_in_which_only_all_respondents_are_tested_does_not_speak_of_groups(
    attended: Published, sentences: Sentences
) -> None:
    gaps = [row for row in rows_of(attended) if row.measure == "gap"]
    alone = [row if row.group == EVERYONE else replace(row, p_adjusted=math.nan) for row in gaps]
    assert not any(row.tested for row in alone if row.group != EVERYONE)
    title = gap_title(alone, sentences)
    assert "no single group could be tested" in title
    assert "no group shows" not in title


def test_a_summary_names_the_groups_whose_attendees_differ_clearly(attended: Published, sentences: Sentences) -> None:
    rows = [row for row in rows_of(attended) if row.measure == "gap" and row.variable == "conf_overall"]
    gaps = [replace(row, p_adjusted=0.9) for row in rows]
    assert not gap_summary(gaps, sentences)
    clear = [replace(row, estimate=0.21, p_adjusted=0.01) if row.group == EVERYONE else row for row in gaps]
    assert gap_summary(clear, sentences).endswith("an association only, among all respondents (+21 points)")


def test_notes_of_the_csv_join_without_a_full_stop_in_the_middle(attended: Published, tmp_path: Path) -> None:
    write_tidy(attended, tmp_path / "results.csv")
    with (tmp_path / "results.csv").open(encoding="utf-8", newline="") as file:
        notes = [line["note"] for line in csv.DictReader(file)]
    assert any(note.startswith("Small base: fewer than 100 respondents; ") for note in notes)
    assert not [note for note in notes if ".;" in note]
