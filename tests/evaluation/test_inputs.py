"""The hash of everything that a run rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.evaluation import inputs
from lpact_eval.evaluation.inputs import inputs_hash

if TYPE_CHECKING:
    from pathlib import Path


def now(own: Path, *others: str) -> str:
    return inputs_hash(lp.read_plan(own), others)


def test_the_same_inputs_have_the_same_hash(own: Path) -> None:
    assert now(own, "html") == now(own, "html")


@pytest.mark.parametrize(
    "name",
    [
        "plan.toml",
        "surveys/harmonised.toml",
        "surveys/rerun/crosswalk.toml",
        "surveys/rerun/demo/rerun.csv",
        "surveys/population/leicestershire-2021/sex.csv",
        "surveys/benchmarks/csew.csv",
    ],
)
def test_an_edit_of_any_file_changes_it(own: Path, name: str) -> None:
    before, file = now(own), own.parent / name
    file.write_bytes(file.read_bytes() + b"\n")
    assert now(own) != before


@pytest.mark.parametrize("name", ["logs/qa.toml", "plan.frozen.json", "contribution.toml"])
def test_a_file_that_comes_changes_it(own: Path, name: str) -> None:
    before, file = now(own), own.parent / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"# new\n")
    assert now(own) != before


def test_a_delivered_file_outside_the_project_counts(own: Path, tmp_path: Path) -> None:
    delivered = tmp_path.parent / f"{tmp_path.name}-delivered.csv"
    delivered.write_bytes((own.parent / "surveys/rerun/demo/rerun.csv").read_bytes())
    wave = own.parent / "surveys/rerun/wave.toml"
    named = wave.read_text(encoding="utf-8").replace('file = ""', f'file = "../../../{delivered.name}"', 1)
    wave.write_text(named, encoding="utf-8")
    before = now(own)
    delivered.write_bytes(delivered.read_bytes() + b"\n")
    assert now(own) != before


def test_outputs_version_and_day_count(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = now(own, "html")
    assert now(own, "html", "csv") != before
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert now(own, "html") != before
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setattr(inputs, "VERSION", "0.0.0")
    assert now(own, "html") != before


def test_what_runs_write_beside_the_plan_does_not_count(own: Path) -> None:
    before = now(own)
    (own.parent / "runs.jsonl").write_text("{}", encoding="utf-8")
    (own.parent / ".release-inputs.json").write_text("{}", encoding="utf-8")
    assert now(own) == before
