"""Names that stay inside a release's folder, and what others put beside its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.inside import keep_others, leads_away, others_in, stays_inside

if TYPE_CHECKING:
    from pathlib import Path


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{folder.name}: {name}", encoding="utf-8")


@pytest.mark.parametrize("name", ["report.html", "charts/index.csv", "a/b/c.txt", "..a"])
def test_names_of_files_in_the_folder_stay_inside(name: str) -> None:
    assert stays_inside(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../a", "a/../b", "/etc/passwd", "a//b", "a/", "a\\b", "C:/a", "C:a", "a\0b", "a/./b"]
)
def test_names_that_lead_out_do_not(name: str) -> None:
    assert not stays_inside(name)


def test_a_link_on_the_way_to_a_file_leads_away(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "index.csv")
    put(tmp_path / "release", "charts/index.csv")
    (tmp_path / "release" / "linked").symlink_to(tmp_path / "elsewhere")
    assert leads_away(tmp_path / "release", "linked/index.csv")
    assert not leads_away(tmp_path / "release", "charts/index.csv")


def test_what_is_not_part_of_the_release_is_named_down_to_its_folder(tmp_path: Path) -> None:
    put(
        tmp_path,
        "report.html",
        "notes.txt",
        "charts/index.csv",
        "charts/mine.svg",
        "charts/old/a.svg",
        "minutes/may.txt",
    )
    own = {"report.html", "charts/index.csv"}
    assert others_in(tmp_path, own) == ["charts/mine.svg", "charts/old", "minutes", "notes.txt"]


def test_others_are_kept_and_its_own_are_left_behind(tmp_path: Path) -> None:
    earlier, draft = tmp_path / "earlier", tmp_path / "draft"
    put(earlier, "charts/a.svg", "charts/mine.svg", "notes.txt", "report.html", "slides", "minutes/may.txt")
    put(draft, "report.html", "slides/one.txt", "minutes")
    keep_others(earlier, draft, {"charts/a.svg", "report.html"})
    kept = {path.relative_to(draft).as_posix(): path.read_text(encoding="utf-8") for path in draft.rglob("*.*")}
    assert kept == {
        "report.html": "draft: report.html",
        "slides/one.txt": "draft: slides/one.txt",
        "charts/mine.svg": "earlier: charts/mine.svg",
        "notes.txt": "earlier: notes.txt",
    }
