"""What was promised and done, as readers find it: on the page, in the workbook, as csv, in release.json."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest

import lpact_eval as lp
from lpact_eval.disclosure.published import publish
from lpact_eval.disclosure.rules import UK
from lpact_eval.errors import LpactError
from lpact_eval.evaluation.registration import freeze
from lpact_eval.reporting.account_files import DICTIONARY, FILES
from lpact_eval.reporting.account_words import account_section, account_tables, method_words
from lpact_eval.reporting.excerpt import excerpt
from lpact_eval.reporting.page_parts import read_page
from lpact_eval.reporting.release import write_release
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.run import Results

HEADINGS = [
    "What was promised, what was done",
    "Registration of the plan",
    "How the programme was thought to work",
    "Every promise, and how it ended",
    "What the decisions rest on",
    "Answers planned for, and those that came",
    "Departures from the plan",
    "Strength of the evidence",
    "Assurance",
]


def short(text: str) -> str:
    """Keep the first indicator of the shipped plan, and read the surveys beside it."""
    starts = [place for place in range(len(text)) if text.startswith("[[indicator]]", place)]
    return text[: starts[1]].replace('surveys = ""', 'surveys = "surveys"')


def project(folder: Path) -> Path:
    """Write a plan with logs and surveys of its own."""
    shutil.copytree(surveys_folder(), folder / "surveys")
    shutil.copytree(plan_file().parent / "logs", folder / "logs")
    path = folder / "plan.toml"
    path.write_text(short(plan_file().read_text(encoding="utf-8")), encoding="utf-8")
    return path


def ran(path: Path) -> Published:
    return publish(lp.run_plan(lp.read_plan(path)))


@pytest.fixture(scope="module")
def plan_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("accounts"))


@pytest.fixture(scope="module")
def results(plan_path: Path) -> Results:
    return lp.run_plan(lp.read_plan(plan_path))


@pytest.fixture(scope="module")
def release(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released") / "release"
    write_release(publish(results), folder, formats=["html", "xlsx", "csv"])
    return folder


def lines(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


def test_the_page_has_a_section_of_what_was_promised_and_done(release: Path) -> None:
    parts = read_page((release / "report.html").read_text(encoding="utf-8"))
    named = [text for _, text in parts.headings]
    start = named.index(HEADINGS[0])
    assert named[start : start + len(HEADINGS)] == HEADINGS
    endings = next(table for table in parts.tables if table.caption.startswith("Every indicator of the plan"))
    assert endings.headings == ["Outcome", "Indicator", "Decided on", "Rule", "Ending", "Why", "Who decides"]
    outcomes = [row[0][:1] for row in endings.rows[1:]]
    assert sorted(set(outcomes)) == ["1", "2", "3", "4", "5"]
    assert {row[4] for row in endings.rows[1:]} == {"Not collected", "Can't tell at this size"}
    items = [name for heading, name, _ in parts.terms if heading == "Disclosure of methods"]
    assert len(items) == 11


def test_the_workbook_has_a_sheet_for_each_table(release: Path) -> None:
    book = openpyxl.load_workbook(release / "tables.xlsx")
    names = [name.split(" ", 1)[-1] for name in book.sheetnames]
    for name in ("Promises", "Indicator table", "Decisions", "Sizes", "Departures", "Statements", "Methods", "Checks"):
        assert name in names
    for name in ("assumptions", "decisions", "data", "qa"):
        assert f"Log of {name}" in names
    cover = [str(cell.value) for cell in book["Cover"]["A"] if cell.value]
    assert "Registration of the plan" in cover


def test_the_same_results_give_the_same_files(results: Results, release: Path, tmp_path: Path) -> None:
    write_release(publish(results), tmp_path / "again", formats=["html", "xlsx", "csv"])
    for path in release.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_csv_files_have_the_sheets_numbers_and_every_column_a_meaning(results: Results, release: Path) -> None:
    assert all((release / name).is_file() for name in FILES.values())
    [decided] = lines(release / "decisions.csv")
    rows = publish(results).rows
    [row] = rows[(rows["measure"] == "change") & (rows["group"] == "Black") & rows["main"]].to_dict("records")
    assert float(decided["Found"]) == round(100 * row["estimate"])
    assert float(decided["Unweighted base"]) == row["n"]
    meanings = lines(release / DICTIONARY)
    assert all(line["meaning"] for line in meanings)
    for name in FILES.values():
        header = next(csv.reader(io.StringIO((release / name).read_text(encoding="utf-8-sig"))))
        assert [line["column"] for line in meanings if line["file"] == name] == header


def test_release_json_tells_machines_of_registration_and_methods(release: Path) -> None:
    manifest = json.loads((release / "release.json").read_text(encoding="utf-8"))
    assert manifest["registration"]["state"] == "never"
    assert len(manifest["methods"]) == 11
    assert set(FILES.values()) <= set(manifest["files"])


def test_no_hidden_number_is_in_any_file(results: Results, tmp_path: Path) -> None:
    """Under rules that hide the decision's row, none of its numbers is in what says what was decided."""
    rules = replace(UK, name="test", suppress_below=60, withhold_below=70, indicative_below=80, small_below=90)
    write_release(publish(results, rules=rules), tmp_path / "release", formats=["csv"])
    [decided] = lines(tmp_path / "release" / "decisions.csv")
    numbers = ("Found", "95% modelled interval, low", "95% modelled interval, high", "Unweighted base")
    assert {decided[name] for name in numbers} == {"[c]"}
    assert decided["Ending"] == "Refused"
    sizes = {(line["Survey"], line["Group"]): line for line in lines(tmp_path / "release" / "sizes.csv")}
    assert sizes["2022", "Black"]["Unweighted base"] == "[c]"


def test_a_registered_plan_is_told_of_with_its_changes_in_every_format(tmp_path: Path) -> None:
    path = project(tmp_path)
    freeze(path, by="A. Lead", now=dt.datetime(2022, 5, 1, tzinfo=dt.UTC))
    same = " ".join(ran(path).accounts.registration.sentences)  # pyright: ignore[reportOptionalMemberAccess] - a plan was run
    assert "on 1 May 2022 at 00:00 UTC by A. Lead, before fieldwork" in same
    path.write_text(path.read_text(encoding="utf-8").replace("collapse = 20", "collapse = 12"), encoding="utf-8")
    write_release(ran(path), tmp_path / "release", formats=["html", "xlsx", "csv"])
    told = "Weights: collapse was 20, is now 12."
    assert told in read_page((tmp_path / "release/report.html").read_text(encoding="utf-8")).words
    assert told in [line["Statement"] for line in lines(tmp_path / "release/statements.csv")]
    book = openpyxl.load_workbook(tmp_path / "release/tables.xlsx")
    assert told in [cell.value for cell in book["Cover"]["A"]]
    assert (
        json.loads((tmp_path / "release/release.json").read_text(encoding="utf-8"))["registration"]["state"]
        == "changed"
    )


def test_an_unchanged_registered_plan_may_be_told_of(tmp_path: Path) -> None:
    path = project(tmp_path)
    freeze(path, now=dt.datetime(2022, 5, 1, tzinfo=dt.UTC))
    write_release(ran(path), tmp_path / "release", formats=["html"])
    assert "It is now as it was then." in (tmp_path / "release/report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("plan.toml", "Events that the same few people attend", "It proved hard to reach others"),
        ("plan.toml", "The chief officer who sponsors the events", "BAME network"),
        ("logs/qa.toml", "Somebody who did not make it reads", "Look for the impact of the events in"),
        ("logs/departures.toml", "The force replaced paper forms by tablets", "Tablets caused delays"),
    ],
)
def test_words_that_no_report_may_use_are_refused_in_plan_and_logs(
    tmp_path: Path, *, file: str, old: str, new: str
) -> None:
    path = project(tmp_path)
    content = (tmp_path / file).read_text(encoding="utf-8")
    assert old in content
    (tmp_path / file).write_text(content.replace(old, new), encoding="utf-8")
    with pytest.raises(LpactError, match=r"Cannot write report\.html: it says"):
        write_release(ran(path), tmp_path / "release", formats=["html"])
    assert not (tmp_path / "release").exists()


def test_an_earlier_plans_words_may_be_quoted_once_they_are_put_right(tmp_path: Path) -> None:
    path = project(tmp_path)
    right = path.read_text(encoding="utf-8")
    path.write_text(
        right.replace("Events that the same few people", "Proof that the same few people"), encoding="utf-8"
    )
    freeze(path, now=dt.datetime(2022, 5, 1, tzinfo=dt.UTC))
    path.write_text(right, encoding="utf-8")
    write_release(ran(path), tmp_path / "release", formats=["html", "xlsx", "csv"])
    assert "Proof that the same few people" in (tmp_path / "release/departures.csv").read_text(encoding="utf-8-sig")


def test_what_is_blank_is_said_to_be_so(results: Results) -> None:
    plan = replace(results.plan, sponsor="")
    accounts = publish(replace(results, plan=plan)).accounts
    assert accounts is not None
    assert dict(method_words(accounts))["Who sponsored and who conducted it"] == "Not stated: sponsor in plan.toml."


def test_a_plan_without_logs_theory_and_departures_says_so(results: Results) -> None:
    published = publish(results)
    accounts = published.accounts
    assert accounts is not None
    bare = replace(accounts, departures=accounts.departures.iloc[:0], theory=None, logs=type(accounts.logs)())
    section = account_section(replace(published, accounts=bare))
    assert section is not None
    assert (section.theory, section.departures.rows, section.logs) == ((), (), ())


def test_an_excerpt_tells_of_its_own_indicators_and_of_the_registration(results: Results) -> None:
    found = excerpt(publish(results), variable="conf_overall").accounts
    assert found is not None
    assert set(found.promises["indicator"]) == {"", "5.1"}
    assert found.registration.state == "never"


def test_without_a_run_of_a_plan_there_is_no_section(published: Published) -> None:
    assert account_section(published) is None
    assert account_tables(published) == []
