"""Suggestions: words of a dictionary found whatever their capitals and accents, prompts for coders and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.evidence.dictionary import context, find, fold
from lpact_eval.evidence.record_schema import Theme
from lpact_eval.evidence.records import EVIDENCE_COLUMNS
from lpact_eval.evidence.suggestions import PROMPT, SUGGESTED_COLUMNS, suggest_codes, suggestion_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.evidence.records import Evidence

    Build = Callable[..., Evidence]

THEMES = {
    "listening": Theme("listening", "Being listened to", "respect", ("listen*", "heard")),
    "stops": Theme("stops", "Stop and search", "respect", ("stop and search", "stop & search", "section 60")),
    "empty": Theme("empty", "Nothing to look for", "other"),
}
REGISTER = [{"event": "E", "date": "2023-01-01"}]


def evidence_of(small_evidence: Build, *said: tuple[str | None, tuple[str, ...] | None]) -> Evidence:
    feedback = [
        {"item": f"I{number}", "event": "E", "kind": "note", "question": "respect", "text": text, "coder_1": codes}
        for number, (text, codes) in enumerate(said)
    ]
    return small_evidence(themes=THEMES, register=REGISTER, feedback=feedback)


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (("listen*",), "They LISTENED.", True),
        (("listen*",), "A blisten", False),
        (("listen",), "listened", False),
        (("listen",), "listen, please", True),
        (("heard",), "unheard", False),
        (("cafe",), "the café", True),
        (("café",), "the CAFE", True),
        (("cafe\u0301",), "caf\u00e9", True),
        (("naïve*",), "naively", True),
        (("strasse",), "Straße", True),
        (("women's safety",), "women\u2019s safety", True),
        (("body worn",), "body-worn cameras", True),
        (("body-worn",), "body  worn", True),
        (("stop and search",), "stop\nand\u00a0search", True),
        (("stop and search",), "stopandsearch", False),
        (("stop & search",), "Stop & Search", True),
        (("section 60",), "section 600", False),
        (("a.b",), "axb", False),
        (("*", ""), "anything", False),
        (("hate crime*",), "hate crimes", True),
    ],
)
def test_words_are_found(words: tuple[str, ...], text: str, *, found: bool) -> None:
    assert find(fold([text]), {"theme": words}).table(1, 1)[0, 0] == found


def test_a_phrase_does_not_reach_from_one_text_into_the_next() -> None:
    assert not find(fold(["they stop", "and search"]), {"theme": ("stop and search",)}).text.size


def test_the_word_is_shown_as_it_was_written() -> None:
    texts = fold(["first", "Ẹ̀gbọ́n said the CAFÉ ﬁnally LISTENED to us", "last"])
    hits = find(texts, {"cafe": ("cafe",), "finally": ("finally",), "listening": ("listen*",)})
    assert hits.text.tolist() == [1, 1, 1]
    words = [word for _, word, _ in context(texts, hits, around=12)]
    assert words == ["CAFÉ", "ﬁnally", "LISTENED"]
    before, _, after = context(texts, hits, around=500)[0]
    assert before.endswith("gbọ́n said the ")
    assert after == " ﬁnally LISTENED to us"


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6), st.sampled_from(["a", "é*", "the", "ß"]))
def test_hits_lie_inside_their_text(texts: list[str], word: str) -> None:
    folded = fold(texts)
    hits = find(folded, {"theme": (word,)})
    assert folded.starts.size == len(texts)
    for number, (before, shown, after) in zip(hits.text, context(folded, hits, around=10**6), strict=True):
        whole = before + shown + after
        assert "\x1f" not in whole
        assert whole == folded.original.split("\x1f")[number]


def test_only_items_that_nobody_coded_are_suggested_a_theme(small_evidence: Build) -> None:
    evidence = evidence_of(
        small_evidence,
        ("Nobody listens when they stop and search us", None),
        ("Nobody listens", ("stops",)),
        ("We are heard, we are heard", None),
        (None, None),
        ("Nothing of the kind", None),
    )
    found = suggest_codes(evidence)
    assert tuple(found.columns) == SUGGESTED_COLUMNS
    assert found[["item", "theme"]].to_numpy().tolist() == [["I0", "listening"], ["I0", "stops"], ["I2", "listening"]]
    assert found[["before", "word", "after"]].iloc[0].tolist() == [
        "Nobody ",
        "listens",
        " when they stop and search us",
    ]
    assert set(found["status"]) == {PROMPT}


def test_a_text_that_looks_personal_is_not_shown(small_evidence: Build) -> None:
    evidence = evidence_of(small_evidence, ("Nobody listens, write to marker@example.org", None))
    found = suggest_codes(evidence).iloc[0]
    assert found[["before", "word", "after"]].tolist() == ["", "listens", ""]
    assert "e-mail" in found["status"]
    assert not any("marker" in str(value) for value in found)


def test_prompts_are_no_rows_that_a_release_could_take(small_evidence: Build) -> None:
    evidence = evidence_of(small_evidence, ("Nobody listens", None))
    assert not set(EVIDENCE_COLUMNS) <= set(suggest_codes(evidence).columns)
    rows = suggestion_rows(evidence)
    assert set(rows["table"]) == {"prompts"}
    assert set(rows["flags"]) == {PROMPT}


def test_recall_and_precision_against_the_first_coder(small_evidence: Build) -> None:
    """Listening: given to 3, found in 4, both 2; stop and search: given to 1, found in none."""
    evidence = evidence_of(
        small_evidence,
        ("they listen", ("listening",)),
        ("heard", ("listening",)),
        ("they ignore us", ("listening", "stops")),
        ("listen to this", ()),
        ("heard it said", ("none",)),
        ("listening", None),
        ("nothing", None),
    )
    rows = suggestion_rows(evidence).set_index(["group", "measure"])
    recall, precision = (name for name in rows.index.unique("measure") if name.startswith(("found", "given")))
    waiting = "uncoded items with a suggestion"
    columns = ["numerator", "n", "base"]
    assert rows.loc[("Being listened to", recall), columns].tolist() == [2.0, 3.0, "items"]
    assert rows.loc[("Being listened to", precision), columns].tolist() == [2.0, 4.0, "items"]
    assert rows.loc[("Being listened to", waiting), ["value", "n"]].tolist() == [1.0, 2.0]
    assert rows.loc[("Stop and search", recall), "value"] == 0
    assert rows.loc[("Stop and search", precision), "refused"] == "the dictionary finds it in no item"
    assert np.isnan(rows.loc[("Stop and search", precision), "value"])
    assert rows.loc[("Nothing to look for", recall), "refused"] == "the first coder gave it to no item"
    assert rows.loc[("", recall), columns].tolist() == [2.0, 4.0, "mentions"]
    assert rows.loc[("", waiting), "value"] == 1


def test_records_without_feedback_suggest_nothing(small_evidence: Build) -> None:
    evidence = evidence_of(small_evidence)
    assert suggest_codes(evidence).empty
    assert set(suggestion_rows(evidence)["refused"]) == {
        "",
        "the dictionary finds it in no item",
        "the first coder gave it to no item",
    }
