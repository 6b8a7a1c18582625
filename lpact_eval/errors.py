"""What can go wrong, by kind; every message says what failed, what was found, what is allowed and what to do."""


class LpactError(Exception):
    """Something the user can put right; the message says how."""

    exit_code = 2


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
