"""How each synthetic wave was asked and coded, read from questionnaire_<wave>.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict

from lpact_eval.waves.located import read_toml, validated

_FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Codes:
    """What stands in the delivered file for each harmonised answer.

    Attributes
    ----------
    answers : mapping of str to tuple of str
        Harmonised answer or kind of missing to one or more delivered codes; several take turns.
    labels : mapping of str to str
        Labels of codes that a file with labels carries.
    declared_missing : tuple
        Codes, and [lowest, highest] ranges of codes, that the file declares as missing.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    answers: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    declared_missing: tuple[float | tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One delivered column.

    Attributes
    ----------
    column : str
        Name in the file.
    variable : str
        Harmonised variable that it delivers.
    text : str
        Question as asked.
    codes : str
        Which code list it uses; "" delivers the answer as it is.
    option : str
        For a question where several may be ticked: the option that this column is for.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    column: str
    variable: str
    text: str = ""
    codes: str = ""
    option: str = ""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """All columns of one wave in the order of the file, and their code lists."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    title: str
    columns: tuple[Asked, ...]
    codes: Mapping[str, Codes]


@cache
def read_questionnaire(wave: str) -> Questionnaire:
    """Read how a synthetic wave was asked.

    Parameters
    ----------
    wave : str
        "2022" or "rerun".

    Returns
    -------
    Questionnaire
    """
    return validated(Questionnaire, read_toml(Path(__file__).with_name(f"questionnaire_{wave}.toml")))
