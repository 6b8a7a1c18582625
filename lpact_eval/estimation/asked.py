"""How a question was asked in each wave: what any comparison of waves has to refuse, or to say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.errors import EstimationError
from lpact_eval.estimation.domains import domains_of
from lpact_eval.sample import coded
from lpact_eval.waves.unsure import DONT_KNOW_MOVED, Unsure, moved_flag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import BoolArray, FloatArray, Sample

WAVE: Final = "wave"
PARTLY: Final = "the question was only partly the same in {}"
_SPOKEN: Final = ("don't know", "prefer not to say")
_REFUSED: Final = frozenset({"none", "not asked"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One question in one wave, as one group of respondents answered it.

    Attributes
    ----------
    variable, wave : str
    group : tuple of str
        Domain beside the wave.
    comparable, reason : str
        "full", "partial", "none" or "not asked", and why.
    unsure : Unsure or None
        Don't knows, their share weighted; None where nobody recorded them.
    """

    variable: str
    wave: str
    group: tuple[str, ...]
    comparable: str
    reason: str
    unsure: Unsure | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AskedRows:
    """What each of k estimates rests on.

    Attributes
    ----------
    rows : tuple of k tuples of Asked
    moved : float
        From which difference of don't-know shares on a comparison is flagged.
    """

    rows: tuple[tuple[Asked, ...], ...]
    moved: float = DONT_KNOW_MOVED

    def take(self, places: NDArray[np.intp]) -> AskedRows:
        """Keep the rows at the given positions."""
        return replace(self, rows=tuple(self.rows[int(place)] for place in places))

    def merged(self, used: BoolArray) -> AskedRows:
        """Join the rows that each new estimate is made of, `used` of shape (r, k)."""
        rows = tuple(
            tuple(dict.fromkeys(one for column in np.flatnonzero(row) for one in self.rows[int(column)]))
            for row in used
        )
        return replace(self, rows=rows)

    def refusals(self) -> list[str]:
        """Say for every estimate over several waves whether one of them can't be compared."""
        return [
            next((_why(one) for one in row if _compares(row) and one.comparable in _REFUSED), "") for row in self.rows
        ]

    def flags(self) -> list[list[str]]:
        """List for every estimate over several waves what a reader has to know of how it was asked."""
        return [[*_partly(row), *_moved(row, self.moved)] if _compares(row) else [] for row in self.rows]


def with_asked(estimate: Estimate, sample: Sample, by: str | Sequence[str]) -> Estimate:
    """Note beside estimates by wave how each question was asked; estimates within one wave need no note."""
    names = [by] if isinstance(by, str) else list(by)
    variables = list(dict.fromkeys(estimate.named.texts("variable")))
    if WAVE not in names or not any(name in sample.codebook for name in variables):
        return estimate
    known = {name: dict(_asked(sample, name, names)) for name in variables if name in sample.codebook}
    keys = estimate.named.keys(["variable", *names])
    rows = tuple((found,) if (found := known.get(variable, {}).get(tuple(key))) else () for variable, *key in keys)
    return replace(estimate, asked=AskedRows(rows))


def joined(parts: Sequence[tuple[AskedRows | None, int]]) -> AskedRows | None:
    """Put what several estimates rest on one after another; of each part it takes the number of its estimates."""
    known = [part for part, _ in parts if part is not None]
    if not known:
        return None
    rows = [row for part, size in parts for row in (part.rows if part else ((),) * size)]
    return AskedRows(tuple(rows), min(part.moved for part in known))


def why_incomparable(sample: Sample, variable: str, waves: Sequence[str]) -> str:
    """Say why a question can't be compared between waves, in words for readers; nothing where it can."""
    known = sample.codebook.get(variable)
    for wave in waves if known else ():
        if known and known.comparable.get(wave) in _REFUSED:
            return _why(Asked(variable, wave, (), known.comparable[wave], known.reason.get(wave, "")))
    return ""


def require_comparable(sample: Sample, variable: str, along: str, waves: Sequence[str]) -> None:
    """Refuse to compare waves whose question was not the same.

    Raises
    ------
    EstimationError
        If a crosswalk calls the question incomparable.
    """
    reason = why_incomparable(sample, variable, waves) if along == WAVE else ""
    if reason:
        named = " and ".join(map(repr, waves))
        msg = f"Cannot compare {variable!r} between {named}: it {reason}. Its levels can be shown wave by wave."
        raise EstimationError(msg)


def _asked(sample: Sample, variable: str, names: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Asked]]:
    """Describe a question in every domain, under the domain's labels."""
    meaning = sample.codebook[variable]
    domain, labels = domains_of(sample, names)
    shares, said, base = _dont_know(sample, variable, domain, len(labels))
    for place, key in enumerate(labels.keys(names)):
        wave = str(key[names.index(WAVE)])
        yield (
            tuple(key),
            Asked(
                variable,
                wave,
                tuple(label for name, label in zip(names, key, strict=True) if name != WAVE),
                meaning.comparable.get(wave, "full"),
                meaning.reason.get(wave, ""),
                Unsure(wave, float(shares[place]), int(said[place]), int(base[place])) if base[place] else None,
            ),
        )


def _dont_know(
    sample: Sample, variable: str, domain: NDArray[np.intp], domains: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Count don't knows by domain: weighted share, respondents who said so, and those who could have."""
    if variable not in sample.missing.columns:
        nothing = np.zeros(domains)
        return np.full(domains, np.nan), nothing, nothing
    codes, kinds = coded(sample.missing[variable])
    unsure, unsaid = (codes == (kinds.index(kind) if kind in kinds else -2) for kind in _SPOKEN)
    spoke = unsure | unsaid | sample.answers[variable].notna().to_numpy()
    inside = (domain >= 0) & spoke
    weight = sample.design.weight
    whole = np.bincount(domain[inside], weight[inside], minlength=domains)
    part = np.bincount(domain[inside & unsure], weight[inside & unsure], minlength=domains)
    share = np.divide(part, whole, out=np.full(domains, np.nan), where=whole > 0)
    said = np.bincount(domain[inside & unsure], minlength=domains).astype(float)
    return share, said, np.bincount(domain[inside], minlength=domains).astype(float)


def _compares(row: Sequence[Asked]) -> bool:
    """Tell whether an estimate is made of several waves of one question."""
    waves: dict[str, set[str]] = {}
    for one in row:
        waves.setdefault(one.variable, set()).add(one.wave)
    return any(len(found) > 1 for found in waves.values())


def _why(one: Asked) -> str:
    """Say why a wave can't be compared."""
    how = "was not asked" if one.comparable == "not asked" else "can't be compared"
    reason = one.reason.rstrip(". ")
    return f"{how} in {one.wave}{': ' + reason if reason else ''}"


def _partly(row: Sequence[Asked]) -> list[str]:
    """Flag a question that was only partly the same."""
    if not any(one.comparable == "partial" for one in row):
        return []
    waves = {one.wave for one in row}
    return [PARTLY.format("both waves" if len(waves) == 2 else "all waves")]  # noqa: PLR2004 - two waves are both


def _moved(row: Sequence[Asked], moved: float) -> list[str]:
    """Flag a share of don't knows that moved, group by group where an estimate compares several."""
    groups: dict[tuple[str, tuple[str, ...]], list[Unsure]] = {}
    for one in row:
        if one.unsure is not None:
            groups.setdefault((one.variable, one.group), []).append(one.unsure)
    flags = {group: moved_flag(waves, moved) for (_, group), waves in groups.items()}
    several = len(groups) > 1
    return [
        f"{flag}{' among ' + ' '.join(group) if several and any(group) else ''}"
        for group, flag in flags.items()
        if flag
    ]
