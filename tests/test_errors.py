"""What a message keeps of a word that a damaged file made endlessly long."""

from __future__ import annotations

import copy

import pytest

from lpact_eval.errors import DefinitionError, LpactError


def test_a_word_of_thousands_of_characters_is_cut_and_counted() -> None:
    message = str(DefinitionError(f"crosswalk.toml:3: '{'x' * 4998}' is not a variable; allowed are 'a', 'b'."))
    assert message.endswith("... (5000 characters) is not a variable; allowed are 'a', 'b'.")
    assert message.startswith("crosswalk.toml:3: 'xxx")
    assert len(message) < 250


@pytest.mark.parametrize("text", ["", "a.toml:1: short", " ".join(["word"] * 2000), "p" * 300 + "/wave.toml:2: wrong"])
def test_what_a_person_typed_stays_whole(text: str) -> None:
    assert str(LpactError(text)) == text


def test_an_error_travels_between_processes() -> None:
    assert str(copy.copy(DefinitionError("plan.toml:4: wrong"))) == "plan.toml:4: wrong"
