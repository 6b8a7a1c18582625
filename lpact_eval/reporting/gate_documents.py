"""Look at documents, slides, further pages, tables and pictures of a release for what the rules keep back.

Tables are read with their headings, everything else as words: paragraphs, notes, text alternatives, headers and
footers, properties, the texts and workbooks of charts, what pictures say of themselves. What a picture shows in dots
can't be read; its words and its csv can.
"""

from __future__ import annotations

import csv
import io
import re
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import LpactError
from lpact_eval.reporting.gate_confidential import in_line
from lpact_eval.reporting.gate_words import tells_few
from lpact_eval.reporting.package import A
from lpact_eval.reporting.page_parts import read_page
from lpact_eval.reporting.word_parts import W

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from lpact_eval.disclosure.rules import Rules

    Lines = Iterable[tuple[str, Sequence[str]]]

PNG: Final = b"\x89PNG\r\n\x1a\n"
BASE_IN_WORDS: Final = "a base below the threshold is told in words"
KINDS: Final = (".html", ".docx", ".pptx", ".csv", ".svg", ".png", ".txt")
_BASE_IN_HEADING: Final = re.compile(r"\((?P<base>\d[\d,]*)\) \(per cent\)$")
_LARGEST: Final = 200_000_000  # bytes once unpacked
_DEEPEST: Final = 2  # packages within packages: a workbook within slides
_PIECES: Final = frozenset({f"{W}p", f"{A}p"})
_TOLD: Final = frozenset({"descr", "title", "name", "val"})  # attributes that hold words


def in_file(path: Path, name: str, rules: Rules) -> list[str]:
    """Find small bases in a file of a release, and numbers beside a suppressed base.

    Parameters
    ----------
    path : Path
    name : str
        As the release lists it; its ending is one of `KINDS`.
    rules : Rules

    Returns
    -------
    list of str
        Places, without a number.

    Raises
    ------
    LpactError
        If it is not what its name says.
    """
    try:
        found = list(_READERS[path.suffix](path, rules))
    except LpactError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a damaged file makes its reader stumble over
        msg = f"{name}: can't be read ({type(error).__name__}). Write the release again."
        raise LpactError(msg) from None
    return [f"{name}, {place}" for place in found]


def _in_page(path: Path, rules: Rules) -> Iterator[str]:
    """Look at a page: its tables, and its words with those of its pictures."""
    parts = read_page(path.read_text(encoding="utf-8"))
    for place, table in enumerate(parts.tables, 1):
        yield from _in_table(f"table {place}", table.headings, table.rows[1:], rules)
    yield from _in_words("text", [*parts.words, *parts.said], rules)


def _in_csv(path: Path, rules: Rules) -> Iterator[str]:
    """Look at a table by itself."""
    lines = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))
    if lines:
        yield from _in_table("table", lines[0], lines[1:], rules)


def _in_picture(path: Path, rules: Rules) -> Iterator[str]:
    """Look at what a picture says of itself, or at the words beside it."""
    content = path.read_bytes()
    if path.suffix == ".png":
        yield from _in_words("its words", _chunks(content), rules)
    elif path.suffix == ".svg":
        tree = ET.fromstring(content)  # noqa: S314 - definitions are refused by the checklist for charts
        texts = ["".join(one.itertext()) for one in tree.iter() if one.tag.endswith(("}text", "}title", "}desc"))]
        said = [text for one in tree.iter() for text in one.attrib.values()]
        yield from _in_words("its words", [*texts, *said], rules)
    else:
        yield from _in_words("text", content.decode("utf-8").splitlines(), rules)


def _in_package(path: Path, rules: Rules) -> Iterator[str]:
    """Look at a document or at slides."""
    with zipfile.ZipFile(path) as packed:
        yield from _in_parts(packed, rules, depth=0)


def _in_parts(packed: zipfile.ZipFile, rules: Rules, *, depth: int) -> Iterator[str]:
    """Look at every part of a package, and at packages within."""
    if sum(one.file_size for one in packed.infolist()) > _LARGEST or depth > _DEEPEST:
        msg = "It holds more than a release's file does. Write the release again."
        raise LpactError(msg)
    for name in packed.namelist():
        content = packed.read(name)
        if name.endswith(".xlsx"):
            yield from (f"{name}, {place}" for place in _in_workbook(content, rules))
        elif name.endswith((".docx", ".pptx")):
            with zipfile.ZipFile(io.BytesIO(content)) as inner:
                yield from (f"{name}, {place}" for place in _in_parts(inner, rules, depth=depth + 1))
        elif name.endswith(".png"):
            yield from _in_words(f"{name}, its words", _chunks(content), rules)
        elif name.endswith(".xml"):
            yield from _in_part(name, content, rules)


def _in_part(name: str, content: bytes, rules: Rules) -> Iterator[str]:
    """Look at one part: its tables with their headings, and all its words."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        msg = f"{name} has definitions of its own, which no writer of ours makes. Write the release again."
        raise LpactError(msg)
    tree = ET.fromstring(content)  # noqa: S314 - without definitions nothing in it can grow or be fetched
    for main in (W, A):
        for place, table in enumerate(tree.iter(f"{main}tbl"), 1):
            rows = [[_text(cell) for cell in row.findall(f"{main}tc")] for row in table.findall(f"{main}tr")]
            if rows:
                yield from _in_table(f"{name}, table {place}", rows[0], rows[1:], rules)
    pieces = [_text(one) for one in tree.iter() if one.tag in _PIECES]
    apart = [one.text for one in tree.iter() if one.text and one.text.strip()]
    said = [text for one in tree.iter() for key, text in one.attrib.items() if key.rpartition("}")[2] in _TOLD]
    yield from _in_words(f"{name}, text", [*pieces, *apart, *said], rules)


def _in_workbook(content: bytes, rules: Rules) -> Iterator[str]:
    """Look at a workbook inside a file."""
    import openpyxl  # noqa: PLC0415 - slow to load

    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        if rows:
            yield from _in_table(sheet.title, rows[0], rows[1:], rules)


def _in_table(place: str, headings: Sequence[str], rows: Iterable[Sequence[str]], rules: Rules) -> Iterator[str]:
    """Look at a table as a reader would."""
    bases = [found for heading in headings if (found := _BASE_IN_HEADING.search(heading))]
    if any(0 < int(found["base"].replace(",", "")) < rules.suppress_below for found in bases):
        yield f"{place}: a base below the threshold is told in a heading"
    for number, row in enumerate(rows, 1):
        yield from (f"{place}, row {number}: {what}" for what in in_line(headings, row, rules))
        if any(tells_few(text, rules.suppress_below) for text in row):
            yield f"{place}, row {number}: {BASE_IN_WORDS}"


def _in_words(place: str, texts: Iterable[str], rules: Rules) -> Iterator[str]:
    """Look at words outside tables."""
    if any(tells_few(text, rules.suppress_below) for text in texts):
        yield f"{place}: {BASE_IN_WORDS}"


def _text(element: ET.Element) -> str:
    """Join the words in an element."""
    return " ".join("".join(one.text or "" for one in element.iter() if one.tag in {f"{W}t", f"{A}t"}).split())


def _chunks(picture: bytes) -> Iterator[str]:
    """Read what a picture says of itself in words."""
    place = len(PNG)
    while picture.startswith(PNG) and place + 8 <= len(picture):
        length, kind = struct.unpack(">I4s", picture[place : place + 8])
        chunk = picture[place + 8 : place + 8 + length]
        place += length + 12
        _, _, rest = chunk.partition(b"\0")
        if kind == b"tEXt":
            yield rest.decode("latin-1")
        elif kind == b"zTXt":
            yield zlib.decompress(rest[1:]).decode("latin-1")
        elif kind == b"iTXt":
            text = rest[2:].split(b"\0", 2)[-1]
            yield (zlib.decompress(text) if rest[:1] == b"\1" else text).decode("utf-8", errors="replace")


_READERS: Final = {
    ".html": _in_page,
    ".csv": _in_csv,
    ".docx": _in_package,
    ".pptx": _in_package,
    **dict.fromkeys((".svg", ".png", ".txt"), _in_picture),
}
