"""Options chosen together in one cell, which may themselves hold what stands between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.errors import DefinitionError, HarmonisationError, LpactError
from lpact_eval.waves.definition import read_definition
from lpact_eval.waves.delivered import Delivered, read_delivered
from lpact_eval.waves.options import ambiguous_message, chosen
from lpact_eval.waves.reading import read_wave
from lpact_eval.waves.spreadsheet import crosswalk_to_excel, import_crosswalk

WaveMaker = Callable[..., Path]

SET = '\n[variables.reasons]\nkind = "set"\nanswers = ["one", "two", "three"]\n'


def delivered(surveys: Path) -> Delivered:
    return read_delivered(surveys / "first" / "delivered.csv", read_definition("first", surveys))


REASONS_IN_A_CELL = """
[reasons]
column = "why"
[reasons.answers]
"Cost, or time" = "one"
"Cost" = "two"
"time; place" = "three"
"""


@pytest.mark.parametrize(
    ("preset", "cells", "expected"),
    [
        ("ms-forms", ["Cost, or time;Cost;", "Cost;", "time; place;Cost"], ["one; two", "two", "two; three"]),
        ("google-forms", ["Cost, or time, Cost", "Cost", "time; place, Cost"], ["one; two", "two", "two; three"]),
    ],
)
def test_a_preset_knows_what_divides_options_and_options_may_hold_it(
    make_export: WaveMaker, preset: str, cells: list[str], expected: list[str]
) -> None:
    rows = [
        ["id", "q1", "eth", "age", "why"],
        *([str(place), "1", "1", "20", cell] for place, cell in enumerate(cells)),
    ]
    layout = f'preset = "{preset}"'
    surveys = make_export(rows, layout, own_id=True, crosswalk=REASONS_IN_A_CELL, harmonised=SET)
    assert read_wave("first", surveys=surveys).answers["reasons"].tolist() == expected


def test_without_a_preset_the_divider_has_to_be_stated(make_export: WaveMaker) -> None:
    rows = [["id", "q1", "eth", "age", "why"], ["1", "1", "1", "20", "Cost"]]
    surveys = make_export(rows, "", own_id=True, crosswalk=REASONS_IN_A_CELL, harmonised=SET)
    with pytest.raises(DefinitionError, match=r"'reasons' is a set in one column; add separator"):
        read_wave("first", surveys=surveys)


def test_a_cell_that_can_be_read_in_two_ways_is_refused_by_count(make_export: WaveMaker) -> None:
    table = '\n[reasons]\ncolumn = "why"\n[reasons.answers]\n"A" = "one"\n"B" = "two"\n"A, B" = "three"\n'
    rows = [
        ["id", "q1", "eth", "age", "why"],
        *([str(n), "1", "1", "20", cell] for n, cell in enumerate(["A, B", "A", "B"])),
    ]
    surveys = make_export(rows, 'preset = "google-forms"', own_id=True, crosswalk=table, harmonised=SET)
    message = (
        r"crosswalk\.toml:\d+: 'reasons', column 'why': 1 text in 1 row can be read as different options, since ', ' "
        r"stands between options and inside 'A, B'\. Export this question with a column an option"
    )
    with pytest.raises(HarmonisationError, match=message):
        read_wave("first", surveys=surveys)


def test_options_that_are_unknown_are_counted_and_never_shown(make_export: WaveMaker) -> None:
    rows = [["id", "q1", "eth", "age", "why"], ["1", "1", "1", "20", "Cost, MARKER"]]
    surveys = make_export(rows, 'preset = "google-forms"', own_id=True, crosswalk=REASONS_IN_A_CELL, harmonised=SET)
    with pytest.raises(HarmonisationError, match=r"'reasons', column 'why': not mapped: 1 text in 1 row") as caught:
        read_wave("first", surveys=surveys)
    assert "MARKER" not in str(caught.value)


def test_a_set_of_options_that_were_not_asked_is_not_blank(make_export: WaveMaker) -> None:
    table = '\n[reasons.columns]\n"r.1" = "one"\n"r.2" = "two"\n'
    rows = [
        ["id", "q1", "eth", "age", "r.1", "r.2"],
        ["1", "1", "1", "20", "1", "0"],
        ["2", "1", "1", "20", "Not asked", "Not asked"],
        ["3", "1", "1", "20", "No reply", "No reply"],
        ["4", "1", "1", "20", "0", "0"],
    ]
    sample = read_wave(
        "first", surveys=make_export(rows, 'preset = "snap"', own_id=True, crosswalk=table, harmonised=SET)
    )
    assert sample.answers["reasons"].tolist()[0] == "one"
    assert sample.missing["reasons"].tolist()[1:] == ["not asked", "blank", "blank"]


BY_QUESTION = """
[reasons]
column = "Why not?"
{more}
[reasons.answers]
"Cost, or time" = "one"
"Cost" = "two"
"""
WIDE = [
    ["id", "q1", "eth", "age", "{}Cost", "{}Cost, or time"],
    ["1", "1", "1", "20", "", "Cost, or time"],
    ["2", "1", "1", "20", "Cost", "Cost, or time"],
    ["3", "1", "1", "20", "", ""],
]


def wide(between: str) -> list[list[str]]:
    return [[cell.replace("{}", f"Why not?{between}") for cell in row] for row in WIDE]


@pytest.mark.parametrize("between", [" - ", " | ", " - Selected Choice - "])
@pytest.mark.parametrize(("layout", "more"), [("", 'options = "columns"'), ('preset = "citizen-space"', "")])
def test_a_column_an_option_is_found_by_the_question_and_the_option(
    make_export: WaveMaker, between: str, layout: str, more: str
) -> None:
    crosswalk = BY_QUESTION.format(more=more)
    surveys = make_export(wide(between), layout, own_id=True, crosswalk=crosswalk, harmonised=SET)
    sample = read_wave("first", surveys=surveys)
    assert sample.answers["reasons"].tolist()[:2] == ["one", "one; two"]
    assert sample.missing["reasons"].tolist()[2] == "blank"
    assert not any("doesn't use" in reason for reason in sample.ledger["reason"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Why not?", "Why, not?", r"no columns called 'Why, not\?', a dash and an option; the nearest are 'Why not\?'"),
        (
            '"Cost" = "two"',
            "",
            r"a column an option, but \[reasons\.answers\] does not map .* 'Cost'; map",
        ),
        (
            '"Cost" = "two"',
            '"Cost" = "two"\n"Fear" = "three"',
            r"the file has no column for 'Fear'; map every",
        ),
        ("Why not?", "q1", r"delivered\.csv has one column 'q1' for all options; add separator"),
        (
            '"columns"',
            '"columns"\nseparator = ";"',
            r'options = "columns" takes one column and no separator',
        ),
        ('"columns"', '"colums"', r"'options' in \[reasons\] is 'colums'"),
    ],
)
def test_options_that_are_not_the_files_are_refused_by_name(
    make_export: WaveMaker, old: str, new: str, message: str
) -> None:
    crosswalk = BY_QUESTION.format(more='options = "columns"')
    assert old in crosswalk
    surveys = make_export(wide(" - "), "", own_id=True, crosswalk=crosswalk.replace(old, new), harmonised=SET)
    with pytest.raises(LpactError, match=rf"crosswalk\.toml:\d+: .*{message}"):
        read_wave("first", surveys=surveys)


def test_options_are_for_sets(make_export: WaveMaker) -> None:
    surveys = make_export(wide(" - "), "", own_id=True)
    crosswalk = surveys / "first" / "crosswalk.toml"
    text = crosswalk.read_text(encoding="utf-8").replace('column = "q1"', 'column = "q1"\noptions = "columns"')
    crosswalk.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"'confidence' is a scale; options = \"columns\" is for sets"):
        read_wave("first", surveys=surveys)


def test_a_set_with_a_column_an_option_survives_a_spreadsheet(make_export: WaveMaker, tmp_path: Path) -> None:
    surveys = make_export(
        wide(" - "), "", own_id=True, crosswalk=BY_QUESTION.format(more='options = "columns"'), harmonised=SET
    )
    before = read_definition("first", surveys).items["reasons"]
    answers = read_wave("first", surveys=surveys).answers
    crosswalk_to_excel("first", tmp_path / "crosswalk.xlsx", surveys=surveys)
    import_crosswalk(tmp_path / "crosswalk.xlsx", folder=surveys / "first", replace=True)
    assert read_definition("first", surveys).items["reasons"] == before
    assert read_wave("first", surveys=surveys).answers.equals(answers)


OPTIONS = st.dictionaries(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=3).map(", ".join),
    st.sampled_from(["one", "two", "three"]),
    min_size=1,
    max_size=4,
)


@given(known=OPTIONS, data=st.data())
def test_the_options_that_were_chosen_are_always_among_the_readings(known: dict[str, str], data: st.DataObject) -> None:
    picked = data.draw(st.lists(st.sampled_from(sorted(known)), min_size=1, max_size=3, unique=True))
    readings = chosen(", ".join(picked), ", ", known)
    assert frozenset(known[option] for option in picked) in readings
    assert len(readings) == len(set(readings))


@given(picked=st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True), end=st.sampled_from(["", ";"]))
def test_options_without_the_divider_are_never_ambiguous(picked: list[str], end: str) -> None:
    known = {option: option.upper() for option in "abcd"}
    assert chosen(";".join(picked) + end, ";", known) == [frozenset(option.upper() for option in picked)]


def test_a_text_of_many_ambiguous_options_is_read_in_no_time() -> None:
    known = {"a": "one", "a, a": "two", "a, a, a": "three"}
    assert len(chosen(", ".join("a" * 5_000), ", ", known)) > 1
    assert chosen(", ".join([*"a" * 5_000, "MARKER"]), ", ", known) == []


def test_nothing_is_said_of_a_column_without_ambiguous_cells(make_export: WaveMaker) -> None:
    rows = [["id", "why"], ["1", "A, B"], ["2", "A"]]
    column = delivered(make_export(rows, "", own_id=True)).column("why", where="here")
    assert ambiguous_message("reasons", column, ", ", {"A": "one", "B": "two"}, where="here") == ""
