"""The slope a year where there are three or more surveys: by hand, over waves that compare, refused with its reason."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.disclosure.published import publish
from lpact_eval.evaluation.plan import read_plan
from lpact_eval.evaluation.promises import Indicator
from lpact_eval.evaluation.question import run_question
from lpact_eval.evaluation.rows import Prepared, Row, level_rows
from lpact_eval.evaluation.slopes import TOO_FEW, UNTIMED, framed, slope_rows
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INDICATOR = Indicator("5.1", 5, "Fair", "fair", answers=("agree",), by="ethnicity", role="primary")
COUNTS = {"2022": (40, 60), "2023": (50, 50), "rerun": (60, 40)}
STARTS = {"2022": "2022-05-01", "2023": "2024-05-01", "rerun": "2026-05-01"}


@pytest.fixture
def ready() -> Callable[..., Prepared]:
    """Make surveys two years apart in which so many of one group agreed and did not."""

    def make(counts: dict[str, tuple[int, int]], *, alike: bool = False, **meaning: object) -> Prepared:
        parts = [
            lp.Sample.from_frame(
                pd.DataFrame(
                    {
                        "fair": ["agree"] * yes + ["disagree"] * no,
                        "ethnicity": pd.Categorical(["Black"] * (yes + no)),
                    }
                )
            )
            for yes, no in counts.values()
        ]
        item = lp.Variable("fair", "Fair", kind="scale", answers=("agree", "disagree"), positive=("agree",))
        book = {"fair": replace(item, **meaning), "ethnicity": lp.Variable("ethnicity", "Group", answers=("Black",))}
        days = {name: dt.date.fromisoformat(STARTS["2022" if alike else name]) for name in counts}
        moments = tuple(lp.Wave(name, name, days[name], days[name]) for name in counts)
        whole = replace(lp.stack(parts, list(counts)), codebook=book, waves=moments)
        alone = [replace(part, codebook=book) for part in parts]
        by_wave = {name: (part, part) for name, part in zip(counts, alone, strict=True)}
        return Prepared(whole, whole, by_wave, ("population", "within group"), tuple(counts))

    return make


def slopes(ready: Prepared) -> list[Row]:
    plan = read_plan(plan_file())
    return slope_rows(ready, plan, INDICATOR, level_rows(ready, INDICATOR))


def test_ten_points_every_two_years_are_five_a_year(ready: Callable[..., Prepared]) -> None:
    """730.5 days are two years of 365.25: 731 and 730 days lie between the dates."""
    whole, black = slopes(ready(COUNTS))
    assert whole["estimate"] == pytest.approx(0.05, rel=1e-3)
    assert (black["group"], black["weights"]) == ("Black", "within group")
    assert (black["n"], black["n_first"], black["n_second"]) == (300, 100, 100)
    assert (black["wave"], black["over"]) == ("rerun - 2022", "2022; 2023; rerun")
    assert float(str(black["conf_low"])) < 0.05 < float(str(black["conf_high"]))
    assert float(str(black["p_value"])) < 0.05


def test_two_waves_have_a_change_and_no_slope(ready: Callable[..., Prepared]) -> None:
    assert slopes(ready({name: COUNTS[name] for name in ("2022", "rerun")})) == []
    assert framed([]).empty


def test_a_wave_that_does_not_compare_leaves_too_few(ready: Callable[..., Prepared]) -> None:
    row = slopes(ready(COUNTS, comparable={"2023": "none"}))[0]
    assert row["refused"] == "fewer than three waves that compare"
    assert np.isnan(float(str(row["estimate"])))


def test_a_wave_that_compares_in_part_is_counted_and_said(ready: Callable[..., Prepared]) -> None:
    row = slopes(ready(COUNTS, comparable={"2023": "partial"}))[0]
    assert row["comparable"] == "partial"
    assert "only partly the same" in str(row["flags"])
    assert np.isfinite(float(str(row["estimate"])))


def test_waves_of_the_same_dates_have_no_slope_a_year(ready: Callable[..., Prepared]) -> None:
    assert {str(row["refused"]) for row in slopes(ready(COUNTS, alike=True))} == {UNTIMED}


def test_a_small_wave_has_no_slope_and_its_size_is_not_told(ready: Callable[..., Prepared]) -> None:
    assert {str(row["refused"]) for row in slopes(ready({**COUNTS, "2023": (4, 3)}))} == {TOO_FEW}


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of one indicator over the demo's surveys and a third: the re-run again, begun earlier."""
    folder = tmp_path_factory.mktemp("three")
    surveys = folder / "surveys"
    shutil.copytree(surveys_folder(), surveys)
    shutil.copytree(surveys / "rerun", surveys / "2023")
    wave = (surveys / "2023" / "wave.toml").read_text(encoding="utf-8").replace('name = "rerun"', 'name = "2023"')
    wave = wave.replace("2024-09-02", "2023-01-09")
    (surveys / "2023" / "wave.toml").write_text(wave, encoding="utf-8")
    text = plan_file().read_text(encoding="utf-8").replace('surveys = ""', 'surveys = "surveys"')
    text = text.replace('waves = ["2022", "rerun"]', 'waves = ["2022", "2023", "rerun"]')
    (folder / "plan.toml").write_text(text[: text.index('[[indicator]]\nid = "5.2"')], encoding="utf-8")
    return folder / "plan.toml"


def test_three_surveys_of_the_demo_have_slopes_in_the_run_and_in_a_question(three: Path) -> None:
    plan = read_plan(three)
    results = lp.run_plan(plan)
    found = results.slopes.set_index("group")
    assert list(found.index) == ["All respondents", "Asian", "Black", "Mixed", "White", "Other"]
    series = lp.trend_series(
        lp.stack(
            [
                lp.rake(lp.read_wave(wave, surveys=plan.surveys), _margins(), within="ethnicity", collapse=20)
                for wave in plan.waves
            ]
        ),
        "conf_overall",
    ).trend.set_index("ethnicity")
    for group in ("Asian", "Black", "White"):
        assert found.loc[group, "estimate"] == pytest.approx(series.loc[group, "slope"], rel=1e-10)
        assert found.loc[group, "p_value"] == pytest.approx(series.loc[group, "p_value"], rel=1e-8)
    levels = results.rows[(results.rows["measure"] == "level") & (results.rows["group"] == "Black")]
    assert found.loc["Black", "n"] == levels["n"].sum()
    alone = run_question(plan, "conf_overall", by="ethnicity").slopes.set_index("group")
    assert alone.loc["Black", "estimate"] == pytest.approx(found.loc["Black", "estimate"], rel=1e-10)
    assert "mode changed" in str(found.loc["Black", "flags"])


@pytest.mark.parametrize("variable", ["conf_overall", "know_officer"])
def test_what_is_published_is_made_of_what_is_published(three: Path, variable: str) -> None:
    """A share of 0 in a small group is hidden in one survey of the demo, and with it the slope over all three."""
    made = run_question(read_plan(three), variable, by="ethnicity", distribution=True)
    published = publish(made)
    place = ["by", "group", "weights"]
    levels = published.rows[published.rows["measure"] == "level"].assign(shown=lambda rows: rows["estimate"].notna())
    all_shown = levels.groupby(place)["shown"].all()
    changes = published.rows[(published.rows["measure"] == "change") & published.rows["main"]].set_index(place)
    for frame, parts in ((published.slopes, all_shown), (published.shifts, all_shown)):
        shown = frame.set_index(place)["estimate"].notna()
        assert not (shown & ~parts.loc[shown.index]).any()
        assert not (shown & changes.loc[shown.index, "estimate"].isna()).any()
        hidden = frame.set_index(place)["mark"] == "[c]"
        assert frame.set_index(place).loc[hidden, ["n", "n_first", "n_second"]].isna().all(axis=None)
    assert published.slopes["estimate"].notna().any()
    assert published.slopes["estimate"].isna().any()


def _margins() -> list[lp.Margin]:
    return lp.read_population("leicestershire-2021-by-ethnicity")
