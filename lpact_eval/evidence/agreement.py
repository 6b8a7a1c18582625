"""How far coders agree on what a text says, and whether the share of a theme may be told at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import pandas as pd

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.code_matrix import read_codes
from lpact_eval.evidence.coefficients import (
    Scale,
    cohen,
    cohen_std_error,
    gwet,
    krippendorff,
    shares_agreeing,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evidence.code_matrix import Codes, Patterns
    from lpact_eval.sample import FloatArray

Method = Literal["krippendorff", "kappa", "ac1"]

REFUSED_BELOW: Final = 0.667  # Krippendorff (2019), sec. 12.5: the lowest for tentative conclusions
TENTATIVE_BELOW: Final = 0.8
FEWEST_UNITS: Final = 30  # units that two coders read, under which agreement itself is too uncertain
_ENTRIES: Final = 1_250_000  # units of the resamples worked on at once
_QUICKER: Final = 10  # units a pattern above which a multinomial draw takes less time than one of every unit
_UNDEFINED: Final = 0.05  # share of resamples with one code only from which on it is said


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Agreement between coders; k rows, the first over all codes.

    It is no `Estimate`: it has no sampling design, and its interval comes from resampling the units.

    Attributes
    ----------
    labels : DataFrame of k rows
        method, scale, theme ("all codes", or one code against all others).
    value : ndarray of shape (k,)
        1 for perfect agreement, 0 for that of chance; missing where refused.
    std_error : ndarray of shape (k,)
        Of kappa its large-sample standard error; of others the standard deviation of the resamples.
    draws : ndarray of shape (B, k)
        The coefficient in each resample of the units; missing where it held one code only.
    observed : ndarray of shape (k,)
        Share of pairs of coders who gave the same code, a mean over units.
    n : ndarray of shape (k,)
        Units with two codes or more; others are left aside.
    prevalence : tuple of str
        "given", "tentative" or "refused": whether shares of the theme may be told.
    refused : tuple of str
        Why there is no coefficient; empty where there is one.
    flags : tuple of str
        Why prevalence is tentative or refused, and what else to mind.
    """

    labels: pd.DataFrame
    value: FloatArray
    std_error: FloatArray
    draws: FloatArray
    observed: FloatArray
    n: FloatArray
    prevalence: tuple[str, ...]
    refused: tuple[str, ...]
    flags: tuple[str, ...]

    def __len__(self) -> int:
        return self.value.size

    def __repr__(self) -> str:
        with pd.option_context("display.width", 160, "display.max_columns", 30, "display.precision", 4):
            return repr(self.to_frame())

    def to_frame(self, *, level: float = 0.95) -> pd.DataFrame:
        """Tabulate the coefficients with percentile intervals over resampled units.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, between 0 and 1.

        Returns
        -------
        DataFrame of k rows
            Labels, estimate, std_error, conf_low, conf_high, observed, n, prevalence, refused, flags.

        Raises
        ------
        WrongUseError
            If the level is not between 0 and 1.
        """
        if not 0 < level < 1:
            msg = f"Cannot make an interval at level {level}; levels lie between 0 and 1, as in level=0.95."
            raise WrongUseError(msg)
        low, high = self.limits(level)
        return pd.DataFrame(
            {
                **{str(name): column for name, column in self.labels.items()},
                "estimate": self.value,
                "std_error": self.std_error,
                "conf_low": low,
                "conf_high": high,
                "observed": self.observed,
                "n": self.n.astype(int),
                "prevalence": list(self.prevalence),
                "refused": list(self.refused),
                "flags": list(self.flags),
            }
        )

    def limits(self, level: float = 0.95) -> FloatArray:
        """Percentile limits of the coefficients over resampled units, shape (2, k); arguments as in `to_frame`."""
        return _percentiles(self.draws, ((1 - level) / 2, (1 + level) / 2))


def agreement(
    codes: pd.DataFrame,
    *,
    method: Method = "krippendorff",
    scale: Scale = "nominal",
    themes: bool = False,
    draws: int = 2000,
    seed: int = 1,
) -> Agreement:
    """Measure how far coders agree beyond chance.

    Parameters
    ----------
    codes : DataFrame
        A row for each unit (a comment, a note), a column for each coder, in each cell the code given or missing.
    method : str, default "krippendorff"
        "krippendorff" (alpha), "kappa" (Cohen's, two coders) or "ac1" (Gwet's, steadier where a theme is rare).
    scale : str, default "nominal"
        "nominal", or for alpha "ordinal" (numbers or ordered categories) or "interval" (numbers).
    themes : bool, default False
        Also each code against all others, nominal codes only.
    draws : int, default 2000
        Resamples of the units, for the interval.
    seed : int, default 1

    Returns
    -------
    Agreement
        Whatever the method, prevalence is judged on alpha: refused under .667 or with fewer than 30 units of two
        codes or more, tentative under .80.

    Raises
    ------
    WrongUseError
        If the method, the scale or the number of draws is unknown, there are fewer than two coders, kappa has more than
        two, or the codes do not lie on the scale.

    Notes
    -----
    Units with fewer than two codes say nothing of agreement and are left aside. AC1 counts the codes found in
    the others. Resampling units is drawing how often each pattern of codes occurs from a multinomial distribution.

    References
    ----------
    Krippendorff (2019), *Content Analysis*, 4th ed., ch. 12; Efron & Tibshirani (1993), sec. 13.3, for the interval.

    Examples
    --------
    >>> found = agreement(pd.DataFrame({"a": ["x", "y", "y", "x"], "b": ["x", "y", "x", "x"]}))
    >>> found.value.round(4).tolist(), found.prevalence
    ([0.5333], ('refused',))
    """
    _check(codes, method, scale, themes=themes, draws=draws)
    read = read_codes(codes, scale)
    parts = [("all codes", read)]
    if themes:
        parts += [(name, read.against(number)) for number, name in enumerate(read.names)]
    return agreement_of(parts, method, scale, draws=draws, seed=seed)


def agreement_of(
    parts: Sequence[tuple[str, Codes]], method: Method, scale: Scale = "nominal", *, draws: int = 2000, seed: int = 1
) -> Agreement:
    """Measure agreement on codes that were read already, a row for each named part; arguments as in `agreement`."""
    return agreements_of(parts, (method,), scale, draws=draws, seed=seed)[0]


def agreements_of(
    parts: Sequence[tuple[str, Codes]],
    methods: Sequence[Method],
    scale: Scale = "nominal",
    *,
    draws: int = 2000,
    seed: int = 1,
) -> list[Agreement]:
    """Measure agreement by several methods on the same resamples; kappa, for which coders are no pair, by itself."""
    found = [_measure(part, methods, scale, draws=draws, seed=seed) for _, part in parts]
    names = [name for name, _ in parts]
    return [
        _gathered(names, method, scale, rows) for method, rows in zip(methods, zip(*found, strict=True), strict=True)
    ]


def _gathered(names: Sequence[str], method: Method, scale: Scale, rows: Sequence[_Row]) -> Agreement:
    """Lay the coefficients of one method out."""
    return Agreement(
        labels=pd.DataFrame({"method": method, "scale": scale, "theme": list(names)}),
        value=np.array([row.value for row in rows]),
        std_error=np.array([row.std_error for row in rows]),
        draws=np.column_stack([row.draws for row in rows]),
        observed=np.array([row.observed for row in rows]),
        n=np.array([float(row.n) for row in rows]),
        prevalence=tuple(_tier(row) for row in rows),
        refused=tuple(row.refused for row in rows),
        flags=tuple(_flags(row) for row in rows),
    )


def _check(codes: object, method: str, scale: str, *, themes: bool, draws: int) -> None:
    """Refuse what there is no coefficient for."""
    if not isinstance(codes, pd.DataFrame) or len(codes.columns) < 2:  # noqa: PLR2004 - it takes two to agree
        msg = (
            "Cannot measure agreement: codes are a DataFrame with a row for each unit and a column for each coder, "
            "two or more."
        )
        raise WrongUseError(msg)
    if method not in get_args(Method) or scale not in get_args(Scale):
        msg = (
            f"Cannot measure agreement by {method!r} on the scale {scale!r}; methods are {list(get_args(Method))}, "
            f"scales {list(get_args(Scale))}."
        )
        raise WrongUseError(msg)
    if scale != "nominal" and (themes or method != "krippendorff"):
        msg = f"Cannot measure agreement on the scale {scale!r} by {method!r} or by theme: these need scale='nominal'."
        raise WrongUseError(msg)
    if method == "kappa" and len(codes.columns) != 2:  # noqa: PLR2004 - Cohen's is for two
        msg = (
            f"Cannot work out Cohen's kappa of {len(codes.columns)} coders, only of two. Choose two columns, or "
            "another method."
        )
        raise WrongUseError(msg)
    if draws < 1:
        msg = f"Cannot make an interval from {draws} resamples; draws is 1 or more, as in draws=2000."
        raise WrongUseError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """One coefficient; `alpha` is Krippendorff's of the same codes."""

    value: float
    std_error: float
    draws: FloatArray
    observed: float
    n: int
    alpha: float
    refused: str


def _measure(codes: Codes, methods: Sequence[Method], scale: Scale, *, draws: int, seed: int) -> list[_Row]:
    """Work out coefficients, their standard errors and their resamples."""
    refused = _refusal(codes)
    if refused:
        observed = np.nan if codes.n == 0 else 1.0
        return [_Row(np.nan, np.nan, np.full(draws, np.nan), observed, codes.n, np.nan, refused) for _ in methods]
    patterns = codes.patterns(ordered="kappa" in methods)
    counts, times = patterns.counts, patterns.times
    generator = np.random.default_rng(seed)
    work = [partial(_coefficient, patterns, method=one, scale=scale, scores=codes.scores) for one in methods]
    blocks = [[one(times=times[None, :]) for one in work]]  # the units themselves, then resamples of them
    for size in _blocks(draws, codes.n):
        drawn = _resample(generator, times, size)
        blocks.append([one(times=drawn) for one in work])
    found = dict(zip(methods, zip(*blocks, strict=True), strict=True))
    first = found.get("krippendorff")
    alpha = first[0] if first else krippendorff(counts, times[None, :], scale=scale, scores=codes.scores)
    observed = float(times @ shares_agreeing(counts) / codes.n)
    rows: list[_Row] = []
    for method, (value, *parts) in found.items():
        resampled = np.concatenate(parts)
        known = resampled[~np.isnan(resampled)]
        spread = float(known.std(ddof=1)) if known.size > 1 else np.nan
        error = cohen_std_error(patterns.cells, times, len(codes.names)) if method == "kappa" else spread
        rows.append(_Row(float(value[0]), error, resampled, observed, codes.n, float(alpha[0]), ""))
    return rows


def _refusal(codes: Codes) -> str:
    """Say why there is no coefficient."""
    if codes.n == 0:
        return "no unit was coded by two coders"
    if codes.used < 2:  # noqa: PLR2004 - one code leaves nothing to differ on
        return "all units that two coders read have the same code, so there is no agreement beyond chance to measure"
    return ""


def _coefficient(
    patterns: Patterns, *, times: FloatArray, method: Method, scale: Scale, scores: FloatArray
) -> FloatArray:
    """Work out the coefficient for each row of `times`, shape (B,)."""
    if method == "kappa":
        return cohen(patterns.cells, times, scores.size)
    if method == "ac1":
        return gwet(patterns.counts, times)
    return krippendorff(patterns.counts, times, scale=scale, scores=scores)


def _resample(generator: np.random.Generator, times: FloatArray, size: int) -> FloatArray:
    """Draw how often each pattern occurs, shape (size, G); unit by unit where patterns are many, which is quicker."""
    n, patterns = int(times.sum()), times.size
    if n > _QUICKER * patterns:
        return generator.multinomial(n, times / n, size=size).astype(float)
    pattern = np.repeat(np.arange(patterns), times.astype(np.intp))
    drawn = pattern[generator.integers(0, n, (size, n))] + patterns * np.arange(size)[:, None]
    return np.bincount(drawn.ravel(), minlength=size * patterns).reshape(size, patterns).astype(float)


def _blocks(draws: int, n: int) -> list[int]:
    """Split resamples of n units so that no block needs much memory."""
    size = max(_ENTRIES // n, 1)
    return [min(size, draws - start) for start in range(0, draws, size)]


def _percentiles(draws: FloatArray, shares: tuple[float, float]) -> FloatArray:
    """Two quantiles of each column over the resamples that have a coefficient, shape (2, k)."""
    found = np.full((2, draws.shape[1]), np.nan)
    known = ~np.isnan(draws)
    whole = known.all(axis=0)
    found[:, whole] = np.quantile(draws[:, whole], shares, axis=0)
    for column in np.flatnonzero(known.any(axis=0) & ~whole):
        found[:, column] = np.quantile(draws[known[:, column], column], shares)
    return found


def _tier(row: _Row) -> str:
    """Say whether prevalence may be told."""
    if row.refused or row.n < FEWEST_UNITS or row.alpha < REFUSED_BELOW:
        return "refused"
    return "tentative" if row.alpha < TENTATIVE_BELOW else "given"


def _flags(row: _Row) -> str:
    """Say what to mind about one coefficient."""
    undefined = float(np.isnan(row.draws).mean())
    checks = (
        (row.n < FEWEST_UNITS, f"prevalence is refused: fewer than {FEWEST_UNITS} units coded by two"),
        (row.alpha < REFUSED_BELOW, f"prevalence is refused: alpha under {REFUSED_BELOW}"),
        (REFUSED_BELOW <= row.alpha < TENTATIVE_BELOW, f"prevalence is tentative: alpha under {TENTATIVE_BELOW:.2f}"),
        (row.observed >= 1 and not row.refused, "no two codes differ, so resampling gives an interval without width"),
        (undefined > _UNDEFINED and not row.refused, f"in {undefined:.0%} of resamples there is one code only"),
    )
    return "; ".join(text for hit, text in checks if hit)
