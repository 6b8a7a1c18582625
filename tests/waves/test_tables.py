"""Exports of survey tools: what a spreadsheet or a csv file may not hold is named by its row or cell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from lpact_eval.errors import HarmonisationError, LpactError
from lpact_eval.waves import tables
from lpact_eval.waves.definition import DeliveredFile
from lpact_eval.waves.tables import read_table

Sheet = Callable[..., Path]


def csv(tmp_path: Path, content: bytes, *, encoding: str = "utf-8", delimiter: str = ",") -> list[list[str]]:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    layout = DeliveredFile("csv", encoding=encoding, delimiter=delimiter)
    return read_table(path, layout, "wave.toml:9").to_numpy().tolist()


def xlsx(path: Path, **layout: str) -> list[list[str]]:
    return read_table(path, DeliveredFile("xlsx", **layout), "wave.toml:9").to_numpy().tolist()


def parts(path: Path, edit: Callable[[str, bytes], bytes | None]) -> Path:
    """Edit the parts of a workbook; None removes one."""
    with zipfile.ZipFile(path) as book:
        files = {name: edit(name, book.read(name)) for name in book.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in files.items():
            if content is not None:
                book.writestr(name, content)
    return path


@pytest.fixture
def make_sheet(tmp_path: Path) -> Sheet:
    """Return a function that writes rows to a sheet, and edits its XML."""

    def make(*rows: list[object], edit: tuple[str, str] = ("", "")) -> Path:
        book = openpyxl.Workbook()
        for row in rows or (["id", "q"], [1, "Yes"], [2, "No"]):
            book.active.append(row)
        path = tmp_path / "x.xlsx"
        book.save(path)

        def edited(name: str, content: bytes) -> bytes:
            if "sheet1" not in name or not edit[0]:
                return content
            assert re.search(edit[0], content.decode())
            return re.sub(edit[0], edit[1], content.decode(), count=1).encode()

        return parts(path, edited)

    return make


ROWS = [["id", "q"], ["1", "Yes"], ["2", "No"]]


def test_rows_of_a_sheet_become_texts(make_sheet: Sheet) -> None:
    assert xlsx(make_sheet()) == ROWS


@pytest.mark.parametrize("size", ["A1", "A1:XFD1048576", "A1:B2"])
def test_a_sheet_that_lies_about_its_size_reads_as_it_is(make_sheet: Sheet, size: str) -> None:
    assert xlsx(make_sheet(edit=(r'<dimension ref="[^"]*" ?/>', f'<dimension ref="{size}"/>'))) == ROWS


def test_empty_cells_and_rows_beyond_the_table_are_no_respondents(make_sheet: Sheet) -> None:
    beyond = '<row r="400000"><c r="XFD400000" s="0"/></row></sheetData>'
    assert xlsx(make_sheet(edit=("</sheetData>", beyond))) == ROWS


def test_empty_rows_between_respondents_are_kept_for_the_ledger(make_sheet: Sheet) -> None:
    assert xlsx(make_sheet(["id", "q"], [], [1, "Yes"])) == [["id", "q"], ["", ""], ["1", "Yes"]]


@pytest.mark.parametrize(
    ("beyond", "why"),
    [
        ('<row r="400000"><c r="A400000"><v>1</v></c></row>', "empty from row 4 to 399999, and row 400000 holds"),
        ('<row r="4"><c r="XFD4"><v>1</v></c></row>', "has 16,384 columns"),
        ('<row r="4"><c r="ZZZZ4"><v>1</v></c></row>', "cannot read x.xlsx"),
    ],
)
def test_a_cell_far_from_the_table_is_refused(make_sheet: Sheet, beyond: str, why: str) -> None:
    with pytest.raises(HarmonisationError, match=re.escape(why)):
        xlsx(make_sheet(edit=("</sheetData>", f"{beyond}</sheetData>")))


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ('<c r="B2"><f>1+1</f><v>2</v></c>', r"holds a formula in cell B2 of sheet 'Sheet'.*paste it as values"),
        ('<c r="B2" t="e"><v>#N/A</v></c>', r"holds an error of the spreadsheet program, such as #N/A, in cell B2"),
        ('<c r="B2" s="1"><v>-9999999</v></c>', r"holds an error of the spreadsheet program.* in cell B2"),
    ],
)
def test_formulas_and_errors_are_refused_by_their_cell(make_sheet: Sheet, cell: str, why: str) -> None:
    path = make_sheet(edit=(r'<c r="B2".*?</c>', cell))

    def dated(name: str, content: bytes) -> bytes:
        return content.replace(b"</cellXfs>", b'<xf numFmtId="14"/></cellXfs>') if "styles" in name else content

    with pytest.raises(HarmonisationError, match=why):
        xlsx(parts(path, dated))


def test_an_error_that_was_typed_as_a_text_is_a_text(make_sheet: Sheet) -> None:
    path = make_sheet(edit=(r'<c r="B2".*?</c>', '<c r="B2" t="inlineStr"><is><t>#N/A</t></is></c>'))
    assert xlsx(path)[1] == ["1", "#N/A"]


def test_truth_values_are_written_as_excel_shows_them(make_sheet: Sheet) -> None:
    assert xlsx(make_sheet(["id", "q"], [1, True], [2, False])) == [["id", "q"], ["1", "TRUE"], ["2", "FALSE"]]


def test_a_locked_workbook_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(HarmonisationError, match="protected by a password, or a workbook of before 2007"):
        xlsx(path)


def test_entities_that_grow_without_limit_are_refused(make_sheet: Sheet) -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    path = make_sheet(edit=("^", f"{entities}]>"))
    path = parts(path, lambda _, content: re.sub(rb"<v>\d</v>", b"<v>&i;</v>", content, count=1))
    with pytest.raises(HarmonisationError, match=r"cannot read x\.xlsx as \.xlsx"):
        xlsx(path)


def test_a_directory_that_lies_about_sizes_is_refused(make_sheet: Sheet) -> None:
    path = make_sheet()
    content = path.read_bytes()
    place = content.rindex(b"PK\x01\x02") + 24
    path.write_bytes(content[:place] + b"\x03\0\0\0" + content[place + 4 :])
    with pytest.raises(HarmonisationError, match=r"cannot read x\.xlsx as \.xlsx"):
        xlsx(path)


@pytest.mark.parametrize(("delimiter", "written"), [(";", ";"), ("\t", "\\t"), ("|", "|")])
def test_another_delimiter_than_declared_is_named(tmp_path: Path, delimiter: str, written: str) -> None:
    content = f"id{delimiter}q{delimiter}age\n1{delimiter}Yes{delimiter}30\n".encode()
    with pytest.raises(HarmonisationError, match=re.escape(f'State delimiter = "{written}"')):
        csv(tmp_path, content)


def test_another_delimiter_is_named_when_answers_hold_the_declared_one(tmp_path: Path) -> None:
    with pytest.raises(HarmonisationError, match=r'rows of different length.*State delimiter = ";"'):
        csv(tmp_path, b'"id";"why"\n1;late, and far\n2;no\n')


def test_a_file_with_one_column_reads_where_no_delimiter_fits_better(tmp_path: Path) -> None:
    assert csv(tmp_path, b"id\n1\n2\n") == [["id"], ["1"], ["2"]]


@pytest.mark.parametrize("mark", ["utf-16", "utf-16-le"])
def test_utf16_is_named(tmp_path: Path, mark: str) -> None:
    text = "id,q\n1,é\n"
    content = text.encode("utf-16") if mark == "utf-16" else b"\xff\xfe" + text.encode("utf-16-le")
    with pytest.raises(HarmonisationError, match=r'is UTF-16 .* not utf-8. State encoding = "utf-16"'):
        csv(tmp_path, content)
    assert csv(tmp_path, content, encoding="utf-16") == [["id", "q"], ["1", "é"]]


def test_bytes_that_utf8_does_not_know_name_their_line(tmp_path: Path) -> None:
    with pytest.raises(HarmonisationError, match=r'line 2 has a byte that utf-8 does not know.*encoding = "cp1252"'):
        csv(tmp_path, "id,q\n1,é\n".encode("cp1252"))
    assert csv(tmp_path, "id,q\n1,é\n".encode("cp1252"), encoding="cp1252") == [["id", "q"], ["1", "é"]]


@pytest.mark.parametrize("encoding", ["base64", "klingon", "undefined", "idna", "rot13"])
def test_what_is_no_encoding_of_texts_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(LpactError, match=r"there is no encoding|is not undefined|is not idna"):
        csv(tmp_path, "id,q\n1,é\n".encode("cp1252"), encoding=encoding)


def test_the_character_nul_is_refused_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(HarmonisationError, match="holds the character NUL, first in line 3"):
        csv(tmp_path, b"id,q\n1,a\n2,\0\n")


def test_a_quotation_mark_that_swallows_the_file_is_found(tmp_path: Path) -> None:
    swallowed = "\n".join(f"{row},Yes" for row in range(5000))
    with pytest.raises(HarmonisationError, match=r"row 3 of x\.csv holds a text of over 32,767 characters in column 2"):
        csv(tmp_path, f'id,q\n1,Yes\n2,"Yes\n{swallowed}"\n'.encode())


def test_a_table_of_impossible_width_or_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HarmonisationError, match="has 10,001 columns and 3 rows; that is no survey export"):
        csv(tmp_path, b"," * 10_000 + b"\n1\n")
    monkeypatch.setattr(tables, "_LARGEST_FILE", 10)
    with pytest.raises(HarmonisationError, match=r"that is no survey export\. Export the columns needed only"):
        csv(tmp_path, b"id,q\n1,2\n3,4\n")


def test_short_rows_are_empty_at_their_end_and_long_ones_refused(tmp_path: Path) -> None:
    # Excel leaves out the last delimiters of rows that end in empty cells
    assert csv(tmp_path, b"id,q,why\n1,Yes\n") == [["id", "q", "why"], ["1", "Yes", ""]]
    with pytest.raises(HarmonisationError, match="rows of different length"):
        csv(tmp_path, b"id,q\n1,Yes,more\n")


def test_a_quotation_mark_that_stays_open_in_the_header_is_refused_and_nothing_of_it_is_shown(tmp_path: Path) -> None:
    content = b'id,"q1,q2,q3,q4\n1,a,b,c,MARKER",x\n2,a\n'
    with pytest.raises(HarmonisationError, match=r"column 2 of x\.csv runs over a line of answers") as refused:
        csv(tmp_path, content)
    assert "MARKER" not in str(refused.value)


def test_a_question_may_hold_commas_and_line_breaks(tmp_path: Path) -> None:
    question = "Thinking of officers, wardens, courts, prisons, and others,\nhow confident are you?"
    assert csv(tmp_path, f'id,"{question}"\n1,Yes\n'.encode())[0] == ["id", question]
