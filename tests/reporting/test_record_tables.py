from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.reporting.record_action import cost_tables, funnel_tables, score_tables, waiting_tables
from lpact_eval.reporting.record_cells import range_cell, value_cell
from lpact_eval.reporting.record_lists import (
    boxes,
    cannot_table,
    contribution_tables,
    event_table,
    issue_table,
    quote_table,
    record_ledger,
    said_table,
)
from lpact_eval.reporting.record_relationships import held_tables, question_tables, reach_tables, who_tables
from lpact_eval.reporting.record_rows import RecordRow, RecordRows, record_rows
from lpact_eval.reporting.record_tables import LONG, Figure, pairs, tally, wide
from lpact_eval.reporting.record_understanding import community_tables, theme_tables, voice_tables

if TYPE_CHECKING:
    from types import ModuleType

    from lpact_eval.reporting.tables import Table

NAN = float("nan")


def rows_of(example: ModuleType, *rows: dict[str, object]) -> RecordRows:
    return record_rows(example.records(*rows))


def one(example: ModuleType, *values: object, **other: object) -> RecordRow:
    return next(iter(rows_of(example, example.row(*values, **other))))


def headings(table: Table) -> list[str]:
    return [column.heading for column in table.columns]


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in line] for line in table.rows]


@pytest.mark.parametrize(
    ("value", "unit", "more", "text", "number"),
    [
        (1234.0, "count", {}, "1,234", 1234),
        (57.5, "count", {}, "57.5", 57.5),
        (0.2675, "share", {"n": 805.0}, "27%", 27),
        (0.77312, "share", {"n": 37231.0}, "77.3%", 77.3),
        (404.9, "pounds", {"base": "events"}, "£405", 405),
        (6.994, "pounds", {"base": "people"}, "£6.99", 6.99),
        (75.5, "days", {}, "75.5", 75.5),
        (3.9167, "hours", {}, "3.9", 3.9),
        (0.18882, "ratio", {}, "0.19", 0.19),
        (20.73, "ratio", {}, "20.7", 20.7),
        (1.2262, "mean", {}, "1.23", 1.23),
        (-0.0216, "points", {"n": 805.0}, "\N{MINUS SIGN}2", -2),
        (-0.001, "points", {"n": 805.0}, "0", 0),
    ],
)
def test_numbers_are_written_in_the_house_form(  # noqa: PLR0917 - a case and what is expected of it
    record_example: ModuleType, value: float, unit: str, more: dict[str, object], text: str, number: float
) -> None:
    cell = value_cell(one(record_example, "anything", value, unit, **more))
    assert (cell.text, cell.value) == (text, pytest.approx(number))


def test_a_score_that_rose_has_its_sign_and_no_percentage_points(record_example: ModuleType) -> None:
    row = one(record_example, "change in understanding", 0.6, "points", table="observation", low=-0.04, high=1.2)
    assert value_cell(row).text == "+0.6"
    assert range_cell(row).text == "0.0 to +1.2"


def test_p_values_are_written_as_p_values(record_example: ModuleType) -> None:
    row = one(record_example, "adjusted p value of being raised together: forms", 0.0004, "index")
    assert value_cell(row).text == "under 0.001"


def test_an_interval_may_be_open_absent_or_not_applicable(record_example: ModuleType) -> None:
    cells = [
        range_cell(one(record_example, "days to done", 240.0, "days", low=149.0)),
        range_cell(one(record_example, "events", 14.0)),
        range_cell(one(record_example, "x", 0.5, "share", n=4.0, flags="fewer than 5 events: no interval")),
        range_cell(one(record_example, "x", **record_example.HIDDEN)),
    ]
    assert [cell.text for cell in cells] == ["149 or more", "[z]", "[x]", "[c]"]
    assert (cells[0].value, cells[0].high) == (149, None)


def test_an_indicative_number_keeps_its_mark_and_a_withheld_one_is_its_mark(record_example: ModuleType) -> None:
    shown = one(record_example, "applied", 0.649, "share", n=37.0, mark="[u]", tier="indicative")
    withheld = one(record_example, "applied", NAN, "share", n=24.0, mark="[u]", tier="withheld")
    assert (value_cell(shown).text, value_cell(withheld).text) == ("65% [u]", "[u]")


def test_what_two_indicators_asked_for_stands_once(record_example: ModuleType) -> None:
    rows = rows_of(record_example, *(record_example.row("events", 14.0, indicator=name) for name in ("a", "b")))
    assert [row.indicator for row in rows] == ["a"]


def test_a_line_per_group_has_the_interval_and_the_base_beside_a_share(record_example: ModuleType) -> None:
    made = record_example
    (table, _) = held_tables(
        rows_of(
            made,
            made.row("events", 14.0),
            made.row("attendees", 805.0),
            made.share("forms returned", 165, 747, low=0.19, high=0.26),
            made.row("events", 3.0, by="community", group="Somali"),
            made.row("attendees", **made.HIDDEN, by="community", group="Somali"),
        )
    )
    assert headings(table) == [
        "Community",
        "Events",
        "Attendances",
        "Forms returned, of attendees",
        "95% interval",
        "Unweighted base, people",
    ]
    assert texts(table) == [
        ["All", "14", "805", "22%", "19% to 26%", "747"],
        ["Somali", "3", "[c]", "[z]", "[z]", "[z]"],
    ]


def test_headings_that_would_stand_twice_say_of_what_they_are(record_example: ModuleType) -> None:
    made = record_example
    rows = rows_of(made, made.share("a", 5, 50), made.share("b", 6, 50))
    table = wide(rows, "Both", "Both", (Figure("a", "First"), Figure("b", "Second")))
    assert headings(table)[2::2] == ["Unweighted base, people: first", "Unweighted base, people: second"]


def test_two_breakdowns_are_named_and_one_heads_its_column(record_example: ModuleType) -> None:
    made = record_example
    rows = [made.row("attendances", 40.0, by=by, group=group) for by, group in (("sex", "Female"), ("area", "Blaby"))]
    assert headings(who_tables(rows_of(made, *rows))[0])[:3] == ["What was counted", "Broken down by", "Group"]
    assert headings(who_tables(rows_of(made, rows[0]))[0])[:2] == ["What was counted", "Sex"]


def test_combinations_of_which_nothing_may_be_shown_are_counted_and_not_listed(record_example: ModuleType) -> None:
    made = record_example
    pair = {"by": "theme", "by2": "community", "table": "understanding"}
    rows = rows_of(
        made,
        made.share("forms that raise the theme", 12, 37, "forms", **pair, group="Stop and search", group2="Caribbean"),
        made.row("forms that raise the theme", unit="share", **made.HIDDEN, **pair, group="Faith", group2="Somali"),
    )
    (table, _) = community_tables(rows)
    assert texts(table) == [["Stop and search", "Caribbean", "32%", "37"]]
    assert table.notes == ("Combinations left out because nothing of them may be shown: 1.",)


def test_remarks_that_hold_for_all_lines_are_said_once_with_their_columns(record_example: ModuleType) -> None:
    made = record_example
    rows = rows_of(
        made,
        *(made.share("a", 5, 50, flags="all ages; 2022-07-04 to 2022-09-17", by="area", group=one) for one in "XY"),
        made.share("b", 6, 50, flags="late", by="area", group="X"),
        made.share("b", 7, 50, by="area", group="Y"),
    )
    table = wide(rows, "Both", "Both", (Figure("a", "First"), Figure("b", "Second")))
    assert table.notes == ('On "First": All ages. 4 July 2022 to 17 September 2022.',)
    assert [line[-1] for line in texts(table)] == ["Late.", ""]


def test_a_tally_says_how_many_of_what_and_a_count_that_is_a_numerator_stands_once(record_example: ModuleType) -> None:
    made = record_example
    rows = rows_of(
        made,
        made.row("themes confirmed", 16.0, numerator=16.0, n=17.0, base="themes"),
        made.share("themes confirmed", 16, 17, "themes"),
        made.row("themes raised", 18.0, numerator=18.0, base="themes"),
    )
    table = tally(rows, "Stages", "Stages")
    assert headings(table) == ["What was counted", "Number", "Of (unweighted base)", "Base counts", "Share"]
    assert texts(table) == [
        ["Themes confirmed", "16", "17", "Themes", "94%"],
        ["Themes raised", "18", "[z]", "Themes", "[z]"],
    ]


def test_long_tables_leave_silent_groups_out_and_name_them(record_example: ModuleType) -> None:
    made = record_example
    hidden = [made.row(f"stage {place}", **made.HIDDEN, by="community", group="Somali") for place in range(LONG)]
    shown = made.row("stage 1", 12.0, by="community", group="Caribbean")
    table = tally(rows_of(made, shown, *hidden), "Stages", "Stages")
    assert len(table.rows) == 1
    assert table.notes == ("Left out, as nothing of them may be shown: Somali.",)
    short = tally(rows_of(made, shown, *hidden[:3]), "Stages", "Stages")
    assert len(short.rows) == 4


def test_the_funnel_runs_from_raised_to_told_whatever_the_order_of_the_plan(record_example: ModuleType) -> None:
    made = record_example
    kind = {"table": "action", "base": "themes"}
    names = ("themes told", "themes confirmed", "themes raised")
    rows = rows_of(
        made,
        *(made.row(name, 5.0, **kind) for name in names),
        *(made.row(name, 2.0, **kind, by="workstream", group="respect") for name in names),
    )
    whole, by_stream = [table for table in funnel_tables(rows) if table.rows]
    assert [line[0] for line in texts(whole)] == ["Themes raised", "Themes confirmed", "Themes told"]
    assert headings(by_stream) == ["Stage", "All", "Respect"]
    assert texts(by_stream)[0] == ["Themes raised", "5", "2"]


def test_a_wait_has_the_open_items_beside_it_and_a_refusal_in_words(record_example: ModuleType) -> None:
    made = record_example
    kind = {"table": "action", "base": "actions", "n": 19.0}
    reason = "more than half are still waiting at the longest wait on record"
    rows = rows_of(
        made,
        made.row("days to done", NAN, "days", **kind, mark="[x]", tier="refused", refused=reason, note=reason),
        made.row("days to done: still open", 10.0, **kind),
    )
    (table,) = waiting_tables(rows)
    assert headings(table)[-2:] == ["Still open", "Note"]
    assert texts(table) == [["Days to done", "[x]", "days", "19", "Actions", "10", f"M{reason[1:]}."]]


def test_cash_and_staff_time_stand_in_tables_of_their_own(record_example: ModuleType) -> None:
    made = record_example
    rows = rows_of(
        made,
        *(
            made.row(f"{what} per event", 405.0, "pounds", table="cost", n=13.0, base="events")
            for what in ("cash", "staff time", "cash and staff time")
        ),
    )
    tables = [table for table in cost_tables(rows) if table.rows]
    assert [table.name for table in tables] == ["Cash", "Staff_time", "Cash_and_staff_time"]
    assert all(len(table.rows) == 1 for table in tables)


def test_questions_at_each_event_are_words(record_example: ModuleType) -> None:
    made = record_example
    kind = {"by": "event", "by2": "question", "base": "events", "n": 1.0}
    rows = rows_of(
        made,
        made.row("question reached at an event", 1.0, "share", **kind, group="A1", group2="respect"),
        made.row("question reached at an event", 0.0, "share", **kind, group="A1", group2="protect"),
        made.row("question reached at an event", NAN, "share", **kind, group="A1", group2="involve", mark="[x]"),
    )
    assert texts(question_tables(rows)[1]) == [["A1", "Reached", "Not reached", "Not known"]]


def test_reach_is_laid_out_only_where_the_plan_asks_for_it(record_example: ModuleType) -> None:
    made = record_example
    area = {"by": "area", "group": "Leicester"}
    attended = made.share("attendances at events held there: share", 40, 80, **area)
    assert reach_tables(rows_of(made, attended)) == []
    held, _, _ = reach_tables(
        rows_of(
            made,
            made.share("Black residents: share", 28000, 37231, "residents", **area),
            made.row("events held there", 11.0, **area),
        )
    )
    assert texts(held) == [["Leicester", "75.2%", "37,231", "11"]]


def test_themes_on_forms_and_in_the_room_have_bases_that_say_what_they_count(record_example: ModuleType) -> None:
    made = record_example
    kind = {"by": "theme", "group": "Stop and search", "by2": "workstream", "group2": "respect"}
    kind["table"] = "understanding"
    rows = rows_of(
        made,
        made.share("forms that raise the theme", 37, 177, "forms", **kind),
        made.row("events where the room raised the theme", 7.0, n=14.0, base="events", numerator=7.0, **kind),
        made.row("events that raise the theme", 5.0, n=14.0, **{**kind, "by2": "where raised", "group2": "both"}),
    )
    table = theme_tables(rows)[0]
    assert headings(table)[3::2] == ["Unweighted base, forms", "Unweighted base, events"]
    assert texts(table) == [["Stop and search", "Respect", "21%", "177", "7", "14"]]
    assert texts(voice_tables(rows)[1]) == [["Stop and search", "5", "14"]]


def test_words_that_sound_like_a_test_are_not_taken_over_from_the_records(record_example: ModuleType) -> None:
    made = record_example
    row = made.share("understanding stayed the same", 12, 40, table="observation")
    assert texts(score_tables(rows_of(made, row))[1])[0][0] == "Same score before and after"


def test_pairs_of_groups_name_a_line(record_example: ModuleType) -> None:
    made = record_example
    rows = rows_of(made, made.row("a", 3.0, by="theme", group="one", by2="theme", group2="two"))
    table = wide(rows, "Pairs", "Pairs", (Figure("a", "A", bare=True),), heads=pairs("Theme", "And theme"))
    assert texts(table) == [["One", "Two", "3"]]


def test_events_are_listed_with_their_hidden_counts_marked(record_example: ModuleType) -> None:
    table = event_table(record_example.records(events=record_example.events()))
    assert texts(table)[0][:1] + texts(table)[0][6:] == ["4 July 2022", "60", "12", "14", "21", "3.0", "3.8"]
    assert texts(table)[1][6] == "[c]"
    assert texts(table)[1][-1] == "[x]"


def test_the_list_of_what_can_not_be_done_says_why_and_whether_people_know(record_example: ModuleType) -> None:
    table = cannot_table(record_example.records(cannot_act=record_example.cannot_act()))
    told, untold = texts(table)
    assert told[3:] == ["No money for it this year", "4 July 2022", "1 September 2022", "Public", "59"]
    assert untold[3:] == ["No reason on record", "17 September 2022", "Not told yet", "Nobody yet", "105 so far"]


def test_you_said_has_what_was_done_who_waits_and_what_was_not_confirmed(record_example: ModuleType) -> None:
    table = said_table(record_example.records(you_said=record_example.you_said()))
    done, open_one = texts(table)
    assert done == ["Explain every search", "Respect", "Professional standards", "-", "-", "-", "[z]", ""]
    assert open_one[5:] == ["No action yet", "120", "The focus group has not confirmed this."]


def test_a_case_shows_empty_boxes_as_empty_and_joins_what_says_the_same(record_example: ModuleType) -> None:
    published = record_example.records(contribution=record_example.contribution())
    ((title, table),) = contribution_tables(published)
    assert title == "Outcome 1: relationships"
    lines = {line[0]: line[1:] for line in texts(table)}
    assert lines["Evidence for, asked of the lead"][1] == "Not filled in by the lead."
    assert lines["No answer"][3] == "indicator 1.1, gap, Black; indicator 1.2, change, Black"
    assert lines["Evidence for"][3] == "people who came more than once"
    assert lines["Strength"][1] == "Other explanations are open. The rubric: Something speaks for it."
    assert boxes(published) == (3, 2)


def test_quotes_stand_in_quotation_marks_with_what_they_may_be_linked_to(record_example: ModuleType) -> None:
    linked, unlinked = texts(quote_table(record_example.records(quotes=record_example.quotes())))
    assert linked[0] == "\N{LEFT DOUBLE QUOTATION MARK}Nobody told us why.\N{RIGHT DOUBLE QUOTATION MARK}"
    assert linked[2:] == ["Caribbean", "A1", "[z]"]
    assert unlinked[1:4] == ["Not coded", "Not linked", "Not linked"]


def test_rows_and_cells_of_the_records_are_accounted_for(record_example: ModuleType) -> None:
    published = record_example.records(**record_example.lists())
    assert [line[1:] for line in texts(record_ledger(published))] == [
        ["Delivered", "3"],
        ["Set aside: date is blank", "1"],
        ["Kept", "2"],
    ]
    unread = pd.DataFrame({"record": ["feedback"], "reason": ["columns of personal data not read: 1"], "rows": [0]})
    (line,) = texts(record_ledger(record_example.records(ledger=unread)))
    assert line == ["Feedback", "Columns of personal data not read: 1", "0"]
    assert texts(issue_table(published))[0][1:] == ["Text", "Looks like a telephone number", "Cell set aside", "2"]
