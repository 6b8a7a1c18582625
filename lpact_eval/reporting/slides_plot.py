"""A chart's numbers as PowerPoint's own chart: points with error bars, or bars; the workbook behind it has the same."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final, cast

from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml.ns import nsdecls, qn

from lpact_eval.reporting.office_file import LANGUAGE
from lpact_eval.reporting.office_xml import element_of
from lpact_eval.reporting.slides_chart import native, reference, workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pptx.chart.data import ChartData
    from pptx.shapes.graphfrm import GraphicFrame
    from pptx.slide import Slide
    from pptx.util import Length

    from lpact_eval.reporting.chart import ChartSpec
    from lpact_eval.reporting.slides_chart import Native, Series

Box = tuple["Length", "Length", "Length", "Length"]
_INK: Final = "0B0C0C"
_GRID: Final = "DCDFE1"
_LINE: Final = "505A5F"
_TEXT: Final = 1400  # hundredths of a point
_SMALL: Final = 1200
_LABELLED: Final = 16  # categories, above which numbers would lie on each other; the notes have them
_MANY: Final = 8  # categories, from which letters are smaller
_BELOW: Final = " The numbers are in the table below."
_NOTES: Final = " The numbers are in the notes."


class _Data:
    """What python-pptx asks of a chart's data: the chart as it is, and the workbook behind it."""

    def __init__(self, content: Native) -> None:
        self._content = content
        self._workbook_writer = self

    @property
    def xlsx_blob(self) -> bytes:
        """The workbook."""
        return workbook(self._content)

    def xml_bytes(self, _: XL_CHART_TYPE) -> bytes:
        """Write the chart."""
        return chart_xml(self._content).encode("utf-8")


def add_chart(slide: Slide, spec: ChartSpec, box: Box) -> None:
    """Put a chart on a slide, with its words for those who can't see it.

    Parameters
    ----------
    slide : Slide
    spec : ChartSpec
    box : tuple of Length
        Left, top, width, height.
    """
    data = cast("ChartData", _Data(native(spec)))
    frame = cast("GraphicFrame", slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *box, data))
    frame.name = f"Chart: {spec.kind}"
    about = element_of(frame).find(f"{qn('p:nvGraphicFramePr')}/{qn('p:cNvPr')}")
    if about is not None:
        about.set("descr", spec.alternative.replace(_BELOW, _NOTES))


def chart_xml(content: Native) -> str:
    """Write a chart as PowerPoint keeps it.

    Parameters
    ----------
    content : Native

    Returns
    -------
    str
    """
    series = "".join(_series(one, content, place) for place, one in enumerate(content.series))
    axes = '<c:axId val="1001"/><c:axId val="1002"/>'
    if content.bars:
        plot = (
            '<c:barChart><c:barDir val="bar"/><c:grouping val="stacked"/><c:varyColors val="0"/>'
            f'{series}<c:gapWidth val="40"/><c:overlap val="100"/>{axes}</c:barChart>'
        )
    else:
        plot = (
            '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
            f'{series}<c:marker val="1"/>{axes}</c:lineChart>'
        )
    place = '<c:legend><c:legendPos val="t"/><c:overlay val="0"/>' + _letters(_TEXT) + "</c:legend>"
    legend = place if len(content.series) > 1 else ""
    return (
        f"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<c:chartSpace {nsdecls('c', 'a', 'r')}>"
        f'<c:date1904 val="0"/><c:lang val="{LANGUAGE}"/><c:roundedCorners val="0"/>'
        f'<c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>{plot}{_names(content)}{_numbers(content)}'
        f'</c:plotArea>{legend}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"{_letters(_TEXT)}</c:chartSpace>"
    )


def _series(series: Series, content: Native, place: int) -> str:
    """Write a series: its name, its look, its intervals, the names of its values, and the values."""
    head = (
        f'<c:idx val="{place}"/><c:order val="{place}"/>'
        f"<c:tx><c:strRef><c:f>{reference(content, place, heading=True)}</c:f>"
        f"{_texts([series.name])}</c:strRef></c:tx>"
    )
    cells = f"<c:numRef><c:f>{reference(content, place)}</c:f>{_cached(series.values, content.unit)}</c:numRef>"
    values = f"<c:cat>{_categories(content)}</c:cat><c:val>{cells}</c:val>"
    if content.bars:
        return f'<c:ser>{head}<c:spPr>{_fill(series.colour)}</c:spPr><c:invertIfNegative val="0"/>{values}</c:ser>'
    point = (
        f'<c:marker><c:symbol val="circle"/><c:size val="11"/><c:spPr>{_fill(series.colour)}'
        "<a:ln><a:noFill/></a:ln></c:spPr></c:marker>"
    )
    labels = (
        f'<c:dLbls><c:numFmt formatCode="{escape(content.unit)}" sourceLinked="0"/>'
        f'<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>{_letters(_TEXT, bold=True)}<c:dLblPos val="r"/>'
        '<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/>'
        '<c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>'
    )
    labels = labels if len(content.labels) <= _LABELLED else ""
    without_line = '<c:spPr><a:ln w="28575"><a:noFill/></a:ln></c:spPr>'
    bars = _intervals(series, content, place) if series.plus else ""
    return f'<c:ser>{head}{without_line}{point}{labels}{bars}{values}<c:smooth val="0"/></c:ser>'


def _intervals(series: Series, content: Native, place: int) -> str:
    """Write the error bars, as lengths above and below the point that stand in the workbook."""
    after = len(content.series) + 2 * place
    sides = (("plus", series.plus), ("minus", series.minus))
    ends = "".join(
        f"<c:{side}><c:numRef><c:f>{reference(content, after + number)}</c:f>{_cached(lengths, 'General')}"
        f"</c:numRef></c:{side}>"
        for number, (side, lengths) in enumerate(sides)
    )
    return (
        '<c:errBars><c:errDir val="y"/><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        f'{ends}<c:spPr><a:ln w="25400">{_fill(series.colour)}</a:ln></c:spPr></c:errBars>'
    )


def _categories(content: Native) -> str:
    """Write the names of the values, in one level or two."""
    labels, cells = content.labels, reference(content, -1)
    if not content.nested:
        return f"<c:strRef><c:f>{cells}</c:f>{_texts(labels)}</c:strRef>"
    inner = "".join(f'<c:pt idx="{place}"><c:v>{escape(label)}</c:v></c:pt>' for place, label in enumerate(labels))
    outer, first = "", 0
    for name, within in content.categories:
        outer += f'<c:pt idx="{first}"><c:v>{escape(name)}</c:v></c:pt>'
        first += len(within)
    levels = f'<c:ptCount val="{len(labels)}"/><c:lvl>{inner}</c:lvl><c:lvl>{outer}</c:lvl>'
    return f"<c:multiLvlStrRef><c:f>{cells}</c:f><c:multiLvlStrCache>{levels}</c:multiLvlStrCache></c:multiLvlStrRef>"


def _names(content: Native) -> str:
    """Write the axis of names; lying bars begin at the top."""
    side, order = ("l", "maxMin") if content.bars else ("b", "minMax")
    size = _SMALL if len(content.labels) > _MANY else _TEXT
    return (
        f'<c:catAx><c:axId val="1001"/><c:scaling><c:orientation val="{order}"/></c:scaling><c:delete val="0"/>'
        f'<c:axPos val="{side}"/><c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/>'
        f'<c:minorTickMark val="none"/><c:tickLblPos val="low"/><c:spPr><a:ln w="12700">{_fill(_LINE)}</a:ln></c:spPr>'
        f'{_letters(size)}<c:crossAx val="1002"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/>'
        '<c:lblOffset val="100"/><c:noMultiLvlLbl val="0"/></c:catAx>'
    )


def _numbers(content: Native) -> str:
    """Write the axis of numbers from end to end; with lying bars it stands below all the same."""
    low, high, step = content.span
    side, labels = ("b", "high") if content.bars else ("l", "nextTo")
    return (
        f'<c:valAx><c:axId val="1002"/><c:scaling><c:orientation val="minMax"/><c:max val="{high:g}"/>'
        f'<c:min val="{low:g}"/></c:scaling><c:delete val="0"/><c:axPos val="{side}"/>'
        f'<c:majorGridlines><c:spPr><a:ln w="9525">{_fill(_GRID)}</a:ln></c:spPr></c:majorGridlines>'
        f'<c:numFmt formatCode="{escape(content.unit)}" sourceLinked="0"/>'
        f'<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="{labels}"/>'
        f'<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{_letters(_SMALL)}<c:crossAx val="1001"/>'
        f'<c:crosses val="min"/><c:crossBetween val="between"/><c:majorUnit val="{step:g}"/></c:valAx>'
    )


def _texts(texts: Sequence[str]) -> str:
    """Write texts as a chart keeps them beside the reference to their cells."""
    points = "".join(f'<c:pt idx="{place}"><c:v>{escape(text)}</c:v></c:pt>' for place, text in enumerate(texts))
    return f'<c:strCache><c:ptCount val="{len(texts)}"/>{points}</c:strCache>'


def _cached(values: Sequence[float | None], unit: str) -> str:
    """Write numbers as a chart keeps them beside the reference to their cells; a hidden one is not there."""
    points = "".join(
        f'<c:pt idx="{place}"><c:v>{value:g}</c:v></c:pt>' for place, value in enumerate(values) if value is not None
    )
    return (
        f'<c:numCache><c:formatCode>{escape(unit)}</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numCache>'
    )


def _fill(colour: str) -> str:
    """Fill with a colour."""
    return f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'


def _letters(size: int, *, bold: bool = False) -> str:
    """Write how letters look."""
    look = f'<a:defRPr sz="{size}" b="{int(bold)}">{_fill(_INK)}</a:defRPr>'
    body = '<a:bodyPr rot="0" vert="horz"/><a:lstStyle/>'  # long names are broken, and not turned
    return f'<c:txPr>{body}<a:p><a:pPr>{look}</a:pPr><a:endParaRPr lang="{LANGUAGE}"/></a:p></c:txPr>'
