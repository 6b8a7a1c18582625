"""What a run tells of its weights: margins before and after, flags, and the headline under both policies."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.changes import change_rows
from lpact_eval.evaluation.weight_tables import margin_rows
from lpact_eval.evaluation.weighted_waves import PlanMargins, weighted

if TYPE_CHECKING:
    from pathlib import Path

NAMED = ["by", "group", "variable", "category"]


def replaced(path: Path, old: str, new: str) -> None:
    """Edit one place of a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_plan_declares_a_policy_and_refuses_others(own: Path) -> None:
    assert lp.read_plan(own).weights.unknown == "keep"
    replaced(own, 'unknown = "keep"', 'unknown = "leave out"')
    assert lp.read_plan(own).weights.unknown == "leave out"
    assert lp.read_plan(own).weighting.endswith("of whom one of these is not known are left out.")
    replaced(own, 'unknown = "leave out"', 'unknown = "impute"')
    with pytest.raises(DefinitionError, match=r"plan\.toml:\d+.*unknown.*'keep' or 'leave out'"):
        lp.read_plan(own)


def test_the_headline_is_given_under_both_policies_and_the_declared_one_is_the_run_s(own: Path) -> None:
    results = lp.run_plan(lp.read_plan(own))
    table = results.sensitivity
    assert table[["group", "policy", "declared"]].to_numpy().tolist() == [
        ["All respondents", "keep", True],
        ["All respondents", "leave out", False],
        ["Black", "keep", True],
        ["Black", "leave out", False],
    ]
    changes = results.rows[(results.rows["measure"] == "change") & results.rows["main"]].set_index("group")
    for group, part in table.groupby("group"):
        declared = part[part["declared"]].iloc[0]
        for name in ("estimate", "conf_low", "conf_high"):
            assert declared[name] == changes.loc[str(group), name]
        apart = abs(float(part["estimate"].diff().iloc[1]))
        half = float(declared["conf_high"] - declared["conf_low"]) / 2
        assert part["sensitive"].tolist() == [apart > half / 2] * 2


def test_the_other_policy_is_what_a_plan_that_declares_it_would_give(own: Path) -> None:
    kept = lp.run_plan(lp.read_plan(own)).sensitivity
    replaced(own, 'unknown = "keep"', 'unknown = "leave out"')
    left = lp.run_plan(lp.read_plan(own))
    declared = left.sensitivity[left.sensitivity["declared"]]
    assert set(declared["policy"]) == {"leave out"}
    other = kept[~kept["declared"]]
    np.testing.assert_allclose(declared["estimate"], other["estimate"], rtol=1e-12)
    np.testing.assert_allclose(declared["conf_low"], other["conf_low"], rtol=1e-12)


def test_delivered_weights_have_no_policy_to_compare(own: Path) -> None:
    replaced(own, 'population = "leicestershire-2021"\n', "")
    replaced(own, 'within_population = "leicestershire-2021-by-ethnicity"', 'within_population = ""')
    results = lp.run_plan(lp.read_plan(own))
    assert results.sensitivity.empty
    assert results.margins.empty
    assert results.steps.empty


def test_margins_count_the_respondents_of_each_category(own: Path) -> None:
    plan = lp.read_plan(own)
    results = lp.run_plan(plan)
    wave = lp.read_wave("2022", surveys=plan.surveys)
    assert not results.margins.empty
    first = results.margins[results.margins["wave"] == "2022"]
    np.testing.assert_allclose(first["after"], first["target"], rtol=1e-8)
    counts: list[int] = []
    shares: list[float] = []
    groups = wave.answers["ethnicity"].astype(str)
    for by, group, variable, category in zip(*(first[name].astype(str) for name in NAMED), strict=True):
        column = wave.answers.loc[(groups == group) | (by == ""), variable].dropna().astype(str)
        counts.append(sum(answer in category.split(" + ") for answer in column))
        shares.append(counts[-1] / len(column))
    assert first["n"].tolist() == counts
    np.testing.assert_allclose(first["before"], shares)


def test_a_margin_of_two_variables_counts_combinations(own: Path) -> None:
    plan = lp.read_plan(own)
    waves = [lp.read_wave(name, surveys=plan.surveys) for name in plan.waves]
    answers = waves[0].answers[["sex", "area_group"]].dropna()
    pairs = Counter(f"{sex} and {area}" for sex, area in zip(answers["sex"], answers["area_group"], strict=True))
    both = lp.Margin(("sex", "area_group"), {tuple(pair.split(" and ")): 25.0 for pair in pairs})
    prepared = weighted(plan, waves, PlanMargins([both], None), "keep")
    found = margin_rows(prepared)
    first = found[(found["wave"] == "2022")].set_index("category")["n"]
    assert first.to_dict() == dict(pairs)
    assert set(found["title"]) == {"Sex and Leicester or elsewhere"}


def test_a_margin_that_merging_left_with_one_category_is_not_listed(own: Path) -> None:
    results = lp.run_plan(lp.read_plan(own))
    sizes = results.margins.groupby(["wave", "weights", "group", "variable"]).size()
    assert (sizes > 1).all()
    assert "Mixed: Sex not used" in "; ".join(results.steps["notes"])


def test_weights_and_steps_carry_flags_and_rounds(own: Path) -> None:
    results = lp.run_plan(lp.read_plan(own))
    weights = results.weights.set_index(["wave", "group"])
    assert weights.loc[("2022", "Other"), "flags"] == "fewer than 50 respondents; fewer than 30 effective respondents"
    assert (results.steps["iterations"] > 0).all()
    assert set(zip(results.steps["wave"], results.steps["weights"], strict=True)) == {
        (wave, kind) for wave in ("2022", "rerun") for kind in ("population", "within group")
    }


def test_who_prefers_not_to_say_is_reported_and_in_no_margin(own: Path) -> None:
    plan = lp.read_plan(own)
    results = lp.run_plan(plan)
    wave = lp.read_wave("2022", surveys=plan.surveys)
    silent = int((wave.missing["ethnicity"] == "prefer not to say").sum())
    audit = results.audit.set_index(["variable", "wave"])
    assert silent > 0
    assert audit.loc[("ethnicity", "2022"), "prefer_not"] == silent
    assert not results.margins["category"].str.contains("prefer not").any()
    prepared = weighted(plan, [wave, wave], PlanMargins.read(plan), "leave out")
    rows = change_rows(prepared, plan, plan.indicators[0])
    assert "prefer not to say" not in {row["group"] for row in rows}


def test_the_reason_for_merging_is_given_once_a_wave_and_kind_of_weights(own: Path) -> None:
    told = lp.run_plan(lp.read_plan(own)).weighting
    reason = "fewer than 20 respondents in a category"
    for weights in told.split("Merged before weighting ")[1:]:
        assert weights.count(reason) == 1
    assert "Black: Leicester or elsewhere not used; " in told
    assert f"; each because of {reason}. " in told
