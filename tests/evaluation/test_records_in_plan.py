"""A plan that promises something of the records of events: checked when it is read, and every promise has an end."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.check_records import record_checks
from lpact_eval.evaluation.promises import Indicator
from lpact_eval.evaluation.record_measures import measured, not_collected
from lpact_eval.evaluation.record_promises import MEASURES, groupings
from lpact_eval.evaluation.records import EVENT_COLUMNS, RECORD_COLUMNS, run_records
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.evaluation.record_promises import PlannedRecords
    from lpact_eval.evaluation.records import RecordRun

PLAN = """\
title = "Test"
waves = ["2022", "rerun"]

[events]
police_heavy = 0.3
rates = { officer = 40.0 }

[[indicator]]
id = "1.1"
outcome = 1
title = "Events and attendance"
source = "events"
measure = "events and attendance"
by = "community"

[[indicator]]
id = "5.1"
outcome = 5
title = "Confidence"
variable = "conf_overall"
"""
REGISTER = """\
event,date,community,area,attendees,officers,forms,opted_in
E1,2024-01-10,Somali,Leicester,40,9,12,14
E2,2024-03-10,Somali,Leicester,30,10,,8
"""
FEEDBACK = """\
item,event,kind,person,text,agreed,quote_consent
F1,E1,form,1,A plain sentence.,told,yes
F2,E1,form,2,Planted secret sentence.,told,no
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def planned(path: Path) -> PlannedRecords:
    found = lp.read_plan(path).records
    assert found is not None
    return found


def own_records(folder: Path, plan: str = PLAN) -> Path:
    """Write a plan beside two events and two forms."""
    (folder / "events").mkdir()
    (folder / "events" / "register.csv").write_text(REGISTER, encoding="utf-8")
    (folder / "events" / "feedback.csv").write_text(FEEDBACK, encoding="utf-8")
    return written(folder, plan.replace("[events]\n", '[events]\nfolder = "events"\n'))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> RecordRun:
    """Every measure on the shipped, made-up records."""
    one = '[[indicator]]\nid = "{0}"\noutcome = 1\ntitle = "{0}"\nsource = "events"\nmeasure = "{0}"\n'
    text = PLAN.split("[[indicator]]", maxsplit=1)[0] + "\n".join(one.format(name) for name in MEASURES)
    return run_records(planned(written(tmp_path_factory.mktemp("plan"), text)))


def test_a_plan_keeps_promises_of_surveys_and_of_records_apart(tmp_path: Path) -> None:
    plan = lp.read_plan(written(tmp_path, PLAN))
    assert [one.id for one in plan.indicators] == ["5.1"]
    assert plan.records is not None
    assert [one.id for one in plan.records.indicators] == ["1.1"]
    assert plan.records.order == ("1.1", "5.1")
    assert (plan.records.folder, plan.records.police_heavy, plan.records.rates) == (None, 0.3, {"officer": 40.0})


def test_a_plan_without_events_has_no_records_and_loads_nothing_of_them(tmp_path: Path) -> None:
    start, end = PLAN.index("[events]"), PLAN.rindex("[[indicator]]")
    path = written(tmp_path, PLAN[:start] + PLAN[end:])
    code = (
        "import sys, lpact_eval as lp; plan = lp.read_plan(sys.argv[1]); assert plan.records is None;"
        "lp.publish(lp.run_plan(plan));"
        "assert not [name for name in sys.modules if name.startswith('lpact_eval.evidence.')]"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            'measure = "events and attendance"',
            'measure = "events and atendance"',
            r"plan\.toml:13: there is no measure 'events and atendance'; did you mean 'events and attendance'\?",
        ),
        ('measure = "events and attendance"\n', "", r"plan\.toml:8: indicator '1\.1' has no measure; add one of"),
        ('by = "community"', 'by = "comunity"', r"plan\.toml:14: there is no .* by 'comunity'; did you mean"),
        ('by = "community"', 'by = "community, community"', r"plan\.toml:14: indicator '1\.1' is by 2 groupings"),
        ('by = "community"', 'by = "year, area, format"', r"plan\.toml:14: indicator '1\.1' is by 3 groupings"),
        ('by = "community"', 'variable = "fair"', r"plan\.toml:14: .* have no variable\. Remove it\."),
        ('by = "community"', 'analyses = ["gap"]', r"plan\.toml:14: .* have no analyses"),
        ('by = "community"', 'role = "primary"', r'plan\.toml:14: .* are not tested\. Say role = "exploratory"'),
        (
            'measure = "events and attendance"\nby = "community"',
            'measure = "themes"\nby = "community, area"',
            r"plan\.toml:14: there are no 'themes' by community and area",
        ),
        (
            "rates = { officer = 40.0 }",
            "rates = { oficer = 40.0 }",
            r"there is no rate 'oficer'; did you mean 'officer'",
        ),
        ("rates = { officer = 40.0 }", "rates = { officer = -1.0 }", r"plan\.toml:6: .*-1\.0"),
        ("police_heavy = 0.3", "police_heavy = 0", r"plan\.toml:5: 'police_heavy' in \[events\] is 0"),
        ("police_heavy = 0.3", 'quotes = ["F1", "F1"]', r"plan\.toml:5: quotes names 'F1' twice"),
        (
            "police_heavy = 0.3",
            'foldr = "x"',
            r"plan\.toml:5: unknown key 'foldr' in \[events\]; did you mean 'folder'\?",
        ),
        ('variable = "conf_overall"', "", r"'variable' is missing in \[indicator\.1\]"),
        (
            'variable = "conf_overall"',
            'variable = "conf_overall"\nmeasure = "reach"',
            r'plan\.toml:21: indicator \'5\.1\' names a measure.*source = "events"',
        ),
    ],
)
def test_a_wrong_promise_is_refused_with_its_line(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert right in PLAN
    with pytest.raises(DefinitionError, match=message):
        lp.read_plan(written(tmp_path, PLAN.replace(right, wrong)))


def test_a_promise_of_records_needs_the_table_of_events(tmp_path: Path) -> None:
    text = PLAN.replace("[events]\npolice_heavy = 0.3\nrates = { officer = 40.0 }\n", "")
    with pytest.raises(DefinitionError, match=r"plan\.toml:9: .* has no \[events\]\. Add that table"):
        lp.read_plan(written(tmp_path, text))


def test_groupings_are_split_at_commas() -> None:
    one = Indicator("1", 1, "One", by="community, year", source="events", measure="cost")
    assert groupings(one) == ("community", "year")


def test_every_measure_of_the_shipped_records_has_a_result(shipped: RecordRun) -> None:
    ends = {str(one["analysis"]): one["status"] for one in shipped.indicators}
    assert ends == dict.fromkeys(MEASURES, "result")
    assert tuple(shipped.results.rows.columns) == RECORD_COLUMNS
    assert set(shipped.results.rows["indicator"]) == set(MEASURES)
    assert shipped.results.synthetic


def test_the_timeline_has_the_events_in_order_with_their_length(shipped: RecordRun) -> None:
    events = shipped.results.events
    assert tuple(events.columns) == EVENT_COLUMNS
    assert events["date"].is_monotonic_increasing
    first = events.iloc[0]  # 4 July 2022, planned for three hours, as the register has it
    assert (first["year"], first["half_year"], first["hours_planned"]) == ("2022", "2022 H2", 3.0)
    assert set(shipped.results.waiting["to"]) == {"answered", "done", "told"}


@pytest.mark.parametrize("measure", list(MEASURES))
def test_a_measure_can_be_broken_down_by_whatever_the_plan_allows(shipped: RecordRun, measure: str) -> None:
    for by in MEASURES[measure]:
        found = measured(shipped.evidence, measure, (by,))
        assert by in {*found["by"], *found["by2"]}


def test_rates_and_the_line_of_the_plan_take_the_place_of_those_of_the_records(shipped: RecordRun) -> None:
    assert shipped.evidence.schema.police_heavy == 0.3
    assert shipped.evidence.schema.rates["officer"] == 40.0


def test_what_nobody_recorded_is_not_collected(tmp_path: Path) -> None:
    text = PLAN.replace('"events and attendance"\nby = "community"', '"lay observation"')
    run = run_records(planned(own_records(tmp_path, text)))
    assert [(one["status"], one["reason"]) for one in run.indicators] == [
        ("not collected", "no records of this were kept: lay observation")
    ]
    assert run.results.rows.empty
    assert not run.results.synthetic
    assert not_collected(run.evidence, "themes") == ""


def test_an_indicator_that_can_not_be_worked_out_is_refused_with_its_reasons(tmp_path: Path) -> None:
    text = PLAN.replace('"events and attendance"\nby = "community"', '"themes"')
    (ended,) = run_records(planned(own_records(tmp_path, text))).indicators
    assert ended["status"] == "refused"
    assert ended["reason"]


def test_chosen_quotes_are_shown_and_others_never(tmp_path: Path) -> None:
    path = own_records(tmp_path, PLAN.replace("[events]\n", '[events]\nquotes = ["F1"]\n'))
    run = run_records(planned(path))
    assert run.results.quotes["text"].tolist() == ["A plain sentence."]
    assert "sentence" not in f"{run}{run.results!r}"


@pytest.mark.parametrize(("item", "reason"), [("F2", "nobody consented"), ("F7", "there is no such item")])
def test_a_quote_without_consent_stops_the_run_without_its_text(tmp_path: Path, item: str, reason: str) -> None:
    path = own_records(tmp_path, PLAN.replace("[events]\n", f'[events]\nquotes = ["{item}"]\n'))
    with pytest.raises(DefinitionError, match=rf"plan\.toml:6: cannot quote '{item}': {reason}") as caught:
        run_records(planned(path))
    assert "Planted" not in str(caught.value)


def test_a_day_before_the_end_of_the_action_log_names_the_plan(tmp_path: Path) -> None:
    path = written(tmp_path, PLAN.replace("[events]\n", "[events]\nas_of = 2022-08-01\n"))
    with pytest.raises(DefinitionError, match=r"plan\.toml:5: Cannot count up to 2022-08-01"):
        run_records(planned(path))


def test_results_have_the_records_in_the_order_of_the_plan(tmp_path: Path) -> None:
    results = lp.run_plan(lp.read_plan(own_records(tmp_path)))
    assert results.indicators["id"].tolist() == ["1.1", "5.1"]
    assert results.records is not None
    assert "Planted" not in str(results)
    assert lp.publish(results).records is not None


def test_the_contribution_analysis_is_added_where_the_plan_names_it(tmp_path: Path) -> None:
    text = plan_file().read_text(encoding="utf-8")
    own = plan_file().with_name("contribution.toml").read_text(encoding="utf-8")
    results = lp.run_plan(lp.read_plan(written(tmp_path, text)))  # alone: the shipped analysis stands in
    assert results.records is not None
    found = results.records.contribution
    assert set(found["outcome"]) == {1, 2, 3, 4, 5}
    assert set(found.loc[found["part"] == "lead's judgement", "text"]) == {"not filled in by the lead"}
    case = own.replace('judgement = ""\nwhy = ""', 'judgement = "none"\nwhy = "Planted reason."', 1)
    (tmp_path / "contribution.toml").write_text(case, encoding="utf-8")
    results = lp.run_plan(lp.read_plan(tmp_path / "plan.toml"))
    assert results.records is not None
    assert "Planted reason." in set(results.records.contribution["detail"])


def test_made_up_records_never_stand_beside_answers_of_real_people(tmp_path: Path) -> None:
    shipped = {wave: surveys_folder() / wave / "demo" for wave in ("2022", "rerun")}
    files = {wave: tmp_path / file.name for wave, folder in shipped.items() for file in folder.iterdir()}
    for wave, file in files.items():
        file.write_bytes((shipped[wave] / file.name).read_bytes())
    results = lp.run_plan(lp.read_plan(written(tmp_path, PLAN)), answers=files)
    assert not any(wave.synthetic for wave in results.waves)
    assert results.records is not None
    assert (results.records.synthetic, results.records.as_of) == (False, None)
    assert results.records.rows.empty
    ended = results.indicators[results.indicators["id"] == "1.1"]
    assert ended["status"].tolist() == ["not collected"]
    assert "no records of this were kept" in str(ended["reason"].iloc[0])
    published = lp.publish(results)
    assert published.records is not None
    (check,) = record_checks(planned(tmp_path / "plan.toml"), made_up=False)
    assert (check.status, check.what) == ("warn", "records of events")
    assert "names no folder" in check.found


def test_a_contribution_analysis_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    text = PLAN.replace("[events]\n", '[events]\ncontribution = "absent.toml"\n')
    with pytest.raises(DefinitionError, match=r"absent\.toml"):
        lp.run_plan(lp.read_plan(own_records(tmp_path, text)))


def test_checks_count_rows_cells_and_quotes(tmp_path: Path) -> None:
    path = own_records(tmp_path, PLAN.replace("[events]\n", '[events]\nquotes = ["F2"]\n'))
    register = tmp_path / "events" / "register.csv"
    register.write_text(REGISTER.replace("E2,2024-03-10,Somali,Leicester,30,10,,8", "E2,2024-03-10,,,30,10,31,8"))
    found = {check.what: check for check in record_checks(planned(path))}
    assert found["records of events"].found == "2 events, up to 2024-03-10"
    assert found["rows of register"].found == "2 delivered = 2 kept + 0 set aside"
    assert found["cells of register"].status == "warn"
    assert found["quotes"].status == "fail"
    assert not any("sentence" in str(check) for check in found.values())


def test_checks_of_records_that_are_not_there_fail_alone(tmp_path: Path) -> None:
    path = written(tmp_path, PLAN.replace("[events]\n", '[events]\nfolder = "nowhere"\n'))
    (check,) = record_checks(planned(path))
    assert (check.status, check.what) == ("fail", "records of events")
