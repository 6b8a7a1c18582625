"""Themes: forms are people, notes are events, and a comment is neither; shares equal R's, with events as clusters."""

from __future__ import annotations

import csv
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.record_schema import Theme
from lpact_eval.evidence.theme_shares import shares_by_event
from lpact_eval.evidence.themes import MEASURES, theme_rows
from lpact_eval.evidence.units import units_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from lpact_eval.evidence.records import Evidence

    Build = Callable[..., Evidence]
    Point = tuple[int, str, set[str], str | None]

ORACLE = Path(__file__).parents[1] / "oracles" / "themes"
RTOL = 1e-9  # closed formulas on both sides, R's with whole matrices
THEMES = {
    "stops": Theme("stops", "Stop and search", "respect"),
    "manner": Theme("manner", "Manner", "respect"),
    "knives": Theme("knives", "Knife crime", "protect"),
}


def read(name: str) -> list[dict[str, str]]:
    with (ORACLE / name).open(encoding="utf-8", newline="") as file:
        next(file)
        return list(csv.DictReader(file))


def register(events: int, **more: object) -> list[dict[str, object]]:
    return [
        {"event": f"E{place:02}", "date": f"2023-{place + 1:02}-10", "community": "Somali", "area": "Leicester", **more}
        for place in range(events)
    ]


class Items:
    """Feedback rows, each coded alike by two coders."""

    def __init__(self) -> None:
        self.number = count()
        self.rows: list[dict[str, object]] = []

    def form(self, event: int, person: str, *themes: str, **more: object) -> None:
        self._add(event, themes, {"kind": "form", "person": person, **more})

    def note(self, event: int, *themes: str, **more: object) -> None:
        self._add(event, themes, {"kind": "note", **more})

    def _add(self, event: int, themes: tuple[str, ...], more: dict[str, object]) -> None:
        codes = {"coder_1": themes, "coder_2": themes}
        self.rows.append({"item": f"I{next(self.number)}", "event": f"E{event:02}", **codes, **more})


def forms_of(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["measure"] == MEASURES["form"]]


def notes_of(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["measure"] == MEASURES["note"]]


def raised_by(rows: pd.DataFrame) -> dict[str, tuple[float, float]]:
    return {row.group: (row.numerator, row.n) for row in rows.itertuples()}


def forty_forms(small_evidence: Build) -> Evidence:
    """Ten events of four forms; stop and search on one form of each of the first eight, manner on every form."""
    items = Items()
    for event in range(10):
        for person in range(4):
            themes = ("stops", "manner") if person == 0 and event < 8 else ("manner",)
            items.form(event, str(person), *themes)
    items.form(9, "3", "knives")
    return small_evidence(themes=THEMES, register=register(10), feedback=items.rows)


@pytest.mark.parametrize("case", ["many", "some", "few", "alike"])
@pytest.mark.parametrize("groups", [("all",), ("a", "b", "c")])
def test_shares_and_intervals_equal_r(case: str, groups: tuple[str, ...]) -> None:
    data = pd.read_csv(ORACLE / "data.csv", comment="#").query("case == @case")
    raised = data[[f"t{place}" for place in range(1, 7)]].to_numpy() == 1
    several = len(groups) > 1
    code = pd.Categorical(data["group"]).codes.astype(np.intp) if several else np.zeros(len(data), dtype=np.intp)
    found = shares_by_event(raised, data["event"].to_numpy(dtype=np.intp), (code, len(groups)))
    rows = [row for row in read("expected.csv") if row["case"] == case and row["group"] in groups]
    order = sorted(rows, key=lambda row: (row["theme"], row["group"]))
    for name in ("value", "n", "n_effective", "low", "high"):
        np.testing.assert_allclose(found[name], [float(row[name]) for row in order], rtol=RTOL, atol=1e-12)


def test_none_of_fifteen_has_the_upper_limit_of_wilson() -> None:
    """z^2 / (15 + z^2) with z = 1.959964 is .2038833."""
    found = shares_by_event(np.zeros((15, 1), dtype=bool), np.arange(15), (np.zeros(15, dtype=np.intp), 1))
    assert found["low"].tolist() == [0.0]
    assert found["high"].tolist() == pytest.approx([1.959963984540054**2 / (15 + 1.959963984540054**2)], rel=1e-12)


def test_nine_unrelated_forms_are_eight_effective_ones_whichever_of_them_raise_a_theme() -> None:
    """p (1 - p) over a variance of p (1 - p) / (n - 1) is n - 1, for 1 to 8 of 9 forms, at fewer than five events."""
    raised = np.tril(np.ones((9, 9), dtype=bool))[:, 1:]
    found = shares_by_event(raised, np.arange(9) % 3, (np.zeros(9, dtype=np.intp), 1))
    assert found["numerator"].tolist() == [8, 7, 6, 5, 4, 3, 2, 1]
    assert (found["n_effective"] == 8).all()
    assert not found["flags"].str.contains("fewer than 8 degrees").any()


def test_a_theme_is_counted_once_a_form(small_evidence: Build) -> None:
    """Forty forms: 8 raise stop and search, 40 manner, 1 knives, in one of two items of the same form."""
    found = forms_of(theme_rows(forty_forms(small_evidence)))
    assert found.loc[found["group"] != "Manner", ["numerator", "n"]].to_numpy().tolist() == [[8.0, 40.0], [1.0, 40.0]]
    assert found["by2"].tolist() == ["workstream"] * 3
    assert found["group2"].tolist() == ["respect", "respect", "protect"]
    first = found.iloc[0]
    assert first["value"] == pytest.approx(8 / 40)
    assert first["low"] < 0.2 < first["high"]


def test_a_workstream_is_raised_by_any_of_its_themes(small_evidence: Build) -> None:
    items = Items()
    for event in range(10):
        items.form(event, "1", "stops")
        items.form(event, "2", "manner")
        items.form(event, "3", "knives")
        items.form(event, "4")
    evidence = small_evidence(themes=THEMES, register=register(10), feedback=items.rows)
    found = forms_of(theme_rows(evidence, "workstream"))
    assert raised_by(found) == {"respect": (20.0, 40.0), "protect": (10.0, 40.0)}


def test_by_community_the_form_speaks_for_itself_and_else_the_event(small_evidence: Build) -> None:
    items = Items()
    for event in range(10):
        for person in range(6):
            items.form(event, str(person), *(["stops"] if person else []), community="Nigerian" if person < 3 else None)
    evidence = small_evidence(themes=THEMES, register=register(10), feedback=items.rows)
    found = forms_of(theme_rows(evidence, "community")).query("group == 'Stop and search'")
    assert found["group2"].tolist() == ["Nigerian", "Somali"]
    assert found["numerator"].tolist() == [20.0, 30.0]
    assert ["count for the event's" in flags for flags in found["flags"]] == [False, True]


def test_a_form_that_names_two_communities_belongs_to_neither(small_evidence: Build) -> None:
    items = Items()
    items.form(0, "1", "stops", community="Nigerian")
    items.form(0, "1", "manner", community="Somali")
    units = units_of(small_evidence(themes=THEMES, register=register(1), feedback=items.rows))
    assert units.frame["community"].tolist() == ["not known"]


def test_by_the_register_events_fall_into_half_years(small_evidence: Build) -> None:
    found = notes_of(theme_rows(noted(small_evidence), "half_year")).query("group == 'Stop and search'")
    assert found["group2"].tolist() == ["2023 H1", "2023 H2"]
    assert found["n"].tolist() == [6.0, 4.0]


def test_by_year_events_of_a_year_are_together(small_evidence: Build) -> None:
    found = notes_of(theme_rows(noted(small_evidence), "year")).query("group == 'Stop and search'")
    assert found[["group2", "value", "n"]].to_numpy().tolist() == [["2023", 4.0, 10.0]]


def noted(small_evidence: Build) -> Evidence:
    """Ten events of four notes; stop and search in the notes of events 0, 3, 6 and 9, twice at each."""
    items = Items()
    for event in range(10):
        for line in range(4):
            items.note(event, *(["stops"] if event % 3 == 0 and line < 2 else ["manner"]))
    return small_evidence(themes=THEMES, register=register(10), feedback=items.rows)


def test_the_room_counts_as_one_and_has_no_interval(small_evidence: Build) -> None:
    found = notes_of(theme_rows(noted(small_evidence)))
    row = found.iloc[0]
    assert (row["value"], row["numerator"], row["n"], row["unit"], row["base"]) == (4.0, 4.0, 10.0, "count", "events")
    assert found[["low", "high"]].isna().all(axis=None)


def test_agreed_codes_come_before_those_of_the_first_coder(small_evidence: Build) -> None:
    items = Items()
    for event in range(10):
        for person in range(4):
            items.form(event, str(person), "stops", agreed=("manner",) if person == 0 else None)
    units = units_of(small_evidence(themes=THEMES, register=register(10), feedback=items.rows))
    assert units.raised.sum(axis=0).tolist() == [30, 10, 0]
    assert units.flags["form"] == "some items count as one coder coded them, without agreed codes"


def test_what_nobody_coded_and_forms_without_a_number_are_left_aside(small_evidence: Build) -> None:
    items = Items()
    items.form(0, "1", "stops")
    items.rows.append({"item": "A", "event": "E00", "kind": "form", "person": "2"})
    items.rows.append({"item": "B", "event": "E00", "kind": "form", "coder_1": ("stops",)})
    items.rows.append({"item": "C", "event": "E00", "kind": "form", "person": "3", "agreed": ()})
    items.rows.append({"item": "D", "event": "E00", "kind": "form", "person": "4", "coder_2": ("none",)})
    units = units_of(small_evidence(themes=THEMES, register=register(1), feedback=items.rows))
    assert units.frame["person"].tolist() == ["1", "3", "4"]
    assert units.raised.sum() == 1
    assert "not coded yet" in units.flags["form"]
    assert "without a number" in units.flags["form"]


def test_form_one_of_one_event_is_not_form_one_of_another(small_evidence: Build) -> None:
    items = Items()
    items.form(0, "1", "stops")
    items.form(1, "1", "stops")
    assert len(units_of(small_evidence(themes=THEMES, register=register(2), feedback=items.rows))) == 2


def test_a_theme_that_coders_differ_on_has_no_share_but_its_base(small_evidence: Build) -> None:
    """Of 40 items both see manner in all; stop and search one coder sees in the first half, the other in the second."""
    items = Items()
    for event in range(10):
        for person in range(4):
            items.form(event, str(person), "manner", "stops")
            items.rows[-1]["coder_2" if event < 5 else "coder_1"] = ("manner",)
    evidence = small_evidence(themes=THEMES, register=register(10), feedback=items.rows)
    stops, manner, knives = (row for _, row in forms_of(theme_rows(evidence)).iterrows())
    assert stops["refused"] == "coders agree too little: alpha under 0.667"
    assert stops["n"] == 40
    assert np.isnan([stops["value"], stops["numerator"], stops["low"], stops["high"]]).all()
    assert "nothing to differ on" in manner["refused"]
    assert "nothing to differ on" in knives["refused"]


def test_with_fewer_than_thirty_double_coded_items_no_share_is_told(small_evidence: Build) -> None:
    evidence = forty_forms(small_evidence)
    feedback = evidence.tables["feedback"]
    feedback["coder_2"] = [*feedback["coder_2"].iloc[:29], *[None] * 12]
    rows = theme_rows(evidence)
    assert set(rows["refused"]) == {"fewer than 30 items were coded by two coders"}


def test_agreement_between_the_lines_is_tentative(small_evidence: Build) -> None:
    """Of 100 items coders name the theme in 20; one more each alone: alpha = 1 - 199 * 8 / (2 * 44 * 156) = .884."""
    evidence = disagreeing(small_evidence, alone=2)
    assert "tentative" not in forms_of(theme_rows(evidence)).iloc[0]["flags"]
    tentative = forms_of(theme_rows(disagreeing(small_evidence, alone=4))).iloc[0]
    assert tentative["flags"].startswith("tentative: coders agree with alpha under 0.80")
    assert tentative["refused"] == ""


def disagreeing(small_evidence: Build, alone: int) -> Evidence:
    """A hundred forms at ten events: 20 with the theme by both coders, some by the first, as many by the second."""
    items = Items()
    for number in range(100):
        items.form(number % 10, str(number), *(["stops"] if number < 20 else []))
        if 20 <= number < 20 + alone:
            items.rows[-1]["coder_1"] = ("stops",)
        elif 20 + alone <= number < 20 + 2 * alone:
            items.rows[-1]["coder_2"] = ("stops",)
    return small_evidence(themes=THEMES, register=register(10), feedback=items.rows)


def test_under_five_events_forms_count_as_unrelated_and_the_flag_says_how_much_wider(small_evidence: Build) -> None:
    """Four events of ten forms: sqrt(1 + 9 x .05) = 1.2."""
    items = Items()
    for number in range(40):
        items.form(number % 4, str(number), *(["stops"] if number % 5 == 0 else ["manner"]))
    evidence = small_evidence(themes=THEMES, register=register(4), feedback=items.rows)
    flags = forms_of(theme_rows(evidence)).iloc[0]["flags"]
    assert "fewer than 5 events: the interval takes forms as unrelated" in flags
    assert "of 0.05 would be 1.2 times as wide" in flags


def test_seven_forms_of_a_community_are_too_few_for_a_share(small_evidence: Build) -> None:
    items = Items()
    for number in range(47):
        of = "Nigerian" if number < 7 else "Somali"
        items.form(number % 10, str(number), *(["stops"] if number % 3 else ["manner"]), community=of)
    found = forms_of(theme_rows(small_evidence(themes=THEMES, register=register(10), feedback=items.rows), "community"))
    few = found.query("group2 == 'Nigerian' and group == 'Stop and search'").iloc[0]
    assert few["refused"] == "fewer than 8 effective forms"
    assert few["n"] == 7
    small = found.query("group2 == 'Somali' and group == 'Stop and search'").iloc[0]
    assert small["refused"] == ""
    assert "fewer than 50 forms" in small["flags"]


def test_records_without_feedback_have_no_rows(small_evidence: Build) -> None:
    assert theme_rows(small_evidence(themes=THEMES, register=register(2))).empty


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("colour", "Cannot group by 'colour' here"),
        (("community", "year"), "Cannot group themes by 'community' and 'year' at once"),
        (("community", "community"), "give at most two different ones"),
    ],
)
def test_other_groupings_are_refused(small_evidence: Build, by: str | tuple[str, ...], said: str) -> None:
    with pytest.raises(WrongUseError, match=said):
        theme_rows(small_evidence(themes=THEMES, register=register(1)), by)


FEWER = settings(max_examples=25)  # every example builds records, which takes longer than reading them
POINTS = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.sampled_from(["", "1", "2", "3", "4"]),
        st.sets(st.sampled_from(list(THEMES))),
        st.sampled_from([None, "Somali", "Nigerian"]),
    ),
    min_size=1,
    max_size=60,
)


def rows_of(points: list[Point]) -> list[dict[str, object]]:
    items = Items()
    for event, person, themes, community in points:
        if person:
            items.form(event, person, *sorted(themes), community=community)
        else:
            items.note(event, *sorted(themes))
    return items.rows


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True), rtol=1e-12)


@FEWER
@given(POINTS, st.randoms())
def test_saying_it_again_or_in_another_order_changes_nothing(
    small_evidence: Build, points: list[Point], chance: Random
) -> None:
    again = [(event, person, themes, None) for event, person, themes, _ in points for _ in range(chance.randint(0, 2))]
    moved = [*points, *again]
    chance.shuffle(moved)
    one, other = (
        units_of(small_evidence(themes=THEMES, register=register(7), feedback=rows_of(these)))
        for these in (points, moved)
    )
    np.testing.assert_array_equal(one.raised, other.raised)
    pd.testing.assert_frame_equal(one.frame, other.frame)


@FEWER
@given(POINTS)
def test_a_workstream_is_the_union_of_its_themes(small_evidence: Build, points: list[Point]) -> None:
    evidence = small_evidence(themes=THEMES, register=register(7), feedback=rows_of(points))
    units = units_of(evidence)
    whole = theme_rows(evidence, "workstream")
    for row in whole[whole["refused"] == ""].itertuples():
        members = [place for place, theme in enumerate(THEMES.values()) if theme.workstream == row.group]
        kind = "form" if row.base == "forms" else "note"
        assert row.numerator == units.of(kind).raised[:, members].any(axis=1).sum()


@FEWER
@given(POINTS)
def test_renaming_communities_renames_rows_and_nothing_else(small_evidence: Build, points: list[Point]) -> None:
    renamed = {"Somali": "Ugandan", "Nigerian": "Zimbabwean", None: None}
    swapped = [(event, person, themes, renamed[community]) for event, person, themes, community in points]
    one = theme_rows(small_evidence(themes=THEMES, register=register(7), feedback=rows_of(points)), "community")
    changed = register(7, community="Ugandan")
    other = theme_rows(small_evidence(themes=THEMES, register=changed, feedback=rows_of(swapped)), "community")
    names = ["measure", "group", "group2"]
    back = {new: old for old, new in renamed.items()} | {"not known": "not known"}
    renamed_back = other.assign(group2=other["group2"].map(back).astype(object))
    same(one.sort_values(names), renamed_back.sort_values(names))


@FEWER
@given(POINTS)
def test_limits_hold_the_share_and_lie_between_nothing_and_all(small_evidence: Build, points: list[Point]) -> None:
    rows = theme_rows(small_evidence(themes=THEMES, register=register(7), feedback=rows_of(points * 4)))
    found = forms_of(rows).query("refused == ''")
    assert ((found["low"] >= 0) & (found["low"] <= found["value"])).all()
    assert ((found["high"] <= 1) & (found["high"] >= found["value"])).all()
    assert (found["high"] > found["low"]).all()
