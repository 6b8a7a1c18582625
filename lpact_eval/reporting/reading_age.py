"""How old a reader must be to follow a text: the Flesch-Kincaid grade level, and the age at which it is taught.

It is worked out here, with a few rules for syllables: libraries for it load large dictionaries or fetch them from the
internet, and a page needs neither. The rules' own error is under half a grade (`tests/reporting/test_reading_age.py`).

References
----------
Kincaid, Fishburne, Rogers & Chissom (1975), *Derivation of New Readability Formulas for Navy Enlisted Personnel*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

AGE_OF_GRADE: Final = 5  # years by which a child's age is above the grade
_A_SENTENCE, _A_WORD, _LEVEL = 0.39, 11.8, 15.59  # the published coefficients
_CURLY: Final = "\N{RIGHT SINGLE QUOTATION MARK}"
_NOT: Final = re.compile(r"n't$")
_WORD: Final = re.compile(rf"[A-Za-z]+(?:['{_CURLY}][A-Za-z]+)*|\d[\d,.]*")
_END: Final = re.compile(r"[.!?]+(?=\s|$)|[:;](?=\s|$)|\n")
_VOWELS: Final = re.compile(r"[aeiouy]+")
_AFTER_SYLLABLE: Final = r"(?<![^aeiouyl]l)"  # the "le" of "people" and "tables" is spoken
_SILENT: Final = re.compile(
    rf"(?<![aeiouy]){_AFTER_SYLLABLE}e$|(?<![aeiouycgsxzh]){_AFTER_SYLLABLE}es$|(?<![aeiouytd]){_AFTER_SYLLABLE}ed$"
    r"|[^aeiouyl]e(?=ly$|ment|ness|ful|less)|some(?=.)|(?<=^ev)e(?=ry)"
)
_SPLIT: Final = re.compile(
    r"(?<![tcs])i[ao]|i[ao](?=l?ity)|(?<=[^q]u)a[lt]|ier$|area|[^aeiou]eo(?!ple)|[aeiouy]ing|yone$|ism$|uou"
)
_SPOKEN_DIGITS: Final = {"0": 2, "7": 2}  # "zero" and "seven" have two syllables; the other digits one


@dataclass(frozen=True, slots=True)
class Reading:
    """How hard a text is to read.

    Attributes
    ----------
    words, sentences, syllables : int
        A heading, a cell or a line of a list counts as a sentence.
    """

    words: int
    sentences: int
    syllables: int

    @property
    def grade(self) -> float:
        """The Flesch-Kincaid grade level; 0 for a text without words."""
        if not self.words:
            return 0.0
        return _A_SENTENCE * self.words / self.sentences + _A_WORD * self.syllables / self.words - _LEVEL

    @property
    def age(self) -> float:
        """The age in years of readers at that grade."""
        return self.grade + AGE_OF_GRADE


def reading(texts: str | Iterable[str]) -> Reading:
    """Measure how hard texts are to read.

    Parameters
    ----------
    texts : str or iterable of str
        One per paragraph, heading or line of a list.

    Returns
    -------
    Reading

    Notes
    -----
    Colons and semicolons end a sentence too, as they do in the definition.

    >>> round(reading("The cat sat on the mat.").grade, 2)
    -1.45
    """
    sentences = [
        words
        for text in ([texts] if isinstance(texts, str) else texts)
        for part in _END.split(text)
        if (words := _WORD.findall(part))
    ]
    words = [word for sentence in sentences for word in sentence]
    return Reading(len(words), len(sentences), sum(map(syllables, words)))


def syllables(word: str) -> int:
    """Count the syllables of an English word, by its groups of vowels; at least one.

    >>> [syllables(word) for word in ("police", "people", "confidence", "asked", "area")]
    [2, 2, 3, 1, 3]
    """
    if word[0].isdigit():
        return sum(_SPOKEN_DIGITS.get(digit, 1) for digit in word if digit.isdigit())
    bare = re.sub(r"'.*", "", _NOT.sub("nt", word.lower().replace(_CURLY, "'")))
    groups = len(_VOWELS.findall(bare)) + len(_SPLIT.findall(bare))
    return max(groups - len(_SILENT.findall(bare)), 1)
