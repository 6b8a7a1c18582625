"""Change between two waves: levels, change with interval and test, and what the sample could have shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.comparison.bases import judged
from lpact_eval.comparison.rows import (
    AS_COLLECTED,
    COMPOSITION_SENSITIVE,
    MODE_CHANGED,
    Question,
    composition_sensitive,
    headline_only,
    headline_row,
    mode_changed,
    three_rows,
)
from lpact_eval.comparison.standardise import margins_of
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.estimation.asked import require_comparable
from lpact_eval.estimation.stacked import stacked
from lpact_eval.waves.unsure import DONT_KNOW_MOVED, check_moved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lpact_eval.comparison.rows import Row
    from lpact_eval.comparison.standardise import Population
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray, IntArray, Sample


@dataclass(frozen=True, slots=True, eq=False)
class WaveChange:
    """Levels in two waves and the change between them in three rows; k domains, 3k rows.

    Attributes
    ----------
    levels : Estimate
        Share in each wave and domain, row by row; label column "row".
    estimate : Estimate
        Change per domain and row, 3k estimates, the three rows of a domain together; label column "row": "as
        collected" (weights before any calibration), "standardised" (the weights that the sample came with, where they
        meet a population's margins, and the population of `standardise`), "balanced" (the later wave made to look
        like the earlier). What can't be had is missing and `refused` says why.
    tests, counts : mapping of str to 3k values
        Columns of `test` beside the labels, and of `bases`.
    detectable : ndarray of shape (3k,)
        Smallest rise, as a proportion, that these effective bases and degrees of freedom show with 80 % power; NaN
        where none, and on the rows beside the headline.
    flags : tuple of 3k str
        What a reader has to know, joined by "; ".
    refused : tuple of 3k str
        Why there is no change, or nothing.
    comparable : str
        "full" or "partial": how far the question was the same.
    headline : str
        The row to report first: "standardised" where the weights meet a population's margins or `standardise` is
        given, else "as collected".
    """

    levels: Estimate
    estimate: Estimate
    tests: Mapping[str, NDArray[np.generic]]
    counts: Mapping[str, NDArray[np.generic]]
    detectable: FloatArray
    flags: tuple[str, ...]
    refused: tuple[str, ...]
    comparable: str
    headline: str = AS_COLLECTED

    def __repr__(self) -> str:
        return repr(self.estimate)

    @property
    def test(self) -> pd.DataFrame:
        """Tests of 3k rows, beside the labels of the estimate.

        p_value (level at which the interval just reaches 0); p_adjusted (Holm over the domains of a row that were not
        refused); equivalent ("yes" where the 90 % interval lies inside the margin, "no", "not tested" without a margin,
        "" where refused).
        """
        return self.estimate.labels.assign(**{name: values.tolist() for name, values in self.tests.items()})

    @property
    def bases(self) -> pd.DataFrame:
        """What 3k rows rest on: n_first, n_second, n_effective_first, n_effective_second, units_first, units_second."""
        return pd.DataFrame(dict(self.counts))

    def only(self, row: str | None = None) -> WaveChange:
        """Keep one row of every domain.

        Parameters
        ----------
        row : str, optional
            "as collected", "standardised" or "balanced"; the headline's without.

        Returns
        -------
        WaveChange
            k rows.

        Raises
        ------
        WrongUseError
            If there is no such row.
        """
        wanted = row or self.headline
        known = self.estimate.named.texts("row")
        places = np.flatnonzero([name == wanted for name in known])
        if not places.size:
            msg = f"Cannot take the row {wanted!r}; there are {list(dict.fromkeys(known))}."
            raise WrongUseError(msg)
        return replace(
            self,
            levels=self.levels.select(row=wanted),
            estimate=self.estimate.take(places),
            tests={name: values[places] for name, values in self.tests.items()},
            counts={name: values[places] for name, values in self.counts.items()},
            detectable=self.detectable[places],
            flags=tuple(self.flags[int(place)] for place in places),
            refused=tuple(self.refused[int(place)] for place in places),
        )


def wave_change(  # noqa: PLR0913 - one question, and a setting for each of its rows
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    level: str,
    minus: str,
    by: str | Sequence[str] = ("ethnicity",),
    standardise: Population | None = None,
    alike: str | Sequence[str] | None = None,
    collapse: int = 0,
    equivalence: float | None = None,
    dont_know_moved: float = DONT_KNOW_MOVED,
    beside: bool = True,
) -> WaveChange:
    """Estimate how the favourable share changed between two waves, by domain, in three rows.

    Parameters
    ----------
    sample : Sample
        Two or more stacked waves, as delivered or weighted to one population.
    variable : str
        Harmonised variable.
    answer : str, sequence of str or None
        Answers that count together; by default those that the schema calls positive.
    level, minus : str
        Waves; the change is level - minus.
    by : str or sequence of str, default ("ethnicity",)
        Domain variables; () for everybody.
    standardise : optional
        Population to standardise to, beyond what the weights meet: {variable: {category: share or persons}}, margins,
        or the name of a population. One margin is standardised directly, several are raked to in every wave and domain.
    alike : str or sequence of str, optional
        Variables that the balanced row makes alike; by default those of `standardise`, else those that the weights
        meet, less those of `by`.
    collapse : int, default 0
        Categories with fewer respondents in either wave of a domain are merged with a neighbour before balancing.
    equivalence : float, optional
        Smallest change that matters, as a proportion, set before the data are read.
    dont_know_moved : float, default 0.05
        Flag a change beside which the share of don't knows moved by more, as a proportion. It is the share, weighted as
        the change is, among all who were asked and did not leave the question blank; the flag names both shares
        where 100 such respondents in each wave, 10 of whom said so, allow it.
    beside : bool, default True
        Whether to work out the two rows beside the headline; without them nothing is flagged as composition-sensitive.

    Returns
    -------
    WaveChange

    Raises
    ------
    EstimationError
        If the question can't be compared between the waves, or the waves are not in the sample.
    WrongUseError
        If no answer is given and the schema names none, `standardise` does not fit the respondents, or the margin is
        not between 0 and 1.

    Notes
    -----
    Which row to report: `headline`. After `rake` the sample's own weights are the row "standardised", whose numbers are
    those of `proportion` and `difference`; "as collected" takes the weights from before the first calibration step.
    Intervals: Newcombe on effective n with Satterthwaite's degrees of freedom; t in the balanced row, whose later level
    rests on both waves. A row is flagged as composition-sensitive where the rows of its domain differ by more than half
    the half-width of the headline's interval.

    References
    ----------
    Newcombe (1998), *Statistics in Medicine* 17, 873-890; Bell & McCaffrey (2002), *Survey Methodology* 28; Schuirmann
    (1987), *J. Pharmacokinetics and Biopharmaceutics* 15, 657-680, for equivalence.
    """
    comparable = _comparable(sample, variable, (level, minus))
    names = (by,) if isinstance(by, str) else tuple(by)
    answers = tuple(answers_that_count(sample, variable, answer))
    check_moved(dont_know_moved)
    _check_margin(equivalence)
    chosen = (alike,) if isinstance(alike, str) else None if alike is None else tuple(alike)
    _check_alike(sample, chosen or ())
    margins = margins_of(sample, standardise)
    question = Question(sample, variable, answers, level, minus, names, margins, chosen, collapse)
    rows = three_rows(question) if beside else [headline_only(question)]
    _require_separate(rows[0])
    return _assembled(question, rows, comparable, (equivalence, dont_know_moved))


def _comparable(sample: Sample, variable: str, waves: tuple[str, str]) -> str:
    """Refuse a question that the crosswalks call incomparable; say whether it is only partly comparable."""
    require_comparable(sample, variable, "wave", waves[::-1])
    known = sample.codebook.get(variable)
    return "partial" if known and any(known.comparable.get(wave) == "partial" for wave in waves) else "full"


def answers_that_count(sample: Sample, variable: str, answer: str | Sequence[str] | None) -> list[str]:
    """Take the answers given, else the favourable ones of the schema."""
    if answer is not None:
        return [answer] if isinstance(answer, str) else list(answer)
    known = sample.codebook.get(variable)
    if known is None or not known.positive:
        msg = f"Cannot compare {variable!r}: the schema names no favourable answers; give them, answer=[...]."
        raise WrongUseError(msg)
    return list(known.positive)


def _check_margin(margin: float | None) -> None:
    """Refuse a margin of equivalence that is no proportion."""
    if margin is not None and not 0 < margin < 1:
        msg = f"Cannot test equivalence with the margin {margin}; it is a proportion, as .1 for 10 points."
        raise WrongUseError(msg)


def _check_alike(sample: Sample, names: Sequence[str]) -> None:
    """Refuse variables to balance on that do not exist."""
    absent = [name for name in names if name not in sample.answers.columns]
    if absent:
        msg = f"Cannot balance on {absent}: the sample has {sorted(map(str, sample.answers.columns))}."
        raise WrongUseError(msg)


def _require_separate(row: Row) -> None:
    """Refuse a panel; waves never share a sampling unit unless they are one."""
    if row.change.pair is None:
        msg = (
            "Cannot compare the waves: they share sampling units, so they are a panel. "
            "Use proportion() and difference(), which keep the covariance."
        )
        raise EstimationError(msg)


def _assembled(
    question: Question, rows: Sequence[Row], comparable: str, settings: tuple[float | None, float]
) -> WaveChange:
    """Put the rows of each domain next to each other, with what they share."""
    headline = headline_row(question.sample, standardised=bool(question.margins))
    template = rows[0]
    units = (template.first.reached.sum(axis=0), template.second.reached.sum(axis=0))
    parts = [
        judged(row, units, equivalence=settings[0], moved=settings[1], detectable=row.name == headline) for row in rows
    ]
    domains = len(template.change)
    order = np.arange(len(rows) * domains).reshape(len(rows), domains).T.ravel()
    change = stacked([part.change for part in parts]).take(order)
    shown = [replace(row, change=part.change) for row, part in zip(rows, parts, strict=True)]
    sensitive = composition_sensitive(shown, headline)
    switched = mode_changed(question.sample, question.level, question.minus)
    flags = [
        _joined(
            part.flags[place],
            row.remarks[place],
            part.change.refused[place],
            sensitive=sensitive[place],
            switched=switched,
        )
        for place in range(domains)
        for row, part in zip(rows, parts, strict=True)
    ]
    return WaveChange(
        stacked([row.levels for row in rows]),
        change,
        _taken([part.tests for part in parts], order),
        _taken([part.bases for part in parts], order),
        np.concatenate([part.detectable for part in parts])[order],
        tuple("; ".join(found) for found in flags),
        change.refused,
        comparable,
        headline,
    )


def _taken(
    tables: Sequence[Mapping[str, NDArray[np.generic] | Sequence[str]]], order: IntArray
) -> dict[str, NDArray[np.generic]]:
    """Put tables under each other and their rows in another order."""
    return {name: np.concatenate([table[name] for table in tables])[order] for name in tables[0]}


def _joined(own: Sequence[str], remark: str, refused: str, *, sensitive: bool, switched: bool) -> list[str]:
    """Put the flags of one row together."""
    more = [] if refused else [*([remark] if remark else []), *([COMPOSITION_SENSITIVE] if sensitive else [])]
    return [*own, *more, *([MODE_CHANGED] if switched else [])]
