"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import lpact_eval as lp
from lpact_eval import cli
from lpact_eval.disclosure import rules
from lpact_eval.errors import DisclosureError, HarmonisationError, WrongUseError
from lpact_eval.resources import plan_file


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["lpact-eval", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "release"
    command = [sys.executable, "-m", "lpact_eval", "demo", "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert folder.joinpath("report.html").resolve().as_uri() in done.stdout
    assert "Synthetic respondents" in done.stdout
    assert "Reading" in done.stderr
    return folder


def test_the_demo_writes_page_workbook_and_csv_and_says_where(demo_folder: Path) -> None:
    assert {".html", ".xlsx", ".csv"} <= {path.suffix for path in demo_folder.iterdir()}


def test_help_lists_the_commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "--help") == 0
    shown = capsys.readouterr().out
    for command in ("demo", "run", "trend", "compare", "check", "size"):
        assert f"\n  {command}" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["run", "--formats", "html"],
        ["size", "needed"],
        ["size", "needed", "--change", "ten"],
        ["size", "quotas", "450", "--floor", "Black"],
        ["size", "quotas", "450", "--by", "shoe_size"],
        ["size", "--item", "shoe_size"],
        ["size", "--wave", "1999"],
        ["run", "no-such-plan.toml"],
        ["trend", "shoe_size"],
        ["trend", "conf_overall", "--by", "shoe_size"],
        ["compare", "2022", "1999"],
        ["trend", "conf_overall", "--out", "trend.pdf"],
    ],
    ids=" ".join,
)
def test_wrong_use_leaves_with_1_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, *arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Error" in printed.err or "Stopped: " in printed.err
    assert "Traceback" not in printed.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("error", "code"), [(WrongUseError, 1), (HarmonisationError, 2), (DisclosureError, 3)], ids=str
)
def test_every_kind_of_error_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: type[lp.LpactError], code: int
) -> None:
    def stop(path: Path) -> None:
        message = f"what failed in {path.name}, what to do"
        raise error(message)

    monkeypatch.setattr(lp, "read_plan", stop, raising=False)
    assert call(monkeypatch, "run") == code
    assert capsys.readouterr().err.endswith("Stopped: what failed in evaluation-plan.toml, what to do\n")


def test_only_the_formats_asked_for_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert call(monkeypatch, "run", "--only", "csv", "--out", str(tmp_path / "release")) == 0
    suffixes = {path.suffix for path in (tmp_path / "release").iterdir()}
    assert ".csv" in suffixes
    assert not suffixes & {".html", ".xlsx"}


def test_run_prints_json_for_a_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call(monkeypatch, "run", "--only", "csv", "--out", str(tmp_path / "release"), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["synthetic"] is True
    assert all(Path(name).is_file() for name in said["files"])


def test_a_person_at_a_terminal_sees_what_is_going_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert call(monkeypatch, "size") == 0
    assert "respondents of the group Black" in capsys.readouterr().out


def test_a_trend_is_printed_or_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call(monkeypatch, "trend", "conf_overall", "--by", "ethnicity", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["measure"] for row in rows} == {"level"}
    assert {row["wave"] for row in rows} == {"2022", "rerun"}
    assert "Black" in {row["group"] for row in rows}
    for name in ("trend.html", "trend.csv"):
        assert call(monkeypatch, "trend", "conf_overall", "--by", "ethnicity", "--out", str(tmp_path / name)) == 0
        assert (tmp_path / name).stat().st_size > 500


def test_a_trend_over_everybody_has_no_groups(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "trend", "conf_overall", "--json") == 0
    assert {row["group"] for row in json.loads(capsys.readouterr().out)} == {"All respondents"}


def test_two_surveys_are_compared(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "compare", "2022", "rerun", "--by", "ethnicity", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["measure"] for row in rows} == {"level", "change"}
    assert {row["wave"] for row in rows} == {"2022", "rerun", "rerun - 2022"}
    assert call(monkeypatch, "compare", "2022", "rerun", "--by", "ethnicity") == 0
    assert "rerun - 2022" in capsys.readouterr().out


def test_check_prints_one_line_per_check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "check") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 5
    assert {line.split()[0] for line in lines} <= {"ok", "warn"}


def test_a_failed_check_leaves_with_2_after_all_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(f'{plan_file().read_text(encoding="utf-8")}\n[files]\n2022 = "nowhere.sav"\n', encoding="utf-8")
    assert call(monkeypatch, "check", str(plan)) == 2
    printed = capsys.readouterr()
    assert "fail  data of 2022" in printed.out
    assert "ok    data of rerun" in printed.out
    assert "checks failed" in printed.err
    assert call(monkeypatch, "check", str(plan), "--json") == 2
    assert {"ok", "fail"} <= {one["status"] for one in json.loads(capsys.readouterr().out)}


def test_a_run_that_fails_leaves_the_earlier_release_as_it_was(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    release = tmp_path / "release"
    assert call(monkeypatch, "run", "--only", "csv", "--out", str(release)) == 0
    before = {path.name: path.read_bytes() for path in release.iterdir()}
    plan = tmp_path / "plan.toml"
    plan.write_text("title = 1\n", encoding="utf-8")
    assert call(monkeypatch, "run", str(plan), "--out", str(release)) == 2
    assert "plan.toml" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in release.iterdir()} == before


def test_size_says_what_the_next_survey_can_show(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "size", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert "respondents of the group Black" in said["sentence"]
    assert "no rise under" in said["sentence"]
    assert said["next"][-1]["n_second"] == "infinite"
    changes = [row["change"] for row in said["next"]]
    assert changes == sorted(changes, reverse=True)
    assert call(monkeypatch, "size", "--group", "White") == 0
    assert "respondents of the group White" in capsys.readouterr().out


def test_size_starts_from_what_the_first_survey_had(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "size", "needed", "--change", "0.05", "--json") == 0
    impossible = json.loads(capsys.readouterr().out)
    assert impossible["impossible"] is True
    assert impossible["n"] is None
    assert impossible["sentence"].startswith("Impossible")
    assert call(monkeypatch, "size", "detectable", "--n-second", "inf", "--json") == 0
    assert json.loads(capsys.readouterr().out)["baseline"] == impossible["baseline"]


def test_a_group_that_is_too_small_is_not_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = replace(rules.UK, suppress_below=1_000)
    monkeypatch.setattr(rules, "find_rules", lambda _: strict)
    assert call(monkeypatch, "size") == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Fewer than 1000 respondents" in printed.err


def test_the_share_of_a_small_group_is_not_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = replace(rules.UK, withhold_below=1_000)
    monkeypatch.setattr(rules, "find_rules", lambda _: strict)
    assert call(monkeypatch, "size") == 0
    assert "a share of 50% is assumed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "plan"),
    [
        (["needed", "--baseline", "0.64", "--change", "0.1"], lambda: lp.respondents_needed(baseline=0.64, change=0.1)),
        (
            ["needed", "--baseline", "0.35", "--change", "0.1", "--first-wave", "34"],
            lambda: lp.respondents_needed(baseline=0.35, change=0.1, first_wave=34),
        ),
        (
            ["detectable", "--baseline", "0.4", "--n-first", "50", "--n-second", "90", "--design-effect", "1.3"],
            lambda: lp.detectable_change(baseline=0.4, n_first=50, n_second=90, design_effect=1.3),
        ),
        (["precision", "--half-width", "0.1"], lambda: lp.precision(proportion=0.5, half_width=0.1)),
        (
            ["precision", "--n", "60", "--proportion", "0.1", "--wilson"],
            lambda: lp.precision(proportion=0.1, n=60, interval="wilson"),
        ),
        (
            ["approaches", "120", "--response", "0.25", "--share", "0.35"],
            lambda: lp.approaches(120, response=0.25, share=0.35),
        ),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_size_says_what_the_library_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], plan: object
) -> None:
    assert callable(plan)
    assert call(monkeypatch, "size", *arguments) == 0
    assert capsys.readouterr().out == f"{plan().sentence}\n"


def test_quotas_share_out_the_population(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "size", "quotas", "450", "--floor", "Black=150", "--json") == 0
    rows = {row["category"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["Black"]["quota"] == 150
    assert sum(row["quota"] for row in rows.values()) == 450
    assert call(monkeypatch, "size", "quotas", "450") == 0
    assert "proportional" in capsys.readouterr().out
