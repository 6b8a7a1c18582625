"""No definition file can be edited without a trace in the results."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import lpact_eval as lp
from lpact_eval.evaluation.definitions import definitions_of
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from pathlib import Path


def total(results: lp.Results) -> float:
    """Take the first change among all respondents."""
    rows = results.rows
    return float(rows.loc[(rows["measure"] == "change") & (rows["group"] == "All respondents"), "estimate"].iloc[0])


def test_a_projects_own_counts_are_the_ones_that_count(own: Path) -> None:
    """Leicester and Charnwood change places: the estimate moves, and only the hash of the file that was edited."""
    before = lp.run_plan(lp.read_plan(own))
    counts = own.parent / "surveys" / "population" / "leicestershire-2021" / "area.csv"
    text = counts.read_text(encoding="utf-8")
    swapped = (
        text.replace("\nLeicester,", "\nL,").replace("\nCharnwood,", "\nLeicester,").replace("\nL,", "\nCharnwood,")
    )
    counts.write_text(swapped, encoding="utf-8")
    after = lp.run_plan(lp.read_plan(own))
    assert total(after) != total(before)
    changed = set(after.definitions) - set(before.definitions)
    assert changed == {("population/leicestershire-2021/area.csv", hashlib.sha256(counts.read_bytes()).hexdigest())}


def test_every_definition_file_leaves_its_hash_under_a_name_without_folders_of_the_machine(own: Path) -> None:
    surveys = own.parent / "surveys"
    found = dict(lp.run_plan(lp.read_plan(own)).definitions)
    assert found.pop("plan.toml") == hashlib.sha256(own.read_bytes()).hexdigest()
    assert found == {name: hashlib.sha256((surveys / name).read_bytes()).hexdigest() for name in found}
    waves = {f"{wave}/{file}.toml" for wave in ("2022", "rerun") for file in ("wave", "crosswalk")}
    national = {"benchmarks/csew.toml", "benchmarks/csew.csv"}
    everybody = {f"population/leicestershire-2021/{name}.csv" for name in ("sex", "age_band", "area", "ethnicity")}
    inside = "population/leicestershire-2021-by-ethnicity"
    assert set(found) == {
        "harmonised.toml",
        "rerun/ethnicity_lookup.csv",
        "population/leicestershire-2021/population.toml",
        f"{inside}/population.toml",
        f"{inside}/ethnicity_by_area_group.csv",
        *waves,
        *national,
        *everybody,
    }


def test_populations_from_elsewhere_are_named_as_such(own: Path) -> None:
    shutil.rmtree(own.parent / "surveys" / "population" / "leicestershire-2021-by-ethnicity")
    shipped = surveys_folder() / "population"
    shutil.move(own.parent / "surveys" / "population" / "leicestershire-2021", own.parent / "leicestershire-2021")
    names = [name for name, _ in definitions_of(lp.read_plan(own))]
    assert "leicestershire-2021/area.csv" in names
    assert "shipped/population/leicestershire-2021-by-ethnicity/population.toml" in names
    assert not any(str(shipped) in name or str(own.parent) in name for name in names)


def test_the_contribution_analysis_is_a_definition_wherever_it_lies(tmp_path: Path) -> None:
    """The shipped plan's own, and one beside a plan elsewhere."""
    shipped = plan_file().with_name("contribution.toml")
    told = {name: sha256 for name, sha256 in definitions_of(lp.read_plan(plan_file())) if "contribution" in name}
    assert told == {f"{shipped.parent.name}/contribution.toml": hashlib.sha256(shipped.read_bytes()).hexdigest()}
    for name in ("evaluation-plan.toml", "contribution.toml"):
        (tmp_path / name).write_bytes(plan_file().with_name(name).read_bytes() + b"# edited\n")
    edited = dict(definitions_of(lp.read_plan(tmp_path / "evaluation-plan.toml")))
    wanted = hashlib.sha256((tmp_path / "contribution.toml").read_bytes()).hexdigest()
    assert edited[f"{tmp_path.name}/contribution.toml"] == wanted
