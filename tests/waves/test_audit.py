"""The audit says how each variable was asked in each wave, and accounts for every respondent."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import WrongUseError
from lpact_eval.waves.audit import COLUMNS, audit_samples
from lpact_eval.waves.reading import read_wave

WaveMaker = Callable[..., Path]


def test_every_variable_and_wave_has_a_row_that_adds_up(make_wave: WaveMaker) -> None:
    surveys = make_wave(
        edit={
            "crosswalk": (
                'column = "q1"',
                'column = "q1"\nwording = "I trust them"\ncomparable = "partial"\nreason = "Other words."',
            )
        }
    )
    table = lp.audit(["first"], surveys=surveys)
    assert tuple(table.columns) == COLUMNS
    assert list(table["variable"]) == ["confidence", "ethnicity_detail", "ethnicity", "age", "age_band", "attended"]
    first = table.iloc[0]
    assert (first["title"], first["asked_as"]) == ("Confidence in the police", "I trust them")
    assert (first["scale"], first["comparable"], first["reason"]) == ("agreement, 3 answers", "partial", "Other words.")
    assert list(first[["answered", "dont_know", "prefer_not", "blank", "not_asked"]]) == [2, 1, 0, 1, 0]
    assert (table[["answered", "dont_know", "prefer_not", "blank", "not_asked"]].sum(axis=1) == 4).all()
    derived, absent = table.iloc[2], table.iloc[5]
    assert derived["asked_as"] == "derived of ethnicity_detail"
    assert (absent["comparable"], absent["reason"]) == ("not asked", "Before the first event.")
    assert (absent["asked_as"], absent["scale"]) == ("", "")


def test_a_scale_of_which_a_wave_offered_a_part_says_so_and_by_which_rule(make_wave: WaveMaker) -> None:
    rule = 'column = "q1"\ncomparable = "partial"\nrule = "The two ends."'
    surveys = make_wave(edit={"crosswalk": ('column = "q1"', rule)}, cells={"q1": [1, 3, -8, None]})
    path = surveys / "first" / "crosswalk.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('2 = "neither"\n', ""), encoding="utf-8")
    first = lp.audit(["first"], surveys=surveys).iloc[0]
    assert (first["scale"], first["comparable"]) == ("agreement, 2 of 3 answers", "partial")
    assert "The two ends." in first["reason"]


def wave_of(surveys: Path, name: str, said: int, *, comparable: str = "full") -> None:
    """Write a further wave of 200 respondents, so many of whom don't know."""
    shutil.copytree(surveys / "first", surveys / name)
    cells = {"id": range(200), "q1": [-8] * said + [1] * (200 - said), "eth": [1] * 200, "age": [20] * 200}
    pd.DataFrame(cells).to_csv(surveys / name / "delivered.csv", index=False)
    if comparable != "full":
        path = surveys / name / "crosswalk.toml"
        text = path.read_text(encoding="utf-8")
        stated = f'column = "q1"\ncomparable = "{comparable}"\nreason = "Other words."'
        path.write_text(text.replace('column = "q1"', stated), encoding="utf-8")


def test_the_audit_marks_where_dont_knows_moved(make_wave: WaveMaker) -> None:
    # 10 of 200, 18 of 200 and 30 of 200: 5, 9 and 15 %.
    surveys = make_wave()
    for name, said in (("a", 10), ("b", 18), ("c", 30)):
        wave_of(surveys, name, said)
    table = lp.audit(["a", "b", "c"], surveys=surveys)
    remarks = table.loc[table["variable"] == "confidence", "remark"].tolist()
    assert remarks == ["", "", "don't know went from 5% in a to 15% in c"]
    table = lp.audit(["a", "b", "c"], surveys=surveys, dont_know_moved=0.03)
    assert table.loc[1, "remark"] == "don't know went from 5% to 9%"
    assert (table.loc[table["variable"] != "confidence", "remark"] == "").all()
    with pytest.raises(WrongUseError, match="a proportion"):
        lp.audit(["a"], surveys=surveys, dont_know_moved=5)


def test_dont_knows_of_a_question_that_cannot_be_compared_are_not_compared(make_wave: WaveMaker) -> None:
    surveys = make_wave()
    wave_of(surveys, "a", 10)
    wave_of(surveys, "b", 60, comparable="none")
    table = lp.audit(["a", "b"], surveys=surveys)
    assert (table["remark"] == "").all()


def test_a_remark_never_names_a_small_number_of_dont_knows(make_wave: WaveMaker) -> None:
    surveys = make_wave()
    wave_of(surveys, "a", 9)
    wave_of(surveys, "b", 60)
    table = lp.audit(["a", "b"], surveys=surveys)
    assert table.loc[1, "remark"] == "the share of don't knows moved by more than 5 points"


def test_waves_read_before_are_audited_without_reading_them_again(make_wave: WaveMaker) -> None:
    surveys = make_wave()
    sample = read_wave("first", surveys=surveys)
    (surveys / "first" / "delivered.csv").unlink()
    table = audit_samples([sample, sample], surveys=surveys)
    assert list(table["variable"][:2]) == ["confidence", "confidence"]
