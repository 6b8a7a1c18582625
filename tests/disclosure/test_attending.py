"""What stands beside an attendance gap tells nothing that the gap, its balance and the levels keep to themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.disclosure.arms import BALANCE_COLUMNS
from lpact_eval.disclosure.attending import (
    TOO_UNLIKE,
    arms_of,
    clear_dose,
    clear_strength,
    raw_gaps_of_few,
    telling_gaps,
    with_told_flags,
    without_cells,
)
from lpact_eval.disclosure.clear import ClearedRow, clear_rows
from lpact_eval.disclosure.published import Published, publish
from lpact_eval.disclosure.rules import UK, Tier
from lpact_eval.resources import plan_file

Record = dict[str, object]
PLACE = {"indicator": "5.1", "wave": "rerun"}
APART = "attendees and others differ clearly before adjustment in sex, stopped_12m"


def by_of(group: str) -> str:
    return "" if group == "All respondents" else "ethnicity"


def gap(group: str = "Black", first: int = 60, second: int = 90, **changes: object) -> Record:
    """A row of a run."""
    named = {**PLACE, "variable": "conf", "answer": "yes", "by": by_of(group), "group": group, "measure": "gap"}
    numbers: Record = dict.fromkeys(("estimate", "std_error", "conf_low", "conf_high", "df", "detectable"), 0.1)
    numbers |= {"p_value": 0.2, "p_adjusted": 0.3, "equivalent": "", "comparable": "full", "weights": "within group"}
    sizes = {"n": first + second, "n_first": first, "n_second": second, "n_effective": 90.0, "design_effect": 1.2}
    texts = {"row": "standardised", "main": True, "flags": "", "refused": ""}
    return {**named, **numbers, **sizes, **texts, **changes}


def cleared(*rows: Record) -> list[ClearedRow]:
    return clear_rows(rows, [min(int(str(row["n_first"])), int(str(row["n_second"]))) for row in rows], {}, UK)


def arm(name: str, n: int, share: float = 0.5, group: str = "Black") -> Record:
    return {**PLACE, "variable": "conf", "by": by_of(group), "group": group, "arm": name, "n": n, "share": share}


def difference(covariate: str, smd: float | None, *, group: str = "Black", rounded: float | None = 0.01) -> Record:
    """A cleared row of balance."""
    told = {"method": "regression", "covariate": covariate, "answer": "yes", "largest": ""}
    numbers = {"smd_before": smd, "rounded_to": None if smd is None else rounded, "smd_after": smd}
    return {**PLACE, "by": by_of(group), "group": group, **told, **numbers, "mark": "[c]" if smd is None else ""}


def balance(*rows: Record) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(BALANCE_COLUMNS))


def test_flags_name_the_adjusters_whose_differences_are_published_and_no_others() -> None:
    told = balance(difference("Sex", 0.31), difference("Stopped", None), difference("Area", 0.24))
    [found] = with_told_flags(cleared(gap(flags=APART)), told)
    assert found.record["flags"] == "attendees and others differ clearly before adjustment in Sex"
    [none] = with_told_flags(cleared(gap(flags=APART)), balance(difference("Sex", None)))
    assert none.record["flags"] == ""


def test_flags_are_the_same_whatever_is_hidden() -> None:
    """Which adjusters the run named depends on counts of a few people; what is written depends on what is published."""
    told = balance(difference("Sex", 0.31), difference("Stopped", None))
    texts = ["sex", "stopped_12m", "sex, stopped_12m", "area"]
    found = {
        str(with_told_flags(cleared(gap(flags=APART.replace("sex, stopped_12m", text))), told)[0].record["flags"])
        for text in texts
    }
    assert len(found) == 1


@pytest.mark.parametrize(("first", "second"), [(29, 90), (90, 10)])
def test_a_withheld_gap_keeps_only_what_is_said_of_its_size(first: int, second: int) -> None:
    flags = f"44 of 454 respondents left out: an answer is missing; fewer than 30 attended (Black); {APART}"
    more = "everybody who attended gave the same answer: the interval leaves out chance there"
    row = gap(first=first, second=second, flags=f"{flags}; {more}")
    [found] = with_told_flags(cleared(row), balance(difference("Sex", 0.31)))
    assert found.record["flags"] == flags.removesuffix(f"; {APART}")


def test_the_raw_row_says_in_what_the_arms_differ_as_far_as_that_is_published() -> None:
    told = balance(difference("Sex", -0.10), difference("Age", 0.09), difference("Stopped", None))
    [found] = with_told_flags(cleared(gap(row="not adjusted", main=False, flags="not adjusted for anything")), told)
    assert found.record["flags"] == "not adjusted for anything; attendees differ from others in Sex"


def test_other_rows_are_left_alone() -> None:
    rows = cleared(gap(measure="change", flags=APART))
    assert with_told_flags(rows, balance(difference("Sex", 0.31))) == rows


def survey(rows: int = 160) -> lp.Sample:
    """Attendees all of one answer to an adjuster, so that nothing is known of the others there."""
    place = np.arange(rows)
    went = place % 4 == 0
    frame = pd.DataFrame(
        {
            "went": np.where(went, "yes", "no"),
            "conf": np.where(place % 3 == 0, "yes", "no"),
            "stopped": np.where(went, "no", np.where(place % 8 == 1, "yes", "no")),
        }
    )
    return lp.Sample.from_frame(frame)


@pytest.mark.parametrize("method", ["overlap", "att", "entropy", "doubly_robust"])
def test_refusals_never_say_which_answers_an_arm_lacks(method: str) -> None:
    turned = survey()
    answers = turned.answers.assign(stopped=turned.answers["stopped"].astype(str))
    swapped = answers.assign(went=np.where(turned.answers["went"] == "yes", "no", "yes"))
    for frame in (answers, swapped):
        found = lp.attendance_gap(
            lp.Sample.from_frame(frame), "conf", "yes", attended="went", adjust=["stopped"], by=(), method=method
        )
        for flags, refused in zip(found.flags, found.refused, strict=True):
            [row] = without_cells([gap(flags=flags, refused=refused)])
            assert "stopped" not in f"{row['flags']} {row['refused']}".replace("stopped after", "")


def test_texts_on_empty_cells_and_cut_scores_lose_what_they_count() -> None:
    empty = "some answers are found among attendees only or among the others only, so that no propensity score is known"
    texts = (f"in stopped_12m {empty} there", "no weights of the others give them the attendees' mix of stopped_12m")
    for text in texts:
        assert without_cells([gap(refused=text)])[0]["refused"] == TOO_UNLIKE
    both = f"fewer than 15 attended; {texts[0]}"
    assert without_cells([gap(refused=both)])[0]["refused"] == f"fewer than 15 attended; {TOO_UNLIKE}"
    flags = "3 of 70 scores truncated to 0.025-0.975; fewer than 8 degrees of freedom"
    expected = "some scores truncated to 0.025-0.975; fewer than 8 degrees of freedom"
    assert without_cells([gap(flags=flags)])[0]["flags"] == expected
    assert without_cells([gap(measure="change", flags=flags)])[0]["flags"] == flags


@pytest.mark.parametrize(
    ("n", "share", "hidden"), [(49, 0.97, True), (49, 0.94, False), (50, 1.0, False), (9, 0.0, True)]
)
def test_a_small_arm_that_answered_alike_hides_every_gap_of_its_group(n: int, share: float, *, hidden: bool) -> None:
    arms = arms_of(
        pd.DataFrame([arm("attended", n, share), arm("not attended", 90), arm("attended", 60, group="White")])
    )
    rows = [
        gap("Black"),
        gap("Black", row="overlap weights", main=False),
        gap("Black - White", measure="gap difference"),
        gap("White"),
        gap("Black", measure="level"),
    ]
    assert telling_gaps(rows, arms, UK) == ({0, 1, 2} if hidden else set())


def test_the_raw_gap_of_everybody_gives_no_group_back_that_answered_alike() -> None:
    arms = arms_of(pd.DataFrame([arm("attended", 40, 1.0), arm("attended", 80, group="White")]))
    rows = [gap(group, row=row) for group in ("All respondents", "White") for row in ("standardised", "not adjusted")]
    assert telling_gaps(rows, arms, UK) == {1}
    few = arms_of(pd.DataFrame([arm("attended", 9, 1.0), arm("attended", 80, group="White")]))
    assert telling_gaps(rows, few, UK) == set()


@pytest.mark.parametrize("share", [0.5, 1.0])
@pytest.mark.parametrize(("sizes", "hidden"), [((11,), True), ((11, 17), True), ((11, 20), False), ((0, 40), True)])
def test_the_raw_gap_of_everybody_is_hidden_by_the_size_of_what_it_would_give_back(
    share: float, sizes: tuple[int, ...], *, hidden: bool
) -> None:
    """Were it hidden for how a group of 11 attendees answered, its absence would tell just that."""
    names = ("Asian", "Mixed")[: len(sizes)]
    found = [arm("attended", n, share if n < 20 else 0.5, group=name) for name, n in zip(names, sizes, strict=True)]
    found += [arm("not attended", 20, group="Asian"), arm("not attended", 90, group="Mixed")][: 1 + len(sizes)]
    arms = arms_of(pd.DataFrame([*found, arm("attended", 80, group="White"), arm("not attended", 90, group="White")]))
    rows = [gap(group, row=row) for group in ("All respondents", "White") for row in ("standardised", "not adjusted")]
    assert telling_gaps(rows, arms, UK) == set()
    assert raw_gaps_of_few(rows, arms, UK) == ({1} if hidden else set())


def strength(method: str = "regression", group: str = "Black") -> pd.DataFrame:
    named = {**PLACE, "by": by_of(group), "group": group, "method": method}
    lines = [
        {"measure": "e-value", "covariate": "", "times": math.nan, "value": 1.8, "reading": "At least 1.8 times."},
        *(
            {
                "measure": "benchmark",
                "covariate": title,
                "times": times,
                "value": 0.0714,
                "reading": "This would go from +11.9 points to -0.9 points, or -0.2 points.",
            }
            for title in ("Sex", "Stopped")
            for times in (1.0, 2.0)
        ),
    ]
    return pd.DataFrame([{**named, **line, "approximate": False} for line in lines])


def test_strength_is_told_once_for_adjusters_that_are_published_and_in_whole_points() -> None:
    told = balance(difference("Sex", 0.31), difference("Stopped", None))
    found = clear_strength(strength(), [row.record for row in cleared(gap())], told)
    assert found["measure"].tolist() == ["e-value", "benchmark", "benchmark"]
    assert found["times"].tolist()[1] == 1
    assert found["mark"].tolist() == ["", "", "[c]"]
    assert found["reading"].tolist()[1:] == ["This would go from +12 points to \N{MINUS SIGN}1 point, or 0 points.", ""]
    assert np.isnan(found["value"].iloc[2])
    rough = balance(difference("Sex", 0.3, rounded=0.1), difference("Stopped", None))
    assert clear_strength(strength(), [gap(tier="full", mark="")], rough)["mark"].tolist() == ["", "[c]", "[c]"]


@pytest.mark.parametrize(
    ("row", "mark"),
    [
        (gap(first=29), "[u]"),
        (gap(first=9), "[c]"),
        (gap(refused="too few"), "[x]"),
        (gap(main=False, row="overlap weights"), "[x]"),
        (gap(indicator="5.2"), "[x]"),
    ],
)
def test_a_gap_without_a_number_leaves_one_line_and_its_mark(row: Record, mark: str) -> None:
    found = clear_strength(strength(), [one.record for one in cleared(row)], balance(difference("Sex", 0.31)))
    assert found["mark"].tolist() == [mark]
    assert found[["measure", "covariate", "reading"]].eq("").all(axis=None)
    assert found[["times", "value"]].isna().all(axis=None)


def test_each_method_follows_its_own_row() -> None:
    rows = [one.record for one in cleared(gap(), gap(row="overlap weights", main=False, refused="too few"))]
    found = clear_strength(pd.concat([strength(), strength("overlap weights")]), rows, balance())
    assert (found["method"] == "overlap weights").sum() == 1
    assert found.loc[found["method"] == "overlap weights", "mark"].tolist() == ["[x]"]


def dose(*steps: tuple[str, int], none: int = 90, group: str = "Black") -> pd.DataFrame:
    rows = [
        {**gap(group, n, none), "measure": "dose", "row": "standardised", "step": step, "n": 150} for step, n in steps
    ]
    return pd.DataFrame(rows)


def dosed(table: pd.DataFrame, arms: list[Record], row: Record | None = None) -> pd.DataFrame:
    main = row or gap(first=60, second=90)
    base = min(int(str(main["n_first"])), int(str(main["n_second"])))
    groups = arms_of(pd.DataFrame(arms))
    return clear_dose(table, [(cleared(main)[0], base)], groups, balance=balance(), rules=UK)


def both(one: int, more: int, group: str = "Black", share: float = 0.5) -> list[Record]:
    arms = [arm("attended", one + more, group=group), arm("not attended", 90, group=group)]
    return [*arms, arm("1", one, group=group), arm("2+", more, share, group=group)]


def tiers(table: pd.DataFrame) -> dict[str, Tier]:
    return dict(zip(table["step"], table["tier"], strict=True))


def test_every_step_is_read_by_the_respondents_it_rests_on() -> None:
    table = dose(("per event", 60), ("1 - 0", 40), ("2+ - 0", 20), ("trend", 60))
    found = tiers(dosed(table, both(40, 20)))
    assert found == {"per event": "small", "1 - 0": "indicative", "2+ - 0": "withheld", "trend": "withheld"}


def test_fewer_than_ten_with_more_events_leave_nothing_to_take_them_from() -> None:
    found = dosed(dose(("per event", 60), ("1+ - 0", 60), ("trend", 60)), both(54, 6))
    assert tiers(found) == {"per event": "suppressed", "1+ - 0": "small", "trend": "suppressed"}
    assert found.loc[found["step"] != "1+ - 0", ["estimate", "n", "n_first", "n_second"]].isna().all(axis=None)
    assert tiers(dosed(dose(("per event", 60)), both(60, 0))) == {"per event": "small"}
    assert tiers(dosed(dose(("per event", 60)), [])) == {"per event": "suppressed"}


def test_a_hidden_gap_hides_its_dose() -> None:
    row = gap(first=9, second=90)
    assert set(tiers(dosed(dose(("1+ - 0", 60)), both(30, 30), row)).values()) == {"suppressed"}
    other = gap("White", 60, 90)
    assert set(tiers(dosed(dose(("1+ - 0", 60)), both(30, 30), other)).values()) == {"suppressed"}


def test_few_who_answered_alike_hide_the_dose() -> None:
    found = dosed(dose(("1 - 0", 40), ("per event", 75)), both(40, 35, share=1.0), gap(first=75, second=90))
    assert set(found["tier"]) == {"suppressed"}


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_what_is_told_of_both_together_does_not_depend_on_how_the_few_answered(share: float) -> None:
    """The gap itself is shown: the same number, hidden beside it, would say that three people answered alike."""
    found = dosed(dose(("1+ - 0", 60)), both(57, 3, share=share))
    assert tiers(found) == {"1+ - 0": "small"}


def test_numbers_of_respondents_are_those_of_the_gap_or_none() -> None:
    """Else a group's few who went to more events could be had from those of all, or those whose events aren't known."""
    steps = dose(("per event", 60), ("1 - 0", 40))
    group = dosed(steps, both(40, 20)).set_index("step")
    assert group.loc["per event", "n_first"] == 60
    assert pd.isna(group.loc["1 - 0", ["n", "n_first", "n_second", "n_effective"]]).all()
    everybody = dose(("per event", 60), ("1 - 0", 40), group="All respondents")
    total = dosed(everybody, both(40, 20, "All respondents"), gap("All respondents", 60, 90)).set_index("step")
    assert total["n_first"].tolist() == [60, 40]
    fewer = dosed(steps, both(40, 20), gap(first=61, second=90))
    assert fewer[["n", "n_first", "n_second"]].isna().all(axis=None)


def test_nothing_in_gives_nothing_out() -> None:
    empty = pd.DataFrame()
    assert clear_dose(empty, [], {}, balance=empty, rules=UK).empty
    assert clear_strength(empty, [], empty).empty
    assert arms_of(empty) == {}


@dataclass(frozen=True)
class Demo:
    """The shipped plan's results, once, and published."""

    results: lp.Results = field(repr=False)
    published: Published = field(repr=False)


@pytest.fixture(scope="module")
def demo() -> Demo:
    results = lp.run_plan(lp.read_plan(plan_file()))
    return Demo(results, publish(results))


def test_second_opinions_are_hidden_with_the_reported_row(demo: Demo) -> None:
    rows = demo.published.rows
    gaps = rows[rows["measure"].isin(["gap", "gap difference"]) & (rows["indicator"] == "5.1")]
    hidden = {"suppressed", "withheld"}
    for _, group in gaps.groupby("group"):
        main = group[group["main"]]["tier"].iloc[0]
        if main in hidden:
            assert set(group["tier"]) == {main}
            assert group["estimate"].isna().all()
        else:
            assert not set(group["tier"]) & hidden
    black = gaps[gaps["group"] == "Black"].set_index("row")
    assert black.loc["overlap weights", "mark"] == "[x]"
    assert black.loc["overlap weights", "note"] == black.loc["overlap weights", "refused"] != ""


def test_no_group_of_arms_under_ten_is_in_any_frame(demo: Demo) -> None:
    arms = demo.results.arms
    small = set(arms.loc[arms["arm"].isin(["attended", "not attended"]) & (arms["n"] < 10), "group"])
    assert small
    for name in ("balance", "overlap", "strength", "dose"):
        frame = getattr(demo.published, name)
        own = frame[frame["group"].isin(small)]
        assert set(own["mark"]) <= {"[c]", "[x]"}, name
        assert own.drop(columns="outcome", errors="ignore").select_dtypes("number").isna().all(axis=None), name


def test_what_is_hidden_has_no_part_in_what_is_published(demo: Demo) -> None:
    """The same release to the last letter, whatever stood in the places that it hides."""
    results, once = demo.results, demo.published
    rows, dose = results.rows.copy(), results.dose.copy()
    numbers = ["estimate", "std_error", "conf_low", "conf_high", "p_value", "detectable"]
    rows.loc[once.rows["tier"].isin(["suppressed", "withheld"]).to_numpy() & rows["estimate"].notna(), numbers] = 0.2718
    gone = once.dose["tier"].isin(["suppressed", "withheld"]).to_numpy() & dose["estimate"].notna().to_numpy()
    dose.loc[gone, numbers] = 0.2718
    apart = results.balance.copy()
    few = (apart["n_least"] < 10) & (apart["method"] == "regression")
    apart.loc[few, ["smd_before", "smd_after"]] = -0.2718
    strength = results.strength.copy()
    shown = once.strength[once.strength["mark"].isin(["", "[u]"]) & (once.strength["measure"] != "")]
    kept = set(zip(shown["group"], shown["method"], shown["measure"], shown["covariate"], strict=True))
    places = zip(strength["group"], strength["method"], strength["measure"], strength["covariate"], strict=True)
    planted = np.array([place not in kept for place in places], dtype=bool) | (strength["times"] > 1).to_numpy()
    assert planted.any()
    strength.loc[planted, "value"] = 0.2718
    strength.loc[planted, "reading"] = "only 7 marked respondents"
    flags = rows["flags"].str.replace(r"(differ clearly before adjustment in ).*", r"\1stopped_12m", regex=True)
    changed = replace(results, rows=rows.assign(flags=flags), dose=dose, balance=apart, strength=strength)
    again = publish(changed)
    for name in ("rows", "balance", "overlap", "strength", "dose"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(once, name), check_dtype=False, obj=name)


def test_an_arm_that_answered_alike_takes_everything_of_its_gap_with_it(demo: Demo) -> None:
    """Of 35 attendees all said yes: with the share of the group, any gap would give that away."""
    arms = demo.results.arms.copy()
    alike = (arms["indicator"] == "5.1") & (arms["group"] == "Black") & (arms["arm"] == "attended")
    arms.loc[alike, "share"] = 1.0
    assert alike.sum() == 1
    found = publish(replace(demo.results, arms=arms))
    rows = found.rows[(found.rows["indicator"] == "5.1") & found.rows["measure"].isin(["gap", "gap difference"])]
    black = rows[rows["group"].isin(["Black", "Black - White"])]
    assert black["estimate"].isna().all()
    assert black.loc[black["group"] == "Black", "flags"].eq("").all()
    everybody = rows[rows["by"] == ""].set_index("row")["estimate"]
    assert everybody.isna().to_dict() == {"standardised": False, "not adjusted": True, "overlap weights": False}
    assert found.dose.loc[found.dose["group"] == "Black", "estimate"].isna().all()
    assert found.strength.loc[found.strength["group"] == "Black", "reading"].eq("").all()
    assert found.balance.loc[found.balance["group"] == "Black", "smd_before"].isna().all()
    others = found.rows["indicator"] != "5.1"
    known = [frame[others].drop(columns="flags") for frame in (found.rows, demo.published.rows)]
    pd.testing.assert_frame_equal(*known)


def test_a_gap_hidden_for_how_an_arm_answered_looks_like_one_hidden_for_its_size(demo: Demo) -> None:
    """Were it to say why, the share of its group would say whether everyone in the arm said yes, or no one."""
    arms = demo.results.arms.copy()
    arms.loc[(arms["group"] == "Black") & (arms["arm"] == "attended"), "share"] = 0.0
    rows = publish(replace(demo.results, arms=arms)).rows
    gaps = rows[(rows["indicator"] == "5.1") & (rows["measure"] == "gap")].set_index(["group", "row"])
    told = ["n", "n_first", "n_second", "estimate", "mark", "tier", "note", "flags", "refused"]
    black, mixed = (gaps.loc[(group, "standardised"), told] for group in ("Black", "Mixed"))
    pd.testing.assert_series_equal(black, mixed, check_names=False)


def test_arms_are_counted_for_clearing_and_never_published(demo: Demo) -> None:
    assert len(demo.results.arms)
    assert not hasattr(demo.published, "arms")
