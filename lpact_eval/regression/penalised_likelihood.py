"""The surface of Firth's penalised logistic likelihood: height, derivatives, and the way to its top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, log_expit

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray

_STEPS = 100
_HALVINGS = 40
_TOLERANCE = 1e-11  # change of the linear predictor at which Newton's method has arrived
_LONGEST_STEP = 10.0  # most that a step may move anybody's logit
_MANY = 4000  # respondents over whom the penalty hardly bends the likelihood
_NOTHING = 1e-100  # root of the information under which there is none
_ROUNDING = 1e-9  # share of the penalised likelihood that a step may lose by rounding


@dataclass(frozen=True, slots=True, eq=False)
class Peak:
    """Where the penalised likelihood is highest, in orthonormal columns; n respondents, p coefficients.

    Attributes
    ----------
    place : ndarray of shape (p,)
    height : float
        Penalised log likelihood.
    slope : float
        Its derivative in the last coefficient, which is 0 where that was free.
    """

    place: FloatArray
    height: float
    slope: float


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The columns in an orthonormal basis whose last coordinate belongs to one coefficient alone.

    Attributes
    ----------
    basis : ndarray of shape (n, p)
    outcome, offset : ndarray of shape (n,)
    scale : float
        Last coordinate over that coefficient.
    """

    basis: FloatArray
    outcome: FloatArray
    offset: FloatArray
    scale: float


def climb(view: View, start: FloatArray, *, held: bool) -> Peak:
    """Find a peak from a start, with the last coordinate held or free.

    Parameters
    ----------
    view : View
    start : ndarray of shape (p,)
    held : bool

    Returns
    -------
    Peak
        Of height minus infinity where Newton's method does not arrive.
    """
    free = start.size - held
    place, linear = start.copy(), view.basis @ start + view.offset
    height = _height(view, linear)
    if not np.isfinite(height):  # a far start: begin with nothing but the held coordinate
        place[:free] = 0.0
        linear = view.basis @ place + view.offset
        height = _height(view, linear)
    for _ in range(_STEPS):
        if not np.isfinite(height):
            break
        score, information, second = _derivatives(view, linear)
        step = np.zeros_like(place)
        step[:free] = _step(score[:free], information[:free, :free], second[:free, :free])
        moved = view.basis @ step
        longest = float(np.abs(moved).max(initial=0.0))
        if longest <= _TOLERANCE * max(1.0, float(np.abs(linear).max(initial=0.0))):
            return Peak(place, height, float(score[-1]))
        share, height = _shorten(view, (linear, moved), height, min(1.0, _LONGEST_STEP / longest))
        place, linear = place + share * step, linear + share * moved
    return Peak(place, -np.inf, 0.0)


def _step(score: FloatArray, information: FloatArray, second: FloatArray) -> FloatArray:
    """Newton's step where the surface is a hilltop, else Fisher's."""
    if not score.size:
        return score
    for curvature in (-(second + second.T) / 2, information):
        try:
            np.linalg.cholesky(curvature)
            return np.asarray(np.linalg.solve(curvature, score), dtype=np.float64)
        except np.linalg.LinAlgError:
            continue
    return score


def _shorten(view: View, line: tuple[FloatArray, FloatArray], height: float, share: float) -> tuple[float, float]:
    """Halve a step until the penalised likelihood does not fall beyond rounding; share taken and new height."""
    linear, moved = line
    reached = _height(view, linear + share * moved)
    for _ in range(_HALVINGS):
        if reached >= height - _ROUNDING * (abs(height) + 1):
            break
        share /= 2
        reached = _height(view, linear + share * moved)
    return share, reached


def _height(view: View, linear: FloatArray) -> float:
    """Penalised log likelihood; minus infinity where the information is lost to rounding."""
    root = np.sqrt(expit(linear) * expit(-linear))
    pivots = np.abs(np.diag(np.linalg.qr(root[:, None] * view.basis, mode="r")))
    if not np.isfinite(pivots).all() or pivots.min(initial=1.0) <= _NOTHING:
        return -np.inf
    likelihood = view.outcome @ log_expit(linear) + (1 - view.outcome) @ log_expit(-linear)
    return float(likelihood + np.log(pivots).sum())


def _derivatives(view: View, linear: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Score (p,), information (p, p) and second derivatives (p, p) of the penalised log likelihood.

    With many respondents, of whom each has little leverage, the second derivatives are minus the information.
    With q_ij = x_i' (X'WX)^-1 x_j and w' = w (1 - 2 mu), the derivative of h_i is w'_i q_ii x_i less w_i times the sum
    over j of q_ij^2 w'_j x_j.
    """
    x, mean = view.basis, expit(linear)
    variance = mean * expit(-linear)
    root = np.sqrt(variance)[:, None] * x
    spread = x @ np.linalg.inv(np.linalg.qr(root, mode="r"))  # its rows' products are q_ij
    leverage = variance * (spread**2).sum(axis=1)
    score = x.T @ (view.outcome - mean + leverage * (0.5 - mean))
    if x.shape[0] > _MANY:
        return score, root.T @ root, -(root.T @ root)
    bend = (variance * (1 - 2 * mean))[:, None] * x
    moved = bend.T @ (spread[:, :, None] * spread[:, None, :]).reshape(x.shape[0], -1)
    own = leverage * (1 - 2 * mean) ** 2 / 2 - variance * (1 + leverage)
    return score, root.T @ root, x.T @ (own[:, None] * x) - moved @ moved.T / 2
