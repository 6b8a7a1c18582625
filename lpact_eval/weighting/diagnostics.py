"""What the weights cost: effective respondents and the largest weights, by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import Sample


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
        smallest, largest (weights in their own unit), largest_over_mean.

    Raises
    ------
    WrongUseError
        If a grouping variable does not exist.

    References
    ----------
    Kish (1965), *Survey Sampling*, sec. 11.7; Kish (1992), *J. Official Statistics* 8, 183-200.
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
    return report.reset_index(drop=not names)
