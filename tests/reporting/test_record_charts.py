"""Charts of the records: titles by rules from the numbers, every number in words and table, nothing hidden anywhere."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go  # pyright: ignore[reportMissingTypeStubs] - plotly ships none
import pytest

from lpact_eval.disclosure.records import PublishedRecords, clear_records
from lpact_eval.disclosure.rules import UK
from lpact_eval.evaluation.records import EVENT_COLUMNS, RECORD_COLUMNS, RecordResults
from lpact_eval.reporting.drawing import NARROW, drawing_figure, lean_span, leaning_words, levels
from lpact_eval.reporting.figure import CONFIG, figure, height
from lpact_eval.reporting.layout import WIDTH, lay_out
from lpact_eval.reporting.lint import hits
from lpact_eval.reporting.page import embed_figures, write_page
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.record_charts import record_charts
from lpact_eval.reporting.shapes import Box, Dot, Line, Path, Words, shapes
from lpact_eval.reporting.static import svg, write_chart
from lpact_eval.sample import Wave

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path as File

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import ChartSpec, Panel
    from lpact_eval.reporting.tables import Table

NAN = float("nan")
LONG = "Democratic Republic of the Congo and neighbouring countries"
SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")
FUNNEL: dict[str, tuple[float, float]] = {
    "themes raised": (18, NAN),
    "themes put to the focus group": (17, 18),
    "themes confirmed": (16, 17),
    "themes with an action": (16, 16),
    "themes answered": (11, 16),
    "themes done": (6, 11),
    "themes that can't be acted on, with a reason": (1, 11),
    "themes told": (9, 11),
}
HELD = (
    ("E1", "2022-07-04", "Caribbean", 62, ""),
    ("E2", "2022-07-18", "Caribbean", 71, ""),
    ("E3", "2022-11-12", "Somali", None, "attendees"),
    ("E4", "2023-01-21", "Several", None, ""),
    ("E5", "2024-06-22", LONG, 38, ""),
)
# For each theme: numerator and base over all, and by community.
SHARES = {
    "Stop and search": ((37, 177), [("Caribbean", 30, 60), ("Somali", 12, 55)]),
    "Being told what was done": ((27, 177), [("Caribbean", 12, 60), ("Somali", 20, 55)]),
    "Training on race and bias": ((20, 177), [("Caribbean", 15, 60), ("Somali", 11, 55)]),
}


def evidence(measure: str, value: float, unit: str, **other: object) -> dict[str, object]:
    """One published row of the records."""
    row: dict[str, object] = dict.fromkeys(("table", "by", "group", "by2", "group2", "base", "refused", "flags"), "")
    row |= {"indicator": "1", "measure": measure, "value": value, "unit": unit, "numerator": NAN, "n": NAN}
    row |= {"low": NAN, "high": NAN, "mark": "", "tier": "full", "chart": True, "note": ""}
    return row | other


def hidden(row: dict[str, object]) -> dict[str, object]:
    gone = dict.fromkeys(("value", "numerator", "n", "low", "high"), NAN)
    return row | gone | {"mark": "[c]", "tier": "suppressed", "chart": False}


def funnel_rows(numbers: dict[str, tuple[float, float]]) -> list[dict[str, object]]:
    return [
        evidence(name, reached, "count", numerator=reached, n=n, base="themes", table="action")
        for name, (reached, n) in numbers.items()
    ]


def theme_rows(shares: dict[str, tuple[tuple[int, int], list[tuple[str, int, int]]]]) -> list[dict[str, object]]:
    def one(theme: str, numerator: int, n: int, **other: object) -> dict[str, object]:
        share = numerator / n
        ends = {"low": max(share - 0.1, 0.0), "high": min(share + 0.1, 1.0)}
        keys = {"by": "theme", "group": theme, "numerator": numerator, "n": n, "base": "forms"}
        return evidence("forms that raise the theme", share, "share", **{**keys, **ends, **other})

    return [
        row
        for theme, (overall, apart) in shares.items()
        for row in (
            one(theme, *overall, by2="workstream", group2="respect"),
            *(one(theme, numerator, n, by2="community", group2=name) for name, numerator, n in apart),
        )
    ]


def waiting(to: str, steps: Sequence[tuple[float, float, float, float, int, int, int]]) -> pd.DataFrame:
    names = ("days", "still_waiting", "low", "high", "at_risk", "ended", "open")
    frame = pd.DataFrame([dict(zip(names, step, strict=True)) for step in steps])
    return frame.assign(to=to, group="", refused="")


CURVE = (
    (0.0, 1.0, NAN, NAN, 10, 0, 0),
    (20.0, 0.7, 0.4, 0.9, 10, 3, 0),
    (45.0, 0.4, 0.1, 0.65, 7, 3, 0),
    (90.0, 0.4, 0.1, 0.65, 4, 0, 4),
)
SLOW = ((0.0, 1.0, NAN, NAN, 8, 0, 0), (60.0, 0.75, 0.3, 0.93, 8, 2, 0), (150.0, 0.75, 0.3, 0.93, 6, 0, 6))


def median(to: str, days: float, low: float = NAN, high: float = NAN, *, flags: str = "") -> dict[str, object]:
    gone = {"mark": "[x]", "tier": "refused", "chart": False} if days != days else {}  # noqa: PLR0124 - NaN
    return evidence(f"days to {to}", days, "days", n=10, low=low, high=high, flags=flags, table="action", **gone)


def events(held: Sequence[tuple[str, str, str, int | None, str]] = HELD) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event": [one[0] for one in held],
            "date": pd.to_datetime([one[1] for one in held]),
            "community": [one[2] for one in held],
            "area": ["Leicester"] * len(held),
            "attendees": pd.array([one[3] for one in held], dtype="Int64"),
            "hidden": [one[4] for one in held],
            "mark": ["[c]" if one[4] else "" for one in held],
        }
    )


def records(rows: Sequence[dict[str, object]] = (), *, held: pd.DataFrame | None = None, **other: object) -> object:
    columns = list(evidence("", 0, ""))
    frames = dict.fromkeys(
        ("waiting", "cannot_act", "you_said", "contribution", "quotes", "ledger", "issues"), pd.DataFrame()
    )
    empty = pd.DataFrame(columns=["to", "group", *("days", "still_waiting", "low", "high", "at_risk", "ended", "open")])
    given = {**frames, "waiting": empty, "as_of": pd.Timestamp("2024-09-30").date(), "synthetic": False, **other}
    return PublishedRecords(
        rows=pd.DataFrame(list(rows), columns=columns),
        events=events(()) if held is None else held,
        **given,  # pyright: ignore[reportArgumentType] - frames, a date and a truth value
    )


def charts(published: Published, found: object) -> dict[str, ChartSpec]:
    made = record_charts(replace(published, records=found))  # pyright: ignore[reportArgumentType] - records, made above
    return {chart.kind: chart for chart in made}


@pytest.fixture
def whole(published: Published) -> dict[str, ChartSpec]:
    curves = pd.concat([waiting("answered", CURVE), waiting("done", SLOW), waiting("told", CURVE)])
    shares = theme_rows(SHARES)
    shares[2] |= {"mark": "[u]", "tier": "indicative", "chart": False}
    shares[5] = hidden(shares[5])
    shares[6] |= {"flags": "tentative: coders agree with alpha under 0.80"}
    rows = [
        *shares,
        *funnel_rows(FUNNEL),
        median("answered", 45.0, 20.0, 90.0),
        median("done", NAN, flags="left out: what can't be done, with a reason"),
        median("told", 45.5, 20.0),
    ]
    return charts(published, records(rows, held=events(), waiting=curves, synthetic=True))


KINDS = ("timeline", "themes", "funnel", "waiting")


@pytest.fixture(params=KINDS)
def chart(request: pytest.FixtureRequest, whole: dict[str, ChartSpec]) -> ChartSpec:
    return whole[request.param]


def printed(chart: ChartSpec) -> list[str]:
    """Everything written in the panels and above them."""
    inside = [one.text for panel in chart.panels for one in shapes(panel) if isinstance(one, Words)]
    return [*(panel.heading for panel in chart.panels), *inside]


def table_of(chart: ChartSpec) -> Table:
    assert chart.table is not None
    return chart.table


def lines_of(chart: ChartSpec) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table_of(chart).rows]


# Titles follow the numbers by rules.


@pytest.mark.parametrize(
    ("held", "title"),
    [
        (HELD[:1], "One event on record, on 4 July 2022, with 62 attendees"),
        (HELD[2:3], "One event on record, on 12 November 2022, whose attendance is not shown"),
        (HELD[:2], "2 events in July 2022, with 62 to 71 attendees at each"),
        (
            (HELD[0], ("E9", "2023-07-04", "Somali", 62, "")),
            "2 events from July 2022 to July 2023, with 62 attendees at each",
        ),
        (HELD[2:4], "2 events from November 2022 to January 2023; how many came is not shown"),
        (
            HELD,
            "5 events from July 2022 to June 2024, with 38 to 71 attendees at each of the 3 whose attendance is shown",
        ),
    ],
)
def test_the_timeline_s_title_says_when_events_were_and_how_many_came(
    published: Published, held: Sequence[tuple[str, str, str, int | None, str]], title: str
) -> None:
    assert charts(published, records(held=events(held)))["timeline"].title == title


@pytest.mark.parametrize(
    ("numbers", "title"),
    [
        (
            FUNNEL,
            (
                "Of 18 themes raised, 11 were answered and 9 told; the largest step down is from an action to an "
                "answer (16 to 11)"
            ),
        ),
        (
            FUNNEL | {"themes with an action": (11, 16), "themes answered": (6, 11), "themes told": (6, 6)},
            (
                "Of 18 themes raised, 6 were answered and 6 told; the largest steps down are from being confirmed to "
                "an action (16 to 11) and from an action to an answer (11 to 6)"
            ),
        ),
        (
            FUNNEL | {"themes answered": (1, 16), "themes told": (0, 1)},
            (
                "Of 18 themes raised, 1 was answered and none told; the largest step down is from an action to an "
                "answer (16 to 1)"
            ),
        ),
        (
            FUNNEL | {"themes with an action": (0, 16), "themes answered": (0, 0), "themes told": (0, 0)},
            (
                "Of 18 themes raised, none was answered or told; the largest step down is from being confirmed to an "
                "action (16 to 0)"
            ),
        ),
        (
            {name: (4, NAN if name == "themes raised" else 4) for name in FUNNEL},
            "All 4 themes raised were answered and told",
        ),
        (
            {name: (1, NAN if name == "themes raised" else 1) for name in FUNNEL},
            "The only theme raised was answered and told",
        ),
        (
            dict.fromkeys(FUNNEL, (1, 1)) | {"themes raised": (1, NAN), "themes told": (0, 1)},
            (
                "The only theme raised was answered and not told; the largest step down is from an answer to being "
                "told (1 to 0)"
            ),
        ),
        ({"themes raised": (18, NAN)}, "18 themes raised"),
    ],
)
def test_the_funnel_s_title_says_what_came_of_it_and_where_most_stays_behind(
    published: Published, numbers: dict[str, tuple[float, float]], title: str
) -> None:
    assert charts(published, records(funnel_rows(numbers)))["funnel"].title == title


def test_the_themes_title_names_what_was_raised_most_often(published: Published) -> None:
    rows = theme_rows(SHARES)
    assert charts(published, records(rows))["themes"].title == (
        "Stop and search was raised most often, on 21% of 177 forms"
    )
    equal = theme_rows({**SHARES, "Being told what was done": ((37, 177), [])})
    assert charts(published, records(equal))["themes"].title == (
        "Stop and search and Being told what was done were each raised most often, on 21% of 177 forms"
    )
    unsure = [row | {"flags": "tentative: coders agree with alpha under 0.80"} for row in rows]
    assert charts(published, records(unsure))["themes"].title.startswith("Stop and search (tentative) was raised")
    some = [*rows[:6], hidden(rows[6])]
    assert charts(published, records(some))["themes"].title == (
        "Among the themes that may be shown, Stop and search was raised most often, on 21% of 177 forms"
    )


def test_without_forms_the_title_and_the_numbers_are_of_the_room(published: Published) -> None:
    rows = [
        evidence(
            "events where the room raised the theme",
            float(events),
            "count",
            **{"by": "theme", "group": theme, "numerator": events, "n": n, "base": "events", **other},
        )
        for theme, events, n, other in (
            ("Stop and search", 7, 14, {}),
            ("Stop and search", 3, 4, {"by2": "community", "group2": "Somali"}),
            ("Recruitment", 2, 14, {}),
        )
    ]
    chart = charts(published, records(rows))["themes"]
    assert chart.title == "Stop and search was raised most often, in the room at 7 of 14 events"
    assert "interval" not in chart.subtitle
    assert lines_of(chart) == [["Stop and search", "7 of 14", "3 of 4"], ["Recruitment", "2 of 14", "[x]"]]


@pytest.mark.parametrize(
    ("medians", "title"),
    [
        (
            [45.0, 60.5, 1.0],
            "Half of the actions were answered within 45 days, done within 60.5 days and told to people within 1 day",
        ),
        (
            [45.0, NAN, 60.0],
            (
                "Half of the actions were answered within 45 days and told to people within 60 days; more than half "
                "still wait to be done"
            ),
        ),
        (
            [NAN, NAN, NAN],
            "More than half of the actions still wait to be answered, to be done and to be told to people",
        ),
        (
            [],
            "Still waiting when last seen: 4 of 10 to be answered, 4 of 10 to be done and 4 of 10 to be told to people",
        ),
    ],
)
def test_the_waiting_title_says_how_long_half_waited_or_that_more_than_half_still_do(
    published: Published, medians: list[float], title: str
) -> None:
    curves = pd.concat([waiting(to, CURVE) for to in ("answered", "done", "told")])
    rows = [median(to, days) for to, days in zip(("answered", "done", "told"), medians, strict=False)]
    assert charts(published, records(rows, waiting=curves))["waiting"].title == title


def test_what_cannot_be_done_is_told_apart_in_the_wait_until_done(whole: dict[str, ChartSpec]) -> None:
    chart = whole["waiting"]
    assert chart.title.endswith("more than half still wait to be done (of those that can be)")
    assert "What can't be done, with a reason, is no part of the wait until done." in chart.notes
    assert [panel.heading for panel in chart.panels] == [
        "Until answered: median 45 days (95% interval 20 to 90 days); 10 actions, 4 still open",
        "Until done: median not reached; 8 actions, 6 still open",
        "Until told: median 45.5 days (95% interval 20 days or more); 10 actions, 4 still open",
    ]
    assert "Open actions count for as long as they have waited up to 30 September 2024" in chart.subtitle


# Words and tables.


def test_the_words_instead_hold_title_subtitle_notes_and_every_number_that_is_printed(chart: ChartSpec) -> None:
    assert chart.alternative.startswith(f"Chart. {chart.title}. {chart.subtitle}.")
    assert chart.alternative.endswith("The numbers are in the table below.")
    assert all(note in chart.alternative for note in chart.notes)
    assert "  " not in chart.alternative
    said = set(NUMBER.findall(chart.alternative))
    axis = {  # numbers along an axis are places, and nothing that was found
        "funnel": {label for _, label in chart.panels[0].ticks},
        "themes": {"0", "5", "10", "15", "20", "40", "30"},
        "waiting": {"0", "40", "80", "120", "160"},
    }
    for text in printed(chart):
        if re.fullmatch(r"\d+%|(?:[A-Z][a-z]{2} )?20\d\d", text):
            continue  # ticks of an axis, and shares in cells, which the next test compares
        missing = set(NUMBER.findall(text)) - said - axis.get(chart.kind, set())
        assert not missing, (text, missing)


def test_nothing_forbidden_is_said(chart: ChartSpec) -> None:
    words = [chart.title, chart.subtitle, chart.alternative, *chart.notes, *printed(chart)]
    quoted = re.compile("Being told what was done|Training on race and bias")
    assert hits([quoted.sub("", text) for text in words]) == []
    assert any("Synthetic records" in note for note in chart.notes)


def test_the_timeline_s_table_equals_its_dots(whole: dict[str, ChartSpec]) -> None:
    chart = whole["timeline"]
    assert lines_of(chart) == [
        ["4 July 2022", "Caribbean", "Leicester", "E1", "62"],
        ["18 July 2022", "Caribbean", "Leicester", "E2", "71"],
        ["12 November 2022", "Somali", "Leicester", "E3", "[c]"],
        ["21 January 2023", "Several", "Leicester", "E4", "[x]"],
        ["22 June 2024", LONG, "Leicester", "E5", "38"],
    ]
    dots = [one for one in shapes(chart.panels[0]) if isinstance(one, Dot)]
    labels = [one.text for one in shapes(chart.panels[0]) if isinstance(one, Words) and one.bold]
    assert labels[2:] == ["62", "71", "38", "[c]", "[x]"]  # after the two surveys; lanes by the alphabet, several last
    assert [dot.radius for dot in dots] == [10, 11, 8, 6, 6]  # areas as 62, 71 and 38; those not shown all alike
    assert [dot.fill for dot in dots] == ["#12436D"] * 3 + ["#ffffff"] * 2


def test_the_timeline_marks_the_first_event_and_the_fieldwork_of_each_survey(
    whole: dict[str, ChartSpec], published: Published
) -> None:
    chart = whole["timeline"]
    dashed = [one for one in shapes(chart.panels[0]) if isinstance(one, Line) and one.dashed]
    dots = [one for one in shapes(chart.panels[0]) if isinstance(one, Dot)]
    assert [line.x1 for line in dashed] == [dots[0].x]
    tall = [one for one in shapes(chart.panels[0]) if isinstance(one, Box) and one.height > 100]
    assert len(tall) == len(published.waves)
    assert "Broken line: the first event on record, 4 July 2022." in chart.notes
    for wave in published.waves:
        assert f"{wave.start.day} {wave.start:%B %Y} to {wave.end.day} {wave.end:%B %Y}" in chart.notes[0]


def test_the_funnel_s_table_equals_its_bars(whole: dict[str, ChartSpec]) -> None:
    chart = whole["funnel"]
    assert lines_of(chart)[:3] == [
        ["Raised", "18", "[z]", "[z]", "[z]"],
        ["Put to the focus group", "17", "Raised", "18", "94%"],
        ["Confirmed", "16", "Put to the focus group", "17", "94%"],
    ]
    assert lines_of(chart)[-1] == ["Told", "9", "Answered", "11", "82%"]
    panel = chart.panels[0]
    for place, row in enumerate(table_of(chart).rows):
        reached = [bar for bar in panel.bars if bar.place == place and bar.low == 0]
        assert [bar.high for bar in reached] == [row[1].value]
        before = [bar for bar in panel.bars if bar.place == place and bar.low > 0]
        assert [bar.high for bar in before] == ([row[3].value] if row[3].value not in {None, row[1].value} else [])
    assert panel.ticks[0][0] == 0


def test_the_themes_table_equals_what_is_drawn_and_names_the_rest(published: Published) -> None:
    many = {f"Theme {place:02d}": ((100 - 2 * place, 177), [("Somali", 30, 60)]) for place in range(14)}
    chart = charts(published, records(theme_rows(many)))["themes"]
    assert len(table_of(chart).rows) == 14
    dots = [one for one in shapes(chart.panels[0]) if isinstance(one, Dot)]
    assert len(dots) == 10
    inside = [one.text for one in shapes(chart.panels[0]) if isinstance(one, Words)]
    axis = [float(text.rstrip("%")) for text in inside if re.fullmatch(r"\d+%", text)]
    assert axis == [0, 20, 40, 60, 80]
    ends = [one.x1 for one in shapes(chart.panels[0]) if isinstance(one, Line) and one.width == 2]
    assert max(ends) == pytest.approx((100 / 177 + 0.1) / 0.8, abs=1e-4)  # the upper end of the first theme's interval
    assert "4 more themes in the table." in chart.notes
    assert [row[0].text for row in table_of(chart).rows] == sorted(many)


def test_cells_hold_numbers_or_marks_and_are_shaded_only_where_they_may_be_drawn(whole: dict[str, ChartSpec]) -> None:
    chart = whole["themes"]
    assert [column.heading for column in table_of(chart).columns] == [
        "Theme",
        "All communities",
        "95% interval",
        "Caribbean (60)",
        "Somali (55)",
    ]
    assert lines_of(chart) == [
        ["Stop and search", "21%", "11% to 31%", "50%", "22% [u]"],
        ["Being told what was done", "15%", "5% to 25%", "20%", "[c]"],
        ["Training on race and bias (tentative)", "11%", "1% to 21%", "25%", "20%"],
    ]
    drawn = shapes(chart.panels[1])
    boxes = [one for one in drawn if isinstance(one, Box)]
    assert [box.fill == "#f3f2f1" for box in boxes] == [False, True, False, True, False, False]
    assert boxes[0].fill == "#12436d"
    cells = [one.text for one in drawn if isinstance(one, Words) and one.anchor == "middle"]
    assert cells[:7] == ["50%", "22%", "[u]", "20%", "[c]", "25%", "20%"]


def test_communities_of_which_nothing_may_be_shown_have_no_column_and_are_named(published: Published) -> None:
    rows = [row if row["group2"] != "Somali" else hidden(row) for row in theme_rows(SHARES)]
    chart = charts(published, records(rows))["themes"]
    assert "Nothing of these communities may be shown [c]: Somali." in chart.notes
    assert not any("Somali" in text for text in printed(chart))
    alone = [row if row["by2"] != "community" else hidden(row) for row in theme_rows(SHARES)]
    assert len(charts(published, records(alone))["themes"].panels) == 1


def test_the_waiting_table_equals_the_steps_and_the_band(whole: dict[str, ChartSpec]) -> None:
    chart = whole["waiting"]
    assert lines_of(chart)[:4] == [
        ["Answered", "0", "100%", "[z]", "10", "0", "0"],
        ["Answered", "20", "70%", "40% to 90%", "10", "3", "0"],
        ["Answered", "45", "40%", "10% to 65%", "7", "3", "0"],
        ["Answered", "90", "40%", "10% to 65%", "4", "0", "4"],
    ]
    paths = [one for one in shapes(chart.panels[0]) if isinstance(one, Path)]
    band, line = paths
    assert band.filled
    top, bottom = 10.0, 178.0
    end = 160  # the first nice number from the longest wait, 150 days
    steps = {(round(x * end), round((bottom - y) / (bottom - top), 2)) for x, y in line.points}
    assert steps == {(0, 1.0), (20, 1.0), (20, 0.7), (45, 0.7), (45, 0.4), (90, 0.4)}
    ribbon = {(round(x * end), round((bottom - y) / (bottom - top), 2)) for x, y in band.points}
    assert ribbon == {(20, 0.9), (45, 0.9), (45, 0.65), (90, 0.65), (90, 0.1), (45, 0.1), (45, 0.4), (20, 0.4)}


def test_numbers_below_the_curve_are_those_still_waiting_just_before(whole: dict[str, ChartSpec]) -> None:
    panel = whole["waiting"].panels[0]
    below = [one.text for one in shapes(panel) if isinstance(one, Words) and one.bold and one.anchor == "middle"]
    assert below == ["10", "7", "4", "0", "0"]  # at 0, 40, 80, 120 and 160 days
    medians = [one for one in shapes(panel) if isinstance(one, Dot)]
    assert [dot.x for dot in medians] == [round(45 / 160, 4)]
    assert not [one for one in shapes(whole["waiting"].panels[1]) if isinstance(one, Dot)]


# Nothing to draw.


def test_without_records_events_actions_and_themes_there_is_no_chart(published: Published) -> None:
    assert record_charts(replace(published, records=None)) == ()
    assert charts(published, records()) == {}
    nothing = funnel_rows({name: (0, NAN if name == "themes raised" else 0) for name in FUNNEL})
    unshown = [hidden(row) for row in theme_rows(SHARES)]
    assert charts(published, records([*nothing, *unshown])) == {}


# Every renderer.


def test_all_three_renderers_write_the_same_words(chart: ChartSpec) -> None:
    for panel in chart.panels:
        drawn = figure(panel)
        go.Figure(drawn)
        plain = json.loads(json.dumps(drawn))  # plain lists only, or it could not be searched for leaks
        annotated = [re.sub("</?b>", "", one["text"]).replace("<br>", " ") for one in plain["layout"]["annotations"]]
        axis = plain["layout"]["xaxis"].get("ticktext", [])
        words = [one.text for one in shapes(panel) if isinstance(one, Words)]
        root = ET.fromstring(f"<svg xmlns='http://www.w3.org/2000/svg'>{picture(panel)}</svg>")  # noqa: S314 - our own
        assert [node.text for node in root.iter(f"{SVG}text")] == words
        assert sorted(" ".join([*annotated, *axis]).split()) == sorted(" ".join(words).split())


def test_a_chart_asks_for_nothing_from_outside(chart: ChartSpec) -> None:
    text = svg(chart) + str(embed_figures([chart])) + json.dumps(CONFIG)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_files_are_written_and_carry_title_and_words(chart: ChartSpec, tmp_path: File) -> None:
    write_chart(chart, tmp_path / "chart.svg")
    root = ET.parse(tmp_path / "chart.svg").getroot()  # noqa: S314 - our own drawing
    texts = [root.find(f"{SVG}{name}") for name in ("title", "desc")]
    assert [one.text for one in texts if one is not None] == [chart.title, chart.alternative]
    pytest.importorskip("matplotlib")
    write_chart(chart, tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_a_sheet_holds_its_panels_apart(chart: ChartSpec) -> None:
    placed = lay_out(chart).panels
    boxes = [(one.x, one.y, one.x + one.width, one.y + height(one.panel)) for one in placed]
    for place, (left, top, right, bottom) in enumerate(boxes):
        assert 0 <= left < right <= WIDTH
        for other in boxes[place + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


# Room on a narrow screen.


def boxes(panel: Panel) -> list[tuple[float, float, float, float, str]]:
    """Where words stand on the narrowest screen, by the width of common letters."""
    found: list[tuple[float, float, float, float, str]] = []
    for one in shapes(panel):
        if not isinstance(one, Words):
            continue
        x, wide = one.x[0] * NARROW + one.x[1], len(one.text) * one.size * 0.5
        if one.turned:
            found.append((x - one.size * 0.4, one.y, x + one.size * 0.4, one.y + wide, one.text))
            continue
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[one.anchor]
        found.append((left, one.y - 0.75 * one.size, left + wide, one.y + 0.2 * one.size, one.text))
    return found


def crowded() -> Iterator[tuple[str, object]]:
    names = [
        LONG,
        "Caribbean",
        "Somali",
        "Zimbabwean",
        "Nigerian",
        "Congolese",
        "Several",
        "A" * 9,
        "Other",
        "Kenyan",
        "Sudanese",
    ]
    dense = [
        (f"E{n}", f"202{2 + n // 24}-{1 + n % 12:02d}-{1 + n % 28:02d}", names[n % 11], 1000 + n, "") for n in range(60)
    ]
    yield "many events", records(held=events(dense))
    yield "more events than have numbers", records(held=events(dense * 3))
    yield "one event", records(held=events(HELD[:1]))
    yield "hidden", records(held=events(HELD))
    wide = {
        f"{title} and a long way of saying so": ((37 - n, 177), [(name, 10 + n, 60) for name in names])
        for n, title in enumerate(SHARES)
    }
    yield "many communities", records(theme_rows(wide))
    yield "one community", records(theme_rows({"Stop and search": ((37, 177), [(LONG, 20, 60)])}))
    yield "funnel", records(funnel_rows({name: (1234, NAN if "raised" in name else 2345) for name in FUNNEL}))
    late = [(days * 20, *rest) for days, *rest in CURVE]
    curves = pd.concat([waiting("answered", CURVE), waiting("told", late)])  # pyright: ignore[reportArgumentType] - tuples
    yield "waiting", records([median("answered", 45.0), median("told", 1750.5)], waiting=curves)


@pytest.mark.parametrize(("name", "found"), list(crowded()), ids=lambda value: value if isinstance(value, str) else "")
def test_no_words_lie_on_others_or_outside_a_narrow_screen(published: Published, name: str, found: object) -> None:
    made = charts(published, found)
    assert made, name
    for chart in made.values():
        for panel in chart.panels:
            if panel.drawing is None:
                continue  # bars have headings of their own, as those of the surveys
            placed = boxes(panel)
            left, right = panel.drawing.edges
            for place, (x0, y0, x1, y1, text) in enumerate(placed):
                assert -left - 1 <= x0 < x1 <= NARROW + right + 14, text
                assert y1 <= height(panel), text
                for a0, b0, a1, b1, other in placed[place + 1 :]:
                    assert x1 <= a0 or a1 <= x0 or y1 <= b0 or b1 <= y0, (text, other)


def test_dots_of_a_lane_do_not_lie_on_each_other(published: Published) -> None:
    close = [(f"E{n}", f"2022-07-{1 + n:02d}", "Somali", 40 + n, "") for n in range(12)]
    far = ("E99", "2024-07-01", "Caribbean", 50, "")
    panel = charts(published, records(held=events([*close, far])))["timeline"].panels[0]
    dots = [one for one in shapes(panel) if isinstance(one, Dot)]
    assert len(dots) == 13
    for place, one in enumerate(dots):
        for other in dots[place + 1 :]:
            apart = ((one.x - other.x) * NARROW) ** 2 + (one.y - other.y) ** 2
            assert apart >= (one.radius + other.radius) ** 2


def test_surveys_at_the_same_time_have_their_names_below_each_other(published: Published) -> None:
    start = pd.Timestamp("2022-03-01").date()
    waves = [Wave(name, name, start, start) for name in ("first of two surveys", "second of two surveys")]
    made = charts(replace(published, waves=tuple(waves)), records(held=events(HELD[:1])))["timeline"]
    names = [one for one in shapes(made.panels[0]) if isinstance(one, Words) and "two surveys" in one.text]
    assert len({one.y for one in names}) == 2


def test_spans_go_on_as_few_levels_as_they_need() -> None:
    assert levels([(0.0, 0.2), (0.1, 0.3), (0.25, 0.4), (0.3, 0.5)]) == [0, 1, 0, 1]
    assert levels([]) == []


def test_words_lean_inwards_at_the_ends() -> None:
    assert leaning_words(0.01, 0, "First event").anchor == "start"
    assert leaning_words(0.99, 0, "First event").anchor == "end"
    assert leaning_words(0.5, 0, "First event").anchor == "middle"
    for x in (0.0, 0.01, 0.5, 0.99, 1.0):
        low, high = lean_span(x, "First event")
        assert 0 <= low < high <= 1
        assert low <= x <= high
    assert lean_span(0.5, "First event " * 9)[1] > 1  # it begins at the left where there is no room at all


def test_what_lies_over_an_area_lies_over_it_on_the_page_as_well(whole: dict[str, ChartSpec]) -> None:
    panel = whole["waiting"].panels[0]
    drawn = shapes(panel)
    band = next(place for place, one in enumerate(drawn) if isinstance(one, Path) and one.filled)
    strokes = [(one.x1, one.y1) for one in drawn[band:] if isinstance(one, Line) and not one.dashed]
    assert strokes
    plain = json.loads(json.dumps(figure(panel)))
    filled = next(place for place, trace in enumerate(plain["data"]) if trace.get("fill") == "toself")
    over = [point for trace in plain["data"][filled + 1 :] for point in zip(trace["x"], trace["y"], strict=True)]
    assert set(strokes) <= set(over)
    assert all(shape["y0"] == shape["y1"] or shape["y0"] >= 178 for shape in plain["layout"]["shapes"])  # axes alone


# Nothing hidden.


def planted(attendees: int, share: float) -> RecordResults:
    """Results of three events; what is planted may not be shown, being of fewer than ten people."""
    columns = list(RECORD_COLUMNS)
    forms = [(row, row["group2"]) for row in theme_rows(SHARES)]
    rows = [row | {"table": "understanding"} for row, _ in forms]
    few = {"value": share, "numerator": 7.0, "n": 60.0, "low": share, "high": share}
    rows += [rows[1] | {"group": "Hate crime and racism"} | few, rows[0] | {"group": "Hate crime and racism"} | few]
    held = events([("E1", "2022-07-04", "Caribbean", 62, ""), ("E2", "2022-08-04", "Somali", attendees, "")])
    blank = dict.fromkeys(set(EVENT_COLUMNS) - set(held.columns), 20)
    return RecordResults(
        rows=pd.DataFrame(rows)[columns],
        events=held.assign(**blank)[list(EVENT_COLUMNS)],  # pyright: ignore[reportArgumentType] - numbers
    )


def readable(content: bytes) -> Iterator[bytes]:
    """Bytes, and what they hold in base64."""
    yield content
    for found in BASE64.findall(content):
        yield base64.b64decode(found[: len(found) // 4 * 4], validate=False)


def test_what_is_suppressed_is_in_no_rendering(published: Published, tmp_path: File) -> None:
    written: list[dict[str, bytes]] = []
    for place, (attendees, share) in enumerate(((8, 0.2718281828), (9, 0.3141592653))):
        cleared = clear_records(planted(attendees, share), UK)
        assert cleared.events["attendees"].isna().sum() >= 1
        whole = replace(published, records=cleared)
        folder = tmp_path / str(place)
        folder.mkdir()
        made = record_charts(whole)
        assert {chart.kind for chart in made} == {"timeline", "themes"}
        for chart in made:
            write_chart(chart, folder / f"{chart.kind}.svg")
            write_chart(chart, folder / f"{chart.kind}.png")
        (folder / "figures.json").write_text(str(embed_figures(made)), encoding="utf-8")
        (folder / "words.txt").write_text(repr(made), encoding="utf-8")
        write_page(whole, folder / "page.html")
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert written[0] == written[1]
    for name, content in written[0].items():
        for part in readable(content) if name != "page.html" else [content]:
            assert not re.search(rb"2718281|27\.18|3141592", part), name


def test_a_leak_would_be_found(published: Published) -> None:
    rows = theme_rows({"Stop and search": ((37, 177), [("Somali", 30, 60)])})
    rows[1] |= {"value": 0.2718281828, "n": 1_000_000}
    made = charts(published, records(rows))["themes"]
    assert "27.2%" in str(embed_figures([made]))


def test_a_drawing_is_a_figure_with_axes_that_nobody_sees_or_moves(whole: dict[str, ChartSpec]) -> None:
    drawing = whole["timeline"].panels[0].drawing
    assert drawing is not None
    layout = drawing_figure(drawing)["layout"]
    assert isinstance(layout, dict)
    assert layout["xaxis"] == {"fixedrange": True, "visible": False, "automargin": False, "range": [0, 1]}
    assert layout["yaxis"]["range"] == [drawing.height, 0]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - plain dictionaries
