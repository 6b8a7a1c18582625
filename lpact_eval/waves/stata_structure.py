"""The structure of a .dta file, checked before it is handed to a reader that allocates what a damaged one asks for.

References
----------
Stata, "File formats .dta" (help dta): releases 117 to 119 in tags, earlier ones in fixed places.
"""

import itertools
import re
import struct
from dataclasses import dataclass
from typing import Final

from lpact_eval.waves.spss_structure import DamagedError, Walk, require

_START = re.compile(
    rb"<stata_dta><header><release>(11[789])</release><byteorder>(LSF|MSF)</byteorder><K>(..|....)</K><N>(.{4}|.{8})</N>",
    re.DOTALL,
)
_SECTIONS: Final = (
    b"<stata_dta>",
    b"<map>",
    b"<variable_types>",
    b"<varnames>",
    b"<sortlist>",
    b"<formats>",
    b"<value_label_names>",
    b"<variable_labels>",
    b"<characteristics>",
    b"<data>",
    b"<strls>",
    b"<value_labels>",
    b"</stata_dta>",
)
_WIDTHS: Final = {32768: 8, 65526: 8, 65527: 4, 65528: 4, 65529: 2, 65530: 1}
_LONGEST_TEXT: Final = 2045
_FIRST, _LAST, _TAGGED = 102, 115, 117
_LONG_NAMES, _MANY = 118, 119


@dataclass(frozen=True, slots=True)
class _Layout:
    """Widths of the parts of one release."""

    name: int
    format: int
    label: int
    place: int

    def sections(self, columns: int) -> tuple[int, ...]:
        """Bytes between the tags of the sections whose size is fixed, from the types on."""
        return (
            2 * columns,
            self.name * columns,
            self.place * (columns + 1),
            self.format * columns,
            self.name * columns,
            self.label * columns,
        )


def check_stata(content: bytes) -> None:
    """Check counts, widths and sections of a .dta file against its size.

    Raises
    ------
    DamagedError
        If a count, a length or a place is impossible.
    """
    if content[:1] and _FIRST <= content[0] <= _LAST:
        _check_old(content)
        return
    start = _START.match(content)
    if start is None:
        raise DamagedError("it does not start as a Stata file")
    release, order = int(start[1]), "<" if start[2] == b"LSF" else ">"
    require("its header is damaged", holds=len(start[3]) == (4 if release == _MANY else 2))
    require("its header is damaged", holds=len(start[4]) == (4 if release == _TAGGED else 8))
    columns, rows = _whole(start[3], order), _whole(start[4], order)
    places = _places(content, start.end(), order)
    long_names = release >= _LONG_NAMES
    layout = _Layout(129 if long_names else 33, 57 if long_names else 49, 321 if long_names else 81, 2)
    layout = _Layout(layout.name, layout.format, layout.label, 4) if release == _MANY else layout
    _check_sections(content, places, layout, columns)
    types = places[2] + len(_SECTIONS[2])
    width = sum(map(_width, struct.unpack(f"{order}{columns}H", content[types : types + 2 * columns])))
    require("it states more rows than it holds", holds=rows * width == places[10] - places[9] - 13)
    _check_labels(content[places[11] : places[12]], order, layout.name)
    _check_long(content[places[10] : places[11]], order, release)


def _whole(raw: bytes, order: str) -> int:
    """Read a whole number without sign, of any width."""
    return int.from_bytes(raw, "little" if order == "<" else "big")


def _places(content: bytes, start: int, order: str) -> tuple[int, ...]:
    """Read where the sections start, and check that they do."""
    at = content.find(b"<map>", start, start + 400)
    require("its table of contents is damaged", holds=at > 0 and content[at + 117 : at + 123] == b"</map>")
    given: tuple[int, ...] = struct.unpack(f"{order}14q", content[at + 5 : at + 117])
    # the first Stata 13 wrote 0 for the place of the variables' labels
    places = (*given[:7], given[7] or content.find(_SECTIONS[7], max(0, given[6])), *given[8:])
    in_order = all(first < second for first, second in itertools.pairwise(places))
    require("its table of contents is damaged", holds=in_order and places[13] <= len(content))
    found = all(content.startswith(tag, place) for tag, place in zip(_SECTIONS, places, strict=False))
    require("its table of contents is damaged", holds=found)
    return places


def _check_sections(content: bytes, places: tuple[int, ...], layout: _Layout, columns: int) -> None:
    """Check that each section is as long as its columns ask for, and ends where the next one starts."""
    require("it has no columns", holds=columns > 0)
    for number, size in enumerate(layout.sections(columns), 2):
        tag = _SECTIONS[number]
        end = places[number] + len(tag) + size
        closed = content.startswith(b"</" + tag[1:], end) and places[number + 1] == end + len(tag) + 1
        require("its number of columns is not that of its names", holds=closed)


def _width(kind: int) -> int:
    """Bytes of a cell of one type."""
    if 0 < kind <= _LONGEST_TEXT:
        return kind
    require("a column has an unknown type", holds=kind in _WIDTHS)
    return _WIDTHS[kind]


def _check_labels(section: bytes, order: str, name: int) -> None:
    """Check the tables of labels."""
    walk = Walk(section, order, len(b"<value_labels>"))
    while walk.content.startswith(b"<lbl>", walk.place):
        walk.take(5)
        size = walk.number()
        walk.take(name + 3)
        _check_table(walk.take(size), order)
        require("its labels are damaged", holds=walk.take(6) == b"</lbl>")
    require("its labels are damaged", holds=walk.take(15) == b"</value_labels>")


def _check_table(table: bytes, order: str) -> None:
    """Check that a table's labels lie inside it."""
    walk = Walk(table, order)
    count, size = walk.number(), walk.number()
    require("its labels are damaged", holds=count >= 0 and 8 * count + size == walk.rest())
    starts = [walk.number() for _ in range(count)]
    require("its labels are damaged", holds=all(0 <= start < size for start in starts))
    require("its labels are damaged", holds=not size or table.endswith(b"\0"))


def _check_long(section: bytes, order: str, release: int) -> None:
    """Check the lengths of long texts."""
    walk = Walk(section, order, len(b"<strls>"))
    while walk.content.startswith(b"GSO", walk.place):
        walk.take(16 if release >= _LONG_NAMES else 12)
        walk.take(walk.number())
    require("its long texts are damaged", holds=walk.take(8) == b"</strls>")


def _check_old(content: bytes) -> None:
    """Check the counts of a release before 117: each cell takes at least a byte."""
    require("it ends early", holds=len(content) > 100)  # noqa: PLR2004 - shorter than any header
    order = {1: ">", 2: "<"}.get(content[1], "")
    require("its header is damaged", holds=bool(order))
    columns, rows = struct.unpack(order + "Hi", content[4:10])
    require("it has no columns", holds=columns > 0)
    require("it states more rows than it holds", holds=rows >= 0 and columns * max(rows, 1) <= len(content))
