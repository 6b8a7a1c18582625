"""Write the demo: both waves as delivered files, and the truth beside them. Run as python -m lpact_eval.demo.write."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat  # pyright: ignore[reportMissingTypeStubs] - has none
from pyreadstat.pyclasses import MissingRange

from lpact_eval.demo.delivered import deliver_2022, deliver_rerun
from lpact_eval.demo.population import read_population_model
from lpact_eval.demo.questionnaire import Codes, Questionnaire, read_questionnaire
from lpact_eval.demo.truth import truth_text
from lpact_eval.resources import surveys_folder

# The first seed from 2022 on with which every ethnic group of both waves has respondents of every age band, of both
# sexes and in both parts of the area, as quotas would see to; chosen by that alone, not by results.
SEED = 2025
NOTE = ("SYNTHETIC DATA. Every respondent in this file is made up;", "none of them is a real person.")
_TEXTS = ("RespID", "Synthetic", "community")
_HEADER_DATE = slice(92, 109)  # day and time of writing in the header of an SPSS file
_WRITTEN = b"22 Nov 2600:00:00"


def write_demo(folder: Path, seed: int = SEED) -> list[Path]:
    """Write the synthetic surveys as they would be delivered, and their truth.

    Parameters
    ----------
    folder : Path
        Surveys folder; 2022/demo/2022.sav, rerun/demo/rerun.csv and demo-truth.toml are written into it.
    seed : int
        Same seed, same files.

    Returns
    -------
    list of Path
        What was written.
    """
    population = read_population_model()
    first, second = np.random.default_rng(seed).spawn(2)
    sav, csv, truth = folder / "2022/demo/2022.sav", folder / "rerun/demo/rerun.csv", folder / "demo-truth.toml"
    for path in (sav, csv):
        path.parent.mkdir(parents=True, exist_ok=True)
    _write_sav(deliver_2022(population, first), read_questionnaire("2022"), sav)
    deliver_rerun(population, second).to_csv(csv, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    truth.write_text(truth_text(population), encoding="utf-8", newline="\n")
    return [sav, csv, truth]


def _write_sav(cells: pd.DataFrame, questionnaire: Questionnaire, path: Path) -> None:
    """Write codes as numbers with labels and declared missing codes; the header's date is fixed."""
    lists = {asked.column: questionnaire.codes[asked.codes] for asked in questionnaire.columns if asked.codes}
    texts = {asked.column: asked.text for asked in questionnaire.columns}
    pyreadstat.write_sav(
        pd.DataFrame({name: _column(cells[name]) for name in cells.columns}),  # pyright: ignore[reportArgumentType] - its protocol of a DataFrame misses pandas'
        str(path),
        file_label="SYNTHETIC respondents, survey 2022",
        note=list(NOTE),
        column_labels={
            **texts,
            "RespID": "Respondent number",
            "Synthetic": " ".join(NOTE),
            "IntDate": "Day of interview",
        },
        variable_value_labels={name: _labels(codes) for name, codes in lists.items() if codes.labels},
        missing_ranges={name: _ranges(codes) for name, codes in lists.items() if codes.declared_missing},
    )
    content = bytearray(path.read_bytes())
    content[_HEADER_DATE] = _WRITTEN
    path.write_bytes(content)


def _column(cells: pd.Series) -> pd.Series:
    """Turn codes into numbers and interview days into dates; texts stay."""
    if cells.name in _TEXTS:
        return cells.astype(object)
    if cells.name == "IntDate":
        return cells.map(dt.date.fromisoformat)
    return pd.to_numeric(cells, errors="coerce").astype(float)


def _labels(codes: Codes) -> dict[int | float, str]:
    """Label numeric codes."""
    return {float(code): label for code, label in codes.labels.items()}


def _ranges(codes: Codes) -> list[int | float | str | MissingRange]:
    """Declare missing codes and ranges of codes as SPSS does."""
    return [{"lo": one[0], "hi": one[1]} if isinstance(one, tuple) else one for one in codes.declared_missing]


if __name__ == "__main__":
    write_demo(surveys_folder())
