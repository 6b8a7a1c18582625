"""How long does raking to four margins take, and raking 500 bootstrap replicates again, beside other packages?

Run from the repository: python tests/benchmarks/raking_speed.py [--peers PYTHON ...] [--largest N] [--check].

Margins of 5, 6, 2 and 8 categories are met to 1e-8 of every category; who misses them is listed and not counted. Ours
is timed from a `Sample` with categorical answers, every other package from the table that it works on in memory; ipfn
on a data frame, and on the table of all combinations, counted from a categorical frame and brought back to its rows.
"numpy limit" starts from codes of one byte. Replicates: 500 bootstrap samples of rows, drawn and raked, all weights at
hand in the end. Every measurement is a process of its own, with one thread of linear algebra: one warm-up, then the
median of the repetitions, wall clock and processor time; ratios are of processor time, which a busy machine leaves
alone. A package that none of the interpreters has is named with the reason; R is used where Rscript and its package
survey are at hand. With --check the exit code is 1 where a bar is missed: our own limits always, and the ratios to the
others where --peers is given.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Weights = Callable[[], np.ndarray]

LEVELS = (5, 6, 2, 8)
NAMES = [f"v{number}" for number in range(len(LEVELS))]
CATEGORIES = [[f"c{code}" for code in range(count)] for count in LEVELS]
PERSONS = 1_000_000.0
SIZES = (300, 30_000, 1_000_000)
REPLICATED = (3_000, 30_000)
REPLICATES = 500
AHEAD = {300: 1.0, 30_000: 5.0, 1_000_000: 5.0}  # times faster than the fastest other package
AHEAD_REPLICATED = 3.0
LIMITS = {300: 0.002, 30_000: 0.003, 1_000_000: 0.02}  # seconds of ours, about four times what they take here
LIMITS_REPLICATED = {3_000: 0.15, 30_000: 0.6}
GAP = 1e-8
OURS = ("lpact_eval", "numpy limit")
PATIENCE = 300  # seconds that a package is given for all repetitions
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PYTHON_OF = {"rimpy": (3, 12)}  # oldest Python for which it is published

R_SCRIPT = """
suppressMessages(library(survey)); arguments <- commandArgs(TRUE); replicates <- as.integer(arguments[3])
d <- read.csv(arguments[1], stringsAsFactors = TRUE); p <- read.csv(arguments[2])
names <- paste0("v", 0:3); formulas <- lapply(names, reformulate)
margins <- lapply(names, function(v) setNames(p[p$variable == v, c("category", "persons")], c(v, "Freq")))
rest <- lapply(margins, function(m) setNames(m$Freq[-1], paste0(names(m)[1], m[[1]][-1])))
totals <- c("(Intercept)" = sum(margins[[1]]$Freq), unlist(rest))
design <- svydesign(ids = ~1, weights = ~w, data = d)
once <- function() rake(design, formulas, margins, control = list(maxit = 500, epsilon = 1e-12, verbose = FALSE))
many <- function() {
  drawn <- as.svrepdesign(design, type = "subbootstrap", replicates = replicates, compress = FALSE)
  calibrate(drawn, ~v0 + v1 + v2 + v3, totals, compress = FALSE, calfun = "raking", epsilon = 1e-10, maxit = 100)
}
run <- if (replicates) many else once
times <- matrix(0, 0, 2)
for (i in seq_len(as.integer(arguments[4]))) {
  t <- system.time(done <- run()); times <- rbind(times, c(t[["elapsed"]], t[["user.self"]] + t[["sys.self"]]))
}
w <- if (replicates) weights(done, "analysis") else cbind(weights(done))
gap <- sapply(seq_along(names), function(k) max(abs(rowsum(w, d[[names[k]]]) / margins[[k]]$Freq - 1)))
cat(median(times[, 1]), median(times[, 2]), max(gap))
"""


@cache
def codes_of(n: int) -> list[np.ndarray]:
    """Draw answers to four questions that hang together."""
    rng = np.random.default_rng(1)
    shared = rng.normal(size=n)
    columns = []
    for count in LEVELS:
        cuts = np.quantile(shared, np.cumsum(rng.dirichlet(np.full(count, 12.0)))[:-1])
        columns.append(np.searchsorted(cuts, 0.4 * shared + rng.normal(0, 0.9, n)).astype(np.int8))
    return columns


@cache
def margins() -> dict[str, dict[str, float]]:
    """Make up a population that answers otherwise than the sample."""
    rng = np.random.default_rng(2)
    return {
        name: dict(zip(names, (rng.dirichlet(np.full(len(names), 12.0)) * PERSONS).tolist(), strict=True))
        for name, names in zip(NAMES, CATEGORIES, strict=True)
    }


def farthest(weight: np.ndarray, n: int) -> float:
    """Largest relative distance from a margin; weights of shape (n,) or (n, R)."""
    gaps = []
    for codes, counts in zip(codes_of(n), margins().values(), strict=True):
        met = np.eye(len(counts))[codes].T @ weight.reshape(n, -1)
        gaps.append(np.abs(met / np.array(list(counts.values()))[:, None] - 1).max())
    return float(max(gaps))


# ---- one call each: a function of n gives a function without arguments, which gives weights


def lpact_eval(n: int) -> Weights:
    """Ours, from a sample with categorical answers."""
    import lpact_eval as lp

    sample = lp.Sample.from_frame(_categorical(n))
    return lambda: lp.rake(sample, margins()).design.weight


def lpact_eval_replicates(n: int) -> Weights:
    """Ours: replicate weights of a raked sample, each raked again."""
    import lpact_eval as lp

    raked = lp.rake(lp.Sample.from_frame(_categorical(n)), margins())

    def run() -> np.ndarray:
        made = lp.replicate(raked, method="bootstrap", replicates=REPLICATES, seed=1).design.replicates
        if made is None:
            raise RuntimeError("no replicates")
        return made.weight

    return run


def svy(n: int) -> Weights:
    """Svy's rake of a polars frame."""
    sample = _svy_sample(n)

    def run() -> np.ndarray:
        raked = sample.weighting.rake(controls=margins(), tol=GAP, max_iter=1000)
        return raked.data["rk_wgt"].to_numpy()

    return run


def svy_replicates(n: int) -> Weights:
    """Svy's bootstrap weights, raked along with the sample's own."""
    sample = _svy_sample(n)

    def run() -> np.ndarray:
        drawn = sample.weighting.create_bs_wgts(REPLICATES, rstate=1)
        raked = drawn.weighting.rake(controls=margins(), tol=GAP, max_iter=1000)
        return raked.data.select([f"rk_wgt{number}" for number in range(1, REPLICATES + 1)]).to_numpy()

    return run


def samplics(n: int) -> Weights:
    """Samplics' rake of arrays."""
    from samplics.weighting import SampleWeight  # pyright: ignore[reportMissingImports] - a peer

    start, domains = np.ones(n), dict(zip(NAMES, _texts(n), strict=True))

    def run() -> np.ndarray:
        return SampleWeight().rake(start, domains, control=margins(), tol=GAP, ctrl_tol=GAP / 10, max_iter=1000)

    return run


def samplics_replicates(n: int) -> Weights:
    """Samplics' bootstrap weights, raked one after the other."""
    from samplics.utils.types import RepMethod  # pyright: ignore[reportMissingImports] - a peer
    from samplics.weighting import ReplicateWeight, SampleWeight  # pyright: ignore[reportMissingImports] - a peer

    start, psu, domains = np.ones(n), np.arange(n), dict(zip(NAMES, _texts(n), strict=True))

    def run() -> np.ndarray:
        drawn = ReplicateWeight(method=RepMethod.bootstrap, strat=False, nb_reps=REPLICATES).replicate(start, psu)
        columns = drawn.to_numpy()[:, -REPLICATES:].astype(float)
        raked = [
            SampleWeight().rake(column, domains, control=margins(), tol=GAP, ctrl_tol=GAP / 10, max_iter=1000)
            for column in columns.T
        ]
        return np.column_stack(raked)

    return run


def weightipy(n: int) -> Weights:
    """Weightipy's rim weighting of a categorical data frame."""
    import weightipy as package  # pyright: ignore[reportMissingImports] - a peer

    frame = _categorical(n)
    shares = {name: {key: 100 * count / PERSONS for key, count in counts.items()} for name, counts in margins().items()}
    scheme = package.scheme_from_dict(shares)
    return lambda: package.weight(frame, scheme).to_numpy() * (PERSONS / n)


def rimpy(n: int) -> Weights:
    """Rimpy's rim weighting of a polars frame."""
    import polars as pl  # pyright: ignore[reportMissingImports] - a peer's own dependency
    import rimpy as package  # pyright: ignore[reportMissingImports] - a peer

    frame = pl.DataFrame(dict(zip(NAMES, _texts(n), strict=True)))
    shares = {name: {key: 100 * count / PERSONS for key, count in counts.items()} for name, counts in margins().items()}
    return lambda: (
        package.rake(frame, shares, convergence_threshold=GAP / 100, total=PERSONS)["weight"].to_numpy().astype(float)
    )


def numpy_limit(n: int) -> Weights:
    """The least that numpy can do from codes of one byte: one count into the table, proportional fitting, and back."""
    columns, totals = codes_of(n), [np.array(list(counts.values())) for counts in margins().values()]

    def run() -> np.ndarray:
        key = columns[0].astype(np.int16)
        for codes, count in zip(columns[1:], LEVELS[1:], strict=True):
            key *= np.int16(count)
            key += codes
        cell = key.astype(np.intp)
        table = np.bincount(cell, minlength=int(np.prod(LEVELS))).reshape(LEVELS).astype(float)
        factor, gap = np.ones(LEVELS), 1.0
        while gap > GAP / 10:
            gap = 0.0
            for axis, total in enumerate(totals):
                others = tuple(other for other in range(len(LEVELS)) if other != axis)
                change = total / (table * factor).sum(axis=others)
                factor *= np.expand_dims(change, others)
                gap = max(gap, float(np.abs(change - 1).max()))
        return factor.ravel().take(cell)

    return run


def ipfn_table(n: int) -> Weights:
    """Ipfn on the table of all combinations, counted from a categorical data frame and brought back to its rows."""
    from ipfn import ipfn  # pyright: ignore[reportMissingImports] - a peer

    frame, totals = _categorical(n), [np.array(list(counts.values())) for counts in margins().values()]

    def run() -> np.ndarray:
        table = frame.groupby(NAMES, observed=False).size().to_numpy().reshape(LEVELS).astype(float)
        fitted = ipfn.ipfn(
            table.copy(), totals, [[0], [1], [2], [3]], convergence_rate=GAP / 10, rate_tolerance=0.0
        ).iteration()
        factor = fitted / np.where(table > 0, table, 1.0)
        return factor[tuple(frame[name].cat.codes.to_numpy() for name in NAMES)]

    return run


def ipfn_frame(n: int) -> Weights:
    """Ipfn on a data frame of respondents."""
    import pandas as pd
    from ipfn import ipfn  # pyright: ignore[reportMissingImports] - a peer

    frame = pd.DataFrame(dict(zip(NAMES, _texts(n), strict=True))).assign(total=1.0)
    totals = [pd.Series(counts, name="total").rename_axis(name) for name, counts in margins().items()]

    def run() -> np.ndarray:
        fitted = ipfn.ipfn(
            frame.copy(), totals, [[name] for name in NAMES], convergence_rate=GAP / 10, rate_tolerance=0.0
        ).iteration()
        return fitted["total"].to_numpy()

    return run


def leafblower(n: int) -> Weights:
    """Leafblower's harvest of a categorical data frame, without a largest weight that binds."""
    from leafblower import harvest  # pyright: ignore[reportMissingImports] - a peer

    frame = _categorical(n)
    shares = {name: {key: count / PERSONS for key, count in counts.items()} for name, counts in margins().items()}

    def run() -> np.ndarray:
        options = {"max_weight": 1e6, "max_iterations": 10_000, "convergence": {"absolute": GAP / 100}}
        weight = harvest(frame, shares, attach_weights=False, **options)["weights"]
        return np.asarray(weight) * (PERSONS / np.sum(weight))

    return run


def weightpipe(n: int) -> Weights:
    """Weightpipe's raking of a data frame."""
    pipe = _weightpipe(n)

    def run() -> np.ndarray:
        return pipe.fit().weights.to_numpy()

    return run


def weightpipe_replicates(n: int) -> Weights:
    """Weightpipe's bootstrap, the recipe carried out in each replicate."""
    from weightpipe.replicates import bootstrap_weights  # pyright: ignore[reportMissingImports] - a peer

    pipe = _weightpipe(n)
    return lambda: bootstrap_weights(pipe.recipe, replicates=REPLICATES, seed=1).replicates


PEERS = {
    "svy": svy,
    "samplics": samplics,
    "weightipy": weightipy,
    "rimpy": rimpy,
    "ipfn table": ipfn_table,
    "ipfn frame": ipfn_frame,
    "leafblower": leafblower,
    "weightpipe": weightpipe,
}
PEERS_REPLICATED = {"svy": svy_replicates, "samplics": samplics_replicates, "weightpipe": weightpipe_replicates}


# ---- inputs


def _texts(n: int) -> list[np.ndarray]:
    """Answers as text."""
    return [np.array(names)[codes] for codes, names in zip(codes_of(n), CATEGORIES, strict=True)]


def _categorical(n: int):  # noqa: ANN202 - a DataFrame, imported late
    import pandas as pd

    columns = zip(NAMES, codes_of(n), CATEGORIES, strict=True)
    return pd.DataFrame({name: pd.Categorical.from_codes(codes, names) for name, codes, names in columns})


def _frame(n: int):  # noqa: ANN202 - a DataFrame, imported late
    import pandas as pd

    return pd.DataFrame({**dict(zip(NAMES, _texts(n), strict=True)), "w": np.ones(n), "row": np.arange(n)})


def _svy_sample(n: int):  # noqa: ANN202 - a peer's type
    import polars as pl  # pyright: ignore[reportMissingImports] - a peer's own dependency
    import svy as package  # pyright: ignore[reportMissingImports] - a peer

    columns = {**dict(zip(NAMES, _texts(n), strict=True)), "w": np.full(n, PERSONS / n), "row": np.arange(n)}
    return package.Sample(pl.DataFrame(columns), package.Design(wgt="w", psu="row"))


def _weightpipe(n: int):  # noqa: ANN202 - a peer's type
    import weightpipe as package  # pyright: ignore[reportMissingImports] - a peer

    pipe = package.WeightPipe(_frame(n), weight="w", psu="row")
    return pipe.calibrate(method="raking", margins=margins(), max_iter=1000, tol=GAP / 10)


# ---- measuring


def measure(package: str, n: int, *, replicated: bool) -> dict[str, float]:
    """Time one package in this process: medians of wall clock and processor time, and the gap left."""
    warnings.simplefilter("ignore")
    ours = {"lpact_eval": lpact_eval_replicates if replicated else lpact_eval, "numpy limit": numpy_limit}
    run = (ours | (PEERS_REPLICATED if replicated else PEERS))[package](n)
    started = time.perf_counter()
    gap = farthest(run(), n)
    once = time.perf_counter() - started
    walls, processors = [], []
    for _ in range(max(2, min(15, int(10 / max(once, 1e-3))))):
        started, used = time.perf_counter(), time.process_time()
        done = run()
        walls.append(time.perf_counter() - started)
        processors.append(time.process_time() - used)
        del done  # memory goes back as it does between two calls of a user's
    return {"wall": statistics.median(walls), "processor": statistics.median(processors), "gap": gap}


def of_r(n: int, *, replicated: bool) -> dict[str, float] | str:
    """Time R survey in a process of its own."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return "no Rscript here"
    with tempfile.TemporaryDirectory() as folder:
        data, population, script = (Path(folder) / name for name in ("data.csv", "population.csv", "run.R"))
        _frame(n).to_csv(data, index=False)
        rows = [f"{name},{key},{count!r}" for name, counts in margins().items() for key, count in counts.items()]
        population.write_text("\n".join(["variable,category,persons", *rows]), encoding="utf-8")
        script.write_text(R_SCRIPT, encoding="utf-8")
        repetitions = 1 if replicated or n > SIZES[1] else 5
        done = _run([rscript, script, data, population, REPLICATES if replicated else 0, repetitions])
    if isinstance(done, str):
        return done
    wall, processor, gap = map(float, done.stdout.split())
    return {"wall": wall, "processor": processor, "gap": gap}


def elsewhere(pythons: list[str], package: str, n: int, *, replicated: bool) -> dict[str, float] | str:
    """Measure a package in the first interpreter that has it; or the reason why none does."""
    reason = ""
    for python in pythons:
        command = [python, Path(__file__).resolve(), "--one", package, "--n", n, *(["--replicates"] * replicated)]
        done = _run(command)
        if not isinstance(done, str):
            return json.loads(done.stdout.splitlines()[-1])
        reason = done
    needed = PYTHON_OF.get(package, (3, 0))
    if "No module named" in reason and sys.version_info < needed:
        reason += f": it is published for Python {'.'.join(map(str, needed))} and newer only"
    return reason


def _run(command: Sequence[object]) -> subprocess.CompletedProcess[str] | str:
    """Run a command; the last line of what it complained about where it fails."""
    try:
        done = subprocess.run(
            list(map(str, command)),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            env=os.environ | ONE_THREAD,
        )
    except subprocess.TimeoutExpired:
        return f"not finished after {PATIENCE} s"
    if done.returncode == 0:
        return done
    said = done.stderr.strip().splitlines() or ["failed"]
    return next((line for line in said if line.startswith("Error")), said[-1])[:160]


def compare(n: int, pythons: list[str], *, replicated: bool) -> dict[str, dict[str, float]]:
    """Measure everybody at one size and print it; those who miss the margins are printed and left out."""
    found: dict[str, dict[str, float] | str] = {
        "lpact_eval": elsewhere([sys.executable], "lpact_eval", n, replicated=replicated)
    }
    if not replicated:
        found["numpy limit"] = elsewhere([sys.executable], "numpy limit", n, replicated=False)
    for name in (PEERS_REPLICATED if replicated else PEERS) if pythons else ():
        found[name] = elsewhere(pythons, name, n, replicated=replicated)
    if pythons:
        found["R survey"] = of_r(n, replicated=replicated)
    what = f"{REPLICATES} x {n:,}" if replicated else f"{n:,}"
    for name, result in found.items():
        told = (
            result
            if isinstance(result, str)
            else f"{result['wall']:>10.4f} s {result['processor']:>10.4f} s of processor, {result['gap']:.0e} off"
        )
        print(f"{what:>13}  {name:<12} {told}", flush=True)
    return {name: result for name, result in found.items() if not isinstance(result, str) and result["gap"] <= GAP}


def missed(n: int, found: dict[str, dict[str, float]], *, replicated: bool) -> list[str]:
    """Bars that are not met at one size."""
    what = f"{REPLICATES} replicates of {n:,}" if replicated else f"n = {n:,}"
    if "lpact_eval" not in found:
        return [f"{what}: ours does not meet the margins"]
    ours = found["lpact_eval"]["processor"]
    limit, ahead = (LIMITS_REPLICATED[n], AHEAD_REPLICATED) if replicated else (LIMITS[n], AHEAD[n])
    reasons = [f"{what}: {ours:.4f} s of processor, over {limit} s"] if ours > limit else []
    theirs = {name: result["processor"] for name, result in found.items() if name not in OURS}
    if theirs:
        fastest = min(theirs, key=lambda name: theirs[name])
        ratio = theirs[fastest] / ours
        print(f"{what}: {ratio:.1f} times faster than {fastest}, the fastest of the others", flush=True)
        reasons += [f"{what}: {ratio:.1f} times faster than {fastest}, not {ahead:.0f}"] if ratio < ahead else []
    return reasons


def main() -> int:
    """Measure and print; or, with --one, measure one package for the caller."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", nargs="+", default=[])
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--one")
    parser.add_argument("--n", type=int, default=SIZES[0])
    parser.add_argument("--replicates", action="store_true")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one, arguments.n, replicated=arguments.replicates)))
        return 0
    reasons: list[str] = []
    for replicated, sizes in ((False, SIZES), (True, REPLICATED)):
        for n in (size for size in sizes if size <= arguments.largest):
            reasons += missed(n, compare(n, arguments.peers, replicated=replicated), replicated=replicated)
    print(*reasons, sep="\n")
    return 1 if reasons and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
