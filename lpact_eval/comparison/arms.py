"""Who attended and who did not, among those with complete answers, and in which domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from lpact_eval.comparison.adjusted import independent, indicators, variable_of
from lpact_eval.comparison.balance import ALL, Arms
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.domains import categories_of, domains_of, positions_of
from lpact_eval.regression.terms import complete, prepared_columns, read_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.regression.columns import Codes, Column
    from lpact_eval.sample import BoolArray, FloatArray, IntArray, Sample

_Found = TypeVar("_Found")
_YES, _NO = frozenset({"yes", "1", "True"}), frozenset({"no", "0", "False"})
_SMALL: Final = 10  # respondents under whom no count is told
_BESIDE_BOTH: Final = frozenset(  # columns of tables that also have one for attendance and one for the domains
    {
        "variable",
        "answer",
        "estimate",
        "std_error",
        "conf_low",
        "conf_high",
        "df",
        "n",
        "n_effective",
        "design_effect",
        "refused",
        "raw",
        "detectable",
        "wording",
        "flags",
        "method",
        "p_value",
        "p_adjusted",
    }
)
_BESIDE_DOMAINS: Final = _BESIDE_BOTH | frozenset(
    {
        "covariate",
        "arm",
        "low",
        "high",
        "share",
        "measure",
        "value",
        "reading",
        "odds_ratio",
        "difference",
        "smd",
        "ks",
        "item",
        "family",
        "cell",
        "events",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """Which variable plays which part.

    Attributes
    ----------
    outcome, attended : str
    answer : tuple of str or None
        Answers that count; None for the mean of a numeric outcome.
    by, adjust : tuple of str
        Domain variables, and variables in which the arms are made comparable.
    """

    outcome: str
    answer: tuple[str, ...] | None
    attended: str
    by: tuple[str, ...]
    adjust: tuple[str, ...]

    @property
    def used(self) -> tuple[str, ...]:
        """All variables."""
        return (self.outcome, self.attended, *self.by, *self.adjust)

    @property
    def domain_column(self) -> str:
        """Name of the label column that holds the domain."""
        return " and ".join(self.by) or "group"

    @property
    def answer_text(self) -> str:
        """Answers that count, in words; empty for a mean."""
        return " or ".join(self.answer or ())


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Question:
    """What is compared among whom; n complete respondents.

    Attributes
    ----------
    sample : Sample
    roles : Roles
    rows : ndarray of shape (n,), int
        Positions of the complete respondents in the sample.
    asked : int
        Respondents of positive weight, complete or not.
    outcome : ndarray of shape (n,)
    arms : Arms
    absent : sequence of (str, int)
        Variable, and respondents without an answer to it.
    adjusters : mapping of str to Column
        n numbers, or n places in categories whose first level is the reference.
    """

    sample: Sample
    roles: Roles
    rows: IntArray
    asked: int
    outcome: FloatArray
    arms: Arms
    absent: Sequence[tuple[str, int]]
    adjusters: Mapping[str, Column]

    @property
    def missing(self) -> pd.DataFrame:
        """Respondents without an answer: variable, missing."""
        return pd.DataFrame(self.absent, columns=["variable", "missing"])

    @property
    def columns(self) -> tuple[tuple[str, ...], FloatArray]:
        """The adjusters as p numbers a respondent, reference levels left out: names, and a matrix of shape (n, p)."""
        return self._once("columns", self._columns)

    def _columns(self) -> tuple[tuple[str, ...], FloatArray]:
        """Lay out the adjusters."""
        found: dict[str, FloatArray] = {}
        for name in self.roles.adjust:
            found |= indicators(name, self.adjusters[name])
        return tuple(found), np.column_stack([np.zeros((self.rows.size, 0)), *found.values()])

    @property
    def left_out(self) -> int:
        """Respondents without an answer to one of the variables."""
        return self.asked - self.rows.size

    @property
    def left_out_text(self) -> str:
        """How many were left out, of a few never how many."""
        many = self.left_out if self.left_out >= _SMALL else f"fewer than {_SMALL}"
        return f"{many} of {self.asked} respondents left out"

    @property
    def alike(self) -> Mapping[str, tuple[bool, bool]]:
        """Whether all attendees, and all others, gave the same answer, altogether and in each domain."""
        return self._once("alike", self._alike)

    def _alike(self) -> Mapping[str, tuple[bool, bool]]:
        """Look whether anybody of an arm answered otherwise."""
        found: dict[str, tuple[bool, bool]] = {}
        for name, inside in self.arms.groups().items():
            parts = [self.outcome[inside & arm] for arm in (self.arms.treated, ~self.arms.treated)]
            found[name] = (bool((parts[0] == parts[0][:1]).all()), bool((parts[1] == parts[1][:1]).all()))
        return found

    @property
    def counts(self) -> Mapping[str, tuple[int, int]]:
        """Attendees and others altogether and in each domain."""
        return self._once("counts", self._counts)

    def _counts(self) -> Mapping[str, tuple[int, int]]:
        """Count the arms."""
        return {
            name: (int((inside & self.arms.treated).sum()), int((inside & ~self.arms.treated).sum()))
            for name, inside in self.arms.groups().items()
        }

    @property
    def units(self) -> Mapping[str, int]:
        """Sampling units altogether and in each domain."""
        return self._once("units", self._units)

    def _units(self) -> Mapping[str, int]:
        """Count sampling units."""
        psu = self.sample.design.psu[self.rows]
        return {name: int(np.unique(psu[inside]).size) for name, inside in self.arms.groups().items()}

    @property
    def idle(self) -> tuple[str, ...]:
        """Adjusters that take one value among the complete respondents."""
        return self._once("idle", self._idle)

    def _idle(self) -> tuple[str, ...]:
        """Look whether anybody has another value."""
        return tuple(name for name in self.roles.adjust if self.adjusters[name].constant)

    @property
    def redundant(self) -> tuple[str, ...]:
        """Adjusters that the domains and the adjusters before them explain altogether."""
        names, matrix = self.columns
        groups = (self.arms.domain[:, None] == np.arange(len(self.arms.names))).astype(float)
        free = independent(np.hstack([groups, matrix]))[groups.shape[1] :]
        used = {variable_of(name) for name, keep in zip(names, free, strict=True) if keep}
        return tuple(name for name in self.roles.adjust if name not in used and name not in self.idle)

    def _once(self, name: str, work: Callable[[], _Found]) -> _Found:
        """Work a property out once: every method asks for it, and every domain."""
        known = _KNOWN.setdefault(self, {})
        if name not in known:
            known[name] = work()
        return cast("_Found", known[name])


# A question never changes, so what follows from it is worked out once, and forgotten with it.
_KNOWN: WeakKeyDictionary[Question, dict[str, object]] = WeakKeyDictionary()


def roles_of(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None,
    *,
    attended: str,
    adjust: str | Sequence[str],
    by: str | Sequence[str],
) -> Roles:
    """Say which variable plays which part; domain variables among the adjusters count as domains.

    Raises
    ------
    WrongUseError
        If a variable is used twice.
    EstimationError
        If a variable does not exist, or attending may have changed an adjuster or a domain variable.
    """
    domains = _names(by)
    others = tuple(name for name in _names(adjust) if name not in domains)
    roles = Roles(variable, _answers(sample, variable, answer), attended, domains, others)
    _check_roles(sample, roles)
    return roles


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    """Take names without repeats."""
    return tuple(dict.fromkeys([names] if isinstance(names, str) else names))


def _answers(sample: Sample, variable: str, answer: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Take the answers given, else the favourable ones of the schema; None for the mean of a number."""
    if answer is not None:
        return _names(answer)
    known = sample.codebook.get(variable)
    return known.positive if known is not None and known.positive else None


def _check_roles(sample: Sample, roles: Roles) -> None:
    """Refuse variables used twice, variables that do not exist, and adjusters that attending may have changed."""
    if len(set(roles.used)) < len(roles.used):
        twice = sorted({name for name in roles.used if roles.used.count(name) > 1})
        msg = f"Cannot compare attendees: {twice} are used twice. Outcome, attendance, domains and adjusters differ."
        raise WrongUseError(msg)
    unknown = [name for name in roles.used if name not in sample.answers.columns]
    if unknown:
        known = sorted(map(str, sample.answers.columns))
        msg = f"Cannot compare attendees: there is no variable {unknown}; the sample has {known}."
        raise EstimationError(msg)
    changed = [name for name in roles.adjust if name in sample.codebook and sample.codebook[name].after_attendance]
    if changed:
        msg = (
            f"Cannot adjust for {changed}: attending may have changed them (after_attendance in harmonised.toml), and "
            "adjusting would take away part of the difference. Leave them out of adjust."
        )
        raise EstimationError(msg)
    moved = [name for name in roles.by if name in sample.codebook and sample.codebook[name].after_attendance]
    if moved:
        msg = (
            f"Cannot compare attendees by {moved}: attending may have changed who is in which group (after_attendance "
            "in harmonised.toml). Take groups that attending can't change."
        )
        raise EstimationError(msg)


def ask(sample: Sample, roles: Roles) -> Question:
    """Find the complete respondents, their outcome, arm and domain.

    Raises
    ------
    WrongUseError
        If the attendance or domain variable has the name of another column of the tables.
    EstimationError
        If nobody answered everything, an answer does not exist, the attendance variable is not yes/no, or two groups
        have one name.
    """
    _check_names(roles)
    weighty = sample.design.weight > 0
    title = f"{roles.outcome} by {roles.attended}"
    read = read_columns(sample, roles.used, title)
    rows = complete(read, weighty, title)
    domain, labels = domains_of(sample, roles.by)
    present, codes = np.unique(domain[rows], return_inverse=True)
    names = tuple(", ".join(key) for key in labels.take(present.tolist()).keys(roles.by)) if roles.by else (ALL,)
    if roles.by and (ALL in names or len(set(names)) < len(names)):
        msg = f"Cannot tell the groups of {list(roles.by)} apart: two have one name, or one is {ALL!r}. Rename it."
        raise EstimationError(msg)
    went = _went(roles.attended, *_places(sample, roles.attended, read[roles.attended]))
    arms = Arms(went[rows], sample.design.weight[rows], codes.astype(np.intp), names)
    absent = [(name, int((weighty & ~read[name].answered).sum())) for name in roles.used]
    outcome = _outcome(sample, roles, read[roles.outcome])[rows]
    adjusters = prepared_columns(sample, {name: read[name] for name in roles.adjust}, rows)
    return Question(sample, roles, rows, int(weighty.sum()), outcome, arms, absent, adjusters)


def _check_names(roles: Roles) -> None:
    """Refuse variables whose column a table could not tell from another of its columns."""
    own = [roles.attended, roles.domain_column]
    clash = [name for name, taken in zip(own, (_BESIDE_BOTH, _BESIDE_DOMAINS), strict=True) if name in taken]
    clash += own[:1] if own[0] == own[1] else []
    clash += [roles.domain_column] if len(roles.by) > 1 and roles.domain_column in roles.adjust else []
    if clash:
        msg = f"Cannot compare attendees with a variable called {clash[0]!r}: tables have such a column. Rename it."
        raise WrongUseError(msg)


def _places(sample: Sample, variable: str, column: Column) -> tuple[Codes, list[str]]:
    """Codes and names of a variable's categories; those of numbers are their texts."""
    return categories_of(sample, variable) if column.levels is None else (column.places, list(column.levels))


def _outcome(sample: Sample, roles: Roles, column: Column) -> FloatArray:
    """Take the outcome of every respondent: 1 for the answers that count, or the number."""
    variable = roles.outcome
    if roles.answer is not None:
        codes, categories = _places(sample, variable, column)
        return np.isin(codes, positions_of(variable, roles.answer, categories)).astype(float)
    if column.levels is not None:
        msg = f"Cannot average {variable!r}: it holds categories. Say which answers count, as in answer=[...]."
        raise EstimationError(msg)
    return column.numbers


def _went(attended: str, codes: Codes, categories: list[str]) -> BoolArray:
    """Find who attended; a missing answer reads as no here and is left out by the caller."""
    used = [name for position, name in enumerate(categories) if (codes == position).any()]
    other = [name for name in used if name not in _YES | _NO]
    if other:
        msg = f"Cannot use {attended!r} as attendance: it has the answers {other[:12]}; it has to be yes or no."
        raise EstimationError(msg)
    return np.isin(codes, [position for position, name in enumerate(categories) if name in _YES])
