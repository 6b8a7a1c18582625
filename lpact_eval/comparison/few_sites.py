"""Domains with too few recruitment sites for a cluster-robust standard error: respondents as units in their place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.tiers import FEWEST_UNITS
from lpact_eval.estimation.stacked import stacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.tiers import Row
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import BoolArray, Design, IntArray

_CORRELATION: Final = 0.05  # intra-class correlation supposed where too few sites show none


def few_sites(question: Question) -> Mapping[str, str]:
    """Say, of each domain with fewer than 5 recruitment sites, how much wider clustering could make its interval.

    Returns
    -------
    mapping of domain to str
        Empty where sites were not recorded, or where replicate weights give the variance.

    Notes
    -----
    sqrt(deff), deff = 1 + (sum of m_j^2 / sum of m_j - 1) rho with rho = .05: the factor if attendance were the same
    for all of a site.

    References
    ----------
    Kish (1965), *Survey Sampling*, sec. 5.4; Eldridge, Ashby & Kerry (2006), *Int. J. Epidemiology* 35, 1292-1300
    (clusters of unequal size).
    """
    design = question.sample.design
    if not design.clustered or design.replicates is not None:
        return {}
    psu, units = design.psu[question.rows], question.units
    found: dict[str, str] = {}
    for name, inside in question.arms.groups().items():
        if units[name] >= FEWEST_UNITS:
            continue
        sizes = np.bincount(psu[inside])
        wider = np.sqrt(1 + (float((sizes**2).sum() / sizes.sum()) - 1) * _CORRELATION)
        found[name] = (
            f"fewer than {FEWEST_UNITS} recruitment sites: the interval takes respondents as independent, and with an "
            f"intra-class correlation of {_CORRELATION} would be {wider:.1f} times as wide"
        )
    return found


def by_respondents(question: Question) -> Question:
    """Take every respondent as a sampling unit of their own."""
    design = _apart(question.sample.design)
    return replace(question, sample=replace(question.sample, design=design))


def mixed(rows: Sequence[Row], clustered: Estimate, alone: Estimate, few: Mapping[str, str]) -> Estimate:
    """Take rows with few sites from the estimates by respondent, and the others from those by site.

    Parameters
    ----------
    rows : sequence of k Row
    clustered, alone : Estimate
        k estimates each, with sites and with respondents as sampling units.
    few : mapping of domain to str
        Domains with few sites.

    Returns
    -------
    Estimate
        Its sampling units are respondents; the influence of a site is that of its first respondent, which leaves
        variances, covariances and degrees of freedom between rows by site as they were.
    """
    chosen: BoolArray = np.array([any(side in few for side in row.sides) for row in rows], dtype=np.bool_)
    if chosen.all():
        return alone
    spread = _on_respondents(clustered, alone.design)
    parts = stacked([spread.take(np.flatnonzero(~chosen)), alone.take(np.flatnonzero(chosen))])
    order: IntArray = np.argsort(np.concatenate([np.flatnonzero(~chosen), np.flatnonzero(chosen)]))
    return parts.take(order)


def _apart(design: Design) -> Design:
    """Make every respondent a sampling unit."""
    return replace(design, psu=np.arange(design.psu.size, dtype=np.intp), clustered=False, psu_label=None)


def _on_respondents(estimate: Estimate, design: Design) -> Estimate:
    """Put each site's influence on its first respondent."""
    first = np.unique(estimate.design.psu, return_index=True)[1]
    reached = np.zeros((design.psu_count, len(estimate)), dtype=bool)
    reached[first] = estimate.reached
    influence = np.zeros((design.psu_count, len(estimate)))
    influence[first] = estimate.influence
    return replace(estimate, influence=influence, reached=reached, design=design)
