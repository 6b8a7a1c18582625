"""How many had no opinion to give: a changed share is a finding of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation.dont_know import NO_OPINION, count_dont_know
from lpact_eval.estimation.statistics import distribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.sample import Sample


def nonresponse(sample: Sample, variable: str, *, by: str | Sequence[str] = (), variance: Variance = "cr2") -> Estimate:
    """Estimate the shares who don't know and who prefer not to say, among those who answered or said one of these.

    Parameters
    ----------
    sample : Sample
        With its kinds of missing answers, as `read_wave` gives them.
    variable : str
        Harmonised variable with categories. Blank answers and questions not asked are in no base.
    by : str or sequence of str, default ()
        Domain variables, such as wave and ethnicity.
    variance : str, default "cr2"
        As in `proportion`.

    Returns
    -------
    Estimate
        Two shares per domain, labels variable, answer and the domain variables; `difference` along the wave says
        whether a share changed.

    Raises
    ------
    EstimationError
        If the variable does not exist, holds numbers, or nobody recorded why its answers are missing.
    """
    shares = distribution(count_dont_know(sample, variable, policy="outcome"), variable, by=by, variance=variance)
    return shares.take(np.flatnonzero(shares.labels["answer"].isin(NO_OPINION).to_numpy()))
