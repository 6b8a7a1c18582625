"""`lpact-eval run`: only what changed, with a bar, a log and the last complete release kept."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.last_run import keep_inputs, same_release
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., tuple[int, str, str]]

UNCHANGED = "Nothing has changed since the last run"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A plan of one indicator beside surveys and logs of its own."""
    shutil.copytree(surveys_folder(), tmp_path / "surveys")
    shutil.copytree(plan_file().parent / "logs", tmp_path / "logs")
    text = plan_file().read_text(encoding="utf-8").replace('surveys = ""', 'surveys = "surveys"')
    starts = [place for place in range(len(text)) if text.startswith("[[indicator]]", place)]
    path = tmp_path / "plan.toml"
    path.write_text(
        text[: starts[1]].replace('analyses = ["change", "gap"]', 'analyses = ["change"]'), encoding="utf-8"
    )
    return path


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """What is in a folder, and when it was written."""
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.iterdir())
    }


def test_a_second_run_of_which_nothing_changed_leaves_the_outputs(call: Call, project: Path) -> None:
    out = project.parent / "out" / "release"
    arguments = ("run", project, "--only", "html,csv", "--out", out)
    assert call(*arguments)[0] == 0
    before = state(out)
    code, said, _ = call(*arguments)
    assert (code, said.startswith(UNCHANGED)) == (0, True)
    assert state(out) == before
    code, said, _ = call(*arguments, "--json")
    assert json.loads(said)["unchanged"] is True
    assert len(json.loads(said)["files"]) == len(before)

    code, said, _ = call(*arguments, "--again")
    assert (code, UNCHANGED in said) == (0, False)
    again = state(out)
    assert {name: content for name, (content, _) in again.items()} == {
        name: content for name, (content, _) in before.items()
    }  # the same inputs give the same bytes
    assert again != before  # and it was written anew


def test_what_changed_is_run_again(call: Call, project: Path) -> None:
    out = project.parent / "out" / "release"
    arguments = ("run", project, "--only", "csv", "--out", out)
    call(*arguments)
    log = project.parent / "logs" / "qa.toml"
    log.write_text(log.read_text(encoding="utf-8").replace("the whole page", "all pages"), encoding="utf-8")
    assert UNCHANGED not in call(*arguments)[1]
    assert "all pages" in (out / "checks.csv").read_text(encoding="utf-8-sig")
    assert UNCHANGED in call(*arguments)[1]
    assert UNCHANGED not in call(*arguments[:3], "html", *arguments[4:])[1]


@pytest.mark.parametrize("damage", ["edited", "gone", "manifest", "other release", "note"])
def test_a_release_that_is_not_as_it_was_written_is_no_reason_to_stop(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "a.csv").write_bytes(b"1")
    listed = {"files": {"a.csv": hashlib.sha256(b"1").hexdigest()}}
    (folder / "release.json").write_text(json.dumps(listed), encoding="utf-8")
    keep_inputs(folder, "abc")
    assert same_release(folder, "abc") == [folder / "a.csv", folder / "release.json"]
    assert same_release(folder, "abd") is None
    if damage == "edited":
        (folder / "a.csv").write_bytes(b"2")
    elif damage == "gone":
        (folder / "a.csv").unlink()
    elif damage == "manifest":
        (folder / "release.json").write_text("[]", encoding="utf-8")
    elif damage == "other release":
        (folder / "release.json").write_text(json.dumps(listed | {"title": "other"}), encoding="utf-8")
    else:
        (tmp_path / ".release-inputs.json").write_text('{"inputs"', encoding="utf-8")
    assert same_release(folder, "abc") is None


def test_every_stage_is_logged_beside_the_release_and_not_in_it(call: Call, project: Path) -> None:
    out = project.parent / "out" / "release"
    call("run", project, "--only", "csv", "--out", out)
    lines = [json.loads(line) for line in (out.parent / "runs.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["stage"] for line in lines if "stage" in line] == ["read, weight, estimate", "publish", "write"]
    assert {line["ended"] for line in lines if "ended" in line} == {"done"}
    assert not (out / "runs.jsonl").exists()


def test_a_run_that_fails_is_logged_and_leaves_the_release(call: Call, project: Path) -> None:
    out = project.parent / "out" / "release"
    call("run", project, "--only", "csv", "--out", out)
    before = state(out)
    wave = project.parent / "surveys" / "rerun" / "demo" / "rerun.csv"
    wave.write_bytes(wave.read_bytes().splitlines()[0])
    code, _, said = call("run", project, "--only", "csv", "--out", out)
    assert code == 2
    assert "Stopped" in said
    assert state(out) == before
    last = json.loads((out.parent / "runs.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert last["ended"].startswith("failed: ")


def test_with_json_nothing_is_said_while_it_runs(call: Call, project: Path) -> None:
    code, said, beside = call("run", project, "--only", "csv", "--out", project.parent / "release", "--json")
    assert (code, beside) == (0, "")
    assert json.loads(said)["synthetic"] is True


def test_without_a_terminal_there_are_lines_and_no_bar(call: Call, project: Path) -> None:
    _, _, said = call("run", project, "--only", "csv", "--out", project.parent / "release")
    assert said.splitlines() == ["Reading, weighting, estimating ...", "Writing ..."]


def test_a_person_at_a_terminal_sees_how_far_it_is(project: Path) -> None:
    out = project.parent / "release"
    seen, end = pty.openpty()
    command = [sys.executable, "-m", "lpact_eval", "run", str(project), "--only", "csv", "--out", str(out)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=end, env=environment)
    os.close(end)
    shown = b""
    try:
        while chunk := os.read(seen, 65536):
            shown += chunk
    except OSError:  # how a terminal says that the other end is closed
        pass
    assert process.wait() == 0
    os.close(seen)
    text = shown.decode("utf-8", errors="replace")
    for step in (
        "reading 2022",
        "reading rerun",
        "5.1 Confidence in the police",
        "clearing for readers",
        "writing the",
    ):
        assert step in text
    assert "0 of 7" in text
    assert "-1 of" not in text


def test_the_bar_is_told_of_as_many_steps_as_there_are(project: Path) -> None:
    import lpact_eval as lp  # noqa: PLC0415 - the other tests load it by the command
    from lpact_eval.evaluation.run import steps_in  # noqa: PLC0415 - as above

    told: list[str] = []
    plan = lp.read_plan(project)
    lp.run_plan(plan, step=told.append)
    assert len(told) == steps_in(plan)


def test_what_is_blank_in_the_methods_is_said_and_stops_the_gate(call: Call, project: Path) -> None:
    text = project.read_text(encoding="utf-8").replace('sponsor = "Leicestershire Police"', 'sponsor = ""')
    project.write_text(text, encoding="utf-8")
    out = project.parent / "release"
    _, _, said = call("run", project, "--only", "html,xlsx,csv", "--out", out)
    assert "Blank in the disclosure of methods: Who sponsored and who conducted it." in said
    code, told, _ = call("release", out, "--to", project.parent / "handed")
    assert code == 2
    assert "one item is blank. Fill in" in told
    assert "sponsor in plan.toml" in told
    assert not (project.parent / "handed").exists()


def test_killed_at_any_moment_a_run_leaves_the_last_complete_release(call: Call, project: Path) -> None:
    """Runs that are forced over a release are killed at random moments: what lies there is always one run's."""
    out = project.parent / "out" / "release"
    assert call("run", project, "--only", "csv", "--out", out)[0] == 0
    before = state(out)
    command = [sys.executable, "-m", "lpact_eval", "run", str(project), "--only", "csv", "--out", str(out), "--again"]
    chance = random.Random(1)  # noqa: S311 - moments to try, not secrets
    for _ in range(4):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 3))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        manifest = json.loads((out / "release.json").read_text(encoding="utf-8"))
        assert set(manifest["files"]) | {"release.json"} == set(state(out)) == set(before)
        for name, sha256 in manifest["files"].items():
            assert hashlib.sha256((out / name).read_bytes()).hexdigest() == sha256


def test_the_bar_costs_nothing_where_it_is_not_shown(project: Path) -> None:
    script = (
        "import sys; sys.argv = ['lpact-eval', *sys.argv[1:]]\n"
        "from lpact_eval import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "assert 'rich.progress' not in sys.modules"
    )
    command = [sys.executable, "-c", script, "run", str(project), "--only", "csv", "--out", str(project.parent / "r")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
