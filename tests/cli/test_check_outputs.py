"""`lpact-eval check-outputs`: every output of a release, and files of any origin, with what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lpact_eval.cli import main
from lpact_eval.errors import WrongUseError
from lpact_eval.reporting.audits import findings, kind_of, to_be_checked

if TYPE_CHECKING:
    from collections.abc import Callable

FIXTURES = Path(__file__).parents[1] / "reporting" / "fixtures"
PAGE = "<title>A page</title><h1>One</h1><h3>Three</h3>"


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["lpact-eval", "check-outputs", *map(str, arguments)])
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """A folder with a page that breaks rules, a document of another program, and what is not looked at."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    shutil.copy(FIXTURES / "pandoc.docx", tmp_path / "deep" / "minutes.docx")
    for name in ("notes.txt", "~$minutes.docx", ".hidden.html"):
        (tmp_path / name).write_text("left aside", encoding="utf-8")
    return tmp_path


def test_what_is_broken_is_told_with_place_and_advice(call: Callable[..., tuple[int, str, str]], outputs: Path) -> None:
    code, out, err = call(outputs)
    assert code == 2
    assert "page.html: not kept: Its headings follow one another. Give the page one <h1>" in out
    assert "heading 2 is of level 3 after 1" in out
    assert "minutes.docx: not kept: Its links say where they lead. Write as the link's words" in out
    assert "rules of the checklists are broken" in err
    assert "Traceback" not in err


def test_with_json_every_rule_is_there(call: Callable[..., tuple[int, str, str]], outputs: Path) -> None:
    code, out, _ = call(outputs, "--json")
    assert code == 2
    found = json.loads(out)
    assert {one["status"] for one in found} == {"ok", "fail"}
    assert {Path(one["file"]).name for one in found} == {"page.html", "minutes.docx"}
    broken = next(one for one in found if one["rule"] == "Its headings follow one another" and one["kind"] == "page")
    assert broken["places"] == ["heading 2 is of level 3 after 1"]
    assert broken["advice"].startswith("Give the page one <h1>")


def test_a_sound_file_ends_well(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    policy = "default-src 'none'; connect-src 'none'"
    head = f'<html lang="en-GB"><meta http-equiv="Content-Security-Policy" content="{policy}"><title>A</title>'
    (tmp_path / "a.htm").write_text(f"{head}<h1>One</h1>", encoding="utf-8")
    code, out, _ = call(tmp_path / "a.htm")
    assert code == 0
    assert out.strip().endswith("a.htm: all 6 rules for a page")


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.html"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfeplanted 31415", b"PK\x03\x04planted 31415"])
def test_a_damaged_file_is_a_finding_and_the_others_are_looked_at(
    call: Callable[..., tuple[int, str, str]], outputs: Path, name: str, content: bytes
) -> None:
    (outputs / name).write_bytes(content)
    code, out, err = call(outputs)
    assert code == 2
    assert f"{name}: not kept: It can be opened. Write it again" in out
    assert "minutes.docx" in out
    assert "31415" not in out + err
    assert "Traceback" not in err


def test_a_checklist_that_stumbles_is_a_finding(monkeypatch: pytest.MonkeyPatch, outputs: Path) -> None:
    kind = kind_of(outputs / "page.html")
    assert kind is not None

    def stumble(_path: Path) -> dict[str, list[str]]:
        raise ZeroDivisionError("planted 31415")

    monkeypatch.setattr("lpact_eval.reporting.audits.KINDS", (type(kind)(kind.what, kind.endings, stumble, {}),))
    (found,) = findings([outputs / "page.html"])
    assert found.status == "fail"
    assert found.places == ("page.html is no page that can be checked: it is damaged (ZeroDivisionError).",)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "There is no file or folder"),
        ("notes.txt", r"can't be checked: there are checklists for \.html, \.htm, \.xlsx, \.docx, \.pptx"),
        ("empty", "holds nothing that can be checked"),
    ],
)
def test_what_has_no_checklist_is_wrong_use(
    call: Callable[..., tuple[int, str, str]], outputs: Path, name: str, message: str
) -> None:
    (outputs / "empty").mkdir()
    with pytest.raises(WrongUseError, match=message):
        to_be_checked([outputs / name])
    assert call(outputs / name)[0] == 1


def test_a_file_named_twice_is_looked_at_once(outputs: Path) -> None:
    page = outputs / "page.html"
    assert to_be_checked([outputs, page]) == [outputs / "deep" / "minutes.docx", page]
