"""How likely each respondent was to attend, given the adjusters, and the weights that make the two arms alike."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from weakref import WeakKeyDictionary

import numpy as np

from lpact_eval.comparison.adjusted import covariates, independent, variable_of
from lpact_eval.comparison.balance import ALL
from lpact_eval.weighting.propensity import chances, solve_scores
from lpact_eval.weighting.solver import Problem, solve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.sample import BoolArray, FloatArray

Tilt = Literal["overlap", "att", "entropy"]

OWN_ARM: Final = 15  # respondents in each arm from which a domain has a propensity model of its own
_ARRIVED: Final = 1e-4  # change of the log odds in the last step; where the adjusters tell the arms apart it is about 1
_EXACT: Final = 1e-13  # distance from its target, over the column's size, at which a mean is met
_VANISHING: Final = 1e-10  # ratio of the smallest to the largest factor at which means are met only in the limit
POOLED: Final = "scores from a model of all respondents, not of this group alone"


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The respondents of one domain as numbers; q members of n complete respondents, p columns.

    Attributes
    ----------
    name : str
        "All respondents", which leaves out domains with an empty arm, or a domain.
    members : ndarray of shape (n,), bool
    columns : tuple of p str
        As `covariates` names them; for "All respondents" followed by the domains.
    matrix : ndarray of shape (q, p)
    treated : ndarray of shape (q,), bool
    outcome, weight : ndarray of shape (q,)
        Weights are the survey's.
    """

    name: str
    members: BoolArray
    columns: tuple[str, ...]
    matrix: FloatArray
    treated: BoolArray
    outcome: FloatArray
    weight: FloatArray

    @property
    def smaller_arm(self) -> int:
        """Respondents in the smaller arm."""
        return min(int(self.treated.sum()), int((~self.treated).sum()))


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Propensity scores of one domain's members.

    Attributes
    ----------
    value : ndarray of shape (q,)
        Missing where refused.
    notes : tuple of str
    refused : str
        Why there are none, or nothing.
    """

    value: FloatArray
    notes: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Tilted:
    """Weights of one domain's members that make the arms alike.

    Attributes
    ----------
    weight : ndarray of shape (q,)
        Survey weight times tilt.
    target : ndarray of shape (q,)
        Weights of the population that both arms are made to look like.
    notes : tuple of str
    refused : str
        Why there are none, or nothing.
    """

    weight: FloatArray
    target: FloatArray
    notes: tuple[str, ...] = ()
    refused: str = ""


def layouts(question: Question) -> Mapping[str, Layout]:
    """Lay out all respondents and each domain, worked out once a question."""
    known = _LAYOUTS.get(question)
    if known is None:
        known = {name: _layout(question, name, inside) for name, inside in question.arms.groups().items()}
        _LAYOUTS[question] = known
    return known


def scores(question: Question) -> Mapping[str, Scores]:
    """Fit the chance of attending for all respondents and in each domain, worked out once a question.

    Returns
    -------
    mapping of domain name to Scores
        From a model of the domain alone where both of its arms hold 15 or more, else from that of all respondents
        with the domain's main effect, which the notes say.

    Notes
    -----
    Survey-weighted logit of attendance on the adjusters, no interactions: sum of w x (A - e) = 0.

    References
    ----------
    Zeng, Li & Tong (2025), arXiv 2501.16156 (survey-weighted propensity scores); DuGoff, Schuler & Stuart (2014),
    *Health Services Research* 49, 284-303.
    """
    known = _SCORES.get(question)
    if known is None:
        known = _all_scores(layouts(question))
        _SCORES[question] = known
    return known


def fitted_scores(layout: Layout, weight: FloatArray) -> Scores:
    """Fit the chance of attending among one domain's members under given weights, shape (q,)."""
    centred = layout.matrix - layout.matrix.mean(axis=0)
    size = np.maximum(np.abs(centred).max(axis=0, initial=0.0), np.finfo(float).tiny)
    x = np.column_stack([np.ones(layout.weight.size), centred / size])
    scaled = weight / weight.mean()
    theta, solved = solve_scores(x, (scaled * layout.treated)[:, None], scaled[:, None])
    value = chances(x, theta)[:, 0]
    step = _newton_step(x, scaled, layout.treated - value, value * (1 - value))
    if not solved[0] or not np.abs(x @ step).max() < _ARRIVED:
        return Scores(np.full(value.size, np.nan), refused=_told_apart(layout))
    return Scores(chances(x, theta + step[:, None])[:, 0])  # one more step: balance to rounding error


def _newton_step(x: FloatArray, weight: FloatArray, residual: FloatArray, slope: FloatArray) -> FloatArray:
    """Step of Newton's method; where the arms are told apart it never becomes small, or there is none."""
    information: FloatArray = x.T @ ((weight * slope)[:, None] * x)
    score: FloatArray = x.T @ (weight * residual)
    step = np.full(x.shape[1], np.nan)
    with suppress(np.linalg.LinAlgError):
        step[:] = np.linalg.solve(information, score)
    return step


def tilted(layout: Layout, score: Scores, tilt: Tilt, weight: FloatArray) -> Tilted:
    """Make the arms of one domain alike.

    Parameters
    ----------
    layout : Layout
    score : Scores
        Not used by "entropy".
    tilt : str
        "overlap": weights 1 - e of attendees and e of others; "att": 1 and e / (1 - e); "entropy": 1, and the weights
        nearest to the survey's that give others the attendees' means.
    weight : ndarray of shape (q,)
        Survey weights.

    Returns
    -------
    Tilted

    References
    ----------
    Li, Morgan & Zaslavsky (2018), *JASA* 113, 390-400, table 1 and theorem 3 (overlap weights of a logit balance
    means exactly); Hainmueller (2012), *Political Analysis* 20, 25-46 (entropy balancing).
    """
    if tilt == "entropy":
        return _entropy(layout, weight)
    e, treated = score.value, layout.treated
    if score.refused:
        return Tilted(np.zeros(e.size), np.zeros(e.size), score.notes, score.refused)
    if tilt == "overlap":
        return Tilted(weight * np.where(treated, 1 - e, e), weight * e * (1 - e), score.notes)
    odds = e / np.maximum(1 - e, np.finfo(float).tiny)
    return Tilted(weight * np.where(treated, 1.0, odds), weight * treated, score.notes)


_LAYOUTS: WeakKeyDictionary[Question, Mapping[str, Layout]] = WeakKeyDictionary()
_SCORES: WeakKeyDictionary[Question, Mapping[str, Scores]] = WeakKeyDictionary()


def _layout(question: Question, name: str, inside: BoolArray) -> Layout:
    """Lay out the members of one domain; all respondents carry their domain's main effect."""
    arms = question.arms
    members = inside
    if name == ALL:
        counts = question.counts
        comparable = [code for code, domain in enumerate(arms.names) if min(counts[domain]) > 0]
        members = np.isin(arms.domain, comparable)
    names, matrix = covariates(question, members)
    if name == ALL and question.roles.by:
        codes = [code for code in range(len(arms.names)) if (arms.domain[members] == code).any()][1:]
        matrix = np.column_stack([matrix, *((arms.domain[members] == code).astype(float) for code in codes)])
        names = (*names, *(f"{question.roles.domain_column}[T.{arms.names[code]}]" for code in codes))
        kept = independent(np.column_stack([np.ones(matrix.shape[0]), matrix]))[1:]
        names, matrix = tuple(column for column, keep in zip(names, kept, strict=True) if keep), matrix[:, kept]
    return Layout(name, members, names, matrix, arms.treated[members], question.outcome[members], arms.weight[members])


def _all_scores(found: Mapping[str, Layout]) -> dict[str, Scores]:
    """Fit each domain, or take small ones from the model of all."""
    everyone = found[ALL]
    whole = _own_scores(everyone)
    result = {ALL: whole}
    for name, layout in found.items():
        if name == ALL:
            continue
        if layout.smaller_arm >= OWN_ARM:
            result[name] = _own_scores(layout)
        elif layout.smaller_arm == 0 or whole.refused:
            reason = whole.refused or "an arm is empty"
            result[name] = Scores(np.full(layout.weight.size, np.nan), refused=reason)
        else:
            result[name] = Scores(whole.value[layout.members[everyone.members]], (POOLED,))
    return result


def _own_scores(layout: Layout) -> Scores:
    """Fit one domain where both arms have members."""
    if layout.smaller_arm == 0:
        return Scores(np.full(layout.weight.size, np.nan), refused="an arm is empty")
    return fitted_scores(layout, layout.weight)


def _told_apart(layout: Layout) -> str:
    """Say which adjusters tell the arms apart."""
    guilty = _one_sided(layout)
    told = f"in {', '.join(guilty)} some answers" if guilty else "some combinations of the adjusters' answers"
    return f"{told} are found among attendees only or among the others only, so that no propensity score is known there"


def _one_sided(layout: Layout) -> list[str]:
    """Variables with an answer that one arm alone gave."""
    x, treated = layout.matrix, layout.treated
    guilty: list[str] = []
    for variable in dict.fromkeys(map(variable_of, layout.columns)):
        part = x[:, [variable_of(name) == variable for name in layout.columns]]
        if not np.isin(part, (0.0, 1.0)).all():
            apart = part[treated].min() > part[~treated].max() or part[treated].max() < part[~treated].min()
            guilty += [variable] if apart else []
            continue
        levels = np.column_stack([part, 1 - part.sum(axis=1)]) > 0.5  # noqa: PLR2004 - between 0 and 1
        seen = [levels[arm].any(axis=0) for arm in (treated, ~treated)]
        guilty += [variable] if (seen[0] != seen[1]).any() else []
    return guilty


def _entropy(layout: Layout, weight: FloatArray) -> Tilted:
    """Give others the attendees' means with the weights nearest to theirs; attendees keep the survey's."""
    treated = layout.treated
    after = weight * treated
    if min(weight[treated].sum(), weight[~treated].sum()) <= 0:
        return Tilted(after, after, refused="an arm is empty")
    own = weight[treated]
    aim = own @ layout.matrix[treated] / own.sum()
    factor = _factors(layout.matrix[~treated] - aim, weight[~treated])
    if factor is None:
        return Tilted(after, weight * treated, refused=_unreachable(layout, aim, weight[~treated]))
    after[~treated] = weight[~treated] * factor
    after[~treated] *= own.sum() / after[~treated].sum()
    return Tilted(after, weight * treated)


def _factors(distance: FloatArray, mass: FloatArray) -> FloatArray | None:
    """Factors nearest to 1, in relative entropy, that bring weighted means of the columns to 0; None where none do."""
    seen = mass > 0
    auxiliary = np.column_stack([np.ones(int(seen.sum())), distance[seen]])
    kept = independent(auxiliary)
    if not _agree(auxiliary, kept):
        return None
    auxiliary = auxiliary[:, kept]
    share = mass[seen] / mass[seen].sum()
    size = np.abs(auxiliary).max(axis=0)
    total = np.zeros(auxiliary.shape[1])
    total[0] = 1.0
    solution = solve(Problem(auxiliary / size, share, total, np.full(total.size, _EXACT)))
    ratio = float(solution.factor.min() / solution.factor.max())
    if not solution.met or ratio < _VANISHING:
        return None
    factor = np.ones(mass.size)
    factor[seen] = solution.factor
    return factor


def _agree(auxiliary: FloatArray, kept: BoolArray) -> bool:
    """Whether columns that others explain have mean 0 wherever the others have."""
    aim = np.zeros(int(kept.sum()))
    aim[0] = 1.0
    found, *_ = np.linalg.lstsq(auxiliary[:, kept], auxiliary[:, ~kept], rcond=None)
    return bool(np.abs(aim @ found).max(initial=0.0) < 1e-9)  # noqa: PLR2004 - rounding error of the columns


def _unreachable(layout: Layout, aim: FloatArray, mass: FloatArray) -> str:
    """Say which adjusters' means no weights of the others reach."""
    others = layout.matrix[~layout.treated] - aim
    owner = [variable_of(name) for name in layout.columns]
    variables: Sequence[str] = list(dict.fromkeys(owner))

    def met(used: set[str]) -> bool:
        return _factors(others[:, [name in used for name in owner]], mass) is not None

    guilty = [variable for variable in variables if not met({variable})]
    if not guilty:
        guilty = [variable for variable in variables if met(set(variables) - {variable})]
        told = f"; without {' or '.join(guilty)} some do" if guilty else ""
        return f"no weights of the others give them the attendees' mix of the adjusters together{told}"
    return f"no weights of the others give them the attendees' mix of {', '.join(guilty)}"
