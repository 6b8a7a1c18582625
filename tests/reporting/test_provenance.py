from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from lpact_eval import __version__
from lpact_eval.reporting.provenance import PACKAGES, _version, commit_of, provenance

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_a_release_names_its_inputs_by_file_and_hash_and_never_by_path(published: Published) -> None:
    made = provenance(published, date=dt.date(2026, 11, 22))
    lines = dict(made.lines())
    assert lines["2022"] == "2022.sav, SHA-256 " + "a" * 64
    assert lines["Plan"] == "evaluation-plan.toml, SHA-256 " + "c" * 64
    assert lines["Written on"] == "2026-11-22"
    assert lines["Seed"] == "20260511"
    assert made.version_of("lpact-eval") == __version__


def test_definitions_are_listed_by_name_with_a_short_hash_and_the_plan_once(published: Published) -> None:
    facts = published.facts
    pairs = ((facts.plan_file, facts.plan_sha256), ("harmonised.toml", "d" * 64), ("2022/wave.toml", "e" * 64))
    made = provenance(replace(published, facts=replace(facts, definitions=pairs)))
    assert dict(made.lines())["Definitions, SHA-256"] == f"harmonised.toml {'d' * 12}, 2022/wave.toml {'e' * 12}"
    assert "Definitions, SHA-256" not in dict(provenance(published).lines())


def test_the_day_can_be_fixed_for_reproducible_outputs(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert provenance(published).date == dt.date(1970, 1, 1)


def test_the_commit_is_read_from_a_branch_a_packed_branch_and_a_detached_head(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    assert commit_of(tmp_path) == "not known"
    (git / "packed-refs").write_text(f"# pack-refs\n{COMMIT} refs/heads/main\n", encoding="utf-8")
    assert commit_of(tmp_path) == COMMIT
    (git / "refs" / "heads" / "main").write_text(COMMIT[::-1] + "\n", encoding="utf-8")
    assert commit_of(tmp_path) == COMMIT[::-1]
    (git / "HEAD").write_text(COMMIT + "\n", encoding="utf-8")
    assert commit_of(tmp_path) == COMMIT


def test_writing_page_workbook_and_csv_loads_no_heavy_library() -> None:
    code = (
        "import sys\n"
        "import lpact_eval.disclosure.published, lpact_eval.reporting.release\n"
        "import lpact_eval.reporting.page, lpact_eval.reporting.workbook, lpact_eval.reporting.tidy\n"
        "heavy = {'plotly', 'matplotlib', 'scipy', 'statsmodels', 'pingouin', 'openpyxl', 'gptables'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [*PACKAGES, "pytest"])
def test_the_version_of_a_library_is_the_one_that_it_is_installed_in(name: str) -> None:
    assert _version(name) == version(name)


def test_a_library_that_is_not_there_is_said_not_to_be_and_old_files_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "aged.egg-info").mkdir()
    (tmp_path / "aged.egg-info" / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: aged\nVersion: 2.7\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert _version("aged") == "2.7"
    assert _version("there-is-no-such-library") == "not installed"
