"""Which weights a doubly robust comparison is worked out again under, and what their deviations are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.arm_draws import Draws, of_sites, within_arms
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.few_sites import few_sites
from lpact_eval.comparison.propensity import layouts
from lpact_eval.estimation.replicated import replicate_influence, replicates_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

MOST_FAILED: Final = 0.05  # share of the bootstrap replicates that may have no solution
_MODELS: Final = "all models fitted again in each"


@dataclass(frozen=True, slots=True, eq=False)
class Again:
    """How the complete respondents are drawn again; n respondents.

    Attributes
    ----------
    question : Question
    draws : tuple of Draws
        By respondents, by sites, or both; empty where the sample has replicate weights of its own.
    source : mapping of str to int
        Which of the draws each group of respondents rests on.
    replicates, seed : int
    """

    question: Question
    draws: tuple[Draws, ...]
    source: dict[str, int]
    replicates: int
    seed: int

    def weights(self) -> Iterator[tuple[list[str], Iterator[FloatArray]]]:
        """Give groups of respondents with the weights that they rest on, shape (B, n) a block of replicates."""
        if not self.draws:
            rows = replicates_of(self.question.sample.design).rows[:, self.question.rows]
            yield list(self.source), iter([rows])
        seeds = np.random.SeedSequence(self.seed).spawn(len(self.draws))
        for place, (one, seed) in enumerate(zip(self.draws, seeds, strict=True)):
            names = [name for name, own in self.source.items() if own == place]
            if names:
                yield names, one.weights(self.replicates, seed)

    def units(self, name: str, members: BoolArray) -> tuple[IntArray, int, FloatArray | None]:
        """Give numbers to the sampling units: that of each member of a group, how many, and their factors' variance.

        Units of all draws are numbered through; the variance is None where the sample's own replicates are used.
        """
        if not self.draws:
            _, unit = np.unique(self.question.sample.design.psu[self.question.rows], return_inverse=True)
            return unit.ravel()[members].astype(np.intp), int(unit.max()) + 1, None
        sizes = [one.cell.size for one in self.draws]
        place = self.source[name]
        start = sum(sizes[:place])
        variance = np.zeros(sum(sizes))
        variance[start : start + sizes[place]] = self.draws[place].variance(members)
        return self.draws[place].unit[members] + start, sum(sizes), variance

    @property
    def tolerated(self) -> int:
        """Replicates that may have no solution; none of a set that somebody made to be used whole."""
        return int(MOST_FAILED * self.replicates) if self.draws else 0

    def deviations(self, found: FloatArray, value: float, shows: float | None) -> FloatArray:
        """Deviations of the replicates, scaled so that their squares sum to a variance, shape (R,).

        Parameters
        ----------
        found : ndarray of shape (R,)
            Estimates of the replicates; those that have no solution deviate by 0.
        value : float
            Of the whole sample.
        shows : float or None
            Share of the variance that the replicates show.
        """
        solved = np.isfinite(found)
        if shows is None:
            replicates = replicates_of(self.question.sample.design)
            own = replicate_influence(replicates, found[:, None], np.array([value]))
            return np.nan_to_num(own[:, 0])  # around their mean all are missing where one is
        count = int(solved.sum())
        if count < 2:  # noqa: PLR2004 - one replicate shows no variance
            return np.zeros(found.size)
        return np.where(solved, found - found[solved].mean(), 0.0) / np.sqrt(shows * (count - 1))

    def notes(self, name: str) -> tuple[str, ...]:
        """Say how standard errors came about: of all respondents together, and of domains where they differ."""
        if name != ALL and self.source.get(ALL) == self.source[name]:
            return ()
        if not self.draws:
            return (f"standard errors: the sample's {self.replicates:,} replicate weights, {_MODELS}",)
        sites = self.question.sample.design.clustered and self.source[name] == 0
        how = "of whole recruitment sites" if sites else "within arms"
        drawn = f"bootstrap {how}, {self.replicates:,} replicates, seed {self.seed}"
        return (f"standard errors: {drawn}, {_MODELS}, survey weights held fixed",)


def drawn_again(question: Question, names: Sequence[str], replicates: int, seed: int) -> Again:
    """Choose how groups of respondents are drawn again.

    Parameters
    ----------
    question : Question
    names : sequence of str
        Groups with models: "All respondents" and domains.
    replicates, seed : int

    Returns
    -------
    Again
        The sample's replicate weights where it has any; else recruitment sites where these were recorded and the
        group reaches 5 of them; else respondents within their arm of every domain that has models, those of the other
        domains together.
    """
    design, arms = question.sample.design, question.arms
    if design.replicates is not None:
        return Again(question, (), dict.fromkeys(names, 0), replicates_of(design).count, seed)
    few = few_sites(question)
    draws = (of_sites(design.psu[question.rows], arms.weight),) if design.clustered else ()
    if not design.clustered or few:
        own = [code for code, name in enumerate(arms.names) if name in names and (not design.clustered or name in few)]
        part = np.where(np.isin(arms.domain, own), arms.domain + 2, layouts(question)[ALL].members)
        draws = (*draws, within_arms(arms.treated, part.astype(np.intp), arms.weight))
    return Again(question, draws, {name: len(draws) - 1 if name in few else 0 for name in names}, replicates, seed)
