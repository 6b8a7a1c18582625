"""Families of tests: Holm within the plan's own, one after the other, and Benjamini-Hochberg for all else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.families import adjusted, primary_family

if TYPE_CHECKING:
    from pathlib import Path

PLAN = """\
title = "Test"
waves = ["2022", "rerun"]

[[indicator]]
id = "a"
outcome = 5
title = "Confidence"
variable = "conf_overall"
by = "ethnicity"
groups = ["Black"]
role = "primary"

[[indicator]]
id = "b"
outcome = 5
title = "Trust"
variable = "trust_force"
by = "ethnicity"
groups = ["Black"]
"""


def rows(*found: tuple[str, float], measure: str = "change") -> pd.DataFrame:
    """Rows of these families and p values."""
    return pd.DataFrame(list(found), columns=["family", "p_value"]).assign(measure=measure)


def written(folder: Path, text: str) -> lp.EvaluationPlan:
    """Read a plan of this text."""
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return lp.read_plan(path)


def test_the_second_family_waits_for_the_whole_of_the_first() -> None:
    """First .031, .012: Holm .031, .024. Second .004, .03, .2: Holm .012, .06, .2, but nothing under .031."""
    found = adjusted(
        rows(
            ("primary 2", 0.004),
            ("primary 1", 0.031),
            ("exploratory", 0.5),
            ("primary 2", 0.03),
            ("primary 1", 0.012),
            ("primary 2", 0.2),
        )
    )
    np.testing.assert_allclose(found["p_adjusted"], [0.031, 0.031, 0.5, 0.06, 0.024, 0.2], rtol=1e-12)


def test_a_refused_first_family_closes_the_gate() -> None:
    found = adjusted(rows(("primary 1", math.nan), ("primary 2", 0.001)))
    np.testing.assert_allclose(found["p_adjusted"], [math.nan, 1.0])


def test_families_go_by_their_number_beyond_nine() -> None:
    names = [("primary 10", 0.01), *((primary_family(number), number / 1000) for number in range(1, 10))]
    found = adjusted(rows(*names))["p_adjusted"]
    np.testing.assert_allclose(found, [0.01, *(number / 1000 for number in range(1, 10))])


def test_rows_beside_the_headline_are_in_no_family() -> None:
    found = adjusted(rows(("primary 1", 0.02), ("", 0.001), ("exploratory", 0.01), ("", 0.0)))
    np.testing.assert_allclose(found["p_adjusted"], [0.02, math.nan, 0.01, math.nan])


def test_exploratory_rows_are_adjusted_within_their_measure() -> None:
    """Changes .01, .02, .03: each .03 by Benjamini-Hochberg; the gap stands alone."""
    changes = rows(("exploratory", 0.01), ("exploratory", 0.02), ("exploratory", 0.03))
    found = adjusted(pd.concat([changes, rows(("exploratory", 0.4), measure="gap")], ignore_index=True))
    np.testing.assert_allclose(found["p_adjusted"], [0.03, 0.03, 0.03, 0.4])


def test_a_plan_names_families_and_the_margin_that_matters(tmp_path: Path) -> None:
    text = PLAN.replace("[[indicator]]", "[equivalence]\nmargin = 0.05\n\n[[indicator]]", 1)
    plan = written(tmp_path, f'{text}role = "primary"\nfamily = 2\n')
    assert [indicator.family for indicator in plan.indicators] == [1, 2]
    assert plan.margin == 0.05


def test_without_a_margin_nothing_is_equivalent_and_the_default_is_ten_points(tmp_path: Path) -> None:
    assert written(tmp_path, PLAN).margin is None
    assert written(tmp_path, f"{PLAN}\n[equivalence]\n").margin == 0.10


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("family = 2", r"plan.toml:\d+: indicator 'b' is exploratory and names family 2"),
        ('role = "primary"\nfamily = 3', r"plan.toml:\d+: indicator 'b' is of family 3 and no primary .* of family 2"),
        ('role = "primary"\nfamily = 0', "family"),
        ("[equivalence]\nmargin = 10", "margin"),
        ("[equivalence]\nmargin = 0", "margin"),
    ],
)
def test_families_and_margins_that_mean_nothing_are_refused(tmp_path: Path, more: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        written(tmp_path, f"{PLAN}{more}\n")


def test_a_run_tests_the_second_family_only_after_the_first(own: Path) -> None:
    """The demo's first change is not clear, so nothing of the second family can be clearer than it."""
    second = '\n[[indicator]]\nid = "t"\noutcome = 5\ntitle = "Trust"\nvariable = "trust_force"\nby = "ethnicity"\n'
    own.write_text(
        f'{own.read_text(encoding="utf-8")}{second}groups = ["Black", "White"]\nrole = "primary"\nfamily = 2\n',
        encoding="utf-8",
    )
    rows = lp.run_plan(lp.read_plan(own)).rows
    primary = rows[rows["role"] == "primary"].set_index(["family", "group"])
    assert list(primary.index) == [("primary 1", "Black"), ("primary 2", "Black"), ("primary 2", "White")]
    adjusted_p = primary["p_adjusted"].to_numpy(dtype=float)
    assert (adjusted_p[1:] >= adjusted_p[0]).all()
    assert set(rows.loc[rows["measure"] == "level", "family"]) == {""}
    assert set(primary["equivalent"]) <= {"yes", "no"}
