"""A first wave without a file: kinds of respondent, how often each is met, and their weights."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.first_file import FEWEST, First
from lpact_eval.planning.plan import require_at_least, require_inside, require_whole
from lpact_eval.sample import Sample
from lpact_eval.weighting.margins import margin_variables
from lpact_eval.weighting.rake import rake

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray
    from lpact_eval.weighting.margins import Margins

Reached = Mapping[str, Mapping[str, float]]

GROUP = "group"
_ATOMS = 16  # weights that stand for a lognormal distribution
_WIDEST = 4.0  # design effect of weights that these can stand for
_HALVINGS = 60


def made_up_first(
    baseline: Mapping[str, float],
    n_first: Mapping[str, int],
    *,
    design_effect: float,
    reached: Reached,
    margins: Margins | None,
    within: str | None,
    sites: int | None,
) -> First:
    """Make up a first wave.

    Parameters
    ----------
    baseline, n_first, design_effect, reached, margins, within, sites
        As for `SimulationDesign.from_shares`.

    Returns
    -------
    First
        One row for each combination of group, categories, weight and answer.

    Raises
    ------
    WrongUseError
        If groups do not fit each other, nothing is known of who is reached, or a number is out of its range.
    """
    if set(baseline) != set(n_first):
        msg = f"Cannot simulate: baseline is for {sorted(baseline)} and n_first for {sorted(n_first)}; give the same."
        raise WrongUseError(msg)
    names = tuple(n_first)
    sizes = {name: require_whole("n_first", n, 1) for name, n in n_first.items()}
    shares = {name: require_inside("baseline", share, 0, 1) for name, share in baseline.items()}
    atoms = _weights(design_effect)
    composition = _composition(reached, margins)
    frame, chance = _kinds(names, composition, atoms)
    group = frame[GROUP].cat.codes.to_numpy().astype(np.intp)
    answer = frame.pop("answer").to_numpy(dtype=float)
    start = frame.pop("weight").to_numpy(dtype=float)
    share = np.array([shares[name] for name in names])[group]
    chance = chance * np.where(answer > 0, share, 1 - share) * np.array([sizes[name] for name in names])[group]
    sample = Sample.from_frame(frame.assign(met=start * chance), weight="met")
    standing = start
    if margins is not None:
        standing = start * rake(sample, margins, within=within).design.weight / sample.design.weight
    few = {name: f"fewer than {FEWEST} answers in the first wave" if n < FEWEST else "" for name, n in sizes.items()}
    return First(
        title="the first wave",
        question="share with the answer",
        names=names,
        sample=sample,
        group=group,
        answer=answer,
        start=start,
        standing=standing,
        chance=chance,
        clustered=sites is not None,
        actual=False,
        respondents=MappingProxyType(sizes),
        baseline=MappingProxyType(shares),
        missing=MappingProxyType(dict.fromkeys(names, 0.0)),
        refused=MappingProxyType(few),
        sites=MappingProxyType({name: np.ones(sizes[name] if sites is None else sites) for name in names}),
    )


def _weights(design_effect: float) -> FloatArray:
    """Weights of mean 1 that are equally frequent and have the design effect, shape (a,); middles of a lognormal."""
    effect = require_at_least("design_effect", design_effect, 1)
    if effect > _WIDEST:
        msg = f"Cannot simulate weights with design_effect={effect:g}: {_WIDEST:g} is the most."
        raise WrongUseError(msg)
    if effect == 1:
        return np.ones(1)
    middles = ndtri((np.arange(_ATOMS) + 0.5) / _ATOMS)
    low, high = 0.0, 10.0
    for _ in range(_HALVINGS):
        spread = (low + high) / 2
        weight = np.exp(spread * (middles - middles.max()))
        wide = float(weight @ weight) * weight.size / float(weight.sum()) ** 2 > effect
        low, high = (low, spread) if wide else (spread, high)
    weight = np.exp(low * (middles - middles.max()))
    return weight / weight.mean()


def _composition(reached: Reached, margins: Margins | None) -> dict[str, dict[str, float]]:
    """Share of each category among those who take part, for every variable that is raked."""
    wanted = [] if margins is None else [name for name in margin_variables(margins) if name != GROUP]
    found: dict[str, dict[str, float]] = {}
    for name in wanted:
        counts = reached.get(name) or _own_margin(margins, name)
        total = sum(counts.values())
        if not total > 0 or min(counts.values()) < 0:
            msg = f"Cannot simulate who is reached by {name!r}: shares are 0 or more, and not all 0."
            raise WrongUseError(msg)
        found[name] = {category: count / total for category, count in counts.items() if count > 0}
    unknown = sorted(set(reached) - set(wanted))
    if unknown:
        msg = f"Cannot simulate who is reached by {unknown}: no margin is about it. Margins are about {wanted}."
        raise WrongUseError(msg)
    return found


def _own_margin(margins: Margins | None, name: str) -> Mapping[str, float]:
    """Take those who are reached to be like the population, where a margin is of the variable alone."""
    pairs = margins.items() if isinstance(margins, Mapping) else [(one.variables, one.counts) for one in margins or ()]
    for variables, counts in pairs:
        if variables in (name, (name,)):
            return {str(key[0] if isinstance(key, tuple) else key): float(count) for key, count in counts.items()}
    msg = f"Cannot simulate who is reached by {name!r}: no margin is of it alone; give its shares in reached=."
    raise WrongUseError(msg)


def _kinds(
    names: tuple[str, ...], composition: Mapping[str, Mapping[str, float]], atoms: FloatArray
) -> tuple[pd.DataFrame, FloatArray]:
    """List the combinations of group, categories, weight and answer, and how often each would be met."""
    levels = [list(names), *(list(shares) for shares in composition.values()), atoms.tolist(), [0.0, 1.0]]
    columns = [GROUP, *composition, "weight", "answer"]
    frame = pd.DataFrame(list(product(*levels)), columns=pd.Index(columns))
    chance = np.full(len(frame), 1 / atoms.size)
    for name, shares in composition.items():
        chance *= frame[name].map(dict(shares)).to_numpy(dtype=float)
        frame[name] = pd.Categorical(frame[name], list(shares), ordered=True)
    frame[GROUP] = pd.Categorical(frame[GROUP], list(names))
    return frame, chance
