"""Groups of words as prompts: found where planted, the same every time, refused where texts are few."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.evidence import word_prompts as module
from lpact_eval.evidence.records import EVIDENCE_COLUMNS
from lpact_eval.evidence.suggestions import PROMPT
from lpact_eval.evidence.word_prompts import PROMPT_COLUMNS, word_prompts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lpact_eval.evidence.records import Evidence

    Build = Callable[..., Evidence]

needs_library = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None, reason="scikit-learn, of the extra 'text', is not installed"
)
TOPICS = (("football", "pitch", "coaches"), ("custody", "cells", "solicitor"), ("interpreter", "language", "leaflets"))
REGISTER = [{"event": "E", "date": "2023-01-01"}]


def evidence_of(small_evidence: Build, texts: Sequence[str | None]) -> Evidence:
    feedback = [
        {"item": f"I{number:03}", "event": "E", "kind": "note", "text": text} for number, text in enumerate(texts)
    ]
    return small_evidence(register=REGISTER, feedback=feedback)


def planted(number: int = 120) -> list[str]:
    """Give texts that each speak of one of three things, in words of which two of three are drawn."""
    chance = np.random.default_rng(5)
    texts: list[str] = []
    for place in range(number):
        words = chance.permutation(np.array(TOPICS[place % 3]))[:2]
        texts.append(f"We would like {words[0]} and {words[1]} number {place}")
    return texts


@needs_library
def test_planted_groups_of_words_are_found(small_evidence: Build) -> None:
    found = word_prompts(evidence_of(small_evidence, planted()), prompts=3, words=3)
    assert tuple(found.columns) == PROMPT_COLUMNS
    groups = {frozenset(part["word"]) for _, part in found.groupby("prompt")}
    assert groups == {frozenset(topic) for topic in TOPICS}
    assert found.groupby("prompt")["items"].first().tolist() == [40, 40, 40]
    assert found.groupby("prompt")["strength"].max().tolist() == [1.0, 1.0, 1.0]
    assert set(found["status"]) == {PROMPT}


@needs_library
def test_the_order_of_items_changes_nothing(small_evidence: Build) -> None:
    evidence = evidence_of(small_evidence, planted())
    feedback = evidence.tables["feedback"]
    moved = replace(evidence, tables={**evidence.tables, "feedback": feedback.iloc[::-1].reset_index(drop=True)})
    one, other = word_prompts(evidence, prompts=3), word_prompts(moved, prompts=3)
    assert one.equals(other)
    assert one.equals(word_prompts(evidence, prompts=3))


@needs_library
def test_prompts_hold_no_text_no_rare_word_and_no_number(small_evidence: Build) -> None:
    texts = [f"{text} on 07700 900123" if place % 2 else text for place, text in enumerate(planted(240))]
    texts[0] += " Planted-Marker"
    found = word_prompts(evidence_of(small_evidence, texts), prompts=3, words=50)
    assert not found["word"].str.contains("marker|planted|[0-9]").any()
    assert not set(EVIDENCE_COLUMNS) <= set(found.columns)
    examples = {item for cell in found["examples"] for item in cell.split("; ")}
    assert all(int(item[1:]) % 2 == 0 for item in examples)


@needs_library
def test_too_few_texts_are_refused_without_showing_any(small_evidence: Build) -> None:
    evidence = evidence_of(small_evidence, [*planted(99), None, "  "])
    with pytest.raises(EstimationError, match=r"there are 99 texts, and it takes 100 \(smallest_text_prompt") as caught:
        word_prompts(evidence)
    assert "football" not in str(caught.value)


@needs_library
def test_too_few_shared_words_are_refused(small_evidence: Build) -> None:
    with pytest.raises(EstimationError, match="Cannot make 30 groups of words: 9 words stand in 3 texts or more"):
        word_prompts(evidence_of(small_evidence, planted()), prompts=30)
    with pytest.raises(EstimationError, match="Cannot make 8 groups of words: 0 words stand"):
        word_prompts(evidence_of(small_evidence, ["the and of"] * 100))


@needs_library
def test_groups_that_do_not_settle_are_refused(small_evidence: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROUNDS", 1)
    with pytest.raises(EstimationError, match=r"they did not settle in 1 rounds\. Ask for fewer"):
        word_prompts(evidence_of(small_evidence, planted()), prompts=3)


@needs_library
@pytest.mark.parametrize(("prompts", "words"), [(0, 8), (8, 0)])
def test_nothing_cannot_be_asked_for(small_evidence: Build, prompts: int, words: int) -> None:
    with pytest.raises(WrongUseError, match="both are 1 or more"):
        word_prompts(evidence_of(small_evidence, planted()), prompts=prompts, words=words)


def test_without_the_library_it_says_what_to_install(small_evidence: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(WrongUseError, match=r'pip install "lpact-eval\[text\]"; suggest_codes needs nothing more'):
        word_prompts(evidence_of(small_evidence, planted()))
