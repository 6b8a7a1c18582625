"""Weights that came with the file and meet known margins: wave.toml says which, and variances credit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError, WeightingError
from lpact_eval.waves.definition import read_definition

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    WaveMaker = Callable[..., Path]

CELLS: dict[str, list[object]] = {"w": [1.0, 2.0, 3.0, 4.0], "eth": [1, 2, 3, 3], "age": [16, 44, 20, 80]}


def design(keys: str) -> dict[str, dict[str, str]]:
    return {"add": {"wave": f"\n[design]\n{keys}\n"}}


def test_a_declared_margin_has_variance_0(make_wave: WaveMaker) -> None:
    surveys = make_wave(cells=CELLS, **design('weight = "w"\nraked_to = ["age_band"]'))
    sample = lp.read_wave("first", surveys=surveys)
    np.testing.assert_array_equal(sample.design.weight, [1, 2, 3, 4])
    shares = lp.distribution(sample, "age_band", variance="taylor")
    np.testing.assert_allclose(shares.value, [0.4, 0.6])
    np.testing.assert_allclose(shares.std_error, 0, atol=1e-12)
    assert [step.note for step in sample.design.calibration] == ["declared as raked to age_band"]


def test_weights_made_inside_groups_are_declared_so(make_wave: WaveMaker) -> None:
    surveys = make_wave(cells=CELLS, **design('weight = "w"\nraked_to = ["age_band"]\nraked_within = "ethnicity"'))
    sample = lp.read_wave("first", surveys=surveys)
    assert sample.design.calibration[-1].within == "ethnicity"
    shares = lp.distribution(sample, "age_band", by="ethnicity", variance="taylor")
    np.testing.assert_allclose(shares.std_error[~np.isnan(shares.std_error)], 0, atol=1e-12)


def test_weights_without_a_declaration_stay_as_they_are(make_wave: WaveMaker) -> None:
    surveys = make_wave(cells=CELLS, **design('weight = "w"'))
    assert not lp.read_wave("first", surveys=surveys).design.calibration


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('raked_to = ["age_band"]', r"wave\.toml:\d+: raked_to says which margins .*; name their column in `weight`"),
        ('weight = "w"\nraked_within = "ethnicity"', r"wave\.toml:\d+: .*one variable or more in raked_to"),
        (
            'weight = "w"\nraked_to = ["age_bnd"]',
            r"wave\.toml:\d+: this wave has no variable 'age_bnd'; did you mean 'age",
        ),
        ('weight = "w"\nraked_to = ["attended"]', r"wave\.toml:\d+: this wave has no variable 'attended'"),
        (
            'weight = "w"\nraked_to = ["age_band"]\nraked_within = "ethnic"',
            r"has no variable 'ethnic'; did you mean 'ethni",
        ),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused_with_file_and_line(
    make_wave: WaveMaker, keys: str, message: str
) -> None:
    with pytest.raises(DefinitionError, match=message):
        read_definition("first", make_wave(**design(keys)))


def test_a_declaration_that_the_weights_cannot_have_names_the_line(make_wave: WaveMaker) -> None:
    surveys = make_wave(cells={**CELLS, "w": [0.0] * 4}, **design('weight = "w"\nraked_to = ["age_band"]'))
    with pytest.raises(WeightingError, match=r"first/wave\.toml:\d+: Cannot "):
        lp.read_wave("first", surveys=surveys)
