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
_TEXTS: Final = frozenset({"name", "title"})
_ACTIONS: Final = ("flag", "hide")
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
class Dominance:
    """When a total over events is too much one event's, and what becomes of it.

    Attributes
    ----------
    share : float
        The largest events may not make up more than this share of a total.
    largest : int
        How many of them count together.
    within : float, optional
        Nor may the second largest event be able to tell the largest one's part to within this share of it: the p% rule.
    action : {"flag", "hide"}
        A total that is dominated is marked in words, or hidden with all from which it could be had.
    """

    share: float
    largest: int = 1
    within: float | None = None
    action: Literal["flag", "hide"] = "flag"


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
        What `round_counts` rounds the counts of a table to. Releases hide counts and never round them.
    proportions : Proportions, optional
        How precise a share must be.
    dominance : Dominance, optional
        When a total is too much one event's.
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
    dominance: Dominance | None = None

    def tier(self, base: int) -> Tier:
        """Say what may be read at this base."""
        if base < self.suppress_below:
            return "suppressed"
        if base < self.withhold_below:
            return "withheld"
        if base < self.indicative_below:
            return "indicative"
        return "small" if base < self.small_below else "full"


_TABLES: Final[Mapping[str, type[Proportions | Dominance]]] = {"proportions": Proportions, "dominance": Dominance}

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
        TOML with the names of `Rules`, a table [proportions] with those of `Proportions` if shares must be so precise,
        and a table [dominance] with those of `Dominance` if totals are looked at so. The set's name is the file's.

    Returns
    -------
    Rules

    Raises
    ------
    WrongUseError
        If there is no such file, a name or number in it can't be, or it asks for rounded counts.

    Notes
    -----
    A release is never rounded instead of hidden. Its shares, intervals and tests are worked out of the counts as they
    are: a share of 25/67 to many places, or the width of an interval, tells that the rounded 65 are 67, and the
    subtraction that rounding is to prevent is done with exact numbers. No auditor of counts alone would see it.
    """
    path = Path(file)
    try:
        written = cast("dict[str, object]", tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = "it can't be read" if isinstance(error, OSError) else f"it is no TOML ({error})"
        msg = f"Cannot read rules from {path.as_posix()}: {reason}. See the shipped {SHIPPED[0]}.toml for the form."
        raise WrongUseError(msg) from None
    _refuse_rounding(written, path)
    tables = {name: written.pop(name) for name in _TABLES if name in written}
    given = {"name": path.stem, "title": path.stem, **written}
    _check_names(given, Rules, path, set(given) | _TABLES.keys())
    made = {name: _read_table(table, name, path) for name, table in tables.items()}
    rules = Rules(**cast("dict[str, int]", {**given, **made}))  # pyright: ignore[reportArgumentType] - names are checked above
    _check_thresholds(rules, path)
    return rules


def _refuse_rounding(written: Mapping[str, object], path: Path) -> None:
    """Refuse to round: never is a release given out unrounded to somebody who asked for the other."""
    if "rounding" in written:
        msg = (
            f"Cannot publish with rounded counts, as {path.as_posix()} asks: the shares and intervals of a release are "
            "worked out of the counts as they are and would tell what was rounded. Remove rounding from the file; "
            "counts are hidden instead. For a table of counts alone there is "
            "lpact_eval.disclosure.rounding.round_counts."
        )
        raise WrongUseError(msg)


def _read_table(table: object, name: str, path: Path) -> Proportions | Dominance:
    """Read a table of rules."""
    found = cast("dict[str, object]", table if isinstance(table, dict) else {name: table})
    kind = _TABLES[name]
    _check_names(found, kind, path, set(found))
    made = kind(**cast("dict[str, int]", found))  # pyright: ignore[reportArgumentType] - names are checked above
    if isinstance(made, Dominance) and not (_is_part(made.share) and (made.within is None or _is_part(made.within))):
        msg = f"Cannot use the rules in {path.as_posix()}: share and within of [dominance] lie between 0 and 1."
        raise WrongUseError(msg)
    return made


def _is_part(share: float) -> bool:
    """Whether a number lies between 0 and 1, and is neither."""
    return 0 < share < 1


def _check_names(
    given: Mapping[str, object], kind: type[Rules | Proportions | Dominance], path: Path, there: set[str]
) -> None:
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
        whole = name == "largest" or name.endswith(("_below", "_base", "_df"))
        if name in _TEXTS:
            fits, needed = isinstance(value, str), "a text"
        elif name == "action":
            fits, needed = value in _ACTIONS, f"one of {', '.join(_ACTIONS)}"
        else:
            fits, needed = _is_number(value, whole=whole), f"a {'whole ' if whole else ''}number above 0"
        if not fits:
            msg = f"Cannot read rules from {path.as_posix()}: {name} must be {needed}."
            raise WrongUseError(msg)


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
