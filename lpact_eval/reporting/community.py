"""The one-page summary for communities: what you told us, what we did, what we can't do, did confidence change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from lpact_eval.reporting.background import day
from lpact_eval.reporting.community_picture import picture_of
from lpact_eval.reporting.community_records import Section, cannot, did, told
from lpact_eval.reporting.community_words import asked, attendees, confidence, limits, main_row
from lpact_eval.reporting.provenance import today
from lpact_eval.reporting.templating import filled, own_folder, plain_sentences, with_parts
from lpact_eval.reporting.wording import exemptions, require_plain_page

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.house import House
    from lpact_eval.reporting.sentences import Sentences

TEMPLATE: Final = "community.html"
PARTS: Final = {"/*css*/": ("community.css",)}
HEADINGS: Final = ("told", "did", "cannot", "confidence", "limits", "asked", "contact")


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that the page says.

    Attributes
    ----------
    title, lead, marking : str
    synthetic : str
        What is made up; empty where nothing is.
    headings : mapping of str to str
        Of the sections, by name.
    told, did, cannot, confidence : Section
    picture : str
        SVG of the two shares, or nothing.
    limits, asked, contact : tuple of str
    """

    title: str
    lead: str
    marking: str
    synthetic: str
    headings: dict[str, str]
    told: Section
    did: Section
    cannot: Section
    confidence: Section
    picture: str
    limits: tuple[str, ...]
    asked: tuple[str, ...]
    contact: tuple[str, ...]

    @property
    def texts(self) -> list[str]:
        """Every sentence and every line, headings aside."""
        sections = (self.told, self.did, self.cannot, self.confidence)
        listed = [text for one in sections for text in one.texts]
        return [self.lead, *listed, *self.limits, *self.asked, *self.contact]


def write_community(
    published: Published, path: Path, *, house: House | None = None, templates: Path | None = None
) -> None:
    """Write the one-page summary.

    Parameters
    ----------
    published : Published
        Cleared rows and records; nothing else enters the page.
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
    path.write_text(community_page(published, house=house, templates=templates), encoding="utf-8")


def community_page(published: Published, *, house: House | None = None, templates: Path | None = None) -> str:
    """Make the page; see `write_community`.

    Returns
    -------
    str
        HTML that needs no other file and no JavaScript.
    """
    folder = own_folder(templates)
    sentences = plain_sentences(folder)
    made = summary(published, sentences, house=house)
    context = {"page": made, "picture": Markup(made.picture), "date": day(today())}  # noqa: S704 - `picture_of` escapes every text
    words = filled(TEMPLATE, folder, context)
    require_plain_page(words, TEMPLATE, exemptions(published, sentences))
    return with_parts(words, folder, PARTS)


def summary(published: Published, sentences: Sentences, *, house: House | None = None) -> Summary:
    """Say everything that the page says.

    Parameters
    ----------
    published : Published
    sentences : Sentences
    house : House, optional

    Returns
    -------
    Summary
    """
    records, row = published.records, main_row(published)
    answer = confidence(published, row, sentences)
    came = attendees(published, row, sentences)
    force = (house.name if house else "") or published.facts.force
    contact = house.contact.strip().rstrip(".") if house else ""
    return Summary(
        title=sentences.say("community.title"),
        lead=sentences.say("community.lead", {"force": f", from {force}" if force else ""}),
        marking=house.marking if house else "",
        synthetic=_made_up(published, sentences),
        headings={name: sentences.say(f"community.heading.{name}") for name in HEADINGS},
        told=told(records, sentences),
        did=did(records, sentences),
        cannot=cannot(records, sentences),
        confidence=Section((answer.heading,), (), (*answer.sentences, *([came] if came else []))),
        picture=picture_of(published, answer) if answer.levels else "",
        limits=limits(published, sentences),
        asked=asked(published, row, sentences),
        contact=(
            sentences.say(f"community.contact.{'given' if contact else 'none'}", {"contact": contact}),
            sentences.say("community.contact.report"),
        ),
    )


def _made_up(published: Published, sentences: Sentences) -> str:
    """Say what is made up."""
    records = published.records is not None and published.records.synthetic
    if not (published.synthetic or records):
        return ""
    kind = "both" if published.synthetic and records else "answers" if published.synthetic else "records"
    return sentences.say(f"community.synthetic.{kind}")
