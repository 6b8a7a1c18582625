"""The charts of the records of events: timeline, themes by community, funnel of action, waiting time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lpact_eval.reporting.event_timeline import timeline_chart
from lpact_eval.reporting.funnel import funnel_chart
from lpact_eval.reporting.record_rows import record_rows
from lpact_eval.reporting.record_setting import setting_of
from lpact_eval.reporting.theme_chart import theme_chart
from lpact_eval.reporting.waiting_chart import waiting_chart

if TYPE_CHECKING:
    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import ChartSpec


def record_charts(published: Published) -> tuple[ChartSpec, ...]:
    """Draw what readers may see of the records of events.

    Parameters
    ----------
    published : Published

    Returns
    -------
    tuple of ChartSpec
        Each with its own table; those of which nothing may be drawn, or for which the plan does not ask, are left out.
    """
    records = published.records
    if records is None:
        return ()
    rows, setting = record_rows(records), setting_of(published, records)
    made = (
        timeline_chart(records, published.waves, setting),
        theme_chart(rows, setting),
        funnel_chart(rows, setting),
        waiting_chart(records, rows, setting),
    )
    return tuple(chart for chart in made if chart is not None)
