"""The whole job on two real Crime Survey waves, against R survey's rules worked out by another route."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data" / "crime-survey"
FILES = {"csew-2007": "bcs_2007_8_teaching_data_unrestricted.dta", "csew-2013": "csew1314teachingopen.dta"}
COLUMNS = {"csew-2007": ("walkdark", "ethgrp2", "tcindwt"), "csew-2013": ("walkdark", "ethgrp2a", "IndivWgtx")}
GROUPS = {1: "White", 2: "Mixed", 3: "Asian", 4: "Black", 5: "Other"}

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the Crime Survey files are not at ../shared/data/crime-survey"),
]


@pytest.fixture(scope="module")
def results() -> lp.Results:
    plan = lp.read_plan(HERE / "plan.toml")
    return lp.run_plan(plan, answers={wave: DATA / file for wave, file in FILES.items()})


def changes_by_hand() -> pd.DataFrame:
    """Difference of weighted means by group with the variance n/(n-1) sum of u^2 over all respondents of a wave.

    This is R survey's domain estimation (svymean of a subset of svydesign(ids = ~1, strata = ~wave)).
    """
    levels: dict[tuple[str, str], tuple[float, float]] = {}
    for wave, file in FILES.items():
        item, ethnicity, weight = COLUMNS[wave]
        frame = pd.read_stata(DATA / file, convert_categoricals=False)
        frame = frame[frame[weight].notna()]
        w, n = frame[weight].to_numpy(dtype=float), len(frame)
        for code, group in GROUPS.items():
            inside = (frame[ethnicity] == code) & frame[item].isin([1, 2, 3, 4])
            y = frame[item].isin([1, 2]).to_numpy(dtype=float)
            mass = w * inside
            share = (mass * y).sum() / mass.sum()
            u = mass * (y - share) / mass.sum()
            levels[wave, group] = share, n / (n - 1) * np.square(u - u.mean()).sum()
    rows = {
        group: (
            levels["csew-2013", group][0] - levels["csew-2007", group][0],
            np.sqrt(levels["csew-2013", group][1] + levels["csew-2007", group][1]),
        )
        for group in GROUPS.values()
    }
    return pd.DataFrame(rows, index=["change", "std_error"]).T


def test_the_changes_are_r_surveys(results: lp.Results) -> None:
    waves = [lp.read_wave(wave, surveys=HERE / "surveys", answers=DATA / file) for wave, file in FILES.items()]
    by = ["wave", "ethnicity"]
    safe = lp.proportion(lp.stack(waves), "walkdark", ["very safe", "fairly safe"], by=by, variance="taylor")
    found = lp.difference(safe, "wave", "csew-2013", minus="csew-2007").to_frame().set_index("ethnicity")
    expected = changes_by_hand().loc[found.index]
    np.testing.assert_allclose(found["estimate"], expected["change"], rtol=1e-10)
    np.testing.assert_allclose(found["std_error"], expected["std_error"], rtol=1e-8)
    rows = results.rows[results.rows["main"].astype(bool)]
    rows = rows[(rows["indicator"] == "safe") & (rows["measure"] == "change")]
    by_group = rows.set_index("group")["estimate"]
    np.testing.assert_allclose(by_group[found.index], expected["change"], rtol=1e-10)


def test_every_group_has_a_change_with_an_interval(results: lp.Results) -> None:
    rows = results.rows[results.rows["main"].astype(bool)]
    rows = rows[(rows["indicator"] == "safe") & (rows["measure"] == "change")]
    assert set(rows["group"]) == {"All respondents", *GROUPS.values()}
    assert rows[["estimate", "conf_low", "conf_high"]].notna().all().all()


def test_the_page_is_written_and_the_people_are_not_called_synthetic(results: lp.Results, tmp_path: Path) -> None:
    paths = lp.write_release(lp.publish(results), tmp_path / "release", formats=["html", "xlsx"])
    page = next(path for path in paths if path.suffix == ".html").read_text(encoding="utf-8")
    assert "Feeling safe walking alone after dark" in page
    assert "synthetic" not in page.casefold()
