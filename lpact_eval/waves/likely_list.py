"""Which standard list of ethnic groups a delivered column seems to be written in."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from lpact_eval.waves.codelists import CodeList, code_lists, plain
from lpact_eval.waves.delivered import Column
from lpact_eval.waves.items import CodeListName
from lpact_eval.waves.lookup_proposals import has_census_groups
from lpact_eval.waves.matching import missing_kind

_ORDER: Final[tuple[CodeListName, ...]] = ("census-2021", "police-18+1", "census-2011", "police-16+1")
_EARLIER: Final[Mapping[CodeListName, CodeListName]] = {"census-2021": "census-2011", "police-18+1": "police-16+1"}
_ROWS = 0.9  # of the rows with an answer are in the list, at least
_TEXTS = 0.5  # of the distinct texts, at least: what people write freely is a list of its own
_FEWEST = 3  # texts that make a list


def likely_list(column: Column, answers: Sequence[str]) -> CodeListName:
    """Find the standard list that nearly all cells of a column are written in.

    Parameters
    ----------
    column : Column
        Delivered texts; where the file labels them, only the codes of the police's lists count.
    answers : sequence of str
        Of the harmonised variable, which has to have the groups of the census.

    Returns
    -------
    str
        Name of the list, the one that knows most rows and is the most recent; empty if there is none.
    """
    if not has_census_groups(answers):
        return ""
    rows = {
        text: int(count)
        for text, count in zip(column.texts, column.counts(), strict=True)
        if missing_kind(column.labels.get(text, text)) is None
    }
    lists = code_lists()
    known = {
        name: _known(rows, _codes(lists[name]) if any(column.labels.values()) else lists[name].lookup({}))
        for name in _ORDER
    }
    best = max(_ORDER, key=lambda name: known[name])  # the first of equals
    told = sum(plain(text) in lists[best].lookup({}) for text in rows)
    enough = told >= max(_FEWEST, _TEXTS * len(rows)) and known[best] >= _ROWS * sum(rows.values())
    return best if enough else ""


def beyond_list(column: Column, name: CodeListName) -> list[str]:
    """List the texts of a column that a list does not know."""
    known = code_lists()[name].lookup({})
    return [text for text in column.texts if plain(text) not in known]


def other_list(column: Column, name: CodeListName) -> CodeListName:
    """Name the earlier list of the same kind where no text of the column tells the two apart; empty if one does."""
    other: CodeListName = _EARLIER.get(name, "")
    if not other:
        return ""
    lists = code_lists()
    mine, theirs = lists[name].lookup({}), lists[other].lookup({})
    if any(mine.get(text) != theirs.get(text) for text in map(plain, column.texts)):
        return ""
    return other


def _codes(one: CodeList) -> set[str]:
    """List the codes of a list, if it has any."""
    return {plain(group.code) for group in one.answers if group.code} | {plain(code) for code in one.missing}


def _known(rows: Mapping[str, int], texts: Collection[str]) -> int:
    """Count the rows that are among some texts."""
    return sum(count for text, count in rows.items() if plain(text) in texts)
