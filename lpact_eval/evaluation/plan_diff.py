"""How two versions of a plan differ, key by key, in plain sentences."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Kind = Literal["changed", "added", "removed", "edited"]
Where = tuple[str, ...]

_NAMED_BY: Final = ("id", "word", "number", "name", "title")  # keys that tell the tables of a list apart
_PLACES: Final = (("files",), ("surveys",), ("events", "folder"))  # whose values name folders of a machine
_BARE: Final = re.compile(r"[^\W\d][^,\[\]{}\"=\n]*")
_WORDS_OF_TOML: Final = frozenset({"true", "false", "nan", "inf", "yes", "no"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions of a plan.

    Attributes
    ----------
    where : str
        Table and key, as in "indicator 5.1: groups".
    old, new : str
        What was there and what is there now; empty where nothing is.
    kind : str
        "changed", "added", "removed", or "edited" where only that it differs is told.
    """

    where: str
    old: str = ""
    new: str = ""
    kind: Kind = "changed"

    @property
    def sentence(self) -> str:
        """Tell the difference.

        >>> Change("indicator 5.1: groups", "[Black]", "[Black, Mixed]").sentence
        'indicator 5.1: groups was [Black], is now [Black, Mixed]'
        """
        match self.kind:
            case "changed":
                return f"{self.where} was {self.old}, is now {self.new}"
            case "added":
                return f"{self.where} was added: {self.new}" if self.new else f"{self.where} was added"
            case "removed":
                return f"{self.where} was removed; it was {self.old}" if self.old else f"{self.where} was removed"
            case _:
                return f"{self.where} was changed"


def changes_between(old: str, new: str) -> tuple[Change, ...]:
    """Compare two versions of a plan by what they say; comments, layout and the order of keys don't count.

    Parameters
    ----------
    old, new : str
        TOML, as it is written in the files.

    Returns
    -------
    tuple of Change
        In the order of the new version, what was removed after it; empty where both say the same. Folders of a machine
        are never told, only that they differ.
    """
    return tuple(_tables(tomllib.loads(old), tomllib.loads(new), ()))


def written(value: object) -> str:
    """Write a value of a plan so that a reader sees what it is.

    >>> written({"role": "primary", "groups": ["Black", "Mixed"]})
    'role = primary, groups = [Black, Mixed]'
    """
    table = _table(value)
    if table is not None:
        return ", ".join(f"{key} = {written(one)}" for key, one in table.items()) or "(empty)"
    if isinstance(value, list):
        return f"[{', '.join(map(_inside, cast('list[object]', value)))}]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        bare = _BARE.fullmatch(value) and value not in _WORDS_OF_TOML and value == value.strip()
        return value if bare else json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _table(value: object) -> Mapping[str, object] | None:
    """Take a value as a table, if it is one."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None


def _inside(value: object) -> str:
    """Write an element of a list; a table in braces."""
    return written(value) if _table(value) is None else f"{{{written(value)}}}"


def _tables(old: Mapping[str, object], new: Mapping[str, object], where: Where) -> Iterator[Change]:
    """Compare two tables key by key."""
    for key in dict.fromkeys((*new, *old)):
        place = (*where, key)
        if key in old and key in new:
            yield from _values(old[key], new[key], place)
        elif known := _table(new.get(key, old.get(key))):  # key by key, for some are never told
            yield from _tables(known if key in old else {}, known if key in new else {}, place)
        else:
            yield _one("removed" if key in old else "added", place, old=old.get(key), new=new.get(key))


def _values(old: object, new: object, where: Where) -> Iterator[Change]:
    """Compare two values of one key."""
    tables = _table(old), _table(new)
    if tables[0] is not None and tables[1] is not None:
        yield from _tables(tables[0], tables[1], where)
        return
    before, after = _by_name(old), _by_name(new)
    if before is not None and after is not None:
        yield from _lists(before, after, where)
    elif repr(old) != repr(new):  # 1 and true are equal, nan and nan are not
        yield _one("changed", where, old=old, new=new)


def _lists(
    old: Mapping[str, Mapping[str, object]], new: Mapping[str, Mapping[str, object]], where: Where
) -> Iterator[Change]:
    """Compare two lists of tables by the tables' names, then by their order."""
    for name in dict.fromkeys((*new, *old)):
        place = (*where[:-1], f"{where[-1]} {name}")
        if name in old and name in new:
            yield from _tables(old[name], new[name], place)
        else:
            yield _one("removed" if name in old else "added", place, old=old.get(name), new=new.get(name))
    before, after = [name for name in old if name in new], [name for name in new if name in old]
    if before != after:
        yield Change(f"order of {': '.join(where)}", written(before), written(after))


def _one(kind: Kind, where: Where, *, old: object = None, new: object = None) -> Change:
    """Tell one difference; a place on a machine only by its key."""
    if any(where[: len(place)] == place for place in _PLACES):
        return Change(": ".join(where), kind="edited" if kind == "changed" else kind)
    return Change(": ".join(where), "" if old is None else written(old), "" if new is None else written(new), kind)


def _by_name(value: object) -> Mapping[str, Mapping[str, object]] | None:
    """Name the tables of a list by what tells them apart, else by their place; None for what is no list of tables."""
    tables = cast("Sequence[object]", value) if isinstance(value, list) and value else ()
    if not tables or not all(isinstance(table, dict) for table in tables):
        return None
    known = cast("Sequence[Mapping[str, object]]", tables)
    for key in _NAMED_BY:
        names = [str(table.get(key, "")) for table in known]
        if all(names) and len(set(names)) == len(names):
            return dict(zip(names, known, strict=True))
    return {str(place): table for place, table in enumerate(known, 1)}
