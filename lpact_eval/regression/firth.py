"""Firth's penalised logistic likelihood: its peak, which is always finite, its profile intervals and its tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, chdtri, expit

from lpact_eval.errors import EstimationError
from lpact_eval.regression.penalised_likelihood import Peak, View, climb

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray, IntArray

_STEPS = 200
_TOLERANCE = 1e-11  # change of the linear predictor at which Newton's method has arrived
_RANK_TOLERANCE = 1e-8  # part of a column that other columns leave unexplained, under which it is one of them
_LIMIT_TOLERANCE = 1e-8  # relative change of a limit after which Newton's next guess is exact
_WIDENINGS = 60
_PEAKS = 20
_NEAR = 2.2  # standard errors from the estimate within which the likelihood has one peak
_STRETCHES = (-3.0, 0.0, 1.0, 3.0, 10.0)  # what the other coefficients are multiplied by to begin with
_STAGES = 6  # on the way from the peak to where a coefficient is held
_SAME = 1e-6  # part of the drop in which two peaks may differ by rounding


@dataclass(frozen=True, slots=True, eq=False)
class Firth:
    """A solved penalised logistic regression; n respondents, p coefficients.

    Attributes
    ----------
    matrix : ndarray of shape (n, p)
    outcome : ndarray of shape (n,)
        0 or 1.
    offset : ndarray of shape (n,)
        What the linear predictor holds besides.
    terms : tuple of p str
    title : str
        For messages.
    value : ndarray of shape (p,)
        Log odds ratios.
    height : float
        Penalised log likelihood at `value`, of orthonormal columns.
    """

    matrix: FloatArray
    outcome: FloatArray
    offset: FloatArray
    terms: tuple[str, ...]
    title: str
    value: FloatArray
    height: float
    known: dict[tuple[int, float], tuple[float, float]] = field(
        default_factory=dict[tuple[int, float], tuple[float, float]], repr=False
    )

    def deviations(self, value: FloatArray | None = None) -> FloatArray:
        """Rows whose cross-product is the covariance matrix, shape (n, p).

        Notes
        -----
        (X'WAX)^-1 with A = 1 + h, the information of the answers with the penalty's share of an answer added to each,
        as R logistf has it. At other coefficients than the penalty's, as `flic`, A = 1: the inverse information.

        References
        ----------
        Heinze & Schemper (2002), *Statistics in Medicine* 21, 2409-2419, sec. 2.2.
        """
        linear = self.matrix @ (self.value if value is None else value) + self.offset
        root = np.sqrt(expit(linear) * expit(-linear))[:, None] * self.matrix
        if value is None:
            basis = np.linalg.qr(root)[0]
            root *= np.sqrt(1 + (basis**2).sum(axis=1))[:, None]
        basis, upper = np.linalg.qr(root)
        return np.asarray(basis @ np.linalg.inv(upper).T, dtype=np.float64)

    def limits(self, column: int, level: float) -> tuple[float, float]:
        """Profile penalised likelihood limits of one coefficient.

        Notes
        -----
        Values b with 2 (l*(all) - max of l* over the others given b) = chi-squared quantile on 1 degree of freedom.

        References
        ----------
        Heinze & Schemper (2002), *Statistics in Medicine* 21, 2409-2419, sec. 2.3.
        """
        key = (column, level)
        if key not in self.known:
            view = _view(self, column)
            drop = float(chdtri(1.0, 1 - level))
            low, high = (_limit(self, view, column, (drop, sign)) for sign in (-1.0, 1.0))
            self.known[key] = (low, high)
        return self.known[key]

    def p_value(self, column: int, null: float = 0.0) -> float:
        """Penalised likelihood ratio p value that one coefficient equals `null`; the penalty keeps every column.

        References
        ----------
        Heinze & Schemper (2002), sec. 2.3.
        """
        peak = _highest(self, _view(self, column), column, null)
        _require(self, peak)
        return float(chdtrc(1.0, max(2 * (self.height - peak.height), 0.0)))


def firth(
    matrix: FloatArray, outcome: FloatArray, terms: tuple[str, ...], title: str, *, offset: FloatArray | None = None
) -> Firth:
    """Fit a logistic regression with Jeffreys's prior as its penalty.

    Parameters
    ----------
    matrix : ndarray of shape (n, p)
    outcome : ndarray of shape (n,)
        0 or 1.
    terms : tuple of p str
    title : str
        For messages.
    offset : ndarray of shape (n,), optional
        What the linear predictor holds besides.

    Returns
    -------
    Firth

    Raises
    ------
    EstimationError
        If there are fewer respondents than coefficients, a term is a combination of others, or Newton's method does
        not arrive.

    Notes
    -----
    l*(b) = l(b) + log|X'WX| / 2, whose score is the sum of x_i (y_i - mu_i + h_i (1/2 - mu_i)), h being the diagonal of
    W^1/2 X (X'WX)^-1 X' W^1/2; Newton's method with the exact second derivatives, in an orthonormal basis. The
    coefficients are finite whatever the answers are.

    References
    ----------
    Firth (1993), *Biometrika* 80, 27-38, sec. 3.3; Kosmidis & Firth (2021), *Biometrika* 108, 71-82, theorem 1.
    """
    _refuse_collinear(matrix, terms, title)
    basis, upper = np.linalg.qr(matrix)
    known = np.zeros(outcome.size) if offset is None else offset
    view = View(np.asarray(basis, dtype=np.float64), outcome, known, 1.0)
    peak = climb(view, np.zeros(len(terms)), held=False)
    value = np.asarray(np.linalg.solve(upper, peak.place), dtype=np.float64)
    fitted = Firth(matrix, outcome, known, terms, title, value, peak.height)
    _require(fitted, peak)
    return fitted


def flic(fitted: Firth) -> FloatArray | None:
    """Move the constant so that the predicted probabilities average the observed share, shape (p,).

    Parameters
    ----------
    fitted : Firth

    Returns
    -------
    ndarray or None
        None where everyone gave the same answer, to which no finite constant leads. Where no combination of the columns
        is constant, Firth's own coefficients.

    References
    ----------
    Puhr, Heinze, Nold, Lusa & Geroldinger (2017), *Statistics in Medicine* 36, 2302-2317, sec. 2.2 (FLIC).
    """
    total = float(fitted.outcome.sum())
    if total in {0.0, float(fitted.outcome.size)}:
        return None
    direction = np.linalg.lstsq(fitted.matrix, np.ones(fitted.outcome.size), rcond=None)[0]
    if np.abs(fitted.matrix @ direction - 1).max() > _RANK_TOLERANCE:
        return fitted.value
    linear, shift = fitted.matrix @ fitted.value + fitted.offset, 0.0
    for _ in range(_STEPS):
        mean = expit(linear + shift)
        step = (total - mean.sum()) / (mean * (1 - mean)).sum()
        shift += float(np.clip(step, -1.0, 1.0))
        if abs(step) <= _TOLERANCE:
            return fitted.value + shift * direction
    msg = f"Cannot predict from {fitted.title!r}: the constant that meets the observed share was not found."
    raise EstimationError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class ProfileLimits:
    """Profile limits and likelihood ratio p values of some coefficients; see `estimate.OwnTest`.

    Attributes
    ----------
    fitted : Firth
    columns : ndarray of shape (k,), int
        Which coefficients.
    """

    fitted: Firth
    columns: IntArray

    def limits(self, level: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:  # noqa: ARG002 - as others
        """Lower and upper limits, shape (k,); the likelihood needs no degrees of freedom."""
        found = [self.fitted.limits(int(column), float(one)) for column, one in zip(self.columns, level, strict=True)]
        low, high = np.array(found, dtype=float).reshape(-1, 2).T
        return low, high

    def p_value(self, null: float) -> FloatArray:
        """Two-sided p values that each coefficient equals `null`, shape (k,)."""
        return np.array([self.fitted.p_value(int(column), null) for column in self.columns], dtype=float)

    def take(self, rows: IntArray) -> ProfileLimits:
        """Keep the coefficients at the given positions."""
        return ProfileLimits(self.fitted, self.columns[rows])


def _refuse_collinear(matrix: FloatArray, terms: tuple[str, ...], title: str) -> None:
    """Refuse terms that the terms before them explain, and more terms than respondents."""
    n, p = matrix.shape
    if n < p:
        msg = f"Cannot fit {title!r}: {p} coefficients and {n} complete respondents. Use fewer terms."
        raise EstimationError(msg)
    norms = np.linalg.norm(matrix, axis=0)
    left = np.abs(np.diag(np.linalg.qr(matrix / np.where(norms > 0, norms, 1.0), mode="r")))
    aliased = [term for term, part in zip(terms, left, strict=True) if part <= _RANK_TOLERANCE]
    if aliased:
        msg = (
            f"Cannot fit {title!r}: {aliased} can be written by the terms before them among the {n} complete "
            "respondents; no penalty can tell them apart. Leave them out, or merge categories."
        )
        raise EstimationError(msg)


def _view(fitted: Firth, column: int) -> View:
    """Orthonormalise with one column last, so that its coefficient is the last coordinate over the last pivot."""
    order = [*(other for other in range(fitted.value.size) if other != column), column]
    basis, upper = np.linalg.qr(fitted.matrix[:, order])
    return View(np.asarray(basis, dtype=np.float64), fitted.outcome, fitted.offset, float(upper[-1, -1]))


def _coordinates(view: View, linear: FloatArray) -> FloatArray:
    """Coordinates of a linear predictor without its offset."""
    return np.asarray(view.basis.T @ linear, dtype=np.float64)


def _require(fitted: Firth, peak: Peak) -> None:
    """Refuse a peak that was not reached."""
    if not np.isfinite(peak.height):
        msg = (
            f"Cannot fit {fitted.title!r} with Firth's penalty: Newton's method did not arrive with "
            f"{fitted.outcome.size} respondents and {len(fitted.terms)} coefficients. Leave out or merge sparse terms."
        )
        raise EstimationError(msg)


def _highest(fitted: Firth, view: View, column: int, at: float) -> Peak:
    """Find the highest of the peaks with one coefficient held.

    Near the estimate there is one peak. Far off, where a number separates the answers, there may be several: the search
    starts from the end of a way in stages and from the estimate with the other coefficients as they are or stretched,
    also with a constant that puts as many respondents above an even chance as gave the answer.
    """
    here = _coordinates(view, fitted.matrix @ fitted.value)
    far = at * view.scale
    if abs(far - here[-1]) <= _NEAR * _reach(fitted, view, column):
        return climb(view, _held(here, far), held=True)
    way = here
    for stage in range(1, _STAGES + 1):
        way = climb(view, _held(way, here[-1] + (far - here[-1]) * stage / _STAGES), held=True).place
    moved = np.arange(fitted.value.size) == column
    lines = [fitted.matrix @ np.where(moved, at, stretch * fitted.value) for stretch in _STRETCHES]
    levelled = [_levelled(line, fitted.outcome) for line in lines]
    places = [way, here, *(_coordinates(view, line) for line in [*lines, *levelled])]
    return max((climb(view, _held(place, far), held=True) for place in places), key=lambda peak: peak.height)


def _held(place: FloatArray, last: float) -> FloatArray:
    """Set the last coordinate."""
    return np.append(place[:-1], last)


def _reach(fitted: Firth, view: View, column: int) -> float:
    """Give the standard error of a coefficient as a distance of the last coordinate."""
    return float(np.linalg.norm(fitted.deviations()[:, column])) * abs(view.scale)


def _levelled(linear: FloatArray, outcome: FloatArray) -> FloatArray:
    """Shift a linear predictor so that as many are above 0 as gave the answer."""
    falling = np.append(np.sort(linear)[::-1], -np.inf)
    count = int(outcome.sum())
    edges = falling[max(count - 1, 0)], falling[min(count, linear.size - 1)]
    return linear - (edges[0] + edges[1]) / 2


def _limit(fitted: Firth, view: View, column: int, target: tuple[float, float]) -> float:
    """Go from the peak in one direction to where twice the penalised log likelihood has dropped by the target.

    A limit that another peak beyond it undercuts is where the search goes on.
    """
    drop, sign = target
    sign *= float(np.sign(view.scale))
    place = _coordinates(view, fitted.matrix @ fitted.value)
    centre, inside, reach = float(place[-1]), 0.0, _reach(fitted, view, column)
    at = float(np.sqrt(drop)) * reach
    for _ in range(_PEAKS):
        at, found = _crossing(fitted, view, (place, centre), (drop, sign, inside, at))
        limit = (centre + sign * at) / view.scale
        other = _highest(fitted, view, column, limit)
        if 2 * (fitted.height - max(other.height, found.height)) >= drop * (1 - _SAME):
            return limit
        place, inside = other.place, at
    msg = (
        f"Cannot find the profile interval of {fitted.terms[column]!r} in {fitted.title!r}: the likelihood has many "
        "peaks. Leave out or merge sparse terms."
    )
    raise EstimationError(msg)


def _crossing(
    fitted: Firth, view: View, line: tuple[FloatArray, float], target: tuple[float, float, float, float]
) -> tuple[float, Peak]:
    """Follow one peak from inside to where it has dropped by the target; the distance from the centre, and the peak.

    Newton's method on the root of the drop, which is nearly straight, kept between the last bounds.
    """
    (place, centre), (drop, sign, inside, at) = line, target
    outside = np.inf
    for _ in range(_WIDENINGS):
        peak = climb(view, _held(place, centre + sign * at), held=True)
        fallen = max(2 * (fitted.height - peak.height), 0.0)
        if fallen < drop:
            place, inside = peak.place, at
        else:
            outside = at
        slope = -2 * sign * peak.slope
        known = slope > 0 and 0 < fallen < np.inf
        guess = at + 2 * (float(np.sqrt(drop * fallen)) - fallen) / slope if known else np.inf
        if abs(guess - at) <= _LIMIT_TOLERANCE * at:
            return guess, peak
        if outside - inside <= _LIMIT_TOLERANCE * at:  # the way jumps from one peak to a lower one
            return inside, peak
        fallback = 4 * at if np.isinf(outside) else (inside + outside) / 2
        at = guess if inside < guess < min(outside, 4 * at) else fallback
    msg = f"Cannot find a profile interval in {fitted.title!r}: the likelihood is too flat. Leave out or merge terms."
    raise EstimationError(msg)
