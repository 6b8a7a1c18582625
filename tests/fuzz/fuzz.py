"""Damage inputs and read them: each is refused with a clear message or gives a table whose ledger adds up.

python tests/fuzz/fuzz.py --inputs 20000 --seed 1 --jobs 2
python tests/fuzz/fuzz.py --seed 1 --replay 4711

Every input is read in a process of its own, forked from one that has loaded everything. It may take 5 seconds
of processor time and 1 GB.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads do not outlive a fork

import argparse
import gc
import json
import multiprocessing
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import openpyxl  # noqa: F401 - loaded once, for every child
from cases import judged, make_case, run, sound_cases, target_of
from seeds import seeds

SECONDS = 5.0  # of processor time, so that a busy machine makes no findings
PATIENCE = 4  # times as much of a clock's time, after which an input is stopped
MEMORY = 1_000_000_000
_ROOM = 4_000_000_000  # address space beyond what is loaded, so that a runaway input can't take the machine
_CHUNK = 25


@dataclass(frozen=True)
class Outcome:
    """What came of one input."""

    number: int
    target: str
    verdict: str
    detail: str
    seconds: float
    memory: int


def run_chunk(seed: int, numbers: list[int]) -> list[Outcome]:
    """Read several inputs, each in a child process."""
    return [run_one(seed, number) for number in numbers]


def run_one(seed: int, number: int) -> Outcome:
    """Read one input in a child process that is stopped when it takes too long."""
    case = make_case(seed, number)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _in_child(lambda: run(case, folder), writing, folder)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], SECONDS * PATIENCE)
    said = os.read(reading, 65_536) if ready else b""
    if not ready:
        os.kill(child, signal.SIGKILL)
    os.close(reading)
    _, status, usage = os.wait4(child, 0)
    taken = usage.ru_utime + usage.ru_stime
    shutil.rmtree(folder, ignore_errors=True)
    verdict, detail = _verdict(said, status, timely=bool(ready))
    memory = usage.ru_maxrss * 1024
    if taken > SECONDS:
        verdict, detail = "finding", "took too long"
    if memory > MEMORY:
        verdict, detail = "finding", f"took over {MEMORY / 1e9:.0f} GB"
    return Outcome(number, case.target, verdict, detail, taken, memory)


def _in_child(read: object, writing: int, folder: Path) -> None:
    """Read with limits on memory, and write the verdict to a pipe."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + _ROOM
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    log = os.open(folder / "log", os.O_CREAT | os.O_WRONLY)
    os.dup2(log, 1)
    os.dup2(log, 2)
    verdict, detail = judged(read)
    if verdict != "finding" and (folder / "log").stat().st_size:
        verdict, detail = "finding", "something was printed"
    os.write(writing, json.dumps([verdict, detail[:1000]]).encode())
    os._exit(0)


def _verdict(said: bytes, status: int, *, timely: bool) -> tuple[str, str]:
    """Take a child's verdict, or say how it ended."""
    if not timely:
        return "finding", "took too long"
    if os.WIFSIGNALED(status):
        return "finding", f"crashed: {signal.Signals(os.WTERMSIG(status)).name}"
    verdict, detail = json.loads(said) if said else ("finding", "ended without a word")
    return verdict, detail


def fuzz(seed: int, numbers: list[int], jobs: int, minutes: float) -> list[Outcome]:
    """Read many inputs in several processes, until the time is up."""
    until = time.monotonic() + 60 * minutes
    for case in sound_cases():  # whatever is imported late is imported now
        with tempfile.TemporaryDirectory() as folder:
            verdict, detail = judged(lambda case=case, folder=folder: run(case, Path(folder)))
        if verdict != "read":
            print(f"the sound input of {case.target!r} is not read: {detail}")
    gc.collect()
    gc.freeze()
    chunks = [numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK)]
    found: list[Outcome] = []
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        for outcomes in pool.map(run_chunk, [seed] * len(chunks), chunks):
            found += outcomes
            for one in outcomes:
                if one.verdict == "finding":
                    print(f"finding: --seed {seed} --replay {one.number}   {one.target}: {one.detail}", flush=True)
            if time.monotonic() > until:
                pool.shutdown(wait=False, cancel_futures=True)
                break
    return found


def summary(found: list[Outcome], seconds: float) -> None:
    """Print the counts."""
    targets = sorted({one.target for one in found})
    verdicts = Counter((one.target, one.verdict) for one in found)
    print(f"\n{'target':22} {'inputs':>8} {'read':>8} {'refused':>8} {'finding':>8} {'worst s':>8} {'worst MB':>9}")
    for target in [*targets, "all"]:
        some = [one for one in found if target in {"all", one.target}]
        counts = [
            sum(count for (name, word), count in verdicts.items() if word == verdict and target in {"all", name})
            for verdict in ("read", "refused", "finding")
        ]
        print(
            f"{target:22} {len(some):8,} {counts[0]:8,} {counts[1]:8,} {counts[2]:8,} "
            f"{max(one.seconds for one in some):8.2f} {max(one.memory for one in some) / 1e6:9.0f}"
        )
    print(f"{len(found) / seconds:.0f} inputs a second")
    for (target, detail), count in Counter(
        (one.target, one.detail) for one in found if one.verdict == "finding"
    ).most_common():
        first = next(one.number for one in found if (one.target, one.detail) == (target, detail))
        print(f"{count:6}  {target}: {detail}  (first: {first})")


def replay(seed: int, number: int, keep: Path | None) -> None:
    """Read one input in this process, without limits, and let what it raises through."""
    case = make_case(seed, number)
    print(f"input {number} of seed {seed}: {case.target}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = keep or Path(name)
        print(run(case, folder))


def main() -> int:
    """Fuzz, or replay one input."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--only", default="", help="leave out inputs whose target does not hold this word, as in sav")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=600.0, help="time after which no further input is read")
    parser.add_argument("--replay", type=int, help="number of the one input to read again")
    parser.add_argument("--keep", type=Path, help="folder to leave the replayed input in")
    options = parser.parse_args()
    seeds()
    if options.replay is not None:
        replay(options.seed, options.replay, options.keep)
        return 0
    started = time.perf_counter()
    every = range(options.first, options.first + options.inputs)
    numbers = [number for number in every if options.only in target_of(options.seed, number)]
    found = fuzz(options.seed, numbers, options.jobs, options.minutes)
    summary(found, time.perf_counter() - started)
    return 1 if any(one.verdict == "finding" for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
