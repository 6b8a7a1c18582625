"""Saturation: what each event added, how many themes are unheard, and the rule of base, run and threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.record_schema import Theme
from lpact_eval.evidence.richness import theme_richness
from lpact_eval.evidence.saturation import saturation_of, saturation_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lpact_eval.evidence.records import Evidence

    Build = Callable[..., Evidence]

THEMES = {key: Theme(key, key.upper(), "respect" if key < "d" else "protect") for key in "abcdefgh"}


def evidence_of(small_evidence: Build, raised: Sequence[str]) -> Evidence:
    """Give one event after another, each with a silent note, and notes and a form that raise its letters in turn."""
    last = len(raised) - 1
    register = [
        {"event": f"E{last - place}", "date": f"2023-{place + 1:02}-01", "community": "Somali"}
        for place in range(len(raised))
    ]
    feedback: list[dict[str, object]] = []
    for place, letters in enumerate(raised):
        said = {"event": f"E{last - place}"}
        feedback.append({**said, "item": f"{place}", "kind": "note", "coder_1": ()})
        for number, letter in enumerate(letters):
            by = {"kind": "form", "person": "1"} if number % 2 else {"kind": "note"}
            feedback.append({**said, **by, "item": f"{place}{letter}", "coder_1": (letter,)})
    return small_evidence(themes=THEMES, register=register[::-1], feedback=feedback[::-1])


def test_events_come_in_the_order_of_their_dates(small_evidence: Build) -> None:
    """Five events raise abc, ab, d, a, e: 3, 0, 1, 0, 1 new ones."""
    rows = saturation_rows(evidence_of(small_evidence, ["abc", "ab", "d", "a", "e"]))
    by_measure = {name: part["value"].tolist() for name, part in rows[rows["by"] == "event"].groupby("measure")}
    assert by_measure["themes raised"] == [3, 2, 1, 1, 1]
    assert by_measure["new themes"] == [3, 0, 1, 0, 1]
    assert by_measure["themes so far"] == [3, 3, 4, 4, 5]
    assert rows.loc[rows["measure"] == "new themes", "group"].tolist() == ["E4", "E3", "E2", "E1", "E0"]


def test_estimates_are_those_of_the_same_table(small_evidence: Build) -> None:
    raised = ["abc", "ab", "d", "a", "e"]
    rows = saturation_rows(evidence_of(small_evidence, raised)).set_index("measure")
    table = np.array([[letter in letters for letters in raised] for letter in THEMES])
    found = theme_richness(pd.DataFrame(table))
    assert rows.loc["themes there are (Chao2)", "value"] == pytest.approx(found.themes)
    assert rows.loc["themes there are (Chao2)", "high"] == pytest.approx(found.to_frame()["conf_high"][0])
    assert rows.loc["coverage of mentions", "value"] == pytest.approx(found.coverage)
    assert rows.loc["themes found", "value"] == 5


def test_three_events_have_their_table_only(small_evidence: Build) -> None:
    rows = saturation_rows(evidence_of(small_evidence, ["a", "b", "c"])).set_index("measure")
    assert rows.loc["new themes", "value"].tolist() == [1, 1, 1]
    assert "fewer than 4 events" in rows.loc["themes there are (Chao2)", "refused"]
    assert "fewer than 6 events" in rows.loc["events until hardly anything new", "refused"]
    assert np.isnan(rows.loc["coverage of mentions", "value"])


@pytest.mark.parametrize(
    ("new", "events"),
    [
        ([9, 6, 3, 2, 2, 1, 1, 0, 0], 6),
        ([10, 10, 10, 10, 1, 1, 5, 5], 4),
        ([5, 5, 5, 5, 2, 2, 2, 2], None),
        ([5, 5, 5, 5, 2, 2, 1, 0], 6),
    ],
)
def test_the_rule_of_base_run_and_threshold(new: list[int], events: int | None) -> None:
    """The base is the first four; runs of two move on by one; the first with at most 5 % new ends it."""
    assert saturation_of(np.array(new)).events == events


def test_shares_of_runs_by_hand() -> None:
    found = saturation_of(np.array([5, 5, 5, 5, 2, 2, 1, 0]))
    assert found.base == 20
    np.testing.assert_allclose(found.shares, [4 / 20, 3 / 20, 1 / 20])


def test_every_run_that_brings_more_is_said(small_evidence: Build) -> None:
    rows = saturation_rows(evidence_of(small_evidence, ["a", "b", "", "", "c", "d", "e"])).set_index("measure")
    assert rows.loc["events until hardly anything new", "refused"] == "every run still brought more"
    last = rows.loc["new themes in the last 2 events"]
    assert (last["value"], last["numerator"], last["n"]) == (1.0, 2.0, 2.0)


def test_a_base_without_themes_says_nothing() -> None:
    assert saturation_of(np.zeros(8, dtype=int)).refused == "no theme was raised at the first 4 events"


def test_by_workstream_only_its_themes_count(small_evidence: Build) -> None:
    rows = saturation_rows(evidence_of(small_evidence, ["abc", "ab", "d", "a", "e"]), "workstream")
    found = rows[rows["measure"] == "themes found"]
    assert dict(zip(found["group"], found["value"], strict=True)) == {"respect": 3.0, "protect": 2.0}


def test_by_community_each_has_its_own_events(small_evidence: Build) -> None:
    rows = saturation_rows(evidence_of(small_evidence, ["abc", "ab", "d", "a", "e"]), "community")
    found = rows[rows["measure"] == "themes found"]
    assert found[["by", "group", "n"]].to_numpy().tolist() == [["community", "Somali", 5.0]]


def test_records_without_feedback_have_no_rows(small_evidence: Build) -> None:
    assert saturation_rows(small_evidence(register=[{"event": "A", "date": "2023-01-01"}])).empty


def test_other_groupings_are_refused(small_evidence: Build) -> None:
    with pytest.raises(WrongUseError, match="Cannot group saturation by 'community' and 'year' at once"):
        saturation_rows(small_evidence(), ("community", "year"))


@pytest.mark.parametrize(("base", "run", "threshold"), [(0, 2, 0.05), (4, 0, 0.05), (4, 2, 1.0)])
def test_impossible_rules_are_refused(base: int, run: int, threshold: float) -> None:
    with pytest.raises(WrongUseError, match="Cannot judge saturation with base"):
        saturation_of(np.ones(9, dtype=int), base=base, run=run, threshold=threshold)


@given(st.lists(st.integers(0, 9), min_size=6, max_size=20), st.floats(0, 0.9))
def test_a_laxer_threshold_never_ends_later(new: list[int], threshold: float) -> None:
    strict, lax = (saturation_of(np.array(new), threshold=one) for one in (threshold, threshold + 0.05))
    if strict.events is not None:
        assert lax.events is not None
        assert lax.events <= strict.events
