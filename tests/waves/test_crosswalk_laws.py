"""Whatever is delivered, each variable of each row is answered or has one kind of missing, and order doesn't matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import HarmonisationError

WaveMaker = Callable[..., Path]
SLOW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
SCHEMA = """
[variables.times]
kind = "number"
[variables.known]
kind = "yes_no"
[variables.said]
kind = "text"
[variables.ways]
kind = "set"
answers = ["phone", "visit"]
"""
CROSSWALK = """
[confidence]
column = ["paper", "online"]
comparable = "partial"
rule = "Both kinds agree."
disagree = "blank"
[confidence.answers]
"1" = "agree"
"2" = "agree"
"3" = "neither"
"4" = "disagree"
[confidence.missing]
"8" = "don't know"
"" = "prefer not to say"

[ethnicity_detail]
column = "eth"
asked_if = { column = "paper", accept = ["1", "2"] }
[ethnicity_detail.answers]
"1" = "African"
"2" = "Caribbean"
"3" = "British"

[age]
column = "born"
range = [16, 110]
derive = "age from year of birth"
[age.missing]
"9" = "prefer not to say"

[times]
column = "times"
range = [0, 5]
[times.numbers]
"3 or more" = 3
[times.missing]
"many" = "don't know"

[known]
asked_if = { column = "eth", accept = ["3"] }
[known.columns]
"Known - Yes" = "yes"
"Known - No" = "no"
"Known - Refused" = "prefer not to say"

[said]
column = ["first", "second"]
disagree = "first"

[ways]
column = "ways"
separator = ";"
[ways.answers]
"By phone" = "phone"
"By visit" = "visit"

[not_asked]
variables = ["attended"]
"""
CELLS = {
    "paper": ["1", "2", "3", "4", "8", ""],
    "online": ["1", "2", "3", "4", "8", ""],
    "eth": ["1", "2", "3", ""],
    "born": ["1985", "2000", "2020", "9", ""],
    "times": ["0", "3 or more", "7", "many", ""],
    "Known - Yes": ["1", "0", ""],
    "Known - No": ["1", "0", ""],
    "Known - Refused": ["1", "0", ""],
    "first": ["Somali", "Irish", ""],
    "second": ["Somali", "Irish", ""],
    "ways": ["By phone", "By phone;By visit;", ""],
}
ROWS = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(texts) for name, texts in CELLS.items()}), min_size=1, max_size=8
)


def delivered(
    make_wave: WaveMaker, rows: list[dict[str, str]], *, names: list[str] | None = None, crosswalk: str = CROSSWALK
) -> lp.Sample:
    surveys = make_wave(add={"harmonised": SCHEMA})
    (surveys / "first" / "crosswalk.toml").write_text(crosswalk, "utf-8")
    frame = pd.DataFrame(rows)[names or list(CELLS)]
    frame.to_csv(surveys / "first" / "delivered.csv", index=False)
    wave = surveys / "first" / "wave.toml"
    wave.write_text(wave.read_text("utf-8").replace('id = "id"\n', ""), "utf-8")
    return lp.read_wave("first", surveys=surveys)


@SLOW
@given(ROWS)
def test_each_variable_of_each_row_is_answered_or_missing_for_one_reason(
    make_wave: WaveMaker, rows: list[dict[str, str]]
) -> None:
    sample = delivered(make_wave, rows)
    for name in sample.answers:
        assert (sample.answers[name].notna() != sample.missing[name].notna()).all()
    ledger = sample.ledger.set_index("reason")["rows"]
    assert ledger["delivered"] == len(rows)
    assert ledger.drop("delivered").sum() == len(rows)
    assert ledger["kept"] == len(sample)


@SLOW
@given(ROWS, st.permutations(list(CELLS)))
def test_the_order_of_delivered_columns_does_not_matter(
    make_wave: WaveMaker, rows: list[dict[str, str]], names: list[str]
) -> None:
    one, other = delivered(make_wave, rows), delivered(make_wave, rows, names=names)
    pd.testing.assert_frame_equal(one.answers, other.answers)
    pd.testing.assert_frame_equal(one.missing, other.missing)


@SLOW
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(make_wave: WaveMaker, rows: list[dict[str, str]], random: object) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    one, other = delivered(make_wave, rows), delivered(make_wave, [rows[place] for place in order])
    for name in one.answers:
        kinds = [
            sorted(
                np.where(
                    sample.missing[name].isna(), sample.answers[name].astype(str), sample.missing[name].astype(str)
                )
            )
            for sample in (one, other)
        ]
        assert kinds[0] == kinds[1]


MARKED = {
    "paper": "MARKER one",
    "eth": "MARKER two",
    "born": "MARKER 1985",
    "times": "MARKER or more",
    "Known - Yes": "MARKER tick",
    "ways": "By phone;MARKER",
}


@pytest.mark.parametrize("column", MARKED)
def test_no_message_repeats_what_people_wrote(make_wave: WaveMaker, column: str) -> None:
    rows = [dict.fromkeys(CELLS, ""), {**dict.fromkeys(CELLS, ""), column: MARKED[column]}]
    with pytest.raises(HarmonisationError, match=r"1 text in 1 row, not shown") as caught:
        delivered(make_wave, rows)
    assert "MARKER" not in str(caught.value)


def test_texts_that_disagree_are_counted_and_never_shown(make_wave: WaveMaker) -> None:
    rows = [{**dict.fromkeys(CELLS, ""), "first": "MARKER-A", "second": "MARKER-B", "paper": "1"}]
    assert "MARKER" not in delivered(make_wave, rows).ledger.to_csv()
    unstated = CROSSWALK.replace('disagree = "first"\n', "")
    with pytest.raises(HarmonisationError, match=r"'said': 1 row answers its 2 columns differently") as caught:
        delivered(make_wave, rows, crosswalk=unstated)
    assert "MARKER" not in str(caught.value)
