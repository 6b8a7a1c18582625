"""Officer-perceived ethnicity: what an officer saw is never mapped to what people say of themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lpact_eval.waves.delivered import Column
    from lpact_eval.waves.items import Item
    from lpact_eval.waves.located import Located

_CODE = re.compile(r"^\W*ic[ -]?[0-9](?:\W.*)?$", re.IGNORECASE)
# The descriptions that stand beside the codes, where no census group is worded alike.
_WORDED = re.compile(
    r"^(?:white\W+(?:north|south|dark)\s+european|chinese,? japanese,? or (?:other )?south[- ]east asian"
    r"|arab or north african)$",
    re.IGNORECASE,
)
_WHY = (
    "officer-perceived ethnicity (IC codes) records what an officer saw, not how people describe themselves, and is "
    "never mapped to self-defined groups"
)


def is_perceived(text: str, *, worded: bool = False) -> bool:
    """Tell whether a text is an officer-perceived code, or also (`worded`) the description of one."""
    return bool(_CODE.match(text) or (worded and _WORDED.match(text)))


def perceived_problems(items: Mapping[str, Item], located: Located) -> Iterator[str]:
    """Find officer-perceived codes that a crosswalk maps to answers; mapping them to a kind of missing is allowed."""
    for name, item in items.items():
        for code in item.answers:
            if is_perceived(" ".join(code.split()), worded=True):
                where = located.at(name, "answers", code)
                yield f"{where}: {code!r}: {_WHY}. {_todo(name)}"


def perceived_message(name: str, columns: Sequence[Column], item: Item, where: str) -> str:
    """Refuse delivered columns that hold officer-perceived codes, as texts or in their labels; empty if none does.

    Parameters
    ----------
    name : str
        Harmonised variable.
    columns : sequence of Column
    item : Item
        Codes that it maps to a kind of missing don't count.
    where : str
        File and line of the variable's table.
    """
    missing = {" ".join(code.split()) for code in item.missing}
    said = [
        f"{where}: column {column.name!r} holds them in {rows:,} row{'' if rows == 1 else 's'}: {_WHY}. {_todo(name)}"
        for column in columns
        if (rows := _rows(column, missing))
    ]
    return "\n".join(said)


def _rows(column: Column, missing: set[str]) -> int:
    """Count the rows with a code, or with a code that the file labels as one."""
    found = [
        text not in missing and (is_perceived(text) or is_perceived(column.labels.get(text, ""), worded=True))
        for text in column.texts
    ]
    return int(column.counts()[np.array(found)].sum()) if any(found) else 0


def _todo(name: str) -> str:
    """Say what to do instead."""
    return (
        f'Take the column of self-defined ethnicity for {name!r}, or map these codes to "blank" or "not asked" in '
        f"[{name}.missing]."
    )
