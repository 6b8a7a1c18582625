"""The gate looks at what a release says of plan and run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.gate_accounts import accounts_told, in_decisions
from lpact_eval.reporting.release_folder import read_release

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.reporting.release_folder import ReleaseFolder

METHODS = [{"name": f"Item {place}", "text": "Told.", "missing": []} for place in range(1, 12)]
BEFORE = {"state": "unchanged", "points": {"2022": "before"}, "told": ["On a day."]}


def release(folder: Path, *, files: dict[str, str] | None = None, **more: object) -> ReleaseFolder:
    manifest = {"title": "T", "rules": "uk", "made": {}, "definitions": {}, "files": {"report.html": "a" * 64}, **more}
    for name, content in (files or {}).items():
        (folder / name).write_text(content, encoding="utf-8-sig")
        manifest["files"] = {**manifest["files"], name: "a" * 64}
    (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    return read_release(folder)


@pytest.mark.parametrize(
    ("told", "status", "found"),
    [
        (None, "warn", "doesn't say whether its plan was registered"),
        ({**BEFORE, "state": "never", "points": {}}, "warn", "never registered"),
        ({**BEFORE, "points": {"2022": "after"}}, "warn", "when fieldwork had begun"),
        ({**BEFORE, "state": "changed"}, "warn", "changed after it was registered"),
        (BEFORE, "ok", "registered before fieldwork"),
        ("yes", "warn", "doesn't say"),
        ({"state": "unchanged"}, "warn", "when fieldwork had begun"),
    ],
)
def test_it_warns_until_a_release_holds_a_registration_in_time(
    tmp_path: Path, *, told: object, status: str, found: str
) -> None:
    (check,) = accounts_told(release(tmp_path, **({} if told is None else {"registration": told})))
    assert check.status == status
    assert found in check.found


@pytest.mark.parametrize("blank", [{"missing": ["sponsor in plan.toml"]}, {"text": " "}, {"text": None, "missing": 1}])
def test_it_stops_while_an_item_of_the_methods_is_blank(tmp_path: Path, blank: dict[str, object]) -> None:
    items = [*METHODS[:1], {**METHODS[1], **blank}, *METHODS[2:]]
    if blank.get("text", "") is None:
        items[1] = {"name": "Item 2"}
    first, _ = accounts_told(release(tmp_path, methods=items, registration=BEFORE))
    assert first.status == "fail"
    assert "2. Item 2" in first.found
    assert first.what == "Items of the disclosure of methods"


def test_items_that_are_told_pass_and_what_is_no_list_is_none(tmp_path: Path) -> None:
    first, _ = accounts_told(release(tmp_path, methods=METHODS, registration=BEFORE))
    assert first.status == "ok"
    assert len(list(accounts_told(release(tmp_path, methods="all", registration=BEFORE)))) == 1
    assert len(list(accounts_told(release(tmp_path, methods=["all"], registration=BEFORE)))) == 1


@pytest.mark.parametrize(
    ("name", "heading", "value", "stops"),
    [
        ("decisions.csv", "Unweighted base", "9", True),
        ("decisions.csv", "Unweighted base", "10", False),
        ("decisions.csv", "Unweighted base", "[c]", False),
        ("sizes.csv", "Unweighted base", "1", True),
        ("sizes.csv", "Planned", "5", False),
    ],
)
def test_it_stops_at_a_small_base_in_decisions_and_sizes(
    tmp_path: Path, *, name: str, heading: str, value: str, stops: bool
) -> None:
    found = in_decisions(release(tmp_path, files={name: f"Indicator,{heading}\r\n5.1,{value}\r\n"}))
    assert found == ([f"{name}, line 2: a base below the threshold is shown"] if stops else [])
