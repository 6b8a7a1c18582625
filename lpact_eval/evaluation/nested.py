"""Groups that are parts of the groups of another variable, which a reader may subtract them from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lpact_eval.waves.schema import Schema

NEAR_COLUMNS: Final = ("by", "group", "other_by", "other")
NESTED_COLUMNS: Final = ("by", "group", "whole_by", "whole")


def nested_groups(schema: Schema, by: str) -> pd.DataFrame:
    """List the groups of other variables that each group of a variable is a part of.

    Parameters
    ----------
    schema : Schema
    by : str
        Variable of the groups; one that is not of the schema has no such groups.

    Returns
    -------
    DataFrame
        by, group, whole_by, whole: one row for each larger or equal group of a variable that is made of the same
        answers.
    """
    rows: list[tuple[str, str, str, str]] = []
    if by in schema.variables:
        source = schema.variables[by].source or by
        own = _made_of(schema, by)
        for name, meaning in schema.variables.items():
            if name != by and meaning.source == source and meaning.groups:
                wholes = _made_of(schema, name)
                rows += [
                    (by, group, name, whole)
                    for group, parts in own.items()
                    for whole, answers in wholes.items()
                    if parts <= answers
                ]
    return pd.DataFrame(rows, columns=list(NESTED_COLUMNS))


def near_groups(schema: Schema, by: str) -> pd.DataFrame:
    """List the groups that a group of a derived variable holds, or is held by, with others besides.

    Parameters
    ----------
    schema : Schema
    by : str
        Variable of the groups.

    Returns
    -------
    DataFrame
        by, group, other_by, other: groups of variables that are derived of the same question and come earlier in the
        schema, so that of two groups that differ by few respondents the later one gives way.
    """
    rows: list[tuple[str, str, str, str]] = []
    if by in schema.variables and schema.variables[by].groups:
        names = list(schema.variables)
        for name in names[: names.index(by)]:
            if schema.variables[name].source == schema.variables[by].source and schema.variables[name].groups:
                rows += [
                    (by, group, name, other)
                    for group, parts in _made_of(schema, by).items()
                    for other, answers in _made_of(schema, name).items()
                    if parts < answers or answers < parts
                ]
    return pd.DataFrame(rows, columns=list(NEAR_COLUMNS))


def _made_of(schema: Schema, name: str) -> Mapping[str, frozenset[str]]:
    """Say of which answers to the question each group is made; an answer to a question is made of itself."""
    meaning = schema.variables[name]
    if meaning.source:
        return {group: frozenset(answers) for group, answers in meaning.groups.items()}
    return {answer: frozenset({answer}) for answer in schema.answers(name)}
