"""The same answers as codes harmonise to one identical table in every format, with or without labels."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

import lpact_eval as lp

_HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("survey_export_example", _HERE / "exports_example.py")
assert _SPEC is not None
assert _SPEC.loader is not None
example = importlib.util.module_from_spec(_SPEC)
sys.modules["survey_export_example"] = example
_SPEC.loader.exec_module(example)
exports = example.exports

ACCENTS = {"Caf\u00e9 \u201cNile\u201d": "Cafe 'Nile'"}


def codes_of(question: exports.Question) -> dict[str, int]:
    """Codes as SPSS files have them: 1, 2, 3 ..., and negative ones for kinds of missing."""
    kinds = {"Don't know": -8, "Prefer not to say": -9}
    answers = [option for option in question.options if option not in kinds]
    return {**{option: code for code, option in enumerate(answers, 1)}, **kinds}


def coded_frame() -> pd.DataFrame:
    """The same people as a file of codes, one row each."""
    rows: list[dict[str, object]] = []
    for one in example.PEOPLE:
        row: dict[str, object] = {"ID": one.id, "WHEN": one.ended, "EMAIL": one.email}
        for question in example.QUESTIONS[1:]:
            if question.several:
                ticks = [float(option in one.chosen(question)) for option in question.options]
                asked = isinstance(one.answers[question.name], tuple)
                names = [f"{question.name}_{number}" for number in range(1, 4)]
                row |= {name: tick if asked else None for name, tick in zip(names, ticks, strict=True)}
            elif question.options:
                row[question.name] = codes_of(question).get(one.text(question))
            elif question.text == example.AGE:
                row[question.name] = float(one.text(question)) if one.text(question) else None
            else:
                row[question.name] = one.text(question)
        rows.append(row)
    return pd.DataFrame(rows)


def coded_crosswalk() -> str:
    """The crosswalk of the file of codes."""
    of = {one.text: one for one in example.QUESTIONS}
    tables: dict[str, Any] = {}
    for name, table in example.CROSSWALK.items():
        if "columns" in table:
            answers = list(table["columns"].values())
            tables[name] = {
                "columns": {f"Q9_{number}": answer for number, answer in enumerate(answers, 1)},
                "asked_if": '{ column = "Q8", accept = ["1"] }',
            }
            continue
        codes = codes_of(of[table["column"]])
        recoded = {
            part: {str(codes.get(option, option)): to for option, to in table[part].items()}
            for part in ("answers", "missing")
            if part in table
        }
        kept = {key: exports._toml(value) for key, value in table.items() if key in {"comparable", "reason", "range"}}
        tables[name] = {"column": f'"{of[table["column"]].name}"', **kept, **recoded}
    return "\n\n".join(exports._table(name, table) for name, table in tables.items())


def write_statistics(path: Path, frame: pd.DataFrame) -> None:
    """Write codes in the format of the file's suffix, with labels and declared missing codes where it has them."""
    kind = path.suffix[1:]
    closed = [one for one in example.QUESTIONS if one.options and not one.several]
    labels = {one.name: {float(code): option for option, code in codes_of(one).items()} for one in closed}
    titles = {one.name: one.text for one in example.QUESTIONS}
    about = [titles.get(name, name) for name in frame.columns]
    if kind in {"sav", "zsav"}:
        missing = {one.name: [{"lo": -9, "hi": -8}] for one in closed} | {"Q7": [999]}
        pyreadstat.write_sav(
            frame,
            path,
            column_labels=about,
            variable_value_labels=labels,
            missing_ranges=missing,
            compress=kind == "zsav",
        )
    elif kind == "dta":
        whole = {name: {int(code): label for code, label in known.items()} for name, known in labels.items()}
        pyreadstat.write_dta(frame, path, column_labels=[text[:80] for text in about], variable_value_labels=whole)
    elif kind == "por":
        # The portable format knows neither lower-case names nor accents; pyreadstat writes no labels into it.
        pyreadstat.write_por(frame.rename(columns=str.upper).replace(ACCENTS), path)
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "xlsx":
        rows = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
        exports.save_xlsx(path, [list(frame.columns), *rows])
    else:
        path.write_bytes(frame.to_csv(index=False).encode())


@pytest.mark.parametrize(
    "kind",
    [
        "sav",
        "zsav",
        "por",
        "dta",
        "csv",
        "xlsx",
        pytest.param(
            "parquet",
            marks=pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed"),
        ),
    ],
)
def test_every_format_of_the_same_codes_gives_the_same_table(tmp_path: Path, kind: str) -> None:
    (tmp_path / "codes").mkdir()
    layout = 'id = "ID"\ntime = "WHEN"' + ('\nencoding = "utf-8"' if kind == "csv" else "")
    wave = example.WAVE.format(format=kind, layout=layout, consent='{ column = "Q2", accept = ["1"] }', site='"Q3"')
    (tmp_path / "harmonised.toml").write_text(example.HARMONISED, encoding="utf-8")
    (tmp_path / "codes" / "wave.toml").write_text(wave, encoding="utf-8")
    (tmp_path / "codes" / "crosswalk.toml").write_text(coded_crosswalk(), encoding="utf-8")
    write_statistics(tmp_path / "codes" / f"delivered.{kind}", coded_frame())
    sample = lp.read_wave("codes", surveys=tmp_path)
    written = (
        [ACCENTS.get(text, text) for text in example.EXPECTED["community"]]
        if kind == "por"
        else example.EXPECTED["community"]
    )
    assert example.counted(sample) == example.LEDGER
    assert example.plain(sample.answers) == {**example.EXPECTED, "community": written}
    assert example.plain(sample.missing) == example.MISSING
    assert [str(sample.design.psu_label[code]) for code in sample.design.psu] == example.EXPECTED["site"]
