import csv
import tomllib

import numpy as np
import pytest

from lpact_eval.demo.model import WAVES
from lpact_eval.demo.population import Population, read_population_model
from lpact_eval.demo.truth import EVERYBODY, truth
from lpact_eval.resources import surveys_folder

PEOPLE = 400_000
GROUPS = ("Asian", "Black", "Mixed", "White", "Other")


@pytest.fixture(scope="module")
def population() -> Population:
    return read_population_model()


def published(population: str, table: str) -> list[dict[str, str]]:
    """Rows of one table of counts as published."""
    path = surveys_folder() / "population" / population / f"{table}.csv"
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def census(name: str) -> dict[str, float]:
    """Shares of one variable."""
    counts = {row[name]: float(row["persons"]) for row in published("leicestershire-2021", name)}
    return {category: count / sum(counts.values()) for category, count in counts.items()}


def test_age_and_sex_of_every_group_are_those_of_all_adults(population: Population) -> None:
    for axis, name, order in ((1, "age_band", population.model.ages), (2, "sex", population.model.sexes)):
        shares = population.share.sum(axis=tuple(other for other in range(1, 6) if other != axis))
        expected = [census(name)[category] for category in order]
        np.testing.assert_allclose(shares, np.tile(expected, (5, 1)), rtol=1e-12)


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_lives_where_the_census_found_it(population: Population, group: str) -> None:
    rows = published("leicestershire-2021-by-ethnicity", "ethnicity_by_area_group")
    counts = {row["area_group"]: float(row["persons"]) for row in rows if row["ethnicity"] == group}
    leicester = population.share[GROUPS.index(group), :, :, 0].sum()
    assert leicester == pytest.approx(counts["Leicester"] / sum(counts.values()), rel=1e-12)


def test_groups_have_their_census_shares(population: Population) -> None:
    expected = [census("ethnicity")[group] for group in GROUPS]
    assert population.census.group_share == pytest.approx(expected, rel=1e-12)


def test_the_19_groups_of_the_model_add_up_to_the_five_of_the_census(population: Population) -> None:
    five = {row["ethnicity"]: float(row["persons"]) for row in published("leicestershire-2021", "ethnicity")}
    member = population.census.detail_share > 0
    counts = np.array([population.model.details[detail] for detail in population.census.details])
    assert member @ counts == pytest.approx([five[group] for group in GROUPS])


@pytest.mark.parametrize("wave", WAVES)
@pytest.mark.parametrize("group", GROUPS)
def test_shares_are_those_that_the_model_states(population: Population, wave: str, group: str) -> None:
    stated = population.model.confident[wave][GROUPS.index(group)]
    assert truth().share[wave][group] == pytest.approx(stated, abs=1e-9)


@pytest.mark.parametrize("group", GROUPS)
def test_attending_has_the_effect_and_the_share_that_the_model_states(population: Population, group: str) -> None:
    known, place = truth(), GROUPS.index(group)
    assert known.effect[group] == pytest.approx(population.model.attendance.effect[place], abs=1e-9)
    assert known.attended[group] == pytest.approx(population.model.attendance.share[place], abs=1e-9)


def test_attendance_is_confounded_so_that_the_unadjusted_gap_overstates_the_effect() -> None:
    known = truth()
    for group in GROUPS:
        assert known.unadjusted_gap[group] > known.effect_on_attendees[group] + 0.02


def simulated_share(population: Population, group: int, *, attend: bool | None, rng: np.random.Generator) -> float:
    """Draw people of one group one by one, let them answer conf_overall in the re-run, and count.

    attend: None lets them attend as they do; True and False make all or none attend.
    """
    model = population.model
    cell = rng.choice(population.share[group].size, PEOPLE, p=population.share[group].ravel())
    chance = population.attends[group].ravel()[cell]
    attended = rng.random(PEOPLE) < chance if attend is None else np.full(PEOPLE, attend)
    trust = model.trust
    alike = trust.person_variance + trust.site_variance
    answer = (
        population.base["rerun"][group]
        + population.leaning[0].ravel()[cell]
        + population.attended_shift[group] * attended
        + trust.officer * (rng.random(PEOPLE) < trust.officer_present)
        + np.sqrt(alike) * rng.standard_normal(PEOPLE)
        + np.sqrt(1 - alike) * rng.standard_normal(PEOPLE)
    )
    return float((answer > 0).mean())


@pytest.mark.parametrize("group", ["Black", "White"])
def test_people_drawn_one_by_one_agree_with_the_exact_truth(population: Population, group: str) -> None:
    known, place, rng = truth(), GROUPS.index(group), np.random.default_rng(7)
    tolerance = 4 * np.sqrt(0.25 / PEOPLE)  # four Monte-Carlo errors of a share, at their largest
    assert abs(simulated_share(population, place, attend=None, rng=rng) - known.share["rerun"][group]) < tolerance
    everybody, nobody = (simulated_share(population, place, attend=attend, rng=rng) for attend in (True, False))
    assert abs(everybody - nobody - known.effect[group]) < np.sqrt(2) * tolerance


def test_the_truth_of_all_adults_weights_groups_by_the_census() -> None:
    known, weights = truth(), census("ethnicity")
    expected = sum(weights[group] * known.change[group] for group in GROUPS)
    assert known.change[EVERYBODY] == pytest.approx(expected, rel=1e-12)


def test_the_committed_truth_is_the_populations() -> None:
    committed = tomllib.loads((surveys_folder() / "demo-truth.toml").read_text(encoding="utf-8"))
    known = truth(committed["item"])
    for wave in WAVES:
        assert committed["share"][wave] == pytest.approx(known.share[wave], abs=1e-6)
    for table in ("change", "effect", "effect_on_attendees", "effect_in_overlap", "unadjusted_gap", "attended"):
        assert committed[table] == pytest.approx(getattr(known, table), abs=1e-6), table
