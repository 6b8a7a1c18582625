from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.disclosure.facts import facts_from
from lpact_eval.disclosure.published import PUBLISHED_COLUMNS, Published, publish
from lpact_eval.errors import DisclosureError
from lpact_eval.sample import Wave

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = dict[str, object]

MARGINS = (
    *("wave", "weights", "by", "group", "variable", "title", "category"),
    *("n", "target", "before", "after"),
)
STEPS = ("wave", "weights", "iterations", "trimmed", "notes")
SENSITIVITY = (
    *("indicator", "title", "measure", "wave", "group", "policy", "declared"),
    *("estimate", "conf_low", "conf_high", "sensitive"),
)


@dataclass(frozen=True)
class Made:
    """Results made by hand."""

    rows: pd.DataFrame
    indicators: pd.DataFrame
    weights: pd.DataFrame
    ledger: pd.DataFrame
    audit: pd.DataFrame
    waves: tuple[Wave, ...]
    plan: object = field(default_factory=object)
    margins: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(MARGINS)))
    steps: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(STEPS)))
    sensitivity: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SENSITIVITY)))


def level(group: str, n: int | None, *, estimate: float = 0.42, wave: str = "2022", variable: str = "trust") -> Row:
    """A share of a group; the total row is that of all respondents."""
    everyone = group == "All respondents"
    return {
        "indicator": f"{variable}-trend",
        "outcome": 5,
        "role": "primary",
        "measure": "level",
        "variable": variable,
        "title": "Trust",
        "answer": "agree",
        "wave": wave,
        "by": "" if everyone else "ethnicity",
        "group": group,
        "weights": "population" if everyone else "within group",
        "row": "standardised",
        "main": True,
        "estimate": estimate,
        "std_error": 0.05,
        "conf_low": estimate - 0.1,
        "conf_high": estimate + 0.1,
        "df": 30.0,
        "p_value": math.nan,
        "p_adjusted": math.nan,
        "family": "",
        "equivalent": "",
        "n": n,
        "n_effective": None if n is None else n / 1.3,
        "design_effect": 1.3,
        "n_first": None,
        "n_second": None,
        "detectable": math.nan,
        "comparable": "full",
        "flags": "",
        "refused": "",
    }


def change(group: str, first: int, second: int, *, p: float = 0.01, comparable: str = "full", refused: str = "") -> Row:
    """A change between 2022 and the re-run."""
    return {
        **level(group, first + second, estimate=0.2, wave="rerun - 2022"),
        "measure": "change",
        "n_first": first,
        "n_second": second,
        "p_value": p,
        "p_adjusted": p,
        "detectable": 0.15,
        "comparable": comparable,
        "refused": refused,
    }


def gap(group: str, attended: int, others: int) -> Row:
    """Attendees against others in the re-run."""
    return {
        **level(group, attended + others, estimate=0.1, wave="rerun"),
        "measure": "gap",
        "n_first": attended,
        "n_second": others,
        "p_value": 0.2,
        "p_adjusted": 0.2,
    }


def gap_difference(first: str, second: str, n: int) -> Row:
    """The difference between two groups' gaps."""
    return {**gap(f"{first} - {second}", 0, 0), "measure": "gap difference", "n": n, "n_first": None, "n_second": None}


def results(rows: Sequence[Row], **frames: pd.DataFrame) -> Made:
    """Results of these rows, with frames beside them that hold nothing unless given."""
    columns = {
        "indicators": ("id", "outcome", "title", "role", "analysis", "rule", "status", "reason"),
        "weights": (
            *("wave", "weights", "by", "group", "n", "n_effective", "design_effect"),
            *("smallest", "largest", "largest_over_mean"),
        ),
        "ledger": ("wave", "reason", "rows"),
        "audit": (
            *("variable", "title", "wave", "asked_as", "scale", "comparable", "reason"),
            *("answered", "dont_know", "prefer_not", "blank", "not_asked"),
        ),
    }
    empty = {name: pd.DataFrame(columns=list(names)) for name, names in columns.items()}
    wave = Wave("2022", "Survey 2022", dt.date(2022, 5, 16), dt.date(2022, 7, 29))
    return Made(pd.DataFrame(list(rows)), **{**empty, **frames}, waves=(wave,))


NUMBERS = ["estimate", "std_error", "conf_low", "conf_high", "df", "n_effective", "design_effect", "detectable"]


def only(published: Published, **where: str) -> pd.Series:
    """The one published row with these labels."""
    frame = published.rows
    for name, value in where.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def test_published_rows_have_the_columns_of_the_contract_in_order() -> None:
    published = publish(results([level("Black", 120)]))
    assert list(published.rows.columns) == list(PUBLISHED_COLUMNS)


def test_below_ten_every_number_goes_the_base_included() -> None:
    rows = [level("All respondents", 206), *(level(g, n) for g, n in (("Black", 80), ("Other", 6)))]
    published = publish(results([*rows, level("White", 120)]))
    small = only(published, group="Other")
    assert small[[*NUMBERS, "n", "n_first", "n_second", "p_value", "p_adjusted"]].isna().all()
    assert (small["mark"], small["tier"], small["chart"]) == ("[c]", "suppressed", False)
    assert only(published, group="Black")["mark"] == "[c]"
    assert published.suppressed == {"small base": 1, "subtraction": 1}


def test_from_ten_to_twenty_nine_the_base_stays_and_the_estimate_goes() -> None:
    withheld = only(publish(results([level("Black", 29)])), group="Black")
    assert withheld[NUMBERS].isna().all()
    assert withheld["n"] == 29
    assert (withheld["mark"], withheld["chart"]) == ("[u]", False)


def test_from_thirty_to_forty_nine_there_is_an_estimate_without_test_and_chart() -> None:
    indicative = only(publish(results([change("Black", 30, 400, p=0.001)])), group="Black")
    assert indicative["estimate"] == 0.2
    assert indicative[["p_value", "p_adjusted"]].isna().all()
    assert (indicative["mark"], indicative["chart"]) == ("[u]", False)


def test_from_fifty_to_ninety_nine_the_row_is_whole_with_a_note() -> None:
    small = only(publish(results([change("Black", 50, 400)])), group="Black")
    assert small["p_adjusted"] == 0.01
    assert (small["mark"], small["chart"]) == ("", True)
    assert "fewer than 100" in small["note"]


def test_a_change_has_the_tier_of_its_smaller_side() -> None:
    assert only(publish(results([change("Black", 400, 20)])), group="Black")["tier"] == "withheld"


def test_a_difference_of_gaps_has_the_tier_of_its_smallest_arm() -> None:
    rows = [gap("Black", 64, 70), gap("White", 28, 148), gap_difference("Black", "White", 310)]
    assert only(publish(results(rows)), measure="gap difference")["tier"] == "withheld"


def test_a_refused_row_says_why_and_a_suppressed_one_does_not() -> None:
    telling = "only 7 respondents"
    rows = [
        {**level("Black", 120), "refused": "no degrees of freedom", "estimate": None},
        {**level("Other", 7), "refused": telling, "flags": telling},
        level("White", 60),
    ]
    published = publish(results(rows))
    assert only(published, group="Black")["note"] == "no degrees of freedom"
    assert only(published, group="Black")["mark"] == "[x]"
    assert telling not in published.rows.to_csv()


def test_a_change_of_a_question_that_changed_is_not_published() -> None:
    changed = only(publish(results([change("Black", 200, 300, comparable="none")])), group="Black")
    assert pd.isna(changed["estimate"])
    assert changed["mark"] == "[x]"
    assert "can't be compared" in changed["note"]


def test_a_share_of_all_or_none_in_a_small_group_is_withheld_with_the_changes_made_of_it() -> None:
    rows = [
        level("Black", 40, estimate=1.0),
        level("Black", 140, estimate=0.6, wave="rerun"),
        change("Black", 40, 140),
    ]
    published = publish(results(rows))
    everyone = only(published, measure="level", wave="2022")
    assert pd.isna(everyone["estimate"])
    assert everyone["n"] == 40
    assert pd.isna(only(published, measure="change")["estimate"])
    assert only(published, measure="level", wave="rerun")["estimate"] == 0.6


def test_a_share_near_all_or_none_is_withheld_alike_so_that_the_mark_does_not_tell_which_it_is() -> None:
    rows = [only(publish(results([level("Black", 40, estimate=share)])), measure="level") for share in (0.97, 1.0)]
    assert rows[0]["note"] == rows[1]["note"]
    assert [(row["mark"], row["n"], pd.isna(row["estimate"])) for row in rows] == [("[c]", 40, True)] * 2
    assert only(publish(results([level("Black", 40, estimate=0.94)])), measure="level")["estimate"] == 0.94


def test_a_withheld_group_looks_the_same_whether_or_not_all_gave_one_answer() -> None:
    rows = [only(publish(results([level("Black", 12, estimate=share)])), measure="level") for share in (0.5, 1.0)]
    pd.testing.assert_series_equal(rows[0], rows[1])
    assert rows[1]["mark"] == "[u]"


def test_a_group_without_respondents_is_not_available() -> None:
    empty = only(publish(results([level("Black", 0, estimate=float("nan"))])), group="Black")
    assert (empty["mark"], empty["note"]) == ("[x]", "No respondents in this group.")


def test_small_groups_of_the_weight_report_are_suppressed_too() -> None:
    sizes = {"All respondents": 206, "Black": 80, "Other": 6, "White": 120}
    weights = pd.DataFrame(
        [
            {
                "wave": "2022",
                "weights": "within group",
                "by": "" if group == "All respondents" else "ethnicity",
                "group": group,
                "n": n,
                "n_effective": n / 1.3,
                "design_effect": 1.3,
                "smallest": 0.5,
                "largest": 2.5,
                "largest_over_mean": 2.5,
            }
            for group, n in sizes.items()
        ]
    )
    published = publish(results([level("All respondents", 206)], weights=weights))
    hidden = published.weights[published.weights["mark"] == "[c]"]
    assert list(hidden["group"]) == ["Black", "Other"]
    assert hidden[["n", "n_effective", "smallest"]].isna().to_numpy().all()


def test_small_counts_of_the_audit_go_in_pairs() -> None:
    counts = {"answered": 270, "dont_know": 12, "prefer_not": 14, "blank": 3, "not_asked": 0}
    labels = {"variable": "trust", "title": "Trust", "wave": "2022", "asked_as": "", "scale": "", "reason": ""}
    audit = pd.DataFrame([{**labels, "comparable": "full", **counts}])
    cleared = publish(results([level("Black", 120)], audit=audit)).audit.to_dict("records")[0]
    assert {name for name in counts if pd.isna(cleared[name])} == {"dont_know", "blank"}
    assert [cleared[name] for name in ("answered", "prefer_not", "not_asked")] == [270, 14, 0]


def test_a_ledger_by_group_loses_its_small_counts_and_one_of_all_rows_keeps_them() -> None:
    rows = [level("Black", 120)]
    whole = pd.DataFrame({"wave": ["2022"], "reason": ["duplicate"], "rows": [3]})
    assert publish(results(rows, ledger=whole)).ledger["rows"].tolist() == [3]
    split = whole.assign(group="Black")
    assert publish(results(rows, ledger=split)).ledger["rows"].isna().all()


def test_the_reason_of_a_refused_indicator_with_a_suppressed_row_does_not_speak_of_its_base() -> None:
    indicators = pd.DataFrame(
        [
            {
                "id": "trust-trend",
                "outcome": 5,
                "title": "Trust",
                "analysis": "level",
                "status": "refused",
                "reason": "7 respondents",
            }
        ]
    )
    published = publish(results([level("Black", 7)], indicators=indicators))
    assert published.indicators["reason"].tolist() == ["The base is too small to publish."]


def test_publishing_leaves_the_results_as_they_were() -> None:
    made = results([level("Other", 7), level("Black", 120)])
    before = made.rows.copy()
    publish(made)
    pd.testing.assert_frame_equal(made.rows, before)


def test_rows_without_their_bases_are_stopped_for_confidentiality() -> None:
    without = {name: value for name, value in level("Black", 120).items() if name != "n_first"}
    made = results([without])
    with pytest.raises(DisclosureError, match=r"lack the columns \['n_first'\]") as stopped:
        publish(made)
    assert stopped.value.exit_code == 3


@dataclass
class _Plan:
    title: str = "Trust and events"
    first_event: dt.date = dt.date(2022, 7, 4)
    adjusters: tuple[str, ...] = ("age_band", "sex")
    seed: int = 7


def test_facts_are_read_from_the_plan_and_a_silent_plan_gives_defaults() -> None:
    facts = facts_from(object(), _Plan())
    assert (facts.title, facts.first_event, facts.seed) == ("Trust and events", dt.date(2022, 7, 4), 7)
    assert facts.adjusters == ("age_band", "sex")
    assert facts_from(object()).adjusters == ()
    assert facts_from(object()).title
