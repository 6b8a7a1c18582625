"""Words and beginnings of words found in texts, whatever their capitals and accents."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.sample import BoolArray, IntArray

_END: Final = "\x1f"  # between texts; matches no word and no gap between words
# typographic apostrophes and dashes
_ALIKE: Final = {**dict.fromkeys("\u2018\u2019\u02bc", "'"), **dict.fromkeys("\u2010\u2011\u2013\u2014", "-")}
_GAP: Final = re.compile(r"[ -]+")


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """Texts, one after another, as they are and as they are searched.

    Attributes
    ----------
    original, folded : str
        All texts; the folded one without capitals, accents and typographic dashes.
    origin : ndarray of shape (length of folded,), int
        Place in `original` of every folded character.
    starts : ndarray of shape (n,), int
        Where each text begins in `folded`.
    """

    original: str
    folded: str
    origin: IntArray
    starts: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Where the words of a dictionary stand; h hits.

    Attributes
    ----------
    text, entry : ndarray of shape (h,), int
        Number of the text, and of the dictionary's entry.
    start, end : ndarray of shape (h,), int
        In `Folded.folded`.
    """

    text: IntArray
    entry: IntArray
    start: IntArray
    end: IntArray

    def table(self, texts: int, entries: int) -> BoolArray:
        """Say which text holds a word of which entry, shape (texts, entries)."""
        found = np.zeros((texts, entries), dtype=bool)
        found[self.text, self.entry] = True
        return found


def fold(texts: Sequence[str]) -> Folded:
    """Take capitals and accents off texts, and keep where every character came from."""
    original = unicodedata.normalize("NFC", _END.join(text.replace(_END, " ") for text in texts))
    points = np.frombuffer(original.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    distinct, position = np.unique(points, return_inverse=True)
    plain = [_plain(chr(point)) for point in distinct]
    lengths = np.array([len(one) for one in plain], dtype=np.intp)
    folded = original.translate({int(point): one for point, one in zip(distinct, plain, strict=True)})
    origin = np.repeat(np.arange(points.size), lengths[position])
    ends = np.flatnonzero(np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), dtype="<u4") == ord(_END))
    return Folded(original, folded, origin, np.concatenate([[0], ends + 1]).astype(np.intp))


def find(folded: Folded, dictionary: Mapping[str, Sequence[str]]) -> Hits:
    """Find the words of every entry of a dictionary.

    Parameters
    ----------
    folded : Folded
    dictionary : mapping of str to sequence of str
        Words, phrases and beginnings of words ("listen*") of each entry. A space or hyphen stands for any of them.

    Returns
    -------
    Hits
        By entry, within it by place; overlapping words of an entry count once.
    """
    spans: list[tuple[int, int, int]] = []
    for entry, words in enumerate(dictionary.values()):
        pattern = _pattern(words)
        if pattern is not None:
            spans += [(entry, *match.span()) for match in pattern.finditer(folded.folded)]
    table = np.array(spans, dtype=np.intp).reshape(-1, 3)
    text = np.searchsorted(folded.starts, table[:, 1], side="right") - 1
    return Hits(text, table[:, 0], table[:, 1], table[:, 2])


def context(folded: Folded, hits: Hits, *, around: int) -> list[tuple[str, str, str]]:
    """Give what stands before every hit, the word as written, and what stands after it, cut at the text's ends."""
    bounds = np.append(folded.starts, len(folded.folded) + 1)
    origin = np.append(folded.origin, len(folded.original))
    first, last = bounds[hits.text], bounds[hits.text + 1] - 1
    before, after = np.maximum(hits.start - around, first), np.minimum(hits.end + around, last)
    places = zip(*(origin[one].tolist() for one in (before, hits.start, hits.end, after)), strict=True)
    return [
        (folded.original[one:two], folded.original[two:three], folded.original[three:four])
        for one, two, three, four in places
    ]


def fold_word(word: str) -> str:
    """Fold one word as texts are folded."""
    return "".join(map(_plain, unicodedata.normalize("NFC", word)))


def _plain(character: str) -> str:
    """Take capitals and accents off one character; marks on their own vanish."""
    parts = unicodedata.normalize("NFKD", _ALIKE.get(character, character).casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)) if character != _END else _END


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    """Lay the words of an entry out as one pattern, longest first; none for no words."""
    folded = sorted({fold_word(word).strip() for word in words} - {"", "*"}, key=lambda word: (-len(word), word))
    if not folded:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_word, folded))})(?!\w)")


def _word(word: str) -> str:
    """Lay one word out as a pattern: any gap between its parts, and any ending after a star."""
    stem = r"(?:(?!\x1f)[\s-])+".join(re.escape(part) for part in _GAP.split(word.rstrip("*")))
    return stem + (r"\w*" if word.endswith("*") else "")
