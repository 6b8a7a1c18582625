"""How much of a change comes from who answered: Kitagawa's decomposition of a share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lpact_eval.comparison.waves import answers_that_count
from lpact_eval.errors import WrongUseError
from lpact_eval.estimation.asked import require_comparable
from lpact_eval.estimation.contrast import contrast, difference
from lpact_eval.estimation.domains import categories_of, column_of
from lpact_eval.estimation.noted import noted
from lpact_eval.estimation.replicated import replicate_influence, replicate_sums, replicates_of
from lpact_eval.estimation.stacked import refused_where, stacked
from lpact_eval.estimation.statistics import distribution, proportion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.estimation.estimate import Estimate, Variance
    from lpact_eval.sample import BoolArray, FloatArray, Sample

SMALL_CELL = 10  # answers in a cell under which a decomposition is flagged
_GROUP = "__group"  # a column that is no answer
_Key = tuple[str, ...]


def decompose_change(
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    group: str | Sequence[str],
    level: str,
    minus: str,
    by: str | Sequence[str] = (),
    variance: Variance = "cr2",
) -> Estimate:
    """Split a change in a share into changes inside groups and a change of who answered (Kitagawa).

    Parameters
    ----------
    sample : Sample
        Stacked waves.
    variable : str
        Harmonised variable.
    answer : str, sequence of str or None
        Answers that count together; by default those that the schema calls positive.
    group : str or sequence of str
        Variables whose composition may have shifted; several are crossed.
    level, minus : str
        Waves; the change is level - minus.
    by : str or sequence of str, default ()
        Domain variables.
    variance : str, default "cr2"
        As in `proportion`.

    Returns
    -------
    Estimate
        Three estimates a domain, as proportions, label column "part": "rate", "composition", and "total", which is
        their sum and `difference`'s change among those whose group is known. Refused where a group has no answers in a
        wave; flagged where one has fewer than 10.

    Raises
    ------
    EstimationError
        If the question can't be compared, or a variable or wave does not exist.
    WrongUseError
        If the group is the variable itself, a domain variable, or none.

    Notes
    -----
    rate = sum of (p_2g - p_1g)(pi_1g + pi_2g) / 2, composition = sum of (pi_2g - pi_1g)(p_1g + p_2g) / 2; influence by
    the delta method over all p and pi. Composition says nothing of differences inside groups.

    References
    ----------
    Kitagawa (1955), *JASA* 50, 1168-1194.
    """
    groups = [group] if isinstance(group, str) else list(group)
    names = [by] if isinstance(by, str) else list(by)
    answers = answers_that_count(sample, variable, answer)
    check_groups(variable, groups, names)
    require_comparable(sample, variable, "wave", (minus, level))
    known = _with_group(sample, variable, groups)
    cells = proportion(known, variable, answers, by=["wave", *names, _GROUP], variance=variance)
    shares = distribution(known, _GROUP, by=["wave", *names], variance=variance)
    whole = proportion(known, variable, answers, by=["wave", *names], variance=variance)
    total = difference(whole, "wave", level, minus=minus)
    keys = total.named.keys(names)
    table = _Table.of(cells, shares, names)
    parts = [_kitagawa(table, key, (minus, level), len(cells) + len(shares)) for key in keys]
    refused, remarks = [part.refused for part in parts], [part.remark for part in parts]
    if sample.design.replicates is not None:
        values = np.array([part.value for part in parts]).T
        made = _replicated(known, (variable, answers, names), (minus, level), total, values)
        return ordered_parts([*made, as_part(total, "total")], refused, remarks)
    joined = stacked([_bare(cells), _bare(shares)])
    made = [
        _part(
            joined,
            total,
            np.array([part.jacobian[row] for part in parts]),
            value=np.array([part.value[row] for part in parts]),
            name=name,
        )
        for row, name in enumerate(("rate", "composition"))
    ]
    made.append(as_part(total, "total"))
    return ordered_parts(made, refused, remarks)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Shares p and compositions pi by wave, domain and group, and where they stand among all estimates."""

    cells: Estimate
    shares: Estimate
    cell_at: dict[_Key, int]
    share_at: dict[_Key, int]
    groups: tuple[str, ...]

    @staticmethod
    def of(cells: Estimate, shares: Estimate, names: Sequence[str]) -> _Table:
        """Index the estimates by wave, domain and group."""
        cell_keys = cells.named.keys(["wave", *names, _GROUP])
        share_keys = shares.named.keys(["wave", *names, "answer"])
        groups = tuple(dict.fromkeys(shares.named.texts("answer")))
        return _Table(
            cells,
            shares,
            {key: place for place, key in enumerate(cell_keys)},
            {key: place for place, key in enumerate(share_keys)},
            groups,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Rate and composition of one domain: values (2,), coefficients on all estimates (2, k), reason and remark."""

    value: FloatArray
    jacobian: FloatArray
    refused: str
    remark: str


def _kitagawa(table: _Table, key: _Key, waves: tuple[str, str], size: int) -> _Parts:
    """Decompose the change of one domain."""
    value, jacobian = np.zeros(2), np.zeros((2, size))
    empty = small = used = alone = 0
    for group in table.groups:
        places = [(table.cell_at.get((wave, *key, group)), table.share_at.get((wave, *key, group))) for wave in waves]
        n = [table.cells.n[cell] if cell is not None else 0.0 for cell, _ in places]
        if not any(n):
            continue
        used += 1
        if not all(n):
            empty += 1
            continue
        small += sum(count < SMALL_CELL for count in n)
        (cell1, share1), (cell2, share2) = places
        if cell1 is None or cell2 is None or share1 is None or share2 is None:
            continue
        alone += bool(table.cells.refused[cell1]) + bool(table.cells.refused[cell2])
        p, pi = table.cells.value[[cell1, cell2]], table.shares.value[[share1, share2]]
        value += np.array([(p[1] - p[0]) * pi.sum() / 2, (pi[1] - pi[0]) * p.sum() / 2])
        on_p, on_pi = [cell1, cell2], [len(table.cells) + share1, len(table.cells) + share2]
        jacobian[0, on_p] += np.array([-1, 1]) * pi.sum() / 2
        jacobian[0, on_pi] += (p[1] - p[0]) / 2
        jacobian[1, on_pi] += np.array([-1, 1]) * p.sum() / 2
        jacobian[1, on_p] += (pi[1] - pi[0]) / 2
    single = f"answers from one sampling unit alone in {alone} of {2 * used} cells" if alone else ""
    refused = f"no answers in one of the waves in {empty} of {used} groups" if empty else single
    remark = f"fewer than {SMALL_CELL} answers in {small} of {2 * used} cells" if small else ""
    return _Parts(value, jacobian, refused, remark)


def _part(joined: Estimate, total: Estimate, jacobian: FloatArray, *, value: FloatArray, name: str) -> Estimate:
    """Make one part of every domain's change; its bases are the change's."""
    found = contrast(joined, jacobian, total.named)
    dead = np.array([bool(reason) for reason in found.refused], dtype=bool)
    part = replace(
        found,
        value=np.where(dead, np.nan, value),
        n=total.n,
        n_kish=total.n_kish,
        reached=total.reached,
        crowding=total.crowding,
        asked=total.asked,
    )
    return as_part(part, name)


def _bare(estimate: Estimate) -> Estimate:
    """Take refusals of cells off, since a decomposition gives its own."""
    return replace(estimate, refused=("",) * len(estimate), value=np.nan_to_num(estimate.value))


def as_part(estimate: Estimate, name: str) -> Estimate:
    """Label estimates as one part of a change."""
    return replace(estimate, named=estimate.named.assign("part", name))


def ordered_parts(made: Sequence[Estimate], refused: Sequence[str], remarks: Sequence[str]) -> Estimate:
    """Put the parts of each domain next to each other; what refuses one refuses all of them."""
    count = len(made[0])
    reasons = [
        "; ".join(dict.fromkeys(filter(None, [refused[row], *(part.refused[row] for part in made)])))
        for row in range(count)
    ]
    parts = [refused_where(replace(part, refused=("",) * count), reasons) for part in made]
    order = np.arange(len(made) * count).reshape(len(made), count).T.ravel()
    return noted(replace(stacked(parts), kind="other"), list(remarks) * len(made)).take(order)


def check_groups(variable: str, groups: Sequence[str], names: Sequence[str]) -> None:
    """Refuse groups that decompose nothing."""
    if not groups or variable in groups or "wave" in [*groups, *names] or set(groups) & set(names):
        msg = (
            f"Cannot decompose {variable!r} by {list(groups)} within {list(names)}: give one or more other variables, "
            "none of them the wave or a domain variable."
        )
        raise WrongUseError(msg)


def _with_group(sample: Sample, variable: str, groups: Sequence[str]) -> Sample:
    """Cross the groups, known and answered together or not at all."""
    answered: BoolArray = column_of(sample, variable).notna().to_numpy(dtype=bool)
    coded = [categories_of(sample, name) for name in groups]
    for codes, _ in coded:
        answered = answered & (codes >= 0)
    cells: list[list[int]] = [codes[answered].tolist() for codes, _ in coded]
    present: list[tuple[int, ...]] = sorted(set(zip(*cells, strict=True)))
    texts = [" and ".join(names[code] for code, (_, names) in zip(cell, coded, strict=True)) for cell in present]
    order = list(dict.fromkeys(texts))
    place = {cell: order.index(text) for cell, text in zip(present, texts, strict=True)}
    places = np.full(len(sample), -1, dtype=np.intp)
    places[answered] = [place[cell] for cell in zip(*cells, strict=True)]
    column = pd.Categorical.from_codes(places, categories=pd.Index(order))
    answers = sample.answers.assign(**{_GROUP: column, variable: sample.answers[variable].where(answered)})
    return replace(sample, answers=answers)


def _replicated(  # noqa: PLR0917 - a question, its waves, and what it gave
    known: Sample,
    question: tuple[str, Sequence[str], Sequence[str]],
    waves: tuple[str, str],
    total: Estimate,
    values: FloatArray,
) -> list[Estimate]:
    """Decompose again under every set of replicate weights; `values` of shape (2, k) are the whole sample's."""
    variable, answers, names = question
    codes, found = categories_of(known, variable)
    yes = np.isin(codes, [found.index(answer) for answer in answers]).astype(float)
    wave, wave_names = categories_of(known, "wave")
    group, group_names = categories_of(known, _GROUP)
    columns = [categories_of(known, name) for name in names]
    replicates = replicates_of(known.design)
    again = np.zeros((2, replicates.count, len(total)))
    for place, key in enumerate(total.named.keys(names)):
        inside = codes >= 0
        for (own, labels), label in zip(columns, key, strict=True):
            inside = inside & (own == labels.index(label))
        cells = [
            np.column_stack([inside & (wave == wave_names.index(w)) & (group == g) for g in range(len(group_names))])
            for w in waves
        ]
        used = cells[0].any(axis=0) & cells[1].any(axis=0)
        mass = [replicate_sums(replicates, cell[:, used].astype(float)) for cell in cells]
        tops = [replicate_sums(replicates, cell[:, used] * yes[:, None]) for cell in cells]
        with np.errstate(divide="ignore", invalid="ignore"):
            p1, p2 = (top / all_of for top, all_of in zip(tops, mass, strict=True))
        pi1, pi2 = (all_of / all_of.sum(axis=1, keepdims=True) for all_of in mass)
        again[0, :, place] = ((p2 - p1) * (pi1 + pi2)).sum(axis=1) / 2
        again[1, :, place] = ((pi2 - pi1) * (p1 + p2)).sum(axis=1) / 2
    return [
        part_of_replicates(total, value, theirs, name)
        for value, theirs, name in zip(values, again, ("rate", "composition"), strict=True)
    ]


def part_of_replicates(total: Estimate, value: FloatArray, values: FloatArray, name: str) -> Estimate:
    """Make one part of every domain's change from its values under the replicates.

    Parameters
    ----------
    total : Estimate
        k changes, for labels and bases.
    value : ndarray of shape (k,)
        Of the whole sample.
    values : ndarray of shape (R, k)
        Not a number where a replicate has none; the part is then refused.
    name : str
        Of the part.
    """
    replicates = replicates_of(total.design)
    broken = np.isnan(values).sum(axis=0)
    influence = np.nan_to_num(replicate_influence(replicates, values, value))
    part = replace(total, value=value, influence=influence, kind="other", pair=None, own=None)
    reasons = [f"{count} of {replicates.count} replicates have an empty group" if count else "" for count in broken]
    return as_part(refused_where(part, reasons), name)
