"""What slides are made of, as far as a reader meets it: shapes in order, their words, places and looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.package import A, Element, R, open_package, theme_colours

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from lpact_eval.reporting.package import Package

P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
TITLES: Final = frozenset({"title", "ctrTitle"})
EDGES: Final = frozenset({"dt", "ftr", "sldNum", "hdr"})  # date, footer and number: the same on every slide
PAPER: Final = "FFFFFF"
_SHAPES: Final = frozenset(f"{P}{name}" for name in ("sp", "pic", "graphicFrame", "grpSp", "cxnSp"))
_LIKE: Final[Mapping[str, str]] = {"ctrTitle": "title", "subTitle": "body", "": "body", "obj": "body"}
_POINTS: Final = 18.0  # of letters of which nothing says how large they are
_WHOLE: Final = 100_000  # of what is given in thousandths of a per cent
_NAMED: Final[Mapping[str, str]] = {"tx1": "dk1", "bg1": "lt1", "tx2": "dk2", "bg2": "lt2"}

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True, eq=False)
class Slide:
    """A slide with what it inherits from.

    Attributes
    ----------
    place : int
        From 1.
    part : str
    tree, layout, master : Element
    colours : mapping of str to str
        Of its theme, by name.
    notes : Element or None
    package : Package
    """

    place: int
    part: str
    tree: Element
    layout: Element | None
    master: Element | None
    colours: Mapping[str, str]
    notes: Element | None
    package: Package

    @property
    def shapes(self) -> list[Element]:
        """Its shapes in the order in which they are read; a group is one."""
        return shapes_of(self.tree)

    @property
    def title(self) -> str:
        """The words of its title."""
        return " ".join(words_of(one) for one in self.shapes if kind_of(one) in TITLES).strip()

    def patterns(self, shape: Element) -> list[Element]:
        """Find the placeholders of layout and master that a placeholder follows, the nearest first."""
        holder = _holder(shape)
        if holder is None:
            return []
        kind, place = holder.get("type", ""), holder.get("idx", "0")
        wanted = _LIKE.get(kind, kind)
        found: list[Element] = []
        for tree in (self.layout, self.master):
            others = [(one, other) for one in shapes_of(tree) if (other := _holder(one)) is not None]
            alike = [one for one, other in others if _LIKE.get(other.get("type", ""), other.get("type", "")) == wanted]
            exact = [one for one, other in others if other.get("idx", "0") == place and one in alike]
            found += (exact or alike)[:1]
        return found

    def looks(self, run: Element | None, shape: Element, level: int) -> Iterator[Element]:
        """Go through the properties of letters, the nearest first."""
        own = None if run is None else run.find(f"{A}rPr")
        if own is not None:
            yield own
        styles = [one.find(f".//{A}lstStyle") for one in (shape, *self.patterns(shape))]
        styles += [self._master_style(shape)]
        styles.append(self.package.parts[self.package.main].find(f"{P}defaultTextStyle"))
        for style in styles:
            if style is not None:
                levels = (style.find(f"{A}lvl{level + 1}pPr/{A}defRPr"), style.find(f"{A}defPPr/{A}defRPr"))
                yield from (one for one in levels if one is not None)

    def box(self, shape: Element) -> Box | None:
        """Return where a shape stands; None where nothing says so."""
        for one in (shape, *self.patterns(shape)):
            frame = one.find(f"{P}spPr/{A}xfrm")
            frame = one.find(f"{P}xfrm") if frame is None else frame
            frame = one.find(f"{P}grpSpPr/{A}xfrm") if frame is None else frame
            if frame is not None and (corner := frame.find(f"{A}off")) is not None:
                size = frame.find(f"{A}ext")
                left, top = float(corner.get("x", "0")), float(corner.get("y", "0"))
                wide, tall = (0.0 if size is None else float(size.get(name, "0")) for name in ("cx", "cy"))
                return left, top, left + wide, top + tall
        return None

    def colour(self, fill: Element | None) -> str:
        """Return the colour of a fill as RRGGBB; nothing where it is mixed or of another kind."""
        for one in fill if fill is not None else ():
            if one.tag == f"{A}srgbClr":
                return one.get("val", "")
            if one.tag == f"{A}sysClr":
                return one.get("lastClr", "")
            if one.tag == f"{A}schemeClr" and not len(one):
                name = one.get("val", "")
                chosen = None if self.master is None else self.master.find(f"{P}clrMap")
                return self.colours.get((None if chosen is None else chosen.get(name)) or _NAMED.get(name, name), "")
        return ""

    def ground(self, shape: Element) -> str:
        """Return the colour on which the words of a shape stand; nothing where it can't be told."""
        if (own := self._own_ground(shape)) is not None:
            return own
        box = self.box(shape)
        below = self.shapes[: self.shapes.index(shape)] if shape in self.shapes else []
        for other in reversed(below):
            under = self.box(other)
            if box is not None and under is not None and _holds(under, box):
                found = "" if other.tag == f"{P}pic" else self._own_ground(other)
                if found is not None:
                    return found
        return self._paper()

    def _own_ground(self, shape: Element) -> str | None:
        """Return the colour that a shape is filled with; None where it is not filled."""
        properties = shape.find(f"{P}spPr")
        for fill in properties if properties is not None else ():
            if fill.tag == f"{A}solidFill":
                return self.colour(fill)
            if fill.tag == f"{A}noFill":
                return None
            if fill.tag in {f"{A}gradFill", f"{A}blipFill", f"{A}pattFill"}:
                return ""
        styled = shape.find(f"{P}style/{A}fillRef")
        return None if styled is None or styled.get("idx", "0") == "0" else self.colour(styled)

    def _paper(self) -> str:
        """Return the colour of the slide's ground."""
        for tree in (self.tree, self.layout, self.master):
            ground = None if tree is None else tree.find(f"{P}cSld/{P}bg")
            if ground is not None:
                solid = ground.find(f"{P}bgPr/{A}solidFill")
                return self.colour(solid if solid is not None else ground.find(f"{P}bgRef"))
        return PAPER

    def _master_style(self, shape: Element) -> Element | None:
        """Find the master's style of words for a shape."""
        if self.master is None:
            return None
        holder = _holder(shape)
        kind = None if holder is None else holder.get("type", "")
        name = "titleStyle" if kind in TITLES else "otherStyle" if kind is None or kind in EDGES else "bodyStyle"
        return self.master.find(f"{P}txStyles/{P}{name}")


def open_slides(path: Path) -> tuple[Package, list[Slide]]:
    """Open a file of slides.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Package and list of Slide
        In the order in which they are shown.

    Raises
    ------
    LpactError
        If it is no file of slides, damaged, or closed with a password.
    """
    package = open_package(path, "file of slides", f"{P}presentation")
    listed = package.parts[package.main].findall(f"{P}sldIdLst/{P}sldId")
    leads = package.relations.get(package.main, {})
    parts = [leads[name].target for one in listed if (name := one.get(f"{R}id", "")) in leads]
    return package, [_slide(package, part, place) for place, part in enumerate(parts, 1) if part in package.parts]


def shapes_of(tree: Element | None) -> list[Element]:
    """List the shapes of a slide, layout or master, or of a group."""
    around = None if tree is None else tree.find(f"{P}cSld/{P}spTree")
    around = tree if around is None else around
    return [one for one in around if one.tag in _SHAPES] if around is not None else []


def kind_of(shape: Element) -> str | None:
    """Return what a placeholder is for; None for other shapes."""
    holder = _holder(shape)
    return None if holder is None else holder.get("type", "")


def shown_by(shape: Element) -> Element:
    """Return the element that names a shape and holds its text alternative."""
    return next((one for one in shape.iter(f"{P}cNvPr")), shape)


def words_of(element: Element) -> str:
    """Join the words in an element."""
    return " ".join("".join(one.text or "" for one in line.iter(f"{A}t")) for line in element.iter(f"{A}p")).strip()


def points_of(looks: list[Element], shape: Element) -> float:
    """Return the size of letters in points, as made smaller to fit."""
    given = next((size for look in looks if (size := look.get("sz", "")).isdigit()), "")
    fitted = next((one.get("fontScale", "") for one in shape.iter(f"{A}normAutofit")), "")
    scale = float(fitted.rstrip("%")) * (_WHOLE / 100 if "%" in fitted else 1) / _WHOLE if fitted else 1.0
    return (int(given) / 100 if given else _POINTS) * scale


def _slide(package: Package, part: str, place: int) -> Slide:
    """Gather a slide and what it inherits from."""
    layout_part, layout = package.one(part, "slideLayout")
    master_part, master = package.one(layout_part, "slideMaster")
    _, theme = package.one(master_part, "theme")
    _, notes = package.one(part, "notesSlide")
    return Slide(place, part, package.parts[part], layout, master, theme_colours(theme), notes, package)


def _holder(shape: Element) -> Element | None:
    """Find what makes a shape a placeholder."""
    return next((one for child in shape for one in child.findall(f"{P}nvPr/{P}ph")), None)


def _holds(outer: Box, inner: Box) -> bool:
    """Whether a box holds the middle of another."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]
