from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.rows import group_label, group_order, people, rows_of, the_wave, wave_heading

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.rows import Row


def test_groups_are_in_the_order_of_the_alphabet_with_other_and_unknown_last() -> None:
    groups = ["White", "Other", "Black", "All respondents", "Prefer not to say", "Mixed", "Chinese or other", "Asian"]
    assert sorted(groups, key=group_order) == [
        *("All respondents", "Asian", "Black", "Mixed", "White"),
        *("Chinese or other", "Other", "Prefer not to say"),
    ]


def test_groups_are_named_as_people_are() -> None:
    assert people("Black") == "Black respondents"
    assert people("Other") == "respondents from other ethnic groups"
    assert group_label("Other") == "Other ethnic group"


def test_waves_are_named_as_people_speak_of_them() -> None:
    assert (the_wave("2022"), the_wave("rerun"), wave_heading("rerun")) == ("2022", "the re-run", "Re-run")


def test_a_change_is_clear_only_when_its_adjusted_test_says_so(changed: Callable[..., Row]) -> None:
    assert changed(p_adjusted=0.049).clear
    assert not changed(p_value=0.001, p_adjusted=0.05).clear


@pytest.mark.parametrize("tier", ["suppressed", "withheld", "indicative", "refused"])
def test_no_small_base_is_ever_clear(changed: Callable[..., Row], tier: str) -> None:
    assert not changed(p_adjusted=0.001, tier=tier).clear


def test_a_refused_row_is_never_clear(changed: Callable[..., Row]) -> None:
    assert not changed(p_adjusted=0.001, refused="composition").clear


def test_missing_numbers_and_counts_are_read_as_such(published: Published) -> None:
    hidden = next(row for row in rows_of(published) if row.mark == "[c]")
    assert not hidden.shown
    assert (hidden.n, hidden.n_first, hidden.base) == (None, None, None)
