"""Respondents and how they came to be: answers, design, and what was set aside on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lpact_eval.design_columns import codes_of, fractions_of, label_of, nested, require_complete, weights_of
from lpact_eval.errors import EstimationError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.replicate_weights import ReplicateWeights

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]
Labels = NDArray[np.object_]

Kind = Literal["scale", "category", "yes_no", "number", "text", "set"]
Comparable = Literal["full", "partial", "none", "not asked"]
Distance = Literal["", "raking", "linear", "logit", "trim"]

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


@dataclass(frozen=True, slots=True)
class Met:
    """One category of a margin, before and after a calibration step.

    Attributes
    ----------
    group : str
        Category of the step's `within` variable; empty without one.
    variable, category : str
        Several variables or categories are joined by " and "; the category of a number is empty.
    target : float
        Persons in the population, or the number's total.
    before, after : float
        Weighted persons with an answer, scaled to the target's total over all categories.
    """

    group: str
    variable: str
    category: str
    target: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Trimming:
    """Between what multiples of the mean weight a step kept the weights, and how.

    Attributes
    ----------
    low, high : float
        Lowest and highest weight over the mean of its group; 0 and infinity without a bound.
    spread : str
        Where the excess went: "proportional" or "equal" to the others, "margins" so that margins stay met.
    strict : bool
        Whether the step went on until every weight lay inside.
    """

    low: float
    high: float
    spread: Literal["proportional", "equal", "margins"] = "proportional"
    strict: bool = True


@dataclass(frozen=True, eq=False)
class Calibration:
    """One step that made weights meet known totals, kept so that variances can account for it.

    Attributes
    ----------
    cell : ndarray of shape (n,), int
        Row of `auxiliary` that holds each respondent's auxiliary values.
    laid_out : ndarray of shape (cells, p), or function that makes it
        Auxiliary values per cell; all zero for respondents whom the step left alone; without columns for a trimming.
        Read it as `auxiliary`: weights are made far more often than their variances are asked for.
    weight_before : ndarray of shape (n,)
        Weights that the step started from; for a trimming 0 where the step left respondents alone.
    note : str
        What was met, and what was collapsed to meet it, for the weight report.
    distance : str
        "raking", "linear", "logit" or "trim"; empty where the weights came with the file and it is not known.
    bounds : tuple of two floats, or None
        Lowest and highest ratio of new to old weight; for "trim" multiples of the mean weight.
    within : str
        Variable in whose categories the step was taken one by one; empty without one.
    iterations : int
        Steps until the totals were met, the most that any group took.
    met : sequence of Met
        Every category that had to be met, before and after.
    trimmed : float
        Share of the total weight that trimming moved.
    trimming : Trimming or None
        Limits of the weights themselves, where the step had any.
    scaled : bool
        Whether weights before the step were scaled to the population's total before bounds were counted.
    """

    cell: IntArray
    laid_out: FloatArray | Callable[[], FloatArray]
    weight_before: FloatArray
    note: str = ""
    distance: Distance = ""
    bounds: tuple[float, float] | None = None
    within: str = ""
    iterations: int = 0
    met: Sequence[Met] = ()
    trimmed: float = 0.0
    trimming: Trimming | None = None
    scaled: bool = False

    @cached_property
    def auxiliary(self) -> FloatArray:
        """Auxiliary values per cell, shape (cells, p)."""
        return self.laid_out() if callable(self.laid_out) else self.laid_out


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


@cache
def _no_rows() -> pd.DataFrame:
    """Make a ledger without rows, once for the many small samples of the records."""
    return pd.DataFrame({"wave": pd.Series(dtype=str), "reason": pd.Series(dtype=str), "rows": pd.Series(dtype=int)})


def empty_ledger() -> pd.DataFrame:
    """Return a ledger without rows."""
    return _no_rows().copy()


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
            require_complete(frame, column)
        n = len(frame)
        weights = np.ones(n) if weight is None else weights_of(frame[weight], weight)
        strata = np.zeros(n, dtype=np.intp) if stratum is None else codes_of(frame[stratum])
        units = np.arange(n, dtype=np.intp) if psu is None else codes_of(frame[psu])
        units = nested(strata, units)
        fraction = np.zeros(n) if fpc is None else fractions_of(frame[fpc], strata, units)
        design = Design(
            weights,
            strata,
            units,
            fraction,
            clustered=psu is not None,
            psu_label=None if psu is None else label_of(frame[psu], units),
            stratum_label=None if stratum is None else label_of(frame[stratum], strata),
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
        levels = column.array.categories
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
