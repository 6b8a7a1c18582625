"""What the weights cost: effective respondents and the largest weights, by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import Sample

FEWEST, SMALL_BASE = 10, 50  # respondents under which nothing is published, and under which numbers are flagged
FEWEST_EFFECTIVE, SMALL_EFFECTIVE = 8, 30  # effective respondents, the same
LARGEST_OVER_MEAN: Final = 5.0
DESIGN_EFFECT: Final = 2.0


def weight_report(sample: Sample, *, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Tabulate the weights by group.

    Parameters
    ----------
    sample : Sample
    by : str or sequence of str, default ()
        Grouping variables; respondents with a missing one are left out.

    Returns
    -------
    DataFrame
        Grouping columns; n (respondents of positive weight), n_effective (Kish), design_effect (n / n_effective),
        smallest, largest (weights in their own unit), largest_over_mean, flags (what to mind, joined by "; ").

    Raises
    ------
    WrongUseError
        If a grouping variable does not exist.

    References
    ----------
    Kish (1965), *Survey Sampling*, sec. 11.7; Kish (1992), *J. Official Statistics* 8, 183-200; bases flagged after
    National Center for Health Statistics (2017), Vital and Health Stat. 2(175).
    """
    names = [by] if isinstance(by, str) else list(by)
    for name in names:
        if name not in sample.answers.columns:
            msg = f"Cannot report weights by {name!r}: the sample has {sorted(map(str, sample.answers.columns))}."
            raise WrongUseError(msg)
    weight = pd.Series(sample.design.weight, index=sample.answers.index, name="weight")
    frame = sample.answers[names].assign(weight=weight, square=weight**2, n=1)[weight > 0]
    keys = names or ["everybody"]
    groups = frame.assign(everybody=0).groupby(keys, observed=True, sort=True)
    sums = groups[["weight", "square", "n"]].sum()
    n_effective = sums["weight"] ** 2 / sums["square"]
    report = pd.DataFrame(
        {
            "n": sums["n"],
            "n_effective": n_effective,
            "design_effect": sums["n"] / n_effective,
            "smallest": groups["weight"].min(),
            "largest": groups["weight"].max(),
            "largest_over_mean": groups["weight"].max() / (sums["weight"] / sums["n"]),
        }
    )
    report["flags"] = [_flags(*row) for row in zip(*(report[name] for name in _JUDGED), strict=True)]
    return report.reset_index(drop=not names)


_JUDGED: Final = ("n", "n_effective", "design_effect", "largest_over_mean")


def _flags(n: float, n_effective: float, design_effect: float, largest: float) -> str:
    """Say what to mind about one group's weights."""
    base = next((f"fewer than {few} respondents" for few in (FEWEST, SMALL_BASE) if n < few), "")
    thin = (
        f"fewer than {few} effective respondents" for few in (FEWEST_EFFECTIVE, SMALL_EFFECTIVE) if n_effective < few
    )
    checks = (
        base,
        next(thin, ""),
        f"design effect over {DESIGN_EFFECT:g}" if design_effect > DESIGN_EFFECT else "",
        f"a weight over {LARGEST_OVER_MEAN:g} times the mean" if largest > LARGEST_OVER_MEAN else "",
    )
    return "; ".join(filter(None, checks))
