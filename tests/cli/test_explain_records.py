"""The path of a number of the records: columns, rows by reason, how it was counted, and what is hidden by rule."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

import lpact_eval as lp
from lpact_eval.disclosure import explaining, record_explaining
from lpact_eval.disclosure.explaining import Explanation, explain
from lpact_eval.disclosure.record_explaining import groups_of
from lpact_eval.disclosure.record_numbers import rounded, title_of
from lpact_eval.disclosure.records import clear_records
from lpact_eval.errors import WrongUseError
from lpact_eval.evaluation.records import read_planned
from lpact_eval.frames import records_of
from lpact_eval.reporting.record_cells import plain_number
from lpact_eval.reporting.record_rows import record_rows
from lpact_eval.reporting.record_tables import unit_words
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.disclosure.published import Published
    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.run import Results
    from lpact_eval.evidence.records import Evidence

    Call = Callable[..., tuple[int, str, str]]

MARKER = 271.8281828


@pytest.fixture(scope="module")
def plan() -> EvaluationPlan:
    return lp.read_plan(plan_file())


@pytest.fixture(scope="module")
def results(plan: EvaluationPlan) -> Results:
    return lp.run_plan(plan)


@pytest.fixture(scope="module")
def published(results: Results) -> Published:
    return lp.publish(results)


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch, plan: EvaluationPlan) -> Callable[[Published], None]:
    """Explain from a release at hand: each explanation would run the plan again."""
    assert plan.records is not None
    evidence = read_planned(plan.records)

    def same(_: object, **__: object) -> Evidence:
        return evidence

    def release(published: Published) -> None:
        def publish(_: object) -> Published:
            return published

        monkeypatch.setattr(explaining, "run_plan", str)
        monkeypatch.setattr(explaining, "publish", publish)
        monkeypatch.setattr(record_explaining, "read_planned", same)

    return release


@pytest.fixture
def at_once(released: Callable[[Published], None], published: Published) -> None:
    """Explain from the run of the demo."""
    released(published)


def facts(explanation: Explanation) -> dict[str, dict[str, object]]:
    return cast("dict[str, dict[str, object]]", explanation.to_dict()["sections"])


def of(published: Published) -> PublishedRecords:
    assert published.records is not None
    return published.records


@pytest.mark.usefixtures("at_once")
def test_the_path_of_a_count_goes_from_the_columns_to_the_files(published: Published) -> None:
    found = explain(plan_file(), "1.6", "Somali")
    told = facts(found)
    row = next(row for row in records_of(of(published).rows) if (row["indicator"], row["group"]) == ("1.6", "Somali"))
    number = told["Number: contacts opted in (per cent); Somali (community)"]
    assert number["Value"] == pytest.approx(round(100 * cast("float", row["value"])))
    assert (number["Counted"], number["Base"]) == (row["numerator"], row["n"])
    assert told["Columns of register (Event register)"].keys() == {"attendees", "opted_in", "community"}
    assert told["Rows of register"]["Rows delivered"] == told["Rows of register"]["Rows kept"] == 14
    assert "contacts over attendees" in str(told["Estimate"]["Estimator"])
    assert told["Files"]["register.csv"] == dict(of(published).files)["register.csv"]
    assert "feedback.csv" not in told["Files"]
    assert told["Registration of the plan"]["State"] == "never"
    assert not found.suppressed
    assert found.lines()[:2] == [
        "Contacts opted in: contacts opted in, Somali",
        "Synthetic records: nothing here is about real people.",
    ]


@pytest.mark.usefixtures("at_once")
def test_rows_by_reason_add_up_and_cells_are_of_the_columns_used(plan: EvaluationPlan) -> None:
    assert plan.records is not None
    for indicator in plan.records.indicators:
        for title, rows in facts(explain(plan, indicator.id)).items():
            if title.startswith("Rows of "):
                counts = {name: int(str(n)) for name, n in rows.items() if name.startswith("Rows ")}
                assert counts.pop("Rows delivered") == sum(counts.values())
    actions = facts(explain(plan, "3.3"))["Rows of actions"]
    assert not [name for name in actions if name.startswith("Cells of department")]
    assert [name for name in facts(explain(plan, "1.2"))["Rows of register"] if name.startswith("Cells of forms: more")]


@pytest.mark.usefixtures("at_once")
def test_hidden_numbers_are_told_by_their_rule_and_never_by_their_size(
    plan: EvaluationPlan, published: Published
) -> None:
    hidden = [row for row in records_of(of(published).rows) if row["mark"] == "[c]"]
    assert len(hidden) > 100
    seen = 0
    for item, group in dict.fromkeys((str(row["indicator"]), str(row["group"])) for row in hidden):
        found = explain(plan, item, group or "all")
        assert len({section.title for section in found.sections}) == len(found.sections)
        assert found.suppressed
        told = facts(found)
        for title, number in told.items():
            if number.get("Mark") == "[c]":
                seen += 1
                assert title.startswith("Number: ")
                assert number["Value"] is None
                assert number.get("Counted") is None
                assert not [name for name in number if name.startswith("Interval")]
        assert "fewer than 10 people" in str(told["Rules of the release"]["[c]"])
    assert seen >= len(hidden)


def test_a_marker_in_hidden_rows_is_in_no_explanation(
    released: Callable[[Published], None], plan: EvaluationPlan, results: Results, published: Published
) -> None:
    assert results.records is not None
    rows = results.records.rows.copy()
    gone = of(published).rows["tier"].isin(["suppressed", "withheld"]) & rows["unit"].isin(["count", "share"])
    rows.loc[gone.to_numpy(), ["value", "low", "high"]] = MARKER
    rows.loc[(of(published).rows["tier"] == "suppressed").to_numpy(), "flags"] = "only 7 marked people"
    planted = replace(published, records=clear_records(replace(results.records, rows=rows), published.rules))
    released(planted)
    assert plan.records is not None
    for indicator in plan.records.indicators:
        mine = [row for row in records_of(of(planted).rows) if row["indicator"] == indicator.id]
        for group in ("all", *groups_of(mine)):
            found = explain(plan, indicator.id, group)
            told = "\n".join(found.lines()) + json.dumps(found.to_dict())
            assert not [mark for mark in ("271.8", "27183", "27,183", "only 7 marked") if mark in told]


def test_every_number_is_rounded_and_named_as_in_the_reports(published: Published) -> None:
    rows = {
        (row["table"], row["measure"], row["unit"], row["by"], row["group"], row["by2"], row["group2"]): row
        for row in records_of(of(published).rows)
    }
    seen = 0
    for shown in record_rows(of(published)):
        if shown.shown:
            row = rows[shown.table, shown.measure, shown.unit, *shown.key]
            assert plain_number(shown, shown.value) == f"{rounded(row, shown.value):g}"
            if shown.unit not in {"count", ""}:
                assert f"({unit_words(shown)}".removesuffix(" of the scale from 1 to 5") in title_of(row)
            seen += 1
    assert seen > 500


@pytest.mark.usefixtures("at_once")
def test_one_number_two_groups_and_whatever_has_no_total_can_be_asked_for(plan: EvaluationPlan) -> None:
    one = facts(explain(plan, "1.2", "all", measure="attendees"))
    assert [title for title in one if title.startswith("Number")] == ["Number: attendees; all"]
    both = facts(explain(plan, "2.1", "Stop and search, respect"))
    assert [title for title in both if title.startswith("Number: forms")] == [
        "Number: forms that raise the theme (per cent); Stop and search (theme), respect (workstream)"
    ]
    who = facts(explain(plan, "1.4"))
    assert len([title for title in who if title.startswith("Number: attendances (per cent)")]) > 20
    assert facts(explain(plan, "1.7"))["Estimate"]["Police heavy"] == 0.25
    assert facts(explain(plan, "1.11"))["Estimate"]["Rate, officer"] == 42


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("1.60", "all", "", ""), r"did you mean '1\.6'.* Of the records of events: '1\.2', '1\.3'"),
        (("1.6", "Somalii", "", ""), r"no group 'Somalii' of '1\.6'; did you mean 'Somali'\? Groups are 'all', "),
        (("1.6", "all", "", "contact opted in"), "has no number 'contact opted in'; .*'contacts opted in'"),
        (("1.6", "all", "2022", ""), "comes from the records of events, which have no surveys: leave '2022' out"),
        (("5.1", "all", "", ""), r"'5\.1' comes from surveys: name one of them after the group. They are '2022'"),
        (("5.1", "all", "2022", "attendees"), "Cannot explain a 'attendees'"),
    ],
)
@pytest.mark.usefixtures("at_once")
def test_what_can_not_be_explained_is_refused_with_the_nearest(
    plan: EvaluationPlan, asked: tuple[str, str, str, str], message: str
) -> None:
    item, group, wave, measure = asked
    with pytest.raises(WrongUseError, match=message) as caught:
        explain(plan, item, group, wave, measure=measure)
    assert caught.value.exit_code == 1


def test_an_indicator_without_records_says_why_there_is_no_number(
    released: Callable[[Published], None], plan: EvaluationPlan, published: Published
) -> None:
    rows, indicators = of(published).rows, published.indicators.copy()
    indicators.loc[indicators["id"] == "1.9", "reason"] = "no records of this were kept: communications"
    without = replace(of(published), rows=rows[rows["indicator"] != "1.9"])
    released(replace(published, records=without, indicators=indicators))
    lines = explain(plan, "1.9").lines()
    assert "  Number: there is none: no records of this were kept: communications" in lines


def test_the_command_prints_lines_and_json(call: Call) -> None:
    code, text, _ = call("explain", "1.6")
    assert code == 0
    assert text.startswith("Contacts opted in: contacts opted in, all\n")
    _, text, _ = call("explain", "1.6", "Somali", "--json")
    found = json.loads(text)
    assert (found["item"], found["group"], found["wave"], found["synthetic"]) == ("1.6", "Somali", "", True)
