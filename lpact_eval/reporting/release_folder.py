"""A release folder as it lies there: its manifest and its rows, read without trusting either."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, cast

from lpact_eval.disclosure.rules import SHIPPED, UK, Rules, find_rules
from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.reporting.inside import stays_inside
from lpact_eval.reporting.release import MANIFEST
from lpact_eval.reporting.tidy_columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TIDY: Final = "results.csv"
RECORDS: Final = "records.csv"  # of events, where the plan asks for them
OF_RECORDS: Final = "records"  # in the place of a wave
Row = dict[str, str]

_RECORD_COLUMNS: Final = (
    *("outcome", "measure", "broken down by", "group", "broken down by, second", "second group", "value", "unit"),
    *("numerator", "unweighted base", "base counts", "lower bound", "upper bound", "shorthand"),
)
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_HASHED: Final = re.compile(r"(?P<file>.*), SHA-256 (?P<sha256>[0-9a-f]{64})", re.DOTALL)
_DATES: Final = re.compile(r" \([^()]*\)")
_LARGEST: Final = 200_000_000  # bytes; a release is a thousandth of it
_NOT_FILES: Final = ("Definitions, SHA-256",)


@dataclass(frozen=True, slots=True)
class ReleaseFolder:
    """What a release says of itself.

    Attributes
    ----------
    folder : Path
    title, rules_name : str
    synthetic : bool
    made : mapping of str to str
        The lines on where it comes from.
    definitions, files : mapping of str to str
        Names and SHA-256.
    rows : tuple of dict, or None
        Lines of results.csv; None where the release has none.
    records : tuple of dict
        Lines of records.csv, if there are any.
    manifest : mapping of str to object
        All that release.json holds.
    """

    folder: Path
    title: str
    rules_name: str
    synthetic: bool
    made: Mapping[str, str]
    definitions: Mapping[str, str]
    files: Mapping[str, str]
    rows: tuple[Row, ...] | None
    records: tuple[Row, ...] = ()
    manifest: Mapping[str, object] = field(repr=False, default_factory=dict[str, object])

    @property
    def rules(self) -> Rules:
        """The rules that it was made under; the UK default's where they are not known here."""
        return find_rules(self.rules_name) if self.rules_name in SHIPPED else UK

    @property
    def inputs(self) -> dict[str, tuple[str, str]]:
        """Label of each input, such as a wave, to its file's name and hash."""
        found = {label: _HASHED.fullmatch(text) for label, text in self.made.items() if label not in _NOT_FILES}
        return {label: (match["file"], match["sha256"]) for label, match in found.items() if match}

    @property
    def plan_file(self) -> str:
        """Name of the plan's file; empty without one."""
        return self.inputs.get("Plan", ("", ""))[0]


def read_release(folder: str | Path) -> ReleaseFolder:
    """Read a release folder's manifest and rows; hashes are not looked at.

    Parameters
    ----------
    folder : path

    Returns
    -------
    ReleaseFolder

    Raises
    ------
    WrongUseError
        If there is no such folder, or no release in it.
    LpactError
        If release.json or results.csv is damaged; the message names file and place, never what stands there.
    """
    path = Path(folder)
    manifest = _manifest(path)
    file = path / MANIFEST
    return ReleaseFolder(
        path,
        _text(manifest, "title", file),
        _text(manifest, "rules", file),
        manifest.get("synthetic") is True,
        _texts(manifest, "made", file),
        _texts(manifest, "definitions", file),
        _files(manifest, file),
        _rows(path / TIDY, COLUMNS),
        _rows(path / RECORDS, _RECORD_COLUMNS) or (),
        manifest,
    )


def waves_of(row: Row) -> tuple[str, ...]:
    """Name the waves that a row of results.csv rests on."""
    return tuple(re.split(r" minus |, ", _DATES.sub("", row["time"]))) if "time" in row else (OF_RECORDS,)


def place_of(row: Row) -> str:
    """Say where a row stands, in words that hold no number of respondents."""
    names = ("ethnicity", "sex", "age", "group", "detail") if "time" in row else ("group", "second group")
    groups = [row[name] for name in names if row[name] not in {"", "All"}]
    return ", ".join([row["measure"], *groups, _DATES.sub("", row.get("time", "records of events"))])


def _manifest(path: Path) -> Mapping[str, object]:
    """Read release.json."""
    file = path / MANIFEST
    if not path.is_dir() or not file.is_file():
        what = "no folder of that name" if not path.is_dir() else f"no {MANIFEST} in it"
        msg = f"There is no release in {path.as_posix()}: {what}. Give the folder that `lpact-eval run` wrote."
        raise WrongUseError(msg)
    try:
        content: object = json.loads(_content(file).decode("utf-8"))
    except (ValueError, RecursionError):
        _refuse(file, "it is not JSON in UTF-8")
    if not isinstance(content, dict):
        _refuse(file, "it holds no table of keys")
    return cast("Mapping[str, object]", content)


def _content(file: Path) -> bytes:
    """Read a file of a size that a release's files have."""
    if file.stat().st_size > _LARGEST:
        _refuse(file, f"it is larger than {_LARGEST // 1_000_000} MB")
    return file.read_bytes()


def _text(manifest: Mapping[str, object], key: str, file: Path) -> str:
    """Take a text."""
    found = manifest.get(key)
    return found if isinstance(found, str) else _refuse(file, f"it has no text {key!r}")


def _texts(manifest: Mapping[str, object], key: str, file: Path) -> dict[str, str]:
    """Take a table of texts."""
    found = manifest.get(key)
    if not isinstance(found, dict):
        _refuse(file, f"it has no table {key!r}")
    table = cast("Mapping[object, object]", found)
    if not all(isinstance(value, str) for value in table.values()):
        _refuse(file, f"{key!r} holds something else than texts")
    return {str(name): str(value) for name, value in table.items()}


def _files(manifest: Mapping[str, object], file: Path) -> dict[str, str]:
    """Take the files that are listed; a name that leads out of the folder is refused."""
    found = _texts(manifest, "files", file)
    if not found:
        _refuse(file, "it lists no file")
    for place, (name, sha256) in enumerate(found.items(), 1):
        if not stays_inside(name) or name == MANIFEST:
            _refuse(file, f"file {place} of its list has a name that is no file's in this folder")
        if not _HASH.fullmatch(sha256):
            _refuse(file, f"file {place} of its list has no SHA-256")
    return found


def _rows(file: Path, columns: Iterable[str]) -> tuple[Row, ...] | None:
    """Read a tidy csv; None where there is none."""
    if not file.is_file():
        return None
    try:
        text = _content(file).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        _refuse(file, "it is not csv in UTF-8")
    header = lines[0] if lines else []
    _require_header(file, header, columns)
    for place, line in enumerate(lines[1:], 2):
        if len(line) != len(header):
            _refuse(file, f"line {place} does not have as many cells as there are headings")
    return tuple(dict(zip(header, line, strict=True)) for line in lines[1:])


def _require_header(file: Path, header: Sequence[str], columns: Iterable[str]) -> None:
    """Refuse rows that lack a column."""
    absent = [name for name in columns if name not in header]
    if absent or len(set(header)) < len(header):
        _refuse(file, f"its headings lack {absent}" if absent else "a heading stands twice")


def _refuse(file: Path, what: str) -> NoReturn:
    """Refuse a file that is not as it was written."""
    msg = f"{file.as_posix()}: cannot be relied on, {what}. Write the release again with `lpact-eval run`."
    raise LpactError(msg)
