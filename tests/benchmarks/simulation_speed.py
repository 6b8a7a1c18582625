"""How long do 10,000 repetitions of draw, rake within groups, estimate and test take, beside a loop in R survey?

Run from the repository: python tests/benchmarks/simulation_speed.py [--repetitions N] [--loop N] [--check].

Two waves of 300 and 450 people in four groups are drawn in every repetition, raked to age and sex inside each group,
stacked, estimated by wave and group, and each group's change tested. Ours is `simulate_power` in processes of its own:
by loky with two workers for the clock, and alone for processor time and memory. R draws waves of the same sizes from
the same people, rakes each group's design, and takes svyby and svycontrast over waves, without the small-sample
variance and intervals of ours; it runs --loop repetitions in one process, and its rate is extrapolated to 10,000.
Linear algebra has one thread everywhere. Both ratios are printed: of processor time, and of the clock. With --check the
exit code is 1 where a bar is missed: 60 s for 10,000 repetitions on two processors (judged by processor time, which a
busy machine leaves alone), 1 GB, and 50 times faster than R where Rscript and its package survey are at hand.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

FIRST = {"White": 150, "Black": 60, "Asian": 50, "Mixed": 40}
SECOND = {"White": 225, "Black": 90, "Asian": 75, "Mixed": 60}
SHARES = {"age": {"16-34": 0.35, "35-54": 0.35, "55+": 0.3}, "sex": {"f": 0.52, "m": 0.48}}
WHOLE = 10_000
SECONDS, AHEAD, MEMORY = 60.0, 50.0, 1_000.0
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

R_SCRIPT = """
suppressMessages(library(survey)); arguments <- commandArgs(TRUE); d <- read.csv(arguments[1]); set.seed(1)
people <- split(d, d$group); loop <- as.integer(arguments[2])
first <- c(White = 150, Black = 60, Asian = 50, Mixed = 40); second <- first * 1.5
age <- data.frame(age = c("16-34", "35-54", "55+"), Freq = c(350, 350, 300))
sex <- data.frame(sex = c("f", "m"), Freq = c(520, 480))
wave <- function(sizes, number) {
  parts <- lapply(names(sizes), function(g) {
    one <- people[[g]][sample.int(nrow(people[[g]]), sizes[[g]], replace = TRUE), ]
    raked <- rake(svydesign(ids = ~1, weights = ~one, data = one), list(~age, ~sex), list(age, sex),
                  control = list(maxit = 100, epsilon = 1e-8, verbose = FALSE))
    one$w <- weights(raked); one
  })
  out <- do.call(rbind, parts); out$wave <- number; out
}
changes <- function() {
  both <- rbind(wave(first, 1), wave(second, 2))
  design <- svydesign(ids = ~1, strata = ~wave, weights = ~w, data = both)
  shares <- svyby(~y, ~wave + group, design, svymean, covmat = TRUE)
  labels <- names(coef(shares))
  sapply(names(first), function(g) {
    contrast <- setNames(c(-1, 1), paste0(c("1.", "2."), g))
    all <- setNames(rep(0, length(labels)), labels); all[names(contrast)] <- contrast
    found <- svycontrast(shares, all); abs(coef(found) / SE(found)) > qt(.975, degf(design))
  })
}
tried <- system.time(for (i in seq_len(loop)) changes())
cat(tried[["elapsed"]], tried[["user.self"]] + tried[["sys.self"]])
"""


def people():  # noqa: ANN201 - a DataFrame, imported late
    """Make up the first wave's people."""
    import pandas as pd

    rng = np.random.default_rng(1)
    n = sum(FIRST.values())
    return pd.DataFrame(
        {
            "group": pd.Categorical(np.repeat(list(FIRST), list(FIRST.values())), list(FIRST)),
            "age": pd.Categorical(rng.choice(list(SHARES["age"]), n, p=[0.3, 0.35, 0.35]), list(SHARES["age"])),
            "sex": pd.Categorical(rng.choice(list(SHARES["sex"]), n, p=[0.58, 0.42]), list(SHARES["sex"])),
            "good": pd.Categorical(np.where(rng.random(n) < 0.45, "yes", "no"), ["yes", "no"]),
        }
    )


def ours(repetitions: int, workers: int) -> dict[str, float]:
    """Time ours: the clock, and processor and memory of this process alone."""
    import resource

    import lpact_eval as lp

    margins = {name: {key: 1000 * share for key, share in shares.items()} for name, shares in SHARES.items()}
    design = lp.SimulationDesign.from_wave(
        lp.Sample.from_frame(people()),
        "good",
        "yes",
        by="group",
        n_second=[SECOND],
        changes=[0.15],
        margins=margins,
        within="group",
        collapse=0,
        redraw="respondents",
    )
    backend = "loky" if workers > 1 else "sequential"
    started = time.perf_counter()
    curve = lp.simulate_power(design, repetitions=repetitions, seed=1, backend=backend, workers=workers, progress=False)
    wall = time.perf_counter() - started
    own = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "wall": wall,
        "processor": own.ru_utime + own.ru_stime,
        "memory": own.ru_maxrss / 1e3,
        "power": min(point.power for point in curve.points),
    }


def of_r(loop: int) -> dict[str, float] | str:
    """Time a loop of R survey in a process of its own."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return "no Rscript here"
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder) / "data.csv", Path(folder) / "run.R"
        people().assign(one=1, y=lambda table: (table["good"] == "yes").astype(int)).to_csv(data, index=False)
        script.write_text(R_SCRIPT, encoding="utf-8")
        command = [rscript, str(script), str(data), str(loop)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | ONE_THREAD)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed"])[-1]
    wall, processor = map(float, done.stdout.split()[-2:])
    return {"wall": wall, "processor": processor}


def main() -> int:
    """Measure and print; or, with --one, measure ours for the caller."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=WHOLE)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--loop", type=int, default=20)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--one", action="store_true")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(ours(arguments.repetitions, arguments.workers)))
        return 0
    found = elsewhere(arguments.repetitions, arguments.workers)
    missed = report_ours(found, arguments.repetitions)
    missed += report_r(of_r(arguments.loop), arguments.loop, found, arguments.repetitions)
    print(*missed, sep="\n")
    return 1 if missed and arguments.check else 0


def elsewhere(repetitions: int, workers: int) -> dict[str, float]:
    """Measure ours in processes of its own: the clock with workers, and what one process uses that does it all."""
    command = [sys.executable, __file__, "--one", "--repetitions", str(repetitions), "--workers"]
    many, alone = (
        json.loads(
            subprocess.run(
                [*command, str(number)], capture_output=True, text=True, check=True, env=os.environ | ONE_THREAD
            ).stdout.splitlines()[-1]
        )
        for number in (workers, 1)
    )
    memory = many["memory"] + workers * alone["memory"]
    return {"wall": many["wall"], "processor": alone["processor"], "memory": memory}


def report_ours(found: dict[str, float], repetitions: int) -> list[str]:
    """Print what ours takes, and say which bars it misses."""
    wall, processor = (found[name] * WHOLE / repetitions for name in ("wall", "processor"))
    print(f"lpact_eval, {repetitions:,} repetitions, scaled to {WHOLE:,}:")
    print(
        f"  {wall:.1f} s wall clock, {processor:.1f} s of processor in all, {found['memory']:.0f} MB in all processes"
    )
    missed = [] if processor / 2 <= SECONDS else [f"{processor / 2:.0f} s on two processors, over {SECONDS:.0f}"]
    return missed + ([] if found["memory"] <= MEMORY else [f"{found['memory']:.0f} MB, over {MEMORY:.0f}"])


def report_r(theirs: dict[str, float] | str, loop: int, found: dict[str, float], repetitions: int) -> list[str]:
    """Print what R takes, and say whether ours is far enough ahead."""
    if isinstance(theirs, str):
        print(f"  R survey: {theirs}")
        return []
    wall, processor = (theirs[name] / loop * WHOLE for name in ("wall", "processor"))
    print(f"R survey, {loop} repetitions, one process: {theirs['processor']:.1f} s of processor;")
    print(f"  extrapolated to {WHOLE:,}: {wall:,.0f} s wall clock, {processor:,.0f} s of processor")
    ratio, by_clock = (rate * repetitions / WHOLE for rate in (processor / found["processor"], wall / found["wall"]))
    print(f"{ratio:.0f} times less processor time; {by_clock:.0f} times faster by clock")
    return [] if ratio >= AHEAD else [f"{ratio:.0f} times faster than R survey, not {AHEAD:.0f}"]


if __name__ == "__main__":
    sys.exit(main())
