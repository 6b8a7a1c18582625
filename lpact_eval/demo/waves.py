"""Waves of synthetic respondents in harmonised form, without files: for simulations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.random import Generator

from lpact_eval.demo.census import positions, schema
from lpact_eval.demo.model import FIELDWORK, WAVES, Model
from lpact_eval.demo.people import People, choose, draw_people
from lpact_eval.demo.population import Population, read_population_model
from lpact_eval.sample import MISSING_KINDS, BoolArray, IntArray, Sample, Wave
from lpact_eval.stacking import stack

_ITEM_MISSING = ("don't know", "prefer not to say", "blank")
_SEVERAL = ("0", "1", "2", "3+")


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One wave's respondents before anything is derived or delivered.

    Attributes
    ----------
    answers : DataFrame of n rows
        Harmonised answers as text (age as number); missing where there is none.
    missing : DataFrame of n rows
        Kind of missing, for each variable that has any.
    """

    answers: pd.DataFrame
    missing: pd.DataFrame


def draw_waves(seed: int, *, items: Sequence[str] | None = None, population: Population | None = None) -> Sample:
    """Draw both waves, stacked and harmonised, with recruitment sites as PSUs.

    Parameters
    ----------
    seed : int
        Same seed and items, same respondents.
    items : sequence of str, optional
        Items to draw answers to, such as ["conf_overall"]; by default all. Fewer are quicker.
    population : Population, optional
        By default the shipped one.

    Returns
    -------
    Sample
        About 750 synthetic respondents with the column "wave"; every weight is 1.
    """
    population = population or read_population_model()
    streams = np.random.default_rng(seed).spawn(len(WAVES))
    return stack(
        [harmonised(draw_wave(population, wave, rng, items), wave) for wave, rng in zip(WAVES, streams, strict=True)],
        WAVES,
    )


def draw_wave(population: Population, wave: str, rng: Generator, items: Sequence[str] | None = None) -> Drawn:
    """Draw one wave's respondents and their answers.

    Parameters
    ----------
    population : Population
    wave : str
        "2022" or "rerun".
    rng : Generator
    items : sequence of str, optional
        By default all.

    Returns
    -------
    Drawn
    """
    people = draw_people(population, wave, rng)
    model = population.model
    answers = _background(population, people, wave, rng)
    missing: dict[str, list[str]] = {}
    if wave != "2022":
        answers["lpact_events"] = _label(_SEVERAL, people.events)
        answers["lpact_reason_not"] = _reasons(model, people, rng)
    for name in model.items if items is None else items:
        codes = _answer(model, people, name, later=wave != "2022", rng=rng)
        kind = _kind_of_missing(model.items[name].missing, people.site.size, rng)
        if name not in model.not_asked[wave]:
            answers[name] = _label(schema().answers(name), codes)
            missing[name] = _label(("", *_ITEM_MISSING), kind)
    for name, chance in model.unanswered.items():
        kind_name = "don't know" if name.endswith("_12m") else "prefer not to say"
        missing[name] = _label(("", kind_name), (rng.random(people.site.size) < chance).astype(np.intp))
    missing["age"] = missing["age_band"]
    return _with_holes(answers, pd.DataFrame(missing))


def harmonised(drawn: Drawn, wave: str) -> Sample:
    """Make a sample of drawn respondents: derived variables, categories in schema order, sites as PSUs."""
    answers = drawn.answers.drop(columns=["lpact_reason_not"], errors="ignore")
    frame = pd.DataFrame({name: _categorical(answers[name], name) for name in answers.columns})
    for name in schema().derivation_order():
        source = schema().variables[name].source
        if name not in frame and source in frame:
            frame[name] = _derived(frame[source], name)
    sample = Sample.from_frame(frame, psu="recruit_site")
    kinds = {
        name: pd.Categorical(drawn.missing[name].where(drawn.missing[name] != ""), categories=list(MISSING_KINDS))
        for name in drawn.missing.columns
    }
    start, end = FIELDWORK[wave]
    described = Wave(wave, f"Simulated wave {wave}", start, end, "simulation", synthetic=True)
    return replace(sample, missing=pd.DataFrame(kinds), waves=(described,))


def _background(population: Population, people: People, wave: str, rng: Generator) -> pd.DataFrame:
    """Describe who the respondents are and how they were reached."""
    model, census = population.model, population.census
    sites = model.sites[wave]
    details = _label(census.details, people.detail)
    columns: dict[str, list[str] | list[int]] = {
        "ethnicity_19": details,
        "community": _communities(model.communities, details, rng),
        "age": [int(age) for age in people.age],
        "age_band": _label(model.ages, people.age_band),
        "sex": _label(model.sexes, people.sex),
        "disability": _yes_no(people.disabled),
        "area": _label(census.areas, people.area),
        "contact_12m": _yes_no(people.contact),
        "stopped_12m": _yes_no(people.stopped),
        "recruit_route": [sites[int(place)].route for place in people.site],
        "recruit_site": [f"{place + 1}" for place in people.site],
        "interviewer": _label(("community volunteer", "police officer"), people.officer.astype(np.intp)),
        "mode": ["paper" if wave == "2022" else "tablet"] * people.site.size,
    }
    return pd.DataFrame(columns)


def _answer(model: Model, people: People, name: str, *, later: bool, rng: Generator) -> IntArray:
    """Draw every respondent's answer to one item, as a position in its scale."""
    question = model.items[name]
    noise = np.sqrt(1 - model.trust.person_variance - model.trust.site_variance)
    leaning = (
        question.level
        + question.later * later
        + np.array(question.group)[people.group]
        + question.attended * people.attended
        + question.trust * people.trust
        + noise * rng.standard_normal(people.site.size)
    )
    return (leaning[:, None] < np.array(model.cuts[question.cuts])).sum(axis=1)


def _kind_of_missing(chances: Sequence[float], n: int, rng: Generator) -> IntArray:
    """Choose for each respondent whether an item is answered (0) or which kind of missing it is."""
    return choose(rng, np.tile([1 - sum(chances), *chances], (n, 1)))


def _reasons(model: Model, people: People, rng: Generator) -> list[str]:
    """Let those who did not attend tick reasons, joined by semicolons."""
    ticked = rng.random((people.site.size, len(model.reasons_not))) < np.array(list(model.reasons_not.values()))
    ticked &= ~people.attended[:, None]
    reasons = list(model.reasons_not)
    return ["; ".join(reasons[place] for place in np.flatnonzero(row)) for row in ticked]


def _communities(written: Mapping[str, Sequence[str]], details: Sequence[str], rng: Generator) -> list[str]:
    """Let some respondents write in a community; half leave it empty."""
    picks = rng.random(len(details))
    return [
        "" if pick < 1 / 2 or detail not in written else written[detail][int((2 * pick - 1) * len(written[detail]))]
        for pick, detail in zip(picks, details, strict=True)
    ]


def _with_holes(answers: pd.DataFrame, missing: pd.DataFrame) -> Drawn:
    """Take out the answers that were not given."""
    holed = {
        name: answers[name].where(missing[name] == "") if name in missing else answers[name] for name in answers.columns
    }
    return Drawn(pd.DataFrame(holed), missing[[name for name in missing.columns if name in answers]])


def _categorical(column: pd.Series, name: str) -> pd.Series:
    """Give a column the categories of the schema, in its order."""
    answers = schema().answers(name)
    if not answers:
        return column
    ordered = schema().variables[name].kind == "scale"
    return pd.Series(pd.Categorical(column, categories=list(answers), ordered=ordered), index=column.index)


def _derived(source: pd.Series, name: str) -> pd.Series:
    """Group the categories of a source variable as the schema says."""
    home = np.append(positions(name), -1)
    codes: IntArray = home[source.cat.codes.to_numpy(dtype=np.intp)]
    ordered = schema().variables[name].kind == "scale"
    categories = pd.Index(schema().answers(name))
    return pd.Series(pd.Categorical.from_codes(codes, categories, ordered=ordered), index=source.index)


def _label(labels: Sequence[str], positions: IntArray) -> list[str]:
    """Turn positions into labels."""
    return [labels[int(place)] for place in positions]


def _yes_no(flags: BoolArray) -> list[str]:
    """Turn flags into yes and no."""
    return ["yes" if flag else "no" for flag in flags.tolist()]
