"""One event that makes up most of a count, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from lpact_eval.disclosure.dominance import dominance
from lpact_eval.errors import WrongUseError


def given(**cells: dict[str, float]) -> pd.DataFrame:
    rows = [(cell, event, count) for cell, events in cells.items() for event, count in events.items()]
    return pd.DataFrame(rows, columns=["cell", "contributor", "count"])


def test_a_cell_is_sensitive_above_the_share_and_not_at_it() -> None:
    found = dominance(given(at={"e1": 75, "e2": 25}, over={"e1": 76, "e2": 24}), share=0.75).set_index("cell")
    assert found["sensitive"].to_dict() == {"at": False, "over": True}
    assert found.loc["over", "share"] == 0.76
    assert found["width"].to_dict() == {"at": 0, "over": 2}  # 76 / .75 = 101.3, 1.3 above 100


def test_rows_of_an_event_are_added_up() -> None:
    frame = pd.concat([given(a={"e1": 40, "e2": 20}), given(a={"e1": 40})])
    row = dominance(frame, share=0.7).iloc[0]
    assert (row["total"], row["largest"], row["contributors"], bool(row["sensitive"])) == (100, 80, 2, True)


def test_two_events_together_dominate() -> None:
    frame = given(a={"e1": 50, "e2": 40, "e3": 10})
    assert not dominance(frame, share=0.8)["sensitive"].any()
    assert dominance(frame, share=0.8, largest=2)["sensitive"].all()


def test_the_second_largest_contributor_could_tell_the_largest() -> None:
    """60, 35 and 5: who knows the 35 and takes it from 100 has 65, within 10 % of 60; 1 more is needed."""
    row = dominance(given(a={"e1": 60, "e2": 35, "e3": 5}), share=0.9, within=0.1).iloc[0]
    assert bool(row["sensitive"])
    assert row["width"] == 1
    assert not dominance(given(a={"e1": 60, "e2": 30, "e3": 10}), share=0.9, within=0.1)["sensitive"].any()


def test_a_cell_nobody_contributes_to_is_not_sensitive() -> None:
    row = dominance(given(a={"e1": 0}), within=0.1).iloc[0]
    assert (row["total"], row["contributors"], row["share"], bool(row["sensitive"])) == (0, 0, 0.0, False)


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (given(a={"e1": 1}).drop(columns="count"), {}, r"lack the columns \['count'\]"),
        (given(a={"e1": 1}), {"share": 1.0}, "shares lie between 0 and 1"),
        (given(a={"e1": 1}), {"largest": 0}, "at least one contributor"),
        (given(a={"e1": 1}), {"within": 2.0}, "shares lie between 0 and 1"),
        (given(a={"e1": -1.0, "e2": float("nan")}), {}, "2 contributions are missing or below 0"),
    ],
)
def test_what_cannot_be_told_is_refused(frame: pd.DataFrame, options: dict[str, float], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        dominance(frame, **options)  # type: ignore[arg-type]
