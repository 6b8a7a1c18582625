"""Labels of estimates: plain columns that become a data frame only when somebody asks."""

from __future__ import annotations

import pandas as pd

import lpact_eval as lp
from lpact_eval.estimation.labels import Labels

WAVES = Labels.of({"wave": ["2022", "rerun"], "group": ["Black", "White"]})


def test_labels_that_a_part_lacks_are_empty() -> None:
    joined = Labels.joined([WAVES, Labels.of({"group": ["Asian"], "term": ["age"]})])
    assert joined.columns == {
        "wave": ["2022", "rerun", ""],
        "group": ["Black", "White", "Asian"],
        "term": ["", "", "age"],
    }
    assert len(joined) == 3


def test_labels_are_kept_in_the_order_asked_for() -> None:
    assert WAVES.take([1, 0, 1]).keys(["group", "wave"]) == [("White", "rerun"), ("Black", "2022"), ("White", "rerun")]


def test_a_label_is_set_for_all_or_one_by_one_and_left_out_again() -> None:
    named = WAVES.assign("row", "balanced").assign("wave", ["a", "b"])
    assert named.columns == {"wave": ["a", "b"], "group": ["Black", "White"], "row": ["balanced", "balanced"]}
    assert list(named.without("group").columns) == ["wave", "row"]
    assert WAVES.columns == {"wave": ["2022", "rerun"], "group": ["Black", "White"]}


def test_estimates_without_labels_are_still_counted() -> None:
    everybody = Labels({}, 1)
    assert everybody.keys([]) == [()]
    assert everybody.frame.shape == (1, 0)
    assert len(Labels.joined([everybody, everybody])) == 2


def test_a_frame_comes_back_as_it_was_read() -> None:
    table = pd.DataFrame({"q": [0.25, 0.5], "group": ["Black", "White"]}, index=[7, 9])
    pd.testing.assert_frame_equal(Labels.read(table).frame, table.reset_index(drop=True))


def test_records_of_an_estimate_are_the_rows_of_its_table() -> None:
    sample = lp.Sample.from_frame(pd.DataFrame({"trust": ["yes", "no", "yes"] * 4, "sex": ["f", "m"] * 6}))
    shares = lp.proportion(sample, "trust", "yes", by="sex")
    assert shares.to_records() == shares.to_frame().to_dict("records")
