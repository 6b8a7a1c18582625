"""What a command loads when it starts, and that it is the same command as among all the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lpact_eval import cli

COMMANDS = ("run", "check-outputs", "size", "crosswalk")  # of which two are groups of commands

AFTER_PUTTING_OFF = """
import sys
from lpact_eval.cli.unused import put_off_unused_parts
put_off_unused_parts()
import scipy.special
assert "numpy.f2py" in sys.modules and "numpy.f2py.crackfortran" not in sys.modules
assert "numpy.testing._private.utils" not in sys.modules
import numpy.f2py
import numpy as np
np.testing.assert_allclose(scipy.special.ndtr(0.0), 0.5)
assert numpy.f2py.get_include().endswith("src")
assert "numpy.f2py.crackfortran" in sys.modules
"""


def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run the command line in this process and return what it printed."""
    monkeypatch.setattr(sys, "argv", ["lpact-eval", *words])
    with pytest.raises(SystemExit):
        cli.main()
    return "".join(capsys.readouterr())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_alone_has_the_help_that_it_has_among_all(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = shown(monkeypatch, capsys, name, "--help")
    monkeypatch.setattr(cli, "_program_for", lambda _: cli.program())
    assert alone == shown(monkeypatch, capsys, name, "--help") != ""


def test_a_command_that_is_not_there_is_told_apart_from_all_that_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Did you mean 'check'?" in shown(monkeypatch, capsys, "chekc")


def test_parts_of_numpy_that_were_put_off_are_loaded_where_they_are_used() -> None:
    done = subprocess.run([sys.executable, "-c", AFTER_PUTTING_OFF], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


LEAVES = """
import atexit, tempfile
from lpact_eval import __main__ as command
class Slow:
    def __del__(self):
        print("taken apart")
kept = Slow()
def main():
    global folder
    folder = tempfile.TemporaryDirectory()
    atexit.register(print, "put away")
    print(folder.name)
    {end}
command.main = main
command.run()
"""


@pytest.mark.parametrize(
    ("end", "code"),
    [("pass", 0), ("raise SystemExit", 0), ("raise SystemExit(0)", 0), ("raise SystemExit(3)", 3)],
)
def test_a_command_leaves_with_its_code_all_that_it_printed_and_nothing_behind(end: str, code: int) -> None:
    done = subprocess.run([sys.executable, "-c", LEAVES.format(end=end)], capture_output=True, text=True, check=False)
    folder, *rest = done.stdout.splitlines()
    assert (done.returncode, rest, done.stderr) == (code, ["put away"], "")
    assert not Path(folder).exists()


@pytest.mark.parametrize(("end", "told"), [("raise SystemExit('why')", "why"), ("1 / 0", "ZeroDivisionError")])
def test_what_ends_a_command_without_a_code_is_told_as_ever(end: str, told: str) -> None:
    done = subprocess.run([sys.executable, "-c", LEAVES.format(end=end)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert told in done.stderr
    assert done.stdout.splitlines()[1:] == ["put away", "taken apart"]


def test_a_reader_that_went_away_is_no_crash() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "lpact_eval", "--help"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
