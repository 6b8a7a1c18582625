"""Design weights from the sites where people were asked: Horvitz and Thompson's arithmetic, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError, WeightingError

if TYPE_CHECKING:
    from pathlib import Path

SITES = {
    "Mosque": {"stratum": "city", "sites": 6, "people": 40},
    "Market": {"stratum": "city", "sites": 6, "people": 90},
    "School": {"stratum": "county", "sites": 2, "people": 20},
}


def sample() -> lp.Sample:
    """Two answered at the mosque, three at the market, four at the school."""
    frame = pd.DataFrame(
        {
            "recruit_site": ["Mosque"] * 2 + ["Market"] * 3 + ["School"] * 4,
            "visits": [1.0, 3.0, 2.0, 2.0, 5.0, 4.0, 0.0, 1.0, 3.0],
        }
    )
    return lp.Sample.from_frame(frame)


def test_weights_are_one_over_the_chance_of_site_and_person() -> None:
    """City: 2 of 6 sites; mosque 2 of 40, market 3 of 90; county: 1 of 2 sites, school 4 of 20.

    Mosque (6 / 2)(40 / 2) = 60, market 3 x 30 = 90, school 2 x 5 = 10. Total of visits: 60 (1 + 3) + 90 (2 + 2 + 5)
    + 10 (4 + 0 + 1 + 3) = 240 + 810 + 80 = 1130.
    """
    weighted = lp.design_weights(sample(), SITES)
    np.testing.assert_allclose(weighted.design.weight, [60.0] * 2 + [90.0] * 3 + [10.0] * 4)
    np.testing.assert_allclose(weighted.design.weight @ sample().answers["visits"], 1130.0)
    assert weighted.design.psu_count == len(SITES)
    assert weighted.design.clustered
    assert weighted.design.stratum.tolist() == [0] * 5 + [1] * 4
    assert not weighted.design.sampling_fraction.any()


def test_the_sampling_fraction_of_sites_is_kept_when_asked_for() -> None:
    fraction = lp.design_weights(sample(), SITES, fpc=True).design.sampling_fraction
    np.testing.assert_allclose(fraction, [2 / 6] * 5 + [1 / 2] * 4)


def test_a_csv_file_and_a_frame_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    frame = pd.DataFrame([{"site": site, **row} for site, row in SITES.items()])
    frame.to_csv(path, index=False)
    for given in (path, str(path), frame):
        found = lp.design_weights(sample(), given).design.weight
        np.testing.assert_array_equal(found, lp.design_weights(sample(), SITES).design.weight)


def test_a_drawn_site_where_nobody_answered_counts_among_those_drawn() -> None:
    """Three of 6 city sites were drawn: the mosque's weight falls from 60 to (6 / 3) x 20 = 40."""
    more = {**SITES, "Temple": {"stratum": "city", "sites": 6, "people": 10}}
    assert lp.design_weights(sample(), more).design.weight[0] == pytest.approx(40.0)


def test_counts_that_are_given_go_before_those_of_the_sample() -> None:
    """Eight answered at the mosque, two of them are kept: (6 / 3) (40 / 8) = 10."""
    rows = {site: {**row, **({"sites_drawn": 3} if row["stratum"] == "city" else {})} for site, row in SITES.items()}
    rows["Mosque"]["respondents"] = 8
    assert lp.design_weights(sample(), rows).design.weight[0] == pytest.approx(10.0)


def changed(site: str, **values: float | str) -> dict[str, dict[str, float | str]]:
    return {name: {**row, **(values if name == site else {})} for name, row in SITES.items()}


@pytest.mark.parametrize(
    ("sites", "message"),
    [
        (changed("School", people=3), r"at site 'School' fewer than 10 people answered, more than the 3 people"),
        (changed("School", respondents=3), r"'School' fewer than 10 people answered, more than the 3 respondents"),
        ({"Mosque": SITES["Mosque"]}, r"come from 2 sites that are not in the table of sites, such as \['Market'"),
        (changed("Market", sites=7), r"sites or sites_drawn of stratum 'city' differ between rows"),
        (
            changed("School", sites=1, sites_drawn=2),
            r"lists 1 sites of stratum 'county', of which 2 were drawn out of 1",
        ),
    ],
)
def test_counts_that_contradict_each_other_are_refused(sites: dict[str, dict[str, float | str]], message: str) -> None:
    with pytest.raises(WeightingError, match=message):
        lp.design_weights(sample(), sites)


def test_a_table_that_is_no_table_of_sites_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    for text, message in (
        ("site,sites,people\nMosque,6,many\n", r"sites\.csv:2: people is a number of 1 or more"),
        ("site,sites\nMosque,6\n", r"sites\.csv:2: columns \['people'\] are absent; there are"),
        ("site,sites,people,weihgt\nMosque,6,9,1\n", r"sites\.csv:2: columns \['weihgt'\] are not known"),
        ("site,sites,people\nMosque,,9\n", r"sites\.csv:2: site, sites and people have to be filled in"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DefinitionError, match=message):
            lp.design_weights(sample(), path)
    with pytest.raises(DefinitionError, match=r"none\.csv: cannot read the table of sites \(FileNotFoundError\)"):
        lp.design_weights(sample(), tmp_path / "none.csv")


def test_a_site_that_stands_twice_is_refused() -> None:
    frame = pd.DataFrame([{"site": site, **row} for site, row in [*SITES.items(), *SITES.items()]])
    with pytest.raises(WeightingError, match=r"lists \['Market', 'Mosque', 'School'\] twice"):
        lp.design_weights(sample(), frame)


def test_respondents_without_a_site_are_refused_without_a_small_count() -> None:
    frame = sample().answers.copy()
    frame.loc[0, "recruit_site"] = None
    with pytest.raises(WeightingError, match=r"fewer than 10 of 9 respondents have no 'recruit_site'"):
        lp.design_weights(lp.Sample.from_frame(frame), SITES)
    with pytest.raises(WeightingError, match=r"by 'place': the sample has \['recruit_site', 'visits'\]"):
        lp.design_weights(sample(), SITES, site="place")


def test_design_weights_come_before_raking() -> None:
    raked = lp.rake(sample(), {"recruit_site": {"Mosque": 10, "Market": 10, "School": 10}})
    with pytest.raises(WeightingError, match=r"calibrated already\. Give them first, then rake"):
        lp.design_weights(raked, SITES)
    after = lp.rake(lp.design_weights(sample(), SITES), {"recruit_site": {"Mosque": 10, "Market": 10, "School": 10}})
    np.testing.assert_allclose(after.design.weight[:2], 5.0)


def test_design_weights_come_before_replicates() -> None:
    replicated = lp.replicate(sample(), method="bootstrap", replicates=5, seed=1)
    with pytest.raises(WeightingError, match="has replicate weights, which rest on other weights"):
        lp.design_weights(replicated, SITES)
