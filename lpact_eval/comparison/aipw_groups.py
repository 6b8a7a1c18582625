"""Models of attending and of answering for one group of respondents, or why it has none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.comparison.aipw import HIGHEST, LOWEST, Estimand, Group, Models, fit, tilts
from lpact_eval.comparison.aipw import scores as scores_of
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.propensity import OWN_ARM, layouts, scores
from lpact_eval.comparison.tiers import PEOPLE_A_COLUMN

if TYPE_CHECKING:
    from lpact_eval.comparison.arms import Question
    from lpact_eval.comparison.propensity import Layout
    from lpact_eval.sample import BoolArray, FloatArray

_TOO_FEW = "too few of a kind for a logistic one"


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Models of one group of g respondents among n.

    Attributes
    ----------
    name : str
        "All respondents" or a domain.
    members : ndarray of shape (n,), bool
    group : Group
    models : Models
    estimand : str
    weight : ndarray of shape (g,)
        Survey weights.
    """

    name: str
    members: BoolArray
    group: Group
    models: Models
    estimand: Estimand
    weight: FloatArray

    @property
    def score(self) -> FloatArray:
        """Propensity scores before truncation, shape (g,)."""
        return scores_of(self.group, self.models)

    @property
    def tilt(self) -> FloatArray:
        """Factors that make the arms alike, shape (g,)."""
        return tilts(self.group.treated, self.score, self.estimand)

    def spread(self, values: FloatArray, outside: float) -> FloatArray:
        """Put values of the group's respondents among those of all, shape (n,)."""
        everyone = np.full(self.members.size, outside)
        everyone[self.members] = values
        return everyone

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done in this group."""
        cut = int(((self.score < LOWEST) | (self.score > HIGHEST)).sum())
        arms = list(zip(("did not attend", "attended"), self.models.answers, strict=True))
        used = arms[:1] if self.estimand == "att" else arms
        alike = [words for words, model in arms if np.ptp(self.group.outcome[model.members]) == 0]
        linear = [words for words, model in used if self.group.share and not model.logistic and words not in alike]
        told = f"{cut} of {self.score.size} scores truncated to {LOWEST}-{HIGHEST}"
        return (
            *([told] if cut or self.name == ALL else []),
            *(f"linear model of the answers of those who {words}: {_TOO_FEW}" for words in linear),
            *(f"everybody who {words} gave the same answer: the interval leaves out chance there" for words in alike),
        )


def fitted(question: Question, name: str, estimand: Estimand) -> Fitted | str:
    """Fit the models of a group, or say why there are none.

    Parameters
    ----------
    question : Question
    name : str
        "All respondents", with the domains' main effects, or a domain.
    estimand : str
        "ate" or "att".
    """
    layout = layouts(question)[name]
    arms = (layout.treated, layout.outcome, layout.weight)
    reasons = _too_small(question, layout) or [reason for reason in [scores(question)[name].refused] if reason]
    if not reasons:
        group = replace(Group.of(layout.matrix, arms), share=question.roles.answer is not None)
        models = fit(group)
        if np.isfinite(models.attending).all():
            return Fitted(name, layout.members, group, models, estimand, layout.weight)
        reasons = ["no propensity scores: the adjusters all but tell the arms apart"]
    return "; ".join(reason if name == ALL else f"{reason} ({name})" for reason in reasons)


def _too_small(question: Question, layout: Layout) -> list[str]:
    """Say which arm is too small for models, never by how much."""
    arms = zip(question.counts[layout.name], ("attended", "did not attend"), strict=True)
    small = [f"fewer than {OWN_ARM} {words}" for count, words in arms if count < OWN_ARM]
    if not small and layout.smaller_arm < PEOPLE_A_COLUMN * len(layout.columns):
        small = [f"fewer than {PEOPLE_A_COLUMN} in the smaller arm for each column of adjusters"]
    return small
