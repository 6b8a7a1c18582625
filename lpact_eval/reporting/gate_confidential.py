"""Look at the written files of a release as a reader would: is anything in them that the rules keep back?

`publish` decides what may be read; this finds what a fault in a writer, or an edit by hand, let through. Findings name
places and never a number.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, cast

from lpact_eval.disclosure.record_counts import NOT_PEOPLE
from lpact_eval.errors import LpactError
from lpact_eval.reporting.audit_workbook import open_workbook, table_of, worksheets
from lpact_eval.reporting.differencing import BASES, SUPPRESSED, number, rests
from lpact_eval.reporting.differencing_workbook import BASE, is_count, without_note
from lpact_eval.reporting.gate_words import tells_few
from lpact_eval.reporting.page_parts import read_page
from lpact_eval.reporting.release_folder import place_of, waves_of
from lpact_eval.reporting.rows import wave_heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.disclosure.rules import Rules
    from lpact_eval.reporting.release_folder import ReleaseFolder, Row

_ESTIMATES: Final = ("value", "lower bound", "upper bound", "sample", "adjusted p", "smallest detectable")
_SHARES: Final = frozenset({"level"})
_NEAR_END: Final = 5.0  # per cent, as written; a share that rounds to it may be on either side
_ESTIMATE_COLUMNS: Final = (
    *("Share (", "Change (", "Difference (", "Chance (", "95% modelled", "Effective base", "Adjusted p"),
    *("Smallest detectable", "Share", "Change", "Difference", "Chance"),
)
BASE_COUNTS: Final = "Base counts"
PLANNED: Final = "Sites, at least"  # beside the respondents of a survey that has not been
_RECORD_COUNTS: Final = frozenset({"Number", "Of (unweighted base)", BASE})
_DIGIT: Final = re.compile(r"\d")
_WHOLE: Final = re.compile(r"\d[\d,]*")


def small_in_rows(release: ReleaseFolder) -> list[str]:
    """Find bases in results.csv that are below the rules' threshold, and what suppressed groups leave to be had.

    Parameters
    ----------
    release : ReleaseFolder
        With rows.

    Returns
    -------
    list of str
        Places.
    """
    threshold = release.rules.suppress_below
    rows = release.rows or ()
    found = [
        f"{place_of(row)}: a base below the threshold is shown"
        for row in rows
        if any((base := number(row[name])) is not None and 0 < base < threshold for name in BASES)
    ]
    return found + [
        f"{place_of(row)}: what the suppressed groups by {key[-1]} hold together is below the threshold"
        for key, (rest, row) in rests(rows).items()
        if 0 <= rest < threshold
    ]


def marks_in_rows(release: ReleaseFolder) -> list[str]:
    """Find rows of results.csv whose numbers and shorthand contradict each other or the rules.

    Parameters
    ----------
    release : ReleaseFolder
        With rows.

    Returns
    -------
    list of str
        Places.
    """
    return [f"{place_of(row)}: {what}" for row in release.rows or () for what in _contradictions(row, release.rules)]


def _contradictions(row: Row, rules: Rules) -> Iterator[str]:
    """Find what is wrong with one row."""
    numbers = [name for name in _ESTIMATES if number(row[name]) is not None]
    if SUPPRESSED in {row["shorthand"], row["value"]} and numbers:
        yield f"it is suppressed and shows its {numbers[0]}"
    value, bases = number(row["value"]), [base for name in BASES if (base := number(row[name])) is not None]
    if value is None or not bases or row["statistic"] not in {"level", "distribution", "change", "gap"}:
        return
    if min(bases) < rules.withhold_below:
        yield "a number is shown at a base at which the rules withhold it"
    elif min(bases) < rules.indicative_below and row["shorthand"] != "[u]":
        yield "a number at a small base does not carry its mark"
    uniform = value < _NEAR_END or value > 100 - _NEAR_END
    if row["statistic"] in _SHARES and uniform and min(bases) < rules.uniform_below:
        yield "it tells how everyone in a small group answered, or nearly so"


def in_workbook(path: Path, release: ReleaseFolder) -> list[str]:
    """Find small bases and contradicting marks in the tables of a workbook, and shares that results.csv keeps back.

    Parameters
    ----------
    path : Path
    release : ReleaseFolder

    Returns
    -------
    list of str
        Worksheets and rows.
    """
    book, _ = open_workbook(path)
    tables = [(sheet.title, *table_of(sheet)) for sheet in worksheets(book)]
    found = [
        f"{title}, row {place}: {what}"
        for title, headings, rows in tables
        for place, row in enumerate(rows, 1)
        for what in in_line(headings, [_text(value) for value in row], release.rules)
    ]
    hidden = _suppressed_shares(release)
    for title, headings, rows in tables:
        if headings[:5] == ["Question", "Answers counted", "Ethnic group", "Survey", "Share (per cent)"]:
            found += [
                f"{title}, row {place}: a share is shown that results.csv suppresses"
                for place, row in enumerate(rows, 1)
                if (f"{row[0]}: {row[1]} (share)", str(row[2]), str(row[3])) in hidden and _DIGIT.search(_text(row[4]))
            ]
    return found


def in_page(path: Path, release: ReleaseFolder) -> list[str]:
    """Find small bases and contradicting marks in the tables of a page, its charts and their hover texts.

    Parameters
    ----------
    path : Path
    release : ReleaseFolder

    Returns
    -------
    list of str
        Tables and rows, or charts.

    Raises
    ------
    LpactError
        If what the page draws can't be read.
    """
    parts = read_page(path.read_text(encoding="utf-8"))
    hidden = _suppressed_shares(release)
    found = [
        f"table {table.caption!r}, row {place}: {what}"
        for table in parts.tables
        for place, row in enumerate(table.rows[1:], 1)
        for what in in_line(table.headings, row, release.rules)
    ]
    for name, texts in _charts(parts.data.get("figures", "{}")).items():
        if any(tells_few(text, release.rules.suppress_below) for text in texts):
            found.append(f"chart {name}: a base below the threshold is in its data")
        told = {(group, wave) for measure, group, wave in hidden if _is_of(name, measure, release)}
        if any(text.startswith(f"{group}, {wave}:") and "%" in text for text in texts for group, wave in told):
            found.append(f"chart {name}: a share is drawn that results.csv suppresses")
    if any(tells_few(text, release.rules.suppress_below) for text in (*parts.words, *parts.said)):
        found.append("text: a base below the threshold")
    return found


def in_line(headings: Sequence[str], line: Sequence[str], rules: Rules) -> Iterator[str]:
    """Find small bases in a line of a table, and estimates beside a suppressed base.

    Parameters
    ----------
    headings, line : sequence of str
    rules : Rules

    Yields
    ------
    str
        What is wrong, without a number.
    """
    cells = list(zip(map(without_note, headings), line, strict=False))
    bases = _counts_of_people(cells)
    if any(_WHOLE.fullmatch(text) and 0 < int(text.replace(",", "")) < rules.suppress_below for text in bases):
        yield "a base below the threshold is shown"
    if any(heading.startswith(BASE) and text == SUPPRESSED for heading, text in cells):
        shown = [text for heading, text in cells if heading.startswith(_ESTIMATE_COLUMNS)]
        if any(_DIGIT.search(text) for text in shown):
            yield "it is suppressed and shows a number"


def _counts_of_people(cells: Sequence[tuple[str, str]]) -> list[str]:
    """Take the counts of people of a line; a line of the records of events may say what its base counts."""
    told = dict(cells)
    counted = told.get(BASE_COUNTS)
    if counted is None:
        planned = {"Respondents"} if PLANNED in told else set[str]()
        return [text for heading, text in cells if is_count(heading) and heading not in planned]
    if f"{counted[:1].lower()}{counted[1:]}" in NOT_PEOPLE:
        return []
    return [text for heading, text in cells if heading in _RECORD_COUNTS]


def _suppressed_shares(release: ReleaseFolder) -> set[tuple[str, str, str]]:
    """Name the shares that results.csv suppresses: measure, group and survey as tables write them."""
    return {
        (row["measure"], row["ethnicity"], wave_heading(waves_of(row)[0]))
        for row in release.rows or ()
        if row["statistic"] == "level" and row["value"] == SUPPRESSED and row["group"] == ""
    }


def _is_of(chart: str, measure: str, release: ReleaseFolder) -> bool:
    """Whether a chart of shares is of this measure."""
    questions = {row["question"] for row in release.rows or () if row["measure"] == measure}
    return any(chart.startswith(f"trend-{question}_") for question in questions)


def _charts(text: str) -> dict[str, list[str]]:
    """Take every text in the data of the charts."""
    try:
        figures: object = json.loads(text)
    except (ValueError, RecursionError):
        msg = "report.html: the data of its charts can't be read. Write the release again with `lpact-eval run`."
        raise LpactError(msg) from None
    if not isinstance(figures, dict):
        return {}
    named = cast("Mapping[str, object]", figures)
    return {str(name): list(_texts(figure)) for name, figure in named.items()}


def _texts(value: object) -> Iterator[str]:
    """Take every text inside."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += cast("Mapping[str, object]", one).values()
        elif isinstance(one, list):
            waiting += cast("Iterable[object]", one)


def _text(value: object) -> str:
    """Write a cell's value."""
    return f"{value:g}" if isinstance(value, float) else str(value)
