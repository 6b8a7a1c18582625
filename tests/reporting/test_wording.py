from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import DefinitionError, LpactError
from lpact_eval.reporting.sentences import read_sentences
from lpact_eval.reporting.wording import BANNED, banned_words, require_plain_words
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("phrase", BANNED)
def test_every_banned_phrase_is_found_whatever_its_case_and_line_breaks(phrase: str) -> None:
    assert banned_words(f"So the {phrase.upper()} was") == [phrase.upper()]
    assert banned_words(phrase.replace(" ", "\n  ")) == [phrase]


def test_words_that_only_contain_a_banned_one_are_let_through() -> None:
    assert banned_words("because; no changes of wording; an impact") == []


def test_an_output_with_a_banned_word_is_refused_with_advice() -> None:
    with pytest.raises(LpactError, match=r"report\.html: it says 'no change' .* we can't tell"):
        require_plain_words("There was no change.", "report.html")


@pytest.mark.parametrize(
    "name", ["page.html", "parts.html", "limits.html", "method.html", "attendance.html", "sentences.toml"]
)
def test_the_shipped_templates_hold_no_banned_word(name: str) -> None:
    assert banned_words((templates_folder() / name).read_text(encoding="utf-8")) == []


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
