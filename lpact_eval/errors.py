"""What can go wrong, by kind; every message says what failed, what was found, what is allowed and what to do."""

import re

_LONGEST_WORD, _KEPT = 1000, 100  # characters of an unbroken word in a message, and what is left of a longer one


class LpactError(Exception):
    """Something the user can put right; the message says how."""

    exit_code = 2

    def __init__(self, message: str = "") -> None:
        super().__init__(_shortened(message))


class WrongUseError(LpactError):
    """A function or command was called with arguments that it does not take."""

    exit_code = 1


class DefinitionError(LpactError):
    """A definition or plan file is wrong; the message names the file and the line."""


class HarmonisationError(LpactError):
    """Delivered answers do not fit their definition."""


class WeightingError(LpactError):
    """Weights that meet the margins do not exist or were not found."""


class EstimationError(LpactError):
    """An estimate was asked for that the sample or its design cannot give."""


class DisclosureError(LpactError):
    """Stopped to protect respondents' confidentiality."""

    exit_code = 3


class LpactWarning(UserWarning):
    """The answer asked for is given, and there is something to know about it."""


def _shortened(message: str) -> str:
    """Cut words that a damaged file made endlessly long; what a person typed stays whole."""
    if len(message) <= _LONGEST_WORD:
        return message
    cut = f"\\S{{{_LONGEST_WORD},}}"
    return re.sub(cut, lambda word: f"{word[0][:_KEPT]}... ({len(word[0])} characters)", message)
