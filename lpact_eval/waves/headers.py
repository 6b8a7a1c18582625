"""Header rows of an export: names and question texts, and a refusal where answers would be swallowed as names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lpact_eval.errors import HarmonisationError
from lpact_eval.waves.calendar_texts import written_date
from lpact_eval.waves.definition import DeliveredFile
from lpact_eval.waves.presets import PRESETS, is_personal

Row = Sequence[str]
HEADER_LOOKED_AT = 5  # rows; one more than any header has, and what may stand by mistake between it and the answers

OPTION_LABELS = frozenset({"Response", "Open-Ended Response"})  # below questions that have one column

_IMPORT = '"importid"'
_NAMES_AND_TEXTS = 2
_TICKS = frozenset({"", "0", "1", "x", "yes", "no", "true", "false"})


@dataclass(frozen=True, slots=True)
class Header:
    """What the header rows of an export say.

    Attributes
    ----------
    rows : int
    names, titles : tuple of str
        Column names, and question texts where they are rows of their own; both names otherwise.
    personal : tuple of bool
        Columns that name or locate a person.
    """

    rows: int
    names: tuple[str, ...]
    titles: tuple[str, ...]
    personal: tuple[bool, ...]


def read_header(
    top: Sequence[Row], layout: DeliveredFile, file: str, where: str, *, cells: Callable[[int], Sequence[str]]
) -> Header:
    """Read the header rows of an export.

    Parameters
    ----------
    top : sequence of rows
        The first rows of the file, header and some answers, whitespace folded.
    layout : DeliveredFile
        Says how many header rows there are, itself or by its preset.
    file, where : str
        The file's name, and file and line that declare its layout, for messages.
    cells : callable
        Gives the cells of a column by its place, header included.

    Raises
    ------
    HarmonisationError
        If there are too few rows, if the header is blank, or if it plainly is not the one declared.
    """
    count = layout.header_rows or PRESETS[layout.preset].header_rows
    if len(top) < count:
        msg = f"{where}: {file} has {_rows(len(top))}, fewer than its {count} header rows; it holds no answers."
        raise HarmonisationError(msg)
    if not any(map(any, top[:count])):
        msg = f"{where}: the header of {file} is blank; delete empty rows above it, or write the columns' names in it."
        raise HarmonisationError(msg)
    wrong = _ill_fitting(top, count, layout.preset)
    if wrong:
        msg = f"{where}: the header of {file} is not as declared: {wrong}"
        raise HarmonisationError(msg)
    names, titles = _names(top[:count], options=_has_options(count, layout.preset))
    personal = [
        is_personal(name, layout.personal, layout.preset)
        or is_personal(title, layout.personal, layout.preset)
        or (count > 1 and _is_contact(name, layout, cells(place)[count:]))
        for place, (name, title) in enumerate(zip(names, titles, strict=True))
    ]
    return Header(count, tuple(names), tuple(titles), tuple(personal))


def has_import_ids(row: Row) -> bool:
    """Tell whether a row holds the ids that Qualtrics writes below the question texts."""
    return any(_IMPORT in cell.casefold() for cell in row)


def _has_options(count: int, preset: str) -> bool:
    """Tell whether a second header row holds labels of options; Qualtrics' holds question texts."""
    return count == _NAMES_AND_TEXTS and preset != "qualtrics"


def _names(rows: Sequence[Row], *, options: bool) -> tuple[list[str], list[str]]:
    """Make column names and question texts of one, two or three header rows.

    A second row of option labels: the question's text is carried over the blanks to its right, and the labels are
    added as "question | option". Otherwise the second row holds question texts; the third is the tool's own.
    """
    if not options:
        first = [name or f"column {place}" for place, name in enumerate(rows[0], 1)]
        return first, first if len(rows) == 1 else [title or name for title, name in zip(rows[1], first, strict=True)]
    names: list[str] = []
    question = ""
    for place, (text, option) in enumerate(zip(rows[0], rows[1], strict=True), 1):
        question = text or question
        plain = not option or option in OPTION_LABELS
        nameless = not (text or option) or not question
        names.append(f"column {place}" if nameless else question if plain else f"{question} | {option}")
    return names, names


def _is_contact(name: str, layout: DeliveredFile, cells: Sequence[str]) -> bool:
    """Tell a field of contact details, as in "Contact information | Email Address", from an option that was ticked."""
    option = name.rsplit(" | ", 1)[-1] if " | " in name else name.rsplit(" - ", 1)[-1]
    if option == name or not is_personal(option, layout.personal, layout.preset):
        return False
    return any(cell.casefold() not in {*_TICKS, option.casefold()} for cell in cells)


def _ill_fitting(top: Sequence[Row], count: int, preset: str) -> str:
    """Say why the header plainly isn't the one declared, and what to change; nothing if it may be."""
    imports = [place for place, row in enumerate(top, 1) if has_import_ids(row)]
    if imports and imports[0] > count:
        return (
            f"row {imports[0]} holds Qualtrics' import ids and would be read as a respondent; state "
            f'preset = "qualtrics" and header_rows = {imports[0]}, or delete the rows between header and answers.'
        )
    if count > _NAMES_AND_TEXTS and count not in imports:
        return (
            f'row {count} holds no {{"ImportId": ...}}, so it may be a respondent. Three header rows are names, '
            "question texts and import ids, as in Qualtrics; for fewer state header_rows = 1 or header_rows = 2."
        )
    if count == 1:
        return _swallowed_options(top, preset)
    return _swallowed_answers(top, preset) if _has_options(count, preset) else _swallowed_texts(top, preset)


def _swallowed_options(top: Sequence[Row], preset: str) -> str:
    """Find a second header row that would be read as a respondent."""
    if len(top) < _NAMES_AND_TEXTS or not OPTION_LABELS.intersection(top[1]):
        return ""
    if preset != "surveymonkey" and (all(top[0]) or _filled_below_own(top, preset)):
        return ""
    return (
        'row 2 holds option labels such as "Response" and would be read as a respondent; state header_rows = 2, or '
        'preset = "surveymonkey" alone.'
    )


def _swallowed_answers(top: Sequence[Row], preset: str) -> str:
    """Find a respondent who would be read as a second header row."""
    if OPTION_LABELS.intersection(top[1]):
        return ""
    if filled := _filled_below_own(top, preset):
        return (
            f"row 2 is filled in below {filled[0]!r}, where a row of option labels is empty, so it is a respondent; "
            "state header_rows = 1."
        )
    if preset == "surveymonkey" and all(top[0]) and any(top[1]):
        return (
            'row 2 holds neither "Response" nor the labels of several options to a question, so it may be a '
            "respondent; state header_rows = 1, or export the file again with both header rows."
        )
    return ""


def _swallowed_texts(top: Sequence[Row], preset: str) -> str:
    """Find a respondent who would be read as a row of question texts: a date stands below a column of times."""
    known = PRESETS[preset]
    times = {name.casefold() for name in (*known.started, *known.time)}
    dated = [
        name for name, below in zip(top[0], top[1], strict=True) if name.casefold() in times and written_date(below)
    ]
    if not dated:
        return ""
    return f"row 2 holds a date below {dated[0]!r}, so it is a respondent; state header_rows = 1."


def _filled_below_own(top: Sequence[Row], preset: str) -> list[str]:
    """List the columns of the tool's own, such as ids and times, below which the second row is filled in."""
    own = {
        name.casefold()
        for known in (PRESETS["surveymonkey"], PRESETS[preset])
        for name in (*known.id, *known.started, *known.time, *known.own, *known.personal)
    }
    return [name for name, below in zip(top[0], top[1], strict=True) if below and name.casefold() in own]


def _rows(count: int) -> str:
    """Count rows in words."""
    return f"{count} row{'' if count == 1 else 's'}"
