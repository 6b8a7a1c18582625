"""Whether events reach where Black residents live: events and attendances by authority beside the census."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.evidence.attendance_groups import group_counts
from lpact_eval.evidence.event_cells import Cells, numbers, one_cell
from lpact_eval.evidence.event_numbers import RELATIONSHIPS, Measure, Row, counted, left_out, row_of
from lpact_eval.evidence.records import tidy
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.count_tables import read_tables
from lpact_eval.waves.counts import long_counts, plain, plain_counts

if TYPE_CHECKING:
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import FloatArray

PER: Final = 1_000
_GROUPS: Final = {"black": "yes", "black_heritage": "yes", "ethnicity": "Black"}  # variable, and whom it counts
_ANY_GROUP: Final = "attendees of any ethnic group"


@dataclass(frozen=True, slots=True, eq=False)
class Residents:
    """Black residents by authority, a authorities.

    Attributes
    ----------
    areas : tuple of a str
    persons : ndarray of shape (a,)
    note : str
        Whom the counts cover and where they come from.
    """

    areas: tuple[str, ...]
    persons: FloatArray
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """What is compared with the residents: a number by authority, its name, and what to mind."""

    name: str
    base: str
    counts: FloatArray
    flags: list[str]
    refused: str = ""


def reach_rows(
    evidence: Evidence, population: str | Path = "leicestershire-2021", *, black: str = "black"
) -> pd.DataFrame:
    """Tabulate events and attendances by authority beside where Black residents live.

    Parameters
    ----------
    evidence : Evidence
    population : str or path, default "leicestershire-2021"
        Name of a shipped table under surveys/population/counts; or a table of one's own, .csv or .xlsx, with the
        columns area, variable, category and persons, or ethnicity (or black), area and persons.
    black : str, default "black"
        "black", or "black_heritage", which adds the two Mixed groups with Black heritage; residents only.

    Returns
    -------
    DataFrame
        Columns `EVIDENCE_COLUMNS`, by area, an authority without an event having 0: numbers, their share, the share of
        Black residents, the difference in points (as a proportion), attendances per 1,000 Black residents, and over
        all areas the index of dissimilarity. Three things are compared: events held there with their attendances,
        attendances of people living there, and those of Black people living there, as far as they were recorded.
        Attendances are no people: whoever comes twice counts twice.

    Raises
    ------
    WrongUseError
        If there is no such table, or `black` is unknown.
    DefinitionError
        If the table is wrong, or counts no Black residents by area.

    Notes
    -----
    D = sum(abs(share of attendances - share of residents)) / 2: the part of attendances that would have to move for
    every authority to have its share.

    References
    ----------
    Duncan & Duncan (1955), *American Sociological Review* 20, 210-217.
    """
    residents = residents_of(population, black)
    register = evidence.tables["register"]
    cells = Cells(("area",), tuple((area,) for area in residents.areas), np.zeros(0, dtype=np.intp))
    rows = [_row_share(cells, place, residents, "Black residents") for place in range(len(cells))]
    for one in (*_held(register, residents), *_living(evidence, residents)):
        rows += _rows(one, residents, cells)
    return tidy(rows)


def residents_of(population: str | Path, black: str = "black") -> Residents:
    """Read how many Black residents each authority has; arguments and errors as in `reach_rows`."""
    if black not in ("black", "black_heritage"):
        msg = f"Cannot count {black!r} residents; there are 'black' and 'black_heritage'."
        raise WrongUseError(msg)
    path = _table_file(population)
    table = read_tables(path)[0]
    if table.is_long:
        at = table.header.index("variable")
        variable = black if black == "black_heritage" or any(row[at] == black for _, row in table.rows) else "ethnicity"
        counts = long_counts(table, (variable, "area"), ())
        ages = counts.ages
    else:
        counts = plain_counts(table)
        variable = next(
            (
                name
                for name in (black, *(("ethnicity",) if black == "black" else ()))
                if {name, "area"} == set(counts.variables)
            ),
            "",
        )
        ages = ""
    if not variable:
        msg = f"{table.at()}: it counts {' by '.join(counts.variables)}; reach needs {black} or ethnicity by area."
        raise DefinitionError(msg)
    which = counts.variables.index("area")
    persons = {
        key[which]: number
        for key, number in counts.persons.items()
        if isinstance(key, tuple) and key[1 - which] == _GROUPS[variable]
    }
    if not sum(persons.values()):
        msg = f"{table.at()}: it counts no Black residents ({variable} = {_GROUPS[variable]!r}) in any area."
        raise DefinitionError(msg)
    whom = {"all": "residents of all ages", "": "residents as counted"}.get(ages, f"residents aged {ages}")
    heritage = ", with two Mixed groups of Black heritage" if variable == "black_heritage" else ""
    areas = tuple(sorted(persons))
    return Residents(areas, np.array([persons[area] for area in areas]), f"{whom}{heritage}")


def _table_file(population: str | Path) -> Path:
    """Find a table of counts by name or path."""
    shipped = surveys_folder() / "population" / "counts"
    known = sorted(file.stem for file in shipped.glob("*.csv") if not file.stem.endswith("-ages"))
    if str(population) in known:
        return shipped / f"{population}.csv"
    path = Path(population)
    if path.suffix.lower() in {".csv", ".xlsx"} and path.is_file():
        return path
    msg = (
        f"There are no counts by area {str(population)[:200]!r}; shipped: {', '.join(map(repr, known))}. Give one of "
        "them or the path of a table, .csv or .xlsx."
    )
    raise WrongUseError(msg)


def _held(register: pd.DataFrame, residents: Residents) -> list[_Compared]:
    """Count events by authority, and their attendances."""
    area, came = register["area"].astype(object), numbers(register, "attendees")
    place = _placed(area, residents)
    inside = place >= 0
    elsewhere = float((area.notna().to_numpy(dtype=bool) & ~inside).sum())
    told = left_out(float(area.isna().sum()), "an area")
    told += [f"{counted(elsewhere, 'event')} in an area without a census count"] if elsewhere else []
    unknown = left_out(float(np.isnan(came[inside]).sum()), "a count of attendees")
    size = len(residents.areas)
    events = np.bincount(place[inside], minlength=size).astype(float)
    attended = np.bincount(place[inside], np.nan_to_num(came[inside]), minlength=size).astype(float)
    return [
        _Compared("events held there", "events", events, told),
        _Compared("attendances at events held there", "people", attended, [*told, *unknown, _ANY_GROUP]),
    ]


def _living(evidence: Evidence, residents: Residents) -> list[_Compared]:
    """Count attendances by where people live, of everybody and of Black people."""
    register, found = evidence.tables["register"], group_counts(evidence, "area")
    place = _placed(pd.Series(found.groups, dtype=object), residents)
    inside, sums = place >= 0, found.counts.sum(axis=0)
    counts = np.bincount(place[inside], sums[inside], minlength=len(residents.areas)).astype(float)
    gone = float(sums[~inside].sum())
    told = left_out(float(len(register)) - float(found.recorded.sum()), "a record of area")
    told += [f"{counted(gone, 'attendance')} from elsewhere or not known"] if gone else []
    people = evidence.tables["people"].drop_duplicates(["event", "person"])
    black = people[(people["ethnicity"] == "Black").to_numpy(dtype=bool, na_value=False)]
    home = _placed(black["area"].astype(object), residents)
    own = np.bincount(home[home >= 0], minlength=len(residents.areas)).astype(float)
    covered = float(register["event"].isin(people["event"]).sum())
    coded = left_out(float(len(register)) - covered, "pseudonymous records")
    coded += (
        [f"{counted(float((home < 0).sum()), 'attendance')} from elsewhere or not known"] if (home < 0).any() else []
    )
    return [
        _Compared("attendances of people living there", "people", counts, [*told, _ANY_GROUP], "no record of area"),
        _Compared("attendances of Black people living there", "people", own, coded, "no pseudonymous records of area"),
    ]


def _rows(one: _Compared, residents: Residents, cells: Cells) -> list[Row]:
    """Compare one number by authority with the residents."""
    total, shares = float(one.counts.sum()), residents.persons / residents.persons.sum()
    flags = [*one.flags, residents.note]
    index = Measure(RELATIONSHIPS, f"dissimilarity: {one.name}", "index", one.base, "")
    overall = one_cell(0)
    refused = one.refused or f"no {one.base}"
    if total <= 0:
        return [row_of(index, overall, 0, n=0.0, refused=refused, flags=flags)]
    part = one.counts / total
    rows: list[Row] = []
    for place, (count, share, beside) in enumerate(zip(one.counts, part, shares, strict=True)):
        counted_as = {"numerator": count, "n": total}
        apart = Measure(RELATIONSHIPS, f"{one.name}: share less share of Black residents", "points", one.base, "")
        rows += [
            row_of(_named(one, "", "count"), cells, place, value=count, numerator=count, flags=one.flags),
            row_of(_named(one, ": share", "share"), cells, place, value=share, **counted_as, flags=one.flags),
            row_of(apart, cells, place, value=share - beside, **counted_as, flags=flags),
        ]
        if one.base == "people":
            rows.append(_rate_row(one, residents, cells, place, flags=flags))
    apart_by = float(np.abs(part - shares).sum() / 2)
    return [*rows, row_of(index, overall, 0, value=apart_by, n=total, flags=flags)]


def _rate_row(one: _Compared, residents: Residents, cells: Cells, place: int, *, flags: list[str]) -> Row:
    """Tabulate attendances per 1,000 Black residents."""
    measure = Measure(RELATIONSHIPS, f"{one.name} per {PER:,} Black residents", "ratio", "residents", "")
    count, persons = float(one.counts[place]), float(residents.persons[place])
    value = PER * count / persons if persons > 0 else np.nan
    refused = "" if persons > 0 else "no Black residents"
    return row_of(measure, cells, place, value=value, numerator=count, n=persons, refused=refused, flags=flags)


def _row_share(cells: Cells, place: int, residents: Residents, name: str) -> Row:
    """Tabulate an authority's share of Black residents."""
    persons, total = float(residents.persons[place]), float(residents.persons.sum())
    measure = Measure(RELATIONSHIPS, f"{name}: share", "share", "residents", "")
    return row_of(measure, cells, place, value=persons / total, numerator=persons, n=total, flags=[residents.note])


def _named(one: _Compared, suffix: str, unit: str) -> Measure:
    """Name a number that is compared."""
    return Measure(RELATIONSHIPS, f"{one.name}{suffix}", unit, one.base, "")


def _placed(areas: pd.Series, residents: Residents) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Find the authority of each name, whatever its capitals; -1 where the census has none."""
    names = [plain(area) if isinstance(area, str) else "" for area in areas]
    return pd.Index([plain(area) for area in residents.areas]).get_indexer(pd.Index(names, dtype=object))
