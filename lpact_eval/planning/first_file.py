"""The first wave as a simulation needs it: who gave the answer, by group, kind of person, weight and site."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.domains import categories_of, positions_of
from lpact_eval.sample import Sample
from lpact_eval.weighting.margins import margin_variables
from lpact_eval.weighting.rerun import starting_weight

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.sample import FloatArray, IntArray
    from lpact_eval.weighting.margins import Margins

FEWEST = 10  # respondents of a group under which nothing is told of it
EVERYBODY = "All respondents"


@dataclass(frozen=True, slots=True, eq=False)
class First:
    """A first wave; n respondents (or kinds of respondent, where it is made up), g groups.

    Attributes
    ----------
    title, question : str
        Name of the wave, and variable with the answers that count.
    names : tuple of g str
    sample : Sample
        The variables of the margins and the groups, and the design without replicate weights.
    group : ndarray of shape (n,), int
        Position of the group; -1 where it is not known.
    answer : ndarray of shape (n,)
        1 with the answer, 0 with another, NaN with none.
    start, standing : ndarray of shape (n,)
        Weights before and after raking.
    chance : ndarray of shape (n,)
        How often each is met; 1 in a file.
    clustered, actual : bool
        Whether recruitment sites were recorded, and whether there is a file.
    respondents, baseline, missing, refused : mapping of group
        Respondents with positive weight, share with the answer, share without any answer, and why the group's change
        can't be simulated (empty where it can).
    sites : mapping of group to ndarray
        Respondents at each of the group's recruitment sites, or only their proportions.
    """

    title: str
    question: str
    names: tuple[str, ...]
    sample: Sample = field(repr=False)
    group: IntArray = field(repr=False)
    answer: FloatArray = field(repr=False)
    start: FloatArray = field(repr=False)
    standing: FloatArray = field(repr=False)
    chance: FloatArray = field(repr=False)
    clustered: bool
    actual: bool
    respondents: Mapping[str, int]
    baseline: Mapping[str, float]
    missing: Mapping[str, float]
    refused: Mapping[str, str]
    sites: Mapping[str, FloatArray] = field(repr=False)


def first_of(
    sample: Sample, variable: str, answer: str | Sequence[str], *, by: str | None, margins: Margins | None
) -> First:
    """Take what a simulation needs from an actual wave.

    Parameters
    ----------
    sample : Sample
        Weighted.
    variable, answer, by, margins
        As for `SimulationDesign.from_wave`.

    Returns
    -------
    First

    Raises
    ------
    EstimationError
        If a variable or an answer does not exist.
    """
    codes, categories = categories_of(sample, variable)
    wanted = [answer] if isinstance(answer, str) else list(answer)
    hits = np.isin(codes, positions_of(variable, wanted, categories))
    answers = np.where(codes < 0, np.nan, hits.astype(float))
    group, names = (np.zeros(len(sample), dtype=np.intp), [EVERYBODY]) if by is None else categories_of(sample, by)
    design = replace(sample.design, replicates=None)
    weight = design.weight
    used = weight > 0
    kept = list(dict.fromkeys([*([by] if by else []), *(margin_variables(margins) if margins is not None else [])]))
    respondents: dict[str, int] = {}
    baseline: dict[str, float] = {}
    missing: dict[str, float] = {}
    for code, name in enumerate(names):
        inside = (group == code) & used
        if not inside.any():
            continue
        asked = inside & ~np.isnan(answers)
        total = float(weight[asked].sum())
        respondents[name] = int(inside.sum())
        baseline[name] = float(weight[asked] @ answers[asked]) / total if total > 0 else np.nan
        missing[name] = 1 - int(asked.sum()) / respondents[name]
    present = list(respondents)
    group = np.where(used, _renumbered(group, names, present), -1).astype(np.intp)
    refused = {name: _refusal(round(n * (1 - missing[name])), baseline[name]) for name, n in respondents.items()}
    sites = {
        name: np.unique(design.psu[group == code], return_counts=True)[1].astype(np.float64)
        for code, name in enumerate(present)
    }
    waves = [wave.name for wave in sample.waves]
    return First(
        title=" and ".join(waves) or "the first wave",
        question=f"{variable}: {' or '.join(wanted)}",
        names=tuple(present),
        sample=Sample(sample.answers.loc[:, kept].reset_index(drop=True), design),
        group=group,
        answer=answers,
        start=starting_weight(design),
        standing=weight,
        chance=np.ones(weight.size),
        clustered=design.clustered,
        actual=True,
        respondents=MappingProxyType(respondents),
        baseline=MappingProxyType(baseline),
        missing=MappingProxyType(missing),
        refused=MappingProxyType(refused),
        sites=MappingProxyType(sites),
    )


def domain_of(names: Sequence[str], group: str) -> int:
    """Find a group; what respondents wrote is never listed."""
    if group not in names:
        msg = f"Cannot simulate for {group!r}: the first wave has respondents in {len(names)} other groups only."
        raise WrongUseError(msg)
    return list(names).index(group)


def _refusal(answers: int, baseline: float) -> str:
    """Say why a group's change can't be simulated."""
    if answers < FEWEST:
        return f"fewer than {FEWEST} answers in the first wave"
    return "" if 0 < baseline < 1 else "all answers of the first wave are alike"


def _renumbered(group: IntArray, names: Sequence[str], present: Sequence[str]) -> IntArray:
    """Give the groups that have respondents consecutive numbers."""
    lookup = np.full(len(names) + 1, -1, dtype=np.intp)
    for place, name in enumerate(present):
        lookup[list(names).index(name)] = place
    return lookup[group]
