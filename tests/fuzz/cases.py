"""One damaged input, how it is read, and whether what comes of it is allowed."""

from __future__ import annotations

import tomllib
import warnings
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from damage import damaged, damaged_csv, damaged_toml
from damage_binary import damaged_portable, damaged_spss, damaged_stata, damaged_xlsx
from seeds import FORMATS, LOOKUP, MARKER, seeds, wave_text, write_all

from lpact_eval.errors import LpactError, LpactWarning
from lpact_eval.evaluation.plan import read_plan
from lpact_eval.sample import Sample
from lpact_eval.waves.draft import CROSSWALK_STARTS, draft_wave
from lpact_eval.waves.population import read_population
from lpact_eval.waves.reading import read_wave
from lpact_eval.waves.spreadsheet import import_crosswalk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST = 20_000  # characters of a message
_OWN = ("harmonised.toml", "first/wave.toml", "first/crosswalk.toml", LOOKUP)
_PLANNED = ("plan.toml", "population/small/population.toml", "population/small/ethnicity.csv")
_TARGETS = {
    **{f"read {kind}": weight for kind, weight in zip(FORMATS, (30, 30, 40, 20, 14, 30), strict=True)},
    **{f"look {kind}": weight for kind, weight in zip(FORMATS, (10, 10, 10, 4, 3, 10), strict=True)},
    "definitions": 40,
    "shipped definitions": 8,
    "shipped 2022.sav": 8,
    "shipped rerun.csv": 6,
    "plan and population": 24,
    "crosswalk sheet": 30,
}


@dataclass(frozen=True)
class Case:
    """A damaged input.

    Attributes
    ----------
    target : str
        What reads it.
    files : mapping of str to bytes
        By place under the folder of the surveys.
    """

    target: str
    files: Mapping[str, bytes]


def target_of(seed: int, number: int) -> str:
    """Tell what reads the input of a number."""
    return _drawn(seed, number)[1]


def _drawn(seed: int, number: int) -> tuple[Random, str]:
    """Start the random numbers of an input and choose what reads it."""
    rng = Random(f"{seed}:{number}")  # noqa: S311 - numbers that can be drawn again, and no secrets
    return rng, rng.choices(list(_TARGETS), list(_TARGETS.values()))[0]


def make_case(seed: int, number: int) -> Case:
    """Make the input of a number; the same numbers make the same bytes."""
    rng, target = _drawn(seed, number)
    sound = seeds()
    what, _, kind = target.partition(" ")
    if what in {"read", "look"}:
        content = _delivered(rng, kind)
        return Case(
            target, {**sound.definitions, "first/wave.toml": wave_text(kind), f"first/delivered.{kind}": content}
        )
    if target.startswith("shipped"):
        return Case(target, _shipped(rng, kind))
    if target == "crosswalk sheet":
        own = {name: sound.definitions[name] for name in _OWN}
        return Case(target, {**own, "crosswalk.xlsx": _spreadsheet(rng, sound.sheet)})
    names = _PLANNED if target == "plan and population" else _OWN
    damage = {name: _definition(rng, name) for name in rng.sample(names, rng.choice((1, 1, 1, 2)))}
    return Case(target, {**sound.definitions, "first/delivered.csv": sound.delivered["csv"], **damage})


def sound_cases() -> list[Case]:
    """Make an input of every target that nothing is wrong with."""
    sound = seeds()
    own = {**sound.definitions, "first/delivered.csv": sound.delivered["csv"], "crosswalk.xlsx": sound.sheet}
    cases = [Case(target, own) for target in ("definitions", "plan and population", "crosswalk sheet")]
    for kind in FORMATS:
        files = {**own, "first/wave.toml": wave_text(kind), f"first/delivered.{kind}": sound.delivered[kind]}
        cases += [Case(f"{what} {kind}", files) for what in ("read", "look")]
    return [*cases, Case("shipped definitions", sound.demo)]


def _delivered(rng: Random, kind: str) -> bytes:
    """Damage a delivered file."""
    content, others = seeds().delivered[kind], [*seeds().delivered.values(), seeds().sheet]
    if rng.random() < 0.45:
        return damaged(rng, content, others)
    if kind == "csv":
        return damaged_csv(rng, content)
    if kind == "xlsx":
        return damaged_xlsx(rng, content, others)
    if kind == "por":
        return damaged_portable(rng, content)
    return damaged_stata(rng, content) if kind == "dta" else damaged_spss(rng, content)


def _spreadsheet(rng: Random, content: bytes) -> bytes:
    """Damage the spreadsheet that people fill in."""
    others = list(seeds().delivered.values())
    return damaged(rng, content, others) if rng.random() < 0.2 else damaged_xlsx(rng, content, others)


def _definition(rng: Random, name: str) -> bytes:
    """Damage a definition."""
    content, others = seeds().definitions[name], list(seeds().definitions.values())
    if rng.random() < 0.25:
        return damaged(rng, content, others)
    return damaged_csv(rng, content) if name.endswith(".csv") else damaged_toml(rng, content, others)


def _shipped(rng: Random, kind: str) -> dict[str, bytes]:
    """Damage what is shipped: a demo file or a definition."""
    files = dict(seeds().demo)
    others = list(files.values())
    if kind == "definitions":
        name = rng.choice([name for name in files if name.endswith(".toml") and "/demo/" not in name])
        files[name] = damaged_toml(rng, files[name], others)
        return files
    name = "2022/demo/2022.sav" if kind == "2022.sav" else "rerun/demo/rerun.csv"
    byte_level = rng.random() < 0.5
    if byte_level:
        files[name] = damaged(rng, files[name], others)
    else:
        files[name] = damaged_spss(rng, files[name]) if name.endswith("sav") else damaged_csv(rng, files[name])
    return files


def run(case: Case, folder: Path) -> object:
    """Write an input and read it as a user would."""
    surveys = folder / "surveys"
    write_all(surveys, dict(case.files))
    what, _, kind = case.target.partition(" ")
    if what == "look":
        return draft_wave(surveys / f"first/delivered.{kind}", surveys=surveys)
    if what == "shipped":
        return [read_wave(wave, surveys=surveys) for wave in _waves(case)]
    if case.target == "crosswalk sheet":
        return import_crosswalk(surveys / "crosswalk.xlsx", folder=surveys / "first", replace=True)
    if case.target == "plan and population":
        (surveys / "plan.toml").replace(folder / "plan.toml")
        return read_plan(folder / "plan.toml"), read_population(surveys / "population/small")
    return read_wave("first", surveys=surveys)


def _waves(case: Case) -> list[str]:
    """Name the shipped waves that an input is about."""
    if case.target == "shipped 2022.sav":
        return ["2022"]
    return ["rerun"] if case.target == "shipped rerun.csv" else ["2022", "rerun"]


def judged(read: Callable[[], object]) -> tuple[str, str]:
    """Read an input and say what came of it.

    Returns
    -------
    tuple
        "read" or "refused"; or "finding" with what is wrong.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", LpactWarning)
            result = read()
    except LpactError as error:
        wrong = _wrong_message(error)
        return ("finding", wrong) if wrong else ("refused", type(error).__name__)
    except BaseException as error:  # noqa: BLE001 - whatever else is raised is a finding
        return "finding", f"{type(error).__name__} raised at {_where(error)}"
    wrong = _wrong_result(result)
    return ("finding", wrong) if wrong else ("read", type(result).__name__)


def _wrong_message(error: LpactError) -> str:
    """Find what a message may not hold, and memory that was asked for without limit."""
    message = str(error)
    if MARKER in message or MARKER.casefold() in message.casefold():
        return f"a message repeats what a respondent wrote: {type(error).__name__} raised at {_where(error)}"
    if not message.strip() or "Traceback" in message:
        return f"a message that says nothing: {type(error).__name__} raised at {_where(error)}"
    if len(message) > LONGEST:
        return f"a message of {len(message)} characters: {type(error).__name__} raised at {_where(error)}"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return f"memory ran out: {type(cause).__name__} raised at {_where(cause)}"
        cause = cause.__context__
    return ""


def _wrong_result(result: object) -> str:
    """Find ledgers that don't add up and drafts that are no TOML."""
    if isinstance(result, list):
        return next((wrong for one in result if (wrong := _wrong_result(one))), "")
    if isinstance(result, Sample):
        return _wrong_ledger(result)
    if isinstance(result, str):
        if MARKER in result:
            return "a draft repeats what a respondent wrote"
        for text in result.split(CROSSWALK_STARTS):
            try:
                tomllib.loads(text)
            except tomllib.TOMLDecodeError as error:
                return f"a draft is no TOML: {str(error)[:60]}"
    return ""


def _wrong_ledger(sample: Sample) -> str:
    """Find a ledger that does not add up, or that says too much."""
    rows = dict(zip(sample.ledger["reason"], sample.ledger["rows"], strict=True))
    aside = sum(count for reason, count in rows.items() if reason not in {"delivered", "kept"})
    if rows["delivered"] != rows["kept"] + aside or len(sample.answers) != rows["kept"]:
        return "the ledger does not add up"
    return "the ledger repeats what a respondent wrote" if any(MARKER in str(reason) for reason in rows) else ""


def _where(error: BaseException) -> str:
    """Name the innermost place of our own code, and of any."""
    places: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        own = "lpact_eval" in code.co_filename
        if own:
            ours = places[-1]
        trace = trace.tb_next
    return f"{ours}, in {places[-1]}" if "ours" in locals() and ours != places[-1] else (places or ["nowhere"])[-1]
