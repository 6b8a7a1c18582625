"""How each survey tool writes the same answers: small writers, one a tool, that read as notes on its layout.

A writer takes a questionnaire and its respondents and gives the cells of the export, header rows included, and how a
crosswalk names the columns. Nothing here is shared with the package: a layout that both misread alike would show in
the tools' own words below.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import openpyxl

if TYPE_CHECKING:
    from pathlib import Path

Cell = str | dt.datetime
NOT_ASKED = "<not asked>"
"""Stands in a respondent's answers for a question that was never put; only Snap writes a word for it."""


@dataclass(frozen=True)
class Question:
    """One question; without options what respondents wrote themselves, with `several` any number of options."""

    name: str
    text: str
    options: tuple[str, ...] = ()
    several: bool = False


@dataclass(frozen=True)
class Respondent:
    """One submission; an answer is a text, a tuple of options, "" where left empty, or NOT_ASKED."""

    id: str
    started: dt.datetime
    ended: dt.datetime
    email: str
    answers: Mapping[str, str | tuple[str, ...]]

    def text(self, question: Question) -> str:
        """Answer to a question with one answer."""
        answer = self.answers[question.name]
        return "" if answer == NOT_ASKED else str(answer)

    def chosen(self, question: Question) -> tuple[str, ...]:
        """Options chosen together."""
        answer = self.answers[question.name]
        return answer if isinstance(answer, tuple) else ()


@dataclass(frozen=True)
class Export:
    """An export: its cells, and how a definition speaks of its columns."""

    rows: list[list[Cell]]
    layout: str
    column: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


Writer = Callable[[Sequence[Question], Sequence[Respondent]], Export]


def smartsurvey(questions: Sequence[Question], people: Sequence[Respondent]) -> Export:
    """One header row, a column an option, "-" for an unanswered question, day-first times."""
    own = ["UserNo", "Name", "Email", "IP Address", "Unique ID", "Started", "Ended", "Tracking Link"]

    def about(one: Respondent) -> list[Cell]:
        times = [f"{time:%d/%m/%Y %H:%M:%S}" for time in (one.started, one.ended)]
        return [one.id, "Somebody", one.email, "192.0.2.1", "", *times, "Website"]

    options = {one.name: {f"{one.text} - {option}": option for option in one.options} for one in _several(questions)}
    rows = _wide(own, questions, people, about, lambda _, option, ticked: option if ticked else "-", empty="-")
    return Export(rows, 'preset = "smartsurvey"', {one.name: one.text for one in questions}, options)


def citizen_space(questions: Sequence[Question], people: Sequence[Respondent]) -> Export:
    """One header row, a column an option, empty cells where nothing was answered, day-first times."""

    def about(one: Respondent) -> list[Cell]:
        return [one.id, f"{one.ended:%d/%m/%Y %H:%M}", one.email]

    options = {one.name: {f"{one.text} - {option}": option for option in one.options} for one in _several(questions)}
    own = ["Response ID", "Date submitted", "E-mail address"]
    rows = _wide(own, questions, people, about, lambda _, option, ticked: option if ticked else "", empty="")
    return Export(rows, 'preset = "citizen-space"', {one.name: one.text for one in questions}, options)


def ms_forms_csv(questions: Sequence[Question], people: Sequence[Respondent]) -> Export:
    """One header row with hard spaces and line breaks, "a;b;" in a cell, month-first times, numbers for repeats."""
    return _ms_forms(questions, people, lambda time: f"{time.month}/{time.day}/{time:%y %H:%M:%S}")


def ms_forms_xlsx(questions: Sequence[Question], people: Sequence[Respondent]) -> Export:
    """As its csv, but real dates."""
    return _ms_forms(questions, people, lambda time: time)


def _ms_forms(
    questions: Sequence[Question], people: Sequence[Respondent], written: Callable[[dt.datetime], Cell]
) -> Export:
    own = ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time"]
    texts: list[str] = []
    for one in questions:
        again = sum(text == one.text or text[:-1] == one.text for text in texts)
        texts.append(one.text if not again else f"{one.text}{again + 1}")
    header = [text.replace(" ", "\u00a0", 1).replace(" ", "\n", 1) for text in texts]
    # It numbers submissions; the same one in two downloads has one number.
    numbers = {repr(one): str(number) for number, one in enumerate(people, 1)}
    rows: list[list[Cell]] = [[*own, *header]]
    for one in people:
        about = [numbers[repr(one)], written(one.started), written(one.ended), one.email, "Somebody", ""]
        answers = [
            "".join(f"{option};" for option in one.chosen(question)) if question.several else one.text(question)
            for question in questions
        ]
        rows.append([*about, *answers])
    return Export(rows, 'preset = "ms-forms"', {one.name: text for one, text in zip(questions, texts, strict=True)})


def google_forms(questions: Sequence[Question], people: Sequence[Respondent]) -> Export:
    """One header row, `Timestamp` first, options joined by ", ", no respondent id."""
    rows: list[list[Cell]] = [["Timestamp", "Username", *(one.text for one in questions)]]
    for one in people:
        answers = [
            ", ".join(one.chosen(question)) if question.several else one.text(question) for question in questions
        ]
        rows.append([f"{one.ended:%Y/%m/%d %I:%M:%S %p} GMT+1", one.email, *answers])
    return Export(rows, 'preset = "google-forms"', {one.name: one.text for one in questions})


_MONKEY = ("Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name")


def surveymonkey_condensed(questions: Sequence[Question], people: Sequence[Respondent]) -> Export:
    """Two header rows; only questions with several answers have a column an option."""
    return _surveymonkey(questions, people, {one.name for one in _several(questions)})


def surveymonkey_expanded(questions: Sequence[Question], people: Sequence[Respondent]) -> Export:
    """Two header rows; every closed question has a column an option, with the option's text where it was chosen."""
    return _surveymonkey(questions, people, {one.name for one in questions if one.options})


def _surveymonkey(questions: Sequence[Question], people: Sequence[Respondent], wide: set[str]) -> Export:
    first, second = [*_MONKEY, "Last Name", "Custom Data 1"], [""] * 9
    for one in questions:
        labels = list(one.options) if one.name in wide else ["Response" if one.options else "Open-Ended Response"]
        first += [one.text, *[""] * (len(labels) - 1)]
        second += labels
    rows: list[list[Cell]] = [list(first), list(second)]
    for one in people:
        times = [f"{time:%m/%d/%Y %I:%M:%S %p}" for time in (one.started, one.ended)]
        row = [one.id, "4401", *times, "192.0.2.1", one.email, "Some", "Body", ""]
        for question in questions:
            chosen = one.chosen(question) if question.several else (one.text(question),)
            wanted = [option if option in chosen else "" for option in question.options]
            row += wanted if question.name in wide else [one.text(question)]
        rows.append(list(row))
    options = {
        one.name: {f"{one.text} | {option}": option for option in one.options} for one in questions if one.name in wide
    }
    layout = 'preset = "surveymonkey"\ndates = "month-first"'
    return Export(rows, layout, {one.name: one.text for one in questions if one.name not in wide}, options)


def qualtrics(questions: Sequence[Question], people: Sequence[Respondent]) -> Export:
    """Three header rows: ids, texts, import ids; times start with the year; a column an option, numbered."""
    own = ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished"]
    own += ["RecordedDate", "ResponseId", "RecipientLastName", "RecipientEmail", "LocationLatitude", "UserLanguage"]
    names, texts, options = list(own), [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name) for name in own], {}
    for one in questions:
        if one.several:
            numbered = [f"{one.name}_{number}" for number in range(1, len(one.options) + 1)]
            names += numbered
            texts += [f"{one.text} - Selected Choice - {option}" for option in one.options]
            options[one.name] = dict(zip(numbered, one.options, strict=True))
        else:
            names.append(one.name)
            texts.append(one.text)
    rows: list[list[Cell]] = [list(names), list(texts), [json.dumps({"ImportId": f"QID{name}"}) for name in names]]
    for one in people:
        times = [f"{time:%Y-%m-%d %H:%M:%S}" for time in (one.started, one.ended)]
        row = [*times, "IP Address", "192.0.2.1", "100", "420", "True", times[1], one.id, "Body", one.email, "52.6", ""]
        for question in questions:
            chosen = one.chosen(question)
            several = [option if option in chosen else "" for option in question.options]
            row += several if question.several else [one.text(question)]
        rows.append(list(row))
    # A column goes by its id or by its question text: here by turns.
    single = [one for one in questions if not one.several]
    column = {one.name: one.name if number % 2 else one.text for number, one in enumerate(single)}
    return Export(rows, 'preset = "qualtrics"', column, options)


def snap(questions: Sequence[Question], people: Sequence[Respondent]) -> Export:
    """One header row of short names, words for each kind of missing, 1 and 0 for options."""
    header = ["ID", "ID.start", "ID.end", "Email"]
    options = {
        one.name: {f"{one.name}.{number}": option for number, option in enumerate(one.options, 1)}
        for one in _several(questions)
    }
    for one in questions:
        header += list(options[one.name]) if one.several else [one.name]
    rows: list[list[Cell]] = [list(header)]
    for one in people:
        row = [one.id, *(f"{time:%d/%m/%Y %H:%M:%S}" for time in (one.started, one.ended)), one.email]
        for question in questions:
            answer = one.answers[question.name]
            word = "Not asked" if answer == NOT_ASKED else "No reply"
            ticks = ["1" if option in one.chosen(question) else "0" for option in question.options]
            several = ticks if isinstance(answer, tuple) else [word] * len(question.options)
            row += several if question.several else [one.text(question) or word]
        rows.append(list(row))
    layout = 'preset = "snap"\ndates = "day-first"'
    return Export(rows, layout, {one.name: one.name for one in questions if not one.several}, options)


def _several(questions: Sequence[Question]) -> list[Question]:
    return [one for one in questions if one.several]


def _wide(  # noqa: PLR0917 - the parts that differ between tools of one header row
    own: Sequence[str],
    questions: Sequence[Question],
    people: Sequence[Respondent],
    about: Callable[[Respondent], list[Cell]],
    tick: Callable[[Question, str, bool], str],
    *,
    empty: str,
) -> list[list[Cell]]:
    """Cells of a tool that writes one header row of question texts, and a column an option named after both."""
    header = list(own)
    for one in questions:
        header += [f"{one.text} - {option}" for option in one.options] if one.several else [one.text]
    rows: list[list[Cell]] = [list(header)]
    for one in people:
        row = about(one)
        for question in questions:
            chosen = one.chosen(question)
            several = [tick(question, option, option in chosen) for option in question.options]
            row += several if question.several else [one.text(question) or empty]
        rows.append(row)
    return rows


def save_csv(path: Path, rows: Sequence[Sequence[Cell]], *, encoding: str = "utf-8", delimiter: str = ",") -> None:
    """Write cells as csv."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))


def save_xlsx(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    """Write cells as a spreadsheet."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([cell if cell != "" else None for cell in row])
    book.save(path)


Table = dict[str, Any]


def crosswalk_for(
    export: Export, crosswalk: Mapping[str, Table], questions: Sequence[Question], *, by_question: bool = False
) -> str:
    """Write a crosswalk for an export, of one whose columns are question texts, or "text - option" for an option.

    By question, a set names its question once and not each column of its options.
    """
    of = {one.text: one for one in questions}
    tables: list[str] = []
    for name, table in crosswalk.items():
        if name == "not_asked":
            tables.append(_table(name, {key: _toml(value) for key, value in table.items()}))
            continue
        question = of[table["column"]] if "column" in table else _owner(table["columns"], questions)
        renamed = _renamed(table, question, export, by_question=by_question and question.several)
        if "asked_if" in renamed:
            column, accept = _asked(table["asked_if"], of, export)
            renamed["asked_if"] = f"{{ column = {_toml(column)}, accept = {json.dumps(accept)} }}"
        tables.append(_table(name, renamed))
    return "\n\n".join(tables) + "\n"


def rule_for(export: Export, question: Question, accept: str) -> str:
    """Write which column and code stand for one option of a question, such as consent."""
    column, codes = _asked({"column": question.text, "accept": [accept]}, {question.text: question}, export)
    return f"{{ column = {_toml(column)}, accept = {json.dumps(codes)} }}"


def _owner(columns: Mapping[str, str], questions: Sequence[Question]) -> Question:
    first = next(iter(columns))
    return next(one for one in questions if any(first == f"{one.text} - {option}" for option in one.options))


def _renamed(table: Table, question: Question, export: Export, *, by_question: bool) -> Table:
    """Give a crosswalk's table the columns of the export."""
    kept = {key: value for key, value in table.items() if key not in {"column", "columns", "answers", "missing"}}
    answers, missing = dict(table.get("answers", {})), dict(table.get("missing", {}))
    if "columns" in table:
        answers = {option: table["columns"][f"{question.text} - {option}"] for option in question.options}
    if by_question or question.name not in export.options:
        column = question.text if by_question else export.column[question.name]
        return {"column": _toml(column), **_quoted(kept), "answers": answers, "missing": missing}
    meant = {**missing, **answers}
    columns = {column: meant[option] for column, option in export.options[question.name].items()}
    return {**_quoted(kept), "columns": columns}


def _asked(asked: Table, of: Mapping[str, Question], export: Export) -> tuple[str, list[str]]:
    question = of[asked["column"]]
    if question.name not in export.options:
        return export.column[question.name], asked["accept"]
    (option,) = asked["accept"]
    column = next(column for column, one in export.options[question.name].items() if one == option)
    return column, [option]


def _quoted(table: Table) -> Table:
    return {key: value if key == "asked_if" else _toml(value) for key, value in table.items()}


def _table(name: str, table: Table) -> str:
    lines = [f"[{name}]"]
    lines += [f"{key} = {value}" for key, value in table.items() if not isinstance(value, dict)]
    for key, value in table.items():
        if isinstance(value, dict) and value:
            lines += [f"[{name}.{key}]", *(f"{_toml(code)} = {_toml(answer)}" for code, answer in value.items())]
    return "\n".join(lines)


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
