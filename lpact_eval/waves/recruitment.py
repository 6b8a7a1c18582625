"""The design as delivered: weights, strata and sampling units from the columns that wave.toml names."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from lpact_eval.errors import HarmonisationError, WeightingError
from lpact_eval.sample import BoolArray, Design, FloatArray, IntArray, Labels, Sample
from lpact_eval.waves.definition import WaveDefinition
from lpact_eval.waves.delivered import Delivered, as_number


@dataclass(frozen=True, slots=True, eq=False)
class DesignData:
    """Delivered design of all n rows.

    Attributes
    ----------
    weight : ndarray of shape (n,) or None
        NaN where it is missing.
    stratum, psu : ndarray of shape (n,) or None
        Codes; -1 where missing, or declared so by the file.
    used : frozenset of str
        Delivered columns that hold them.
    stratum_texts, psu_texts : tuple of str
        What the codes stand for.
    """

    weight: FloatArray | None = field(default=None, repr=False)
    stratum: IntArray | None = field(default=None, repr=False)
    psu: IntArray | None = field(default=None, repr=False)
    used: frozenset[str] = frozenset()
    stratum_texts: tuple[str, ...] = field(default=(), repr=False)
    psu_texts: tuple[str, ...] = field(default=(), repr=False)


def read_design(delivered: Delivered, definition: WaveDefinition) -> DesignData:
    """Take weight, stratum and sampling unit from the delivered columns that the definition names.

    Raises
    ------
    HarmonisationError
        If a column is absent, or a weight is negative or no number.
    """
    named = {"weight": definition.design.weight, "stratum": definition.design.stratum, "psu": definition.design.psu}
    columns = {
        part: delivered.column(name, where=definition.wave_file.at("design", part))
        for part, name in named.items()
        if name
    }
    return DesignData(
        _weights(delivered, definition) if "weight" in columns else None,
        columns["stratum"].present() if "stratum" in columns else None,
        columns["psu"].present() if "psu" in columns else None,
        frozenset(column.name for column in columns.values()),
        columns["stratum"].texts if "stratum" in columns else (),
        columns["psu"].texts if "psu" in columns else (),
    )


def make_design(data: DesignData, kept: BoolArray) -> Design:
    """Make the design of the rows kept; a row without a sampling unit is a unit of its own."""
    rows = int(kept.sum())
    frame = pd.DataFrame({"weight": np.ones(rows) if data.weight is None else data.weight[kept]})
    if data.stratum is not None:
        frame["stratum"] = data.stratum[kept]
    if data.psu is not None:
        units = data.psu[kept]
        frame["psu"] = np.where(units < 0, len(data.psu_texts) + np.arange(rows), units)
    has = {part: part if part in frame else None for part in ("stratum", "psu")}
    design = Sample.from_frame(frame, weight="weight", **has).design
    return replace(
        design,
        psu_label=_texts(design.psu_label, data.psu_texts),
        stratum_label=_texts(design.stratum_label, data.stratum_texts),
    )


def as_declared(sample: Sample, definition: WaveDefinition) -> Sample:
    """Declare delivered weights raked to the margins that the definition names, so that variances credit it."""
    design = definition.design
    if not design.raked_to:
        return sample
    from lpact_eval.weighting.declare import declare_raked  # noqa: PLC0415 - few waves come with such weights

    try:
        return declare_raked(sample, design.raked_to, within=design.raked_within or None)
    except WeightingError as error:
        msg = f"{definition.wave_file.at('design', 'raked_to')}: {error}"
        raise WeightingError(msg) from None


def _texts(codes: Labels | None, texts: tuple[str, ...]) -> Labels | None:
    """Delivered texts behind codes; none for a row that is a unit of its own."""
    if codes is None:
        return None
    return np.array([texts[code] if code < len(texts) else None for code in codes], dtype=object)


def _weights(delivered: Delivered, definition: WaveDefinition) -> FloatArray:
    """Read weights; empty cells and codes declared as missing are missing."""
    where = definition.wave_file.at("design", "weight")
    column = delivered.column(definition.design.weight, where=where)
    numbers = [np.nan if text in column.declared_missing else as_number(text) for text in column.texts]
    wrong = [number is None or number < 0 for number in numbers]
    if any(wrong):
        rows = int(column.counts()[np.array(wrong)].sum())
        msg = (
            f"{where}: {rows} rows of the weight column {column.name!r} hold no number or a negative one; weights are "
            "0 or more, and an empty cell sets its row aside. Correct the file or name another column."
        )
        raise HarmonisationError(msg)
    return np.array([*numbers, np.nan], dtype=float)[column.codes]
