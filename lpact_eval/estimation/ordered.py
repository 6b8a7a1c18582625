"""Answers in their order, and how far their cumulative shares lie apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError
from lpact_eval.estimation.asked import require_comparable
from lpact_eval.estimation.contrast import contrast, difference
from lpact_eval.estimation.domains import categories_of, column_of
from lpact_eval.estimation.stacked import refused_where
from lpact_eval.estimation.statistics import distribution
from lpact_eval.frames import keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.sample import FloatArray, IntArray, Sample


def ordered_answers(sample: Sample, variable: str) -> tuple[IntArray, list[str]]:
    """Place of every answer in the schema's order, else in the category's or the number's own; -1 where missing.

    Parameters
    ----------
    sample : Sample
    variable : str

    Returns
    -------
    ndarray of shape (n,), list of str
        Codes, and the answers in order.

    Raises
    ------
    EstimationError
        If the variable does not exist or its answers have no order.
    """
    column = column_of(sample, variable)
    codes, names = categories_of(sample, variable)
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return codes, names
    known = sample.codebook.get(variable)
    if known is not None and known.kind == "scale" and set(names) <= set(known.answers):
        order = [names.index(answer) for answer in known.answers if answer in names]
        place = np.full(len(names) + 1, -1, dtype=np.intp)
        place[order] = np.arange(len(order))
        return place[codes], [names[code] for code in order]
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        return codes, names
    msg = (
        f"Cannot order {variable!r}: its answers have no order. Use a number, or an ordered category "
        "(pandas.Categorical with ordered=True)."
    )
    raise EstimationError(msg)


def cumulative_logits(
    sample: Sample,
    variable: str,
    along: str,
    level: str,
    *,
    minus: str,
    by: str | Sequence[str] = (),
    variance: Variance = "cr2",
) -> Estimate:
    """Estimate the difference of log odds of answering beyond each cut of an ordered scale.

    Parameters
    ----------
    sample : Sample
    variable : str
        A number of few values, or an ordered category.
    along : str
        Variable that the comparison runs along, such as "wave".
    level, minus : str
        The difference is level - minus.
    by : str or sequence of str, default ()
        Domain variables.
    variance : str, default "cr2"
        As in `proportion`.

    Returns
    -------
    Estimate
        One difference per cut and domain, label column "cut" ("a|b": log odds of b or later). Alike over the cuts where
        the odds are proportional, and then what `regress(..., family="ordinal")` estimates as one coefficient. Refused
        where nobody or everybody of a side lies beyond the cut.

    Raises
    ------
    EstimationError
        If a variable or level does not exist, the answers have no order, or there are fewer than two.

    Notes
    -----
    By the delta method from the cumulative shares: influence / (P (1 - P)).

    References
    ----------
    McCullagh (1980), *JRSS B* 42, 109-142; Brant (1990), *Biometrics* 46, 1171-1178.
    """
    codes, names = ordered_answers(sample, variable)
    require_comparable(sample, variable, along, (minus, level))
    used = [place for place in range(len(names)) if (codes == place).any()]
    if len(used) < 2:  # noqa: PLR2004 - one answer has no cut
        msg = f"Cannot cut {variable!r}: only {[names[code] for code in used]} was answered; two answers are needed."
        raise EstimationError(msg)
    present = [names[int(code)] for code in used]
    column = pd.Categorical.from_codes(codes.tolist(), categories=pd.Index(names), ordered=True)
    shown = replace(sample, answers=sample.answers.assign(**{variable: column}))
    others = [by] if isinstance(by, str) else list(by)
    logits = _logits(distribution(shown, variable, by=[along, *others], variance=variance), present)
    return difference(logits, along, level, minus=minus)


def _logits(shares: Estimate, present: Sequence[str]) -> Estimate:
    """Log odds of answering beyond each cut, by domain."""
    keys = [str(name) for name in shares.labels.columns if name != "answer"]
    domains = list(dict.fromkeys(keys_of(shares.labels, keys)))
    place = {tuple(key): at for at, key in enumerate(keys_of(shares.labels, [*keys, "answer"]))}
    cuts = list(pairwise(present))
    rows: list[FloatArray] = []
    for domain in domains:
        for cut in range(1, len(present)):
            row = np.zeros(len(shares))
            row[[place[(*domain, answer)] for answer in present[cut:]]] = 1.0
            rows.append(row)
    labels = pd.DataFrame(
        [{**dict(zip(keys, domain, strict=True)), "cut": f"{a}|{b}"} for domain in domains for a, b in cuts]
    )
    beyond = contrast(shares, np.array(rows), labels)
    value = np.clip(beyond.value, 0.0, 1.0)
    inner = (value > _EDGE) & (value < 1 - _EDGE)
    safe = np.where(inner, value, 0.5)
    reasons = [
        "" if fine or reason else "nobody or everybody of a side lies beyond the cut"
        for fine, reason in zip(inner, beyond.refused, strict=True)
    ]
    moved = replace(beyond, value=np.log(safe / (1 - safe)), influence=beyond.influence / (safe * (1 - safe)))
    working = beyond.working and replace(beyond.working, loading=beyond.working.loading / (safe * (1 - safe))[:, None])
    return refused_where(replace(moved, working=working, value=np.where(inner, moved.value, np.nan)), reasons)


_EDGE = 1e-12  # share under which nobody lies beyond a cut
