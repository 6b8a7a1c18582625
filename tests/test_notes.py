"""Notes of steps, and the reason that they share."""

from __future__ import annotations

import pytest

from lpact_eval.notes import parts_and_reason


@pytest.mark.parametrize(
    ("notes", "parts", "reason"),
    [
        ("Sex not used (few); Age not used (few)", ["Sex not used", "Age not used"], "few"),
        ("Sex not used (few); Age not used (none)", ["Sex not used (few)", "Age not used (none)"], ""),
        ("Sex not used (few); trimmed", ["Sex not used (few)", "trimmed"], ""),
        ("Sex not used (few)", ["Sex not used (few)"], ""),
        ("", [], ""),
    ],
)
def test_a_reason_is_taken_out_where_all_of_several_notes_end_in_it(notes: str, parts: list[str], reason: str) -> None:
    assert parts_and_reason(notes) == (parts, reason)
