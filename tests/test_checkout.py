"""Whether a checkout was changed is told without running git, and as git itself would tell it."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from lpact_eval.checkout import checkout_around, commit_of, is_dirty

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git makes the checkouts")


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", "-c", "gc.auto=0")
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Commit two files and a link."""
    folder = tmp_path / "project"
    (folder / "inner").mkdir(parents=True)
    (folder / "plan.toml").write_text("a = 1\n", encoding="utf-8")
    (folder / "inner" / "other.toml").write_text("b = 1\n", encoding="utf-8")
    (folder / "link").symlink_to("plan.toml")
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "first")
    return folder


def test_a_checkout_as_committed_is_clean_and_its_commit_is_gits(checkout: Path) -> None:
    assert is_dirty(checkout) == "no"
    assert commit_of(checkout) == git(checkout, "rev-parse", "HEAD")
    assert checkout_around(checkout / "inner" / "other.toml") == checkout.resolve()


def test_a_file_of_another_time_and_the_same_content_is_no_change(checkout: Path) -> None:
    os.utime(checkout / "plan.toml", (1, 1))
    assert is_dirty(checkout) == "no"


def test_a_file_that_git_does_not_track_is_no_change(checkout: Path) -> None:
    (checkout / "new.toml").write_text("", encoding="utf-8")
    assert is_dirty(checkout) == "no"


def edit(folder: Path) -> None:
    (folder / "inner" / "other.toml").write_text("b = 2\n", encoding="utf-8")


def remove(folder: Path) -> None:
    (folder / "plan.toml").unlink()


def relink(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").symlink_to("inner")


@pytest.mark.parametrize("change", [edit, remove, relink])
def test_a_changed_file_is_seen(checkout: Path, change: object) -> None:
    assert callable(change)
    change(checkout)
    assert is_dirty(checkout) == "yes"


def test_what_is_staged_or_packed_is_not_taken_for_clean(checkout: Path) -> None:
    edit(checkout)
    git(checkout, "add", ".")
    assert is_dirty(checkout) in {"yes", "not known"}
    git(checkout, "commit", "-m", "second")
    assert is_dirty(checkout) == "no"
    git(checkout, "gc")
    assert is_dirty(checkout) == "not known"


def test_a_damaged_index_is_not_known(checkout: Path) -> None:
    index = checkout / ".git" / "index"
    index.write_bytes(index.read_bytes()[:-40] + bytes(40))
    assert is_dirty(checkout) == "not known"
    index.unlink()
    assert is_dirty(checkout) == "not known"


def test_an_index_of_a_later_version_is_not_known(checkout: Path) -> None:
    git(checkout, "update-index", "--index-version", "4")
    assert is_dirty(checkout) == "not known"


def test_a_second_working_tree_has_the_commit_of_its_branch(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "worktree", "add", str(tmp_path / "second"))
    assert commit_of(tmp_path / "second") == commit_of(checkout)
    assert is_dirty(tmp_path / "second") in {"no", "not known"}


def test_a_folder_outside_every_checkout_has_none(tmp_path: Path) -> None:
    assert commit_of(tmp_path) == "not known"
    assert is_dirty(tmp_path) == "not known"
