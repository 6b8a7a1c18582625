"""How long do 10 items by 6 domains take (share, standard error, interval), beside other packages on the same data?

Run from the repository: python tests/benchmarks/estimation_speed.py [--peers PYTHON] [--largest N]. Packages that are
not installed in this interpreter, or in the one given by --peers, are left out; R is used where Rscript and its package
survey are at hand. Every measurement is a process of its own: one warm-up, then the median of the repetitions; memory
is the process's largest resident set. With --check the exit code is 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

ITEMS, DOMAINS = 10, "abcdef"
SIZES = (300, 30_000, 1_000_000)
AHEAD = {300: 3.0, 30_000: 10.0, 1_000_000: 10.0}  # times faster than the fastest peer
LIMIT = 3.0  # times the vectorised limit at a million
PEERS = ("svy", "samplics", "weightpipe")
OURS = ("lpact_eval cr2", "lpact_eval taylor", "numpy limit")
NAMES = [f"i{item}" for item in range(ITEMS)]
Data = dict[str, np.ndarray]

R_SCRIPT = """
suppressMessages(library(survey)); data <- read.csv(commandArgs(TRUE)[1]); data$dom <- factor(data$dom)
design <- svydesign(ids = ~psu, strata = ~st, weights = ~w, data = data)
run <- function() for (item in paste0("i", 0:9)) confint(svyby(as.formula(paste0("~", item)), ~dom, design, svymean))
times <- sapply(seq_len(as.integer(commandArgs(TRUE)[2])), function(i) system.time(run())[["elapsed"]])
cat(median(times), sum(gc()[, 6]))
"""


def survey_of(n: int) -> Data:
    """Draw a survey with strata, PSUs, unequal weights, a domain variable and ten yes/no items."""
    rng = np.random.default_rng(1)
    strata, units = max(2, min(50, n // 30)), 20 if n >= SIZES[1] else 4
    stratum = rng.integers(0, strata, n)
    data: Data = {
        "st": stratum,
        "psu": stratum * units + rng.integers(0, units, n),
        "w": rng.uniform(0.5, 3, n),
        "dom": rng.integers(0, len(DOMAINS), n),
    }
    return data | {name: (rng.random(n) < 0.4).astype(np.int8) for name in NAMES}


def ours(data: Data, variance: str) -> Callable[[], object]:
    """One call for all items."""
    import lpact_eval as lp

    sample = lp.Sample.from_frame(_categorical(data), weight="w", stratum="st", psu="psu")
    return lambda: lp.proportion(sample, NAMES, "1", by="dom", variance=variance).to_frame()  # type: ignore[arg-type]


def numpy_limit(data: Data) -> Callable[[], object]:
    """The least that numpy can do: one weighted count of unit, domain and answer per item, and the arithmetic."""
    units, domains = int(data["psu"].max()) + 1, len(DOMAINS)
    cell = (data["psu"] * domains + data["dom"]) * 2
    stratum = np.zeros(units, dtype=int)
    stratum[data["psu"]] = data["st"]
    strata = int(stratum.max()) + 1
    counts = np.bincount(stratum, minlength=strata)

    def run() -> list[np.ndarray]:
        errors = []
        for name in NAMES:
            table = np.bincount(cell + data[name], data["w"], minlength=units * domains * 2).reshape(units, domains, 2)
            mass = table.sum(axis=2)
            share = table[:, :, 1].sum(axis=0) / mass.sum(axis=0)
            u = (table[:, :, 1] - mass * share) / mass.sum(axis=0)
            means = np.column_stack([np.bincount(stratum, u[:, d], minlength=strata) for d in range(domains)])
            centred = u - (means / counts[:, None])[stratum]
            errors.append(np.sqrt((centred**2 * (counts / (counts - 1))[stratum][:, None]).sum(axis=0)))
        return errors

    return run


def svy(data: Data) -> Callable[[], object]:
    """Svy's proportions by domain, all items in one call."""
    import polars as pl  # pyright: ignore[reportMissingImports] - a peer's own dependency
    import svy as package  # pyright: ignore[reportMissingImports] - a peer

    frame = pl.DataFrame({**data, "dom": [DOMAINS[code] for code in data["dom"]]})
    sample = package.Sample(frame, package.Design(stratum="st", psu="psu", wgt="w"))
    return lambda: sample.estimation.prop(NAMES, by="dom")


def samplics(data: Data) -> Callable[[], object]:
    """Samplics' Taylor estimator, an item at a time."""
    from samplics.estimation import TaylorEstimator  # pyright: ignore[reportMissingImports] - a peer
    from samplics.utils.types import PopParam  # pyright: ignore[reportMissingImports] - a peer

    frame = _frame(data)

    def run() -> None:
        for name in NAMES:
            estimator = TaylorEstimator(PopParam.prop)
            estimator.estimate(
                y=frame[name], samp_weight=frame["w"], stratum=frame["st"], psu=frame["psu"], domain=frame["dom"]
            )
            estimator.to_dataframe()

    return run


def weightpipe(data: Data) -> Callable[[], object]:
    """Weightpipe's proportions by domain, linearised, all items in one call."""
    import weightpipe as package  # pyright: ignore[reportMissingImports] - a peer

    pipe = package.WeightPipe(_frame(data), weight="w", psu="psu", strata="st")
    return lambda: pipe.estimate.proportion(NAMES, by="dom", variance="linearization")


def measure(package: str, n: int) -> dict[str, float]:
    """Time one package in this process: seconds (median after one warm-up) and megabytes."""
    warnings.simplefilter("ignore")
    data = survey_of(n)
    makers = {"svy": svy, "samplics": samplics, "weightpipe": weightpipe, "numpy limit": numpy_limit}
    run = ours(data, package.split()[1]) if package.startswith("lpact_eval") else makers[package](data)
    started = time.perf_counter()
    run()
    once = time.perf_counter() - started
    times = []
    for _ in range(max(2, min(15, int(5 / max(once, 1e-3))))):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return {"seconds": statistics.median(times), "megabytes": _peak_megabytes()}


def of_r(n: int) -> dict[str, float] | None:
    """Time R survey in a process of its own."""
    rscript = shutil.which("Rscript")
    if rscript is None or n > SIZES[1]:  # a million rows take R minutes an item
        return None
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder) / "data.csv", Path(folder) / "run.R"
        _frame(survey_of(n)).to_csv(data, index=False)
        script.write_text(R_SCRIPT, encoding="utf-8")
        done = subprocess.run([rscript, script, data, "3"], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    seconds, megabytes = map(float, done.stdout.split())
    return {"seconds": seconds, "megabytes": megabytes}


def elsewhere(python: str, package: str, n: int) -> dict[str, float] | None:
    """Measure a package in a process of its own; nothing where it is not installed or fails."""
    command = [python, str(Path(__file__).resolve()), "--one", package, "--n", str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def compare(n: int, peers: str) -> dict[str, dict[str, float]]:
    """Measure everybody at one size."""
    found = {name: elsewhere(sys.executable, name, n) for name in OURS}
    found |= {name: elsewhere(peers, name, n) for name in PEERS} | {"R survey": of_r(n)}
    return {name: result for name, result in found.items() if result}


def missed(n: int, found: dict[str, dict[str, float]]) -> list[str]:
    """Bars that are not met at one size."""
    theirs = [result["seconds"] for name, result in found.items() if name in PEERS or name == "R survey"]
    taylor, cr2 = (found[f"lpact_eval {name}"]["seconds"] for name in ("taylor", "cr2"))
    reasons = []
    if theirs and min(theirs) < AHEAD[n] * taylor:
        reasons.append(f"n = {n:,}: {min(theirs) / taylor:.1f} times faster than the fastest peer, not {AHEAD[n]:.0f}")
    if n == SIZES[2] and taylor > LIMIT * found["numpy limit"]["seconds"]:
        reasons.append(f"n = {n:,}: {taylor / found['numpy limit']['seconds']:.1f} times the limit, not {LIMIT:.0f}")
    if n == SIZES[0] and cr2 > LIMIT * taylor:
        reasons.append(f"n = {n:,}: cr2 takes {cr2 / taylor:.1f} times taylor, not {LIMIT:.0f}")
    return reasons


def _frame(data: Data):  # noqa: ANN202 - a DataFrame, imported late
    import pandas as pd

    return pd.DataFrame({**data, "dom": [DOMAINS[code] for code in data["dom"]]})


def _categorical(data: Data):  # noqa: ANN202 - a DataFrame, imported late
    import pandas as pd

    coded = {name: pd.Categorical.from_codes(data[name], ["0", "1"]) for name in NAMES}
    return pd.DataFrame({**data, **coded, "dom": pd.Categorical.from_codes(data["dom"], list(DOMAINS))})


def _peak_megabytes() -> float:
    """Largest resident set of this process so far; not known on Windows."""
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure and print; or, with --one, measure one package for the caller."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--one")
    parser.add_argument("--n", type=int, default=SIZES[0])
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one, arguments.n)))
        return 0
    reasons: list[str] = []
    for n in (size for size in SIZES if size <= arguments.largest):
        found = compare(n, arguments.peers)
        for name, result in found.items():
            print(f"{n:>9,}  {name:<18} {result['seconds']:>10.4f} s {result['megabytes']:>8.0f} MB", flush=True)
        reasons += missed(n, found)
    print(*reasons, sep="\n")
    return 1 if reasons and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
