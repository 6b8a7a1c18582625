"""Compiled templates are kept as Python keeps its modules, and used only for the text that they were made of."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from jinja2 import Environment, FileSystemLoader

from lpact_eval.reporting.compiled import Compiled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "page.html").write_text("Said {{ what }}", encoding="utf-8")
    return folder


def filled(folder: Path, *before: Path, trim: bool = True) -> str:
    loader = FileSystemLoader([*before, folder])
    made = Environment(loader=loader, autoescape=True, trim_blocks=trim, bytecode_cache=Compiled(folder))
    return made.get_template("page.html").render(what="so & so")


def kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.pyc"))


def test_what_was_compiled_is_kept_where_python_keeps_modules_and_used_again(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled(shipped) == "Said so &amp; so"
    assert [file.parent for file in kept(shipped)] == [shipped / "__pycache__"]
    compiling = Mock(side_effect=AssertionError("compiled again"))
    monkeypatch.setattr(Environment, "compile", compiling)
    assert filled(shipped) == "Said so &amp; so"


def test_nothing_is_left_beside_what_is_kept(shipped: Path) -> None:
    filled(shipped)
    assert list((shipped / "__pycache__").iterdir()) == kept(shipped)


def test_a_changed_template_is_compiled_anew(shipped: Path) -> None:
    filled(shipped)
    (shipped / "page.html").write_text("Heard {{ what }}", encoding="utf-8")
    assert filled(shipped) == "Heard so &amp; so"


def test_a_template_compiled_with_other_settings_is_compiled_anew(shipped: Path) -> None:
    (shipped / "page.html").write_text("{% if what %}\nyes{% endif %}", encoding="utf-8")
    assert filled(shipped, trim=True) == "yes"
    assert filled(shipped, trim=False) == "\nyes"


@pytest.mark.parametrize("left", [0, 10, 32, 60])
def test_a_damaged_file_is_compiled_anew(shipped: Path, left: int) -> None:
    filled(shipped)
    file = kept(shipped)[0]
    file.write_bytes(file.read_bytes()[:left])
    assert filled(shipped) == "Said so &amp; so"


def test_templates_of_ones_own_leave_nothing_in_their_folder(shipped: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "page.html").write_text("Ours {{ what }}", encoding="utf-8")
    assert filled(shipped, own) == "Ours so &amp; so"
    assert kept(tmp_path) == []


def test_nothing_is_written_where_python_may_not_write_modules(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert filled(shipped) == "Said so &amp; so"
    assert kept(shipped) == []


def test_a_folder_that_can_not_be_written_to_is_left_alone(shipped: Path) -> None:
    (shipped / "__pycache__").write_text("no folder", encoding="utf-8")
    assert filled(shipped) == "Said so &amp; so"
