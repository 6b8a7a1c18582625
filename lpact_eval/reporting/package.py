"""Files of Word and PowerPoint as they lie packed: their parts as trees, and how one part leads to others."""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from lpact_eval.errors import LpactError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Element = ET.Element
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT: Final = {  # Office saves the same file under other names where "strict" is chosen
    b"http://purl.oclc.org/ooxml/officeDocument/": b"http://schemas.openxmlformats.org/officeDocument/2006/",
    b"http://purl.oclc.org/ooxml/drawingml/": b"http://schemas.openxmlformats.org/drawingml/2006/",
    b"http://purl.oclc.org/ooxml/presentationml/main": b"http://schemas.openxmlformats.org/presentationml/2006/main",
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
}
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_CORE: Final = "docProps/core.xml"
_OLD: Final = b"\xd0\xcf\x11\xe0"  # how files of before 2007 begin, and those with a password
_LARGEST: Final = 200_000_000  # bytes once unpacked
_DECORATIVE: Final = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a part leads."""

    kind: str
    target: str
    outside: bool


@dataclass(frozen=True, slots=True, eq=False)
class Package:
    """An opened file.

    Attributes
    ----------
    name : str
        Of the file.
    parts : mapping of str to Element
        Every part that is XML, by its name without a slash before it.
    relations : mapping of str to mapping of str to Relation
        By part and id.
    main : str
        The part that the file is about.
    """

    name: str
    parts: Mapping[str, Element]
    relations: Mapping[str, Mapping[str, Relation]]
    main: str

    @property
    def title(self) -> str:
        """What the file says its title is."""
        core = self.parts.get(_CORE)
        found = None if core is None else core.findtext(f"{_DC}title")
        return (found or "").strip()

    def led(self, part: str, kind: str) -> Iterator[tuple[str, Element]]:
        """Go through the parts that a part leads to by a kind of relation, such as "notesSlide"."""
        for relation in self.relations.get(part, {}).values():
            if relation.kind == kind and relation.target in self.parts:
                yield relation.target, self.parts[relation.target]

    def one(self, part: str, kind: str) -> tuple[str, Element | None]:
        """Return the first of these parts, or none."""
        return next(iter(self.led(part, kind)), ("", None))


def open_package(path: Path, what: str, root: str) -> Package:
    """Open a file of Word or PowerPoint.

    Parameters
    ----------
    path : Path
    what : str
        What it is taken for, for messages: "Word document".
    root : str
        Name of the main part's outermost element.

    Returns
    -------
    Package

    Raises
    ------
    LpactError
        If it is nothing of the kind, damaged, or closed with a password. The message holds nothing that stands in it.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_OLD)) == _OLD:
                _refuse(path, what, "it has a password, or is of the kind from before 2007; save it anew without")
        with zipfile.ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > _LARGEST:
                _refuse(path, what, f"it holds more than {_LARGEST // 1_000_000} MB")
            content = {one.filename: packed.read(one) for one in packed.infolist() if _is_xml(one.filename)}
        parts = {name: _tree(text) for name, text in content.items()}
    except LpactError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a damaged file makes the reader stumble over
        _refuse(path, what, f"it can't be opened ({type(error).__name__})")
    relations = {_owner(name): _relations(name, tree) for name, tree in parts.items() if name.endswith(".rels")}
    leading = [one.target for one in relations.get("", {}).values() if one.kind == "officeDocument"]
    main = next((name for name in leading if name in parts), "")
    if not main or parts[main].tag != root:
        _refuse(path, what, "its main part is missing or of another kind")
    return Package(path.name, parts, relations, main)


def is_decorative(shown: Element) -> bool:
    """Whether the element that names a picture says that it is there for looks alone."""
    return any(one.get("val") in {"1", "true"} for one in shown.iter(_DECORATIVE))


def alternative(shown: Element) -> str:
    """Return the text alternative of the element that names a picture; a file's name is none."""
    said = (shown.get("descr") or "").strip()
    is_file = said.casefold().endswith((".png", ".jpg", ".jpeg", ".gif", ".svg", ".emf", ".wmf", ".bmp"))
    return "" if is_file and " " not in said else said


def theme_colours(theme: Element | None) -> dict[str, str]:
    """Read a theme's colours by their names, as RRGGBB."""
    scheme = None if theme is None else theme.find(f"{A}themeElements/{A}clrScheme")
    found: dict[str, str] = {}
    for one in scheme if scheme is not None else ():
        for colour in one:
            value = colour.get("lastClr") or colour.get("val")
            if value:
                found[one.tag.removeprefix(A)] = value
    return found


def _is_xml(name: str) -> bool:
    """Whether a part is looked at."""
    return name.endswith((".xml", ".rels", ".vml"))


def _tree(content: bytes) -> Element:
    """Read a part; one with definitions of its own, which Office never writes, is refused."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        msg = "definitions"
        raise ValueError(msg)
    for strict, usual in _STRICT.items():
        content = content.replace(strict, usual)
    return ET.fromstring(content)  # noqa: S314 - without definitions nothing in it can grow or be fetched


def _owner(name: str) -> str:
    """Name the part whose relations a .rels part lists."""
    folder, _, file = name.rpartition("_rels/")
    return f"{folder}{file.removesuffix('.rels')}"


def _relations(name: str, tree: Element) -> dict[str, Relation]:
    """Read the relations of a part; targets are named from the top."""
    folder = posixpath.dirname(_owner(name))
    return {
        one.get("Id", ""): Relation(
            one.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/"),
            one.get("TargetMode") == "External",
        )
        for one in tree.iter(_RELATION)
    }


def _refuse(path: Path, what: str, why: str) -> NoReturn:
    """Refuse a file that is no such thing."""
    msg = f"{path.name} is no {what} that can be checked: {why}."
    raise LpactError(msg)
