"""Respondents and how they came to be: answers, design, and what was set aside on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lpact_eval.errors import EstimationError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from lpact_eval.replicate_weights import ReplicateWeights

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]
Labels = NDArray[np.object_]

Kind = Literal["scale", "category", "yes_no", "number", "text", "set"]
Comparable = Literal["full", "partial", "none", "not asked"]

MISSING_KINDS = ("don't know", "prefer not to say", "not asked", "blank")
LEDGER_COLUMNS = ("wave", "reason", "rows")


@dataclass(frozen=True, slots=True)
class Variable:
    """What one harmonised variable means, and how far its waves can be compared.

    Attributes
    ----------
    name, title, wording : str
        Column name, name in reports, harmonised wording of the question.
    kind : str
        "scale" (ordered answers), "category", "yes_no", "number", "text" or "set".
    answers : tuple of str
        Harmonised answers in the schema's order (scales: most positive first); empty for numbers and text.
    positive : tuple of str
        The answers that count as the favourable share.
    outcome : int or None
        Intended outcome (1-5) that the item speaks to.
    after_attendance : bool
        Whether attending an event may have changed it; such a variable is never an adjuster.
    comparable, reason : mapping of wave to str
        "full", "partial", "none" or "not asked" for each wave, and why.
    """

    name: str
    title: str
    wording: str = ""
    kind: Kind = "category"
    answers: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    outcome: int | None = None
    after_attendance: bool = False
    comparable: Mapping[str, Comparable] = field(default_factory=lambda: MappingProxyType({}))
    reason: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Wave:
    """When and how one wave was collected.

    Attributes
    ----------
    name, title : str
    start, end : date
        First and last day of fieldwork.
    mode : str
    synthetic : bool
        True when the respondents are made up.
    file, sha256 : str
        Name (never the path) and hash of the delivered file.
    """

    name: str
    title: str
    start: dt.date
    end: dt.date
    mode: str = ""
    synthetic: bool = False
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """One step that made weights meet known totals, kept so that variances can account for it.

    Attributes
    ----------
    cell : ndarray of shape (n,), int
        Row of `auxiliary` that holds each respondent's auxiliary values.
    auxiliary : ndarray of shape (cells, p)
        Auxiliary values per cell; all zero for respondents whom the step left alone.
    weight_before : ndarray of shape (n,)
        Weights that the step started from.
    note : str
        What was met, and what was collapsed to meet it, for the weight report.
    """

    cell: IntArray
    auxiliary: FloatArray
    weight_before: FloatArray
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Design:
    """How the respondents were drawn and weighted; n respondents, m primary sampling units.

    Attributes
    ----------
    weight : ndarray of shape (n,)
    stratum : ndarray of shape (n,), int
        Codes 0 to H-1.
    psu : ndarray of shape (n,), int
        Codes 0 to m-1, nested in strata; the row number where every respondent is a PSU.
    sampling_fraction : ndarray of shape (n,)
        Share of the stratum's PSUs that was drawn; 0 without finite population correction.
    calibration : tuple of Calibration
        Steps in the order in which they were taken.
    clustered : bool
        Whether PSUs were recorded; False means one respondent a PSU.
    psu_label, stratum_label : ndarray of shape (m,), (H,), or None
        What the codes stood for, by which the waves of a panel are matched; None where nothing was recorded.
    replicates : ReplicateWeights or None
        Sets of weights that variances are taken from, where there are any.
    """

    weight: FloatArray
    stratum: IntArray
    psu: IntArray
    sampling_fraction: FloatArray
    calibration: tuple[Calibration, ...] = ()
    clustered: bool = False
    replicates: ReplicateWeights | None = None
    psu_label: Labels | None = field(default=None, repr=False)
    stratum_label: Labels | None = field(default=None, repr=False)

    @property
    def psu_count(self) -> int:
        """Number of primary sampling units, m."""
        return self._units.stratum.size

    @property
    def psu_stratum(self) -> IntArray:
        """Stratum code of each PSU, shape (m,)."""
        return self._units.stratum

    @property
    def psu_fraction(self) -> FloatArray:
        """Sampling fraction of each PSU's stratum, shape (m,)."""
        return self._units.fraction

    @property
    def _units(self) -> _Units:
        """Layout of the PSUs, worked out once."""
        known = _LAYOUT.get(self)
        if known is None:
            count = int(self.psu.max()) + 1 if self.psu.size else 0
            known = _Units(np.zeros(count, dtype=np.intp), np.zeros(count))
            known.stratum[self.psu] = self.stratum
            known.fraction[self.psu] = self.sampling_fraction
            _LAYOUT[self] = known
        return known


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """Stratum and sampling fraction of each PSU, shape (m,)."""

    stratum: IntArray
    fraction: FloatArray


# A design never changes, so what follows from a million rows of it need not be worked out for every standard error.
_LAYOUT: WeakKeyDictionary[Design, _Units] = WeakKeyDictionary()


def empty_ledger() -> pd.DataFrame:
    """Return a ledger without rows."""
    return pd.DataFrame({"wave": pd.Series(dtype=str), "reason": pd.Series(dtype=str), "rows": pd.Series(dtype=int)})


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Harmonised answers of n respondents and their design.

    Attributes
    ----------
    answers : DataFrame of n rows
        One column per harmonised variable; missing answers are NaN.
    design : Design
        Weights, strata, PSUs, sampling fractions and calibration steps, rows aligned with `answers`.
    ledger : DataFrame
        wave, reason, rows: delivered rows, rows set aside by reason, rows kept; always adds up.
    missing : DataFrame of n rows
        For each harmonised variable, which kind of missing an empty answer is.
    codebook : mapping of str to Variable
        Meaning of the harmonised variables.
    waves : tuple of Wave
        Where the respondents come from.
    """

    answers: pd.DataFrame
    design: Design
    ledger: pd.DataFrame = field(default_factory=empty_ledger)
    missing: pd.DataFrame = field(default_factory=pd.DataFrame)
    codebook: Mapping[str, Variable] = field(default_factory=lambda: MappingProxyType({}))
    waves: tuple[Wave, ...] = ()

    def __len__(self) -> int:
        return len(self.answers)

    def __repr__(self) -> str:
        names = ", ".join(wave.name for wave in self.waves) or "from a frame"
        mark = ", synthetic respondents" if self.synthetic else ""
        design = self.design
        units = f"{design.psu_count} PSUs" if design.clustered else "one respondent a PSU"
        return f"Sample({names}: {len(self)} respondents, {len(self.answers.columns)} variables, {units}{mark})"

    @property
    def synthetic(self) -> bool:
        """Whether any respondent is made up."""
        return any(wave.synthetic for wave in self.waves)

    @staticmethod
    def from_frame(
        frame: pd.DataFrame,
        *,
        weight: str | None = None,
        stratum: str | None = None,
        psu: str | None = None,
        fpc: str | None = None,
    ) -> Sample:
        """Make a sample of a data frame whose columns are harmonised already.

        Parameters
        ----------
        frame : DataFrame
            One row per respondent; not changed.
        weight, stratum, psu, fpc : str, optional
            Column names. Without a weight every respondent weighs 1; without a PSU every respondent is one.
            `fpc` holds the stratum's PSUs in the population (over 1) or the sampling fraction (up to 1).
            PSU codes that repeat in several strata are separate PSUs.

        Returns
        -------
        Sample
            n respondents with an empty ledger.

        Raises
        ------
        EstimationError
            If a design column is absent, has missing values, a weight is negative, or an fpc is impossible.
        """
        repeated = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
        if repeated:
            msg = f"Cannot make a sample: the columns {repeated} stand twice. Rename or drop one of each."
            raise EstimationError(msg)
        for column in (weight, stratum, psu, fpc):
            _require_complete(frame, column)
        n = len(frame)
        weights = np.ones(n) if weight is None else _weights(frame[weight], weight)
        strata = np.zeros(n, dtype=np.intp) if stratum is None else _codes(frame[stratum])
        units = np.arange(n, dtype=np.intp) if psu is None else _codes(frame[psu])
        units = _nest(strata, units)
        fraction = np.zeros(n) if fpc is None else _fractions(frame[fpc], strata, units)
        design = Design(
            weights,
            strata,
            units,
            fraction,
            clustered=psu is not None,
            psu_label=None if psu is None else _label_of(frame[psu], units),
            stratum_label=None if stratum is None else _label_of(frame[stratum], strata),
        )
        return Sample(frame.reset_index(drop=True), design)

    def with_design(self, design: Design) -> Sample:
        """Return the same respondents under another design."""
        return replace(self, design=design)


def coded(column: pd.Series) -> tuple[IntArray, list[str]]:
    """Codes and names of a column's categories, compared as text (1, 1.0 and "1" are one); -1 where missing.

    Categories keep their order; the values of other columns are sorted.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = np.asarray(column.array.codes, dtype=np.intp)  # cat.codes would build a Series first
        levels = column.cat.categories
    else:
        numbered, levels = pd.factorize(column, sort=True)
        codes = np.asarray(numbered, dtype=np.intp)
    names = [as_text(level) for level in levels]
    merged = list(dict.fromkeys(names))
    if len(merged) < len(names):
        places = np.array([*(merged.index(name) for name in names), -1], dtype=np.intp)
        codes = places[codes]  # -1 takes the last place, which is -1
    return codes, merged


def as_text(level: object) -> str:
    """Write a category as text, 1.0 as "1"."""
    return str(int(level)) if isinstance(level, float) and level.is_integer() else str(level)


def _require_complete(frame: pd.DataFrame, column: str | None) -> None:
    """Refuse an absent design column and one with holes."""
    if column is None:
        return
    if column not in frame.columns:
        msg = f"Cannot make the design: there is no column {column!r}; the frame has {sorted(map(str, frame.columns))}."
        raise EstimationError(msg)
    missing = int(frame[column].isna().sum())
    if missing:
        msg = (
            f"Cannot make the design: column {column!r} is missing in {missing} of {len(frame)} rows. "
            "Every respondent needs one; fill it in or set those rows aside first."
        )
        raise EstimationError(msg)


def _weights(column: pd.Series, name: str) -> FloatArray:
    """Take non-negative finite weights."""
    weights = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    bad = int((~np.isfinite(weights) | (weights < 0)).sum())
    if bad:
        msg = (
            f"Cannot use {name!r} as weight: {bad} of {weights.size} values are negative or not numbers; "
            "weights are 0 or more."
        )
        raise EstimationError(msg)
    return weights


def _codes(column: pd.Series) -> IntArray:
    """Give the values of a column numbers in order of appearance."""
    return np.asarray(pd.factorize(column)[0], dtype=np.intp)


def _label_of(column: pd.Series, codes: IntArray) -> Labels:
    """Value of a column behind each code."""
    first = np.unique(codes, return_index=True)[1]
    return np.asarray(column, dtype=object)[first]


def _nest(stratum: IntArray, psu: IntArray) -> IntArray:
    """Make PSU codes distinct between strata, numbered in order of appearance."""
    if not stratum.any():
        return psu
    return np.asarray(pd.factorize(stratum * (psu.max(initial=0) + 1) + psu)[0], dtype=np.intp)


def _fractions(column: pd.Series, stratum: IntArray, psu: IntArray) -> FloatArray:
    """Turn PSUs in the population, or sampling fractions, into sampling fractions."""
    given: FloatArray = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=float)
    _, first = np.unique(psu, return_index=True)
    drawn = np.bincount(stratum[first])[stratum]
    fraction: FloatArray = np.where(given > 1, drawn / np.maximum(given, 1), given)
    bad = int((~np.isfinite(given) | (fraction < 0) | (fraction > 1 + 1e-12)).sum())
    if bad:
        msg = (
            f"Cannot use {column.name!r} as fpc: in {bad} rows it is no number, negative or below the number of PSUs "
            "drawn. Give the stratum's PSUs in the population (over 1) or the sampling fraction (0 to 1)."
        )
        raise EstimationError(msg)
    strata, start = np.unique(stratum, return_index=True)
    uneven = int((np.abs(given - given[start][np.searchsorted(strata, stratum)]) > 0).sum())
    if uneven:
        msg = (
            f"Cannot use {column.name!r} as fpc: it varies inside a stratum ({uneven} rows differ from the first of "
            "theirs). Give every row of a stratum the same number."
        )
        raise EstimationError(msg)
    return np.minimum(fraction, 1.0)
