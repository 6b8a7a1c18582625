"""Two kinds of weights: within-group ones keep the group of interest, and asking for the wrong kind warns."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import LpactWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

AGES = ["16-34", "35-54", "55+"]
SHARES = {"Asian": 0.195, "Black": 0.033, "Mixed": 0.027, "White": 0.725, "Other": 0.020}  # of the police force area
OWN = {  # age and sex are everybody's; each group has its own number of people
    "age_band": {"16-34": 310.0, "35-54": 330.0, "55+": 360.0},
    "sex": {"Female": 510.0, "Male": 490.0},
}
ALL = {**OWN, "ethnicity": {group: 1000 * share for group, share in SHARES.items()}}


def trap() -> lp.Sample:
    """300 respondents of whom 100 are Black; women and the over-55s answer more often, and more so among others."""
    random = np.random.default_rng(300)
    ethnicity = np.repeat(["Asian", "Black", "Mixed", "White", "Other"], [40, 100, 20, 125, 15])
    black = ethnicity == "Black"
    age = np.where(
        black, random.choice(AGES, 300, p=[0.36, 0.36, 0.28]), random.choice(AGES, 300, p=[0.12, 0.26, 0.62])
    )
    sex = np.where(random.random(300) < np.where(black, 0.58, 0.66), "Female", "Male")
    area = np.where(random.random(300) < np.where(black, 0.8, 0.4), "Leicester", "elsewhere")
    confident = np.where(random.random(300) < 0.5, "yes", "no")
    return lp.Sample.from_frame(
        pd.DataFrame({"ethnicity": ethnicity, "age_band": age, "sex": sex, "area": area, "confident": confident})
    )


def own_counts() -> list[lp.Margin]:
    """Age and sex for everybody, and each group's own spread over two areas: group totals are the population's."""
    counts: dict[str | tuple[str, ...], float] = {
        (group, area): 500 * share for group, share in SHARES.items() for area in ("Leicester", "elsewhere")
    }
    return [*(lp.Margin(name, {**margin}) for name, margin in OWN.items()), lp.Margin(("ethnicity", "area"), counts)]


def told(sample: lp.Sample, by: str | Sequence[str] = ()) -> list[str]:
    """Warnings of an estimate."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lp.proportion(sample, "confident", "yes", by=by)
    assert all(issubclass(one.category, LpactWarning) for one in caught)
    return [str(one.message) for one in caught]


def test_within_group_weights_keep_the_black_effective_base_and_population_weights_warn() -> None:
    """The trap: 100 of 300 respondents are Black and the area is 3.3 % Black."""
    within = lp.rake(trap(), OWN, within="ethnicity", collapse=5)
    effective = lp.weight_report(within, by="ethnicity").set_index("ethnicity")["n_effective"]
    assert float(effective["Black"]) > 0.8 * 100
    assert not told(within, by="ethnicity")
    population = lp.rake(trap(), ALL)
    weight = population.design.weight
    assert weight[(trap().answers["ethnicity"] == "Black").to_numpy()].mean() / weight.mean() == pytest.approx(0.099)
    (message,) = told(population, by="ethnicity")
    assert "Estimates by 'ethnicity' from population weights: age_band, sex were met for all groups together" in message
    assert "a group all but vanishes: Black (100 respondents, 0.10 of the mean weight)" in message
    assert "weight with rake(..., within='ethnicity')" in message


def test_the_trap_with_ethnicity_as_the_only_margin_warns_too() -> None:
    """Each Black respondent weighs 0.10 and each other 1.45, as in the evaluation's notes; 213 respondents are left."""
    counts = {"Black": 0.033, "Other": 0.967}
    frame = trap().answers.assign(ethnicity=lambda f: f["ethnicity"].where(f["ethnicity"] == "Black", "Other"))
    raked = lp.rake(lp.Sample.from_frame(frame), {"ethnicity": counts})
    weight = raked.design.weight / raked.design.weight.mean()
    assert weight.min() == pytest.approx(0.099)
    assert weight.max() == pytest.approx(1.4505)
    assert lp.weight_report(raked)["n_effective"].iloc[0] == pytest.approx(213, abs=0.6)
    (message,) = told(raked, by="ethnicity")
    assert "a group all but vanishes: Black (100 respondents, 0.10 of the mean weight)" in message


def test_a_design_warns_once_for_the_same_domains_and_points_at_the_caller() -> None:
    raked = lp.rake(trap(), ALL)
    with pytest.warns(LpactWarning, match="from population weights") as caught:
        lp.proportion(raked, "confident", "yes", by="ethnicity")
    assert caught[0].filename == __file__
    assert not told(raked, by="ethnicity")
    assert len(told(raked, by=["sex", "ethnicity"])) == 1


def test_a_breakdown_by_another_margin_does_not_warn() -> None:
    raked = lp.rake(trap(), ALL)
    assert not told(raked)
    assert not told(raked, by="sex")
    assert not told(raked, by=["age_band", "sex"])
    assert not told(raked, by="area")


def test_a_group_of_ethnicity_that_is_no_margin_warns_with_the_whole_grouping() -> None:
    frame = trap().answers
    raked = lp.rake(lp.Sample.from_frame(frame.assign(black=np.where(frame["ethnicity"] == "Black", "yes", "no"))), ALL)
    (message,) = told(raked, by="black")
    assert "Estimates by 'black' from population weights" in message
    assert "within='ethnicity'" in message


def test_an_overall_line_from_groups_of_equal_totals_warns() -> None:
    within = lp.rake(trap(), OWN, within="ethnicity", collapse=5)
    (message,) = told(within)
    assert "weights made within 'ethnicity': every group was given the same total" in message
    assert len(told(within, by="sex")) == 1
    assert not told(within, by=["sex", "ethnicity"])


def test_a_domain_inside_one_group_does_not_span_groups() -> None:
    frame = trap().answers
    finer = frame["ethnicity"].where(frame["ethnicity"] != "White", np.where(np.arange(300) % 2, "Irish", "British"))
    within = lp.rake(lp.Sample.from_frame(frame.assign(finer=finer)), OWN, within="ethnicity", collapse=5)
    assert not told(within, by="finer")


def test_an_overall_line_from_groups_with_their_own_counts_does_not_warn() -> None:
    within = lp.rake(trap(), own_counts(), within="ethnicity", collapse=5)
    assert not told(within)
    assert not told(within, by="ethnicity")


def test_waves_on_top_of_each_other_are_judged_wave_by_wave() -> None:
    within = lp.rake(trap(), own_counts(), within="ethnicity", collapse=5)
    assert not told(lp.stack([within, within], ["2022", "rerun"]), by=["wave", "ethnicity"])
    mixed = lp.stack([within, lp.rake(trap(), ALL)], ["2022", "rerun"])
    assert len(told(mixed, by=["wave", "ethnicity"])) == 1
    assert not told(mixed, by="wave")


def test_trimming_keeps_the_kind_and_delivered_weights_have_the_one_that_is_declared() -> None:
    trimmed = lp.trim(lp.rake(trap(), OWN, within="ethnicity", collapse=5), high=3)
    assert not told(trimmed, by="ethnicity")
    assert len(told(lp.trim(lp.rake(trap(), ALL), high=3), by="ethnicity")) == 1
    assert not told(trap(), by="ethnicity")
    assert len(told(lp.declare_raked(trap(), ["age_band", "sex", "ethnicity"]), by="ethnicity")) == 1
    assert not told(lp.declare_raked(trap(), ["age_band", "sex"], within="ethnicity"), by="ethnicity")


def test_small_groups_neither_cause_a_warning_nor_are_named_in_one() -> None:
    """Nine Black respondents, who weigh a fifth of the mean, say nothing; with a tenth they do."""
    groups = ["Black"] * 9 + ["White"] * 91
    for more, warned in ((0, False), (1, True)):
        sample = lp.Sample.from_frame(pd.DataFrame({"ethnicity": groups + ["Black"] * more, "confident": "yes"}))
        assert bool(told(lp.rake(sample, {"ethnicity": {"Black": 2.0, "White": 98.0}}), by="ethnicity")) == warned


def test_comparing_attendees_by_group_under_population_weights_warns() -> None:
    frame = trap().answers.assign(attended=np.where(np.arange(300) % 3, "no", "yes"))
    raked = lp.rake(lp.Sample.from_frame(frame), ALL)
    with pytest.warns(LpactWarning, match="Estimates by 'ethnicity' from population weights"):
        lp.attendance_gap(raked, "confident", "yes", attended="attended", adjust=["sex"])
