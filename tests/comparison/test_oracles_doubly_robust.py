"""Doubly robust differences against the formulas written out in R, and the replicates of R survey."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.comparison.arms import Roles, ask
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.doubly_robust import doubly_robust
from lpact_eval.comparison.tiers import Row

if TYPE_CHECKING:
    from lpact_eval.comparison.adjusted import Adjusted

ORACLE = Path(__file__).parents[1] / "oracles" / "doubly_robust"
RTOL = 1e-8  # both solve their scores to the rounding error; fitted values at a limit of 0 or 1 reach it to 1e-10
GROUPS = (ALL, "Asian", "Black", "White")
ROWS = [*(Row(name, (name,)) for name in GROUPS), Row("Black - White", ("Black", "White"))]
REPLICATES = ("rows", "sites", "weights")


@cache
def expected() -> dict[tuple[str, str, str], float]:
    table = pd.read_csv(ORACLE / "expected.csv", comment="#", keep_default_na=False)
    keys = zip(table["outcome"], table["group"].replace("", ALL), table["quantity"], strict=True)
    return dict(zip(keys, table["value"].astype(float), strict=True))


@cache
def adjusted(outcome: str, estimand: str, replicates: str) -> Adjusted:
    frame = pd.read_csv(ORACLE / "data.csv", comment="#")
    weights = pd.read_csv(ORACLE / "weights.csv", comment="#")
    at = lp.Sample.from_frame(frame.join(weights), weight="weight", psu="site" if replicates == "sites" else None)
    if replicates == "weights":
        at = lp.with_replicate_weights(at, list(weights.columns), method="bootstrap")
    else:
        at = lp.replicate(at, method="jackknife")
    answer = ("1",) if outcome == "confident" else None
    roles = Roles(outcome, answer, "attended", ("ethnicity",), ("age_band", "sex", "years_here"))
    return doubly_robust(ask(at, roles), ROWS, estimand=estimand)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("estimand", ["ate", "att"])
@pytest.mark.parametrize("outcome", ["confident", "score"])
def test_estimates_and_means_equal_the_formulas_in_r(outcome: str, estimand: str, group: str) -> None:
    found = adjusted(outcome, estimand, "rows")
    value = found.estimate.value[GROUPS.index(group)]
    np.testing.assert_allclose(value, expected()[outcome, group, estimand], rtol=RTOL)
    theirs = [expected()[outcome, group, f"{estimand}_{arm}"] for arm in ("attended", "others")]
    np.testing.assert_allclose(found.means[group], theirs, rtol=RTOL)


@pytest.mark.parametrize("replicates", REPLICATES)
@pytest.mark.parametrize("estimand", ["ate", "att"])
@pytest.mark.parametrize("outcome", ["confident", "score"])
def test_standard_errors_equal_those_of_replicates_in_r(outcome: str, estimand: str, replicates: str) -> None:
    found = adjusted(outcome, estimand, replicates).estimate
    theirs = [expected()[outcome, row.name, f"{estimand}_{replicates}"] for row in ROWS]
    np.testing.assert_allclose(found.std_error, theirs, rtol=RTOL)


@pytest.mark.parametrize("group", GROUPS)
def test_the_truncated_scores_are_counted(group: str) -> None:
    found = adjusted("confident", "ate", "rows")
    members = int(np.isfinite(found.scores[group]).sum())
    cut = int(expected()["confident", group, "truncated"])
    assert found.notes[group][0] == f"{cut} of {members} scores truncated to 0.025-0.975"


def test_some_scores_are_truncated_and_one_arm_is_modelled_linearly() -> None:
    assert max(expected()["confident", group, "truncated"] for group in GROUPS) > 2
    notes = adjusted("confident", "ate", "rows").notes["Asian"]
    assert "linear model of the answers of those who did not attend: too few of a kind for a logistic one" in notes
