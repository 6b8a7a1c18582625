"""A project with surveys of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from pathlib import Path


def bare(text: str) -> str:
    """Take the theory of change, decisions and planned sizes out of a plan, for tests that add their own."""
    for first, then in (("# How the programme is thought", "[[indicator]]"), ("decision = ", "[[indicator]]")):
        start = text.index(first)
        end = text.find(then, start)
        text = text[:start].rstrip() + "\n\n" + (text[end:] if end > 0 else "")
    return text


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Write a plan of one indicator beside a copy of the surveys, and return its path."""
    shutil.copytree(surveys_folder(), tmp_path / "surveys")
    text = bare(plan_file().read_text(encoding="utf-8")).replace('surveys = ""', 'surveys = "surveys"')
    start = [place for place in range(len(text)) if text.startswith("[[indicator]]", place)]
    path = tmp_path / "plan.toml"
    path.write_text(text[: start[1]], encoding="utf-8")
    return path
