"""Look-up files: what people wrote, and the harmonised answer that a person decided it means."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from lpact_eval.errors import DefinitionError
from lpact_eval.waves.located import cut, has_file, near, nearest, shown_path

COLUMNS = ["delivered", "harmonised"]
CHECK = "check"
_LARGEST = 5_000_000  # bytes; a hundred thousand texts
_FORMULA = ("=", "+", "-", "@")


def read_lookup(path: Path, allowed: Collection[str], where: str) -> Mapping[str, str]:
    """Read a look-up file.

    Parameters
    ----------
    path : Path
        A csv file in UTF-8 with the columns delivered and harmonised; a third may hold notes, and "check" where a
        proposal waits for a person to decide.
    allowed : collection of str
        Answers and kinds of missing that it may name.
    where : str
        File and line that name the look-up, for messages.

    Returns
    -------
    mapping of str to str
        Text in lower case with folded whitespace, to answer or kind of missing.

    Raises
    ------
    DefinitionError
        With file and line. Delivered texts are never shown: people wrote them.
    """
    found: dict[str, str] = {}
    marked: list[int] = []
    file = shown_path(path)
    for line, (written, answer, note) in lookup_lines(path, where):
        at = f"{file}:{line}"
        if note.casefold() == CHECK:
            marked.append(line)
            continue
        if answer not in allowed:
            # a shifted cell may hold what people wrote, so only a word like one that is allowed is repeated
            said = repr(answer) if near(answer, list(allowed)) else "what stands in its second column"
            msg = f"{at}: {said} is neither an answer nor a kind of missing; {nearest(answer, allowed)}"
            raise DefinitionError(msg)
        if found.setdefault(folded(written), answer) != answer:
            msg = f"{at}: this text stands above with another answer; keep one of the two lines."
            raise DefinitionError(msg)
    if marked:
        lines = f"{len(marked)} lines are" if len(marked) > 1 else "1 line is"
        msg = (
            f"{file}:{marked[0]}: {lines} still marked {CHECK!r}, as proposals that nobody has read. "
            f"Decide what each text means, correct its answer, and clear its cell in the third column."
        )
        raise DefinitionError(msg)
    return found


def lookup_lines(path: Path, where: str) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """Read the lines of a look-up file that hold anything: number, and text, answer and note as written.

    Raises
    ------
    DefinitionError
        If it can't be read, or doesn't start with its columns.
    """
    if not has_file(path):
        msg = f"{where}: there is no look-up file {cut(shown_path(path))}; write it, or correct its name."
        raise DefinitionError(msg)
    if path.stat().st_size > _LARGEST:
        msg = f"{where}: {shown_path(path)} has over {_LARGEST / 1e6:.0f} MB; that is no look-up file."
        raise DefinitionError(msg)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        msg = (
            f"{where}: cannot read the look-up {shown_path(path)} ({type(error).__name__}); it is a csv file in UTF-8."
        )
        raise DefinitionError(msg) from None
    lines = csv.reader(io.StringIO(text))
    try:
        rows = [(lines.line_num, row) for row in lines]
    except csv.Error as error:
        msg = (
            f"{shown_path(path)}:{lines.line_num}: this line can't be read as csv ({type(error).__name__}); look for a "
            "quotation mark that is never closed."
        )
        raise DefinitionError(msg) from None
    header = [cell.strip() for cell in rows[0][1]] if rows else []
    if header[:2] != COLUMNS:
        msg = f"{shown_path(path)}:1: a look-up file starts with the columns {', '.join(COLUMNS)}."
        raise DefinitionError(msg)
    for line, row in rows[1:]:
        if any(cell.strip() for cell in row):
            written, answer, note = (*row, "", "", "")[:3]
            yield line, (unguarded(written), answer.strip(), note.strip())


def guarded(text: str) -> str:
    """Write a text so that a spreadsheet program doesn't take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """Take the mark off again."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def folded(text: str) -> str:
    """Fold case and whitespace, so that spelling differences of no meaning match."""
    return " ".join(text.split()).casefold()
