"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import lpact_eval as lp
from lpact_eval import cli
from lpact_eval.disclosure import rules
from lpact_eval.errors import DisclosureError, HarmonisationError, WrongUseError
from lpact_eval.reporting import tidy, whole
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
    said = done.stdout.splitlines()
    assert {str(path) for path in folder.iterdir() if path.is_file()} <= set(said)
    for inside in (path for path in folder.iterdir() if path.is_dir()):
        assert f"{inside} ({len(list(inside.iterdir()))} files)" in said
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
        ["size", "--by", "shoe_size"],
        ["size", "--group", "Nobody"],
        ["size", "--power", "0.9", "precision", "--n", "60"],
        ["size", "--group", "White", "needed", "--baseline", "0.5", "--change", "0.1"],
        ["size", "--wave", "2022", "detectable", "--baseline", "0.5", "--n-first", "50", "--n-second", "50"],
        ["size", "quotas", "450", "--population", "nowhere"],
        ["run", "--only", ","],
        ["run", "--only", "html,pdf"],
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
    # a wrong name inside a plan or a definition is wrong data, not wrong use of the command
    ("error", "code"),
    [(WrongUseError, 2), (HarmonisationError, 2), (DisclosureError, 3)],
    ids=str,
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


@pytest.mark.parametrize("command", ["run", "size"])
def test_a_data_file_that_is_missing_leaves_with_2_as_it_does_from_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(f'{plan_file().read_text(encoding="utf-8")}\n[files]\n2022 = "nowhere.sav"\n', encoding="utf-8")
    arguments = [str(plan), "--out", str(tmp_path / "out")] if command == "run" else ["--plan", str(plan)]
    assert call(monkeypatch, command, *arguments) == 2
    assert "there is no file" in capsys.readouterr().err


@pytest.fixture
def nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_plan: object) -> None:
        pytest.fail("the work started before the command line was looked at")

    monkeypatch.setattr(lp, "read_plan", run, raising=False)


@pytest.mark.usefixtures("nothing_is_run")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--only", ","], "which names no output"),
        (["run", "--only", "pdf"], "'pdf'; the outputs of a release are html, xlsx"),
        (["run", "--out", "afile/x"], "afile is a file"),
        (["run", "--out", "afile"], "there is a file of that name"),
        (["demo", "--out", "afolder"], "holds other files and no earlier release"),
        (["trend", "conf_overall", "--out", "afile/x.html"], "afile is a file"),
        (["compare", "2022", "rerun", "--out", "folder.csv"], "there is a folder of that name"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_outputs_that_cannot_be_written_are_refused_before_the_work_starts(
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "afile").write_text("theirs", encoding="utf-8")
    (tmp_path / "afolder").mkdir()
    (tmp_path / "afolder" / "thesis.docx").write_text("theirs", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    assert call(monkeypatch, *arguments) == 1
    assert message in capsys.readouterr().err
    assert (tmp_path / "afile").read_text(encoding="utf-8") == "theirs"
    assert [path.name for path in (tmp_path / "afolder").iterdir()] == ["thesis.docx"]


def test_a_report_that_another_program_holds_open_is_named_and_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    release = tmp_path / "release"
    assert call(monkeypatch, "run", "--only", "csv", "--out", str(release)) == 0
    before = {path.name: path.read_bytes() for path in release.iterdir()}
    rename = Path.rename

    def locked(self: Path, target: Path) -> Path:
        if self.name == "release":
            raise PermissionError(13, "Permission denied", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", locked)
    monkeypatch.setattr(whole, "_exchanged", lambda _one, _two: False)  # as on Windows, where this happens
    assert call(monkeypatch, "run", "--again", "--only", "csv", "--out", str(release)) == 2
    said = capsys.readouterr().err
    assert f"Cannot write {release}: Permission denied. Close it" in said
    assert "choose another folder with --out; earlier outputs are unchanged" in said
    assert {path.name: path.read_bytes() for path in release.iterdir()} == before
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"release", "internal"}


def test_a_data_file_that_another_program_holds_open_leaves_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def locked(_plan: object, **_: object) -> None:
        raise PermissionError(13, "Permission denied", "wave.xlsx")

    monkeypatch.setattr(lp, "run_plan", locked, raising=False)
    assert call(monkeypatch, "run") == 2
    assert "Stopped: wave.xlsx: Permission denied. Close it" in capsys.readouterr().err


def test_characters_that_the_terminal_lacks_do_not_stop_a_run(tmp_path: Path) -> None:
    folder = tmp_path / "mājas lapa"
    command = [sys.executable, "-m", "lpact_eval", "run", "--only", "csv", "--out", str(folder)]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    for more in ([], ["--json"]):
        done = subprocess.run([*command, *more], capture_output=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr.decode("cp1252")
        assert b"m\\u0101jas" in done.stdout
    assert {Path(name).parent.name for name in json.loads(done.stdout)["files"]} == {folder.name}


def test_only_the_formats_asked_for_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert call(monkeypatch, "run", "--only", " CSV,", "--out", str(tmp_path / "release")) == 0
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
    for name in ("new/folder/trend.html", "new/trend.CSV"):
        assert call(monkeypatch, "trend", "conf_overall", "--by", "ethnicity", "--out", str(tmp_path / name)) == 0
        assert (tmp_path / name).stat().st_size > 500
        assert "Replaced" not in capsys.readouterr().err
    assert call(monkeypatch, "trend", "conf_overall", "--out", str(tmp_path / name)) == 0
    printed = capsys.readouterr()
    assert "Replaced an earlier trend.CSV." in printed.err
    assert printed.out == f"{tmp_path / name}\n"
    assert {path.name for path in tmp_path.rglob("*")} == {"new", "folder", "trend.html", "trend.CSV"}


def test_a_trend_that_cannot_be_written_leaves_the_earlier_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "trend.csv"
    file.write_text("earlier", encoding="utf-8")

    def full(_published: object, path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tidy, "write_tidy", full)
    assert call(monkeypatch, "trend", "conf_overall", "--out", str(file)) == 2
    assert f"Cannot write {file}: No space left on device" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["trend.csv"]


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
    assert "Change, points" in capsys.readouterr().out


def test_check_prints_one_line_per_check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "check") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 5
    assert {line.split()[0] for line in lines if not line.startswith(" ")} <= {"ok", "warn"}


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


@pytest.mark.parametrize("option", ["--by", "--item"])
@pytest.mark.parametrize("variable", ["community", "age"])
def test_size_never_prints_what_respondents_wrote(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str, variable: str
) -> None:
    read = lp.read_wave

    def planted(*names: str, **options: Path) -> lp.Sample:
        sample = read(*names, **options)
        marker = {"community": "MARKER words", "age": 987654.0}
        return replace(sample, answers=sample.answers.assign(**marker))

    monkeypatch.setattr(lp, "read_wave", planted, raising=False)
    assert call(monkeypatch, "size", option, variable) == 1
    printed = capsys.readouterr()
    said = printed.out + printed.err
    assert f"its kind is {'text' if variable == 'community' else 'number'}" in said
    assert "ethnicity" in said if option == "--by" else "conf_overall" in said
    assert "MARKER" not in said
    assert "987654" not in said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["--power", "0.9"], ["needed", "--change", "0.3"]),
        (["--json"], ["needed", "--change", "0.3"]),
        (["--power", "0.7", "--json"], ["detectable", "--n-second", "100"]),
        (["--json"], ["precision", "--n", "60"]),
        (["--by", "sex", "--json"], ["quotas", "400"]),
    ],
    ids=" ".join,
)
def test_options_before_a_subcommand_mean_what_they_mean_after_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], before: list[str], after: list[str]
) -> None:
    assert call(monkeypatch, "size", *before, *after) == 0
    first = capsys.readouterr().out
    assert call(monkeypatch, "size", *after, *before) == 0
    assert capsys.readouterr().out == first
    assert call(monkeypatch, "size", *after) == 0
    assert capsys.readouterr().out != first


def test_the_option_after_a_subcommand_wins_over_the_one_before_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    question = ["needed", "--baseline", "0.5", "--change", "0.1"]
    assert call(monkeypatch, "size", "--power", "0.9", *question, "--power", "0.7") == 0
    assert capsys.readouterr().out == f"{lp.respondents_needed(baseline=0.5, change=0.1, power=0.7).sentence}\n"


def test_half_of_what_the_first_survey_had_can_be_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(*more: str) -> dict[str, float]:
        assert call(monkeypatch, "size", "detectable", "--n-second", "100", "--json", *more) == 0
        return json.loads(capsys.readouterr().out)

    had = asked()
    assert had["df"] > 1
    other_share, other_size = asked("--baseline", "0.5"), asked("--n-first", "300")
    assert (other_share["baseline"], other_share["n_first"], other_share["df"]) == (0.5, had["n_first"], had["df"])
    assert (other_size["baseline"], other_size["n_first"], other_size["df"]) == (had["baseline"], 300, "infinite")


@pytest.mark.parametrize("numbers", [["--n-second", "0"], ["--n-second", "50", "--design-effect", "0"]], ids=" ".join)
def test_numbers_without_respondents_are_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], numbers: list[str]
) -> None:
    assert call(monkeypatch, "size", "detectable", *numbers) == 1
    assert "Stopped: Cannot plan with" in capsys.readouterr().err


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
