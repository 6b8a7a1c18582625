"""Ways to damage bytes and texts; the same random numbers make the same damage."""

from __future__ import annotations

import csv
import io
import re
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

EXTREMES = (0, 1, -1, 2, 7, 255, 256, 32_767, -32_768, 65_535, 999_999_999, 2**31 - 1, -(2**31), 2**30, 300, 1_000_000)
_LARGEST = 3_000_000  # characters from which on nothing is added
REALS = (float("nan"), float("inf"), -float("inf"), 1e308, -1.7976931348623157e308, 5e-324, 0.0, 2.0**53)
_SPOTS = b"\x00\xff\x80\x7f\"',;\r\n\t=[]{}<>&/. 09aZ\xc3\xa9\xef\xbb\xbf\x1a"
TEXTS = (
    "",
    " ",
    "\x00",
    "\ufeff",
    "\u2028",
    "\xa0",
    "nan",
    "inf",
    "1e400",
    "-0",
    "1.0000",
    "٣",
    "1" * 400,
    "=1+1",
    "@SUM(A1)",
    "#N/A",
    "TRUE",
    "2022-02-31",
    "0000-00-00",
    "99/99/9999",
    "2022-05-16T25:61",
    "31/12/99999",
    "a" * 40_000,
    "😀" * 9,
    "Ã©",
    "\udcff".encode("utf-8", "surrogatepass").decode("latin-1"),
    '"',
    "'; --",
    "../../x",
    "C:\\x",
)


def damaged(rng: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """Damage bytes without knowing what they mean, mostly once, sometimes often."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        content = rng.choice(_BYTE_WAYS)(rng, content, others)
    return content


def _place(rng: Random, content: bytes) -> int:
    """Choose a place, headers being hit more often."""
    size = max(1, len(content))
    return rng.randrange(min(size, 400)) if rng.random() < 0.5 else rng.randrange(size)


def _span(rng: Random, content: bytes) -> tuple[int, int]:
    """Choose a piece."""
    start = _place(rng, content)
    return start, start + rng.choice((1, 2, 4, 8, 16, 80, 500))


def _flip(rng: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    place = _place(rng, content)
    return (
        content[:place]
        + bytes(one ^ (1 << rng.randrange(8)) for one in content[place : place + 1])
        + content[place + 1 :]
    )


def _set(rng: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(rng, content)
    return content[:start] + bytes([rng.choice(_SPOTS)]) * (min(end, len(content)) - start) + content[end:]


def _cut(rng: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(rng, content)
    return content[:start] + content[end:]


def _truncate(rng: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    return content[: _place(rng, content)]


def _insert(rng: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    place = _place(rng, content)
    new = rng.randbytes(rng.choice((1, 3, 8, 64))) if rng.random() < 0.5 else bytes([rng.choice(_SPOTS)]) * 8
    return content[:place] + new + content[place:]


def _repeat(rng: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(rng, content)
    return content[:end] + content[start:end] * rng.choice((1, 2, 50)) + content[end:]


def _swap(rng: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    first, second = sorted(_place(rng, content) for _ in range(2))
    width = min(rng.choice((1, 4, 8, 80)), second - first)
    return (
        content[:first]
        + content[second : second + width]
        + content[first + width : second]
        + content[first : first + width]
        + content[second + width :]
    )


def _number(rng: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    place = _place(rng, content) // 4 * 4
    new = (
        struct.pack(rng.choice("<>") + "d", rng.choice(REALS))
        if rng.random() < 0.2
        else struct.pack(rng.choice("<>") + "i", rng.choice(EXTREMES))
    )
    return content[:place] + new + content[place + len(new) :]


def _splice(rng: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others)
    return content[: _place(rng, content)] + other[_place(rng, other) :]


_BYTE_WAYS: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip,
    _flip,
    _set,
    _cut,
    _truncate,
    _insert,
    _repeat,
    _swap,
    _number,
    _number,
    _number,
    _splice,
)  # fmt: skip - a list of chances


def damaged_csv(rng: Random, content: bytes) -> bytes:
    """Damage what makes a csv file a table: cells, rows, delimiters, line ends, encodings."""
    rows = [list(row) for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))]
    for _ in range(rng.choice((1, 1, 2, 5))):
        rng.choice(_TABLE_WAYS)(rng, rows)
        if sum(len(cell) for row in rows for cell in row) > _LARGEST:
            break
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=rng.choice(",,,,,,;\t|"),
        lineterminator=rng.choice(("\n", "\n", "\r\n", "\r", "\n\n", "\r\r\n")),
        quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE)),
        escapechar="\\",
        quotechar=rng.choice(('"', '"', "'")),
    )
    writer.writerows(rows)
    return _encoded(rng, text.getvalue())


def _encoded(rng: Random, text: str) -> bytes:
    """Encode in the declared encoding, mostly, or in another."""
    encoding = rng.choice(("utf-8",) * 12 + ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp037", "utf-7"))
    mark = rng.choice((b"",) * 12 + (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf\xef\xbb\xbf", b"\x00"))
    return mark + text.encode(encoding, "replace")


def _cell(rng: Random, rows: list[list[str]]) -> None:
    if row := rng.choice(rows or [[]]):
        row[rng.randrange(len(row))] = rng.choice(TEXTS)


def _ragged(rng: Random, rows: list[list[str]]) -> None:
    if rows:
        row = rng.choice(rows)
        row.extend(["x"] * 3) if rng.random() < 0.5 else row.__delitem__(slice(-1, None))


def _wide(rng: Random, rows: list[list[str]]) -> None:
    width = 1_000_000 if rng.random() < 0.02 else 300
    (rows or [[]])[0].extend(f"c{place}" for place in range(width))


def _long(rng: Random, rows: list[list[str]]) -> None:
    if row := rng.choice(rows or [[]]):
        row[-1] = rng.choice(("x", '"', "\n", ",", "é")) * (5_000_000 if rng.random() < 0.05 else 200_000)


def _shuffled(rng: Random, rows: list[list[str]]) -> None:
    rng.choice((rng.shuffle, list.reverse, list.clear))(rows) if rng.random() < 0.5 else rows.__delitem__(
        slice(1, None)
    )


def _column(rng: Random, rows: list[list[str]]) -> None:
    place, text = rng.randrange(12), rng.choice(TEXTS)
    for row in rows[rng.randrange(2) :]:
        if place < len(row):
            row[place] = text


def _doubled(rng: Random, rows: list[list[str]]) -> None:
    if rows and len(rows) < 2_000:
        rows[rng.randrange(len(rows)) :] = [list(row) for row in rows for _ in range(rng.choice((1, 2, 30)))]


_TABLE_WAYS = (_cell, _cell, _cell, _ragged, _wide, _long, _shuffled, _column, _doubled)

_TOML_VALUES = (
    '""',
    "0",
    "-1",
    "1e400",
    "inf",
    "nan",
    "true",
    "[]",
    "{}",
    "[[]]",
    "{ a = 1 }",
    '["x", 1]',
    "2022-13-45",
    "2022-05-31T10:00:00Z",
    "07:32:00",
    "0001-01-01",
    "9999-12-31",
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    "9" * 5000,
    "9" * 400,
    '"' + "x" * 50_000 + '"',
    "'" + "[" * 500 + "'",
    "[" * 2000,
    "[" * 200 + "]" * 200,
    "{ x = " * 300,
    '"."',
    '".."',
    '"/"',
    '"/dev/zero"',
    '"/dev/stdin"',
    '"first"',
    '"' + "a" * 300 + '"',
    '"harmonised.toml"',
    '"Q1"',
    '["Q1"]',
    '"don\'t know"',
    "[1e308, -1e308]",
    "[nan, nan]",
    "[16]",
    '"csv"',
    '"xlsx"',
    '"utf-16"',
    '"idna"',
    '"base64"',
    '"rot13"',
    '"undefined"',
    '"\\""',
    '"\\n"',
    '"é"',
    "[110, 16]",
    "3",
    "64",
    '"age"',
    '"age_band"',
)  # fmt: skip - a list of values
_KEYED = re.compile(r"^(\s*)([^\s#\[=]+)(\s*=\s*)(.*)$")


def damaged_toml(rng: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """Damage the lines, keys and values of a TOML file."""
    lines = content.decode("utf-8-sig").split("\n")
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        place = rng.randrange(len(lines))
        other = rng.choice(rng.choice(others).decode("utf-8", "replace").split("\n"))
        keyed = _KEYED.match(lines[place])
        way = rng.randrange(9)
        if keyed and way < 5:
            key = _mistyped(rng, keyed[2]) if way == 4 else keyed[2]
            lines[place] = f"{keyed[1]}{key}{keyed[3]}{keyed[4] if way == 4 else rng.choice(_TOML_VALUES)}"
        elif way in {5, 6}:
            lines[place : place + rng.randrange(2)] = [
                rng.choice((other, lines[place], "[", "[[x]]", "x", '"""', "\x00"))
            ]
        else:
            lines[place] = _mistyped(rng, lines[place])
    return "\n".join(lines).encode("utf-8", "replace")


def _mistyped(rng: Random, text: str) -> str:
    """Write a text with a typing error."""
    place = rng.randrange(len(text) + 1)
    new = rng.choice(("", "", "x", " ", ".", '"', "[", "]", "=", "#", "é", "\t", "0", "\\"))
    return text[:place] + new + text[place + rng.randrange(2) :]
