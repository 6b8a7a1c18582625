"""The structure of an .sav file, checked before it is handed to a reader that a damaged one can crash.

References
----------
GNU PSPP developers' guide, "System file format": https://www.gnu.org/software/pspp/pspp-dev/html_node/
"""

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

_HEADER: Final = 176  # bytes
_LONGEST_TEXT: Final = 255  # bytes of one piece of a text variable
_PIECE: Final = 252  # bytes that count in each piece of a very long text
_LONGEST_STRING: Final = 32_767
_LARGEST_BLOCK: Final = 1 << 24  # bytes of an unpacked block of .zsav; programs write 4 million
_MOST_CELLS: Final = 30_000_000
_TO_COME = 3  # declared missing values of a variable, at most
_UNCOMPRESSED, _PACKED = 0, 2


class DamagedError(ValueError):
    """A file whose parts contradict each other; the message says which."""


@dataclass(slots=True)
class Walk:
    """A file as it is read from its start.

    Attributes
    ----------
    content : bytes
    order : str
        "<" or ">": the order of bytes.
    place : int
        Where to read next.
    widths : dict of int to int
        Width of each variable (0: a number) by its place among the pieces of 8 bytes.
    names : list of bytes
        Short names of the variables.
    pieces : int
        Pieces of 8 bytes that a row has.
    to_come : int
        Pieces that still belong to the latest text variable.
    """

    content: bytes = field(repr=False)
    order: str = "<"
    place: int = 0
    widths: dict[int, int] = field(default_factory=dict[int, int])
    names: list[bytes] = field(default_factory=list[bytes])
    pieces: int = 0
    to_come: int = 0

    def take(self, size: int) -> bytes:
        """Take bytes.

        Raises
        ------
        DamagedError
            If there are not so many.
        """
        if size < 0 or self.place + size > len(self.content):
            raise DamagedError("it ends early, or a length in it is wrong")
        self.place += size
        return self.content[self.place - size : self.place]

    def number(self, form: str = "i") -> int:
        """Take a whole number."""
        return int(struct.unpack(self.order + form, self.take(struct.calcsize(form)))[0])

    def rest(self) -> int:
        """Count the bytes that are left."""
        return len(self.content) - self.place


def require(what: str, *, holds: bool) -> None:
    """Refuse a file of which something does not hold."""
    if not holds:
        raise DamagedError(what)


def check_spss(content: bytes) -> None:
    """Walk over header and dictionary of an .sav or .zsav file.

    Raises
    ------
    DamagedError
        If a count, a length or a reference is impossible, or there are more rows than the file can hold.
    """
    require("it does not start as an SPSS file", holds=content[:4] in {b"$FL2", b"$FL3"} and len(content) > _HEADER)
    walk = Walk(content, _order(content))
    walk.place = 72
    packing, _, rows = walk.number(), walk.number(), walk.number()
    require("it is packed in an unknown way", holds=packing in {0, 1, _PACKED})
    require("its number of rows is impossible", holds=rows >= -1)
    walk.place = _HEADER
    while (kind := walk.number()) != 999:  # noqa: PLR2004 - the record that ends the dictionary
        record = _RECORDS.get(kind)
        if record is None:
            raise DamagedError("its dictionary has an unknown part")
        record(walk)
    walk.take(4)
    require("two variables have one name", holds=len(set(walk.names)) == len(walk.names))
    require("it has no variables, or a text variable is cut", holds=bool(walk.widths) and not walk.to_come)
    _check_rows(walk, rows, packing)


def _order(content: bytes) -> str:
    """Tell the order of bytes by a number that is 2 or 3."""
    for order in "<>":
        if struct.unpack(order + "i", content[64:68])[0] in {2, 3}:
            return order
    raise DamagedError("its header is not one of an SPSS file")


def _variable(walk: Walk) -> None:
    """Check one variable, or one further piece of a text variable."""
    width, labelled, missing = walk.number(), walk.number(), walk.number()
    walk.take(8)
    name = walk.take(8)
    require("a text variable is cut", holds=(width == -1) == (walk.to_come > 0))
    if width == -1:
        walk.to_come -= 1
    else:
        require("a variable has an impossible width", holds=0 <= width <= _LONGEST_TEXT)
        walk.names.append(name)
        walk.widths[walk.pieces] = width
        walk.to_come = max(0, (width + 7) // 8 - 1)
    walk.pieces += 1
    require("a variable's label is damaged", holds=labelled in {0, 1})
    if labelled:
        walk.take((walk.number() + 3) // 4 * 4)
    require("a variable's missing values are damaged", holds=missing == -2 or -3 <= missing <= _TO_COME)  # noqa: PLR2004 - a range
    require("a variable's missing values are damaged", holds=missing != -1)
    walk.take(8 * abs(missing))


def _value_labels(walk: Walk) -> None:
    """Check labels of values and the variables that they belong to."""
    count = walk.number()
    require("a number of labels is impossible", holds=0 <= count <= walk.rest() // 16)
    values: list[bytes] = []
    for _ in range(count):
        values.append(walk.take(8))
        walk.take((walk.take(1)[0] + 8) // 8 * 8 - 1)
    require("labels of values belong to no variable", holds=walk.number() == 4)  # noqa: PLR2004 - the next record
    of = walk.number()
    require("a number of labelled variables is impossible", holds=0 < of <= walk.rest() // 4)
    widths = {walk.widths.get(walk.number() - 1, -1) for _ in range(of)}
    require("labels of values belong to no variable", holds=-1 not in widths)
    texts = {width > 0 for width in widths}
    require("labels of numbers belong to texts", holds=len(texts) == 1)
    require("labels of numbers belong to texts", holds=True not in texts or not any(b"\0" in one for one in values))


def _document(walk: Walk) -> None:
    """Pass over notes."""
    lines = walk.number()
    require("a number of lines is impossible", holds=0 <= lines <= walk.rest() // 80)
    walk.take(80 * lines)


def _extension(walk: Walk) -> None:
    """Check an extension record: its size, and what two of them refer to."""
    kind, size, count = walk.number(), walk.number(), walk.number()
    require("a part of its dictionary has an impossible size", holds=size >= 0 and count >= 0)
    content = walk.take(size * count)
    if kind == 14:  # noqa: PLR2004 - very long texts
        _check_long_texts(walk, content)
    elif kind == 21:  # noqa: PLR2004 - labels of long texts
        _check_long_labels(walk.order, content)


def _check_long_texts(walk: Walk, content: bytes) -> None:
    """Check that a very long text has as many variables as its length asks for."""
    widths = list(walk.widths.values())
    names = [name.rstrip(b" \0").upper() for name in walk.names]
    for name, digits in re.findall(rb"([^=\0\t]+)=(\d{1,5})[\0\t]*", content):
        length = int(digits)
        place = names.index(name.upper()) if name.upper() in names else len(names)
        pieces = widths[place : place + (length + _PIECE - 1) // _PIECE]
        require(
            "a very long text is cut",
            holds=0 < length <= _LONGEST_STRING and len(pieces) * _PIECE >= length and all(pieces),
        )


def _check_long_labels(order: str, content: bytes) -> None:
    """Check the lengths inside the labels of long texts."""
    walk = Walk(content, order)
    while walk.rest():
        walk.take(walk.number())
        walk.number()
        count = walk.number()
        require("a number of labels is impossible", holds=0 <= count <= walk.rest() // 8)
        for _ in range(2 * count):
            walk.take(walk.number())


def _check_rows(walk: Walk, rows: int, packing: int) -> None:
    """Refuse more rows than the rest of the file can hold, each piece taking at least a byte when packed."""
    size = walk.rest() // 8 if packing == _UNCOMPRESSED else walk.rest()
    if packing == _PACKED:
        size = _unpacked(walk)
    require("it states more rows than it can hold", holds=rows * walk.pieces <= size)
    cells = rows * walk.pieces if rows >= 0 else size
    require(
        f"it holds over {_MOST_CELLS:,} cells, too many to read: save it again with the columns needed only",
        holds=cells <= _MOST_CELLS,
    )


def _unpacked(walk: Walk) -> int:
    """Check the blocks of a .zsav file and count the bytes that they unpack to."""
    start, ends_at, length = (walk.number("q") for _ in range(3))
    require("its blocks are damaged", holds=start == walk.place - 24 and start < ends_at < len(walk.content))
    walk.place = ends_at
    walk.take(20)
    blocks = walk.number()
    require("its blocks are damaged", holds=length - 24 == 24 * blocks == walk.rest())
    total, place = 0, start + 24
    for _ in range(blocks):
        _, packed_at = walk.number("q"), walk.number("q")
        unpacked, packed = walk.number(), walk.number()
        inside = packed_at == place and packed > 0 and packed_at + packed <= ends_at
        require("its blocks are damaged", holds=inside and 0 < unpacked <= _LARGEST_BLOCK)
        total += unpacked
        place += packed
    return total


_RECORDS: Mapping[int, Callable[[Walk], None]] = {2: _variable, 3: _value_labels, 6: _document, 7: _extension}
