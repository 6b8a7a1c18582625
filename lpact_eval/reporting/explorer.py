"""The explorer: a page of every question by every breakdown, which needs neither network nor JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from lpact_eval.disclosure.rules import MARKS
from lpact_eval.reporting.background import wave_table
from lpact_eval.reporting.content import baseline, baseline_case
from lpact_eval.reporting.explorer_content import VIEWS, items, side_by_side
from lpact_eval.reporting.figure import height
from lpact_eval.reporting.headline import joined
from lpact_eval.reporting.picture import picture
from lpact_eval.reporting.provenance import provenance
from lpact_eval.reporting.rows import the_wave
from lpact_eval.reporting.templating import filled, own_folder, plain_sentences, with_parts
from lpact_eval.reporting.wording import exemptions, require_plain_page

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.chart import Panel
    from lpact_eval.reporting.house import House
    from lpact_eval.reporting.sentences import Sentences

TEMPLATE: Final = "explorer.html"
PARTS: Final = {"/*css*/": ("page.css", "tables.css"), "/*script*/": ("explorer.js", "tables.js")}


def write_explorer(
    published: Published, path: Path, *, house: House | None = None, templates: Path | None = None
) -> None:
    """Write the explorer.

    Parameters
    ----------
    published : Published
        Cleared rows; nothing else enters the page.
    path : Path
        File to write.
    house : House, optional
        Name, marking and contact of the force.
    templates : Path, optional
        Folder of the user's own templates.

    Raises
    ------
    DefinitionError
        If a template can't be filled in, or says something that these surveys can't support.
    LpactError
        If the page would say something that these surveys can't support.
    """
    path.write_text(explorer_page(published, house=house, templates=templates), encoding="utf-8")


def explorer_page(published: Published, *, house: House | None = None, templates: Path | None = None) -> str:
    """Make the page; see `write_explorer`.

    Returns
    -------
    str
        HTML that needs no other file.
    """
    folder = own_folder(templates)
    sentences = plain_sentences(folder)
    words = filled(TEMPLATE, folder, {**_context(published, sentences), "house": house, "drawn": _drawn})
    require_plain_page(words, TEMPLATE, exemptions(published, sentences))
    return with_parts(words, folder, PARTS)


def _context(published: Published, sentences: Sentences) -> dict[str, object]:
    """Gather what the template fills in."""
    questions = items(published, sentences)
    views = [view for question in questions for view in question.views]
    return {
        "facts": published.facts,
        "synthetic": sentences.say("fixed.synthetic") if published.synthetic else "",
        "items": questions,
        "matrices": side_by_side(published),
        "breakdowns": {view.by: view.grouping for view in views},
        "views": {kind: heading for kind, heading in VIEWS.items() if any(view.kind == kind for view in views)},
        "wave_names": joined([the_wave(wave.name) for wave in published.waves]),
        "wave_table": wave_table(published),
        "baseline": baseline(published, sentences),
        "clean": baseline_case(published) == "clean",
        "fixed": {name: sentences.say(f"fixed.{name}") for name in ("interval", "different_people")},
        "rules": published.rules,
        "marks": MARKS,
        "provenance": provenance(published),
        "panel_height": height,
    }


def _drawn(panel: Panel) -> Markup:
    """Draw a panel."""
    return Markup(picture(panel))  # noqa: S704 - picture() escapes every text
