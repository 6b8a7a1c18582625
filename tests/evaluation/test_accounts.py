"""What a run owes its readers beside numbers: checks, sizes, departures, assurance, methods, the indicator table."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import LpactError
from lpact_eval.evaluation.assurance import assurance_statement
from lpact_eval.evaluation.departures import departures
from lpact_eval.evaluation.indicator_table import INDICATOR_COLUMNS, indicator_table
from lpact_eval.evaluation.logs import Assumption, Choice, DataEntry, Explained, Logs, ManualCheck
from lpact_eval.evaluation.methods_disclosure import methods_disclosure, require_complete
from lpact_eval.evaluation.quality import QaCheck, qa_checks, qa_frame
from lpact_eval.evaluation.registration import Registration, freeze
from lpact_eval.evaluation.sizes import reached
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from lpact_eval.evaluation.run import Results

SIZES = 'planned_n = { 2022 = { Black = 40 }, rerun = { Black = 200, "All respondents" = 400, Mixed = 20 } }\n'
DECISION = 'decision = { measure = "change", smallest = 0.05 }\nwho_decides = "The chief officer"\n'
DAY = dt.date(2024, 12, 1)
NEVER = Registration("never")


@pytest.fixture(scope="module")
def plan_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the shipped plan with sizes and a decision for its first indicator."""
    path = tmp_path_factory.mktemp("accounts") / "plan.toml"
    text = plan_file().read_text(encoding="utf-8")
    start = text.index("decision = ")
    text = text[:start] + text[text.index("[[indicator]]", start) :]
    assert "rule = " in text
    path.write_text(text.replace("rule = ", f"{SIZES}{DECISION}rule = ", 1), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def results(plan_path: Path) -> Results:
    """Run it once."""
    return lp.run_plan(lp.read_plan(plan_path))


def outcome(checks: tuple[QaCheck, ...], what: str) -> QaCheck:
    [found] = [check for check in checks if what in check.what]
    return found


def test_a_sound_run_passes_every_check_but_for_what_its_plan_lacks(results: Results) -> None:
    checks = qa_checks(results)
    plan = results.plan
    everything = (*plan.indicators, *(plan.records.indicators if plan.records else ()))
    lacking = {str(number) for number in range(1, 6)} - {str(one.outcome) for one in everything}
    failed = [check for check in checks if check.outcome != "passed"]
    assert [check.found for check in failed] == (
        ["; ".join(f"outcome {one}" for one in sorted(lacking))] if lacking else []
    )
    assert list(qa_frame(checks).columns) == ["what", "outcome", "found", "by"]


def spoil(frame: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """Change the first row that a reader would be shown."""
    first = frame.index[frame["refused"] == ""][0] if "refused" in frame else frame.index[0]
    changed = frame.copy()
    for name, value in columns.items():
        changed.loc[first, name] = value
    return changed


def test_each_check_fails_where_it_should(results: Results) -> None:
    rows, margins = results.rows, results.margins
    tested = rows[rows["p_adjusted"].notna()]
    damaged = {
        "rows delivered are rows kept": replace(results, ledger=spoil(results.ledger, rows=1)),
        "met its margins": replace(results, margins=spoil(margins, after=float(margins["target"].iloc[0]) + 0.01)),
        "no weight is negative": replace(results, weights=spoil(results.weights, smallest=-0.1)),
        "shares lie within": replace(results, rows=spoil(rows, estimate=1.2, conf_high=1.3)),
        "inside their intervals": replace(results, rows=spoil(rows, conf_high=0.0)),
        "p values lie within": replace(results, rows=spoil(tested, p_value=-0.1)),
        "no adjusted p value": replace(results, rows=spoil(tested, p_value=0.9, p_adjusted=0.1)),
        "every indicator ends": replace(results, indicators=results.indicators.iloc[1:]),
        "says why": replace(results, indicators=spoil(results.indicators, status="refused", reason="")),
        "definition files are those": replace(results, definitions=results.definitions[1:]),
        "hash of every delivered": replace(results, waves=(replace(results.waves[0], sha256=""), *results.waves[1:])),
    }
    for what, one in damaged.items():
        assert outcome(qa_checks(one), what).outcome == "failed", what


def test_an_unknown_ending_and_an_absent_outcome_fail(results: Results) -> None:
    lost = replace(results, indicators=spoil(results.indicators, status="lost"))
    assert outcome(qa_checks(lost), "every indicator ends").outcome == "failed"
    fewer = replace(results, plan=replace(results.plan, indicators=results.plan.indicators[:1], records=None))
    assert outcome(qa_checks(fewer), "every intended outcome").found == "outcome 1; outcome 2; outcome 3; outcome 4"


def test_delivered_weights_meet_no_margins_of_ours(results: Results) -> None:
    assert (
        outcome(qa_checks(replace(results, margins=results.margins.iloc[:0])), "met its margins").outcome == "not done"
    )


def test_checks_by_hand_and_of_later_steps_are_added(results: Results) -> None:
    logs = Logs(qa=(ManualCheck("Q1", DAY, "Read the page", "B", "passed"), ManualCheck("Q2", DAY, "Recompute 5.1")))
    checks = qa_checks(results, logs=logs, others=(QaCheck("the audit of disclosure", "passed"),))
    assert [(check.what, check.outcome, check.by) for check in checks[-3:]] == [
        ("the audit of disclosure", "passed", "automatic"),
        ("Read the page", "passed", "B"),
        ("Recompute 5.1", "not done", "not stated"),
    ]


def test_no_check_tells_a_count_of_people(results: Results) -> None:
    damaged = replace(results, rows=spoil(results.rows, estimate=1.2), ledger=spoil(results.ledger, rows=777_001))
    told = " ".join(check.found for check in qa_checks(damaged))
    assert "777" not in told
    assert "1.2" not in told


def test_sizes_reached_stand_beside_those_planned(results: Results) -> None:
    found = reached(results.plan, results).set_index(["wave", "group"])
    shares = results.rows[(results.rows["indicator"] == "5.1") & (results.rows["measure"] == "level")]
    for (wave, group), row in found.iterrows():  # pyright: ignore[reportGeneralTypeIssues] - a pair of labels
        [n] = shares.loc[(shares["wave"] == wave) & (shares["group"] == group), "n"]
        assert row["reached"] == n
        assert row["status"] == ("reached" if n >= row["planned"] else "missed")
    assert set(found["status"]) == {"reached", "missed"}
    none = reached(results.plan, replace(results, rows=results.rows.iloc[:0]))
    assert set(none["status"]) == {"not collected"}


def test_a_question_not_asked_or_refused_reaches_no_size(results: Results) -> None:
    rows = results.rows[results.rows["measure"] == "level"]
    not_asked = rows.assign(n=float("nan"), refused="was not asked in 2022")
    assert set(reached(results.plan, replace(results, rows=not_asked))["status"]) == {"not collected"}
    few = rows.assign(n=float("nan"), refused="fewer than 10")
    assert set(reached(results.plan, replace(results, rows=few))["status"]) == {"missed"}


def test_departures_say_what_was_promised_and_done(results: Results) -> None:
    found = departures(results.plan, NEVER, results)
    kinds = set(found["kind"])
    assert {"indicator", "sample size", "weights", "mode"} <= kinds
    [mode] = found[found["kind"] == "mode"].to_dict("records")
    assert (mode["promised"], mode["done"], mode["since"]) == (
        *("as in 2022: interviewer, paper", "interviewer, tablet", "2024-09-02"),
    )
    lost = results.indicators[results.indicators["status"] != "result"]
    assert len(found[found["kind"] == "indicator"]) == len(lost)
    missed = found[found["kind"] == "sample size"]
    assert list(missed["what"]) == ["sample size of 5.1, Black, rerun"]
    assert list(missed["done"]) == ["fewer answered"]  # how many did is for `publish` to tell or hide
    assert set(found["why"]) == {""}


def test_margins_that_were_not_met_are_a_departure(results: Results) -> None:
    target = float(results.margins["target"].iloc[0])
    found = departures(results.plan, NEVER, replace(results, margins=spoil(results.margins, after=target + 0.01)))
    assert "not all margins were met" in set(found["done"])


def test_the_log_gives_reasons_and_adds_departures_of_its_own(results: Results) -> None:
    logs = Logs(
        departures=(
            Explained("D1", DAY, "The tool was replaced", "Lead", about="mode of rerun"),
            Explained("D2", DAY, "A site closed", "Lead", promised="ten sites", done="nine sites"),
        )
    )
    found = departures(results.plan, NEVER, results, logs=logs).set_index("what")
    assert found.loc["mode of rerun", "why"] == "The tool was replaced"
    assert found.loc["mode of rerun", "since"] == "2024-09-02"
    assert list(found.loc["D2", ["kind", "promised", "done", "why", "since"]]) == [
        *("log", "ten sites", "nine sites", "A site closed", "2024-12-01"),
    ]


def test_changes_after_the_freeze_are_departures_with_their_day(own: Path, results: Results) -> None:
    freeze(own, now=dt.datetime(2022, 5, 1, tzinfo=dt.UTC))
    own.write_text(own.read_text(encoding="utf-8").replace("collapse = 20", "collapse = 15"), encoding="utf-8")
    again = freeze(own, again="small cells", now=dt.datetime(2024, 3, 1, tzinfo=dt.UTC))
    found = departures(results.plan, again, results)
    [row] = found[found["kind"] == "plan changed"].to_dict("records")
    assert [row[name] for name in ("what", "promised", "done", "why", "since")] == [
        *("weights: collapse", "20", "15", "small cells", "2024-03-01"),
    ]


def test_the_assurance_statement_follows_from_checks_logs_and_registration(results: Results) -> None:
    logs = Logs(
        assumptions=(
            Assumption("A1", DAY, "volunteers are alike", "Lead", "low", "high", "open"),
            Assumption("A2", DAY, "settled by now", "Lead", "low", "high", "tested"),
            Assumption("A3", DAY, "of little weight", "Lead", "low", "low", "open"),
        ),
        decisions=(Choice("C1", DAY, "which margins", "Lead", "because", "open"),),
        data=(DataEntry("D1", DAY, "sites are missing", "Lead", "forms", "low", "open"),),
        qa=(ManualCheck("Q1", DAY, "read the page", "B", "passed"), ManualCheck("Q2", DAY, "recompute 5.1", "B")),
    )
    checks = (QaCheck("rows add up", "passed"), QaCheck("weights", "failed"), *qa_checks(results, logs=logs)[-2:])
    found = assurance_statement(results, NEVER, checks, logs)
    assert found.checked == (
        "Checked by the program: 1 of 2 checks passed.",
        "Checked by B: Read the page. Outcome: passed.",
    )
    assert found.unchecked == ("Not checked: Recompute 5.1.",)
    assert [text.split(":")[0].split(",")[0] for text in found.limits] == [
        "Checks failed",
        "Respondents are synthetic",
        "The plan was not registered before fieldwork",
        "Rests on an assumption of which little is known",
        "Still open in the data",
        "Still to be decided",
    ]
    assert "Blank: status of Q2 in the log of qa." in found.sentences


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ([], "Nobody checked anything by hand."),
        (["The evaluation lead"], "Nobody is named who checked the work and did not do it."),
        (["not stated"], "Nobody is named who checked the work and did not do it."),
        (["The evaluation lead", "B"], ""),
    ],
)
def test_a_check_by_those_who_did_the_work_is_no_independent_one(results: Results, by: list[str], said: str) -> None:
    checks = [QaCheck("read the page", "passed", by=name) for name in by]
    assert assurance_statement(results, NEVER, checks, Logs()).unchecked == ((said,) if said else ())


def test_a_plan_registered_in_time_and_changed_is_a_limit_of_its_own(own: Path, results: Results) -> None:
    first = freeze(own, now=dt.datetime(2022, 5, 1, tzinfo=dt.UTC))
    limits = " ".join(assurance_statement(results, first, (), Logs()).limits)
    assert "registered" not in limits
    own.write_text(own.read_text(encoding="utf-8").replace("collapse = 20", "collapse = 15"), encoding="utf-8")
    again = freeze(own, again="small cells", now=dt.datetime(2024, 3, 1, tzinfo=dt.UTC))
    assert "The plan was changed after it was registered" in " ".join(
        assurance_statement(results, again, (), Logs()).limits
    )


def test_the_demo_fills_in_all_eleven_items(results: Results) -> None:
    items = methods_disclosure(results.plan, results, checks=qa_checks(results), limits=("One more limit.",))
    assert [item.number for item in items] == list(range(1, 12))
    require_complete(items)
    text = {item.number: item.text for item in items}
    assert "Sponsor: Leicestershire Police. Conducted by: The evaluation lead." in text[2]
    assert "16 May 2022 to 29 July 2022" in text[7]
    kept = results.ledger.loc[results.ledger["reason"] == "kept", "rows"]
    assert all(f"{n} respondents" in text[8] for n in kept)
    assert "do not cover who chose to answer" in text[8]
    assert "margin of error" not in " ".join(text.values())
    assert text[11].endswith("One more limit.")
    counts = results.ledger.loc[~results.ledger["reason"].isin(["delivered", "kept"]) & (results.ledger["rows"] > 0)]
    assert not any(character.isdigit() for character in text[10].split("Set aside")[1].split(" Of ")[0])
    assert all(str(reason) in text[10] for reason in counts["reason"])


@pytest.mark.parametrize("key", ["sponsor", "conductor", "recruitment", "geography"])
def test_a_blank_item_stops_the_release_and_says_where_it_is_filled_in(results: Results, key: str) -> None:
    plan = replace(results.plan, **{key: " " if key != "geography" else ""})
    with pytest.raises(LpactError, match=rf"one item is blank. Fill in\n  \d+\. .*{key} in plan.toml") as stopped:
        require_complete(methods_disclosure(plan, results))
    assert stopped.value.exit_code == 2


def test_a_mode_or_wording_that_is_blank_stops_the_release(results: Results) -> None:
    waves = (replace(results.waves[0], mode=""), *results.waves[1:])
    audit = results.audit.copy()
    audit.loc[(audit["variable"] == "fair") & (audit["wave"] == "rerun"), "asked_as"] = ""
    broken = replace(results, waves=waves, audit=audit)
    with pytest.raises(LpactError, match="2 items are blank") as stopped:
        require_complete(methods_disclosure(results.plan, broken))
    assert "wording of fair in rerun/crosswalk.toml" in str(stopped.value)
    assert "mode in 2022/wave.toml" in str(stopped.value)


def test_the_indicator_table_says_what_is_promised_in_words(results: Results) -> None:
    found = indicator_table(results.plan)
    assert tuple(found.columns) == INDICATOR_COLUMNS
    first = found.set_index("indicator").loc["5.1"]
    assert first["source"] == "surveys 2022, rerun"
    assert first["answers"] == "strongly agree, tend to agree"
    assert first["role"] == "primary, family 1"
    assert "(primary: Black)" in first["groups"]
    assert "attendees against others" in first["comparison"]
    assert first["planned"].startswith("2022, Black: 40; rerun, Black: 200")
    assert first["smallest"] == 0.05
    assert first["numbers"].startswith("Met if the change is upwards")
    assert first["who_decides"] == "The chief officer"
