"""A page of words and tables that needs no script: for what is read beside the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.background import day
from lpact_eval.reporting.provenance import provenance
from lpact_eval.reporting.sentences import read_sentences
from lpact_eval.reporting.size_note import filled
from lpact_eval.reporting.wording import exemptions, require_plain_page
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.tables import Table

_TEMPLATE: Final = "plain.html"
_STYLE: Final = "page.css"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of such a page.

    Attributes
    ----------
    heading : str
    texts : tuple of str
        Paragraphs.
    terms : tuple of (str, str)
        Names, and what is said of each.
    tables : tuple of Table
        With at least one row.
    """

    heading: str
    texts: tuple[str, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()


def write_plain_page(published: Published, path: Path, *, title: str, about: str, sections: Sequence[Section]) -> None:
    """Write a page.

    Parameters
    ----------
    published : Published
        The release that it belongs to.
    path : Path
    title : str
    about : str
        What it is, in a sentence.
    sections : sequence of Section

    Raises
    ------
    LpactError
        If the page would say what these surveys can't support.
    """
    folder = templates_folder()
    sentences = read_sentences(folder)
    origin = provenance(published)
    context = {
        "title": title,
        "about": about,
        "synthetic": sentences.say("fixed.synthetic") if published.synthetic else "",
        "sections": sections,
        "origin": f"Written on {day(origin.date)} with lpact-eval {origin.version_of('lpact-eval')}.",
    }
    page = filled(_TEMPLATE, folder, context)
    require_plain_page(page, path.name, exemptions(published, sentences))
    style = (folder / _STYLE).read_text(encoding="utf-8")
    path.write_text(page.replace("/*css*/", style, 1), encoding="utf-8")
