"""How surely items were coded: agreement of coders on every theme, and whether its prevalence may be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.evidence.agreement import FEWEST_UNITS, REFUSED_BELOW, TENTATIVE_BELOW, agreement_of, agreements_of
from lpact_eval.evidence.code_matrix import Codes
from lpact_eval.evidence.coefficients import krippendorff_of_each
from lpact_eval.evidence.once import once
from lpact_eval.evidence.record_schema import WORKSTREAMS
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.units import CODERS, joined, theme_matrix, theme_names

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.evidence.agreement import Method
    from lpact_eval.evidence.record_schema import RecordSchema
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import BoolArray, FloatArray

ALL_THEMES: Final = "all themes"
RARE: Final = 0.05  # share of codes under which alpha hangs on a few items
_PAIR: Final = 2
_DRAWS: Final = 1000  # resamples of the items, for intervals that are read to two digits
_METHODS: Final[dict[Method, str]] = {
    "krippendorff": "Krippendorff's alpha",
    "kappa": "Cohen's kappa",
    "ac1": "Gwet's AC1",
}
_RARE_FLAG: Final = (
    f"rare theme: under {RARE:.0%} of codes, so that alpha hangs on a few items (AC1 stands beside it, but alpha "
    "decides)"
)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Whether shares may be told; k themes or groups of themes.

    Attributes
    ----------
    alpha : ndarray of shape (k,)
        Krippendorff's, one theme against all others; missing where the items leave nothing to differ on.
    n : int
        Items that two coders or more read.
    refused : tuple of str
        Why prevalence is refused; empty where it is not.
    flags : tuple of str
        "tentative ..." where it is; else empty.
    """

    alpha: FloatArray
    n: int
    refused: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def verdicts(self) -> tuple[str, ...]:
        """Say "verdict: usable", "verdict: tentative" or "verdict: refused", with the reason."""
        return tuple(
            f"verdict: refused, {reason}" if reason else "verdict: " + (flag.replace(": ", ", ", 1) or "usable")
            for reason, flag in zip(self.refused, self.flags, strict=True)
        )

    def flag(self, place: int) -> str:
        """Say what to mind about a theme that is shown, whether or not its share may be told."""
        reason = self.refused[place]
        return f"no share may be told: {reason}" if reason else self.flags[place]


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """What every coder gave to every item; n items, c coders, t themes.

    Attributes
    ----------
    given : ndarray of shape (c, n, t), bool
    read : ndarray of shape (c, n), bool
        Whether the coder read the item.
    items : int
        Items that anybody coded, agreed codes included.
    """

    given: BoolArray
    read: BoolArray
    items: int

    @property
    def twice(self) -> BoolArray:
        """Items that two coders or more read, shape (n,)."""
        return self.read.sum(axis=0) >= _PAIR


@once
def coded_of(evidence: Evidence) -> Coded:
    """Take what every coder gave."""
    feedback, themes = evidence.tables["feedback"], tuple(evidence.schema.themes)
    cells = [theme_matrix(feedback[coder], themes) for coder in CODERS]
    _, agreed = theme_matrix(feedback["agreed"], themes)
    given, read = np.array([given for given, _ in cells]), np.array([read for _, read in cells])
    return Coded(given, read, int((read.any(axis=0) | agreed).sum()))


def judged(coded: Coded, sets: BoolArray) -> Judged:
    """Judge whether shares of sets of themes may be told.

    Parameters
    ----------
    coded : Coded
    sets : ndarray of shape (t, k), bool
        Themes of each set; a set is raised where one of its themes is. The identity judges every theme alone.
    """
    twice = coded.twice
    n = int(twice.sum())
    read = coded.read[:, twice].astype(float)
    given = (coded.given[:, twice] @ sets) * coded.read[:, twice, None]
    yes, coders = given.sum(axis=0).astype(float), read.sum(axis=0)
    alpha = krippendorff_of_each(yes, coders)
    reasons = tuple(_refusal(float(value), n) for value in alpha)
    tentative = f"tentative: coders agree with alpha under {TENTATIVE_BELOW:.2f}"
    flags = tuple(
        tentative if not reason and value < TENTATIVE_BELOW else ""
        for reason, value in zip(reasons, alpha, strict=True)
    )
    return Judged(alpha, n, reasons, flags)


def workstream_sets(schema: RecordSchema) -> tuple[tuple[str, ...], BoolArray]:
    """Give the workstreams that have themes, and the themes of each, shape (t, w)."""
    of_theme = np.array([theme.workstream for theme in schema.themes.values()], dtype=object)
    names = tuple(name for name in WORKSTREAMS if (of_theme == name).any())
    return names, of_theme[:, None] == np.array(names, dtype=object)[None, :]


def coding_rows(evidence: Evidence) -> pd.DataFrame:
    """Measure how far coders agree: on whole sets of themes, on each workstream and on each theme.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Tidy rows: items coded and double-coded; Krippendorff's alpha, Cohen's kappa (first two coders) and Gwet's AC1
        with intervals over resampled items. The flags begin with the verdict on prevalence, which rests on alpha:
        usable, tentative under .80, refused under .667 or with fewer than 30 double-coded items.

    Notes
    -----
    Over all themes an item's whole set is one code: two coders agree where their sets are the same. A workstream is
    raised where any of its themes is.

    References
    ----------
    Krippendorff (2019), *Content Analysis*, 4th ed., ch. 12; Gwet (2008), *British Journal of Mathematical and
    Statistical Psychology* 61, 29-48.
    """
    coded, schema = coded_of(evidence), evidence.schema
    streams, of_stream = workstream_sets(schema)
    rows: list[dict[str, object]] = _bases(coded, len(evidence.tables["feedback"]))
    sets = np.column_stack([of_stream, np.eye(len(schema.themes), dtype=bool)])
    labels = [("workstream", name) for name in streams] + [("theme", name) for name in theme_names(schema)]
    verdict = judged(coded, sets)
    if verdict.n == 0:
        return tidy([{"table": "understanding", **row} for row in rows])
    parts = [
        (ALL_THEMES, _whole(coded)),
        *((name, _binary(coded, sets[:, place])) for place, (_, name) in enumerate(labels)),
    ]
    rare = [False, *(_share(part) < RARE for _, part in parts[1:])]
    heads = ["", *verdict.verdicts]
    alpha, gwets = agreements_of(parts, ("krippendorff", "ac1"), draws=_DRAWS)
    cohens = agreement_of([(name, _first_two(part)) for name, part in parts], "kappa", draws=_DRAWS)
    for (method, measure), agreed in zip(_METHODS.items(), (alpha, cohens, gwets), strict=True):
        low, high = agreed.limits()
        for place, (by, group) in enumerate([("", ""), *labels]):
            flags = [heads[place], _RARE_FLAG if rare[place] and method == "krippendorff" else ""]
            rows.append(
                {
                    "measure": measure,
                    "by": by,
                    "group": group,
                    "value": agreed.value[place],
                    "unit": "index",
                    "n": int(agreed.n[place]),
                    "base": "items",
                    "low": low[place],
                    "high": high[place],
                    "refused": agreed.refused[place],
                    "flags": joined(flags),
                }
            )
    return tidy([{"table": "understanding", **row} for row in rows])


def _refusal(alpha: float, n: int) -> str:
    """Say why a theme's prevalence is refused; nothing if it is not."""
    if n < FEWEST_UNITS:
        return f"fewer than {FEWEST_UNITS} items were coded by two coders"
    if np.isnan(alpha):
        return "the items that two coders read leave nothing to differ on, so agreement can't be measured"
    return f"coders agree too little: alpha under {REFUSED_BELOW}" if alpha < REFUSED_BELOW else ""


def _bases(coded: Coded, delivered: int) -> list[dict[str, object]]:
    """Count items coded, of all, and double-coded, of those that coders read."""
    read = int(coded.read.any(axis=0).sum())
    counts = (("items coded", coded.items, delivered), ("items coded by two or more", int(coded.twice.sum()), read))
    return [
        {
            "measure": measure,
            "value": count / base if base else np.nan,
            "unit": "share",
            "numerator": count,
            "n": base,
            "base": "items",
            "refused": "" if base else "no items",
        }
        for measure, count, base in counts
    ]


def _binary(coded: Coded, members: BoolArray) -> Codes:
    """Code the items that two coders read as one set of themes (1) against all others (0)."""
    twice = coded.twice
    given = coded.given[:, twice][:, :, members].any(axis=2)
    cells = np.where(coded.read[:, twice], given, -1).T.astype(np.intp)
    return Codes(cells, ("other", "theme"), np.arange(2.0))


def _whole(coded: Coded) -> Codes:
    """Code the items that two coders read by their whole sets of themes."""
    twice = coded.twice
    given = coded.given[:, twice]
    packed = np.packbits(given, axis=2).reshape(-1, -(-given.shape[2] // 8))
    _, numbers = np.unique(packed, axis=0, return_inverse=True)
    used, numbers = np.unique(np.where(coded.read[:, twice].ravel(), numbers.ravel(), -1), return_inverse=True)
    shift = int(used[0] < 0)
    cells = (numbers - shift).reshape(given.shape[:2]).T
    names = tuple(str(one) for one in range(used.size - shift))
    return Codes(cells, names, np.arange(len(names), dtype=float))


def _first_two(codes: Codes) -> Codes:
    """Keep the first two coders, and the items that both read."""
    pair = codes.cells[:, :2]
    return Codes(pair[(pair >= 0).all(axis=1)], codes.names, codes.scores)


def _share(codes: Codes) -> float:
    """Share of codes that name the theme."""
    return float((codes.cells == 1).sum() / max((codes.cells >= 0).sum(), 1))
