"""Moments behind Satterthwaite's degrees of freedom of estimates in disjoint domains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation.variance import satterthwaite_df

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lpact_eval.sample import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class DomainMoments:
    """Moments of G of disjoint domains.

    Attributes
    ----------
    base : ndarray of shape (b,), int
        Domain whose G each basic estimate has.
    trace : ndarray of shape (d,)
    product : ndarray of shape (d, d)
        Moments of G; see `variance.Leverage`.
    """

    base: NDArray[np.intp]
    trace: FloatArray
    product: FloatArray

    def df(self, loading: FloatArray) -> FloatArray:
        """Satterthwaite degrees of freedom of rows of coefficients on the basic estimates."""
        weights = np.zeros((loading.shape[0], self.trace.size))
        np.add.at(weights.T, self.base, (loading**2).T)
        return satterthwaite_df(weights, self.trace, self.product)

    def expectation(self, loading: FloatArray) -> FloatArray:
        """Covariance of rows of coefficients under the working model, shape (r, r)."""
        return self._shared(loading) @ self.trace

    def total_variance(self, loading: FloatArray) -> float:
        """Sum of the variances of the entries of the rows' covariance matrix under the working model."""
        shared = self._shared(loading)
        whole = np.einsum("ssd->d", shared)
        return float(whole @ self.product @ whole + np.einsum("std,de,ste->", shared, self.product, shared))

    def _shared(self, loading: FloatArray) -> FloatArray:
        """Products of two rows' coefficients summed within each domain, shape (r, r, d)."""
        inside = self.base[:, None] == np.arange(self.trace.size)
        return np.einsum("sb,tb,bd->std", loading, loading, inside.astype(float))
