"""Where the scores of two arms lie, and what weights may be used and said with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from lpact_eval.comparison.balance import ATTENDED, OTHERS, SAME_SCORE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.balance import Arms
    from lpact_eval.sample import FloatArray

BINS: Final = 10  # of a tenth each
OUTSIDE: Final = 0.20  # share of attendees with scores that no other respondent has: above it no ATT
SLIGHT: Final = 0.10  # standardised difference from which a reader is warned
CLEAR: Final = 0.25  # and over which like isn't compared with like
FEWEST_EFFECTIVE: Final = 10  # in an arm: refused below
ENOUGH_OTHERS: Final = 15  # effective respondents who did not attend: no pass below
SOUND_EFFECTIVE: Final = 20  # in an arm: flagged below
LARGEST_SHARE: Final = 0.10
OVERLAP_ONLY: Final = "some attendees have scores outside the range of those who did not attend: overlap weights only"
TOO_FAR: Final = f"over {OUTSIDE:.0%} of attendees have scores outside the range of the others: overlap weights only"
_WORDS: Final = {ATTENDED: "attended", OTHERS: "did not attend"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What balance and overlap allow in one domain.

    Attributes
    ----------
    standing : {"pass", "warn", "refuse"}
        "pass": every |SMD| under .10, at least 15 effective others, nobody with a tenth of an arm. "refuse": a
        difference over .25 is left, the estimand has no support, or an arm has fewer than 10 effective respondents.
    refused : str
        Why weighting gives no number, or nothing.
    flags : tuple of str
        What a reader has to know.
    """

    standing: Literal["pass", "warn", "refuse"]
    refused: str
    flags: tuple[str, ...]


def overlap_histogram(scores: Mapping[str, FloatArray], arms: Arms, by: str) -> pd.DataFrame:
    """Share out each arm's survey weight over tenths of the score; no respondent's score is in it.

    Parameters
    ----------
    scores : mapping of domain to ndarray of shape (n,)
        Propensity scores, read inside the domain only.
    arms : Arms
    by : str
        Name of the column that holds the domain.

    Returns
    -------
    DataFrame
        Domain, arm ("attended", "not attended"), low and high (ends of the bin, its upper end outside but for the
        last), share of the arm's survey weight, n (respondents; for clearing, never for readers). Ten rows an arm and
        domain with scores.
    """
    names = [by, "arm", "low", "high", "share", "n"]
    edges = (np.arange(BINS + 1) / BINS).tolist()
    rows: list[tuple[object, ...]] = []
    groups = arms.groups()
    for name, score in scores.items():
        for arm, members in ((ATTENDED, arms.treated), (OTHERS, ~arms.treated)):
            own = groups[name] & members & ~np.isnan(score)
            bins = np.clip(np.floor(score[own] * BINS + SAME_SCORE), 0, BINS - 1).astype(int)
            weight = np.bincount(bins, arms.weight[own], minlength=BINS)
            share = (weight / weight.sum() if own.any() else np.zeros(BINS)).tolist()
            counts = np.bincount(bins, minlength=BINS).tolist()
            rows += [(name, arm, *numbers) for numbers in zip(edges[:-1], edges[1:], share, counts, strict=True)]
    return pd.DataFrame(rows, columns=names)


def positivity(overlap: pd.DataFrame, by: str, estimand: str) -> Mapping[str, tuple[str, str]]:
    """Say by domain why an estimand has no support, and what to know where it has.

    Parameters
    ----------
    overlap : DataFrame
        See `balance.overlap_table`, with scores.
    by : str
        Name of its domain column.
    estimand : {"ate", "att", "ato"}

    Returns
    -------
    mapping of domain to (refusal, flag)
        Either may be empty. Attendees outside the range of the others' scores: overlap weights only, so "ate" is
        refused and "att" flagged; over 20 % of their weight: "att" is refused as well. Overlap weights give such
        respondents next to nothing and are never refused. Empty in a domain without scores.
    """
    attended = overlap[overlap["arm"] == ATTENDED]
    found = dict(zip(attended[by].astype(str), attended["outside"].astype(float), strict=True))
    return {name: _supported(share, estimand.casefold()) for name, share in found.items()}


def verdicts(balance: pd.DataFrame, overlap: pd.DataFrame, by: str, estimand: str) -> Mapping[str, Verdict]:
    """Judge balance and overlap after weighting, domain by domain.

    Parameters
    ----------
    balance, overlap : DataFrame
        See `balance.balance_table` and `balance.overlap_table`, with weights; overlap may have scores.
    by : str
        Name of their domain column.
    estimand : {"ate", "att", "ato"}

    Returns
    -------
    mapping of domain to Verdict

    Notes
    -----
    Flags from |SMD| .10, 20 effective respondents of either arm and a tenth of an arm for one respondent; no more
    than a description over |SMD| .25; no number under 10 effective respondents or without support.

    References
    ----------
    Austin (2009), *Statistics in Medicine* 28, 3083-3107; Stuart (2010), *Statistical Science* 25, 1-21, sec. 4.
    """
    supported: Mapping[str, tuple[str, str]] = positivity(overlap, by, estimand) if "outside" in overlap.columns else {}
    domain, names = _texts(balance[by]), _texts(overlap[by])
    left = balance["covariate"].to_numpy(), balance["smd_after"].abs().to_numpy(dtype=float)
    arms = list(
        zip(_texts(overlap["arm"]), *(overlap[name].tolist() for name in ("n_effective", "largest_share")), strict=True)
    )
    return {
        name: _judged(
            [(str(covariate), size) for own, covariate, size in zip(domain, *left, strict=True) if own == name],
            {arm: (effective, share) for own, (arm, effective, share) in zip(names, arms, strict=True) if own == name},
            supported.get(name, ("", "")),
        )
        for name in dict.fromkeys(names)
    }


def _texts(column: pd.Series) -> list[str]:
    """Take a column as texts."""
    return [str(value) for value in column.tolist()]


def _supported(outside: float, estimand: str) -> tuple[str, str]:
    """Refuse or flag an estimand by the share of attendees outside the range of the others' scores."""
    if estimand == "ato" or not outside > 0:
        return "", ""
    if estimand == "ate":
        return OVERLAP_ONLY, ""
    if outside > OUTSIDE:
        return TOO_FAR, ""
    return "", OVERLAP_ONLY


def _judged(
    balance: Sequence[tuple[str, float]], arms: Mapping[str, tuple[float, float]], supported: tuple[str, str]
) -> Verdict:
    """Judge one domain by the differences left in covariates, and by each arm's effective size and largest share."""
    few = [_fewer(FEWEST_EFFECTIVE, arm) for arm, (size, _) in arms.items() if size < FEWEST_EFFECTIVE]
    refused = "; ".join(text for text in (supported[0], *few) if text)
    left = _names([name for name, smd in balance if smd > CLEAR])
    slight = _names([name for name, smd in balance if SLIGHT <= smd <= CLEAR])
    heavy = [arm for arm, (_, share) in arms.items() if share >= LARGEST_SHARE]
    flags = [
        supported[1],
        f"attendees and others differ clearly after weighting in {left}: not like compared with like" if left else "",
        f"a difference of {SLIGHT:.2f} or more is left after weighting in {slight}" if slight else "",
        *(_fewer(SOUND_EFFECTIVE, arm) for arm, (n, _) in arms.items() if FEWEST_EFFECTIVE <= n < SOUND_EFFECTIVE),
        *(f"one respondent has {LARGEST_SHARE:.0%} or more of the weight of those who {_WORDS[arm]}" for arm in heavy),
    ]
    found = tuple(text for text in flags if text)
    enough = OTHERS in arms and arms[OTHERS][0] >= ENOUGH_OTHERS
    sound = all(smd < SLIGHT for _, smd in balance) and enough and not heavy
    standing = "refuse" if refused or left else "pass" if sound and not supported[1] else "warn"
    return Verdict(standing, refused, found)


def _fewer(threshold: int, arm: str) -> str:
    """Name an arm that is too small, never by how much."""
    return f"fewer than {threshold} effective respondents {_WORDS[arm]} after weighting"


def _names(covariates: Sequence[str]) -> str:
    """List covariates once."""
    return ", ".join(dict.fromkeys(covariates))
