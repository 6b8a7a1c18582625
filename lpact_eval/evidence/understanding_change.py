"""Understanding of policing before and after observing, of the same people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import bdtr, betaincinv

from lpact_eval.estimation.intervals import t_quantile
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.simple_shares import share_row

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import BoolArray, FloatArray

Row = dict[str, object]

FEWEST_PAIRS, SOUND_PAIRS = 10, 30
SAME_PEOPLE: Final = "the same people before and after, with nobody to compare them with"
_LEVEL: Final = 0.95
_SAME: Final = 1e-9  # scores nearer than this are the same
_HALF: Final = 0.5


def understanding_change_rows(evidence: Evidence) -> pd.DataFrame:
    """Compare understanding before and after observing, of those who answered both times.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Tidy rows: mean before and after, mean change with Student's interval, shares up, same and down with Wilson's,
        the share up among those who moved with an exact interval; then how many who answered before have no answer
        after, and how their answers before differ from the others' (Welch). Refused under 10 pairs, flagged under 30.

    Notes
    -----
    A person counts once, with the first score before and the last after. The exact interval of the share up among
    those who moved lies clear of a half where the sign test says so at 5 %; where it and Student's interval disagree
    on whether there was a change, the change is flagged.

    References
    ----------
    Dixon & Mood (1946), *JASA* 41, 557-566, for the sign test; Clopper & Pearson (1934); Welch (1947).
    """
    before, after, attended = _scores(evidence)
    both = np.isfinite(before) & np.isfinite(after)
    rows = [*_change_rows(before[both], after[both]), *_attrition_rows(before, both, attended)]
    return tidy([{"table": "observation", **row} for row in rows])


def sign_test(up: int, down: int) -> float:
    """Give the exact two-sided p value of so uneven a split of those who moved.

    >>> sign_test(9, 1)
    0.021484375
    """
    moved = up + down
    return min(1.0, 2 * float(bdtr(min(up, down), moved, _HALF))) if moved else 1.0


def _scores(evidence: Evidence) -> tuple[FloatArray, FloatArray, BoolArray]:
    """First score before and last after of every person, in the order of offers, and whether they ever attended."""
    log = evidence.tables["observations"]
    ordered = log.sort_values(["person", "offered", "attended"], kind="stable").astype({"person": object})
    grouped = ordered.groupby("person", sort=True)
    before, after = grouped["before"].first(), grouped["after"].last()
    return (
        before.to_numpy(dtype=float),
        after.to_numpy(dtype=float),
        grouped["attended"].first().notna().to_numpy(dtype=bool),
    )


def _change_rows(before: FloatArray, after: FloatArray) -> list[Row]:
    """Levels, change and directions of those with both scores."""
    n, change = len(before), after - before
    up, down = int((change > _SAME).sum()), int((change < -_SAME).sum())
    reason = f"fewer than {FEWEST_PAIRS} people answered both before and after" if n < FEWEST_PAIRS else ""
    few = [f"fewer than {SOUND_PAIRS} people answered both before and after"] if n < SOUND_PAIRS else []
    rows = [
        _mean_row("understanding before", before, reason, few, unit="mean"),
        _mean_row("understanding after", after, reason, few, unit="mean"),
        _mean_row("change in understanding", change, reason, [*few, SAME_PEOPLE], unit="points"),
    ]
    if not reason and _disagree(rows[-1], sign_test(up, down)):
        rows[-1]["flags"] = (
            f"{rows[-1]['flags']}; the sign test and the interval disagree on whether there was a change"
        )
    for name, count in (("went up", up), ("stayed the same", n - up - down), ("went down", down)):
        rows.append(share_row(f"understanding {name}", count, n, base="people", flags=[SAME_PEOPLE]))
    return [*rows, _moved_row(up, up + down, reason)]


def _mean_row(measure: str, values: FloatArray, reason: str, flags: list[str], *, unit: str) -> Row:
    """Give a mean with Student's interval."""
    row: Row = {"measure": measure, "unit": unit, "n": len(values), "base": "people"}
    if reason:
        return row | {"refused": reason, "flags": "; ".join(flags)}
    mean, std_error = float(values.mean()), float(values.std(ddof=1)) / np.sqrt(len(values))
    if std_error < _SAME:
        return row | {"value": mean, "flags": "; ".join([*flags, "the same for everyone: no interval"])}
    half = float(t_quantile(np.array([len(values) - 1.0]), _LEVEL)[0]) * std_error
    return row | {"value": mean, "low": mean - half, "high": mean + half, "flags": "; ".join(flags)}


def _disagree(row: Row, p_value: float) -> bool:
    """Tell whether the sign test and the interval of the mean change come to different answers."""
    low, high = float(str(row.get("low", np.nan))), float(str(row.get("high", np.nan)))
    return bool(np.isfinite(low) and (low > 0 or high < 0) != (p_value < 1 - _LEVEL))


def _moved_row(up: int, moved: int, reason: str) -> Row:
    """Share up among those who moved, with Clopper and Pearson's interval: the sign test turned over."""
    row: Row = {
        "measure": "went up, of those who moved",
        "unit": "share",
        "numerator": up,
        "n": moved,
        "base": "people",
    }
    if reason or moved < FEWEST_PAIRS:
        return row | {"refused": reason or f"fewer than {FEWEST_PAIRS} people moved"}
    tail = (1 - _LEVEL) / 2
    low = float(betaincinv(up, moved - up + 1, tail)) if up else 0.0
    high = float(betaincinv(up + 1, moved - up, 1 - tail)) if up < moved else 1.0
    flags = [f"fewer than {SOUND_PAIRS} people moved"] if moved < SOUND_PAIRS else []
    return row | {"value": up / moved, "low": low, "high": high, "flags": "; ".join([*flags, SAME_PEOPLE])}


def _attrition_rows(before: FloatArray, both: BoolArray, attended: BoolArray) -> list[Row]:
    """Count who answered before and not after, and compare their answers before with the others'."""
    asked = np.isfinite(before)
    stayed, left = before[both], before[asked & ~both]
    n, silent = int(asked.sum()), int((asked & ~both & attended).sum())
    counts: list[tuple[str, int, Row]] = [
        ("answered before", n, {"base": "people"}),
        ("no answer after", len(left), {"n": n, "base": "people"}),
        ("no answer after, though attended", silent, {"n": n, "base": "people"}),
    ]
    rows = [{"measure": name, "unit": "count", "value": one, "numerator": one} | more for name, one, more in counts]
    share = share_row("no answer after, of those who answered before", len(left), n, base="people")
    return [*rows, share, _welch_row(left, stayed)]


def _welch_row(left: FloatArray, stayed: FloatArray) -> Row:
    """Mean before of those without an answer after minus that of the others, with Welch's interval."""
    row: Row = {
        "measure": "understanding before: without an answer after minus with one",
        "unit": "points",
        "n": len(left) + len(stayed),
        "base": "people",
    }
    if min(len(left), len(stayed)) < FEWEST_PAIRS:
        return row | {"refused": f"fewer than {FEWEST_PAIRS} people with, or without, an answer after"}
    parts = np.array([values.var(ddof=1) / len(values) for values in (left, stayed)])
    difference = float(left.mean() - stayed.mean())
    if parts.sum() < _SAME**2:
        return row | {"value": difference, "flags": "the same for everyone: no interval"}
    df = parts.sum() ** 2 / (parts**2 / (np.array([len(left), len(stayed)]) - 1)).sum()
    half = float(t_quantile(np.array([df]), _LEVEL)[0]) * float(np.sqrt(parts.sum()))
    flags = f"fewer than {SOUND_PAIRS} people with, or without, an answer after"
    few = min(len(left), len(stayed)) < SOUND_PAIRS
    return row | {
        "value": difference,
        "low": difference - half,
        "high": difference + half,
        "flags": flags if few else "",
    }
