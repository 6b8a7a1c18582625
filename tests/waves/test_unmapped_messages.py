"""What a person who works in Excel is told to type where texts are not mapped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lpact_eval.errors import HarmonisationError
from lpact_eval.waves.reading import read_wave

WaveMaker = Callable[..., Path]

TEN = {"id": list(range(10)), "q1": [1] * 10, "eth": [1] * 10, "age": [30] * 10}
LOOKUP = "lpact-eval crosswalk lookup first ethnicity_detail"
EXPORT = "lpact-eval crosswalk export first first.xlsx"


def told(surveys: Path) -> str:
    with pytest.raises(HarmonisationError) as caught:
        read_wave("first", surveys=surveys)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_texts_of_a_category_that_are_not_shown_lead_to_the_look_up_command(make_wave: WaveMaker, kind: str) -> None:
    message = told(make_wave(kind, cells={"eth": ["MARKER one", "MARKER two", "1", "2"]}))
    assert f'add lookup = "ethnicity_detail_lookup.csv" to [ethnicity_detail], then: {LOOKUP}' in message
    assert "MARKER" not in message
    assert EXPORT not in message  # it would not list them


def test_codes_that_the_spreadsheet_lists_lead_to_its_export(make_wave: WaveMaker) -> None:
    message = told(make_wave(cells={"q1": ["7", "1", "1", "1"], "eth": ["8", "1", "1", "1"]}))
    assert message.count(EXPORT) == 1
    assert LOOKUP not in message


def test_numbers_in_words_are_found_in_the_delivered_file(make_wave: WaveMaker) -> None:
    message = told(make_wave(cells={"age": ["MARKER", 30, 30, 30]}))
    assert "filter the column 'age' of the delivered file" in message
    assert EXPORT not in message


def test_the_folder_is_named_only_where_a_command_would_take_another(
    make_wave: WaveMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    surveys = make_wave(cells={**TEN, "eth": ["Quite so"] * 10})
    assert f"{EXPORT} --surveys " in told(surveys)
    monkeypatch.chdir(surveys.parent)
    assert told(surveys).endswith(EXPORT)
