"""What an SPSS file declares as missing is no id, no sampling unit, no stratum, and no text that somebody wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from lpact_eval.errors import HarmonisationError
from lpact_eval.waves.definition import read_definition
from lpact_eval.waves.delivered import as_number, read_delivered
from lpact_eval.waves.reading import read_wave

WaveMaker = Callable[..., Path]

ANSWERS: Mapping[str, Sequence[object]] = {
    "id": [1.0, 2.0, 3.0, 4.0],
    "q1": [1.0, 2.0, 3.0, 1.0],
    "eth": [1.0, 1.0, 1.0, 1.0],
    "age": [20.0, 20.0, 20.0, 20.0],
}
NOTE = {"harmonised": '\n[variables.note]\nkind = "text"\n', "crosswalk": '\n[note]\ncolumn = "note"\n'}


def deliver(surveys: Path, missing: Mapping[str, Sequence[object]], **cells: Sequence[object]) -> Path:
    """Write the wave's .sav with codes declared as missing."""
    path = surveys / "first" / "delivered.sav"
    pyreadstat.write_sav(pd.DataFrame({**ANSWERS, **cells}), path, missing_ranges=dict(missing))
    return surveys


def test_rows_whose_id_is_declared_missing_are_different_respondents(make_wave: WaveMaker) -> None:
    surveys = deliver(make_wave("sav"), {"id": [-1]}, id=[-1.0, -1.0, -1.0, 4.0])
    assert read_wave("first", surveys=surveys).answers["confidence"].tolist() == [
        "agree",
        "neither",
        "disagree",
        "agree",
    ]


def test_a_survey_tools_word_for_missing_is_no_id(make_wave: WaveMaker) -> None:
    preset = {"wave": ('id = "id"', 'id = "id"\npreset = "smartsurvey"')}
    surveys = make_wave(edit=preset, cells={"id": ["-", "-", "7", "7"]})
    assert len(read_wave("first", surveys=surveys)) == 3


def test_a_declared_missing_site_or_stratum_is_none(make_wave: WaveMaker) -> None:
    design = {"wave": '\n[design]\npsu = "site"\nstratum = "layer"\n'}
    surveys = deliver(
        make_wave("sav", add=design),
        {"site": [99], "layer": [{"lo": 90, "hi": 98}]},
        site=[99.0, 99.0, 1.0, 1.0],
        layer=[5.0, 5.0, 5.0, 91.0],
    )
    sample = read_wave("first", surveys=surveys)
    assert sample.design.psu.tolist() == [0, 1, 2]
    ledger = dict(zip(sample.ledger["reason"], sample.ledger["rows"], strict=True))
    assert ledger["no stratum"] == 1
    assert "rows kept without site, each a sampling unit of its own: 2" in ledger


def test_a_text_that_is_declared_missing_is_refused_until_it_is_mapped(make_wave: WaveMaker) -> None:
    texts = ["hello", "99", "", "98"]
    with pytest.raises(HarmonisationError, match=r"'99' \(declared missing in the file\).*in \[note\.missing\] to"):
        read_wave("first", surveys=deliver(make_wave("sav", add=NOTE), {"note": ["99"]}, note=texts))
    mapped = {**NOTE, "crosswalk": NOTE["crosswalk"] + '[note.missing]\n99 = "prefer not to say"\n'}
    sample = read_wave("first", surveys=deliver(make_wave("sav", add=mapped), {"note": ["99"]}, note=texts))
    assert sample.answers["note"].dropna().tolist() == ["hello", "98"]
    assert sample.missing["note"].dropna().tolist() == ["prefer not to say", "blank"]


def test_very_small_weights_are_numbers(make_wave: WaveMaker) -> None:
    design = {"wave": '\n[design]\nweight = "w"\n'}
    surveys = deliver(make_wave("sav", add=design), {}, w=[0.00001, 0.000025, 0.1, 0.2])
    np.testing.assert_array_equal(read_wave("first", surveys=surveys).design.weight, [0.00001, 0.000025, 0.1, 0.2])


@pytest.mark.parametrize(("text", "number"), [("1e-05", 0.00001), ("2.5e+05", 250_000.0), ("1E+05", 100_000.0)])
def test_numbers_as_r_writes_them_are_read(text: str, number: float) -> None:
    assert as_number(text) == number


@pytest.mark.parametrize("text", ["12e5", "e5", "1e", "1e5x", "LE1", "1e999"])
def test_texts_with_an_e_are_no_numbers(text: str) -> None:
    assert as_number(text) is None


@pytest.mark.parametrize(
    ("values", "texts"),
    [([2.0, -0.0, 17.0, 2.0], ("2", "0", "17")), ([1.0, 2.5, np.nan, 3.0], ("1", "2.5", "3"))],
)
def test_numbers_are_written_without_a_point_where_they_are_whole(
    make_wave: WaveMaker, values: list[float], texts: tuple[str, ...]
) -> None:
    surveys = deliver(make_wave("sav"), {}, id=values)
    delivered = read_delivered(surveys / "first" / "delivered.sav", read_definition("first", surveys))
    assert delivered.column("id", where="here").texts == texts
