"""A Word document as the parts of its file: python-docx would pack them, pictures too, before they are settled."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final, Protocol, cast

from docx.opc.constants import CONTENT_TYPE
from docx.opc.spec import default_content_types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document

_HEAD: Final = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_ALWAYS: Final = {"rels": CONTENT_TYPE.OPC_RELATIONSHIPS, "xml": CONTENT_TYPE.XML}


class _Name(Protocol):
    """What is used of a part's name."""

    membername: str
    ext: str
    rels_uri: _Name


class _Relations(Protocol):
    """What is used of the relations of a part."""

    xml: bytes

    def __len__(self) -> int:
        """Count them."""
        ...


class _Part(Protocol):
    """What is used of a part of the file."""

    partname: _Name
    content_type: str
    blob: bytes
    rels: _Relations

    def before_marshal(self) -> None:
        """Make it ready to be written."""


class _Package(Protocol):
    """What is used of the file."""

    parts: Sequence[_Part]
    rels: _Relations


def parts_of(document: Document) -> dict[str, bytes]:
    """Write every part of a document's file.

    Parameters
    ----------
    document : Document

    Returns
    -------
    dict of str to bytes
        By their names, in the order in which python-docx writes them.
    """
    package = cast("_Package", document.part.package)
    parts = package.parts
    for part in parts:
        part.before_marshal()
    made = {"[Content_Types].xml": _types(parts), "_rels/.rels": package.rels.xml}
    for part in parts:
        made[part.partname.membername] = part.blob
        if len(part.rels):
            made[part.partname.rels_uri.membername] = part.rels.xml
    return made


def _types(parts: Sequence[_Part]) -> bytes:
    """List what kind of content each part has: by its ending where that tells it."""
    usual = {(part.partname.ext, part.content_type) for part in parts} & set(default_content_types)
    by_ending = "".join(
        f'<Default Extension="{ending}" ContentType="{escape(kind)}"/>'
        for ending, kind in sorted((_ALWAYS | dict(usual)).items())
    )
    by_name = "".join(
        f'<Override PartName="{escape(str(part.partname))}" ContentType="{escape(part.content_type)}"/>'
        for part in sorted(parts, key=lambda one: str(one.partname))
        if (part.partname.ext, part.content_type) not in usual
    )
    return f'{_HEAD}<Types xmlns="{_TYPES}">{by_ending}{by_name}</Types>'.encode()
