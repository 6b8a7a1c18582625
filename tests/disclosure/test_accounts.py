"""Accounts of a run tell no more than the rows that readers see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.disclosure.accounts import NUMBERS, clear_accounts
from lpact_eval.disclosure.published import publish
from lpact_eval.disclosure.records import PublishedRecords
from lpact_eval.disclosure.rules import UK
from lpact_eval.evaluation.accounts import accounts_of
from lpact_eval.evaluation.theory import OUTCOMES
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from lpact_eval.disclosure.accounts import PublishedAccounts
    from lpact_eval.disclosure.rules import Rules
    from lpact_eval.evaluation.run import Results


@pytest.fixture(scope="module")
def results() -> Results:
    """The demo's surveys: 50 Black respondents answered the first question in 2022, 139 in the re-run."""
    plan = lp.read_plan(plan_file())
    return lp.run_plan(replace(plan, records=None, indicators=plan.indicators[:7]))


def accounts(results: Results, rules: Rules = UK) -> PublishedAccounts:
    found = publish(results, rules=rules).accounts
    assert found is not None
    return found


def level(**bounds: int) -> Rules:
    """Rules under which the smaller base of the first question's change lies where a test wants it."""
    return replace(UK, name="test", **bounds)


HIDDEN = level(suppress_below=60, withhold_below=70, indicative_below=80, small_below=90)
WITHHELD = level(withhold_below=60, indicative_below=70, small_below=90)
INDICATIVE = level(indicative_below=60, small_below=90)


def test_a_decision_on_a_row_that_is_shown_has_the_rows_numbers(results: Results) -> None:
    published = publish(results)
    [decision] = accounts(results).decisions.to_dict("records")
    rows = published.rows
    [row] = rows[
        (rows["indicator"] == "5.1") & (rows["measure"] == "change") & (rows["group"] == "Black") & rows["main"]
    ].to_dict("records")
    assert decision["status"] == "can't tell at this size"
    assert [decision[name] for name in NUMBERS] == [
        row[name] for name in ("estimate", "conf_low", "conf_high", "p_adjusted", "detectable", "n")
    ]


def test_a_hidden_row_leaves_a_refused_decision_without_numbers(results: Results) -> None:
    found = accounts(results, HIDDEN)
    [decision] = found.decisions.to_dict("records")
    assert (decision["status"], decision["reason"]) == ("refused", "Suppressed to protect confidentiality.")
    assert all(pd.isna(decision[name]) for name in NUMBERS)
    assert decision["caveats"] == ""
    [promise] = found.promises[found.promises["indicator"] == "5.1"].to_dict("records")
    assert (promise["status"], promise["decided_on"]) == ("refused", "Black")


def test_a_withheld_row_leaves_its_base_and_no_verdict(results: Results) -> None:
    [decision] = accounts(results, WITHHELD).decisions.to_dict("records")
    assert decision["status"] == "refused"
    assert decision["reason"].startswith("Withheld: fewer than 60")
    assert decision["n"] == 189
    assert all(pd.isna(decision[name]) for name in NUMBERS if name != "n")


def test_a_row_for_indication_only_can_not_be_decided_on(results: Results) -> None:
    met = results.accounts
    assert met is not None
    forced = replace(met, decisions=met.decisions.assign(status="met", reason="it was clear"))
    [decision] = accounts(replace(results, accounts=forced), INDICATIVE).decisions.to_dict("records")
    assert decision["status"] == "can't tell at this size"
    assert pd.isna(decision["p_adjusted"])
    assert "no test" in decision["reason"]


def test_a_decision_on_a_row_that_readers_do_not_have_is_refused(results: Results) -> None:
    given = results.accounts
    assert given is not None
    published = publish(results)
    without = replace(published, rows=published.rows[published.rows["indicator"] != "5.1"])
    forced = replace(given, decisions=given.decisions.assign(status="met", estimate=0.4, n=7.0))
    [decision] = clear_accounts(forced, results, without).decisions.to_dict("records")
    assert decision["status"] == "refused"
    assert all(pd.isna(decision[name]) for name in NUMBERS)


@pytest.mark.parametrize(
    ("tier", "note", "status", "shown"),
    [
        ("suppressed", "Suppressed.", "refused", None),
        ("withheld", "Withheld.", "refused", None),
        ("full", "", "met", 0.9),
    ],
)
def test_decisions_on_records_follow_the_records_rows(
    results: Results, *, tier: str, note: str, status: str, shown: float | None
) -> None:
    given, published = results.accounts, publish(results)
    assert given is not None
    about = {"indicator": "3.3", "measure": "answered", "unit": "share", "by": "", "group": ""}
    numbers = {"value": shown, "low": shown, "high": shown, "n": 40.0 if shown else None}
    row = {**about, "by2": "", **numbers, "tier": tier, "note": note, "flags": ""}
    frames = {
        name: pd.DataFrame() for name in ("events", "waiting", "cannot_act", "you_said", "contribution", "quotes")
    }
    records = PublishedRecords(
        pd.DataFrame([row]), **frames, ledger=pd.DataFrame(), issues=pd.DataFrame(), as_of=None, synthetic=True
    )
    first = given.decisions.to_dict("records")[0]
    decided = {
        **first,
        **about,
        "wave": "",
        "status": "met",
        "reason": "the whole interval reaches the line",
        "n": 40.0,
    }
    forced = replace(given, decisions=pd.DataFrame([decided], columns=list(given.decisions.columns)))
    [decision] = clear_accounts(forced, results, replace(published, records=records)).decisions.to_dict("records")
    assert (decision["status"], decision["reason"] or "") == (status, note or "the whole interval reaches the line")
    assert (None if pd.isna(decision["estimate"]) else decision["estimate"]) == shown


def test_sizes_of_hidden_groups_are_refused_and_no_departure_tells_of_them(results: Results) -> None:
    shown, hidden = accounts(results), accounts(results, HIDDEN)

    def size(found: PublishedAccounts) -> dict[str, object]:
        of_group = found.sizes[(found.sizes["wave"] == "2022") & (found.sizes["group"] == "Black")]
        return of_group.to_dict("records")[0]

    assert (size(shown)["status"], size(shown)["reached"]) == ("missed", 50)
    assert size(hidden)["status"] == "refused"
    assert pd.isna(size(hidden)["reached"])

    def told(found: PublishedAccounts) -> set[str]:
        return set(found.departures.loc[found.departures["kind"] == "sample size", "what"])

    assert "sample size of 5.1, Black, 2022" in told(shown)
    assert "sample size of 5.1, Black, 2022" not in told(hidden)


def test_every_indicator_and_every_outcome_ends(results: Results) -> None:
    found = accounts(results).promises
    plan = results.plan
    assert set(found["indicator"]) >= {one.id for one in plan.indicators}
    assert {str(outcome) for outcome in found["outcome"]} == set(OUTCOMES)
    without_reason = found[found["status"].isin(["refused", "not collected"]) & (found["reason"] == "")]
    assert without_reason.empty
    assert set(found["status"]) <= {
        *("met", "not met", "can't tell at this size", "result", "refused", "not collected"),
    }


def test_an_outcome_without_an_indicator_and_an_indicator_without_an_account_are_told(results: Results) -> None:
    plan = replace(results.plan, indicators=results.plan.indicators[:2], records=None, theory=None)
    bare = replace(results, plan=plan, indicators=results.indicators[results.indicators["id"] == "5.1"])
    found = accounts(replace(bare, accounts=accounts_of(plan, bare))).promises
    absent = found[found["indicator"] == ""]
    assert absent["outcome"].tolist() == [1, 2, 3, 4]
    assert set(absent["status"]) == {"not collected"}
    [lost] = found[found["indicator"] == "5.2"].to_dict("records")
    assert (lost["status"], lost["reason"]) == ("refused", "The run gave no account of it.")


def test_an_analysis_of_which_nothing_is_shown_gave_readers_no_result(results: Results) -> None:
    all_hidden = level(suppress_below=900, withhold_below=901, indicative_below=902, small_below=903)
    found = accounts(results, all_hidden)
    assert set(found.promises["status"]) == {"refused", "not collected"}
    assert found.strength.level == 1
    assert "nan" not in " ".join(item.text for item in found.methods)
    ended = found.departures[found.departures["kind"] == "indicator"]
    assert not any(str(text).startswith("result") for text in ended["done"])


def test_the_strength_told_is_never_above_what_the_design_allows(results: Results) -> None:
    strength = accounts(results).strength
    assert strength.level <= strength.allowed == 2


def test_all_eleven_items_are_told_and_one_question_alone_has_no_accounts(results: Results) -> None:
    assert len(accounts(results).methods) == 11
    assert publish(replace(results, accounts=None)).accounts is None


def test_an_excerpt_keeps_what_is_about_its_indicators_and_about_the_whole(results: Results) -> None:
    found = accounts(results).about(["5.3"])
    assert set(found.promises["indicator"]) <= {"", "5.3"}
    assert "5.3" in set(found.promises["indicator"])
    assert found.decisions.empty
    assert set(found.departures["indicator"]) <= {"", "5.3"}
    assert found.registration.sentences
