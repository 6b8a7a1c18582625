"""The folder of charts: complete, the same in every run, and with nothing in it that a chart hides."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.reporting import chart_files, raster
from lpact_eval.reporting.chart_files import write_charts
from lpact_eval.reporting.chart_names import INDEX_COLUMNS, KINDS, LONGEST, file_name
from lpact_eval.reporting.flat import flat_table
from lpact_eval.reporting.page import write_page
from lpact_eval.reporting.release_charts import release_charts
from lpact_eval.reporting.tables import Cell, Column, Table

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def with_events(attended: Published, record_example: ModuleType) -> Published:
    """Surveys with attendance, and records of events with their list."""
    shared = {"low": 0.2, "high": 0.4}
    rows = [record_example.share("share of forms", 12, 40, "forms", by="theme", group="Stop and search", **shared)]
    return replace(attended, records=record_example.records(*rows, events=record_example.events(), synthetic=True))


@pytest.fixture(scope="module")
def folder(with_events: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("release")
    names = write_charts(with_events, made)
    assert sorted(names) == sorted(path.relative_to(made).as_posix() for path in made.rglob("*.*"))
    return made / "charts"


def test_every_chart_of_the_page_is_in_the_folder(with_events: Published, folder: Path, tmp_path: Path) -> None:
    write_page(with_events, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    figures = {re.sub(r"(-apart)?-\d+$", "", name) for name in json.loads(found[1])}
    assert {line["chart"] for line in lines_of(folder / "index.csv")} == figures
    assert any("event" in name for name in figures)


def test_the_list_names_four_files_of_every_chart(folder: Path) -> None:
    listed = lines_of(folder / "index.csv")
    assert list(listed[0]) == list(INDEX_COLUMNS)
    files = {line[kind] for line in listed for kind in KINDS}
    assert files == {path.name for path in folder.iterdir()} - {"index.csv"}
    for line in listed:
        assert (folder / line["txt"]).read_text(encoding="utf-8").strip() == line["text alternative"]
        assert line["text alternative"].startswith("Chart. ")
        assert "table below" not in line["text alternative"]
        root = ET.parse(folder / line["svg"]).getroot()  # noqa: S314 - our own drawing
        assert line["finding"] == next(iter(root)).text
        assert (folder / line["png"]).read_bytes().startswith(b"\x89PNG")


def test_the_numbers_of_a_chart_are_those_of_its_table(
    with_events: Published, folder: Path, sentences: Sentences
) -> None:
    one = next(one for one in release_charts(with_events, sentences) if one.chart.name.startswith("trend-conf"))
    lines = lines_of(folder / f"{one.chart.name}.csv")
    assert len(lines) == len(one.table.rows)
    black = next(line for line in lines if (line["Ethnic group"], line["Survey"]) == ("Black", "2022"))
    published = with_events.rows
    level = published[
        (published["variable"] == "conf_overall")
        & (published["measure"] == "level")
        & (published["wave"] == "2022")
        & (published["group"] == "Black")
    ].iloc[0]
    assert float(black["Share (per cent)"]) == round(100 * level["estimate"])
    assert float(black["95% modelled interval, low (per cent)"]) == round(100 * level["conf_low"])
    assert black["Unweighted base"] == str(level["n"])


def test_what_is_suppressed_has_its_mark_and_no_number(folder: Path) -> None:
    for path in folder.glob("trend-*.csv"):
        hidden = [line for line in lines_of(path) if line["Share (per cent)"] == "[c]"]
        assert hidden
        for line in hidden:
            numbers = [line[name] for name in line if name not in {"Ethnic group", "Survey", "Note"}]
            assert set(numbers) == {"[c]"}


def test_two_runs_write_the_same_names_and_bytes(with_events: Published, folder: Path, tmp_path: Path) -> None:
    write_charts(with_events, tmp_path)
    again = {path.name: path.read_bytes() for path in (tmp_path / "charts").iterdir()}
    assert again == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_only_charts_of_people_that_are_made_up_say_so(with_events: Published, sentences: Sentences) -> None:
    real = replace(with_events, waves=tuple(replace(wave, synthetic=False) for wave in with_events.waves), records=None)
    for one in release_charts(with_events, sentences):
        assert sum("ynthetic" in note for note in one.chart.notes) == 1, one.chart.name
    assert not [one for one in release_charts(real, sentences) if any("ynthetic" in note for note in one.chart.notes)]


def test_long_names_are_cut_and_stay_apart(with_events: Published, sentences: Sentences) -> None:
    chart = release_charts(with_events, sentences)[0].chart
    long = [replace(chart, name=f"trend-{'a_long_answer_' * 12}{end}") for end in ("one", "two")]
    assert [file_name(one) for one in long] == [file_name(one) for one in long]
    assert len({file_name(one) for one in long}) == 2
    assert all(len(file_name(one)) == LONGEST for one in long)
    assert file_name(chart) == chart.name


def test_a_release_without_attendance_and_records_has_the_charts_of_its_questions(
    published: Published, tmp_path: Path
) -> None:
    rows = published.rows[published.rows["measure"] == "level"]
    bare = replace(published, rows=rows.reset_index(drop=True), distributions=pd.DataFrame())
    write_charts(bare, tmp_path)
    assert {line["kind"] for line in lines_of(tmp_path / "charts" / "index.csv")} == {"trend", "weights"}


def test_without_matplotlib_nothing_is_written(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(WrongUseError, match="matplotlib"):
        write_charts(published, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_chart_that_says_too_much_is_refused(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sentences: Sentences
) -> None:
    first = release_charts(published, sentences)[0]
    spoilt = replace(first, chart=replace(first.chart, notes=("Events caused this.",)))
    monkeypatch.setattr(chart_files, "release_charts", lambda *_: (spoilt,))
    with pytest.raises(LpactError, match="caused"):
        write_charts(published, tmp_path)


def test_a_table_is_laid_flat_with_an_interval_in_two() -> None:
    columns = (Column("Group"), Column("Share", "number", "per cent"), Column("95% interval [note 2]", "interval", "%"))
    rows = (
        (Cell("Black"), Cell("1,234.5%", 1234.5, decimals=1), Cell("30% to 44%", 30.0, 44.0)),
        (Cell("White"), Cell("[c]"), Cell("[c]")),
        (Cell("Asian"), Cell("", None), Cell("over 3%", 3.0, None)),
    )
    headings, lines = flat_table(Table("t", "T", columns, rows))
    assert headings == [
        "Group",
        "Share (per cent)",
        "95% interval, low (%) [note 2]",
        "95% interval, high (%) [note 2]",
    ]
    assert lines == [["Black", "1234.5", "30", "44"], ["White", "[c]", "[c]", "[c]"], ["Asian", "", "3", "[x]"]]
