"""The wheel holds what is tracked and nothing else, and works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKED = {
    "lpact_eval/": "lpact_eval/",
    "surveys/": "lpact_eval/_data/surveys/",
    "reports/templates/": "lpact_eval/_data/templates/",
    "analyses/evaluation-plan.toml": "lpact_eval/_data/evaluation-plan.toml",
    "analyses/contribution.toml": "lpact_eval/_data/contribution.toml",
    "analyses/logs/": "lpact_eval/_data/logs/",
}
CLEAN = bool(os.environ.get("LPACT_CLEAN_INSTALL"))

pytestmark = pytest.mark.wheel


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the environment's own hatchling, or in isolation where there is none."""
    folder = tmp_path_factory.mktemp("wheel")
    isolation = run(sys.executable, "-c", "import importlib.util as u; print(u.find_spec('hatchling'))", cwd=folder)
    options = ["--no-isolation"] if "None" not in isolation.stdout else []
    run(sys.executable, "-m", "build", "--wheel", *options, "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel in a new environment and return that environment's folder of commands."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=CLEAN)
    commands = folder / ("Scripts" if os.name == "nt" else "bin")
    if CLEAN:
        run(commands / "python", "-m", "pip", "install", "--quiet", wheel, cwd=folder)
        return commands
    run(sys.executable, "-m", "pip", "--python", folder, "install", "--quiet", "--no-deps", wheel, cwd=folder)
    site = run(commands / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    # the libraries of the running environment come after the wheel, and without its own path files
    (Path(site.stdout.strip()) / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return commands


def test_the_wheel_holds_the_tracked_files_and_nothing_else(wheel: Path) -> None:
    git = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if git.returncode or not git.stdout:
        pytest.skip("not a git checkout with tracked files, so there is nothing to compare with")
    tracked = {
        name.replace(source, target, 1)
        for name in git.stdout.split("\0")
        for source, target in PACKED.items()
        if name.startswith(source)
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == tracked


def test_the_installed_package_does_the_job_from_another_folder(installed: Path, tmp_path: Path) -> None:
    place = run(installed / "python", "-c", "import lpact_eval; print(lpact_eval.__file__)", cwd=tmp_path)
    assert str(ROOT) not in place.stdout
    run(installed / "lpact-eval", "demo", "--out", "report", cwd=tmp_path)
    written = {path.suffix for path in (tmp_path / "report").iterdir()}
    assert {".html", ".xlsx", ".csv"} <= written
