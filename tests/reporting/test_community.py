"""The one page for local communities: honest, plain, and no number that was not published."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.errors import DefinitionError, LpactError
from lpact_eval.reporting.community import community_page, summary, write_community
from lpact_eval.reporting.community_records import Line, cannot, did, fitting, shortened, told
from lpact_eval.reporting.community_words import attendees, confidence, limits, main_row
from lpact_eval.reporting.lint import hits
from lpact_eval.reporting.numbers import percent
from lpact_eval.reporting.readable import texts_of
from lpact_eval.reporting.reading_age import reading
from lpact_eval.reporting.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.rows import Row
    from lpact_eval.reporting.sentences import Sentences

OLDEST = 12.5  # years; the page is for readers of about 11 to 12
MEASURE = "events where the room raised the theme"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class House:
    name: str = "Heddlu Sir Gaerlŷr"
    marking: str = "OFFICIAL"
    contact: str = "lpact@example.police.uk."


@pytest.fixture
def with_records(published: Published, record_example: ModuleType) -> Published:
    made = record_example.records(
        record_example.row("attendees", 805.0, base="people", numerator=805.0),
        *(
            record_example.share(MEASURE, number, 14.0, "events", by="theme", group=theme)
            for theme, number in (("Stop and search", 3.0), ("Hate crime and racism", 9.0))
        ),
        **record_example.lists(),
    )
    return replace(published, records=made)


def said(published: Published, row: Row | None, sentences: Sentences) -> str:
    answer = confidence(published, row, sentences)
    return " ".join((answer.heading, *answer.sentences))


def test_the_page_has_all_that_communities_were_promised(with_records: Published, sentences: Sentences) -> None:
    page = community_page(with_records)
    for name in ("told", "did", "cannot", "confidence", "limits", "asked", "contact"):
        assert f">{sentences.say(f'community.heading.{name}')}".replace("'", "&#39;") in page
    assert "Explain every search" in page
    assert "Professional standards" in page
    assert "No money for it this year" in page
    assert "No reason was written down" in page


def test_without_records_the_page_says_so_three_times(published: Published) -> None:
    texts = " ".join(texts_of(community_page(published)))
    assert published.records is None
    assert "we can't list what you told us" in texts
    assert "no notes of what was done" in texts
    assert "no notes of what was turned down" in texts


def test_nothing_done_is_said_to_be_nothing(record_example: ModuleType, sentences: Sentences) -> None:
    open_still = record_example.you_said().assign(done="", cannot="", waiting="Training")
    records = record_example.records(you_said=open_still)
    found = did(records, sentences)
    assert found.before == ("Nothing you raised has been done yet.",)
    assert "explain every search; hate crime and racism" in found.after[0]
    assert "120 days" in found.after[1]


def test_empty_records_are_said_to_be_empty(record_example: ModuleType, sentences: Sentences) -> None:
    records = record_example.records()
    assert told(records, sentences).before == ("Nobody wrote down what was said, so we can't list it here.",)
    assert did(records, sentences).after == ()
    assert cannot(records, sentences).before == ("We have not said no to anything you raised.",)


def test_what_most_events_raised_comes_first_and_what_nobody_checked_says_so(
    with_records: Published, sentences: Sentences
) -> None:
    found = told(with_records.records, sentences)
    assert [line.said for line in found.items] == ["Hate crime and racism (not yet checked)", "Explain every search"]
    assert "Those raised at most events come first." in found.before


def test_an_order_that_may_not_be_read_is_not_given(record_example: ModuleType, sentences: Sentences) -> None:
    found = told(record_example.records(you_said=record_example.you_said()), sentences)
    assert [line.said for line in found.items] == ["Explain every search", "Hate crime and racism (not yet checked)"]
    assert "Those raised at most events come first." not in found.before


def test_what_has_no_count_comes_last_and_that_is_said(record_example: ModuleType, sentences: Sentences) -> None:
    said = pd.concat([record_example.you_said()] * 2, ignore_index=True)
    said["theme"], said["said"] = ["Hidden", "Low", "High", "Refused"], ["hidden", "low", "high", "refused"]
    rows = [
        record_example.share(MEASURE, number, 14.0, "events", by="theme", group=group)
        for group, number in (("Low", 3.0), ("High", 9.0))
    ]
    rows.append(record_example.row(MEASURE, by="theme", group="Hidden", unit="share", **record_example.HIDDEN))
    found = told(record_example.records(*rows, you_said=said.assign(confirmed=True)), sentences)
    assert [line.said for line in found.items] == ["high", "low", "hidden", "refused"]
    assert found.before[-1].endswith("Some have no count that we can give, and come last.")


def test_a_list_that_nobody_checked_is_not_said_to_be_checked(record_example: ModuleType, sentences: Sentences) -> None:
    records = record_example.records(you_said=record_example.you_said().assign(confirmed=False))
    found = told(records, sentences)
    assert found.before[-1].endswith("No group of local people has checked the list yet.")
    assert [line.said for line in found.items] == ["Explain every search", "Hate crime and racism"]


def test_hidden_attendance_is_said_to_be_hidden(record_example: ModuleType, sentences: Sentences) -> None:
    hidden = record_example.row("attendees", **record_example.HIDDEN)
    records = record_example.records(hidden, events=record_example.events())
    assert "We can't show how many people came." in told(records, sentences).before[0]


def test_what_there_is_no_room_for_is_counted(record_example: ModuleType, sentences: Sentences) -> None:
    many = pd.concat([record_example.you_said()] * 20, ignore_index=True)
    many["said"] = [f"{place} {text}" for place, text in enumerate(many["said"])]
    found = told(record_example.records(you_said=many), sentences)
    assert found.after == (f"And {40 - len(found.items)} more, in the full report.",)


def test_a_long_text_is_cut_between_words_and_the_first_line_always_kept() -> None:
    long = "word " * 200
    assert [line.said for line in fitting([Line(long), Line("b")], 1, 40)] == [shortened(long)]
    assert shortened(long).endswith("word …")
    assert len(shortened(long)) <= 120


@pytest.fixture
def say(published: Published, sentences: Sentences, changed: Callable[..., Row]) -> Callable[..., str]:
    """Say what a change with other values allows."""
    return lambda **values: said(published, changed(**values), sentences)


@pytest.mark.parametrize(
    ("values", "heading", "ends"),
    [
        ({"p_adjusted": 0.01, "estimate": 0.2, "conf_low": 0.1, "conf_high": 0.3}, "It went up", "more than chance."),
        ({"p_adjusted": 0.01, "estimate": -0.2, "conf_low": -0.3, "conf_high": -0.1}, "It went down", "chance."),
        (
            {"p_adjusted": 0.01, "estimate": 0.2, "flags": "composition-sensitive: rows differ"},
            "It may have gone up",
            "they don't agree.",
        ),
        ({"p_adjusted": 0.01, "flags": "mode changed: all"}, "We can't tell. The answers", "what comes from that."),
        ({"p_adjusted": 0.4, "conf_low": -0.1, "conf_high": 0.3}, "We can't tell if it went up", "can't be sure."),
        ({"p_adjusted": 0.06, "conf_low": 0.01, "conf_high": 0.3}, "We can't tell if", "enough for us to be sure."),
        ({"tier": "indicative", "p_adjusted": float("nan")}, "We can't tell. Too few", "as a rough guide."),
        ({"tier": "withheld", "estimate": float("nan")}, "We can't tell. Too few", "don't show the numbers."),
        ({"tier": "suppressed", "mark": "[c]", "estimate": float("nan")}, "We can't show this", 'tend to agree".'),
        ({"tier": "refused", "estimate": float("nan"), "note": "the scale changed"}, "We can't compare", "changed."),
    ],
)
def test_confidence_is_said_as_its_test_allows(
    say: Callable[..., str], values: dict[str, object], heading: str, ends: str
) -> None:
    words = say(**values)
    assert words.startswith(heading)
    assert words.endswith(ends)
    assert ("went up among" in words) == (heading == "It went up")


def test_a_change_surely_smaller_than_the_margin_is_said_to_be_so(
    published: Published, sentences: Sentences, changed: Callable[..., Row]
) -> None:
    with_margin = replace(published, facts=replace(published.facts, margin=0.1))
    row = changed(equivalent="yes", p_adjusted=0.6, conf_low=-0.05, conf_high=0.06, estimate=0.01)
    assert "by less than 10 in every 100" in said(with_margin, row, sentences)


def test_hidden_numbers_are_in_no_sentence(
    published: Published, sentences: Sentences, changed: Callable[..., Row]
) -> None:
    row = changed(mark="[c]", tier="suppressed", estimate=float("nan"), n_first=None, n_second=None)
    assert not NUMBER.search(said(published, row, sentences))


def test_every_number_is_one_that_the_report_has(with_records: Published, sentences: Sentences) -> None:
    row = main_row(with_records)
    assert row is not None
    texts = confidence(with_records, row, sentences).sentences
    levels = [one for one in rows_of(with_records) if one.measure == "level" and one.question == row.question]
    allowed = {percent(value, row.base) for one in levels for value in (one.estimate, one.conf_low, one.conf_high)}
    assert set(re.findall(r"[\d.]+%", " ".join(texts))) <= allowed
    assert len(re.findall(r"[\d.]+%", " ".join(texts))) == 6


def test_the_page_is_about_the_plans_first_comparison(published: Published) -> None:
    row = main_row(published)
    assert row is not None
    assert (row.measure, row.group, row.variable) == ("change", "Black", "conf_overall")


def test_a_question_asked_once_is_no_change(published: Published, sentences: Sentences) -> None:
    once = replace(published, rows=published.rows[published.rows["wave"] == "rerun"])
    once = replace(once, rows=once.rows[once.rows["measure"] == "level"])
    row = main_row(once)
    assert said(once, row, sentences).startswith("We can't tell. We have asked this only once so far.")


def test_nothing_published_is_said_to_be_nothing(published: Published, sentences: Sentences) -> None:
    empty = replace(published, rows=published.rows.iloc[:0])
    assert main_row(empty) is None
    assert "no answers that we can show" in community_page(empty)
    assert attendees(empty, None, sentences) == ""


def test_attendees_are_compared_without_saying_why(published_large: Published, sentences: Sentences) -> None:
    words = attendees(published_large, main_row(published_large), sentences)
    assert "were more likely to say this" in words
    assert "chose to come" in words


def test_who_was_asked_has_numbers_days_and_how_they_were_found(published: Published) -> None:
    texts = " ".join(texts_of(community_page(published)))
    assert "In 2022, 56 Black people answered this. In 2026, 134 did." in texts
    assert "296 people in 2022 and 441 people in 2026" in texts
    assert "16 May 2022 to 29 July 2022" in texts
    assert "Volunteers reached by officers" in texts


def test_limits_name_a_starting_point_that_is_not_clean(published: Published, sentences: Sentences) -> None:
    assert any("The events began while we were still asking" in text for text in limits(published, sentences))


def test_the_page_never_claims_and_always_says_what_it_can_not(published_large: Published) -> None:
    texts = texts_of(community_page(published_large))
    assert hits(texts) == []
    assert any("can't say that the events made people think" in text for text in texts)


def test_the_force_can_have_its_name_marking_and_contact_on_it(published: Published) -> None:
    page = community_page(published, house=House())
    assert "from Heddlu Sir Gaerlŷr." in page
    assert page.count("OFFICIAL") == 2
    assert "tell us more: lpact@example.police.uk. The full report" in page


def test_made_up_data_are_said_to_be(with_records: Published) -> None:
    assert "Synthetic data: the people who answered are made up." in community_page(with_records)
    assert with_records.records is not None
    both = replace(with_records, records=replace(with_records.records, synthetic=True))
    assert "the people, events and answers on this page are made up" in community_page(both)
    real = tuple(replace(wave, synthetic=False) for wave in both.waves)
    assert "the events on this page are made up" in community_page(replace(both, waves=real))
    nothing = replace(with_records, waves=real)
    assert "made up" not in community_page(nothing)


def test_the_page_asks_for_nothing_and_runs_nothing(with_records: Published) -> None:
    page = community_page(with_records)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)


def test_readers_of_about_eleven_or_twelve_can_follow_it(with_records: Published, sentences: Sentences) -> None:
    made = summary(with_records, sentences, house=House())
    assert reading(made.texts).age <= OLDEST
    whole = [text for text in made.texts if len(text.split()) > 5]
    assert reading(whole).age <= OLDEST


def test_each_sentence_of_the_page_is_plain_enough(sentences: Sentences) -> None:
    filled = {
        name: re.sub(r"\{(\w+)\}", lambda slot: SLOTS.get(slot[1], "police"), text)
        for name, text in sentences.texts.items()
        if name.startswith("community.")
    }
    assert reading(filled.values()).age <= OLDEST
    hard = {name: reading(text).age for name, text in filled.items() if reading(text).age > OLDEST + 3}
    assert set(hard) <= {"community.said.ranges", "community.asked.both", "community.asked.one"}, hard


SLOTS = {
    "people": "Black people",
    "capital": "Black people",
    "first": "about half (53%)",
    "second": "about half (53%)",
    "first_range": "4 in 10 to 7 in 10",
    "second_range": "4 in 10 to 7 in 10",
    "first_when": "2022",
    "second_when": "2024",
    "n_first": "50",
    "n_second": "139",
    "days": "40",
    "number": "3",
    "fewest": "50",
    "force": "",
}


def test_a_word_that_surveys_can_not_support_stops_the_page(published: Published, tmp_path: Path) -> None:
    bold = replace(published, facts=replace(published.facts, force="The force that caused it"))
    with pytest.raises(LpactError, match="caused"):
        write_community(bold, tmp_path / "community.html")
    assert not (tmp_path / "community.html").exists()


def test_the_lead_can_change_a_sentence_and_the_look_alone(published: Published, tmp_path: Path) -> None:
    (tmp_path / "sentences.toml").write_text('[community]\ntitle = "You said, we did"\n', encoding="utf-8")
    (tmp_path / "community.css").write_text("body { color: #222; }", encoding="utf-8")
    page = community_page(published, templates=tmp_path)
    assert "<h1>You said, we did</h1>" in page
    assert "body { color: #222; }" in page


def test_an_edited_sentence_is_held_to_the_same_words(published: Published, tmp_path: Path) -> None:
    text = '[community.confidence]\nnot_clear = "The events caused it."\n'
    (tmp_path / "sentences.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"sentences\.toml, line 2: .*'caused'"):
        community_page(published, templates=tmp_path)


def test_nothing_suppressed_is_on_the_page(example: ModuleType) -> None:
    few = example.results()
    rows = few.rows.copy()
    gone = rows["group"].eq("Black")
    rows.loc[gone, ["n", "n_first", "n_second"]] = rows.loc[gone, ["n", "n_first", "n_second"]].clip(upper=7)
    rows.loc[gone, ["estimate", "conf_low", "conf_high"]] = 0.2718281828
    page = community_page(publish(replace(few, rows=rows)))
    assert "We can&#39;t show this for Black people." in page
    assert "27%" not in page
    assert "27.18" not in page
