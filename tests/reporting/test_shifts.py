"""Shifts and slopes as readers see them: sentences, tables, sheets and csv rows that agree and hide the same."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest

from lpact_eval.disclosure.published import Published, publish
from lpact_eval.evaluation.shifts import SHIFT_COLUMNS
from lpact_eval.evaluation.slopes import SLOPE_COLUMNS
from lpact_eval.reporting.console import trend_lines
from lpact_eval.reporting.content import Part, questions
from lpact_eval.reporting.excerpt import excerpt
from lpact_eval.reporting.page import write_page
from lpact_eval.reporting.rows import rows_of, shift_rows, slope_rows
from lpact_eval.reporting.shifts import shift_caption, shifts_of, slopes_of
from lpact_eval.reporting.spoken import shift_words, slope_words
from lpact_eval.reporting.tables import Table, shift_table
from lpact_eval.reporting.tidy import write_tidy
from lpact_eval.reporting.tidy_columns import COLUMNS
from lpact_eval.reporting.workbook import write_workbook

if TYPE_CHECKING:
    from types import ModuleType

    from lpact_eval.reporting.sentences import Sentences

MARKER = 0.2718281828


class Followed:
    """The hand-made results with shares of every answer, shifts, slopes, and a third survey in between."""

    def __init__(self, example: ModuleType, *, times: int = 1, marker: float | None = None) -> None:
        made = example.results(times=times)
        item = made.rows["variable"] == "conf_overall"
        between = made.rows[item & (made.rows["measure"] == "level") & (made.rows["wave"] == "rerun")]
        wave = replace(made.waves[1], name="2024", start=dt.date(2024, 5, 1), end=dt.date(2024, 8, 1))
        rows = pd.concat([made.rows, between.assign(wave="2024")], ignore_index=True)
        self.made = replace(made, rows=rows, waves=(made.waves[0], wave, made.waves[1]))
        changes = made.rows[item & (made.rows["measure"] == "change") & made.rows["main"]]
        self.shifts = _frame(changes, SHIFT_COLUMNS, answer="strongly agree", favourable=True, measure="shift")
        self.shifts = self.shifts.assign(estimate=0.59, conf_low=0.52, conf_high=0.66, p_value=0.01, p_adjusted=0.02)
        self.slopes = _frame(changes, SLOPE_COLUMNS, over="2022; 2024; rerun", measure="slope")
        self.slopes = self.slopes.assign(estimate=0.023, conf_low=0.011, conf_high=0.035, p_value=0.01, p_adjusted=0.02)
        if marker is not None:
            small = self.shifts[["n_first", "n_second"]].min(axis=1) < 30
            for frame in (self.shifts, self.slopes):
                frame.loc[small, ["estimate", "conf_low", "conf_high", "n_effective"]] = marker

    def __getattr__(self, name: str) -> object:
        return getattr(self.made, name)


def _frame(changes: pd.DataFrame, columns: tuple[str, ...], **values: str | bool) -> pd.DataFrame:
    """Take what a row shares with its change."""
    made = changes.assign(role="exploratory", family="exploratory", **values)
    return made[list(columns)].reset_index(drop=True)


@pytest.fixture(scope="module")
def followed(example: ModuleType) -> Published:
    return publish(Followed(example))  # pyright: ignore[reportArgumentType] - what it lacks is taken from the example


@pytest.fixture(scope="module")
def parts(followed: Published, sentences: Sentences) -> dict[str, Part]:
    first, _ = questions(followed, rows_of(followed), sentences)
    return {part.heading: part for part in first[0].parts}


def lines(table: Table) -> dict[str, list[str]]:
    return {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}


def test_the_small_table_has_chance_interval_test_and_both_bases(parts: dict[str, Part]) -> None:
    """Black respondents: 56 and 134; Other: 6 are hidden, base and all, and with them Mixed."""
    table = parts["Every answer"].tables[-1]
    assert table.caption == (
        "Confidence in the police in this area: chance that a person of the re-run answers more favourably "
        "than one of 2022, by ethnic group"
    )
    found = lines(table)
    assert found["Black"][:6] == ["59%", "52% to 66%", "clear", "0.020", "56", "134"]
    assert set(found["Mixed"][:-1]) == set(found["Other ethnic group"][:-1]) == {"[c]"}


def test_withheld_chances_keep_their_bases(example: ModuleType) -> None:
    """Three times the example's six and fourteen respondents."""
    published = publish(Followed(example, times=3))  # pyright: ignore[reportArgumentType] - as above
    table = shift_table(shifts_of(published), name="Shifts", caption="")
    assert lines(table)["Other ethnic group"][:6] == ["[u]", "[u]", "[u]", "[u]", "18", "42"]


def test_one_sentence_is_about_the_group_that_the_plan_puts_first(parts: dict[str, Part]) -> None:
    (said,) = parts["Every answer"].sentences
    assert said.startswith("Among Black respondents, pick one person from 2022 and one from the re-run: the chance")
    assert said.endswith("That is clearly more than even.")


def test_the_slope_stands_beside_the_change(parts: dict[str, Part]) -> None:
    part = parts["Change between the surveys"]
    (said,) = part.sentences
    assert said.startswith(
        "From 2022 to the re-run the share rose among Black respondents, by about +2.3 points a year"
    )
    assert said.endswith("(95% modelled interval +1.1 to +3.5).")
    found = lines(part.tables[-1])
    assert found["Black"][:5] == ["+2.3", "+1.1 to +3.5", "clear", "0.020", "2022, 2024, re-run"]
    assert set(found["Other ethnic group"][:4]) == {"[c]"}


def test_without_favourable_answers_no_text_says_favourable(example: ModuleType, sentences: Sentences) -> None:
    made = Followed(example)
    made.shifts = made.shifts.assign(answer="a lot", favourable=False)
    shifts = shifts_of(publish(made), "conf_overall")  # pyright: ignore[reportArgumentType] - as above
    texts = [shift_caption(shifts), *(shift_words(shift, sentences) for shift in shifts)]
    assert not [text for text in texts if "favourabl" in text]
    assert 'answers nearer to "a lot"' in texts[0]


@pytest.mark.parametrize(
    ("flag", "ending"), [("mode changed: all online", "told apart."), ("composition-sensitive: by half", "disagree.")]
)
def test_what_makes_a_change_doubtful_is_said_of_its_shift(
    example: ModuleType, sentences: Sentences, flag: str, ending: str
) -> None:
    made = Followed(example)
    made.shifts = made.shifts.assign(flags=flag)
    published = publish(made)  # pyright: ignore[reportArgumentType] - as above
    (black,) = [shift for shift in shift_rows(published) if shift.row.group == "Black"]
    assert shift_words(black, sentences).endswith(ending)


def test_a_slope_over_a_question_asked_otherwise_says_so_unless_briefly(
    example: ModuleType, sentences: Sentences
) -> None:
    made = Followed(example)
    made.slopes = made.slopes.assign(comparable="partial")
    published = publish(made)  # pyright: ignore[reportArgumentType] - as above
    slope = slope_rows(published)[0]
    assert "not the same in all of these surveys" in slope_words(slope, sentences)
    assert "not the same" not in slope_words(slope, sentences, brief=True)


def test_refused_rows_give_their_reason_and_slopes_without_any_have_no_table(
    example: ModuleType, sentences: Sentences
) -> None:
    made = Followed(example)
    why = "the question was only partly the same in both waves"
    made.shifts = made.shifts.assign(refused=why, estimate=float("nan"), comparable="partial")
    made.slopes = made.slopes.assign(refused="fewer than three waves that compare", estimate=float("nan"), over="")
    made.slopes = made.slopes[made.slopes["group"] == "Black"]
    published = publish(made)  # pyright: ignore[reportArgumentType] - as above
    first, _ = questions(published, rows_of(published), sentences)
    found = {part.heading: part for part in first[0].parts}
    assert "only partly the same in both surveys" in found["Every answer"].sentences[0]
    assert lines(found["Every answer"].tables[-1])["Black"][-1].count("partly the same") == 1
    assert len(found["Change between the surveys"].tables) == 1
    assert found["Change between the surveys"].sentences[0].endswith("Fewer than three surveys that compare.")


def test_page_workbook_and_csv_hold_the_same_numbers(followed: Published, tmp_path: Path) -> None:
    write_page(followed, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "A &#34;chance&#34; sets all answers" in page
    assert "does not say that the share went up or down evenly" in page
    write_workbook(followed, tmp_path / "tables.xlsx")
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames[6:8] == ["4 Shifts", "5 Slopes"]
    notes = {str(row[0].value): str(row[1].value) for row in book["Notes"].iter_rows()}
    write_tidy(followed, tmp_path / "results.csv")
    with (tmp_path / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [line for line in csv.DictReader(file) if line["ethnicity"] == "Black"]
    told = {line["statistic"]: line for line in rows if line["question"] == "conf_overall"}
    for sheet, first, statistic, note, value in (
        ("4 Shifts", "Chance (per cent) [note 9]", "shift", "note 9", "59"),
        ("5 Slopes", "Slope (percentage points a year) [note 10]", "slope", "note 10", "2.3"),
    ):
        cells = [[cell.value for cell in row] for row in book[sheet].iter_rows()]
        held = dict(zip(cells[4], next(row for row in cells[5:] if row[2] == "Black"), strict=True))
        assert held[first] == float(value)
        assert note in notes
        assert told[statistic]["value"] == value
        assert told[statistic]["test"] == "clear"
        assert held["Test [note 4]"] == "clear"
    assert told["shift"]["unit"] == "per cent"
    assert told["slope"]["unit"] == "percentage points a year"
    assert told["slope"]["time"].count("(") == 3


def test_the_dictionary_names_every_statistic_and_unit_of_the_csv(followed: Published, tmp_path: Path) -> None:
    write_tidy(followed, tmp_path / "results.csv")
    with (tmp_path / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for name in ("statistic", "unit"):
        for value in {row[name] for row in rows}:
            assert re.search(rf"\b{value}\b", f"{COLUMNS[name].meaning} {COLUMNS[name].allowed}"), value


def test_nothing_that_is_hidden_is_in_any_output(example: ModuleType, tmp_path: Path) -> None:
    published = publish(Followed(example, marker=MARKER))  # pyright: ignore[reportArgumentType] - as above
    hidden = published.shifts["estimate"].isna()
    assert hidden.any()
    assert (published.slopes.loc[hidden.to_numpy(), "estimate"].isna()).all()
    for frame in (published.shifts, published.slopes):
        assert not frame.isin([MARKER]).any(axis=None)
        suppressed = frame[frame["mark"] == "[c]"]
        assert len(suppressed)
        assert suppressed[["n", "n_first", "n_second"]].isna().all(axis=None)
    write_page(published, tmp_path / "report.html")
    write_tidy(published, tmp_path / "results.csv")
    for name in ("report.html", "results.csv"):
        assert not re.search(r"\b0?\.27182|\b27\.2\b", (tmp_path / name).read_text(encoding="utf-8-sig"))


def test_a_terminal_has_a_sentence_a_group_and_one_reason_for_the_others(followed: Published) -> None:
    text = " ".join(" ".join(trend_lines(excerpt(followed, variable="conf_overall", by="ethnicity"))).split())
    assert "the share rose among Black respondents, by about +2.3 points a year" in text
    assert "No slope for Mixed, Other ethnic group: Suppressed to protect confidentiality." in text


def test_an_excerpt_keeps_its_own_question_and_groups(followed: Published) -> None:
    alone = excerpt(followed, variable="conf_overall")
    assert set(alone.shifts["group"]) == {"All respondents"}
    assert set(alone.slopes["group"]) == {"All respondents"}
    assert excerpt(followed, variable="trust_force").shifts.empty


def test_questions_that_several_indicators_count_have_one_shift_a_group(example: ModuleType) -> None:
    made = Followed(example)
    made.shifts = pd.concat([made.shifts, made.shifts], ignore_index=True)
    made.slopes = pd.concat([made.slopes, made.slopes], ignore_index=True)
    published = publish(made)  # pyright: ignore[reportArgumentType] - as above
    assert len(shifts_of(published)) == len(slopes_of(published)) == len(made.shifts) // 2


def test_without_shifts_there_is_no_table(published: Published) -> None:
    assert shifts_of(published) == []
    assert slopes_of(published) == []
    assert shift_table([], name="Shifts", caption="").rows == ()


def test_a_chart_longer_than_a_sheet_of_paper_is_printed_smaller(example: ModuleType, tmp_path: Path) -> None:
    """Eighteen rows of 60 pixels: six groups in three surveys."""
    spec = importlib.util.spec_from_file_location("reporting_many_waves", Path(__file__).with_name("many_waves.py"))
    assert spec is not None
    assert spec.loader is not None
    many = sys.modules.setdefault("reporting_many_waves", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(many)
    made = many.with_answers(Followed(example))
    write_page(publish(made), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    fits = re.findall(r"min-height:(\d+)px(?:;--fit:([\d.]+))?", page)
    assert any(fit for _, fit in fits)
    for height, fit in fits:
        assert int(height) * float(fit or 1) < 700
