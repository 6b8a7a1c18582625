"""Synthetic respondents as a delivered file holds them: the codes and texts of a questionnaire, in rows and columns."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.random import Generator

from lpact_eval.demo.dirt import CONSENT, plant_2022, plant_rerun
from lpact_eval.demo.model import FIELDWORK
from lpact_eval.demo.population import Population
from lpact_eval.demo.questionnaire import Asked, Codes, Questionnaire, read_questionnaire
from lpact_eval.demo.waves import Drawn, draw_wave

SYNTHETIC = "synthetic respondent"


def deliver_2022(population: Population, rng: Generator) -> pd.DataFrame:
    """Draw the 2022 wave as its SPSS file holds it, dirt included.

    Parameters
    ----------
    population : Population
    rng : Generator

    Returns
    -------
    DataFrame
        Codes as text, "" where a cell is empty; IntDate is an ISO date.
    """
    questionnaire = read_questionnaire("2022")
    kept, others = (_encoded(draw_wave(population, "2022", rng), questionnaire) for _ in range(2))
    kept = kept.iloc[rng.permutation(len(kept))].reset_index(drop=True)
    days = np.sort(rng.integers(0, _days("2022"), len(kept)))
    kept.insert(0, "RespID", [f"SYN-22-{number:04d}" for number in range(1, len(kept) + 1)])
    kept.insert(1, "Synthetic", SYNTHETIC)
    kept.insert(2, "IntDate", [(FIELDWORK["2022"][0] + dt.timedelta(days=int(day))).isoformat() for day in days])
    return plant_2022(kept, others, rng)


def deliver_rerun(population: Population, rng: Generator) -> pd.DataFrame:
    """Draw the re-run as the survey tool exports it, dirt included.

    Parameters
    ----------
    population : Population
    rng : Generator

    Returns
    -------
    DataFrame
        Texts, "" where a cell is empty; columns are question texts.
    """
    questionnaire = read_questionnaire("rerun")
    kept, others = (_encoded(draw_wave(population, "rerun", rng), questionnaire) for _ in range(2))
    kept = kept.iloc[rng.permutation(len(kept))].reset_index(drop=True)
    started, ended = _times(len(kept), rng)
    numbers = range(1, len(kept) + 1)
    kept.insert(0, "Response ID", [f"SYN-R-{number:04d}" for number in numbers])
    kept.insert(1, "Started", started)
    kept.insert(2, "Ended", ended)
    kept.insert(3, "Email Address", [f"synthetic-{number:04d}@example.org" for number in numbers])
    kept.insert(4, "Data", SYNTHETIC)
    kept.insert(5, CONSENT, "Yes")
    return plant_rerun(kept, others, rng)


def _encoded(drawn: Drawn, questionnaire: Questionnaire) -> pd.DataFrame:
    """Write every answer in the questionnaire's codes."""
    cells = {
        asked.column: _cells(drawn, asked, questionnaire.codes[asked.codes] if asked.codes else None)
        for asked in questionnaire.columns
    }
    return pd.DataFrame(cells, dtype=object)


def _cells(drawn: Drawn, asked: Asked, codes: Codes | None) -> list[str]:
    """Write one column."""
    values = drawn.answers[asked.variable]
    if asked.option:
        ticked = [asked.option in str(value).split("; ") for value in values]
        return [_code(codes, "yes" if one else "blank", row) for row, one in enumerate(ticked)]
    kinds = drawn.missing[asked.variable] if asked.variable in drawn.missing else [""] * len(values)
    given = [kind or _text(value) for value, kind in zip(values, kinds, strict=True)]
    return [_code(codes, answer, row) for row, answer in enumerate(given)]


def _code(codes: Codes | None, answer: str, row: int) -> str:
    """Find the code of an answer; where an answer has several, they take turns; numbers and free texts stay."""
    if codes is None or (answer not in codes.answers and answer.isdigit()):
        return answer
    choices = codes.answers[answer]
    return choices[row % len(choices)]


def _text(value: object) -> str:
    """Write an answer as text, whole numbers without decimals."""
    return str(int(value)) if isinstance(value, float) else str(value)


def _times(n: int, rng: Generator) -> tuple[Sequence[str], Sequence[str]]:
    """Give n interviews in the re-run's fieldwork a start and an end, day first, in order."""
    minutes = np.sort(rng.integers(0, _days("rerun"), n) * 24 * 60 + rng.integers(10 * 60, 20 * 60, n))
    first = dt.datetime.combine(FIELDWORK["rerun"][0], dt.time.min)
    started = [first + dt.timedelta(minutes=int(minute)) for minute in minutes]
    lasted = [dt.timedelta(minutes=int(length)) for length in rng.integers(6, 19, n)]
    ended = [start + length for start, length in zip(started, lasted, strict=True)]
    return [_day_first(start) for start in started], [_day_first(end) for end in ended]


def _day_first(moment: dt.datetime) -> str:
    """Write a time as British survey tools do."""
    return moment.strftime("%d/%m/%Y %H:%M:%S")


def _days(wave: str) -> int:
    """Count the days of a wave's fieldwork."""
    return (FIELDWORK[wave][1] - FIELDWORK[wave][0]).days + 1
