"""Attendees against others when the truth is known: coverage and false alarms of the intervals, and the raw gap's bias.

Run from the repository: python tests/simulations/attendance.py. Prints two tables and writes them to
attendance_small.csv and attendance_demo.csv beside this file; takes about ten minutes. Seeds are 0, 1, ... a draw.

Small samples: n respondents of whom some attended, four yes/no reasons that move attendance and the answer alike,
weights of design effect 1.3, and a true difference of .10 or 0 for everybody. Demo: the re-run of the synthetic
surveys, raked within ethnic groups, against the population's known effect.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rich.progress import track

import lpact_eval as lp
from lpact_eval.comparison.arms import Roles, ask
from lpact_eval.comparison.tiers import Row
from lpact_eval.comparison.weighted_gap import weighted_gap
from lpact_eval.demo.truth import truth
from lpact_eval.demo.waves import draw_waves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

DRAWS, DEMO_DRAWS = 2000, 500
SMALL = Path(__file__).with_name("attendance_small.csv")
DEMO = Path(__file__).with_name("attendance_demo.csv")
SETTINGS = [(78, 30, 0.10), (78, 30, 0.0), (40, 11, 0.10), (40, 11, 0.0)]  # respondents, of whom attended, true gap
REASONS = ["older", "woman", "stopped", "contact"]
_COMMON, _GOING, _LEANING = [0.4, 0.45, 0.3, 0.35], [0.7, 0.4, -0.7, 0.8], [0.10, 0.05, -0.10, 0.15]
_SPREAD = np.log(1.3) ** 0.5  # standard deviation of the weights' logarithm, for a design effect of 1.3
ITEM, CONFIDENT, GROUPS = "conf_overall", ["strongly agree", "tend to agree"], ["Black", "White"]
ADJUSTERS = ["age_band", "sex", "area_group", "contact_12m", "stopped_12m"]
POPULATION = "leicestershire-2021-by-ethnicity"


def small_sample(rng: Generator, n: int, attend: int, gap: float) -> lp.Sample:
    """Draw respondents of whom exactly so many attended, each with a chance that their reasons give."""
    reasons = rng.random((n, len(REASONS))) < _COMMON
    keen = reasons @ np.array(_GOING) + rng.gumbel(size=n)
    went = np.zeros(n, dtype=bool)
    went[np.argsort(-keen)[:attend]] = True
    confident = rng.random(n) < 0.22 + reasons @ np.array(_LEANING) + gap * went
    columns = {**dict(zip(REASONS, reasons.T, strict=True)), "attended": went, "confident": confident}
    frame = pd.DataFrame({name: pd.Categorical(np.where(yes, "yes", "no")) for name, yes in columns.items()})
    frame["weight"] = np.exp(rng.normal(0, _SPREAD, n))
    return lp.Sample.from_frame(frame, weight="weight")


def small_draw(seed: int, n: int, attend: int, gap: float) -> list[dict[str, object]]:
    """Estimate the gap of one small sample in several ways."""
    sample = small_sample(np.random.default_rng([seed, n, round(100 * gap)]), n, attend, gap)
    adjusted = lp.attendance_gap(sample, "confident", "yes", attended="attended", adjust=REASONS, by=())
    question = ask(sample, Roles("confident", ("yes",), "attended", (), tuple(REASONS)))
    overlap = weighted_gap(question, [Row("All respondents", ("All respondents",))], tilt="overlap")
    usual = lp.regress(sample, f"confident ~ attended + {' + '.join(REASONS)}", variance="taylor").coefficients
    found = {
        "regression": adjusted.estimate.to_frame().iloc[0],
        "overlap weights": overlap.estimate.to_frame().iloc[0],
        "as svyglm": usual.to_frame().set_index("term").loc["attended[T.yes]"],
        "not adjusted": adjusted.raw.to_frame().iloc[0],
    }
    ends = ["estimate", "conf_low", "conf_high", "std_error", "df"]
    return [{"method": method, **{end: row[end] for end in ends}} for method, row in found.items()]


def small_samples(draws: int, settings: Sequence[tuple[int, int, float]] = tuple(SETTINGS)) -> pd.DataFrame:
    """Count coverage and false alarms in every setting; one row a setting and method."""
    tables: list[pd.DataFrame] = []
    for n, attend, gap in settings:
        seeds = track(range(draws), description=f"{n}, {attend}, {gap}", disable=draws < DRAWS)
        drawn = pd.DataFrame([row for seed in seeds for row in small_draw(seed, n, attend, gap)])
        table = summary(drawn.assign(truth=gap), ["method"])
        tables.append(table.assign(n=n, attended=attend)[["n", "attended", *table.columns]])
    return pd.concat(tables, ignore_index=True)


def demo_draw(seed: int, population: Sequence[lp.Margin]) -> list[dict[str, object]]:
    """Draw the re-run, rake it within ethnic groups, and estimate the gap of each group."""
    pair = draw_waves(seed, items=[ITEM])
    rows = (pair.answers["wave"] == "rerun") & pair.answers["ethnicity"].isin(GROUPS)
    kept = ["ethnicity", "recruit_site", "attended", ITEM, *ADJUSTERS]
    frame = pair.answers.loc[rows, kept].reset_index(drop=True)
    frame["ethnicity"] = frame["ethnicity"].cat.remove_unused_categories()
    raked = lp.rake(lp.Sample.from_frame(frame, psu="recruit_site"), population, within="ethnicity", collapse=5)
    found: list[dict[str, object]] = []
    for method in ("regression", "overlap"):
        gap = lp.attendance_gap(raked, ITEM, CONFIDENT, attended="attended", adjust=ADJUSTERS, method=method)
        found += [{"method": gap.method, **row} for row in gap.estimate.to_frame().to_dict("records")]
        if method == "regression":
            found += [{"method": "not adjusted", **row} for row in gap.raw.to_frame().to_dict("records")]
    return [row for row in found if row["ethnicity"] in GROUPS]


def demo(draws: int, *, first_seed: int = 0) -> pd.DataFrame:
    """Count how often the known effect lies in the interval; one row a method, group and meaning of the effect."""
    known, population = truth(ITEM), lp.read_population(POPULATION)
    seeds = track(range(first_seed, first_seed + draws), description="demo", disable=draws < DEMO_DRAWS)
    drawn = pd.DataFrame([row for seed in seeds for row in demo_draw(seed, population)]).astype({"ethnicity": str})
    tables: list[pd.DataFrame] = []
    for name, effect in (("everybody", known.effect), ("overlap", known.effect_in_overlap)):
        table = summary(drawn.assign(truth=drawn["ethnicity"].map(dict(effect))), ["method", "ethnicity"])
        tables.append(table.assign(effect=name)[["effect", *table.columns]])
    return pd.concat(tables, ignore_index=True)


def summary(drawn: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Summarise draws: coverage, false alarms where nothing is there, bias, with Monte Carlo errors."""
    return pd.DataFrame(
        [dict(zip(by, names, strict=True)) | _row(rows) for names, rows in drawn.groupby(list(by), sort=False)]
    )


def _row(rows: pd.DataFrame) -> dict[str, object]:
    """Summarise the draws of one method."""
    given = rows[rows["estimate"].notna() & rows["conf_low"].notna()]
    if given.empty:
        return {"truth": rows["truth"].iloc[0], "draws": len(rows), "refused": len(rows)}
    known = given["truth"]
    covered = float(((given["conf_low"] <= known) & (known <= given["conf_high"])).mean())
    error = given["estimate"] - known
    alarms = float(((given["conf_low"] > 0) | (given["conf_high"] < 0)).mean())
    nothing = bool((known == 0).all())
    return {
        "truth": known.iloc[0],
        "draws": len(rows),
        "refused": len(rows) - len(given),
        "coverage": covered,
        "coverage_mc_error": np.sqrt(covered * (1 - covered) / len(given)),
        "false_alarms": alarms if nothing else np.nan,
        "false_alarms_mc_error": np.sqrt(alarms * (1 - alarms) / len(given)) if nothing else np.nan,
        "bias": error.mean(),
        "bias_mc_error": error.std() / np.sqrt(len(given)),
        "standard_deviation": error.std(),
        "mean_std_error": given["std_error"].mean(),
        "median_width": (given["conf_high"] - given["conf_low"]).median(),
        "median_df": given["df"].median(),
    }


if __name__ == "__main__":
    for make, draws, path in ((demo, DEMO_DRAWS, DEMO), (small_samples, DRAWS, SMALL)):
        made = make(draws).round(4)
        made.to_csv(path, index=False, lineterminator="\n")
        print(made.round(3).to_string(index=False))
