"""Which themes are raised together, by the same people or at the same events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import gammaln

from lpact_eval.estimation.multiplicity import adjust
from lpact_eval.evidence.coding import coded_of, judged
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.units import BASES, KINDS, joined, theme_names, units_of

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.evidence.coding import Judged
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.evidence.units import Kind
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

FEWEST_UNITS: Final = 5  # that raise a theme
CLEAR: Final = 0.05
_TIE: Final = 1e-7  # tables whose probability is within this of the observed one's are as rare, as in R
_BLOCK: Final = 2_000_000  # probabilities worked out at once
_TAKEN: Final[dict[Kind, str]] = {
    "form": "forms of an event are taken as unrelated",
    "note": "events are taken as unrelated",
}


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of themes; k pairs.

    Attributes
    ----------
    first, second : ndarray of shape (k,), int
        Places of the themes.
    both, either : ndarray of shape (k,)
        Units that raise both, and at least one.
    lift : ndarray of shape (k,)
        Share that raise both, over the product of the shares that raise each.
    p_value, adjusted : ndarray of shape (k,)
        Fisher's, two-sided; adjusted for asking of all pairs (Benjamini and Hochberg).
    n : int
        Units.
    """

    first: IntArray
    second: IntArray
    both: FloatArray
    either: FloatArray
    lift: FloatArray
    p_value: FloatArray
    adjusted: FloatArray
    n: int


def pairs_of(raised: BoolArray) -> Pairs:
    """Measure how often themes are raised together, for all pairs of themes that 5 units or more raise.

    Parameters
    ----------
    raised : ndarray of shape (u, t), bool

    Returns
    -------
    Pairs

    References
    ----------
    Jaccard (1912), *New Phytologist* 11, 37-50, is both over either; Fisher (1934), *Statistical Methods for Research
    Workers*, sec. 21.02; Benjamini & Hochberg (1995), *JRSS B* 57, 289-300.
    """
    n, themes = raised.shape
    counts = raised.sum(axis=0).astype(float)
    often = np.flatnonzero(counts >= FEWEST_UNITS)
    one, other = np.triu_indices(often.size, 1)
    first, second = often[one], often[other]
    together = raised.astype(float).T @ raised.astype(float) if themes else np.zeros((0, 0))
    both, a, b = together[first, second], counts[first], counts[second]
    p = fisher(both, a, b, n)
    return Pairs(first, second, both, a + b - both, both * n / (a * b), p, adjust(p, method="BH"), n)


def fisher(both: FloatArray, a: FloatArray, b: FloatArray, n: int) -> FloatArray:
    """Two-sided p values of Fisher's exact test of tables with given margins, shape (k,).

    Parameters
    ----------
    both, a, b : ndarray of shape (k,)
        Units with both marks, with the first, and with the second.
    n : int
        Units.

    Notes
    -----
    The sum of the probabilities of all tables with these margins that are at most as likely as the observed one.
    """
    widest = int(np.minimum(a, b).max(initial=0)) + 1
    block = max(_BLOCK // widest, 1)
    parts = [slice(start, start + block) for start in range(0, both.size, block)]
    return np.concatenate([_tails(both[part], a[part], b[part], n) for part in parts] or [np.zeros(0)])


def _tails(both: FloatArray, a: FloatArray, b: FloatArray, n: int) -> FloatArray:
    """Add up the probabilities of tables as rare as the observed ones."""
    x = np.arange(int(np.minimum(a, b).max()) + 1, dtype=float)[None, :]
    row, column = a[:, None], b[:, None]
    possible = (x <= np.minimum(row, column)) & (x >= row + column - n)
    held = np.where(possible, x, np.maximum(row + column - n, 0.0))
    logs = -(
        gammaln(held + 1) + gammaln(row - held + 1) + gammaln(column - held + 1) + gammaln(n - row - column + held + 1)
    )
    logs = np.where(possible, logs, -np.inf)
    probability = np.exp(logs - logs.max(axis=1, keepdims=True))
    observed = np.take_along_axis(probability, both[:, None].astype(np.intp), axis=1)
    rare = np.where(probability <= observed * (1 + _TIE), probability, 0.0)
    return rare.sum(axis=1) / probability.sum(axis=1)


def cooccurrence_rows(evidence: Evidence) -> pd.DataFrame:
    """Say which themes are raised together on forms, and at events.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Tidy rows of pairs of themes that each stand on 5 forms (or were raised at 5 events) or more: how many raise
        both, Jaccard's index (of those that raise either), lift, and Fisher's p value adjusted for all pairs of forms,
        or of events. A pair is flagged "clear" where that is .05 or less.
    """
    units = units_of(evidence)
    verdict = judged(coded_of(evidence), np.eye(len(units.themes), dtype=bool))
    names = theme_names(evidence.schema)
    rows: list[dict[str, object]] = []
    for kind in KINDS:
        mine = units.of(kind)
        if len(mine):
            rows += _rows(pairs_of(mine.raised), kind, (names, verdict, mine.flags[kind]))
    return tidy(rows)


def _rows(pairs: Pairs, kind: Kind, about: tuple[list[str], Judged, str]) -> list[dict[str, object]]:
    """Lay pairs out, four rows each."""
    names, verdict, codes = about
    rows: list[dict[str, object]] = []
    nothing = np.full(pairs.both.size, np.nan)
    everyone = np.full(pairs.both.size, float(pairs.n))
    measures = (
        ("raised together", "count", pairs.both, pairs.both, everyone),
        ("raised together, of those that raise either", "index", pairs.both / pairs.either, pairs.both, pairs.either),
        ("lift of being raised together", "ratio", pairs.lift, nothing, everyone),
        ("adjusted p value of being raised together", "index", pairs.adjusted, nothing, everyone),
    )
    for k, (first, second) in enumerate(zip(pairs.first, pairs.second, strict=True)):
        way = "more" if pairs.lift[k] > 1 else "less"
        clear = f"clear: together {way} often than by chance" if pairs.adjusted[k] <= CLEAR else ""
        doubts = (verdict.flag(int(first)), verdict.flag(int(second)))
        flags = joined([clear, *doubts, codes, _TAKEN[kind]])
        label: dict[str, object] = {
            "by": "theme",
            "group": names[int(first)],
            "by2": "theme",
            "group2": names[int(second)],
        }
        rows += [
            {
                "table": "understanding",
                "measure": f"{measure}: {BASES[kind]}",
                **label,
                "value": value[k],
                "unit": unit,
                "numerator": numerator[k],
                "n": n[k],
                "base": BASES[kind],
                "flags": flags,
            }
            for measure, unit, value, numerator, n in measures
        ]
    return rows
