"""Every rule that chooses a sentence on the records, with the number on either side of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.lint import hits
from lpact_eval.reporting.record_page import CHAPTERS
from lpact_eval.reporting.record_rows import record_rows
from lpact_eval.reporting.record_words import RULES, words_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from lpact_eval.reporting.sentences import Sentences

    Say = Callable[..., str]

NAN = float("nan")


@pytest.fixture
def say(record_example: ModuleType, sentences: Sentences) -> Say:
    """Say what a part says of some rows and lists."""

    def said(part: str, *rows: dict[str, object], **lists: object) -> str:
        published = record_example.records(*rows, **lists)
        return " ".join(words_on(part, published, record_rows(published), sentences))

    return said


def test_parts_without_numbers_say_nothing(say: Say) -> None:
    assert [part for part in RULES if say(part)] == []


def test_events_are_counted_between_their_first_and_last_day(say: Say, record_example: ModuleType) -> None:
    made = record_example
    events = {"events": made.events()}
    said = say("held", made.row("attendees", 105.0), **events)
    assert said == "2 events were held from 4 July 2022 to 17 September 2022, with 105 attendances in all."
    assert "may not be shown" in say("held", made.row("attendees", **made.HIDDEN), **events)
    assert say("held", events=made.events().iloc[:1]).startswith("1 event was held")


def test_attendances_of_black_people_are_given_or_said_to_be_hidden(say: Say, record_example: ModuleType) -> None:
    group = {"by": "ethnicity", "group": "Black"}
    assert "642 (83%) were of Black people" in say("who", record_example.share("attendances", 642, 772, **group))
    assert "may not be shown" in say("who", record_example.row("attendances", **record_example.HIDDEN, **group))


def test_those_who_came_again_are_given_hidden_or_refused(say: Say, record_example: ModuleType) -> None:
    name = "people who came more than once, of those who had the chance"
    said = say("again", record_example.share(name, 79, 324))
    assert said == "Of 324 people on record who could have come again, 79 (24%) did."
    assert "may not be shown" in say("again", record_example.row(name, **record_example.HIDDEN))
    refused = record_example.row(name, NAN, mark="[x]", refused="No records of people.")
    assert say("again", refused).endswith("can't be said: no records of people.")


def test_contacts_are_given_or_said_to_be_hidden(say: Say, record_example: ModuleType) -> None:
    assert say("contacts", record_example.share("contacts opted in", 214, 805)).startswith(
        "Of 805 attendees, 214 (27%)"
    )
    assert "may not be shown" in say("contacts", record_example.row("contacts opted in", **record_example.HIDDEN))


def test_officers_are_set_against_attendees_and_the_line(say: Say, record_example: ModuleType) -> None:
    made = record_example
    ratio = made.row("officers per attendee", 0.2, "ratio", numerator=20.0, n=100.0)
    assert say("officers", ratio) == "There were 20 officers to 100 attendances: one officer to every 5.0."
    assert "Of 14 events, 2 had more" in say("officers", made.share("police-heavy events", 2, 14, "events"))
    assert "None of 14 events had more" in say("officers", made.share("police-heavy events", 0, 14, "events"))


def test_time_over_plan_comes_with_the_length_where_it_is_known(say: Say, record_example: ModuleType) -> None:
    over = record_example.share("events over plan by more than 30 minutes", 10, 13, "events")
    assert say("length", over).startswith("Of 13 events with times on record, 10 ran over")
    assert say("length", over, record_example.row("hours of an event: median", 3.9, "hours")).endswith("3.9 hours.")


def test_the_question_left_out_most_is_named(say: Say, record_example: ModuleType) -> None:
    made = record_example
    whole = made.share("all four questions reached", 7, 13, "events")
    asked = [
        made.share("question reached", number, 14, "events", by="question", group=group)
        for group, number in (("respect", 14), ("involve", 9), ("represent", 9))
    ]
    said = say("questions", whole, *asked)
    assert "at 7 of 13 events" in said
    assert said.endswith('Left out most often: "involve" and "represent", at 5 events.')
    assert "at each of 13 events" in say("questions", made.share("all four questions reached", 13, 13, "events"))
    assert say("questions", asked[0]) == ""


def test_the_area_where_most_black_residents_live_is_set_beside_its_events(
    say: Say, record_example: ModuleType
) -> None:
    made = record_example
    living = [
        made.share("Black residents: share", number, 37231, "residents", by="area", group=area)
        for area, number in (("Blaby", 1594), ("Leicester", 28784))
    ]
    held = made.share("events held there: share", 11, 14, "events", by="area", group="Leicester")
    said = say("reach", *living, held)
    assert said == "77.3% of the area's Black residents live in Leicester, where 11 of 14 events (79%) were held."
    assert say("reach", *living) == ""


def test_what_was_raised_most_is_named_unless_too_many_tie(say: Say, record_example: ModuleType) -> None:
    made = record_example

    def room(theme: str, number: float) -> dict[str, object]:
        kind = {"by": "theme", "group": theme, "table": "understanding"}
        return made.row("events where the room raised the theme", number, numerator=number, n=14.0, **kind)

    assert say("themes", room("A", 7.0), room("B", 3.0)) == "In the room, most events raised: A (7 of 14 events)."
    assert "A and B (7 of 14 events)" in say("themes", room("A", 7.0), room("B", 7.0))
    assert say("themes", *(room(name, 7.0) for name in "ABCD")) == ""
    form = {"by": "theme", "group": "A", "by2": "workstream"}
    assert "A (37 of 177 forms, 21%)" in say("themes", made.share("forms that raise the theme", 37, 177, **form))
    hidden = made.row("forms that raise the theme", unit="share", **made.HIDDEN, **form)
    assert "may not be shown for all themes" in say("themes", hidden)


def test_themes_of_one_community_are_counted(say: Say, record_example: ModuleType) -> None:
    made = record_example
    rows = [
        made.row("communities that raise the theme", number, numerator=number, n=11.0, by="theme", group=group)
        for group, number in (("A", 7.0), ("B", 1.0))
    ]
    said = say("communities", *rows)
    assert said.startswith("Most communities raise: A (7 of 11 communities). Of 2 themes, 1 theme came from one")
    assert "Each of the 1 themes" in say("communities", rows[0])


@pytest.mark.parametrize(
    ("alpha", "words"),
    [(0.666, "too little"), (0.667, "in part"), (0.799, "in part"), (0.80, "well enough")],
)
def test_agreement_is_judged_at_its_lines(say: Say, record_example: ModuleType, alpha: float, words: str) -> None:
    row = record_example.row("Krippendorff's alpha", alpha, "index", n=158.0, low=0.6, high=0.87)
    assert words in say("agreement", row)
    assert "(95% interval 0.60 to 0.87)" in say("agreement", row)


def test_themes_on_which_coders_disagree_are_counted_and_a_refusal_is_said(
    say: Say, record_example: ModuleType
) -> None:
    made = record_example
    row = made.row("Krippendorff's alpha", 0.81, "index", n=158.0)
    poor = made.row("Krippendorff's alpha", 0.5, "index", n=158.0, by="theme", group="A")
    assert "No share is given of the 1 theme on which they agree too little." in say("agreement", row, poor)
    refused = made.row("Krippendorff's alpha", NAN, "index", mark="[x]", refused="fewer than 30 items")
    assert say("agreement", refused) == "How far coders agree can't be said: fewer than 30 items."


def test_what_stands_on_forms_alone_is_given(say: Say, record_example: ModuleType) -> None:
    where = {"by": "where raised", "group": "on forms only"}
    assert "62 (49%) stand on forms only" in say("voices", record_example.share("mentions of themes", 62, 127, **where))


def test_the_last_events_brought_something_new_or_not(say: Say, record_example: ModuleType) -> None:
    name = "new themes in the last 2 events"
    assert "raised nothing" in say("saturation", record_example.share(name, 0, 17))
    assert "raised 3 themes that" in say("saturation", record_example.share(name, 3, 17))
    refused = record_example.row(name, NAN, mark="[x]", refused="3 events: a table only")
    assert say("saturation", refused).endswith("can't be said: 3 events: a table only.")


def test_the_funnel_is_told_whole_or_not_at_all(say: Say, record_example: ModuleType) -> None:
    of = ", of those confirmed"
    names = ("raised", "put to the focus group", "confirmed", f"answered{of}", f"done{of}", f"told{of}")
    rows = [
        record_example.row(f"themes {name}", float(number), table="action")
        for name, number in zip(names, (18, 17, 16, 11, 6, 9), strict=True)
    ]
    said = say("funnel", *rows)
    assert re.findall(r"\d+", said) == ["18", "17", "16", "11", "6", "9"]
    assert say("funnel", *rows[1:]) == ""


@pytest.mark.parametrize("end", ["answered", "done", "told"])
def test_waiting_is_a_median_or_the_reason_for_none(say: Say, record_example: ModuleType, end: str) -> None:
    made = record_example
    said = say("waiting", made.row(f"days to {end}", 75.5, "days", n=24.0))
    assert "24 actions" in said
    assert "within 75.5 days" in said
    refused = made.row(f"days to {end}", NAN, "days", mark="[x]", refused="more than half are still waiting")
    assert say("waiting", refused).endswith("can't be said: more than half are still waiting.")
    assert say("waiting", made.row(f"days to {end}", unit="days", **made.HIDDEN)) == ""


def test_what_can_not_be_done_is_counted_with_missing_reasons_and_people_untold(
    say: Say, record_example: ModuleType
) -> None:
    made = record_example
    said = say("cannot", cannot_act=made.cannot_act())
    assert said == (
        "2 actions can't be done. For 1 of them no reason is on record. People have not been told of 1 of them yet."
    )
    assert say("cannot", cannot_act=made.cannot_act().iloc[:1]).endswith(
        "Each has a reason on record. People were told of each."
    )
    assert say("cannot", you_said=made.you_said()) == "No action is on record that can't be done."


def test_what_was_said_and_got_neither_action_nor_reason_is_counted(say: Say, record_example: ModuleType) -> None:
    made = record_example
    assert say("said", you_said=made.you_said()).startswith("Of 2 themes, 1 has neither")
    assert say("said", you_said=made.you_said().iloc[:1]).startswith("All that was said (1 theme) has been")


def test_offers_are_followed_as_far_as_may_be_shown(say: Say, record_example: ModuleType) -> None:
    made = record_example
    stages = {
        name: made.row(name, number, table="observation")
        for name, number in (("offered", 37.0), ("applied", 24.0), ("attended", 12.0))
    }
    gone = {name: made.row(name, **made.HIDDEN, table="observation") for name in stages}
    assert "12 have ended in an observation" in say("offers", *stages.values())
    assert "24 led to an application" in say("offers", stages["offered"], stages["applied"], gone["attended"])
    assert "There were 37 offers" in say("offers", stages["offered"], gone["applied"], gone["attended"])
    assert "may not be shown" in say("offers", *gone.values())


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.1, 1.1), "rose by 0.6 points"),
        ((-1.1, -0.1), "fell by 0.6 points"),
        ((-0.1, 1.3), "can't tell"),
        ((NAN, NAN), "can't tell"),
    ],
)
def test_understanding_rose_or_fell_only_where_the_interval_leaves_out_zero(
    say: Say, record_example: ModuleType, ends: tuple[float, float], words: str
) -> None:
    value = -0.6 if ends[1] < 0 else 0.6
    kind = {"table": "observation", "n": 40.0, "low": ends[0], "high": ends[1]}
    assert words in say("scores", record_example.row("change in understanding", value, "points", **kind))


def test_understanding_that_is_withheld_hidden_or_refused_is_not_told(say: Say, record_example: ModuleType) -> None:
    made = record_example
    name = "change in understanding"
    assert "too few people" in say("scores", made.row(name, NAN, "points", mark="[u]"))
    assert "may not be shown" in say("scores", made.row(name, unit="points", **made.HIDDEN))
    assert say("scores", made.row(name, NAN, "points", mark="[x]", refused="no answers")).endswith("no answers.")


def test_cash_and_staff_time_are_told_apart(say: Say, record_example: ModuleType) -> None:
    kind = {"table": "cost", "n": 13.0, "base": "events"}
    rows = [
        record_example.row(f"{what} per event", value, "pounds", **kind)
        for what, value in (("cash", 405.0), ("staff time", 3178.0))
    ]
    cash, staff = say("cost", rows[0]), say("cost", rows[1])
    assert "£405 in cash" in cash
    assert "£3,178" not in cash
    assert "£3,178" in staff
    assert say("cost", *rows) == f"{cash} {staff}"


def test_other_rates_span_a_range_without_the_cash_alone(say: Say, record_example: ModuleType) -> None:
    rows = [
        record_example.row("cash and staff time per event", value, "pounds", by="all staff rates", group=group)
        for group, value in (("x 0 (cash only)", 411.0), ("x 0.5", 2014.0), ("x 2", 6825.0))
    ]
    assert say("sensitivity", *rows).startswith(
        "At 0.5 to 2 times the hourly rates, an event comes to £2,014 to £6,825"
    )


def test_the_case_is_told_by_its_strength_and_its_empty_boxes(say: Say, record_example: ModuleType) -> None:
    cases = record_example.contribution()
    said = say("contribution", contribution=cases)
    assert said.startswith("Strength of the case by the rubric: relationships, weak. Of 3 boxes")
    assert "2 are not filled in" in said
    filled = cases[cases["status"] != record_example.BLANK]
    assert say("contribution", contribution=filled).endswith("fill in is empty (1 of 1 filled in).")


def test_rows_and_cells_are_counted(say: Say, record_example: ModuleType) -> None:
    lists = record_example.lists()
    said = say("ledger", ledger=lists["ledger"], issues=lists["issues"])
    assert said == "Of 3 rows delivered, 2 were kept and 1 set aside. 2 cells could not be used."


def test_every_sentence_on_the_records_belongs_to_a_rule_and_is_plain(sentences: Sentences) -> None:
    names = [name.split(".") for name in sentences.texts if name.startswith("records.") and name != "records.lead"]
    assert {part for _, part, _ in names if part != "limit"} == set(RULES)
    parts = {view.name for _, _, views in CHAPTERS for view in views}
    assert {name for _, part, name in names if part == "limit"} == parts
    assert hits([text for name, text in sentences.texts.items() if "record" in name]) == []
