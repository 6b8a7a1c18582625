from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.reporting.numbers import rounded
from lpact_eval.reporting.plain_numbers import difference_words, in_every_hundred, range_words, share_words

SHARES = st.floats(0, 1)
BASES = st.sampled_from([56, 400, 2000])
NAMED = {"almost none": (0, 2), "fewer than 1 in 10": (0, 10), "more than 9 in 10": (90, 100), "almost all": (98, 100)}


def meant(words: str) -> tuple[float, float]:
    """What a reader takes words to mean, in per cent."""
    if words in NAMED:
        return NAMED[words]
    if words == "about half":
        return 48, 52
    tenths = [10 * int(number) for number in re.findall(r"\d+", words)[:-1]]
    return (tenths[0] - 2, tenths[0] + 2) if words.startswith("about") else (tenths[0], tenths[1])


@given(SHARES, BASES)
def test_words_never_mean_what_was_not_published(share: float, base: int) -> None:
    low, high = meant(share_words(share, base))
    assert low <= rounded(share, base) <= high


@given(SHARES, SHARES, BASES)
def test_a_larger_share_is_never_worded_as_the_smaller_one(one: float, other: float, base: int) -> None:
    small, large = sorted([one, other])
    assert meant(share_words(small, base))[0] <= meant(share_words(large, base))[0] + 2
    assert abs(sum(meant(share_words(small, base))) - sum(meant(share_words(large, base)))) / 2 <= (
        abs(rounded(large, base) - rounded(small, base)) + 7
    )


@given(SHARES, SHARES, BASES)
def test_a_range_in_tenths_holds_all_of_the_published_one(one: float, other: float, base: int) -> None:
    low, high = sorted([one, other])
    ends = [
        {"none": 0, "all": 100}.get(end) if end in {"none", "all"} else 10 * int(end.split(" in ")[0])
        for end in range_words(low, high, base).split(" to ")
    ]
    assert ends[0] <= rounded(low, base)
    assert ends[1] >= rounded(high, base)
    assert rounded(low, base) - ends[0] < 10
    assert ends[1] - rounded(high, base) < 10


@given(st.floats(-1, 1), st.floats(-1, 1), BASES)
def test_a_difference_in_people_holds_all_of_the_published_one(one: float, other: float, base: int) -> None:
    low, high = sorted([one, other])
    ends = [
        0 if end == "0" else int(end.split()[0]) * (1 if end.endswith("more") else -1)
        for end in difference_words(low, high, base).split(" to ")
    ]
    assert ends[0] <= rounded(low, base) < ends[0] + 1
    assert ends[1] - 1 < rounded(high, base) <= ends[1]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "almost none"),
        (0.05, "fewer than 1 in 10"),
        (0.09, "about 1 in 10"),
        (0.34, "between 3 and 4 in 10"),
        (0.49, "about half"),
        (0.61, "about 6 in 10"),
        (0.95, "more than 9 in 10"),
        (1.0, "almost all"),
    ],
)
def test_shares_are_worded_as_people_say_them(share: float, words: str) -> None:
    assert share_words(share, 60) == words


def test_a_size_has_no_sign() -> None:
    assert in_every_hundred(-0.12, 60) == in_every_hundred(0.12, 60) == "12 in every 100"
    assert in_every_hundred(0.1234, 2000) == "12.3 in every 100"
