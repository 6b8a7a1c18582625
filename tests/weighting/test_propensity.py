"""Chances of taking part: equal to R's maximum of the pseudo-likelihood, right by hand, and refused where unknown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import EstimationError, LpactWarning, WeightingError, WrongUseError
from lpact_eval.estimation import participation
from lpact_eval.replicate_weights import ReplicateWeights
from lpact_eval.weighting.propensity import fit_participation, shared_questions, solve_scores

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, Design, FloatArray

ORACLE = Path(__file__).parents[1] / "oracles" / "propensity"
VARIABLES = ["area", "age_band", "years"]
RTOL = 1e-9  # R's Newton steps ran to 1e-14, ours to scores of 1e-11
RTOL_GLM = 1e-8  # glm() stops at a change of deviance of 1e-14


def read(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file, comment="#")


def volunteers() -> lp.Sample:
    return lp.Sample.from_frame(read("volunteers.csv"))


def reference() -> lp.Sample:
    return lp.Sample.from_frame(read("reference.csv"), weight="persons", stratum="stratum")


def expected() -> dict[str, float]:
    table = read("expected.csv")
    return dict(zip(table["name"], table["value"], strict=True))


def with_r_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what R drew instead of drawing: the volunteers have seed 0, the reference sample 1."""
    factors = [read(file).to_numpy() for file in ("volunteer_factors.csv", "reference_factors.csv")]

    def drawn(_: Design, weight: FloatArray, replicates: int, seed: int) -> ReplicateWeights:
        return ReplicateWeights(factors[seed], np.full(replicates, 1 / replicates), weight, 11.0, "bootstrap")

    monkeypatch.setattr(participation, "bootstrap", drawn)


def test_log_odds_and_weights_equal_r() -> None:
    sample, other = volunteers(), reference()
    theta = fit_participation(sample, other, shared_questions(sample, other, VARIABLES))
    known = expected()
    names = ["(Intercept)", "areaCounty", "areaRural", "age_band35-54", "age_band55+", "years"]
    np.testing.assert_allclose(theta, [known[name] for name in names], rtol=RTOL)
    weighted = lp.propensity(sample, other, VARIABLES)
    np.testing.assert_allclose(weighted.design.weight.sum(), known["persons"], rtol=RTOL)
    np.testing.assert_allclose(lp.proportion(weighted, "confident", "yes").value, [known["ipw"]], rtol=RTOL)


@pytest.mark.parametrize(("persons", "name"), [("reference", "DR1"), ("sample", "DR2")])
def test_doubly_robust_shares_equal_r(persons: participation.Persons, name: str) -> None:
    found = lp.doubly_robust(volunteers(), reference(), "confident", "yes", variables=VARIABLES, persons=persons)
    np.testing.assert_allclose(found.value, [expected()[name]], rtol=RTOL_GLM)


def test_standard_errors_are_those_of_everything_fitted_again_in_replicates_that_r_drew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_r_replicates(monkeypatch)
    replicates, known = read("replicates.csv"), expected()
    weighted = lp.propensity(volunteers(), reference(), VARIABLES, replicates=12)
    spread = np.sqrt(((replicates["ipw"] - known["ipw"]) ** 2).mean())
    np.testing.assert_allclose(lp.proportion(weighted, "confident", "yes").std_error, [spread], rtol=RTOL_GLM)
    robust = lp.doubly_robust(volunteers(), reference(), "confident", "yes", variables=VARIABLES, replicates=12)
    spread = np.sqrt(((replicates["DR2"] - known["DR2"]) ** 2).mean())
    np.testing.assert_allclose(robust.std_error, [spread], rtol=RTOL_GLM)


def two_groups() -> tuple[lp.Sample, lp.Sample]:
    """Two of 100 persons in the city and three of 60 in the county took part."""
    sample = lp.Sample.from_frame(
        pd.DataFrame({"area": ["City"] * 2 + ["County"] * 3, "sure": ["yes", "no", "yes", "yes", "no"]})
    )
    people = pd.DataFrame({"area": ["City"] * 40 + ["County"] * 30, "persons": [2.5] * 40 + [2.0] * 30})
    return sample, lp.Sample.from_frame(people, weight="persons")


def test_with_one_category_each_respondent_stands_for_an_equal_part_of_it() -> None:
    """City: 100 / 2 = 50 persons each, county 60 / 3 = 20; share (50 x 1 + 20 x 2) / 160."""
    sample, other = two_groups()
    weighted = lp.propensity(sample, other, "area", replicates=20)
    np.testing.assert_allclose(weighted.design.weight, [50.0] * 2 + [20.0] * 3)
    np.testing.assert_allclose(lp.proportion(weighted, "sure", "yes").value, [90 / 160])


@pytest.mark.parametrize("persons", ["reference", "sample"])
def test_a_saturated_answer_model_gives_the_weighted_share(persons: participation.Persons) -> None:
    sample, other = two_groups()
    found = lp.doubly_robust(sample, other, "sure", "yes", variables="area", persons=persons, replicates=20)
    np.testing.assert_allclose(found.value, [90 / 160])


def test_categories_are_compared_as_text_and_order_does_not_matter() -> None:
    sample, other = volunteers(), reference()
    turned = lp.Sample.from_frame(
        other.answers.iloc[::-1].assign(area=other.answers["area"].astype("category")), weight="persons"
    )
    first = lp.propensity(sample, other, VARIABLES, replicates=2).design.weight
    second = lp.propensity(sample, turned, VARIABLES[::-1], replicates=2).design.weight
    np.testing.assert_allclose(first, second, rtol=1e-8)


def test_respondents_without_an_answer_weigh_nothing_and_it_is_said() -> None:
    sample, other = volunteers(), reference()
    frame = sample.answers.copy()
    frame.loc[:3, "area"] = None
    with pytest.warns(LpactWarning, match=r"without an answer to 'area', 'age_band', 'years' weigh 0"):
        weighted = lp.propensity(lp.Sample.from_frame(frame), other, VARIABLES, replicates=5)
    assert not weighted.design.weight[:4].any()
    rest = lp.propensity(lp.Sample.from_frame(frame.iloc[4:]), other, VARIABLES, replicates=5)
    np.testing.assert_allclose(weighted.design.weight[4:], rest.design.weight, rtol=1e-9)


def test_every_statistic_takes_its_variance_from_the_replicates() -> None:
    weighted = lp.propensity(volunteers(), reference(), VARIABLES, replicates=50)
    by_area = lp.proportion(weighted, "confident", "yes", by="area")
    assert by_area.variance == "replicate"
    assert (by_area.std_error > 0).all()
    again = lp.propensity(volunteers(), reference(), VARIABLES, replicates=50)
    np.testing.assert_array_equal(lp.proportion(again, "confident", "yes", by="area").std_error, by_area.std_error)


def test_a_category_of_one_sample_only_is_refused() -> None:
    frame, people = read("volunteers.csv"), read("reference.csv")
    moved = lp.Sample.from_frame(frame.assign(area=frame["area"].replace("Rural", "Coast")))
    with pytest.raises(WeightingError, match=r"somebody is in 'Coast' in the sample and not in the reference sample"):
        lp.propensity(moved, reference(), VARIABLES)
    fewer = lp.Sample.from_frame(frame[frame["area"] != "Rural"])
    with pytest.raises(WeightingError, match=r"in 'Rural' in the reference sample and not in the sample"):
        lp.propensity(fewer, reference(), VARIABLES)
    without = lp.Sample.from_frame(people.drop(columns="area"), weight="persons")
    with pytest.raises(WeightingError, match=r"by 'area': the reference sample does not have it; it has \["):
        lp.propensity(volunteers(), without, VARIABLES)


def test_a_number_against_categories_and_holes_in_the_reference_are_refused() -> None:
    people = read("reference.csv")
    banded = lp.Sample.from_frame(
        people.assign(years=np.where(people["years"] > 10, "long", "short")), weight="persons"
    )
    with pytest.raises(WeightingError, match=r"'years': it is a number in one sample and categories in the other"):
        lp.propensity(volunteers(), banded, VARIABLES)
    people.loc[:11, "area"] = None
    with pytest.raises(WeightingError, match=r"'area': it is missing for 12 of 540 in the reference sample"):
        lp.propensity(volunteers(), lp.Sample.from_frame(people, weight="persons"), VARIABLES)


def test_reference_weights_that_are_not_persons_are_refused() -> None:
    people = read("reference.csv").assign(persons=0.4)
    with pytest.raises(WeightingError, match=r"add up to 216 persons, no more than took part"):
        lp.propensity(volunteers(), lp.Sample.from_frame(people, weight="persons"), VARIABLES)


def test_answers_that_separate_the_samples_are_refused() -> None:
    """All volunteers of the city are young and all others old, while the reference has each of both."""
    sample = lp.Sample.from_frame(
        pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "area": ["City", "City", "County", "County"]})
    )
    people = lp.Sample.from_frame(
        pd.DataFrame({"x": [-9.0, -8.0, -7.0, 0.5], "area": ["City", "County"] * 2, "persons": 50.0}), weight="persons"
    )
    with pytest.raises(WeightingError, match=r"no finite chances fit both samples; the farthest is "):
        lp.propensity(sample, people, ["x", "area"])


def test_weighted_volunteers_are_refused() -> None:
    sample = lp.Sample.from_frame(read("volunteers.csv"), weight="years")
    with pytest.raises(WeightingError, match=r"the sample is weighted already"):
        lp.propensity(sample, reference(), "area")


def test_no_variables_too_few_replicates_and_unknown_divisors_are_refused() -> None:
    with pytest.raises(WrongUseError, match=r"by 0 variables with 500 replicates"):
        lp.propensity(volunteers(), reference(), [])
    with pytest.raises(WrongUseError, match=r"with 1 replicates: give 1 and 2 or more"):
        lp.propensity(volunteers(), reference(), "area", replicates=1)
    with pytest.raises(WrongUseError, match=r"weights of 'census'; there are 'sample' and 'reference'"):
        lp.doubly_robust(volunteers(), reference(), "confident", "yes", variables="area", persons="census")  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match=r"no answer \['maybe'\]"):
        lp.doubly_robust(volunteers(), reference(), "confident", "maybe", variables="area")


def test_a_category_that_replicates_lose_in_the_reference_is_refused() -> None:
    people = read("reference.csv")
    rural = people.index[people["area"] == "Rural"]
    rare = lp.Sample.from_frame(people.drop(index=rural[1:]).assign(persons=3000.0), weight="persons")
    with pytest.raises(WeightingError, match=r"of 500 bootstrap replicates no chances fit both samples"):
        lp.propensity(volunteers(), rare, "area")


def test_no_respondents_and_answers_that_cannot_be_modelled_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = lp.Sample.from_frame(read("volunteers.csv").iloc[:0])
    with pytest.raises(WeightingError, match=r"the sample has no respondents"):
        lp.propensity(nobody, reference(), "area")

    def unsolved(x: FloatArray, taken: FloatArray, whole: FloatArray) -> tuple[FloatArray, BoolArray]:
        theta, solved = solve_scores(x, taken, whole)
        return theta, solved & (whole.sum(axis=0) > len(volunteers()))

    monkeypatch.setattr(participation, "solve_scores", unsolved)
    with pytest.raises(EstimationError, match=r"Cannot model the answer by these variables \(1 of 1 fits failed\)"):
        lp.doubly_robust(volunteers(), reference(), "confident", "yes", variables="area", replicates=5)
