"""events.toml: what is shipped hangs together, and what a user gets wrong is told with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import DefinitionError
from lpact_eval.evidence.record_schema import WORKSTREAMS, read_record_schema
from lpact_eval.evidence.records import RECORDS
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.schema import read_schema

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = surveys_folder() / "events" / "events.toml"


def written(folder: Path, old: str, new: str) -> Path:
    """Change the shipped file in one place."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path = folder / "events.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_shipped_file_defines_every_record_with_titles_and_help() -> None:
    schema = read_record_schema()
    assert tuple(schema.records) == RECORDS
    for record in schema.records.values():
        assert record.help
        assert len(record.title) <= 31  # a sheet's name
        for column in record.columns:
            assert 0 < len(column.help) <= 255, column.name  # a cell's message
            assert len(column.title) <= 32, column.name
            assert bool(column.answers) == (column.kind in {"category", "set"})


def test_people_are_described_in_the_words_of_the_surveys() -> None:
    surveys, schema = read_schema(surveys_folder() / "harmonised.toml"), read_record_schema()
    assert schema.lists["areas"] == surveys.answers("area")
    for name in ("ethnicity", "age_band", "area"):
        assert schema.records["people"].column(name).answers == (*surveys.answers(name), "not known")
    groups = schema.records["attendance"].column("group").by
    assert groups["sex"] == ("Female", "Male", "not known")
    assert groups["community"] == (*schema.lists["communities"], "not known")


def test_every_workstream_has_themes_with_words() -> None:
    themes = read_record_schema().themes.values()
    assert {theme.workstream for theme in themes} == set(WORKSTREAMS)
    assert all(theme.words for theme in themes)


def test_records_of_people_are_marked_as_personal() -> None:
    records = read_record_schema().records
    personal = {name for name, record in records.items() if all(column.personal for column in record.columns)}
    assert personal == {"people", "feedback", "observations"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("police_heavy = 0.25", "police_heavi = 0.25", r"unknown key 'police_heavi' in \[lines\]; did you mean"),
        ("police_heavy = 0.25", "police_heavy = 0", "it is officers for each attendee"),
        ("officer = 42.0", "officer = -42.0", "'officer' is -42.0; a rate is 0 or more"),
        ("officer = 42.0\n", "", r"\[rates\] lacks 'officer'"),
        ("setup = 22.0", "setup = 22.0\ncaretaker = 9.0", r"unknown key 'caretaker' in \[rates\]"),
        ("smallest_text_prompt = 100", "smallest_text_prompt = 0", "smallest_text_prompt is 0"),
        ("channels = [", "chanels = [", "the list 'channels' in"),
        ('"Somali",', '"Somali", "SOMALI",', "'SOMALI' stands twice"),
        ('"Somali",', '"Somali; Kenyan",', "semicolons divide words"),
        ('"Somali",', '"Not known",', "has a meaning of its own"),
        ('workstream = "respect"', 'workstream = "regard"', "workstream"),
        ('title = "Being listened to and believed"', 'title = "Stop and search"', "another theme is called"),
        ('kind = "category", list = "areas"', 'kind = "category", list = "area"', "unknown list 'area'; did you mean"),
        ('kind = "category", list = "areas"', 'kind = "category"', "a category or set has answers"),
        ('variable = "age_band"', 'variable = "age_bands"', "unknown variable 'age_bands'; did you mean"),
        ('suggested = "reasons"', 'suggested = "reason"', "unknown list 'reason'; did you mean"),
        ('title = "Officers"', 'title = "Attendees"', "are both called 'attendees'"),
        ("[records.verdicts]", "[records.verdict]", "verdict"),
        ("smallest_text_prompt", 'dates = "us"\nsmallest_text_prompt', "dates"),
    ],
)
def test_what_does_not_hang_together_is_told_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message) as stopped:
        read_record_schema(written(tmp_path, old, new))
    assert "events.toml:" in str(stopped.value)
