"""Shifts and slopes are shown only where all that they are made of is, so that nothing hidden can be worked out."""

from __future__ import annotations

import pandas as pd
import pytest

from lpact_eval.disclosure.clear import ClearedRow, clear_rows
from lpact_eval.disclosure.following import clear_shifts, clear_slopes
from lpact_eval.disclosure.rules import UK, Reason
from lpact_eval.disclosure.spread import clear_distributions
from lpact_eval.evaluation.columns import ROW_COLUMNS

Record = dict[str, object]

WAVES = ("2022", "2024", "rerun")
NUMBERS = ["estimate", "std_error", "conf_low", "conf_high", "p_value", "p_adjusted", "n_effective", "design_effect"]
BASES = ["n", "n_first", "n_second"]


def row(measure: str, wave: str, n: float, **values: object) -> Record:
    """A row of the results before clearing, about Black respondents."""
    empty: Record = dict.fromkeys(ROW_COLUMNS, 0.5)
    place = {"indicator": "5.1", "variable": "fair", "answer": "agree", "by": "ethnicity", "group": "Black"}
    said = {"main": True, "weights": "within group", "comparable": "full", "flags": "", "refused": ""}
    return empty | place | said | {"measure": measure, "wave": wave, "n": n, "n_first": None, "n_second": None} | values


def change(first: float, second: float) -> Record:
    return row("change", "rerun - 2022", first + second, n_first=first, n_second=second)


def decided(rows: list[Record], hidden: dict[int, Reason] | None = None) -> list[tuple[ClearedRow, int]]:
    bases = [
        int(min(float(str(one[name])) for name in BASES if one[name] is not None) if one["n"] else 0) for one in rows
    ]
    return list(zip(clear_rows(rows, bases, hidden or {}, UK), bases, strict=True))


def shift(first: float, second: float, **values: object) -> pd.DataFrame:
    own = row("shift", "rerun - 2022", first + second, n_first=first, n_second=second, answer="agree", favourable=True)
    return pd.DataFrame([own | values])


def slope(**values: object) -> pd.DataFrame:
    own = row("slope", "rerun - 2022", 300, n_first=100, n_second=100, estimate=0.02, over="; ".join(WAVES))
    return pd.DataFrame([own | values])


def spread(values: tuple[float, float, float], n: float, wave: str) -> list[Record]:
    """Shares of three answers in one survey."""
    answers = zip(("agree", "neither", "disagree"), ("favourable", "middle", "unfavourable"), values, strict=True)
    return [
        row("distribution", wave, n, answer=answer, estimate=share, side=side, position=0)
        for answer, side, share in answers
    ]


def cleared_shift(first: float, second: float, hidden: dict[int, Reason] | None = None) -> pd.Series:
    rows = [change(first, second)]
    return clear_shifts(shift(first, second), decided(rows, hidden), pd.DataFrame(), UK).iloc[0]


@pytest.mark.parametrize(
    ("first", "tier", "mark", "shown", "tested"),
    [
        (100, "full", "", True, True),
        (60, "small", "", True, True),
        (49, "indicative", "[u]", True, False),
        (29, "withheld", "[u]", False, False),
    ],
)
def test_a_shift_has_the_tier_of_its_change(first: int, tier: str, mark: str, *, shown: bool, tested: bool) -> None:
    found = cleared_shift(first, 200)
    assert (found["tier"], found["mark"]) == (tier, mark)
    assert pd.notna(found["estimate"]) == shown
    assert pd.notna(found["p_adjusted"]) == tested
    assert found["n_first"] == first


def test_a_shift_goes_with_its_change_and_so_do_its_bases() -> None:
    found = cleared_shift(9, 200, {0: "small base"})
    assert (found["tier"], found["mark"]) == ("suppressed", "[c]")
    assert found[[*NUMBERS, *BASES]].isna().all()


def test_a_shift_without_a_change_in_the_release_is_not_shown() -> None:
    found = clear_shifts(shift(100, 200), [], pd.DataFrame(), UK).iloc[0]
    assert found["mark"] == "[c]"
    assert found[[*NUMBERS, *BASES]].isna().all()


def test_the_numbers_of_respondents_are_those_that_the_change_shows() -> None:
    found = clear_shifts(shift(97, 196), decided([change(100, 200)]), pd.DataFrame(), UK).iloc[0]
    assert (found["n"], found["n_first"], found["n_second"]) == (300, 100, 200)


def test_a_shift_does_not_give_a_hidden_distribution_back() -> None:
    """Of three answers one was not given; with the other survey's shares, the level and the shift it would be known."""
    shares = [*spread((0.5, 0.3, 0.2), 200, "2022"), *spread((0.7, 0.3, 0.0), 45, "rerun")]
    cleared = clear_distributions(shares, {}, UK)
    assert cleared.loc[cleared["wave"] == "rerun", "estimate"].isna().all()
    found = clear_shifts(shift(200, 45), decided([change(200, 45)]), cleared, UK).iloc[0]
    assert found["mark"] == "[c]"
    assert pd.isna(found["estimate"])
    open_shares = clear_distributions([*shares[:3], *spread((0.6, 0.3, 0.1), 45, "rerun")], {}, UK)
    assert pd.notna(clear_shifts(shift(200, 45), decided([change(200, 45)]), open_shares, UK)["estimate"].iloc[0])


def test_a_distribution_that_another_indicator_brought_hides_the_shift_as_well() -> None:
    shares = [{**one, "indicator": "5.9"} for one in spread((0.7, 0.3, 0.0), 45, "rerun")]
    cleared = clear_distributions(shares, {}, UK)
    assert pd.isna(clear_shifts(shift(200, 45), decided([change(200, 45)]), cleared, UK)["estimate"].iloc[0])


def test_a_refused_shift_keeps_its_reason_unless_it_is_withheld() -> None:
    for first, note in ((100, "Partly the same"), (20, "Withheld: fewer than 30 respondents.")):
        refused = shift(first, 100, refused="Partly the same", estimate=None)
        assert clear_shifts(refused, decided([change(first, 100)]), pd.DataFrame(), UK)["note"].iloc[0] == note


def levels(*bases: float, **values: object) -> list[Record]:
    return [row("level", wave, n, **values) for wave, n in zip(WAVES, bases, strict=True)]


@pytest.mark.parametrize(("middle", "mark", "shown"), [(100, "", True), (40, "[u]", True), (20, "[u]", False)])
def test_the_smallest_survey_decides_on_a_slope(middle: int, mark: str, *, shown: bool) -> None:
    rows = [*levels(100, middle, 100), change(100, 100)]
    found = clear_slopes(slope(), decided(rows), UK).iloc[0]
    assert found["mark"] == mark
    assert pd.notna(found["estimate"]) == shown
    assert pd.notna(found["p_adjusted"]) == (middle == 100)
    assert ("in one of the surveys" in found["note"]) == (middle < 100)


@pytest.mark.parametrize("place", range(4), ids=["first survey", "survey between", "last survey", "change"])
def test_a_slope_does_not_give_a_hidden_share_back(place: int) -> None:
    """Two shares and the slope of three would give the third."""
    rows = [*levels(100, 100, 100), change(100, 100)]
    found = clear_slopes(slope(), decided(rows, {place: "subtraction"}), UK).iloc[0]
    assert (found["tier"], found["mark"]) == ("suppressed", "[c]")
    assert found[[*NUMBERS, *BASES]].isna().all()


def test_a_share_that_is_too_near_to_all_hides_the_slope() -> None:
    rows = [*levels(100, 40, 100), change(100, 100)]
    rows[1]["estimate"] = 0.98
    assert clear_slopes(slope(), decided(rows), UK)["mark"].iloc[0] == "[c]"


def test_a_change_that_can_not_be_made_hides_no_slope_over_other_surveys() -> None:
    refused = row("change", "rerun - 2022", 0, comparable="none", refused="can't be compared in 2022")
    refused |= dict.fromkeys(BASES)
    four = ("2023", "2024", "rerun")
    rows = [*(row("level", wave, 100) for wave in four), refused]
    found = clear_slopes(slope(over="; ".join(four)), decided(rows), UK).iloc[0]
    assert found["estimate"] == 0.02


def test_a_survey_whose_share_is_not_in_the_release_hides_the_slope() -> None:
    rows = [*levels(100, 100, 100)[:2], change(100, 100)]
    assert clear_slopes(slope(), decided(rows), UK)["mark"].iloc[0] == "[c]"


def test_without_rows_there_is_nothing() -> None:
    assert clear_shifts(pd.DataFrame(), [], pd.DataFrame(), UK).empty
    assert clear_slopes(pd.DataFrame(), [], UK).empty
