"""Each rule that sets rows aside, and the ledger that accounts for every row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.waves.quality import REASONS, row_ledger
from lpact_eval.waves.reading import read_wave

if TYPE_CHECKING:
    from lpact_eval.sample import Sample

WaveMaker = Callable[..., Path]

CONSENT = '\n[quality]\nconsent = { column = "ok", accept = ["1"] }\n'
UTF8 = 'encoding = "utf-8"'


def reasons(sample: Sample) -> dict[str, int]:
    set_aside = sample.ledger[(sample.ledger["rows"] > 0) & ~sample.ledger["reason"].isin(["delivered", "kept"])]
    return dict(zip(set_aside["reason"], set_aside["rows"], strict=True))


def test_rows_without_consent_are_set_aside(make_wave: WaveMaker) -> None:
    sample = read_wave("first", surveys=make_wave(add={"wave": CONSENT}, cells={"ok": [1, 2, None, 1]}))
    assert reasons(sample) == {"no consent": 2}
    assert sample.answers["ethnicity_detail"].tolist() == ["African", "British"]


def test_rows_with_nothing_answered_are_set_aside(make_wave: WaveMaker) -> None:
    cells = {"q1": [1, None, None, None], "eth": [1, None, 3, None], "age": [20, None, None, 200]}
    assert reasons(read_wave("first", surveys=make_wave(cells=cells))) == {"nothing answered": 2}


def test_what_the_interviewer_recorded_does_not_count_as_answered(make_wave: WaveMaker) -> None:
    site = '\n[variables.site]\nkind = "text"\nparadata = true\n'
    cells = {"q1": [1, None, 1, 1], "eth": [1, None, 1, 1], "age": [20, None, 20, 20], "place": ["a", "b", "c", "d"]}
    surveys = make_wave(add={"harmonised": site, "crosswalk": '\n[site]\ncolumn = "place"\n'}, cells=cells)
    assert reasons(read_wave("first", surveys=surveys)) == {"nothing answered": 1}


def test_of_one_respondents_rows_the_last_complete_one_is_kept(make_wave: WaveMaker) -> None:
    # Respondent 1 answers fully, then only in part; respondent 2 answers fully twice.
    cells = {"id": [1, 1, 2, 2], "q1": [1, 2, 1, 3], "eth": [1, None, 2, 2], "age": [20, 20, 40, 40]}
    sample = read_wave("first", surveys=make_wave(cells=cells))
    assert list(reasons(sample).values()) == [2]
    assert sample.answers["confidence"].tolist() == ["agree", "disagree"]


def test_exact_copies_are_counted_apart_from_second_answers(make_wave: WaveMaker) -> None:
    cells = {"id": [1, 1, 1, 2], "q1": [1, 1, 2, 3], "eth": [1, 1, 1, 1], "age": [20, 20, 20, 20]}
    sample = read_wave("first", surveys=make_wave(cells=cells))
    assert reasons(sample) == {REASONS[3]: 1, REASONS[4]: 1}
    assert sample.answers["confidence"].tolist() == ["neither", "disagree"]


def test_rows_without_an_id_are_nobodys_copies(make_wave: WaveMaker) -> None:
    cells = {"id": [None] * 4, "q1": [1] * 4, "eth": [1] * 4, "age": [20] * 4}
    assert len(read_wave("first", surveys=make_wave(cells=cells))) == 4


def test_without_ids_equal_rows_of_one_second_are_copies(make_wave: WaveMaker) -> None:
    cells: dict[str, list[object]] = {"q1": [1] * 4, "eth": [1] * 4, "age": [20] * 4, "id": [0] * 4}
    cells["when"] = ["2022-05-02T10:00:01", "2022-05-02T10:00:01", "2022-05-02T10:00:02", None]
    surveys = make_wave(edit={"wave": ('id = "id"', 'time = "when"')}, cells=cells)
    assert reasons(read_wave("first", surveys=surveys)) == {REASONS[3]: 1}
    without_time = make_wave(edit={"wave": ('id = "id"', "")}, cells=cells)
    assert reasons(read_wave("first", surveys=without_time)) == {}


@pytest.mark.parametrize(
    ("order", "dates"),
    [
        ("day-first", ["30/04/2022", "01/05/2022 09:00", "31/05/22", "1.6.2022"]),
        ("month-first", ["04/30/2022", "05/01/2022 09:00", "5/31/22", "6-1-2022"]),
        ("iso", ["2022-04-30", "2022-05-01T09:00:00", "2022-05-31 23:59", "2022-06-01"]),
        ("", ["2022-04-30", "2022-05-01T09:00:00", "2022-05-31 23:59", "2022-06-01"]),
    ],
)
def test_rows_outside_fieldwork_are_set_aside(make_wave: WaveMaker, order: str, dates: list[object]) -> None:
    surveys = make_wave(delivered=f'{UTF8}\ntime = "when"\ndates = "{order}"', cells={"when": dates})
    assert reasons(read_wave("first", surveys=surveys)) == {"outside the fieldwork dates": 2}


def test_an_undeclared_order_of_dates_is_never_guessed(make_wave: WaveMaker) -> None:
    surveys = make_wave(delivered=f'{UTF8}\ntime = "when"', cells={"when": ["02/05/2022"] * 4})
    with pytest.raises(DefinitionError, match=r'wave\.toml:9: the dates in column .when. .*add dates = "day-first"'):
        read_wave("first", surveys=surveys)


@pytest.mark.parametrize("order", ["day-first", "month-first", "iso"])
def test_dates_that_do_not_exist_are_counted_and_never_shown(make_wave: WaveMaker, order: str) -> None:
    cells = {"when": ["13/31/2022", "31/13/2022", "yesterday", "2022-05-02"]}
    surveys = make_wave(delivered=f'{UTF8}\ntime = "when"\ndates = "{order}"', cells=cells)
    with pytest.raises(HarmonisationError, match=r"wave\.toml:14: 3 rows of column 'when' hold no date") as caught:
        read_wave("first", surveys=surveys)
    assert "yesterday" not in str(caught.value)


def test_rows_without_weight_or_stratum_are_set_aside(make_wave: WaveMaker) -> None:
    design = '\n[design]\nweight = "w"\nstratum = "h"\npsu = "site"\n'
    cells = {"w": [1.5, None, 0.5, 2], "h": [1, 1, None, 2], "site": ["a", "b", "c", None]}
    sample = read_wave("first", surveys=make_wave(add={"wave": design}, cells=cells))
    assert reasons(sample) == {"no weight": 1, "no stratum": 1}
    np.testing.assert_array_equal(sample.design.weight, [1.5, 2.0])
    np.testing.assert_array_equal(sample.design.stratum, [0, 1])
    assert sample.design.clustered


def test_a_row_without_a_sampling_unit_is_one_of_its_own_and_counted(make_wave: WaveMaker) -> None:
    surveys = make_wave(add={"wave": '\n[design]\npsu = "site"\n'}, cells={"site": ["a", None, None, "a"]})
    sample = read_wave("first", surveys=surveys)
    np.testing.assert_array_equal(sample.design.psu, [0, 1, 2, 0])
    assert "rows kept without site, each a sampling unit of its own: 2" in set(sample.ledger["reason"])


@pytest.mark.parametrize("weight", [-1, "heavy"])
def test_a_weight_that_can_not_be_one_is_refused_with_its_count(make_wave: WaveMaker, weight: object) -> None:
    surveys = make_wave(add={"wave": '\n[design]\nweight = "w"\n'}, cells={"w": [weight, 1, 1, weight]})
    with pytest.raises(
        HarmonisationError, match=r"wave\.toml:16: 2 rows of the weight column 'w' hold no number or a neg"
    ):
        read_wave("first", surveys=surveys)


def test_a_missing_design_column_names_the_line_of_the_design(make_wave: WaveMaker) -> None:
    surveys = make_wave(add={"wave": '\n[design]\npsu = "sites"\n'}, cells={"site": [1] * 4})
    with pytest.raises(HarmonisationError, match=r"wave\.toml:16: .*no column 'sites'.*the nearest are 'site'"):
        read_wave("first", surveys=surveys)


@given(st.lists(st.integers(-1, len(REASONS) - 1), max_size=50))
def test_delivered_rows_are_kept_or_set_aside(reason: list[int]) -> None:
    ledger = row_ledger("any", np.array(reason, dtype=np.intp), ["a note"])
    rows = dict(zip(ledger["reason"], ledger["rows"], strict=True))
    assert rows.pop("delivered") == len(reason)
    assert rows["kept"] == reason.count(-1)
    assert sum(rows.values()) == len(reason)


DIRTY_ROWS = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3, None]),  # id
        st.sampled_from([1, 2, 3, -8, None]),  # q1
        st.sampled_from([1, 2, 3, None]),  # eth
        st.sampled_from([15, 16, 50, 999, None]),  # age
        st.sampled_from([1, 2, None]),  # consent
        st.sampled_from(["2022-05-01", "2022-06-01", None]),  # when
        st.sampled_from([0, 1.5, None]),  # weight
        st.sampled_from(["a", "b", None]),  # site
    ),
    min_size=1,
    max_size=40,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(DIRTY_ROWS)
def test_whatever_is_delivered_the_ledger_adds_up(make_wave: WaveMaker, rows: list[tuple[object, ...]]) -> None:
    columns = dict(zip(["id", "q1", "eth", "age", "ok", "when", "w", "site"], zip(*rows, strict=True), strict=True))
    surveys = make_wave(
        delivered=f'{UTF8}\ntime = "when"',
        add={"wave": CONSENT + '[design]\nweight = "w"\npsu = "site"\n'},
        cells={name: list(values) for name, values in columns.items()},
    )
    sample = read_wave("first", surveys=surveys)
    counts = dict(zip(sample.ledger["reason"], sample.ledger["rows"], strict=True))
    assert counts.pop("delivered") == len(rows)
    assert counts["kept"] == len(sample) == sample.design.weight.size == len(sample.missing)
    assert sum(counts.values()) == len(rows)
    ids = [row[0] for row in rows if row[0] is not None]
    assert len(sample) <= len(set(ids)) + sum(row[0] is None for row in rows)


def test_rows_that_the_survey_tool_marks_as_previews_are_set_aside_before_anything_else(make_wave: WaveMaker) -> None:
    rule = f'{CONSENT}responses = [{{ column = "ok", accept = ["1", "2"] }}]\n'
    sample = read_wave("first", surveys=make_wave(add={"wave": rule}, cells={"ok": [1, 2, 3, None]}))
    assert reasons(sample) == {REASONS[9]: 2, "no consent": 1}


def test_without_ids_equal_rows_of_one_day_are_not_copies(make_wave: WaveMaker) -> None:
    # Few answers, entered from paper with the day only: many respondents share all of them.
    cells: dict[str, list[object]] = {"q1": [1] * 4, "eth": [1] * 4, "age": [20] * 4, "id": [0] * 4}
    cells["when"] = ["2022-05-02", "2022-05-02", None, None]
    surveys = make_wave(edit={"wave": ('id = "id"', 'time = "when"')}, cells=cells)
    assert reasons(read_wave("first", surveys=surveys)) == {}
