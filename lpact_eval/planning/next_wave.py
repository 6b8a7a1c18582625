"""What the next wave can show for one group, given what the first wave had."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.statistics import proportion
from lpact_eval.planning.power import detectable_change
from lpact_eval.planning.two_waves import df_of_change
from lpact_eval.planning.wording import per_cent, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import Sample

SIZES = (50.0, 100.0, 150.0, 200.0, 300.0, 500.0, 1000.0, math.inf)


@dataclass(frozen=True, slots=True)
class FirstWave:
    """What one group brought to the first wave.

    Attributes
    ----------
    wave, group : str
    n : int
        Respondents of the group who answered.
    n_effective : float
        Respondents of a simple random sample that would tell as much.
    baseline : float
        Weighted share of the answers asked for; a half where the base is too small for the share to be shown.
    assumed : bool
        Whether the baseline was assumed.
    df : float
        Degrees of freedom of the share: few where respondents come from few sites or carry very unequal weights.
    """

    wave: str
    group: str
    n: int
    n_effective: float
    baseline: float
    assumed: bool = False
    df: float = math.inf

    @property
    def design_effect(self) -> float:
        """Respondents over effective ones."""
        return self.n / self.n_effective


def first_wave(
    sample: Sample, variable: str, answer: Sequence[str], *, by: str, group: str, shown_from: int = 0
) -> FirstWave:
    """Read off what one group brought to a wave that has been collected.

    Parameters
    ----------
    sample : Sample
        The first wave, weighted.
    variable : str
        Harmonised variable that the change will be about.
    answer : sequence of str
        Answers that count together.
    by, group : str
        Variable and category of the group.
    shown_from : int, default 0
        Fewest respondents whose share may be shown; under it a half is assumed, which asks for the most respondents.

    Returns
    -------
    FirstWave

    Raises
    ------
    WrongUseError
        If the codebook has no such group.
    EstimationError
        If nobody in the group answered, or everybody gave the same answer, so that its spread is unknown.
    """
    _require_group(sample, by, group)
    frame = proportion(sample, variable, list(answer), by=by).to_frame()
    rows = frame[frame[by].astype(str) == group]
    if rows.empty or not rows["n"].iloc[0] > 0:
        msg = f"Cannot plan for {group!r}: no respondent of that group answered {variable!r}."
        raise EstimationError(msg)
    row = rows.iloc[0]
    wave = " and ".join(one.name for one in sample.waves) or "the first survey"
    found = FirstWave(
        wave, group, int(row["n"]), float(row["n_effective"]), float(row["estimate"]), df=float(row["df"])
    )
    if found.n < shown_from:  # whether all of so few gave the same answer is not told either
        return _without_share(found, sample, variable, (by, group))
    if not 0 < found.baseline < 1 or not found.n_effective >= 1 or not found.df > 0:
        msg = (
            f"Cannot plan from {variable!r} among {group!r}: its spread is unknown. Give baseline and n_first instead."
        )
        raise EstimationError(msg)
    return found


def _require_group(sample: Sample, by: str, group: str) -> None:
    """Refuse a group that the codebook lacks; what respondents wrote is never listed."""
    known = sample.codebook[by].answers if by in sample.codebook else ()
    if known and group not in known:
        msg = f"Cannot plan for {group!r}: {by!r} has no such group; groups: {list(known)}."
        raise WrongUseError(msg)


def _without_share(found: FirstWave, sample: Sample, variable: str, where: tuple[str, str]) -> FirstWave:
    """Forget the share, and the effective base that could tell it; the weights alone give another."""
    answers = sample.answers
    rows = (answers[where[0]].astype(str) == where[1]) & answers[variable].notna()
    weight = sample.design.weight[rows.to_numpy()]
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    return replace(found, baseline=0.5, n_effective=effective, df=found.df if found.df > 0 else 1.0, assumed=True)


def outlook(first: FirstWave, *, power: float = 0.8, level: float = 0.95) -> str:
    """Say in plain English what the best next wave can show for the group.

    Parameters
    ----------
    first : FirstWave
    power, level : float
        As in `detectable_change`.

    Returns
    -------
    str
        Two sentences: what there is, and what no next wave can go under, with the degrees of freedom that this
        rests on where they are few.
    """
    share = "a share of 50% is assumed" if first.assumed else f"{per_cent(first.baseline)} gave the answers asked for"
    # beside few degrees of freedom an endless wave, which leaves only those, need not be the best one
    sizes = [math.inf] if math.isinf(first.df) else [*(first.n * 2.0**step for step in range(11)), math.inf]
    table = next_wave(first, sizes=sizes, power=power, level=level)
    rise, fall = float(table["change"].min()), float(table["change_down"].max())
    alike = "whatever its size" if math.isinf(first.df) else "whatever its size, recruited like the first"
    if math.isnan(rise):
        finding = f"no rise at all, {alike}"
    else:
        or_fall = "" if math.isnan(fall) else f" or a fall under {points(fall)}"
        finding = f"no rise under {points(rise)}{or_fall}, {alike}"
    freedom = "" if math.isinf(first.df) else f", {first.df:.1f} degrees of freedom in the first survey"
    return (
        f"In {first.wave}, {first.n} respondents of the group {first.group} answered, worth {first.n_effective:.0f} of "
        f"a simple random sample; {share}. With these as they are, the next survey can show {finding} "
        f"(power {per_cent(power)}, level {per_cent(level)}{freedom})."
    )


def next_wave(
    first: FirstWave, *, sizes: Sequence[float] = SIZES, power: float = 0.8, level: float = 0.95
) -> pd.DataFrame:
    """List what second waves of several sizes can show beside the first.

    Parameters
    ----------
    first : FirstWave
    sizes : sequence of float
        Respondents of the group in the second wave; infinity for the best that can be had.
    power, level : float
        As in `detectable_change`.

    Returns
    -------
    DataFrame
        n_second, n_effective_second (at the first wave's design effect), df, change, change_down; NaN where even the
        largest change can't be shown.

    Notes
    -----
    The second wave's degrees of freedom are not known before it is collected. It is taken to bring as many per
    effective respondent as the first one (the same kind of sites, as many respondents at each) and to have its
    share; `df` are Satterthwaite's of the difference.
    """
    effective = [size / first.design_effect for size in sizes]
    df = [df_of_change((first.n_effective, base), first.df) for base in effective]
    plans = [
        detectable_change(
            baseline=first.baseline,
            n_first=first.n,
            n_second=size,
            power=power,
            level=level,
            design_effect=first.design_effect,
            df=freedom,
        )
        for size, freedom in zip(sizes, df, strict=True)
    ]
    return pd.DataFrame(
        {
            "n_second": list(sizes),
            "n_effective_second": effective,
            "df": df,
            "change": [plan.change for plan in plans],
            "change_down": [plan.change_down for plan in plans],
        }
    )
