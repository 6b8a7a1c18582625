"""Power by running the real pipeline on synthetic waves, in chunks, by any joblib backend."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.planning.chunk_cache import ChunkCache
from lpact_eval.planning.plan import require_whole
from lpact_eval.planning.power_curve import PowerCurve, curve_of
from lpact_eval.planning.progress import advancing
from lpact_eval.planning.scenario import BLOCK, Tally, run_blocks, scenarios_of
from lpact_eval.planning.workers import results_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.planning.scenario import Scenario
    from lpact_eval.planning.simulation_design import SimulationDesign

CHUNK = 1_000  # repetitions that a worker does at once, and that a kill may cost each of them
_WORDS = 4  # 32-bit words of a hash that a scenario's random numbers depend on


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Consecutive blocks of one scenario.

    Attributes
    ----------
    place : int
        Position of the scenario.
    start : int
        Number of the first block.
    counts : tuple of int
        Repetitions of each block.
    """

    place: int
    start: int
    counts: tuple[int, ...]


def simulate_power(
    design: SimulationDesign,
    *,
    repetitions: int,
    seed: int,
    backend: str = "loky",
    workers: int | None = None,
    cache: str | Path | None = None,
    chunk: int = CHUNK,
    progress: bool | None = None,
) -> PowerCurve:
    """Find out by simulation what a second wave shows: draw, lose, rake, estimate, test, many times.

    Parameters
    ----------
    design : SimulationDesign
    repetitions : int
        Pairs of waves for every size and change; at least 100.
    seed : int
        The same seed gives the same numbers by every backend, number of workers and size of chunk.
    backend : str, default "loky"
        A joblib backend: "loky" (processes), "threading", "sequential", "dask" or any that was registered. For Dask
        have a `dask.distributed.Client` open; the cluster's workers need this package, and are sent the respondents'
        groups, cells, weights, sites and whether they gave the answer.
    workers : int, optional
        Workers at once; as many as there are processors, or as the cluster has, by default.
    cache : path, optional
        Folder for finished chunks. A run that was stopped begins where it was stopped, and one with more repetitions
        or changes takes over what it can; files hold counts and sums, nobody's answers.
    chunk : int, default 1000
        Repetitions that a worker does at once.
    progress : bool, optional
        Whether to show a progress bar; where a person watches, by default.

    Returns
    -------
    PowerCurve
        One point for every group, size and change.

    Raises
    ------
    WrongUseError
        If an argument is out of its range, the backend does not exist or is not running, or no population has the
        margins and a changed share.

    Notes
    -----
    Both waves go through the formulas of `rake`, `proportion` and `difference`, many waves at once: raking by the
    package's solver, CR2 variance with Satterthwaite's degrees of freedom over rows or recruitment sites, residuals of
    the raking, Newcombe's interval on effective numbers of answers. A change is shown where its interval leaves out 0
    and `wave_change` would publish it. Random numbers come in blocks of 250 repetitions whose seeds follow from `seed`,
    the scenario and the block's number.

    References
    ----------
    Morris, White & Crowther (2019), *Statistics in Medicine* 38, 2074-2102, tables 6 (performance measures and their
    Monte Carlo errors).
    """
    repetitions = require_whole("repetitions", repetitions, 100)
    seed = require_whole("seed", seed, 0)
    size = max(1, require_whole("chunk", chunk, 1) // BLOCK)
    if workers is not None:
        require_whole("workers", workers, 1)
    scenarios = scenarios_of(design)
    keys = [_key(scenario, seed) for scenario in scenarios]
    store = None if cache is None else ChunkCache(Path(cache))
    chunks = _chunks(len(scenarios), repetitions, size) if scenarios[0].groups else []
    tallies: dict[tuple[int, int], Tally] = {}
    missing: list[Chunk] = []
    for one in chunks:
        groups = len(scenarios[one.place].groups)
        found = None if store is None else store.load(keys[one.place], one.start, one.counts, groups)
        if found is None:
            missing.append(one)
        else:
            tallies[one.place, one.start] = found
    done = repetitions * len(scenarios) - sum(sum(one.counts) for one in missing)
    with advancing(repetitions * len(scenarios), done, shown=progress) as advance:
        calls = [
            (at, scenarios[one.place], _entropy(scenarios[one.place], seed), one) for at, one in enumerate(missing)
        ]
        for place, tally in results_of(_task, calls, backend=backend, workers=workers):
            one = missing[place]
            if store is not None:
                store.save(keys[one.place], one.start, one.counts, tally)
            tallies[one.place, one.start] = tally
            advance(sum(one.counts))
    joined = [
        _joined([tallies[place, one.start] for one in chunks if one.place == place]) for place in range(len(scenarios))
    ]
    return curve_of(design, scenarios, joined, repetitions=repetitions, seed=seed)


def _key(scenario: Scenario, seed: int) -> str:
    """Name what a chunk depends on: all that is supposed, the seed and the package's version."""
    version = vars(import_module(__name__.partition(".")[0]))["__version__"]
    told = hashlib.sha256(scenario.digest())
    told.update(f"{seed} {version} {BLOCK}".encode())
    return told.hexdigest()


def _entropy(scenario: Scenario, seed: int) -> tuple[int, ...]:
    """Seed of a scenario, from what was asked only: weights may differ by rounding from machine to machine."""
    asked = sorted((name, work.people) for name, work in scenario.work_second.items())
    told = hashlib.sha256(repr((asked, scenario.change)).encode()).digest()
    return (seed, *(int.from_bytes(told[4 * word : 4 * word + 4], "big") for word in range(_WORDS)))


def _chunks(scenarios: int, repetitions: int, size: int) -> list[Chunk]:
    """Cut every scenario into chunks of whole blocks; the last block may be short."""
    full, rest = divmod(repetitions, BLOCK)
    counts = [BLOCK] * full + ([rest] if rest else [])
    return [
        Chunk(place, start, tuple(counts[start : start + size]))
        for place in range(scenarios)
        for start in range(0, len(counts), size)
    ]


def _task(place: int, scenario: Scenario, entropy: tuple[int, ...], chunk: Chunk) -> tuple[int, Tally]:
    """Run one chunk in a worker."""
    return place, run_blocks(scenario, entropy, chunk.start, chunk.counts)


def _joined(tallies: Sequence[Tally]) -> Tally | None:
    """Put the chunks of a scenario behind each other."""
    if not tallies:
        return None
    widths = np.sum([tally.widths for tally in tallies], axis=0)
    return Tally(np.concatenate([tally.sums for tally in tallies]), widths)
