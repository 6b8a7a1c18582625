"""Bootstrap weights that keep the size of every arm, or vary whole recruitment sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lpact_eval.sample import BoolArray, FloatArray, IntArray

_AT_ONCE = 2_000_000  # weights drawn at once, 16 MB
_LEAST_SHAPE = 0.5  # of the gamma weights: of a cell of 4; smaller cells would mostly be drawn empty


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """How the respondents are drawn again; n respondents, c cells of u units.

    Attributes
    ----------
    unit : ndarray of shape (n,), int
        What is drawn: respondents, or sites.
    cell : ndarray of shape (u,), int
        Units that share a total weight, codes 0 to c-1: an arm of a domain; all sites together.
    shape : ndarray of shape (u,)
        Shape of the gamma distribution that the weights of the cell's units come from.
    weight : ndarray of shape (n,)
        Survey weights.
    """

    unit: IntArray
    cell: IntArray
    shape: FloatArray
    weight: FloatArray

    def weights(self, replicates: int, seed: int | np.random.SeedSequence) -> Iterator[FloatArray]:
        """Draw survey weights times factors of mean 1, a block of replicates after the other, shape (B, n).

        Notes
        -----
        Factors of the m units of a cell are m times Dirichlet with parameters (m - 2) / m, from gamma variables: the
        variance over the replicates of the cell's mean is then s^2 / m without bias. They are never 0, so that no
        category of an adjuster and no arm is empty in a replicate, as it would be where respondents are drawn a whole
        number of times.

        References
        ----------
        Rubin (1981), *Annals of Statistics* 9, 130-134; Xu, Gotwalt, Hong, King & Meeker (2020), *American
        Statistician* 74, 345-358, for fractional weights with sparse categories.
        """
        generator = np.random.default_rng(seed)
        inside = (self.cell[:, None] == np.arange(int(self.cell.max()) + 1)).astype(float)
        size = inside.sum(axis=0)
        together = max(1, _AT_ONCE // max(self.unit.size, 1))
        for at in range(0, replicates, together):
            drawn = generator.standard_gamma(self.shape, (min(together, replicates - at), self.cell.size))
            factor = drawn * (size / (drawn @ inside))[:, self.cell]
            yield factor[:, self.unit] * self.weight

    def variance(self, members: BoolArray) -> FloatArray:
        """Variance of each unit's factor within its cell, shape (u,), where only some respondents, shape (n,), count.

        m / (m a + 1) for the m units of a cell that the respondents reach and the shape a, which is m / (m - 1) where
        they are all of the cell; 0 for units not reached.
        """
        reached = np.bincount(self.unit[members], minlength=self.cell.size) > 0
        units = np.bincount(self.cell[reached], minlength=int(self.cell.max()) + 1)[self.cell]
        return np.where(reached, units / (units * self.shape + 1), 0.0)


def within_arms(treated: BoolArray, part: IntArray, weight: FloatArray) -> Draws:
    """Draw respondents within their arm and part, codes from 0 up, each of shape (n,)."""
    _, cell = np.unique(2 * part + treated, return_inverse=True)
    codes = cell.ravel().astype(np.intp)
    return Draws(np.arange(codes.size, dtype=np.intp), codes, _shape(codes), weight)


def of_sites(site: IntArray, weight: FloatArray) -> Draws:
    """Draw whole sites, shape (n,), with everybody who answered there; arms vary with them."""
    _, unit = np.unique(site, return_inverse=True)
    codes = unit.ravel().astype(np.intp)
    cell = np.zeros(int(codes.max()) + 1, dtype=np.intp)
    return Draws(codes, cell, _shape(cell), weight)


def _shape(cell: IntArray) -> FloatArray:
    """Shape of each unit's gamma variable, (m - 2) / m in a cell of m."""
    size = np.bincount(cell)[cell].astype(float)
    return np.maximum((size - 2) / size, _LEAST_SHAPE)
