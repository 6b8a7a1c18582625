"""One question of a release on its own: the same published rows, fewer of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from lpact_eval.disclosure.published import Published


_ATTENDANCE: Final = ("balance", "overlap", "strength", "dose")  # they stand beside gaps, which no excerpt has


def excerpt(published: Published, *, variable: str, by: str = "", change: tuple[str, str] | None = None) -> Published:
    """Keep what a release says about one question.

    Parameters
    ----------
    published : Published
        Cleared rows of the whole release, so that nothing can be learnt by subtracting an excerpt from it.
    variable : str
        Harmonised variable.
    by : str, default ""
        Variable of the groups to keep beside all respondents.
    change : tuple of str, optional
        Earlier and later wave, for the change between them; without it the levels of every wave.

    Returns
    -------
    Published
        The same release with the rows of one question.

    Raises
    ------
    WrongUseError
        If the release has no such question, groups or waves.
    """
    rows = published.rows
    _require("question", variable, rows["variable"])
    _require("groups by", by, rows["by"])
    asked = (rows["variable"] == variable) & rows["by"].isin({"", by})
    levels, changes = rows["measure"] == "level", rows["measure"] == "change"
    kept = asked & levels
    if change is not None:
        wave = f"{change[1]} - {change[0]}"
        _require(f"change of {variable}", wave, rows.loc[asked & changes, "wave"])
        kept = asked & ((changes & (rows["wave"] == wave)) | (levels & rows["wave"].isin(change)))
    indicators = published.indicators[published.indicators["id"].isin(set(rows.loc[kept, "indicator"]))]
    accounts = published.accounts and published.accounts.about(list(map(str, indicators["id"])))
    shifts, slopes = (_about(frame, variable, by) for frame in (published.shifts, published.slopes))
    return replace(
        published,
        rows=rows[kept].reset_index(drop=True),
        indicators=indicators.reset_index(drop=True),
        shifts=shifts,
        slopes=slopes,
        accounts=accounts,
        **dict.fromkeys(_ATTENDANCE, rows.iloc[:0]),
    )


def _about(frame: pd.DataFrame, variable: str, by: str) -> pd.DataFrame:
    """Keep the rows on one question and its groups; a frame may be empty."""
    if not len(frame):
        return frame
    return frame[(frame["variable"] == variable) & frame["by"].isin({"", by})].reset_index(drop=True)


def _require(what: str, name: str, known: Iterable[str]) -> None:
    """Name what the release has where it lacks what was asked for."""
    found = sorted({one for one in known if one})
    if name and name not in found:
        msg = f"The release has no {what} {name!r}; it has {found}. Choose from these, or add an indicator to the plan."
        raise WrongUseError(msg)
