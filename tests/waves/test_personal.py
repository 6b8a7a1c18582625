"""Values that look personal: found by kind, counted, never shown, and never kept in a text that is analysed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.waves.contacts import looks_personal
from lpact_eval.waves.reading import read_wave

if TYPE_CHECKING:
    from lpact_eval.sample import Sample

WaveMaker = Callable[..., Path]
COMMUNITY = {
    "harmonised": '\n[variables.community]\nkind = "text"\n',
    "crosswalk": '\n[community]\ncolumn = "who"\n',
}


def reasons(sample: Sample) -> list[str]:
    return sample.ledger["reason"].tolist()


# Telephone numbers are of the ranges that the regulator keeps for drama; the rest are documentation examples.
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("zebedee@example.org", "e-mail"),
        ("write to z.quixote+lpact@mail.example.co.uk please", "e-mail"),
        ("07700 900123", "telephone"),
        ("07700900123", "telephone"),
        ("+44 7700 900 123", "telephone"),
        ("0044 7700 900123", "telephone"),
        ("+44 (0)116 496 0123", "telephone"),
        ("(0116) 496 0123", "telephone"),
        ("0116 496 0123", "telephone"),
        ("01632-960-123", "telephone"),
        ("7700900123", "telephone"),
        ("447700900123", "telephone"),
        ("call me on 07700 900123 after six", "telephone"),
        ("LE1 1AA", "postcode"),
        ("le2 0qb", "postcode"),
        ("LE11AA", "postcode"),
        ("SW1A 1AA", "postcode"),
        ("I live at LE3 5TH, near the park", "postcode"),
        ("QQ 12 34 56 C".replace("QQ", "AB"), "National Insurance"),
        ("ab123456c", "National Insurance"),
        ("AB-12-34-56-C", "National Insurance"),
        ("192.0.2.44", "IP"),
        ("2001:db8::1", "IP"),
        ("2001:0db8:0000:0000:0000:0000:0000:0001", "IP"),
        ("born 03/05/1980", "birth"),
        ("DOB 3.5.80", "birth"),
        ("My birthday is 3rd May 1980", "birth"),
    ],
)
def test_personal_values_are_known_by_their_form(text: str, kind: str) -> None:
    assert looks_personal(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "SYN-22-0001",
        "R0001",
        "118345678901",
        "RESP20240901",
        "W1",
        "A1",
        "W1 British",
        "B9",
        "NS",
        "LE2",
        "E06000016",
        "Site 3",
        "Highfields centre",
        "Q1",
        "1",
        "12,345",
        "1234567",
        "2022",
        "2022-05-16",
        "16/05/2022 10:30",
        "02-05-2022 10:00:59",
        "2022-05-16T10:00:00Z",
        "01.05.2022 09:59",
        "10:00:59",
        "0.123456789",
        "0.1234567890123",
        "1.2.3",
        "3+",
        "16 to 24",
        "65 or over",
        "£1,000.00",
        "take the M1 2nd exit",
        "the police @ Leicester",
        "White / Asian",
        "Don't know",
        "we met on 4 July 2022",
        "2 or 3 times in 12 months",
        "",
    ],
)
def test_codes_counts_sites_and_dates_of_the_survey_are_not_taken_for_personal_values(text: str) -> None:
    assert looks_personal(text, latest=2012) == ""


@given(st.one_of(st.integers(-9999, 99_999).map(str), st.floats(0, 1).map(str), st.from_regex(r"SYN-\d\d-\d{4}")))
def test_no_code_weight_or_id_of_ours_looks_personal(text: str) -> None:
    assert looks_personal(" ".join(text.split()), latest=2012) == ""


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert isinstance(looks_personal(" ".join(text.split()), birth=True, latest=2012), str)


@pytest.mark.parametrize("text", ["a" * 200_000 + "@", "T " * 100_000, "1 " * 100_000, "(0" * 100_000, "1." * 100_000])
def test_a_hostile_text_takes_no_time(text: str) -> None:
    began = time.perf_counter()
    looks_personal(" ".join(text.split()), birth=True, latest=2012)
    assert time.perf_counter() - began < 2


def test_cells_are_counted_by_column_and_kind_and_never_shown(make_wave: WaveMaker) -> None:
    cells: dict[str, list[object]] = {
        "Anything else": ["zebedee@example.org", "none", "quixote@example.org and 07700 900123", None],
        "where": ["LE1 1AA", "LE2", "Leicester", "B1"],
        "notes": ["none", "none", "none", "none"],
    }
    sample = read_wave("first", surveys=make_wave(cells=cells))
    assert "column 'Anything else': 2 cells look like e-mail addresses" in reasons(sample)
    assert "column 'where': 1 cell looks like a full postcode" in reasons(sample)
    assert not any("'notes'" in reason and "like" in reason for reason in reasons(sample))
    rows = dict(zip(sample.ledger["reason"], sample.ledger["rows"], strict=True))
    assert rows["column 'where': 1 cell looks like a full postcode"] == 0
    assert "zebedee" not in sample.ledger.to_string()


def test_a_text_that_is_analysed_loses_the_cells_that_hold_a_contact(make_wave: WaveMaker) -> None:
    who = ["Somali", "Congolese, zebedee@example.org", "Somali", "07700 900123"]
    sample = read_wave("first", surveys=make_wave(add=COMMUNITY, cells={"who": who}))
    assert sample.answers["community"].tolist()[::2] == ["Somali", "Somali"]
    assert sample.answers["community"].isna().tolist() == [False, True, False, True]
    assert sample.missing["community"].tolist()[1] == "blank"
    assert "texts that look personal, counted as blank: community (2 delivered rows)" in reasons(sample)
    assert int(sample.ledger["rows"].iloc[0]) == 4 == len(sample)


def test_a_date_of_birth_is_known_by_its_header_or_by_its_year(make_wave: WaveMaker) -> None:
    cells: dict[str, list[object]] = {
        "When were you born?": ["2021-05-03", "1.2.1980", "yes", None],
        "other": ["2022-05-03", "1980-02-01", "17/06/1950", "2011-01-01"],
    }
    sample = read_wave("first", surveys=make_wave(cells=cells))
    assert "column 'When were you born?': 2 cells look like dates of birth" in reasons(sample)
    assert "column 'other': 3 cells look like dates of birth" in reasons(sample)


def test_the_declared_id_time_and_place_are_what_they_are_declared_to_be(make_wave: WaveMaker) -> None:
    cells: dict[str, list[object]] = {
        "id": ["7700900123", "AB123456C", "LE1 1AA", "7700900126"],
        "site": ["Hall, LE1 1AA", "Hall, LE1 1AA", "Church, LE2 0QB", "Church, LE2 0QB"],
        "when": ["2022-05-03"] * 4,
    }
    surveys = make_wave(
        cells=cells, delivered='encoding = "utf-8"\ntime = "when"', add={"wave": '\n[design]\npsu = "site"\n'}
    )
    assert not any(" like " in reason for reason in reasons(read_wave("first", surveys=surveys)))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "sav", "dta", "parquet"])
def test_every_format_is_looked_at(make_wave: WaveMaker, kind: str) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    cells: dict[str, list[object]] = {
        "free": ["zebedee@example.org", "", "", ""],
        "call": [7700900123.0, 7700900124.0, 1.0, 2.0],
    }
    sample = read_wave("first", surveys=make_wave(kind, cells=cells))
    assert "column 'free': 1 cell looks like an e-mail address" in reasons(sample)
    assert "column 'call': 2 cells look like telephone numbers" in reasons(sample)


def test_dates_of_a_statistics_file_are_looked_at(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav")
    path = surveys / "first" / "delivered.sav"
    frame = pd.DataFrame(pyreadstat.read_sav(path, user_missing=True)[0])
    frame["entered"] = pd.to_datetime(["1980-05-03", "2022-05-03", "1990-01-01", None])
    pyreadstat.write_sav(frame, path, missing_ranges={"q1": [{"lo": -9, "hi": -8}], "age": [999]})
    assert "column 'entered': 2 cells look like dates of birth" in reasons(read_wave("first", surveys=surveys))


def test_many_rows_and_columns_are_looked_at_in_little_time(make_wave: WaveMaker) -> None:
    rng = np.random.default_rng(4)
    rows = 20_000
    cells: dict[str, list[object]] = {f"x{place}": rng.integers(1, 6, rows).tolist() for place in range(60)}
    cells |= {"id": list(range(rows)), "q1": [1] * rows, "eth": [1] * rows, "age": [20] * rows}
    surveys = make_wave("sav", cells=cells)
    began = time.perf_counter()
    read_wave("first", surveys=surveys)
    assert time.perf_counter() - began < 10


def test_texts_of_an_spss_file_are_dropped_by_their_question_too(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav", edit={"wave": ('id = "id"', 'id = "id"\npersonal = ["Where do  you live?"]')})
    frame = pd.DataFrame({"id": [1.0, 2.0], "q1": [1.0, 2.0], "eth": [1.0, 1.0], "age": [20.0, 30.0]})
    frame = frame.assign(v5=["zebedee", ""], v6=["Zebedee Street", ""], v7=[1.0, 0.0], v8=[1.0, 2.0])
    titles = ["id", "q1", "eth", "age", "Email address", "Where do you live?", "Telephone", "Where do you live?"]
    pyreadstat.write_sav(frame, surveys / "first" / "delivered.sav", column_labels=titles)
    ledger = set(read_wave("first", surveys=surveys).ledger["reason"])
    # v7 is a tick of the option "Telephone", not a number to call
    assert "columns of personal data dropped while reading: 3 (v5, v6, v8)" in ledger
    assert "delivered columns that the definition doesn't use: 1 (v7)" in ledger
