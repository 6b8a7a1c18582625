"""The columns of the tidy csv files: what each holds, in which unit, what may stand in it, and when it is blank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from lpact_eval.disclosure.rules import MARKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Kind = Literal["words", "number", "count", "text"]
DICTIONARY: Final = ("column", "meaning", "unit", "allowed values", "when blank")
_NEVER: Final = "never"
_SHORTHAND: Final = tuple(mark for mark in ("[c]", "[u]", "[x]") if mark in MARKS)
_IN_WORDS: Final[Mapping[Kind, str]] = {"number": "a number", "count": "a whole number, 0 or more", "text": "any text"}


@dataclass(frozen=True, slots=True)
class Described:
    """A column.

    Attributes
    ----------
    meaning, unit : str
    kind : str
    words : tuple of str
        What may stand in it, where the kind is "words"; each is whole.
    shorthand : bool
        Whether a shorthand may stand there instead.
    blank : str
        When it is blank.
    """

    meaning: str
    kind: Kind = "text"
    unit: str = "none"
    words: tuple[str, ...] = ()
    shorthand: bool = False
    blank: str = _NEVER

    @property
    def allowed(self) -> str:
        """What may stand in it, in words."""
        listed = "; ".join(self.words) if self.kind == "words" else _IN_WORDS[self.kind]
        return f"{listed}; or {', '.join(_SHORTHAND)}" if self.shorthand else listed

    def takes(self, text: str) -> bool:
        """Whether a text may stand in it.

        Parameters
        ----------
        text : str

        Returns
        -------
        bool
        """
        if not text:
            return self.blank != _NEVER
        if self.shorthand and text in _SHORTHAND:
            return True
        if self.kind == "words":
            return text in self.words
        return self.kind == "text" or _is_number(text, whole=self.kind == "count")


def dictionary_lines(columns: Mapping[str, Described]) -> Sequence[Sequence[str]]:
    """Write a dictionary of some columns.

    Parameters
    ----------
    columns : mapping of str to Described

    Returns
    -------
    sequence of sequence of str
        A line a column, in the order of `DICTIONARY`.
    """
    return [[name, one.meaning, one.unit, one.allowed, one.blank] for name, one in columns.items()]


def _is_number(text: str, *, whole: bool) -> bool:
    """Whether a text is a plain number."""
    try:
        float(text)
    except ValueError:
        return False
    return text.isdigit() if whole else text.strip() == text and text.casefold() not in {"nan", "inf", "-inf"}


_ALONE: Final = "for balance, overlap and strength, which are not tested"
_UNTESTED: Final = "where there is no test"

COLUMNS: Final[Mapping[str, Described]] = {
    "measure": Described(
        "What is measured: question, answers counted, and what kind of number it is: share, change and so on."
    ),
    "ethnicity": Described("Ethnic group; All respondents; or two groups whose differences are compared."),
    "time": Described("Survey, with its fieldwork dates; two for a change, later minus earlier; all those of a slope."),
    "sex": Described("All, or the group where results are broken down by sex."),
    "age": Described("All, or the group where results are broken down by age."),
    "geography": Described("Area that the respondents come from: the whole, or one where results are by area."),
    "value": Described(
        "Share, chance, change, difference or other number, rounded as published.",
        "number",
        "as the column unit says",
        shorthand=True,
    ),
    "numerator": Described("Of no use: a weighted share has no count of people as its numerator.", blank="always"),
    "denominator": Described("Of no use: see the sample columns.", blank="always"),
    "sample": Described(
        "Effective base: equally weighted respondents that would tell as much.",
        "count",
        "respondents",
        shorthand=True,
        blank=_ALONE,
    ),
    "unweighted sample": Described(
        "Respondents that the value rests on, those of all surveys or sides together.",
        "count",
        "respondents",
        shorthand=True,
        blank=_ALONE,
    ),
    "lower bound": Described(
        "Lower end of the 95% modelled interval.", "number", "as the column unit says", shorthand=True, blank=_ALONE
    ),
    "upper bound": Described(
        "Upper end of the 95% modelled interval.", "number", "as the column unit says", shorthand=True, blank=_ALONE
    ),
    "unit": Described(
        "What the value and its bounds are counted in.",
        "words",
        words=("per cent", "percentage points", "percentage points a year", "standard deviations", "times"),
        blank="for strength without a number",
    ),
    "group": Described(
        "Group of a breakdown that has no column of its own, such as community.",
        blank="where there is no such breakdown",
    ),
    "detail": Described(
        "Adjuster and its answer, for balance; arm and score, for overlap; measure, and adjuster of a benchmark, for "
        "strength; numbers of events compared, for dose.",
        blank="for other statistics",
    ),
    "indicator": Described("Indicator of the evaluation plan."),
    "question": Described("Harmonised variable."),
    "answers": Described("Answers counted; of a shift, the end of the scale that it runs towards."),
    "statistic": Described(
        "level, distribution (one answer), change, gap (attended minus not attended), gap difference, slope (change of "
        "the share a year), shift (chance that a person of the later survey answers nearer to one end of the scale), "
        "dose (difference by number of events attended), balance before or balance after (how attendees differ from "
        "others in an adjuster, before weighting and after it), overlap (share of either arm by score) or strength "
        "(how strong an unmeasured reason would have to be).",
        "words",
        words=(
            *("level", "distribution", "change", "gap", "gap difference", "slope", "shift", "dose", "balance before"),
            *("balance after", "overlap", "strength"),
        ),
    ),
    "role": Described(
        "primary: named in the plan as a test; exploratory: not.", "words", words=("primary", "exploratory")
    ),
    "weights": Described("Which weights the row rests on.", "words", words=("population", "within group", "delivered")),
    "row": Described(
        "Of a change: as collected, standardised (to the population) or balanced (later survey made to look like the "
        "earlier). Of what compares attendees with others, the method: standardised or regression (reported first), "
        "not adjusted, overlap weights, ATT weights, entropy weights (ATT) or doubly robust.",
        "words",
        words=(
            *("as collected", "standardised", "balanced", "regression", "not adjusted", "overlap weights"),
            *("ATT weights", "entropy weights (ATT)", "doubly robust"),
        ),
        blank="for other statistics",
    ),
    "reported first": Described(
        "no for a row that only stands beside the one reported and is not tested.", "words", words=("yes", "no")
    ),
    "family": Described("Family of tests: primary 1, primary 2 and so on, or exploratory.", blank=_UNTESTED),
    "equivalent": Described(
        "Whether the change is surely smaller than the plan's margin.",
        "words",
        words=("yes", "no", "not tested"),
        blank="where the plan asks for no such test",
    ),
    "sample first": Described(
        "Respondents in the earlier survey, or the first of a slope; or who attended (so many events).",
        "count",
        "respondents",
        blank="where the value has one sample, or it is hidden",
    ),
    "sample second": Described(
        "Respondents in the later survey, or the last of a slope; or who did not attend.",
        "count",
        "respondents",
        blank="where the value has one sample, or it is hidden",
    ),
    "adjusted p": Described(
        "p-value after allowing for the number of comparisons, between 0 and 1.", "number", blank=_UNTESTED
    ),
    "test": Described(
        "Outcome of the test, in words.",
        "words",
        words=("clear", "not clear", "not tested"),
        blank="for shares, and where no value is shown",
    ),
    "smallest detectable": Described(
        "Smallest change or difference that would show with 80% power.",
        "number",
        "percentage points, or as the column unit says for slopes",
        blank="where there is none, or it is hidden",
    ),
    "comparable": Described(
        "Whether the surveys asked the same.", "words", words=("full", "partial", "none", "not asked")
    ),
    "shorthand": Described(
        "[c] suppressed, [u] small base, [x] not available.",
        "words",
        words=_SHORTHAND,
        blank="where a value stands without one",
    ),
    "note": Described("What a reader should know of the row.", blank="where there is nothing to say"),
    "respondents": Described("synthetic: made-up people; people: real ones.", "words", words=("synthetic", "people")),
}

RECORD_COLUMNS: Final[Mapping[str, Described]] = {
    "outcome": Described(
        "What the row is about.",
        "words",
        words=("relationships", "understanding", "action", "observation", "cost"),
    ),
    "measure": Described("What was counted or measured."),
    "broken down by": Described(
        "What the group is a group of: community, theme, half-year, event and so on.", blank="for all together"
    ),
    "group": Described("The group; All where there is none."),
    "broken down by, second": Described("What the second group is a group of.", blank="where there is none"),
    "second group": Described("The second group.", blank="where there is none"),
    "value": Described("The number, rounded as published.", "number", "as the column unit says", shorthand=True),
    "unit": Described(
        "per cent, percentage points, points, pounds, days, hours, mean, ratio, index, or what is counted."
    ),
    "numerator": Described(
        "How many of the base, or the total that a mean or a ratio divides.",
        "number",
        "as the column unit or base counts says",
        shorthand=True,
        blank="where the value has none",
    ),
    "unweighted base": Described(
        "How many the value rests on.",
        "count",
        "as the column base counts says",
        shorthand=True,
        blank="where there is no base",
    ),
    "base counts": Described(
        "What the base counts: people, forms, events, items, themes, actions, offers and so on.",
        blank="where there is no base",
    ),
    "lower bound": Described(
        "Lower end of the 95% interval.",
        "number",
        "as the column unit says",
        shorthand=True,
        blank="where there is no interval",
    ),
    "upper bound": Described(
        "Upper end of the 95% interval.",
        "number",
        "as the column unit says",
        shorthand=True,
        blank="where there is no interval",
    ),
    "indicator": Described("Indicator of the evaluation plan that asked for it.", blank="for the list of events"),
    "shorthand": Described(
        "[c] suppressed, [u] small base, [x] not available.",
        "words",
        words=_SHORTHAND,
        blank="where a value stands without one",
    ),
    "note": Described("What a reader should know of the row.", blank="where there is nothing to say"),
    "records": Described(
        "synthetic: made-up records; real: those that were kept.", "words", words=("synthetic", "real")
    ),
}
