"""Run the command line as `lpact-eval` or `python -m lpact_eval`, and leave at once when it is done."""

from __future__ import annotations

import atexit
import os
import sys

from lpact_eval.cli import main


class _Leaving:
    """How a command left, once that is known; None while it runs, and where something unexpected ended it."""

    def __init__(self) -> None:
        self.code: int | None = None

    def at_once(self) -> None:
        """Leave without taking every object apart, which takes a 40th of a run and changes nothing."""
        if self.code is None:
            return
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:  # pyright: ignore[reportUnnecessaryComparison] - there is none without a console
                    stream.flush()
        except (OSError, ValueError):  # nobody reads any more: Python says so on its way out
            return
        os._exit(self.code)


def run() -> None:
    """Run the command line as a process of its own."""
    leaving = _Leaving()
    atexit.register(leaving.at_once)  # registered first and so called last, after what libraries have to put away
    try:
        main()
    except SystemExit as stop:
        leaving.code = stop.code if isinstance(stop.code, int) else None if stop.code else 0
        raise
    leaving.code = 0


if __name__ == "__main__":
    run()
