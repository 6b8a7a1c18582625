"""How strong the case for a claim is, by the rubric's rules and never above what the design allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.evaluation.contribution_file import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evaluation.contribution_file import Level
    from lpact_eval.evaluation.contribution_looks import Looked

HIGHEST: Final[Level] = "some"  # volunteers who chose to attend: Maryland level 2 at best
FEWEST_KINDS: Final = 2


@dataclass(frozen=True, slots=True)
class Strength:
    """A level of the rubric, and why it is no higher."""

    level: Level
    reasons: tuple[str, ...]


def strength(
    looked: Sequence[Looked], *, lead_for: int, lead_against: int, open_alternatives: int, with_survey: bool
) -> Strength:
    """Judge a claim by the rubric.

    Parameters
    ----------
    looked : sequence of Looked
        What surveys and records say.
    lead_for, lead_against : int
        Answers that the lead gave for the claim and against it.
    open_alternatives : int
        Other explanations that nobody ruled out.
    with_survey : bool
        Whether the claim rests on the survey.

    Returns
    -------
    Strength

    Notes
    -----
    None: nothing speaks for the claim. Some: two kinds of source or more (the survey's changes, its comparisons of
    attendees, each table of the records) speak for it, more findings than against it, the survey among them where the
    claim rests on it, and no other explanation is open. Weak: all between. The lead's own answers count for and
    against, but are no kind of source. Strong needs a comparison that people did not choose themselves; it is never
    reached.

    References
    ----------
    Mayne (2012), *Evaluation* 18, 270-280; Sherman et al. (1998), *Preventing Crime*, National Institute of Justice,
    for the Maryland scale.
    """
    found_for = [one for one in looked if one.side == "for"]
    found_against = [one for one in looked if one.side == "against"]
    n_for, n_against = len(found_for) + lead_for, len(found_against) + lead_against
    if n_for == 0:
        return Strength("none", ("nothing speaks for the claim",))
    answered = [one for one in looked if one.source == "survey" and one.side != "no answer"]
    tests = (
        (len({one.kind for one in found_for}) < FEWEST_KINDS, "fewer than two kinds of source speak for it"),
        (n_against >= n_for, "as much speaks against it as for it"),
        (with_survey and not answered, "it rests on the survey, which gave no answer"),
        (
            with_survey and bool(answered) and all(one.source != "survey" for one in found_for),
            "the survey on which it rests does not speak for it",
        ),
        (open_alternatives > 0, "other explanations are open"),
    )
    reasons = tuple(reason for hit, reason in tests if hit)
    if reasons:
        return Strength("weak", reasons)
    return Strength(HIGHEST, ("people chose themselves whether to attend: the design allows no more",))


def above(judgement: Level, allowed: Level) -> bool:
    """Tell whether a judgement is higher than another.

    >>> above("strong", "some"), above("weak", "weak")
    (True, False)
    """
    return LEVELS.index(judgement) > LEVELS.index(allowed)
