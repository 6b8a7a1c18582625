"""A run with every output is stopped before each thing that it does to the disk: the release before it stays whole.

A script looks on from inside the run, by the audit events of the interpreter (files opened for writing, renamed or
removed, folders made and removed, two names exchanged). Before each of them it either looks at the release, which
then is what a run that is killed there leaves, or ends the run with SIGKILL.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from lpact_eval.evaluation.run_log import RunLog
from lpact_eval.reporting.gate import release_gate
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SIGKILL, and two names exchanged at once")

LOOKING_ON: Final = """
import hashlib, json, os, signal, sys
place, kill_at, told = os.path.realpath(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
del sys.argv[1:4]
release = os.path.join(place, "release")
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "os.symlink", "os.truncate"}
seen, looking = [], False


def state():
    found = hashlib.sha256()
    for folder, folders, files in os.walk(release):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            found.update(os.path.relpath(path, release).encode() + hashlib.sha256(open(path, "rb").read()).digest())
    return found.hexdigest()


def touches(event, arguments):
    if event == "ctypes.dlsym":
        return str(arguments[1]) == "renameat2"
    if event == "open":
        path, _, flags = arguments
        wanted = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        return wanted and str(os.fspath(path) if isinstance(path, os.PathLike) else path).startswith(place)
    if event not in CHANGES:
        return False
    # in a folder that is removed names are relative
    return str(arguments[0]).startswith(place) or not os.path.isabs(str(arguments[0]))


def look(event, arguments):
    global looking
    if looking or not touches(event, arguments):
        return
    looking = True
    seen.append([event, "" if kill_at else state()])
    if len(seen) == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
    looking = False


sys.addaudithook(look)
from lpact_eval import cli
code = 0
try:
    cli.main()
except SystemExit as stop:
    code = int(stop.code or 0)
looking = True
with open(told, "w") as file:
    json.dump({"code": code, "seen": seen, "after": state()}, file)
"""


def project_in(folder: Path, title: str) -> Path:
    """Write a plan of one indicator beside surveys and logs of its own."""
    shutil.copytree(surveys_folder(), folder / "surveys")
    shutil.copytree(plan_file().parent / "logs", folder / "logs")
    text = plan_file().read_text(encoding="utf-8").replace('surveys = ""', 'surveys = "surveys"')
    starts = [place for place in range(len(text)) if text.startswith("[[indicator]]", place)]
    path = folder / "plan.toml"
    path.write_text(
        text[: starts[1]]
        .replace('analyses = ["change", "gap"]', 'analyses = ["change"]')
        .replace('title = "', f'title = "{title}: ', 1),
        encoding="utf-8",
    )
    return path


def run(plan: Path, out: Path, *, kill_at: int = 0, told: Path) -> int:
    """Run a plan with somebody looking on; how the process ended."""
    command = [sys.executable, "-c", LOOKING_ON, str(out.parent), str(kill_at), str(told)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1790000000"}
    ended = subprocess.run(
        [*command, "run", str(plan), "--out", str(out), "--again"], capture_output=True, check=False, env=environment
    )
    return ended.returncode


def files_in(folder: Path) -> dict[str, str]:
    """Hash every file of a release."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def is_whole(folder: Path) -> bool:
    """Whether a folder holds the files of its manifest, with their hashes, and no others."""
    found = files_in(folder)
    listed = json.loads((folder / "release.json").read_text(encoding="utf-8"))["files"]
    del found["release.json"]
    return found == listed


def test_stopped_before_anything_it_does_a_run_leaves_a_whole_release_and_the_next_one_cleans_up(
    tmp_path: Path,
) -> None:
    before, later = tmp_path / "before", tmp_path / "later"
    first, second = project_in(before, "First"), project_in(later, "Second")
    out, told = tmp_path / "reports" / "release", tmp_path / "told.json"
    assert run(first, out, told=told) == 0
    earlier, kept = files_in(out), tmp_path / "kept"
    shutil.copytree(out.parent, kept)
    assert {name.split("/")[0] for name in earlier} >= {"report.html", "report.docx", "charts", "qa", "tables.xlsx"}

    assert run(second, out, told=told) == 0
    seen = json.loads(told.read_text(encoding="utf-8"))
    states = [state for _, state in seen["seen"]]
    events = [event for event, _ in seen["seen"]]
    swap = events.index("ctypes.dlsym")
    assert set(states[: swap + 1]) == {states[0]}  # one by one what a run that is killed there leaves
    assert set(states[swap + 1 :]) == {seen["after"]}
    assert states[0] != seen["after"]
    newer = files_in(out)

    assert events[-1] == "os.rename"  # the note on what the release was made from comes last
    for kill_at in [1, swap // 2, swap, swap + 1, swap + 2, swap + 30, len(events)]:
        shutil.rmtree(out.parent)
        shutil.copytree(kept, out.parent)
        assert run(second, out, kill_at=kill_at, told=told) == -signal.SIGKILL
        assert files_in(out) == (earlier if kill_at <= swap + 1 else newer)
        assert is_whole(out)
        assert release_gate(out).exit_code == 0
    assert _next_run_cleans_up(second, out, told) == newer


def _next_run_cleans_up(plan: Path, out: Path, told: Path) -> dict[str, str]:
    """Leave two drafts, and let them be old; the files of the release that a run then leaves."""
    for kill_at in (40, 60):
        run(plan, out, kill_at=kill_at, told=told)
    drafts = [path for path in out.parent.iterdir() if path.name.startswith(".release-draft-")]
    assert len(drafts) == 2
    for path in drafts:
        os.utime(path, (0, 0))
    assert run(plan, out, told=told) == 0
    assert {path.name for path in out.parent.iterdir()} == {"release", "internal", "runs.jsonl", ".release-inputs.json"}
    for line in (out.parent / "runs.jsonl").read_text(encoding="utf-8").splitlines():
        assert "run" in json.loads(line)
    return files_in(out)


def test_a_line_of_the_log_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "runs.jsonl", "a")
    log.add({"stage": "read"})
    with log.path.open("a", encoding="utf-8") as file:
        file.write('{"run": "b", "sta')
    RunLog(log.path, "c").add({"stage": "write"})
    first, cut, last = log.path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["stage"] for line in (first, last)] == ["read", "write"]
    assert cut == '{"run": "b", "sta'
