"""An index of items: the mean of those that a respondent answered, where enough were."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.domains import categories_of
from lpact_eval.estimation.dont_know import check_policy, no_opinion
from lpact_eval.estimation.items import item_scores
from lpact_eval.estimation.statistics import mean
from lpact_eval.sample import Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.dont_know import DontKnow
    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.estimation.items import Score
    from lpact_eval.sample import FloatArray, Sample

_CHANGED: Final = ("full", "partial", "none", "not asked")


def index(
    sample: Sample,
    items: Sequence[str],
    *,
    by: str | Sequence[str] = (),
    least: float = 0.6,
    dont_know: DontKnow = "exclude",
    score: Score = "points",
    variance: Variance = "cr2",
) -> Estimate:
    """Estimate the mean of an index of items among those who answered enough of them.

    Parameters
    ----------
    sample : Sample
    items : sequence of str
        Harmonised scales or yes/no variables; numbers are taken as they are.
    by : str or sequence of str, default ()
        Domain variables; one mean per combination present.
    least : float, default 0.6
        Share of the items that a respondent must have answered, above 0 and up to 1.
    dont_know : str, default "exclude"
        "exclude": a don't know (or prefer not to say) is an item not answered. "outcome": the index is the share of
        items to which the respondent said so. "not confident": the index is the share of items answered with a
        favourable answer, a don't know being none; it is never given a place on the scale.
    score : str, default "points"
        Unit of the index under "exclude": "points" runs from 1 (least favourable) to the number of answers, 5 for
        five answers; "unit" from 0 to 1, for items of different length. Shares of items lie in 0-1.
    variance : str, default "cr2"
        As in `mean`.

    Returns
    -------
    Estimate
        Means, k domains; labels variable ("index") and the domain variables.

    Raises
    ------
    WrongUseError
        If `least`, `dont_know` or `score` is not allowed, or no or repeated items are named.
    EstimationError
        If an item does not exist, can't be scored, has no favourable answers where they are needed, or was not
        asked in a wave in which other items were.
    """
    indexed = add_index(sample, "index", items, least=least, dont_know=dont_know, score=score)
    return mean(indexed, "index", by=by, variance=variance)


def add_index(
    sample: Sample,
    name: str,
    items: Sequence[str],
    *,
    least: float = 0.6,
    dont_know: DontKnow = "exclude",
    score: Score = "points",
) -> Sample:
    """Add an index of items as a numeric variable, for means, changes between waves and regressions.

    Parameters and errors as in `index`; `name` is the new variable's.

    Returns
    -------
    Sample
        The same respondents; the index is missing where too few items were answered. It counts as something that
        attending may have changed if any item does.
    """
    check_policy(dont_know)
    if not 0 < least <= 1:
        msg = f"Cannot make an index with least={least}: it is a share of the items, above 0 and up to 1."
        raise WrongUseError(msg)
    scores = item_scores(sample, items, score=score)
    _require_asked(sample, items, scores)
    if dont_know != "exclude":
        scores = _shares_of_items(sample, items, dont_know)
    answers = sample.answers.assign(**{name: _means(scores, least)})
    codebook = {**sample.codebook, name: _described(sample, name, items)}
    return replace(sample, answers=answers, codebook=codebook)


def _means(scores: FloatArray, least: float) -> FloatArray:
    """Mean of the items answered, shape (n,); missing where fewer than the share `least` were."""
    answered = ~np.isnan(scores)
    count = answered.sum(axis=1)
    needed = np.ceil(least * scores.shape[1] - 1e-9)  # 0.6 x 5 is 3 items, whatever the last binary digit says
    total = np.where(answered, scores, 0.0).sum(axis=1)
    return np.where(count >= needed, total / np.maximum(count, 1), np.nan)


def _shares_of_items(sample: Sample, items: Sequence[str], dont_know: DontKnow) -> FloatArray:
    """1 or 0 per item, shape (n, items): a don't know, or a favourable answer; missing where neither was given."""
    columns: list[FloatArray] = []
    for item in items:
        unsure = no_opinion(sample, item)
        codes, categories = categories_of(sample, item)
        hit = unsure if dont_know == "outcome" else np.isin(codes, _favourable(sample, item, categories))
        columns.append(np.where((codes >= 0) | unsure, hit.astype(float), np.nan))
    return np.column_stack(columns)


def _favourable(sample: Sample, item: str, categories: list[str]) -> list[int]:
    """Positions of the favourable answers."""
    known = sample.codebook.get(item)
    if known is None or not known.positive:
        msg = (
            f"Cannot count {item!r} as confident or not: the schema names no favourable answers for it. "
            f"Give it `positive` in harmonised.toml; its answers are {categories}."
        )
        raise EstimationError(msg)
    return [categories.index(answer) for answer in known.positive if answer in categories]


def _require_asked(sample: Sample, items: Sequence[str], scores: FloatArray) -> None:
    """Refuse items that one wave answered and another did not: their means are of different things."""
    if "wave" not in sample.answers.columns:
        return
    codes, waves = categories_of(sample, "wave")
    for position, wave in enumerate(waves):
        present = codes == position
        absent = [item for column, item in enumerate(items) if np.isnan(scores[present, column]).all()]
        if 0 < len(absent) < len(items):
            msg = (
                f"Cannot make one index for all waves: wave {wave!r} has no answers to {absent}. "
                "Use only items that every wave asked."
            )
            raise EstimationError(msg)


def _described(sample: Sample, name: str, items: Sequence[str]) -> Variable:
    """Describe the index from what is known of its items."""
    known = [sample.codebook[item] for item in items if item in sample.codebook]
    outcomes = {variable.outcome for variable in known}
    worst = _least_comparable(known)
    return Variable(
        name,
        title=f"Index of {len(items)} items",
        wording="; ".join(items),
        kind="number",
        outcome=outcomes.pop() if len(outcomes) == 1 else None,
        after_attendance=any(variable.after_attendance for variable in known),
        comparable={wave: worst[wave].comparable[wave] for wave in worst},
        reason={wave: f"{worst[wave].title}: {worst[wave].reason.get(wave, '')}" for wave in worst},
    )


def _least_comparable(known: Sequence[Variable]) -> dict[str, Variable]:
    """Find for each wave the item that changed most: an index can be compared no further than that."""
    waves = dict.fromkeys(wave for variable in known for wave in variable.comparable)
    return {
        wave: max(
            (variable for variable in known if wave in variable.comparable),
            key=lambda variable, wave=wave: _CHANGED.index(variable.comparable[wave]),
        )
        for wave in waves
    }
