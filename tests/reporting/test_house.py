from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation

from lpact_eval.errors import DefinitionError
from lpact_eval.reporting.house import House, house_beside, read_house
from lpact_eval.reporting.readable import texts_of
from lpact_eval.reporting.release import write_release

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published


def house(folder: Path, text: str) -> Path:
    file = folder / "house.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_all_settings_are_read_and_templates_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "force.dotx").write_bytes(b"")
    (tmp_path / "force.potx").write_bytes(b"")
    text = (
        'name = "Heddlu Gogledd Cymru"\nmarking = "OFFICIAL"\ncontact = "  the lead,\\n room 4 "\n'
        'word_template = "force.dotx"\nslides_template = "force.potx"\n'
    )
    assert read_house(house(tmp_path, text)) == House(
        "Heddlu Gogledd Cymru", "OFFICIAL", "the lead, room 4", tmp_path / "force.dotx", tmp_path / "force.potx"
    )


def test_settings_beside_a_plan_are_found_and_none_are_empty(tmp_path: Path) -> None:
    assert house_beside(tmp_path / "plan.toml") == House()
    assert house_beside(None) == House()
    house(tmp_path, 'marking = "OFFICIAL"')
    assert house_beside(tmp_path / "plan.toml").texts == ("OFFICIAL",)


def test_an_empty_template_is_none(tmp_path: Path) -> None:
    assert read_house(house(tmp_path, 'word_template = ""')) == House()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "A"\nmarkin = "OFFICIAL"', r"house.toml, line 2: there is no setting 'markin'.*mean 'marking'"),
        ("\n\nname = 3", "line 3: name is a int; write a text"),
        ('name = "A"\nname = "B"', "line 2: it is not TOML"),
        (f'marking = "{"x" * 61}"', "line 1: marking has 61 characters; it may have 60"),
        ('name = "a\\u0007b"', "line 1: name has characters that can't be printed"),
        ('word_template = "force.doc"', r"line 1: word_template names 'force.doc'; it must end in .docx or .dotx"),
        ('name = "A"\nslides_template = "gone.pptx"', "line 2: slides_template names 'gone.pptx', which is not there"),
    ],
)
def test_a_setting_that_can_not_be_used_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        read_house(house(tmp_path, text))


def test_a_file_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"in gone.toml: No such file.*Name a house.toml"):
        read_house(tmp_path / "gone.toml")
    (tmp_path / "house.toml").write_bytes("name = 'é'".encode("latin-1"))
    with pytest.raises(DefinitionError, match="it is not UTF-8 text"):
        read_house(tmp_path / "house.toml")


def test_every_output_says_whose_it_is(published: Published, tmp_path: Path) -> None:
    settings = House("Heddlu Gogledd Cymru", "OFFICIAL-SENSITIVE", "gwerthuso@heddlu.example")
    write_release(published, tmp_path / "out", formats=["html", "xlsx", "docx", "pptx"], house=settings)
    page = texts_of((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert page.count("OFFICIAL-SENSITIVE") == 2
    assert "Heddlu Gogledd Cymru. Contact: gwerthuso@heddlu.example" in page
    cover = load_workbook(tmp_path / "out" / "tables.xlsx")["Cover"]
    cells = [cell for (cell,) in cover.iter_rows(max_col=1, values_only=True)]
    assert all(text in cells for text in (settings.marking, settings.name, f"Contact: {settings.contact}"))
    said = [paragraph.text for paragraph in Document(str(tmp_path / "out" / "report.docx")).paragraphs]
    assert said.count(settings.name) == said.count(f"Contact: {settings.contact}") == 1
    first = Presentation(str(tmp_path / "out" / "slides.pptx")).slides[0]
    shown = [shape.text_frame.text for shape in first.shapes if shape.has_text_frame]
    assert any(f"Contact: {settings.contact}" in text for text in shown)
    assert any(text.startswith("OFFICIAL-SENSITIVE | Heddlu Gogledd Cymru") for text in shown)
