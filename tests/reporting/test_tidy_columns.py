"""The data dictionaries say of every column what may stand in it, and the files keep to that."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.reporting.tidy import write_tidy_files
from lpact_eval.reporting.tidy_columns import COLUMNS, DICTIONARY, RECORD_COLUMNS, Described
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published

PAIRS = (("results.csv", "data-dictionary.csv", COLUMNS), ("records.csv", "records-dictionary.csv", RECORD_COLUMNS))


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tidy")
    write_tidy_files(lp.publish(lp.run_plan(lp.read_plan(plan_file()))), made)
    return made


@pytest.mark.parametrize(("file", "dictionary", "columns"), PAIRS, ids=["results", "records"])
def test_every_column_written_is_described_and_every_one_described_is_written(
    folder: Path, file: str, dictionary: str, columns: dict[str, Described]
) -> None:
    described = lines_of(folder / dictionary)
    assert tuple(described[0]) == DICTIONARY
    assert [line["column"] for line in described] == list(lines_of(folder / file)[0]) == list(columns)
    assert all(text for line in described for text in line.values())


@pytest.mark.parametrize(("file", "dictionary", "columns"), PAIRS, ids=["results", "records"])
def test_the_demo_s_files_hold_only_what_their_dictionary_allows(
    folder: Path, file: str, dictionary: str, columns: dict[str, Described]
) -> None:
    assert (folder / dictionary).is_file()
    for line in lines_of(folder / file):
        for name, text in line.items():
            assert columns[name].takes(text), (name, text)


def test_attendees_and_others_keep_to_it_as_well(attended: Published, tmp_path: Path) -> None:
    write_tidy_files(attended, tmp_path)
    for line in lines_of(tmp_path / "results.csv"):
        for name, text in line.items():
            assert COLUMNS[name].takes(text), (name, text)


@pytest.mark.parametrize(
    ("column", "text", "taken"),
    [
        (Described("A", "number", shorthand=True), "[c]", True),
        (Described("A", "number", shorthand=True), "[z]", False),
        (Described("A", "number"), "[c]", False),
        (Described("A", "number"), "-4.5", True),
        (Described("A", "number"), "nan", False),
        (Described("A", "number"), "1,000", False),
        (Described("A", "count"), "12", True),
        (Described("A", "count"), "12.5", False),
        (Described("A", "words", words=("yes", "no")), "yes", True),
        (Described("A", "words", words=("yes", "no")), "ye", False),
        (Described("A"), "", False),
        (Described("A", blank="always"), "", True),
    ],
)
def test_a_description_tells_what_may_stand_in_a_column(column: Described, text: str, taken: bool) -> None:  # noqa: FBT001 - a table of cases
    assert column.takes(text) is taken


def test_allowed_values_are_said_in_words() -> None:
    assert COLUMNS["value"].allowed == "a number; or [c], [u], [x]"
    assert COLUMNS["role"].allowed == "primary; exploratory"
    assert RECORD_COLUMNS["measure"].allowed == "any text"
