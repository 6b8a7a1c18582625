"""What is used of the elements inside Word and PowerPoint files, of which their libraries have no whole types."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable


class Element(Protocol):
    """An element of the file."""

    attrib: dict[str, str]
    tag: str
    text: str | None

    def set(self, name: str, value: str) -> None:
        """Set an attribute."""

    def append(self, element: Element) -> None:
        """Put an element in, as the last."""

    def addprevious(self, element: Element) -> None:
        """Put an element before this one."""

    def remove(self, element: Element) -> None:
        """Take an element out."""

    def find(self, name: str) -> Element | None:
        """Find the first element of a name."""

    def findall(self, name: str) -> list[Element]:
        """Find elements by name."""
        ...

    def getparent(self) -> Element:
        """Give the element that this one is in."""
        ...


element_of = cast("Callable[[object], Element]", attrgetter("_element"))  # neither library has another way to it


def part_of(owner: object, maker: str) -> Element:
    """Take a part of an element, made where it is missing.

    Parameters
    ----------
    owner : object
        An element.
    maker : str
        Name of its method that gives the part.

    Returns
    -------
    Element
    """
    return cast("Callable[[], Element]", getattr(owner, maker))()
