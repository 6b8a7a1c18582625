"""One gate before readers: what it lets through, what it stops, and that a copy is whole or not there."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest

from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.reporting import handover, whole
from lpact_eval.reporting.gate import Gate, release_gate
from lpact_eval.reporting.whole import put_in_place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Variant = Callable[..., Path]
    Call = Callable[..., tuple[int, str, str]]
    Lines = list[dict[str, str]]

FILES = [
    *("report.html", "tables.xlsx", "results.csv", "data-dictionary.csv", "records.csv", "records-dictionary.csv"),
    "release.json",
]


def failed(gate: Gate) -> list[str]:
    return [check.what for check in gate.checks if check.status == "fail"]


def state(folder: Path) -> dict[str, str]:
    """Every file below a folder with its hash."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_demo_passes_and_is_copied_whole_with_a_receipt(call: Call, demo_release: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "june"
    code, out, _ = call("release", demo_release, "--to", target)
    assert code == 0
    assert "fail" not in out
    assert "warn  Respondents: made up" in out
    copied = state(target)
    receipt = json.loads((target / "receipt.json").read_text(encoding="utf-8"))
    del copied["receipt.json"]
    assert copied == state(demo_release)
    listed = json.loads((demo_release / "release.json").read_text(encoding="utf-8"))["files"]
    assert set(copied) == {*listed, "release.json"}
    assert set(copied) >= set(FILES)
    assert receipt["release_sha256"] == copied["release.json"]
    assert receipt["files"] == {name: copied[name] for name in listed}
    assert {check["status"] for check in receipt["checks"]} == {"ok", "warn"}
    assert receipt["checked"].startswith("20")
    assert [path.name for path in target.parent.iterdir()] == ["june"]


def test_without_a_target_it_only_checks(call: Call, demo_release: Path) -> None:
    before = state(demo_release)
    code, out, _ = call("release", demo_release)
    assert code == 0
    assert out.endswith("Nothing failed. Give --to TARGET to copy the release.\n")
    assert state(demo_release) == before


def test_json_lists_every_check(call: Call, demo_release: Path) -> None:
    code, out, _ = call("release", demo_release, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["passed"]
    assert found["files"] == []
    assert len(found["checks"]) > 20


def test_a_file_that_was_changed_or_is_gone_or_a_link_stops_it(variant: Variant, tmp_path: Path) -> None:
    folder = variant("changed")
    with (folder / "tables.xlsx").open("ab") as file:
        file.write(b"planted 31415")
    (folder / "data-dictionary.csv").unlink()
    (tmp_path / "elsewhere.html").write_bytes((folder / "report.html").read_bytes())
    (folder / "report.html").unlink()
    (folder / "report.html").symlink_to(tmp_path / "elsewhere.html")
    gate = release_gate(folder, target=tmp_path / "out")
    assert (gate.exit_code, failed(gate), gate.copied) == (2, ["Files"], ())
    assert gate.checks[0].details == (
        "report.html: is a link to somewhere else",
        "tables.xlsx: was changed after it was written",
        "data-dictionary.csv: is gone",
    )
    assert not (tmp_path / "out").exists()


def test_other_files_are_named_and_not_copied(variant: Variant, tmp_path: Path) -> None:
    folder = variant("release")
    (folder / "delivered.sav").write_bytes(b"answers")
    gate = release_gate(folder, target=tmp_path / "out")
    (check,) = (check for check in gate.checks if check.what == "Other files")
    assert (check.status, check.details) == ("warn", ("delivered.sav",))
    assert not (tmp_path / "out" / "delivered.sav").exists()


def level(rows: Lines, group: str = "Black") -> dict[str, str]:
    return next(row for row in rows if row["ethnicity"] == group and row["statistic"] == "level")


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ({"unweighted sample": "7", "value": "[c]", "shorthand": "[c]"}, "bases"),
        ({"shorthand": "[c]"}, "marks"),
        ({"unweighted sample": "29"}, "marks"),
        ({"unweighted sample": "49"}, "marks"),
        ({"value": "100", "unweighted sample": "48", "shorthand": "[u]"}, "marks"),
        ({"value": "0", "unweighted sample": "48", "shorthand": "[u]"}, "marks"),
    ],
)
def test_what_the_rules_keep_back_in_the_rows_stops_it(
    call: Call, variant: Variant, tmp_path: Path, *, cells: dict[str, str], what: str
) -> None:
    folder = variant("edited", lambda rows: level(rows).update(cells))
    gate = release_gate(folder, target=tmp_path / "out")
    assert f"Confidentiality: {what} in results.csv" in failed(gate)
    assert gate.exit_code == 3
    code, out, err = call("release", folder, "--to", tmp_path / "out")
    assert code == 3
    assert "of confidentiality among them; nothing was copied" in err
    assert "strongly agree or tend to agree (share), Black, 2022" in out
    assert not any(f" {value} " in out for value in ("7", "29", "48", "49"))
    assert not (tmp_path / "out").exists()


def test_a_hidden_group_that_the_total_gives_away_stops_it(variant: Variant) -> None:
    def edit(rows: Lines) -> None:
        shown = {"Asian": 35, "Black": 50, "Mixed": 30, "White": 167}
        for group, base in shown.items():
            level(rows, group)["unweighted sample"] = str(base)
        level(rows, "All respondents")["unweighted sample"] = str(sum(shown.values()) + 4)
        hidden = ("value", "sample", "unweighted sample", "lower bound", "upper bound", "shorthand")
        level(rows, "Other ethnic group").update(dict.fromkeys(hidden, "[c]"))

    gate = release_gate(variant("edited", edit))
    (check,) = (check for check in gate.checks if check.what == "Confidentiality: bases in results.csv")
    assert any("the suppressed groups by ethnicity hold together" in line for line in check.details)


def test_hidden_groups_that_are_told_to_be_small_ones_stop_it(call: Call, variant: Variant, tmp_path: Path) -> None:
    """Mixed and other together are ten: either is from 1 to 9, which no check of one number sees."""

    def edit(rows: Lines) -> None:
        shown = {"Asian": 35, "Black": 50, "White": 167}
        for group, base in shown.items():
            level(rows, group)["unweighted sample"] = str(base)
        level(rows, "All respondents")["unweighted sample"] = str(sum(shown.values()) + 10)
        hidden = ("value", "sample", "unweighted sample", "lower bound", "upper bound", "shorthand")
        for group in ("Mixed", "Other ethnic group"):
            question = level(rows, group)["question"]
            for row in rows:
                if (row["question"], row["ethnicity"], row["statistic"]) == (question, group, "level"):
                    row.update(dict.fromkeys(hidden, "[c]") if row["time"].startswith("2022") else {})

    folder = variant("edited", edit)
    code, out, _ = call("release", folder, "--to", tmp_path / "out")
    assert code == 3
    assert "fail  Confidentiality: what results.csv tells of what it hides" in out
    assert not (tmp_path / "out").exists()


def edited_workbook(release: Path, edit: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.load_workbook(release / "tables.xlsx")
    edit(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [(8, 6, "a base below the threshold is shown"), (8, "[c]", "it is suppressed and shows a number")],
)
def test_what_the_rules_keep_back_in_the_workbook_stops_it(
    demo_release: Path, variant: Variant, *, column: int, value: object, what: str
) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["1 Shares"].cell(row=8, column=column, value=value)

    folder = variant("edited", tables_dot_xlsx=edited_workbook(demo_release, edit))
    (check,) = (one for one in release_gate(folder).checks if "marks in tables.xlsx" in one.what)
    assert check.status == "fail"
    assert f"1 Shares, row 3: {what}" in check.details


def test_a_share_that_only_the_workbook_or_the_page_shows_stops_it(variant: Variant) -> None:
    hidden = ("value", "sample", "unweighted sample", "lower bound", "upper bound", "shorthand")
    gate = release_gate(variant("edited", lambda rows: level(rows).update(dict.fromkeys(hidden, "[c]"))))
    places = [line for check in gate.checks for line in check.details]
    assert any(
        re.fullmatch(r"1 Shares, row \d+: a share is shown that results.csv suppresses", line) for line in places
    )
    assert any(line.startswith("chart trend-conf_overall") for line in places)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b"base 285", b"base 5", "bases, marks and charts in report.html"),
        (b'<html lang="en-GB">', b"<html>", "It says in which language it is"),
        (b"<title>", b"<title></title><title>", "It has a title"),
        (b"<h2", b"<h4", "Its headings follow one another"),
        (b'<th scope="col">', b"<th>", "Its tables have captions and headings with their scope"),
        (b'role="img" aria-label=', b'role="img" data-label=', "Its pictures have text alternatives"),
        (b"</main>", b'<img alt="x" src="https://example.org/a.png"></main>', "It asks nothing of other places"),
        (b"connect-src 'none'", b"connect-src *", "It asks nothing of other places"),
        (b"<h3>Disclosure of methods</h3>", b"<h3>Methods</h3>", "Disclosure of methods"),
        (b"interviewer, tablet.</dd>", b"not stated</dd>", "Disclosure of methods"),
    ],
)
def test_a_page_that_falls_short_stops_it(
    demo_release: Path, variant: Variant, *, old: bytes, new: bytes, what: str
) -> None:
    content = (demo_release / "report.html").read_bytes()
    assert old in content
    gate = release_gate(variant("edited", report_dot_html=content.replace(old, new, 1)))
    (found,) = failed(gate)
    assert found.endswith(what)
    assert gate.exit_code == (3 if "Confidentiality" in found else 2)


def test_a_workbook_that_falls_short_stops_it(demo_release: Path, variant: Variant) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["1 Shares"].freeze_panes = "A6"

    gate = release_gate(variant("edited", tables_dot_xlsx=edited_workbook(demo_release, edit)))
    assert "Accessibility of tables.xlsx: Nothing is merged, hidden, frozen, filtered or drawn" in failed(gate)


def bomb() -> bytes:
    """A workbook that unpacks to more than any release's does."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 201_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize("content", [b"", b"planted 31415", b"PK\x03\x04 planted 31415", bomb()], ids=len)
def test_a_file_that_is_no_workbook_stops_it(variant: Variant, content: bytes) -> None:
    gate = release_gate(variant("edited", tables_dot_xlsx=content))
    opened = "Accessibility of tables.xlsx: It can be opened"
    assert failed(gate) == ["Confidentiality: bases and marks in tables.xlsx", opened]
    assert "31415" not in str(gate.checks)


def test_a_page_that_is_no_text_stops_it(variant: Variant) -> None:
    gate = release_gate(variant("edited", report_dot_html=b"\xff\xfeplanted 31415"))
    assert "Accessibility of report.html: It can be opened" in failed(gate)
    assert gate.exit_code == 3
    assert "31415" not in str(gate.checks)


def test_a_release_without_rows_can_not_be_checked(variant: Variant) -> None:
    folder = variant("edited")
    manifest = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    del manifest["files"]["results.csv"]
    (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "results.csv").unlink()
    assert failed(release_gate(folder)) == ["Formats"]


RECORD = {
    "outcome": "relationships",
    "measure": "attendees",
    "broken down by": "community",
    "group": "African",
    "broken down by, second": "",
    "second group": "",
    "value": "120",
    "unit": "people",
    "numerator": "",
    "unweighted base": "",
    "base counts": "",
    "lower bound": "",
    "upper bound": "",
    "shorthand": "",
}


def with_records(folder: Path, **cells: str) -> Path:
    """Add a csv of the records of events, of one row, to a release."""
    row = RECORD | {name.replace("_", " "): text for name, text in cells.items()}
    content = "\n".join([",".join(f'"{name}"' for name in row), ",".join(f'"{text}"' for text in row.values())])
    (folder / "records.csv").write_text(content + "\n", encoding="utf-8-sig")
    manifest = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    manifest["files"]["records.csv"] = hashlib.sha256((folder / "records.csv").read_bytes()).hexdigest()
    (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("cells", "stops"),
    [
        ({}, False),
        ({"value": "4"}, True),
        ({"value": "4", "unit": "officers"}, False),
        ({"value": "4", "unit": "events", "base_counts": "events"}, False),
        ({"value": "40", "unit": "per cent", "unweighted_base": "8", "base_counts": "people"}, True),
        ({"value": "40", "unit": "per cent", "unweighted_base": "8", "base_counts": "themes"}, False),
        ({"value": "[c]", "shorthand": "[c]", "lower_bound": "3"}, True),
        ({"value": "[c]", "shorthand": "[c]"}, False),
    ],
)
def test_counts_of_a_few_people_in_the_records_stop_it(variant: Variant, *, cells: dict[str, str], stops: bool) -> None:
    gate = release_gate(with_records(variant("edited"), **cells))
    assert failed(gate) == (["Confidentiality: counts and marks in records.csv"] if stops else [])
    assert gate.exit_code == (3 if stops else 0)


@pytest.mark.parametrize(
    ("cells", "stops"),
    [
        ({}, False),
        ({"value": "121"}, True),
        ({"value": "130"}, False),
        ({"value": "[c]", "shorthand": "[c]"}, True),
        ({"value": "[x]", "shorthand": "[x]"}, False),
    ],
)
def test_records_of_an_earlier_release_can_not_be_subtracted(
    variant: Variant, *, cells: dict[str, str], stops: bool
) -> None:
    later, earlier = with_records(variant("later"), **cells), with_records(variant("earlier"))
    assert release_gate(later, earlier=[earlier]).exit_code == (3 if stops else 0)
    assert release_gate(earlier, earlier=[later]).exit_code == (3 if stops else 0)


def one_added(rows: Lines) -> None:
    level(rows)["unweighted sample"] = "51"


def test_an_earlier_release_that_can_be_subtracted_stops_it(
    call: Call, demo_release: Path, variant: Variant, tmp_path: Path
) -> None:
    earlier = variant("earlier", one_added)
    gate = release_gate(demo_release, target=tmp_path / "out", earlier=[earlier])
    assert (gate.exit_code, len(failed(gate))) == (3, 1)
    code, out, _ = call("release", demo_release, "--earlier", earlier, "--to", tmp_path / "out")
    assert code == 3
    assert "subtraction would tell their answers" in out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("cell", "stops"), [(301, True), ("[c]", True), (310, False), (300, False)])
def test_counts_that_only_the_workbooks_show_can_not_be_subtracted(
    demo_release: Path, variant: Variant, *, cell: object, stops: bool
) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        sheet = next(book[name] for name in book.sheetnames if name.endswith(" Weights"))
        assert (sheet["A6"].value, sheet["D6"].value) == ("2022", 300)
        sheet["D6"] = cell

    earlier = variant("earlier", tables_dot_xlsx=edited_workbook(demo_release, edit))
    gate = release_gate(demo_release, earlier=[earlier])
    (check,) = (check for check in gate.checks if check.what.startswith("Confidentiality: beside"))
    assert check.status == ("fail" if stops else "ok")
    assert not any("30" in line for line in check.details)


def test_the_release_that_would_be_replaced_counts_as_an_earlier_one(
    demo_release: Path, variant: Variant, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    assert release_gate(demo_release, target=target).exit_code == 0
    before = state(target)
    gate = release_gate(variant("later", one_added), target=target)
    assert gate.exit_code == 3
    assert state(target) == before


def test_a_later_release_replaces_an_earlier_one_and_keeps_what_lies_beside_it(
    demo_release: Path, variant: Variant, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    release_gate(demo_release, target=target)
    (target / "letter.txt").write_text("to readers", encoding="utf-8")
    later = variant("later", made={"Commit": "b" * 40})
    assert release_gate(later, target=target).exit_code == 0
    assert (target / "letter.txt").read_text(encoding="utf-8") == "to readers"
    assert state(target)["release.json"] == state(later)["release.json"]


def test_wrong_targets_and_releases_are_refused(demo_release: Path, variant: Variant, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "answers.csv").write_text("", encoding="utf-8")
    own = variant("own")
    for target, message in (
        (tmp_path / "file", "there is a file of that name"),
        (tmp_path / "file" / "below", "file is a file"),
        (tmp_path / "full", "holds other files and no earlier release"),
        (own, "one is in the other"),
        (own / "inside", "one is in the other"),
        (tmp_path, "one is in the other"),
    ):
        with pytest.raises(WrongUseError, match=message):
            release_gate(own, target=target)
    with pytest.raises(WrongUseError, match="no earlier one of itself"):
        release_gate(demo_release, earlier=[demo_release])
    with pytest.raises(WrongUseError, match=r"no release\.json in it"):
        release_gate(demo_release, earlier=[tmp_path / "full"])


def test_a_release_that_changes_while_it_is_checked_is_not_copied(
    variant: Variant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = variant("own")
    copy = handover.shutil.copyfile

    def changing(source: Path, to: Path) -> None:
        (folder / "results.csv").write_bytes(b"another")
        copy(source, to)

    monkeypatch.setattr(handover.shutil, "copyfile", changing)
    with pytest.raises(LpactError, match="changed while it was checked"):
        release_gate(folder, target=tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own"]


def test_a_folder_is_exchanged_also_where_the_system_has_no_single_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "_exchanged", lambda _one, _two: False)
    for name in ("target", "draft"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name, encoding="utf-8")
    put_in_place(tmp_path / "draft", tmp_path / "target")
    assert (tmp_path / "target" / "file").read_text(encoding="utf-8") == "draft"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_what_a_killed_run_set_aside_is_put_back(tmp_path: Path) -> None:
    (tmp_path / ".target-earlier").mkdir()
    (tmp_path / ".target-earlier" / "file").write_text("earlier", encoding="utf-8")
    whole.recover(tmp_path / "target")
    assert (tmp_path / "target" / "file").read_text(encoding="utf-8") == "earlier"


def test_drafts_of_killed_runs_are_removed_and_those_of_others_stay(tmp_path: Path) -> None:
    for name in (".target-draft-old", ".target-draft-new", ".other-draft-old"):
        (tmp_path / name).mkdir()
    for name in (".target-draft-old", ".other-draft-old"):
        os.utime(tmp_path / name, (0, 0))
    whole.recover(tmp_path / "target")
    assert {path.name for path in tmp_path.iterdir()} == {".target-draft-new", ".other-draft-old"}


GATE = """
import sys, time
from pathlib import Path
from lpact_eval.reporting.gate import release_gate
print("ready", flush=True)
sys.stdin.readline()
while True:
    for folder in sys.argv[2:]:
        assert release_gate(folder, target=sys.argv[1]).exit_code == 0
"""
KILLS = 6


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of Unix")
def test_killed_at_any_moment_the_target_is_one_release_whole(
    demo_release: Path, variant: Variant, tmp_path: Path
) -> None:
    """The gate copies two releases over each other without end, and is killed at random moments."""
    target, other = tmp_path / "out" / "june", variant("other", made={"Commit": "b" * 40})
    release_gate(demo_release, target=target)
    allowed = [state(demo_release), state(other)]
    moment = random.Random(10)  # noqa: S311 - no secret
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", GATE, str(target), str(demo_release), str(other)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.stdin.write(b"\n")
        process.stdin.flush()
        time.sleep(moment.uniform(0.0, 1.5))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stdout.close()
        found = state(target)
        receipt = json.loads((target / "receipt.json").read_text(encoding="utf-8"))
        assert receipt["release_sha256"] == found["release.json"]
        del found["receipt.json"]
        assert found in allowed


RUN = """
import sys
import lpact_eval as lp
from lpact_eval.resources import plan_file
published = lp.publish(lp.run_plan(lp.read_plan(plan_file())))
print("ready", flush=True)
while True:
    for formats in (["csv"], ["csv", "html"]):
        lp.write_release(published, sys.argv[1], formats=formats)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of Unix")
def test_killed_at_any_moment_a_run_leaves_the_last_complete_release(demo_release: Path, tmp_path: Path) -> None:
    """A run writes over its release without end, with and without the page, and is killed at random moments."""
    folder = tmp_path / "demo"
    shutil.copytree(demo_release, folder)
    moment = random.Random(12)  # noqa: S311 - no secret
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", RUN, str(folder)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(moment.uniform(0.0, 0.8))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        found = state(folder)
        listed = json.loads((folder / "release.json").read_text(encoding="utf-8"))["files"]
        del found["release.json"]
        assert found == listed


SWAPS = """
import shutil, sys
from pathlib import Path
from lpact_eval.reporting.whole import put_in_place
target = Path(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    draft = target.with_name(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for name in "abc":
        (draft / name).write_text(str(number))
    put_in_place(draft, target)
    number += 1
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="exchanges two names in one step")
def test_killed_between_any_two_steps_a_folder_is_there_and_of_one_piece(tmp_path: Path) -> None:
    """A folder is replaced thousands of times; whenever that ends, there is one of them, whole."""
    target = tmp_path / "target"
    moment = random.Random(11)  # noqa: S311 - no secret
    for _ in range(12):
        process = subprocess.Popen([sys.executable, "-c", SWAPS, str(target)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        while not target.exists():
            time.sleep(0.001)
        time.sleep(moment.uniform(0.0, 0.1))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert len({(target / name).read_text(encoding="utf-8") for name in "abc"}) == 1
