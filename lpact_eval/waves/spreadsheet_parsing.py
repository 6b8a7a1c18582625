"""Turn the rows of a crosswalk's sheet back into its definition; whatever is wrong is named by its cell."""

import dataclasses
import itertools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lpact_eval.errors import DefinitionError
from lpact_eval.sample import MISSING_KINDS
from lpact_eval.waves.codelists import code_lists, plain
from lpact_eval.waves.delivered import as_number
from lpact_eval.waves.item_checks import read_items
from lpact_eval.waves.items import Item, NotAsked
from lpact_eval.waves.located import Key, Located, has_file, nearest
from lpact_eval.waves.lookup import folded, read_lookup
from lpact_eval.waves.schema import Schema
from lpact_eval.waves.spreadsheet_reading import letter, raise_problems
from lpact_eval.waves.spreadsheet_rows import EMPTY_CELL, FIRST_ROW, IN_COLUMNS, NOT_ASKED, SHEET, Row

Tables = dict[str, dict[str, object]]
_COMPARABLE: Final = ("full", "partial", "none")
_CLOSED: Final = frozenset({"scale", "category", "yes_no"})
_LONGEST: Final = 80  # characters of a wrong word that a message repeats
_FIELD_OF: Final = {"answers": "answer", "missing": "answer", "numbers": "answer", "columns": "answer"}


class SheetLocated(Located):
    """A crosswalk whose keys lie in cells: messages name the sheet and the cell."""

    __slots__ = ()

    def at(self, *key: str | int) -> str:
        """Name the sheet and the cell of a key."""
        name = str(key[1]) if len(key) > 1 else "variable"
        name = _FIELD_OF.get(name, name)
        return cell(name if name in {one.name for one in dataclasses.fields(Row)} else "other", self.line(*key))


@dataclass(frozen=True, slots=True)
class ParsedSheet:
    """A crosswalk as read from a sheet.

    Attributes
    ----------
    tables : mapping
        Content of crosswalk.toml.
    notes : mapping of key path to str
    items, not_asked
        The crosswalk, checked against the schema.
    """

    tables: Tables
    notes: Mapping[Key, str]
    items: Mapping[str, Item]
    not_asked: NotAsked


@dataclass(frozen=True, slots=True)
class _Draft:
    """What was gathered so far."""

    schema: Schema
    folder: Path
    tables: Tables = field(default_factory=Tables)
    notes: dict[Key, str] = field(default_factory=dict[Key, str])
    lines: dict[Key, int] = field(default_factory=dict[Key, int])
    problems: list[str] = field(default_factory=list[str])
    mapped: dict[tuple[str, str, str], int] = field(default_factory=dict[tuple[str, str, str], int])
    lookups: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])


def cell(name: str, number: int) -> str:
    """Name a cell of the sheet."""
    return f"{SHEET}!{letter(name)}{number}"


def parse_rows(rows: Iterable[Row], schema: Schema, folder: Path, *, finished: bool = True) -> ParsedSheet:
    """Turn rows into a checked crosswalk.

    Parameters
    ----------
    rows : iterable of Row
    schema : Schema
    folder : Path
        The wave's folder, which holds the look-up files.
    finished : bool, default True
        Whether a delivered code without an answer is an error; else it is left out.

    Raises
    ------
    DefinitionError
        Listing what is wrong with sheet and cell.
    """
    draft = _Draft(schema, folder)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.variable.strip(), []).append(row)
    raise_problems([_unknown(group[0], schema) for name, group in groups.items() if name not in schema.variables])
    absent = {name: group for name, group in groups.items() if all(map(_is_not_asked, group))}
    for name, group in groups.items():
        if name not in absent:
            _read_variable(name, group, draft, finished=finished)
    _read_not_asked(absent, draft)
    raise_problems(draft.problems)
    after = max((row.number for group in groups.values() for row in group), default=FIRST_ROW - 1) + 1
    draft.lines[("not_asked",)] = after
    items, not_asked = read_items(SheetLocated(Path(SHEET), draft.tables, draft.lines), schema)
    return ParsedSheet(draft.tables, draft.notes, items, not_asked)


def _unknown(row: Row, schema: Schema) -> str:
    """Say that a row has no variable of the schema."""
    if not row.variable.strip():
        return (
            f"{cell('variable', row.number)}: the row names no harmonised variable; write its name, or clear the row."
        )
    known = nearest(_short(row.variable.strip()), schema.variables)
    return f"{cell('variable', row.number)}: {_short(row.variable)!r} is not a variable of harmonised.toml; {known}"


def _short(text: str) -> str:
    """Cut what is too long to be an answer."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _is_not_asked(row: Row) -> bool:
    """Tell a row that declares a whole variable as not asked."""
    return row.answer.strip() == NOT_ASKED and not (row.column or row.code)


def _read_not_asked(absent: Mapping[str, list[Row]], draft: _Draft) -> None:
    """Gather the variables that the wave did not ask; several reasons become one text."""
    if absent:
        rows = list(itertools.chain.from_iterable(absent.values()))
        reason = " ".join(dict.fromkeys(row.reason for row in rows if row.reason))
        draft.tables["not_asked"] = {"variables": list(absent), "reason": reason}
        draft.notes["not_asked",] = "\n".join(row.note for row in rows if row.note)


def _read_variable(name: str, rows: list[Row], draft: _Draft, *, finished: bool) -> None:
    """Gather one variable's table."""
    table: dict[str, object] = {}
    draft.tables[name] = table
    draft.lines[name,] = rows[0].number
    for key in ("column", "wording", "comparable", "reason", "lookup"):
        text = _only(key, rows, draft)
        if text and (key, text) != ("comparable", "full"):
            table[key] = text
    table |= _other(name, rows, draft)
    optioned = _is_optioned(name, rows, draft, separated=bool({"separator", "options"} & set(table)))
    names = str(table.pop("column", "")).splitlines()
    if names and not optioned:
        draft.tables[name] = table = {"column": names if len(names) > 1 else names[0], **table}
    for row in rows:
        if row.lookup.strip() in code_lists() and row.code:
            _compare_group(row, draft)
        elif row.lookup and row.code:
            _compare_entry(row, draft)
        elif row.code or row.answer:
            _read_code(name, row, draft, optioned=optioned, finished=finished)
        else:
            _note(draft, (name,), row)


def _is_optioned(name: str, rows: list[Row], draft: _Draft, *, separated: bool) -> bool:
    """Tell whether a variable has one delivered column an option: its rows name a column and no code."""
    kind = draft.schema.variables[name].kind
    if kind == "set":
        return not separated
    both = any(row.column and row.code for row in rows)
    return kind in _CLOSED and not both and any(row.column and row.answer and not row.code for row in rows)


def _only(key: str, rows: list[Row], draft: _Draft) -> str:
    """Take the one text that a variable's rows hold in a column; a set's options have a column each."""
    given = [(str(getattr(row, key)), row) for row in rows if str(getattr(row, key)).strip()]
    given = [(text, row) for text, row in given if key != "lookup" or text.strip() not in code_lists()]
    first = given[0][0] if given else ""
    if key == "comparable":
        draft.problems.extend(
            f"{cell(key, row.number)}: {_short(text)!r} is not known; {nearest(_short(text), _COMPARABLE)}"
            for text, row in given
            if text.strip() not in _COMPARABLE
        )
        first = first.strip()
    name = rows[0].variable.strip()
    optioned = key == "column" and (
        draft.schema.variables[name].kind == "set" or _is_optioned(name, rows, draft, separated=False)
    )
    draft.problems.extend(
        f"{cell(key, row.number)} differs from {cell(key, given[0][1].number)}: {name} has one for all of its rows; "
        "make them equal, or keep the first."
        for text, row in given
        if not optioned and text.strip() != first.strip()
    )
    if given:
        draft.lines[name, key] = given[0][1].number
    return first


def _other(name: str, rows: list[Row], draft: _Draft) -> dict[str, object]:
    """Read the settings that have no column of their own."""
    found: dict[str, object] = {}
    for row in rows:
        where = cell("other", row.number)
        try:
            settings = tomllib.loads(row.other)
        except (ValueError, RecursionError):
            draft.problems.append(f'{where}: write one setting a line, as in range = [16, 110] or separator = ";".')
            continue
        wrong = [key for key in settings if key in IN_COLUMNS or key in found]
        draft.problems.extend(
            f"{where}: {key} is given twice or has a column of its own; remove it here." for key in wrong
        )
        found |= settings
        draft.lines.update({(name, key): row.number for key in settings})
    return found


def _compare_entry(row: Row, draft: _Draft) -> None:
    """Check that an entry of a look-up file is as the file has it."""
    name = row.variable.strip()
    allowed = [*draft.schema.answers(name), *MISSING_KINDS]
    where = cell("lookup", row.number)
    if Path(row.lookup).name != row.lookup or not has_file(draft.folder / row.lookup):
        draft.problems.append(f"{where}: there is no look-up file of this name in the wave's folder; correct the name.")
        return
    if row.lookup not in draft.lookups:
        draft.lookups[row.lookup] = read_lookup(draft.folder / row.lookup, allowed, where)
    if draft.lookups[row.lookup].get(folded(row.code)) != row.answer.strip():
        draft.problems.append(
            f"{cell('answer', row.number)}: {row.lookup} says otherwise; change this entry in that file, and export "
            "again or clear this row."
        )


def _compare_group(row: Row, draft: _Draft) -> None:
    """Check that a group of a standard list is as the list has it."""
    if code_lists()[row.lookup.strip()].lookup({}).get(plain(row.code)) != " ".join(row.answer.split()):
        draft.problems.append(
            f"{cell('answer', row.number)}: the list {row.lookup.strip()} says otherwise; to state another answer for "
            f"this code, clear {cell('lookup', row.number)}."
        )


def _read_code(name: str, row: Row, draft: _Draft, *, optioned: bool, finished: bool) -> None:
    """Put one code and its answer into the variable's table."""
    answer = " ".join(row.answer.split())
    if not answer:
        if finished:
            text = f"{cell('answer', row.number)}: this delivered code of {name} has no answer yet; choose one."
            draft.problems.append(text)
        return
    answers = draft.schema.answers(name)
    number = as_number(answer) if draft.schema.variables[name].kind == "number" else None
    if number is None and answer not in answers and answer not in MISSING_KINDS:
        known = nearest(_short(answer), [*answers, *MISSING_KINDS])
        draft.problems.append(f"{cell('answer', row.number)}: {_short(answer)!r} is not an answer of {name}; {known}")
        return
    table = "answers" if answer in answers else "missing" if number is None else "numbers"
    code = "" if row.code == EMPTY_CELL else row.code
    if optioned and row.column and not row.code:
        table, code = "columns", row.column
    elif optioned and row.column:
        where = cell("column", row.number)
        draft.problems.append(f"{where}: codes of {name} hold for all of its columns; clear this cell.")
    elif not row.code:
        what = f"no code leads to this answer; write it, or {EMPTY_CELL} where cells are empty"
        what = "no column holds this option; name the delivered column" if optioned else what
        draft.problems.append(f"{cell('column' if optioned else 'code', row.number)}: {what}.")
        return
    _add(draft, (name, table, code), answer, row)


def _add(draft: _Draft, key: tuple[str, str, str], answer: str, row: Row) -> None:
    """Map one code, once."""
    name, table, code = key
    where = "column" if table == "columns" else "code"
    number = draft.mapped.setdefault((name, where, " ".join(code.split())), row.number)
    if number != row.number:
        draft.problems.append(f"{cell(where, row.number)} repeats {cell(where, number)}; keep one of the two rows.")
        return
    inner = draft.tables[name].setdefault(table, {})
    if isinstance(inner, dict):
        inner[code] = answer if table != "numbers" else int(answer) if answer.lstrip("+-").isdigit() else float(answer)
    draft.lines[key] = row.number
    _note(draft, (name,) if row.number == draft.lines[name,] else key, row)


def _note(draft: _Draft, key: Key, row: Row) -> None:
    """Keep a note as a comment."""
    if row.note.strip():
        draft.notes[key] = "\n".join(text for text in (draft.notes.get(key, ""), row.note.strip()) if text)


def require_same(parsed: ParsedSheet, items: Mapping[str, Item], not_asked: NotAsked, file: Located) -> None:
    """Refuse a sheet that would not read back to the same crosswalk.

    Raises
    ------
    DefinitionError
        Naming file and line of what a cell can't hold.
    """
    wrong = [name for name, item in items.items() if parsed.items.get(name) != item]
    if not_asked.variables and parsed.not_asked != not_asked:
        wrong.append("not_asked")
    if wrong:
        msg = (
            f"{file.at(wrong[0])}: [{wrong[0]}] can't be written to a spreadsheet exactly: a cell holds at most 32,767 "
            f"characters, no control characters, and {EMPTY_CELL!r} stands for an empty one. Simplify its texts."
        )
        raise DefinitionError(msg)
