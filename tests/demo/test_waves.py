import numpy as np
import pandas as pd
import pytest

from lpact_eval.demo.model import read_model
from lpact_eval.demo.waves import draw_waves
from lpact_eval.sample import Sample
from lpact_eval.waves.reading import read_wave

GROUPS = ["Asian", "Black", "Mixed", "White", "Other"]


@pytest.fixture(scope="module")
def pair() -> Sample:
    return draw_waves(1)


def test_equal_seeds_draw_equal_respondents(pair: Sample) -> None:
    pd.testing.assert_frame_equal(draw_waves(1).answers, pair.answers)


def test_other_seeds_draw_other_respondents(pair: Sample) -> None:
    assert not draw_waves(2).answers["conf_overall"].equals(pair.answers["conf_overall"])


def test_sites_recruit_as_many_as_the_model_states(pair: Sample) -> None:
    for wave, sites in read_model().sites.items():
        rows = pair.answers[pair.answers["wave"] == wave]
        found = rows.assign(group=rows["ethnicity"].cat.codes).groupby("recruit_site").size()
        assert found.to_dict() == {str(place): sum(site.respondents) for place, site in enumerate(sites, 1)}


def test_sites_are_the_sampling_units_and_differ_between_waves(pair: Sample) -> None:
    assert pair.design.clustered
    assert pair.design.psu_count == sum(len(sites) for sites in read_model().sites.values())
    first = set(pair.design.psu[pair.answers["wave"] == "2022"])
    assert not first & set(pair.design.psu[pair.answers["wave"] == "rerun"])


def test_drawn_waves_have_the_variables_and_categories_of_read_ones(pair: Sample) -> None:
    for name in ("2022", "rerun"):
        read = read_wave(name)
        for column in set(read.answers.columns) & set(pair.answers.columns):
            if isinstance(read.answers[column].dtype, pd.CategoricalDtype):
                assert list(pair.answers[column].cat.categories) == list(read.answers[column].cat.categories), column


def test_nobody_attended_before_the_first_wave(pair: Sample) -> None:
    assert pair.answers.loc[pair.answers["wave"] == "2022", "attended"].isna().all()


def test_fewer_items_can_be_drawn(pair: Sample) -> None:
    few = draw_waves(1, items=["conf_overall"])
    assert "good_job" not in few.answers
    assert len(few) == len(pair)


def test_drawn_respondents_are_marked_synthetic(pair: Sample) -> None:
    assert pair.synthetic
    assert all(wave.synthetic for wave in pair.waves)


def test_who_takes_part_depends_on_age_but_within_it_not_on_trust() -> None:
    draws = pd.concat([draw_waves(seed, items=["conf_overall"]).answers for seed in range(30)])
    first = draws[draws["wave"] == "2022"]
    shares = first["age_band"].value_counts(normalize=True)
    assert shares["16-24"] < 0.12  # 15 % of adults
    assert shares["50-64"] > 0.25  # 23 % of adults
    contact = (
        first.assign(contact=first["contact_12m"] == "yes").groupby("recruit_route", observed=True)["contact"].mean()
    )
    assert np.ptp(contact) < 0.06
