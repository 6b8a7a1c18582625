"""Options chosen together and delivered in one cell: which ones they are, where the text says so beyond doubt."""

from collections.abc import Mapping

from lpact_eval.waves.delivered import Column, fold

Parts = tuple[str, ...]

_READINGS = 16  # kept on the way through a text; two are enough to refuse it


def chosen(text: str, separator: str, known: Mapping[str, str]) -> list[frozenset[str]]:
    """Read a cell as options that are known; an option may itself hold the separator.

    Parameters
    ----------
    text : str
        The cell, whitespace folded.
    separator : str
        What stands between options; one at the end counts for nothing.
    known : mapping of str to str
        Delivered option, whitespace folded, to harmonised answer.

    Returns
    -------
    list of frozenset of str
        Each different set of answers that the text may stand for: none if an option is unknown, several if the text
        is ambiguous, as "A, B" is where "A", "B" and "A, B" are options.
    """
    options = {_parts(option, separator): answer for option, answer in known.items()}
    longest = max(map(len, options), default=0)
    parts = _parts(text, separator)
    readings: list[set[frozenset[str]]] = [{frozenset()}]
    for end in range(1, len(parts) + 1):
        here: set[frozenset[str]] = set()
        for start in range(max(0, end - longest), end):
            answer = options.get(parts[start:end])
            if answer is not None:
                here |= {reading | {answer} for reading in readings[start]}
        readings.append(set(sorted(here, key=sorted)[:_READINGS]))
    return sorted(readings[-1], key=sorted)


def ambiguous_message(variable: str, column: Column, separator: str, known: Mapping[str, str], *, where: str) -> str:
    """Say how many cells may stand for several sets of options; nothing if none may.

    Parameters
    ----------
    variable : str
    column : Column
    separator : str
    known : mapping of str to str
        Delivered option, whitespace folded, to harmonised answer.
    where : str
        File and line of the variable's table.
    """
    counts = zip(column.texts, column.counts().tolist(), strict=True)
    found = [rows for text, rows in counts if len(chosen(text, separator, known)) > 1]
    if not found:
        return ""
    rows, texts = sum(found), len(found)
    return (
        f"{where}: {variable!r}, column {column.name!r}: {texts} text{'' if texts == 1 else 's'} in {rows:,} "
        f"row{'' if rows == 1 else 's'} can be read as different options, since {separator!r} stands between options "
        f"and inside {_listed(known, separator)}. Export this question with a column an option, or change the options "
        "in a copy of the file."
    )


def _listed(known: Mapping[str, str], separator: str) -> str:
    """Name the options that hold the separator; they are the questionnaire's words, not a respondent's."""
    return ", ".join(repr(option) for option in known if len(_parts(option, separator)) > 1)


def _parts(text: str, separator: str) -> Parts:
    """Split a text at the separator, spaces beside it left out."""
    return tuple(part for piece in text.split(separator.strip() or separator) if (part := fold(piece)))
