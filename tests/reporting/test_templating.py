"""Templates of one's own: what is there is used, what is not is as shipped, what can't be used is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.cli import program
from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.reporting.page import write_page
from lpact_eval.reporting.release import write_release
from lpact_eval.reporting.templating import copy_templates, filled, own_folder, plain_sentences
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published


def sentences_file(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "sentences.toml").write_text(text, encoding="utf-8")
    return folder


def test_without_a_folder_the_shipped_templates_are_used() -> None:
    assert own_folder(None) == own_folder(templates_folder()) == templates_folder()


def test_sentences_of_ones_own_stand_in_the_places_of_shipped_ones(tmp_path: Path) -> None:
    own = plain_sentences(sentences_file(tmp_path, '[community]\ntitle = "You said"\n'))
    shipped = plain_sentences(templates_folder())
    assert own.texts["community.title"] == "You said"
    assert {name for name in own.texts if own.texts[name] != shipped.texts[name]} == {"community.title"}


def test_a_sentence_that_no_rule_chooses_is_named(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"no rule chooses the sentences \['community\.titel'\]"):
        plain_sentences(sentences_file(tmp_path, '[community]\ntitel = "You said"\n'))


def test_a_word_that_surveys_can_not_support_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"sentences\.toml, line 2: .*'caused'"):
        plain_sentences(sentences_file(tmp_path, '[community]\ntitle = "What events caused"\n'))
    (tmp_path / "sentences.toml").unlink()
    (tmp_path / "community.html").write_text("<p>\nBAME</p>", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"community\.html, line 2: it says 'BAME'"):
        plain_sentences(tmp_path)


def test_a_file_that_was_changed_is_looked_at_again(tmp_path: Path) -> None:
    folder = sentences_file(tmp_path, '[community]\ntitle = "One"\n')
    assert plain_sentences(folder).texts["community.title"] == "One"
    sentences_file(tmp_path, '[community]\ntitle = "Another"\n')
    assert plain_sentences(folder).texts["community.title"] == "Another"


def test_what_is_no_folder_or_no_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="There is no folder"):
        own_folder(tmp_path / "nowhere")
    (tmp_path / "sentence.toml").write_text("", encoding="utf-8")
    with pytest.raises(WrongUseError, match=r"holds \['sentence\.toml'\]"):
        own_folder(tmp_path)


def test_a_slot_that_nothing_fills_is_named(tmp_path: Path) -> None:
    (tmp_path / "community.html").write_text("{{ nobody }}", encoding="utf-8")
    with pytest.raises(DefinitionError, match="'nobody' is undefined"):
        filled("community.html", tmp_path, {})


def test_a_page_takes_one_part_from_the_folder_and_the_rest_as_shipped(published: Published, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "limits.html").write_text("<p>Nobody's view was followed.</p>", encoding="utf-8")
    write_page(published, tmp_path / "report.html", templates=folder)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Nobody's view was followed." in page
    assert "Method and limits" in page


def test_a_release_takes_the_folder_in_every_output_that_has_words(published: Published, tmp_path: Path) -> None:
    folder = sentences_file(tmp_path / "own", '[fixed]\ninterval = "An interval of our own words."\n')
    write_release(published, tmp_path / "out", formats=["html", "explorer"], templates=folder)
    for name in ("report.html", "explorer.html"):
        assert "An interval of our own words." in (tmp_path / "out" / name).read_text(encoding="utf-8")


def test_copies_are_all_that_can_be_edited_and_overwrite_nothing(tmp_path: Path) -> None:
    copied = copy_templates(tmp_path / "own")
    assert {"sentences.toml", "community.html", "page.css"} <= {path.name for path in copied}
    assert own_folder(tmp_path / "own") == tmp_path / "own"
    with pytest.raises(WrongUseError, match="perhaps with your changes"):
        copy_templates(tmp_path / "own")


def test_the_command_copies_and_names_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program()(["templates", str(tmp_path / "own")], standalone_mode=False)
    assert str(tmp_path / "own" / "sentences.toml") in capsys.readouterr().out
