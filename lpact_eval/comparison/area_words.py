"""What a before-after comparison of areas supposes, says and does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.comparison.designs import outcome_words, titles_of
from lpact_eval.comparison.tiers import FEWEST_DF

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.comparison.arms import Question
    from lpact_eval.estimation.estimate import Estimate

NOT_SHOWN: Final = (
    "It compares areas, not people: it does not show how those who went would have answered otherwise, and most people "
    "in event areas need not have gone. Events were not placed by lot, so that whatever else set event areas apart "
    "between the waves is part of the difference."
)
SPREAD: Final = "What was done in event areas did not reach people in the others, and people did not move between them."
DIFFERENT: Final = "Different people answered in each wave: areas' answers are followed, and nobody's own."
NOTHING_ELSE: Final = "Nothing else happened between the waves in one kind of area only."
DOUBTED: Final = "event areas and others moved differently before: parallel trends are in doubt"
NOT_CLEAR: Final = "no different movement is clear before; that does not show that trends were parallel"


def estimand_words(question: Question, waves: tuple[str, str], adjust: tuple[str, ...]) -> str:
    """Say in words what is estimated."""
    roles, sample = question.roles, question.sample
    alike = f", alike in {titles_of(sample, adjust)}" if adjust else ""
    each = f", overall and by {titles_of(sample, roles.by)}" if roles.by else ""
    return (
        f"Change in {outcome_words(question)} from {waves[1]} to {waves[0]} among respondents in event areas, less the "
        f"change among respondents in the other areas{alike}{each} (difference in differences)."
    )


def assumptions(question: Question, adjust: tuple[str, ...], *, earlier: bool) -> tuple[str, ...]:
    """List what the difference has to suppose to be put down to the events."""
    checked = "earlier waves are compared in `pretrend`" if earlier else "there is no earlier wave to look at"
    titles = titles_of(question.sample, adjust)
    who = (
        f"Who answered shifted between the waves in {titles} only, which bear on the answer alike in all four groups, "
        "or shifted alike in both kinds of area."
        if adjust
        else "Who answered shifted alike in both kinds of area, or the weights make up for it; see `composition`."
    )
    parallel = (
        "Without the events, answers in event areas would have moved as those in the others did (parallel trends). "
        f"Two waves can't show that; {checked}."
    )
    return (
        parallel,
        DIFFERENT,
        SPREAD,
        who,
        NOTHING_ELSE,
    )


def readings(estimate: Estimate) -> tuple[str, ...]:
    """Say of each row what its interval allows; nothing where it is refused."""
    low, high = estimate.confint()
    found: list[str] = []
    for place, reason in enumerate(estimate.refused):
        if reason:
            found.append("")
        elif float(estimate.df[place]) < FEWEST_DF:
            found.append("Too few areas for a test: the interval is indicative, and we can't tell.")
        elif low[place] > 0:
            found.append("Answers moved further up, or less far down, in event areas than in the others.")
        elif high[place] < 0:
            found.append("Answers moved further down, or less far up, in event areas than in the others.")
        else:
            found.append("We can't tell from these answers whether event areas and the others moved differently.")
    return tuple(found)


def pretrend_flags(pretrend: pd.DataFrame) -> list[str]:
    """Flag earlier waves in which the two kinds of area moved apart."""
    if pretrend.empty:
        return []
    clear = (pretrend["p_value"] < 0.05).to_numpy(dtype=bool)  # noqa: PLR2004 - the level of the intervals
    return [DOUBTED] if bool(np.any(clear)) else []
