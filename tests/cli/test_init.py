"""`lpact-eval init`: a first project that checks, runs and is never written over."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import lpact_eval as lp
from lpact_eval.evaluation.logs import LOGS, read_logs
from lpact_eval.evaluation.project import begin_project
from lpact_eval.evaluation.theory import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    Call = Callable[..., tuple[int, str, str]]


def test_a_first_project_has_a_plan_for_all_five_outcomes(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "evaluation"
    code, said, _ = call("init", folder)
    assert code == 0
    assert "lpact-eval check" in said
    plan = lp.read_plan(folder / "analyses" / "evaluation-plan.toml")
    assert plan.surveys == (folder / "surveys").resolve()
    assert plan.theory is not None
    promised = (*plan.indicators, *(plan.records.indicators if plan.records else ()))
    assert {str(one.outcome) for one in promised} == set(OUTCOMES) == set(plan.theory.outcomes)


def test_check_works_in_it_and_says_what_is_missing(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    code, said, _ = call("check", "--json")
    assert code == 0
    found = {check["what"]: check for check in json.loads(said)}
    assert "lpact-eval plan freeze" in found["registration"]["found"]
    assert "name them under [files]" in found["delivered files"]["found"]
    assert found["logs"]["details"] == [f"the log of {name}" for name in LOGS if name != "departures"]
    assert not [what for what, check in found.items() if check["status"] == "fail"]


def test_what_the_files_say_to_do_works(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comments of plan and logs are taken off: delivered files are read, and the logs are filled in."""
    begin_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in LOGS:
        file = tmp_path / "analyses" / "logs" / f"{name}.toml"
        lines = file.read_text(encoding="utf-8").splitlines()
        start = lines.index("# [[entry]]")
        file.write_text("\n".join(line.removeprefix("# ") for line in lines[start:]), encoding="utf-8")
    assert read_logs(tmp_path / "analyses" / "logs").blank == ()
    for wave in ("2022.sav", "rerun.csv"):
        name = wave.split(".", maxsplit=1)[0]
        (tmp_path / "data" / wave).write_bytes((tmp_path / "surveys" / name / "demo" / wave).read_bytes())
    plan = tmp_path / "analyses" / "evaluation-plan.toml"
    text = plan.read_text(encoding="utf-8")
    for line in ("[files]", '2022 = "../data/2022.sav"', 'rerun = "../data/rerun.csv"'):
        assert f"# {line}\n" in text
        text = text.replace(f"# {line}\n", f"{line}\n")
    plan.write_text(text, encoding="utf-8")
    assert set(lp.read_plan(plan).files) == {"2022", "rerun"}
    _, said, _ = call("check", "--json")
    found = {check["what"]: check["status"] for check in json.loads(said)}
    assert found["logs"] == "ok"
    assert found["data of rerun"] == "ok"


def test_nothing_that_is_there_is_written_over(call: Call, tmp_path: Path) -> None:
    mine = {"README.md": b"mine", "analyses/evaluation-plan.toml": b"title = 1", "surveys/2022/wave.toml": b""}
    for name, content in mine.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    code, said, _ = call("init", tmp_path, "--json")
    assert code == 0
    assert {str(tmp_path / name) for name in mine} == set(json.loads(said)["kept"])
    assert all((tmp_path / name).read_bytes() == content for name, content in mine.items())
    assert not [path for path in tmp_path.rglob("*") if "draft" in path.name]
    _, said, _ = call("init", tmp_path)
    assert said.startswith("0 files were written")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "README.md").symlink_to(outside)
    assert folder / "README.md" in begin_project(folder).kept
    assert not outside.exists()


def test_a_file_where_a_folder_is_needed_is_refused_before_anything_is_written(call: Call, tmp_path: Path) -> None:
    (tmp_path / "surveys").write_bytes(b"")
    code, _, said = call("init", tmp_path)
    assert code == 1
    assert "is a file, and a folder is needed there" in said
    assert [path.name for path in tmp_path.iterdir()] == ["surveys"]


def test_git_takes_no_data(tmp_path: Path) -> None:
    begin_project(tmp_path)
    (tmp_path / "data" / "2022.sav").write_bytes(b"answers")
    (tmp_path / "data" / "events").mkdir()
    (tmp_path / "data" / "events" / "records.xlsx").write_bytes(b"records")
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    listed = subprocess.run(["git", "ls-files"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    names = listed.splitlines()
    assert [name for name in names if name.startswith("data/")] == ["data/README.txt"]
    assert "surveys/2022/demo/2022.sav" in names
    assert "analyses/logs/data.toml" in names
