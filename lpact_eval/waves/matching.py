"""Likeness of words: a delivered label to a harmonised answer or a kind of missing, a question to a variable."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lpact_eval.waves.items import Missing
from lpact_eval.waves.schema import Meaning

_MISSING: tuple[tuple[Missing, re.Pattern[str]], ...] = (
    ("don't know", re.compile(r"(i )?(don'?t|do not) know|dk$|not sure|unsure|no opinion|can'?t (say|choose)")),
    ("prefer not to say", re.compile(r"(i'?d |i would )?(prefer not|rather not)|refus|declined|not stated")),
    ("not asked", re.compile(r"not asked|not applicable|n/?a$|inapplicable|does not apply|item not applicable|routed")),
    ("blank", re.compile(r"not answered|no (reply|answer|response)|blank|missing|system missing|error$|unanswered")),
)
_NUMBERED = re.compile(r"^\s*(q(uestion)?\s*)?\d+[a-z]?\s*[.):]\s*", re.IGNORECASE)
_PREFIX = re.compile(r"^(q\d+[a-z]?|v\d+)_", re.IGNORECASE)
_STEM = re.compile(r"\s+[-\u2013|]\s+|:\s+|\.{3}\s*|\u2026\s*")
_NEGATIVE = re.compile(
    r"^(not?|never|none|nobody|nor|(dis(agree|satisf|trust)|un(likely|satisf|fair|happy|aware))\w*|\w+n't)$"
)
_FAIRLY = frozenset({"tend", "quite", "somewhat", "slightly", "rather", "fairly"})
_VERY = frozenset({"strongly", "very", "completely", "extremely", "definitely"})
_SAME = dict.fromkeys(_FAIRLY, "fairly") | dict.fromkeys(_VERY, "very")
_PLAIN = frozenset({"agree", "disagree", "satisfied", "dissatisfied", "confident", "likely", "unlikely"})
_FILLER = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "be",
        "do",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "of",
        "or",
        "that",
        "the",
        "this",
        "to",
        "what",
        "which",
        "would",
        "you",
        "your",
        "police",
        "area",
    }
)  # fmt: skip - a word a line would hide the list
# What survey tools and offices call what is recorded about an interview.
_ALSO_CALLED: Mapping[str, frozenset[str]] = {
    "recruit_site": frozenset(
        {"collector", "site", "venue", "recruitment site", "recruitment site number", "site name", "sampling point"}
    ),
    "recruit_route": frozenset({"route", "source", "channel", "recruited through"}),
    "mode": frozenset({"device", "mode", "survey mode", "mode of interview"}),
    "sex": frozenset({"sex", "sex of respondent", "respondent's sex", "gender of respondent"}),
    "interviewer": frozenset({"interviewer", "who was present", "who was present?", "administered by"}),
}
_KEPT = 4096  # texts; the same few labels are compared with the same few answers again and again
_COUNTED: Mapping[str, str] = {
    "one": "1",
    "once": "1",
    "two": "2",
    "twice": "2",
    "three": "3",
    "four": "4",
    "five": "5",
}
_COUNT = re.compile(rf"^({'|'.join(_COUNTED)})(?= (?:or|and) (?:more|over|above)\b| plus\b| (?:events?|times?)\b|$)")
_EVENTS = re.compile(r"(?<=[\d+]) (?:events?|times?)$")
_LONGEST_MISSING = 45  # letters; whole sentences are answers
_ALIKE = 88  # per cent; below it two answers that share no whole wording are not alike
_PRONOUNS = frozenset({"it", "them", "one", "any"})
_WORDS = 2  # words that a question and a variable have to share


@dataclass(frozen=True, slots=True)
class AnswerMatch:
    """A harmonised answer proposed for a delivered code, and how alike the two are in per cent."""

    answer: str
    score: float


def missing_kind(label: str) -> Missing | None:
    """Recognise a label that says why there is no answer."""
    text = _plain(label).strip(" .:-()[]*0123456789")
    if len(text) > _LONGEST_MISSING:
        return None
    return next((kind for kind, pattern in _MISSING if pattern.match(text)), None)


@functools.lru_cache(_KEPT)
def answer_words(label: str) -> tuple[str, ...]:
    """Write an answer as comparable words: bands, degrees and the middle of a scale in one spelling."""
    text = re.sub(r"(\d+)\s*(?:to|-|\u2013|\u2014)\s*(\d+)", r"\1-\2", _plain(label))
    text = _COUNT.sub(lambda found: _COUNTED[found[1]], text.strip(" ."))
    text = re.sub(r"(\d+)\s*(?:(?:or|and) (?:more|over|above|older)|plus)\b", r"\1+", text)
    words = re.findall(r"[\w+'-]+", _EVENTS.sub("", text))
    if words[:1] == ["neither"]:
        return ("neither",)
    if words in (["none"], ["never"], ["zero"]):
        return ("0",)
    if len(words) == 1 and words[0] in _PLAIN:
        words = ["fairly", *words]
    fairly = [_SAME.get(word, word) for word in words]
    return tuple(word for place, word in enumerate(fairly) if not (word == "to" and fairly[place - 1] == "fairly"))


def lacks_degree(label: str, answer: str) -> bool:
    """Tell whether an answer is one bare word, such as "Agree", where the schema's says how much."""
    bare = re.findall(r"[\w+'-]+", _plain(label))
    return len(bare) == 1 and bare[0] in _PLAIN and bool(_FAIRLY.intersection(re.findall(r"\w+", answer.casefold())))


def match_answers(
    labels: Mapping[str, str], answers: Sequence[str], *, options: bool = False
) -> dict[str, AnswerMatch]:
    """Match delivered codes to harmonised answers by their labels, the most alike first.

    Parameters
    ----------
    labels : mapping of str to str
        Delivered code to label, kinds of missing left out.
    answers : sequence of str
        The schema's answers.
    options : bool, default False
        Whether several can be ticked: what an option denies doesn't make it another one's opposite.

    Returns
    -------
    dict of str to AnswerMatch
        Codes with an answer alike; an answer is given again only for the very same words.
    """
    known = [(answer, answer_words(answer)) for answer in answers]
    pairs = [
        (score, code, answer)
        for code, label in labels.items()
        for words in [answer_words(label)]
        for answer, target in known
        if (score := _answer_score(words, target) or (_option_score(words, target) if options else 0.0))
    ]
    found: dict[str, AnswerMatch] = {}
    taken: set[str] = set()
    for score, code, answer in sorted(pairs, key=lambda pair: -pair[0]):
        if code not in found and (answer not in taken or score == 100):  # noqa: PLR2004 - per cent: the same words
            found[code] = AnswerMatch(answer, score)
            taken.add(answer)
    return found


def _answer_score(label: tuple[str, ...], answer: tuple[str, ...]) -> float:
    """Compare two answers; one that is negated is never like one that is not."""
    if sorted(label) == sorted(answer):
        return 100.0
    if not label or not answer or _negated(label) != _negated(answer):
        return 0.0
    score = _same_words(label, answer)
    if set(answer) <= set(label):
        return 60 + 0.39 * score
    return score if score >= _ALIKE else 0.0


def _option_score(label: tuple[str, ...], answer: tuple[str, ...]) -> float:
    """Compare two options of a list: "the time or place did not suit me" and "time or place"."""
    inside = len(answer) >= _WORDS and set(answer) - _PRONOUNS <= set(label)
    return 60 + 0.39 * _same_words(label, answer) if inside else 0.0


def _same_words(one: Sequence[str], other: Sequence[str]) -> float:
    """Compare the words of two texts in whatever order, in per cent."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - a definition that is written needs no likeness

    return fuzz.token_sort_ratio(" ".join(one), " ".join(other))


def _negated(words: Sequence[str]) -> bool:
    """Tell whether an answer denies."""
    return any(_NEGATIVE.match(word) for word in words)


def question_score(name: str, title: str, variable: str, meaning: Meaning) -> float:
    """Compare a delivered column with a harmonised variable by wording, title and name, in per cent."""
    asked = [_plain(title), *(_plain(part) for part in _STEM.split(title)[1:])]
    targets = [_plain(text) for text in (meaning.wording, meaning.title) if text]
    if {_plain(name), _plain(title)} & _ALSO_CALLED.get(variable, frozenset()):
        return 100.0
    wordings = [_wording_score(one, target) for one in asked for target in targets]
    return max([*wordings, _name_score(_PREFIX.sub("", name), variable)])


def reworded(title: str, meaning: Meaning) -> bool:
    """Tell whether a question was asked in other words than the schema's."""
    return bool(meaning.wording) and _words(_plain(title)) != _words(_plain(meaning.wording))


def without_number(title: str) -> str:
    """Take the question's number off its text."""
    return _NUMBERED.sub("", title)


def _wording_score(asked: str, target: str) -> float:
    """Compare two wordings; a wording that holds the other is nearly as good as the same one."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - a definition that is written needs no likeness

    one, other = _words(asked), _words(target)
    shared = (set(one) & set(other)) - _FILLER
    whole = _same_words(one, other)
    if len(shared) < _WORDS:
        return whole if one == other else 0.6 * whole
    return max(whole, 0.92 * fuzz.token_set_ratio(" ".join(one), " ".join(other)))


def _name_score(name: str, variable: str) -> float:
    """Compare a column's name with a variable's."""
    if name.casefold() == variable:
        return 100.0
    return 78.0 if name.casefold() in variable.split("_") else 0.0


def _words(text: str) -> list[str]:
    """Split a text into words."""
    return re.findall(r"[\w']+", text)


def _plain(text: str) -> str:
    """Fold case, curly apostrophes and a question's number."""
    return without_number(text.replace("\u2019", "'").replace("\u2018", "'")).casefold().strip()
