"""One question in several columns, and one choice delivered as a column an option."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.waves.reading import read_wave, unmapped

WaveMaker = Callable[..., Path]
SLOW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
TWO = ('column = "q1"', 'column = ["paper", "online"]')
BLANK = ('column = "q1"', 'column = ["paper", "online"]\ndisagree = "blank"')
FIRST = ('column = "q1"', 'column = ["paper", "online"]\ndisagree = "first"')
SCALE = '[confidence]\ncolumn = "q1"\n\n[confidence.answers]\n1 = "agree"\n2 = "neither"\n3 = "disagree"\n'
MISSING = '\n[confidence.missing]\n-8 = "don\'t know"\n-9 = "prefer not to say"\n'
OPTIONS = """[confidence]
[confidence.columns]
"q1 - Agree" = "agree"
"q1 - Neither" = "neither"
"q1 - Disagree" = "disagree"
"q1 - Don't know" = "don't know"
"""


def said(sample: object, name: str = "confidence") -> list[str]:
    answers = (
        sample.answers[name].astype(object).where(sample.answers[name].notna(), sample.missing[name].astype(object))
    )
    return [str(one) for one in answers]


def notes(sample: object) -> set[str]:
    return set(sample.ledger["reason"])


def test_the_first_answered_column_counts(make_wave: WaveMaker) -> None:
    cells = {"paper": [1, None, -8, None], "online": [None, 3, None, None]}
    sample = read_wave("first", surveys=make_wave(edit={"crosswalk": TWO}, cells=cells))
    assert said(sample) == ["agree", "disagree", "don't know", "blank"]
    assert not any("differently" in note for note in notes(sample))


def test_an_answer_counts_before_any_kind_of_missing(make_wave: WaveMaker) -> None:
    cells = {"paper": [-8, 1, -9, -8], "online": [2, -9, -8, 1]}
    assert said(read_wave("first", surveys=make_wave(edit={"crosswalk": TWO}, cells=cells))) == [
        "neither",
        "agree",
        "don't know",
        "agree",
    ]


def test_rows_that_answer_two_columns_differently_are_refused_with_their_count(make_wave: WaveMaker) -> None:
    surveys = make_wave(edit={"crosswalk": TWO}, cells={"paper": [1, 2, 3, 3], "online": [1, 1, 1, 3]})
    message = r"crosswalk\.toml:3: 'confidence': 2 rows answer its 2 columns differently; state disagree = \"blank\""
    with pytest.raises(HarmonisationError, match=message):
        read_wave("first", surveys=surveys)


@pytest.mark.parametrize(
    ("edit", "wanted", "note"),
    [
        (BLANK, ["agree", "blank", "blank", "disagree"], "counted as blank: confidence (2 delivered rows)"),
        (FIRST, ["agree", "neither", "disagree", "disagree"], "the first column counts: confidence (2 delivered rows)"),
    ],
)
def test_a_stated_rule_decides_and_is_noted(
    make_wave: WaveMaker, edit: tuple[str, str], wanted: list[str], note: str
) -> None:
    cells = {"paper": [1, 2, 3, 3], "online": [1, 1, 1, 3]}
    sample = read_wave("first", surveys=make_wave(edit={"crosswalk": edit}, cells=cells))
    assert said(sample) == wanted
    assert f"columns of one question answered differently, {note}" in notes(sample)


def test_each_of_several_columns_has_its_unmapped_codes_refused(make_wave: WaveMaker) -> None:
    surveys = make_wave(edit={"crosswalk": TWO}, cells={"paper": [1, 7, 7, 1], "online": [1, 9, None, None]})
    with pytest.raises(HarmonisationError, match=r"column 'paper': not mapped: '7' in 2 rows.*\n.*column 'online'"):
        read_wave("first", surveys=surveys)
    assert list(unmapped("first", surveys=surveys)["column"]) == ["paper", "online"]


def test_numbers_and_texts_may_come_from_several_columns(make_wave: WaveMaker) -> None:
    age = ('column = "age"', 'column = ["age_p", "age_o"]\ndisagree = "blank"')
    cells = {"age_p": [20, None, 200, 300], "age_o": [None, 44, 30, None]}
    sample = read_wave("first", surveys=make_wave(edit={"crosswalk": age}, cells=cells))
    assert sample.answers["age"].fillna(0).tolist() == [20, 44, 30, 0]
    assert "impossible numbers, counted as blank: age (1 delivered rows)" in notes(sample)


def test_who_was_not_asked_in_any_column_is_not_blank(make_wave: WaveMaker) -> None:
    routed = ('column = "q1"', 'column = ["paper", "online"]\nasked_if = { column = "eth", accept = ["3"] }')
    cells = {"paper": [None, 1, None, None], "online": [None, None, 2, None]}
    sample = read_wave("first", surveys=make_wave(edit={"crosswalk": routed}, cells=cells))
    assert said(sample) == ["not asked", "agree", "neither", "blank"]


def test_a_name_in_a_list_of_one_is_that_column(make_wave: WaveMaker) -> None:
    assert said(read_wave("first", surveys=make_wave(edit={"crosswalk": ('"q1"', '["q1"]')})))[0] == "agree"


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ('column = ["q1", "q1"]', r"crosswalk\.toml:3: a column is listed twice for 'confidence'"),
        ('column = "q1"\ndisagree = "first"', r":4: 'confidence' has one column; disagree is for several"),
        ('column = ["q1", "q2"]\ndisagree = "last"', r":4: 'disagree' in \[confidence\] is 'last'"),
        ('column = ["q1", "q2"]\ndisagre = "first"', r":4: unknown key 'disagre'.*did you mean 'disagree'\?"),
        ("column = 1", r":3: 'column' in \[confidence\] is 1: Give the name of a delivered column, or a list"),
        ("column = []", r":3: 'column' .* Give the name of a delivered column"),
        ('colum = "q1"', r":3: unknown key 'colum'.*did you mean 'column'\?"),
    ],
)
def test_wrong_columns_are_refused_with_their_line(make_wave: WaveMaker, new: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        read_wave("first", surveys=make_wave(edit={"crosswalk": ('column = "q1"', new)}))


CODES = st.lists(st.tuples(*[st.sampled_from([1, 2, 3, -8, -9, None])] * 2), min_size=1, max_size=12)


@SLOW
@given(CODES)
def test_the_order_of_columns_does_not_matter_where_disagreement_is_blank(
    make_wave: WaveMaker, codes: list[tuple[int | None, int | None]]
) -> None:
    rows = len(codes)
    cells = {"id": list(range(rows)), "q1": [1] * rows, "eth": [1] * rows, "age": [30] * rows}
    cells |= {"paper": [one for one, _ in codes], "online": [other for _, other in codes]}
    turned = (BLANK[0], BLANK[1].replace('["paper", "online"]', '["online", "paper"]'))
    one, other = (
        read_wave("first", surveys=make_wave(edit={"crosswalk": edit}, cells=cells)) for edit in (BLANK, turned)
    )
    pd.testing.assert_frame_equal(one.answers, other.answers)
    pd.testing.assert_frame_equal(one.missing, other.missing)
    assert (one.answers["confidence"].notna() != one.missing["confidence"].notna()).all()


@SLOW
@given(CODES)
def test_an_answer_is_one_of_its_columns_answers(
    make_wave: WaveMaker, codes: list[tuple[int | None, int | None]]
) -> None:
    rows = len(codes)
    cells = {"id": list(range(rows)), "q1": [1] * rows, "eth": [1] * rows, "age": [30] * rows}
    cells |= {"paper": [one for one, _ in codes], "online": [other for _, other in codes]}
    words = {1: "agree", 2: "neither", 3: "disagree"}
    sample = read_wave("first", surveys=make_wave(edit={"crosswalk": FIRST}, cells=cells))
    for got, pair in zip(said(sample), codes, strict=True):
        answers = [words[code] for code in pair if code in words]
        assert got == answers[0] if answers else got in {"don't know", "prefer not to say", "blank"}


def optioned(make_wave: WaveMaker, cells: dict[str, list[object]], options: str = OPTIONS) -> Path:
    return make_wave(edit={"crosswalk": (SCALE + MISSING, options)}, cells=cells)


def test_exactly_one_tick_is_an_answer(make_wave: WaveMaker) -> None:
    cells: dict[str, list[object]] = {
        "q1 - Agree": [1, 0, 0, 1],
        "q1 - Neither": [0, 0, 0, 1],
        "q1 - Disagree": [0, 0, 0, 0],
        "q1 - Don't know": [0, 0, 1, 0],
    }
    sample = read_wave("first", surveys=optioned(make_wave, cells))
    assert said(sample) == ["agree", "blank", "don't know", "blank"]
    assert "more than one option ticked, counted as blank: confidence (1 delivered rows)" in notes(sample)


def test_a_tick_may_be_delivered_as_the_options_text(make_wave: WaveMaker) -> None:
    """The option "No" is its own text where it is ticked, which elsewhere means an empty box."""
    yes_no = (
        '\n[not_asked]\nvariables = ["attended"]',
        '\n[attended.columns]\n"Been - Yes" = "yes"\n"Been - No" = "no"\n\n[not_asked]\nvariables = []',
    )
    text = {"Been - Yes": ["Yes", None, None, None], "Been - No": [None, "No", None, None]}
    assert said(read_wave("first", surveys=make_wave(edit={"crosswalk": yes_no}, cells=text)), "attended") == [
        "yes",
        "no",
        "blank",
        "blank",
    ]
    coded = {"Been - Yes": ["Yes", "No", "No", "No"], "Been - No": ["No", "Yes", "No", "No"]}
    assert said(read_wave("first", surveys=make_wave(edit={"crosswalk": yes_no}, cells=coded)), "attended") == [
        "yes",
        "no",
        "blank",
        "blank",
    ]


def test_two_ticks_for_the_same_answer_are_that_answer(make_wave: WaveMaker) -> None:
    options = OPTIONS.replace('"q1 - Neither" = "neither"', '"q1 - Quite agree" = "agree"\n"q1 - Neither" = "neither"')
    options = options.replace("[confidence]\n", '[confidence]\ncomparable = "partial"\nrule = "Both kinds agree."\n', 1)
    cells: dict[str, list[object]] = {
        f"q1 - {name}": [0] * 4 for name in ("Agree", "Quite agree", "Neither", "Disagree", "Don't know")
    }
    cells["q1 - Agree"], cells["q1 - Quite agree"] = [1, 0, 0, 0], [1, 1, 0, 0]
    assert said(read_wave("first", surveys=optioned(make_wave, cells, options)))[:2] == ["agree", "agree"]


def test_options_that_are_merged_need_a_rule(make_wave: WaveMaker) -> None:
    options = OPTIONS.replace('"q1 - Neither" = "neither"', '"q1 - Quite agree" = "agree"\n"q1 - Neither" = "neither"')
    with pytest.raises(DefinitionError, match=r"'q1 - Agree', 'q1 - Quite agree' lead to the same answer 'agree'"):
        read_wave("first", surveys=optioned(make_wave, {}, options))
    with pytest.raises(DefinitionError, match=r"nothing maps to 'neither'"):
        read_wave("first", surveys=optioned(make_wave, {}, OPTIONS.replace('"q1 - Neither" = "neither"\n', "")))


def test_a_code_that_is_neither_tick_nor_none_is_refused_for_one_choice_too(make_wave: WaveMaker) -> None:
    cells: dict[str, list[object]] = {
        f"q1 - {name}": [0, 0, 0, 0] for name in ("Agree", "Neither", "Disagree", "Don't know")
    }
    cells["q1 - Neither"] = [0, 4, 4, 0]
    with pytest.raises(HarmonisationError, match=r"'confidence', column 'q1 - Neither': not mapped: '4' in 2 rows"):
        read_wave("first", surveys=optioned(make_wave, cells))


def test_who_was_not_asked_ticks_nothing_and_two_ticks_stay_blank(make_wave: WaveMaker) -> None:
    options = OPTIONS.replace("[confidence]\n", '[confidence]\nasked_if = { column = "eth", accept = ["3"] }\n', 1)
    cells: dict[str, list[object]] = {
        f"q1 - {name}": [0, 0, 0, 0] for name in ("Agree", "Neither", "Disagree", "Don't know")
    }
    cells["q1 - Agree"], cells["q1 - Neither"] = [0, 1, 1, 0], [0, 1, 0, 0]
    assert said(read_wave("first", surveys=optioned(make_wave, cells, options))) == [
        "not asked",
        "blank",
        "agree",
        "blank",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (OPTIONS.replace('= "neither"', '= "nether"'), r":5: 'nether' is not an answer.*did you mean 'neither'\?"),
        (OPTIONS.replace("[confidence]\n", '[confidence]\ncolumn = "q1"\n', 1), r"and not both"),
        (OPTIONS.replace("[confidence]\n", '[confidence]\nseparator = ";"\n', 1), r"a separator is for sets"),
    ],
)
def test_wrong_options_are_refused(make_wave: WaveMaker, options: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        read_wave("first", surveys=optioned(make_wave, {}, options))


def test_a_number_has_no_options(make_wave: WaveMaker) -> None:
    edit = ('column = "age"\nrange = [16, 110]\n', 'range = [16, 110]\n[age.columns]\n"a" = "1"\n')
    with pytest.raises(DefinitionError, match=r"'age' is a number; a column for each option is for sets and closed"):
        read_wave("first", surveys=make_wave(edit={"crosswalk": edit}))


@SLOW
@given(st.lists(st.tuples(*[st.booleans()] * 4), min_size=1, max_size=12), st.permutations(range(4)))
def test_ticks_add_up_whatever_the_order_of_the_options(
    make_wave: WaveMaker, ticks: list[tuple[bool, ...]], order: list[int]
) -> None:
    names = ["Agree", "Neither", "Disagree", "Don't know"]
    words = ["agree", "neither", "disagree", "don't know"]
    options = "[confidence]\n[confidence.columns]\n" + "".join(f'"q1 - {names[k]}" = "{words[k]}"\n' for k in order)
    rows = len(ticks)
    cells: dict[str, list[object]] = {"id": list(range(rows)), "q1": [1] * rows, "eth": [1] * rows, "age": [30] * rows}
    cells |= {f"q1 - {name}": [int(row[k]) for row in ticks] for k, name in enumerate(names)}
    got = said(read_wave("first", surveys=optioned(make_wave, cells, options)))
    assert got == [words[row.index(True)] if sum(row) == 1 else "blank" for row in ticks]
