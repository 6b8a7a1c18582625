from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest

from lpact_eval.disclosure.facts import Facts
from lpact_eval.errors import DefinitionError, LpactError
from lpact_eval.reporting.lint import Exempt, hits
from lpact_eval.reporting.page import write_page
from lpact_eval.reporting.readable import texts_of
from lpact_eval.reporting.release import write_release
from lpact_eval.reporting.sentences import Sentences, read_sentences
from lpact_eval.reporting.tidy import write_tidy
from lpact_eval.reporting.wording import (
    allowed_words,
    exemptions,
    require_plain_page,
    require_plain_templates,
    require_plain_words,
)
from lpact_eval.reporting.workbook import write_workbook
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    shutil.copytree(templates_folder(), folder)
    return folder


def edited(folder: Path, name: str, before: str, after: str) -> None:
    path = folder / name
    content = path.read_text(encoding="utf-8")
    assert before in content
    path.write_text(content.replace(before, after, 1), encoding="utf-8")


def test_the_shipped_templates_hold_no_word_that_the_surveys_can_not_support(sentences: Sentences) -> None:
    require_plain_templates(templates_folder(), sentences)


def test_an_output_with_such_a_word_is_refused_with_the_rule_and_what_to_say() -> None:
    with pytest.raises(
        LpactError, match=r"report\.html: it says 'no change', in .* the rule 'no change' .* can't tell"
    ):
        require_plain_words("There was no change.", "report.html")


def test_the_message_counts_the_others() -> None:
    with pytest.raises(LpactError, match=r"'caused' \(1 more\)"):
        require_plain_words(["It caused this.", "BAME"], "results.csv")


def test_an_output_may_quote_a_definition() -> None:
    require_plain_words(["BAME officers: 40%"], "results.csv", Exempt(quoted=("BAME officers",)))


def test_words_in_attributes_and_across_tags_of_a_page_are_found() -> None:
    with pytest.raises(LpactError, match="margin of error"):
        require_plain_page("<p>the margin <b>of</b> error</p>", "report.html")
    with pytest.raises(LpactError, match="caused"):
        require_plain_page('<div role="img" aria-label="what caused it"></div>', "report.html")


def test_an_edited_sentence_is_refused_with_file_line_name_and_rule(templates: Path) -> None:
    edited(templates, "sentences.toml", "This is a clear change:", "This is a significant improvement:")
    lines = (templates / "sentences.toml").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, start=1) if "significant improvement" in text)
    message = rf"sentences\.toml, line {line}: the sentence 'change\.text\.clear' says 'significant improvement'"
    with pytest.raises(DefinitionError, match=message):
        require_plain_templates(templates, read_sentences(templates))


def test_a_sentence_in_a_form_that_is_not_looked_for_by_line_is_still_refused(templates: Path) -> None:
    path = templates / "sentences.toml"
    extra = '\nmore = {note = "BAME"}\n'
    path.write_text(extra + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"line 1: the sentence 'more\.note' says 'BAME'"):
        require_plain_templates(templates, read_sentences(templates))


def test_no_change_is_let_through_only_in_the_sentences_of_the_test_of_equivalence(templates: Path) -> None:
    edited(templates, "sentences.toml", "no group shows a clear difference", "there was no change")
    with pytest.raises(DefinitionError, match=r"chart\.title\.no_clear_change' says 'no change'"):
        require_plain_templates(templates, read_sentences(templates))


@pytest.mark.parametrize("name", ["page.html", "limits.html", "method.html", "attendance.html", "parts.html"])
def test_an_edited_template_is_refused_with_file_and_line(templates: Path, name: str) -> None:
    path = templates / name
    content = path.read_text(encoding="utf-8")
    path.write_text(f"{content}\n<p>The impact\n of LPACT</p>\n", encoding="utf-8")
    line = content.count("\n") + 2
    with pytest.raises(DefinitionError, match=rf"{name}, line {line}: it says 'impact of LPACT'"):
        require_plain_templates(templates, read_sentences(templates))


def test_comments_of_templates_are_not_read(templates: Path) -> None:
    path = templates / "limits.html"
    path.write_text(f"{{# caused #}}<!-- caused -->{path.read_text(encoding='utf-8')}", encoding="utf-8")
    require_plain_templates(templates, read_sentences(templates))


def test_page_and_workbook_refuse_edited_templates_before_anything_is_written(
    published: Published, templates: Path, tmp_path: Path
) -> None:
    edited(templates, "sentences.toml", "We can't tell", "There was no change, and we can't tell")
    for write, name in ((write_page, "report.html"), (write_workbook, "tables.xlsx")):
        with pytest.raises(DefinitionError, match="no change"):
            write(published, tmp_path / name, templates=templates)
        assert not (tmp_path / name).exists()


def test_every_output_of_a_release_is_looked_at(published: Published, tmp_path: Path) -> None:
    titled = replace(published, facts=replace(published.facts, title="The impact of LPACT"))
    for formats in (["html"], ["xlsx"], ["csv"]):
        with pytest.raises(LpactError, match="impact of LPACT"):
            write_release(titled, tmp_path / formats[0], formats=formats)
        assert not (tmp_path / formats[0]).exists()


def test_a_note_with_such_a_word_stops_the_csv(published: Published, tmp_path: Path) -> None:
    rows = published.rows.assign(note="no change")
    with pytest.raises(LpactError, match=r"results\.csv.*no change"):
        write_tidy(replace(published, rows=rows), tmp_path / "results.csv")


def test_questions_quoted_from_the_definitions_do_not_stop_a_release(published: Published, tmp_path: Path) -> None:
    audit = published.audit.assign(asked_as="Have you seen any impact of LPACT?", title="The impact of LPACT, as seen")
    write_release(replace(published, audit=audit), tmp_path / "release", formats=["html", "csv"])


def test_a_plan_may_allow_a_word_and_the_page_and_the_manifest_say_so(published: Published, tmp_path: Path) -> None:
    facts = replace(published.facts, title="Trust of BAME residents")
    with pytest.raises(LpactError, match="BAME"):
        write_release(replace(published, facts=facts), tmp_path / "no", formats=["html"])
    allowed = replace(facts, allow_words=(("BAME", "the name of the group that asked for this survey"),))
    write_release(replace(published, facts=allowed), tmp_path / "yes", formats=["html", "xlsx"])
    texts = texts_of((tmp_path / "yes" / "report.html").read_text(encoding="utf-8"))
    assert "BAME: the name of the group that asked for this survey" in texts
    cover = openpyxl.load_workbook(tmp_path / "yes" / "tables.xlsx")["Cover"]
    assert any("The plan allows the word" in str(row[0].value) for row in cover.iter_rows())
    assert '"BAME": "the name of the group' in (tmp_path / "yes" / "release.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("word", "reason"),
    [("margin of error", "no plan can allow it: it belongs to random samples"), ("progress", "no rule forbids it")],
)
def test_a_plan_can_not_allow_what_no_survey_of_volunteers_can_say(word: str, reason: str) -> None:
    facts = Facts(plan_file="plan.toml", allow_words=((word, "we like it"),))
    with pytest.raises(DefinitionError, match=rf"plan\.toml: allow_words names '{word}', and {reason}.*'BAME'"):
        allowed_words(facts)


def test_words_are_allowed_whatever_their_case() -> None:
    assert allowed_words(Facts(allow_words=(("bame", "a name"),))) == {"BAME"}


def test_a_release_may_say_no_change_where_equivalence_is_passed_and_only_there(
    published: Published, sentences: Sentences, tmp_path: Path
) -> None:
    rows, facts = published.rows, replace(published.facts, margin=0.1)
    primary = (rows["variable"] == "conf_overall") & (rows["measure"] == "change") & (rows["group"] == "Black")
    passed = replace(published, rows=rows.assign(equivalent=rows["equivalent"].mask(primary, "yes")), facts=facts)
    write_release(passed, tmp_path / "release")
    page = (tmp_path / "release" / "report.html").read_text(encoding="utf-8")
    assert "no change larger than 10 points among Black respondents" in page
    assert hits(texts_of(page), exemptions(published, sentences))
    assert not hits(texts_of(page), exemptions(passed, sentences))


def test_the_page_of_the_example_says_nothing_that_it_can_not_support(
    published: Published, sentences: Sentences, tmp_path: Path
) -> None:
    write_page(published, tmp_path / "report.html")
    texts = texts_of((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert not hits(texts, exemptions(published, sentences))
    assert len(texts) > 500
