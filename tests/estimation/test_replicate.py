"""Replicate weights: laws, cases worked by hand, stacking and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WeightingError, WrongUseError
from lpact_eval.estimation.replicated import replicates_of
from lpact_eval.estimation.resampling import hadamard

RTOL = 1e-9  # double precision over a few hundred respondents
KNOWN = 1e-11  # standard error of a margin that every replicate meets
MARGINS = {"sex": {"Female": 510.0, "Male": 490.0}, "age_band": {"16-34": 300.0, "35-54": 330.0, "55+": 370.0}}


def survey(seed: int = 1, n: int = 120, *, strata: int = 3, psus: int = 4) -> pd.DataFrame:
    """Rows in strata of equally many PSUs, each PSU with both sexes and every age band."""
    random = np.random.default_rng(seed)
    unit = np.arange(n) % (strata * psus)
    return pd.DataFrame(
        {
            "stratum": [f"s{code}" for code in unit // psus],
            "psu": unit % psus,
            "weight": np.exp(random.normal(0, 0.4, n)),
            "sex": random.permutation(np.resize(["Female", "Male"], n)),
            "age_band": random.permutation(np.resize(["16-34", "35-54", "55+"], n)),
            "score": random.normal(5, 2, n) + unit % 3,
            "answer": random.choice(["no", "yes"], n),
            "group": random.choice(["a", "b"], n),
        }
    )


def sample(frame: pd.DataFrame, **columns: str) -> lp.Sample:
    return lp.Sample.from_frame(frame, **{"weight": "weight", "stratum": "stratum", "psu": "psu", **columns})


# ---- by hand


def test_a_jackknife_of_three_respondents_worked_by_hand() -> None:
    """Answers 1, 2, 6 have mean 3; without each in turn 4, 3.5, 1.5; V = 2/3 (1 + .25 + 2.25) = 7/3."""
    got = lp.mean(
        lp.replicate(lp.Sample.from_frame(pd.DataFrame({"y": [1.0, 2.0, 6.0]})), method="jackknife"), "y"
    ).to_frame()

    assert got["estimate"][0] == pytest.approx(3)
    assert got["std_error"][0] == pytest.approx(np.sqrt(7 / 3))
    assert got["df"][0] == 2


def test_balanced_half_samples_of_one_pair_worked_by_hand() -> None:
    """Answers 1 and 5 weigh alike: half-samples give totals of 2 and 10 around 6, so V = 16."""
    frame = pd.DataFrame({"y": [1.0, 5.0], "h": ["a", "a"]})
    got = lp.total(lp.replicate(lp.Sample.from_frame(frame, stratum="h"), method="brr"), "y")

    assert got.value[0] == pytest.approx(6)
    assert got.vcov[0, 0] == pytest.approx(16)


@pytest.mark.parametrize("smallest", [1, 3, 5, 9, 13, 17, 21, 25, 29, 41, 61, 90])
def test_hadamard_matrices_are_orthogonal_with_a_first_row_of_ones(smallest: int) -> None:
    matrix = hadamard(smallest)
    order = matrix.shape[0]

    assert order >= max(smallest, 4)
    np.testing.assert_array_equal(matrix @ matrix.T, order * np.eye(order))
    np.testing.assert_array_equal(matrix[0], np.ones(order))
    np.testing.assert_array_equal(matrix[:, 0], np.ones(order))


# ---- laws


@given(st.integers(0, 10_000))
def test_the_jackknife_of_a_total_equals_taylor_with_strata_psus_and_fpc(seed: int) -> None:
    frame = survey(seed).assign(fpc=0.2)
    plain = sample(frame, fpc="fpc")
    got, linear = (
        lp.total(lp.replicate(plain, method="jackknife"), "score", by="group"),
        lp.total(plain, "score", by="group", variance="taylor"),
    )

    np.testing.assert_allclose(got.vcov, linear.vcov, rtol=RTOL)


@given(st.integers(0, 10_000))
def test_the_jackknife_of_an_unweighted_mean_without_strata_equals_taylor(seed: int) -> None:
    plain = lp.Sample.from_frame(survey(seed))
    got = lp.mean(lp.replicate(plain, method="jackknife"), "score")

    np.testing.assert_allclose(got.std_error, lp.mean(plain, "score", variance="taylor").std_error, rtol=RTOL)


@given(st.integers(0, 10_000))
def test_the_jackknife_of_a_weighted_mean_equals_taylor_to_first_order(seed: int) -> None:
    plain = lp.Sample.from_frame(survey(seed, 240), weight="weight")
    got = lp.mean(lp.replicate(plain, method="jackknife"), "score")

    np.testing.assert_allclose(got.std_error, lp.mean(plain, "score", variance="taylor").std_error, rtol=0.05)


@given(st.integers(0, 10_000))
def test_balanced_half_samples_of_a_total_equal_taylor(seed: int) -> None:
    plain = sample(survey(seed, strata=5, psus=2))
    linear = lp.total(plain, "score", variance="taylor").vcov

    np.testing.assert_allclose(lp.total(lp.replicate(plain, method="brr"), "score").vcov, linear, rtol=RTOL)
    np.testing.assert_allclose(lp.total(lp.replicate(plain, method="fay"), "score").vcov, linear, rtol=RTOL)


def test_the_bootstrap_of_a_total_approaches_taylor_and_repeats_itself() -> None:
    plain = sample(survey().assign(fpc=0.3), fpc="fpc")
    drawn = [lp.total(lp.replicate(plain, method="bootstrap", replicates=4000, seed=3), "score") for _ in range(2)]
    linear = lp.total(plain, "score", variance="taylor")

    np.testing.assert_allclose(drawn[0].std_error, linear.std_error, rtol=0.05)  # 4,000 draws: error of 1.1 %
    np.testing.assert_array_equal(drawn[0].std_error, drawn[1].std_error)
    np.testing.assert_array_equal(drawn[0].df, linear.df)


@given(st.integers(0, 10_000))
def test_every_bootstrap_replicate_keeps_the_size_of_every_stratum_whatever_the_order_of_rows(seed: int) -> None:
    """Each of m - 1 draws weighs m / (m - 1), so that m respondents of weight 1 add up to m again."""
    frame = survey(seed).sample(frac=1, random_state=seed)
    plain = lp.Sample.from_frame(frame, stratum="stratum")
    weights = lp.replicate(plain, method="bootstrap", replicates=7, seed=seed).design.replicates.weight
    sums = pd.DataFrame(weights).groupby(plain.answers["stratum"]).sum()

    np.testing.assert_allclose(sums, np.repeat(40.0, 7)[None, :].repeat(3, axis=0), rtol=RTOL)


@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_weight_scale_and_row_order_do_not_matter(seed: int, factor: float) -> None:
    frame = survey(seed)
    mixed = frame.sample(frac=1, random_state=seed).assign(weight=lambda rows: rows["weight"] * factor)
    first, second = (
        lp.proportion(lp.replicate(sample(rows), method="jackknife"), "answer", "yes", by="group")
        for rows in (frame, mixed)
    )

    np.testing.assert_allclose(second.value, first.value, rtol=RTOL)
    np.testing.assert_allclose(second.vcov, first.vcov, rtol=1e-7)
    np.testing.assert_array_equal(second.df, first.df)


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
@pytest.mark.parametrize("way", ["steps", "function"])
def test_a_raked_margin_has_no_variance_when_every_replicate_is_raked(method: str, way: str) -> None:
    plain = sample(survey(n=240))
    raked = lp.rake(plain, MARGINS)
    options = {} if method == "jackknife" else {"replicates": 50}
    reweight = (lambda rows: lp.rake(rows, MARGINS)) if way == "function" else "steps"
    got = lp.replicate(raked, method=method, reweight=reweight, **options)

    np.testing.assert_array_less(lp.distribution(got, "age_band").std_error, KNOWN)
    np.testing.assert_array_less(lp.distribution(got, "sex").std_error, KNOWN)
    assert (lp.mean(got, "score").std_error > 0.01).all()


@given(st.integers(0, 10_000))
def test_all_ways_to_rake_inside_replicates_agree(seed: int) -> None:
    plain = sample(survey(seed, 240))
    ways = [
        lp.replicate(lp.rake(plain, MARGINS), method="jackknife"),
        lp.rake(lp.replicate(plain, method="jackknife"), MARGINS),
        lp.replicate(plain, method="jackknife", reweight=lambda rows: lp.rake(rows, MARGINS)),
    ]
    expected = lp.mean(ways[2], "score", by="group")

    for way in ways[:2]:
        got = lp.mean(way, "score", by="group")
        np.testing.assert_allclose(got.value, expected.value, rtol=RTOL)
        np.testing.assert_allclose(got.vcov, expected.vcov, rtol=1e-6)


def test_two_steps_of_weighting_are_both_run_again() -> None:
    plain = sample(survey(n=240))

    def weighted(rows: lp.Sample) -> lp.Sample:
        return lp.rake(lp.rake(rows, {"group": {"a": 400.0, "b": 600.0}}), MARGINS)

    steps = lp.replicate(weighted(plain), method="jackknife")
    function = lp.replicate(plain, method="jackknife", reweight=weighted)

    np.testing.assert_allclose(steps.design.replicates.weight, function.design.replicates.weight, rtol=1e-6)


def test_fixed_weights_ignore_that_the_sample_was_raked() -> None:
    raked = lp.rake(sample(survey(n=240)), MARGINS)
    fixed = lp.mean(lp.replicate(raked, method="jackknife", reweight="fixed"), "score")
    as_if_given = lp.mean(
        lp.replicate(raked.with_design(replace(raked.design, calibration=())), method="jackknife"), "score"
    )

    np.testing.assert_allclose(fixed.vcov, as_if_given.vcov, rtol=RTOL)


def test_rows_of_weight_zero_stay_in_the_design_and_add_no_answers() -> None:
    frame = survey()
    frame.loc[frame["psu"] == 0, "weight"] = 0.0
    got = lp.mean(lp.replicate(sample(frame), method="jackknife"), "score").to_frame()

    assert got["n"][0] == int((frame["weight"] > 0).sum())
    assert lp.replicate(sample(frame), method="jackknife").design.replicates.count == 12
    assert got["std_error"][0] > 0


def test_integer_and_text_keys_give_the_same_domains() -> None:
    frame = survey().assign(code=lambda rows: (rows["group"] == "a").astype(int))
    as_text = frame.assign(code=frame["code"].astype(str))
    first, second = (
        lp.mean(lp.replicate(sample(rows), method="jackknife"), "score", by="code") for rows in (frame, as_text)
    )

    np.testing.assert_array_equal(first.vcov, second.vcov)
    assert list(first.labels["code"]) == list(second.labels["code"]) == ["0", "1"]


def test_a_share_of_nobody_has_an_interval_with_width() -> None:
    frame = survey().assign(answer=lambda rows: rows["answer"].where(rows["group"] == "b", "no"))
    got = lp.proportion(lp.replicate(sample(frame), method="jackknife"), "answer", "yes", by="group").to_frame()

    assert got["estimate"][0] == 0
    assert got["conf_high"][0] > 0.02


# ---- stacked waves


def test_stacked_replicates_equal_the_replicates_of_the_stacked_sample() -> None:
    waves = [sample(survey(seed)) for seed in (1, 2)]
    before = lp.stack([lp.replicate(wave, method="jackknife") for wave in waves], ["2022", "rerun"])
    after = lp.replicate(lp.stack(waves, ["2022", "rerun"]), method="jackknife")
    first, second = (lp.mean(stacked, "score", by="wave") for stacked in (before, after))

    np.testing.assert_allclose(first.vcov, second.vcov, rtol=RTOL)
    np.testing.assert_array_equal(first.df, second.df)
    assert abs(first.vcov[0, 1]) < 1e-14 * first.vcov[0, 0]


def test_waves_raked_apart_are_raked_apart_inside_replicates_of_the_stack() -> None:
    waves = [lp.rake(sample(survey(seed, 240)), MARGINS) for seed in (1, 2)]
    got = lp.replicate(lp.stack(waves, ["2022", "rerun"]), method="jackknife")
    each = [lp.mean(lp.replicate(wave, method="jackknife"), "score").std_error[0] for wave in waves]

    np.testing.assert_allclose(lp.mean(got, "score", by="wave").std_error, each, rtol=1e-7)
    np.testing.assert_array_less(lp.distribution(got, "sex", by="wave").std_error, KNOWN)


def test_the_same_people_twice_change_by_nothing() -> None:
    wave = lp.replicate(sample(survey()), method="jackknife")
    change = lp.difference(
        lp.mean(lp.stack([wave, wave], ["2022", "rerun"], panel=True), "score", by="wave"),
        "wave",
        "rerun",
        minus="2022",
    )

    assert change.value[0] == 0
    assert change.std_error[0] < KNOWN


# ---- refusals


def test_a_domain_in_one_psu_is_refused_by_every_method() -> None:
    frame = survey(strata=5, psus=2)
    frame["group"] = np.where((frame["stratum"] == "s0") & (frame["psu"] == 0), "one site", "others")
    for method in ("jackknife", "brr", "fay", "bootstrap"):
        got = lp.mean(lp.replicate(sample(frame), method=method), "score", by="group").to_frame()
        assert "one sampling unit" in got["refused"][0]
        assert np.isnan(got["std_error"][0])
        assert got["refused"][1] == ""


def test_a_domain_with_a_psu_in_each_of_two_strata_has_no_degrees_of_freedom() -> None:
    frame = survey()
    frame["group"] = np.where((frame["stratum"] != "s2") & (frame["psu"] == 0), "two sites", "others")
    got = lp.mean(lp.replicate(sample(frame), method="jackknife"), "score", by="group").to_frame()

    assert "as many strata as sampling units" in got["refused"][1]
    assert np.isnan(got["conf_low"][1])


def test_a_domain_that_some_replicates_lose_is_refused() -> None:
    frame = survey(strata=1, psus=12)
    frame["group"] = np.where(frame["psu"] < 2, "two sites", "others")
    got = lp.mean(lp.replicate(sample(frame), method="bootstrap", replicates=200), "score", by="group").to_frame()

    assert "of 200 replicates have no answers here" in got["refused"][1]


def test_delivered_weights_know_how_few_units_a_domain_has() -> None:
    frame = survey(strata=1, psus=12)
    made = lp.replicate(sample(frame), method="jackknife").design.replicates
    columns = [f"r{number}" for number in range(12)]
    delivered = frame.drop(columns=["stratum", "psu"]).join(pd.DataFrame(made.weight, columns=columns))
    delivered["group"] = np.where(frame["psu"] < 3, "three sites", "others")
    got = lp.with_replicate_weights(
        lp.Sample.from_frame(delivered, weight="weight"), columns, method="jackknife", scale=made.scale
    )

    np.testing.assert_allclose(
        lp.mean(got, "score").std_error,
        lp.mean(lp.replicate(sample(frame), method="jackknife"), "score").std_error,
        rtol=RTOL,
    )
    np.testing.assert_array_equal(lp.mean(got, "score", by="group").df, [8, 2])
    np.testing.assert_array_equal(lp.regress(got, "score ~ sex").coefficients.df, [10, 10])


def test_a_regression_whose_term_a_replicate_loses_is_refused() -> None:
    frame = survey(strata=1, psus=12)
    frame["rare"] = ((frame["psu"] == 0) & (np.arange(len(frame)) < 60)).astype(float)
    fit = lp.regress(lp.replicate(sample(frame), method="jackknife"), "score ~ rare")

    assert "1 of 12 replicates have no solution" in fit.coefficients.refused[0]


def test_a_regression_separated_in_a_replicate_is_refused() -> None:
    frame = survey(strata=1, psus=12)
    frame["rare"] = (np.arange(len(frame)) % 24 == 0).astype(float)
    frame["answer"] = np.where((frame["rare"] == 1) & (frame.index > 0), "yes", frame["answer"])
    frame["answer"] = np.where(frame.index == 0, "no", frame["answer"])
    frame["psu"] = np.where(frame["rare"] == 1, 1 + frame.index // 24, frame["psu"])
    frame.loc[0, "psu"] = 11
    fit = lp.regress(lp.replicate(sample(frame), method="jackknife"), "answer ~ rare", family="binomial")

    assert "1 of 12 replicates have no solution" in fit.coefficients.refused[0]


def test_a_regression_with_more_coefficients_than_units_is_refused() -> None:
    frame = survey(strata=1, psus=3)
    fit = lp.regress(lp.replicate(sample(frame), method="jackknife"), "score ~ sex + age_band")

    assert fit.coefficients.refused[0] == "no degrees of freedom for 4 coefficients"


def test_delivered_weights_of_nobody_have_no_rank_and_no_degrees_of_freedom() -> None:
    frame = survey().assign(**{f"r{number}": lambda rows: rows["weight"] for number in range(3)})
    frame["group"] = np.where(frame["weight"] > 0, "a", "b")
    frame.loc[:4, ["weight", "r0", "r1", "r2"]] = 0.0
    frame.loc[:4, "group"] = "b"
    names = ["r0", "r1", "r2"]
    got = lp.with_replicate_weights(lp.Sample.from_frame(frame, weight="weight"), names, method="brr")
    table = lp.mean(got, "score", by="group").to_frame()

    assert table["refused"][0].startswith("no degrees of freedom")
    assert table["refused"][1] == "no answers"


def test_too_many_pairs_for_half_samples_are_refused() -> None:
    with pytest.raises(EstimationError, match="5000 pairs of sampling units are more than 4096"):
        hadamard(5001)


def test_a_sample_without_replicates_has_none_to_use() -> None:
    with pytest.raises(EstimationError, match="the sample has none"):
        replicates_of(sample(survey()).design)


def test_weights_changed_after_replication_are_refused() -> None:
    made = lp.replicate(sample(survey()), method="jackknife")
    changed = made.with_design(replace(made.design, weight=made.design.weight * np.linspace(1, 2, 120)))

    with pytest.raises(EstimationError, match="weights changed after they were made"):
        lp.mean(changed, "score")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "jacknife"}, "Cannot replicate by 'jacknife'"),
        ({"method": "jackknife", "replicates": 10}, "its number of replicates follows"),
        ({"method": "bootstrap", "replicates": 1}, "Cannot draw 1 bootstrap replicates"),
        ({"method": "fay", "rho": 1.0}, "Cannot use rho=1.0"),
        ({"method": "jackknife", "centre": "median"}, "Cannot take variances around 'median'"),
        ({"method": "jackknife", "reweight": "rake"}, "Cannot re-weight by 'rake'"),
    ],
)
def test_wrong_use_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        lp.replicate(sample(survey()), **options)


def test_designs_that_cannot_be_replicated_are_refused() -> None:
    lonely = survey().assign(stratum=lambda rows: np.where(rows["psu"] == 0, "lonely " + rows["stratum"], "rest"))
    for method in ("jackknife", "bootstrap"):
        with pytest.raises(EstimationError, match="3 strata have one primary sampling unit"):
            lp.replicate(sample(lonely), method=method)
    with pytest.raises(EstimationError, match="3 of 3 strata have an odd number"):
        lp.replicate(sample(survey(psus=3)), method="brr")
    with pytest.raises(EstimationError, match="every stratum was taken whole"):
        lp.replicate(sample(survey().assign(fpc=1.0), fpc="fpc"), method="jackknife")
    with pytest.raises(EstimationError, match=r"20,000 replicates of 20,000 weights would take 3\.2 GB"):
        lp.replicate(lp.Sample.from_frame(pd.DataFrame({"y": np.ones(20_000)})), method="jackknife")


def test_half_samples_of_a_design_with_fpc_warn() -> None:
    with pytest.warns(lp.LpactWarning, match="no finite population correction"):
        lp.replicate(sample(survey(psus=2).assign(fpc=0.2), fpc="fpc"), method="brr")


def test_a_replicate_without_a_category_cannot_be_raked() -> None:
    frame = survey(n=240)
    frame.loc[(frame["age_band"] == "55+") & ((frame["psu"] > 0) | (frame["stratum"] != "s0")), "age_band"] = "35-54"
    raked = lp.rake(sample(frame), MARGINS)

    with pytest.raises(WeightingError, match="1 of 12 replicates can't meet the margins"):
        lp.replicate(raked, method="jackknife")
    with pytest.raises(WeightingError, match="Cannot re-weight replicate 1 of 12"):
        lp.replicate(raked, method="jackknife", reweight=lambda rows: lp.rake(rows, MARGINS))


def test_weights_cut_by_hand_after_raking_cannot_be_re_run() -> None:
    raked = lp.rake(sample(survey(n=240)), {"sex": {"Female": 600.0, "Male": 400.0}}, bounds=(0.5, 3))
    cut = raked.with_design(replace(raked.design, weight=np.minimum(raked.design.weight, 6.0)))

    with pytest.raises(WeightingError, match="not those of its raking calibration"):
        lp.replicate(cut, method="jackknife")


def test_a_function_that_weights_otherwise_than_the_sample_is_refused() -> None:
    raked = lp.rake(sample(survey(n=240)), MARGINS)

    with pytest.raises(WeightingError, match="weights that differ from its own"):
        lp.replicate(raked, method="jackknife", reweight=lambda rows: rows)


def test_samples_with_and_without_replicates_are_not_stacked() -> None:
    plain = sample(survey())
    made = lp.replicate(plain, method="jackknife")
    around_mean = lp.replicate(plain, method="jackknife", centre="mean")
    drawn = lp.replicate(plain, method="bootstrap", replicates=20)

    with pytest.raises(WrongUseError, match="1 of 2 samples have replicate weights"):
        lp.stack([plain, made], ["2022", "rerun"])
    with pytest.raises(WrongUseError, match="would mix the waves' means"):
        lp.stack([around_mean, around_mean], ["2022", "rerun"])
    with pytest.raises(WrongUseError, match="Cannot stack a panel"):
        lp.stack([made, drawn], ["2022", "rerun"], panel=True)


def test_delivered_weights_are_checked() -> None:
    frame = survey().assign(r1=lambda rows: rows["weight"], r2=lambda rows: rows["weight"], bad=-1.0, factor=50.0)
    plain = sample(frame)

    with pytest.raises(WrongUseError, match="fewer than 2 columns"):
        lp.with_replicate_weights(plain, ["r1"], method="brr")
    with pytest.raises(EstimationError, match="1 columns do not exist, the first is 'r9'"):
        lp.with_replicate_weights(plain, ["r1", "r9"], method="brr")
    with pytest.raises(EstimationError, match="120 of 240 values are negative"):
        lp.with_replicate_weights(plain, ["r1", "bad"], method="brr")
    with pytest.raises(EstimationError, match="times the sample's weights on average"):
        lp.with_replicate_weights(plain, ["r1", "factor"], method="brr")
    with pytest.raises(WrongUseError, match="Cannot scale 2 replicates by 3 numbers"):
        lp.with_replicate_weights(plain, ["r1", "r2"], method="brr", scale=[1, 2, 3])


@pytest.mark.parametrize(
    ("options", "scale"),
    [
        ({"method": "jackknife"}, 3 / 4),
        ({"method": "brr"}, 1 / 4),
        ({"method": "fay", "rho": 0.3}, 1 / (4 * 0.49)),
        ({"method": "bootstrap"}, 1 / 4),
        ({"method": "bootstrap", "centre": "mean"}, 1 / 3),
        ({"method": "brr", "scale": 0.1}, 0.1),
    ],
)
def test_scales_of_delivered_weights(options: dict[str, object], scale: float) -> None:
    frame = survey().assign(**{f"r{number}": lambda rows: rows["weight"] for number in range(4)})
    got = lp.with_replicate_weights(sample(frame), [f"r{number}" for number in range(4)], df=7, **options)

    np.testing.assert_allclose(got.design.replicates.scale, np.full(4, scale))
    assert got.design.replicates.df == 7
