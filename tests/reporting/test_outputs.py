"""Which outputs a release can have, and what becomes of a name that is none of them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from lpact_eval.errors import WrongUseError
from lpact_eval.reporting.outputs import OUTPUTS, chosen_outputs

HEAVY = ("matplotlib", "docx", "pptx", "openpyxl", "plotly", "scipy.stats")


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_output_is_written_by_a_function_that_there_is(name: str) -> None:
    output = OUTPUTS[name]
    assert callable(getattr(import_module(f"lpact_eval.reporting.{output.module}"), output.function))
    assert output.what


def test_no_two_outputs_write_the_same_file() -> None:
    files = [output.file for output in OUTPUTS.values() if output.file]
    assert len(set(files)) == len(files)


def test_all_outputs_are_written_unless_some_are_asked_for() -> None:
    assert chosen_outputs(None) == list(OUTPUTS)
    assert chosen_outputs(["csv", "html"]) == ["html", "csv"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["xslx"], r"Cannot write 'xslx' \(did you mean 'xlsx'\?\); the outputs of a release are html, xlsx"),
        (["HTML"], r"'HTML' \(did you mean 'html'\?\)"),
        (["html", "sausages"], r"Cannot write 'sausages'; the outputs of a release are"),
        ([], "without outputs; there are html"),
    ],
    ids=str,
)
def test_an_unknown_output_is_named_with_the_nearest(asked: list[str], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        chosen_outputs(asked)


def test_looking_at_the_list_of_outputs_loads_no_library() -> None:
    code = f"import sys, lpact_eval.reporting.outputs; print([n for n in {HEAVY!r} + ('pandas',) if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
