"""How long the command line takes, against the bars of the project; every run is a cold process.

python tests/benchmarks/cli_speed.py [--runs 7] [--check]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Bar:
    """One command and the seconds of processor time that it may take.

    Attributes
    ----------
    seconds : float or None
        The bar; None where there is none.
    limit : float or None
        What --check fails over where that is not the bar itself: for a machine slower or busier than most.
    """

    name: str
    command: tuple[str, ...]
    seconds: float | None
    limit: float | None = None

    @property
    def most(self) -> float | None:
        """What --check fails over."""
        return self.seconds if self.limit is None else self.limit


def surveys_only(folder: Path) -> Path:
    """Write the shipped plan without its indicators of events."""
    plan = (Path(__file__).resolve().parents[2] / "analyses" / "evaluation-plan.toml").read_text(encoding="utf-8")
    before, found, _ = plan.partition("[events]")
    if not found:
        msg = "The shipped plan has no [events]; measure it as it is."
        raise SystemExit(msg)
    path = folder / "surveys-only.toml"
    path.write_text(before, encoding="utf-8")
    return path


def bars(out: str) -> list[Bar]:
    """List the commands that are measured."""
    command = (sys.executable, "-m", "lpact_eval")
    trend = ("trend", "conf_overall", "--by", "ethnicity")
    alone = str(surveys_only(Path(out).parent))
    page = ("--again", "--only", "html,xlsx", "--out")
    return [
        Bar("import lpact_eval", (sys.executable, "-c", "import lpact_eval"), 0.15),
        Bar("lpact-eval --help", (*command, "--help"), 0.25),
        Bar("run --only html,xlsx, surveys only", (*command, "run", alone, *page, f"{out}-alone"), 2.0),
        Bar("lpact-eval run --only html,xlsx", (*command, "run", *page, out), 2.0, limit=2.4),
        Bar("lpact-eval run", (*command, "run", "--again", "--out", f"{out}-whole"), 6.0),
        Bar("lpact-eval compare --by ethnicity", (*command, "compare", "2022", "rerun", "--by", "ethnicity"), 1.5),
        Bar("lpact-eval trend --out trend.svg", (*command, *trend, "--out", f"{out}.svg"), 1.5),
        Bar("lpact-eval check", (*command, "check"), None),
        Bar("lpact-eval size", (*command, "size"), None),
    ]


def measure(command: tuple[str, ...]) -> tuple[float, float]:
    """Return processor and wall-clock seconds of one cold run."""
    before, started = os.times(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, os.times()
    # children's times count only processes that have ended, which this one has
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return used or wall, wall


def main() -> int:
    """Print the table; with --check fail over a bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--check", action="store_true", help="exit 1 when a bar is missed")
    options = parser.parse_args()
    missed: list[str] = []
    print(f"{'command':34} {'cpu, s':>8} {'wall, s':>8} {'bar, s':>8}   (median of {options.runs} after a warm-up)")
    with tempfile.TemporaryDirectory() as folder:
        for bar in bars(str(Path(folder) / "out")):
            measure(bar.command)
            runs = [measure(bar.command) for _ in range(options.runs)]
            cpu, wall = (statistics.median(run[place] for run in runs) for place in (0, 1))
            print(f"{bar.name:34} {cpu:8.2f} {wall:8.2f} {'' if bar.seconds is None else bar.seconds:>8}")
            if bar.seconds is not None and cpu > bar.seconds:
                print(f"{'':34} over its bar{'' if bar.limit is None else f'; limit {bar.limit} s'}")
            if bar.most is not None and cpu > bar.most:
                missed.append(bar.name)
    for name in missed:
        print(f"over what it may take: {name}")
    return 1 if missed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
