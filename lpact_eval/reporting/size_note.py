"""A note on sample size on one page, as a page and as a Word document, written whole or not at all."""

from __future__ import annotations

import math
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from lpact_eval.errors import WrongUseError
from lpact_eval.reporting import templating
from lpact_eval.reporting.background import day
from lpact_eval.reporting.lint import Exempt
from lpact_eval.reporting.numbers import count
from lpact_eval.reporting.provenance import today
from lpact_eval.reporting.sentences import read_sentences
from lpact_eval.reporting.size_content import whole_points
from lpact_eval.reporting.size_curve import curve_svg, curve_title, curve_words
from lpact_eval.reporting.templating import plain_sentences
from lpact_eval.reporting.wording import require_plain_page, require_plain_words
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.reporting.size_content import GroupLine, SizeNote

PAGE: Final = "size-note.html"
DOCUMENT: Final = "size-note.docx"
FORMATS: Final = {"html": PAGE, "docx": DOCUMENT}
STYLES: Final = ("page.css", "size.css")
NOT_POSSIBLE: Final = "not possible"


def write_size_note(note: SizeNote, folder: str | Path, *, formats: Sequence[str] = ("html", "docx")) -> list[Path]:
    """Write a note on sample size.

    Parameters
    ----------
    note : SizeNote
        Cleared for readers by whoever made it; see `first_waves`.
    folder : path
        Made if it is not there; an earlier note in it is replaced, other files are kept.
    formats : sequence of str
        Of "html" and "docx"; the document draws its picture with matplotlib.

    Returns
    -------
    list of Path
        size-note.html and size-note.docx.

    Raises
    ------
    WrongUseError
        If a format is not known, or matplotlib is missing for the document.
    LpactError
        If the note would say what such surveys can't support; an earlier note stays as it was.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        msg = f"Cannot write a note as {unknown or 'nothing'}; there are {list(FORMATS)}."
        raise WrongUseError(msg)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".size-note-draft-", dir=target) as draft:
        return put_in_place(Path(draft), target, draft_note(note, Path(draft), formats))


def draft_note(note: SizeNote, draft: Path, formats: Sequence[str]) -> list[str]:
    """Write a note into a draft folder and return the names of its files."""
    if "html" in formats:
        (draft / PAGE).write_text(note_page(note), encoding="utf-8")
    if "docx" in formats:
        from lpact_eval.reporting.size_document import write_document  # noqa: PLC0415 - a page needs no Word library

        write_document(note, draft / DOCUMENT)
    return [FORMATS[one] for one in FORMATS if one in formats]


def note_page(note: SizeNote, *, templates: Path | None = None) -> str:
    """Make the page.

    Parameters
    ----------
    note : SizeNote
    templates : Path, optional
        Folder of the report templates; the shipped ones without it.

    Returns
    -------
    str
        HTML that needs no other file and no JavaScript.

    Raises
    ------
    DefinitionError
        If a template can't be filled in, or says something that such surveys can't support.
    LpactError
        If the page would say something that they can't support.
    """
    folder = templates or templates_folder()
    context = {
        "note": note,
        "title": note_title(note),
        "synthetic": synthetic_banner(note, folder),
        "curve": Markup(curve_svg(note)),  # noqa: S704 - elements() escapes every text
        "curve_title": curve_title(note),
        "curve_words": curve_words(note),
        "wanted": whole_points(note.asked.change),
        "headings": table_headings(note),
        "rows": table_rows(note),
        "quota_rows": quota_rows(note),
        "hidden": hidden_words(note),
        "date": day(today()),
    }
    page = filled("size-note.html", folder, context)
    require_plain_page(page, PAGE, note_exemptions(note))
    return styled(page, folder)


def note_title(note: SizeNote) -> str:
    """Name the note."""
    return f"Sample size of the next survey: {note.asked.people}"


def synthetic_banner(note: SizeNote, folder: Path | None = None) -> str:
    """Say that the respondents are made up, where they are."""
    return read_sentences(folder or templates_folder()).say("fixed.synthetic") if note.asked.synthetic else ""


def table_headings(note: SizeNote) -> tuple[str, ...]:
    """Name the columns of the groups' table."""
    way, wanted = note.way, whole_points(note.asked.change)
    return (
        "Group",
        f"Answered in {note.asked.wave}",
        "Effective number",
        "Share",
        f"Smallest {way}, as many again (points)",
        f"Smallest {way}, any size (points)",
        f"Needed for {wanted}: next survey",
        f"Needed for {wanted}: each of two new surveys",
    )


def table_rows(note: SizeNote) -> list[tuple[str, ...]]:
    """Write the groups' table."""
    return [_row(line) for line in note.lines]


def quota_rows(note: SizeNote) -> list[tuple[str, ...]]:
    """Write the quotas' table: group, share of the population, respondents, sites."""
    return [(line.group, f"{100 * line.share:.1f}%", f"{line.quota:,}", f"{line.sites:,}") for line in note.quotas]


def hidden_words(note: SizeNote) -> str:
    """Name the groups without numbers."""
    if not note.hidden:
        return ""
    return f"Not shown, to protect confidentiality: {', '.join(note.hidden)}."


def note_texts(note: SizeNote) -> list[str]:
    """Gather everything that a reader of the document reads."""
    cells = [cell for row in (table_headings(note), *table_rows(note), *quota_rows(note)) for cell in row]
    rest = [text for pair in note.assumptions for text in pair]
    return [note_title(note), *note.sentences, curve_title(note), curve_words(note), hidden_words(note), *cells, *rest]


def note_exemptions(note: SizeNote) -> Exempt:
    """Let the question, its answers and the groups be named as the definitions word them."""
    asked = note.asked
    return Exempt((asked.title, asked.answers, asked.wave, *(line.first.group for line in note.lines), *note.hidden))


def require_plain_note(note: SizeNote, output: str) -> None:
    """Refuse a note with a word that such surveys can't support."""
    require_plain_words(note_texts(note), output, note_exemptions(note))


def filled(name: str, folder: Path, context: Mapping[str, object]) -> str:
    """Fill a template in, once all of them are looked at; style and script still stand as marks."""
    plain_sentences(folder)
    return templating.filled(name, folder, context)


def styled(page: str, folder: Path) -> str:
    """Put the styles in their place."""
    return page.replace("/*css*/", "".join((folder / name).read_text(encoding="utf-8") for name in STYLES), 1)


def put_in_place(draft: Path, target: Path, names: Sequence[str]) -> list[Path]:
    """Move files that are complete to their places; where one can't be replaced, all earlier ones stand again."""
    aside = draft / "earlier"
    aside.mkdir()
    moved: list[str] = []
    try:
        for name in names:
            if (target / name).exists():
                shutil.copy2(target / name, aside / name)
            (draft / name).replace(target / name)
            moved.append(name)
    except OSError:
        for name in moved:
            (target / name).unlink()
            if (aside / name).exists():
                (aside / name).replace(target / name)
        raise
    return [target / name for name in names]


def _row(line: GroupLine) -> tuple[str, ...]:
    """Write one group's line."""
    return (
        line.first.group,
        f"{line.first.n:,}",
        f"{line.first.n_effective:.0f}",
        line.share,
        _change(line.same),
        _change(line.limit),
        _people(line.needed),
        _people(line.afresh),
    )


def _change(change: float) -> str:
    """Write a change without its unit."""
    return NOT_POSSIBLE if math.isnan(change) else f"{100 * change:.1f}"


def _people(n: float) -> str:
    """Write respondents, rounded up."""
    return NOT_POSSIBLE if math.isnan(n) else count(math.ceil(n - 1e-9))
