"""From a folder and a file to a sample; what is synthetic is marked, and no message repeats a respondent."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.waves.reading import read_wave

WaveMaker = Callable[..., Path]

DEMO = ('file = "delivered.csv"', 'demo = "delivered.csv"')


def test_only_the_demo_file_makes_a_sample_synthetic(make_wave: WaveMaker, tmp_path: Path) -> None:
    surveys = make_wave(edit={"wave": DEMO})
    own = shutil.copy(surveys / "first" / "delivered.csv", tmp_path / "own.csv")
    assert read_wave("first", surveys=surveys).synthetic
    assert read_wave("first", surveys=surveys, answers=surveys / "first" / "delivered.csv").synthetic
    assert not read_wave("first", surveys=surveys, answers=own).synthetic
    assert not read_wave("first", surveys=make_wave()).synthetic


def test_a_named_file_that_is_absent_never_becomes_the_demo(make_wave: WaveMaker, tmp_path: Path) -> None:
    surveys = make_wave(edit={"wave": ('file = "delivered.csv"', 'file = "ours.csv"\ndemo = "delivered.csv"')})
    with pytest.raises(WrongUseError, match=r"wave\.toml:11: there is no file .*ours\.csv"):
        read_wave("first", surveys=surveys)
    with pytest.raises(WrongUseError, match=r"answers: there is no file .*absent\.csv"):
        read_wave("first", surveys=surveys, answers=tmp_path / "absent.csv")


def test_a_wave_without_any_file_says_so(make_wave: WaveMaker) -> None:
    surveys = make_wave(edit={"wave": ('file = "delivered.csv"', "")})
    with pytest.raises(WrongUseError, match=r"wave\.toml:9: wave 'first' has no delivered file yet"):
        read_wave("first", surveys=surveys)


def test_the_wave_knows_its_dates_and_the_hash_of_its_file(make_wave: WaveMaker) -> None:
    surveys = make_wave()
    (wave,) = lp.read_wave("first", surveys=surveys).waves
    assert (wave.name, wave.title, wave.mode, wave.file) == ("first", "First wave", "paper", "delivered.csv")
    assert (wave.start.isoformat(), wave.end.isoformat()) == ("2022-05-01", "2022-05-31")
    assert wave.sha256 == hashlib.sha256((surveys / "first" / "delivered.csv").read_bytes()).hexdigest()


def test_columns_have_the_types_of_their_kinds(make_wave: WaveMaker) -> None:
    sample = read_wave("first", surveys=make_wave())
    assert list(sample.answers) == ["confidence", "ethnicity_detail", "ethnicity", "age", "age_band", "attended"]
    assert list(sample.missing) == list(sample.answers)
    assert sample.answers["confidence"].cat.ordered
    assert list(sample.answers["confidence"].cat.categories) == ["agree", "neither", "disagree"]
    assert not sample.answers["ethnicity"].cat.ordered
    assert sample.answers["age"].dtype == float
    assert list(sample.answers["attended"].cat.categories) == ["yes", "no"]
    assert isinstance(sample.answers.index, pd.RangeIndex)


def test_waves_that_were_read_can_be_stacked(make_wave: WaveMaker) -> None:
    sample = read_wave("first", surveys=make_wave())
    stacked = lp.stack([sample, sample], ["one", "two"])
    assert len(stacked) == 8
    assert stacked.answers["confidence"].cat.ordered


FAULTS = [
    {"cells": {"q1": ["MARKER"] * 4}},
    {"cells": {"eth": ["MARKER", 1, 2, 3]}},
    {"cells": {"age": ["MARKER"] * 4}},
    {"cells": {"when": ["MARKER"] * 4}, "delivered": 'encoding = "utf-8"\ntime = "when"'},
    {"cells": {"when": ["MARKER"] * 4}, "delivered": 'encoding = "utf-8"\ntime = "when"\ndates = "day-first"'},
    {"cells": {"w": ["MARKER"] * 4}, "add": {"wave": '\n[design]\nweight = "w"\n'}},
    {"cells": {"email": ["MARKER"] * 4}, "edit": {"crosswalk": ('column = "q1"', 'column = "email"')}},
    {"cells": {"say": ["MARKER"] * 4}, "edit": {"crosswalk": ('column = "q1"', 'column = "saying"')}},
    {"cells": {"say": ["MARKER\xe9"] * 4}, "delivered": 'encoding = "ascii"'},
    {"cells": {"say": ["MARKER"] * 4}, "delivered": 'encoding = "utf-8"\nheader_rows = 2'},
]


@pytest.mark.parametrize("fault", FAULTS)
def test_no_message_repeats_what_a_respondent_wrote(
    make_wave: WaveMaker, fault: dict[str, object], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(LpactError) as caught:
        read_wave("first", surveys=make_wave(**fault))
    said = "".join(
        map(str, [caught.value, *caught.value.args, caught.value.__cause__, caplog.text, *capfd.readouterr()])
    )
    assert "MARKER" not in said


def test_no_representation_shows_answers(make_wave: WaveMaker) -> None:
    sample = read_wave("first", surveys=make_wave())
    assert "Caribbean" not in repr(sample)


def test_the_shipped_waves_read_and_are_synthetic() -> None:
    samples = [read_wave(name) for name in ("2022", "rerun")]
    assert all(sample.synthetic for sample in samples)
    for sample in samples:
        rows = sample.ledger.set_index("reason")["rows"]
        assert rows["delivered"] == rows.drop("delivered").sum()
        assert rows["kept"] == len(sample)
