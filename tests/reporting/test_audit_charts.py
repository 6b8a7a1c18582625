"""The checklist for a folder of charts finds what it is for, and nothing in the folder of a release."""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import LpactError
from lpact_eval.reporting.audit_charts import CHECKS, audit_charts
from lpact_eval.reporting.chart_files import write_charts
from lpact_eval.reporting.chart_names import INDEX, INDEX_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lpact_eval.disclosure.published import Published

LIST = "The list names every file, and every file is there"
WORDS = "Every chart has words that can stand for it"
DRAWINGS = "The drawings say what they show and fetch nothing"
PICTURES = "The pictures carry their words"
NUMBERS = "The numbers are beside them in tables with headings"


@pytest.fixture(scope="module")
def written(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_charts(published, folder)
    return folder / "charts"


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    shutil.copytree(written, tmp_path / "charts")
    return tmp_path / "charts"


def edited(ending: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    """Replace something in the first file of a kind."""

    def edit(folder: Path) -> None:
        path = min(folder.glob(f"*.{ending}"))
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new, 1))

    return edit


def rewritten(ending: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: min(folder.glob(f"trend*.{ending}")).write_bytes(content) and None


def without_words(folder: Path) -> None:
    with (folder / INDEX).open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    with (folder / INDEX).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, INDEX_COLUMNS)
        writer.writeheader()
        writer.writerows({**line, INDEX_COLUMNS[-1]: "chart"} for line in lines)


BREAKS: list[tuple[str, Callable[[Path], object], str]] = [
    (LIST, lambda folder: min(folder.glob("*.png")).unlink(), "is listed and not there"),
    (LIST, lambda folder: (folder / "mine.svg").write_text("<svg/>", encoding="utf-8"), "mine.svg: is there and not"),
    (WORDS, without_words, "the list has no text alternative"),
    (WORDS, rewritten("txt", b"A chart.\n"), "has no words that could stand"),
    (WORDS, rewritten("txt", b"\xff" * 40), "has no words that could stand"),
    (DRAWINGS, edited("svg", b'role="img"', b""), "has no role, title and description"),
    (DRAWINGS, edited("svg", b"<desc", b"<other"), "is no drawing"),
    (DRAWINGS, edited("svg", b"<style>", b'<image href="https://example.org/a.png"/><style>'), "fetches something"),
    (DRAWINGS, edited("svg", b"<style>", b"<script/><style>"), "fetches something"),
    (DRAWINGS, edited("svg", b"<svg", b"<!DOCTYPE svg><svg"), "has definitions of its own"),
    (PICTURES, edited("png", b"Description", b"Something  "), "does not carry its title and words"),
    (PICTURES, rewritten("png", b"\x89PNG\r\n\x1a\n"), "is no picture"),
    (NUMBERS, rewritten("csv", b"Group,Group\nBlack,1\n"), "a heading is empty or stands twice"),
    (NUMBERS, rewritten("csv", b"Group,Share\n"), "holds no numbers"),
    (NUMBERS, rewritten("csv", b"Group,Share\nBlack\n"), "is no table"),
]


def test_the_folder_of_a_release_keeps_every_rule(written: Path) -> None:
    assert audit_charts(written) == {rule: [] for rule in CHECKS}


def test_every_rule_is_tried() -> None:
    assert {rule for rule, _, _ in BREAKS} == CHECKS.keys()


@pytest.mark.parametrize(("rule", "spoil", "message"), BREAKS, ids=[message for _, _, message in BREAKS])
def test_a_folder_that_breaks_a_rule_is_found(
    folder: Path, rule: str, spoil: Callable[[Path], object], message: str
) -> None:
    spoil(folder)
    found = audit_charts(folder)
    assert [place for place in found[rule] if message in place], found
    assert not [other for other, places in found.items() if places and other != rule]


def test_what_belongs_to_somebody_else_is_left_aside(folder: Path) -> None:
    (folder / "mine.svg").write_text("<svg/>", encoding="utf-8")
    assert not any(audit_charts(folder, {"mine.svg"}).values())


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"chart,svg\na\n"], ids=["gone", "empty", "bytes", "cut"])
def test_a_folder_without_its_list_is_refused(folder: Path, content: bytes | None) -> None:
    (folder / INDEX).unlink()
    if content is not None:
        (folder / INDEX).write_bytes(content)
    with pytest.raises(LpactError, match="charts is no folder of charts that can be checked"):
        audit_charts(folder)


def test_a_name_in_the_list_that_leads_out_of_the_folder_is_not_followed(folder: Path) -> None:
    (folder.parent / "secret.txt").write_text("planted 31415", encoding="utf-8")
    name = min(folder.glob("*.txt")).name
    text = (folder / INDEX).read_text(encoding="utf-8-sig").replace(f",{name},", ",../secret.txt,")
    (folder / INDEX).write_text(text, encoding="utf-8-sig")
    found = audit_charts(folder)
    assert "../secret.txt: is listed and not there" in found[LIST]
    assert not found[WORDS]
