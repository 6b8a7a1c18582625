"""The note on sample size of a release: from published numbers, and silent where they are hidden."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.reporting.outputs import NotPossibleError
from lpact_eval.reporting.release import left_out, write_release
from lpact_eval.reporting.release_size import CHANGE, release_note, write_release_size
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from lpact_eval.disclosure.published import Published


@pytest.fixture(scope="module")
def demo() -> Published:
    return lp.publish(lp.run_plan(lp.read_plan(plan_file())))


def hidden(published: Published, group: str) -> Published:
    """The same release with a group's shares hidden."""
    rows = published.rows.copy()
    gone = (rows["group"] == group) & (rows["measure"] == "level")
    rows.loc[gone, ["estimate", "conf_low", "conf_high", "n_effective", "df"]] = float("nan")
    rows.loc[gone, ["mark", "tier"]] = ["[c]", "suppressed"]
    rows.loc[gone, "chart"] = False
    return replace(published, rows=rows)


def test_it_says_what_the_command_says_of_the_same_survey(demo: Published) -> None:
    from lpact_eval.cli.survey import Asked, read_groups  # noqa: PLC0415 - beside the only test of it
    from lpact_eval.reporting.size_content import SizeAsked, size_note  # noqa: PLC0415 - as above

    note = release_note(demo)
    groups = read_groups(Asked(plan_file(), "rerun", "conf_overall", "ethnicity", "Black"))
    asked = SizeAsked(groups.title, groups.answers, groups.wave, "Black", change=note.asked.change, synthetic=True)
    other = size_note(asked, groups.firsts.shown, weight_effects=groups.firsts.weight_effects, persons=groups.persons)
    assert note.asked == asked
    assert note.sentences[:2] == other.sentences[:2]
    same = {line.first.group: line for line in other.lines}
    assert [line.first.group for line in note.lines] == ["Black", "Asian", "White"]
    for line in note.lines:
        assert line.first.n == same[line.first.group].first.n
        assert line.limit == pytest.approx(same[line.first.group].limit, nan_ok=True)
        assert line.needed == pytest.approx(same[line.first.group].needed, nan_ok=True)


def test_groups_of_which_no_share_is_told_are_named_alone(demo: Published) -> None:
    note = release_note(demo)
    assert note.hidden == ("Mixed", "Other")
    assert {line.group for line in note.quotas} == {"Asian", "Black", "Mixed", "White", "Other"}


def test_the_plan_s_smallest_change_is_asked_for(demo: Published) -> None:
    assert release_note(demo).asked.change == demo.facts.margin
    without = replace(demo, facts=replace(demo.facts, margin=None))
    assert release_note(without).asked.change == CHANGE


def test_without_a_group_that_goes_first_it_is_about_all_respondents(demo: Published) -> None:
    rows = demo.rows.copy()
    rows["role"] = "exploratory"
    note = release_note(replace(demo, rows=rows))
    assert [line.first.group for line in note.lines] == ["All respondents"]
    assert "for respondents." in note.sentences[0]
    assert not note.quotas


def test_a_group_that_is_hidden_is_not_planned_for(demo: Published, tmp_path: Path) -> None:
    with pytest.raises(NotPossibleError, match="too few of the group Black answered in rerun") as caught:
        write_release_size(hidden(demo, "Black"), tmp_path)
    assert "139" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_release_of_all_outputs_says_what_it_does_without(example: ModuleType, tmp_path: Path) -> None:
    published = hidden(lp.publish(example.results()), "Black")
    files = write_release(published, tmp_path / "all")
    assert not [file for file in files if file.name.startswith("size-note")]
    assert "too few of the group Black" in left_out(tmp_path / "all")["size"]
    assert "size-note.html" not in json.loads(files[-1].read_text(encoding="utf-8"))["files"]


def test_asked_for_by_name_it_stops_the_release(example: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(NotPossibleError, match="leave size out of --only"):
        write_release(hidden(lp.publish(example.results()), "Black"), tmp_path / "one", formats=["csv", "size"])
    assert not list(tmp_path.iterdir())
