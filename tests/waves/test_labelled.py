"""SPSS and Stata files: encodings, missing codes, dates, long texts, and files whose parts contradict each other."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from lpact_eval.errors import HarmonisationError
from lpact_eval.waves.definition import read_definition
from lpact_eval.waves.delivered import Delivered, read_delivered
from lpact_eval.waves.labelled import is_garbled
from lpact_eval.waves.reading import read_wave
from lpact_eval.waves.spss_structure import DamagedError, check_spss
from lpact_eval.waves.stata_structure import check_stata

WaveMaker = Callable[..., Path]

ACCENTS = pd.DataFrame({"id": [1.0, 2.0], "said": ["café", "naïve"]})
# The extension record that names the encoding: type 7, subtype 20, elements of 1 byte, so many of them.
NAMED = struct.pack("<4i", 7, 20, 1, 5) + b"UTF-8"
INTEGERS = struct.pack("<4i", 7, 3, 4, 8)


def delivered(surveys: Path) -> Delivered:
    definition = read_definition("first", surveys)
    return read_delivered(surveys / "first" / definition.delivered.file, definition)


def accented(path: Path, *, written: str = "utf-8", stated: bytes = b"UTF-8", code: int = 65001) -> None:
    """Write an .sav file whose texts are in one encoding and which states another."""
    pyreadstat.write_sav(
        ACCENTS, path, column_labels={"said": "Où?"}, variable_value_labels={"id": {1: "Été"}}, row_compress=False
    )
    content = path.read_bytes()
    for letter in "éïùÉ" if written != "utf-8" else "":
        content = content.replace(letter.encode(), letter.encode(written) + b" ")
    assert NAMED in content
    content = content.replace(NAMED, struct.pack("<4i", 7, 20, 1, len(stated)) + stated)
    place = content.index(INTEGERS) + 16 + 28  # the last of eight integers
    path.write_bytes(content[:place] + struct.pack("<i", code) + content[place + 4 :])


@pytest.fixture
def make_accents(make_wave: WaveMaker) -> WaveMaker:
    """Return a function that writes a survey whose .sav holds accents."""

    def make(encoding: str = "", **stated: object) -> Path:
        surveys = make_wave("sav", delivered=f'encoding = "{encoding}"' if encoding else "")
        accented(surveys / "first" / "delivered.sav", **stated)
        return surveys

    return make


def texts_of(surveys: Path) -> tuple[list[str], str, str]:
    """Read the values, the label of the column and the label of a value."""
    read = delivered(surveys)
    column = read.column("said", where="here")
    return list(column.texts), column.title, read.labels["id"]["1"]


def test_accents_read_as_the_file_states_them(make_accents: WaveMaker) -> None:
    assert texts_of(make_accents()) == (["café", "naïve"], "Où?", "Été")


def test_accents_of_windows_read_as_the_file_states_them(make_accents: WaveMaker) -> None:
    # one byte a letter leaves a space where the second byte was
    surveys = make_accents(written="cp1252", stated=b"windows-1252", code=1252)
    assert texts_of(surveys) == (["café", "naï ve"], "Où ?", "É té")


def test_a_file_that_states_utf8_and_is_not_asks_for_the_encoding(make_accents: WaveMaker) -> None:
    with pytest.raises(HarmonisationError, match=r'another encoding \(no encoding is declared\).*encoding = "cp1252"'):
        delivered(make_accents(written="cp1252"))


def test_a_stated_encoding_mends_such_a_file(make_accents: WaveMaker) -> None:
    assert texts_of(make_accents("cp1252", written="cp1252"))[0] == ["café", "naï ve"]


def test_a_file_in_utf8_that_states_another_encoding_is_never_garbled_in_silence(make_accents: WaveMaker) -> None:
    with pytest.raises(
        HarmonisationError,
        match=r'delivered\.sav: 2 labels and 2 texts .* read as windows-1252\. State encoding = "utf-8"',
    ):
        delivered(make_accents(stated=b"windows-1252", code=1252))


def test_stating_utf8_mends_it(make_accents: WaveMaker) -> None:
    surveys = make_accents("utf-8", stated=b"windows-1252", code=1252)
    assert texts_of(surveys) == (["café", "naïve"], "Où?", "Été")


def test_a_wrongly_declared_encoding_is_found_by_what_it_makes_of_accents(make_accents: WaveMaker) -> None:
    with pytest.raises(HarmonisationError, match=r"2 labels and 2 texts are UTF-8 .* read as cp1252"):
        delivered(make_accents("cp1252"))


@pytest.mark.parametrize("encoding", ["klingon", "utf-16"])
def test_an_encoding_that_does_not_exist_or_fit_is_refused(make_accents: WaveMaker, encoding: str) -> None:
    with pytest.raises(HarmonisationError, match=r"wave\.toml:\d+: cannot read delivered\.sav"):
        delivered(make_accents(encoding))


def test_a_stata_file_of_old_release_in_utf8_is_not_garbled_in_silence(make_wave: WaveMaker) -> None:
    surveys = make_wave("dta", delivered="")
    path = surveys / "first" / "delivered.dta"
    pyreadstat.write_dta(ACCENTS.assign(said=["cafe..", "naive."]), path, version=12)
    path.write_bytes(path.read_bytes().replace(b"cafe..", "café!".encode()).replace(b"naive.", "naïve".encode()))
    with pytest.raises(HarmonisationError, match="0 labels and 2 texts are UTF-8"):
        delivered(surveys)
    wave = surveys / "first" / "wave.toml"
    wave.write_text(
        wave.read_text(encoding="utf-8").replace("[delivered]", '[delivered]\nencoding = "utf-8"'), encoding="utf-8"
    )
    assert delivered(surveys).column("said", where="here").texts == ("café!", "naïve")


@pytest.mark.parametrize(
    ("text", "garbled"), [("é", False), ("Ã©", True), ("â€œ", True), ("Où", False), ("plain", False), ("naïve", False)]
)
def test_garbled_texts_are_told_from_accents(text: str, garbled: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert is_garbled(text) is garbled


def test_texts_declared_as_missing_stay_as_they_are(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav")
    frame = pd.DataFrame({"id": [1.0, 2.0, 3.0], "why": ["late", "none", ""]})
    pyreadstat.write_sav(frame, surveys / "first" / "delivered.sav", missing_ranges={"why": ["none"]})
    column = delivered(surveys).column("why", where="here")
    assert column.texts == ("late", "none")
    assert column.declared_missing == {"none"}


def test_a_code_and_a_range_of_missing_codes_are_kept_apart(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav")
    frame = pd.DataFrame({"q": [1.0, 97.0, 98.0, -1.0, 96.0]})
    missing: Mapping[str, object] = {"q": [{"lo": 97, "hi": 99}, -1]}
    pyreadstat.write_sav(frame, surveys / "first" / "delivered.sav", missing_ranges=missing)
    column = delivered(surveys).column("q", where="here")
    assert column.texts == ("1", "97", "98", "-1", "96")
    assert column.declared_missing == {"97", "98", "-1"}


@pytest.mark.parametrize("kind", ["sav", "zsav"])
def test_very_long_texts_are_read_whole(make_wave: WaveMaker, kind: str) -> None:
    surveys = make_wave(kind)
    long = "word " * 2000 + "é"
    frame = pd.DataFrame({"id": [1.0, 2.0], "said": [long, "short"], "after": ["x", "y"]})
    pyreadstat.write_sav(frame, surveys / "first" / f"delivered.{kind}", compress=kind == "zsav")
    read = delivered(surveys)
    assert read.column("said", where="here").texts == (long, "short")
    assert read.column("after", where="here").texts == ("x", "y")


@pytest.mark.parametrize("kind", ["sav", "zsav", "dta"])
def test_dates_of_statistics_files_are_iso_and_tell_the_time(make_wave: WaveMaker, kind: str) -> None:
    surveys = make_wave(kind, delivered='time = "day"')
    days = [dt.date(2022, 5, 2), dt.date(2022, 5, 31), dt.date(2022, 6, 1), None]
    frame = pd.DataFrame(
        {"id": [1.0, 2.0, 3.0, 4.0], "day": days, "q1": [1.0] * 4, "eth": [1.0] * 4, "age": [20.0] * 4}
    )
    path = surveys / "first" / f"delivered.{kind}"
    if kind == "dta":
        pyreadstat.write_dta(frame, path)
    else:
        pyreadstat.write_sav(frame, path, compress=kind == "zsav")
    assert delivered(surveys).column("day", where="here").texts == ("2022-05-02", "2022-05-31", "2022-06-01")
    ledger = read_wave("first", surveys=surveys).ledger
    rows = dict(zip(ledger["reason"], ledger["rows"], strict=True))
    assert rows["outside the fieldwork dates"] == 1
    assert rows["kept"] == 3


def sav(tmp_path: Path, **options: object) -> bytearray:
    """Write a small .sav: one number with a label, one text of 12 letters."""
    frame = pd.DataFrame({"q": [1.0, 2.0, 3.0], "said": ["twelve lett.", "b", "c"]})
    path = tmp_path / "x.sav"
    pyreadstat.write_sav(frame, path, variable_value_labels={"q": {1: "Yes", 2: "No"}}, **options)
    return bytearray(path.read_bytes())


def put(content: bytearray, place: int, *numbers: int) -> bytes:
    struct.pack_into(f"<{len(numbers)}i", content, place, *numbers)
    return bytes(content)


# The label record ends with: record type 4, one variable, its number.
LABELLED = struct.pack("<3i", 4, 1, 1)


@pytest.mark.parametrize(
    ("place", "number", "why"),
    [
        (0, 7, "does not start as an SPSS file"),
        (64, 9, "header is not one"),
        (72, 5, "packed in an unknown way"),
        (80, -2, "number of rows is impossible"),
        (80, 2**31 - 1, "more rows than it can hold"),
        (176, 5, "unknown part"),
        (180, 64, "a text variable is cut"),
        (180, 300, "impossible width"),
        (188, 7, "missing values are damaged"),
        (188, -1, "missing values are damaged"),
    ],
)
def test_headers_of_spss_files_that_can_not_be_are_refused(tmp_path: Path, place: int, number: int, why: str) -> None:
    with pytest.raises(DamagedError, match=why):
        check_spss(put(sav(tmp_path), place, number))


def test_labels_that_belong_to_no_variable_or_to_a_text_are_refused(tmp_path: Path) -> None:
    content = sav(tmp_path)
    place = content.index(LABELLED)
    for number, why in [(9, "belong to no variable"), (2, "labels of numbers belong to texts"), (3, "no variable")]:
        with pytest.raises(DamagedError, match=why):
            check_spss(put(sav(tmp_path), place + 8, number))
    with pytest.raises(DamagedError, match="labelled variables is impossible"):
        check_spss(put(sav(tmp_path), place + 4, 1_000_000))


def test_a_file_that_ends_early_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    content = bytes(sav(tmp_path))
    data = content.index(struct.pack("<2i", 999, 0)) + 8
    for end in range(data):
        with pytest.raises(DamagedError):
            check_spss(content[:end])


def test_blocks_of_a_packed_file_must_lie_inside_it(tmp_path: Path) -> None:
    content = sav(tmp_path, compress=True)
    check_spss(bytes(content))
    with pytest.raises(DamagedError, match="blocks are damaged"):
        check_spss(put(content, len(content) - 8, 2**31 - 1))


@pytest.mark.parametrize("version", [10, 12, 13, 14, 15])
def test_sound_stata_files_of_every_release_pass_and_cut_ones_do_not(tmp_path: Path, version: int) -> None:
    path = tmp_path / "x.dta"
    frame = pd.DataFrame({"q": [1, 2, 3], "said": ["a", "bb", "ccc"]})
    pyreadstat.write_dta(frame, path, version=version, variable_value_labels={"q": {1: "Yes"}})
    content = path.read_bytes()
    check_stata(content)
    for end in range(0, 100 if version < 13 else len(content), 7):
        with pytest.raises((DamagedError, struct.error)):
            check_stata(content[:end])


def test_a_stata_file_that_lies_about_its_rows_is_refused_before_memory_is_taken(make_wave: WaveMaker) -> None:
    surveys = make_wave("dta")
    path = surveys / "first" / "delivered.dta"
    content = path.read_bytes()
    place = content.index(b"<N>") + 3
    path.write_bytes(content[:place] + struct.pack("<q", 10**12) + content[place + 8 :])
    with pytest.raises(HarmonisationError, match=r"damaged or not a \.dta file \(it states more rows than it holds\)"):
        read_wave("first", surveys=surveys)


def test_two_variables_of_one_name_are_refused(tmp_path: Path) -> None:
    content = bytes(sav(tmp_path)).replace(b"SAID    ", b"Q       ")
    with pytest.raises(DamagedError, match="two variables have one name"):
        check_spss(content)


def test_the_first_stata_13_left_out_where_its_labels_start(tmp_path: Path) -> None:
    path = tmp_path / "x.dta"
    pyreadstat.write_dta(pd.DataFrame({"q": [1, 2, 3]}), path, version=13)
    content = path.read_bytes()
    place = content.index(b"<map>") + 5 + 8 * 7
    content = content[:place] + bytes(8) + content[place + 8 :] + b"\n"
    path.write_bytes(content)
    check_stata(content)
    assert pyreadstat.read_dta(path)[0]["q"].tolist() == [1, 2, 3]
