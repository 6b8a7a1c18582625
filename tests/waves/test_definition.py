"""Definitions: every wrong key, word and date is an error that names file, line and the nearest right one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.waves.definition import read_definition

WaveMaker = Callable[..., Path]

WRONG_CROSSWALKS = {
    "unknown key": (
        'column = "q1"',
        'colum = "q1"',
        r"crosswalk\.toml:3: unknown key 'colum'.*did you mean 'column'\?",
    ),
    "unknown variable": (
        "[confidence]\n",
        "[confidense]\n",
        r"crosswalk\.toml:2: 'confidense' is not a variable of harmonised\.toml; did you mean 'confidence'\?",
    ),
    "unknown answer": (
        '2 = "neither"',
        '2 = "neihter"',
        r"crosswalk\.toml:7: 'neihter' is not an answer of 'confidence'; did you mean 'neither'\?",
    ),
    "unknown kind of missing": ('-8 = "don\'t know"', '-8 = "dont know"', r"crosswalk\.toml:11: '-8' in .*'dont know'"),
    "duplicate code": ('2 = "neither"', '1 = "neither"', r"crosswalk\.toml:7: 1 is given twice"),
    "code in both tables": (
        '-8 = "don\'t know"',
        '3 = "don\'t know"',
        r"crosswalk\.toml:11: code '3' is mapped twice, here and in \[confidence\.answers\]",
    ),
    "bad TOML": ('column = "q1"', 'column = q1"', r"crosswalk\.toml:3: not valid TOML"),
    "not a text": ('1 = "agree"', "1 = 5", r"crosswalk\.toml:6: '1' in \[confidence\.answers\] is 5"),
    "no column": ('column = "q1"', "", r"crosswalk\.toml:2: \[confidence\] needs column"),
    "no answers": (
        '[ethnicity_detail.answers]\n1 = "African"\n2 = "Caribbean"\n3 = "British"',
        "",
        r"crosswalk\.toml:14: \[ethnicity_detail\] maps no answers",
    ),
    "partial without reason": (
        'column = "q1"',
        'column = "q1"\ncomparable = "partial"',
        r"crosswalk\.toml:4: 'confidence' is comparable = 'partial'; add reason",
    ),
    "range of a scale": (
        'column = "q1"',
        'column = "q1"\nrange = [1, 3]',
        r"crosswalk\.toml:4: range .*is for numbers",
    ),
    "answers of a number": (
        "[age.missing]",
        '[age.answers]\n5 = "agree"\n[age.missing]',
        r"crosswalk\.toml:22: 'age' is a number and takes values as delivered",
    ),
    "set options of a scale": (
        'column = "q1"',
        'column = "q1"\nseparator = ";"',
        r"crosswalk\.toml:2: 'confidence' is a",
    ),
    "empty cell as answer": ('1 = "agree"', '"" = "agree"', r"crosswalk\.toml:6: an empty cell is no answer"),
    "not accounted for": (
        'variables = ["attended"]',
        "variables = []",
        r"crosswalk\.toml:29: 1 harmonised variables are not accounted for: attended",
    ),
    "asked and not asked": (
        'variables = ["attended"]',
        'variables = ["attended", "age"]',
        r"crosswalk\.toml:22: 'age' has a table and is listed in \[not_asked\]",
    ),
    "unknown not asked": (
        'variables = ["attended"]',
        'variables = ["attended", "atended"]',
        r"crosswalk\.toml:30: 'atended' is not a variable .*did you mean 'attended'\?",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), WRONG_CROSSWALKS.values(), ids=WRONG_CROSSWALKS.keys())
def test_a_wrong_crosswalk_is_an_error_with_file_and_line(
    make_wave: WaveMaker, old: str, new: str, message: str
) -> None:
    surveys = make_wave(edit={"crosswalk": (old, new)})
    with pytest.raises(DefinitionError, match=message):
        read_definition("first", surveys)


WRONG_WAVES = {
    "no fieldwork dates": (
        "[fieldwork]\nstart = 2022-05-01\nend = 2022-05-31\n",
        "",
        r"first/wave\.toml:1: 'fieldwork' is missing; add its first and last day",
    ),
    "no first day": ("start = 2022-05-01\n", "", r"first/wave\.toml:5: 'start' is missing in \[fieldwork\]; add it"),
    "no date": ("start = 2022-05-01", 'start = "May"', r"first/wave\.toml:6: 'start' in \[fieldwork\] is 'May'"),
    "end before start": ("end = 2022-05-31", "end = 2022-04-30", r"wave\.toml:7: fieldwork ends on 2022-04-30, before"),
    "unknown table": (
        "[fieldwork]",
        "[field]\nx = 1\n[fieldwork]",
        r"wave\.toml:5: unknown key 'field'; did you mean 'fieldwork'",
    ),
    "undeclared encoding": (
        'encoding = "utf-8"',
        "",
        r"wave\.toml:9: the encoding of the csv file is not declared; add",
    ),
    "unknown format": ('format = "csv"', 'format = "xls"', r"wave\.toml:10: 'format' in \[delivered\] is 'xls'"),
    "another name": (
        'title = "First wave"',
        'name = "second"',
        r"wave\.toml:2: the wave is called 'second' but its folder 'first'",
    ),
    "too many header rows": (
        'id = "id"',
        'id = "id"\nheader_rows = 9',
        r"wave\.toml:13: 'header_rows' in \[delivered\] is 9",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), WRONG_WAVES.values(), ids=WRONG_WAVES.keys())
def test_a_wrong_wave_file_is_an_error_with_file_and_line(
    make_wave: WaveMaker, old: str, new: str, message: str
) -> None:
    surveys = make_wave(edit={"wave": (old, new)})
    with pytest.raises(DefinitionError, match=message):
        read_definition("first", surveys)


WRONG_SCHEMAS = {
    "unknown scale": (
        'scale = "agreement"',
        'scale = "agrement"',
        r"harmonised\.toml:10: .*did you mean 'agreement'\?",
    ),
    "unknown source": (
        'from = "age"',
        'from = "ages"',
        r"harmonised\.toml:30: .*unknown variable 'ages'; did you mean 'age'\?",
    ),
    "derived of itself": (
        'from = "ethnicity_detail"',
        'from = "ethnicity"',
        r"harmonised\.toml:\d+: .*not an answer of 'ethnicity'",
    ),
    "source answer in no group": (
        '"Black" = ["African", "Caribbean"]',
        '"Black" = ["African"]',
        r"harmonised\.toml:21: 'Caribbean' of 'ethnicity_detail' is in no group of 'ethnicity'",
    ),
    "source answer in two groups": (
        '"White" = ["British"]',
        '"White" = ["British", "African"]',
        r"harmonised\.toml:21: 'African' stands in two groups",
    ),
    "overlapping bands": (
        '"35+" = [35, 120]',
        '"35+" = [34, 120]',
        r"harmonised\.toml:\d+: the bands of 'age_band' overlap",
    ),
    "groups without a source": ('from = "ethnicity_detail"', "", r"harmonised\.toml:17: 'ethnicity' needs both"),
    "no answers": (
        'answers = ["African", "Caribbean", "British"]',
        "",
        r"harmonised\.toml:13: 'ethnicity_detail' has no answers",
    ),
    "answer twice": ('"African", "Caribbean", "British"', '"African", "African", "British"', "lists an answer twice"),
    "unknown positive answer": (
        'positive = ["agree"]',
        'positive = ["agre"]',
        r"harmonised\.toml:6: 'agre' is not an answer",
    ),
    "unknown kind": (
        'kind = "yes_no"',
        'kind = "yesno"',
        r"harmonised\.toml:37: 'kind' in \[variables\.attended\] is 'yesno'",
    ),
    "unknown key": (
        "outcome = 5",
        "outcom = 5",
        r"harmonised\.toml:11: unknown key 'outcom'.*did you mean 'outcome'\?",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), WRONG_SCHEMAS.values(), ids=WRONG_SCHEMAS.keys())
def test_a_wrong_schema_is_an_error_with_file_and_line(make_wave: WaveMaker, old: str, new: str, message: str) -> None:
    surveys = make_wave(edit={"harmonised": (old, new)})
    with pytest.raises(DefinitionError, match=message):
        read_definition("first", surveys)


def test_variables_that_are_derived_of_each_other_are_refused(make_wave: WaveMaker) -> None:
    circle = """
[variables.one]
from = "two"
groups = { "yes" = ["yes"] }

[variables.two]
from = "one"
groups = { "yes" = ["yes"] }
"""
    with pytest.raises(DefinitionError, match=r"harmonised\.toml:\d+: 'one' is derived of itself, through 'two'"):
        read_definition("first", make_wave(add={"harmonised": circle}))


def test_every_problem_of_a_file_is_reported_at_once(make_wave: WaveMaker) -> None:
    surveys = make_wave(edit={"crosswalk": ('1 = "agree"\n2 = "neither"', '1 = "agrees"\n2 = "neithr"')})
    with pytest.raises(DefinitionError) as caught:
        read_definition("first", surveys)
    assert len(str(caught.value).splitlines()) == 2


def test_an_unknown_wave_names_the_waves_there_are(make_wave: WaveMaker) -> None:
    surveys = make_wave()
    with pytest.raises(WrongUseError, match=r"no wave 'second'.*has the waves first"):
        read_definition("second", surveys)
    with pytest.raises(WrongUseError, match=r"no folder of surveys"):
        read_definition("first", surveys / "nowhere")


def test_a_missing_crosswalk_is_named(make_wave: WaveMaker) -> None:
    surveys = make_wave()
    (surveys / "first" / "crosswalk.toml").unlink()
    with pytest.raises(DefinitionError, match=r"There is no .*first/crosswalk\.toml"):
        read_definition("first", surveys)


def test_a_definition_holds_what_its_files_say(make_wave: WaveMaker) -> None:
    definition = read_definition("first", make_wave())
    codebook = definition.codebook()
    assert (definition.title, definition.fieldwork.start.isoformat()) == ("First wave", "2022-05-01")
    assert codebook["confidence"].answers == ("agree", "neither", "disagree")
    assert codebook["confidence"].positive == ("agree",)
    assert codebook["ethnicity"].answers == ("Black", "White")
    assert codebook["attended"].comparable == {"first": "not asked"}
    assert codebook["attended"].reason == {"first": "Before the first event."}
    assert definition.derived() == ["ethnicity", "age_band"]


def test_a_crosswalk_without_questions_is_refused(make_wave: WaveMaker) -> None:
    surveys = make_wave()
    names = "confidence", "ethnicity_detail", "age", "attended"
    (surveys / "first" / "crosswalk.toml").write_text(f"[not_asked]\nvariables = {list(names)}", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"crosswalk\.toml:1: the crosswalk maps no question"):
        read_definition("first", surveys)
