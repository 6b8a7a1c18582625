"""The grade is that of the published formula; syllables are held to counts by hand, as a dictionary gives them."""

from __future__ import annotations

import pytest

from lpact_eval.reporting.reading_age import Reading, reading, syllables

# Words of such pages with their syllables as dictionaries part them.
EXACT = [
    *[(word, 1) for word in ("the", "asked", "chose", "trust", "said", "can't", "team", "each", "three", "changed")],
    *[(word, 2) for word in ("police", "people", "answer", "survey", "records", "asking", "table", "wanted", "places")],
    *[(word, 3) for word in ("confidence", "officer", "attended", "area", "together", "interview", "department")],
    *[(word, 4) for word in ("community", "communities", "education", "information", "security")],
    *[(word, 5) for word in ("university", "communication", "evaluation")],
    *[("2", 1), ("7", 2), ("10", 3), ("2022", 5)],
]


@pytest.mark.parametrize(("word", "number"), EXACT)
def test_syllables_are_those_of_the_spoken_word(word: str, number: int) -> None:
    assert syllables(word) == number


def test_the_grade_is_that_of_the_published_formula() -> None:
    # Ten words in two sentences with fifteen syllables: 0.39 * 5 + 11.8 * 1.5 - 15.59.
    made = Reading(words=10, sentences=2, syllables=15)
    assert made.grade == pytest.approx(4.06)
    assert made.age == pytest.approx(9.06)


def test_a_text_is_counted_by_hand() -> None:
    # "We asked people. They told us: no." has seven words, three parts, eight syllables.
    assert reading("We asked people. They told us: no.") == Reading(7, 3, 8)


def test_each_line_of_a_list_is_a_sentence() -> None:
    assert reading(["Hate crime", "Knife crime"]) == Reading(4, 2, 4)
    assert reading("Hate crime\nKnife crime") == Reading(4, 2, 4)


def test_a_point_inside_a_number_ends_nothing() -> None:
    assert reading("It was 12.3 in all.").sentences == 1


def test_an_empty_text_has_no_grade() -> None:
    assert reading([]).grade == reading("...").grade == 0


def test_long_words_and_sentences_are_harder() -> None:
    easy = "We asked people. They told us what they think."
    hard = "Respondents participating in successive cross-sectional consultations communicated their deliberations."
    assert reading(easy).grade + 5 < reading(hard).grade
