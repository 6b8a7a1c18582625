"""Where respondents live, against where people live: each area's share of both, survey by survey, before weighting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.background import titles
from lpact_eval.reporting.chart import NICE_LIMITS, ChartSpec, Mark, Panel
from lpact_eval.reporting.numbers import known, percent, rounded, signed
from lpact_eval.reporting.record_setting import alternative
from lpact_eval.reporting.rows import number, the_wave, wave_heading
from lpact_eval.reporting.tables import MISSING, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.disclosure.published import Published

AREAS: Final = ("area", "area_group")  # the finer of the two that a release has
_LEAST: Final = 1.0  # points: nearer than that, respondents are spread like people


@dataclass(frozen=True, slots=True)
class Area:
    """An area in a survey: its share of respondents and of people; the former is NaN where a mark stands for it."""

    wave: str
    name: str
    respondents: float
    population: float
    mark: str

    @property
    def shown(self) -> bool:
        """Whether there is a share of respondents."""
        return known(self.respondents)

    @property
    def distance(self) -> float:
        """Points between both, as printed."""
        return rounded(self.respondents, None) - rounded(self.population, None)

    @property
    def given(self) -> str:
        """The share of respondents as printed, or the mark for it."""
        return " ".join(part for part in (percent(self.respondents, None) if self.shown else "", self.mark) if part)

    @property
    def words(self) -> str:
        """Both shares, for pointing devices and readers who listen."""
        return f"{self.name}: {self.given or MISSING} of respondents, {percent(self.population, None)} of people"

    @property
    def heading(self) -> str:
        """Both shares, in few words."""
        return f"{self.name}: {self.given or MISSING}, against {percent(self.population, None)}"


def response_chart(published: Published) -> ChartSpec | None:
    """Draw where respondents live against where people live.

    Parameters
    ----------
    published : Published

    Returns
    -------
    ChartSpec or None
        None where the weights use no area, or nothing of it may be drawn.
    """
    title_of_area, areas = response_areas(published)
    waves = list(dict.fromkeys(area.wave for area in areas))
    drawn = [area for area in areas if area.shown and not area.mark]
    if not drawn:
        return None
    title = response_title(drawn)
    people = f", {published.facts.population}" if published.facts.population else ""
    subtitle = (
        f"Share of respondents (filled) and of the population (hollow) by {title_of_area.lower()} and survey, before "
        f"weighting{people}"
    )
    widest = max(rounded(max(area.respondents, area.population), None) for area in drawn)
    limit = next((nice for nice in NICE_LIMITS if nice >= widest), 100.0)
    panels = tuple(_panel(wave, [area for area in areas if area.wave == wave], limit) for wave in waves)
    told = [f"{wave_heading(wave)}: {'; '.join(one.words for one in areas if one.wave == wave)}." for wave in waves]
    words = alternative(title, subtitle, told, ())
    table = response_table(areas, title_of_area)
    return ChartSpec("response-by-area", "response", title, subtitle, words, panels, table=table)


def response_areas(published: Published) -> tuple[str, list[Area]]:
    """Read the margin of areas among all respondents, the largest first; with what an area is called.

    Parameters
    ----------
    published : Published

    Returns
    -------
    tuple of str and list of Area
    """
    named = titles(published)
    margins = [row for row in records_of(published.margins) if not row["by"]]
    for title in (named[name] for name in AREAS if name in named):
        mine = [row for row in margins if row["title"] == title]
        if mine:
            found = [
                Area(
                    str(row["wave"]),
                    str(row["category"]),
                    number(row["before"]),
                    number(row["target"]),
                    str(row["mark"] or ""),
                )
                for row in mine
            ]
            order = {wave: place for place, wave in enumerate(dict.fromkeys(area.wave for area in found))}
            return title, sorted(found, key=lambda area: (order[area.wave], -area.population, area.name))
    return "", []


def response_title(drawn: Sequence[Area]) -> str:
    """Name the areas of the latest survey that are furthest over and furthest under their share of people."""
    latest = [area for area in drawn if area.wave == drawn[-1].wave]
    where = f"In {the_wave(latest[0].wave)}"
    over, under = max(latest, key=lambda area: area.distance), min(latest, key=lambda area: area.distance)
    told = [area for area in (over, under) if abs(area.distance) >= _LEAST]
    if not told:
        return f"{where} respondents are spread over the areas as people are"
    first, *rest = told
    head = (
        f"{where} {first.name} has {percent(first.respondents, None)} of respondents and "
        f"{percent(first.population, None)} of people"
    )
    parts = [
        f"{area.name} has {percent(area.respondents, None)} and {percent(area.population, None)}"
        for area in rest
        if area is not first
    ]
    return "; ".join([head, *parts])


def response_table(areas: Sequence[Area], title_of_area: str) -> Table:
    """Lay out what the chart draws."""
    columns = (
        Column("Survey"),
        Column(title_of_area),
        Column("Respondents", "number", "per cent"),
        Column("Population", "number", "per cent"),
        Column("Respondents minus population", "number", "percentage points"),
    )
    body = tuple(
        (
            Cell(wave_heading(area.wave)),
            Cell(area.name),
            Cell(area.given, rounded(area.respondents, None)) if area.shown else Cell(area.mark or MISSING),
            Cell(percent(area.population, None), rounded(area.population, None)),
            Cell(signed(area.distance / 100, None), area.distance) if area.shown else Cell(area.mark or MISSING),
        )
        for area in areas
    )
    caption = f"Respondents and people by {title_of_area.lower()}, before weighting"
    return Table("Response_by_area", caption, columns, body, headers=2)


def _panel(wave: str, areas: Sequence[Area], limit: float) -> Panel:
    """Draw one survey."""
    marks: list[Mark] = []
    for place, area in enumerate(areas):
        people = rounded(area.population, None)
        marks.append(Mark(place, people, people, people, "", area.words, hollow=True))
        if area.shown and not area.mark:
            given = rounded(area.respondents, None)
            marks.append(Mark(place, given, given, given, "", area.words))
    ticks = tuple((limit * share, f"{limit * share:g}%") for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    places = tuple(area.heading for area in areas)
    return Panel(
        f"{wave_heading(wave)}: respondents, against people", "rows", places, tuple(marks), ticks=ticks, tight=True
    )
