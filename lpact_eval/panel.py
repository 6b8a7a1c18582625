"""Who is who in a panel: sampling units of several waves matched by what their columns said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.sample import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import Design, FloatArray, IntArray, Labels

_Name = tuple[str, ...]  # a label; wave and code of a unit without one; either after its stratum's label


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Sampling units that waves share; n respondents of all waves, m units.

    Attributes
    ----------
    stratum, psu : ndarray of shape (n,), int
    sampling_fraction : ndarray of shape (n,)
        The largest of the waves' in each stratum: units lost since were drawn all the same.
    psu_label, stratum_label : ndarray of shape (m,), (H,), or None
        As in `Design`.
    """

    stratum: IntArray
    psu: IntArray
    sampling_fraction: FloatArray
    psu_label: Labels | None
    stratum_label: Labels | None


def match_units(designs: Sequence[Design]) -> Units:
    """Give equal units of several waves equal codes.

    Parameters
    ----------
    designs : sequence of Design
        One per wave.

    Returns
    -------
    Units
        Codes numbered in order of appearance.

    Raises
    ------
    WrongUseError
        If some waves record PSUs or strata and others do not, waves without a PSU column differ in length, no unit
        is in two waves, or a unit changes its stratum.
    """
    _require_alike([design.stratum_label is not None for design in designs], "strata")
    _require_alike([design.clustered for design in designs], "PSUs")
    strata = [_names(design.stratum_label, int(design.stratum.max(initial=-1)) + 1) for design in designs]
    units = [_unit_names(design, wave) for wave, design in enumerate(designs)]
    if not designs[0].clustered:
        _require_equal_length(designs)
    homes = [_homes(design, names) for design, names in zip(designs, strata, strict=True)]
    _refuse_movers(units, homes)
    keys = [_joined(home, names) for home, names in zip(homes, units, strict=True)]
    _refuse_strangers(keys)
    stratum, _ = _coded(strata, [design.stratum for design in designs])
    psu, found = _coded(keys, [design.psu for design in designs])
    fraction = np.concatenate([design.sampling_fraction for design in designs])
    largest = np.zeros(int(stratum.max(initial=-1)) + 1)
    np.maximum.at(largest, stratum, fraction)
    return Units(
        stratum,
        psu,
        largest[stratum],
        _listed([name[1:] for name in found]) if designs[0].clustered else None,
        None
        if designs[0].stratum_label is None
        else _listed(list(dict.fromkeys(name for wave in strata for name in wave))),
    )


def _names(labels: Labels | None, count: int) -> list[_Name]:
    """Names of codes, compared as text; the codes themselves where nothing was recorded."""
    return [(str(code),) for code in range(count)] if labels is None else [(as_text(label),) for label in labels]


def _unit_names(design: Design, wave: int) -> list[_Name]:
    """Names of the PSUs; a unit that the file did not name is met in no other wave."""
    if not design.clustered:
        return [(str(row),) for row in range(design.psu_count)]
    if design.psu_label is None:
        msg = (
            "Cannot stack a panel: a sample no longer holds the names of its PSUs, because it was stacked before. "
            "Stack all waves in one call."
        )
        raise WrongUseError(msg)
    return [
        (str(wave), str(code)) if label is None else (as_text(label),) for code, label in enumerate(design.psu_label)
    ]


def _homes(design: Design, strata: Sequence[_Name]) -> list[_Name]:
    """Name of the stratum of each PSU."""
    return [strata[int(code)] for code in design.psu_stratum]


def _joined(homes: Sequence[_Name], names: Sequence[_Name]) -> list[_Name]:
    """Names of units within their strata."""
    return [home + name for home, name in zip(homes, names, strict=True)]


def _require_alike(recorded: Sequence[bool], what: str) -> None:
    """Refuse a panel in which only some waves record something."""
    if any(recorded) and not all(recorded):
        msg = (
            f"Cannot stack a panel: {sum(recorded)} of {len(recorded)} waves record {what}. "
            "Units are matched by them: give them for every wave, or for none."
        )
        raise WrongUseError(msg)


def _require_equal_length(designs: Sequence[Design]) -> None:
    """Refuse to match by row what differs in length."""
    sizes = [design.weight.size for design in designs]
    if len(set(sizes)) > 1:
        msg = (
            f"Cannot stack a panel: its waves have {sizes} rows and no PSU column, so that nobody can be matched. "
            "Give each sample psu= the column that names the respondent."
        )
        raise WrongUseError(msg)


def _refuse_movers(units: Sequence[Sequence[_Name]], homes: Sequence[Sequence[_Name]]) -> None:
    """Refuse units that are in one stratum of each wave, but not in the same one."""
    single = [_single_homes(names, home) for names, home in zip(units, homes, strict=True)]
    known: dict[_Name, _Name] = {}
    moved = sum(known.setdefault(name, home) != home for wave in single for name, home in wave.items())
    if moved:
        msg = (
            f"Cannot stack a panel: {moved} units are in another stratum than in an earlier wave. "
            "A unit keeps the stratum from which it was drawn; correct the stratum column."
        )
        raise WrongUseError(msg)


def _single_homes(names: Sequence[_Name], homes: Sequence[_Name]) -> dict[_Name, _Name]:
    """Stratum of every name that is in one stratum only."""
    found: dict[_Name, set[_Name]] = {}
    for name, home in zip(names, homes, strict=True):
        found.setdefault(name, set()).add(home)
    return {name: next(iter(strata)) for name, strata in found.items() if len(strata) == 1}


def _refuse_strangers(keys: Sequence[Sequence[_Name]]) -> None:
    """Refuse waves that have no unit in common with any other."""
    if len(keys) > 1 and len({key for wave in keys for key in wave}) == sum(len(wave) for wave in keys):
        msg = (
            "Cannot stack a panel: no PSU is in two waves. Check that the PSU columns name the same units alike, or "
            "leave panel= out for waves drawn independently."
        )
        raise WrongUseError(msg)


def _coded(names: Sequence[Sequence[_Name]], codes: Sequence[IntArray]) -> tuple[IntArray, list[_Name]]:
    """Give names of all waves numbers in order of appearance: codes of the rows, and the names."""
    number: dict[_Name, int] = {}
    for wave in names:
        for name in wave:
            number.setdefault(name, len(number))
    rows = [
        np.array([number[name] for name in wave], dtype=np.intp)[code] for wave, code in zip(names, codes, strict=True)
    ]
    return np.concatenate(rows), list(number)


def _listed(names: Sequence[_Name]) -> Labels:
    """Put names in an array; those that stand for no name are None."""
    listed = np.empty(len(names), dtype=object)
    listed[:] = [name[0] if len(name) == 1 else None for name in names]
    return listed
