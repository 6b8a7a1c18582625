"""Groups of respondents' own words: those that many wrote; what few wrote could point to them and is gathered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.sample import Sample

FEWEST: Final = 10  # respondents of one wave; the smallest group that any release names with a number
GATHERED: Final = "Other answers"
_LONGEST: Final = 60  # characters; what is longer is a sentence, and never the name of a group


def with_write_ins_gathered(samples: Sequence[Sample], variable: str) -> list[Sample]:
    """Make a variable in respondents' own words one whose answers are listed.

    Parameters
    ----------
    samples : sequence of Sample
        One a wave.
    variable : str
        A variable of the codebook; one that is not text is left as it is.

    Returns
    -------
    list of Sample
        The same respondents. Words that fewer than 10 respondents of every wave wrote, whatever their case, are
        gathered as "Other answers".
    """
    known = [sample.codebook.get(variable) for sample in samples]
    if not any(book is not None and book.kind == "text" for book in known):
        return list(samples)
    written = [_plain(sample, variable) for sample in samples]
    spelt = _spellings(written)
    counts = [Counter(words.str.casefold().dropna()) for words in written]
    common = sorted(
        key for key, word in spelt.items() if len(word) <= _LONGEST and max(one[key] for one in counts) >= FEWEST
    )
    names = {key: spelt[key] for key in common}
    return [_listed(sample, variable, words, names) for sample, words in zip(samples, written, strict=True)]


def with_all_gathered(samples: Sequence[Sample], plan: EvaluationPlan) -> list[Sample]:
    """Gather write-ins in every variable whose answers a plan's results would name.

    Parameters
    ----------
    samples : sequence of Sample
        One a wave.
    plan : EvaluationPlan

    Returns
    -------
    list of Sample
        As `with_write_ins_gathered` leaves them: groupings, questions, adjusters, and the groups of the weights.
    """
    named = {name for one in plan.indicators for name in (one.by, one.variable)}
    gathered = list(samples)
    for variable in sorted({*named, *plan.adjusters, plan.weights.within} - {""}):
        gathered = with_write_ins_gathered(gathered, variable)
    return gathered


def _plain(sample: Sample, variable: str) -> pd.Series[str]:
    """Write each answer without double blanks, beginning with a capital; one without letters is missing."""
    text = sample.answers[variable].astype("string").str.split().str.join(" ")
    return (text.str[:1].str.upper() + text.str[1:]).where(text.str.len() > 0)


def _spellings(written: Sequence[pd.Series[str]]) -> dict[str, str]:
    """Take the commonest spelling of each answer, whatever its case."""
    counts: Counter[str] = Counter()
    for words in written:
        counts.update(words.dropna())
    ordered = sorted(counts, key=lambda word: (counts[word], word))
    return {word.casefold(): word for word in ordered}


def _listed(sample: Sample, variable: str, words: pd.Series[str], names: Mapping[str, str]) -> Sample:
    """Replace the answers, and list them in the codebook."""
    answers = (*names.values(), GATHERED)
    kept = words.str.casefold().map(names)
    column = pd.Categorical(kept.where(kept.notna() | words.isna(), GATHERED), categories=list(answers))
    book = replace(sample.codebook[variable], kind="category", answers=answers)
    return replace(
        sample,
        answers=sample.answers.assign(**{variable: column}),
        codebook={**sample.codebook, variable: book},
    )
