"""A whole run on records with a mark in every cell: none of a person or of free text is in any byte that comes out.

The records are those of the demo, delivered as csv files and as the workbook of the templates, filled in.
"""

from __future__ import annotations

import base64
import binascii
import csv
import gzip
import io
import os
import re
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

import lpact_eval as lp
from lpact_eval.evidence.record_schema import read_record_schema
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from openpyxl.workbook import Workbook

    Rows = list[dict[str, str]]

_WORD_OF_A_LIST: Final = "a word of a list that the lead writes; small counts under it are hidden"
_NUMBER: Final = "published in totals and means only; counts of a few people are hidden (test_records_attacked)"
_CODED: Final = "themes of a list; published as shares of people and events, never who coded what"
_DAY_OF_THE_FORCE: Final = "a day on which the force acted or spoke; nobody's own"
SHOWN: Final[Mapping[tuple[str, str], str]] = {
    ("register", "event"): "the lead's code for an event, by which the timeline names it",
    ("register", "date"): "the day of a public event",
    **dict.fromkeys((("register", one) for one in ("area", "community", "age_focus", "format")), _WORD_OF_A_LIST),
    ("register", "chief_officer"): "events with a chief officer are counted",
    **dict.fromkeys((("register", one) for one in ("officers", "attendees", "forms", "opted_in")), _NUMBER),
    **dict.fromkeys(
        (("register", f"{plan}_{end}") for plan in ("planned", "actual") for end in ("start", "end")),
        "hours of an event, as the timeline gives them",
    ),
    **dict.fromkeys(
        (("register", one) for one in ("respect", "protect", "involve", "represent")),
        "which questions an event reached; nobody's answer",
    ),
    **dict.fromkeys(
        (("register", f"cost_{one}") for one in ("venue", "food", "travel", "materials", "other")), _NUMBER
    ),
    **dict.fromkeys((("register", one) for one in ("organiser_hours", "setup_people", "setup_hours")), _NUMBER),
    ("attendance", "event"): "no row is published; the register's code",
    ("attendance", "by"): "a fixed word",
    ("attendance", "group"): _WORD_OF_A_LIST,
    ("attendance", "people"): _NUMBER,
    ("people", "event"): "no row is published; the register's code",
    **dict.fromkeys((("people", one) for one in ("ethnicity", "age_band", "area", "community")), _WORD_OF_A_LIST),
    ("feedback", "event"): "the register's code; beside a quote only where 30 people were there",
    ("feedback", "kind"): "a fixed word",
    ("feedback", "question"): "a fixed word",
    ("feedback", "community"): _WORD_OF_A_LIST,
    **dict.fromkeys((("feedback", one) for one in ("coder_1", "coder_2", "coder_3", "agreed")), _CODED),
    ("feedback", "quote_consent"): "decides whether a text may be quoted",
    ("verdicts", "meeting"): _DAY_OF_THE_FORCE,
    ("verdicts", "theme"): _WORD_OF_A_LIST,
    ("verdicts", "verdict"): "a fixed word",
    ("verdicts", "event"): "the register's code",
    ("verdicts", "reworded"): "the focus group's own wording, written to be told to the community",
    ("verdicts", "people"): "never read by an analysis",
    **dict.fromkeys((("actions", one) for one in ("theme", "department", "told_to")), _WORD_OF_A_LIST),
    ("actions", "status"): "a fixed word",
    ("actions", "reason"): "why it can't be done, in words that can be told to the community",
    **dict.fromkeys((("actions", one) for one in ("raised", "answered", "done", "told")), _DAY_OF_THE_FORCE),
    ("actions", "event"): "the register's code",
    ("observations", "community"): _WORD_OF_A_LIST,
    ("observations", "scheme"): _WORD_OF_A_LIST,
    ("observations", "vetting"): "a fixed word; how many passed is hidden where they are few",
    ("observations", "before"): _NUMBER,
    ("observations", "after"): _NUMBER,
    ("communications", "date"): _DAY_OF_THE_FORCE,
    ("communications", "channel"): _WORD_OF_A_LIST,
    ("communications", "about"): "a fixed word",
    ("communications", "event"): "the register's code",
    ("communications", "community"): _WORD_OF_A_LIST,
    ("communications", "reached"): "people a message went to, as the force counted its own messages",
}

CHOSEN: Final = "qzitem0002"  # the one text that the plan quotes
EVENT: Final = "qzevent0001"
_EVENT_OF_THE_DEMO: Final = "2022-07"
MARKS: Final[Mapping[tuple[str, str], str]] = {  # with the number of the row, each is in a cell once
    ("register", "venue"): "qzvenue{:04d}",
    ("people", "person"): "qzperson{:04d}",
    ("feedback", "item"): "qzitem{:04d}",
    ("feedback", "person"): "qzform{:04d}",
    ("feedback", "text"): "qztext{:04d}",
    ("verdicts", "reworded"): "qzwording{:04d}",
    ("actions", "action"): "qzaction{:04d}",
    ("actions", "reason"): "qzreason{:04d}",
    ("observations", "person"): "qzwatcher{:04d}",
}
_BEHIND: Final = ("text", "reworded", "reason")  # the mark stands behind what the cell says
YEARS: Final = {"offered": "2004", "applied": "2005", "vetted": "2006", "attended": "2007"}  # when nothing else was
BESIDE: Final = {  # what lies beside the columns of a record
    "a column of names": "qzsomebody",
    "a file that is no record": "qzstrangefile",
    "a sheet that is no record": "qzstrangesheet",
    "who wrote the workbook": "qzauthor",
    "a comment on a cell": "qzcomment",
    "a hidden sheet": "qzhiddensheet",
    "a defined name": "qzdefinedname",
}
NAMED: Final = {"a file that is no record", "a sheet that is no record", "a hidden sheet"}  # on the lead's screen only
ANSWER: Final = "qzanswer of the lead"


TOLD: Final = ("qzwording", "qzreason", "qzevent", ANSWER, CHOSEN.replace("item", "text"))  # readers may see these
_PACKED = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")
_TAG = re.compile(rb"<[^>]*>|&shy;|&#173;|\xc2\xad")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_DEEPEST: Final = 6  # files in files in files


@dataclass(frozen=True)
class Made:
    """What came out of all commands: files by their place, and what was printed."""

    plan: Path
    files: Mapping[str, bytes]
    printed: str

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """Everything that may be read, in small letters."""
        yield "printed", self.printed.casefold().encode()
        for name, content in self.files.items():
            yield name, name.casefold().encode()
            yield from ((name, part.lower()) for part in readable(content))


def readable(content: bytes, depth: int = 0) -> Iterator[bytes]:
    """Bytes as they are, without tags, and what is packed in them: files, base64, gzip, texts of pictures."""
    yield content
    if depth > _DEEPEST:
        return
    inner = list(_inside(content))
    if not inner and b"<" in content[:1000]:
        yield _TAG.sub(b"", content)
    if not content.startswith((b"PK", _PNG, b"\x1f\x8b")):
        inner += [_decoded(found) for found in _PACKED.findall(content)]
    for part in inner:
        if part:
            yield from readable(part, depth + 1)


def _decoded(found: bytes) -> bytes:
    """Decode base64."""
    try:
        return base64.b64decode(found[: len(found) // 4 * 4])
    except binascii.Error:
        return b""


def _inside(content: bytes) -> Iterator[bytes]:
    """Take out what a file holds in another form than its own bytes."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for one in packed.infolist():
                yield one.filename.encode() + one.comment
                yield packed.read(one)
    elif content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif content.startswith(_PNG):
        place = len(_PNG)
        while place < len(content):
            length, kind = int.from_bytes(content[place : place + 4]), content[place + 4 : place + 8]
            data = content[place + 8 : place + 8 + length]
            if kind in {b"zTXt", b"iTXt"} and b"x\x9c" in data:
                yield zlib.decompress(data[data.index(b"x\x9c") :])
            place += 12 + length


@pytest.fixture(scope="module", params=["csv", "workbook"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Everything that comes out of marked records: all outputs of csv files, some of a workbook."""
    folder = tmp_path_factory.mktemp(str(request.param))
    plan = marked_plan(folder, workbook=request.param == "workbook")
    out, records = folder / "all" / "out", folder / "records"
    only = ["--only", "html,xlsx,csv"] if request.param == "workbook" else []
    commands = (
        ["records", "check", records],
        ["records", "check", records, "--json"],
        ["check", plan],
        ["check", plan, "--json"],
        ["run", plan, "--out", out, *only],
        ["run", plan, "--out", out, "--json", *only],
    )
    printed = [_printed(command) for command in commands]
    files = {str(path.relative_to(folder)): path.read_bytes() for path in (folder / "all").rglob("*") if path.is_file()}
    return Made(plan, files, "\n".join(printed))


def _printed(command: Sequence[object]) -> str:
    """Run a command of its own process; what it printed, whatever became of it."""
    words = [sys.executable, "-m", "lpact_eval", *map(str, command)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "10000"})
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


def hidden_marks() -> dict[str, str]:
    """Marks that nobody may see, and what each is a mark of."""
    columns = {template: f"{one}.{two}" for (one, two), template in MARKS.items() if (one, two) not in SHOWN}
    return {mark.partition("{")[0]: what for mark, what in columns.items()} | {
        mark: what for what, mark in BESIDE.items()
    }


def test_every_column_is_marked_or_its_being_shown_has_a_reason() -> None:
    schema = read_record_schema()
    columns = {(name, column.name) for name, record in schema.records.items() for column in record.columns}
    days = {("observations", name) for name in YEARS}
    assert columns == MARKS.keys() | SHOWN.keys() | days
    assert not days & SHOWN.keys()
    assert all(SHOWN.values())
    free = {(name, one.name) for name, record in schema.records.items() for one in record.columns if one.kind == "text"}
    assert free & SHOWN.keys() == {("verdicts", "reworded"), ("actions", "reason")}


def test_no_mark_of_a_person_or_of_free_text_is_in_anything_that_comes_out(made: Made) -> None:
    marks = {mark.encode(): what for mark, what in hidden_marks().items()}
    allowed = {mark.encode() for mark in (CHOSEN, TOLD[-1])}
    assert len(made.files) > 15
    for name, part in made.parts():
        found = {what for mark, what in marks.items() for _ in _beyond(part, mark, allowed)}
        assert found - (NAMED if name == "printed" else set()) == set(), name


def _beyond(part: bytes, mark: bytes, allowed: set[bytes]) -> Iterator[bytes]:
    """Find a mark with the number of its row, except where it may be."""
    yield from (one for one in re.findall(mark + rb"\d{0,4}", part) if one not in allowed)


def test_no_day_of_an_observer_is_in_anything_that_comes_out(made: Made) -> None:
    years = "|".join(YEARS.values()).encode()
    day = re.compile(
        rb"\b(?:(?:" + years + rb")-\d\d-\d\d|\d\d?/\d\d?/(?:" + years + rb")|\d [a-z]{3,9} (?:" + years + rb"))\b"
    )
    assert day.search(b"<td>3 march 2005</td>")
    for name, part in made.parts():
        assert not day.search(part), name


def test_marks_that_readers_may_see_are_seen(made: Made) -> None:
    everything = b"\n".join(part for _, part in made.parts())
    assert [mark for mark in TOLD if mark.encode() not in everything] == []
    report = b"\n".join(part for name, part in made.parts() if name.endswith("report.html"))
    assert TOLD[-1].encode() in report


def marked_plan(folder: Path, *, workbook: bool) -> Path:
    """Write a plan with marked records and a marked contribution analysis beside it."""
    records = folder / "records"
    records.mkdir(parents=True)
    tables = {name: marked_rows(name) for name in read_record_schema().records}
    if workbook:
        _fill_in(records, tables)
    else:
        for name, rows in tables.items():
            (records / f"{name}.csv").write_text(as_csv(rows), encoding="utf-8-sig", newline="")
    stranger = BESIDE["a file that is no record"]
    (records / f"{stranger}.csv").write_text(f"Who\n{stranger}\n", encoding="utf-8")
    told = plan_file().with_name("contribution.toml").read_text(encoding="utf-8")
    (folder / "contribution.toml").write_text(_answered(told), encoding="utf-8")
    text = plan_file().read_text(encoding="utf-8")
    text = text.replace('folder = ""', f'folder = "records"\nas_of = 2024-09-30\nquotes = ["{CHOSEN}"]', 1)
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    return folder / "plan.toml"


def _answered(told: str) -> str:
    """Answer the first question of a contribution analysis."""
    first, question, rest = told.partition("question = ")
    line, end, rest = rest.partition("\n")
    rest = rest.partition("\n")[2] if rest.startswith("answer") else rest
    return f'{first}{question}{line}{end}answer = "{ANSWER}"\n{rest}'


def marked_rows(name: str) -> Rows:
    """Read a record of the demo and put marks into its cells."""
    file = surveys_folder() / "events" / "demo" / f"{name}.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    return [_marked(name, number, row) for number, row in enumerate(rows, start=1) if any(row.values())]


def _marked(name: str, number: int, row: dict[str, str]) -> dict[str, str]:
    """Put marks into the cells of one row; what is blank stays blank."""
    marked = dict(row)
    for column, cell in row.items():
        mark = MARKS.get((name, column), "").format(number)
        if mark and cell:
            marked[column] = f"{cell.rstrip('. ')} {mark}" if column in _BEHIND else mark
        elif column in YEARS and name == "observations" and cell:
            day, month, _ = cell.split("/")
            marked[column] = f"{YEARS[column]}-{month}-{day}"
        elif cell == _EVENT_OF_THE_DEMO:
            marked[column] = EVENT
    return {**marked, "Name": f"{BESIDE['a column of names']}{number:04d}"} if name == "feedback" else marked


def as_csv(rows: Rows) -> str:
    """Write rows as a csv file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _fill_in(records: Path, tables: Mapping[str, Rows]) -> None:
    """Fill in the workbook of the templates, and put marks wherever else a workbook holds something."""
    lp.write_event_templates(records / "empty")
    book = openpyxl.load_workbook(records / "empty" / "records.xlsx")
    schema = read_record_schema()
    for name, rows in tables.items():
        sheet = book[schema.records[name].title]
        headings = [*(column.name for column in schema.records[name].columns), "Name"]
        if "Name" in rows[0]:
            sheet.cell(1, len(headings), "Name")
        for line, row in enumerate(rows, start=2):
            for place, heading in enumerate(headings, start=1):
                if row.get(heading):
                    sheet.cell(line, place, row[heading])
    _mark_beside(book)
    book.save(records / "records.xlsx")
    for path in sorted((records / "empty").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (records / "empty").rmdir()


def _mark_beside(book: Workbook) -> None:
    """Put marks into the properties, a comment, other sheets and a name of a workbook."""
    book.properties.creator = book.properties.lastModifiedBy = BESIDE["who wrote the workbook"]
    book["Event register"]["A2"].comment = Comment(BESIDE["a comment on a cell"], BESIDE["who wrote the workbook"])
    book.create_sheet(BESIDE["a sheet that is no record"])["A1"] = BESIDE["a sheet that is no record"]
    hidden = book.create_sheet(BESIDE["a hidden sheet"])
    hidden.sheet_state = "hidden"
    hidden["A1"] = BESIDE["a hidden sheet"]
    name = BESIDE["a defined name"]
    book.defined_names[name] = DefinedName(name, attr_text=f'"{name}"')
