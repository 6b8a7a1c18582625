"""Direct standardisation: every wave and group given the same composition, a population's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from lpact_eval.errors import WeightingError, WrongUseError
from lpact_eval.estimation.contrast import contrast
from lpact_eval.estimation.domains import domains_of
from lpact_eval.estimation.statistics import proportion
from lpact_eval.sample import Design, Sample, as_text
from lpact_eval.waves.margin import Category, Margin
from lpact_eval.weighting.rake import rake

if TYPE_CHECKING:
    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.sample import BoolArray, FloatArray

Population = (
    str
    | Margin
    | Sequence[Margin]
    | Mapping[str, Mapping[str, float]]
    | Mapping[tuple[str, ...], Mapping[tuple[str, ...], float]]
)
_DOMAIN = "__domain"  # column of wave and group; never an answer's name


def margins_of(sample: Sample, population: Population | None) -> tuple[Margin, ...]:
    """Read what to standardise to.

    Parameters
    ----------
    sample : Sample
    population : str, Margin, sequence of Margin, mapping, or None
        Name or path of a population, or {variable: {category: share or persons}}.

    Returns
    -------
    tuple of Margin

    Raises
    ------
    WrongUseError
        If a variable is not in the sample, a category of its respondents has no share, or a share is negative.
    """
    if population is None:
        return ()
    margins = _margins(population)
    if not margins:
        raise WrongUseError("Cannot standardise to nothing; give {variable: {category: share}}.")
    for margin in margins:
        _check(sample, margin)
    return margins


def _margins(population: Population) -> tuple[Margin, ...]:
    """Bring every way to name a population to margins."""
    if isinstance(population, str):
        from lpact_eval.waves.population import read_population  # noqa: PLC0415 - loads pydantic, needed for names only

        return tuple(read_population(population))
    if isinstance(population, Margin):
        return (population,)
    if isinstance(population, Mapping):
        given = cast("Mapping[str | tuple[str, ...], Mapping[str | tuple[str, ...], float]]", population)
        return tuple(Margin(variable, dict(shares)) for variable, shares in given.items())
    return tuple(population)


def _check(sample: Sample, margin: Margin) -> None:
    """Refuse shares that do not fit the respondents."""
    named = " and ".join(margin.variables)
    absent = [name for name in margin.variables if name not in sample.answers.columns]
    if absent:
        known = sorted(map(str, sample.answers.columns))
        msg = f"Cannot standardise by {named!r}: there is no variable {absent}; the sample has {known}."
        raise WrongUseError(msg)
    counts = np.array(list(margin.counts.values()), dtype=float)
    if not np.isfinite(counts).all() or (counts < 0).any() or not counts.sum() > 0:
        msg = f"Cannot standardise by {named!r}: shares are numbers of 0 or more that do not add up to 0."
        raise WrongUseError(msg)
    _, labels = domains_of(sample, list(margin.variables))
    listed = _cells(margin)
    unknown = [key for key in labels.keys(list(labels.columns)) if key not in listed]
    if unknown:
        shown = [" and ".join(key) for key in unknown]
        told = [" and ".join(key) for key in listed]
        msg = (
            f"Cannot standardise by {named!r}: respondents are in {shown}, which has no share; there are shares for "
            f"{told}. Add it, or merge the category."
        )
        raise WrongUseError(msg)


def _cells(margin: Margin) -> dict[tuple[str, ...], float]:
    """Share of every category, as tuples of texts."""
    return {
        (as_text(key),) if not isinstance(key, tuple) else tuple(map(as_text, key)): count / margin.total
        for key, count in margin.counts.items()
    }


def standardised_levels(
    sample: Sample, question: tuple[str, Sequence[str]], like: Estimate, margins: Sequence[Margin]
) -> tuple[Estimate, list[str]]:
    """Shares in each wave and domain, had each the population's composition.

    Parameters
    ----------
    sample : Sample
    question : tuple
        Variable, and answers that count together.
    like : Estimate
        Shares by wave and domain as they are, k estimates; their order is kept.
    margins : sequence of Margin
        One is standardised directly, several by raking each wave and domain to all of them.

    Returns
    -------
    Estimate of k shares, list of k str
        And why one can't be had: a cell of the population without respondents, or margins that can't be met.

    Notes
    -----
    One margin: p = sum of Pi_g p_g with Pi known, influence = sum of Pi_g influence_g, as R svystandardize. A margin of
    a domain variable alone changes nothing and is left out.

    References
    ----------
    Korn & Graubard (1999), *Analysis of Health Surveys*, sec. 2.4; Deville & Särndal (1992), *JASA* 87, 376-382.
    """
    variable, answers = question
    names = [str(name) for name in like.named.columns if name not in {"variable", "answer", "row"}]
    used = [margin for margin in margins if not set(margin.variables) <= set(names)]
    if not used:
        return like, [""] * len(like)
    if len(used) > 1:
        return _raked(sample, (variable, answers, names), like, used)
    return directly(sample, (variable, answers, names), like, used[0])


def directly(
    sample: Sample,
    question: tuple[str, Sequence[str], Sequence[str]],
    like: Estimate,
    margin: Margin,
    *,
    variance: Variance = "cr2",
) -> tuple[Estimate, list[str]]:
    """Weigh the shares of cells by a population's; arguments and return as in `standardised_levels`."""
    variable, answers, names = question
    extra = [name for name in margin.variables if name not in names]
    cells = proportion(sample, variable, list(answers), by=[*names, *extra], variance=variance)
    column = {
        (tuple(map(str, key[: len(names)])), tuple(map(str, key[len(names) :]))): place
        for place, key in enumerate(cells.named.keys([*names, *extra]))
    }
    matrix: FloatArray = np.zeros((len(like), len(cells)))
    reasons: list[str] = []
    for row, key in enumerate(like.named.keys(names)):
        shares = _shares_in(margin, dict(zip(names, key, strict=True)), extra)
        places = {cell: column.get((tuple(key), cell)) for cell in shares}
        empty = sum(
            share > 0 and (places[cell] is None or not cells.n[places[cell]] > 0) for cell, share in shares.items()
        )
        for cell, share in shares.items():
            if (place := places[cell]) is not None:
                matrix[row, place] = share
        reasons.append(f"no answers in {empty} of the {len(shares)} cells to standardise over" if empty else "")
    found = contrast(cells, matrix, like.named)
    return replace(found, kind="share", n_kish=like.n_kish, crowding=like.crowding, asked=like.asked), reasons


def _shares_in(margin: Margin, domain: Mapping[str, str], extra: Sequence[str]) -> dict[tuple[str, ...], float]:
    """Shares of a margin's other variables inside a domain, adding up to 1."""
    names = margin.variables
    found: dict[tuple[str, ...], float] = {}
    for key, share in _cells(margin).items():
        values = dict(zip(names, key, strict=True))
        if all(values[name] == domain[name] for name in names if name in domain):
            cell = tuple(values[name] for name in extra)
            found[cell] = found.get(cell, 0.0) + share
    whole = sum(found.values())
    return {cell: share / whole for cell, share in found.items()} if whole else found


def _raked(
    sample: Sample, question: tuple[str, Sequence[str], Sequence[str]], like: Estimate, margins: Sequence[Margin]
) -> tuple[Estimate, list[str]]:
    """Rake every wave and domain to several margins; those that can't be raked are refused with the reason."""
    variable, answers, names = question
    domain, labels = domains_of(sample, names)
    keys = labels.keys(list(labels.columns))
    own = [_margins_in(margins, dict(zip(names, key, strict=True))) for key in keys]
    reasons = {key: _failure(sample, domain == place, own[place]) for place, key in enumerate(keys)}
    good = [place for place, key in enumerate(keys) if not reasons[key]]
    if not good:
        return like, [reasons.get(key, "") for key in _rows(like, names)]
    texts = np.array([" and ".join(key) for key in keys], dtype=object)
    column = pd.Series(texts[domain]).where(np.isin(domain, good))
    nested = [
        Margin(
            (_DOMAIN, *margin.variables),
            {(texts[at], *cell): share for at in good for cell, share in _cells(own[at][place]).items()},
        )
        for place, margin in enumerate(own[good[0]])
    ]
    answers_with = sample.answers.assign(**{_DOMAIN: pd.Categorical(column)})
    raked = rake(replace(sample, answers=answers_with), nested, within=_DOMAIN)
    found = proportion(sample.with_design(raked.design), variable, list(answers), by=list(names))
    return found, [reasons.get(key, "") for key in _rows(found, names)]


def _margins_in(margins: Sequence[Margin], domain: Mapping[str, str]) -> list[Margin]:
    """Margins of the other variables inside a domain."""
    found: list[Margin] = []
    for margin in margins:
        extra = [name for name in margin.variables if name not in domain]
        shares: dict[Category, float] = {}
        shares.update({cell: share for cell, share in _shares_in(margin, domain, extra).items() if share > 0})
        found.append(Margin(tuple(extra), shares))
    return found


def _rows(estimate: Estimate, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Domain of each estimate."""
    return estimate.named.keys(names)


def _failure(sample: Sample, inside: BoolArray, margins: Sequence[Margin]) -> str:
    """Say why a domain can't be raked, without counts of respondents; nothing where it can."""
    part = part_of(sample, inside)
    if _rakes(part, margins):
        return ""
    guilty = [margin for margin in margins if not _rakes(part, [margin])] or margins
    named = ", ".join(" and ".join(margin.variables) for margin in guilty)
    return f"cannot standardise on {named}: no weights of these respondents meet the population"


def _rakes(part: Sample, margins: Sequence[Margin]) -> bool:
    """Tell whether weights exist that meet all margins."""
    try:
        rake(part, list(margins))
    except WeightingError:
        return False
    return True


def part_of(sample: Sample, inside: BoolArray) -> Sample:
    """Take some respondents with their weights, each a unit, to try out whether weights exist."""
    rows = np.flatnonzero(inside)
    zeros = np.zeros(rows.size, dtype=np.intp)
    answers = sample.answers.iloc[rows].reset_index(drop=True)
    weight = sample.design.weight[rows]
    return Sample(answers, Design(weight, zeros, np.arange(rows.size, dtype=np.intp), np.zeros(rows.size)))
