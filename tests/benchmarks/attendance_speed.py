"""How long a whole attendance comparison takes: all methods, bootstrap included, five groups, 450 respondents.

Run from the repository: python tests/benchmarks/attendance_speed.py [--runs 5] [--check].

Each run is a process of its own, timed from the first call (imports of what the comparison needs included) to the last
table read: estimates of five methods, balance, overlap and sensitivity. With --check the exit code is 1 over the bar.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

SECONDS = 3.0
RESPONDENTS = 450
_RUN = f"""
import time
import numpy as np
import pandas as pd
import lpact_eval as lp

rng = np.random.default_rng(3)
reasons = rng.random(({RESPONDENTS}, 5)) < 0.45
went = rng.random({RESPONDENTS}) < 0.25 + reasons @ [0.1, 0.05, 0.1, 0.1, 0.05]
confident = rng.random({RESPONDENTS}) < 0.3 + reasons @ [0.1, 0.0, 0.05, 0.1, 0.0] + 0.1 * went
columns = dict(zip("abcde", reasons.T)) | {{"attended": went, "confident": confident}}
frame = pd.DataFrame({{name: pd.Categorical(np.where(yes, "yes", "no")) for name, yes in columns.items()}})
frame["ethnicity"] = pd.Categorical(np.resize(["Asian", "Black", "Mixed", "White", "Other"], {RESPONDENTS}))
frame["weight"] = np.exp(rng.normal(0, 0.5, {RESPONDENTS}))
frame["site"] = pd.Categorical(rng.integers(0, 30, {RESPONDENTS}).astype(str))
raked = lp.Sample.from_frame(frame, weight="weight", psu="site")

wall, cpu = time.perf_counter(), time.process_time()
gaps = lp.attendance_gaps(raked, "confident", "yes", attended="attended", adjust=list("abcde"))
table = gaps.to_frame()
for gap in gaps.gaps:
    assert len(gap.balance) and len(gap.overlap) and len(gap.sensitivity)
assert len(gaps.gaps) == 5 and table["estimate"].notna().sum() >= 45  # hardly any group is refused
print(time.perf_counter() - wall, time.process_time() - cpu)
"""


def main() -> int:
    """Measure, print, and compare with the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="exit code 1 where the bar is missed")
    options = parser.parse_args()
    runs = [
        [
            float(part)
            for part in subprocess.run(
                [sys.executable, "-c", _RUN], capture_output=True, text=True, check=True
            ).stdout.split()
        ]
        for _ in range(options.runs)
    ]
    wall, cpu = (statistics.median(run[place] for run in runs) for place in (0, 1))
    print(f"all methods, five groups, {RESPONDENTS} respondents: {wall:.2f} s wall clock, {cpu:.2f} s processor")
    print(f"bar: {SECONDS} s")
    return int(options.check and wall > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
