"""Entropy balancing: one wave or group made to look like another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.errors import WeightingError, WrongUseError
from lpact_eval.sample import as_text
from lpact_eval.weighting.blocks import Number, block_of, categories_of
from lpact_eval.weighting.cells import coded_column, coded_numbers, tabulate
from lpact_eval.weighting.margins import Target
from lpact_eval.weighting.rake import check_unknown, groups_of
from lpact_eval.weighting.step import Manner, take_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.sample import FloatArray, IntArray, Sample
    from lpact_eval.weighting.blocks import Block, Unknown
    from lpact_eval.weighting.cells import Cells


def balance(
    sample: Sample,
    toward: object,
    variables: str | Sequence[str],
    *,
    group: str,
    within: str | None = None,
    squares: bool = False,
    collapse: int = 0,
    unknown: Unknown = "keep",
) -> Sample:
    """Weight the other levels of a group so that they look like one of them.

    Parameters
    ----------
    sample : Sample
        n respondents, such as stacked waves.
    toward : str
        Level of `group` that the others shall look like; its weights stay as they are.
    variables : str or sequence of str
        What shall look alike: the shares of each category, the mean of a number.
    group : str
        Variable whose levels are compared, such as "wave" or "attended".
    within : str, optional
        Balance inside each category of this variable, such as the ethnic group.
    squares : bool, default False
        Whether numbers shall have the same variance too.
    collapse, unknown
        As for `rake`.

    Returns
    -------
    Sample
        Same respondents; every level keeps the total of its weights. Respondents without a group are left alone.
        One more calibration step, whose totals count as known: Taylor and CR2 variances are those of a calibration to
        known totals, as in R. `replicate(sample, reweight=...)` with a function that balances takes the target anew
        in each replicate.

    Raises
    ------
    WrongUseError
        If `group`, `within` or the level does not exist, or `unknown` is something else.
    WeightingError
        If a level can't look like `toward`: a category that only one of them has, or a target outside what its
        respondents answered; the message names the variable.

    Notes
    -----
    Minimises sum w log(w / d), which is calibration by the raking distance to the weighted shares and means of
    `toward`. To balance toward a population, use `rake` or `calibrate`.

    References
    ----------
    Hainmueller (2012), *Political Analysis* 20, 25-46, eq. 4-8; Deville & Särndal (1992), *JASA* 87, 376-382, case 2.
    """
    names = [variables] if isinstance(variables, str) else list(variables)
    _check_use(sample, group, within, names)
    check_unknown(unknown, "balance")
    columns = {name: coded_column(sample, name) for name in (group, within) if name is not None}
    columns |= {
        name: coded_numbers(sample, name, "balance") if _is_number(sample, name) else coded_column(sample, name)
        for name in names
    }
    cells = tabulate(columns, sample.design.weight, "balance")
    level = as_text(toward)
    levels = columns[group].names
    if level not in levels:
        msg = f"Cannot balance toward {level!r}: {group!r} has {list(levels)}."
        raise WrongUseError(msg)
    codes = cells.level[group]
    blocks = [
        _block(sample, cells, task, settings=(names, squares, collapse, unknown))
        for part, rows in groups_of(cells, within)
        for task in _tasks(cells, rows, (group, level), (within, part))
        if (codes[task.others] >= 0).any()
    ]
    return take_step(sample, cells, blocks, Manner("raking", within=within or group))


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """One level to be made to look like another.

    Attributes
    ----------
    name, words : str
        Of the group that is weighted, and of what is done, for messages.
    level, toward : str
    others, target : ndarray, int
        Cells that are weighted and cells that give the target.
    """

    name: str
    words: str
    level: str
    toward: str
    others: IntArray
    target: IntArray


def _check_use(sample: Sample, group: str, within: str | None, names: Sequence[str]) -> None:
    """Refuse columns that do not exist, and a group balanced on itself."""
    found = sorted(map(str, sample.answers.columns))
    for name in [group, *([within] if within else []), *names]:
        if name not in sample.answers.columns:
            msg = f"Cannot balance: there is no {name!r}; the sample has {found}."
            raise WrongUseError(msg)
    if not names or group in names or within in names or group == within:
        msg = f"Cannot balance {group!r} on {list(names)}: give one or more variables other than the group's own."
        raise WrongUseError(msg)


def _is_number(sample: Sample, name: str) -> bool:
    """Whether a variable is met by its mean rather than by shares."""
    column = sample.answers[name]
    return bool(pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype))


def _tasks(cells: Cells, inside: IntArray, group: tuple[str, str], within: tuple[str | None, str]) -> list[_Task]:
    """Every level but the target's, inside one category of `within`."""
    name, toward = group
    variable, part = within
    codes = cells.level[name][inside]
    names = cells.columns[name].names
    target = inside[codes == names.index(toward)]
    where = f" within {variable} = {part!r}" if variable else ""
    tasks: list[_Task] = []
    for code, level in enumerate(names):
        others = inside[codes == code]
        if level == toward or not others.size:
            continue
        words = f"balance {level!r} toward {toward!r}{where}"
        if cells.mass[target].sum() <= 0:
            msg = f"Cannot {words}: {toward!r} has no respondents of any weight there. Leave the group out."
            raise WeightingError(msg)
        tasks.append(_Task(f"{part}, {level}" if part else level, words, level, toward, others, target))
    return tasks


def _block(sample: Sample, cells: Cells, task: _Task, *, settings: tuple[Sequence[str], bool, int, Unknown]) -> Block:
    """Turn the target's shares and means into totals of the level that is weighted."""
    names, squares, collapse, unknown = settings
    numbers = [name for name in names if cells.columns[name].numbers is not None]
    targets = [_shares(cells, task, name) for name in names if name not in numbers]
    terms, notes = categories_of(sample, cells, task.others, targets, group=task.name, collapse=collapse)
    for term in terms:
        _require_target(term.target, task)
    alike = f"{task.name}: balanced toward {task.toward} on {', '.join(names)}"
    return block_of(
        cells,
        task.others,
        [*terms, *(_moments(cells, task, name, squares=squares) for name in numbers)],
        float(cells.mass[task.others].sum()),
        names=(task.name, task.words),
        notes=[alike, *notes],
        unknown=unknown,
    )


def _shares(cells: Cells, task: _Task, name: str) -> Target:
    """Weighted persons of the target by category, for every category that one of the two has."""
    names = cells.columns[name].names
    codes = cells.level[name]
    mass = np.bincount(codes[task.target] + 1, cells.mass[task.target], minlength=len(names) + 1)[1:]
    if mass.sum() <= 0:
        raise WeightingError(_unanswered(task, name))
    present = set(codes[task.others].tolist()) | set(np.flatnonzero(mass).tolist())
    kept = [code for code in range(len(names)) if code in present]
    categories = tuple(names[code] for code in kept)
    counts = tuple(float(mass[code]) for code in kept)
    return Target((name,), categories, counts, task.words, tuple((category,) for category in categories))


def _require_target(target: Target, task: _Task) -> None:
    """Refuse categories that only the weighted level has: their weights would have to be 0."""
    absent = [name for name, mass in zip(target.categories, target.counts, strict=True) if mass <= 0]
    if absent:
        msg = (
            f"Cannot {task.words} on {target.title}: {', '.join(map(repr, absent))} has respondents in {task.level!r} "
            f"and none of any weight in {task.toward!r}. Merge it with a neighbouring category, or leave "
            f"{target.title} out."
        )
        raise WeightingError(msg)


def _moments(cells: Cells, task: _Task, name: str, *, squares: bool) -> Number:
    """Weighted mean, and mean squared deviation, of the target's numbers."""
    values = cells.columns[name].numbers
    found = np.full(cells.mass.size, np.nan) if values is None else values[cells.level[name]]
    theirs, mass = found[task.target], cells.mass[task.target]
    mass = np.where(np.isnan(theirs), 0.0, mass)
    if mass.sum() <= 0:
        raise WeightingError(_unanswered(task, name))
    mean = float(mass @ np.nan_to_num(theirs) / mass.sum())
    square = float(mass @ np.nan_to_num(theirs - mean) ** 2 / mass.sum())
    number = Number(name, found[task.others], mean, square=square if squares else None)
    _require_around(number, cells.mass[task.others], task)
    return number


def _require_around(number: Number, mass: FloatArray, task: _Task) -> None:
    """Refuse a mean outside what the weighted level answered; no weights could reach it."""
    answered = (number.known > 0) & (mass > 0)
    own = number.numbers[answered]
    if not own.size:
        raise WeightingError(_unanswered(task, number.name, task.level))
    if own.min() < number.aim < own.max() or (own == number.aim).all():
        return
    msg = (
        f"Cannot {task.words} on {number.name!r}: its mean in {task.toward!r} lies outside what the respondents of "
        f"{task.level!r} answered, so no weights reach it. Leave {number.name!r} out, or compare fewer people."
    )
    raise WeightingError(msg)


def _unanswered(task: _Task, name: str, level: str = "") -> str:
    """Say that nobody of a level answered."""
    return f"Cannot {task.words} on {name!r}: nobody in {(level or task.toward)!r} has an answer. Leave {name!r} out."
