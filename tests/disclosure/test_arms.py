"""What is told of two arms: nothing of small ones, nothing that gives a small count away, no person's score."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest

from lpact_eval.comparison.balance import ALL, Arms, balance_table
from lpact_eval.comparison.overlap import overlap_histogram
from lpact_eval.disclosure.arms import BALANCE_COLUMNS, OVERLAP_COLUMNS, clear_balance, clear_overlap

NAMED = {"indicator": "conf", "wave": "rerun"}
Counts = dict[str, tuple[tuple[int, int], tuple[int, int]]]  # by group: yes and no of attendees, and of others


def gap(group: str, first: int | None, second: int | None, **changes: object) -> dict[str, object]:
    sizes = {"n_first": first, "n_second": second}
    by = "" if group == ALL else "ethnicity"
    return {**NAMED, "measure": "gap", "main": True, "by": by, "group": group, "tier": "full", **sizes, **changes}


def difference(group: str, least: float = 20, **changes: object) -> dict[str, object]:
    by = "" if group == ALL else "ethnicity"
    numbers = {"smd_before": 0.3141, "smd_after": 0.0159, "n_least": least, "attended": 0.4}
    labels = {"method": "overlap weights", "covariate": "Sex", "answer": "Female"}
    return {**NAMED, "by": by, "group": group, **labels, **numbers, **changes}


def cleared(rows: list[dict[str, object]], gaps: list[dict[str, object]]) -> pd.DataFrame:
    return clear_balance(pd.DataFrame(rows), gaps)


def test_sound_arms_show_rounded_differences_and_never_a_count_or_a_mean() -> None:
    got = cleared([difference(ALL), difference("Black", smd_before=-0.1251)], [gap(ALL, 80, 90), gap("Black", 30, 48)])
    assert tuple(got.columns) == BALANCE_COLUMNS
    assert got["smd_before"].tolist() == [0.31, -0.13]
    assert got["smd_after"].tolist() == [0.02, 0.02]
    assert got["rounded_to"].tolist() == [0.01, 0.01]
    assert set(got["mark"]) == {""}
    assert not {"n_least", "attended", "not_attended"} & set(got.columns)


@pytest.mark.parametrize(
    "row",
    [
        gap("Black", 9, 48),
        gap("Black", 48, 9),
        gap("Black", None, None),
        gap("Black", 60, 60, tier="suppressed"),
        gap("Black", 60, 60, measure="gap difference"),
        gap("Black", 60, 60, indicator="trust"),
        gap("Black", 60, 60, wave="2022"),
        gap("Black", 60, 60, main=False),
    ],
)
def test_a_small_arm_or_a_hidden_gap_leaves_one_mark_and_nothing_else(row: dict[str, object]) -> None:
    got = cleared([difference("Black"), difference("Black", answer="Male")], [row])
    assert got["mark"].tolist() == ["[c]"]
    assert got["covariate"].tolist() == [""]
    assert got["largest"].tolist() == [""]
    assert got[["smd_before", "smd_after", "rounded_to"]].isna().all(axis=None)


@pytest.mark.parametrize("after", [0.02, -0.2501, math.nan])
def test_of_an_arm_under_thirty_it_is_not_told_whether_it_could_be_weighted(after: float) -> None:
    """No weights are known where nobody in one arm gave an answer, such as having been stopped by the police."""
    rows = [difference("Black", smd_after=after), difference("Black", answer="Male", smd_after=0.0)]
    got = cleared(rows, [gap("Black", 29, 48)])
    assert got["mark"].tolist() == ["[u]"]
    assert got["largest"].tolist() == [""]
    assert got[["smd_before", "smd_after"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("after", "largest"),
    [(0.02, "under 0.10"), (-0.10, "0.10 to 0.25"), (0.25, "0.10 to 0.25"), (-0.2501, "over 0.25")],
)
def test_what_weighting_left_is_told_in_words(after: float, largest: str) -> None:
    rows = [difference("Black", smd_after=after), difference("Black", answer="Male", smd_after=0.0)]
    got = cleared(rows, [gap("Black", 30, 48)])
    assert set(got["largest"]) == {largest}


def test_a_method_that_weighs_nobody_anew_tells_nothing_of_small_arms_and_nothing_more_of_others() -> None:
    rows = [difference("Black", method="regression", smd_after=0.3141)]
    assert cleared(rows, [gap("Black", 29, 48)])["largest"].tolist() == [""]
    shown = cleared(rows, [gap("Black", 30, 48)]).iloc[0]
    assert (shown["smd_before"], shown["smd_after"], shown["largest"]) == (0.31, 0.31, "over 0.25")
    hidden = cleared([{**rows[0], "n_least": 9}], [gap("Black", 30, 48)]).iloc[0]
    assert (hidden["mark"], hidden["largest"]) == ("[c]", "")
    assert np.isnan(hidden[["smd_before", "smd_after"]].astype(float)).all()


def test_a_small_number_on_one_side_of_an_answer_hides_the_difference_before_and_keeps_the_one_after() -> None:
    got = cleared([difference("Black", least=9), difference("Black", covariate="Area")], [gap("Black", 30, 48)])
    assert got["mark"].tolist() == ["[c]", ""]
    assert np.isnan(got["smd_before"][0])
    assert got["smd_after"][0] == 0.02
    assert cleared([difference("Black", least=np.nan)], [gap("Black", 30, 48)])["mark"].tolist() == ["[c]"]


def test_a_hidden_answer_takes_another_of_its_adjuster_with_it() -> None:
    rows = [
        difference("Black", covariate="Age", answer=answer, least=least)
        for answer, least in (("16 to 34", 4), ("35 to 54", 21), ("55 to 74", 14), ("75 and over", 30))
    ]
    got = cleared(rows, [gap("Black", 60, 60)])
    assert got["mark"].tolist() == ["[c]", "", "[c]", ""]


def test_a_domain_that_the_method_gave_no_weights_has_no_difference_after() -> None:
    got = cleared([difference("Black", smd_after=np.nan)], [gap("Black", 30, 48)]).iloc[0]
    assert got["smd_before"] == 0.31
    assert np.isnan(got["smd_after"])


def test_only_the_first_indicator_of_a_wave_is_kept() -> None:
    rows = [difference("Black"), difference("Black", indicator="trust", smd_before=0.5)]
    got = cleared(rows, [gap("Black", 60, 60), gap("Black", 60, 60, indicator="trust")])
    assert got["indicator"].tolist() == ["conf"]


def survey(counts: Counts) -> tuple[Arms, pd.DataFrame]:
    """Respondents of equal weight, the worst case: an intruder knows every weight."""
    parts = [
        (place, went, yes, number)
        for place, sides in enumerate(counts.values())
        for went, pair in zip((True, False), sides, strict=True)
        for yes, number in zip((True, False), pair, strict=True)
    ]
    repeated = [np.repeat([part[column] for part in parts], [part[3] for part in parts]) for column in range(3)]
    answers = pd.Categorical(np.where(repeated[2], "yes", "no"), ["yes", "no"])
    arms = Arms(repeated[1].astype(bool), np.ones(len(answers)), repeated[0], tuple(counts))
    return arms, pd.DataFrame({"Stopped": answers})


def published(counts: Counts) -> pd.DataFrame:
    arms, covariates = survey(counts)
    table = balance_table(arms, covariates, "group").rename(columns={"smd": "smd_before"})
    by = np.where(table["group"] == ALL, "", "ethnicity")
    frame = table.assign(by=by, method="overlap weights", smd_after=0.0, **NAMED)
    sizes = {name: (sum(sides[0]), sum(sides[1])) for name, sides in counts.items()}
    sizes[ALL] = tuple(map(sum, zip(*sizes.values(), strict=True)))
    gaps = [gap(name, *n, **({"tier": "suppressed"} if min(n) < 10 else {})) for name, n in sizes.items()]
    return clear_balance(frame, gaps).query("answer == 'yes'").set_index("group")


def attendees_that_fit(row: pd.Series, arms: tuple[int, int], yes: int) -> set[int]:
    """Every number of attendees saying yes that fits a published difference, the number of all saying yes known."""
    fits: set[int] = set()
    for first in range(max(0, yes - arms[1]), min(arms[0], yes) + 1):
        p, q = first / arms[0], (yes - first) / arms[1]
        variances = [share * (1 - share) * n / (n - 1) for share, n in ((p, arms[0]), (q, arms[1]))]
        ruler = np.sqrt(sum(variances) / 2)
        smd = (p - q) / ruler if ruler > 0 else np.inf
        if np.isnan(row["smd_before"]) or abs(smd - row["smd_before"]) <= row["rounded_to"] / 2 + 1e-9:
            fits.add(first)
    return fits


def test_an_intruder_who_knows_all_weights_can_solve_only_counts_that_may_be_published() -> None:
    counts: Counts = {"Black": ((12, 28), (15, 45)), "White": ((30, 50), (40, 80)), "Asian": ((8, 32), (20, 40))}
    got = published(counts)
    assert attendees_that_fit(got.loc["Black"], (40, 60), 27) == {12}  # both sides of both arms are 10 or more
    assert got.loc["Asian", "mark"] == "[c]"
    assert len(attendees_that_fit(got.loc["Asian"], (40, 60), 28)) == 29


@pytest.mark.parametrize("asian", [(8, 32), (3, 37), (0, 40)])
def test_what_a_group_hides_cannot_be_had_from_all_respondents_and_the_other_groups(asian: tuple[int, int]) -> None:
    """The other groups are solved exactly, so that all respondents' count is all that stands before the hidden one."""
    counts: Counts = {"Black": ((42, 58), (45, 75)), "White": ((60, 50), (70, 80)), "Asian": (asian, (20, 40))}
    got = published(counts)
    assert got.loc[ALL, "rounded_to"] == 0.1
    assert got.loc["Asian", "mark"] == "[c]"
    black = attendees_that_fit(got.loc["Black"], (100, 120), 87)
    white = attendees_that_fit(got.loc["White"], (110, 150), 130)
    assert (black, white) == ({42}, {60})
    everyone = attendees_that_fit(got.loc[ALL], (250, 330), 237 + asian[0])
    left = {all_of_them - one - two for all_of_them, one, two in product(everyone, black, white)}
    assert asian[0] in left
    assert len(left) >= 5


def test_fewer_respondents_need_a_longer_step_and_few_have_none_of_use() -> None:
    """Arms of 100 and 120: 100 x 120 / 220 = 54.5, a step of 0.2; of 60 and 62: 30.5, none."""
    fewer = published({"Black": ((24, 36), (30, 50)), "Asian": ((5, 35), (20, 20))})
    assert fewer.loc[ALL, "rounded_to"] == 0.2
    assert fewer.loc[ALL, "smd_before"] in {-0.4, -0.2, 0.0}
    few = published({"Black": ((14, 16), (12, 20)), "Asian": ((5, 25), (12, 18))})
    assert few.loc[ALL, "mark"] == "[c]"
    assert np.isnan(few.loc[ALL, "smd_before"])


def test_all_answers_of_an_adjuster_are_rounded_alike_for_all_respondents() -> None:
    rows = [
        difference(group, covariate="Age", answer=answer, least=4 if (group, answer) == ("Asian", "young") else 40)
        for group in (ALL, "Asian", "Black")
        for answer in ("young", "middle", "old")
    ]
    got = cleared(rows, [gap(ALL, 250, 330), gap("Asian", 100, 130), gap("Black", 150, 200)])
    assert got.loc[got["group"] == ALL, "rounded_to"].tolist() == [0.1] * 3
    assert got.loc[got["group"] == ALL, "smd_before"].tolist() == [0.3] * 3


def test_a_coarse_difference_is_measured_with_one_ruler_only() -> None:
    rows = [
        difference(group, method=method, smd_before=before, least=4 if group == "Asian" else 40)
        for method, before in (("overlap weights", 0.32), ("ATT weights", 0.37))
        for group in (ALL, "Asian", "Black")
    ]
    got = cleared(rows, [gap(ALL, 250, 330), gap("Asian", 100, 130), gap("Black", 150, 200)])
    assert got.loc[got["group"] == ALL, "smd_before"].tolist() == [0.3, 0.3]
    assert got.loc[got["group"] == "Black", "smd_before"].tolist() == [0.32, 0.37]


def tenths(group: str, first: list[int], second: list[int]) -> list[dict[str, object]]:
    by = "" if group == ALL else "ethnicity"
    return [
        {
            **NAMED,
            "by": by,
            "group": group,
            "arm": arm,
            "low": place / 10,
            "high": (place + 1) / 10,
            "share": n / sum(ns),
            "n": n,
        }
        for arm, ns in (("attended", first), ("not attended", second))
        for place, n in enumerate(ns)
    ]


def test_bins_of_few_respondents_are_merged_and_empty_ends_stay_empty() -> None:
    """Attendees 0 0 4 7 20 0 10 5 4 0: 11 from .2 to .4, 20, then 10 with the empty tenth before it, 9 join those."""
    rows = tenths("Black", [0, 0, 4, 7, 20, 0, 10, 5, 4, 0], [30, 20, 10, 0, 0, 0, 0, 0, 0, 0])
    got = clear_overlap(pd.DataFrame(rows), [gap("Black", 50, 60)])
    assert tuple(got.columns) == OVERLAP_COLUMNS
    bins = [tuple(row) for row in got[["arm", "low", "high", "share"]].itertuples(index=False)]
    assert bins == [
        ("attended", 0.2, 0.4, 0.22),
        ("attended", 0.4, 0.5, 0.40),
        ("attended", 0.5, 0.9, 0.38),
        ("not attended", 0.0, 0.1, 0.50),
        ("not attended", 0.1, 0.2, 0.33),
        ("not attended", 0.2, 0.3, 0.17),
    ]


@pytest.mark.parametrize(("first", "second", "mark"), [(49, 200, "[u]"), (200, 49, "[u]"), (9, 200, "[c]")])
def test_scores_of_small_arms_are_not_told(first: int, second: int, mark: str) -> None:
    rows = tenths("Black", [0, 0, 0, 30, 20, 0, 0, 0, 0, 0], [0, 0, 0, 30, 30, 0, 0, 0, 0, 0])
    got = clear_overlap(pd.DataFrame(rows), [gap("Black", first, second)])
    assert got["mark"].tolist() == [mark]
    assert got["arm"].tolist() == [""]
    assert got[["low", "high", "share"]].isna().all(axis=None)
    hidden = clear_overlap(pd.DataFrame(rows), [gap("Black", None, None, tier="suppressed")])
    assert hidden["mark"].tolist() == ["[c]"]


def test_a_small_group_without_scores_stands_among_those_that_have_them() -> None:
    """Left out, it would tell that nobody in one of its arms gave an answer, such as having been stopped."""
    rows = tenths("Black", [35], [99])
    gaps = [gap("Mixed", None, None, tier="suppressed"), gap("White", 20, 148), gap("Black", 35, 99)]
    got = clear_overlap(pd.DataFrame(rows), gaps)
    assert got.set_index("group")["mark"].to_dict() == {"Mixed": "[c]", "White": "[u]", "Black": "[u]"}
    assert got["share"].isna().all()


@pytest.mark.parametrize("seed", range(20))
def test_every_published_bin_holds_ten_respondents_and_all_of_them_an_arm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(130, 400))
    arms = Arms(np.arange(n) < 60, rng.uniform(0.2, 3, n), np.zeros(n, dtype=int), (ALL,))
    scores = rng.beta(*rng.uniform(0.5, 4, 2), size=n)
    frame = overlap_histogram({ALL: scores}, arms, "group").assign(by="", **NAMED)
    got = clear_overlap(frame, [gap(ALL, 60, n - 60)])
    for arm, went in (("attended", arms.treated), ("not attended", ~arms.treated)):
        own = got[got["arm"] == arm]
        inside = [
            ((scores[went] >= low) & (scores[went] < high)).sum()
            for low, high in zip(own["low"], own["high"], strict=True)
        ]
        assert min(inside) >= 10
        assert sum(inside) == went.sum()
        assert own["share"].sum() == pytest.approx(1, abs=0.05)


def test_without_rows_there_is_nothing() -> None:
    columns = [*NAMED, "by", "group", "method", "covariate", "answer", "smd_before", "smd_after", "n_least"]
    assert clear_balance(pd.DataFrame(columns=columns), []).empty
    assert clear_overlap(pd.DataFrame(columns=[*NAMED, "by", "group", "arm", "low", "high", "share", "n"]), []).empty
