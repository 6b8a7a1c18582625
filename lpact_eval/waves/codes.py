"""Codes of a harmonised sample that is handed back: what every column, answer and kind of missing is written as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from lpact_eval.errors import HarmonisationError
from lpact_eval.sample import Kind, Labels, Sample, Variable, coded

MISSING_CODES: Mapping[str, int] = MappingProxyType(
    {"prefer not to say": -9, "don't know": -8, "not asked": -7, "blank": -6}
)
CLOSED = frozenset({"scale", "category", "yes_no"})
_MISSING = "_missing"
_WORDS = {
    "weight": "Weight of the respondent",
    "stratum": "Stratum that the respondent was drawn from",
    "psu": "Primary sampling unit, such as the recruitment site",
    "sampling_fraction": "Share of the stratum's sampling units that was drawn",
}


@dataclass(frozen=True, slots=True, eq=False)
class Handed:
    """One variable that is handed back.

    Attributes
    ----------
    variable : Variable
    codes : mapping of str to int
        Answer to code; empty for numbers and texts. A set's codes number its options.
    design : bool
        Whether it is a part of the design, which is never missing.
    """

    variable: Variable
    codes: Mapping[str, int]
    design: bool = False

    @property
    def name(self) -> str:
        """Name of the variable."""
        return self.variable.name

    def options(self) -> Mapping[str, str]:
        """Column of each option of a set."""
        return {option: f"{self.name}_{code}" for option, code in self.codes.items()}


def described(sample: Sample) -> list[Handed]:
    """Describe every column of a sample and of its design.

    Raises
    ------
    HarmonisationError
        If two columns would have the same name.
    """
    handed = [_described(name, sample) for name in map(str, sample.answers.columns)]
    handed += [
        Handed(Variable(name, _WORDS[name], kind=kind), codes, design=True) for name, kind, codes in _parts(sample)
    ]
    taken = [name for one in handed for name in (one.name, *([] if one.design else [one.name + _MISSING]))]
    repeated = sorted({name for name in taken if taken.count(name) > 1})
    if repeated:
        msg = (
            f"Cannot hand back two columns of one name: {repeated}; the design is written as weight, stratum and psu, "
            f"and why an answer is missing as ..{_MISSING}. Rename the variables in harmonised.toml."
        )
        raise HarmonisationError(msg)
    return handed


def tidy(sample: Sample, handed: Sequence[Handed]) -> pd.DataFrame:
    """Put answers in words, why they are missing, and the design into one frame: one row a respondent."""
    columns: dict[str, pd.Series] = {}
    for one in handed:
        if one.design:
            columns[one.name] = design_values(sample, one.name)
            continue
        columns[one.name] = sample.answers[one.name]
        columns[one.name + _MISSING] = missing_kinds(sample, one.name)
    return pd.DataFrame(columns, index=sample.answers.index)


def missing_kinds(sample: Sample, name: str) -> pd.Series:
    """Take the kind of missing of each row; none for a column that a wave or frame has no kinds for."""
    if name in sample.missing:
        return sample.missing[name].astype(pd.CategoricalDtype(list(MISSING_CODES)))
    return pd.Series(pd.Categorical([None] * len(sample), categories=list(MISSING_CODES)), index=sample.answers.index)


def design_values(sample: Sample, part: str) -> pd.Series:
    """Take one part of the design."""
    design = sample.design
    values = {
        "weight": design.weight,
        "stratum": design.stratum,
        "psu": design.psu,
        "sampling_fraction": design.sampling_fraction,
    }
    return pd.Series(values[part], index=sample.answers.index)


def dictionary(handed: Sequence[Handed]) -> pd.DataFrame:
    """List every variable, and every answer with its code in .sav: one row an answer."""
    rows = [row for one in handed for row in _rows(one)]
    columns = ["variable", "title", "wording", "kind", "answer", "code", "column_in_sav", "comparable", "reason"]
    return pd.DataFrame(rows, columns=[*columns, "missing_kinds"])


def _rows(one: Handed) -> list[tuple[object, ...]]:
    """Describe one variable."""
    variable = one.variable
    kind = "design" if one.design else variable.kind
    about = (variable.name, variable.title, variable.wording, kind)
    kinds = "" if one.design else "; ".join(f"{code} {name}" for name, code in MISSING_CODES.items())
    compared = (_by_wave(variable.comparable), _by_wave(variable.reason), kinds)
    if variable.kind == "set" and not one.design:
        return [(*about, option, 1, column, *compared) for option, column in one.options().items()]
    answers = list(one.codes.items()) or [("", "")]
    return [(*about, answer, code, variable.name, *compared) for answer, code in answers]


def _by_wave(said: Mapping[str, str]) -> str:
    """Write what holds in one wave, or wave by wave."""
    if len(said) == 1:
        return next(iter(said.values()))
    return "; ".join(f"{wave}: {text}" for wave, text in said.items() if text)


def _described(name: str, sample: Sample) -> Handed:
    """Describe a column by its codebook; a column that was added later by what it holds."""
    column = sample.answers[name]
    variable = sample.codebook.get(name) or Variable(name, name, kind=_kind(column))
    if variable.kind in CLOSED:
        answers = dict.fromkeys([*variable.answers, *coded(column)[1]])
    else:
        answers = dict.fromkeys(variable.answers if variable.kind == "set" else ())
    return Handed(variable, {answer: code for code, answer in enumerate(answers, 1)})


def _kind(column: pd.Series) -> Kind:
    """Tell what a column that no codebook knows holds."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return "category"
    return "number" if pd.api.types.is_numeric_dtype(column.dtype) else "text"


def _parts(sample: Sample) -> list[tuple[str, Kind, Mapping[str, int]]]:
    """List the parts of the design, with what the codes of strata and sampling units stood for."""
    design = sample.design
    parts: list[tuple[str, Kind, Mapping[str, int]]] = [
        ("weight", "number", {}),
        ("stratum", "category", _codes(design.stratum_label)),
        ("psu", "category", _codes(design.psu_label)),
    ]
    return [*parts, ("sampling_fraction", "number", {})] if design.sampling_fraction.any() else parts


def _codes(labels: Labels | None) -> Mapping[str, int]:
    """Return the code of each recorded text, from 0 as in the design; the first of equal texts stands for all."""
    found: dict[str, int] = {}
    for code, label in enumerate([] if labels is None else labels.tolist()):
        if label is not None:
            found.setdefault(str(label), code)
    return found
