"""The log of runs: when, what, how long each stage took and what was warned of, as JSON lines outside every release."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
import uuid
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import LpactError, LpactWarning
from lpact_eval.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

RUN_LOG: Final = "runs.jsonl"


@dataclass(frozen=True, slots=True)
class RunLog:
    """A run that is going on.

    Attributes
    ----------
    path : Path
        The file, to which lines are added.
    run : str
        A name of its own, to find its lines by.
    """

    path: Path
    run: str

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Time a stage and write down what it warned of; warnings go on to whoever listens.

        Parameters
        ----------
        name : str
            Such as "read", "weight", "publish", "write".
        """
        began, clock = _now(), time.perf_counter()
        ended = "done"
        caught: list[warnings.WarningMessage] = []
        try:
            with warnings.catch_warnings(record=True) as caught:
                yield
        except BaseException as error:
            ended = _failed(error)
            raise
        finally:
            said = [str(one.message) for one in caught if issubclass(one.category, LpactWarning)]
            seconds = round(time.perf_counter() - clock, 3)
            self.add({"stage": name, "began": began, "seconds": seconds, "ended": ended, "warnings": said})
            for one in caught:
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno, source=one.source)

    def add(self, line: Mapping[str, object]) -> None:
        """Add a line about this run; never an answer or a count of people."""
        with self.path.open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # half a line of a run that was killed
                    file.write(b"\n")
            file.write(json.dumps({"run": self.run, **line}, ensure_ascii=False).encode() + b"\n")


@contextmanager
def logged_run(path: Path, what: str, *, seed: int | None = None) -> Generator[RunLog]:
    """Log a run from its beginning to its end, also where it fails.

    Parameters
    ----------
    path : Path
        The log, such as reports/outputs/runs.jsonl; never inside the folder of a release.
    what : str
        What is run, such as the name of the plan.
    seed : int, optional

    Yields
    ------
    RunLog
        For its stages.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    log, clock = RunLog(path, uuid.uuid4().hex[:12]), time.perf_counter()
    log.add({"began": _now(), "what": what, "version": VERSION, "seed": seed})
    ended = "done"
    try:
        yield log
    except BaseException as error:
        ended = _failed(error)
        raise
    finally:
        log.add({"seconds": round(time.perf_counter() - clock, 3), "ended": ended})


def _failed(error: BaseException) -> str:
    """Say how it failed: messages of this package hold no answers, those of others might."""
    return f"failed: {type(error).__name__}" + (f": {error}" if isinstance(error, LpactError) else "")


def _now() -> str:
    """Write the time, in UTC."""
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
