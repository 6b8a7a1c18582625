"""Rules on hasty and uniform answers, and the refusal of what officers perceived."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyreadstat
import pytest

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.waves.quality import REASONS
from lpact_eval.waves.reading import read_wave

if TYPE_CHECKING:
    from lpact_eval.sample import Sample

WaveMaker = Callable[..., Path]

UTF8 = 'encoding = "utf-8"'
SPEED = '\n[quality.speeders]\nstarted = "begun"\nfinished = "done"\nfastest = 60\n'
ITEMS = """
[variables.respect]
kind = "scale"
scale = "agreement"

[variables.listen]
kind = "scale"
scale = "agreement"
"""
ANSWERS = '\n[{0}]\ncolumn = "{0}"\n[{0}.answers]\n1 = "agree"\n2 = "neither"\n3 = "disagree"\n'
SAME = '\n[quality]\nsame_answer = {{ items = ["confidence", "respect", "listen"], least = {least}{action} }}\n'
SET_ASIDE = ', action = "set aside"'
TIMES = {
    "begun": ["2022-05-02 10:00:00", "2022-05-02 10:00:00", "2022-05-02 23:59:30", None],
    "done": ["2022-05-02 10:00:59", "2022-05-02 10:01:00", "2022-05-03 00:00:15", "2022-05-02 10:00"],
}


def ledger(sample: Sample) -> dict[str, int]:
    return dict(zip(sample.ledger["reason"], sample.ledger["rows"], strict=True))


def uniform(make_wave: WaveMaker, least: int, action: str, cells: dict[str, list[object]]) -> Sample:
    crosswalk = ANSWERS.format("respect") + ANSWERS.format("listen")
    added = {"harmonised": ITEMS, "crosswalk": crosswalk, "wave": SAME.format(least=least, action=action)}
    return read_wave("first", surveys=make_wave(add=added, cells=cells))


def test_without_a_rule_nobody_is_too_fast_or_too_uniform(make_wave: WaveMaker) -> None:
    sample = read_wave("first", surveys=make_wave(cells=TIMES))
    assert len(sample) == 4
    assert not any("seconds" in reason or "same answer" in reason for reason in ledger(sample))


def test_speeders_are_noted_by_default(make_wave: WaveMaker) -> None:
    # 59 s, 60 s, 45 s over midnight, and one without a start.
    found = ledger(read_wave("first", surveys=make_wave(add={"wave": SPEED}, cells=TIMES)))
    assert found["kept"] == 4
    assert "rows kept that were answered in less than 60 seconds: 2" in found
    assert "rows kept without both times, so how long they took is not known: 1" in found
    assert not any("doesn't use" in reason for reason in found)


def test_speeders_are_set_aside_where_the_rule_says_so(make_wave: WaveMaker) -> None:
    rule = SPEED + 'action = "set aside"\n'
    found = ledger(read_wave("first", surveys=make_wave(add={"wave": rule}, cells=TIMES)))
    assert found[REASONS[7]] == 2
    assert found["kept"] == 2


def test_a_hasty_row_is_never_kept_in_place_of_a_careful_one(make_wave: WaveMaker) -> None:
    rule = SPEED + 'action = "set aside"\n'
    cells = {"id": [1, 1, 2, 3], "q1": [1, 3, 1, 1], "eth": [1] * 4, "age": [20] * 4}
    cells["begun"] = ["2022-05-02 10:00"] * 4
    cells["done"] = ["2022-05-02 10:30", "2022-05-02 10:00:20", "2022-05-02 10:30", "2022-05-02 10:30"]
    sample = read_wave("first", surveys=make_wave(add={"wave": rule}, cells=cells))
    assert ledger(sample)[REASONS[7]] == 1
    assert sample.answers["confidence"].tolist() == ["agree"] * 3


@pytest.mark.parametrize(
    ("order", "begun", "done"),
    [
        ("day-first", "02/05/2022 11:59:30 PM", "03/05/2022 12:00:10 AM"),
        ("month-first", "5/2/22 23:59:30", "5/3/22 0:00:10"),
        ("", "2022-05-02T23:59:30Z", "2022-05-03T01:00:10+01:00"),
        ("iso", "2022-05-02T23:59:30.5", "2022-05-03T00:00:10.25"),
    ],
)
def test_times_are_read_as_tools_write_them(make_wave: WaveMaker, order: str, begun: str, done: str) -> None:
    surveys = make_wave(
        add={"wave": SPEED},
        delivered=f'{UTF8}\ndates = "{order}"',
        cells={"begun": [begun] * 4, "done": [done] * 4},
    )
    assert "rows kept that were answered in less than 60 seconds: 4" in ledger(read_wave("first", surveys=surveys))


def test_rows_that_end_before_they_start_are_counted_and_no_speeders(make_wave: WaveMaker) -> None:
    surveys = make_wave(add={"wave": SPEED}, cells={"begun": [*TIMES["done"][:3], None], "done": TIMES["begun"]})
    found = ledger(read_wave("first", surveys=surveys))
    assert "rows kept that finish before they start, so how long they took is not known: 3" in found
    assert "rows kept that were answered in less than 60 seconds: 0" in found


def test_dates_without_a_time_of_day_say_nothing_of_speed(make_wave: WaveMaker) -> None:
    surveys = make_wave(add={"wave": SPEED}, cells={"begun": ["2022-05-02"] * 4, "done": ["2022-05-02"] * 4})
    with pytest.raises(HarmonisationError, match=r"wave\.toml:16: column 'begun' holds dates without a time of day"):
        read_wave("first", surveys=surveys)


@pytest.mark.parametrize("wrong", ["MARKER", "2022-05-02 MARKER", "2022-05-02 25:00", "2022-05-02 10:61"])
def test_times_that_cannot_be_read_are_counted_and_never_shown(make_wave: WaveMaker, wrong: str) -> None:
    surveys = make_wave(
        add={"wave": SPEED},
        delivered=f'{UTF8}\ndates = "iso"',
        cells={"begun": [wrong] * 4, "done": TIMES["done"]},
    )
    with pytest.raises(
        HarmonisationError, match=r"wave\.toml:\d+: 4 rows of column 'begun' hold no date and"
    ) as caught:
        read_wave("first", surveys=surveys)
    assert wrong not in str(caught.value)


def test_a_rule_names_its_column_by_file_and_line(make_wave: WaveMaker) -> None:
    with pytest.raises(HarmonisationError, match=r"wave\.toml:16: delivered\.csv has no column 'begun'"):
        read_wave("first", surveys=make_wave(add={"wave": SPEED}))


UNIFORM = {
    "q1": [1, 1, 3, -8],
    "respect": [1, 1, 3, None],
    "listen": [1, 2, None, None],
    "eth": [1] * 4,
    "age": [20] * 4,
}


def test_rows_with_one_answer_throughout_are_noted(make_wave: WaveMaker) -> None:
    # Three times 1; 1, 1, 2; twice 3 and a blank; nothing but a don't know.
    found = ledger(uniform(make_wave, 2, "", UNIFORM))
    assert found["kept"] == 4
    assert "rows kept with the same answer to every question of a list (2 or more of 3 answered): 2" in found


def test_rows_with_one_answer_throughout_are_set_aside_where_the_rule_says_so(make_wave: WaveMaker) -> None:
    sample = uniform(make_wave, 3, SET_ASIDE, UNIFORM)
    assert ledger(sample)[REASONS[8]] == 1
    assert len(sample) == 3


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('items = ["confidense"], least = 2', r"wave\.toml:16: 'confidense' is no closed question.*'confidence'"),
        ('items = ["attended", "confidence"], least = 2', r"'attended' is no closed question of this wave's"),
        ('items = ["age", "confidence"], least = 2', r"'age' is no closed question"),
        ('items = ["confidence", "ethnicity_detail"], least = 2', r"wave\.toml:16: the items don't share"),
        ('items = ["confidence", "confidence"], least = 2', r"an item is listed twice"),
        ('items = ["confidence"], least = 2', r"wave\.toml:16: least = 2, but only 1 items are listed"),
        ('items = ["confidence"], least = 1', r"wave\.toml:16: .*least"),
        ('items = ["confidence"], leest = 2', r"wave\.toml:16: .*least"),
        ('items = ["confidence"], least = 2, action = "drop"', r"wave\.toml:16: .*action"),
    ],
)
def test_a_wrong_rule_names_file_and_line(make_wave: WaveMaker, rule: str, message: str) -> None:
    surveys = make_wave(add={"wave": f"\n[quality]\nsame_answer = {{ {rule} }}\n"})
    with pytest.raises(DefinitionError, match=message):
        read_wave("first", surveys=surveys)


def test_a_rule_on_speed_needs_both_columns_and_a_positive_limit(make_wave: WaveMaker) -> None:
    with pytest.raises(DefinitionError, match=r"wave\.toml:\d+: .*finished"):
        read_wave("first", surveys=make_wave(add={"wave": SPEED.replace('finished = "done"\n', "")}))
    with pytest.raises(DefinitionError, match=r"wave\.toml:18: .*fastest"):
        read_wave("first", surveys=make_wave(add={"wave": SPEED.replace("60", "-1")}))


@pytest.mark.parametrize(
    "code",
    ["IC1", "ic 3", "IC-6", "IC3 - Black", "IC9 Unknown", "(IC4)", "White - North European", "WHITE SOUTH EUROPEAN"],
)
def test_a_crosswalk_never_maps_what_an_officer_perceived(make_wave: WaveMaker, code: str) -> None:
    surveys = make_wave(edit={"crosswalk": ('1 = "African"', f'"{code}" = "African"')})
    with pytest.raises(DefinitionError, match=r"crosswalk\.toml:18: .*officer-perceived ethnicity.*self-defined"):
        read_wave("first", surveys=surveys)


@pytest.mark.parametrize("code", ["Icelandic", "IC", "B1", "W1", "White European", "Chinese"])
def test_self_defined_groups_are_not_taken_for_officers_codes(make_wave: WaveMaker, code: str) -> None:
    surveys = make_wave(edit={"crosswalk": ('1 = "African"', f'"{code}" = "African"')}, cells={"eth": [code, 2, 3, 3]})
    assert read_wave("first", surveys=surveys).answers["ethnicity_detail"].tolist()[0] == "African"


def test_delivered_officers_codes_are_refused_with_their_count(make_wave: WaveMaker) -> None:
    surveys = make_wave(cells={"eth": ["IC3", "IC1", 3, "IC3"]})
    message = r"crosswalk\.toml:14: column 'eth' holds them in 3 rows: officer-perceived.*\[ethnicity_detail\.missing\]"
    with pytest.raises(HarmonisationError, match=message):
        read_wave("first", surveys=surveys)


def test_officers_codes_behind_numbers_are_known_by_their_labels(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav")
    path = surveys / "first" / "delivered.sav"
    frame, _ = pyreadstat.read_sav(path, user_missing=True)
    labels = {"eth": {1.0: "IC3 Black", 2.0: "White - North European", 3.0: "British"}}
    pyreadstat.write_sav(pd.DataFrame(frame), path, variable_value_labels=labels)
    with pytest.raises(HarmonisationError, match=r"column 'eth' holds them in 2 rows: officer-perceived"):
        read_wave("first", surveys=surveys)


def test_officers_codes_may_count_as_missing(make_wave: WaveMaker) -> None:
    blank = '\n[ethnicity_detail.missing]\n"IC3" = "blank"\n'
    sample = read_wave("first", surveys=make_wave(cells={"eth": ["IC3", 1, 2, 3]}, add={"crosswalk": blank}))
    assert sample.missing["ethnicity_detail"].tolist()[0] == "blank"


def test_officers_codes_written_as_a_community_are_refused(make_wave: WaveMaker) -> None:
    added = {"harmonised": '\n[variables.community]\nkind = "text"\n', "crosswalk": '\n[community]\ncolumn = "who"\n'}
    with pytest.raises(HarmonisationError, match=r"column 'who' holds them in 1 row: officer-perceived"):
        read_wave("first", surveys=make_wave(add=added, cells={"who": ["Somali", "ic 4 asian", None, "Congolese"]}))
