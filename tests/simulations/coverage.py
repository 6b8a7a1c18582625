"""Do the intervals cover? 500 simulated pairs of waves, raked, estimated and compared, against the known truth.

Run from the repository: python tests/simulations/coverage.py. Prints the table and writes it to coverage.csv beside
this file; takes about half a minute. Seeds are 0 to 499, one a pair.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import track

import lpact_eval as lp
from lpact_eval.demo.truth import truth
from lpact_eval.demo.waves import draw_waves

PAIRS = 500
RESULT = Path(__file__).with_name("coverage.csv")
ITEM, CONFIDENT = "conf_overall", ["strongly agree", "tend to agree"]
GROUPS = ["Black", "White"]
POPULATION = "leicestershire-2021-by-ethnicity"
WAVES = ["2022", "rerun"]
SMALLEST = 5  # categories with fewer respondents are merged with a neighbour before raking


def changes_of_pair(seed: int, population: Sequence[lp.Margin]) -> pd.DataFrame:
    """Draw one pair of waves, rake each within ethnic groups, and estimate the change of each group."""
    pair = draw_waves(seed, items=[ITEM])
    raked: list[lp.Sample] = []
    for wave in WAVES:
        rows = (pair.answers["wave"] == wave) & pair.answers["ethnicity"].isin(GROUPS)
        frame = pair.answers.loc[rows, ["ethnicity", "age_band", "sex", "area_group", "recruit_site", ITEM]].copy()
        frame["ethnicity"] = frame["ethnicity"].cat.remove_unused_categories()
        sample = lp.Sample.from_frame(frame, psu="recruit_site")
        raked.append(lp.rake(sample, population, within="ethnicity", collapse=SMALLEST))
    confident = lp.proportion(lp.stack(raked, WAVES), ITEM, CONFIDENT, by=["wave", "ethnicity"])
    change = lp.difference(confident, "wave", "rerun", minus="2022").to_frame()
    return change.assign(seed=seed)


def coverage(pairs: int, *, first_seed: int = 0) -> pd.DataFrame:
    """Simulate pairs of waves and count how often the interval of the change covers the truth.

    Parameters
    ----------
    pairs : int
    first_seed : int, default 0

    Returns
    -------
    DataFrame
        One row an ethnic group: truth, pairs, refused, coverage and its Monte-Carlo standard error, share of intervals
        wholly below and wholly above the truth, bias and its Monte-Carlo standard error, standard deviation of the
        estimates, mean standard error, mean width of the interval, median degrees of freedom.
    """
    population = lp.read_population(POPULATION)
    seeds = range(first_seed, first_seed + pairs)
    drawn = pd.concat([changes_of_pair(seed, population) for seed in track(seeds, disable=pairs < PAIRS)])
    known = truth(ITEM).change
    return pd.DataFrame([_row(drawn[drawn["ethnicity"] == group], group, known[group]) for group in GROUPS])


def _row(change: pd.DataFrame, group: str, known: float) -> dict[str, object]:
    """Summarise one group."""
    given = change[change["estimate"].notna() & change["conf_low"].notna()]
    below, above = float((given["conf_high"] < known).mean()), float((given["conf_low"] > known).mean())
    covered = 1 - below - above
    error = given["estimate"] - known
    return {
        "ethnicity": group,
        "truth": known,
        "pairs": len(change),
        "refused": len(change) - len(given),
        "coverage": covered,
        "coverage_mc_error": np.sqrt(covered * (1 - covered) / len(given)),
        "wholly_below": below,
        "wholly_above": above,
        "bias": error.mean(),
        "bias_mc_error": error.std() / np.sqrt(len(given)),
        "standard_deviation": error.std(),
        "mean_std_error": given["std_error"].mean(),
        "mean_width": (given["conf_high"] - given["conf_low"]).mean(),
        "median_df": given["df"].median(),
    }


if __name__ == "__main__":
    table = coverage(PAIRS).round(4)
    table.to_csv(RESULT, index=False, lineterminator="\n")
    print(table.T.to_string(header=False))
