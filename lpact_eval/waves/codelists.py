"""Standard lists of ethnic groups, police and census: what their codes and wordings stand for."""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lpact_eval.sample import MISSING_KINDS, Comparable
from lpact_eval.waves.items import Item, Missing, sentences
from lpact_eval.waves.located import Located, read_toml, validated
from lpact_eval.waves.schema import Schema

FILE: Final = Path(__file__).with_name("codelists.toml")
_WORD = re.compile(r"[^\W_]+\+?")
_KEPT = 4096  # texts; the same few labels are compared with the same few answers again and again


@dataclass(frozen=True, slots=True)
class ListedGroup:
    """One group of a list: its harmonised answer, its code if it has one, and how it is worded."""

    answer: str
    wordings: tuple[str, ...]
    code: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list of groups.

    Attributes
    ----------
    title : str
        Its name in messages and reports.
    answers : tuple of ListedGroup
    missing, worded_missing : mapping of str to str
        Codes and wordings that give no group, to kind of missing.
    absent : mapping of str to str
        Harmonised groups that the list has no place for, and where these people are likely to be counted.
    """

    title: str
    answers: tuple[ListedGroup, ...]
    missing: Mapping[str, Missing]
    worded_missing: Mapping[str, Missing]
    absent: Mapping[str, str]

    def lookup(self, stated: Mapping[str, str]) -> dict[str, str]:
        """Map codes and wordings in plain words to answers and kinds of missing.

        Parameters
        ----------
        stated : mapping of str to str
            What a crosswalk states itself; one key of a group speaks for its code and all of its wordings.
        """
        own = {plain(key): answer for key, answer in stated.items() if plain(key)}
        found: dict[str, str] = {}
        for group in self.answers:
            keys = _keys(group.code, group.wordings)
            found |= dict.fromkeys(keys, next((own[key] for key in keys if key in own), group.answer))
        for code, kind in self.missing.items():
            keys = _keys(code, self.worded_missing)
            found |= dict.fromkeys(keys, next((own[key] for key in keys if key in own), kind))
        return {plain(text): kind for text, kind in self.worded_missing.items()} | found | own

    def group(self, text: str, stated: Mapping[str, str]) -> str:
        """Name the list's own answer or kind of missing of a delivered text; empty if the crosswalk states another."""
        return "" if plain(text) in {plain(key) for key in stated} else self.lookup({}).get(plain(text), "")

    def entries(self) -> Iterator[tuple[str, str, str]]:
        """List code (or first wording), wording and answer or kind of missing, for people to look at."""
        for group in self.answers:
            yield group.code or group.wordings[0], group.wordings[0] if group.code else "", group.answer
        for code, kind in (self.missing or self.worded_missing).items():
            yield code, "", kind


def _keys(code: str, wordings: Iterable[str]) -> list[str]:
    """Write what a cell of one group may hold: its code, a wording, or both."""
    words = [plain(text) for text in wordings]
    return [plain(code), *(f"{plain(code)} {text}" for text in words), *words] if code else words


@functools.cache
def code_lists() -> Mapping[str, CodeList]:
    """Read the lists that come with the package."""
    return validated(dict[str, CodeList], read_toml(FILE))


@functools.lru_cache(_KEPT)
def plain(text: str) -> str:
    """Fold case and punctuation: "W1 - White British" and "w1 white british" are one."""
    return " ".join(_WORD.findall(text.casefold()))


def list_problems(name: str, item: Item, schema: Schema, located: Located) -> Iterator[str]:
    """Find a list named for a variable that can't hold its groups."""
    if not item.codes:
        return
    answers, where = schema.answers(name), located.at(name, "codes")
    lacking = [group.answer for group in code_lists()[item.codes].answers if group.answer not in answers]
    if schema.variables[name].kind != "category" or lacking:
        yield (
            f"{where}: codes = {item.codes!r} is for a variable with the census groups as answers; {name!r} has no "
            f"{', '.join(map(repr, lacking)) or 'categories'}. Map its codes in [{name}.answers] instead."
        )
    if item.by or item.columns or item.separator:
        yield f"{where}: codes = {item.codes!r} reads one code or wording a cell; remove by, columns and separator."


def untold(item: Item) -> Mapping[str, str]:
    """List the groups that an item's list can't tell and the item doesn't add, and where they are counted."""
    if not item.codes or item.lookup:
        return {}
    added = set(item.answers.values())
    return {group: place for group, place in code_lists()[item.codes].absent.items() if group not in added}


def offered(item: Item) -> set[str]:
    """List the harmonised answers that an item's codes, options and list lead to."""
    listed = {group.answer for group in code_lists()[item.codes].answers} if item.codes else set[str]()
    return {*item.answers.values(), *item.columns.values(), *listed} - set(MISSING_KINDS)


def comparability(item: Item, *, own: bool) -> tuple[Comparable, str]:
    """Say how far an item can be compared, and why.

    Parameters
    ----------
    item : Item
    own : bool
        Whether the variable is the item's own, not one derived of it: the groups that a list can't tell lie inside
        the same one of the five, so what is derived of them compares in full.
    """
    groups = untold(item) if own else dict[str, str]()
    if not groups:
        return item.comparable, item.why
    places = "; ".join(f"{group} are likely to be in {place}" for group, place in groups.items())
    several = "these groups" if len(groups) > 1 else "this group"
    said = f"{code_lists()[item.codes].title} has no place for {several}: {places}."
    comparable: Comparable = "partial" if item.comparable == "full" else item.comparable
    return comparable, sentences(item.why, said[0].upper() + said[1:])
