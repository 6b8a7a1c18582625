"""Published rows as typed records, and how groups and waves are named and ordered."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.disclosure.published import Published

_NAME: Final = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")  # a word such as "sex" may mean what it says
_WORD: Final = re.compile(r"[a-z0-9]+")
EVERYONE: Final = "All respondents"
EXPLAINED: Final = ("level", "change", "gap", "gap difference")  # measures whose numbers a page explains one by one
CLEAR_BELOW: Final = 0.05
_SHORT_HASH: Final = 10  # characters of a name that stands twice on a page for each number
_LAST: Final = ("other", "any other", "prefer not", "not stated", "not known", "unknown")
_WAVE_LABELS: Final = {"rerun": "re-run"}
_IN_WAVE: Final = re.compile(r"\b(in|from|to) (rerun)\b")
_WAVE: Final = re.compile(r"\bwave(?=s?\b)")
_SHORT: Final = {
    "mode changed:": "People were asked in another way",
    "composition-sensitive:": "The three rows disagree",
}
_GROUP_LABELS: Final = {"Other": "Other ethnic group"}
_GROUPINGS: Final = {"ethnicity": "ethnic group", "age_band": "age group", "area_group": "area"}
_PEOPLE: Final = {
    EVERYONE: "all respondents",
    "Other": "respondents from other ethnic groups",
    "Mixed": "respondents from mixed ethnic groups",
}
_TESTED: Final = frozenset({"small", "full"})
_MODE_CHANGED: Final = "mode changed:"  # how the flags begin that sentences speak of
_SENSITIVE: Final = "composition-sensitive:"


@dataclass(frozen=True, slots=True)
class Row:
    """One published row; the fields are the columns of `Published.rows`, missing numbers are NaN and counts None."""

    indicator: str
    role: str
    measure: str
    variable: str
    title: str
    answer: str
    wave: str
    by: str
    group: str
    weights: str
    row: str
    main: bool
    family: str
    equivalent: str
    estimate: float
    conf_low: float
    conf_high: float
    df: float
    p_value: float
    p_adjusted: float
    n: int | None
    n_effective: float
    design_effect: float
    n_first: int | None
    n_second: int | None
    detectable: float
    comparable: str
    flags: str
    refused: str
    mark: str
    tier: str
    chart: bool
    note: str

    @property
    def question(self) -> tuple[str, str]:
        """What tells one question from another: the variable and the answers counted."""
        return self.variable, self.answer

    @property
    def slug(self) -> str:
        """The question as a name of letters, digits and underscores."""
        return "_".join(_WORD.findall(f"{self.variable} {self.answer}".casefold()))

    @property
    def made(self) -> str:
        """The name of its explanation; empty for a number that has none of its own."""
        if self.measure not in EXPLAINED:
            return ""
        words = "\n".join((*self.question, self.measure, self.wave, self.by, self.group))
        return f"made-{hashlib.sha256(words.encode()).hexdigest()[:_SHORT_HASH]}"

    @property
    def shown(self) -> bool:
        """Whether an estimate is published."""
        return not math.isnan(self.estimate)

    @property
    def base(self) -> int | None:
        """The base that decides how many decimals are shown."""
        arms = [count for count in (self.n_first, self.n_second) if count is not None]
        return min(arms) if arms else self.n

    @property
    def tested(self) -> bool:
        """Whether the rules allow to speak of a test."""
        return self.tier in _TESTED and not self.refused and not math.isnan(self.p_adjusted)

    @property
    def clear(self) -> bool:
        """Whether the test, adjusted for the number of comparisons, says that there is a difference."""
        return self.tested and self.p_adjusted < CLEAR_BELOW

    @property
    def mode_changed(self) -> bool:
        """Whether people were asked in wholly other ways, so that no difference can be called a change."""
        return _MODE_CHANGED in self.flags

    @property
    def sensitive(self) -> bool:
        """Whether the three rows of a change disagree."""
        return _SENSITIVE in self.flags

    @property
    def small(self) -> bool:
        """Whether a change is surely smaller than the plan's margin; never where rows or ways of asking disagree."""
        passed = self.equivalent == "yes" and self.measure == "change" and self.main
        return passed and self.tested and self.shown and not self.mode_changed and not self.sensitive

    @property
    def verdict(self) -> str:
        """The words for the test's outcome."""
        if not self.shown:
            return self.mark or "[x]"
        word = "change" if self.measure == "change" and not self.mode_changed else "difference"
        return f"clear {word}" if self.clear else "not clear" if self.tested else "not tested"

    @property
    def waves(self) -> tuple[str, str]:
        """Earlier and later wave of a change."""
        later, _, earlier = self.wave.partition(" - ")
        return earlier, later


@dataclass(frozen=True, slots=True)
class Shift:
    """A chance of answering nearer to one end of a scale in the later survey, which is its row's answer.

    Attributes
    ----------
    row : Row
    favourable : bool
        Whether that end is the favourable one.
    """

    row: Row
    favourable: bool

    @property
    def nearer(self) -> str:
        """How a person answers who answers nearer to that end; never "more favourably" where no answer is."""
        return "more favourably" if self.favourable else f'nearer to "{self.row.answer}"'


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope of a share a year, and the surveys that it rests on, in order of time."""

    row: Row
    over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dose:
    """A difference in answers by number of events attended, and which numbers it compares."""

    row: Row
    step: str


def rows_of(published: Published) -> list[Row]:
    """Turn the published rows into records, in the order of reading; of a change's three rows the headline one."""
    return [row for row in all_rows(published) if row.main]


def all_rows(published: Published) -> list[Row]:
    """Turn the published rows into records, the rows beside the headline one included."""
    return list(_read(published))


@lru_cache(maxsize=2)
def _read(published: Published) -> tuple[Row, ...]:
    """Read the rows once for all outputs of a release."""
    named = _titles(published)
    return tuple(_row(_in_words(record, named)) for record in records_of(published.rows))


@lru_cache(maxsize=2)
def answer_rows(published: Published) -> tuple[Row, ...]:
    """Turn the published shares of every answer into records, in the order of reading."""
    return tuple(_row(record) for record in records_of(published.distributions))


@lru_cache(maxsize=2)
def wordings(published: Published) -> tuple[Mapping[str, object], ...]:
    """Read once for all outputs of a release how every question was asked in each survey."""
    return tuple(records_of(published.audit))


@lru_cache(maxsize=2)
def shift_rows(published: Published) -> tuple[Shift, ...]:
    """Turn the published shifts into records, in the order of reading."""
    named = _titles(published)
    return tuple(Shift(_row(_in_words(one, named)), bool(one["favourable"])) for one in records_of(published.shifts))


@lru_cache(maxsize=2)
def slope_rows(published: Published) -> tuple[Slope, ...]:
    """Turn the published slopes into records, in the order of reading."""
    named = _titles(published)
    return tuple(
        Slope(_row(_in_words(one, named)), tuple(name for name in _text(one["over"]).split("; ") if name))
        for one in records_of(published.slopes)
    )


@lru_cache(maxsize=2)
def dose_rows(published: Published) -> tuple[Dose, ...]:
    """Turn the published rows by number of events into records, in the order of reading."""
    named = _titles(published)
    return tuple(Dose(_row(_in_words(one, named)), str(one["step"])) for one in records_of(published.dose))


@lru_cache(maxsize=2)
def _titles(published: Published) -> dict[str, str]:
    """Name the variables as readers know them."""
    return {str(row["variable"]): str(row["title"]) for row in wordings(published)}


def _in_words(record: dict[str, object], named: Mapping[str, str]) -> dict[str, object]:
    """Name questions by their titles where a note or a flag names them as variables, and waves as surveys."""

    def worded(text: str) -> str:
        return text and plain(_NAME.sub(lambda match: named.get(match[0], match[0]), text).replace("..", "."))

    return {**record, **{name: worded(_text(record[name])) for name in ("note", "flags")}}


def _row(record: dict[str, object]) -> Row:
    """Read one row."""
    values: dict[str, object] = {
        **{name: _text(record[name]) for name in _TEXTS},
        **{name: number(record[name]) for name in _NUMBERS},
        **{name: whole(record[name]) for name in _COUNTS},
        **{name: bool(record[name]) for name in ("main", "chart")},
    }
    return Row(**values)  # pyright: ignore[reportArgumentType] - each group of names above is read as its own type


_TEXTS: Final = (
    *("indicator", "role", "measure", "variable", "title", "answer", "wave", "by", "group", "weights"),
    *("row", "family", "equivalent"),
    *("comparable", "flags", "refused", "mark", "tier", "note"),
)
_NUMBERS: Final = (
    *("estimate", "conf_low", "conf_high", "df", "p_value", "p_adjusted"),
    *("n_effective", "design_effect", "detectable"),
)
_COUNTS: Final = ("n", "n_first", "n_second")


def _text(value: object) -> str:
    """Read a text; a missing one is empty."""
    return value if isinstance(value, str) else ""


def number(value: object) -> float:
    """Read a number; a missing one is NaN."""
    return float(value) if isinstance(value, int | float) else math.nan


def whole(value: object) -> int | None:
    """Read a count; a missing one is None."""
    return None if math.isnan(found := number(value)) else round(found)


def by_group(rows: Iterable[Row]) -> list[Row]:
    """Sort rows: all respondents, then groups by the alphabet, other and unknown last; else as they came."""
    return sorted(rows, key=lambda row: group_order(row.group))


def by_question(rows: Sequence[Row]) -> list[Row]:
    """Sort rows by question in the order in which questions appear, and by group within."""
    place = {question: number for number, question in enumerate(dict.fromkeys(row.question for row in rows))}
    return sorted(rows, key=lambda row: (place[row.question], group_order(row.group)))


def group_order(group: str) -> tuple[int, str]:
    """Rank a group for reading; a difference between groups comes after all of them."""
    name = group.casefold()
    if group == EVERYONE:
        return 0, ""
    if " - " in group:
        return 3, name
    return (2 if name.startswith(_LAST) or " or other" in name else 1), name


def group_label(group: str) -> str:
    """Name a group in tables and charts."""
    return _GROUP_LABELS.get(group, group)


def grouping(rows: Iterable[Row]) -> str:
    """Say by what rows are broken down."""
    return breakdown(next((row.by for row in rows if row.by), "ethnicity"))


def breakdown(by: str) -> str:
    """Name a variable by which rows are broken down."""
    return _GROUPINGS.get(by, by.replace("_", " "))


def people(group: str) -> str:
    """Name a group's respondents in a sentence."""
    return _PEOPLE.get(group, f"{group} respondents")


def counted(group: str) -> str:
    """Name a group's respondents after a number."""
    return "respondents" if group == EVERYONE else people(group)


def plain(text: str) -> str:
    """Call waves surveys, as readers do, and name them as in a sentence."""
    return _WAVE.sub("survey", _IN_WAVE.sub(lambda match: f"{match[1]} {the_wave(match[2])}", text))


def remarks(row: Row) -> list[str]:
    """Take a row's flags apart, in as few words as a table has room for."""
    parts = [flag.strip().removesuffix(" between the surveys") for flag in row.flags.split(";") if flag.strip()]
    return [next((words for start, words in _SHORT.items() if flag.startswith(start)), flag) for flag in parts]


def as_sentence(text: str) -> str:
    """Begin a remark with a capital and end it with a stop, unless it has one, also inside its closing mark."""
    ends = text.rstrip("\"'\u201d\u2019)").endswith((".", "?", "!"))
    return f"{text[:1].upper()}{text[1:]}{'' if ends else '.'}" if text else ""


def wave_label(wave: str) -> str:
    """Name a wave."""
    return _WAVE_LABELS.get(wave, wave)


def wave_heading(wave: str) -> str:
    """Name a wave at the start of a line."""
    label = wave_label(wave)
    return label[:1].upper() + label[1:]


def the_wave(wave: str) -> str:
    """Name a wave after a preposition: "2022", "the re-run"."""
    label = wave_label(wave)
    return label if label[:1].isdigit() else f"the {label}"


def level_of(rows: Sequence[Row], row: Row, wave: str) -> Row | None:
    """Find the level that a change or a gap starts from, under the same weights if there is one."""
    levels = [
        other
        for other in rows
        if other.measure == "level"
        and (other.variable, other.answer, other.group, other.wave) == (row.variable, row.answer, row.group, wave)
    ]
    return next((level for level in levels if level.weights == row.weights), levels[0] if levels else None)
