from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import DefinitionError
from lpact_eval.reporting.sentences import read_sentences

if TYPE_CHECKING:
    from pathlib import Path


def test_a_sentence_with_an_unknown_slot_names_the_file_and_the_slots(tmp_path: Path) -> None:
    (tmp_path / "sentences.toml").write_text('[fixed]\nnote = "For {someone}"\n', encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"sentences\.toml: the sentence 'fixed\.note' .*'someone'.*\['people'\]"):
        read_sentences(tmp_path).say("fixed.note", {"people": "Black respondents"})


def test_a_missing_sentence_is_named(tmp_path: Path) -> None:
    (tmp_path / "sentences.toml").write_text("", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"'change\.text\.clear' is missing"):
        read_sentences(tmp_path).say("change.text.clear")


@pytest.mark.parametrize("content", [None, "not toml"])
def test_sentences_that_can_not_be_read_are_a_clear_error(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "sentences.toml").write_text(content, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"sentences\.toml"):
        read_sentences(tmp_path)
