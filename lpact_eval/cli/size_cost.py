"""The file of what a survey costs and is for: rates, kinds of places, and a target a group."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict

from lpact_eval.planning.cost_terms import Place, Rates, Target
from lpact_eval.waves.located import read_toml, validated


@dataclass(frozen=True, slots=True)
class _Rates:
    """The keys of [rates], in pounds, minutes and pounds."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    hourly_rate: float
    minutes_interview: float
    minutes_approach: float = 0.0
    incentive: float = 0.0


@dataclass(frozen=True, slots=True)
class _Place:
    """The keys of a [[place]]."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    response: float
    share: float | Mapping[str, float] = 1.0
    cost: float = 0.0
    travel: float = 0.0
    staff_hours: float = 0.0
    capacity: float = math.inf
    available: float = math.inf


@dataclass(frozen=True, slots=True)
class _Target:
    """The keys of a [[target]]; the first is the most important."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    group: str
    icc: float
    n_effective: float | None = None
    half_width: float | None = None
    change: float | None = None
    baseline: float = 0.5
    first_wave: float | None = None
    df_first: float = math.inf
    power: float = 0.8
    level: float = 0.95
    cv: float = 0.0
    design_effect: float = 1.0


@dataclass(frozen=True, slots=True)
class _CostFile:
    """The keys of the file."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    rates: _Rates
    place: tuple[_Place, ...]
    target: tuple[_Target, ...]


@dataclass(frozen=True, slots=True)
class Costs:
    """What a survey costs and is for.

    Attributes
    ----------
    rates : Rates
    places : tuple of Place
    targets : tuple of Target
    """

    rates: Rates
    places: tuple[Place, ...]
    targets: tuple[Target, ...]


def read_cost(path: Path) -> Costs:
    """Read the file.

    Parameters
    ----------
    path : Path
        [rates], one [[place]] a kind of place and one [[target]] a group, in order of importance.

    Returns
    -------
    Costs

    Raises
    ------
    DefinitionError
        If a key is unknown or missing, or no number: file and line.
    """
    found = validated(_CostFile, read_toml(path))
    return Costs(
        Rates(**asdict(found.rates)),
        tuple(Place(**asdict(place)) for place in found.place),
        tuple(Target(**asdict(target)) for target in found.target),
    )
