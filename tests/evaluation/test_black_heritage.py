"""The wider definition of Black is a word in the plan: black_heritage adds the two Mixed groups of Black heritage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError

if TYPE_CHECKING:
    from pathlib import Path

CONFIDENT = ["strongly agree", "tend to agree"]
MIXED = ["White and Black Caribbean", "White and Black African"]


def switched(own: Path, name: str) -> lp.EvaluationPlan:
    """Read the plan with its primary comparison by another variable."""
    text = own.read_text("utf-8").replace('by = "ethnicity"', f'by = "{name}"').replace('["Black"]', '["yes"]')
    own.write_text(text, "utf-8")
    return lp.read_plan(own)


@pytest.mark.parametrize("name", ["black", "black_heritage"])
def test_a_plan_compares_by_either_definition(own: Path, name: str) -> None:
    results = lp.run_plan(switched(own, name))
    changes = results.rows[(results.rows["measure"] == "change") & results.rows["main"]]
    rows = changes[changes["by"] == name]
    assert list(rows["group"]) == ["yes", "no"]
    assert list(rows["role"]) == ["primary", "exploratory"]
    margins = lp.read_population("leicestershire-2021-by-ethnicity")
    waves = [lp.rake(lp.read_wave(wave), margins, within="ethnicity", collapse=20) for wave in ("2022", "rerun")]
    confident = lp.proportion(lp.stack(waves), "conf_overall", CONFIDENT, by=["wave", name])
    change = lp.difference(confident, "wave", "rerun", minus="2022").to_frame().set_index(name)
    np.testing.assert_allclose(
        rows["estimate"].to_numpy(dtype=float), change.loc[["yes", "no"], "estimate"].to_numpy(dtype=float), rtol=1e-12
    )


def test_the_wider_definition_adds_the_two_mixed_groups() -> None:
    answers = lp.stack([lp.read_wave(wave) for wave in ("2022", "rerun")]).answers
    narrow, wide = answers["black"] == "yes", answers["black_heritage"] == "yes"
    added = answers.loc[wide & ~narrow, "ethnicity_19"]
    assert set(added) == set(MIXED)
    assert int(wide.sum()) == int(narrow.sum()) + int(answers["ethnicity_19"].isin(MIXED).sum())
    assert not (narrow & ~wide).any()
    pd.testing.assert_series_equal(narrow, answers["ethnicity"] == "Black", check_names=False)


def test_a_definition_that_does_not_exist_is_refused(own: Path) -> None:
    with pytest.raises(DefinitionError, match=r"'black_heritag'.*did you mean 'black_heritage'\?"):
        switched(own, "black_heritag")
