from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.reporting import page, whole
from lpact_eval.reporting.outputs import OUTPUTS, Output
from lpact_eval.reporting.release import write_release

if TYPE_CHECKING:
    from lpact_eval.disclosure.published import Published

SOME = {"report.html", "tables.xlsx", "results.csv", "data-dictionary.csv", "charts/index.csv", "release.json"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_release_is_written_whole_and_its_files_are_returned(published: Published, tmp_path: Path) -> None:
    written = write_release(published, tmp_path / "new" / "demo")
    assert written[0].name == "report.html"
    assert files(tmp_path / "new" / "demo") == {
        path.relative_to((tmp_path / "new" / "demo").resolve()).as_posix() for path in written
    }
    assert files(tmp_path / "new" / "demo") >= SOME
    assert files(tmp_path / "new" / "demo") >= {output.file for output in OUTPUTS.values() if output.file}
    assert names(tmp_path / "new") == {"demo"}


def test_the_manifest_lists_every_file_with_its_hash(published: Published, tmp_path: Path) -> None:
    write_release(published, tmp_path / "demo")
    manifest = json.loads((tmp_path / "demo" / "release.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == files(tmp_path / "demo") - {"release.json"}
    for name, expected in manifest["files"].items():
        assert hashlib.sha256((tmp_path / "demo" / name).read_bytes()).hexdigest() == expected
    assert manifest["synthetic"] is True


def test_the_manifest_and_the_page_name_every_definition_file(published: Published, tmp_path: Path) -> None:
    pairs = (("harmonised.toml", "d" * 64), ("population/town/sex.csv", "e" * 64))
    write_release(replace(published, facts=replace(published.facts, definitions=pairs)), tmp_path / "demo")
    manifest = json.loads((tmp_path / "demo" / "release.json").read_text(encoding="utf-8"))
    assert manifest["definitions"] == dict(pairs)
    page_text = (tmp_path / "demo" / "report.html").read_text(encoding="utf-8")
    assert f"population/town/sex.csv {'e' * 12}" in page_text
    assert "e" * 64 not in page_text


def test_only_the_formats_asked_for_are_written(published: Published, tmp_path: Path) -> None:
    write_release(published, tmp_path / "demo", formats=["csv"])
    assert names(tmp_path / "demo") == {"results.csv", "data-dictionary.csv", "release.json"}


@pytest.mark.parametrize("formats", [["pdf"], []])
def test_unknown_formats_are_wrong_use(published: Published, tmp_path: Path, formats: list[str]) -> None:
    with pytest.raises(WrongUseError, match="html, xlsx"):
        write_release(published, tmp_path / "demo", formats=formats)
    assert names(tmp_path) == set()


def test_a_later_release_replaces_an_earlier_one_as_a_whole(published: Published, tmp_path: Path) -> None:
    write_release(published, tmp_path / "demo")
    write_release(published, tmp_path / "demo", formats=["html"])
    assert names(tmp_path / "demo") == {"report.html", "release.json"}


def test_what_others_put_beside_a_release_stays(published: Published, tmp_path: Path) -> None:
    write_release(published, tmp_path / "demo", formats=["csv"])
    (tmp_path / "demo" / "notes.txt").write_text("ours", encoding="utf-8")
    (tmp_path / "demo" / "minutes").mkdir()
    (tmp_path / "demo" / "minutes" / "may.txt").write_text("ours too", encoding="utf-8")
    write_release(published, tmp_path / "demo", formats=["csv"])
    assert (tmp_path / "demo" / "notes.txt").read_text(encoding="utf-8") == "ours"
    assert (tmp_path / "demo" / "minutes" / "may.txt").read_text(encoding="utf-8") == "ours too"


def test_a_folder_with_other_things_in_it_is_left_alone(published: Published, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.docx").write_text("mine", encoding="utf-8")
    with pytest.raises(WrongUseError, match="there is something else in it and no earlier release"):
        write_release(published, tmp_path / "demo")
    assert names(tmp_path / "demo") == {"thesis.docx"}


FEW = ["html", "xlsx", "csv"]


@pytest.mark.parametrize("failing", ["xlsx", "csv"])
def test_a_writer_that_fails_leaves_the_earlier_release_as_it_was(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    folder = tmp_path / "demo"
    write_release(published, folder, formats=FEW)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail(_output: Output, _published: Published, draft: Path, *_options: object) -> list[str]:
        (draft / "half.tmp").write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    write = Output.write
    monkeypatch.setattr(Output, "write", lambda one, *given: (fail if one is OUTPUTS[failing] else write)(one, *given))
    with pytest.raises(OSError, match="No space left"):
        write_release(published, folder, formats=FEW)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert names(tmp_path) == {"demo"}


def test_a_refused_page_leaves_the_earlier_release_as_it_was(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"
    write_release(published, folder, formats=["html"])
    before = (folder / "report.html").read_bytes()

    def refuse(_page: str, _output: str, _exempt: object) -> None:
        raise LpactError("a banned word")

    monkeypatch.setattr(page, "require_plain_page", refuse)
    with pytest.raises(LpactError):
        write_release(published, folder, formats=["html"])
    assert (folder / "report.html").read_bytes() == before


def test_a_swap_that_fails_puts_the_earlier_release_back(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"
    write_release(published, folder, formats=["csv"])
    before = (folder / "results.csv").read_bytes()
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if "-draft-" in self.name:
            raise PermissionError(13, "in use")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    monkeypatch.setattr(whole, "_exchanged", lambda _one, _two: False)
    with pytest.raises(PermissionError):
        write_release(published, folder, formats=["csv"])
    assert (folder / "results.csv").read_bytes() == before
    assert names(tmp_path) == {"demo"}


def test_a_run_killed_between_two_renames_is_put_right_by_the_next(published: Published, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    write_release(published, folder, formats=["csv"])
    (folder / "notes.txt").write_text("ours", encoding="utf-8")
    folder.rename(tmp_path / ".demo-earlier")
    write_release(published, folder, formats=["csv"])
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "ours"
    assert names(tmp_path) == {"demo"}


def test_files_of_others_in_the_folder_of_charts_stay_and_its_own_go(published: Published, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    write_release(published, folder, formats=["csv", "charts"])
    (folder / "charts" / "mine.svg").write_text("<svg/>", encoding="utf-8")
    write_release(published, folder, formats=["csv"])
    assert names(folder / "charts") == {"mine.svg"}
