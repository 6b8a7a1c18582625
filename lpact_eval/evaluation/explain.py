"""How one number's question was asked and who answered it, read again from a wave: material that is not yet cleared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.evaluation.write_ins import with_write_ins_gathered
from lpact_eval.waves.audit import scale_asked
from lpact_eval.waves.definition import read_definition
from lpact_eval.waves.delivered import read_delivered
from lpact_eval.waves.reading import delivered_path, read_wave

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.sample import Sample
    from lpact_eval.waves.definition import WaveDefinition
    from lpact_eval.waves.items import Item

SILENCES: Final = ("don't know", "prefer not to say", "blank", "not asked")
UNKNOWN_GROUP: Final = "not known"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a wave asked for one harmonised variable; from its definition, without anyone's answer.

    Attributes
    ----------
    wave, variable : str
    question : str
        Wording in that wave.
    column : str
        Delivered column or columns.
    scale : str
        Which of the harmonised answers the wave could give.
    answers : tuple of (str, str)
        Harmonised answer or kind of missing, and the delivered codes and texts that lead to it.
    steps : tuple of str
        From which variables this one is derived, and which look-up or list maps its texts.
    comparable, reason : str
        How far it can be compared with other waves, and why.
    """

    wave: str
    variable: str
    question: str
    column: str
    scale: str
    answers: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    comparable: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Who answered a question in one wave, by group.

    Attributes
    ----------
    wave : str
    counts : mapping of (kind, group) to int
        Rows of a kind of silence in each group, that of a group that is not known included; the group "" is everybody.
    groups : tuple of str
        All groups, that which is not known last.
    """

    wave: str
    counts: Mapping[tuple[str, str], int]
    groups: tuple[str, ...]


def how_asked(plan: EvaluationPlan, wave: str, variable: str) -> Asked:
    """Follow a harmonised variable back to what was delivered.

    Parameters
    ----------
    plan : EvaluationPlan
    wave, variable : str

    Returns
    -------
    Asked

    Raises
    ------
    LpactError
        If the wave's definition or file can't be read.
    """
    definition = read_definition(wave, plan.surveys)
    about = definition.codebook()[variable]
    root = definition.root(variable)
    item = definition.items[root] if root else None
    return Asked(
        wave,
        variable,
        (item.wording or plan.schema.variables[root].wording) if item else "",
        _columns(item) if item else "",
        scale_asked(variable, definition),
        _mapped(item, _labels(plan, definition, item)) if item else (),
        (*_derived(definition, variable, root), *_looked_up(item)),
        about.comparable[wave],
        about.reason[wave],
    )


def who_answered(plan: EvaluationPlan, wave: str, variable: str, by: str) -> Answered:
    """Count kinds of silence in every group of a wave; for `explain`, which clears the counts.

    Parameters
    ----------
    plan : EvaluationPlan
    wave, variable : str
    by : str
        Variable of the groups; empty for everybody only.

    Returns
    -------
    Answered
    """
    sample = _grouped(plan, wave, by)
    silent = sample.missing[variable].astype(object)
    counts: dict[tuple[str, str], int] = {(kind, ""): int((silent == kind).sum()) for kind in SILENCES}
    groups = (*sample.codebook[by].answers, UNKNOWN_GROUP) if by else ()
    member = _groups(sample, by) if by else None
    for group in groups:
        inside = member == group
        counts |= {(kind, group): int(((silent == kind) & inside).sum()) for kind in SILENCES}
    return Answered(wave, counts, groups)


def clusters_of(plan: EvaluationPlan, wave: str) -> str:
    """Name the delivered column of a wave's sampling units; empty where each respondent is one."""
    return read_definition(wave, plan.surveys).design.psu


def _grouped(plan: EvaluationPlan, wave: str, by: str) -> Sample:
    """Read a wave with the groups that the run of the plan had: of write-ins those that many wrote in any wave."""
    sample = read_wave(wave, surveys=plan.surveys, answers=plan.files.get(wave))
    if not by or sample.codebook[by].kind != "text":
        return sample
    others = [
        read_wave(name, surveys=plan.surveys, answers=plan.files.get(name)) for name in plan.waves if name != wave
    ]
    return with_write_ins_gathered([sample, *others], by)[0]


def _groups(sample: Sample, by: str) -> pd.Series:
    """Take each row's group in words."""
    column = sample.answers[by].astype(object)
    return column.where(column.notna(), UNKNOWN_GROUP)


def _columns(item: Item) -> str:
    """Name the delivered columns."""
    return item.column or ", ".join(item.columns)


def _derived(definition: WaveDefinition, variable: str, root: str) -> list[str]:
    """Say step by step from which variable another is derived."""
    steps: list[str] = []
    name = variable
    while root and name != root:
        meaning = definition.schema.variables[name]
        parts = [f"{group}: {' or '.join(answers)}" for group, answers in meaning.groups.items()]
        parts += [f"{band}: {low:g} to {high:g}" for band, (low, high) in meaning.bands.items()]
        steps.append(f"{name} is derived of {meaning.source} ({'; '.join(parts)})")
        name = meaning.source
    return steps


def _looked_up(item: Item | None) -> list[str]:
    """Name what maps texts beside the answers that are listed; what people wrote stays in its file."""
    if item is None:
        return []
    said = [f"texts are mapped by the look-up {item.lookup}"] if item.lookup else []
    said += [f"codes and wordings of the standard list {item.codes}"] if item.codes else []
    said += [f"worked out while reading: {item.derive}"] if item.derive else []
    said += [f"only asked where {item.asked_if.column} is {' or '.join(item.asked_if.accept)}"] if item.asked_if else []
    return said


def _labels(plan: EvaluationPlan, definition: WaveDefinition, item: Item) -> dict[str, str]:
    """Take the delivered file's own texts of the codes, where it has any."""
    if definition.delivered.format in {"csv", "xlsx", "parquet"} or item.by == "label":
        return {}
    delivered = read_delivered(delivered_path(definition, plan.files.get(definition.name)), definition)
    return {code: text for name in reversed(item.names) for code, text in delivered.labels.get(name, {}).items()}


def _mapped(item: Item, labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """List for every harmonised answer and kind of missing what was delivered for it."""
    found: dict[str, list[str]] = defaultdict(list)
    for code, answer in (*item.answers.items(), *item.columns.items(), *item.missing.items()):
        text = labels.get(code, "")
        name = code or "an empty cell"
        found[answer].append(f"{name} ({text})" if text and text != code else name)
    return tuple((answer, ", ".join(codes)) for answer, codes in found.items())
