"""What a regression predicts for everyone under some answers, as a function of its coefficients."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
from scipy.special import expit

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.regression.fitting import mean_of, slope_of

if TYPE_CHECKING:
    from lpact_eval.regression.fitting import Family
    from lpact_eval.regression.glm import Fit
    from lpact_eval.sample import FloatArray

_INTERCEPT = "Intercept"


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """From linear predictors to what is predicted.

    Attributes
    ----------
    family : str
        Family of the fit.
    cut : ndarray of shape (q,), or None
        Ordered answers: how the share of the answers chosen is made of the cumulative shares at the q cut-points.
    base : float
        What is added to that; 1 where the last answer is among those chosen.
    """

    family: Family | None
    cut: FloatArray | None = None
    base: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """The answers under which everyone is predicted; n respondents, p columns of the model matrix.

    Attributes
    ----------
    matrix : ndarray of shape (n, p)
    offset : ndarray of shape (n,)
        What the linear predictor holds besides; 0 without.
    """

    matrix: FloatArray
    offset: FloatArray

    @staticmethod
    def of(fit: Fit, frame: pd.DataFrame | None = None) -> Predicted:
        """Lay out other answers, or the respondents' own."""
        model = fit.model
        nothing = np.zeros(fit.n)
        if fit.family == "ordinal":
            if frame is None:
                return Predicted(fit.matrix, nothing)
            kept = [place for place, term in enumerate(model.terms) if term != _INTERCEPT]
            return Predicted(model.build(frame)[:, kept], nothing)
        matrix, linear = fit.linear(frame)
        return Predicted(matrix, linear - matrix @ fit.coefficients.value)

    def value(self, scale: Scale, coefficients: FloatArray) -> FloatArray:
        """Predict with coefficients of shape (..., p) or (..., p + q); shape (..., n)."""
        if scale.cut is None:
            return mean_of(cast("Family", scale.family), coefficients @ self.matrix.T + self.offset)
        return scale.base + self._cumulative(coefficients) @ scale.cut

    def gradient(self, scale: Scale, coefficients: FloatArray) -> FloatArray:
        """Differentiate the predictions in the coefficients, shape (n, p) or (n, p + q)."""
        if scale.cut is None:
            mean = self.value(scale, coefficients)
            return slope_of(cast("Family", scale.family), mean)[:, None] * self.matrix
        cumulative = self._cumulative(coefficients)
        on_cuts = cumulative * (1 - cumulative) * scale.cut
        return np.hstack([-on_cuts.sum(axis=1)[:, None] * self.matrix, on_cuts])

    def _cumulative(self, coefficients: FloatArray) -> FloatArray:
        """Shares at or below each cut-point, shape (..., n, q)."""
        p = self.matrix.shape[1]
        linear = coefficients[..., :p] @ self.matrix.T
        return expit(coefficients[..., None, p:] - linear[..., None])


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A prediction, or predictions less others, that is averaged.

    Attributes
    ----------
    parts : tuple of (float, Predicted)
        Sign of each.
    scale : Scale
    labels : mapping of str to str
        What was set, by variable.
    answer : str
        Ordered answers: which of them; empty for other outcomes.
    """

    parts: tuple[tuple[float, Predicted], ...]
    scale: Scale
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    answer: str = ""

    def value(self, coefficients: FloatArray) -> FloatArray:
        """Work out what is averaged, with coefficients of shape (..., p); shape (..., n)."""
        return np.asarray(sum(self.signed(coefficients)))

    def signed(self, coefficients: FloatArray) -> list[FloatArray]:
        """Work out each prediction with its sign, shape (..., n) each."""
        return [sign * part.value(self.scale, coefficients) for sign, part in self.parts]

    def gradient(self, coefficients: FloatArray) -> FloatArray:
        """Differentiate it in the coefficients, shape (n, p)."""
        return np.asarray(sum(sign * part.gradient(self.scale, coefficients) for sign, part in self.parts))


def scales_of(fit: Fit, answer: str | Sequence[str] | None) -> list[tuple[str, Scale]]:
    """Say what is predicted: the outcome itself, or the shares of ordered answers, each under its name.

    Raises
    ------
    WrongUseError
        If answers are asked for of an outcome that is none of ordered answers.
    EstimationError
        If an answer does not exist, or was merged with one that is not asked for.
    """
    if fit.family != "ordinal":
        if answer is not None:
            msg = (
                f"Cannot predict the answer {answer!r} of {fit.model.title!r}: only family='ordinal' has a prediction "
                "for each answer. Leave answer out."
            )
            raise WrongUseError(msg)
        return [("", Scale(fit.family))]
    groups = fit.model.answers
    if answer is None:
        return [(" or ".join(group), _chosen(groups, group)) for group in groups]
    wanted = (answer,) if isinstance(answer, str) else tuple(map(str, answer))
    return [(" or ".join(wanted), _chosen(groups, wanted))]


def _chosen(groups: Sequence[Sequence[str]], wanted: Sequence[str]) -> Scale:
    """Add up the shares of some answers."""
    known = [name for group in groups for name in group]
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        msg = f"Cannot predict the answers {list(wanted)}: the fit has {known}."
        raise EstimationError(msg)
    torn = [group for group in groups if 0 < len(set(group) & set(wanted)) < len(group)]
    if torn:
        merged = [" or ".join(group) for group in torn]
        msg = f"Cannot predict the answers {list(wanted)}: too few gave {merged}, so they count as one; ask for all."
        raise EstimationError(msg)
    inside = np.array([float(group[0] in wanted) for group in groups])
    return Scale(None, inside[:-1] - inside[1:], float(inside[-1]))


def settings_of(fit: Fit, at: Mapping[str, object]) -> list[dict[str, object]]:
    """Every combination of the values asked for."""
    require(fit, list(at))
    values = [_listed(value) for value in at.values()]
    return [dict(zip(at, combination, strict=True)) for combination in itertools.product(*values)]


def as_labels(setting: Mapping[str, object]) -> dict[str, str]:
    """Write what was set as labels."""
    return {name: str(value) for name, value in setting.items()}


def _listed(value: object) -> list[object]:
    """Take one value or several as a list."""
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray):
        return [value]
    return list(cast("Sequence[object]", value))


def require(fit: Fit, names: Sequence[str]) -> None:
    """Refuse variables that the formula does not hold."""
    unknown = [name for name in names if name not in fit.model.frame.columns]
    if unknown:
        known = list(fit.model.frame.columns)
        msg = f"Cannot set {unknown} in {fit.model.title!r}: the formula holds {known}."
        raise EstimationError(msg)


def given(frame: pd.DataFrame, setting: Mapping[str, object]) -> pd.DataFrame:
    """Give everyone the same value of some variables."""
    changed = frame.copy()
    for name, value in setting.items():
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            levels = list(column.cat.categories)
            if str(value) not in levels:
                msg = f"Cannot set {name!r} to {value!r}: its levels among the complete respondents are {levels}."
                raise EstimationError(msg)
            changed[name] = pd.Categorical.from_codes([levels.index(str(value))] * len(frame), pd.Index(levels))
        else:
            changed[name] = _number(name, value)
    return changed


def stepped(frame: pd.DataFrame, name: str, step: float) -> pd.DataFrame:
    """Move everyone's own value of a numeric variable."""
    if isinstance(frame[name].dtype, pd.CategoricalDtype):
        msg = f"Cannot move {name!r} by {step:g}: it holds categories. Give two of them, as in level= and minus=."
        raise WrongUseError(msg)
    changed = frame.copy()
    changed[name] = frame[name] + step
    return changed


def _number(name: str, value: object) -> float:
    """Take a numeric variable's value."""
    if isinstance(value, bool | int | float | np.integer | np.floating):
        return float(cast("float", value))
    msg = f"Cannot set {name!r} to {value!r}: it is numeric; give a number."
    raise WrongUseError(msg)
