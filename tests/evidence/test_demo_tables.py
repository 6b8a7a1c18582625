"""Every table of evidence on the demo records, against expectations that were worked out without the package."""

import csv
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lpact_eval.evidence.reading import read_events
from lpact_eval.evidence.records import EVIDENCE_COLUMNS, Evidence

EXPECTED = Path(__file__).with_name("expected")
RTOL = 1e-8  # R stops a Poisson regression and raking at about this
KEYS = ("measure", "unit", "by", "group", "by2", "group2")
NUMBERS = ("value", "numerator", "n")
Groupings = Sequence[str | tuple[str, ...]]


def of(work: Callable[..., pd.DataFrame], groupings: Groupings) -> pd.DataFrame:
    """Stack a table in several groupings."""
    return pd.concat([work(by) for by in groupings], ignore_index=True)


# How each table is made; of those without a grouping there is one only.
TABLES: Mapping[str, Callable[[Evidence], pd.DataFrame]] = {
    "relationships": lambda one: of(one.summary, [(), "community", "area", "year", "age_focus", ("community", "year")]),
    "retention": lambda one: one.retention(),
    "reach": lambda one: one.reach("leicestershire-2021"),
    "coverage": lambda one: one.coverage(),
    "attendance": lambda one: one.attendance(),
    "communications": lambda one: one.communications(),
    "themes": lambda one: of(one.themes, [(), "workstream", "community", ("community", "workstream")]),
    "cooccurrence": lambda one: one.cooccurrence(),
    "saturation": lambda one: one.saturation(),
    "raised": lambda one: one.raised(),
    "voices": lambda one: one.voices(),
    "coding": lambda one: one.coding(),
    "actions": lambda one: of(one.actions, [(), "workstream", "community"]),
    "observations": lambda one: of(one.observations, [(), "community", "scheme", "year"]),
    "understanding_change": lambda one: one.understanding_change(),
    "costs": lambda one: of(one.costs, [(), "community", "area", "year"]),
    "cost_sensitivity": lambda one: one.cost_sensitivity(),
}
# Measures that the tally leaves to R or to other tests.
ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "relationships": ("events a year later for each event now", "attendees more at an event a year later"),
    "attendance": ("events with more people in groups than attendees",),
    "cooccurrence": ("adjusted p value of being raised together",),
    "coding": ("Krippendorff's alpha", "Cohen's kappa", "Gwet's AC1"),
    "observations": ("days from",),
    "understanding_change": ("understanding before", "understanding after", "change in understanding"),
}
# Groupings of which only some measures are tallied.
IN_PART = (("community", "year"), ("channel", "about"))


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return read_events()


@pytest.fixture(scope="module")
def made(evidence: Evidence) -> Callable[[str], pd.DataFrame]:
    return cache(lambda table: TABLES[table](evidence))


def expected(table: str) -> list[dict[str, str]]:
    """Rows of one file of expectations; R's begin with its version."""
    with (EXPECTED / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    return list(csv.DictReader(lines))


def titles(evidence: Evidence) -> Mapping[str, str]:
    return {key: theme.title for key, theme in evidence.schema.themes.items()}


def only(frame: pd.DataFrame, **wanted: str) -> pd.Series:
    """The one row with these words."""
    found = frame[np.logical_and.reduce([frame[name] == word for name, word in wanted.items()])]
    assert len(found) == 1, f"{len(found)} rows have {wanted}"
    return found.iloc[0]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_of_a_table_is_as_expected(table: str, made: Callable[[str], pd.DataFrame]) -> None:
    found = {tuple(row[name] for name in KEYS): row for row in made(table).to_dict("records")}
    assert len(found) == len(made(table))
    for row in expected(table):
        key = tuple(row[name] for name in KEYS)
        got = found[key]
        assert bool(got["refused"]) == bool(row["refused"]), key
        for name in NUMBERS if not row["refused"] else ():
            if row[name]:
                np.testing.assert_allclose(got[name], float(row[name]), rtol=RTOL, atol=1e-12, err_msg=str(key))
        assert not row["refused"] or np.isnan(got["value"]), key


@pytest.mark.parametrize("table", TABLES)
def test_no_row_of_a_table_is_without_an_expectation(table: str, made: Callable[[str], pd.DataFrame]) -> None:
    keys = {tuple(row[name] for name in KEYS) for row in expected(table)}
    rows = made(table)
    assert tuple(rows.columns) == EVIDENCE_COLUMNS
    left = [
        row
        for row in rows.to_dict("records")
        if tuple(row[name] for name in KEYS) not in keys
        and (row["by"], row["by2"]) not in IN_PART
        and not str(row["measure"]).startswith(ELSEWHERE.get(table, ("\0",)))
    ]
    assert left == []


@pytest.mark.parametrize("row", expected("shares"), ids=lambda row: row["theme"])
def test_intervals_of_themes_equal_r(
    row: dict[str, str], made: Callable[[str], pd.DataFrame], evidence: Evidence
) -> None:
    wanted = {"measure": "forms that raise the theme", "by": "theme", "by2": "workstream"}
    got = only(made("themes"), **wanted, group=titles(evidence)[row["theme"]])
    if row["theme"] == "culture":
        assert got["refused"].startswith("coders agree too little")
        return
    for name in ("value", "low", "high", "n"):
        np.testing.assert_allclose(got[name], float(row[name]), rtol=RTOL)


@pytest.mark.parametrize("row", expected("agreement"), ids=lambda row: f"{row['theme']}-{row['measure']}")
def test_agreement_of_coders_equals_r(
    row: dict[str, str], made: Callable[[str], pd.DataFrame], evidence: Evidence
) -> None:
    got = only(made("coding"), measure=row["measure"], by="theme", group=titles(evidence)[row["theme"]])
    np.testing.assert_allclose(got["value"], float(row["value"]), rtol=RTOL)
    assert got["n"] == float(row["n"])


@pytest.mark.parametrize("row", expected("waiting"), ids=lambda row: row["measure"])
def test_waiting_times_equal_r(row: dict[str, str], evidence: Evidence) -> None:
    rows = pd.concat([evidence.waiting(), evidence.observations(())])
    median, still = (only(rows, measure=row["measure"] + more) for more in ("", ": still open"))
    assert (median["n"], still["value"]) == (float(row["n"]), float(row["open"]))
    assert bool(median["refused"]) == (not row["median"])
    if row["median"]:
        for name, wanted in (("value", row["median"]), ("low", row["low"]), ("high", row["high"])):
            np.testing.assert_allclose(median[name], float(wanted or "nan"), rtol=RTOL)
    else:
        assert f"at least {float(row['low']):.0f} days" in median["flags"]


@pytest.mark.parametrize("row", expected("change"), ids=lambda row: row["measure"])
def test_change_of_understanding_equals_r(row: dict[str, str], made: Callable[[str], pd.DataFrame]) -> None:
    got = only(made("understanding_change"), measure=row["measure"])
    assert got["n"] == float(row["n"])
    for name in ("value", "low", "high"):
        np.testing.assert_allclose(got[name], float(row[name]), rtol=RTOL)


@pytest.mark.parametrize("row", expected("trend"), ids=lambda row: row["measure"])
def test_trends_equal_r(row: dict[str, str], made: Callable[[str], pd.DataFrame]) -> None:
    got = only(made("relationships"), measure=row["measure"], by="")
    for name in ("value", "low", "high"):
        if row[name]:
            np.testing.assert_allclose(got[name], float(row[name]), rtol=RTOL)


def test_the_honest_list_is_as_expected(evidence: Evidence) -> None:
    got = evidence.cannot_act()
    for row, found in zip(expected("cannot_act"), got.to_dict("records"), strict=True):
        told = "" if pd.isna(found["told"]) else str(found["told"].date())
        days = {"raised": str(found["raised"].date()), "told": told, "days": str(int(found["days"]))}
        assert row == {name: str(found[name]) for name in row} | days
    assert not got["withheld"].any()


def test_what_communities_are_told_is_as_expected(evidence: Evidence) -> None:
    got = evidence.you_said()
    for row, found in zip(expected("you_said"), got.to_dict("records"), strict=True):
        days = "" if np.isnan(found["days_waiting"]) else str(int(found["days_waiting"]))
        assert row == {name: str(found[name]) for name in row} | {"days_waiting": days}


def test_the_files_of_expectations_are_what_the_tally_counts(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(EXPECTED / "tally.py"), str(tmp_path)], check=True)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == sorted(f"{table}.csv" for table in (*TABLES, "cannot_act", "you_said"))
    for name in written:
        assert (tmp_path / name).read_text(encoding="utf-8") == (EXPECTED / name).read_text(encoding="utf-8")


def test_numbers_that_can_be_read_off_the_records(evidence: Evidence, made: Callable[[str], pd.DataFrame]) -> None:
    """Read off register.csv, actions.csv and observations.csv by eye, row by row."""
    for table, words, value in (
        ("relationships", {"measure": "attendees", "by": ""}, 805),  # 62+71+58+49+66+44+75+38+52+60+41+64+68+57
        ("relationships", {"measure": "forms returned", "by": ""}, 168 / 747),  # without 2022-11: 113 of 58
        ("relationships", {"measure": "police-heavy events", "by": ""}, 2 / 14),  # 10 to 38, 14 to 41; not 11 to 44
        ("relationships", {"measure": "hours of an event: highest", "by": ""}, 5),  # 2023-06, from 17:20 to 22:20
        ("costs", {"measure": "cash of an event: highest", "by": ""}, 1000),  # 320+430+60+110+80
        ("costs", {"measure": "cash on venue", "by": ""}, 14 * 85),
        ("actions", {"measure": "actions done", "by": "", "unit": "count"}, 9),  # A01 02 04 05 09 11 13 15 22
        ("actions", {"measure": "actions told", "by": "", "unit": "count"}, 16),  # not A08, A10 and A22 of 19 answered
        ("observations", {"measure": "offered", "by": "community", "group": "Caribbean"}, 8),  # O01-04, O17-19, O32
        ("observations", {"measure": "attended", "by": "", "unit": "count"}, 15),
        ("retention", {"measure": "people on record", "by": ""}, 367),  # 450 rows less 83 who came before
    ):
        np.testing.assert_allclose(only(made(table), **words)["value"], value, rtol=RTOL)
    assert str(evidence.as_of) == "2024-09-30"
