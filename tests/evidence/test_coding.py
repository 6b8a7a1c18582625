"""Coding: agreement on whole sets, workstreams and themes, and the verdict on prevalence, which alpha decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpact_eval.evidence.agreement import agreement
from lpact_eval.evidence.coding import coded_of, coding_rows, judged
from lpact_eval.evidence.record_schema import Theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lpact_eval.evidence.records import Evidence

    Build = Callable[..., Evidence]
    Sets = tuple[str, ...] | None

THEMES = {
    "a": Theme("a", "A", "respect"),
    "b": Theme("b", "B", "respect"),
    "c": Theme("c", "C", "protect"),
}
METHODS = {"Krippendorff's alpha": "krippendorff", "Cohen's kappa": "kappa", "Gwet's AC1": "ac1"}
REGISTER = [{"event": "E", "date": "2023-01-01"}]


def evidence_of(small_evidence: Build, codes: Sequence[tuple[Sets, Sets, Sets]], **more: object) -> Evidence:
    feedback = [
        {
            "item": str(number),
            "event": "E",
            "kind": "note",
            **{f"coder_{place}": given for place, given in enumerate(three, start=1)},
            **more,
        }
        for number, three in enumerate(codes)
    ]
    return small_evidence(themes=THEMES, register=REGISTER, feedback=feedback)


def mixed(seed: int = 3, items: int = 60) -> list[tuple[Sets, Sets, Sets]]:
    """Give sets on which coders differ now and then; a third coder reads few items."""
    chance = np.random.default_rng(seed)
    truth = chance.random((items, 3)) < [0.5, 0.3, 0.2]
    seen = [truth ^ (chance.random((items, 3)) < 0.05) for _ in range(3)]
    given = [[tuple(np.array(list(THEMES))[row]) for row in table] for table in seen]
    return [
        (one, None if number % 5 == 0 else two, three if number % 7 == 0 else None)
        for number, (one, two, three) in enumerate(zip(*given, strict=True))
    ]


def whether(codes: Sequence[tuple[Sets, Sets, Sets]], members: str) -> pd.DataFrame:
    """Lay out as units by coders whether any of the themes was given."""
    cells = [[None if one is None else str(bool(set(one) & set(members))) for one in three] for three in codes]
    return pd.DataFrame(cells, columns=["one", "two", "three"])


@pytest.mark.parametrize("label", [("theme", "A", "a"), ("theme", "C", "c"), ("workstream", "respect", "ab")])
@pytest.mark.parametrize("measure", METHODS)
def test_rows_are_agreement_on_one_theme_against_all_others(
    small_evidence: Build, label: tuple[str, str, str], measure: str
) -> None:
    codes = mixed()
    by, group, members = label
    rows = coding_rows(evidence_of(small_evidence, codes))
    row = rows[(rows["measure"] == measure) & (rows["by"] == by) & (rows["group"] == group)].iloc[0]
    table = whether(codes, members)
    if measure == "Cohen's kappa":
        table = table[["one", "two"]].dropna()
    found = agreement(table, method=METHODS[measure])
    assert row["value"] == pytest.approx(found.value[0], rel=1e-12)
    assert row["n"] == found.n[0]
    assert row["low"] < row["value"] < row["high"]


def test_over_all_themes_a_whole_set_is_one_code(small_evidence: Build) -> None:
    codes = mixed()
    rows = coding_rows(evidence_of(small_evidence, codes))
    row = rows[(rows["measure"] == "Krippendorff's alpha") & (rows["by"] == "")].iloc[0]
    sets = pd.DataFrame([[None if one is None else "+".join(one) or "none" for one in three] for three in codes])
    assert row["value"] == pytest.approx(agreement(sets).value[0], rel=1e-12)


def test_items_coded_once_twice_and_not_at_all_are_counted(small_evidence: Build) -> None:
    codes = [(("a",), ("a",), None), (("a",), None, None), (None, None, None), (None, ("b",), ())]
    rows = coding_rows(evidence_of(small_evidence, codes)).set_index("measure")
    assert rows.loc["items coded", ["numerator", "n"]].tolist() == [3.0, 4.0]
    assert rows.loc["items coded by two or more", ["numerator", "n"]].tolist() == [2.0, 3.0]


def test_the_verdict_rests_on_alpha_and_the_base(small_evidence: Build) -> None:
    """40 items: on a coders agree; on b they differ on 8 of 20; c is never given."""
    codes = [
        (
            ("a", "b")[: 1 + (n % 2)] if n < 20 else (),
            ("a", "b")[: 1 + (n % 2 if n < 12 else 1 - n % 2)] if n < 20 else (),
            None,
        )
        for n in range(40)
    ]
    rows = coding_rows(evidence_of(small_evidence, codes))
    alpha = rows[(rows["measure"] == "Krippendorff's alpha") & (rows["by"] == "theme")].set_index("group")
    assert alpha.loc["A", "flags"] == "verdict: usable"
    assert alpha.loc["B", "flags"] == "verdict: refused, coders agree too little: alpha under 0.667"
    assert alpha.loc["C", "flags"].startswith("verdict: refused, the items that two coders read leave nothing")
    assert alpha.loc["C", "refused"].startswith("all units that two coders read have the same code")


def test_few_items_are_refused_though_coders_agree(small_evidence: Build) -> None:
    codes = [((("a",), ("b",), ())[n % 3],) * 2 + (None,) for n in range(29)]
    rows = coding_rows(evidence_of(small_evidence, codes))
    of_themes = rows[(rows["by"] == "theme") & (rows["group"] != "C")]
    assert (of_themes["value"] == 1).all()
    assert of_themes["flags"].str.startswith("verdict: refused, fewer than 30 items").all()


def test_a_rare_theme_has_ac1_beside_alpha_and_alpha_decides(small_evidence: Build) -> None:
    """One of 100 items by both, one by each alone: alpha near .5 though the coders agree on 98 of 100."""
    codes = [(("a",), ("a",), None), (("a",), (), None), ((), ("a",), None), *[((), (), None)] * 97]
    rows = coding_rows(evidence_of(small_evidence, codes))
    found = rows[(rows["group"] == "A") & (rows["by"] == "theme")].set_index("measure")
    assert "rare theme: under 5%" in found.loc["Krippendorff's alpha", "flags"]
    assert found.loc["Gwet's AC1", "value"] > 0.97
    assert found.loc["Gwet's AC1", "flags"].startswith("verdict: refused, coders agree too little")


def test_agreed_codes_alone_leave_nothing_to_compare(small_evidence: Build) -> None:
    rows = coding_rows(evidence_of(small_evidence, [(None, None, None)] * 3, agreed=("a",)))
    assert rows["measure"].tolist() == ["items coded", "items coded by two or more"]
    assert rows["refused"].tolist() == ["", "no items"]
    assert rows["numerator"].tolist() == [3.0, 0.0]


@settings(max_examples=25)  # every example builds records
@given(st.lists(st.tuples(*[st.none() | st.sets(st.sampled_from("abc"))] * 3), min_size=2, max_size=40))
def test_alpha_equals_that_of_the_published_function(
    small_evidence: Build, codes: list[tuple[set[str] | None, ...]]
) -> None:
    sets = [tuple(None if one is None else tuple(sorted(one)) for one in three) for three in codes]
    found = judged(coded_of(evidence_of(small_evidence, sets)), np.eye(3, dtype=bool))
    for place, key in enumerate(THEMES):
        expected = agreement(whether(sets, key), draws=1)
        assert found.n == expected.n[0]
        np.testing.assert_allclose(found.alpha[place], expected.value[0], rtol=1e-12)
