"""Delivered files: every format gives the same codes, and what can't be read is refused by name and line."""

from __future__ import annotations

import datetime as dt
import importlib.util
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from lpact_eval.errors import HarmonisationError, LpactError, WrongUseError
from lpact_eval.waves.definition import read_definition
from lpact_eval.waves.delivered import Delivered, fold, read_delivered
from lpact_eval.waves.reading import read_wave

WaveMaker = Callable[..., Path]

FORMATS = ["sav", "zsav", "dta", "csv", "xlsx"]


def delivered(surveys: Path) -> Delivered:
    definition = read_definition("first", surveys)
    return read_delivered(surveys / "first" / definition.delivered.file, definition)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_answers_in_every_format_harmonise_to_the_same_table(make_wave: WaveMaker, kind: str) -> None:
    sample = read_wave("first", surveys=make_wave(kind))
    assert sample.answers["confidence"].tolist()[:2] == ["agree", "disagree"]
    assert sample.missing["confidence"].tolist()[2:] == ["don't know", "blank"]
    assert sample.answers["ethnicity_detail"].tolist() == ["African", "Caribbean", "British", "British"]
    assert sample.answers["ethnicity"].tolist() == ["Black", "Black", "White", "White"]
    assert sample.answers["age"].fillna(0).tolist() == [16, 44, 0, 80]
    assert sample.missing["age"].tolist()[2] == "prefer not to say"
    assert sample.answers["age_band"].tolist()[:2] == ["16-34", "35+"]
    assert sample.missing["age_band"].tolist()[2] == "prefer not to say"
    assert set(sample.missing["attended"]) == {"not asked"}


def test_a_portable_spss_file_reads_alike(make_wave: WaveMaker) -> None:
    surveys = make_wave("por")
    for file in ("crosswalk.toml", "wave.toml"):
        path = surveys / "first" / file
        text = path.read_text(encoding="utf-8")
        for name in ("q1", "eth", "age", "id"):
            text = text.replace(f'column = "{name}"', f'column = "{name.upper()}"').replace(
                f'id = "{name}"', f'id = "{name.upper()}"'
            )
        path.write_text(text, encoding="utf-8")
    assert read_wave("first", surveys=surveys).answers["confidence"].tolist()[:2] == ["agree", "disagree"]


def test_parquet_reads_alike_or_says_what_to_install(make_wave: WaveMaker) -> None:
    if importlib.util.find_spec("pyarrow") is None:
        surveys = make_wave("csv")
        (surveys / "first" / "delivered.parquet").write_bytes(b"PAR1")
        wave = surveys / "first" / "wave.toml"
        wave.write_text(wave.read_text(encoding="utf-8").replace("csv", "parquet"), encoding="utf-8")
        with pytest.raises(HarmonisationError, match=r"wave\.toml:9: reading \.parquet needs pyarrow"):
            read_wave("first", surveys=surveys)
    else:
        sample = read_wave("first", surveys=make_wave("parquet"))
        assert sample.answers["confidence"].tolist()[:2] == ["agree", "disagree"]


def test_spss_missing_codes_and_ranges_stay_apart(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav", cells={"q1": [-9.0, -8.0, 1.0, None]})
    column = delivered(surveys).column("q1", where="here")
    assert set(column.texts) == {"-9", "-8", "1"}
    assert column.declared_missing == {"-9", "-8"}
    assert read_wave("first", surveys=surveys).missing["confidence"].tolist()[:2] == ["prefer not to say", "don't know"]


def test_a_missing_code_that_the_crosswalk_forgot_is_refused_even_in_a_number(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav", edit={"crosswalk": ('999 = "prefer not to say"', "")})
    with pytest.raises(
        HarmonisationError, match=r"crosswalk\.toml:22: 'age', .*'999' \(declared missing in the file\) in 1 row"
    ):
        read_wave("first", surveys=surveys)


def test_stata_missing_letters_are_codes_of_their_own(make_wave: WaveMaker) -> None:
    surveys = make_wave("dta", edit={"crosswalk": ('-8 = "don\'t know"', '".a" = "don\'t know"\n".b" = "blank"')})
    frame = pd.DataFrame({"id": [1, 2, 3], "q1": [1, "a", "b"], "eth": [1, 1, 1], "age": [20, 21, 22]})
    pyreadstat.write_dta(
        frame,
        surveys / "first" / "delivered.dta",
        missing_user_values={"q1": ["a", "b"]},
        variable_value_labels={"q1": {"a": "Refused"}},
    )
    column = delivered(surveys).column("q1", where="here")
    assert set(column.texts) == {"1", ".a", ".b"}
    assert (column.labels, column.declared_missing) == ({".a": "Refused"}, {".a", ".b"})
    assert read_wave("first", surveys=surveys).missing["confidence"].tolist()[1:] == ["don't know", "blank"]


def test_labels_and_question_texts_are_kept_beside_the_codes(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav")
    frame = pd.DataFrame({"id": [1.0], "q1": [1.0], "eth": [1.0], "age": [20.0]})
    pyreadstat.write_sav(
        frame,
        surveys / "first" / "delivered.sav",
        column_labels=["", "I have confidence", "", ""],
        variable_value_labels={"q1": {1.0: "Agree", 2.0: "Neither"}},
    )
    column = delivered(surveys).column("I have  confidence", where="here")
    assert (column.name, column.labels) == ("q1", {"1": "Agree", "2": "Neither"})


def test_dates_are_delivered_as_iso_text(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav")
    frame = pd.DataFrame({"when": pd.to_datetime(["2022-05-02 10:30", "2022-05-03 00:00"]), "day": [1.5, 2.0]})
    pyreadstat.write_sav(frame, surveys / "first" / "delivered.sav")
    found = delivered(surveys)
    assert found.column("when", where="here").texts == ("2022-05-02T10:30:00", "2022-05-03")
    assert found.column("day", where="here").texts == ("1.5", "2")


def test_headers_are_matched_with_folded_whitespace() -> None:
    assert fold("How\xa0good \n a job? ") == "How good a job?"
    assert (fold(" 8.0 "), fold("-9.00"), fold("1.5"), fold("007")) == ("8", "-9", "1.5", "007")


def test_two_header_rows_join_question_and_option(make_wave: WaveMaker) -> None:
    surveys = make_wave("csv", delivered='encoding = "utf-8"\npreset = "surveymonkey"')
    (surveys / "first" / "delivered.csv").write_text(
        "id,q1,Which?,,Email Address\n,Response,Football,Tennis,\n1,2,x,y,someone@example.org\n", encoding="utf-8"
    )
    found = delivered(surveys)
    assert found.names == ("id", "q1", "Which? | Football", "Which? | Tennis")
    assert found.personal == ("Email Address",)
    assert len(found) == 1


def test_three_header_rows_give_names_and_question_texts(make_wave: WaveMaker) -> None:
    surveys = make_wave("csv", delivered='encoding = "utf-8"\npreset = "qualtrics"')
    (surveys / "first" / "delivered.csv").write_text(
        'id,QID1,IPAddress\nResponse ID,Do you agree?,IP\n"{""ImportId"":""x""}",y,z\n1,2,10.0.0.1\n', encoding="utf-8"
    )
    found = delivered(surveys)
    assert (found.names, found.personal) == (("id", "QID1"), ("IPAddress",))
    assert found.column("Do you agree?", where="here").texts == ("2",)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_personal_column_that_the_file_does_not_have_is_an_error(make_wave: WaveMaker, kind: str) -> None:
    layout = 'personal = ["secrets"]' + ('\nencoding = "utf-8"' if kind == "csv" else "")
    surveys = make_wave(kind, cells={"secret": ["x"] * 4, "spare": [1.0] * 4}, delivered=layout)
    with pytest.raises(
        HarmonisationError, match=r"wave\.toml:\d+: .* has no column 'secrets', which \[delivered\] personal"
    ):
        delivered(surveys)


@pytest.mark.parametrize("kind", FORMATS)
def test_personal_columns_are_dropped_while_reading_and_noted(make_wave: WaveMaker, kind: str) -> None:
    layout = 'personal = ["secret"]' + ('\nencoding = "utf-8"' if kind == "csv" else "")
    surveys = make_wave(
        kind, cells={"email": ["a@b.uk"] * 4, "secret": ["x"] * 4, "spare": [1.0] * 4}, delivered=layout
    )
    found = delivered(surveys)
    assert found.personal == ("email", "secret")
    assert "@" not in repr(found)
    assert not any("@" in str(value) for value in found.frame.to_numpy().ravel())
    ledger = read_wave("first", surveys=surveys).ledger
    assert "columns of personal data dropped while reading: 2 (email, secret)" in set(ledger["reason"])
    assert "delivered columns that the definition doesn't use: 1 (spare)" in set(ledger["reason"])
    with pytest.raises(HarmonisationError, match=r"here: column 'email' of .* holds personal data"):
        found.column("email", where="here")


def test_a_missing_column_names_the_nearest_ones(make_wave: WaveMaker) -> None:
    surveys = make_wave("csv", edit={"crosswalk": ('column = "age"', 'column = "agee"')})
    with pytest.raises(
        HarmonisationError, match=r"crosswalk\.toml:23: delivered\.csv has no column 'agee'.*the nearest are 'age'"
    ):
        read_wave("first", surveys=surveys)


def test_every_missing_column_is_reported_at_once(make_wave: WaveMaker) -> None:
    surveys = make_wave("csv")
    (surveys / "first" / "delivered.csv").write_text("id,unrelated\n1,2\n", encoding="utf-8")
    with pytest.raises(HarmonisationError) as caught:
        read_wave("first", surveys=surveys)
    assert len(str(caught.value).splitlines()) == 3


def test_two_columns_of_one_name_are_refused(make_wave: WaveMaker) -> None:
    surveys = make_wave("csv")
    (surveys / "first" / "delivered.csv").write_text("id,q1,q1,eth,age\n1,1,2,1,20\n", encoding="utf-8")
    with pytest.raises(HarmonisationError, match=r"crosswalk\.toml:3: 2 columns of delivered\.csv are called 'q1'"):
        read_wave("first", surveys=surveys)


def test_a_csv_in_another_encoding_than_declared_is_refused(make_wave: WaveMaker) -> None:
    surveys = make_wave("csv")
    path = surveys / "first" / "delivered.csv"
    path.write_bytes("id,q1,eth,age,say\n1,1,1,20,café\n".encode("cp1252"))
    with pytest.raises(HarmonisationError, match=r"wave\.toml:9: delivered\.csv is not utf-8: line 2 has a byte"):
        read_wave("first", surveys=surveys)
    path.write_bytes("id,q1,eth,age,say\n1,1,1,20,café\n".encode())
    with pytest.raises(HarmonisationError, match=r"declared as cp1252, but it is UTF-8"):
        read_wave("first", surveys=make_wave_again(surveys, "cp1252"))
    with pytest.raises(LpactError, match=r"no encoding 'utf-88'"):
        read_wave("first", surveys=make_wave_again(surveys, "utf-88"))


def make_wave_again(surveys: Path, encoding: str) -> Path:
    wave = surveys / "first" / "wave.toml"
    lines = [
        f'encoding = "{encoding}"' if line.startswith("encoding") else line
        for line in wave.read_text(encoding="utf-8").splitlines()
    ]
    wave.write_text("\n".join(lines), encoding="utf-8")
    return surveys


def test_a_byte_order_mark_is_no_part_of_the_first_name(make_wave: WaveMaker) -> None:
    surveys = make_wave("csv")
    path = surveys / "first" / "delivered.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_wave("first", surveys=surveys)) == 4


def test_an_spss_file_with_a_misdeclared_encoding_is_refused(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav", cells={"say": ["café"] * 4}, delivered='encoding = "ascii"')
    with pytest.raises(
        HarmonisationError, match=r"wave\.toml:13: cannot read delivered\.sav: its texts are in another"
    ):
        read_wave("first", surveys=surveys)


@pytest.mark.parametrize("kind", ["sav", "dta", "xlsx", "por"])
def test_a_damaged_file_is_refused(make_wave: WaveMaker, kind: str) -> None:
    surveys = make_wave(kind)
    (surveys / "first" / f"delivered.{kind}").write_bytes(b"this is no survey")
    with pytest.raises(HarmonisationError, match=rf"cannot read delivered\.{kind}"):
        read_wave("first", surveys=surveys)


@pytest.mark.parametrize("content", ["", "id,q1\n1,2,3\n", 'id,q1\n"1,2\n'])
def test_a_csv_that_is_no_table_is_refused(make_wave: WaveMaker, content: str) -> None:
    surveys = make_wave("csv")
    (surveys / "first" / "delivered.csv").write_text(content, encoding="utf-8")
    with pytest.raises(HarmonisationError, match=r"wave\.toml:9: cannot read delivered\.csv as csv"):
        read_wave("first", surveys=surveys)


def test_a_file_with_fewer_rows_than_headers_is_refused(make_wave: WaveMaker) -> None:
    surveys = make_wave("csv", delivered='encoding = "utf-8"\nheader_rows = 2')
    (surveys / "first" / "delivered.csv").write_text("id,q1\n", encoding="utf-8")
    with pytest.raises(HarmonisationError, match=r"has 1 row, fewer than its 2 header rows"):
        read_wave("first", surveys=surveys)


def test_formula_cells_are_refused_by_their_address(make_wave: WaveMaker) -> None:
    surveys = make_wave("xlsx")
    path = surveys / "first" / "delivered.xlsx"
    book = openpyxl.load_workbook(path)
    book.active["B3"] = "=1+1"
    book.save(path)
    with pytest.raises(HarmonisationError, match=r"holds a formula in cell B3 of sheet 'Sheet'.*paste it as values"):
        read_wave("first", surveys=surveys)


def test_an_unknown_sheet_is_named(make_wave: WaveMaker) -> None:
    surveys = make_wave("xlsx", delivered='sheet = "Data"')
    with pytest.raises(HarmonisationError, match=r"has no sheet 'Data'; it has 'Sheet'"):
        read_wave("first", surveys=surveys)


def test_a_spreadsheet_that_unpacks_to_gigabytes_is_refused(make_wave: WaveMaker) -> None:
    surveys = make_wave("xlsx")
    with (
        zipfile.ZipFile(surveys / "first" / "delivered.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(110):
            part.write(bytes(10_000_000))
    with pytest.raises(HarmonisationError, match=r"would unpack to 1\.1 GB"):
        read_wave("first", surveys=surveys)


def test_another_format_than_declared_is_refused(make_wave: WaveMaker, tmp_path: Path) -> None:
    other = tmp_path / "other.sav"
    other.write_bytes(b"")
    with pytest.raises(WrongUseError, match=r"wave\.toml:10: the format is 'csv', but other\.sav is \.sav"):
        read_wave("first", surveys=make_wave("csv"), answers=other)


def test_cells_of_every_type_become_text(make_wave: WaveMaker) -> None:
    surveys = make_wave("xlsx")
    book = openpyxl.Workbook()
    book.active.append(["when", "code", "said", "yes"])
    book.active.append([dt.datetime(2022, 5, 2, 10, 30), 2.0, " a\nb ", True])  # noqa: DTZ001 - spreadsheets know no zone
    book.active.append([dt.date(2022, 5, 3)])
    book.save(surveys / "first" / "delivered.xlsx")
    found = delivered(surveys)
    assert [found.column(name, where="here").texts for name in found.names] == [
        ("2022-05-02T10:30:00", "2022-05-03"),
        ("2",),
        ("a b",),
        ("TRUE",),
    ]


def test_a_file_that_another_program_has_locked_is_named_with_what_to_do(
    make_wave: WaveMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    surveys, read = make_wave(), Path.read_bytes

    def locked(path: Path) -> bytes:
        if path.suffix == ".csv":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", locked)
    with pytest.raises(HarmonisationError, match=r"cannot open delivered\.csv \(Permission denied\); close it where"):
        read_wave("first", surveys=surveys)
