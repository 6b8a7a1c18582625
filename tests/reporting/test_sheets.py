from __future__ import annotations

from textwrap import wrap

from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.reporting import sheets

PIECES = ("a", "be", "see", "words ", " ", "-", "\n", "longest", ".", "\u2014", "\u00a0", "\u00e9 ")


@given(st.lists(st.sampled_from(PIECES), min_size=1).map("".join), st.integers(1, 20))
def test_lines_are_counted_as_they_wrap(text: str, limit: int) -> None:
    assert sheets._lines(text, limit) == len(wrap(text, limit)) or len(text) <= limit
