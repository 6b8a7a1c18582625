"""Hand-made results of several surveys: the example's levels of one question, moved a little from survey to survey."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from lpact_eval.evaluation.distributions import DISTRIBUTION_COLUMNS, sides
from lpact_eval.sample import Wave

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

NAMES = ("2022", "2023", "2024", "2025", "rerun", "2027", "2028", "2029", "2030", "2031")
ANSWERS = ("strongly agree", "tend to agree", "neither", "tend to disagree", "strongly disagree")
SHARES = (0.21, 0.33, 0.2, 0.17, 0.09)


def waves(count: int) -> tuple[Wave, ...]:
    """Surveys about a year apart, every third five months late."""
    first = dt.date(2022, 5, 16)
    days = [first + dt.timedelta(days=365 * place + (150 if place % 3 == 1 else 0)) for place in range(count)]
    return tuple(
        Wave(name, name, day, day + dt.timedelta(days=60), "paper", synthetic=True, file="x.csv", sha256="a" * 64)
        for name, day in zip(NAMES, days, strict=False)
    )


def results(
    example: ModuleType, count: int, *, times: int = 1, breaks: Sequence[str] = (), gaps: Sequence[str] = ()
) -> object:
    """Results of one question in several surveys; in `gaps` Black respondents were not asked."""
    made = example.results(times=times)
    rows = made.rows
    base = rows[(rows["measure"] == "level") & (rows["variable"] == "conf_overall") & (rows["wave"] == "rerun")]
    frames: list[pd.DataFrame] = []
    for place, wave in enumerate(waves(count)):
        moved = [0.08 * math.sin(1.3 * place + row) for row in range(len(base))]
        frame = base.assign(wave=wave.name, comparable="partial" if wave.name in breaks else "full")
        for name in ("estimate", "conf_low", "conf_high"):
            frame[name] = frame[name].to_numpy(dtype=float) + moved
        frames.append(frame[frame["group"] != "Black"] if wave.name in gaps else frame)
    return replace(made, rows=pd.concat(frames, ignore_index=True), waves=waves(count))


def with_answers(made: object, shares: Sequence[float] = SHARES, answers: Sequence[str] = ANSWERS) -> object:
    """Add shares of every answer to results, the same for every group."""
    rows: pd.DataFrame = made.rows  # pyright: ignore[reportAttributeAccessIssue] - the example's results
    levels = rows[(rows["measure"] == "level") & (rows["variable"] == "conf_overall")]
    found = [
        {**record, "measure": "distribution", "answer": answer, "estimate": share, "side": side, "position": position}
        for record in levels.to_dict("records")
        for position, (answer, share, side) in enumerate(
            zip(answers, shares, sides(answers, answers[: len(answers) // 2]), strict=True)
        )
    ]
    return Extended(made, pd.DataFrame(found, columns=list(DISTRIBUTION_COLUMNS)))


class Extended:
    """Results with shares of every answer."""

    def __init__(self, made: object, distributions: pd.DataFrame) -> None:
        self.made = made
        self.distributions = distributions

    def __getattr__(self, name: str) -> object:
        return getattr(self.made, name)
