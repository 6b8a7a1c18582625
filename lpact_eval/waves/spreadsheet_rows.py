"""A wave's crosswalk as rows of a sheet: one for each delivered code, with its count where counts may be shown."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, cast

from lpact_eval.sample import MISSING_KINDS
from lpact_eval.waves.codelists import code_lists
from lpact_eval.waves.crosswalk import unmapped_codes
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Delivered, fold
from lpact_eval.waves.items import Item
from lpact_eval.waves.label_checks import label_of
from lpact_eval.waves.located import Key, Located
from lpact_eval.waves.lookup import folded, read_lookup
from lpact_eval.waves.sets import ticked
from lpact_eval.waves.spreadsheet_toml import toml_entry
from lpact_eval.waves.unmapped import Code, Unmapped, how_to_see

SHEET: Final = "Crosswalk"
FEW: Final = "fewer than 10"
EMPTY_CELL: Final = "(empty cell)"
NOT_ASKED: Final = "not asked"
SHOWN_FROM: Final = 10
FIRST_ROW: Final = 2
HEADERS: Final = (
    ("variable", "Harmonised variable"),
    ("column", "Delivered column"),
    ("code", "Delivered code"),
    ("label", "Label"),
    ("count", "Count"),
    ("answer", "Harmonised answer or kind of missing"),
    ("comparable", "Comparable"),
    ("reason", "Reason"),
    ("note", "Note"),
    ("wording", "Wording"),
    ("lookup", "Look-up file"),
    ("other", "Other settings"),
)
IN_COLUMNS: Final = frozenset(
    {"column", "columns", "answers", "missing", "numbers", "comparable", "reason", "wording", "lookup"}
)
_SHORT_CODE = re.compile(r"^(-?\d{1,3}|\.?[A-Za-z])$")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the sheet; every cell is a text, empty where the cell is.

    Attributes
    ----------
    variable, column, code, label, count, answer, comparable, reason, note, wording, lookup, other : str
        The cells, in the order of `HEADERS`.
    number : int
        The row's number in the sheet that it was read from.
    """

    variable: str = ""
    column: str = ""
    code: str = ""
    label: str = ""
    count: str = ""
    answer: str = ""
    comparable: str = ""
    reason: str = ""
    note: str = ""
    wording: str = ""
    lookup: str = ""
    other: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each folded code of a column was delivered, the options of its sets, and the file's labels."""

    codes: Mapping[str, int]
    options: Mapping[str, int]
    labels: Mapping[str, str]


def crosswalk_rows(definition: WaveDefinition, delivered: Delivered | None) -> tuple[list[Row], list[str]]:
    """List a crosswalk's rows, those still to be filled in included.

    Parameters
    ----------
    definition : WaveDefinition
    delivered : Delivered or None
        The delivered file; without it there are no counts, labels and codes still to be mapped.

    Returns
    -------
    tuple
        The rows, and sentences about unmapped texts that are not listed since people may have written them.
    """
    unmapped = unmapped_codes(delivered, definition) if delivered else []
    notes = _comments(definition.crosswalk_file)
    rows: list[Row] = []
    for name in definition.items:
        own = [*_coded_rows(name, definition, delivered, notes), *_unmapped_rows(name, definition, unmapped)]
        own += _lookup_rows(name, definition, delivered)
        rows += [_with_settings(own[0], name, definition, notes), *own[1:]]
    absent = definition.not_asked
    for place, name in enumerate(absent.variables):
        first = {} if place else {"reason": absent.reason, "note": notes.get(("not_asked",), "")}
        rows.append(replace(Row(name, answer=NOT_ASKED), **first))
    return rows, [sentence for one in unmapped if (sentence := _hidden(one, definition))]


def _with_settings(row: Row, name: str, definition: WaveDefinition, notes: Mapping[Key, str]) -> Row:
    """Put what holds for a whole variable into its first row."""
    item = definition.items[name]
    raw = cast("Mapping[str, object]", definition.crosswalk_file.data[name])
    known = {"separator": item.separator, "options": item.options}
    usual = {key: value for key, value in known.items() if value and key not in raw}
    other = "\n".join(toml_entry(key, value) for key, value in {**raw, **usual}.items() if key not in IN_COLUMNS)
    note = "\n".join(text for text in (notes.get((name,), ""), row.note) if text)
    return replace(
        row,
        comparable=item.comparable,
        reason=item.reason,
        wording=item.wording,
        lookup=item.lookup,
        other=other,
        note=note,
    )


def _coded_rows(
    name: str, definition: WaveDefinition, delivered: Delivered | None, notes: Mapping[Key, str]
) -> Iterator[Row]:
    """List what the crosswalk maps: a variable taken as delivered or looked up, options with a column each, codes."""
    item, kind = definition.items[name], definition.schema.variables[name].kind
    if kind in {"number", "text"} or item.lookup or item.codes:
        label = f"{kind}s as delivered" if kind in {"number", "text"} else "see the look-up file or the list"
        yield Row(name, _columns(item), label=f"{item.derive}, never shown" if item.derive else label)
    ticks = _ticks(name, definition, delivered)
    for column, option in item.columns.items():
        note = notes.get((name, "columns", column), "")
        yield Row(name, column, label="ticked", count=ticks.get(column, ""), answer=option, note=note)
    counted = _counted(name, item, definition, delivered)
    words = {word: number_text(number) for word, number in item.numbers.items()}
    for table, mapping in (("answers", item.answers), ("numbers", words), ("missing", item.missing)):
        counts = counted.options if counted and item.separator and table == "answers" else counted and counted.codes
        for code, answer in mapping.items():
            key = folded(code) if item.by else fold(code)
            yield Row(
                name,
                _columns(item),
                code or EMPTY_CELL,
                label=counted.labels.get(key, "") if counted else "",
                count="" if counts is None else _shown(counts.get(key, 0)),
                answer=answer,
                note=notes.get((name, table, code), ""),
            )


def _columns(item: Item) -> str:
    """Write the delivered columns of one question, a line each."""
    return "\n".join(item.names)


def number_text(number: float) -> str:
    """Write a number as it would be typed, in digits."""
    digits = format(Decimal(repr(float(number))), "f")
    return digits.removesuffix(".0")


def _lookup_rows(name: str, definition: WaveDefinition, delivered: Delivered | None) -> Iterator[Row]:
    """List the standard list's groups with their counts, and the look-up file's own entries without."""
    item = definition.items[name]
    if item.codes:
        stated = {**item.answers, **item.missing}
        listed = code_lists()[item.codes]
        counted = _counted(name, item, definition, delivered)
        rows: Counter[str] = Counter()
        for text, count in counted.codes.items() if counted else ():
            rows[listed.group(text, stated)] += count
        for code, label, answer in listed.entries():
            if listed.group(code, stated):
                count = _shown(rows[answer]) if counted else ""
                yield Row(name, _columns(item), code, label, count, answer, lookup=item.codes)
    if item.lookup:
        allowed = [*definition.schema.answers(name), *MISSING_KINDS]
        where = definition.crosswalk_file.at(name, "lookup")
        for text, answer in read_lookup(definition.folder / item.lookup, allowed, where).items():
            yield Row(name, _columns(item), text, label="in the look-up file", answer=answer, lookup=item.lookup)


def _unmapped_rows(name: str, definition: WaveDefinition, unmapped: list[Unmapped]) -> Iterator[Row]:
    """List delivered codes, or labels, that wait for an answer: each once, whatever the columns it is in."""
    item = definition.items[name]
    rows: Counter[tuple[str, str]] = Counter()
    for one in unmapped:
        for code in one.codes if one.variable == name else ():
            if _is_listed(code, one, definition):
                key = code.label if item.by and code.label else code.text
                rows[key, f"code {code.text}" if item.by else code.label] += code.rows
    labels: dict[str, tuple[list[str], int]] = {}
    for (key, label), count in rows.items():
        known, total = labels.get(key, ([], 0))
        labels[key] = ([*known, label] if label else known, total + count)
    for key, (told, count) in labels.items():
        yield Row(name, _columns(item), key, ", ".join(told), _shown(count))


def _hidden(one: Unmapped, definition: WaveDefinition) -> str:
    """Say how many unmapped texts are not listed; empty if all are."""
    hidden = [code for code in one.codes if not _is_listed(code, one, definition)]
    if not hidden:
        return ""
    rows = sum(code.rows for code in hidden)
    texts = f"{len(hidden):,} texts are" if len(hidden) > 1 else "1 text is"
    return (
        f"{one.variable}: {texts} mapped to nothing, in {_shown(rows)} rows, and not listed here, since people may "
        f"have written them. {how_to_see(one.variable, one.column, definition)}"
    )


def _is_listed(code: Code, one: Unmapped, definition: WaveDefinition) -> bool:
    """Allow labelled codes and, of closed questions, short codes and texts that many share."""
    item, kind = definition.items[one.variable], definition.schema.variables[one.variable].kind
    if code.declared_missing:
        return True
    if item.lookup or kind in {"text", "set"}:
        return False
    if code.label:
        return True
    return kind != "number" and (bool(_SHORT_CODE.match(code.text)) or code.rows >= SHOWN_FROM)


def _counted(name: str, item: Item, definition: WaveDefinition, delivered: Delivered | None) -> Counted | None:
    """Count the codes of a variable, or their labels, in all of its columns; None without a file."""
    if delivered is None or not item.names or item.derive or item.options:
        return None
    codes: Counter[str] = Counter()
    options: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for one in item.names:
        column = delivered.column(one, where=definition.crosswalk_file.at(name, "column"))
        codes[""] += int((column.codes < 0).sum())
        for text, rows in zip(column.texts, column.counts().tolist(), strict=True):
            key = label_of(text, column, item)
            codes[key] += rows
            labels[key] = f"code {text}" if item.by and key not in labels else labels.get(key, "")
            for option in {fold(part) for part in text.split(item.separator.strip())} if item.separator.strip() else ():
                options[option] += rows
        if not item.by:
            labels |= {code: label for code, label in column.labels.items() if not labels.get(code)}
    return Counted(codes, options, labels)


def _ticks(name: str, definition: WaveDefinition, delivered: Delivered | None) -> dict[str, str]:
    """Count the ticks of every option that has a column of its own."""
    item = definition.items[name]
    found: dict[str, str] = {}
    for column, option in item.columns.items() if delivered else ():
        where = definition.crosswalk_file.at(name, "columns", column)
        cells = delivered.column(column, where=where) if delivered else None
        if cells:
            codes, _, _ = ticked([cells], [option], item, definition.schema.answers(name))
            found[column] = _shown(int((codes >= 0).sum()))
    return found


def _shown(rows: int) -> str:
    """Write a count, small ones in words."""
    return FEW if rows < SHOWN_FROM else str(rows)


def _comments(located: Located) -> dict[Key, str]:
    """Find the comment of every key: the lines right above it and what follows it on its line."""
    lines = located.path.read_text(encoding="utf-8-sig").splitlines()
    notes: dict[Key, str] = {}
    for key, number in located.lines.items():
        above = number - 1
        while above and lines[above - 1].lstrip().startswith("#"):
            above -= 1
        masked = _QUOTED.sub(lambda found: "x" * len(found[0]), lines[number - 1])
        beside = lines[number - 1][masked.index("#") :] if "#" in masked else ""
        found = [line.strip().removeprefix("#").strip() for line in (*lines[above : number - 1], beside)]
        notes[key] = "\n".join(line for line in found if line)
    return notes
