"""What the README says is so: its examples run, its commands exist, its layout is the repository's."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^lpact-eval (\w+)", README, flags=re.MULTILINE)
SCRIPTS = sorted((ROOT / "analyses").glob("*.py"))
TOP_LEVEL = {
    "lpact_eval",
    "surveys",
    "analyses",
    "reports",
    "tests",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "uv.lock",
}
LONGEST_SCRIPT = 60


def run(code: list[str], folder: Path) -> str:
    done = subprocess.run([sys.executable, *code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"example {place}" for place in range(1, len(EXAMPLES) + 1)])
def test_an_example_runs(example: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "analyses", tmp_path / "analyses")
    assert run(["-c", example], tmp_path).strip()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_analysis_runs_and_is_short(script: Path, tmp_path: Path) -> None:
    assert run([str(script)], tmp_path).strip()
    text = script.read_text(encoding="utf-8")
    assert len(text.splitlines()) < LONGEST_SCRIPT
    assert set(re.findall(r"^(?:import|from) (lpact_eval\S*)", text, flags=re.MULTILINE)) == {"lpact_eval"}
    assert not re.search(r"\blp\._", text)


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_a_command_exists(command: str) -> None:
    shown = run(["-m", "lpact_eval", command, "--help"], ROOT)
    assert shown.startswith(f"Usage: lpact-eval {command}")


def test_the_top_level_stays_as_it_is() -> None:
    git = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if git.returncode or not git.stdout:
        pytest.skip("not a git checkout with tracked files")
    top = {name.split("/")[0] for name in git.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_links_and_pictures_are_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
