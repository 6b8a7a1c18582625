"""Cases small enough to do on paper, and every refusal."""

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.multiplicity import adjust

THREE = pd.DataFrame({"answer": ["yes", "no", "no"], "weight": [2.0, 1.0, 1.0], "score": [4.0, 2.0, 1.0]})


def test_a_weighted_share_of_three_respondents() -> None:
    """Share = 2 / 4. Taylor: u = w (y - p) / 4 = .25, -.125, -.125; V = 3/2 (.0625 + .015625 + .015625) = .140625."""
    share = lp.proportion(lp.Sample.from_frame(THREE, weight="weight"), "answer", "yes", variance="taylor")
    np.testing.assert_allclose(share.value, [0.5])
    np.testing.assert_allclose(share.std_error, [np.sqrt(0.140625)])
    np.testing.assert_allclose(share.df, [2])


def test_cr2_of_a_weighted_share_of_three_respondents() -> None:
    """W = 4, sum of squares 6: B = 1 - 2w/4 + 6/16, so .375 for w = 2 and .875 for w = 1.

    V = (2 x .5)^2 / 16 / .375 + 2 (1 x .5)^2 / 16 / .875 = 1/6 + 1/28.
    """
    share = lp.proportion(lp.Sample.from_frame(THREE, weight="weight"), "answer", "yes")
    np.testing.assert_allclose(share.std_error, [np.sqrt(1 / 6 + 1 / 28)], rtol=1e-12)


def test_a_mean_total_and_ratio_of_three_respondents() -> None:
    """Sum of w y = 8 + 2 + 1 = 11 and of w = 4."""
    sample = lp.Sample.from_frame(THREE, weight="weight")
    np.testing.assert_allclose(lp.mean(sample, "score").value, [11 / 4])
    np.testing.assert_allclose(lp.total(sample, "score").value, [11])
    np.testing.assert_allclose(lp.ratio(sample, "score", "weight").value, [11 / 6])


def test_relative_change_and_its_delta_method() -> None:
    """Means 2 and 3, each with variance 1 (values 1, 3 and 2, 4): 3/2 - 1, and V = 1/2^2 + (3/2^2)^2."""
    frame = pd.DataFrame({"wave": ["a", "a", "b", "b"], "y": [1.0, 3.0, 2.0, 4.0]})
    sample = lp.Sample.from_frame(frame, stratum="wave")
    change = lp.relative_change(lp.mean(sample, "y", by="wave", variance="taylor"), "wave", "b", minus="a")
    np.testing.assert_allclose(change.value, [0.5])
    np.testing.assert_allclose(change.std_error, [np.sqrt(1 / 4 + (3 / 4) ** 2)])


def test_nobody_and_everybody_have_intervals_with_width() -> None:
    frame = pd.DataFrame({"group": ["a"] * 15 + ["b"] * 15, "answer": ["no"] * 15 + ["yes"] * 15})
    table = lp.proportion(lp.Sample.from_frame(frame), "answer", "yes", by="group").to_frame()
    assert table["estimate"].tolist() == [0.0, 1.0]
    q = 2.1447866879169273  # Student's t, 14 degrees of freedom, .975
    np.testing.assert_allclose(table["conf_high"].iloc[0], q**2 / (15 + q**2), rtol=1e-9)
    np.testing.assert_allclose(table["conf_low"].iloc[1], 1 - q**2 / (15 + q**2), rtol=1e-9)


def test_numbers_and_texts_name_the_same_category() -> None:
    frame = pd.DataFrame({"whole": [1, 0, 1, 1], "real": [1.0, 0.0, 1.0, np.nan], "text": ["1", "0", "1", "1"]})
    sample = lp.Sample.from_frame(frame)
    for variable, share in (("whole", 3 / 4), ("real", 2 / 3), ("text", 3 / 4)):
        np.testing.assert_allclose(lp.proportion(sample, variable, "1").value, [share])


def test_a_domain_with_one_sampling_unit_is_refused_with_its_reason() -> None:
    frame = pd.DataFrame({"group": ["a", "a", "a", "b"], "site": [1, 2, 3, 3], "answer": ["x", "y", "x", "x"]})
    for variance in ("taylor", "cr2"):
        estimate = lp.proportion(lp.Sample.from_frame(frame, psu="site"), "answer", "x", by="group", variance=variance)
        table = estimate.to_frame().set_index("group")
        assert "one sampling unit" in table.loc["b", "refused"]
        assert table.loc["b", ["std_error", "conf_low", "conf_high", "df"]].isna().all()
        assert table.loc["a", "refused"] == ""


def test_a_domain_without_answers_is_refused_and_said_so() -> None:
    frame = pd.DataFrame({"group": ["a", "a", "b", "b"], "answer": ["x", "y", None, None]})
    table = lp.proportion(lp.Sample.from_frame(frame), "answer", "x", by="group").to_frame().set_index("group")
    assert table.loc["b", "refused"] == "no answers"
    assert table.loc["b", "n"] == 0


def test_a_stratum_with_one_unit_raises_and_says_what_to_do() -> None:
    frame = pd.DataFrame({"stratum": ["a", "a", "b"], "y": [1.0, 2.0, 3.0]})
    sample = lp.Sample.from_frame(frame, stratum="stratum")
    with pytest.raises(EstimationError, match=r"1 strata have one primary sampling unit.*Merge"):
        _ = lp.mean(sample, "y", variance="taylor").std_error


def test_respondents_of_weight_zero_stay_in_the_design_and_out_of_the_bases() -> None:
    sample = lp.Sample.from_frame(pd.DataFrame({"y": [1.0, 2.0, 9.0], "w": [1.0, 1.0, 0.0]}), weight="w")
    mean = lp.mean(sample, "y", variance="taylor")
    np.testing.assert_allclose(mean.value, [1.5])
    assert mean.n.tolist() == [2]
    np.testing.assert_allclose(mean.std_error, [np.sqrt(3 / 2 * 2 * 0.25**2)])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: lp.proportion(s, "anwser", "yes"), r"no such variable; it has \['answer', 'score', 'weight'\]"),
        (lambda s: lp.proportion(s, "answer", "maybe"), r"no answer \['maybe'\]; its answers are \['no', 'yes'\]"),
        (lambda s: lp.proportion(s, "answer", []), r"no answer was asked for"),
        (lambda s: lp.mean(s, "answer"), r"holds categories, not numbers"),
        (
            lambda s: lp.difference(lp.mean(s, "score", by="answer"), "wave", "a", minus="b"),
            r"Cannot compare along 'wave'",
        ),
        (
            lambda s: lp.difference(lp.mean(s, "score", by="answer"), "answer", "a", minus="no"),
            r"there is no 'a'; its levels are \['no', 'yes'\]",
        ),
        (lambda s: lp.mean(s, "score", by="answer").select(answer="x"), r"no estimate has these labels"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(call, message: str) -> None:  # noqa: ANN001 - any call
    with pytest.raises(EstimationError, match=message):
        call(lp.Sample.from_frame(THREE))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: e.to_frame(level=95), r"levels lie between 0 and 1"),
        (
            lambda e: e.to_frame(interval="exact"),
            r"there are \['auto', 'wald', 'logit', 'beta', 'wilson', 'likelihood'\]",
        ),
        (lambda e: e.to_frame(interval="beta"), r"it is for shares"),
        (lambda e: e.select(wave="2022"), r"labelled by \['variable'\]"),
        (lambda e: lp.contrast(e, np.ones((1, 2)), pd.DataFrame({"x": ["sum"]})), r"matrix has shape \(1, 2\)"),
    ],
)
def test_wrong_use_of_an_estimate_says_what_is_allowed(call, message: str) -> None:  # noqa: ANN001 - any call
    estimate = lp.mean(lp.Sample.from_frame(THREE), "score")
    with pytest.raises(WrongUseError, match=message):
        call(estimate)


def test_an_unknown_variance_is_refused() -> None:
    with pytest.raises(WrongUseError, match="'cr2' and 'taylor'"):
        lp.mean(lp.Sample.from_frame(THREE), "score", variance="hc3")  # type: ignore[arg-type]


def test_relative_change_from_nothing_is_refused() -> None:
    frame = pd.DataFrame({"wave": ["a", "a", "b", "b"], "y": [0.0, 0.0, 2.0, 4.0]})
    sample = lp.Sample.from_frame(frame, stratum="wave")
    change = lp.relative_change(lp.mean(sample, "y", by="wave"), "wave", "b", minus="a")
    assert change.refused == ("relative to a value of 0",)
    assert np.isnan(change.std_error[0])


def test_holm_and_benjamini_hochberg_on_the_textbook_case() -> None:
    """Sorted .01, .02, .03, .04: Holm 4 x .01, 3 x .02, then never less; BH 4/4 x .04 for all."""
    p = [0.04, 0.01, np.nan, 0.03, 0.02]
    np.testing.assert_allclose(adjust(p, method="holm"), [0.06, 0.04, np.nan, 0.06, 0.06])
    np.testing.assert_allclose(adjust(p, method="BH"), [0.04, 0.04, np.nan, 0.04, 0.04])


def test_an_estimate_prints_with_bases_in_a_terminal_and_a_notebook() -> None:
    estimate = lp.proportion(lp.Sample.from_frame(THREE), "answer", "yes")
    for text in (repr(estimate), estimate._repr_html_()):
        assert "n_effective" in text
        assert "refused" in text
        assert "fewer than 50 answers" in text


def test_flags_follow_the_bases_and_a_refused_estimate_has_its_reason_instead() -> None:
    frame = pd.DataFrame({"group": ["a"] * 400 + ["b"] * 20 + ["c"], "answer": ["x", "y"] * 210 + ["x"]})
    flags = lp.proportion(lp.Sample.from_frame(frame), "answer", "x", by="group").flags
    assert flags[0] == ""
    assert flags[1].split("; ") == [
        "fewer than 50 answers",
        "fewer than 30 effective answers",
        "interval of 30 points or more",
    ]
    assert flags[2] == ""


def test_a_ratio_to_nothing_is_refused() -> None:
    frame = pd.DataFrame({"group": ["a", "a", "b", "b"], "y": [1.0, 2.0, 3.0, 4.0], "x": [0.0, 0.0, 1.0, 2.0]})
    table = lp.ratio(lp.Sample.from_frame(frame), "y", "x", by="group").to_frame().set_index("group")
    assert table.loc["a", "refused"] == "the denominator adds up to 0"
    assert np.isnan(table.loc["a", "estimate"])
    np.testing.assert_allclose(table.loc["b", "estimate"], 7 / 3)


@pytest.mark.parametrize("interval", ["wald", "logit", "beta", "wilson", "likelihood"])
def test_every_interval_at_nobody_and_everybody_has_width(interval: str) -> None:
    frame = pd.DataFrame({"group": ["a"] * 15 + ["b"] * 15, "answer": ["no"] * 15 + ["yes"] * 15})
    estimate = lp.proportion(lp.Sample.from_frame(frame), "answer", "yes", by="group")
    table = estimate.to_frame(interval=interval)  # type: ignore[arg-type]
    assert table["conf_low"].iloc[0] == 0
    assert 0.05 < table["conf_high"].iloc[0] < 0.4
    assert 0.6 < table["conf_low"].iloc[1] < 0.95
    assert table["conf_high"].iloc[1] == 1


def test_degrees_of_freedom_count_the_domains_units_whether_they_answered_or_not() -> None:
    """R survey counts the PSUs of the subset, not of the answers: 4 rows in one stratum give 3."""
    frame = pd.DataFrame({"y": [1.0, 2.0, 3.0, np.nan]})
    assert lp.mean(lp.Sample.from_frame(frame), "y", variance="taylor").df.tolist() == [3]


def test_contrasts_may_be_labelled_by_plain_texts() -> None:
    frame = pd.DataFrame({"wave": ["a", "a", "b", "b"], "y": [1.0, 3.0, 2.0, 4.0]})
    means = lp.mean(lp.Sample.from_frame(frame, stratum="wave"), "y", by="wave")
    rise = lp.contrast(means, np.array([[-1.0, 1.0]]), ["b - a"])
    assert rise.labels["contrast"].tolist() == ["b - a"]
    np.testing.assert_allclose(rise.value, [1])


def test_several_variables_at_once_are_the_same_numbers_with_one_covariance_matrix() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"site": np.arange(80) % 8, "w": rng.uniform(1, 2, 80)})
    frame["first"], frame["second"] = rng.choice(["yes", "no"], 80), rng.choice(["yes", "no"], 80)
    frame.loc[:9, "second"] = None
    for psu in ("site", None):
        sample = lp.Sample.from_frame(frame, weight="w", psu=psu)
        both = lp.proportion(sample, ["first", "second"], "yes")
        alone = [lp.proportion(sample, name, "yes") for name in ("first", "second")]
        for row, one in enumerate(alone):
            np.testing.assert_allclose(both.value[row], one.value[0], rtol=1e-12)
            np.testing.assert_allclose(both.std_error[row], one.std_error[0], rtol=1e-12)
            np.testing.assert_allclose(both.df[row], one.df[0], rtol=1e-8)
        cross = (alone[0].influence * alone[1].influence).sum()
        np.testing.assert_allclose(both.vcov[0, 1], cross, rtol=1e-10)


def test_with_thousands_of_units_in_every_domain_cr2_is_taylor() -> None:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"group": ["a", "b"] * 6_000, "answer": rng.choice(["x", "y"], 12_000)})
    sample = lp.Sample.from_frame(frame)
    default = lp.proportion(sample, "answer", "x", by="group")
    taylor = lp.proportion(sample, "answer", "x", by="group", variance="taylor")
    np.testing.assert_array_equal(default.std_error, taylor.std_error)
    np.testing.assert_array_equal(default.df, taylor.df)


def test_a_small_domain_of_a_large_sample_still_has_satterthwaites_degrees_of_freedom() -> None:
    """Twenty answers of weight 1 among 12,000: HC2 of a mean has 19, whatever the rest of the sample is."""
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"group": ["small"] * 20 + ["large"] * 11_980, "y": rng.normal(size=12_000)})
    means = lp.mean(lp.Sample.from_frame(frame), "y", by="group")
    np.testing.assert_allclose(means.select(group="small").df, [19], rtol=1e-8)


def test_a_sample_without_respondents_gives_no_estimate() -> None:
    sample = lp.Sample.from_frame(THREE.iloc[:0])
    with pytest.raises(EstimationError, match="the sample has no respondents"):
        lp.proportion(sample, "answer", "yes")


def test_a_wave_of_numbers_and_a_wave_of_texts_hold_the_same_categories() -> None:
    numbers = lp.Sample.from_frame(pd.DataFrame({"v": [1, 1, 2, 2] * 5}))
    texts = lp.Sample.from_frame(pd.DataFrame({"v": ["1", "1", "2", "2"] * 5}))
    coded = lp.Sample.from_frame(pd.DataFrame({"v": pd.Categorical([1, 1, 2, 2] * 5)}))
    both = lp.stack([numbers, texts, coded], ["a", "b", "c"])
    np.testing.assert_allclose(lp.proportion(both, "v", "1", by="wave").value, [0.5, 0.5, 0.5])
    assert lp.distribution(both, "v").labels["answer"].tolist() == ["1", "2"]


def test_waves_with_nullable_columns_stack() -> None:
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "real": pd.array([1.5, None, 3.0], dtype="Float64"),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "plain": [True, True, False],
        }
    )
    wave = lp.Sample.from_frame(frame)
    both = lp.stack([wave, wave], ["a", "b"])
    np.testing.assert_allclose(lp.mean(both, "whole").value, [2])
    np.testing.assert_allclose(lp.mean(both, "real").value, [2.25])
    for sample in (wave, both):
        np.testing.assert_allclose(lp.proportion(sample, "flag", "True").value, [1 / 2])
        np.testing.assert_allclose(lp.proportion(sample, "plain", "True").value, [2 / 3])


def test_as_many_strata_as_units_leave_no_degrees_of_freedom_and_say_so() -> None:
    frame = pd.DataFrame(
        {"stratum": [1, 1, 2, 2], "site": [1, 2, 3, 4], "group": ["a", "b", "a", "b"], "y": [1.0, 2.0, 3.0, 4.0]}
    )
    sample = lp.Sample.from_frame(frame, stratum="stratum", psu="site")
    for estimate in (
        lp.mean(sample, "y", by="group", variance="taylor"),
        lp.total(sample, "y", by="group", variance="taylor"),
    ):
        assert all("no degrees of freedom" in reason for reason in estimate.refused)


def test_the_total_of_nobody_is_refused() -> None:
    frame = pd.DataFrame({"group": ["a", "a", "b", "b"], "y": [1.0, 2.0, np.nan, np.nan]})
    assert lp.total(lp.Sample.from_frame(frame), "y", by="group").refused == ("", "no answers")


def test_nobody_in_two_groups_of_the_same_sites_is_no_certain_zero() -> None:
    frame = pd.DataFrame({"group": ["a", "b"] * 20, "site": np.repeat(np.arange(5), 8), "answer": "no"})
    frame.loc[len(frame)] = ["c", 0, "yes"]
    shares = lp.proportion(lp.Sample.from_frame(frame, psu="site"), "answer", "yes", by="group")
    low, high = lp.difference(shares, "group", "a", minus="b").confint()
    assert low[0] < -0.05
    assert high[0] > 0.05


def test_people_count_once_however_many_of_their_answers_are_compared() -> None:
    frame = pd.DataFrame({"wave": ["a"] * 40 + ["b"] * 30, "answer": ["x", "y"] * 35})
    shares = lp.distribution(lp.Sample.from_frame(frame), "answer", by="wave")
    within = lp.difference(shares, "answer", "x", minus="y")
    assert within.n.tolist() == [40, 30]
    assert lp.difference(within, "wave", "b", minus="a").n.tolist() == [70]


@pytest.mark.parametrize(
    ("fpc", "message"),
    [
        ([10, 20, 10, 10], "varies inside a stratum"),
        ([10, 10, np.inf, 10], "is no number"),
        (["many"] * 4, "is no number"),
    ],
)
def test_an_fpc_that_is_no_number_or_varies_is_refused(fpc: list[object], message: str) -> None:
    frame = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0], "fpc": fpc})
    with pytest.raises(EstimationError, match=message):
        lp.Sample.from_frame(frame, fpc="fpc")


def test_a_domain_variable_named_like_a_label_and_a_column_that_stands_twice_are_refused() -> None:
    frame = pd.DataFrame({"variable": ["a", "b"] * 5, "answer": ["x", "y"] * 5, "y": np.arange(10.0)})
    with pytest.raises(EstimationError, match="label columns of that name"):
        lp.mean(lp.Sample.from_frame(frame), "y", by="variable")
    with pytest.raises(EstimationError, match=r"\['y'\] stand twice"):
        lp.Sample.from_frame(pd.concat([frame, frame[["y"]]], axis=1))


def test_a_level_is_not_compared_with_itself() -> None:
    shares = lp.proportion(lp.Sample.from_frame(THREE), "answer", "yes", by="score")
    with pytest.raises(WrongUseError, match="with itself"):
        lp.difference(shares, "score", "1", minus="1")


def test_a_distribution_that_nobody_answered_is_refused() -> None:
    frame = pd.DataFrame({"answer": pd.Series([None, None], dtype=object)})
    with pytest.raises(EstimationError, match="no respondent answered it"):
        lp.distribution(lp.Sample.from_frame(frame), "answer")


@pytest.mark.parametrize("variance", ["taylor", "cr2"])
def test_a_domain_taken_by_where_equals_the_one_taken_by_by(variance: str) -> None:
    """The intercept of a model of one domain is that domain's mean, whichever way the domain is named."""
    rng = np.random.default_rng(12)
    frame = pd.DataFrame({"group": ["a", "b"] * 60, "site": np.arange(120) % 9, "w": rng.uniform(0.5, 3, 120)})
    frame["y"] = rng.normal(size=120)
    sample = lp.Sample.from_frame(frame, weight="w", psu="site")
    by = lp.mean(sample, "y", by="group", variance=variance).select(group="a")  # type: ignore[arg-type]
    where = lp.regress(sample, "y ~ 1", where={"group": "a"}, variance=variance).coefficients  # type: ignore[arg-type]
    np.testing.assert_allclose(where.value, by.value, rtol=1e-10)
    np.testing.assert_allclose(where.std_error, by.std_error, rtol=1e-10)
    np.testing.assert_allclose(where.df, by.df, rtol=1e-8)
