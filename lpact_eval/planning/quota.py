"""Whom to reach: quotas by group and what they cost, and whether they can be had."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.allocation import Allocation, design_effect, require_allocation
from lpact_eval.planning.nested import (
    Cell,
    Cells,
    as_cell,
    by_cell,
    population_shares,
    require_floors,
    require_known,
    shown,
    split,
    without_limits,
)
from lpact_eval.planning.plan import require_at_least, require_inside, require_whole
from lpact_eval.planning.wording import people

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["quota_sentences", "quotas"]

Key = str | tuple[str, ...]
NOT_A_WEIGHT = (
    "A quota is not a weight: respondents who fill one are still volunteers, and every group still has to be weighted "
    "to its population."
)


def quotas(  # noqa: PLR0913 - the contract's three, the rules of sharing out, and what can be had
    total: int,
    shares: Mapping[str, float] | Mapping[tuple[str, ...], float],
    *,
    floors: Mapping[str, int] | Mapping[Key, int] | None = None,
    allocation: Allocation = "proportional",
    exponent: float = 0.5,
    spread: Mapping[str, float] | Mapping[Key, float] | None = None,
    cost: Mapping[str, float] | Mapping[Key, float] | None = None,
    available: Mapping[str, float] | Mapping[tuple[str, ...], float] | None = None,
    response: float | Mapping[str, float] | Mapping[Key, float] = 1.0,
    by: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Share out a sample over groups, with floors for the groups that matter most.

    Parameters
    ----------
    total : int
        Respondents in all.
    shares : mapping of str, or of tuples of str, to float
        Shares of the population, or persons; only their proportions count. Tuples nest quotas, the outer group first:
        `("Black", "Leicester")`. The sample is shared out over the outer groups, and each group's whole number over
        what lies within it.
    floors : mapping, optional
        Least respondents of a group, a cell `("Black", "Leicester")` or an outer group `"Black"`; what is left is
        shared out over the groups above their floor.
    allocation : {"proportional", "equal", "power", "neyman"}
        What the groups' parts are proportional to: their shares N; nothing; N to the power `exponent`, between the
        two; or N S / sqrt(c), which estimates the whole most precisely at a given cost. "equal" and "power" share out
        the outer groups; within a group the parts are proportional.
    exponent : float, default 0.5
        Of "power", 0 (equal) to 1 (proportional).
    spread, cost : mapping, optional
        Standard deviation S of an answer and cost c of a respondent in a group, for "neyman"; 1 where not given.
    available : mapping, optional
        Persons of a group, or of each cell, who can be approached; a group that isn't listed has no end of them.
    response : float or mapping, default 1
        Share of those approached who answer, for all or a group.
    by : sequence of str, optional
        Variables that nested quotas run over, such as ethnicity and area; needed where `shares` has tuples.

    Returns
    -------
    DataFrame
        category, share, floor, proportional (the quota without floors), exact (the part before rounding, within the
        whole number of the outer group), quota (adds up to `total`), weight (what each respondent counts in an
        all-groups figure, mean 1) and design_effect (what these weights cost such a figure; the same in every row,
        over the groups that have a quota). Nested: also a column for each variable and design_effect_<variable>, what
        the weights cost a figure for the row's category of that variable; with quotas that aren't nested that is 1.
        With `available`: reachable (respondents that a group can be expected to bring), feasible (whether the quota
        is within that), feasible_quota (the nearest quotas that are; they add up to the total or to all that can be
        had) and design_effect_feasible.

    Raises
    ------
    WrongUseError
        If the floors add up to more than the total, name an unknown group, or a number is out of its range.

    Notes
    -----
    Rounded by largest remainder. A quota is not a weight: respondents who fill one are still volunteers. The design
    effect is Kish's, 1 + the squared coefficient of variation of the weights.

    References
    ----------
    Cochran (1977), *Sampling Techniques*, sec. 5.5; Bankier (1988), *The American Statistician* 42, 174-177; Kish
    (1992), *Journal of Official Statistics* 8, 183-200.
    """
    total = require_whole("total", total, 1)
    require_allocation(allocation)
    names, population = _read_shares(shares, by)
    least = require_floors({as_cell(key): floor for key, floor in (floors or {}).items()}, population)
    asked = Cells(
        population,
        least,
        _reachable(population, available, response),
        allocation,
        float(exponent) if exponent in {0, 1} else require_inside("exponent", exponent, 0, 1),
        _values(population, allocation, spread, cost),
    )
    free = without_limits(asked)
    if free.least(()) > total:
        msg = (
            f"Cannot share out {total} respondents: the floors add up to {free.least(())}. "
            "Raise the total or lower a floor."
        )
        raise WrongUseError(msg)
    frame = _frame(total, free, names)
    return frame if available is None else _with_feasible(frame, total, asked)


def quota_sentences(table: pd.DataFrame) -> tuple[str, ...]:
    """Say in plain English what quotas plan, cost and ask too much of.

    Parameters
    ----------
    table : DataFrame
        What `quotas` returned.

    Returns
    -------
    tuple of str
        The quotas, their design effect, what can't be had and what can instead, and that a quota is not a weight.
    """
    total = int(table["quota"].sum())
    listed = "; ".join(f"{row['category']} {int(row['quota']):,}" for _, row in table.iterrows())
    effect = float(table["design_effect"].iloc[0])
    sentences = [
        f"{people(total)} respondents are shared out: {listed}.",
        (
            f"Weighting them back to the population gives an all-groups figure a design effect of {effect:.2f}: it is "
            f"as precise as one from a simple random sample of {round(total / effect):,}."
        ),
    ]
    if "feasible" in table and not bool(table["feasible"].all()):
        sentences.append(_infeasible(table))
    return (*sentences, NOT_A_WEIGHT)


def _infeasible(table: pd.DataFrame) -> str:
    """Say which quotas can't be had, and what can."""
    short = table[~table["feasible"]]
    wanted = " and ".join(
        f"{row['category']} {int(row['quota']):,}, of whom {int(row['reachable']):,} can be expected to answer"
        for _, row in short.iterrows()
    )
    instead = "; ".join(f"{row['category']} {int(row['feasible_quota']):,}" for _, row in table.iterrows())
    return f"Not feasible: {wanted}. Feasible is {people(float(table['feasible_quota'].sum()))} in all: {instead}."


def _read_shares(
    shares: Mapping[str, float] | Mapping[tuple[str, ...], float], by: Sequence[str] | None
) -> tuple[list[str], dict[Cell, float]]:
    """Read the groups and the variables that they nest in."""
    if not isinstance(cast("object", shares), Mapping):
        msg = "Cannot share out quotas: give groups with their shares or persons, as in {'Black': 0.03, 'White': 0.9}."
        raise WrongUseError(msg)
    cells = {as_cell(key): share for key, share in shares.items()}
    depths = {len(cell) for cell in cells}
    if len(depths) > 1 or 0 in depths:
        msg = f"Cannot nest quotas with keys of {sorted(depths)} parts: give every cell a group of each variable."
        raise WrongUseError(msg)
    names = [by] if isinstance(by, str) else list(by or ())
    nested = depths != {1} and bool(depths)
    if nested and len(names) != max(depths):
        msg = f"Cannot nest quotas with by={by!r}: name the {max(depths)} variables of the keys, the outer first."
        raise WrongUseError(msg)
    return (names if nested else []), population_shares(cells)


def _reachable(
    shares: Mapping[Cell, float],
    available: Mapping[str, float] | Mapping[tuple[str, ...], float] | None,
    response: float | Mapping[str, float] | Mapping[Key, float],
) -> dict[Cell, float]:
    """Return how many respondents each cell can be expected to bring, in whole persons."""
    persons = _numbers("available", available, shares, leading=False)
    rates = response if isinstance(response, Mapping) else dict.fromkeys(shares, response)
    known = _numbers("response", rates, shares, leading=True)
    for cell, rate in known.items():
        require_inside(f"response of {shown(cell)}", rate, 0, 1 + 1e-12)
    return {
        cell: float(math.floor(persons[cell] * by_cell(known, cell, 1.0) + 1e-9)) if cell in persons else math.inf
        for cell in shares
    }


def _values(
    shares: Mapping[Cell, float],
    allocation: Allocation,
    spread: Mapping[str, float] | Mapping[Key, float] | None,
    cost: Mapping[str, float] | Mapping[Key, float] | None,
) -> dict[Cell, float]:
    """Return S / sqrt(c) of every cell."""
    if allocation != "neyman":
        if spread is not None or cost is not None:
            msg = f'Cannot share out by {allocation!r} with spread or cost: they belong to allocation="neyman".'
            raise WrongUseError(msg)
        return {}
    if spread is None and cost is None:
        raise WrongUseError('Cannot share out by "neyman": give spread, cost or both by group.')
    deviation = _numbers("spread", spread, shares, leading=True)
    price = _numbers("cost", cost, shares, leading=True)
    for cell, one in price.items():
        require_inside(f"cost of {shown(cell)}", one, 0, math.inf)
    return {cell: by_cell(deviation, cell, 1.0) / math.sqrt(by_cell(price, cell, 1.0)) for cell in shares}


def _numbers(
    what: str,
    given: Mapping[str, float] | Mapping[Key, float] | Mapping[Cell, float] | None,
    shares: Mapping[Cell, float],
    *,
    leading: bool,
) -> dict[Cell, float]:
    """Check numbers that were given by group."""
    numbers = {as_cell(key): number for key, number in (given or {}).items()}
    require_known(what, set(numbers), shares, leading=leading)
    return {cell: require_at_least(f"{what} of {shown(cell)}", number, 0) for cell, number in numbers.items()}


def _frame(total: int, cells: Cells, names: Sequence[str]) -> pd.DataFrame:
    """Lay the quotas out with the weights and the design effects that they cause."""
    import pandas as pd  # noqa: PLC0415 - help is shown without pandas, which is slow to load

    exact, quota = split(total, cells)
    listed = list(cells.shares)
    columns: dict[str, list[object]] = {name: [cell[place] for cell in listed] for place, name in enumerate(names)}
    columns["category"] = [shown(cell) for cell in listed]
    columns["share"] = list(cells.shares.values())
    columns["floor"] = [cells.floors.get(cell, 0) for cell in listed]
    columns["proportional"] = [total * share for share in cells.shares.values()]
    columns["exact"] = [exact[cell] for cell in listed]
    columns["quota"] = [quota[cell] for cell in listed]
    columns["weight"] = [
        share * total / quota[cell] if quota[cell] else math.nan for cell, share in cells.shares.items()
    ]
    columns["design_effect"] = [design_effect(quota, cells.shares)] * len(listed)
    for place, name in enumerate(names):
        effects = {
            group: design_effect({cell: size for cell, size in quota.items() if cell[place] == group}, cells.shares)
            for group in {cell[place] for cell in listed}
        }
        columns[f"design_effect_{name}"] = [effects[cell[place]] for cell in listed]
    return pd.DataFrame(columns)


def _with_feasible(frame: pd.DataFrame, total: int, cells: Cells) -> pd.DataFrame:
    """Add what can be had, and the nearest quotas within it."""
    reachable = [cells.reachable[cell] for cell in cells.shares]
    within = int(min(total, cells.most(())))
    quota = split(within, cells)[1] if within else dict.fromkeys(cells.shares, 0)
    return frame.assign(
        reachable=reachable,
        feasible=frame["quota"] <= reachable,
        feasible_quota=[quota[cell] for cell in cells.shares],
        design_effect_feasible=design_effect(quota, cells.shares),
    )
