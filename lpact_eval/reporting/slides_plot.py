"""Puts a chart's numbers on a slide as PowerPoint's own chart, with error bars and words for those who can't see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from lpact_eval.reporting.office_file import LANGUAGE
from lpact_eval.reporting.slides_chart import native, reference, workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pptx.chart.chart import Chart
    from pptx.chart.series import BarSeries, LineSeries
    from pptx.shapes.graphfrm import GraphicFrame
    from pptx.slide import Slide
    from pptx.util import Length

    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.slides_chart import Native, Series

Box = tuple["Length", "Length", "Length", "Length"]
_INK: Final = "0B0C0C"
_GRID: Final = "DCDFE1"
_AXIS: Final = "505A5F"
_TEXT: Final = 14
_SMALL: Final = 12
_POINT: Final = 11
_GAP: Final = 40
_MANY: Final = 8  # categories, from which letters are smaller
_BELOW: Final = " The numbers are in the table below."
_NOTES: Final = " The numbers are in the notes."


def add_chart(slide: Slide, spec: ChartSpec, box: Box) -> None:
    """Put a chart on a slide.

    Parameters
    ----------
    slide : Slide
    spec : ChartSpec
    box : tuple of Length
        Left, top, width, height.
    """
    content = native(spec)
    data = CategoryChartData(number_format=content.unit)
    for outer, inner in content.categories:
        parent = data.add_category(outer) if content.nested else None
        for label in inner:
            parent.add_sub_category(label) if parent is not None else data.add_category(label)
    for series in content.series:
        data.add_series(series.name, series.values)
    kind = XL_CHART_TYPE.BAR_STACKED if content.bars else XL_CHART_TYPE.LINE_MARKERS
    frame = cast("GraphicFrame", slide.shapes.add_chart(kind, *box, data))
    frame.name = f"Chart: {spec.kind}"
    words = spec.alternative.replace(_BELOW, _NOTES)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", words)  # noqa: SLF001
    chart = frame.chart
    _axes(chart, content)
    for place, (series, drawn) in enumerate(zip(content.series, chart.plots[0].series, strict=True)):
        _dress(drawn, series, content)
        if series.plus:
            _error_bars(drawn, series, content, place)
    _legend(chart, content)
    _settle(chart, content)


def _axes(chart: Chart, content: Native) -> None:
    """Set both axes: names in ink, numbers from end to end, groups in the order of reading."""
    low, high, step = content.span
    numbers, names = chart.value_axis, chart.category_axis
    numbers.minimum_scale, numbers.maximum_scale, numbers.major_unit = low, high, step
    numbers.has_major_gridlines = True
    numbers.major_gridlines.format.line.color.rgb = RGBColor.from_string(_GRID)
    numbers.format.line.fill.background()
    numbers.tick_labels.number_format, numbers.tick_labels.number_format_is_linked = content.unit, False
    numbers.tick_labels.font.size = Pt(_SMALL)
    names.tick_labels.font.size = Pt(_SMALL if len(content.labels) > _MANY else _TEXT)
    names.format.line.color.rgb = RGBColor.from_string(_AXIS)
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.has_major_gridlines = False
    names.reverse_order = content.bars
    if content.bars:  # the first group stands at the top, and the numbers below all the same
        numbers.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    chart.font.color.rgb = RGBColor.from_string(_INK)


def _dress(drawn: LineSeries | BarSeries, series: Series, content: Native) -> None:
    """Draw points without a line between them, or bars; print the numbers of points."""
    colour = RGBColor.from_string(series.colour)
    if content.bars:
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.rgb = colour
        return
    line = cast("LineSeries", drawn)
    line.smooth = False
    line.format.line.fill.background()
    line.marker.style, line.marker.size = XL_MARKER_STYLE.CIRCLE, _POINT
    line.marker.format.fill.solid()
    line.marker.format.fill.fore_color.rgb = colour
    line.marker.format.line.color.rgb = colour
    line.marker.format.line.width = Pt(2)
    labels = line.data_labels
    labels.show_value, labels.position = True, XL_LABEL_POSITION.RIGHT
    labels.number_format, labels.number_format_is_linked = content.unit, False
    labels.font.size, labels.font.bold = Pt(_TEXT), True


def _error_bars(drawn: LineSeries | BarSeries, series: Series, content: Native, place: int) -> None:
    """Add the interval, as lengths above and below the point that stand in the workbook."""
    after = len(content.series) + 2 * place
    ends = "".join(
        _lengths(side, lengths, reference(content, after + number))
        for number, (side, lengths) in enumerate((("plus", series.plus), ("minus", series.minus)))
    )
    look = f'<c:spPr><a:ln w="25400"><a:solidFill><a:srgbClr val="{series.colour}"/></a:solidFill></a:ln></c:spPr>'
    bars = (
        f'<c:errBars {nsdecls("c", "a")}><c:errDir val="y"/><c:errBarType val="both"/><c:errValType val="cust"/>'
        f'<c:noEndCap val="0"/>{ends}{look}</c:errBars>'
    )
    cast("Element", drawn._element).find(qn("c:cat")).addprevious(parse_xml(bars))  # noqa: SLF001


def _lengths(side: str, lengths: Sequence[float | None], cells: str) -> str:
    """Write the lengths of one side; a hidden number has none."""
    points = "".join(
        f'<c:pt idx="{place}"><c:v>{value:g}</c:v></c:pt>' for place, value in enumerate(lengths) if value is not None
    )
    cache = f'<c:formatCode>General</c:formatCode><c:ptCount val="{len(lengths)}"/>{points}'
    return f"<c:{side}><c:numRef><c:f>{cells}</c:f><c:numCache>{cache}</c:numCache></c:numRef></c:{side}>"


def _legend(chart: Chart, content: Native) -> None:
    """Name the series where there is more than one; the slide has the title."""
    chart.has_title = False
    chart.has_legend = len(content.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        chart.legend.font.size = Pt(_TEXT)
    if content.bars:
        chart.plots[0].gap_width, chart.plots[0].overlap = _GAP, 100


def _settle(chart: Chart, content: Native) -> None:
    """Put the workbook with the intervals in place of the first one, and say the language."""
    chart.part.chart_workbook.update_from_xlsx_blob(workbook(content))
    space = cast("Element", chart._chartSpace)  # noqa: SLF001
    for language in space.findall(qn("c:lang")):
        space.remove(language)
    first = space.find(qn("c:date1904"))
    language = parse_xml(f'<c:lang {nsdecls("c")} val="{LANGUAGE}"/>')
    if first is not None:
        first.addnext(language)
    else:
        space.insert(0, language)
