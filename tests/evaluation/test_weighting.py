"""Weights that a plan asks for: what is told of them, and where a failure lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError, WeightingError
from lpact_eval.evaluation import weighting

if TYPE_CHECKING:
    from pathlib import Path


def replaced(path: Path, old: str, new: str) -> None:
    """Edit one place of a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def move_rutland(own: Path) -> None:
    """Count the respondents of Rutland in 2022 as Melton's, which the file's labels contradict."""
    crosswalk = own.parent / "surveys" / "2022" / "crosswalk.toml"
    replaced(crosswalk, '= "Rutland"', '= "Melton"')
    replaced(crosswalk, '[area]\ncolumn = "la"\n', '[area]\ncolumn = "la"\nlabels = "wrong"\n')


def test_weights_that_cannot_be_made_name_plan_line_population_wave_and_file(own: Path) -> None:
    replaced(own, "collapse = 20 ", "collapse = 0 ")
    move_rutland(own)
    message = (
        r"plan\.toml:13 \(\[weights\]\), population 'leicestershire-2021', wave 2022: Cannot rake on 'area' "
        r"\(.*leicestershire-2021/area\.csv\): 'Rutland' has population but .*Respondents: .*Rutland fewer than 10"
    )
    with pytest.raises(WeightingError, match=message) as raised:
        lp.run_plan(lp.read_plan(own))
    assert raised.value.exit_code == 2


def test_a_category_that_was_merged_because_nobody_is_in_it_is_told(own: Path) -> None:
    move_rutland(own)
    assert "Local authority: no respondents in Rutland" in lp.run_plan(lp.read_plan(own)).weighting


def test_what_a_small_group_has_nobody_in_is_not_told(own: Path) -> None:
    crosswalk = own.parent / "surveys" / "2022" / "crosswalk.toml"
    lines = crosswalk.read_text(encoding="utf-8").splitlines(keepends=True)
    areas = lines.index("[area.answers]\n") + 1
    moved = [line.replace('= "Leicester"', '= "Oadby and Wigston"') for line in lines[areas : areas + 9]]
    start = [*lines[: areas - 1], 'labels = "wrong"\n', lines[areas - 1]]
    crosswalk.write_text("".join([*start, *moved, *lines[areas + 9 :]]), encoding="utf-8")
    told = lp.run_plan(lp.read_plan(own)).weighting
    assert "Local authority: no respondents in Leicester" in told
    assert "Leicester or elsewhere not used" in told
    assert "Leicester or elsewhere: no respondents" not in told


def test_a_category_that_is_no_answer_stops_the_run_with_the_line_of_its_file(own: Path) -> None:
    counts = own.parent / "surveys" / "population" / "leicestershire-2021" / "ethnicity.csv"
    with counts.open("a", encoding="utf-8") as file:
        file.write("Blacc,10,Census\n")
    message = r"ethnicity\.csv:7: 'Blacc' is not an answer of 'ethnicity'; did you mean 'Black'"
    with pytest.raises(DefinitionError, match=message):
        lp.run_plan(lp.read_plan(own))


def test_a_run_reads_each_population_once(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def counted(file: Path) -> list[lp.Margin]:
        read.append(file)
        return lp.read_population(file)

    monkeypatch.setattr(weighting, "read_population", counted)
    plan = lp.read_plan(own)
    lp.run_plan(plan)
    assert read == [plan.population_file, plan.within_file]
