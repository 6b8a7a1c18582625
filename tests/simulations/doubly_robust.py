"""Coverage and false alarms of the doubly robust difference between attendees and others in small surveys.

Run from the repository: python tests/simulations/doubly_robust.py. Draws 500 surveys a setting, prints the table and
writes it to doubly_robust.csv beside this file. About 12 minutes.

Four yes/no adjusters shape both attendance and the answer (the raw difference is about .06 too large), weights are
log-normal with a design effect of 1.3, and attendance adds the same to everybody's chance of being confident. With
sites, a site's share is beta-distributed so that the intra-cluster correlation is .05, and attendance differs between
sites. Beside the t interval stands the one between the 2.5 and 97.5 percentiles of the scaled replicates.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import track

from lpact_eval.comparison.arms import Roles, ask
from lpact_eval.comparison.balance import ALL
from lpact_eval.comparison.doubly_robust import doubly_robust
from lpact_eval.comparison.tiers import Row
from lpact_eval.sample import Sample

SURVEYS = 500
DESIGN_EFFECT = 1.3
CORRELATION = 0.05
ADJUSTERS = ("a", "b", "c", "d")
RESULT = Path(__file__).with_name("doubly_robust.csv")


@dataclass(frozen=True)
class Setting:
    """One kind of survey: respondents, share attending, what attendance adds, the estimand, and sites (0: none)."""

    n: int
    share: float
    truth: float
    estimand: str
    sites: int = 0

    @property
    def name(self) -> str:
        """Name of the setting in the table."""
        sites = f", {self.sites} sites" if self.sites else ""
        return f"n {self.n}, {self.share:.0%} attend, truth {self.truth:.2f}, {self.estimand.upper()}{sites}"


SETTINGS = [
    Setting(78, 0.38, 0.10, "att"),
    Setting(78, 0.38, 0.00, "att"),
    Setting(78, 0.38, 0.10, "ate"),
    Setting(78, 0.38, 0.00, "ate"),
    Setting(56, 0.42, 0.10, "att"),
    Setting(300, 0.30, 0.10, "att"),
    Setting(150, 0.38, 0.10, "att", sites=15),
    Setting(150, 0.38, 0.00, "ate", sites=15),
]


def draw(setting: Setting, rng: np.random.Generator) -> pd.DataFrame:
    """Draw one survey."""
    n = setting.n
    x = (rng.random((n, 4)) < [0.40, 0.45, 0.30, 0.35]).astype(float)
    site = np.arange(n) % max(setting.sites, 1)
    level, lean = np.zeros(n), np.zeros(n)
    if setting.sites:
        strength = 1 / CORRELATION - 1
        level = (rng.beta(0.4 * strength, 0.6 * strength, setting.sites) - 0.4)[site]
        lean = rng.normal(0, 0.5, setting.sites)[site]
    odds = np.log(setting.share / (1 - setting.share)) - 0.55 + x @ [0.7, 0.4, -0.7, 0.8] + lean
    went = rng.random(n) < 1 / (1 + np.exp(-odds))
    chance = 0.22 + x @ [0.10, 0.05, -0.10, 0.15] + setting.truth * went + level
    return pd.DataFrame(x, columns=list(ADJUSTERS)).assign(
        went=np.where(went, "yes", "no"),
        confident=(rng.random(n) < np.clip(chance, 0.02, 0.98)).astype(int),
        weight=rng.lognormal(0, np.sqrt(np.log(DESIGN_EFFECT)), n),
        site=site,
    )


def estimated(frame: pd.DataFrame, setting: Setting, seed: int) -> dict[str, float]:
    """Estimate, limits, percentiles and degrees of freedom; missing where refused."""
    sample = Sample.from_frame(frame, weight="weight", psu="site" if setting.sites else None)
    question = ask(sample, Roles("confident", ("1",), "went", (), ADJUSTERS))
    found = doubly_robust(question, [Row(ALL, (ALL,))], estimand=setting.estimand, seed=seed).estimate
    low, high = found.confint()
    spread = found.influence[:, 0] * np.sqrt(found.influence.shape[0] - 1)
    lower, upper = found.value[0] + np.quantile(spread, [0.025, 0.975])
    return {
        "lower": float(lower),
        "upper": float(upper),
        "value": float(found.value[0]),
        "std_error": float(found.std_error[0]),
        "low": float(low[0]),
        "high": float(high[0]),
        "df": float(found.df[0]),
    }


def raw(frame: pd.DataFrame) -> float:
    """Weighted difference between the arms without any adjustment."""
    first, second = frame[frame["went"] == "yes"], frame[frame["went"] == "no"]
    means = [float(np.average(arm["confident"], weights=arm["weight"])) for arm in (first, second)]
    return means[0] - means[1]


def simulate(surveys: int, settings: list[Setting] = SETTINGS, first_seed: int = 0) -> pd.DataFrame:
    """Draw surveys of every setting and count coverage, false alarms and width, one row a setting."""
    rows: list[dict[str, object]] = []
    for setting in settings:
        rng = np.random.default_rng([first_seed, SETTINGS.index(setting)])
        frames = [draw(setting, rng) for _ in range(surveys)]
        steps = track(list(enumerate(frames)), description=setting.name)
        found = pd.DataFrame([estimated(frame, setting, seed) for seed, frame in steps])
        unadjusted = np.array([raw(frame) for frame in frames]) - setting.truth
        given = found.dropna()
        inside = (given["low"] <= setting.truth) & (setting.truth <= given["high"])
        between = (given["lower"] <= setting.truth) & (setting.truth <= given["upper"])
        alarms = float(((given["low"] > 0) | (given["high"] < 0)).mean()) if setting.truth == 0 else np.nan
        rows.append(
            {
                "setting": setting.name,
                "surveys": surveys,
                "refused": surveys - len(given),
                "coverage": inside.mean(),
                "coverage_mc_error": np.sqrt(inside.mean() * (1 - inside.mean()) / len(given)),
                "percentile_coverage": between.mean(),
                "false_alarms": alarms,
                "bias": (given["value"] - setting.truth).mean(),
                "bias_mc_error": given["value"].std() / np.sqrt(len(given)),
                "raw_bias": unadjusted.mean(),
                "standard_deviation": given["value"].std(),
                "rms_std_error": np.sqrt((given["std_error"] ** 2).mean()),
                "width": (given["high"] - given["low"]).mean(),
                "median_df": given["df"].median(),
            }
        )
    return pd.DataFrame(rows)


def main() -> int:
    """Simulate, print and write."""
    table = simulate(SURVEYS)
    table.round(4).to_csv(RESULT, index=False, lineterminator="\n")
    print(table.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
