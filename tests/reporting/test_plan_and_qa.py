"""The plan's table with its endings, and the pack for quality assurance."""

from __future__ import annotations

import csv
import hashlib
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.reporting.audit_page import audit_page
from lpact_eval.reporting.release import write_release
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published


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
