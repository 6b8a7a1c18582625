"""Whether a folder of charts can be read by everyone: words for every picture, its numbers beside it, one list."""

from __future__ import annotations

import csv
import io
import struct
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from lpact_eval.errors import LpactError
from lpact_eval.reporting.chart_names import INDEX, INDEX_COLUMNS, KINDS
from lpact_eval.reporting.inside import stays_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

_SVG: Final = "{http://www.w3.org/2000/svg}"
_LINKS: Final = ("href", "{http://www.w3.org/1999/xlink}href", "src")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_LEAST: Final = 20  # letters of words that can stand for a picture
_LARGEST: Final = 50_000_000  # bytes

Line = dict[str, str]


@dataclass(frozen=True, slots=True)
class Charts:
    """A folder with its list."""

    folder: Path
    lines: Sequence[Line]
    others: Collection[str] = ()

    def files(self, kind: str) -> Iterator[tuple[str, Path]]:
        """Go through the listed files of a kind that there are."""
        for line in self.lines:
            if stays_inside(line[kind]) and (self.folder / line[kind]).is_file():
                yield line[kind], self.folder / line[kind]


def audit_charts(folder: Path, others: Collection[str] = ()) -> dict[str, list[str]]:
    """Go through the checklist for a folder of charts.

    Parameters
    ----------
    folder : Path
    others : collection of str
        What is known to lie there and to belong to somebody else.

    Returns
    -------
    dict of str to list of str
        What is asked of the folder, and where it falls short; nothing where it does not.

    Raises
    ------
    LpactError
        If its list of charts is missing or damaged.
    """
    charts = Charts(folder, _listed(folder), others)
    return {rule: check(charts) for rule, (check, _) in CHECKS.items()}


def _listed(folder: Path) -> list[Line]:
    """Read the list of charts."""
    file = folder / INDEX
    if not file.is_file():
        _refuse(folder, f"it has no {INDEX}")
    lines = _csv(file)
    if lines is None or not lines or [name for name in INDEX_COLUMNS if name not in lines[0]]:
        _refuse(folder, f"its {INDEX} is not the list that was written")
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def _complete(charts: Charts) -> list[str]:
    """Find files that the list lacks, or names and are not there."""
    named = {line[kind] for line in charts.lines for kind in KINDS}
    there = {path.name for path in charts.folder.iterdir()} - {INDEX, *charts.others}
    found = [f"{name or 'a file without a name'}: is listed and not there" for name in sorted(named - there)]
    return found + [f"{name}: is there and not listed" for name in sorted(there - named)]


def _words(charts: Charts) -> list[str]:
    """Find charts without words that can stand for them."""
    found = [
        f"{line['chart']}: the list has no text alternative"
        for line in charts.lines
        if not _says(line["text alternative"])
    ]
    for name, path in charts.files("txt"):
        try:
            told = _says(_read(path).decode("utf-8"))
        except UnicodeDecodeError:
            told = False
        found += [] if told else [f"{name}: has no words that could stand for the picture"]
    return found


def _says(text: str) -> bool:
    """Whether words can stand for a picture."""
    return len(" ".join(text.split())) >= _LEAST


def _drawings(charts: Charts) -> list[str]:
    """Find drawings that don't say what they show, or that fetch something."""
    found: list[str] = []
    for name, path in charts.files("svg"):
        content = _read(path)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            found.append(f"{name}: has definitions of its own, and was not looked at")
            continue
        try:
            root = ET.fromstring(content)  # noqa: S314 - without definitions nothing in it can grow or be fetched
        except ET.ParseError:
            found.append(f"{name}: is no drawing")
            continue
        said = all(_says_something(root.findtext(f"{_SVG}{part}")) for part in ("title", "desc"))
        if root.tag != f"{_SVG}svg" or root.get("role") != "img" or not said:
            found.append(f"{name}: has no role, title and description for those who can't see it")
        if any(_fetches(one) for one in root.iter()):
            found.append(f"{name}: fetches something from outside")
    return found


def _says_something(text: str | None) -> bool:
    """Whether there are words."""
    return bool(text and text.strip())


def _fetches(element: ET.Element) -> bool:
    """Whether an element would ask another place for something, or do so by script."""
    leads = [element.get(name, "") for name in _LINKS]
    tag = str(element.tag).rpartition("}")[2]
    return tag in {"script", "foreignObject"} or any(lead and not lead.startswith(("#", "data:")) for lead in leads)


def _pictures(charts: Charts) -> list[str]:
    """Find png files that are damaged, or don't carry their words."""
    found: list[str] = []
    for name, path in charts.files("png"):
        fields = _png_fields(_read(path))
        if fields is None:
            found.append(f"{name}: is no picture")
        elif not {"Title", "Description"} <= fields:
            found.append(f"{name}: does not carry its title and words")
    return found


def _numbers(charts: Charts) -> list[str]:
    """Find tables of numbers that can't be read, or whose headings are empty or stand twice."""
    found: list[str] = []
    for name, path in charts.files("csv"):
        lines = _csv(path)
        if lines is None or not lines:
            found.append(f"{name}: is no table in UTF-8 with as many cells in each line as headings")
        elif not all(lines[0]) or len(set(lines[0])) < len(lines[0]):
            found.append(f"{name}: a heading is empty or stands twice")
        elif len(lines) == 1:
            found.append(f"{name}: holds no numbers")
    return found


def _csv(path: Path) -> list[list[str]] | None:
    """Read a csv file; None where it can't be read."""
    try:
        lines = list(csv.reader(io.StringIO(_read(path).decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    return lines if all(len(line) == len(lines[0]) for line in lines) else None


def _png_fields(content: bytes) -> set[str] | None:
    """Name the text fields of a png file; None where it is damaged."""
    if not content.startswith(_PNG) or not content.endswith(b"IEND\xaeB`\x82"):
        return None
    found: set[str] = set()
    place = len(_PNG)
    while place + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        if kind in {b"tEXt", b"iTXt", b"zTXt"}:
            name, _, text = content[place + 8 : place + 8 + size].partition(b"\0")
            found |= {name.decode("latin-1")} if text.strip(b"\0 ") else set()
        place += size + 12
    return found


def _read(path: Path) -> bytes:
    """Read a file of a size that a chart's files have; of a larger one the beginning."""
    with path.open("rb") as file:
        return file.read(_LARGEST)


def _refuse(folder: Path, why: str) -> NoReturn:
    """Refuse a folder that is none of charts."""
    msg = f"{folder.name} is no folder of charts that can be checked: {why}. Write the release again."
    raise LpactError(msg)


CHECKS: Final[Mapping[str, tuple[Callable[[Charts], list[str]], str]]] = {
    "The list names every file, and every file is there": (_complete, "Write the charts again, with `--only charts`."),
    "Every chart has words that can stand for it": (_words, "Write into the .txt file and the list what it shows."),
    "The drawings say what they show and fetch nothing": (
        _drawings,
        'Give the svg element role="img", a title and a desc; put into it what it fetches.',
    ),
    "The pictures carry their words": (_pictures, "Write the png again, with its title and description."),
    "The numbers are beside them in tables with headings": (_numbers, "Write the csv again."),
}
