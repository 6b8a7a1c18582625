"""How many people of each group a second wave asks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.plan import require_whole
from lpact_eval.planning.quota import quotas

if TYPE_CHECKING:
    from collections.abc import Sequence

Size = int | Mapping[str, int]


def second_waves(
    sizes: Sequence[Size], respondents: Mapping[str, int], group: str | None
) -> tuple[Mapping[str, int], ...]:
    """Say for every size of the second wave how many people of each group are asked.

    Parameters
    ----------
    sizes : sequence of int, or of mapping of str to int
        A number is of the group asked about, beside as many of the others as before; without such a group, of all,
        shared out as before. A mapping is by group; groups that it leaves out are as large as before.
    respondents : mapping of str to int
        Respondents of the first wave.
    group : str or None

    Returns
    -------
    tuple of mapping of str to int

    Raises
    ------
    WrongUseError
        If a size is no whole number of at least 1 or names an unknown group.
    """
    return tuple(MappingProxyType(_one(size, respondents, group)) for size in sizes)


def _one(size: Size, respondents: Mapping[str, int], group: str | None) -> dict[str, int]:
    """Share out one wave."""
    if isinstance(size, Mapping):
        unknown = sorted(set(size) - set(respondents))
        if unknown:
            msg = f"Cannot simulate a wave of {unknown}: groups are {list(respondents)}."
            raise WrongUseError(msg)
        return {name: require_whole("n_second", size.get(name, n), 1) for name, n in respondents.items()}
    people = require_whole("n_second", size, 1)
    if group is not None:
        return {**respondents, group: people}
    table = quotas(people, {name: float(n) for name, n in respondents.items()})
    shared = dict(zip(table["category"].astype(str), table["quota"].astype(int), strict=True))
    if min(shared.values()) < 1:
        msg = f"Cannot share out n_second={people} over {len(shared)} groups: some would have nobody. Ask more people."
        raise WrongUseError(msg)
    return {name: int(shared[name]) for name in respondents}
