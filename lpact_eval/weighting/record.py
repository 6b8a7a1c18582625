"""Margins before and after a calibration step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

from lpact_eval.sample import Met

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray
    from lpact_eval.weighting.blocks import Block


class Record(Sequence[Met]):
    """Every category that a step had to meet, before and after.

    Parameters
    ----------
    parts : sequence of (Block, ndarray, ndarray)
        Each group with the weights of its cells before and after the step, summed.

    Notes
    -----
    Written out when somebody first reads it: weights are made far more often, in bootstraps and simulations, than
    their margins are looked at.
    """

    def __init__(self, parts: Sequence[tuple[Block, FloatArray, FloatArray]]) -> None:
        self._parts = tuple(parts)

    @cached_property
    def _written(self) -> tuple[Met, ...]:
        """One entry a category."""
        found: list[Met] = []
        for block, before, after in self._parts:
            persons = float(after.sum()) if block.persons is None else block.persons
            for term in block.terms:
                found += term.met(block.group, persons, before, after)
        return tuple(found)

    @overload
    def __getitem__(self, place: int) -> Met: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Met, ...]: ...
    def __getitem__(self, place: int | slice) -> Met | tuple[Met, ...]:
        return self._written[place]

    def __len__(self) -> int:
        return len(self._written)

    def __repr__(self) -> str:
        return f"Record({len(self._parts)} groups)"
