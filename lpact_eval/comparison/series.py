"""Any number of waves: levels, changes, a trend in time, and the points to draw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.comparison.bases import FEWEST_DF, judged
from lpact_eval.comparison.rows import MODE_CHANGED, Question, headline_row, mode_changed, row_of
from lpact_eval.comparison.waves import answers_that_count
from lpact_eval.errors import EstimationError
from lpact_eval.estimation.asked import PARTLY, why_incomparable
from lpact_eval.estimation.domains import categories_of
from lpact_eval.estimation.multiplicity import adjust
from lpact_eval.estimation.stacked import refused_where, stacked
from lpact_eval.estimation.statistics import proportion
from lpact_eval.estimation.wald import trend
from lpact_eval.frames import keys_of
from lpact_eval.waves.unsure import DONT_KNOW_MOVED, check_moved

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from lpact_eval.comparison.bases import Judged
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import Sample

SMALLEST_BASE, SMALLEST_EFFECTIVE = 10, 8.0  # a level with a smaller base is refused
FEWEST_WAVES: Final = 3  # for a trend; two make a change
CONSECUTIVE, FIRST_TO_LAST = "consecutive", "first to last"
_YEAR = 365.25  # days


@dataclass(frozen=True, slots=True, eq=False)
class TrendSeries:
    """A question over all waves; k domains, T waves.

    Attributes
    ----------
    levels : Estimate
        Share by wave and domain, waves in order of time.
    changes : Estimate
        Change between consecutive waves, and from the first to the last where there are three or more; label column
        "step" ("consecutive" or "first to last").
    test : DataFrame
        Labels of `changes`, p_value, p_adjusted (Holm over the domains of one pair of waves), equivalent.
    trend : DataFrame of k rows
        As `wave_slopes`.
    points : DataFrame of k x T rows
        Domain, wave, title, date (middle of fieldwork), years (since the first wave), estimate, conf_low, conf_high, n,
        n_effective, comparable, breaks (whether the question changed before this point), segment (points are joined
        within one only), flags, refused.
    flags, refused : tuple of str
        Of `changes`.
    headline : str
        What the weights stand for: "standardised" or "as collected".
    """

    levels: Estimate
    changes: Estimate
    test: pd.DataFrame
    trend: pd.DataFrame
    points: pd.DataFrame
    flags: tuple[str, ...]
    refused: tuple[str, ...]
    headline: str

    def __repr__(self) -> str:
        return repr(self.points)


@dataclass(frozen=True, slots=True)
class _Moment:
    """One wave in time: name, title, middle of fieldwork, years (else waves) since the first, comparability."""

    name: str
    title: str
    date: dt.date | None
    years: float
    timed: bool
    comparable: str
    reason: str


def trend_series(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    by: str | Sequence[str] = ("ethnicity",),
    equivalence: float | None = None,
    dont_know_moved: float = DONT_KNOW_MOVED,
) -> TrendSeries:
    """Follow the favourable share over two or more waves, by domain.

    Parameters
    ----------
    sample : Sample
        Stacked waves under the weights to report.
    variable, answer, by, equivalence, dont_know_moved
        As in `wave_change`.

    Returns
    -------
    TrendSeries
        A wave that asked something else, or nothing, is refused with its reason; a question that was only partly the
        same breaks the line. Levels of fewer than 10 answers, or 8 effective ones, are refused, as are changes of fewer
        than 15 answers, or 10 effective ones, in a wave.

    Raises
    ------
    EstimationError
        If there are fewer than two waves, or a variable does not exist.
    WrongUseError
        If no answer is given and the schema names none.

    Notes
    -----
    Trend: least-squares slope of the levels on the middles of fieldwork, over the waves that compare, a contrast with
    Satterthwaite's degrees of freedom. Two waves have a change and no trend.

    References
    ----------
    Korn & Graubard (1999), *Analysis of Health Surveys*, sec. 3.4; Newcombe (1998), *Statistics in Medicine* 17.
    """
    names = (by,) if isinstance(by, str) else tuple(by)
    answers = tuple(answers_that_count(sample, variable, answer))
    check_moved(dont_know_moved)
    moments = _moments(sample, variable)
    ordered = _in_time(proportion(sample, variable, list(answers), by=["wave", *names]), moments, names)
    levels = _with_refusals(ordered, moments)
    question = Question(sample, variable, answers, "", "", names)
    parts = _changes(question, ordered, moments, (equivalence, dont_know_moved))
    changes = stacked([part.change for _, part in parts])
    return TrendSeries(
        levels,
        changes,
        pd.concat([part.test for _, part in parts], ignore_index=True),
        _trend(levels, moments, names, dont_know_moved, switched=_switched(sample, moments)),
        _points(levels, moments, names),
        tuple("; ".join([*own, *more]) for more, part in parts for own in part.flags),
        changes.refused,
        headline_row(sample),
    )


def wave_slopes(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    by: str | Sequence[str] = ("ethnicity",),
    dont_know_moved: float = DONT_KNOW_MOVED,
) -> pd.DataFrame:
    """Work out the slopes of `trend_series` and nothing else.

    Parameters
    ----------
    sample, variable, answer, by, dont_know_moved
        As in `trend_series`, which has the method and the errors.

    Returns
    -------
    DataFrame of k rows
        Domain, slope, std_error, conf_low, conf_high, df, p_value, p_adjusted (Holm over the domains), n, n_effective,
        unit ("a year", or "a wave" where fieldwork has no dates), waves (how many it rests on), over (which, in order
        of time, with "; " between them), flags, refused. Slopes are proportions.
    """
    names = (by,) if isinstance(by, str) else tuple(by)
    check_moved(dont_know_moved)
    moments = _moments(sample, variable)
    shares = proportion(sample, variable, list(answers_that_count(sample, variable, answer)), by=["wave", *names])
    levels = _with_refusals(_in_time(shares, moments, names), moments)
    return _trend(levels, moments, names, dont_know_moved, switched=_switched(sample, moments))


def _moments(sample: Sample, variable: str) -> list[_Moment]:
    """Place the waves in time."""
    if "wave" not in sample.answers.columns:
        raise EstimationError("Cannot follow waves: the sample has no variable 'wave'. Stack the waves first.")
    codes, names = categories_of(sample, "wave")
    names = [name for place, name in enumerate(names) if (codes == place).any()]
    if len(names) < 2:  # noqa: PLR2004 - one wave has no change
        msg = f"Cannot follow {variable!r} over the waves {names}: two or more are needed. Stack the waves first."
        raise EstimationError(msg)
    known = {wave.name: wave for wave in sample.waves}
    if len(sample.waves) == len(names) and set(known) != set(names):
        known = dict(zip(names, sample.waves, strict=True))
    meaning = sample.codebook.get(variable)
    dates = {name: known[name].start + (known[name].end - known[name].start) / 2 for name in names if name in known}
    timed = len(dates) == len(names) and len(set(dates.values())) == len(names)
    ordered = sorted(names, key=lambda name: dates[name]) if timed else names
    first = dates[ordered[0]] if timed else None
    return [
        _Moment(
            name,
            known[name].title if name in known else name,
            dates.get(name),
            (dates[name] - first).days / _YEAR if first is not None else float(place),
            timed,
            str(meaning.comparable.get(name, "full")) if meaning else "full",
            why_incomparable(sample, variable, [name]),
        )
        for place, name in enumerate(ordered)
    ]


def _in_time(shares: Estimate, moments: Sequence[_Moment], names: Sequence[str]) -> Estimate:
    """Put levels in order of time, domains in their own order within it."""
    keys = keys_of(shares.labels, names)
    domains = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    when = {moment.name: place for place, moment in enumerate(moments)}
    waves = [str(wave) for wave in shares.labels["wave"]]
    order = sorted(range(len(shares)), key=lambda row: (when[waves[row]], domains[keys[row]]))
    return shares.take(np.array(order, dtype=np.intp))


def _with_refusals(levels: Estimate, moments: Sequence[_Moment]) -> Estimate:
    """Refuse levels of waves that do not compare, and those on small bases."""
    why = {moment.name: moment.reason for moment in moments}
    bases = zip(levels.labels["wave"].astype(str), levels.n, levels.n_effective, strict=True)
    return refused_where(levels, [why[wave] or _small(n, effective) for wave, n, effective in bases])


def _small(n: float, effective: float) -> str:
    """Refuse a level on a small base."""
    if n < SMALLEST_BASE:
        return f"fewer than {SMALLEST_BASE} answers"
    return "" if effective >= SMALLEST_EFFECTIVE else f"fewer than {SMALLEST_EFFECTIVE:.0f} effective answers"


def _changes(
    question: Question, levels: Estimate, moments: Sequence[_Moment], settings: tuple[float | None, float]
) -> list[tuple[list[str], Judged]]:
    """Take changes between consecutive waves, and from first to last; each with what all its domains share."""
    pairs = [(one, other, CONSECUTIVE) for one, other in pairwise(moments)]
    if len(moments) >= FEWEST_WAVES:
        pairs.append((moments[0], moments[-1], FIRST_TO_LAST))
    found: list[tuple[list[str], Judged]] = []
    for one, other, step in pairs:
        asked = replace(question, level=other.name, minus=one.name)
        try:
            row = row_of(headline_row(question.sample), levels, asked)
        except EstimationError:  # no domain has answers in both waves
            continue
        row = replace(row, change=replace(row.change, named=row.change.named.without("row").assign("step", step)))
        units = (row.first.reached.sum(axis=0), row.second.reached.sum(axis=0))
        more = [MODE_CHANGED] if mode_changed(question.sample, other.name, one.name) else []
        found.append((more, judged(row, units, equivalence=settings[0], moved=settings[1])))
    if not found:
        msg = f"Cannot follow {question.variable!r}: no domain has answers in two waves."
        raise EstimationError(msg)
    return found


def _switched(sample: Sample, moments: Sequence[_Moment]) -> bool:
    """Whether the way of asking changed completely between two of the waves that a slope rests on."""
    kept = [moment.name for moment in moments if not moment.reason]
    return any(mode_changed(sample, later, earlier) for earlier, later in pairwise(kept))


def _trend(
    levels: Estimate, moments: Sequence[_Moment], names: Sequence[str], moved: float, *, switched: bool
) -> pd.DataFrame:
    """Slopes over the waves that compare."""
    kept = [moment for moment in moments if not moment.reason]
    domains = pd.DataFrame(list(dict.fromkeys(keys_of(levels.labels, names))), columns=pd.Index(list(names)))
    table = domains if names else pd.DataFrame(index=range(1))
    table = table.assign(
        unit="a year" if all(moment.timed for moment in moments) else "a wave",
        waves=len(kept),
        over="; ".join(moment.name for moment in kept),
    )
    numbers = ["slope", "std_error", "conf_low", "conf_high", "df", "p_value", "p_adjusted", "n", "n_effective"]
    if len(kept) < FEWEST_WAVES:
        return table.assign(**dict.fromkeys(numbers, np.nan), flags="", refused="fewer than three waves that compare")
    inside = levels.labels["wave"].astype(str).isin([moment.name for moment in kept]).to_numpy()
    slopes = trend(
        levels.take(np.flatnonzero(inside)),
        "wave",
        scores={moment.name: moment.years for moment in kept},
        dont_know_moved=moved,
    )
    found = slopes.to_frame()
    place = {key: row for row, key in enumerate(keys_of(slopes.labels, names))}
    order = [place.get(key, -1) for key in (keys_of(domains, names) if names else [()])]
    p_value = np.where(slopes.df >= FEWEST_DF, slopes.p_value(), np.nan)
    values = {"slope": found["estimate"], "p_value": pd.Series(p_value), "p_adjusted": pd.Series(adjust(p_value))}
    values |= {name: found[name] for name in ("std_error", "conf_low", "conf_high", "df", "n", "n_effective")}
    asked = slopes.asked.flags() if slopes.asked else [list[str]()] * len(slopes)
    more = [MODE_CHANGED] if switched else []
    taken = {name: [float(values[name].iloc[row]) if row >= 0 else np.nan for row in order] for name in numbers}
    return table.assign(
        **taken,
        flags=["; ".join([*asked[row], *more]) if row >= 0 else "" for row in order],
        refused=[slopes.refused[row] if row >= 0 else "no answers in a wave" for row in order],
    )


def _points(levels: Estimate, moments: Sequence[_Moment], names: Sequence[str]) -> pd.DataFrame:
    """List what to draw: one row per domain and wave, present or not."""
    table = levels.to_frame()
    flags = levels.flags
    place = {
        (str(wave), key): row for row, (wave, key) in enumerate(zip(table["wave"], keys_of(table, names), strict=True))
    }
    breaks = [False, *(_broken(one, other) for one, other in pairwise(moments))]
    segment = np.cumsum(breaks).tolist()
    rows: list[dict[str, object]] = []
    for key in dict.fromkeys(keys_of(table, names)):
        for at, moment in enumerate(moments):
            row = place.get((moment.name, key))
            partial = [PARTLY.format("this wave")] if moment.comparable == "partial" else []
            own = [flags[row]] if row is not None and flags[row] else []
            rows.append(
                {
                    **dict(zip(names, key, strict=True)),
                    "wave": moment.name,
                    "title": moment.title,
                    "date": moment.date,
                    "years": moment.years,
                    **{
                        name: table[name].iloc[row] if row is not None else np.nan
                        for name in ("estimate", "conf_low", "conf_high")
                    },
                    "n": int(table["n"].iloc[row]) if row is not None else 0,
                    "n_effective": float(table["n_effective"].iloc[row]) if row is not None else 0.0,
                    "comparable": moment.comparable,
                    "breaks": breaks[at],
                    "segment": segment[at],
                    "flags": "; ".join([*own, *partial]),
                    "refused": levels.refused[row] if row is not None else moment.reason or "no answers",
                }
            )
    return pd.DataFrame(rows)


def _broken(one: _Moment, other: _Moment) -> bool:
    """Whether the question was not wholly the same on both sides."""
    return any(moment.comparable != "full" for moment in (one, other))
