"""The tree is the pipeline: imports run one way, start-up is light, modules stay short."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "lpact_eval").rglob("*.py"))
LONGEST = 400
HEAVY = ("numpy", "pandas", "scipy", "statsmodels", "pingouin", "plotly", "openpyxl", "pyreadstat", "pydantic", "rich")


def test_imports_follow_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


@pytest.mark.parametrize(
    "command", ["import lpact_eval", "import lpact_eval.cli"], ids=["the package", "the command line"]
)
def test_start_up_loads_no_heavy_library(command: str) -> None:
    names = subprocess.run(
        [sys.executable, "-c", f"{command}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not set(names) & set(HEAVY)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_stay_short(module: Path) -> None:
    lines = len(module.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, f"{lines} lines; move what can stand alone to a place where it is found"


def test_every_public_name_loads() -> None:
    code = "import lpact_eval as lp\nfor name in lp.__all__: getattr(lp, name)"
    subprocess.run([sys.executable, "-c", code], check=True)
