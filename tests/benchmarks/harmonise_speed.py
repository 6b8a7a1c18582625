"""How long 100,000 respondents with 60 answers take to harmonise, and how much memory; each file in a fresh process.

python tests/benchmarks/harmonise_speed.py [--rows 100000] [--runs 3] [--formats sav,zsav,dta,csv,xlsx] [--check]
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

ITEMS = 60
SECONDS = 3.0
MEGABYTES = 600
_READ = "import sys, lpact_eval as lp; sample = lp.read_wave('big', surveys=sys.argv[1]); assert len(sample) > 0"
_ANSWERS = ("strongly agree", "tend to agree", "neither", "tend to disagree", "strongly disagree")
_WAVE = """
[fieldwork]
start = 2024-01-01
end = 2024-12-31

[delivered]
format = "FORMAT"
file = "big.FORMAT"
ENCODING
id = "id"
time = "day"
dates = "iso"
"""


@dataclass(frozen=True)
class Run:
    """One reading of a file: processor and wall-clock seconds, and the largest memory in MB."""

    cpu: float
    wall: float
    megabytes: float


def write_survey(folder: Path, kind: str, rows: int) -> None:
    """Write a made-up survey: ids, days, closed questions with labels and declared missing codes, and numbers."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(7)
    names = [f"q{place}" for place in range(ITEMS - 3)]
    codes = np.array([1.0, 2.0, 3.0, 4.0, 5.0, -8.0, -9.0, np.nan])
    frame = pd.DataFrame({name: rng.choice(codes, rows) for name in names})
    frame.insert(0, "id", np.arange(rows, dtype=float))
    days = np.datetime64("2024-01-01") + rng.integers(0, 366, rows)
    frame.insert(1, "day", days.astype(str) if kind in {"csv", "xlsx", "dta"} else days.astype("datetime64[ns]"))
    frame["age"] = rng.integers(16, 95, rows).astype(float)
    (folder / "big").mkdir(parents=True, exist_ok=True)
    answers = ", ".join(f'"{answer}"' for answer in _ANSWERS)
    variables = "\n".join(f'[variables.{name}]\nkind = "scale"\nscale = "agreement"' for name in names)
    (folder / "harmonised.toml").write_text(
        f'[scales.agreement]\nanswers = [{answers}]\n{variables}\n[variables.age]\nkind = "number"\n', encoding="utf-8"
    )
    encoding = 'encoding = "utf-8"' if kind == "csv" else ""
    wave = _WAVE.replace("FORMAT", kind).replace("ENCODING", encoding)
    (folder / "big" / "wave.toml").write_text(wave, encoding="utf-8")
    (folder / "big" / "crosswalk.toml").write_text(_crosswalk(names), encoding="utf-8")
    _write(frame, folder / "big" / f"big.{kind}", names)


def _crosswalk(names: list[str]) -> str:
    """Map every code of every question."""
    table = "\n".join(f'{place} = "{answer}"' for place, answer in enumerate(_ANSWERS, 1))
    items = [
        f'[{name}]\ncolumn = "{name}"\n[{name}.answers]\n{table}\n[{name}.missing]\n-8 = "don\'t know"\n'
        '-9 = "prefer not to say"\n'
        for name in names
    ]
    return "\n".join([*items, '[age]\ncolumn = "age"\nrange = [16, 110]\n'])


def _write(frame: object, path: Path, names: list[str]) -> None:
    """Write the file in the format of its suffix."""
    import pandas as pd
    import pyreadstat

    assert isinstance(frame, pd.DataFrame)
    labels = dict(enumerate(_ANSWERS, 1)) | {-8: "Don't know", -9: "Prefer not to say"}
    kind = path.suffix[1:]
    if kind in {"sav", "zsav"}:
        pyreadstat.write_sav(
            frame,
            path,
            row_compress=kind == "sav",
            compress=kind == "zsav",
            variable_value_labels=dict.fromkeys(names, labels),
            missing_ranges={name: [{"lo": -9, "hi": -8}] for name in names},
        )
    elif kind == "dta":
        pyreadstat.write_dta(frame, path)
    elif kind == "xlsx":
        frame.to_excel(path, index=False, engine="xlsxwriter")
    else:
        frame.to_csv(path, index=False)


def measure(surveys: Path) -> Run:
    """Read the survey in a process of its own."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", _READ, str(surveys)], stdin=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        sys.exit(f"reading failed with status {status}")
    scale = 1 if sys.platform == "darwin" else 1024  # Linux counts kilobytes
    return Run(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * scale / 1e6)


def main() -> int:
    """Print the table; with --check fail over a bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--formats", default="sav,zsav,dta,csv")
    parser.add_argument("--check", action="store_true", help="exit 1 when .sav misses its bars")
    options = parser.parse_args()
    missed = False
    print(f"{options.rows:,} rows by {ITEMS} items, start of Python included; median of {options.runs}")
    print(f"{'format':8} {'file, MB':>9} {'cpu, s':>8} {'wall, s':>8} {'peak, MB':>9}   bars (cpu, peak)")
    for kind in options.formats.split(","):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_survey(folder, kind, options.rows)
            runs = [measure(folder) for _ in range(options.runs)]
            size = (folder / "big" / f"big.{kind}").stat().st_size / 1e6
        wall, cpu, peak = (
            statistics.median(getattr(run, part) for run in runs) for part in ("wall", "cpu", "megabytes")
        )
        barred = kind == "sav"
        bars = f"{SECONDS:.0f} s, {MEGABYTES} MB" if barred else "none"
        print(f"{kind:8} {size:9.1f} {cpu:8.2f} {wall:8.2f} {peak:9.0f}   {bars}")
        missed |= barred and (cpu > SECONDS or peak > MEGABYTES)
    if missed:
        print("over its bars: sav")
    return 1 if missed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
