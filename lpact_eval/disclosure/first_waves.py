"""What the groups of a survey brought to it, as far as it may be told before the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpact_eval.disclosure.rules import UK, Rules
from lpact_eval.errors import DisclosureError, EstimationError
from lpact_eval.planning.next_wave import FirstWave, first_wave
from lpact_eval.weighting.diagnostics import weight_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.sample import Sample

FEWEST_UNLIKE = 3  # respondents: where fewer gave the other answers, a small group's share tells how everyone answered


@dataclass(frozen=True, slots=True, eq=False)
class FirstWaves:
    """What the groups brought, the group of interest first.

    Attributes
    ----------
    shown : tuple of FirstWave
    hidden : tuple of str
        Groups that have too few respondents, or would give such a group away.
    weight_effects : mapping of str to float
        Design effect of the weights alone, for the groups shown.
    """

    shown: tuple[FirstWave, ...]
    hidden: tuple[str, ...]
    weight_effects: Mapping[str, float]


def first_waves(
    sample: Sample, variable: str, answer: Sequence[str], *, by: str, group: str, rules: Rules = UK
) -> FirstWaves:
    """Read off what every group brought to a survey, and hide what may not be told.

    Parameters
    ----------
    sample : Sample
        The survey, weighted.
    variable : str
    answer : sequence of str
        Answers that count together.
    by, group : str
        Variable of the groups, and the one of interest.
    rules : Rules

    Returns
    -------
    FirstWaves
        A group under `suppress_below` is named without numbers; where one such group could be had by subtraction from
        a total, the smallest of the others is hidden with it. Under `withhold_below` a half is assumed as the share.

    Raises
    ------
    DisclosureError
        If the group of interest is too small.
    EstimationError
        If nothing can be planned from the group of interest.
    """
    counts = _counts(sample, variable, by)
    if counts.get(group, rules.suppress_below) < rules.suppress_below:
        msg = f"Fewer than {rules.suppress_below} respondents of the group {group} answered; give numbers instead."
        raise DisclosureError(msg)
    found = [first_wave(sample, variable, answer, by=by, group=group, shown_from=rules.withhold_below)]
    hidden = _hidden(counts, group, rules)
    for other in counts:
        if other != group and other not in hidden:
            try:
                found.append(first_wave(sample, variable, answer, by=by, group=other, shown_from=rules.withhold_below))
            except EstimationError:  # everybody gave the same answer, which may not be told either
                hidden.append(other)
    alike = [first.group for first in found if _alike(first, rules)]
    if group in alike:
        msg = f"Nearly everyone of the group {group} answered alike, which may not be told; give numbers instead."
        raise DisclosureError(msg)
    shown = tuple(first for first in found if first.group not in alike)
    return FirstWaves(shown, tuple(name for name in counts if name in {*hidden, *alike}), _effects(sample, by))


def _counts(sample: Sample, variable: str, by: str) -> dict[str, int]:
    """Count who answered, in the codebook's order; groups without respondents are left out."""
    answered = sample.answers.loc[sample.answers[variable].notna(), by].astype("object").value_counts()
    listed = [*sample.codebook[by].answers] or [str(name) for name in answered.index]
    return {name: int(answered.get(name, 0)) for name in listed if answered.get(name, 0)}


def _hidden(counts: Mapping[str, int], group: str, rules: Rules) -> list[str]:
    """Name the small groups, and as many more as keep their number from being had by subtraction."""
    hidden = [name for name, n in counts.items() if n < rules.suppress_below]
    others = sorted((n, name) for name, n in counts.items() if name not in hidden and name != group)
    while hidden and others and (len(hidden) == 1 or sum(counts[name] for name in hidden) < rules.suppress_below):
        hidden.append(others.pop(0)[1])
    return hidden


def _alike(first: FirstWave, rules: Rules) -> bool:
    """Say whether a small group answered nearly alike."""
    unlike = first.n * min(first.baseline, 1 - first.baseline)
    return not first.assumed and first.n < rules.uniform_below and unlike < FEWEST_UNLIKE


def _effects(sample: Sample, by: str) -> dict[str, float]:
    """Return the design effect of the weights in every group."""
    report = weight_report(sample, by=by)
    return dict(zip(report[by].astype(str), report["design_effect"].astype(float), strict=True))
