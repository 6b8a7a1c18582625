"""Change between waves: hand-worked, against the engine's parts, and each refusal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import lpact_eval as lp
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.sample import Variable


def two_waves(*counts: tuple[str, str, int, int], codebook: dict[str, Variable] | None = None) -> lp.Sample:
    """Respondents by wave and group: confident and not."""
    rows = [
        {"wave": wave, "ethnicity": group, "answer": answer}
        for wave, group, yes, no in counts
        for answer in ["agree"] * yes + ["disagree"] * no
    ]
    frame = pd.DataFrame(rows)
    waves = [lp.Sample.from_frame(part.drop(columns="wave")) for _, part in frame.groupby("wave", sort=True)]
    return replace(lp.stack(waves, sorted(set(frame["wave"]))), codebook=codebook or {})


def newcombe_by_hand(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """Newcombe's interval with Student's t and the Bell-McCaffrey degrees of freedom of two unweighted shares.

    With weights of 1, HC2 gives each share s^2/n, so the effective n is n - 1 and the degrees of freedom are Welch's
    under equal variances: (1/n1 + 1/n2)^2 / (1/(n1^2 (n1 - 1)) + 1/(n2^2 (n2 - 1))).
    """
    df = (1 / n1 + 1 / n2) ** 2 / (1 / (n1**2 * (n1 - 1)) + 1 / (n2**2 * (n2 - 1)))
    q = stats.t.ppf(0.975, df)

    def wilson(x: int, n: int) -> tuple[float, float, float]:
        p, base = x / n, n - 1
        centre = (p + q**2 / (2 * base)) / (1 + q**2 / base)
        half = q * np.sqrt(p * (1 - p) / base + q**2 / (4 * base**2)) / (1 + q**2 / base)
        return p, centre - half, centre + half

    p1, low1, high1 = wilson(x1, n1)
    p2, low2, high2 = wilson(x2, n2)
    change = p2 - p1
    return change - np.hypot(p2 - low2, high1 - p1), change + np.hypot(high2 - p2, p1 - low1)


def test_an_unweighted_change_is_newcombes_interval() -> None:
    sample = two_waves(("2022", "Black", 20, 30), ("rerun", "Black", 60, 40))
    change = lp.wave_change(sample, "answer", "agree", level="rerun", minus="2022").only()
    low, high = change.estimate.confint()
    np.testing.assert_allclose(change.estimate.value, [0.2], rtol=1e-12)
    np.testing.assert_allclose([low[0], high[0]], newcombe_by_hand(20, 50, 60, 100), rtol=1e-9)
    assert change.bases[["n_first", "n_second"]].to_numpy().tolist() == [[50, 100]]


def test_the_p_value_is_below_five_per_cent_just_when_the_interval_leaves_out_zero() -> None:
    for confident in range(20, 50):
        sample = two_waves(("2022", "Black", 20, 30), ("rerun", "Black", confident, 50 - confident))
        change = lp.wave_change(sample, "answer", "agree", level="rerun", minus="2022").only()
        low, high = change.estimate.confint()
        assert (change.test["p_value"].iloc[0] < 0.05) == (low[0] > 0 or high[0] < 0)


def test_small_bases_are_refused_and_the_others_are_not() -> None:
    sample = two_waves(
        ("2022", "Black", 20, 30), ("rerun", "Black", 60, 40), ("2022", "Mixed", 6, 8), ("rerun", "Mixed", 30, 30)
    )
    change = lp.wave_change(sample, "answer", "agree", level="rerun", minus="2022").only()
    assert change.refused == ("", "fewer than 15 answers in a wave")
    assert np.isnan(change.estimate.value[1])
    assert np.isnan(change.test["p_adjusted"].iloc[1])
    assert change.test["p_adjusted"].iloc[0] == change.test["p_value"].iloc[0]


def test_few_effective_answers_and_wide_intervals_are_flagged() -> None:
    sample = two_waves(("2022", "Black", 10, 12), ("rerun", "Black", 12, 10))
    flags = lp.wave_change(sample, "answer", "agree", level="rerun", minus="2022").only().flags[0]
    assert "fewer than 30 effective answers in a wave" in flags
    assert "wider than 15 points" in flags


def test_the_detectable_change_is_the_planning_modules() -> None:
    sample = two_waves(("2022", "Black", 20, 30), ("rerun", "Black", 60, 40))
    change = lp.wave_change(sample, "answer", "agree", level="rerun", minus="2022").only()
    df = (1 / 50 + 1 / 100) ** 2 / (1 / (50**2 * 49) + 1 / (100**2 * 99))
    plan = lp.detectable_change(baseline=0.4, n_first=49, n_second=99, df=df)
    np.testing.assert_allclose(change.detectable, [plan.change], rtol=1e-9)


def test_a_question_that_cannot_be_compared_is_refused_with_its_reason() -> None:
    item = Variable("answer", "Confidence", comparable={"2022": "full", "rerun": "none"}, reason={"rerun": "4 points"})
    sample = two_waves(("2022", "Black", 20, 30), ("rerun", "Black", 60, 40), codebook={"answer": item})
    with pytest.raises(EstimationError, match=r"it can't be compared in rerun: 4 points"):
        lp.wave_change(sample, "answer", "agree", level="rerun", minus="2022")


def test_a_partly_comparable_question_carries_its_flag() -> None:
    item = Variable("answer", "Confidence", positive=("agree",), comparable={"2022": "full", "rerun": "partial"})
    sample = two_waves(("2022", "Black", 20, 30), ("rerun", "Black", 60, 40), codebook={"answer": item})
    change = lp.wave_change(sample, "answer", level="rerun", minus="2022").only()
    assert change.comparable == "partial"
    assert "only partly the same" in change.flags[0]


def test_without_answers_and_schema_nothing_is_guessed() -> None:
    sample = two_waves(("2022", "Black", 20, 30), ("rerun", "Black", 60, 40))
    with pytest.raises(WrongUseError, match="the schema names no favourable answers"):
        lp.wave_change(sample, "answer", level="rerun", minus="2022").only()


def test_few_recruitment_sites_are_refused() -> None:
    frame = pd.DataFrame({"answer": ["agree", "disagree"] * 40, "site": [1, 2, 3, 4] * 20, "ethnicity": "Black"})
    wave = lp.Sample.from_frame(frame, psu="site")
    change = lp.wave_change(lp.stack([wave, wave], ["a", "b"]), "answer", "agree", level="b", minus="a").only()
    assert "fewer than 5 recruitment sites in a wave" in change.refused[0]


def test_a_panel_is_sent_to_the_functions_that_keep_its_covariance() -> None:
    wave = lp.Sample.from_frame(pd.DataFrame({"answer": ["agree", "disagree"] * 20}))
    with pytest.raises(EstimationError, match="they are a panel"):
        lp.wave_change(lp.stack([wave, wave], ["a", "b"], panel=True), "answer", "agree", level="b", minus="a", by=())
