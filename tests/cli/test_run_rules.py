"""Rules asked for by name or file, before any work is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., tuple[int, str, str]]


def test_rules_that_are_not_known_are_refused_before_the_plan_is_run(call: Call, tmp_path: Path) -> None:
    code, _, err = call("run", "--rules", "french", "--out", tmp_path / "out")
    assert code == 1
    assert "known are ['nchs', 'uk']" in err.replace("\n", " ")
    assert "Reading" not in err
    assert not (tmp_path / "out").exists()


def test_rules_of_ones_own_that_cannot_be_are_refused(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text("suppress_below = 10\n", encoding="utf-8")
    code, _, err = call("run", "--rules", file, "--out", tmp_path / "out")
    assert code == 1
    assert "'withhold_below'" in err


def test_a_run_that_asks_for_rounded_counts_is_refused_with_the_reason(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text("[rounding]\nbase = 5\n", encoding="utf-8")
    code, _, err = call("run", "--rules", file, "--out", tmp_path / "out")
    assert code == 1
    assert "would tell what was rounded" in " ".join(err.split())
    assert not (tmp_path / "out").exists()
