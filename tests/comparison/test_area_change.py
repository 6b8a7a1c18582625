from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.reporting.lint import hits

ORACLE = Path(__file__).parents[1] / "oracles" / "area_change"
RTOL = 1e-8  # two ways to take the same matrix roots in double precision
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
AREAS = [f"area {place}" for place in range(9)]
EVENT = AREAS[:4]


def survey(seed: int = 5, n: int = 540, *, waves: tuple[str, ...] = ("2022", "rerun")) -> pd.DataFrame:
    """Nine areas in every wave; answers drift together, and areas have their own levels."""
    rng = np.random.default_rng(seed)
    place = np.arange(n) % len(AREAS)
    wave = rng.permutation(n) % len(waves)
    latent = 0.1 * wave + rng.normal(0, 0.3, len(AREAS))[place] + rng.normal(0, 1, n)
    area = np.array(AREAS)[place]
    return pd.DataFrame(
        {
            "weight": rng.uniform(0.5, 2, n),
            "wave": pd.Categorical(np.array(waves)[wave], categories=list(waves), ordered=True),
            "area": area,
            "event_area": np.where(np.isin(area, EVENT), "yes", "no"),
            "site": [f"{a} {w} {s}" for a, w, s in zip(area, wave, rng.integers(0, 2, n), strict=True)],
            "ethnicity": rng.permutation(np.resize(["Black", "White"], n)),
            "age_band": rng.permutation(np.resize(["16-34", "35-54", "55+"], n)),
            "confidence": np.where(latent > 0, "high", "low"),
            "score": latent,
        }
    )


def sample(frame: pd.DataFrame, *, psu: str | None = None) -> lp.Sample:
    return lp.Sample.from_frame(frame, weight="weight", psu=psu)


def change(at: lp.Sample, variable: str = "confidence", **changes: object) -> lp.AreaChange:
    arguments: dict[str, object] = {"exposed": "event_area", "level": "rerun", "minus": "2022"}
    answer = None if variable == "score" else "high"
    return lp.area_change(at, variable, answer, **(arguments | changes))


def reference(case: str, outcome: str, clusters: str = "area") -> pd.DataFrame:
    table = pd.read_csv(ORACLE / "expected.csv", comment="#")
    return table[(table["case"] == case) & (table["outcome"] == outcome) & (table["clusters"] == clusters)]


def oracle(outcome: str, **changes: object) -> lp.AreaChange:
    frame = pd.read_csv(ORACLE / "data.csv", comment="#")
    at = lp.Sample.from_frame(frame, weight="weight", psu="site")
    arguments: dict[str, object] = {"exposed": "event_area", "level": "rerun", "minus": "2022", "by": "ethnicity"}
    answer = "1" if outcome == "confident" else None
    return lp.area_change(at, outcome, answer, **(arguments | changes))


def assert_equal(got: lp.Estimate, wanted: pd.DataFrame, names: dict[str, str]) -> None:
    """Look every row of R up among the estimates by its labels."""
    assert len(wanted)
    for row in wanted.itertuples():
        one = got.select(**{column: getattr(row, name) for column, name in names.items()})
        np.testing.assert_allclose(one.value, row.estimate, rtol=RTOL, atol=1e-12)
        np.testing.assert_allclose(one.std_error, row.std_error, rtol=RTOL)
        np.testing.assert_allclose(one.df, row.df, rtol=RTOL)


@pytest.mark.parametrize("outcome", ["confident", "score"])
@pytest.mark.parametrize("case", ["raw", "adjusted"])
def test_differences_changes_and_levels_equal_lm_and_clubsandwich(outcome: str, case: str) -> None:
    got = oracle(outcome, adjust=[] if case == "raw" else ["age_band", "years_here"])
    wanted = reference(case, outcome)
    assert_equal(got.estimate, wanted[wanted["label"] == "rerun - 2022"], {"ethnicity": "domain"})
    assert_equal(got.changes, reference(f"change {case}", outcome), {"ethnicity": "domain", "event_area": "label"})
    levels = reference(f"level {case}", outcome)
    parts = levels["label"].str.split(" ", expand=True)
    levels = levels.assign(kind=parts[0], when=parts[1])
    assert_equal(got.levels, levels, {"ethnicity": "domain", "event_area": "kind", "wave": "when"})
    if case == "adjusted":
        raw = reference("raw", outcome)
        assert_equal(got.raw, raw[raw["label"] == "rerun - 2022"], {"ethnicity": "domain"})


@pytest.mark.parametrize(("units", "clusters"), [("area", "area"), ("recruitment site", "site"), ("respondent", "row")])
def test_the_table_of_units_equals_clubsandwich_by_each_of_them(units: str, clusters: str) -> None:
    got = oracle("score", adjust=["age_band", "years_here"]).clustering
    wanted = reference("adjusted", "score", clusters).set_index("domain")
    own = got[got["units"] == units].set_index("ethnicity")
    assert len(wanted) == len(own)
    np.testing.assert_allclose(own["std_error"], wanted["std_error"].reindex(own.index), rtol=RTOL)
    np.testing.assert_allclose(own["df"], wanted["df"].reindex(own.index), rtol=RTOL)


@pytest.mark.parametrize("outcome", ["confident", "score"])
def test_each_area_against_itself_equals_lm_with_an_indicator_an_area(outcome: str) -> None:
    got = oracle(outcome, adjust="area", by=())
    assert_equal(got.estimate, reference("each area", outcome), {"group": "domain"})


def test_earlier_waves_equal_the_same_regression_on_them() -> None:
    row = oracle("confident").pretrend.iloc[0]
    wanted = reference("raw", "confident").set_index("label").loc["2022 - 2020"]
    assert row["wave"] == "2022 - 2020"
    np.testing.assert_allclose(row["estimate"], wanted["estimate"], rtol=RTOL)
    np.testing.assert_allclose(row["df"], wanted["df"], rtol=RTOL)
    half = (row["conf_high"] - row["conf_low"]) / 2
    assert half > 1.96 * wanted["std_error"]


@pytest.mark.parametrize("outcome", ["confident", "score"])
def test_the_estimate_is_svyglms_interaction(outcome: str) -> None:
    wanted = reference("svyglm", outcome).iloc[0]
    np.testing.assert_allclose(oracle(outcome).estimate.value[0], wanted["estimate"], rtol=RTOL)
    frame = pd.read_csv(ORACLE / "data.csv", comment="#").assign(
        event=lambda f: (f["event_area"] == "yes").astype(float)
    )
    frame = frame[frame["wave"] != "2020"].assign(later=lambda f: (f["wave"] == "rerun").astype(float))
    at = lp.Sample.from_frame(frame, weight="weight", psu="area")
    taylor = lp.regress(at, f"{outcome} ~ event * later", variance="taylor").coefficients.select(term="event:later")
    np.testing.assert_allclose(taylor.value, wanted["estimate"], rtol=RTOL)
    np.testing.assert_allclose(taylor.std_error, wanted["std_error"], rtol=RTOL)


def test_without_adjusters_it_is_the_contrast_of_weighted_shares_by_area() -> None:
    """Value, standard error and degrees of freedom are those of proportion() with areas as sampling units."""
    frame = survey()
    got = change(sample(frame), by="ethnicity")
    shares = lp.proportion(sample(frame, psu="area"), "confidence", "high", by=["ethnicity", "event_area", "wave"])
    for group in ("Black", "White"):
        keys = shares.labels[["ethnicity", "event_area", "wave"]].astype(str).agg(" ".join, axis=1)
        signs = {f"{group} yes rerun": 1, f"{group} yes 2022": -1, f"{group} no rerun": -1, f"{group} no 2022": 1}
        wanted = lp.contrast(shares, keys.map(signs).fillna(0).to_numpy(float)[None, :], ["did"])
        one = got.estimate.select(ethnicity=group)
        np.testing.assert_allclose(one.value, wanted.value)
        np.testing.assert_allclose(one.std_error, wanted.std_error)
        np.testing.assert_allclose(one.df, wanted.df)


def test_raked_weights_count_as_they_do_in_shares_by_area() -> None:
    frame = survey()
    counts = {(w, a): n for w in ("2022", "rerun") for a, n in (("16-34", 90.0), ("35-54", 120.0), ("55+", 60.0))}
    margins = [lp.Margin(("wave", "age_band"), counts)]
    got = change(lp.rake(sample(frame, psu="site"), margins)).estimate
    shares = lp.proportion(lp.rake(sample(frame, psu="area"), margins), "confidence", "high", by=["event_area", "wave"])
    keys = shares.labels["event_area"].astype(str) + " " + shares.labels["wave"].astype(str)
    signs = keys.map({"yes rerun": 1, "yes 2022": -1, "no rerun": -1, "no 2022": 1}).to_numpy(float)
    wanted = lp.contrast(shares, signs[None, :], ["did"])
    np.testing.assert_allclose(got.value, wanted.value)
    np.testing.assert_allclose(got.std_error, wanted.std_error)
    np.testing.assert_allclose(got.df, wanted.df)


def test_a_case_by_hand() -> None:
    """Event areas from 4/10 to 7/10, others from 5/10 to 6/10, in five areas alike: 3/10 less 1/10."""
    parts = [("yes", "2022", 4), ("yes", "rerun", 7), ("no", "2022", 5), ("no", "rerun", 6)]
    rows: list[tuple[str, str, str, str]] = []
    for kind, wave, high in parts:
        for area in ("a", "b") if kind == "yes" else ("c", "d", "e"):
            rows += [(kind, wave, area, "high" if place < high else "low") for place in range(10)]
    frame = pd.DataFrame(rows, columns=["event_area", "wave", "area", "confidence"]).assign(weight=1.0)
    got = change(sample(frame))
    np.testing.assert_allclose(got.estimate.value, [2 / 10])
    np.testing.assert_allclose(got.changes.value, [3 / 10, 1 / 10])
    np.testing.assert_allclose(got.levels.value, [7 / 10, 4 / 10, 6 / 10, 5 / 10])
    np.testing.assert_allclose(got.estimate.std_error, [0], atol=1e-12)
    assert got.areas == (("a", "b"), ("c", "d", "e"))
    assert list(got.bases["n"]) == [20, 20, 30, 30]


@given(seed=SEEDS)
@settings(max_examples=8)
def test_relabelling_areas_or_waves_flips_the_sign(seed: int) -> None:
    frame = survey(seed)
    other = frame.assign(event_area=frame["event_area"].map({"yes": "no", "no": "yes"}))
    one = change(sample(frame), adjust="age_band", by="ethnicity").estimate
    two = change(sample(other), adjust="age_band", by="ethnicity").estimate
    three = change(sample(frame), adjust="age_band", by="ethnicity", level="2022", minus="rerun").estimate
    for flipped in (two, three):
        np.testing.assert_allclose(flipped.value, -one.value, rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(flipped.std_error, one.std_error, rtol=1e-7)
        np.testing.assert_allclose(flipped.df, one.df, rtol=1e-6)


@given(seed=SEEDS, kind=st.floats(-20, 20), wave=st.floats(-20, 20), shift=st.floats(-20, 20))
@settings(max_examples=8)
def test_what_moves_a_kind_of_area_or_a_wave_alike_cancels_and_what_moves_one_group_is_the_estimate(
    seed: int, kind: float, wave: float, shift: float
) -> None:
    frame = survey(seed)
    event, later = frame["event_area"] == "yes", frame["wave"] == "rerun"
    other = frame.assign(score=frame["score"] + kind * event + wave * later + shift * (event & later))
    one, two = (change(sample(f), "score", adjust="age_band").estimate for f in (frame, other))
    np.testing.assert_allclose(two.value, one.value + shift, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(two.std_error, one.std_error, rtol=1e-6)


@given(seed=SEEDS)
@settings(max_examples=8)
def test_two_waves_of_the_same_answers_differ_in_nothing(seed: int) -> None:
    half = survey(seed, 270, waves=("2022",))
    frame = pd.concat([half, half.assign(wave="rerun")], ignore_index=True)
    got = change(sample(frame), adjust="age_band", by="ethnicity")
    np.testing.assert_allclose(got.estimate.value, 0, atol=1e-9)
    np.testing.assert_allclose(got.composition["smd"], 0, atol=1e-9)


@given(seed=SEEDS, factor=st.floats(1e-3, 1e5))
@settings(max_examples=8)
def test_scaling_weights_and_reordering_respondents_change_nothing(seed: int, factor: float) -> None:
    frame = survey(seed)
    other = frame.assign(weight=frame["weight"] * factor).sample(frac=1, random_state=seed)
    one, two = (change(sample(f), adjust=["age_band", "area"]).estimate for f in (frame, other))
    np.testing.assert_allclose(two.value, one.value, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(two.std_error, one.std_error, rtol=1e-7)
    np.testing.assert_allclose(two.df, one.df, rtol=1e-6)


def test_the_sampling_units_of_the_survey_do_not_bear_on_the_headline() -> None:
    frame = survey()
    one, two = (change(sample(frame, psu=psu)).estimate for psu in (None, "site"))
    np.testing.assert_allclose(two.std_error, one.std_error)


def test_a_respondent_whose_answer_is_missing_has_the_kind_of_the_area() -> None:
    frame = survey()
    other = frame.copy()
    other.loc[other["wave"] == "2022", "event_area"] = None
    np.testing.assert_array_equal(change(sample(other)).estimate.value, change(sample(frame)).estimate.value)
    assert (
        change(sample(other)).missing.set_index("variable")["missing"]["event_area"] == (frame["wave"] == "2022").sum()
    )


def test_assumptions_are_printed() -> None:
    got = change(sample(survey()))
    printed = repr(got)
    for text in (got.estimand, *got.assumptions, got.readings[0], got.not_shown):
        assert text in printed
    joined = " ".join(got.assumptions)
    for words in (
        "parallel trends",
        "Different people",
        "did not reach people",
        "Who answered",
        "Nothing else happened",
    ):
        assert words in joined
    assert "there is no earlier wave" in joined
    assert "age_band only" in " ".join(change(sample(survey()), adjust="age_band").assumptions)


def test_words_keep_to_the_rules_of_reports() -> None:
    frame = survey(waves=("2018", "2020", "2022", "rerun"), n=1080)
    texts: list[str] = []
    for at, arguments in ((frame, {}), (frame[frame["area"] != "area 0"], {"adjust": "age_band", "by": "ethnicity"})):
        got = change(sample(at.reset_index(drop=True)), **arguments)
        texts += [got.estimand, got.not_shown, *got.flags, *got.assumptions, *got.readings, *got.pretrend["reading"]]
    assert not hits(texts)


def test_earlier_waves_are_checked_two_by_two_and_doubts_are_flagged() -> None:
    frame = survey(waves=("2018", "2020", "2022", "rerun"), n=1080)
    got = change(sample(frame))
    assert list(got.pretrend["wave"]) == ["2020 - 2018", "2022 - 2020"]
    assert "earlier waves are compared" in got.assumptions[0]
    moved = frame["score"] + 3.0 * ((frame["event_area"] == "yes") & (frame["wave"] == "2018"))
    doubted = change(sample(frame.assign(confidence=np.where(moved > 0, "high", "low"))))
    said = "event areas and others moved differently before: parallel trends are in doubt"
    assert doubted.pretrend["reading"][0] == said
    assert said in doubted.flags[0]
    assert change(sample(frame), level="2018", minus="rerun").pretrend.empty


def test_an_earlier_wave_that_can_not_be_used_says_why() -> None:
    frame = survey(waves=("2020", "2022", "rerun"), n=810)
    frame.loc[frame["wave"] == "2020", "confidence"] = None
    row = change(sample(frame)).pretrend.iloc[0]
    assert "fewer than 10 answers in event areas, earlier" in row["refused"]
    assert np.isnan(row["estimate"])


def test_readings_follow_the_interval() -> None:
    frame = survey()
    event, later = frame["event_area"] == "yes", frame["wave"] == "rerun"
    for shift, words in (
        (9.0, "further up, or less far down"),
        (-9.0, "further down, or less far up"),
        (0.0, "can't tell"),
    ):
        moved = frame.assign(score=frame["score"] + shift * (event & later))
        assert words in change(sample(moved), "score").readings[0]
    few = frame[~frame["area"].isin(["area 2", "area 3"])].reset_index(drop=True)
    got = change(sample(few))
    assert got.estimate.df[0] < 4
    assert "Too few areas for a test" in got.readings[0]
    assert np.isnan(got.test["p_value"][0])
    assert np.isfinite(got.estimate.to_frame()["conf_low"][0])
    assert "fewer than 4 degrees of freedom: no p value, interval indicative only" in got.flags[0]
    assert "fewer than 10 areas" in got.flags[0]


def test_one_event_area_is_refused_and_its_levels_are_shown() -> None:
    frame = survey().assign(event_area=lambda f: np.where(f["area"] == "area 0", "yes", "no"))
    got = change(sample(frame, psu="site"))
    assert got.refused == ("fewer than 2 event areas: nothing shows how far such areas differ",)
    assert np.isnan(got.estimate.value).all()
    assert not any(got.levels.refused)
    assert (got.levels.std_error > 0).all()
    units = got.clustering.set_index("units")
    assert units.loc["area", "refused"] == got.refused[0]
    assert np.isfinite(units.loc[["recruitment site", "respondent"], "std_error"]).all()


def test_few_areas_are_refused() -> None:
    frame = survey()
    frame = frame[frame["area"].isin(["area 0", "area 1", "area 5", "area 6"])].reset_index(drop=True)
    assert change(sample(frame)).refused == ("fewer than 5 areas: nothing shows how far areas move by themselves",)


def test_a_group_in_too_few_areas_is_refused_and_the_others_keep_their_clusters() -> None:
    frame = survey()
    frame["ethnicity"] = np.where(frame["area"].isin(EVENT[1:]), "White", frame["ethnicity"])
    got = change(sample(frame), by="ethnicity")
    alone = change(sample(frame))
    assert "fewer than 2 event areas" in got.refused[1]
    assert got.refused[0] == got.refused[2] == ""
    np.testing.assert_allclose(got.estimate.std_error[0], alone.estimate.std_error[0])
    assert np.isnan(got.levels.select(ethnicity="Black").value).all()


def test_small_groups_are_refused() -> None:
    frame = survey()
    black = frame.index[(frame["ethnicity"] == "Black") & (frame["event_area"] == "yes") & (frame["wave"] == "2022")]
    frame.loc[black[9:], "ethnicity"] = "White"
    got = change(sample(frame), by="ethnicity")
    assert got.refused[1].startswith("fewer than 10 answers in event areas, earlier (Black)")
    assert not got.refused[0]


def test_respondents_who_changed_are_flagged_within_their_kind_of_area() -> None:
    frame = survey()
    moved = (frame["event_area"] == "yes") & (frame["wave"] == "rerun") & (np.arange(len(frame)) % 2 == 0)
    frame["age_band"] = np.where(moved, "55+", frame["age_band"])
    got = change(sample(frame), adjust="age_band")
    assert "respondents of the two waves in event areas differ clearly in age_band" in got.flags[0]
    assert "other areas differ" not in got.flags[0]
    assert set(got.composition["covariate"]) == {"age_band", "area"}


def test_an_area_of_both_kinds_raises() -> None:
    frame = survey()
    frame.loc[frame.index[frame["area"] == "area 0"][0], "event_area"] = "no"
    with pytest.raises(EstimationError, match=r"'event_area' is both yes and no within \['area 0'\]"):
        change(sample(frame))


def test_waves_and_kinds_that_are_absent_raise() -> None:
    frame = survey()
    with pytest.raises(EstimationError, match=r"there is no wave \['2030'\]; the sample has"):
        change(sample(frame), level="2030")
    with pytest.raises(WrongUseError, match="'2022' is compared with itself"):
        change(sample(frame), level="2022")
    with pytest.raises(EstimationError, match=r"'event_area' names no event area \(yes\) in these waves"):
        change(sample(frame.assign(event_area="no")))
    with pytest.raises(EstimationError, match=r"Cannot use 'ethnicity' to tell event areas from others"):
        change(sample(frame), exposed="ethnicity")
    with pytest.raises(EstimationError, match=r"there is no variable \['district'\]"):
        change(sample(frame), areas="district")
    with pytest.raises(WrongUseError, match=r"\['wave'\] are used twice"):
        change(sample(frame), by="wave")


def coded(at: lp.Sample, **said: object) -> lp.Sample:
    known = lp.Variable("confidence", "Confidence", answers=("high", "low"), positive=("high",), **said)
    return replace(at, codebook=MappingProxyType({"confidence": known}))


def test_questions_that_were_not_asked_or_not_the_same_raise_and_partly_the_same_is_flagged() -> None:
    at = sample(survey())
    with pytest.raises(EstimationError, match="was not asked in 2022"):
        change(coded(at, comparable={"2022": "not asked"}))
    with pytest.raises(EstimationError, match="can't be compared in 2022: another scale"):
        change(coded(at, comparable={"2022": "none"}, reason={"2022": "another scale"}))
    assert "only partly the same" in change(coded(at, comparable={"2022": "partial"})).flags[0]


def test_an_adjuster_that_the_events_may_have_changed_raises() -> None:
    known = lp.Variable("age_band", "Age", after_attendance=True)
    at = replace(sample(survey()), codebook=MappingProxyType({"age_band": known}))
    with pytest.raises(EstimationError, match=r"Cannot adjust for \['age_band'\]: the events may have changed them"):
        change(at, adjust="age_band")


def test_a_mode_that_changed_with_the_wave_is_flagged_and_can_not_be_adjusted_for() -> None:
    day = dt.date(2022, 5, 1)
    waves = (lp.Wave("2022", "2022", day, day, mode="paper"), lp.Wave("rerun", "Re-run", day, day, mode="online"))
    at = replace(sample(survey()), waves=waves)
    assert "collection mode or recruiter changed completely" in change(at).flags[0]
    frame = survey().assign(mode=lambda f: np.where(f["wave"] == "rerun", "online", "paper"))
    got = change(sample(frame), adjust="mode")
    assert got.refused == ("the groups compared and the other adjusters explain mode: leave it out of adjust",)


def test_replicate_weights_are_left_aside_and_said_so() -> None:
    at = lp.replicate(sample(survey(n=270), psu="site"), method="jackknife")
    got = change(at)
    np.testing.assert_allclose(got.estimate.std_error, change(sample(survey(n=270))).estimate.std_error)
    assert "replicate weights are not used" in got.flags[0]


def test_an_area_that_answered_in_one_wave_only_is_named() -> None:
    frame = survey()
    frame = frame[(frame["area"] != "area 8") | (frame["wave"] == "rerun")].reset_index(drop=True)
    assert "answers in one of the waves only: area 8" in change(sample(frame)).flags[0]


def test_where_everybody_answered_alike_there_is_no_change_to_test() -> None:
    got = change(sample(survey().assign(confidence="high")))
    assert all("no chance variation" in reason for reason in got.refused)
    assert np.isnan(got.test["p_value"]).all()
