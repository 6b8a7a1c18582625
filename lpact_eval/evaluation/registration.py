"""The registration of a plan: its text, date, hashes and commit, kept beside it before fieldwork, and what changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, NoReturn, cast

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from lpact_eval.checkout import UNKNOWN, Dirty, checkout_around, commit_of, is_dirty
from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.evaluation.definitions import definitions_of
from lpact_eval.evaluation.plan import read_plan
from lpact_eval.version import VERSION
from lpact_eval.waves.located import has_file, read_toml, shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.plan_diff import Change

State = Literal["never", "unchanged", "changed"]
Point = Literal["before", "during", "after"]
Answers = Literal["yes", "no", "made up"]

_ENDING: Final = ".frozen.json"
_FORBID: Final = ConfigDict(extra="forbid")
_NEVER: Final = "This plan was not registered before fieldwork: nothing says when it was written."
_POINT: Final[Mapping[Point, str]] = {
    "before": "before fieldwork of {} began",
    "during": "while fieldwork of {} was going on",
    "after": "after fieldwork of {} had ended",
}


@dataclass(frozen=True, slots=True)
class WaveThen:
    """How far a wave was when the plan was frozen.

    Attributes
    ----------
    name : str
    start, end : date
        First and last day of fieldwork, as its definition had them then.
    point : {"before", "during", "after"}
        Where in the fieldwork the freeze lay.
    answers : {"yes", "no", "made up"}
        Whether the delivered file was there already; "made up" where none was named and the demo stood in.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    name: str
    start: dt.date
    end: dt.date
    point: Point
    answers: Answers


@dataclass(frozen=True, slots=True)
class Freeze:
    """One state of a plan, kept.

    Attributes
    ----------
    when : datetime
        In UTC.
    by, reason : str
        Who froze it, and why it was frozen again; empty where not said.
    plan, sha256, text : str
        Name, hash and the whole text of the plan.
    definitions : mapping of str to str
        SHA-256 of every definition file that the plan rested on, by its name.
    waves : tuple of WaveThen
    commit : str
    dirty : {"yes", "no", "not known"}
        Whether tracked files differed from the commit.
    version : str
        Of this package.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    when: dt.datetime
    plan: str
    sha256: str
    text: str
    definitions: dict[str, str]
    waves: tuple[WaveThen, ...]
    by: str = ""
    reason: str = ""
    commit: str = UNKNOWN
    dirty: Dirty = "not known"
    version: str = ""

    @property
    def sentence(self) -> str:
        """Say when, by whom, and how far the waves were."""
        who = f" by {self.by}" if self.by else ""
        points = [
            _POINT[point].format(" and ".join(wave.name for wave in self.waves if wave.point == point))
            for point in _POINT
            if any(wave.point == point for wave in self.waves)
        ]
        there = [wave.name for wave in self.waves if wave.answers == "yes"]
        answers = f" The answers of {' and '.join(there)} were already there." if there else ""
        return f"on {_day(self.when)}{who}, {' and '.join(points)}.{answers}"


@dataclass(frozen=True, slots=True)
class Registration:
    """What is known of when a plan was written down, and what changed since.

    Attributes
    ----------
    state : {"never", "unchanged", "changed"}
        Against the last freeze.
    freezes : tuple of Freeze
        All of them, in order of time.
    changes : tuple of Change
        Since the last freeze, in the plan and in its definition files.
    amendments : tuple of tuple of Change
        For every freeze after the first, what had changed since the one before.
    """

    state: State
    freezes: tuple[Freeze, ...] = ()
    changes: tuple[Change, ...] = ()
    amendments: tuple[tuple[Change, ...], ...] = ()

    @property
    def when(self) -> dt.datetime | None:
        """When the plan was first frozen."""
        return self.freezes[0].when if self.freezes else None

    @property
    def by(self) -> str:
        """Who froze it first; empty where not said."""
        return self.freezes[0].by if self.freezes else ""

    @property
    def points(self) -> Mapping[str, Point]:
        """For every wave, where in its fieldwork the first freeze lay."""
        return {wave.name: wave.point for wave in self.freezes[0].waves} if self.freezes else {}

    @property
    def all_changes(self) -> tuple[Change, ...]:
        """All changes since the first freeze, step by step."""
        return (*(change for amendment in self.amendments for change in amendment), *self.changes)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Tell readers of reports about it, changes included, each in a sentence of its own."""
        if not self.freezes:
            return (_NEVER,)
        first = self.freezes[0]
        commit = "" if first.commit == UNKNOWN else f" The commit was {first.commit[:12]}{_DIRTY[first.dirty]}."
        told = [f"This plan was registered {first.sentence}{commit}"]
        if not any(wave.point == "before" for wave in first.waves):
            told.append("It was not registered before fieldwork.")
        for freeze, changes in zip(self.freezes[1:], self.amendments, strict=True):
            told.append(f"It was registered again {freeze.sentence} The reason given: {freeze.reason}")
            told += [_ended(change.sentence) for change in changes] or ["Nothing that it promises had changed."]
        if self.state == "unchanged":
            return (*told, "It is now as it was then.")
        times = "one place" if len(self.changes) == 1 else f"{len(self.changes)} places"
        return (*told, f"It has changed since, in {times}.", *(_ended(change.sentence) for change in self.changes))


_DIRTY: Final[Mapping[Dirty, str]] = {"yes": ", with changes that were not committed", "no": "", "not known": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """The file beside a plan."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    about: str = "Written by `lpact-eval plan freeze`; keep it with the plan, and don't edit it."
    freezes: Annotated[tuple[Freeze, ...], Field(min_length=1)]


def frozen_file(path: str | Path) -> Path:
    """Name the file beside a plan that holds its registration.

    >>> frozen_file("analyses/evaluation-plan.toml").name
    'evaluation-plan.frozen.json'
    """
    return Path(path).with_suffix(_ENDING)


def freeze(path: str | Path, *, by: str = "", again: str = "", now: dt.datetime | None = None) -> Registration:
    """Write down what a plan promises, with the date, so that a later change shows.

    Parameters
    ----------
    path : path
        The plan.
    by : str, optional
        Who freezes it.
    again : str, optional
        Why it is frozen once more; earlier freezes are kept.
    now : datetime, optional
        The time, with its zone; by default the clock's.

    Returns
    -------
    Registration

    Raises
    ------
    WrongUseError
        If it was frozen before and no reason is given, or the other way round.
    DefinitionError
        If the plan is wrong, or the earlier registration was edited.
    """
    file = Path(path)
    plan, target = read_plan(file), frozen_file(file)
    earlier = _read(target)
    _require_reason(target, earlier, again.strip())
    when = (now or dt.datetime.now(tz=dt.UTC)).astimezone(dt.UTC).replace(microsecond=0)
    _write(target, (*earlier, _frozen(plan, file, when, by=by.strip(), reason=again.strip())))
    return registration_of(plan, file)


def registration_of(plan: EvaluationPlan, path: str | Path) -> Registration:
    """Compare a plan and its definition files with what was frozen.

    Parameters
    ----------
    plan : EvaluationPlan
    path : path
        The file it was read from.

    Returns
    -------
    Registration

    Raises
    ------
    DefinitionError
        If the registration can't be read, or was edited.
    """
    freezes = _read(frozen_file(path))
    if not freezes:
        return Registration("never")
    last = freezes[-1]
    changes = _changes(last.text, last.definitions, Path(path).read_text(encoding="utf-8-sig"), _definitions(plan))
    amendments = tuple(
        _changes(before.text, before.definitions, after.text, after.definitions) for before, after in pairwise(freezes)
    )
    return Registration("changed" if changes else "unchanged", freezes, changes, amendments)


def _require_reason(target: Path, earlier: tuple[Freeze, ...], again: str) -> None:
    """Refuse to freeze a plan twice without a reason, or for the first time with one."""
    if earlier and not again:
        msg = (
            f"{target.name} says that the plan was frozen {earlier[-1].sentence} What was frozen is never replaced: "
            "give the reason with --again REASON, and both are kept."
        )
        raise WrongUseError(msg)
    if again and not earlier:
        msg = f"There is no {target.name}: the plan was never frozen. Leave --again out."
        raise WrongUseError(msg)


def _frozen(plan: EvaluationPlan, file: Path, now: dt.datetime, *, by: str, reason: str) -> Freeze:
    """Take down a plan as it is."""
    checkout = checkout_around(file)
    content = file.read_bytes()
    return Freeze(
        when=now,
        plan=file.name,
        sha256=hashlib.sha256(content).hexdigest(),
        text=content.decode("utf-8"),
        definitions=_definitions(plan),
        waves=tuple(_wave_then(plan, wave, now.date()) for wave in plan.waves),
        by=by,
        reason=reason,
        commit=commit_of(checkout) if checkout else UNKNOWN,
        dirty=is_dirty(checkout) if checkout else "not known",
        version=VERSION,
    )


def _definitions(plan: EvaluationPlan) -> dict[str, str]:
    """Hash the definition files, the plan left out: its text is compared."""
    return dict(definitions_of(plan)[1:])


def _wave_then(plan: EvaluationPlan, wave: str, today: dt.date) -> WaveThen:
    """Say how far a wave is."""
    located = read_toml(plan.surveys / wave / "wave.toml")
    fieldwork = cast("Mapping[str, object]", located.data.get("fieldwork", {}))
    start, end = (fieldwork.get(name) for name in ("start", "end"))
    if not isinstance(start, dt.date) or not isinstance(end, dt.date) or isinstance(start, dt.datetime):
        where = located.at("fieldwork")
        msg = f"{where}: [fieldwork] needs its first and last day before a plan is frozen; write start = 2022-05-16."
        raise DefinitionError(msg)
    point: Point = "before" if today < start else "during" if today <= end else "after"
    delivered = cast("Mapping[str, object]", located.data.get("delivered", {}))
    named = plan.files.get(wave) or (plan.surveys / wave / str(name) if (name := delivered.get("file")) else None)
    answers: Answers = "made up" if named is None else "yes" if has_file(named) else "no"
    return WaveThen(wave, start, end, point, answers)


def _changes(old: str, old_files: Mapping[str, str], new: str, new_files: Mapping[str, str]) -> tuple[Change, ...]:
    """Compare two states of a plan and of its definition files."""
    from lpact_eval.evaluation.plan_diff import Change, changes_between  # noqa: PLC0415 - a plan that was registered

    found = list(changes_between(old.removeprefix("\ufeff"), new))
    for name in dict.fromkeys((*new_files, *old_files)):
        where = f"definition file {name}"
        if name not in old_files or name not in new_files:
            found.append(Change(where, kind="added" if name in new_files else "removed"))
        elif old_files[name] != new_files[name]:
            found.append(Change(where, kind="edited"))
    return tuple(found)


def _read(target: Path) -> tuple[Freeze, ...]:
    """Read the freezes of a plan; none where it was never frozen."""
    if not target.is_file():
        return ()
    try:
        freezes = TypeAdapter(_Record).validate_json(target.read_bytes()).freezes
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        _refuse(target, f"{where}: {first['msg']}")
    for freeze in freezes:
        if hashlib.sha256(freeze.text.encode("utf-8")).hexdigest() != freeze.sha256:
            _refuse(target, f"the plan of {_day(freeze.when)} is not the one whose hash stands beside it")
    if list(freezes) != sorted(freezes, key=lambda one: one.when):
        _refuse(target, "the freezes do not follow one another in time")
    return freezes


def _refuse(target: Path, what: str) -> NoReturn:
    """Refuse a registration that is not as it was written."""
    msg = (
        f"{shown_path(target)}: cannot be relied on, {what}. Take it back from git as it was committed: "
        "what was frozen is never edited."
    )
    raise DefinitionError(msg)


def _write(target: Path, freezes: tuple[Freeze, ...]) -> None:
    """Write the freezes beside the plan, whole or not at all."""
    content = TypeAdapter(_Record).dump_json(_Record(freezes=freezes), indent=2)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-draft-", dir=target.parent) as folder:
        draft = Path(folder, target.name)
        draft.write_bytes(content + b"\n")
        draft.replace(target)


def _day(when: dt.datetime) -> str:
    """Write a time for readers."""
    return f"{when.day} {when:%B %Y} at {when:%H:%M} UTC"


def _ended(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")
