"""Post-stratification: weights that meet the counts of one variable, or of the combinations of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lpact_eval.weighting.blocks import block_of, categories_of
from lpact_eval.weighting.margins import targets_of
from lpact_eval.weighting.rake import cells_of, check_unknown, common_total, groups_of
from lpact_eval.weighting.step import Manner, take_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.sample import Sample
    from lpact_eval.weighting.blocks import Unknown
    from lpact_eval.weighting.margins import Margins

_TASK = "post-stratify"


def post_stratify(
    sample: Sample,
    variables: str | Sequence[str],
    counts: Mapping[str, float] | Mapping[tuple[str, ...], float],
    *,
    collapse: int = 0,
    unknown: Unknown = "keep",
) -> Sample:
    """Give weights that add up to the population in every category, or combination of categories.

    Parameters
    ----------
    sample : Sample
        n respondents; inside a category their weights keep their proportions.
    variables : str or sequence of str
    counts : mapping of category to persons
        Tuples of categories for several variables, in the order of `variables`.
    collapse : int, default 0
        Merge categories with fewer respondents than this, as `rake` does.
    unknown : str, default "keep"
        As for `rake`: respondents without an answer keep their weight, scaled to the population, the shares being met
        among those with one; or "leave out".

    Returns
    -------
    Sample
        Same respondents, new weights, one more calibration step.

    Raises
    ------
    WeightingError
        If a category has no respondents or no population, or starting weights are negative or missing.
    WrongUseError
        If `unknown` is something else.

    Notes
    -----
    Raking on one margin, which every distance of calibration meets by the same weights.

    References
    ----------
    Holt & Smith (1979), *J. Royal Statistical Society A* 142, 33-46; Deville & Särndal (1992), *JASA* 87, sec. 4.
    """
    check_unknown(unknown, _TASK)
    names = (variables,) if isinstance(variables, str) else tuple(variables)
    keyed = {(key if isinstance(key, tuple) else (key,)): persons for key, persons in counts.items()}
    margins: Margins = {names: keyed}
    cells = cells_of(sample, margins, None, _TASK)
    ((group, inside),) = groups_of(cells, None)
    targets = targets_of(margins, None, group, _TASK)
    terms, notes = categories_of(sample, cells, inside, targets, group=group, collapse=collapse)
    persons = common_total(targets, _TASK)
    block = block_of(cells, inside, terms, persons, names=(group, _TASK), notes=notes, unknown=unknown)
    return take_step(sample, cells, [block], Manner("raking"))
