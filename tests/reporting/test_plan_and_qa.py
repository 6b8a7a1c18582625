"""The plan's table with its endings, and the pack for quality assurance."""

from __future__ import annotations

import csv
import hashlib
import re
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.reporting.audit_page import audit_page
from lpact_eval.reporting.page_parts import read_page
from lpact_eval.reporting.qa_pack import write_qa
from lpact_eval.reporting.release import write_release
from lpact_eval.reporting.rows import as_sentence
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.promises import Indicator


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def demo() -> Published:
    return lp.publish(lp.run_plan(lp.read_plan(plan_file())))


@pytest.fixture(scope="module")
def folder(demo: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("releases") / "demo"
    write_release(demo, made, formats=["csv", "plan", "qa"])
    return made


def test_every_indicator_of_the_plan_is_in_its_table_with_its_ending(folder: Path) -> None:
    plan = lp.read_plan(plan_file())
    promised = [one.id for one in plan.indicators]
    promised += [one.id for one in plan.records.indicators] if plan.records else []
    lines = lines_of(folder / "evaluation-plan.csv")
    assert {line["Indicator"] for line in lines} == set(promised)
    endings = {"met", "not met", "can't tell at this size", "result", "refused", "not collected"}
    assert {line["Ending"].casefold() for line in lines} <= endings
    page = (folder / "evaluation-plan.html").read_text(encoding="utf-8")
    assert all(f"{one.id} {one.title}" in page for one in plan.indicators)


@pytest.mark.parametrize("name", ["evaluation-plan.html", "qa/assurance.html"])
def test_its_pages_keep_the_checklist(folder: Path, name: str) -> None:
    assert not any(audit_page(folder / name).values())


def test_the_pack_lists_every_other_file_of_the_release_with_its_hash(folder: Path, demo: Published) -> None:
    listed = {
        line["file"]: line["SHA-256"] for line in lines_of(folder / "qa" / "files.csv") if line["kind"] == "Output"
    }
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(listed) == written - {"release.json", "qa/files.csv"}
    for name, sha256 in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256
    inputs = {(line["kind"], line["SHA-256"]) for line in lines_of(folder / "qa" / "files.csv")}
    assert ("Plan", demo.facts.plan_sha256) in inputs


def test_the_pack_holds_checks_methods_logs_and_what_is_not_shown(folder: Path, demo: Published) -> None:
    assert demo.accounts is not None
    assert len(lines_of(folder / "qa" / "checks.csv")) == len(demo.accounts.checks)
    assert len(lines_of(folder / "qa" / "methods.csv")) == 11
    logged = sum(len(lines_of(path)) for path in (folder / "qa").glob("log-of-*.csv"))
    assert logged == sum(len(demo.accounts.log(name)) for name in ("assumptions", "decisions", "data", "qa"))
    rows = lines_of(folder / "qa" / "suppressed.csv")
    assert sum(int(line["Rows suppressed"]) for line in rows) == sum(demo.suppressed.values())


def test_without_accounts_there_are_indicators_methods_and_hashes(published: Published, tmp_path: Path) -> None:
    assert published.accounts is None
    write_release(published, tmp_path / "bare", formats=["plan", "qa"])
    lines = lines_of(tmp_path / "bare" / "evaluation-plan.csv")
    assert [line["Indicator"] for line in lines] == [str(title) for title in published.indicators["title"]]
    page = (tmp_path / "bare" / "qa" / "assurance.html").read_text(encoding="utf-8")
    assert "Disclosure of methods" in page
    assert "Checks" not in page


def test_the_reading_age_of_the_page_for_communities_is_in_the_pack(published: Published, tmp_path: Path) -> None:
    # Thirteen words in two sentences with fourteen syllables; the heading is too short to count.
    page = (
        "<html><head><title>Not on the page and not to be counted</title></head><body><main><h1>Short</h1>"
        "<p>We asked people what they think. They told us that it was good.</p></main></body></html>"
    )
    (tmp_path / "community.html").write_text(page, encoding="utf-8")
    write_qa(published, tmp_path)
    (line,) = lines_of(tmp_path / "qa" / "reading-age.csv")
    age = 0.39 * 13 / 2 + 11.8 * 14 / 13 - 15.59 + 5
    assert line == {"File": "community.html", "Words": "13", "Sentences": "2", "Age": f"{age:.1f}"}


def test_without_the_page_for_communities_the_pack_has_no_reading_age(folder: Path) -> None:
    assert not (folder / "community.html").exists()
    assert not (folder / "qa" / "reading-age.csv").exists()


def test_the_table_says_how_each_indicator_is_made_and_decided(folder: Path) -> None:
    (line,) = (line for line in lines_of(folder / "evaluation-plan.csv") if line["Indicator"] == "5.1")
    wanted = {
        "Source": "Surveys 2022, rerun",
        "Question or measure": "Confidence in the police in this area",
        "Answers counted": "Strongly agree, tend to agree",
        "Comparison": "Change from the first survey to the last; attendees against others",
        "Rule in words": "Confidence rose as hoped if it is clearly higher in the re-run, by ten points or more.",
        "Rule in numbers": "Met if the change is upwards, at least 10 points, and its adjusted p value is below 0.05.",
        "Who decides": "The chief officer who sponsors the events",
        "Role": "Primary, family 1",
    }
    assert {name: line[name] for name in wanted} == wanted
    assert "Black" in line["Groups"]
    assert line["Adjusters"].startswith("Age group, Sex")
    assert line["Estimator"].startswith("Difference of weighted shares; ")
    assert line["Weights"] == "Population for everybody; within Ethnic group for groups"


def test_the_page_of_the_plan_says_how_indicators_are_made_and_what_would_decide(folder: Path) -> None:
    parts = read_page((folder / "evaluation-plan.html").read_text(encoding="utf-8"))
    named = {table.caption: table for table in parts.tables}
    made, rules = named["How every indicator is made"], named["What would decide an indicator, and who does"]
    rows = {row[0]: dict(zip(made.headings, row, strict=True)) for row in made.rows[1:]}
    plan = lp.read_plan(plan_file())
    records = plan.records.indicators if plan.records else ()
    assert list(rows) == list(dict.fromkeys(f"{one.id} {one.title}" for one in _in_order(plan, records)))
    first = rows["5.1 Confidence in the police in this area"]
    assert first["What is counted"] == "Confidence in the police in this area: strongly agree, tend to agree"
    assert first["Adjusters"].startswith("Age group, Sex")
    (rule,) = (dict(zip(rules.headings, row, strict=True)) for row in rules.rows[1:])
    assert rule["Who decides"] == "The chief officer who sponsors the events"
    assert rule["Rule in words"].startswith("Confidence rose as hoped")
    assert rule["Rule in numbers"].startswith("Met if the change is upwards")
    assert rule["Planned answers"].startswith("2022, All respondents: 300")


def _in_order(plan: EvaluationPlan, records: Sequence[Indicator]) -> list[Indicator]:
    """All indicators in the order of outcomes, as the table has them."""
    order = plan.records.order if plan.records else ()
    return sorted((*plan.indicators, *records), key=lambda one: (one.outcome, order.index(one.id)))


@pytest.mark.parametrize("end", ["?", "!", ".", '?"', ".\u201d", "?)"])
def test_no_text_gets_a_second_stop(end: str) -> None:
    assert as_sentence(f"how could it be better{end}") == f"How could it be better{end}"


def test_a_quoted_word_at_the_end_gets_a_stop() -> None:
    assert as_sentence('answered "yes"') == 'Answered "yes".'


def test_no_text_of_the_plan_ends_in_two_stops(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        assert not re.search(r"[?!]\.(?!\w)|(?<!\.)\.\.(?![.\w])", path.read_text(encoding="utf-8-sig")), path.name
