"""Changes of three items by five ethnic groups between two real Crime Survey waves, against R survey's rule by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data" / "crime-survey"
FILES = {"csew-2007": "bcs_2007_8_teaching_data_unrestricted.dta", "csew-2013": "csew1314teachingopen.dta"}
DESIGN = {"csew-2007": ("ethgrp2", "tcindwt"), "csew-2013": ("ethgrp2a", "IndivWgtx")}
ITEMS = {"walkdark": ("walkdark", (1, 2)), "walkday": ("walkday", (1, 2)), "burglary_worry": ("wburgl", (3, 4))}
GROUPS = {1: "White", 2: "Mixed", 3: "Asian", 4: "Black", 5: "Other"}
ROWS = ("as collected", "standardised", "balanced")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the Crime Survey files are not at ../shared/data/crime-survey"),
]


@cache
def sample() -> lp.Sample:
    waves = [lp.read_wave(wave, surveys=HERE / "surveys", answers=DATA / file) for wave, file in FILES.items()]
    return lp.stack(waves)


@cache
def delivered(wave: str) -> pd.DataFrame:
    columns = [column for column, _ in ITEMS.values()]
    return pd.read_stata(DATA / FILES[wave], convert_categoricals=False, columns=[*columns, *DESIGN[wave]])


def level_by_hand(wave: str, item: str, code: int) -> tuple[float, float, int]:
    """Weighted share, its variance n/(n-1) sum of u^2 over the whole wave, and answers: R's svymean(subset)."""
    column, counted = ITEMS[item]
    ethnicity, weight = DESIGN[wave]
    frame = delivered(wave)[delivered(wave)[weight].notna()]
    w, n = frame[weight].to_numpy(dtype=float), len(frame)
    inside = ((frame[ethnicity] == code) & frame[column].isin([1, 2, 3, 4])).to_numpy()
    mass = w * inside
    y = frame[column].isin(counted).to_numpy(dtype=float)
    share = (mass * y).sum() / mass.sum()
    u = mass * (y - share) / mass.sum()
    return share, n / (n - 1) * np.square(u - u.mean()).sum(), int((inside & (w > 0)).sum())


@pytest.mark.parametrize("item", ITEMS)
def test_every_group_s_change_is_r_surveys(item: str) -> None:
    change = lp.wave_change(sample(), item, level="csew-2013", minus="csew-2007")
    row = change.only("as collected")
    shares = lp.proportion(
        sample(), item, list(sample().codebook[item].positive), by=["wave", "ethnicity"], variance="taylor"
    )
    moved = lp.difference(shares, "wave", "csew-2013", minus="csew-2007")
    bases = row.bases.assign(ethnicity=list(row.estimate.labels["ethnicity"])).set_index("ethnicity")
    for code, group in GROUPS.items():
        first, second = (level_by_hand(wave, item, code) for wave in FILES)
        np.testing.assert_allclose(row.estimate.select(ethnicity=group).value, [second[0] - first[0]], rtol=1e-9)
        np.testing.assert_allclose(moved.select(ethnicity=group).std_error, [np.sqrt(first[1] + second[1])], rtol=1e-8)
        assert tuple(bases.loc[group, ["n_first", "n_second"]]) == (first[2], second[2])


def test_the_three_rows_stand_for_every_large_group() -> None:
    change = lp.wave_change(
        sample(),
        "walkdark",
        level="csew-2013",
        minus="csew-2007",
        alike=["sex", "age_band"],
        standardise={"sex": {"Female": 51, "Male": 49}},
    )
    for group in ("White", "Asian", "Black"):
        rows = change.estimate.select(ethnicity=group)
        assert tuple(rows.labels["row"]) == ROWS
        assert np.isfinite(rows.value).all()


def test_a_decomposition_by_age_sums_to_the_change() -> None:
    parts = lp.decompose_change(sample(), "walkdark", group="age_band", level="csew-2013", minus="csew-2007")
    assert abs(parts.value[0] + parts.value[1] - parts.value[2]) < 1e-12
