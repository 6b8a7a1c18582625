from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.errors import DefinitionError, LpactError
from lpact_eval.reporting.lint import hits
from lpact_eval.reporting.page import BUNDLE, embed, write_page
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from lpact_eval.disclosure.published import Published


class Outline(HTMLParser):
    """Elements with their attributes, and the text that is not script or style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts: dict[str, str] = {}
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self._open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.words.append(data)
        elif self._open[-1][1].get("id"):
            name = str(self._open[-1][1]["id"])
            self.scripts[name] = self.scripts.get(name, "") + data

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(published: Published, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_page(published, path)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def outline(page: str) -> Outline:
    return Outline(page)


def test_the_page_is_one_file_of_less_than_a_megabyte_and_a_half(page: str) -> None:
    assert page.startswith("<!DOCTYPE html>")
    assert len(page.encode()) < 1_500_000


def test_the_page_may_not_load_or_send_anything(outline: Outline) -> None:
    policy = next(m["content"] for m in outline.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    for rule in ("default-src 'none'", "connect-src 'none'", "form-action 'none'", "base-uri 'none'"):
        assert rule in policy
    assert not outline.all("link")
    assert not [script for script in outline.all("script") if "src" in script]
    assert not [image for image in outline.all("img") if not str(image.get("src")).startswith("data:")]
    assert all(str(link["href"]).startswith("#") for link in outline.all("a"))


def test_the_page_has_language_title_landmarks_and_a_skip_link(outline: Outline) -> None:
    assert outline.all("html")[0]["lang"] == "en-GB"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(outline.all(landmark)) == 1
    skip = outline.all("a")[0]
    assert (skip["class"], skip["href"]) == ("skip", "#main")


def test_headings_never_skip_a_level(outline: Outline) -> None:
    levels = [int(name[1]) for name, _ in outline.elements if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_identifiers_are_unique_and_every_reference_leads_somewhere(outline: Outline) -> None:
    names = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(names) == len(set(names))
    for _, attributes in outline.elements:
        for target in str(attributes.get("aria-labelledby") or "").split():
            assert target in names
    for link in outline.all("a"):
        assert str(link["href"]).removeprefix("#") in names


def test_every_table_has_a_caption_scopes_and_a_region_that_can_be_reached_by_keyboard(outline: Outline) -> None:
    tables = outline.all("table")
    assert len(tables) == len(outline.all("caption"))
    assert all("scope" in head for head in outline.all("th"))
    regions = [area for area in outline.all("div") if area.get("role") == "region"]
    assert len(regions) == len(tables)
    assert all(area["tabindex"] == "0" and area["aria-labelledby"] for area in regions)


def test_every_chart_is_an_image_with_words_whose_inside_is_hidden_from_readers(outline: Outline) -> None:
    images = [area for area in outline.all("div") if area.get("role") == "img"]
    assert len(images) == 9  # four each of two questions, and the weights
    assert all("numbers are in the table below" in str(image["aria-label"]) for image in images)
    hidden = [area for area in outline.all("div") if area.get("aria-hidden") == "true"]
    assert len(hidden) == len(images)


def test_details_are_open_without_script(outline: Outline) -> None:
    assert outline.all("details")
    assert all("open" in details for details in outline.all("details"))


def test_a_page_on_synthetic_respondents_says_so_first(outline: Outline, page: str) -> None:
    body = page[page.index("<body>") :]
    assert body.index("Synthetic respondents") < body.index("<h1>")
    assert "Synthetic respondents" in outline.text


def test_a_page_on_people_does_not_speak_of_synthetic_respondents(example: ModuleType, tmp_path: Path) -> None:
    made = example.results()
    real = replace(made, waves=tuple(replace(wave, synthetic=False) for wave in made.waves))
    write_page(publish(real), tmp_path / "report.html")
    page = Outline((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "synthetic" not in page.text.casefold()


@pytest.mark.parametrize(
    "phrase",
    [
        "we can't tell whether it changed among Black respondents",
        "rose among Black respondents, from 31% to 56%",
        "What this can't show",
        "Different people answered each time",
        "The first event was on 4 July 2022, during the fieldwork of the 2022 survey (16 May 2022 to 29 July 2022)",
        "Stopped by the police in the last 12 months",
        "those who were already more confident",
        "Four answers in 2022, five in the re-run.",
        "Set aside: duplicate",
        "Unweighted base",
        "Effective base",
        "clear change",
        "Not collected",
        "There is no event register yet.",
        "Volunteers, not a random sample",
        "Seed",
        "rerun.csv, SHA-256 " + "b" * 64,
        "evaluation-plan.toml",
    ],
)
def test_the_page_answers_what_a_sceptical_reader_asks(outline: Outline, phrase: str) -> None:
    assert phrase in outline.text


def test_the_page_holds_no_banned_word(outline: Outline) -> None:
    assert hits([outline.text]) == []


def test_figures_stand_in_the_page_as_plain_json_for_every_plot(outline: Outline) -> None:
    figures = json.loads(outline.scripts["figures"])
    plots = [area["data-figure"] for area in outline.all("div") if "data-figure" in area]
    assert set(plots) == set(figures)
    assert "bdata" not in outline.scripts["figures"]


def test_embedded_text_can_not_end_its_script_element() -> None:
    assert "</script>" not in embed({"name": "</script><script>alert(1)</script>"})


def test_a_title_with_markup_is_shown_as_text(example: ModuleType, tmp_path: Path) -> None:
    made = example.results()
    odd = replace(made, plan=replace(made.plan, title="Trust <script>alert(1)</script> & more"))
    write_page(publish(odd), tmp_path / "report.html")
    page = Outline((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "Trust <script>alert(1)</script> & more" in page.text


def test_a_plan_that_claims_too_much_stops_the_page(example: ModuleType, tmp_path: Path) -> None:
    made = example.results()
    bold = replace(made, plan=replace(made.plan, title="The impact of LPACT on trust"))
    with pytest.raises(LpactError, match="'impact of LPACT'"):
        write_page(publish(bold), tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("day", "phrase"),
    [("2022-08-01", "come from before any event"), ("2022-05-01", "there is no starting point"), (None, "not stated")],
)
def test_the_page_says_whether_the_first_survey_came_before_the_first_event(
    example: ModuleType, tmp_path: Path, day: str | None, phrase: str
) -> None:
    made = example.results()
    event = None if day is None else dt.date.fromisoformat(day)
    write_page(publish(replace(made, plan=replace(made.plan, first_event=event))), tmp_path / "report.html")
    assert phrase in Outline((tmp_path / "report.html").read_text(encoding="utf-8")).text


def test_a_lead_can_edit_the_sentences_and_a_broken_template_is_named(published: Published, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    shutil.copytree(templates_folder(), folder)
    words = (folder / "limits.html").read_text(encoding="utf-8")
    (folder / "limits.html").write_text(words.replace("What this can't show", "What we don't know"), encoding="utf-8")
    write_page(published, tmp_path / "report.html", templates=folder)
    assert "What we don't know" in (tmp_path / "report.html").read_text(encoding="utf-8")
    (folder / "limits.html").write_text("{{ nothing }}", encoding="utf-8")
    with pytest.raises(DefinitionError, match="'nothing' is undefined"):
        write_page(published, tmp_path / "report.html", templates=folder)


def test_the_chart_library_is_what_its_authors_published() -> None:
    packed = (templates_folder() / BUNDLE).read_bytes()
    library = gzip.decompress(packed)
    # of plotly-basic.min.js in the npm package plotly.js-basic-dist-min 4.1.1
    assert hashlib.sha256(library).hexdigest() == "99784e3abfb07b142a15e521a439e6d9addceadb3f79553fd24c72774f0649ba"
    assert packed[4:8] == bytes(4)  # no time of packing in it
