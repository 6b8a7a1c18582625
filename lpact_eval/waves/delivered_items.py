"""Items of a crosswalk as one delivered file has them: the survey tool's words for missing, a column an option."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from lpact_eval.errors import HarmonisationError
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Delivered, fold
from lpact_eval.waves.items import Item
from lpact_eval.waves.located import near
from lpact_eval.waves.presets import PRESETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BETWEEN = (" - Selected Choice - ", " - ", " | ")  # question and option in a column's title


def as_delivered(definition: WaveDefinition, delivered: Delivered) -> WaveDefinition:
    """Complete a definition with what only the preset and the file's own header say.

    Parameters
    ----------
    definition : WaveDefinition
        What its crosswalk states always stands.
    delivered : Delivered

    Returns
    -------
    WaveDefinition
        Words that the tool writes for a missing answer are mapped, and sets with a column an option name each column.

    Raises
    ------
    HarmonisationError
        If a set's options and the file's columns are not the same, with file and line.
    """
    words = PRESETS[definition.delivered.preset].missing
    if not words and not any(item.options for item in definition.items.values()):
        return definition
    items = {
        name: _spread(name, replace(item, missing={**_unmapped(item, words), **item.missing}), definition, delivered)
        for name, item in definition.items.items()
    }
    return replace(definition, items=items)


def words_found(definition: WaveDefinition, delivered: Delivered, used: Collection[str]) -> Iterator[str]:
    """Count the cells of the columns used in which the survey tool wrote a word for a missing answer.

    Parameters
    ----------
    definition : WaveDefinition
    delivered : Delivered
    used : collection of str
        Columns that harmonised variables come from.
    """
    tool = definition.delivered.preset
    counts = dict.fromkeys(PRESETS[tool].missing, 0)
    for place, name in enumerate(delivered.names if counts else ()):
        if name in used:
            cells = cast("NDArray[np.object_]", delivered.frame.iloc[:, place].to_numpy(dtype=object, na_value=""))
            for word in counts:
                counts[word] += int(np.count_nonzero(cells == word))
    found = ", ".join(f"{rows} {word!r}" for word, rows in counts.items() if rows)
    if found:
        yield f"cells with a word that {tool} writes where there is no answer: {found}"


def _unmapped(item: Item, words: Mapping[str, str]) -> dict[str, str]:
    """Leave out the words that the crosswalk maps itself."""
    mapped = {fold(code) for code in (*item.answers, *item.missing, *item.numbers)}
    return {word: kind for word, kind in words.items() if word not in mapped}


def _spread(name: str, item: Item, definition: WaveDefinition, delivered: Delivered) -> Item:
    """Name the column of each option of a question."""
    if not item.options:
        return item
    question, where = fold(item.column), definition.crosswalk_file.at(name, "column")
    columns = _option_columns(question, delivered)
    if not columns:
        raise HarmonisationError(_no_columns(question, delivered, where))
    known = {fold(option): answer for option, answer in item.answers.items()}
    absent = [option for option in known if option not in columns]
    unknown = [option for option in columns if option not in known]
    if absent or unknown:
        lacking = f"the file has no column for {_listed(absent)}" if absent else ""
        unmapped = f"[{name}.answers] does not map the columns for {_listed(unknown)}" if unknown else ""
        msg = (
            f"{where}: {name!r} has a column an option, but {' and '.join(one for one in (lacking, unmapped) if one)}; "
            "map every option of the file and no other."
        )
        raise HarmonisationError(msg)
    return replace(item, names=(), options="", columns={columns[option]: answer for option, answer in known.items()})


def _option_columns(question: str, delivered: Delivered) -> dict[str, str]:
    """Find the columns whose name or question text is the question and an option."""
    found: dict[str, str] = {}
    for name, title in zip(delivered.names, delivered.titles, strict=True):
        for text in (name, title):
            between = next((one for one in _BETWEEN if text.startswith(question + one)), "")
            if between:
                found.setdefault(text[len(question) + len(between) :], name)
    return found


def _no_columns(question: str, delivered: Delivered, where: str) -> str:
    """Say that no column is an option of the question."""
    if question in {*delivered.names, *delivered.titles}:
        return (
            f'{where}: {delivered.file} has one column {question!r} for all options; add separator = ";" or what '
            "divides them in a cell."
        )
    starts = list(dict.fromkeys(title.rpartition(between)[0] for title in delivered.titles for between in _BETWEEN))
    alike = near(question, [start for start in starts if start])
    nearest = f"the nearest are {', '.join(map(repr, alike))}" if alike else "none starts with similar words"
    return (
        f"{where}: {delivered.file} has no columns called {question!r}, a dash and an option; {nearest}. Correct the "
        "question, or name each column in a table of columns."
    )


def _listed(options: list[str]) -> str:
    """List options, which are the questionnaire's words."""
    return ", ".join(map(repr, options))
