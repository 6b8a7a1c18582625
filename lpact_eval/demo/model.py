"""The parameters of the synthetic world, read from model.toml."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict

from lpact_eval.waves.located import read_toml, validated

WAVES = ("2022", "rerun")
FIELDWORK = {
    "2022": (dt.date(2022, 5, 16), dt.date(2022, 7, 29)),
    "rerun": (dt.date(2024, 9, 2), dt.date(2024, 11, 29)),
}
Numbers = tuple[float, ...]
_FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who attends and what attending does.

    Attributes
    ----------
    effect, share : numbers by ethnic group
        Effect on the share confident if everybody attended; share who attended.
    age, contact, stopped : log odds of attending
    events : numbers
        Shares of those who attended with three or more events, two, one.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    effect: Numbers
    share: Numbers
    age: Numbers
    contact: float
    stopped: float
    events: Numbers


@dataclass(frozen=True, slots=True)
class Trust:
    """What a person's trust depends on, on the probit scale, and how alike answers are."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    age: Numbers
    sex: Numbers
    area_group: Numbers
    contact: float
    stopped: float
    officer: float
    officer_present: float
    person_variance: float
    site_variance: float


@dataclass(frozen=True, slots=True)
class LogOdds:
    """Log odds of an event by ethnic group, age and sex."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    age: Numbers
    group: Numbers = (0.0, 0.0, 0.0, 0.0, 0.0)
    sex: Numbers = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Volunteering:
    """Relative chances of taking part by age and sex."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    age: Numbers
    sex: Numbers


@dataclass(frozen=True, slots=True)
class Recruitment:
    """How respondents relate to the site that recruited them."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    local: float


@dataclass(frozen=True, slots=True)
class Site:
    """One recruitment site: where it lies, how it recruits, and how many it recruits of each ethnic group."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    area: str
    route: str
    respondents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """How answers to one item arise from a person's trust.

    Attributes
    ----------
    cuts : str
        Which cut-points part its answers.
    level, later : float
        Shift against conf_overall; shift of the re-run.
    trust : float
        How much of the person's trust enters.
    attended : float
        Effect of attending beyond trust.
    group : numbers
        Shift by ethnic group.
    missing : numbers
        Chances of don't know, prefer not to say, blank.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    cuts: str
    missing: Numbers
    level: float = 0.0
    later: float = 0.0
    trust: float = 1.0
    attended: float = 0.0
    group: Numbers = (0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Model:
    """All parameters of the synthetic world; model.toml explains each."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    groups: tuple[str, ...]
    ages: tuple[str, ...]
    sexes: tuple[str, ...]
    area_groups: tuple[str, ...]
    details: Mapping[str, float]
    confident: Mapping[str, Numbers]
    attendance: Attendance
    trust: Trust
    contact: LogOdds
    stopped: LogOdds
    disability: LogOdds
    volunteering: Mapping[str, Volunteering]
    recruitment: Recruitment
    sites: Mapping[str, tuple[Site, ...]]
    cuts: Mapping[str, Numbers]
    items: Mapping[str, Question]
    unanswered: Mapping[str, float]
    not_asked: Mapping[str, tuple[str, ...]]
    reasons_not: Mapping[str, float]
    communities: Mapping[str, tuple[str, ...]]


@cache
def read_model() -> Model:
    """Read the parameters that ship with the package.

    Returns
    -------
    Model

    Raises
    ------
    DefinitionError
        If model.toml was changed and no longer fits.
    """
    return validated(Model, read_toml(Path(__file__).with_name("model.toml")))
