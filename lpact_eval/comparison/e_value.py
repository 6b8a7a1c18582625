"""E-values: how strongly an unmeasured reason would have to be tied to attending and to the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from lpact_eval.sample import FloatArray

_PER_DEVIATION: Final = 0.91  # log risk ratio a standard deviation
_LARGEST: Final = 700.0  # power from which on an exponential is infinite
_PER_ERROR: Final = 1.78  # .91 x 1.96: 95 % limits of the log risk ratio a standard error


@dataclass(frozen=True, slots=True)
class EValue:
    """The least strength, on the scale of risk ratios, that explains an association away.

    Attributes
    ----------
    point : float
        For the estimate; 1 or more.
    limit : float
        For the end of the interval nearest to 1; 1 where the interval holds 1, missing where no limit was given.
    """

    point: float
    limit: float


@dataclass(frozen=True, slots=True)
class RiskRatio:
    """A risk ratio with the limits of its interval, or what comes near one.

    Attributes
    ----------
    ratio, low, high : float
        Over 0.
    """

    ratio: float
    low: float
    high: float

    @property
    def limit(self) -> float:
        """The end of the interval that lies nearest to 1 as seen from the ratio, and no further from 1 than it."""
        return min(self.low, self.ratio) if self.ratio >= 1 else max(self.high, self.ratio)


def e_value(*, risk_ratio: float, limit: float | None = None) -> EValue:
    """Say how strong an unmeasured reason would have to be to explain an association away.

    Parameters
    ----------
    risk_ratio : float
        Share among those who attended over the share among the others, over 0.
    limit : float, optional
        End of its interval that is nearest to 1.

    Returns
    -------
    EValue
        The reason has to make both attending and the answer at least so many times as likely, beyond what is adjusted
        for.

    Raises
    ------
    WrongUseError
        If the ratio is not over 0, or the limit is negative or lies further from 1 than the ratio does.

    Notes
    -----
    RR + sqrt(RR (RR - 1)), with 1 / RR in place of a ratio under 1.

    References
    ----------
    VanderWeele & Ding (2017), *Annals of Internal Medicine* 167, 268-274.

    Examples
    --------
    >>> found = e_value(risk_ratio=2, limit=1.2)
    >>> round(found.point, 4), round(found.limit, 4)
    (3.4142, 1.6899)
    """
    if not (math.isfinite(risk_ratio) and risk_ratio > 0):
        msg = f"Cannot work out an E-value: the risk ratio is {risk_ratio}; it is a number over 0."
        raise WrongUseError(msg)
    point = _strength(risk_ratio)
    if limit is None:
        return EValue(point, math.nan)
    if math.isnan(limit) or limit < 0:
        msg = f"Cannot work out an E-value: the limit is {limit}; it is a ratio, so 0 or more."
        raise WrongUseError(msg)
    if (limit <= 1) if risk_ratio >= 1 else (limit >= 1):
        return EValue(point, 1.0)
    if abs(math.log(limit)) > abs(math.log(risk_ratio)):
        msg = (
            f"Cannot work out an E-value: the limit {limit} lies further from 1 than the risk ratio {risk_ratio}. Give "
            "the end of the interval that is nearest to 1."
        )
        raise WrongUseError(msg)
    return EValue(point, _strength(limit))


def ratio_of_odds(odds_ratio: float) -> float:
    """Turn the odds ratio of a common answer (15 % or more of either arm) into an approximate risk ratio.

    Parameters
    ----------
    odds_ratio : float
        Over 0.

    Raises
    ------
    WrongUseError
        If it is not over 0.

    References
    ----------
    VanderWeele (2017), *Biometrics* 73, 746-752: the square root.
    """
    if not (math.isfinite(odds_ratio) and odds_ratio > 0):
        msg = f"Cannot turn the odds ratio {odds_ratio} into a risk ratio; it is a number over 0."
        raise WrongUseError(msg)
    return math.sqrt(odds_ratio)


def ratio_of_means(difference: float, *, std_error: float | None = None) -> RiskRatio:
    """Turn a standardised mean difference into an approximate risk ratio.

    Parameters
    ----------
    difference : float
        In standard deviations of the outcome.
    std_error : float, optional
        Its standard error; without it the limits are missing.

    Returns
    -------
    RiskRatio
        exp(.91 d), with the limits exp(.91 d -+ 1.78 standard errors).

    Raises
    ------
    WrongUseError
        If the difference is not a number or the standard error is negative.

    References
    ----------
    VanderWeele & Ding (2017), table 2; Chinn (2000), *Statistics in Medicine* 19, 3127-3131.
    """
    if not math.isfinite(difference) or (std_error is not None and not std_error >= 0):
        msg = (
            f"Cannot turn the standardised difference {difference} (standard error {std_error}) into a risk ratio; it "
            "is a number, and its standard error is 0 or more."
        )
        raise WrongUseError(msg)
    half = math.nan if std_error is None else _PER_ERROR * std_error
    centre = _PER_DEVIATION * difference
    return RiskRatio(_exp(centre), _exp(centre - half), _exp(centre + half))


def ratio_of_interval(difference: float, low: float, high: float) -> RiskRatio:
    """Turn a standardised mean difference and the limits of its own interval into an approximate risk ratio."""
    one, two, three = (_exp(_PER_DEVIATION * value) for value in (difference, low, high))
    return RiskRatio(one, two, three)


def ratio_of_shares(shares: tuple[float, float], covariance: FloatArray, quantile: float) -> RiskRatio:
    """Divide two adjusted shares, with limits on the logarithm by the delta method.

    Parameters
    ----------
    shares : tuple of two float
        Of those who attended and of the others, over 0.
    covariance : ndarray of shape (2, 2)
    quantile : float
        Student quantile of the interval.

    Returns
    -------
    RiskRatio

    Notes
    -----
    var(log RR) = v11 / p1^2 + v00 / p0^2 - 2 v10 / (p1 p0).

    References
    ----------
    Katz, Baptista, Azen & Pike (1978), *Biometrics* 34, 469-474, with a covariance.
    """
    first, second = shares
    variance = covariance[0, 0] / first**2 + covariance[1, 1] / second**2 - 2 * covariance[0, 1] / (first * second)
    half = quantile * math.sqrt(max(float(variance), 0.0))
    ratio = first / second
    return RiskRatio(ratio, ratio * math.exp(-half), ratio * _exp(half))


def _exp(power: float) -> float:
    """Exponential; the limit of an interval may lie beyond all numbers."""
    return math.inf if power > _LARGEST else math.exp(power)


def _strength(ratio: float) -> float:
    """Work out the E-value of one ratio."""
    large = max(ratio, 1 / ratio)
    return large + math.sqrt(large * (large - 1))
