"""Slides as shapes in the order of reading: title, content, limits, foot; and their notes."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Final, cast

from pptx.dml.color import RGBColor
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from lpact_eval.reporting.blocks import Grid, GridCell
from lpact_eval.reporting.breadth import lines_needed
from lpact_eval.reporting.office_xml import element_of
from lpact_eval.reporting.slides_look import size_of
from lpact_eval.reporting.slides_plot import add_chart
from lpact_eval.reporting.slides_slide import Line
from lpact_eval.reporting.word_table import column_widths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pptx.shapes.autoshape import Shape
    from pptx.slide import Slide as Shown
    from pptx.table import _Cell, _Column, _Row  # pyright: ignore[reportPrivateUsage] - what its parts are called
    from pptx.text.text import TextFrame

    from lpact_eval.reporting.slides_look import Look
    from lpact_eval.reporting.slides_slide import Slide
    from lpact_eval.reporting.tables import Table

Box = tuple[Emu, Emu, Emu, Emu]
_PER_POINT: Final = 12700
_LINE: Final = 1.25  # of a line, in heights of its letters
_AFTER: Final = 0.45  # room below a paragraph, likewise
_TITLES: Final = (28, 26, 24, 22, 20, 18)
_OPENINGS: Final = (40, 36, 32, *_TITLES)
_BODIES: Final = (20, 18, 16, 15, 14, 13, 12)
_FEET: Final = (16, 14, 13, 12, 11)
_FOOTS: Final = (12, 11, 10, 9)
_ONE_LINE: Final = 330000  # high enough for one line of these, and not for two
_TABLES: Final = ((14.0, True), (13.0, True), (12.0, True), (11.0, True), (11.0, False), (10.0, False))
_BESIDE: Final = 0.3  # of the width, for limits beside the body
_FOOT: Final = 0.23  # of the height below the title, for the foot of a chart
_GAP: Final = 0.02
_BOLD: Final = 1.16  # width of a bold letter, of a plain one's
_INSET: Final = 8  # points above and below the text of a box
_MARGIN: Final = 127000  # of a cell, both sides together
_PADDING: Final = 230  # the same in twentieths of a point, and a little more
_PER_TWENTIETH: Final = 635
_GROUND: Final = RGBColor(0xF3, 0xF2, 0xF1)
_INK: Final = RGBColor(0x0B, 0x0C, 0x0C)


class Writer:
    """Adds slides, and keeps every text for the gate of words.

    Attributes
    ----------
    words : list of str
    """

    def __init__(self, made: Look, foot: str) -> None:
        self.words: list[str] = [foot]
        self._made = made
        self._foot = foot
        self._wide, self._tall = size_of(made)

    def add(self, slide: Slide) -> None:
        """Add a slide."""
        shown = self._made.deck.slides.add_slide(self._made.opening if slide.opening else self._made.inside)
        room = self._title(shown, slide)
        if slide.opening:
            self._opening(shown, slide, room)
        else:
            self._content(shown, slide, room)
        self._framed(shown)
        self._notes(shown, slide)

    def _title(self, shown: Shown, slide: Slide) -> Box:
        """Write the title as large as it has room for, and give the room below it."""
        title = shown.shapes.title
        if title is None:
            edge = Emu(int(0.045 * self._wide))
            title = shown.shapes.add_textbox(edge, edge, Emu(self._wide - 2 * edge), Emu(int(0.15 * self._tall)))
        self._write(
            title.text_frame,
            [Line(slide.title)],
            (title.width, title.height),
            _OPENINGS if slide.opening else _TITLES,
            own=False,
        )
        top = title.top + title.height + int(_GAP * self._tall)
        return Emu(title.left), Emu(top), Emu(title.width), Emu(int(0.925 * self._tall) - top)

    def _opening(self, shown: Shown, slide: Slide, room: Box) -> None:
        """Write who made the report and when."""
        kinds = (PP_PLACEHOLDER.SUBTITLE, PP_PLACEHOLDER.BODY)
        places = [cast("Shape", one) for one in shown.placeholders if one.placeholder_format.type in kinds]
        place = places[0] if places else shown.shapes.add_textbox(*room)
        self._write(place.text_frame, slide.body, (place.width, place.height), _BODIES)
        for one in places[1:]:
            element_of(one).getparent().remove(element_of(one))

    def _content(self, shown: Shown, slide: Slide, room: Box) -> None:
        """Put chart, table or text below the title, with what it can't show beneath or beside it."""
        left, top, wide, tall = room
        for place in [one for one in shown.placeholders if one != shown.shapes.title]:
            element_of(place).getparent().remove(element_of(place))
        beneath = [Line(text) for text in (slide.foot,) if text] + [Line(slide.limit, bold=True)] * bool(slide.limit)
        if slide.table is not None:
            used = self._table(shown, slide.table, (left, top, wide, Emu(int((1 - _FOOT) * tall))))
            top, tall = Emu(top + used), Emu(tall - used)
            self._text(shown, [*slide.body, *beneath], (left, top, wide, tall), _FEET)
        elif slide.chart is not None:
            foot = int(_FOOT * tall)
            add_chart(shown, slide.chart, (left, top, wide, Emu(tall - foot)))
            self.words += [slide.chart.alternative, *(place for panel in slide.chart.panels for place in panel.places)]
            self._text(shown, beneath, (left, Emu(top + tall - foot), wide, Emu(foot)), _FEET)
        else:
            aside = int((_BESIDE + _GAP) * wide) if slide.beside else 0
            self._text(shown, slide.body, (left, top, Emu(wide - aside), tall), _BODIES)
            if slide.beside:
                edge = Emu(left + wide - int(_BESIDE * wide))
                self._text(shown, slide.beside, (edge, top, Emu(int(_BESIDE * wide)), tall), _BODIES[2:], ground=True)

    def _text(
        self, shown: Shown, lines: Sequence[Line], box: Box, sizes: Sequence[int], *, ground: bool = False
    ) -> None:
        """Add a text box."""
        if not lines:
            return
        shape = shown.shapes.add_textbox(*box)
        frame = shape.text_frame
        frame.margin_left = frame.margin_right = Emu(0)
        if ground:
            shape.fill.solid()
            shape.fill.fore_color.rgb = _GROUND
            frame.margin_left = frame.margin_right = frame.margin_top = Pt(8)
        self._write(frame, lines, (Emu(box[2] - 2 * frame.margin_left), box[3]), sizes)

    def _write(
        self,
        frame: TextFrame,
        lines: Sequence[Line],
        room: tuple[int, int],
        sizes: Sequence[int],
        *,
        own: bool = True,
    ) -> None:
        """Write lines in the largest letters that fit."""
        size = _fitting(lines, room, sizes)
        frame.word_wrap = True
        for place, line in enumerate(lines):
            self.words.append(line.text)
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(_AFTER * size if place + 1 < len(lines) else 0)
            run = paragraph.add_run()
            run.text = line.text
            run.font.size, run.font.language_id = Pt(size), MSO_LANGUAGE_ID.ENGLISH_UK
            if own:
                run.font.bold = line.bold
                run.font.color.rgb = _INK

    def _table(self, shown: Shown, table: Table, box: Box) -> int:
        """Add a table with a heading row, and give the height that it takes up."""
        grid = Grid(table.caption, _heads(table), _cells(table))
        size, widths, heights = _table_sizes(grid, box)
        frame = shown.shapes.add_table(1 + len(grid.rows), len(widths), *box)
        frame.name = f"Table: {table.name}"
        for about in element_of(frame).findall(f"{qn('p:nvGraphicFramePr')}/{qn('p:cNvPr')}"):
            about.set("descr", f"Table: {table.caption}")
        made = frame.table
        made.first_row, made.horz_banding = True, False
        for column, wide in zip(cast("Iterable[_Column]", made.columns), widths, strict=True):
            column.width = Emu(wide)
        for row, cells, tall in zip(
            cast("Iterable[_Row]", made.rows), (grid.headings, *grid.rows), heights, strict=True
        ):
            row.height = Emu(tall)
            for cell, content in zip(cast("Iterable[_Cell]", row.cells), cells, strict=True):
                cell.margin_left = cell.margin_right = Emu(_MARGIN // 2)
                cell.vertical_anchor = MSO_ANCHOR.TOP
                self._write(cell.text_frame, [Line(content.text)], (1, 1), (size,), own=False)
                cell.text_frame.paragraphs[0].runs[0].font.bold = content.head
                if content.number:
                    cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
        frame.height = Emu(sum(heights))
        return int(sum(heights) + _GAP * self._tall)

    def _framed(self, shown: Shown) -> None:
        """Write foot and number of the slide; where the layout has no place for the foot, one is made."""
        kinds = {PP_PLACEHOLDER.FOOTER: bool(self._foot), PP_PLACEHOLDER.SLIDE_NUMBER: True}
        for place in shown.slide_layout.placeholders:
            if kinds.get(place.placeholder_format.type):
                shape = copy.deepcopy(element_of(place))
                number = 1 + max(one.shape_id for one in shown.shapes)
                for about in shape.findall(f"{qn('p:nvSpPr')}/{qn('p:cNvPr')}"):
                    about.set("id", str(number))
                element_of(shown.shapes).append(shape)
        feet = [
            cast("Shape", one) for one in shown.placeholders if one.placeholder_format.type is PP_PLACEHOLDER.FOOTER
        ]
        if feet:
            feet[0].text_frame.text = ""
            _plain(feet[0].text_frame, self._foot, feet[0].width)
        elif self._foot:
            edge, top = int(0.045 * self._wide), int(0.94 * self._tall)
            size = Emu(int(0.7 * self._wide)), Emu(int(0.05 * self._tall))
            _plain(shown.shapes.add_textbox(Emu(edge), Emu(top), *size).text_frame, self._foot, size[0])

    def _notes(self, shown: Shown, slide: Slide) -> None:
        """Write the notes: full sentences, bases, intervals, source."""
        frame = shown.notes_slide.notes_text_frame
        if frame is None:
            return
        for place, text in enumerate(dict.fromkeys(note for note in slide.notes if note)):
            self.words.append(text)
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text, run.font.language_id = text, MSO_LANGUAGE_ID.ENGLISH_UK


def _plain(frame: TextFrame, text: str, width: int) -> None:
    """Write a foot on one line, in the font of the whole."""
    frame.word_wrap = True
    run = frame.paragraphs[0].add_run()
    run.text, run.font.language_id, run.font.name = text, MSO_LANGUAGE_ID.ENGLISH_UK, "+mn-lt"
    run.font.size = Pt(_fitting([Line(text)], (width, _ONE_LINE), _FOOTS))


def _fitting(lines: Sequence[Line], room: tuple[int, int], sizes: Sequence[int]) -> int:
    """Choose the largest size at which the lines fit; the smallest where none does."""
    wide, tall = (length / _PER_POINT for length in room)
    for size in sizes:
        needed = sum(lines_needed(line.text, wide / (size * (_BOLD if line.bold else 1.0))) for line in lines)
        if size * (_LINE * needed + _AFTER * (len(lines) - 1)) <= tall - _INSET:
            return size
    return sizes[-1]


def _heads(table: Table) -> tuple[GridCell, ...]:
    """Take the headings of a table's columns."""
    return tuple(GridCell(one.heading, one.kind != "text", head=True) for one in table.columns)


def _cells(table: Table) -> tuple[tuple[GridCell, ...], ...]:
    """Take a table's texts, and which of them are numbers."""
    numbers = [column.kind != "text" for column in table.columns]
    return tuple(
        tuple(GridCell(cell.text, number) for cell, number in zip(row, numbers, strict=True)) for row in table.rows
    )


def _table_sizes(grid: Grid, box: Box) -> tuple[int, list[int], list[int]]:
    """Choose letters, widths and heights with which a table fits; the last way where none does."""
    points, widths, heights = 0.0, list[int](), list[int]()
    for way in _TABLES:
        points, narrow = column_widths(grid, box[2] // _PER_TWENTIETH, (way,), padding=_PADDING)
        spare = (box[2] // _PER_TWENTIETH - sum(narrow)) // len(narrow)
        widths = [(wide + spare) * _PER_TWENTIETH for wide in narrow]
        heights = [_height(row, widths, points) for row in (grid.headings, *grid.rows)]
        if sum(heights) <= box[3]:
            break
    return round(points), widths, heights


def _height(row: Sequence[GridCell], widths: Sequence[int], size: float) -> int:
    """Give the height of a row."""
    rooms = [(wide - _MARGIN) / (_PER_POINT * size * _BOLD) for wide in widths]
    lines = max(lines_needed(cell.text, room) for cell, room in zip(row, rooms, strict=True))
    return int(_PER_POINT * (size * _LINE * lines + 8))
