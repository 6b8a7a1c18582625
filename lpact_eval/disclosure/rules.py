"""Thresholds and presentation standards, as data: one rule for every table, chart and file of a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from lpact_eval.errors import WrongUseError

Tier = Literal["suppressed", "withheld", "indicative", "small", "full", "refused"]
Reason = Literal["small base", "subtraction", "same answer"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be read at which unweighted base.

    Attributes
    ----------
    name, title : str
    suppress_below : int
        Below it nothing of the row is published, its base included.
    withhold_below : int
        Below it the base is published and the estimate is not.
    indicative_below : int
        Below it the estimate is published with a mark, without test and without chart.
    small_below : int
        Below it the row carries a note.
    uniform_below : int
        Below it a share of 0 or 1, or near to them, is not published: it would tell how everyone in the group answered.
    """

    name: str
    title: str
    suppress_below: int
    withhold_below: int
    indicative_below: int
    small_below: int
    uniform_below: int

    def tier(self, base: int) -> Tier:
        """Say what may be read at this base."""
        if base < self.suppress_below:
            return "suppressed"
        if base < self.withhold_below:
            return "withheld"
        if base < self.indicative_below:
            return "indicative"
        return "small" if base < self.small_below else "full"


UK: Final = Rules(
    name="uk",
    title="UK default",
    suppress_below=10,
    withhold_below=30,
    indicative_below=50,
    small_below=100,
    uniform_below=50,
)
RULES: Final = {UK.name: UK}

MARKS: Final = {
    "[c]": "suppressed to protect confidentiality",
    "[u]": "based on a small number of respondents: withheld, or shown for indication only",
    "[x]": "not available",
    "[z]": "not applicable",
}


def find_rules(rules: str | Rules) -> Rules:
    """Look a set of rules up by name; a set that is given is used as it is."""
    if isinstance(rules, Rules):
        return rules
    if rules not in RULES:
        msg = (
            f"Cannot publish under the rules {rules!r}: known are {sorted(RULES)}. Give one of these or a Rules object."
        )
        raise WrongUseError(msg)
    return RULES[rules]
