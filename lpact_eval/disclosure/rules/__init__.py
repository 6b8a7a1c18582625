"""Thresholds and presentation standards, as data: one rule for every table, chart and file of a release."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Mapping

Tier = Literal["suppressed", "withheld", "indicative", "small", "full", "refused"]
Reason = Literal["small base", "subtraction", "same answer"]

_HERE: Final = Path(__file__).parent
SHIPPED: Final = ("uk", "nchs")
_RISING: Final = ("suppress_below", "withhold_below", "indicative_below", "small_below")
_FEWEST: Final = 3  # respondents: a threshold below it would show single answers by subtraction


@dataclass(frozen=True, slots=True)
class Proportions:
    """How precise a share must be to be shown, whatever its base.

    Attributes
    ----------
    effective_below : int
        Below this effective number of respondents it is withheld.
    widest : float
        An interval as wide as this is withheld, as a proportion.
    narrow : float
        An interval no wider than this is shown.
    widest_relative : float
        Between both: no wider than this many times the share.
    few_df : int
        Fewer degrees of freedom than this are flagged.

    References
    ----------
    Parker, J. D. et al. (2017), *National Center for Health Statistics data presentation standards for proportions*,
        Vital and Health Statistics, series 2, no. 175.
    """

    effective_below: int
    widest: float
    narrow: float
    widest_relative: float
    few_df: int


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
    rounding_base : int, default 5
        Where counts are rounded instead of hidden: to multiples of it.
    proportions : Proportions, optional
        How precise a share must be.
    """

    name: str
    title: str
    suppress_below: int
    withhold_below: int
    indicative_below: int
    small_below: int
    uniform_below: int
    rounding_base: int = 5
    proportions: Proportions | None = None

    def tier(self, base: int) -> Tier:
        """Say what may be read at this base."""
        if base < self.suppress_below:
            return "suppressed"
        if base < self.withhold_below:
            return "withheld"
        if base < self.indicative_below:
            return "indicative"
        return "small" if base < self.small_below else "full"


MARKS: Final = {
    "[c]": "suppressed to protect confidentiality",
    "[u]": "based on a small number of respondents: withheld, or shown for indication only",
    "[x]": "not available",
    "[z]": "not applicable",
}


def read_rules(file: str | Path) -> Rules:
    """Read a set of rules from a file, such as those in this folder.

    Parameters
    ----------
    file : path
        TOML with the names of `Rules`, and a table [proportions] with those of `Proportions` if shares must be so
        precise. The set's name is the file's.

    Returns
    -------
    Rules

    Raises
    ------
    WrongUseError
        If there is no such file, or a name or number in it can't be.
    """
    path = Path(file)
    try:
        written = cast("dict[str, object]", tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = "it can't be read" if isinstance(error, OSError) else f"it is no TOML ({error})"
        msg = f"Cannot read rules from {path.as_posix()}: {reason}. See the shipped {SHIPPED[0]}.toml for the form."
        raise WrongUseError(msg) from None
    asked = written.pop("proportions", None)
    given = {"name": path.stem, "title": path.stem, **written}
    _check_names(given, Rules, path, set(given) | {"proportions"})
    proportions = None
    if asked is not None:
        table = cast("dict[str, object]", asked if isinstance(asked, dict) else {"proportions": asked})
        _check_names(table, Proportions, path, set(table))
        proportions = Proportions(**cast("dict[str, int]", table))
    rules = Rules(**cast("dict[str, int]", given), proportions=proportions)  # pyright: ignore[reportArgumentType] - names are checked above
    _check_thresholds(rules, path)
    return rules


def _check_names(given: Mapping[str, object], kind: type[Rules | Proportions], path: Path, there: set[str]) -> None:
    """Refuse names that rules don't have, those that lack, and what is no number."""
    known = {field.name: field.default for field in fields(kind)}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        near = get_close_matches(unknown[0], known, n=1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        msg = f"Cannot read rules from {path.as_posix()}: {unknown} are not known; there are {list(known)}.{meant}"
        raise WrongUseError(msg)
    absent = [name for name, default in known.items() if default is MISSING and name not in there]
    if absent:
        msg = f"Cannot read rules from {path.as_posix()}: {absent} are not there. Give each a number."
        raise WrongUseError(msg)
    for name, value in given.items():
        whole = name.endswith(("_below", "_base", "_df"))
        fits = isinstance(value, str) if name in {"name", "title"} else _is_number(value, whole=whole)
        if not fits:
            kind_of = "a text" if name in {"name", "title"} else "a whole number" if whole else "a number"
            msg = f"Cannot read rules from {path.as_posix()}: {name} must be {kind_of} above 0."
            raise WrongUseError(msg.replace("a text above 0", "a text"))


def _is_number(value: object, *, whole: bool) -> bool:
    """Whether a value is a number above 0."""
    return isinstance(value, int if whole else int | float) and not isinstance(value, bool) and value > 0


def _check_thresholds(rules: Rules, path: Path) -> None:
    """Refuse thresholds out of order, or so low that single answers could be told."""
    found = [rules.suppress_below, rules.withhold_below, rules.indicative_below, rules.small_below]
    if found != sorted(found) or found[0] < _FEWEST:
        msg = (
            f"Cannot use the rules in {path.as_posix()}: {', '.join(_RISING)} are {found}; they must not fall, and the "
            f"first is {_FEWEST} or more."
        )
        raise WrongUseError(msg)


@cache
def _shipped(name: str) -> Rules:
    """Read a shipped set once."""
    return read_rules(_HERE / f"{name}.toml")


UK: Final = _shipped("uk")


def find_rules(rules: str | Rules) -> Rules:
    """Look a set of rules up by name, or read the user's own from a file; a set that is given is used as it is."""
    if isinstance(rules, Rules):
        return rules
    if rules in SHIPPED:
        return _shipped(rules)
    if rules.endswith(".toml"):
        return read_rules(rules)
    msg = (
        f"Cannot publish under the rules {rules!r}: known are {sorted(SHIPPED)}. Give one of these, a .toml file of "
        "your own, or a Rules object."
    )
    raise WrongUseError(msg)
