"""Look-up files: what people wrote, and the harmonised answer that a person decided it means."""

import csv
import io
from collections.abc import Collection, Mapping
from pathlib import Path

from lpact_eval.errors import DefinitionError
from lpact_eval.waves.located import nearest, shown_path

COLUMNS = ["delivered", "harmonised"]


def read_lookup(path: Path, allowed: Collection[str], where: str) -> Mapping[str, str]:
    """Read a look-up file.

    Parameters
    ----------
    path : Path
        A csv file in UTF-8 with the columns delivered and harmonised.
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
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        msg = (
            f"{where}: cannot read the look-up {shown_path(path)} ({type(error).__name__}); it is a csv file in UTF-8."
        )
        raise DefinitionError(msg) from None
    rows = csv.reader(io.StringIO(text))
    header = [cell.strip() for cell in next(rows, list[str]())]
    if header[:2] != COLUMNS:
        msg = f"{shown_path(path)}:1: a look-up file starts with the columns {', '.join(COLUMNS)}."
        raise DefinitionError(msg)
    found: dict[str, str] = {}
    for row in rows:
        at = f"{shown_path(path)}:{rows.line_num}"
        if not any(cell.strip() for cell in row):
            continue
        if len(row) < len(COLUMNS) or row[1].strip() not in allowed:
            given = row[1].strip() if len(row) > 1 else ""
            msg = f"{at}: {given!r} is neither an answer nor a kind of missing; {nearest(given, allowed)}"
            raise DefinitionError(msg)
        written, answer = folded(row[0]), row[1].strip()
        if found.setdefault(written, answer) != answer:
            msg = f"{at}: this text stands above with another answer; keep one of the two lines."
            raise DefinitionError(msg)
    return found


def folded(text: str) -> str:
    """Fold case and whitespace, so that spelling differences of no meaning match."""
    return " ".join(text.split()).casefold()
