"""How each harmonised variable was delivered in one wave: the tables of crosswalk.toml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, cast

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Missing = Literal["don't know", "prefer not to say", "not asked", "blank"]
CodeListName = Literal["", "police-18+1", "police-16+1", "census-2021", "census-2011"]
Derivation = Literal["", "age from date of birth", "age from year of birth"]
_FORBID = ConfigDict(extra="forbid")


def _column_names(given: object) -> object:
    """Take one column's name or a list of names; line breaks and repeated spaces of a question are one space."""
    names = (given,) if isinstance(given, str) else ()
    if isinstance(given, list | tuple):
        names = tuple(cast("Sequence[object]", given))
    if not names or not all(isinstance(name, str) for name in names):
        kind, text = "column_names", 'Give the name of a delivered column, or a list of them: ["Q1", "Q1 (online)"]'
        raise PydanticCustomError(kind, text)
    return tuple(folded for name in names if (folded := " ".join(str(name).split())))


@dataclass(frozen=True, slots=True)
class CodesOf:
    """A delivered column and those of its codes that are accepted."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    column: str
    accept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """How one harmonised variable was delivered in one wave.

    Attributes
    ----------
    names : tuple of str
        Written `column`: the delivered column, by its name or the exact question text; or several columns that hold
        the same question, the first answered one of which counts.
    columns : mapping of str to str
        For one delivered column an option: delivered column to harmonised answer (or, for a single choice, to kind of
        missing).
    separator : str
        For a set in one column: what stands between the options.
    options : str
        "columns": for a set with a column an option, each called after the question, which `column` gives, and the
        option, which `answers` maps; the columns need not be named one by one.
    wording, comparable, reason : str
        Wording where it differs, and how far answers may be compared with other waves.
    rule : str
        How the points of another scale were matched to the harmonised one, in a sentence.
    answers : mapping of str to str
        Delivered code or text to harmonised answer.
    missing : mapping of str to str
        Delivered code or text to kind of missing; the key "" stands for an empty cell.
    numbers : mapping of str to float
        Delivered words to the number that they stand for.
    by : str
        "label": the keys of `answers`, `missing` and `numbers` are the file's value labels; else its codes.
    codes : str
        Standard list of ethnic groups whose codes and wordings are mapped; `answers` and `missing` add to it.
    range : tuple of two numbers or None
        Lowest and highest possible number.
    derive, at : str
        What a number is worked out from while reading, and the day that it holds for: the first of fieldwork unless
        stated.
    lookup : str
        File that maps free text to answers.
    disagree : str
        What becomes of rows that answer several columns differently: "blank", or "first" column counts.
    order : str
        "as mapped": numeric codes are right although they don't follow the scale.
    labels : str
        "wrong": the file's value labels contradict the codes, and are known to be wrong.
    variants : bool
        Codes or texts that lead to one answer are one point in other words, not several points.
    asked_if : CodesOf or None
        Only respondents with these codes were asked: empty cells of others count as "not asked".
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    names: Annotated[tuple[str, ...], Field(alias="column"), BeforeValidator(_column_names)] = ()
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    separator: str = ""
    options: Literal["", "columns"] = ""
    wording: str = ""
    comparable: Literal["full", "partial", "none"] = "full"
    reason: str = ""
    rule: str = ""
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: Mapping[str, Missing] = field(default_factory=dict[str, Missing])
    numbers: Mapping[str, Annotated[float, Field(strict=True, allow_inf_nan=False)]] = field(
        default_factory=dict[str, float]
    )
    by: Literal["", "label"] = ""
    codes: CodeListName = ""
    range: tuple[float, float] | None = None
    derive: Derivation = ""
    at: Literal["", "interview", "fieldwork start", "fieldwork end"] = ""
    lookup: str = ""
    disagree: Literal["", "blank", "first"] = ""
    order: Literal["", "as mapped"] = ""
    labels: Literal["", "wrong"] = ""
    variants: bool = False
    asked_if: CodesOf | None = None

    @property
    def column(self) -> str:
        """The delivered column in words; several are joined by " / "."""
        return " / ".join(self.names)

    @property
    def delivered(self) -> tuple[str, ...]:
        """Names of all delivered columns that hold the variable."""
        return (*self.names, *self.columns)

    @property
    def why(self) -> str:
        """Why answers are not fully comparable: the reason, and the rule by which points were matched."""
        return sentences(self.reason, self.rule)


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Harmonised variables that this wave did not ask, and why."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    variables: tuple[str, ...] = ()
    reason: str = ""


def sentences(*texts: str) -> str:
    """Put texts behind each other, each but the last ended as a sentence."""
    said = [text.strip() for text in texts if text.strip()]
    return " ".join([*(text if text[-1] in ".!?" else f"{text}." for text in said[:-1]), *said[-1:]])
