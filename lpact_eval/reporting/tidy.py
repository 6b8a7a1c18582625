"""The tidy csv for machines, and a dictionary of its columns."""

from __future__ import annotations

import csv
import io
from itertools import chain
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.background import day
from lpact_eval.reporting.gap_tables import step_label
from lpact_eval.reporting.numbers import YEARLY, known, rounded
from lpact_eval.reporting.rows import EVERYONE, Row, all_rows, answer_rows, dose_rows, group_label
from lpact_eval.reporting.shifts import shifts_of, slopes_of
from lpact_eval.reporting.tidy_columns import COLUMNS, DICTIONARY, dictionary_lines
from lpact_eval.reporting.tidy_gaps import GAP_KIND, attendance_lines
from lpact_eval.reporting.wording import exemptions, require_plain_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.lint import Exempt
    from lpact_eval.reporting.rows import Slope

_KINDS: Final = {
    "level": "share",
    "distribution": "share of one answer",
    "change": "change in share",
    "shift": "chance of answering nearer to it in the later survey",
    "slope": "slope of the share",
    "dose": "difference by number of events attended",
}
_UNITS: Final = {
    **dict.fromkeys(("level", "distribution", "shift"), "per cent"),
    "slope": "percentage points a year",
}
_COLUMN_OF: Final = {
    "ethnicity": "ethnicity",
    "sex": "sex",
    "age_band": "age",
    "area": "geography",
    "area_group": "geography",
}


def write_tidy_files(published: Published, folder: Path) -> list[str]:
    """Write the tidy csv of a release, of what was promised and done, and of its records of events, with dictionaries.

    Parameters
    ----------
    published : Published
    folder : Path

    Returns
    -------
    list of str
        Names of the files.
    """
    write_tidy(published, folder / "results.csv")
    write_dictionary(folder / "data-dictionary.csv")
    names = ["results.csv", "data-dictionary.csv"]
    if published.accounts is not None:
        from lpact_eval.reporting.account_files import write_account_files  # noqa: PLC0415 - it writes with this module

        names += write_account_files(published, folder)
    if published.records is None:
        return names
    from lpact_eval.reporting.record_tidy import (  # noqa: PLC0415 - surveys alone never need it
        write_record_dictionary,
        write_record_rows,
    )

    write_record_rows(published, published.records, folder / "records.csv")
    write_record_dictionary(folder / "records-dictionary.csv")
    return [*names, "records.csv", "records-dictionary.csv"]


def write_tidy(published: Published, path: Path) -> None:
    """Write the published rows as csv in UTF-8 with a byte-order mark, so that spreadsheets read it rightly."""
    rows = (*all_rows(published), *answer_rows(published), *(shift.row for shift in shifts_of(published)))
    lines = [_line(row, published) for row in rows]
    lines += [{**_line(slope.row, published), "time": _times(slope, published)} for slope in slopes_of(published)]
    lines += [{**_line(dose.row, published), "detail": step_label(dose.step)} for dose in dose_rows(published)]
    gaps = [row for row in rows if row.measure == "gap" and row.main]
    beside = {(row.indicator, row.by, row.group): (row, _line(row, published)) for row in gaps}
    lines += attendance_lines(published, beside)
    write_lines(path, list(COLUMNS), [[line[name] for name in COLUMNS] for line in lines], exemptions(published))


def write_dictionary(path: Path) -> None:
    """Write what each column of the tidy csv holds: meaning, unit, allowed values, when it is blank."""
    write_lines(path, DICTIONARY, dictionary_lines(COLUMNS))


def write_lines(
    path: Path, header: Sequence[str], lines: Sequence[Sequence[str]], exempt: Exempt | None = None
) -> None:
    """Write a csv file after looking at its words.

    Parameters
    ----------
    path : Path
    header : sequence of str
    lines : sequence of sequences of str
    exempt : Exempt, optional
        What may be said all the same.
    """
    require_plain_words([*header, *chain.from_iterable(lines)], path.name, exempt)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([[_harmless(text) for text in line] for line in lines])
    path.write_bytes(buffer.getvalue().encode("utf-8-sig"))


def _line(row: Row, published: Published) -> dict[str, str]:
    """Lay a row out."""
    level = row.measure in {"level", "distribution"}
    kind = _KINDS.get(row.measure, GAP_KIND)
    shorthand = row.mark or ("" if row.shown else "[x]")
    return {
        "measure": f"{row.title}: {row.answer} ({kind})",
        "ethnicity": EVERYONE,
        "time": _time(row, published),
        "sex": "All",
        "age": "All",
        "geography": published.facts.geography or "Survey area",
        "group": "",
        "detail": "",
        **_place(row),
        "value": _number(row.estimate, row) or shorthand,
        "numerator": "",
        "denominator": "",
        "sample": f"{row.n_effective:.0f}" if known(row.n_effective) else shorthand,
        "unweighted sample": shorthand if row.n is None else str(row.n),
        "lower bound": _number(max(row.conf_low, 0.0) if level else row.conf_low, row) or shorthand,
        "upper bound": _number(min(row.conf_high, 1.0) if level else row.conf_high, row) or shorthand,
        "unit": _UNITS.get(row.measure, "percentage points"),
        "indicator": row.indicator,
        "question": row.variable,
        "answers": row.answer,
        "statistic": row.measure,
        "role": row.role,
        "weights": row.weights,
        "row": row.row,
        "reported first": "yes" if row.main else "no",
        "family": row.family,
        "equivalent": row.equivalent,
        "sample first": "" if row.n_first is None else str(row.n_first),
        "sample second": "" if row.n_second is None else str(row.n_second),
        "adjusted p": f"{row.p_adjusted:.4f}" if row.tested else "",
        "test": "" if level or not row.shown else row.verdict.removesuffix(" change").removesuffix(" difference"),
        "smallest detectable": _number(row.detectable, row),
        "comparable": row.comparable,
        "shorthand": shorthand,
        "note": _noted(row),
        "respondents": "synthetic" if published.synthetic else "people",
    }


def _noted(row: Row) -> str:
    """Join what a reader should know of a row; a note loses its full stop before a flag."""
    return f"{row.note.removesuffix('.')}; {row.flags}" if row.note and row.flags else row.note or row.flags


def _place(row: Row) -> dict[str, str]:
    """Put a group in the column of what it is a group of."""
    return {_COLUMN_OF.get(row.by, "group"): group_label(row.group)} if row.by else {}


def _time(row: Row, published: Published) -> str:
    """Name a row's survey or surveys with their dates."""
    dates = _dates(published)
    return " minus ".join(dates.get(name, name) for name in row.wave.split(" - "))


def _times(slope: Slope, published: Published) -> str:
    """Name the surveys of a slope with their dates; of one that rests on none, those it would run between."""
    dates = _dates(published)
    return ", ".join(dates.get(name, name) for name in slope.over or slope.row.waves)


def _dates(published: Published) -> dict[str, str]:
    """Name every survey with its dates."""
    return {wave.name: f"{wave.name} ({day(wave.start)} to {day(wave.end)})" for wave in published.waves}


def _number(value: float, row: Row) -> str:
    """Write a number rounded as published, as a plain number; empty where there is none."""
    return f"{rounded(value, YEARLY if row.measure == 'slope' else row.base):g}" if known(value) else ""


def _harmless(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula; numbers with a sign stay as they are."""
    risky = text.startswith(("=", "+", "@", "\t")) or (text.startswith("-") and not text[1:2].isdigit())
    return f"'{text}" if risky else text
