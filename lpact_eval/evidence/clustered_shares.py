"""Shares of people and forms that came in clusters, such as the events they were at; everybody counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation.shares import tabulated
from lpact_eval.sample import Design

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.estimation.labels import Labels
    from lpact_eval.estimation.shares import Item
    from lpact_eval.sample import IntArray


def clustered_shares(items: Sequence[Item], clusters: IntArray | None, domain: IntArray, labels: Labels) -> Estimate:
    """Estimate shares by domain with CR2 over clusters.

    Parameters
    ----------
    items : sequence of Item
        What n people said.
    clusters : ndarray of shape (n,), int, or None
        Cluster of each; None where each is one.
    domain : ndarray of shape (n,), int
        0 to d - 1.
    labels : Labels
        What the d domains are.

    Returns
    -------
    Estimate
        Items, within them domains, within them shares.
    """
    n = domain.size
    units = np.arange(n, dtype=np.intp) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    design = Design(np.ones(n), np.zeros(n, dtype=np.intp), units, np.zeros(n), clustered=clusters is not None)
    return tabulated(design, domain, labels, items, variance="cr2")
