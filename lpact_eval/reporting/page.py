"""The page: one self-contained, accessible HTML file that needs neither network nor JavaScript."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from lpact_eval.disclosure.rules import MARKS
from lpact_eval.reporting.account_words import account_section, method_words
from lpact_eval.reporting.attending import attending_words
from lpact_eval.reporting.background import (
    adjuster_titles,
    indicator_table,
    ledger_table,
    question_table,
    wave_table,
    weight_table,
)
from lpact_eval.reporting.comparing import beside
from lpact_eval.reporting.content import baseline, baseline_case, disclosure_items, questions, who_was_asked
from lpact_eval.reporting.explained import explanations
from lpact_eval.reporting.figure import CONFIG, figure, height
from lpact_eval.reporting.grounds import grounds_of, margin_words
from lpact_eval.reporting.headline import findings, joined, overview
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.provenance import provenance
from lpact_eval.reporting.rows import rows_of, the_wave
from lpact_eval.reporting.shifts import measures_in_words
from lpact_eval.reporting.templating import filled, own_folder, plain_sentences, template_file, with_parts
from lpact_eval.reporting.weights import weighing
from lpact_eval.reporting.wording import exemptions, require_plain_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import ChartSpec, Panel
    from lpact_eval.reporting.house import House
    from lpact_eval.reporting.record_page import RecordSection
    from lpact_eval.reporting.sentences import Sentences

PARTS: Final = {
    "/*css*/": ("page.css", "tables.css"),
    "/*script*/": ("page.js", "tables.js"),
}
BUNDLE: Final = "vendor/plotly-basic.min.js.gz"


def write_page(published: Published, path: Path, *, house: House | None = None, templates: Path | None = None) -> None:
    """Write the page.

    Parameters
    ----------
    published : Published
        Cleared rows; nothing else enters the page.
    path : Path
        File to write.
    house : House, optional
        Name, marking and contact of the force.
    templates : Path, optional
        Folder of the user's own templates; the shipped ones stand where it has none.

    Raises
    ------
    DefinitionError
        If a template can't be filled in, or says something that these surveys can't support.
    LpactError
        If the page would say something that these surveys can't support.
    """
    folder = own_folder(templates)
    sentences = plain_sentences(folder)
    context = page_context(published, sentences) | {"house": house, "explained": explanations(published)}
    words = fill(folder, context, _drawn)
    require_plain_page(words, path.name, exemptions(published, sentences))
    page = with_parts(words, folder, PARTS)
    library = b64encode(template_file(folder, BUNDLE).read_bytes()).decode("ascii")
    path.write_text(page.replace("/*bundle*/", library, 1), encoding="utf-8")


@lru_cache(maxsize=1)
def page_context(published: Published, sentences: Sentences) -> dict[str, object]:
    """Gather what the page's templates fill in."""
    rows = rows_of(published)
    adjusters = adjuster_titles(published)
    featured, others = questions(published, rows, sentences)
    charts = [chart for question in featured for part in question.parts for chart in part.charts]
    said = {text for question in featured for part in question.parts for text in part.all_sentences}
    weights = weighing(published, rows)
    charts += weights.charts
    records = _records(published, sentences)
    charts += records.charts if records else []
    origin = provenance(published)
    found = findings(rows, sentences, published.rules, adjusters=adjusters, grounds=grounds_of(published))
    return {
        "facts": published.facts,
        "synthetic": sentences.say("fixed.synthetic") if published.synthetic else "",
        "margin": margin_words(published.facts.margin),
        "findings": found,
        "overview": overview(found, sentences, published.facts.margin),
        "who": who_was_asked(published, sentences),
        "baseline": baseline(published, sentences),
        "clean": baseline_case(published) == "clean",
        "fixed": {name: sentences.say(f"fixed.{name}") for name in ("interval", "different_people")},
        "measures": measures_in_words(published, sentences),
        "adjusters": adjusters,
        "attending": [text for text in attending_words(published, sentences) if text not in said],
        "featured": featured,
        "others": others,
        "waves": published.waves,
        "wave_names": joined([the_wave(wave.name) for wave in published.waves]),
        "wave_table": wave_table(published),
        "weight_table": weight_table(published),
        "weighing": weights,
        "beside": beside(published, sentences),
        "records": records,
        "accounts": account_section(published),
        "indicator_table": indicator_table(published),
        "question_table": question_table(published),
        "ledger_table": ledger_table(published),
        "rules": published.rules,
        "suppressed": sum(published.suppressed.values()),
        "marks": MARKS,
        "disclosure": method_words(published.accounts) if published.accounts else disclosure_items(published, origin),
        "provenance": origin,
        "charts": {chart.name: chart for chart in charts},
        "figures": embed_figures(charts),
        "config": embed(CONFIG),
        "house": None,
        "explained": (),
    }


def embed_figures(charts: Sequence[ChartSpec]) -> Markup:
    """Write the figures for the script, by chart and panel."""
    panels = {f"{chart.name}-{place}": panel for chart in charts for place, panel in enumerate(chart.panels)}
    panels |= {f"{chart.name}-apart-{place}": panel for chart in charts for place, panel in enumerate(chart.apart)}
    return embed({name: figure(panel) for name, panel in panels.items()})


def embed(value: object) -> Markup:
    """Write JSON that can't end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 - escaped on this line


def _records(published: Published, sentences: Sentences) -> RecordSection | None:
    """Gather the section on the records of events, where the plan asks for them."""
    if published.records is None:
        return None
    from lpact_eval.reporting.record_page import record_section  # noqa: PLC0415 - surveys alone never need it

    return record_section(published, sentences)


def fill(
    folder: Path, context: Mapping[str, object], draw: Callable[[Panel], str], *, template: str = "page.html"
) -> str:
    """Fill the templates in; style and script still stand as marks.

    Parameters
    ----------
    folder : Path
        Of the templates.
    context : mapping of str to object
        As `page_context` gathers it.
    draw : callable
        Makes what stands in the place of a panel.
    template : str, default "page.html"
        Of the folder.

    Returns
    -------
    str

    Raises
    ------
    DefinitionError
        If a template can't be filled in.
    """
    return filled(template, folder, {**context, "picture": draw, "panel_height": height})


def _drawn(panel: Panel) -> Markup:
    """Draw a panel for readers without JavaScript."""
    return Markup(picture(panel))  # noqa: S704 - picture() escapes every text
