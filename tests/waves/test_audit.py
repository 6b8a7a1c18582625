"""The audit says how each variable was asked in each wave, and accounts for every respondent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lpact_eval as lp
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


def test_a_scale_of_which_a_wave_offered_a_part_says_so(make_wave: WaveMaker) -> None:
    surveys = make_wave(edit={"crosswalk": ('2 = "neither"\n', "")})
    table = lp.audit(["first"], surveys=surveys)
    assert table.iloc[0]["scale"] == "agreement, 2 of 3 answers"


def test_waves_read_before_are_audited_without_reading_them_again(make_wave: WaveMaker) -> None:
    surveys = make_wave()
    sample = read_wave("first", surveys=surveys)
    (surveys / "first" / "delivered.csv").unlink()
    table = audit_samples([sample, sample], surveys=surveys)
    assert list(table["variable"][:2]) == ["confidence", "confidence"]
