"""Ways to damage spreadsheets and statistics files by what their parts mean."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from damage import EXTREMES, REALS, damaged
from seeds import packed, parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + depth, b"&%c;" % (97 + depth) * 10) for depth in range(9))
    + b"]>"
)
_OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
_QUADRATIC = b'<!DOCTYPE x [<!ENTITY a "' + b"A" * 100_000 + b'">]>'
_CELL = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*?(?:/>|>.*?</c>)')
_CELLS = (
    b'<c r="%s"><f>1+1</f><v>2</v></c>',
    b'<c r="%s" t="e"><v>#N/A</v></c>',
    b'<c r="%s" t="b"><v>1</v></c>',
    b'<c r="%s" t="b"><v>x</v></c>',
    b'<c r="%s" s="1"><v>1e300</v></c>',
    b'<c r="%s" s="1"><v>-700000</v></c>',
    b'<c r="%s" s="1"><v>2958466</v></c>',
    b'<c r="%s" s="99999"><v>3</v></c>',
    b'<c r="%s"><v>nan</v></c>',
    b'<c r="%s"><v>1e999</v></c>',
    b'<c r="%s"><v></v></c>',
    b'<c r="%s" t="s"><v>999999</v></c>',
    b'<c r="%s" t="s"><v>-1</v></c>',
    b'<c r="%s" t="s"><v>x</v></c>',
    b'<c r="%s" t="inlineStr"><is><t>in line</t></is></c>',
    b'<c r="%s" t="inlineStr"></c>',
    b'<c r="%s" t="d"><v>2022-99-99</v></c>',
    b'<c r="%s" t="str"><v>&#0;</v></c>',
    b'<c r="%s" t="zzz"><v>3</v></c>',
    b'<c r="XFD1048576"><v>3</v></c>%.0s',
    b'<c r="ZZZZ1"><v>3</v></c>%.0s',
    b'<c r="A0"><v>3</v></c>%.0s',
    b'<c r="Q1"><v>3</v></c>%.0s',
    b"<c><v>3</v></c>%.0s",
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def damaged_xlsx(rng: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """Damage a spreadsheet's parts, cells or packing."""
    files = parts(content)
    for _ in range(rng.choice((1, 1, 2))):
        way = rng.choice((_part, _part, _xml, _xml, _cells, _cells, _cells, _sheet, _sheet, _entities))
        way(rng, files, others)
    return _packing(rng, packed(files)) if rng.random() < 0.3 else packed(files)


def _sheets(files: dict[str, bytes]) -> list[str]:
    return [name for name in files if "worksheets/sheet" in name] or list(files)


def _part(rng: Random, files: dict[str, bytes], others: Sequence[bytes]) -> None:
    """Remove, empty, exchange or damage a part."""
    name, other = rng.choice(list(files)), rng.choice(list(files))
    way = rng.randrange(5)
    if way == 0 and len(files) > 1:
        del files[name]
    else:
        files[name] = (b"", files[other], damaged(rng, files[name], others), files[name][:-9], b"<a/>")[way]


def _xml(rng: Random, files: dict[str, bytes], _: Sequence[bytes]) -> None:
    """Change one attribute or text."""
    name = rng.choice(list(files))
    values = list(re.finditer(rb'"[^"<>]*"|>[^<>]+<', files[name]))
    if values:
        found = rng.choice(values)
        new = rng.choice(
            (b"", b"x", b"-1", b"0", b"99999999999", b"1e999", b"nan", b"A1:XFD1048576", b"\xc3\xa9", b"../x")
        )
        files[name] = files[name][: found.start() + 1] + new + files[name][found.end() - 1 :]


def _cells(rng: Random, files: dict[str, bytes], _: Sequence[bytes]) -> None:
    """Put other kinds of cells in."""
    name = rng.choice(_sheets(files))
    found = list(_CELL.finditer(files[name]))
    for cell in sorted(rng.sample(found, min(len(found), rng.choice((1, 1, 3)))), key=lambda one: -one.start()):
        new = rng.choice(_CELLS) % cell[1]
        files[name] = files[name][: cell.start()] + new + files[name][cell.end() :]


def _sheet(rng: Random, files: dict[str, bytes], _: Sequence[bytes]) -> None:
    """Lie about the size of the sheet, or make it very large or very deep."""
    name = rng.choice(_sheets(files))
    old, new = rng.choice(
        (
            (rb"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'),
            (rb'ref="[^"]*"', b'ref="A1"'),
            (rb'ref="[^"]*"', b'ref="A1:XFD1048576"'),
            (rb"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
            (rb"</sheetData>", b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData>'),
            (rb"</sheetData>", b'<row r="-1"><c><v>1</v></c></row></sheetData>'),
            (rb"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
            (rb'<row r="3"', b'<row r="2"'),
            (rb'<row r="2"', b'<row r="200000"'),
            (rb"</row>", b"<row>" * 1000),
            (rb"<sheetData>", b"<x>" * 20_000),
            (rb"</sheetData>", b'<row><c t="s"><v>1</v></c></row>' * 20_000 + b"</sheetData>"),
        )
    )
    files[name] = re.sub(old, lambda _: new, files[name], count=1)


def _entities(rng: Random, files: dict[str, bytes], _: Sequence[bytes]) -> None:
    """Define entities that grow without limit, or that name a file of this machine."""
    name = rng.choice([*_sheets(files), "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml"])
    content = files.get(name, b"<a></a>")
    defined, used = rng.choice(
        ((_LAUGHS, b"&j;"), (_OUTSIDE, b"&a;"), (_QUADRATIC, b"&a;" * 20_000), (_LAUGHS, b"&c;"))
    )
    head = content.index(b"?>") + 2 if b"?>" in content else 0
    body = re.sub(rb"<(t|v)>[^<]*<", lambda found: b"<" + found[1] + b">" + used + b"<", content[head:], count=1)
    files[name] = content[:head] + defined + body


def _packing(rng: Random, content: bytes) -> bytes:
    """Lie in the directory of the zip file, or pack something else."""
    way = rng.randrange(8)
    if way == 0:
        return _OLE + content[8:]
    if way == 1:
        return _OLE + bytes(rng.randrange(512, 9000))
    if way == 2:
        return packed({"xl/workbook.xml": content, "inner.zip": content})
    if way == 3:
        return _bomb(rng)
    if way == 4:
        return content.replace(b"PK\x01\x02", b"PK\x01\x02", 1)[:-22] + content[-22:] * 2
    return _directory(rng, content)


def _directory(rng: Random, content: bytes) -> bytes:
    """Change a number of the zip directory: flags, method, sizes, offsets."""
    places = [found.start() for found in re.finditer(rb"PK\x01\x02|PK\x03\x04", content)]
    start = rng.choice(places)
    shift, form = rng.choice(((8, "<H"), (10, "<H"), (16, "<I"), (20, "<I"), (24, "<I"), (28, "<H"), (42, "<I")))
    new = struct.pack(
        form, rng.choice((0, 1, 8, 9, 12, 14, 99, 65_535, 2**31, 2**32 - 1)) % 256 ** struct.calcsize(form)
    )
    return content[: start + shift] + new + content[start + shift + len(new) :]


def _bomb(rng: Random) -> bytes:
    """Pack far more than the directory says, or many names for the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
            book.writestr(
                zipfile.ZipInfo(name), b"<a>" + b" " * rng.choice((10, 3_000_000, 30_000_000)), zipfile.ZIP_DEFLATED
            )
    content = target.getvalue()
    if rng.random() < 0.5:  # sizes that lie
        for found in re.finditer(rb"PK\x01\x02", content):
            place = found.start() + 24
            content = content[:place] + struct.pack("<I", rng.choice((3, 100, 2**32 - 2))) + content[place + 4 :]
    return content


def damaged_spss(rng: Random, content: bytes) -> bytes:
    """Change counts, types, missing ranges and labels of an SPSS file."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        way = rng.randrange(6)
        if way == 0:
            place, form = rng.choice(((64, "i"), (68, "i"), (72, "i"), (76, "i"), (80, "i"), (84, "d")))
            content = _put(rng, content, place, form)
        elif way < 5:
            kinds = (2, 3, 4, 6, 7, 999)
            starts = [
                place
                for place in range(176, len(content) - 40, 4)
                if (content[place + 1 : place + 4] == b"\0\0\0" and content[place] in kinds)
                or content[place : place + 4] == b"\xe7\x03\0\0"
            ]  # fmt: skip - one condition
            place = rng.choice(starts or [176]) + 4 * rng.randrange(9)
            content = _put(rng, content, place, rng.choice("iiid"))
        else:
            content = _zheader(rng, content) if content[:4] == b"$FL3" else _put(rng, content, len(content) - 64, "d")
    return content


def _put(rng: Random, content: bytes, place: int, form: str) -> bytes:
    new = struct.pack("<" + form, rng.choice(REALS if form == "d" else EXTREMES))
    return content[:place] + new + content[place + len(new) :]


def _zheader(rng: Random, content: bytes) -> bytes:
    """Change the offsets and sizes of the compressed blocks, or compress something endless."""
    end = content.rfind(b"\xe7\x03\0\0\0\0\0\0")
    if rng.random() < 0.2:
        endless = zlib.compress(bytes([1]) * rng.choice((10_000_000, 200_000_000)), 9)
        return content[: end + 32] + endless
    places = [end + 8, end + 16, end + 24, *range(len(content) - 48, len(content) - 7, 4)]
    place = rng.choice(places)
    new = struct.pack("<q", rng.choice((0, -1, 1, 2**31, 2**40, 2**62, -(2**62), len(content))))
    return content[:place] + new + content[place + 8 :]


def damaged_stata(rng: Random, content: bytes) -> bytes:
    """Change what stands right after a tag of a Stata file, or one of its numbers."""
    tags = [found.end() for found in re.finditer(rb"<[A-Za-z_/]+>", content)]
    for _ in range(rng.choice((1, 1, 2, 3))):
        place = rng.choice(tags or [0]) + rng.choice((0, 0, 0, 2, 4, 8, 12))
        form = rng.choice(("b", "h", "i", "i", "q", "d"))
        choice = rng.choice(REALS) if form == "d" else rng.choice(EXTREMES)
        size = 8 * struct.calcsize("<" + form)
        new = struct.pack("<d", choice) if form == "d" else (int(choice) % 2**size).to_bytes(size // 8, "little")
        content = content[:place] + new + content[place + len(new) :]
    return content


def damaged_portable(rng: Random, content: bytes) -> bytes:
    """Change the numbers, in base 30, and the texts of a portable file."""
    numbers = [found.span() for found in re.finditer(rb"[0-9A-T.*-]+/", content)][4:]
    for _ in range(rng.choice((1, 1, 2, 3))):
        start, end = rng.choice(numbers)
        new = rng.choice(
            (b"0/", b"-1/", b"*./", b"TTTTTT/", b"TTTTTTTTTTTTTTTTTT/", b"1+TT/", b"1-TTT/", b"/", b"Z", b"8/F/")
        )
        content = content[:start] + new + content[end:]
        numbers = [found.span() for found in re.finditer(rb"[0-9A-T.*-]+/", content)][4:]
    return content
