"""Lines of a check fit an 80-column terminal, and stay whole in a file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lpact_eval.cli.shared import wrapped

if TYPE_CHECKING:
    import pytest

LINE = "warn  question fair: comparable in part; " + "the wording changed between the two surveys " * 3


def test_a_terminal_gets_lines_that_fit_and_are_indented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    lines = wrapped(LINE, indent=6).split("\n")
    assert max(map(len, lines)) <= 80
    assert all(line.startswith("      ") for line in lines[1:])
    assert " ".join(line.strip() for line in lines) == LINE.strip()


def test_a_message_of_several_lines_keeps_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert wrapped("one\ntwo", indent=6).split("\n") == ["one", "two"]


def test_a_file_gets_the_line_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    assert wrapped(LINE, first=8, indent=10) == " " * 8 + LINE
