"""Waves on top of each other: one sample, in which every comparison of waves is a comparison of domains."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeGuard, TypeVar, cast

import numpy as np
import pandas as pd

from lpact_eval.errors import WrongUseError
from lpact_eval.replicate_weights import stack_replicates
from lpact_eval.sample import Design, Sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.sample import Calibration, Variable

_Said = TypeVar("_Said", bound=str)


def stack(samples: Sequence[Sample], labels: Sequence[str] | None = None, *, panel: bool = False) -> Sample:
    """Put waves on top of each other, each a stratum set of its own, with the column "wave".

    Parameters
    ----------
    samples : sequence of Sample
        One per wave.
    labels : sequence of str, optional
        Names of the waves; by default the names under which they were read.
    panel : bool, default False
        Whether the waves share units, so that covariances between waves count. PSUs are matched by the values of
        their column within strata of the same value; without a PSU column, waves of equal length by row.

    Returns
    -------
    Sample
        All respondents; `wave` is an ordered category in the order given.

    Raises
    ------
    WrongUseError
        If there is no sample, labels are missing, repeated or of another number, or the units of a panel can't be
        matched.
    """
    names = _wave_labels(samples, labels)
    answers = _stack_answers([sample.answers for sample in samples], names)
    missing = [sample.missing.reindex(range(len(sample))) for sample in samples]
    return Sample(
        answers,
        _stack_designs([sample.design for sample in samples], panel=panel),
        pd.concat([sample.ledger for sample in samples], ignore_index=True),
        _union_categories(missing),
        _stack_codebooks(samples, names),
        tuple(wave for sample in samples for wave in sample.waves),
    )


def restacked(stacked: Sample, samples: Sequence[Sample]) -> Sample:
    """Put the same respondents on top of each other under other weights: their answers are stacked already.

    Parameters
    ----------
    stacked : Sample
        The waves as `stack` has put them together.
    samples : sequence of Sample
        The same waves, weighted in another way.

    Returns
    -------
    Sample
    """
    return stacked.with_design(_stack_designs([sample.design for sample in samples], panel=False))


def _wave_labels(samples: Sequence[Sample], labels: Sequence[str] | None) -> list[str]:
    """Take the labels given, else the names of the waves."""
    if not samples:
        raise WrongUseError("Cannot stack: no sample was given; give one or more, as in stack([first, second]).")
    if labels is None and all(len(sample.waves) == 1 for sample in samples):
        labels = [sample.waves[0].name for sample in samples]
    if labels is None or len(labels) != len(samples) or len(set(labels)) != len(labels):
        given = "none" if labels is None else f"{len(labels)} ({len(set(labels))} different)"
        msg = (
            f"Cannot stack {len(samples)} samples: labels given: {given}. "
            "Give one different label per sample, labels=[...]."
        )
        raise WrongUseError(msg)
    return [str(label) for label in labels]


def _stack_answers(frames: Sequence[pd.DataFrame], names: Sequence[str]) -> pd.DataFrame:
    """Stack the answers and add the column "wave"."""
    labelled = np.repeat(np.arange(len(names)), [len(frame) for frame in frames])
    stacked = _union_categories([frame.drop(columns="wave", errors="ignore") for frame in frames])
    stacked["wave"] = pd.Categorical.from_codes(labelled.tolist(), categories=pd.Index(list(names)), ordered=True)
    return stacked


def _union_categories(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate frames, keeping categorical columns categorical."""
    columns = list(dict.fromkeys(column for frame in frames for column in frame.columns))
    return pd.DataFrame(
        {column: _stack_column(frames, column) for column in columns}, index=range(sum(map(len, frames)))
    )


def _stack_column(frames: Sequence[pd.DataFrame], column: str) -> pd.Series | pd.Categorical:
    """Concatenate one column; waves that lack it are missing there."""
    present = [frame[column] for frame in frames if column in frame.columns]
    kinds = [series.dtype for series in present]
    if _alike(kinds):
        codes = [
            np.asarray(frame[column].array.codes) if column in frame.columns else np.full(len(frame), -1, dtype=np.int8)
            for frame in frames
        ]
        return pd.Categorical.from_codes(np.concatenate(codes), dtype=kinds[0])
    if all(isinstance(series.dtype, pd.CategoricalDtype) for series in present):
        categories = list(dict.fromkeys(level for series in present for level in series.cat.categories))
        ordered = all(bool(series.cat.ordered) for series in present) and all(
            [level for level in categories if level in set(series.cat.categories)] == list(series.cat.categories)
            for series in present
        )
        dtype = pd.CategoricalDtype(categories, ordered=ordered)
        parts = [
            frame[column].astype(dtype)
            if column in frame.columns
            else pd.Series(pd.Categorical.from_codes([-1] * len(frame), dtype=dtype))
            for frame in frames
        ]
        return pd.concat(parts, ignore_index=True)
    if all(pd.api.types.is_numeric_dtype(series.dtype) and not _is_bool(series) for series in present):
        numbers = [
            frame[column].to_numpy(dtype=float, na_value=np.nan)
            if column in frame.columns
            else np.full(len(frame), np.nan)
            for frame in frames
        ]
        return pd.Series(np.concatenate(numbers))
    parts = [
        frame[column].astype(object) if column in frame.columns else pd.Series([np.nan] * len(frame), dtype=object)
        for frame in frames
    ]
    return pd.concat(parts, ignore_index=True)


def _alike(kinds: Sequence[object]) -> TypeGuard[Sequence[pd.CategoricalDtype[object]]]:
    """Whether all columns have the same categories in the same order; dtypes without an order are equal in any."""
    if not all(isinstance(kind, pd.CategoricalDtype) for kind in kinds):
        return False
    first, *others = cast("Sequence[pd.CategoricalDtype[object]]", kinds)
    return all(kind.ordered == first.ordered and kind.categories.equals(first.categories) for kind in others)


def _is_bool(series: pd.Series) -> bool:
    """Whether a column holds true and false, which stay categories."""
    return bool(pd.api.types.is_bool_dtype(series.dtype))


def _stack_codebooks(samples: Sequence[Sample], labels: Sequence[str]) -> Mapping[str, Variable]:
    """Join the codebooks; each variable keeps what every wave says of its comparability, under the wave's new name."""
    joined: dict[str, Variable] = {}
    for sample, label in zip(samples, labels, strict=True):
        named = {sample.waves[0].name: label} if len(sample.waves) == 1 else {}
        for name, own in sample.codebook.items():
            variable = replace(own, comparable=_renamed(own.comparable, named), reason=_renamed(own.reason, named))
            known = joined.get(name, variable)
            joined[name] = replace(
                known,
                comparable={**known.comparable, **variable.comparable},
                reason={**known.reason, **variable.reason},
            )
    return joined


def _renamed(said: Mapping[str, _Said], named: Mapping[str, str]) -> dict[str, _Said]:
    """Put what waves say under their new names."""
    return {named.get(wave, wave): text for wave, text in said.items()}


def _stack_designs(designs: Sequence[Design], *, panel: bool) -> Design:
    """Make strata and PSUs distinct per wave; in a panel PSU codes are shared."""
    if panel:
        return _stack_panel(designs)
    sizes = [design.weight.size for design in designs]
    psu_start = np.cumsum([0, *(design.psu_count for design in designs)])
    stratum_start = np.cumsum([0, *(int(design.stratum.max(initial=-1)) + 1 for design in designs)])
    return Design(
        np.concatenate([design.weight for design in designs]),
        np.concatenate([design.stratum + start for design, start in zip(designs, stratum_start, strict=False)]),
        np.concatenate([design.psu + start for design, start in zip(designs, psu_start, strict=False)]),
        np.concatenate([design.sampling_fraction for design in designs]),
        _stack_calibrations(designs, sizes),
        clustered=any(design.clustered for design in designs),
        replicates=stack_replicates([design.replicates for design in designs], panel=False),
    )


def _stack_panel(designs: Sequence[Design]) -> Design:
    """Share strata and PSUs between the waves of a panel."""
    from lpact_eval.panel import match_units  # noqa: PLC0415 - few surveys ask the same people again

    sizes = [design.weight.size for design in designs]
    units = match_units(designs)
    return Design(
        np.concatenate([design.weight for design in designs]),
        units.stratum,
        units.psu,
        units.sampling_fraction,
        _stack_calibrations(designs, sizes),
        clustered=True,
        psu_label=units.psu_label,
        stratum_label=units.stratum_label,
        replicates=stack_replicates([design.replicates for design in designs], panel=True),
    )


def _stack_calibrations(designs: Sequence[Design], sizes: Sequence[int]) -> tuple[Calibration, ...]:
    """Extend each wave's steps to all rows; other waves' rows have auxiliaries of zero."""
    total = sum(sizes)
    steps: list[Calibration] = []
    start = 0
    for design, size in zip(designs, sizes, strict=True):
        for step in design.calibration:
            cell = np.full(total, step.auxiliary.shape[0], dtype=np.intp)
            cell[start : start + size] = step.cell
            before = np.zeros(total)
            before[start : start + size] = step.weight_before
            auxiliary = np.vstack([step.auxiliary, np.zeros(step.auxiliary.shape[1])])
            steps.append(replace(step, cell=cell, laid_out=auxiliary, weight_before=before))
        start += size
    return tuple(steps)
