"""Respondents' answers and large files never reach the repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "refuse_files.py"


def refuse(folder: Path, name: str, size: int = 1) -> subprocess.CompletedProcess[str]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return subprocess.run([sys.executable, str(SCRIPT), name], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "name",
    ["answers.sav", "surveys/2022/final.SAV", "surveys/2022/answers.csv", "data/rerun.dta", "analyses/export.xlsx"],
)
def test_files_that_may_hold_answers_are_refused(tmp_path: Path, name: str) -> None:
    run = refuse(tmp_path, name)
    assert run.returncode == 1
    assert f"{name}: may hold respondents' answers" in run.stderr


@pytest.mark.parametrize(
    "name",
    [
        "surveys/2022/demo/2022.sav",
        "surveys/population/leicestershire-2021.csv",
        "surveys/rerun/ethnicity_lookup.csv",
        "surveys/benchmarks/csew.csv",
        "tests/oracles/power/expected.csv",
        "tests/waves/fixtures/tiny.sav",
        "lpact_eval/cli.py",
    ],
)
def test_synthetic_answers_counts_and_code_are_let_through(tmp_path: Path, name: str) -> None:
    assert refuse(tmp_path, name).returncode == 0


def test_large_files_are_refused(tmp_path: Path) -> None:
    run = refuse(tmp_path, "reports/page.png", size=2_000_001)
    assert run.returncode == 1
    assert "2,000,001 bytes" in run.stderr
