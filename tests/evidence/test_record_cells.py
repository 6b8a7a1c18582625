"""Times, numbers and words as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.evidence.findings import listed_rows
from lpact_eval.evidence.headings import plain
from lpact_eval.evidence.record_cells import _is_name, _number
from lpact_eval.evidence.record_dates import Wrong, read_date, read_time
from lpact_eval.evidence.record_schema import Column


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("18:00", 1080),
        ("18.30", 1110),
        ("6pm", 1080),
        ("6.30 p.m.", 1110),
        ("12 am", 0),
        ("12:15 PM", 735),
        ("1830", 1110),
        ("930", 570),
        ("0915hrs", 555),
        ("18:00:00", 1080),
        ("18:19:59.999997", 1100),
        ("0.75", 1080),
        ("2024-03-16T18:00:00", 1080),
        ("24:00", 1440),
        ("24:30", 1470),
        ("00:00", 0),
    ],
)  # fmt: skip - a table of two columns
def test_times_are_read_as_they_are_typed(text: str, minutes: float) -> None:
    assert read_time(text) == minutes


@pytest.mark.parametrize("text", ["18", "18:60", "30:00", "13pm", "0am", "noon", "18-00", "-1:00", "1:2"])
def test_what_is_no_time_is_told(text: str) -> None:
    assert isinstance(read_time(text), Wrong)


@given(st.integers(0, 24 * 60 - 1))
def test_every_minute_of_the_day_is_read_in_both_clocks(minute: int) -> None:
    hour, rest = divmod(minute, 60)
    half = f"{(hour - 1) % 12 + 1}:{rest:02} {'pm' if hour >= 12 else 'am'}"
    assert read_time(f"{hour:02}:{rest:02}") == read_time(half) == minute


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("1,200", "count", 1200),
        ("60.0", "count", 60),
        ("£1,085.50", "money", 1085.5),
        ("85.", "money", 85),
        ("+3", "hours", 3),
        ("2.5", "hours", 2.5),
        ("0", "count", 0),
        ("1e-05", "money", 1e-05),
    ],
)  # fmt: skip - a table of three columns
def test_numbers_are_read_as_they_are_typed(text: str, kind: str, number: float) -> None:
    assert _number(text, column=Column("n", "N", kind)) == number  # pyright: ignore[reportArgumentType] - drawn above


@pytest.mark.parametrize(
    "text", ["1,20", "12,0000", "nan", "inf", "1e400", "£", "sixty", "60-70", "1_000", "٣", "0x1F"]
)
def test_what_is_no_number_is_told(text: str) -> None:
    assert _number(text, column=Column("n", "N", "money")) == "not a number"


def test_a_date_is_read_in_the_order_given() -> None:
    days = [str(read_date("03/04/2024", order)) for order in ("day-first", "month-first")]
    assert days == ["2024-04-03", "2024-03-04"]


@pytest.mark.parametrize("code", ["P017", "AB", "ab", "17", "F-12", "P A1", "form seven", "Person A", "ABCD", "xyz"])
def test_codes_are_no_names(code: str) -> None:
    assert not _is_name(code)


@pytest.mark.parametrize("name", ["Amina", "amina", "Amina Yusuf", "AMINA YUSUF", "Al-Hassan", "O'Neill", "Zoë", "Ali"])
def test_names_are_no_codes(name: str) -> None:
    assert _is_name(name)


@given(st.text(max_size=20))
def test_folding_words_twice_is_folding_them_once(word: str) -> None:
    assert plain(plain(word)) == plain(word)


def test_rows_are_listed_up_to_the_tenth() -> None:
    assert listed_rows([2]) == "row 2"
    assert listed_rows([2, 5, 9]) == "rows 2, 5 and 9"
    assert listed_rows(list(range(2, 1502))) == "rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 1,490 more"
