"""Words that reports may not use, as rules: what is looked for, why, and what to say instead."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final, NotRequired, TypedDict, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

FILE: Final = Path(__file__).with_name("words.toml")
_MARKS: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "‑": "-", "–": "-"})  # noqa: RUF001 - read as plain ones
# Letters that a search without regard to case takes for these, and that have no small one or none of the same length.
_ODD_LETTERS: Final = {"\u017f": "s", "\u0131": "i", "\u0130": "i"}
_AROUND: Final = 40  # characters of a text shown on either side of a word


class _Written(TypedDict):
    """The keys of a rule in the file."""

    word: str
    stems: list[str]
    pattern: NotRequired[str]
    why: str
    instead: str
    unless: NotRequired[list[str]]
    fixed: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One word that reports avoid.

    Attributes
    ----------
    word : str
        Its name.
    pattern : Pattern
        What is looked for.
    stems : tuple of str
        Beginnings of words in small letters: a text without any of them can't hold what is looked for.
    why, instead : str
        Why it is avoided, and what to say.
    unless : tuple of str
        Sentences that may say it, by name: the rule that chooses them has looked at the test.
    fixed : bool
        Whether no plan can allow it.
    """

    word: str
    pattern: re.Pattern[str]
    stems: tuple[str, ...]
    why: str
    instead: str
    unless: tuple[str, ...] = ()
    fixed: bool = False

    @property
    def advice(self) -> str:
        """Why it is avoided and what to say, for messages."""
        return f"the rule {self.word!r} forbids it: {self.why}; say {self.instead}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A word that was found: under which rule, as written, among which others."""

    rule: Rule
    found: str
    around: str


@dataclass(frozen=True, slots=True)
class Exempt:
    """What may hold a word all the same.

    Attributes
    ----------
    quoted : tuple of str
        Questions, answers, names of groups and of surveys as their definitions word them.
    said : tuple of str
        Sentences whose rule has looked at the test.
    allowed : frozenset of str
        Words that the plan allows, by their rules' names.
    """

    quoted: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset()


@cache
def rules() -> tuple[Rule, ...]:
    """Read the rules."""
    written = cast("list[_Written]", tomllib.loads(FILE.read_text(encoding="utf-8"))["rule"])
    return tuple(_rule(one) for one in written)


def hits(texts: Iterable[str], exempt: Exempt | None = None) -> list[Hit]:
    """Find the words that reports may not use.

    Parameters
    ----------
    texts : iterable of str
        What a reader reads, one text per paragraph, cell or label: words are not looked for across two of them.
    exempt : Exempt, optional
        Quotations, sentences and words that are let through.

    Returns
    -------
    list of Hit
        In the order of the texts.

    Notes
    -----
    A quotation is let through where it says more than the word itself; a word that is all of the quotation, only where
    it stands alone or in quotation marks. So an answer "no change" does not make the report say so.
    """
    free = exempt or Exempt()
    told, quoted = _let_through(free)
    suspects = holding(list(dict.fromkeys(folded(text) for text in dict.fromkeys(texts))))
    return [hit for text in suspects for hit in _hits_in(_without(text, told, quoted), free.allowed)]


def holding(texts: Sequence[str]) -> list[str]:
    """Keep the folded texts that hold a word of some rule; most have not even the beginning of one."""
    return [text for text, looked_for in _begun(texts) if any(rule.pattern.search(text) for rule in looked_for)]


def folded(text: str) -> str:
    """Write a text with single spaces and plain quotation marks, as it is looked at."""
    return " ".join((text if text.isascii() else text.translate(_MARKS)).split())


def in_small_letters(text: str) -> str:
    """Write a text of the same length in which the beginning of any word that a rule finds stands in small letters."""
    for odd, plain in _ODD_LETTERS.items():
        text = text.replace(odd, plain)
    return text.lower()


@lru_cache(maxsize=4)
def _let_through(exempt: Exempt) -> tuple[list[str], list[str]]:
    """Fold once, for all texts and outputs, the sentences and those quotations that hold a word of some rule."""
    told = [folded(text) for text in exempt.said]
    words = list(dict.fromkeys(folded(text) for text in exempt.quoted))
    # Longest first, so that a title inside another is not taken out of it and the rest left over.
    return told, sorted(holding(words), key=len, reverse=True)


def _begun(texts: Sequence[str]) -> Iterator[tuple[str, Sequence[Rule]]]:
    """Keep the texts that hold the beginning of a word, each with its rules, looking through all of them at once."""
    starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
    small = in_small_letters("\n".join(texts))
    found: dict[int, list[Rule]] = {}
    for stem, ruled in _stems().items():
        at = small.find(stem)
        while at >= 0:
            place = bisect_right(starts, at) - 1
            found.setdefault(place, []).extend(ruled)
            at = small.find(stem, starts[place + 1])
    return ((texts[place], found[place]) for place in sorted(found))


def _rule(written: _Written) -> Rule:
    """Read one rule; a word without a pattern is looked for as it is."""
    pattern = written.get("pattern") or re.escape(written["word"])
    return Rule(
        written["word"],
        re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE),
        tuple(written["stems"]),
        written["why"],
        written["instead"],
        tuple(written.get("unless", ())),
        written.get("fixed", False),
    )


@cache
def _stems() -> Mapping[str, list[Rule]]:
    """List the beginnings of all words that are looked for, each with its rules."""
    found: dict[str, list[Rule]] = {}
    for rule in rules():
        for stem in rule.stems:
            found.setdefault(stem, []).append(rule)
    return found


@cache
def _any() -> re.Pattern[str]:
    """Look for all words at once: most texts have none."""
    return re.compile("|".join(rule.pattern.pattern for rule in rules()), re.IGNORECASE)


def _hits_in(text: str, allowed: Collection[str]) -> Iterator[Hit]:
    """Find the words in one text."""
    for rule in rules():
        if rule.word in allowed:
            continue
        for match in rule.pattern.finditer(text):
            start, end = max(match.start() - _AROUND, 0), match.end() + _AROUND
            yield Hit(rule, match[0], text[start:end].strip())


def _without(text: str, said: Iterable[str], quoted: Iterable[str]) -> str:
    """Take out sentences whose rule has looked, and quotations."""
    for sentence in said:
        text = text.replace(sentence, "¶")
    for quotation in quoted:
        if text == quotation:
            return ""
        if quotation not in text:
            continue
        bare = _any().sub("", quotation).strip(" .,;:?!") == ""
        text = text.replace(f'"{quotation}"' if bare else quotation, "¶")
    return text
