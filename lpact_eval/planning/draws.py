"""Synthetic waves: who is asked, who takes part, what they answer and where they were recruited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.planning.many_shares import Waves
from lpact_eval.planning.rakings import raked_many

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.random import Generator

    from lpact_eval.planning.first_file import First
    from lpact_eval.planning.rakings import Memory, Raking
    from lpact_eval.planning.tilting import Stream
    from lpact_eval.sample import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """How people of one group come into a wave.

    Attributes
    ----------
    people : int
        People who are asked.
    response : tuple of two floats
        Share that takes part of those without and with the answer.
    missing : float
        Share of respondents who leave the question out.
    sites : tuple of float
        Proportions of people at each recruitment site; empty where none are recorded.
    icc : float
        Intra-cluster correlation of the answer within sites.
    """

    people: int
    response: tuple[float, float]
    missing: float
    sites: tuple[float, ...]
    icc: float


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """R synthetic waves of one raking; N people a wave.

    Attributes
    ----------
    row : ndarray of shape (R, N), int
        Row of the first wave that each person is like.
    group : ndarray of shape (N,), int
        Position of each person's group.
    took_part : ndarray of shape (R, N), bool
    waves : Waves
        Answers and weights.
    """

    row: IntArray
    group: IntArray
    took_part: BoolArray
    waves: Waves


def site_shares(share: float, icc: float, shape: tuple[int, int], rng: Generator) -> FloatArray:
    """Draw the share with the answer at each site, from the beta distribution of the intra-cluster correlation.

    References
    ----------
    Prentice (1986), *JASA* 81, 321-327: correlation 1 / (a + b + 1).
    """
    if icc == 0 or not 0 < share < 1:
        return np.full(shape, share)
    spread = (1 - icc) / icc
    return rng.beta(share * spread, (1 - share) * spread, shape)


def drawn_waves(  # noqa: PLR0917 - what is drawn from, how, and how often
    first: First,
    raking: Raking | None,
    streams: Mapping[str, Stream],
    fieldwork: Mapping[str, Fieldwork],
    rng: Generator,
    count: int,
    *,
    memory: Memory,
) -> Drawn:
    """Draw, lose and rake many waves.

    Parameters
    ----------
    first : First
    raking : Raking or None
        Whose groups are drawn; without one the groups of `streams`, with the weights of the first wave.
    streams : mapping of group to Stream
    fieldwork : mapping of group to Fieldwork
    rng : Generator
    count : int
        Number of waves, R.
    memory : Memory

    Returns
    -------
    Drawn
    """
    names = [name for place, name in enumerate(first.names) if name in streams and _wanted(raking, place)]
    parts = [_drawn(streams[name], fieldwork[name], rng, count) for name in names]
    row = np.concatenate([part.row for part in parts], axis=1)
    answer = np.concatenate([part.answer for part in parts], axis=1)
    took_part = np.concatenate([part.took_part for part in parts], axis=1)
    people = [part.row.shape[1] for part in parts]
    group = np.repeat([first.names.index(name) for name in names], people).astype(np.intp)
    site = _sites([part.site for part in parts], [len(fieldwork[name].sites) for name in names])
    weight = np.where(took_part, (first.standing if raking is None else first.start)[row], 0.0)
    if raking is None:
        return Drawn(row, group, took_part, Waves(answer, weight, weight, np.zeros_like(row), site, None))
    cell = raking.cell[row]
    cells = raking.mass.size
    place = (np.arange(count)[:, None] * cells + cell).ravel()
    mass = np.bincount(place, weight.ravel(), minlength=count * cells).reshape(count, cells).astype(np.float64)
    respondents = np.bincount(place[took_part.ravel()], minlength=count * cells).reshape(count, cells)
    raked = raked_many(raking, mass, respondents, memory)
    after = weight * raked.factor.take(place).reshape(weight.shape)
    return Drawn(row, group, took_part, Waves(answer, after, weight, cell, site, raked))


def _wanted(raking: Raking | None, place: int) -> bool:
    """Whether a group belongs to a raking."""
    return raking is None or place in raking.groups


@dataclass(frozen=True, slots=True, eq=False)
class _People:
    """People of one group in R waves: like whom, answer, whether they took part, and site, each (R, people)."""

    row: IntArray
    answer: FloatArray
    took_part: BoolArray
    site: IntArray | None


def _drawn(stream: Stream, work: Fieldwork, rng: Generator, count: int) -> _People:
    """Draw one group."""
    shape = (count, work.people)
    site = None
    share: FloatArray = np.full((count, 1), stream.share)
    if work.sites:
        ends = np.cumsum(work.sites) / sum(work.sites)
        site = np.minimum(np.searchsorted(ends, rng.random(shape), side="right"), len(work.sites) - 1).astype(np.intp)
        shares = site_shares(stream.share, work.icc, (count, len(work.sites)), rng)
        share = np.take_along_axis(shares, site, axis=1)
    having = rng.random(shape) < share
    kind = np.searchsorted(stream.cumulative, rng.random(shape) + having, side="right")
    row = stream.row[np.minimum(kind, stream.row.size - 1)]
    took_part: BoolArray = np.ones(shape, dtype=np.bool_)
    if min(work.response) < 1:
        took_part = rng.random(shape) < np.where(having, work.response[1], work.response[0])
    answer = having.astype(float)
    if work.missing > 0:
        answer[rng.random(shape) < work.missing] = np.nan
    return _People(row, answer, took_part, site)


def _sites(parts: Sequence[IntArray | None], sizes: Sequence[int]) -> IntArray | None:
    """Give the sites of all groups distinct numbers."""
    start = np.cumsum([0, *sizes])
    numbered = [part + offset for part, offset in zip(parts, start, strict=False) if part is not None]
    return np.concatenate(numbered, axis=1) if len(numbered) == len(parts) else None
