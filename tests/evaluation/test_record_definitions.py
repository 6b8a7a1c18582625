"""The columns that a measure of the records says it uses are those on which its numbers depend, all and only they."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.evaluation.record_definitions import DEFINITIONS, columns_of
from lpact_eval.evaluation.record_measures import measured
from lpact_eval.evaluation.record_promises import MEASURES

if TYPE_CHECKING:
    from collections.abc import Collection

    from lpact_eval.evidence.records import Evidence

ASKED: Final = [(measure, by) for measure, groups in MEASURES.items() for by in [(), *((one,) for one in groups)]]
# Used, and another column says the same throughout the made-up records: the agreed codes, the order of rows, and so on.
_CODERS: Final = {("feedback", "coder_2"), ("feedback", "coder_3")}
_CODES: Final = {*_CODERS, ("feedback", "coder_1"), ("feedback", "agreed")}
NOT_IN_THE_DEMO: Final[dict[str, set[tuple[str, str]]]] = {
    "themes still unheard": {*_CODERS, ("register", "date")},
    "repeat attendance": {("register", "date")},
    "focus group": {*_CODES, ("actions", "told"), ("actions", "told_to")},
    "actions": {*_CODES, ("actions", "told")},
    "told": {("actions", "told")},
    "questions reached": {("register", "date")},
    "understanding before and after": {("observations", "offered")},
}
_TURNED: Final = {"coder_1", "coder_2", "coder_3", "agreed", "told_to"}


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return lp.read_events()


def without(evidence: Evidence, columns: Collection[tuple[str, str]]) -> Evidence:
    """Blank some columns in all rows."""
    tables = dict(evidence.tables)
    for record, name in columns:
        column = tables[record][name]
        kind = object if name in _TURNED else column.dtype
        blank = np.nan if column.dtype == object else None
        tables[record] = tables[record].assign(**{name: pd.Series([blank] * len(column), dtype=kind)})
    return replace(evidence, tables=tables)


def numbers(evidence: Evidence, measure: str, by: tuple[str, ...]) -> pd.DataFrame:
    """Work a measure out; without a column that every row needs there is nothing."""
    try:
        return measured(evidence, measure, by)
    except Exception:  # noqa: BLE001 - reading lets no such records through, so that nothing is said of how they fail
        return pd.DataFrame()


def test_every_measure_has_a_definition_for_every_breakdown() -> None:
    assert DEFINITIONS.keys() == MEASURES.keys()
    for measure, groups in MEASURES.items():
        assert DEFINITIONS[measure].by.keys() - set(groups) == set(), measure


@pytest.mark.parametrize(("measure", "by"), ASKED, ids=str)
def test_no_other_column_changes_a_number(evidence: Evidence, measure: str, by: tuple[str, ...]) -> None:
    used = {(record, name) for record, names in columns_of(measure, by).items() for name in names}
    ids = {
        (name, column.name)
        for name, record in evidence.schema.records.items()
        for column in record.columns
        if column.kind in {"id", "date"} and column.required
    }
    others = {(record, name) for record, table in evidence.tables.items() for name in table.columns} - used - ids
    found = numbers(evidence, measure, by)
    assert len(found)
    pd.testing.assert_frame_equal(numbers(without(evidence, others), measure, by), found)


@pytest.mark.parametrize("measure", [one for one in MEASURES if one != "coder agreement"])
def test_every_column_named_changes_a_number(evidence: Evidence, measure: str) -> None:
    codes_only = without(evidence, [("attendance", name) for name in evidence.tables["attendance"].columns])
    unused: set[tuple[str, str]] = set()
    for record, names in columns_of(measure, ()).items():
        for name in names:
            given = [evidence, codes_only] if record == "people" else [evidence]
            changed = [
                not numbers(without(one, [(record, name)]), measure, ()).equals(numbers(one, measure, ()))
                for one in given
            ]
            unused |= set() if any(changed) else {(record, name)}
    assert unused == NOT_IN_THE_DEMO.get(measure, set())
