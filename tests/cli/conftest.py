"""A release of the demo, and releases that differ from it in what a test edits."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

import lpact_eval as lp
from lpact_eval import cli
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lpact_eval.disclosure.published import Published

    Edit = Callable[[list[dict[str, str]]], None]
    Variant = Callable[..., Path]
    Call = Callable[..., "Called"]


class Called(NamedTuple):
    """What a command ended with."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def demo_published() -> Published:
    """The demo, cleared for readers."""
    return lp.publish(lp.run_plan(lp.read_plan(plan_file())))


@pytest.fixture(scope="session")
def demo_release(demo_published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's page, workbook and tables; read only."""
    folder = tmp_path_factory.mktemp("releases") / "demo"
    lp.write_release(demo_published, folder, formats=["html", "xlsx", "csv"])
    return folder


@pytest.fixture(scope="session")
def whole_release(demo_published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's release with all outputs; read only."""
    folder = tmp_path_factory.mktemp("releases") / "whole"
    lp.write_release(demo_published, folder)
    return folder


@pytest.fixture
def variant(demo_release: Path, tmp_path: Path) -> Variant:
    """Make a release from the demo's by editing rows, files or the manifest; its hashes are those of what it holds."""

    def make(name: str, rows: Edit | None = None, *, made: dict[str, str] | None = None, **files: bytes) -> Path:
        folder = tmp_path / name
        shutil.copytree(demo_release, folder)
        manifest = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        if rows is not None:
            edit_rows(folder / "results.csv", rows)
        for file, content in files.items():
            (folder / file.replace("_dot_", ".")).write_bytes(content)
        manifest["made"] |= made or {}
        for file in manifest["files"]:
            manifest["files"][file] = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
        return folder

    return make


def edit_rows(file: Path, edit: Edit) -> None:
    """Edit the lines of a tidy csv."""
    lines = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    edit(lines)
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, lines[0].keys())
    writer.writeheader()
    writer.writerows(lines)
    file.write_bytes(buffer.getvalue().encode("utf-8-sig"))


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line; its exit code and what it printed."""

    def run(*arguments: object) -> Called:
        monkeypatch.setattr(sys, "argv", ["lpact-eval", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Called(code, *capsys.readouterr())

    return run
