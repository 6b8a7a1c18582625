from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.disclosure.rules import UK
from lpact_eval.reporting.comparing import beside
from lpact_eval.reporting.grounds import (
    Grounds,
    composition_sentence,
    composition_words,
    dont_know_words,
    grounds_of,
    margin_words,
    participation_sentences,
    reached_sentences,
    reached_words,
    rows_in_words,
    selection_words,
)
from lpact_eval.reporting.headline import compare
from lpact_eval.reporting.rows import all_rows, remarks, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.rows import Row
    from lpact_eval.reporting.sentences import Sentences

SENSITIVE = "composition-sensitive: the three rows differ by more than half the interval's half-width"


def tipping(row: Row, **values: object) -> dict[str, object]:
    """From 20 % to 33.3 %: the odds double, from 1 to 4 to 1 to 2."""
    return {
        "indicator": row.indicator,
        "title": row.title,
        "wave": row.wave,
        "by": row.by,
        "group": row.group,
        "kind": "participation",
        "answer": "",
        "minus": "2022",
        "level": "rerun",
        "change": 1 / 3 - 0.2,
        "change_end": 0.05,
        "first": 0.2,
        "second": 1 / 3,
        "tipping": 2.0,
        "tipping_end": 4 / 3,
        "observed": math.nan,
        "observed_low": math.nan,
        "observed_high": math.nan,
        "refused": "",
        **values,
    }


def parts(row: Row, along: str, title: str, **values: float) -> list[dict[str, object]]:
    named = {"indicator": row.indicator, "wave": row.wave, "by": row.by, "group": row.group}
    return [
        {**named, "along": along, "along_title": title, "part": part, "estimate": value, "refused": ""}
        for part, value in values.items()
    ]


def test_the_tipping_ratio_of_a_clear_rise_is_said_in_plain_words(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    row = changed(p_adjusted=0.01)
    finding = compare(row, rows_of(published), sentences, UK, grounds=Grounds(selection=(tipping(row),)))
    assert finding.details[-2:] == (
        (
            "This rise would vanish if, compared with 2022, people who answer so had become twice as likely as others "
            "to take part."
        ),
        "At 1.3 times the interval would reach zero.",
    )


def test_the_ratio_of_a_fall_is_turned_round(changed: Callable[..., Row], sentences: Sentences) -> None:
    row = changed(estimate=-0.2)
    record = tipping(row, tipping=0.5, tipping_end=0.8, change_end=-0.02)
    first, second = selection_words(row, Grounds(selection=(record,)), sentences)
    assert first.startswith("This fall would vanish if")
    assert "people who answer otherwise had become twice as likely as others" in first
    assert second == "At 1.2 times the interval would reach zero."


@pytest.mark.parametrize("flags", ["", "mode changed: collection mode or recruiter changed completely"])
def test_without_a_clear_change_no_ratio_is_said_in_a_finding(
    changed: Callable[..., Row], published: Published, sentences: Sentences, flags: str
) -> None:
    row = changed(p_adjusted=0.01 if flags else 0.5, flags=flags)
    finding = compare(row, rows_of(published), sentences, UK, grounds=Grounds(selection=(tipping(row),)))
    assert "would vanish" not in " ".join(finding.details)


def test_an_interval_that_holds_zero_has_no_second_ratio(changed: Callable[..., Row], sentences: Sentences) -> None:
    record = tipping(changed(), change_end=0.0, tipping_end=1.0)
    (said,) = participation_sentences(record, sentences, what="difference")
    assert said.startswith("This difference would vanish if")


def test_a_ratio_that_can_not_be_had_gives_its_reason_or_nothing(
    changed: Callable[..., Row], sentences: Sentences
) -> None:
    refused = tipping(changed(), tipping=math.nan, refused="everybody answered so in a wave")
    assert participation_sentences(refused, sentences, what="rise") == ["Everybody answered so in a survey."]
    assert participation_sentences({**refused, "refused": ""}, sentences, what="rise") == []


@pytest.mark.parametrize(
    ("ratio", "words"), [(2.0, "twice"), (0.5, "twice"), (3.0, "three times"), (1.96, "2.0 times"), (1.25, "1.2 times")]
)
def test_ratios_are_written_as_people_say_them(
    changed: Callable[..., Row], sentences: Sentences, ratio: float, words: str
) -> None:
    (said, _) = participation_sentences(tipping(changed(), tipping=ratio), sentences, what="difference")
    assert f"had become {words} as likely" in said


def test_a_way_of_reaching_people_is_weighed_against_the_difference(
    changed: Callable[..., Row], sentences: Sentences
) -> None:
    seen = {"observed": -0.06, "observed_low": -0.2, "observed_high": 0.08}
    record = tipping(changed(), kind="interviewer", answer="police officer", tipping=-0.4, **seen)
    first, second = reached_sentences(record, sentences, 56)
    assert first == (
        "With a police officer present: 20% of the answers in 2022 and 33% in the re-run. That alone would explain the "
        "difference if it lowered the share by 40 points."
    )
    assert second.startswith("In the re-run the share was 6 points lower among these than among others")


def test_a_way_of_reaching_people_that_explains_nothing_is_said_to_be_so(
    changed: Callable[..., Row], sentences: Sentences
) -> None:
    (said,) = reached_sentences(tipping(changed(), kind="mode", answer="online", tipping=2.5), sentences, 56)
    assert said.startswith('Answered by "online":')
    assert said.endswith("However much that moves the share, it can't explain the difference alone.")


def test_a_way_of_reaching_people_that_is_not_known_gives_its_reason(
    changed: Callable[..., Row], sentences: Sentences
) -> None:
    record = tipping(changed(), kind="mode", tipping=math.nan, refused="the mode is not known in both waves")
    assert reached_sentences(record, sentences, 56) == ["The mode is not known in both surveys."]


def test_the_parts_of_a_change_are_said_in_words_where_rows_disagree(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    row = changed(flags=SENSITIVE)
    found = parts(row, "age_band", "Age group", rate=0.13, composition=-0.05, total=0.08)
    grounds = Grounds(composition=tuple(found))
    said = (
        "Age group: of the +8 points as collected, +13 points lie between people alike in it, and −5 points in a "  # noqa: RUF001 - a real minus
        "different mix of them."
    )
    assert said in compare(row, rows_of(published), sentences, UK, grounds=grounds).details
    calm = replace(row, flags="")
    assert said not in compare(calm, rows_of(published), sentences, UK, grounds=grounds).details


def test_parts_without_numbers_give_their_reason_once_or_nothing(
    changed: Callable[..., Row], sentences: Sentences
) -> None:
    found = parts(changed(), "sex", "Sex", total=math.nan)
    assert not composition_sentence(found, sentences, 56)
    found[0]["refused"] = "an empty cell in a wave"
    assert composition_sentence(found, sentences, 56) == "An empty cell in a survey."
    assert composition_words(changed(group="Asian"), Grounds(composition=tuple(found)), sentences) == []


def test_rows_are_named_only_where_there_are_two(changed: Callable[..., Row], sentences: Sentences) -> None:
    row = changed(row="standardised")
    hidden = changed(row="balanced", estimate=math.nan)
    assert not rows_in_words(row, Grounds(rows=(row, hidden)), sentences)
    two = Grounds(rows=(row, changed(row="as collected", estimate=0.03)))
    assert rows_in_words(row, two, sentences) == "+3 points as collected and +12 points weighted to the population"


def test_rows_of_other_groups_and_questions_are_left_aside(changed: Callable[..., Row], sentences: Sentences) -> None:
    row = changed(row="standardised")
    others = (changed(row="as collected", group="Asian"), changed(row="balanced", variable="trust_force"))
    assert not rows_in_words(row, Grounds(rows=(row, *others)), sentences)


def test_flags_on_dont_knows_and_ways_of_asking_are_told_apart(changed: Callable[..., Row]) -> None:
    moved = "the mode of answering moved: the share of 'online' differs by more than 10 points between the surveys"
    row = changed(flags=f"don't know went from 5% to 12%; {moved}; fewer than 8 degrees of freedom")
    assert dont_know_words(row) == "don't know went from 5% to 12%"
    assert reached_words(row) == "the mode of answering differs (the share of 'online' by more than 10 points)"
    assert not dont_know_words(changed())
    assert not reached_words(changed())


def test_long_flags_are_short_in_tables(changed: Callable[..., Row]) -> None:
    row = changed(flags=f"{SENSITIVE}; mode changed: completely; fewer than 8 degrees of freedom")
    assert remarks(row) == [
        "The three rows disagree",
        "People were asked in another way",
        "fewer than 8 degrees of freedom",
    ]


def test_margins_are_written_in_points() -> None:
    assert [margin_words(margin) for margin in (None, 0.1, 0.01)] == ["", "10 points", "1 point"]


def test_grounds_are_gathered_from_a_release(published: Published) -> None:
    grounds = grounds_of(published)
    assert [row.group for row in grounds.rows] == [row.group for row in all_rows(published)]
    assert grounds.margin == published.facts.margin


@pytest.mark.parametrize(("p_adjusted", "what"), [(0.01, "rise"), (0.5, "difference")])
def test_the_page_says_every_tipping_point_once_and_names_a_rise_only_where_the_test_does(  # noqa: PLR0917 - cases
    changed: Callable[..., Row], published: Published, sentences: Sentences, p_adjusted: float, what: str
) -> None:
    row, rows = changed(), published.rows
    mine = (rows["indicator"] == row.indicator) & (rows["measure"] == "change") & (rows["group"] == row.group)
    tested = rows.assign(p_adjusted=rows["p_adjusted"].mask(mine, p_adjusted))
    modes = tipping(row, kind="mode", answer="online", tipping=-0.4)
    hidden = tipping(changed(group="Other"))
    told = replace(
        published,
        rows=tested,
        selection=pd.DataFrame([tipping(row), modes, hidden]),
        composition=pd.DataFrame([{**one, "conf_low": 0.0, "conf_high": 0.1, "mark": ""} for one in _age(row)]),
    )
    told = replace(told, selection=told.selection.assign(mark="", taking_part=False, sentence=""))
    found = beside(told, sentences)
    (said,) = found.sentences
    assert said.startswith(f"{row.title}, Black respondents. This {what} would vanish if")
    assert 'Answered by "online": 20% of the answers in 2022' in said
    (parted,) = found.parts
    assert parted.startswith(
        f"{row.title}, Black respondents. Age group: of the +8 points as collected, +13 points lie"
    )


def _age(row: Row) -> list[dict[str, object]]:
    return [
        {**one, "title": row.title}
        for one in parts(row, "age_band", "Age group", rate=0.13, composition=-0.05, total=0.08)
    ]
