"""False alarms of the before-after comparison of areas where nothing happened, by what is taken to move on its own.

Run from the repository: python tests/simulations/area_change.py. Prints the table and writes it to area_change.csv
beside this file; takes about five minutes. Seeds are 0, 1, ... a draw.

Nine areas of unequal size, some of them drawn as event areas, two waves of 300 volunteers each, recruited at three
sites an area and wave, weights of design effect 1.3. Whether somebody is confident depends on the area (5 % of the
latent variance), the area in that wave (intra-class correlation 0, .02 or .05), the site (2 %) and chance. No area had
events that mattered: every interval that leaves out 0 is a false alarm.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rich.progress import track

import lpact_eval as lp
from lpact_eval.comparison.area_design import AREA, RESPONDENT, SITE, AreaDesign, area_design, asked_of
from lpact_eval.comparison.tiers import FEWEST_DF, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

DRAWS = 1000
RESULT = Path(__file__).with_name("area_change.csv")
SIZES = np.array([0.26, 0.14, 0.13, 0.11, 0.1, 0.09, 0.07, 0.06, 0.04])  # shares of the areas among respondents
EACH = 300  # respondents a wave
SETTINGS = [*((exposed, icc) for exposed in (4, 3, 2) for icc in (0.0, 0.02, 0.05)), (1, 0.02)]  # event areas, ICC
AREA_SHARE, SITE_SHARE = 0.05, 0.02
EVERYBODY = [Row("All respondents", ("All respondents",))]
_SPREAD = np.log(1.3) ** 0.5  # standard deviation of the weights' logarithm, for a design effect of 1.3


def drawn_sample(rng: Generator, exposed: int, icc: float) -> lp.Sample:
    """Draw two waves in which nothing but chance moves areas apart."""
    event = rng.permutation(SIZES.size) < exposed
    level = rng.normal(0, AREA_SHARE**0.5, SIZES.size)
    moved = rng.normal(0, icc**0.5, (2, SIZES.size))
    place = rng.normal(0, SITE_SHARE**0.5, (2, SIZES.size, 3))
    wave = np.repeat([0, 1], EACH)
    area, site = rng.choice(SIZES.size, 2 * EACH, p=SIZES), rng.integers(0, 3, 2 * EACH)
    latent = level[area] + moved[wave, area] + place[wave, area, site]
    rest = (1 - AREA_SHARE - icc - SITE_SHARE) ** 0.5
    confident = latent + rng.normal(0, rest, 2 * EACH) > 0.2 - 0.1 * wave
    frame = pd.DataFrame(
        {
            "wave": pd.Categorical.from_codes(wave, ["2022", "rerun"], ordered=True),
            "area": pd.Categorical.from_codes(area, [f"area {code}" for code in range(SIZES.size)]),
            "site": (wave * SIZES.size + area) * 3 + site,
            "event_area": pd.Categorical(np.where(event[area], "yes", "no")),
            "confident": pd.Categorical(np.where(confident, "yes", "no")),
            "weight": np.exp(rng.normal(0, _SPREAD, 2 * EACH)),
        }
    )
    return lp.Sample.from_frame(frame, weight="weight", psu="site")


def designs(sample: lp.Sample) -> dict[str, AreaDesign]:
    """Set out the comparison by area, as it is and each area against itself, by site and by respondent."""
    names = {"exposed": "event_area", "wave": "wave", "areas": "area", "by": ()}
    plain, own = (
        area_design(sample, asked_of(sample, "confident", "yes", adjust=adjust, **names), "rerun", "2022")
        for adjust in ((), ("area",))
    )
    return {
        "area": plain.clustered(AREA),
        "area, each against itself": own.clustered(AREA),
        "site": plain.clustered(SITE),
        "respondent": plain.clustered(RESPONDENT),
    }


def one_draw(seed: int, exposed: int, icc: float) -> list[dict[str, object]]:
    """Estimate one draw by every kind of unit."""
    sample = drawn_sample(np.random.default_rng([seed, exposed, round(100 * icc)]), exposed, icc)
    found: list[dict[str, object]] = []
    for units, design in designs(sample).items():
        row = design.estimate(EVERYBODY, "rerun", "2022").to_frame().iloc[0]
        found.append(
            {"units": units, **{name: row[name] for name in ("estimate", "std_error", "conf_low", "conf_high", "df")}}
        )
    return found


def simulated(
    draws: int, settings: Sequence[tuple[int, float]] = tuple(SETTINGS), *, first_seed: int = 0
) -> pd.DataFrame:
    """Count false alarms in every setting; one row a setting and kind of unit."""
    tables: list[dict[str, object]] = []
    for exposed, icc in settings:
        seeds = track(range(first_seed, first_seed + draws), description=f"{exposed}, {icc}", disable=draws < DRAWS)
        drawn = pd.DataFrame([row for seed in seeds for row in one_draw(seed, exposed, icc)])
        tables += [
            {"event_areas": exposed, "icc": icc, "units": units, **_row(rows)}
            for units, rows in drawn.groupby("units", sort=False)
        ]
    return pd.DataFrame(tables)


def _row(rows: pd.DataFrame) -> dict[str, object]:
    """Summarise the draws of one kind of unit; alarms with a p value are those from 4 degrees of freedom on."""
    given = rows[rows["conf_low"].notna()]
    alarm = (given["conf_low"] > 0) | (given["conf_high"] < 0)
    alarms, tested = float(alarm.mean()), given["df"] >= FEWEST_DF
    return {
        "draws": len(rows),
        "false_alarms": alarms,
        "mc_error": np.sqrt(alarms * (1 - alarms) / len(given)),
        "with_p_value": float(tested.mean()),
        "false_alarms_with_p_value": float((alarm & tested).mean()),
        "standard_deviation": given["estimate"].std(),
        "mean_std_error": given["std_error"].mean(),
        "median_width": (given["conf_high"] - given["conf_low"]).median(),
        "median_df": given["df"].median(),
    }


if __name__ == "__main__":
    made = simulated(DRAWS)
    made.round(4).to_csv(RESULT, index=False, lineterminator="\n")
    print(made.round(3).to_string(index=False))
