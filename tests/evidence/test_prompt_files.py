"""Prompts for coders as files: suggestions for what nobody has coded, harmless in a spreadsheet, never written over."""

from __future__ import annotations

import csv
import importlib.util
import io
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.prompt_files import SUGGESTED, WORDS, write_prompts
from lpact_eval.evidence.suggestions import SUGGESTED_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path


def records(folder: Path, *texts: str) -> lp.Evidence:
    """Records of one event with some items that nobody has coded."""
    folder.mkdir()
    (folder / "register.csv").write_text("event,date\nE1,2024-03-16\n", encoding="utf-8")
    with (folder / "feedback.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["item", "event", "kind", "text"])
        writer.writerows([str(number), "E1", "form", text] for number, text in enumerate(texts, start=1))
    return lp.read_events(folder)


def lines(path: Path) -> list[dict[str, str]]:
    """Read a csv file back."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_items_that_nobody_coded_get_suggestions_and_few_texts_no_groups_of_words(tmp_path: Path) -> None:
    evidence = records(tmp_path / "mine", "They were rude to us.", "Lovely food.")
    files, why = write_prompts(evidence, tmp_path / "out")
    assert [path.name for path in files] == [SUGGESTED]
    (line,) = lines(files[0])
    assert tuple(line) == SUGGESTED_COLUMNS
    assert (line["item"], line["theme"], line["word"]) == ("1", "manner", "rude")
    assert "not a result" in line["status"]
    assert why.startswith("Cannot group words")


@pytest.mark.skipif(importlib.util.find_spec("sklearn") is None, reason="scikit-learn is an extra")
def test_groups_of_words_hold_no_text_of_anybody(tmp_path: Path) -> None:
    files, why = write_prompts(lp.read_events(), tmp_path / "out")
    assert ([path.name for path in files], why) == ([SUGGESTED, WORDS], "")
    told = files[1].read_text(encoding="utf-8-sig")
    assert not [text for text in lp.read_events().tables["feedback"]["text"].dropna() if text in told]
    assert len({line["prompt"] for line in lines(files[1])}) == 8


def test_a_text_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    evidence = records(tmp_path / "mine", "=HYPERLINK(1) and rude to us")
    files, _ = write_prompts(evidence, tmp_path / "out")
    cells = [cell for line in lines(files[0]) for cell in line.values()]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith("=")]


def test_a_text_that_looks_personal_is_not_shown(tmp_path: Path) -> None:
    evidence = records(tmp_path / "mine", "They were rude, write to amina@example.org.")
    files, _ = write_prompts(evidence, tmp_path / "out")
    assert "amina" not in files[0].read_text(encoding="utf-8-sig")


def test_files_that_coders_work_with_are_not_written_over(tmp_path: Path) -> None:
    evidence = records(tmp_path / "mine", "They were rude to us.")
    write_prompts(evidence, tmp_path / "out")
    with pytest.raises(WrongUseError, match="it is there already"):
        write_prompts(evidence, tmp_path / "out")
