"""A harmonised sample as an SPSS file: codes, labels, and kinds of missing declared as user-missing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import pyreadstat  # pyright: ignore[reportMissingTypeStubs] - pyreadstat ships none

from lpact_eval.errors import HarmonisationError
from lpact_eval.sample import BoolArray, FloatArray, Sample, coded
from lpact_eval.waves.codes import CLOSED, MISSING_CODES, Handed, design_values, missing_kinds
from lpact_eval.waves.sets import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Callable

_FAULTS = (
    cast("type[Exception]", pyreadstat.ReadstatError),  # pyright: ignore[reportUnknownMemberType] - no types
    cast("type[Exception]", pyreadstat.PyreadstatError),  # pyright: ignore[reportUnknownMemberType] - no types
)
_LOWEST, _HIGHEST = min(MISSING_CODES.values()), max(MISSING_CODES.values())
_USER_MISSING = [{"lo": _LOWEST, "hi": _HIGHEST}]
_NAME = re.compile(r"^[A-Za-z](?:[A-Za-z0-9_.]*[A-Za-z0-9_])?$")
_RESERVED = frozenset(["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"])
_LONGEST_NAME, _LONGEST_LABEL, _LONGEST_ANSWER, _LONGEST_TEXT = 64, 256, 120, 32_767  # bytes, in SPSS
_MEASURES = {"scale": "ordinal", "number": "scale"}
# A text may have three missing values in SPSS; an empty text is a blank in any case.
_TEXT_MISSING = [str(code) for kind, code in MISSING_CODES.items() if kind != "blank"]


def require_spss(sample: Sample, handed: Sequence[Handed]) -> None:
    """Refuse what SPSS can't hold, before anything is written; answers are counted and never shown.

    Raises
    ------
    HarmonisationError
        If a name is not one in SPSS, a number or text is written like a kind of missing, or a text is too long.
    """
    problems = [*_name_problems(handed), *(text for one in handed for text in _value_problems(sample, one))]
    if problems:
        raise HarmonisationError("\n".join(problems))


def write_spss(sample: Sample, handed: Sequence[Handed], path: Path) -> None:
    """Write a sample as .sav.

    Parameters
    ----------
    sample : Sample
    handed : sequence of Handed
        Its columns, found fit by `require_spss`.
    path : Path
        Written in place.
    """
    columns: dict[str, pd.Series] = {}
    labels: dict[str, str] = {}
    answers: dict[str, Mapping[float, str]] = {}
    for one in handed:
        for name, label, values in _columns(sample, one):
            columns[name], labels[name] = values, _cut(label, _LONGEST_LABEL)
            answers[name] = _value_labels(one, option=name != one.name)
    texts = {one.name for one in handed if one.variable.kind == "text"}
    closed = [name for one in handed for name in _names(one) if one.codes]
    asked = [name for one in handed if not one.design for name in _names(one)]
    write = cast("Callable[..., None]", pyreadstat.write_sav)
    try:
        write(
            pd.DataFrame(columns, index=sample.answers.index),
            str(path),
            column_labels=labels,
            variable_value_labels={name: said for name, said in answers.items() if said},
            missing_ranges={name: _TEXT_MISSING if name in texts else _USER_MISSING for name in asked},
            variable_measure={
                name: _MEASURES.get(one.variable.kind, "nominal") for one in handed for name in _names(one)
            },
            variable_format=dict.fromkeys(closed, "F5.0"),
            file_label="Synthetic respondents" if sample.synthetic else "Microdata: keep confidential",
        )
    except _FAULTS as error:
        msg = (
            f"Cannot write {path.name} ({type(error).__name__}); is the disk full? Write csv, or choose another folder."
        )
        raise HarmonisationError(msg) from None


def _names(one: Handed) -> list[str]:
    """List the columns of one variable: a set has one an option."""
    return list(one.options().values()) if one.variable.kind == "set" else [one.name]


def _columns(sample: Sample, one: Handed) -> Iterator[tuple[str, str, pd.Series]]:
    """Make the columns of one variable: name, label, values."""
    variable, index = one.variable, sample.answers.index
    if one.design:
        yield one.name, variable.title, design_values(sample, one.name).astype(float)
        return
    answers = sample.answers[one.name]
    empty: BoolArray = answers.isna().to_numpy(dtype=bool)
    codes, kinds_found = coded(missing_kinds(sample, one.name))
    kinds: FloatArray = np.array([*(MISSING_CODES[kind] for kind in kinds_found), np.nan], dtype=float)[codes]
    if variable.kind == "text":
        words = _kinds_as_text(kinds)
        texts = answers.astype(object).where(~empty, pd.Series(words, index=index))
        yield one.name, variable.title, texts.astype(str)
    elif variable.kind == "set":
        chosen = [
            set[str]() if none else set(str(text).split(SEPARATOR)) for text, none in zip(answers, empty, strict=True)
        ]
        for option, name in one.options().items():
            ticks = np.array([option in some for some in chosen], dtype=float)
            yield name, f"{variable.title}: {option}", pd.Series(np.where(empty, kinds, ticks), index=index)
    else:
        yield one.name, variable.title, pd.Series(np.where(empty, kinds, _numbers(answers, one)), index=index)


def _kinds_as_text(kinds: FloatArray) -> list[str]:
    """Write kinds of missing for a text: the code, and nothing for a blank."""
    blank = MISSING_CODES["blank"]
    return ["" if np.isnan(code) or code == blank else str(int(code)) for code in kinds.tolist()]


def _numbers(answers: pd.Series, one: Handed) -> FloatArray:
    """Write answers as their codes, or numbers as they are."""
    if one.variable.kind not in CLOSED:
        return np.asarray(pd.to_numeric(answers), dtype=float)
    codes, levels = coded(answers)
    return np.array([*(one.codes[level] for level in levels), np.nan], dtype=float)[codes]


def _value_labels(one: Handed, *, option: bool) -> Mapping[float, str]:
    """Label answers and kinds of missing."""
    if one.variable.kind == "text":
        return {}
    missing = {} if one.design else {float(code): kind for kind, code in MISSING_CODES.items()}
    answers = {0.0: "not chosen", 1.0: "chosen"} if option else {float(code): said for said, code in one.codes.items()}
    return {code: _cut(said, _LONGEST_ANSWER) for code, said in {**missing, **answers}.items()}


def _cut(text: str, longest: int) -> str:
    """Cut a label to what SPSS holds, at a character; the dictionary has it in full."""
    return text.encode()[:longest].decode(errors="ignore")


def _name_problems(handed: Sequence[Handed]) -> Iterator[str]:
    """Find names that SPSS does not take; it does not tell capitals from small letters."""
    names = [name for one in handed for name in _names(one)]
    for name in names:
        if not _NAME.match(name) or len(name) > _LONGEST_NAME or name.casefold() in _RESERVED:
            yield (
                f"Cannot write {name!r} to .sav: an SPSS name has up to {_LONGEST_NAME} letters, digits and "
                "underscores, starts with a letter, and is no word of its language such as 'by' or 'all'. Rename the "
                "variable in harmonised.toml, or write csv."
            )
    folded = [name.casefold() for name in names]
    repeated = sorted({name for name in folded if folded.count(name) > 1})
    if repeated:
        yield f"Cannot write {repeated} to .sav: several columns have this name in SPSS. Rename them, or write csv."


def _value_problems(sample: Sample, one: Handed) -> Iterator[str]:
    """Count answers that SPSS would take for missing, options that can't be told apart, and texts that are too long."""
    if one.design:
        return
    for what, rows in _counted(sample.answers[one.name].dropna(), one):
        if rows:
            yield (
                f"Cannot write {one.name!r} to .sav: {rows} answers {what}. Correct the file or the definition, or "
                "write csv."
            )


def _counted(answers: pd.Series, one: Handed) -> Iterator[tuple[str, int]]:
    """Count what does not fit, by the kind of variable."""
    if one.variable.kind == "number":
        numbers = pd.to_numeric(answers).astype(float)
        yield "lie between -9 and -6, its codes of missing answers", int(numbers.between(_LOWEST, _HIGHEST).sum())
    elif one.variable.kind == "text":
        texts = [str(text) for text in answers]
        yield "are written like its codes of missing answers", sum(text in _TEXT_MISSING for text in texts)
        yield "are longer than SPSS holds", sum(len(text.encode()) > _LONGEST_TEXT for text in texts)
    elif one.variable.kind == "set":
        known = set(one.codes)
        yield (
            "hold options that the schema lacks",
            sum(not set(str(text).split(SEPARATOR)) <= known for text in answers),
        )
