"""Header rows: names and question texts, and headers that plainly are another tool's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.errors import HarmonisationError, LpactError
from lpact_eval.waves.definition import DeliveredFile, read_definition
from lpact_eval.waves.delivered import Delivered, read_delivered
from lpact_eval.waves.headers import read_header
from lpact_eval.waves.layouts import resolve_layout
from lpact_eval.waves.presets import PRESETS
from lpact_eval.waves.reading import read_wave

WaveMaker = Callable[..., Path]

SET = '\n[variables.reasons]\nkind = "set"\nanswers = ["one", "two", "three"]\n'


def delivered(surveys: Path) -> Delivered:
    return read_delivered(surveys / "first" / "delivered.csv", read_definition("first", surveys))


MONKEY = [
    ["Respondent ID", "Collector ID", "Start Date", "End Date", "Email Address", "q1", "eth", "Which?", "", "age"],
    ["", "", "", "", "", "Response", "Response", "Football", "Other (please specify)", "Open-Ended Response"],
    ["1", "7", "05/02/2022", "05/02/2022", "a@example.org", "1", "1", "Football", "", "20"],
    ["2", "7", "05/03/2022", "05/03/2022", "b@example.org", "2", "3", "", "Chess", "30"],
]


def test_surveymonkeys_second_row_names_options(make_export: WaveMaker) -> None:
    found = delivered(make_export(MONKEY, 'preset = "surveymonkey"\ndates = "month-first"'))
    assert found.names[5:] == ("eth", "Which? | Football", "Which? | Other (please specify)", "age")
    assert (found.layout.id, found.layout.time, len(found)) == ("Respondent ID", "End Date", 2)


def test_surveymonkey_with_one_header_row_is_read_by_stating_it(make_export: WaveMaker) -> None:
    rows = [[cell or f"blank {place}" for place, cell in enumerate(MONKEY[0])], *MONKEY[2:]]
    layout = 'preset = "surveymonkey"\ndates = "month-first"'
    surveys = make_export(rows, f"{layout}\nheader_rows = 1")
    assert len(read_wave("first", surveys=surveys)) == 2
    with pytest.raises(
        HarmonisationError,
        match=r"wave\.toml:\d+: the header of delivered\.csv is not as declared: row 2 "
        r"is filled in below 'Respondent ID'.*state header_rows = 1",
    ):  # fmt: skip - one message
        read_wave("first", surveys=make_export(rows, layout))


def test_option_labels_are_never_read_as_a_respondent(make_export: WaveMaker) -> None:
    for layout in ('preset = "surveymonkey"\nheader_rows = 1', "header_rows = 1", ""):
        surveys = make_export(MONKEY, f'{layout}\ndates = "month-first"')
        with pytest.raises(HarmonisationError, match=r"row 2 holds option labels such as .*state header_rows = 2"):
            read_wave("first", surveys=surveys)


def test_a_respondent_is_never_read_as_option_labels(make_export: WaveMaker) -> None:
    rows = [["id", "q1", "eth", "age"], ["1", "1", "1", "20"], ["2", "2", "3", "30"]]
    surveys = make_export(rows, 'preset = "surveymonkey"', own_id=True)
    with pytest.raises(HarmonisationError, match=r"row 2 holds neither \"Response\" nor .*state header_rows = 1"):
        read_wave("first", surveys=surveys)


def test_a_blank_second_row_is_a_header_of_questions_alone(make_export: WaveMaker) -> None:
    rows = [["id", "q1", "eth", "age"], [""] * 4, ["1", "1", "1", "20"]]
    found = delivered(make_export(rows, 'preset = "surveymonkey"', own_id=True))
    assert (found.names, len(found)) == (("id", "q1", "eth", "age"), 1)


def test_a_column_that_no_row_names_is_called_by_its_place(make_export: WaveMaker) -> None:
    rows = [["id", "q1", "eth", "age", ""], ["", "Response", "Response", "Response", ""], ["1", "1", "1", "20", "x"]]
    assert delivered(make_export(rows, 'preset = "surveymonkey"', own_id=True)).names[-1] == "column 5"


def test_contact_details_below_one_question_are_dropped_and_ticked_options_are_not(make_export: WaveMaker) -> None:
    rows = [
        ["id", "Your details", "", "", "How may we reach you?", "", "q1"],
        ["", "Name", "Email Address", "Company", "Email", "Phone", "Response"],
        ["1", "Somebody", "a@example.org", "Lpact", "Email", "", "1"],
        ["2", "", "", "", "", "Phone", "1"],
    ]
    found = delivered(make_export(rows, 'preset = "surveymonkey"', own_id=True))
    assert found.personal == ("Your details | Name", "Your details | Email Address")
    assert "How may we reach you? | Email" in found.names
    assert "How may we reach you? | Phone" in found.names


QUALTRICS = [
    ["EndDate", "ResponseId", "IPAddress", "QID1", "QID2_1", "QID2_2", "QID3"],
    ["End Date", "Response ID", "IP Address", "Do you agree?", "Why? - Selected Choice - Cost", "Why? - Time", "Email"],
    [f'{{"ImportId":"{number}"}}' for number in range(7)],
    ["2022-05-02 10:00:00", "R_1", "192.0.2.1", "1", "Cost", "", "a@example.org"],
]


def test_qualtrics_columns_go_by_id_or_by_question_text(make_export: WaveMaker) -> None:
    found = delivered(make_export(QUALTRICS, 'preset = "qualtrics"'))
    assert found.column("QID1", where="here").texts == found.column("Do you agree?", where="here").texts == ("1",)
    assert found.personal == ("IPAddress", "QID3")  # one by its name, one by its question
    assert found.layout.id == "ResponseId"


@pytest.mark.parametrize("kept", [1, 2])
def test_qualtrics_with_rows_deleted_is_read_by_stating_what_is_left(make_export: WaveMaker, kept: int) -> None:
    rows = [*QUALTRICS[:kept], *QUALTRICS[3:]]
    with pytest.raises(
        HarmonisationError, match=r"fewer than its 3|row 3 holds no .*state header_rows = 1 or header_rows = 2"
    ):
        delivered(make_export([*rows, rows[-1]] if kept == 2 else rows, 'preset = "qualtrics"'))
    found = delivered(make_export(rows, f'preset = "qualtrics"\nheader_rows = {kept}'))
    assert (found.names[2:4], len(found)) == (("QID1", "QID2_1"), 1)
    assert found.titles[2] == ("QID1" if kept == 1 else "Do you agree?")


@pytest.mark.parametrize("layout", ["", "header_rows = 2", 'preset = "qualtrics"\nheader_rows = 2'])
def test_import_ids_are_never_read_as_a_respondent(make_export: WaveMaker, layout: str) -> None:
    with pytest.raises(HarmonisationError, match=r"row 3 holds Qualtrics' import ids.*header_rows = 3"):
        delivered(make_export(QUALTRICS, layout))


def test_a_respondent_is_never_read_as_question_texts(make_export: WaveMaker) -> None:
    rows = [QUALTRICS[0], QUALTRICS[3], QUALTRICS[3]]
    with pytest.raises(HarmonisationError, match=r"row 2 holds a date below 'EndDate', so it is a respondent; state"):
        delivered(make_export(rows, 'preset = "qualtrics"\nheader_rows = 2'))


@pytest.mark.parametrize(("preset", "count"), [("", 3), ("ms-forms", 3), ("surveymonkey", 3), ("ms-forms", 2)])
def test_no_respondent_is_read_as_header_where_too_many_rows_are_stated(
    make_export: WaveMaker, preset: str, count: int
) -> None:
    rows = [["ID", "q1", "eth", "age"], *([str(number), "1", "1", "20"] for number in range(4))]
    surveys = make_export(rows, f'preset = "{preset}"\nheader_rows = {count}')
    with pytest.raises(HarmonisationError, match=r"row (2|3) (is filled in below 'ID'|holds no .*ImportId)"):
        delivered(surveys)


def test_a_question_that_ms_forms_repeats_has_a_number(make_export: WaveMaker) -> None:
    rows = [["ID", "q1", "q12", "eth", "age"], ["1", "1", "3", "1", "20"]]
    surveys = make_export(rows, 'preset = "ms-forms"')
    assert read_wave("first", surveys=surveys).answers["confidence"].tolist() == ["agree"]


def test_one_of_several_columns_of_one_name_goes_by_its_number(make_export: WaveMaker) -> None:
    rows = [["id", "q1", "q1", "eth", "age"], ["1", "1", "3", "1", "20"]]
    found = delivered(make_export(rows, "", own_id=True))
    assert [found.column(f"q1 ({number})", where="here").texts for number in (1, 2)] == [("1",), ("3",)]
    with pytest.raises(HarmonisationError, match=r"2 columns of delivered\.csv are called 'q1'; write 'q1 \(1\)'"):
        found.column("q1", where="here")
    with pytest.raises(HarmonisationError, match=r"has no column 'q1 \(3\)'"):
        found.column("q1 (3)", where="here")


@pytest.mark.parametrize("rows", [[["", "", ""], ["1", "2", "3"]], [["", ""]]])
def test_a_blank_header_is_refused(make_export: WaveMaker, rows: list[list[str]]) -> None:
    with pytest.raises(HarmonisationError, match=r"the header of delivered\.csv is blank; delete empty rows above it"):
        delivered(make_export(rows, ""))


CELLS = st.text(alphabet='ab ,;"{}|\n', max_size=4) | st.sampled_from(
    ["Response", '{"ImportId": "x"}', "ID", "Respondent ID", "Timestamp", "Email"]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5),
    preset=st.sampled_from(sorted(PRESETS)),
    header_rows=st.sampled_from([None, 1, 2, 3]),
)
def test_any_first_rows_are_a_header_or_refused(rows: list[list[str]], preset: str, header_rows: int | None) -> None:
    width = max(map(len, rows), default=0)
    top = [[*(" ".join(cell.split()) for cell in row), *[""] * (width - len(row))] for row in rows]
    layout = DeliveredFile("csv", preset=preset, header_rows=header_rows)
    refused = ""
    try:
        header = read_header(top, layout, "file.csv", "wave.toml:1", cells=lambda place: [row[place] for row in top])
    except LpactError as error:
        refused = str(error)
    if refused:
        assert refused.startswith("wave.toml:1: ")
        return
    assert len(header.names) == len(header.titles) == len(header.personal) == width
    assert all(header.names)
    assert resolve_layout(layout, header.names, header.titles).id in {"", *header.names}
