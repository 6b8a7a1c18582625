"""The table of sensitivity: its numbers are R's, every gap has each measure or a reason, its sentences are plain."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.comparison import sensitivity_words as words
from lpact_eval.comparison.adjusted import Adjusted
from lpact_eval.comparison.arms import Question, Roles, ask
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.regression_gap import regression_gap
from lpact_eval.comparison.sensitivity import COLUMNS, sensitivity_table
from lpact_eval.comparison.tiers import Row
from lpact_eval.reporting.lint import hits

ORACLE = Path(__file__).parents[1] / "oracles" / "sensitivity"
RTOL = 1e-8  # residual sums of squares and matrix roots taken in another order
ADJUST = ("age_band", "sex", "visits")
WHOLE = [Row(ALL, (ALL,))]
HEADLINES = ("e-value", "robustness value", "participation tipping ratio")
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def r_data() -> pd.DataFrame:
    return pd.read_csv(ORACLE / "data.csv", comment="#").assign(confident=lambda frame: frame["confident"].astype(str))


def r_values(block: str) -> dict[tuple[str, float], float]:
    table = pd.read_csv(ORACLE / "expected.csv", comment="#")
    rows = table[table["block"] == block]
    return {(row.label, row.times): row.value for row in rows.itertuples()}


def question_of(frame: pd.DataFrame, outcome: str, answer: str | None, by: tuple[str, ...] = ()) -> Question:
    sample = lp.Sample.from_frame(frame, weight="weight" if "weight" in frame else None)
    return ask(sample, Roles(outcome, None if answer is None else (answer,), "went", by, ADJUST))


def alone(question: Question) -> Adjusted:
    """The regression of all respondents, by the public functions, with the two adjusted means and their covariance."""
    left = question.roles.outcome if question.roles.answer is None else '{confident.isin(["1"])}'
    fit = lp.regress(question.sample, f"{left} ~ went + {' + '.join(ADJUST)}")
    pair = lp.predictions(fit, at={"went": ["yes", "no"]}, covariates="fixed")  # as R does
    gap = lp.comparisons(fit, "went", "yes", minus="no")
    return Adjusted(
        estimate=gap,
        weights={ALL: question.arms.weight},
        scores={},
        notes={},
        means={ALL: (float(pair.value[0]), float(pair.value[1]))},
        shares={ALL: pair},
    )


def table_of(question: Question, adjusted: Adjusted) -> pd.DataFrame:
    return sensitivity_table(question, WHOLE, adjusted, adjusted.estimate)


def value_of(table: pd.DataFrame, measure: str) -> float:
    return float(table.loc[table["measure"] == measure, "value"].item())


@pytest.mark.parametrize("weights", ["weighted", "unweighted"])
@pytest.mark.parametrize(("outcome", "answer"), [("score", None), ("confident", "1")])
def test_numbers_equal_r(outcome: str, answer: str | None, weights: str) -> None:
    frame = r_data() if weights == "weighted" else r_data().drop(columns="weight")
    question = question_of(frame, outcome, answer)
    table = table_of(question, alone(question))
    known = {label: value for (label, _), value in r_values(f"{outcome} {weights}").items()}

    assert float(alone(question).estimate.value[0]) == pytest.approx(known.pop("estimate"), rel=RTOL)
    for measure, value in known.items():
        assert value_of(table, measure) == pytest.approx(value, rel=RTOL), measure
    benchmarks = table[table["measure"] == "benchmark"].set_index(["covariate", "times"])
    for column, block in (
        ("value", "benchmark"),
        ("t", "t"),
        ("explains_attended", "explains_attended"),
        ("explains_outcome", "explains_outcome"),
    ):
        wanted = r_values(f"{outcome} {weights} {block}")
        np.testing.assert_allclose(benchmarks.loc[list(wanted), column], list(wanted.values()), rtol=RTOL)


def test_without_weights_the_robustness_value_is_that_of_the_classical_t() -> None:
    """Equal to sensemakr's: t of ordinary least squares on its residual degrees of freedom."""
    frame = r_data().drop(columns="weight")
    matrix = np.column_stack(
        [frame["went"] == "yes", np.ones(len(frame)), frame["visits"], frame["sex"] == "Male"]
        + [frame["age_band"] == band for band in ("35-54", "55+")]
    ).astype(float)
    bread = np.linalg.inv(matrix.T @ matrix)
    coefficients = bread @ matrix.T @ frame["score"].to_numpy()
    df = len(frame) - matrix.shape[1]
    residual = frame["score"].to_numpy() - matrix @ coefficients
    t = coefficients[0] / math.sqrt(bread[0, 0] * (residual @ residual) / df)
    question = question_of(frame, "score", None)
    found = value_of(table_of(question, alone(question)), "robustness value")
    assert found == pytest.approx(lp.robustness_value(t=t, df=df), rel=1e-10)


def survey(seed: int = 5, n: int = 300) -> pd.DataFrame:
    """Black, White and a few Asian respondents; attendance depends on age and visits, answers on all of them."""
    rng = np.random.default_rng(seed)
    visits = rng.poisson(2, n)
    went = rng.random(n) < 1 / (1 + np.exp(0.8 - 0.3 * visits))
    group = rng.permutation(np.resize(["Black", "Black", "White", "White", "White", "White"], n))
    group[:9] = "Asian"
    latent = 0.7 * went - 0.2 * visits - 0.3 * (group == "Black") + rng.normal(size=n)
    return pd.DataFrame(
        {
            "weight": rng.uniform(0.5, 2, n),
            "ethnicity": group,
            "age_band": rng.choice(["16-34", "35-54", "55+"], n),
            "sex": rng.choice(["Female", "Male"], n),
            "visits": visits.astype(float),
            "went": np.where(went, "yes", "no"),
            "confident": np.where(latent > 0, "1", "0"),
            "score": latent,
        }
    )


def by_group(
    seed: int = 5, outcome: str = "confident", answer: str | None = "1"
) -> tuple[Question, list[Row], Adjusted]:
    question = question_of(survey(seed), outcome, answer, by=("ethnicity",))
    rows = [
        *WHOLE,
        *(Row(name, (name,)) for name in question.arms.names),
        Row("Black - White", ("Black", "White")),
    ]
    made = regression_gap(question, rows)
    refused = tuple("fewer than 10 attended (Asian)" if row.name == "Asian" else "" for row in rows)
    value = np.where([bool(reason) for reason in refused], np.nan, made.estimate.value)
    return question, rows, replace(made, estimate=replace(made.estimate, value=value, refused=refused))


@pytest.mark.parametrize(("outcome", "answer"), [("confident", "1"), ("score", None)])
def test_every_gap_has_every_measure_or_a_reason(outcome: str, answer: str | None) -> None:
    question, rows, adjusted = by_group(outcome=outcome, answer=answer)
    table = sensitivity_table(question, rows, adjusted, adjusted.estimate)
    assert list(table.columns) == ["ethnicity", *COLUMNS]
    for row in rows:
        part = table[table["ethnicity"] == row.name]
        assert set(HEADLINES) <= set(part["measure"])
        assert (part["reading"] != "").all()
        if row.name in {"Asian", "Black - White"}:
            assert part["value"].isna().all()
            assert list(part["measure"]) == list(HEADLINES)
        else:
            benchmarks = part[part["measure"] == "benchmark"]
            adjusters = {*ADJUST, "ethnicity"} if row.name == ALL else set(ADJUST)
            assert set(benchmarks["covariate"]) == adjusters
            assert benchmarks.groupby("covariate")["times"].apply(list).map(lambda found: found == [1, 2, 3]).all()


def test_reasons_stand_in_place_of_numbers() -> None:
    question, rows, adjusted = by_group()
    table = sensitivity_table(question, rows, adjusted, adjusted.estimate).set_index(["ethnicity", "measure"])[
        "reading"
    ]
    assert table["Asian", "e-value"] == "Not worked out: fewer than 10 attended (Asian)."
    assert "difference between two groups" in table["Black - White", "e-value"]
    means = sensitivity_table(
        *(by_group(outcome="score", answer=None)[place] for place in (0, 1, 2)), adjusted.estimate
    )
    tipping = means[(means["measure"] == "participation tipping ratio") & (means["ethnicity"] == ALL)]
    assert tipping["reading"].item() == "Not worked out: it is about shares, and this is a mean."


@pytest.mark.parametrize("means", [(1.02, 0.9), (0.4, -0.01), (math.nan, math.nan)])
def test_shares_outside_their_range_have_no_ratio(means: tuple[float, float]) -> None:
    question = question_of(r_data(), "confident", "1")
    table = table_of(question, replace(alone(question), means={ALL: means}))
    for measure in ("e-value", "participation tipping ratio"):
        row = table[table["measure"] == measure]
        assert row["value"].isna().all()
        assert row["reading"].item() == "Not worked out: an adjusted share is not between 0% and 100%."
    assert not np.isnan(value_of(table, "robustness value"))


def test_the_end_of_an_interval_may_leave_the_range_of_shares_alone() -> None:
    question = question_of(r_data(), "confident", "1")
    whole = alone(question)
    far = replace(whole, means={ALL: (0.995, 0.985)}, shares={})
    table = table_of(question, replace(far, estimate=replace(whole.estimate, influence=whole.estimate.influence / 100)))
    found = table[table["measure"] == "participation tipping ratio of the interval"]
    assert found["value"].isna().all()
    assert not np.isnan(value_of(table, "participation tipping ratio"))


def test_without_the_covariance_the_share_of_the_others_is_held_fixed() -> None:
    question = question_of(r_data(), "confident", "1")
    whole = alone(question)
    low = float(whole.estimate.confint()[0][0])
    second = whole.means[ALL][1]
    for other in (
        replace(whole, shares={}),
        replace(whole, shares={ALL: replace(whole.shares[ALL], influence=whole.shares[ALL].influence * 2)}),
    ):
        table = table_of(question, other)
        row = table[table["measure"] == "e-value of the interval"]
        assert row["approximate"].item()
        ratio = (second + low) / second
        assert row["value"].item() == pytest.approx(lp.e_value(risk_ratio=ratio).point, rel=1e-12)
    assert not table_of(question, whole).set_index("measure").loc["e-value of the interval", "approximate"]


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_numbers_keep_their_laws(seed: int) -> None:
    question, rows, adjusted = by_group(seed)
    table = sensitivity_table(question, rows, adjusted, adjusted.estimate)
    low, high = adjusted.estimate.confint()
    for place, row in enumerate(rows):
        part = table[(table["ethnicity"] == row.name) & (table["measure"] != "benchmark")].set_index("measure")["value"]
        if row.name in {"Asian", "Black - White"} or part.isna().any():
            continue
        crosses = bool(low[place] <= 0 <= high[place])
        assert part["e-value"] >= part["e-value of the interval"] >= 1
        assert 1 >= part["robustness value"] >= part["robustness value of the interval"] >= 0
        assert (part["robustness value of the interval"] == 0) == crosses
        assert (
            not crosses or part["e-value of the interval"] == part["participation tipping ratio of the interval"] == 1
        )
        assert (part["participation tipping ratio"] > 1) == (adjusted.estimate.value[place] > 0)


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_relabelling_the_arms_keeps_strengths_and_inverts_the_tipping_ratio(seed: int) -> None:
    frame = survey(seed)
    swapped = frame.assign(went=frame["went"].map({"yes": "no", "no": "yes"}))
    one, two = (
        table_of(question, alone(question))
        for question in (question_of(at, "confident", "1") for at in (frame, swapped))
    )
    for measure in ("e-value", "e-value of the interval", "robustness value", "robustness value of the interval"):
        assert value_of(two, measure) == pytest.approx(value_of(one, measure), rel=1e-6, abs=1e-9)
    measure = "participation tipping ratio"
    assert value_of(one, measure) * value_of(two, measure) == pytest.approx(1, rel=1e-9)


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_scaling_the_weights_changes_nothing(seed: int) -> None:
    frame = survey(seed)
    one, two = (
        table_of(question, alone(question))
        for question in (question_of(at, "confident", "1") for at in (frame, frame.assign(weight=frame["weight"] * 37)))
    )
    np.testing.assert_allclose(two["value"], one["value"], rtol=1e-8, atol=1e-10)


def test_nothing_left_to_explain_is_said() -> None:
    frame = r_data()
    question = question_of(frame.assign(visits=(frame["went"] == "yes").astype(float)), "score", None)
    table = table_of(question, alone(question_of(frame, "score", None)))
    assert value_is_missing(table, "robustness value")
    assert "benchmark" not in set(table["measure"])


def test_balancing_weights_do_not_make_the_benchmarks_weak() -> None:
    """Weights under which no adjuster goes with attendance would say that a reason as strong as it changes nothing."""
    question = question_of(r_data(), "confident", "1")
    whole = alone(question)
    balanced = replace(
        whole, weights={ALL: np.ones(question.rows.size)}, scores={ALL: np.full(question.rows.size, 0.5)}
    )
    pd.testing.assert_frame_equal(table_of(question, balanced), table_of(question, whole))


def value_is_missing(table: pd.DataFrame, measure: str) -> bool:
    row = table[table["measure"] == measure]
    return bool(row["value"].isna().item()) and row["reading"].item().startswith("Not worked out")


def test_answers_that_do_not_vary_have_no_e_value() -> None:
    frame = r_data()
    question = question_of(frame.assign(score=np.where(frame["went"] == "yes", 2.0, 1.0)), "score", None)
    table = table_of(question, alone(question_of(frame, "score", None)))
    assert (
        table.loc[table["measure"] == "e-value", "reading"].item()
        == "Not worked out: within each arm the answers hardly vary."
    )


def test_a_gap_without_an_interval_has_only_numbers_for_itself() -> None:
    question = question_of(r_data(), "confident", "1")
    whole = alone(question)
    bare = replace(whole.estimate, influence=np.full_like(whole.estimate.influence, np.nan))
    table = sensitivity_table(question, WHOLE, whole, bare)
    of_interval = table["measure"].str.endswith("of the interval")
    assert of_interval.sum() == 3
    assert (table.loc[of_interval, "reading"] == "Not worked out: there is no interval.").all()
    assert table.loc[~of_interval, "value"].notna().all()


def test_a_gap_of_nothing_has_nothing_to_explain_away() -> None:
    question = question_of(r_data(), "confident", "1")
    whole = alone(question)
    none = replace(whole, means={ALL: (0.4, 0.4)}, estimate=replace(whole.estimate, value=np.zeros(1)))
    table = table_of(question, none).set_index("measure")
    assert table.loc["e-value", "value"] == 1
    assert (
        table.loc["e-value", "reading"] == "Attendees and others answered alike, so there is nothing to explain away."
    )
    assert table.loc["robustness value", "value"] == 0


def test_an_adjuster_too_strong_to_be_matched_is_said_to_be() -> None:
    frame = r_data()
    near = (frame["went"] == "yes").to_numpy() ^ (np.arange(len(frame)) % 20 == 0)
    question = question_of(frame.assign(visits=near.astype(float)), "confident", "1")
    table = table_of(question, alone(question))
    strong = table[(table["covariate"] == "visits") & (table["times"] == 3)]
    assert strong["value"].isna().item()
    assert strong["reading"].item() == (
        "No unmeasured reason could be three times as strong as 'visits', which itself explains much of who attended."
    )


def test_titles_of_the_codebook_name_the_adjusters() -> None:
    frame = r_data()
    sample = lp.Sample.from_frame(frame, weight="weight")
    book = {"visits": lp.Variable("visits", "Visits to the station", kind="number")}
    question = ask(replace(sample, codebook=book), Roles("score", None, "went", (), ADJUST))
    table = table_of(question, alone(question))
    assert (
        table.loc[table["covariate"] == "visits", "reading"].str.contains("as strong as 'Visits to the station'").all()
    )


def test_the_regression_knows_the_covariance_of_its_adjusted_shares() -> None:
    """Two rows for each domain: the adjusted means, whose difference has the gap's own variance."""
    question, rows, adjusted = by_group()
    for row, value, error in zip(rows, adjusted.estimate.value, adjusted.estimate.std_error, strict=True):
        if np.isnan(value) or len(row.sides) > 1:
            continue
        pair = adjusted.shares[row.name]
        np.testing.assert_allclose(pair.value, adjusted.means[row.name], rtol=1e-10)
        np.testing.assert_allclose(np.array([1, -1]) @ pair.vcov @ [1, -1], error**2, rtol=1e-8)
    assert not regression_gap(question, rows, estimand="att").shares


@pytest.mark.parametrize("method", ["regression", "overlap", "att", "entropy"])
def test_every_method_has_its_table(method: str) -> None:
    """One group and one adjuster, so that every method has a number; benchmarks are bounds whatever the weights."""
    sample = lp.Sample.from_frame(survey(), weight="weight")
    gap = lp.attendance_gap(sample, "confident", "1", attended="went", adjust="visits", by=(), method=method)
    table = gap.sensitivity
    assert not gap.refused[0]
    assert set(HEADLINES) <= set(table["measure"])
    assert table["value"].notna().all()
    benchmarks = table.loc[table["measure"] == "benchmark", "value"].abs().to_numpy()
    assert (np.abs(benchmarks - abs(gap.estimate.value[0])) > 0.001).all()
    assert not hits(table["reading"])


def readings() -> list[str]:
    """Every sentence that the words can make."""
    flags = [False, True]
    told = [words.refused("fewer than 10 attended"), words.too_strong_words("Age", 2)]
    for zero in flags:
        told += [
            words.e_value_words(strength, ratio, share=share, holds_zero=zero)
            for strength, ratio in ((1.0, 1.0), (1.3, 1.1), (2.84, 2.0), (2.84, 0.5))
            for share in flags
        ]
        told += [words.e_value_limit_words(strength, holds_zero=zero) for strength in (1.0, 1.7)]
        told += [words.robustness_words(value, holds_zero=zero) for value in (0.001, 0.31)]
        told += [words.tipping_limit_words(ratio, holds_zero=zero) for ratio in (0.7, 1.4, 3.0)]
        told += [
            words.benchmark_words("Age", times, (0.12, after), share=share, lost=zero)
            for times in (1, 2, 3)
            for after in (0.09, -0.02)
            for share in flags
        ]
    told += [words.robustness_limit_words(value) for value in (0.0, 0.001, 0.2)]
    return [*told, *(words.tipping_words(ratio) for ratio in (0.48, 1.4, 3.0))]


def test_every_reading_is_one_sentence_without_a_banned_word() -> None:
    question, rows, adjusted = by_group()
    told = {*readings(), *sensitivity_table(question, rows, adjusted, adjusted.estimate)["reading"]}
    assert not hits(told)
    for sentence in told:
        assert re.fullmatch(r"[A-Z][^\n]*[^.]\.", sentence), sentence
        assert not re.search(r"\. ", sentence), sentence
        assert len(sentence.split()) <= 45, sentence


def test_readings_say_the_number_in_plain_words() -> None:
    assert words.e_value_words(2.84, 2.0, share=True, holds_zero=False) == (
        "To explain this away, an unmeasured reason would have to make both attending and that answer at least 2.8 "
        "times as likely, beyond what is adjusted for."
    )
    assert words.robustness_words(0.316, holds_zero=False) == (
        "To bring this to 0, an unmeasured reason would have to explain about 32% of what the adjusters leave open, "
        "both of who attended and of how people answered."
    )
    assert words.benchmark_words("Age", 2, (0.123, 0.081), share=True, lost=True) == (
        "At worst, an unmeasured reason twice as strong as 'Age' would take this from +12.3 points to +8.1 points, "
        "with an interval that holds 0."
    )
    assert words.benchmark_words("Age", 1, (0.01, -0.0001), share=True, lost=False).endswith("to +0.0 points.")
    assert words.benchmark_words("Age", 1, (0.01, -0.0001), share=False, lost=False).endswith("from +0.01 to +0.00.")
