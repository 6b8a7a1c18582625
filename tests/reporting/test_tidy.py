from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.tidy import write_dictionary, write_tidy
from lpact_eval.reporting.tidy_columns import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published

HEADER = [
    *("measure", "ethnicity", "time", "sex", "age", "geography", "value", "numerator", "denominator"),
    *("sample", "unweighted sample", "lower bound", "upper bound"),
]


@pytest.fixture
def lines(published: Published, tmp_path: Path) -> list[dict[str, str]]:
    write_tidy(published, tmp_path / "results.csv")
    with (tmp_path / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_header_begins_with_the_columns_of_ethnicity_statistics(lines: list[dict[str, str]]) -> None:
    assert list(lines[0])[:13] == HEADER


def test_the_file_tells_spreadsheets_its_encoding(published: Published, tmp_path: Path) -> None:
    write_tidy(published, tmp_path / "results.csv")
    assert (tmp_path / "results.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_every_published_row_is_there_once(lines: list[dict[str, str]], published: Published) -> None:
    assert len(lines) == len(published.rows)


def test_values_are_plain_numbers_as_published_or_shorthand(lines: list[dict[str, str]]) -> None:
    for line in lines:
        for name in ("value", "lower bound", "upper bound"):
            assert line[name] in {"[c]", "[u]", "[x]"} or float(line[name]) == round(float(line[name]), 1)


def test_a_row_says_what_when_among_whom_and_how_sure(lines: list[dict[str, str]]) -> None:
    line = next(
        one
        for one in lines
        if (one["question"], one["statistic"], one["ethnicity"]) == ("trust_force", "change", "Black")
    )
    assert line["measure"] == "Trust in Leicestershire Police: strongly agree or tend to agree (change in share)"
    assert line["time"] == "rerun (11 May 2026 to 14 August 2026) minus 2022 (16 May 2022 to 29 July 2022)"
    assert (line["value"], line["lower bound"], line["upper bound"]) == ("25", "8", "42")
    assert (line["sample first"], line["sample second"], line["test"]) == ("56", "134", "clear")
    assert line["respondents"] == "synthetic"


def test_the_dictionary_explains_every_column(tmp_path: Path) -> None:
    write_dictionary(tmp_path / "data-dictionary.csv")
    with (tmp_path / "data-dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        explained = {line["column"]: line["meaning"] for line in csv.DictReader(file)}
    assert list(explained) == list(COLUMNS)
    assert all(explained.values())
