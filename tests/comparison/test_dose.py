from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.comparison.dose import AttendanceDose, attendance_dose
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.sample import Variable

ORACLE = Path(__file__).parents[1] / "oracles" / "dose"
RTOL = 1e-8  # two ways to take the same matrix roots in double precision
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def survey(seed: int = 4, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    events = rng.permutation(np.resize([0, 0, 0, 1, 1, 2, 3], n))
    group = rng.permutation(np.resize(["Black", "White", "White"], n))
    latent = 0.2 * events - 0.4 * (group == "Black") + rng.normal(0, 1, n)
    return pd.DataFrame(
        {
            "weight": rng.uniform(0.5, 2, n),
            "site": rng.permutation(n) % 20,
            "ethnicity": group,
            "sex": rng.permutation(np.resize(["Female", "Male"], n)),
            "age": rng.normal(45, 15, n),
            "events": np.where(events == 3, "3+", events.astype(str)),
            "confidence": np.where(latent > 0.3, "high", "low"),
            "score": latent,
        }
    )


def sample(frame: pd.DataFrame, *, psu: str | None = None) -> lp.Sample:
    return lp.Sample.from_frame(frame, weight="weight", psu=psu)


def dose(
    at: lp.Sample, variable: str = "score", answer: str | None = None, *, by: object = "ethnicity"
) -> AttendanceDose:
    return attendance_dose(at, variable, answer, events="events", adjust=["sex", "age"], by=by)  # pyright: ignore[reportArgumentType] - names


def shown(found: AttendanceDose) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows by events and group."""
    table = found.estimate.to_frame().assign(flags=found.flags)
    return {
        (events, group): dict(zip(table.columns, row, strict=True))
        for events, group, row in zip(table["events"], table["ethnicity"], table.to_numpy().tolist(), strict=True)
    }


@pytest.mark.parametrize("clusters", ["row", "site"])
@pytest.mark.parametrize(("outcome", "answer"), [("confident", "1"), ("score", None)])
def test_every_row_equals_svyglm_and_clubsandwich(outcome: str, answer: str | None, clusters: str) -> None:
    frame = pd.read_csv(ORACLE / "data.csv", comment="#")
    at = lp.Sample.from_frame(frame, weight="weight", psu=None if clusters == "row" else "site")
    found = attendance_dose(at, outcome, answer, events="events", adjust=["age_band", "sex"])
    got = shown(found)
    table = pd.read_csv(ORACLE / "expected.csv", comment="#")
    wanted = table[(table["outcome"] == outcome) & (table["clusters"] == clusters)]
    keys = list(zip(wanted["events"], wanted["group"], strict=True))
    for column in ("estimate", "std_error", "df"):
        np.testing.assert_allclose([got[key][column] for key in keys], wanted[column], rtol=RTOL, atol=1e-12)
    assert {key for key, row in got.items() if not row["refused"]} == set(keys)
    assert got[("trend", "Asian")]["refused"] == "no trend: 1 event and 2 or more events are taken together"


def test_without_adjusters_steps_are_differences_of_weighted_means_and_the_line_is_their_least_squares() -> None:
    """None: 1, 2 (weights 1, 1): 1.5; one event: 4 (weight 2); two: 5 and 7 (weights 1, 3): 6.5."""
    values = {"0": ([1.0, 2.0], [1.0, 1.0]), "1": ([4.0, 4.0], [1.0, 1.0]), "2": ([5.0, 7.0], [1.0, 3.0])}
    rows = [
        {"events": int(events), "score": score, "weight": weight}
        for events, (scores, weights) in values.items()
        for score, weight in zip(scores, weights, strict=True)
        for _ in range(6)
    ]
    found = attendance_dose(sample(pd.DataFrame(rows)), "score", events="events", adjust=[], by=())
    got = found.estimate.to_frame().set_index("events")["estimate"]
    assert got["1 - 0"] == pytest.approx(4 - 1.5)
    assert got["2+ - 0"] == pytest.approx(6.5 - 1.5)
    assert got["trend"] == pytest.approx((6.5 - 1.5) / 2)
    x, y, w = (np.array([row[name] for row in rows], dtype=float) for name in ("events", "score", "weight"))
    centred = x - np.average(x, weights=w)
    assert got["per event"] == pytest.approx((w * centred * y).sum() / (w * centred**2).sum())


@given(seed=SEEDS, factor=st.floats(1e-3, 1e5))
@settings(max_examples=10, deadline=None)
def test_scaling_the_weights_and_reordering_respondents_change_nothing(seed: int, factor: float) -> None:
    frame = survey(seed)
    other = frame.assign(weight=frame["weight"] * factor).sample(frac=1, random_state=seed)
    one, two = dose(sample(frame)), dose(sample(other))
    np.testing.assert_allclose(two.estimate.value, one.estimate.value, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(two.estimate.std_error, one.estimate.std_error, rtol=1e-7)
    assert two.flags == one.flags


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_turning_the_outcome_round_flips_the_sign_and_a_constant_adjuster_changes_nothing(seed: int) -> None:
    frame = survey(seed)
    one, two = dose(sample(frame)), dose(sample(frame.assign(score=-frame["score"])))
    np.testing.assert_allclose(two.estimate.value, -one.estimate.value, rtol=1e-9, atol=1e-12)
    more = attendance_dose(sample(frame.assign(force=7.0)), "score", events="events", adjust=["sex", "age", "force"])
    np.testing.assert_allclose(more.estimate.std_error, one.estimate.std_error, rtol=1e-9)
    assert "the same for everyone and so without effect: force" in more.flags[0]


def test_rows_are_the_line_its_differences_and_the_steps_of_everybody_and_of_each_group() -> None:
    found = dose(sample(survey()), "confidence", "high")
    labels = found.estimate.labels
    assert list(labels.columns) == ["variable", "answer", "events", "ethnicity"]
    assert list(labels["events"][:4]) == ["per event"] * 4
    assert list(labels["ethnicity"][:4]) == ["All respondents", "Black", "White", "Black - White"]
    assert list(labels["events"][4:7]) == ["1 - 0", "2+ - 0", "trend"]
    rows = shown(found)
    apart = rows["per event", "Black"]["estimate"] - rows["per event", "White"]["estimate"]
    assert rows["per event", "Black - White"]["estimate"] == pytest.approx(apart)


def test_few_attendees_at_a_number_of_events_join_their_neighbour_and_it_is_said() -> None:
    frame = survey()
    often = frame.index[(frame["ethnicity"] == "Black") & frame["events"].isin(["2", "3+"])]
    frame.loc[often[9:], "events"] = "1"
    got = shown(dose(sample(frame)))
    assert ("1+ - 0", "Black") in got
    assert ("2+ - 0", "Black") not in got
    assert "fewer than 10 attended one of the two" in got[("1+ - 0", "Black")]["flags"]
    assert got[("trend", "Black")]["refused"].startswith("no trend")
    assert got[("2+ - 0", "White")]["refused"] == ""


def test_a_number_of_events_that_few_attended_is_flagged() -> None:
    got = shown(dose(sample(survey(n=150))))
    assert "fewer than 30 attended 2+ events" in got["2+ - 0", "Black"]["flags"]
    assert "fewer than 30 attended 1 event" in got["1 - 0", "Black"]["flags"]
    assert "event" not in got["trend", "Black"]["flags"]


def test_a_group_in_which_few_attended_is_refused_with_a_reason_and_the_others_are_not() -> None:
    frame = survey()
    black = frame.index[(frame["ethnicity"] == "Black") & (frame["events"] != "0")]
    frame.loc[black[9:], "events"] = "0"
    got = shown(dose(sample(frame)))
    assert got[("per event", "Black")]["refused"] == "fewer than 10 attended (Black)"
    assert got[("per event", "Black - White")]["refused"] == "fewer than 10 attended (Black)"
    assert np.isnan(got[("1+ - 0", "Black")]["estimate"])
    assert got[("per event", "White")]["refused"] == ""


def test_too_few_attendees_altogether_are_a_refusal_and_not_an_exception() -> None:
    frame = survey(n=42)
    frame.loc[frame.index[frame["events"] != "0"][5:], "events"] = "0"
    found = dose(sample(frame))
    assert all("fewer than 10 attended" in reason for reason in found.refused)
    assert np.isnan(found.estimate.value).all()


def test_few_sites_are_said_and_standard_errors_go_by_respondents_there() -> None:
    frame = survey()
    frame.loc[frame["ethnicity"] == "Black", "site"] %= 4
    clustered, alone = shown(dose(sample(frame, psu="site"))), shown(dose(sample(frame)))
    assert "fewer than 5 recruitment sites" in clustered[("per event", "Black")]["flags"]
    for row in (("per event", "Black"), ("1 - 0", "Black")):
        assert clustered[row]["std_error"] == pytest.approx(alone[row]["std_error"])
    assert "recruitment sites" not in clustered[("per event", "White")]["flags"]


def test_an_answer_open_at_the_top_counts_as_its_lowest_number_and_it_is_said() -> None:
    frame = survey()
    counted = frame.assign(events=frame["events"].replace({"3+": "3"}).astype(int))
    one, two = dose(sample(frame)), dose(sample(counted))
    np.testing.assert_allclose(one.estimate.value, two.estimate.value, rtol=1e-12)
    assert "3+ events count as 3" in one.flags[0]
    assert "count as" not in two.flags[0]


def test_bases_count_everybody_once() -> None:
    found = dose(sample(survey()))
    black = found.bases[found.bases["ethnicity"] == "Black"]
    assert list(black["events"]) == ["0", "1", "2+"]
    assert found.bases.loc[found.bases["ethnicity"] != "All respondents", "n"].sum() == found.n
    np.testing.assert_allclose(black["mean_events"].iloc[:2], [0, 1])
    assert 2 < black["mean_events"].iloc[2] < 3


def test_p_values_are_adjusted_within_each_kind_of_row() -> None:
    found = dose(sample(survey()))
    line = found.test[found.test["events"] == "per event"]
    alone, groups = line[~line["ethnicity"].isin(["Black", "White"])], line[line["ethnicity"].isin(["Black", "White"])]
    np.testing.assert_allclose(alone["p_adjusted"], alone["p_value"])
    assert groups["p_adjusted"].min() == pytest.approx(min(2 * groups["p_value"].min(), 1))


def test_the_wording_claims_an_association_that_people_chose_themselves() -> None:
    book = {"events": Variable("events", "LPACT events attended"), "score": Variable("score", "Confidence")}
    found = dose(replace(sample(survey()), codebook=book))
    assert "who attends more, is self-chosen" in found.not_shown
    assert "no proof that events change them" in found.not_shown
    assert "dose" not in found.not_shown
    assert "the mean of 'Confidence' with each event attended" in found.estimand
    assert "alike in sex, age; for all respondents the same in every group of ethnicity" in found.estimand
    assert found.not_shown in repr(found)
    assert found.adjusters == ("sex", "age")


def test_respondents_who_miss_an_answer_are_left_out_and_counted() -> None:
    frame = survey().astype({"events": object})
    frame.loc[:4, "events"] = None
    found = dose(sample(frame))
    assert found.left_out == 5
    assert found.n == len(frame) - 5


def test_an_adjuster_that_attending_may_have_changed_is_refused_by_name() -> None:
    at = replace(sample(survey()), codebook={"age": Variable("age", "Age", after_attendance=True)})
    with pytest.raises(EstimationError, match=r"Cannot adjust for \['age'\]: attending may have changed"):
        dose(at)


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (("often", "never"), r"they have to be as '0', '1', '2\+'"),
        ((1, -1), "no numbers of events"),
        ((1.0, 0.5), "no numbers of events"),
    ],
)
def test_what_is_no_number_of_events_is_refused(events: tuple[Any, Any], message: str) -> None:
    frame = survey()
    frame["events"] = np.where(frame["events"] == "0", events[1], events[0])
    with pytest.raises(EstimationError, match=message):
        dose(sample(frame))


def test_what_is_used_twice_or_does_not_exist_is_refused() -> None:
    with pytest.raises(WrongUseError, match="are used twice"):
        attendance_dose(sample(survey()), "score", events="events", adjust=["score"])
    with pytest.raises(EstimationError, match="no such variable"):
        attendance_dose(sample(survey()), "score", events="visits", adjust=["sex"])


def test_where_everybody_answered_alike_there_is_no_difference_to_test() -> None:
    got = dose(sample(survey().assign(confidence="high")), "confidence", "high")
    assert all("no chance variation" in reason or "no trend" in reason for reason in got.refused)
    assert np.isnan(got.test["p_value"]).all()
