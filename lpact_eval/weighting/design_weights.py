"""Design weights from recruitment: one over the chance that a site was drawn and that a person there was asked."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.errors import DefinitionError, WeightingError
from lpact_eval.frames import records_of
from lpact_eval.resources import ordinary
from lpact_eval.sample import Sample, as_text, coded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import IntArray

SITE_COLUMNS: Final = ("site", "stratum", "sites", "sites_drawn", "people", "respondents")
_NEEDED: Final = ("site", "sites", "people")
_FEWEST_TOLD = 10  # respondents under which a message gives no count
_SHOWN = 8  # names listed in a message

Value = str | float
Sites = str | Path | pd.DataFrame | Mapping[str, Mapping[str, Value]]


def design_weights(sample: Sample, sites: Sites, *, site: str = "recruit_site", fpc: bool = False) -> Sample:
    """Weight respondents by one over their chance of being in the sample: sites drawn, then people at the site.

    Parameters
    ----------
    sample : Sample
        n respondents, not weighted yet.
    sites : path of a csv file, DataFrame, or {site: {column: value}}
        One row for every site that was drawn, with respondents or without. Columns: site; sites (M, in the population
        of the stratum); people (N, who could have been asked there); and, where there is something to say, stratum,
        sites_drawn (m; without it the rows of the stratum are counted) and respondents (n; without it those in the
        sample are counted).
    site : str, default "recruit_site"
        Variable that names each respondent's site.
    fpc : bool, default False
        Whether variances with "taylor" take m / M as sampling fraction. The people left out at the drawn sites then
        count for nothing, so that it suits sites of which nearly everybody was asked.

    Returns
    -------
    Sample
        The same respondents with weight (M / m) (N / n), in persons; sites are the PSUs and their strata the strata.

    Raises
    ------
    DefinitionError
        If the table lacks a column or holds something else than counts, with file and line.
    WeightingError
        If the sample is calibrated already or has replicate weights, a respondent has no site or one that is not in
        the table, more people answered than there are, more sites were drawn than there are, or a stratum's numbers
        differ between its rows.

    Notes
    -----
    Weighted sums are Horvitz and Thompson's if sites were drawn with equal chances within strata and people with equal
    chances within sites. Who was asked and did not answer is not part of it: rake to the population afterwards.

    References
    ----------
    Horvitz & Thompson (1952), *JASA* 47, 663-685; Särndal, Swensson & Wretman (1992), sec. 4.3.
    """
    table, place = _read(sites)
    codes, names = _sites_of(sample, site, [one.site for one in table], place)
    counts = np.bincount(codes, minlength=len(names))
    found = {name: int(count) for name, count in zip(names, counts, strict=True)}
    weight = {one.site: _weight(one, table, found.get(one.site, 0), place) for one in table}
    stratum = {one.site: one.stratum for one in table}
    fraction = {one.site: _drawn(one, table) / one.sites for one in table}
    frame = pd.DataFrame(
        {
            "weight": np.array([weight[name] for name in names])[codes],
            "stratum": np.array([stratum[name] for name in names], dtype=object)[codes],
            "site": np.array(names, dtype=object)[codes],
            "fraction": np.array([fraction[name] for name in names])[codes],
        }
    )
    strata = "stratum" if len(set(stratum.values())) > 1 else None
    made = Sample.from_frame(frame, weight="weight", stratum=strata, psu="site", fpc="fraction" if fpc else None)
    return sample.with_design(made.design)


@dataclass(frozen=True, slots=True)
class _Site:
    """One row of the table; counts that were not given are None."""

    site: str
    stratum: str
    sites: float
    sites_drawn: float | None
    people: float
    respondents: float | None
    at: str


def _read(sites: Sites) -> tuple[list[_Site], str]:
    """Read the table, and name it for messages."""
    if isinstance(sites, str | Path):
        return _from_csv(Path(sites)), Path(sites).name
    if isinstance(sites, pd.DataFrame):
        rows = records_of(sites)
    else:
        rows = [{"site": name, **row} for name, row in sites.items()]
    return [
        _site(row, f"the table of sites, row {number}") for number, row in enumerate(rows, start=1)
    ], "the table of sites"


def _from_csv(path: Path) -> list[_Site]:
    """Read a csv file in UTF-8."""
    try:
        with ordinary(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = [(reader.line_num, dict(row)) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path.name}: cannot read the table of sites ({type(error).__name__}); it is a csv file in UTF-8."
        raise DefinitionError(msg) from None
    return [_site(row, f"{path.name}:{line}") for line, row in rows]


def _site(row: Mapping[str, object], at: str) -> _Site:
    """Check one row."""
    unknown = sorted(str(name) for name in row if name not in SITE_COLUMNS)
    absent = [name for name in _NEEDED if name not in row]
    if unknown or absent:
        how = "not known" if unknown else "absent"
        msg = f"{at}: columns {unknown or absent} are {how}; there are {list(SITE_COLUMNS)}."
        raise DefinitionError(msg)
    numbers = {name: _count(row.get(name), name, at) for name in SITE_COLUMNS[2:]}
    sites, people = numbers["sites"], numbers["people"]
    if sites is None or people is None or not _filled(row["site"]):
        msg = f"{at}: site, sites and people have to be filled in."
        raise DefinitionError(msg)
    stratum = as_text(row["stratum"]).strip() if _filled(row.get("stratum")) else ""
    return _Site(
        as_text(row["site"]).strip(), stratum, sites, numbers["sites_drawn"], people, numbers["respondents"], at
    )


def _filled(value: object) -> bool:
    """Whether a cell holds something."""
    return value is not None and value == value and str(value).strip() != ""  # noqa: PLR0124 - missing is not equal to itself


def _count(value: object, name: str, at: str) -> float | None:
    """Read a count; an empty cell is None."""
    if not _filled(value):
        return None
    try:
        number = float(str(value))
    except ValueError:
        number = np.nan
    if not number > 0 or not np.isfinite(number):
        msg = f"{at}: {name} is a number of 1 or more, written in digits."
        raise DefinitionError(msg)
    return number


def _sites_of(sample: Sample, site: str, known: Sequence[str], place: str) -> tuple[IntArray, list[str]]:
    """Site of each respondent; refuses respondents without one, or with one that the table does not have."""
    if sample.design.calibration:
        raise WeightingError(
            "Cannot give design weights: the sample is calibrated already. Give them first, then rake."
        )
    if sample.design.replicates is not None:
        raise WeightingError(
            "Cannot give design weights: the sample has replicate weights, which rest on other weights. Give design "
            "weights first, then make replicates."
        )
    if site not in sample.answers.columns:
        msg = f"Cannot give design weights by {site!r}: the sample has {sorted(map(str, sample.answers.columns))}."
        raise WeightingError(msg)
    repeated = sorted({name for name in known if list(known).count(name) > 1})
    if repeated:
        msg = f"Cannot give design weights: {place} lists {repeated[:_SHOWN]} twice. Keep one row a site."
        raise WeightingError(msg)
    codes, names = coded(sample.answers[site])
    missing = int((codes < 0).sum())
    if missing:
        msg = (
            f"Cannot give design weights: {_told(missing)} of {codes.size} respondents have no {site!r}. Fill it in or "
            "set those rows aside first."
        )
        raise WeightingError(msg)
    present = np.bincount(codes, minlength=len(names)) > 0
    unknown = [name for name, here in zip(names, present, strict=True) if here and name not in known]
    if unknown:
        msg = (
            f"Cannot give design weights: respondents come from {len(unknown)} sites that are not in {place}, such as "
            f"{unknown[:_SHOWN]}; it has {list(known)[:_SHOWN]}. Add a row for every site that was drawn."
        )
        raise WeightingError(msg)
    kept = [place for place, here in enumerate(present) if here]
    lookup = np.full(len(names), -1, dtype=np.intp)
    lookup[kept] = np.arange(len(kept))
    return lookup[codes], [names[place] for place in kept]


def _drawn(one: _Site, table: Sequence[_Site]) -> float:
    """Sites drawn in a site's stratum."""
    return one.sites_drawn or float(sum(other.stratum == one.stratum for other in table))


def _weight(one: _Site, table: Sequence[_Site], found: int, place: str) -> float:
    """(M / m) (N / n) of one site; 0 where nobody answered."""
    same = [other for other in table if other.stratum == one.stratum]
    stratum = f" of stratum {one.stratum!r}" if one.stratum else ""
    drawn, n = _drawn(one, table), one.respondents or float(found)
    if len({(other.sites, other.sites_drawn) for other in same}) > 1:
        msg = f"Cannot give design weights: sites or sites_drawn{stratum} differ between rows of {place}. Correct them."
        raise WeightingError(msg)
    if drawn > one.sites or drawn < len(same):
        msg = (
            f"Cannot give design weights: {place} lists {len(same)} sites{stratum}, of which {drawn:,.0f} were drawn "
            f"out of {one.sites:,.0f}. Drawn are at least those listed and at most all."
        )
        raise WeightingError(msg)
    if n < found or n > one.people:
        more = f"more than the {one.people:,.0f} people" if n >= found else f"more than the {n:,.0f} respondents"
        msg = (
            f"Cannot give design weights: at site {one.site!r} {_told(max(found, int(n)))} people answered, {more} "
            f"that {one.at} gives. Correct the count of people or respondents there."
        )
        raise WeightingError(msg)
    return one.sites / drawn * one.people / n if n else 0.0


def _told(count: int) -> str:
    """Write a number of respondents; small ones are not told."""
    return str(count) if count >= _FEWEST_TOLD else f"fewer than {_FEWEST_TOLD}"
