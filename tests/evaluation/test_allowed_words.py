"""A plan may use a word that reports avoid, but only by name and with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.disclosure.facts import facts_from
from lpact_eval.errors import DefinitionError

if TYPE_CHECKING:
    from pathlib import Path

PLAN = """\
title = "Test"
waves = ["2022", "rerun"]

[[indicator]]
id = "5.1"
outcome = 5
title = "Confidence"
variable = "conf_overall"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_words_and_their_reasons_reach_the_reports(tmp_path: Path) -> None:
    allowed = '\n[[allow_words]]\nword = "BAME"\nreason = "The network\'s own name."\n'
    plan = lp.read_plan(written(tmp_path, PLAN + allowed))
    assert plan.allow_words == (("BAME", "The network's own name."),)
    assert facts_from(plan).allow_words == plan.allow_words


def test_a_plan_allows_nothing_by_itself(tmp_path: Path) -> None:
    assert lp.read_plan(written(tmp_path, PLAN)).allow_words == ()


@pytest.mark.parametrize("keys", ['word = "BAME"', 'word = "BAME"\nreason = ""', 'word = ""\nreason = "a name"'])
def test_a_word_without_a_reason_is_an_error_with_its_line(tmp_path: Path, keys: str) -> None:
    with pytest.raises(DefinitionError, match=r"plan\.toml"):
        lp.read_plan(written(tmp_path, f"{PLAN}\n[[allow_words]]\n{keys}\n"))
