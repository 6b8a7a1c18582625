"""Charts as pictures for a page of paper: panels alone, as title and notes are text there."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.layout import lay_out_panels
from lpact_eval.reporting.raster import write_sheet

if TYPE_CHECKING:
    from lpact_eval.reporting.chart import ChartSpec

ACROSS: Final = 690  # pixels over the width of a page: letters of 13 pixels are 9 points high


def panel_picture(chart: ChartSpec, *, apart: bool = False) -> bytes:
    """Draw a chart's panels as png.

    Parameters
    ----------
    chart : ChartSpec
    apart : bool, default False
        Draw the national figures in place of the panels.

    Returns
    -------
    bytes
    """
    panels, key = (chart.apart, ()) if apart else (chart.panels, chart.key)
    drawn = BytesIO()
    sheet = lay_out_panels(panels, key, ACROSS)
    write_sheet(sheet, drawn, title=chart.title, words=chart.alternative)
    return drawn.getvalue()
