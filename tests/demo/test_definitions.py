import tomllib
from pathlib import Path

import pytest

from lpact_eval.resources import surveys_folder
from lpact_eval.waves.definition import WaveDefinition, read_definition
from lpact_eval.waves.schema import Schema, read_schema

WAVES = ("2022", "rerun")
AFTER = ["conf_overall", "trust_force", "know_officer", "understand_policing", "feedback_seen", "attended", "lay_obs"]
BEFORE = ["age_band", "sex", "area", "contact_12m", "stopped_12m", "ethnicity"]


@pytest.fixture(scope="module")
def schema() -> Schema:
    return read_schema(surveys_folder() / "harmonised.toml")


@pytest.fixture(scope="module", params=WAVES)
def definition(request: pytest.FixtureRequest) -> WaveDefinition:
    return read_definition(request.param, surveys_folder())


def test_both_definitions_read(definition: WaveDefinition) -> None:
    assert definition.items
    assert definition.fieldwork.start < definition.fieldwork.end


def test_no_wave_names_a_delivered_file_of_its_own(definition: WaveDefinition) -> None:
    assert definition.delivered.file == ""
    assert (definition.folder / definition.delivered.demo).is_file()


def test_every_question_has_a_wording_and_every_variable_a_title(schema: Schema) -> None:
    for name, meaning in schema.variables.items():
        assert meaning.title, name
        assert meaning.wording or meaning.source or meaning.paradata, name


def test_every_opinion_speaks_to_one_of_five_outcomes_and_may_follow_attendance(schema: Schema) -> None:
    opinions = {name: meaning for name, meaning in schema.variables.items() if meaning.outcome is not None}
    assert {meaning.outcome for meaning in opinions.values()} == {1, 2, 3, 4, 5}
    for name, meaning in opinions.items():
        assert meaning.after_attendance, name
        assert schema.positive(name), name


@pytest.mark.parametrize("name", AFTER)
def test_what_attending_may_change_is_no_adjuster(schema: Schema, name: str) -> None:
    assert schema.variables[name].after_attendance


@pytest.mark.parametrize("name", BEFORE)
def test_what_people_bring_along_may_be_adjusted_for(schema: Schema, name: str) -> None:
    assert not schema.variables[name].after_attendance


def test_the_five_ethnic_groups_take_in_all_19_and_other_comes_last(schema: Schema) -> None:
    assert schema.answers("ethnicity") == ("Asian", "Black", "Mixed", "White", "Other")
    assert len(schema.answers("ethnicity_19")) == 19
    assert schema.variables["black"].groups["yes"] == schema.variables["ethnicity"].groups["Black"]
    assert len(schema.variables["black_heritage"].groups["yes"]) == 5


def test_the_headline_can_be_compared_in_full(definition: WaveDefinition) -> None:
    assert definition.items["conf_overall"].comparable == "full"


def test_a_scale_without_a_middle_and_a_reworded_item_say_why_they_differ() -> None:
    items = read_definition("rerun", surveys_folder()).items
    assert items["satisfied"].comparable == "none"
    assert items["fair"].comparable == "partial"
    assert items["satisfied"].reason
    assert items["fair"].reason


def test_attendance_was_asked_in_the_rerun_only() -> None:
    first, second = (read_definition(wave, surveys_folder()) for wave in WAVES)
    for name in ("lpact_events", "lpact_reason_not", "lay_obs"):
        assert name in first.not_asked.variables
        assert name in second.items


def test_the_2022_fieldwork_overlaps_the_first_event_so_the_baseline_is_not_clean() -> None:
    fieldwork = read_definition("2022", surveys_folder()).fieldwork
    assert fieldwork.start.isoformat() < "2022-07-04" < fieldwork.end.isoformat()


@pytest.mark.parametrize("wave", WAVES)
def test_the_questionnaire_says_that_it_is_the_demos(wave: str) -> None:
    text = (surveys_folder() / wave / "questionnaire.md").read_text(encoding="utf-8")
    assert "**Synthetic.**" in text


def test_nothing_of_the_definitions_points_outside_the_repository() -> None:
    for path in Path(surveys_folder()).glob("*/wave.toml"):
        delivered = tomllib.loads(path.read_text(encoding="utf-8"))["delivered"]
        assert not Path(delivered["demo"]).is_absolute()
