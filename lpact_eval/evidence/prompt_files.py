"""Prompts for coders as csv: suggested themes for items that nobody has coded, and words that stand together."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.evidence.suggestions import suggest_codes
from lpact_eval.evidence.word_prompts import word_prompts
from lpact_eval.waves.located import shown_path
from lpact_eval.waves.lookup import guarded

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.evidence.records import Evidence

SUGGESTED: Final = "suggested-codes.csv"
WORDS: Final = "word-prompts.csv"


def write_prompts(evidence: Evidence, folder: str | Path) -> tuple[list[Path], str]:
    """Write what may help coders; it holds what people wrote, and is no result.

    Parameters
    ----------
    evidence : Evidence
    folder : path
        Made if it is not there.

    Returns
    -------
    list of Path
        Suggested themes, and groups of words where there are texts enough and the extra `text` is installed.
    str
        Why there are no groups of words; empty where there are.

    Raises
    ------
    WrongUseError
        If such a file is there already, for coders may be working with it.
    """
    target = Path(folder)
    there = [target / name for name in (SUGGESTED, WORDS) if (target / name).exists()]
    if there:
        msg = f"Cannot write {shown_path(there[0])}: it is there already. Choose another folder, or move it away."
        raise WrongUseError(msg)
    target.mkdir(parents=True, exist_ok=True)
    written = [_write(suggest_codes(evidence), target / SUGGESTED)]
    try:
        words = word_prompts(evidence)
    except LpactError as error:
        return written, str(error)
    return [*written, _write(words, target / WORDS)], ""


def _write(table: pd.DataFrame, path: Path) -> Path:
    """Write a table whose texts no spreadsheet program takes for formulas."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([guarded(str(cell)) for cell in row] for row in table.itertuples(index=False))
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    return path
