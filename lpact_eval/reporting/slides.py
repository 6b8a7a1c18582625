"""The chief officers' slides: six to ten, with PowerPoint's own charts, and notes for whoever speaks."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from lpact_eval.reporting.house import House
from lpact_eval.reporting.office_file import LANGUAGE, settled
from lpact_eval.reporting.provenance import today
from lpact_eval.reporting.slides_deck import deck
from lpact_eval.reporting.slides_look import look
from lpact_eval.reporting.slides_writer import Writer
from lpact_eval.reporting.templating import own_folder, plain_sentences
from lpact_eval.reporting.wording import exemptions, require_plain_words

if TYPE_CHECKING:
    from pathlib import Path

    from pptx.presentation import Presentation

    from lpact_eval.disclosure.published import Published


def write_slides(
    published: Published, path: Path, *, house: House | None = None, templates: Path | None = None
) -> None:
    """Write the slides.

    Parameters
    ----------
    published : Published
        Cleared rows; nothing else enters the slides.
    path : Path
        File to write.
    house : House, optional
        Name, protective marking, contact and template of the force.
    templates : Path, optional
        Folder of the report templates; the shipped ones without it.

    Raises
    ------
    DefinitionError
        If a template can't be filled in, or says something that these surveys can't support.
    LpactError
        If the slides would say something that these surveys can't support.
    """
    settings = house or House()
    folder = own_folder(templates)
    sentences = plain_sentences(folder)
    slides = deck(published, sentences, folder, settings)
    made = look(settings.slides_template)
    foot = [settings.marking, settings.name or published.facts.force]
    foot += ["Synthetic respondents"] if published.synthetic else []
    writer = Writer(made, " | ".join(part for part in foot if part))
    for slide in slides:
        writer.add(slide)
    _properties(made.deck, published, settings)
    require_plain_words([*writer.words, *settings.texts], path.name, exemptions(published, sentences))
    saved = BytesIO()
    made.deck.save(saved)
    path.write_bytes(settled(saved.getvalue(), today()))


def _properties(made: Presentation, published: Published, house: House) -> None:
    """Write what the file says of itself."""
    facts, about = published.facts, made.core_properties
    synthetic = " (synthetic respondents)" if published.synthetic else ""
    about.title, about.language = f"{facts.title}{synthetic}", LANGUAGE
    about.author = about.last_modified_by = house.name or facts.force or "lpact-eval"
    about.subject, about.keywords = "Slides for chief officers", "police, confidence, survey, evaluation"
    about.category, about.comments = house.marking, "Every number has its base and interval in the notes."
    about.revision = 1
