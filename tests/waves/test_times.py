"""Dates as tools write them: read where they are beyond doubt or their order is stated, refused by count elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.waves.calendar_texts import moment, written_date
from lpact_eval.waves.definition import read_definition
from lpact_eval.waves.delivered import read_delivered
from lpact_eval.waves.reading import read_wave
from lpact_eval.waves.times import days, seconds

WaveMaker = Callable[..., Path]

UTF8 = 'encoding = "utf-8"\ntime = "when"'
THIRD = dt.date(2024, 9, 3)


def read_days(make_wave: WaveMaker, when: list[str | None], order: str = "") -> list[dt.date]:
    stated = f'\ndates = "{order}"' if order else ""
    surveys = make_wave(cells={"when": when}, delivered=UTF8 + stated)
    definition = read_definition("first", surveys)
    column = read_delivered(surveys / "first" / "delivered.csv", definition).column("when", where="here")
    return days(column, definition)


@pytest.mark.parametrize(
    "text",
    [
        "2024-09-03",
        "2024/9/3",
        "2024.09.03",
        "2024-09-03T10:15",
        "2024-09-03T10:15:30Z",
        "2024-09-03 10:15:30.123+01:00",
        "2024/09/03 10:15:30 AM GMT+1",
        "3 Sep 2024",
        "3 September 2024",
        "03-Sep-2024",
        "3rd Sept 2024 10:15",
        "3rd of September 2024",
        "Sep 3, 2024",
        "Sep 3, 2024 10:15 AM",
        "September 3, 2024 10:15 AM",
        "September 3rd 2024",
        "Tue 3 Sep 2024",
        "Tuesday, 3 September 2024",
        "Tuesday, September 3, 2024",
        "2024-Sep-03",
    ],
)
@pytest.mark.parametrize("order", ["", "day-first", "month-first", "iso"])
def test_a_date_beyond_doubt_is_read_whatever_order_is_stated(text: str, order: str) -> None:
    found = written_date(text)
    assert found is not None
    assert not found.needs_order
    assert found.day(order) == THIRD


@pytest.mark.parametrize(
    ("text", "day_first", "month_first"),
    [
        ("03/09/2024", THIRD, dt.date(2024, 3, 9)),
        ("3/9/24", THIRD, dt.date(2024, 3, 9)),
        ("03.09.2024 10:15", THIRD, dt.date(2024, 3, 9)),
        ("13/09/2024", dt.date(2024, 9, 13), None),
        ("09/13/2024", None, dt.date(2024, 9, 13)),
        ("03-Sep-24", THIRD, THIRD),
        ("Sep-03-24", THIRD, THIRD),
        ("3 Sep 24 10:15", THIRD, THIRD),
        ("31/02/2024", None, None),
    ],
)
def test_other_dates_are_read_in_the_stated_order_only(
    text: str, day_first: dt.date | None, month_first: dt.date | None
) -> None:
    found = written_date(text)
    assert found is not None
    assert found.needs_order
    assert (found.day("day-first"), found.day("month-first")) == (day_first, month_first)
    assert (found.day(""), found.day("iso")) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "45537",
        "45537.43",
        "yesterday",
        "3 Sep",
        "Sep 2024",
        "3/9",
        "1/2/345",
        "2024-09-2024",
        "3-9/2024",
        "MARKER 3",
    ],
)
def test_what_is_no_date_is_not_taken_for_one(text: str) -> None:
    assert written_date(text) is None


def test_a_month_that_is_no_month_is_no_date() -> None:
    found = written_date("2024-13-03")
    assert found is not None
    assert found.day("iso") is None


@pytest.mark.parametrize(
    ("text", "after_midnight"),
    [
        ("2024-09-03", 0),
        ("2024-09-03T10:15", 36_900),
        ("2024-09-03 10:15:30", 36_930),
        ("3 Sep 2024, 10:15 PM", 80_100),
        ("September 3, 2024 at 12:00 AM", 0),
        ("2024/09/03 10:15:00 am GMT+1", 33_300),
        ("2024-09-03 10:15 BST", 33_300),
        ("2024-09-03 10:15 GMT", 36_900),
        ("2024-09-03 10:15-02:30", 45_900),
        ("2024-09-03 10:15 EST", None),  # its offset depends on the country
        ("2024-09-03 25:15", None),
        ("2024-09-03 10:61", None),
    ],
)
def test_times_of_day_are_counted_from_midnight_in_utc(text: str, after_midnight: int | None) -> None:
    midnight = dt.datetime(2024, 9, 3, tzinfo=dt.UTC).timestamp()
    assert moment(THIRD, text) == (None if after_midnight is None else midnight + after_midnight)


@given(day=st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)))
def test_every_day_is_read_as_itself_however_it_is_written(day: dt.date) -> None:
    written = {
        "day-first": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
        "month-first": ("%m/%d/%Y", "%m-%d-%Y"),
        "iso": ("%Y-%m-%d", "%Y/%m/%d", "%d %B %Y", "%d-%b-%Y", "%B %d, %Y", "%a %d %b %Y", "%A, %B %d, %Y"),
    }
    for order, forms in written.items():
        for form in forms:
            found = written_date(f"{day:{form}}")
            assert found is not None, form
            assert found.day(order) == day


@given(text=st.text(max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = written_date(text)
    if found is not None:
        assert all(found.day(order) is None or isinstance(found.day(order), dt.date) for order in ("", "day-first"))
        assert moment(THIRD, text) is None or isinstance(moment(THIRD, text), float)


def test_an_order_that_is_not_stated_is_asked_for_with_counts(make_wave: WaveMaker) -> None:
    # All four could be day-first, only the first two month-first.
    with pytest.raises(DefinitionError, match=r"4 of 4 fit day-first and 2 of 4 fit month-first; add dates") as caught:
        read_days(make_wave, ["03/05/2022", "04/05/2022", "13/05/2022", "14/05/2022"])
    assert "13/05" not in str(caught.value)


def test_an_order_is_asked_for_even_where_only_one_fits(make_wave: WaveMaker) -> None:
    with pytest.raises(DefinitionError, match=r"4 of 4 fit day-first and 0 of 4 fit month-first"):
        read_days(make_wave, ["13/05/2022", "14/05/2022", "15/05/2022", "16/05/2022"])


def test_a_two_digit_year_needs_the_order_too(make_wave: WaveMaker) -> None:
    with pytest.raises(
        DefinitionError, match=r"their order is not declared: 4 of 4 fit day-first and 4 of 4 fit month"
    ):
        read_days(make_wave, ["03-May-22"] * 4)
    assert read_days(make_wave, ["03-May-22"] * 4, "day-first") == [dt.date(2022, 5, 3)]


def test_dates_that_contradict_the_stated_order_propose_the_other_one(make_wave: WaveMaker) -> None:
    when = ["05/03/2022", "05/04/2022", "05/13/2022", "05/14/2022"]
    message = (
        r"wave\.toml:\d+: wave\.toml states dates = 'day-first', but 2 of the dates in column 'when' can't be read so: "
        r"2 of 4 fit day-first and 4 of 4 fit month-first\. State dates = \"month-first\""
    )
    with pytest.raises(HarmonisationError, match=message) as caught:
        read_days(make_wave, when, "day-first")
    assert "05/13" not in str(caught.value)
    assert len(read_days(make_wave, when, "month-first")) == 4


def test_dates_in_words_contradict_no_order(make_wave: WaveMaker) -> None:
    found = read_days(make_wave, ["3 May 2022", "2022-05-04", "May 5, 2022 10:15 AM", None], "iso")
    assert found == [dt.date(2022, 5, 3), dt.date(2022, 5, 4), dt.date(2022, 5, 5)]


def test_bare_numbers_are_refused_as_excels(make_wave: WaveMaker) -> None:
    with pytest.raises(
        HarmonisationError, match=r"3 rows of column 'when' hold no date.* 2 of them hold a bare number"
    ):
        read_days(make_wave, ["44684", "44685.5", "MARKER", "2022-05-04"], "day-first")


def test_dates_that_no_order_fits_are_counted(make_wave: WaveMaker) -> None:
    with pytest.raises(
        HarmonisationError, match=r"1 rows of column 'when' hold no date in the declared order \(day-first"
    ):
        read_days(make_wave, ["31/02/2022", "03/05/2022", "03/05/2022", "03/05/2022"], "day-first")


def test_the_order_that_a_preset_states_is_named_as_the_presets(make_wave: WaveMaker) -> None:
    surveys = make_wave(cells={"when": ["13/05/2022"] * 4}, delivered=f'{UTF8}\npreset = "ms-forms"')
    with pytest.raises(
        HarmonisationError, match=r"the preset ms-forms states dates = 'month-first', but 4 of the dates"
    ):
        read_wave("first", surveys=surveys)


def test_a_presets_order_can_be_switched_off(make_wave: WaveMaker) -> None:
    layout = f'{UTF8}\npreset = "ms-forms"\ndates = ""'
    with pytest.raises(DefinitionError, match=r"their order is not declared"):
        read_wave("first", surveys=make_wave(cells={"when": ["03/05/2022"] * 4}, delivered=layout))


def test_seconds_follow_the_stated_order(make_wave: WaveMaker) -> None:
    surveys = make_wave(
        cells={"when": ["03/05/2022 10:00", "03/05/2022 10:01", None, "03/05/2022 09:59"]}, delivered=UTF8
    )
    wave = surveys / "first" / "wave.toml"
    wave.write_text(wave.read_text(encoding="utf-8") + 'dates = "day-first"\n', encoding="utf-8")
    definition = read_definition("first", surveys)
    column = read_delivered(surveys / "first" / "delivered.csv", definition).column("when", where="here")
    found = seconds(column, definition, "here")
    assert (found[1] - found[0], found[3] - found[0]) == (60, -60)
    assert found[0] == dt.datetime(2022, 5, 3, 10, tzinfo=dt.UTC).timestamp()
    assert str(found[2]) == "nan"
