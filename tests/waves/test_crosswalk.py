"""Every delivered code becomes an answer or a kind of missing, or the wave is refused with code and count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.waves.reading import read_wave, unmapped

WaveMaker = Callable[..., Path]


@pytest.mark.parametrize("kind", ["sav", "dta", "csv", "xlsx"])
def test_an_unmapped_code_is_refused_with_its_count_file_and_line(make_wave: WaveMaker, kind: str) -> None:
    surveys = make_wave(kind, cells={"q1": [1.0, 77.0, 77.0, 6.0]})
    message = r"crosswalk\.toml:2: 'confidence', column 'q1': not mapped: '77' in 2 rows; '6' in 1 row\. Map each in \["
    with pytest.raises(HarmonisationError, match=message):
        read_wave("first", surveys=surveys)


def test_a_near_miss_of_an_answer_is_shown_and_other_texts_are_only_counted(make_wave: WaveMaker) -> None:
    surveys = make_wave(
        edit={"crosswalk": ('1 = "agree"', '"Strongly agree" = "agree"')},
        cells={"q1": ["Strongly agreee", "Strongly agree", "I was born in Oadby", "MARKER wrote this"]},
    )
    with pytest.raises(
        HarmonisationError, match=r"'Strongly agreee' in 1 row; 2 other texts in 2 rows, not shown"
    ) as caught:
        read_wave("first", surveys=surveys)
    assert "MARKER" not in str(caught.value)
    listed = unmapped("first", surveys=surveys)
    assert set(listed["delivered"]) == {"Strongly agreee", "I was born in Oadby", "MARKER wrote this"}
    assert list(listed["rows"]) == [1, 1, 1]


def test_a_text_that_ten_share_is_shown(make_wave: WaveMaker) -> None:
    cells = {
        "id": list(range(10)),
        "q1": ["Quite possibly so"] * 10,
        "eth": [1] * 10,
        "age": [30] * 10,
    }
    with pytest.raises(HarmonisationError, match="'Quite possibly so' in 10 rows"):
        read_wave("first", surveys=make_wave(cells=cells))


def test_texts_where_a_number_is_expected_are_only_counted(make_wave: WaveMaker) -> None:
    surveys = make_wave(cells={"age": ["MARKER", "nan", "1_000", "40"]})
    with pytest.raises(
        HarmonisationError, match=r"'age', column 'age': not mapped: 3 texts in 3 rows, not shown.*A number"
    ) as caught:
        read_wave("first", surveys=surveys)
    assert "MARKER" not in str(caught.value)


def test_impossible_numbers_count_as_blank_and_are_noted(make_wave: WaveMaker) -> None:
    sample = read_wave("first", surveys=make_wave(cells={"age": [15, 110, 111, -1]}))
    assert sample.answers["age"].fillna(0).tolist() == [0, 110, 0, 0]
    assert sample.missing["age"].tolist().count("blank") == 3
    assert "impossible numbers, counted as blank: age (3 delivered rows)" in set(sample.ledger["reason"])


def test_numbers_of_no_band_count_as_blank_and_are_noted(make_wave: WaveMaker) -> None:
    surveys = make_wave(
        edit={"harmonised": ('"35+" = [35, 120]', '"35+" = [35, 59]')}, cells={"age": [34.9, 35, 60, 59]}
    )
    sample = read_wave("first", surveys=surveys)
    assert sample.answers["age_band"].tolist()[:2] == ["16-34", "35+"]
    assert sample.missing["age_band"].tolist()[2] == "blank"
    assert "impossible numbers, counted as blank: age_band (1 delivered rows)" in set(sample.ledger["reason"])


def test_an_empty_cell_is_the_kind_of_missing_that_the_definition_says(make_wave: WaveMaker) -> None:
    surveys = make_wave(edit={"crosswalk": ('-8 = "don\'t know"', '-8 = "don\'t know"\n"" = "not asked"')})
    assert read_wave("first", surveys=surveys).missing["confidence"].tolist()[3] == "not asked"


def test_only_those_who_were_asked_can_leave_a_question_blank(make_wave: WaveMaker) -> None:
    routing = 'column = "q1"\nasked_if = { column = "eth", accept = ["3"] }'
    surveys = make_wave(edit={"crosswalk": ('column = "q1"', routing)}, cells={"q1": [None, 1.0, None, None]})
    sample = read_wave("first", surveys=surveys)
    assert sample.missing["confidence"].astype(object).fillna("answered").tolist() == [
        "not asked",
        "answered",
        "blank",
        "blank",
    ]


LOOKUP = """
[ethnicity_detail]
column = "eth"
lookup = "lookup.csv"
"""


def lookup_wave(make_wave: WaveMaker, texts: list[object], lines: str) -> Path:
    codes = '1 = "African"\n2 = "Caribbean"\n3 = "British"\n'
    old = f'[ethnicity_detail]\ncolumn = "eth"\n\n[ethnicity_detail.answers]\n{codes}'
    surveys = make_wave(edit={"crosswalk": (old, LOOKUP)}, cells={"eth": texts})
    (surveys / "first" / "lookup.csv").write_text(lines, encoding="utf-8")
    return surveys


def test_free_text_is_looked_up_without_regard_to_case_and_spaces(make_wave: WaveMaker) -> None:
    lines = "delivered,harmonised\nblack  african,African\nBrit,British\nrather not,prefer not to say\n"
    surveys = lookup_wave(make_wave, [" Black African", "BRIT", "brit", "Rather not"], lines)
    sample = read_wave("first", surveys=surveys)
    assert sample.answers["ethnicity_detail"].tolist()[:3] == ["African", "British", "British"]
    assert sample.missing["ethnicity_detail"].tolist()[3] == "prefer not to say"


def test_free_text_that_is_not_listed_is_counted_and_never_shown(make_wave: WaveMaker) -> None:
    surveys = lookup_wave(make_wave, ["brit", "MARKER one", "MARKER one", "7"], "delivered,harmonised\nbrit,British\n")
    message = (
        r"crosswalk\.toml:\d+: 'ethnicity_detail', .*2 texts in 3 rows, not shown.* to lookup\.csv.*"
        r"lpact-eval crosswalk lookup first ethnicity_detail --surveys "
    )
    with pytest.raises(HarmonisationError, match=message) as caught:
        read_wave("first", surveys=surveys)
    assert "MARKER" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("text,answer\n", r"lookup\.csv:1: a look-up file starts with the columns delivered, harmonised"),
        ("delivered,harmonised\nMARKER,Britsh\n", r"lookup\.csv:2: 'Britsh' is neither .*did you mean 'British'\?"),
        (
            "delivered,harmonised\nMARKER,British\nmarker,African\n",
            r"lookup\.csv:3: this text stands above with another",
        ),
        ("delivered,harmonised\nMARKER\n", r"lookup\.csv:2: what stands in its second column is neither"),
    ],
)
def test_a_wrong_lookup_is_refused_with_its_line_and_without_its_texts(
    make_wave: WaveMaker, lines: str, message: str
) -> None:
    with pytest.raises(DefinitionError, match=message) as caught:
        read_wave("first", surveys=lookup_wave(make_wave, ["brit"] * 4, lines))
    assert "MARKER" not in str(caught.value)


def test_an_absent_lookup_is_named(make_wave: WaveMaker) -> None:
    surveys = lookup_wave(make_wave, ["brit"] * 4, "")
    (surveys / "first" / "lookup.csv").unlink()
    with pytest.raises(DefinitionError, match=r"crosswalk\.toml:\d+: there is no look-up file .*lookup\.csv"):
        read_wave("first", surveys=surveys)


SET = """
[variables.reasons]
kind = "set"
answers = ["no time", "not told", "too far"]
"""
SPLIT = """
[reasons]
column = "why"
separator = ";"

[reasons.answers]
"No time" = "no time"
"Nobody told me" = "not told"
"Too far" = "too far"

[reasons.missing]
"Don't know" = "don't know"
"""
COLUMNS = """
[reasons.columns]
"why_1" = "no time"
"why_2" = "not told"
"why_3" = "too far"
"""


def test_options_in_one_cell_become_a_set_in_schema_order(make_wave: WaveMaker) -> None:
    surveys = make_wave(
        add={"harmonised": SET, "crosswalk": SPLIT},
        cells={"why": ["Too far;No time;", "Nobody told me", "Don't know", None]},
    )
    sample = read_wave("first", surveys=surveys)
    assert sample.answers["reasons"].tolist()[:2] == ["no time; too far", "not told"]
    assert sample.missing["reasons"].tolist()[2:] == ["don't know", "blank"]


def test_an_unknown_option_in_a_set_is_refused(make_wave: WaveMaker) -> None:
    surveys = make_wave(add={"harmonised": SET, "crosswalk": SPLIT}, cells={"why": ["Too far;MARKER"] * 4})
    with pytest.raises(HarmonisationError, match=r"'reasons', column 'why': not mapped: 1 text in 4 rows") as caught:
        read_wave("first", surveys=surveys)
    assert "MARKER" not in str(caught.value)


def test_one_column_an_option_becomes_a_set(make_wave: WaveMaker) -> None:
    surveys = make_wave(
        add={"harmonised": SET, "crosswalk": COLUMNS},
        cells={"why_1": [1, 0, 0, None], "why_2": [0, 0, 1, None], "why_3": [1, 0, 0, None]},
    )
    sample = read_wave("first", surveys=surveys)
    assert sample.answers["reasons"].tolist()[0] == "no time; too far"
    assert sample.answers["reasons"].tolist()[2] == "not told"
    assert sample.missing["reasons"].tolist()[1::2] == ["blank", "blank"]


def test_a_code_that_is_neither_tick_nor_none_is_refused(make_wave: WaveMaker) -> None:
    surveys = make_wave(
        add={"harmonised": SET, "crosswalk": COLUMNS},
        cells={"why_1": [1, 0, 0, 5], "why_2": [0] * 4, "why_3": [0] * 4},
    )
    with pytest.raises(HarmonisationError, match=r"'reasons', column 'why_1': not mapped"):
        read_wave("first", surveys=surveys)


def test_text_is_kept_as_written_with_folded_spaces(make_wave: WaveMaker) -> None:
    surveys = make_wave(
        add={"harmonised": '\n[variables.community]\nkind = "text"\n', "crosswalk": '\n[community]\ncolumn = "say"\n'},
        cells={"say": ["Somali ", " Nigerian  Yoruba", None, "x"]},
    )
    sample = read_wave("first", surveys=surveys)
    assert sample.answers["community"].tolist()[:2] == ["Somali", "Nigerian Yoruba"]
    assert sample.missing["community"].tolist()[2] == "blank"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([1, 2, 3, -8, -9, None]), min_size=1, max_size=30))
def test_every_row_is_answered_or_has_one_kind_of_missing(make_wave: WaveMaker, codes: list[int | None]) -> None:
    rows = len(codes)
    cells = {"id": list(range(rows)), "q1": codes, "eth": [1] * rows, "age": [30] * rows}
    sample = read_wave("first", surveys=make_wave(cells=cells))
    answered = sample.answers["confidence"].notna()
    assert (answered != sample.missing["confidence"].notna()).all()
    assert int((sample.answers["confidence"] == "agree").sum()) == codes.count(1)
    assert int((sample.missing["confidence"] == "prefer not to say").sum()) == codes.count(-9)


def test_a_persons_name_that_is_like_an_answer_is_not_shown(make_wave: WaveMaker) -> None:
    # "Christine Brown" and "Christina" share most letters with "Christian".
    added = {
        "harmonised": '\n[variables.faith]\nkind = "category"\nanswers = ["Christian", "Muslim"]\n',
        "crosswalk": '\n[faith]\ncolumn = "faith"\n[faith.answers]\nChristian = "Christian"\nMuslim = "Muslim"\n',
    }
    cells: dict[str, list[object]] = {"faith": ["Christine Brown", "Christina", "CHRISTIAN", "Muslim"]}
    with pytest.raises(HarmonisationError, match=r"'CHRISTIAN' in 1 row; 2 other texts in 2 rows") as caught:
        read_wave("first", surveys=make_wave(add=added, cells=cells))
    assert "Christin" not in str(caught.value)


def test_a_set_with_more_options_than_a_machine_word_has_bits_keeps_them_all(make_wave: WaveMaker) -> None:
    options = [f"option {number}" for number in range(70)]
    listed = ", ".join(f'"{one}"' for one in options)
    columns = "\n".join(f'"o{number}" = "{one}"' for number, one in enumerate(options))
    added = {
        "harmonised": f'\n[variables.many]\nkind = "set"\nanswers = [{listed}]\n',
        "crosswalk": f"\n[many.columns]\n{columns}\n",
    }
    cells: dict[str, list[object]] = {f"o{number}": [1, 0, 0, number % 2] for number in range(70)}
    cells["o69"] = [1, 1, 0, 1]
    sample = read_wave("first", surveys=make_wave(add=added, cells=cells))
    odd = "; ".join(options[1::2])
    assert sample.answers["many"].fillna("").tolist() == ["; ".join(options), "option 69", "", odd]
