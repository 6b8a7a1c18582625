"""The commands asked before a survey: each answers as its function does, and refuses what makes no plan."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval import cli
from lpact_eval.cli.survey import Asked, read_groups, read_survey
from lpact_eval.reporting import raster
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.planning.next_wave import FirstWave


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["lpact-eval", "size", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    """Run a command with --json and read what it says."""
    assert call(monkeypatch, *arguments, "--json") == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def black() -> FirstWave:
    return read_survey(plan_file(), "", "conf_overall", ("ethnicity", "Black"))


PLANS = {
    "gap --gap 0.1 --attending 0.4": lambda: lp.gap_size(share=0.5, gap=0.1, attending=0.4, power=0.8),
    "gap --attended 40 --others 100": lambda: lp.gap_size(share=0.5, n_attended=40, n_others=100, power=0.8),
    "gap --gap 0.2 --attended 40 --others 100": lambda: lp.gap_size(share=0.5, gap=0.2, n_attended=40, n_others=100),
    "gap --n 200 --attending 0.3 --power 0.9": lambda: lp.gap_size(share=0.5, n=200, attending=0.3, power=0.9),
    "gap --attending 0.3 --half-width 0.1": lambda: lp.gap_size(share=0.5, attending=0.3, half_width=0.1),
    "interaction --shares 0.5,0.4,0.6,0.6 --n 400": lambda: lp.interaction_size(
        shares=[0.5, 0.4, 0.6, 0.6], n=400, split=[0.25] * 4, power=0.8
    ),
    "clusters --baseline 0.4 --change 0.15 --people 15": lambda: lp.clustered_size(
        icc=0.05, baseline=0.4, change=0.15, people=15, power=0.8
    ),
    "equivalence --baseline 0.4 --margin 0.1": lambda: lp.equivalence_size(baseline=0.4, margin=0.1, power=0.8),
    "equivalence --baseline 0.4 --margin 0.1 --not-lower": lambda: lp.equivalence_size(
        baseline=0.4, margin=0.1, power=0.8, kind="non-inferiority"
    ),
    "ordinal --answers 10,40,30,15,5 --n 200": lambda: lp.ordinal_size(answers=[10, 40, 30, 15, 5], n=200, power=0.8),
    "ordinal --answers 10,40,30,15,5 --odds-ratio 1.5": lambda: lp.ordinal_size(
        answers=[10, 40, 30, 15, 5], odds_ratio=1.5, power=0.8
    ),
    "several --items 3 --baseline 0.4 --change 0.15 --wanted all": lambda: lp.several_items(
        items=3, baseline=0.4, change=0.15, power=0.8, wanted="all"
    ),
    "several --items 8 --baseline 0.35 --change 0.15 --method bonferroni": lambda: lp.several_items(
        items=8, baseline=0.35, change=0.15, power=0.8, method="bonferroni"
    ),
    "assurance --baseline 0.4 --change 0.1 --sd 0.05 --n 300": lambda: lp.assurance(
        baseline=0.4, change_mean=0.1, change_sd=0.05, n=300
    ),
    "difference --baseline 0.4 --n 200": lambda: lp.precision_of_difference(baseline=0.4, n=200),
    "sites --per-site 15 --effective 100": lambda: lp.sites(icc=0.05, per_site=15, n_effective=100),
    "approaches 60 --response 0.3 --share 0.2 --sites 10 --variation 0.3": lambda: lp.approaches(
        60, response=0.3, share=0.2, sites=10, variation=0.3
    ),
}


@pytest.mark.parametrize("command", PLANS)
def test_a_command_answers_as_its_function_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    plan = PLANS[command]()
    assert call(monkeypatch, *command.split()) == 0
    assert plan.sentence in capsys.readouterr().out
    said = told(monkeypatch, capsys, *command.split())
    for name in ("n", "change", "power", "half_width"):
        value = getattr(plan, name)
        assert said[name] == (None if math.isnan(value) else pytest.approx(value, rel=1e-12)), name


@pytest.mark.parametrize("command", ["equivalence --n 300", "several --items 2 --n 300", "difference --n 300"])
def test_what_is_not_given_is_read_from_the_first_survey(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], black: FirstWave, command: str
) -> None:
    said = told(monkeypatch, capsys, *command.split())
    assert said["baseline"] == pytest.approx(black.baseline)
    assert said["n_effective_first"] == pytest.approx(black.n_effective)


def test_sites_beside_the_first_survey_have_its_degrees_of_freedom(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], black: FirstWave
) -> None:
    plan = lp.clustered_size(
        icc=0.05,
        baseline=black.baseline,
        change=0.3,
        people=15,
        first_wave=black.n_effective,
        df_first=black.df,
        power=0.8,
    )
    said = told(monkeypatch, capsys, "clusters", "--people", "15", "--change", "0.3")
    assert said["sites"] == plan.assumptions["sites"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gap", "--attending", "0.4"], "leave out exactly one"),
        (["gap", "--gap", "0.1"], "attending"),
        (["interaction", "--shares", "a,b", "--n", "9"], "write numbers with commas"),
        (["interaction", "--shares", ".5,.5,.5,.5", "--split", "0,0,0,0", "--n", "9"], "four numbers over 0"),
        (["several", "--items", "3", "--wanted", "most", "--baseline", ".4", "--n", "9"], "each, any or all"),
        (["quotas", "450", "--allocation", "fair"], "proportional, equal or power"),
        (["quotas", "450", "--floor", "Black"], "write it as in Black=150"),
        (["simulate", "--n", "ten"], "write numbers with commas"),
        (["simulate", "--n", "10.5"], "whole numbers of people"),
        (["note", "--only", "pdf"], "there are ['html', 'docx', 'page']"),
        (["--group", "White", "clusters", "--baseline", ".4", "--change", ".1", "--people", "9"], "no survey is read"),
        (["--wave", "2022", "sites", "--per-site", "9"], "would not be used"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_wrong_use_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert call(monkeypatch, *arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in " ".join(printed.err.split())


def test_quotas_say_what_is_feasible_and_what_it_costs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        call(monkeypatch, "quotas", "400", "--floor", "Black=150", "--available", "Black=300", "--response", "0.2") == 0
    )
    shown = capsys.readouterr().out
    assert "design effect of" in shown
    assert "Not feasible: Black 150, of whom 60" in shown
    assert "A quota is not a weight" in shown


def test_during_fieldwork_only_counts_are_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tally = tmp_path / "tally.csv"
    tally.write_text("category,n\nBlack,30\nWhite,90\n", encoding="utf-8")
    arguments = ["still-needed", str(tally), "--target", "Black=100", "--approached", "600"]
    plan = lp.still_needed(so_far={"Black": 30, "White": 90}, approached=600, target={"Black": 100})
    said = told(monkeypatch, capsys, *arguments)
    assert said["n"] == plan.n
    assert [row["category"] for row in said["table"]] == ["Black"]  # pyright: ignore[reportIndexIssue]
    assert call(monkeypatch, *arguments) == 0
    assert plan.sentence in capsys.readouterr().out


COSTS = """
[rates]
hourly_rate = 20
minutes_interview = 15
incentive = 5
[[place]]
name = "community events"
response = 0.4
share = { Black = 0.6 }
cost = 85
capacity = 60
available = 30
[[place]]
name = "market stalls"
response = 0.2
share = { Black = 0.05 }
[[target]]
group = "Black"
icc = 0.05
n_effective = 60
"""


def test_the_cheapest_way_is_found_from_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "cost.toml"
    file.write_text(COSTS, encoding="utf-8")
    events = lp.Place(name="community events", response=0.4, share={"Black": 0.6}, cost=85, capacity=60, available=30)
    stalls = lp.Place(name="market stalls", response=0.2, share={"Black": 0.05})
    plan = lp.cheapest(
        [lp.Target(group="Black", icc=0.05, n_effective=60)],
        places=[events, stalls],
        rates=lp.Rates(hourly_rate=20, minutes_interview=15, incentive=5),
    )
    said = told(monkeypatch, capsys, "cost", str(file), "--sensitivity", "0.2")
    assert said["cost"] == plan.assumptions["cost"]
    assert said["sensitivity"]
    assert call(monkeypatch, "cost", str(file)) == 0
    assert plan.sentence in capsys.readouterr().out


def test_a_wrong_key_of_the_costs_is_named_with_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "cost.toml"
    file.write_text(COSTS.replace("incentive", "incentives"), encoding="utf-8")
    assert call(monkeypatch, "cost", str(file)) == 2
    assert "cost.toml:5" in capsys.readouterr().err


def test_the_note_is_written_with_its_page_and_says_what_it_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "size"
    said = told(monkeypatch, capsys, "note", "--change", "0.15", "--out", str(out))
    assert sorted(path.name for path in out.iterdir()) == ["size-note.docx", "size-note.html", "size.html"]
    assert said["synthetic"] is True
    black = next(row for row in said["groups"] if row["group"] == "Black")  # pyright: ignore[reportGeneralTypeIssues]
    assert black["needed_next"] is None
    sentences = said["sentences"]
    assert call(monkeypatch, "note", "--change", "0.15", "--only", "html", "--out", str(tmp_path / "html")) == 0
    shown = capsys.readouterr().out
    for sentence in sentences:  # pyright: ignore[reportGeneralTypeIssues]
        assert str(sentence) in shown
    assert "nothing in this note is about real people" in shown
    assert [path.name for path in (tmp_path / "html").iterdir()] == ["size-note.html"]


def test_the_note_asks_for_the_plan_s_margin_where_no_change_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = told(monkeypatch, capsys, "note", "--only", "page", "--out", str(tmp_path))
    margin = lp.read_plan(plan_file()).margin
    assert margin is not None
    assert f"a rise of {100 * margin:g} points" in str(said["sentences"])


def test_a_document_without_matplotlib_is_refused_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(raster.importlib.util, "find_spec", lambda _name: None)
    assert call(monkeypatch, "note", "--out", str(tmp_path / "size")) == 1
    assert "matplotlib" in capsys.readouterr().err
    assert not (tmp_path / "size").exists()


def test_a_file_where_the_note_should_go_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("theirs", encoding="utf-8")
    assert call(monkeypatch, "note", "--out", str(taken)) == 1
    assert "there is a file of that name" in capsys.readouterr().err


def test_a_simulation_is_told_with_its_points(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["simulate", "--n", "100", "--change", "0,0.3", "--repetitions", "250", "--backend", "sequential"]
    said = told(monkeypatch, capsys, *arguments)
    points = said["points"]
    assert [point["change"] for point in points] == [0, 0.3]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
    assert call(monkeypatch, *arguments) == 0
    assert str(said["sentence"]) in capsys.readouterr().out


def test_a_simulation_of_a_small_group_is_stopped_to_protect_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--group", "Other", "simulate", "--n", "100") == 3
    assert "may not be told" in capsys.readouterr().err


def test_a_simulation_by_other_groups_than_the_plan_weights_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--by", "sex", "--group", "Female", "simulate", "--n", "100") == 1
    assert "the plan weights within 'ethnicity'" in capsys.readouterr().err


def test_every_question_has_help_with_one_line_in_the_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--help") == 0
    shown = capsys.readouterr().out
    for name in ("gap", "clusters", "still-needed", "cost", "simulate", "note", "assurance", "sites"):
        assert f"\n  {name} " in shown


def test_groups_are_read_with_the_population_of_the_plan() -> None:
    found = read_groups(Asked(plan_file(), "", "conf_overall", "ethnicity", "Black"))
    assert found.firsts.shown[0].group == "Black"
    assert found.synthetic
    assert found.persons["Black"] > 1000
    assert read_groups(Asked(plan_file(), "", "conf_overall", "contact_12m", "yes")).persons == {}


@pytest.mark.parametrize(
    "command", ["equivalence --n 300", "several --items 2 --n 300", "assurance --change 0.2 --sd 0.1"]
)
def test_a_formula_without_degrees_of_freedom_says_that_it_is_too_hopeful(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], black: FirstWave, command: str
) -> None:
    said = told(monkeypatch, capsys, *command.split())
    assert f"only {black.df:.1f} degrees of freedom" in str(said["sentence"])


def test_the_precision_of_a_change_counts_the_degrees_of_freedom_of_the_first_survey(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], black: FirstWave
) -> None:
    said = told(monkeypatch, capsys, "difference", "--n", "300")
    plan = lp.precision_of_difference(baseline=black.baseline, n=300, first_wave=black.n_effective, df_first=black.df)
    assert said["half_width"] == pytest.approx(plan.half_width, rel=1e-12)
