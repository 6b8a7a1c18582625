"""National figures: read with their source, refused with file and line."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import DefinitionError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.benchmarks import BENCHMARK_COLUMNS, read_benchmarks

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "series,start,end,value,low,high,reference\n"
LINE = "confidence,2014-04-01,2015-03-31,0.76,,,year to March 2015\n"


@pytest.fixture
def surveys(tmp_path: Path) -> Path:
    shutil.copytree(surveys_folder() / "benchmarks", tmp_path / "benchmarks")
    shutil.copy(surveys_folder() / "harmonised.toml", tmp_path)
    return tmp_path


def test_the_shipped_figures_are_those_of_the_named_source() -> None:
    figures = read_benchmarks()
    assert tuple(figures.columns) == BENCHMARK_COLUMNS
    found = {(row.variable, row.end.year): row.value for row in figures.itertuples()}
    # Office for National Statistics, Crime Survey for England and Wales, years to March 2015 and March 2025
    assert found == {
        ("conf_overall", 2015): 0.76,
        ("conf_overall", 2025): 0.67,
        ("good_job", 2015): 0.62,
        ("good_job", 2025): 0.49,
    }
    assert set(figures["source"]) == {"Office for National Statistics"}


def test_a_line_more_is_a_figure_more_in_order_of_time(surveys: Path) -> None:
    file = surveys / "benchmarks" / "csew.csv"
    file.write_text(HEADER + "confidence,2023-04-01,2024-03-31,0.68,0.67,0.69,x\n" + LINE, encoding="utf-8")
    figures = read_benchmarks(surveys)
    assert figures["value"].tolist() == [0.76, 0.68]
    assert figures["low"].tolist()[1] == 0.67


def test_without_a_folder_there_are_no_figures(tmp_path: Path) -> None:
    assert read_benchmarks(tmp_path).empty


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("confident,2014-04-01,2015-03-31,0.76,,,x", r"csew\.csv:2: there is no series 'confident'"),
        ("confidence,2014,2015-03-31,0.76,,,x", r"csew\.csv:2: start is '2014'; write a day as"),
        ("confidence,2015-04-01,2015-03-31,0.76,,,x", r"csew\.csv:2: end is 2015-03-31, before start"),
        ("confidence,2014-04-01,2015-03-31,76,,,x", r"csew\.csv:2: value is '76'; give a share between 0 and 1"),
        ("confidence,2014-04-01,2015-03-31,,,,x", r"csew\.csv:2: value is empty"),
        ("confidence,2014-04-01,2015-03-31,0.76,0.7,,x", r"csew\.csv:2: low and high are the ends"),
        ("confidence,2014-04-01,2015-03-31,0.76,0.77,0.8,x", r"csew\.csv:2: low and high are the ends"),
    ],
)
def test_a_wrong_line_is_named(surveys: Path, line: str, message: str) -> None:
    (surveys / "benchmarks" / "csew.csv").write_text(f"{HEADER}{line}\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=message):
        read_benchmarks(surveys)


def test_missing_columns_and_files_are_named(surveys: Path) -> None:
    file = surveys / "benchmarks" / "csew.csv"
    file.write_text("series,value\nconfidence,0.7\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"csew\.csv:1: the columns .*'start'.* are missing"):
        read_benchmarks(surveys)
    file.unlink()
    with pytest.raises(DefinitionError, match=r"csew\.toml:\d+: cannot read 'csew\.csv'"):
        read_benchmarks(surveys)


def test_a_question_that_is_not_harmonised_is_named_with_the_nearest(surveys: Path) -> None:
    file = surveys / "benchmarks" / "csew.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("conf_overall", "conf_overal"), encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"csew\.toml:\d+: there is no variable 'conf_overal'.*conf_overall"):
        read_benchmarks(surveys)
