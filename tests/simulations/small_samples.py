"""Coverage and false alarms of a change in a share at n = 15 to 78, with and without recruitment sites.

Run from the repository: python tests/simulations/small_samples.py. Draws 2,000 pairs of waves a setting, prints the
table and writes it to small_samples.csv beside this file. Where Rscript with the package survey is at hand, the first
1,000 pairs of every setting also go to R, whose defaults (svymean of a domain with confint's normal quantile, and
svyglm's t test) stand beside ours; small_samples.R has what is run. About 15 minutes with R, 4 without.

Weights are log-normal with a design effect of 1.3. With sites, wave 1 has 5 and wave 2 has 7, and a site's share is
beta-distributed so that the intra-cluster correlation is as stated.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import track

import lpact_eval as lp

PAIRS, PAIRS_FOR_R = 2_000, 1_000
SIZES = [(20, 30), (42, 78), (25, 15)]
CORRELATIONS = [None, 0.05, 0.10]
SHARES = [(0.20, 0.35), (0.30, 0.30)]
SITES = (5, 7)
DESIGN_EFFECT = 1.3
RESULT = Path(__file__).with_name("small_samples.csv")


@dataclass(frozen=True)
class Setting:
    """Two waves: respondents, true shares, and the correlation within sites (None: no sites)."""

    sizes: tuple[int, int]
    shares: tuple[float, float]
    correlation: float | None

    @property
    def name(self) -> str:
        """Name of the setting in the table."""
        sites = "no sites" if self.correlation is None else f"sites, ICC {self.correlation:.2f}"
        return f"{self.sizes[0]}/{self.sizes[1]}, {self.shares[0]:.2f} to {self.shares[1]:.2f}, {sites}"


def settings() -> list[Setting]:
    """List all settings."""
    return [Setting(sizes, shares, icc) for sizes in SIZES for icc in CORRELATIONS for shares in SHARES]


def draw(setting: Setting, rng: np.random.Generator) -> pd.DataFrame:
    """Draw one pair of waves."""
    parts: list[pd.DataFrame] = []
    for wave in (0, 1):
        n, share, sites = setting.sizes[wave], setting.shares[wave], SITES[wave]
        site = np.arange(n) % sites
        chance = np.full(sites, share)
        if setting.correlation is not None:
            strength = 1 / setting.correlation - 1
            chance = rng.beta(share * strength, (1 - share) * strength, sites)
        parts.append(
            pd.DataFrame(
                {
                    "wave": wave + 1,
                    "site": wave * 100 + site,
                    "y": (rng.random(n) < chance[site]).astype(int),
                    "w": rng.lognormal(0, np.sqrt(np.log(DESIGN_EFFECT)), n),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def change_of(frame: pd.DataFrame, *, clustered: bool) -> tuple[float, float, bool]:
    """Interval of the change under the defaults, and whether there was one."""
    sample = lp.Sample.from_frame(frame, weight="w", stratum="wave", psu="site" if clustered else None)
    change = lp.difference(lp.proportion(sample, "y", "1", by="wave"), "wave", "2", minus="1")
    low, high = change.confint()
    return float(low[0]), float(high[0]), not change.refused[0]


def simulate(pairs: int, *, keep: Path | None = None) -> pd.DataFrame:
    """Draw pairs of every setting and count coverage, false alarms and width.

    Parameters
    ----------
    pairs : int
    keep : path, optional
        Csv file for the first pairs of every setting.

    Returns
    -------
    DataFrame
        One row a setting.
    """
    rows: list[dict[str, object]] = []
    kept: list[pd.DataFrame] = []
    for number, setting in enumerate(track(settings(), description="Settings")):
        rng = np.random.default_rng(20220516 + number)
        truth = setting.shares[1] - setting.shares[0]
        limits: list[tuple[float, float]] = []
        for pair in range(pairs):
            frame = draw(setting, rng)
            if keep is not None and pair < PAIRS_FOR_R:
                kept.append(frame.assign(setting=number, pair=pair))
            low, high, given = change_of(frame, clustered=setting.correlation is not None)
            if given:
                limits.append((low, high))
        low, high = np.array(limits).T
        rows.append(
            {
                "setting": setting.name,
                "pairs": len(limits),
                "coverage": ((low <= truth) & (truth <= high)).mean(),
                "false_alarms": ((low > 0) | (high < 0)).mean() if truth == 0 else np.nan,
                "width": (high - low).mean(),
            }
        )
    if keep is not None:
        pd.concat(kept).to_csv(keep, index=False)
    return pd.DataFrame(rows)


def of_r(folder: Path) -> pd.DataFrame | None:
    """What R survey's defaults make of the kept pairs, where R is at hand."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    script = Path(__file__).with_name("small_samples.R")
    done = subprocess.run([rscript, str(script), str(folder)], check=False)
    return pd.read_csv(folder / "r.csv") if done.returncode == 0 else None


def main() -> int:
    """Simulate, print and write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = simulate(PAIRS, keep=folder / "pairs.csv")
        theirs = of_r(folder)
    if theirs is not None:
        table = table.join(theirs.set_index("setting").add_prefix("r_"), how="left")
    table.round(4).to_csv(RESULT, index=False, lineterminator="\n")
    print(table.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
