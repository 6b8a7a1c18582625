"""How long does a survey-weighted logistic regression with eight predictors take, beside other packages?

Run from the repository: python tests/benchmarks/regression_speed.py [--peers PYTHON] [--largest N] [--check].

Four numbers and four categories (of 2, 3, 4 and 5), so 15 coefficients. Two designs: weights alone ("rows", every
respondent a sampling unit), and strata with sampling units ("units"). Ours is a full call, formula, data frame and
standard errors, under both variances; every other package starts from what it works on in memory, statsmodels from the
finished model matrix and, as "statsmodels formula", from the formula. All standard errors have to agree: to 2 % with
ours by Taylor; statsmodels knows no strata beside its clusters and is left out of "units" for that. CR2 is a larger
task than any of the others takes on: in "units" it is shown, and held to no ratio.
"numpy limit" is the fit alone, Newton's method by blocks from a finished matrix.

Every measurement is a process of its own with one thread of linear algebra: one warm-up, then the fastest repetition,
wall clock and processor time; ratios are of processor time, which a busy machine leaves alone. Memory is the process's
largest resident set, data included. A package that the interpreters do not have is named with the reason; R is used
where Rscript and its package survey are at hand. With --check the exit code is 1 where a bar is missed.
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
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[], np.ndarray]

NUMBERS = [f"x{place}" for place in range(4)]
CATEGORIES = {"c0": 2, "c1": 3, "c2": 4, "c3": 5}
FORMULA = f"y ~ {' + '.join([*NUMBERS, *CATEGORIES])}"
SIZES = (300, 30_000, 1_000_000)
DESIGNS = ("rows", "units")
LETTERS = np.array(list("abcde"))
AGREE = 0.02
PATIENCE = 300
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}
OURS = ("lpact_eval taylor", "lpact_eval cr2")

R_SCRIPT = """
suppressMessages(library(survey)); arguments <- commandArgs(TRUE); d <- read.csv(arguments[1], stringsAsFactors = TRUE)
design <- if (arguments[2] == "rows") svydesign(ids = ~1, weights = ~w, data = d) else
  svydesign(ids = ~psu, strata = ~st, weights = ~w, data = d)
f <- as.formula(arguments[3])
run <- function() sqrt(diag(vcov(svyglm(f, design, family = quasibinomial()))))
se <- run(); many <- as.integer(arguments[4])
t <- replicate(3, system.time(for (i in seq_len(many)) run())[c("elapsed", "user.self", "sys.self")]) / many
versions <- c(as.character(getRversion()), as.character(packageVersion("survey")))
cat(versions, min(t[1, ]), min(t[2, ] + t[3, ]), sum(gc()[, 6]), se)
"""


def survey_of(n: int) -> dict[str, np.ndarray]:
    """Draw respondents with strata, PSUs, unequal weights, eight predictors and a yes/no outcome."""
    rng = np.random.default_rng(1)
    strata, units = max(2, min(50, n // 30)), 20 if n >= SIZES[1] else 4
    data = {"st": rng.integers(0, strata, n), "w": rng.uniform(0.5, 3, n)}
    data["psu"] = data["st"] * units + rng.integers(0, units, n)
    linear = np.full(n, -0.4)
    for place, name in enumerate(NUMBERS):
        data[name] = rng.normal(size=n)
        linear += 0.2 * (place - 1.5) * data[name]
    for name, count in CATEGORIES.items():
        data[name] = rng.integers(0, count, n)
        linear += 0.15 * data[name] - 0.1
    return data | {"y": (rng.random(n) < 1 / (1 + np.exp(-linear))).astype(float)}


def matrix_of(data: dict[str, np.ndarray]) -> np.ndarray:
    """Make the model matrix."""
    dummies = [data[name] == code for name, count in CATEGORIES.items() for code in range(1, count)]
    return np.column_stack([np.ones(data["y"].size), *(data[name] for name in NUMBERS), *dummies])


def _frame(data: dict[str, np.ndarray]):  # noqa: ANN202 - a DataFrame, imported late
    import pandas as pd

    made = {name: pd.Categorical.from_codes(data[name], LETTERS[:count].tolist()) for name, count in CATEGORIES.items()}
    return pd.DataFrame({**data, **made, "row": np.arange(data["y"].size)})


# ---- one call each: data and a design give a function that gives standard errors


def ours(data: dict[str, np.ndarray], design: str, variance: str) -> Run:
    """A full call of ours."""
    import lpact_eval as lp

    units = {"stratum": "st", "psu": "psu"} if design == "units" else {}
    sample = lp.Sample.from_frame(_frame(data), weight="w", **units)
    return lambda: lp.regress(sample, FORMULA, family="binomial", variance=variance).coefficients.std_error  # type: ignore[arg-type]


def numpy_limit(data: dict[str, np.ndarray], _design: str) -> Run:
    """Newton's method by blocks from a finished matrix, without standard errors of a survey."""
    rows = np.ascontiguousarray(matrix_of(data).T)
    y, weight, block = data["y"], data["w"], 1024

    def run() -> np.ndarray:
        b, step = np.zeros(rows.shape[0]), np.ones(rows.shape[0])
        while np.abs(step).max() > 1e-8:
            score, information = np.zeros(b.size), np.zeros((b.size, b.size))
            for start in range(0, y.size, block):
                part = slice(start, start + block)
                x = rows[:, part]
                mean = 1 / (1 + np.exp(-(b @ x)))
                score += x @ (weight[part] * (y[part] - mean))
                information += (x * (weight[part] * mean * (1 - mean))) @ x.T
            step = np.linalg.solve(information, score)
            b = b + step
        return b

    return run


def svy(data: dict[str, np.ndarray], design: str) -> Run:
    """Svy's logistic regression of a polars frame."""
    import polars as pl  # pyright: ignore[reportMissingImports] - a peer's own dependency
    import svy as package  # pyright: ignore[reportMissingImports] - a peer

    frame = pl.DataFrame({**data, **{name: LETTERS[data[name]] for name in CATEGORIES}})
    drawn = package.Design(wgt="w") if design == "rows" else package.Design(stratum="st", psu="psu", wgt="w")
    sample = package.Sample(frame, drawn)
    terms = [*NUMBERS, *(package.Cat(name) for name in CATEGORIES)]

    def run() -> np.ndarray:
        fit = sample.glm.fit(y="y", x=terms, family="binomial")
        return np.array([coefficient.se for coefficient in fit.fitted.coefs])

    return run


def samplics(data: dict[str, np.ndarray], design: str) -> Run:
    """Samplics' logistic regression of a finished matrix."""
    from samplics.regression import SurveyGLM  # pyright: ignore[reportMissingImports] - a peer
    from samplics.utils.types import ModelType  # pyright: ignore[reportMissingImports] - a peer

    matrix = matrix_of(data)
    units = {"stratum": data["st"], "psu": data["psu"]} if design == "units" else {"psu": np.arange(data["y"].size)}

    def run() -> np.ndarray:
        model = SurveyGLM(ModelType.LOGISTIC)
        model.estimate(y=data["y"], x=matrix, samp_weight=data["w"], **units)
        return model.beta["stderror"]

    return run


def weightpipe(data: dict[str, np.ndarray], design: str) -> Run:
    """Weightpipe's logistic regression, by formula."""
    import weightpipe as package  # pyright: ignore[reportMissingImports] - a peer

    units = {"psu": "psu", "strata": "st"} if design == "units" else {"psu": "row"}
    recipe = package.WeightPipe(_frame(data), weight="w", **units).recipe

    def run() -> np.ndarray:
        found = package.estimate_glm(recipe, FORMULA, family="binomial", variance="linearization", **units)
        return found[next(name for name in found.columns if name in {"se", "std_error", "stderr"})].to_numpy()

    return run


def statsmodels(data: dict[str, np.ndarray], design: str) -> Run:
    """Statsmodels' GLM of a finished matrix with a sandwich."""
    import statsmodels.api as sm

    matrix, kind = matrix_of(data), sm.families.Binomial()
    options = {"cov_type": "HC0"}
    if design == "units":
        options = {"cov_type": "cluster", "cov_kwds": {"groups": data["psu"]}}
    return lambda: np.asarray(sm.GLM(data["y"], matrix, family=kind, var_weights=data["w"]).fit(**options).bse)


def statsmodels_formula(data: dict[str, np.ndarray], design: str) -> Run:
    """Statsmodels' GLM by formula with a sandwich."""
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    frame, kind = _frame(data), sm.families.Binomial()
    options = {"cov_type": "HC0"}
    if design == "units":
        options = {"cov_type": "cluster", "cov_kwds": {"groups": data["psu"]}}

    def run() -> np.ndarray:
        return smf.glm(FORMULA, frame, family=kind, var_weights=frame["w"]).fit(**options).bse.to_numpy()

    return run


PEERS = {
    "svy": svy,
    "samplics": samplics,
    "weightpipe": weightpipe,
    "statsmodels": statsmodels,
    "statsmodels formula": statsmodels_formula,
}

# ---- measuring


def measure(package: str, n: int, design: str) -> dict[str, object]:
    """Time one package in this process: seconds, megabytes and the standard errors in ascending order."""
    warnings.simplefilter("ignore")
    data = survey_of(n)
    if package.startswith("lpact_eval"):
        run = ours(data, design, package.split()[1])
    else:
        run = ({"numpy limit": numpy_limit} | PEERS)[package](data, design)
    started = time.perf_counter()
    errors = np.sort(np.asarray(run(), dtype=float))
    once = time.perf_counter() - started
    walls, processors = [], []
    for _ in range(max(2, min(40, int(4 / max(once, 1e-3))))):
        started, used = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - started)
        processors.append(time.process_time() - used)
    return {
        "wall": min(walls),
        "processor": min(processors),
        "megabytes": _peak_megabytes(),
        "errors": errors.tolist(),
    }


def _peak_megabytes() -> float:
    """Largest resident set of this process so far; not known on Windows."""
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def of_r(n: int, design: str) -> dict[str, object] | str:
    """Time R survey in a process of its own."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return "no Rscript here"
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder) / "data.csv", Path(folder) / "run.R"
        _frame(survey_of(n)).to_csv(data, index=False)
        script.write_text(R_SCRIPT, encoding="utf-8")
        done = _run([rscript, script, data, design, FORMULA, max(1, SIZES[1] // n)])
    if isinstance(done, str):
        return done
    version, survey, *figures = done.stdout.split()
    wall, processor, megabytes, *errors = map(float, figures)
    told = f"R {version}, survey {survey}"
    return {"wall": wall, "processor": processor, "megabytes": megabytes, "errors": sorted(errors), "told": told}


def elsewhere(python: str, package: str, n: int, design: str) -> dict[str, object] | str:
    """Measure a package in a process of its own; or the reason why not."""
    done = _run([python, Path(__file__).resolve(), "--one", package, "--n", n, "--design", design])
    return done if isinstance(done, str) else json.loads(done.stdout.splitlines()[-1])


def _run(command: list[object]) -> subprocess.CompletedProcess[str] | str:
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


def compare(n: int, design: str, peers: str | None) -> dict[str, dict[str, object]]:
    """Measure everybody at one size, one after the other, and print it; those who disagree are left out."""
    found: dict[str, dict[str, object] | str] = {name: elsewhere(sys.executable, name, n, design) for name in OURS}
    found["numpy limit"] = elsewhere(sys.executable, "numpy limit", n, design)
    for name in PEERS if peers else ():
        found[name] = elsewhere(str(peers), name, n, design)
    if peers:
        found["R svyglm"] = of_r(n, design)
    reference = found[OURS[0]]
    good: dict[str, dict[str, object]] = {}
    for name, result in found.items():
        told, fine = _told(name, result, reference)
        print(f"{n:>9,} {design:<6} {name:<20} {told}", flush=True)
        if fine and not isinstance(result, str):
            good[name] = result
    return good


def _told(name: str, result: dict[str, object] | str, reference: dict[str, object] | str) -> tuple[str, bool]:
    """Write a result, and say whether its standard errors are ours."""
    if isinstance(result, str) or isinstance(reference, str):
        return str(result), False
    mine, theirs = np.array(reference["errors"]), np.array(result["errors"])
    told = f"{result['wall']:>9.5f} s, {result['processor']:>9.5f} s of processor {result['megabytes']:>6.0f} MB"
    told += f"  {result['told']}" if "told" in result else ""
    if name in {"numpy limit", OURS[1]}:
        return told, True
    gap = float(np.abs(theirs / mine - 1).max()) if mine.size == theirs.size else float("nan")
    return f"{told}  errors {gap:.1e} off", bool(gap <= AGREE)


def missed(n: int, design: str, found: dict[str, dict[str, object]]) -> list[str]:
    """Bars that are not met at one size and design."""
    theirs = {name: float(str(one["processor"])) for name, one in found.items() if name not in {*OURS, "numpy limit"}}
    if not theirs or OURS[0] not in found:
        return [] if OURS[0] in found else [f"n = {n:,}, {design}: ours does not run"]
    first = min(theirs, key=lambda name: theirs[name])
    reasons = []
    for name in OURS:
        ratio = theirs[first] / float(str(found[name]["processor"]))
        print(
            f"{n:>9,} {design:<6} {name}: {ratio:.2f} times as fast as {first}, the fastest of the others", flush=True
        )
        if ratio < 1 and not (design == "units" and name == OURS[1]):
            reasons.append(f"n = {n:,}, {design}: {name} is {ratio:.2f} times as fast as {first}, not faster")
    if n == SIZES[2] and "svy" in found:
        mine, other = (float(str(found[name]["megabytes"])) for name in (OURS[0], "svy"))
        reasons += [f"n = {n:,}, {design}: {mine:.0f} MB, not under svy's {other:.0f}"] if mine >= other else []
    return reasons


def main() -> int:
    """Measure and print; or, with --one, measure one package for the caller."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers")
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--one")
    parser.add_argument("--n", type=int, default=SIZES[0])
    parser.add_argument("--design", choices=DESIGNS, default=DESIGNS[0])
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one, arguments.n, arguments.design)))
        return 0
    reasons: list[str] = []
    for design in DESIGNS:
        for n in (size for size in SIZES if size <= arguments.largest):
            reasons += missed(n, design, compare(n, design, arguments.peers))
    print(*reasons, sep="\n")
    return 1 if reasons and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
