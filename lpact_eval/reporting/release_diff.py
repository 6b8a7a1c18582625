"""What moved between two releases, and why: read from the two folders, and said only as far as they tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.differencing import BASES, by_key, number, respondents_of, telling
from lpact_eval.reporting.release_folder import OF_RECORDS, TIDY, place_of, read_release, waves_of
from lpact_eval.reporting.rows import wave_heading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from lpact_eval.reporting.differencing import Key, Telling
    from lpact_eval.reporting.release_folder import ReleaseFolder, Row

_OF_RECORDS: Final = ("numerator", "unweighted base")  # columns of records.csv
FIELDS: Final = ("value", "lower bound", "upper bound", *BASES, *_OF_RECORDS, "sample", "adjusted p")
WORDS: Final = ("test", "equivalent", "comparable")
_COUNTS: Final = frozenset({*BASES, *_OF_RECORDS})
_COUNTED: Final = _COUNTS | {"sample"}
_EVENTS: Final = "events"  # the folder of the records' definition
_POPULATION: Final = ("population/", "shipped/population/")
_CONTRIBUTION: Final = "contribution.toml"  # of claims and what they rest on: it moves no number
_CODE: Final = ("Versions", "Commit")
NOT_TOLD: Final = "not told: nothing that the releases record of themselves explains it"


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that differs and may move numbers.

    Attributes
    ----------
    kind : str
        "data", "definitions", "weights", "plan", "rules" or "code".
    what : str
        File or setting, with what became of it.
    waves : frozenset of str or None
        Waves whose numbers it can reach; None for all.
    """

    kind: str
    what: str
    waves: frozenset[str] | None = None

    def reaches(self, row: Row) -> bool:
        """Whether it can have moved a row."""
        return self.waves is None or not self.waves.isdisjoint(waves_of(row))


@dataclass(frozen=True, slots=True)
class Moved:
    """A number or word that differs; `difference` is None for words."""

    place: str
    field: str
    old: str
    new: str
    difference: float | None
    beyond_rounding: bool
    why: str


@dataclass(frozen=True, slots=True)
class Remarked:
    """A row whose shorthand changed."""

    place: str
    old: str
    new: str
    why: str

    @property
    def what(self) -> str:
        """Say it in words."""
        if self.new == "[c]":
            return "newly suppressed"
        return (
            "suppressed no longer" if self.old == "[c]" else f"{self.old or 'shown'} before, {self.new or 'shown'} now"
        )


@dataclass(frozen=True, slots=True)
class ReleaseDiff:
    """Two releases compared.

    Attributes
    ----------
    causes : tuple of Cause
    moved : tuple of Moved
    marks : tuple of Remarked
    new, gone : tuple of str
        Rows of one release only, by place.
    telling : tuple of Telling
        What both tell together and neither alone.
    limits : tuple of str
        What could not be compared, and what to do.
    """

    causes: tuple[Cause, ...]
    moved: tuple[Moved, ...]
    marks: tuple[Remarked, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    telling: tuple[Telling, ...]
    limits: tuple[str, ...] = field(default=())

    @property
    def same(self) -> bool:
        """Whether every row that both have says the same, and there are no others."""
        return not (self.moved or self.marks or self.new or self.gone or self.telling)

    @property
    def why(self) -> dict[str, int]:
        """Count what moved by its reason."""
        return dict(Counter(one.why for one in (*self.moved, *self.marks)))


def compare_releases(old: str | Path, new: str | Path) -> ReleaseDiff:
    """Compare two release folders.

    Parameters
    ----------
    old, new : path

    Returns
    -------
    ReleaseDiff

    Raises
    ------
    WrongUseError
        If either is no release.
    LpactError
        If either is damaged.
    """
    first, second = read_release(old), read_release(new)
    causes = tuple(_causes(first, second))
    if first.rows is None or second.rows is None:
        return ReleaseDiff(causes, (), (), (), (), (), tuple(_without_rows(first, second)))
    earlier, later = (by_key((*(one.rows or ()), *one.records)) for one in (first, second))
    told = telling(first, second)
    both = [(earlier[key], row) for key, row in later.items() if key in earlier]
    unsafe = {one.key for one in told}
    return ReleaseDiff(
        causes,
        tuple(one for was, now in both for one in _moved(was, now, causes, kept_back=respondents_of(now) in unsafe)),
        tuple(
            Remarked(place_of(now), was["shorthand"], now["shorthand"], _why(causes, now))
            for was, now in both
            if was["shorthand"] != now["shorthand"]
        ),
        _only_in(later, earlier),
        _only_in(earlier, later),
        told,
    )


def _only_in(these: Mapping[Key, Row], others: Mapping[Key, Row]) -> tuple[str, ...]:
    """Name the rows of one release that the other does not have."""
    return tuple(place_of(row) for key, row in these.items() if key not in others)


def _without_rows(*releases: ReleaseFolder) -> Iterator[str]:
    """Say which release can't be compared number by number."""
    for release in releases:
        if release.rows is None:
            yield (
                f"{release.folder.as_posix()} has no {TIDY}: its numbers can't be compared, and nobody has looked at "
                "what both releases tell together; only files, definitions and versions are compared. Write it with "
                "csv among its formats: lpact-eval run --only html,xlsx,csv."
            )


def _causes(old: ReleaseFolder, new: ReleaseFolder) -> Iterator[Cause]:
    """Find what differs beside the numbers."""
    plans = {old.plan_file, new.plan_file} - {""}
    headings = {wave_heading(name): name for name in _wave_names(old, new)}
    for label in dict.fromkeys([*old.inputs, *new.inputs]):
        if label != "Plan" and (change := _change(label, old.inputs, new.inputs)):
            files = {pair[label][0] for pair in (old.inputs, new.inputs) if label in pair}
            name = headings.get(label, OF_RECORDS)
            yield Cause("data", f"{label}: {' and '.join(sorted(files))} {change}", frozenset({name}))
    for name in dict.fromkeys([*old.definitions, *new.definitions]):
        if change := _change(name, old.definitions, new.definitions):
            yield _cause_of_file(name, change, plans, set(headings.values()))
    if old.rules_name != new.rules_name:
        yield Cause("rules", f"rules {old.rules_name} before, {new.rules_name} now")
    for label in (*_CODE, "Seed"):
        was, now = old.made.get(label, "not said"), new.made.get(label, "not said")
        if was != now:
            yield Cause("plan" if label == "Seed" else "code", _told(label, was, now))


def _wave_names(*releases: ReleaseFolder) -> list[str]:
    """Name the waves that have a definition."""
    found = (name.split("/")[0] for one in releases for name in one.definitions if name.endswith("/wave.toml"))
    return list(dict.fromkeys(found))


def _change(name: str, old: Mapping[str, object], new: Mapping[str, object]) -> str:
    """Say what became of a file."""
    if name not in old:
        return "is new"
    return "is gone" if name not in new else "" if old[name] == new[name] else "differs"


def _cause_of_file(name: str, change: str, plans: set[str], waves: set[str]) -> Cause:
    """Say what a definition file can move."""
    if name in plans:
        return Cause("plan", f"{name} {change}")
    if name.startswith(_POPULATION):
        return Cause("weights", f"{name} {change}")
    folder = name.split("/", maxsplit=1)[0].replace(_EVENTS, OF_RECORDS)
    if folder == "benchmarks" or name.endswith(_CONTRIBUTION):
        return Cause("definitions", f"{name} {change}", frozenset())
    return Cause("definitions", f"{name} {change}", frozenset({folder}) if folder in {*waves, OF_RECORDS} else None)


def _told(label: str, was: str, now: str) -> str:
    """Say which versions differ."""
    if label != "Versions":
        return f"{label.casefold()} {was[:12]} before, {now[:12]} now"
    before = dict(part.rsplit(" ", 1) for part in was.split(", ") if " " in part)
    after = dict(part.rsplit(" ", 1) for part in now.split(", ") if " " in part)
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return "; ".join(f"{name} {before.get(name, 'none')} before, {after.get(name, 'none')} now" for name in names)


def _moved(was: Row, now: Row, causes: tuple[Cause, ...], *, kept_back: bool) -> Iterator[Moved]:
    """Compare what a row says in both releases; bases that tell too much together are not printed side by side."""
    for name in FIELDS:
        old, new = number(was.get(name, "")), number(now.get(name, ""))
        if old is None or new is None or old == new or (kept_back and name in _COUNTED):
            continue
        step = _step(name, was[name], now[name])
        beyond = abs(new - old) > step * (1 + 1e-9)
        yield Moved(place_of(now), name, was[name], now[name], round(new - old, 6), beyond, _why(causes, now))
    for name in WORDS:
        if was.get(name) != now.get(name):
            yield Moved(place_of(now), name, was[name], now[name], None, beyond_rounding=True, why=_why(causes, now))


def _step(name: str, *written: str) -> float:
    """Give the last decimal that a number is rounded to; counts are not rounded."""
    if name in _COUNTS:
        return 0.0
    return 10.0 ** -max(len(text.partition(".")[2]) for text in written)


def _why(causes: tuple[Cause, ...], row: Row) -> str:
    """Attribute what happened to a row to what differs and can have reached it."""
    kinds = list(dict.fromkeys(cause.kind for cause in causes if cause.reaches(row)))
    if not kinds:
        return NOT_TOLD
    if len(kinds) == 1:
        return kinds[0]
    return f"{', '.join(kinds[:-1])} or {kinds[-1]}: they changed together, and the releases can't tell them apart"
