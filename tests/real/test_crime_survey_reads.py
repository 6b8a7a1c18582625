"""Two real Crime Survey waves read through definitions alone; the files are never part of the project."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.waves.audit import audit_samples

SURVEYS = Path(__file__).parent / "surveys"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "crime-survey"
FILES = {"csew-2007": "bcs_2007_8_teaching_data_unrestricted.dta", "csew-2013": "csew1314teachingopen.dta"}

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the Crime Survey files are not at ../shared/data/crime-survey"),
]


@pytest.fixture(scope="module")
def samples() -> dict[str, lp.Sample]:
    return {name: lp.read_wave(name, surveys=SURVEYS, answers=DATA / file) for name, file in FILES.items()}


@pytest.fixture(scope="module")
def raw() -> dict[str, pd.DataFrame]:
    # An independent reader: pandas' own.
    return {name: pd.read_stata(DATA / file, convert_categoricals=False) for name, file in FILES.items()}


@pytest.mark.parametrize(("wave", "weight"), [("csew-2007", "tcindwt"), ("csew-2013", "IndivWgtx")])
def test_every_delivered_row_is_in_the_ledger(
    samples: dict[str, lp.Sample], raw: dict[str, pd.DataFrame], wave: str, weight: str
) -> None:
    sample, frame = samples[wave], raw[wave]
    counts = dict(zip(sample.ledger["reason"], sample.ledger["rows"], strict=True))
    assert counts["delivered"] == len(frame)
    assert counts.get("no weight", 0) == int(frame[weight].isna().sum())
    assert counts["kept"] == len(sample) == int(frame[weight].notna().sum())
    assert sample.design.weight.sum() == pytest.approx(float(frame[weight].sum()), rel=1e-6)
    assert not sample.synthetic


@pytest.mark.parametrize(
    ("wave", "variable", "column", "codes"),
    [
        ("csew-2007", "walkdark", "walkdark", {"very safe": 1, "fairly safe": 2, "a bit unsafe": 3, "very unsafe": 4}),
        ("csew-2013", "walkdark", "walkdark", {"very safe": 1, "fairly safe": 2, "a bit unsafe": 3, "very unsafe": 4}),
        ("csew-2007", "ethnicity", "ethgrp2", {"White": 1, "Mixed": 2, "Asian": 3, "Black": 4, "Other": 5}),
        ("csew-2013", "ethnicity", "ethgrp2a", {"White": 1, "Mixed": 2, "Asian": 3, "Black": 4, "Other": 5}),
        ("csew-2013", "burglary_worry", "wburgl", {"very worried": 1, "not at all worried": 4}),
        ("csew-2007", "sex", "sex", {"Male": 1, "Female": 2}),
        ("csew-2013", "age_band", "agegrp7", {"16-24": 1, "75+": 7}),
        ("csew-2007", "rural", "rural2", {"urban": 1, "rural": 2}),
    ],
)
def test_answers_are_those_delivered(  # noqa: PLR0917 - one delivered column and its meaning
    samples: dict[str, lp.Sample],
    raw: dict[str, pd.DataFrame],
    wave: str,
    variable: str,
    column: str,
    codes: dict[str, int],
) -> None:
    weight = "tcindwt" if wave == "csew-2007" else "IndivWgtx"
    delivered = raw[wave].loc[raw[wave][weight].notna(), column]
    for answer, code in codes.items():
        assert int((samples[wave].answers[variable] == answer).sum()) == int((delivered == code).sum())


def test_years_and_bands_meet_in_seven_bands(samples: dict[str, lp.Sample], raw: dict[str, pd.DataFrame]) -> None:
    frame = raw["csew-2007"]
    ages = frame.loc[frame["tcindwt"].notna(), "age"]
    bands = samples["csew-2007"].answers["age_band"]
    assert int((bands == "35-44").sum()) == int(ages.between(35, 44).sum())
    assert int((bands == "75+").sum()) == int((ages >= 75).sum())
    assert list(bands.cat.categories) == list(samples["csew-2013"].answers["age_band"].cat.categories)


def test_those_of_other_modules_were_not_asked_and_refusals_stay_apart(
    samples: dict[str, lp.Sample], raw: dict[str, pd.DataFrame]
) -> None:
    frame, missing = raw["csew-2013"], samples["csew-2013"].missing
    assert int((missing["walkdark"] == "not asked").sum()) == int((frame["split"] != 4).sum())
    assert int((missing["walkdark"] == "don't know").sum()) == int((frame["walkdark"] == 9).sum())
    assert int((missing["walkdark"] == "blank").sum()) == 0
    removed = samples["csew-2007"].missing["walkdark"]
    assert int((removed == "blank").sum()) == int(raw["csew-2007"].dropna(subset=["tcindwt"])["walkdark"].isna().sum())


def test_the_audit_accounts_for_every_respondent_of_both_waves(samples: dict[str, lp.Sample]) -> None:
    table = audit_samples(list(samples.values()), surveys=SURVEYS)
    totals = table[["answered", "dont_know", "prefer_not", "blank", "not_asked"]].sum(axis=1)
    assert (totals == table["wave"].map({name: len(sample) for name, sample in samples.items()})).all()
    assert set(table.loc[table["variable"] == "walkdark", "comparable"]) == {"full"}


def test_both_waves_stack(samples: dict[str, lp.Sample]) -> None:
    stacked = lp.stack(list(samples.values()))
    assert len(stacked) == sum(len(sample) for sample in samples.values())
    assert stacked.answers["walkdark"].cat.ordered
