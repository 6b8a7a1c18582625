"""Word and PowerPoint files as packages: templates of the force opened, and every byte settled before writing."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

LANGUAGE: Final = "en-GB"
_OF_TEMPLATES: Final = {
    b"wordprocessingml.template.main+xml": b"wordprocessingml.document.main+xml",
    b"presentationml.template.main+xml": b"presentationml.presentation.main+xml",
}
_TYPES: Final = "[Content_Types].xml"
_CORE: Final = "docProps/core.xml"
_PICTURE: Final = "docProps/thumbnail.jpeg"  # the first page of somebody else's file
_TIME: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")
_RELATION: Final = re.compile(rb'<Relationship [^>]*Target="/?docProps/thumbnail\.jpeg"[^>]*/>')


def template_stream(path: Path) -> BytesIO:
    """Open a template as a document of its kind.

    Parameters
    ----------
    path : Path
        A .docx, .dotx, .pptx or .potx.

    Returns
    -------
    BytesIO
    """
    made = BytesIO()
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as taken:
        for name in given.namelist():
            content = given.read(name)
            if name == _TYPES:
                for template, document in _OF_TEMPLATES.items():
                    content = content.replace(template, document)
            taken.writestr(name, content)
    made.seek(0)
    return made


def settled(content: bytes, date: dt.date) -> bytes:
    """Write a package so that its bytes depend on what it says and on the day alone, embedded workbooks included.

    Parameters
    ----------
    content : bytes
        Of a .docx, .pptx or .xlsx.
    date : date
        Day that the file says it was made on.

    Returns
    -------
    bytes
    """
    with zipfile.ZipFile(BytesIO(content)) as given:
        return packed({name: given.read(name) for name in given.namelist()}, date)


def packed(parts: Mapping[str, bytes], date: dt.date) -> bytes:
    """Write a package of its parts; see `settled`.

    Parameters
    ----------
    parts : mapping of str to bytes
        By their names in the package.
    date : date

    Returns
    -------
    bytes
    """
    moment = f"{date.isoformat()}T00:00:00Z".encode()
    stamp = (max(date.year, 1980), date.month, date.day, 0, 0, 0)
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as taken:
        for name, content in parts.items():
            part = content
            if name == _PICTURE:
                continue
            if name == _CORE:
                part = _TIME.sub(lambda found: found[1] + moment + found[2], part)
            elif name == "_rels/.rels":
                part = _RELATION.sub(b"", part)
            elif name.endswith(".xlsx"):
                part = settled(part, date)
            kind = zipfile.ZIP_STORED if name.endswith((".png", ".xlsx")) else zipfile.ZIP_DEFLATED
            entry = zipfile.ZipInfo(name, stamp)
            entry.external_attr = 0o600 << 16
            taken.writestr(entry, part, kind)
    return made.getvalue()
