"""The whole path of one number, told under the rules of its release."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.disclosure import explained_parts, explaining
from lpact_eval.disclosure.explaining import Explanation, explain
from lpact_eval.evaluation.explain import Answered, who_answered
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.plan import EvaluationPlan

    Call = Callable[..., tuple[int, str, str]]

MARKER = 8  # a count that no demo respondent makes up, and below the threshold


@pytest.fixture(scope="module")
def plan() -> EvaluationPlan:
    return lp.read_plan(plan_file())


@pytest.fixture(scope="module")
def published(plan: EvaluationPlan) -> Published:
    return lp.publish(lp.run_plan(plan))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, published: Published) -> None:
    """Explain from one run: each test would make the same."""
    monkeypatch.setattr(explaining, "run_plan", lambda _: None)
    monkeypatch.setattr(explaining, "publish", lambda _: published)


def facts(explanation: Explanation) -> dict[str, dict[str, object]]:
    return explanation.to_dict()["sections"]  # pyright: ignore[reportReturnType] - as documented


@pytest.mark.usefixtures("at_once")
def test_the_path_of_a_share_goes_from_the_question_to_the_files(published: Published) -> None:
    told = facts(explain(plan_file(), "5.1", "Black", "2022"))
    row = published.rows.query("indicator == '5.1' and group == 'Black' and wave == '2022' and measure == 'level'")
    assert told["The number"]["Respondents"] == row["n"].item() == 50
    assert told["The number"]["Value"] == round(row["estimate"].item(), 2)
    assert told["Definition (harmonised.toml)"]["Favourable answers"] == "strongly agree, tend to agree"
    assert told["conf_overall in 2022"]["Delivered column"] == "q1_conf_overall"
    assert told["conf_overall in 2022"]["strongly agree from"] == "1 (Strongly agree)"
    assert told["conf_overall in 2022"]["don't know from"] == "98 (Don't know)"
    assert told["ethnicity in 2022"]["African from"] == "15 (Black: African)"
    assert told["Rows of 2022"]["Rows delivered"] == 305
    assert told["Rows of 2022"]["Rows kept"] == 300
    assert told["Estimate"]["Degrees of freedom"] == pytest.approx(row["df"].item())
    assert "site_no" in str(told["Estimate"]["Variance"])
    wave = next(wave for wave in published.waves if wave.name == "2022")
    assert told["Files"]["Answers of 2022"] == wave.sha256
    assert told["Files"]["2022/crosswalk.toml"] == dict(published.facts.definitions)["2022/crosswalk.toml"]
    assert not any(name.startswith(("rerun", "benchmarks")) for name in told["Files"])
    assert told["Registration of the plan"]["State"] == "never"


@pytest.mark.usefixtures("at_once")
def test_a_change_tells_both_waves_and_a_gap_both_arms(plan: EvaluationPlan, published: Published) -> None:
    change = facts(explain(plan, "conf_overall", "black", "rerun", measure="change"))
    assert change == facts(explain(plan, "5.1", "Black", "2022", measure="change"))
    assert {"Rows of 2022", "Rows of rerun", "Weights in 2022", "Weights in rerun"} <= change.keys()
    assert change["The number"]["Respondents, 2022"] == 50
    gap = explain(plan, "5.1", "Black", "rerun", measure="gap")
    assert {"Respondents, attended", "Respondents, did not attend"} <= facts(gap)["The number"].keys()
    assert "age_band" in str(facts(gap)["Estimate"]["Adjusted for"])
    assert published.synthetic
    assert "Synthetic respondents: nothing here is about real people." in gap.lines()
    assert "Registration of the plan" not in facts(gap)


@pytest.mark.usefixtures("at_once")
def test_rows_by_reason_add_up(plan: EvaluationPlan) -> None:
    for wave in plan.waves:
        rows = facts(explain(plan, "5.1", "all", wave))[f"Rows of {wave}"]
        reasons = {name: int(str(count)) for name, count in rows.items() if name.startswith("Rows ")}
        assert reasons.pop("Rows delivered") == sum(reasons.values())


@pytest.mark.usefixtures("at_once")
def test_a_suppressed_number_shows_no_count_of_its_group(plan: EvaluationPlan, published: Published) -> None:
    rows = published.rows
    hidden = rows[(rows["tier"] == "suppressed") & rows["main"] & rows["measure"].isin(["level", "change", "gap"])]
    assert len(hidden) > 3
    for _, row in hidden.iterrows():
        wave = str(row["wave"]).split(" - ")[0]
        found = explain(plan, row["indicator"], row["group"], wave, measure=row["measure"])
        assert found.suppressed
        told = facts(found)
        assert all(told["The number"][name] is None for name in ("Value", "Interval from", "Interval to"))
        for title, section in told.items():
            if title.startswith("Rows of"):
                assert {name for name in section if str(row["group"]) in name} == {f"Counts of {row['group']}"}
                assert section[f"Counts of {row['group']}"] is None
            if title.startswith("Weights in"):
                assert section.keys() == {"Kind", "Weights of the group"}
        assert told["Estimate"]["Degrees of freedom"] is None
        lines = [line for line in found.lines() if "group" in line and str(row["group"]) in line]
        assert not any(re.search(r": \d+$", line) for line in lines)


@pytest.mark.parametrize("group", ["Asian", "Black", "Mixed", "White", "Other"])
@pytest.mark.usefixtures("at_once")
def test_no_small_count_of_silence_is_told_nor_can_be_had(plan: EvaluationPlan, group: str) -> None:
    for item in ("5.1", "5.2", "1.1"):
        for wave in plan.waves:
            try:
                told = facts(explain(plan, item, group, wave))[f"Rows of {wave}"]
            except lp.LpactError:
                continue
            own = {name: count for name, count in told.items() if name.endswith(f", {group}")}
            silent = {name: count for name, count in own.items() if not name.startswith("Answered")}
            assert not [count for count in silent.values() if isinstance(count, int) and 0 < count < 10]
            size, base = told.get(f"In the group {group}"), own.get(f"Answered, {group}")
            if isinstance(size, int) and isinstance(base, int):
                rest = size - base - sum(count for count in silent.values() if isinstance(count, int))
                assert rest == 0 or rest >= 10


def test_planted_counts_of_a_few_are_in_no_line(
    monkeypatch: pytest.MonkeyPatch, plan: EvaluationPlan, published: Published, at_once: None
) -> None:
    real = who_answered

    def planted(*arguments: object) -> Answered:
        found = real(*arguments)  # pyright: ignore[reportArgumentType] - passed on
        counts = {key: MARKER if key[1] == "Black" else count for key, count in found.counts.items()}
        return Answered(found.wave, counts, found.groups)

    monkeypatch.setattr(explained_parts, "who_answered", planted)
    assert not at_once
    told = explain(plan, "5.1", "Black", "rerun")
    silent = [line for line in told.lines() if line.endswith(f": {MARKER}")]
    assert silent == []
    assert published.rules.suppress_below > MARKER


@pytest.mark.usefixtures("at_once")
def test_numbers_are_rounded_as_in_the_reports(plan: EvaluationPlan) -> None:
    for measure in ("level", "change", "gap"):
        value = facts(explain(plan, "5.1", "all", "rerun", measure=measure))["The number"]["Value"]
        assert isinstance(value, float)
        assert round(value, 2) == value


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("conf_overal", "Black", "2022", "level"), "did you mean 'conf_overall'"),
        (("5.1", "Blakc", "2022", "level"), r"no group 'Blakc' of '5\.1'; did you mean 'Black'"),
        (("5.1", "Black", "reru", "level"), "no wave 'reru'; did you mean 'rerun'"),
        (("5.1", "Black", "2022", "levle"), "did you mean 'level'"),
        (("5.1", "Black", "2022", "gap"), "no gap of '5.1' in '2022'; there is one for 'rerun'"),
    ],
)
@pytest.mark.usefixtures("at_once")
def test_unknown_names_are_refused_with_the_nearest(
    plan: EvaluationPlan, asked: tuple[str, str, str, explaining.Measure], message: str
) -> None:
    item, group, wave, measure = asked
    with pytest.raises(lp.LpactError, match=message) as caught:
        explain(plan, item, group, wave, measure=measure)
    assert caught.value.exit_code == 1


def test_the_command_prints_lines_and_json(call: Call) -> None:
    code, text, _ = call("explain", "5.1", "Black", "2022")
    assert code == 0
    assert text.startswith("Confidence in the police in this area: level, Black, 2022\n")
    assert "  Delivered column: q1_conf_overall" in text
    _, text, _ = call("explain", "5.1", "Black", "rerun", "--measure", "change", "--json")
    found = json.loads(text)
    assert (found["item"], found["group"], found["wave"], found["suppressed"]) == (
        "5.1",
        "Black",
        "rerun - 2022",
        False,
    )
    code, _, said = call("explain", "5.1", "Blak", "2022")
    assert code == 1
    assert "did you mean 'Black'" in said
