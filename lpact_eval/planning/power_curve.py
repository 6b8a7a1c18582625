"""What a simulation found: power, false alarms, coverage and width, each with its Monte Carlo error."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.curve_words import told
from lpact_eval.planning.scenario import BINS, SUMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from lpact_eval.planning.scenario import Scenario, Tally
    from lpact_eval.planning.simulation_design import SimulationDesign
    from lpact_eval.sample import FloatArray


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """One group, size of the second wave and change; NaN where a number has no meaning or is refused.

    Attributes
    ----------
    group : str
    n_first, n_second : int
        Respondents of the group in the first wave, and people of it who are asked in the second; 0 where refused.
    baseline, change : float
        Share in the first wave and true change, as proportions.
    power : float
        Share of repetitions that show a change; NaN where there is none.
    false_alarms : float
        The same where there is no change; NaN elsewhere.
    naive : float
        Share of repetitions in which a z test that knows neither weights nor sites shows a change.
    error : float
        Monte Carlo standard error of power or false alarms.
    coverage, coverage_error : float
        Share of intervals that hold the true change, and its Monte Carlo error.
    median_width : float
        Median width of the intervals, as a proportion.
    bias, bias_error : float
        Mean of estimated less true change, and its Monte Carlo error.
    n_answers, n_effective_first, n_effective_second, df : float
        Mean answers in the second wave, effective answers in each, and degrees of freedom.
    refused_share : float
        Share of repetitions whose change would not be published, counted as showing nothing.
    repetitions : int
    refused : str
        Why there are no numbers; empty where there are.
    """

    group: str
    n_first: int
    n_second: int
    baseline: float
    change: float
    power: float = math.nan
    false_alarms: float = math.nan
    naive: float = math.nan
    error: float = math.nan
    coverage: float = math.nan
    coverage_error: float = math.nan
    median_width: float = math.nan
    bias: float = math.nan
    bias_error: float = math.nan
    n_answers: float = math.nan
    n_effective_first: float = math.nan
    n_effective_second: float = math.nan
    df: float = math.nan
    refused_share: float = math.nan
    repetitions: int = 0
    refused: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PowerCurve:
    """What a simulation found.

    Attributes
    ----------
    points : tuple of PowerPoint
        Groups within changes within sizes of the second wave.
    repetitions, seed : int
    sentence : str
        The answer in plain English, rounded.
    assumptions : mapping of str to float or str
        Everything that the answer rests on.
    """

    points: tuple[PowerPoint, ...]
    repetitions: int
    seed: int
    sentence: str
    assumptions: Mapping[str, float | str] = field(default_factory=lambda: MappingProxyType({}))

    def __repr__(self) -> str:
        return f"PowerCurve({len(self.points)} points of {self.repetitions:,} repetitions)\n{self.sentence}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each point.

        Returns
        -------
        DataFrame
            The attributes of `PowerPoint`, in their order.
        """
        import pandas as pd  # noqa: PLC0415 - slow to load, and a sentence needs none

        return pd.DataFrame([asdict(point) for point in self.points], columns=[one.name for one in fields(PowerPoint)])

    def to_json(self) -> str:
        """Return points, sentence, assumptions, repetitions and seed as JSON; missing numbers are null."""
        points = [{name: _plain(value) for name, value in asdict(point).items()} for point in self.points]
        whole = {
            "sentence": self.sentence,
            "repetitions": self.repetitions,
            "seed": self.seed,
            "assumptions": {name: _plain(value) for name, value in self.assumptions.items()},
            "points": points,
        }
        return json.dumps(whole, ensure_ascii=False, indent=1)

    def line(self, group: str, change: float) -> pd.DataFrame:
        """Return what a chart of power against the second wave draws.

        Parameters
        ----------
        group : str
        change : float

        Returns
        -------
        DataFrame
            n_second, shown (power, or false alarms where the change is 0), low and high: two Monte Carlo errors
            around it, within 0 and 1.

        Raises
        ------
        WrongUseError
            If the group or the change was not simulated.
        """
        frame = self.to_frame()
        frame = frame[(frame["group"] == group) & np.isclose(frame["change"], change) & (frame["refused"] == "")]
        if frame.empty:
            msg = f"Cannot draw {group!r} at change={change!r}: it was not simulated."
            raise WrongUseError(msg)
        frame = frame.sort_values("n_second")
        shown, error = frame["power"].fillna(frame["false_alarms"]), frame["error"]
        line = frame[["n_second"]].assign(
            shown=shown, low=(shown - 2 * error).clip(0), high=(shown + 2 * error).clip(upper=1)
        )
        return line.reset_index(drop=True)


def curve_of(
    design: SimulationDesign,
    scenarios: Sequence[Scenario],
    tallies: Sequence[Tally | None],
    *,
    repetitions: int,
    seed: int,
) -> PowerCurve:
    """Turn tallies into a curve.

    Parameters
    ----------
    design : SimulationDesign
    scenarios, tallies : sequence
        One for each size and change, in the design's order.
    repetitions, seed : int

    Returns
    -------
    PowerCurve
    """
    points: list[PowerPoint] = []
    pairs = iter(zip(scenarios, tallies, strict=True))
    for sizes in design.n_second:
        for change in design.changes:
            scenario, tally = next(pairs)
            for name in design.groups:
                place = scenario.groups.index(name) if name in scenario.groups else None
                sums = None if tally is None or place is None else (tally.sums[:, place], tally.widths[place])
                points.append(_point(design, name, (sizes[name], change), sums))
    assumptions = _assumptions(design)
    return PowerCurve(tuple(points), repetitions, seed, told(design, points), assumptions)


def _point(
    design: SimulationDesign,
    group: str,
    asked: tuple[int, float],
    sums: tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.intp]]] | None,
) -> PowerPoint:
    """Work out one point, or say why there is none."""
    first, (n_second, change) = design.first, asked
    if sums is None:
        return PowerPoint(group, 0, 0, math.nan, change, refused=first.refused[group])
    share = first.baseline[group]
    if not 0 < share + change < 1:
        reason = "the share would not lie between 0 and 1"
        return PowerPoint(group, first.respondents[group], n_second, share, change, refused=reason)
    total = {name: math.fsum(column) for name, column in zip(SUMS, sums[0].T.tolist(), strict=True)}
    count, kept = total["repetitions"], total["repetitions"] - total["refused"]
    shown = total["shown"] / count
    mean = {name: total[name] / kept if kept else math.nan for name in SUMS[5:]}
    real = design.redraw != "nothing"
    spread = math.sqrt(max(mean["error_squared"] - mean["error"] ** 2, 0.0) / kept) if kept else math.nan
    covered = total["covered"] / kept if kept and real else math.nan
    return PowerPoint(
        group,
        first.respondents[group],
        n_second,
        share,
        change,
        power=shown if change else math.nan,
        false_alarms=math.nan if change or not real else shown,
        naive=total["naive"] / count if change or real else math.nan,
        error=_error(shown, count) if change or real else math.nan,
        coverage=covered,
        coverage_error=_error(covered, kept) if kept else math.nan,
        median_width=_median(sums[1]),
        bias=mean["error"],
        bias_error=spread,
        n_answers=mean["n_second"],
        n_effective_first=mean["n_effective_first"],
        n_effective_second=mean["n_effective_second"],
        df=mean["df"],
        refused_share=total["refused"] / count,
        repetitions=int(count),
    )


def _error(share: float, count: float) -> float:
    """Monte Carlo standard error of a share; half a repetition keeps that of 0 and 1 above nothing."""
    drawn_in = (share * count + 0.5) / (count + 1)
    return math.sqrt(drawn_in * (1 - drawn_in) / count)


def _median(widths: np.ndarray[tuple[int], np.dtype[np.intp]]) -> float:
    """Median width, to the middle of its bin."""
    whole = int(widths.sum())
    if not whole:
        return math.nan
    return (int(np.searchsorted(np.cumsum(widths), (whole + 1) // 2)) + 0.5) * 2 / BINS


def _assumptions(design: SimulationDesign) -> Mapping[str, float | str]:
    """List what the numbers rest on."""
    first = design.first
    raked = "none" if design.margins is None else f"within {design.within}" if design.within else "all groups together"
    sites = "none recorded" if not first.clustered else str(design.sites or "as many respondents a site as before")
    return MappingProxyType(
        {
            "first_wave": first.title if first.actual else "made up",
            "question": first.question,
            "redraw": design.redraw,
            "raking": raked,
            "collapse": float(design.collapse),
            "response_without_answer": design.response[0],
            "response_with_answer": design.response[1],
            **{f"missing, {name}": round(design.missing[name], 3) for name in design.groups if not first.refused[name]},
            "sites_second": sites,
            "icc": design.icc,
            "level": design.level,
            "test": "the interval of the change (Newcombe, effective n, Satterthwaite t) leaves out 0",
        }
    )


def _plain(value: object) -> object:
    """Write a number that is not there as null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
