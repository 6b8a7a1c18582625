"""What a comparison of attendees with others estimates, what it does not show, and why the raw difference differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.balance import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.tiers import Row
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray, IntArray

NOT_SHOWN: Final = (
    "This is an association among people who answered. People chose whether to attend: reasons for going that also "
    "shape the answer and are not among the adjusters remain in it, and attendees may have been recruited at events. "
    "It does not show what would have happened without the events."
)
OVER_WHOM: Final = {
    ("regression", "ate"): "averaged over all respondents",
    ("regression", "att"): "averaged over respondents like those who attended",
    ("overlap", "ato"): (
        "among respondents who, by these adjusters, might as well have attended as not (overlap weights)"
    ),
    ("att", "att"): "among respondents like those who attended (weighted by the odds of attending)",
    ("entropy", "att"): (
        "among respondents like those who attended (others weighted to the attendees' mix of the adjusters)"
    ),
    ("doubly_robust", "att"): "among respondents like those who attended (weights and regression together)",
    ("doubly_robust", "ate"): "averaged over all respondents (weights and regression together)",
}
_APART: Final = 0.10  # standardised difference from which arms are said to differ
_LITTLE: Final = 0.10  # standard errors by which an adjustment moves a difference no more than a little


def estimand_words(question: Question, method: str, estimand: str) -> str:
    """Say in words what is estimated."""
    roles = question.roles
    titles = _titles(question, roles.used)
    asked = repr(titles[roles.outcome])
    what = f"the share answering {roles.answer_text!r} to {asked}" if roles.answer_text else f"the mean of {asked}"
    adjusters = ", ".join(titles[name] for name in roles.adjust)
    alike = f"alike in {adjusters}" if adjusters else "not made alike in anything"
    each = f", overall and by {' and '.join(titles[name] for name in roles.by)}" if roles.by else ""
    return (
        f"Difference in {what} between respondents who attended and respondents who did not, {alike}{each}, "
        f"{OVER_WHOM[method, estimand]}."
    )


def raw_words(
    question: Question, rows: Sequence[Row], estimates: tuple[Estimate, Estimate], balance: pd.DataFrame
) -> tuple[str, ...]:
    """Say of each row how the raw difference compares with the adjusted one, and why they differ.

    Parameters
    ----------
    question : Question
    rows : sequence of k Row
    estimates : tuple of two Estimate
        Raw and adjusted, k each.
    balance : DataFrame
        See `balance.balance_table`.

    Returns
    -------
    tuple of k str
        Empty where one of the two is refused.
    """
    raw, adjusted = estimates
    sides = dict.fromkeys(side for row in rows for side in row.sides)
    apart = {side: _apart(question, side, balance) for side in sides}
    found: list[str] = []
    for place, row in enumerate(rows):
        pair = (float(raw.value[place]), float(adjusted.value[place]))
        if np.isnan(pair).any():
            found.append("")
            continue
        several = len(row.sides) > 1
        why = "; ".join(_listed(apart[side], side if several else "") for side in row.sides if apart[side])
        moved = abs(pair[0] - pair[1]) > _LITTLE * float(adjusted.std_error[place])
        found.append(_moved(pair, why) if moved else _unmoved(why))
    return tuple(found)


def _moved(pair: tuple[float, float], why: str) -> str:
    """Say which way the raw difference is off, and in what the arms differ."""
    raw, adjusted = pair
    size = "of the other sign" if raw * adjusted < 0 else "larger" if abs(raw) > abs(adjusted) else "smaller"
    reason = (
        f"attendees differ from others in {why}, and the raw difference includes what goes with that"
        if why
        else "many small differences between attendees and others add up"
    )
    return f"The raw difference is {size}, and biased as a comparison of like with like: {reason}."


def _unmoved(why: str) -> str:
    """Say that adjusting changed little."""
    if not why:
        return "Attendees and others are alike in the adjusters, and adjusting changes the difference little."
    return f"Adjusting changes the difference little, although attendees differ from others in {why}."


def _listed(titles: Sequence[str], side: str) -> str:
    """List variables, and where they differ."""
    return ", ".join(titles) + (f" ({side})" if side else "")


def _apart(question: Question, side: str, balance: pd.DataFrame) -> list[str]:
    """Titles of the variables in which the arms of a domain differ before adjustment, the farthest first."""
    roles = question.roles
    own = (balance[roles.domain_column] == side).to_numpy()
    sizes: dict[str, float] = {}
    for name, size in zip(balance["covariate"].to_numpy()[own], balance["smd"].to_numpy()[own], strict=True):
        sizes[str(name)] = float(np.fmax(sizes.get(str(name), 0.0), abs(size)))
    if side == ALL and roles.by:
        sizes[roles.domain_column] = _domains_apart(question)
    titles = {**_titles(question, roles.used), roles.domain_column: _domain_title(question)}
    order = sorted((name for name in sizes if sizes[name] >= _APART), key=lambda name: -sizes[name])
    return [titles.get(name, name) for name in order]


def _domain_title(question: Question) -> str:
    """Name the domains' variables."""
    return " and ".join(_titles(question, question.roles.by).values())


def _domains_apart(question: Question) -> float:
    """Largest standardised difference between the arms in the share of a domain."""
    arms = question.arms
    shares = [_shares(arms.domain[arm], arms.weight[arm], len(arms.names)) for arm in (arms.treated, ~arms.treated)]
    spread = np.sqrt((shares[0] * (1 - shares[0]) + shares[1] * (1 - shares[1])) / 2)
    return float((np.abs(shares[0] - shares[1]) / np.where(spread > 0, spread, 1.0)).max(initial=0.0))


def _shares(domain: IntArray, weight: FloatArray, domains: int) -> FloatArray:
    """Weighted share of each domain in one arm."""
    mass = np.bincount(domain, weight, minlength=domains)
    return mass / max(float(mass.sum()), np.finfo(float).tiny)


def _titles(question: Question, names: Sequence[str]) -> Mapping[str, str]:
    """Take the schema's titles."""
    book = question.sample.codebook
    return {name: book[name].title if name in book else name for name in names}
