"""Every run leaves its stages, times and warnings, also where it fails."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import LpactError, LpactWarning
from lpact_eval.evaluation.run_log import logged_run

if TYPE_CHECKING:
    from pathlib import Path


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_leaves_a_line_for_its_start_each_stage_and_its_end(tmp_path: Path) -> None:
    path = tmp_path / "outputs" / "runs.jsonl"
    for _ in range(2):
        with logged_run(path, "plan.toml", seed=7) as log:
            with log.stage("read"):
                pass
            with log.stage("write"):
                pass
    found = lines(path)
    assert [line.get("stage") for line in found] == [None, "read", "write", None] * 2
    assert (found[0]["what"], found[0]["seed"]) == ("plan.toml", 7)
    assert all(line["ended"] == "done" and float(str(line["seconds"])) >= 0 for line in found[1:4])
    assert len({line["run"] for line in found}) == 2


def warn_in_a_run(path: Path) -> None:
    with logged_run(path, "plan.toml") as log, log.stage("read"):
        warnings.simplefilter("always")
        warnings.warn("the interval is wide", LpactWarning, stacklevel=1)


def test_warnings_are_kept_and_still_reach_who_listens(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    with pytest.warns(LpactWarning, match="wide"):
        warn_in_a_run(path)
    assert lines(path)[1]["warnings"] == ["the interval is wide"]


@pytest.mark.parametrize(
    ("error", "said"),
    [(LpactError("no such wave"), "failed: LpactError: no such wave"), (ValueError("planted"), "failed: ValueError")],
)
def test_a_failure_is_told_and_goes_on_and_other_peoples_messages_stay_out(
    tmp_path: Path, error: Exception, said: str
) -> None:
    path = tmp_path / "runs.jsonl"
    with pytest.raises(type(error)), logged_run(path, "plan.toml") as log, log.stage("read"):
        raise error
    assert [line.get("ended") for line in lines(path)] == [None, said, said]
    assert "planted" not in path.read_text(encoding="utf-8")
