"""What a command loads when it starts, and that it is the same command as among all the others."""

from __future__ import annotations

import subprocess
import sys

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
