"""Numbers: words that stand for them, and ages worked out from births that go no further."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.waves.reading import read_wave

WaveMaker = Callable[..., Path]
SLOW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
AGE = 'column = "age"\nrange = [16, 110]\n'
MISSING = '\n[age.missing]\n999 = "prefer not to say"\n'
WORDS = '\n[age.numbers]\n"90 or over" = 90\n"half past thirty" = 30.5\n'
BIRTH = 'column = "born"\nrange = [16, 110]\nderive = "age from date of birth"\nat = "{at}"\n'
YEAR = 'column = "born"\nrange = [16, 110]\nderive = "age from year of birth"\nat = "fieldwork start"\n'


def ages(sample: lp.Sample) -> list[float]:
    return sample.answers["age"].fillna(-1).tolist()


def test_words_stand_for_numbers(make_wave: WaveMaker) -> None:
    cells = {"age": ["90  or over", "44", "half past thirty", "999"]}
    sample = read_wave("first", surveys=make_wave(edit={"crosswalk": (MISSING, WORDS + MISSING)}, cells=cells))
    assert ages(sample) == [90, 44, 30.5, -1]
    assert sample.missing["age"].iloc[3] == "prefer not to say"


def test_other_words_are_counted_and_never_shown(make_wave: WaveMaker) -> None:
    cells = {"age": ["90 or over", "MARKER", "MARKER", "44"]}
    with pytest.raises(HarmonisationError, match=r"not mapped: 1 text in 2 rows, not shown") as caught:
        read_wave("first", surveys=make_wave(edit={"crosswalk": (MISSING, WORDS + MISSING)}, cells=cells))
    assert "MARKER" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ('"3 or more" = 3', r"crosswalk\.toml:\d+: 3 is outside range = \[16, 110\]; correct one of them"),
        ('"old" = "90"', r"'old' in \[age\.numbers\] is '90'"),
        ('"old" = inf', r"'old' in \[age\.numbers\] is inf"),
        ('"999" = 99', r"code '999' is mapped twice, here and in \[age\.missing\]|is mapped twice"),
        ('"" = 20', r"an empty cell is no answer; map \"\" in \[age\.missing\]"),
    ],
)
def test_wrong_words_are_refused(make_wave: WaveMaker, words: str, message: str) -> None:
    edit = {"crosswalk": (MISSING, f"\n[age.numbers]\n{words}\n{MISSING}")}
    with pytest.raises(DefinitionError, match=message):
        read_wave("first", surveys=make_wave(edit=edit))


def test_only_numbers_have_words(make_wave: WaveMaker) -> None:
    with pytest.raises(
        DefinitionError, match=r"words for numbers are for numbers as delivered; 'confidence' is a scale"
    ):
        read_wave("first", surveys=make_wave(add={"crosswalk": '\n[confidence.numbers]\n"three" = 3\n'}))


def born(
    make_wave: WaveMaker,
    births: list[object],
    *,
    item: str = BIRTH.format(at="fieldwork start"),
    layout: str = 'encoding = "utf-8"\ndates = "day-first"',
    missing: str = MISSING,
    more: dict[str, list[object]] | None = None,
) -> Path:
    edit = {"crosswalk": (AGE + MISSING, item + missing)}
    return make_wave(edit=edit, delivered=layout, cells={"born": births, **(more or {})})


def test_age_is_the_whole_years_on_the_first_day_of_fieldwork(make_wave: WaveMaker) -> None:
    """Fieldwork starts on 1 May 2022: the birthdays are that day, the day after, and 29 February."""
    sample = read_wave("first", surveys=born(make_wave, ["01/05/2000", "02/05/2000", "29/02/2004", None]))
    assert ages(sample) == [22, 21, 18, -1]
    assert sample.missing["age"].iloc[3] == "blank"
    assert list(sample.answers["age_band"])[:3] == ["16-34"] * 3


def test_the_first_day_of_fieldwork_is_the_day_unless_stated(make_wave: WaveMaker) -> None:
    item = BIRTH.replace('at = "{at}"\n', "")
    sample = read_wave("first", surveys=born(make_wave, ["01/05/2000", "02/05/2000", None, None], item=item))
    assert ages(sample)[:2] == [22, 21]


def test_the_last_day_of_fieldwork_may_be_the_day(make_wave: WaveMaker) -> None:
    births = ["31/05/2000", "01/06/2000", "02/05/2000", "30/05/2006"]
    assert ages(read_wave("first", surveys=born(make_wave, births, item=BIRTH.format(at="fieldwork end")))) == [
        22,
        21,
        22,
        16,
    ]


def test_the_day_may_be_that_of_the_interview(make_wave: WaveMaker) -> None:
    """Born on 10 May 2000: 21 on the 9th, 22 on the 10th; a row without its time has no age."""
    layout = 'encoding = "utf-8"\ndates = "day-first"\ntime = "done"'
    more: dict[str, list[object]] = {"done": ["09/05/2022 23:59", "10/05/2022 00:01", "11/05/2022 12:00", None]}
    surveys = born(make_wave, ["10/05/2000"] * 4, item=BIRTH.format(at="interview"), layout=layout, more=more)
    sample = read_wave("first", surveys=surveys)
    assert ages(sample) == [21, 22, 22, -1]
    note = "age not known for want of the interview's date, counted as blank: age (1 delivered rows)"
    assert note in set(sample.ledger["reason"])


@pytest.mark.parametrize(
    ("year", "before", "after"), [(2023, 22, 23), (2024, 23, 24)], ids=["no leap year", "leap year"]
)
def test_who_was_born_on_29_february_has_a_birthday_on_1_march_of_other_years(
    make_wave: WaveMaker, year: int, before: int, after: int
) -> None:
    """In a leap year the birthday is 29 February itself, so that 28 February is before it in either."""
    ends = dt.date(year, 3, 1) - dt.timedelta(days=1)
    surveys = born(make_wave, ["29/02/2000"] * 4, item=BIRTH.format(at="fieldwork end"))
    wave = surveys / "first" / "wave.toml"
    text = wave.read_text("utf-8").replace("2022-05-01", f"{year}-02-01")
    wave.write_text(text.replace("2022-05-31", f"{year}-02-28"), "utf-8")
    assert ages(read_wave("first", surveys=surveys)) == [before] * 4
    wave.write_text(text.replace("2022-05-31", f"{year}-03-01"), "utf-8")
    assert ages(read_wave("first", surveys=surveys)) == [after] * 4
    wave.write_text(text.replace("2022-05-31", ends.isoformat()), "utf-8")
    assert ages(read_wave("first", surveys=surveys)) == [after if ends.day == 29 else before] * 4


def test_impossible_ages_are_blank_and_counted(make_wave: WaveMaker) -> None:
    """Too young, not born yet, too old; and without a range of its own an age lies between 0 and 120."""
    births = ["01/05/2010", "01/05/2023", "01/05/1901", "01/05/1980"]
    sample = read_wave("first", surveys=born(make_wave, births))
    assert ages(sample) == [-1, -1, -1, 42]
    assert "impossible numbers, counted as blank: age (3 delivered rows)" in set(sample.ledger["reason"])
    free = BIRTH.format(at="fieldwork start").replace("range = [16, 110]\n", "")
    assert ages(read_wave("first", surveys=born(make_wave, births, item=free))) == [12, -1, -1, 42]


def test_a_year_of_two_digits_is_not_in_the_future(make_wave: WaveMaker) -> None:
    assert ages(read_wave("first", surveys=born(make_wave, ["01/05/85", "01/05/01", "02/05/85", "01/05/99"]))) == [
        37,
        21,
        36,
        23,
    ]


def test_the_order_of_dates_of_birth_is_never_guessed(make_wave: WaveMaker) -> None:
    with pytest.raises(DefinitionError, match=r"wave\.toml:\d+: .*column 'born'.*dates = \"day-first\""):
        read_wave("first", surveys=born(make_wave, ["01/05/2000"] * 4, layout='encoding = "utf-8"'))
    months = 'encoding = "utf-8"\ndates = "month-first"'
    assert ages(read_wave("first", surveys=born(make_wave, ["05/02/2000"] * 4, layout=months))) == [21] * 4


def test_texts_that_are_no_date_are_counted_and_never_shown(make_wave: WaveMaker) -> None:
    births: list[object] = ["01/05/2000", "MARKER-1", "MARKER-2", "refused"]
    missing = MISSING + '"refused" = "prefer not to say"\n'
    message = r"crosswalk\.toml:\d+: 'age' is derived from dates of birth; map texts .* 2 rows of column 'born'"
    with pytest.raises(HarmonisationError, match=message) as caught:
        read_wave("first", surveys=born(make_wave, births, missing=missing))
    assert "MARKER" not in str(caught.value)
    births[1:3] = ["refused", None]
    sample = read_wave("first", surveys=born(make_wave, births, missing=missing))
    assert list(sample.missing["age"].astype(object))[1:] == ["prefer not to say", "blank", "prefer not to say"]


def test_age_from_a_year_is_that_reached_in_the_year(make_wave: WaveMaker) -> None:
    surveys = born(make_wave, [2000, 1985, 2015, 999], item=YEAR)
    sample = read_wave("first", surveys=surveys)
    assert ages(sample) == [22, 37, -1, -1]
    assert list(sample.missing["age"].astype(object))[2:] == ["blank", "prefer not to say"]


def test_what_is_no_year_is_counted_and_never_shown(make_wave: WaveMaker) -> None:
    message = r"'age', column 'born': not mapped: 2 texts in 3 rows, not shown.*A year of four digits is expected"
    with pytest.raises(HarmonisationError, match=message) as caught:
        read_wave("first", surveys=born(make_wave, ["1985", "85", "85", "19 MARKER"], item=YEAR))
    assert "MARKER" not in str(caught.value)


def test_spss_dates_are_dates_of_birth(make_wave: WaveMaker) -> None:
    surveys = make_wave("sav", edit={"crosswalk": (AGE, BIRTH.format(at="fieldwork start"))})
    frame = pd.DataFrame(
        {
            "id": [1.0, 2.0],
            "q1": [1.0, 2.0],
            "eth": [1.0, 2.0],
            "born": [dt.date(2000, 5, 1), dt.date(2000, 5, 2)],
        }
    )
    pyreadstat.write_sav(frame, surveys / "first" / "delivered.sav")
    assert ages(read_wave("first", surveys=surveys)) == [22, 21]


def test_a_date_of_birth_goes_no_further_than_its_age(make_wave: WaveMaker, tmp_path: Path) -> None:
    births = ["01/05/2000", "17/11/1963", "02/05/1985", "03/05/1949"]
    surveys = born(make_wave, births)
    sample = read_wave("first", surveys=surveys)
    book = lp.crosswalk_to_excel("first", tmp_path / "1.xlsx", surveys=surveys)
    texts = [sample.answers.to_csv(), sample.missing.to_csv(), sample.ledger.to_csv(), repr(sample.codebook)]
    texts += [path.read_bytes().decode("latin-1") for path in lp.write_harmonised(sample, tmp_path / "back")]
    import zipfile  # noqa: PLC0415 - for this test alone

    with zipfile.ZipFile(book) as packed:
        texts += [packed.read(name).decode("latin-1") for name in packed.namelist()]
    for day in births:
        year = day[-4:]
        assert not any(day in text or f"{year}-{day[3:5]}-{day[:2]}" in text for text in texts)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (BIRTH.format(at="interview"), r"crosswalk\.toml:\d+: at = \"interview\" needs the column with the day of the"),
        ('column = "born"\nat = "interview"\n', r"crosswalk\.toml:\d+: at says for which day .*'age' derives none"),
        (BIRTH.format(at="today"), r"'at' in \[age\] is 'today'"),
        (BIRTH.format(at="interview").replace("date of", "day of"), r"'derive' in \[age\] is 'age from day of birth'"),
        (BIRTH.format(at="interview") + '[age.numbers]\n"old" = 90\n', r"'age' is a number derived from births"),
    ],
)
def test_incomplete_derivations_are_refused(make_wave: WaveMaker, item: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        read_wave("first", surveys=born(make_wave, ["01/05/2000"] * 4, item=item))


def test_only_numbers_are_derived(make_wave: WaveMaker) -> None:
    edit = {"crosswalk": ('column = "q1"', 'column = "q1"\nderive = "age from year of birth"\nat = "fieldwork end"')}
    with pytest.raises(DefinitionError, match=r"an age is derived for a number .*; 'confidence' is a scale"):
        read_wave("first", surveys=make_wave(edit=edit))


@SLOW
@given(st.lists(st.dates(dt.date(1915, 1, 1), dt.date(2005, 12, 31)), min_size=1, max_size=8))
def test_age_is_the_number_of_birthdays_since_birth(make_wave: WaveMaker, births: list[dt.date]) -> None:
    """Birthdays are counted one by one; 29 February falls on 1 March where the year has none."""
    start = dt.date(2022, 5, 1)

    def birthday(birth: dt.date, year: int) -> dt.date:
        try:
            return birth.replace(year=year)
        except ValueError:
            return dt.date(year, 3, 1)

    wanted = [sum(birthday(one, year) <= start for year in range(one.year + 1, 2023)) for one in births]
    rows = len(births)
    more: dict[str, list[object]] = {"id": list(range(rows)), "q1": [1] * rows, "eth": [1] * rows, "age": [1] * rows}
    item = BIRTH.format(at="fieldwork start")
    surveys = born(make_wave, [f"{one:%d/%m/%Y}" for one in births], item=item, more=more)
    assert ages(read_wave("first", surveys=surveys)) == [age if 16 <= age <= 110 else -1 for age in wanted]
