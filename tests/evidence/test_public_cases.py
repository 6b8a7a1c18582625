"""Agreement, prevalence, saturation and co-occurrence equal the public method case 08, where it is at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.estimation.intervals import wilson
from lpact_eval.evidence.coefficients import krippendorff
from lpact_eval.evidence.cooccurrence import fisher, pairs_of
from lpact_eval.evidence.theme_shares import shares_by_event

FOLDER = Path(os.environ.get("LPACT_METHOD_CASES", "absent"))
RTOL = 1e-8
pytestmark = pytest.mark.skipif(
    not (FOLDER / "08_text.json").is_file(), reason="set LPACT_METHOD_CASES to the folder of the public method cases"
)


@pytest.fixture(scope="module")
def case() -> dict[str, Any]:
    return json.loads((FOLDER / "08_text.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "ref_ratings.csv")[["A", "B", "C"]]


@pytest.fixture(scope="module")
def raised(case: dict[str, Any]) -> np.ndarray:
    return np.array(case["saturation"]["incidence_rows_themes_cols_events"])


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval"])
def test_krippendorff(case: dict[str, Any], ratings: pd.DataFrame, scale: str) -> None:
    assert lp.agreement(ratings, scale=scale).value[0] == pytest.approx(case["krippendorff"][scale], rel=RTOL)


def test_krippendorff_of_one_theme(case: dict[str, Any], ratings: pd.DataFrame) -> None:
    found = lp.agreement(ratings, themes=True, draws=1)
    place = found.labels["theme"].tolist().index("0")
    assert found.value[place] == pytest.approx(case["krippendorff_theme0_binary"], rel=RTOL)
    coders = ratings.notna().sum(axis=1)
    yes = (ratings == 0).sum(axis=1)[coders > 1].to_numpy(dtype=float)
    counts = np.column_stack([coders[coders > 1] - yes, yes])
    alpha = krippendorff(counts, np.ones((1, len(counts))), scale="nominal", scores=np.arange(2.0))
    assert alpha[0] == pytest.approx(case["krippendorff_theme0_binary"], rel=RTOL)


def test_kappa_and_ac1(case: dict[str, Any], ratings: pd.DataFrame) -> None:
    kappa = lp.agreement(ratings[["A", "B"]], method="kappa")
    assert kappa.value[0] == pytest.approx(case["cohen_AB"]["kappa"], rel=RTOL)
    assert kappa.std_error[0] == pytest.approx(case["cohen_AB"]["se"], rel=RTOL)
    ac1 = lp.agreement(ratings[["A", "B"]], method="ac1")
    assert ac1.value[0] == pytest.approx(case["gwet_ac1_AB"], rel=RTOL)


@pytest.mark.parametrize(("k", "n", "name"), [(7, 20, "7 of 20"), (0, 15, "0 of 15"), (15, 15, "15 of 15")])
def test_prevalence(case: dict[str, Any], k: int, n: int, name: str) -> None:
    one = np.ones(1)
    limits = wilson(one * k / n, one * n, one * np.inf, level=0.95, variance=one)
    np.testing.assert_allclose(np.ravel(limits), case["prevalence_wilson"][name], rtol=RTOL, atol=1e-12)
    if k in {0, n}:
        said = np.arange(n)[:, None] < k
        found = shares_by_event(said, np.arange(n), (np.zeros(n, dtype=np.intp), 1))
        limits = found[["low", "high"]].to_numpy().ravel()
        np.testing.assert_allclose(limits, case["prevalence_wilson"][name], rtol=RTOL, atol=1e-12)


def test_saturation(case: dict[str, Any], raised: np.ndarray) -> None:
    found = lp.theme_richness(pd.DataFrame(raised))
    expected = case["saturation"]
    assert found.themes == pytest.approx(expected["chao2_bc"], rel=RTOL)
    assert found.coverage == pytest.approx(expected["coverage_chao_jost"], rel=RTOL)
    assert found.events["found"].tolist() == expected["new_themes_by_event"]
    np.testing.assert_allclose(found.events["expected"], expected["rarefaction_expected"], rtol=RTOL)


def test_cooccurrence(case: dict[str, Any], raised: np.ndarray) -> None:
    """Themes 1 and 5 of six events; five copies of each event pass the lower limit and leave Jaccard and lift alone."""
    one, five = raised[0].astype(bool), raised[4].astype(bool)
    pairs = pairs_of(np.tile(np.column_stack([one, five]), (5, 1)))
    expected = case["cooccurrence"]
    assert pairs.both[0] / pairs.either[0] == pytest.approx(expected["jaccard_1_5"], rel=RTOL)
    assert pairs.lift[0] == pytest.approx(expected["lift_1_5"], rel=RTOL)
    both, first, second = (np.array([float(table.sum())]) for table in (one & five, one, five))
    assert fisher(both, first, second, one.size)[0] == pytest.approx(expected["fisher_p"], rel=RTOL)
