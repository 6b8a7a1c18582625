"""Whether an item has come to mean something else between waves: its answers against those to the other items."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError
from lpact_eval.estimation.domains import categories_of
from lpact_eval.estimation.items import item_scores
from lpact_eval.estimation.multiplicity import adjust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import FloatArray, IntArray, Sample

_LARGE = 0.02  # change of McFadden's R2 from which drift matters
_LEVEL = 0.05  # adjusted p value under which it is not chance
_FLAT = 1e-3  # gradient over the root of n at which a maximum counts as found
_FEWEST_ANSWERS, _FEWEST_RESPONDENTS = 3, 20


@dataclass(frozen=True, slots=True, eq=False)
class _Fits:
    """Log-likelihoods of the proportional-odds models, and the coefficients of the waves."""

    null: float
    rest: float
    uniform: float
    total: float
    shift: FloatArray


def item_drift(sample: Sample, items: Sequence[str], *, along: str = "wave") -> pd.DataFrame:
    """Test each item of a scale for drift: different answers at the same level of the other items.

    Unweighted, as a check of the questionnaire and not of the population. Where an item drifts, repeat the change on
    the items that do not.

    Parameters
    ----------
    sample : Sample
        Waves stacked; respondents who answered all items are used.
    items : sequence of str
        Three or more scales or numbers.
    along : str, default "wave"
        Variable along which an item may drift.

    Returns
    -------
    DataFrame of one row per item
        item, n, shift (log odds of a higher answer in the last category of `along` against the first), lr_uniform,
        df_uniform, p_uniform (same drift at every level), lr_total, df_total, p_total (any drift), r2_change
        (McFadden, uniform drift), p_adjusted (Holm over the items, p_uniform), drifts (r2_change over .02 and
        p_adjusted under .05), refused (why an item can't be tested, or "").

    Raises
    ------
    WrongUseError
        If the items are too few or repeated.
    EstimationError
        If a variable does not exist or can't be scored, or `along` has fewer than two categories with answers.

    Notes
    -----
    Proportional-odds models of the item on the rest score (mean of the other items), with the waves, and with waves
    x rest score; likelihood-ratio tests.

    References
    ----------
    Zumbo (1999), *A Handbook on the Theory and Methods of Differential Item Functioning*; Crane et al. (2006),
    *Medical Care* 44, S115-S123.
    """
    scores = item_scores(sample, items, least=3)
    codes, categories = categories_of(sample, along)
    complete = ~np.isnan(scores).any(axis=1) & (codes >= 0)
    present = np.unique(codes[complete])
    if present.size < 2:  # noqa: PLR2004 - from one to another
        found = [categories[int(code)] for code in present.tolist()]
        msg = (
            f"Cannot test for drift along {along!r}: of its categories only {found} have respondents who answered "
            "all items; two or more are needed."
        )
        raise EstimationError(msg)
    groups = np.searchsorted(present, codes[complete]).astype(np.intp)
    rows = [_row(name, scores[complete], position, groups) for position, name in enumerate(items)]
    table = pd.DataFrame(rows)
    adjusted = adjust(table["p_uniform"].to_numpy(dtype=float))
    drifts = (table["r2_change"].to_numpy(dtype=float) > _LARGE) & (np.nan_to_num(adjusted, nan=1.0) < _LEVEL)
    table.insert(table.columns.get_loc("refused"), "p_adjusted", adjusted)  # type: ignore[arg-type]
    table.insert(table.columns.get_loc("refused"), "drifts", drifts)  # type: ignore[arg-type]
    return table


def _row(name: str, scores: FloatArray, position: int, groups: IntArray) -> dict[str, object]:
    """Test one item."""
    item, rest = scores[:, position], np.delete(scores, position, axis=1).mean(axis=1)
    waves = int(groups.max())
    empty = {"shift": np.nan, "lr_uniform": np.nan, "df_uniform": waves, "p_uniform": np.nan}
    empty |= {"lr_total": np.nan, "df_total": 2 * waves, "p_total": np.nan, "r2_change": np.nan}
    refused = _refusal(item, groups)
    fits = None if refused else _fit(item, rest, groups)
    if fits is None:
        reason = refused or "the proportional-odds model does not converge"
        return {"item": name, "n": item.size, **empty, "refused": reason}
    from scipy.special import chdtrc  # noqa: PLC0415 - with the tests only

    uniform, total = 2 * (fits.uniform - fits.rest), 2 * (fits.total - fits.rest)
    found = {
        "shift": float(fits.shift[-1]),
        "lr_uniform": uniform,
        "df_uniform": waves,
        "p_uniform": float(chdtrc(waves, max(uniform, 0.0))),
        "lr_total": total,
        "df_total": 2 * waves,
        "p_total": float(chdtrc(2 * waves, max(total, 0.0))),
        "r2_change": (fits.rest - fits.uniform) / fits.null,
    }
    return {"item": name, "n": item.size, **found, "refused": ""}


def _refusal(item: FloatArray, groups: IntArray) -> str:
    """Say why an item can't be tested, or nothing."""
    answers = np.unique(item).size
    smallest = int(np.bincount(groups).min())
    if answers < _FEWEST_ANSWERS:
        return f"{answers} different answers; {_FEWEST_ANSWERS} are needed"
    if smallest < _FEWEST_RESPONDENTS:
        return f"fewer than {_FEWEST_RESPONDENTS} respondents in one of the categories compared"
    return ""


def _fit(item: FloatArray, rest: FloatArray, groups: IntArray) -> _Fits | None:
    """Fit the four models; the rest score is centred, which changes no likelihood."""
    level = ((rest - rest.mean()) / max(float(rest.std()), np.finfo(float).tiny))[:, None]
    waves = (groups[:, None] == np.arange(1, int(groups.max()) + 1)).astype(float)
    answers = np.unique(item, return_inverse=True)[1]
    shares = np.bincount(answers) / answers.size
    models = [
        _maximum(answers, model)
        for model in (level, np.hstack([level, waves]), np.hstack([level, waves, level * waves]))
    ]
    if any(model is None for model in models):
        return None
    found = [model for model in models if model is not None]
    null = float(answers.size * (shares * np.log(shares)).sum())
    return _Fits(null, found[0][0], found[1][0], found[2][0], found[1][1][1 : 1 + waves.shape[1]])


def _maximum(answers: IntArray, columns: FloatArray) -> tuple[float, FloatArray] | None:
    """Log-likelihood at the maximum of a proportional-odds model, and its slopes; None without convergence."""
    from statsmodels.miscmodels import ordinal_model  # noqa: PLC0415 - takes a second to import # pyright: ignore[reportMissingTypeStubs] - has none

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence is judged by the gradient below
        model = ordinal_model.OrderedModel(answers, columns, distr="logit")
        fitted = model.fit(method="bfgs", maxiter=500, gtol=1e-7, disp=False)  # pyright: ignore[reportUnknownMemberType] - no types
        slopes = np.asarray(fitted.params, dtype=np.float64)
        gradient = np.asarray(model.score(slopes), dtype=np.float64)  # pyright: ignore[reportUnknownMemberType] - no types
    if not float(np.abs(gradient).max()) < _FLAT * np.sqrt(answers.size):
        return None
    return float(fitted.llf), slopes[: columns.shape[1]]
