"""What all communities raise, and what one community alone does, with the events and forms behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lpact_eval.evidence.coding import coded_of, judged
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.units import FROM_EVENT, NOT_ONE, groups_of, joined, theme_names, units_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from lpact_eval.evidence.records import Evidence
    from lpact_eval.evidence.units import Units
    from lpact_eval.sample import BoolArray, IntArray

_BY: Final = "community"


def raised_rows(evidence: Evidence) -> pd.DataFrame:
    """Say by how many communities each theme is raised, and behind each how many events and forms stand.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Tidy rows of the themes that were raised, in the schema's order: communities that raise it, of those heard
        (words such as "Several" that name no single one are left out), flagged where it is one alone; then for each
        community that raises it events and forms. A community is heard where one of its forms, or the notes of one of
        its events, were coded.
    """
    units = units_of(evidence)
    if not len(units):
        return tidy([])
    code, words = groups_of(evidence, units, _BY)
    verdict = judged(coded_of(evidence), np.eye(len(units.themes), dtype=bool))
    form = (units.frame["kind"] == "form").to_numpy(dtype=bool)
    counts = {
        "events": _counted(*_events(units, code), len(words)),
        "forms": _counted(units.raised[form], code[form], len(words)),
    }
    single = np.array([word not in NOT_ONE for word in words])
    rows: list[dict[str, object]] = []
    for place, name in enumerate(theme_names(evidence.schema)):
        raising = counts["events"][0][:, place] > 0
        if raising.any():
            about = joined([verdict.flag(place), _only(words, raising, single)])
            rows.append(_overall(name, about, raising & single, single))
            rows += _behind(name, about, counts, (words, raising, place))
    lent = FROM_EVENT if units.frame["from_event"].any() else ""
    notes = joined([*units.flags.values(), lent])
    return tidy([{"table": "understanding", **row, "flags": joined([str(row["flags"]), notes])} for row in rows])


def _events(units: Units, code: IntArray) -> tuple[BoolArray, IntArray]:
    """Unite the units of one community at one event; what they raise, and the community."""
    both = np.column_stack([units.places, code])
    distinct, position = np.unique(both, axis=0, return_inverse=True)
    raised = np.zeros((len(distinct), units.raised.shape[1]), dtype=bool)
    np.logical_or.at(raised, position.ravel(), units.raised)
    return raised, distinct[:, 1]


def _counted(raised: BoolArray, code: IntArray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Count by community those that raise each theme, shape (g, t), and all, shape (g,)."""
    counts = np.zeros((groups, raised.shape[1]))
    np.add.at(counts, code, raised.astype(float))
    return counts, np.bincount(code, minlength=groups).astype(float)


def _only(words: Sequence[str], raising: BoolArray, single: BoolArray) -> str:
    """Say which community is alone in raising a theme, or that none is known to; nothing if there are several."""
    if not (raising & single).any():
        return "by no single community that is known"
    return f"by one community only: {words[int(np.flatnonzero(raising)[0])]}" if raising.sum() == 1 else ""


def _overall(name: str, about: str, raising: BoolArray, single: BoolArray) -> dict[str, object]:
    """Count the communities that raise a theme."""
    count = float(raising.sum())
    return {
        "measure": "communities that raise the theme",
        "by": "theme",
        "group": name,
        "value": count,
        "unit": "count",
        "numerator": count,
        "n": float(single.sum()),
        "base": "communities",
        "flags": about,
    }


def _behind(
    name: str,
    about: str,
    counts: dict[str, tuple[np.ndarray, np.ndarray]],
    where: tuple[Sequence[str], BoolArray, int],
) -> list[dict[str, object]]:
    """Count the events and forms behind a theme, community by community."""
    words, raising, place = where
    return [
        {
            "measure": f"{base} behind the theme",
            "by": "theme",
            "group": name,
            "by2": _BY,
            "group2": words[group],
            "value": raised[group, place],
            "unit": "count",
            "numerator": raised[group, place],
            "n": everyone[group],
            "base": base,
            "flags": about,
        }
        for group in np.flatnonzero(raising).tolist()
        for base, (raised, everyone) in counts.items()
    ]
