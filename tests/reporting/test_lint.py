from __future__ import annotations

import math
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.disclosure.rules import UK
from lpact_eval.reporting.grounds import Grounds
from lpact_eval.reporting.headline import (
    change_title,
    compare,
    equivalences,
    findings,
    gap_title,
    outcome_of,
    overview,
)
from lpact_eval.reporting.lint import Exempt, Rule, folded, hits, in_small_letters, rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.reporting.rows import Row
    from lpact_eval.reporting.sentences import Sentences

BANNED = {
    "margin of error": ["the margin of error is 5", "margins of sampling error"],
    "no change": [
        "There was no change.",
        "no real changes",
        "Confidence is unchanged",
        "it did not change",
        "it hasn't changed",
        "trust stayed the same",
    ],
    "no difference": ["it made no difference", "no difference was found"],
    "caused": ["attendance caused it", "what causes trust"],
    "impact of LPACT": ["the impact of LPACT", "effects of the events", "LPACT's impact", "the events had an effect"],
    "because of LPACT": ["because of LPACT", "thanks to the events", "attendance led to trust"],
    "significant improvement": ["a significant improvement", "rose significantly", "statistically significant rise"],
    "improved confidence": ["improved confidence", "confidence has improved", "improvement in trust"],
    "proved": ["this proves it", "proof that it works"],
    "BAME": ["BAME respondents"],
    "BME": ["bme people"],
    "non-White": ["non-White", "nonwhite", "non white residents"],
    "ethnic minorities": ["ethnic minorities", "minority ethnic people"],
    "race": ["by race", "racial groups"],
    "mixed race": ["mixed-race people"],
    "people of colour": ["people of colour"],
    "Blacks": ["Blacks and others", "Whites"],
}
LET_THROUGH = [
    "because of the weights; an impact; a change",
    "No change of wording.",
    "We can't tell whether it rose, fell or stayed the same",
    "it does not mean that things stayed the same",
    "Heard of the Police Race Action Plan",
    "race relations and race equality",
    "ethnic minorities (excluding White minorities)",
    "Black people and White respondents; the proportion; a significant share",
    "No other differences between the two were allowed for.",
    "no group shows a clear difference",
]
CASES = [(word, text) for word, texts in BANNED.items() for text in texts]


def named(texts: list[str], exempt: Exempt | None = None) -> set[str]:
    return {hit.rule.word for hit in hits(texts, exempt)}


def test_every_rule_is_tested_here_and_says_why_and_what_instead() -> None:
    assert {rule.word for rule in rules()} == set(BANNED)
    assert all(rule.why and rule.instead for rule in rules())


@pytest.mark.parametrize(("word", "text"), CASES)
def test_every_rule_finds_its_words_whatever_their_case_and_line_breaks(word: str, text: str) -> None:
    assert word in named([text])
    assert word in named([text.upper()])
    assert word in named([text.replace(" ", "\n  ")])


@pytest.mark.parametrize("text", LET_THROUGH)
def test_words_that_only_look_alike_are_let_through(text: str) -> None:
    assert named([text]) == set()


def test_words_of_two_cells_are_not_read_as_one() -> None:
    assert named(["No", "change"]) == set()


def test_curly_quotation_marks_and_hard_spaces_hide_nothing() -> None:
    assert named(["it didn’t change"]) == {"no change"}  # noqa: RUF001 - a real apostrophe
    assert named(["no\u00a0change"]) == {"no change"}


def test_a_question_that_says_such_a_word_may_be_quoted_anywhere() -> None:
    exempt = Exempt(quoted=("The impact of LPACT on me",))
    assert named(["The impact of LPACT on me: rose among Black respondents"], exempt) == set()
    assert named(["The impact of LPACT on everybody"], exempt) == {"impact of LPACT"}


def test_an_answer_that_is_just_such_a_word_may_stand_alone_or_in_quotation_marks_only() -> None:
    exempt = Exempt(quoted=("no change",))
    assert named(["no change"], exempt) == set()
    assert named(['40% answered "no change" in 2022'], exempt) == set()
    assert named(["There was no change in 2022"], exempt) == {"no change"}


def test_a_title_within_a_longer_one_leaves_nothing_behind() -> None:
    exempt = Exempt(quoted=("impact of LPACT on trust", "The impact of LPACT on trust and more: proof"))
    assert named(["The impact of LPACT on trust and more: proof"], exempt) == set()


def test_a_sentence_whose_rule_has_looked_may_say_it_and_no_other_may() -> None:
    sentence = "Trust: no change larger than 10 points among Black respondents"
    exempt = Exempt(said=(sentence,))
    assert named([f"{sentence}. More."], exempt) == set()
    assert named([sentence.replace("Black", "White")], exempt) == {"no change"}


def test_a_word_that_the_plan_allows_is_let_through_and_the_others_are_not() -> None:
    exempt = Exempt(allowed=frozenset({"BAME"}))
    assert named(["BAME and BME"], exempt) == {"BME"}


def test_a_hit_shows_what_stands_around_it() -> None:
    (hit,) = hits([f"{'x ' * 100}it caused trust {'y ' * 100}"])
    assert hit.found == "caused"
    assert "it caused trust" in hit.around
    assert len(hit.around) < 100


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.word)
@given(data=st.data())
def test_whatever_a_rule_looks_for_has_one_of_its_stems(rule: Rule, data: st.DataObject) -> None:
    found = data.draw(st.from_regex(re.compile(rule.pattern.pattern, re.IGNORECASE), fullmatch=True))
    assert any(stem in in_small_letters(found) for stem in rule.stems)


def test_every_letter_that_a_search_takes_for_a_plain_one_is_looked_at_as_that() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    small = in_small_letters(every)
    assert len(small) == len(every)
    for letter in re.finditer("[a-z]", every, re.IGNORECASE):
        assert re.fullmatch(small[letter.start()], letter[0], re.IGNORECASE)
        assert small[letter.start()].isascii()


@given(
    st.lists(st.sampled_from(["plain", "no change", "caus", "ed", "İno change", "race", "", "a margin"]), max_size=9)
)
def test_words_are_found_among_many_texts_as_in_each_alone(texts: list[str]) -> None:
    together = [(hit.rule.word, hit.found) for hit in hits(texts)]
    alone = [(hit.rule.word, hit.found) for text in dict.fromkeys(texts) for hit in hits([text])]
    assert together == alone


def test_texts_are_folded_to_single_spaces_and_plain_marks() -> None:
    assert folded(" a\n\t“b” ") == 'a "b"'


NAN = st.just(math.nan)
FLAGS = (
    "composition-sensitive: the three rows differ by more than half the interval's half-width",
    "mode changed: collection mode or recruiter changed completely between the surveys",
    "don't know went from 5% to 12%",
    "the share of don't knows moved",
    "fewer than 8 degrees of freedom",
    "the mode of answering moved: the share of 'online' differs by more than 10 points between the surveys",
)
CLAIM = re.compile(
    r"\b(?:rose|fell|higher|lower) among|This (?:rise|fall)\b|This is a clear|: clear difference between attendees"
)
NO_CHANGE = re.compile(r"\bno change\b")


@st.composite
def rows_like(draw: st.DrawFn, changed: Callable[..., Row]) -> Row:
    estimate = draw(st.floats(-1, 1) | NAN)
    width = draw(st.floats(0.001, 1))
    measure = draw(st.sampled_from(["change", "gap"]))
    return changed(
        measure=measure,
        wave="rerun - 2022" if measure == "change" else "rerun",
        role=draw(st.sampled_from(["primary", "exploratory"])),
        family=draw(st.sampled_from(["", "primary 1", "primary 2", "exploratory"])),
        equivalent=draw(st.sampled_from(["", "yes", "no", "not tested"])),
        tier=draw(st.sampled_from(["suppressed", "withheld", "indicative", "small", "full", "refused"])),
        mark=draw(st.sampled_from(["", "[c]", "[u]", "[x]"])),
        estimate=estimate,
        conf_low=estimate - width,
        conf_high=estimate + width,
        df=draw(st.floats(0.1, 100) | NAN),
        p_value=draw(st.floats(0, 1) | NAN),
        p_adjusted=draw(st.floats(0, 1) | NAN),
        detectable=draw(st.floats(0, 1) | NAN),
        comparable=draw(st.sampled_from(["full", "partial", "none"])),
        flags="; ".join(draw(st.lists(st.sampled_from(FLAGS), unique=True))),
        refused=draw(st.sampled_from(["", "fewer than 15 answers in a survey"])),
        note=draw(st.sampled_from(["", "Small base: fewer than 100 respondents."])),
    )


@st.composite
def grounds_like(draw: st.DrawFn, row: Row) -> Grounds:
    others = tuple(
        replace(row, row=name, main=name == "standardised", estimate=draw(st.floats(-1, 1) | NAN))
        for name in ("as collected", "standardised", "balanced")
    )
    named = {"indicator": row.indicator, "wave": row.wave, "by": row.by, "group": row.group, "minus": "2022"}
    tipping = {
        **named,
        "kind": "participation",
        "level": "rerun",
        "change_end": draw(st.floats(-1, 1)),
        "tipping": draw(st.floats(0.01, 50) | NAN),
        "tipping_end": draw(st.floats(0.01, 50) | NAN),
        "refused": draw(st.sampled_from(["", "nobody answered so in a wave"])),
    }
    parts = tuple(
        {
            **named,
            "along": "age_band",
            "along_title": "Age group",
            "part": part,
            "estimate": draw(st.floats(-1, 1) | NAN),
            "refused": "",
        }
        for part in ("rate", "composition", "total")
    )
    return Grounds(others, (tipping,), parts, draw(st.sampled_from([None, 0.05, 0.1])))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(data=st.data())
def test_no_result_can_make_the_report_say_more_than_its_test(
    changed: Callable[..., Row], sentences: Sentences, data: st.DataObject
) -> None:
    row = data.draw(rows_like(changed))
    grounds = data.draw(grounds_like(row))
    finding = compare(row, [row], sentences, UK, grounds=grounds, adjusters=["age group"])
    title = (change_title if row.measure == "change" else gap_title)([row], sentences)
    counted = overview(findings([row], sentences, UK, grounds=grounds), sentences, grounds.margin)
    texts = [finding.heading, *finding.sentences, *finding.details, finding.label, title, counted, row.verdict]
    said = " ".join([*finding.sentences, *finding.details, finding.heading, title])
    assert not hits(texts, Exempt(said=tuple(equivalences([row], sentences, UK, grounds))))
    if NO_CHANGE.search(said):
        assert row.equivalent == "yes"
        assert row.tested
        assert outcome_of(row) == "equivalent"
    if CLAIM.search(said):
        assert row.tested
        assert row.p_adjusted < 0.05
    if row.mode_changed and row.measure == "change":
        assert not re.search(r"\b(?:rose|fell) among|This (?:rise|fall)\b|clear change", said)
